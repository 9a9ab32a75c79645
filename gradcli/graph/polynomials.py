"""Polynomials with exact coefficients, as dictionaries, and the factoring of polynomials in one symbol.

A symbol is an integer; what it stands for is known only to the caller.  A *monomial* is a sorted tuple of pairs
(symbol, exponent), where exponents are integers or fractions and never 0.  A *form* is a dictionary from monomials to
coefficients, none of which is 0; the empty form is 0.  Integers are kept as ``int``, which is faster than ``Fraction``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import zip_longest
from typing import TypeAlias

__all__ = [
    "ONE",
    "Form",
    "Monomial",
    "Number",
    "added",
    "content",
    "dense",
    "divided",
    "factored",
    "is_moderate",
    "lowest_powers",
    "magnitude",
    "merged",
    "multiplied",
    "nearest_float",
    "raised",
    "scaled",
    "whole",
]

Number: TypeAlias = "int | Fraction"
Monomial: TypeAlias = "tuple[tuple[int, Number], ...]"
Form: TypeAlias = "dict[Monomial, Number]"

#: The bits of the largest numbers: Python writes at most 4,300 digits.
_BITS = 14_000

#: The monomial without symbols, whose coefficient is the number of a form.
ONE: Monomial = ()


def whole(number: Number) -> Number:
    """Return a number as an ``int`` if it is an integer."""
    return number.numerator if number.denominator == 1 else number


def magnitude(number: Number) -> Number:
    """Return the absolute value."""
    return -number if number < 0 else number


def nearest_float(number: Number) -> float:
    """Return the nearest float, which is infinite for a number beyond the range of floats."""
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def is_moderate(number: Number, exponent: int) -> bool:
    """Whether a power of a number exists and has a moderate number of digits.

    >>> is_moderate(2, 1000), is_moderate(2, 10**9), is_moderate(0, -1)
    (True, False, False)
    """
    if not number:
        return exponent >= 0
    size = max(number.numerator.bit_length(), number.denominator.bit_length())
    return size * abs(exponent) <= _BITS


def merged(one: Monomial, other: Monomial) -> Monomial:
    """Return the product of two monomials.

    >>> merged(((0, 1), (1, 2)), ((1, -2), (2, 1)))
    ((0, 1), (2, 1))
    """
    if not one or not other:
        return one or other
    powers = dict(one)
    for symbol, exponent in other:
        known = powers.get(symbol)
        if known is None:
            powers[symbol] = exponent
            continue
        total = known + exponent
        if total:
            powers[symbol] = whole(total)
        else:
            del powers[symbol]
    return tuple(sorted(powers.items()))


def raised(one: Monomial, exponent: Number) -> Monomial:
    """Return a monomial to a power that is not 0."""
    return tuple([(symbol, whole(power * exponent)) for symbol, power in one])


def added(forms: Iterable[tuple[Number, Form]]) -> Form:
    """Return the sum of some forms, each times a number.

    >>> added([(2, {ONE: 1, ((0, 1),): 3}), (-6, {((0, 1),): 1})])
    {(): 2}
    """
    total: Form = {}
    for times, form in forms:
        for monomial, coefficient in form.items():
            total[monomial] = total.get(monomial, 0) + times * coefficient
    return {monomial: whole(coefficient) for monomial, coefficient in total.items() if coefficient}


def scaled(form: Form, times: Number, monomial: Monomial = ONE) -> Form:
    """Return a form times a number and a monomial."""
    return {merged(own, monomial): whole(times * coefficient) for own, coefficient in form.items()}


def multiplied(one: Form, other: Form) -> Form:
    """Return the product of two forms, term by term.

    >>> x = ((0, 1),)
    >>> multiplied({x: 1, ONE: 1}, {x: 1, ONE: -1})
    {((0, 2),): 1, (): -1}
    """
    return added([(coefficient, scaled(other, 1, monomial)) for monomial, coefficient in one.items()])


def content(form: Form) -> Number:
    """Return the greatest positive number by which a form can be divided so that its coefficients are integers.

    >>> content({ONE: Fraction(2, 3), ((0, 1),): Fraction(4, 3)})
    Fraction(2, 3)
    """
    above = math.gcd(*[coefficient.numerator for coefficient in form.values()])
    return whole(Fraction(above, math.lcm(*[coefficient.denominator for coefficient in form.values()])))


def lowest_powers(form: Form) -> Monomial:
    """Return the monomial of the lowest powers of the symbols; in a term without a symbol, the symbol's power is 0.

    >>> lowest_powers({((0, 2), (1, 1)): 1, ((0, 3),): 1, ((0, 2), (2, -1)): 1})
    ((0, 2), (2, -1))
    """
    powers: dict[int, Number] = {}
    counts: dict[int, int] = {}
    for monomial in form:
        for symbol, exponent in monomial:
            counts[symbol] = counts.get(symbol, 0) + 1
            known = powers.get(symbol)
            if known is None or exponent < known:
                powers[symbol] = exponent
    found = []
    for symbol, exponent in powers.items():
        lowest = exponent if counts[symbol] == len(form) else min(exponent, 0)
        if lowest:
            found.append((symbol, lowest))
    return tuple(sorted(found))


def divided(form: Form, divisor: Form) -> Form | None:
    """Return the quotient if a form is a multiple of another one, else None.

    The exponents of both must not be negative.

    >>> x = ((0, 1),)
    >>> divided({((0, 2),): 1, ONE: -1}, {x: 1, ONE: 1})
    {((0, 1),): 1, (): -1}
    """
    symbols = sorted({symbol for monomial in (*form, *divisor) for symbol, _ in monomial})

    def key(monomial: Monomial) -> list[Number]:
        powers = dict(monomial)
        return [powers.get(symbol, 0) for symbol in symbols]

    leading = max(divisor, key=key)
    rest = dict(form)
    quotient: Form = {}
    for _ in range(4 * len(form) + 8):
        if not rest:
            return quotient
        first = max(rest, key=key)
        monomial = merged(first, raised(leading, -1))
        if any(exponent < 0 for _, exponent in monomial):
            return None
        times = whole(Fraction(rest[first], 1) / divisor[leading])
        quotient[monomial] = times
        rest = added([(1, rest), (-times, scaled(divisor, 1, monomial))])
    return None


# Polynomials in one symbol: coefficients from the lowest power to the highest.


def _trimmed(coefficients: Sequence[Number]) -> list[Number]:
    found = list(coefficients)
    while found and not found[-1]:
        found.pop()
    return found


def _remainder(one: Sequence[Number], other: Sequence[Number]) -> tuple[list[Number], list[Number]]:
    """Return the quotient and the remainder of a division of polynomials."""
    rest, quotient = list(one), [whole(0)] * max(len(one) - len(other) + 1, 0)
    for place in reversed(range(len(quotient))):
        times = whole(Fraction(rest[place + len(other) - 1], 1) / other[-1])
        quotient[place] = times
        if times:
            for offset, coefficient in enumerate(other):
                rest[place + offset] = whole(rest[place + offset] - times * coefficient)
    return quotient, _trimmed(rest)


def _common_divisor(one: Sequence[Number], other: Sequence[Number]) -> list[Number]:
    first, second = list(one), list(other)
    while second:
        first, second = second, _primitive(_remainder(first, second)[1])
    return first


def _primitive(coefficients: Sequence[Number]) -> list[Number]:
    """Return the multiple of a polynomial whose coefficients are integers without a common divisor."""
    if not any(coefficients):
        return []
    divisor = content({((0, place),): one for place, one in enumerate(coefficients) if one})
    return [whole(Fraction(one, 1) / divisor) for one in coefficients]


def _slope(coefficients: Sequence[Number]) -> list[Number]:
    return [place * one for place, one in enumerate(coefficients)][1:]


def _square_free(coefficients: Sequence[Number]) -> list[tuple[list[Number], int]]:
    """Return factors without multiple roots, each with its exponent, by Yun's algorithm."""
    repeated = _common_divisor(coefficients, _slope(coefficients))
    if len(repeated) < 2:
        return [(list(coefficients), 1)]
    found, power = [], 1
    current, slope = _remainder(coefficients, repeated)[0], _remainder(_slope(coefficients), repeated)[0]
    while len(current) > 1:
        difference = _trimmed([one - other for one, other in zip_longest(slope, _slope(current), fillvalue=0)])
        divisor = _common_divisor(current, difference) if difference else current
        if len(divisor) > 1:
            found.append((divisor, power))
        current, slope = _remainder(current, divisor)[0], _remainder(difference, divisor)[0] if difference else []
        power += 1
    return found


#: Larger coefficients are not searched for divisors.
_LARGEST = 10**6


def _divisors(number: int) -> list[int]:
    small = [one for one in range(1, math.isqrt(number) + 1) if number % one == 0]
    return sorted({*small, *[number // one for one in small]})


def _linear_factors(coefficients: Sequence[Number]) -> list[list[Number]]:
    """Return the factors of a polynomial without multiple roots: one for each rational root, and the rest."""
    rest = _primitive(coefficients)
    found: list[list[Number]] = []
    first, last = abs(rest[0].numerator), abs(rest[-1].numerator)
    if len(rest) > 2 and max(first, last) <= _LARGEST:
        candidates = [(a, b) for b in _divisors(last) for a in _divisors(first) if math.gcd(a, b) == 1]
        for above, below in candidates[:60]:
            for root in (above, -above):
                # Horner's scheme with integers: below^n p(root/below).
                total, scale = 0, 1
                for one in reversed(rest):
                    total, scale = total * root + one.numerator * scale, scale * below
                if total == 0 and len(rest) > 2:
                    found.append([-root, below])
                    rest = _primitive(_remainder(rest, [-root, below])[0])
    return [*found, rest] if len(rest) > 1 else found


def factored(coefficients: Sequence[Number]) -> list[tuple[list[Number], int]]:
    """Return factors of a polynomial in one symbol, each with its exponent; a constant factor is left out.

    Only multiple factors, and linear factors with a rational root, are split off.

    Args:
        coefficients: from the lowest power to the highest; the first one is not 0.

    >>> factored([-2, 3, 0, -1])
    [([-2, -1], 1), ([-1, 1], 2)]
    """
    if len(coefficients) < 3:
        return [(list(coefficients), 1)]
    return [
        (factor, power) for part, power in _square_free(_primitive(coefficients)) for factor in _linear_factors(part)
    ]


def dense(form: Form, symbol: int) -> list[Number] | None:
    """Return the coefficients of a form that is a polynomial in one symbol; None for all other forms."""
    found: Mapping[Number, Number] = {dict(monomial).get(symbol, 0): one for monomial, one in form.items()}
    if any(len(monomial) > 1 or (monomial and monomial[0][0] != symbol) for monomial in form):
        return None
    if any(not isinstance(power, int) or power < 0 for power in found) or max(found) > 100:
        return None
    return [found.get(power, 0) for power in range(int(max(found)) + 1)]
