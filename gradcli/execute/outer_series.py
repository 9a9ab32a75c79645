"""Power series of special functions around a number, from what their declarations say about their derivatives.

A function with a `System` solves a system of differential equations with an elementary right side.  The series of the
right side needs one coefficient fewer than that of the solution, so both grow coefficient by coefficient, and only the
first coefficients take a kernel (Griewank and Walther, Evaluating Derivatives, 2nd ed., chapter 13).  Where another
solution grows faster than the function, rounding errors grow with it.  In floats the system is therefore solved once
more with an error in each coefficient; those that move much more than by this error have lost their digits, and become
nan.

Other functions have a chain: the derivative is one function, such as polygamma(1, x), whose derivative is the same
function of the next order.  Each coefficient takes a kernel, which keeps all digits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from operator import mul as times
from typing import Any, Final

from gradcli.graph import Graph, Node, toposort
from gradcli.graph.coefficients import evaluated
from gradcli.graph.rule import traced_rule
from gradcli.primitives import Primitive
from gradcli.primitives import functions as f
from gradcli.records import NamedTuple

__all__ = ["Equations", "chained", "equations_of"]

#: The relative error in the second solution, and how much it may grow: a rounding error that grows as much is 1e-12 of
#: a coefficient.
_MOVED: Final = 2.0**-30
_GROWN: Final = 2.0**13


class Equations:
    """The system of a function as a program that appends one coefficient after the other.

    Attributes:
        inputs: the operands as variables of one graph.
        companions: the first coefficients of the other functions of the system, as formulas of the operands.
        known: the parts of the right sides that depend on the operands alone.
    """

    def __init__(self, primitive: Primitive) -> None:
        assert primitive.system is not None
        graph = Graph()
        self.inputs = [graph.variable(name) for name in primitive.operands]
        self.companions = [graph.lift(one) for one in primitive.system.companions(*self.inputs)]
        unknown = [graph.fresh_variable("solution") for _ in range(1 + len(self.companions))]
        slopes = [graph.lift(one) for one in primitive.system.slopes(*self.inputs, *unknown)]
        order = toposort(slopes)
        grows = {*unknown}
        for node in order:
            if any(operand in grows for operand in node.operands):
                grows.add(node)
        steps = [node for node in order if node in grows and node not in unknown]
        self.known = [
            node for node in order
            if node not in grows and (node in slopes or any(node in step.operands for step in steps))
        ]  # fmt: skip
        slots = {node: slot for slot, node in enumerate([*unknown, *self.known, *steps])}
        self._steps = [(_OPERATIONS[step.primitive], [slots[operand] for operand in step.operands]) for step in steps]
        self._slopes = [slots[node] for node in slopes]

    def solved(
        self,
        is_zero: Callable[[Any], bool],
        first: Sequence[Any],
        known: Sequence[Sequence[Any]],
        order: int,
        moved: tuple[float, float] | None = None,
    ) -> list[Any]:
        """Return the coefficients of the function.

        Args:
            is_zero: whether a number is 0.
            first: the values of the function and its companions.
            known: the coefficients of the known parts, which may be fewer than the order asks for.
            order: the highest order.
            moved: factors close to 1 by which new coefficients are multiplied in turn.

        Raises:
            ZeroDivisionError: a divisor is 0 at the point.
        """
        series: list[list[Any]] = [[one] for one in first]
        series += [[*one, *[0.0] * (order - len(one))] for one in known]
        series += [[] for _ in self._steps]
        count = len(series) - len(self._steps)
        for k in range(order):
            for slot, (operation, operands) in enumerate(self._steps, count):
                if not k and operation is _quotient and is_zero(series[operands[1]][0]):
                    raise ZeroDivisionError
                series[slot].append(operation(k, series[slot], *[series[operand] for operand in operands]))
            slopes = [series[slot][k] / (k + 1) for slot in self._slopes]
            if moved is not None:
                slopes = [slope * moved[(k + place) % 2] for place, slope in enumerate(slopes)]
            for one, slope in zip(series, slopes, strict=False):
                one.append(slope)
        return series[0]

    def solved_in_floats(
        self,
        is_zero: Callable[[Any], bool],
        first: Sequence[float],
        known: Sequence[Sequence[float]],
        order: int,
    ) -> list[float]:
        """Return the coefficients of the function; nan from the first one on that has lost its digits."""
        factors = (1.0 + _MOVED, 1.0 - _MOVED)
        found = self.solved(is_zero, first, known, order)
        start = [x * factors[place % 2] for place, x in enumerate(first)]
        moved = self.solved(is_zero, start, known, order, factors)
        for k, (one, other) in enumerate(zip(found, moved, strict=True)):
            further = abs(found[k + 1]) if k < order else 0.0
            if not abs(one - other) <= _MOVED * _GROWN * max(abs(one), further):
                return [*found[:k], *[math.nan] * (order + 1 - k)]
        return found


# The next coefficient of an operation: its order, the coefficients before it, and those of the operands.


def _convolved(k: int, one: Sequence[Any], other: Sequence[Any]) -> Any:
    return sum(map(times, one[: k + 1], other[k::-1]))


def _quotient(k: int, found: Sequence[Any], above: Sequence[Any], below: Sequence[Any]) -> Any:
    return (above[k] - sum(map(times, found, below[k:0:-1]))) / below[0]


_OPERATIONS: Final[dict[Any, Callable[..., Any]]] = {
    f.add: lambda k, _, one, other: one[k] + other[k],
    f.sub: lambda k, _, one, other: one[k] - other[k],
    f.neg: lambda k, _, one: -one[k],
    f.mul: lambda k, _, one, other: _convolved(k, one, other),
    f.square: lambda k, _, one: _convolved(k, one, one),
    f.div: _quotient,
}


@cache
def equations_of(primitive: Primitive) -> Equations | None:
    """Return the system of a function; None if it declares none."""
    return None if primitive.system is None else Equations(primitive)


class _Link(NamedTuple):
    """A derivative that is a number times one function.

    Attributes:
        factor: the number, as a constant.
        primitive: the function.
        inputs: the variables of the operands.
        operands: the operands of the function as formulas of them; None for the one that moves.
    """

    factor: Node
    primitive: Primitive
    inputs: Sequence[Node]
    operands: list[Node | None]

    @property
    def place(self) -> int:
        """The place of the operand that moves."""
        return self.operands.index(None)


@cache
def _link(primitive: Primitive, place: int) -> _Link | None:
    """Return the derivative of a function toward one operand as a link of a chain; None if it isn't one."""
    if primitive.active is not None or primitive.is_truth or primitive.is_locally_constant or primitive.variadic:
        return None
    rule = traced_rule(primitive, primitive.arity)
    node, factor, graph = rule.partials[place], rule.graph.constant(1.0), rule.graph
    while True:
        if node.primitive is f.neg:
            factor, node = graph.lift(-factor), node.operands[0]
        elif node.primitive is f.mul and node.operands[0].constant is not None:
            factor, node = graph.lift(factor * node.operands[0]), node.operands[1]
        else:
            break
    mover, output = rule.inputs[place], rule.inputs[-1]
    if not isinstance(node.primitive, Primitive) or node.operands.count(mover) != 1:
        return None
    others = [one for one in node.operands if one is not mover]
    if factor.constant is None or not {mover, output}.isdisjoint(toposort(others)):
        return None
    operands = [None if one is mover else one for one in node.operands]
    return _Link(factor, node.primitive, rule.inputs, operands)


def chained(numbers: Any, primitive: Primitive, values: Sequence[Any], place: int, order: int) -> list[Any] | None:
    """Return the coefficients of a function whose derivatives are a chain; None if they aren't one.

    Args:
        numbers: the arithmetic of the coefficients.
        primitive: the function.
        values: its operands.
        place: the place of the operand of the series.
        order: the highest order.
    """
    found = [numbers.apply(primitive, values)]
    factor: Any = None
    for k in range(1, order + 1):
        link = _link(primitive, place)
        if link is None or (numbers.is_exact and link.primitive.expands is not None):
            return None  # a formula for readers grows with the order
        inputs = dict(zip(link.inputs, values, strict=False))
        mover = values[place]
        values = [mover if one is None else evaluated(numbers, one, inputs) for one in link.operands]
        primitive, place = link.primitive, link.place
        if link.factor.constant != 1.0:
            number = numbers.leaf(link.factor)
            factor = number if factor is None else factor * number
        value = numbers.apply(primitive, values)
        found.append((value if factor is None else value * factor) / math.factorial(k))
    return found
