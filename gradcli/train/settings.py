"""How a net is trained: every choice of a run that is not part of the model itself."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from typing import Any

from gradcli.errors import UsageError, choice
from gradcli.optim.optimizers import OPTIMIZERS
from gradcli.optim.schedules import SCHEDULES
from gradcli.train.data.rows import check_shares

__all__ = ["Settings", "default_epochs"]

# What a run should take at most when nobody says how long.
SECONDS = 10.0
# Engine -> roughly the seconds for an update, and for one multiplication of one row, forward and back.
COSTS = {"value": (1e-4, 1.4e-6), "tensor": (3e-4, 4e-9)}
# A run has this many updates if its time allows them, and no fewer epochs than these however large the data.
UPDATES = 600
FEWEST_EPOCHS, MOST_EPOCHS = 5, 100


def default_epochs(rows: int, products: int, batch: int, engine: str = "tensor") -> int:
    """How often a run visits its rows when nobody says: often for small data, and less where that would take long.

    Args:
        products: the multiplications that the net needs for one row.

    >>> [default_epochs(rows, 320, 20, "value") for rows in (20, 80, 400)]
    [600, 150, 55]
    """
    updates_per_epoch = -(-rows // (min(batch, rows) or rows))
    most = max(MOST_EPOCHS, -(-UPDATES // updates_per_epoch))
    for_update, for_product = COSTS.get(engine, COSTS["tensor"])
    seconds = updates_per_epoch * for_update + rows * products * for_product
    return max(FEWEST_EPOCHS, min(most, round(SECONDS / seconds)))


@dataclass(frozen=True)
class Settings:
    """The choices of one run.

    Args:
        dataset: a built-in set, the path of a table, or ``"-"``.
        source: what else `load_data` was told, by the names of its arguments.
        seed: of the points, the split, the initial parameters, the order of the rows and dropout.
        split: the share of the rows that validates.
        test: the share that is kept for the test; None takes the rows that the source sets aside, if it does.
        init: the initialisation, by its name in `gradcli.nn`.
        optimizer: a key of `OPTIMIZERS`.
        options: its hyper-parameters but for the learning rate; absent ones have their defaults.
        learning_rate: at the start.
        schedule: a key of `SCHEDULES`.
        warmup: the rate rises in a straight line over so many updates before the schedule begins to count.
        clip: the largest norm of a gradient; longer ones are shortened to it.
        epochs: how often the run visits every row.
        batch: rows of one update; 0 takes all.
        patience: the run stops after so many epochs in which the validation loss has not fallen, and keeps the best
            parameters.
        min_delta: by how much it must fall to count.
        engine: a key of `ENGINES`.

    Raises:
        UsageError: a value out of range.
    """

    dataset: str
    source: dict[str, Any]
    seed: int
    split: float
    test: float | None
    init: str
    optimizer: str
    options: dict[str, Any]
    learning_rate: float
    schedule: str
    warmup: int
    clip: float | None
    epochs: int
    batch: int
    patience: int | None
    min_delta: float
    engine: str

    def __post_init__(self) -> None:
        choice(self.optimizer, OPTIMIZERS, "optimiser")
        choice(self.schedule, SCHEDULES, "schedule")
        values = OPTIMIZERS[self.optimizer].configured(**self.options)
        if "lr" in self.options:
            raise UsageError("the learning rate is no further option of the optimiser", kind="bad_value")
        # Lists, as JSON has them, become tuples, so that what is read equals what was written.
        object.__setattr__(self, "options", {name: values[name] for name in self.options})
        source = {name: tuple(value) if isinstance(value, list) else value for name, value in self.source.items()}
        object.__setattr__(self, "source", source)
        if not (self.learning_rate > 0 and math.isfinite(self.learning_rate)):
            raise UsageError(f"the learning rate is positive and finite, not {self.learning_rate:g}", kind="bad_value")
        if not 1 <= self.epochs <= 1_000_000:
            raise UsageError(f"a run has 1 to 1000000 epochs, not {self.epochs}", kind="bad_value")
        if self.batch < 0:
            raise UsageError(
                f"a batch has at least 1 row, not {self.batch}",
                kind="bad_value",
                hint="--batch 0 takes all rows at once",
            )
        if not 0 <= self.seed < 2**32:
            raise UsageError(f"the seed is a whole number from 0 to 2^32 - 1, not {self.seed}", kind="bad_value")
        check_shares(self.split, self.test or 0.0)
        if self.warmup < 0:
            raise UsageError(f"--warmup is a number of updates, at least 0, not {self.warmup}", kind="bad_value")
        if self.clip is not None and not (self.clip > 0 and math.isfinite(self.clip)):
            raise UsageError(f"--clip is a norm, positive and finite, not {self.clip:g}", kind="bad_value")
        if self.patience is not None and self.patience < 1:
            raise UsageError(f"--patience is a number of epochs, at least 1, not {self.patience}", kind="bad_value")
        if not (self.min_delta >= 0 and math.isfinite(self.min_delta)):
            raise UsageError(
                f"--min-delta is a difference, at least 0 and finite, not {self.min_delta:g}", kind="bad_value"
            )

    @property
    def hyperparameters(self) -> dict[str, Any]:
        """All options of the optimiser, by PyTorch's names."""
        return dict(OPTIMIZERS[self.optimizer].configured(**self.options))

    @property
    def takes_all(self) -> bool:
        """Whether the optimiser takes all rows for each of its steps, which it chooses itself."""
        return OPTIMIZERS[self.optimizer].descend is not None

    def batch_of(self, rows: int) -> int:
        """The rows of one update when there are so many to train on."""
        return rows if self.batch == 0 else min(self.batch, rows)

    def updates(self, rows: int) -> int:
        """The number of updates of the whole run."""
        return self.epochs * -(-rows // self.batch_of(rows))

    def to_json(self) -> dict[str, Any]:
        """The choices as what JSON can hold."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Any) -> Settings:
        """The choices from JSON of unknown origin.

        Raises:
            ValueError: with a clause that says what is wrong.
        """
        if not isinstance(data, dict) or sorted(data) != sorted(field.name for field in fields(cls)):
            raise ValueError("the settings have missing or unknown fields")
        for field in fields(cls):
            if not is_of_kind(data[field.name], str(field.type)):
                raise ValueError(f"the setting {field.name} is of the wrong kind")
        try:
            return cls(**data)
        except UsageError as error:
            raise ValueError(error.message) from None


def is_of_kind(value: Any, annotation: str) -> bool:
    """Whether a value from JSON has the type that an annotation names; a float may be written as a whole number.

    >>> is_of_kind(3, "float | None"), is_of_kind(True, "int"), is_of_kind(["a"], "Sequence[str]")
    (True, False, True)
    """
    for kind in annotation.split(" | "):
        name = kind.partition("[")[0]
        if isinstance(value, KINDS[name]) and (name == "bool" or not isinstance(value, bool)):
            return not isinstance(value, list) or all(isinstance(one, str) for one in value)
    return False


KINDS: dict[str, tuple[type, ...]] = {
    "None": (type(None),),
    "bool": (bool,),
    "str": (str,),
    "int": (int,),
    "float": (int, float),
    "dict": (dict,),
    "tuple": (list, tuple),
    "Sequence": (list, tuple),
}
