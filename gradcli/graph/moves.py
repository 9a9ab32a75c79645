"""The moves by which a formula becomes another one: collect, take out a factor, multiply out, cancel, an identity ...

A derivative is printed in the shortest of many forms.  `simplification` searches for the fewest moves that lead to this
form; each move has a word, and gives a form of the same ring.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from fractions import Fraction
from typing import Final

from gradcli.graph.canonical import cancelled, expanded, factors
from gradcli.graph.closed_forms import with_closed_forms
from gradcli.graph.graph import Graph, Node, substitute, toposort
from gradcli.graph.layout import Layout
from gradcli.graph.normal_form import Ring
from gradcli.graph.polynomials import ONE, Form, Monomial, Number, added, lowest_powers, raised
from gradcli.graph.relations import by_double_angles, by_quotients, by_squares, named_quotients, named_squares
from gradcli.graph.shortest import grouped, joined
from gradcli.graph.signed import signed_terms
from gradcli.graph.symbols import BASE, EXP, Unfit
from gradcli.primitives import functions as f

__all__ = ["simplification"]

_CONSTANTS: Final = "evaluate the constants"
_EACH: Final = "simplify each term"
_POWERS: Final = "combine the powers"
_COLLECT: Final = "collect like terms"
_COMMON: Final = "take out the common factor"
_FRACTION: Final = "write as one fraction"
_OPEN: Final = "multiply out"
_OPEN_AND_COLLECT: Final = "multiply out and collect"
_CANCEL: Final = "cancel the common factor"
_FACTOR: Final = "factor"
_SPLIT: Final = "divide term by term"
_GROUP: Final = "group the terms"
_DOUBLE: Final = "use double angles"

#: The most forms that a search makes, the most moves of a way, and the most terms of a form that has moves.
_FORMS: Final = 300
_MOVES: Final = 6
_TERMS: Final = 24


def simplification(
    ring: Ring,
    graph: Graph,
    start: Node,
    goal: Node,
    length: Callable[[Node], int],
    is_equal: Callable[[Node], bool],
) -> list[tuple[str, Node]]:
    """Return the moves from a formula to another one with the same values.

    Each move has a word that names it, and the formula after it.  The word is empty if only the order of terms and
    factors changes.  If no such moves are found, the list is one move with a general word.

    Args:
        ring: the ring of the forms.
        graph: the graph of both formulas.
        start: the formula to begin with.
        goal: the formula to end with.
        length: a function that returns the length of a formula's text.
        is_equal: a function that says whether a formula has the same values as the goal; other formulas are left out.
    """
    if start is goal:
        return []
    closed = with_closed_forms(start, length)
    if closed is not start:
        return [(_CONSTANTS, closed), *simplification(ring, graph, closed, goal, length, is_equal)]
    layout = Layout(ring, graph)
    moves: list[tuple[str, Node]] = []
    way = None
    with suppress(Unfit):
        first = ring.read(start)
        way = _way(ring, first, ring.read(goal))
        if way is not None:
            moves = _factored(ring, layout, start, goal)
            opening = layout.node(first)
            before = moves[-1][1] if moves else start
            if not way or length(opening) < length(before):
                collected = _factored(ring, layout, before, opening) if moves else []
                if collected and _have_equal_parts(collected[0][1], opening):
                    moves.append((collected[0][0], opening))
                else:
                    moves.append((_CANCEL if moves else _word(ring, start, opening), opening))
            moves += [(word, layout.node(form)) for word, form in way]
    if way is None:
        return [(_general(start, goal), goal)]
    if _have_equal_parts(start, goal):
        return [("", goal)]
    found: list[tuple[str, Node]] = []
    last = start
    for word, node in moves:
        if _have_equal_parts(node, goal):
            node = goal
        if not _have_equal_parts(node, last) and (node is goal or is_equal(node)):
            found.append((word, node))
            last = node
        if node is goal:
            break
    if last is goal:
        return found
    if _have_equal_parts(last, goal):
        return [*found[:-1], (found[-1][0] if found else "", goal)]
    # The goal is another way to write the last form: its terms have the divisors that were in front of the sum.
    return [*found, (_SPLIT if found else moves[-1][0], goal)]


def _is_quotient(ring: Ring, term: Form) -> bool:
    """Whether a factor of a sum is a divisor of it, such as 1/x or 1/4; sqrt(2/pi) is none."""
    [(monomial, coefficient)] = term.items()
    variable = tuple([power for power in monomial if not ring.kernels[power[0]].is_number])
    return _has_divisors(ring, variable) or (not monomial and coefficient.denominator > 1)


def _have_equal_parts(one: Node, other: Node) -> bool:
    """Whether two equal formulas have the same numbers, variables and functions, so that only their order differs."""
    return one is other or _part_counts(one) == _part_counts(other)


def _part_counts(root: Node) -> dict[object, int]:
    """Return how often each number, variable and function is written in a formula, without signs and operators."""
    order = toposort([root])
    times = dict.fromkeys(order, 0)
    times[root] = 1
    counts: dict[object, int] = {}
    for node in reversed(order):
        for operand in node.operands:
            times[operand] += times[node]
        if node.constant is not None and node.name is None:
            part: object = abs(node.constant)
        else:
            part = node.name if node.primitive is None else node.primitive
        if part not in _SIGNS:
            counts[part] = counts.get(part, 0) + times[node]
    return counts


_SIGNS: Final = frozenset({f.add, f.sub, f.neg, f.mul, f.div})


def _factored(ring: Ring, layout: Layout, start: Node, goal: Node) -> list[tuple[str, Node]]:
    """Return the moves in a product of which one factor is a sum: collect its terms, then take out their common factor.

    The moves are made here one by one, because `Ring.read` does all of this at once.  If the goal is the product
    multiplied out, there is only this one move.
    """
    above, below = start.operands if start.primitive is f.div else (start, layout.graph.constant(1.0))
    factors: list[Node] = []
    sums: list[Node] = []
    stack = [above]
    while stack:
        node = stack.pop()
        if node.primitive is f.mul:
            stack += reversed(node.operands)
        else:
            (sums if node.primitive in (f.add, f.sub) else factors).append(node)
    if len(sums) != 1 or sums[0] is start:
        return []
    outside = ring.power(ring.read(below), -1)
    for factor in factors:
        outside = ring.product(outside, ring.read(factor))
    terms = [(sign, ring.read(node)) for sign, node in signed_terms(sums[0])]
    total = ring.total(terms)
    if not total:
        return [(_COLLECT, goal)]
    if len(total) > 1 and ring.times(total, *next(iter(outside.items()))) == ring.read(goal):
        is_quotient = _is_quotient(ring, outside)
        return [(_SPLIT if is_quotient else _OPEN if len(total) == len(terms) else _OPEN_AND_COLLECT, goal)]
    moves = []
    stand_in = layout.graph.fresh_variable("s")

    def whole(outer: Form, rest: Form) -> Node:
        """Return the product ``outer * rest``, in which the sum ``rest`` is not changed, not even by cancelling."""
        product = layout.node(ring.product(outer, ring.read(stand_in)))
        return substitute(product, {stand_in: layout.node(rest)}, exactly=True)

    if len(total) < len(terms) or total != added(terms):
        moves.append((_collecting(ring, terms), whole(outside, total)))
    common, content = lowest_powers(total), ring.content(total) if total else 1
    if len(total) > 1 and (common or content != 1):
        rest = ring.times(total, raised(common, -1), Fraction(1) / content)
        outer = ring.product(outside, {common: content})
        [(divisors, number)] = outside.items()
        is_cancelled = math.gcd(content.numerator, number.denominator) > 1
        denominator = {one for one, exponent in divisors if exponent < 0}
        is_cancelled = is_cancelled or any(one in denominator for one, _ in common)
        word = _FRACTION if _has_divisors(ring, common) else _CANCEL if is_cancelled else _COMMON
        moves.append((word, whole(outer, rest)))
    return moves


def _has_divisors(ring: Ring, monomial: Monomial) -> bool:
    """Whether a product is a quotient; exp(-x) is no divisor."""
    return any(exponent < 0 and ring.kernels[symbol].kind != EXP for symbol, exponent in monomial)


def _general(start: Node, goal: Node) -> str:
    """Return the word for moves that weren't found; it names the functions that only the last formula has."""
    before, after = [
        {one.primitive: None for one in toposort([root]) if one.primitive is not None and one.primitive.infix is None}
        for root in (start, goal)
    ]
    new = [primitive for primitive in after if primitive not in before]
    if new == [f.where]:
        return "add the remaining case"
    return f"write with {' and '.join([primitive.name for primitive in new])}" if new else "simplify"


def _word(ring: Ring, start: Node, end: Node) -> str:
    """Return the word for the change of a formula that `Ring.read` made."""
    terms = [(sign, ring.read(node)) for sign, node in signed_terms(start)]
    if len(terms) > 1:
        is_shorter = len(signed_terms(end)) < len(terms)
        return _collecting(ring, terms) if is_shorter or ring.total(terms) != added(terms) else _EACH
    if start.primitive is f.div and not _have_equal_parts(start.operands[1], end):
        below = start.operands[1]
        if not _have_equal_parts(Layout(ring, start.graph).node(ring.read(below)), below):
            return _OPEN
    has_sum = any(one.primitive in (f.add, f.sub) for one in toposort([start]))
    return _EACH if has_sum else _POWERS


def _collecting(ring: Ring, terms: Iterable[tuple[Number, Form]]) -> str:
    """Return the word for collecting terms.  It tells whether sums are multiplied by numbers first."""
    for _, form in terms:
        for monomial, coefficient in form.items():
            is_sum = any(exponent > 0 and ring.kernels[symbol].kind == BASE for symbol, exponent in monomial)
            if is_sum and abs(coefficient) != 1:
                return _OPEN_AND_COLLECT
    return _COLLECT


def _way(ring: Ring, first: Form, last: Form) -> list[tuple[str, Form]] | None:
    """Return the fewest moves from one form to another; None if they aren't found."""
    goal = _key(last)
    seen = {_key(first)}
    if goal in seen:
        return []
    ways: deque[tuple[Form, list[tuple[str, Form]]]] = deque([(first, [])])
    while ways:
        form, way = ways.popleft()
        for word, found in _moves(ring, form) if len(way) < _MOVES else ():
            key = _key(found)
            if key == goal:
                return [*way, (word, found)]
            if key not in seen and len(seen) < _FORMS:
                seen.add(key)
                ways.append((found, [*way, (word, found)]))
    return None


def _key(form: Form) -> frozenset[tuple[Monomial, Number]]:
    return frozenset(form.items())


def _moves(ring: Ring, form: Form) -> Iterator[tuple[str, Form]]:
    """Yield the word of each possible move from a form, and the form after it, up to one that exceeds the bounds."""
    with suppress(Unfit):
        yield from _all_moves(ring, form)


def _all_moves(ring: Ring, form: Form) -> Iterator[tuple[str, Form]]:
    outside, rest = _parts(ring, form)
    if not rest or len(rest) > _TERMS:
        return
    [(monomial, coefficient)] = outside.items()
    if len(rest) > 1:
        word = _FRACTION if _has_divisors(ring, lowest_powers(rest)) else _COMMON
        yield word, ring.product(outside, ring.as_term(rest))
        yield _CANCEL, _product(ring, *cancelled(ring, outside, rest))
    opened = expanded(ring, rest)
    yield _opening_word(ring, rest, opened), _product(ring, outside, opened)
    yield f"use {named_squares(ring, rest)}", _product(ring, outside, by_squares(ring, rest))
    yield _FACTOR, ring.product(outside, factors(ring, rest))
    yield _DOUBLE, by_double_angles(ring, form) or form
    yield _DOUBLE, _product(ring, outside, by_double_angles(ring, rest) or rest)
    if len(form) == 1:
        for found in by_quotients(ring, form):
            yield f"use {named_quotients(ring, form, found) or 'double angles'}", found
        yield _OPEN, joined(ring, form) or form
    if outside != {ONE: 1} and len(rest) > 1:
        yield _SPLIT if _is_quotient(ring, outside) else _OPEN, ring.times(rest, monomial, coefficient)
    for found in grouped(ring, rest):
        yield _GROUP, _product(ring, outside, found)


def _opening_word(ring: Ring, rest: Form, opened: Form) -> str:
    """Return the word for the step from the sum ``rest`` to ``opened``, in which products are multiplied out."""
    if all(
        abs(coefficient) == 1 and len(monomial) == 1 and monomial[0][1] == 1
        for monomial, coefficient in rest.items()
        if any(ring.kernels[symbol].kind == BASE for symbol, _ in monomial)
    ):
        return _COLLECT
    count = 0
    for monomial in rest:
        sums = [(ring.kernels[symbol], power) for symbol, power in monomial if ring.kernels[symbol].kind == BASE]
        count += math.prod([len(kernel.operands[0]) ** max(math.floor(power), 0) for kernel, power in sums])
    return _OPEN_AND_COLLECT if len(opened) < count else _OPEN


def _parts(ring: Ring, form: Form) -> tuple[Form, Form]:
    """Return a form as a term times a sum.  The sum is the longest one among its factors, or else the whole form."""
    if len(form) == 1:
        [(monomial, coefficient)] = form.items()
        sums = [one for one in monomial if one[1] == 1 and ring.kernels[one[0]].kind == BASE]
        if sums:
            chosen = max(sums, key=lambda one: len(ring.kernels[one[0]].operands[0]))
            rest = tuple([one for one in monomial if one is not chosen])
            return {rest: coefficient}, ring.kernels[chosen[0]].operands[0]
    return {ONE: 1}, form


def _product(ring: Ring, outside: Form, rest: Form) -> Form:
    return rest if outside == {ONE: 1} or not rest else ring.product(outside, rest)
