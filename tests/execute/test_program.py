"""`gradcli.execute.program`: what the slots of a tape are to a kernel, and which programs are the same."""

from __future__ import annotations

from typing import Any

import pytest

from gradcli.execute.program import Program
from gradcli.execute.tape import Tape
from gradcli.graph import Graph
from gradcli.primitives import functions as f


def program(*, swapped: bool = False, number: float = 2.0, **kinds: Any) -> Program:
    """sin(x) + a^2, number*a and their product, of a column x and a uniform a."""
    graph = Graph()
    x, a = graph.variable("x"), graph.variable("a")
    one, other = f.sin(x) + f.square(a), number * a
    roots = [one, other, one * other]
    return Program(Tape(roots[::-1] if swapped else roots, [x, a]), **{"columns": 1, **kinds})


@pytest.mark.parametrize(("columns", "uniforms"), [(1, 1), (2, 0), (0, 2)])
def test_a_variable_that_is_not_a_column_is_a_uniform(columns: int, uniforms: int) -> None:
    assert program(columns=columns).uniforms == uniforms


def test_only_what_depends_on_a_column_differs_from_row_to_row() -> None:
    made = program()
    tape = made.tape
    names = [*"xa", *[repr(one) for one in tape.constants], *[primitive.name for primitive, _ in tape.instructions]]
    varying = {name for name, differs in zip(names, made.varying, strict=True) if differs}
    assert varying == {"x", "sin", "add", "mul"}
    assert [differs for name, differs in zip(names, made.varying, strict=True) if name == "mul"] == [False, True]
    assert not any(program(columns=0).varying)


def test_programs_that_compute_the_same_have_one_key_whatever_their_variables_are_called() -> None:
    graph = Graph()
    u, v = graph.variable("u"), graph.variable("v")
    one, other = f.sin(u) + f.square(v), 2.0 * v
    renamed = Program(Tape([one, other, one * other], [u, v]), 1)
    assert renamed.key == program().key
    assert hash(renamed.key) == hash(program().key)


@pytest.mark.parametrize(
    "changes",
    [
        {"columns": 2},
        {"dtype": "float32"},
        {"swapped": True},
        {"number": 3.0},
        {"number": 2.0000000000000004},
        {"number": -2.0},
    ],
)
def test_programs_that_differ_in_anything_have_different_keys(changes: dict[str, Any]) -> None:
    assert program(**changes).key != program().key


def test_the_two_zeros_are_different_constants() -> None:
    graph = Graph()
    x = graph.variable("x")
    plus, minus = (Program(Tape([graph.add(f.atan2, [x, graph.constant(zero)])], [x]), 1) for zero in (0.0, -0.0))
    assert plus.key != minus.key
