"""Rounding, and the functions that select one of their operands: max, min, clip, and the absolute value."""

from __future__ import annotations

from typing import Any

from gradcli.primitives import kernels
from gradcli.primitives.registry import Edge, Rewrite, define, locally_constant
from gradcli.primitives.registry import functions as f

ROUNDING = "rounding"
SELECTION = "selection"

define(
    "floor",
    "x",
    about="The largest integer that is not above x.",
    group=ROUNDING,
    value=kernels.floor,
    partials=locally_constant,
    edges=(Edge("integer x", "jump", lambda x: f.equal(x, f.floor(x)), "floor jumps at every integer"),),
    latex=r"\lfloor {x} \rfloor",
    samples=(((-100.0, 100.0),),),
    example="floor(-2.5)  # -3.0",
)

define(
    "ceil",
    "x",
    about="The smallest integer that is not below x.",
    group=ROUNDING,
    value=kernels.ceil,
    partials=locally_constant,
    edges=(Edge("integer x", "jump", lambda x: f.equal(x, f.floor(x)), "ceil jumps at every integer"),),
    latex=r"\lceil {x} \rceil",
    samples=(((-100.0, 100.0),),),
    example="ceil(-2.5)  # -2.0",
)

define(
    "round",
    "x",
    about="The nearest integer; halves go to the even one.",
    group=ROUNDING,
    value=kernels.nearest,
    partials=locally_constant,
    edges=(
        Edge(
            "x halfway between integers",
            "jump",
            lambda x: f.equal(x - f.floor(x), 0.5),
            "round jumps halfway between integers",
        ),
    ),
    latex=r"\operatorname{{round}}\left({x}\right)",
    samples=(((-100.0, 100.0),),),
    example="round(2.5)  # 2.0",
)

define(
    "sign",
    "x",
    about="-1, 0 or 1: the sign of x.",
    group=ROUNDING,
    value=kernels.sign,
    partials=locally_constant,
    edges=(Edge("x = 0", "jump", lambda x: f.equal(x, 0.0), "sign jumps at 0"),),
    samples=(((-10.0, 10.0),),),
    example="sign(-2.5)  # -1.0",
)

define(
    "step",
    "x",
    about="The unit step: 0 below 0, 1/2 at 0, 1 above.",
    group=ROUNDING,
    value=lambda x: 0.5 * kernels.sign(x) + 0.5,
    partials=locally_constant,
    edges=(Edge("x = 0", "jump", lambda x: f.equal(x, 0.0), "the unit step jumps at 0"),),
    spellings=("heaviside",),
    samples=(((-10.0, 10.0),),),
    example="step(0)  # 0.5",
)

define(
    "abs",
    "x",
    about="The absolute value.",
    group=SELECTION,
    value=abs,
    partials=lambda x, y: (f.sign(x),),
    edges=(
        Edge(
            "x = 0",
            "kink",
            lambda x: f.equal(x, 0.0),
            "the absolute value has a kink at 0; 0 is its subgradient of least norm",
        ),
    ),
    instead_of=(
        Rewrite(lambda x: f.sqrt(x * x), "abs({x})"),
        Rewrite(lambda x: f.sqrt(x**2.0), "abs({x})"),
        Rewrite(lambda x: f.sqrt(f.square(x)), "abs({x})"),
    ),
    latex=r"\left|{x}\right|",
    samples=(((-10.0, 10.0),),),
    example="abs(-2)  # 2.0",
)


def _chosen(*operands_and_output: Any) -> tuple[Any, ...]:
    *operands, output = operands_and_output
    return tuple(f.equal(operand, output) for operand in operands)


def _equal_shares(*operands_and_output: Any) -> tuple[Any, ...]:
    """Each of k equal operands takes 1/k: the subgradient of least norm."""
    chosen = _chosen(*operands_and_output)
    count = chosen[0]
    for one in chosen[1:]:
        count = count + one
    return tuple(one / count for one in chosen)


_TIE = "equal operands share the derivative, which is the choice of least norm"

define(
    "max",
    "x y",
    about="The largest of its operands.",
    group=SELECTION,
    value=kernels.maximum,
    partials=_equal_shares,
    active=_chosen,
    variadic=True,
    edges=(
        Edge(
            "equal operands",
            "kink",
            lambda *xs: _tie(f.max(*xs), xs),
            f"max has a kink where operands are equal: {_TIE}",
        ),
    ),
    latex=r"\max\left({x}, {y}\right)",
    samples=(((-10.0, 10.0), (-10.0, 10.0)),),
    example="max(2, 3)  # 3.0",
)

define(
    "min",
    "x y",
    about="The smallest of its operands.",
    group=SELECTION,
    value=kernels.minimum,
    partials=_equal_shares,
    active=_chosen,
    variadic=True,
    edges=(
        Edge(
            "equal operands",
            "kink",
            lambda *xs: _tie(f.min(*xs), xs),
            f"min has a kink where operands are equal: {_TIE}",
        ),
    ),
    latex=r"\min\left({x}, {y}\right)",
    samples=(((-10.0, 10.0), (-10.0, 10.0)),),
    example="min(2, 3)  # 2.0",
)


def _tie(output: Any, operands: tuple[Any, ...]) -> Any:
    count = f.equal(operands[0], output)
    for operand in operands[1:]:
        count = count + f.equal(operand, output)
    return f.greater(count, 1.0)


def _clip_chosen(x: Any, low: Any, high: Any, y: Any) -> tuple[Any, ...]:
    """The operands that the result is equal to, seen as min(max(x, low), high), also where low is above high."""
    return (
        f.logical_and(f.equal(x, y), f.greater_equal(x, low)),
        f.logical_and(f.equal(low, y), f.less_equal(x, low)),
        f.logical_and(f.equal(high, y), f.less_equal(high, f.max(x, low))),
    )


def _clip_count(x: Any, low: Any, high: Any, y: Any) -> Any:
    chosen = _clip_chosen(x, low, high, y)
    return chosen[0] + chosen[1] + chosen[2]


def _clip_shares(x: Any, low: Any, high: Any, y: Any) -> tuple[Any, ...]:
    count = _clip_count(x, low, high, y)
    return tuple(one / count for one in _clip_chosen(x, low, high, y))


define(
    "clip",
    "x low high",
    about="x limited to the interval from low to high.",
    group=SELECTION,
    value=lambda x, low, high: kernels.minimum(kernels.maximum(x, low), high),
    partials=_clip_shares,
    active=_clip_chosen,
    spellings=("clamp",),
    edges=(
        Edge(
            "x = low or x = high",
            "kink",
            lambda x, low, high: f.greater(_clip_count(x, low, high, f.clip(x, low, high)), 1.0),
            f"clip has a kink at its limits: {_TIE}",
        ),
    ),
    samples=(((-10.0, 10.0), (-3.0, -3.0), (4.0, 4.0)),),
    example="clip(7, 0, 5)  # 5.0",
)
