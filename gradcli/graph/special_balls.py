"""Special functions of rarely used families on real balls: their names in Arb, or formulas by functions of Arb."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

import flint

__all__ = ["SPECIAL"]


def _log_beta(x: Any, y: Any) -> Any:
    return x.lgamma() + y.lgamma() - (x + y).lgamma() if x > 0 and y > 0 else flint.arb.nan()


def _beta(x: Any, y: Any) -> Any:
    return x.gamma() * y.gamma() * (x + y).rgamma() if x > 0 and y > 0 else flint.arb.nan()


def _zeta(x: Any) -> Any:
    """The zeta function, with its zeros at -2, -4, ..., which no precision would show."""
    if x < 0 and x.is_exact() and x.is_integer() and int(x.unique_fmpz()) % 2 == 0:
        return flint.arb(0)
    return x.zeta()


def _zeta_derivative(n: Any, x: Any) -> Any:
    order = int(n.unique_fmpz())
    before, flint.ctx.cap = flint.ctx.cap, order + 1
    try:
        return flint.arb_series([x, 1]).zeta()[order] * math.factorial(order)
    finally:
        flint.ctx.cap = before


#: The name of a function -> the function on balls.
SPECIAL: Final[Mapping[str, Callable[..., Any]]] = {
    "erfcx": lambda x: (x * x).exp() * x.erfc(),
    "dawsn": lambda x: (-x * x).exp() * x.erfi() * flint.arb.pi().sqrt() / 2,
    "lognormcdf": lambda x: ((-x / flint.arb(2).sqrt()).erfc() / 2).log(),
    "beta": _beta,
    "lbeta": _log_beta,
    "gammainc": lambda a, x: x.gamma_lower(a, regularized=1),
    "gammaincc": lambda a, x: x.gamma_upper(a, regularized=1),
    "betainc": lambda a, b, x: x.beta_lower(a, b, regularized=1),
    "lambertw": lambda x: x.lambertw(),
    "lambertwm1": lambda x: x.lambertw(-1),
    "expint": lambda n, x: 1 / (n - 1) if x.is_zero() else x.expint(n),
    "expi": lambda x: x.ei(),
    "sinint": lambda x: x.si(),
    "cosint": lambda x: x.ci() if x > 0 else flint.arb.nan(),
    "fresnels": lambda x: x.fresnel_s(),
    "fresnelc": lambda x: x.fresnel_c(),
    "besselj": lambda n, x: x.bessel_j(n),
    "bessely": lambda n, x: x.bessel_y(n) if x > 0 else flint.arb.nan(),
    "besseli": lambda n, x: x.bessel_i(n),
    "besselk": lambda n, x: x.bessel_k(n) if x > 0 else flint.arb.nan(),
    "airyai": lambda x: x.airy()[0],
    "airyaiprime": lambda x: x.airy()[1],
    "airybi": lambda x: x.airy()[2],
    "airybiprime": lambda x: x.airy()[3],
    "zeta": _zeta,
    "zeta_derivative": _zeta_derivative,
    "ellipk": lambda m: flint.acb(m).elliptic_k().real if m < 1 else flint.arb.nan(),
    "ellipe": lambda m: flint.acb(m).elliptic_e().real if m < 1 else flint.arb(1) if m == 1 else flint.arb.nan(),
}
