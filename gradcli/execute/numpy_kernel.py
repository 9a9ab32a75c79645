"""The NumPy executor: a program runs on blocks of rows that fit into the processor's cache.

An instruction that is a function of NumPy writes into a result, or into a buffer that is used again after its slot has
been read for the last time; the other instructions, which are array kernels of the registry, make their own arrays.
Operations on uniforms alone run once, on floats.  Groups of `GROUP` rows are added up first, and then their sums, so
that sums depend neither on the blocks nor on the threads.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from gradcli.execute.array_rules import kernels_of
from gradcli.execute.program import Program
from gradcli.execute.threads import for_each_range, threads_for
from gradcli.primitives.backends import backend_named
from gradcli.primitives.kernels.array_kernels import kernel_of

__all__ = ["GROUP", "BlockKernel"]

np: Final = backend_named("numpy").xp
#: The number of rows in a group, which is added up first; in a program with sums, a block is several whole groups.
GROUP: Final = 1024
#: The bytes that the arrays of a block may take together.
_CACHE: Final = 1 << 20
_MOST_GROUPS: Final = 16
_FEWEST_ROWS: Final = 64


class _Operation(NamedTuple):
    """An instruction on arrays.

    Attributes:
        function: the kernel.
        operands: the slots of its operands.
        slot: the slot of its value.
        place: the array that a function of NumPy writes into, numbered with the buffers first and then the results;
            None for a kernel that makes its own array.
    """

    function: Callable[..., Any]
    operands: tuple[int, ...]
    slot: int
    place: int | None


class BlockKernel:
    """A program that runs on NumPy.

    Attributes:
        executor: ``"numpy"``.
        note: why the program is not compiled, if compiling was asked for.
    """

    executor: Final = "numpy"

    def __init__(self, program: Program, note: str | None = None) -> None:
        self.note = note
        self.program = program
        self._dtype = np.dtype(program.dtype)
        tape = program.tape
        backend = backend_named("numpy")

        varies = program.varying
        kernels = kernels_of(tape, backend)
        self._uniform: list[tuple[Callable[..., float], tuple[int, ...], int]] = []
        rows: list[tuple[Any, Callable[..., Any], tuple[int, ...], int]] = []
        for slot, ((primitive, slots), (kernel, places)) in enumerate(
            zip(tape.instructions, kernels, strict=True), tape.first
        ):
            if varies[slot]:
                rows.append((primitive, kernel, places, slot))
            else:
                self._uniform.append((primitive.value, slots, slot))
        self._results = tape.outputs[: program.results]
        self._sums = tape.outputs[program.results :]
        self._varies = varies
        self._plan(rows)
        numbers = len(self._buffers) + program.columns + program.results + 2
        rows_in_cache = min(_MOST_GROUPS * GROUP, _CACHE // (numbers * self._dtype.itemsize))
        unit = GROUP if program.sums else _FEWEST_ROWS
        self.block_rows = unit * max(1, rows_in_cache // unit)

    def _plan(self, rows: Sequence[tuple[Any, Callable[..., Any], tuple[int, ...], int]]) -> None:
        """Give each operation the array that it writes into."""
        last = {slot: position for position, (_, _, places, _) in enumerate(rows) for slot in places}
        last.update(dict.fromkeys([*self._results, *self._sums], len(rows)))
        result_of = {slot: index for index, slot in reversed(list(enumerate(self._results)))}
        self._buffers: list[bool] = []  # for each buffer, whether it holds truth values
        free: dict[bool, list[int]] = {False: [], True: []}
        place_of: dict[int, int] = {}
        operations: list[_Operation] = []
        for position, (primitive, kernel, places, slot) in enumerate(rows):
            for operand in dict.fromkeys(places):  # a function of NumPy may write where it reads
                if operand in place_of and last[operand] == position and place_of[operand] >= 0:
                    free[self._buffers[place_of[operand]]].append(place_of[operand])
            function = getattr(np, primitive.array) if kernel_of(primitive) is None else kernel
            place = None
            if isinstance(function, np.ufunc):
                is_truth = function is backend_named("numpy").truth(primitive)
                if slot in result_of:
                    place = -1 - result_of[slot]
                elif free[is_truth]:
                    place = free[is_truth].pop()
                else:
                    place = len(self._buffers)
                    self._buffers.append(is_truth)
                place_of[slot] = place
            operations.append(_Operation(function, places, slot, place))
        count = len(self._buffers)
        self._operations = [
            one if one.place is None or one.place >= 0 else one._replace(place=count - 1 - one.place)
            for one in operations
        ]
        written = {one.slot for one in operations if one.place is not None and one.place < 0}
        #: The results that are copied when a block is done, as (position, slot).
        self._copied = [
            (index, slot)
            for index, slot in enumerate(self._results)
            if not (slot in written and result_of[slot] == index)
        ]

    def run(self, columns: Sequence[Any], uniforms: Any, results: Sequence[Any], threads: int | None = None) -> Any:
        """Run the program on all rows; see `gradcli.execute.kernel.Kernel`."""
        program = self.program
        rows = len(columns[0]) if columns else (len(results[0]) if results else 0)
        slots: list[Any] = [None] * len(program.tape.nodes)
        shared = [*uniforms.tolist(), *program.tape.constants]
        slots[program.columns : program.columns + len(shared)] = shared
        for value, operands, slot in self._uniform:
            slots[slot] = value(*[slots[i] for i in operands])
        if rows <= self.block_rows and not program.sums:
            self._run_rows(slots, columns, results, None, 0, rows)
            return np.empty(0, program.dtype)
        partial = np.zeros((program.sums, -(-rows // GROUP)), program.dtype)
        blocks = -(-rows // self.block_rows)
        count = min(threads_for(rows * max(1, len(self._operations)), threads), max(1, blocks))
        shares = [blocks * i // count * self.block_rows for i in range(count)] + [rows]

        def work(start: int, stop: int) -> None:
            self._run_rows(list(slots), columns, results, partial, start, stop)

        for_each_range(work, itertools.pairwise(shares), count)
        return partial.sum(axis=1)

    def _run_rows(
        self, slots: list[Any], columns: Sequence[Any], results: Sequence[Any], partial: Any, start: int, stop: int
    ) -> None:
        size, dtype = min(self.block_rows, stop - start), self._dtype
        buffers = [np.empty(size, "?" if is_truth else dtype) for is_truth in self._buffers]
        scattered = [None if array.flags.c_contiguous else np.empty(size, dtype) for array in [*columns, *results]]
        with np.errstate(all="ignore"):
            for low in range(start, stop, self.block_rows):
                high = min(low + self.block_rows, stop)
                self._run_block(slots, columns, results, partial, low, high, buffers, scattered)

    def _run_block(
        self,
        slots: list[Any],
        columns: Sequence[Any],
        results: Sequence[Any],
        partial: Any,
        low: int,
        high: int,
        buffers: Sequence[Any],
        scattered: Sequence[Any],
    ) -> None:
        length = high - low
        for i, column in enumerate(columns):
            block = column[low:high]
            packed = scattered[i]
            if packed is not None:
                packed = packed[:length]
                packed[:] = block
                block = packed
            slots[i] = block
        views = [one[low:high] for one in results]
        packs = scattered[len(columns) :]
        targets = [view if pack is None else pack[:length] for view, pack in zip(views, packs, strict=True)]
        places = [*[buffer[:length] for buffer in buffers], *targets]
        for function, operands, slot, place in self._operations:
            if place is None:
                slots[slot] = function(*[slots[i] for i in operands])
            else:
                slots[slot] = function(*[slots[i] for i in operands], places[place])
        for index, slot in self._copied:
            targets[index][:] = slots[slot]
        for view, target, pack in zip(views, targets, packs, strict=True):
            if pack is not None:
                view[:] = target
        for index, slot in enumerate(self._sums):
            whole = length // GROUP * GROUP
            group = low // GROUP
            values = slots[slot] if self._varies[slot] else np.full(length, slots[slot], partial.dtype)
            if whole:
                values[:whole].reshape(-1, GROUP).sum(axis=1, out=partial[index, group : group + whole // GROUP])
            if whole < length:
                partial[index, group + whole // GROUP] = values[whole:].sum()
