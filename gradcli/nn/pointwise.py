"""Further activations as functions, with PyTorch's names and arguments; `gradcli.nn.functional` has them, too.

>>> from gradcli import tensor
>>> hardswish(tensor([-1.5, 0.0, 1.5, 4.0])).tolist()
[-0.375, 0.0, 1.125, 4.0]
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from gradcli.errors import ShapeError, UsageError
from gradcli.primitives import functions as f

__all__ = [
    "celu", "glu", "hardshrink", "hardsigmoid", "hardswish", "logsigmoid", "prelu", "relu6", "softmin", "softshrink",
    "tanhshrink", "threshold", "with_inplace",
]  # fmt: skip

# ruff: noqa: A002  (PyTorch's `input`)


def with_inplace(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that takes PyTorch's ``inplace`` last: whether the input is changed, and returned.

    >>> from gradcli import tensor
    >>> x = tensor([7.0])
    >>> relu6(x, inplace=True) is x, x.item()
    (True, 6.0)
    """
    parameters = list(inspect.signature(function).parameters.values())
    count = sum(one.kind is not one.KEYWORD_ONLY for one in parameters)

    @functools.wraps(function)
    def called(*arguments: Any, inplace: bool = False, **options: Any) -> Any:
        if len(arguments) > count:
            *arguments, inplace = arguments  # type: ignore[assignment]
        if not inplace:
            return function(*arguments, **options)
        from gradcli.eager.tensor_updates import change

        x, *others = arguments if arguments else (options.pop("input"),)
        return change(x, lambda before: function(before, *others, **options))

    flag = inspect.Parameter("inplace", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=False, annotation="bool")
    called.__signature__ = inspect.Signature([*parameters[:count], flag, *parameters[count:]])  # type: ignore[attr-defined]
    return called


@with_inplace
def relu6(input: Any) -> Any:
    """The number, but at least 0 and at most 6."""
    return f.clip(input, 0.0, 6.0)


@with_inplace
def hardsigmoid(input: Any) -> Any:
    """A sigmoid of three straight lines: (x + 3)/6, but at least 0 and at most 1."""
    return relu6(input + 3.0) * (1.0 / 6.0)


@with_inplace
def hardswish(input: Any) -> Any:
    """x times `hardsigmoid` of x (Howard et al., 2019)."""
    return input * hardsigmoid(input)


@with_inplace
def celu(input: Any, alpha: float = 1.0) -> Any:
    """The number x, or alpha (exp(x/alpha) - 1) if x is negative (Barron, 2017).

    Raises:
        UsageError: alpha is 0.
    """
    if not alpha:
        raise UsageError("celu divides by alpha, which can't be 0")
    return f.where(f.greater(input, 0.0), input, alpha * f.elu(input * (1.0 / alpha)))


def glu(input: Any, dim: int = -1) -> Any:
    """One half along an axis times the sigmoid of the other half (Dauphin et al., 2017).

    Raises:
        ShapeError: the length of the axis is odd.
    """
    shape = tuple(input.shape)
    if not shape or shape[dim] % 2:
        raise ShapeError(f"an axis of shape {shape} can't be halved")
    first, second = f.split(input, 2, axis=dim)
    return first * f.sigmoid(second)


def logsigmoid(input: Any) -> Any:
    """log(sigmoid(x)), without overflow."""
    return -f.softplus(-input)


def softmin(input: Any, dim: int, *, dtype: Any = None) -> Any:
    """The softmax of the negative numbers along an axis."""
    return f.softmax(-(input if dtype is None else input.to(dtype)), axis=dim)


def hardshrink(input: Any, lambd: float = 0.5) -> Any:
    """The number, or 0 if its absolute value is at most ``lambd``."""
    return f.where(f.greater(f.abs(input), lambd), input, 0.0)


def softshrink(input: Any, lambd: float = 0.5) -> Any:
    """The number moved toward 0 by ``lambd``, or 0 if it is nearer.

    Raises:
        UsageError: ``lambd`` is negative.
    """
    if lambd < 0.0:
        raise UsageError(f"lambd is at least 0, not {lambd}")
    return f.where(f.greater(input, lambd), input - lambd, f.where(f.less(input, -lambd), input + lambd, 0.0 * input))


def tanhshrink(input: Any) -> Any:
    """x - tanh(x)."""
    return input - f.tanh(input)


@with_inplace
def threshold(input: Any, threshold: float, value: float) -> Any:
    """The number, or ``value`` if it isn't above the threshold."""
    return f.where(f.greater(input, threshold), input, value)


def prelu(input: Any, weight: Any) -> Any:
    """The number, multiplied by a weight if it is negative (He et al., 2015).

    Args:
        input: shape (rows, channels, ...).
        weight: one number, or one for each channel.

    Raises:
        ShapeError: there isn't one weight for each channel.
    """
    count, shape = weight.shape[0] if weight.shape else 1, tuple(input.shape)
    if count == 1:
        weight = f.reshape(weight, ())
    else:
        if len(shape) < 2 or shape[1] != count:
            raise ShapeError(f"{count} weights don't fit channels of inputs of shape {shape}")
        weight = f.reshape(weight, (count, *(1,) * (len(shape) - 2)))
    return f.where(f.greater(input, 0.0), input, weight * input)
