"""Exact numbers as the coefficients of a series: fractions, and formulas of constants such as sqrt(2), pi and sin(1).

A rational number is a ``Fraction``.  Any other one is a `Formula`, a form of `gradcli.graph.normal_form` without the
variable of the series; the other variables of an expression stay symbols in it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import TypeAlias

from gradcli import limits
from gradcli.graph.canonical import canonical, factors
from gradcli.graph.coefficients import NoValue, Undecided, copied, evaluated
from gradcli.graph.graph import Graph, Node
from gradcli.graph.layout import Layout
from gradcli.graph.normal_form import Ring
from gradcli.graph.polynomials import ONE, Form, merged, nearest_float, scaled, whole
from gradcli.graph.rule import traced_rule
from gradcli.graph.symbols import BASE, CONSTANT, FUNCTION, PRIME, VARIABLE, Unfit, exact_constant, parity
from gradcli.primitives import Primitive
from gradcli.primitives import functions as f
from gradcli.primitives.declared import Rule
from gradcli.primitives.exact_constants import EXACT_CONSTANTS

__all__ = ["Exact", "ExactNumbers", "Formula"]

Exact: TypeAlias = "Fraction | Formula"

#: A number of more digits is rounded, unless it was typed.
_DIGITS = 15
#: Numbers without a meaning, for symbols; a formula that is not 0 there is not 0.
_GENERIC = (0.7319, 1.2345, 2.1713, 0.3917, 1.6180)


class Formula:
    """A number that is not known to be rational, as a form."""

    __slots__ = ("form", "ring")

    def __init__(self, ring: Ring, form: Form) -> None:
        self.ring = ring
        self.form = form

    def __add__(self, other: int | Exact) -> Exact:
        return settled(self.ring, self.ring.total([(1, self.form), (1, form_of(other))]))

    __radd__ = __add__

    def __neg__(self) -> Exact:
        return Formula(self.ring, scaled(self.form, -1))

    def __sub__(self, other: int | Exact) -> Exact:
        return settled(self.ring, self.ring.total([(1, self.form), (-1, form_of(other))]))

    def __rsub__(self, other: int | Exact) -> Exact:
        return -self + other

    def __mul__(self, other: int | Exact) -> Exact:
        if isinstance(other, Formula):
            return settled(self.ring, self.ring.multiplied(self.form, other.form))
        return Formula(self.ring, scaled(self.form, other)) if other else Fraction(0)

    __rmul__ = __mul__

    def __truediv__(self, other: int | Exact) -> Exact:
        if isinstance(other, Formula):
            return self * settled(self.ring, self.ring.power(other.form, -1))
        return Formula(self.ring, scaled(self.form, Fraction(1) / other))

    def __rtruediv__(self, other: int | Exact) -> Exact:
        return settled(self.ring, self.ring.power(self.form, -1)) * other


def form_of(number: int | Exact) -> Form:
    """Return a number as a form."""
    if isinstance(number, Formula):
        return number.form
    return {ONE: whole(Fraction(number))} if number else {}


def settled(ring: Ring, form: Form) -> Exact:
    """Return a form as a number, which is a ``Fraction`` if it is rational."""
    if not form or (len(form) == 1 and ONE in form):
        return Fraction(form.get(ONE, 0))
    return Formula(ring, form)


class ExactNumbers:
    """The arithmetic of exact numbers.

    Args:
        graph: the graph of the formulas in errors and results.
        ring: the ring of the forms of these numbers.
    """

    is_exact = True

    def __init__(self, graph: Graph, ring: Ring) -> None:
        self.graph = graph
        self.ring = ring
        self.layout = Layout(ring, graph)
        self._work = 0

    def leaf(self, node: Node) -> Exact:
        """Return the number of a constant, or of a variable that stays a symbol.

        Raises:
            NoValue: the constant is nan.
            Unfit: the constant is a rounded result, whose exact value is not known.
        """
        value = node.constant
        if value is not None and not math.isfinite(value):
            if value != value:
                raise NoValue
            return value  # type: ignore[return-value]  # which may only be compared
        if value == math.tau and node.name is not None:
            return 2 * self.leaf(node.graph.constant(math.pi, "pi"))
        if value is None or node.name is not None:
            return settled(self.ring, self.ring.leaf(node))
        digits = repr(abs(value)).partition("e")[0].replace(".", "").strip("0")
        if len(digits) > _DIGITS and abs(value) not in self.ring.typed:
            if abs(value) in EXACT_CONSTANTS:
                return settled(self.ring, scaled(self.ring.read(exact_constant(abs(value))), 1 if value > 0.0 else -1))
            raise Unfit
        return Fraction(repr(value))

    def dot(self, pairs: Sequence[tuple[Exact, Exact]]) -> Exact:
        """Return the sum of the products of pairs.

        Raises:
            Unfit: this takes more work than the bound.
        """
        if not any(isinstance(one, Formula) or isinstance(other, Formula) for one, other in pairs):
            return sum([one * other for one, other in pairs], Fraction(0))
        total: Form = {}
        for one, other in pairs:
            second = form_of(other)
            for monomial, coefficient in form_of(one).items():
                self._work += len(second)
                for own, factor in second.items():
                    product, number = self.ring.settled(merged(monomial, own), coefficient * factor)
                    total[product] = total.get(product, 0) + number
            if self._work > limits.SERIES_WORK or len(total) > limits.SERIES_TERMS:
                raise Unfit
        return settled(self.ring, {monomial: whole(number) for monomial, number in total.items() if number})

    def node(self, number: Exact) -> Node:
        """Return a number as a formula."""
        return self.layout.node(self.shortest(number))

    # Decisions

    def approximate(self, number: Exact, shift: int = -1) -> tuple[float, float]:
        """Return the float of a number, and an estimate of its error.

        Args:
            number: the number.
            shift: the number, from 0, of a fixed choice of values for the symbols; by default all symbols are nan.
        """
        if not isinstance(number, Formula):
            return nearest_float(number), 0.0
        symbols = [kernel.node for kernel in self.ring.kernels if kernel.kind == VARIABLE and kernel.node is not None]
        at = (
            {node: _GENERIC[(place + shift) % len(_GENERIC)] for place, node in enumerate(symbols)}
            if shift >= 0
            else {}
        )
        return self.ring.value(number.form, self.ring.values(at))

    def is_zero(self, number: Exact) -> bool:
        """Whether a number is 0; a formula with symbols must be 0 for all their values.

        Raises:
            Undecided: the float of the number is 0 up to rounding, but no identity shows that the number is 0.
            Unfit: the number can't be evaluated.
        """
        if isinstance(number, Fraction):
            return not number
        for shift in (0, 1):
            value, error = self.approximate(number, shift)
            if abs(value) > 8.0 * error:
                return False
            if not math.isfinite(value + error):  # parts of the formula are beyond the range of floats
                raise Unfit
        if not canonical(self.ring, number.form)[1]:
            return True
        raise Undecided

    def sign(self, number: Exact) -> int:
        """Return -1, 0 or 1.

        Raises:
            Undecided: the sign depends on symbols, or the float of the number is 0 up to rounding.
        """
        if isinstance(number, Fraction):
            return (number > 0) - (number < 0)
        value, error = self.approximate(number)
        if abs(value) > 8.0 * error:
            return 1 if value > 0.0 else -1
        if value == value and not canonical(self.ring, number.form)[1]:
            return 0
        raise Undecided

    def is_true(self, number: Exact) -> bool:
        """Whether a condition holds.

        Raises:
            Undecided: this depends on symbols.
        """
        return self.sign(number) != 0

    # Functions

    def apply(self, primitive: Primitive, operands: Sequence[Exact]) -> Exact:
        """Return the value of a function at numbers: its closed form, or else the call itself as a new symbol.

        Raises:
            NoValue: the function has no value there.
            Undecided: the function chooses among formulas, and the choice is not known.
        """
        if any(isinstance(operand, float) for operand in operands):
            if not primitive.is_truth:
                raise NoValue
            return Fraction(primitive.value(*[self.approximate(operand)[0] for operand in operands]))
        if primitive in (f.add, f.sub, f.mul):
            one, other = operands
            return one + other if primitive is f.add else one - other if primitive is f.sub else one * other
        if primitive is f.neg:
            return -operands[0]
        if primitive is f.square:
            return operands[0] * operands[0]
        if primitive is f.div:
            if self.is_zero(operands[1]):
                raise NoValue
            return operands[0] / operands[1]
        if primitive.is_truth:
            return Fraction(self._truth(primitive, operands))
        if primitive.transparent and primitive.expands is None:
            return operands[0]
        values = [self.approximate(operand)[0] for operand in operands]
        is_number = all(value == value for value in values)
        value = primitive.value(*values) if is_number else math.nan
        if primitive.is_locally_constant and math.isinf(value):
            raise Undecided  # the number is beyond the floats, so they don't tell its integer part
        if is_number and (value != value or (math.isinf(value) and self._is_at_edge(primitive, operands))):
            raise NoValue
        if primitive.internal and primitive.expands is not None:
            return self._by_formula(primitive.expands, operands)
        if primitive.is_locally_constant and is_number:
            return self._between_jumps(primitive, operands, value)
        if primitive.active is not None and is_number:
            return self._selected(operands, values, value)
        if len(operands) == 1 and not operands[0] and value == 0.0 and parity(primitive) == -1:
            return Fraction(0)
        closed = self._closed(primitive, operands)
        if closed is not None:
            return closed
        return settled(self.ring, self.ring.applied(primitive, [form_of(operand) for operand in operands]))

    def _is_at_edge(self, primitive: Primitive, operands: Sequence[Exact]) -> bool:
        """Whether numbers are at a pole or at an end of the domain, so that an infinite value is no overflow."""
        rule = traced_rule(primitive, len(operands))
        inputs = dict(zip(rule.inputs, operands, strict=False))
        return any(self.is_true(evaluated(self, traced.condition, inputs)) for traced in rule.edges)

    def _by_formula(self, rule: Rule, operands: Sequence[Exact]) -> Exact:
        graph = Graph(folds=False)
        inputs: dict[Node, Exact] = {}
        nodes = []
        for place, operand in enumerate(operands):
            # The order of a family, such as polygamma(2, x), is a constant.
            is_order = isinstance(operand, Fraction) and operand.denominator == 1 and abs(operand) < 2**53
            node = graph.constant(float(operand)) if is_order else graph.fresh_variable(f"operand {place}")  # type: ignore[arg-type]
            inputs[node] = operand
            nodes.append(node)
        formula = copied(graph.lift(rule(*nodes)), {node: node for node in nodes}, graph)
        found: Exact = evaluated(self, formula, inputs)
        return found

    def _closed(self, primitive: Primitive, operands: Sequence[Exact]) -> Exact | None:
        """Return the closed form of a value: a formula of roots, pi and logarithms; None if it is not known."""
        for rule in (primitive.exact, primitive.in_powers, primitive.quotient):
            if rule is None:
                continue
            try:
                found = self._by_formula(rule, operands)
            except (Undecided, Unfit):
                continue
            except NoValue:
                if rule is primitive.quotient:
                    raise  # a division by 0; that of the other rule means that no closed form is known
                continue
            if isinstance(found, Fraction) or self.is_closed(found.form):
                return found
        return None

    def is_closed(self, form: Form) -> bool:
        """Whether a form has only numbers, roots, named constants, and logarithms of numbers."""
        stack = [form]
        while stack:
            for monomial in stack.pop():
                for symbol, _ in monomial:
                    kernel = self.ring.kernels[symbol]
                    if kernel.kind in (BASE, FUNCTION):
                        is_logarithm = kernel.primitive is f.log and [*kernel.operands[0]] == [ONE]
                        if kernel.kind == FUNCTION and not is_logarithm:
                            return False
                        stack += kernel.operands
                    elif kernel.kind not in (CONSTANT, PRIME):
                        return False
        return True

    def _truth(self, primitive: Primitive, operands: Sequence[Exact]) -> bool:
        if primitive.condition:
            # What is known of one operand may decide, as in 0 and b.
            values = [float(self.sign(operand)) for operand in operands]
        else:
            values = [float(self.sign(operands[0] - operands[1])), 0.0]
        return primitive.value(*values) != 0.0

    def _between_jumps(self, primitive: Primitive, operands: Sequence[Exact], value: float) -> Exact:
        bounds = [self.approximate(operand) for operand in operands]
        for direction in (-1.0, 1.0):
            if primitive.value(*[one + direction * 8.0 * error for one, error in bounds]) != value:
                raise Undecided
        if not all(isinstance(one, Formula) or near == one for one, (near, _) in zip(operands, bounds, strict=True)):
            for direction in (-math.inf, math.inf):
                if primitive.value(*[math.nextafter(one, direction) for one, _ in bounds]) != value:
                    raise Undecided
        return Fraction(value)

    def _selected(self, operands: Sequence[Exact], values: Sequence[float], value: float) -> Exact:
        chosen = [operand for operand, one in zip(operands, values, strict=True) if one == value]
        if not chosen:
            return Fraction(value)
        if any(self.sign(one - chosen[0]) != 0 for one in chosen[1:]):
            raise Undecided
        return chosen[0]

    # Results

    def shortest(self, number: Exact) -> Form:
        """Return a number as a form of one term, simplified by identities."""
        form = form_of(number)
        if len(form) > 1:
            outside, rest = canonical(self.ring, form)
            form = self.ring.product(outside, factors(self.ring, rest)) if rest else {}
        return form
