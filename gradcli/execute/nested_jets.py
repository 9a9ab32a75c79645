"""Jets of jets: mixed derivatives of any order at a point.

The number of a jet may be a jet in another variable.  Then one pass over the graph gives all coefficients up to an
order in each variable, and a mixed derivative is one of them, times factorials.  Unlike the interpolation of
derivatives along several directions, no large numbers of opposite signs are added up, so no digits are lost; and there
is no second set of recurrences.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from gradcli.execute.jets import Irregular, Jet, Jets, added, applied, product, quotient, subtracted
from gradcli.graph import Node
from gradcli.primitives import Primitive

__all__ = ["mixed_derivative"]


class _Inner:
    """A jet as a number of another jet."""

    __slots__ = ("jet", "numbers")

    def __init__(self, jet: Jet, numbers: _InnerNumbers) -> None:
        self.jet = jet
        self.numbers = numbers

    def _made(self, jet: Jet) -> _Inner:
        return _Inner(jet, self.numbers)

    def _jet_of(self, other: Any) -> Jet:
        return other.jet if isinstance(other, _Inner) and other.numbers is self.numbers else [other]

    def __add__(self, other: Any) -> _Inner:
        return self._made(added(self.jet, self._jet_of(other)))

    __radd__ = __add__

    def __sub__(self, other: Any) -> _Inner:
        return self._made(subtracted(self.jet, self._jet_of(other)))

    def __rsub__(self, other: Any) -> _Inner:
        return self._made(subtracted(self._jet_of(other), self.jet))

    def __mul__(self, other: Any) -> _Inner:
        return self._made(product(self.jet, self._jet_of(other), self.numbers.order))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> _Inner:
        if isinstance(other, int):
            return self._made([one / other for one in self.jet])
        return self._made(quotient(self.numbers.inner, self.jet, self._jet_of(other), self.numbers.order))

    def __neg__(self) -> _Inner:
        return self._made([-one for one in self.jet])

    def __bool__(self) -> bool:
        return any(map(bool, self.jet))

    def __eq__(self, other: object) -> bool:
        return len(self.jet) == 1 and bool(self.jet[0] == other)

    __hash__ = None  # type: ignore[assignment]

    def __float__(self) -> float:
        return float(self.jet[0]) if len(self.jet) == 1 else math.nan


class _InnerNumbers:
    """The arithmetic of jets as numbers.

    Attributes:
        inner: the arithmetic of their coefficients.
        order: the highest order.
    """

    def __init__(self, inner: Any, order: int) -> None:
        self.inner = inner
        self.order = order

    def leaf(self, node: Node) -> _Inner:
        """Return a constant."""
        return _Inner([self.inner.leaf(node)], self)

    def apply(self, primitive: Primitive, operands: Sequence[_Inner]) -> _Inner:
        """Return the jet of a function."""
        return _Inner(applied(self.inner, primitive, [one.jet for one in operands], self.order), self)

    def is_zero(self, number: _Inner) -> bool:
        """Whether a jet is 0 at the point."""
        return bool(self.inner.is_zero(number.jet[0]))

    def is_true(self, number: _Inner) -> bool:
        """Whether a condition, which must not change at the point, holds."""
        if len(number.jet) > 1:
            raise Irregular
        return bool(self.inner.is_true(number.jet[0]))


def mixed_derivative(
    numbers: Any, root: Node, at: Mapping[Node, Any], orders: Mapping[Node, int], one: Any = 1.0
) -> Any:
    """Return a mixed derivative.

    Args:
        numbers: the arithmetic: of floats, or of balls.
        root: the function.
        at: a number for each variable.
        orders: the order with respect to some variables, each at least 1.
        one: the number 1.

    Raises:
        Irregular: an operation is not smooth at the point, or has no recurrence.

    >>> from gradcli import parse
    >>> from gradcli.graph.float_numbers import FloatNumbers
    >>> root = parse("x^3*exp(y)").root
    >>> x, y = [root.graph.variable(name) for name in "xy"]
    >>> mixed_derivative(FloatNumbers(root.graph), root, {x: 2.0, y: 0.0}, {x: 2, y: 4})
    12.0
    """
    *inside, last = orders
    levels = [numbers]
    for node in inside:
        levels.append(_InnerNumbers(levels[-1], orders[node]))

    def lifted(number: Any, level: int) -> Any:
        for arithmetic in levels[level + 1 :]:
            number = _Inner([number], arithmetic)
        return number

    inputs: list[Jet] = []
    for node, number in at.items():
        if node is last:
            inputs.append([lifted(number, 0), lifted(one, 0)])
        elif node in orders:
            level = inside.index(node) + 1
            jet = []
            for coefficient in (number, one):
                for arithmetic in levels[1:level]:
                    coefficient = _Inner([coefficient], arithmetic)
                jet.append(coefficient)
            inputs.append([lifted(_Inner(jet, levels[level]), level)])
        else:
            inputs.append([lifted(number, 0)])
    [jet] = Jets([root], [*at]).run(levels[-1], inputs, orders[last])
    for node in reversed([*orders]):
        if len(jet) <= orders[node]:
            return 0 * one
        number = jet[orders[node]]
        jet = number.jet if isinstance(number, _Inner) else [number]
    return math.prod(map(math.factorial, orders.values())) * jet[0]
