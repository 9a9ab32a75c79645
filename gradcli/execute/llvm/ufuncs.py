"""Functions of NumPy (ufuncs), and of Python, made of machine code, through the public C interfaces of both.

See https://numpy.org/doc/stable/reference/c-api/ufunc.html.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from gradcli.execute.llvm.emitter import LLVMModule
from gradcli.execute.llvm.host import load
from gradcli.execute.llvm.machine_code import MachineCode
from gradcli.primitives.backends import backend_named

__all__ = ["cleared_flags", "declare_python", "define_copying", "made_function", "made_ufunc"]

np: Final = backend_named("numpy").xp
#: Python's flag of functions that are called with an array of operands.
_FASTCALL: Final = 0x80
#: The places of two functions in NumPy's table of its C interface, and its numbers for types.
_FROM_FUNCTION, _FROM_FUNCTION_AND_SIGNATURE = 1, 31
_TYPE_NUMBERS: Final = {"float64": 12, "float32": 11}


_GATHER: Final = """
entry:
  br label %copy
copy:
  %i = phi i64 [ 0, %entry ], [ %next, %copied ]
  %more = icmp ult i64 %i, %count
  br i1 %more, label %copied, label %pad
copied:
  %offset = mul i64 %i, %step
  %source = getelementptr i8, ptr %from, i64 %offset
  %number = load NUMBER, ptr %source, align 1
  %target = getelementptr NUMBER, ptr %to, i64 %i
  store NUMBER %number, ptr %target
  %next = add i64 %i, 1
  br label %copy
pad:
  %j = phi i64 [ %i, %copy ], [ %after, %padded ]
  %open = icmp ult i64 %j, %whole
  br i1 %open, label %padded, label %done
padded:
  %last = getelementptr NUMBER, ptr %to, i64 %j
  store NUMBER 1.0, ptr %last
  %after = add i64 %j, 1
  br label %pad
done:
  ret void
"""
_SCATTER: Final = """
entry:
  br label %copy
copy:
  %i = phi i64 [ 0, %entry ], [ %next, %copied ]
  %more = icmp ult i64 %i, %count
  br i1 %more, label %copied, label %done
copied:
  %source = getelementptr NUMBER, ptr %from, i64 %i
  %number = load NUMBER, ptr %source
  %offset = mul i64 %i, %step
  %target = getelementptr i8, ptr %to, i64 %offset
  store NUMBER %number, ptr %target, align 1
  %next = add i64 %i, 1
  br label %copy
done:
  ret void
"""


class _Method(ctypes.Structure):
    """Python's structure ``PyMethodDef``: the name, the address, the flags and the docstring of a function."""

    _fields_ = (
        ("name", ctypes.c_char_p), ("address", ctypes.c_void_p), ("flags", ctypes.c_int), ("about", ctypes.c_char_p)
    )  # fmt: skip


def declare_python(module: LLVMModule, declarations: Mapping[str, str]) -> None:
    """Declare functions of Python's stable interface.

    Args:
        module: the module that calls them.
        declarations: a dictionary from their names to LLVM's declarations.
    """
    for symbol, declaration in declarations.items():
        module.declare(symbol, f"declare {declaration}")
        load().add_symbol(symbol, ctypes.cast(getattr(ctypes.pythonapi, symbol), ctypes.c_void_p).value)


def define_copying(module: LLVMModule) -> None:
    """Define the functions ``gather`` and ``scatter``, which copy between an array and numbers with a distance."""
    for name, parameters, body in (
        ("gather", "ptr %to, ptr %from, i64 %step, i64 %count, i64 %whole", _GATHER),
        ("scatter", "ptr %to, i64 %step, ptr %from, i64 %count", _SCATTER),
    ):
        lines = body.replace("NUMBER", module.number).strip().splitlines()
        module.define(f"void @{name}({parameters})", lines, linkage="internal")


def cleared_flags(module: LLVMModule, suffix: str = "") -> list[str]:
    """Return the lines that clear the processor's marks of overflows and the like, for which NumPy would warn.

    Args:
        module: the module that gets the declarations.
        suffix: the end of all names, if a function has these lines twice.
    """
    if module.host.triple.startswith(("x86_64", "amd64")):
        module.declare("stmxcsr", "declare void @llvm.x86.sse.stmxcsr(ptr)")
        module.declare("ldmxcsr", "declare void @llvm.x86.sse.ldmxcsr(ptr)")
        return [
            f"%control{suffix} = alloca i32",
            f"call void @llvm.x86.sse.stmxcsr(ptr %control{suffix})",
            f"%flags{suffix} = load i32, ptr %control{suffix}",
            f"%clear{suffix} = and i32 %flags{suffix}, -64",
            f"store i32 %clear{suffix}, ptr %control{suffix}",
            f"call void @llvm.x86.sse.ldmxcsr(ptr %control{suffix})",
        ]
    module.symbols.add("feclearexcept")
    module.declare("feclearexcept", "declare i32 @feclearexcept(i32)")
    return [f"%cleared{suffix} = call i32 @feclearexcept(i32 31)"]


def made_ufunc(
    code: MachineCode, name: str, dtype: str, inputs: int, outputs: int, signature: str | None = None
) -> tuple[Any, Any]:
    """Return a ufunc whose loop is a function of machine code, and what must live as long as the ufunc.

    Args:
        code: the machine code.
        name: the name of the function there.
        dtype: the type of all numbers.
        inputs, outputs: how many operands and results the ufunc has.
        signature: the shapes of operands and results, if they aren't numbers.
    """
    # NumPy keeps the addresses of all these.
    table, data = (ctypes.c_void_p * 1)(code.address(name)), (ctypes.c_void_p * 1)(None)
    types = bytes([_TYPE_NUMBERS[dtype]] * (inputs + outputs))
    words = [b"compiled", b"A compiled expression.", (signature or "").encode()]
    given = [ctypes.addressof(table), ctypes.addressof(data), types, 1, inputs, outputs, -1, *words[:2], 0]
    if signature is None:
        ufunc = _maker(_FROM_FUNCTION)(*given)
    else:
        ufunc = _maker(_FROM_FUNCTION_AND_SIGNATURE)(*given, words[2])
    return ufunc, (code, table, data, types, words)


def made_function(code: MachineCode, name: str, *kept: Any) -> Any:
    """Return a function of Python made of machine code, which gets an array of operands and their number.

    Args:
        code: the machine code.
        name: the name of the function there.
        kept: what must live as long as the function, besides its code.
    """
    method = _Method(b"compiled", code.address(name), _FASTCALL, None)
    make = ctypes.pythonapi.PyCFunction_NewEx
    make.restype, make.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p]
    return make(ctypes.addressof(method), [code, method, *kept], None)  # which keeps the list


@cache
def _maker(place: int) -> Any:
    """Return a function of NumPy's C interface that makes a ufunc."""
    parent = getattr(np, "_core", None) or np.core
    pointer_of = ctypes.pythonapi.PyCapsule_GetPointer
    pointer_of.restype, pointer_of.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    capsule = parent._multiarray_umath._UFUNC_API
    addresses = ctypes.cast(pointer_of(capsule, None), ctypes.POINTER(ctypes.c_void_p))
    operands: list[Any] = [ctypes.c_void_p] * 2 + [ctypes.c_char_p] + [ctypes.c_int] * 4
    operands += [ctypes.c_char_p] * 2 + [ctypes.c_int]
    if place == _FROM_FUNCTION_AND_SIGNATURE:
        operands.append(ctypes.c_char_p)
    return ctypes.PYFUNCTYPE(ctypes.py_object, *operands)(addresses[place])
