"""The error functions and the gamma family."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

from gradcli.primitives.declared import Edge, Infix, Rewrite, System, constant
from gradcli.primitives.families.arithmetic import value_among
from gradcli.primitives.kernels import float_kernels as kernels
from gradcli.primitives.kernels import gamma_family
from gradcli.primitives.kernels.float_kernels import FLOATS, exp
from gradcli.primitives.registry import define as define_function
from gradcli.primitives.registry import functions as f

define = partial(define_function, group="special")
TWO_OVER_SQRT_PI = 1.1283791670955126


define(
    "bell(x)",
    about="exp(-x^2).",
    value=lambda x: exp(-(x * x)),
    partials=lambda x, y: (f.bell_derivative(1.0, x),),
    expands=lambda x: f.exp(-f.square(x)),
    ulps=20.0,
    samples=(((-5.0, 5.0),),),
    internal=True,
)

# By the product rule, the derivatives would be multiples of exp(-x^2), which has lost its digits from x = 26.6 on.
define(
    "bell_derivative(n, x)",
    about="The n-th derivative of exp(-x^2).",
    value=kernels.bell_derivative,
    partials=lambda n, x, y: (math.nan, f.bell_derivative(n + 1.0, x)),
    static=("n",),
    rewrite=lambda n, x: f.bell(x) if constant(n) == 0.0 else None,
    expands=lambda n, x: _bell_derivative_for_readers(int(constant(n) or 0), x),
    ulps=20.0,
    samples=(((1.0, 1.0), (-5.0, 5.0)), ((2.0, 2.0), (-5.0, 5.0))),
    internal=True,
)


def _bell_derivative_for_readers(n: int, x: Any) -> Any:
    """The derivative by the recurrence of Hermite's polynomials."""
    last, power = 0.0, f.exp(-f.square(x))
    for k in range(n):
        last, power = power, -2.0 * x * power - 2.0 * k * last
    return power


define(
    "erf(x)",
    about="The error function.",
    value=math.erf,
    partials=lambda x, y: (TWO_OVER_SQRT_PI * f.bell(x),),
    complements={-1.0: lambda x: f.erfc(x), 1.0: lambda x: f.erfc(-x)},
    instead_of=(Rewrite(lambda x: f.erf(x) / x, "where(abs(x) < 1e-3, 2/sqrt(pi)*(1 - x^2/3 + x^4/10), erf(x)/x)"),),
    samples=(((-5.0, 5.0),),),
    example="erf(0.5)  # 0.5204998778130465",
)

define(
    "erfc(x)",
    about="The complementary error function, 1 - erf(x).",
    value=math.erfc,
    partials=lambda x, y: (-TWO_OVER_SQRT_PI * f.bell(x),),
    exact=lambda x: value_among(x, {0.0: 1.0}),
    complements={-1.0: lambda x: f.erf(x), -0.5: lambda x: 0.5 * f.erfc(-x)},
    logarithm=lambda x: f.log_erfc(x),
    samples=(((-5.0, 20.0),),),
    example="erfc(10)  # 2.088487583762545e-45",
)


_ERROR = gamma_family.ErrorFunctions(lambda _, x: math.erf(x), lambda _, x: math.erfc(x))

# The quotient erfc'/erfc is 0/0 from x = 27 on, and its derivatives cancel for large x.
define(
    "log_erfc(x)",
    about="The logarithm of erfc(x).",
    value=lambda x: gamma_family.log_erfc(FLOATS, _ERROR, x),
    partials=lambda x, y: (-f.erfc_rate(x),),
    expands=lambda x: f.log(f.erfc(x)),
    samples=(((-5.0, 5.0),), ((5.0, 25.0),)),
    internal=True,
)

define(
    "erfc_rate(x)",
    about="-erfc'(x)/erfc(x).",
    value=lambda x: gamma_family.erfc_rate(FLOATS, _ERROR, x),
    partials=lambda x, y: (y * f.erfc_excess(x),),
    expands=lambda x: TWO_OVER_SQRT_PI * f.exp(-f.square(x)) / f.erfc(x),
    ulps=20.0,
    samples=(((-5.0, 5.0),), ((5.0, 25.0),)),
    internal=True,
)

define(
    "erfc_excess(x)",
    about="-erfc'(x)/erfc(x) - 2 x.",
    value=lambda x: gamma_family.erfc_excess(FLOATS, _ERROR, x),
    partials=lambda x, y: (f.erfc_rate(x) * y - 2.0,),
    expands=lambda x: f.erfc_rate(x) - 2.0 * x,
    ulps=200.0,
    samples=(((-5.0, 5.0),),),
    internal=True,
)

_POLES = "the gamma family has poles at 0 and the negative integers"


def _at_pole(x: object) -> object:
    return f.logical_and(f.equal(x, f.floor(x)), f.less_equal(x, 0.0))


def _whole_factorial(x: float) -> float | None:
    """x! to the last digit, if x is a natural number whose factorial fits."""
    return float(math.factorial(int(x))) if 0.0 <= x <= 170.0 and x == int(x) else None


def exact_gamma(x: Any) -> Any:
    """The gamma function at the integers whose factorial a float holds exactly, and at 1/2."""
    values = {float(n): float(math.factorial(n - 1)) for n in range(1, 19)}
    return value_among(x, {**values, 0.5: f.sqrt(x.graph.lift(math.pi))})


define(
    "gamma(x)",
    about="The gamma function; gamma(n) = (n - 1)! for positive integers.",
    value=lambda x: _whole_factorial(x - 1.0) or gamma_family.gamma(FLOATS, x),
    partials=lambda x, y: (f.gamma_derivative(1.0, x),),
    system=System(lambda x, y: (y * f.digamma(x),)),
    domain="x not a negative integer, or a signed infinity at x = 0",
    edges=(Edge("x = 0, -1, -2, ...", "pole", _at_pole, _POLES),),
    spellings=("tgamma", "Γ"),
    exact=exact_gamma,
    latex=r"\Gamma\left({x}\right)",
    samples=(((0.1, 170.0),), ((-4.9, -4.1),)),
    example="gamma(5)  # 24.0",
)

# gamma^(n) = gamma * (a polynomial in the polygammas).  The product rule would add infinities of both signs from
# x = 171.6 on, where gamma overflows, although all derivatives there are +inf.
define(
    "gamma_derivative(n, x)",
    about="The n-th derivative of the gamma function.",
    value=lambda n, x: gamma_family.gamma_derivative(FLOATS, n, x),
    partials=lambda n, x, y: (math.nan, f.gamma_derivative(n + 1.0, x)),
    static=("n",),
    rewrite=lambda n, x: f.gamma(x) if constant(n) == 0.0 else None,
    expands=lambda n, x: _gamma_derivative_for_readers(int(constant(n) or 0), x),
    ulps=8.0,
    samples=(((1.0, 1.0), (0.1, 170.0)), ((2.0, 2.0), (0.1, 170.0))),
    internal=True,
)


def _gamma_derivative_for_readers(n: int, x: Any) -> Any:
    """The derivative of gamma by Leibniz's rule from gamma' = gamma * digamma."""
    if n == 0:
        return f.gamma(x)
    total: Any = 0.0
    for k in range(n):
        total = total + math.comb(n - 1, k) * f.gamma_derivative(n - 1.0 - k, x) * f.polygamma(float(k), x)
    return total


define(
    "lgamma(x)",
    about="The logarithm of the absolute value of the gamma function.",
    value=lambda x: gamma_family.lgamma(FLOATS, x),
    partials=lambda x, y: (f.digamma(x),),
    domain="x not a negative integer or 0, where it is inf",
    edges=(Edge("x = 0, -1, -2, ...", "pole", _at_pole, _POLES),),
    spellings=("gammaln", "loggamma", "lngamma", "log_gamma"),
    exact=lambda x: f.log(f.abs(exact_gamma(x))),
    latex=r"{{\log\left|\Gamma\left({x}\right)\right|}}",
    instead_of=(
        Rewrite(lambda x: f.log(f.gamma(x)), "lgamma(x)"),
        Rewrite(lambda x: f.log(f.factorial(x)), "lgamma(x + 1)"),
        Rewrite(lambda x, y: f.gamma(x) / f.gamma(y), "exp(lgamma(x) - lgamma(y))"),
        Rewrite(lambda x, y: f.factorial(x) / f.factorial(y), "exp(lgamma(x + 1) - lgamma(y + 1))"),
    ),
    oracle=lambda mp, x: mp.re(mp.loggamma(x)),
    ulps=16.0,
    samples=(((0.1, 1e3),), ((-4.9, -4.1),)),
    example="lgamma(10)  # 12.801827480081469",
)

define(
    "digamma(x)",
    about="The derivative of log(gamma(x)).",
    value=lambda x: gamma_family.digamma(FLOATS, x),
    partials=lambda x, y: (f.polygamma(1.0, x),),
    domain="x not 0 or a negative integer",
    edges=(Edge("x = 0, -1, -2, ...", "pole", _at_pole, _POLES),),
    spellings=("psi", "ψ"),
    latex=r"\psi\left({x}\right)",
    samples=(((0.1, 1e3),), ((-4.9, -4.1),)),
    example="digamma(2)  # 0.42278433509846713",
)


def _exact_polygamma(n: Any, x: Any) -> Any:
    """The trigamma function at 1 and 1/2, and the third derivative of digamma at 1 (DLMF 5.15.2)."""
    pi, order = x.graph.lift(math.pi), constant(n)
    values = {1.0: {1.0: pi**2.0 / 6.0, 0.5: pi**2.0 / 2.0}, 3.0: {1.0: pi**4.0 / 15.0}}
    return value_among(x, values.get(order or 0.0, {}))


define(
    "polygamma(n, x)",
    about="The n-th derivative of digamma.",
    value=lambda n, x: gamma_family.polygamma(FLOATS, n, x),
    partials=lambda n, x, y: (math.nan, f.polygamma(n + 1.0, x)),
    domain="n a constant integer from 0 to 200, x not 0 or a negative integer",
    edges=(Edge("x = 0, -1, -2, ...", "pole", lambda n, x: _at_pole(x), _POLES),),
    static=("n",),
    rewrite=lambda n, x: f.digamma(x) if constant(n) == 0.0 else None,
    exact=_exact_polygamma,
    latex=r"\psi^{{({n})}}\left({x}\right)",
    oracle=lambda mp, n, x: mp.psi(n, x),
    ulps=4.0,
    samples=(((1.0, 1.0), (0.1, 100.0)), ((2.0, 2.0), (0.1, 100.0))),
    example="polygamma(1, 1)  # 1.6449340668482264",
)

define(
    "factorial(x)",
    about="x! = gamma(x + 1).",
    value=lambda x: _whole_factorial(x) or gamma_family.factorial(FLOATS, x),
    partials=lambda x, y: (f.gamma_derivative(1.0, x + 1.0),),
    system=System(lambda x, y: (y * f.digamma(x + 1.0),)),
    domain="x not a negative integer",
    edges=(Edge("x = -1, -2, ...", "pole", lambda x: _at_pole(x + 1.0), _POLES),),
    spellings=("fact",),
    exact=lambda x: exact_gamma(x + 1.0),
    infix=Infix("!", 9, "postfix"),
    latex="{x}!",
    ulps=800.0,
    samples=(((0.0, 170.0),), ((-4.9, -4.1),)),
    example="5!  # 120.0",
)
