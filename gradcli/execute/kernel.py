"""Kernels: programs that are ready to run on rows; and the choice of an executor for a program.

Two executors make kernels: `gradcli.execute.llvm`, which compiles, and `gradcli.execute.numpy_kernel`, which needs
NumPy alone.  With either of them, a program gives the same results for any number of threads, bit for bit.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final, Protocol

from gradcli import limits
from gradcli.errors import UnavailableError, UsageError, choice, missing_extra
from gradcli.execute.program import Program

if TYPE_CHECKING:
    from gradcli.execute.llvm.calls import Calls

__all__ = ["EXECUTORS", "Kernel", "kernel_for", "require_compiler", "why_not_compiled"]

#: The names of executors that `kernel_for` takes.
EXECUTORS: Final = ("auto", "llvm", "numpy")
_MOST_KERNELS: Final = 256


class Kernel(Protocol):
    """A program made ready to run."""

    @property
    def executor(self) -> str:
        """``"llvm"`` or ``"numpy"``."""

    @property
    def note(self) -> str | None:
        """The reason why the program is not compiled; None if it is compiled, or if compiling was not requested."""

    @property
    def calls(self) -> Calls | None:
        """The ways to call the program for few rows; None if there are none."""

    def run(self, columns: Sequence[Any], uniforms: Any, results: Sequence[Any], threads: int | None = None) -> None:
        """Run the program on all rows.

        Args:
            columns: arrays of one axis and one length in the program's type, aligned, with any stride.
            uniforms: an array of one axis in the program's type.
            results: arrays like the columns, which are written into; they share no memory with the columns.
            threads: the number of threads; by default all that the process may use, if there are enough rows.
        """


#: The kernels that were used last, the latest at the end.
_kernels: dict[Hashable, Kernel] = {}
_lock = threading.Lock()


def kernel_for(program: Program, executor: str = "auto") -> Kernel:
    """The kernel of a program, made at the first call.

    Args:
        program: the program to run.
        executor: ``"llvm"``, ``"numpy"``, or ``"auto"``, which is ``"llvm"`` if that can run the program, else
            ``"numpy"``.

    Raises:
        UnavailableError: ``"llvm"`` is asked for, and llvmlite is not installed.
        UsageError: ``"llvm"`` is asked for, and the program has no compiled form, or there is no such executor.

    >>> from gradcli.execute.tape import Tape
    >>> from gradcli.graph import Graph
    >>> import numpy as np
    >>> x = Graph().variable("x")
    >>> result = np.empty(3)
    >>> kernel_for(Program(Tape([x + 1.0], [x]), 1)).run([np.arange(3.0)], np.empty(0), [result])
    >>> result.tolist()
    [1.0, 2.0, 3.0]
    """
    key = (choice(executor, EXECUTORS, "executor"), program.key)
    with _lock:
        kernel = _kernels[key] = _kernels.pop(key) if key in _kernels else _make(program, executor)
        if len(_kernels) > _MOST_KERNELS:
            del _kernels[next(iter(_kernels))]
    return kernel


def why_not_compiled() -> str | None:
    """The reason why llvmlite can't compile on this machine, as a clause; None if it can."""
    if find_spec("llvmlite") is None:
        return "llvmlite is not installed"
    try:
        import_module("llvmlite.binding")
    except Exception as problem:
        return f"llvmlite can't be loaded: {' '.join(str(problem).split())}"
    return None


def require_compiler(purpose: str) -> None:
    """Raise an error if llvmlite can't compile on this machine.

    Args:
        purpose: the use that needs compiled code, for the message.

    Raises:
        UnavailableError: llvmlite is not installed, or it can't be loaded.
    """
    note = why_not_compiled()
    if note is not None and find_spec("llvmlite") is None:
        raise missing_extra("llvmlite", "jit", purpose)
    if note is not None:
        raise UnavailableError(note, kind="broken_extra", hint="pip install --force-reinstall llvmlite")


def _make(program: Program, executor: str) -> Kernel:
    note = None
    if executor == "llvm":
        require_compiler("compiling an expression")
    elif executor == "auto":
        operations = len(program.tape.instructions)
        note = why_not_compiled()
        if note is None and operations > limits.COMPILED_OPERATIONS:
            note = f"it has {operations} operations, and compiling more than {limits.COMPILED_OPERATIONS} takes seconds"
    if executor != "numpy" and note is None:
        from gradcli.execute.llvm import LLVMKernel, NoCompiledForm

        try:
            return LLVMKernel(program)
        except NoCompiledForm as reason:
            if executor == "llvm":
                raise UsageError(f"the expression can't be compiled: {reason}") from None
            note = str(reason)
    from gradcli.execute.numpy_kernel import BlockKernel

    return BlockKernel(program, note)
