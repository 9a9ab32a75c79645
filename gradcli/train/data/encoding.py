"""The encoding of the columns of a table as numeric inputs of a net.

The encoding is part of the model, so that the same encoding is used for predictions.

A column of numbers is one input.  A column of text is one input for each of its categories: 1 in the rows of that
category, else 0 (one-hot).  A value that is missing is refused, or replaced if the encoding has a value for it; a
category that did not occur in training is refused, because no parameter of the net belongs to it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from gradcli import limits
from gradcli.errors import UsageError
from gradcli.source import listed, shortened, suggestion
from gradcli.tables.cells import Numbers, is_gap, value_key
from gradcli.tables.column_problems import ColumnProblems
from gradcli.tables.table import LIKE, Table
from gradcli.train.untrusted import check_fields, refuse

if TYPE_CHECKING:
    from gradcli.array_types import Array, Floats, Indices

__all__ = ["FILLS", "MISSING", "TASKS", "Encoding", "Input", "numbers_in", "places_in"]

# The end of the hint about a missing value.
OR_FILL = ", or train with `missing=mean`"
LARGEST = 1.7976931348623157e308

# What replaces a missing number, by the name of the method; a missing text becomes the most frequent category.
FILLS = {
    "mean": "the mean of the column's other values in the rows to train on",
    "median": "their median",
    "zero": "0",
}
# What may be done about missing values, and what a net may learn.
MISSING = {"drop": "leave out the rows where a value is missing"} | FILLS
TASKS = {"classes": "tell classes apart", "numbers": "predict a number"}


@dataclass(frozen=True)
class Input:
    """One column of a table.

    Args:
        name: the name of the column.
        categories: the texts of a column that is one-hot, in order; None for a column of numbers.
        fill: the number or the category that replaces a missing value; None if missing values are refused.
    """

    name: str
    categories: tuple[str, ...] | None = None
    fill: float | str | None = None

    @property
    def names(self) -> list[str]:
        """The names of the numeric inputs."""
        return [self.name] if self.categories is None else [f"{self.name}={one}" for one in self.categories]


@dataclass(frozen=True)
class Encoding:
    """The inputs of a net in terms of the columns of a table.

    Args:
        inputs: the columns, in the order of the net's inputs.
        missing: a key of `FILLS`, or None if missing values are refused.

    >>> encoding = Encoding((Input("size"), Input("colour", ("blue", "red"))))
    >>> encoding.names
    ('size', 'colour=blue', 'colour=red')
    """

    inputs: tuple[Input, ...]
    missing: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the numeric inputs."""
        return tuple(name for one in self.inputs for name in one.names)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns that a table must have."""
        return tuple(one.name for one in self.inputs)

    def encode(self, table: Table, ignore_unknown: bool | None = None) -> Array:
        """Return the inputs of every row of a table, shape (rows, inputs): float64, or the bytes of images.

        Args:
            table: the table, which is settled.
            ignore_unknown: for a category that the encoding doesn't have, set all inputs of its column to 0.

        Raises:
            UsageError: the table lacks a column.
            UnavailableError: a cell is missing, isn't a number, or is a category that the encoding doesn't have.
        """
        return self.fill(self.matrix(table, self.missing is not None, ignore_unknown))

    def matrix(self, table: Table, keep_gaps: bool = False, ignore_unknown: bool | None = None) -> Array:
        """Return the inputs as `encode` does, but without replacing missing values.

        If ``keep_gaps`` is true, missing values become nan; else they are refused.

        Raises:
            UsageError: the table lacks a column.
            UnavailableError: a cell is missing, isn't a number, or is a category that the encoding doesn't have.
        """
        import numpy as np

        lacking = [name for name in self.columns if name not in table.columns]
        if lacking:
            raise UsageError(
                f"`{table.name}` lacks the {'column' if len(lacking) == 1 else 'columns'} {listed(lacking)} "
                "of the model",
                kind="unknown_column",
                hint=f"its columns are {listed(table.columns)}",
            )
        positions = [table.columns.index(name) for name in self.columns]
        cells = [table.cells[position].settled for position in positions]
        are_numbers = all(one.categories is None for one in self.inputs)
        are_bytes = are_numbers and all(isinstance(one, Numbers) and one.numbers.dtype == np.uint8 for one in cells)
        kind = np.uint8 if are_bytes else np.float64
        held = None if table.held is None or not are_numbers else table.held.of(positions)
        matrix: Array = np.empty((len(table), len(self.names)), kind) if held is None or held.dtype != kind else held
        problems = ColumnProblems()
        for one, position, block in zip(self.inputs, positions, self.blocks(matrix), strict=True):
            with problems.noted():
                gaps = write_block(block, one, table, position, ignore_unknown)
                if not keep_gaps and gaps is not None:
                    otherwise = OR_FILL if ignore_unknown is None else ", or train a model that fills gaps"
                    raise table.missing(gaps, position, otherwise).naming("missing")
        problems.tell()
        return matrix

    def encode_point(self, values: Mapping[str, float | str]) -> Floats:
        """Return the inputs of one row, shape (1, inputs), from the number or the category in each column.

        Raises:
            UsageError: a text is not a category of its column.

        >>> Encoding((Input("size"), Input("colour", ("blue", "red")))).encode_point({"size": 3.0, "colour": "red"})
        array([[3., 0., 1.]])
        """
        import numpy as np

        row: list[float] = []
        for one in self.inputs:
            value = values[one.name]
            if one.categories is None:
                row.append(float(value))
                continue
            value = value_key(str(value))
            keys = list(map(value_key, one.categories))
            if value not in keys:
                raise UsageError(
                    f"`{one.name}` has no category `{shortened(str(value))}`",
                    hint=suggestion(str(value), one.categories, f"its categories are {listed(one.categories)}"),
                )
            row += [float(value == key) for key in keys]
        return np.array([row])

    def fit(self, matrix: Array) -> Encoding:
        """Return the encoding with the values that replace missing values, computed from the rows to train on.

        A missing number, nan in the matrix, becomes the value that `missing` names; a missing text becomes the most
        frequent category, or the first of several equally frequent categories.

        >>> import numpy as np
        >>> Encoding((Input("size"),), "mean").fit(np.array([[1.0], [np.nan], [5.0]])).inputs[0].fill
        3.0
        """
        import numpy as np

        if self.missing is None:
            return self
        fitted = []
        for one, block in zip(self.inputs, self.blocks(matrix), strict=True):
            there = block[~np.isnan(block[:, 0])]
            if one.categories is not None:
                fitted.append(replace(one, fill=one.categories[int(there.sum(axis=0).argmax())]))
            elif len(there) == 0 or self.missing == "zero":
                fitted.append(replace(one, fill=0.0))
            elif self.missing == "median":
                fitted.append(replace(one, fill=float(np.median(there))))
            else:
                # Divide before adding, so that a column near the largest float doesn't overflow.
                fitted.append(replace(one, fill=float((there / len(there)).sum())))
        return replace(self, inputs=tuple(fitted))

    def fill(self, matrix: Array, *, in_place: bool = False) -> Array:
        """Return the matrix with its missing values replaced: a new matrix, or this one if it may be changed."""
        import numpy as np

        if self.missing is None:
            return matrix
        result: Array = matrix if in_place and matrix.flags.writeable else matrix.copy()
        for one, block in zip(self.inputs, self.blocks(result), strict=True):
            value = one.fill if one.categories is None else [float(one.fill == category) for category in one.categories]
            block[np.isnan(block[:, 0])] = value
        return result

    def blocks(self, matrix: Array) -> Iterator[Array]:
        """Yield the part of a matrix that belongs to each column."""
        start = 0
        for one in self.inputs:
            stop = start + len(one.names)
            yield matrix[:, start:stop]
            start = stop

    def to_json(self) -> dict[str, Any]:
        """Return the encoding as data for JSON."""
        data: dict[str, Any] = json.loads(json.dumps(asdict(self), allow_nan=False))
        return data

    @classmethod
    def from_json(cls, data: Any) -> Encoding:
        """Read an encoding from JSON of unknown origin.

        Raises:
            ValueError: something is wrong; the message says what.
        """
        check_fields(data, ("inputs", "missing"), "the encoding has")
        missing, inputs = data["missing"], data["inputs"]
        is_known = missing is None or (isinstance(missing, str) and missing in FILLS)
        refuse(not is_known, "the encoding replaces missing values by an unknown method")
        is_sound = isinstance(inputs, list) and 1 <= len(inputs) <= limits.INPUTS
        refuse(not is_sound, "the encoding has no sound list of inputs")
        encoding = cls(tuple(input_from_json(one, missing) for one in inputs), missing)
        names = encoding.names
        are_different = len({*names}) == len(names) and len({*encoding.columns}) == len(inputs)
        refuse(len(names) > limits.INPUTS or not are_different, "the inputs of the encoding aren't all different")
        return encoding


def input_from_json(data: Any, missing: str | None) -> Input:
    """Read one column of an encoding from JSON of unknown origin.

    Raises:
        ValueError: something is wrong; the message says what.
    """
    check_fields(data, ("categories", "fill", "name"), "an input of the encoding has")
    name, categories, fill = data["name"], data["categories"], data["fill"]
    refuse(not isinstance(name, str) or not name, "an input of the encoding has no name")
    if categories is not None:
        are_texts = isinstance(categories, list) and all(isinstance(one, str) for one in categories)
        refuse(not are_texts, "the categories of an input aren't texts")
        are_different = 1 <= len(categories) <= limits.CATEGORIES
        are_different = are_different and len(set(map(value_key, categories))) == len(categories)
        refuse(not are_different, "the categories of an input aren't all different")
        refuse(any(map(is_gap, categories)), "a category of an input means a missing value")
        categories = tuple(categories)
    if missing is None:
        refuse(fill is not None, "an input has a value for missing values, but the encoding refuses them")
    elif categories is not None:
        refuse(fill not in categories, "a missing value would become an unknown category")
    else:
        is_finite = type(fill) in (int, float) and abs(fill) <= LARGEST
        refuse(not is_finite, "a missing value would not become a finite number")
        fill = float(fill)
    return Input(name, categories, fill)


def write_block(block: Array, one: Input, table: Table, column: int, ignore_unknown: bool | None) -> int | None:
    """Write one column of a table as inputs, with nan for missing values; return the first row with a gap, or None.

    Args:
        block: the place of these inputs in the matrix, shape (rows, inputs of this column); a table that holds its
            numbers side by side may have them there already.
        one, table, column: the column, and its position in the table.
        ignore_unknown: see `Encoding.encode`.
    """
    import numpy as np

    if one.categories is None:
        choice = None if ignore_unknown is not None else f"`one_hot={shlex.quote(one.name)}`"
        numbers = numbers_in(table, column, choice)
        if numbers.ctypes.data != block.ctypes.data or numbers.dtype != block.dtype:
            block[:, 0] = numbers
        gaps = np.isnan(numbers) if numbers.dtype.kind == "f" else np.zeros(0, bool)
    else:
        places = places_in(table, column, one.categories, "category", "categories", ignore_unknown)
        gaps = places == GAP
        for place in range(block.shape[1]):
            block[:, place] = places == place
        block[gaps] = np.nan
    return int(gaps.argmax()) if gaps.any() else None


def numbers_in(table: Table, column: int, choice: str | None) -> Array:
    """Return the numbers of a column, with nan for a gap.

    Args:
        choice: the choice by which the column would hold categories or classes, for the hint; None if there is none.

    Raises:
        UnavailableError: a cell is neither a finite number nor a gap.
    """
    import numpy as np

    cells = table.cells[column].settled
    numbers = cells.numbers
    if numbers.dtype.kind == "f" and not np.isfinite(numbers).all():
        wrong = ~np.isfinite(numbers) & ~cells.gaps
        if wrong.any():
            hint = LIKE if choice is None else f"{LIKE}; if these are categories, say {choice}"
            raise table.not_a_number(int(wrong.argmax()), column, hint).naming("one_hot").naming("task")
    return numbers


# The places of a gap and of an unknown value.
GAP, UNKNOWN = -1, -2


def places_in(
    table: Table, column: int, names: Sequence[str], what: str, plural: str, ignore_unknown: bool | None = None
) -> Indices:
    """Return the place of each cell among the categories or classes of a model; `GAP` for a gap.

    Args:
        what, plural: the word for a category or class, and its plural.
        ignore_unknown: whether to return `UNKNOWN` for a cell that is none of them; None if the user has no such
            option.

    Raises:
        UnavailableError: a cell is none of them.
    """
    import numpy as np

    index = {value_key(name): place for place, name in enumerate(names)}
    cells = table.cells[column].settled
    places = cells.words().each(lambda word: GAP if is_gap(word) else index.get(value_key(word), UNKNOWN), np.intp)
    if (places == UNKNOWN).any() and not ignore_unknown:
        row = int((places == UNKNOWN).argmax())
        text = cells.text(row)
        hint = suggestion(text, names, f"its {plural} are {listed(names)}")
        if ignore_unknown is not None:
            hint = f"{hint}; `unknown=ignore` predicts such rows, too"
        reason = f"the model has no {what} `{shortened(text)}`"
        raise table.wrong(row, column, reason, hint).naming("unknown")
    return places
