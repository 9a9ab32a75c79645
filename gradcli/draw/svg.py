"""The elements of an SVG, and its page: transparent, in the colours of the palette, with a style sheet for dark mode.

Nothing refers to an element by its name, because a notebook puts many drawings on one page.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from gradcli.draw.palette import DARK, LINE
from gradcli.source import columns

__all__ = [
    "FONT", "arrow_line", "arrowhead", "dark_sheet", "escaped", "group", "number", "on_paper", "page", "rectangle",
    "text", "text_width",
]  # fmt: skip

FONT: Final = "Helvetica,Arial,sans-serif"

_MARGIN: Final = 10.0

_ON_WHITE: Final = '<svg style="background:#ffffff"'
#: The width of a page of a notebook, in points, and the least share of its size that a drawing has there.
_PAGE: Final = 600.0
_LEAST_SHARE: Final = 0.5

#: The widths of Helvetica's characters from space to ~, in thousandths of the size; Arial and its like have the same.
_WIDTHS: Final = (
    278, 278, 355, 556, 556, 889, 667, 222, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
    556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833,
    722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 222, 556, 556, 500, 556,
    556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334,
    260, 334, 584,
)  # fmt: skip
#: Widths of other characters, by the columns that they take in a terminal, and of every character of Courier.
_OTHER: Final = (0, 667, 1000)
_COURIER: Final = 0.6
#: Bold letters are wider by up to this.
_BOLD: Final = 1.08


def text_width(content: str, size: float, *, bold: bool = False, mono: bool = False) -> float:
    """Return the width of a text in points; for characters beyond ASCII it is an estimate.

    >>> text_width("sin", 10), text_width("sin", 10, mono=True)
    (12.78, 18.0)
    """
    if mono:
        return columns(content) * size * _COURIER
    thousandths = sum(_WIDTHS[ord(one) - 32] if " " <= one <= "~" else _OTHER[min(2, columns(one))] for one in content)
    return thousandths * size / 1000 * (_BOLD if bold else 1.0)


def escaped(content: str) -> str:
    """Return a text for an element or an attribute, without the characters that XML doesn't allow.

    >>> escaped('a<b & "c"')
    'a&lt;b &amp; &quot;c&quot;'
    """
    clean = "".join(
        character if character.isprintable() else " " if character.isspace() else "\ufffd" for character in content
    )
    return clean.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def number(value: float) -> str:
    """Return a coordinate with at most two decimals.

    >>> number(2.0), number(-0.001), number(2.345)
    ('2', '0', '2.35')
    """
    written = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if written == "-0" else written


def _attributes(given: Mapping[str, str | float]) -> str:
    """Return attributes; an underscore at the end of a name is left out, others become hyphens."""
    return "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escaped(value) if isinstance(value, str) else number(value)}"'
        for name, value in given.items()
        if value != ""
    )


def text(content: str, x: float, y: float, size: float, fill: str, **more: str | float) -> str:
    """Return a text whose middle is at a height of ``y``; by default ``x`` is its middle, too."""
    look: dict[str, str | float] = {"text_anchor": "middle", **more}
    place = f'x="{number(x)}" y="{number(y + 0.36 * size)}"'
    return f'<text {place} font-size="{number(size)}" fill="{fill}"{_attributes(look)}>{escaped(content)}</text>'


def rectangle(x: float, y: float, width: float, height: float, **look: str | float) -> str:
    """Return a rectangle, given by its upper left corner."""
    place: dict[str, str | float] = {"x": x, "y": y, "width": width, "height": height}
    return f"<rect{_attributes(place | look)}/>"


def group(title: str, parts: Iterable[str], **more: str | float) -> str:
    """Return elements with a title; browsers show it at the pointer, and screen readers read it."""
    return f"<g{_attributes(more)}>\n<title>{escaped(title)}</title>\n" + "\n".join(parts) + "\n</g>"


def arrow_line(start: tuple[float, float], end: tuple[float, float], length: float, **look: str | float) -> list[str]:
    """Return a straight line with an arrowhead of the given length; for a length of 0 there is no arrowhead."""
    (x, y), (end_x, end_y) = start, end
    whole = math.hypot(end_x - x, end_y - y)
    along = (end_x - x) / whole, (end_y - y) / whole
    place: dict[str, str | float] = {
        "x1": x, "y1": y, "x2": end_x - length * along[0], "y2": end_y - length * along[1], "stroke": LINE,
    }  # fmt: skip
    line = f"<line{_attributes(place | look)}/>"
    return [line, arrowhead(end_x, end_y, along, length)] if length else [line]


def arrowhead(x: float, y: float, along: tuple[float, float], length: float, colour: str = LINE) -> str:
    """Return a triangle with its tip at a point; ``along`` is the direction of the line, of length 1."""
    (dx, dy), half = along, 0.36 * length
    corners = [(0.0, 0.0), (-length * dx - half * dy, -length * dy + half * dx)]
    corners.append((-length * dx + half * dy, -length * dy - half * dx))
    points = " ".join(f"{number(x + right)},{number(y + down)}" for right, down in corners)
    return f'<polygon fill="{colour}" points="{points}"/>'


def dark_sheet(body: str) -> str:
    """Return a style sheet with a rule for each light colour that a drawing contains; empty if there are none."""
    rules = "".join(
        f'.gradcli [{attribute}="{light}"] {{ {attribute}: {dark} }}\n'
        for attribute in ("fill", "stroke")
        for light, dark in DARK.items()
        if f'{attribute}="{light}"' in body
    )
    return f"<style>@media (prefers-color-scheme: dark) {{\n{rules}}}</style>\n" if rules else ""


def on_paper(svg: str, name: str = "") -> str:
    """Return a drawing as a notebook takes it: in the colours of a light page, on white, without an XML declaration.

    A notebook may be light where the system is dark, and a style sheet of one drawing would reach the others.  A
    drawing that is wider than a page is shrunk, but not below half of its size.

    Args:
        svg: the drawing.
        name: a name for screen readers, if the drawing has none.

    >>> on_paper('<?xml version="1.0"?>\\n<svg width="900pt" height="90pt"><style>@media print {}</style></svg>')
    '<svg style="background:#ffffff" width="600pt" height="60pt"></svg>'
    """
    drawing = svg[svg.index("<svg") :]
    head, end, body = drawing.partition(">")

    def fitted(size: re.Match[str]) -> str:
        width, height = float(size[1]), float(size[2])
        share = max(_LEAST_SHARE, min(1.0, _PAGE / width))
        return f'width="{number(share * width)}pt" height="{number(share * height)}pt"'

    head = re.sub(r'width="([\d.]+)pt" height="([\d.]+)pt"', fitted, head)
    if name and "aria-label" not in head:
        head += f' role="img" aria-label="{escaped(name)}"'
    body = re.sub(r"<style>@media .*?</style>\n?", "", body, count=1, flags=re.DOTALL)
    return f"{head.replace('<svg', _ON_WHITE, 1)}{end}{body}"


def page(title: Sequence[str], parts: Sequence[str], corner: tuple[float, float], size: tuple[float, float]) -> str:
    """Return an SVG without an XML declaration.

    Args:
        title: up to two lines above the drawing; screen readers read the first one.
        parts: the elements.
        corner, size: the upper left corner of the drawing, and its width and height.
    """
    sizes = (12.0, 10.0)
    width = (
        max([size[0], *(text_width(line, points) for line, points in zip(title, sizes, strict=False))]) + 2 * _MARGIN
    )
    above = _MARGIN + 15 * len(title) + 5 * bool(title)
    height = size[1] + above + _MARGIN
    heading = [text(line, width / 2, 16 + 15 * i, sizes[i], LINE, class_="title") for i, line in enumerate(title)]
    left = (width - size[0]) / 2 - corner[0]
    moved = f'<g transform="translate({number(left)} {number(above - corner[1])})">'
    body = "\n".join([*heading, moved, *parts, "</g>"])
    name = f' aria-label="{escaped(title[0])}"' if title else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{number(width)}pt" height="{number(height)}pt" '
        f'viewBox="0 0 {number(width)} {number(height)}" role="img"{name}>\n{dark_sheet(body)}'
        f'<g class="graph gradcli" font-family="{FONT}">\n{body}\n</g>\n</svg>\n'
    )
