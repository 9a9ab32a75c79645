"""Riemann's zeta function, and the complete elliptic integrals."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import partial
from typing import Any

from gradcli.primitives.declared import Edge, System, constant
from gradcli.primitives.families.arithmetic import value_among
from gradcli.primitives.kernels import zeta_decimals as kernels
from gradcli.primitives.kernels.special_kernels import by_digits
from gradcli.primitives.orders import define_orders
from gradcli.primitives.registry import define as define_function
from gradcli.primitives.registry import functions as f

define = partial(define_function, group="special")


def _exact_zeta(x: Any) -> Any:
    """The values at integers that are rational or rational multiples of powers of pi (DLMF 25.6.1 to 25.6.4)."""
    pi, one = x.graph.lift(math.pi), x.graph.lift(1.0)
    divisors = {-1.0: -12.0, -3.0: 120.0, -5.0: -252.0, -7.0: 240.0, -9.0: -132.0}
    even = {2.0: pi**2.0 / 6.0, 4.0: pi**4.0 / 90.0, 6.0: pi**6.0 / 945.0, 8.0: pi**8.0 / 9450.0}
    zeros = {-2.0 * k: 0.0 for k in range(1, 11)}
    return value_among(x, {0.0: -0.5, **{at: one / divisor for at, divisor in divisors.items()}, **even, **zeros})


define(
    "zeta(x)",
    about="Riemann's zeta function, the sum of 1/k^x for k = 1, 2, ..., and its continuation to x < 1.",
    **by_digits(kernels.zeta, 0.0, ends=(1.0,)),
    partials=lambda x, y: (f.zeta_derivative(1.0, x),),
    domain="x != 1, or inf at x = 1",
    edges=(Edge("x = 1", "pole", lambda x: f.equal(x, 1.0), "the zeta function has a pole at 1"),),
    exact=_exact_zeta,
    latex=r"\zeta\left({x}\right)",
    spellings=("Zeta", "riemann_zeta"),
    oracle=lambda mp, x: mp.zeta(x),
    samples=(((1.01, 10.0),), ((-10.0, 0.99),), ((-60.0, -10.0),), ((10.0, 100.0),)),
    example="zeta(2)  # 1.6449340668482264",
)

define(
    "zeta_derivative(n, x)",
    about="The n-th derivative of Riemann's zeta function.",
    **by_digits(kernels.zeta, ends=(1.0,)),
    partials=lambda n, x, y: (math.nan, f.zeta_derivative(n + 1.0, x)),
    domain="n a constant integer from 0 to 200, x != 1",
    edges=(Edge("x = 1", "pole", lambda n, x: f.equal(x, 1.0), "the zeta function has a pole at 1"),),
    static=("n",),
    latex=r"\zeta^{{({n})}}\left({x}\right)",
    rewrite=lambda n, x: f.zeta(x) if constant(n) == 0.0 else None,
    oracle=lambda mp, n, x: mp.zeta(x, 1, n),
    samples=(((1.0, 1.0), (1.01, 10.0)), ((2.0, 2.0), (-10.0, 0.99))),
    example="zeta_derivative(1, 2)  # -0.9375482543158438",
)

_END = "the elliptic integrals have an infinite slope at m = 1"

define(
    "ellipk(m)",
    about="The complete elliptic integral of the first kind K(m), of the parameter m = k^2: the integral of "
    "1/sqrt(1 - m sin(t)^2) from 0 to pi/2.",
    **by_digits(kernels.elliptic_k, 0.0, ends=(1.0,)),
    partials=lambda m, y: (f.ellipk_derivative(1.0, m),),
    # Legendre's equations (DLMF 19.4.8)
    system=System(
        lambda m, y, z: (z, (0.25 * y - (1.0 - 2.0 * m) * z) / (m * (1.0 - m))),
        lambda m: (f.ellipk_derivative(1.0, m),),
    ),
    domain="m < 1, or inf at m = 1",
    edges=(Edge("m = 1", "pole", lambda m: f.equal(m, 1.0), "K is infinite at m = 1"),),
    exact=lambda m: value_among(m, {0.0: m.graph.lift(math.pi) / 2.0}),
    spellings=("EllipticK", "elliptic_k", "ellipticK"),
    oracle=lambda mp, m: mp.ellipk(m),
    samples=(((-0.99, 0.99),), ((-100.0, -0.99),), ((0.99, 0.999999),)),
    example="ellipk(0.5)  # 1.8540746773013719",
)

define(
    "ellipe(m)",
    about="The complete elliptic integral of the second kind E(m), of the parameter m = k^2: the integral of "
    "sqrt(1 - m sin(t)^2) from 0 to pi/2.",
    **by_digits(kernels.elliptic_e, 0.0, ends=(1.0,)),
    partials=lambda m, y: (f.ellipe_derivative(1.0, m),),
    system=System(
        lambda m, y, z: (z, -(0.25 * y + (1.0 - m) * z) / (m * (1.0 - m))),
        lambda m: (f.ellipe_derivative(1.0, m),),
    ),
    domain="m <= 1",
    edges=(Edge("m = 1", "end", lambda m: f.equal(m, 1.0), _END),),
    exact=lambda m: value_among(m, {0.0: m.graph.lift(math.pi) / 2.0}),
    spellings=("EllipticE", "elliptic_e", "ellipticE"),
    oracle=lambda mp, m: mp.ellipe(m),
    samples=(((-0.99, 0.99),), ((-100.0, -0.99),), ((0.99, 0.999999),)),
    example="ellipe(0.5)  # 1.3506438810476755",
)


def _for_readers(n: int, m: Any, is_second: bool) -> Any:
    """The n-th derivative by Legendre's equations and their derivatives (DLMF 19.4.1, 19.4.8)."""
    first, second, other = f.ellipk(m), f.ellipe(m), 1.0 - m
    if is_second:
        low, high = second, (second - first) / (2.0 * m)
    else:
        low, high = first, (second - other * first) / (2.0 * m * other)
    for j in range(n - 1):
        below = float(4 * j * j - 1 if is_second else (2 * j + 1) ** 2) * low / 4.0
        middle = (j + 1.0) * (1.0 - 2.0 * m) + (m if is_second else 0.0)
        low, high = high, (below - middle * high) / (m * other)
    found = high if n else low
    # At 0, where K is pi/2: pi/2 ((1/2)_n/n!)^2 n!, and for E this divided by 1 - 2 n
    at_zero = Fraction(1, 1 - 2 * n if is_second else 1)
    for k in range(1, n + 1):
        at_zero *= Fraction((2 * k - 1) ** 2, 4 * k)
    if n == 1:
        instead = math.pi * m.graph.constant(float(at_zero.numerator)) / (2.0 * at_zero.denominator)
    else:
        instead = float(at_zero.numerator) * f.ellipk(m) / float(at_zero.denominator)
    return f.guard(found, f.equal(m, 0.0), instead)


# The formulas of the textbook cancel next to 0.
define_orders(
    "ellipk_derivative(n, m)",
    about="The n-th derivative of K(m), for n > 0.",
    value=kernels.elliptic_k,
    ends=(1.0,),
    readers=lambda n, m: _for_readers(n, m, is_second=False),
    samples=(((1.0, 1.0), (-0.99, 0.99)), ((2.0, 2.0), (-0.99, 0.99))),
)

define_orders(
    "ellipe_derivative(n, m)",
    about="The n-th derivative of E(m), for n > 0.",
    value=kernels.elliptic_e,
    ends=(1.0,),
    readers=lambda n, m: _for_readers(n, m, is_second=True),
    samples=(((1.0, 1.0), (-0.99, 0.99)), ((2.0, 2.0), (-0.99, 0.99))),
)
