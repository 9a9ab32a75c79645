"""The values of functions of constants in closed form: 6 for 3!, sqrt(3)/2 for cos(pi/6)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any, Final

from gradcli.graph.coefficients import NoValue, Undecided, evaluated
from gradcli.graph.graph import Node, substitute, toposort, values_at
from gradcli.graph.normal_form import Ring
from gradcli.graph.shortest import generic_points, value_at
from gradcli.graph.symbols import Unfit
from gradcli.primitives import Primitive

__all__ = ["with_closed_forms"]

#: A fraction with a larger numerator or denominator is not written in place of a function.
_LARGEST: Final = 10**9


def with_closed_forms(root: Node, length: Callable[[Node], int]) -> Node:
    """Return a formula whose constant parts have their closed form, if this is rational or at most as long as the part.

    Args:
        root: the formula.
        length: a function that returns the length of a formula's text.

    >>> from gradcli import parse
    >>> from gradcli.printing.text import text_length, to_text
    >>> to_text(with_closed_forms(parse("x^3/3! + cos(pi/6)*x + gamma(1/3)").root, text_length))
    'x^3/6 + sqrt(3)/2*x + gamma(1/3)'
    """
    order = toposort([root])
    # What has a value without a point is constant.
    parts = values_at(order, {})
    if not any(_has_closed_forms(node) for node in parts):
        return root
    replaced = _closed_forms(root, parts, length)
    if not replaced:
        return root
    closed = substitute(root, replaced, exactly=True)
    at = next(iter(generic_points([node for node in order if node.is_variable])))
    # The float sin(pi) is not 0; 1/sin(pi) stays, because 1/0 has no value.
    return closed if math.isfinite(value_at(closed, at)) or not math.isfinite(value_at(root, at)) else root


def _has_closed_forms(node: Node) -> bool:
    """Whether an operation is a function that has a simple value at some constants."""
    primitive = node.primitive
    if not isinstance(primitive, Primitive):
        return False
    rules = (primitive.exact, primitive.quotient, primitive.in_powers, primitive.active)
    return primitive.is_locally_constant or any(rule is not None for rule in rules)


def _closed_forms(root: Node, parts: Iterable[Node], length: Callable[[Node], int]) -> dict[Node, Node]:
    """Return a dictionary from functions of constants to their closed forms; ``parts`` has operands first."""
    from gradcli.graph.exact_numbers import ExactNumbers

    numbers = ExactNumbers(root.graph, Ring(None))
    values: dict[Node, Any] = {}
    found: dict[Node, Node] = {}
    for node in parts:
        if not all(operand in values for operand in node.operands):
            continue
        try:
            values[node] = value = evaluated(numbers, node, values)
        except (NoValue, Undecided, Unfit):
            continue
        if not _has_closed_forms(node):
            continue
        if isinstance(value, Fraction):
            if max(abs(value.numerator), value.denominator) <= _LARGEST:
                found[node] = numbers.node(value)
        elif numbers.is_closed(value.form):
            closed = numbers.node(value)
            if length(closed) <= length(node):
                found[node] = closed
    return found
