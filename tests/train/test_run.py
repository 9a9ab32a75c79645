"""A run from its choices to its result."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gradcli.errors import GradcliError, UnavailableError, UsageError
from gradcli.train.checkpoint import load, save
from gradcli.train.data.datasets import make
from gradcli.train.run import Run, default_initialisation, initial_parameters, load_data, resume, start

# What the defaults reach on the rows to train on, with room to spare.
LEARNT = {"moons": 0.9, "circles": 0.95, "xor": 0.95, "gauss": 0.99, "blobs": 0.99, "spiral": 0.8, "wave": 0.99}


@pytest.mark.parametrize("name", LEARNT)
def test_the_defaults_learn_the_built_in_set(name: str) -> None:
    run = start(load_data(name, samples=100), dataset=name, samples=100)
    for _ in run.events():
        pass
    assert run.measures(run.training).accuracy >= LEARNT[name]


# What is reached on a quarter of the rows that the net has never seen; benchmarks/accuracy.py has all seeds and peers.
TABLES: dict[str, tuple[dict[str, Any], float]] = {
    "iris": ({}, 0.9),
    "wine": ({}, 0.93),
    "digits": ({"hidden": (64,), "epochs": 30}, 0.97),
}


@pytest.mark.parametrize("name", TABLES)
def test_the_defaults_learn_a_table(name: str) -> None:
    choices, needed = TABLES[name]
    run = start(load_data(name), split=0.0, test=0.25, seed=1, **choices)
    for _ in run.events():
        pass
    found = run.measures(run.test).accuracy
    assert found is not None
    assert found >= needed


@pytest.mark.parametrize(
    ("dataset", "source", "l2"),
    [("iris", {}, 0.0083), ("moons", {}, 1e-3), ("data", {"expression": "y > x"}, 1e-3)],
)
def test_drawn_points_have_a_smaller_penalty_than_tables(dataset: str, source: dict[str, str], l2: float) -> None:
    assert start(load_data(dataset, **source), dataset=dataset, **source).model.l2 == l2  # type: ignore[arg-type]


def test_the_penalty_of_tables_would_blur_a_border_of_fine_detail() -> None:
    source, found = {"expression": "abs(sin(4x)) > abs(y)"}, []
    for choices in ({}, {"l2": 5e-3}):
        run = start(load_data("data", **source), dataset="data", **choices, **source)  # type: ignore[arg-type]
        for _ in run.events():
            pass
        found.append(run.measures(load_data("data", seed=1, samples=4000, **source)).accuracy or 0.0)
    assert found[0] > found[1] + 0.02


@pytest.mark.parametrize("seed", [0, 5])
def test_the_wave_is_learnt_by_the_net_of_its_demo(seed: int) -> None:
    run = start(make("wave", seed=seed), hidden=(5, 10), seed=seed, split=0.0)
    for _ in run.events():
        pass
    found = run.measures(run.training).accuracy
    assert found is not None
    assert found >= 0.995


def test_a_report_says_what_the_net_does_now(finished: Run) -> None:
    report = finished.report()
    assert report["dataset"] == "moons"
    assert report["parameters"] == 17
    assert report["engine"] == "tensor"
    assert report["epochs"] == 3
    assert len(report["history"]) == 12
    assert report["loss"] == report["history"][-1]
    assert report["accuracy"] == finished.measures(finished.training).accuracy
    assert report["validation"]["rows"] == len(finished.validation)
    assert report["seed"] == 1337


def test_without_validation_its_entry_is_empty(small: Callable[..., Run]) -> None:
    assert small(split=0.0).report()["validation"] == {}


def test_a_number_is_measured_by_error_and_not_by_accuracy() -> None:
    rows = "\n".join(f"{x},{3 * x + 100}.5" for x in range(40))
    run = start(load_data("-", target="y", stream=io.StringIO(f"x,y\n{rows}\n")), hidden=())
    for _ in run.events():
        pass
    report = run.report()
    assert report["accuracy"] is None
    assert report["r2"] > 0.99
    assert 0 < report["rmse"] < 4
    assert report["validation"]["r2"] > 0.99


def test_the_history_is_a_table_of_updates(finished: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(finished.history_table())))
    assert list(rows[0]) == [
        "update", "epoch", "learning_rate", "loss", "accuracy", "validation_loss", "validation_accuracy",
    ]  # fmt: skip
    assert [float(row["loss"]) for row in rows] == [record.loss for record in finished.state.history]
    assert [row["epoch"] for row in rows] == ["1"] * 4 + ["2"] * 4 + ["3"] * 4
    assert [bool(row["validation_loss"]) for row in rows] == [False, False, False, True] * 3


@pytest.mark.parametrize("stop", [3, 4])
def test_a_saved_run_goes_on_as_if_it_had_not_stopped(stop: int, small: Callable[..., Run], tmp_path: Path) -> None:
    whole, part = small(), small()
    for _ in whole.events():
        pass
    for _ in part.events():
        if len(part.state.history) == stop:
            break
    save(tmp_path / "m", part.checkpoint())
    again = resume(load(tmp_path / "m"), make("moons", samples=40))
    for _ in again.events():
        pass
    assert again.report() == whole.report()
    save(tmp_path / "a", again.checkpoint())
    save(tmp_path / "b", whole.checkpoint())
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_finished_run_goes_on_with_more_epochs(finished: Run) -> None:
    with pytest.raises(UsageError) as caught:
        resume(finished.checkpoint(), finished.data)
    assert caught.value.message == "the run is complete: 3 epochs done"
    more = resume(finished.checkpoint(), finished.data, epochs=5)
    for _ in more.events():
        pass
    assert more.report()["epochs"] == 5


def test_a_model_of_other_columns_than_its_rows_have_is_refused(finished: Run) -> None:
    checkpoint = finished.checkpoint()
    checkpoint.model = replace(checkpoint.model, columns=("x1", "x3"))
    with pytest.raises(UsageError) as caught:
        resume(checkpoint, finished.data)
    assert caught.value.kind == "changed_data"


def test_other_rows_than_before_are_refused(finished: Run) -> None:
    with pytest.raises(UsageError) as caught:
        resume(finished.checkpoint(), make("moons", samples=41))
    assert caught.value.kind == "changed_data"


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ({"dataset": "mons"}, UsageError, "unknown data set `mons`"),
        ({"dataset": "iris.csv"}, UnavailableError, "can't read `iris.csv`: no such file or directory"),
        ({"dataset": "moons", "target": "y"}, UsageError, "`target` is for tables, and `moons` is a built-in set"),
        ({"dataset": "moons", "task": "numbers"}, UsageError, "`task` is for tables, and `moons` is a built-in set"),
        (
            {"dataset": "t.csv", "noise": 0.1},
            UsageError,
            "`noise` is for the built-in sets (moons, circles, xor, gauss, blobs, spiral, wave, plane, sine, bumps)",
        ),
    ],
)
def test_a_source_of_data_that_does_not_exist_is_named(
    arguments: dict[str, str], kind: type[GradcliError], message: str
) -> None:
    with pytest.raises(kind) as caught:
        load_data(**arguments)  # type: ignore[arg-type]
    assert caught.value.message == message


def test_the_first_parameters_of_micrograd_are_drawn_neuron_by_neuron(small: Callable[..., Run]) -> None:
    import random

    model = small().model
    generator = random.Random(7)
    expected: list[float] = []
    for inputs, outputs in ((2, 4), (4, 1)):
        for _ in range(outputs):
            expected += [generator.uniform(-1, 1) for _ in range(inputs)] + [0.0]
    assert initial_parameters(model, "uniform", 7).tolist() == expected


def test_the_default_initialisation_suits_the_activation() -> None:
    assert default_initialisation("gelu") == "he"
    assert default_initialisation("sin") == "xavier"


def test_the_truth_table_of_xor_is_learnt_without_an_option() -> None:
    table = load_data("-", target="c", stream=io.StringIO("a,b,c\n0,0,no\n0,1,yes\n1,0,yes\n1,1,no\n"))
    run = start(table)
    for _ in run.events():
        pass
    assert len(run.validation) == 0
    assert run.measures(run.training).accuracy == 1
