"""The nodes of a form: the order of terms and factors, and how quotients, roots and exponentials are written.

* A sum begins with the highest power of the main variable.  If this term is negative, the first positive term is moved
  to the front.
* A product is one quotient.  In it, a number comes first, then constants, variables, logarithms of numbers, sums,
  functions, and exponentials.  No number is multiplied into a sum: 2*(x - 2) stays.
* A power of 1/2 is a root.  Roots of numbers are one root: sqrt(2/pi).
* A decimal is printed only if one was typed; 1/3 is a quotient.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from gradcli.graph.graph import Graph, Node
from gradcli.graph.normal_form import Ring
from gradcli.graph.polynomials import (
    ONE,
    Form,
    Monomial,
    Number,
    added,
    is_moderate,
    magnitude,
    merged,
    nearest_float,
    scaled,
    whole,
)
from gradcli.graph.symbols import BASE, CONSTANT, EXP, FUNCTION, PRIME, VARIABLE, Unfit
from gradcli.primitives import functions as f

__all__ = ["Layout"]

_PLACES = {PRIME: 0, CONSTANT: 1, VARIABLE: 2, BASE: 4, FUNCTION: 5, EXP: 6}
_LAST = 7
_HALF = Fraction(1, 2)


class Layout:
    """The conversion of the forms of one ring to nodes.

    >>> from gradcli import parse
    >>> from gradcli.printing.text import to_text
    >>> root = parse("(4 - x)*sqrt(2)/(2*x*sqrt(pi))").root
    >>> ring = Ring(root.graph.variable("x"))
    >>> to_text(Layout(ring, root.graph).node(ring.read(root)))
    '(4 - x)/(sqrt(2*pi)*x)'
    """

    def __init__(self, ring: Ring, graph: Graph) -> None:
        self.ring = ring
        self.graph = graph
        #: The symbol of a factor that is the last one in each product, such as the power in a term of a series.
        self.last: int | None = None
        self._kernels: dict[int, Node] = {}

    def node(self, form: Form) -> Node:
        """Return a form as a node."""
        ring = self.ring
        needed: set[int] = set()
        stack = [symbol for monomial in form for symbol, _ in monomial]
        while stack:
            symbol = stack.pop()
            if symbol not in needed and symbol not in self._kernels:
                needed.add(symbol)
                stack += [one for inner in ring.kernels[symbol].operands for term in inner for one, _ in term]
        for symbol in sorted(needed):
            self._kernels[symbol] = self._kernel(symbol)
        return self._sum(form)

    def _kernel(self, symbol: int) -> Node:
        kernel = self.ring.kernels[symbol]
        if kernel.node is not None:
            if kernel.node.graph is self.graph:
                return kernel.node
            if kernel.node.constant is None:
                return self.graph.variable(kernel.node.name or "")
            return self.graph.constant(kernel.node.constant, kernel.node.name)
        if kernel.kind == PRIME:
            return self.number(kernel.prime)
        operands = [self._sum(form) for form in kernel.operands]
        return operands[0] if kernel.primitive is None else self.graph.add(kernel.primitive, operands)

    def number(self, number: Number) -> Node:
        """Return a number that is not negative as a node."""
        if isinstance(number, Fraction):
            if self.ring.has_decimals and 10**18 % number.denominator == 0 and nearest_float(number) < math.inf:
                return self.graph.constant(float(number))
            return self.graph.add(f.div, (self.number(number.numerator), self.number(number.denominator)))
        if not is_moderate(number, 1):
            raise Unfit
        nearest = nearest_float(number)
        if nearest < 2.0**53 or (self.ring.has_decimals and len(repr(nearest)) < len(str(number))):
            return self.graph.constant(nearest)
        return self.graph.constant(nearest, str(number))

    # Sums

    def _sum(self, form: Form) -> Node:
        if not form:
            return self.graph.constant(0.0)
        order = sorted(form, key=self.ring.rank, reverse=True)
        first = next((monomial for monomial in order if form[monomial] > 0), order[0])
        order.remove(first)
        total = self._term(first, magnitude(form[first]), form[first] < 0)
        for monomial in order:
            coefficient = form[monomial]
            operation = f.add if coefficient > 0 else f.sub
            total = self.graph.add(operation, (total, self._term(monomial, magnitude(coefficient), False)))
        return total

    # Products

    def _term(self, monomial: Monomial, coefficient: Number, is_negative: bool) -> Node:
        ring = self.ring
        above: list[tuple[int, int, Node]] = []
        below: list[tuple[int, int, Node]] = []
        powers = dict(monomial)
        flipped = self._difference(powers) if is_negative else None
        numbers: dict[Number, tuple[list[Node], list[Node]]] = {}
        primes: dict[tuple[Number, bool], int] = {}
        for symbol, exponent in monomial:
            kernel = ring.kernels[symbol]
            if kernel.kind == PRIME:
                if coefficient.denominator % kernel.prime == 0:
                    coefficient, exponent = whole(coefficient * kernel.prime), exponent - 1
            elif kernel.kind != CONSTANT or not -1 < exponent < 1:
                continue
            del powers[symbol]
            root = numbers.setdefault(magnitude(exponent), ([], []))
            if kernel.kind == PRIME:
                key = (magnitude(exponent), exponent < 0)
                primes[key] = primes.get(key, 1) * kernel.prime
            else:
                root[exponent < 0].append(self._kernels[symbol])
        for (exponent, is_below), product in primes.items():
            numbers[exponent][is_below].append(self.number(product))
        for exponent, root in numbers.items():
            for symbol in list(powers):
                # sqrt(2)*sqrt(x) is sqrt(2*x), but no number goes into a root that has none.
                if ring.kernels[symbol].kind == VARIABLE and magnitude(powers[symbol]) == exponent:
                    root[powers.pop(symbol) < 0].append(self._kernels[symbol])
            for part in root:
                part.sort(key=lambda node: node.constant is None or node.name is not None)
            radicand = self._quotient(*root) if root[0] else self._chain(root[1])
            (above if root[0] else below).append((0, 0, self._power(radicand, whole(exponent))))
        above += [(6, 0, node) for node in self._exponentials(powers)]
        for symbol, exponent in powers.items():
            kernel = ring.kernels[symbol]
            place = 3 if kernel.kind == FUNCTION and kernel.is_number else _PLACES[kernel.kind]
            side = above if exponent > 0 else below
            base = self._sum(scaled(kernel.operands[0], -1)) if symbol == flipped else self._kernels[symbol]
            if symbol == self.last:
                place = _LAST
            side.append((place, symbol, self._power(base, magnitude(exponent))))
        factors, divisors = [[node for _, _, node in sorted(side, key=lambda one: one[:2])] for side in (above, below)]
        if coefficient.denominator > 1 and ring.has_decimals and 10**18 % coefficient.denominator == 0:
            factors.insert(0, self.number(coefficient))
        else:
            if coefficient.denominator > 1:
                divisors.insert(0, self.number(coefficient.denominator))
            if coefficient.numerator > 1 or not factors:
                factors.insert(0, self.number(coefficient.numerator))
        if is_negative and flipped is None:
            first = factors[0]
            if first.constant is not None and first.primitive is None and first.name is None:
                factors[0] = self.graph.constant(-first.constant)
            else:
                factors[0] = self.graph.add(f.neg, (first,))
        return self._quotient(factors, divisors)

    def _difference(self, powers: dict[int, Number]) -> int | None:
        """Return the symbol of a difference with an odd exponent, which can absorb a minus: -(x - 1) becomes 1 - x."""
        for symbol, exponent in powers.items():
            kernel = self.ring.kernels[symbol]
            if kernel.kind == BASE and exponent.denominator == 1 and exponent % 2:
                coefficients = kernel.operands[0].values()
                if min(coefficients) < 0 < max(coefficients):
                    return symbol
        return None

    def _exponentials(self, powers: dict[int, Number]) -> list[Node]:
        """Take the exponentials out of a product, and return their nodes: powers such as 2^x, and one exp."""
        ring = self.ring
        exponents: dict[int, Form] = {}
        plain: Form = {}
        for symbol in [symbol for symbol in powers if ring.kernels[symbol].kind == EXP]:
            [monomial] = ring.kernels[symbol].operands[0]
            exponent = powers.pop(symbol)
            logarithm = ring.logarithm_in(monomial)
            if logarithm is None:
                plain[monomial] = exponent
            else:
                rest = merged(monomial, ((logarithm, -1),))
                exponents[logarithm] = added([(1, exponents.get(logarithm, {})), (1, {rest: exponent})])
        found = []
        for logarithm, exponent_form in exponents.items():
            [base] = ring.kernels[logarithm].operands
            [(term, coefficient), *others] = base.items()
            if not others and coefficient == 1 and len(term) == 1 and term[0][1] == 1 and term[0][0] in powers:
                exponent_form = added([(1, exponent_form), (1, {ONE: powers.pop(term[0][0])})])
            found.append(self.graph.add(f.pow, (self._sum(base), self._sum(exponent_form))))
        if plain:
            if list(plain) == [ONE]:
                e = self.graph.constant(math.e, "e")
                found.append(self._power(e, plain[ONE]) if plain[ONE] > 0 else self._exp(plain))
            else:
                found.append(self._exp(plain))
        return found

    def _exp(self, form: Form) -> Node:
        return self.graph.add(f.exp, (self._sum(form),))

    def _power(self, base: Node, exponent: Number) -> Node:
        if exponent == 1:
            return base
        if exponent == _HALF:
            return self.graph.add(f.sqrt, (base,))
        return self.graph.add(f.pow, (base, self.number(exponent)))

    def _quotient(self, above: Sequence[Node], below: Sequence[Node]) -> Node:
        numerator = self._chain(above)
        return self.graph.add(f.div, (numerator, self._chain(below))) if below else numerator

    def _chain(self, factors: Sequence[Node]) -> Node:
        result = factors[0]
        for factor in factors[1:]:
            result = self.graph.add(f.mul, (result, factor))
        return result
