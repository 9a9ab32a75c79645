"""The derivatives of the registry's functions as formulas, and the conditions of a simplification in words."""

from __future__ import annotations

from gradcli.graph import Graph, readable
from gradcli.graph.formula import with_exact_constants
from gradcli.graph.rule import differentiable_operands, local_partials
from gradcli.graph.simplify import Simplified, simplify_derivative
from gradcli.primitives import Primitive, functions
from gradcli.printing.text import to_text

__all__ = ["describe_conditions", "describe_partials"]


def describe_conditions(simplified: Simplified) -> list[str]:
    """Return the conditions of a simplification, each as a clause.

    >>> from gradcli import parse
    >>> describe_conditions(simplify_derivative(parse("x*y/y").root))
    ['y != 0']
    """
    clauses = [f"{to_text(node)} != 0" for node in simplified.nonzero]
    return [*clauses, "everything that is multiplied by 0 is finite"] if simplified.needs_finite_factors else clauses


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
