"""What is declared once follows everywhere: an optimiser, a schedule, a loss, an initialiser and a choice, added here.

Each goes through the help, a training, the model file, its resumption, the command that repeats the run, and an error.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gradcli.cli import application
from gradcli.cli.commands import train
from gradcli.cli.reading.parameters import parameters_of
from gradcli.nn import INITIALIZERS
from gradcli.optim.optimizers import OPTIMIZERS
from gradcli.optim.option import WHOLE, Option, Range
from gradcli.optim.schedules import SCHEDULES
from gradcli.train.checkpoint import load
from gradcli.train.choice import Choice
from gradcli.train.choices import RunChoices
from gradcli.train.model.objectives import OBJECTIVES

Run = Callable[..., Any]

SIGN = replace(
    OPTIMIZERS["sgd"],
    title="",
    options=(Option("lr", 1e-3, "learning rate"), Option("pull", 0.0, "share of the parameters that is taken away")),
    memory=lambda options: (),
    step=lambda parameters, gradient, memory, options, number: (
        parameters - options["lr"] * (gradient + options["pull"] * parameters),
        memory,
    ),
)
GRACE: Choice[int] = Choice(
    WHOLE, "updates of grace ({default})", 0, range=Range("a number of updates, at least 0", lambda value: value >= 0)
)
ADDED: dict[str, tuple[dict[str, Any], str, Any, list[str], tuple[list[str], str]]] = {
    "an optimiser": (
        OPTIMIZERS, "signed", SIGN, ["--optimizer", "signed", "--option", "pull=0.5"],
        (["--optimizer", "signd"], "unknown optimiser `signd`\n  did you mean `signed`?"),
    ),
    "an option of an optimiser": (
        OPTIMIZERS, "signed", SIGN, ["--optimizer", "signed", "--option", "pull=0.25"],
        (["--optimizer", "signed", "--option", "pull=-1"], "the option `pull` is a number of at least 0, not -1"),
    ),
    "a schedule": (
        SCHEDULES, "square", lambda update, updates: (1 - update / updates) ** 2, ["--schedule", "square"],
        (["--schedule", "squar"], "unknown schedule `squar`\n  did you mean `square`?"),
    ),
    "a loss": (
        OBJECTIVES, "fourth", replace(OBJECTIVES["mse"], single=lambda score, target: (score - target) ** 4),
        ["--loss", "fourth"], (["--loss", "fourh"], "unknown loss `fourh`\n  did you mean `fourth`?"),
    ),
    "an initialiser": (
        INITIALIZERS, "small", replace(INITIALIZERS["uniform"], scale=0.01), ["--init", "small"],
        (["--init", "smal"], "unknown initialisation `smal`\n  did you mean `small`?"),
    ),
}  # fmt: skip


pytestmark = pytest.mark.usefixtures("own_folder")


@pytest.fixture
def trained(inside: Run) -> Callable[..., dict[str, Any]]:
    """Run `train` and give its document."""

    def run(*words: str) -> dict[str, Any]:
        parameters_of.cache_clear()  # the help and the options are made of the tables as they are
        done = inside("train", *words, "--json")
        assert done.code == 0, done.err
        document: dict[str, Any] = json.loads(done.out)
        return document

    return run


def goes_through(
    option: list[str], wrong: tuple[list[str], str], trained: Callable[..., dict[str, Any]], inside: Run
) -> None:
    """Follow words through everything that is made of a declaration but the help."""
    usual = ("moons", "--samples", "40", "--hidden", "4", "--batch", "16", "--epochs", "2")
    found = trained(*usual, *option, "--run", "first")
    assert json.loads(Path("first/config.json").read_text())["command"] == found["command"]
    again = shlex.split(found["command"])[2:]
    assert again[-2:] == ["--run", "first"]
    assert set(option) <= set(again)
    repeated = trained(*again[:-1], "again")
    assert repeated["history"] == found["history"]
    assert Path("first/model.safetensors").read_bytes() == Path("again/model.safetensors").read_bytes()
    whole = trained(*usual[:-1], "4", *option)
    resumed = trained("--resume", "first/model.safetensors", "--epochs", "4", "-o", "resumed.safetensors")
    assert set(option) <= set(shlex.split(resumed["command"]))
    assert len(resumed["history"]) == len(whole["history"])
    assert resumed["history"][: len(found["history"])] == found["history"]
    words, message = wrong
    done = inside("train", "moons", *words)
    assert (done.code, done.err.startswith(f"error: {message}")) == (2, True), done.err


@pytest.mark.parametrize("added", ADDED)
def test_an_entry_of_a_table_follows_everywhere(
    added: str, trained: Callable[..., dict[str, Any]], inside: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, name, entry, option, wrong = ADDED[added]
    monkeypatch.setitem(table, name, entry)
    parameters_of.cache_clear()
    assert f" {name}" in " ".join(inside("train", "-h", width=400).out.split())
    usual = trained("moons", "--samples", "40", "--hidden", "4", "--batch", "16", "--epochs", "2")
    goes_through(option, wrong, trained, inside)
    assert (
        trained("moons", "--samples", "40", "--hidden", "4", "--batch", "16", "--epochs", "2", *option)["history"]
        != usual["history"]
    )
    kept = load("first/model.safetensors")
    assert name in {*map(str, kept.choices.values())}
    parameters_of.cache_clear()


def test_a_choice_follows_everywhere(
    trained: Callable[..., dict[str, Any]], inside: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    GRACE.__set_name__(RunChoices, "grace")
    monkeypatch.setattr(RunChoices, "grace", GRACE, raising=False)
    parameters_of.cache_clear()
    monkeypatch.setattr(application, "app", application._application())
    assert "--grace N updates of grace (0)" in " ".join(inside("train", "-h").out.split())
    wrong = ["--grace", "-1"], "`--grace` is a number of updates, at least 0, not -1\n"
    goes_through(["--grace", "3"], wrong, trained, inside)
    kept, config = load("first/model.safetensors"), json.loads(Path("first/config.json").read_text())
    assert (kept.settings.grace, kept.choices["grace"]) == (3, 3)  # type: ignore[attr-defined]
    assert (config["settings"]["grace"], config["choices"]["grace"]) == (3, 3)
    assert inside("train", "--resume", "first/model.safetensors", "--grace", "4").err.startswith(
        "error: `--grace` can't be combined with `--resume`"
    )
    assert inside("train", "moons", "--grace", "many").err.startswith(
        "error: `--grace` takes a whole number, not `many`"
    )
    monkeypatch.undo()
    parameters_of.cache_clear()
    assert [one.name for one in parameters_of(train.COMMAND.run) if one.name == "grace"] == []
