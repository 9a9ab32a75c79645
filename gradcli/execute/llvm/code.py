"""Machine code: the text of a module becomes functions that ctypes calls."""

from __future__ import annotations

import ctypes
from typing import Any

from gradcli.execute.llvm.emitter import Module
from gradcli.execute.llvm.host import load, provide

__all__ = ["Code"]


class Code:
    """A module in machine code.

    Args:
        module: what to compile.

    >>> from gradcli.execute.llvm.host import host
    >>> module = Module(host(), "float64")
    >>> module.define("double @half(double %x)", ["%half = fmul double %x, 0.5", "ret double %half"])
    >>> Code(module).function("half", ctypes.c_double, ctypes.c_double)(3.0)
    1.5
    """

    def __init__(self, module: Module) -> None:
        llvm = load()
        for symbol in module.symbols:
            provide(symbol)
        machine = _machine(module)
        parsed = llvm.parse_assembly(module.text())
        image = machine.emit_object(parsed)
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(image))
        self._engine.finalize_object()

    def function(self, name: str, result: Any, *operands: Any) -> Any:
        """A function of the module, by the types of ctypes; the code lives as long as it does."""
        found: Any = ctypes.CFUNCTYPE(result, *operands)(self._engine.get_function_address(name))
        found.code = self
        return found


def _machine(module: Module) -> Any:
    llvm, host = load(), module.host
    target = llvm.Target.from_triple(host.triple)
    return target.create_target_machine(cpu=host.cpu, features=host.features, opt=2, jit=True)
