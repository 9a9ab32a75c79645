"""The LLVM executor: a program compiled to one loop over rows, a vector of rows at a time.

Every row is computed by the same instructions, wherever it is in the arrays: the last rows, which don't fill a vector,
are copied to a padded array.  So no result depends on the number of threads.  Operations that depend only on uniforms
run once, on floats.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from gradcli.execute.llvm.calls import Calls
from gradcli.execute.llvm.emitter import LLVMModule
from gradcli.execute.llvm.host import Host, host
from gradcli.execute.llvm.loop_code import WIDTH, WOVEN, LoopCode
from gradcli.execute.llvm.machine_code import MachineCode
from gradcli.execute.memory import address_of, aligned_rows
from gradcli.execute.threads import for_each_range, meanwhile, threads_for
from gradcli.primitives.backends import backend_named

if TYPE_CHECKING:
    from gradcli.execute.program import Program

__all__ = ["LLVMKernel"]

np: Final = backend_named("numpy").xp
#: A thread takes this many rows at once, or a multiple of it.
RANGE_ROWS: Final = 4096
#: The rows that are copied at once if an array isn't contiguous.
COPIED_ROWS: Final = 16384
#: From this many bytes of results on, writing past the caches is quicker.
STREAMED_BYTES: Final = 1 << 22
#: The rows of results for which memory is requested from the system at once.
TOUCHED_ROWS: Final = 1 << 18
#: The number of simple operations in machine code that take as long as one operation of NumPy.
THREAD_RATIO: Final = 16

#: The simple operations after which code is compiled again: they take a few tenths of a second.
_WOVEN_WORK: Final = 4_000_000_000
#: The bytes of the smallest page of memory.
_PAGE: Final = 4096
#: Up to this many rows, and numbers, arrays are copied, since finding their addresses would take longer.
FEW_ROWS: Final = 1024
FEW_NUMBERS: Final = 1 << 16

_POINTER, _INTEGER = ctypes.c_void_p, ctypes.c_int64


class LLVMKernel:
    """A program as compiled code that runs on rows; see `gradcli.execute.kernel.Kernel`.

    Args:
        program: the program.
        machine: the machine to compile for; by default this machine.

    Raises:
        NoCompiledForm: an operation of the program has no compiled form.

    >>> from gradcli.execute.tape import Tape
    >>> from gradcli.execute.program import Program
    >>> from gradcli.graph import Graph
    >>> import numpy as np
    >>> x = Graph().variable("x")
    >>> result = np.empty(3)
    >>> LLVMKernel(Program(Tape([x * x], [x]), 1)).run([np.arange(3.0)], np.empty(0), [result])
    >>> result.tolist()
    [0.0, 1.0, 4.0]
    """

    executor: Final = "llvm"
    note: Final = None

    def __init__(self, program: Program, machine: Host | None = None) -> None:
        self.program = program
        self.dtype = np.dtype(program.dtype)
        self._module = LLVMModule(machine or host(), program.dtype)
        loop = LoopCode(program, self._module)
        #: The number of rows in a vector, and those that a loop is called for are a multiple of `turn`.
        self.lanes = self._module.lanes
        self.turn = self.lanes * WIDTH
        #: How many numbers of scratch memory a thread needs.
        self.scratch = loop.scratch * self.lanes
        #: The cost of a row, in simple operations.
        self.work = loop.work
        self.prepare = loop.prepare
        #: Whether results are written past the caches, and whether the code is woven -> the compiled function.
        self.functions: dict[tuple[bool, bool], Any] = {}
        #: The simple operations that were done so far.
        self.done = 0
        self._can_weave = len(program.tape.instructions) <= WOVEN
        self._lock = threading.Lock()
        self._own = threading.local()
        arrays = max(1, program.columns + len(program.tape.outputs))
        #: The most rows that are copied.
        self.few_rows = min(FEW_ROWS, FEW_NUMBERS // arrays // self.turn * self.turn)

    def run(self, columns: Sequence[Any], uniforms: Any, results: Sequence[Any], threads: int | None = None) -> None:
        """Run the program on all rows; see `gradcli.execute.kernel.Kernel`."""
        rows = len(results[0]) if results else 0
        if rows > self.few_rows:
            _Run(self, columns, uniforms, results).run(threads)
        elif rows:
            few = getattr(self._own, "few", None)
            if few is None:
                few = self._own.few = _FewRows(self)
            few.run(columns, uniforms, results, rows)

    @cached_property
    def calls(self) -> Calls | None:
        """The ways to call the program for few rows; None if it has uniforms."""
        if self.program.uniforms:
            return None
        # So many rows take one thread anyway.
        is_alone = threads_for(RANGE_ROWS * self.work // THREAD_RATIO) == 1
        return Calls(self.program, self._module.host, RANGE_ROWS if is_alone else FEW_ROWS)

    def code(self, is_streamed: bool) -> Any:
        """Return the compiled function; it is compiled at the first call.

        Args:
            is_streamed: whether results are written directly to memory, not into the caches; they must be aligned to
                registers.
        """
        key = is_streamed, self.is_woven
        if key not in self.functions:
            with self._lock:
                if key not in self.functions:
                    code = MachineCode(self._woven if key[1] else self._module, is_streamed=is_streamed)
                    self.functions[key] = code.function("run", None, _INTEGER, *[_POINTER] * 4)
        return self.functions[key]

    @property
    def is_woven(self) -> bool:
        """Whether the code is woven, which gives the same bits in less time, but takes longer to compile.

        It is worth this after some work.
        """
        return self._can_weave and self.done > _WOVEN_WORK

    @cached_property
    def _woven(self) -> LLVMModule:
        module = LLVMModule(self._module.host, self.program.dtype)
        LoopCode(self.program, module, is_woven=True)
        return module


class _FewRows:
    """The arrays of one thread to which a few rows are copied. Their addresses are computed once, which saves time."""

    def __init__(self, kernel: LLVMKernel) -> None:
        split, count = kernel.program.columns, kernel.program.columns + len(kernel.program.tape.outputs)
        self._kernel = kernel
        self._function = kernel.code(False)
        self._arrays = list(np.ones((count, kernel.few_rows), kernel.dtype))
        self._split = split
        addresses = [address_of(array) for array in self._arrays]
        self._columns = (_POINTER * split)(*addresses[:split])
        self._results = (_POINTER * (count - split))(*addresses[split:])
        self._scratch = aligned_rows(1, kernel.scratch, kernel.dtype, 1.0)

    def run(self, columns: Sequence[Any], uniforms: Any, results: Sequence[Any], rows: int) -> None:
        """Run the kernel on at most `LLVMKernel.few_rows` rows."""
        for array, column in zip(self._arrays, columns, strict=False):
            array[:rows] = column
        shared = self._kernel.prepare(uniforms)
        address = address_of(shared) if len(shared) else None
        self._function(rows, self._columns, address, self._results, address_of(self._scratch))
        for result, array in zip(results, self._arrays[self._split :], strict=True):
            result[:] = array[:rows]


class _Run:
    """One run of a kernel over arrays."""

    def __init__(self, kernel: LLVMKernel, columns: Sequence[Any], uniforms: Any, results: Sequence[Any]) -> None:
        self._kernel = kernel
        self._columns = columns
        self._uniforms = kernel.prepare(uniforms)
        self._results = results
        self._rows = len(results[0])
        self._size = kernel.dtype.itemsize
        arrays = (*columns, *results)
        self._is_contiguous = all(array.strides[0] == self._size for array in arrays)
        self._addresses = [address_of(array) for array in arrays]
        self._skipped = self._count_skipped()

    def _count_skipped(self) -> int | None:
        """Count the rows before the first one at which all results are aligned.

        Returns:
            Their number; or None if the results should go through the caches, because there are few rows, or no row at
            which all results are aligned.
        """
        kernel, results = self._kernel, self._addresses[len(self._columns) :]
        if self._rows < RANGE_ROWS or not self._is_contiguous:
            return None
        if len(results) * self._rows * self._size < STREAMED_BYTES:
            return None
        offsets = {-address % (kernel.lanes * self._size) for address in results}
        return offsets.pop() // self._size if len(offsets) == 1 else None

    def run(self, threads: int | None) -> None:
        """Compute all rows."""
        kernel, first = self._kernel, self._skipped or 0
        whole = (self._rows - first) // kernel.turn * kernel.turn
        last = first + whole
        if self._skipped is not None and (True, kernel.is_woven) not in kernel.functions:
            # Meanwhile the system provides memory for the large results, which takes about as long as compiling.
            ranges = [(row, min(row + TOUCHED_ROWS, self._rows)) for row in range(0, self._rows, TOUCHED_ROWS)]
            with meanwhile(self._touch, ranges):
                kernel.code(True)
        kernel.code(self._skipped is not None)  # compiled once, before threads ask for it
        if first:
            self._copy_and_call(0, first, kernel.turn)
        if whole:
            count = threads_for(whole * kernel.work // THREAD_RATIO, threads)
            # There are more ranges than threads, so that a slow thread doesn't hold up the others.
            size = -(-whole // (4 * count)) if count > 1 else whole
            size = -(-size // RANGE_ROWS) * RANGE_ROWS
            ranges = [(start, min(start + size, last)) for start in range(first, last, size)]
            for_each_range(self._run_range, ranges, min(count, len(ranges)))
        if last < self._rows:
            self._copy_and_call(last, self._rows, kernel.turn)
        kernel.done += self._rows * kernel.work

    def _touch(self, start: int, stop: int) -> None:
        for result in self._results:
            result[start : stop : _PAGE // self._size] = 0.0

    def _run_range(self, start: int, stop: int) -> None:
        if self._is_contiguous:
            offset = start * self._size
            addresses = [address + offset for address in self._addresses]
            self._call(start, stop, addresses)
            return
        for first in range(start, stop, COPIED_ROWS):
            last = min(first + COPIED_ROWS, stop)
            self._copy_and_call(first, last, last - first)

    def _copy_and_call(self, start: int, stop: int, padded: int) -> None:
        """Compute rows on copies of the arrays, which are padded with ones."""
        split, count = len(self._columns), stop - start
        copies = aligned_rows(split + len(self._results), padded, self._kernel.dtype, 1.0)
        for copy, column in zip(copies, self._columns, strict=False):
            copy[:count] = column[start:stop]
        address, step = address_of(copies), copies.strides[0]
        self._call(start, stop, [address + i * step for i in range(len(copies))])
        for result, copy in zip(self._results, copies[split:], strict=True):
            result[start:stop] = copy[:count]

    def _call(self, start: int, stop: int, addresses: Sequence[int]) -> None:
        kernel, split = self._kernel, len(self._columns)
        scratch = aligned_rows(1, kernel.scratch, kernel.dtype, 1.0) if kernel.scratch else None
        kernel.code(self._skipped is not None)(
            stop - start,
            (_POINTER * split)(*addresses[:split]),
            address_of(self._uniforms),
            (_POINTER * (len(addresses) - split))(*addresses[split:]),
            None if scratch is None else address_of(scratch),
        )
