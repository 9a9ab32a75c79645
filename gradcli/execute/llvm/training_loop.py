"""The loop of training: many updates of parameters by the gradient of a sum over rows, in one call.

A `Recipe` has the computations for a row, for a parameter and for a norm.  `Descent` compiles a function from it: for
each update it runs over a batch, a vector of rows at a time, and adds the partial derivatives to one vector of sums for
each parameter.  Then it adds up the lanes of these sums, eight parameters at once, and updates the parameters.  It
stops before an update whose loss or gradient is not finite.  If the processor can, a product and an addition are
rounded only once.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gradcli.execute.llvm.emitter import LLVMModule, NoCompiledForm
from gradcli.execute.llvm.host import Host, host
from gradcli.execute.llvm.machine_code import MachineCode
from gradcli.execute.llvm.training_code import Recipe, TrainingCode
from gradcli.execute.llvm.vector_names import run_tape
from gradcli.execute.memory import aligned_rows
from gradcli.execute.tape import Tape

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Descent", "Recipe", "has_compiled_form"]

_POINTER, _INTEGER, _NUMBER = ctypes.c_void_p, ctypes.c_int64, ctypes.c_double


def has_compiled_form(*tapes: Tape) -> bool:
    """Whether every operation of the tapes has a compiled form."""
    block = LLVMModule(Host("", "", "", 256, False), "float64").block()
    try:
        for tape in tapes:
            run_tape(tape, [block.splat(f"%x{i}") for i in range(len(tape.variables))])
    except NoCompiledForm:
        return False
    return True


class Descent:
    """A recipe compiled to a loop, which does many updates in one call.

    The loop reads rows in the form that `pack` gives them: for each vector of rows, one vector for each column.  The
    last vector of a batch is filled up with copies of a row whose share in the mean is 0.

    Raises:
        NoCompiledForm: an operation of the recipe has no compiled form.
    """

    def __init__(self, recipe: Recipe, machine: Host | None = None) -> None:
        self.recipe = recipe
        module = LLVMModule(machine or host(), "float64", contract=True)
        #: How many numbers a vector holds.
        self.lanes = module.lanes
        #: The number of parameters, rounded up to whole vectors.
        self.padded = -(-recipe.row.uniforms // self.lanes) * self.lanes
        text = TrainingCode(module, recipe, self.padded)
        text.write_passes()
        code = MachineCode(module)
        self._gradient = code.function("gradient", _NUMBER, _POINTER, _INTEGER, *[_POINTER] * 5)
        self._evaluate = code.function("evaluate", None, _POINTER, _INTEGER, *[_POINTER] * 4)
        if recipe.update is not None:
            # The loop has a module of its own, so that the passes are found in the cache for another optimiser, too.
            module = LLVMModule(module.host, "float64", contract=True)
            TrainingCode(module, recipe, self.padded).write_train(recipe.update)
            train = MachineCode(module)
            self._train = train.function("train", _INTEGER, *[_INTEGER] * 3, *[_POINTER] * 16, *[_INTEGER] * 3)
        self._sums = _zeros((len(recipe.row.tape.outputs) + self.lanes) * self.lanes)
        self._kept = _zeros(max(1, text.kept) * self.lanes)
        self._slope = _zeros(self.padded)
        self._result = _zeros(2)

    def pack(self, parts: Sequence[Floats], counts: NDArray[np.int64]) -> Floats:
        """Return rows in the form in which the loop reads them.

        Args:
            parts: the columns of the rows from left to right, without the column of shares, in one or several arrays of
                shape (batches, rows, columns).
            counts: the number of real rows in each batch, shape (batches,); the others only fill it up.

        Returns:
            Shape (batches, vectors, columns + 1, lanes).
        """
        import numpy as np

        batches, count = parts[0].shape[:2]
        lanes, width = self.lanes, sum(part.shape[2] for part in parts)
        whole, rest = divmod(count, lanes)
        packed = np.empty((batches, whole + (rest > 0), width + 1, lanes))
        rows = packed.swapaxes(2, 3)
        start = 0
        for part in parts:
            columns = slice(start, start := start + part.shape[2])
            rows[:, :whole, :, columns] = part[:, : whole * lanes].reshape(batches, whole, lanes, part.shape[2])
            if rest:
                rows[:, whole, :rest, columns] = part[:, whole * lanes :]
                rows[:, whole, rest:, columns] = part[:, :1]
        places = np.arange(rows.shape[1] * lanes).reshape(-1, lanes)
        share = 1.0 / counts[:, None, None]
        rows[..., -1] = np.where(places < counts[:, None, None], share, 0.0)
        return packed

    def fill(self, parameters: Floats) -> Floats:
        """Return a copy of the parameters, or of the optimiser's memory, with zeros that fill up the last vector."""
        filled = _zeros(self.padded)
        filled[: len(parameters)] = parameters
        return filled

    def gradient(self, parameters: Floats, rows: Floats) -> tuple[float, float, Floats]:
        """Return the loss with penalties, the sum of the measure, and the gradient.

        Args:
            parameters: as `fill` returns them.
            rows: one of the batches that `pack` returns.
        """
        loss, measure = self._run(self._gradient, parameters, rows, self._slope)
        return loss, measure, self._slope[: self.recipe.row.uniforms].copy()

    def evaluate(self, parameters: Floats, rows: Floats) -> tuple[float, float]:
        """Return the loss without penalties and the sum of the measure; the arguments are those of `gradient`."""
        return self._run(self._evaluate, parameters, rows)

    def _run(self, function: Any, parameters: Floats, rows: Floats, *outputs: Floats) -> tuple[float, float]:
        arrays = (parameters, self._sums, self._kept, *outputs, self._result)
        function(rows.ctypes.data, len(rows), *[array.ctypes.data for array in arrays])
        loss, measure = self._result.tolist()
        return loss, measure

    def train(
        self,
        parameters: Floats,
        memory: Floats,
        batches: Floats,
        sizes: NDArray[np.int64],
        rates: Floats,
        first: int,
        held_out: Floats | None,
        in_epoch: int,
    ) -> tuple[int, Floats, Floats]:
        """Run updates, up to one whose loss or gradient is not finite.

        Args:
            parameters, memory: as `fill` returns them, shapes (padded,) and (names, padded); they are changed.
            batches: shape (1 or updates, vectors, columns, lanes); a single batch is used for all updates.
            sizes: how many vectors of each batch are used.
            rates: the learning rate of each update.
            first: the number of the first update in the run, from 0.
            held_out: the rows, as one batch, on which the loss is evaluated after each epoch.
            in_epoch: the number of updates in an epoch.

        Returns:
            The number of updates done; the loss and the sum of the measure before each, shape (2, updates); and the
            same for the held-out rows after each epoch, shape (2, epochs or more).
        """
        import numpy as np

        updates = len(rates)
        before = np.empty((2, updates))
        after = np.empty((2, updates // in_epoch + 2))
        stride = batches[0].size if len(batches) > 1 else 0
        arrays = [
            batches, sizes, parameters, memory, rates, *before, self._sums, self._kept, self._slope, self._result,
            batches if held_out is None else held_out, *after,
        ]  # fmt: skip
        passes = [ctypes.cast(function, _POINTER) for function in (self._gradient, self._evaluate)]
        pointers = [*passes, *[array.ctypes.data for array in arrays]]
        rows = 0 if held_out is None else len(held_out)
        done: int = self._train(updates, stride, first, *pointers, rows, in_epoch, in_epoch - first % in_epoch)
        return done, before, after


def _zeros(size: int) -> Floats:
    """Return zeros, aligned in memory so that the processor reads and writes whole vectors."""
    zeros: Floats = aligned_rows(1, size, "float64", 0.0)[0, :size]
    return zeros
