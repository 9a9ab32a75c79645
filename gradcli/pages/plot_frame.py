"""The frame of a plot in a page: axes, round numbers and curves, as an SVG that fits any width.

Places are parts of the width and the height, so that texts and lines keep their size.  Curves are in an inner SVG of
1000 by 1000 units, which is stretched.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from gradcli.draw.ticks import ticks
from gradcli.markup import escaped
from gradcli.records import NamedTuple

if TYPE_CHECKING:
    from gradcli.array_types import Floats

__all__ = ["UNITS", "Frame", "figure", "path"]

#: The units of the inner SVG in both directions.
UNITS: Final = 1000.0
#: Lines end this far outside of the picture.
_OUTSIDE: Final = 2 * UNITS
#: The numbers along the axes, at most.
_ACROSS, _UP = 7, 8
#: Points of a path that are nearer than this are one point.
_NEAR: Final = 0.5


class Frame(NamedTuple):
    """The part of the plane that is shown.

    Attributes:
        low, high: the ends of the horizontal axis.
        bottom, top: the ends of the vertical axis.
    """

    low: float
    high: float
    bottom: float
    top: float

    def across(self, x: float) -> str:
        """Return a horizontal place as a part of the width."""
        return f"{100 * ((x - self.low) / (self.high - self.low)):.2f}%"

    def down(self, y: float) -> str:
        """Return a vertical place as a part of the height, from the top."""
        return f"{100 * ((self.top - y) / (self.top - self.bottom)):.2f}%"


def path(frame: Frame, x: Floats | Sequence[float], y: Floats | Sequence[float]) -> str:
    """Return the data of a path through points, in the units of the inner SVG.

    Of points that can't be told apart, one is kept; points far outside of the picture are moved to its margin.

    >>> path(Frame(0.0, 1.0, 0.0, 2.0), [0.0, 0.0001, 1.0], [0.0, 0.0001, 1.0])
    'M0 1000L1000 500'
    """
    places: list[tuple[float, float]] = []
    ends = -_OUTSIDE, UNITS + _OUTSIDE
    last = len(x) - 1
    for i, (a, b) in enumerate(zip(x, y, strict=True)):
        right = UNITS * ((float(a) - frame.low) / (frame.high - frame.low))
        down = UNITS * ((frame.top - float(b)) / (frame.top - frame.bottom))
        down = min(max(down, ends[0]), ends[1])
        is_near = places and abs(right - places[-1][0]) < _NEAR and abs(down - places[-1][1]) < _NEAR
        if not is_near or i == last:
            places.append((right, down))
    return "M" + "L".join(f"{_short(right)} {_short(down)}" for right, down in places)


def _short(value: float) -> str:
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def figure(
    frame: Frame,
    names: tuple[str, str],
    label: str,
    curves: Iterable[str],
    marks: Iterable[str],
    name: str = "plot",
    up: Sequence[tuple[float, str]] | None = None,
) -> str:
    """Return a plot as HTML; the one with the name ``plot`` has a place for a point that is dragged.

    Args:
        frame: the part of the plane that is shown.
        names: the names of the axes; the second one may be empty.
        label: a sentence about the plot, for screen readers.
        curves: the elements of the inner SVG.
        marks: the elements on top, whose places are parts of the width and the height.
        name: the id of the plot.
        up: the numbers along the vertical axis with their texts; by default round numbers.
    """
    lines, texts = [], []
    for x, text in ticks(frame.low, frame.high, _ACROSS):
        place = frame.across(x)
        kind = "axis" if x == 0 else "grid"
        lines.append(f'<line class="{kind}" x1="{place}" x2="{place}" y1="0" y2="100%"/>')
        texts.append(f'<text class="tick" x="{place}" y="100%" dy="1.5em">{text}</text>')
    for y, text in ticks(frame.bottom, frame.top, _UP) if up is None else up:
        place = frame.down(y)
        kind = "axis" if y == 0 else "grid"
        lines.append(f'<line class="{kind}" y1="{place}" y2="{place}" x1="0" x2="100%"/>')
        texts.append(f'<text class="tick up" x="0" dx="-.5em" y="{place}" dy=".35em">{text}</text>')
    texts.append(f'<text class="name" x="100%" y="100%" dy="2.8em">{escaped(names[0])}</text>')
    if names[1]:
        texts.append(f'<text class="name up" x="0" y="0" dx="-.5em" dy="-.9em">{escaped(names[1])}</text>')
    point = '<g id="point"></g>\n' if name == "plot" else ""
    return (
        f'<div class="plot">\n<svg id="{name}" role="group" aria-label="{escaped(label)}">\n{"".join(lines)}\n'
        f'<svg class="curves" viewBox="0 0 {UNITS:g} {UNITS:g}" preserveAspectRatio="none">\n'
        f"{''.join(curves)}\n</svg>\n{''.join(marks)}\n{''.join(texts)}\n"
        f"{point}</svg>\n</div>"
    )
