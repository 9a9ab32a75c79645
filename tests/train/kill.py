"""End a training process at random moments and look at what it leaves.

First it is killed: its model file is always the old or the new one, whole.

Each round starts a run that saves its model after every epoch, kills it (SIGKILL) after a random time, and loads the
file.  In every second round the writer is slowed down: it writes the file in small pieces with pauses, so that nearly
every kill falls into a write.  What stood there before the round is a model of another seed; what is found must load,
and must be that model or one of the run's.

Then it is ended in ways that it can notice: SIGINT, SIGTERM, SIGHUP, a reader that closes the pipe, and a full disk
behind standard output.  It must leave a model that can be loaded, a sentence that says how to go on, and no hidden
file; or, if it had not begun, no model and a sentence that says so.

    PYTHONPATH=. python tests/train/kill.py [rounds]
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from tests.support.ended_trainings import ENDS, UNTRAINED, WORDS, ended
from tests.support.paths import ROOT

SLOW = """
import os, sys, time
from gradcli import files

class Slow:
    def __init__(self, file):
        self.file = file
    def __enter__(self):
        self.file.__enter__()
        return self
    def __exit__(self, *error):
        return self.file.__exit__(*error)
    def __getattr__(self, name):
        return getattr(self.file, name)
    def write(self, content):
        for start in range(0, len(content), 1024):
            self.file.write(content[start : start + 1024])
            self.file.flush()
            time.sleep(0.005)

class SlowSystem:
    def __getattr__(self, name):
        return getattr(os, name)
    @staticmethod
    def fdopen(descriptor, mode):
        return Slow(os.fdopen(descriptor, mode))

if "slow" in sys.argv[1]:
    files.os = SlowSystem()
from gradcli.cli import main
sys.argv = ["gradcli", *sys.argv[2:]]
main()
"""


class Round(NamedTuple):
    """How one round ended: which model was found (``"old"``, ``"new"`` or ``"damaged"``), the updates it has done, and
    whether a write was under way."""

    found: str
    updates: int
    writing: bool


def play(folder: Path, slow: bool, generator: random.Random) -> Round:
    """One round in a folder of its own."""
    from gradcli.errors import GradcliError
    from gradcli.train.checkpoint import load, save
    from gradcli.train.data.datasets import make
    from gradcli.train.run import start

    path = folder / "moons.safetensors"
    save(path, start(make("moons", samples=60, seed=7), seed=7, samples=60).checkpoint())
    child = subprocess.Popen(
        [sys.executable, "-c", SLOW, "slow" if slow else "fast", *WORDS, "--json"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert child.stderr is not None
    child.stderr.readline()  # what will be trained: the run begins
    time.sleep(generator.uniform(0, 0.4))
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stderr.close()
    writing = any(name.name.startswith(".moons") for name in folder.iterdir())
    try:
        checkpoint = load(path)
    except GradcliError:
        return Round("damaged", 0, writing)
    found = {7: "old", 1337: "new"}.get(checkpoint.settings.seed, "damaged")
    return Round(found, len(checkpoint.state.history), writing)


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    # A shell starts a job in the background with the signal of Ctrl-C ignored, and children inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    generator = random.Random(0)
    played: list[tuple[bool, Round]] = []
    for number in range(rounds):
        slow = number % 2 == 1
        with tempfile.TemporaryDirectory() as folder:
            played.append((slow, play(Path(folder), slow, generator)))
    print("writer  rounds  old model  new model  killed while writing  damaged")
    for slow in (False, True):
        mine = [one for kind, one in played if kind == slow]
        old, new, bad = (sum(one.found == found for one in mine) for found in ("old", "new", "damaged"))
        writing = sum(one.writing for one in mine)
        name = "slowed" if slow else "as is"
        print(f"{name:6}  {len(mine):6}  {old:9}  {new:9}  {writing:20}  {bad:7}")
    print()
    print("ended by     rounds  loadable model  not begun  hidden files  wrong")
    wrong = 0
    for how in ENDS:
        endings = []
        for _ in range(rounds // len(ENDS)):
            with tempfile.TemporaryDirectory() as folder:
                endings.append(ended(Path(folder), how, generator))
        loadable = sum(one.updates is not None for one in endings)
        unbegun = sum(UNTRAINED in one.messages for one in endings)
        hidden = sum(len(one.hidden) for one in endings)
        bad = sum(not one.is_right(how) for one in endings)
        wrong += bad
        print(f"{how:11}  {len(endings):6}  {loadable:14}  {unbegun:9}  {hidden:12}  {bad:5}")
    return int(wrong > 0 or any(one.found == "damaged" for _, one in played))


if __name__ == "__main__":
    raise SystemExit(main())
