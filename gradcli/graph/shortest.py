"""The shortest text of a formula, among texts with the same value: factored, expanded, collected, or by identities."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Final

from gradcli.graph.canonical import canonical, factors, together
from gradcli.graph.graph import Node, toposort, values_at
from gradcli.graph.normal_form import Ring
from gradcli.graph.polynomials import (
    ONE,
    Form,
    Monomial,
    Number,
    added,
    lowest_powers,
    merged,
    raised,
    scaled,
    whole,
)
from gradcli.graph.relations import by_double_angles, by_quotients
from gradcli.graph.symbols import BASE, EXP, VARIABLE, Kernel
from gradcli.primitives import functions as f

__all__ = ["candidates", "generic_points", "grouped", "joined", "points_of", "value_at"]

#: Numbers without a meaning, at which two formulas that differ have different values.
_GENERIC: Final = (0.3719, 1.2345, -0.7315, 2.1713, 0.0917, -1.6180)
#: Longer sums have no other form than the factored one.
_MOST: Final = 40
#: A sum of more terms is no base by whose powers a sum is written, and no sum of a higher degree is.
_SHORT: Final = 3
_HIGHEST: Final = 12
#: The kernels by whose powers a sum is collected, one after the other.
_COLLECTED: Final = 6


def candidates(ring: Ring, outside: Form, rest: Form, raw: Form) -> Iterator[Form]:
    """Yield several forms of a fraction, one of which has the shortest text.

    Args:
        ring: the ring that has the kernels of the fraction.
        outside, rest: the fraction, as `canonical` returns it.
        raw: the form that differentiation gave, before it became a fraction.
    """
    if not rest:
        yield {}
        return
    yield from _variants(ring, outside, rest)
    if len(raw) <= _MOST:
        yield raw
        yield from _with_common_factor(ring, raw)
    if len(rest) > _MOST:
        return
    whole_form = _distributed(ring, outside, rest)
    doubled = by_double_angles(ring, whole_form)
    if doubled is not None:
        yield doubled
        yield from _variants(ring, *canonical(ring, doubled))
    if doubled is None:
        doubled = by_double_angles(ring, rest)
        if doubled is not None:
            factor, rest = canonical(ring, doubled)
            yield from _variants(ring, ring.product(outside, factor), rest)


def _variants(ring: Ring, outside: Form, rest: Form) -> Iterator[Form]:
    if not rest:
        yield {}
        return
    factored = ring.product(outside, factors(ring, rest))
    yield factored
    yield from _with_divisors_in_powers(ring, factored)
    multiplied = joined(ring, factored)
    if multiplied is not None:
        yield multiplied
    yield from by_quotients(ring, factored)
    if len(rest) == 1:
        return
    yield ring.product(outside, ring.as_term(rest))
    yield _distributed(ring, outside, rest)
    if len(rest) <= _MOST:
        yield from _by_bases(ring, outside, rest)
    for form in grouped(ring, rest):
        yield ring.product(outside, ring.as_term(form))
        spread = _distributed(ring, outside, form)
        yield spread
        yield from _with_common_factor(ring, spread)


def joined(ring: Ring, term: Form) -> Form | None:
    """Return a product in which sums with equal exponents are multiplied: 1/(x^2 - 1) for 1/((x - 1)*(x + 1))."""
    [(monomial, coefficient)] = term.items()
    groups: dict[Number, list[int]] = {}
    for symbol, exponent in monomial:
        if ring.kernels[symbol].kind == BASE and isinstance(exponent, int):
            groups.setdefault(exponent, []).append(symbol)
    changed = False
    for exponent, symbols in groups.items():
        if len(symbols) > 1:
            product: Form = {ONE: 1}
            for symbol in symbols:
                product = ring.multiplied(product, ring.kernels[symbol].operands[0])
            rest = tuple([power for power in monomial if power[0] not in symbols])
            found = ring.product({rest: coefficient}, ring.power(product, exponent))
            [(monomial, coefficient)] = found.items()
            changed = True
    return {monomial: coefficient} if changed else None


def _with_divisors_in_powers(ring: Ring, term: Form) -> Iterator[Form]:
    """Yield a product in which a divisor is part of a power: y*(x*y)^(pi - 1) for (x*y)^pi/x.

    Only in this form does it have a value where the divisor is 0.
    """
    [(monomial, coefficient)] = term.items()
    divisors = {symbol: exponent for symbol, exponent in monomial if exponent < 0}
    for symbol, _ in monomial if divisors else ():
        kernel = ring.kernels[symbol]
        logarithm = ring.logarithm_in(next(iter(kernel.operands[0]))) if kernel.kind == EXP else None
        if logarithm is None:
            continue
        base = ring.as_term(ring.kernels[logarithm].operands[0])
        for one, exponent in next(iter(base)):
            times = -divisors.get(one, 0) / Fraction(exponent)
            if times > 0 and times.denominator == 1:
                # exp(-log(x*y)) as a kernel of its own, which is part of the exponent when it is printed.
                inner: Monomial = ((logarithm, 1),)
                power = ring.enter(("exp", inner), Kernel(EXP, primitive=f.exp, operands=({inner: 1},)))
                inside = ring.product({monomial: coefficient}, ring.power(base, int(times)))
                yield ring.times(inside, ((power, -int(times)),))


def _distributed(ring: Ring, outside: Form, rest: Form) -> Form:
    [(monomial, coefficient)] = outside.items()
    return ring.times(rest, monomial, coefficient)


def grouped(ring: Ring, rest: Form) -> Iterator[Form]:
    """Yield a sum with its terms grouped by functions, by variables, and by the powers of each of its kernels."""
    if len(rest) < 3:
        return
    symbols = sorted({symbol for monomial in rest for symbol, _ in monomial})
    functions = {symbol for symbol in symbols if ring.kernels[symbol].kind >= BASE}
    chosen = [functions, set(symbols) - functions]
    if len(rest) <= _MOST:
        chosen += [{symbol} for symbol in symbols[:_COLLECTED]]
    for by in chosen:
        groups: dict[Monomial, Form] = {}
        for monomial, coefficient in rest.items():
            outer = tuple([power for power in monomial if power[0] in by])
            inner = tuple([power for power in monomial if power[0] not in by])
            groups.setdefault(outer, {})[inner] = coefficient
        if len(groups) == len(rest) or len(groups) == 1:
            continue
        terms: list[tuple[Number, Form]] = []
        for outer, group in groups.items():
            if len(group) == 1 or not outer:
                terms.append((1, ring.times(group, outer)))
            else:
                outside, inner_rest = together(ring, group)
                terms.append((1, ring.times(ring.product(outside, factors(ring, inner_rest)), outer)))
        yield added(terms)


def _with_common_factor(ring: Ring, raw: Form) -> Iterator[Form]:
    """Yield a sum from which the factors of all its terms are taken out; fractions in it stay separate.

    For example, the derivative of x^x*log(x) becomes (log(x)*(log(x) + 1) + 1/x)*x^x.
    """
    if not 1 < len(raw) <= _MOST:
        return
    first, *others = [dict(monomial) for monomial in raw]
    common = [
        (symbol, min([exponent, *[one[symbol] for one in others]]))
        for symbol, exponent in sorted(first.items())
        if all(symbol in one for one in others)
    ]
    if common:
        number = ring.content(raw)
        inner = ring.times(raw, raised(tuple(common), -1), whole(1 / Fraction(number)))
        yield ring.times({((ring.base(inner), 1),): number}, tuple(common))


def _by_bases(ring: Ring, outside: Form, rest: Form) -> Iterator[Form]:
    """Yield a fraction whose sum is written in powers of another sum that occurs in the fraction.

    For example, as a factor of exp(-(x - y)^2), the sum x^2 - 2*x*y + y^2 - 1 becomes (x - y)^2 - 1.
    """
    [term] = outside
    seen: set[int] = set()
    stack = [symbol for monomial in (*rest, term) for symbol, _ in monomial]
    while stack:
        symbol = stack.pop()
        if symbol in seen:
            continue
        seen.add(symbol)
        kernel = ring.kernels[symbol]
        stack += [one for form in kernel.operands for monomial in form for one, _ in monomial]
        if kernel.kind == BASE and 1 < len(kernel.operands[0]) <= _SHORT:
            found = _in_powers_of(ring, symbol, rest)
            if found is not None:
                common = lowest_powers(found)
                inner = ring.times(found, raised(common, -1)) if common else found
                yield ring.product(ring.times(outside, common), ring.as_term(inner))


def _in_powers_of(ring: Ring, symbol: int, rest: Form) -> Form | None:
    """Return a polynomial written in powers of a base; None if this doesn't save terms.

    One variable, whose coefficient in the base is a number, is expressed by the base: with the base x - y, each x is
    replaced by (x - y) + y.
    """
    [base] = ring.kernels[symbol].operands
    for monomial, coefficient in base.items():
        if len(monomial) != 1 or monomial[0][1] != 1 or ring.kernels[monomial[0][0]].kind != VARIABLE:
            continue
        variable = monomial[0][0]
        powers: dict[int, Form] = {}
        for one, number in rest.items():
            exponent = dict(one).get(variable, 0)
            if not isinstance(exponent, int) or not 0 <= exponent <= _HIGHEST:
                return None
            powers.setdefault(exponent, {})[merged(one, ((variable, -exponent),)) if exponent else one] = number
        others = {one: number for one, number in base.items() if one != monomial}
        if any(variable in dict(one) for one in others) or max(powers) < 2:
            continue
        image = scaled(added([(1, {((symbol, 1),): 1}), (-1, others)]), whole(1 / Fraction(coefficient)))
        total: Form = {}
        for exponent in range(max(powers), -1, -1):
            total = added([(1, ring.multiplied(total, image)), (1, powers.get(exponent, {}))])
        return total if len(total) < len(rest) else None
    return None


def generic_points(variables: Sequence[Node]) -> Iterator[dict[Node, float]]:
    """Yield points at which formulas that differ have different values."""
    return points_of(variables, _GENERIC)


def points_of(variables: Sequence[Node], numbers: Sequence[float]) -> Iterator[dict[Node, float]]:
    """Yield as many points as there are numbers; each gives the variables some of these numbers."""
    for shift in range(len(numbers)):
        yield {node: numbers[(shift + place * (shift + 1)) % len(numbers)] for place, node in enumerate(variables)}


def value_at(root: Node, at: Mapping[Node, float]) -> float:
    """Return the value of a formula on numbers at a point; nan if it has an operation on arrays."""
    return values_at(toposort([root]), at).get(root, math.nan)
