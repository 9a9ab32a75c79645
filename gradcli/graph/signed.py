"""Sums as lists of signed terms, and products as lists of factors and divisors with one sign.

A product is written in the order of its factors, and nothing is computed or collected.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from gradcli.graph.graph import Graph, Node
from gradcli.primitives import functions as f
from gradcli.records import NamedTuple

__all__ = ["ONE", "Term", "flattened", "product_node", "signed_terms", "sum_node"]


class Term(NamedTuple):
    """A signed quotient of two products: the factors above the line and the factors below it."""

    sign: int
    above: tuple[Node, ...]
    below: tuple[Node, ...] = ()


#: The product without factors.
ONE: Final = Term(1, ())


def flattened(term: Term) -> Term:
    """Return a term with its products and quotients merged and all signs in front; numbers are the first divisors."""
    sign = term.sign
    sides: tuple[list[Node], list[Node]] = ([], [])
    stack = [(one, 1) for one in reversed(term.below)] + [(one, 0) for one in reversed(term.above)]
    while stack:
        node, side = stack.pop()
        if node.primitive is f.mul:
            stack += [(node.operands[1], side), (node.operands[0], side)]
        elif node.primitive is f.div:
            stack += [(node.operands[1], 1 - side), (node.operands[0], side)]
        elif node.primitive is f.neg:
            sign = -sign
            stack.append((node.operands[0], side))
        elif node.constant is not None and node.name is None and node.constant < 0.0:
            sign = -sign
            sides[side].append(node.graph.constant(-node.constant))
        else:
            sides[side].append(node)
    sides[1].sort(key=lambda one: one.constant is None or one.name is not None)
    return Term(sign, *[tuple([one for one in side if one.constant != 1.0]) for side in sides])


def product_node(graph: Graph, term: Term) -> Node:
    """Return the node of a product as one quotient, with its sign in front.

    >>> graph = Graph(folds=False)
    >>> x, y = graph.variable("x"), graph.variable("y")
    >>> product_node(graph, Term(1, (x, -y / 2.0))) is (-x * y) / 2.0
    True
    """
    sign, above, below = flattened(term)
    chains: list[Node] = []
    for factors in (above, below):
        chain = factors[0] if factors else graph.constant(1.0)
        if sign < 0 and not chains:
            chain = graph.apply(f.neg, (chain,))
        for factor in factors[1:]:
            chain = graph.add(f.mul, (chain, factor))
        chains.append(chain)
    return chains[0] if chains[1].constant == 1.0 else graph.add(f.div, chains)


def sum_node(graph: Graph, terms: Sequence[tuple[int, Node]]) -> Node:
    """Return the node of a sum of terms with signs."""
    if not terms:
        return graph.constant(0.0)
    (sign, total), *others = terms
    if sign < 0:
        total = product_node(graph, Term(-1, (total,)))
    for sign, term in others:
        total = graph.add(f.add if sign > 0 else f.sub, (total, term))
    return total


def signed_terms(root: Node, sign: int = 1) -> list[tuple[int, Node]]:
    """Return the terms of a sum with their signs, from left to right.

    Args:
        root: the sum, or its only term.
        sign: 1 or -1, the sign before the sum.
    """
    found: list[tuple[int, Node]] = []
    stack = [(sign, root)]
    while stack:
        sign, node = stack.pop()
        if node.primitive is f.add or node.primitive is f.sub:
            stack += [(sign if node.primitive is f.add else -sign, node.operands[1]), (sign, node.operands[0])]
        elif node.primitive is f.neg:
            stack.append((-sign, node.operands[0]))
        else:
            found.append((sign, node))
    return found
