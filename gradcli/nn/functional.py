"""The formulas of layers as functions, with PyTorch's names and arguments; the layers call these functions.

They take tensors and arrays, and numbers if the formula is pointwise.  Each formula is composed of functions of the
registry, so its derivatives of every order are known.  Losses are in `gradcli.nn.losses`.

>>> import gradcli.nn.functional as F
>>> from gradcli import tensor
>>> F.softmax(tensor([[0.0, 0.0], [2.0, 2.0]]), dim=1)
tensor([[0.5, 0.5],
        [0.5, 0.5]])
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

from gradcli.errors import ShapeError, UsageError
from gradcli.nn.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    hinge_embedding_loss,
    huber_loss,
    kl_div,
    l1_loss,
    mse_loss,
    multi_margin_loss,
    nll_loss,
    poisson_nll_loss,
    smooth_l1_loss,
    soft_margin_loss,
)
from gradcli.nn.normalizing import (
    batch_norm,
    cosine_similarity,
    group_norm,
    instance_norm,
    local_response_norm,
    normalize,
    pairwise_distance,
    rms_norm,
)
from gradcli.nn.pointwise import (
    celu,
    glu,
    hardshrink,
    hardsigmoid,
    hardswish,
    logsigmoid,
    prelu,
    relu6,
    softmin,
    softshrink,
    tanhshrink,
    threshold,
)
from gradcli.nn.windows import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_max_pool1d,
    adaptive_max_pool2d,
    avg_pool1d,
    avg_pool2d,
    conv1d,
    conv2d,
    max_pool1d,
    max_pool2d,
    pad,
    unfold,
)
from gradcli.primitives import functions as f

__all__ = [
    "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_max_pool1d", "adaptive_max_pool2d", "avg_pool1d",
    "avg_pool2d", "batch_norm", "binary_cross_entropy", "binary_cross_entropy_with_logits", "celu", "conv1d", "conv2d",
    "cosine_similarity", "cross_entropy", "dropout", "elu", "embedding", "gelu", "glu", "group_norm", "hardshrink",
    "hardsigmoid", "hardswish", "hardtanh", "hinge_embedding_loss", "huber_loss", "instance_norm", "kl_div", "l1_loss",
    "layer_norm", "leaky_relu", "linear", "local_response_norm", "log_softmax", "logsigmoid", "max_pool1d",
    "max_pool2d", "mish", "mse_loss", "multi_margin_loss", "nll_loss", "normalize", "one_hot", "pad",
    "pairwise_distance", "poisson_nll_loss", "prelu", "relu", "relu6", "rms_norm", "scaled_dot_product_attention",
    "selu", "sigmoid", "silu", "smooth_l1_loss", "soft_margin_loss", "softmax", "softmin", "softplus", "softshrink",
    "softsign", "tanh", "tanhshrink", "threshold", "unfold",
]  # fmt: skip

# ruff: noqa: A002  (PyTorch's `input`)

#: The length of the only axis, or the lengths of several axes.
Shape: TypeAlias = "int | Sequence[int]"

relu, selu, silu, mish = f.relu, f.selu, f.silu, f.mish
sigmoid, tanh, softsign = f.sigmoid, f.tanh, f.softsign


def leaky_relu(input: Any, negative_slope: float = 0.01) -> Any:
    """The number, multiplied by ``negative_slope`` if it is negative."""
    if negative_slope == 0.01:
        return f.leaky_relu(input)
    return f.where(f.greater(input, 0.0), input, negative_slope * input)


def elu(input: Any, alpha: float = 1.0) -> Any:
    """The number x, or alpha (exp(x) - 1) if x is negative."""
    return f.elu(input) if alpha == 1.0 else f.where(f.greater(input, 0.0), input, alpha * f.elu(input))


def gelu(input: Any, approximate: str = "none") -> Any:
    """x times the probability that a standard normal number is below x, or an approximation of this with tanh.

    Raises:
        UsageError: the approximation is neither ``"none"`` nor ``"tanh"``.
    """
    if approximate not in ("none", "tanh"):
        raise UsageError(f"gelu is approximated by 'none' or 'tanh', not {approximate!r}")
    return f.gelu(input) if approximate == "none" else f.gelu_tanh(input)


def softplus(input: Any, beta: float = 1.0, threshold: float = 20.0) -> Any:
    """log(1 + exp(beta x)) / beta.

    PyTorch returns x where beta x is above a threshold; here there is no such jump, and the difference is below
    exp(-threshold) / beta.

    Raises:
        UsageError: the threshold is so low that this difference matters.
    """
    if threshold >= 16.0:
        return f.softplus(input) if beta == 1.0 else f.softplus(beta * input) * (1.0 / beta)
    scaled = input * beta
    return f.where(f.greater(scaled, threshold), input, f.softplus(scaled) * (1.0 / beta))


def hardtanh(input: Any, min_val: float = -1.0, max_val: float = 1.0) -> Any:
    """The number, but at least ``min_val`` and at most ``max_val``.

    Raises:
        UsageError: the least number is above the largest.
    """
    if min_val > max_val:
        raise UsageError(f"the range of hardtanh ends at {max_val}, before it begins at {min_val}")
    return f.hard_tanh(input) if (min_val, max_val) == (-1.0, 1.0) else f.clip(input, float(min_val), float(max_val))


def softmax(input: Any, dim: int, *, dtype: Any = None) -> Any:
    """``exp(input)`` divided by its sum along an axis."""
    return f.softmax(input if dtype is None else input.to(dtype), axis=dim)


def log_softmax(input: Any, dim: int, *, dtype: Any = None) -> Any:
    """The logarithm of `softmax`, without overflow."""
    return f.log_softmax(input if dtype is None else input.to(dtype), axis=dim)


def linear(input: Any, weight: Any, bias: Any = None) -> Any:
    """``input @ weight.T + bias``.

    Args:
        input: shape (..., in_features).
        weight: shape (out_features, in_features).
        bias: shape (out_features,), or None.

    Raises:
        ShapeError: the shapes don't fit.
    """
    return f.linear(input, weight, bias)


def dropout(input: Any, p: float = 0.5, training: bool = True, *, generator: Any = None) -> Any:
    """In training, each number becomes 0 with probability p and is otherwise divided by 1 - p. In use, nothing changes.

    Args:
        generator: a generator of NumPy; by default the one that `manual_seed` starts.

    Raises:
        UsageError: p isn't a probability.
    """
    from gradcli.eager import creation, tensor

    if not 0.0 <= p <= 1.0:
        raise UsageError(f"dropout has a probability from 0 to 1, not {p}")
    if not training or not p:
        return input
    x = array(input)
    kept = (generator or creation.generator()).random(x.shape) >= p
    return x * tensor.Tensor(kept / (1.0 - p) if p < 1.0 else kept, dtype=x.dtype)


def layer_norm(input: Any, normalized_shape: Shape, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    """``(x - mean) / sqrt(variance + eps) * weight + bias``, with the mean and the variance over the last axes.

    The variance is the sum of squares divided by n, not by n - 1.

    Raises:
        ShapeError: the last axes don't have these lengths.
    """
    lengths = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    x, axes = array(input), tuple(range(-len(lengths), 0))
    if tuple(x.shape[len(x.shape) - len(lengths) :]) != lengths:
        raise ShapeError(f"inputs of shape {tuple(x.shape)} don't end in the axes {lengths}")
    centred = x - f.mean(x, axis=axes, keepdims=True)
    result = centred / f.sqrt(f.mean(centred * centred, axis=axes, keepdims=True) + eps)
    if weight is not None:
        result = result * weight
    return result if bias is None else result + bias


def embedding(
    input: Any,
    weight: Any,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,  # noqa: ARG001
    scale_grad_by_freq: bool = False,
    sparse: bool = False,  # noqa: ARG001
) -> Any:
    """The rows of ``weight`` with the given indices, which are an array of any shape.

    Args:
        input: the indices.
        weight: shape (entries, features).
        padding_idx: the index of a row that gets no derivative.
        max_norm, norm_type, scale_grad_by_freq, sparse: PyTorch's options, which have no place here.

    Raises:
        IndexError: an index isn't a whole number, or no row has this index.
        ShapeError: the weight isn't a matrix.
        UsageError: an option without a place is set.
    """
    import numpy as np

    if max_norm is not None or scale_grad_by_freq:
        raise UsageError("embedding changes neither its weight nor its derivative: max_norm and scale_grad_by_freq are "
                         "not here")  # fmt: skip
    if len(weight.shape) != 2:
        raise ShapeError(f"a weight has the shape (entries, features), not {tuple(weight.shape)}")
    numbers, rows = np.asarray(input.detach() if hasattr(input, "detach") else input), weight.shape[0]
    if numbers.dtype.kind not in "iuf":
        raise IndexError(f"an index is a whole number, not {numbers.dtype}")
    if numbers.size and not (numbers.min() >= 0 and numbers.max() < rows):
        raise IndexError(f"an embedding of {rows} rows has indices from 0 to {rows - 1}")
    if padding_idx is not None:
        is_padding = np.arange(rows)[:, None] == padding_idx % rows
        weight = f.where(is_padding, weight.detach(), weight) if hasattr(weight, "detach") else weight
    return f.embedding(numbers, weight)


def one_hot(tensor: Any, num_classes: int = -1) -> Any:
    """Whole numbers as rows with one 1, along a new last axis.

    Args:
        tensor: the numbers, at least 0.
        num_classes: the length of a row; -1 for the largest number and 1.

    Raises:
        RuntimeError: a number is negative or too large for a row, or the numbers aren't whole.

    >>> from gradcli import tensor
    >>> one_hot(tensor([0, 2])).tolist()
    [[1, 0, 0], [0, 0, 1]]
    """
    import numpy as np

    numbers = np.asarray(tensor)
    if numbers.dtype.kind not in "iu":
        raise RuntimeError(f"one_hot takes whole numbers, not {numbers.dtype}")
    if not numbers.size and num_classes < 1:
        raise RuntimeError("one_hot of no numbers needs num_classes")
    length = int(numbers.max()) + 1 if num_classes == -1 else num_classes
    if numbers.size and not (numbers.min() >= 0 and numbers.max() < length):
        raise RuntimeError(f"one_hot takes numbers from 0 to {length - 1}")
    from gradcli.eager.creation import tensor as made

    return made((numbers[..., None] == np.arange(length)).astype(np.int64))


def scaled_dot_product_attention(
    query: Any, key: Any, value: Any, attn_mask: Any = None, dropout_p: float = 0.0, is_causal: bool = False
) -> Any:
    """softmax(q k' / sqrt(features)) v (Vaswani et al., "Attention Is All You Need", 2017).

    Args:
        query: shape (..., positions, features).
        key, value: shape (..., other positions, features).
        attn_mask: numbers that are added to the scores, or truth values: true if a position sees the other position.
        dropout_p: the probability with which a weight is left out.
        is_causal: whether a position sees only itself and the positions before it.

    Raises:
        UsageError: both a mask and ``is_causal`` are given.
        ShapeError: the shapes don't fit.
    """
    import numpy as np

    count = len(key.shape)
    turned = f.transpose(key, (*range(count - 2), count - 1, count - 2))
    scores = (query * (1.0 / math.sqrt(query.shape[-1]))) @ turned
    if is_causal:
        if attn_mask is not None:
            raise UsageError("attention has a mask or is causal, not both")
        attn_mask = np.tri(*scores.shape[-2:], dtype=bool)
    if attn_mask is not None:
        is_truth = "bool" in str(getattr(attn_mask, "dtype", ""))
        scores = f.where(attn_mask, scores, -math.inf) if is_truth else scores + attn_mask
    return dropout(f.softmax(scores, axis=-1), dropout_p) @ value


def array(x: Any) -> Any:
    """Return an operand unchanged if it has a shape; return numbers in nested lists as a tensor."""
    from gradcli.eager.tensor import Tensor

    return x if hasattr(x, "shape") else Tensor(x)
