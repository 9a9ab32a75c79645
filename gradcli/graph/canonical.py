"""The canonical form of a formula: one fraction in lowest terms, as a term times an expanded polynomial.

The lowest power of each kernel is factored out of a sum, and the rest is multiplied out to a polynomial.  Identities
such as sin^2 + cos^2 = 1 shorten the polynomial, and sums in the denominator that divide it are cancelled.
"""

from __future__ import annotations

import math
from fractions import Fraction

from gradcli import limits
from gradcli.graph.normal_form import Ring
from gradcli.graph.polynomials import (
    ONE,
    Form,
    Number,
    added,
    dense,
    divided,
    factored,
    lowest_powers,
    raised,
    whole,
)
from gradcli.graph.relations import by_squares
from gradcli.graph.symbols import BASE, Unfit

__all__ = ["canonical", "expanded", "factors", "together"]


def canonical(ring: Ring, form: Form) -> tuple[Form, Form]:
    """Return a form as one fraction: a term, and the polynomial that is multiplied by this term.

    The term may have negative exponents, which are the denominator.

    Raises:
        Unfit: the result is above the bounds.
    """
    outside, rest = together(ring, form)
    for _ in range(4):
        if len(rest) < 2:
            break
        shorter = by_squares(ring, rest)
        if shorter is rest:
            break
        factor, rest = together(ring, shorter)
        outside = ring.product(outside, factor)
    if len(rest) == 1:
        return ring.product(outside, rest), {ONE: 1}
    return outside, rest


def together(ring: Ring, form: Form) -> tuple[Form, Form]:
    """Return a form as one fraction, without identities: a term, and the expanded polynomial that it multiplies."""
    outside: Form = {ONE: 1}
    rest = form
    for _ in range(20):
        if not rest:
            return {ONE: 1}, {}
        common = lowest_powers(rest)
        if common:
            outside = ring.times(outside, common)
            rest = ring.times(rest, raised(common, -1))
        opened = expanded(ring, rest)
        if opened is rest:
            break
        rest = opened
    if not rest:
        return {ONE: 1}, {}
    divisor = ring.content(rest)
    if ring.is_negative(rest):
        divisor = -divisor
    if divisor != 1:
        outside, rest = ring.times(outside, ONE, divisor), ring.times(rest, ONE, Fraction(1) / divisor)
    return cancelled(ring, outside, rest)


def cancelled(ring: Ring, outside: Form, rest: Form) -> tuple[Form, Form]:
    """Cancel each sum in the denominator that divides the polynomial ``rest``, and return the new fraction."""
    [monomial] = outside
    for symbol, exponent in monomial:
        kernel = ring.kernels[symbol]
        if kernel.kind != BASE or exponent >= 0 or len(rest) > 40:
            continue
        [divisor] = kernel.operands
        while exponent < 0 and len(rest) >= len(divisor) > 1 and not _has_negative_powers(divisor):
            quotient = divided(rest, divisor)
            if quotient is None:
                break
            rest, exponent = quotient, exponent + 1
            outside = ring.times(outside, ((symbol, 1),))
    return outside, rest


def expanded(ring: Ring, form: Form) -> Form:
    """Return a form in which positive integer powers of sums are multiplied out.

    If there are no such powers, this is the form itself.

    Raises:
        Unfit: the result is above the bounds.
    """
    if not any(_expandable(ring, symbol, exponent) for monomial in form for symbol, exponent in monomial):
        return form
    terms: list[tuple[Number, Form]] = []
    size = 0
    for monomial, coefficient in form.items():
        part: Form = {ONE: coefficient}
        left: list[tuple[int, Number]] = []
        for symbol, exponent in monomial:
            if _expandable(ring, symbol, exponent):
                count = math.floor(exponent)
                for _ in range(count):
                    part = ring.multiplied(part, ring.kernels[symbol].operands[0])
                exponent = whole(exponent - count)
            if exponent:
                left.append((symbol, exponent))
        terms.append((1, ring.times(part, tuple(left))))
        size += len(part)
        if size > 4 * limits.FORM_TERMS:
            raise Unfit
    total = added(terms)
    if len(total) > limits.FORM_TERMS:
        raise Unfit
    return total


def _expandable(ring: Ring, symbol: int, exponent: Number) -> bool:
    return exponent >= 1 and ring.kernels[symbol].kind == BASE


def factors(ring: Ring, form: Form) -> Form:
    """Return a polynomial as one term: factored if it has only one symbol, else with the polynomial as a base."""
    symbols = {symbol for monomial in form for symbol, _ in monomial}
    if len(form) > 1 and len(symbols) == 1:
        [symbol] = symbols
        coefficients = dense(form, symbol)
        # The factors would have integers in place of decimals: 200000*x^2 + 26829 in place of x^2 + 0.134145.
        is_exact = not ring.has_decimals or all(isinstance(one, int) for one in form.values())
        if is_exact and coefficients is not None and coefficients[0] and len(coefficients) > 2:
            found: Form = {ONE: 1}
            for factor, power in factored(coefficients):
                inner = {((symbol, place),) if place else ONE: one for place, one in enumerate(factor) if one}
                found = ring.product(found, ring.power(inner, power))
            leading = expanded(ring, found)
            top = ((symbol, len(coefficients) - 1),)
            return ring.times(found, ONE, Fraction(form[top]) / leading[top])
    return ring.as_term(form)


def _has_negative_powers(form: Form) -> bool:
    return any(exponent < 0 for monomial in form for _, exponent in monomial)
