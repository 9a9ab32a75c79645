"""The choices of a run."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gradcli.errors import UsageError
from gradcli.train.settings import Settings, default_epochs

SETTINGS = Settings(
    dataset="moons",
    source={"samples": 100, "noise": 0.1, "columns": ("x1", "x2")},
    seed=1337,
    split=0.2,
    test=None,
    init="he",
    optimizer="adam",
    options={"betas": (0.8, 0.99)},
    learning_rate=0.02,
    schedule="cosine",
    warmup=0,
    clip=None,
    epochs=10,
    batch=20,
    patience=None,
    min_delta=0.0,
    engine="tensor",
)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"optimizer": "adan"}, "unknown optimiser `adan`"),
        ({"schedule": "cosin"}, "unknown schedule `cosin`"),
        ({"learning_rate": 0.0}, "`learning_rate` is positive and finite, not 0"),
        ({"learning_rate": float("nan")}, "`learning_rate` is positive and finite, not nan"),
        ({"epochs": 0}, "`epochs` is a whole number from 1 to 1000000, not 0"),
        ({"batch": -1}, "`batch` is a number of rows, at least 1, not -1"),
        ({"seed": -1}, "`seed` is a whole number from 0 to 2^32 - 1, not -1"),
        ({"split": 1.0}, "`split` is a share of the rows, at least 0 and less than 1, not 1"),
        ({"split": 0.5, "test": 0.5}, "`split` + `test` is a share of the rows, at least 0 and less than 1, not 1"),
        ({"test": -0.5}, "`test` is a share of the rows, at least 0 and less than 1, not -0.5"),
        ({"options": {"momentum": 0.9}}, "the optimiser has no option `momentum`"),
        ({"options": {"lr": 0.9}}, "the option `lr` is set by `learning_rate`"),
        ({"options": {"eps": -1}}, "the option `eps` is a number above 0, not -1"),
        ({"warmup": -1}, "`warmup` is a number of updates, at least 0, not -1"),
        ({"clip": 0.0}, "`clip` is a norm, positive and finite, not 0"),
        ({"patience": 0}, "`patience` is a number of epochs, at least 1, not 0"),
        ({"min_delta": float("nan")}, "`min_delta` is a difference, at least 0 and finite, not nan"),
    ],
)
def test_a_wrong_choice_is_named(change: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        SETTINGS.changed(**change)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("batch", "rows", "of_batch", "updates"), [(20, 80, 20, 40), (20, 81, 20, 50), (0, 80, 80, 10), (500, 80, 80, 10)]
)
def test_the_number_of_updates_follows_from_rows_and_batch(batch: int, rows: int, of_batch: int, updates: int) -> None:
    settings = SETTINGS.changed(batch=batch)
    assert (settings.batch_of(rows), settings.updates(rows)) == (of_batch, updates)


def test_the_number_of_epochs_falls_with_the_work() -> None:
    for engine in ("value", "tensor"):
        epochs = [default_epochs(rows, 337, 20, engine) for rows in (20, 100, 1_000, 10_000, 10**7)]
        assert epochs == sorted(epochs, reverse=True)
        assert (epochs[0], epochs[-1]) == (600, 5)


def test_choices_survive_json() -> None:
    assert Settings.from_json(json.loads(json.dumps(SETTINGS.to_json()))) == SETTINGS


@pytest.mark.parametrize(
    "change",
    [
        {"epochs": "10"},
        {"epochs": True},
        {"seed": 1.5},
        {"optimizer": "evil"},
        {"extra": 1},
        {"dataset": None},
        {"options": {"evil": 1}},
        {"options": {"betas": [0.5]}},
        {"options": [0.5]},
        {"source": None},
        {"clip": "1"},
        {"test": [0.1]},
    ],
)
def test_choices_of_unknown_origin_are_checked(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Settings.from_json(SETTINGS.to_json() | change)
    with pytest.raises(ValueError, match=r"\w"):
        Settings.from_json([])
