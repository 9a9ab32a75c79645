"""`gradcli.execute.llvm.update_code`: updates of many parameters are the formula's, and their sums are complete."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import pytest

from tests.support.loops import for_each

pytest.importorskip("llvmlite")

from gradcli.execute.llvm import update_code
from gradcli.execute.llvm.emitter import LLVMModule
from gradcli.execute.llvm.host import host
from gradcli.execute.llvm.machine_code import MachineCode
from gradcli.execute.llvm.update_code import UpdateCode
from gradcli.execute.memory import aligned_empty
from gradcli.execute.tape import Tape
from gradcli.graph import Graph
from gradcli.graph.differentiate import vjp
from gradcli.optim.optimizers import OPTIMIZERS
from gradcli.primitives import functions as f
from gradcli.train.engines.update_graphs import update_graph

WIDTHS = [bits for bits in (128, 256, 512) if bits <= host().bits]
RATE, NUMBER = 0.01, 3.0


def penalty() -> Tape:
    p = Graph().variable("p")
    term = 0.1 * f.square(p)
    return Tape([term, *vjp(term, 1.0, [p])], [p])


def updated(bits: int, name: str, count: int, dtype: str, *, factor: float | None, is_penalised: bool = False) -> Any:
    """Parameters, gradient and memory, and the same after an update, with the sums of squares and of penalties."""
    method = OPTIMIZERS[name]
    update = update_graph(method, method.configured())
    assert update is not None
    module = LLVMModule(host(bits), dtype)
    lanes = module.lanes
    padded, names = count * lanes, len(update.memory)
    is_clipped = factor is not None
    code = UpdateCode(module, update.tape, penalty() if is_penalised else None, padded, is_clipped=is_clipped)
    code.write()
    block = module.block()
    rate, number = (block.splat(f"%{word}") for word in ("rate", "number"))
    code.share(block, rate, number, factor, "%shared")
    arrays = ("slope", "parameters", "memory", "shared", "sums")
    call = f"call void @update({', '.join(f'ptr %{name}' for name in arrays)}, i64 {padded})"
    given = ", ".join([*(f"ptr %{name}" for name in arrays), f"{module.number} %rate", f"{module.number} %number"])
    module.define(f"void @run({given})", [*block.lines, call, "ret void"])
    random = np.random.RandomState(count)
    state = aligned_empty((2 + names, padded), dtype)
    state[:] = random.uniform(0.1, 1.0, state.shape)
    state[2:, : lanes + 1] = 0.0
    before, sums = state.copy(), aligned_empty((4, lanes), dtype)
    shared = aligned_empty((max(1, code.shared), lanes), dtype)
    sums[:] = 0.0
    number_type = ctypes.c_double if dtype == "float64" else ctypes.c_float
    run = MachineCode(module).function("run", None, *[ctypes.c_void_p] * 5, number_type, number_type)
    places = [state[1], state[0], state[2:] if names else state[0], shared, sums]
    run(*[one.ctypes.data for one in places], RATE, NUMBER)
    return update, before, state, sums.sum(axis=1)


@for_each("bits", WIDTHS)
@for_each("name", ["adam", "sgd", "rmsprop", "adadelta"])
@for_each("count", [1, 2, 7])
@for_each("factor", [None, 0.5])
def test_parameters_and_memory_are_those_of_the_formula(bits: int, name: str, count: int, factor: float | None) -> None:
    update, before, after, sums = updated(bits, name, count, "float64", factor=factor, is_penalised=factor is None)
    parameters, slope = before[:2]
    gradient = slope * factor if factor is not None else slope + 0.2 * parameters
    method = OPTIMIZERS[name]
    assert method.step is not None
    memory = dict(zip(update.memory, before[2:], strict=True))
    expected, kept = method.step(parameters, gradient, memory, {**method.configured(), "lr": RATE}, int(NUMBER))
    assert np.allclose(after[0], expected, rtol=1e-14)
    for i, key in enumerate(update.memory, 2):
        assert np.allclose(after[i], kept[key], rtol=1e-14)
    assert np.array_equal(after[1], slope)
    totals = [0.0, 0.0] if factor is not None else [np.sum(gradient**2), 0.1 * np.sum(parameters**2)]
    assert np.allclose(sums, [0.0, 0.0, *totals], rtol=1e-13)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", ["adam", "adadelta"])
def test_roots_by_estimates_change_no_bit(name: str, dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if not update_code.has_avx512(LLVMModule(host(), dtype)):
        pytest.skip("the processor has no estimates")
    _, _, first, _ = updated(host().bits, name, 40, dtype, factor=None)
    monkeypatch.setattr(update_code, "has_avx512", lambda _: False)
    _, _, second, _ = updated(host().bits, name, 40, dtype, factor=None)
    assert np.array_equal(first, second)
