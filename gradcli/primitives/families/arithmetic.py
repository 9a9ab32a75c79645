"""Arithmetic: operators, powers, roots and functions of quotients."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from gradcli.primitives.declared import Edge, Infix, Rewrite, SmoothPower, constant
from gradcli.primitives.kernels import float_kernels as kernels
from gradcli.primitives.registry import REGISTRY
from gradcli.primitives.registry import define as define_function
from gradcli.primitives.registry import functions as f

define = partial(define_function, group="arithmetic")


def at_origin(x: Any, y: Any) -> Any:
    """The condition that two operands are 0."""
    return f.logical_and(f.equal(x, 0.0), f.equal(y, 0.0))


def value_among(x: Any, values: Mapping[float, Any] | Sequence[tuple[Any, Any]]) -> Any:
    """A formula that has the given values at some points, and is nan elsewhere.

    Args:
        x: the operand.
        values: the points and their values.
    """
    result: Any = math.nan
    for point, value in reversed(list(values.items() if isinstance(values, Mapping) else values)):
        result = f.where(f.equal(x, point), value, result)
    return result


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
    "add(x, y)",
    about="The sum.",
    value=operator.add,
    partials=lambda x, y, z: (1.0, 1.0),
    infix=Infix("+", 5, "left"),
    latex="{x} + {y}",
    rewrite=_add_rewrite,
    oracle=lambda mp, x, y: x + y,
    samples=(((-1e3, 1e3), (-1e3, 1e3)),),
    example="2 + 3  # 5.0",
)

define(
    "sub(x, y)",
    about="The difference.",
    value=operator.sub,
    array="subtract",
    partials=lambda x, y, z: (1.0, -1.0),
    spellings=("subtract",),
    infix=Infix("-", 5, "left"),
    latex="{x} - {y}",
    rewrite=_sub_rewrite,
    oracle=lambda mp, x, y: x - y,
    samples=(((-1e3, 1e3), (-1e3, 1e3)),),
    example="2 - 3  # -1.0",
)

define(
    "mul(x, y)",
    about="The product.",
    value=operator.mul,
    array="multiply",
    partials=lambda x, y, z: (y, x),
    spellings=("multiply",),
    infix=Infix("*", 6, "left"),
    latex=r"{x} \, {y}",
    rewrite=_mul_rewrite,
    exponent=lambda x, y: 2.0 if x is y else None,
    oracle=lambda mp, x, y: x * y,
    samples=(((-1e3, 1e3), (-1e3, 1e3)),),
    example="2 * 3  # 6.0",
)

define(
    "div(x, y)",
    about="The quotient.",
    value=kernels.div,
    array="divide",
    # -z/y and not -x/y^2, whose denominator underflows or overflows long before the quotient does.
    partials=lambda x, y, z: (1.0 / y, -(z / y)),
    domain="y != 0, or a signed infinity at y = 0",
    edges=(Edge("y = 0", "pole", lambda x, y: f.equal(y, 0.0), "a division by zero: the quotient has a pole here"),),
    spellings=("divide",),
    infix=Infix("/", 6, "left"),
    latex=r"\frac{{{x}}}{{{y}}}",
    rewrite=_div_rewrite,
    begins_identities=True,
    oracle=lambda mp, x, y: x / y,
    samples=(((-1e3, 1e3), (0.1, 1e3)), ((-1e3, 1e3), (-1e3, -0.1))),
    example="1 / 4  # 0.25",
)

define(
    "neg(x)",
    about="The negative.",
    value=operator.neg,
    array="negative",
    partials=lambda x, y: (-1.0,),
    spellings=("negative",),
    infix=Infix("-", 7, "prefix"),
    latex="-{x}",
    rewrite=lambda x: x.operands[0] if _is_negation(x) else None,
    oracle=lambda mp, x: -x,
    ulps=0.0,
    samples=(((-1e3, 1e3),),),
    example="-abs(3)  # -3.0",
)

define(
    "pow(x, y)",
    about="x raised to the power y, as IEEE 754 defines it.",
    value=kernels.power,
    array="power",
    partials=lambda x, y, z: (f.power_derivative(1.0, 0.0, x, y), f.power_derivative(0.0, 1.0, x, y)),
    domain="x > 0; x = 0 for y >= 0; x < 0 for integer y",
    edges=(
        Edge(
            "x = 0, y = 0",
            "jump",
            at_origin,
            "0^y jumps from 1 to 0 just above y = 0, so there is no derivative with respect to the exponent",
            toward=("y",),
        ),
        Edge(
            "x = 0, y < 0",
            "pole",
            lambda x, y: f.logical_and(f.equal(x, 0.0), f.less(y, 0.0)),
            "a negative power of 0 is a pole",
        ),
        Edge(
            "x = 0, 0 < y < 1",
            "end",
            lambda x, y: f.logical_and(f.equal(x, 0.0), f.less(y, 1.0)),
            "a power between 0 and 1 has an infinite slope at 0",
            toward=("x",),
        ),
        Edge(
            "x < 0",
            "end",
            lambda x, y: f.less(x, 0.0),
            "a negative base has powers only at integer exponents, so there is no derivative with respect to y",
            toward=("y",),
        ),
    ),
    spellings=("power",),
    infix=Infix("^", 8, "right"),
    latex="{x}^{{{y}}}",
    rewrite=_pow_rewrite,
    exponent=lambda x, y: constant(y),
    oracle=lambda mp, x, y: mp.power(x, y),
    samples=(((0.01, 50.0), (-5.0, 5.0)),),
    example="2 ^ 10  # 1024.0",
)

define(
    "mod(x, y)",
    about="The floored remainder of x divided by y; it has the sign of y.",
    value=kernels.mod,
    array="remainder",
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
    spellings=("modulo",),
    infix=Infix("%", 6, "left"),
    exact=lambda x, y: x - y * f.floor(x / y),
    latex=r"{x} \bmod {y}",
    oracle=lambda mp, x, y: mp.fmod(x, y),
    samples=(((-100.0, 100.0), (0.5, 20.0)), ((-100.0, 100.0), (-20.0, -0.5))),
    example="-7 % 3  # 2.0",
)

define(
    "square(x)",
    about="The square x^2.",
    value=lambda x: x * x,
    partials=lambda x, y: (2.0 * x,),
    latex="{{{x}^{{2}}}}",
    exponent=lambda x: 2.0,
    oracle=lambda mp, x: x * x,
    samples=(((-1e3, 1e3),),),
    example="square(3)  # 9.0",
)

define(
    "sqrt(x)",
    about="The square root.",
    value=kernels.sqrt,
    partials=lambda x, y: (0.5 / f.unsigned(y),),
    domain="x >= 0",
    edges=(Edge("x = 0", "end", lambda x: f.equal(x, 0.0), "the square root has an infinite slope at 0"),),
    smooth_power=SmoothPower(2, lambda x, y: (0.5,)),
    spellings=("√",),
    latex=r"\sqrt{{{x}}}",
    instead_of=(Rewrite(lambda x: f.sqrt(x**2.0 - 1.0), "sqrt(x - 1)*sqrt(x + 1)"),),
    begins_identities=True,
    inverse="square",
    samples=(((1e-6, 1e3),),),
    example="sqrt(2)  # 1.4142135623730951",
)

# As a denominator, this makes the slope at -0 the same as at 0; for a negative operand there is no value anyway.
define(
    "unsigned(x)",
    about="x >= 0, with 0 in place of -0; its derivative and its formula are those of x.",
    value=abs,
    array="abs",
    partials=lambda x, y: (1.0,),
    ulps=0.0,
    samples=(((0.0, 1e3),),),
    transparent=True,
    internal=True,
)

define(
    "cbrt(x)",
    about="The real cube root, also of negative numbers.",
    value=kernels.cbrt,
    # A square of 1/y: in the derivatives of 1/(3 y^2), terms of both signs overflow at 1e-300.
    partials=lambda x, y: (f.square(1.0 / y) / 3.0,),
    edges=(Edge("x = 0", "slope", lambda x: f.equal(x, 0.0), "the cube root has an infinite slope at 0"),),
    smooth_power=SmoothPower(3, lambda x, y: (1.0 / 3.0,)),
    latex=r"\sqrt[3]{{{x}}}",
    instead_of=(
        Rewrite(lambda x: x ** (1.0 / 3.0), "cbrt(x)"),
        Rewrite(lambda x: x ** (2.0 / 3.0), "cbrt(x)^2"),
        Rewrite(lambda x: x ** (-1.0 / 3.0), "1/cbrt(x)"),
        Rewrite(lambda x: x ** (4.0 / 3.0), "x*cbrt(x)"),
        Rewrite(lambda x: x ** (5.0 / 3.0), "x*cbrt(x)^2"),
        Rewrite(lambda x: x ** (1.0 / 5.0), "sign(x)*abs(x)^(1/5)"),
        Rewrite(lambda x: x ** (3.0 / 5.0), "sign(x)*abs(x)^(3/5)"),
        Rewrite(lambda x: x ** (2.0 / 5.0), "abs(x)^(2/5)"),
        Rewrite(lambda x: x ** (1.0 / 7.0), "sign(x)*abs(x)^(1/7)"),
        Rewrite(lambda x: x ** (1.0 / 9.0), "sign(x)*abs(x)^(1/9)"),
    ),
    exact=lambda x: f.sign(x) * f.abs(x) ** (x.graph.lift(1.0) / 3.0),
    samples=(((-1e3, -1e-6),), ((1e-6, 1e3),)),
    spellings=("∛",),
    example="cbrt(-27)  # -3.0",
)

define(
    "hypot(x, y)",
    about="The length sqrt(x^2 + y^2), computed without overflow or underflow of the squares.",
    value=math.hypot,
    partials=lambda x, y, z: (f.direction(x, y), f.direction(y, x)),
    edges=(
        Edge(
            "x = 0, y = 0", "kink", at_origin, "the length has a kink at the origin; 0 is its subgradient of least norm"
        ),
    ),
    smooth_power=SmoothPower(2, lambda x, y, z: (x, y)),
    in_powers=lambda x, y: f.sqrt(f.square(x) + f.square(y)),
    latex=r"{{\sqrt{{{x}^2 + {y}^2}}}}",
    instead_of=(
        Rewrite(lambda x, y: f.sqrt(x**2.0 + y**2.0), "hypot(x, y)"),
        Rewrite(lambda x: f.sqrt(1.0 + x**2.0), "hypot(1, x)"),
        Rewrite(lambda x, y, z: f.sqrt(x**2.0 + y**2.0 + z**2.0), "hypot(hypot(x, y), z)"),
    ),
    samples=(((-1e3, 1e3), (-1e3, 1e3)),),
    example="hypot(3, 4)  # 5.0",
)

# The derivative of 1 - sigmoid(x)^2 keeps its digits, and its value only as (1 - sigmoid(x))*(1 + sigmoid(x)).
define(
    "corrected(formula, accurate)",
    about="The first operand, but with the more accurate value of the second one; nan if the first one is nan.",
    value=lambda formula, accurate: accurate if formula == formula else formula,
    array=lambda xp, formula, accurate: xp.where(formula == formula, accurate, formula),
    partials=lambda formula, accurate, y: (1.0, 0.0),
    active=lambda formula, accurate, y: (1.0, 0.0),
    ulps=0.0,
    samples=(((-1e3, 1e3), (-1e3, 1e3)),),
    transparent=True,
    internal=True,
)

# sqrt(x^2 + y^2) as it is typed has no derivative at the origin, and length keeps it so.
define(
    "length(x, y)",
    about="hypot(x, y) without a derivative at the origin.",
    value=math.hypot,
    array="hypot",
    partials=lambda x, y, z: (f.direction(x, y), f.direction(y, x)),
    edges=(
        Edge(
            "x = 0, y = 0",
            "kink",
            lambda x, y: f.logical_and(f.equal(x, 0.0), f.equal(y, 0.0)),
            "the root has an infinite slope at 0",
            lambda x, y, z: (math.nan, math.nan),
        ),
    ),
    expands=lambda x, y: f.sqrt(f.square(x) + f.square(y)),
    smooth_power=SmoothPower(2, lambda x, y, z: (x, y)),
    samples=(((-1e3, 1e3), (-1e3, 1e3)),),
    internal=True,
)

# The derivative of x / (x + y) by the quotient rule cancels where |x| is much larger than |y|.
define(
    "fraction(x, y)",
    about="x/(x + y).",
    value=lambda x, y: 1.0 if abs(x) == math.inf and abs(y) < math.inf else kernels.div(x, x + y),
    partials=lambda x, y, z: (f.fraction(y, x) / (x + y), -(z / (x + y))),
    complements={-1.0: lambda x, y: f.fraction(y, x)},
    expands=lambda x, y: x / (x + y),
    samples=(((0.0, 1e3), (0.1, 1e3)),),
    internal=True,
)

# x / f.hypot(x, y).  Differentiating this quotient subtracts two nearly equal terms where |x| is much larger than |y|;
# the derivative written out, y^2 / hypot^3, does not.
define(
    "direction(x, y)",
    about="The cosine of the angle between (x, y) and the first axis; 0 at the origin.",
    value=kernels.direction,
    partials=lambda x, y, z: (f.direction_slope(x, y), -(z * (f.direction(y, x) / f.hypot(x, y)))),
    expands=lambda x, y: f.guard(x / _length_for_readers(x, y), at_origin(x, y), 0.0),
    rewrite=lambda x, y: f.sign(x) if constant(y) == 0.0 else None,
    samples=(((-1e3, 1e3), (-1e3, 1e3)),),
    internal=True,
)


def _length_for_readers(x: Any, y: Any) -> Any:
    """The length with its operands in the order in which they appear in the user's formula."""
    return f.hypot(*sorted((x, y), key=operator.attrgetter("index")))


# The slope of the direction is a function of its own for the same reason: by the product rule, its derivative has
# a factor that overflows at (1e-170, 1e-200), where the third derivative of the length is -3e280.
define(
    "direction_slope(x, y)",
    about="y^2/(x^2 + y^2)^(3/2), the derivative of direction with respect to x.",
    value=kernels.direction_slope,
    partials=lambda x, y, z: (
        -3.0 * f.direction(x, y) * (f.direction(y, x) / f.hypot(x, y)) * (f.direction(y, x) / f.hypot(x, y)),
        f.direction(y, x) / f.hypot(x, y) * ((2.0 - 3.0 * f.square(f.direction(y, x))) / f.hypot(x, y)),
    ),
    expands=lambda x, y: y**2.0 / _length_for_readers(x, y) ** 3.0,
    ulps=4.0,
    samples=(((-1e3, 1e3), (-1e3, 1e3)),),
    internal=True,
)

# All derivatives of a power are one family of functions.  By the product rule, y * ((y - 1) * x^(y - 2)) overflows at
# x = y = 1e-200, where the second derivative is -1e200, and y - 1 is rounded before it is multiplied by log(x).
define(
    "power_derivative(m, n, x, y)",
    about="The derivative of x^y of order m in x and of order n in y.",
    value=kernels.power_derivative,
    partials=lambda m, n, x, y, z: (
        math.nan,
        math.nan,
        f.power_derivative(m + 1.0, n, x, y),
        f.power_derivative(m, n + 1.0, x, y),
    ),
    static=("m", "n"),
    expands=lambda m, n, x, y: _power_derivative_for_readers(int(constant(m) or 0), int(constant(n) or 0), x, y),
    rewrite=lambda m, n, x, y: _power_derivative_rewrite(int(constant(m) or 0), constant(n), x, y),
    ulps=20.0,
    samples=(
        ((1.0, 1.0), (0.0, 0.0), (0.01, 50.0), (-5.0, 5.0)),
        ((0.0, 0.0), (1.0, 1.0), (0.01, 50.0), (-5.0, 5.0)),
        ((1.0, 1.0), (1.0, 1.0), (0.01, 50.0), (-5.0, 5.0)),
    ),
    internal=True,
)


def _power_derivative_rewrite(m: int, n: float | None, x: Any, y: Any) -> Any:
    """Return the usual form of a derivative of a power, such as 2 x for x^2; None if there is none.

    The exponent must be a constant, and the exponent minus m must have no rounding error.
    """
    exponent = constant(y)
    if n != 0.0:
        return None
    if exponent is None:
        return x**y if m == 0 else None
    if m and exponent == 0.0:  # the formula could be 0 times a pole
        return 0.0
    if m > 1 or not math.isfinite(exponent) or kernels.difference_error(exponent, float(m)) != 0.0:
        return None
    # This takes the exponent itself and not its number, so that x^pi gives pi x^(pi - 1).
    return y * x ** (y - float(m)) if m else x**y


def _power_derivative_for_readers(m: int, n: int, x: Any, y: Any) -> Any:
    """The derivative by Leibniz's rule, one order at a time: d/dx lowers the exponent, d/dy gives a factor log(x)."""
    if m == 0:
        base = constant(x)
        if base is not None and base > 0.0:
            return x**y * f.log(x) ** float(n)
        # At x = 0 the power is 0 and its logarithm infinite.
        return functools.reduce(lambda product, _: f.xlogy(product, x), range(n), x**y)
    # D(m, n) of x^y is D(m-1, n) of y x^(y-1); the factor y is differentiated at most once.
    below = y * f.power_derivative(m - 1.0, float(n), x, y - 1.0)
    # At the origin, this would be 0 times a pole.
    return (
        f.guard(below, at_origin(x, y), 0.0) if n == 0 else below + n * f.power_derivative(m - 1.0, n - 1.0, x, y - 1.0)
    )
