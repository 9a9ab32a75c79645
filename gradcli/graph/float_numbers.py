"""Floats as the coefficients of a series."""

from __future__ import annotations

from collections.abc import Sequence

from gradcli.graph.coefficients import NoValue, Undecided
from gradcli.graph.graph import Graph, Node
from gradcli.primitives import Primitive

__all__ = ["FloatNumbers"]

#: A divisor below this may be 0 but for rounding.
_TINY = 1e-9


class FloatNumbers:
    """The arithmetic of floats; a small divisor is refused, because an exact one might be 0.

    Args:
        graph: the graph of the formulas in errors.
    """

    is_exact = False

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def leaf(self, node: Node) -> float:
        """Return the number of a constant.

        Raises:
            Undecided: the node is a variable.
        """
        if node.constant is None:
            raise Undecided
        return node.constant

    def apply(self, primitive: Primitive, operands: Sequence[float]) -> float:
        """Return the value of a function.

        Raises:
            NoValue: the value is nan.
        """
        value = primitive.value(*operands)
        if value != value:
            raise NoValue
        return value

    def dot(self, pairs: Sequence[tuple[float, float]]) -> float:
        """Return the sum of products."""
        return sum([one * other for one, other in pairs])

    def node(self, number: float) -> Node:
        """Return a number as the node of a constant."""
        return self.graph.constant(number)

    def is_zero(self, number: float) -> bool:
        """Whether a number is 0.

        Raises:
            Undecided: the number is so small that it may be the rounding error of a 0.
        """
        if number and abs(number) < _TINY:
            raise Undecided
        return number == 0.0

    def is_true(self, number: float) -> bool:
        """Whether a condition holds."""
        return number != 0.0
