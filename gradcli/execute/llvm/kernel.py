"""The LLVM executor: a program compiled to one loop over rows, a vector of rows at a time.

Every row is computed by the same instructions, wherever it stands: the rows that do not fill a vector go through a
padded block beside the arrays.  Sums are added up in each lane of a vector over blocks of a fixed number of rows, and
the sums of blocks in the order of blocks.  So no result depends on the number of threads.  What depends on uniforms
alone is computed once, on floats.
"""

from __future__ import annotations

import ctypes
import functools
import itertools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from gradcli.execute.blocks import threads_for
from gradcli.execute.kernels import NoCompiledForm
from gradcli.execute.llvm.code import Code
from gradcli.execute.llvm.emitter import Block, Mask, Module, Vector, apply
from gradcli.execute.llvm.host import Host, host

if TYPE_CHECKING:
    from gradcli.execute.program import Program

__all__ = ["SUM_ROWS", "LLVMKernel"]

#: Rows over which one vector of partial sums runs.
SUM_ROWS: Final = 4096
#: Operations in a function; compiling one takes more than linear time.
PART_SIZE: Final = 400
#: Rows that are copied together where an array is not contiguous.
COPIED_ROWS: Final = 16384
#: Operations that a call of a function of mathematics counts as.
CALL_WORK: Final = 15

_POINTER, _INTEGER = ctypes.c_void_p, ctypes.c_int64
_SIGNATURE: Final = "i64 %rows, ptr %columns, ptr %uniforms, ptr %results, ptr %partial, ptr %scratch"


class LLVMKernel:
    """A program made to run on rows by compiled code.

    Args:
        program: what to compute.
        machine: what to compile for; by default the machine that this runs on.

    Raises:
        NoCompiledForm: a primitive has none.

    >>> from gradcli.execute import Tape
    >>> from gradcli.execute.program import Program
    >>> from gradcli.graph import Graph
    >>> import numpy as np
    >>> x = Graph().variable("x")
    >>> result = np.empty(3)
    >>> kernel = LLVMKernel(Program(Tape([x * x, x], [x]), 1, sums=1))
    >>> kernel.run([np.arange(3.0)], np.empty(0), [result]).tolist(), result.tolist()
    ([3.0], [0.0, 1.0, 4.0])
    """

    executor: Final = "llvm"
    note: Final = None

    def __init__(self, program: Program, machine: Host | None = None) -> None:
        self.program = program
        module = Module(machine or host(), program.dtype)
        loop = _Loop(program, module)
        #: Rows in a vector.
        self.lanes = module.lanes
        self._scratch = loop.scratch * module.lanes
        self._work = loop.work
        self._uniform = loop.uniform
        self._shared = loop.shared
        self._code = Code(module)
        self._run = self._code.function("run", None, _INTEGER, *[_POINTER] * 5)

    def run(self, columns: Sequence[Any], uniforms: Any, results: Sequence[Any], threads: int | None = None) -> Any:
        """Run the program on all rows; see `gradcli.execute.kernels.Kernel`."""
        import numpy as np

        rows = len(columns[0]) if columns else len(results[0]) if results else 0
        whole = rows - rows % self.lanes
        blocks = -(-whole // SUM_ROWS) + (whole < rows)
        partial = np.zeros((blocks, self.program.sums, self.lanes), self.program.dtype)
        task = _Task(self, columns, self._prepare(uniforms), results, partial)
        if whole:
            task.divide(whole, threads_for(whole * self._work, threads))
        if whole < rows:
            task.run_padded(whole, rows)
        return partial.sum(axis=(0, 2))

    def _prepare(self, uniforms: Any) -> Any:
        """What all rows share: the uniforms and what is computed of them."""
        import numpy as np

        if not self._shared:
            return np.empty(0)
        slots = dict(enumerate([*uniforms.tolist(), *self.program.tape.constants], self.program.columns))
        for value, operands, slot in self._uniform:
            slots[slot] = value(*[slots[i] for i in operands])
        return np.array([slots[slot] for slot in self._shared], self.program.dtype)


class _Loop:
    """The text of the function ``run``, which applies a program to rows that fill vectors.

    A program of many operations is cut into functions of one vector each.  What one computes and another needs is
    kept in scratch memory, one vector for each value, in places that are used again.

    Attributes:
        scratch: vectors of scratch memory.
        work: the cost of a row, in simple operations.
        uniform: the operations on what all rows share: function, operands, slot.
        shared: the slots of which there is one number for all rows, in the order of the table of uniforms.
    """

    def __init__(self, program: Program, module: Module) -> None:
        self.scratch = 0
        self.work = 0
        self.uniform: list[tuple[Any, tuple[int, ...], int]] = []
        self.shared: list[int] = []
        self._program = program
        self._module = module
        tape = program.tape
        inputs = len(tape.variables)
        self._first = inputs + len(tape.constants)
        #: Slot -> its number, if that is known.
        self._numbers: dict[int, float] = dict(enumerate(tape.constants, inputs))
        varying = [i < program.columns for i in range(self._first)]
        rows = []
        for slot, (primitive, operands) in enumerate(tape.instructions, self._first):
            varying.append(any(varying[i] for i in operands))
            if varying[slot]:
                rows.append(slot)
            elif all(i in self._numbers for i in operands):
                self._numbers[slot] = primitive.value(*[self._numbers[i] for i in operands])
            else:
                self.uniform.append((primitive.value, operands, slot))
        self._varies = varying
        self._parts = [rows[i : i + PART_SIZE] for i in range(0, len(rows), PART_SIZE)] or [[]]
        self._last_use = self._find_last_uses()
        self._place_of_shared: dict[int, int] = {}
        self._places: dict[int, int] = {}
        self._define_loop(self._define_parts())

    def _find_last_uses(self) -> dict[int, int]:
        """The last part that needs each slot; outputs are needed by the last."""
        tape = self._program.tape
        last: dict[int, int] = {}
        for part, slots in enumerate(self._parts):
            for slot in slots:
                last.update(dict.fromkeys(tape.instructions[slot - self._first].operands, part))
        last.update(dict.fromkeys(tape.outputs, len(self._parts) - 1))
        return last

    def _define_parts(self) -> list[str]:
        """Define a function for each part; the calls."""
        free: list[int] = []
        calls = []
        for number, slots in enumerate(self._parts):
            block = self._module.block()
            inside: dict[int, Vector | float] = {}
            for slot in slots:
                primitive, operands = self._program.tape.instructions[slot - self._first]
                given = [self._operand(block, i, inside) for i in operands]
                try:
                    inside[slot] = apply(primitive, given)
                except NotImplementedError:
                    raise NoCompiledForm(f"{primitive.name} has no compiled form") from None
            if number == len(self._parts) - 1:
                self._finish(block, inside)
            else:
                self._keep(block, inside, number, free)
            self.work += len(block.lines) + CALL_WORK * block.calls
            parameters = f"i64 %row, {_SIGNATURE}"
            self._module.define(f"void @part{number}({parameters})", [*block.lines, "ret void"], linkage="internal")
            calls.append(f"call void @part{number}({parameters})")
        return calls

    def _operand(self, block: Block, slot: int, inside: dict[int, Vector | float]) -> Vector | float:
        """The value of a slot in a block: computed there, a number, or loaded."""
        if slot in self._numbers:
            return self._numbers[slot]
        if slot in inside:
            return inside[slot]
        if slot < self._program.columns:
            table = block.emit(f"getelementptr ptr, ptr %columns, i64 {slot}")
            value = block.load(block.emit(f"load ptr, ptr {table}"), "%row")
        elif self._varies[slot]:
            value = block.load("%scratch", str(self._places[slot] * self._module.lanes))
        else:
            if slot not in self._place_of_shared:
                self._place_of_shared[slot] = len(self.shared)
                self.shared.append(slot)
            value = block.load_scalar("%uniforms", str(self._place_of_shared[slot]))
        inside[slot] = value
        return value

    def _keep(self, block: Block, inside: dict[int, Vector | float], part: int, free: list[int]) -> None:
        """Put into scratch memory what later parts need, where nothing lies that one of them needs."""
        for slot, value in inside.items():
            if slot < self._first or not self._varies[slot] or slot in self._places or self._last_use[slot] <= part:
                continue
            if not isinstance(value, Vector):
                self._numbers[slot] = value
                continue
            if not free:
                free.append(self.scratch)
                self.scratch += 1
            self._places[slot] = free.pop()
            block.store(value, "%scratch", str(self._places[slot] * self._module.lanes))
        free += [place for slot, place in self._places.items() if self._last_use[slot] == part]

    def _finish(self, block: Block, inside: dict[int, Vector | float]) -> None:
        """Write the results, and add to the partial sums."""
        outputs, sums, lanes = self._program.tape.outputs, self._program.sums, self._module.lanes
        values = [self._operand(block, slot, inside) for slot in outputs]
        for i, value in enumerate(values[: self._program.results]):
            table = block.emit(f"getelementptr ptr, ptr %results, i64 {i}")
            block.store(value, block.emit(f"load ptr, ptr {table}"), "%row")
        if not sums:
            return
        number = block.emit(f"udiv i64 %row, {SUM_ROWS}")
        start = block.emit(f"mul i64 {number}, {sums * lanes}")
        address = block.emit(f"getelementptr {self._module.number}, ptr %partial, i64 {start}")
        present = self._find_present(block)
        for i, value in enumerate(values[self._program.results :]):
            before = block.load(address, str(i * lanes))
            block.store(before + present.choose(value, 0.0, self._module.dtype), address, str(i * lanes))

    def _find_present(self, block: Block) -> Mask:
        """Which lanes stand for a row that there is."""
        lanes = self._module.lanes
        kind = f"<{lanes} x i64>"
        left = block.emit("sub i64 %rows, %row")
        first = block.emit(f"insertelement {kind} poison, i64 {left}, i64 0")
        limit = block.emit(f"shufflevector {kind} {first}, {kind} poison, <{lanes} x i32> zeroinitializer")
        counted = ", ".join(f"i64 {i}" for i in range(lanes))
        return Mask(block, block.emit(f"icmp ugt {kind} {limit}, <{counted}>"), self._module.dtype)

    def _define_loop(self, calls: list[str]) -> None:
        lines = [
            "entry:",
            "br label %loop",
            "loop:",
            "%row = phi i64 [ 0, %entry ], [ %next, %loop ]",
            *calls,
            f"%next = add i64 %row, {self._module.lanes}",
            "%more = icmp ult i64 %next, %rows",
            "br i1 %more, label %loop, label %done",
            "done:",
            "ret void",
        ]
        self._module.define(f"void @run({_SIGNATURE})", lines)


class _Task:
    """One run of a kernel over arrays."""

    def __init__(
        self, kernel: LLVMKernel, columns: Sequence[Any], uniforms: Any, results: Sequence[Any], partial: Any
    ) -> None:
        self._kernel = kernel
        self._columns = columns
        self._uniforms = uniforms
        self._results = results
        self._partial = partial
        self._size = partial.itemsize
        self._is_contiguous = all(array.strides[0] == self._size for array in (*columns, *results))

    def divide(self, rows: int, threads: int) -> None:
        """Compute all rows that fill vectors, by a number of threads."""
        # More pieces than threads, so that one that is held up does not hold up the others.
        size = -(-rows // (4 * threads)) if threads > 1 else rows
        size = -(-size // SUM_ROWS) * SUM_ROWS
        starts = itertools.count(0, size)

        def work() -> None:
            for start in starts:
                if start >= rows:
                    return
                self._run_range(start, min(start + size, rows))

        others = [_pool().submit(work) for _ in range(min(threads, -(-rows // size)) - 1)]
        work()
        for other in others:
            other.result()

    def _run_range(self, start: int, stop: int) -> None:
        if self._is_contiguous:
            self._call(start, stop, self._columns, self._results, start)
            return
        for first in range(start, stop, COPIED_ROWS):
            last = min(first + COPIED_ROWS, stop)
            self._copy_and_call(first, last, last - first)

    def run_padded(self, start: int, stop: int) -> None:
        """Compute the rows that do not fill a vector."""
        self._copy_and_call(start, stop, self._kernel.lanes)

    def _copy_and_call(self, start: int, stop: int, padded: int) -> None:
        import numpy as np

        count = stop - start
        columns = np.ones((len(self._columns), padded), self._partial.dtype)
        for copy, column in zip(columns, self._columns, strict=True):
            copy[:count] = column[start:stop]
        results = np.empty((len(self._results), padded), self._partial.dtype)
        self._call(start, stop, list(columns), list(results), 0)
        for result, copy in zip(self._results, results, strict=True):
            result[start:stop] = copy[:count]

    def _call(self, start: int, stop: int, columns: Sequence[Any], results: Sequence[Any], first: int) -> None:
        """Run the code on rows; those that do not fill a vector have a partial sum of their own, the last."""
        import numpy as np

        kernel = self._kernel
        offset = first * self._size
        pointers = np.array([array.ctypes.data + offset for array in (*columns, *results)], np.uintp)
        scratch = np.empty(kernel._scratch, self._partial.dtype)
        block = start // SUM_ROWS if (stop - start) % kernel.lanes == 0 else -1
        kernel._run(
            stop - start,
            pointers.ctypes.data,
            self._uniforms.ctypes.data,
            pointers.ctypes.data + len(columns) * pointers.itemsize,
            self._partial[block].ctypes.data if self._partial.size else None,
            scratch.ctypes.data,
        )


@functools.cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(thread_name_prefix="gradcli")
