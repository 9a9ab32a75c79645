"""The cells of one column of a table, held as arrays: `Numbers` for figures, `Words` for what repeats.

Both answer the same questions: the numbers of the cells, which cells are gaps, and how a cell is spelt.  A number is
read more strictly than Python reads it: ``1_000``, ``nan`` and ``infinity`` are misprints or gaps in a table.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["FEW", "NUMBER", "Cells", "Numbers", "Words", "cells_of", "is_figure", "is_gap", "joined", "number_of"]

# A column with at most so many spellings keeps them.
FEW = 64

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\Z", re.ASCII)
# A number as people write it: with a decimal comma, thousands apart, a currency or a per cent sign.
FIGURE = re.compile(r"[+-]?[$€£]? ?\d[\d.,'’_ \u00a0]*[%$€£]?\Z", re.ASCII)
# What spreadsheets, R, pandas and the UCI archive write for a value that is not there.
GAPS = frozenset({"", "na", "n/a", "nan", "null", "none", "?", "-"})


def is_gap(text: str) -> bool:
    """Whether a cell stands for a value that is not there.

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
    """The number that a cell spells; nan if it is none, or too large for one.

    >>> number_of("1e3"), number_of("1_000")
    (1000.0, nan)
    """
    value = float(text) if NUMBER.match(text) else float("nan")
    return value if abs(value) < float("inf") else float("nan")


class Numbers:
    """Cells that are figures.

    Args:
        values: of any real type, shape (rows,); nan where the cell is a gap or no number.
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
        """From words of which some may be equal or not occur."""
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
        import numpy as np

        values = np.array([number_of(word) for word in self.spellings], dtype=np.float64)
        return values[self.codes] if len(values) else np.empty(0)

    @property
    def gaps(self) -> NDArray[np.bool_]:
        """Which cells are gaps, shape (rows,)."""
        import numpy as np

        missing = np.array([is_gap(word) for word in self.spellings], dtype=bool)
        return missing[self.codes] if len(missing) else np.empty(0, dtype=bool)

    def text(self, row: int) -> str:
        """How a cell is spelt."""
        return self.spellings[int(self.codes[row])]

    def words(self) -> Words:
        """The same cells by their spellings."""
        return self


Cells = Numbers | Words


def cells_of(texts: Sequence[str]) -> Cells:
    """The cells of a column from their texts, which may have blanks around them.

    >>> cells_of([" 1", "2"]).numbers.tolist()
    [1.0, 2.0]
    """
    import numpy as np

    if len(set(texts[: 4 * FEW])) > FEW:
        values = figures(texts)
        if values is not None:
            return Numbers(values)
    index = {text: code for code, text in enumerate(dict.fromkeys(texts))}
    codes = np.fromiter(map(index.__getitem__, texts), dtype=np.int32, count=len(texts))
    return settled(Words.of(codes, [text.strip() for text in index]))


def figures(texts: Sequence[str]) -> Floats | None:
    """The numbers that texts spell, if every one of them does; what float() alone accepts is no number."""
    import numpy as np

    together = "".join(texts)
    if not together.isascii() or together.encode().translate(None, b"0123456789+-.eE \t"):
        return None
    try:
        values = np.array(list(map(float, texts)))
    except ValueError:
        return None
    return values if np.isfinite(values).all() else None


def settled(words: Words) -> Cells:
    """The same cells, as numbers if they are many different ones."""
    if len(words.spellings) <= FEW or 2 * sum(map(bool, map(NUMBER.match, words.spellings))) < len(words.spellings):
        return words
    return as_numbers(words)


def as_numbers(cells: Cells) -> Numbers:
    """The same cells as numbers."""
    import numpy as np

    if isinstance(cells, Numbers):
        return cells
    values = cells.numbers
    misprints = np.flatnonzero(np.isnan(values) & ~cells.gaps)
    return Numbers(values, {row: cells.text(row) for row in misprints.tolist()})


def joined(parts: Sequence[Cells]) -> Cells:
    """Cells one below the other.

    >>> joined([cells_of(["a"]), cells_of(["b", "a"])]).codes.tolist()
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
