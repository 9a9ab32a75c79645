"""Simplification of the formulas that a person reads: like terms and factors are collected, and nothing is expanded.

Unlike the identities of `Graph.apply`, these hold for real numbers and not for every float.  If an identity needs a
condition (x/x = 1 needs x != 0), the condition is part of the result.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import reduce
from typing import Final

from gradcli import limits
from gradcli.graph.conditions import (
    Facts,
    are_exclusive,
    is_finite,
    is_zero,
    parts,
    shorter_comparison,
    truths,
    with_equalities,
)
from gradcli.graph.graph import Graph, Node, readable, substitute, toposort
from gradcli.graph.polynomials import Number, is_moderate, magnitude, nearest_float, whole
from gradcli.primitives import REGISTRY, Primitive
from gradcli.primitives import functions as f
from gradcli.records import NamedTuple

__all__ = ["Simplified", "point_of", "simplify", "simplify_derivative"]


class Simplified(NamedTuple):
    """A simplified formula, and the conditions under which it equals the original one.

    Attributes:
        root: the simplified formula.
        nonzero: the subformulas that must not be 0.
        needs_finite_factors: whether a product with the factor 0 was replaced by 0, which is right only if its other
            factors are finite.
    """

    root: Node
    nonzero: tuple[Node, ...] = ()
    needs_finite_factors: bool = False


#: A number with a larger denominator is a product of rounded ones.
_LARGEST: Final = 10**9


class _Product(NamedTuple):
    """``coefficient * product of base^exponent``; the coefficient and the exponents are exact."""

    coefficient: Number
    powers: dict[Node, Number]


def _exact(node: Node) -> Number | None:
    """Return the number that a node stands for, a typed number or a quotient of two; None for all other nodes."""
    if node.constant is not None:
        # The shortest text that is read as this float is what was typed.
        return whole(Fraction(repr(node.constant))) if node.name is None and math.isfinite(node.constant) else None
    if node.primitive is f.div:
        above, below = map(_exact_constant, node.operands)
        return whole(Fraction(above) / below) if above is not None and below else None
    return None


def _exact_constant(node: Node) -> Number | None:
    return None if node.constant is None else _exact(node)


class _Simplifier:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.nonzero: dict[Node, None] = {}
        self.needs_finite_factors = False
        self.one = graph.constant(1.0)
        self.multiplicative = {f.mul, f.div, f.neg, f.square}
        self.extremes = {REGISTRY["max"], REGISTRY["min"]}

    def node(self, node: Node, operands: list[Node]) -> Node:
        """Return the simplified form of an operation on simplified operands."""
        primitive = node.primitive
        assert isinstance(primitive, Primitive)
        if primitive is f.add or primitive is f.sub:
            return self.sum([(1, operands[0]), (1 if primitive is f.add else -1, operands[1])])
        if primitive in self.multiplicative or self.is_power(primitive, operands):
            return self.product(self.factors(self.graph.add(primitive, operands)))
        if primitive in self.extremes:
            distinct = list(dict.fromkeys(operands))
            return self.graph.apply(primitive, distinct) if len(distinct) > 1 else distinct[0]
        if primitive is f.where:
            return self.choice(*operands)
        if primitive.is_truth:
            numbers = [_exact(operand) for operand in operands]
            if None not in numbers:
                return self.graph.constant(primitive.value(*[float(number or 0) for number in numbers]))
        shorter = shorter_comparison(primitive, operands)
        return self.graph.apply(primitive, operands) if shorter is None else shorter

    @staticmethod
    def is_power(primitive: object, operands: list[Node]) -> bool:
        return primitive is f.pow and _exact(operands[1]) is not None

    def number(self, number: Number) -> Node:
        """Return the node of a number: a constant if it is a decimal, else a quotient."""
        nearest = nearest_float(number)
        if math.isinf(nearest) or Fraction(repr(nearest)) == number or number.denominator >= _LARGEST:
            return self.graph.constant(nearest)
        parts = [self.graph.constant(float(part)) for part in (number.numerator, number.denominator)]
        return self.graph.add(f.div, parts)

    # Products

    def factors(self, root: Node) -> _Product:
        """Return the factors of a product, of a quotient or of a power with a constant exponent."""
        coefficient: Number = 1
        positive: dict[Node, Number] = {}
        negative: dict[Node, Number] = {}
        stack: list[tuple[Node, Number]] = [(root, 1)]
        while stack:
            node, exponent = stack.pop()
            primitive, operands = node.primitive, node.operands
            number = _exact(node)
            if number is not None and isinstance(exponent, int) and is_moderate(number, exponent):
                coefficient = whole(coefficient * Fraction(number) ** exponent)
            # (x*y)^a has a value where both are negative, and x^a*y^a has none, unless a is an integer.
            elif primitive is f.mul and isinstance(exponent, int):
                stack += [(operands[1], exponent), (operands[0], exponent)]
            elif primitive is f.div and isinstance(exponent, int):
                stack += [(operands[1], -exponent), (operands[0], exponent)]
            elif primitive is f.neg and exponent in (1, -1):
                coefficient = -coefficient
                stack.append((operands[0], exponent))
            elif primitive is f.square and isinstance(exponent, int):
                stack.append((operands[0], 2 * exponent))
            elif self.is_power(primitive, list(operands)) and isinstance(exponent, int):
                # (x^a)^b = x^(a b) holds for every x if b is an integer.
                stack.append((operands[0], whole(exponent * (_exact(operands[1]) or 0))))
            else:
                side = positive if exponent > 0 else negative
                side[node] = whole(side.get(node, 0) + exponent)
        powers: dict[Node, Number] = {}
        for base, exponent in [*positive.items(), *negative.items()]:
            powers[base] = whole(powers.get(base, 0) + exponent)
        for base in positive:
            if base in negative and powers[base] >= 0:
                self.nonzero.setdefault(base)
        if not coefficient and powers:
            self.needs_finite_factors = True
            powers = {}
        # Sorting by index puts variables first, and makes equal products one node, however they were written.
        ordered = sorted(powers.items(), key=lambda power: (power[0].constant is None, power[0].index))
        return _Product(coefficient, {base: exponent for base, exponent in ordered if exponent})

    def product(self, product: _Product) -> Node:
        """Return the node of a product.

        If a factor is 0 under a condition, the whole product is written as 0 under this condition.
        """
        powers = dict(product.powers)
        vanishing = {
            base: powers.pop(base)
            for base, exponent in product.powers.items()
            if exponent > 0 and base.primitive is f.where and base.operands[1].constant == 0.0
        }
        if not vanishing or not all(is_finite(self.power(*power), 1e3) for power in powers.items()):
            return self.build(product)
        whole = self.build(product._replace(powers=powers))
        for base, exponent in vanishing.items():
            whole = self.graph.add(f.mul, (whole, self.power(base.operands[2], exponent)))
        whole = self.build(self.factors(whole))
        for condition in {base.operands[0]: None for base in vanishing}:
            whole = self.choice(condition, self.graph.constant(0.0), whole)
        return whole

    def build(self, product: _Product) -> Node:
        """Return a product as one quotient with the sign in front: -a*b/(c*d)."""
        coefficient, powers = product
        above = [self.power(base, exponent) for base, exponent in powers.items() if exponent > 0]
        below = [self.power(base, -exponent) for base, exponent in powers.items() if exponent < 0]
        # x/2 is easier to read than 0.5*x, and 1/3 is no decimal.
        is_quotient = abs(coefficient.numerator) == 1 or 10**18 % coefficient.denominator != 0
        if coefficient.denominator != 1 and is_quotient and (above or below):
            below.insert(0, self.number(coefficient.denominator))
            coefficient = coefficient.numerator
        if not above or coefficient not in (1, -1):
            above.insert(0, self.number(coefficient))
        elif coefficient == -1:
            above[0] = self.graph.apply(f.neg, (above[0],))
        numerator = self.chain(above)
        return self.graph.add(f.div, (numerator, self.chain(below))) if below else numerator

    def chain(self, factors: list[Node]) -> Node:
        result = factors[0]
        for factor in factors[1:]:
            result = self.graph.add(f.mul, (result, factor))
        return result

    def power(self, base: Node, exponent: Number) -> Node:
        return base if exponent == 1 else self.graph.add(f.pow, (base, self.number(exponent)))

    # Choices

    def choice(self, condition: Node, chosen: Node, otherwise: Node) -> Node:
        """Return ``chosen`` where a condition holds, else ``otherwise``.

        If the choice comes from the derivative of max or min, it is written with the unit step: if x >= y, then
        1/(1 + (x == y)) equals step(x - y); if x < y, this step is 0.
        """
        if chosen.constant == 0.0:
            condition = self.vanishing(condition, otherwise)
        if otherwise.primitive is f.where and otherwise.operands[1] is chosen:
            condition = self.graph.apply(f.logical_or, (condition, otherwise.operands[0]))
            otherwise = otherwise.operands[2]
        if condition.constant is not None or otherwise.constant != 0.0:
            return self.graph.apply(f.where, (condition, chosen, otherwise))
        facts = Facts(condition)
        coefficient, factors = self.factors(chosen)
        steps: dict[Node, Number] = {}
        powers: dict[Node, Number] = {}
        said: set[frozenset[Node]] = set()
        for base, exponent in factors.items():
            terms = truths(base) if exponent < 0 else None
            if terms is None:
                powers[base] = exponent
                continue
            terms = [facts.applied_to(term) for term in terms]
            count = self.sum([(1, term) for term in terms])
            pairs = [frozenset(term.operands) for term in terms if term.primitive is f.equal]
            if terms.count(self.one) + len(pairs) == len(terms) == len(pairs) + 1 and self.are_steps(pairs, facts):
                for larger, smaller in map(facts.orders.__getitem__, pairs):
                    step = self.step(self.sum([(1, larger), (-1, smaller)]))
                    steps[step] = steps.get(step, 0) - exponent
                said.update(pairs)
            elif count.constant and isinstance(exponent, int):
                coefficient = whole(coefficient * Fraction(count.constant) ** exponent)
            else:
                powers[count] = exponent
        # An infinite factor times a step that is 0 would be nan.
        if steps and all(is_finite(self.power(*power)) for power in powers.items()):
            condition = reduce(f.logical_and, facts.without(said), self.one)
        chosen = self.build(_Product(coefficient, {**powers, **steps}))
        return self.graph.apply(f.where, (condition, chosen, otherwise))

    @staticmethod
    def are_steps(pairs: list[frozenset[Node]], facts: Facts) -> bool:
        """Whether each pair has a known order and a difference that is not nan, and at most one pair can be equal."""
        return all(
            pair in facts.orders and any(is_finite(node, 1e3) for node in pair) for pair in pairs
        ) and are_exclusive(pairs)

    def vanishing(self, condition: Node, product: Node) -> Node:
        """Return the condition under which a product is 0, taken from one factor."""
        while product.primitive is f.where and product.operands[1].constant == 0.0:
            product = product.operands[2]
        zeros = {is_zero(base) for base, exponent in self.factors(product).powers.items() if exponent > 0}
        return next((part for part in parts(condition) if part in zeros), condition)

    def step(self, operand: Node) -> Node:
        """Return the unit step of a node, without the positive factors of the node, which don't matter."""
        product = self.factors(operand)
        return self.graph.apply(
            f.step, (self.build(product._replace(coefficient=(product.coefficient > 0) - (product.coefficient < 0))),)
        )

    # Sums

    def sum(self, signed: list[tuple[int, Node]]) -> Node:
        """Return a sum with like terms collected and numbers last."""
        number: Number = 0
        terms: dict[Node, Number] = {}
        stack = list(reversed(signed))
        while stack:
            sign, node = stack.pop()
            if node.primitive is f.add:
                stack += [(sign, node.operands[1]), (sign, node.operands[0])]
            elif node.primitive is f.sub:
                stack += [(-sign, node.operands[1]), (sign, node.operands[0])]
            else:
                coefficient, powers = self.factors(node)
                if not powers:
                    number = whole(number + sign * coefficient)
                    continue
                core = self.build(_Product(1, powers))
                terms[core] = whole(terms.get(core, 0) + sign * coefficient)
        self.join_branches(terms)
        result: Node | None = None
        # A positive term in front is easier to read than a minus.
        ordered = sorted(terms.items(), key=lambda term: term[1] <= 0)
        if number > 0 and ordered and ordered[0][1] < 0:
            result, number = self.number(number), 0
        for core, coefficient in ordered:
            if not coefficient:
                continue
            product = self.factors(core)
            if result is None:
                result = self.build(product._replace(coefficient=coefficient))
            else:
                result = self.plus(
                    result, coefficient, self.build(product._replace(coefficient=magnitude(coefficient)))
                )
        if result is None:
            return self.number(number)
        return self.plus(result, number, self.number(magnitude(number))) if number else result

    def join_branches(self, terms: dict[Node, Number]) -> None:
        """Write the terms where(c, a, 0) and where(not c, b, 0) of a sum as where(c, a, b)."""
        masked = {core.operands[0]: core for core in terms if core.primitive is f.where and _is_zero(core.operands[2])}
        for condition, core in masked.items():
            partner = masked.get(condition.operands[0]) if condition.primitive is f.logical_not else None
            if partner is None or not terms.get(core) or not terms.get(partner):
                continue
            branches = []
            for one in (partner, core):
                coefficient, powers = self.factors(one.operands[1])
                branches.append(self.build(_Product(whole(coefficient * terms.pop(one)), powers)))
            terms[self.graph.apply(f.where, (partner.operands[0], *branches))] = 1

    def plus(self, total: Node, sign: Number, term: Node) -> Node:
        return self.graph.add(f.sub if sign < 0 else f.add, (total, term))


def _is_zero(node: Node) -> bool:
    return node.constant == 0.0


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


def simplify_derivative(derivative: Node) -> Simplified:
    """Return a derivative as a formula that is easy to read and has the same value wherever the derivative has a value.

    A formula such as x/hypot(x, y) has no value at a point where the derivative has one, so it is guarded there.  If
    the whole formula has the same value without the guard, the guard is left out.

    Args:
        derivative: a guarded derivative, as `gradcli.graph.differentiate` makes it.

    >>> from gradcli import parse
    >>> from gradcli.printing.text import to_text
    >>> for text in ("hypot(x, 3)", "hypot(x, y)", "x*hypot(x, y)"):
    ...     print(to_text(simplify_derivative(parse(text).derivative("x").root).root))
    x/hypot(x, 3)
    where(x == 0, 0, x/hypot(x, y))
    hypot(x, y) + where(x == 0, 0, x^2/hypot(x, y))
    """
    formula = readable(derivative, with_guards=True)
    if len(_guards(formula)) <= limits.GUARDS_TRIED:
        for guard in _guards(formula):
            repeated = [inner for inner in _guards(guard.operands[0]) if inner.operands[1] is guard.operands[1]]
            once = substitute(guard.operands[0], {inner: inner.operands[0] for inner in repeated})
            formula = substitute(formula, {guard: f.guard(once, *guard.operands[1:])})
        for guard in _guards(formula):
            without = substitute(formula, {guard: guard.operands[0]})
            point = point_of(simplify(guard.operands[1]).root)
            if point and (_is_nan(substitute(derivative, point)) or _is_equal_at(point, formula, without)):
                formula = without
    simple = simplify(formula)
    nonzero = [node for node in simple.nonzero if not _is_equal_at(point_of(is_zero(node)), derivative, simple.root)]
    return simple._replace(root=with_equalities(simple.root), nonzero=tuple(nonzero))


def _guards(root: Node) -> list[Node]:
    return [node for node in toposort([root]) if node.primitive is f.guard]


def _is_nan(node: Node) -> bool:
    return node.constant is not None and node.constant != node.constant


def point_of(condition: Node) -> dict[Node, Node]:
    """Return the only values of variables at which a condition holds; empty if they aren't found easily."""
    point: dict[Node, Node] = {}
    for part in parts(condition):
        if part.primitive is not f.equal or not part.operands[0].is_variable or part.operands[1].constant is None:
            return {}
        point[part.operands[0]] = part.operands[1]
    return point


def _is_equal_at(point: dict[Node, Node], formula: Node, other: Node) -> bool:
    """Whether the simplified form of another formula has the same value as a formula at a point."""
    if not point:
        return False
    one = simplify(substitute(formula, point)).root
    two = substitute(simplify(other).root, point)
    return one is two or (one.constant is not None and one.constant == two.constant)
