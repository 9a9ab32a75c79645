"""The values of functions of constants in closed form: 6 for 3!, sqrt(3)/2 for cos(pi/6)."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final

from gradcli.graph.coefficients import NoValue, Undecided, evaluated
from gradcli.graph.exact_numbers import ExactNumbers
from gradcli.graph.graph import Node, substitute, toposort
from gradcli.graph.normal_form import Ring
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
    numbers = ExactNumbers(root.graph, Ring(None))
    values: dict[Node, Any] = {}
    replaced: dict[Node, Node] = {}
    for node in toposort([root]):
        primitive = node.primitive
        if node.is_variable or not all(operand in values for operand in node.operands):
            continue
        if primitive is not None and not isinstance(primitive, Primitive):
            continue
        try:
            values[node] = value = evaluated(numbers, node, values)
        except (NoValue, Undecided, Unfit):
            continue
        if primitive is None or not _has_closed_forms(primitive):
            continue
        if isinstance(value, Fraction):
            if max(abs(value.numerator), value.denominator) <= _LARGEST:
                replaced[node] = numbers.node(value)
        elif numbers.is_closed(value.form):
            closed = numbers.node(value)
            if length(closed) <= length(node):
                replaced[node] = closed
    return substitute(root, replaced, exactly=True) if replaced else root


def _has_closed_forms(primitive: Primitive) -> bool:
    rules = (primitive.exact, primitive.quotient, primitive.in_powers, primitive.active)
    return primitive.is_locally_constant or any(rule is not None for rule in rules)
