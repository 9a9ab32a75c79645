# Written by `python -m tests.support.stubs` from the declarations.
# mypy: disable-error-code="override, misc, overload-overlap, overload-cannot-match, assignment, no-redef"
from collections.abc import Sequence
from typing import Any
from gradcli.eager.tensor import Tensor
from gradcli.nn.functional import Shape
from gradcli.nn.modules import Module
from gradcli.nn.windows import Pair
from gradcli.stub_types import Numbers
from gradcli.stub_types import TypeLike
__all__ = [
    'CausalSelfAttention',
    'Conv2d',
    'Dropout',
    'Embedding',
    'LayerNorm',
    'Linear',
    'MaxPool2d',
    'PReLU',
    'Parameter',
]
class Parameter(Tensor):
    def __init__(self, data: Numbers, requires_grad: bool=True, dtype: TypeLike | None=None) -> None: ...
def weight_and_bias(shape: Sequence[int], bias: bool) -> tuple[Parameter, Parameter | None]: ...
class Linear(Module):
    def __init__(self, in_features: int, out_features: int, bias: bool=True) -> None: ...
    def forward(self, x: Numbers) -> Tensor: ...
    def extra_repr(self) -> str: ...
    in_features: int
    out_features: int
    weight: Parameter
    bias: Parameter | None
class Conv2d(Module):
    def __init__(self, in_channels: int, out_channels: int, kernel_size: Pair, stride: Pair=1, padding: Pair | str=0, dilation: Pair=1, groups: int=1, bias: bool=True) -> None: ...
    def forward(self, x: Numbers) -> Tensor: ...
    def extra_repr(self) -> str: ...
    in_channels: int
    out_channels: int
    kernel_size: Any
    stride: Any
    dilation: Any
    padding: Any
    groups: int
    weight: Parameter
    bias: Parameter | None
class MaxPool2d(Module):
    def __init__(self, kernel_size: Pair, stride: Pair | None=None, padding: Pair=0, dilation: Pair=1, return_indices: bool=False, ceil_mode: bool=False) -> None: ...
    def forward(self, x: Numbers) -> Tensor: ...
    kernel_size: Pair
    stride: Pair | None
    padding: Pair
    dilation: Pair
    return_indices: bool
    ceil_mode: bool
class LayerNorm(Module):
    def __init__(self, normalized_shape: Shape, eps: float=1e-05, elementwise_affine: bool=True, bias: bool=True) -> None: ...
    def forward(self, x: Numbers) -> Tensor: ...
    def extra_repr(self) -> str: ...
    normalized_shape: Any
    eps: float
    elementwise_affine: bool
    weight: Parameter
    bias: Parameter | None
class Dropout(Module):
    def __init__(self, p: float=0.5, *, seed: int | None=None) -> None: ...
    def forward(self, x: Numbers) -> Tensor: ...
    p: float
class Embedding(Module):
    def __init__(self, num_embeddings: int, embedding_dim: int) -> None: ...
    def forward(self, indices: Numbers) -> Tensor: ...
    def extra_repr(self) -> str: ...
    num_embeddings: int
    embedding_dim: int
    weight: Parameter
class PReLU(Module):
    def __init__(self, num_parameters: int=1, init: float=0.25) -> None: ...
    def forward(self, x: Numbers) -> Tensor: ...
    num_parameters: int
    init: float
    weight: Parameter
class CausalSelfAttention(Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float=0.0, bias: bool=True) -> None: ...
    def forward(self, x: Numbers) -> Tensor: ...
    embed_dim: int
    num_heads: int
    c_attn: Any
    c_proj: Any
    attn_dropout: Any
    resid_dropout: Any
