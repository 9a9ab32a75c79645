"""Rows and their split."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.errors import UsageError
from gradcli.train.data import Data, split
from gradcli.train.datasets import make


def test_a_split_keeps_every_row_once_and_in_order() -> None:
    data = make("moons", samples=50)
    training, validation, _ = split(data, 0.3, None, seed=5)
    rows = [tuple(row) for row in data.inputs]
    places = [rows.index(tuple(row)) for part in (training, validation) for row in part.inputs]
    assert sorted(places) == list(range(50))
    assert places[: len(training)] == sorted(places[: len(training)])
    assert places[len(training) :] == sorted(places[len(training) :])


def test_a_split_keeps_the_shares_of_the_classes() -> None:
    targets = np.repeat([0.0, 1.0], [80, 20])
    data = Data("t", ("x",), np.zeros((100, 1)), "y", targets, ("a", "b"))
    training, validation, _ = split(data, 0.25, None, seed=0)
    assert (validation.targets.sum(), len(validation)) == (5, 25)
    assert (training.targets.sum(), len(training)) == (15, 75)


def test_a_split_is_fixed_by_its_seed() -> None:
    data = make("moons", samples=50)
    assert split(data, 0.3, None, 1)[1].fingerprint() == split(data, 0.3, None, 1)[1].fingerprint()
    assert split(data, 0.3, None, 1)[1].fingerprint() != split(data, 0.3, None, 2)[1].fingerprint()


def test_a_split_of_nothing_trains_on_all_rows() -> None:
    data = make("moons", samples=50)
    training, validation, test = split(data, 0.0, None, seed=0)
    assert training is data
    assert len(validation) == len(test) == 0


@pytest.mark.parametrize("fraction", [-0.1, 1.0, float("nan"), 0.01, 0.99])
def test_a_split_that_leaves_a_side_empty_is_an_error(fraction: float) -> None:
    with pytest.raises(UsageError):
        split(make("moons", samples=4), fraction, None, seed=0)


def test_the_fingerprint_sees_a_changed_digit() -> None:
    data = make("moons", samples=10)
    changed = data.inputs.copy()
    changed[3, 1] = np.nextafter(changed[3, 1], 9)
    assert Data("moons", data.columns, changed, "class", data.targets, data.labels).fingerprint() != data.fingerprint()
