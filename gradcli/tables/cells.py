"""Cells: texts as numbers and as other types of Arrow, and any column of numbers as an array of doubles.

A cell stands for a value that is not there if it is one of `GAPS`, as in the tables of ``gradcli train``.  Such a value
is nan to the expression.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from gradcli.errors import UsageError
from gradcli.tables.protocols import damaged, load_pyarrow, shortened

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["GAPS", "Place", "array_of", "is_number", "mask_of", "numbers_of", "refuse_type", "typed"]

#: In lower case.
GAPS = ("", "na", "n/a", "nan", "null", "none", "?", "-")


class Place(NamedTuple):
    """Where cells are from, for messages.

    Attributes:
        name: of the table.
        column: its name.
        first: how many rows of the table stand before the first cell.
    """

    name: str
    column: str
    first: int = 0


def is_number(kind: Any) -> bool:
    """Whether values of a type of Arrow can be computed with; true is 1."""
    types = load_pyarrow().types
    tests = (types.is_integer, types.is_floating, types.is_decimal, types.is_boolean, types.is_null)
    return any(test((types.is_dictionary(kind) and kind.value_type) or kind) for test in tests)


def refuse_type(kind: Any, column: str) -> None:
    """Raise if values of a type can't be computed with.

    Raises:
        UsageError: naming column and type.
    """
    if not is_number(kind):
        is_text = str(kind) in {"string", "large_string", "string_view"}
        raise no_numbers(column, f"text ({kind})" if is_text else f"of the type {kind}")


def no_numbers(column: str, what: str) -> UsageError:
    """The error for a column that holds no numbers."""
    return UsageError(
        f"the column `{shortened(column)}` is {what}, but the expression computes with it",
        kind="bad_column",
        hint="bind the variable to a column of numbers, or to a number: NAME=COLUMN or NAME=NUMBER",
    )


def numbers_of(array: Any, place: Place) -> NDArray[np.float64]:
    """A column as doubles, without a copy where it holds doubles and no gaps; a gap is nan, and true is 1.

    Args:
        array: an array of Arrow, of texts too.
        place: where it is from.

    Raises:
        UnavailableError: a text is no number.
        UsageError: none of the texts is one.

    >>> import pyarrow
    >>> numbers_of(pyarrow.array([1, None, 3]), Place("t", "x")).tolist()
    [1.0, nan, 3.0]
    """
    import numpy as np

    arrow = load_pyarrow()
    double = arrow.float64()
    if arrow.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if array.type == arrow.string():
        array = typed(array, double, place)
    elif array.type != double:
        try:
            array = array.cast(double, safe=False)
        except arrow.ArrowNotImplementedError:  # float16, in old versions of Arrow
            raise no_numbers(place.column, f"of the type {array.type}") from None
    if array.null_count:
        array = array.fill_null(float("nan"))
    # Not by `to_numpy`, which imports pandas if that is installed.
    return np.frombuffer(array.buffers()[1], np.float64, len(array), 8 * array.offset)


def array_of(numbers: NDArray[np.float64]) -> Any:
    """Doubles as an array of Arrow, without a copy.

    >>> import numpy
    >>> array_of(numpy.array([0.5, 2.0])).to_pylist()
    [0.5, 2.0]
    """
    arrow = load_pyarrow()
    return arrow.Array.from_buffers(arrow.float64(), len(numbers), [None, arrow.py_buffer(numbers)])


def mask_of(kept: NDArray[np.bool_]) -> Any:
    """Which rows are kept, as an array of Arrow."""
    import numpy as np

    arrow = load_pyarrow()
    bits = np.packbits(kept, bitorder="little")
    return arrow.Array.from_buffers(arrow.bool_(), len(kept), [None, arrow.py_buffer(bits)])


def typed(texts: Any, kind: Any, place: Place) -> Any:
    """Texts as values of a type.

    Args:
        texts: an array of strings.
        kind: a type of Arrow's; for a number, ``true`` and ``false`` stand for 1 and 0.
        place: where they are from.

    Raises:
        UnavailableError: a text is not of this type.
        UsageError: a number is wanted, and no text is one.

    >>> import pyarrow
    >>> typed(pyarrow.array(["1", " 2.5", "NA"]), pyarrow.float64(), Place("t", "x")).to_pylist()
    [1.0, 2.5, None]
    """
    arrow = load_pyarrow()
    from pyarrow import compute

    if kind == arrow.string():
        return texts
    try:
        return compute.cast(texts, kind)
    except arrow.ArrowInvalid:
        trimmed = compute.utf8_trim_whitespace(texts)
    is_gap = compute.is_in(compute.utf8_lower(trimmed), arrow.array(GAPS))
    cells = compute.if_else(is_gap, arrow.scalar(None, arrow.string()), trimmed)
    steps = (kind, arrow.bool_()) if kind == arrow.float64() else (kind,)
    for step in steps:
        try:
            return compute.cast(compute.cast(cells, step), kind)
        except arrow.ArrowInvalid:
            continue
    bad = first_refused(cells, kind)
    text = shortened(texts[bad].as_py())
    is_word = place.first == 0 and bad == first_value(cells) and not any(map(str.isdigit, text))
    if kind == arrow.float64() and is_word and not any_accepted(cells, kind):
        raise no_numbers(place.column, f"text, such as `{text}`")
    what = {arrow.float64(): "a number", arrow.int64(): "a whole number, as in the rows before"}.get(
        kind, f"of the type {kind}, as in the rows before"
    )
    hint = "a number has a decimal point: 1.5" if "," in text and kind == arrow.float64() else None
    raise damaged(place.name, f", row {place.first + bad + 1}, column `{place.column}`: `{text}` is not {what}", hint)


def first_value(cells: Any) -> int:
    """The place of the first cell that is no gap."""
    return int(cells.is_valid().index(True).as_py())


def first_refused(cells: Any, kind: Any) -> int:
    """The place of the first cell that is not of a type."""
    arrow = load_pyarrow()
    from pyarrow import compute

    low, high = 0, len(cells)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            compute.cast(cells[low:middle], kind)
            low = middle
        except arrow.ArrowInvalid:
            high = middle
    return low


def any_accepted(cells: Any, kind: Any) -> bool:
    """Whether one of the first cells is of a type."""
    arrow = load_pyarrow()
    from pyarrow import compute

    for place in range(min(len(cells), 1000)):
        if cells[place].is_valid:
            try:
                compute.cast(cells[place : place + 1], kind)
            except arrow.ArrowInvalid:
                continue
            return True
    return False
