"""Tables of a user as `Data`, for training and for prediction: the choice of the target and of the inputs.

A table is read strictly: a cell that is missing or isn't a number is an error, unless the user asks for missing values
to be replaced.  A column of text becomes one input for each category.

The values of the target decide the task.  Text, or whole numbers with at most 20 different values, are classes; any
other numbers are predicted as numbers.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli import limits
from gradcli.errors import UnavailableError, UsageError
from gradcli.source import counted, listed, shortened
from gradcli.tables.cells import NUMBER, Words, is_figure, is_gap, value_key
from gradcli.tables.column_problems import ColumnProblems
from gradcli.tables.table import LIKE, Table, damaged
from gradcli.train.data.encoding import FILLS, Encoding, Input, numbers_in, places_in
from gradcli.train.data.rows import Data

if TYPE_CHECKING:
    from gradcli.array_types import Array, Booleans, Floats

__all__ = ["held_together", "table_data", "targets_of"]

CLASSES = f"{LIKE}; if these are categories, say `task=classes`"
WHOLE = re.compile(r"[+-]?\d+(\.0*)?\Z", re.ASCII)


def table_data(
    table: Table,
    target: str | None = None,
    task: str | None = None,
    columns: Sequence[str] | None = None,
    drop: Iterable[str] = (),
    one_hot: Iterable[str] = (),
    missing: str | None = None,
    sample_weight: str | None = None,
) -> Data:
    """Return the rows of a table as data to learn from.

    Args:
        target: the name or number of the column to predict; by default the column that the source names.
        task: ``"classes"`` or ``"numbers"``, the kind of the target; None decides by its values.
        columns: the names or numbers of the inputs, one or several with commas between them in each text; by default
            every column except the target.
        drop: the names or numbers of columns that aren't inputs, in the same form as ``columns``.
        one_hot: the names or numbers of columns whose numbers are categories, in the same form as ``columns``.
        missing: a key of `MISSING`; None refuses missing values.
        sample_weight: the name or number of the column with the weight of each row, which isn't an input; None gives
            all rows the same weight.

    Raises:
        UsageError: the target is missing, unknown or can't be learnt, or a column is unknown.
        UnavailableError: a cell can't be read.

    >>> from gradcli.tables.formats import read_table
    >>> table = read_table(["size,shape,colour", "1,round,red", "2,flat,blue"], "t.csv")
    >>> data = table_data(table, "colour")
    >>> data.labels, data.targets.tolist(), data.columns
    (('blue', 'red'), [1.0, 0.0], ('size', 'shape=flat', 'shape=round'))
    """
    position, weighing, wanted = roles(table, target, columns, drop, sample_weight)
    chosen, notes = with_names(table, wanted, is_choice=columns is not None)
    nameless = next((column for column in (*chosen, position) if not table.columns[column]), None)
    if nameless is not None:
        hint = f"leave it out: `drop={nameless + 1}`"
        raise damaged(table.name, f": column {nameless + 1} has no name", hint).naming("drop")
    problems = ColumnProblems()
    encoding, more = encoding_for(table, chosen, positions(table, one_hot), missing, problems)
    notes += more
    gaps = table.cells[position].settled.gaps
    labels, keep = None, ~gaps
    with problems.noted():
        inputs, keep = rows_of(table, encoding, position, missing)
    if not problems.errors and not keep.any():
        raise UnavailableError(f"`{table.name}` has no row without a missing value", kind="bad_table")
    if missing == "drop" or not gaps.any():  # otherwise the target has been told
        with problems.noted():
            labels = labels_of(table, position, task, keep)
            targets = targets_of(table, position, labels)[keep]
    with problems.noted():
        weights = None if weighing is None else weights_of(table, weighing)[keep]
    problems.tell()
    if len(inputs) < len(table):
        notes.append(f"left out {len(table) - len(inputs)} of {len(table)} rows, in which a value is missing")
    image = table.image if chosen == others(table, position) and inputs.shape[1] == len(chosen) else None
    if image is None:
        inputs = inputs.astype(np.float64, copy=False)
    notes = [*table.notes, *notes]
    data = Data(
        table.name,
        encoding.names,
        inputs,
        table.columns[position],
        targets,
        labels,
        image=image,
        encoding=encoding,
        notes=tuple(notes),
        weights=weights,
    )
    if table.test is None:
        return data
    inputs, keep = rows_of(table.test, encoding, position, missing)
    inputs = inputs.astype(data.inputs.dtype, copy=False)
    targets = targets_of(table.test, position, labels)[keep]
    return replace(data, test=replace(data, inputs=inputs, targets=targets, weights=None))


def roles(
    table: Table, target: str | None, columns: Sequence[str] | None, drop: Iterable[str], sample_weight: str | None
) -> tuple[int, int | None, list[int]]:
    """Return the positions of the target, of the weights of the rows (or None) and of the inputs.

    The arguments are those of `table_data`.

    Raises:
        UsageError: the target is missing, a column is unknown or has two roles, or no input is left.
    """
    if target is None and table.target is None:
        raise UsageError(
            f"which column of `{table.name}` is to be predicted?",
            kind="missing_target",
            hint=f"add `target=NAME`; its columns are {listed(table.columns)}",
            argument="target",
        )
    position = table.index(target if target is not None else str(table.target))
    weighing = None if sample_weight is None else table.index(sample_weight)
    if weighing == position:
        raise UsageError(
            f"the target `{table.columns[position]}` can't also be the weight of the rows",
            kind="conflicting_options",
            argument="sample_weight",
        )
    wanted = [column for column in selected(table, position, columns, drop) if column != weighing]
    if not wanted:
        raise UsageError(f"`{table.name}` has no column to learn from", argument="sample_weight")
    return position, weighing, wanted


def held_together(table: Table, **given: Any) -> list[str]:
    """Return the columns that will be inputs, in order, so that a table can be read with these side by side.

    If the choices are wrong, return all columns: `table_data` will refuse the choices when the table has been read.

    Args:
        table: some rows of the table.
        given: the arguments of `table_data`.
    """
    chosen = {name: given.get(name) for name in ("target", "columns", "sample_weight")}
    try:
        _, _, wanted = roles(table, drop=given.get("drop", ()), **chosen)
    except UsageError:
        return list(table.columns)
    return [table.columns[position] for position in wanted]


def weights_of(table: Table, column: int) -> Floats:
    """Return a column as the weights of the rows.

    Raises:
        UnavailableError: a cell is not a number of at least 0.
    """
    cells = table.cells[column].settled
    weights: Floats = cells.numbers.astype(np.float64)
    wrong = ~((weights >= 0) & np.isfinite(weights))
    if wrong.any():
        row = int(wrong.argmax())
        text = shortened(cells.text(row))
        raise table.wrong(row, column, f"{f'`{text}`' if text else 'a gap'} is not a weight, a number of at least 0")
    return weights


def rows_of(table: Table, encoding: Encoding, position: int, missing: str | None) -> tuple[Array, Booleans]:
    """Return the inputs of the rows that are used, with nan for a value to be replaced; and a mask of these rows."""
    problems = ColumnProblems()
    with problems.noted():
        inputs = encoding.matrix(table, keep_gaps=missing is not None)
    keep, gaps = np.ones(len(table), dtype=bool), table.cells[position].settled.gaps
    with problems.noted():
        if missing != "drop" and gaps.any():
            # No filling helps here: nothing can be learnt from a target that was made up.
            lacking = counted(int(gaps.sum()), "row")
            otherwise = f", or leave out all rows with gaps by `missing=drop`; the target is missing in {lacking}"
            raise table.missing(int(gaps.argmax()), position, otherwise).naming("missing")
    problems.tell()
    if missing == "drop":
        keep = ~gaps if inputs.dtype == np.uint8 else ~gaps & ~np.isnan(inputs).any(axis=1)
    return (inputs if keep.all() else inputs[keep]), keep


def others(table: Table, position: int) -> list[int]:
    """Return the positions of all columns except one."""
    return [column for column in range(len(table.columns)) if column != position]


def positions(table: Table, words: Iterable[str]) -> list[int]:
    """Return the positions of the columns that words name; a word may name several columns, with commas between them.

    >>> from gradcli.tables.table import Table
    >>> positions(Table("t.csv", ("a", "b,c", "d"), ()), ["b,c", "d, a"])
    [1, 2, 0]
    """
    names = [name.strip() for word in words for name in ([word] if word in table.columns else word.split(","))]
    return list(dict.fromkeys(map(table.index, names)))


def selected(table: Table, position: int, columns: Sequence[str] | None, drop: Iterable[str]) -> list[int]:
    """Return the positions of the columns that are inputs, in the order in which the user names them."""
    chosen = others(table, position) if columns is None else positions(table, columns)
    if position in chosen:
        raise UsageError(f"the target `{table.columns[position]}` can't also be an input", kind="conflicting_options")
    dropped = positions(table, drop)
    if position in dropped:
        raise UsageError(f"the target `{table.columns[position]}` can't be dropped", kind="conflicting_options")
    chosen = [column for column in chosen if column not in dropped]
    if not chosen:
        raise UsageError(f"`{table.name}` has no column other than the target")
    return chosen


def with_names(table: Table, chosen: list[int], *, is_choice: bool) -> tuple[list[int], list[str]]:
    """Return the inputs without columns that have no name, such as the index of a table of pandas; and a note on them.

    Args:
        is_choice: whether the user named the inputs.
    """
    named = [column for column in chosen if table.columns[column]]
    if is_choice or len(named) in {0, len(chosen)}:
        return chosen, []
    nameless = [str(column + 1) for column in chosen if not table.columns[column]]
    return named, [f"left out column {' and '.join(nameless)}, which has no name"]


def encoding_for(
    table: Table, chosen: Sequence[int], one_hot: Collection[int], missing: str | None, problems: ColumnProblems
) -> tuple[Encoding, list[str]]:
    """Return the encoding of the chosen columns, and notes about it for the user.

    A column that can't be an input is among the problems, and not in the encoding.
    """
    stray = next((column for column in one_hot if column not in chosen), None)
    if stray is not None:
        raise UsageError(
            f"`one_hot` is for inputs, and `{table.columns[stray]}` isn't one of them",
            kind="conflicting_options",
            argument="one_hot",
        )
    inputs = []
    for column in chosen:
        with problems.noted():
            inputs.append(input_of(table, column, is_one_hot=column in one_hot))
    if not inputs:
        problems.tell()
    encoding = Encoding(tuple(inputs), missing if missing in FILLS else None)
    if len(set(encoding.names)) != len(encoding.names):
        twice = next(name for name in encoding.names if encoding.names.count(name) > 1)
        raise UsageError(f"two inputs would be called `{shortened(twice)}`")
    texts = [f"`{one.name}` ({len(one.categories)})" for one in inputs if one.categories is not None]
    return encoding, [f"one input for each category of {', '.join(texts)}"] if texts else []


def input_of(table: Table, column: int, *, is_one_hot: bool) -> Input:
    """Return a column as an input, which has categories if the column holds text or its numbers are one-hot.

    Raises:
        UnavailableError: every cell is a gap.
        UsageError: there are too many categories.
    """
    name, cells, categories = table.columns[column], table.cells[column].settled, None
    title, hint = f"the column `{name}` of `{table.name}`", f"leave it out: `drop={shlex.quote(name)}`"
    if cells.gaps.all():
        raise UnavailableError(f"{title} has no value", kind="bad_table", hint=hint, argument="drop")
    if is_one_hot or cells.is_text:
        categories = ordered(word for word in cells.words().spellings if not is_gap(word))
        if len(categories) > limits.CATEGORIES:
            most = f"at most {limits.CATEGORIES} categories become inputs"
            message = f"{title} has {len(categories)} different values, but {most}"
            raise UsageError(message, hint=hint, argument="drop")
    return Input(name, categories)


def ordered(words: Iterable[str]) -> tuple[str, ...]:
    """Return the different values in order, each in its shortest spelling.

    Numbers are ordered by size, texts by the alphabet.

    >>> ordered(["1.0", "1", "2"])
    ('1', '2')
    >>> ordered(["10", "9"]), ordered(["b", "10", "a"])
    (('9', '10'), ('10', 'a', 'b'))
    """
    shortest = {value_key(word): word for word in sorted(words, key=lambda word: (len(word), word), reverse=True)}
    found = list(shortest.values())
    numeric = all(map(NUMBER.match, found))
    return tuple(sorted(found, key=lambda text: (float(text), text) if numeric else (0.0, text)))


def targets_of(
    table: Table, position: int, labels: tuple[str, ...] | None, ignore_unknown: bool | None = None
) -> Floats:
    """Return a column as targets, shape (rows,): numbers, or the index of a class in ``labels``; nan for a gap.

    Args:
        ignore_unknown: whether a cell that is none of the classes is treated as a missing value.

    Raises:
        UnavailableError: a cell is neither a number nor one of the classes.
    """
    if labels is None:
        is_told = ignore_unknown is None  # the model has decided that it is a number
        return numbers_in(table, position, "`task=classes`" if is_told else None).astype(np.float64)
    places = places_in(table, position, labels, "class", "classes", ignore_unknown)
    return np.where(places < 0, np.nan, places)


def labels_of(table: Table, position: int, task: str | None, keep: Booleans) -> tuple[str, ...] | None:
    """Return the classes of a target in order, or None for a target that is a number."""
    cells = table.cells[position].settled
    if task == "numbers" or (task is None and not isinstance(cells, Words)):
        return None
    words = cells.words()
    values = set(ordered(words.spellings[code] for code in np.unique(words.codes[keep]).tolist()))
    numeric, whole = (all(map(pattern.match, values)) for pattern in (NUMBER, WHOLE))
    if task is None and numeric and not (whole and len(values) <= limits.GUESSED_CLASSES):
        return None
    column, most = table.columns[position], limits.GUESSED_CLASSES if task is None else limits.CLASSES
    if len(values) > most:
        if all(map(is_figure, values)) and not numeric:
            raise table.not_a_number(int(np.isnan(cells.numbers).argmax()), position, CLASSES).naming("task")
        raise UsageError(
            f"the target `{column}` has {len(values)} different values, but at most {most} classes are possible",
            kind="bad_target",
            hint=f"`task=classes` allows up to {limits.CLASSES}" if len(values) <= limits.CLASSES else None,
            argument="task",
        )
    if len(values) < 2:
        raise UsageError(
            f"the target `{column}` has the same value in every row, so there is nothing to learn", kind="bad_target"
        )
    return ordered(values)
