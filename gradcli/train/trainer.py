"""The training loop: data, an engine, an optimiser and a schedule become a stream of events.

`train` is a generator.  After every update it yields a `Step`, and after the last one of an epoch an `Epoch`.  Whoever
iterates decides what to show and when to stop: between two events the `State` is whole, so it can be saved and handed
to another call, which goes on exactly as if it had never stopped.  For this every random draw is a function of the
seed and of the number of the epoch alone.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from gradcli.errors import Diverged
from gradcli.optim.optimizers import OPTIMIZERS
from gradcli.optim.schedules import SCHEDULES
from gradcli.train.losses import LOSSES, chosen

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gradcli.train.data import Data
    from gradcli.train.engines import Engine
    from gradcli.train.model import Model
    from gradcli.train.settings import Settings

    Floats = NDArray[np.float64]

__all__ = ["Epoch", "Measures", "Past", "State", "Step", "measure", "train"]


class Past(NamedTuple):
    """What is remembered of one update: loss and measure of its batch before it, and its learning rate.

    The measure is the accuracy for classes and the root mean square error, in units of the target, for a number.
    """

    loss: float
    measure: float
    learning_rate: float


@dataclass
class State:
    """Where a run stands: all that has to be kept to go on with it.

    Args:
        parameters: the flat vector, never changed in place.
        memory: the vectors of the optimiser, never changed in place.
        history: one entry per update done.
        validation: one entry (number of updates done, loss, measure) per epoch done, if rows were set aside.
    """

    parameters: Floats
    memory: dict[str, Floats]
    history: list[Past] = field(default_factory=list)
    validation: list[tuple[int, float, float]] = field(default_factory=list)


class Measures(NamedTuple):
    """How well a net does on some rows.

    Attributes:
        loss: mean over the rows, without penalties.
        accuracy: share of rows whose class is right; nan for a number.
        rmse: root mean square error in units of the target; nan for classes.
        r2: 1 - squared error / squared deviation from the mean; nan for classes and for a constant target.
    """

    loss: float
    accuracy: float
    rmse: float
    r2: float

    @property
    def measure(self) -> float:
        """The accuracy for classes, the root mean square error for a number."""
        return self.rmse if math.isnan(self.accuracy) else self.accuracy


class Step(NamedTuple):
    """One update is done.

    Attributes:
        update: its number, from 0.
        updates: of the whole run.
        epoch: its epoch, from 0.
        past: what it leaves in the history.
        state: after the update.
    """

    update: int
    updates: int
    epoch: int
    past: Past
    state: State


class Epoch(NamedTuple):
    """One epoch is done.

    Attributes:
        epoch: its number, from 0.
        epochs: of the whole run.
        loss: mean over the epoch's rows, each before the update that used it.
        measure: likewise (the root of the mean square for an error).
        validation: loss and measure of the rows set aside, after the epoch; None if there are none.
        state: after the epoch.
    """

    epoch: int
    epochs: int
    loss: float
    measure: float
    validation: Measures | None
    state: State


def measure(model: Model, scores: Floats, targets: Floats) -> Measures:
    """Measure outputs of a net, shape (rows, outputs), against targets as the loss sees them, shape (rows,).

    A mean over no rows is nan.
    """
    rows = scores.tolist()
    loss = LOSSES[model.loss]
    count = len(rows)
    if not count:
        return Measures(math.nan, math.nan, math.nan, math.nan)
    mean = math.fsum(finite([loss.row(row, target, model.classes) for row, target in pairs(rows, targets)])) / count
    accuracy, rmse, r2 = math.nan, math.nan, math.nan
    if model.labels is not None:
        accuracy = sum(chosen(row) == target for row, target in pairs(rows, targets)) / count
    else:
        error = math.fsum(finite([(row[0] - target) ** 2 for row, target in pairs(rows, targets)]))
        centre = math.fsum(targets.tolist()) / count
        spread = math.fsum((target - centre) ** 2 for target in targets.tolist())
        rmse = math.sqrt(error / count) * model.target_scale
        r2 = 1 - error / spread if spread else math.nan
    return Measures(mean, accuracy, rmse, r2)


def pairs(rows: Sequence[Sequence[float]], targets: Floats) -> Iterator[tuple[Sequence[float], float]]:
    """Rows with their targets as floats."""
    return zip(rows, targets.tolist(), strict=True)


def finite(terms: list[float]) -> list[float]:
    """Terms for `math.fsum`, which raises where a sum of infinities has no value; such a sum is nan."""
    return terms if all(map(math.isfinite, terms)) else [math.nan]


def order_of(rows: int, seed: int, epoch: int, batch: int) -> list[int]:
    """The order in which an epoch visits the rows: shuffled, but as they are if one batch takes them all."""
    order = list(range(rows))
    if batch < rows:
        random.Random(f"shuffle {seed} {epoch}").shuffle(order)  # noqa: S311  (no secret depends on it)
    return order


def train(
    model: Model, settings: Settings, engine: Engine, data: Data, validation: Data, state: State
) -> Iterator[Step | Epoch]:
    """Run updates from where the state stands to the end of the last epoch.

    Args:
        data: the rows to train on.
        validation: the rows set aside, possibly none.
        state: is brought up to date before each event.

    Raises:
        Diverged: a loss or a gradient is not finite.  The state then holds the last parameters that gave a finite loss,
            and stands before their update.
    """
    import numpy as np

    optimizer = OPTIMIZERS[settings.optimizer]
    options = optimizer.configured()
    assert optimizer.step is not None
    schedule = SCHEDULES[settings.schedule]
    inputs, targets = model.scaled(data.inputs), model.scaled_targets(data.targets)
    unseen, unseen_targets = model.scaled(validation.inputs), model.scaled_targets(validation.targets)
    rows = len(data)
    batch = settings.batch_of(rows)
    in_epoch = -(-rows // batch)
    updates = settings.updates(rows)
    before: tuple[Floats, dict[str, Floats]] | None = None
    for update in range(len(state.history), updates):
        epoch, number = divmod(update, in_epoch)
        chosen_rows = order_of(rows, settings.seed, epoch, batch)[number * batch : (number + 1) * batch]
        rate = settings.learning_rate * schedule(update, updates)
        loss, gradient, scores = engine.loss_and_gradient(state.parameters, inputs[chosen_rows], targets[chosen_rows])
        if not (math.isfinite(loss) and np.isfinite(gradient).all()):
            what = "loss" if not math.isfinite(loss) else "gradient"
            if what == "loss" and before is not None:
                undo(state, *before)
            raise Diverged(
                f"the {what} is no longer finite at update {update} (epoch {epoch + 1} of {settings.epochs})",
                hint=f"try a smaller learning rate than {settings.learning_rate:g}",
            )
        before = state.parameters, state.memory
        with np.errstate(all="ignore"):
            state.parameters, state.memory = optimizer.step(
                state.parameters, gradient, state.memory, {**options, "lr": rate}, update + 1
            )
        past = Past(loss, measure(model, scores, targets[chosen_rows]).measure, rate)
        state.history.append(past)
        seen = None
        if number == in_epoch - 1 and len(validation):
            seen = measure(model, engine.predict(state.parameters, unseen), unseen_targets)
            state.validation.append((update + 1, seen.loss, seen.measure))
        yield Step(update, updates, epoch, past, state)
        if number == in_epoch - 1:
            mean_loss, mean_measure = epoch_means(state.history[-in_epoch:], rows, batch, model.labels is None)
            yield Epoch(epoch, settings.epochs, mean_loss, mean_measure, seen, state)


def undo(state: State, parameters: Floats, memory: dict[str, Floats]) -> None:
    """Take the last update back, so that the state again stands before it."""
    state.parameters, state.memory = parameters, memory
    state.history.pop()
    state.validation = [entry for entry in state.validation if entry[0] <= len(state.history)]


def epoch_means(history: Sequence[Past], rows: int, batch: int, squared: bool) -> tuple[float, float]:
    """Loss and measure of an epoch from those of its batches, weighted by their rows; errors as a root mean square."""
    if len(history) == 1:
        return history[0].loss, history[0].measure
    sizes = [min(batch, rows - start) for start in range(0, rows, batch)]
    loss = sum(past.loss * size for past, size in zip(history, sizes, strict=True)) / rows
    power = 2 if squared else 1
    total = sum(past.measure**power * size for past, size in zip(history, sizes, strict=True)) / rows
    return loss, total ** (1 / power)
