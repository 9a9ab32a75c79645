"""Float kernels of the gamma family, for a machine without SciPy: Python's own gamma, and polygamma by hand."""

from __future__ import annotations

import functools
import math

from gradcli.primitives.kernels import HIGHEST_ORDER, cospi, div, sinpi

#: B_2, B_4, ... B_24, the Bernoulli numbers of the asymptotic series (DLMF 5.11.2, 5.15.8).
BERNOULLI = (
    1 / 6,
    -1 / 30,
    1 / 42,
    -1 / 30,
    5 / 66,
    -691 / 2730,
    7 / 6,
    -3617 / 510,
    43867 / 798,
    -174611 / 330,
    854513 / 138,
    -236364091 / 2730,
)


def gamma(x: float) -> float:
    """Gamma(x): a signed infinity at 0, nan at the negative integers."""
    try:
        return math.gamma(x)
    except OverflowError:
        return math.copysign(math.inf, x)
    except ValueError:
        return math.copysign(math.inf, x) if x == 0.0 else math.nan


def lgamma(x: float) -> float:
    """log|Gamma(x)|: inf at its poles."""
    try:
        return math.lgamma(x)
    except (OverflowError, ValueError):
        return math.inf


def factorial(x: float) -> float:
    """x!, exact where x is a natural number whose factorial fits."""
    if x == x and 0.0 <= x <= 170.0 and x == int(x):
        return float(math.factorial(int(x)))
    return gamma(x + 1.0)


def gamma_derivative(n: float, x: float) -> float:
    """The n-th derivative of Gamma: Gamma times the complete Bell polynomial of the polygammas."""
    if not 0.0 <= n <= HIGHEST_ORDER or x != x:
        return math.nan
    if x == math.inf:
        return x
    order = int(n)
    slopes = [polygamma(float(k), x) for k in range(order)]
    bell = [1.0]
    for k in range(order):
        bell.append(sum([math.comb(k, i) * bell[k - i] * slopes[i] for i in range(k + 1)]))
    return gamma(x) * bell[order]


def polygamma(n: float, x: float) -> float:
    """The n-th derivative of digamma; nan if n is no integer from 0 to 100.

    Upward recurrence to where the asymptotic series reaches double precision (DLMF 5.15.5, 5.15.8); reflection for
    x < 0 (DLMF 5.15.6).  nan at 0 and the negative integers but for the odd-order poles, which are inf, and for 0 with
    its sign.
    """
    if x != x or x == -math.inf or not (0.0 <= n <= HIGHEST_ORDER + 1.0 and n == math.floor(n)):
        return math.nan
    order = int(n)
    if x == math.inf:
        return math.inf if order == 0 else 0.0
    if x <= 0.0 and x == math.floor(x):
        if order % 2 == 1:
            return math.inf
        return -math.copysign(math.inf, x) if x == 0.0 else math.nan
    if x < 0.0:
        sign = -1.0 if order % 2 else 1.0
        return sign * polygamma(n, 1.0 - x) - math.pi ** (order + 1) * _cotangent_derivative(order, x)
    terms: list[float] = []
    threshold = 12.0 + order
    while x < threshold:
        terms.append(_factorial_over_power(order, x))
        x += 1.0
    inverse_square = 1.0 / x / x
    if order == 0:
        series = [math.log(x), -0.5 / x]
        power = inverse_square
        for k, bernoulli in enumerate(BERNOULLI, 1):
            series.append(-bernoulli * power / (2 * k))
            power *= inverse_square
        return _sum([*series, *(-t for t in terms)])
    # (n-1)!/x^n (1 + n/(2x) + sum over k of B_2k (2k+n-1)!/((2k)! (n-1)!) x^-2k)
    first = _factorial_over_power(order - 1, x)
    ratio = first * order * (order + 1) / 2.0 * inverse_square
    series = [first, 0.5 * first * (order / x)]
    for k, bernoulli in enumerate(BERNOULLI, 1):
        series.append(bernoulli * ratio)
        ratio *= (2 * k + order) * (2 * k + order + 1) / ((2 * k + 1) * (2 * k + 2)) * inverse_square
    total = _sum([*series, *terms])
    return total if order % 2 else -total


def _sum(terms: list[float]) -> float:
    """The sum without rounding on the way, which Python's own refuses for infinities and overflow."""
    try:
        return math.fsum(terms)
    except (OverflowError, ValueError):
        return sum(terms)


def _factorial_over_power(n: int, x: float) -> float:
    """n!/x^(n+1), as a product that does not leave the range of doubles before its result does."""
    product = 1.0 / x
    for i in range(1, n + 1):
        product *= i / x
    return product


@functools.cache
def cotangent_polynomial(n: int) -> list[float]:
    """The n-th derivative of cot as a polynomial in the cotangent, lowest power first: cot' = -(1 + cot^2)."""
    coefficients = [0.0, 1.0]
    for _ in range(n):
        derived = [0.0] * (len(coefficients) + 1)
        for power, coefficient in enumerate(coefficients):
            if power:
                derived[power - 1] -= power * coefficient
                derived[power + 1] -= power * coefficient
        coefficients = derived
    return coefficients


def _cotangent_derivative(n: int, x: float) -> float:
    """The n-th derivative of cot at pi x."""
    coefficients = cotangent_polynomial(n)
    cotangent = div(cospi(x), sinpi(x))
    total = coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        total = total * cotangent + coefficient
    return total
