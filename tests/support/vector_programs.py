"""Programs of vectors for tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gradcli.execute.bundles import Bundles, VectorProgram
from gradcli.execute.tape import Tape
from gradcli.graph import Graph, Node


def vector_program(
    make: Callable[[Sequence[Node]], Sequence[Node]],
    lengths: Sequence[int],
    terms: int = 0,
    largest: float = 1e100,
    dtype: str = "float64",
) -> VectorProgram:
    """A program of vectors.

    Args:
        make: a function from the variables to the results, and after these the terms that are checked.
        lengths: the lengths of the vectors.
        terms: the number of terms.
        largest: the bound of the condition.
        dtype: the type of all numbers.
    """
    graph = Graph()
    variables = [graph.variable(f"x{i}") for i in range(sum(lengths))]
    tape = Tape([graph.lift(one) for one in make(variables)], variables)
    results = len(tape.outputs) - terms
    return VectorProgram(Bundles(tape), tuple(lengths), results, largest, dtype)


def always(_: Sequence[float]) -> bool:
    """Say that a function has a value."""
    return True


def never(_: Sequence[float]) -> bool:
    """Say that a function has no value."""
    return False
