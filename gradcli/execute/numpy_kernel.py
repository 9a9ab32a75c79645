"""The NumPy executor: a program runs on blocks of rows that fit into the processor's cache.

An instruction that is a function of NumPy writes into a result or into a buffer.  A buffer is used again after its slot
has been read for the last time.  Other instructions, which are array kernels of the registry, make their own arrays.
Operations that depend only on uniforms run once, on floats.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any, Final

from gradcli.execute.array_rules import kernels_of
from gradcli.execute.program import Program
from gradcli.execute.threads import for_each_range, threads_for
from gradcli.primitives.backends import backend_named
from gradcli.primitives.kernels.array_kernels import kernel_of
from gradcli.records import NamedTuple

__all__ = ["BlockKernel"]

np: Final = backend_named("numpy").xp
#: The bytes that the arrays of a block may take together.
_CACHE: Final = 1 << 20
_FEWEST_ROWS: Final = 64
_MOST_ROWS: Final = 16384


class _Operation(NamedTuple):
    """An instruction on arrays.

    Attributes:
        function: the kernel.
        operands: the slots of its operands.
        slot: the slot of its value.
        place: the number of the array that a function of NumPy writes into; results are numbered first, then buffers.
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
        note: why the program is not compiled, if compiling was requested.
    """

    executor: Final = "numpy"
    calls: Final = None

    def __init__(self, program: Program, note: str | None = None) -> None:
        self.note = note
        self.program = program
        self._dtype = np.dtype(program.dtype)
        tape = program.tape
        varies = program.varying
        #: The operations on uniforms alone, as (function, operands, slot).
        self._uniform = [
            (primitive.value, operands, slot)
            for slot, (primitive, operands) in enumerate(tape.instructions, tape.first)
            if not varies[slot]
        ]
        self._plan([slot for slot in range(tape.first, len(tape.nodes)) if varies[slot]])
        numbers = len(self._buffers) + program.columns + len(tape.outputs) + 2
        rows_in_cache = min(_MOST_ROWS, _CACHE // (numbers * self._dtype.itemsize))
        self.block_rows = _FEWEST_ROWS * max(1, rows_in_cache // _FEWEST_ROWS)

    def _plan(self, rows: Sequence[int]) -> None:
        """Choose the array that each operation writes into."""
        tape, backend = self.program.tape, backend_named("numpy")
        kernels = kernels_of(tape, backend)
        last_use = {operand: slot for slot in rows for operand in kernels[slot - tape.first][1]}
        last_use.update(dict.fromkeys(tape.outputs, len(tape.nodes)))
        result_of = {slot: index for index, slot in reversed(list(enumerate(tape.outputs)))}
        count = len(tape.outputs)
        self._buffers: list[bool] = []  # for each buffer, whether it holds truth values
        free: dict[bool, list[int]] = {False: [], True: []}
        place_of: dict[int, int] = {}
        self._operations: list[_Operation] = []
        for slot in rows:
            primitive, (kernel, places) = tape.instructions[slot - tape.first].primitive, kernels[slot - tape.first]
            for operand in dict.fromkeys(places):  # a function of NumPy may write where it reads
                place = place_of.get(operand, -1)
                if place >= count and last_use[operand] == slot:
                    free[self._buffers[place - count]].append(place)
            function = getattr(np, str(primitive.array)) if kernel_of(primitive) is None else kernel
            if not isinstance(function, np.ufunc):
                self._operations.append(_Operation(function, places, slot, None))
                continue
            is_truth = function is backend.truth(primitive)
            if slot in result_of:
                place_of[slot] = result_of[slot]
            elif free[is_truth]:
                place_of[slot] = free[is_truth].pop()
            else:
                place_of[slot] = count + len(self._buffers)
                self._buffers.append(is_truth)
            self._operations.append(_Operation(function, places, slot, place_of[slot]))
        #: The results that are copied when a block is done, as (position, slot).
        self._copied = [(index, slot) for index, slot in enumerate(tape.outputs) if place_of.get(slot) != index]

    def run(self, columns: Sequence[Any], uniforms: Any, results: Sequence[Any], threads: int | None = None) -> None:
        """Run the program on all rows; see `gradcli.execute.kernel.Kernel`."""
        program = self.program
        rows = len(results[0]) if results else 0
        slots: list[Any] = [None] * len(program.tape.nodes)
        shared = [*uniforms.tolist(), *program.tape.constants]
        slots[program.columns : program.columns + len(shared)] = shared
        for value, operands, slot in self._uniform:
            slots[slot] = value(*[slots[i] for i in operands])
        if rows <= self.block_rows:
            self._run_rows(slots, columns, results, 0, rows)
            return
        blocks = -(-rows // self.block_rows)
        count = min(threads_for(rows * max(1, len(self._operations)), threads), blocks)
        shares = [blocks * i // count * self.block_rows for i in range(count)] + [rows]

        def work(start: int, stop: int) -> None:
            self._run_rows(list(slots), columns, results, start, stop)

        for_each_range(work, itertools.pairwise(shares), count)

    def _run_rows(
        self, slots: list[Any], columns: Sequence[Any], results: Sequence[Any], start: int, stop: int
    ) -> None:
        size, split, arrays = min(self.block_rows, stop - start), len(columns), [*columns, *results]
        buffers = [np.empty(size, "?" if is_truth else self._dtype) for is_truth in self._buffers]
        packs = [None if array.flags.c_contiguous else np.empty(size, self._dtype) for array in arrays]
        with np.errstate(all="ignore"):
            for low in range(start, stop, self.block_rows):
                length = min(self.block_rows, stop - low)
                views = [array[low : low + length] for array in arrays]
                blocks = [view if pack is None else pack[:length] for view, pack in zip(views, packs, strict=True)]
                for view, block in zip(views[:split], blocks, strict=False):
                    if block is not view:
                        block[:] = view
                slots[:split] = blocks[:split]
                targets = blocks[split:]
                places = [*targets, *[buffer[:length] for buffer in buffers]]
                for function, operands, slot, place in self._operations:
                    if place is None:
                        slots[slot] = function(*[slots[i] for i in operands])
                    else:
                        slots[slot] = function(*[slots[i] for i in operands], places[place])
                for index, slot in self._copied:
                    targets[index][:] = slots[slot]
                for view, target in zip(views[split:], targets, strict=True):
                    if target is not view:
                        view[:] = target
