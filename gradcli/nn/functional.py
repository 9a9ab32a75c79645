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
from gradcli.nn.dropping import (
    alpha_dropout,
    dropout,
    dropout1d,
    dropout2d,
    dropout3d,
    feature_alpha_dropout,
    rrelu,
)
from gradcli.nn.embeddings import embedding, embedding_bag, one_hot
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
from gradcli.nn.pair_losses import (
    cosine_embedding_loss,
    gaussian_nll_loss,
    margin_ranking_loss,
    multilabel_margin_loss,
    multilabel_soft_margin_loss,
    triplet_margin_loss,
    triplet_margin_with_distance_loss,
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
    with_inplace,
)
from gradcli.nn.pools import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_avg_pool3d,
    adaptive_max_pool1d,
    adaptive_max_pool2d,
    adaptive_max_pool3d,
    avg_pool1d,
    avg_pool2d,
    avg_pool3d,
    fractional_max_pool2d,
    fractional_max_pool3d,
    lp_pool1d,
    lp_pool2d,
    lp_pool3d,
    max_pool1d,
    max_pool2d,
    max_pool3d,
    max_unpool1d,
    max_unpool2d,
    max_unpool3d,
)
from gradcli.nn.resizing import (
    channel_shuffle,
    interpolate,
    pad,
    pixel_shuffle,
    pixel_unshuffle,
    upsample,
    upsample_bilinear,
    upsample_nearest,
)
from gradcli.nn.sequence_losses import (
    ctc_loss,
    linear_cross_entropy,
)
from gradcli.nn.windows import (
    conv1d,
    conv2d,
    conv3d,
    conv_transpose1d,
    conv_transpose2d,
    conv_transpose3d,
    fold,
    unfold,
)
from gradcli.primitives import functions as f

__all__ = [
    "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "adaptive_max_pool1d",
    "adaptive_max_pool2d", "adaptive_max_pool3d", "alpha_dropout", "avg_pool1d", "avg_pool2d", "avg_pool3d",
    "batch_norm", "bilinear", "binary_cross_entropy", "binary_cross_entropy_with_logits", "celu",
    "channel_shuffle", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d",
    "cosine_embedding_loss", "cosine_similarity", "cross_entropy", "ctc_loss", "dropout", "dropout1d", "dropout2d",
    "dropout3d", "elu", "embedding", "embedding_bag", "feature_alpha_dropout", "fold", "fractional_max_pool2d",
    "fractional_max_pool3d", "gaussian_nll_loss", "gelu", "glu", "group_norm", "hardshrink", "hardsigmoid",
    "hardswish", "hardtanh", "hinge_embedding_loss", "huber_loss", "instance_norm", "interpolate", "kl_div",
    "l1_loss", "layer_norm", "leaky_relu", "linear", "linear_cross_entropy", "local_response_norm", "log_softmax",
    "logsigmoid", "lp_pool1d", "lp_pool2d", "lp_pool3d", "margin_ranking_loss", "max_pool1d", "max_pool2d",
    "max_pool3d", "max_unpool1d", "max_unpool2d", "max_unpool3d", "mish", "mse_loss", "multi_margin_loss",
    "multilabel_margin_loss", "multilabel_soft_margin_loss", "nll_loss", "normalize", "one_hot", "pad",
    "pairwise_distance", "pixel_shuffle", "pixel_unshuffle", "poisson_nll_loss", "prelu", "relu", "relu6",
    "rms_norm", "rrelu", "scaled_dot_product_attention", "selu", "sigmoid", "silu", "smooth_l1_loss",
    "soft_margin_loss", "softmax", "softmin", "softplus", "softshrink", "softsign", "tanh", "tanhshrink",
    "threshold", "triplet_margin_loss", "triplet_margin_with_distance_loss", "unfold", "upsample",
    "upsample_bilinear", "upsample_nearest",
]  # fmt: skip

# ruff: noqa: A002  (PyTorch's `input`)

#: The length of the only axis, or the lengths of several axes.
Shape: TypeAlias = "int | Sequence[int]"

sigmoid, tanh, softsign = f.sigmoid, f.tanh, f.softsign


@with_inplace
def relu(input: Any) -> Any:
    """The number, or 0 if it is negative."""
    return f.relu(input)


@with_inplace
def selu(input: Any) -> Any:
    """The number, or a scaled exponential if it is negative, with which a net keeps mean and variance."""
    return f.selu(input)


@with_inplace
def silu(input: Any) -> Any:
    """x sigmoid(x), which is also called swish."""
    return f.silu(input)


@with_inplace
def mish(input: Any) -> Any:
    """x tanh(softplus(x)) (Misra, 2019)."""
    return f.mish(input)


@with_inplace
def leaky_relu(input: Any, negative_slope: float = 0.01) -> Any:
    """The number, multiplied by ``negative_slope`` if it is negative."""
    if negative_slope == 0.01:
        return f.leaky_relu(input)
    return f.where(f.greater(input, 0.0), input, negative_slope * input)


@with_inplace
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


@with_inplace
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


def bilinear(input1: Any, input2: Any, weight: Any, bias: Any = None) -> Any:
    """x1' A x2 + bias with a matrix A for each output.

    Args:
        input1, input2: shapes (..., in1_features) and (..., in2_features).
        weight: shape (out_features, in1_features, in2_features).
        bias: shape (out_features,), or None.

    Raises:
        ShapeError: the shapes don't fit.
    """
    first, second, wanted = tuple(input1.shape), tuple(input2.shape), tuple(weight.shape)
    if len(wanted) != 3 or first[:-1] != second[:-1] or first[-1:] != wanted[1:2] or second[-1:] != wanted[2:]:
        raise ShapeError(f"inputs of shapes {first} and {second} don't fit a weight of shape {wanted}")
    outputs, one, other = wanted
    rows = f.reshape(input1, (-1, one)) @ f.reshape(f.transpose(weight, (1, 0, 2)), (one, outputs * other))
    found = f.sum(f.reshape(rows, (-1, outputs, other)) * f.reshape(input2, (-1, 1, other)), axis=2)
    found = f.reshape(found, (*first[:-1], outputs))
    if bias is not None and tuple(bias.shape) != (outputs,):
        raise ShapeError(f"a bias of shape {tuple(bias.shape)} doesn't fit {outputs} outputs")
    return found if bias is None else found + bias


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


def scaled_dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Any:
    """softmax(q k' / sqrt(features)) v (Vaswani et al., "Attention Is All You Need", 2017).

    Args:
        query: shape (..., heads, positions, features).
        key, value: shape (..., heads, other positions, features).
        attn_mask: numbers that are added to the scores, or truth values: true if a position sees the other position.
        dropout_p: the probability with which a weight is left out.
        is_causal: whether a position sees only itself and the positions before it.
        scale: the factor of the scores, by default 1 / sqrt(features).
        enable_gqa: whether several heads of the query may share one of the keys and values, one group after the other.

    Raises:
        UsageError: both a mask and ``is_causal`` are given.
        ShapeError: the shapes don't fit.
    """
    import numpy as np

    if enable_gqa:
        key, value = [_for_each_head(one, query) for one in (key, value)]
    count = len(key.shape)
    turned = f.transpose(key, (*range(count - 2), count - 1, count - 2))
    scores = (query * (1.0 / math.sqrt(query.shape[-1]) if scale is None else scale)) @ turned
    if is_causal:
        if attn_mask is not None:
            raise UsageError("attention has a mask or is causal, not both")
        attn_mask = np.tri(*scores.shape[-2:], dtype=bool)
    if attn_mask is not None:
        is_truth = "bool" in str(getattr(attn_mask, "dtype", ""))
        scores = f.where(attn_mask, scores, -math.inf) if is_truth else scores + attn_mask
    weights = f.softmax(scores, axis=-1) if attn_mask is None else masked_softmax(scores)
    return dropout(weights, dropout_p) @ value


def _for_each_head(heads: Any, query: Any) -> Any:
    """Return heads repeated so that there are as many as of the query.

    Raises:
        ShapeError: the number of heads of the query isn't a multiple.
    """
    import numpy as np

    if len(query.shape) < 3 or len(heads.shape) < 3 or query.shape[-3] % heads.shape[-3]:
        raise ShapeError(f"heads of shape {tuple(heads.shape)} aren't shared by those of shape {tuple(query.shape)}")
    places = np.repeat(np.arange(heads.shape[-3]), query.shape[-3] // heads.shape[-3])
    return f.index(heads, (*[slice(None)] * (len(heads.shape) - 3), places))


def masked_softmax(scores: Any) -> Any:
    """The softmax along the last axis; zeros where all scores are -inf, as in PyTorch's attention."""
    import numpy as np

    is_out = np.isneginf(np.asarray(scores.detach() if hasattr(scores, "detach") else scores)).all(-1, keepdims=True)
    return (
        f.where(is_out, 0.0, f.softmax(f.where(is_out, 0.0, scores), axis=-1))
        if is_out.any()
        else f.softmax(scores, axis=-1)
    )


def array(x: Any) -> Any:
    """Return an operand unchanged if it has a shape; return numbers in nested lists as a tensor."""
    from gradcli.eager.tensor import Tensor

    return x if hasattr(x, "shape") else Tensor(x)
