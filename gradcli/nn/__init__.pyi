# Written by `python -m tests.support.stubs` from the declarations.
# mypy: disable-error-code="override, misc, overload-overlap, overload-cannot-match, assignment, no-redef"
from gradcli.nn.activation_modules import ACTIVATIONS as ACTIVATIONS
from gradcli.nn.activation_modules import Activation as Activation
from gradcli.nn.activation_modules import CELU as CELU
from gradcli.nn.activation_modules import CosineSimilarity as CosineSimilarity
from gradcli.nn.activation_modules import ELU as ELU
from gradcli.nn.activation_modules import Flatten as Flatten
from gradcli.nn.activation_modules import GELU as GELU
from gradcli.nn.activation_modules import GLU as GLU
from gradcli.nn.activation_modules import Hardshrink as Hardshrink
from gradcli.nn.activation_modules import Hardsigmoid as Hardsigmoid
from gradcli.nn.activation_modules import Hardswish as Hardswish
from gradcli.nn.activation_modules import Hardtanh as Hardtanh
from gradcli.nn.activation_modules import Identity as Identity
from gradcli.nn.activation_modules import LeakyReLU as LeakyReLU
from gradcli.nn.activation_modules import LocalResponseNorm as LocalResponseNorm
from gradcli.nn.activation_modules import LogSigmoid as LogSigmoid
from gradcli.nn.activation_modules import LogSoftmax as LogSoftmax
from gradcli.nn.activation_modules import Mish as Mish
from gradcli.nn.activation_modules import PairwiseDistance as PairwiseDistance
from gradcli.nn.activation_modules import RReLU as RReLU
from gradcli.nn.activation_modules import ReLU as ReLU
from gradcli.nn.activation_modules import ReLU6 as ReLU6
from gradcli.nn.activation_modules import SELU as SELU
from gradcli.nn.activation_modules import SiLU as SiLU
from gradcli.nn.activation_modules import Sigmoid as Sigmoid
from gradcli.nn.activation_modules import Softmax as Softmax
from gradcli.nn.activation_modules import Softmax2d as Softmax2d
from gradcli.nn.activation_modules import Softmin as Softmin
from gradcli.nn.activation_modules import Softplus as Softplus
from gradcli.nn.activation_modules import Softshrink as Softshrink
from gradcli.nn.activation_modules import Softsign as Softsign
from gradcli.nn.activation_modules import Tanh as Tanh
from gradcli.nn.activation_modules import Tanhshrink as Tanhshrink
from gradcli.nn.activation_modules import Threshold as Threshold
from gradcli.nn.pool_layers import AdaptiveAvgPool1d as AdaptiveAvgPool1d
from gradcli.nn.pool_layers import AdaptiveAvgPool2d as AdaptiveAvgPool2d
from gradcli.nn.pool_layers import AdaptiveAvgPool3d as AdaptiveAvgPool3d
from gradcli.nn.pool_layers import AdaptiveMaxPool1d as AdaptiveMaxPool1d
from gradcli.nn.pool_layers import AdaptiveMaxPool2d as AdaptiveMaxPool2d
from gradcli.nn.pool_layers import AdaptiveMaxPool3d as AdaptiveMaxPool3d
from gradcli.nn.pool_layers import AvgPool1d as AvgPool1d
from gradcli.nn.pool_layers import AvgPool2d as AvgPool2d
from gradcli.nn.pool_layers import AvgPool3d as AvgPool3d
from gradcli.nn.pool_layers import FractionalMaxPool2d as FractionalMaxPool2d
from gradcli.nn.pool_layers import FractionalMaxPool3d as FractionalMaxPool3d
from gradcli.nn.pool_layers import LPPool1d as LPPool1d
from gradcli.nn.pool_layers import LPPool2d as LPPool2d
from gradcli.nn.pool_layers import LPPool3d as LPPool3d
from gradcli.nn.pool_layers import MaxPool1d as MaxPool1d
from gradcli.nn.pool_layers import MaxPool2d as MaxPool2d
from gradcli.nn.pool_layers import MaxPool3d as MaxPool3d
from gradcli.nn.pool_layers import MaxUnpool1d as MaxUnpool1d
from gradcli.nn.pool_layers import MaxUnpool2d as MaxUnpool2d
from gradcli.nn.pool_layers import MaxUnpool3d as MaxUnpool3d
from gradcli.nn.layers import AlphaDropout as AlphaDropout
from gradcli.nn.layers import Bilinear as Bilinear
from gradcli.nn.layers import CausalSelfAttention as CausalSelfAttention
from gradcli.nn.layers import Dropout as Dropout
from gradcli.nn.layers import Dropout1d as Dropout1d
from gradcli.nn.layers import Dropout2d as Dropout2d
from gradcli.nn.layers import Dropout3d as Dropout3d
from gradcli.nn.layers import Embedding as Embedding
from gradcli.nn.layers import EmbeddingBag as EmbeddingBag
from gradcli.nn.layers import FeatureAlphaDropout as FeatureAlphaDropout
from gradcli.nn.layers import LayerNorm as LayerNorm
from gradcli.nn.layers import Linear as Linear
from gradcli.nn.layers import PReLU as PReLU
from gradcli.nn.layers import Parameter as Parameter
from gradcli.nn.losses import BCELoss as BCELoss
from gradcli.nn.losses import BCEWithLogitsLoss as BCEWithLogitsLoss
from gradcli.nn.losses import CrossEntropyLoss as CrossEntropyLoss
from gradcli.nn.losses import HingeEmbeddingLoss as HingeEmbeddingLoss
from gradcli.nn.losses import HingeLoss as HingeLoss
from gradcli.nn.losses import HuberLoss as HuberLoss
from gradcli.nn.losses import KLDivLoss as KLDivLoss
from gradcli.nn.losses import L1Loss as L1Loss
from gradcli.nn.losses import LOSSES as LOSSES
from gradcli.nn.losses import Loss as Loss
from gradcli.nn.losses import MSELoss as MSELoss
from gradcli.nn.losses import MultiMarginLoss as MultiMarginLoss
from gradcli.nn.losses import NLLLoss as NLLLoss
from gradcli.nn.losses import PoissonNLLLoss as PoissonNLLLoss
from gradcli.nn.losses import SmoothL1Loss as SmoothL1Loss
from gradcli.nn.losses import SoftMarginLoss as SoftMarginLoss
from gradcli.nn.norm_layers import BatchNorm1d as BatchNorm1d
from gradcli.nn.norm_layers import BatchNorm2d as BatchNorm2d
from gradcli.nn.norm_layers import BatchNorm3d as BatchNorm3d
from gradcli.nn.norm_layers import GroupNorm as GroupNorm
from gradcli.nn.norm_layers import InstanceNorm1d as InstanceNorm1d
from gradcli.nn.norm_layers import InstanceNorm2d as InstanceNorm2d
from gradcli.nn.norm_layers import InstanceNorm3d as InstanceNorm3d
from gradcli.nn.norm_layers import RMSNorm as RMSNorm
from gradcli.nn.pair_losses import CTCLoss as CTCLoss
from gradcli.nn.pair_losses import CosineEmbeddingLoss as CosineEmbeddingLoss
from gradcli.nn.pair_losses import GaussianNLLLoss as GaussianNLLLoss
from gradcli.nn.pair_losses import MarginRankingLoss as MarginRankingLoss
from gradcli.nn.pair_losses import MultiLabelMarginLoss as MultiLabelMarginLoss
from gradcli.nn.pair_losses import MultiLabelSoftMarginLoss as MultiLabelSoftMarginLoss
from gradcli.nn.pair_losses import PAIR_LOSSES as PAIR_LOSSES
from gradcli.nn.pair_losses import TripletMarginLoss as TripletMarginLoss
from gradcli.nn.pair_losses import TripletMarginWithDistanceLoss as TripletMarginWithDistanceLoss
from gradcli.nn.resizing_layers import ChannelShuffle as ChannelShuffle
from gradcli.nn.resizing_layers import CircularPad1d as CircularPad1d
from gradcli.nn.resizing_layers import CircularPad2d as CircularPad2d
from gradcli.nn.resizing_layers import CircularPad3d as CircularPad3d
from gradcli.nn.resizing_layers import ConstantPad1d as ConstantPad1d
from gradcli.nn.resizing_layers import ConstantPad2d as ConstantPad2d
from gradcli.nn.resizing_layers import ConstantPad3d as ConstantPad3d
from gradcli.nn.resizing_layers import PixelShuffle as PixelShuffle
from gradcli.nn.resizing_layers import PixelUnshuffle as PixelUnshuffle
from gradcli.nn.resizing_layers import ReflectionPad1d as ReflectionPad1d
from gradcli.nn.resizing_layers import ReflectionPad2d as ReflectionPad2d
from gradcli.nn.resizing_layers import ReflectionPad3d as ReflectionPad3d
from gradcli.nn.resizing_layers import ReplicationPad1d as ReplicationPad1d
from gradcli.nn.resizing_layers import ReplicationPad2d as ReplicationPad2d
from gradcli.nn.resizing_layers import ReplicationPad3d as ReplicationPad3d
from gradcli.nn.resizing_layers import Unflatten as Unflatten
from gradcli.nn.resizing_layers import Upsample as Upsample
from gradcli.nn.resizing_layers import UpsamplingBilinear2d as UpsamplingBilinear2d
from gradcli.nn.resizing_layers import UpsamplingNearest2d as UpsamplingNearest2d
from gradcli.nn.resizing_layers import ZeroPad1d as ZeroPad1d
from gradcli.nn.resizing_layers import ZeroPad2d as ZeroPad2d
from gradcli.nn.resizing_layers import ZeroPad3d as ZeroPad3d
from gradcli.nn.window_layers import Conv1d as Conv1d
from gradcli.nn.window_layers import Conv2d as Conv2d
from gradcli.nn.window_layers import Conv3d as Conv3d
from gradcli.nn.window_layers import ConvTranspose1d as ConvTranspose1d
from gradcli.nn.window_layers import ConvTranspose2d as ConvTranspose2d
from gradcli.nn.window_layers import ConvTranspose3d as ConvTranspose3d
from gradcli.nn.window_layers import Fold as Fold
from gradcli.nn.window_layers import Unfold as Unfold
from gradcli.nn.recurrent import GRU as GRU
from gradcli.nn.recurrent import GRUCell as GRUCell
from gradcli.nn.recurrent import LSTM as LSTM
from gradcli.nn.recurrent import LSTMCell as LSTMCell
from gradcli.nn.recurrent import RNN as RNN
from gradcli.nn.recurrent import RNNCell as RNNCell
from gradcli.nn.initializers import INITIALIZERS as INITIALIZERS
from gradcli.nn.lazy_layers import LAZY as LAZY
from gradcli.nn.lazy_layers import LazyBatchNorm1d as LazyBatchNorm1d
from gradcli.nn.lazy_layers import LazyBatchNorm2d as LazyBatchNorm2d
from gradcli.nn.lazy_layers import LazyBatchNorm3d as LazyBatchNorm3d
from gradcli.nn.lazy_layers import LazyConv1d as LazyConv1d
from gradcli.nn.lazy_layers import LazyConv2d as LazyConv2d
from gradcli.nn.lazy_layers import LazyConv3d as LazyConv3d
from gradcli.nn.lazy_layers import LazyConvTranspose1d as LazyConvTranspose1d
from gradcli.nn.lazy_layers import LazyConvTranspose2d as LazyConvTranspose2d
from gradcli.nn.lazy_layers import LazyConvTranspose3d as LazyConvTranspose3d
from gradcli.nn.lazy_layers import LazyInstanceNorm1d as LazyInstanceNorm1d
from gradcli.nn.lazy_layers import LazyInstanceNorm2d as LazyInstanceNorm2d
from gradcli.nn.lazy_layers import LazyInstanceNorm3d as LazyInstanceNorm3d
from gradcli.nn.lazy_layers import LazyLinear as LazyLinear
from gradcli.nn.micrograd import Layer as Layer
from gradcli.nn.micrograd import MLP as MLP
from gradcli.nn.micrograd import Neuron as Neuron
from gradcli.nn.linear_loss import LinearCrossEntropyLoss as LinearCrossEntropyLoss
from gradcli.nn.sequence_losses import LinearCrossEntropyOptions as LinearCrossEntropyOptions
from gradcli.nn.modules import Module as Module
from gradcli.nn.containers import ModuleDict as ModuleDict
from gradcli.nn.containers import ModuleList as ModuleList
from gradcli.nn.containers import Sequential as Sequential
from gradcli.nn.attention import MultiheadAttention as MultiheadAttention
from gradcli.nn.transformer import Transformer as Transformer
from gradcli.nn.transformer import TransformerDecoder as TransformerDecoder
from gradcli.nn.transformer import TransformerDecoderLayer as TransformerDecoderLayer
from gradcli.nn.transformer import TransformerEncoder as TransformerEncoder
from gradcli.nn.transformer import TransformerEncoderLayer as TransformerEncoderLayer
from gradcli.nn import functional as functional
from gradcli.nn import init as init
__all__ = [
    'ACTIVATIONS',
    'Activation',
    'AdaptiveAvgPool1d',
    'AdaptiveAvgPool2d',
    'AdaptiveAvgPool3d',
    'AdaptiveMaxPool1d',
    'AdaptiveMaxPool2d',
    'AdaptiveMaxPool3d',
    'AlphaDropout',
    'AvgPool1d',
    'AvgPool2d',
    'AvgPool3d',
    'BCELoss',
    'BCEWithLogitsLoss',
    'BatchNorm1d',
    'BatchNorm2d',
    'BatchNorm3d',
    'Bilinear',
    'CELU',
    'CTCLoss',
    'CausalSelfAttention',
    'ChannelShuffle',
    'CircularPad1d',
    'CircularPad2d',
    'CircularPad3d',
    'ConstantPad1d',
    'ConstantPad2d',
    'ConstantPad3d',
    'Conv1d',
    'Conv2d',
    'Conv3d',
    'ConvTranspose1d',
    'ConvTranspose2d',
    'ConvTranspose3d',
    'CosineEmbeddingLoss',
    'CosineSimilarity',
    'CrossEntropyLoss',
    'Dropout',
    'Dropout1d',
    'Dropout2d',
    'Dropout3d',
    'ELU',
    'Embedding',
    'EmbeddingBag',
    'FeatureAlphaDropout',
    'Flatten',
    'Fold',
    'FractionalMaxPool2d',
    'FractionalMaxPool3d',
    'GELU',
    'GLU',
    'GRU',
    'GRUCell',
    'GaussianNLLLoss',
    'GroupNorm',
    'Hardshrink',
    'Hardsigmoid',
    'Hardswish',
    'Hardtanh',
    'HingeEmbeddingLoss',
    'HingeLoss',
    'HuberLoss',
    'INITIALIZERS',
    'Identity',
    'InstanceNorm1d',
    'InstanceNorm2d',
    'InstanceNorm3d',
    'KLDivLoss',
    'L1Loss',
    'LAZY',
    'LOSSES',
    'LPPool1d',
    'LPPool2d',
    'LPPool3d',
    'LSTM',
    'LSTMCell',
    'Layer',
    'LayerNorm',
    'LazyBatchNorm1d',
    'LazyBatchNorm2d',
    'LazyBatchNorm3d',
    'LazyConv1d',
    'LazyConv2d',
    'LazyConv3d',
    'LazyConvTranspose1d',
    'LazyConvTranspose2d',
    'LazyConvTranspose3d',
    'LazyInstanceNorm1d',
    'LazyInstanceNorm2d',
    'LazyInstanceNorm3d',
    'LazyLinear',
    'LeakyReLU',
    'Linear',
    'LinearCrossEntropyLoss',
    'LinearCrossEntropyOptions',
    'LocalResponseNorm',
    'LogSigmoid',
    'LogSoftmax',
    'Loss',
    'MLP',
    'MSELoss',
    'MarginRankingLoss',
    'MaxPool1d',
    'MaxPool2d',
    'MaxPool3d',
    'MaxUnpool1d',
    'MaxUnpool2d',
    'MaxUnpool3d',
    'Mish',
    'Module',
    'ModuleDict',
    'ModuleList',
    'MultiLabelMarginLoss',
    'MultiLabelSoftMarginLoss',
    'MultiMarginLoss',
    'MultiheadAttention',
    'NLLLoss',
    'Neuron',
    'PAIR_LOSSES',
    'PReLU',
    'PairwiseDistance',
    'Parameter',
    'PixelShuffle',
    'PixelUnshuffle',
    'PoissonNLLLoss',
    'RMSNorm',
    'RNN',
    'RNNCell',
    'RReLU',
    'ReLU',
    'ReLU6',
    'ReflectionPad1d',
    'ReflectionPad2d',
    'ReflectionPad3d',
    'ReplicationPad1d',
    'ReplicationPad2d',
    'ReplicationPad3d',
    'SELU',
    'Sequential',
    'SiLU',
    'Sigmoid',
    'SmoothL1Loss',
    'SoftMarginLoss',
    'Softmax',
    'Softmax2d',
    'Softmin',
    'Softplus',
    'Softshrink',
    'Softsign',
    'Tanh',
    'Tanhshrink',
    'Threshold',
    'Transformer',
    'TransformerDecoder',
    'TransformerDecoderLayer',
    'TransformerEncoder',
    'TransformerEncoderLayer',
    'TripletMarginLoss',
    'TripletMarginWithDistanceLoss',
    'Unflatten',
    'Unfold',
    'Upsample',
    'UpsamplingBilinear2d',
    'UpsamplingNearest2d',
    'ZeroPad1d',
    'ZeroPad2d',
    'ZeroPad3d',
    'functional',
    'init',
]
