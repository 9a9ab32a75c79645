"""`gradcli.cli.live.run_training`: one run to its end: models saved on the way, measures, and how the waiting ended."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.trainings import SMALL, TINY, trained

Run = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("own_folder")


def test_the_end_of_waiting_is_said(inside: Run) -> None:
    done = inside("train", "moons", "--patience", "2", "--min-delta", "10")
    assert done.code == 0
    assert "stopped after epoch 3, 2 epochs after the best: the parameters are those of epoch 1, whose" in done.err
    assert trained(inside, "moons", "--patience", "2", "--min-delta", "10")["best_epoch"] == 1


def test_rows_kept_for_the_test_are_measured_at_the_end(inside: Run) -> None:
    found = trained(inside, "moons", *SMALL, "--test", "0.25")
    assert found["test"]["rows"] == 10
    assert set(found["test"]) == set(found["validation"])


@pytest.mark.parametrize("engine", ["tensor", "jit"])
def test_checkpoints_are_saved_on_the_way(engine: str, inside: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from gradcli.train import checkpoint

    if engine == "jit":
        pytest.importorskip("llvmlite")
    save, done = checkpoint.save, []

    def noted(path: Any, found: Any) -> None:
        done.append(len(found.state.history))
        save(path, found)

    monkeypatch.setattr(checkpoint, "save", noted)
    trained(inside, "moons", *TINY, "--epochs", "5", "--checkpoint-every", "2", "--engine", engine)
    assert done == [4, 8, 10]


def test_an_optimiser_of_all_rows_counts_iterations_and_cannot_go_on(inside: Run) -> None:
    pytest.importorskip("scipy")
    done = inside("train", "moons", *TINY[:4], "--optimizer", "lbfgs", "--epochs", "2")
    assert "lbfgs, at most 2 iterations; seed 1337" in done.err
    again = inside("train", "--resume", "moons.safetensors", "--epochs", "9")
    assert again.code == 2
    assert "a run with the optimiser `lbfgs` can't be continued" in again.err


def test_a_film_is_written_and_named_in_the_command(inside: Run) -> None:
    found = trained(inside, "moons", *SMALL, "--animate", "m.svg")
    assert Path("m.svg").read_bytes().startswith(b"<?xml")
    assert found["command"].endswith("--animate m.svg")


@pytest.mark.parametrize("words", [(), ("--optimizer", "lbfgs"), ("--patience", "1", "--min-delta", "10")])
def test_a_replay_is_the_run_again_and_saves_no_model(words: tuple[str, ...], inside: Run) -> None:
    if "lbfgs" in words:
        pytest.importorskip("scipy")
    first = trained(
        inside,
        "moons",
        "--samples",
        "40",
        "--epochs",
        "6",
        *words,
        "-o",
        "m",
        "--history",
        "a.csv",
        "--animate",
        "a.svg",
    )
    model = Path("m").read_bytes()
    done = inside("train", "--replay", "m", "--json", "--history", "b.csv", "--animate", "b.svg")
    again = json.loads(done.out)
    assert again["history"] == first["history"]
    assert again["command"] == "gradcli train --replay m --history b.csv --animate b.svg"
    assert Path("m").read_bytes() == model
    assert Path("b.csv").read_text() == Path("a.csv").read_text()
    assert Path("b.svg").read_bytes() == Path("a.svg").read_bytes()
    assert not Path("moons.safetensors").exists()
    assert "note:" not in done.err


def test_a_replay_of_an_interrupted_run_ends_where_it_ended(inside: Run) -> None:
    from gradcli.train.checkpoint import load, save
    from gradcli.train.run import load_data, start

    run = start(
        load_data("moons", seed=1, samples=40), dataset="moons", samples=40, hidden=(4,), seed=1, engine="tensor"
    )
    for event in run.events({7}):
        if getattr(event, "update", -1) == 6:
            break
    save("m", run.checkpoint())
    assert len(load("m").state.history) == 7
    assert len(trained(inside, "--replay", "m")["history"]) == 7


def test_a_replay_says_if_the_model_is_another(inside: Run) -> None:
    trained(inside, "moons", *SMALL, "-o", "m")
    trained(inside, "--resume", "m", "--epochs", "4")
    done = inside("train", "--replay", "m")
    assert done.code == 0
    assert "the run in `m` ended with other parameters: it was continued with other choices" in done.err


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (("--epochs", "3"), "--epochs"),
        (("--resume", "m"), "--resume"),
        (("-o", "x"), "--output"),
        (("--run", "x"), "--run"),
        (("--race", "sgd,adam"), "--race"),
        (("--checkpoint-every", "2"), "--checkpoint-every"),
        (("--preset", "micrograd"), "--preset"),
    ],
)
def test_a_replay_has_the_choices_of_its_model(words: tuple[str, ...], option: str, inside: Run) -> None:
    done = inside("train", "--replay", "m", *words)
    assert done.code == 2
    assert f"`{option}` can't be combined with `--replay`, which shows a run as it was" in done.err


def test_a_page_is_written_and_named_in_the_command(inside: Run) -> None:
    found = trained(inside, "moons", *SMALL, "--report", "m.html", "--animate", "m.svg")
    assert Path("m.html").read_bytes().startswith(b"<!DOCTYPE html>")
    assert found["command"].endswith("--animate m.svg --report m.html")
    assert Path("m.svg").exists()
    wrong = inside("train", "moons", "--report", "m.svg")
    assert wrong.code == 2
    assert "can't tell the format of the page `m.svg`" in wrong.err


@pytest.mark.parametrize("words", [("--pace", "5s"), ("--animate", "a.svg"), ("--report", "a.html")])
def test_a_race_has_neither_pace_nor_recordings(words: tuple[str, ...], inside: Run) -> None:
    done = inside("train", "moons", "--race", "sgd,adam", *words)
    assert done.code == 2
    assert f"`{words[0]}` can't be combined with `--race`" in done.err


def test_a_pace_makes_a_run_last(inside: Run) -> None:
    assert trained(inside, "moons", *SMALL, "--pace", "0.5s")["seconds"] >= 0.5
