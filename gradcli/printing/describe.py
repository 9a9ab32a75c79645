"""The derivatives of the registry's functions as formulas, and the conditions of a simplification in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gradcli.graph import Graph, readable
from gradcli.graph.formula import with_exact_constants
from gradcli.graph.rule import differentiable_operands, local_partials
from gradcli.graph.simplify import Simplified, simplify_derivative
from gradcli.primitives import Primitive, functions
from gradcli.printing.text import to_text

if TYPE_CHECKING:
    from gradcli.graph.array_formula import ShapeCondition

__all__ = ["describe_conditions", "describe_partials", "describe_shapes"]


def describe_conditions(simplified: Simplified) -> list[str]:
    """Return the conditions of a simplification, each as a clause.

    >>> from gradcli import parse
    >>> describe_conditions(simplify_derivative(parse("x*y/y").root))
    ['y != 0']
    """
    clauses = [f"{to_text(node)} != 0" for node in simplified.nonzero]
    return [*clauses, "everything that is multiplied by 0 is finite"] if simplified.needs_finite_factors else clauses


def describe_shapes(conditions: Sequence[ShapeCondition]) -> list[str]:
    """Return the conditions on shapes of derivatives with respect to arrays, each as a clause.

    >>> from gradcli import parse
    >>> from gradcli.graph.array_formula import array_formula
    >>> from gradcli.printing.text import text_length
    >>> root = parse("sum((A@x - b)^2)").root
    >>> describe_shapes(array_formula(root, root.graph.variable("x"), text_length).conditions)
    ['A is a matrix', 'b is a number or has the shape of A @ x']
    """
    clauses: dict[str, None] = {}
    pairs = {(one.kind, to_text(one.node), "" if one.other is None else to_text(one.other)) for one in conditions}
    for condition in sorted(conditions, key=lambda one: one.other is not None):
        kind, node = condition.kind, to_text(condition.node)
        other = "" if condition.other is None else to_text(condition.other)
        if kind in ("number", "vector", "matrix"):
            clause = f"{node} is a {kind}"
        elif kind == "same":
            clause = f"{node} has the shape of {other}"
        elif ("same", node, other) in pairs or ("same", other, node) in pairs:
            continue
        elif ("fits", other, node) in pairs:
            clause = f"{' and '.join(sorted((node, other)))} have one shape, unless one is a number"
        else:
            clause = f"{node} is a number or has the shape of {other}"
        clauses[clause] = None
    return [*clauses]


def describe_partials(primitive: Primitive) -> list[tuple[str, str]]:
    """Return (operand, formula) for the partial derivative with respect to each operand, printed from its rule.

    >>> from gradcli.primitives import REGISTRY
    >>> describe_partials(REGISTRY["pow"])
    [('x', 'where(y == 0, 0, y*x^(y - 1))'), ('y', 'xlogy(x^y, x)')]
    """
    graph = Graph(folds=False)
    operands = [graph.variable(name) for name in primitive.operands]
    if primitive.is_locally_constant:
        return [(name, "0") for name in primitive.operands]
    output = graph.add(primitive, operands)
    partials, conditions = local_partials(output, guarded=True)
    described = []
    for i in differentiable_operands(output):
        partial, condition = partials[i], conditions[i]
        if condition is not None:
            if condition.constant == 0.0:
                continue
            partial = functions.where(condition, partial, 0.0)
        exact = with_exact_constants(readable(partial, with_guards=True), set())
        described.append((primitive.operands[i], to_text(simplify_derivative(exact).root)))
    return described
