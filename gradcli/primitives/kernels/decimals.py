"""Decimal arithmetic for kernels of special functions: as many digits as the terms of a series cancel, and 20 more.

A series that is useless in double precision, because its terms cancel, is exact here; the result is rounded once, to a
float.  So a kernel is a formula of the DLMF (NIST Digital Library of Mathematical Functions), a bound for what cancels,
and nothing else.  One value takes 20 to 3000 microseconds; where many are wanted, `piecewise` takes a few for each.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, getcontext, localcontext
from fractions import Fraction
from functools import cache
from typing import Any, Final

__all__ = [
    "Decimal",
    "Rounded",
    "bernoulli",
    "digits",
    "euler",
    "exact",
    "gamma_ratio_logarithm",
    "log_gamma",
    "negative",
    "pi",
    "polygamma",
    "precision",
    "reciprocal_gamma",
    "rounded_up",
    "sine_and_cosine_of",
    "sine_and_cosine_of_pi",
    "summed",
]

ONE: Final = Decimal(1)
#: More terms than any series of a kernel needs: those of the gamma distribution with a = 1e6 need some thousands.
MOST_TERMS: Final = 200_000


class Rounded:
    """A kernel in decimal arithmetic, which rounds its result once, to a float.

    Args:
        exact: the function of floats; its result is a decimal with at least 23 right digits, or a float where the value
            itself is one.

    >>> Rounded(lambda x: Decimal(x).sqrt())(2.0)
    1.4142135623730951
    """

    def __init__(self, exact: Callable[..., Decimal | float]) -> None:
        self.exact = exact
        self.__name__ = exact.__name__
        self.__doc__ = exact.__doc__

    def __call__(self, *operands: Any) -> float:
        return float(self.exact(*operands))


@contextmanager
def digits(count: float) -> Iterator[Context]:
    """Compute with this many digits; nothing overflows, and nothing raises."""
    context = Context(prec=int(count) + 1, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])
    with localcontext(context) as present:
        yield present


def rounded_up(count: float) -> int:
    """A number of digits of which there are few, so that what is known for one argument is known for others."""
    return 32 * math.ceil(count / 32.0)


def precision() -> int:
    """The present number of digits."""
    return getcontext().prec


def exact(number: Fraction) -> Decimal:
    """A fraction at the present precision."""
    return Decimal(number.numerator) / Decimal(number.denominator)


def negative(number: Decimal | float) -> Decimal | float:
    """The number with the other sign, with all its digits."""
    return number.copy_negate() if isinstance(number, Decimal) else -number


def summed(terms: Iterable[Decimal]) -> Decimal:
    """The sum of terms up to the first two that change nothing.

    Raises:
        ArithmeticError: after `MOST_TERMS` terms there were none; so a series that diverges ends, too.

    >>> summed(geometric(Decimal(1), lambda k: Decimal("0.5") / k)).quantize(Decimal("1e-20"))
    Decimal('1.64872127070012814685')
    """
    total, unchanged = Decimal(0), 0
    for count, term in enumerate(terms):
        if count == MOST_TERMS:
            raise ArithmeticError(f"a series doesn't converge within {MOST_TERMS} terms")
        longer = total + term
        unchanged = unchanged + 1 if longer == total else 0
        total = longer
        if unchanged == 2:
            break
    return total


def geometric(term: Decimal, ratio: Callable[[int], Decimal]) -> Iterator[Decimal]:
    """A term, its product with ``ratio(1)``, the product of that with ``ratio(2)``, and so on."""
    k = 0
    while True:
        yield term
        k += 1
        term = term * ratio(k)


@cache
def _pi(count: int) -> Decimal:
    """Pi by the method of Gauss and Legendre (DLMF 3.12, 19.8)."""
    with digits(count + 5):
        a, b, t, p = ONE, ONE / Decimal(2).sqrt(), Decimal("0.25"), 1
        for _ in range(count.bit_length() + 1):
            a, b, last = (a + b) / 2, (a * b).sqrt(), a
            t -= p * (last - a) ** 2
            p *= 2
        return (a + b) ** 2 / (4 * t)


def pi() -> Decimal:
    """Pi at the present precision."""
    return _pi(precision())


@cache
def _euler(count: int) -> Decimal:
    """Euler's constant by the method of Brent and McMillan, "Some new algorithms for high-precision computation of
    Euler's constant" (1980), algorithm B1."""
    n = math.ceil(0.58 * count) + 2  # the error is pi exp(-4 n)
    with digits(count + 10):
        square, power, harmonic = Decimal(n) * n, ONE, Decimal(0)
        above, below, k = Decimal(0), ONE, 0
        while power > Decimal(10) ** (-count - 10) * below:
            k += 1
            power = power * square / (k * k)
            harmonic += ONE / k
            above += power * harmonic
            below += power
        return above / below - Decimal(n).ln()


def euler() -> Decimal:
    """Euler's constant at the present precision."""
    return _euler(precision())


@cache
def bernoulli(count: int) -> tuple[Fraction, ...]:
    """B_2, B_4, ..., B_(2 count) (DLMF 24.5.3)."""
    numbers = [Fraction(1), Fraction(-1, 2)]
    for n in range(2, 2 * count + 1):
        numbers.append(
            Fraction(0)
            if n % 2
            else -sum((math.comb(n + 1, k) * numbers[k] for k in (0, 1, *range(2, n, 2))), Fraction(0)) / (n + 1)
        )
    return tuple(numbers[2::2])


@cache
def _stirling(count: int) -> tuple[Decimal, ...]:
    """The coefficients of Stirling's series with this many digits (DLMF 5.11.1)."""
    with digits(count):
        return tuple([exact(b / (2 * k * (2 * k - 1))) for k, b in enumerate(bernoulli(count // 2 + 8), 1)])


def _rising(x: Decimal, least: int) -> tuple[Decimal, Decimal]:
    """x + n and x (x + 1) ... (x + n - 1), where x + n is at least ``least``."""
    product = ONE
    while x < least:
        product *= x
        x += 1
    return x, product


def log_gamma(x: Decimal) -> Decimal:
    """log(Gamma(x)) for x > 0: the recurrence, and Stirling's series (DLMF 5.5.1, 5.11.1)."""
    count = precision()
    far, product = _rising(x, count // 2 + 4)
    inverse = ONE / far
    square = inverse * inverse
    powers = geometric(inverse, lambda _: square)
    series = summed(power * one for power, one in zip(powers, _stirling(count), strict=False))
    result = (far - Decimal("0.5")) * far.ln() - far + (2 * pi()).ln() / 2 + series
    return result - product.ln()


def gamma_ratio_logarithm(x: Decimal, y: Decimal) -> Decimal:
    """log(Gamma(x)/Gamma(x + y)) for x > 0 and y > 0."""
    return log_gamma(x) - log_gamma(x + y)


def polygamma(order: int, x: Decimal) -> Decimal:
    """The polygamma function of a positive number : the recurrence, and an asymptotic series (DLMF 5.15.5, 5.15.8)."""
    count, sign = precision(), 1 if order % 2 else -1
    rest = Decimal(0)
    while x < count // 2 + order + 4:
        rest += sign * math.factorial(order) / x ** (order + 1)
        x += 1
    inverse = ONE / (x * x)
    if order == 0:
        series = (exact(-b / (2 * k)) * inverse**k for k, b in enumerate(bernoulli(count // 2 + 8), 1))
        return rest + x.ln() - ONE / (2 * x) + summed(series)
    first = sign * (math.factorial(order - 1) / x**order + Decimal(math.factorial(order)) / (2 * x ** (order + 1)))
    scale = sign / x**order
    terms = (
        exact(b * math.factorial(2 * k + order - 1) / math.factorial(2 * k)) * inverse**k * scale
        for k, b in enumerate(bernoulli(count // 2 + 8), 1)
    )
    return rest + first + summed(terms)


def sine_and_cosine(x: Decimal) -> tuple[Decimal, Decimal]:
    """sin(x) and cos(x) for x from -1 to 1 (DLMF 4.19.1)."""
    square = -x * x
    sine = summed(geometric(x, lambda k: square / (2 * k * (2 * k + 1))))
    cosine = summed(geometric(ONE, lambda k: square / (2 * k * (2 * k - 1))))
    return sine, cosine


def sine_and_cosine_of(x: Decimal) -> tuple[Decimal, Decimal]:
    """sin(x) and cos(x); the reduction of x has as many digits as x has in front of its point, in addition."""
    count = precision()
    with digits(count + max(0, x.adjusted())):
        quarters = (2 * x / pi()).to_integral_value()
        rest, turns = x - quarters * pi() / 2, int(quarters % 4) % 4
    sine, cosine = sine_and_cosine(rest)
    for _ in range(turns):
        sine, cosine = cosine, -sine
    return sine, cosine


def sine_and_cosine_of_pi(x: Decimal) -> tuple[Decimal, Decimal]:
    """sin(pi x) and cos(pi x); the reduction of x is exact."""
    with digits(precision() + 2 + max(0, x.adjusted())):
        quarters = (2 * x).to_integral_value()
        rest, turns = x - quarters / 2, int(quarters % 4) % 4
    sine, cosine = sine_and_cosine(pi() * rest)
    for _ in range(turns):
        sine, cosine = cosine, -sine
    return sine, cosine


def reciprocal_gamma(x: Decimal) -> Decimal:
    """1/Gamma(x); 0 at 0 and the negative integers.  Below 1/2 by reflection (DLMF 5.5.3)."""
    if x > Decimal("0.5"):
        return (-log_gamma(x)).exp()
    return log_gamma(1 - x).exp() * sine_and_cosine_of_pi(x)[0] / pi()
