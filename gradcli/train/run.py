"""One run, from its choices to its result, for use by the command line, in a notebook or in a test.

`start` makes a new run, and `resume` makes a run that continues a saved one.  `Run.events` trains,
`Run.checkpoint` gives the content of a model file at any moment, and `Run.report` gives the result.
"""

from __future__ import annotations

import csv
import functools
import io
import itertools
import math
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from gradcli.errors import UsageError, choice
from gradcli.optim.optimizers import OPTIMIZERS
from gradcli.records import NamedTuple
from gradcli.source import counted
from gradcli.train.checkpoint import Checkpoint
from gradcli.train.choices import (
    SPLIT,
    DataChoices,
    NetChoices,
    RunChoices,
    checked,
    choices,
    default_penalty,
    refuse_changes,
    settled,
)
from gradcli.train.data.datasets import DATASETS
from gradcli.train.data.loading import load_data
from gradcli.train.data.rows import Data, Fold, Parts, split
from gradcli.train.data.weights import row_weights
from gradcli.train.engines.base import Engine, outputs_of
from gradcli.train.engines.engine_choice import AUTO, chosen_engine, engine_for
from gradcli.train.metrics import Metrics, evaluate
from gradcli.train.model.model import Model
from gradcli.train.settings import Settings, default_epochs
from gradcli.train.trainer import Epoch, State, Step, train
from gradcli.train.updates import UpdateRecord

if TYPE_CHECKING:
    from gradcli.array_types import Array, Floats

__all__ = [
    "Measures", "Run", "default_initialisation", "initial_parameters", "load_data", "replay", "resume", "start",
]  # fmt: skip

FEWEST_ROWS = 20


class Measures(NamedTuple):
    """The metrics of a net on each part of the rows; for a part without rows, they have no values."""

    training: Metrics
    validation: Metrics
    test: Metrics

    def _repr_html_(self) -> str:
        from gradcli.markup import table

        parts = {name: metrics.named() for name, metrics in self._asdict().items() if metrics.loss is not None}
        names = [*dict.fromkeys(name for part in parts.values() for name in part)]
        rows = [[name, *[str(part.get(name, "")) for part in parts.values()]] for name in names]
        return table(["", *parts], rows)


@dataclass
class Run:
    """A run: the net, its settings, the rows and the state.

    Args:
        model: the net.
        settings: the settings of the training.
        engine: the engine that computes losses and gradients.
        parts: the rows by their purpose.
        state: the present state of the run.
        fingerprint: the digest of the source, as in `Data.fingerprint`.
        choices: the user's choices by name, as in `gradcli.train.choices`; defaults are left out.
    """

    model: Model
    settings: Settings
    engine: Engine
    parts: Parts
    state: State
    fingerprint: str
    choices: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        done = f"epoch {self.epochs_done} of {self.settings.epochs}"
        return f"<run of {self.parts.every.name}: {self.model!r}, {self.settings.optimizer}, {done}>"

    def _repr_html_(self) -> str:
        """Return a picture of the present state, and the measures.

        The package `gradcli.draw` is looked up by its name, like a plug-in, because it imports this one.
        """
        from importlib import import_module

        picture: str = import_module("gradcli.draw").svg_of_run(self)
        return f"<div>{picture}</div>{self.all_measures()._repr_html_()}"

    @property
    def training(self) -> Data:
        """The rows to train on."""
        return self.parts.training

    @property
    def validation(self) -> Data:
        """The rows set aside for validation, possibly none."""
        return self.parts.validation

    @property
    def test(self) -> Data:
        """The rows kept for the test, possibly none."""
        return self.parts.test

    @property
    def data(self) -> Data:
        """Every row in the order in which they were read; see `Parts.source`."""
        return self.parts.source

    @property
    def updates(self) -> int:
        """The number of updates of the whole run."""
        return self.settings.updates(len(self.training))

    @property
    def updates_per_epoch(self) -> int:
        """The number of updates of one epoch."""
        return self.updates // self.settings.epochs

    @property
    def epochs_done(self) -> int:
        """The number of whole epochs that are done."""
        return len(self.state.history) // self.updates_per_epoch

    @property
    def is_over(self) -> bool:
        """Whether the run is complete."""
        return self.state.stopped or len(self.state.history) >= self.updates

    def events(self, stops: Iterable[int] = ()) -> Iterator[Step | Epoch]:
        """Continue the training from the state; see `gradcli.train.trainer.train`."""
        return train(self.model, self.settings, self.engine, self.training, self.validation, self.state, stops)

    def checkpoint(self) -> Checkpoint:
        """Return the content of a model file for the present state."""
        return Checkpoint(self.model, self.settings, self.state, self.fingerprint, self.choices)

    @functools.cached_property
    def rows(self) -> Data:
        """Every row, one part below the other, with its missing values replaced as in the parts."""
        every, encoding = self.parts.every, self.training.encoding
        if encoding is None or encoding.missing is None or every.encoding == encoding:
            return every
        return replace(every, inputs=encoding.fill(every.inputs), encoding=encoding)

    def outputs(self, inputs: Array) -> Floats:
        """Return the outputs of the net with its present parameters, for inputs in the units of the table.

        The shape is (rows, outputs).
        """
        return outputs_of(self.engine, self.model, self.state.parameters, inputs)

    def measures(self, data: Data) -> Metrics:
        """Return the metrics of the net with its present parameters on some rows."""
        targets = self.model.scaled_targets(data.targets)
        return evaluate(self.model, self.outputs(data.inputs), targets, in_place=True)

    @property
    def has_finite_loss(self) -> bool:
        """Whether the net with its present parameters has a finite loss on the rows to train on."""
        loss = self.measures(self.training).loss
        return loss is not None and math.isfinite(loss)

    def all_measures(self) -> Measures:
        """Return the metrics of the net in its state on each part of the rows."""
        return Measures(*map(self.measures, (self.training, self.validation, self.test)))

    def report(self, found: Measures | None = None) -> dict[str, Any]:
        """Return the result: the measures of the net with its present parameters, and the loss before the last update.

        Args:
            found: the result of `all_measures` in this state, if it is known already.
        """
        found = found or self.all_measures()
        measures = found.training.named()
        measures["loss"] = self.state.history[-1].loss if self.state.history else None
        result: dict[str, Any] = {
            "dataset": self.parts.every.name,
            "net": {
                "sizes": list(self.model.sizes),
                "activation": self.model.activation,
                "loss": self.model.loss,
            },
            "parameters": self.model.count,
            "engine": self.engine.name,
            "epochs": self.epochs_done,
            "accuracy": None,
            **measures,
        }
        for name, rows, there in (("validation", self.validation, found.validation), ("test", self.test, found.test)):
            result[name] = {"rows": len(rows), **there.named()} if len(rows) else {}
        if self.state.best is not None:
            result["best_epoch"] = self.state.best.epoch + 1
        result["seed"] = self.settings.seed
        result["history"] = self.state.history.losses
        return result

    def configuration(self) -> dict[str, Any]:
        """Return every choice of the run, made by the user or by default."""
        settings, model = self.settings.to_json(), self.model.to_json()
        return {
            "choices": self.choices,
            "settings": settings | {"options": self.settings.hyperparameters | {"lr": self.settings.learning_rate}},
            "model": {name: value for name, value in model.items() if name not in ("input_mean", "input_scale")},
        }

    def epoch_loss(self, epoch: int) -> float:
        """Return the mean loss of the updates of an epoch, which may be unfinished."""
        losses = self.state.history[epoch * self.updates_per_epoch : (epoch + 1) * self.updates_per_epoch].losses
        return math.fsum(losses) / len(losses)

    def history_table(self) -> str:
        """Return the history as CSV: a row for each update, with the measures of the validation where an epoch ends."""
        name = "accuracy" if self.model.labels is not None else "rmse"
        head = ["update", "epoch", "learning_rate", "loss", name, "validation_loss", f"validation_{name}"]
        seen = {updates: (loss, value) for updates, loss, value in self.state.validation}
        size = self.updates_per_epoch

        def row(update: int, one: UpdateRecord) -> list[str]:
            after = map(repr, seen[update]) if update in seen else ("", "")
            epoch = (update - 1) // size + 1
            return [str(update), str(epoch), *map(repr, (one.learning_rate, one.loss, one.measure)), *after]

        return csv_text(itertools.chain([head], itertools.starmap(row, enumerate(self.state.history, 1))))


def csv_text(rows: Iterable[Iterable[str]]) -> str:
    """Return rows of cells as CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def default_split(data: Data) -> float:
    """Return the share of the rows set aside for validation by default: a fifth, or 0 if there are few rows.

    >>> from gradcli.train.data.datasets import make
    >>> default_split(make("moons")), default_split(make("moons", samples=8))
    (0.2, 0.0)
    """
    import numpy as np

    largest = len(data) if data.labels is None else int(np.bincount(data.targets.astype(np.intp)).max())
    return SPLIT if len(data) >= FEWEST_ROWS and round(SPLIT * largest) >= 1 else 0.0


def default_initialisation(activation: str) -> str:
    """Return the name of the initialisation that suits an activation.

    This is He's method for functions like relu, which cut off negative numbers, and Glorot's method for all others.

    >>> default_initialisation("relu"), default_initialisation("tanh")
    ('he', 'xavier')
    """
    one_sided = {"relu", "leaky_relu", "elu", "selu", "silu", "gelu", "gelu_tanh", "mish", "softplus"}
    return "he" if activation in one_sided else "xavier"


def initial_parameters(model: Model, init: str, seed: int) -> Floats:
    """Draw the flat vector of initial parameters, unit by unit from ``random.Random(seed)``; biases are 0.

    Raises:
        UsageError: the initialisation is unknown.
    """
    import numpy as np

    from gradcli.nn import INITIALIZERS

    draw = INITIALIZERS[choice(init, INITIALIZERS, "initialisation")]
    generator = random.Random(seed)  # noqa: S311  (no secret depends on it)
    numbers: list[float] = []
    for placed in model.weighted:
        assert placed.weights is not None
        inputs, outputs = placed.kind.scale(placed.weights)
        for _ in range(placed.weights[0]):
            numbers += [draw(generator, inputs, outputs) for _ in range(math.prod(placed.weights[1:]))]
            numbers.append(0.0)
    return np.array(numbers)


def start(
    data: Data, *, dataset: str | None = None, fold: Fold | None = None, in_place: bool = False, **given: Any
) -> Run:
    """Begin a new run.

    Args:
        data: every row.
        dataset: the word that was passed to `load_data`, so that the run can be resumed; by default the name of the
            data.
        fold: the part of the rows that a cross-validation holds out: it becomes the test, and by default no other rows
            are set aside.
        in_place: whether the run takes the memory of the data, so that a long table is held once; afterwards ``data``
            is of no use.
        given: choices by name, as `gradcli.train.choices` declares them; None leaves a choice open.  Choices about the
            data only say where the rows came from.

    Raises:
        CallError: there is no such choice.
        UsageError: a value is out of range, or choices don't fit together.
        ExpressionError: an expression has no meaning.

    >>> from gradcli.train.data.datasets import make
    >>> run = start(make("xor", samples=40), hidden=(4,), epochs=2)
    >>> sum(1 for event in run.events()), len(run.report()["history"])
    (6, 4)
    """
    from gradcli.train.model.design import describe

    given = checked(given)
    dataset = data.name if dataset is None else dataset
    is_drawn, is_number = dataset in DATASETS or "expression" in given, data.labels is None
    usual_split = default_split(data) if fold is None else 0.0
    chosen = {"split": usual_split, **settled(given, is_drawn=is_drawn, is_number=is_number)}
    fingerprint = data.fingerprint()
    parts = split(data, chosen["split"], chosen["test"], chosen["seed"], fold, in_place=in_place)
    chosen.setdefault("l2", default_penalty(len(parts.training), is_number=is_number))
    model = describe(parts.training, **{name: chosen[name] for name in choices(NetChoices)})
    chosen.setdefault("init", default_initialisation(model.activation))
    usual = OPTIMIZERS[chosen["optimizer"]].learning_rate
    rate = 1.0 if "learning_rate" in given else chosen["learning_rate"] / usual
    epochs = default_epochs(len(parts.training), model.products, chosen["batch"], chosen["engine"], rate)
    chosen.setdefault("epochs", epochs)
    row_weights(parts.training, chosen["class_weight"])  # refuses a class that isn't there
    if chosen["patience"] is not None and not len(parts.validation):
        raise UsageError(
            "`patience` waits for a better validation loss, but no rows are set aside for validation",
            kind="conflicting_options",
            hint="set some aside, for example with `split=0.2`",
            argument=("patience", "split"),
        )
    source = {name: given[name] for name in choices(DataChoices) if name in given}
    settings = Settings(dataset, source, **{name: chosen[name] for name in choices(RunChoices)})
    made = {name: value for name, value in given.items() if value != choices()[name].default}
    return with_engine(model, settings, parts, first_state(model, settings), fingerprint, made)


def first_state(model: Model, settings: Settings) -> State:
    """Return the state of a run before its first update."""
    parameters = initial_parameters(model, settings.init, settings.seed)
    method = OPTIMIZERS[settings.optimizer]
    return State(parameters, method.start(settings.hyperparameters, 0 * parameters) if method.step is not None else {})


def with_engine(
    model: Model, settings: Settings, parts: Parts, state: State, fingerprint: str, made: dict[str, Any]
) -> Run:
    """Return a run with the engine that its settings name; ``auto`` is replaced by the name of the chosen engine."""
    if settings.engine == AUTO:
        rows = len(parts.training)
        name = chosen_engine(
            model, settings.optimizer, settings.updates(rows), settings.batch_of(rows), settings.precision
        )
        settings = settings.changed(engine=name)
    engine = engine_for(model, settings.engine, precision=settings.precision)
    return Run(model, settings, engine, parts, state, fingerprint, made)


def same_parts(checkpoint: Checkpoint, data: Data, *, in_place: bool) -> Parts:
    """Split the rows of a saved run as they were split; refuse other rows."""
    settings, model = checkpoint.settings, checkpoint.model
    same = (data.columns, data.target, data.labels) == (model.columns, model.target, model.labels)
    if not same or data.fingerprint() != checkpoint.fingerprint:
        raise UsageError(
            f"`{data.name}` no longer has the rows that the model was trained on",
            kind="changed_data",
            hint="train a new model, or give the original table",
        )
    return split(data, settings.split, settings.test, settings.seed, in_place=in_place)


def replay(checkpoint: Checkpoint, data: Data, *, in_place: bool = False) -> Run:
    """Return the run of a model file before its first update, to go through it again.

    A run depends on its rows, its choices and its seed alone, so nothing but these has to be saved for it.

    Args:
        checkpoint: the content of the file.
        data: every row, as when the run began.
        in_place: see `start`.

    Raises:
        UsageError: the model was trained on other rows.

    >>> from gradcli.train.data.datasets import make
    >>> data = make("xor", samples=40)
    >>> run = start(data, hidden=(4,), epochs=2)
    >>> for event in run.events():
    ...     pass
    >>> again = replay(run.checkpoint(), data)
    >>> for event in again.events():
    ...     pass
    >>> (again.state.parameters == run.state.parameters).all().item()
    True
    """
    model, settings = checkpoint.model, checkpoint.settings
    parts = same_parts(checkpoint, data, in_place=in_place)
    return with_engine(model, settings, parts, first_state(model, settings), checkpoint.fingerprint, checkpoint.choices)


def resume(checkpoint: Checkpoint, data: Data, *, in_place: bool = False, **changes: Any) -> Run:
    """Return the run of a model file, which continues where it stopped.

    Args:
        checkpoint: the content of the file.
        data: every row, as when the run began.
        in_place: see `start`.
        changes: new values for the choices that may change: ``epochs`` of the whole run, and ``engine``.  Another
            engine gives the same losses, but not to the last bit.

    Raises:
        UsageError: the model was trained on other rows, the run can't be continued, or it is complete.
    """
    changes = checked(changes)
    refuse_changes(changes)
    settings, model = checkpoint.settings, checkpoint.model
    if settings.takes_all:
        raise UsageError(
            f"a run with the optimiser `{settings.optimizer}` can't be continued: SciPy doesn't give out its memory",
            kind="not_resumable",
            hint="train again from the start, with more `epochs`",
            argument="epochs",
        )
    parts = same_parts(checkpoint, data, in_place=in_place)
    made = checkpoint.choices | changes
    run = with_engine(model, settings.changed(**changes), parts, checkpoint.state, checkpoint.fingerprint, made)
    if run.state.stopped:
        raise UsageError(
            f"the run is complete: it waited for a better epoch until epoch {run.epochs_done}",
            kind="nothing_to_do",
            hint="train again from the start, with more `patience` or `epochs`",
            argument=("patience", "epochs"),
        )
    if run.is_over:
        raise UsageError(
            f"the run is complete: {counted(run.epochs_done, 'epoch')} done",
            kind="nothing_to_do",
            hint=f"`epochs={2 * run.epochs_done}` continues up to this number",
            argument="epochs",
        )
    return run
