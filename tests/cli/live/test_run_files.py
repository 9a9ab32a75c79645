"""`gradcli.cli.live.run_files`: what a training writes, where, and what it may not overwrite."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gradcli.train.checkpoint import load
from tests.support.trainings import SMALL, trained

Run = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("own_folder")


def test_the_model_goes_where_it_is_told(inside: Run) -> None:
    assert trained(inside, "moons", *SMALL, "-o", "my.model")["model"] == "my.model"
    assert load("my.model").model.sizes == (2, 4, 1)


def test_the_history_is_a_table(inside: Run) -> None:
    found = trained(inside, "moons", *SMALL, "--history", "h.csv")
    rows = list(csv.DictReader(io.StringIO(Path("h.csv").read_text())))
    assert [float(row["loss"]) for row in rows] == found["history"]


@pytest.mark.parametrize(("name", "start"), [("f.svg", b"<?xml"), ("f.png", b"\x89PNG"), ("f.pdf", b"%PDF")])
def test_a_figure_is_drawn(name: str, start: bytes, inside: Run) -> None:
    pytest.importorskip("matplotlib")
    trained(inside, "moons", *SMALL, "--plot", name)
    assert Path(name).read_bytes().startswith(start)


def test_a_run_folder_holds_everything(inside: Run) -> None:
    found = trained(inside, "moons", *SMALL, "--run", "runs/one")
    names = {path.name for path in Path("runs/one").iterdir()}
    assert {"model.safetensors", "history.csv", "result.json", "config.json"} <= names
    assert json.loads(Path("runs/one/result.json").read_text()) == found
    choices = json.loads(Path("runs/one/config.json").read_text())
    assert choices["command"] == found["command"]
    assert choices["settings"]["learning_rate"] == 0.02
    assert choices["settings"]["options"]["betas"] == [0.9, 0.999]
    assert choices["model"]["layers"][0] == {"kind": "linear", "units": 4}


def test_a_folder_that_cannot_be_made_is_one_sentence(inside: Run) -> None:
    Path("file").write_text("")
    done = inside("train", "moons", *SMALL, "--run", "file")
    assert done.code == 5
    assert "can't make the folder `file`: file exists" in done.err


def test_no_output_overwrites_the_table(inside: Run) -> None:
    text = "a,y\n" + "".join(f"{number},{number % 2}\n" for number in range(8))
    Path("t.csv").write_text(text)
    for words in (("-o", "t.csv"), ("--history", "./t.csv")):
        done = inside("train", "t.csv", "--target", "y", "--epochs", "1", *words)
        assert (done.code, "t.csv` can't be both the" in done.err) == (2, True)
    assert Path("t.csv").read_text() == text
    assert (
        inside("train", "t.csv", "--target", "y", "--epochs", "1", "-o", "/dev/null", "--history", "/dev/null").code
        == 0
    )
