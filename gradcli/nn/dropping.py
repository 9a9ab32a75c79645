"""Dropout of numbers and of whole channels, and the random leaky ReLU; `gradcli.nn.functional` has them, too.

Random numbers come from the generator that `manual_seed` starts; they are other ones than PyTorch's.

>>> from gradcli import manual_seed, ones
>>> _ = manual_seed(1)
>>> dropout2d(ones(1, 4, 1, 2)).tolist()
[[[[2.0, 2.0]], [[2.0, 2.0]], [[0.0, 0.0]], [[2.0, 2.0]]]]
"""

from __future__ import annotations

import math
import warnings
from typing import Any

from gradcli.errors import UsageError
from gradcli.nn.pointwise import with_inplace
from gradcli.primitives import functions as f

__all__ = [
    "alpha_dropout", "dropout", "dropout1d", "dropout2d", "dropout3d", "feature_alpha_dropout", "rrelu",
]  # fmt: skip

# ruff: noqa: A002  (PyTorch's `input`)

#: The limit of `selu` for large negative numbers, the number that alpha dropout puts in place of others.
SELU_LIMIT = -1.7580993408473766


def _drawn(generator: Any) -> Any:
    from gradcli.eager import creation

    return generator or creation.generator()


def _mask(p: float, shape: tuple[int, ...], generator: Any = None) -> Any:
    """Return an array of truth values: true with probability 1 - p."""
    return _drawn(generator).random(shape) >= p


def _checked(p: float) -> None:
    if not 0.0 <= p <= 1.0:
        raise UsageError(f"dropout has a probability from 0 to 1, not {p}")


def _dropped(
    input: Any, p: float, training: bool, inplace: bool, rows: int | None = None, generator: Any = None
) -> Any:
    """Return an input after dropout: of numbers, or of all that follows the first ``rows`` axes."""
    from gradcli.eager.tensor import Tensor

    _checked(p)
    if not training or not p:
        return input
    x = input if hasattr(input, "shape") else Tensor(input)
    shape = tuple(x.shape)
    shape = shape if rows is None else (*shape[:rows], *(1,) * (len(shape) - rows))
    kept = _mask(p, shape, generator)
    factors = Tensor(kept / (1.0 - p) if p < 1.0 else kept, dtype=x.dtype)
    return with_inplace(lambda before: before * factors)(x, inplace)


def dropout(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False, *, generator: Any = None) -> Any:
    """In training, each number becomes 0 with probability p and is otherwise divided by 1 - p. In use, nothing changes.

    Args:
        inplace: whether the input is changed.
        generator: a generator of NumPy; by default the one that `manual_seed` starts.

    Raises:
        UsageError: p isn't a probability.
    """
    return _dropped(input, p, training, inplace, None, generator)


def dropout1d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """`dropout` of whole channels of series (series, channels, length), or of one without the first axis.

    Raises:
        UsageError: p isn't a probability, or the input has another number of axes.
    """
    if len(input.shape) not in (2, 3):
        raise UsageError(f"dropout1d takes inputs with 2 or 3 axes, not of shape {tuple(input.shape)}")
    return _dropped(input, p, training, inplace, len(input.shape) - 1)


def dropout2d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """`dropout` of whole channels of images (images, channels, height, width).

    As in PyTorch, an input with three axes is taken as (images, channels, length).

    Raises:
        UsageError: p isn't a probability.
    """
    _axes(input, "dropout2d", (3, 4))
    return _dropped(input, p, training, inplace, 2)


def dropout3d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """`dropout` of whole channels of volumes (volumes, channels, depth, height, width), or of one volume.

    Raises:
        UsageError: p isn't a probability.
    """
    _axes(input, "dropout3d", (4, 5))
    return _dropped(input, p, training, inplace, 2 if len(input.shape) != 4 else 1)


def _axes(input: Any, name: str, usual: tuple[int, ...]) -> None:
    if len(input.shape) not in usual:
        warnings.warn(
            f"{name} takes inputs with {' or '.join(map(str, usual))} axes; the first two of the shape "
            f"{tuple(input.shape)} count as rows and channels",
            stacklevel=3,
        )


def _alpha(input: Any, p: float, training: bool, inplace: bool, rows: int | None) -> Any:
    from gradcli.eager.tensor import Tensor

    _checked(p)
    if not training or not p:
        return input
    shape = tuple(input.shape)
    shape = shape if rows is None else (*shape[:rows], *(1,) * (len(shape) - rows))
    kept = _mask(p, shape)
    if p == 1.0:
        factors, terms = kept * 0.0, kept * 0.0
    else:
        a = 1.0 / math.sqrt((SELU_LIMIT * SELU_LIMIT * p + 1.0) * (1.0 - p))
        factors, terms = kept * a, ((1.0 - kept) - p) * SELU_LIMIT * a
    scale, move = Tensor(factors, dtype=input.dtype), Tensor(terms, dtype=input.dtype)
    return with_inplace(lambda before: before * scale + move)(input, inplace)


def alpha_dropout(input: Any, p: float = 0.5, training: bool = False, inplace: bool = False) -> Any:
    """In training, each number becomes the limit of `selu` with probability p; then mean and variance are restored.

    Klambauer et al., "Self-Normalizing Neural Networks" (2017).

    Raises:
        UsageError: p isn't a probability.
    """
    return _alpha(input, p, training, inplace, None)


def feature_alpha_dropout(input: Any, p: float = 0.5, training: bool = False, inplace: bool = False) -> Any:
    """`alpha_dropout` of whole channels, the second axis.

    Raises:
        UsageError: p isn't a probability.
    """
    return _alpha(input, p, training, inplace, 2)


@with_inplace
def rrelu(input: Any, lower: float = 1.0 / 8, upper: float = 1.0 / 3, training: bool = False) -> Any:
    """The number, multiplied by a slope if it is negative (Xu et al., 2015).

    In training the slope of each number is drawn uniformly from ``lower`` to ``upper``; in use it is their mean.

    Raises:
        UsageError: the lower bound is above the upper one.
    """
    if not lower <= upper:
        raise UsageError(f"the slopes of rrelu end at {upper}, before they begin at {lower}")
    slope: Any = (lower + upper) / 2.0
    if training:
        slope = _drawn(None).uniform(lower, upper, tuple(input.shape)).astype(str(input.dtype))
    return f.where(f.greater(input, 0.0), input, input * slope)
