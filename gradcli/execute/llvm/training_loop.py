"""The loop of training: many updates of the parameters of a net, in one call.

A `Recipe` has the computations: the net as stages, and tapes for a parameter and for a norm.  `Descent` compiles a
function from it, which does both passes over a batch, a vector of rows at a time, and updates the parameters.  It stops
before an update whose loss or gradient is not finite.  If the processor can, a product and an addition are rounded only
once.
"""

from __future__ import annotations

import ctypes
import functools
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from gradcli.execute.llvm.emitter import LLVMModule
from gradcli.execute.llvm.host import Host, host
from gradcli.execute.llvm.machine_code import MachineCode
from gradcli.execute.llvm.net_code import SUMS
from gradcli.execute.llvm.net_layout import PIECE
from gradcli.execute.llvm.training_code import APART, Recipe, TrainingCode, can_yield
from gradcli.execute.llvm.vector_names import run_tape
from gradcli.execute.memory import address_of, aligned_empty, aligned_rows
from gradcli.execute.staged import StagedNet
from gradcli.execute.threads import for_each_range, threads_for
from gradcli.records import NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Descent", "Pace", "Packed", "Recipe", "Trained", "check_forms"]

#: The fewest products of weights and numbers of rows in an update, and the fewest updates, for which two threads may
#: pay: they wait for each other twice in an update.
_WORTH: Final = 1_000_000
_UPDATES: Final = 8
#: More numbers than any machine has threads for.
_MANY: Final = 1 << 40
#: After this many calls, the slower number of threads is tried again; after twice as many, if it still is slower.
_AGAIN: Final = 16
_POINTER, _INTEGER, _NUMBER = ctypes.c_void_p, ctypes.c_int64, ctypes.c_double
#: The result of the function ``evaluate`` and its parameters.
_EVALUATE: Final = (None, _INTEGER, _POINTER, _INTEGER, *[_POINTER] * 5, _INTEGER, _INTEGER, _POINTER)


def check_forms(net: StagedNet) -> None:
    """Check that every operation of a net has a compiled form, without compiling it.

    Raises:
        NoCompiledForm: an operation has none.
    """
    block = LLVMModule(Host("", "", "", 256, False), "float64").block()
    for tape in net.tapes:
        run_tape(tape, [block.splat(f"%x{i}") for i in range(len(tape.variables))])


class Packed(NamedTuple):
    """Batches of rows in the form in which the compiled loop reads them.

    Attributes:
        table: the rows of inputs.
        batches: shape (batches, vectors, numbers of a vector of rows).
    """

    table: Floats
    batches: Floats

    def part(self, start: int, stop: int) -> Packed:
        """Return some of the batches."""
        return Packed(self.table, self.batches[start:stop])


class Trained(NamedTuple):
    """The result of `Descent.train`.

    Attributes:
        done: the number of updates that were done.
        parameters, memory: the state after them.
        before: the loss and the sum of the measure before each update, shape (2, updates).
        after: the same for the rows that are held out, after each epoch, shape (2, epochs or more).
    """

    done: int
    parameters: Floats
    memory: list[Floats]
    before: Floats
    after: Floats


class Pace:
    """The choice between one thread and two, by the time that earlier calls took.

    Two threads that share each update wait for each other, so they pay only while the machine has two processors free.

    Args:
        most: the number of processors.

    >>> pace = Pace(2)
    >>> for seconds in (5.0, 3.0):
    ...     threads = pace.threads(10**9, 100)
    ...     pace.note(threads, seconds)
    >>> pace.threads(10**9, 100), pace.threads(100, 100), Pace(1).threads(10**9, 100)
    (2, 1, 1)
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._seconds: dict[int, float] = {}
        self._wait = self._left = _AGAIN

    def threads(self, products: int, updates: int) -> int:
        """Return the number of threads for a call.

        Args:
            products: how many products of weights and numbers of rows an update has.
            updates: the number of updates in the call.
        """
        if self._most < 2 or products < _WORTH or updates < _UPDATES:
            return 1
        if len(self._seconds) < 2:
            return 2 if self._seconds else 1
        return self._best if self._left else 3 - self._best

    def note(self, threads: int, seconds: float) -> None:
        """Note the time that a call took for each vector of rows."""
        if len(self._seconds) == 2:
            if threads == self._best:
                self._left = max(0, self._left - 1)
            else:
                self._wait = _AGAIN if seconds < self._seconds[self._best] else 2 * self._wait
                self._left = self._wait
        self._seconds[threads] = seconds

    @property
    def _best(self) -> int:
        return min(self._seconds, key=self._seconds.__getitem__)


class Descent:
    """A recipe compiled to a loop, which does many updates in one call.

    The loop reads rows in the form that `pack` gives them.  The last vector of a batch is filled up with copies of a
    row whose share in the mean is 0.

    Args:
        recipe: the computations.
        machine: the machine that the code is for; by default this one.
        dtype: the type of all numbers of the net: ``"float64"`` or ``"float32"``.  Losses, rates and norms are doubles.

    Raises:
        NoCompiledForm: an operation of the recipe has no compiled form.
    """

    def __init__(self, recipe: Recipe, machine: Host | None = None, dtype: str = "float64") -> None:
        self.recipe = recipe
        self.dtype = dtype
        self._machine = machine or host()
        module = self._module()
        #: How many numbers a vector holds.
        self.lanes = module.lanes
        code = TrainingCode(module, recipe)
        layout = code.passes.layout
        self._blocks = layout.blocks()
        #: The length of the array of parameters, in which every row of weights fills whole vectors.
        self.padded = layout.parameters
        #: How many numbers a packed vector of rows has, and a row of the table of inputs.
        self.block, self.width = layout.block, layout.width
        if recipe.update is None:
            self._evaluate = self._passes[1]  # an operation without a compiled form is an error now
        else:
            code.write_train(recipe.update)
            machine_code = MachineCode(module)
            self._evaluate = machine_code.function("evaluate", *_EVALUATE)
            self._train = machine_code.function(
                "train", _INTEGER, *[_INTEGER] * 3, *[_POINTER] * 16, *[_INTEGER] * 5, _POINTER
            )
        self._sums = _zeros(6 * SUMS * self.lanes, dtype)
        self._kept = _zeros(layout.kept, dtype)
        self._slope = _zeros(self.padded, dtype)
        # What both threads know is stored twice, so that neither waits for the other's memory.
        self._result: Floats = aligned_rows(2, 2, "float64", 0.0)[:, :2]
        #: The parts of rows that are evaluated one after the other have a multiple of this many rows.
        self.piece = PIECE * self.lanes
        self._products = sum(link.products for link in recipe.net.links)
        most = threads_for(_MANY) if can_yield() else 1
        self._pace, self._evaluation_pace = Pace(most), Pace(most)

    def _module(self) -> LLVMModule:
        return LLVMModule(self._machine, self.dtype, contract=True)

    @functools.cached_property
    def _passes(self) -> tuple[Any, Any]:
        """The functions of single passes."""
        module = self._module()
        TrainingCode(module, self.recipe).write_passes()
        code = MachineCode(module)
        return (
            code.function("gradient", _NUMBER, _POINTER, _INTEGER, *[_POINTER] * 6),
            code.function("evaluate", *_EVALUATE),
        )

    def table(self, inputs: Floats) -> Floats:
        """Return rows of inputs, (rows, columns), in the form that `pack` takes."""

        count, columns = inputs.shape
        table: Floats = aligned_empty((count, self.width), self.dtype)
        table[:, :columns] = inputs
        table[:, columns:] = 0.0
        return table

    def pack(
        self,
        table: Floats,
        chosen: NDArray[np.intp],
        parts: Sequence[Floats],
        counts: NDArray[np.int64],
        total: int | None = None,
    ) -> Packed:
        """Return batches of rows in the form in which the loop reads them.

        Args:
            table: a result of `table`.
            chosen: the rows of each batch, shape (batches, rows).
            parts: further columns of these rows from left to right, without the column of shares, in arrays of shape
                (batches, rows, columns).
            counts: the number of real rows in each batch, shape (batches,); the others only fill it up.
            total: the number of rows in the mean, if a batch is a part of them; by default the real rows of the batch.
        """
        import numpy as np

        batches, count = chosen.shape
        lanes = self.lanes
        vectors = -(-count // lanes)
        packed: Floats = aligned_empty((batches, vectors, self.block), self.dtype)
        starts = packed.view(f"int{8 * packed.itemsize}")[..., :lanes].reshape(batches, vectors, lanes, 1)
        _lay((chosen * self.width)[..., None], starts)
        columns = packed.reshape(batches, vectors, self.block // lanes, lanes).swapaxes(2, 3)
        start = 1
        for part in parts:
            _lay(part, columns[..., start : (start := start + part.shape[2])])
        columns[..., -1] = (1.0 / (counts if total is None else np.full_like(counts, total)))[:, None, None]
        if counts.min(initial=vectors * lanes) < vectors * lanes:
            places = np.arange(vectors * lanes).reshape(-1, lanes)
            columns[..., -1][places >= counts[:, None, None]] = 0.0
        return Packed(table, packed)

    def fill(self, parameters: Floats) -> Floats:
        """Return a copy of the parameters, or of the optimiser's memory, with zeros that fill up the last vector."""
        filled = _zeros(self.padded, self.dtype)
        for start, rows, count, place, length in self._blocks:
            matrix = parameters[start : start + rows * (count + 1)].reshape(rows, count + 1)
            end = place + rows * length
            filled[place:end].reshape(rows, length)[:, :count] = matrix[:, :count]
            filled[end : end + rows] = matrix[:, count]
        return filled

    def taken(self, filled: Floats) -> Floats:
        """Return the parameters, or the optimiser's memory, in the order of the flat vector: the inverse of `fill`."""
        import numpy as np

        taken = np.empty(self.recipe.net.parameters)
        for start, rows, count, place, length in self._blocks:
            matrix = taken[start : start + rows * (count + 1)].reshape(rows, count + 1)
            end = place + rows * length
            matrix[:, :count] = filled[place:end].reshape(rows, length)[:, :count]
            matrix[:, count] = filled[end : end + rows]
        return taken

    def gradient(self, parameters: Floats, rows: Packed) -> tuple[float, float, Floats]:
        """Return the loss with penalties, the sum of the measure, and the gradient.

        Args:
            parameters: as `fill` returns them.
            rows: a result of `pack`, of which the first batch is used.
        """
        batch = rows.batches[0]
        arrays = batch, rows.table, parameters, self._sums, self._kept, self._slope, self._result[0]
        places = list(map(address_of, arrays))
        self._passes[0](places[0], len(batch), *places[1:])
        loss, measure = self._result[0].tolist()
        return loss, measure, self.taken(self._slope)

    def evaluate(self, parameters: Floats, rows: Packed, *, adds: bool = False) -> tuple[float, float]:
        """Return the loss without penalties and the sum of the measure.

        Rows can be evaluated part by part: the last part gives the result for all of them, to the last bit, if every
        other part has a multiple of `piece` rows.

        Args:
            parameters: as `fill` returns them.
            rows: a result of `pack`, of which the first batch is used.
            adds: whether these rows are added to those of the call before.
        """
        batch = rows.batches[0]
        threads = self._evaluation_pace.threads(self._products * self.lanes * len(batch), _UPDATES)
        arrays = [[rows.table, parameters, self._sums, self._kept, self._result[thread]] for thread in range(threads)]
        began = time.perf_counter()
        _in_threads(self._evaluate, (adds, address_of(batch), len(batch)), arrays, ())
        self._evaluation_pace.note(threads, (time.perf_counter() - began) / len(batch))
        loss, measure = self._result[0].tolist()
        return loss, measure

    def train(
        self,
        parameters: Floats,
        memory: Sequence[Floats],
        batches: Packed,
        sizes: NDArray[np.int64],
        rates: Floats,
        first: int,
        held_out: Packed | None,
        in_epoch: int,
        threads: int | None = None,
    ) -> Trained:
        """Run updates, up to one whose loss or gradient is not finite.

        Args:
            parameters, memory: the flat vector, and the arrays that the optimiser keeps, in the same order.
            batches: one batch for each update, or one for all.
            sizes: how many vectors of each batch are used.
            rates: the learning rate of each update.
            first: the number of the first update in the run, from 0.
            held_out: the rows, as one batch, on which the loss is evaluated after each epoch.
            in_epoch: the number of updates in an epoch.
            threads: the number of threads, 1 or 2; by default the number that was quicker before.  The results have the
                same bits.  If gradients are clipped, one thread does everything.
        """
        import numpy as np

        updates = len(rates)
        vectors = int(sizes[:updates].sum())
        if threads is None:
            threads = self._pace.threads(self._products * self.lanes * vectors // updates, updates)
        if self.recipe.clipping is not None:
            threads = 1
        stride = batches.batches[0].size if len(batches.batches) > 1 else 0
        apart = batches if held_out is None else held_out
        last = 0 if held_out is None else held_out.batches.shape[1], in_epoch, in_epoch - first % in_epoch
        while True:
            moved = self.fill(parameters)
            kept: Floats = aligned_empty((max(1, len(memory)), self.padded), self.dtype)
            for place, one in zip(kept, memory, strict=False):
                place[:] = self.fill(one)
            # As with the results, what both threads know is stored twice.
            before, after = np.empty((2, 2, updates)), np.empty((2, 2, updates // in_epoch + 2))
            arrays = [
                [
                    batches.batches, sizes, batches.table, moved, kept, rates, *before[thread], self._sums, self._kept,
                    self._slope, self._result[thread], apart.batches, apart.table, *after[thread],
                ]
                for thread in range(threads)
            ]  # fmt: skip
            began = time.perf_counter()
            done = _in_threads(self._train, (updates, stride, first), arrays, last)
            if updates >= _UPDATES:
                self._pace.note(threads, (time.perf_counter() - began) / vectors)
            if done == updates or self.recipe.clipping is not None:
                break
            # The update that wasn't finite has changed parameters, so the ones before it are done again.
            updates = done
            if not updates:
                return Trained(0, parameters, list(memory), before[0], after[0])
        found = self.taken(moved), [self.taken(one) for one in kept[: len(memory)]]
        return Trained(done, *found, before[0], after[0])


def _in_threads(function: Any, numbers: Sequence[int], arrays: Sequence[Sequence[Any]], last: Sequence[int]) -> Any:
    """Run compiled code in one thread or in two, each with a share of the work, and return its result.

    Args:
        function: the function, whose last parameters are the shares of a thread.
        numbers, last: the integers before the arrays and after them.
        arrays: the arrays of each thread.
    """
    import numpy as np

    pointers = [list(map(address_of, one)) for one in arrays]
    if len(arrays) == 1:
        return function(*numbers, *pointers[0], *last, 0, 2, None)
    counters = np.zeros(4 * APART, np.uint8)
    counter = counters.ctypes.data + -counters.ctypes.data % (2 * APART)
    found = [None, None]

    def work(start: int, stop: int) -> None:
        found[start] = function(*numbers, *pointers[start], *last, start, stop, counter + start * APART)

    for_each_range(work, [(0, 1), (1, 2)], 2)
    return found[0]


def _zeros(size: int, dtype: str) -> Floats:
    """Return zeros, aligned in memory so that the processor reads and writes whole vectors."""
    zeros: Floats = aligned_rows(1, size, dtype, 0.0)[0, :size]
    return zeros


def _lay(part: NDArray[Any], places: NDArray[Any]) -> None:
    """Write rows, (batches, rows, columns), into their places, (batches, vectors, lanes, columns).

    The last vector is filled up with copies of the first row.
    """
    batches, count, width = part.shape
    lanes = places.shape[2]
    whole, rest = divmod(count, lanes)
    places[:, :whole] = part[:, : whole * lanes].reshape(batches, whole, lanes, width)
    if rest:
        places[:, whole, :rest] = part[:, whole * lanes :]
        places[:, whole, rest:] = part[:, :1]
