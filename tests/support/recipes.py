"""A recipe for the compiled loop of training whose numbers can be computed by hand."""

from __future__ import annotations

from typing import Any

from gradcli.execute.llvm.training_code import Recipe
from gradcli.execute.program import Program
from gradcli.execute.tape import Tape
from gradcli.graph import Graph
from gradcli.graph.differentiate import vjp
from gradcli.primitives import functions as f

__all__ = ["regression"]


def regression(
    count: int, power: int = 1, *, penalty: bool = False, clip: float | None = None, shared: bool = True
) -> Recipe:
    """The mean of (tanh(w x + ...)^power - y)^2 with ``count`` parameters, by descent with a momentum."""
    graph = Graph()
    x, y, share = graph.variable("x"), graph.variable("y"), graph.variable("share")
    parameters = [graph.fresh_variable(f"w{number}") for number in range(count)]
    signal: Any = graph.constant(0.0)
    for number, weight in enumerate(parameters):
        signal = signal + weight * f.sin(x * float(number + 1))
    for _ in range(power):
        signal = f.tanh(signal)
    loss = f.square(signal - y)
    roots = [f.where(f.greater(share, 0.0), loss, 0.0), f.where(f.greater(share, 0.0), 1.0, 0.0)]
    row = Program(Tape([*roots, *vjp(loss, share, parameters)], [x, y, share, *parameters]), 3)
    seen = Program(Tape(roots, [x, y, share, *parameters]), 3)
    p = Graph().variable("p")
    term = 0.1 * f.square(p)
    q, g, rate, _, memory = (own := Graph()).variable("p"), *map(own.variable, ("g", "rate", "number", "memory"))
    after = 0.5 * memory + g
    n = Graph().variable("norm")
    return Recipe(
        row,
        None if shared else seen,
        Tape([term, *vjp(term, 1.0, [p])], [p]) if penalty else None,
        None if clip is None else Tape([f.where(f.less(n, clip), 1.0, clip / n)], [n]),
        Tape([q - rate * after, after], [q, g, rate, _, memory]),
    )
