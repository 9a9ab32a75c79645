"""Normalisations and distances as functions, with PyTorch's names; `gradcli.nn.functional` has them, too.

>>> from gradcli import tensor
>>> normalize(tensor([[3.0, 4.0]])).tolist()
[[0.6, 0.8]]
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from gradcli.eager.pytorch_names import FUNCTIONS
from gradcli.eager.record import Recorded, no_grad
from gradcli.errors import ShapeError
from gradcli.primitives import functions as f

__all__ = [
    "batch_norm", "cosine_similarity", "group_norm", "instance_norm", "local_response_norm", "normalize",
    "pairwise_distance", "rms_norm",
]  # fmt: skip

# ruff: noqa: A001, A002  (PyTorch's `input`)


def _scaled(input: Any, weight: Any, bias: Any) -> Any:
    """Multiply by a weight for each channel, the second axis, and add a bias."""
    shape = (-1, *(1,) * (len(input.shape) - 2))
    if weight is not None:
        input = input * f.reshape(weight, shape)
    return input if bias is None else input + f.reshape(bias, shape)


def _moved(average: Any, now: Any, share: float) -> None:
    """Move a running average toward a number, in place."""
    with no_grad():
        average.copy_(average * (1.0 - share) + now.detach() * share)


def batch_norm(
    input: Any,
    running_mean: Any,
    running_var: Any,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """Each channel minus its mean, divided by its deviation (Ioffe and Szegedy, 2015).

    In training, mean and variance are those of the batch, and the running averages, which may be None, move toward them
    by the share ``momentum``; the running variance is that with n - 1.  In use, they are the running averages.

    Args:
        input: shape (rows, channels, ...).
        weight, bias: a factor and a term for each channel.
        eps: a small number that keeps the quotient finite.

    Raises:
        ShapeError: there is only one number for each channel, which has no deviation.
    """
    shape = tuple(input.shape)
    axes = (0, *range(2, len(shape)))
    wide = (-1, *(1,) * (len(shape) - 2))
    if not training and running_mean is not None:
        scale = 1.0 / f.sqrt(f.reshape(running_var, wide) + eps)
        return _scaled((input - f.reshape(running_mean, wide)) * scale, weight, bias)
    count = math.prod([shape[axis] for axis in axes])
    if training and count == 1:
        raise ShapeError(f"a batch of shape {shape} has one number for each channel, and so no deviation")
    if not count:  # no numbers to normalise
        return _scaled(input, weight, bias)
    mean = f.mean(input, axis=axes, keepdims=True)
    centred = input - mean
    variance = f.mean(centred * centred, axis=axes, keepdims=True)
    if training and running_mean is not None:
        _moved(running_mean, f.reshape(mean, (-1,)), momentum)
        _moved(running_var, f.reshape(variance, (-1,)) * (count / (count - 1)), momentum)
    return _scaled(centred / f.sqrt(variance + eps), weight, bias)


def group_norm(input: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    """Each group of channels of a row minus its mean, divided by its deviation (Wu and He, 2018).

    Raises:
        ShapeError: the channels can't be divided into the groups.
    """
    shape = tuple(input.shape)
    if len(shape) < 2 or num_groups < 1 or shape[1] % num_groups:
        raise ShapeError(f"the channels of inputs of shape {shape} can't be divided into {num_groups} groups")
    rows = f.reshape(input, (shape[0], num_groups, math.prod(shape[1:]) // num_groups))
    centred = rows - f.mean(rows, axis=2, keepdims=True)
    normal = centred / f.sqrt(f.mean(centred * centred, axis=2, keepdims=True) + eps)
    return _scaled(f.reshape(normal, shape), weight, bias)


def instance_norm(
    input: Any,
    running_mean: Any = None,
    running_var: Any = None,
    weight: Any = None,
    bias: Any = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """Each channel of a row minus its mean, divided by its deviation (Ulyanov, Vedaldi and Lempitsky, 2016).

    The running averages, if there are any, move toward the mean of the rows' means and variances; they are used in
    place of these without ``use_input_stats``.

    Raises:
        ShapeError: a channel of a row has only one number.
    """
    if not use_input_stats:
        return batch_norm(input, running_mean, running_var, weight, bias, False, momentum, eps)
    shape = tuple(input.shape)
    rows = f.reshape(input, (*shape[:2], -1))
    count = rows.shape[2]
    if count < 2:
        raise ShapeError(f"a channel of inputs of shape {shape} has one number, and so no deviation")
    if running_mean is not None:
        _moved(running_mean, f.mean(f.mean(rows, axis=2), axis=0), momentum)
        _moved(running_var, f.mean(f.var(rows, axis=2), axis=0), momentum)
    return group_norm(input, shape[1], weight, bias, eps)


def rms_norm(input: Any, normalized_shape: int | Sequence[int], weight: Any = None, eps: float | None = None) -> Any:
    """The numbers divided by their root mean square over the last axes (Zhang and Sennrich, 2019).

    Args:
        eps: a small number that keeps the quotient finite, by default the distance from 1 to the next number.

    Raises:
        ShapeError: the last axes don't have these lengths.
    """
    import numpy as np

    lengths = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    if not lengths or tuple(input.shape[len(input.shape) - len(lengths) :]) != lengths:
        raise ShapeError(f"inputs of shape {tuple(input.shape)} don't end in the axes {lengths}")
    axes = tuple(range(-len(lengths), 0))
    small = float(np.finfo(str(input.dtype)).eps) if eps is None else eps
    result = input / f.sqrt(f.mean(input * input, axis=axes, keepdims=True) + small)
    return result if weight is None else result * weight


def local_response_norm(input: Any, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Any:
    """The numbers divided by a power of the mean square of their neighbours among the channels.

    Krizhevsky, Sutskever and Hinton, 2012.
    """
    square, axes = input * input, len(input.shape)
    padded = f.pad(square, tuple([(size // 2, (size - 1) // 2) if axis == 1 else (0, 0) for axis in range(axes)]))
    count = input.shape[1]
    total = f.index(padded, (slice(None), slice(0, count)))
    for start in range(1, size):
        total = total + f.index(padded, (slice(None), slice(start, start + count)))
    return input / (total * (alpha / size) + k) ** beta


def normalize(input: Any, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> Any:
    """The numbers divided by their p-norm along an axis, or by ``eps`` if the norm is smaller."""
    return input / f.clip(_norm(input, p, dim, True), eps, math.inf)


def _norm(input: Any, p: float, dim: int, keepdim: bool) -> Any:
    if p > 0.0 or not isinstance(input, Recorded):
        return f.norm(input, ord=p, axis=dim, keepdims=keepdim)
    return FUNCTIONS["linalg.vector_norm"](input, p, dim, keepdim)


def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Any:
    """The cosine of the angle between vectors along an axis; a norm below ``eps`` counts as ``eps``."""
    import numpy as np

    shape = np.broadcast_shapes(tuple(x1.shape), tuple(x2.shape))
    x1, x2 = [x if tuple(x.shape) == shape else f.expand(x, shape) for x in (x1, x2)]
    lengths = [f.clip(f.norm(x, axis=dim, keepdims=True), eps, math.inf) for x in (x1, x2)]
    return f.sum((x1 / lengths[0]) * (x2 / lengths[1]), axis=dim)


def pairwise_distance(x1: Any, x2: Any, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Any:
    """The p-norm of the differences along the last axis, each with ``eps`` added."""
    return _norm(x1 - x2 + eps, p, -1, keepdim)
