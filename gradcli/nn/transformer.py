"""The Transformer of "Attention Is All You Need" (Vaswani et al., 2017), with PyTorch's names and parameters.

>>> from gradcli import randn
>>> layer = TransformerEncoderLayer(8, 2, dim_feedforward=16, batch_first=True)
>>> TransformerEncoder(layer, num_layers=2)(randn(3, 5, 8)).shape
(3, 5, 8)
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Any

from gradcli.eager.creation import tensor
from gradcli.errors import ShapeError, UsageError
from gradcli.nn import functional, init
from gradcli.nn.attention import MultiheadAttention
from gradcli.nn.containers import ModuleList
from gradcli.nn.layers import Dropout, LayerNorm, Linear, placed
from gradcli.nn.modules import Module

__all__ = [
    "Transformer", "TransformerDecoder", "TransformerDecoderLayer", "TransformerEncoder", "TransformerEncoderLayer",
]  # fmt: skip

Activation = Callable[[Any], Any]


def _activation(given: str | Activation) -> Activation:
    if not isinstance(given, str):
        return given
    if given not in ("relu", "gelu"):
        raise UsageError(f"the activation is relu, gelu or a function, not {given!r}")
    return functional.relu if given == "relu" else functional.gelu


class _Layer(Module):
    """The base of the layers of encoder and decoder: the two linear layers, and the sums."""

    activation: Activation

    def _begin(self, d_model: int, inner: int, dropout: float, norm_first: bool, bias: bool) -> None:
        self.linear1, self.dropout = Linear(d_model, inner, bias), Dropout(dropout)
        self.linear2, self.norm_first = Linear(inner, d_model, bias), norm_first

    def _feed_forward(self, x: Any, drop: Module) -> Any:
        return drop(self.linear2(self.dropout(self.activation(self.linear1(x)))))

    def _added(self, x: Any, norm: Module, part: Callable[[Any], Any]) -> Any:
        """Add a part of the layer to its input, and normalise before or after it."""
        return x + part(norm(x)) if self.norm_first else norm(x + part(x))


class TransformerEncoderLayer(_Layer):
    """Attention of a sequence to itself, then two linear layers; each is added to its input and normalised.

    Args:
        d_model: the number of features of a position.
        nhead: the number of heads.
        dim_feedforward: the number of features between the linear layers.
        dropout: the probability of dropout.
        activation: ``"relu"``, ``"gelu"`` or a function, between the linear layers.
        layer_norm_eps: the small number of the normalisations.
        batch_first: whether the first axis is that of the rows, and not that of the positions.
        norm_first: whether to normalise before each part, and not after it.
        bias: whether linear layers and normalisations have biases.

    Raises:
        UsageError: the features can't be divided into the heads, or the activation is unknown.
    """

    @placed
    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Activation = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
    ) -> None:
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first)
        self._begin(d_model, dim_feedforward, dropout, norm_first, bias)
        self.norm1, self.norm2 = [LayerNorm(d_model, layer_norm_eps, bias=bias) for _ in range(2)]
        self.dropout1, self.dropout2 = Dropout(dropout), Dropout(dropout)
        self.activation = _activation(activation)

    def forward(self, src: Any, src_mask: Any = None, src_key_padding_mask: Any = None, is_causal: bool = False) -> Any:
        """The features after the layer, in the shape of the input.

        Args:
            src: shape (positions, rows, d_model); (rows, positions, d_model) with ``batch_first``; or (positions,
                d_model).
            src_mask, src_key_padding_mask, is_causal: those of `MultiheadAttention.forward`.
        """
        options = {"attn_mask": src_mask, "key_padding_mask": src_key_padding_mask, "is_causal": is_causal}
        attend = lambda x: self.dropout1(self.self_attn(x, x, x, need_weights=False, **options)[0])  # noqa: E731
        x = self._added(src, self.norm1, attend)
        return self._added(x, self.norm2, lambda x: self._feed_forward(x, self.dropout2))


class TransformerDecoderLayer(_Layer):
    """Attention of a sequence to itself and to another one, then two linear layers.

    The arguments are those of `TransformerEncoderLayer`.
    """

    @placed
    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Activation = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
    ) -> None:
        self.self_attn, self.multihead_attn = [
            MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first) for _ in range(2)
        ]
        self._begin(d_model, dim_feedforward, dropout, norm_first, bias)
        self.norm1, self.norm2, self.norm3 = [LayerNorm(d_model, layer_norm_eps, bias=bias) for _ in range(3)]
        self.dropout1, self.dropout2, self.dropout3 = [Dropout(dropout) for _ in range(3)]
        self.activation = _activation(activation)

    def forward(
        self,
        tgt: Any,
        memory: Any,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Any:
        """The features after the layer, in the shape of ``tgt``.

        Args:
            tgt: the sequence, as for `TransformerEncoderLayer`.
            memory: the other sequence, the output of the encoder.
            tgt_mask, tgt_key_padding_mask, tgt_is_causal: the masks of the sequence.
            memory_mask, memory_key_padding_mask, memory_is_causal: those of the other sequence.
        """
        own = {"attn_mask": tgt_mask, "key_padding_mask": tgt_key_padding_mask, "is_causal": tgt_is_causal}
        other = {"attn_mask": memory_mask, "key_padding_mask": memory_key_padding_mask, "is_causal": memory_is_causal}

        def attend(x: Any) -> Any:
            return self.dropout1(self.self_attn(x, x, x, need_weights=False, **own)[0])

        def look(x: Any) -> Any:
            return self.dropout2(self.multihead_attn(x, memory, memory, need_weights=False, **other)[0])

        x = self._added(self._added(tgt, self.norm1, attend), self.norm2, look)
        return self._added(x, self.norm3, lambda x: self._feed_forward(x, self.dropout3))


class TransformerEncoder(Module):
    """Several copies of a layer, one after the other.

    Args:
        encoder_layer: the layer.
        num_layers: how many copies of it there are.
        norm: a normalisation of the output, or None.
        enable_nested_tensor, mask_check: PyTorch's options for a faster way of computing; they have no effect.
    """

    def __init__(
        self,
        encoder_layer: Module,
        num_layers: int,
        norm: Module | None = None,
        enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:
        self.layers = ModuleList([copy.deepcopy(encoder_layer) for _ in range(num_layers)])
        self.num_layers, self.norm = num_layers, norm
        self.enable_nested_tensor, self.mask_check = enable_nested_tensor, mask_check

    def forward(
        self, src: Any, mask: Any = None, src_key_padding_mask: Any = None, is_causal: bool | None = None
    ) -> Any:
        """The features after all layers; the arguments are those of `TransformerEncoderLayer.forward`."""
        for layer in self.layers:
            src = layer(
                src, src_mask=mask, src_key_padding_mask=src_key_padding_mask, is_causal=_causal(mask, is_causal)
            )
        return src if self.norm is None else self.norm(src)


def _causal(mask: Any, is_causal: bool | None) -> bool:
    return mask is not None and bool(is_causal) if is_causal is None else is_causal


class TransformerDecoder(Module):
    """Several copies of a layer, one after the other.

    Args:
        decoder_layer: the layer.
        num_layers: how many copies of it there are.
        norm: a normalisation of the output, or None.
    """

    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        self.layers = ModuleList([copy.deepcopy(decoder_layer) for _ in range(num_layers)])
        self.num_layers, self.norm = num_layers, norm

    def forward(
        self,
        tgt: Any,
        memory: Any,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Any:
        """The features after all layers; the arguments are those of `TransformerDecoderLayer.forward`."""
        for layer in self.layers:
            tgt = layer(
                tgt, memory, tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask,
                _causal(tgt_mask, tgt_is_causal), memory_is_causal,
            )  # fmt: skip
        return tgt if self.norm is None else self.norm(tgt)


class Transformer(Module):
    """An encoder of a sequence, and a decoder of another one that looks at it.

    Args:
        d_model: the number of features of a position.
        nhead: the number of heads.
        num_encoder_layers, num_decoder_layers: the numbers of layers.
        dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, bias: those of
            `TransformerEncoderLayer`.
        custom_encoder, custom_decoder: modules in place of the encoder and the decoder.

    >>> from gradcli import randn
    >>> net = Transformer(8, 2, num_encoder_layers=1, num_decoder_layers=1, dim_feedforward=16)
    >>> net(randn(5, 3, 8), randn(4, 3, 8)).shape
    (4, 3, 8)
    """

    @placed
    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Activation = "relu",
        custom_encoder: Module | None = None,
        custom_decoder: Module | None = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
    ) -> None:
        options = (d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, bias)
        norms = [LayerNorm(d_model, layer_norm_eps, bias=bias) for _ in range(2)]
        self.encoder = custom_encoder or TransformerEncoder(
            TransformerEncoderLayer(*options), num_encoder_layers, norms[0]
        )
        self.decoder = custom_decoder or TransformerDecoder(
            TransformerDecoderLayer(*options), num_decoder_layers, norms[1]
        )
        for parameter in self.parameters():
            if len(parameter.shape) > 1:
                init.xavier_uniform_(parameter)
        self.d_model, self.nhead, self.batch_first = d_model, nhead, batch_first

    def forward(
        self,
        src: Any,
        tgt: Any,
        src_mask: Any = None,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        src_key_padding_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Any:
        """The output of the decoder, in the shape of ``tgt``.

        Args:
            src, tgt: the sequences, as for `TransformerEncoderLayer`.
            src_mask, tgt_mask, memory_mask: what a position doesn't see: of its own sequence, and of the other one.
            src_key_padding_mask, tgt_key_padding_mask, memory_key_padding_mask: the positions that nobody sees.
            src_is_causal, tgt_is_causal, memory_is_causal: whether a mask says so.

        Raises:
            ShapeError: the sequences have different numbers of rows, or not ``d_model`` features.
        """
        axis = 0 if self.batch_first else 1
        if len(src.shape) == 3 and src.shape[axis] != tgt.shape[axis]:
            raise ShapeError(f"sequences of shapes {tuple(src.shape)} and {tuple(tgt.shape)} have different rows")
        if src.shape[-1] != self.d_model or tgt.shape[-1] != self.d_model:
            raise ShapeError(f"sequences have {self.d_model} features, not {src.shape[-1]} and {tgt.shape[-1]}")
        memory = self.encoder(src, mask=src_mask, src_key_padding_mask=src_key_padding_mask, is_causal=src_is_causal)
        return self.decoder(
            tgt, memory, tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask, tgt_is_causal,
            memory_is_causal,
        )  # fmt: skip

    @staticmethod
    def generate_square_subsequent_mask(sz: int, device: Any = None, dtype: Any = None) -> Any:
        """Return a mask with which a position sees itself and the positions before it: 0 and -inf, shape (sz, sz).

        >>> Transformer.generate_square_subsequent_mask(2).tolist()
        [[0.0, -inf], [0.0, 0.0]]
        """
        rows = [[0.0 if column <= row else -math.inf for column in range(sz)] for row in range(sz)]
        return tensor(rows, dtype=dtype, device=device)
