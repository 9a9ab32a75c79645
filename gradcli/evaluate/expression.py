"""An expression of a user: parsed once, evaluated and differentiated at any point."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from gradcli.errors import ExpressionError
from gradcli.graph import array_node, differentiate
from gradcli.language.builder import ParsedExpression, operation_name, read
from gradcli.printing.text import to_text

if TYPE_CHECKING:
    from gradcli.evaluate.point import Executor

__all__ = ["Expression", "parse"]


class Expression(ParsedExpression):
    """A parsed expression: its value and its derivatives at a point, and its derivative as an expression.

    Attributes:
        source: the text it was parsed from.
        graph: the graph that its nodes belong to.
        root: its result.
        variables: the names of its variables, by first appearance.
        spans: the places of nodes in the text.
        has_arrays: whether an operation on arrays leads to the result.  All other operations apply to arrays element
            by element.
    """

    __slots__ = ()

    def is_on_arrays(self, at: Mapping[str, Any]) -> bool:
        """Whether arrays occur in the expression or among the values of its variables."""
        return self.has_arrays or any(_is_array(value) for value in at.values())

    def executor(self, at: Mapping[str, Any]) -> Executor:
        """What computes at this point, on floats or on arrays."""
        if self.is_on_arrays(at):
            from gradcli.evaluate.array_point import ON_ARRAYS

            return ON_ARRAYS
        from gradcli.evaluate.point import ON_FLOATS

        return ON_FLOATS

    def __call__(self, **at: Any) -> Any:
        """The value at a point; every variable is a keyword.

        Args:
            at: numbers, and arrays or nested lists of numbers.

        Returns:
            A float, or a NumPy array.

        Raises:
            UsageError: a variable has no value.
            ExpressionError: shapes don't fit.

        >>> parse("x1*x2+sin(x1)")(x1=2, x2=3)
        6.909297426825682
        >>> parse("A @ x")(A=[[1, 2], [3, 4]], x=[1, 2]).tolist()
        [5.0, 11.0]
        """
        return self.executor(at).evaluate(self, at).value

    def gradient(self, **at: Any) -> dict[str, Any]:
        """The partial derivative toward each variable at a point, in the variable's shape.

        Raises:
            UsageError: a variable has no value.
            ExpressionError: shapes don't fit, or the value is not one number.

        >>> parse("x1*x2+sin(x1)").gradient(x1=2, x2=3)
        {'x1': 2.5838531634528574, 'x2': 2.0}
        """
        found: dict[str, Any] = self.executor(at).gradient(self, at).gradient
        return found

    def derivative(self, variable: str, order: int = 1) -> Expression:
        """The derivative toward one variable as an expression; at edge points it has its declared values.

        Raises:
            ValueError: the order is negative.
            ExpressionError: an operation on arrays has no derivative as an expression.

        >>> slope = parse("x^2*y").derivative("x")
        >>> str(slope), slope(x=3, y=5)
        ('y*(2*x)', 30.0)
        """
        self.refuse_arrays("the derivative as an expression")
        root = differentiate.derivative(self.root, self.graph.variable(variable), order)
        return Expression(self.source, root, self.variables, self.spans)

    def refuse_arrays(self, purpose: str) -> None:
        """Raise for a purpose that only expressions in numbers serve."""
        found = array_node(self.root) if self.has_arrays else None
        if found is not None:
            raise ExpressionError(
                f"{purpose} takes numbers, but `{operation_name(found)}` works on arrays",
                kind="array",
                source=self.source,
                span=next(iter(self.spans.get(found, ())), None),
                hint="gradcli eval, grad and check take arrays",
            )

    def __str__(self) -> str:
        return to_text(self.root)

    def __repr__(self) -> str:
        return f"<expression {self}>"


def _is_array(value: Any) -> bool:
    return isinstance(value, (list, tuple)) or getattr(value, "shape", ()) != ()


def parse(text: str, *, variables: Collection[str] = (), name: str = "expression") -> Expression:
    """Parse an expression into a graph.

    Args:
        text: the expression, perhaps with definitions before it.
        variables: names that are variables even if a constant (pi, e, ...) has that name.
        name: what error messages call the text.

    Raises:
        ExpressionError: the text has no meaning; the error holds the place and a hint.

    >>> expression = parse("r = sqrt(x^2 + y^2); r*sin(2r)")
    >>> expression.variables, str(expression)
    (('x', 'y'), 'sqrt(x^2 + y^2)*sin(2*sqrt(x^2 + y^2))')
    """
    found = read(text, variables=variables, name=name)
    return Expression(found.source, found.root, found.variables, found.spans, found.has_arrays)
