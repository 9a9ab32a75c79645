"""How a net is trained: every choice of a run that is not part of the model itself."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from typing import Any

from gradcli.errors import UsageError
from gradcli.optim.optimizers import OPTIMIZERS
from gradcli.optim.schedules import SCHEDULES
from gradcli.source import did_you_mean

__all__ = ["Settings", "choice", "default_epochs"]

# So many products of rows and parameters keep a run of the scalar engine to about ten seconds.
WORK = 7_000_000
# A run has this many updates if its work allows them, and no fewer epochs than these however large the data.
UPDATES = 600
FEWEST_EPOCHS, MOST_EPOCHS = 5, 100


def default_epochs(rows: int, parameters: int, batch: int) -> int:
    """How often a run visits its rows when nobody says: often for small data, and less where that would take long.

    >>> default_epochs(20, 337, 20), default_epochs(80, 337, 20), default_epochs(400, 337, 20)
    (600, 150, 52)
    """
    updates_per_epoch = -(-rows // (min(batch, rows) or rows))
    most = max(MOST_EPOCHS, -(-UPDATES // updates_per_epoch))
    return max(FEWEST_EPOCHS, min(most, round(WORK / (rows * parameters))))


def choice(word: str, table: dict[str, Any], what: str) -> str:
    """A word that must be a key of a table.

    Raises:
        UsageError: it is none.

    >>> choice("adam", OPTIMIZERS, "optimiser")
    'adam'
    """
    if word in table:
        return word
    near = did_you_mean(word, table)
    raise UsageError(
        f"unknown {what} `{word}`",
        kind="bad_value",
        hint=f"did you mean `{near}`?" if near else f"choose one of {', '.join(table)}",
    )


@dataclass(frozen=True)
class Settings:
    """The choices of one run.

    Args:
        dataset: a built-in set, the path of a table, or ``"-"``.
        target: for a table, the column to predict.
        task: for a table, ``"classes"`` or ``"numbers"``; None decides by the values.
        samples: for a built-in set, how many points.
        noise: for a built-in set, the standard deviation of the noise.
        seed: of the points, the split, the initial parameters and the order of the rows.
        split: the share of the rows that validates.
        init: the initialisation, by its name in `gradcli.nn`.
        optimizer: a key of `OPTIMIZERS`.
        learning_rate: at the start.
        schedule: a key of `SCHEDULES`.
        epochs: how often the run visits every row.
        batch: rows of one update; 0 takes all.
        engine: a key of `ENGINES`.

    Raises:
        UsageError: a value out of range.
    """

    dataset: str
    target: str | None
    task: str | None
    samples: int | None
    noise: float | None
    seed: int
    split: float
    init: str
    optimizer: str
    learning_rate: float
    schedule: str
    epochs: int
    batch: int
    engine: str = "value"

    def __post_init__(self) -> None:
        choice(self.optimizer, OPTIMIZERS, "optimiser")
        choice(self.schedule, SCHEDULES, "schedule")
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
        if not 0 <= self.split < 1:
            raise UsageError(
                f"the split is a share of the rows, at least 0 and less than 1, not {self.split:g}", kind="bad_value"
            )

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
        kinds: dict[str, tuple[type, ...]] = {
            "str": (str,),
            "int": (int,),
            "float": (int, float),
            "str | None": (str, type(None)),
            "int | None": (int, type(None)),
            "float | None": (int, float, type(None)),
        }
        for field in fields(cls):
            value = data[field.name]
            if not isinstance(value, kinds[str(field.type)]) or isinstance(value, bool):
                raise ValueError(f"the setting {field.name} is of the wrong kind")
        try:
            return cls(**data)
        except UsageError as error:
            raise ValueError(error.message) from None
