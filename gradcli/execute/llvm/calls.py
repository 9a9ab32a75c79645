"""Calls for few rows: a program as functions of NumPy (ufuncs), and as functions of numbers.

NumPy calls the machine code of a ufunc directly, so a call costs about a microsecond, and types, shapes and `out=` are
NumPy's business.  NumPy's public C interface makes the ufuncs
(https://numpy.org/doc/stable/reference/c-api/ufunc.html).  Rows are computed by the same instructions as in
`LLVMKernel`, so the results are the same, bit for bit.
"""

from __future__ import annotations

import ctypes
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from gradcli.execute.llvm.emitter import LLVMModule
from gradcli.execute.llvm.host import Host, host
from gradcli.execute.llvm.loop_code import LoopCode
from gradcli.execute.llvm.machine_code import MachineCode
from gradcli.execute.llvm.ufuncs import cleared_flags, declare_python, define_copying, made_function, made_ufunc
from gradcli.primitives.backends import backend_named

if TYPE_CHECKING:
    from gradcli.execute.program import Program

__all__ = ["Calls"]

np: Final = backend_named("numpy").xp
#: The most rows that are copied at once, and the most bytes on the stack for copies, and for scratch memory.
_COPIED_ROWS: Final = 128
_MOST_COPIED: Final = 1 << 17
_MOST_SCRATCH: Final = 1 << 16
#: The most operands of a ufunc in every version of NumPy.
_MOST_OPERANDS: Final = 32
#: The functions of Python's stable interface that the code calls -> their declarations.
_PYTHON: Final = {
    "PyFloat_AsDouble": "double @PyFloat_AsDouble(ptr)",
    "PyErr_Occurred": "ptr @PyErr_Occurred()",
    "PyErr_BadArgument": "i32 @PyErr_BadArgument()",
    "Py_BuildValue": "ptr @Py_BuildValue(ptr, ...)",
}


class Calls:
    """The ways to call a program without uniforms for few rows.

    Args:
        program: the program.
        machine: the machine to compile for; by default this machine.
        most_rows: the most rows for which threads would save nothing.

    Raises:
        NoCompiledForm: an operation of the program has no compiled form.

    >>> from gradcli.execute.program import Program
    >>> from gradcli.execute.tape import Tape
    >>> from gradcli.graph import Graph
    >>> graph = Graph()
    >>> x, y = graph.variable("x"), graph.variable("y")
    >>> calls = Calls(Program(Tape([x * y, x + y], [x, y]), 2))
    >>> calls.ufunc([1.0, 2.0], 3.0)
    (array([3., 6.]), array([4., 5.]))
    >>> calls.of_matrix([[1.0, 2.0], [3.0, 3.0]])
    array([[3., 6.],
           [4., 5.]])
    >>> calls.point(2.0, 3.0)
    [6.0, 5.0]
    """

    def __init__(self, program: Program, machine: Host | None = None, most_rows: int = 1024) -> None:
        self._inputs, self._outputs = program.columns, len(program.tape.outputs)
        self._count, self._dtype = self._inputs + self._outputs, program.dtype
        self._size = np.dtype(program.dtype).itemsize
        self._module = LLVMModule(machine or host(), program.dtype)
        self._kept: list[Any] = []
        lanes = self._module.lanes
        loop = LoopCode(program, self._module)
        self._scratch = loop.scratch * lanes
        self.most_rows = most_rows
        rows = min(_COPIED_ROWS, _MOST_COPIED // (self._count * self._size)) // lanes * lanes
        #: Whether the code can keep what it needs on the stack.
        self.fits = rows > 0 < self._outputs and self._scratch * self._size <= _MOST_SCRATCH
        if self.fits:
            self._define_rows(rows)
            self._define_loops()
            self._define_one()
            self._define_point()
            self._define_integrand()

    @cached_property
    def _code(self) -> MachineCode:
        return MachineCode(self._module)

    @cached_property
    def ufunc(self) -> Any:
        """The ufunc with an operand for each column and a result for each output; None if they are too many."""
        if not (self.fits and self._inputs and self._inputs + self._outputs <= _MOST_OPERANDS):
            return None
        return self._made("ufunc", self._inputs, self._outputs)

    @cached_property
    def of_matrix(self) -> Any:
        """The ufunc that takes an array of shape (columns, rows) to one of shape (outputs, rows); None if too large."""
        if not (self.fits and self._inputs):
            return None
        return self._made("of_matrix", 1, 1, f"({self._inputs},rows)->({self._outputs},rows)")

    @cached_property
    def point(self) -> Any:
        """The function that takes a number for each column to the list of outputs; None if too large.

        Raises:
            TypeError: there are too few or too many numbers, or one can't be a float.
        """
        if not self.fits:
            return None
        return made_function(self._code, "point")

    @cached_property
    def integrand(self) -> Any:
        """The function of C ``double (int, double *)``, which takes all columns to the first output."""
        return self._code.function("integrand", ctypes.c_double, ctypes.c_int, ctypes.POINTER(ctypes.c_double))

    # The code

    def _define_rows(self, rows: int) -> None:
        """Define the function that runs the program on rows of any number and with any distance between them.

        Args:
            rows: how many rows are copied at once.
        """
        module, number, count, lanes = self._module, self._module.number, self._count, self._module.lanes
        define_copying(module)
        lines, is_flat = [*self._entry(), f"%copies = alloca [{count * rows} x {number}], align 64"], "true"
        for i in range(count):
            lines += [
                f"%b{i} = getelementptr ptr, ptr %bases, i64 {i}",
                f"%base{i} = load ptr, ptr %b{i}",
                f"%s{i} = getelementptr i64, ptr %steps, i64 {i}",
                f"%step{i} = load i64, ptr %s{i}",
                f"%near{i} = icmp eq i64 %step{i}, {self._size}",
                f"%flat{i} = and i1 {is_flat}, %near{i}",
            ]
            is_flat = f"%flat{i}"
        lines += [
            f"%filled = and i64 %rows, {-lanes}",
            "%some = icmp ne i64 %filled, 0",
            f"%direct = and i1 {is_flat}, %some",
            "br i1 %direct, label %whole, label %copying",
            "whole:",
            *self._entered([f"%base{i}" for i in range(count)], "w"),
            "call void @run(i64 %filled, ptr %columns, ptr null, ptr %results, ptr %scratch)",
            "br label %copying",
            "copying:",
            "%start = phi i64 [ 0, %entry ], [ %filled, %whole ], [ %stop, %copied ]",
            "%more = icmp ult i64 %start, %rows",
            "br i1 %more, label %copied, label %done",
            "copied:",
            "%left = sub i64 %rows, %start",
            f"%last = icmp ult i64 %left, {rows}",
            f"%count = select i1 %last, i64 %left, i64 {rows}",
            f"%over = add i64 %count, {lanes - 1}",
            f"%padded = and i64 %over, {-lanes}",
        ]
        for i in range(count):
            lines += [
                f"%offset{i} = mul i64 %start, %step{i}",
                f"%from{i} = getelementptr i8, ptr %base{i}, i64 %offset{i}",
                f"%copy{i} = getelementptr {number}, ptr %copies, i64 {i * rows}",
            ]
            if i < self._inputs:
                operands = f"ptr %copy{i}, ptr %from{i}, i64 %step{i}, i64 %count, i64 %padded"
                lines.append(f"call void @gather({operands})")
        lines += self._entered([f"%copy{i}" for i in range(count)], "c")
        lines.append("call void @run(i64 %padded, ptr %columns, ptr null, ptr %results, ptr %scratch)")
        for i in range(self._inputs, count):
            lines.append(f"call void @scatter(ptr %from{i}, i64 %step{i}, ptr %copy{i}, i64 %count)")
        lines += ["%stop = add i64 %start, %count", "br label %copying", "done:", "ret void"]
        module.define("void @rows(i64 %rows, ptr %bases, ptr %steps)", lines, linkage="internal")

    def _entry(self) -> list[str]:
        """Return the first lines of a function that runs the program: memory for it, and for its tables of pointers."""
        return [
            "entry:",
            f"%columns = alloca [{max(1, self._inputs)} x ptr]",
            f"%results = alloca [{self._outputs} x ptr]",
            f"%scratch = alloca [{max(1, self._scratch)} x {self._module.number}], align 64",
        ]

    def _entered(self, pointers: list[str], prefix: str) -> list[str]:
        """Return the lines that enter pointers in the tables of columns and of results."""
        lines = []
        for i, pointer in enumerate(pointers):
            table, place = ("columns", i) if i < self._inputs else ("results", i - self._inputs)
            lines += [
                f"%{prefix}{i} = getelementptr ptr, ptr %{table}, i64 {place}",
                f"store ptr {pointer}, ptr %{prefix}{i}",
            ]
        return lines

    def _define_loops(self) -> None:
        """Define the loops of the ufuncs."""
        module, count = self._module, self._count
        lines = ["entry:", "%rows = load i64, ptr %dimensions"]
        if (self._inputs, self._outputs) == (2, 1):
            lines += self._one_by_one()
        lines += ["call void @rows(i64 %rows, ptr %bases, ptr %steps)", *cleared_flags(module), "ret void"]
        module.define("void @ufunc(ptr %bases, ptr %dimensions, ptr %steps, ptr %data)", lines)
        # The dimensions are: how many matrices, the columns, the rows; the steps: between the matrices of the operand
        # and of the result, then between columns and between rows of the operand, and of the result.
        numbers = {"matrices": ("dimensions", 0), "rows": ("dimensions", 2)}
        numbers |= {name: ("steps", i) for i, name in enumerate(("in", "out", "in_column", "in_row"))}
        numbers |= {"out_column": ("steps", 4), "out_row": ("steps", 5)}
        lines = ["entry:", f"%bases = alloca [{count} x ptr]", f"%distances = alloca [{count} x i64]"]
        for name, (table, place) in numbers.items():
            lines += [
                f"%of_{name} = getelementptr i64, ptr %{table}, i64 {place}",
                f"%{name} = load i64, ptr %of_{name}",
            ]
        lines += ["%second = getelementptr ptr, ptr %operands, i64 1"]
        lines += ["%operand = load ptr, ptr %operands", "%result = load ptr, ptr %second"]
        lines += ["br label %each", "each:", "%matrix = phi i64 [ 0, %entry ], [ %next, %one ]"]
        lines += ["%more = icmp ult i64 %matrix, %matrices", "br i1 %more, label %one, label %done", "one:"]
        for name, pointer in (("in", "operand"), ("out", "result")):
            lines += [
                f"%skipped_{name} = mul i64 %matrix, %{name}",
                f"%at_{name} = getelementptr i8, ptr %{pointer}, i64 %skipped_{name}",
            ]
        for i in range(count):
            name, place = ("in", i) if i < self._inputs else ("out", i - self._inputs)
            lines += [
                f"%o{i} = mul i64 %{name}_column, {place}",
                f"%p{i} = getelementptr i8, ptr %at_{name}, i64 %o{i}",
                f"%b{i} = getelementptr ptr, ptr %bases, i64 {i}",
                f"store ptr %p{i}, ptr %b{i}",
                f"%d{i} = getelementptr i64, ptr %distances, i64 {i}",
                f"store i64 %{name}_row, ptr %d{i}",
            ]
        lines += ["call void @rows(i64 %rows, ptr %bases, ptr %distances)"]
        lines += ["%next = add i64 %matrix, 1", "br label %each", "done:", *cleared_flags(module), "ret void"]
        module.define("void @of_matrix(ptr %operands, ptr %dimensions, ptr %steps, ptr %data)", lines)

    def _define_one(self) -> None:
        """Define the function of one point: numbers to numbers, both of 64 bits."""
        module, number, lanes = self._module, self._module.number, self._module.lanes
        lines = [*self._entry(), f"%copies = alloca [{self._count * lanes} x {number}], align 64"]
        for i in range(self._count):
            lines.append(f"%copy{i} = getelementptr {number}, ptr %copies, i64 {i * lanes}")
        for i in range(self._inputs):
            lines += [
                f"%a{i} = getelementptr double, ptr %numbers, i64 {i}",
                f"%x{i} = load double, ptr %a{i}",
                f"%n{i} = {self._converted(f'%x{i}', 'double', number)}",
                f"%one{i} = insertelement {module.vector} poison, {number} %n{i}, i32 0",
                f"%all{i} = shufflevector {module.vector} %one{i}, {module.vector} poison, "
                f"<{lanes} x i32> zeroinitializer",
                f"store {module.vector} %all{i}, ptr %copy{i}",
            ]
        lines += self._entered([f"%copy{i}" for i in range(self._count)], "c")
        lines.append(f"call void @run(i64 {lanes}, ptr %columns, ptr null, ptr %results, ptr %scratch)")
        for i in range(self._outputs):
            lines += [
                f"%y{i} = load {number}, ptr %copy{self._inputs + i}",
                f"%d{i} = {self._converted(f'%y{i}', number, 'double')}",
                f"%r{i} = getelementptr double, ptr %found, i64 {i}",
                f"store double %d{i}, ptr %r{i}",
            ]
        module.define("void @one(ptr %numbers, ptr %found)", [*lines, "ret void"], linkage="internal")

    def _define_point(self) -> None:
        """Define the function of Python's numbers; it calls nothing but Python's stable interface."""
        module = self._module
        declare_python(module, _PYTHON)
        form = f"[{'d' * self._outputs}]"
        module.declare("form", f'@form = private constant [{len(form) + 1} x i8] c"{form}\\00"')
        lines = [
            "entry:",
            f"%numbers = alloca [{max(1, self._inputs)} x double]",
            f"%found = alloca [{self._outputs} x double]",
            f"%fits = icmp eq i64 %given, {self._inputs}",
            "br i1 %fits, label %read0, label %refuse",
            "refuse:",
            "call i32 @PyErr_BadArgument()",
            "br label %failed",
            "failed:",
            "ret ptr null",
        ]
        for i in range(self._inputs):
            # The number -1 also stands for an error.
            lines += [
                f"read{i}:",
                f"%a{i} = getelementptr ptr, ptr %objects, i64 {i}",
                f"%object{i} = load ptr, ptr %a{i}",
                f"%x{i} = call double @PyFloat_AsDouble(ptr %object{i})",
                f"%n{i} = getelementptr double, ptr %numbers, i64 {i}",
                f"store double %x{i}, ptr %n{i}",
                f"%odd{i} = fcmp oeq double %x{i}, -1.0",
                f"br i1 %odd{i}, label %check{i}, label %read{i + 1}",
                f"check{i}:",
                f"%error{i} = call ptr @PyErr_Occurred()",
                f"%fine{i} = icmp eq ptr %error{i}, null",
                f"br i1 %fine{i}, label %read{i + 1}, label %failed",
            ]
        lines += [f"read{self._inputs}:", "call void @one(ptr %numbers, ptr %found)"]
        for i in range(self._outputs):
            lines += [f"%f{i} = getelementptr double, ptr %found, i64 {i}", f"%r{i} = load double, ptr %f{i}"]
        values = "".join(f", double %r{i}" for i in range(self._outputs))
        lines += [f"%list = call ptr (ptr, ...) @Py_BuildValue(ptr @form{values})", "ret ptr %list"]
        module.define("ptr @point(ptr %self, ptr %objects, i64 %given)", lines)

    def _define_integrand(self) -> None:
        """Define the function of C for integrals; with too few numbers its result is nan."""
        lines = [
            "entry:",
            f"%found = alloca [{self._outputs} x double]",
            f"%fits = icmp sge i32 %given, {self._inputs}",
            "br i1 %fits, label %compute, label %refuse",
            "refuse:",
            "ret double 0x7FF8000000000000",
            "compute:",
            "call void @one(ptr %numbers, ptr %found)",
            "%result = load double, ptr %found",
            "ret double %result",
        ]
        self._module.define("double @integrand(i32 %given, ptr %numbers)", lines)

    @staticmethod
    def _converted(name: str, given: str, wanted: str) -> str:
        """Return the instruction that makes a number of another type."""
        word = "bitcast" if given == wanted else "fptrunc" if wanted == "float" else "fpext"
        return f"{word} {given} {name} to {wanted}"

    def _one_by_one(self) -> list[str]:
        """Return the lines for `reduce` and `accumulate`, in which a row's first operand is the result of the last row.

        Then the result stands still, or is one step ahead of the first operand; the rows are computed one by one.
        """
        lines = ["%places = alloca [3 x ptr]"]
        for i in range(3):
            lines += [
                f"%b{i} = getelementptr ptr, ptr %bases, i64 {i}",
                f"%base{i} = load ptr, ptr %b{i}",
                f"%s{i} = getelementptr i64, ptr %steps, i64 {i}",
                f"%step{i} = load i64, ptr %s{i}",
                f"%p{i} = getelementptr ptr, ptr %places, i64 {i}",
            ]
        lines += [
            "%stands = icmp eq i64 %step2, 0",
            "%ahead = getelementptr i8, ptr %base0, i64 %step0",
            "%follows = icmp eq ptr %ahead, %base2",
            "%depends = or i1 %stands, %follows",
            "br i1 %depends, label %each, label %together",
            "each:",
            "%row = phi i64 [ 0, %entry ], [ %next, %one ]",
            "%more = icmp ult i64 %row, %rows",
            "br i1 %more, label %one, label %done",
            "one:",
        ]
        for i in range(3):
            lines += [
                f"%o{i} = mul i64 %row, %step{i}",
                f"%place{i} = getelementptr i8, ptr %base{i}, i64 %o{i}",
                f"store ptr %place{i}, ptr %p{i}",
            ]
        lines += ["call void @rows(i64 1, ptr %places, ptr %steps)", "%next = add i64 %row, 1", "br label %each"]
        return [*lines, "done:", *cleared_flags(self._module, "each"), "ret void", "together:"]

    def _made(self, name: str, inputs: int, outputs: int, signature: str | None = None) -> Any:
        """Return a ufunc whose loop is a function of the code."""
        ufunc, kept = made_ufunc(self._code, name, self._dtype, inputs, outputs, signature)
        self._kept.append(kept)
        return ufunc
