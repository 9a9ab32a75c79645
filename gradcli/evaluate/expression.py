"""A user's expression, which is parsed once and can then be evaluated and differentiated at any point."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from gradcli.errors import ExpressionError
from gradcli.graph import array_node, differentiate
from gradcli.language.builder import read
from gradcli.language.parsed import ParsedExpression, operation_name
from gradcli.printing.text import to_text

if TYPE_CHECKING:
    from gradcli.evaluate.point import Executor

__all__ = ["Expression", "parse"]


class Expression(ParsedExpression):
    """A parsed expression, which has values and derivatives at points, and derivatives as expressions.

    Its attributes are those of `ParsedExpression`.
    """

    __slots__ = ()

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

    def __call__(self, **at: Any) -> Any:
        """Return the value at a point.

        Args:
            at: a number, an array or nested lists of numbers for each variable.

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
        """Return the partial derivative with respect to each variable at a point, in the variable's shape.

        Args:
            at: a number, an array or nested lists of numbers for each variable.

        Raises:
            UsageError: a variable has no value.
            ExpressionError: shapes don't fit, or the value isn't one number.

        >>> parse("x1*x2+sin(x1)").gradient(x1=2, x2=3)
        {'x1': 2.5838531634528574, 'x2': 2.0}
        """
        found: dict[str, Any] = self.executor(at).gradient(self, at).gradient
        return found

    def derivative(self, variable: str, order: int = 1) -> Expression:
        """Return a derivative as an expression, with the declared values at edge points.

        Args:
            variable: the variable with respect to which to differentiate.
            order: how often to differentiate.

        Raises:
            ValueError: the order is negative.
            ExpressionError: there is an operation on arrays.

        >>> slope = parse("x^2*y").derivative("x")
        >>> str(slope), slope(x=3, y=5)
        ('y*(2*x)', 30.0)
        """
        self.refuse_arrays("the derivative as an expression")
        root = differentiate.derivative(self.root, self.graph.variable(variable), order)
        return Expression(self.source, root, self.variables, self.spans)

    def refuse_arrays(self, purpose: str) -> None:
        """Raise an error if there is an operation on arrays.

        Args:
            purpose: the use that needs an expression of numbers; the message begins with it.

        Raises:
            ExpressionError: there is an operation on arrays; the error holds its place.
        """
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


def parse(text: str, *, variables: Collection[str] = (), name: str = "expression") -> Expression:
    """Parse the text of an expression.

    Args:
        text: the expression, which may follow definitions.
        variables: names that are variables although a constant (pi, e, ...) has the same name.
        name: the name of the text in error messages.

    Raises:
        ExpressionError: the text isn't a valid expression; the error holds the place and a hint.

    >>> expression = parse("r = sqrt(x^2 + y^2); r*sin(2r)")
    >>> expression.variables, str(expression)
    (('x', 'y'), 'sqrt(x^2 + y^2)*sin(2*sqrt(x^2 + y^2))')
    """
    found = read(text, variables=variables, name=name)
    return Expression(found.source, found.root, found.variables, found.spans, found.has_arrays)
