"""A net as graphs of numbers, which the engine of machine code compiles.

`row_graph` is the loss of one row with its derivatives with respect to all parameters, made by the registry's rules.
`update_graph` is the formula of an optimiser for one parameter.  The formulas of layers, losses and optimisers are not
written a second time: the same functions are called with nodes."""

from __future__ import annotations

import functools
import itertools
import math
import operator
from collections.abc import Mapping, Sequence
from typing import Any

from gradcli.execute.program import Program
from gradcli.execute.tape import Tape
from gradcli.graph import Graph, Node
from gradcli.graph.differentiate import vjp
from gradcli.nn.loss_formulas import TracedScores
from gradcli.optim.clipping import clipping_factor
from gradcli.optim.optimizers import Method
from gradcli.primitives import functions as f
from gradcli.records import NamedTuple
from gradcli.train.engines.scalars import Scalars, weights_of
from gradcli.train.model.model import Model

__all__ = ["Update", "clipping_graph", "penalty_graph", "row_graph", "sample_graphs", "update_graph"]


def row_graph(model: Model, *, dropped: bool, derivatives: bool, weighted: bool = False) -> Program:
    """Return the loss of one row and its derivatives, as a program that adds them up over all rows.

    The columns are the inputs of the net, the target, the weight of the row if ``weighted``, the factors of the random
    layers if ``dropped``, and the share of the row in the mean: 1/rows, or 0 for a row that only fills up a vector.
    The uniforms are the parameters.  The sums are the loss; the number of right classes or the squared errors; and with
    ``derivatives`` the derivatives of the mean loss with respect to each parameter.
    """
    graph = Graph()
    inputs = [graph.fresh_variable(f"input {number}") for number in range(model.sizes[0])]
    target, share = graph.fresh_variable("target"), graph.fresh_variable("share")
    parameters = [graph.fresh_variable(f"parameter {number}") for number in range(model.count)]
    factors = [
        Scalars([graph.fresh_variable(f"factor of {number}, {place}") for place in range(math.prod(placed.outputs))])
        for number, placed in enumerate(model.random if dropped else ())
    ]
    *_, outputs = model.through(Scalars(inputs, (1, *model.plan[0].inputs)), weights_of(model, parameters), factors)
    scores: list[Node] = outputs.elements
    loss = graph.lift(model.loss_function.row(scores, target, model.classes, TracedScores))
    weight = [graph.fresh_variable("weight")] if weighted else []
    if weighted:
        loss = loss * weight[0]
    counts = f.greater(share, 0.0)
    roots = [f.where(counts, loss, 0.0), f.where(counts, measure_of(model, scores, target), 0.0)]
    if derivatives:
        roots += vjp(loss, share, parameters, fast=True, strong=False)
    columns = [*inputs, target, *weight, *itertools.chain.from_iterable(one.elements for one in factors), share]
    return Program(Tape(map(graph.lift, roots), [*columns, *parameters]), len(columns))


def sample_graphs(model: Model) -> list[Tape]:
    """Return small graphs that hold every operation of the graph of a row."""
    graph = Graph()
    outputs = model.outputs if model.labels is not None else 1
    scores = [graph.fresh_variable(f"score {number}") for number in range(outputs)]
    target, signal = graph.fresh_variable("target"), graph.fresh_variable("signal")
    roots = [graph.lift(model.loss_function.row(scores, target, model.classes, TracedScores))]
    formulas = {placed.spec: placed for placed in model.plan if placed.kind.pointwise}
    roots += [graph.lift(placed(signal)) for placed in formulas.values()]
    partials = [one for root in roots for one in vjp(root, 1.0, [*scores, signal], fast=True, strong=False)]
    return [Tape([*roots, *partials])]


def measure_of(model: Model, scores: Sequence[Node], target: Node) -> Any:
    """Return, for one row, whether the predicted class is right; for a number, the square of the error."""
    if model.labels is None:
        return f.square(scores[0] - target)
    if len(scores) == 1:
        return f.equal(f.greater(scores[0], 0.0), target)
    best: Any = scores[0]
    chosen: Any = 0.0
    for number, score in enumerate(scores[1:], 1):
        larger = f.greater(score, best)
        best, chosen = f.where(larger, score, best), f.where(larger, float(number), chosen)
    return f.equal(chosen, target)


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
