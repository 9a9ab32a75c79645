"""Many updates of a run in one call of a compiled loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gradcli.execute.llvm.training_loop import Descent
    from gradcli.train.engines.row_graphs import Update

    Floats = NDArray[np.float64]

__all__ = ["Runner", "Stretch", "columns_of"]


class Stretch(NamedTuple):
    """Updates that were done in one call.

    Attributes:
        done: how many; fewer than were asked for if the next one is not finite.
        parameters, memory: after them.
        losses: of the batch before each.
        measures: likewise, summed over the rows: of right classes or of squared errors.
        seen: loss and such a sum of the rows set aside, after each epoch that ended.
    """

    done: int
    parameters: Floats
    memory: dict[str, Floats]
    losses: list[float]
    measures: list[float]
    seen: list[tuple[float, float]]


class Runner:
    """Runs many updates in one call.

    Attributes:
        first: the first update, from 0, that it can do.
        made_for: optimiser, its options and the longest gradient.
    """

    def __init__(self, descent: Descent, update: Update, made_for: tuple[str, dict[str, Any], float | None]) -> None:
        self.made_for = made_for
        self.descent = descent
        self.names = update.memory
        self.first = update.first - 1

    def pack(self, inputs: Floats, targets: Floats, masks: Sequence[Floats], counts: Sequence[int]) -> Floats:
        """Rows as the compiled loop reads them.

        Args:
            inputs: shape (batches, rows, columns).
            targets: (batches, rows).
            masks: for each dropout layer (batches, rows, units).
            counts: the rows of each batch that count; the others are copies.
        """
        import numpy as np

        columns = columns_of(inputs, targets, masks, 0)
        return self.descent.pack(columns, np.asarray(counts))

    def pack_unseen(self, inputs: Floats, targets: Floats) -> Floats | None:
        """The rows set aside, likewise; None if there are none."""
        import numpy as np

        if not len(inputs):
            return None
        packed: Floats = self.descent.pack(columns_of(inputs, targets, (), 0)[None], np.array([len(inputs)]))[0]
        return packed

    def numbers(self, rows: int) -> int:
        """The numbers of a packed batch."""
        return -(-rows // self.descent.lanes) * self.descent.lanes * self.descent.recipe.row.columns

    def run(
        self,
        parameters: Floats,
        memory: Mapping[str, Floats],
        batches: Floats,
        counts: Sequence[int],
        rates: Sequence[float],
        first: int,
        unseen: Floats | None,
        in_epoch: int,
    ) -> Stretch:
        """Do updates until one is not finite.

        Args:
            parameters, memory: where to begin.
            batches: what `pack` gave: one batch for each update, or one for all.
            counts: the rows of each batch that count.
            rates: the learning rate of each update.
            first: the number of the first in the run.
            unseen: what `pack_unseen` gave.
            in_epoch: the updates of an epoch.
        """
        import numpy as np

        if not len(rates):
            return Stretch(0, parameters, dict(memory), [], [], [])
        descent = self.descent
        moved = descent.fill(parameters)
        kept = np.stack([descent.fill(memory[name]) for name in self.names] or [np.zeros(descent.padded)])
        sizes = -(-np.asarray(counts, np.int64) // descent.lanes)
        done, past, seen = descent.train(
            moved, kept, batches, np.ascontiguousarray(sizes), np.asarray(rates), first, unseen, in_epoch
        )
        ended = (first + done) // in_epoch - first // in_epoch if unseen is not None else 0
        count = len(parameters)
        return Stretch(
            done,
            moved[:count].copy(),
            {name: one[:count].copy() for name, one in zip(self.names, kept, strict=False)},
            past[0, :done].tolist(),
            past[1, :done].tolist(),
            list(zip(*seen[:, :ended].tolist(), strict=True)),
        )


def columns_of(inputs: Floats, targets: Floats, masks: Sequence[Floats], ones: int) -> Floats:
    """Inputs, targets and masks side by side, shape (..., rows, columns); without masks as many ones."""
    import numpy as np

    factors = [mask.reshape(*targets.shape, -1) for mask in masks] or [np.ones((*targets.shape, ones))] * bool(ones)
    return np.concatenate([inputs, targets[..., None], *factors], axis=-1)
