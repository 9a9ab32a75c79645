"""Extremes: max, min, clip and the absolute value, whose output is one of the operands, and their derivatives at ties.

Where operands are equal, they share the derivative: this is the subgradient of least norm.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from functools import partial
from typing import Any

from gradcli.primitives.declared import Edge, Rewrite, SmoothPower, locally_constant
from gradcli.primitives.kernels import float_kernels as kernels
from gradcli.primitives.registry import REGISTRY
from gradcli.primitives.registry import define as define_function
from gradcli.primitives.registry import functions as f

define = partial(define_function, group="selection")

define(
    "abs(x)",
    about="The absolute value.",
    value=abs,
    partials=lambda x, y: (f.sign(x),),
    edges=(
        Edge("x = 0", "kink", lambda x: f.equal(x, 0.0), "abs has a kink at 0; 0 is its subgradient of least norm"),
    ),
    instead_of=(Rewrite(lambda x: f.sqrt(x**2.0), "abs(x)"),),
    smooth_power=SmoothPower(2, lambda x, y: (x,)),
    spellings=("|", "fabs", "absolute"),
    exact=lambda x: f.where(f.less(x, 0.0), -x, x),
    latex=r"\left|{x}\right|",
    oracle=lambda mp, x: abs(x),
    ulps=0.0,
    example="abs(-2)  # 2.0",
)


def _count(chosen: tuple[Any, ...]) -> Any:
    return functools.reduce(operator.add, chosen)


def _shares(chosen: tuple[Any, ...]) -> tuple[Any, ...]:
    """The share 1/k for each of k equal chosen operands, which is the subgradient of least norm."""
    return (f.share(1.0, _count(chosen)),) * len(chosen)


# This is whole/count, but it jumps at ties and changes nowhere smoothly.
define(
    "share(whole, count)",
    about="An equal share of a derivative.",
    value=kernels.div,
    array="divide",
    partials=locally_constant,
    expands=operator.truediv,
    samples=(),
    internal=True,
)

_TIE = "equal operands share the derivative, which is the choice of least norm"


def _define_extreme(
    name: str,
    about: str,
    value: Callable[..., float],
    array: str,
    oracle: Callable[..., Any],
    example: str,
) -> None:
    def chosen(*operands_and_output: Any) -> tuple[Any, ...]:
        *operands, output = operands_and_output
        return tuple(f.equal(operand, output) for operand in operands)

    def is_tie(*operands: Any) -> Any:
        return f.greater(_count(chosen(*operands, REGISTRY[name](*operands))), 1.0)

    define(
        f"{name}(x, y, ...)",
        about=about,
        value=value,
        array=array,
        partials=lambda *operands_and_output: _shares(chosen(*operands_and_output)),
        active=chosen,
        edges=(Edge("equal operands", "kink", is_tie, f"{name} has a kink where operands are equal: {_TIE}"),),
        spellings=(array, f"f{name}"),
        latex=rf"\{name}\left({{x}}, {{y}}\right)",
        oracle=lambda mp, *operands: oracle(operands),
        ulps=0.0,
        example=example,
    )


_define_extreme("max", "The largest of its operands.", kernels.maximum, "maximum", max, "max(2, 3)  # 3.0")
_define_extreme("min", "The smallest of its operands.", kernels.minimum, "minimum", min, "min(2, 3)  # 2.0")


def _clip_chosen(x: Any, low: Any, high: Any, y: Any) -> tuple[Any, ...]:
    """For each operand, whether it is the output min(max(x, low), high); this is right even if low is above high."""
    return (
        f.logical_and(f.less_equal(low, x), f.less_equal(x, high)),
        f.logical_and(f.less_equal(x, low), f.less_equal(low, high)),
        f.equal(y, high),
    )


define(
    "clip(x, low, high)",
    about="x limited to the interval from low to high.",
    value=lambda x, low, high: kernels.minimum(kernels.maximum(x, low), high),
    partials=lambda x, low, high, y: _shares(_clip_chosen(x, low, high, y)),
    active=_clip_chosen,
    spellings=("clamp",),
    edges=(
        Edge(
            "x = low or x = high",
            "kink",
            lambda x, low, high: f.greater(_count(_clip_chosen(x, low, high, f.clip(x, low, high))), 1.0),
            f"clip has a kink at its limits: {_TIE}",
        ),
    ),
    oracle=lambda mp, x, low, high: min(max(x, low), high),
    ulps=0.0,
    samples=(((-10.0, 10.0), (-3.0, -3.0), (4.0, 4.0)),),
    example="clip(7, 0, 5)  # 5.0",
)
