"""Types for the columns of a text file, for output formats with typed columns; the first block decides on the types."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from gradcli.records import NamedTuple
from gradcli.source import shortened
from gradcli.tables.arrow_values import scalar_of, strings_of
from gradcli.tables.cells import (
    INFINITE,
    TRUTH,
    ArrowCells,
    Cells,
    JsonCells,
    Numbers,
    SpeltNumbers,
    cast,
    first_of,
    is_gap,
    number_of,
    without_gaps,
)
from gradcli.tables.column_problems import ColumnProblems
from gradcli.tables.table import Table
from gradcli.tables.text_writers import spelt

__all__ = ["typed_blocks"]

# A text of digits.  With a plus sign or a zero in front it is a code, such as a telephone number.
FIGURES = re.compile(r"[+-]?\d+\Z", re.ASCII)
WHOLE = re.compile(r"(-?[1-9]\d*|0)\Z", re.ASCII)
#: A double keeps every number of at most this many digits.
DIGITS = 15.0
#: The most characters of a whole number of 64 bits.
LONGEST = 20
# The number of cells that are looked at before all cells of a column are converted.
SAMPLE = 100


class Kind(NamedTuple):
    """A type of the cells of a column.

    Attributes:
        name: the words for a value of this type in a message.
        fits: a function that tells whether a text spells a value of this type from which the same text can be written
            again.
        arrow: the name of the type in Arrow.
        surely: functions that find cells that certainly fit, so that ``fits`` need not be called for them; the fastest
            one is first.  Each takes an array of texts, and the same array in the type of Arrow, and returns a truth
            value for each cell.  Without such functions, every text that Arrow can read fits.
        cells: the form of the cells in Arrow.
        value: a function that turns a text into a value of `JsonCells`.
    """

    name: str
    fits: Callable[[str], bool]
    arrow: str = "string"
    surely: tuple[Callable[[Any, Any], Any], ...] = ()
    cells: type[ArrowCells] = ArrowCells
    value: Callable[[str], Any] = str

    def at_once(self, texts: Any) -> ArrowCells | None:
        """Return an array of texts as cells of this kind, or None if a text may be a gap or doesn't fit."""
        from pyarrow import compute

        array = cast(texts, self.arrow)
        if array is None:
            return None
        others, values, known = texts, array, None
        for surely in self.surely:
            is_sure = surely(others, values)
            if known is not None:
                is_sure = compute.or_(is_sure, known)
            if compute.all(is_sure).as_py():
                return self.cells(array)
            known = is_sure
            # To copy most of the cells would take longer than to look at all of them.
            if 2 * (compute.sum(is_sure).as_py() or 0) > len(others):
                others, values = (one.filter(compute.invert(is_sure)) for one in (others, values))
                known = None
        if known is not None:
            others = others.filter(compute.invert(known))
        # The texts of `SpeltNumbers` are written as they are.
        if self.surely and (self.cells is SpeltNumbers or not all(map(self.fits, others.drop_null().to_pylist()))):
            return None
        return self.cells(array)


def is_number(text: str) -> bool:
    """Whether a text is a number."""
    return number_of(text) == number_of(text)


def is_double(text: str) -> bool:
    """Whether a text is a number whose digits a double can all keep.

    >>> is_double("0.1"), is_double("1.000000000000000056e-01"), is_double("12345678901234567890")
    (True, True, False)
    """
    if not is_number(text) or INFINITE.match(text):
        return is_number(text)
    value, digits = abs(float(text)), re.sub(r"[eE].*|\D", "", text).lstrip("0")
    if len(digits) <= DIGITS:
        return value < float("inf") and (value > 0.0 or not digits)
    rounded = f"{value:.{len(digits) - 1}e}".partition("e")[0].replace(".", "")
    return rounded == digits or Decimal(text) == Decimal(repr(float(text)))


def in_json(text: str) -> bytes:
    """Return a number as JSON spells it, with the same digits; infinity, which JSON lacks, stays as it is.

    >>> in_json("2.50"), in_json(".5"), in_json("-007."), in_json("inf")
    (b'2.50', b'0.5', b'-7.0', b'inf')
    """
    text = re.sub(r"^(-?)0*(?=\d)", r"\1", text.removeprefix("+"))
    return re.sub(r"\.(?!\d)", ".0", re.sub(r"^(-?)\.", r"\g<1>0.", text)).encode()


def same_text(texts: Any, array: Any) -> Any:
    """Return for each text whether Arrow, which has read it into ``array``, would write it unchanged."""
    from pyarrow import compute

    return compute.equal(compute.cast(array, texts.type), texts)


def plain_figures(texts: Any, _: Any) -> Any:
    """Return for each cell whether it has neither a plus sign nor a zero in front, if it is a whole number."""
    from pyarrow import compute

    is_zero = compute.less_equal(compute.binary_length(texts), scalar_of(1.0))
    begins = [compute.starts_with(texts, start) for start in ("0", "-0", "+")]
    return compute.invert(
        compute.or_(compute.or_(begins[1], begins[2]), compute.and_(begins[0], compute.invert(is_zero)))
    )


def few_digits(texts: Any, array: Any) -> Any:
    """Return for each cell whether it is a number with few digits."""
    from pyarrow import compute

    length = compute.binary_length(texts)
    # A text of five characters can't spell a number that is too small for a double.
    is_in_range = compute.or_(compute.not_equal(array, scalar_of(0.0)), compute.less_equal(length, scalar_of(5.0)))
    return compute.and_(
        compute.and_(compute.less_equal(length, scalar_of(DIGITS)), compute.is_finite(array)), is_in_range
    )


def surely_literal(texts: Any, _: Any) -> Any:
    """Return for each cell whether JSON spells a number in the same way."""
    from pyarrow import compute

    return compute.match_substring_regex(texts, r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$")


def surely_word(texts: Any, _: Any) -> Any:
    """Return for each cell whether it is longer than one letter, because Arrow also reads 1 and 0 as truth values."""
    from pyarrow import compute

    return compute.greater(compute.binary_length(texts), scalar_of(1.0))


def whole_in(low: int, high: int) -> Callable[[str], bool]:
    """Return the function that says whether a text is a whole number within bounds."""
    return lambda text: WHOLE.match(text) is not None and len(text) <= LONGEST and low <= int(text) <= high


WHOLE_NUMBER = Kind("a whole number", whole_in(-(2**63), 2**63 - 1), "int64", (plain_figures,))
DOUBLE = Kind("a number", is_double, "float64", (few_digits, same_text))
# JSON, unlike text, says that a number is one, so a number that is too large for these types gets a wider one.
UNSIGNED = Kind("a whole number", whole_in(0, 2**64 - 1), "uint64", (plain_figures,))
TRUE_OR_FALSE = Kind(
    "true or false",
    lambda text: text.lower() in TRUTH,
    "bool",
    (surely_word,),
    value=lambda text: text.lower() == "true",
)
TEXT = Kind("a text", lambda _: True)
# The types that only the formats of Arrow have.
DATES = tuple(
    Kind(f"of the type {name}", lambda text, name=name: cast(strings_of([text]), name) is not None, name)  # type: ignore[misc]
    for name in ("date32", "timestamp[s]", "timestamp[ns]")
)
# Numbers in JSON, which may have any number of digits: whole ones, and others.
WHOLE_LITERAL = Kind(
    "a whole number", lambda text: WHOLE.match(text) is not None, "string", (surely_literal,), SpeltNumbers, in_json
)
LITERAL = Kind("a number", is_number, "string", (surely_literal,), SpeltNumbers, in_json)


def typed_blocks(blocks: Iterable[Table], numbers: Collection[str], *, is_json: bool) -> Iterator[Table]:
    """Yield the blocks of a table with a type for each column of text.

    Args:
        blocks: the blocks; the first one decides on the types.
        numbers: the columns that are used in a computation and so hold numbers.
        is_json: whether the blocks are written as JSON, which has no dates.

    Raises:
        UnavailableError: a cell further down doesn't fit the type.
    """
    kinds: dict[str, Kind] = {}
    for table in blocks:
        problems, cells = ColumnProblems(), list[Cells]()
        for position, (name, column) in enumerate(zip(table.columns, table.cells, strict=True)):
            has_type = isinstance(column, Numbers) or (isinstance(column, ArrowCells) and not column.is_spelt)
            if has_type or (is_json and isinstance(column, (JsonCells, SpeltNumbers))):
                cells.append(column)
                continue
            with problems.noted():
                if name in numbers:
                    cells.append(Numbers(table.doubles(name)))
                    continue
                if name not in kinds:
                    kinds[name] = kind_of(column, is_json=is_json)
                cells.append(typed(table, position, kinds[name], is_json=is_json))
        problems.tell()
        yield replace(table, cells=tuple(cells))


def kind_of(cells: Cells, *, is_json: bool) -> Kind:
    """Return the first kind that all cells fit."""
    numbers = (WHOLE_LITERAL, LITERAL) if is_json else (WHOLE_NUMBER, DOUBLE)
    choices: Sequence[Kind] = (*numbers, TRUE_OR_FALSE, *(() if is_json else DATES))
    if isinstance(cells, JsonCells):
        choices = (TRUE_OR_FALSE,) if cells.types == {bool} else ()
    if isinstance(cells, SpeltNumbers) or (isinstance(cells, JsonCells) and cells.types == {bytes}):
        choices = (WHOLE_NUMBER, UNSIGNED, DOUBLE)
    array = without_gaps(cells.array, trimmed=True).drop_null() if isinstance(cells, ArrowCells) else None
    # The first texts tell most kinds apart.
    texts = spelt(cells) if array is None else array[:SAMPLE].to_pylist()
    found = {text.strip() for text in texts if not is_gap(text.strip())}

    def fits(kind: Kind) -> bool:
        if not all(map(kind.fits, found)):
            return False
        return array is None or kind.at_once(array) is not None or all(map(kind.fits, array.unique().to_pylist()))

    def are_figures() -> bool:
        return all(map(FIGURES.match, found if array is None else array.unique().to_pylist()))

    kinds = (kind for kind in choices if found and fits(kind))
    return next((kind for kind in kinds if kind not in (DOUBLE, LITERAL) or not are_figures()), TEXT)


def typed(table: Table, position: int, kind: Kind, *, is_json: bool) -> Cells:
    """Return a column of text as values of a kind.

    Raises:
        UnavailableError: a cell doesn't fit the kind.
    """
    cells = table.cells[position]
    if kind is TEXT:
        return cells if is_json else ArrowCells(cells.arrow())
    if not is_json or isinstance(cells, ArrowCells):
        array = cells.arrow()
        found = first_of(kind.at_once, array)
        if found is not None:
            return found
    texts = [text.strip() for text in spelt(cells)]
    for row, text in enumerate(texts):
        if not is_gap(text) and not kind.fits(text):
            reason = f"is not {kind.name}, as in the rows before"
            if is_number(text) and kind in (WHOLE_NUMBER, UNSIGNED, DOUBLE) and len(text) > DIGITS:
                reason = f"does not fit the type {kind.arrow} of the rows before"
            hint = "in CSV each cell keeps its spelling"
            raise table.wrong(row, position, f"`{shortened(text)}` {reason}", hint)
    if is_json:
        return JsonCells([None if is_gap(text) else kind.value(text) for text in texts])
    return ArrowCells(cast(strings_of([None if is_gap(text) else text for text in texts]), kind.arrow))
