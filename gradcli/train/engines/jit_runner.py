"""Many updates of a run in one call of a compiled loop."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.records import NamedTuple

if TYPE_CHECKING:
    from gradcli.array_types import Floats, Indices
    from gradcli.execute.llvm.training_loop import Descent, Packed
    from gradcli.train.engines.update_graphs import Update

__all__ = ["DoneUpdates", "Runner", "columns_of"]


class DoneUpdates(NamedTuple):
    """Updates that were done in one call.

    Attributes:
        done: the number of updates; fewer than requested if the next update would not be finite.
        parameters, memory: the state after these updates.
        losses: the loss of the batch before each update.
        measures: the number of right classes, or the sum of squared errors, in the batch before each update.
        seen: the loss and the measure of the rows set aside, after each epoch that ended.
    """

    done: int
    parameters: Floats
    memory: dict[str, Floats]
    losses: list[float]
    measures: list[float]
    seen: list[tuple[float, float]]


class Runner:
    """A compiled loop that runs many updates in one call.

    Attributes:
        first: the first update that it can do, counted from 0.
        piece: the parts of rows that `evaluate` takes have a multiple of this many rows.
        made_for: the settings that the compiled code depends on: the optimiser, its options, the largest norm of a
            gradient, and whether rows have weights.
    """

    def __init__(
        self, descent: Descent, update: Update, made_for: tuple[str, dict[str, Any], float | None, bool]
    ) -> None:
        self.made_for = made_for
        self.descent = descent
        self.names = update.memory
        self.first = update.first - 1
        self.piece = descent.piece

    def table(self, inputs: Floats) -> Floats:
        """Return rows of inputs, (rows, columns), in the form that `pack` takes."""
        return self.descent.table(inputs)

    def pack(
        self,
        table: Floats,
        chosen: Indices,
        targets: Floats,
        masks: Sequence[Floats],
        counts: Sequence[int],
        total: int | None = None,
    ) -> Packed:
        """Pack batches of rows as the compiled loop reads them.

        Args:
            table: a result of `table`.
            chosen: the rows of each batch, shape (batches, rows).
            targets: the targets of these rows, (batches, rows).
            masks: the weights of the rows, if rows have weights, and the factors of each random layer, (batches, rows,
                ...); empty for rows that are set aside.
            counts: the number of real rows in each batch; the other rows are copies.
            total: the number of rows in the mean, if a batch is a part of them.
        """
        return self.descent.pack(table, chosen, columns_of(targets, masks), np.asarray(counts), total)

    def evaluate(self, parameters: Floats, parts: Iterable[Packed]) -> tuple[float, float]:
        """Return the loss without penalties and the measure of rows, as in `DoneUpdates.seen`.

        Args:
            parameters: the state.
            parts: the rows, packed by `pack` in parts; all but the last have a multiple of `piece` rows.
        """
        filled, found = self.descent.fill(parameters), (math.nan, 0.0)
        for number, part in enumerate(parts):
            found = self.descent.evaluate(filled, part, adds=number > 0)
        return found

    def numbers(self, rows: int) -> int:
        """Return how many numbers a packed batch of this many rows holds."""
        return -(-rows // self.descent.lanes) * self.descent.block

    def run(
        self,
        parameters: Floats,
        memory: Mapping[str, Floats],
        batches: Packed,
        counts: Sequence[int],
        rates: Sequence[float],
        first: int,
        unseen: Packed | None,
        in_epoch: int,
        threads: int | None = None,
    ) -> DoneUpdates:
        """Do updates until one is not finite.

        Args:
            parameters, memory: the state before the first update.
            batches: a result of `pack`: one batch for each update, or one for all.
            counts: the number of real rows in each batch.
            rates: the learning rate of each update.
            first: the number of the first update in the run.
            unseen: the rows set aside, packed by `pack` as a single batch; None if no rows are set aside.
            in_epoch: the number of updates in an epoch.
            threads: the number of threads, 1 or 2; see `Descent.train`.
        """
        if not len(rates):
            return DoneUpdates(0, parameters, dict(memory), [], [], [])
        sizes = np.ascontiguousarray(-(-np.asarray(counts, np.int64) // self.descent.lanes))
        kept = [memory[name] for name in self.names]
        found = self.descent.train(
            parameters, kept, batches, sizes, np.asarray(rates), first, unseen, in_epoch, threads
        )
        done = found.done
        ended = (first + done) // in_epoch - first // in_epoch if unseen is not None else 0
        return DoneUpdates(
            done,
            found.parameters,
            dict(zip(self.names, found.memory, strict=True)),
            found.before[0, :done].tolist(),
            found.before[1, :done].tolist(),
            list(zip(*found.after[:, :ended].tolist(), strict=True)),
        )


def columns_of(targets: Floats, masks: Sequence[Floats]) -> list[Floats]:
    """Return targets, (batches, rows), and masks as columns, each of shape (batches, rows, columns)."""
    return [targets[..., None], *[mask.reshape(*targets.shape, -1) for mask in masks]]
