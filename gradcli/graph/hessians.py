"""The matrix of second derivatives as graphs: its entries that aren't 0 at every point, and its product with a vector.

A partial derivative that doesn't depend on a variable has the derivative 0 by it.  So the graphs of the partial
derivatives say which entries the matrix has.  A forward sweep for a variable visits only the nodes that depend on this
variable, and gives the entries of a whole column.  The cost is that of the dependences, not of all pairs of variables.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from gradcli import limits
from gradcli.graph.differentiate import (
    Gathered,
    all_keeping_digits,
    dependents,
    first_tangents,
    jvp,
    no_value_no_derivative,
    push_forward,
    vjp,
)
from gradcli.graph.graph import Node, has_kink, paused_collector, toposort
from gradcli.graph.rule import differentiable_operands

__all__ = ["hessian_product", "second_derivatives", "second_partials"]


@paused_collector()
def second_partials(
    partials: Sequence[Node], targets: Sequence[Node], *, is_upper: bool = False
) -> list[dict[int, Node]]:
    """The derivatives of partial derivatives, without those that are 0 at every point.

    Args:
        partials: the partial derivatives, as `vjp` gives them; one for each target.
        targets: the variables.
        is_upper: whether to leave out the entries below the diagonal.

    Returns:
        for each partial derivative a dictionary from positions of targets, in ascending order, to the derivatives with
        respect to these targets.

    Raises:
        LimitError: the graph becomes too large.

    >>> from gradcli.graph import Graph
    >>> from gradcli.graph.differentiate import vjp
    >>> graph = Graph()
    >>> x, y, z = targets = [graph.variable(name) for name in "xyz"]
    >>> [list(row) for row in second_partials(vjp(x * x + x * y + 3 * z, 1.0, targets), targets)]
    [[0, 1], [0], []]
    """
    found: list[dict[int, Node]] = [{} for _ in partials]
    if not partials:
        return found
    graph = partials[0].graph
    if any(map(has_kink, graph.operations)):
        # What is rewritten depends on the variable.
        for i, partial in enumerate(partials):
            order = toposort([partial])
            occurring = {node for node in order if node.is_variable}
            for j, target in enumerate(targets):
                if target in occurring and not (is_upper and j < i):
                    entry = jvp(partial, {target: 1.0})
                    if entry.constant != 0.0:
                        found[i][j] = entry
        return found
    roots = all_keeping_digits(partials)
    rows: defaultdict[Node, list[int]] = defaultdict(list)
    for i, root in enumerate(roots):
        rows[root].append(i)
    users: defaultdict[Node, list[Node]] = defaultdict(list)
    for node in toposort(roots):
        for place in differentiable_operands(node):
            users[node.operands[place]].append(node)
    before = len(graph.nodes)
    for j, target in enumerate(targets):
        if len(graph.nodes) - before > limits.HESSIAN_NODES:
            message = f"the second derivatives are too large: they take more than {limits.HESSIAN_NODES:,} nodes"
            raise limits.refusal("HESSIAN_NODES", message)
        order = _followers(target, users)
        moving = first_tangents({target: 1.0}, order)
        push_forward(order, moving, has_kinks=False)
        for node in (target, *order):
            for i in rows.get(node, ()):
                if not (is_upper and j < i):
                    entry = _masked(moving[node], node)
                    if entry.constant != 0.0:
                        found[i][j] = entry
    return found


def _followers(start: Node, users: defaultdict[Node, list[Node]]) -> list[Node]:
    """The nodes that depend on a node, in topological order, which is the order of their numbers."""
    found: set[Node] = set()
    stack = [start]
    while stack:
        for node in users.get(stack.pop(), ()):
            if node not in found:
                found.add(node)
                stack.append(node)
    return sorted(found, key=lambda node: node.index)


def _masked(tangent: Gathered, root: Node) -> Node:
    first = len(root.graph.nodes)
    result = tangent.masked
    root.graph.trace_back(first, root)
    return result


def second_derivatives(root: Node, targets: Sequence[Node]) -> list[list[Node]]:
    """The upper half of the Hessian: for each target, the derivatives with respect to it and the targets after it.

    Where the function is nan, they are nan, too.

    >>> from gradcli.graph import Graph
    >>> graph = Graph()
    >>> x, y = graph.variable("x"), graph.variable("y")
    >>> [len(row) for row in second_derivatives(x * y, [x, y])]
    [2, 1]
    """
    zero, count = root.graph.constant(0.0), len(targets)
    rows = second_partials(vjp(root, 1.0, targets), targets, is_upper=True)
    return [[no_value_no_derivative(row.get(j, zero), root) for j in range(i, count)] for i, row in enumerate(rows)]


@paused_collector()
def hessian_product(partials: Sequence[Node], tangents: dict[Node, Node]) -> list[Node]:
    """The product of the matrix of second derivatives and a vector, by one forward sweep over all partial derivatives.

    Args:
        partials: the partial derivatives, as `vjp` gives them.
        tangents: a dictionary from the variables to the elements of the vector.

    >>> from gradcli.graph import Graph
    >>> from gradcli.graph.differentiate import vjp
    >>> graph = Graph()
    >>> x, y, v, w = [graph.variable(name) for name in "xyvw"]
    >>> hessian_product(vjp(x * y, 1.0, [x, y]), {x: v, y: w}) == [w, v]
    True
    """
    if not partials:
        return []
    graph = partials[0].graph
    if any(map(has_kink, graph.operations)):
        return [jvp(partial, tangents) for partial in partials]
    roots = all_keeping_digits(partials)
    order = toposort(roots)
    relevant = dependents(order, tangents)
    moving = first_tangents(tangents, [node for node in order if node in relevant])
    push_forward([node for node in order if node in relevant and node not in moving], moving, has_kinks=False)
    zero = graph.constant(0.0)
    return [_masked(moving[root], root) if root in moving else zero for root in roots]
