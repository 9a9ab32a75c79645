"""Calls for few rows: ufuncs and functions of numbers give the bits of a kernel, and refuse what they can't take."""

from __future__ import annotations

import gc
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

from gradcli.execute.program import Program
from gradcli.execute.tape import Tape
from gradcli.graph import Graph, Node
from gradcli.primitives import functions as f
from tests.support.loops import for_each
from tests.support.programs import mixed, program, rows, run

pytest.importorskip("llvmlite")

from gradcli.execute.llvm import LLVMKernel
from gradcli.execute.llvm.calls import Calls
from gradcli.execute.llvm.host import host


def wanted(one: Program, columns: Any) -> Any:
    return run(LLVMKernel(one), list(columns), np.empty(0, one.dtype))


MACHINES = [host(bits) for bits in (512, 256, 128) if bits <= host().bits]


def long(x: Node, y: Node) -> list[Node]:
    """A formula whose code is cut into several functions, which keep values in scratch memory."""
    terms = [x]
    for k in range(900):
        terms.append(terms[-1] * 0.5 + y * float(k) - terms[k // 2])
    return [terms[-1] + terms[1], *terms[-3:]]


@for_each("machine", MACHINES, ids=lambda one: str(one.bits))
@for_each("dtype", ["float64", "float32"])
@for_each("count", [0, 1, 7, 8, 16, 127, 128, 129, 1000])
def test_every_way_of_calling_gives_the_bits_of_a_kernel(machine: Any, dtype: str, count: int) -> None:
    one, matrix = program(mixed, 2, dtype=dtype), np.array(rows(count)).astype(dtype)
    calls = Calls(one, machine)
    found = np.stack(calls.ufunc(*matrix))
    assert found.dtype == dtype
    assert np.array_equal(calls.of_matrix(matrix), found)
    if machine == host():
        assert np.array_equal(found, wanted(one, matrix))
    for place in range(min(count, 3)):
        assert calls.point(*matrix[:, place].tolist()) == found[:, place].tolist()


def test_a_long_program_keeps_its_values_on_the_stack() -> None:
    one, matrix = program(long, 2), np.array(rows(300))
    calls = Calls(one)
    assert calls.fits
    assert np.array_equal(calls.of_matrix(matrix), wanted(one, matrix), equal_nan=True)


LAYOUTS: dict[str, Callable[[Any], Any]] = {
    "every second row": lambda matrix: matrix[:, ::2],
    "backward": lambda matrix: matrix[:, ::-1],
    "in the order of Fortran": np.asfortranarray,
    "a part": lambda matrix: matrix[:, 3:90],
    "one row for all": lambda matrix: np.broadcast_to(matrix[:, :1], (2, 50)),
    "in the middle of a record": lambda matrix: (
        matrix.T.copy().view([("x", "f8"), ("y", "f8")])["y"][:, 0] * np.ones((2, 1))
    ),
    "integers": lambda matrix: np.arange(20).reshape(2, 10),
    "numbers of 32 bits": lambda matrix: matrix.astype("f4"),
    "several at once": lambda matrix: matrix[:, :60].reshape(2, 3, 20).transpose(1, 0, 2),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_arrays_of_any_layout(layout: str) -> None:
    one = program(mixed, 2)
    calls, matrix = Calls(one), LAYOUTS[layout](np.array(rows(200)))
    found = calls.of_matrix(matrix)
    stacked = [matrix] if matrix.ndim == 2 else matrix
    for part, result in zip(stacked, [found] if matrix.ndim == 2 else found, strict=True):
        assert np.array_equal(result, wanted(one, np.array(part, float)))
        assert np.array_equal(np.stack(calls.ufunc(*part)), result)


def test_results_are_written_into_out_even_over_the_operands() -> None:
    one, matrix = program(mixed, 2), np.array(rows(100))
    calls, exact = Calls(one), wanted(one, np.array(rows(100)))
    out = np.zeros((3, 250))
    assert calls.of_matrix(matrix, out[:, 50:150]).base is out
    assert np.array_equal(out[:, 50:150], exact)
    assert not out[:, :50].any()
    assert not out[:, 150:].any()
    shared = np.vstack([matrix, np.zeros(100)])
    calls.ufunc(shared[0], shared[1], out=(shared[1], shared[0], shared[2]))
    assert np.array_equal(shared[[1, 0, 2]], exact)


def test_scalars_broadcast_and_the_methods_of_ufuncs_work() -> None:
    calls = Calls(program(lambda x, y: [x * y], 2))
    assert calls.ufunc([1.0, 2.0, 3.0], 2.0).tolist() == [2.0, 4.0, 6.0]
    assert calls.ufunc.outer([1.0, 2.0], [3.0, 4.0]).tolist() == [[3.0, 4.0], [6.0, 8.0]]
    factors = np.arange(1.0, 18.0)
    assert calls.ufunc.reduce(factors) == np.multiply.reduce(factors)
    assert np.array_equal(calls.ufunc.accumulate(factors), np.multiply.accumulate(factors))
    assert np.array_equal(calls.ufunc.reduceat(factors, [0, 5, 9]), np.multiply.reduceat(factors, [0, 5, 9]))
    table = np.array(rows(36)).reshape(4, 3, 6)
    for axis in range(3):
        np.testing.assert_allclose(calls.ufunc.reduce(table, axis), np.multiply.reduce(table, axis), rtol=1e-15)


def test_no_warning_is_given() -> None:
    calls = Calls(program(lambda x, y: [x / y, f.log(x), f.exp(x * 1e6)], 2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        calls.ufunc([1.0, 0.0, -1.0], 0.0)
        calls.of_matrix(np.array([[1.0, 0.0, -1.0], [0.0, 0.0, 1e-320]]))


@pytest.mark.parametrize(
    ("numbers", "error"),
    [
        ((1.0,), TypeError),
        ((1.0, 2.0, 3.0), TypeError),
        ((1.0, "a"), TypeError),
        ((None, 1.0), TypeError),
        ((1.0, 1 << 2000), OverflowError),
    ],
)
def test_a_point_of_other_than_numbers_is_an_error(numbers: tuple[Any, ...], error: type[Exception]) -> None:
    with pytest.raises(error):
        Calls(program(mixed, 2)).point(*numbers)


def test_a_point_takes_what_python_takes_for_a_float() -> None:
    class Half:
        def __float__(self) -> float:
            return 0.5

    point = Calls(program(lambda x, y: [x, y], 2)).point
    assert point(-1, True) == [-1.0, 1.0]
    assert point(np.float32(0.25), np.int64(7)) == [0.25, 7.0]
    assert point(Half(), -1.0) == [0.5, -1.0]


def test_an_error_in_a_number_is_the_error_of_the_call() -> None:
    class Odd:
        def __float__(self) -> float:
            raise ZeroDivisionError("odd")

    with pytest.raises(ZeroDivisionError, match="odd"):
        Calls(program(mixed, 2)).point(Odd(), 1.0)


def test_a_call_leaks_nothing() -> None:
    point = Calls(program(mixed, 2)).point
    point(1.0, 2.0)
    gc.collect()
    before = sys.getallocatedblocks()
    for _ in range(3000):
        for numbers in ((1.0, 2.0), (1.0,), (1.0, "a")):
            with suppress(TypeError):
                point(*numbers)
    gc.collect()
    assert sys.getallocatedblocks() - before < 100


def test_a_function_lives_longer_than_its_program() -> None:
    point = Calls(program(mixed, 2)).point
    gc.collect()
    assert point(0.0, 3.0) == [0.0, 3.0 + np.exp(-3.0), 0.0]


def test_too_many_operands_have_no_ufunc_but_a_matrix() -> None:
    graph = Graph()
    variables = [graph.variable(f"x{i}") for i in range(40)]
    total = sum(variables[1:], variables[0])
    calls = Calls(Program(Tape([total, *variables], variables), 40))
    assert calls.ufunc is None
    assert calls.of_matrix(np.ones((40, 3)))[0].tolist() == [40.0] * 3
    assert calls.point(*[1.0] * 40)[0] == 40.0


def test_a_program_of_thousands_of_columns_has_no_quick_calls() -> None:
    graph = Graph()
    variables = [graph.variable(f"x{i}") for i in range(3000)]
    calls = Calls(Program(Tape([sum(variables[1:], variables[0])], variables), 3000))
    assert not calls.fits
    assert (calls.ufunc, calls.of_matrix, calls.point) == (None, None, None)


def test_without_columns_there_is_only_a_point() -> None:
    graph = Graph(folds=False)
    calls = Calls(Program(Tape([graph.constant(2.0) * 3.0], []), 0))
    assert (calls.ufunc, calls.of_matrix) == (None, None)
    assert calls.point() == [6.0]


def test_an_integrand_with_too_few_numbers_is_nan() -> None:
    import ctypes

    integrand = Calls(program(lambda x, y: [x * y], 2)).integrand
    assert integrand(2, (ctypes.c_double * 2)(3.0, 4.0)) == 12.0
    assert np.isnan(integrand(1, (ctypes.c_double * 1)(3.0)))
