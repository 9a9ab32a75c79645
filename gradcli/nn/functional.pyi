# Written by `python -m tests.support.stubs` from the declarations.
# mypy: disable-error-code="override, misc, overload-overlap, overload-cannot-match, assignment, no-redef"
from collections.abc import Sequence
from typing import TypeAlias
from gradcli.nn.dropping import alpha_dropout
from gradcli.nn.dropping import dropout
from gradcli.nn.dropping import dropout1d
from gradcli.nn.dropping import dropout2d
from gradcli.nn.dropping import dropout3d
from gradcli.nn.dropping import feature_alpha_dropout
from gradcli.nn.dropping import rrelu
from gradcli.nn.embeddings import embedding
from gradcli.nn.embeddings import embedding_bag
from gradcli.nn.embeddings import one_hot
from gradcli.nn.losses import binary_cross_entropy
from gradcli.nn.losses import binary_cross_entropy_with_logits
from gradcli.nn.losses import cross_entropy
from gradcli.nn.losses import hinge_embedding_loss
from gradcli.nn.losses import huber_loss
from gradcli.nn.losses import kl_div
from gradcli.nn.losses import l1_loss
from gradcli.nn.losses import mse_loss
from gradcli.nn.losses import multi_margin_loss
from gradcli.nn.losses import nll_loss
from gradcli.nn.losses import poisson_nll_loss
from gradcli.nn.losses import smooth_l1_loss
from gradcli.nn.losses import soft_margin_loss
from gradcli.nn.normalizing import batch_norm
from gradcli.nn.normalizing import cosine_similarity
from gradcli.nn.normalizing import group_norm
from gradcli.nn.normalizing import instance_norm
from gradcli.nn.normalizing import local_response_norm
from gradcli.nn.normalizing import normalize
from gradcli.nn.normalizing import pairwise_distance
from gradcli.nn.normalizing import rms_norm
from gradcli.nn.pair_losses import cosine_embedding_loss
from gradcli.nn.pair_losses import gaussian_nll_loss
from gradcli.nn.pair_losses import margin_ranking_loss
from gradcli.nn.pair_losses import multilabel_margin_loss
from gradcli.nn.pair_losses import multilabel_soft_margin_loss
from gradcli.nn.pair_losses import triplet_margin_loss
from gradcli.nn.pair_losses import triplet_margin_with_distance_loss
from gradcli.nn.pointwise import celu
from gradcli.nn.pointwise import glu
from gradcli.nn.pointwise import hardshrink
from gradcli.nn.pointwise import hardsigmoid
from gradcli.nn.pointwise import hardswish
from gradcli.nn.pointwise import logsigmoid
from gradcli.nn.pointwise import prelu
from gradcli.nn.pointwise import relu6
from gradcli.nn.pointwise import softmin
from gradcli.nn.pointwise import softshrink
from gradcli.nn.pointwise import tanhshrink
from gradcli.nn.pointwise import threshold
from gradcli.nn.pools import adaptive_avg_pool1d
from gradcli.nn.pools import adaptive_avg_pool2d
from gradcli.nn.pools import adaptive_avg_pool3d
from gradcli.nn.pools import adaptive_max_pool1d
from gradcli.nn.pools import adaptive_max_pool2d
from gradcli.nn.pools import adaptive_max_pool3d
from gradcli.nn.pools import avg_pool1d
from gradcli.nn.pools import avg_pool2d
from gradcli.nn.pools import avg_pool3d
from gradcli.nn.pools import fractional_max_pool2d
from gradcli.nn.pools import fractional_max_pool3d
from gradcli.nn.pools import lp_pool1d
from gradcli.nn.pools import lp_pool2d
from gradcli.nn.pools import lp_pool3d
from gradcli.nn.pools import max_pool1d
from gradcli.nn.pools import max_pool2d
from gradcli.nn.pools import max_pool3d
from gradcli.nn.pools import max_unpool1d
from gradcli.nn.pools import max_unpool2d
from gradcli.nn.pools import max_unpool3d
from gradcli.nn.resizing import channel_shuffle
from gradcli.nn.resizing import interpolate
from gradcli.nn.resizing import pad
from gradcli.nn.resizing import pixel_shuffle
from gradcli.nn.resizing import pixel_unshuffle
from gradcli.nn.resizing import upsample
from gradcli.nn.resizing import upsample_bilinear
from gradcli.nn.resizing import upsample_nearest
from gradcli.nn.sequence_losses import ctc_loss
from gradcli.nn.sequence_losses import linear_cross_entropy
from gradcli.nn.windows import conv1d
from gradcli.nn.windows import conv2d
from gradcli.nn.windows import conv3d
from gradcli.nn.windows import conv_transpose1d
from gradcli.nn.windows import conv_transpose2d
from gradcli.nn.windows import conv_transpose3d
from gradcli.nn.windows import fold
from gradcli.nn.windows import unfold
from gradcli.eager.tensor import Tensor
from gradcli.stub_types import Numbers
from gradcli.stub_types import Key
from gradcli.stub_types import TypeLike
from gradcli.stub_types import X
__all__ = [
    'adaptive_avg_pool1d',
    'adaptive_avg_pool2d',
    'adaptive_avg_pool3d',
    'adaptive_max_pool1d',
    'adaptive_max_pool2d',
    'adaptive_max_pool3d',
    'alpha_dropout',
    'avg_pool1d',
    'avg_pool2d',
    'avg_pool3d',
    'batch_norm',
    'bilinear',
    'binary_cross_entropy',
    'binary_cross_entropy_with_logits',
    'celu',
    'channel_shuffle',
    'conv1d',
    'conv2d',
    'conv3d',
    'conv_transpose1d',
    'conv_transpose2d',
    'conv_transpose3d',
    'cosine_embedding_loss',
    'cosine_similarity',
    'cross_entropy',
    'ctc_loss',
    'dropout',
    'dropout1d',
    'dropout2d',
    'dropout3d',
    'elu',
    'embedding',
    'embedding_bag',
    'feature_alpha_dropout',
    'fold',
    'fractional_max_pool2d',
    'fractional_max_pool3d',
    'gaussian_nll_loss',
    'gelu',
    'glu',
    'group_norm',
    'hardshrink',
    'hardsigmoid',
    'hardswish',
    'hardtanh',
    'hinge_embedding_loss',
    'huber_loss',
    'instance_norm',
    'interpolate',
    'kl_div',
    'l1_loss',
    'layer_norm',
    'leaky_relu',
    'linear',
    'linear_cross_entropy',
    'local_response_norm',
    'log_softmax',
    'logsigmoid',
    'lp_pool1d',
    'lp_pool2d',
    'lp_pool3d',
    'margin_ranking_loss',
    'max_pool1d',
    'max_pool2d',
    'max_pool3d',
    'max_unpool1d',
    'max_unpool2d',
    'max_unpool3d',
    'mish',
    'mse_loss',
    'multi_margin_loss',
    'multilabel_margin_loss',
    'multilabel_soft_margin_loss',
    'nll_loss',
    'normalize',
    'one_hot',
    'pad',
    'pairwise_distance',
    'pixel_shuffle',
    'pixel_unshuffle',
    'poisson_nll_loss',
    'prelu',
    'relu',
    'relu6',
    'rms_norm',
    'rrelu',
    'scaled_dot_product_attention',
    'selu',
    'sigmoid',
    'silu',
    'smooth_l1_loss',
    'soft_margin_loss',
    'softmax',
    'softmin',
    'softplus',
    'softshrink',
    'softsign',
    'tanh',
    'tanhshrink',
    'threshold',
    'triplet_margin_loss',
    'triplet_margin_with_distance_loss',
    'unfold',
    'upsample',
    'upsample_bilinear',
    'upsample_nearest',
]
Shape: TypeAlias = int | Sequence[int]
def relu(input: X, inplace: bool=False) -> X: ...
def selu(input: X, inplace: bool=False) -> X: ...
def silu(input: X, inplace: bool=False) -> X: ...
def mish(input: X, inplace: bool=False) -> X: ...
def leaky_relu(input: X, negative_slope: float=0.01, inplace: bool=False) -> X: ...
def elu(input: X, alpha: float=1.0, inplace: bool=False) -> X: ...
def gelu(input: X, approximate: str='none') -> X: ...
def softplus(input: X, beta: float=1.0, threshold: float=20.0) -> X: ...
def hardtanh(input: X, min_val: float=..., max_val: float=1.0, inplace: bool=False) -> X: ...
def softmax(input: X, dim: int, *, dtype: TypeLike | None=None) -> X: ...
def log_softmax(input: X, dim: int, *, dtype: TypeLike | None=None) -> X: ...
def linear(input: X, weight: Numbers, bias: Numbers | None=None) -> X: ...
def bilinear(input1: Numbers, input2: Numbers, weight: Numbers, bias: Numbers | None=None) -> Tensor: ...
def layer_norm(input: X, normalized_shape: Shape, weight: Numbers | None=None, bias: Numbers | None=None, eps: float=1e-05) -> X: ...
def scaled_dot_product_attention(query: X, key: Key, value: Numbers, attn_mask: Numbers | None=None, dropout_p: float=0.0, is_causal: bool=False, scale: float | None=None, enable_gqa: bool=False) -> X: ...
def masked_softmax(scores: Numbers) -> Tensor: ...
def array(x: X) -> X: ...
def sigmoid(input: X) -> X: ...
def softsign(input: X) -> X: ...
def tanh(input: X) -> X: ...
