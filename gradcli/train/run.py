"""One run from its choices to its result: what the command line, a notebook or a test drives.

`start` makes a fresh run and `resume` one that goes on with a saved model; `Run.events` trains, `Run.checkpoint` is
what `gradcli.train.checkpoint.save` writes at any moment, and `Run.report` is the result.
"""

from __future__ import annotations

import csv
import io
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gradcli.errors import UsageError
from gradcli.optim.optimizers import OPTIMIZERS
from gradcli.train.checkpoint import Checkpoint
from gradcli.train.data import Data, split
from gradcli.train.datasets import DATASETS
from gradcli.train.engines import Engine, engine_for
from gradcli.train.model import Model, describe
from gradcli.train.settings import Settings, choice, default_epochs
from gradcli.train.sources import SEED, load_data
from gradcli.train.trainer import Epoch, Measures, State, Step, measure, train

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["SEED", "Run", "default_initialisation", "initial_parameters", "load_data", "resume", "start"]

BATCH = 20
SPLIT = 0.2
FEWEST_ROWS = 20
# The penalty on squared parameters that keeps a net of the default size from learning a small table by heart: with it
# the diabetes table of scikit-learn gains 0.1 in R^2 on unseen rows, and iris, wine and breast_cancer lose nothing.
TABLE_L2 = 3e-3


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
        state: where the run stands.
    """

    model: Model
    settings: Settings
    engine: Engine
    data: Data
    training: Data
    validation: Data
    state: State

    @property
    def updates(self) -> int:
        """The updates of the whole run."""
        return self.settings.updates(len(self.training))

    @property
    def updates_per_epoch(self) -> int:
        """The updates of one epoch."""
        return self.updates // self.settings.epochs

    def events(self) -> Iterator[Step | Epoch]:
        """Train from where the state stands; see `gradcli.train.trainer.train`."""
        return train(self.model, self.settings, self.engine, self.training, self.validation, self.state)

    def checkpoint(self) -> Checkpoint:
        """All that has to be kept of the run as it stands."""
        return Checkpoint(self.model, self.settings, self.state, self.data.fingerprint())

    def measures(self, data: Data) -> Measures:
        """How well the net does now on some rows."""
        scores = self.engine.predict(self.state.parameters, self.model.scaled(data.inputs))
        return measure(self.model, scores, self.model.scaled_targets(data.targets))

    def report(self) -> dict[str, Any]:
        """The result: the measures are those of the net as it stands, the loss is that before the last update."""
        result: dict[str, Any] = {
            "dataset": self.data.name,
            "net": {
                "sizes": list(self.model.sizes),
                "activation": self.model.activation,
                "loss": self.model.loss,
            },
            "parameters": self.model.count,
            "engine": self.engine.name,
            "epochs": len(self.state.history) // self.updates_per_epoch,
            "loss": self.state.history[-1].loss if self.state.history else None,
            **scores_of(self.model, self.measures(self.training)),
        }
        result["validation"] = {}
        if len(self.validation):
            seen = self.measures(self.validation)
            result["validation"] = {"rows": len(self.validation), "loss": seen.loss, **scores_of(self.model, seen)}
        result["seed"] = self.settings.seed
        result["history"] = [past.loss for past in self.state.history]
        return result

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


def scores_of(model: Model, measures: Measures) -> dict[str, Any]:
    """The measures that have a meaning for a model, by name."""
    if model.labels is not None:
        return {"accuracy": measures.accuracy}
    return {"accuracy": None, "rmse": measures.rmse, "r2": None if math.isnan(measures.r2) else measures.r2}


def default_split(data: Data) -> float:
    """The share of the rows that validates when nobody says: a fifth, but nothing of a table of a few rows.

    >>> default_split(load_data("moons")), default_split(load_data("moons", samples=8))
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
    """The flat vector that a run starts from, drawn neuron by neuron from ``random.Random(seed)``.

    Raises:
        UsageError: the initialisation is unknown.
    """
    import numpy as np

    from gradcli.nn import INITIALIZERS, MLP

    choice(init, dict(INITIALIZERS), "initialisation")
    net = MLP(
        model.sizes[0],
        list(model.sizes[1:]),
        activation=model.activation,
        initialization=init,
        generator=random.Random(seed),  # noqa: S311  (no secret depends on it)
    )
    return np.array([parameter.data for parameter in net.parameters()])


def start(
    data: Data,
    *,
    dataset: str | None = None,
    target: str | None = None,
    task: str | None = None,
    samples: int | None = None,
    noise: float | None = None,
    seed: int = SEED,
    split_off: float | None = None,
    hidden: tuple[int, ...] = (16, 16),
    activation: str = "relu",
    loss: str | None = None,
    standardise: bool = True,
    l1: float = 0.0,
    l2: float | None = None,
    init: str | None = None,
    optimizer: str = "adam",
    learning_rate: float | None = None,
    schedule: str = "cosine",
    epochs: int | None = None,
    batch: int = BATCH,
    engine: str = "value",
) -> Run:
    """A fresh run.

    Args:
        data: every row; ``dataset``, ``target``, ``task``, ``samples`` and ``noise`` say where it came from, so that
            the run can be resumed.
        split_off: the share of the rows that validates; by default a fifth, or nothing if there are few rows.
        learning_rate, epochs, init: by default those that suit the optimiser, the size of the data and the activation.
        l2: weight of the squared parameters; by default 0.003 for a table and 0 for a built-in set.

    The other arguments are those of `describe` and of `Settings`.

    Raises:
        UsageError: a value out of range, or choices that don't fit together.

    >>> from gradcli.train.datasets import make
    >>> run = start(make("xor", samples=40), hidden=(4,), epochs=2)
    >>> sum(1 for event in run.events()), len(run.report()["history"])
    (6, 4)
    """
    choice(optimizer, OPTIMIZERS, "optimiser")
    dataset = data.name if dataset is None else dataset
    if l2 is None:
        l2 = 0.0 if dataset in DATASETS else TABLE_L2
    split_off = default_split(data) if split_off is None else split_off
    training, validation, _ = split(data, split_off, None, seed)
    model = describe(training, hidden, activation, loss, standardise, l1, l2)
    settings = Settings(
        dataset=dataset,
        target=target,
        task=task,
        samples=samples,
        noise=noise,
        seed=seed,
        split=split_off,
        init=default_initialisation(model.activation) if init is None else init,
        optimizer=optimizer,
        learning_rate=OPTIMIZERS[optimizer].learning_rate if learning_rate is None else learning_rate,
        schedule=schedule,
        epochs=default_epochs(len(training), model.count, max(0, batch)) if epochs is None else epochs,
        batch=batch,
        engine=engine,
    )
    parameters, method = initial_parameters(model, settings.init, seed), OPTIMIZERS[optimizer]
    state = State(parameters, method.start(method.configured(), 0 * parameters))
    return Run(model, settings, engine_for(model, engine), data, training, validation, state)


def resume(checkpoint: Checkpoint, data: Data, epochs: int | None = None) -> Run:
    """The run that a model file holds, to go on where it stopped.

    Args:
        data: every row, as when the run began.
        epochs: a new number of epochs for the whole run; by default that of the run.

    Raises:
        UsageError: the rows are not those that the model was trained on, or nothing is left to do.
    """
    if data.fingerprint() != checkpoint.fingerprint:
        raise UsageError(
            f"`{data.name}` no longer has the rows that the model was trained on",
            kind="changed_data",
            hint="train a new model, or give the table as it was",
        )
    settings = checkpoint.settings if epochs is None else replace(checkpoint.settings, epochs=epochs)
    training, validation, _ = split(data, settings.split, None, settings.seed)
    run = Run(
        checkpoint.model,
        settings,
        engine_for(checkpoint.model, settings.engine),
        data,
        training,
        validation,
        checkpoint.state,
    )
    done = len(run.state.history)
    if done >= run.updates:
        in_epoch = run.updates_per_epoch
        raise UsageError(
            f"the run is complete: {done // in_epoch} of {settings.epochs} epochs are done",
            kind="nothing_to_do",
            hint=f"--epochs {2 * settings.epochs} goes on to that many",
        )
    return run
