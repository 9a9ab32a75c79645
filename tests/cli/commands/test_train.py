"""`gradcli train`: options, results, files, and runs that end early."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gradcli.nn import INITIALIZERS
from gradcli.optim.optimizers import OPTIMIZERS
from gradcli.optim.schedules import SCHEDULES
from gradcli.train.checkpoint import load
from gradcli.train.data.datasets import DATASETS
from gradcli.train.engines.engine_choice import AUTO, ENGINES
from gradcli.train.model.objectives import OBJECTIVES
from gradcli.train.model.presets import PRESETS
from tests.support.paths import ROOT

Run = Callable[..., Any]

TINY = ("--samples", "40", "--hidden", "4", "--batch", "16")
SMALL = (*TINY, "--epochs", "2")
# karpathy/micrograd, demo.ipynb: the loss and the accuracy that it prints for these steps.
MICROGRAD = {
    0: (0.8958441028683222, 0.50),
    1: (1.7235905336972022, 0.81),
    10: (0.24507023853658053, 0.91),
    40: (0.06016009895234464, 1.00),
    70: (0.014229870065926908, 1.00),
    99: (0.010978370135492717, 1.00),
}
IRIS = "length,width,species\n" + "".join(
    f"{1 + 3 * kind + (row % 5) / 5},{2 - kind + (row % 3) / 3},{'abc'[kind]}\n"
    for row in range(12)
    for kind in range(3)
)
NUMBERS = "x,y\n" + "".join(f"{number},{2 * number + 0.5}\n" for number in range(30))


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def trained(inside: Run, *words: str, **more: Any) -> dict[str, Any]:
    done = inside("train", *words, "--json", **more)
    assert done.code == 0, done.err
    document: dict[str, Any] = json.loads(done.out)
    return document


class TestTheResult:
    def test_json_is_one_object_with_the_keys_of_the_contract(self, inside: Run) -> None:
        found = trained(inside, "moons", *SMALL)
        wanted = "dataset model parameters engine epochs loss accuracy validation seed seconds history"
        assert set(wanted.split()) <= set(found)
        assert (found["dataset"], found["model"], found["engine"]) == ("moons", "moons.safetensors", "tensor")
        assert (found["parameters"], found["epochs"], found["seed"]) == (17, 2, 1337)
        assert len(found["history"]) == 4
        assert found["loss"] == found["history"][-1]
        assert 0 <= found["accuracy"] <= 1
        assert set(found["validation"]) == {"rows", "loss", "accuracy", "f1", "auc", "confusion"}
        assert found["test"] == {}

    def test_only_the_seconds_differ_between_two_runs_with_one_seed(self, inside: Run) -> None:
        first, second = (trained(inside, "spiral", *SMALL, "--seed", "7") for _ in range(2))
        assert {**first, "seconds": 0} == {**second, "seconds": 0}
        assert trained(inside, "spiral", *SMALL, "--seed", "8")["history"] != first["history"]

    def test_history_k_is_the_loss_before_update_k(self, inside: Run) -> None:
        long = trained(inside, "moons", *TINY, "--schedule", "constant", "--epochs", "3")["history"]
        assert trained(inside, "moons", *TINY, "--schedule", "constant", "--epochs", "1")["history"] == long[:2]

    def test_a_pipe_gets_one_line_per_epoch_and_then_the_result(self, inside: Run) -> None:
        done = inside("train", "moons", *SMALL)
        lines = done.out.splitlines()
        assert lines[0].split("\t") == [
            "epoch", "update", "loss", "accuracy", "validation_loss", "validation_accuracy",
        ]  # fmt: skip
        assert [line.split("\t")[:2] for line in lines[1:3]] == [["1", "0"], ["2", "2"]]
        result = dict(line.split("\t") for line in lines[4:])
        assert result["seed"] == "1337"
        assert result["model"] == "moons.safetensors"
        assert "\x1b" not in done.out + done.err
        assert "seed 1337" in done.err

    @pytest.mark.parametrize(("engine", "tolerance"), [("value", 2.3e-16), ("tensor", 1e-9), ("jit", 1e-9)])
    def test_the_preset_prints_the_published_losses_of_micrograd(
        self, engine: str, tolerance: float, process: Run
    ) -> None:
        if engine == "jit":
            pytest.importorskip("llvmlite")
        done = process("train", "moons", "--preset", "micrograd", "--engine", engine, cwd=Path())
        rows = [line.split("\t") for line in done.out.splitlines()[1:101]]
        assert [int(row[1]) for row in rows] == list(range(100))
        for step, (loss, accuracy) in MICROGRAD.items():
            assert abs(float(rows[step][2]) - loss) <= tolerance
            assert float(rows[step][3]) == accuracy
        assert "accuracy\t1.0" in done.out.splitlines()

    def test_an_option_wins_over_the_preset_and_the_data_set_may_be_left_out(self, inside: Run) -> None:
        found = trained(inside, "--preset", "micrograd", "--hidden", "3", "--epochs", "1", "--samples", "20")
        assert (found["dataset"], found["net"]["sizes"]) == ("moons", [2, 3, 1])
        assert found["validation"] == {}


OPTIONS: list[tuple[str, str]] = [
    ("--hidden", "3,2"),
    ("--hidden", "none"),
    ("--activation", "tanh"),
    ("--activation", "gelu"),
    ("--activation", "sin"),
    ("--activation", "x*tanh(x)"),
    ("--feature", "x1^2"),
    ("--dropout", "0.5"),
    ("--loss", "hinge"),
    ("--loss", "mse"),
    ("--loss", "cross_entropy"),
    ("--loss", "abs(p-y)^3"),
    ("--l1", "0.01"),
    ("--l2", "0.01"),
    ("--optimizer", "sgd"),
    ("--optimizer", "momentum"),
    ("--optimizer", "rmsprop"),
    ("--optimizer", "adamw"),
    ("--optimizer", "lbfgs"),
    ("--option", "betas=0.5,0.5"),
    ("--lr", "0.5"),
    ("--warmup", "3"),
    ("--clip", "0.01"),
    ("--schedule", "constant"),
    ("--schedule", "linear"),
    ("--schedule", "step"),
    ("--epochs", "3"),
    ("--batch", "5"),
    ("--batch", "0"),
    ("--noise", "0.4"),
    ("--samples", "44"),
    ("--split", "0.4"),
    ("--split", "0"),
    ("--test", "0.3"),
    ("--seed", "4"),
    ("--init", "xavier"),
    ("--init", "uniform"),
    ("--no-standardise", ""),
]


@pytest.mark.parametrize(("option", "value"), OPTIONS)
def test_every_option_changes_the_run(option: str, value: str, inside: Run) -> None:
    usual = {"--samples": "40", "--hidden": "4", "--epochs": "2", "--batch": "16"}
    left_out = {option, "--batch" if value == "lbfgs" else ""}
    words = [word for pair in usual.items() if pair[0] not in left_out for word in pair]
    plain = trained(inside, "moons", *(word for pair in usual.items() for word in pair))
    changed = trained(inside, "moons", *words, *([option, value] if value else [option]))
    assert changed["history"] != plain["history"]


@pytest.mark.parametrize(
    ("option", "value"), [("--loss", "bce"), ("--optimizer", "adam"), ("--schedule", "cosine"), ("--engine", "tensor")]
)
def test_the_default_may_be_named(option: str, value: str, inside: Run) -> None:
    plain, named = trained(inside, "moons", *SMALL), trained(inside, "moons", *SMALL, option, value)
    assert named["history"] == plain["history"]


WRONG: list[tuple[list[str], int, str]] = [
    ([], 2, "no DATASET is given"),
    (["mons"], 2, "unknown data set `mons`"),
    (["moons", "--hiden", "4"], 2, "unknown option `--hiden`"),
    (["moons", "--hidden", "4,x"], 2, "`--hidden 4,x` is not a list of layer sizes"),
    (["moons", "--hidden", "0,4"], 2, "`--hidden 0,4` is not a list of layer sizes"),
    (["moons", "--activation", "tahn"], 2, "unknown activation `tahn`"),
    (["moons", "--activation", "__import__('os').getcwd()"], 2, "has a definition or a derivative in it"),
    (["moons", "--loss", "hing"], 2, "unknown loss `hing`"),
    (["moons", "--loss", "mae"], 2, "the loss `mae` doesn't fit a target that is a class"),
    (["moons", "--optimizer", "adm"], 2, "unknown optimiser `adm`"),
    (["moons", "--option", "beta=1"], 2, "the optimiser has no option `beta`\n  did you mean `betas`?"),
    (["moons", "--option", "betas=0.9"], 2, "the option `betas` is 2 numbers, not 0.9"),
    (["moons", "--option", "eps"], 2, "`--option eps` is not of the form NAME=VALUE"),
    (["moons", "--option", "lr=1"], 2, "the option `lr` is given by `--lr`"),
    (["moons", "--optimizer", "sgd", "--option", "nesterov=true"], 2, "Nesterov's method needs a momentum"),
    (["moons", "--optimizer", "lbfgs", "--option", "max_iter=3"], 2, "the option `max_iter` is given by `--epochs`"),
    (["moons", "--optimizer", "lbfgs", "--option", "momentum=1"], 2, "the optimiser has no option `momentum`"),
    (["moons", "--schedule", "cos"], 2, "unknown schedule `cos`"),
    (["moons", "--init", "heh"], 2, "unknown initialisation `heh`"),
    (["moons", "--engine", "jitt"], 2, "unknown engine `jitt`"),
    (["digits", "--conv", "8", "--engine", "jit"], 2, "the engine `jit` compiles fully connected nets"),
    (
        ["moons", "--activation", "polygamma(20,x)", "--engine", "jit"],
        2,
        "the engine `jit` compiles fully connected nets",
    ),
    (["moons", "--preset", "microgard"], 2, "unknown preset `microgard`"),
    (["xor", "--preset", "micrograd"], 2, "the preset `micrograd` is for the data set `moons`"),
    (["moons", "--lr", "0"], 2, "`--lr` is positive and finite, not 0"),
    (["moons", "--lr", "fast"], 2, "--lr"),
    (["moons", "--epochs", "0"], 2, "`--epochs` is a whole number from 1 to 1000000, not 0"),
    (["moons", "--batch", "-1"], 2, "`--batch` is a number of rows, at least 1, not -1"),
    (["moons", "--split", "1"], 2, "`--split` is a share of the rows"),
    (["moons", "--split", "0.5", "--test", "0.5"], 2, "`--split` + `--test` is a share of the rows"),
    (["moons", "--activation", "x*tanh("], 3, "the expression ends after `(`, where a value is missing"),
    (["moons", "--activation", "x*y"], 2, "the activation `x*y` has the unknown variable `y`"),
    (["moons", "--loss", "(q-y)^2"], 2, "the loss `(q-y)^2` has the unknown variable `q`"),
    (["moons", "--loss", "y^2"], 2, "the loss `y^2` doesn't depend on the prediction `p`"),
    (["moons", "--feature", "x3"], 2, "the feature `x3` has the unknown variable `x3`"),
    (["moons", "--feature", "log(x1)"], 2, "the feature `log(x1)` has no finite value where x1 = -0.8"),
    (["moons", "--dropout", "1"], 2, "`--dropout` is a share, at least 0 and less than 1, not 1"),
    (["moons", "--dropout", "0.5", "--hidden", "none"], 2, "`--dropout` is for nets with hidden layers"),
    (["moons", "--conv", "8"], 2, "`--conv` is for pictures, and `moons` has none"),
    (["digits", "--conv", "8,x"], 2, "`--conv 8,x` is not a list of layer sizes"),
    (["digits", "--conv", "8,8,8,8"], 2, "4 convolutions are too many for pictures of 8 x 8: each halves them"),
    (["digits", "--conv", "8", "--engine", "value"], 2, "the engine `value` runs fully connected nets only"),
    (["digits", "--conv", "8", "--feature", "x1"], 2, "`--feature` and `--conv` can't be combined"),
    (["moons", "--option", "momentum=0.9"], 2, "option"),
    (["moons", "--option", "betas"], 2, "`--option betas` is not of the form NAME=VALUE"),
    (["moons", "--option", "betas=2"], 2, "the option `betas` is 2 numbers, not 2.0"),
    (["moons", "--option", "lr=2"], 2, "`lr` is given by `--lr`"),
    (["moons", "--min-delta", "0.1"], 2, "`--min-delta` says when the validation loss is better for `--patience`"),
    (["moons", "--optimizer", "lbfgs", "--lr", "1"], 2, "`--lr` can't be combined with the optimiser `lbfgs`"),
    (["moons", "--patience", "0"], 2, "`--patience` is a number of epochs, at least 1, not 0"),
    (["moons", "--patience", "3", "--split", "0"], 2, "`--patience` watches the validation loss"),
    (["moons", "--warmup", "-1"], 2, "`--warmup` is a number of updates, at least 0, not -1"),
    (["moons", "--clip", "0"], 2, "`--clip` is a norm, positive and finite, not 0"),
    (["moons", "--checkpoint-every", "0"], 2, "`--checkpoint-every` is a number of epochs, at least 1, not 0"),
    (["moons", "--samples", "1"], 2, "a data set has 2 to 10000000 samples, not 1"),
    (["moons", "--noise", "-1"], 2, "the noise is a standard deviation"),
    (["moons", "--seed", "-1"], 2, "the seed is a whole number from 0"),
    (["moons", "--target", "y"], 2, "`--target` is for tables"),
    (["moons", "--plot", "figure.gif"], 2, "can't tell the format of the figure `figure.gif`"),
    (["moons", "-o", "missing/m"], 5, "can't write `missing/m`: there is no folder"),
    (["moons", "-o", "."], 5, "can't write `.`: it is a folder"),
    (["missing.csv", "--target", "y"], 5, "can't read `missing.csv`"),
    (["t.csv"], 2, "which column of `t.csv` is to be predicted?"),
    (["t.csv", "--target", "sort"], 2, "`t.csv` has no column `sort`"),
    (["t.csv", "--target", "species", "--samples", "5"], 2, "`--samples` is for the built-in sets"),
    (["moons", "-o", "a", "--history", "./a"], 2, "`./a` can't be the history and the model at once"),
    (["moons", "--option", "eps=1", "--option", "eps=2"], 2, "the option `eps` is given twice"),
    (["moons", "-o", ""], 2, "`-o` has no value"),
    (["moons", "--run", " "], 2, "`--run` has no value"),
    (["--resume", "."], 5, "`.` is not a model of gradcli: it is a folder"),
    (["--resume", "missing.safetensors"], 5, "can't read `missing.safetensors`"),
    (["--resume", "t.csv"], 5, "`t.csv` is not a model of gradcli"),
]


@pytest.mark.parametrize(("words", "code", "message"), WRONG)
def test_a_wrong_call_is_one_sentence_and_an_exit_code(words: list[str], code: int, message: str, inside: Run) -> None:
    Path("t.csv").write_text(IRIS)
    done = inside("train", *words)
    assert done.code == code
    assert message in done.err
    assert "Traceback" not in done.err
    assert sorted(path.name for path in Path().iterdir()) == ["t.csv"]


class TestTables:
    def test_text_is_a_class(self, inside: Run) -> None:
        Path("iris.csv").write_text(IRIS)
        found = trained(inside, "iris.csv", "--target", "species", "--hidden", "8", "--epochs", "60", "--lr", "0.05")
        assert found["model"] == "iris.safetensors"
        assert found["net"] == {"sizes": [2, 8, 3], "activation": "relu", "loss": "cross_entropy"}
        assert found["accuracy"] > 0.9
        assert load("iris.safetensors").model.labels == ("a", "b", "c")

    def test_a_number_is_predicted_as_one(self, inside: Run) -> None:
        found = trained(inside, "-", "--target", "y", "--hidden", "none", "--lr", "0.1", stdin=NUMBERS)
        assert found["dataset"] == "standard input"
        assert found["model"] == "model.safetensors"
        assert found["accuracy"] is None
        assert found["r2"] > 0.999

    def test_a_target_of_whole_numbers_can_be_made_a_number(self, inside: Run) -> None:
        text = "x,y\n" + "".join(f"{number},{number % 3}\n" for number in range(30))
        words = ("-", "--target", "y", "--hidden", "none", "--epochs", "1")
        assert trained(inside, *words, stdin=text)["net"]["loss"] == "cross_entropy"
        assert trained(inside, *words, "--task", "numbers", stdin=text)["net"]["loss"] == "mse"

    def test_a_bad_cell_is_named_by_file_row_and_column(self, inside: Run) -> None:
        done = inside("train", "-", "--target", "y", stdin="x,y\n1,2.5\nred,3.5\n")
        assert done.code == 5
        assert "standard input, line 3, column `x`: `red` is not a number" in done.err


class TestFiles:
    def test_the_model_goes_where_it_is_told(self, inside: Run) -> None:
        assert trained(inside, "moons", *SMALL, "-o", "my.model")["model"] == "my.model"
        assert load("my.model").model.sizes == (2, 4, 1)

    def test_the_history_is_a_table(self, inside: Run) -> None:
        found = trained(inside, "moons", *SMALL, "--history", "h.csv")
        rows = list(csv.DictReader(io.StringIO(Path("h.csv").read_text())))
        assert [float(row["loss"]) for row in rows] == found["history"]

    @pytest.mark.parametrize(("name", "start"), [("f.svg", b"<?xml"), ("f.png", b"\x89PNG"), ("f.pdf", b"%PDF")])
    def test_a_figure_is_drawn(self, name: str, start: bytes, inside: Run) -> None:
        pytest.importorskip("matplotlib")
        trained(inside, "moons", *SMALL, "--plot", name)
        assert Path(name).read_bytes().startswith(start)

    def test_a_run_folder_holds_everything(self, inside: Run) -> None:
        found = trained(inside, "moons", *SMALL, "--run", "runs/one")
        names = {path.name for path in Path("runs/one").iterdir()}
        assert {"model.safetensors", "history.csv", "result.json", "config.json"} <= names
        assert json.loads(Path("runs/one/result.json").read_text()) == found
        choices = json.loads(Path("runs/one/config.json").read_text())
        assert choices["command"] == found["command"]
        assert choices["settings"]["learning_rate"] == 0.02
        assert choices["settings"]["options"]["betas"] == [0.9, 0.999]
        assert choices["model"]["layers"][0] == {"kind": "linear", "units": 4}

    def test_a_folder_that_cannot_be_made_is_one_sentence(self, inside: Run) -> None:
        Path("file").write_text("")
        done = inside("train", "moons", *SMALL, "--run", "file")
        assert done.code == 5
        assert "can't make the folder `file`: file exists" in done.err


COMMANDS: list[tuple[str, ...]] = [
    ("moons", *SMALL),
    (
        "moons",
        "--epochs",
        "2",
        "--activation",
        "x*tanh(x)",
        "--loss",
        "(p - y)^2",
        "--feature",
        "-x1",
        "--feature",
        "x2",
    ),
    ("moons", "--epochs", "2", "--no-standardise", "--hidden", "none", "--split", "0", "--seed", "3", "--noise", "0.3"),
    ("moons", "--epochs", "9", "--patience", "2", "--min-delta", "0.5", "--split", "0.3", "--test", "0.2"),
    ("--preset", "micrograd", "--epochs", "2", "--hidden", "3"),
    ("digits", "--conv", "2", "--dropout", "0.25", "--hidden", "4", "--epochs", "1", "--batch", "300"),
    ("moons", "--epochs", "2", "--optimizer", "sgd", "--option", "momentum=0.5", "--option", "nesterov=true"),
    ("moons", "--epochs", "2", "--option", "betas=0.5,0.9", "--warmup", "2", "--clip", "0.5", "--schedule", "linear"),
    ("moons", "--epochs", "3", "--optimizer", "lbfgs", "--engine", "value", "--hidden", "3", "--init", "uniform"),
    ("a table.csv", "--target", "species", "--epochs", "2", "--l1", "0.001", "--l2", "0"),
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_the_command_at_the_end_repeats_the_run(words: tuple[str, ...], inside: Run) -> None:
    Path("a table.csv").write_text(IRIS)
    found = trained(inside, *words)
    program, name, *again = shlex.split(found["command"])
    assert (program, name) == ("gradcli", "train")
    assert trained(inside, *again) == {**found, "seconds": pytest.approx(0, abs=60)}


def test_the_command_stands_on_standard_error_and_survives_a_resume(inside: Run) -> None:
    done = inside("train", "moons", *SMALL, "--loss", "(p-y)^2")
    command = "gradcli train moons --samples 40 --hidden 4 --loss '(p-y)^2' --epochs 2 --batch 16"
    assert done.err.splitlines()[-1] == f"repeat with: {command}"
    more = trained(inside, "--resume", "moons.safetensors", "--epochs", "3")
    assert more["command"] == command.replace("--epochs 2", "--epochs 3")


def test_the_command_of_a_stream_says_that_it_needs_the_rows(inside: Run) -> None:
    done = inside("train", "-", "--target", "y", "--epochs", "1", stdin=NUMBERS)
    assert done.err.splitlines()[-1] == "repeat with: gradcli train - --target y --epochs 1 < the same table"


def test_the_summary_is_the_table_of_layers(inside: Run) -> None:
    done = inside("train", "digits", "--conv", "2", "--hidden", "5", "--dropout", "0.5", "--epochs", "1", "--summary")
    rows = [line.split("\t") for line in done.out.splitlines()]
    assert rows[: rows.index([""])] == [
        ["layer", "output", "parameters"],
        ["input", "1 x 8 x 8", "0"],
        ["convolution 3x3", "2 x 8 x 8", "20"],
        ["relu", "2 x 8 x 8", "0"],
        ["max pool 2x2", "2 x 4 x 4", "0"],
        ["flatten", "32", "0"],
        ["dropout 0.5", "32", "0"],
        ["linear", "5", "165"],
        ["relu", "5", "0"],
        ["dropout 0.5", "5", "0"],
        ["linear", "10", "60"],
        ["total", "", "245"],
    ]
    assert dict(row for row in rows if len(row) == 2)["parameters"] == "245"


def test_under_json_the_summary_leaves_standard_output_to_the_result(inside: Run) -> None:
    done = inside("train", "moons", *SMALL, "--summary", "--json")
    assert json.loads(done.out)["parameters"] == 17
    assert "total\t\t17" in done.err.replace("    ", "\t")


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
    assert "a run with the optimiser `lbfgs` can't go on" in again.err


class TestRunsThatEndEarly:
    DIVERGING = ("moons", "--activation", "exp", "--optimizer", "sgd", "--lr", "1e5", "--batch", "0", *TINY[:4])

    def test_a_loss_that_is_not_finite_exits_7_and_keeps_the_last_good_model(self, inside: Run) -> None:
        done = inside("train", *self.DIVERGING, "--epochs", "9")
        assert done.code == 7
        assert re.search(r"error: the (loss|gradient) is no longer finite at update \d", done.err)
        assert "the last good model is kept in `moons.safetensors`" in done.err
        assert inside("predict", "moons.safetensors", "--x1", "0", "--x2", "0").code == 0

    def test_under_json_it_is_an_object_with_the_error(self, inside: Run) -> None:
        done = inside("train", *self.DIVERGING, "--epochs", "9", "--json")
        assert done.code == 7
        assert json.loads(done.out)["error"]["kind"] == "diverged"

    def test_a_run_without_any_finite_loss_leaves_the_old_model_alone(self, inside: Run) -> None:
        trained(inside, "moons", *SMALL)
        before = Path("moons.safetensors").read_bytes()
        done = inside("train", "moons", "--activation", "log", *SMALL)
        assert done.code == 7
        assert Path("moons.safetensors").read_bytes() == before

    @pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
    @pytest.mark.parametrize(("engine", "epochs"), [("tensor", 400), ("jit", 20_000)])
    def test_ctrl_c_finishes_the_step_saves_and_says_how_to_go_on(
        self, engine: str, epochs: int, inside: Run, begun: Callable[..., subprocess.Popen[str]]
    ) -> None:
        if engine == "jit":
            pytest.importorskip("llvmlite")
        words = ("moons", *TINY, "--epochs", str(epochs), "--engine", engine)
        child = begun("train", *words, "-o", "a b.safetensors")
        assert child.stdout is not None
        for _ in range(5):
            child.stdout.readline()
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=60)
        assert child.returncode == 130
        assert "Traceback" not in err
        found = re.search(
            rf"stopped after update (\d+) of {2 * epochs}; go on with: gradcli train --resume 'a b\.safetensors'", err
        )
        assert found is not None, err
        assert len(load("a b.safetensors").state.history) == int(found[1])
        rest = trained(inside, "--resume", "a b.safetensors")
        whole = trained(inside, *words)
        assert rest["history"] == whole["history"]
        assert rest["model"] == "a b.safetensors"
        assert Path("a b.safetensors").read_bytes() == Path("moons.safetensors").read_bytes()

    @pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
    def test_ctrl_c_under_json_leaves_the_result_so_far(self, begun: Callable[..., subprocess.Popen[str]]) -> None:
        child = begun("train", "moons", *TINY, "--epochs", "5000", "--json", "--engine", "tensor")
        assert child.stderr is not None
        child.stderr.readline()
        time.sleep(0.3)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=60)
        assert child.returncode == 130
        found = json.loads(out)
        assert found["interrupted"] is True
        assert f"stopped after update {len(found['history'])} of 10000" in err

    @pytest.mark.parametrize("handler", [signal.default_int_handler, signal.SIG_IGN], ids=["heeded", "ignored"])
    def test_outside_the_main_thread_a_run_works_as_well(self, handler: Any, inside: Run) -> None:
        from concurrent.futures import ThreadPoolExecutor

        before = signal.signal(signal.SIGINT, handler)
        try:
            with ThreadPoolExecutor(1) as pool:
                assert pool.submit(trained, inside, "moons", *SMALL).result()["epochs"] == 2
        finally:
            signal.signal(signal.SIGINT, before)

    def test_a_closed_pipe_ends_quietly(self) -> None:
        child = subprocess.Popen(
            [sys.executable, "-m", "gradcli", "train", "moons", *TINY[:4], "--epochs", "1000000"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.readline()
        child.stdout.close()
        assert child.wait(timeout=60) == 0
        assert "Traceback" not in child.stderr.read()
        child.stderr.close()


class TestResuming:
    def test_a_finished_model_goes_on_with_more_epochs(self, inside: Run) -> None:
        first = trained(inside, "moons", *SMALL)
        more = trained(inside, "--resume", "moons.safetensors", "--epochs", "4", "-o", "more.safetensors")
        assert more["epochs"] == 4
        assert more["history"][:4] == first["history"]
        assert len(load("moons.safetensors").state.history) == 4
        assert len(load("more.safetensors").state.history) == 8

    def test_a_finished_model_has_nothing_left_to_do(self, inside: Run) -> None:
        trained(inside, "moons", *SMALL)
        done = inside("train", "--resume", "moons.safetensors")
        assert done.code == 2
        assert done.err == "error: the run is complete: 2 epochs done\n  `--epochs 4` goes on to that many\n"
        assert inside("train", "--resume", "moons.safetensors", "--epochs", "1").err == done.err

    def test_another_engine_may_go_on(self, inside: Run) -> None:
        continued = []
        for engine in ("value", "tensor"):
            trained(inside, "moons", *SMALL, "--engine", engine)
            continued.append(trained(inside, "--resume", "moons.safetensors", "--epochs", "4", "--engine", "tensor"))
        assert [found["engine"] for found in continued] == ["tensor", "tensor"]
        assert continued[0]["history"] == pytest.approx(continued[1]["history"], rel=1e-9)

    def test_the_choices_of_the_model_cannot_be_changed(self, inside: Run) -> None:
        trained(inside, "moons", *SMALL)
        for words in (("--hidden", "5"), ("--lr", "1"), ("--no-standardise",), ("--preset", "micrograd")):
            done = inside("train", "--resume", "moons.safetensors", *words)
            assert done.code == 2
            assert f"`{words[0]}` can't be combined with `--resume`" in done.err

    def test_a_table_must_still_have_its_rows(self, inside: Run) -> None:
        Path("t.csv").write_text(IRIS)
        trained(inside, "t.csv", "--target", "species", "--hidden", "2", "--epochs", "1")
        Path("t.csv").write_text(IRIS.replace("a\n", "b\n", 1))
        done = inside("train", "--resume", "t.safetensors", "--epochs", "2")
        assert done.code == 2
        assert "`t.csv` no longer has the rows that the model was trained on" in done.err

    def test_standard_input_is_given_again(self, inside: Run) -> None:
        trained(inside, "-", "--target", "y", "--hidden", "2", "--epochs", "1", stdin=NUMBERS)
        more = trained(inside, "-", "--resume", "model.safetensors", "--epochs", "2", stdin=NUMBERS)
        assert more["epochs"] == 2


class TestTheLiveDisplay:
    def display(self, inside: Run, *words: str, **more: Any) -> str:
        environment = {"TERM": "xterm-256color", "COLUMNS": "100", "LINES": "30", **more.pop("environment", {})}
        done = inside("train", *words, terminal=True, environment=environment, width=100, **more)
        assert done.code == 0, done.err
        return str(done.err)

    def test_two_inputs_show_progress_losses_and_the_boundary_in_half_blocks(self, inside: Run) -> None:
        shown = self.display(inside, "moons", *SMALL)
        assert "▀" in shown
        assert "━" in shown
        assert "epoch 2/2" in shown
        assert "accuracy" in shown
        assert "100 %" in shown

    def test_other_nets_show_the_losses_alone(self, inside: Run) -> None:
        shown = self.display(inside, "-", "--target", "y", "--hidden", "2", "--epochs", "2", stdin=NUMBERS)
        assert "▀" not in shown
        assert "rmse" in shown

    def test_two_inputs_and_a_number_show_a_surface(self, inside: Run) -> None:
        text = "a,b,c\n" + "".join(f"{n % 6},{n % 5},{n % 7 + 0.5}\n" for n in range(30))
        assert "▀" in self.display(inside, "-", "--target", "c", "--hidden", "2", "--epochs", "2", stdin=text)

    def test_without_colour_the_boundary_is_made_of_characters(self, inside: Run) -> None:
        shown = self.display(inside, "moons", *SMALL, environment={"NO_COLOR": "1"})
        assert "▀" not in shown
        assert not re.search(r"\x1b\[[0-9;]*3[0-9]", shown)

    def test_a_small_screen_gets_the_numbers_alone(self, inside: Run) -> None:
        shown = self.display(inside, "moons", *SMALL, environment={"LINES": "10"})
        assert "▀" not in shown
        assert "epoch 2/2" in shown

    @pytest.mark.parametrize("words", [("--plain",), ()])
    def test_plain_output_and_dumb_terminals_get_lines(self, words: tuple[str, ...], inside: Run) -> None:
        environment = {} if words else {"TERM": "dumb"}
        done = inside("train", "moons", *SMALL, *words, terminal=True, environment=environment)
        assert "epoch\tupdate\tloss" in done.out
        assert "\x1b" not in done.out + done.err

    def test_names_that_look_like_markup_or_escapes_are_shown_as_text(self, inside: Run) -> None:
        text = "[bold]x,b,[red]\n" + "".join(f"{n % 6},{n % 5},[/{'ab'[n % 2]}\x1b\n" for n in range(30))
        shown = self.display(inside, "-", "--target", "[red]", "--hidden", "2", "--epochs", "1", stdin=text)
        assert "[/a␛" in shown


@pytest.mark.parametrize(
    ("option", "table"),
    [
        ("[DATASET]", DATASETS),
        ("--loss", OBJECTIVES),
        ("--optimizer", OPTIMIZERS),
        ("--schedule", SCHEDULES),
        ("--init", INITIALIZERS),
        ("--engine", {**ENGINES, AUTO: None}),
        ("--preset", PRESETS),
    ],
)
def test_the_help_of_an_option_names_every_entry_of_its_table(
    option: str, table: dict[str, object], inside: Run
) -> None:
    text = inside("train", "-h", width=400).out
    # From the line that begins with the option to that of the next one.
    line = re.split(r"\n  (?=-|\[)", text[text.index(f"\n  {option}") + 1 :])[0]
    assert all(re.search(rf"\b{name}\b", line) for name in table), line


def test_no_output_overwrites_the_table(inside: Run) -> None:
    text = "a,y\n" + "".join(f"{number},{number % 2}\n" for number in range(8))
    Path("t.csv").write_text(text)
    for words in (("-o", "t.csv"), ("--history", "./t.csv")):
        done = inside("train", "t.csv", "--target", "y", "--epochs", "1", *words)
        assert (done.code, "t.csv` can't be the" in done.err) == (2, True)
    assert Path("t.csv").read_text() == text
    assert (
        inside("train", "t.csv", "--target", "y", "--epochs", "1", "-o", "/dev/null", "--history", "/dev/null").code
        == 0
    )
