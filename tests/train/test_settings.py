"""The choices of a run."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from gradcli.errors import UsageError
from gradcli.train.settings import Settings, default_epochs

SETTINGS = Settings(
    dataset="moons",
    target=None,
    task=None,
    samples=100,
    noise=0.1,
    seed=1337,
    split=0.2,
    init="he",
    optimizer="adam",
    learning_rate=0.02,
    schedule="cosine",
    epochs=10,
    batch=20,
)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"optimizer": "adan"}, "unknown optimiser `adan`"),
        ({"schedule": "cosin"}, "unknown schedule `cosin`"),
        ({"learning_rate": 0.0}, "the learning rate is positive and finite, not 0"),
        ({"learning_rate": float("nan")}, "the learning rate is positive and finite, not nan"),
        ({"epochs": 0}, "a run has 1 to 1000000 epochs, not 0"),
        ({"batch": -1}, "a batch has at least 1 row, not -1"),
        ({"seed": -1}, "the seed is a whole number from 0 to 2^32 - 1, not -1"),
        ({"split": 1.0}, "the split is a share of the rows, at least 0 and less than 1, not 1"),
    ],
)
def test_a_wrong_choice_is_named(change: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        replace(SETTINGS, **change)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("batch", "rows", "of_batch", "updates"), [(20, 80, 20, 40), (20, 81, 20, 50), (0, 80, 80, 10), (500, 80, 80, 10)]
)
def test_the_number_of_updates_follows_from_rows_and_batch(batch: int, rows: int, of_batch: int, updates: int) -> None:
    settings = replace(SETTINGS, batch=batch)
    assert (settings.batch_of(rows), settings.updates(rows)) == (of_batch, updates)


def test_the_number_of_epochs_falls_with_the_work() -> None:
    epochs = [default_epochs(rows, 337, 20) for rows in (20, 100, 1_000, 10_000, 10**6)]
    assert epochs == sorted(epochs, reverse=True)
    assert (epochs[0], epochs[-1]) == (600, 5)


def test_choices_survive_json() -> None:
    assert Settings.from_json(json.loads(json.dumps(SETTINGS.to_json()))) == SETTINGS


@pytest.mark.parametrize(
    "change",
    [{"epochs": "10"}, {"epochs": True}, {"seed": 1.5}, {"optimizer": "evil"}, {"extra": 1}, {"dataset": None}],
)
def test_choices_of_unknown_origin_are_checked(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Settings.from_json(SETTINGS.to_json() | change)
    with pytest.raises(ValueError, match=r"\w"):
        Settings.from_json([])
