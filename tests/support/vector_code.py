"""Functions of vectors as compiled code, for machines with registers of several widths."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from gradcli.execute.llvm.emitter import LLVMModule
from gradcli.execute.llvm.host import host
from gradcli.execute.llvm.machine_code import MachineCode
from gradcli.execute.memory import aligned_empty

__all__ = ["WIDTHS", "computed"]

#: The bits of a register.
WIDTHS = [512, 256, 128]


def computed(function: Callable[..., Any], columns: Sequence[Any], bits: int = 512) -> np.ndarray:
    """The values of a function from vectors to a vector.

    Args:
        function: it writes code.
        columns: the numbers of each operand.
        bits: the width of a register; the test is skipped if this machine has narrower ones.
    """
    if bits > host().bits:
        pytest.skip("this machine has narrower registers")
    module = LLVMModule(host(bits), "float64")
    block = module.block()
    operands = [block.load(f"%x{i}", "%row") for i in range(len(columns))]
    block.store(function(*operands), "%y", "%row")
    names = [*(f"%x{i}" for i in range(len(columns))), "%y"]
    parameters = ", ".join(f"ptr {name}" for name in names)
    module.define(f"void @run(i64 %row, {parameters})", ["entry:", *block.lines, "ret void"])
    rows, lanes = len(columns[0]), module.lanes
    arrays = [aligned_empty((-(-rows // lanes) * lanes,), "float64") for _ in names]
    for array, column in zip(arrays, columns, strict=False):
        array[:] = 1.0
        array[:rows] = column
    run = MachineCode(module).function("run", None, ctypes.c_int64, *[ctypes.c_void_p] * len(names))
    for row in range(0, rows, lanes):
        run(row, *[array.ctypes.data for array in arrays])
    return arrays[-1][:rows]
