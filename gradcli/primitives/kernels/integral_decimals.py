"""Exponential, trigonometric and Fresnel integrals, and Lambert's W, in decimal arithmetic."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Final

from gradcli.primitives.kernels import float_kernels
from gradcli.primitives.kernels.decimals import (
    ONE,
    Decimal,
    Rounded,
    digits,
    euler,
    exact,
    geometric,
    negative,
    pi,
    sine_and_cosine_of,
    sine_and_cosine_of_pi,
    summed,
)
from gradcli.primitives.kernels.float_kernels import NAN

__all__ = [
    "cosine_integral",
    "cosine_quotient",
    "exponential_integral",
    "exponential_quotient",
    "fresnel_cosine",
    "fresnel_derivative",
    "fresnel_sine",
    "generalized_exponential_integral",
    "lambert_derivative",
    "lambert_lower",
    "lambert_polynomial",
    "lambert_upper",
    "sine_integral",
    "sine_quotient",
]

#: The largest order of E_n; the smallest one is as far below 0.
HIGHEST_ORDER: Final = 1000
#: From here on the terms of asymptotic series shrink to e^-60 of the sum, more than this number of digits needs.
_FAR: Final = 70.0
#: The same for Fresnel integrals.
_FRESNEL_FAR: Final = 6.5
_ASYMPTOTIC: Final = 24


@Rounded
def generalized_exponential_integral(n: float, x: float) -> Decimal | float:
    """E_n(x), the integral of exp(-x t)/t^n for t from 1 on, for an integer n; for n > 0 and x < 0 there is none.

    For n <= 0 a finite sum (DLMF 8.19.7); up to 2 a series (8.19.8), and beyond it a continued fraction (8.19.17).
    """
    if not (-HIGHEST_ORDER <= n <= HIGHEST_ORDER and n == math.floor(n)) or x != x or (x < 0.0 and n > 0.0):
        return NAN
    order = int(n)
    if x == 0.0:
        return 1.0 / (n - 1.0) if order > 1 else math.inf if order % 2 else math.copysign(math.inf, x)
    if math.isinf(x):
        return 0.0 if x > 0.0 else math.inf if order % 2 else -math.inf
    if x > 800.0:
        return 0.0
    with digits(30):
        value = Decimal(x)
        if order <= 0:
            return _finite(-order, value)
        return _by_series(order, value) if x < 2.0 else _by_fraction(order, value)


def _finite(count: int, x: Decimal) -> Decimal:
    """E_(-k)(x) = k! exp(-x)/x^(k+1) times the sum of x^j/j! for j up to k."""
    with digits(30 + (count + 1) * (2 + abs(math.log10(abs(x)))) if x < 0 else 30):
        total = term = ONE
        for j in range(1, count + 1):
            term = term * x / j
            total += term
        return (-x).exp() * math.factorial(count) * total / x ** (count + 1)


def _by_series(order: int, x: Decimal) -> Decimal:
    harmonic = sum((ONE / k for k in range(1, order)), Decimal(0)) - euler()
    special = (-x) ** (order - 1) / math.factorial(order - 1) * (harmonic - x.ln())
    powers = geometric(ONE, lambda k: -x / k)
    terms = (power / (order - 1 - k) for k, power in enumerate(powers) if k != order - 1)
    return special + summed(terms)


def _by_fraction(order: int, x: Decimal) -> Decimal:
    """exp(-x)/(x + n - 1 n/(x + n + 2 - 2 (n + 1)/(x + n + 4 - ...))), by the method of Lentz."""
    below = x + order
    ratio = ONE / below
    numerator, fraction = Decimal(10) ** 1000, ratio
    k = 0
    while True:
        k += 1
        factor = Decimal(-k * (order - 1 + k))
        below += 2
        ratio = 1 / (factor * ratio + below)
        numerator = below + factor / numerator
        change = numerator * ratio
        fraction *= change
        if abs(change - 1) < Decimal("1e-25"):
            return fraction * (-x).exp()


@Rounded
def exponential_integral(x: float) -> Decimal | float:
    """Ei(x), the principal value of the integral of exp(t)/t from minus infinity to x (DLMF 6.6.2, 6.12.2)."""
    if x < 0.0:
        return negative(generalized_exponential_integral.exact(1.0, -x))
    if x == 0.0:
        return -math.inf
    if x > 720.0 or x != x:
        return x if x != x else math.inf
    if x > _FAR:
        with digits(_ASYMPTOTIC):
            value = Decimal(x)
            return value.exp() / value * summed(geometric(ONE, lambda k: k / value))
    with digits(42):
        value = Decimal(x)
        powers = geometric(value, lambda k: value / (k + 1))
        return euler() + value.ln() + summed(power / k for k, power in enumerate(powers, 1))


def _auxiliary(x: Decimal) -> tuple[Decimal, Decimal]:
    """The functions f and g of the integrals of sine and cosine for large x (DLMF 6.12.3, 6.12.4)."""
    with digits(_ASYMPTOTIC):
        square = -x * x
        first = summed(geometric(1 / x, lambda k: 2 * k * (2 * k - 1) / square))
        second = summed(geometric(-1 / square, lambda k: 2 * k * (2 * k + 1) / square))
        return first, second


@Rounded
def sine_integral(x: float) -> Decimal | float:
    """Si(x), the integral of sin(t)/t from 0 to x (DLMF 6.6.5, 6.2.19)."""
    size = abs(x)
    if math.isinf(x):
        return math.copysign(0.5 * math.pi, x)
    if size > _FAR:
        with digits(30):
            value = Decimal(size)
            f, g = _auxiliary(value)
            sine, cosine = sine_and_cosine_of(value)
            return (pi() / 2 - f * cosine - g * sine).copy_sign(Decimal(x))
    if x == 0.0 or x != x:
        return x
    with digits(24 + 0.5 * size):
        value = Decimal(x)
        square = -value * value
        powers = geometric(value, lambda k: square / (2 * k * (2 * k + 1)))
        return summed(power / (2 * k + 1) for k, power in enumerate(powers))


@Rounded
def cosine_integral(x: float) -> Decimal | float:
    """Ci(x), minus the integral of cos(t)/t from x on, for x > 0 (DLMF 6.6.6, 6.2.20)."""
    if not x > 0.0:
        return -math.inf if x == 0.0 else NAN
    if math.isinf(x):
        return 0.0
    if x > _FAR:
        with digits(30):
            value = Decimal(x)
            f, g = _auxiliary(value)
            sine, cosine = sine_and_cosine_of(value)
            return f * sine - g * cosine
    with digits(42 + 0.5 * x):
        value = Decimal(x)
        square = -value * value
        powers = geometric(square / 2, lambda k: square / ((2 * k + 1) * (2 * k + 2)))
        series = summed(power / (2 * k) for k, power in enumerate(powers, 1))
        return euler() + value.ln() + series


@Rounded
def fresnel_sine(x: float) -> Decimal | float:
    """S(x), the integral of sin(pi t^2/2) from 0 to x."""
    return _fresnel(x, 1)


@Rounded
def fresnel_cosine(x: float) -> Decimal | float:
    """C(x), the integral of cos(pi t^2/2) from 0 to x."""
    return _fresnel(x, 0)


def _fresnel(x: float, odd: int) -> Decimal | float:
    """S or C by a power series (DLMF 7.6.4, 7.6.6), and by asymptotic series far out (7.5.3, 7.5.4, 7.12.2, 7.12.3).

    The square of x is reduced exactly, so that sine and cosine keep their digits.
    """
    size = abs(x)
    if x == 0.0 or x != x:
        return x
    if math.isinf(x):
        return math.copysign(0.5, x)
    if size <= _FRESNEL_FAR:
        with digits(24 + 0.8 * size * size):
            value = Decimal(x)
            angle = pi() * value * value / 2
            square = -angle * angle
            first = value * angle if odd else value
            powers = geometric(first, lambda k: square / ((2 * k + odd) * (2 * k - 1 + odd)))
            return summed(power / (4 * k + 1 + 2 * odd) for k, power in enumerate(powers))
    with digits(_ASYMPTOTIC):
        value = Decimal(size)
        angle = pi() * value * value
        square = -angle * angle
        f = summed(geometric(1 / (pi() * value), lambda k: Decimal((4 * k - 1) * (4 * k - 3)) / square))
        g = summed(geometric(1 / (pi() * value * angle), lambda k: Decimal((4 * k + 1) * (4 * k - 1)) / square))
    with digits(30):
        sine, cosine = sine_and_cosine_of_pi(exact(Fraction(size) ** 2 % 4) / 2)
        half = ONE / 2
        return (half - f * cosine - g * sine if odd else half + f * sine - g * cosine).copy_sign(Decimal(x))


@Rounded
def fresnel_derivative(odd: int, n: float, x: float) -> Decimal | float:
    """The n-th derivative of S (odd = 1) or C (odd = 0), for n > 0: that of sin(pi x^2/2) or cos(pi x^2/2)."""
    if not 1.0 <= n <= float_kernels.HIGHEST_ORDER or x != x or math.isinf(x):
        return NAN
    order = int(n) - 1
    with digits(30 + 2 * order + 2 * max(0.0, math.log10(abs(x) + 1.0))):
        value = Decimal(x)
        sine, cosine = sine_and_cosine_of_pi(value * value / 2 % 4)
        # s' = pi x c and c' = -pi x s, and of these the derivatives by Leibniz's rule
        sines, cosines = [sine], [cosine]
        for k in range(order):
            sines.append(pi() * (value * cosines[k] + (k * cosines[k - 1] if k else 0)))
            cosines.append(-pi() * (value * sines[k] + (k * sines[k - 1] if k else 0)))
        return (sines if odd else cosines)[order]


@Rounded
def exponential_quotient(n: float, x: float) -> Decimal | float:
    """The n-th derivative of exp(x)/x, which is that of Ei of order n + 1."""
    if abs(x) > 2000.0 and n >= 0.0:
        return math.inf if x > 0.0 else 0.0
    return _quotient(n, x, lambda value: (value.exp(),))


@Rounded
def sine_quotient(n: float, x: float) -> Decimal | float:
    """The n-th derivative of sin(x)/x, which is that of Si of order n + 1."""
    if x == 0.0 and 0.0 <= n <= float_kernels.HIGHEST_ORDER:
        return 0.0 if n % 2.0 else (-1.0) ** (n // 2.0) / (n + 1.0)
    return _quotient(n, x, _turning)


@Rounded
def cosine_quotient(n: float, x: float) -> Decimal | float:
    """The n-th derivative of cos(x)/x, which is that of Ci of order n + 1."""
    return _quotient(n, x, lambda value: _turning(value)[1:] + _turning(value)[:1])


def _turning(x: Decimal) -> tuple[Decimal, ...]:
    """sin(x) and its three derivatives, after which they begin again."""
    sine, cosine = sine_and_cosine_of(x)
    return sine, cosine, -sine, -cosine


def _quotient(n: float, x: float, derivatives: Callable[[Decimal], tuple[Decimal, ...]]) -> Decimal | float:
    """The n-th derivative of f(x)/x by Leibniz's rule; the derivatives of f begin again after those that are given."""
    if not 0.0 <= n <= float_kernels.HIGHEST_ORDER or x != x:
        return NAN
    order = int(n)
    if math.isinf(x):
        return 0.0
    if x == 0.0:
        return -math.inf if order % 2 else math.copysign(math.inf, x)
    # The last terms are n!/x^(n+1), and their sum may be as small as x.
    lost = math.lgamma(n + 1.0) / math.log(10.0) - (n + 2.0) * math.log10(abs(x))
    with digits(30 + max(0.0, lost)):
        value = Decimal(x)
        known = derivatives(value)
        total, term = Decimal(0), 1 / value
        for k in range(order + 1):
            total += math.comb(order, k) * known[(order - k) % len(known)] * term
            term *= -(k + 1) / value
        return total


#: -1/e, rounded; at this number W is -1, although it is a little below the branch point.
BRANCH_POINT: Final = -0.36787944117144233


@Rounded
def lambert_upper(x: float) -> Decimal | float:
    """W_0(x), the solution w >= -1 of w exp(w) = x."""
    if x < BRANCH_POINT or x != x:
        return NAN
    if x == 0.0 or x == math.inf:
        return x
    if x == BRANCH_POINT:
        return -1.0
    return _upper(x)


def _upper(x: float) -> Decimal:
    if x > 3.0:
        logarithm = math.log(x)
        guess = logarithm - math.log(logarithm)
    elif x < -0.25:
        p = math.sqrt(max(0.0, 2.0 * (math.e * x + 1.0)))
        guess = -1.0 + p - p * p / 3.0
    else:
        guess = x / (1.0 + x) if abs(x) < 0.3 else math.log1p(x)
    return _lambert(x, guess)


@Rounded
def lambert_lower(x: float) -> Decimal | float:
    """W_-1(x), the solution w <= -1 of w exp(w) = x, for x from -1/e to 0."""
    if not BRANCH_POINT <= x <= 0.0:
        return NAN
    if x == 0.0:
        return -math.inf
    if x == BRANCH_POINT:
        return -1.0
    return _lower(x)


def _lower(x: float) -> Decimal:
    if x < -0.25:
        p = -math.sqrt(max(0.0, 2.0 * (math.e * x + 1.0)))
        guess = -1.0 + p - p * p / 3.0
    else:
        logarithm = math.log(-x)
        guess = logarithm - math.log(-logarithm)
    return _lambert(x, guess)


def _lambert(x: float, guess: float) -> Decimal:
    """The solution of w exp(w) = x next to a guess, by Halley's method (Corless et al., "On the Lambert W function",
    1996, equation 5.9)."""
    exact = Decimal(x)
    with digits(40):
        w = Decimal(guess)
        if abs(w + 1) < Decimal("1e-5"):  # next to the branch point the guess must be on the right side of it
            p = (2 * (ONE.exp() * exact + 1)).sqrt()
            p = p if guess >= -1.0 else -p
            w = -1 + p - p * p / 3 + 11 * p**3 / 72
        for _ in range(20):
            power = w.exp()
            error = w * power - exact
            step = error / (power * (w + 1) - (w + 2) * error / (2 * w + 2))
            w -= step
            if abs(step) < Decimal("1e-13") * min(ONE, abs(w), abs(w + 1)):
                break
        return w


@Rounded
def lambert_derivative(branch: int, n: float, x: float) -> Decimal | float:
    """The n-th derivative of W_0 or W_-1, for n > 0 (Corless et al., equations 3.4 and 3.5).

    It is exp(-n w) p_n(w)/(1 + w)^(2n-1), where p_1 = 1 and p_(n+1) = -(n w + 3n - 1) p_n + (1 + w) p_n'.
    """
    within = x > BRANCH_POINT or x == BRANCH_POINT
    if not 1.0 <= n <= float_kernels.HIGHEST_ORDER or not within or (branch and x > 0.0):
        return NAN
    order = int(n)
    if x == BRANCH_POINT:
        return -math.inf if bool(branch) == bool(order % 2) else math.inf
    if x == 0.0 and branch:
        return -math.inf
    if x == math.inf:
        return 0.0
    w = _lower(x) if branch else _upper(x) if x else Decimal(0)
    polynomial = lambert_polynomial(order)
    with digits(40 + order):
        total = Decimal(0)
        for coefficient in reversed(polynomial):
            total = total * w + coefficient
        return (-order * w).exp() * total / (1 + w) ** (2 * order - 1)


@cache
def lambert_polynomial(order: int) -> tuple[int, ...]:
    """The coefficients of p_n, the constant one first."""
    found = [1]
    for n in range(1, order):
        longer = [0] * (len(found) + 1)
        for k, coefficient in enumerate(found):
            longer[k] += (k - 3 * n + 1) * coefficient  # of -(3n - 1) p and w p'
            longer[k + 1] -= n * coefficient
            if k:
                longer[k - 1] += k * coefficient
        found = longer
    return tuple(found)
