# Written by `python -m tests.support.stubs` from the declarations.
# mypy: disable-error-code="override, misc, overload-overlap, overload-cannot-match, assignment, no-redef"
from gradcli.nn.activation_modules import ACTIVATIONS as ACTIVATIONS
from gradcli.nn.activation_modules import Activation as Activation
from gradcli.nn.activation_modules import CELU as CELU
from gradcli.nn.activation_modules import ELU as ELU
from gradcli.nn.activation_modules import Flatten as Flatten
from gradcli.nn.activation_modules import GELU as GELU
from gradcli.nn.activation_modules import Hardshrink as Hardshrink
from gradcli.nn.activation_modules import Hardsigmoid as Hardsigmoid
from gradcli.nn.activation_modules import Hardswish as Hardswish
from gradcli.nn.activation_modules import Hardtanh as Hardtanh
from gradcli.nn.activation_modules import Identity as Identity
from gradcli.nn.activation_modules import LeakyReLU as LeakyReLU
from gradcli.nn.activation_modules import LogSigmoid as LogSigmoid
from gradcli.nn.activation_modules import LogSoftmax as LogSoftmax
from gradcli.nn.activation_modules import Mish as Mish
from gradcli.nn.activation_modules import ReLU as ReLU
from gradcli.nn.activation_modules import ReLU6 as ReLU6
from gradcli.nn.activation_modules import SELU as SELU
from gradcli.nn.activation_modules import SiLU as SiLU
from gradcli.nn.activation_modules import Sigmoid as Sigmoid
from gradcli.nn.activation_modules import Softmax as Softmax
from gradcli.nn.activation_modules import Softplus as Softplus
from gradcli.nn.activation_modules import Softshrink as Softshrink
from gradcli.nn.activation_modules import Softsign as Softsign
from gradcli.nn.activation_modules import Tanh as Tanh
from gradcli.nn.activation_modules import Tanhshrink as Tanhshrink
from gradcli.nn.window_layers import AdaptiveAvgPool1d as AdaptiveAvgPool1d
from gradcli.nn.window_layers import AdaptiveAvgPool2d as AdaptiveAvgPool2d
from gradcli.nn.window_layers import AvgPool1d as AvgPool1d
from gradcli.nn.window_layers import AvgPool2d as AvgPool2d
from gradcli.nn.window_layers import Conv1d as Conv1d
from gradcli.nn.window_layers import MaxPool1d as MaxPool1d
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
from gradcli.nn.norm_layers import GroupNorm as GroupNorm
from gradcli.nn.norm_layers import InstanceNorm1d as InstanceNorm1d
from gradcli.nn.norm_layers import InstanceNorm2d as InstanceNorm2d
from gradcli.nn.norm_layers import RMSNorm as RMSNorm
from gradcli.nn.layers import CausalSelfAttention as CausalSelfAttention
from gradcli.nn.layers import Conv2d as Conv2d
from gradcli.nn.layers import Dropout as Dropout
from gradcli.nn.layers import Embedding as Embedding
from gradcli.nn.layers import LayerNorm as LayerNorm
from gradcli.nn.layers import Linear as Linear
from gradcli.nn.layers import MaxPool2d as MaxPool2d
from gradcli.nn.layers import PReLU as PReLU
from gradcli.nn.layers import Parameter as Parameter
from gradcli.nn.recurrent import GRU as GRU
from gradcli.nn.recurrent import GRUCell as GRUCell
from gradcli.nn.recurrent import LSTM as LSTM
from gradcli.nn.recurrent import LSTMCell as LSTMCell
from gradcli.nn.recurrent import RNN as RNN
from gradcli.nn.recurrent import RNNCell as RNNCell
from gradcli.nn.initializers import INITIALIZERS as INITIALIZERS
from gradcli.nn.micrograd import Layer as Layer
from gradcli.nn.micrograd import MLP as MLP
from gradcli.nn.micrograd import Neuron as Neuron
from gradcli.nn.modules import Module as Module
from gradcli.nn.containers import ModuleDict as ModuleDict
from gradcli.nn.containers import ModuleList as ModuleList
from gradcli.nn.containers import Sequential as Sequential
from gradcli.nn.attention import MultiheadAttention as MultiheadAttention
from gradcli.nn import functional as functional
from gradcli.nn import init as init
__all__ = [
    'ACTIVATIONS',
    'Activation',
    'AdaptiveAvgPool1d',
    'AdaptiveAvgPool2d',
    'AvgPool1d',
    'AvgPool2d',
    'BCELoss',
    'BCEWithLogitsLoss',
    'BatchNorm1d',
    'BatchNorm2d',
    'CELU',
    'CausalSelfAttention',
    'Conv1d',
    'Conv2d',
    'CrossEntropyLoss',
    'Dropout',
    'ELU',
    'Embedding',
    'Flatten',
    'GELU',
    'GRU',
    'GRUCell',
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
    'KLDivLoss',
    'L1Loss',
    'LOSSES',
    'LSTM',
    'LSTMCell',
    'Layer',
    'LayerNorm',
    'LeakyReLU',
    'Linear',
    'LogSigmoid',
    'LogSoftmax',
    'Loss',
    'MLP',
    'MSELoss',
    'MaxPool1d',
    'MaxPool2d',
    'Mish',
    'Module',
    'ModuleDict',
    'ModuleList',
    'MultiMarginLoss',
    'MultiheadAttention',
    'NLLLoss',
    'Neuron',
    'PReLU',
    'Parameter',
    'PoissonNLLLoss',
    'RMSNorm',
    'RNN',
    'RNNCell',
    'ReLU',
    'ReLU6',
    'SELU',
    'Sequential',
    'SiLU',
    'Sigmoid',
    'SmoothL1Loss',
    'SoftMarginLoss',
    'Softmax',
    'Softplus',
    'Softshrink',
    'Softsign',
    'Tanh',
    'Tanhshrink',
    'functional',
    'init',
]
