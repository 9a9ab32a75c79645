"""The derivative of a graph as a graph: a reverse sweep (`vjp`) and a forward sweep (`jvp`).

Both apply the traced rule of each operation (`gradcli.graph.rule`) and name no function of mathematics.  Contributions
go only to operands that depend on a target.  Where a primitive selects among its operands, a contribution is
``where(active, cotangent * partial, 0)``: a branch that is not taken contributes exactly 0, even if its slope is
infinite or nan.  An edge of a primitive becomes a ``guard`` around the formula.

To differentiate again, apply the same function again.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

from gradcli import limits
from gradcli.graph.graph import Node, has_kink, paused_collector, toposort, values_at
from gradcli.graph.rule import differentiable_operands, local_partials, traced_rule
from gradcli.primitives import ArrayFunction, Primitive
from gradcli.primitives import functions as f
from gradcli.records import NamedTuple

__all__ = ["check_order", "derivative", "derivatives", "gradient", "jvp", "keeping_digits", "lower_derivatives", "vjp"]

#: The highest order whose derivative comes from a graph of any size; a power series gives higher ones, if there is one.
_BY_GRAPH: Final = 4
#: Higher derivatives come from graphs, too, if each adds at most this many nodes, as that of exp(2*x) does.
_FEW: Final = 12


def dependents(order: Iterable[Node], targets: Iterable[Node]) -> set[Node]:
    """The nodes of a topological order through which a derivative reaches one of the targets."""
    found = set(targets)
    for node in order:
        if not found.isdisjoint([node.operands[i] for i in differentiable_operands(node)]):
            found.add(node)
    return found


def keeping_digits(root: Node) -> Node:
    """The same function in a form whose derivatives keep their digits; the node itself if no rewriting is needed."""
    return all_keeping_digits([root])[0]


def all_keeping_digits(roots: Sequence[Node]) -> Sequence[Node]:
    """The form of `keeping_digits` of several functions on one graph."""
    for primitive, operations in roots[0].graph.operations.items() if roots else ():
        if isinstance(primitive, Primitive) and _is_in_identities(primitive, operations):
            from gradcli.graph.identities import without_cancellation

            return [without_cancellation(root) for root in roots]
    return roots


def _is_in_identities(primitive: Primitive, operations: Iterable[tuple[Node, ...]]) -> bool:
    """Whether a primitive may be a part of an identity.  Most graphs have no such part, and stay as they are."""
    if primitive.complements or primitive.logarithm is not None or primitive.begins_identities:
        return True
    if primitive.exponent is None:
        return False
    for operands in operations:
        base = operands[0]
        if base.primitive is None:
            if primitive is f.pow and base.constant is not None:
                return True  # 2^x is an exponential
        elif base.primitive.infix is None and primitive.exponent(*operands) is not None:
            return True  # the square of a function, as in 1 - sin(x)^2
    return False


def without_kinks(root: Node, targets: Iterable[Node] = ()) -> Node:
    """The same function without kinks that cancel in the whole function; the node itself if no rewriting is needed."""
    if any(map(has_kink, root.graph.operations)):
        from gradcli.graph import kinks

        return kinks.without_kinks(root, tuple(targets))
    return root


def _times(first: Node, second: Node) -> Any:
    """The product of a derivative and a partial.

    For the partial 1/u the product is t/u, because t * (1/u) may overflow if t and u are small.
    """
    for one, other in ((first, second), (second, first)):
        if one.primitive is f.div and one.operands[0].constant is not None:
            return one.operands[0] * other / one.operands[1]
    return first * second


def _has_infinite_partials(node: Node) -> bool:
    """Whether an operation declares points where it has no value, or where its derivative needs a note."""
    return isinstance(node.primitive, Primitive) and (bool(node.primitive.edges) or not node.primitive.is_total)


def _is_never(condition: Node | None) -> bool:
    return condition is not None and condition.constant == 0.0


def _both(first: Node | None, second: Node | None) -> Node | None:
    """Return the condition that both conditions hold; None means a condition that always holds."""
    if first is None or second is None:
        return second if first is None else first
    return f.logical_and(first, second)  # type: ignore[no-any-return]


def _masked(derivative: Node, condition: Node | None) -> Node:
    """A cotangent or a tangent where its condition holds, and 0 elsewhere."""
    return derivative if condition is None else f.where(condition, derivative, 0.0)


def _partials(
    node: Node, has_kinks: bool, guarded: bool, fast: bool
) -> tuple[Sequence[Node], Sequence[Node], Sequence[Node | None]]:
    """The operands through which a derivative passes, their partials, and the conditions that select them."""
    if has_kinks:
        from gradcli.graph.kinks import smooth_partials

        smooth = smooth_partials(node)
        if smooth is not None:
            return *smooth, [None] * len(smooth[0])
    return node.operands, *local_partials(node, guarded=guarded, fast=fast)


class Gathered(NamedTuple):
    """The sum of the contributions to a cotangent or a tangent so far.

    Attributes:
        total: the sum.
        active: the condition under which it counts; None means always.
        unmasked: the condition under which ``total`` is the sum; None means always.  Where the condition is false, the
            sum is 0, whatever ``total`` is.  To save operations, ``total`` is set to 0 there only when a contribution
            with another condition is added, or at the end.
    """

    total: Node
    active: Node | None = None
    unmasked: Node | None = None

    @property
    def masked(self) -> Node:
        """The sum, with 0 wherever no contribution counts."""
        return _masked(self.total, self.unmasked)


def _gather(before: Gathered | None, contribution: Node, condition: Node | None) -> Gathered:
    """Return the sum with one more contribution, which counts under a condition."""
    if before is None:
        return Gathered(contribution, condition, condition)
    if before.active is condition is before.unmasked:
        return Gathered(before.total + contribution, condition, condition)
    total = before.masked + _masked(contribution, condition)
    active = None if before.active is None or condition is None else f.logical_or(before.active, condition)
    return Gathered(total, active)


def vjp(
    root: Node, cotangent: Node | float, targets: Sequence[Node], *, fast: bool = False, strong: bool = True
) -> list[Node]:
    """The reverse sweep: ``cotangent`` times the derivative of ``root`` with respect to each target.

    Args:
        root: the function.
        cotangent: the factor of the derivative, usually 1.
        targets: variables of the same graph.
        fast: whether to use rules that call fewer transcendental functions; their absolute error may be 1e-15, which is
            small enough for training.
        strong: make sure that a branch that is not taken contributes exactly 0.  Without this the graph is half as
            large and gives the same numbers, except that an infinite slope in such a branch gives nan.
    """
    return [found for found, _ in _sweep_back(root, cotangent, targets, True, fast, strong)]


@paused_collector()
def _sweep_back(
    root: Node, cotangent: Node | float, targets: Sequence[Node], guarded: bool, fast: bool = False, strong: bool = True
) -> list[tuple[Node, bool]]:
    """Return each derivative, and whether one of its factors is nan at every point where the root is nan.

    Such a factor comes from the rule of the root, and reaches a target if no mask is on the way.
    """
    typed, graph = root, root.graph
    has_kinks = not fast and any(map(has_kink, graph.operations))
    if has_kinks:
        root = without_kinks(root, targets)
    if guarded and not fast and all(target.is_variable for target in targets):
        root = keeping_digits(root)
    order = toposort([root])
    relevant = dependents(order, targets)
    zero = graph.constant(0.0)
    cotangents: dict[Node, Gathered] = {root: Gathered(graph.lift(cotangent))}
    # The nodes whose cotangent has a factor that is nan wherever the root is.
    undefined: set[Node] = set()

    for node in reversed(order):
        if node not in relevant or node not in cotangents or node.primitive is None:
            continue
        first = len(graph.nodes)
        operands, partials, conditions = _partials(node, has_kinks, guarded, fast)
        arriving = cotangents[node]
        is_root = node is typed and operands is node.operands
        passes = undefined_partials(node.primitive, len(partials)) if is_root else range(len(partials))
        for i in differentiable_operands(node) if operands is node.operands else range(len(operands)):
            operand, condition = operands[i], conditions[i]
            if operand not in relevant or _is_never(condition):
                continue
            # Identities may have made a partial a number: the one of x^1 is 1, also where x is nan.
            is_fixed = is_root and partials[i].constant is not None
            if condition is None and i in passes and not is_fixed and (is_root or node in undefined):
                undefined.add(operand)
            contribution = graph.lift(arriving.total * partials[i] if fast else _times(arriving.total, partials[i]))
            condition = _both(arriving.active, condition)
            if not strong:
                contribution, condition = _masked(contribution, condition), None
            cotangents[operand] = _gather(cotangents.get(operand), contribution, condition)
        graph.trace_back(first, node)
    first = len(graph.nodes)
    found = [
        (cotangents[target].masked, root is typed and target in undefined) if target in cotangents else (zero, False)
        for target in targets
    ]
    graph.trace_back(first, root)
    return found


def first_tangents(tangents: Mapping[Node, Node | float], relevant: Iterable[Node]) -> dict[Node, Gathered]:
    """The tangents that variables move with; without those that are known to be 0.

    Args:
        tangents: a dictionary from variables to their tangents.
        relevant: the nodes that depend on these variables.
    """
    directions = {node: node.graph.lift(tangent) for node, tangent in tangents.items()}
    # A direction of 0 contributes exactly 0, also where a partial is infinite or nan.
    may_be_infinite = any(map(_has_infinite_partials, relevant))
    return {
        node: Gathered(tangent, f.not_equal(tangent, 0.0) if may_be_infinite and tangent.constant is None else None)
        for node, tangent in directions.items()
        if tangent.constant != 0.0
    }


def push_forward(
    order: Iterable[Node], moving: dict[Node, Gathered], has_kinks: bool, guarded: bool = True, fast: bool = False
) -> None:
    """Enter the tangents of nodes, one after the other, into a dictionary that has those of the nodes before them.

    Args:
        order: the nodes that depend on a node that moves, operands before their operations.
        moving: the tangents; nodes that it lacks do not move.
        has_kinks: whether the graph has functions with kinks, which may cancel.
        guarded, fast: as for `jvp`.
    """
    for node in order:
        graph, first = node.graph, len(node.graph.nodes)
        operands, partials, conditions = _partials(node, has_kinks, guarded, fast)
        found: Gathered | None = None
        for i in differentiable_operands(node) if operands is node.operands else range(len(operands)):
            operand, condition = operands[i], conditions[i]
            if operand not in moving or _is_never(condition):
                continue
            tangent = moving[operand]
            contribution = graph.lift(partials[i] * tangent.total if fast else _times(partials[i], tangent.total))
            found = _gather(found, contribution, _both(tangent.active, condition))
        if found is None:
            found = Gathered(graph.constant(0.0))
        # A primitive that selects among several operands always takes one of them.
        selected = [operands[i] for i, condition in enumerate(conditions) if not _is_never(condition)]
        if len(selected) > 1 and all(operand in moving and moving[operand].active is None for operand in selected):
            found = found._replace(active=found.unmasked)
        moving[node] = found
        graph.trace_back(first, node)


@paused_collector()
def jvp(root: Node, tangents: Mapping[Node, Node | float], *, guarded: bool = True, fast: bool = False) -> Node:
    """The forward sweep: the derivative of ``root`` along a direction.

    Args:
        root: the function.
        tangents: a dictionary from variables to their tangents; the tangents of other variables are 0.
        guarded: whether edge points get their declared derivative.
        fast: as for `vjp`.
    """
    graph = root.graph
    has_kinks = not fast and any(map(has_kink, graph.operations))
    if has_kinks:
        root = without_kinks(root, tangents)
    if guarded and not fast and all(target.is_variable for target in tangents):
        root = keeping_digits(root)
    order = toposort([root])
    relevant = dependents(order, tangents)
    moving = first_tangents(tangents, [node for node in order if node in relevant])
    relevant = dependents(order, moving)
    push_forward([node for node in order if node in relevant and node not in moving], moving, has_kinks, guarded, fast)
    if root not in moving:
        return graph.constant(0.0)
    first = len(graph.nodes)
    result = moving[root].masked
    graph.trace_back(first, root)
    return result


def no_value_no_derivative(derivative: Node, primal: Node) -> Node:
    """The derivative, replaced by nan where the function itself is nan."""
    nan = derivative.graph.constant(float("nan"))
    return f.guard(derivative, f.not_equal(primal, primal), nan)  # type: ignore[no-any-return]


#: Special values, and numbers inside and outside of domains: a function that can give nan does so at one of them.
_PROBES: Final = (0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0, 1e300, -1e300, math.inf, -math.inf, math.nan)


@cache
def undefined_partials(primitive: Primitive | ArrayFunction, count: int) -> frozenset[int]:
    """The operands with respect to which the partial derivative is nan by itself wherever the output is nan.

    They are found by trying all combinations of the numbers in `_PROBES`; for more than two operands, the result is
    empty.

    Args:
        primitive: the function to differentiate.
        count: the number of its operands.

    >>> from gradcli.primitives import REGISTRY
    >>> [sorted(undefined_partials(REGISTRY[name], count)) for name, count in (("sin", 1), ("log", 1), ("div", 2))]
    [[0], [], [1]]
    """
    if isinstance(primitive, ArrayFunction) or primitive.static or primitive.is_locally_constant or count > 2:
        return frozenset()
    rule = traced_rule(primitive, count)
    order = toposort(rule.guarded)
    found = set(range(count))
    for point in itertools.product(_PROBES, repeat=count):
        output = primitive.value(*point)
        if output == output:
            continue
        values = values_at(order, dict(zip(rule.inputs, (*point, output), strict=True)))
        found -= {i for i, partial in enumerate(rule.guarded) if values[partial] == values[partial]}
    return frozenset(found)


def gradient(root: Node, targets: Sequence[Node], *, guarded: bool = True) -> list[Node]:
    """The partial derivatives of ``root`` with respect to each target, by one reverse sweep.

    Where the function is nan, the derivatives are nan too.  A guard ensures this, unless a factor is nan there anyway.

    >>> from gradcli.graph import Graph
    >>> graph = Graph()
    >>> x = graph.variable("x")
    >>> gradient(x * x, [x], guarded=False)[0] is x + x
    True
    """
    return [
        partial if is_undefined or not guarded else no_value_no_derivative(partial, root)
        for partial, is_undefined in _sweep_back(root, 1.0, targets, guarded)
    ]


def check_order(order: int) -> None:
    """Refuse an order that is negative or above the bound.

    Raises:
        ValueError: the order is negative.
        LimitError: the order is too high.
    """
    if order < 0:
        raise ValueError("the order of a derivative is a natural number")
    if order > limits.ORDER:
        raise limits.refusal("ORDER", f"the order of a derivative is at most {limits.ORDER:,}, not {order:.12g}")


def derivatives(
    root: Node, target: Node, order: int, *, guarded: bool = True, is_printed: bool = False
) -> Iterator[Node]:
    """Yield the derivatives of order 1 to ``order`` with respect to one variable, by repeated forward sweeps.

    Args:
        root: the function.
        target: the variable.
        order: the highest order.
        guarded: whether edge points get their declared derivative.
        is_printed: whether the last derivative is printed for people, so that the bound on its size is lower.

    Raises:
        ValueError: the order is negative.
        LimitError: the order is too high, or the derivatives become too large.
    """
    check_order(order)
    nodes = root.graph.nodes
    bound = "FORMULA_NODES" if is_printed else "DERIVATIVE_NODES"
    most = limits.FORMULA_NODES if is_printed else limits.DERIVATIVE_NODES
    left = most = max(most, 20 * len(nodes))
    for number in range(1, order + 1):
        left -= len(nodes)
        if left < 0:
            message = (
                f"the derivative of order {order} is too large: up to order {number} it takes more than {most:,} nodes"
            )
            raise limits.refusal(bound, message)
        root = jvp(root, {target: 1.0}, guarded=guarded)
        yield root


def lower_derivatives(root: Node, target: Node, order: int) -> list[Node]:
    """The derivatives from order 1 on whose graphs are small; higher ones may come from a power series.

    Args:
        root: the function.
        target: the variable.
        order: the highest order.

    >>> from gradcli import parse
    >>> for text in ("exp(2*x)", "x/cos(x)"):
    ...     root = parse(text).root
    ...     print(len(lower_derivatives(root, root.graph.variable("x"), 20)))
    20
    4
    """
    found: list[Node] = []
    nodes = root.graph.nodes
    before = len(nodes)
    for one in derivatives(root, target, order):
        if len(found) >= _BY_GRAPH and len(nodes) - before > _FEW:
            break
        found.append(one)
        before = len(nodes)
    return found


def derivative(root: Node, target: Node, order: int = 1, *, guarded: bool = True, is_printed: bool = False) -> Node:
    """The derivative of the given order with respect to one variable: the last one of `derivatives`."""
    result = [root, *derivatives(root, target, order, guarded=guarded, is_printed=is_printed)][-1]
    return no_value_no_derivative(result, root) if guarded and order else result
