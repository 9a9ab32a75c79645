"""One run from its choices to its result: what the command line, a notebook or a test drives.

`start` makes a fresh run and `resume` one that goes on with a saved model; `Run.events` trains, `Run.checkpoint` is
what `gradcli.train.checkpoint.save` writes at any moment, and `Run.report` is the result.
"""

from __future__ import annotations

import csv
import functools
import inspect
import io
import math
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from gradcli.errors import UsageError, choice
from gradcli.optim.optimizers import OPTIMIZERS
from gradcli.source import counted
from gradcli.train.checkpoint import Checkpoint
from gradcli.train.data.datasets import DATASETS
from gradcli.train.data.loading import SEED, load_data
from gradcli.train.data.rows import Data, split
from gradcli.train.engines.base import Engine, outputs_of
from gradcli.train.engines.engine_choice import AUTO, ENGINES, chosen_engine, engine_for
from gradcli.train.metrics import Metrics
from gradcli.train.model.design import describe
from gradcli.train.model.model import Model
from gradcli.train.settings import Settings, default_epochs
from gradcli.train.trainer import Epoch, State, Step, evaluate, train

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["SEED", "Run", "default_initialisation", "initial_parameters", "load_data", "resume", "start"]

BATCH = 20
SPLIT = 0.2
FEWEST_ROWS = 20
HIDDEN = (16, 16)
# The penalty on squared parameters that keeps a net of the default size from learning a small table by heart: with it
# the diabetes table of scikit-learn gains 0.1 in R^2 on unseen rows, and iris, wine and breast_cancer lose nothing.
L2 = 3e-3
# Points that are drawn have few columns and fine detail, which that penalty would smooth away: with this one the border
# `abs(sin(4x)) > abs(y)` gains 0.06 in accuracy, and noisy moons keep what scikit-learn reaches.
L2_DRAWN = 1e-3
# Weights that are shared by all pixels move the outputs further than others.
CONVOLUTION_RATE = 0.25


@dataclass
class Run:
    """A run and all it needs.

    Args:
        model: what the net is.
        settings: how it is trained.
        engine: what computes.
        data: every row.
        training: the rows to train on.
        validation: the rows set aside, possibly none.
        test: the rows kept for the test, possibly none.
        state: where the run stands.
        choices: what the user chose, by the names of the arguments of `start`; defaults are left out.
    """

    model: Model
    settings: Settings
    engine: Engine
    data: Data
    training: Data
    validation: Data
    test: Data
    state: State
    choices: dict[str, Any] = field(default_factory=dict)

    @property
    def updates(self) -> int:
        """The updates of the whole run."""
        return self.settings.updates(len(self.training))

    @property
    def updates_per_epoch(self) -> int:
        """The updates of one epoch."""
        return self.updates // self.settings.epochs

    @property
    def epochs_done(self) -> int:
        """The whole epochs that are done."""
        return len(self.state.history) // self.updates_per_epoch

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do."""
        return self.state.stopped or len(self.state.history) >= self.updates

    def events(self, stops: Iterable[int] = ()) -> Iterator[Step | Epoch]:
        """Train from where the state stands; see `gradcli.train.trainer.train`."""
        return train(self.model, self.settings, self.engine, self.training, self.validation, self.state, stops)

    def checkpoint(self) -> Checkpoint:
        """All that has to be kept of the run as it stands."""
        return Checkpoint(self.model, self.settings, self.state, self.fingerprint, self.choices)

    @functools.cached_property
    def fingerprint(self) -> str:
        """That of the rows."""
        return self.data.fingerprint()

    def outputs(self, inputs: NDArray[Any]) -> Floats:
        """The outputs of the net as it stands, shape (rows, outputs), for inputs in the units of the table."""
        return outputs_of(self.engine, self.model, self.state.parameters, inputs)

    def measures(self, data: Data) -> Metrics:
        """How well the net as it stands does on some rows."""
        return evaluate(self.model, self.outputs(data.inputs), self.model.scaled_targets(data.targets))

    @property
    def has_finite_loss(self) -> bool:
        """Whether the net as it stands has a finite loss on the rows to train on."""
        loss = self.measures(self.training).loss
        return loss is not None and math.isfinite(loss)

    def report(self) -> dict[str, Any]:
        """The result: the measures are those of the net as it stands, the loss is that before the last update."""
        measures = self.measures(self.training).named()
        measures["loss"] = self.state.history[-1].loss if self.state.history else None
        result: dict[str, Any] = {
            "dataset": self.data.name,
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
        for name, rows in (("validation", self.validation), ("test", self.test)):
            result[name] = {"rows": len(rows), **self.measures(rows).named()} if len(rows) else {}
        if self.state.best is not None:
            result["best_epoch"] = self.state.best.epoch + 1
        result["seed"] = self.settings.seed
        result["history"] = [past.loss for past in self.state.history]
        return result

    def configuration(self) -> dict[str, Any]:
        """Every choice of the run, those of the user and the defaults."""
        settings, model = self.settings.to_json(), self.model.to_json()
        return {
            "choices": self.choices,
            "settings": settings | {"options": self.settings.hyperparameters | {"lr": self.settings.learning_rate}},
            "model": {name: value for name, value in model.items() if name not in ("input_mean", "input_scale")},
        }

    def history_table(self) -> str:
        """The history as CSV: one row per update, the measures of the validation where an epoch ends."""
        name = "accuracy" if self.model.labels is not None else "rmse"
        seen = {updates: (loss, value) for updates, loss, value in self.state.validation}
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["update", "epoch", "learning_rate", "loss", name, "validation_loss", f"validation_{name}"])
        for update, past in enumerate(self.state.history):
            epoch = update // self.updates_per_epoch + 1
            after = [repr(value) for value in seen[update + 1]] if update + 1 in seen else ["", ""]
            writer.writerow([update, epoch, repr(past.learning_rate), repr(past.loss), repr(past.measure), *after])
        return text.getvalue()


def default_split(data: Data) -> float:
    """The share of the rows that validates when nobody says: a fifth, but nothing of a table of a few rows.

    >>> from gradcli.train.data.datasets import make
    >>> default_split(make("moons")), default_split(make("moons", samples=8))
    (0.2, 0.0)
    """
    if data.labels is None:
        return SPLIT if len(data) >= FEWEST_ROWS else 0.0
    largest = max(int((data.targets == index).sum()) for index in range(len(data.labels)))
    return SPLIT if len(data) >= FEWEST_ROWS and round(SPLIT * largest) >= 1 else 0.0


def default_initialisation(activation: str) -> str:
    """The initialisation when nobody says: He's for functions that cut off one side, Xavier Glorot's for the others.

    >>> default_initialisation("relu"), default_initialisation("tanh")
    ('he', 'xavier')
    """
    one_sided = {"relu", "leaky_relu", "elu", "selu", "silu", "gelu", "gelu_tanh", "mish", "softplus"}
    return "he" if activation in one_sided else "xavier"


def initial_parameters(model: Model, init: str, seed: int) -> Floats:
    """The flat vector that a run starts from, drawn unit by unit from ``random.Random(seed)``; biases are 0.

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
    data: Data,
    *,
    dataset: str | None = None,
    seed: int = SEED,
    split_off: float | None = None,
    test: float | None = None,
    hidden: tuple[int, ...] | None = None,
    conv: tuple[int, ...] = (),
    activation: str = "relu",
    dropout: float = 0.0,
    features: tuple[str, ...] = (),
    loss: str | None = None,
    standardise: bool = True,
    l1: float = 0.0,
    l2: float | None = None,
    init: str | None = None,
    optimizer: str = "adam",
    options: Mapping[str, Any] | None = None,
    learning_rate: float | None = None,
    schedule: str | None = None,
    warmup: int = 0,
    clip: float | None = None,
    epochs: int | None = None,
    batch: int | None = None,
    patience: int | None = None,
    min_delta: float = 0.0,
    engine: str = AUTO,
    **source: Any,
) -> Run:
    """A fresh run.

    Args:
        data: every row; ``dataset`` and ``source``, the arguments of `load_data`, say where it came from, so that the
            run can be resumed.
        split_off: the share of the rows that validates; by default a fifth, or nothing if there are few rows.
        hidden: sizes of the hidden layers; by default two of 16 units, or none behind convolutions.
        learning_rate, epochs, init: by default those that suit the optimiser, the size of the data and the activation.
        schedule: by default cosine, or constant for an optimiser that finds its own steps.
        l2: by default 0.003, or 0.001 for points that are drawn.
        batch: rows of one update, 0 for all; by default 20, or all for an optimiser that wants them.
        options: hyper-parameters of the optimiser by PyTorch's names.
        engine: a key of `ENGINES`, or ``"auto"`` for the one that `chosen_engine` takes.

    The other arguments are those of `describe` and of `Settings`.

    Raises:
        UsageError: a value out of range, or choices that don't fit together.
        ExpressionError: an expression without meaning.

    >>> from gradcli.train.data.datasets import make
    >>> run = start(make("xor", samples=40), hidden=(4,), epochs=2)
    >>> sum(1 for event in run.events()), len(run.report()["history"])
    (6, 4)
    """
    given = {name: value for name, value in locals().items() if name not in ("data", "dataset", "source")}
    choice(optimizer, OPTIMIZERS, "optimiser")
    choice(engine, (AUTO, *ENGINES), "engine")
    method = OPTIMIZERS[optimizer]
    dataset = data.name if dataset is None else dataset
    if learning_rate is None:
        learning_rate = method.learning_rate * (CONVOLUTION_RATE if conv else 1.0)
    if hidden is None:
        hidden = () if conv else HIDDEN
    if l2 is None:
        l2 = L2_DRAWN if dataset in DATASETS or "expression" in source else L2
    split_off = default_split(data) if split_off is None else split_off
    training, validation, tested = split(data, split_off, test, seed)
    model = describe(
        training, hidden, activation, loss, standardise, l1, l2, conv=conv, dropout=dropout, features=features
    )
    if method.descend is not None:
        refuse_batches(optimizer, given)
        batch, schedule = 0, "constant"
    batch = BATCH if batch is None else batch
    settings = Settings(
        dataset=dataset,
        source={name: value for name, value in source.items() if value is not None},
        seed=seed,
        split=split_off,
        test=test,
        init=default_initialisation(model.activation) if init is None else init,
        optimizer=optimizer,
        options=dict(options or {}),
        learning_rate=learning_rate,
        schedule="cosine" if schedule is None else schedule,
        warmup=warmup,
        clip=clip,
        epochs=default_epochs(len(training), model.products, max(0, batch), engine) if epochs is None else epochs,
        batch=batch,
        patience=patience,
        min_delta=min_delta,
        engine=engine,
    )
    if engine == AUTO:
        settings = replace(settings, engine=best_engine(model, settings, len(training)))
    if patience is not None and not len(validation):
        raise UsageError(
            "--patience watches the validation loss, and no rows validate",
            kind="conflicting_options",
            hint="set some aside, for example with --split 0.2",
        )
    if min_delta and patience is None:
        raise UsageError(
            "--min-delta says when the validation loss is better for --patience, which is not given",
            kind="conflicting_options",
            hint=f"for example --patience 10 --min-delta {min_delta:g}",
        )
    parameters = initial_parameters(model, settings.init, seed)
    memory = method.start(settings.hyperparameters, 0 * parameters) if method.step is not None else {}
    state = State(parameters, memory)
    usual = inspect.signature(start).parameters
    choices = {name: value for name, value in given.items() if value != usual[name].default}
    choices |= {name: value for name, value in source.items() if value is not None}
    return Run(model, settings, engine_for(model, settings.engine), data, training, validation, tested, state, choices)


def best_engine(model: Model, settings: Settings, rows: int) -> str:
    """The name of the engine that ``auto`` means for a run on this many rows."""
    return chosen_engine(model, settings.optimizer, settings.updates(rows), settings.batch_of(rows))


def refuse_batches(optimizer: str, given: Mapping[str, Any]) -> None:
    """Refuse what an optimiser that takes all rows and chooses its own steps can't do."""
    options = {
        "batch": "--batch", "learning_rate": "--lr", "schedule": "--schedule", "clip": "--clip", "warmup": "--warmup",
        "dropout": "--dropout",
    }  # fmt: skip
    for name, option in options.items():
        if given[name]:
            raise UsageError(
                f"{option} can't be combined with the optimiser `{optimizer}`, which takes all rows and finds its own "
                "steps",
                kind="conflicting_options",
            )


def resume(checkpoint: Checkpoint, data: Data, epochs: int | None = None, engine: str | None = None) -> Run:
    """The run that a model file holds, to go on where it stopped.

    Args:
        data: every row, as when the run began.
        epochs: a new number of epochs for the whole run; by default that of the run.
        engine: another key of `ENGINES`, or ``"auto"``; it continues with the same losses, but not to the same bytes.

    Raises:
        UsageError: the rows are not those that the model was trained on, the optimiser can't go on, or nothing is left
            to do.
    """
    settings, choices = checkpoint.settings, checkpoint.choices
    if settings.takes_all:
        raise UsageError(
            f"a run with the optimiser `{settings.optimizer}` can't go on: SciPy keeps what it remembers to itself",
            kind="not_resumable",
            hint="train anew, with more --epochs",
        )
    model = checkpoint.model
    same = (data.columns, data.target, data.labels) == (model.columns, model.target, model.labels)
    if not same or data.fingerprint() != checkpoint.fingerprint:
        raise UsageError(
            f"`{data.name}` no longer has the rows that the model was trained on",
            kind="changed_data",
            hint="train a new model, or give the table as it was",
        )
    if epochs is not None:
        settings, choices = replace(settings, epochs=epochs), {**choices, "epochs": epochs}
    training, validation, test = split(data, settings.split, settings.test, settings.seed)
    if engine is not None:
        choices = {**choices, "engine": engine}
        engine = best_engine(model, settings, len(training)) if engine == AUTO else engine
        settings = replace(settings, engine=engine)
    run = Run(
        model,
        settings,
        engine_for(model, settings.engine),
        data,
        training,
        validation,
        test,
        checkpoint.state,
        choices,
    )
    if run.state.stopped:
        raise UsageError(
            f"the run is complete: it waited for a better epoch until epoch {run.epochs_done}",
            kind="nothing_to_do",
            hint="train anew, with more --patience or --epochs",
        )
    if run.is_over:
        raise UsageError(
            f"the run is complete: {counted(run.epochs_done, 'epoch')} done",
            kind="nothing_to_do",
            hint=f"--epochs {2 * run.epochs_done} goes on to that many",
        )
    return run
