"""`gradcli.execute.llvm.program_parts`: a large program as functions of bounded length, which keep for each other."""

from __future__ import annotations

import re
from typing import Any

import pytest

pytest.importorskip("llvmlite")

from gradcli.execute.llvm.emitter import LLVMModule
from gradcli.execute.llvm.host import host
from gradcli.execute.llvm.program_parts import FITS, LARGE_TILE, PART_SIZE, TILE, ProgramParts
from gradcli.execute.program import Program
from gradcli.execute.tape import Tape
from gradcli.graph import Graph
from gradcli.primitives import functions as f


def chain(length: int, sums: int) -> Program:
    """A column times a uniform, again and again; the first two sums are of its middle, the others of its end."""
    graph = Graph()
    x, a = graph.variable("x"), graph.variable("a")
    values: list[Any] = [a * x]
    for _ in range(length - 1):
        values.append(a * values[-1])
    middle = values[length // 2]
    return Program(Tape([middle, middle, *[values[-1]] * (sums - 2)], [x, a]), 1)


def cut(program: Program) -> tuple[ProgramParts, dict[int, list[str]]]:
    """The parts, and the lines of each function."""
    module = LLVMModule(host(), "float64", contract=True)
    parts = ProgramParts(module, "part", program)
    functions = re.findall(r"@part\.(\d+)\([^\n]*\{\n(.*?)\n\}", module.text(), re.DOTALL)
    return parts, {int(number): body.splitlines() for number, body in functions}


@pytest.mark.parametrize(
    ("length", "sums", "forward", "count"),
    [
        (10, 2, 1, 1),
        (10, 3, 1, 2),
        (2 * PART_SIZE, 2, 2, 2),
        (2 * PART_SIZE, 3, 2, 3),
        (6 * PART_SIZE, 3, 4, 7),
    ],
)
def test_the_first_two_sums_come_first_and_no_function_is_longer_than_a_part(
    length: int, sums: int, forward: int, count: int
) -> None:
    program = chain(length, sums)
    parts, functions = cut(program)
    assert (parts.forward, parts.count) == (forward, count)
    assert sorted(functions) == list(range(count))
    sizes = [sum("fmul" in line for line in lines) for lines in functions.values()]
    assert max(sizes) <= PART_SIZE
    assert sum(sizes) == len(program.tape.instructions)


def test_a_sum_is_added_to_once_and_in_a_function_that_its_readers_run() -> None:
    parts, functions = cut(chain(2 * PART_SIZE, 5))
    found = {number: re.findall(r"%after(\d+) = fadd", "\n".join(lines)) for number, lines in functions.items()}
    forward = [total for number in range(parts.forward) for total in found[number]]
    backward = [total for number in range(parts.forward, parts.count) for total in found[number]]
    assert sorted(forward) == ["0", "1"]
    assert sorted(backward) == ["2", "3", "4"]


def test_only_what_another_part_needs_is_kept_and_each_such_value_is_stored_once() -> None:
    assert cut(chain(PART_SIZE, 2))[0].kept == 0
    parts, functions = cut(chain(2 * PART_SIZE, 3))
    assert parts.kept == parts.count - 1  # of a chain each part hands on its last value
    text = "\n".join(line for lines in functions.values() for line in lines)
    uses = [sum("ptr %vectors, i64" in line for line in lines) for _, lines in sorted(functions.items())]
    assert uses == [1, 2, 1]  # each part but the first loads one, and each but the last stores one
    lanes = host().lanes("float64")
    places = {int(place) // lanes for place in re.findall(r"ptr %vectors, i64 (\d+)", text)}
    assert places == set(range(parts.kept))


@pytest.mark.parametrize(("length", "tile"), [(FITS, TILE), (FITS + 2, LARGE_TILE)])
def test_functions_that_leave_the_instruction_cache_run_on_more_rows_at_a_time(length: int, tile: int) -> None:
    assert cut(chain(length, 3))[0].tile == tile


def test_a_sum_of_a_constant_or_a_variable_is_added_too_and_one_of_0_is_not() -> None:
    graph = Graph()
    x, a = graph.variable("x"), graph.variable("a")
    program = Program(Tape([f.sin(x), graph.constant(1.0), x, a, graph.constant(0.0)], [x, a]), 1)
    _, functions = cut(program)
    text = "\n".join(line for lines in functions.values() for line in lines)
    assert sorted(re.findall(r"%after(\d+) = fadd", text)) == ["0", "1", "2", "3"]
