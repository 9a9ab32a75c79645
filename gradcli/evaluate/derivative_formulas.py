"""The derivatives of an expression as formulas: partial derivatives, the Hessian, and the Jacobian of a vector."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from types import MappingProxyType

from gradcli import limits
from gradcli.errors import UsageError
from gradcli.evaluate.expression import Expression
from gradcli.graph import Node, differentiate
from gradcli.graph.formula import derivative_formulas, hessian_formulas
from gradcli.graph.simplify import Simplified
from gradcli.language.parsed import operation_name
from gradcli.primitives import REGISTRY
from gradcli.printing.describe import describe_conditions, describe_shapes
from gradcli.printing.text import text_length
from gradcli.records import NamedTuple

__all__ = ["DerivativeFormulas", "formulas_of"]


class DerivativeFormulas(NamedTuple):
    """The derivatives of an expression as formulas.

    Attributes:
        rows: for each component, the derivative with respect to each variable; one row if the value is a number.
        is_vector: whether the expression is a vector ``[f, g]``, so that the rows are its Jacobian.
        hessian: a dictionary in which ``hessian[x][y]`` is the second derivative with respect to x and y; None if it is
            not asked for.
        conditions: the conditions under which these are the derivatives, as clauses.
        definitions: the definitions of the expression, with which the text of the derivative may be shorter.  There are
            none if there are several derivatives.
    """

    rows: list[dict[str, Node]]
    is_vector: bool
    hessian: dict[str, dict[str, Node]] | None
    conditions: tuple[str, ...]
    definitions: Mapping[str, Node] = MappingProxyType({})

    @property
    def arrays(self) -> list[Node]:
        """The gradient as a column or the Jacobian as a matrix, followed by the Hessian if there is one."""
        rows = [list(row.values()) for row in self.rows]
        matrices = [rows if self.is_vector else [[node] for node in rows[0]]]
        if self.hessian is not None:
            matrices.append([list(row.values()) for row in self.hessian.values()])
        return [_array(matrix) for matrix in matrices]


def _array(rows: Sequence[Sequence[Node]]) -> Node:
    """Return a matrix as a node: as a vector if it has one column, as a number if it has one element."""

    def stacked(nodes: Sequence[Node]) -> Node:
        return nodes[0].graph.add(REGISTRY.offered["stack"], nodes)

    if len(rows[0]) > 1:
        return stacked([stacked(row) for row in rows])
    return stacked([row[0] for row in rows]) if len(rows) > 1 else rows[0][0]


def formulas_of(
    expression: Expression, variables: Sequence[str], order: int = 1, *, hessian: bool = False
) -> DerivativeFormulas:
    """Return the derivatives of an expression as formulas in their shortest form.

    Args:
        expression: an expression of numbers, a vector ``[f, g]`` of such expressions, or an expression that computes a
            number from arrays.
        variables: the variables with respect to which to differentiate.
        order: the order of each derivative: 2 gives d2/dx^2 and d2/dy^2.
        hessian: whether all second derivatives of a number are computed, too.

    Raises:
        ExpressionError: there is an operation on arrays whose derivative has no formula, or an order above 1.
        UsageError: the Hessian of a vector is asked for.
        LimitError: the order is too high, a derivative is too large, or the Hessian has too many entries.

    >>> from gradcli import parse
    >>> from gradcli.printing.text import to_text
    >>> found = formulas_of(parse("[r*cos(t), r*sin(t)]"), ["r", "t"])
    >>> [[to_text(node) for node in row.values()] for row in found.rows]
    [['cos(t)', '-r*sin(t)'], ['sin(t)', 'r*cos(t)']]
    >>> found = formulas_of(parse("sum((A@x - b)^2)"), ["x"])
    >>> to_text(found.rows[0]["x"]), found.conditions
    ('2*(transpose(A) @ (A @ x - b))', ('A is a matrix', 'b is a number or has the shape of A @ x'))
    """
    differentiate.check_order(order)
    components = expression.components
    if components is None and expression.has_arrays:
        purpose = "a Hessian" if hessian else "a derivative of higher order" if order > 1 else None
        if purpose is not None:
            expression.refuse_arrays(f"{purpose} as an expression")
        return _of_arrays(expression, variables)
    if components is not None and hessian:
        raise UsageError(
            f"`{expression}` has {len(components)} values, but only a single value has a Hessian", kind="vector"
        )
    targets = [expression.graph.variable(name) for name in variables]
    conditions: dict[str, None] = {}

    def named(formulas: Iterable[Simplified]) -> dict[str, Node]:
        found = list(formulas)
        conditions.update(dict.fromkeys([clause for one in found for clause in describe_conditions(one)]))
        return dict(zip(variables, [one.root for one in found], strict=True))

    if hessian:
        if len(targets) ** 2 > limits.HESSIAN_ENTRIES:
            message = f"the Hessian has {len(targets)} × {len(targets)} entries, which is too many"
            raise limits.refusal("HESSIAN_ENTRIES", message)
        gradient, matrix = hessian_formulas(expression.root, targets, text_length)
        rows = [named(gradient)]
        second = dict(zip(variables, map(named, matrix), strict=True))
        return DerivativeFormulas(rows, False, second, tuple(conditions))
    paths = [(target,) * order for target in targets]
    roots = [expression.root] if components is None else components
    definitions = expression.definitions if components is None and len(targets) == 1 else {}
    length = partial(text_length, definitions=definitions)
    rows = [named(derivative_formulas(root, paths, length)) for root in roots]
    return DerivativeFormulas(rows, components is not None, None, tuple(conditions), definitions)


def _of_arrays(expression: Expression, variables: Sequence[str]) -> DerivativeFormulas:
    """Return the derivatives of a number that is computed from arrays."""
    from gradcli.graph.array_formula import ArrayFormula, NoFormula, array_formula

    found: dict[str, ArrayFormula] = {}
    for name in variables:
        try:
            found[name] = array_formula(expression.root, expression.graph.variable(name), text_length)
        except NoFormula as error:
            raise expression.array_error(
                error.node,
                f"the derivative with respect to `{name}` has no formula that is right for every shape, because of "
                f"`{operation_name(error.node)}`",
                hint="gradcli grad computes it at a point",
            ) from None
    conditions = [one for formula in found.values() for one in formula.conditions]
    rows = [{name: formula.root for name, formula in found.items()}]
    return DerivativeFormulas(rows, False, None, tuple(describe_shapes(conditions)))
