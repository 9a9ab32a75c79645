"""Values and derivatives with digits that are proved: computed in balls, again with more bits until all are certain."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from decimal import Decimal
from fractions import Fraction
from functools import cache, partial
from numbers import Integral, Rational, Real
from types import MappingProxyType
from typing import Any, Final

import flint

from gradcli.errors import LimitError, NotFiniteError, UsageError
from gradcli.evaluate.error_bars import typed_numbers
from gradcli.evaluate.notes import excerpt
from gradcli.execute.jets import Irregular, Jets
from gradcli.execute.mixed import check_orders, mixed_node
from gradcli.execute.nested_jets import mixed_derivative
from gradcli.graph import Graph, Node, differentiate, toposort
from gradcli.graph.ball_numbers import BallNumbers, ball_of, has_balls
from gradcli.graph.coefficients import Arithmetic, NoValue, Undecided, evaluated, results
from gradcli.graph.exact_numbers import ExactNumbers
from gradcli.graph.graph import on_graph
from gradcli.graph.hessians import second_derivatives
from gradcli.graph.normal_form import Ring
from gradcli.graph.series import Expansion, Singular
from gradcli.graph.symbols import Unfit
from gradcli.language.builder import read
from gradcli.language.parsed import ParsedExpression
from gradcli.primitives import Primitive

__all__ = ["Proven", "Unproved", "decimal", "number_expression"]

#: Bits for each digit, and in addition, of the first attempt.
_BITS: Final = 3.33
_MORE: Final = 64
#: An attempt has at most this many times the bits of the digits, and this many more: beyond that, a number may be 0.
_TIMES: Final = 8
_MOST: Final = 8192
#: Derivatives of a higher order come from a power series, if there is one; those at edges follow from the graph.
_BY_GRAPH: Final = 2
#: The exponents of two of the numbers that are written.
_WRITTEN: Final = 333_000
#: A difference quotient is computed with this many times the bits of its step.
_TRIALS: Final = 5


class Unproved(LimitError):
    """The error for digits that are not proved.

    Attributes:
        size: the number is certainly at most so large; None if nothing is known of it.
    """

    size: float | None = None

    def of(self, size: float | None) -> Unproved:
        """Set the size, and return the error."""
        self.size = size
        return self


class Proven:
    """An expression at a point, with proved digits.

    Args:
        expression: the expression, without operations on arrays.
        at: for each variable, an expression without variables, such as that of ``0.1`` or ``pi/2``.
        digits: the number of significant digits of each result.
        exact: the numbers of nodes of the expression that stand for constants, if it is not made of a text.
        most: the bits of a computation that is not repeated with more.

    Raises:
        UsageError: the expression has operations on arrays.

    >>> from gradcli import parse
    >>> proven = Proven(parse("(exp(x) - 1)/x"), {"x": parse("1e-10")}, 20)
    >>> proven.value(), proven.gradient()
    ('1.0000000000500000000', {'x': '0.50000000003333333333'})
    """

    def __init__(
        self,
        expression: ParsedExpression,
        at: Mapping[str, ParsedExpression],
        digits: int,
        exact: Mapping[Node, Fraction] = MappingProxyType({}),
        most: float = math.inf,
    ) -> None:
        if expression.has_arrays:
            raise UsageError("digits are proved for numbers, and this expression has arrays", kind="array")
        self.expression = expression
        self.digits = digits
        self.most = most
        graph = Graph(folds=False)
        #: Variable -> its node on a graph that keeps 2/3 and log(2) as they are.
        self.variables = {name: graph.variable(name) for name in expression.variables}
        self.decimals: dict[Node, Fraction] = {}
        self.root = self._copied(expression, graph, exact)
        self.points = {
            self.variables[name]: self._copied(value, graph) for name, value in at.items() if name in self.variables
        }

    def _copied(
        self, expression: ParsedExpression, graph: Graph, exact: Mapping[Node, Fraction] = MappingProxyType({})
    ) -> Node:
        """Return an expression on another graph, with variables in the place of decimals that no float holds."""
        typed = {**_typed_decimals(expression), **exact}
        image = on_graph(toposort([expression.root]), graph, {node: graph.fresh_variable("decimal") for node in typed})
        self.decimals.update({image[node]: number for node, number in typed.items() if node in image})
        return image[expression.root]

    def value(self) -> str:
        """Return the value."""
        return self._digits([self.root])[0]

    def gradient(self, wrt: Sequence[str] | None = None) -> dict[str, str]:
        """Return the partial derivatives by the names of the variables."""
        targets = self._targets(wrt)
        found = self._digits(differentiate.gradient(self.root, [*targets.values()]))
        return dict(zip(targets, found, strict=True))

    def derivatives(self, order: int, wrt: Sequence[str] | None = None) -> dict[str, list[str]]:
        """Return the derivatives of order 1 to ``order`` with respect to each variable by itself.

        Raises:
            LimitError: the order is too high, or the derivative is too large.
        """
        differentiate.check_order(order)
        found = {}
        for name, target in self._targets(wrt).items():
            if order > _BY_GRAPH:
                with suppress(Singular, LimitError):
                    found[name] = self._of_series(name, [*map(math.factorial, range(order + 1))])[1:]
                    continue
            found[name] = self._digits([*differentiate.derivatives(self.root, target, order)])
        return found

    def hessian(self, wrt: Sequence[str] | None = None) -> dict[str, dict[str, str]]:
        """Return the matrix of second derivatives."""
        targets = self._targets(wrt)
        rows = second_derivatives(self.root, [*targets.values()])
        found = iter(self._digits([one for row in rows for one in row]))
        names = [*targets]
        upper = {(i, j): next(found) for i in range(len(names)) for j in range(i, len(names))}
        return {
            one: {other: upper[min(i, j), max(i, j)] for j, other in enumerate(names)} for i, one in enumerate(names)
        }

    def partial(self, orders: Mapping[str, int]) -> str:
        """Return a mixed derivative.

        Raises:
            UsageError: no order is 1 or more.
            LimitError: the order is too high, its digits are not proved, or its graph is too large.
        """
        wanted = {self.variables[name]: order for name, order in check_orders(orders).items()}
        root = differentiate.without_kinks(self.root, tuple(wanted))
        node: list[Node] = []

        def balls(_: Sequence[int]) -> list[Any]:
            if not node:
                try:
                    numbers = BallNumbers()
                    return [mixed_derivative(numbers, root, self._at(numbers, ball_of), wanted, flint.arb(1))]
                except Irregular:
                    node.append(mixed_node(self.root, wanted))
            return self._balls(node)

        def exact(_: int) -> Any:
            numbers = ExactNumbers(self.root.graph, Ring(None))
            found = node[0] if node else mixed_node(self.root, wanted)
            return evaluated(numbers, found, self._at(numbers, lambda one: one))

        return self._proved(1, balls, exact)[0]

    def jvp(self, direction: Mapping[str, float]) -> str:
        """Return the derivative along a direction."""
        tangents = {self.variables[name]: number for name, number in direction.items()}
        return self._digits([differentiate.jvp(self.root, tangents)])[0]

    def coefficients(self, variable: str, order: int) -> list[str]:
        """Return the coefficients of the Taylor series around the point, from order 0 up to an order.

        Raises:
            Singular: there is no power series.
            LimitError: the digits are not proved.
        """
        return self._of_series(variable, [1] * (order + 1))

    def _of_series(self, variable: str, factors: Sequence[int]) -> list[str]:
        """Return the coefficients of a series, each times an integer."""
        target = self.variables[variable]
        root = differentiate.without_kinks(self.root, (target,))

        order = len(factors) - 1
        try:
            program = Jets([root], [target, *self.decimals, *[one for one in self.points if one is not target]])
        except Irregular:
            program = None

        def series(numbers: Arithmetic, given: dict[Node, Any]) -> list[Any]:
            point = given.pop(target)
            found = None
            if program is not None and isinstance(numbers, BallNumbers):
                with suppress(Irregular):
                    others = [[given[node]] for node in (*self.decimals, *self.points) if node is not target]
                    [found] = program.run(numbers, [[point, flint.arb(1)], *others], order)
                    found += [flint.arb(0)] * (order + 1 - len(found))
            if found is None:
                found = Expansion(numbers, root, target, point, order, given).coefficients()
            return [factor * one for factor, one in zip(factors, found, strict=True)]

        def balls(places: Sequence[int]) -> list[Any]:
            numbers = BallNumbers()
            try:
                found = series(numbers, self._at(numbers, ball_of))
            except Undecided:
                return [None] * len(places)
            return [found[place] for place in places]

        @cache
        def exact() -> list[Any]:
            numbers = ExactNumbers(root.graph, Ring(None))
            return series(numbers, self._at(numbers, lambda one: one))

        return self._proved(len(factors), balls, lambda place: exact()[place])

    def quotient(self, name: str, bits: int) -> Fraction | None:
        """Return the central difference quotient with respect to a variable, which uses no rule of differentiation.

        Args:
            name: the variable.
            bits: the step is 2^-bits, times the variable if this is below 1 and not 0.

        Returns:
            the middle of its ball; None if there is no value at one of the two points, if the function jumps, or if
            the ball is wide.
        """
        target = self.variables[name]
        with _precision(_TRIALS * bits):
            numbers = BallNumbers()
            given = self._at(numbers, ball_of)
            size = abs(given[target]).mid()
            step = (size if 0 < size < 1 else flint.arb(1)) * flint.arb(2) ** -bits
            shifts = (step, -step, flint.arb(0))
            found = [results(numbers, [self.root], {**given, target: given[target] + one})[0] for one in shifts]
            if any(isinstance(one, Exception) for one in found):
                return None
            ends, middle = found[:2], found[2]
            if not all(abs(one - middle) < flint.arb(2) ** (-bits // 2) * (1 + abs(middle)) for one in ends):
                return None  # the value at the point is one by itself
            try:
                low, high = _ends((ends[0] - ends[1]) / (2 * step))
            except LimitError:
                return None
        return (low + high) / 2 if (high - low) * 2**bits <= max(abs(low), abs(high), 1) else None

    def _targets(self, wrt: Sequence[str] | None) -> dict[str, Node]:
        return {name: self.variables[name] for name in (self.variables if wrt is None else wrt)}

    # Digits

    def known(self, root: Node) -> str | float | None:
        """Return the number of a formula in the variables of this object, to the last digit.

        The result is a float if it is only known that the number is at most so large, perhaps 0.  It is None if nothing
        is known, because the formula has no finite value, or a choice that balls can't decide.
        """
        try:
            return self._digits([root])[0]
        except Unproved as error:
            return error.size
        except NotFiniteError:
            return None

    def _digits(self, roots: Sequence[Node]) -> list[str]:
        """Return the numbers of formulas, to the last digit."""

        def exact(place: int) -> Any:
            numbers = ExactNumbers(self.root.graph, Ring(None))
            return evaluated(numbers, roots[place], self._at(numbers, lambda one: one))

        return self._proved(len(roots), lambda places: self._balls([roots[place] for place in places]), exact)

    def _proved(
        self, count: int, balls: Callable[[Sequence[int]], Sequence[Any]], exact: Callable[[int], Any]
    ) -> list[str]:
        """Return numbers to the last digit.

        Args:
            count: how many numbers there are.
            balls: a function from the places of numbers to their balls at the present precision; None for a number that
                balls can't decide.
            exact: a function from a place to the number in exact arithmetic.
        """
        found: dict[int, str] = {}
        bits = int(_BITS * self.digits) + _MORE
        most = min(_TIMES * bits + _MOST, self.most)
        while len(found) < count:
            places = [place for place in range(count) if place not in found]
            with _precision(bits):
                for place, ball in zip(places, balls(places), strict=True):
                    text = None if ball is None else decimal(*_ends(ball), self.digits)
                    if text is not None:
                        found[place] = text
                    elif bits >= most:
                        found[place] = self._exactly(partial(exact, place), ball)
            bits *= 2
        return [found[place] for place in range(count)]

    def _at(self, numbers: Arithmetic, exact: Callable[[Fraction], Any]) -> dict[Node, Any]:
        """Return the numbers of the decimals and of the variables."""
        given = {node: exact(number) for node, number in self.decimals.items()}
        return {**given, **{node: evaluated(numbers, value, given) for node, value in self.points.items()}}

    def _balls(self, roots: Sequence[Node]) -> list[Any]:
        """Return the balls of formulas; None for one that holds a choice that balls can't decide."""
        numbers = BallNumbers()
        try:
            given = self._at(numbers, ball_of)
        except NoValue:
            raise NotFiniteError("a value at the point is not a finite number", kind="no_value") from None
        value, *found = results(numbers, [self.root, *roots], given)
        if isinstance(value, Undecided):
            return [None] * len(roots)
        if any(isinstance(one, NoValue) for one in (value, *found)):  # no value, no derivative
            formula = excerpt(self.expression.root)
            raise NotFiniteError(
                f"`{formula}` or its derivative has no finite value at this point, so it has no digits",
                kind="no_value",
                hint="without `digits`, a note says what is at the point",
                argument="digits",
            )
        return [None if isinstance(one, Undecided) else one for one in found]

    def _exactly(self, exact: Callable[[], Any], ball: Any) -> str:
        """Return a number whose digits balls don't prove, such as 0, if it is rational by exact arithmetic.

        Raises:
            LimitError: it is not, or this is not known.
        """
        number = None
        with suppress(NoValue, Undecided, Unfit):
            number = exact()
        if isinstance(number, Fraction):
            text = decimal(number, number, self.digits)
            assert text is not None
            return text
        for node in toposort([self.root]):
            if isinstance(node.primitive, Primitive) and not has_balls(node.primitive):
                raise Unproved(
                    f"the digits are not proved: ball arithmetic doesn't have the function `{node.primitive.name}`",
                    hint="leave `digits` out",
                )
        where = (
            "a choice, or a number beyond all bounds," if ball is None else f"a number that is 0 or below {_size(ball)}"
        )
        raise Unproved(
            f"the digits are not proved: the formula has {where} at this point",
            hint="simplify the formula, or move the point a little",
        ).of(None if ball is None else float(abs(ball).upper()))


def _size(ball: Any) -> str:
    return str(abs(ball).upper().str(2, radius=False))


@contextmanager
def _precision(bits: int) -> Iterator[None]:
    """Let Arb compute with so many bits inside a block."""
    before = flint.ctx.prec
    flint.ctx.prec = bits
    try:
        yield
    finally:
        flint.ctx.prec = before


def _ends(ball: Any) -> tuple[Fraction, Fraction]:
    """Return the least and the greatest number of a ball.

    Raises:
        LimitError: they are too large, or too close to 0, to be written.
    """
    radius = ball.rad()
    if not radius.is_zero() and radius < flint.arb(2) ** -_WRITTEN:
        radius = flint.arb(2) ** -_WRITTEN  # that of tanh(1e9) would fill the memory
    exponents = [int(one.man_exp()[1]) for one in (ball.mid(), radius)]
    if max(map(abs, exponents)) > _WRITTEN:
        size = "above 1e100000" if max(exponents) > _WRITTEN else "below 1e-100000"
        raise Unproved(f"a number is {size} here, so its digits are not written").of(float(abs(ball).upper()))
    middle, around = _fraction(ball.mid()), _fraction(radius)
    return middle - around, middle + around


def _fraction(exact: Any) -> Fraction:
    mantissa, exponent = map(int, exact.man_exp())
    return Fraction(mantissa << exponent) if exponent >= 0 else Fraction(mantissa, 1 << -exponent)


def decimal(low: Fraction, high: Fraction, digits: int) -> str | None:
    """Return the number between two ends, rounded to significant digits; None if the ends round to different numbers.

    >>> decimal(Fraction(1, 3), Fraction(1, 3), 5), decimal(Fraction(99, 100), Fraction(2), 5)
    ('0.33333', None)
    >>> decimal(Fraction(1234567), Fraction(1234567), 3), decimal(Fraction(1, 10**9), Fraction(1, 10**9), 3)
    ('1.23e+6', '1.00e-9')
    """
    one, other = _rounded(low, digits), _rounded(high, digits)
    if one != other:
        return None
    number, exponent = one
    if not number:
        return "0"
    sign, figures = "-" if number < 0 else "", str(abs(number))
    # The number is 0.FIGURES times 10^exponent.
    if not -4 < exponent <= digits:
        return f"{sign}{_with_point(figures, 1)}e{exponent - 1:+d}"
    return sign + (_with_point(figures, exponent) if exponent > 0 else f"0.{'0' * -exponent}{figures}")


def _with_point(figures: str, place: int) -> str:
    return f"{figures[:place]}.{figures[place:]}".rstrip(".")


def _rounded(number: Fraction, digits: int) -> tuple[int, int]:
    """Return an integer of so many digits, and the exponent of ten in front of whose point it stands."""
    if not number:
        return 0, 0
    size = abs(number)
    # The number of digits before the point, from the lengths in bits; it may be one too large or too small.
    exponent = int((size.numerator.bit_length() - size.denominator.bit_length()) * 0.30102999566398119521)
    while size >= Fraction(10) ** exponent:
        exponent += 1
    while size < Fraction(10) ** (exponent - 1):
        exponent -= 1
    rounded = round(size * Fraction(10) ** (digits - exponent))
    if rounded == 10**digits:
        rounded, exponent = rounded // 10, exponent + 1
    return (-rounded if number < 0 else rounded), exponent


def _typed_decimals(expression: ParsedExpression) -> dict[Node, Fraction]:
    """Return the constants of a text that no float holds, such as 0.1, with the decimals that were typed.

    All digits of a float are such a decimal, too, because a constant of a graph is the shortest decimal of its float.

    Raises:
        LimitError: two decimals that differ were typed for one float.
    """
    found: dict[Node, Fraction] = {}
    for node, text, number in typed_numbers(expression):
        if found.setdefault(node, number) != number:
            raise LimitError(
                f"`{text}` is a float of another decimal in the text, and digits need both",
                hint="write one of them as a fraction",
            )
    return {
        node: -number if (node.constant or 0.0) < 0.0 else number
        for node, number in found.items()
        if not number == abs(Fraction(node.constant or 0.0)) == Fraction(repr(abs(node.constant or 0.0)))
    }


def number_expression(value: Any, subject: str) -> ParsedExpression:
    """Return a number as an expression, whose text is exact.

    Raises:
        UsageError: it is no number.
    """
    if isinstance(value, ParsedExpression):
        found: ParsedExpression = value
    elif isinstance(value, str):
        found = read(value, name=subject)
    elif isinstance(value, Integral):
        found = read(str(int(value)), name=subject)
    elif isinstance(value, Rational):
        found = read(f"{value.numerator}/{value.denominator}", name=subject)
    elif isinstance(value, Decimal):
        found = read(str(value) if value.is_finite() else "nan", name=subject)
    elif isinstance(value, Real):
        found = read(repr(float(value)), name=subject)
    else:
        raise UsageError(f"{subject} has to be a number, not {value!r}", kind="value_not_constant")
    if found.variables or found.has_arrays:
        raise UsageError(f"{subject} has to be a number, not `{excerpt(found.root)}`", kind="value_not_constant")
    return found
