"""The beta function, and incomplete gamma and beta functions, in decimal arithmetic."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache
from itertools import accumulate
from operator import mul
from typing import Final

from gradcli.primitives.kernels import gamma_family
from gradcli.primitives.kernels.decimals import (
    ONE,
    Decimal,
    Rounded,
    digits,
    gamma_ratio_logarithm,
    geometric,
    log_gamma,
    pi,
    polygamma,
    rounded_up,
    summed,
)
from gradcli.primitives.kernels.float_kernels import FLOATS, HIGHEST_ORDER, NAN

__all__ = [
    "beta",
    "beta_density",
    "beta_derivative",
    "gamma_density",
    "incomplete_beta",
    "log_beta",
    "lower_gamma",
    "polygamma_difference",
    "upper_gamma",
]

#: The largest parameter of incomplete functions.
HIGHEST_PARAMETER: Final = 1e6


def _size(*numbers: float) -> float:
    """The digits in front of the point of the logarithms of such numbers' powers."""
    return max(0.0, math.log10(max(map(abs, numbers)) + 2.0)) + 3.0


@Rounded
def log_beta(x: float, y: float) -> Decimal | float:
    """log(B(x, y)) of positive numbers, by the definition, with the digits that cancel (DLMF 5.12.1)."""
    if not (x >= 0.0 and y >= 0.0):
        return NAN
    if x == 0.0 or y == 0.0 or math.isinf(x) or math.isinf(y):
        return NAN if min(x, y) == 0.0 and max(x, y) == math.inf else math.inf if min(x, y) == 0.0 else -math.inf
    return _log_beta(min(x, y), max(x, y))


@lru_cache(maxsize=64)
def _log_beta(low: float, high: float, count: int = 24) -> Decimal:
    """log(B) of two positive numbers.

    log(Gamma(high)) and log(Gamma(low + high)) cancel to the size of low log(high).
    """
    lost = max(0.0, math.log10(high)) + _size(high)
    if high > 1e30:
        # Gamma(high + low)/Gamma(high) is high^low to low (low - 1)/(2 high) (DLMF 5.11.12).
        with digits(count + math.log10(high) + 10):
            if low > 1e10:
                return _stirling_beta(Decimal(low), Decimal(high))
            return log_gamma(Decimal(low)) - Decimal(low) * Decimal(high).ln()
    with digits(count + lost):
        return log_gamma(Decimal(low)) + gamma_ratio_logarithm(Decimal(high), Decimal(low))


def _stirling_beta(x: Decimal, y: Decimal) -> Decimal:
    """log(B) of two huge numbers by the leading terms of Stirling's series, in which nothing cancels."""
    half = Decimal("0.5")
    powers = (x - half) * (1 + y / x).ln() + (y - half) * (1 + x / y).ln()
    return (2 * pi()).ln() * half - powers - (x + y).ln() * half


@Rounded
def beta(x: float, y: float) -> Decimal | float:
    """B(x, y) = Gamma(x) Gamma(y)/Gamma(x + y) of positive numbers."""
    logarithm = log_beta(x, y)
    if not math.isfinite(logarithm):
        return math.exp(logarithm) if logarithm < 0.0 else logarithm
    with digits(40):
        return _log_beta(min(x, y), max(x, y)).exp()


@Rounded
def beta_derivative(m: float, n: float, x: float, y: float) -> Decimal | float:
    """The m-th derivative by x of the n-th derivative by y of B(x, y), for positive numbers.

    B = exp(log B), so its derivatives follow from those of log(B) by Leibniz's rule.  All terms of a derivative by one
    variable have the same sign.  In mixed derivatives terms cancel, so the precision doubles until two results agree;
    where they don't, as for x = 1e-300, the value is nan.
    """
    if not (m >= 0.0 and n >= 0.0 and 1.0 <= m + n <= HIGHEST_ORDER and x >= 0.0 and y >= 0.0):
        return NAN
    if x == 0.0 or y == 0.0:
        is_infinite = (n if x == 0.0 else m) == 0.0 and 0.0 < max(x, y) < math.inf
        return (-1.0) ** (m + n) * math.inf if is_infinite else NAN
    if math.isinf(x) or math.isinf(y):
        return 0.0
    before = None
    for count in (40, 80, 160):
        found = _share_of_beta(int(m), int(n), x, y, count)
        if not m or not n or (before is not None and abs(found - before) <= abs(found).scaleb(-30)):
            with digits(40):
                return found * _log_beta(min(x, y), max(x, y)).exp()
        before = found
    return NAN


def _share_of_beta(m: int, n: int, x: float, y: float, count: int) -> Decimal:
    """The derivative of B of these orders, divided by B."""
    with digits(count + _size(x, y) + m + n):
        found = {(0, 0): ONE}
        for i in range(m + 1):
            for j in range(n + 1):
                # The first derivative by one of the variables is B times that of log(B).
                di, dj = (1, 0) if i else (0, 1)
                if i or j:
                    found[i, j] = sum(
                        (
                            math.comb(i - di, a)
                            * math.comb(j - dj, b)
                            * _slope(a + di, b + dj, x, y, count)
                            * found[i - di - a, j - dj - b]
                            for a in range(i - di + 1)
                            for b in range(j - dj + 1)
                        ),
                        Decimal(0),
                    )
        return found[m, n]


@lru_cache(maxsize=256)
def _slope(i: int, j: int, x: float, y: float, count: int) -> Decimal:
    """The derivative of log(B) of order i by x and j by y."""
    with digits(count + _size(x, y) + i + j + 4):
        first, second = Decimal(x), Decimal(y)
        if i and j:
            return -polygamma(i + j - 1, first + second)
        return _difference(i - 1, first, second) if i else _difference(j - 1, second, first)


def _difference(order: int, x: Decimal, y: Decimal) -> Decimal:
    """polygamma(order, x) - polygamma(order, x + y); a power series in a small y."""
    if y * 1000 > x:
        return polygamma(order, x) - polygamma(order, x + y)
    # The k-th term is about (y/x)^k times the first one.
    powers = geometric(-y, lambda k: y / (k + 1))
    return summed(power * polygamma(order + k, x) for k, power in enumerate(powers, 1))


@Rounded
def polygamma_difference(n: float, x: float, y: float) -> Decimal | float:
    """polygamma(n, x) - polygamma(n, x + y) of positive numbers.

    The recurrence, and the asymptotic series (DLMF 5.15.5, 5.15.8; 5.11.2 for n = 0); a power series in a small y.
    """
    if not (0.0 <= n <= HIGHEST_ORDER and x >= 0.0 and y >= 0.0):
        return NAN
    order = int(n)
    sign = 1.0 if order % 2 else -1.0
    if x == 0.0 or math.isinf(x):
        return (NAN if y == 0.0 else sign * math.inf) if x == 0.0 else NAN if math.isinf(y) and not order else 0.0
    if y == 0.0:
        return 0.0
    if math.isinf(y):
        return sign * math.inf if not order else float(gamma_family.polygamma(FLOATS, n, x))
    with digits(34 + _size(x, y) + order):
        return _difference(order, Decimal(x), Decimal(y))


def _products(factors: Iterable[Decimal]) -> list[Decimal]:
    """1, the first factor, the product of the first two factors, and so on."""
    return [*accumulate(factors, mul, initial=ONE)]


def _falling(x: Decimal, count: int) -> list[Decimal]:
    """1, x, x (x - 1), ... up to a number of factors."""
    return _products(x - k for k in range(count))


def _is_parameter(a: float) -> bool:
    return 0.0 < a <= HIGHEST_PARAMETER


@lru_cache(maxsize=64)
def _log_gamma(a: float, count: int) -> Decimal:
    with digits(count):
        return log_gamma(Decimal(a))


@Rounded
def gamma_density(n: float, a: float, x: float) -> Decimal | float:
    """The n-th derivative of x^(a-1) exp(-x)/Gamma(a), by Leibniz's rule."""
    if not (0.0 <= n <= HIGHEST_ORDER and _is_parameter(a)) or not x >= 0.0:
        return NAN
    order = int(n)
    if math.isinf(x):
        return 0.0
    count = rounded_up(30 + _size(a, x) + order + order * _size(a)) if order else int(30 + _size(a, x))
    with digits(count):
        at, value = Decimal(a) - 1, Decimal(x)
        signs = [Decimal(-1) ** (order - k) * math.comb(order, k) * one for k, one in enumerate(_falling(at, order))]
        if x == 0.0:
            factor = _log_gamma(a, count).exp()
            for k in range(order, -1, -1):  # the term with the lowest power of x counts
                if signs[k] and at != k:
                    return 0.0 if at > k else math.copysign(math.inf, float(signs[k]))
                if signs[k]:
                    return signs[k] / factor
        if x > 1e7:
            return 0.0
        polynomial = Decimal(0)
        for sign in signs:
            polynomial = polynomial * value + sign
        return polynomial * _gamma_weight(a, x, count) / value**order


@lru_cache(maxsize=16)
def _gamma_weight(a: float, x: float, count: int) -> Decimal:
    """x^(a-1) exp(-x)/Gamma(a) with the present number of digits, which is the last operand."""
    value = Decimal(x)
    return ((Decimal(a) - 1) * value.ln() - value - _log_gamma(a, count)).exp()


@Rounded
def lower_gamma(a: float, x: float) -> Decimal | float:
    """P(a, x), the regularised lower incomplete gamma function."""
    if not _is_parameter(a) or not x >= 0.0:
        return NAN
    if x == 0.0 or math.isinf(x):
        return 0.0 if x == 0.0 else 1.0
    if x < a + 1.0:
        return _gamma_series(a, x)
    with digits(40):
        return 1 - _gamma_fraction(a, x)


@Rounded
def upper_gamma(a: float, x: float) -> Decimal | float:
    """Q(a, x) = 1 - P(a, x)."""
    if not _is_parameter(a) or not x >= 0.0:
        return NAN
    if x == 0.0 or math.isinf(x):
        return 1.0 if x == 0.0 else 0.0
    if x >= a + 1.0:
        return _gamma_fraction(a, x)
    with digits(60):  # for small a and x, Q is as small as a itself
        return 1 - _gamma_series(a, x, 24 + min(330.0, max(0.0, -math.log10(a))))


def _gamma_series(a: float, x: float, more: float = 24) -> Decimal:
    """P by its power series, all of whose terms are positive (DLMF 8.7.1)."""
    count = int(more + _size(a, x))
    with digits(count):
        order, value = Decimal(a), Decimal(x)
        series = summed(geometric(ONE, lambda k: value / (order + k)))
        return (order * value.ln() - value - _log_gamma(a, count)).exp() / order * series


def _gamma_fraction(a: float, x: float) -> Decimal:
    """Q by its continued fraction (DLMF 8.9.2), by the method of Lentz."""
    if x > 1e7:
        return Decimal(0)
    count = int(24 + _size(a, x))
    with digits(count):
        order, value = Decimal(a), Decimal(x)
        below = value + 1 - order
        ratio = ONE / below
        numerator, fraction = Decimal(10) ** 1000, ratio
        k = 0
        while True:
            k += 1
            factor = -k * (k - order)
            below += 2
            ratio = 1 / (factor * ratio + below)
            numerator = below + factor / numerator
            change = numerator * ratio
            fraction *= change
            if abs(change - 1) < Decimal("1e-24"):
                break
        return (order * value.ln() - value - _log_gamma(a, count)).exp() * fraction


@Rounded
def incomplete_beta(a: float, b: float, x: float) -> Decimal | float:
    """I_x(a, b), the regularised incomplete beta function (DLMF 8.17.22, 8.17.4)."""
    if not (_is_parameter(a) and _is_parameter(b) and 0.0 <= x <= 1.0):
        return NAN
    if x in (0.0, 1.0):
        return x
    if x <= (a + 1.0) / (a + b + 2.0):
        return _beta_fraction(a, b, Decimal(x))
    with digits(60):
        return 1 - _beta_fraction(b, a, 1 - Decimal(x))


def _beta_fraction(a: float, b: float, x: Decimal) -> Decimal:
    """I_x(a, b) by its continued fraction."""
    count = int(30 + _size(a, b))
    with digits(count):
        first, second = Decimal(a), Decimal(b)
        below, numerator = ONE, ONE
        ratio = 1 / (1 - (first + second) * x / (first + 1))
        fraction = ratio
        k = 0
        while True:
            k += 1
            for factor in (
                k * (second - k) * x / ((first + 2 * k - 1) * (first + 2 * k)),
                -(first + k) * (first + second + k) * x / ((first + 2 * k) * (first + 2 * k + 1)),
            ):
                ratio = 1 / (below + factor * ratio)
                numerator = below + factor / numerator
                change = numerator * ratio
                fraction *= change
            if abs(change - 1) < Decimal("1e-24"):
                break
        logarithm = first * x.ln() + second * (1 - x).ln() - _log_beta(min(a, b), max(a, b), count)
        return logarithm.exp() * fraction / first


@Rounded
def beta_density(n: float, a: float, b: float, x: float) -> Decimal | float:
    """The n-th derivative of x^(a-1) (1-x)^(b-1)/B(a, b), by Leibniz's rule."""
    if not (0.0 <= n <= HIGHEST_ORDER and _is_parameter(a) and _is_parameter(b) and 0.0 <= x <= 1.0):
        return NAN
    order = int(n)
    if x == 1.0:
        found = beta_density(n, b, a, 0.0)
        return -found if order % 2 else found
    count = rounded_up(30 + order * (_size(a, b) + 2)) if order else 30
    with digits(count):
        first, second, value = Decimal(a) - 1, Decimal(b) - 1, Decimal(x)
        fallings = zip(_falling(first, order), reversed(_falling(second, order)), strict=True)
        weights = [
            Decimal(-1) ** (order - k) * math.comb(order, k) * one * other for k, (one, other) in enumerate(fallings)
        ]
        constant = (-_log_beta(min(a, b), max(a, b), count)).exp()
        if x == 0.0:
            for k in range(order, -1, -1):
                if weights[k] and first != k:
                    return 0.0 if first > k else math.copysign(math.inf, float(weights[k]))
                if weights[k]:
                    return constant * weights[k]
            return 0.0
        rest = 1 - value
        powers = zip(_products([rest] * order), reversed(_products([value] * order)), strict=True)
        terms = (weight * one * other for weight, (one, other) in zip(weights, powers, strict=True))
        return sum(terms, Decimal(0)) * constant * _beta_weight(a, b, x, count) / (value * rest) ** order


@lru_cache(maxsize=16)
def _beta_weight(a: float, b: float, x: float, _count: int) -> Decimal:
    """x^(a-1) (1-x)^(b-1) with the present number of digits, which is the last operand."""
    value = Decimal(x)
    return ((Decimal(a) - 1) * value.ln() + (Decimal(b) - 1) * (1 - value).ln()).exp()
