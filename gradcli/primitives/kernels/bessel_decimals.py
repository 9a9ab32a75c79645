"""Bessel and Airy functions in decimal arithmetic.

Power series next to 0, asymptotic series far out, and recurrences in the order in the direction in which they are
stable.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Final

from gradcli.primitives.kernels.decimals import (
    ONE,
    Decimal,
    Rounded,
    digits,
    euler,
    geometric,
    negative,
    pi,
    precision,
    reciprocal_gamma,
    rounded_up,
    sine_and_cosine_of,
    sine_and_cosine_of_pi,
    summed,
)
from gradcli.primitives.kernels.float_kernels import HIGHEST_ORDER, NAN

__all__ = ["airy", "bessel_i", "bessel_j", "bessel_k", "bessel_y"]

#: The order of a Bessel function is from -1000 to 1000.
HIGHEST_BESSEL_ORDER: Final = 1000.0
#: Beyond this, modified Bessel functions of all these orders are infinite, or 0.
_LAST: Final = 4000.0
_HALF: Final = Decimal("0.5")
#: Derivatives up to this order share nothing: their functions are not kept.
_SEPARATE: Final = 4


def _is_integer(order: Decimal) -> bool:
    return order == order.to_integral_value()


def _sign(order: Decimal) -> int:
    """(-1)^n of an integer."""
    return -1 if int(order) % 2 else 1


@lru_cache(maxsize=256)
def _reciprocal_gamma(x: Decimal, count: int) -> Decimal:
    with digits(count):
        return ONE / math.factorial(int(x) - 1) if _is_integer(x) and x > 0 else reciprocal_gamma(x)


def _power_series(order: Decimal, x: Decimal, sign: int, count: int) -> Decimal:
    """J (sign -1) or I (sign 1) of this order by its power series (DLMF 10.2.2, 10.25.2)."""
    if order < 0 and _is_integer(order):
        return _power_series(-order, x, sign, count) * (_sign(order) if sign < 0 else 1)
    lost = 0.87 * min(float(x), float(x) ** 2 / (abs(float(order)) + 1.0)) if sign < 0 or order < 0 else 0.0
    with digits(rounded_up(count + lost + 8)):
        half = x / 2
        square = sign * half * half
        factor = _reciprocal_gamma(order + 1, precision())
        return half**order * factor * summed(geometric(ONE, lambda k: square / (k * (order + k))))


def _is_far(x: Decimal, count: int) -> bool:
    """Whether the terms of an asymptotic series shrink until they change nothing; the last ones are exp(-2 x)."""
    return 2 * x > Decimal(2.4) * (count + 12)


def _hankel(order: Decimal, x: Decimal) -> tuple[Decimal, Decimal]:
    """The sums of a_k/x^k with the signs + + - - + ..., for even and for odd k (DLMF 10.17.1, 10.17.3)."""
    square = 4 * order * order

    def factor(k: int) -> Decimal:
        return (square - (2 * k - 1) ** 2) / (8 * k * x)

    even = summed(geometric(ONE, lambda k: -factor(2 * k - 1) * factor(2 * k)))
    odd = summed(geometric(factor(1), lambda k: -factor(2 * k) * factor(2 * k + 1)))
    return even, odd


def _far(order: Decimal, x: Decimal, count: int) -> tuple[Decimal, Decimal]:
    """J and Y far out (DLMF 10.17.3, 10.17.4)."""
    with digits(count + 8 + max(0, x.adjusted())):
        sine, cosine = sine_and_cosine_of(x - (order + _HALF) * pi() / 2)
    with digits(count + 8):
        even, odd = _hankel(order, x)
        scale = (2 / (pi() * x)).sqrt()
        return scale * (cosine * even - sine * odd), scale * (sine * even + cosine * odd)


def _integer_series(x: Decimal, sign: int) -> tuple[Decimal, Decimal]:
    """Y_0 and Y_1 times pi/2 (sign -1), or K_0 and -K_1 times -1 (sign 1), by their series (DLMF 10.8.1, 10.31.1)."""
    half = x / 2
    square = sign * half * half
    logarithm = half.ln() + euler()
    regular = summed(geometric(ONE, lambda k: square / (k * k)))
    next_regular = half * summed(geometric(ONE, lambda k: square / (k * (k + 1))))
    harmonic, term, first, second = Decimal(0), ONE, Decimal(0), ONE
    k = 0
    while True:
        k += 1
        harmonic += ONE / k
        term *= square / (k * k)
        change = harmonic * term
        first += change
        # H_k + H_(k+1) over k! (k+1)!
        second += (2 * harmonic + ONE / (k + 1)) * term / (k + 1)
        if abs(change) < Decimal(10) ** (-precision()) * min(ONE, abs(first)):
            break
    zeroth = logarithm * regular - first
    return zeroth, sign / x + logarithm * next_regular - half / 2 * second


@lru_cache(maxsize=64)
def _second_pair(u: Decimal, x: Decimal, count: int) -> tuple[Decimal, Decimal]:
    """Y of the orders u and u + 1, for u from -1/2 to 1/2."""
    if _is_far(x, count):
        return _far(u, x, count)[1], _far(u + 1, x, count)[1]
    lost = 0.87 * float(x)
    if abs(u) < Decimal("1e-40"):
        with digits(rounded_up(count + lost + 8)):
            zeroth, first = _integer_series(x, -1)
            return 2 * zeroth / pi(), 2 * first / pi()
    count = rounded_up(count + lost + 8 - 2 * u.adjusted())
    with digits(count):
        found = []
        for order in (u, u + 1):
            sine, cosine = sine_and_cosine_of_pi(order)
            first, other = (_power_series(one, x, -1, count) for one in (order, -order))
            found.append((first * cosine - other) / sine)
        return found[0], found[1]


@lru_cache(maxsize=64)
def _modified_pair(u: Decimal, x: Decimal, count: int) -> tuple[Decimal, Decimal]:
    """K of the orders u and u + 1, for u from -1/2 to 1/2."""
    if _is_far(x, count):
        with digits(count + 8):
            scale = (pi() / (2 * x)).sqrt() * (-x).exp()

            def sum_of(order: Decimal) -> Decimal:
                square = 4 * order * order
                return scale * summed(geometric(ONE, lambda k: (square - (2 * k - 1) ** 2) / (8 * k * x)))

            return sum_of(u), sum_of(u + 1)
    lost = 0.87 * float(x)
    if abs(u) < Decimal("1e-40"):
        with digits(rounded_up(count + lost + 8)):
            zeroth, first = _integer_series(x, 1)
            return -zeroth, first
    count = rounded_up(count + lost + 8 - 2 * u.adjusted())
    with digits(count):
        found = []
        for order in (u, u + 1):
            sine, _ = sine_and_cosine_of_pi(order)
            first, other = (_power_series(one, x, 1, count) for one in (order, -order))
            found.append(pi() / 2 * (other - first) / sine)
        return found[0], found[1]


def _climbed(order: Decimal, x: Decimal, pair: tuple[Decimal, Decimal], sign: int) -> Decimal:
    """The function of this order from those of the two lowest orders, by the recurrence (DLMF 10.6.1, 10.29.1)."""
    low, high = pair
    steps = int(order.to_integral_value())
    k = order - steps + 1
    if steps == 0:
        return low
    for _ in range(steps - 1):
        low, high = high, 2 * k / x * high + sign * low
        k += 1
    return high


def _j(order: Decimal, x: Decimal, count: int) -> Decimal:
    if not _is_far(x, count) or abs(order) >= x:
        return _power_series(order, x, -1, count)
    if order < 0:
        sine, cosine = sine_and_cosine_of_pi(-order)
        return cosine * _j(-order, x, count) - sine * _y(-order, x, count)  # DLMF 10.4.5
    u = order - order.to_integral_value()
    pair = _far(u, x, count)[0], _far(u + 1, x, count)[0]
    return _climbed(order, x, pair, -1)


def _y(order: Decimal, x: Decimal, count: int) -> Decimal:
    if order < 0:
        sine, cosine = sine_and_cosine_of_pi(-order)
        found = cosine * _y(-order, x, count)
        return found + sine * _j(-order, x, count) if sine else found  # DLMF 10.4.6
    return _climbed(order, x, _second_pair(order - order.to_integral_value(), x, count), -1)


def _i(order: Decimal, x: Decimal, count: int) -> Decimal:
    return _power_series(order, x, 1, count)


def _k(order: Decimal, x: Decimal, count: int) -> Decimal:
    order = abs(order)
    return _climbed(order, x, _modified_pair(order - order.to_integral_value(), x, count), 1)


@cache
def _remembered(function: Callable[[Decimal, Decimal, int], Decimal]) -> Callable[[Decimal, Decimal, int], Decimal]:
    """The same function, which keeps its last values."""
    return lru_cache(maxsize=1024)(function)


def _derivative(
    function: Callable[[Decimal, Decimal, int], Decimal], n: float, order: float, x: float, signs: tuple[int, int]
) -> Decimal:
    """The n-th derivative for x > 0: 2^-n times a sum over functions of other orders (DLMF 10.6.7, 10.29.5).

    Args:
        function: the function of an order, an argument and the number of digits.
        n, order, x: the operands.
        signs: the sign of the whole sum for odd n, and of every other term.
    """
    times = int(n)
    if times > _SEPARATE:  # a series needs all orders, and they share functions
        function, count = _remembered(function), rounded_up(36 + times)
    else:
        count = 36 + times
    with digits(count + 8):
        total, value = Decimal(0), Decimal(x)
        for i in range(times + 1):
            term = math.comb(times, i) * function(Decimal(order) - times + 2 * i, value, count)
            total += term if signs[1] > 0 or i % 2 == 0 else -term
        return (-total if signs[0] < 0 and times % 2 else total) / (1 << times)


def _is_order(n: float, order: float) -> bool:
    return 0.0 <= n <= HIGHEST_ORDER and abs(order) <= HIGHEST_BESSEL_ORDER


def _at_zero(n: float, order: float, sign: int) -> float:
    """The n-th derivative of J (sign -1) or I (sign 1) at 0, from the right: that of the first term of its series."""
    if order == math.floor(order):
        size = abs(order)
        if n < size or (n - size) % 2.0:
            return 0.0
        k = (int(n) - int(size)) // 2
        found = math.factorial(int(n)) / (2 ** int(n) * math.factorial(k) * math.factorial(k + int(size)))
        return float(found * sign**k * ((-1.0) ** size if order < 0.0 and sign < 0 else 1.0))
    if n < order:
        return 0.0
    with digits(30):
        first = reciprocal_gamma(Decimal(order) + 1)
        for k in range(int(n)):
            first *= Decimal(order) - k
    return math.copysign(math.inf, first)


def _regular(n: float, order: float, x: float, sign: int) -> Decimal | float:
    """The n-th derivative of J (sign -1) or I (sign 1)."""
    if not _is_order(n, order) or x != x or (x < 0.0 and order != math.floor(order)):
        return NAN
    if x == 0.0:
        at_zero = _at_zero(n, order, sign)
        return x if at_zero == 0.0 and order == 1.0 and n == 0.0 else at_zero
    if x < 0.0:
        found = _regular(n, order, -x, sign)
        return negative(found) if (order + n) % 2.0 else found
    if sign < 0:
        return 0.0 if math.isinf(x) else _derivative(_j, n, order, x, (1, -1))
    return math.inf if x > _LAST else _derivative(_i, n, order, x, (1, 1))


@Rounded
def bessel_j(n: float, order: float, x: float) -> Decimal | float:
    """The n-th derivative of J of an order, at x; for x < 0 only of an integer order."""
    return _regular(n, order, x, -1)


@Rounded
def bessel_i(n: float, order: float, x: float) -> Decimal | float:
    """The n-th derivative of I of an order, at x; for x < 0 only of an integer order."""
    return _regular(n, order, x, 1)


@Rounded
def bessel_y(n: float, order: float, x: float) -> Decimal | float:
    """The n-th derivative of Y of an order, at x >= 0."""
    if not _is_order(n, order) or not x >= 0.0:
        return NAN
    if math.isinf(x):
        return 0.0
    if x == 0.0:
        if order < 0.0:
            with digits(30):
                sine, cosine = sine_and_cosine_of_pi(-Decimal(order))
            if cosine == 0:
                return float(sine) * _at_zero(n, -order, -1)
            return math.copysign(math.inf, -cosine if n % 2.0 == 0.0 else cosine)
        return math.inf if n % 2.0 else -math.inf
    return _derivative(_y, n, order, x, (1, -1))


@Rounded
def bessel_k(n: float, order: float, x: float) -> Decimal | float:
    """The n-th derivative of K of an order, at x >= 0."""
    if not _is_order(n, order) or not x >= 0.0:
        return NAN
    if x == 0.0 or x > _LAST:
        limit = math.inf if x == 0.0 else 0.0
        return -limit if n % 2.0 else limit
    return _derivative(_k, n, order, x, (-1, 1))


@Rounded
def airy(kind: int, x: float) -> Decimal | float:
    """Ai(x), Ai'(x), Bi(x) or Bi'(x), of which the kind is the number from 0 on.

    Power series (DLMF 9.4.1 to 9.4.4), and asymptotic series (9.7.5 to 9.7.12).
    """
    if x != x:
        return NAN
    if math.isinf(x) or x > 120.0:
        if x > 0.0:
            return (0.0, -0.0, math.inf, math.inf)[kind]
        return NAN if kind % 2 else 0.0
    size = min(abs(x), 1e200) ** 1.5 * 2.0 / 3.0
    if size > 47.0:
        return _far_airy(Decimal(x), kind)
    with digits(36 + 0.87 * size):
        value = Decimal(x)
        cube = value**3
        if kind % 2:
            first = value * value / 2 * summed(geometric(ONE, lambda k: cube / (3 * k * (3 * k + 2))))
            second = summed(geometric(ONE, lambda k: cube / (3 * k * (3 * k - 2))))
        else:
            first = summed(geometric(ONE, lambda k: cube / (3 * k * (3 * k - 1))))
            second = value * summed(geometric(ONE, lambda k: cube / (3 * k * (3 * k + 1))))
        low, high = _airy_constants(precision())
        return low * first - high * second if kind < 2 else Decimal(3).sqrt() * (low * first + high * second)


@lru_cache(maxsize=64)
def _airy_constants(count: int) -> tuple[Decimal, Decimal]:
    """Ai(0) and -Ai'(0) (DLMF 9.2.3, 9.2.4)."""
    with digits(count + 5):
        third = ONE / 3
        return 3 ** (-2 * third) * reciprocal_gamma(2 * third), 3**-third * reciprocal_gamma(third)


def _far_airy(x: Decimal, kind: int) -> Decimal:
    is_derivative = kind % 2 == 1
    with digits(50 + 1.5 * max(0, x.adjusted())):
        size = abs(x)
        zeta = 2 * size * size.sqrt() / 3
        sine, cosine = sine_and_cosine_of(zeta - pi() / 4) if x < 0 else (Decimal(0), ONE)

    def ratio(k: int) -> Decimal:
        return Decimal((6 * k - 5) * (6 * k - 3) * (6 * k - 1)) / (216 * k * (2 * k - 1)) / zeta

    def term(k: int, power: Decimal) -> Decimal:
        return power * (6 * k + 1) / (1 - 6 * k) if is_derivative else power

    with digits(36):
        scale = (size.sqrt().sqrt() if is_derivative else 1 / size.sqrt().sqrt()) / pi().sqrt()
        if x > 0:
            sign = -1 if kind < 2 else 1
            powers = geometric(ONE, lambda k: sign * ratio(k))
            series = summed(term(k, power) for k, power in enumerate(powers)) * scale
            if kind < 2:
                return (-zeta).exp() * series / (-2 if is_derivative else 2)
            return zeta.exp() * series
        evens = geometric(ONE, lambda k: -ratio(2 * k - 1) * ratio(2 * k))
        odds = geometric(ratio(1), lambda k: -ratio(2 * k) * ratio(2 * k + 1))
        even = summed(term(2 * k, power) for k, power in enumerate(evens))
        odd = summed(term(2 * k + 1, power) for k, power in enumerate(odds))
        return (
            scale
            * (
                cosine * even + sine * odd,
                sine * even - cosine * odd,
                cosine * odd - sine * even,
                cosine * even + sine * odd,
            )[kind]
        )
