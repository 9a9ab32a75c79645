"""Recipes for the compiled loop of training whose numbers can be computed by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradcli.execute.llvm.training_code import Recipe
from gradcli.execute.program import Program
from gradcli.execute.staged import Link, Pair, Stage, StagedNet
from gradcli.execute.tape import Tape
from gradcli.graph import Graph
from gradcli.graph.differentiate import vjp
from gradcli.primitives import functions as f

__all__ = ["dense", "function_stage", "net_of", "regression"]


def dense(inputs: int, outputs: int, start: int = 0) -> Link:
    """A layer in which every output is a sum over all inputs."""
    return Link(outputs, 1, inputs, 1, 1, (Pair(0, 0, 0),), start)


def function_stage(source: Any, features: int, power: int) -> Stage:
    """A stage that applies tanh several times to each number; none at all for 0."""
    if not power:
        return Stage(source, features, None)
    graph = Graph()
    number = value = graph.variable("number")
    for _ in range(power):
        value = f.tanh(value)
    tape = Tape([value, *vjp(value, 1.0, [number])], [number])
    return Stage(source, features, tape, (), tape)


def net_of(inputs: int, stages: Sequence[Stage]) -> StagedNet:
    """A net whose loss is the mean of the squared distance of the sum of its outputs to a target."""
    count = sum(stage.source.outputs * (stage.source.weights + 1) for stage in stages if isinstance(stage.source, Link))
    graph = Graph()
    scores = [graph.fresh_variable(f"score {number}") for number in range(stages[-1].features)]
    target, share = graph.variable("target"), graph.variable("share")
    total: Any = scores[0]
    for score in scores[1:]:
        total = total + score
    loss = f.square(total - target)
    roots = [f.where(f.greater(share, 0.0), loss, 0.0), f.where(f.greater(share, 0.0), 1.0, 0.0)]
    columns = [*scores, target, share]
    every = Program(Tape([*roots, *vjp(loss, share, scores)], columns), len(columns))
    return StagedNet(inputs, tuple(stages), count, 0, every, False, Program(Tape(roots, columns), len(columns)))


def regression(count: int, power: int = 1, *, penalty: bool = False, clip: float | None = None) -> Recipe:
    """The mean of (tanh(w x + b)^power - y)^2 with ``count`` weights and a bias, by descent with a momentum."""
    net = net_of(count, [function_stage(dense(count, 1), 1, power)])
    p = Graph().variable("p")
    term = 0.1 * f.square(p)
    q, g, rate, _, memory = (own := Graph()).variable("p"), *map(own.variable, ("g", "rate", "number", "memory"))
    after = 0.5 * memory + g
    n = Graph().variable("norm")
    return Recipe(
        net,
        Tape([term, *vjp(term, 1.0, [p])], [p]) if penalty else None,
        None if clip is None else Tape([f.where(f.less(n, clip), 1.0, clip / n)], [n]),
        Tape([q - rate * after, after], [q, g, rate, _, memory]),
    )
