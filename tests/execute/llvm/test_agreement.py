"""The executors on floats, NumPy and LLVM agree at every primitive, over its domain, its edges and beyond."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from mpmath import mp

from gradcli.execute.llvm import NoCompiledForm
from gradcli.execute.numpy_kernel import BlockKernel
from gradcli.execute.program import Program
from gradcli.execute.tape import Tape
from gradcli.graph import Graph
from gradcli.primitives import REGISTRY, Primitive
from tests.support.checking import EDGES, heads, points, rounding
from tests.support.kernel_checking import compiled_names
from tests.support.loops import for_each

pytest.importorskip("llvmlite")

from gradcli.execute.llvm import LLVMKernel
from gradcli.execute.llvm.host import host

#: Bits of a register, and whether there is a library of vector mathematics.
MACHINES = [(512, True), (256, True), (128, True), (512, False), (128, False)]
#: Units in the last place of the value.
UNITS = 4.0
#: Functions with a kernel for arrays; one without has no compiled form.
COMPILED = compiled_names()
#: The same for what consists of several functions, each of which may be wrong by so much.
COMPOSED = {
    **dict.fromkeys(("sigmoid_derivative", "direction_slope", "power_derivative"), 16.0),
    **dict.fromkeys(("reciprocal_real", "reciprocal_imaginary", "sinc_derivative"), 16.0),
}
#: Of two zeros, either may be chosen.
EITHER_ZERO = {"saturated"}


def _product_terms(m: float, n: float, x: float, y: float) -> float:
    size = abs(x) ** (y - m) if 1e-100 < x < 1e100 and abs(y) < 3.0 else 0.0
    return size * (1.0 + abs(y * math.log(x))) if size and n else 0.0


#: What is a sum of terms that may cancel -> the size of the largest.
TERMS: dict[str, Callable[..., float]] = {
    "sinc_derivative": lambda n, x: 3.0**n / max(abs(x), 1.0),
    "power_derivative": _product_terms,
    "erfc_excess": lambda x: 4.0 * max(1.0, abs(x)) if x <= 3.0 else 0.0,
    "reciprocal_real": lambda n, x, y: math.hypot(x, y) ** -n if 1e-100 < math.hypot(x, y) < 1e100 else 0.0,
    "reciprocal_imaginary": lambda n, x, y: math.hypot(x, y) ** -n if 1e-100 < math.hypot(x, y) < 1e100 else 0.0,
}

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def program_of(primitive: Primitive, static: tuple[float, ...], dtype: str = "float64") -> Program:
    """A program that applies a primitive to columns."""
    graph = Graph()
    columns = [graph.variable(f"x{i}") for i in range(primitive.arity - len(static))]
    root = graph.add(primitive, [*map(graph.constant, static), *columns])
    return Program(Tape([root], columns), len(columns), dtype)


def values(kernel: Any, chosen: list[tuple[float, ...]], free: int, dtype: str = "float64") -> list[float]:
    """What a kernel gives at points, of which the last ``free`` numbers are columns."""
    columns = [np.array(column, dtype) for column in list(zip(*chosen, strict=True))[-free:]]
    result = np.empty(len(chosen), dtype)
    kernel.run(columns, np.empty(0, dtype), [result], 1)
    found: list[float] = result.tolist()
    return found


def agree(primitive: Primitive, point: tuple[float, ...], got: float, wanted: float) -> bool:
    if got != got or wanted != wanted:
        return got != got and wanted != wanted
    if got == wanted:
        return primitive.name in EITHER_ZERO or math.copysign(1.0, got) == math.copysign(1.0, wanted)
    if math.isinf(got) or math.isinf(wanted):
        return False
    name = primitive.name
    size = max(abs(wanted), TERMS[name](*point) if name in TERMS else 0.0)
    # x sigmoid(x) of a denormal sigmoid; code keeps digits that the float kernel of gelu_tanh has lost.
    smallest = 32.0 * math.ulp(0.0) if name == "gelu_tanh" else 0.0
    return abs(got - wanted) <= rounding(primitive, size, COMPOSED.get(name, UNITS)) + smallest


def kernel_on(program: Program, bits: int, vector_math: bool) -> LLVMKernel:
    if bits > host().bits:
        pytest.skip("the processor has narrower registers")
    return LLVMKernel(program, host(bits, vector_math))


@functools.cache
def expected(name: str, static: tuple[float, ...]) -> list[tuple[tuple[float, ...], float]]:
    primitive = REGISTRY[name]
    return [(point, primitive.value(*point)) for point in points(primitive, static)]


@for_each(("bits", "vector_math"), MACHINES)
@for_each("name", COMPILED)
def test_compiled_code_gives_what_floats_give(name: str, bits: int, vector_math: bool) -> None:
    primitive = REGISTRY[name]
    for static in heads(primitive):
        kernel = kernel_on(program_of(primitive, static), bits, vector_math)
        table = expected(name, static)
        got = values(kernel, [point for point, _ in table], primitive.arity - len(static))
        wrong = [
            (point, one, wanted)
            for (point, wanted), one in zip(table, got, strict=True)
            if not agree(primitive, point, one, wanted)
        ]
        assert not wrong[:5]


@for_each("name", COMPILED)
def test_compiled_code_gives_what_numpy_gives(name: str) -> None:
    primitive = REGISTRY[name]
    for static in heads(primitive):
        program = program_of(primitive, static)
        chosen, free = [point for point, _ in expected(name, static)], primitive.arity - len(static)
        compiled, blocks = values(LLVMKernel(program), chosen, free), values(BlockKernel(program), chosen, free)
        for point, one, other in zip(chosen, compiled, blocks, strict=True):
            assert agree(primitive, point, one, other) or abs(one - other) <= 64.0 * math.ulp(other), point


@for_each("number", [0.5, 2.0, 0.0, -1.5, 1.0, math.inf])
@for_each("name", [name for name in COMPILED if REGISTRY[name].arity - len(REGISTRY[name].static) > 1])
def test_a_number_beside_columns_changes_nothing(name: str, number: float) -> None:
    primitive = REGISTRY[name]
    for static in heads(primitive):
        for place in range(len(static), primitive.arity):
            graph = Graph()
            columns = [graph.variable(f"x{i}") for i in range(primitive.arity - len(static) - 1)]
            operands = [*map(graph.constant, static), *columns]
            operands.insert(place, graph.constant(number))
            kernel = LLVMKernel(Program(Tape([graph.add(primitive, operands)], columns), len(columns)))
            chosen = list(itertools.product(EDGES, repeat=len(columns)))[::3]
            for point, got in zip(chosen, values(kernel, chosen, len(columns)), strict=True):
                whole = (*static, *point[: place - len(static)], number, *point[place - len(static) :])
                assert agree(primitive, whole, got, primitive.value(*whole)), (whole, got, primitive.value(*whole))


HIGH_ORDERS = {"polygamma": (9.0,), "gamma_derivative": (10.0,), "sinc_derivative": (5.0,), "reciprocal_real": (101.0,)}


@pytest.mark.parametrize("name", HIGH_ORDERS)
def test_orders_that_have_no_compiled_form_say_so(name: str) -> None:
    with pytest.raises(NoCompiledForm, match=rf"^{name} has no compiled form$"):
        LLVMKernel(program_of(REGISTRY[name], HIGH_ORDERS[name]))


@pytest.mark.parametrize("name", ["polygamma", "gamma_derivative", "power_derivative", "sigmoid_derivative"])
def test_higher_orders_of_a_family_of_derivatives(name: str) -> None:
    primitive = REGISTRY[name]
    for order in (3.0, 4.0, 8.0):
        static = (order, *[0.0] * (len(primitive.static) - 1))
        free = primitive.arity - len(static)
        chosen = [(*static, *[x, 2.5][:free]) for x in (-2.6, -0.3, 0.2, 1.0, 1.46, 2.0, 7.5, 40.5, 1e8, math.inf)]
        for point, got in zip(chosen, values(LLVMKernel(program_of(primitive, static)), chosen, free), strict=True):
            assert math.isclose(got, primitive.value(*point), rel_tol=1e-11) or got != got != primitive.value(*point)


def moved(primitive: Primitive, point: tuple[float, ...], amount: float) -> float:
    """How far the value moves if an operand does, or what rounding does to it."""
    here, found = primitive.value(*point), 0.0
    for i, x in enumerate(point):
        for factor in (1.0 - amount, 1.0 + amount):
            there = primitive.value(*point[:i], x * factor, *point[i + 1 :])
            found = max(found, abs(there - here)) if math.isfinite(there) else found
    return found


@functools.lru_cache(maxsize=4)
def expected_of_32_bits(name: str, static: tuple[float, ...]) -> list[tuple[tuple[float, ...], float, float]]:
    """Points of numbers of 32 bits, the value at each, and how far code may be from it where it is finite."""
    primitive, kind, table = REGISTRY[name], np.float32, []
    largest, precision = float(np.finfo(kind).max), float(np.finfo(kind).eps)
    for given in points(primitive, static):
        point = (*static, *(float(kind(x)) for x in given[len(static) :]))
        wanted, bound = float(kind(primitive.value(*point))), 0.0
        if math.isfinite(wanted):
            size = max(abs(wanted), TERMS[name](*point) if name in TERMS else 0.0)
            bound = COMPOSED.get(name, UNITS) * float(np.spacing(kind(min(size, largest))))
            bound += moved(primitive, point, 4.0 * precision)
        table.append((point, wanted, bound))
    return table


@for_each(("bits", "vector_math"), MACHINES)
@for_each("name", COMPILED)
def test_numbers_of_32_bits_are_computed_to_their_accuracy(name: str, bits: int, vector_math: bool) -> None:
    primitive, largest = REGISTRY[name], float(np.finfo(np.float32).max)
    for static in heads(primitive):
        kernel = kernel_on(program_of(primitive, static, "float32"), bits, vector_math)
        table = expected_of_32_bits(name, static)
        found = values(kernel, [point for point, _, _ in table], primitive.arity - len(static), "float32")
        for (point, wanted, bound), got in zip(table, found, strict=True):
            if got != got or wanted != wanted:
                assert got != got, point
                assert wanted != wanted, point
            elif math.isinf(got) or math.isinf(wanted):
                assert got == wanted or min(abs(got), abs(wanted)) > 0.01 * largest, point
            else:
                assert abs(got - wanted) <= bound, (point, got, wanted)


@pytest.mark.parametrize(("bits", "vector_math"), MACHINES)
def test_the_exponential_is_right_to_a_unit_in_the_last_place(bits: int, vector_math: bool) -> None:
    kernel = kernel_on(program_of(REGISTRY["exp"], ()), bits, vector_math)
    chosen = [(x,) for x in (*np.linspace(-745.5, 709.7, 500).tolist(), *np.linspace(-1.0, 1.0, 200).tolist())]
    with mp.workdps(30):
        for (x,), got in zip(chosen, values(kernel, chosen, 1), strict=True):
            assert abs(mp.exp(x) - got) <= math.ulp(got), x


EXACT: list[tuple[str, list[tuple[float, ...]]]] = [
    ("cbrt", [(float(i**3),) for i in range(-2000, 2001)]),
    ("gamma", [(float(i),) for i in range(1, 19)]),
    ("factorial", [(float(i),) for i in range(18)]),
    ("exp2", [(float(i),) for i in range(-100, 100)]),
    ("log2", [(2.0**i,) for i in range(-100, 100)]),
    ("pow", [(float(i), float(j)) for i in range(-20, 21) for j in range(9)]),
    ("hypot", [(3.0 * i, 4.0 * i) for i in range(30)]),
    *[(name, [(0.0,), (-0.0,)]) for name in ("exp", "cos", "cosh", "sec", "sech", "sigmoid", "erfc", "sinc")],
]


@for_each("bits", [512, 256, 128])
@for_each(("name", "chosen"), EXACT, ids=[name for name, _ in EXACT])
def test_what_is_a_whole_number_is_exact(name: str, chosen: list[tuple[float, ...]], bits: int) -> None:
    kernel = kernel_on(program_of(REGISTRY[name], ()), bits, True)
    assert values(kernel, chosen, len(chosen[0])) == [REGISTRY[name].value(*point) for point in chosen]
