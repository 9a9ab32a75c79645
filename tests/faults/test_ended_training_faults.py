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
from tests.support.ended_trainings import ENDS, SIGNALS, UNTRAINED, ended
from tests.support.paths import ROOT
from tests.support.trainings import TINY

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and devices of POSIX")

Run = Callable[..., Any]
RUN = ("moons", *TINY, "--epochs", "1000000", "-o", "m.safetensors")


@pytest.mark.parametrize(("how", "more"), [*((how, ()) for how in ENDS), *((how, ("--json",)) for how in SIGNALS)])
def test_a_run_that_is_ended_leaves_its_model_and_a_sentence(how: str, more: tuple[str, ...], tmp_path: Path) -> None:
    ending = ended(tmp_path, how, random.Random(how), *more)
    assert ending.is_right(how), ending


REDIRECTIONS = (
    "| head -n 2",
    "--race sgd,adam | head -n 2",
    "--run folder | head -n 2",
    "--patience 1000000 | head -n 2",
    "--engine value | head -n 2",
)
# Where the first line can't be written, the training doesn't begin.
FULL = {
    ">/dev/full": "err",
    "2>/dev/full": "out",
    ">/dev/full 2>&1": None,
    "--race sgd,adam >/dev/full": "err",
    "--summary >/dev/full": "err",
    "--run folder >/dev/full": "err",
}


def redirected(redirection: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Train without end in a shell, with outputs that end it."""
    words = shlex.join([sys.executable, "-m", "gradcli", "train", *RUN])
    done = subprocess.run(
        f"{words} {redirection}",
        shell=True,
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]
    return done


@pytest.mark.parametrize("redirection", REDIRECTIONS)
def test_an_output_that_cannot_be_written_saves_the_run(redirection: str, tmp_path: Path) -> None:
    done = redirected(redirection, tmp_path)
    assert "gradcli train --resume m.safetensors" in done.stderr
    assert load(tmp_path / "m.safetensors").state.history


@pytest.mark.parametrize("redirection", FULL)
def test_a_run_that_did_not_begin_leaves_the_files_as_they_were(redirection: str, tmp_path: Path) -> None:
    before = b"another model"
    (tmp_path / "m.safetensors").write_bytes(before)
    done = redirected(redirection, tmp_path)
    assert done.returncode == 5
    assert (tmp_path / "m.safetensors").read_bytes() == before
    assert {path.name for path in tmp_path.rglob("*")} <= {"m.safetensors", "folder"}
    if FULL[redirection] is not None:
        assert UNTRAINED in (done.stderr if FULL[redirection] == "err" else done.stdout)


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
