"""Arithmetic: the operators, powers, roots and what is built from quotients."""

from __future__ import annotations

import math
import operator
from typing import Any

from gradcli.primitives import kernels
from gradcli.primitives.registry import REGISTRY, Edge, Infix, constant, define
from gradcli.primitives.registry import functions as f

GROUP = "arithmetic"


def _is_negation(operand: Any) -> bool:
    return getattr(operand, "primitive", None) is REGISTRY["neg"]


def _add_rewrite(x: Any, y: Any) -> Any:
    if constant(x) == 0.0:
        return y
    if constant(y) == 0.0:
        return x
    if _is_negation(y):
        return f.sub(x, y.operands[0])
    return f.sub(y, x.operands[0]) if _is_negation(x) else None


def _sub_rewrite(x: Any, y: Any) -> Any:
    if constant(y) == 0.0:
        return x
    if constant(x) == 0.0:
        return f.neg(y)
    return f.add(x, y.operands[0]) if _is_negation(y) else None


def _mul_rewrite(x: Any, y: Any) -> Any:
    for one, other in ((constant(x), y), (constant(y), x)):
        if one == 1.0:
            return other
        if one == -1.0:
            return f.neg(other)
    return None


def _div_rewrite(x: Any, y: Any) -> Any:
    if constant(y) == 1.0:
        return x
    return f.neg(x) if constant(y) == -1.0 else None


def _pow_rewrite(x: Any, y: Any) -> Any:
    if constant(y) == 1.0:
        return x
    return 1.0 if constant(y) == 0.0 or constant(x) == 1.0 else None


define(
    "add",
    "x y",
    about="The sum.",
    group=GROUP,
    value=operator.add,
    partials=lambda x, y, z: (1.0, 1.0),
    infix=Infix("+", 5, "left"),
    latex="{x} + {y}",
    rewrite=_add_rewrite,
    samples=(((-1e3, 1e3), (-1e3, 1e3)),),
    example="2 + 3  # 5.0",
)

define(
    "sub",
    "x y",
    about="The difference.",
    group=GROUP,
    value=operator.sub,
    partials=lambda x, y, z: (1.0, -1.0),
    infix=Infix("-", 5, "left"),
    latex="{x} - {y}",
    rewrite=_sub_rewrite,
    samples=(((-1e3, 1e3), (-1e3, 1e3)),),
    example="2 - 3  # -1.0",
)

define(
    "mul",
    "x y",
    about="The product.",
    group=GROUP,
    value=operator.mul,
    partials=lambda x, y, z: (y, x),
    infix=Infix("*", 6, "left"),
    latex=r"{x} \, {y}",
    rewrite=_mul_rewrite,
    samples=(((-1e3, 1e3), (-1e3, 1e3)),),
    example="2 * 3  # 6.0",
)

define(
    "div",
    "x y",
    about="The quotient.",
    group=GROUP,
    value=kernels.div,
    # -z/y and not -x/y^2, whose denominator underflows or overflows long before the quotient does.
    partials=lambda x, y, z: (1.0 / y, -(z / y)),
    domain="y != 0, or a signed infinity at y = 0",
    edges=(Edge("y = 0", "pole", lambda x, y: f.equal(y, 0.0), "a division by zero: the quotient has a pole here"),),
    infix=Infix("/", 6, "left"),
    latex=r"\frac{{{x}}}{{{y}}}",
    rewrite=_div_rewrite,
    samples=(((-1e3, 1e3), (0.1, 1e3)), ((-1e3, 1e3), (-1e3, -0.1))),
    example="1 / 4  # 0.25",
)

define(
    "neg",
    "x",
    about="The negative.",
    group=GROUP,
    value=operator.neg,
    partials=lambda x, y: (-1.0,),
    infix=Infix("-", 7, "prefix"),
    latex="-{x}",
    rewrite=lambda x: x.operands[0] if _is_negation(x) else None,
    samples=(((-1e3, 1e3),),),
    example="-(3)  # -3.0",
)

define(
    "pow",
    "x y",
    about="x raised to the power y, as IEEE 754 defines it.",
    group=GROUP,
    value=kernels.power,
    partials=lambda x, y, z: (y * x ** (y - 1.0), f.pow_log(1.0, x, y)),
    domain="x > 0; x = 0 for y >= 0; x < 0 for integer y",
    edges=(
        Edge(
            "x = 0, y = 0",
            "jump",
            lambda x, y: f.logical_and(f.equal(x, 0.0), f.equal(y, 0.0)),
            "0^y jumps from 1 to 0 just above y = 0, so there is no derivative toward the exponent",
            lambda x, y, z: (0.0, math.nan),
            toward=("y",),
        ),
        Edge(
            "x = 0, y < 0",
            "pole",
            lambda x, y: f.logical_and(f.equal(x, 0.0), f.less(y, 0.0)),
            "a negative power of 0 is a pole",
        ),
        Edge(
            "x < 0",
            "end",
            lambda x, y: f.less(x, 0.0),
            "a negative base has powers only at integer exponents, so there is no derivative toward the exponent",
            toward=("y",),
        ),
    ),
    infix=Infix("^", 8, "right"),
    latex="{x}^{{{y}}}",
    rewrite=_pow_rewrite,
    samples=(((0.01, 50.0), (-5.0, 5.0)),),
    example="2 ^ 10  # 1024.0",
)

define(
    "mod",
    "x y",
    about="The floored remainder of x divided by y; it has the sign of y.",
    group=GROUP,
    value=kernels.mod,
    # The quotient is recovered from the remainder: floor(x/y) is one too large where x/y rounds up to an integer.
    partials=lambda x, y, z: (1.0, -f.round((x - z) / y)),
    domain="y != 0",
    edges=(
        Edge(
            "x a multiple of y",
            "jump",
            lambda x, y: f.equal(f.mod(x, y), 0.0),
            "the remainder jumps here; the derivative is the one of the branch to the right",
        ),
    ),
    infix=Infix("%", 6, "left"),
    latex=r"{x} \bmod {y}",
    samples=(((-100.0, 100.0), (0.5, 20.0)), ((-100.0, 100.0), (-20.0, -0.5))),
    example="-7 % 3  # 2.0",
)

define(
    "square",
    "x",
    about="The square x^2.",
    group=GROUP,
    value=lambda x: x * x,
    partials=lambda x, y: (2.0 * x,),
    latex="{x}^{{2}}",
    latex_level=8,
    samples=(((-1e3, 1e3),),),
    example="square(3)  # 9.0",
)

define(
    "sqrt",
    "x",
    about="The square root.",
    group=GROUP,
    value=kernels.sqrt,
    partials=lambda x, y: (0.5 / y,),
    domain="x >= 0",
    edges=(
        Edge(
            "x = 0",
            "end",
            lambda x: f.equal(x, 0.0),
            "the square root has an infinite slope at 0",
            lambda x, y: (math.inf,),
        ),
    ),
    latex=r"\sqrt{{{x}}}",
    samples=(((1e-6, 1e3),),),
    example="sqrt(2)  # 1.4142135623730951",
)

define(
    "cbrt",
    "x",
    about="The real cube root, also of negative numbers.",
    group=GROUP,
    value=kernels.cbrt,
    partials=lambda x, y: (1.0 / (3.0 * f.square(y)),),
    edges=(Edge("x = 0", "slope", lambda x: f.equal(x, 0.0), "the cube root has an infinite slope at 0"),),
    latex=r"\sqrt[3]{{{x}}}",
    samples=(((-1e3, -1e-6),), ((1e-6, 1e3),)),
    example="cbrt(-27)  # -3.0",
)

define(
    "hypot",
    "x y",
    about="The length sqrt(x^2 + y^2), without overflow or underflow on the way.",
    group=GROUP,
    value=math.hypot,
    partials=lambda x, y, z: (f.direction(x, y), f.direction(y, x)),
    edges=(
        Edge(
            "x = 0, y = 0",
            "kink",
            lambda x, y: f.logical_and(f.equal(x, 0.0), f.equal(y, 0.0)),
            "the length has a kink at the origin; 0 is its subgradient of least norm",
            lambda x, y, z: (0.0, 0.0),
        ),
    ),
    latex=r"\sqrt{{{x}^2 + {y}^2}}",
    samples=(((-1e3, 1e3), (-1e3, 1e3)),),
    example="hypot(3, 4)  # 5.0",
)

# x / f.hypot(x, y).  Differentiating that quotient subtracts two nearly equal terms where |x| is much larger than |y|;
# the derivative written out, y^2 / hypot^3, does not.
define(
    "direction",
    "x y",
    about="The cosine of the angle between (x, y) and the first axis.",
    group=GROUP,
    value=lambda x, y: kernels.div(x, math.hypot(x, y)),
    partials=lambda x, y, z: (
        f.direction(y, x) * f.direction(y, x) / f.hypot(x, y),
        -(z * f.direction(y, x) / f.hypot(x, y)),
    ),
    expands=lambda x, y: x / f.hypot(x, y),
    samples=(((-1e3, 1e3), (-1e3, 1e3)),),
    internal=True,
)

# x^y log(x)^n, the n-th derivative of x^y toward y.  As a product it would be 0 * inf at x = 0.
define(
    "pow_log",
    "n x y",
    about="The n-th derivative of x^y toward y.",
    group=GROUP,
    value=kernels.power_log,
    partials=lambda n, x, y, z: (
        math.nan,
        y * f.pow_log(n, x, y - 1.0) + n * f.pow_log(n - 1.0, x, y - 1.0),
        f.pow_log(n + 1.0, x, y),
    ),
    static=("n",),
    expands=lambda n, x, y: x**y * f.log(x) ** n,
    rewrite=lambda n, x, y: x**y if constant(n) == 0.0 else None,
    samples=(((1.0, 1.0), (0.01, 50.0), (-5.0, 5.0)),),
    internal=True,
)
