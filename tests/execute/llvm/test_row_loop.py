"""A compiled kernel gives the same bits wherever a row stands and whoever computes it, and writes nowhere else."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradcli.execute.memory import fresh_arrays
from gradcli.execute.numpy_kernel import BlockKernel
from gradcli.primitives import REGISTRY
from gradcli.primitives import functions as f
from tests.support.checking import EDGES
from tests.support.kernel_checking import compiled_names
from tests.support.loops import for_each
from tests.support.programs import NOTHING, mixed, program, rows, run

pytest.importorskip("llvmlite")

from gradcli.execute.llvm import LLVMKernel
from gradcli.execute.llvm import row_loop as kernel
from gradcli.execute.llvm.host import host

MACHINES = [host(bits, vector_math) for bits in (512, 256, 128) for vector_math in (True, False) if bits <= host().bits]


@pytest.mark.parametrize("machine", MACHINES, ids=lambda one: f"{one.bits}-{one.vector_math}")
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_row_has_the_same_bits_wherever_it_stands(machine: Any, dtype: str) -> None:
    made = LLVMKernel(program(mixed, 2, dtype=dtype), machine)
    columns = [column.astype(dtype) for column in rows(203)]
    whole = run(made, columns)
    for start, stop in [(0, 1), (1, 2), (3, 20), (100, 203), (202, 203), (17, 17 + made.lanes), (5, 5)]:
        part = run(made, [column[start:stop] for column in columns])
        assert np.array_equal(part, whole[:, start:stop])


UNARY = [name for name in compiled_names() if REGISTRY[name].arity == 1]


@for_each("machine", MACHINES, ids=lambda one: f"{one.bits}-{one.vector_math}")
@for_each("dtype", ["float64", "float32"])
@for_each("name", UNARY)
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


def many(x: Any, y: Any, shared: Any) -> list[Any]:
    """Functions whose code may be written in place of their calls, some with a branch."""
    some = f.sin(x) * f.cos(y * 3e4) + f.exp(-(x * x)) * f.tanh(y)
    return [some, f.log(x * x + 1.0) - f.log1p(f.abs(y)), f.sech(x) + f.tanh(x), f.where(f.less(x, y), some, shared)]


@pytest.mark.parametrize("machine", MACHINES, ids=lambda one: f"{one.bits}-{one.vector_math}")
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_woven_code_gives_the_same_bits(machine: Any, dtype: str) -> None:
    made, columns = LLVMKernel(program(many, 2, 1, dtype=dtype), machine), [one.astype(dtype) for one in rows(1027, 3)]
    shared = np.array([columns[2][0]], dtype)
    made.few_rows = 0
    expected = run(made, columns[:2], shared)
    assert not made.is_woven
    made.done = kernel._WOVEN_WORK + 1
    assert made.is_woven
    for count in (1027, 64, 65, 1, 2 * made.lanes, 2 * made.lanes + 1):
        got = run(made, [one[:count] for one in columns[:2]], shared)
        assert np.array_equal(got, expected[:, :count])
    assert {True, False} == {is_woven for _, is_woven in made.functions}


#: Zeros, denormal numbers, ends of the ranges in which quotients and lengths need no care, infinity and nan.
EXTREME = [0.0, 5e-324, 1e-310, 2.0**-1022, 2.0**-969, 2.0**-500, 2.0**-460, 0.3, 1.0, 3.7, 2.0**500, 1e300, 1.7e308]


def divided(x: Any, y: Any) -> list[Any]:
    """Several quotients with one divisor, lengths, and slopes of lengths in both orders."""
    around = [f.hypot(x, y), f.hypot(y, 1.0), f.direction(x, y), f.direction(y, x), f.direction_slope(x, y)]
    return [x / y, 1.0 / y, (x + 1.0) / y, f.sin(x) / y, (x * y) / (x - y), -0.0 / (x - y), f.log(x) / (x - y), *around]


@pytest.mark.parametrize("bits", [512, 256])
def test_woven_code_gives_the_same_bits_for_all_pairs_of_extreme_numbers(bits: int) -> None:
    if bits > host().bits:
        pytest.skip("this machine has narrower registers")
    numbers = [*EXTREME, *[-one for one in EXTREME], math.inf, -math.inf, math.nan]
    numbers += np.random.default_rng(0).standard_normal(20).tolist()
    columns = [column.ravel() for column in np.meshgrid(numbers, numbers)]
    made = LLVMKernel(program(divided, 2), host(bits))
    made.few_rows = 0
    with np.errstate(all="ignore"):
        expected = run(made, columns)
        made.done = kernel._WOVEN_WORK + 1
        found = run(made, columns)
        x, y = columns
        known = [x / y, 1.0 / y, (x + 1.0) / y]
    assert np.array_equal(found, expected, equal_nan=True)
    # A nan has no sign that means something, but 0 has.
    assert np.array_equal(np.signbit(found) & ~np.isnan(found), np.signbit(expected) & ~np.isnan(expected))
    assert np.array_equal(found[:3], known, equal_nan=True)


def test_code_is_woven_after_some_work_if_it_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "_WOVEN_WORK", 100_000)
    columns = rows(5000)
    for length, is_woven in ((1, True), (200, False)):

        def chain(x: Any, y: Any, length: int = length) -> list[Any]:
            for _ in range(length):
                x = x * 0.5 + y
            return [x]

        made = LLVMKernel(program(chain, 2))
        first = run(made, columns)
        assert not made.is_woven
        for _ in range(100_000 // (5000 * made.work) + 1):
            run(made, columns)
        assert made.is_woven == is_woven
        assert np.array_equal(run(made, columns), first)


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
    assert [streams for streams, _ in made.functions] == [not limit]


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


@pytest.mark.skipif(host().bits < 512 or not host().triple.startswith("x86"), reason="AVX-512 is needed")
def test_the_widest_registers_are_used() -> None:
    made = LLVMKernel(program(lambda x, y: [x * y + 1.0], 2))
    from gradcli.execute.llvm.host import load
    from gradcli.execute.llvm.machine_code import _machine

    assembly = _machine(made._module).emit_assembly(load().parse_assembly(made._module.text()))
    assert "zmm" in assembly
    assert "vfmadd" not in assembly  # products and sums are rounded one by one
