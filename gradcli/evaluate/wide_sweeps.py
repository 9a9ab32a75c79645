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

from gradcli.execute.tape import Tape, is_exact_zero, is_small
from gradcli.graph import Node
from gradcli.graph.coefficients import NoValue, Undecided, evaluated, results
from gradcli.graph.rule import traced_rule
from gradcli.primitives import Edge, Primitive
from gradcli.primitives import functions as f

__all__ = ["loses_factors", "wide_adjoints", "wide_tangents", "wide_values"]

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
#: The partial derivatives of the operation in a slot, and its edge, if it is on one.
Partials = Callable[[int], tuple[Sequence["float | None"], "Edge | None"]]


def loses_factors(
    tape: Tape,
    values: Sequence[float],
    dependent: Sequence[bool],
    partials: Partials,
    arrived: Sequence[float | None],
    *,
    is_reverse: bool,
) -> bool:
    """Whether a product of a sweep is too small for a double, though its factors need not be 0.

    Args:
        tape: the program.
        values: the value of each slot.
        dependent: whether a derivative passes through each slot.
        partials: a function from slots to the partial derivatives of their operations.
        arrived: the adjoint or the tangent of each slot; None where no derivative arrives.
        is_reverse: whether these are adjoints.
    """
    for slot, (primitive, slots) in enumerate(tape.instructions, tape.first):
        if dependent[slot] and primitive.ulps and arrived[slot] is not None and all(values[i] for i in slots):
            for i, partial in zip(slots, partials(slot)[0], strict=True):
                # The adjoint comes from the operation, a tangent from the operand.
                given = arrived[slot] if is_reverse else arrived[i]
                if given and partial is not None and dependent[i] and (is_small(given * partial) or is_small(partial)):
                    return True
    return False


def wide_adjoints(
    tape: Tape, values: Sequence[float], dependent: Sequence[bool], partials: Partials
) -> list[float | None]:
    """Return the adjoint of each slot, computed in decimals; the arguments are those of `loses_factors`.

    >>> from gradcli import parse
    >>> from gradcli.evaluate.point import Sweep
    >>> sweep = Sweep(parse("1/(exp(x) - 1)"), {"x": 400.0})
    >>> sweep.adjoints[0], sweep.accurate_adjoints()[0]
    (-0.0, -1.9151695967140057e-174)
    """
    adjoints: list[Decimal | None] = [None] * len(values)
    with _decimals():
        adjoints[tape.outputs[0]] = Decimal(1)
        for slot in range(len(values) - 1, tape.first - 1, -1):
            adjoint = adjoints[slot]
            if adjoint is not None and dependent[slot]:
                for i, slope in _slopes(tape, values, partials, slot):
                    before = adjoints[i]
                    if dependent[i]:
                        adjoints[i] = adjoint * slope if before is None else before + adjoint * slope
    return [None if one is None else float(one) for one in adjoints]


def wide_tangents(
    tape: Tape, values: Sequence[float], dependent: Sequence[bool], partials: Partials, given: Sequence[float | None]
) -> list[float | None]:
    """Return the tangent of each slot, computed in decimals.

    Args:
        tape, values, dependent, partials: as in `loses_factors`.
        given: the tangents of the variables; None for one that doesn't move.
    """
    tangents = [None if one is None else Decimal(one) for one in given]
    tangents += [None] * (len(values) - len(tangents))
    with _decimals():
        for slot in range(tape.first, len(values)):
            if dependent[slot]:
                for i, slope in _slopes(tape, values, partials, slot):
                    tangent, before = tangents[i], tangents[slot]
                    if tangent is not None:
                        tangents[slot] = slope * tangent if before is None else before + slope * tangent
    return [None if one is None else float(one) for one in tangents]


def wide_values(tape: Tape, values: Sequence[float]) -> list[float]:
    """Return the values of the roots of a program, computed in decimals where a double on the way is too small.

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


def _decimals() -> AbstractContextManager[decimal.Context]:
    return decimal.localcontext(decimal.Context(prec=_DIGITS, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN, traps=[]))


def _slopes(tape: Tape, values: Sequence[float], partials: Partials, slot: int) -> Iterator[tuple[int, Decimal]]:
    """Yield the slot of each operand that is selected, with the partial derivative of an operation."""
    primitive, slots = tape.instructions[slot - tape.first]
    narrow, edge = partials(slot)
    rule = traced_rule(primitive, len(slots))
    at = dict(zip(rule.inputs, map(Decimal, [*[values[i] for i in slots], values[slot]]), strict=True))
    for place, (i, partial) in enumerate(zip(slots, narrow, strict=True)):
        if partial is not None:
            yield i, Decimal(partial) if edge is not None else _slope(rule.partials[place], at, partial)


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
