"""Special functions in machine code: the bits of floats, on every machine, and while their tables are made."""

from __future__ import annotations

import ctypes
import signal
import time
from typing import Any

import numpy as np
import pytest

pytest.importorskip("llvmlite")

import gradcli
from gradcli import parse
from gradcli.execute.kernel import kernel_for
from gradcli.execute.llvm import LLVMKernel, pieces
from gradcli.execute.llvm.host import host
from gradcli.execute.program import Program
from gradcli.execute.tape import Tape
from gradcli.primitives import REGISTRY
from gradcli.primitives.kernels.bessel_decimals import airy
from gradcli.primitives.kernels.piecewise import Pieces


def program(text: str, dtype: str = "float64") -> Program:
    root = parse(text).root
    names = sorted({node.name for node in _leaves(root)})
    variables = [root.graph.variable(name) for name in names]
    return Program(Tape([root], variables), len(variables), dtype)


def _leaves(root: Any) -> list[Any]:
    from gradcli.graph import toposort

    return [node for node in toposort([root]) if node.primitive is None and node.constant is None]


def run(kernel: Any, *columns: Any, threads: int = 1) -> Any:
    result = np.empty(len(columns[0]), columns[0].dtype)
    kernel.run(list(columns), np.empty(0, columns[0].dtype), [result], threads)
    return result


CASES: list[tuple[str, str, tuple[float, ...], float, float]] = [
    ("besselj(2.5, x)", "besselj", (2.5,), 0.0, 12.0),
    ("gammainc(3, x)", "gammainc", (3.0,), 0.0, 9.0),
    ("erfinv(x)", "erfinv", (), -1.0, 1.0),
    ("lambertw(x)", "lambertw", (), -0.36788, 1.0),
    ("zeta(x)", "zeta", (), 0.9, 1.2),
]


@pytest.mark.parametrize("bits", [512, 256, 128])
@pytest.mark.parametrize(("text", "name", "static", "low", "high"), CASES)
def test_compiled_values_have_the_bits_of_floats(
    text: str, name: str, static: tuple[float, ...], low: float, high: float, bits: int
) -> None:
    x = np.random.default_rng(bits).uniform(low, high, 2001)
    x[:6] = [0.0, -0.0, np.nan, np.inf, -np.inf, 5e-324]
    found = run(LLVMKernel(program(text), host(bits)), x)
    chosen = [*range(6), *range(6, 2001, 40)]
    wanted = [float(REGISTRY[name].value.exact(*static, float(x[i]))) for i in chosen]  # type: ignore[attr-defined]
    assert np.array_equal(found[chosen], wanted, equal_nan=True)


def test_numbers_of_32_bits_are_rounded_values() -> None:
    x = np.linspace(-5.0, 3.0, 1000, dtype=np.float32)
    found = run(LLVMKernel(program("airyai(x)", "float32")), x)
    assert found.dtype == np.float32
    assert found.tolist() == [float(np.float32(airy(0, float(one)))) for one in x]


def test_several_threads_make_one_table_and_results_do_not_depend_on_them() -> None:
    x = np.random.default_rng(5).uniform(0.0, 30.0, 60_000)
    kernel = LLVMKernel(program("besselj(1.25, x)"))
    found = run(kernel, x, threads=4)
    assert np.array_equal(run(kernel, x), found)
    assert np.array_equal(run(kernel_for(program("besselj(1.25, x)"), "numpy"), x), found)


def test_a_function_of_two_columns_is_not_compiled() -> None:
    kernel = kernel_for(program("beta(x, y)"))
    assert (kernel.executor, kernel.note) == ("numpy", "beta has no compiled form")
    assert kernel_for(program("beta(x, 2)")).executor == "llvm"
    assert run(kernel_for(program("beta(x, 2)")), np.array([2.0, 4.0])).tolist() == [1 / 6, 1 / 20]


def test_a_compiled_expression_has_the_derivatives_of_special_functions_too() -> None:
    value, gradient = gradcli.compile("sinint(x) + erfcx(x)")(np.array([0.5, 1.0]))
    single = parse("sinint(x) + erfcx(x)")
    assert np.allclose(value, [single(x=x) for x in (0.5, 1.0)], rtol=1e-15)
    assert np.allclose(gradient["x"], [single.gradient(x=x)["x"] for x in (0.5, 1.0)], rtol=1e-15)


def test_ctrl_c_has_its_effect_after_the_machine_code() -> None:
    table = Pieces(lambda x: airy.exact(0, x))
    asked: list[float] = []
    found: list[float] = []

    def interrupted(x: float, enough: int = 20) -> float:
        asked.append(x)
        if len(asked) == 1:
            raise KeyboardInterrupt
        return table(x, enough)

    called = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(
        pieces._uninterrupted(interrupted)  # type: ignore[arg-type]
    )

    def wait_for_interrupt() -> None:
        found.append(called(1.0))
        for _ in range(1000):
            time.sleep(0.005)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            wait_for_interrupt()
    finally:
        signal.signal(signal.SIGINT, before)
    assert (asked, found) == ([1.0, 1.0], [airy(0, 1.0)])
