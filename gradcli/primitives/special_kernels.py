"""Float kernels of the gamma family, for a machine without SciPy: Python's own gamma, and polygamma by hand."""

from __future__ import annotations

import math

from gradcli.primitives.kernels import cospi, sinpi

# B_2, B_4, ... B_24, the Bernoulli numbers of the asymptotic series (DLMF 5.11.2, 5.15.8).
_BERNOULLI = (
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
        return math.inf
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


def polygamma(n: int, x: float) -> float:
    """The n-th derivative of digamma, n >= 0.

    Upward recurrence to where the asymptotic series reaches double precision (DLMF 5.15.5, 5.15.8); reflection for
    x < 0 (DLMF 5.15.6).  nan at 0 and the negative integers but for the even-order poles, which are inf.
    """
    if x != x or x == -math.inf:
        return math.nan
    if x == math.inf:
        return math.inf if n == 0 else 0.0
    if x <= 0.0 and x == math.floor(x):
        if n == 0:
            return math.copysign(math.inf, -x) if x == 0.0 else math.nan
        if n % 2 == 1:
            return math.inf
        return -math.copysign(math.inf, x) if x == 0.0 else math.nan
    if x < 0.0:
        sign = -1.0 if n % 2 else 1.0
        return sign * polygamma(n, 1.0 - x) - math.pi ** (n + 1) * _cotangent_derivative(n, x)
    terms = []
    threshold = 12.0 + n
    while x < threshold:
        terms.append(_reciprocal_power(x, n + 1))
        x += 1.0
    factorial_n = math.factorial(n)
    scale = -factorial_n if n % 2 == 0 else factorial_n
    shifted = math.fsum(terms)
    inverse_square = 1.0 / (x * x)
    if n == 0:
        series = [math.log(x), -0.5 / x]
        power = inverse_square
        for k, bernoulli in enumerate(_BERNOULLI, 1):
            series.append(-bernoulli * power / (2 * k))
            power *= inverse_square
        return math.fsum([*series, *(-t for t in terms)])
    power = _reciprocal_power(x, n)
    series = [math.factorial(n - 1) * power, 0.5 * factorial_n * power / x]
    power *= inverse_square
    ratio = float(factorial_n * (n + 1)) / 2.0
    for k, bernoulli in enumerate(_BERNOULLI, 1):
        series.append(bernoulli * ratio * power)
        ratio *= (2 * k + n) * (2 * k + n + 1) / ((2 * k + 1) * (2 * k + 2))
        power *= inverse_square
    tail = math.fsum(series) if n % 2 else -math.fsum(series)
    return tail + scale * shifted


def _reciprocal_power(x: float, n: int) -> float:
    try:
        return x**-n
    except (OverflowError, ZeroDivisionError):
        return math.inf


def _cotangent_derivative(n: int, x: float) -> float:
    """The n-th derivative of cot at pi x, as a polynomial in the cotangent: cot' = -(1 + cot^2)."""
    coefficients = [0.0, 1.0]
    for _ in range(n):
        derived = [0.0] * (len(coefficients) + 1)
        for power, coefficient in enumerate(coefficients):
            if power:
                derived[power - 1] -= power * coefficient
                derived[power + 1] -= power * coefficient
        coefficients = derived
    cotangent = cospi(x) / sinpi(x)
    total = 0.0
    for coefficient in reversed(coefficients):
        total = total * cotangent + coefficient
    return total
