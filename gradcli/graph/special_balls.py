"""Special functions of rarely used families on real balls: their names in Arb, or formulas by functions of Arb."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import flint

__all__ = ["SPECIAL"]


def _log_beta(x: Any, y: Any) -> Any:
    return x.lgamma() + y.lgamma() - (x + y).lgamma() if x > 0 and y > 0 else flint.arb.nan()


def _beta(x: Any, y: Any) -> Any:
    return x.gamma() * y.gamma() * (x + y).rgamma() if x > 0 and y > 0 else flint.arb.nan()


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
}
