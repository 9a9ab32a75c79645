"""The cells of one column of a table, in one of several forms.

A reader makes `Texts`, `JsonCells` or `ArrowCells`, which can be written again without a change.  To learn from a
table, its columns are turned into the `settled` form: `Numbers`, or `Words` if values repeat.  All forms have the same
methods: for the numbers of the cells, for their texts, and for which cells are gaps.

Only this file defines what a number is and what a gap is.  Numbers are read more strictly than in Python: ``1_000`` is
a misprint, and ``nan`` is a gap.  Infinite numbers are numbers, but training refuses them.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from gradcli.errors import missing_extra
from gradcli.tables.arrow_values import as_json, decoded, scalar_of, strings_of, texts_of, truths_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gradcli.tables.reading import Notation

    Floats = NDArray[np.float64]

__all__ = [
    "FEW", "GAPS", "INFINITE", "NUMBER", "TRUTH", "ArrowCells", "Cells", "Growing", "JsonCells", "Nested", "Numbers",
    "SpeltNumbers", "Stack", "Texts", "Words", "cast", "find_pyarrow", "first_of", "infinities_in", "is_figure",
    "is_gap", "literal_of", "load_pyarrow", "number_of", "value_key", "without_gaps",
]  # fmt: skip

#: A column with at most this many different texts is kept as words.
FEW = 64
# How many rows of columns are written side by side at a time.
ROWS_AT_ONCE = 2048

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\Z", re.ASCII)
INFINITE = re.compile(r"[+-]?inf(inity)?\Z", re.ASCII | re.IGNORECASE)
#: The spellings of truth values, in lower case -> their numbers.
TRUTH = {"true": 1.0, "false": 0.0}
# A number as people write it: with a decimal comma, with marks between thousands, with a currency or a per cent sign.
FIGURE = re.compile(r"[+-]?[$€£]? ?\d[\d.,'’_ \u00a0]*[%$€£]?\Z", re.ASCII)
#: The texts that spreadsheets, R, pandas and the UCI archive write for a missing value, in lower case.
GAPS = frozenset(
    {"", "na", "n/a", "#n/a", "#n/a n/a", "#na", "<na>", "nan", "-nan", "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan"}
    | {"null", "none", "?", "-", "--", "."}
)


def find_pyarrow() -> Any | None:
    """Import and return the package pyarrow; None if it is not installed."""
    with suppress(ImportError):
        import pyarrow

        return pyarrow
    return None


def load_pyarrow(purpose: str = "reading or writing Parquet and Arrow") -> Any:
    """Import and return the package pyarrow.

    Raises:
        UnavailableError: the package is not installed.
    """
    arrow = find_pyarrow()
    if arrow is None:
        raise missing_extra("pyarrow", "data", purpose)
    return arrow


def is_gap(text: str) -> bool:
    """Whether a cell says that its value is missing.

    >>> is_gap("NA"), is_gap("0")
    (True, False)
    """
    return text.lower() in GAPS


def is_figure(text: str) -> bool:
    """Whether a cell is a number, or looks like a number in another notation.

    >>> is_figure("1.5"), is_figure("1,5"), is_figure("red")
    (True, True, False)
    """
    return NUMBER.match(text) is not None or FIGURE.match(text) is not None


def number_of(text: str) -> float:
    """Return the number that a cell spells, or nan.

    >>> number_of("1e3"), number_of("-inf"), number_of("1_000")
    (1000.0, -inf, nan)
    """
    return float(text) if NUMBER.match(text) or INFINITE.match(text) else float("nan")


def value_key(text: str) -> str:
    """Return a key for the text of a category; two spellings of the same number or truth value have equal keys.

    Numbers below 2^53 are compared as doubles, which hold all digits of such a whole number.  Larger numbers are
    compared by all of their digits.  `gradcli.export.program_text` has the same rule for programs.

    >>> value_key("1.0") == value_key("1"), value_key("True") == value_key("true"), value_key("a") == value_key("A")
    (True, True, False)
    >>> value_key("9007199254740993") == value_key("9007199254740993.0"), value_key("1e20") == value_key("1" + 20 * "0")
    (True, True)
    """
    if NUMBER.match(text):
        return str(float(text) + 0.0) if abs(float(text)) < 2**53 else exact_key(text)
    return text.lower() if text.lower() in TRUTH else text


def exact_key(text: str) -> str:
    """Return a key for a number of any size: its digits and a power of ten; the text if the power itself is too long.

    >>> exact_key("-1200.50"), exact_key("12E2")
    ('-12005e-1', '12e2')
    """
    mantissa, _, power = text.lstrip("+-").lower().partition("e")
    if len(power) > POWER:
        return text
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    kept = digits.rstrip("0")
    return f"{'-' * text.startswith('-')}{kept}e{int(power or 0) - len(fraction) + len(digits) - len(kept)}"


# The most characters of a power of ten in a key; Python reads no whole number of any length.
POWER = 9


class Numbers:
    """Cells that are numbers.

    Args:
        numbers: numbers of any real type, shape (rows,); nan if a cell is a gap or a misprint.
        misprints: the texts of the cells that are neither a number nor a gap, by their row.
    """

    is_text = False

    def __init__(self, numbers: NDArray[Any], misprints: dict[int, str] | None = None) -> None:
        self.numbers = numbers
        self.misprints = misprints or {}

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def gaps(self) -> NDArray[np.bool_]:
        """For each cell whether it is a gap, shape (rows,)."""
        import numpy as np

        result: NDArray[np.bool_] = np.isnan(self.numbers)
        result[list(self.misprints)] = False
        return result

    @property
    def settled(self) -> Numbers:
        """This column itself."""
        return self

    @property
    def are_doubles(self) -> bool:
        """Whether the numbers are doubles without misprints."""
        return self.numbers.dtype == float and not self.misprints

    def continues(self, other: Numbers) -> bool:
        """Whether these cells and others are numbers of one type, without misprints."""
        return self.numbers.dtype == other.numbers.dtype and not self.misprints and not other.misprints

    def text(self, row: int) -> str:
        """Return the text of a cell; a number of a whole-number type has no decimal point."""
        if row in self.misprints:
            return self.misprints[row]
        value = self.numbers[row].item()
        return "" if value != value else repr(value)

    def words(self) -> Words:
        """Return the same cells as words."""
        import numpy as np

        values, codes = np.unique(self.numbers, return_inverse=True)
        words = ["" if value != value else repr(value) for value in values.tolist()]
        places: NDArray[np.int32] = codes.reshape(-1).astype(np.int32)
        for row, text in self.misprints.items():
            places[row] = len(words)
            words.append(text)
        return Words.of(places, words)

    def taken(self, rows: slice | NDArray[np.bool_]) -> Numbers:
        """Return the cells of some rows of a column without misprints."""
        return Numbers(self.numbers[rows])

    def arrow(self) -> Any:
        """Return the cells as an array of Arrow, without a copy if they are doubles."""
        arrow, numbers = load_pyarrow(), self.numbers
        if numbers.dtype != float or not numbers.flags.c_contiguous:
            return arrow.array(numbers)
        return arrow.Array.from_buffers(arrow.float64(), len(numbers), [None, arrow.py_buffer(numbers)])


class Words:
    """Cells that are texts, many of which are equal.

    Args:
        codes: for each row the index into ``spellings``, shape (rows,).
        spellings: the different texts.
    """

    def __init__(self, codes: NDArray[np.int32], spellings: Sequence[str]) -> None:
        self.codes = codes
        self.spellings = tuple(spellings)

    @classmethod
    def of(cls, codes: NDArray[np.int32], words: Sequence[str]) -> Words:
        """Make words from texts, some of which may be equal or unused."""
        import numpy as np

        present = np.zeros(len(words), dtype=bool)
        present[codes] = True
        index: dict[str, int] = {}
        moved = np.array(
            [index.setdefault(word, len(index)) if there else 0 for word, there in zip(words, present, strict=True)],
            dtype=np.int32,
        )
        return cls(moved[codes] if len(codes) else codes, tuple(index))

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def is_text(self) -> bool:
        """Whether the column holds words: no cell looks like a number, and not all cells are gaps."""
        return not any(map(is_figure, self.spellings)) and not all(map(is_gap, self.spellings))

    @property
    def numbers(self) -> Floats:
        """The values, shape (rows,); nan if a cell is not a number."""
        return self.each(number_of, float)

    @property
    def gaps(self) -> NDArray[np.bool_]:
        """For each cell whether it is a gap, shape (rows,)."""
        return self.each(is_gap, bool)

    @property
    def settled(self) -> Words:
        """This column itself."""
        return self

    def each(self, function: Callable[[str], Any], kind: type) -> NDArray[Any]:
        """Apply a function to the text of each cell, and return the results, shape (rows,)."""
        import numpy as np

        values: NDArray[Any] = np.array([function(word) for word in self.spellings], dtype=kind)
        return values[self.codes] if len(values) else values

    def text(self, row: int) -> str:
        """Return the text of a cell."""
        return self.spellings[int(self.codes[row])]

    def words(self) -> Words:
        """This column itself."""
        return self

    def taken(self, rows: slice | NDArray[np.bool_]) -> Words:
        """Return the cells of some rows."""
        return Words(self.codes[rows], self.spellings)

    def arrow(self) -> Any:
        """Return the cells as an array of Arrow."""
        return strings_of([self.spellings[code] for code in self.codes.tolist()])


class Texts:
    """Cells of a text file, which doesn't say their type.

    Args:
        values: the texts in the file, with the blanks around them.
        notation: the spelling of numbers and gaps, if it is not the usual one.
    """

    def __init__(self, values: Sequence[Any], notation: Notation | None = None) -> None:
        self.values = values
        self.notation = notation

    def __len__(self) -> int:
        return len(self.values)

    @property
    def texts(self) -> Sequence[str]:
        """The texts of the cells, with the blanks around them."""
        return self.values

    @cached_property
    def settled(self) -> Numbers | Words:
        """The cells as `Numbers` or `Words`."""
        import numpy as np

        texts = self.texts if self.notation is None else list(map(self.notation.plain, self.texts))
        if len(set(texts[: 4 * FEW])) > FEW:
            values = figures(texts)
            if values is not None:
                return Numbers(values)
        index = {text: code for code, text in enumerate(dict.fromkeys(texts))}
        codes = np.fromiter(map(index.__getitem__, texts), dtype=np.int32, count=len(texts))
        return settled(Words.of(codes, [text.strip() for text in index]))

    @property
    def numbers(self) -> NDArray[Any]:
        """The values, shape (rows,); nan if a cell is not a number."""
        return self.settled.numbers

    def text(self, row: int) -> str:
        """Return the text of a cell."""
        return text_of(self.values[row]).strip()

    def taken(self, rows: slice | NDArray[np.bool_]) -> Texts:
        """Return the cells of some rows."""
        values = self.values
        kept = values[rows] if isinstance(rows, slice) else list(itertools.compress(values, rows.tolist()))
        return type(self)(kept, self.notation)

    def arrow(self) -> Any:
        """Return the cells as an array of texts in Arrow."""
        return strings_of(self.texts)


class Nested(str):
    """A list or an object in a cell of JSON, as its text.

    Attributes:
        infinite: how many infinite numbers in it became null.
    """

    __slots__ = ("infinite",)

    infinite: int

    def __new__(cls, text: str, infinite: int = 0) -> Nested:
        """Make the text of a list or an object."""
        found = super().__new__(cls, text)
        found.infinite = infinite
        return found


class JsonCells(Texts):
    """Cells of JSON, a format in which cells have types.

    Args:
        values: texts, truth values, None and `Nested` values; a number is stored as the bytes that spell it, so that it
            keeps its digits.

    >>> JsonCells([b"1.50", None, True, Nested("[1.0]")]).texts
    ['1.50', '', 'true', '[1.0]']
    """

    @cached_property
    def types(self) -> set[type]:
        """The types of all values except None."""
        return set(map(type, self.values)) - {type(None)}

    @cached_property
    def texts(self) -> list[str]:
        """The texts of the values."""
        if self.types == {bytes}:
            return ["" if value is None else value.decode() for value in self.values]
        return list(map(text_of, self.values))

    def arrow(self) -> Any:
        """Return the cells as an array of texts in Arrow."""
        return strings_of([None if value is None else text_of(value) for value in self.values])

    @property
    def numbers(self) -> NDArray[Any]:
        """The values, shape (rows,); nan if a cell is not a number."""
        if self.types != {bytes}:
            return super().numbers
        import numpy as np

        return np.array([float("nan") if value is None else float(value) for value in self.values])

    @property
    def infinite(self) -> int:
        """How many infinite numbers become null in `literals`."""
        return sum(map(infinities_in, self.values)) if self.types & {bytes, Nested} else 0

    def literals(self) -> list[str]:
        """Return the values as JSON; a number that is not finite becomes null."""
        if self.types == {bytes}:
            return [text if text[-1:].isdigit() else "null" for text in self.texts]
        return list(map(literal_of, self.values))


class ArrowCells:
    """Cells of an array of Arrow.

    Args:
        array: an array of any type; categories and runs become their values.
        is_spelt: whether it holds the texts of a file that doesn't say their type.
        notation: the spelling of numbers and gaps, if it is not the usual one.
    """

    def __init__(self, array: Any, *, is_spelt: bool = False, notation: Notation | None = None) -> None:
        self.array = decoded(array)
        self.is_spelt = is_spelt
        self.notation = notation

    def __len__(self) -> int:
        return len(self.array)

    @cached_property
    def content(self) -> Literal["text", "number", "date"] | None:
        """The kind of the cells, which follows from their type; truth values count as numbers, and times as dates.

        The result is None if values of this type have no text."""
        types, kind = load_pyarrow().types, self.array.type
        if str(kind) in {"string", "large_string", "string_view"}:
            return "text"
        if types.is_temporal(kind):
            return "date" if self.dates is not None else None
        return "number" if types.is_primitive(kind) or types.is_decimal(kind) or types.is_null(kind) else None

    @cached_property
    def dates(self) -> Any:
        """The texts of the cells; None if values of this type have no text, such as intervals of months."""
        return texts_of(self.array)

    @cached_property
    def plain(self) -> ArrowCells:
        """The cells with numbers and gaps as they are usually written."""
        if self.notation is None:
            return self
        coded = self.array.dictionary_encode()
        texts = strings_of([self.notation.plain(text or "") for text in coded.dictionary.to_pylist()])
        return ArrowCells(texts.take(coded.indices), is_spelt=True)

    @cached_property
    def doubles(self) -> Floats | None:
        """The cells as doubles, with nan for gaps, if Arrow can read each cell as a number or a gap; else None."""
        import numpy as np

        if self.notation is not None:
            return self.plain.doubles
        arrow = load_pyarrow()
        if not self.is_spelt and self.content != "number":
            return None
        array = self.array
        if self.is_spelt:
            array = first_of(partial(cast, kind="float64"), array)
        elif array.type != arrow.float64():  # a cast, even to the same type, loads pyarrow.compute
            try:
                array = array.cast(arrow.float64(), safe=False)
            except (arrow.ArrowInvalid, arrow.ArrowNotImplementedError):  # half floats in old versions of Arrow
                return None
        if array is None:
            return None
        if array.null_count:
            array = array.fill_null(scalar_of(float("nan")))
        # `to_numpy` would import pandas if that is installed.
        values = np.frombuffer(array.buffers()[1], np.float64, len(array), 8 * array.offset)
        if self.is_spelt and np.isnan(values.sum()):
            missing = self.taken(np.isnan(values)).array
            if without_gaps(missing, trimmed=True).null_count < len(missing):
                return None  # Arrow reads nan(...) as a number
        return values

    @property
    def numbers(self) -> NDArray[Any]:
        """The values, shape (rows,); nan if a cell is not a number."""
        return self.settled.numbers if self.doubles is None else self.doubles

    @cached_property
    def settled(self) -> Numbers | Words:
        """The cells as `Numbers` or `Words`."""
        if self.notation is not None:
            return self.plain.settled
        arrow, kind = load_pyarrow(), self.array.type
        if kind == arrow.float16():
            # Old versions of Arrow can't cast half floats.
            wide = self.array.to_numpy(zero_copy_only=False).astype("float32")
            return ArrowCells(arrow.array(wide, from_pandas=True)).settled
        if self.is_spelt or (self.content == "number" and kind not in (arrow.bool_(), arrow.null())):
            # Often the beginning is enough to see that there are many different texts.
            if len(self.array[: 4 * FEW].unique()) > FEW and self.doubles is not None:
                return Numbers(self.doubles)
            coded = self.array.dictionary_encode()
            if len(coded.dictionary) > FEW and self.doubles is not None:
                return Numbers(self.doubles)
        else:
            texts = self.dates if self.content == "date" else self.array
            coded = texts.dictionary_encode()
        words = [text_of(value).strip() for value in coded.dictionary.to_pylist()]
        codes = coded.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)
        return settled(Words.of(codes, [*words, ""]))

    def text(self, row: int) -> str:
        """Return the text of a cell."""
        texts = texts_of(self.array[row : row + 1])
        return text_of(self.array[row].as_py() if texts is None else texts[0].as_py()).strip()

    def taken(self, rows: slice | NDArray[np.bool_]) -> ArrowCells:
        """Return the cells of some rows."""
        if isinstance(rows, slice):
            return type(self)(self.array[rows], is_spelt=self.is_spelt, notation=self.notation)
        return type(self)(self.array.filter(truths_of(rows)), is_spelt=self.is_spelt, notation=self.notation)

    def arrow(self) -> Any:
        """Return the array itself."""
        return self.array


class SpeltNumbers(ArrowCells):
    """Cells of JSON that are finite numbers; the array holds the texts that spell them."""


Cells = Numbers | Words | Texts | ArrowCells


Found = TypeVar("Found")


def first_of(function: Callable[[Any], Found | None], texts: Any) -> Found | None:
    """Return the result of a function of texts, which may fail because of gaps or blanks.

    The function is called with the array as it is, then without gaps, then also without the blanks around the texts,
    until its result is not None.

    Args:
        function: a function of an array of texts of Arrow; it returns None if it can't read one of the texts.
        texts: the array.
    """
    from pyarrow import compute

    # Arrow takes much time to refuse a text.
    is_whole = not len(texts) or compute.min(compute.binary_length(texts)).as_py()
    found = function(texts) if is_whole else None
    if found is None:
        found = function(without_gaps(texts))
    return function(without_gaps(texts, trimmed=True)) if found is None else found


def without_gaps(texts: Any, *, trimmed: bool = False) -> Any:
    """Return an array of texts in which gaps are nulls.

    Args:
        texts: the array.
        trimmed: whether blanks around the texts are left out.
    """
    from pyarrow import compute

    if trimmed:
        texts = compute.ascii_trim_whitespace(texts)
    return compute.if_else(compute.is_in(texts, value_set=gap_spellings()), scalar_of(None), texts)


@lru_cache
def gap_spellings() -> Any:
    """Return the texts of all gaps, in every mixture of small and capital letters, as an array of Arrow."""
    pairs = ([{letter, letter.upper()} for letter in gap] for gap in GAPS)
    return strings_of(["".join(letters) for pair in pairs for letters in itertools.product(*pair)])


def cast(texts: Any, kind: str) -> Any | None:
    """Return an array of texts as another type of Arrow, or None if a text doesn't fit."""
    from pyarrow import ArrowInvalid, compute

    try:
        return compute.cast(texts, kind)
    except ArrowInvalid:
        return None


def text_of(value: Any) -> str:
    """Return the text of a value of Python in a cell.

    >>> text_of(True), text_of(b"1e3"), text_of(None), text_of(2.5)
    ('true', '1e3', '', '2.5')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, (list, dict)):
        return as_json(value)
    return "" if value is None else str(value)


def literal_of(value: Any) -> str:
    """Return a value of `JsonCells`, or a list or an object of such values, as JSON.

    >>> literal_of({"a": [b"1.50", None]})
    '{"a": [1.50, null]}'
    """
    if isinstance(value, Nested):
        return value
    if isinstance(value, list):
        return f"[{', '.join(map(literal_of, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{as_json(key)}: {literal_of(one)}' for key, one in value.items())}}}"
    if isinstance(value, bytes):
        return value.decode() if value.strip(b"-")[:1].isdigit() else "null"
    if value is None or isinstance(value, bool):
        return text_of(value) or "null"
    return as_json(value)


def infinities_in(value: Any) -> int:
    """Count the infinite numbers that `literal_of` writes as null.

    >>> infinities_in({"a": [b"Infinity", b"NaN", b"1e999"]})
    1
    """
    if isinstance(value, bytes):
        return not value[-1:].isdigit() and INFINITE.match(value.decode()) is not None
    if isinstance(value, Nested):
        return value.infinite
    if isinstance(value, (list, dict)):
        return sum(map(infinities_in, value.values() if isinstance(value, dict) else value))
    return 0


def figures(texts: Sequence[str]) -> Floats | None:
    """Return the numbers that texts spell; None if a text, such as ``1_000``, isn't a number in a table."""
    import numpy as np

    together = "".join(texts)
    if not together.isascii() or together.encode().translate(None, b"0123456789+-.eE \t"):
        return None
    try:
        return np.array(list(map(float, texts)))
    except ValueError:
        return None


def settled(words: Words) -> Numbers | Words:
    """Return words as numbers if they are many different texts and at least half of these are numbers."""
    if len(words.spellings) <= FEW or 2 * sum(map(bool, map(NUMBER.match, words.spellings))) < len(words.spellings):
        return words
    return as_numbers(words)


def as_numbers(cells: Numbers | Words) -> Numbers:
    """Return settled cells as numbers."""
    import numpy as np

    if isinstance(cells, Numbers):
        return cells
    values = cells.numbers
    misprints = np.flatnonzero(np.isnan(values) & ~cells.gaps)
    return Numbers(values, {row: cells.text(row) for row in misprints.tolist()})


class Stack:
    """Settled cells of a column, one block below the other.

    Blocks of numbers are joined as they come, in memory that grows in place, so a large column isn't held twice.
    Several columns may share such memory (see `gradcli.tables.table.join`).

    >>> stack = Stack()
    >>> stack.add(Texts(["a"]).settled)
    >>> stack.add(Texts(["b", "a"]).settled)
    >>> stack.cells().codes.tolist()
    [0, 1, 0]
    """

    def __init__(self) -> None:
        self.parts: list[Numbers | Words] = []
        # The last part, if it consists of several blocks.
        self.growing: Growing | None = None

    def add(self, cells: Numbers | Words) -> None:
        """Add the next block."""
        if not len(cells):
            return
        last = self.parts[-1] if self.parts else None
        if isinstance(cells, Numbers) and isinstance(last, Numbers) and cells.continues(last):
            self.growing = self.growing or Growing([last.numbers])
            self.growing.extend([cells.numbers])
        else:
            self.end()
            self.parts.append(cells)

    @property
    def doubles(self) -> Floats | None:
        """The cells if they are one block of doubles without misprints, else None."""
        only = self.parts[0] if len(self.parts) == 1 and self.growing is None else None
        return only.numbers if isinstance(only, Numbers) and only.are_doubles else None

    def end(self) -> None:
        """End the last part."""
        if self.growing is not None:
            self.parts[-1] = Numbers(self.growing.whole()[:, 0])
        self.growing = None

    def cells(self) -> Numbers | Words:
        """Return all cells."""
        import numpy as np

        self.end()
        spelt = [part for part in self.parts if isinstance(part, Words)]
        if len(spelt) == len(self.parts):
            firsts = itertools.accumulate((len(part.spellings) for part in spelt), initial=0)
            codes = [part.codes + np.int32(first) for part, first in zip(spelt, firsts, strict=False)]
            together = np.concatenate([np.zeros(0, dtype=np.int32), *codes])
            return settled(Words.of(together, [word for part in spelt for word in part.spellings]))
        first = 0
        misprints: dict[int, str] = {}
        numbers = list(map(as_numbers, self.parts))
        for one in numbers:
            misprints |= {first + row: text for row, text in one.misprints.items()}
            first += len(one)
        if len(numbers) == 1:
            return numbers[0]
        return Numbers(np.concatenate([one.numbers for one in numbers]), misprints)


class Growing:
    """Columns of numbers side by side in one array, whose memory grows in place.

    Args:
        columns: the first rows of each column, all of one type; they are copied.
        rows: how many rows are expected, so that the memory is asked for once; None if this is unknown.

    >>> import numpy as np
    >>> growing = Growing([np.array([1.0]), np.array([2.0])])
    >>> growing.extend([np.array([3.0]), np.array([4.0])])
    >>> growing.whole().tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """

    def __init__(self, columns: Sequence[NDArray[Any]], rows: int | None = None) -> None:
        self.room = room_for(rows or 0, columns)
        self.filled = 0
        self.extend(columns)

    def extend(self, columns: Sequence[NDArray[Any] | None]) -> None:
        """Append rows; a column that is None keeps its place, whose numbers then mean nothing."""
        count = next(len(column) for column in columns if column is not None)
        start, self.filled = self.filled, self.filled + count
        if self.filled > len(self.room):
            self.room.resize((self.filled + self.filled // 8, len(columns)), refcheck=False)
        # A few rows at a time, which stay in the cache until each column has written its numbers between the others.
        for first in range(0, count, ROWS_AT_ONCE):
            room = self.room[start + first : min(start + first + ROWS_AT_ONCE, self.filled)]
            for place, column in enumerate(columns):
                if column is not None:
                    room[:, place] = column[first : first + ROWS_AT_ONCE]

    def column(self, place: int) -> NDArray[Any]:
        """Return a copy of a column as it is now."""
        column: NDArray[Any] = self.room[: self.filled, place].copy()
        return column

    def whole(self) -> NDArray[Any]:
        """Return the array, shape (rows, columns), without the room for more."""
        if len(self.room) > self.filled:
            self.room.resize((self.filled, self.room.shape[1]), refcheck=False)
        whole: NDArray[Any] = self.room
        return whole


def room_for(rows: int, columns: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Return an array for columns; if the system lacks the memory for the expected rows, for the present ones."""
    import numpy as np

    kind, present = columns[0].dtype, len(columns[0])
    try:
        # A file may say that it has any number of rows. Memory that isn't written to yet costs nothing.
        return np.empty((max(rows, present), len(columns)), kind)
    except (MemoryError, ValueError):
        return np.empty((present, len(columns)), kind)
