"""Trigonometric functions, their inverses, and sinc."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

from gradcli.primitives.declared import Edge, Rewrite, constant
from gradcli.primitives.families.arithmetic import at_origin, value_among
from gradcli.primitives.kernels import float_kernels as kernels
from gradcli.primitives.registry import define as define_function
from gradcli.primitives.registry import functions as f

define = partial(define_function, group="trigonometric")


def _sines(graph: Any) -> list[Any]:
    """The sines of the multiples of pi/12 up to pi/2."""
    two, three, six = [f.sqrt(graph.lift(number)) for number in (2.0, 3.0, 6.0)]
    return [0.0, (six - two) / 4.0, 0.5, two / 2.0, three / 2.0, (six + two) / 4.0, 1.0]


def _exact_sine(x: Any) -> Any:
    """The sine at multiples of pi/12."""
    half_turns = f.mod(x / math.pi, 2.0)
    is_below = f.greater(half_turns, 1.0)
    angle = f.where(is_below, half_turns - 1.0, half_turns)
    angle = f.where(f.greater(angle, 0.5), 1.0 - angle, angle)
    sine = value_among(12.0 * angle, {float(place): one for place, one in enumerate(_sines(x.graph))})
    return f.where(is_below, -sine, sine)


def _exact_arcsine(x: Any) -> Any:
    """The arcsine of the sines of multiples of pi/12."""
    pi = x.graph.lift(math.pi)
    angles = [(sine, float(place) * pi / 12.0) for place, sine in enumerate(_sines(x.graph))]
    return f.sign(x) * value_among(f.abs(x), angles)


define(
    "sin(x)",
    about="The sine of an angle in radians.",
    value=kernels.sin,
    partials=lambda x, y: (f.cos(x),),
    squared=lambda x: 1.0 - f.square(f.cos(x)),
    doubled=lambda x: 2.0 * f.sin(x) * f.cos(x),
    exact=_exact_sine,
    example="sin(1)  # 0.8414709848078965",
)

define(
    "cos(x)",
    about="The cosine of an angle in radians.",
    value=kernels.cos,
    partials=lambda x, y: (-f.sin(x),),
    doubled=lambda x: 1.0 - 2.0 * f.square(f.sin(x)),
    exact=lambda x: _exact_sine(x + math.pi / x.graph.lift(2.0)),
    complements={-1.0: lambda x: f.cos_complement(x), 1.0: lambda x: f.cos_supplement(x)},
    is_even=True,
    example="cos(1)  # 0.5403023058681398",
)

define(
    "tan(x)",
    about="The tangent of an angle in radians.",
    value=kernels.tan,
    partials=lambda x, y: (f.square(f.sec(x)),),
    quotient=lambda x: f.sin(x) / f.cos(x),
    spellings=("tg",),
    samples=(((-1.5, 1.5),), ((-10.0, 10.0),)),
    example="tan(1)  # 1.5574077246549023",
)

define(
    "sec(x)",
    about="The secant, 1/cos(x).",
    value=lambda x: kernels.div(1.0, kernels.cos(x)),
    array=lambda xp, x: 1.0 / xp.cos(x),
    partials=lambda x, y: (y * f.tan(x),),
    squared=lambda x: 1.0 + f.square(f.tan(x)),
    quotient=lambda x: 1.0 / f.cos(x),
    is_even=True,
    samples=(((-1.5, 1.5),), ((-10.0, 10.0),)),
    example="sec(1)  # 1.8508157176809255",
)

define(
    "csc(x)",
    about="The cosecant, 1/sin(x).",
    value=lambda x: kernels.div(1.0, kernels.sin(x)),
    array=lambda xp, x: 1.0 / xp.sin(x),
    partials=lambda x, y: (-(y * f.cot(x)),),
    squared=lambda x: 1.0 + f.square(f.cot(x)),
    quotient=lambda x: 1.0 / f.sin(x),
    domain="x != 0, or a signed infinity at x = 0",
    edges=(Edge("x = 0", "pole", lambda x: f.equal(x, 0.0), "the cosecant has a pole at 0"),),
    spellings=("cosec",),
    samples=(((0.1, 3.0),), ((-3.0, -0.1),)),
    example="csc(1)  # 1.1883951057781212",
)

define(
    "cot(x)",
    about="The cotangent, cos(x)/sin(x).",
    value=lambda x: kernels.div(1.0, kernels.tan(x)),
    array=lambda xp, x: 1.0 / xp.tan(x),
    partials=lambda x, y: (-f.square(f.csc(x)),),
    quotient=lambda x: f.cos(x) / f.sin(x),
    domain="x != 0, or a signed infinity at x = 0",
    edges=(Edge("x = 0", "pole", lambda x: f.equal(x, 0.0), "the cotangent has a pole at 0"),),
    spellings=("ctg", "cotg", "cotan"),
    samples=(((0.1, 3.0),), ((-3.0, -0.1),)),
    example="cot(1)  # 0.6420926159343306",
)

_ENDS = lambda x: f.logical_or(f.equal(x, 1.0), f.equal(x, -1.0))  # noqa: E731

define(
    "asin(x)",
    about="The angle between -pi/2 and pi/2 whose sine is x.",
    value=kernels.asin,
    array="arcsin",
    partials=lambda x, y: (1.0 / f.sqrt(f.one_minus_square(x)),),
    domain="-1 <= x <= 1",
    edges=(Edge("x = -1 or x = 1", "end", _ENDS, "asin has an infinite slope at the ends of its domain"),),
    spellings=("arcsin",),
    exact=_exact_arcsine,
    latex=r"\arcsin\left({x}\right)",
    instead_of=(Rewrite(lambda x: f.asin(x) / x, "where(abs(x) < 1e-3, 1 + x^2/6 + 3*x^4/40, asin(x)/x)"),),
    inverse="sin",
    samples=(((-0.999, 0.999),),),
    example="asin(1)  # 1.5707963267948966",
)

define(
    "acos(x)",
    about="The angle between 0 and pi whose cosine is x.",
    value=kernels.acos,
    array="arccos",
    partials=lambda x, y: (-1.0 / f.sqrt(f.one_minus_square(x)),),
    domain="-1 <= x <= 1",
    edges=(Edge("x = -1 or x = 1", "end", _ENDS, "acos has an infinite slope at the ends of its domain"),),
    spellings=("arccos",),
    exact=lambda x: math.pi / x.graph.lift(2.0) - _exact_arcsine(x),
    latex=r"\arccos\left({x}\right)",
    inverse="cos",
    samples=(((-0.999, 0.999),),),
    example="acos(0)  # 1.5707963267948966",
)

# 1 - x^2 as a product keeps its digits near 1, and with the derivative written out, near 0 too: the product rule
# would compute (1 - x) - (1 + x).
define(
    "one_minus_square(x)",
    about="1 - x^2.",
    value=lambda x: (1.0 - x) * (1.0 + x),
    array=lambda xp, x: (1.0 - x) * (1.0 + x),
    partials=lambda x, y: (-2.0 * x,),
    expands=lambda x: 1.0 - x**2.0,
    samples=(((-2.0, 2.0),),),
    internal=True,
)

define(
    "atan(x)",
    about="The angle between -pi/2 and pi/2 whose tangent is x.",
    value=math.atan,
    array="arctan",
    partials=lambda x, y: (f.witch(x),),
    complements={-2.0 / math.pi: lambda x: 2.0 / math.pi * f.atan2(1.0, x)},
    spellings=("arctan", "arctg"),
    # The sine of the angle is x/sqrt(1 + x^2).
    exact=lambda x: _exact_arcsine(x / f.sqrt(1.0 + f.square(x))),
    latex=r"\arctan\left({x}\right)",
    instead_of=(Rewrite(lambda x: f.atan(x) / x, "where(abs(x) < 1e-3, 1 - x^2/3 + x^4/5, atan(x)/x)"),),
    inverse="tan",
    samples=(((-100.0, 100.0),),),
    example="atan(1)  # 0.7853981633974483",
)


def _witch(x: float) -> float:
    reciprocal = 1.0 / math.hypot(1.0, x)
    return reciprocal * reciprocal


# Agnesi's curve.  Neither 1 + x^2 nor its square may be formed: both overflow where the result is still a number.
define(
    "witch(x)",
    about="1/(1 + x^2).",
    value=_witch,
    partials=lambda x, y: (-2.0 * f.serpentine(x) * y,),
    expands=lambda x: 1.0 / (1.0 + x**2.0),
    ulps=4.0,
    samples=(((-100.0, 100.0),),),
    internal=True,
)

# Newton's curve, which is 0 at infinity, where x times the function above would be nan.
define(
    "serpentine(x)",
    about="x/(1 + x^2).",
    value=lambda x: 1.0 / (x + 1.0 / x) if abs(x) > 1.0 else x / (1.0 + x * x),
    array=lambda xp, x: xp.where(xp.abs(x) > 1.0, 1.0 / (x + 1.0 / x), x / (1.0 + x * x)),
    partials=lambda x, y: (f.witch(x) - 2.0 * f.square(y),),
    expands=lambda x: x / (1.0 + x**2.0),
    samples=(((-100.0, 100.0),),),
    internal=True,
)

define(
    "atan2(y, x)",
    about="The angle of the point (x, y), between -pi and pi.",
    value=math.atan2,
    array="arctan2",
    partials=lambda y, x, z: (f.reciprocal_real(1.0, x, y), f.reciprocal_imaginary(1.0, x, y)),
    edges=(
        Edge(
            "x = 0, y = 0", "jump", at_origin, "the angle of the origin is undefined, so atan2 has no derivative there"
        ),
        Edge(
            "y = 0, x < 0",
            "branch cut",
            lambda y, x: f.logical_and(f.equal(y, 0.0), f.less(x, 0.0)),
            "atan2 jumps by 2 pi across the negative half of the axis; the derivative is the one along the cut",
        ),
    ),
    spellings=("arctan2",),
    exact=lambda y, x: f.where(f.greater(x, 0.0), f.atan(y / x), math.nan),
    example="atan2(1, -1)  # 2.356194490192345",
)

# The derivatives of an angle are the parts of (x + iy)^-n, with d/dx = -n (x + iy)^-(n+1) and d/dy = i d/dx.  Written
# as quotients of lengths, the third one is a difference of two terms that overflow at 1e-160.
define(
    "reciprocal_real(n, x, y)",
    about="The real part of 1/(x + iy)^n.",
    value=lambda n, x, y: kernels.reciprocal_power(n, x, y).real,
    partials=lambda n, x, y, z: (
        math.nan,
        -n * f.reciprocal_real(n + 1.0, x, y),
        n * f.reciprocal_imaginary(n + 1.0, x, y),
    ),
    static=("n",),
    expands=lambda n, x, y: _reciprocal_for_readers(int(constant(n) or 1), x, y)[0],
    ulps=20000.0,
    samples=(((1.0, 1.0), (-10.0, 10.0), (-10.0, 10.0)), ((2.0, 2.0), (-10.0, 10.0), (-10.0, 10.0))),
    internal=True,
)

define(
    "reciprocal_imaginary(n, x, y)",
    about="The imaginary part of 1/(x + iy)^n.",
    value=lambda n, x, y: kernels.reciprocal_power(n, x, y).imag,
    partials=lambda n, x, y, z: (
        math.nan,
        -n * f.reciprocal_imaginary(n + 1.0, x, y),
        -n * f.reciprocal_real(n + 1.0, x, y),
    ),
    static=("n",),
    expands=lambda n, x, y: _reciprocal_for_readers(int(constant(n) or 1), x, y)[1],
    ulps=8.0,
    samples=(((1.0, 1.0), (-10.0, 10.0), (-10.0, 10.0)), ((2.0, 2.0), (-10.0, 10.0), (-10.0, 10.0))),
    internal=True,
)


def _reciprocal_for_readers(n: int, x: Any, y: Any) -> tuple[Any, Any]:
    """The real and the imaginary part of (x - iy)^n / (x^2 + y^2)^n."""
    real, imaginary = x, -y
    for _ in range(n - 1):
        real, imaginary = real * x + imaginary * y, imaginary * x - real * y
    length = (x**2.0 + y**2.0) ** float(n)
    return real / length, imaginary / length


define(
    "sinc(x)",
    about="The normalised sinc, sin(pi x)/(pi x), which is 1 at 0.",
    value=lambda x: kernels.sinc_derivative(0.0, x),
    partials=lambda x, y: (f.sinc_derivative(1.0, x),),
    is_even=True,
    exact=lambda x: f.where(f.equal(x, 0.0), 1.0, f.sin(math.pi * x) / (math.pi * x)),
    instead_of=(
        Rewrite(lambda x: f.sin(x) / x, "sinc(x/pi)"),
        Rewrite(lambda a, x: f.sin(a * x) / x, "a*sinc(a*x/pi)"),
        Rewrite(lambda c, x: c * f.sin(x) / x, "c*sinc(x/pi)"),
        Rewrite(lambda c, a, x: c * f.sin(a * x) / x, "c*a*sinc(a*x/pi)"),
        Rewrite(lambda x: x / f.sin(x), "1/sinc(x/pi)"),
        Rewrite(lambda x: f.tan(x) / x, "sinc(x/pi)/cos(x)"),
        Rewrite(lambda x: x / f.tan(x), "cos(x)/sinc(x/pi)"),
        Rewrite(lambda x: f.sin(x) ** 2.0 / x**2.0, "sinc(x/pi)^2"),
        Rewrite(lambda x: (1.0 - f.cos(x)) / x**2.0, "sinc(x/(2*pi))^2/2"),
        Rewrite(lambda x: (1.0 - f.cos(x)) / x, "x*sinc(x/(2*pi))^2/2"),
    ),
    oracle=lambda mp, x: mp.sincpi(x),
    samples=(((-10.0, 10.0),), ((-0.1, 0.1),)),
    example="sinc(0.5)  # 0.6366197723675814",
)


# Every derivative of sinc is a member of this family, so that none is ever computed as a difference of quotients.
define(
    "sinc_derivative(n, x)",
    about="The n-th derivative of sinc.",
    value=kernels.sinc_derivative,
    partials=lambda n, x, y: (math.nan, f.sinc_derivative(n + 1.0, x)),
    static=("n",),
    rewrite=lambda n, x: f.sinc(x) if constant(n) == 0.0 else None,
    expands=lambda n, x: f.guard(
        (f.cos(math.pi * x) - f.sinc(x)) / x
        if constant(n) == 1.0
        else (_sine_derivative(n, x) - n * f.sinc_derivative(n - 1.0, x)) / x,
        f.equal(x, 0.0),
        _sinc_derivative_at_zero(int(constant(n) or 0.0), x),
    ),
    ulps=2000.0,
    samples=(((1.0, 1.0), (-10.0, 10.0)), ((2.0, 2.0), (-10.0, 10.0))),
    internal=True,
)


def _sinc_derivative_at_zero(order: int, x: Any) -> Any:
    """A derivative of sinc at 0, as `diff` prints it: (-1)^(n/2) pi^n/(n + 1) for even orders n, 0 for odd ones.

    The power of pi is written as a product, because a printer recognises pi, but not pi^n.
    """
    if order % 2:
        return 0.0
    product = x.graph.constant((-1.0) ** (order // 2))
    for _ in range(order):
        product = math.pi * product
    return product / (order + 1.0)


def _sine_derivative(n: object, x: object) -> object:
    """The n-th derivative of sin(pi x)/pi, used in the readable form of the derivatives of sinc."""
    order = int(constant(n) or 0.0)
    name, factor = (("sin", 1.0), ("cos", 1.0), ("sin", -1.0), ("cos", -1.0))[order % 4]
    product = factor * getattr(f, name)(math.pi * x)  # type: ignore[operator]
    # One factor after the other: a printer knows pi and not pi^2.
    for _ in range(order - 1):
        product = math.pi * product
    return product


define(
    "cos_complement(x)",
    about="1 - cos(x).",
    value=lambda x: 2.0 * kernels.sin(0.5 * x) * kernels.sin(0.5 * x),
    array=lambda xp, x: 2.0 * xp.sin(0.5 * x) * xp.sin(0.5 * x),
    partials=lambda x, y: (f.sin(x),),
    complements={-1.0: lambda x: f.cos(x)},
    expands=lambda x: 1.0 - f.cos(x),
    samples=(((-10.0, 10.0),),),
    internal=True,
)

define(
    "cos_supplement(x)",
    about="1 + cos(x).",
    value=lambda x: 2.0 * kernels.cos(0.5 * x) * kernels.cos(0.5 * x),
    array=lambda xp, x: 2.0 * xp.cos(0.5 * x) * xp.cos(0.5 * x),
    partials=lambda x, y: (-f.sin(x),),
    expands=lambda x: 1.0 + f.cos(x),
    samples=(((-10.0, 10.0),),),
    internal=True,
)
