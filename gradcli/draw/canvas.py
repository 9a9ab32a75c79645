"""Lines of coloured text for live displays, and the codes that show the colours in a terminal.

In a picture, each character is a half block and shows two square pixels. In a curve, it shows up to eight braille dots.
A `Painter` writes colours as the terminal understands them: with 24 bits, as the nearest of 256 or of 16, or not at
all.  `rich.palette.Palette.match` finds the nearest of 256 colours.  Rich itself takes another one
(`rich.color.Color.downgrade`): in dark pictures it is 1.6 times as far from the true colour.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from gradcli.draw.palette import BASIC
from gradcli.records import NamedTuple
from gradcli.source import columns

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from rich.palette import Palette

    Floats = NDArray[np.float64]
    Pixels = NDArray[np.int64]

__all__ = [
    "BRAILLE", "CLEAR", "DASHES", "DOTS", "Key", "Line", "Painter", "beside", "curve", "cut", "dotted",
    "extend", "half_blocks", "overlay", "padded", "shares", "width_of",
]  # fmt: skip

# The look of a piece of text: "", "bold" or "dim", a colour 0xRRGGBB, or the colours of the upper and the lower half.
Key = str | int | tuple[int, int]
Line = list[tuple[str, Key]]

CLEAR = -1
WORDS = {"": "", "bold": "1", "dim": "2"}
BRAILLE = 0x2800
# The same short pieces, mostly a few half blocks, are measured again and again.
columns_of = functools.lru_cache(maxsize=1 << 12)(columns)
#: How curves are told apart without colours: dots that are drawn (x) and left out.
DASHES = ("x", "x  ", "xxxxx   ", "x     ", "xxxxxxx  x  ", "xx   ", "xxxxxxxxxxx    ", "xxx x ")
DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))


class Painter(NamedTuple):
    """A writer of lines for one terminal.

    Attributes:
        depth: the number of colours of the terminal: 2**24, 256, 16, or 0.
        is_light: whether the background of the terminal is light.
    """

    depth: int
    is_light: bool = False

    @classmethod
    def of(cls, environment: Mapping[str, str], *, colour: bool) -> Painter:
        """Return the painter for the terminal that the environment variables describe.

        >>> Painter.of({"TERM": "xterm-256color"}, colour=True).depth
        256
        """
        is_light = environment.get("COLORFGBG", "").rpartition(";")[2] in ("7", "15")
        term = environment.get("TERM", "").lower()
        if not colour:
            return cls(0, is_light)
        if environment.get("COLORTERM", "").lower() in ("truecolor", "24bit") or term.endswith("-direct"):
            return cls(1 << 24, is_light)
        return cls(256 if "256" in term else 16, is_light)

    def text(self, line: Line, width: int) -> str:
        """Return a line with the codes of its colours, cut off at a number of columns."""
        parts = []
        for text, key in cut(line, width):
            code = code_of(key, self.depth)
            parts.append(f"\x1b[{code}m{text}\x1b[0m" if code else text)
        return "".join(parts)


@functools.lru_cache(maxsize=1 << 16)
def code_of(key: Key, depth: int) -> str:
    """Return the parameters of the terminal code for a style, on a terminal with ``depth`` colours.

    The result is empty if no code is needed.
    """
    if not depth:
        return ""
    if isinstance(key, str):
        return WORDS[key]
    if isinstance(key, int):
        return colour_code(key, 30, depth)
    return f"{colour_code(key[0], 30, depth)};{colour_code(key[1], 40, depth)}"


def colour_code(colour: int, base: int, depth: int) -> str:
    """Return the parameters for a colour of the text (``base`` 30) or of the background (40)."""
    if depth > 256:
        red, green, blue = colour.to_bytes(3, "big")
        return f"{base + 8};2;{red};{green};{blue}"
    index = nearest(colour, depth)
    if depth == 256:
        return f"{base + 8};5;{index}"
    return str(base + index if index < 8 else base + 52 + index)


def nearest(colour: int, depth: int) -> int:
    """Return the number of the most similar colour among 16 or 256.

    >>> nearest(0xFF0000, 16), nearest(0xFF0000, 256), nearest(0x181818, 256)
    (9, 196, 234)
    """
    red, green, blue = colour.to_bytes(3, "big")
    found = palette(depth).match((red, green, blue))
    return found if depth == 16 else 16 + found


@functools.cache
def palette(depth: int) -> Palette:
    """Return the 16 colours of a terminal, or the last 240 of its 256 colours.

    The first 16 of 256 are left out, because a user may have changed them.
    """
    from rich.color import Color
    from rich.palette import Palette

    if depth == 16:
        return Palette([(colour >> 16, colour >> 8 & 255, colour & 255) for colour in BASIC])
    return Palette([Color.from_ansi(number).get_truecolor() for number in range(16, 256)])


def cut(line: Line, width: int) -> Line:
    """Cut a line off at a number of columns.

    >>> cut([("abc", "dim"), ("def", "")], 5)
    [('abc', 'dim'), ('de', '')]
    """
    result: Line = []
    room = width
    for text, key in line:
        if room <= 0:
            break
        piece = text
        while columns_of(piece) > room:
            piece = piece[: room if piece.isascii() else len(piece) - 1]
        result.append((piece, key))
        room -= columns_of(text)
    return result


def width_of(line: Line) -> int:
    """Return the number of columns that a line takes."""
    return sum(columns_of(text) for text, _ in line)


def padded(line: Line, width: int) -> Line:
    """Cut a line off at a number of columns, or fill it up with blanks to this width.

    >>> padded([("ab", "")], 3)
    [('ab', ''), (' ', '')]
    """
    result = cut(line, width)
    room = width - width_of(result)
    return [*result, (" " * room, "")] if room else result


def beside(left: Sequence[Line], right: Sequence[Line], width: int) -> list[Line]:
    """Put two blocks of lines side by side, with two blanks between them; the left one is ``width`` columns wide."""
    blank: Line = []
    return [[*padded(one, width), ("  ", ""), *two] for one, two in zip_longest(left, right, fillvalue=blank)]


def extend(line: Line, text: str, key: Key) -> None:
    """Add a character to a line: to the last piece of the line if the style is the same, or else as a new piece."""
    if line and line[-1][1] == key:
        line[-1] = (line[-1][0] + text, key)
    else:
        line.append((text, key))


def half_blocks(pixels: Pixels) -> list[Line]:
    """Draw a picture of half blocks; two rows of pixels become one line.

    Args:
        pixels: colours 0xRRGGBB or `CLEAR`, shape (rows, columns).

    >>> import numpy as np
    >>> half_blocks(np.array([[1, -1], [2, 3]]))
    [[('▀', (1, 2)), ('▄', 3)]]
    """
    rows = pixels.tolist()
    if len(rows) % 2:
        rows.append([CLEAR] * len(rows[0]))
    result = []
    for above, below in zip(rows[::2], rows[1::2], strict=True):
        line: Line = []
        for upper, lower in zip(above, below, strict=True):
            if lower == CLEAR:
                extend(line, " " if upper == CLEAR else "▀", "" if upper == CLEAR else upper)
            elif upper == CLEAR:
                extend(line, "▄", lower)
            else:
                extend(line, "▀", (upper, lower))
        result.append(line)
    return result


def shares(values: Floats, low: float, high: float) -> Floats:
    """Return where numbers lie between two ends: 0 at the lower one, 1 at the upper one; 0.5 if the ends are equal.

    >>> import numpy as np
    >>> shares(np.array([1.0, 2.0, 9.0]), 0.0, 4.0).tolist()
    [0.25, 0.5, 1.0]
    """
    import numpy as np

    if high <= low:
        return np.full(len(values), 0.5)
    # The difference of two numbers near the largest float is infinite.
    return np.nan_to_num(np.clip((values - low) / (high - low), 0, 1))


def curve(
    values: Sequence[float],
    columns: int,
    rows: int,
    low: float,
    high: float,
    share: float = 1.0,
    dash: str = DASHES[0],
) -> list[str]:
    """Draw a curve in braille; it begins at the left edge.

    Args:
        values: one or more values at equal distances.
        columns, rows: the size in characters.
        low, high: the values at the lower and upper edge.
        share: the part of the width that the curve takes, from 0 to 1.
        dash: which dots along the curve are drawn, over and over; one of `DASHES`.

    >>> curve([1.0, 2.0, 3.0, 4.0], 2, 1, 0.0, 4.0)
    ['⠤⠊']
    """
    import numpy as np

    width = min(2 * columns, max(1, math.ceil(2 * columns * share)))
    heights = (1 - shares(np.array(values), low, high)) * (4 * rows - 1)
    between = np.interp(np.linspace(0, len(values) - 1, width), range(len(values)), heights)
    dots = between.round().astype(int).tolist()
    places = []
    for x, (before, y) in enumerate(zip([dots[0], *dots], dots, strict=False)):
        # A vertical stroke joins the dots of neighbouring columns.
        start = before + (y > before) - (y < before)
        stroke = range(start, y + 1) if start <= y else range(start, y - 1, -1)
        places += [(x, dot) for dot in stroke]
    places = [place for number, place in enumerate(places) if dash[number % len(dash)] == "x"]
    return dotted(places, columns, rows)


def dotted(places: Iterable[tuple[int, int]], columns: int, rows: int) -> list[str]:
    """Draw dots in braille at places (x, y), counted in dots from the upper left corner.

    Args:
        places: the places of the dots.
        columns, rows: the size in characters.
    """
    cells = [[BRAILLE] * columns for _ in range(rows)]
    for x, y in places:
        cells[y // 4][x // 2] |= DOTS[x % 2][y % 4]
    return ["".join(map(chr, row)) for row in cells]


def overlay(layers: Sequence[tuple[Sequence[str], Key]], columns: int, rows: int) -> list[Line]:
    """Draw pictures in braille over each other.

    If a character has dots of several pictures, it gets the colour of the last one.

    >>> overlay([(["⠁⠁"], 1), (["⠀⠂"], 2)], 2, 1)
    [[('⠁', 1), ('⠃', 2)]]
    """
    result = []
    for row in range(rows):
        line: Line = []
        for column in range(columns):
            bits, key = BRAILLE, layers[0][1] if layers else ""
            for picture, colour in layers:
                cell = ord(picture[row][column])
                if cell != BRAILLE:
                    bits, key = bits | cell, colour
            extend(line, chr(bits), key)
        result.append(line)
    return result
