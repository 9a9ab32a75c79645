"""Several runs as jobs: each is what it is alone, and mean and spread are those of NumPy."""

from __future__ import annotations

import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradcli.errors import UnavailableError, UsageError
from gradcli.train.data.rows import Fold
from gradcli.train.race import Race, entries_of
from gradcli.train.run import load_data, start
from gradcli.train.several_runs import adopt, mean_and_spread, rows_of, train_alone

SMALL: dict[str, Any] = {"samples": 40, "hidden": (4,), "epochs": 3}


def test_a_job_gives_what_the_run_gives() -> None:
    found = pickle.loads(pickle.dumps(train_alone("moons", {**SMALL, "seed": 5})))  # as another process gets it
    run = start(load_data("moons", samples=40, seed=5), **SMALL, seed=5)
    for _ in run.events():
        pass
    np.testing.assert_array_equal(found.state.parameters, run.state.parameters)
    assert found.state.history.losses == run.state.history.losses
    assert {**found.report, "history": run.state.history.losses} == run.report()
    assert found.loss == run.state.validation[-1][1]
    assert (found.failure, found.fingerprint) == (None, run.fingerprint)


def test_a_run_that_diverges_says_why() -> None:
    found = train_alone("moons", {**SMALL, "learning_rate": 1e200, "optimizer": "sgd", "activation": "exp"})
    assert found.failure is not None
    assert found.loss == math.inf


def test_the_part_that_is_held_out_is_the_test() -> None:
    found = train_alone("moons", {**SMALL, "split": 0.25}, (1, 4))
    run = start(load_data("moons", samples=40), fold=Fold(1, 4), **SMALL, split=0.25)
    assert [len(part) for part in (run.training, run.validation, run.test)] == [20, 10, 10]
    assert found.report["test"]["rows"] == 10


def test_rows_are_loaded_once_for_runs_that_share_them() -> None:
    given = {"samples": 40, "noise": 0.25}
    first = rows_of("moons", {**given, "hidden": (4,)})
    assert rows_of("moons", {**given, "hidden": (8,)}) is first
    assert rows_of("moons", {**given, "seed": 2}) is not first


def test_a_state_fits_only_a_run_with_the_same_rows() -> None:
    found = train_alone("moons", SMALL)
    run = start(load_data("moons", samples=40), **SMALL)
    found.give(run)
    assert run.is_over
    with pytest.raises(UnavailableError, match="a worker read other rows for `moons` than this process"):
        found.give(start(load_data("moons", samples=40, seed=2), **SMALL))


def test_a_race_takes_over_what_was_trained_elsewhere() -> None:
    data, choices = load_data("moons", samples=40), {"hidden": (4,), "epochs": 3}
    entries = entries_of("sgd,adam:0.05,sgd:1e200")
    here, there = Race(entries, data, choices), Race(entries, data, choices)
    for _ in here.events():
        pass
    words = [{"optimizer": one.optimizer, "learning_rate": one.learning_rate} for one in entries]
    adopt(there, [train_alone("moons", {**SMALL, **own}) for own in words])
    assert there.history_table() == here.history_table()
    for one, other in zip(there.report(), here.report(), strict=True):
        assert {**one, "updates_per_second": 0} == {**other, "updates_per_second": 0}
    assert there.share == 1.0


def test_mean_and_spread_are_those_of_numpy() -> None:
    losses = np.random.default_rng(0).random(7).tolist()
    reports = [
        {"loss": loss, "accuracy": None, "rows": 3, "test": {"r2": loss**2}, "validation": {}} for loss in losses
    ]
    means, spreads = mean_and_spread(reports)
    assert {*means} == {*spreads} == {"loss", "test"}
    assert means["loss"] == pytest.approx(np.mean(losses), rel=1e-15)
    assert spreads["loss"] == pytest.approx(np.std(losses, ddof=1), rel=1e-14)
    assert spreads["test"]["r2"] == pytest.approx(np.std(np.square(losses), ddof=1), rel=1e-14)


def test_mean_and_spread_of_what_is_not_finite_are_not_finite() -> None:
    means, spreads = mean_and_spread([{"loss": math.inf}, {"loss": 1.0}])
    assert (means["loss"], math.isnan(spreads["loss"])) == (math.inf, True)
    assert mean_and_spread([{"loss": 1.0}]) == ({"loss": 1.0}, {"loss": None})


def test_a_missing_table_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="no such file"):
        train_alone(str(tmp_path / "none.csv"), {"target": "y"})


def test_a_cross_validation_needs_a_row_for_each_part() -> None:
    with pytest.raises(UsageError, match="40 rows are too few for 41 folds"):
        train_alone("moons", SMALL, (0, 41))
