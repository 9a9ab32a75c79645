"""Values and derivatives of functions of Python numbers, with proved digits."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from numbers import Rational, Real
from typing import TYPE_CHECKING, Any, Final

from gradcli.errors import NotFiniteError, UsageError
from gradcli.evaluate.expression import Expression, check_digits, parse
from gradcli.evaluate.tracing import trace
from gradcli.graph import Graph, Node
from gradcli.primitives import functions as f
from gradcli.primitives.exact_constants import EXACT_CONSTANTS

if TYPE_CHECKING:
    from gradcli.evaluate.proven import Proven

__all__ = ["Precise", "precise"]

_NAMED: Final = {math.pi: "pi", math.tau: "tau", math.e: "e"}
#: Every decimal of so many digits is the nearest one to its float; one with more digits may be a rounded number.
_SURE_DIGITS: Final = 15


def precise(function: str | Expression | Callable[..., Any], digits: int = 50) -> Precise:
    """Return a function that computes values and derivatives with proved digits.

    Args:
        function: the text of an expression of numbers, a parsed one, or a Python function of numbers.  A Python
            function is called once, with symbols in place of its parameters: it is written with operators and the
            functions of ``gradcli.functions``, and doesn't branch on values.  Integers, fractions and decimals in it
            are exact; ``0.1`` is 1/10, and ``math.pi`` is pi.
        digits: the number of significant digits of each result, 1 to 10,000.

    Raises:
        UnavailableError: the package python-flint is missing (``pip install "gradcli[digits]"``).
        ExpressionError: the text is not a valid expression.
        UsageError: there are operations on arrays, or the Python function can't be called with symbols or has a float
            of more than 15 digits, which may be rounded.
        LimitError: there are too many digits.

    >>> slope = precise("(exp(x) - 1)/x", digits=20)
    >>> slope("1e-10")
    Decimal('1.0000000000500000000')
    >>> slope.gradient(x="1e-10")
    {'x': Decimal('0.50000000003333333333')}
    >>> precise(lambda x, y: x**2 / y, digits=10)(Fraction(1, 3), 0.1)
    Decimal('1.111111111')
    """
    exact: Mapping[Node, Fraction] = {}
    if isinstance(function, str):
        expression = parse(function)
    elif isinstance(function, Expression):
        expression = function
    else:
        graph = _ExactGraph()
        expression = trace(function, graph, caller="precise")
        exact = graph.exact
    expression.refuse_arrays("a proof of digits")
    check_digits(digits)
    return Precise(expression, digits, exact)


class Precise:
    """A function with proved digits, as `precise` returns it.

    Each method takes the point like a call: a value for each variable, by position or by name.  A value is an integer,
    a `fractions.Fraction`, a `decimal.Decimal`, a text such as ``"0.1"`` or ``"pi/2"``, or a float.  A float is the
    decimal that Python prints for it: 0.1 is 1/10.  Results are decimals, rounded to ``digits`` significant digits,
    each of them right; a result that is exactly 0 is ``Decimal('0')``.

    Each method raises a `UsageError` if a variable has no value, two values or a value of another type, a
    `NotFiniteError` if there is no finite value, and a `LimitError` if the digits can't be proved, as where a formula
    is 0 for a reason that its rounding doesn't show.  At kinks and other edge points the derivatives are those of
    `gradcli.parse(...).gradient`, if the point is exactly there.

    Attributes:
        expression: the expression.
        digits: the number of significant digits.
        variables: the names of the variables, in the order of positional arguments.
    """

    def __init__(self, expression: Expression, digits: int, exact: Mapping[Node, Fraction]) -> None:
        self.expression = expression
        self.digits = digits
        self.variables = expression.variables
        self._exact = exact

    def __call__(self, /, *values: Any, **at: Any) -> Decimal:
        """Return the value.

        >>> precise("sqrt(x)", 30)(2)
        Decimal('1.41421356237309504880168872421')
        """
        return Decimal(self._at(values, at).value())

    def gradient(self, /, *values: Any, **at: Any) -> dict[str, Decimal]:
        """Return the partial derivative with respect to each variable.

        >>> precise("x^y", 12).gradient(2, "1/2")
        {'x': Decimal('0.353553390593'), 'y': Decimal('0.980258143469')}
        """
        return _decimals(self._at(values, at).gradient())

    def hessian(self, /, *values: Any, **at: Any) -> dict[str, dict[str, Decimal]]:
        """Return the matrix of second derivatives.

        >>> precise("x*y^2", 5).hessian(x=2, y=3)["x"]
        {'x': Decimal('0'), 'y': Decimal('6.0000')}
        """
        return {name: _decimals(row) for name, row in self._at(values, at).hessian().items()}

    def derivatives(self, order: int, /, *values: Any, **at: Any) -> dict[str, list[Decimal]]:
        """Return the derivatives of order 1 to ``order`` with respect to each variable by itself.

        >>> precise("1/x", 6).derivatives(3, x=3)
        {'x': [Decimal('-0.111111'), Decimal('0.0740741'), Decimal('-0.0740741')]}
        """
        found = self._at(values, at).derivatives(order)
        return {name: [Decimal(text) for text in texts] for name, texts in found.items()}

    def partial(self, orders: Mapping[str, int], /, *values: Any, **at: Any) -> Decimal:
        """Return a mixed derivative; ``{"x": 2, "y": 1}`` stands for d3/dx^2dy.

        >>> precise("x^y", 15).partial({"x": 2, "y": 1}, 2, "1/2")
        Decimal('-0.0612661339667842')
        """
        found = self._at(values, at)
        unknown = [name for name in orders if name not in found.variables]
        if unknown:
            from gradcli.evaluate.point import unknown_variable

            raise unknown_variable(unknown[0], self.variables)
        return Decimal(found.partial(orders))

    def taylor(self, variable: str, order: int, /, *values: Any, **at: Any) -> list[Decimal]:
        """Return the coefficients of the Taylor series in one variable, from order 0 up to ``order``.

        Raises:
            NotFiniteError: there is no power series at the point, as at a pole or a kink.

        >>> [str(one) for one in precise("exp(x)/(1 - x)", 6).taylor("x", 3, x="1/2")]
        ['3.29744', '9.89233', '21.4334', '43.4163']
        """
        from gradcli.evaluate.taylor import check_order, without_series
        from gradcli.graph.series import Singular

        check_order(order)
        found = self._at(values, at)
        if variable not in found.variables:
            from gradcli.evaluate.point import unknown_variable

            raise unknown_variable(variable, self.variables)
        try:
            return [Decimal(text) for text in found.coefficients(variable, order)]
        except Singular as error:
            message, hint = without_series(error, "this point")
            raise NotFiniteError(message, kind=error.kind, hint=hint) from None

    def _at(self, values: Sequence[Any], named: Mapping[str, Any]) -> Proven:
        return self.expression.proven(values, named, self.digits, self._exact)

    def __repr__(self) -> str:
        return f"<{self.expression} with {self.digits} digits>"


def _decimals(texts: Mapping[str, str]) -> dict[str, Decimal]:
    return {name: Decimal(text) for name, text in texts.items()}


class _ExactGraph(Graph):
    """A graph in which each number of a Python function that no float holds is a node by itself.

    Attributes:
        exact: the numbers of these nodes.
    """

    __slots__ = ("_nodes", "exact")

    def __init__(self) -> None:
        super().__init__(folds=False)
        self.exact: dict[Node, Fraction] = {}
        self._nodes: dict[Fraction, Node] = {}

    def lift(self, operand: Any) -> Node:
        """Return an operand as a node.

        Raises:
            UsageError: a float has more than 15 digits, so it may be a rounded number.
        """
        if isinstance(operand, Node) or not isinstance(operand, (Real, Decimal)):
            return super().lift(operand)
        if not math.isfinite(operand):
            return super().lift(float(operand))
        if isinstance(operand, (Rational, Decimal)):
            number = Fraction(operand)
        else:
            operand = float(operand)
            if abs(operand) in _NAMED:
                found = self.constant(abs(operand), _NAMED[abs(operand)])
                return found if operand > 0.0 else self.lift(f.neg(found))
            if abs(operand) in EXACT_CONSTANTS:
                return self.constant(operand)
            number = Fraction(repr(operand))
            if number != Fraction(operand) and len(Decimal(repr(operand)).normalize().as_tuple().digits) > _SURE_DIGITS:
                raise UsageError(
                    f"the function has the number {operand!r}, which may be rounded",
                    kind="bad_function",
                    hint=f"if it is exact, write Decimal('{operand!r}'); otherwise give the whole function as a text, "
                    'such as "sqrt(2)*x"',
                )
        if _is_float(number):
            return super().lift(float(number))
        node = self._nodes.get(number)
        if node is None:
            node = self._nodes[number] = self.fresh_variable(str(operand))
            self.exact[node] = number
        return node


def _is_float(number: Fraction) -> bool:
    """Whether a float holds a number."""
    try:
        return Fraction(float(number)) == number
    except OverflowError:
        return False
