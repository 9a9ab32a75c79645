"""Simplification for readers: like terms and like factors are collected, and nothing is expanded.

Unlike the identities of `Graph.apply`, these hold for real numbers and not for every float.  If an identity needs a
condition (x/x = 1 needs x != 0), the condition is part of the result.
"""

from __future__ import annotations

from typing import NamedTuple

from gradcli import limits
from gradcli.graph.graph import Graph, Node, readable, toposort
from gradcli.primitives import Primitive
from gradcli.primitives import functions as f

__all__ = ["Simplified", "simplify"]


class Simplified(NamedTuple):
    """A simplified formula, and the conditions under which it equals the original one.

    Attributes:
        root: the simplified formula.
        nonzero: the subformulas that must not be 0.
        needs_finite_factors: whether a product with 0 became 0, which is right if its other factors are finite.
    """

    root: Node
    nonzero: tuple[Node, ...] = ()
    needs_finite_factors: bool = False


class _Product(NamedTuple):
    """``coefficient * product of base^exponent``; the exponents are numbers."""

    coefficient: float
    powers: dict[Node, float]


class _Simplifier:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.nonzero: dict[Node, None] = {}
        self.needs_finite_factors = False
        self.multiplicative = {f.mul, f.div, f.neg, f.square}

    def node(self, node: Node, operands: list[Node]) -> Node:
        """Return the simplified form of an operation on simplified operands."""
        primitive = node.primitive
        assert isinstance(primitive, Primitive)
        if primitive is f.add or primitive is f.sub:
            return self.sum([(1.0, operands[0]), (1.0 if primitive is f.add else -1.0, operands[1])])
        if primitive in self.multiplicative or self.is_power(primitive, operands):
            return self.build(self.factors(self.graph.add(primitive, operands)))
        return self.graph.apply(primitive, operands)

    @staticmethod
    def is_power(primitive: object, operands: list[Node]) -> bool:
        return primitive is f.pow and operands[1].constant is not None and operands[1].name is None

    # Products

    def factors(self, root: Node) -> _Product:
        """Return the factors of a product, of a quotient or of a power with a constant exponent."""
        coefficient = 1.0
        positive: dict[Node, float] = {}
        negative: dict[Node, float] = {}
        stack = [(root, 1.0)]
        while stack:
            node, exponent = stack.pop()
            primitive, operands = node.primitive, node.operands
            if node.constant is not None and node.name is None and (exponent > 0.0 or node.constant != 0.0):
                coefficient *= f.pow(node.constant, exponent)
            elif primitive is f.mul:
                stack += [(operands[1], exponent), (operands[0], exponent)]
            elif primitive is f.div:
                stack += [(operands[1], -exponent), (operands[0], exponent)]
            elif primitive is f.neg and exponent in (1.0, -1.0):
                coefficient = -coefficient
                stack.append((operands[0], exponent))
            elif primitive is f.square and exponent.is_integer():
                stack.append((operands[0], 2.0 * exponent))
            elif self.is_power(primitive, list(operands)) and exponent.is_integer():
                # (x^a)^b = x^(a b) holds for every x if b is an integer.
                stack.append((operands[0], exponent * (operands[1].constant or 0.0)))
            else:
                side = positive if exponent > 0.0 else negative
                side[node] = side.get(node, 0.0) + exponent
        powers: dict[Node, float] = {}
        for base, exponent in [*positive.items(), *negative.items()]:
            powers[base] = powers.get(base, 0.0) + exponent
        for base in positive:
            if base in negative and powers[base] >= 0.0:
                self.nonzero.setdefault(base)
        if coefficient == 0.0 and powers:
            self.needs_finite_factors = True
            powers = {}
        # Sorting by index puts variables first, and makes equal products one node, however they were written.
        ordered = sorted(powers.items(), key=lambda power: power[0].index)
        return _Product(coefficient, {base: exponent for base, exponent in ordered if exponent != 0.0})

    def build(self, product: _Product) -> Node:
        """Return a product as one quotient with the sign in front: -a*b/(c*d)."""
        coefficient, powers = product
        above = [self.power(base, exponent) for base, exponent in powers.items() if exponent > 0.0]
        below = [self.power(base, -exponent) for base, exponent in powers.items() if exponent < 0.0]
        inverse = 1.0 / coefficient if coefficient != 0.0 else 0.0
        # x/2 is easier to read than 0.5*x.
        if abs(coefficient) < 1.0 and inverse.is_integer() and inverse != 0.0 and (above or below):
            below.insert(0, self.graph.constant(abs(inverse)))
            coefficient = -1.0 if coefficient < 0.0 else 1.0
        if not above or abs(coefficient) != 1.0:
            above.insert(0, self.graph.constant(coefficient))
        elif coefficient == -1.0:
            above[0] = self.graph.apply(f.neg, (above[0],))
        numerator = self.chain(above)
        return self.graph.add(f.div, (numerator, self.chain(below))) if below else numerator

    def chain(self, factors: list[Node]) -> Node:
        result = factors[0]
        for factor in factors[1:]:
            result = self.graph.add(f.mul, (result, factor))
        return result

    def power(self, base: Node, exponent: float) -> Node:
        return base if exponent == 1.0 else self.graph.add(f.pow, (base, self.graph.constant(exponent)))

    # Sums

    def sum(self, signed: list[tuple[float, Node]]) -> Node:
        """Return a sum with like terms collected and numbers last."""
        number = 0.0
        terms: dict[Node, float] = {}
        stack = list(reversed(signed))
        while stack:
            sign, node = stack.pop()
            if node.primitive is f.add:
                stack += [(sign, node.operands[1]), (sign, node.operands[0])]
            elif node.primitive is f.sub:
                stack += [(-sign, node.operands[1]), (sign, node.operands[0])]
            elif node.constant is not None and node.name is None:
                number += sign * node.constant
            else:
                coefficient, powers = self.factors(node)
                if not powers:
                    number += sign * coefficient
                    continue
                core = self.build(_Product(1.0, powers))
                terms[core] = terms.get(core, 0.0) + sign * coefficient
        result: Node | None = None
        # A positive term in front is easier to read than a minus.
        ordered = sorted(terms.items(), key=lambda term: term[1] <= 0.0)
        if number > 0.0 and ordered and ordered[0][1] < 0.0:
            result, number = self.graph.constant(number), 0.0
        for core, coefficient in ordered:
            if coefficient == 0.0:
                continue
            product = self.factors(core)
            if result is None:
                result = self.build(product._replace(coefficient=coefficient))
            else:
                result = self.plus(result, coefficient, self.build(product._replace(coefficient=abs(coefficient))))
        if result is None:
            return self.graph.constant(number)
        return self.plus(result, number, self.graph.constant(abs(number))) if number != 0.0 else result

    def plus(self, total: Node, sign: float, term: Node) -> Node:
        return self.graph.add(f.sub if sign < 0.0 else f.add, (total, term))


def simplify(root: Node) -> Simplified:
    """Return a formula that is easier to read, and the conditions under which it is the same function.

    Formulas of more than a few thousand operations are returned as they are.

    >>> from gradcli import parse
    >>> from gradcli.printing.text import to_text
    >>> simplified = simplify(parse("3*(2*x) + x*y/y - 0").root)
    >>> to_text(simplified.root), [node.name for node in simplified.nonzero]
    ('7*x', ['y'])
    """
    root = readable(root)
    order = toposort([root])
    if len(order) > limits.SIMPLIFIED_NODES:
        return Simplified(root)
    worker = _Simplifier(root.graph)
    image: dict[Node, Node] = {}
    for node in order:
        image[node] = node if node.primitive is None else worker.node(node, [image[o] for o in node.operands])
    return Simplified(image[root], tuple(worker.nonzero), worker.needs_finite_factors)
