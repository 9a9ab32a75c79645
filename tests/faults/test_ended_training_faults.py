"""Faults of trainings that end early: whatever ends one, its model is saved and a sentence says how to go on.

`tests/train/kill.py` ends a run at 200 random moments; this is a sample, with the other outputs.
"""

from __future__ import annotations

import json
import os
import random
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gradcli.train.checkpoint import load
from tests.support.ended_trainings import ENDS, SIGNALS, ended
from tests.support.paths import ROOT
from tests.support.trainings import TINY

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and devices of POSIX")

Run = Callable[..., Any]
RUN = ("moons", *TINY, "--epochs", "1000000", "-o", "m.safetensors")


@pytest.mark.parametrize(("how", "more"), [*((how, ()) for how in ENDS), *((how, ("--json",)) for how in SIGNALS)])
def test_a_run_that_is_ended_leaves_its_model_and_a_sentence(how: str, more: tuple[str, ...], tmp_path: Path) -> None:
    ending = ended(tmp_path, how, random.Random(how), *more)
    assert ending.is_right(how), ending


@pytest.mark.parametrize(
    ("redirection", "said"),
    [
        ("| head -n 2", "err"),
        (">/dev/full", "err"),
        ("2>/dev/full", "out"),
        (">/dev/full 2>&1", None),
        ("--race sgd,adam | head -n 2", "err"),
        ("--race sgd,adam >/dev/full", "err"),
        ("--summary >/dev/full", "err"),
        ("--run folder | head -n 2", "err"),
        ("--patience 1000000 | head -n 2", "err"),
        ("--engine value | head -n 2", "err"),
    ],
)
def test_an_output_that_cannot_be_written_saves_the_run(redirection: str, said: str | None, tmp_path: Path) -> None:
    words = shlex.join([sys.executable, "-m", "gradcli", "train", *RUN])
    done = subprocess.run(
        f"{words} {redirection}",
        shell=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    if said is not None:
        sentence = "gradcli train --resume m.safetensors"
        assert sentence in (done.stderr if said == "err" else done.stdout)
    assert load(tmp_path / "m.safetensors").model.count
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize(
    "files",
    ["-o m.safetensors", "-o 'a b.safetensors' --history h.csv", "--run folder", "--run folder -o m.safetensors"],
)
def test_the_command_that_repeats_a_run_names_its_files(files: str, inside: Run, own_folder: Path) -> None:
    words = ["train", "moons", *TINY, "--epochs", "2", *shlex.split(files)]
    first = json.loads(inside(*words, "--json").out)
    model = Path(first["model"]).read_bytes()
    Path(first["model"]).unlink()
    again = json.loads(inside(*shlex.split(first["command"])[1:], "--json").out)
    assert again["command"] == first["command"]
    assert Path(first["model"]).read_bytes() == model
    assert own_folder.exists()
