"""What a user names as data, a built-in set or a table, as rows to learn from."""

from __future__ import annotations

from typing import TextIO

from gradcli.errors import UsageError
from gradcli.train.data import Data
from gradcli.train.datasets import DATASETS, make
from gradcli.train.settings import choice
from gradcli.train.tables import read_table, table_data

__all__ = ["SEED", "load_data", "looks_like_a_file"]

SEED = 1337


def load_data(
    dataset: str,
    target: str | None = None,
    task: str | None = None,
    samples: int | None = None,
    noise: float | None = None,
    seed: int = SEED,
    stream: TextIO | None = None,
) -> Data:
    """The rows that a user means by a word: a built-in set, a table's path, or ``"-"`` for a stream.

    Raises:
        UsageError: options that don't fit the source, or the word is neither a set nor a file.
        UnavailableError: the table can't be read.

    >>> len(load_data("moons", samples=60))
    60
    """
    if dataset in DATASETS:
        if target is not None or task is not None:
            option = "--target" if target is not None else "--task"
            raise UsageError(f"{option} is for tables, and `{dataset}` is a built-in set", kind="conflicting_options")
        return make(dataset, samples, noise, seed)
    for option, value in (("--samples", samples), ("--noise", noise)):
        if value is not None:
            raise UsageError(f"{option} is for the built-in sets ({', '.join(DATASETS)})", kind="conflicting_options")
    if dataset == "-" and stream is not None:
        table = read_table(stream, "standard input")
    elif looks_like_a_file(dataset):
        table = read_table(dataset)
    else:
        choice(dataset, DATASETS, "data set")
        raise AssertionError("the word is no built-in set")
    return table_data(table, target, task)


def looks_like_a_file(word: str) -> bool:
    """Whether a word that is no built-in set is meant as a path, so that the error is about a missing file."""
    from pathlib import Path

    try:
        return any(mark in word for mark in "./\\") or Path(word).exists()
    except (OSError, ValueError):
        return True
