"""Programs of two and more variables, and their results by a kernel."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradcli.execute.program import Program
from gradcli.execute.tape import Tape
from gradcli.graph import Graph, Node
from gradcli.graph.differentiate import gradient
from gradcli.primitives import functions as f

__all__ = ["NOTHING", "mixed", "program", "rows", "run"]

NOTHING = np.empty(0)


def program(formula: Callable[..., Any], columns: int, uniforms: int = 0, *, dtype: str = "float64") -> Program:
    """A program of a formula of variables; what it returns are the outputs."""
    graph = Graph()
    variables = [graph.variable(f"x{i}") for i in range(columns + uniforms)]
    return Program(Tape([graph.lift(one) for one in formula(*variables)], variables), columns, dtype)


def mixed(x: Node, y: Node) -> Sequence[Node]:
    value = x * y + f.sin(x) / f.exp(y) + f.log(x * x + 1.0)
    return [value, *gradient(value, [x, y])]


def run(made: Any, columns: Sequence[Any], uniforms: Any = NOTHING, threads: int | None = None) -> Any:
    """The results, one below the other."""
    results = np.full((len(made.program.tape.outputs), len(columns[0])), math.nan, made.program.dtype)
    made.run(columns, uniforms, list(results), threads)
    return results


def rows(count: int, columns: int = 2) -> list[Any]:
    return list(np.random.default_rng(0).uniform(-2.0, 2.0, (columns, count)))
