"""The derivative rule of a primitive, traced: the only reader of `partials`, `fast_partials`, `active` and `edges`.

A rule is called once for each number of operands, on variables of a graph of its own.  This graph is the trace, and
everything else runs the trace: on the nodes of a graph to differentiate it (`local_partials`), on floats
(`gradcli.execute.float_rules`), and on arrays and tensors (`gradcli.execute.array_rules`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from gradcli.errors import CallError
from gradcli.graph.graph import Graph, Node, toposort
from gradcli.primitives import ArrayFunction, Edge, Primitive
from gradcli.primitives import functions as f
from gradcli.records import NamedTuple

__all__ = ["TracedEdge", "TracedRule", "differentiable_operands", "local_partials", "traced_rule"]


class TracedEdge(NamedTuple):
    """An edge of a primitive.

    Attributes:
        edge: its declaration.
        condition: whether the operands lie on it.
        partials: the derivatives at the edge; None if the formula of the rule is right there.
    """

    edge: Edge
    condition: Node
    partials: tuple[Node, ...] | None


class TracedRule:
    """The rule of one primitive at a fixed number of operands.

    Attributes:
        graph: the graph of all its nodes.
        inputs: the variables for the operands, and then for the output.
        partials: the formula of the derivative with respect to each operand.
        guarded: the same formulas, with the declared derivatives at edges.
        edges: the edges in their order; if several apply, the first one counts.
        selected: the condition under which each operand is selected; None means always.
        conditions: the positions of the operands that are never differentiated: conditions and static operands.

    >>> from gradcli.primitives import REGISTRY
    >>> traced_rule(REGISTRY["div"], 2).partials
    [<node 4: div(3, 1)>, <node 6: neg(5)>]
    """

    __slots__ = ("_programs", "conditions", "edges", "graph", "guarded", "inputs", "partials", "selected")

    def __init__(self, primitive: Primitive, count: int, fast: bool) -> None:
        self.graph = graph = Graph()
        operands = [graph.fresh_variable(f"operand {i}") for i in range(count)]
        self.inputs = inputs = [*operands, graph.fresh_variable("output")]
        formula = primitive.fast_partials if fast and primitive.fast_partials is not None else primitive.partials
        self.partials = [graph.lift(partial) for partial in formula(*inputs)]
        self.guarded = list(self.partials)
        traced: dict[Edge, tuple[Node, ...]] = {}
        for edge in reversed(primitive.edges):
            if edge.partials is not None:
                condition = graph.lift(edge.when(*operands))
                instead = traced[edge] = tuple([graph.lift(partial) for partial in edge.partials(*inputs)])
                self.guarded = [f.guard(*one) for one in zip(self.guarded, [condition] * count, instead, strict=True)]
        self.selected: list[Node | None] = [None] * count
        self.conditions = frozenset(range(len(primitive.static)))
        if primitive.active is not None:
            flags = [graph.lift(flag) for flag in primitive.active(*inputs)]
            self.selected = [None if flag.constant else flag for flag in flags]
            self.conditions |= {i for i, flag in enumerate(flags) if flag.constant == 0.0}
        # The edges come last, so that the nodes of the rule itself are made in the order of the rule.
        self.edges = [TracedEdge(one, graph.lift(one.when(*operands)), traced.get(one)) for one in primitive.edges]
        self._programs: dict[bool, tuple[list[tuple[Any, list[int], Any]], list[int]]] = {}

    def apply(self, inputs: Sequence[Node], guarded: bool) -> tuple[list[Node], list[Node | None]]:
        """Return the partials and the conditions for nodes of another graph: the operands, then the output."""
        if guarded not in self._programs:
            roots = [*(self.guarded if guarded else self.partials), *[one for one in self.selected if one is not None]]
            order = [*self.inputs, *[node for node in toposort(roots) if not node.is_variable]]
            slots = {node: slot for slot, node in enumerate(order)}
            steps = [
                (node.primitive, [slots[operand] for operand in node.operands], node.constant)
                for node in order[len(self.inputs) :]
            ]
            self._programs[guarded] = steps, [slots[root] for root in roots]
        graph, values = inputs[0].graph, list(inputs)
        program, outputs = self._programs[guarded]
        for primitive, operands, constant in program:
            if primitive is None:
                values.append(graph.constant(constant))
            else:
                values.append(graph.apply(primitive, [values[i] for i in operands]))
        found = iter([values[i] for i in outputs])
        partials = [next(found) for _ in self.partials]
        conditions = [None if one is None else next(found) for one in self.selected]
        return partials, [None if one is not None and one.constant else one for one in conditions]


@cache
def traced_rule(primitive: Primitive, count: int, fast: bool = False) -> TracedRule:
    """The rule of a primitive for ``count`` operands, traced at the first use.

    Args:
        primitive: a function of numbers.
        count: the number of its operands.
        fast: whether to use the form that calls fewer transcendental functions, if the primitive has one; its absolute
            error may be 1e-15.
    """
    return TracedRule(primitive, count, fast)


def differentiable_operands(node: Node) -> Sequence[int]:
    """The positions of the operands through which a derivative passes."""
    primitive = node.primitive
    if primitive is None or primitive.is_locally_constant:
        return ()
    return range(0 if isinstance(primitive, ArrayFunction) else len(primitive.static), len(node.operands))


def local_partials(node: Node, *, guarded: bool, fast: bool = False) -> tuple[list[Node], list[Node | None]]:
    """The partial derivatives of one operation and, for each operand, the condition under which it is selected.

    A condition of None means always.

    Raises:
        CallError: the operation is a function of arrays, which has no derivative as a graph.
    """
    primitive = node.primitive
    assert primitive is not None
    if isinstance(primitive, ArrayFunction):
        raise CallError(f"the function of arrays `{primitive.name}` has no derivative as a graph")
    return traced_rule(primitive, len(node.operands), fast).apply([*node.operands, node], guarded)
