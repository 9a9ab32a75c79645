"""The Taylor polynomial of an expression, with exact coefficients.

Coefficients are computed by `gradcli.graph.series`: in exact numbers, and in floats only where those are beyond the
bounds.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final

from gradcli import limits
from gradcli.errors import LimitError, NotFiniteError, UsageError
from gradcli.execute.taylor_mode import series_in_floats
from gradcli.graph.coefficients import NoValue, Undecided, evaluated
from gradcli.graph.differentiate import without_kinks
from gradcli.graph.exact_numbers import Exact, ExactNumbers, Formula
from gradcli.graph.float_numbers import FloatNumbers
from gradcli.graph.graph import Graph, Node, paused_collector, substitute, toposort
from gradcli.graph.normal_form import Ring
from gradcli.graph.polynomials import Form, magnitude, nearest_float
from gradcli.graph.series import Expansion, Singular
from gradcli.graph.symbols import Unfit
from gradcli.language.parsed import ParsedExpression
from gradcli.primitives import Primitive
from gradcli.primitives import functions as f
from gradcli.primitives.exact_constants import EXACT_CONSTANTS
from gradcli.printing.text import to_text
from gradcli.records import NamedTuple
from gradcli.source import Note, listed

__all__ = ["Coefficient", "Taylor", "check_order", "taylor", "without_series"]

#: A value of a formula with a larger relative error is taken from the series in floats.
_PRECISE: Final = 1e-13
#: What is at a point without a series, by its kind.
_WORDS: Final = {
    "pole": "{} has a pole there",
    "kink": "{} has a kink there",
    "jump": "{} jumps there",
    "branch cut": "{} jumps there",
    "end": "the domain of {} ends there",
    "slope": "{} has an infinite slope there",
    "no_value": "{} has no value there",
}


class Coefficient(NamedTuple):
    """A coefficient of a Taylor polynomial.

    Attributes:
        text: its formula.
        value: its float; None if it depends on variables, or can't be computed to ten digits in floats.
        is_exact: whether the formula is exact.
    """

    text: str
    value: float | None
    is_exact: bool


class Taylor(NamedTuple):
    """A Taylor polynomial.

    Attributes:
        variable: the name of the variable.
        at: the point, as a float.
        place: the point as text, such as ``x = pi/2``.
        order: the order.
        coefficients: the coefficients of the powers of ``variable - at``, from 0 up to the order.
        root: the polynomial.
        power: the power of ``variable - at`` of which the remainder is a multiple.
        notes: notes on the conditions under which the polynomial is right.
    """

    variable: str
    at: float
    place: str
    order: int
    coefficients: tuple[Coefficient, ...]
    root: Node
    power: Node
    notes: tuple[Note, ...]


@paused_collector()
def taylor(expression: ParsedExpression, variable: str, at: Node, order: int, values: Mapping[str, Node]) -> Taylor:
    """Return the Taylor polynomial of an expression.

    Args:
        expression: the function, without operations on arrays.
        variable: the variable of the polynomial.
        at: the point, a formula without variables.
        order: the order.
        values: formulas without variables for other variables; a variable that has none stays a symbol.

    Raises:
        NotFiniteError: the function has no power series at the point, or none is found.
        LimitError: the order is above the bound, or the coefficients are too large.
        UsageError: the series depends on the values of other variables.
    """
    check_order(order)
    return _Problem(expression, variable, at, order, values).solve()


def check_order(order: int) -> None:
    """Refuse an order above the bound.

    Raises:
        LimitError: the order is too high.
    """
    if order > limits.TAYLOR_ORDER:
        raise limits.refusal(
            "TAYLOR_ORDER", f"the order of a Taylor polynomial is at most {limits.TAYLOR_ORDER}, not {order}"
        )


def without_series(error: Singular, place: str) -> tuple[str, str | None]:
    """Return the message for a point without a Taylor polynomial, and a hint."""
    found = _WORDS[error.kind].format(f"`{to_text(error.node)}`")
    hint = "a series with negative powers (a Laurent series) is not offered" if error.kind == "pole" else None
    return f"no Taylor polynomial at {place}: {found}", hint


class _Problem:
    """A function whose Taylor polynomial is wanted, on a graph that folds no constants.

    Variables that have a value are replaced by it."""

    def __init__(
        self, expression: ParsedExpression, variable: str, at: Node, order: int, values: Mapping[str, Node]
    ) -> None:
        self.expression = expression
        self.name = variable
        self.order = order
        self.graph = Graph(folds=False)
        self.variable = self.graph.variable(variable)
        #: Node of the copy -> node of the expression.
        self.typed: dict[Node, Node] = {}
        roots = [at, *values.values()]
        nodes = (*expression.spans, *itertools.chain(*[toposort([root]) for root in roots]))
        typed = [node.constant for node in nodes if node.constant is not None and node.name is None]
        self.typed_numbers = set(map(abs, typed))
        self.point = self._copied(at, {})
        given = {name: self._copied(value, {}) for name, value in values.items()}
        self.typed.clear()
        smooth = without_kinks(expression.root, (expression.graph.variable(variable),))
        self.root = self._copied(smooth, given)
        self.symbols = [one for one in toposort([self.root]) if one.is_variable and one is not self.variable]
        self.ring = Ring(self.variable, keeps_others=True, typed=self.typed_numbers)
        self.ring.has_decimals = not all(map(float.is_integer, typed))
        self.numbers = ExactNumbers(self.graph, self.ring)

    def _copied(self, root: Node, given: Mapping[str, Node]) -> Node:
        image: dict[Node, Node] = {}
        for node in toposort([root]):
            if node.primitive is not None:
                assert isinstance(node.primitive, Primitive)
                image[node] = self.graph.add(node.primitive, [image[operand] for operand in node.operands])
            elif node.constant is not None:
                # A derivative inside the expression has constants of rules, which nobody typed.
                exact = None if abs(node.constant) in self.typed_numbers else EXACT_CONSTANTS.get(abs(node.constant))
                if exact is None or node.name is not None:
                    image[node] = self.graph.constant(node.constant, node.name)
                else:
                    formula = self.graph.lift(exact(self.graph))
                    image[node] = formula if node.constant > 0.0 else self.graph.lift(-formula)
            else:
                name = node.name or ""
                image[node] = given[name] if name in given else self.graph.variable(name)
            self.typed.setdefault(image[node], node)
        return image[root]

    @property
    def place(self) -> str:
        """The point as text, such as ``x = pi/2``."""
        return f"{self.name} = {to_text(self.point)}"

    # Coefficients

    def solve(self) -> Taylor:
        """Return the polynomial."""
        try:
            at = self._exact_point()
            expansion = Expansion(self.numbers, self.root, self.variable, at, self.order)
            exact: list[Exact] = expansion.coefficients()
            forms: list[Form | None] = [self._printable(number) for number in exact]
            values = self._values(exact)
            known = [
                form is not None or (value is not None and math.isfinite(value))
                for form, value in zip(forms, values, strict=True)
            ]
            if not all(known):
                raise Unfit
            conditions = expansion.assumptions
        except Singular as error:
            raise self._without_series(error) from None
        except (NoValue, ZeroDivisionError):
            raise self._error("no_value", f"the point {self.place} is not a number") from None
        except Undecided:
            raise self._undecided() from None
        except Unfit:
            values, conditions = self._in_floats(), []
            forms = [None] * len(values)
        return self._taylor(forms, values, self._notes(conditions, forms))

    def _exact_point(self) -> Exact:
        point: Exact = evaluated(self.numbers, self.point, {})
        if not isinstance(point, (Fraction, Formula)):
            raise NoValue
        return point

    def _printable(self, number: Exact) -> Form | None:
        """Return a coefficient as a form of one term; None if it has numbers that a float can't hold."""
        form = self.numbers.shortest(number)
        for coefficient in form.values():
            for part in (coefficient.numerator, coefficient.denominator):
                if math.isinf(nearest_float(part)):
                    return None
        return form

    def _values(self, exact: Sequence[Exact]) -> list[float | None]:
        """Return the coefficients as floats; if a formula loses digits, its float comes from the series in floats."""
        found: list[float | None] = []
        others: Sequence[float | None] | None = None
        for place, number in enumerate(exact):
            value, error = self.numbers.approximate(number)
            known: float | None = value
            if not error <= _PRECISE * abs(value):
                if others is None:
                    others = [] if self.symbols else self._floats()
                known = others[place] if others else None
            found.append(known)
        return found

    def _floats(self) -> Sequence[float | None]:
        """Return the coefficients as floats, None for one that has lost its digits; an empty list without a series."""
        try:
            point = evaluated(FloatNumbers(self.graph), self.point, {})
        except (NoValue, Undecided, OverflowError, ZeroDivisionError):
            return []
        return series_in_floats(self.root, self.variable, point, self.order)

    def _in_floats(self) -> list[float | None]:
        """Return the coefficients as floats, for use where the exact ones are beyond the bounds.

        Raises:
            LimitError: a coefficient loses its digits in floats, or depends on symbols.
        """
        found = [] if self.symbols else self._floats()
        if not found or None in found:
            known = found.index(None) if found else 0
            message, hint = "the exact coefficients are too long or not known", "ask for a lower `order`"
            if known:
                message += f", and floats lose their digits from order {known} on"
                hint += f", such as {known - 1}"
            elif self.symbols:
                hint += f", or give values to {listed([node.name or '' for node in self.symbols])}"
            raise LimitError(message, hint=hint, argument="order")
        return list(found)

    # Errors and notes

    def _error(self, kind: str, message: str, node: Node | None = None, hint: str | None = None) -> NotFiniteError:
        expression = self.expression
        span = None
        typed = None if node is None else self.typed.get(node)
        while typed is not None:
            spans = expression.spans.get(typed)
            if spans:
                span = spans[0]
                break
            typed = typed.graph.origin(typed)
        return NotFiniteError(message, kind=kind, source=expression.source if span else None, span=span, hint=hint)

    def _without_series(self, error: Singular) -> NotFiniteError:
        message, hint = without_series(error, self.place)
        return self._error(error.kind, message, error.node, hint)

    def _undecided(self) -> NotFiniteError | UsageError:
        if self.symbols:
            names = [node.name or "" for node in self.symbols]
            return UsageError(
                f"the Taylor polynomial at {self.place} depends on {listed(names)}",
                kind="missing_value",
                hint=f"give {'it a value' if len(names) == 1 else 'them values'}, for example {names[0]}=1",
            )
        return self._error(
            "undecided",
            f"it is not known whether a number that looks like 0 at {self.place} is 0, and the series depends on it",
        )

    def _notes(self, conditions: Sequence[Node], forms: Sequence[Form | None]) -> list[Note]:
        notes = []
        texts = dict.fromkeys([to_text(node) for node in conditions])
        if texts:
            notes.append(Note("condition", f"this holds unless {' or '.join(texts)}"))
        if None in forms:
            which = "the coefficients" if not any(forms) else "some coefficients"
            notes.append(Note("floats", f"{which} are floats, because the exact ones are too long or not known"))
        return notes

    # The polynomial

    def _taylor(self, forms: Sequence[Form | None], values: Sequence[float | None], notes: Sequence[Note]) -> Taylor:
        graph, layout, ring = self.graph, self.numbers.layout, self.ring
        distance = graph.fresh_variable("distance")
        [(power, _)] = ring.leaf(distance).items()
        layout.last = power[0][0]
        coefficients, total = [], None
        for order, (form, value) in enumerate(zip(forms, values, strict=True)):
            if form is None:
                assert value is not None
                coefficients.append(Coefficient(repr(value), value, False))
                is_negative = value < 0.0
                term = graph.constant(abs(value))
                if order and value:
                    exponent = graph.constant(float(order))
                    term = graph.add(f.mul, (term, distance if order == 1 else graph.add(f.pow, (distance, exponent))))
                is_zero = not value
            else:
                coefficients.append(Coefficient(to_text(layout.node(form)), value, True))
                is_zero = not form
                if is_zero:
                    continue
                [(monomial, number)] = ring.as_term(form).items()
                monomial = (*monomial, (power[0][0], order)) if order else monomial
                is_negative = number < 0
                term = layout.node({monomial: magnitude(number) if total is not None else number})
            if is_zero:
                continue
            if total is None:
                total = graph.add(f.neg, (term,)) if is_negative and form is None else term
            else:
                total = graph.add(f.sub if is_negative else f.add, (total, term))
        shift = self._distance()
        root = graph.constant(0.0) if total is None else substitute(total, {distance: shift}, exactly=True)
        at = float(evaluated(FloatNumbers(graph), self.point, {}))
        return Taylor(
            self.name, at, self.place, self.order, tuple(coefficients), root, self._power(shift), tuple(notes)
        )

    def _distance(self) -> Node:
        """Return the variable minus the point."""
        graph, point, variable = self.graph, self.point, self.variable
        typed = point.constant if point.name is None else None
        if typed is not None:
            if not typed:
                return variable
            return graph.add(f.add if typed < 0.0 else f.sub, (variable, graph.constant(abs(typed))))
        try:
            form = self._printable(self._exact_point())
        except Unfit:
            form = None
        if form is None:
            return graph.add(f.sub, (variable, point))
        return self.numbers.layout.node(self.ring.total([(1, self.ring.leaf(variable)), (-1, form)]))

    def _power(self, distance: Node) -> Node:
        """Return the power of the distance of which the remainder is a multiple."""
        return self.graph.add(f.pow, (distance, self.graph.constant(float(self.order + 1))))
