"""`MultiheadAttention`, with PyTorch's name, arguments and parameters.

>>> from gradcli import randn
>>> output, weights = MultiheadAttention(8, 2)(*[randn(5, 3, 8)] * 3)
>>> output.shape, weights.shape
((5, 3, 8), (3, 5, 5))
"""

from __future__ import annotations

import math
from typing import Any

from gradcli.eager.creation import zeros
from gradcli.errors import ShapeError, UsageError
from gradcli.nn import functional, init
from gradcli.nn.layers import Linear, Parameter, placed
from gradcli.nn.modules import Module
from gradcli.primitives import functions as f

__all__ = ["MultiheadAttention"]


class MultiheadAttention(Module):
    """Attention with several heads (Vaswani et al., "Attention Is All You Need", 2017).

    Each head computes softmax(q k' / sqrt(features)) v, with q, k and v of its own from linear layers; the results of
    the heads, side by side, go through another linear layer.

    Args:
        embed_dim: the number of features of a position.
        num_heads: the number of heads; each gets an equal share of the features.
        dropout: the probability with which a weight is left out in training.
        bias: whether the linear layers have biases.
        add_bias_kv: whether there are a key and a value that are parameters, at the end of those of each row.
        add_zero_attn: whether there are a key and a value of zeros at the end.
        kdim, vdim: the numbers of features of keys and values, by default those of the queries.
        batch_first: whether the first axis is that of the rows, and not that of the positions.

    Attributes:
        in_proj_weight: the weights of q, k and v, shape (3 embed_dim, embed_dim); None if ``kdim`` or ``vdim`` differs,
            when there are ``q_proj_weight``, ``k_proj_weight`` and ``v_proj_weight``.
        in_proj_bias: shape (3 embed_dim,), or None.
        bias_k, bias_v: the further key and value, shape (1, 1, embed_dim), or None.
        out_proj: the last linear layer.

    Raises:
        UsageError: the features can't be divided into the heads.
    """

    @placed
    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
    ) -> None:
        if num_heads < 1 or embed_dim % num_heads:
            raise UsageError(f"{embed_dim} features can't be divided into {num_heads} heads")
        self.embed_dim, self.num_heads, self.dropout, self.batch_first = embed_dim, num_heads, dropout, batch_first
        self.kdim, self.vdim = kdim or embed_dim, vdim or embed_dim
        self.in_proj_weight = self.q_proj_weight = self.k_proj_weight = self.v_proj_weight = None
        if self.kdim == self.vdim == embed_dim:
            self.in_proj_weight = init.xavier_uniform_(Parameter(zeros(3 * embed_dim, embed_dim)))
        else:
            sizes = (embed_dim, self.kdim, self.vdim)
            drawn = [init.xavier_uniform_(Parameter(zeros(embed_dim, size))) for size in sizes]
            self.q_proj_weight, self.k_proj_weight, self.v_proj_weight = drawn
        self.in_proj_bias = Parameter(zeros(3 * embed_dim)) if bias else None
        self.bias_k, self.bias_v = [
            init.xavier_normal_(Parameter(zeros(1, 1, embed_dim))) if add_bias_kv else None for _ in range(2)
        ]
        self.add_zero_attn = add_zero_attn
        self.out_proj = Linear(embed_dim, embed_dim, bias)
        if self.out_proj.bias is not None:
            init.zeros_(self.out_proj.bias)

    def _projected(self, operands: tuple[Any, Any, Any]) -> list[Any]:
        if self.in_proj_weight is None:
            weights: Any = (self.q_proj_weight, self.k_proj_weight, self.v_proj_weight)
        else:
            weights = f.split(self.in_proj_weight, 3, axis=0)
        biases = (None,) * 3 if self.in_proj_bias is None else f.split(self.in_proj_bias, 3, axis=0)
        return [functional.linear(*one) for one in zip(operands, weights, biases, strict=True)]

    def forward(
        self,
        query: Any,
        key: Any,
        value: Any,
        key_padding_mask: Any = None,
        need_weights: bool = True,
        attn_mask: Any = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Any, Any]:
        """The features after attention, and the weights of the heads.

        Args:
            query, key, value: shape (positions, rows, features); (rows, positions, features) with ``batch_first``; or
                (positions, features).
            key_padding_mask: true for the keys of each row that nobody sees, or numbers to add to their scores.
            need_weights: whether to return the weights; if not, None is in their place.
            attn_mask: true where a query doesn't see a key, or numbers to add to the scores; shape (queries, keys) or
                (rows heads, queries, keys).
            average_attn_weights: whether the weights are the mean over the heads.
            is_causal: whether a query sees only the keys up to its own place; the mask says so, too, as in PyTorch.

        Raises:
            ShapeError: the operands have different numbers of axes.
            UsageError: ``is_causal`` has no mask.
        """
        if not len(query.shape) == len(key.shape) == len(value.shape) or len(query.shape) not in (2, 3):
            raise ShapeError("queries, keys and values all have two axes, or all three")
        if is_causal and attn_mask is None:
            raise UsageError("is_causal needs its mask in attn_mask")
        is_single = len(query.shape) == 2
        operands = query, key, value
        if is_single:
            operands = tuple([f.unsqueeze(one, 0) for one in operands])
        elif not self.batch_first:
            operands = tuple([f.transpose(one, (1, 0, 2)) for one in operands])
        rows, queries = operands[0].shape[:2]
        keys, size = operands[1].shape[1], self.embed_dim // self.num_heads
        if operands[1].shape[:2] != operands[2].shape[:2]:
            raise ShapeError(f"keys of shape {tuple(key.shape)} don't fit values of shape {tuple(value.shape)}")
        q, k, v = self._projected(operands)
        for bias_k, bias_v in ((self.bias_k, self.bias_v), (0.0, 0.0) if self.add_zero_attn else (None, None)):
            if bias_k is not None:
                ends = [f.expand(one, (rows, 1, self.embed_dim)) if hasattr(one, "shape")
                        else zeros(rows, 1, self.embed_dim, dtype=k.dtype) for one in (bias_k, bias_v)]  # fmt: skip
                k, v = [f.cat([one, end], axis=1) for one, end in zip((k, v), ends, strict=True)]
        q, k, v = [
            f.transpose(f.reshape(one, (rows, one.shape[1], self.num_heads, size)), (0, 2, 1, 3)) for one in (q, k, v)
        ]
        scores = f.matmul(q, f.transpose(k, (0, 1, 3, 2))) * (1.0 / math.sqrt(size))
        more = k.shape[2] - keys
        if attn_mask is not None:
            mask = _added(attn_mask, more, scores)
            if len(mask.shape) == 3:
                mask = f.reshape(mask, (rows, self.num_heads, queries, keys + more))
            scores = scores + mask
        if key_padding_mask is not None:
            scores = scores + f.reshape(_added(key_padding_mask, more, scores), (rows, 1, 1, keys + more))
        has_mask = attn_mask is not None or key_padding_mask is not None
        weights = functional.masked_softmax(scores) if has_mask and not need_weights else f.softmax(scores, axis=-1)
        if self.dropout:
            weights = functional.dropout(weights, self.dropout, self.training)
        heads = f.transpose(f.matmul(weights, v), (0, 2, 1, 3))
        output = self.out_proj(f.reshape(heads, (rows, queries, self.embed_dim)))
        shown = None
        if need_weights:
            shown = f.mean(weights, axis=1) if average_attn_weights else weights
        if is_single:
            return f.squeeze(output, 0), None if shown is None else f.squeeze(shown, 0)
        return output if self.batch_first else f.transpose(output, (1, 0, 2)), shown


def _added(mask: Any, more: int, scores: Any) -> Any:
    """Return a mask as numbers to add to scores, in their type, with zeros for further keys at the end."""
    import numpy as np

    array = np.asarray(mask.detach() if hasattr(mask, "detach") else mask)
    if array.dtype.kind == "b":
        mask = np.where(array, -math.inf, 0.0).astype(str(scores.dtype).rpartition(".")[2])
    return f.pad(mask, (*[(0, 0)] * (len(mask.shape) - 1), (0, more))) if more else mask
