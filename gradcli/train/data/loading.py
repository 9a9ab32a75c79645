"""What a user names as data, a built-in set, a table or an expression, as rows to learn from.

The arguments of `load_data` are plain numbers and texts: kept beside a model, they give the same rows again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gradcli.errors import UsageError, choice
from gradcli.train.data.datasets import BUNDLED, DATASETS, make
from gradcli.train.data.rows import Data

if TYPE_CHECKING:
    from gradcli.tables.table import Table

__all__ = ["SEED", "load_data", "looks_like_a_file"]

SEED = 1337

# The kinds of source that each argument is for, and how the command line calls it.
FITTING = {
    "target": ("--target", {"table"}),
    "task": ("--task", {"table", "expression"}),
    "samples": ("--samples", {"set", "expression"}),
    "noise": ("--noise", {"set", "expression"}),
    "classes": ("--classes", {"set"}),
    "ranges": ("--range", {"expression"}),
    "columns": ("--columns", {"table"}),
    "drop": ("--drop", {"table"}),
    "one_hot": ("--one-hot", {"table"}),
    "missing": ("--missing", {"table"}),
}


def load_data(
    dataset: str,
    target: str | None = None,
    task: str | None = None,
    samples: int | None = None,
    noise: float | None = None,
    seed: int = SEED,
    stream: Iterable[str] | None = None,
    *,
    classes: int | None = None,
    expression: str | None = None,
    ranges: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    drop: Sequence[str] | None = None,
    one_hot: Sequence[str] | None = None,
    missing: str | None = None,
) -> Data:
    """The rows that a user means by a word: a built-in set, a table's path, or ``"-"`` for a stream.

    Args:
        dataset: the word; any, if there is an expression.
        samples, noise: of a set that is drawn, or of an expression.
        seed: of what is drawn.
        stream: the lines of standard input.
        classes: how many, for the sets that let the user choose.
        expression: see `expression_data`, also for ``ranges``.
        target, task, columns, drop, one_hot, missing: of a table; see `table_data`.

    Raises:
        UsageError: arguments that don't fit the source, or the word is neither a set nor a file.
        UnavailableError: the table can't be read.
        ExpressionError: the expression has no meaning.

    >>> len(load_data("moons", samples=60)), load_data("iris").labels
    (60, ('setosa', 'versicolor', 'virginica'))
    """
    kind = "expression" if expression is not None else "set" if dataset in DATASETS else "table"
    given = {
        "target": target, "task": task, "samples": samples, "noise": noise, "classes": classes, "ranges": ranges,
        "columns": columns, "drop": drop, "one_hot": one_hot, "missing": missing,
    }  # fmt: skip
    refuse_unfitting(dataset, kind, given)
    if expression is not None:
        from gradcli.train.data.expression_data import expression_data

        return expression_data(expression, samples, noise, seed, ranges or (), task)
    if kind == "set":
        return make(dataset, samples, noise, seed, classes)
    from gradcli.train.data.selection import table_data

    return table_data(table_of(dataset, stream), target, task, columns, drop or (), one_hot or (), missing)


def refuse_unfitting(dataset: str, kind: str, given: dict[str, Any]) -> None:
    """Refuse an argument that the kind of source has no use for."""
    for name, value in given.items():
        option, kinds = FITTING[name]
        if value is None or kind in kinds:
            continue
        if kinds == {"table"} or kind == "set":
            what = "tables" if "table" in kinds else "--data"
            source = f"`{dataset}` is a built-in set" if kind == "set" else "--data is an expression"
            raise UsageError(f"{option} is for {what}, and {source}", kind="conflicting_options")
        sets = ", ".join(key for key, one in DATASETS.items() if name != "classes" or one.chooses_classes)
        what = "--data" if kinds == {"expression"} else f"the built-in sets ({sets})"
        raise UsageError(f"{option} is for {what}", kind="conflicting_options")


def table_of(word: str, stream: Iterable[str] | None = None) -> Table:
    """The table that a word means: that of a bundled set, a file, or ``"-"`` for a stream.

    Raises:
        UsageError: the word is neither a set nor a file.
        UnavailableError: the table can't be read.
    """
    from gradcli.tables.table_files import read_table

    if word in BUNDLED:
        bundled = BUNDLED[word]
        table = read_table(str(bundled.path), word)
        return replace(table, columns=(*table.columns[:-1], bundled.target), target=bundled.target)
    if word == "-" and stream is not None:
        return read_table(stream, "standard input")
    if not looks_like_a_file(word):
        choice(word, DATASETS | BUNDLED, "data set")
    return read_table(word)


def looks_like_a_file(word: str) -> bool:
    """Whether a word that is no built-in set is meant as a path, so that the error is about a missing file."""
    from pathlib import Path

    try:
        return any(mark in word for mark in "./\\") or Path(word).exists()
    except (OSError, ValueError):
        return True
