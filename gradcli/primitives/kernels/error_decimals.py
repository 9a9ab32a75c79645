"""Relatives of the error function in decimal arithmetic: scaled, imaginary, inverse, and Dawson's integral."""

from __future__ import annotations

import math
from typing import Final

from gradcli.primitives.kernels.decimals import ONE, Decimal, Rounded, digits, geometric, pi, precision, summed
from gradcli.primitives.kernels.float_kernels import HIGHEST_ORDER, NAN

__all__ = [
    "dawson_derivative",
    "erfcinv",
    "erfi",
    "erfinv",
    "inverse_power",
    "log_normal_derivative",
    "scaled_derivative",
]

#: From here on, plus half the order of a derivative, the terms of the asymptotic series shrink to e^-64 of the sum, so
#: that a sum of this many digits is complete.
_FAR: Final = 8.0
_ASYMPTOTIC: Final = 23


def _inverse_powers(x: Decimal, order: int, sign: int) -> Decimal:
    """The derivative of the sum of s^k (2 k - 1)!!/(2^k x^(2k + 1)), where s is the sign (DLMF 7.12.1).

    It is an asymptotic series; at `_FAR` its terms shrink until they change nothing.
    """
    square = sign * x * x

    def ratio(k: int) -> Decimal:
        # (2k-1)/2, and of the derivative (2k+n)(2k+n-1)/((2k)(2k-1))
        return (Decimal(2 * k + order) * (2 * k + order - 1) / (4 * k)) / square

    first = Decimal(math.factorial(order)) * (-1) ** order / x ** (order + 1)
    return summed(geometric(first, ratio))


def _by_recurrence(first: Decimal, second: Decimal, order: int, x: Decimal, sign: int) -> Decimal:
    """The derivative of a solution of y'' = 2 s (x y' + y) from the derivatives of order 0 and 1."""
    if order == 0:
        return first
    for k in range(1, order):
        first, second = second, 2 * sign * (x * second + k * first)
    return second


@Rounded
def dawson_derivative(n: float, x: float) -> Decimal | float:
    """The n-th derivative of Dawson's integral F(x) = exp(-x^2) times the integral of exp(t^2) from 0 to x.

    F' = 1 - 2 x F, and F = exp(-x^2) times the sum of x^(2k+1)/(k! (2k+1)) (DLMF 7.2.5, 7.5.1, 7.6.1).
    """
    if not 0.0 <= n <= HIGHEST_ORDER or x != x:
        return NAN
    if x == 0.0 and n == 0.0:
        return x
    order, size = int(n), abs(x)
    if math.isinf(x):
        return math.copysign(0.0, x) if order == 0 else 0.0
    if size >= _FAR + order / 2.0:
        with digits(_ASYMPTOTIC):
            return _inverse_powers(Decimal(x), order, 1) / 2
    with digits(30 + order * (1 + 2.0 * math.log10(size + 2.0)) + _lost(size, order)):
        value = Decimal(x)
        square = value * value
        integral = summed(geometric(value, lambda k: square / k * (2 * k - 1) / (2 * k + 1)))
        found = (-square).exp() * integral
        return _by_recurrence(found, 1 - 2 * value * found, order, value, -1)


def _lost(size: float, order: int) -> float:
    """The digits that a derivative loses next to 0, where it may be as small as x itself."""
    return -math.log10(size) if order and 0.0 < size < 1.0 else 0.0


@Rounded
def erfi(x: float) -> Decimal | float:
    """The imaginary error function, 2/sqrt(pi) exp(x^2) F(x) with Dawson's integral F (DLMF 7.5.1)."""
    if not 0.0 < abs(x) < 27.0:
        return x if abs(x) < 1.0 or x != x else math.copysign(math.inf, x)
    with digits(_ASYMPTOTIC):
        value = Decimal(x)
        square = value * value
        if abs(x) >= _FAR:
            return square.exp() * _inverse_powers(value, 0, 1) / pi().sqrt()
        return 2 * summed(geometric(value, lambda k: square / k * (2 * k - 1) / (2 * k + 1))) / pi().sqrt()


def _odd_series(x: Decimal) -> Decimal:
    """The sum of 2^k x^(2k+1)/(1 3 5 ... (2k+1)), which is exp(x^2) erf(x) sqrt(pi)/2 (DLMF 7.6.2)."""
    square = 2 * x * x
    return summed(geometric(x, lambda k: square / (2 * k + 1)))


def _scaled(x: Decimal) -> Decimal:
    """exp(x^2) erfc(x) = exp(x^2) (1 - erf(x)).

    It is an asymptotic series where the terms of that become small enough, down to exp(-x^2).
    """
    square = x * x
    if square > Decimal(2.4) * (precision() + 2):
        series = _inverse_powers(x, 0, -1) / pi().sqrt()
        return series if x > 0 else 2 * square.exp() + series
    with digits(precision() + (0.5 * float(square) if x > 0 else 0.0)):
        return (x * x).exp() - 2 * _odd_series(x) / pi().sqrt()


@Rounded
def scaled_derivative(n: float, x: float) -> Decimal | float:
    """The n-th derivative of exp(x^2) erfc(x) (DLMF 7.6.2, 7.12.1); y' = 2 x y - 2/sqrt(pi)."""
    if not 0.0 <= n <= HIGHEST_ORDER or x != x:
        return NAN
    order, size = int(n), abs(x)
    if x <= -27.0:
        return -math.inf if order % 2 else math.inf
    if math.isinf(x):
        return -0.0 if order % 2 else 0.0
    if x >= _FAR + order / 2.0:
        with digits(_ASYMPTOTIC):
            return _inverse_powers(Decimal(x), order, -1) / pi().sqrt()
    with digits(30 + order * (1 + 2.0 * math.log10(size + 2.0))):
        value = Decimal(x)
        found = _scaled(value)
        return _by_recurrence(found, 2 * value * found - 2 / pi().sqrt(), order, value, 1)


@Rounded
def log_normal_derivative(n: float, x: float) -> Decimal | float:
    """The n-th derivative of the logarithm of the normal distribution function.

    With t = -x/sqrt(2), the first is r(t)/sqrt(2) with r = 2/(sqrt(pi) exp(t^2) erfc(t)), and r' = r (r - 2 t).
    """
    if not 1.0 <= n <= HIGHEST_ORDER or x != x:
        return NAN
    order = int(n) - 1
    if math.isinf(x):
        return 0.0 if x > 0.0 or order > 1 else -1.0 if order else math.inf
    with digits(25 + (order + 1) * (1 + 2.0 * math.log10(abs(x) + 2.0))):
        root = Decimal(2).sqrt()
        t = -Decimal(x) / root
        rates = [2 / (pi().sqrt() * _scaled(t))]
        excess = [rates[0] - 2 * t]
        for k in range(order):
            rates.append(sum((math.comb(k, i) * rates[i] * excess[k - i] for i in range(k + 1)), Decimal(0)))
            excess.append(rates[-1] - 2 if k == 0 else rates[-1])
        return (-rates[-1] if order % 2 else rates[-1]) / root ** int(n)


def _guess(x: float) -> float:
    """The inverse of erfc for x from 0 to 1, to two digits (S. Winitzki, 2008)."""
    logarithm = math.log(x) + math.log(2.0 - x) if x > 0.1 else math.log(x) + 0.6931471805599453
    part = 4.330746750799873 + 0.5 * logarithm  # 2/(pi a) with a = 0.147
    return math.sqrt(math.sqrt(part * part - logarithm / 0.147) - part)


def _inverse(x: Decimal) -> Decimal:
    """The solution of erfc(y) = x for x from 0 to 1, by Halley's method, which triples the digits in each step."""
    y = Decimal(_guess(float(x)))
    for _ in range(4):
        with digits(27):
            # (erfc(y) - x)/erfc'(y)
            step = -(_scaled(y) - x * (y * y).exp()) * pi().sqrt() / 2
            y -= step / (1 + y * step)
    return y


@Rounded
def erfcinv(x: float) -> Decimal | float:
    """The inverse of erfc."""
    if not 0.0 < x < 2.0:
        return math.inf if x == 0.0 else -math.inf if x == 2.0 else NAN
    if x == 1.0:
        return 0.0
    if 0.5 < x < 1.5:
        with digits(60):
            return erfinv_of(1 - Decimal(x))
    with digits(60):
        return _inverse(Decimal(x)) if x < 1.0 else -_inverse(2 - Decimal(x))


@Rounded
def inverse_power(x: float) -> Decimal | float:
    """exp(y^2) for y = erfcinv(x)."""
    y = erfcinv.exact(x)
    if not isinstance(y, Decimal):
        return 1.0 if y == 0.0 else math.inf if math.isinf(y) else NAN
    with digits(27):
        return (y * y).exp()


@Rounded
def erfinv(x: float) -> Decimal | float:
    """The inverse of erf."""
    if not -1.0 < x < 1.0:
        return math.copysign(math.inf, x) if abs(x) == 1.0 else NAN
    if x == 0.0:
        return x
    if abs(x) < 0.5:
        return erfinv_of(Decimal(x))
    with digits(60):
        return _inverse(1 - abs(Decimal(x))).copy_sign(Decimal(x))


def erfinv_of(x: Decimal) -> Decimal:
    """The solution of erf(y) = x for x from -1/2 to 1/2: a series, then Halley's method."""
    with digits(34):
        root = pi().sqrt()
        y = x * root / 2
        y += y**3 / 3
        for _ in range(3):
            error = (y * y).exp() * x - 2 * _odd_series(y) / root
            step = -error * root / 2
            y -= step / (1 + y * step)
        return y * ONE
