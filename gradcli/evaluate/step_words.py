"""The words of ``grad --steps``: the sentences of both sweeps, and local derivatives as formulas in names of steps.

The terminal and the pages that play the sweeps have the same words.  The sentences have fields in braces, because a
page fills in its numbers while it is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gradcli.graph import Node, readable, substitute
from gradcli.graph.conditions import decided
from gradcli.graph.rule import local_partials
from gradcli.graph.simplify import simplify
from gradcli.primitives import REGISTRY
from gradcli.printing.text import to_text

__all__ = ["LONGEST_FORMULA", "WORDS", "local_formulas"]

#: A longer formula is replaced by its number.
LONGEST_FORMULA: Final = 40

WORDS: Final = {
    "forward": "Forward: each step is computed from the steps above it.",
    "reverse": (
        "Reverse: the adjoint of a step is the derivative of the result with respect to it. It is 1 at the result. "
        "Each step multiplies its adjoint by its local derivatives and passes the products to its operands. An operand "
        "adds up all that it receives."
    ),
    "result": "is the result itself",
    "passes": "passes {adjoint} * {partial} = {contribution} to {operand}",
    "variable": "is d/d{variable}",
    "receives": ": receives {contributions}",
    "received": "{contribution} from {step}",
    "and": " and ",
    "nothing": "passes nothing on: it depends on no chosen variable",
}


def local_formulas(
    node: Node, labels: Mapping[Node, str], values: Mapping[Node, float] | None = None
) -> dict[str, list[str]]:
    """Return formulas of the derivatives of an operation with respect to its operands, to be written behind a ``*``.

    Args:
        node: the operation.
        labels: the names of the steps; formulas have them for the operands and for the operation itself.
        values: the values of the steps by name; they decide which case of a formula with conditions holds.

    Returns:
        A dictionary from the name of an operand to its formulas, one for each time that the operation uses the
        operand.  Constants have the name ``""``.

    >>> from gradcli.evaluate.expression import parse
    >>> root = parse("a*sin(a)").root
    >>> local_formulas(root, {root.operands[0]: "w1", root.operands[1]: "w2"})
    {'w1': ['w2'], 'w2': ['w1']}
    """
    graph = node.graph
    partials, _ = local_partials(node, guarded=True)
    stand_ins = {one: graph.variable(labels[one]) for one in (node, *node.operands) if one in labels}
    texts: dict[str, list[str]] = {}
    for operand, partial in zip(node.operands, partials, strict=True):
        formula = readable(substitute(partial, stand_ins))
        texts.setdefault(labels.get(operand, ""), []).append(_factor(decided(formula, values or {})))
    return texts


def _factor(formula: Node) -> str:
    """Return a formula as text, in parentheses if a `*` before it would change its meaning."""
    simple = simplify(formula).root
    product = REGISTRY.binary["*"].infix
    infix = None if simple.primitive is None else simple.primitive.infix
    text = to_text(simple)
    is_looser = infix is not None and product is not None and infix.level < product.level
    return f"({text})" if is_looser or text.startswith("-") else text
