"""Values and derivatives with digits that are proved: computed in balls, again with more bits until all are certain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import Any, Final

import flint

from gradcli import limits
from gradcli.errors import LimitError, NotFiniteError, UsageError
from gradcli.evaluate.point import target_nodes
from gradcli.graph import Node, differentiate, toposort
from gradcli.graph.ball_numbers import BallNumbers
from gradcli.graph.coefficients import NoValue, Undecided, evaluated
from gradcli.graph.exact_numbers import ExactNumbers
from gradcli.graph.graph import unfolded
from gradcli.graph.normal_form import Ring
from gradcli.graph.symbols import Unfit
from gradcli.language.parsed import ParsedExpression

__all__ = ["Proven", "decimal"]

#: Bits for each digit, and in addition, of the first attempt.
_BITS: Final = 3.33
_MORE: Final = 64
#: An attempt has at most this many times the bits of the digits, and this many more: beyond that, a number may be 0.
_TIMES: Final = 8
_MOST: Final = 8192


class Proven:
    """An expression at a point, with proved digits.

    Args:
        expression: the expression, without operations on arrays.
        at: for each variable, an expression without variables, such as that of ``0.1`` or ``pi/2``.
        digits: the number of significant digits of each result.

    Raises:
        UsageError: the expression has operations on arrays, or a variable has no value.
        LimitError: there are more digits than `limits.DIGITS`.

    >>> from gradcli import parse
    >>> proven = Proven(parse("(exp(x) - 1)/x"), {"x": parse("1e-10")}, 20)
    >>> proven.value(), proven.gradient()
    ('1.0000000000500000000', {'x': '0.50000000003333333333'})
    """

    def __init__(self, expression: ParsedExpression, at: Mapping[str, ParsedExpression], digits: int) -> None:
        if not 1 <= digits <= limits.DIGITS:
            raise limits.refusal(
                "DIGITS", f"the number of digits is at least 1 and at most {limits.DIGITS:,}, not {digits:,}"
            )
        if expression.has_arrays:
            raise UsageError("digits are proved for numbers, and this expression has arrays", kind="array")
        self.expression = expression
        self.digits = digits
        order = toposort([expression.root, *target_nodes(expression)])
        image = unfolded(order)
        self.root = image[expression.root]
        #: Variable -> its node on a graph that keeps 2/3 and log(2) as they are.
        self.variables = {str(node.name): image[node] for node in target_nodes(expression)}
        self.points = {self.variables[name]: value for name, value in at.items() if name in self.variables}
        self.typed = _typed_decimals([expression, *self.points.values()])

    def value(self) -> str:
        """Return the value."""
        return self._digits([self.root])[0]

    def gradient(self, wrt: Sequence[str] | None = None) -> dict[str, str]:
        """Return the partial derivatives by the names of the variables."""
        names = [*self.variables] if wrt is None else [*wrt]
        return dict(zip(names, self._digits(self._gradient(names)), strict=True))

    def derivatives(self, order: int, wrt: Sequence[str] | None = None) -> dict[str, list[str]]:
        """Return the derivatives of order 1 to ``order`` with respect to each variable by itself.

        Raises:
            LimitError: the order is too high, or the derivative is too large.
        """
        names = [*self.variables] if wrt is None else [*wrt]
        return {
            name: self._digits(list(differentiate.derivatives(self.root, self.variables[name], order)))
            for name in names
        }

    def hessian(self, wrt: Sequence[str] | None = None) -> dict[str, dict[str, str]]:
        """Return the matrix of second derivatives."""
        names = [*self.variables] if wrt is None else [*wrt]
        targets = [self.variables[name] for name in names]
        rows = differentiate.second_derivatives(self.root, targets)
        found = iter(self._digits([one for row in rows for one in row]))
        upper = {(i, j): next(found) for i in range(len(names)) for j in range(i, len(names))}
        return {
            one: {other: upper[min(i, j), max(i, j)] for j, other in enumerate(names)} for i, one in enumerate(names)
        }

    def jvp(self, direction: Mapping[str, float]) -> str:
        """Return the derivative along a direction."""
        tangents = {self.variables[name]: number for name, number in direction.items()}
        return self._digits([differentiate.jvp(self.root, tangents)])[0]

    def _gradient(self, names: Sequence[str]) -> list[Node]:
        return differentiate.gradient(self.root, [self.variables[name] for name in names])

    # Digits

    def _digits(self, roots: Sequence[Node]) -> list[str]:
        """Return the numbers of formulas, to the last digit."""
        found: dict[int, str] = {}
        bits = int(_BITS * self.digits) + _MORE
        most = _TIMES * bits + _MOST
        while len(found) < len(roots):
            with _precision(bits):
                numbers = BallNumbers(self.typed)
                open_ones: dict[int, Any] = {}
                point = self._point(numbers)
                value = self._ball(numbers, self.root, point)
                for place, root in enumerate(roots):
                    if place not in found:
                        # No value, no derivative.
                        ball = value if value is None or root is self.root else self._ball(numbers, root, point)
                        text = None if ball is None else decimal(*_ends(ball), self.digits)
                        if text is None:
                            open_ones[place] = ball
                        else:
                            found[place] = text
                if open_ones and bits >= most:
                    for place, ball in open_ones.items():
                        found[place] = self._exactly(roots[place], ball)
            bits *= 2
        return [found[place] for place in range(len(roots))]

    def _point(self, numbers: BallNumbers) -> dict[Node, Any]:
        try:
            return {node: evaluated(numbers, value.root, {}) for node, value in self.points.items()}
        except NoValue:
            raise NotFiniteError("a value at the point is not a finite number", kind="no_value") from None

    def _ball(self, numbers: BallNumbers, root: Node, point: Mapping[Node, Any]) -> Any:
        """Return the ball of a formula; None if the balls can't decide a choice."""
        try:
            return evaluated(numbers, root, point)
        except Undecided:
            return None
        except NoValue:
            raise NotFiniteError(
                f"`{self.expression}` or its derivative has no finite value at this point, so it has no digits",
                kind="no_value",
                hint="without `digits`, a note says what is at the point",
                argument="digits",
            ) from None

    def _exactly(self, root: Node, ball: Any) -> str:
        """Return a number whose digits balls don't prove, such as 0, if it is rational by exact arithmetic.

        Raises:
            LimitError: it is not, or this is not known.
        """
        number = None
        if all(Fraction(repr(value)) == typed for value, typed in self.typed.items()):
            exact = ExactNumbers(root.graph, Ring(None, typed=self.typed.keys()))
            try:
                at = {node: evaluated(exact, value.root, {}) for node, value in self.points.items()}
                number = evaluated(exact, root, at)
            except (NoValue, Undecided, Unfit):
                pass
        if isinstance(number, Fraction):
            text = decimal(number, number, self.digits)
            assert text is not None
            return text
        where = "a choice of the formula" if ball is None else f"a number that is 0 or below {_size(ball)}"
        raise LimitError(
            f"the digits are not proved: the formula has {where} at this point",
            hint="simplify the formula, or move the point a little",
        )


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
    """Return the least and the greatest number of a ball."""
    middle, radius = [_fraction(one) for one in (ball.mid(), ball.rad())]
    return middle - radius, middle + radius


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


def _typed_decimals(expressions: Sequence[ParsedExpression]) -> dict[float, Fraction]:
    """Return the constants of texts with the exact decimals that were typed.

    Raises:
        LimitError: two decimals that differ were typed for one float.
    """
    found: dict[float, Fraction] = {}
    for expression in expressions:
        for node, spans in expression.spans.items():
            if node.constant is None or node.name is not None:
                continue
            for span in spans:
                text = expression.source.text[span.start : span.end]
                try:
                    number = abs(Fraction(text.replace("_", "")))
                except ValueError:
                    continue
                if found.setdefault(abs(node.constant), number) != number:
                    raise LimitError(
                        f"`{text}` is a float of another decimal in the text, and digits need both",
                        hint="write one of them as a fraction",
                    )
    return found
