"""Lines of coloured text, of which live displays consist, and the codes that show them in a terminal.

In a picture, a character is a half block, which shows two square pixels; in a curve, it shows up to eight braille dots.
A `Painter` writes colours as the terminal understands them: with 24 bits, as the nearest of 256 or of 16, or not at
all.  (Rich also chooses among 256 colours, but its choices for a dark picture are 1.6 times as far from the original.)
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from gradcli.source import columns

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.int64]

__all__ = [
    "BASIC", "BRAILLE", "CLEAR", "DOTS", "Key", "Line", "Painter", "beside", "characters", "columns_of", "curve",
    "dotted", "half_blocks", "overlay", "padded", "width_of",
]  # fmt: skip

# The look of a piece of text: "", "bold" or "dim", a colour 0xRRGGBB, or the colours of the upper and the lower half.
Key = str | int | tuple[int, int]
Line = list[tuple[str, Key]]

CLEAR = -1
WORDS = {"": "", "bold": "1", "dim": "2"}
BRAILLE = 0x2800
# The same short pieces, mostly a few half blocks, are measured again and again.
columns_of = functools.lru_cache(maxsize=1 << 12)(columns)
DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))


class Painter:
    """A writer of lines for one terminal.

    Args:
        depth: the number of colours of the terminal: 2**24, 256, 16, or 0.
        is_light: whether the background of the terminal is light.
    """

    def __init__(self, depth: int, is_light: bool = False) -> None:
        self.depth = depth
        self.is_light = is_light
        self.codes: dict[Key, str] = {}

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
            code = self.code(key)
            parts.append(f"\x1b[{code}m{text}\x1b[0m" if code else text)
        return "".join(parts)

    def code(self, key: Key) -> str:
        """Return the parameters of the code for a look, from the cache if possible; empty if no code is needed."""
        found = self.codes.get(key)
        if found is None:
            found = self.codes[key] = self.made(key)
        return found

    def made(self, key: Key) -> str:
        """Return the parameters of the code for a look, without the cache."""
        if not self.depth:
            return ""
        if isinstance(key, str):
            return WORDS[key]
        if isinstance(key, int):
            return self.colour(key, 30)
        return f"{self.colour(key[0], 30)};{self.colour(key[1], 40)}"

    def colour(self, colour: int, base: int) -> str:
        """Return the parameters for a colour of the text (``base`` 30) or of the background (40)."""
        if self.depth > 256:
            return f"{base + 8};2;{colour >> 16};{colour >> 8 & 255};{colour & 255}"
        index = nearest(colour, self.depth)
        if self.depth == 256:
            return f"{base + 8};5;{index}"
        return str(base + index if index < 8 else base + 52 + index)


# The 16 colours of xterm; and the steps of red, green and blue among 256 colours.
BASIC = (
    0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD, 0x00CDCD, 0xE5E5E5,
    0x7F7F7F, 0xFF0000, 0x00FF00, 0xFFFF00, 0x5C5CFF, 0xFF00FF, 0x00FFFF, 0xFFFFFF,
)  # fmt: skip
STEPS = (0, 95, 135, 175, 215, 255)


@functools.lru_cache(maxsize=1 << 16)
def nearest(colour: int, depth: int) -> int:
    """Return the number of the most similar colour among 16 or 256.

    >>> nearest(0xFF0000, 16), nearest(0xFF0000, 256), nearest(0x181818, 256)
    (9, 196, 234)
    """
    red, green, blue = colour >> 16, colour >> 8 & 255, colour & 255
    if depth == 16:
        known = dict(enumerate(BASIC))
    else:
        # Candidates: the next lower and higher step of each component, and the nearest grey.  The first 16 colours are
        # not among them, because a user may have changed them.
        places = [{max(0, min(5, (value - 35) // 40 + more)) for more in (0, 1)} for value in (red, green, blue)]
        known = {
            16 + 36 * r + 6 * g + b: STEPS[r] << 16 | STEPS[g] << 8 | STEPS[b]
            for r in places[0]
            for g in places[1]
            for b in places[2]
        }
        grey = max(0, min(23, round(((red + green + blue) / 3 - 8) / 10)))
        known[232 + grey] = (8 + 10 * grey) * 0x010101

    def distance(index: int) -> float:
        other = known[index]
        # The "redmean" formula, which weights the components roughly as the eye does.
        mean = (red + (other >> 16)) / 2
        parts = (red - (other >> 16)) ** 2, (green - (other >> 8 & 255)) ** 2, (blue - (other & 255)) ** 2
        return (2 + mean / 256) * parts[0] + 4 * parts[1] + (2 + (255 - mean) / 256) * parts[2]

    return min(known, key=distance)


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
    """Cut a line off at a number of columns, or fill it with blanks up to it.

    >>> padded([("ab", "")], 3)
    [('ab', ''), (' ', '')]
    """
    result = cut(line, width)
    room = width - width_of(result)
    return [*result, (" " * room, "")] if room else result


def beside(left: Sequence[Line], right: Sequence[Line], width: int) -> list[Line]:
    """Put two blocks of lines side by side, with two blanks between them; the left one is ``width`` columns wide."""
    count = max(len(left), len(right))
    rows = zip([*left, *[[]] * (count - len(left))], [*right, *[[]] * (count - len(right))], strict=True)
    return [[*padded(one, width), ("  ", ""), *two] for one, two in rows]


def extend(line: Line, text: str, key: Key) -> None:
    """Add a character to a line: to its last piece if this has the same look, or else as a new piece."""
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


def characters(levels: Pixels, marks: str) -> list[Line]:
    """Draw a picture without colours: a pixel of level k, shape (rows, columns), is the k-th of ``marks``."""
    return [[("".join(marks[level % len(marks)] for level in row), "")] for row in levels.tolist()]


def curve(values: Sequence[float], columns: int, rows: int, low: float, high: float, share: float = 1.0) -> list[str]:
    """Draw a curve in braille, from the left edge.

    Args:
        values: one or more values at equal distances; the scale is logarithmic if ``low`` is positive.
        columns, rows: the size in characters.
        low, high: the values at the lower and upper edge.
        share: the part of the width that the curve takes, from 0 to 1.

    >>> curve([1.0, 2.0, 3.0, 4.0], 2, 1, 0.0, 4.0)
    ['⠤⠊']
    """
    height = 4 * rows
    width = min(2 * columns, max(1, math.ceil(2 * columns * share)))

    bottom, top = (math.log(low), math.log(high)) if low > 0 else (low, high)

    def height_of(value: float) -> float:
        place = math.log(max(value, low)) if low > 0 else value
        share = (place - bottom) / (top - bottom) if top > bottom else 0.5
        return min(1.0, max(0.0, 1 - share)) * (height - 1)

    heights = [height_of(value) for value in values]
    places = []
    before: int | None = None
    for x in range(width):
        # Between two values the line is straight.
        first, rest = divmod(x * (len(values) - 1) / max(1, width - 1), 1)
        last = min(int(first) + 1, len(values) - 1)
        y = round(heights[int(first)] * (1 - rest) + heights[last] * rest)
        # A vertical stroke joins the dots of neighbouring columns.
        start = y if before is None or before == y else before + (1 if y > before else -1)
        places += [(x, dot) for dot in range(min(start, y), max(start, y) + 1)]
        before = y
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
    """Draw pictures in braille over each other; a character with dots of several has the colour of the last one.

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
