"""Derivatives up to an order as graphs that kernels run on many points: jets whose coefficients are nodes.

One pass over a graph on such jets (`gradcli.execute.jets`) writes the recurrences down as a graph without loops.  The
graph grows with the square of the order, while that of a derivative by repeated differentiation may double with each
order.  For exp(sin(x))/(1 + x^2), it takes 74 operations instead of 365 up to order 5, and 600 up to order 20.

Jets know only points at which every operation is smooth.  At other points they are wrong, and a condition says so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from gradcli.execute.jets import Irregular, Jet, Jets
from gradcli.execute.taylor_mode import SMALLEST, STEP, TERMS, differences, largest_from
from gradcli.graph import Graph, Node, differentiate, toposort
from gradcli.primitives import Primitive
from gradcli.primitives import functions as f
from gradcli.records import NamedTuple

__all__ = ["Derivatives", "derivatives_of"]

#: Up to this order, derivatives come from repeated differentiation, which knows all points.
_BY_GRAPH: Final = 2
#: From this order on, a derivative that has lost its digits becomes nan; `gradcli.execute.taylor_mode` proves it.
_CHECKED: Final = 5
#: The product of so many numbers up to an order is a float.
_FACTORS: Final = 100


class Derivatives(NamedTuple):
    """The derivatives of one function with respect to one variable.

    Attributes:
        nodes: the derivatives of order 1, 2 and so on; nan where the function has no value, and nan for a number that
            has lost its digits.
        irregular: a condition that is true where the function has a value, but the derivatives may be wrong, because an
            operation isn't smooth or a number isn't finite.
    """

    nodes: list[Node]
    irregular: Node


class _Coefficient:
    """A node as a number of a jet."""

    __slots__ = ("node",)

    def __init__(self, node: Node) -> None:
        self.node = node

    def _made(self, node: Any) -> _Coefficient:
        return _Coefficient(self.node.graph.lift(node))

    def __add__(self, other: Any) -> _Coefficient:
        return self._made(self.node + _operand(other))

    def __radd__(self, other: Any) -> _Coefficient:
        return self._made(_operand(other) + self.node)

    def __sub__(self, other: Any) -> _Coefficient:
        return self._made(self.node - _operand(other))

    def __rsub__(self, other: Any) -> _Coefficient:
        return self._made(_operand(other) - self.node)

    def __mul__(self, other: Any) -> _Coefficient:
        return self._made(self.node * _operand(other))

    def __rmul__(self, other: Any) -> _Coefficient:
        return self._made(_operand(other) * self.node)

    def __truediv__(self, other: Any) -> _Coefficient:
        return self._made(self.node / _operand(other))

    def __rtruediv__(self, other: Any) -> _Coefficient:
        return self._made(_operand(other) / self.node)

    def __neg__(self) -> _Coefficient:
        return self._made(-self.node)

    def __bool__(self) -> bool:
        return self.node.constant != 0.0

    def __eq__(self, other: object) -> bool:
        return self.node.constant is not None and self.node.constant == other

    __hash__ = None  # type: ignore[assignment]

    def __float__(self) -> float:
        return math.nan if self.node.constant is None else self.node.constant


def _operand(number: Any) -> Any:
    return number.node if isinstance(number, _Coefficient) else float(number)


class _NodeNumbers:
    """The arithmetic of nodes as numbers, on one graph.

    Attributes:
        irregular: the conditions under which an operation is not smooth.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.irregular: list[Node] = []

    def node(self, number: Any) -> Node:
        """Return a number as a node."""
        return self.graph.lift(_operand(number))

    def leaf(self, node: Node) -> _Coefficient:
        """Return a constant."""
        return _Coefficient(self.graph.constant(node.constant or 0.0))

    def apply(self, primitive: Primitive, operands: Sequence[Any]) -> _Coefficient:
        """Return the value of a function at numbers."""
        return _Coefficient(self.graph.apply(primitive, map(self.node, operands)))

    def is_zero(self, number: Any) -> bool:
        """Whether a number is certainly 0; if it may be, the points where it is become irregular."""
        return self.is_true(self.apply(f.equal, [number, 0.0]))

    def is_true(self, number: Any) -> bool:
        """Whether a condition certainly holds; if it may, the points where it does become irregular."""
        condition = self.node(number)
        if condition.constant is not None:
            return condition.constant != 0.0
        self.irregular.append(condition)
        return False

    def first_of(self, conditions: Sequence[Any], jets: Sequence[Jet], otherwise: Jet) -> Jet:
        """Return the first jet whose condition holds; None as a condition always does."""
        length = max(map(len, (*jets, otherwise)))
        found = [*otherwise, *[0.0] * (length - len(otherwise))]
        for condition, jet in reversed([*zip(conditions, jets, strict=True)]):
            padded = [*jet, *[0.0] * (length - len(jet))]
            if condition is None:
                found = padded
            else:
                pairs = zip(padded, found, strict=True)
                found = [self.apply(f.where, [condition, one, other]) for one, other in pairs]
        return found


def derivatives_of(root: Node, target: Node, order: int) -> Derivatives:
    """Return the derivatives up to an order with respect to one variable, as nodes of the graph.

    Args:
        root: the function, without operations on arrays.
        target: the variable.
        order: the highest order, at least 1.

    Raises:
        LimitError: a function has no recurrence, and the graph of the derivative is too large.

    >>> from gradcli import parse
    >>> from gradcli.graph.shortest import value_at
    >>> root = parse("exp(2*x)*y").root
    >>> x, y = [root.graph.variable(name) for name in "xy"]
    >>> found = derivatives_of(root, x, 6)
    >>> value_at(found.nodes[5], {x: 0.0, y: 3.0}), value_at(found.irregular, {x: 0.0, y: 3.0})
    (192.0, 0.0)
    """
    if order > _BY_GRAPH:
        try:
            return _by_jets(root, target, order)
        except Irregular:
            pass
    nodes = [*differentiate.derivatives(root, target, order)]
    return Derivatives([differentiate.no_value_no_derivative(node, root) for node in nodes], root.graph.constant(0.0))


def _by_jets(root: Node, target: Node, order: int) -> Derivatives:
    graph = root.graph
    smooth = differentiate.keeping_digits(differentiate.without_kinks(root, (target,)))
    inputs = [node for node in toposort([smooth]) if node.is_variable]
    program, numbers = Jets([smooth], inputs), _NodeNumbers(graph)
    is_checked = order >= _CHECKED
    highest = order + TERMS if is_checked else order

    def jet(point: Node) -> list[Node]:
        one = _Coefficient(graph.constant(1.0))
        given = [[_Coefficient(point), one] if node is target else [_Coefficient(node)] for node in inputs]
        [found] = program.run(numbers, given, highest)
        return [*map(numbers.node, found), *[graph.constant(0.0)] * (highest + 1 - len(found))]

    at = jet(target)
    near = []
    step = graph.lift(0.0)
    if is_checked:
        moved = graph.lift(target + STEP)
        near, step = jet(moved), graph.lift(moved - target)
    largest = [graph.lift(one) for one in largest_from(at, f.abs, f.max)] if is_checked else []
    nodes = []
    is_tiny = graph.lift(0.0)
    for number in range(1, order + 1):
        node: Any = at[number]
        for low in range(1, number + 1, _FACTORS):  # a factorial may be too large for a float
            node = node * float(math.prod(range(low, min(low + _FACTORS, number + 1))))
        if number >= _CHECKED:
            size = largest[number]
            below = f.logical_and(f.greater(size, 0.0), f.less(size, SMALLEST))
            is_tiny = graph.lift(f.logical_or(is_tiny, below))
            pairs = differences(at, near, target, step, number, largest, f.abs, f.max, f.sqrt)
            agrees, is_seen = [f.less_equal(one, bound) for one, bound in pairs]
            is_kept = f.logical_and(agrees, f.logical_or(f.equal(target, 0.0), is_seen))
            is_kept = f.logical_and(is_kept, f.equal(is_tiny, 0.0))
            node = f.where(is_kept, node, math.nan)
        nodes.append(differentiate.no_value_no_derivative(graph.lift(node), root))
    total: Any = sum(at[1 : order + 1], root)
    irregular: Any = f.not_equal(total - total, 0.0)  # a number is not finite
    for condition in dict.fromkeys(numbers.irregular):
        irregular = f.logical_or(irregular, condition)
    return Derivatives(nodes, graph.lift(f.logical_and(irregular, f.equal(root, root))))
