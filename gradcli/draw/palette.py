"""The colours of all drawings, each with its counterpart for a dark page; black, white and greys are not listed.

Edges, their labels and the title are drawn on the page itself.  Their medium grey can be read on white and on black, so
also in a viewer that has a dark page but doesn't report it.  All other text is on a filled background.  Orange and blue
show the sign of a gradient, because people with every kind of colour vision can tell these two colours apart.
"""

from __future__ import annotations

import math
from typing import Final

from gradcli.records import NamedTuple

__all__ = [
    "BASIC", "BASIC_AREAS", "BASIC_MARKS", "CONSTANT", "DARK", "DARK_PAGE", "DONE", "INPUT", "LIGHT_PAGE", "LINE",
    "MUTED", "NET", "OPERATION", "PAPER", "RAMP_STEPS", "SERIES", "STRONG", "TEXT", "VARIABLE", "Colours",
    "gradient_colour",
]  # fmt: skip

TEXT: Final = "#1f2328"
MUTED: Final = "#59636e"
LINE: Final = "#727b84"
PAPER: Final = "#fffffe"
STRONG: Final = "#24292e"


class Colours(NamedTuple):
    """The colours of one kind of vertex: its fill, its border, and the text of its name."""

    fill: str
    border: str
    name: str


#: The colours of classes and curves, by their number (Okabe and Ito, 2008).  The first two, blue and orange, also show
#: signs.
SERIES: Final = tuple(
    (code[0], code[1], code[2])
    for code in map(bytes.fromhex, ["0072b2", "e69f00", "009e73", "cc79a7", "56b4e9", "d55e00", "f0e442", "787878"])
)
#: The 16 colours of an old terminal, as xterm has them.
BASIC: Final = (
    0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD, 0x00CDCD, 0xE5E5E5,
    0x7F7F7F, 0xFF0000, 0x00FF00, 0xFFFF00, 0x5C5CFF, 0xFF00FF, 0x00FFFF, 0xFFFFFF,
)  # fmt: skip
#: Those of them that stand for `SERIES`: dark ones for areas, and bright ones for marks.
BASIC_AREAS: Final = tuple(BASIC[number] for number in (4, 3, 2, 5, 6, 1, 7, 8))
BASIC_MARKS: Final = tuple(BASIC[number] for number in (12, 11, 10, 13, 14, 9, 15, 7))
#: The part of a progress bar that is done.
DONE: Final = 0x12A846
#: Marks on coloured areas in a terminal.
INK: Final = 0x101418
#: The page behind a picture in a terminal; a picture of a net has this colour where the net is undecided.
DARK_PAGE: Final = (24, 24, 28)
LIGHT_PAGE: Final = (246, 246, 244)

VARIABLE: Final = Colours("#e3f5ea", "#1a7f4b", "#116138")
CONSTANT: Final = Colours("#f3f4f6", "#8b949e", "#4b5563")
OPERATION: Final = Colours(PAPER, "#57606a", TEXT)
#: The cells of inputs in the style `minigrad`.
INPUT: Final = Colours("#c9c9c9", "#57606a", TEXT)
#: The cells of operations in the style `minigrad`, and the circles of a net.
NET: Final = Colours("#c2ebff", "#1b6a9c", "#004261")

_NOT_FINITE: Final = "#ffc9c9"
_POSITIVE: Final = ("#fff0df", "#ffdcb2", "#ffc37a", "#ffa844", "#f58c1f")
_NEGATIVE: Final = ("#e4f0ff", "#c3deff", "#98c7ff", "#69adff", "#4a97f0")
#: The colours that a positive or a negative gradient may have.
RAMP_STEPS: Final = len(_POSITIVE)

DARK: Final[dict[str, str]] = {
    TEXT: "#f0f6fc",
    MUTED: "#a9b4c0",
    LINE: "#939daa",
    PAPER: "#161b22",
    STRONG: "#f0f6fd",
    VARIABLE.fill: "#12301f",
    VARIABLE.border: "#3fb970",
    VARIABLE.name: "#7ee2a5",
    CONSTANT.fill: "#21262d",
    CONSTANT.border: "#7d8690",
    CONSTANT.name: "#c3ccd6",
    OPERATION.border: "#8d96a0",
    INPUT.fill: "#3d444d",
    NET.fill: "#0c3a57",
    NET.border: "#58b4ea",
    NET.name: "#bfe6ff",
    _NOT_FINITE: "#8a1f1f",
    **dict(zip(_POSITIVE, ("#35281a", "#523817", "#6e4612", "#8a540d", "#a05e08"), strict=True)),
    **dict(zip(_NEGATIVE, ("#172a40", "#17375d", "#174780", "#1858a2", "#1b66c0"), strict=True)),
}
"""The colour on a dark page for each colour that a drawing may contain."""


def gradient_colour(gradient: float, largest: float) -> str:
    """Return the background colour for a gradient.

    It is darker if the gradient is larger, compared with the largest gradient.

    >>> gradient_colour(0.0, 4.0) == PAPER, gradient_colour(4.0, 4.0), gradient_colour(-0.1, 4.0)
    (True, '#f58c1f', '#e4f0ff')
    """
    if not math.isfinite(gradient):
        return _NOT_FINITE
    if gradient == 0.0:
        return PAPER
    ramp = _POSITIVE if gradient > 0.0 else _NEGATIVE
    # The square root makes small gradients differ more in colour: they matter as much as large ones.
    share = math.sqrt(min(1.0, abs(gradient) / largest)) if largest > 0.0 else 1.0
    return ramp[min(len(ramp) - 1, int(share * len(ramp)))]
