"""Identities that keep digits. They rewrite the root of a graph before the graph is differentiated.

At x = 40, ``1 - sigmoid(x)`` has lost all its digits, and no rule of differentiation can restore them, because the
value itself is rounded.  ``sigmoid(-x)`` is the same function, and all its derivatives have all their digits.  Only
derivatives are computed from the rewritten graph.  Values, steps and the printed formula
come from the graph as it was typed.

There are four kinds of identities, each declared in one place:

* ``complements`` of a declaration: a formula for 1 plus a multiple of the function, such as 1 - tanh(x) = 2
  sigmoid(-2x).  In a sum, the two terms may have factors in common: ``y - y*tanh(x)``.
* ``logarithm`` of a declaration: the logarithm of a function that is positive everywhere.  With it, the logarithm of a
  product becomes a sum, and the logarithm of a sum of exponentials becomes a ``logaddexp``.
* a term divided by a sum that contains it, x/(x + y): it becomes ``fraction(x, y)``, or a sigmoid if the terms are
  exponentials.
* the table `PATTERNS` below.

A graph is searched only if it has a function with which an identity begins: its declaration has ``complements``, a
``logarithm`` or ``begins_identities``.

On a graph that doesn't fold numbers, an identity is used only if no number of the new form is rounded.

An identity is used only if it holds wherever the typed function has a value.  Where the typed function is nan, every
caller returns nan for the derivatives.  The identities cover common formulas, but not every cancellation:
``(exp(x)-1)/x`` still loses digits near 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Final

from gradcli.graph.graph import Graph, Node, toposort
from gradcli.graph.terms import MOST, MOST_TERMS, Product, Terms, is_exponential
from gradcli.primitives import ArrayFunction, Primitive
from gradcli.primitives import functions as f

__all__ = ["PATTERNS", "denominators", "patterns", "without_cancellation"]

#: A left side, as it is typed or as other identities leave it, and a right side.
PATTERNS: Final[Sequence[tuple[Callable[..., Any], Callable[..., Any]]]] = (
    # Functions and their inverses.  Where exp(x) overflows, the logarithm keeps its edge.
    (lambda x: f.log(f.exp(x)), lambda x: f.where(f.less(f.exp(x), math.inf), x, f.log(f.exp(x)))),
    (lambda x: f.log1p(f.expm1(x)), lambda x: x),
    (lambda x: f.expm1(f.log1p(x)), lambda x: x),
    (lambda x: f.atanh(f.tanh(x)), lambda x: x),
    (lambda x: f.tanh(f.atanh(x)), lambda x: x),
    (lambda x: f.asinh(f.sinh(x)), lambda x: x),
    (lambda x: f.sinh(f.asinh(x)), lambda x: x),
    # Quotients whose derivative is a difference by the quotient rule.
    (lambda x: f.sinh(x) / f.cosh(x), lambda x: f.tanh(x)),
    (lambda x: f.cosh(x) / f.sinh(x), lambda x: f.coth(x)),
    (lambda x: 1.0 / f.cosh(x), lambda x: f.sech(x)),
    (lambda x: 1.0 / f.sinh(x), lambda x: f.csch(x)),
    (lambda x: f.exp(x) / f.square(f.expm1(x)), lambda x: 0.25 * f.square(f.csch(0.5 * x))),
    (lambda x: f.exp(x) / f.expm1(x), lambda x: -1.0 / f.expm1(-x)),
    (lambda x: f.exp(x) / f.cosh(x), lambda x: 2.0 * f.sigmoid(2.0 * x)),
    (lambda x: f.exp(-x) / f.cosh(x), lambda x: 2.0 * f.sigmoid(-2.0 * x)),
    (lambda x: f.exp(x) / f.sinh(x), lambda x: -2.0 / f.expm1(-2.0 * x)),
    (lambda x: f.exp(-x) / f.sinh(x), lambda x: 2.0 / f.expm1(2.0 * x)),
    (lambda x: f.expm1(x) / (1.0 + f.exp(x)), lambda x: f.tanh(0.5 * x)),
    (lambda x: f.exp(x) / f.square(1.0 + f.exp(x)), lambda x: 0.25 * f.square(f.sech(0.5 * x))),
    (lambda x: x / (1.0 + f.abs(x)), lambda x: f.softsign(x)),
    # Squares.
    (lambda x: 1.0 - f.square(f.tanh(x)), lambda x: f.square(f.sech(x))),
    (lambda x: 1.0 - f.square(f.sech(x)), lambda x: f.square(f.tanh(x))),
    (lambda x: 1.0 - f.square(f.cos(x)), lambda x: f.square(f.sin(x))),
    (lambda x: 1.0 - f.square(f.sin(x)), lambda x: f.square(f.cos(x))),
    (lambda x: 1.0 - f.square(f.cosh(x)), lambda x: -f.square(f.sinh(x))),
    # Logarithms of functions that are not positive everywhere.
    (lambda x: f.log(f.expm1(x)), lambda x: x + f.log(-f.expm1(-x))),
    (lambda x: f.log(f.gamma(x)), lambda x: f.lgamma(x)),
)


class _Pattern:
    """A row of `PATTERNS`, traced to a graph of its own."""

    def __init__(self, left: Callable[..., Any], right: Callable[..., Any]) -> None:
        self.variable = Graph().variable("x")
        self.left: Node = left(self.variable)
        self.right = right

    def match(self, node: Node) -> Node | None:
        """Return the right side of the pattern for a node that has the form of the left side; None for other nodes."""
        found = self._bind(self.left, node, {})
        return None if found is None else node.graph.lift(self.right(found[self.variable]))

    def _bind(self, part: Node, node: Node, found: dict[Node, Node]) -> dict[Node, Node] | None:
        """Return the node that the variable of a pattern matches.

        The order of a sum or a product doesn't matter, and x^2 matches x*x.
        """
        if part is self.variable:
            return {part: node} if found.get(part, node) is node else None
        if part.primitive is None:
            return found if part.constant == node.constant else None
        if part.primitive is f.square:
            base = _base_of_square(node)
            return None if base is None else self._bind(part.operands[0], base, found)
        if part.primitive is not node.primitive:
            return None
        for operands in {node.operands, node.operands[::-1]} if node.primitive in (f.add, f.mul) else (node.operands,):
            bound: dict[Node, Node] | None = found
            for inner, other in zip(part.operands, operands, strict=True):
                bound = None if bound is None else self._bind(inner, other, bound)
            if bound is not None:
                return bound
        return None


@cache
def patterns() -> dict[Any, list[_Pattern]]:
    """Return the patterns by the functions with which they end."""
    found: dict[Any, list[_Pattern]] = {}
    for left, right in PATTERNS:
        pattern = _Pattern(left, right)
        found.setdefault(pattern.left.primitive, []).append(pattern)
    return found


@cache
def denominators() -> Mapping[float, frozenset[Any]]:
    """Return the functions whose first or second power is the denominator of a pattern."""
    nodes = [pattern.left.operands[1] for pattern in patterns().get(f.div, ())]
    squares = {node.operands[0].primitive for node in nodes if node.primitive is f.square}
    return {1.0: frozenset({node.primitive for node in nodes} - {f.square}), 2.0: frozenset(squares)}


def _base_of_square(node: Node) -> Node | None:
    if node.primitive is f.square or (node.primitive is f.pow and node.operands[1].constant == 2.0):
        return node.operands[0]
    return node.operands[0] if node.primitive is f.mul and node.operands[0] is node.operands[1] else None


class _Rewriter(Terms):
    """One rewriting of a graph, operands first.

    Attributes:
        image: the rewritten node of each node.
    """

    def __init__(self, root: Node) -> None:
        super().__init__(root.graph)
        self.image: dict[Node, Node] = {}
        self.order = toposort([root])
        self.patterns = patterns()
        self.inner_images: set[Node] = set()
        self.rules: dict[Any, Callable[[Node], Node | None]] = {
            **dict.fromkeys((f.add, f.sub), self.sum),
            **dict.fromkeys((f.mul, f.div, f.neg), self.quotient),
            f.pow: self.power_of_known,
            **dict.fromkeys((f.log, f.log2, f.log10, f.log1p), self.log),
            f.xlogy: self.log_of_second,
            f.sqrt: self.length,
        }
        # A sum within a sum, or a product within a product, is rewritten only as a part of the whole.
        uses: dict[Node, list[Any]] = {}
        for node in self.order:
            for operand in node.operands:
                uses.setdefault(operand, []).append(node.primitive)
        self.inner = {
            node
            for node, users in uses.items()
            if len(users) == 1
            and any(node.primitive in kind and users[0] in kind for kind in (self.sums, self.products))
        }

    def run(self, root: Node) -> Node:
        """Return the rewritten root."""
        for node in self.order:
            first = len(self.graph.nodes)
            self.image[node] = self.rewritten(node)
            if node in self.inner:
                self.inner_images.add(self.image[node])
            self.graph.trace_back(first, node)
        return self.image[root]

    def rewritten(self, node: Node) -> Node:
        """Return the rewritten form of a node whose operands are rewritten."""
        primitive = node.primitive
        if primitive is None or primitive.is_locally_constant:
            # A comparison keeps its typed operands, so that it decides in the same way for values and for derivatives.
            return node
        operands = [self.image[operand] for operand in node.operands]
        if isinstance(primitive, ArrayFunction):
            return self.graph.add(primitive, operands, node.options) if node.operands != tuple(operands) else node
        for condition in primitive.condition:
            operands[condition] = node.operands[condition]
        same = all(new is old for new, old in zip(operands, node.operands, strict=True))
        result = node if same else self.graph.apply(primitive, operands)
        if node in self.inner or result.primitive is None:
            return result
        return self.improved(result)

    def improved(self, node: Node) -> Node:
        """Return a node in a form that doesn't cancel; its operands are not changed."""
        found = self.matched(node)
        rule = self.rules.get(node.primitive)
        if found is None and rule is not None:
            found = rule(node)
        return node if found is None else found

    def matched(self, node: Node) -> Node | None:
        """Return the right side of the first pattern that fits."""
        for pattern in self.patterns.get(node.primitive, ()):
            found = pattern.match(node)
            if found is not None:
                return found
        return None

    # Products

    def quotient(self, node: Node) -> Node | None:
        """Return a quotient in which simpler functions replace some of its factors, as a product."""
        product = self.product(node)
        has_denominator = any(exponent < 0.0 for exponent in product.powers.values())
        if not has_denominator or not 0.0 < abs(product.coefficient) < math.inf:
            return None
        changed = False
        while True:
            found = self.simpler_pair(product) or self.simpler_share(product)
            if found is None:
                return self.built(product) if changed else None
            product, changed = found, True

    def simpler_pair(self, product: Product) -> Product | None:
        """Return a product in which a pattern has replaced one factor and one denominator by a simpler function."""
        above = [(base, e) for base, e in product.powers.items() if e > 0.0 or is_exponential(base)]
        below = [(base, e) for base, e in product.powers.items() if e < 0.0 and not is_exponential(base)]
        for denominator, e in below:
            for exponent in (2.0, 1.0) if e <= -2.0 else (1.0,):
                if denominator.primitive not in denominators()[exponent]:
                    continue
                for base, own in [*above, (None, 1.0)]:
                    numerator = self.graph.constant(1.0)
                    if base is not None:
                        own = own if is_exponential(base) else 1.0
                        numerator = self.power(base, own)
                    found = self.matched(self.graph.add(f.div, (numerator, self.power(denominator, exponent))))
                    if found is not None:
                        rest = product.without(denominator, -exponent)
                        rest = rest if base is None else rest.without(base, own)
                        return rest.joined(self.product(found))
        return None

    def simpler_share(self, product: Product) -> Product | None:
        """Return a product in which a simpler function replaces a factor t that is divided by a sum containing t."""
        for denominator, exponent in product.powers.items():
            if exponent > -1.0 or denominator.primitive not in self.sums:
                continue
            terms = self.terms(denominator)
            if terms is None:
                continue
            leaves = self.leaves(terms)
            # A term that is not a number comes first: exp(x)/(1 + exp(x)) is one sigmoid, and not exp(x) times one.
            for number, term in sorted(enumerate(terms), key=lambda pair: not pair[1].powers):
                fits = all(0.0 < e / product.powers.get(base, math.inf) <= 1.0 for base, e in term.powers.items())
                if not fits or (leaves is None and (exponent != -1.0 or not term.powers)):
                    continue
                if leaves is None:
                    others = [other for place, other in enumerate(terms) if place != number]
                    share = f.fraction(self.built(term), self.total(others))
                else:
                    own, other = leaves[number], self.log_sum([*leaves[:number], *leaves[number + 1 :]])
                    if own.constant == 0.0:
                        share = f.sigmoid(-other)
                    else:
                        share = f.sigmoid(own) if other.constant == 0.0 else f.sigmoid_derivative(0.0, own, other)
                rest = product.without(denominator, -1.0)
                rest = rest.times(1.0 / term.coefficient, {base: -e for base, e in term.powers.items()})
                return rest.times(1.0, {self.graph.lift(share): 1.0})
        return None

    # Sums

    def sum(self, node: Node) -> Node | None:
        """Return a sum in which each pair of terms that cancel is replaced by one product; None if no pair cancels."""
        signed = self.flattened(node, self.inner_images.__contains__, MOST_TERMS)
        return None if signed is None else self.paired([self.product(one).signed(sign) for sign, one in signed])

    def paired(self, terms: Sequence[Product]) -> Node | None:
        """Return the sum of some terms in which pairs that cancel are replaced; None if no pair cancels."""
        left: dict[int, Product] = dict(enumerate(terms))
        place_of = {term.key: place for place, term in left.items()}
        changed = False
        for place, term in enumerate(terms):
            if place not in left:
                continue
            for base, exponent in term.powers.items():
                found = self.pair(term, base, exponent, left, place_of)
                if found is None and exponent > 1.0 and not is_exponential(base):
                    found = self.pair(term, base, 1.0, left, place_of)
                if found is not None:
                    partner, both = found
                    low, high = sorted((place, partner))
                    left[low] = both
                    del left[high]
                    for used in (terms[low], terms[high]):
                        if place_of.get(used.key) in (low, high):
                            del place_of[used.key]
                    changed = True
                    break
        return self.total(list(left.values())) if changed else None

    def pair(
        self,
        term: Product,
        base: Node,
        exponent: float,
        left: Mapping[int, Product],
        place_of: Mapping[frozenset[tuple[Node, float]], int],
    ) -> tuple[int, Product] | None:
        """Return the position of a term that cancels with another term, and the sum of both as one product."""
        rest = term.without(base, exponent)

        def partner(powers: Mapping[Node, float]) -> int | None:
            place = place_of.get(rest.times(1.0, powers).key)
            return None if place is None or left.get(place, term) is term else place

        place = partner({})
        if place is not None and left[place].coefficient != 0.0:
            replaced = self.one_plus(base, exponent, term.coefficient / left[place].coefficient)
            if replaced is not None:
                return place, left[place].joined(self.product(self.graph.lift(replaced)))
        if is_exponential(base):
            place = partner({base: -exponent})
            if place is not None and abs(left[place].coefficient) == abs(term.coefficient):
                argument = abs(exponent) * base.operands[0]
                if left[place].coefficient == term.coefficient:
                    return place, rest.times(2.0, {self.graph.lift(f.cosh(argument)): 1.0})
                return place, rest.times(math.copysign(2.0, exponent), {self.graph.lift(f.sinh(argument)): 1.0})
        if exponent == 1.0 and base.primitive in (f.logaddexp, f.softplus):
            leaves = self.log_leaves(base)
            for number, leaf in enumerate(leaves):
                own = self.product(leaf)
                place = partner(own.powers) if own.powers else None
                if place is not None and left[place].coefficient == -term.coefficient * own.coefficient:
                    others = self.log_sum([*leaves[:number], *leaves[number + 1 :]])
                    return place, rest.times(1.0, {self.graph.lift(f.softplus(others - leaf)): 1.0})
        return None

    def one_plus(self, base: Node, exponent: float, multiple: float) -> Any:
        """Return 1 + multiple * base^exponent without cancellation; None if no identity fits."""
        primitive = base.primitive
        if is_exponential(base):
            return -f.expm1(exponent * base.operands[0]) if multiple == -1.0 else None
        if exponent == 1.0 and isinstance(primitive, Primitive) and multiple in primitive.complements:
            found = primitive.complements[multiple](*base.operands)
            if found is not None:
                return found
        if primitive in self.sums and abs(exponent) == 1.0:
            return self.one_plus_sum(base, exponent, multiple)
        if exponent % 2.0 == 0.0 and exponent > 0.0 and multiple == -1.0:
            half = self.power(base, 0.5 * exponent)
            found = self.matched(self.graph.add(f.sub, (self.graph.constant(1.0), self.graph.lift(f.square(half)))))
            if found is not None:
                return found
            minus = self.one_plus(base, 0.5 * exponent, -1.0)
            plus = self.one_plus(base, 0.5 * exponent, 1.0)
            if minus is not None or plus is not None:
                product = (1.0 - half if minus is None else minus) * (1.0 + half if plus is None else plus)
                return f.corrected(1.0 - f.square(half), product)
        return None

    def one_plus_sum(self, base: Node, exponent: float, multiple: float) -> Any:
        """Return x for 1 - (1 - x), and a fraction for 1 - 1/(1 + x)."""
        terms = self.terms(base)
        numbers = [term.coefficient for term in terms or () if not term.powers]
        constant = sum(numbers)
        if not constant or terms is None or (not self.graph.folds and math.fsum([*numbers, -constant])):
            return None
        rest = self.total([term for term in terms if term.powers])
        if exponent == 1.0:
            return multiple * rest if multiple * constant == -1.0 else None
        return f.fraction(rest, constant) if multiple == -constant else None

    # Logarithms

    def log(self, node: Node) -> Node | None:
        """Return the logarithm of a product as a sum, or of a sum of exponentials without overflow."""
        operand = node.operands[0]
        if node.primitive is f.log1p:
            terms = self.terms(operand)
            if terms is None:
                return None
            whole = [Product(1.0, {}), *terms]
            inside = self.paired(whole)
            if inside is not None:
                return self.improved(self.graph.lift(f.log(inside)))
            leaves = self.leaves(whole)
            return None if leaves is None else self.log_sum(leaves)
        found = self.log_of(operand)
        if found is None or node.primitive is f.log:
            return found
        return self.graph.lift(found / self.logarithm(2.0 if node.primitive is f.log2 else 10.0))

    def power_of_known(self, node: Node) -> Node | None:
        """Return x^y as exp(y log(x)) where y varies and the logarithm of x is known."""
        base, exponent = node.operands
        if exponent.constant is not None:
            return self.quotient(node)
        found = self.log_of(base, wholly=True)
        return None if found is None else self.graph.lift(f.exp(exponent * found))

    def log_of_second(self, node: Node) -> Node | None:
        """Return xlogy(x, y) as the product of x and log(y), if the logarithm of y is never infinite."""
        found = self.log_of(node.operands[1], wholly=True)
        return None if found is None else self.graph.lift(node.operands[0] * found)

    def log_of(self, operand: Node, *, wholly: bool = False) -> Node | None:
        """Return log(operand) without cancellation; None if no identity fits.

        Args:
            operand: a node.
            wholly: whether the operand is accepted only if every factor has a declared logarithm or is a sum of
                exponentials.
        """
        product = self.product(operand)
        total: Any = None
        rest = Product(product.coefficient, {})
        for base, exponent in product.powers.items():
            found = self.log_of_factor(base)
            if found is None:
                rest = rest.times(1.0, {base: exponent})
            else:
                total = exponent * found if total is None else total + exponent * found
        if total is None:
            return None if wholly else self.as_log1p(operand)
        if rest.powers:
            inside = self.built(rest)
            known = self.as_log1p(inside)
            return None if wholly else self.graph.lift(total + (f.log(inside) if known is None else known))
        if rest.coefficient <= 0.0:
            return None
        return self.graph.lift(total if rest.coefficient == 1.0 else total + self.logarithm(rest.coefficient))

    def log_of_factor(self, base: Node) -> Any:
        """Return the logarithm of a function that is positive everywhere; None if it is not known."""
        if base.primitive in self.sums:
            terms = self.terms(base)
            leaves = None if terms is None else self.leaves(terms)
            return None if leaves is None else self.log_sum(leaves)
        known = base.primitive.logarithm if isinstance(base.primitive, Primitive) else None
        return None if known is None else known(*base.operands)

    def logarithm(self, number: float) -> Any:
        """Return the logarithm of a positive number."""
        return 0.0 if number == 1.0 else f.log(self.graph.constant(number))

    def as_log1p(self, operand: Node) -> Node | None:
        """Return log(1 + x) as log1p(x)."""
        terms = self.terms(operand) if operand.primitive in self.sums else None
        if terms is None or [term.coefficient for term in terms if not term.powers] != [1.0]:
            return None
        return self.graph.lift(f.log1p(self.total([term for term in terms if term.powers])))

    def leaves(self, terms: Sequence[Product]) -> list[Node] | None:
        """Return the logarithms of the terms of a sum of exponentials and positive numbers; None for other sums."""
        if not any(term.powers for term in terms):
            return None
        found = []
        for term in terms:
            if term.coefficient <= 0.0 or not all(is_exponential(base) for base in term.powers):
                return None
            total: Any = self.logarithm(term.coefficient)
            for base, exponent in term.powers.items():
                total = total + exponent * base.operands[0]
            found.append(self.graph.lift(total))
        return found

    def log_sum(self, leaves: Sequence[Node]) -> Node:
        """Return the logarithm of the sum of the exponentials of the leaves."""
        total, *others = sorted(leaves, key=lambda leaf: leaf.constant is None)
        for leaf in others:
            total = self.graph.lift(f.softplus(leaf) if total.constant == 0.0 else f.logaddexp(total, leaf))
        return total

    def log_leaves(self, root: Node) -> list[Node]:
        """Return the leaves of nested logarithms of sums of exponentials."""
        found: list[Node] = []
        stack = [root]
        while stack and len(found) < MOST:
            node = stack.pop()
            if node.primitive is f.softplus:
                stack += [node.operands[0], self.graph.constant(0.0)]
            elif node.primitive is f.logaddexp:
                stack += node.operands[::-1]
            else:
                found.append(node)
        return found

    # Roots

    def length(self, node: Node) -> Node | None:
        """Return the square root of a sum of two squares as `hypot`, whose second derivative does not cancel."""
        terms = self.terms(node.operands[0]) if node.operands[0].primitive is f.add else None
        if terms is None or len(terms) != 2:
            return None
        sides = []
        for term in terms:
            root = math.sqrt(max(term.coefficient, 0.0))
            if not self.graph.folds and math.frexp(root)[0] != 0.5:
                return None  # the root of the coefficient would be rounded
            if term.coefficient <= 0.0 or any(e % 2.0 or e < 0.0 for e in term.powers.values()):
                return None
            halves = {base: 0.5 * exponent for base, exponent in term.powers.items()}
            sides.append(self.built(Product(root, halves)))
        has_number = any(side.constant is not None for side in sides)
        return self.graph.lift((f.hypot if has_number else f.length)(*sides))


def without_cancellation(root: Node) -> Node:
    """Return the same function in a form whose derivatives keep their digits.

    >>> from gradcli import parse
    >>> from gradcli.printing.text import to_text
    >>> to_text(without_cancellation(parse("log(1 - sigmoid(x))").root))
    '-softplus(x)'
    """
    return _Rewriter(root).run(root)
