"""`gradcli.cli.reading.run_choices`: the command that a run ends with repeats it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gradcli.cli.reading.run_choices import command_of, resume_command
from gradcli.nn import INITIALIZERS
from gradcli.optim.optimizers import OPTIMIZERS
from gradcli.optim.schedules import SCHEDULES
from gradcli.train.data.datasets import DATASETS
from gradcli.train.data.loading import load_data
from gradcli.train.engines.engine_choice import AUTO, ENGINES
from gradcli.train.model.objectives import OBJECTIVES
from gradcli.train.model.presets import PRESETS
from gradcli.train.run import start
from tests.support.trainings import IRIS, NUMBERS, SMALL, trained

Run = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("own_folder")
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


OF_CHOICES: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("moons", {"samples": 40}, {"epochs": 2}, "gradcli train moons --samples 40 --epochs 2"),
    ("xor", {}, {"hidden": (), "standardise": False}, "gradcli train xor --hidden none --no-standardise"),
    ("data", {"expression": "x > y", "samples": 40}, {}, "gradcli train --data 'x > y' --samples 40"),
    ("gauss", {}, {"features": ("-x1", "x2"), "dropout": 0.0}, "gradcli train gauss --feature=-x1 --feature x2"),
    ("moons", {}, {"options": {"betas": [0.5, 0.9]}}, "gradcli train moons --option betas=0.5,0.9"),
    (
        "moons", {}, {"optimizer": "sgd", "options": {"momentum": 0.5, "nesterov": True}},
        "gradcli train moons --optimizer sgd --option momentum=0.5 --option nesterov=true",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("dataset", "source", "given", "command"), OF_CHOICES)
def test_the_command_of_a_run_has_every_choice_that_is_not_the_default(
    dataset: str, source: dict[str, Any], given: dict[str, Any], command: str
) -> None:
    data = load_data(dataset, **source)
    assert command_of(start(data, dataset=dataset, **source, **given)) == command


def test_a_command_whose_rows_come_from_a_stream_says_so() -> None:
    run = start(load_data("moons", samples=40), dataset="-", epochs=1)
    assert command_of(run) == "gradcli train - --epochs 1 < the same table"
    assert resume_command(run, "a model") == "gradcli train - --resume 'a model' < the same table"
