"""Nodes of a graph as sums of products, and sums of products as nodes again.

`gradcli.graph.identities` uses this form to find terms that cancel.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from gradcli.graph.graph import Graph, Node
from gradcli.primitives import functions as f
from gradcli.records import NamedTuple

__all__ = ["MOST", "MOST_TERMS", "Product", "Terms", "is_exponential"]

#: Longer products, and longer sums in denominators and logarithms, are left as they are.
MOST: Final = 24
#: Longer sums are left as they are.
MOST_TERMS: Final = 1000
#: The numbers, and the largest exponent, that are read as coefficients of a graph that keeps 2/3 as it is.  Products of
#: them are never rounded.
_NEVER_ROUNDED: Final = (1.0, 2.0, 0.5)
_LARGEST_EXPONENT: Final = 16.0


class Product(NamedTuple):
    """``coefficient * product of base^exponent``; exp(-2*x) is stored as the base exp(x) with the exponent -2."""

    coefficient: float
    powers: dict[Node, float]
    #: The node from which this product was read, and the sign before the node.
    origin: tuple[float, Node] | None = None

    @property
    def key(self) -> frozenset[tuple[Node, float]]:
        """The product without its coefficient, as the key of a search."""
        return frozenset(self.powers.items())

    def signed(self, sign: float) -> Product:
        """The product times 1 or -1."""
        origin = None if self.origin is None else (sign * self.origin[0], self.origin[1])
        return Product(sign * self.coefficient, self.powers, origin)

    def without(self, base: Node, exponent: float) -> Product:
        """The product divided by a power of a base."""
        return self.times(1.0, {base: -exponent})

    def joined(self, other: Product) -> Product:
        """Return the product of this product and another one."""
        return self.times(other.coefficient, other.powers)

    def times(self, coefficient: float, powers: Mapping[Node, float]) -> Product:
        """The product times a number and powers."""
        found = dict(self.powers)
        for base, exponent in powers.items():
            found[base] = found.get(base, 0.0) + exponent
        return Product(self.coefficient * coefficient, {base: e for base, e in found.items() if e != 0.0})


def is_exponential(base: Node) -> bool:
    """Whether a base of a product has the form exp(x), so that its exponents need not be integers."""
    return base.primitive is f.exp


class Terms:
    """The conversion of nodes of one graph to sums and products, and back.

    On a graph that folds numbers, a coefficient is the product of all numbers.  On one that doesn't, the result has to
    be exact; so numbers other than 1, 2 and 1/2 are factors as other nodes are.

    Attributes:
        sums: the operations of a sum.
        products: the operations of a product.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.sums = frozenset({f.add, f.sub, f.neg})
        self.products = frozenset({f.mul, f.div, f.neg})

    def product(self, root: Node) -> Product:
        """Return the factors of a node."""
        coefficient, powers = 1.0, dict[Node, float]()
        stack = [(root, 1.0)]
        count = 0
        while stack:
            node, exponent = stack.pop()
            primitive, operands = node.primitive, node.operands
            count += 1
            if self.is_coefficient(node, exponent):
                coefficient *= f.pow(node.constant, exponent)
            elif primitive is f.mul:
                stack += [(operands[1], exponent), (operands[0], exponent)]
            elif primitive is f.div:
                stack += [(operands[1], -exponent), (operands[0], exponent)]
            elif primitive is f.neg and exponent.is_integer():
                coefficient *= -1.0 if exponent % 2.0 else 1.0
                stack.append((operands[0], exponent))
            elif primitive is f.square and exponent.is_integer():
                stack.append((operands[0], 2.0 * exponent))
            elif primitive is f.pow and (operands[1].constant or 0.5).is_integer() and exponent.is_integer():
                stack.append((operands[0], exponent * (operands[1].constant or 0.0)))
            else:
                base, power = self.exponential(node)
                powers[base] = powers.get(base, 0.0) + exponent * power
            if count > 2 * MOST:
                return Product(1.0, {root: 1.0}, (1.0, root))
        if 0.0 in powers.values():
            # x/x is not 1 where x is 0, nor where it is an array.
            return Product(1.0, {root: 1.0}, (1.0, root))
        return Product(coefficient, powers, (1.0, root))

    def is_coefficient(self, node: Node, exponent: float = 1.0) -> bool:
        """Whether a power of a node is a number that becomes a part of a coefficient."""
        number = node.constant
        if not number or not exponent.is_integer():
            return False
        return self.graph.folds or (abs(number) in _NEVER_ROUNDED and abs(exponent) <= _LARGEST_EXPONENT)

    def exponential(self, node: Node) -> tuple[Node, float]:
        """Return exp(-2*x), or another exponential, as the base exp(x) and the exponent -2."""
        if node.primitive is f.exp:
            scale, argument = 1.0, node.operands[0]
        elif not self.graph.folds:
            return node, 1.0  # the logarithm of 2 would be rounded
        elif node.primitive is f.exp2:
            scale, argument = math.log(2.0), node.operands[0]
        elif node.primitive is f.pow and (node.operands[0].constant or 0.0) > 0.0:
            scale, argument = math.log(node.operands[0].constant or 1.0), node.operands[1]
        else:
            return node, 1.0
        while True:
            primitive, operands = argument.primitive, argument.operands
            numbers = [operand.constant if self.is_coefficient(operand) else None for operand in operands]
            if primitive is f.neg:
                scale, argument = -scale, operands[0]
            elif primitive is f.mul and numbers[0]:
                scale, argument = scale * numbers[0], operands[1]
            elif primitive is f.mul and numbers[1]:
                scale, argument = scale * numbers[1], operands[0]
            elif primitive is f.div and numbers[1]:
                scale, argument = scale / numbers[1], operands[0]
            elif primitive is f.mul and operands[0].primitive is f.neg:
                scale, argument = -scale, self.graph.lift(operands[0].operands[0] * operands[1])
            elif primitive is f.div and operands[0].primitive is f.neg:
                scale, argument = -scale, self.graph.lift(operands[0].operands[0] / operands[1])
            else:
                return self.graph.lift(f.exp(argument)), scale

    def power(self, base: Node, exponent: float) -> Node:
        """Return a power with a positive exponent, or any power of an exponential."""
        if is_exponential(base):
            return self.graph.lift(f.exp(exponent * base.operands[0]))
        if exponent == 1.0:
            return base
        return self.graph.lift(f.square(base) if exponent == 2.0 else f.pow(base, exponent))

    def built(self, product: Product) -> Node:
        """Return the node of a product."""
        if product.origin is not None:
            sign, node = product.origin
            return node if sign > 0.0 else self.graph.lift(-node)
        result: Any = product.coefficient
        for base, exponent in product.powers.items():
            if exponent > 0.0 or is_exponential(base):
                result = result * self.power(base, exponent)
        for base, exponent in product.powers.items():
            if exponent < 0.0 and not is_exponential(base):
                # One division for each, since a product of denominators may overflow.
                result = result / self.power(base, -exponent)
        return self.graph.lift(result)

    def terms(self, root: Node) -> list[Product] | None:
        """Return the terms of a sum; None if there are too many."""
        signed = self.flattened(root, lambda node: True, MOST)
        return None if signed is None else [self.product(node).signed(sign) for sign, node in signed]

    def flattened(self, root: Node, goes_into: Callable[[Node], bool], most: float) -> list[tuple[float, Node]] | None:
        """Return the terms of a sum with their signs; None if there are more than ``most``.

        ``goes_into`` says whether a sum within the sum is replaced by its terms.
        """
        found: list[tuple[float, Node]] = []
        stack = [(1.0, root)]
        while stack:
            sign, node = stack.pop()
            if len(found) > most:
                return None
            if node is not root and not goes_into(node):
                found.append((sign, node))
            elif node.primitive is f.add or node.primitive is f.sub:
                other = sign if node.primitive is f.add else -sign
                stack += [(other, node.operands[1]), (sign, node.operands[0])]
            elif node.primitive is f.neg and node.operands[0].primitive in self.sums:
                stack.append((-sign, node.operands[0]))
            else:
                found.append((sign, node))
        return found

    def total(self, terms: Sequence[Product]) -> Node:
        """Return the node of a sum."""
        result: Any = 0.0
        for term in terms:
            negative = term.coefficient < 0.0 if term.origin is None else term.origin[0] < 0.0
            result = result - self.built(term.signed(-1.0)) if negative else result + self.built(term)
        return self.graph.lift(result)
