"""Sweeps in decimals, for derivatives with factors that a double can't hold.

The derivative of 1/(exp(x) - 1) at 400 is -1.9e-174, but the sweep begins with the factor 3.7e-348, which is 0 as a
double.  Decimals have exponents without a bound in practice, so that no factor is lost.  Products, quotients and sums
of the rules are computed in decimals; other functions are computed as floats.
"""

from __future__ import annotations

import decimal
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import Any, Final

from gradcli.execute.float_rules import float_rule
from gradcli.execute.tape import Tape, is_exact_zero, is_small
from gradcli.graph import Node
from gradcli.graph.coefficients import NoValue, Undecided, evaluated, results
from gradcli.graph.rule import traced_rule
from gradcli.primitives import Primitive
from gradcli.primitives import functions as f

__all__ = ["accurate_adjoints", "accurate_values", "tangents_of"]

_DIGITS: Final = 25
#: The function -> its value in decimals.
_IN_DECIMALS: Final[dict[Any, Callable[..., Decimal]]] = {
    f.add: lambda x, y: x + y,
    f.sub: lambda x, y: x - y,
    f.mul: lambda x, y: x * y,
    f.div: lambda x, y: x / y,
    f.neg: lambda x: -x,
    f.square: lambda x: x * x,
}
#: Powers up to this exponent are computed in decimals.
_LARGEST_EXPONENT: Final = 1000


def tangents_of(
    tape: Tape, values: Sequence[float], dependent: Sequence[bool], given: Sequence[float | None]
) -> list[float | None]:
    """Return the tangent of each slot, by a forward sweep.

    Args:
        tape: the program.
        values: the value of each slot.
        dependent: whether a derivative passes through each slot.
        given: the tangents of the variables; None for one that doesn't move.
    """
    tangents: list[float | None] = [*given, *[None] * (len(values) - len(given))]
    for slot in range(tape.first, len(values)):
        if dependent[slot]:
            for i, partial in _partials(tape, values, slot):
                tangent, before = tangents[i], tangents[slot]
                if tangent is not None:
                    tangents[slot] = partial * tangent if before is None else before + partial * tangent
    if not any(one is not None and is_small(one) for one in tangents):
        return tangents
    if not _loses_factors(tape, values, dependent, tangents, is_reverse=False):
        return tangents
    wide = [None if one is None else Decimal(one) for one in tangents[: tape.first]]
    wide += [None] * (len(values) - tape.first)
    with _decimals():
        for slot in range(tape.first, len(values)):
            if dependent[slot]:
                for i, slope in _slopes(tape, values, slot):
                    one, sum_before = wide[i], wide[slot]
                    if one is not None:
                        wide[slot] = slope * one if sum_before is None else sum_before + slope * one
    return [None if one is None else float(one) for one in wide]


def accurate_adjoints(
    tape: Tape, values: Sequence[float], dependent: Sequence[bool], adjoints: Sequence[float | None]
) -> Sequence[float | None]:
    """Return the adjoint of each slot, by a reverse sweep in decimals if a product is too small for a double.

    Args:
        tape: the program.
        values: the value of each slot.
        dependent: whether a derivative passes through each slot.
        adjoints: the adjoint of each slot by a sweep on floats; None where no derivative arrives.

    >>> from gradcli import parse
    >>> from gradcli.evaluate.point import Sweep
    >>> sweep = Sweep(parse("1/(exp(x) - 1)"), {"x": 400.0})
    >>> sweep.adjoints[0], accurate_adjoints(sweep.tape, sweep.values, sweep.dependent, sweep.adjoints)[0]
    (-0.0, -1.9151695967140057e-174)
    """
    if not _loses_factors(tape, values, dependent, adjoints, is_reverse=True):
        return adjoints
    wide: list[Decimal | None] = [None] * len(values)
    with _decimals():
        wide[tape.outputs[0]] = Decimal(1)
        for slot in range(len(values) - 1, tape.first - 1, -1):
            adjoint = wide[slot]
            if adjoint is not None and dependent[slot]:
                for i, slope in _slopes(tape, values, slot):
                    before = wide[i]
                    if dependent[i]:
                        wide[i] = adjoint * slope if before is None else before + adjoint * slope
    return [None if one is None else float(one) for one in wide]


def accurate_values(tape: Tape, values: Sequence[float]) -> list[float]:
    """Return the values of the roots of a program, computed in decimals if a number on the way is too small.

    A program that compares numbers is left as it is, since decimals might decide otherwise.

    Args:
        tape: the program.
        values: the value of each slot.
    """
    found = [values[slot] for slot in tape.outputs]
    loses = False
    for value, (primitive, slots) in zip(values[tape.first :], tape.instructions, strict=True):
        if primitive.is_truth and slots[0] != slots[-1]:
            return found
        loses = loses or (
            is_small(value) and primitive.ulps > 0.0 and not is_exact_zero(value, [values[i] for i in slots])
        )
    if not loses:
        return found
    with _decimals():
        leaves = {node: Decimal(value) for node, value in zip(tape.nodes[: tape.first], values, strict=False)}
        wide = results(_Decimals(), [tape.nodes[slot] for slot in tape.outputs], leaves)
    return [
        float(one) if isinstance(one, Decimal) and one.is_finite() else narrow
        for one, narrow in zip(wide, found, strict=True)
    ]


def _loses_factors(
    tape: Tape,
    values: Sequence[float],
    dependent: Sequence[bool],
    arrived: Sequence[float | None],
    *,
    is_reverse: bool,
) -> bool:
    """Whether a product of a sweep is too small for a double, though its factors need not be 0."""
    for slot, (primitive, slots) in enumerate(tape.instructions, tape.first):
        if is_reverse and not arrived[slot]:  # it is None, or 0 because of a product that is found at another slot
            continue
        if dependent[slot] and primitive.ulps and arrived[slot] is not None and all(values[i] for i in slots):
            for i, partial in _partials(tape, values, slot):
                # The adjoint comes from the operation, a tangent from the operand.
                given = arrived[slot] if is_reverse else arrived[i]
                if given and dependent[i] and (is_small(given * partial) or is_small(partial)):
                    return True
    return False


def _partials(tape: Tape, values: Sequence[float], slot: int) -> Iterator[tuple[int, float]]:
    """Yield the slot of each operand that is selected, with the partial derivative of an operation."""
    primitive, slots = tape.instructions[slot - tape.first]
    partials = float_rule(primitive, len(slots)).partials([values[i] for i in slots], values[slot])
    for i, partial in zip(slots, partials, strict=True):
        if partial is not None:
            yield i, partial


def _slopes(tape: Tape, values: Sequence[float], slot: int) -> Iterator[tuple[int, Decimal]]:
    """Yield the same as `_partials` in decimals; what a double holds is not computed again."""
    primitive, slots = tape.instructions[slot - tape.first]
    numbers = [values[i] for i in slots]
    narrow, edge = float_rule(primitive, len(slots)).at(numbers, values[slot])
    for place, (i, partial) in enumerate(zip(slots, narrow, strict=True)):
        if partial is None:
            continue
        if edge is not None or (math.isfinite(partial) and not is_small(partial)):
            yield i, Decimal(partial)
            continue
        rule = traced_rule(primitive, len(slots))
        at = dict(zip(rule.inputs, map(Decimal, [*numbers, values[slot]]), strict=True))
        yield i, _slope(rule.partials[place], at, partial)


def _decimals() -> AbstractContextManager[decimal.Context]:
    return decimal.localcontext(decimal.Context(prec=_DIGITS, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN, traps=[]))


def _slope(formula: Node, at: dict[Node, Any], partial: float) -> Decimal:
    """Return a partial derivative in decimals; as a float if decimals can't tell."""
    try:
        found: Decimal = evaluated(_Decimals(), formula, at)
    except (NoValue, Undecided):
        return Decimal(partial)
    return found if found.is_finite() else Decimal(partial)


class _Decimals:
    """The arithmetic of decimals for rules."""

    is_exact = False

    def leaf(self, node: Node) -> Decimal:
        """Return a constant."""
        if node.constant is None:
            raise Undecided
        return Decimal(node.constant)

    def apply(self, primitive: Primitive, operands: Sequence[Decimal]) -> Decimal:
        """Return the value of a function."""
        wide = _IN_DECIMALS.get(primitive)
        if wide is not None:
            return wide(*operands)
        if primitive is f.pow and abs(operands[1]) <= _LARGEST_EXPONENT and operands[1] == int(operands[1]):
            return operands[0] ** int(operands[1])
        value = primitive.value(*map(float, operands))
        if math.isnan(value):
            raise NoValue
        return Decimal(value)

    def dot(self, pairs: Sequence[tuple[Decimal, Decimal]]) -> Decimal:
        """Return the sum of products."""
        return sum([one * other for one, other in pairs], Decimal(0))

    def node(self, number: Decimal) -> Node:
        """Raise an error: a decimal has no formula."""
        raise Undecided(number)

    def is_zero(self, number: Decimal) -> bool:
        """Whether a number is 0."""
        return not number

    def is_true(self, number: Decimal) -> bool:
        """Whether a condition holds."""
        return bool(number)
