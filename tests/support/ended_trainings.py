"""Trainings that are ended early, at a random moment and in one of several ways, and what they leave."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple

from tests.support.paths import ROOT

__all__ = ["ENDS", "SENTENCE", "SIGNALS", "UNTRAINED", "WORDS", "Ending", "ended"]

WORDS = (
    "train",
    "moons",
    "--epochs",
    "1000000",
    "--hidden",
    "40,40",
    "--checkpoint-every",
    "1",
    "--samples",
    "60",
    "--engine",
    "tensor",  # which compiles nothing before the first write
)
# The full disk: after a random time standard output is a device on which nothing can be written.
FILLED = """
import os, sys, threading
def fill():
    os.dup2(os.open("/dev/full", os.O_WRONLY), 1)
if sys.argv[1] != "never":
    threading.Timer(float(sys.argv[1]), fill).start()
from gradcli.cli import main
sys.argv = ["gradcli", *sys.argv[2:]]
raise SystemExit(main())
"""
SIGNALS = {"SIGINT": 130, "SIGTERM": 143, "SIGHUP": 129}
ENDS = (*SIGNALS, "closed pipe", "full disk")
SENTENCE = "continue with: gradcli train --resume moons.safetensors"

UNTRAINED = "stopped before the first update: nothing is trained, and no model is saved"


class Ending(NamedTuple):
    """What a run left that was ended early.

    Attributes:
        code: its exit code.
        updates: the updates in its model; None if there is no model that can be loaded.
        messages: what it wrote on standard error.
        hidden: the hidden files.
    """

    code: int
    updates: int | None
    messages: str
    hidden: list[str]

    def is_right(self, how: str) -> bool:
        """Whether nothing was lost: the updates are saved, or there were none, and a sentence says so."""
        code = {**SIGNALS, "closed pipe": 0, "full disk": 5}[how]
        is_told = SENTENCE in self.messages if self.updates else self.updates is None and UNTRAINED in self.messages
        return self.code == code and is_told and not self.hidden


def ended(folder: Path, how: str, generator: random.Random, *more: str) -> Ending:
    """Begin a run in an empty folder, end it after a random time, and return what is left."""
    from gradcli.errors import GradcliError
    from gradcli.train.checkpoint import load

    moment = generator.uniform(0, 0.5)
    child = subprocess.Popen(
        [sys.executable, "-c", FILLED, str(moment + 0.5) if how == "full disk" else "never", *WORDS, *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert child.stdout is not None
    assert child.stderr is not None
    if how != "full disk":
        child.stderr.readline()  # what will be trained: the run begins
        reader = threading.Thread(target=lambda: [None for _ in child.stdout or ()], daemon=True)
        if how == "closed pipe":
            for _ in range(generator.randrange(1, 200)):
                child.stdout.readline()
            child.stdout.close()
        else:
            reader.start()
            time.sleep(moment)
            child.send_signal(getattr(signal, how))
            reader.join()
    messages = child.stderr.read()
    code = child.wait()
    child.stderr.close()
    child.stdout.close()
    try:
        updates = len(load(folder / "moons.safetensors").state.history)
    except GradcliError:
        updates = None
    hidden = [path.name for path in folder.iterdir() if path.name.startswith(".")]
    return Ending(code, updates, messages, hidden)
