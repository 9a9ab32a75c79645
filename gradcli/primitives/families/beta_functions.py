"""The beta function, and the distribution functions of the gamma and the beta distribution."""

from __future__ import annotations

import functools
import math
import operator
from functools import partial
from typing import Any

from gradcli.primitives.declared import Edge, Rewrite, System, constant
from gradcli.primitives.families.arithmetic import value_among
from gradcli.primitives.families.special import exact_gamma
from gradcli.primitives.kernels import beta_decimals as kernels
from gradcli.primitives.kernels.special_kernels import by_digits
from gradcli.primitives.orders import define_orders
from gradcli.primitives.registry import define as define_function
from gradcli.primitives.registry import functions as f

define = partial(define_function, group="special")


def _at_zero(x: Any, y: Any) -> Any:
    return f.logical_or(f.equal(x, 0.0), f.equal(y, 0.0))


_POLE = Edge("x = 0 or y = 0", "pole", _at_zero, "the beta function is infinite where an operand is 0")


def _exact_beta(x: Any, y: Any) -> Any:
    return exact_gamma(x) * exact_gamma(y) / exact_gamma(x + y)


define(
    "beta(x, y)",
    about="The beta function, gamma(x) gamma(y)/gamma(x + y).",
    **by_digits(kernels.beta),
    partials=lambda x, y, z: (f.beta_derivative(1.0, 0.0, x, y), f.beta_derivative(0.0, 1.0, x, y)),
    domain="x > 0 and y > 0, or inf where one of them is 0",
    edges=(_POLE,),
    exact=_exact_beta,
    spellings=("Beta", "euler_beta"),
    oracle=lambda mp, x, y: mp.exp(mp.loggamma(x) + mp.loggamma(y) - mp.loggamma(x + y)),
    samples=(((0.1, 5.0), (0.1, 5.0)), ((5.0, 100.0), (0.1, 10.0))),
    example="beta(2, 3)  # 0.08333333333333333",
)

define(
    "lbeta(x, y)",
    about="The logarithm of the beta function.",
    **by_digits(kernels.log_beta),
    partials=lambda x, y, z: (f.polygamma_difference(0.0, x, y), f.polygamma_difference(0.0, y, x)),
    domain="x > 0 and y > 0, or inf where one of them is 0",
    edges=(_POLE,),
    exact=lambda x, y: f.log(_exact_beta(x, y)),
    spellings=("betaln", "logbeta", "log_beta", "lnbeta"),
    instead_of=(
        Rewrite(lambda x, y: f.log(f.beta(x, y)), "lbeta(x, y)"),
        Rewrite(lambda x, y: f.lgamma(x) + f.lgamma(y) - f.lgamma(x + y), "lbeta(x, y)"),
    ),
    oracle=lambda mp, x, y: mp.re(mp.loggamma(x) + mp.loggamma(y) - mp.loggamma(x + y)),
    samples=(((0.1, 5.0), (0.1, 5.0)), ((5.0, 1e6), (0.1, 100.0))),
    example="lbeta(200, 300)  # -337.98011306546465",
)


# As a product with derivatives of the logarithm it would lose the digits of a factor that is too small for a float.
define(
    "beta_derivative(m, n, x, y)",
    about="The m-th derivative by x of the n-th derivative by y of beta(x, y).",
    **by_digits(kernels.beta_derivative),
    partials=lambda m, n, x, y, z: (
        math.nan,
        math.nan,
        f.beta_derivative(m + 1.0, n, x, y),
        f.beta_derivative(m, n + 1.0, x, y),
    ),
    static=("m", "n"),
    expands=lambda m, n, x, y: _beta_derivative_for_readers(int(constant(m) or 0), int(constant(n) or 0), x, y),
    samples=(
        ((1.0, 1.0), (0.0, 0.0), (0.1, 10.0), (0.1, 10.0)), ((2.0, 2.0), (1.0, 1.0), (0.1, 10.0), (0.1, 10.0)),
    ),
    keeps_digits=True,
    internal=True,
)  # fmt: skip


def _beta_derivative_for_readers(m: int, n: int, x: Any, y: Any) -> Any:
    """The derivative as beta(x, y) times a polynomial in polygammas."""

    def slope(i: int, j: int) -> Any:
        common = -f.polygamma(float(i + j - 1), x + y)
        return common if i and j else f.polygamma(float(i + j - 1), x if i else y) + common

    found: dict[tuple[int, int], Any] = {(0, 0): 1.0}
    for i in range(m + 1):
        for j in range(n + 1):
            di, dj = (1, 0) if i else (0, 1)
            if i or j:
                terms = [
                    float(math.comb(i - di, a) * math.comb(j - dj, b))
                    * (slope(a + di, b + dj) * found[i - di - a, j - dj - b])
                    for a in range(i - di + 1)
                    for b in range(j - dj + 1)
                ]
                found[i, j] = functools.reduce(operator.add, terms)
    return f.beta(x, y) * found[m, n]


# The two terms cancel where y is small.
define(
    "polygamma_difference(n, x, y)",
    about="polygamma(n, x) - polygamma(n, x + y).",
    **by_digits(kernels.polygamma_difference),
    partials=lambda n, x, y, z: (
        math.nan,
        f.polygamma_difference(n + 1.0, x, y),
        -f.polygamma(n + 1.0, x + y),
    ),
    static=("n",),
    expands=lambda n, x, y: f.polygamma(n, x) - f.polygamma(n, x + y),
    samples=(((0.0, 0.0), (0.1, 10.0), (0.1, 10.0)), ((2.0, 2.0), (0.1, 10.0), (0.1, 10.0))),
    keeps_digits=True,
    internal=True,
)  # fmt: skip


def _of_parameter(name: str) -> str:
    return f"{name} a constant from 0 (excluded) to 1e6"


_BOXES = (
    ((3.0, 3.0), (0.0, 10.0)), ((0.5, 0.5), (0.0, 10.0)), ((7.25, 7.25), (0.0, 40.0)), ((300.0, 300.0), (200.0, 400.0)),
)  # fmt: skip


def _gamma_system(sign: float) -> System:
    """The system of an integral of the density and the density."""
    return System(lambda a, x, y, d: (sign * d, ((a - 1.0) / x - 1.0) * d), lambda a, x: (f.gamma_density(0.0, a, x),))


define(
    "gammainc(a, x)",
    about="The regularised lower incomplete gamma function P(a, x): the integral of t^(a-1) exp(-t) from 0 to x, "
    "divided by gamma(a).",
    **by_digits(kernels.lower_gamma),
    partials=lambda a, x, y: (math.nan, f.gamma_density(0.0, a, x)),
    system=_gamma_system(1.0),
    domain=f"{_of_parameter('a')}, x >= 0",
    static=("a",),
    exact=lambda a, x: value_among(x, {0.0: 0.0}),
    spellings=("gamma_p", "igamma"),
    samples=_BOXES,
    oracle=lambda mp, a, x: mp.gammainc(a, 0, x) / mp.gamma(a),
    example="gammainc(2, 1)  # 0.26424111765711533",
)

define(
    "gammaincc(a, x)",
    about="The regularised upper incomplete gamma function Q(a, x) = 1 - P(a, x).",
    **by_digits(kernels.upper_gamma),
    partials=lambda a, x, y: (math.nan, -f.gamma_density(0.0, a, x)),
    system=_gamma_system(-1.0),
    domain=f"{_of_parameter('a')}, x >= 0",
    static=("a",),
    exact=lambda a, x: value_among(x, {0.0: 1.0}),
    spellings=("gamma_q", "igammac"),
    samples=_BOXES,
    oracle=lambda mp, a, x: mp.gammainc(a, x) / mp.gamma(a),
    example="gammaincc(2, 1)  # 0.7357588823428847",
)

# The product rule would give infinities of both signs next to 0.
define_orders(
    "gamma_density(n, a, x)",
    about="The n-th derivative of x^(a-1) exp(-x)/gamma(a).",
    value=kernels.gamma_density,
    readers=lambda n, a, x: _gamma_density_for_readers(n, a, x),
    samples=(((0.0, 0.0), (2.5, 2.5), (0.0, 20.0)), ((2.0, 2.0), (7.25, 7.25), (0.0, 40.0))),
)

define(
    "betainc(a, b, x)",
    about="The regularised incomplete beta function: the integral of t^(a-1) (1-t)^(b-1) from 0 to x, divided by "
    "beta(a, b).",
    **by_digits(kernels.incomplete_beta, ends=(1.0,)),
    partials=lambda a, b, x, y: (math.nan, math.nan, f.beta_density(0.0, a, b, x)),
    system=System(
        lambda a, b, x, y, d: (d, ((a - 1.0) / x - (b - 1.0) / (1.0 - x)) * d),
        lambda a, b, x: (f.beta_density(0.0, a, b, x),),
    ),
    domain=f"{_of_parameter('a and b')}, 0 <= x <= 1",
    static=("a", "b"),
    exact=lambda a, b, x: value_among(x, {0.0: 0.0, 1.0: 1.0}),
    spellings=("regularized_beta", "ibeta"),
    samples=(
        ((2.0, 2.0), (3.0, 3.0), (0.0, 1.0)), ((0.5, 0.5), (0.5, 0.5), (0.0, 1.0)),
        ((40.0, 40.0), (250.0, 250.0), (0.05, 0.3)),
    ),
    oracle=lambda mp, a, b, x: mp.betainc(a, b, 0, x) / mp.beta(a, b),
    example="betainc(2, 3, 0.5)  # 0.6875",
)  # fmt: skip

define_orders(
    "beta_density(n, a, b, x)",
    about="The n-th derivative of x^(a-1) (1-x)^(b-1)/beta(a, b).",
    value=kernels.beta_density,
    ends=(1.0,),
    readers=lambda n, a, b, x: _beta_density_for_readers(n, a, b, x),
    samples=(
        ((0.0, 0.0), (0.5, 0.5), (0.5, 0.5), (0.01, 0.99)), ((2.0, 2.0), (3.5, 3.5), (2.0, 2.0), (0.01, 0.99)),
    ),
)  # fmt: skip


def _gamma_density_for_readers(order: int, a: Any, x: Any) -> Any:
    if (constant(a) or 0.0) > 100.0:  # the quotient would overflow
        powers, common = _derivatives_of_power(order, x, a, 0.0), f.exp((a - 1.0) * f.log(x) - x - f.lgamma(a))
        return _by_leibniz(powers, [(-1.0) ** k for k in range(order + 1)]) * common
    powers = _derivatives_of_power(order, x, a, a - 1.0)
    return _by_leibniz(powers, [(-1.0) ** k for k in range(order + 1)]) * f.exp(-x) / f.gamma(a)


def _beta_density_for_readers(order: int, a: Any, b: Any, x: Any) -> Any:
    other = 1.0 - x
    if (constant(a) or 0.0) + (constant(b) or 0.0) > 500.0:
        common = f.exp((a - 1.0) * f.log(x) + (b - 1.0) * f.log(other) - f.lbeta(a, b))
        first, second = _derivatives_of_power(order, x, a, 0.0), _derivatives_of_power(order, other, b, 0.0)
        return _by_leibniz(first, [(-1.0) ** k * one for k, one in enumerate(second)]) * common
    first = _derivatives_of_power(order, x, a, a - 1.0)
    second = [(-1.0) ** k * one for k, one in enumerate(_derivatives_of_power(order, other, b, b - 1.0))]
    return _by_leibniz(first, second) / f.beta(a, b)


def _derivatives_of_power(order: int, x: Any, a: Any, exponent: Any) -> list[Any]:
    """The derivatives of x^(a-1) up to an order, with another exponent than a - 1; what is 0 is the number 0."""
    factor: Any = 1.0
    found: list[Any] = []
    for k in range(order + 1):
        found.append(0.0 if constant(factor) == 0.0 else factor * x ** (exponent - float(k)))
        factor = factor * (a - (k + 1.0))
    return found


def _by_leibniz(first: list[Any], second: list[Any]) -> Any:
    """The derivative of a product, of the highest order for which derivatives of both factors are given."""
    order = len(first) - 1
    return functools.reduce(
        operator.add, [float(math.comb(order, k)) * first[k] * second[order - k] for k in range(order + 1)]
    )
