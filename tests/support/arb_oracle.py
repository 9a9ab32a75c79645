"""Special functions by Arb, for `tests.support.ball_oracle`: functions for which mpmath takes long.

Each function is given once, in Arb's names: on a power series, or as its derivatives of every order.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from flint import acb, acb_series, arb, arb_series, ctx

__all__ = ["KNOWN", "derivatives_in_balls"]


def _root_pi() -> Any:
    return arb.pi().sqrt()


#: Name -> the function of its operands, of which one is a power series.
_ON_SERIES: dict[str, Callable[..., Any]] = {
    "erfcx": lambda x: (x * x).exp() * x.erfc(),
    "erfi": lambda x: x.erfi(),
    "dawsn": lambda x: (-x * x).exp() * x.erfi() * (_root_pi() / 2),
    "lognormcdf": lambda x: ((-x / arb(2).sqrt()).erfc() / 2).log(),
}


def _inverse(function: Callable[[Any], Any], value: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The inverse of a function on series, from its value at one point."""

    def inverse(x: Any) -> Any:
        y = value(x[0])
        if not y.is_finite():
            return arb_series([y] * ctx.cap)
        around = function(arb_series([y, 1]))
        step = arb_series([0, *[around[k] for k in range(1, ctx.cap)]])
        return y + step.reversion()

    return inverse


_ON_SERIES |= {
    "erfinv": _inverse(lambda y: y.erf(), lambda x: x.erfinv()),
    "erfcinv": _inverse(lambda y: y.erfc(), lambda x: x.erfcinv()),
}


def _from_slope(value: Callable[..., Any], slope: Callable[..., Any]) -> Callable[..., Any]:
    """A function of a series, its last operand, from its value at one point and its derivative on series."""

    def function(*operands: Any) -> Any:
        *parameters, x = operands
        return value(*parameters, x[0]) + slope(*parameters, x).integral()

    return function


def _of_two(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """A function of two operands that needs both as series."""
    return lambda x, y: function(arb_series(x), arb_series(y))


def _log_beta(x: Any, y: Any) -> Any:
    return x.lgamma() + y.lgamma() - (x + y).lgamma()


def _gamma_density(a: Any, x: Any) -> Any:
    return ((a - 1) * x.log() - x).exp() * a.rgamma()


def _beta_density(a: Any, b: Any, x: Any) -> Any:
    return ((a - 1) * x.log() + (b - 1) * (1 - x).log()).exp() * (a + b).gamma() * a.rgamma() * b.rgamma()


_ON_SERIES |= {
    "beta": _of_two(lambda x, y: _log_beta(x, y).exp()),
    "lbeta": _of_two(_log_beta),
    "gammainc": _from_slope(lambda a, x: x.gamma_lower(a, regularized=1), _gamma_density),
    "gammaincc": _from_slope(lambda a, x: x.gamma_upper(a, regularized=1), lambda a, x: -_gamma_density(a, x)),
    "betainc": _from_slope(lambda a, b, x: x.beta_lower(a, b, regularized=1), _beta_density),
}
_ON_SERIES |= {
    "lambertw": lambda x: x.lambertw(),
    "lambertwm1": lambda x: x.lambertw(-1),
    "expi": lambda x: x.ei(),
    "sinint": lambda x: x.si(),
    "cosint": lambda x: x.ci() if x[0] > 0 else x * arb.nan(),
    "fresnels": lambda x: x.fresnel_s(),
    "fresnelc": lambda x: x.fresnel_c(),
}


def _elliptic(m: Any) -> Any:
    return acb_series(m).elliptic_k()


def _second_elliptic(m: Any) -> Any:
    """E = (1 - m) (K + 2 m K'), from one more coefficient of K; K has none at 1."""
    if m[0] == 1:
        return m * arb.nan()
    ctx.cap += 1
    first = acb_series([m[0], 1]).elliptic_k()
    ctx.cap -= 1
    return (1 - m) * (first + 2 * m * first.derivative())


_ON_SERIES |= {
    "airyai": lambda x: x.airy_ai(),
    "airyaiprime": lambda x: x.airy_ai_prime(),
    "airybi": lambda x: x.airy_bi(),
    "airybiprime": lambda x: x.airy_bi_prime(),
    "zeta": lambda x: _zeta(x),
    "ellipk": _elliptic,
    "ellipe": _second_elliptic,
}


def _zeta(x: Any) -> Any:
    """Zeta of a series.

    Far below 0 it is too large for a double, and far above it is 1; there Arb takes minutes.  Next to 0, the reflection
    that Arb uses for x < 0 would need as many bits as 1 - x; the sum from 2 on (Hurwitz) needs none.
    """
    if not abs(x[0]) < 1000:
        return arb_series([arb.nan()] * ctx.cap)
    return acb_series(x).zeta(2) + 1 if x[0] > -5 else x.zeta()


def _bessel(name: str, outer: int, inner: int, sign: Callable[[int], int] | None) -> Callable[..., list[Any]]:
    """The derivatives of a Bessel function by functions of other orders (DLMF 10.6.7, 10.29.5).

    Args:
        name: the letter of the function.
        outer, inner: the signs of the sum.
        sign: the factor of the function of order n in that of order -n for an integer n (DLMF 10.4.1, 10.27.1); None if
            that of order -n is the same for every n.
    """

    def derivatives(orders: int, n: Any, x: Any) -> list[Any]:
        known: dict[float, Any] = {}

        def function(order: Any) -> Any:
            factor = 1
            if order < 0 and (sign is None or order.is_integer()):
                factor = 1 if sign is None else sign(int(order.unique_fmpz()))
                order = -order
            if float(order) not in known:
                known[float(order)] = getattr(x, f"bessel_{name}")(order)
            return factor * known[float(order)]

        def derivative(k: int) -> Any:
            terms = [math.comb(k, i) * inner**i * function(n - k + 2 * i) for i in range(k + 1)]
            return sum(terms, arb(0)) * outer**k / 2**k

        return [derivative(k) for k in range(orders)]

    return derivatives


def _alternating(n: int) -> int:
    return -1 if n % 2 else 1


def _zeta_derivatives(orders: int, n: Any, x: Any) -> list[Any]:
    first = int(n.unique_fmpz())
    before, ctx.cap = ctx.cap, first + orders
    series = _zeta(arb_series([x, 1]))
    ctx.cap = before
    return [series[k] * math.factorial(k) for k in range(first, first + orders)]


def _exponential_integrals(orders: int, n: Any, x: Any) -> list[Any]:
    return [(-1) ** k * (1 / (n - k - 1) if x.is_zero() else x.expint(n - k)) for k in range(orders)]


#: Name -> the derivatives in the last operand, of which there are as many as the first argument says.
_BY_ORDER: dict[str, Callable[..., list[Any]]] = {
    "besselj": _bessel("j", 1, -1, _alternating),
    "bessely": _bessel("y", 1, -1, _alternating),
    "besseli": _bessel("i", 1, 1, lambda n: 1),
    "besselk": _bessel("k", -1, 1, None),
    "zeta_derivative": _zeta_derivatives,
    "expint": _exponential_integrals,
}
KNOWN = {*_ON_SERIES, *_BY_ORDER}


def derivatives_in_balls(name: str, point: list[Any], operand: int, orders: int) -> list[Any]:
    """The derivatives of order 0, 1 ... toward one operand at a point of balls, at the present precision."""
    if name in _BY_ORDER:
        return [arb(0) + _real(one) for one in _BY_ORDER[name](orders, *point)]
    moving = [arb_series([x, 1]) if place == operand else x for place, x in enumerate(point)]
    series = _ON_SERIES[name](*moving)
    return [_real(series[k]) * math.factorial(k) for k in range(orders)]


def _real(number: Any) -> Any:
    return number.real if isinstance(number, acb) else number
