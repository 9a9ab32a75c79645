"""A user's expression, which is parsed once and can then be evaluated and differentiated at any point."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gradcli.errors import ExpressionError, UsageError, choice, missing_extra
from gradcli.graph import Graph, Node, array_node, differentiate, toposort
from gradcli.language.builder import read
from gradcli.language.grammar import GRAMMARS
from gradcli.language.parsed import CONSTANTS, ParsedExpression, operation_name
from gradcli.primitives import REGISTRY, Operand
from gradcli.printing.text import to_text
from gradcli.source import Source, counted

if TYPE_CHECKING:
    from decimal import Decimal
    from fractions import Fraction

    from gradcli.evaluate.point import Executor
    from gradcli.evaluate.proven import Proven
    from gradcli.evaluate.taylor import Taylor
    from gradcli.language.instructions import Definition
    from gradcli.printing.displayed import Displayed

__all__ = ["Expression", "TaylorPolynomial", "check_digits", "parse"]

#: A notebook shows a longer formula as text.
_LONGEST_DISPLAYED = 4000


class Expression(ParsedExpression):
    """A parsed expression, which has values and derivatives at points, and derivatives as expressions.

    Its attributes are those of `ParsedExpression`.
    """

    #: How it was differentiated since it was parsed: variables and orders.
    __slots__ = ("_differentiated",)
    _differentiated: tuple[tuple[str, int], ...]

    def __init__(self, parsed: ParsedExpression, differentiated: tuple[tuple[str, int], ...] = ()) -> None:
        super().__init__(
            parsed.source,
            parsed.root,
            parsed.variables,
            parsed.spans,
            parsed.has_arrays,
            parsed.notes,
            parsed.definitions,
        )
        self._differentiated = differentiated

    def is_on_arrays(self, at: Mapping[str, Any]) -> bool:
        """Whether there are arrays in the expression or among the values of its variables."""
        return self.has_arrays or any(
            isinstance(value, (list, tuple)) or getattr(value, "shape", ()) != () for value in at.values()
        )

    def executor(self, at: Mapping[str, Any]) -> Executor:
        """Return the executor that computes at this point, on floats or on arrays."""
        if self.is_on_arrays(at):
            from gradcli.evaluate.array_point import ON_ARRAYS

            return ON_ARRAYS
        from gradcli.evaluate.point import ON_FLOATS

        return ON_FLOATS

    def __call__(self, /, *values: Any, **at: Any) -> Any:
        """Return the value at a point.

        Args:
            values: a number, an array or nested lists of numbers for each of ``variables``, in this order.
            at: values by name; if a name is the name of a constant, such as ``e``, the value replaces the constant.

        Returns:
            A float, or a NumPy array.  If one of the values is a `Value` or a `Tensor`, the result is a recorded
            `Value` or `Tensor`.

        Raises:
            UsageError: a variable has no value or two values, or the expression has no such variable.
            ExpressionError: shapes don't fit.

        >>> parse("x1*x2+sin(x1)")(x1=2, x2=3)
        6.909297426825682
        >>> parse("A @ x")(A=[[1, 2], [3, 4]], x=[1, 2]).tolist()
        [5.0, 11.0]
        >>> parse("x^2")(3), parse("exp(-t/tau)")(t=1, tau=1)
        (9.0, 0.36787944117144233)
        """
        found, at = self.with_values(values, at)
        if any(isinstance(value, Operand) for value in at.values()):
            return found._recorded(at)
        return found.executor(at).evaluate(found, at).value

    def gradient(self, /, *values: Any, **at: Any) -> dict[str, Any]:
        """Return the partial derivative with respect to each variable at a point, in the variable's shape.

        Args:
            values, at: as for a call; if a constant is given a value, the results contain the partial derivative with
                respect to this constant, too.

        Raises:
            UsageError: a variable has no value or two values, or the expression has no such variable.
            ExpressionError: shapes don't fit, or the value isn't one number.

        >>> parse("x1*x2+sin(x1)").gradient(x1=2, x2=3)
        {'x1': 2.5838531634528574, 'x2': 2.0}
        """
        found, at = self.with_values(values, at)
        result: dict[str, Any] = found.executor(at).gradient(found, at).gradient
        return result

    def partial(self, orders: Mapping[str, int], /, *values: Any, **at: Any) -> float:
        """Return a mixed derivative of any order at a point.

        Args:
            orders: the order with respect to each variable: ``{"x": 2, "y": 1}`` stands for d3/dx^2dy.
            values, at: numbers, as for a call.

        Raises:
            UsageError: there is no such variable, a variable has no value, or an order isn't a whole number of at least
                0.
            LimitError: the order is too high, or floats lose the digits.
            ExpressionError: there is an operation on arrays.

        >>> parse("x^3*exp(2*y)").partial({"x": 2, "y": 3}, x=2, y=0)
        96.0
        """
        from gradcli.evaluate.point import target_nodes, values_at
        from gradcli.execute.mixed import check_orders, mixed_at

        self.refuse_arrays("a mixed derivative")
        wanted = check_orders(orders)
        found, numbers = self.with_values(values, at)
        inputs = [float(one) for one in values_at(found, numbers)]
        point = dict(zip(target_nodes(found), inputs, strict=True))
        return mixed_at(found.root, point, dict(zip(target_nodes(found, [*wanted]), wanted.values(), strict=True)))

    def evaluate(self, /, *values: Any, digits: int, **at: Any) -> Decimal:
        """Return the value at a point with proved digits.  `gradcli.precise` has derivatives, too.

        Args:
            values, at: as for a call; a value is an integer, a fraction, a decimal, a text such as ``"0.1"`` or
                ``"pi/2"``, or a float, which is the decimal that Python prints for it.
            digits: the number of significant digits, 1 to 10,000.

        Raises:
            UnavailableError: the package python-flint is missing (``pip install "gradcli[digits]"``).
            UsageError: a variable has no value or two values, there is no such variable, or there are arrays.
            NotFiniteError: there is no finite value.
            LimitError: there are too many digits, or they can't be proved.

        >>> parse("x*exp(x)").evaluate(digits=30, x="0.1")
        Decimal('0.110517091807564762481170782649')
        """
        from decimal import Decimal

        check_digits(digits)
        return Decimal(self.proven(values, at, digits).value())

    def proven(
        self,
        values: Sequence[Any],
        named: Mapping[str, Any],
        digits: int,
        exact: Mapping[Node, Fraction] = MappingProxyType({}),
    ) -> Proven:
        """Return the proof of the digits at a point; for `gradcli.precise`, which has the same values."""
        from gradcli.evaluate.proven import Proven, number_expression

        found, at = self.with_values(values, {**named})
        missing = [name for name in found.variables if name not in at]
        if missing:
            from gradcli.evaluate.point import missing_variables

            raise missing_variables(missing)
        point = {name: number_expression(value, f"the value of `{name}`") for name, value in at.items()}
        return Proven(found.unfolded(), point, digits, exact)

    def with_values(self, values: Sequence[Any], named: dict[str, Any]) -> tuple[Expression, dict[str, Any]]:
        """Return the values of the variables by name, and the expression in which every given name is a variable.

        Raises:
            UsageError: a variable has two values, or there is no such variable.
        """
        if len(values) > len(self.variables):
            raise UsageError(
                f"{counted(len(values), 'value')} for {counted(len(self.variables), 'variable')}",
                hint=f"the order is {', '.join(self.variables)}" if self.variables else None,
            )
        at = dict(zip(self.variables, values, strict=False))
        twice = [name for name in named if name in at]
        if twice:
            raise UsageError(f"`{twice[0]}` is given by position and by name")
        at.update(named)
        unknown = [name for name in named if name not in self.variables]
        return self.with_variables(unknown) if unknown else self, at

    def with_variables(self, names: Sequence[str]) -> Expression:
        """Return the expression with variables in place of its constants of some names, such as ``e``.

        Raises:
            UsageError: a name is neither a variable nor a constant of the expression.
        """
        found = self
        if self.source.text and CONSTANTS.keys() >= set(names):
            source = self.source
            known = {*self.variables, *names}
            text, name, notation, definitions = source
            found = parse(text, variables=known, name=name, notation=notation, definitions=definitions)
            for variable, order in self._differentiated:
                found = found.derivative(variable, order)
        for name in names:
            if name not in found.variables:
                from gradcli.evaluate.point import unknown_variable

                raise unknown_variable(name, self.variables)
        return found

    def unfolded(self) -> ParsedExpression:
        """Return the expression with the numbers that were typed, even inside of derivatives, and none computed."""
        source = self.source
        if not source.text or not (
            self._differentiated or any(self.graph.origin(node) is not None for node in toposort([self.root]))
        ):
            return self
        text, name, notation, definitions = source
        found = read(text, variables=self.variables, name=name, notation=notation, definitions=definitions, folds=False)
        root = found.root
        for variable, order in self._differentiated:
            root = differentiate.derivative(root, found.graph.variable(variable), order)
        return ParsedExpression(source, root, self.variables, found.spans, found.has_arrays)

    def _recorded(self, at: Mapping[str, Any]) -> Any:
        """Return the value at recorded values, such as the arguments of a function that `grad` differentiates."""
        from gradcli.evaluate.point import values_at
        from gradcli.execute.tape import Tape

        values = values_at(self, at)
        if self.has_arrays or any(hasattr(value, "shape") or isinstance(value, (list, tuple)) for value in values):
            from gradcli.evaluate.array_point import recorded

            return recorded(self, at)
        tape = Tape([self.root], [self.graph.variable(name) for name in self.variables])
        return tape.replay(values)[tape.outputs[0]]

    def derivative(self, variable: str, order: int = 1) -> Expression:
        """Return a derivative as an expression, with the declared values at edge points.

        The derivative of a vector ``[f, g]`` is the vector of the derivatives of its components.

        Args:
            variable: the variable with respect to which to differentiate.
            order: the order of the derivative.

        Raises:
            UsageError: there is no such variable, or the order isn't a whole number of at least 0.
            ExpressionError: there is an operation on arrays.

        >>> slope = parse("x^2*y").derivative("x")
        >>> str(slope), slope(x=3, y=5)
        ('y*(2*x)', 30.0)
        >>> print(parse("[cos(t), sin(t)]").derivative("t"))
        [-sin(t), cos(t)]
        """
        components = self.components
        if components is None:
            self.refuse_arrays("the derivative as an expression")
        if variable not in self.variables:
            from gradcli.evaluate.point import unknown_variable

            raise unknown_variable(variable, self.variables, self.graph)
        if not isinstance(order, int) or isinstance(order, bool) or order < 0:
            raise UsageError(
                f"the order of a derivative is a whole number of at least 0, not {order}", argument="order"
            )
        target = self.graph.variable(variable)
        if components is None:
            root = differentiate.derivative(self.root, target, order)
        else:
            parts = [differentiate.derivative(one, target, order) for one in components]
            root = self.graph.add(REGISTRY.offered["stack"], parts)
        found = ParsedExpression(self.source, root, self.variables, self.spans, components is not None, self.notes)
        return Expression(found, (*self._differentiated, (variable, order)))

    def taylor(
        self, variable: str, at: Any = 0, order: int = 5, values: Mapping[str, Any] | None = None
    ) -> TaylorPolynomial:
        """Return the Taylor polynomial around a point; its coefficients are exact where possible.

        Args:
            variable: the variable of the polynomial.
            at: the point: a number, a fraction, or a text such as ``"pi/2"``.
            order: the order of the polynomial.
            values: values of other variables, in the same forms; a variable without one stays a symbol.

        Raises:
            UsageError: there is no such variable, a value isn't a number, or the order isn't a whole number of at least
                0 and within the bound.
            NotFiniteError: the function has no Taylor polynomial there: it has a pole, a kink, a jump or no value.
            ExpressionError: there is an operation on arrays.

        >>> polynomial = parse("sin(x)").taylor("x", order=5)
        >>> print(polynomial, "+", polynomial.remainder)
        x - x^3/6 + x^5/120 + O(x^6)
        >>> round(polynomial(0.1), 12), polynomial.coefficients[3].text
        (0.099833416667, '-1/6')
        >>> print(parse("exp(a*x)").taylor("x", "1/2", 2, {"a": 2}))
        e + 2*e*(x - 1/2) + 2*e*(x - 1/2)^2
        """
        from gradcli.evaluate.taylor import taylor

        self.refuse_arrays("a Taylor polynomial")
        if not isinstance(order, int) or isinstance(order, bool) or order < 0:
            raise UsageError(
                f"the order of a Taylor polynomial is a whole number of at least 0, not {order}", argument="order"
            )
        given = dict(values or {})
        found = self.with_variables([name for name in (variable, *given) if name not in self.variables])
        numbers = {name: _number_node(value, f"the value of `{name}`") for name, value in given.items()}
        return TaylorPolynomial(
            taylor(found, variable, _number_node(at, f"the value of `{variable}`"), order, numbers),
            [name for name in found.variables if name not in given],
        )

    def refuse_arrays(self, purpose: str) -> None:
        """Raise an error if there is an operation on arrays.

        Args:
            purpose: the use that needs an expression of numbers; the message begins with it.

        Raises:
            ExpressionError: there is an operation on arrays; the error holds the place of this operation.
        """
        found = array_node(self.root) if self.has_arrays else None
        if found is not None:
            message = f"{purpose} takes numbers, but `{operation_name(found)}` works on arrays"
            raise self.array_error(found, message, "gradcli eval, grad and check take arrays")

    def array_error(self, node: Node, message: str, hint: str) -> ExpressionError:
        """Return an error about an operation on arrays, with the place of this operation."""
        span = next(iter(self.spans.get(node, ())), None)
        return ExpressionError(message, kind="array", source=self.source, span=span, hint=hint)

    def __str__(self) -> str:
        return to_text(self.root)

    def __repr__(self) -> str:
        return f"<expression {self}>"

    def _displayed(self) -> Displayed:
        """Return the formula as notebooks show it."""
        from gradcli.printing.displayed import displayed

        return displayed(self.root)

    def _repr_latex_(self) -> str | None:
        return None if len(str(self)) > _LONGEST_DISPLAYED else self._displayed().math

    def _repr_html_(self) -> str | None:
        return None if len(str(self)) > _LONGEST_DISPLAYED else self._displayed().html


class TaylorPolynomial(Expression):
    """A Taylor polynomial, which is an expression.

    Attributes:
        variable: the name of its variable.
        at: the point, as a float.
        place: the point as text, such as ``x = pi/2``.
        order: the order of the polynomial.
        coefficients: the coefficients of the powers of ``variable - at``.  Each is a
            `gradcli.evaluate.taylor.Coefficient` with a ``text``, a ``value`` (None if it depends on variables) and
            ``is_exact``.
        remainder: the order of the terms that are left out, such as ``O(x^6)``.
    """

    __slots__ = ("at", "coefficients", "order", "place", "power", "variable")

    def __init__(self, found: Taylor, variables: Sequence[str]) -> None:
        source = Source(to_text(found.root), "Taylor polynomial")
        super().__init__(ParsedExpression(source, found.root, variables, {}, notes=found.notes))
        self.variable = found.variable
        self.at = found.at
        self.place = found.place
        self.order = found.order
        self.coefficients = found.coefficients
        self.power = found.power

    @property
    def remainder(self) -> str:
        """The order of the terms that are left out, such as ``O(x^6)``."""
        return f"O({to_text(self.power)})"

    def _displayed(self) -> Displayed:
        from gradcli.printing.displayed import displayed

        return displayed(self.root).plus_remainder(displayed(self.power))


def check_digits(digits: int) -> None:
    """Refuse a number of digits that can't be proved.

    Raises:
        UnavailableError: the package python-flint is missing.
        UsageError: it isn't a whole number.
        LimitError: it is out of bounds.
    """
    import importlib.util

    from gradcli import limits

    if importlib.util.find_spec("flint") is None:
        raise missing_extra("python-flint", "digits", "proving digits")
    if not isinstance(digits, int) or isinstance(digits, bool):
        raise UsageError(f"the number of digits is a whole number, not {digits!r}", argument="digits")
    if not 1 <= digits <= limits.DIGITS:
        message = f"the number of digits is at least 1 and at most {limits.DIGITS:,}, not {digits:,}"
        raise limits.refusal("DIGITS", message)


def _number_node(value: Any, subject: str) -> Node:
    """Return a number, or a text or an expression without variables, as a node.

    Raises:
        UsageError: it is none of these.
    """
    from numbers import Rational, Real

    found = parse(value, name=subject) if isinstance(value, str) else value
    if isinstance(found, Expression):
        if found.variables or found.has_arrays:
            raise UsageError(f"{subject} has to be a number, not `{found}`", kind="value_not_constant")
        return found.root
    if isinstance(found, Rational):
        graph = Graph(folds=False)
        return graph.lift(graph.lift(float(found.numerator)) / float(found.denominator))
    if not isinstance(found, Real):
        raise UsageError(f"{subject} has to be a number, not {value!r}", kind="value_not_constant")
    return Graph().constant(float(found))


def parse(
    text: str,
    *,
    variables: Collection[str] = (),
    name: str = "expression",
    notation: str | None = None,
    definitions: tuple[Definition, ...] = (),
) -> Expression:
    r"""Parse the text of an expression.

    Args:
        text: the expression, possibly with definitions before it.
        variables: names to read as variables even if they are names of constants (pi, e, ...).
        name: the name of the text in error messages.
        notation: ``"latex"`` for LaTeX, ``"expression"`` for the expression language; by default a text that can only
            be LaTeX is read as LaTeX, and a note says so.
        definitions: definitions that the text may use, as `gradcli.language.definitions.definition_of` returns them.

    Raises:
        ExpressionError: the text isn't a valid expression; the error holds the place and a hint.
        UsageError: there is no such notation.

    >>> print(parse(r"\frac{1}{2} m v^2", notation="latex"))
    1/2*m*v^2
    >>> expression = parse("r = sqrt(x^2 + y^2); r*sin(2r)")
    >>> expression.variables, str(expression)
    (('x', 'y'), 'sqrt(x^2 + y^2)*sin(2*sqrt(x^2 + y^2))')
    """
    if notation is not None:
        choice(notation, GRAMMARS, "notation")
    return Expression(read(text, variables=variables, name=name, notation=notation, definitions=definitions))
