"""The loop of training: many updates of the parameters of a net, in one call.

A `Recipe` has the computations: the net as stages, and tapes for a parameter and for a norm.  `Descent` compiles a
function from it, which does both passes over a batch, a vector of rows at a time, and updates the parameters.  It stops
before an update whose loss or gradient is not finite.  If the processor can, a product and an addition are rounded only
once.
"""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gradcli.execute.llvm.emitter import LLVMModule
from gradcli.execute.llvm.host import Host, host
from gradcli.execute.llvm.machine_code import MachineCode
from gradcli.execute.llvm.training_code import Recipe, TrainingCode
from gradcli.execute.llvm.vector_names import run_tape
from gradcli.execute.memory import aligned_empty, aligned_rows
from gradcli.execute.staged import StagedNet
from gradcli.records import NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Descent", "Packed", "Recipe", "Trained", "check_forms"]

_POINTER, _INTEGER, _NUMBER = ctypes.c_void_p, ctypes.c_int64, ctypes.c_double


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
        self._layout = layout = code.passes.layout
        #: The length of the array of parameters, in which every row of weights fills whole vectors.
        self.padded = layout.parameters
        #: How many numbers a packed vector of rows has, and a row of the table of inputs.
        self.block, self.width = layout.block, layout.width
        if recipe.update is None:
            self._passes  # noqa: B018 (an operation without a compiled form is an error now)
        else:
            code.write_train(recipe.update)
            machine_code = MachineCode(module)
            self._train = machine_code.function("train", _INTEGER, *[_INTEGER] * 3, *[_POINTER] * 16, *[_INTEGER] * 3)
        self._sums = _zeros(4 * self.lanes, dtype)
        self._kept = _zeros(layout.kept, dtype)
        self._slope = _zeros(self.padded, dtype)
        self._result = _zeros(2, "float64")

    def _module(self) -> LLVMModule:
        return LLVMModule(self._machine, self.dtype, contract=True)

    @functools.cached_property
    def _passes(self) -> tuple[Any, Any]:
        """The functions of single passes, which the loop doesn't need."""
        module = self._module()
        TrainingCode(module, self.recipe).write_passes()
        code = MachineCode(module)
        return (
            code.function("gradient", _NUMBER, _POINTER, _INTEGER, *[_POINTER] * 6),
            code.function("evaluate", None, _POINTER, _INTEGER, *[_POINTER] * 5),
        )

    def table(self, inputs: Floats) -> Floats:
        """Return rows of inputs, (rows, columns), in the form that `pack` takes."""

        count, columns = inputs.shape
        table: Floats = aligned_empty((count, self.width), self.dtype)
        table[:, :columns] = inputs
        # The code reads 1.0, the input of the biases, after the inputs.
        table[:, columns] = 1.0
        table[:, columns + 1 :] = 0.0
        return table

    def pack(
        self, table: Floats, chosen: NDArray[np.intp], parts: Sequence[Floats], counts: NDArray[np.int64]
    ) -> Packed:
        """Return batches of rows in the form in which the loop reads them.

        Args:
            table: a result of `table`.
            chosen: the rows of each batch, shape (batches, rows).
            parts: further columns of these rows from left to right, without the column of shares, in arrays of shape
                (batches, rows, columns).
            counts: the number of real rows in each batch, shape (batches,); the others only fill it up.
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
        places = np.arange(vectors * lanes).reshape(-1, lanes)
        share = 1.0 / counts[:, None, None]
        columns[..., -1] = np.where(places < counts[:, None, None], share, 0.0)
        return Packed(table, packed)

    def fill(self, parameters: Floats) -> Floats:
        """Return a copy of the parameters, or of the optimiser's memory, with zeros that fill up the last vector."""
        filled = _zeros(self.padded, self.dtype)
        for start, rows, count, place, length in self._layout.blocks():
            block = filled[place : place + rows * length].reshape(rows, length)
            block[:, :count] = parameters[start : start + rows * count].reshape(rows, count)
        return filled

    def taken(self, filled: Floats) -> Floats:
        """Return the parameters, or the optimiser's memory, in the order of the flat vector: the inverse of `fill`."""
        import numpy as np

        taken = np.empty(self.recipe.net.parameters)
        for start, rows, count, place, length in self._layout.blocks():
            block = filled[place : place + rows * length].reshape(rows, length)
            taken[start : start + rows * count].reshape(rows, count)[:] = block[:, :count]
        return taken

    def gradient(self, parameters: Floats, rows: Packed) -> tuple[float, float, Floats]:
        """Return the loss with penalties, the sum of the measure, and the gradient.

        Args:
            parameters: as `fill` returns them.
            rows: a result of `pack`, of which the first batch is used.
        """
        loss, measure = self._run(self._passes[0], parameters, rows, self._slope)
        return loss, measure, self.taken(self._slope)

    def evaluate(self, parameters: Floats, rows: Packed) -> tuple[float, float]:
        """Return the loss without penalties and the sum of the measure; the arguments are those of `gradient`."""
        return self._run(self._passes[1], parameters, rows)

    def _run(self, function: Any, parameters: Floats, rows: Packed, *outputs: Floats) -> tuple[float, float]:
        arrays = (rows.table, parameters, self._sums, self._kept, *outputs, self._result)
        batch = rows.batches[0]
        function(batch.ctypes.data, len(batch), *[array.ctypes.data for array in arrays])
        loss, measure = self._result.tolist()
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
        """
        import numpy as np

        updates = len(rates)
        before = np.empty((2, updates))
        after = np.empty((2, updates // in_epoch + 2))
        stride = batches.batches[0].size if len(batches.batches) > 1 else 0
        apart = batches if held_out is None else held_out
        rows = 0 if held_out is None else held_out.batches.shape[1]
        while True:
            moved = self.fill(parameters)
            kept: Floats = aligned_empty((max(1, len(memory)), self.padded), self.dtype)
            for place, one in zip(kept, memory, strict=False):
                place[:] = self.fill(one)
            arrays = [
                batches.batches, sizes, batches.table, moved, kept, rates, *before, self._sums, self._kept,
                self._slope, self._result, apart.batches, apart.table, *after,
            ]  # fmt: skip
            pointers = [array.ctypes.data for array in arrays]
            done: int = self._train(updates, stride, first, *pointers, rows, in_epoch, in_epoch - first % in_epoch)
            if done == updates or self.recipe.clipping is not None:
                break
            # The update that wasn't finite has changed parameters, so the ones before it are done again.
            updates = done
            if not updates:
                return Trained(0, parameters, list(memory), before, after)
        return Trained(done, self.taken(moved), [self.taken(one) for one in kept[: len(memory)]], before, after)


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
