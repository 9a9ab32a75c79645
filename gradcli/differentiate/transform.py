"""The derivative of a graph as a graph: a reverse sweep (`vjp`) and a forward sweep (`jvp`).

Both ask the registry for the partial derivatives of each operation and name no function of mathematics.  Partials are
formed only toward operands that depend on a target.  Where a primitive selects among its operands, a contribution is
``where(active, cotangent * partial, 0)``: a branch that is not taken contributes exactly 0, even if its slope is
infinite or nan.  An edge of a primitive becomes a ``guard`` around the formula.

Differentiating again is applying the same function again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gradcli.graph import Node, toposort
from gradcli.primitives import functions as f
from gradcli.primitives.array_functions import ArrayFunction

__all__ = ["derivative", "gradient", "jvp", "vjp"]


def differentiable_operands(node: Node) -> list[int]:
    """The positions of the operands through which a derivative passes."""
    primitive = node.primitive
    if primitive is None or primitive.is_locally_constant:
        return []
    if isinstance(primitive, ArrayFunction):
        return list(range(len(node.operands)))
    static = len(primitive.static)
    return [i for i in range(len(node.operands)) if i >= static]


def dependents(order: Iterable[Node], targets: Iterable[Node]) -> set[Node]:
    """The nodes of a topological order through which a derivative reaches one of the targets."""
    found = set(targets)
    for node in order:
        if node not in found and any(node.operands[i] in found for i in differentiable_operands(node)):
            found.add(node)
    return found


def local_partials(node: Node, *, guarded: bool, fast: bool = False) -> tuple[list[Node], list[Node | None]]:
    """The partial derivatives of one operation and, for each operand, the condition under which it is selected.

    A condition of None means always.

    Raises:
        TypeError: the operation is one on arrays, which have no derivative as a graph.
    """
    graph, primitive, operands = node.graph, node.primitive, node.operands
    assert primitive is not None
    if isinstance(primitive, ArrayFunction):
        raise TypeError(f"the function of arrays `{primitive.name}` has no derivative as a graph")
    rule = primitive.fast_partials if fast and primitive.fast_partials is not None else primitive.partials
    partials = [graph.lift(partial) for partial in rule(*operands, node)]
    if guarded:
        for edge in reversed(primitive.edges):
            if edge.partials is None:
                continue
            condition = graph.lift(edge.when(*operands))
            for i, instead in enumerate(edge.partials(*operands, node)):
                partials[i] = f.guard(partials[i], condition, instead)
    conditions: list[Node | None] = [None] * len(operands)
    if primitive.active is not None:
        for i, active in enumerate(primitive.active(*operands, node)):
            condition = graph.lift(active)
            conditions[i] = None if condition.constant else condition
    return partials, conditions


def _is_never(condition: Node | None) -> bool:
    return condition is not None and condition.constant == 0.0


def vjp(
    root: Node,
    cotangent: Node | float,
    targets: Sequence[Node],
    *,
    guarded: bool = True,
    fast: bool = False,
    strong: bool = True,
) -> list[Node]:
    """The reverse sweep: ``cotangent`` times the derivative of ``root`` toward each target.

    Args:
        root: the function.
        cotangent: what multiplies the derivative, usually 1.
        targets: variables of the same graph.
        guarded: whether edge points get their declared derivative; printers do without.
        fast: take the forms of rules that are right to 1e-15 absolute and save a transcendental function, for training.
        strong: keep a branch that is not taken at 0 all the way.  Without it the graph is half as large, and the same
            wherever all that is multiplied is finite: an infinite slope behind such a branch gives nan.
    """
    graph = root.graph
    order = toposort([root])
    relevant = dependents(order, targets)
    zero = graph.constant(0.0)
    cotangents: dict[Node, Node] = {root: graph.lift(cotangent)}
    # The condition under which a cotangent is alive; None means always.
    active: dict[Node, Node | None] = {root: None}
    # The condition outside of which a cotangent means nothing yet.  It is masked, with 0, where it meets a cotangent
    # of another condition, and at the targets; not in every operation on the way.
    unmasked: dict[Node, Node | None] = {root: None}

    def masked(cotangent: Node, condition: Node | None) -> Node:
        return cotangent if condition is None else graph.lift(f.where(condition, cotangent, zero))

    for node in reversed(order):
        if node not in relevant or node not in cotangents or node.primitive is None:
            continue
        first = len(graph.nodes)
        partials, conditions = local_partials(node, guarded=guarded, fast=fast)
        arriving, alive = cotangents[node], active[node]
        for i in differentiable_operands(node):
            operand, condition = node.operands[i], conditions[i]
            if operand not in relevant or _is_never(condition):
                continue
            contribution = graph.lift(arriving * partials[i])
            if alive is not None:
                condition = alive if condition is None else graph.lift(f.logical_and(alive, condition))
            if not strong:
                contribution, condition = masked(contribution, condition), None
            if operand not in cotangents:
                cotangents[operand], active[operand], unmasked[operand] = contribution, condition, condition
            elif active[operand] is condition is unmasked[operand]:
                cotangents[operand] = cotangents[operand] + contribution
            else:
                before = active[operand]
                cotangents[operand] = masked(cotangents[operand], unmasked[operand]) + masked(contribution, condition)
                active[operand] = None if before is None or condition is None else f.logical_or(before, condition)
                unmasked[operand] = None
        graph.trace_back(first, node)
    first = len(graph.nodes)
    found = [masked(cotangents[target], unmasked[target]) if target in cotangents else zero for target in targets]
    graph.trace_back(first, root)
    return found


def jvp(root: Node, tangents: Mapping[Node, Node | float], *, guarded: bool = True, fast: bool = False) -> Node:
    """The forward sweep: the derivative of ``root`` along a direction.

    Args:
        root: the function.
        tangents: variable -> its tangent; other variables do not move.
        guarded: whether edge points get their declared derivative.
        fast: take the forms of rules that save a transcendental function.
    """
    graph = root.graph
    order = toposort([root])
    relevant = dependents(order, tangents)
    zero = graph.constant(0.0)
    moving: dict[Node, Node] = {node: graph.lift(tangent) for node, tangent in tangents.items()}
    for node in order:
        if node not in relevant or node in moving:
            continue
        first = len(graph.nodes)
        partials, conditions = local_partials(node, guarded=guarded, fast=fast)
        total: Node | None = None
        for i in differentiable_operands(node):
            operand, condition = node.operands[i], conditions[i]
            if operand not in relevant or _is_never(condition):
                continue
            contribution = partials[i] * moving[operand]
            if condition is not None:
                contribution = f.where(condition, contribution, zero)
            total = contribution if total is None else total + contribution
        moving[node] = zero if total is None else total
        graph.trace_back(first, node)
    return moving.get(root, zero)


def no_value_no_derivative(derivative: Node, primal: Node) -> Node:
    """The derivative, but nan where the function itself is nan."""
    nan = derivative.graph.constant(float("nan"))
    return f.guard(derivative, f.not_equal(primal, primal), nan)  # type: ignore[no-any-return]


def gradient(root: Node, targets: Sequence[Node], *, guarded: bool = True) -> list[Node]:
    """The partial derivatives of ``root`` toward each target, by one reverse sweep.

    >>> from gradcli.graph import Graph
    >>> graph = Graph()
    >>> x = graph.variable("x")
    >>> gradient(x * x, [x], guarded=False)[0] is x + x
    True
    """
    partials = vjp(root, 1.0, targets, guarded=guarded)
    return [no_value_no_derivative(partial, root) for partial in partials] if guarded else partials


def derivative(root: Node, target: Node, order: int = 1, *, guarded: bool = True) -> Node:
    """The derivative of the given order toward one variable, by repeated forward sweeps.

    Raises:
        ValueError: the order is negative.
    """
    if order < 0:
        raise ValueError("the order of a derivative is a natural number")
    result = root
    for _ in range(order):
        result = jvp(result, {target: 1.0}, guarded=guarded)
    return no_value_no_derivative(result, root) if guarded and order else result
