"""Rows and their split."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from gradcli.errors import UsageError
from gradcli.tables.formats import read_table
from gradcli.train.data.datasets import make
from gradcli.train.data.loading import load_data
from gradcli.train.data.rows import Data, Fold, fold_of_rows, sampled, split
from gradcli.train.data.selection import table_data


def test_a_split_keeps_every_row_once_and_in_order() -> None:
    data = make("moons", samples=50)
    training, validation, *_ = split(data, 0.3, None, seed=5)
    rows = [tuple(row) for row in data.inputs]
    places = [rows.index(tuple(row)) for part in (training, validation) for row in part.inputs]
    assert sorted(places) == list(range(50))
    assert places[: len(training)] == sorted(places[: len(training)])
    assert places[len(training) :] == sorted(places[len(training) :])


def test_a_split_keeps_the_shares_of_the_classes() -> None:
    targets = np.repeat([0.0, 1.0], [80, 20])
    data = Data("t", ("x",), np.zeros((100, 1)), "y", targets, ("a", "b"))
    training, validation, *_ = split(data, 0.25, None, seed=0)
    assert (validation.targets.sum(), len(validation)) == (5, 25)
    assert (training.targets.sum(), len(training)) == (15, 75)


def test_a_split_is_fixed_by_its_seed() -> None:
    data = make("moons", samples=50)
    assert split(data, 0.3, None, 1)[1].fingerprint() == split(data, 0.3, None, 1)[1].fingerprint()
    assert split(data, 0.3, None, 1)[1].fingerprint() != split(data, 0.3, None, 2)[1].fingerprint()


def test_a_split_of_nothing_trains_on_all_rows() -> None:
    data = make("moons", samples=50)
    training, validation, test, *_ = split(data, 0.0, None, seed=0)
    assert training.fingerprint() == data.fingerprint()
    assert len(validation) == len(test) == 0


def test_the_rows_that_validate_are_those_that_they_have_always_been() -> None:
    data = make("spiral", samples=90, classes=3)
    generator, aside = random.Random("split 7"), []
    for label in range(3):
        aside += generator.sample([row for row in range(90) if data.targets[row] == label], 6)
    assert np.array_equal(split(data, 0.2, None, 7).validation.inputs, data.inputs[sorted(aside)])
    numbers = make("plane", samples=50)
    rows = random.Random("split 7").sample(list(range(50)), 10)
    assert np.array_equal(split(numbers, 0.2, 0.3, 7).validation.inputs, numbers.inputs[sorted(rows)])


def test_three_parts_hold_every_row_once() -> None:
    data = make("blobs", samples=300)
    parts = split(data, 0.2, 0.1, seed=1)[:3]
    assert [len(part) for part in parts] == [210, 60, 30]
    assert [np.bincount(part.targets.astype(int)).tolist() for part in parts] == [[70] * 3, [20] * 3, [10] * 3]
    rows = {tuple(row) for part in parts for row in part.inputs.tolist()}
    assert rows == {tuple(row) for row in data.inputs.tolist()}


def test_rows_for_the_test_do_not_change_those_that_validate() -> None:
    data = make("moons")
    assert np.array_equal(split(data, 0.2, 0.3, 1).validation.inputs, split(data, 0.2, None, 1).validation.inputs)


def test_rows_that_the_source_sets_aside_are_the_test() -> None:
    data = replace(make("moons"), test=make("moons", seed=2))
    training, validation, test, *_ = split(data, 0.2, None, 1)
    assert (len(training), len(validation), training.test, validation.test) == (80, 20, None, None)
    assert test is data.test
    assert len(split(data, 0.2, 0.0, 1).test) == 0
    assert data.fingerprint() != replace(data, test=None).fingerprint()
    with pytest.raises(UsageError, match="`moons` already has rows for the test, so `test` can't set other rows aside"):
        split(data, 0.2, 0.1, 1)


def test_gaps_are_filled_by_what_the_rows_to_train_on_say() -> None:
    sizes = ["" if row % 7 == 3 else str(row) for row in range(50)]
    colours = ["" if row % 5 == 0 else "red" if row % 3 else "blue" for row in range(50)]
    lines = [f"{size},{colour},{row}" for row, (size, colour) in enumerate(zip(sizes, colours, strict=True))]
    table = read_table(["size,colour,y", *lines], "t.csv")
    parts = split(table_data(table, "y", missing="mean"), 0.3, 0.2, seed=4)
    seen = [int(row) for row in parts.training.targets]
    encoding = parts.training.encoding
    assert encoding is not None
    assert encoding.inputs[0].fill == pytest.approx(np.mean([row for row in seen if sizes[row]]), rel=1e-15)
    assert encoding.inputs[1].fill == "red"
    whole = encoding.encode(table)
    for part in parts[:3]:
        assert part.encoding == encoding
        assert np.array_equal(part.inputs, whole[part.targets.astype(int)])
    assert whole[3, 0] == encoding.inputs[0].fill
    assert whole[0].tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("validation", "test"),
    [(0.6, 0.5), (0.5, -0.1), (0.2, 0.01), (0.5, 0.49), (0.0, float("nan")), (0.1, 1.0)],
)
def test_shares_that_leave_a_part_empty_are_an_error(validation: float, test: float) -> None:
    with pytest.raises(UsageError):
        split(make("moons", samples=4), validation, test, seed=0)


@pytest.mark.parametrize("fraction", [-0.1, 1.0, float("nan"), 0.01, 0.99])
def test_a_split_that_leaves_a_side_empty_is_an_error(fraction: float) -> None:
    with pytest.raises(UsageError):
        split(make("moons", samples=4), fraction, None, seed=0)


def test_the_fingerprint_sees_a_changed_digit() -> None:
    data = make("moons", samples=10)
    changed = data.inputs.copy()
    changed[3, 1] = np.nextafter(changed[3, 1], 9)
    assert Data("moons", data.columns, changed, "class", data.targets, data.labels).fingerprint() != data.fingerprint()


@pytest.mark.parametrize("shares", [(0.3, 0.2), (0.3, None), (0.0, 0.2), (0.0, None)])
def test_parts_are_in_the_memory_of_all_rows(shares: tuple[float, float | None]) -> None:
    data = make("moons", samples=50)
    parts = split(data, *shares, seed=2)
    assert len(parts.every) == sum(map(len, parts[:3])) == 50
    start = 0
    for part in parts[:3]:
        assert np.array_equal(part.inputs, parts.every.inputs[start : start + len(part)])
        assert not len(part) or np.shares_memory(part.inputs, parts.every.inputs)
        start += len(part)
    assert parts.source.fingerprint() == data.fingerprint()


@pytest.mark.parametrize("rows", [0, 1, 5, 21, 22, 25, 26, 85, 86, 1000, 5000])
def test_a_sample_is_the_one_that_python_draws(rows: int) -> None:
    for count in {0, min(rows, 1), min(rows, 5), min(rows, 6), rows // 50, rows // 5, rows // 2, rows}:
        ours, theirs = random.Random("s"), random.Random("s")
        assert sampled(ours, rows, count).nonzero()[0].tolist() == sorted(theirs.sample(range(rows), count))
        assert ours.random() == theirs.random()


@pytest.mark.parametrize("shares", [(0.3, 0.2), (0.3, None), (0.0, None)])
def test_rows_that_are_split_where_they_are_are_the_same_rows(
    shares: tuple[float, float | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradcli.train.data.rows.BLOCK", 7)
    weights = np.random.RandomState(0).uniform(size=90)
    data = replace(make("spiral", samples=90, classes=3), weights=weights)
    expected = split(data, *shares, seed=2)
    own = replace(data, inputs=data.inputs.copy(), targets=data.targets.copy(), weights=weights.copy())
    parts = split(own, *shares, seed=2, in_place=True)
    for part, other in zip(parts[:3], expected[:3], strict=True):
        assert part.fingerprint() == other.fingerprint()
        assert not len(part) or np.shares_memory(part.inputs, own.inputs)
    assert parts.source.fingerprint() == data.fingerprint()
    own.inputs.setflags(write=False)
    assert not np.shares_memory(split(own, 0.3, None, seed=2, in_place=True).training.inputs, own.inputs)


def test_gaps_are_filled_where_the_rows_are() -> None:
    lines = [
        f"{'' if row % 7 == 3 else row},{'' if row % 5 == 0 else 'red' if row % 3 else 'blue'},{row}"
        for row in range(50)
    ]
    table = read_table(["size,colour,y", *lines], "t.csv")
    expected = split(table_data(table, "y", missing="mean"), 0.3, 0.2, seed=4)
    data = table_data(table, "y", missing="mean")
    parts = split(data, 0.3, 0.2, seed=4, in_place=True)
    for part, other in zip(parts[:3], expected[:3], strict=True):
        assert part.encoding == other.encoding
        assert np.array_equal(part.inputs, other.inputs)
        assert np.shares_memory(part.inputs, data.inputs)
    assert not np.isnan(parts.every.inputs).any()


@pytest.mark.parametrize("folds", [2, 3, 7])
def test_folds_share_rows_and_classes_evenly_and_no_row_twice(folds: int) -> None:
    data = load_data("wine")
    places = fold_of_rows(data, folds, seed=3)
    sizes = np.bincount(places, minlength=folds)
    assert sizes.max() - sizes.min() <= 1
    for label in range(3):
        of_class = np.bincount(places[data.targets == label], minlength=folds)
        assert of_class.max() - of_class.min() <= 1
    assert (places == fold_of_rows(data, folds, seed=3)).all()
    assert (places != fold_of_rows(data, folds, seed=4)).any()


def test_what_a_fold_holds_out_is_the_test_and_missing_values_are_filled_without_it() -> None:
    lines = ["x,y", *[f"{number if number % 3 else ''},{number}.5" for number in range(20)]]
    data = table_data(read_table(lines, "t.csv"), target="y", missing="mean")
    places = fold_of_rows(data, 4, seed=1)
    parts = split(data, 0.0, None, 1, Fold(2, 4))
    np.testing.assert_array_equal(parts.test.targets, data.targets[places == 2])
    np.testing.assert_array_equal(parts.training.targets, data.targets[places != 2])
    assert len(parts.validation) == 0
    known = data.inputs[places != 2, 0]
    filled = parts.test.inputs[np.isnan(data.inputs[places == 2, 0]), 0]
    assert len(filled) > 0
    np.testing.assert_allclose(filled, np.nanmean(known), rtol=1e-14)
