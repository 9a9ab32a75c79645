# Written by `python -m tests.support.stubs` from the declarations.
# mypy: disable-error-code="override, misc, overload-overlap, overload-cannot-match, assignment, no-redef"
from typing import Any
from gradcli.nn.modules import Module
from gradcli.eager.tensor import Tensor
from gradcli.stub_types import Numbers
from gradcli.stub_types import Key
from gradcli.stub_types import TypeLike
__all__ = [
    'MultiheadAttention',
]
class MultiheadAttention(Module):
    def __init__(self, embed_dim: int, num_heads: int, dropout: float=0.0, bias: bool=True, add_bias_kv: bool=False, add_zero_attn: bool=False, kdim: int | None=None, vdim: int | None=None, batch_first: bool=False, *, device: object=..., dtype: TypeLike | None=...) -> None: ...
    def forward(self, query: Numbers, key: Key, value: Numbers, key_padding_mask: Numbers | None=None, need_weights: bool=True, attn_mask: Numbers | None=None, average_attn_weights: bool=True, is_causal: bool=False) -> tuple[Tensor, Tensor]: ...
    embed_dim: int
    num_heads: int
    dropout: float
    batch_first: bool
    kdim: Any
    vdim: Any
    in_proj_weight: Any
    q_proj_weight: Any
    k_proj_weight: Any
    v_proj_weight: Any
    in_proj_bias: Any
    bias_k: Any
    bias_v: Any
    add_zero_attn: bool
    out_proj: Any
