"""The functions that code has of its own are right to the bits that their file promises, on every kind of machine."""

from __future__ import annotations

import math
from typing import Any

import mpmath
import numpy as np
import pytest

pytest.importorskip("llvmlite")

from gradcli.execute.llvm import LLVMKernel
from gradcli.execute.llvm.host import host
from gradcli.execute.program import Program
from gradcli.execute.tape import Tape
from gradcli.graph import Graph
from gradcli.primitives import REGISTRY
from gradcli.primitives import functions as f

MACHINES = [512, 256, 128]
#: Function -> its bound in units in the last place, and ranges of operands.
BOUNDS: dict[str, tuple[float, list[tuple[float, float]]]] = {
    "exp": (1.0, [(-708.0, 709.7), (-1.0, 1.0), (-1e-9, 1e-9)]),
    "log": (
        1.0,
        [(0.96, 1.07), (0.0, 1e-300), (0.5, 2.0), (0.99, 1.01), (0.69, 0.72), (1.4, 1.43), (1.0, 1e10)],
    ),
    "tanh": (2.0, [(-20.0, 20.0), (-1.0, 1.0), (0.3, 0.42), (-1e-9, 1e-9)]),
    "sech": (2.0, [(-20.0, 20.0), (-1.0, 1.0), (0.3, 0.42), (300.0, 708.0)]),
    "sin": (2.0, [(-32767.0, 32767.0), (-10.0, 10.0), (-0.8, 0.8), (-1e-9, 1e-9)]),
    "cos": (2.0, [(-32767.0, 32767.0), (-10.0, 10.0), (-0.8, 0.8), (-1e-9, 1e-9)]),
}


NAMES = [*BOUNDS, "log", "log1p"]


def run(names: list[str], column: list[float], bits: int) -> list[list[float]]:
    """The functions at each number, on a machine with registers of so many bits."""
    x = Graph().variable("x")
    results = [np.empty(len(column)) for _ in names]
    made = kernel_on(bits, Tape([x.graph.add(REGISTRY[name], [x]) for name in names], [x]))
    made.run([np.array(column)], np.empty(0), results)
    return [result.tolist() for result in results]


def kernel_on(bits: int, tape: Tape) -> LLVMKernel:
    """The code of a tape for a machine with registers of so many bits."""
    if bits > host().bits:
        pytest.skip("this machine has narrower registers")
    return LLVMKernel(Program(tape, len(tape.variables)), host(bits))


@pytest.mark.parametrize("bits", MACHINES)
@pytest.mark.parametrize("name", BOUNDS)
def test_doubles_are_right_to_the_bound(name: str, bits: int) -> None:
    most, ranges = BOUNDS[name]
    generator, exact = np.random.default_rng(0), getattr(mpmath, name)
    column: list[float] = []
    for low, high in ranges:
        column += generator.uniform(low, high, 1000).tolist()
    if name in ("sin", "cos"):  # beside the zeros, and at the places where the polynomials change
        column += [k * math.pi / 4.0 for k in range(-2000, 2000)]
    (found,) = run([name], column, bits)
    with mpmath.workdps(40):
        errors = [abs(mpmath.mpf(y) - exact(x)) / math.ulp(float(exact(x))) for x, y in zip(column, found, strict=True)]
    assert max(errors) <= most


@pytest.mark.parametrize("bits", MACHINES)
def test_lengths_are_right_to_one_unit_or_to_what_the_vector_library_promises(bits: int) -> None:
    generator = np.random.default_rng(0)
    sides = generator.uniform(-1.0, 1.0, (2, 3000)) * 2.0 ** generator.integers(-20, 20, (2, 3000))
    sides[:, 2000:] *= 2.0 ** generator.integers(-1040, 1000, 1000)
    graph = Graph()
    x, y = graph.variable("x"), graph.variable("y")
    lengths = [np.empty(3000) for _ in range(3)]
    machine = kernel_on(bits, Tape([f.hypot(x, y), f.hypot(y, x), f.hypot(x, 1.0)], [x, y]))
    machine.run(list(sides), np.empty(0), lengths)
    assert bits < 512 or np.array_equal(lengths[0], lengths[1])
    with mpmath.workdps(40):
        for found, others in ((lengths[0], sides[1]), (lengths[2], np.ones(3000))):
            for one, other, length in zip(sides[0].tolist(), others.tolist(), found.tolist(), strict=True):
                exact = mpmath.hypot(one, other)
                assert abs(length - exact) <= (1.0 if bits == 512 else 2.0) * math.ulp(float(exact)), (one, other)


EXCEPTIONAL = [
    0.0, -0.0, 5e-324, -1e-310, math.inf, -math.inf, math.nan, 1e300, -1e17, 32768.0, 40000.5, 710.0, -746.0, -1.0, 1.0,
    1e-310, -0.5, 2.0**-1022, 1.7e308, 2.0**60,
]  # fmt: skip


@pytest.mark.parametrize("bits", MACHINES)
@pytest.mark.parametrize("name", NAMES)
def test_exceptional_operands_have_the_values_of_floats(name: str, bits: int) -> None:
    (found,) = run([name], EXCEPTIONAL, bits)
    for x, y in zip(EXCEPTIONAL, found, strict=True):
        wanted = REGISTRY[name].value(x)
        assert y == pytest.approx(wanted, rel=1e-15, nan_ok=True), x
        assert math.isnan(wanted) or math.copysign(1.0, y) == math.copysign(1.0, wanted), x


@pytest.mark.parametrize("bits", MACHINES)
@pytest.mark.parametrize("beside", [1e300, 50_000.0, math.inf, math.nan, -800.0, 0.0])
def test_a_row_does_not_depend_on_those_beside_it(beside: float, bits: int) -> None:
    alone: Any = run(NAMES, [0.7] * 8, bits)
    for place in range(8):
        column = [0.7] * 8
        column[place] = beside
        for found, wanted in zip(run(NAMES, column, bits), alone, strict=True):
            assert found[:place] + found[place + 1 :] == wanted[1:]
