"""The training loop, as a stream of events.

`train` is a generator.  After every update it yields a `Step`, and after the last one of an epoch an `Epoch`.  Whoever
iterates decides what to show and when to stop: between two events the `State` is whole, so it can be saved and handed
to another call, which goes on exactly as if it had never stopped.  For this every random draw is a function of the
seed and of the number of the epoch or update alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from gradcli.errors import Diverged
from gradcli.optim.clipping import clipped
from gradcli.optim.optimizers import OPTIMIZERS
from gradcli.optim.schedules import SCHEDULES, warmed_up
from gradcli.train.engines import NUMBERS, outputs_of
from gradcli.train.losses import chosen
from gradcli.train.metrics import Metrics, accuracy, mae, metrics_of, r2, rmse, valued

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gradcli.train.data import Data
    from gradcli.train.engines import Engine, Pass
    from gradcli.train.model import Model
    from gradcli.train.settings import Settings

    Floats = NDArray[np.float64]

__all__ = ["Best", "Epoch", "Past", "Seen", "State", "Step", "evaluate", "masks_of", "order_of", "train"]

# What random bits are for: each purpose has a stream of its own.
SHUFFLE, DROPOUT = 1, 2


class Past(NamedTuple):
    """What is remembered of one update: loss and measure of its batch before it, and its learning rate.

    The measure is the accuracy for classes and the root mean square error, in units of the target, for a number.
    """

    loss: float
    measure: float
    learning_rate: float


class Best(NamedTuple):
    """The best epoch so far: its number from 0, its validation loss, and the parameters after it."""

    epoch: int
    loss: float
    parameters: Floats


@dataclass
class State:
    """Where a run stands: all that has to be kept to go on with it.

    Args:
        parameters: the flat vector, never changed in place.
        memory: the vectors of the optimiser, never changed in place.
        history: one entry per update done.
        validation: one entry (number of updates done, loss, measure) per epoch done, if rows were set aside.
        best: the best epoch, if the run waits for a better one.
        stopped: whether the run is over before its last update.
    """

    parameters: Floats
    memory: dict[str, Floats]
    history: list[Past] = field(default_factory=list)
    validation: list[tuple[int, float, float]] = field(default_factory=list)
    best: Best | None = None
    stopped: bool = False


class Seen(NamedTuple):
    """Mean loss without penalties, and measure as in `Past`, of some rows."""

    loss: float
    measure: float


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
    validation: Seen | None
    state: State


def mean_loss(model: Model, scores: Floats, targets: Floats) -> float:
    """The mean loss of outputs, without penalties; nan over no rows or where it is not finite."""
    import numpy as np

    if not len(scores):
        return math.nan
    with np.errstate(all="ignore"):
        return float(np.mean(model.loss_function.rows(scores, targets, model.classes)))


def measure(model: Model, scores: Floats, targets: Floats) -> float:
    """The accuracy for classes, the root mean square error in units of the target for a number."""
    import numpy as np

    if not len(scores):
        return math.nan
    if model.labels is not None:
        return accuracy(targets.astype(np.intp), chosen(scores))
    return rmse(targets, scores[:, 0]) * model.target_scale


def evaluate(model: Model, scores: Floats, targets: Floats) -> Metrics:
    """All metrics of the outputs of a net, (rows, outputs), against targets as the loss sees them, (rows,)."""
    if not len(scores):
        return Metrics(None)
    loss = mean_loss(model, scores, targets)
    if model.labels is not None:
        function = model.loss_function.probabilities
        return metrics_of(loss, targets, scores, function and function(scores), len(model.labels))
    scale, predictions = model.target_scale, scores[:, 0]
    return Metrics(
        valued(loss),
        rmse=valued(rmse(targets, predictions) * scale),
        mae=valued(mae(targets, predictions) * scale),
        r2=valued(r2(targets, predictions)),
    )


def bits(purpose: int, seed: int, number: int, count: int) -> NDArray[np.uint64]:
    """Random bits that are a function of these numbers alone: Philox, whose stream NumPy keeps for ever."""
    import numpy as np

    drawn: NDArray[np.uint64] = np.random.Philox(key=[seed, purpose], counter=[0, 0, 0, number]).random_raw(count)
    return drawn


def order_of(rows: int, seed: int, epoch: int, batch: int) -> NDArray[np.intp]:
    """The order in which an epoch visits the rows: shuffled, but as they are if one batch takes them all."""
    import numpy as np

    if batch >= rows:
        return np.arange(rows)
    return np.argsort(bits(SHUFFLE, seed, epoch, rows), kind="stable")


def masks_of(model: Model, seed: int, update: int, rows: int) -> list[Floats]:
    """The factors of each dropout layer for the rows of an update: 0, or what makes up for those that are 0."""
    import numpy as np

    result = []
    for number, placed in enumerate(one for one in model.plan if one.layer.kind == "dropout"):
        share = placed.layer.size
        drawn = bits(DROPOUT + number, seed, update, rows * placed.outputs[0]).reshape(rows, -1)
        result.append(np.where(drawn >= np.uint64(int(share * 2.0**64)), 1.0 / (1.0 - share), 0.0))
    return result


def train(
    model: Model, settings: Settings, engine: Engine, data: Data, validation: Data, state: State
) -> Iterator[Step | Epoch]:
    """Run updates from where the state stands to the end of the last epoch, or until waiting is over.

    Args:
        data: the rows to train on.
        validation: the rows set aside, possibly none.
        state: is brought up to date before each event.

    Raises:
        Diverged: a loss or a gradient is not finite.  The state then holds the last parameters that gave a finite loss,
            and stands before their update.
    """
    loop = Loop(model, settings, engine, data, validation, state)
    return loop.descents() if OPTIMIZERS[settings.optimizer].descend is not None else loop.steps()


class Loop:
    """One call of `train`: its arguments, and what follows from them."""

    def __init__(
        self, model: Model, settings: Settings, engine: Engine, data: Data, validation: Data, state: State
    ) -> None:
        self.model = model
        self.settings = settings
        self.engine = engine
        self.state = state
        self.optimizer = OPTIMIZERS[settings.optimizer]
        self.options = settings.hyperparameters
        self.rows = len(data)
        self.batch = settings.batch_of(self.rows)
        self.in_epoch = -(-self.rows // self.batch)
        self.updates = settings.updates(self.rows)
        self.inputs_of = self.scaled(data.inputs)
        self.targets = model.scaled_targets(data.targets)
        self.unseen, self.unseen_targets = validation.inputs, model.scaled_targets(validation.targets)

    def scaled(self, inputs: NDArray[Any]) -> Callable[[Any], Floats]:
        """A function from rows to what the net sees of them."""
        # Pictures are bytes, eight times smaller than numbers: batches of many pictures are scaled when they are used.
        if inputs.dtype == "uint8" and inputs.size > NUMBERS:
            return lambda rows: self.model.scaled(inputs[rows])
        values = self.model.scaled(inputs)
        return lambda rows: values[rows]

    def rate(self, update: int) -> float:
        """The learning rate of an update."""
        settings = self.settings
        return settings.learning_rate * warmed_up(SCHEDULES[settings.schedule], settings.warmup)(update, self.updates)

    def steps(self) -> Iterator[Step | Epoch]:
        """Updates by a method that takes one batch for each."""
        import numpy as np

        state, settings = self.state, self.settings
        step = self.optimizer.step
        assert step is not None
        before: tuple[Floats, dict[str, Floats], Best | None] | None = None
        order, order_epoch = np.arange(0), -1
        for update in range(len(state.history), self.updates if not state.stopped else 0):
            epoch, number = divmod(update, self.in_epoch)
            if epoch != order_epoch:
                order, order_epoch = order_of(self.rows, settings.seed, epoch, self.batch), epoch
            rows = order[number * self.batch : (number + 1) * self.batch] if self.in_epoch > 1 else slice(None)
            targets = self.targets[rows]
            rate = self.rate(update)
            found = self.engine.loss_and_gradient(
                state.parameters,
                self.inputs_of(rows),
                targets,
                masks_of(self.model, settings.seed, update, len(targets)),
            )
            gradient = found.gradient
            length = float(np.dot(gradient, gradient)) ** 0.5
            if not (math.isfinite(found.loss) and (math.isfinite(length) or np.isfinite(gradient).all())):
                if not math.isfinite(found.loss) and before is not None:
                    undo(state, *before)
                raise self.diverged(found, update, epoch)
            if settings.clip is not None:
                (gradient,), _ = clipped([gradient], settings.clip)
            before = state.parameters, state.memory, state.best
            with np.errstate(all="ignore"):
                state.parameters, state.memory = step(
                    state.parameters, gradient, state.memory, {**self.options, "lr": rate}, update + 1
                )
            past = Past(found.loss, measure(self.model, found.scores, targets), rate)
            yield from self.done(update, past)
            if state.stopped:
                return

    def descents(self) -> Iterator[Step | Epoch]:
        """Iterations of a method that keeps control of all rows; each is an update and an epoch."""
        import numpy as np

        state = self.state
        descend = self.optimizer.descend
        assert descend is not None
        inputs = self.inputs_of(slice(None))
        passes: dict[bytes, Pass] = {}

        def function(parameters: Floats) -> tuple[float, Floats]:
            found = self.engine.loss_and_gradient(parameters, inputs, self.targets)
            if not passes and not (math.isfinite(found.loss) and np.isfinite(found.gradient).all()):
                raise self.diverged(found, 0, 0)
            passes[parameters.tobytes()] = found
            return found.loss, found.gradient

        update = 0
        with np.errstate(all="ignore"):
            for point in descend(function, state.parameters, {**self.options, "max_iter": self.settings.epochs}):
                found, reached = passes[state.parameters.tobytes()], passes[point.tobytes()]
                passes.clear()
                passes[point.tobytes()] = reached
                state.parameters = point
                past = Past(found.loss, measure(self.model, found.scores, self.targets), 1.0)
                yield from self.done(update, past)
                update += 1
                if state.stopped:
                    return
        state.stopped = True

    def done(self, update: int, past: Past) -> Iterator[Step | Epoch]:
        """Write an update that is done into the state, and tell."""
        state, model = self.state, self.model
        epoch, number = divmod(update, self.in_epoch)
        state.history.append(past)
        seen: Seen | None = None
        at_end = number == self.in_epoch - 1
        if at_end and len(self.unseen_targets):
            scores = outputs_of(self.engine, model, state.parameters, self.unseen)
            seen = Seen(mean_loss(model, scores, self.unseen_targets), measure(model, scores, self.unseen_targets))
            state.validation.append((update + 1, *seen))
            if self.settings.patience is not None:
                self.wait(epoch, seen.loss, self.settings.patience)
        yield Step(update, self.updates, epoch, past, state)
        if at_end:
            part = state.history[-self.in_epoch :]
            loss, value = epoch_means(part, self.rows, self.batch, model.labels is None)
            yield Epoch(epoch, self.settings.epochs, loss, value, seen, state)

    def wait(self, epoch: int, loss: float, patience: int) -> None:
        """Note the best epoch; when waiting is over, or the run, go back to its parameters."""
        state = self.state
        if state.best is None or loss < state.best.loss - self.settings.min_delta:
            state.best = Best(epoch, loss if math.isfinite(loss) else math.inf, state.parameters)
        waited = epoch - state.best.epoch
        if waited >= patience or (waited and epoch == self.settings.epochs - 1):
            state.parameters = state.best.parameters
            state.stopped = True

    def diverged(self, found: Pass, update: int, epoch: int) -> Diverged:
        """The error for a loss or a gradient that is not finite."""
        what = "gradient" if math.isfinite(found.loss) else "loss"
        if not update:
            return Diverged(
                f"the {what} is not finite from the start",
                hint="choose another --activation, --loss or --feature, or a smaller --init",
            )
        return Diverged(
            f"the {what} is no longer finite at update {update} (epoch {epoch + 1} of {self.settings.epochs})",
            hint=f"try a smaller learning rate than {self.settings.learning_rate:g}",
        )


def undo(state: State, parameters: Floats, memory: dict[str, Floats], best: Best | None) -> None:
    """Take the last update back, so that the state again stands before it."""
    state.parameters, state.memory, state.best = parameters, memory, best
    state.history.pop()
    state.validation = [entry for entry in state.validation if entry[0] <= len(state.history)]


def epoch_means(history: Sequence[Past], rows: int, batch: int, squared: bool) -> tuple[float, float]:
    """Loss and measure of an epoch from those of its batches, weighted by their rows; errors as a root mean square."""
    if len(history) == 1:
        return history[0].loss, history[0].measure
    sizes = [min(batch, rows - start) for start in range(0, rows, batch)]
    loss = sum(past.loss * size for past, size in zip(history, sizes, strict=True)) / rows
    if squared:
        # The square of an error near the largest number is not finite; `hypot` scales.
        parts = [past.measure * math.sqrt(size / rows) for past, size in zip(history, sizes, strict=True)]
        return loss, math.hypot(*parts)
    return loss, sum(past.measure * size for past, size in zip(history, sizes, strict=True)) / rows
