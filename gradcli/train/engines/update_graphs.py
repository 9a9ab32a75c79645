"""The updates of a parameter as graphs of numbers, which the engine of machine code compiles.

`update_graph` is the formula of an optimiser for one parameter; `penalty_graph` and `clipping_graph` are terms of the
loss and the bound for gradients.  No formula is written a second time: the same functions are called with nodes.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping
from typing import Any

from gradcli.execute.tape import Tape
from gradcli.graph import Graph, Node
from gradcli.graph.differentiate import vjp
from gradcli.optim.clipping import clipping_factor
from gradcli.optim.optimizers import Method
from gradcli.records import NamedTuple
from gradcli.train.model.model import Model

__all__ = ["Update", "clipping_graph", "penalty_graph", "update_graph"]


def penalty_graph(model: Model) -> Tape | None:
    """Return a tape of the penalty on one parameter and its derivative; None for a net without a penalty."""
    parameter = Graph().variable("parameter")
    terms = model.penalties(lambda function: function(parameter))
    if not terms:
        return None
    total = functools.reduce(operator.add, terms)
    return Tape([total, *vjp(total, 1.0, [parameter], fast=True)], [parameter])


def clipping_graph(longest: float | None) -> Tape | None:
    """Return a tape that computes, from the norm of a gradient, the factor that clips it.

    The result is None if gradients aren't clipped.
    """
    if longest is None:
        return None
    norm = Graph().variable("norm")
    return Tape([clipping_factor(norm, longest)], [norm])


class Update(NamedTuple):
    """An update of one parameter by an optimiser.

    Attributes:
        tape: the tape that computes the new parameter and memory from parameter, gradient, learning rate, number of the
            update and memory.
        memory: the names of the arrays that the method keeps.
        first: the first update, counted from 1, for which the tape is right; the method itself does the earlier
            updates.
    """

    tape: Tape
    memory: tuple[str, ...]
    first: int


def update_graph(method: Method, options: Mapping[str, Any]) -> Update | None:
    """Return the formula of a method as a graph; None if no single graph is right for all updates after the first."""
    if method.step is None:
        return None
    names = tuple(method.memory(options))
    graph = Graph()
    parameter, gradient, rate, number = map(graph.variable, ("parameter", "gradient", "rate", "number"))
    memory = {name: graph.fresh_variable(name) for name in names}

    def traced(count: Any) -> list[Node]:
        assert method.step is not None
        after, kept = method.step(parameter, gradient, memory, {**options, "lr": rate}, count)
        return [graph.lift(after), *(graph.lift(kept[name]) for name in names)]

    try:
        roots, first = traced(number), 1
    except TypeError:
        # The method compares the number of the update, and a comparison of nodes has no truth value.
        roots, first = traced(2), 2
        if roots != traced(1_000_000):
            return None
    return Update(Tape(roots, [parameter, gradient, rate, number, *memory.values()]), names, first)
