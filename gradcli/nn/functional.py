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
    huber_loss,
    l1_loss,
    mse_loss,
    multi_margin_loss,
    nll_loss,
)
from gradcli.primitives import functions as f

__all__ = [
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "conv2d", "cross_entropy", "dropout", "elu",
    "embedding", "gelu", "hardtanh", "huber_loss", "l1_loss", "layer_norm", "leaky_relu", "linear", "log_softmax",
    "max_pool2d", "mish", "mse_loss", "multi_margin_loss", "nll_loss", "one_hot", "relu",
    "scaled_dot_product_attention", "selu", "sigmoid", "silu", "softmax", "softplus", "softsign", "tanh",
]  # fmt: skip

# ruff: noqa: A002  (PyTorch's `input`)

#: One number for both directions of an image, or (height, width).
Pair: TypeAlias = "int | tuple[int, int]"
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


def conv2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Pair = 1,
    padding: Pair | str = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> Any:
    """The cross-correlation of images with kernels.

    Args:
        input: shape (images, channels, height, width), or (channels, height, width) for one image.
        weight: shape (out_channels, channels / groups, kernel height, kernel width).
        bias: shape (out_channels,), or None.
        stride, padding, dilation: a number for both directions, or (height, width); the padding may be ``"valid"``,
            which is none, or ``"same"``, with which the result has the size of the images.
        groups: the number of groups of channels; each group gets only its own part of the input.

    Raises:
        ShapeError: the shapes don't fit.
        UsageError: the padding ``"same"`` is asked for with a stride.
    """
    if len(weight.shape) != 4:
        raise ShapeError(f"a weight has the shape (outputs, channels, height, width), not {tuple(weight.shape)}")
    if len(input.shape) == 3:
        return f.squeeze(conv2d(f.unsqueeze(input, 0), weight, bias, stride, padding, dilation, groups), 0)
    steps, gaps, images = _pair(stride), _pair(dilation), input
    if padding == "same":
        if steps != (1, 1):
            raise UsageError("the padding 'same' has no stride")
        both = [gap * (length - 1) for gap, length in zip(gaps, weight.shape[2:], strict=True)]
        if len(input.shape) == 4:
            images = f.pad(input, ((0, 0), (0, 0), *[(one // 2, one - one // 2) for one in both]))
    elif isinstance(padding, str) and padding != "valid":
        raise UsageError(f"a padding is 'valid' or 'same' or numbers, not {padding!r}")
    edges = (0, 0) if isinstance(padding, str) else _pair(padding)
    return f.conv2d(images, weight, bias, steps, edges, groups, gaps)


def _pair(numbers: Any) -> Any:
    """Return a pair; a number, also as the only one of a list, is for both directions."""
    if isinstance(numbers, (tuple, list)):
        return tuple(numbers) * 2 if len(numbers) == 1 else tuple(numbers)
    return numbers, numbers


def max_pool2d(
    input: Any,
    kernel_size: Pair,
    stride: Pair | None = None,
    padding: Pair = 0,
    dilation: Pair = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest number of each window of images (images, channels, height, width), or of one without the first axis.

    Equal largest numbers share the derivative.

    Args:
        kernel_size, stride, padding, dilation: a number for both directions, or (height, width); the stride is the
            kernel's size by default.
        ceil_mode: whether there are windows that begin inside and end outside the images.
        return_indices: whether to return the places of the largest numbers, too.

    Raises:
        ShapeError: the shapes don't fit.
        UsageError: the padding is more than half of the kernel.
    """
    if len(input.shape) == 3:
        found = max_pool2d(f.unsqueeze(input, 0), kernel_size, stride, padding, dilation, ceil_mode, return_indices)
        return tuple([f.squeeze(one, 0) for one in found]) if return_indices else f.squeeze(found, 0)
    kernel, edges, gaps = _pair(kernel_size), _pair(padding), _pair(dilation)
    steps = kernel if stride is None or (not isinstance(stride, int) and not stride) else _pair(stride)
    if any(2 * edge > length for edge, length in zip(edges, kernel, strict=True)):
        raise UsageError(f"a padding of {edges} is more than half of a kernel of {kernel}")
    if len(input.shape) != 4 or not min(input.shape[1:]):
        raise ShapeError(f"images have the shape (images, channels, height, width), not {tuple(input.shape)}")
    if min(kernel) < 1 or min(steps) < 1 or min(gaps) < 1:
        raise UsageError("kernels, strides and dilations are at least 1")
    after = [
        edge + _beyond(*one) for edge, *one in zip(edges, input.shape[2:], kernel, steps, edges, gaps, strict=True)
    ]
    if not ceil_mode:
        after = list(edges)
    x = input
    if any(edges) or any(after):
        x = f.pad(x, ((0, 0), (0, 0), *zip(edges, after, strict=True)), -math.inf)
    if not return_indices:
        return f.max_pool2d(x, kernel, steps, 0, gaps)
    import numpy as np

    # The place of each number travels along with it.
    places = np.pad(np.arange(math.prod(input.shape[2:])).reshape(input.shape[2:]), [*zip(edges, after, strict=True)])
    numbers = np.asarray(x.detach() if hasattr(x, "detach") else x)
    windows = f.patches(numbers, kernel=kernel, stride=steps, dilation=gaps)
    best = windows.reshape(*windows.shape[:3], -1, windows.shape[-1]).argmax(3)
    wide = np.broadcast_to(places.astype(float), (1, 1, *places.shape))
    choices = f.patches(wide, kernel=kernel, stride=steps, dilation=gaps).reshape(1, *windows.shape[1:3], -1)
    chosen = np.take_along_axis(np.broadcast_to(choices[..., None], (len(best), *choices.shape[1:], best.shape[-1])),
                                best[:, :, :, None], 3)[:, :, :, 0]  # fmt: skip
    indices = chosen.transpose(0, 3, 1, 2).astype(np.int64)
    from gradcli.eager.creation import tensor

    return f.max_pool2d(x, kernel, steps, 0, gaps), tensor(indices)


def _beyond(length: int, kernel: int, step: int, edge: int, gap: int) -> int:
    """How far the last window reaches beyond the padding if windows may end outside."""
    extent = gap * (kernel - 1) + 1
    count = -(-(length + 2 * edge - extent) // step) + 1
    if (count - 1) * step >= length + edge:  # a window begins inside the images, or inside the padding before them
        count -= 1
    return max(0, (count - 1) * step + extent - length - 2 * edge)


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
