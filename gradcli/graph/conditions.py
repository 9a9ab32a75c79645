"""Shorter conditions in the formulas that a person reads.

Comparisons, extremes, and choices that can be written with the unit step are shortened.

Like the identities of `gradcli.graph.simplify`, the identities here hold wherever the formula has a value.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Mapping, Sequence
from functools import cache, reduce
from typing import Final

from gradcli.graph.graph import Node, substitute, toposort, values_at
from gradcli.primitives import REGISTRY, ArrayFunction, Primitive
from gradcli.primitives import functions as f

__all__ = [
    "Facts",
    "are_exclusive",
    "decided",
    "is_finite",
    "is_zero",
    "parts",
    "shorter_comparison",
    "truths",
    "with_equalities",
]

#: Comparisons, with their value for equal operands.
_AT_EQUALITY: Final = {f.equal: 1.0, f.less_equal: 1.0, f.greater_equal: 1.0, f.less: 0.0, f.greater: 0.0}
_AT_EQUALITY[f.not_equal] = 0.0
_JOINTS: Final = (f.logical_and, f.logical_or)
_MAX, _MIN = REGISTRY["max"], REGISTRY["min"]
#: Functions that are 0 exactly where their operand is.
_ZERO_WITH_OPERAND: Final = (f.neg, f.abs, f.sqrt, f.square)


def shorter_comparison(primitive: Primitive, operands: Sequence[Node]) -> Node | None:
    """Return a comparison as its known result, or as an equivalent comparison with fewer nodes.

    The result is None if neither is possible.

    >>> from gradcli import parse
    >>> from gradcli.printing.text import to_text
    >>> for text in ("x == max(x, y)", "min(x, y) >= y", "x <= x"):
    ...     node = parse(text).root
    ...     print(to_text(shorter_comparison(node.primitive, node.operands)))
    x >= y
    y <= x
    1
    """
    if primitive not in _AT_EQUALITY:
        return None
    left, right = operands
    if left is right:
        return left.graph.constant(_AT_EQUALITY[primitive])
    for one, other, chosen, not_chosen in (
        (left, right, f.greater_equal, f.less_equal),
        (right, left, f.less_equal, f.greater_equal),
    ):
        # `one` is an operand of the extreme `other`, so it can only be equal to it or lie on one side of it.
        if other.primitive not in (_MAX, _MIN) or one not in other.operands:
            continue
        if other.primitive is _MIN:
            chosen, not_chosen = not_chosen, chosen
        if primitive is not_chosen:
            return one.graph.constant(1.0)
        rest = [operand for operand in other.operands if operand is not one]
        if primitive in (f.equal, chosen) and len(rest) == 1:
            return one.graph.apply(f.greater_equal if other.primitive is _MAX else f.less_equal, (one, rest[0]))
    if primitive is f.equal and left.primitive is f.clip and right is left.operands[2]:
        x, low, high = left.operands
        is_at_high = [f.greater_equal(one, high) if one is not high else 1.0 for one in (x, low)]
        return x.graph.apply(f.logical_or, is_at_high)
    return is_zero(left) if primitive is f.equal and right.constant == 0.0 else None


def is_zero(root: Node) -> Node:
    """Return the condition that a formula is 0, in a short form.

    >>> from gradcli import parse
    >>> from gradcli.printing.text import to_text
    >>> [to_text(is_zero(parse(text).root)) for text in ("x^2", "abs(x - y)", "x + 1", "exp(x)", "hypot(x, y)")]
    ['x == 0', 'x == y', 'x == -1', '0', 'x == 0 and y == 0']
    """
    zeros: list[Node] = []
    stack = [root]
    while stack:
        node = stack.pop()
        primitive, operands = node.primitive, node.operands
        if primitive in _ZERO_WITH_OPERAND or (primitive is f.pow and _is_positive(operands[1])):
            stack.append(operands[0])
        elif primitive is f.hypot:
            stack += reversed(operands)
        elif primitive is f.exp:
            return root.graph.constant(0.0)
        elif primitive is f.sub:
            zeros.append(f.equal(*operands))
        elif primitive is f.add and operands[1].constant is not None:
            zeros.append(f.equal(operands[0], -operands[1]))
        else:
            zeros.append(f.equal(node, 0.0))
    return reduce(f.logical_and, zeros)


def _is_positive(node: Node) -> bool:
    return node.constant is not None and node.constant > 0.0


def parts(condition: Node) -> list[Node]:
    """Return the conditions that a condition joins by `and`."""
    found: list[Node] = []
    stack = [condition]
    while stack:
        node = stack.pop()
        if node.primitive is f.logical_and:
            stack += reversed(node.operands)
        else:
            found.append(node)
    return found


def _order(node: Node) -> tuple[Node, Node] | None:
    """Return the larger and the smaller node of a comparison by ``>=`` or ``<=``."""
    if node.primitive is f.greater_equal:
        return node.operands[0], node.operands[1]
    return (node.operands[1], node.operands[0]) if node.primitive is f.less_equal else None


def with_equalities(root: Node) -> Node:
    """Return a formula with x == y in place of x >= y and y >= x.

    >>> from gradcli import parse
    >>> from gradcli.printing.text import to_text
    >>> print(to_text(with_equalities(parse("where(x >= y and x <= y, 1/2, 0)").root)))
    where(x == y, 1/2, 0)
    """
    equal: dict[Node, Node] = {}
    for node in toposort([root]):
        if node.primitive is f.logical_and:
            one, other = map(_order, node.operands)
            if one is not None and other is not None and one == other[::-1]:
                equal[node] = f.equal(*sorted(one, key=lambda operand: operand.index))
    return substitute(root, equal)


class Facts:
    """The facts that are known where a condition holds.

    Attributes:
        parts: the conditions that are joined by `and`.
        orders: a dictionary from each pair of nodes that are compared by ``>=`` or ``<=`` to the pair of the larger and
            the smaller one.
    """

    def __init__(self, condition: Node) -> None:
        self.parts = parts(condition)
        self.orders = {frozenset(order): order for order in map(_order, self.parts) if order is not None}

    def without(self, pairs: Collection[frozenset[Node]]) -> list[Node]:
        """Return the conditions, except conditions that compare one of the pairs."""
        return [part for part in self.parts if _order(part) is None or frozenset(part.operands) not in pairs]

    def applied_to(self, condition: Node) -> Node:
        """Return another condition, simplified under the assumption that the facts hold."""
        image: dict[Node, Node] = dict.fromkeys(self.parts, condition.graph.constant(1.0))
        for node in toposort([condition], lambda node: node.operands if node.primitive in _JOINTS else ()):
            if node in image:
                continue
            if isinstance(node.primitive, Primitive) and node.primitive in _JOINTS:
                image[node] = node.graph.apply(node.primitive, map(image.__getitem__, node.operands))
            else:
                image[node] = self._comparison(node)
        return image[condition]

    def _comparison(self, node: Node) -> Node:
        order = _order(node)
        if order is not None:
            larger, smaller = order
            if self._is_known(larger, smaller):
                return node.graph.constant(1.0)
            if self._is_known(smaller, larger):
                return f.equal(*node.operands)  # type: ignore[no-any-return]
        equals = [part for part in self.parts if part.primitive is f.equal is node.primitive]
        same = [part.operands[0] for part in equals if part.operands[1] is node.operands[1]]
        return f.equal(same[0], node.operands[0]) if same else node

    def _is_known(self, larger: Node, smaller: Node) -> bool:
        """Whether larger >= smaller is known: directly, or by way of a third node between the two."""
        known = set(self.orders.values())
        return (larger, smaller) in known or any((larger, one) in known and (one, smaller) in known for one, _ in known)


def decided(formula: Node, values: Mapping[Node, float]) -> Node:
    """Return a formula in the form that applies at a point: conditions that the point decides are left out.

    Args:
        formula: the formula.
        values: the values of its variables, or of other nodes in the formula.

    >>> from gradcli import parse
    >>> from gradcli.printing.text import to_text
    >>> root = parse("where(x == 0, 0, y/x)").root
    >>> to_text(decided(root, {root.graph.variable("x"): 2.0}))
    'y/x'
    """
    order = toposort([formula], lambda node: () if node in values else node.operands)
    known = values_at(order, values)
    decided_truths = {
        node: node.graph.constant(known[node])
        for node in order
        if isinstance(node.primitive, Primitive) and node.primitive.is_truth and node in known and node not in values
    }
    return substitute(formula, decided_truths)


def truths(total: Node) -> list[Node] | None:
    """Return the terms of a sum of truth values and numbers, or None for any other sum."""
    terms: list[Node] = []
    stack = [(total, 1)]
    while stack:
        node, times = stack.pop()
        if node.primitive is f.add:
            stack += [(operand, times) for operand in reversed(node.operands)]
        elif node.constant is not None or getattr(node.primitive, "is_truth", False):
            terms += [node] * times
        elif node.primitive is f.mul and node.operands[0].constant in (2.0, 3.0, 4.0):
            # Like terms were collected: 2*(x == y).
            stack.append((node.operands[1], times * int(node.operands[0].constant)))
        else:
            return None
    return terms if len(terms) > 1 else None


def are_exclusive(pairs: Sequence[frozenset[Node]]) -> bool:
    """Whether at most one of the pairs can be equal, because all pairs compare the same node with different numbers."""
    if len(pairs) < 2:
        return True
    shared = frozenset.intersection(*pairs)
    rest = {node.constant for pair in pairs for node in pair - shared}
    return len(shared) == 1 and None not in rest and len(rest) == len(pairs)


def is_finite(root: Node, largest: float = 1e300) -> bool:
    """Whether a formula is finite at every point, without poles and overflow.

    Args:
        root: the formula.
        largest: the largest absolute value for which the formula must not overflow.

    >>> from gradcli import parse
    >>> [is_finite(parse(text).root) for text in ("sin(x) + 2", "1/x", "x^2", "tanh(x^2)", "max(x, abs(y))")]
    [True, False, False, True, True]
    >>> is_finite(parse("x^2").root, 1e3)
    True
    """
    found: dict[Node, bool] = {}
    for node in toposort([root]):
        if node.constant is not None:
            found[node] = math.isfinite(node.constant)
        elif node.primitive is None:
            found[node] = True
        else:
            are_finite = all(map(found.__getitem__, node.operands))
            numbers = tuple([operand.constant for operand in node.operands])
            found[node] = _is_finite(node.primitive, numbers, largest if are_finite else math.inf)
    return found[root]


@cache
def _is_finite(primitive: Primitive | ArrayFunction, numbers: tuple[float | None, ...], largest: float) -> bool:
    """Whether a function is finite; this is tested with numbers of all sizes up to the largest.

    Args:
        primitive: the function.
        numbers: the operands that are constants; None for the others.
        largest: the largest number to try.
    """
    if isinstance(primitive, ArrayFunction) or primitive.static or len(numbers) > 3:
        return False
    tried = (0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0, largest, -largest)
    points = itertools.product(*[tried if number is None else (number,) for number in numbers])
    return all(math.isfinite(primitive.value(*point)) for point in points)
