"""Load the rows to learn from: from a built-in set, from a table, or from an expression.

The arguments of `load_data` are plain numbers and texts.  A model file keeps them, so that the same rows can be loaded
again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from gradcli.errors import UsageError, choice
from gradcli.train.choices import SEED, DataChoices, checked, choices
from gradcli.train.data.datasets import BUNDLED, DATASETS, make
from gradcli.train.data.rows import Data

if TYPE_CHECKING:
    from gradcli.tables.reading import Reading
    from gradcli.tables.table import Table

__all__ = ["load_data", "looks_like_a_file"]


def load_data(dataset: str, *, seed: int = SEED, stream: Iterable[str] | None = None, **given: Any) -> Data:
    """Load the rows that a user means by a word: a built-in set, the path of a table, or ``"-"`` for a stream.

    Args:
        dataset: the word; it isn't read if there is an expression.
        seed: the seed of rows that are drawn.
        stream: the lines of standard input.
        given: choices by name, as `gradcli.train.choices.DataChoices` declares them; None leaves a choice open.

    Raises:
        CallError: there is no such choice.
        UsageError: a choice doesn't fit the source, or the word is neither a set nor a file.
        UnavailableError: the table can't be read.
        ExpressionError: the expression has no meaning.

    >>> len(load_data("moons", samples=60)), load_data("iris").labels
    (60, ('setosa', 'versicolor', 'virginica'))
    """
    given = checked(given, DataChoices)
    kind = "expression" if "expression" in given else "set" if dataset in DATASETS else "table"
    refuse_unfitting(dataset, kind, given)
    if kind == "expression":
        from gradcli.train.data.expression_data import expression_data

        return expression_data(given.pop("expression"), seed=seed, **given)
    if kind == "set":
        return make(dataset, seed=seed, **given)
    from gradcli.tables.reading import READING_OPTIONS, Reading
    from gradcli.train.data.selection import held_together, table_data

    reading = Reading.of(**{name: given.pop(name) for name in READING_OPTIONS if name in given})
    return table_data(table_of(dataset, stream, reading, partial(held_together, **given)), **given)


def refuse_unfitting(dataset: str, kind: str, given: Iterable[str]) -> None:
    """Refuse a choice that doesn't fit the kind of source."""
    for name in given:
        kinds = choices()[name].sources
        if kind in kinds:
            continue
        sets = ", ".join(key for key, one in DATASETS.items() if name != "classes" or one.chooses_classes)
        fitting = {"set": f"the built-in sets ({sets})", "table": "tables", "expression": "`expression`"}[kinds[0]]
        source = {
            "set": f", and `{dataset}` is a built-in set", "table": "", "expression": ", and `expression` is given",
        }[kind]  # fmt: skip
        raise UsageError(
            f"`{name}` is for {fitting}{source}", kind="conflicting_options", argument=(name, "expression")
        )


def table_of(
    word: str, stream: Iterable[str] | None, reading: Reading, together: Callable[[Table], Sequence[str]]
) -> Table:
    """Read the table that a word means: a bundled set, a file, or ``"-"`` for a stream.

    Args:
        word: the word.
        stream: the lines of standard input.
        reading: the user's choices about the format of the text.
        together: see `gradcli.tables.table.join`.

    Raises:
        UsageError: the word is neither a set nor a file.
        UnavailableError: the table can't be read.
    """
    from gradcli.tables.formats import read_table
    from gradcli.tables.table import STANDARD_INPUT

    if word in BUNDLED:
        bundled = BUNDLED[word]
        table = read_table(str(bundled.path), word)
        return replace(table, columns=(*table.columns[:-1], bundled.target), target=bundled.target)
    if word == "-" and stream is not None:
        return read_table(stream, STANDARD_INPUT, reading, together)
    if not looks_like_a_file(word):
        choice(word, DATASETS | BUNDLED, "data set")
    return read_table(word, None, reading, together)


def looks_like_a_file(word: str) -> bool:
    """Whether a word that isn't a built-in set looks like a path; then the error says that the file is missing."""
    from pathlib import Path

    try:
        return any(mark in word for mark in "./\\") or Path(word).exists()
    except (OSError, ValueError):
        return True
