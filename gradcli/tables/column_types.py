"""Types for the columns of a text file, for formats whose columns have types; the first block decides on them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from gradcli.source import shortened
from gradcli.tables.cells import (
    ArrowCells,
    Cells,
    JsonCells,
    Numbers,
    SpeltNumbers,
    is_gap,
    number_of,
    strings_of,
)  # fmt: skip
from gradcli.tables.table import Table
from gradcli.tables.text_writers import spelt, spelt_number

__all__ = ["typed_blocks"]

WHOLE = re.compile(r"[+-]?\d{1,19}\Z", re.ASCII)


class Kind(NamedTuple):
    """A type of the cells of a column.

    Attributes:
        name: the words for a value of this type in a message.
        fits: whether a text spells a value of this type.
        value: turns a text into a value of `JsonCells`.
        arrow: the name of the type in Arrow.
    """

    name: str
    fits: Callable[[str], bool]
    value: Callable[[str], Any]
    arrow: str


def spelt_in_json(text: str) -> bytes | None:
    """Return a number as JSON spells it in a column of numbers, or None if it is not finite.

    >>> spelt_in_json("2.50"), spelt_in_json("+7"), spelt_in_json("inf")
    (b'2.5', b'7.0', None)
    """
    number = number_of(text)
    return spelt_number(number).encode() if abs(number) < float("inf") else None


def is_whole(text: str) -> bool:
    """Whether a text is a whole number of 64 bits."""
    return WHOLE.match(text) is not None and -(2**63) <= int(text) < 2**63


def is_number(text: str) -> bool:
    """Whether a text is a number."""
    return number_of(text) == number_of(text)


NUMBERS = (
    Kind("a whole number", is_whole, lambda text: str(int(text)).encode(), "int64"),
    Kind("a number", is_number, spelt_in_json, "float64"),
)
TRUTH = Kind(
    "true or false", lambda text: text.lower() in {"true", "false"}, lambda text: text.lower() == "true", "bool"
)
TEXT = Kind("a text", lambda _: True, str, "string")
# The types that only the formats of Arrow have.
DATES = tuple(
    Kind(f"of the type {name}", lambda text, name=name: cast(strings_of([text]), name) is not None, str, name)  # type: ignore[misc]
    for name in ("date32", "timestamp[s]", "timestamp[ns]")
)


def typed_blocks(blocks: Iterable[Table], numbers: Collection[str], *, is_json: bool) -> Iterator[Table]:
    """Yield the blocks of a table with a type for each column of text.

    Args:
        blocks: the blocks; the first one decides on the types.
        numbers: the columns that something is computed with, which hold numbers.
        is_json: whether the blocks are written as JSON, which has no dates.

    Raises:
        UnavailableError: a cell further down doesn't fit the type.
    """
    kinds: dict[str, Kind] = {}
    for table in blocks:
        cells: list[Cells] = []
        for position, (name, column) in enumerate(zip(table.columns, table.cells, strict=True)):
            has_type = isinstance(column, Numbers) or (isinstance(column, ArrowCells) and not column.is_spelt)
            if has_type or (is_json and isinstance(column, (JsonCells, SpeltNumbers))):
                cells.append(column)
            elif name in numbers:
                cells.append(Numbers(table.doubles(name)))
            else:
                if name not in kinds:
                    kinds[name] = kind_of(column, is_json=is_json)
                cells.append(typed(table, position, kinds[name], is_json=is_json))
        yield replace(table, cells=tuple(cells))


def kind_of(cells: Cells, *, is_json: bool) -> Kind:
    """Return the first kind that all cells fit."""
    choices: Sequence[Kind] = (*NUMBERS, TRUTH, *(() if is_json else DATES))
    if isinstance(cells, JsonCells):
        choices = NUMBERS if cells.types == {bytes} else (TRUTH,) if cells.types == {bool} else ()
    texts = cells.array.unique().to_pylist() if isinstance(cells, ArrowCells) else spelt(cells)
    found = {text.strip() for text in texts if not is_gap(text.strip())}
    return next((kind for kind in choices if found and all(map(kind.fits, found))), TEXT)


def typed(table: Table, position: int, kind: Kind, *, is_json: bool) -> Cells:
    """Return a column of text as values of a kind.

    Raises:
        UnavailableError: a cell doesn't fit the kind.
    """
    cells = table.cells[position]
    if kind is TEXT:
        return cells if is_json else ArrowCells(cells.arrow())
    array = None if is_json else cast(cells.arrow(), kind.arrow)
    if array is not None:
        return ArrowCells(array)
    texts = [text.strip() for text in spelt(cells)]
    for row, text in enumerate(texts):
        if not is_gap(text) and not kind.fits(text):
            raise table.wrong(row, position, f"`{shortened(text)}` is not {kind.name}, as in the rows before")
    if is_json:
        return JsonCells([None if is_gap(text) else kind.value(text) for text in texts])
    array = cast(strings_of([None if is_gap(text) else text for text in texts]), kind.arrow)
    return ArrowCells(array)


def cast(array: Any, kind: str) -> Any | None:
    """Return an array of texts as another type of Arrow, or None if a text doesn't fit."""
    from pyarrow import ArrowInvalid, compute

    try:
        return compute.cast(array, kind)
    except ArrowInvalid:
        return None
