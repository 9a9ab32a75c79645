"""Rows of a table by their numbers, as functions with PyTorch's names; `gradcli.nn.functional` has them, too.

>>> from gradcli import tensor
>>> embedding(tensor([1, 0]), tensor([[1.0, 2.0], [3.0, 4.0]])).tolist()
[[3.0, 4.0], [1.0, 2.0]]
"""

from __future__ import annotations

import math
from typing import Any

from gradcli.eager.record import no_grad
from gradcli.errors import CallError, ShapeError, UsageError
from gradcli.primitives import functions as f

__all__ = ["embedding", "embedding_bag", "one_hot"]

# ruff: noqa: A002  (PyTorch's `input`)


def embedding(
    input: Any,
    weight: Any,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,  # noqa: ARG001
) -> Any:
    """The rows of ``weight`` with the given indices, which are an array of any shape.

    Args:
        input: the indices.
        weight: shape (entries, features).
        padding_idx: the index of a row that gets no derivative.
        max_norm, norm_type: a row with a larger p-norm is first shortened to this norm, in place.
        scale_grad_by_freq: whether the derivative of a row is divided by the number of times that it occurs.
        sparse: has no effect: a derivative has all rows.

    Raises:
        IndexError: an index isn't a whole number, or no row has this index.
        ShapeError: the weight isn't a matrix.
    """
    import numpy as np

    if len(weight.shape) != 2:
        raise ShapeError(f"a weight has the shape (entries, features), not {tuple(weight.shape)}")
    numbers, rows = np.asarray(input.detach() if hasattr(input, "detach") else input), weight.shape[0]
    if numbers.dtype.kind not in "iuf" or (numbers.dtype.kind == "f" and (numbers != np.floor(numbers)).any()):
        raise NotWhole("an index is a whole number")
    if numbers.size and not (numbers.min() >= 0 and numbers.max() < rows):
        raise IndexError(f"an embedding of {rows} rows has indices from 0 to {rows - 1}")
    if padding_idx is not None and not -rows <= padding_idx < rows:
        raise UsageError(f"an embedding of {rows} rows has no row {padding_idx} for padding")
    if max_norm is not None:
        _shorten(weight, np.unique(numbers), max_norm, norm_type)
    table = weight
    if padding_idx is not None and hasattr(weight, "detach"):
        table = f.where(np.arange(rows)[:, None] == padding_idx % rows, weight.detach(), weight)
    found = f.embedding(numbers, table)
    if scale_grad_by_freq and hasattr(found, "detach"):
        counts = np.bincount(numbers.ravel().astype(np.intp), minlength=rows)[numbers.astype(np.intp)]
        share = (1.0 / counts)[..., None].astype(str(weight.dtype))
        found = found * share + found.detach() * (1.0 - share)
    return found


class NotWhole(CallError, RuntimeError, IndexError):
    """The error for an index that isn't a whole number: PyTorch's is a RuntimeError, NumPy's an IndexError."""


def _shorten(weight: Any, rows: Any, max_norm: float, norm_type: float) -> None:
    """Shorten rows with a larger norm, in place."""
    import numpy as np

    with no_grad():
        chosen = np.asarray(weight.detach())[rows.astype(np.intp)]
        norms = np.linalg.norm(chosen, norm_type, axis=1, keepdims=True)
        long = norms[:, 0] > max_norm
        if long.any():
            weight[rows[long].astype(np.intp)] = chosen[long] * (max_norm / (norms[long] + 1e-7))


def embedding_bag(
    input: Any,
    weight: Any,
    offsets: Any = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,  # noqa: ARG001
    per_sample_weights: Any = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Any:
    """The sum, the mean or the largest numbers of several rows of ``weight``, for each bag of indices.

    Args:
        input: the indices, shape (bags, length); or of all bags one after the other.
        weight: shape (entries, features).
        offsets: where each bag begins, if the input has one axis.
        max_norm, norm_type, scale_grad_by_freq, sparse: those of `embedding`.
        mode: ``"sum"``, ``"mean"`` or ``"max"``; an empty bag gives zeros.
        per_sample_weights: a factor for each index, with the mode ``"sum"``.
        include_last_offset: whether the last offset is the end of the last bag.
        padding_idx: an index that doesn't count.

    Raises:
        UsageError: the arguments don't fit together.
        ShapeError: the shapes don't fit.
    """
    import numpy as np

    if mode not in ("sum", "mean", "max"):
        raise UsageError(f"the mode is sum, mean or max, not {mode!r}")
    if scale_grad_by_freq and mode == "max":
        raise UsageError("scale_grad_by_freq has no meaning for the mode max")
    if per_sample_weights is not None and mode != "sum":
        raise UsageError("per_sample_weights are for the mode sum")
    numbers = np.asarray(input.detach() if hasattr(input, "detach") else input)
    if per_sample_weights is not None and tuple(per_sample_weights.shape) != numbers.shape:
        raise ShapeError(f"indices have the shape {numbers.shape}, but weights {tuple(per_sample_weights.shape)}")
    if numbers.ndim == 2:
        if offsets is not None:
            raise UsageError("an input with two axes has no offsets")
        bags, length = numbers.shape
        places = np.arange(numbers.size).reshape(bags, length)
        inside = np.ones(numbers.shape, dtype=bool)
    elif numbers.ndim == 1:
        if offsets is None:
            raise UsageError("an input with one axis needs offsets")
        starts = np.asarray(offsets.detach() if hasattr(offsets, "detach") else offsets)
        if starts.ndim != 1 or (starts.size and (starts[0] != 0 or starts[-1] > numbers.size)):
            raise UsageError("offsets begin with 0, and end inside the input")
        ends = starts[1:] if include_last_offset else np.append(starts[1:], numbers.size)
        lengths = ends - starts[: len(ends)]
        length = int(lengths.max(initial=0))
        inside = np.arange(length) < lengths[:, None]
        places = np.where(inside, starts[: len(ends), None] + np.arange(length), 0)
    else:
        raise ShapeError(f"indices have one or two axes, not the shape {numbers.shape}")
    flat = numbers.ravel()
    if padding_idx is not None and flat.size:
        inside = inside & (flat[places] != padding_idx % weight.shape[0])
    rows = embedding(flat, weight, padding_idx, max_norm, norm_type, scale_grad_by_freq)
    if per_sample_weights is not None:
        rows = rows * f.reshape(per_sample_weights, (-1, 1))
    shape = len(inside), weight.shape[1]
    if not flat.size or not inside.size:
        return f.sum(weight) * 0.0 + np.zeros(shape, dtype=str(weight.dtype))
    is_counted = np.asarray(inside)
    bagged, counted = f.index(rows, places), is_counted[..., None]
    if mode == "max":
        largest = f.max(f.where(counted, bagged, -math.inf), axis=1)
        return f.where(is_counted.any(1, keepdims=True), largest, 0.0)
    total = f.sum(f.where(counted, bagged, 0.0), axis=1)
    if mode == "sum":
        return total
    counts = np.maximum(is_counted.sum(1, keepdims=True), 1)
    return total * (1.0 / counts).astype(str(weight.dtype))


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
