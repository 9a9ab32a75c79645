"""Exponential, trigonometric and Fresnel integrals, and Lambert's W."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from gradcli.primitives.declared import Edge, System
from gradcli.primitives.families.arithmetic import value_among
from gradcli.primitives.kernels import integral_decimals as kernels
from gradcli.primitives.kernels.special_kernels import by_digits
from gradcli.primitives.orders import define_orders
from gradcli.primitives.registry import define as define_function
from gradcli.primitives.registry import functions as f

define = partial(define_function, group="special")


def _at_branch_point(x: Any) -> Any:
    return f.equal(x, kernels.BRANCH_POINT)


def _lambert_system(name: str) -> System:
    """The system of a branch w and exp(-w)."""
    return System(lambda x, w, p: (p / (1.0 + w), -f.square(p) / (1.0 + w)), lambda x: (f.exp(-getattr(f, name)(x)),))


define(
    "lambertw(x)",
    about="The principal branch of Lambert's W: the solution w >= -1 of w exp(w) = x.",
    **by_digits(kernels.lambert_upper, ends=(kernels.BRANCH_POINT,)),
    partials=lambda x, y: (f.lambertw_derivative(1.0, x),),
    system=_lambert_system("lambertw"),
    domain="x >= -1/e",
    edges=(Edge("x = -1/e", "end", _at_branch_point, "Lambert's W has an infinite slope where its branches meet"),),
    exact=lambda x: value_among(x, [(0.0, 0.0), (f.exp(x.graph.lift(1.0)), 1.0)]),
    spellings=("LambertW", "lambertw0", "lambert_w0", "productlog", "ProductLog"),
    oracle=lambda mp, x: mp.lambertw(x) + 0 * mp.log(mp.e * x + 1),
    samples=(((-0.36, 5.0),), ((5.0, 1e5),), ((-0.36787944, -0.36),)),
    example="lambertw(1)  # 0.5671432904097838",
)

# 1/(x + exp(w)) has lost its digits where x and exp(w) cancel, and w/(x (1 + w)) has no value at 0.
define_orders(
    "lambertw_derivative(n, x)",
    about="The n-th derivative of lambertw, for n > 0.",
    value=kernels.lambert_derivative,
    constants=(0,),
    ends=(kernels.BRANCH_POINT,),
    readers=lambda n, x: _lambert_for_readers(n, f.lambertw(x)),
    samples=(((1.0, 1.0), (-0.36, 5.0)), ((2.0, 2.0), (-0.36, 5.0))),
)

define(
    "lambertwm1(x)",
    about="The lower branch of Lambert's W: the solution w <= -1 of w exp(w) = x.",
    **by_digits(kernels.lambert_lower, ends=(kernels.BRANCH_POINT,)),
    partials=lambda x, y: (f.lambertwm1_derivative(1.0, x),),
    system=_lambert_system("lambertwm1"),
    domain="-1/e <= x < 0, or -inf at x = 0",
    edges=(
        Edge("x = -1/e", "end", _at_branch_point, "Lambert's W has an infinite slope where its branches meet"),
        Edge("x = 0", "pole", lambda x: f.equal(x, 0.0), "the lower branch of Lambert's W goes to -inf at 0"),
    ),
    spellings=("lambert_wm1", "LambertWm1"),
    oracle=lambda mp, x: mp.lambertw(x, -1) + 0 * (mp.log(mp.e * x + 1) + mp.log(-x)),
    samples=(((-0.36, -1e-3),), ((-1e-3, -1e-9),), ((-0.36787944, -0.36),)),
    example="lambertwm1(-0.2)  # -2.5426413577735265",
)

define_orders(
    "lambertwm1_derivative(n, x)",
    about="The n-th derivative of lambertwm1, for n > 0.",
    value=kernels.lambert_derivative,
    constants=(1,),
    ends=(kernels.BRANCH_POINT,),
    readers=lambda n, x: _lambert_for_readers(n, f.lambertwm1(x)),
    samples=(((1.0, 1.0), (-0.36, -1e-3)), ((2.0, 2.0), (-0.36, -1e-3))),
)


def _lambert_for_readers(n: int, w: Any) -> Any:
    total: Any = 0.0
    for coefficient in reversed(kernels.lambert_polynomial(n)):
        total = total * w + float(coefficient)
    return f.exp(-float(n) * w) * total / (1.0 + w) ** (2.0 * n - 1.0)


define(
    "expint(n, x)",
    about="The generalised exponential integral E_n(x), the integral of exp(-x t)/t^n for t from 1 on.",
    **by_digits(kernels.generalized_exponential_integral),
    partials=lambda n, x, y: (math.nan, -f.expint(n - 1.0, x)),
    # DLMF 8.19.12
    system=System(lambda n, x, y: (((n - 1.0) * y - f.exp(-x)) / x,)),
    domain="n a constant integer from -1000 to 1000; x > 0, for n <= 0 also x < 0; inf at x = 0 for n <= 1",
    edges=(
        Edge(
            "x = 0", "pole", lambda n, x: f.logical_and(f.equal(x, 0.0), f.less_equal(n, 1.0)),
            "E_n is infinite at 0 for n <= 1",
        ),
        Edge(
            "x = 0", "end", lambda n, x: f.equal(x, 0.0), "E_n ends here",
        ),
    ),
    static=("n",),
    exact=lambda n, x: f.where(f.logical_and(f.equal(x, 0.0), f.greater(n, 1.0)), 1.0 / (n - 1.0), math.nan),
    spellings=("expn", "En", "ExpIntegralE"),
    oracle=lambda mp, n, x: mp.expint(n, x),
    samples=(((1.0, 1.0), (0.01, 5.0)), ((3.0, 3.0), (0.01, 50.0)), ((20.0, 20.0), (0.0, 10.0))),
    example="expint(1, 0.5)  # 0.5597735947761608",
)  # fmt: skip

define(
    "expi(x)",
    about="The exponential integral Ei(x), the principal value of the integral of exp(t)/t for t up to x.",
    **by_digits(kernels.exponential_integral),
    partials=lambda x, y: (f.exponential_quotient(0.0, x),),
    system=System(lambda x, y, q: (q, q - q / x), lambda x: (f.exponential_quotient(0.0, x),)),
    domain="x != 0, or -inf at x = 0",
    edges=(Edge("x = 0", "pole", lambda x: f.equal(x, 0.0), "the exponential integral goes to -inf at 0"),),
    latex=r"\operatorname{{Ei}}\left({x}\right)",
    spellings=("Ei", "ei", "expintei", "ExpIntegralEi"),
    oracle=lambda mp, x: mp.ei(x),
    samples=(((0.01, 20.0),), ((-20.0, -0.01),), ((20.0, 100.0),)),
    example="expi(1)  # 1.8951178163559368",
)

define(
    "sinint(x)",
    about="The sine integral Si(x), the integral of sin(t)/t from 0 to x.",
    **by_digits(kernels.sine_integral),
    partials=lambda x, y: (f.sine_quotient(0.0, x),),
    system=System(lambda x, y, q: (q, (f.cos(x) - q) / x), lambda x: (f.sine_quotient(0.0, x),)),
    latex=r"\operatorname{{Si}}\left({x}\right)",
    spellings=("Si", "SinIntegral"),
    oracle=lambda mp, x: mp.si(x),
    samples=(((-10.0, 10.0),), ((10.0, 100.0),)),
    example="sinint(2)  # 1.6054129768026948",
)

define(
    "cosint(x)",
    about="The cosine integral Ci(x), minus the integral of cos(t)/t for t from x on.",
    **by_digits(kernels.cosine_integral),
    partials=lambda x, y: (f.cosine_quotient(0.0, x),),
    system=System(lambda x, y, q: (q, -(f.sin(x) + q) / x), lambda x: (f.cosine_quotient(0.0, x),)),
    domain="x > 0, or -inf at x = 0",
    edges=(Edge("x = 0", "pole", lambda x: f.equal(x, 0.0), "the cosine integral goes to -inf at 0"),),
    latex=r"\operatorname{{Ci}}\left({x}\right)",
    spellings=("Ci", "CosIntegral"),
    oracle=lambda mp, x: mp.ci(x),
    samples=(((0.01, 10.0),), ((10.0, 100.0),)),
    example="cosint(2)  # 0.422980828774865",
)


def _turn(k: int, x: Any) -> Any:
    """The k-th derivative of sin(x)."""
    return (f.sin(x), f.cos(x), -f.sin(x), -f.cos(x))[k % 4]


def _quotient_for_readers(n: int, derivative: Callable[[int, Any], Any], x: Any) -> Any:
    """The n-th derivative of a quotient with the denominator x, by Leibniz's rule."""
    terms = [
        float(math.comb(n, k) * (-1) ** k * math.factorial(k)) * derivative(n - k, x) / x ** (k + 1.0)
        for k in range(n + 1)
    ]
    return functools.reduce(operator.add, terms) if n else derivative(0, x) / x


def _sine_quotient_at_zero(n: int, x: Any) -> Any:
    """A derivative of sin(x)/x at 0, as `diff` prints it."""
    return 0.0 if n % 2 else x.graph.constant((-1.0) ** (n // 2)) / (n + 1.0)


# By the quotient rule, the derivatives of sin(x)/x would cancel next to 0, and those of exp(x)/x would have no value
# where exp(x) overflows.
define_orders(
    "exponential_quotient(n, x)",
    about="The n-th derivative of exp(x)/x.",
    value=kernels.exponential_quotient,
    readers=lambda n, x: _quotient_for_readers(n, lambda _, x: f.exp(x), x),
    samples=(((0.0, 0.0), (0.1, 20.0)), ((2.0, 2.0), (-20.0, -0.1))),
)

define_orders(
    "sine_quotient(n, x)",
    about="The n-th derivative of sin(x)/x.",
    value=kernels.sine_quotient,
    readers=lambda n, x: (
        f.guard(_quotient_for_readers(n, _turn, x), f.equal(x, 0.0), _sine_quotient_at_zero(n, x))
        if n
        else f.sinc(x * (1.0 / math.pi))
    ),
    samples=(((0.0, 0.0), (-10.0, 10.0)), ((2.0, 2.0), (-10.0, 10.0))),
)

define_orders(
    "cosine_quotient(n, x)",
    about="The n-th derivative of cos(x)/x.",
    value=kernels.cosine_quotient,
    readers=lambda n, x: _quotient_for_readers(n, lambda k, x: _turn(k + 1, x), x),
    samples=(((0.0, 0.0), (0.1, 10.0)), ((2.0, 2.0), (0.1, 10.0))),
)


def _fresnel_system(name: str, other: str, sign: float) -> System:
    """The system of a Fresnel integral, its derivative, and the derivative of the other one."""
    return System(
        lambda x, y, p, q: (p, sign * math.pi * x * q, -sign * math.pi * x * p),
        lambda x: (getattr(f, f"{name}_derivative")(1.0, x), getattr(f, f"{other}_derivative")(1.0, x)),
    )


define(
    "fresnels(x)",
    about="Fresnel's sine integral S(x), the integral of sin(pi t^2/2) from 0 to x.",
    **by_digits(kernels.fresnel_sine),
    partials=lambda x, y: (f.fresnels_derivative(1.0, x),),
    system=_fresnel_system("fresnels", "fresnelc", 1.0),
    spellings=("fresnel_s", "FresnelS"),
    oracle=lambda mp, x: mp.fresnels(x),
    samples=(((-5.0, 5.0),), ((5.0, 50.0),)),
    example="fresnels(1)  # 0.43825914739035476",
)

define(
    "fresnelc(x)",
    about="Fresnel's cosine integral C(x), the integral of cos(pi t^2/2) from 0 to x.",
    **by_digits(kernels.fresnel_cosine),
    partials=lambda x, y: (f.fresnelc_derivative(1.0, x),),
    system=_fresnel_system("fresnelc", "fresnels", -1.0),
    spellings=("fresnel_c", "FresnelC"),
    oracle=lambda mp, x: mp.fresnelc(x),
    samples=(((-5.0, 5.0),), ((5.0, 50.0),)),
    example="fresnelc(1)  # 0.7798934003768229",
)

# The sine of the rounded square has lost its digits where the square is large.
define_orders(
    "fresnels_derivative(n, x)",
    about="The n-th derivative of fresnels, for n > 0.",
    value=kernels.fresnel_derivative,
    constants=(1,),
    readers=lambda n, x: _fresnel_for_readers(n, x)[0],
    samples=(((1.0, 1.0), (-5.0, 5.0)), ((2.0, 2.0), (-5.0, 5.0))),
)

define_orders(
    "fresnelc_derivative(n, x)",
    about="The n-th derivative of fresnelc, for n > 0.",
    value=kernels.fresnel_derivative,
    constants=(0,),
    readers=lambda n, x: _fresnel_for_readers(n, x)[1],
    samples=(((1.0, 1.0), (-5.0, 5.0)), ((2.0, 2.0), (-5.0, 5.0))),
)


def _fresnel_for_readers(n: int, x: Any) -> Sequence[Any]:
    """The derivatives of order n - 1 of sin(pi x^2/2) and cos(pi x^2/2)."""
    angle = math.pi * f.square(x) / 2.0
    sines, cosines = [f.sin(angle)], [f.cos(angle)]
    for k in range(n - 1):
        sine, cosine = x * sines[k], x * cosines[k]
        if k:
            sine, cosine = sine + float(k) * sines[k - 1], cosine + float(k) * cosines[k - 1]
        sines.append(math.pi * cosine)
        cosines.append(-math.pi * sine)
    return sines[-1], cosines[-1]
