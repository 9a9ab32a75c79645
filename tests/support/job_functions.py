"""Functions that tests run as jobs, in other processes too, and a cluster to run them on."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gradcli.errors import NotFiniteError, UnavailableError, UsageError
from gradcli.jobs import tell

__all__ = [
    "break_down", "cluster_of_two", "die", "die_once", "fail", "fail_once", "import_what_is_missing", "mark", "refuse",
    "square", "tell_often", "wait_with_a_file",
]  # fmt: skip


@contextmanager
def cluster_of_two() -> Iterator[Any]:
    """Two workers of Dask, each a process of one thread, that listen on this machine alone."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=":0", silence_logs=60
    ) as cluster:
        yield cluster


def square(number: float) -> tuple[float, int]:
    """Return a square, and the process that computed it."""
    return number**2, os.getpid()


def mark(folder: str, number: int) -> int:
    """Write a file, and return the number."""
    (Path(folder) / str(number)).touch()
    return number


def fail(folder: str, number: int) -> int:
    """Fail for the number 1, while every other job leaves a file behind."""
    if number == 1:
        raise NotFiniteError("row 1: value is inf", hint="look at it")
    time.sleep(0.05)
    return mark(folder, number)


def fail_once(folder: str, number: int) -> int:
    """Fail for the number 1 the first time, as if a file were out of reach for a moment."""
    if number == 1 and not (Path(folder) / "tried").exists():
        mark(folder, "tried")  # type: ignore[arg-type]
        raise UnavailableError("a disk is away")
    return number


def die(number: int) -> int:
    """End the process in the middle of the job with the number 1."""
    if number == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def die_once(folder: str, number: int) -> int:
    """End the process in the middle of the job with the number 1, but only the first time."""
    if number == 1 and not (Path(folder) / "died").exists():
        mark(folder, "died")  # type: ignore[arg-type]
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def break_down(number: int) -> float:
    """Fail in a way that nobody has thought of."""
    return 1 / (number - number)


def import_what_is_missing(number: int) -> int:
    """Use a module that this machine doesn't have."""
    import no_such_module  # type: ignore[import-not-found]  # noqa: F401

    return number


def refuse(number: int) -> int:
    """Refuse an argument, which has a name of its own on the command line."""
    raise UsageError("`learning_rate` is 0", hint="give another", argument="learning_rate")


def tell_often(share: float, number: int) -> int:
    """Tell a share again and again, for longer than the pause between two messages of a process."""
    end = time.monotonic() + 0.25
    while time.monotonic() < end:
        tell(share)
    return number


def wait_with_a_file(folder: str, number: int) -> int:
    """Begin a file, and wait for a minute; if this is ended early, remove the file."""
    from gradcli.cli.pipes import tidied
    from gradcli.files import open_atomically

    with tidied(), open_atomically(Path(folder) / f"{number}.csv") as file:
        file.write(b"x")
        file.flush()
        time.sleep(60)
    return number
