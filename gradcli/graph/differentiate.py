"""The derivative of a graph as a graph: a reverse sweep (`vjp`) and a forward sweep (`jvp`).

Both ask the registry for the partial derivatives of each operation and name no function of mathematics.  Partials are
formed only toward operands that depend on a target.  Where a primitive selects among its operands, a contribution is
``where(active, cotangent * partial, 0)``: a branch that is not taken contributes exactly 0, even if its slope is
infinite or nan.  An edge of a primitive becomes a ``guard`` around the formula.

Differentiating again is applying the same function again.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Final

from gradcli.graph import Graph, Node, collector_at_rest, toposort
from gradcli.primitives import ArrayFunction, Primitive
from gradcli.primitives import functions as f

__all__ = ["derivative", "gradient", "jvp", "vjp"]


def differentiable_operands(node: Node) -> Sequence[int]:
    """The positions of the operands through which a derivative passes."""
    primitive = node.primitive
    if primitive is None or primitive.is_locally_constant:
        return ()
    return range(0 if isinstance(primitive, ArrayFunction) else len(primitive.static), len(node.operands))


def dependents(order: Iterable[Node], targets: Iterable[Node]) -> set[Node]:
    """The nodes of a topological order through which a derivative reaches one of the targets."""
    found = set(targets)
    for node in order:
        for i in differentiable_operands(node):
            if node.operands[i] in found:
                found.add(node)
                break
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


def _both(first: Node | None, second: Node | None) -> Node | None:
    """The conjunction of two conditions; None is one that always holds."""
    if first is None or second is None:
        return second if first is None else first
    return f.logical_and(first, second)  # type: ignore[no-any-return]


def _masked(flow: Node, condition: Node | None) -> Node:
    """A cotangent or a tangent where it is alive, and 0 elsewhere."""
    return flow if condition is None else f.where(condition, flow, 0.0)


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
    return [found for found, _ in _sweep_back(root, cotangent, targets, guarded, fast, strong)]


@collector_at_rest()
def _sweep_back(
    root: Node, cotangent: Node | float, targets: Sequence[Node], guarded: bool, fast: bool = False, strong: bool = True
) -> list[tuple[Node, bool]]:
    """The derivative toward each target, and whether it has a factor that is nan where the root is.

    Such a factor enters at the root, and reaches a target if nothing is masked on the way.
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
    telling: set[Node] = set()

    for node in reversed(order):
        if node not in relevant or node not in cotangents or node.primitive is None:
            continue
        first = len(graph.nodes)
        partials, conditions = local_partials(node, guarded=guarded, fast=fast)
        arriving, alive = cotangents[node], active[node]
        tells = undefined_partials(node.primitive, len(partials)) if node is root else frozenset(range(len(partials)))
        for i in differentiable_operands(node):
            operand, condition = node.operands[i], conditions[i]
            if operand not in relevant or _is_never(condition):
                continue
            if condition is None and i in tells and (node is root or node in telling):
                telling.add(operand)
            contribution = graph.lift(arriving * partials[i])
            condition = _both(alive, condition)
            if not strong:
                contribution, condition = _masked(contribution, condition), None
            if operand not in cotangents:
                cotangents[operand], active[operand], unmasked[operand] = contribution, condition, condition
            elif active[operand] is condition is unmasked[operand]:
                cotangents[operand] = cotangents[operand] + contribution
            else:
                before = active[operand]
                cotangents[operand] = _masked(cotangents[operand], unmasked[operand]) + _masked(contribution, condition)
                active[operand] = None if before is None or condition is None else f.logical_or(before, condition)
                unmasked[operand] = None
        graph.trace_back(first, node)
    first = len(graph.nodes)
    found = [
        (_masked(cotangents[target], unmasked[target]), target in telling) if target in cotangents else (zero, False)
        for target in targets
    ]
    graph.trace_back(first, root)
    return found


@collector_at_rest()
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
    moving: dict[Node, Node] = {node: graph.lift(tangent) for node, tangent in tangents.items()}
    # As in the reverse sweep: where a tangent is alive, and outside of what it means nothing yet; None means always.
    active: dict[Node, Node | None] = dict.fromkeys(moving)
    unmasked: dict[Node, Node | None] = dict.fromkeys(moving)
    for node in order:
        if node not in relevant or node in moving:
            continue
        first = len(graph.nodes)
        partials, conditions = local_partials(node, guarded=guarded, fast=fast)
        total: Node | None = None
        alive: Node | None = None
        outside: Node | None = None
        for i in differentiable_operands(node):
            operand, condition = node.operands[i], conditions[i]
            if operand not in relevant or _is_never(condition):
                continue
            contribution = graph.lift(partials[i] * moving[operand])
            condition = _both(active[operand], condition)
            if total is None:
                total, alive, outside = contribution, condition, condition
            elif alive is condition is outside:
                total = total + contribution
            else:
                total = _masked(total, outside) + _masked(contribution, condition)
                alive = None if alive is None or condition is None else f.logical_or(alive, condition)
                outside = None
        # What selects among several operands always takes one of them.
        selected = [node.operands[i] for i, condition in enumerate(conditions) if not _is_never(condition)]
        if len(selected) > 1 and all(operand in moving and active[operand] is None for operand in selected):
            alive = outside
        moving[node], active[node], unmasked[node] = graph.constant(0.0) if total is None else total, alive, outside
        graph.trace_back(first, node)
    if root not in moving:
        return graph.constant(0.0)
    first = len(graph.nodes)
    result = _masked(moving[root], unmasked[root])
    graph.trace_back(first, root)
    return result


def no_value_no_derivative(derivative: Node, primal: Node) -> Node:
    """The derivative, but nan where the function itself is nan."""
    nan = derivative.graph.constant(float("nan"))
    return f.guard(derivative, f.not_equal(primal, primal), nan)  # type: ignore[no-any-return]


#: Numbers at which a function of IEEE arithmetic that can give nan does: specials, and both sides of ends of domains.
_TELLING: Final = (0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0, 1e300, -1e300, math.inf, -math.inf, math.nan)


@cache
def undefined_partials(primitive: Primitive | ArrayFunction, count: int) -> frozenset[int]:
    """The operands toward which the partial derivative is nan by itself wherever the output is nan.

    It is tried at all combinations of the numbers of `_TELLING`; of more than two operands nothing is claimed.

    Args:
        primitive: what is differentiated.
        count: the number of its operands.

    >>> from gradcli.primitives import REGISTRY
    >>> [sorted(undefined_partials(REGISTRY[name], count)) for name, count in (("sin", 1), ("log", 1), ("div", 2))]
    [[0], [], [1]]
    """
    if isinstance(primitive, ArrayFunction) or primitive.static or primitive.is_locally_constant or count > 2:
        return frozenset()
    graph = Graph()
    operands = [graph.fresh_variable(f"operand {i}") for i in range(count)]
    output = graph.add(primitive, operands)
    partials, _ = local_partials(output, guarded=True)
    order = toposort([output, *partials])
    found = set(range(count))
    for point in itertools.product(_TELLING, repeat=count):
        if primitive.value(*point) == primitive.value(*point):
            continue
        values = dict(zip(operands, point, strict=True))
        for node in order:
            if node.constant is not None:
                values[node] = node.constant
            elif isinstance(node.primitive, Primitive):
                values[node] = node.primitive.value(*[values[operand] for operand in node.operands])
        found -= {i for i, partial in enumerate(partials) if values[partial] == values[partial]}
    return frozenset(found)


def gradient(root: Node, targets: Sequence[Node], *, guarded: bool = True) -> list[Node]:
    """The partial derivatives of ``root`` toward each target, by one reverse sweep.

    Where the function is nan, so are they: by a guard, unless they have a factor that is nan then.

    >>> from gradcli.graph import Graph
    >>> graph = Graph()
    >>> x = graph.variable("x")
    >>> gradient(x * x, [x], guarded=False)[0] is x + x
    True
    """
    return [
        partial if is_told or not guarded else no_value_no_derivative(partial, root)
        for partial, is_told in _sweep_back(root, 1.0, targets, guarded)
    ]


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
