"""`gradcli train` with several runs: the same results however they are shared, and what is printed and saved."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradcli.cli.live.several_trainings import with_spread
from tests.support.trainings import IRIS, NUMBERS, TINY, trained

Run = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("own_folder")
SMALL = (*TINY, "--epochs", "4")


def same(document: dict[str, Any]) -> dict[str, Any]:
    """What must not depend on who does the work."""
    return {name: value for name, value in document.items() if name not in ("seconds", "command", "model")}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A cluster in this process: the way to it is that to any other."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=":0", silence_logs=60
    ) as found:
        yield found.scheduler_address


# Seeds


def test_each_run_is_that_of_its_seed_and_the_best_is_saved(inside: Run) -> None:
    document = trained(inside, "moons", *SMALL, "--seeds", "3", "--seed", "7", "-o", "best.safetensors")
    assert [one["seed"] for one in document["seeds"]] == [7, 8, 9]
    alone = []
    for one in document["seeds"]:
        seed = one.pop("seed")
        result = trained(inside, "moons", *SMALL, "--seed", str(seed), "-o", f"{seed}.safetensors")
        assert {**one, "dataset": "moons"} == {name: result[name] for name in (*one, "dataset")}
        alone.append(result["validation"]["loss"])
    assert document["seed"] == 7 + int(np.argmin(alone))
    assert document["mean"]["validation"]["loss"] == pytest.approx(np.mean(alone), rel=1e-15)
    assert document["spread"]["validation"]["loss"] == pytest.approx(np.std(alone, ddof=1), rel=1e-13)
    assert Path("best.safetensors").read_bytes() == Path(f"{document['seed']}.safetensors").read_bytes()


def test_processes_and_a_cluster_give_the_same_bytes(address: str, inside: Run) -> None:
    Path("iris.csv").write_text(IRIS)
    words = ["iris.csv", "--target", "species", "--hidden", "4", "--epochs", "4", "--seeds", "3"]
    found = []
    for name, crew in {"here": [], "two": ["--workers", "2"], "dask": ["--dask", address]}.items():
        found.append(same(trained(inside, *words, "-o", f"{name}.safetensors", "--history", f"{name}.csv", *crew)))
    assert found[0] == found[1] == found[2]
    for end in ("safetensors", "csv"):
        assert len({Path(f"{name}.{end}").read_bytes() for name in ("here", "two", "dask")}) == 1


def test_a_pipe_gets_a_row_for_each_run_then_mean_and_spread(inside: Run) -> None:
    found = inside("train", "moons", *SMALL, "--seeds", "2")
    lines = [line.split("\t") for line in found.out.splitlines()]
    assert lines[0] == ["seed", "loss", "accuracy", "validation_loss", "validation_accuracy"]
    assert [line[0] for line in lines[1:5]] == ["1337", "1338", "mean", "spread"]
    first, second, mean, spread = (np.array(line[1:], float) for line in lines[1:5])
    np.testing.assert_allclose(mean, (first + second) / 2, rtol=1e-14)
    np.testing.assert_allclose(spread, np.abs(first - second) / np.sqrt(2), rtol=1e-12)
    result = dict(line for line in lines[6:])
    assert (result["model"], result["best"] in ("1337", "1338")) == ("moons.safetensors", True)
    assert found.err.startswith(
        "moons: 40 rows; net 2-4-1 (relu, bce), 17 parameters; seeds 1337 to 1338; adam, 4 epochs"
    )
    assert found.err.endswith("repeat with: gradcli train moons " + " ".join(SMALL) + " --seeds 2\n")


def test_a_terminal_gets_a_table_and_sentences(inside: Run) -> None:
    found = inside("train", "moons", *SMALL, "--seeds", "2", terminal=True, environment={"TERM": "xterm"}, width=100)
    assert "0 of 2 runs" in found.err
    assert " mean " in found.out
    assert "validation loss " in found.out
    assert " ± " in found.out
    assert "the model is the net of seed 133" in found.out
    assert ", which has the smallest validation loss" in found.out


def test_runs_that_diverge_are_left_out_of_the_mean(inside: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["moons", *TINY, "--epochs", "8", "--optimizer", "sgd", "--activation", "exp", "--seeds", "6", "--lr", "3"]
    found = inside("train", *words, "--json")
    document = json.loads(found.out)
    lost = [one for one in document["seeds"] if "diverged" in one]
    good = [one["validation"]["loss"] for one in document["seeds"] if "diverged" not in one]
    assert 0 < len(lost) < 6
    assert f"warning: {len(lost)} runs of 6 diverged; mean and spread are of the others" in found.err
    assert document["mean"]["validation"]["loss"] == pytest.approx(np.mean(good), rel=1e-15)
    assert document["seed"] not in [one["seed"] for one in lost]
    rows = inside("train", *words).out.splitlines()
    assert [row.split("\t")[1] for row in rows[1:7]].count("nan") == len(lost)


def test_if_every_run_diverges_nothing_is_saved(inside: Run) -> None:
    found = inside("train", "moons", *SMALL, "--seeds", "2", "--lr", "1e200")
    assert found.code == 7
    assert "error: every run diverged; seed 1337: the loss is no longer finite" in found.err
    assert not Path("moons.safetensors").exists()


# Folds


def test_each_row_is_held_out_once_and_classes_keep_their_shares(inside: Run) -> None:
    Path("iris.csv").write_text(IRIS)
    words = ["iris.csv", "--target", "species", "--hidden", "4", "--epochs", "3", "--folds", "5"]
    document = trained(inside, *words)
    assert [one["fold"] for one in document["folds"]] == [1, 2, 3, 4, 5]
    held = [one["held_out"] for one in document["folds"]]
    assert [one["rows"] for one in held] == [8, 7, 7, 7, 7]
    counts = [[sum(row) for row in one["confusion"]] for one in held]
    assert np.sum(counts, axis=0).tolist() == [12, 12, 12]
    assert {count for some in counts for count in some} == {2, 3}
    assert document["mean"]["held_out"]["accuracy"] == pytest.approx(np.mean([one["accuracy"] for one in held]))
    assert list(Path().glob("*.safetensors")) == []
    assert same(document) == same(trained(inside, *words, "--workers", "2"))
    assert same(document) != same(trained(inside, *words, "--seed", "1"))


def test_folds_of_a_number(inside: Run) -> None:
    Path("n.csv").write_text(NUMBERS)
    found = inside(
        "train", "n.csv", "--target", "y", "--hidden", "4", "--epochs", "3", "--folds", "3", "--split", "0.2"
    )
    lines = [line.split("\t") for line in found.out.splitlines()]
    assert lines[0][:4] == ["fold", "loss", "rmse", "r2"]
    assert lines[0][4:] == [f"{part}_{name}" for part in ("validation", "held_out") for name in ("loss", "rmse", "r2")]
    assert [line[0] for line in lines[1:6]] == ["1", "2", "3", "mean", "spread"]
    shown = inside("train", "n.csv", "--target", "y", "--epochs", "3", "--folds", "3", terminal=True, width=100).out
    assert "held-out loss " in shown
    assert "no model is saved, because each net has seen only some of the rows" in shown


# Races


def test_a_race_elsewhere_gives_the_files_and_lines_of_a_race_here(address: str, inside: Run) -> None:
    words = ["moons", *SMALL, "--race", "sgd,adam:0.05,sgd:1e200"]
    crews = {"here": [], "two": ["--workers", "2"], "dask": ["--dask", address]}
    files = {name: ["-o", f"{name}.safetensors", "--history", f"{name}.csv"] for name in crews}
    found = {name: inside("train", *words, *files[name], *crew) for name, crew in crews.items()}
    assert {one.code for one in found.values()} == {0}
    tables = [[row.split("\t")[:7] for row in one.out.splitlines()[:10]] for one in found.values()]
    assert tables[0] == tables[1] == tables[2]
    for end in ("safetensors", "csv"):
        assert len({Path(f"{name}.{end}").read_bytes() for name in crews}) == 1


@pytest.mark.parametrize(
    ("words", "code", "message", "hint"),
    [
        (["--seeds", "2", "--resume", "m"], 2, "`--resume` can't be combined with `--seeds`, which trains several", ""),
        (["--seeds", "2", "--race", "sgd,adam"], 2, "`--race` can't be combined with `--seeds`", ""),
        (["--seeds", "2", "--folds", "2"], 2, "`--folds` can't be combined with `--seeds`", ""),
        (["--seeds", "2", "--view", "loss"], 2, "`--view` can't be combined with `--seeds`", ""),
        (["--seeds", "2", "--checkpoint-every", "1"], 2, "`--checkpoint-every` can't be combined with `--seeds`", ""),
        (["--seeds", "1"], 2, "`--seeds` takes a whole number of at least 2, not `1`", ""),
        (["--folds", "2", "-o", "m"], 2, "`--output` can't be combined with `--folds`", "saves none"),
        (["--folds", "2", "--test", "0.1"], 2, "`--test` can't be combined with `--folds`", ""),
        (["--folds", "2", "--patience", "3"], 2, "`--patience` waits for a better validation loss", "--split 0.2"),
        (["--folds", "41"], 2, "40 rows are too few for 41 folds", ""),
        (["--workers", "2"], 2, "`--workers` shares out several runs, and there is one", "--seeds, --folds or --race"),
        (["--dask", "tcp://h:1"], 2, "`--dask` shares out several runs, and there is one", ""),
        (["--race", "sgd,adam", "--workers", "2", "--view", "loss"], 2, "show no picture for `--view`", ""),
        (["--seeds", "2", "--seed", "4294967295"], 2, "`--seed` is a whole number from 0 to 2^32 - 1", ""),
        (["--seeds", "2", "-o", "none/m"], 5, "can't write `none/m`", ""),
    ],
)
def test_what_does_not_fit_several_runs_is_one_sentence(
    words: list[str], code: int, message: str, hint: str, inside: Run
) -> None:
    found = inside("train", "moons", *SMALL, *words)
    assert found.code == code, found.err
    assert message in found.err
    assert hint in found.err
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("words", [["--seeds", "2"], ["--folds", "2"], ["--race", "sgd,adam", "--workers", "2"]])
def test_rows_from_standard_input_are_refused(words: list[str], inside: Run) -> None:
    found = inside("train", "-", "--target", "y", *words, stdin=NUMBERS)
    assert (found.code, found.err.splitlines()[1]) == (2, "  save them to a file first")


def test_a_spread_of_one_run_is_left_out() -> None:
    assert (
        with_spread({"rmse": 2.0, "loss": 0.5}, {"rmse": None, "loss": 0.0}, ("loss", "rmse")) == "loss 0.5 ± 0, rmse 2"
    )
