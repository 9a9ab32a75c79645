"""The cells of one column of a table, in the form in which they came or as what they mean.

A reader gives `Texts`, `JsonCells` or `ArrowCells`; written as they are, they don't change what they carry.  To learn
from a table there is the `settled` form: `Numbers` for figures, `Words` for what repeats.  All forms answer the same
questions: the numbers of the cells, which cells are gaps, and how a cell is spelt.

This file alone says what a number and what a gap is.  A number is read more strictly than Python reads it: ``1_000`` is
a misprint, and ``nan`` a gap.  Infinite numbers are numbers, which training refuses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import compress
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any

from gradcli.errors import missing_extra

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = [
    "FEW",
    "GAPS",
    "NUMBER",
    "ArrowCells",
    "Cells",
    "JsonCells",
    "Numbers",
    "Texts",
    "Words",
    "array_of",
    "is_figure",
    "is_gap",
    "joined",
    "load_pyarrow",
    "number_of",
    "strings_of",
]

#: A column with at most this many spellings keeps them.
FEW = 64

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\Z", re.ASCII)
INFINITE = re.compile(r"[+-]?inf(inity)?\Z", re.ASCII | re.IGNORECASE)
# A number as people write it: with a decimal comma, thousands apart, a currency or a per cent sign.
FIGURE = re.compile(r"[+-]?[$€£]? ?\d[\d.,'’_ \u00a0]*[%$€£]?\Z", re.ASCII)
#: What spreadsheets, R, pandas and the UCI archive write for a value that is missing, in lower case.
GAPS = frozenset({"", "na", "n/a", "nan", "null", "none", "?", "-"})


def load_pyarrow(purpose: str = "reading or writing Parquet and Arrow") -> Any:
    """Return the package.

    Raises:
        UnavailableError: it is not installed.
    """
    try:
        import pyarrow
    except ImportError:
        raise missing_extra("pyarrow", "data", purpose) from None
    return pyarrow


def is_gap(text: str) -> bool:
    """Whether a cell says that its value is missing.

    >>> is_gap("NA"), is_gap("0")
    (True, False)
    """
    return text.lower() in GAPS


def is_figure(text: str) -> bool:
    """Whether a cell is a number, or was surely meant as one.

    >>> is_figure("1.5"), is_figure("1,5"), is_figure("red")
    (True, True, False)
    """
    return NUMBER.match(text) is not None or FIGURE.match(text) is not None


def number_of(text: str) -> float:
    """The number that a cell spells; nan if it spells none.

    >>> number_of("1e3"), number_of("-inf"), number_of("1_000")
    (1000.0, -inf, nan)
    """
    return float(text) if NUMBER.match(text) or INFINITE.match(text) else float("nan")


class Numbers:
    """Cells that are numbers.

    Args:
        values: of any real type, shape (rows,); nan where the cell is a gap or a misprint.
        misprints: how the cells are spelt that are neither a number nor a gap, by their row.
    """

    def __init__(self, values: NDArray[Any], misprints: dict[int, str] | None = None) -> None:
        self.values = values
        self.misprints = misprints or {}

    def __len__(self) -> int:
        return len(self.values)

    @property
    def is_text(self) -> bool:
        """Whether no cell is meant as a number, and not all are gaps."""
        return False

    @property
    def numbers(self) -> NDArray[Any]:
        """The values, shape (rows,); nan where there is no number."""
        return self.values

    @property
    def gaps(self) -> NDArray[np.bool_]:
        """Which cells are gaps, shape (rows,)."""
        import numpy as np

        result: NDArray[np.bool_] = np.isnan(self.values)
        result[list(self.misprints)] = False
        return result

    @property
    def settled(self) -> Numbers:
        """The same cells."""
        return self

    def text(self, row: int) -> str:
        """How a cell is spelt: a whole number of a whole-number type without a point."""
        if row in self.misprints:
            return self.misprints[row]
        value = self.values[row].item()
        return "" if value != value else repr(value)

    def words(self) -> Words:
        """The same cells by their spellings."""
        import numpy as np

        values, codes = np.unique(self.values, return_inverse=True)
        words = ["" if value != value else repr(value) for value in values.tolist()]
        places: NDArray[np.int32] = codes.reshape(-1).astype(np.int32)
        for row, text in self.misprints.items():
            places[row] = len(words)
            words.append(text)
        return Words.of(places, words)

    def taken(self, rows: slice | NDArray[np.bool_]) -> Numbers:
        """The cells of some rows, of numbers without misprints."""
        return Numbers(self.values[rows])

    def arrow(self) -> Any:
        """The cells as an array of Arrow, without a copy where they are doubles."""
        return array_of(self.values)


class Words:
    """Cells of which many are alike.

    Args:
        codes: for each row the index into ``spellings``, shape (rows,).
        spellings: all different.
    """

    def __init__(self, codes: NDArray[np.int32], spellings: Sequence[str]) -> None:
        self.codes = codes
        self.spellings = tuple(spellings)

    @classmethod
    def of(cls, codes: NDArray[np.int32], words: Sequence[str]) -> Words:
        """Make them of words of which some may be equal or not occur."""
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
        """Whether no cell is meant as a number, and not all are gaps."""
        return not any(map(is_figure, self.spellings)) and not all(map(is_gap, self.spellings))

    @property
    def numbers(self) -> Floats:
        """The values, shape (rows,); nan where there is no number."""
        return self.each(number_of, float)

    @property
    def gaps(self) -> NDArray[np.bool_]:
        """Which cells are gaps, shape (rows,)."""
        return self.each(is_gap, bool)

    @property
    def settled(self) -> Words:
        """The same cells."""
        return self

    def each(self, function: Callable[[str], Any], kind: type) -> NDArray[Any]:
        """A function of its spelling for each cell, shape (rows,)."""
        import numpy as np

        values: NDArray[Any] = np.array([function(word) for word in self.spellings], dtype=kind)
        return values[self.codes] if len(values) else values

    def text(self, row: int) -> str:
        """How a cell is spelt."""
        return self.spellings[int(self.codes[row])]

    def words(self) -> Words:
        """The same cells."""
        return self

    def taken(self, rows: slice | NDArray[np.bool_]) -> Words:
        """The cells of some rows."""
        return Words(self.codes[rows], self.spellings)

    def arrow(self) -> Any:
        """The cells as an array of Arrow."""
        return strings_of([self.spellings[code] for code in self.codes.tolist()])


class AsRead:
    """The base of the forms in which a reader gives cells: they mean what their settled form means."""

    @cached_property
    def settled(self) -> Numbers | Words:
        """The cells as numbers or words."""
        raise NotImplementedError

    @property
    def is_text(self) -> bool:
        """Whether no cell is meant as a number, and not all are gaps."""
        return self.settled.is_text

    @property
    def numbers(self) -> NDArray[Any]:
        """The values, shape (rows,); nan where there is no number."""
        return self.settled.numbers

    @property
    def gaps(self) -> NDArray[np.bool_]:
        """Which cells are gaps, shape (rows,)."""
        return self.settled.gaps

    def words(self) -> Words:
        """The cells by their spellings."""
        return self.settled.words()


class Texts(AsRead):
    """Cells of a text file, whose type the file does not say.

    Args:
        values: the texts as spelt, with the blanks around them.
    """

    def __init__(self, values: Sequence[Any]) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    @property
    def texts(self) -> Sequence[str]:
        """The cells as they are spelt."""
        return self.values

    @cached_property
    def settled(self) -> Numbers | Words:
        """The cells as numbers or words."""
        import numpy as np

        texts = self.texts
        if len(set(texts[: 4 * FEW])) > FEW:
            values = figures(texts)
            if values is not None:
                return Numbers(values)
        index = {text: code for code, text in enumerate(dict.fromkeys(texts))}
        codes = np.fromiter(map(index.__getitem__, texts), dtype=np.int32, count=len(texts))
        return settled(Words.of(codes, [text.strip() for text in index]))

    def text(self, row: int) -> str:
        """How a cell is spelt."""
        return text_of(self.values[row]).strip()

    def taken(self, rows: slice | NDArray[np.bool_]) -> Texts:
        """The cells of some rows."""
        values = self.values
        return type(self)(values[rows] if isinstance(rows, slice) else list(compress(values, rows.tolist())))

    def arrow(self) -> Any:
        """The cells as an array of Arrow, of texts."""
        return strings_of(self.texts)


class JsonCells(Texts):
    """Cells of JSON: the types are in the file.

    Args:
        values: a number as the bytes that spell it, so that it keeps its digits; texts, truth values, None, lists and
            objects as Python has them.

    >>> JsonCells([b"1.50", None, True, [1]]).texts
    ['1.50', '', 'true', '[1]']
    """

    @cached_property
    def types(self) -> set[type]:
        """The types of all values but None."""
        return set(map(type, self.values)) - {type(None)}

    @cached_property
    def texts(self) -> list[str]:
        """The values as they are spelt in a cell."""
        if self.types == {bytes}:
            return ["" if value is None else value.decode() for value in self.values]
        return list(map(text_of, self.values))

    def arrow(self) -> Any:
        """The cells as an array of Arrow, of texts."""
        return strings_of([None if value is None else text_of(value) for value in self.values])

    @property
    def numbers(self) -> NDArray[Any]:
        """The values, shape (rows,); nan where there is no number."""
        if self.types != {bytes}:
            return super().numbers
        import numpy as np

        return np.array([float("nan") if value is None else float(value) for value in self.values])

    def literals(self) -> list[str]:
        """The values as JSON spells them; a number that is not finite is null."""
        if self.types == {bytes}:
            return [text if text[-1:].isdigit() else "null" for text in self.texts]
        return list(map(literal_of, self.values))


class ArrowCells(AsRead):
    """Cells of an array of Arrow.

    Args:
        array: of any type; categories become their values.
        is_spelt: whether it holds the texts of a file that says nothing of types.
    """

    def __init__(self, array: Any, *, is_spelt: bool = False) -> None:
        self.array = array.dictionary_decode() if hasattr(array, "dictionary") else array
        self.is_spelt = is_spelt

    def __len__(self) -> int:
        return len(self.array)

    @property
    def is_string(self) -> bool:
        """Whether these are texts by their type."""
        return str(self.array.type) in {"string", "large_string", "string_view"}

    @property
    def is_numeric(self) -> bool:
        """Whether these are numbers by their type, of which true is 1."""
        types, kind = load_pyarrow().types, self.array.type
        return bool(types.is_primitive(kind) or types.is_decimal(kind) or types.is_null(kind)) and not self.is_date

    @property
    def is_date(self) -> bool:
        """Whether these are dates or times by their type."""
        return bool(load_pyarrow().types.is_temporal(self.array.type))

    @property
    def has_text(self) -> bool:
        """Whether every cell can be spelt."""
        return self.is_string or self.is_numeric or self.is_date

    @cached_property
    def doubles(self) -> Floats | None:
        """The cells as doubles, gaps as nan, if all are numbers or gaps to Arrow; without a copy where they are."""
        import numpy as np

        arrow = load_pyarrow()
        if not (self.is_spelt or self.is_numeric):
            return None
        try:
            array = self.array.cast(arrow.float64(), safe=self.is_spelt)
        except (arrow.ArrowInvalid, arrow.ArrowNotImplementedError):  # half floats in old versions of Arrow
            return None
        if array.null_count:
            array = array.fill_null(float("nan"))
        # Not by `to_numpy`, which imports pandas if that is installed.
        values = np.frombuffer(array.buffers()[1], np.float64, len(array), 8 * array.offset)
        if (
            self.is_spelt
            and np.isnan(values).any()
            and not all(map(is_gap, self.taken(np.isnan(values)).array.to_pylist()))
        ):
            return None  # Arrow takes nan(...) for a number
        return values

    @property
    def numbers(self) -> NDArray[Any]:
        """The values, shape (rows,); nan where there is no number."""
        return self.settled.numbers if self.doubles is None else self.doubles

    @cached_property
    def settled(self) -> Numbers | Words:
        """The cells as numbers or words."""
        arrow, kind = load_pyarrow(), self.array.type
        if kind == arrow.float16():
            return ArrowCells(self.array.cast(arrow.float32())).settled
        if self.is_spelt or (self.is_numeric and not arrow.types.is_boolean(kind) and not arrow.types.is_null(kind)):
            # A look at the beginning is enough to see that there are many.
            if len(self.array[: 4 * FEW].unique()) > FEW and self.doubles is not None:
                return Numbers(self.doubles)
            coded = self.array.dictionary_encode()
            if len(coded.dictionary) > FEW and self.doubles is not None:
                return Numbers(self.doubles)
        else:
            texts = self.array.cast(arrow.string()) if self.is_date else self.array
            coded = texts.dictionary_encode()
        words = [text_of(value).strip() for value in coded.dictionary.to_pylist()]
        codes = coded.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)
        return settled(Words.of(codes, [*words, ""]))

    def text(self, row: int) -> str:
        """How a cell is spelt."""
        return text_of(self.array[row].as_py()).strip()

    def taken(self, rows: slice | NDArray[np.bool_]) -> ArrowCells:
        """The cells of some rows."""
        import numpy as np

        if isinstance(rows, slice):
            return ArrowCells(self.array[rows], is_spelt=self.is_spelt)
        arrow = load_pyarrow()
        bits = arrow.py_buffer(np.packbits(rows, bitorder="little"))
        mask = arrow.Array.from_buffers(arrow.bool_(), len(rows), [None, bits])
        return ArrowCells(self.array.filter(mask), is_spelt=self.is_spelt)

    def arrow(self) -> Any:
        """The array."""
        return self.array


Cells = Numbers | Words | Texts | ArrowCells


def array_of(numbers: NDArray[Any]) -> Any:
    """Numbers as an array of Arrow; doubles without a copy.

    >>> import numpy
    >>> array_of(numpy.array([0.5, 2.0])).to_pylist()
    [0.5, 2.0]
    """
    arrow = load_pyarrow()
    if numbers.dtype != float or not numbers.flags.c_contiguous:
        return arrow.array(numbers)
    return arrow.Array.from_buffers(arrow.float64(), len(numbers), [None, arrow.py_buffer(numbers)])


def strings_of(texts: Sequence[str | None]) -> Any:
    """Texts as an array of Arrow, whose own function would import pandas if that is installed.

    >>> strings_of(["a", None, "bc"]).to_pylist()
    ['a', None, 'bc']
    """
    import numpy as np

    arrow = load_pyarrow()
    encoded = [(text or "").encode() for text in texts]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    known = np.packbits(np.array([text is not None for text in texts], dtype=bool), bitorder="little")
    buffers = [arrow.py_buffer(part) for part in (known, ends, b"".join(encoded))]
    return arrow.Array.from_buffers(arrow.large_string(), len(texts), buffers).cast(arrow.string())


def text_of(value: Any) -> str:
    """A value of Python as a cell.

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
        return json.dumps(value, ensure_ascii=False, default=text_of)
    return "" if value is None else str(value)


def literal_of(value: Any) -> str:
    """A value of JSON as JSON spells it."""
    if isinstance(value, bytes):
        return value.decode() if value.strip(b"-")[:1].isdigit() else "null"
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None or isinstance(value, bool):
        return text_of(value) or "null"
    return json.dumps(value, ensure_ascii=False)


def figures(texts: Sequence[str]) -> Floats | None:
    """The numbers that texts spell, if every one of them does; what float() alone accepts is none."""
    import numpy as np

    together = "".join(texts)
    if not together.isascii() or together.encode().translate(None, b"0123456789+-.eE \t"):
        return None
    try:
        return np.array(list(map(float, texts)))
    except ValueError:
        return None


def settled(words: Words) -> Numbers | Words:
    """The same cells, as numbers if they are many different ones."""
    if len(words.spellings) <= FEW or 2 * sum(map(bool, map(NUMBER.match, words.spellings))) < len(words.spellings):
        return words
    return as_numbers(words)


def as_numbers(cells: Numbers | Words) -> Numbers:
    """The same cells as numbers."""
    import numpy as np

    if isinstance(cells, Numbers):
        return cells
    values = cells.numbers
    misprints = np.flatnonzero(np.isnan(values) & ~cells.gaps)
    return Numbers(values, {row: cells.text(row) for row in misprints.tolist()})


def joined(parts: Sequence[Numbers | Words]) -> Numbers | Words:
    """Cells one below the other.

    >>> joined([Texts(["a"]).settled, Texts(["b", "a"]).settled]).codes.tolist()
    [0, 1, 0]
    """
    import numpy as np

    if len(parts) == 1:
        return parts[0]
    spelt = [part for part in parts if isinstance(part, Words)]
    if len(spelt) == len(parts):
        index: dict[str, int] = {}
        codes = []
        for part in spelt:
            code = [index.setdefault(word, len(index)) for word in part.spellings]
            codes.append(np.array(code, dtype=np.int32)[part.codes])
        return settled(Words(np.concatenate(codes), tuple(index)))
    first = 0
    misprints: dict[int, str] = {}
    numbers = list(map(as_numbers, parts))
    for one in numbers:
        misprints |= {first + row: text for row, text in one.misprints.items()}
        first += len(one)
    return Numbers(np.concatenate([one.values for one in numbers]), misprints)
