"""Bessel functions of real order, and Airy functions."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from gradcli.primitives.declared import Edge, System, constant
from gradcli.primitives.families.arithmetic import value_among
from gradcli.primitives.kernels import bessel_decimals as kernels
from gradcli.primitives.kernels.decimals import Rounded
from gradcli.primitives.kernels.special_kernels import by_digits
from gradcli.primitives.orders import define_orders
from gradcli.primitives.registry import define as define_function
from gradcli.primitives.registry import functions as f

define = partial(define_function, group="special")

_ORDER: Final = "n a constant from -1000 to 1000"
_OF_BOTH_SIGNS: Final = f"{_ORDER}; x >= 0, for an integer n all reals"
_OF_POSITIVE: Final = f"{_ORDER}; x > 0, or an infinity at x = 0"
_POLE: Final = (
    Edge("x = 0", "pole", lambda n, x: f.equal(x, 0.0), "this Bessel function is infinite at 0"),
)  # fmt: skip


def _for_readers(function: Callable[[Any, Any], Any], times: int, n: Any, x: Any, signs: tuple[float, float]) -> Any:
    """The derivative of an order from functions of other orders (DLMF 10.6.7, 10.29.5)."""
    if times == 1 and constant(n) == 0.0:
        return signs[0] * signs[1] * function(n + 1.0, x)
    terms = [
        signs[0] ** times * signs[1] ** i * float(math.comb(times, i)) * function(n - float(times - 2 * i), x)
        for i in range(times + 1)
    ]
    return functools.reduce(operator.add, terms) / 2.0**times


def _reflected(function: str, *, alternates: bool, at_reals: bool = False) -> Callable[[Any, Any], Any]:
    """The identity by which a function of a negative order is one of the positive order (DLMF 10.4.1, 10.27.1).

    Args:
        function: the name of the function.
        alternates: whether the sign changes for odd orders.
        at_reals: whether the identity holds for all orders, and not for integers alone.
    """

    def rewrite(n: Any, x: Any) -> Any:
        order = constant(n)
        if order is None or order >= 0.0 or not (at_reals or order.is_integer()):
            return None
        found = getattr(f, function)(-order, x)
        return -found if alternates and order % 2.0 else found

    return rewrite


def _at_zero(n: Any, x: Any) -> Any:
    """The value of J_n or I_n at 0, for an integer n."""
    order = constant(n)
    return value_among(x, {0.0: float(order == 0.0)} if order is not None and order.is_integer() else {})


def _system(name: str, slope: float, reverse: float) -> System:
    """The system of two neighbouring orders (DLMF 10.6.2, 10.29.2).

    Args:
        name: the function.
        slope: the sign of the function of the next order in the derivative.
        reverse: the sign of the function in the derivative of that of the next order.
    """
    return System(
        lambda n, x, y, z: (n / x * y + slope * z, reverse * y - (n + 1.0) / x * z),
        lambda n, x: (getattr(f, name)(n + 1.0, x),),
    )


define(
    "besselj(n, x)",
    about="The Bessel function of the first kind J_n(x).",
    **by_digits(kernels.bessel_j, 0.0),
    partials=lambda n, x, y: (math.nan, f.besselj_derivative(1.0, n, x)),
    system=_system("besselj", -1.0, 1.0),
    domain=_OF_BOTH_SIGNS,
    latex=r"J_{{{n}}}\left({x}\right)",
    static=("n",),
    rewrite=_reflected("besselj", alternates=True),
    exact=lambda n, x: _at_zero(n, x),
    spellings=("jv", "jn", "BesselJ"),
    oracle=lambda mp, n, x: mp.besselj(n, x),
    samples=(
        ((0.0, 0.0), (-20.0, 20.0)),
        ((3.0, 3.0), (-10.0, 60.0)),
        ((0.5, 0.5), (0.01, 20.0)),
        ((-2.25, -2.25), (0.1, 9.0)),
    ),
    example="besselj(0, 1)  # 0.7651976865579666",
)

define(
    "bessely(n, x)",
    about="The Bessel function of the second kind Y_n(x).",
    **by_digits(kernels.bessel_y, 0.0),
    partials=lambda n, x, y: (math.nan, f.bessely_derivative(1.0, n, x)),
    system=_system("bessely", -1.0, 1.0),
    domain=_OF_POSITIVE,
    edges=_POLE,
    latex=r"Y_{{{n}}}\left({x}\right)",
    static=("n",),
    rewrite=_reflected("bessely", alternates=True),
    spellings=("yv", "yn", "BesselY"),
    oracle=lambda mp, n, x: mp.bessely(n, x),
    samples=(((0.0, 0.0), (0.01, 20.0)), ((3.0, 3.0), (0.1, 60.0)), ((0.75, 0.75), (0.01, 20.0))),
    example="bessely(0, 1)  # 0.08825696421567696",
)

define(
    "besseli(n, x)",
    about="The modified Bessel function of the first kind I_n(x).",
    **by_digits(kernels.bessel_i, 0.0),
    partials=lambda n, x, y: (math.nan, f.besseli_derivative(1.0, n, x)),
    system=_system("besseli", 1.0, 1.0),
    domain=_OF_BOTH_SIGNS,
    latex=r"I_{{{n}}}\left({x}\right)",
    static=("n",),
    rewrite=_reflected("besseli", alternates=False),
    exact=lambda n, x: _at_zero(n, x),
    spellings=("iv", "BesselI"),
    oracle=lambda mp, n, x: mp.besseli(n, x),
    samples=(((0.0, 0.0), (-20.0, 20.0)), ((3.0, 3.0), (-10.0, 60.0)), ((0.5, 0.5), (0.01, 20.0))),
    example="besseli(0, 1)  # 1.2660658777520084",
)

define(
    "besselk(n, x)",
    about="The modified Bessel function of the second kind K_n(x).",
    **by_digits(kernels.bessel_k, 0.0),
    partials=lambda n, x, y: (math.nan, f.besselk_derivative(1.0, n, x)),
    system=_system("besselk", -1.0, -1.0),
    domain=_OF_POSITIVE,
    edges=_POLE,
    latex=r"K_{{{n}}}\left({x}\right)",
    static=("n",),
    rewrite=_reflected("besselk", alternates=False, at_reals=True),
    spellings=("kv", "kn", "BesselK"),
    oracle=lambda mp, n, x: mp.besselk(n, x),
    samples=(((0.0, 0.0), (0.01, 20.0)), ((3.0, 3.0), (0.1, 60.0)), ((0.75, 0.75), (0.01, 20.0))),
    example="besselk(0, 1)  # 0.42102443824070834",
)

#: The name of a function -> its kernel, and the signs in the formula of its derivatives.
_KINDS: Final[dict[str, tuple[Rounded, tuple[float, float]]]] = {
    "besselj": (kernels.bessel_j, (1.0, -1.0)),
    "bessely": (kernels.bessel_y, (1.0, -1.0)),
    "besseli": (kernels.bessel_i, (1.0, 1.0)),
    "besselk": (kernels.bessel_k, (-1.0, 1.0)),
}


def _define_derivative(name: str) -> None:
    """Declare the derivatives of a Bessel function."""
    kernel, signs = _KINDS[name]
    define_orders(
        f"{name}_derivative(k, n, x)",
        about=f"The k-th derivative of {name}(n, x).",
        value=kernel,
        readers=lambda times, n, x: _for_readers(getattr(f, name), times, n, x, signs),
        samples=(((1.0, 1.0), (0.0, 0.0), (0.1, 20.0)), ((2.0, 2.0), (1.5, 1.5), (0.1, 20.0))),
    )


for _name in _KINDS:
    _define_derivative(_name)


_AT_INFINITY: Final = Edge(
    "x = inf", "limit", lambda x: f.equal(x, math.inf), "Ai and all its derivatives go to 0", lambda x, y: (0.0,)
)

define(
    "airyai(x)",
    about="The Airy function Ai(x), the solution of y'' = x y that goes to 0.",
    **by_digits(kernels.airy, 0),
    partials=lambda x, y: (f.airyaiprime(x),),
    system=System(lambda x, y, z: (z, x * y), lambda x: (f.airyaiprime(x),)),
    latex=r"\operatorname{{Ai}}\left({x}\right)",
    spellings=("Ai", "AiryAi", "airy_ai"),
    oracle=lambda mp, x: mp.airyai(x),
    samples=(((-10.0, 5.0),), ((5.0, 30.0),), ((-40.0, -10.0),)),
    example="airyai(1)  # 0.13529241631288141",
)

define(
    "airyaiprime(x)",
    about="The derivative of the Airy function Ai(x).",
    **by_digits(kernels.airy, 1),
    partials=lambda x, y: (x * f.airyai(x),),
    system=System(lambda x, y, z: (x * z, y), lambda x: (f.airyai(x),)),
    edges=(_AT_INFINITY,),
    spellings=("AiryAiPrime", "airy_ai_prime"),
    oracle=lambda mp, x: mp.airyai(x, 1),
    samples=(((-10.0, 5.0),), ((5.0, 30.0),), ((-40.0, -10.0),)),
    example="airyaiprime(1)  # -0.1591474412967932",
)

define(
    "airybi(x)",
    about="The Airy function Bi(x), the solution of y'' = x y that grows.",
    **by_digits(kernels.airy, 2),
    partials=lambda x, y: (f.airybiprime(x),),
    system=System(lambda x, y, z: (z, x * y), lambda x: (f.airybiprime(x),)),
    latex=r"\operatorname{{Bi}}\left({x}\right)",
    spellings=("Bi", "AiryBi", "airy_bi"),
    oracle=lambda mp, x: mp.airybi(x),
    samples=(((-10.0, 5.0),), ((5.0, 30.0),), ((-40.0, -10.0),)),
    example="airybi(1)  # 1.2074235949528713",
)

define(
    "airybiprime(x)",
    about="The derivative of the Airy function Bi(x).",
    **by_digits(kernels.airy, 3),
    partials=lambda x, y: (x * f.airybi(x),),
    system=System(lambda x, y, z: (x * z, y), lambda x: (f.airybi(x),)),
    spellings=("AiryBiPrime", "airy_bi_prime"),
    oracle=lambda mp, x: mp.airybi(x, 1),
    samples=(((-10.0, 5.0),), ((5.0, 30.0),), ((-40.0, -10.0),)),
    example="airybiprime(1)  # 0.9324359333927756",
)
