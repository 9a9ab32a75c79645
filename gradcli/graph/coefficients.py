"""The arithmetic of the coefficients of a series, and the values of formulas in this arithmetic.

`gradcli.graph.exact_numbers` has exact numbers, `gradcli.graph.float_numbers` floats.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from gradcli.graph.graph import Graph, Node, toposort
from gradcli.primitives import Primitive
from gradcli.primitives.exact_constants import EXACT_CONSTANTS

__all__ = ["Arithmetic", "NoValue", "Undecided", "copied", "evaluated", "results"]


class Undecided(Exception):
    """The error for a question about numbers that the arithmetic can't answer, such as whether one of them is 0."""


class NoValue(Exception):
    """The error for a function that has no value at some numbers."""


class Arithmetic(Protocol):
    """The arithmetic of one kind of numbers.  They have the operators ``+ - * /``; as a condition, only 0 is false.

    Attributes:
        is_exact: whether no digits are lost.
    """

    is_exact: bool

    def leaf(self, node: Node) -> Any:
        """Return the number of a constant, or of a variable that stays a symbol."""

    def apply(self, primitive: Primitive, operands: Sequence[Any]) -> Any:
        """Return the value of a function at numbers.

        Raises:
            NoValue: there is none.
            Undecided: the function chooses among formulas, and the choice is not known.
        """

    def dot(self, pairs: Sequence[tuple[Any, Any]]) -> Any:
        """Return the sum of the products of pairs.  No number is 0, and there is at least one pair."""

    def node(self, number: Any) -> Node:
        """Return a number as a formula."""

    def is_zero(self, number: Any) -> bool:
        """Whether a number is 0.

        Raises:
            Undecided: this is not known.
        """

    def is_true(self, number: Any) -> bool:
        """Whether a condition, which is a truth value or a number, holds.

        Raises:
            Undecided: this is not known.
        """


def evaluated(arithmetic: Arithmetic, root: Node, inputs: Mapping[Node, Any]) -> Any:
    """Return the value of a formula at numbers.

    Args:
        arithmetic: the arithmetic of the numbers.
        root: the formula.
        inputs: the numbers of some nodes.

    Raises:
        NoValue: there is no value.
        Undecided: the arithmetic does not tell what it is.
    """
    [found] = results(arithmetic, [root], inputs)
    if isinstance(found, Exception):
        raise found
    return found


def results(arithmetic: Arithmetic, roots: Sequence[Node], inputs: Mapping[Node, Any]) -> list[Any]:
    """Return the values of formulas at numbers; for a formula without one, the error.

    Args:
        arithmetic: the arithmetic of the numbers.
        roots: the formulas, of one graph.
        inputs: the numbers of some nodes.
    """
    values: dict[Node, Any] = dict(inputs)
    for node in toposort(roots, lambda node: () if node in values else node.operands):
        if node not in values:
            operands = [values[operand] for operand in node.operands]
            try:
                values[node] = _value(arithmetic, node, operands)
            except (NoValue, Undecided) as error:
                values[node] = error  # which matters only if a choice takes this branch
    return [values[root] for root in roots]


def _value(arithmetic: Arithmetic, node: Node, operands: Sequence[Any]) -> Any:
    primitive = node.primitive
    if primitive is None:
        return arithmetic.leaf(node)
    assert isinstance(primitive, Primitive)
    needed: Sequence[int] = range(len(operands))
    if primitive.chosen:
        needed = primitive.condition
    missing = [place for place in needed if isinstance(operands[place], Exception)]
    if 0 < len(missing) < len(operands) and primitive.is_truth and primitive.condition:
        # What is known of one operand may decide, as in 0 and b.
        known = [math.nan if place in missing else float(arithmetic.is_true(operands[place])) for place in needed]
        found = {primitive.value(*[guess if one != one else one for one in known]) for guess in (0.0, 1.0)}
        if len(found) == 1:
            return arithmetic.leaf(node.graph.constant(found.pop()))
    if missing and primitive.is_truth and all(node.operands[place].constant is not None for place in missing):
        # An infinite constant is compared with a number, and all numbers are finite.
        limits = [node.operands[place].constant if place in missing else 0.0 for place in needed]
        return arithmetic.leaf(node.graph.constant(primitive.value(*limits)))
    for place in missing:
        raise operands[place]
    if primitive.chosen:
        holds = arithmetic.is_true(operands[needed[0]])
        return operands[primitive.chosen[0 if holds else 1]]
    return arithmetic.apply(primitive, operands)


def copied(root: Node, inputs: Mapping[Node, Node], graph: Graph) -> Node:
    """Return a formula of a declaration on another graph; its decimals become exact constants such as 2/sqrt(pi)."""
    image = dict(inputs)
    for node in toposort([root], lambda node: () if node in image else node.operands):
        if node in image:
            continue
        if node.primitive is not None:
            assert isinstance(node.primitive, Primitive)
            image[node] = graph.apply(node.primitive, [image[operand] for operand in node.operands])
        elif node.constant is not None:
            exact = EXACT_CONSTANTS.get(abs(node.constant))
            if exact is None or node.name is not None:
                image[node] = graph.constant(node.constant, node.name)
            else:
                formula = graph.lift(exact(graph))
                image[node] = formula if node.constant > 0.0 else graph.lift(-formula)
    return image[root]
