"""A large program as functions: which sums each of them adds to, and what they keep for each other."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("llvmlite")

from gradcli.execute.llvm.emitter import LLVMModule
from gradcli.execute.llvm.host import host
from gradcli.execute.llvm.program_parts import FITS, LARGE_TILE, PART_SIZE, TILE, ProgramParts
from gradcli.execute.program import Program
from gradcli.execute.tape import Tape
from gradcli.graph import Graph, Node
from gradcli.primitives import functions as f


def chain(length: int, sums: int) -> Program:
    """A chain of sines from a column; its end is the first two sums, and the sums of its values follow."""
    x = Graph().variable("x")
    nodes: list[Node] = [x]
    for _ in range(length):
        nodes.append(f.sin(nodes[-1]))
    outputs = [nodes[-1], nodes[-1], *nodes[1 : sums - 1]]
    return Program(Tape(outputs, [x]), 1, sums=sums)


def functions_of(program: Program) -> tuple[ProgramParts, list[str]]:
    module = LLVMModule(host(), "float64")
    parts = ProgramParts(module, "row", program)
    return parts, re.findall(r"define internal void @row\.\d+.*?\n\}", module.text(), re.DOTALL)


@pytest.mark.parametrize("length", [1, PART_SIZE, PART_SIZE + 1, 5 * PART_SIZE])
def test_there_are_as_many_functions_as_the_operations_need(length: int) -> None:
    parts, functions = functions_of(chain(length, 2))
    assert parts.count == parts.forward == len(functions) == -(-length // PART_SIZE)


def test_one_value_goes_from_each_function_of_a_chain_to_the_next() -> None:
    parts, functions = functions_of(chain(4 * PART_SIZE, 2))
    assert parts.kept == 3
    assert [text.count("%vectors, i64") for text in functions] == [1, 2, 2, 1]


def test_the_functions_that_lead_to_the_first_two_sums_add_to_no_other() -> None:
    parts, functions = functions_of(chain(2 * PART_SIZE, 6))
    added = [set(map(int, re.findall(r"%after(\d+)", text))) for text in functions]
    assert parts.forward < parts.count
    assert set().union(*added[: parts.forward]) == {0, 1}
    assert set().union(*added[parts.forward :]) == {2, 3, 4, 5}


def test_a_program_that_fits_into_the_cache_runs_on_fewer_vectors_at_a_time() -> None:
    assert functions_of(chain(FITS, 2))[0].tile == TILE
    assert functions_of(chain(FITS + 1, 2))[0].tile == LARGE_TILE
