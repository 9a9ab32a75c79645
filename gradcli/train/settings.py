"""The settings of training: the choices of a run that are not part of the model itself."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from gradcli.optim.optimizers import OPTIMIZERS
from gradcli.train.choice import chosen_options
from gradcli.train.choices import DataChoices, RunChoices, choices
from gradcli.train.data.rows import check_shares
from gradcli.train.untrusted import refuse

__all__ = ["Settings", "default_epochs"]

# The most seconds that a run should take by default.
SECONDS = 10.0
# Engine -> roughly the seconds for an update, and for one multiplication of one row, forward and back.
COSTS = {"value": (1e-4, 1.4e-6), "tensor": (3e-4, 4e-9)}
# By default a run has enough epochs for this many updates, and at least `MOST_EPOCHS`; fewer where they would take too
# long, but never fewer than `FEWEST_EPOCHS`.
UPDATES = 600
# This is for the learning rate that the optimiser has by default; at a smaller one they are as many times more.
FEWEST_EPOCHS, MOST_EPOCHS = 5, 100


def default_epochs(rows: int, products: int, batch: int, engine: str = "tensor", rate: float = 1.0) -> int:
    """Return the default number of epochs: many for small data, fewer if an epoch takes long.

    Args:
        rows: the number of rows to train on.
        products: the multiplications that the net needs for one row.
        batch: the rows of one update; 0 takes all.
        engine: the name of the engine, whose speed matters.
        rate: the learning rate, as a share of the optimiser's default.

    >>> [default_epochs(rows, 320, 20, "value") for rows in (20, 80, 400)]
    [600, 150, 55]
    """
    updates_per_epoch = -(-rows // (min(batch, rows) or rows))
    most = max(MOST_EPOCHS, math.ceil(UPDATES / min(rate, 1.0) / updates_per_epoch))
    for_update, for_product = COSTS.get(engine, COSTS["tensor"])
    seconds = updates_per_epoch * for_update + rows * products * for_product
    return max(FEWEST_EPOCHS, min(most, round(SECONDS / seconds)))


class Settings(RunChoices):
    """The settings of one run: each of `RunChoices` is an attribute with the value that was chosen.

    Args:
        dataset: a built-in set, the path of a table, or ``"-"``.
        source: the other arguments of `load_data`, by name.
        values: the settings by name; a setting that is absent has its default.

    Raises:
        UsageError: a value is wrong.
    """

    def __init__(self, dataset: str, source: Mapping[str, Any], **values: Any) -> None:
        super().__init__(**values)
        self.dataset, self.source = dataset, dict(source)
        check_shares(self.split, self.test or 0.0)
        self.values["options"] = chosen_options(self.optimizer, self.options)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Settings) and self.to_json() == other.to_json()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<settings: {self.dataset}, {self.optimizer}, {self.epochs} epochs>"

    def _repr_html_(self) -> str:
        from gradcli.markup import table

        return table([], [[name, str(value)] for name, value in self.to_json().items()], "settings")

    def changed(self, **values: Any) -> Settings:
        """Return these settings with other values for some of them."""
        return Settings(self.dataset, self.source, **{**self.values, **values})

    @property
    def hyperparameters(self) -> dict[str, Any]:
        """All options of the optimiser, by PyTorch's names."""
        return dict(OPTIMIZERS[self.optimizer].configured(**self.options))

    @property
    def takes_all(self) -> bool:
        """Whether the optimiser takes all rows for each step, and chooses its steps itself."""
        return OPTIMIZERS[self.optimizer].descend is not None

    def batch_of(self, rows: int) -> int:
        """Return the number of rows in one update, given the number of rows to train on."""
        return rows if self.batch == 0 else min(self.batch, rows)

    def updates(self, rows: int) -> int:
        """Return the number of updates of the whole run."""
        return self.epochs * -(-rows // self.batch_of(rows))

    def to_json(self) -> dict[str, Any]:
        """Return the settings as an object that JSON can hold."""
        return {"dataset": self.dataset, "source": self.source, **self.values}

    @classmethod
    def from_json(cls, data: Any) -> Settings:
        """Read settings from JSON of unknown origin.

        Raises:
            ValueError: something is wrong; the message says what.
        """
        known = choices(RunChoices)
        is_sound = isinstance(data, dict) and {"dataset", "source"} <= data.keys() <= {"dataset", "source", *known}
        refuse(not is_sound, "the settings have missing or unknown fields")
        is_sound = isinstance(data["dataset"], str) and isinstance(data["source"], dict)
        refuse(not is_sound, "the settings name no source of data")
        try:
            source = {name: choices(DataChoices)[name].checked(value) for name, value in data["source"].items()}
        except (KeyError, ValueError):
            raise ValueError("the settings name a source of data that is unknown") from None
        return cls(**{**data, "source": source})
