# Written by `python -m tests.support.stubs` from the declarations.
# mypy: disable-error-code="override, misc, overload-overlap, overload-cannot-match, assignment, no-redef"
from collections.abc import Callable
from collections.abc import Sequence
from typing import Any
from gradcli.eager.tensor import Tensor
from gradcli.nn.functional import Shape
from gradcli.nn.modules import Module
from gradcli.stub_types import Numbers
from gradcli.stub_types import TypeLike
__all__ = [
    'AlphaDropout',
    'Bilinear',
    'CausalSelfAttention',
    'Dropout',
    'Dropout1d',
    'Dropout2d',
    'Dropout3d',
    'Embedding',
    'EmbeddingBag',
    'FeatureAlphaDropout',
    'LayerNorm',
    'Linear',
    'PReLU',
    'Parameter',
]
class Parameter(Tensor):
    def __init__(self, data: Numbers, requires_grad: bool=True, dtype: TypeLike | None=None) -> None: ...
    data: Numbers
def weight_and_bias(shape: Sequence[int], bias: bool, outputs: int | None=None) -> tuple[Parameter, Parameter | None]: ...
def placed(init: Callable[..., None]) -> Callable[..., None]: ...
def whole(**sizes: Any) -> None: ...
class Linear(Module):
    def __init__(self, in_features: int, out_features: int, bias: bool=True, *, device: object=..., dtype: TypeLike | None=...) -> None: ...
    def forward(self, input: Tensor) -> Tensor: ...
    def extra_repr(self) -> str: ...
    in_features: int
    out_features: int
    weight: Parameter
    bias: Parameter | None
class Bilinear(Module):
    def __init__(self, in1_features: int, in2_features: int, out_features: int, bias: bool=True, *, device: object=..., dtype: TypeLike | None=...) -> None: ...
    def forward(self, input1: Numbers, input2: Numbers) -> Tensor: ...
    def extra_repr(self) -> str: ...
    in1_features: int
    in2_features: int
    out_features: int
    weight: Parameter
    bias: Parameter | None
class LayerNorm(Module):
    def __init__(self, normalized_shape: Shape, eps: float=1e-05, elementwise_affine: bool=True, bias: bool=True, *, device: object=..., dtype: TypeLike | None=...) -> None: ...
    def forward(self, x: Numbers) -> Tensor: ...
    def extra_repr(self) -> str: ...
    normalized_shape: Any
    eps: float
    elementwise_affine: bool
    weight: Parameter
    bias: Parameter | None
class Dropout(Module):
    def __init__(self, p: float=0.5, inplace: bool=False, *, seed: int | None=None) -> None: ...
    def forward(self, input: Tensor) -> Tensor: ...
    p: float
    inplace: bool
class _FeatureDropout(Dropout):
    def __init__(self, p: float=0.5, inplace: bool=False) -> None: ...
    def forward(self, input: Tensor) -> Tensor: ...
class Dropout1d(_FeatureDropout):
    ...
class Dropout2d(_FeatureDropout):
    ...
class Dropout3d(_FeatureDropout):
    ...
class AlphaDropout(_FeatureDropout):
    ...
class FeatureAlphaDropout(_FeatureDropout):
    ...
class Embedding(Module):
    def __init__(self, num_embeddings: int, embedding_dim: int, padding_idx: int | None=None, max_norm: float | None=None, norm_type: float=2.0, scale_grad_by_freq: bool=False, sparse: bool=False, _weight: Numbers | None=None, _freeze: bool=False, *, device: object=..., dtype: TypeLike | None=...) -> None: ...
    @classmethod
    def from_pretrained(cls, embeddings: Numbers, freeze: bool=True, **options: Any) -> Embedding: ...
    def forward(self, indices: Numbers) -> Tensor: ...
    def extra_repr(self) -> str: ...
    num_embeddings: int
    embedding_dim: int
    padding_idx: Any
    max_norm: float | None
    norm_type: float
    scale_grad_by_freq: bool
    sparse: bool
    weight: Parameter
class EmbeddingBag(Module):
    def __init__(self, num_embeddings: int, embedding_dim: int, max_norm: float | None=None, norm_type: float=2.0, scale_grad_by_freq: bool=False, mode: str='mean', sparse: bool=False, _weight: Numbers | None=None, include_last_offset: bool=False, padding_idx: int | None=None, *, device: object=..., dtype: TypeLike | None=...) -> None: ...
    def forward(self, input: Tensor, offsets: Numbers | None=None, per_sample_weights: Numbers | None=None) -> Tensor: ...
    def extra_repr(self) -> str: ...
    num_embeddings: int
    embedding_dim: int
    mode: str
    max_norm: float | None
    norm_type: float
    scale_grad_by_freq: bool
    sparse: bool
    include_last_offset: bool
    padding_idx: Any
    weight: Parameter
class PReLU(Module):
    def __init__(self, num_parameters: int=1, init: float=0.25, *, device: object=..., dtype: TypeLike | None=...) -> None: ...
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
