"""How the columns of a table become the numeric inputs of a net; part of the model, so that prediction repeats it.

A column of numbers is one input.  A column of text is one input for each of its categories: 1 in the rows of that
category, else 0 (one-hot).  A value that is missing is refused, or replaced if the encoding has a value for it; a
category that was not there in training is refused, because no parameter of the net knows about it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from gradcli import limits
from gradcli.errors import UnavailableError, UsageError
from gradcli.source import listed, shortened, suggestion
from gradcli.tables.cells import is_gap
from gradcli.tables.table import LIKE, Table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["FILLS", "Encoding", "Input"]

# The end of the hint about a missing value.
OR_FILL = ", or train with `missing=mean`"
LARGEST = 1.7976931348623157e308

# What replaces a missing number, by the name of the method; a missing text becomes the most frequent category.
FILLS = {
    "mean": "the mean of the column's other values in the rows to train on",
    "median": "their median",
    "zero": "0",
}


@dataclass(frozen=True)
class Input:
    """One column of a table.

    Args:
        name: the name of the column.
        categories: the texts of a column that is one-hot, in order; None for a column of numbers.
        fill: what a missing value becomes, a number or a category; None if it is refused.
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

    def encode(self, table: Table) -> NDArray[Any]:
        """The inputs of every row of a table, shape (rows, inputs), float64 or the bytes of an image.

        Raises:
            UsageError: the table lacks a column.
            UnavailableError: a cell is missing, isn't a number, or is a category that the encoding doesn't have.
        """
        return self.fill(self.matrix(table, keep_gaps=self.missing is not None))

    def matrix(self, table: Table, keep_gaps: bool = False) -> NDArray[Any]:
        """Return the inputs as `encode` does, but with nan for a missing value, which is refused unless ``keep_gaps``.

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
        position = {name: number for number, name in enumerate(table.columns)}
        blocks = [block_of(one, table, position[one.name], keep_gaps) for one in self.inputs]
        kind = np.uint8 if all(block.dtype == np.uint8 for block in blocks) else np.float64
        result = np.empty((len(table), len(self.names)), dtype=kind)
        start = 0
        for block in blocks:
            stop = start + block.shape[1]
            result[:, start:stop] = block
            start = stop
        return result

    def encode_point(self, values: Mapping[str, float | str]) -> Floats:
        """The inputs of one row, shape (1, inputs), from the value of each column: a number, or the text of a category.

        Raises:
            UsageError: a text is none of the categories.

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
            if value not in one.categories:
                raise UsageError(
                    f"`{one.name}` has no category `{shortened(str(value))}`",
                    kind="bad_value",
                    hint=categories_hint(str(value), one.categories),
                )
            row += [float(value == category) for category in one.categories]
        return np.array([row])

    def fit(self, matrix: NDArray[Any]) -> Encoding:
        """Return the encoding with what replaces a missing value, found from the rows to train on (nan where one is).

        A missing number becomes the value that `missing` names; a missing text becomes the most frequent category, and
        of equally frequent ones the first.

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

    def fill(self, matrix: NDArray[Any]) -> NDArray[Any]:
        """Return the matrix with its missing values replaced."""
        import numpy as np

        if self.missing is None:
            return matrix
        result: NDArray[Any] = matrix.copy()
        for one, block in zip(self.inputs, self.blocks(result), strict=True):
            value = one.fill if one.categories is None else [float(one.fill == category) for category in one.categories]
            block[np.isnan(block[:, 0])] = value
        return result

    def blocks(self, matrix: NDArray[Any]) -> Iterator[NDArray[Any]]:
        """The part of a matrix that belongs to each of the columns."""
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
        if not isinstance(data, dict) or sorted(data) != ["inputs", "missing"]:
            raise ValueError("the encoding has missing or unknown fields")
        missing, inputs = data["missing"], data["inputs"]
        if missing is not None and (not isinstance(missing, str) or missing not in FILLS):
            raise ValueError("the encoding replaces missing values by an unknown method")
        if not isinstance(inputs, list) or not 1 <= len(inputs) <= limits.INPUTS:
            raise ValueError("the encoding has no sound list of inputs")
        encoding = cls(tuple(input_from_json(one, missing) for one in inputs), missing)
        names = encoding.names
        if len(names) > limits.INPUTS or len({*names}) != len(names) or len({*encoding.columns}) != len(inputs):
            raise ValueError("the inputs of the encoding aren't different")
        return encoding


def block_of(one: Input, table: Table, column: int, keep_gaps: bool) -> NDArray[Any]:
    """Return the inputs that one column of a table becomes, shape (rows, inputs of this column)."""
    import numpy as np

    cells = table.cells[column]
    if one.categories is None:
        numbers = cells.numbers
        if numbers.dtype.kind == "f":
            wrong = ~np.isfinite(numbers)
            if keep_gaps:
                wrong &= ~cells.gaps
            if wrong.any():
                row = int(wrong.argmax())
                hint = f"{LIKE}; if these are categories, say `one_hot={shlex.quote(one.name)}`"
                if cells.gaps[row]:
                    raise table.missing(row, column, OR_FILL).naming("missing")
                raise table.not_a_number(row, column, hint).naming("one_hot")
        return numbers[:, None]
    words = cells.words()
    index = {category: number for number, category in enumerate(one.categories)}
    gap, unknown = -1, -2
    place = [gap if is_gap(word) else index.get(word, unknown) for word in words.spellings]
    places = np.array(place, dtype=np.intp)[words.codes]
    wrong = places < (gap if keep_gaps else 0)
    if wrong.any():
        row = int(wrong.argmax())
        if places[row] == gap:
            raise table.missing(row, column, OR_FILL).naming("missing")
        raise unknown_category(one, table, row, column)
    result: NDArray[Any] = (places[:, None] == np.arange(len(one.categories))).astype(np.float64)
    result[places == gap] = np.nan
    return result


def input_from_json(data: Any, missing: str | None) -> Input:
    """One column of an encoding from JSON of unknown origin.

    Raises:
        ValueError: something is wrong; the message says what.
    """
    if not isinstance(data, dict) or sorted(data) != ["categories", "fill", "name"]:
        raise ValueError("an input of the encoding has missing or unknown fields")
    name, categories, fill = data["name"], data["categories"], data["fill"]
    if not isinstance(name, str) or not name:
        raise ValueError("an input of the encoding has no name")
    if categories is not None:
        if not isinstance(categories, list) or not all(isinstance(one, str) for one in categories):
            raise ValueError("the categories of an input aren't texts")
        if not 1 <= len(categories) <= limits.CATEGORIES or len(set(categories)) != len(categories):
            raise ValueError("the categories of an input aren't different")
        if any(map(is_gap, categories)):
            raise ValueError("a category of an input means a missing value")
        categories = tuple(categories)
    if missing is None:
        if fill is not None:
            raise ValueError("an input has a value for missing values, but the encoding refuses them")
    elif categories is not None:
        if fill not in categories:
            raise ValueError("a missing value would become an unknown category")
    elif isinstance(fill, bool) or not isinstance(fill, (int, float)) or not abs(fill) <= LARGEST:
        raise ValueError("a missing value would not become a finite number")
    else:
        fill = float(fill)
    return Input(name, categories, fill)


def unknown_category(one: Input, table: Table, row: int, column: int) -> UnavailableError:
    """The error for a text that is none of a column's categories."""
    assert one.categories is not None
    text = table.cells[column].text(row)
    reason = f"the model has no category `{shortened(text)}`"
    return table.wrong(row, column, reason, categories_hint(text, one.categories))


def categories_hint(text: str, categories: Sequence[str]) -> str:
    """The hint for an unknown category: a similar one, or all of them."""
    return str(suggestion(text, categories, f"its categories are {listed(categories)}"))
