# Written by `python -m tests.support.stubs` from the declarations.
# mypy: disable-error-code="override, misc, overload-overlap, overload-cannot-match, assignment, no-redef"
from collections.abc import Callable
from typing import Any
from gradcli.nn.modules import Module
from gradcli.eager.tensor import Tensor
from gradcli.stub_types import Numbers
from gradcli.stub_types import TypeLike
__all__ = [
    'Transformer',
    'TransformerDecoder',
    'TransformerDecoderLayer',
    'TransformerEncoder',
    'TransformerEncoderLayer',
]
Activation = Callable[[Any], Any]
class _Layer(Module):
    activation: Activation
    linear1: Any
    dropout: Any
    linear2: Any
    norm_first: bool
class TransformerEncoderLayer(_Layer):
    def __init__(self, d_model: int, nhead: int, dim_feedforward: int=2048, dropout: float=0.1, activation: str | Activation='relu', layer_norm_eps: float=1e-05, batch_first: bool=False, norm_first: bool=False, bias: bool=True, *, device: object=..., dtype: TypeLike | None=...) -> None: ...
    def forward(self, src: Numbers, src_mask: Numbers | None=None, src_key_padding_mask: Numbers | None=None, is_causal: bool=False) -> Tensor: ...
    self_attn: Any
    norm1: Any
    norm2: Any
    dropout1: Any
    dropout2: Any
    activation: Any
class TransformerDecoderLayer(_Layer):
    def __init__(self, d_model: int, nhead: int, dim_feedforward: int=2048, dropout: float=0.1, activation: str | Activation='relu', layer_norm_eps: float=1e-05, batch_first: bool=False, norm_first: bool=False, bias: bool=True, *, device: object=..., dtype: TypeLike | None=...) -> None: ...
    def forward(self, tgt: Numbers, memory: Numbers, tgt_mask: Numbers | None=None, memory_mask: Numbers | None=None, tgt_key_padding_mask: Numbers | None=None, memory_key_padding_mask: Numbers | None=None, tgt_is_causal: bool=False, memory_is_causal: bool=False) -> Tensor: ...
    self_attn: Any
    multihead_attn: Any
    norm1: Any
    norm2: Any
    norm3: Any
    dropout1: Any
    dropout2: Any
    dropout3: Any
    activation: Any
class TransformerEncoder(Module):
    def __init__(self, encoder_layer: Module, num_layers: int, norm: Module | None=None, enable_nested_tensor: bool=True, mask_check: bool=True) -> None: ...
    def forward(self, src: Numbers, mask: Numbers | None=None, src_key_padding_mask: Numbers | None=None, is_causal: bool | None=None) -> Tensor: ...
    layers: Any
    num_layers: int
    norm: Module | None
    enable_nested_tensor: bool
    mask_check: bool
class TransformerDecoder(Module):
    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None=None) -> None: ...
    def forward(self, tgt: Numbers, memory: Numbers, tgt_mask: Numbers | None=None, memory_mask: Numbers | None=None, tgt_key_padding_mask: Numbers | None=None, memory_key_padding_mask: Numbers | None=None, tgt_is_causal: bool | None=None, memory_is_causal: bool=False) -> Tensor: ...
    layers: Any
    num_layers: int
    norm: Module | None
class Transformer(Module):
    def __init__(self, d_model: int=512, nhead: int=8, num_encoder_layers: int=6, num_decoder_layers: int=6, dim_feedforward: int=2048, dropout: float=0.1, activation: str | Activation='relu', custom_encoder: Module | None=None, custom_decoder: Module | None=None, layer_norm_eps: float=1e-05, batch_first: bool=False, norm_first: bool=False, bias: bool=True, *, device: object=..., dtype: TypeLike | None=...) -> None: ...
    def forward(self, src: Numbers, tgt: Numbers, src_mask: Numbers | None=None, tgt_mask: Numbers | None=None, memory_mask: Numbers | None=None, src_key_padding_mask: Numbers | None=None, tgt_key_padding_mask: Numbers | None=None, memory_key_padding_mask: Numbers | None=None, src_is_causal: bool | None=None, tgt_is_causal: bool | None=None, memory_is_causal: bool=False) -> Tensor: ...
    @staticmethod
    def generate_square_subsequent_mask(sz: int, device: object=None, dtype: TypeLike | None=None) -> Tensor: ...
    encoder: Any
    decoder: Any
    d_model: int
    nhead: int
    batch_first: bool
