"""Riemann's zeta function and the complete elliptic integrals, with all derivatives, in decimal arithmetic."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from gradcli.primitives.kernels.decimals import (
    ONE,
    Decimal,
    Rounded,
    bernoulli,
    digits,
    exact,
    geometric,
    log_gamma,
    pi,
    polygamma,
    precision,
    sine_and_cosine_of_pi,
    summed,
)
from gradcli.primitives.kernels.float_kernels import HIGHEST_ORDER, NAN

__all__ = ["elliptic_e", "elliptic_k", "zeta"]

#: Below this the zeta function and its derivatives are infinite, or 0.
_LOWEST: Final = -1e4
#: The coefficients of a power series in h, the constant one first.
_Series = Sequence[Decimal]


def _product(one: _Series, other: _Series) -> list[Decimal]:
    return [sum((one[i] * other[k - i] for i in range(k + 1)), Decimal(0)) for k in range(len(one))]


def _exponential(rate: Decimal, length: int) -> list[Decimal]:
    """exp(rate h)."""
    found = [ONE]
    for k in range(1, length):
        found.append(found[-1] * rate / k)
    return found


def _by_sums(s: Decimal, length: int) -> list[Decimal]:
    """The coefficients of zeta(s + h), by the formula of Euler and Maclaurin (DLMF 25.2.9)."""
    count = precision()
    last = count // 2 + 4
    found = [Decimal(0)] * length
    for k in range(1, last):
        logarithm = -_logarithm(k, count)
        power = (s * logarithm).exp()
        for i, factor in enumerate(_exponential(logarithm, length)):
            found[i] += power * factor
    logarithm = -_logarithm(last, count)
    power = (s * logarithm).exp()
    falling = [power * one for one in _exponential(logarithm, length)]
    below = [ONE / (s - 1)]
    for _ in range(1, length):
        below.append(below[-1] / (1 - s))
    for i, one in enumerate(_product(falling, below)):
        found[i] += one * last + falling[i] / 2
    rising = [s / last, ONE / last, *[Decimal(0)] * length][:length]
    for j, number in enumerate(bernoulli(count // 2 + 8), 1):
        factor = exact(number / math.factorial(2 * j))
        terms = _product(falling, rising)
        found = [one + factor * other for one, other in zip(found, terms, strict=True)]
        for step in (2 * j - 1, 2 * j):
            shifted = [(s + step) * one for one in rising]
            rising = [one + (rising[i - 1] if i else 0) for i, one in enumerate(shifted)]
        rising = [one / last**2 for one in rising]
    return found


@lru_cache(maxsize=1024)
def _logarithm(k: int, count: int) -> Decimal:
    with digits(count):
        return Decimal(k).ln()


def _by_reflection(s: Decimal, length: int) -> list[Decimal]:
    """The coefficients of zeta(s + h) for s < 0 from those of zeta(1 - s) (DLMF 25.4.1)."""
    sine, cosine = sine_and_cosine_of_pi(s / 2)
    turning, waves, factor = (sine, cosine, -sine, -cosine), [], ONE
    for k in range(length):
        waves.append(turning[k % 4] * factor)
        factor *= pi() / 2 / (k + 1)
    # Gamma(1 - s - h) by its logarithm: g' = g l' gives the coefficients
    slopes = [polygamma(k, 1 - s) * (-1) ** (k + 1) / math.factorial(k) for k in range(length)]
    gammas = [log_gamma(1 - s).exp()]
    for k in range(1, length):
        gammas.append(sum((slopes[i] * gammas[k - 1 - i] for i in range(k)), Decimal(0)) / k)
    logarithm = (2 * pi()).ln()
    scale = 2 * ((s - 1) * logarithm).exp()
    powers = [scale * one for one in _exponential(logarithm, length)]
    mirrored = [one * (-1) ** k for k, one in enumerate(_by_sums(1 - s, length))]
    return _product(_product(powers, waves), _product(gammas, mirrored))


@Rounded
def zeta(n: float, x: float) -> Decimal | float:
    """The n-th derivative of Riemann's zeta function."""
    if not 0.0 <= n <= HIGHEST_ORDER or x != x or x == -math.inf:
        return NAN
    order = int(n)
    if x == 1.0:
        return -math.inf if order % 2 else math.inf
    if x == math.inf:
        return 1.0 if order == 0 else -0.0 if order % 2 else 0.0
    if x < _LOWEST:
        return _far_below(order, x)
    if x > 1500.0:
        with digits(40 + 2 * order):
            found = (-Decimal(x) * Decimal(2).ln()).exp() * (-Decimal(2).ln()) ** order
            return found + (0 if order else 1)
    # A series asks for one order after the other, and all lower ones are known with the highest one.
    length = order + 1 if order < 4 else 1 << order.bit_length()
    with digits(40 + 2 * length):
        return _coefficients(x, length)[order] * math.factorial(order)


@lru_cache(maxsize=16)
def _coefficients(x: float, length: int) -> Sequence[Decimal]:
    """The first coefficients of zeta(x + h), with the present number of digits."""
    s = Decimal(x)
    return _by_sums(s, length) if x >= -0.5 else _by_reflection(s, length)


def _far_below(order: int, x: float) -> float:
    """The derivative where Gamma(1 - x) is infinite: the factor sin(pi x/2) has the sign, or else its derivative."""
    with digits(40):
        sine, cosine = sine_and_cosine_of_pi(Decimal(x) / 2)
    if sine == 0:
        return 0.0 if order == 0 else math.copysign(math.inf, cosine if order % 2 else -cosine)
    return math.copysign(math.inf, -sine if order % 2 else sine)


def _by_agm(m: Decimal) -> tuple[Decimal, Decimal]:
    """K(m) and E(m) by the arithmetic-geometric mean (DLMF 19.8.5, 19.8.6)."""
    a, b, total, factor = ONE, (1 - m).sqrt(), 1 - m / 2, ONE / 2
    while abs(a - b) > Decimal(10) ** (-precision() // 2 - 2) * a:
        factor *= 2
        half = (a - b) / 2
        total -= factor * half * half
        a, b = (a + b) / 2, (a * b).sqrt()
    factor *= 2
    total -= factor * ((a - b) / 2) ** 2
    first = pi() / (a + b)
    return first, first * total


def _by_series(order: int, m: Decimal, is_second: bool) -> Decimal:
    """The derivative of K or E by the power series (DLMF 19.5.1, 19.5.2).

    Its coefficients are pi/2 ((1/2)_k/k!)^2, and for E these divided by 1 - 2 k.
    """
    first = pi() / 2
    for k in range(1, order + 1):
        first *= Decimal((2 * k - 1) ** 2) / (4 * k)
    if is_second:
        first /= 1 - 2 * order

    def ratio(k: int) -> Decimal:
        at = k + order
        found = Decimal((2 * at - 1) ** 2) / (4 * at * k) * m
        return found * (2 * at - 3) / (2 * at - 1) if is_second else found

    return summed(geometric(first, ratio))


def _elliptic(n: float, m: float, is_second: bool) -> Decimal | float:
    if not 0.0 <= n <= HIGHEST_ORDER or not m <= 1.0:
        return NAN
    order = int(n)
    if m == 1.0:
        return math.inf if not is_second else 1.0 if order == 0 else -math.inf
    if m == -math.inf:
        return math.inf if is_second and order == 0 else -0.0 if is_second and order == 1 else 0.0
    with digits(40 + 2 * order):
        value = Decimal(m)
        if abs(m) <= 0.5:
            return _by_series(order, value, is_second)
        first, second = _by_agm(value)
        # Legendre's equations and their derivatives (DLMF 19.4.1, 19.4.8)
        if is_second:
            low, high, quarter, shift = second, (second - first) / (2 * value), -ONE / 4, value
        else:
            low, high = first, (second - (1 - value) * first) / (2 * value * (1 - value))
            quarter, shift = ONE / 4, Decimal(0)
        for j in range(order):
            below = (j * j + (0 if is_second else j) + quarter) * low
            low, high = high, (below - ((j + 1) * (1 - 2 * value) + shift) * high) / (value * (1 - value))
        return low


@Rounded
def elliptic_k(n: float, m: float) -> Decimal | float:
    """The n-th derivative of the complete elliptic integral K, a function of the parameter m = k^2."""
    return _elliptic(n, m, is_second=False)


@Rounded
def elliptic_e(n: float, m: float) -> Decimal | float:
    """The n-th derivative of the complete elliptic integral E, a function of the parameter m = k^2."""
    return _elliptic(n, m, is_second=True)
