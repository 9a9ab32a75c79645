"""The training loop, as a stream of events.

`train` is a generator.  After an update it yields a `Step`, and after an epoch an `Epoch`.  The caller decides what to
show and when to stop: between two events the `State` is whole, so it can be saved and passed to another call, which
continues exactly as if the training had never stopped.  To make this possible, every random draw depends only on the
seed and on the number of the epoch or update.

An engine may do many updates in one call.  Then these updates have a single `Step`, and the events of the epochs that
they complete hold the state after all of them.  The results don't depend on how many updates are done in one call."""

from __future__ import annotations

import bisect
import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gradcli.errors import Diverged
from gradcli.optim.clipping import clipped
from gradcli.optim.optimizers import OPTIMIZERS
from gradcli.optim.schedules import SCHEDULES, warmed_up
from gradcli.records import NamedTuple
from gradcli.source import counted
from gradcli.train.data.rows import BLOCK
from gradcli.train.data.weights import row_weights
from gradcli.train.engines.base import NUMBERS, outputs_of
from gradcli.train.metrics import mean_loss, measure
from gradcli.train.updates import History, UpdateRecord

if TYPE_CHECKING:
    from gradcli.array_types import Array, Floats, Indices
    from gradcli.execute.llvm.training_loop import Packed
    from gradcli.train.data.rows import Data
    from gradcli.train.engines.base import Engine, Pass
    from gradcli.train.engines.jit_runner import DoneUpdates, Runner
    from gradcli.train.model.model import Model
    from gradcli.train.settings import Settings

__all__ = ["Best", "Epoch", "State", "Step", "Validation", "masks_of", "order_of", "train"]

# How many numbers of a long table are gathered for one call: they fill 4 million bytes, which stay in the caches.
GATHERED = 500_000
# How many seconds one call of an engine should take, and how many numbers its first call takes in.
SECONDS = 0.03
FIRST_NUMBERS = 20_000
# The purposes of random bits: each has a stream of its own.
SHUFFLE, DROPOUT = 1, 2


class Best(NamedTuple):
    """The best epoch so far: its number from 0, its validation loss, and the parameters after it."""

    epoch: int
    loss: float
    parameters: Floats


@dataclass
class State:
    """The state of a run: everything that is needed to continue it.

    Args:
        parameters: the flat vector, never changed in place.
        memory: the vectors of the optimiser, never changed in place.
        history: one entry per update done.
        validation: one entry (number of updates done, loss, measure) per epoch done, if rows were set aside.
        best: the best epoch so far, if the run has a ``patience``; else None.
        stopped: whether the run ended before its last planned update.
    """

    parameters: Floats
    memory: dict[str, Floats]
    history: History = field(default_factory=History)
    validation: list[tuple[int, float, float]] = field(default_factory=list)
    best: Best | None = None
    stopped: bool = False

    def __repr__(self) -> str:
        return f"<state after {counted(len(self.history), 'update')}, {counted(len(self.parameters), 'parameter')}>"


class Validation(NamedTuple):
    """The results on the rows set aside: the mean loss without penalties, and a measure as in `UpdateRecord`."""

    loss: float
    measure: float


class Step(NamedTuple):
    """The event after one update, or after several that were done at once.

    Attributes:
        update: the number of the last update, from 0.
        updates: the number of updates of the whole run.
        epoch: the epoch of the last update, from 0.
        record: the record of the last update.
        state: the state after the last update.
    """

    update: int
    updates: int
    epoch: int
    record: UpdateRecord
    state: State


class Epoch(NamedTuple):
    """The event after one epoch.

    Attributes:
        epoch: its number, from 0.
        epochs: the number of epochs of the whole run.
        loss: the mean loss of the epoch's rows, each computed before the update that used it.
        measure: the accuracy or the root mean square error over the epoch's rows, each also computed before the update
            that used it.
        validation: the results on the rows set aside, after the epoch; None if there are no such rows.
        state: the state after the epoch; if later updates were done in the same call, the state after these.
    """

    epoch: int
    epochs: int
    loss: float
    measure: float
    validation: Validation | None
    state: State


def bits(purpose: int, seed: int, number: int, count: int) -> Array:
    """Draw random bits that depend only on the given numbers.

    Philox returns the same bits in every version of NumPy.
    """
    import numpy as np

    # Making a generator takes longer than resetting one, so each thread keeps one.
    if not hasattr(_generators, "philox"):
        _generators.philox = np.random.Philox(0)
        _generators.state = _generators.philox.state
    state = _generators.state
    state["state"] = {
        "counter": np.array([0, 0, 0, number], np.uint64),
        "key": np.array([seed, purpose], np.uint64),
    }
    _generators.philox.state = state
    drawn: Array = _generators.philox.random_raw(count)
    return drawn


_generators = threading.local()


def order_of(rows: int, seed: int, epoch: int, batch: int) -> Indices:
    """Return the order in which an epoch visits the rows: shuffled, or unchanged if one batch has all rows."""
    import numpy as np

    if batch >= rows:
        return np.arange(rows)
    drawn = bits(SHUFFLE, seed, epoch, rows)
    order = np.argsort(drawn)
    # Equal bits, which are rare, keep their order. A sort that always keeps it takes twice the time.
    if any((drawn[part[1:]] == drawn[part[:-1]]).any() for part in overlapping(order, BLOCK)):
        order = np.argsort(drawn, kind="stable")
    return order


def overlapping(values: Array, length: int) -> Iterator[Array]:
    """Yield parts of an array, one after the other; each begins with the last element of the part before it."""
    for start in range(0, len(values) - 1, length):
        yield values[start : start + length + 1]


def masks_of(model: Model, seed: int, update: int, rows: int) -> list[Floats]:
    """Draw the factors of each dropout layer for the rows of an update: each is 0, or 1/(1 - share)."""
    import numpy as np

    result = []
    for number, placed in enumerate(model.random):
        share = placed.spec.size
        drawn = bits(DROPOUT + number, seed, update, rows * math.prod(placed.outputs)).reshape(rows, *placed.outputs)
        result.append(np.where(drawn >= np.uint64(int(share * 2.0**64)), 1.0 / (1.0 - share), 0.0))
    return result


def train(
    model: Model,
    settings: Settings,
    engine: Engine,
    data: Data,
    validation: Data,
    state: State,
    stops: Iterable[int] = (),
) -> Iterator[Step | Epoch]:
    """Do the updates that follow the state, up to the last epoch or until the patience ends.

    Args:
        model: the net.
        settings: the settings of the training.
        engine: the engine that computes losses and gradients.
        data: the rows to train on.
        validation: the rows set aside for validation, possibly none.
        state: the state of the run, which is updated before each event.
        stops: numbers of updates after each of which an event with the state is wanted.

    Raises:
        Diverged: a loss or a gradient is not finite.  The state then holds the last parameters that gave a finite loss,
            before their update.
    """
    loop = Loop(model, settings, engine, data, validation, state, stops)
    return loop.descents() if settings.takes_all else loop.steps()


class Loop:
    """One call of `train`: its arguments, and the values that follow from them."""

    def __init__(
        self, model: Model, settings: Settings, engine: Engine, data: Data, validation: Data, state: State, stops: Any
    ) -> None:
        self.model, self.settings, self.engine, self.state = model, settings, engine, state
        self.optimizer, self.options = OPTIMIZERS[settings.optimizer], settings.hyperparameters
        self.rows = len(data)
        self.batch, self.updates = settings.batch_of(self.rows), settings.updates(self.rows)
        self.in_epoch = -(-self.rows // self.batch)
        # A second copy of a large table would take as much memory as the table itself, and for pictures, which are
        # bytes, eight times as much.  So their batches are scaled when they are used.
        self.is_held = data.inputs.size <= NUMBERS
        self.inputs = data.inputs
        self.inputs_of = self.selected(data.inputs, model.scaled)
        self.targets_of = self.selected(data.targets, model.scaled_targets)
        self.weights = row_weights(data, settings.class_weight)
        self.unseen, self.unseen_targets = validation.inputs, model.scaled_targets(validation.targets)
        self.stops = sorted({*stops, self.updates})
        self.schedule = warmed_up(SCHEDULES[settings.schedule], settings.warmup)
        # The last epoch that was shuffled, and the rows of its batches.
        self.shuffled: tuple[int, Array] | None = None
        # The state before the last update, to which a loss that is not finite goes back.
        self.before: tuple[Floats, dict[str, Floats], Best | None] | None = None

    def selected(self, values: Array, scaled: Callable[[Array], Floats]) -> Callable[[Any], Floats]:
        """Return a function that returns the scaled values of rows, given the indices of the rows."""
        if not self.is_held:
            return lambda rows: scaled(taken(values, rows))
        held = scaled(values)
        return lambda rows: held[rows]

    def rate(self, update: int) -> float:
        """Return the learning rate of an update."""
        return self.settings.learning_rate * self.schedule(update, self.updates)

    def steps(self) -> Iterator[Step | Epoch]:
        """Train by a method that takes one batch for each update."""
        state = self.state
        runner = self.engine.runner_for(
            self.settings.optimizer, self.options, self.settings.clip, weighted=self.weights is not None
        )
        compiled = None if runner is None else CompiledUpdates(self, runner)
        while len(state.history) < self.updates and not state.stopped:
            records, seen = (compiled and compiled.go()) or ([self.step()], [])
            yield from self.done(records, seen)

    def step(self) -> UpdateRecord:
        """Do one update."""
        import numpy as np

        state, settings = self.state, self.settings
        step = self.optimizer.step
        assert step is not None
        update = len(state.history)
        rows = self.rows_of(update) if self.in_epoch > 1 else slice(None)
        targets = self.targets_of(rows)
        rate = self.rate(update)
        masks = masks_of(self.model, settings.seed, update, len(targets))
        found = self.engine.loss_and_gradient(
            state.parameters, self.inputs_of(rows), targets, masks, None if self.weights is None else self.weights[rows]
        )
        gradient = found.gradient
        length = float(np.dot(gradient, gradient)) ** 0.5
        if not (math.isfinite(found.loss) and (math.isfinite(length) or np.isfinite(gradient).all())):
            if not math.isfinite(found.loss) and self.before is not None:
                state.parameters, state.memory, state.best = self.before
                state.history.pop()
                state.validation = [entry for entry in state.validation if entry[0] <= len(state.history)]
            raise self.diverged(found, update)
        if settings.clip is not None:
            (gradient,), _ = clipped([gradient], settings.clip)
        self.before = state.parameters, state.memory, state.best
        with np.errstate(all="ignore"):
            state.parameters, state.memory = step(
                state.parameters, gradient, state.memory, {**self.options, "lr": rate}, update + 1
            )
        return UpdateRecord(found.loss, measure(self.model, found.scores, targets), rate)

    def rows_of(self, update: int) -> Array:
        """Return the rows of an update."""
        epoch, number = divmod(update, self.in_epoch)
        return self.batches_of(epoch)[number, : self.rows - number * self.batch]

    def batches_of(self, epoch: int) -> Array:
        """Return the rows of each batch of an epoch, shape (updates, batch); the last batch is filled up with copies.

        An epoch is shuffled once for all of its updates.
        """
        if self.shuffled is None or self.shuffled[0] != epoch:
            import numpy as np

            self.shuffled = None
            # Small indices, because there may be many.
            order = np.empty(self.in_epoch * self.batch, np.int32 if self.rows < 2**31 else np.intp)
            order[: self.rows] = order_of(self.rows, self.settings.seed, epoch, self.batch)
            order[self.rows :] = order[-self.batch]
            self.shuffled = epoch, order.reshape(self.in_epoch, self.batch)
        return self.shuffled[1]

    def descents(self) -> Iterator[Step | Epoch]:
        """Train by a method that takes all rows and runs its own loop.

        Each of its iterations is an update and an epoch.
        """
        import numpy as np

        state = self.state
        descend = self.optimizer.descend
        assert descend is not None
        inputs, targets = self.inputs_of(slice(None)), self.targets_of(slice(None))
        passes: dict[bytes, Pass] = {}

        def function(parameters: Floats) -> tuple[float, Floats]:
            found = self.engine.loss_and_gradient(parameters, inputs, targets, (), self.weights)
            if not passes and not (math.isfinite(found.loss) and np.isfinite(found.gradient).all()):
                raise self.diverged(found, 0)
            passes[parameters.tobytes()] = found
            return found.loss, found.gradient

        with np.errstate(all="ignore"):
            for point in descend(function, state.parameters, {**self.options, "max_iter": self.settings.epochs}):
                found, reached = passes[state.parameters.tobytes()], passes[point.tobytes()]
                passes.clear()
                passes[point.tobytes()] = reached
                state.parameters = point
                record = UpdateRecord(found.loss, measure(self.model, found.scores, targets), 1.0)
                yield from self.done([record], [])
                if state.stopped:
                    return
        state.stopped = True

    def done(self, records: Sequence[UpdateRecord], seen: Sequence[Validation]) -> Iterator[Step | Epoch]:
        """Add finished updates to the state, and yield their events.

        Args:
            records: the records of the updates.
            seen: the results on the rows set aside, after each epoch that has ended.  If ``seen`` is empty, they are
                computed here from the state; then only the last update may end an epoch.
        """
        state, model = self.state, self.model
        first = len(state.history) // self.in_epoch
        state.history.extend(records)
        ended = range(first, len(state.history) // self.in_epoch)
        if ended and len(self.unseen_targets):
            if not seen:
                scores, targets = outputs_of(self.engine, model, state.parameters, self.unseen), self.unseen_targets
                seen = [Validation(mean_loss(model, scores, targets), measure(model, scores, targets))]
            state.validation += [((epoch + 1) * self.in_epoch, *one) for epoch, one in zip(ended, seen, strict=True)]
            if self.settings.patience is not None:
                self.wait(ended[-1], seen[-1].loss, self.settings.patience)
        last = len(state.history) - 1
        yield Step(last, self.updates, last // self.in_epoch, records[-1], state)
        for number, epoch in enumerate(ended):
            part = state.history[epoch * self.in_epoch : (epoch + 1) * self.in_epoch]
            loss, value = epoch_means(part, self.rows, self.batch, model.labels is None)
            yield Epoch(epoch, self.settings.epochs, loss, value, seen[number] if seen else None, state)

    def wait(self, epoch: int, loss: float, patience: int) -> None:
        """Remember the best epoch; when the patience or the run ends, return to the parameters of the best epoch."""
        state = self.state
        state.best = self.best_after(epoch, loss, state.best)
        waited = epoch - state.best.epoch
        if waited >= patience or (waited and epoch == self.settings.epochs - 1):
            state.parameters = state.best.parameters
            state.stopped = True

    def best_after(self, epoch: int, loss: float, best: Best | None) -> Best:
        """Return the better one of two epochs: the given epoch, and the best one before it.

        The state must be the state after the given epoch.
        """
        if best is None or loss < best.loss - self.settings.min_delta:
            return Best(epoch, loss if math.isfinite(loss) else math.inf, self.state.parameters)
        return best

    def diverged(self, found: Pass, update: int) -> Diverged:
        """Return the error for a loss or a gradient that is not finite."""
        what = "gradient" if math.isfinite(found.loss) else "loss"
        if not update:
            return Diverged(
                f"the {what} is not finite from the start",
                hint="choose another `activation`, `loss` or `features`, or a smaller `init`",
                argument=("activation", "loss", "features", "init"),
            )
        epoch = update // self.in_epoch + 1
        return Diverged(
            f"the {what} is no longer finite at update {update} (epoch {epoch} of {self.settings.epochs})",
            hint=f"try a smaller learning rate than {self.settings.learning_rate:g}",
        )


class CompiledUpdates:
    """Many updates in one call of the engine. A call takes about `SECONDS`, and ends at the next stop at the latest."""

    def __init__(self, loop: Loop, runner: Runner) -> None:

        self.loop = loop
        self.runner = runner
        # Rows set aside that would take too much memory are packed part by part, after each epoch.
        self.is_unseen_long = loop.unseen.size > NUMBERS
        self.unseen: Packed | None = None
        if len(loop.unseen) and not self.is_unseen_long:
            self.unseen = self.packed_unseen(slice(None), self.room_for(len(loop.unseen)))
        #: All rows of inputs; None if they would take too much memory.
        self.table: Floats | None = None
        #: The table of the rows of one call, or of one part of the rows set aside, if not all rows are held.
        self.room = self.room_for(0)
        if loop.is_held:
            self.table = runner.table(loop.inputs_of(slice(None)))
        numbers = runner.numbers(loop.batch)
        self.most = max(1, NUMBERS // numbers)
        if self.table is None:
            self.most = max(1, min(self.most, GATHERED // (self.room.shape[1] * loop.batch)))
        self.count = max(1, min(self.most, FIRST_NUMBERS // numbers))
        # If every update takes all rows, they are packed once.
        self.all: Packed | None = None
        if loop.in_epoch == 1 and not loop.model.random:
            self.all = self.packed(range(1), [loop.rows])
            self.room = self.room_for(0)

    def go(self) -> tuple[list[UpdateRecord], list[Validation]] | None:
        """Do some updates; return None if `Loop.step` has to do the next update."""
        loop, state = self.loop, self.loop.state
        first = len(state.history)
        if first < self.runner.first:
            return None
        stop = loop.stops[bisect.bisect_right(loop.stops, first)]
        if self.is_unseen_long:
            stop = min(stop, first - first % loop.in_epoch + loop.in_epoch)
        count = min(self.count, stop - first)
        updates = range(first, first + count)
        counts = [min(loop.batch, loop.rows - update % loop.in_epoch * loop.batch) for update in updates]
        batches = self.all
        if batches is None:
            batches = self.packed(updates, counts)
        rates = [loop.rate(update) for update in updates]
        # An epoch may have been shuffled for these batches, which says nothing about how many updates fit into a call.
        began = time.perf_counter()

        def run(start: int, stop: int, parameters: Floats, memory: dict[str, Floats]) -> DoneUpdates:
            part = slice(start, stop)
            return self.runner.run(
                parameters,
                memory,
                batches if self.all is not None else batches.part(start, stop),
                counts[part],
                rates[part],
                first + start,
                self.unseen,
                loop.in_epoch,
            )

        # The last update has a call of its own, because a later loss that isn't finite goes back to the state before
        # it.  If an update fails, only the updates before it are done again; if the state of an earlier epoch has to
        # be kept, only the updates up to that epoch.
        while count:
            many = run(0, count - 1, state.parameters, state.memory)
            if many.done < count - 1:
                count = many.done
                continue
            last = run(count - 1, count, many.parameters, many.memory)
            seen = many.seen + last.seen
            kept = self.kept(first, count, [loss for loss, _ in seen]) if last.done else count - 1
            if kept == count:
                break
            count = kept
        else:
            return None
        loop.before = many.parameters, many.memory, state.best
        state.parameters, state.memory = last.parameters, last.memory
        seconds = time.perf_counter() - began
        if self.is_unseen_long and not (first + count) % loop.in_epoch:
            seen = [self.runner.evaluate(state.parameters, self.unseen_parts())]
        self.count = max(1, min(self.most, int(count * min(8.0, SECONDS / seconds))))
        measures = [self.measure(*one) for one in zip(many.measures + last.measures, counts, strict=False)]
        records = list(map(UpdateRecord, many.losses + last.losses, measures, rates))
        unseen = len(loop.unseen_targets)
        return records, [Validation(loss, self.measure(total, unseen)) for loss, total in seen]

    def kept(self, first: int, count: int, losses: Sequence[float]) -> int:
        """Return how many of the updates of one call to keep.

        If the best epoch so far ends in these updates, the kept updates end with it, because its parameters are needed.
        Otherwise they end with the epoch in which the patience ends; if the patience doesn't end, all are kept.
        """
        loop, best, patience = self.loop, self.loop.state.best, self.loop.settings.patience
        if patience is None:
            return count
        better = over = None
        for epoch, loss in enumerate(losses, first // loop.in_epoch):
            best = loop.best_after(epoch, loss, best)
            if best.epoch == epoch:
                better = epoch
            elif epoch - best.epoch >= patience:
                over = epoch
                break
        end = over if better is None else better
        return count if end is None else (end + 1) * loop.in_epoch - first

    def measure(self, total: float, rows: int) -> float:
        """Return the measure of some rows, as in `UpdateRecord`, from its sum over the rows."""
        model = self.loop.model
        return total / rows if model.labels is not None else math.sqrt(total / rows) * model.target_scale

    def packed(self, updates: range, counts: Sequence[int]) -> Packed:
        """Return the batches of updates; a short batch is filled up with copies."""
        import numpy as np

        loop, parts = self.loop, []
        for epoch in range(updates.start // loop.in_epoch, updates[-1] // loop.in_epoch + 1):
            start = epoch * loop.in_epoch
            parts.append(loop.batches_of(epoch)[max(0, updates.start - start) : updates.stop - start])
        chosen = np.concatenate(parts, dtype=np.intp)
        flat = chosen.reshape(-1)
        masks = [] if loop.weights is None else [loop.weights[flat].reshape(chosen.shape)]
        if loop.model.random:
            seed = loop.settings.seed
            drawn = [masks_of(loop.model, seed, update, count) for update, count in zip(updates, counts, strict=True)]
            for layer in zip(*drawn, strict=True):
                padded = np.ones((len(updates), loop.batch, layer[0].shape[1]))
                for place, factors in zip(padded, layer, strict=True):
                    place[: len(factors)] = factors
                masks.append(padded)
        table, places = self.table, chosen
        if table is None:
            table, places = self.room_of(len(flat)), np.arange(len(flat)).reshape(chosen.shape)
            self.write(table, taken(loop.inputs, flat))
        return self.runner.pack(table, places, loop.targets_of(flat).reshape(chosen.shape), masks, counts)

    def packed_unseen(self, part: slice, table: Floats) -> Packed:
        """Return some of the rows set aside, packed; the table is filled with their inputs."""
        import numpy as np

        loop = self.loop
        self.write(table, loop.unseen[part])
        places, targets = np.arange(len(table)), loop.unseen_targets[part]
        return self.runner.pack(table, places[None], targets[None], (), [len(table)], len(loop.unseen))

    def unseen_parts(self) -> Iterator[Packed]:
        """Yield the rows set aside, packed part by part; each takes the memory of the one before."""
        rows, piece = len(self.loop.unseen), self.runner.piece
        most = max(1, GATHERED // (self.room.shape[1] * piece)) * piece
        for start in range(0, rows, most):
            stop = min(start + most, rows)
            yield self.packed_unseen(slice(start, stop), self.room_of(stop - start))

    def room_of(self, rows: int) -> Floats:
        """Return the table of a call, with this many rows."""
        if len(self.room) < rows:
            self.room = self.room_for(rows)
        return self.room[:rows]

    def room_for(self, rows: int) -> Floats:
        """Return a table of the engine for this many rows, whose inputs are to be written."""
        import numpy as np

        return self.runner.table(np.broadcast_to(0.0, (rows, self.loop.model.sizes[0])))

    def write(self, table: Floats, inputs: Array) -> None:
        """Write rows, in the units of the source, into a table of the engine."""
        model = self.loop.model
        model.scaled(inputs, out=table[:, : model.sizes[0]])


def taken(values: Array, rows: Any) -> Array:
    """Return rows of an array, given their indices or a slice.

    NumPy's `take` is several times faster than its indexing, but copies the whole array if it isn't contiguous.
    """
    is_fast = not isinstance(rows, slice) and values.flags.c_contiguous
    result: Array = values.take(rows, axis=0) if is_fast else values[rows]
    return result


def epoch_means(history: History, rows: int, batch: int, squared: bool) -> tuple[float, float]:
    """Return the loss and the measure of an epoch: means over its rows, and the root of the mean square for errors."""
    if len(history) == 1:
        return history[0].loss, history[0].measure
    sizes = [min(batch, rows - start) for start in range(0, rows, batch)]
    loss = sum(one * size for one, size in zip(history.losses, sizes, strict=True)) / rows
    if squared:
        # The square of an error near the largest number is not finite; `hypot` scales.
        parts = [one * math.sqrt(size / rows) for one, size in zip(history.measures, sizes, strict=True)]
        return loss, math.hypot(*parts)
    return loss, sum(one * size for one, size in zip(history.measures, sizes, strict=True)) / rows
