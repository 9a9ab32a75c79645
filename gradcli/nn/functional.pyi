# Written by `python -m tests.support.stubs` from the declarations.
# mypy: disable-error-code="override, misc, overload-overlap, overload-cannot-match, assignment, no-redef"
from collections.abc import Sequence
from typing import TypeAlias
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
from gradcli.nn.windows import adaptive_avg_pool1d
from gradcli.nn.windows import adaptive_avg_pool2d
from gradcli.nn.windows import adaptive_max_pool1d
from gradcli.nn.windows import adaptive_max_pool2d
from gradcli.nn.windows import avg_pool1d
from gradcli.nn.windows import avg_pool2d
from gradcli.nn.windows import conv1d
from gradcli.nn.windows import conv2d
from gradcli.nn.windows import max_pool1d
from gradcli.nn.windows import max_pool2d
from gradcli.nn.windows import pad
from gradcli.nn.windows import unfold
from gradcli.eager.tensor import Tensor
from gradcli.stub_types import Numbers
from gradcli.stub_types import Key
from gradcli.stub_types import TypeLike
from gradcli.stub_types import X
__all__ = [
    'adaptive_avg_pool1d',
    'adaptive_avg_pool2d',
    'adaptive_max_pool1d',
    'adaptive_max_pool2d',
    'avg_pool1d',
    'avg_pool2d',
    'batch_norm',
    'binary_cross_entropy',
    'binary_cross_entropy_with_logits',
    'celu',
    'conv1d',
    'conv2d',
    'cosine_similarity',
    'cross_entropy',
    'dropout',
    'elu',
    'embedding',
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
    'kl_div',
    'l1_loss',
    'layer_norm',
    'leaky_relu',
    'linear',
    'local_response_norm',
    'log_softmax',
    'logsigmoid',
    'max_pool1d',
    'max_pool2d',
    'mish',
    'mse_loss',
    'multi_margin_loss',
    'nll_loss',
    'normalize',
    'one_hot',
    'pad',
    'pairwise_distance',
    'poisson_nll_loss',
    'prelu',
    'relu',
    'relu6',
    'rms_norm',
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
    'unfold',
]
Shape: TypeAlias = int | Sequence[int]
def leaky_relu(input: X, negative_slope: float=0.01) -> X: ...
def elu(input: X, alpha: float=1.0) -> X: ...
def gelu(input: X, approximate: str='none') -> X: ...
def softplus(input: X, beta: float=1.0, threshold: float=20.0) -> X: ...
def hardtanh(input: X, min_val: float=..., max_val: float=1.0) -> X: ...
def softmax(input: X, dim: int, *, dtype: TypeLike | None=None) -> X: ...
def log_softmax(input: X, dim: int, *, dtype: TypeLike | None=None) -> X: ...
def linear(input: X, weight: Numbers, bias: Numbers | None=None) -> X: ...
def dropout(input: X, p: float=0.5, training: bool=True, *, generator: object=None) -> X: ...
def layer_norm(input: X, normalized_shape: Shape, weight: Numbers | None=None, bias: Numbers | None=None, eps: float=1e-05) -> X: ...
def embedding(input: X, weight: Numbers, padding_idx: int | None=None, max_norm: float | None=None, norm_type: float=2.0, scale_grad_by_freq: bool=False, sparse: bool=False) -> X: ...
def one_hot(tensor: Tensor, num_classes: int=...) -> Tensor: ...
def scaled_dot_product_attention(query: X, key: Key, value: Numbers, attn_mask: Numbers | None=None, dropout_p: float=0.0, is_causal: bool=False) -> X: ...
def array(x: X) -> X: ...
def mish(input: X) -> X: ...
def relu(input: X) -> X: ...
def selu(input: X) -> X: ...
def sigmoid(input: X) -> X: ...
def silu(input: X) -> X: ...
def softsign(input: X) -> X: ...
def tanh(input: X) -> X: ...
