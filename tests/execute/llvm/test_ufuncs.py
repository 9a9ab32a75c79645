"""Functions of NumPy and of Python that are made of machine code."""

from __future__ import annotations

import gc

import numpy as np
import pytest

pytest.importorskip("llvmlite")

from gradcli.execute.llvm.emitter import LLVMModule
from gradcli.execute.llvm.host import host
from gradcli.execute.llvm.machine_code import MachineCode
from gradcli.execute.llvm.ufuncs import cleared_flags, declare_python, define_copying, made_function, made_ufunc


def test_a_ufunc():
    module = LLVMModule(host(), "float64")
    define_copying(module)
    lines = [
        "entry:",
        "%count = load i64, ptr %dimensions",
        "%from = load ptr, ptr %bases",
        "%second = getelementptr ptr, ptr %bases, i64 1",
        "%to = load ptr, ptr %second",
        "%step = load i64, ptr %steps",
        "%after = getelementptr i64, ptr %steps, i64 1",
        "%other = load i64, ptr %after",
        "%copy = alloca double, i64 %count",
        "call void @gather(ptr %copy, ptr %from, i64 %step, i64 %count, i64 %count)",
        "call void @scatter(ptr %to, i64 %other, ptr %copy, i64 %count)",
        *cleared_flags(module),
        "ret void",
    ]
    module.define("void @same(ptr %bases, ptr %dimensions, ptr %steps, ptr %data)", lines)
    ufunc, kept = made_ufunc(MachineCode(module), "same", "float64", 1, 1)
    assert ufunc(np.arange(10.0)[::-3]).tolist() == [9.0, 6.0, 3.0, 0.0]
    assert ufunc([1, 2]).tolist() == [1.0, 2.0]
    del kept


def test_a_function_keeps_its_code():
    module = LLVMModule(host(), "float64")
    declare_python(module, {"PyBool_FromLong": "ptr @PyBool_FromLong(i64)"})
    lines = ["%truth = call ptr @PyBool_FromLong(i64 %given)", "ret ptr %truth"]
    module.define("ptr @some(ptr %self, ptr %objects, i64 %given)", lines)
    function = made_function(MachineCode(module), "some")
    gc.collect()
    assert (function(), function(1.0)) == (False, True)
