"""A compiled kernel gives the same bits wherever a row stands and whoever computes it, and writes nowhere else."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from gradcli.execute.memory import fresh_arrays
from gradcli.execute.numpy_kernel import BlockKernel
from gradcli.execute.program import Program
from gradcli.execute.tape import Tape
from gradcli.graph import Graph, Node
from gradcli.graph.differentiate import gradient
from gradcli.primitives import REGISTRY
from gradcli.primitives import functions as f
from tests.support.checking import EDGES
from tests.support.kernel_checking import has_code

pytest.importorskip("llvmlite")

from gradcli.execute.llvm import LLVMKernel
from gradcli.execute.llvm import row_loop as kernel
from gradcli.execute.llvm.host import host

NOTHING = np.empty(0)
MACHINES = [host(bits, vector_math) for bits in (512, 256, 128) for vector_math in (True, False) if bits <= host().bits]


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


@pytest.mark.parametrize("machine", MACHINES, ids=lambda one: f"{one.bits}-{one.vector_math}")
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_row_has_the_same_bits_wherever_it_stands(machine: Any, dtype: str) -> None:
    made = LLVMKernel(program(mixed, 2, dtype=dtype), machine)
    columns = [column.astype(dtype) for column in rows(203)]
    whole = run(made, columns)
    for start, stop in [(0, 1), (1, 2), (3, 20), (100, 203), (202, 203), (17, 17 + made.lanes), (5, 5)]:
        part = run(made, [column[start:stop] for column in columns])
        assert np.array_equal(part, whole[:, start:stop])


UNARY = [name for name, one in REGISTRY.items() if one.arity == 1 and has_code(one)]


@pytest.mark.parametrize("machine", MACHINES, ids=lambda one: f"{one.bits}-{one.vector_math}")
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", UNARY)
def test_a_row_has_the_same_bits_whatever_stands_beside_it(name: str, machine: Any, dtype: str) -> None:
    made = LLVMKernel(program(lambda x: [REGISTRY[name](x)], 1, dtype=dtype), machine)
    box = REGISTRY[name].samples[0][0]
    plain = np.random.default_rng(1).uniform(*box, 8 * len(EDGES)).astype(dtype)
    expected = run(made, [plain])
    beside = plain.copy()
    with np.errstate(over="ignore"):
        beside[::2] = np.resize(np.array(EDGES, dtype), len(plain) // 2)
    got = run(made, [beside])
    assert np.array_equal(got[0, 1::2], expected[0, 1::2])


def test_results_do_not_depend_on_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    made = LLVMKernel(program(lambda x, y: [*mixed(x, y), x * y, x - y], 2))
    columns = rows(5 * kernel.RANGE_ROWS + 11)
    expected = run(made, columns, threads=1)
    for threads in (2, 3, 8):
        assert np.array_equal(run(made, columns, threads=threads), expected)
    assert np.array_equal(expected[3:], [columns[0] * columns[1], columns[0] - columns[1]])
    monkeypatch.setattr(kernel, "COPIED_ROWS", 4096)
    apart = run(made, [np.stack([column, column], axis=1)[:, 1] for column in columns], threads=2)
    assert np.array_equal(apart, expected)


def test_threads_may_call_one_kernel_at_once() -> None:
    made = LLVMKernel(program(mixed, 2))
    columns = rows(40_000)
    expected = run(LLVMKernel(program(mixed, 2)), columns, threads=1)
    found: list[Any] = []
    callers = [threading.Thread(target=lambda: found.append(run(made, columns, threads=2))) for _ in range(6)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(found) == 6
    assert all(np.array_equal(one, expected) for one in found)


@pytest.mark.parametrize("limit", [0, 1 << 60])
@pytest.mark.parametrize("offset", [0, 1, 5])
def test_results_written_past_the_caches_are_the_same(monkeypatch: pytest.MonkeyPatch, limit: int, offset: int) -> None:
    monkeypatch.setattr(kernel, "STREAMED_BYTES", limit)
    made = LLVMKernel(program(mixed, 2))
    columns = rows(50_001)
    expected = run(LLVMKernel(program(mixed, 2)), columns)
    blocks = fresh_arrays(3, (50_020,), "float64")
    for block in blocks:
        block[:] = 7.0
    made.run(columns, NOTHING, [block[offset : offset + 50_001] for block in blocks], 2)
    for block, wanted in zip(blocks, expected, strict=True):
        assert np.array_equal(block[offset : offset + 50_001], wanted)
        assert (block[:offset] == 7.0).all()
        assert (block[offset + 50_001 :] == 7.0).all()
    assert list(made.functions) == [not limit]


LAYOUTS: list[tuple[str, Callable[[Any], Any]]] = [
    ("every second", lambda column: np.repeat(column, 2)[::2]),
    ("backwards", lambda column: column[::-1].copy()[::-1]),
    ("of a table", lambda column: np.stack([column] * 3, axis=1)[:, 1]),
    ("not aligned to a register", lambda column: np.concatenate([[0.0], column])[1:]),
    ("read only", lambda column: np.frombuffer(column.tobytes())),
]


@pytest.mark.parametrize(("name", "laid_out"), LAYOUTS, ids=[name for name, _ in LAYOUTS])
def test_columns_and_results_may_lie_in_any_way(name: str, laid_out: Callable[[Any], Any]) -> None:
    made = LLVMKernel(program(mixed, 2))
    columns = rows(20_003)
    expected = run(made, columns)
    results = [laid_out(np.zeros(20_003)) for _ in range(3)]
    if not results[0].flags.writeable:
        results = [np.zeros(20_003) for _ in range(3)]
    made.run([laid_out(column) for column in columns], NOTHING, results)
    assert np.array_equal(np.array(results), expected)


def test_uniforms_and_what_is_computed_of_them_alone() -> None:
    formula = lambda x, a, b: [x * f.exp(a) + b, f.polygamma(20.0, b), x, 3.0]  # noqa: E731
    made = LLVMKernel(program(formula, 1, 2))  # polygamma of this order has no compiled form, and needs none here
    column, uniforms = rows(33, 1), np.array([0.5, 2.0])
    results = run(made, column, uniforms)
    expected = run(BlockKernel(program(formula, 1, 2)), column, uniforms)
    assert np.allclose(results, expected, rtol=1e-15)
    assert (results[3] == 3.0).all()


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, kernel.RANGE_ROWS, kernel.RANGE_ROWS + 1, 3 * kernel.RANGE_ROWS - 1])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_there_may_be_any_number_of_rows(count: int, dtype: str) -> None:
    made = LLVMKernel(program(lambda x, y: [x * y, x * 0.0 + 1.0, x], 2, dtype=dtype))
    x, y = (column.astype(dtype) for column in rows(count))
    results = run(made, [x, y])
    assert results.dtype == dtype
    assert np.array_equal(results, [x * y, np.ones(count), x])


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
    monkeypatch.setattr(kernel, "PART_SIZE", size)
    cut = LLVMKernel(program(chain(100), 2))
    assert np.array_equal(run(cut, columns), expected)
    assert (cut.scratch > 0) == (size < 1000)


def test_places_in_scratch_memory_are_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "PART_SIZE", 10)
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


@pytest.mark.skipif(host().bits < 512 or not host().triple.startswith("x86"), reason="AVX-512 is needed")
def test_the_widest_registers_are_used() -> None:
    made = LLVMKernel(program(lambda x, y: [x * y + 1.0], 2))
    from gradcli.execute.llvm.host import load
    from gradcli.execute.llvm.machine_code import _machine

    assembly = _machine(made._module).emit_assembly(load().parse_assembly(made._module.text()))
    assert "zmm" in assembly
    assert "vfmadd" not in assembly  # products and sums are rounded one by one
