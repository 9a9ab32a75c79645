"""The code of a program: cut into functions it computes the same, in little scratch memory and in linear time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from gradcli.execute.program import Program
from gradcli.execute.tape import Tape
from gradcli.graph import Graph, Node
from gradcli.primitives import functions as f
from tests.support.programs import program, rows, run

pytest.importorskip("llvmlite")

from gradcli.execute.llvm import LLVMKernel, loop_code


def chain(length: int) -> Callable[..., Sequence[Node]]:
    """A formula of many operations that need each other."""

    def formula(x: Node, y: Node) -> Sequence[Node]:
        terms = [x, y]
        for i in range(length):
            terms.append(terms[-1] * 0.5 + terms[-1 - i % len(terms)] * y - (x if i % 3 else f.sin(terms[-1])))
        return [terms[-1], terms[length // 2], terms[5]]

    return formula


@pytest.mark.parametrize("size", [7, 50, 1000])
def test_a_tape_cut_into_functions_computes_the_same(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    columns = rows(37)
    expected = run(LLVMKernel(program(chain(100), 2)), columns)
    monkeypatch.setattr(loop_code, "PART_SIZE", size)
    cut = LLVMKernel(program(chain(100), 2))
    assert np.array_equal(run(cut, columns), expected)
    assert (cut.scratch > 0) == (size < 1000)


def test_places_in_scratch_memory_are_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_code, "PART_SIZE", 10)
    graph = Graph()
    x = graph.variable("x")
    value = x
    for _ in range(500):
        value = f.sin(value) + x
    made = LLVMKernel(Program(Tape([value], [x]), 1))
    assert made.scratch <= 3 * made.lanes


def test_compiling_takes_time_in_proportion_to_the_length() -> None:
    """By the text that is compiled, which says the same on every machine."""
    sizes = [LLVMKernel(program(chain(length), 2))._module.size for length in (2_000, 4_000, 8_000)]
    assert sizes[2] / sizes[1] < 2.1
    assert sizes[1] / sizes[0] < 2.1
