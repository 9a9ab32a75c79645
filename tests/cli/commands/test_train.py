"""`gradcli train`: options, results, files, and runs that end early."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gradcli.train.checkpoint import load
from tests.support.loops import for_each
from tests.support.trainings import IRIS, NUMBERS, SMALL, TINY, trained

Run = Callable[..., Any]

# karpathy/micrograd, demo.ipynb: the loss and the accuracy that it prints for these steps.
MICROGRAD = {
    0: (0.8958441028683222, 0.50),
    1: (1.7235905336972022, 0.81),
    10: (0.24507023853658053, 0.91),
    40: (0.06016009895234464, 1.00),
    70: (0.014229870065926908, 1.00),
    99: (0.010978370135492717, 1.00),
}


pytestmark = pytest.mark.usefixtures("own_folder")


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


@for_each(("option", "value"), OPTIONS)
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
    (["moons", "--option", "betas=0.9"], 2, "the option `betas` is 2 numbers of at least 0 and less than 1, not 0.9"),
    (["moons", "--option", "eps"], 2, "`--option eps` is not of the form NAME=VALUE"),
    (["moons", "--option", "lr=1"], 2, "the option `lr` is set by `--lr`"),
    (["moons", "--optimizer", "sgd", "--option", "nesterov=true"], 2, "Nesterov's method needs a momentum"),
    (["moons", "--optimizer", "lbfgs", "--option", "max_iter=3"], 2, "the option `max_iter` is set by `--epochs`"),
    (["moons", "--optimizer", "lbfgs", "--option", "momentum=1"], 2, "the optimiser has no option `momentum`"),
    (["moons", "--schedule", "cos"], 2, "unknown schedule `cos`"),
    (["moons", "--init", "heh"], 2, "unknown initialisation `heh`"),
    (["moons", "--engine", "jitt"], 2, "unknown engine `jitt`"),
    (["digits", "--conv", "8", "--engine", "value"], 2, "the engine `value` runs fully connected nets only"),
    (
        ["moons", "--activation", "polygamma(20,x)", "--engine", "jit"],
        2,
        "the engine `jit` compiles nets whose functions have a compiled form, and here polygamma has no compiled form",
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
    (
        ["digits", "--conv", "8,8,8,8"],
        2,
        "4 convolutions are too many for pictures of 8 x 8, because each halves the picture",
    ),
    (["digits", "--conv", "8", "--engine", "value"], 2, "the engine `value` runs fully connected nets only"),
    (["digits", "--conv", "8", "--feature", "x1"], 2, "`--feature` and `--conv` can't be combined"),
    (["moons", "--option", "momentum=0.9"], 2, "option"),
    (["moons", "--option", "betas"], 2, "`--option betas` is not of the form NAME=VALUE"),
    (["moons", "--option", "betas=2"], 2, "the option `betas` is 2 numbers of at least 0 and less than 1, not 2"),
    (["moons", "--option", "lr=2"], 2, "`lr` is set by `--lr`"),
    (["moons", "--min-delta", "0.1"], 2, "`--min-delta` needs `--patience`"),
    (["moons", "--optimizer", "lbfgs", "--lr", "1"], 2, "`--lr` can't be combined with the optimiser `lbfgs`"),
    (["moons", "--patience", "0"], 2, "`--patience` is a number of epochs, at least 1, not 0"),
    (["moons", "--patience", "3", "--split", "0"], 2, "`--patience` waits for a better validation loss"),
    (["moons", "--warmup", "-1"], 2, "`--warmup` is a number of updates, at least 0, not -1"),
    (["moons", "--clip", "0"], 2, "`--clip` is a norm, positive and finite, not 0"),
    (["moons", "--checkpoint-every", "0"], 2, "`--checkpoint-every` takes a whole number of at least 1, not `0`"),
    (["moons", "--samples", "1"], 2, "a data set has 2 to 10000000 samples, not 1"),
    (["moons", "--noise", "-1"], 2, "the noise is a standard deviation"),
    (["moons", "--seed", "-1"], 2, "the seed is a whole number from 0"),
    (["moons", "--target", "y"], 2, "`--target` is for tables"),
    (["moons", "--plot", "figure.gif"], 2, "can't tell the format of the figure `figure.gif`"),
    (["moons", "-o", "missing/m"], 5, "can't write `missing/m`: the folder `"),
    (["moons", "-o", "."], 5, "can't write `.`: it is a folder"),
    (["missing.csv", "--target", "y"], 5, "can't read `missing.csv`"),
    (["t.csv"], 2, "which column of `t.csv` is to be predicted?"),
    (["t.csv", "--target", "sort"], 2, "`t.csv` has no column `sort`"),
    (["t.csv", "--target", "species", "--samples", "5"], 2, "`--samples` is for the built-in sets"),
    (["moons", "-o", "a", "--history", "./a"], 2, "`./a` can't be both the history and the model"),
    (["moons", "--option", "eps=1", "--option", "eps=2"], 2, "the option `eps` is given twice"),
    (["moons", "-o", ""], 2, "`-o` has no value"),
    (["moons", "--run", " "], 2, "`--run` has no value"),
    (["--resume", "."], 5, "`.` is not a model of gradcli: it is a folder"),
    (["--resume", "missing.safetensors"], 5, "can't read `missing.safetensors`"),
    (["--resume", "t.csv"], 5, "`t.csv` is not a model of gradcli"),
]


@for_each(("words", "code", "message"), WRONG)
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
        assert found["r2"] > 0.995

    def test_a_target_of_whole_numbers_can_be_made_a_number(self, inside: Run) -> None:
        text = "x,y\n" + "".join(f"{number},{number % 3}\n" for number in range(30))
        words = ("-", "--target", "y", "--hidden", "none", "--epochs", "1")
        assert trained(inside, *words, stdin=text)["net"]["loss"] == "cross_entropy"
        assert trained(inside, *words, "--task", "numbers", stdin=text)["net"]["loss"] == "mse"

    def test_a_bad_cell_is_named_by_file_row_and_column(self, inside: Run) -> None:
        done = inside("train", "-", "--target", "y", stdin="x,y\n1,2.5\nred,3.5\n")
        assert done.code == 5
        assert "standard input, line 3, column `x`: `red` is not a number" in done.err


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
        assert done.err == "error: the run is complete: 2 epochs done\n  `--epochs 4` continues up to this number\n"
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
