"""Several runs as jobs: each is what it is alone, and mean and spread are those of NumPy."""

from __future__ import annotations

import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradcli.errors import GradcliError, UnavailableError, UsageError
from gradcli.jobs import Crew, Job, run_jobs
from gradcli.train.checkpoint import load, save
from gradcli.train.data.rows import Fold
from gradcli.train.race import Race, entries_of
from gradcli.train.run import load_data, start
from gradcli.train.several_runs import adopt, keep, mean_and_spread, rows_of, taken, train_alone
from tests.support.trainings import IRIS

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
    assert (found.failure, found.checkpoint.fingerprint) == (None, run.fingerprint)


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


def test_a_table_is_read_once_for_all_seeds(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(IRIS)
    first = rows_of(str(tmp_path / "t.csv"), {"target": "species"})
    assert rows_of(str(tmp_path / "t.csv"), {"target": "species", "seed": 2}) is first


@pytest.mark.parametrize("engine", ["tensor", "jit"])
def test_a_job_tells_how_far_it_is(engine: str) -> None:
    if engine == "jit":
        pytest.importorskip("llvmlite")
    shares: list[tuple[int, float]] = []
    jobs = [Job(f"seed {seed}", ("moons", {**SMALL, "engine": engine, "seed": seed})) for seed in (1, 2)]
    run_jobs(train_alone, jobs, told=lambda number, share: shares.append((number, share)))
    assert shares == sorted(shares)
    assert {number for number, share in shares if share == 1.0} == {0, 1}
    assert all(0 < share <= 1 for _, share in shares)


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


# Runs that are kept


def seeds(*numbers: int, **given: Any) -> list[Job]:
    return [Job(f"seed {number}", ("moons", {**SMALL, **given, "seed": number})) for number in numbers]


def folds(table: str, count: int, **given: Any) -> list[Job]:
    words = {"target": "species", "missing": "mean", "hidden": (4,), "epochs": 3, **given}
    return [Job(f"fold {number + 1}", (table, words, (number, count))) for number in range(count)]


@pytest.mark.parametrize("given", [{}, {"split": 0.25, "patience": 1}, {"features": ("length^2", "width")}], ids=str)
def test_a_kept_run_comes_back_whole(given: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(IRIS.replace("2.0,", ",", 2))  # with gaps
    folder, jobs = str(tmp_path / "t.folds"), folds(str(tmp_path / "t.csv"), 3, **given)
    results = {number: train_alone(*jobs[number].arguments) for number in (0, 2)}
    assert keep(folder, jobs, results) == 2
    assert sorted(path.name for path in Path(folder).iterdir()) == ["fold-1.safetensors", "fold-3.safetensors"]
    found = taken(folder, jobs)
    assert {*found} == {0, 2}
    for number, one in found.items():
        before = results[number]
        np.testing.assert_array_equal(one.state.parameters, before.state.parameters)
        assert one.state.history.losses == before.state.history.losses
        assert (one.report, one.loss) == (before.report, before.loss)


def test_a_run_that_diverged_is_not_kept(tmp_path: Path) -> None:
    jobs = seeds(1, learning_rate=1e200, optimizer="sgd", activation="exp")
    assert keep(str(tmp_path / "none"), jobs, {0: train_alone(*jobs[0].arguments)}) == 0
    assert list(tmp_path.iterdir()) == []


def test_an_older_run_with_the_name_of_one_that_has_not_ended_is_removed(tmp_path: Path) -> None:
    jobs = seeds(1, 2)
    results = {number: train_alone(*job.arguments) for number, job in enumerate(jobs)}
    keep(str(tmp_path), jobs, results)
    (tmp_path / "seed-3.safetensors").write_bytes(b"another one")
    keep(str(tmp_path), jobs, {1: results[1]})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["seed-2.safetensors", "seed-3.safetensors"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"epochs": 4, "batch": 8}, "has other choices: `epochs` and `batch`"),
        ({"hidden": (5,)}, "has another net, or other rows to train on"),
        ({"samples": 41}, "has other rows"),
    ],
)
def test_a_run_with_other_choices_is_not_taken(given: dict[str, Any], message: str, tmp_path: Path) -> None:
    jobs = seeds(1)
    keep(str(tmp_path), jobs, {0: train_alone(*jobs[0].arguments)})
    with pytest.raises(UsageError) as caught:
        taken(str(tmp_path), seeds(1, **given))
    assert caught.value.message == f"the run in `{tmp_path / 'seed-1.safetensors'}` {message}"


def test_a_folder_without_such_runs_is_an_error(tmp_path: Path) -> None:
    def refused(folder: Path) -> GradcliError:
        with pytest.raises(GradcliError) as caught:
            taken(str(folder), seeds(1))
        return caught.value

    missing, empty = tmp_path / "no", "has none of these runs: for example, there is no seed-1.safetensors in it"
    otherwise = "but with several runs `resume` takes the folder of those that have ended"
    assert refused(missing).message == f"`{missing}` doesn't exist, {otherwise}"
    assert refused(tmp_path).message == f"`{tmp_path}` {empty}"
    run = start(load_data("moons", samples=40, seed=1), dataset="moons", hidden=(4,), epochs=3, seed=1)
    next(run.events(stops=[1]))
    path = tmp_path / "seed-1.safetensors"
    save(path, run.checkpoint())
    error = refused(tmp_path)
    assert error.message == f"the run in `{path}` isn't complete"
    assert "`resume=" in (error.hint or "")
    assert refused(path).message == f"`{path}` is a file, {otherwise}"
    path.write_bytes(b"?")
    assert "is not a model of gradcli" in refused(tmp_path).message


def test_a_kept_run_is_the_model_that_its_seed_gives(tmp_path: Path) -> None:
    jobs = seeds(4)
    found = run_jobs(train_alone, jobs, Crew(2))
    keep(str(tmp_path), jobs, dict(enumerate(found)))
    run = start(load_data("moons", samples=40, seed=4), dataset="moons", **SMALL, seed=4)
    for _ in run.events():
        pass
    save(tmp_path / "alone", run.checkpoint())
    assert (tmp_path / "alone").read_bytes() == (tmp_path / "seed-4.safetensors").read_bytes()
    assert load(tmp_path / "alone").state.history
