"""A picture as SVG, in the styles that dot.py has, with the layout of layered.py; it needs nothing installed.

Other programs can rely on the names: vertex i of the picture is ``v{i}``, arrow k is ``e{k}``, and the texts with its
numbers have the classes ``value``, ``gradient`` and ``partial``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

from gradcli.draw.cards import LEGEND, RANKDIRS, Card, Row, arrow_text, cards_of, full_text, short, title_text
from gradcli.draw.layered import Box, Line, layered
from gradcli.draw.palette import CONSTANT, LINE, MUTED, OPERATION, PAPER, STRONG, TEXT, Colours
from gradcli.draw.picture import Picture, VertexKind
from gradcli.draw.svg import arrowhead, group, number, page, rectangle, text, text_width
from gradcli.errors import choice
from gradcli.records import NamedTuple
from gradcli.source import counted

__all__ = ["graph_to_svg"]

_ARROW: Final = 8.0
_LABEL_SIZE: Final = 11.0
#: The least width of a cell with a number.  Five digits fit in, so most cards have the same width.
_NUMBER_WIDTH: Final = 46.0
#: No line ends nearer to a corner.
_CORNER: Final = 11.0


class _Shape(NamedTuple):
    """A vertex that is drawn around the origin.

    Attributes:
        width, height: its size.
        parts: a function that takes a width and a height, at least the size, and returns the elements.
        name, kind, title: its name, its class and its title in the SVG.
        is_oval: whether lines end at the ellipse that fits into the size, not at the rectangle.
    """

    width: float
    height: float
    parts: Callable[[float, float], list[str]]
    name: str
    kind: VertexKind | str
    title: str
    is_oval: bool = False


class _Link(NamedTuple):
    """A line between two shapes, given by their positions."""

    tail: int
    head: int
    name: str
    title: str
    label: str = ""
    is_dashed: bool = False


def graph_to_svg(picture: Picture, *, style: str = "full", rankdir: str = "LR") -> str:
    """Return a picture as SVG, without an XML declaration.

    Args:
        picture: the picture to draw.
        style: ``full``, ``micrograd`` or ``minigrad``.
        rankdir: the side of the result: ``LR`` right, ``RL`` left, ``TB`` bottom, ``BT`` top.

    Raises:
        UsageError: the style or the direction is unknown.

    >>> from gradcli.draw.picture import picture_of
    >>> from gradcli.evaluate.expression import parse
    >>> svg = graph_to_svg(picture_of(parse("a+a"), {"a": 3}))
    >>> svg.count('class="vertex'), svg.count('class="arrow')
    (2, 2)
    """
    rankdir = choice(rankdir, RANKDIRS, "direction")
    shapes, links = _shapes_and_links(picture, style, upright=rankdir in ("TB", "BT"))
    title = []
    if style == "full" and picture.title:
        title = [title_text(picture), *([LEGEND] if any(link.label for link in links) else [])]
    return _drawn(shapes, links, rankdir, title)


def _shapes_and_links(picture: Picture, style: str, *, upright: bool) -> tuple[list[_Shape], list[_Link]]:
    """Return the vertices, operands first, and the lines between them."""
    cards = cards_of(picture, style)
    make = _MAKERS[style]
    shapes: list[_Shape] = []
    links: list[_Link] = []
    place, targets = [], []
    for i, (vertex, card) in enumerate(zip(picture.vertices, cards, strict=True)):
        width, height, parts = make(card, upright)
        shape = _Shape(width, height, parts, f"v{i}", vertex.kind, full_text(vertex))
        if vertex.hidden:
            left_out = f"{counted(vertex.hidden, 'operand')} not drawn"
            links.append(_Link(len(shapes), len(shapes) + 1, "", left_out, is_dashed=True))
            shapes.append(_Shape(24, 12, _dots, f"v{i}more", "more", left_out))
        targets.append(len(shapes))
        if style == "micrograd" and vertex.kind == "operation":
            # The sign of an operation is a vertex of its own.
            links.append(_Link(len(shapes), len(shapes) + 1, "", vertex.expression))
            shapes.append(_oval(vertex.name, f"v{i}op", full_text(vertex)))
        place.append(len(shapes))
        shapes.append(shape)
    for k, arrow in enumerate(picture.arrows):
        label = short(arrow.partial) if style == "full" and arrow.partial is not None else ""
        is_dashed = style == "full" and arrow.is_passive
        ends = place[arrow.operand], targets[arrow.operation]
        links.append(_Link(*ends, f"e{k}", arrow_text(arrow, picture), label, is_dashed))
    return shapes, links


# The page


def _drawn(shapes: Sequence[_Shape], links: Sequence[_Link], rankdir: str, title: Sequence[str]) -> str:
    """Lay out the shapes, and return the page."""
    upright, reverse = rankdir in ("TB", "BT"), rankdir in ("RL", "BT")
    widest = [0.0] * len(shapes)
    ends = [0] * len(shapes)
    for link in links:
        ends[link.head] += 1
        widest[link.head] = max(widest[link.head], text_width(link.label, _LABEL_SIZE) if link.label else 0.0)
    boxes = []
    sizes = []
    for shape, wide, count in zip(shapes, widest, ends, strict=True):
        port = (wide + 8 if upright else _LABEL_SIZE + 3) if wide else 8.0
        width, height = shape.width, shape.height
        margin = (width if upright else height) / 4 if shape.is_oval else _CORNER
        room = 2 * margin + (count - 1) * port if count else 0.0
        width, height = (max(width, room), height) if upright else (width, max(height, room))
        # The label of the last line stands right of it.
        beside = wide + 4 if upright and wide else 0.0
        sizes.append((width, height))
        length, breadth = (height, width) if upright else (width, height)
        boxes.append(Box(length, breadth + 2 * max(0.0, beside - margin), port, margin + max(0.0, beside - margin)))
    labels = [
        0.0 if not link.label else _LABEL_SIZE + 4 if upright else text_width(link.label, _LABEL_SIZE) + 6
        for link in links
    ]
    lines = [Line(link.tail, link.head, label + _ARROW) for link, label in zip(links, labels, strict=True)]
    layout = layered(boxes, lines)

    def placed(point: tuple[float, float]) -> tuple[float, float]:
        along = layout.length - point[0] if reverse else point[0]
        return (point[1], along) if upright else (along, point[1])

    parts = []
    for link, route in zip(links, layout.routes, strict=True):
        shape = shapes[link.head]
        if shape.is_oval:
            (length, breadth, *_), (centre, across) = boxes[link.head], layout.centres[link.head]
            depth = length / 2 * math.sqrt(max(0.0, 1 - (2 * (route[-1][1] - across) / breadth) ** 2))
            route[-1] = centre - depth, route[-1][1]
        parts.append(_arrow(link, route, placed, upright=upright))
    for shape, middle, size in zip(shapes, layout.centres, sizes, strict=True):
        x, y = placed(middle)
        look = {"id": shape.name, "class_": f"vertex {shape.kind}", "transform": f"translate({number(x)} {number(y)})"}
        parts.append(group(shape.title, shape.parts(*size), **look))
    size = (layout.breadth, layout.length) if upright else (layout.length, layout.breadth)
    return page(title, parts, (0.0, 0.0), size)


def _arrow(
    link: _Link,
    route: Sequence[tuple[float, float]],
    placed: Callable[[tuple[float, float]], tuple[float, float]],
    *,
    upright: bool,
) -> str:
    """Return a line with its head and its label."""
    tip = route[-1]
    points = [*route[:-1], (tip[0] - _ARROW, tip[1])]
    path = ["M" + _point(placed(points[0]))]
    for (along, across), end in pairwise(points):
        if across == end[1]:
            path.append("L" + _point(placed(end)))
        else:
            middle = (along + end[0]) / 2
            path.append("C" + " ".join(_point(placed(one)) for one in ((middle, across), (middle, end[1]), end)))
    (x, y), (before_x, before_y) = placed(tip), placed(points[-1])
    dashes = ' stroke-dasharray="5,2"' if link.is_dashed else ""
    parts = [f'<path fill="none" stroke="{LINE}"{dashes} d="{"".join(path)}"/>']
    parts.append(arrowhead(x, y, ((x - before_x) / _ARROW, (y - before_y) / _ARROW), _ARROW))
    if link.label:
        if upright:
            parts.append(_label(link.label, before_x + 4, (before_y * 2 - y), "start"))
        else:
            left = x < before_x
            parts.append(_label(link.label, before_x, before_y - 7, "start" if left else "end"))
    return group(link.title, parts, id=link.name, class_="arrow passive" if link.is_dashed else "arrow")


def _label(content: str, x: float, y: float, anchor: str) -> str:
    return text(content, x, y, _LABEL_SIZE, LINE, class_="partial", text_anchor=anchor)


def _point(point: tuple[float, float]) -> str:
    return f"{number(point[0])},{number(point[1])}"


# The vertices

_Made = tuple[float, float, Callable[[float, float], list[str]]]


def _dots(_width: float, _height: float) -> list[str]:
    return [text("···", 0, 0, 18, LINE)]


def _oval(sign: str, name: str, title: str) -> _Shape:
    """Return an ellipse with the sign of an operation, in the style `micrograd`."""

    def parts(width: float, height: float) -> list[str]:
        size = f'rx="{number(width / 2)}" ry="{number(height / 2)}"'
        look = f'fill="{PAPER}" stroke="{OPERATION.border}"'
        return [f"<ellipse {size} {look}/>", text(sign, 0, 0, 12, TEXT, class_="name")]

    return _Shape(max(46.0, text_width(sign, 12) * 1.4 + 12), 32.0, parts, name, "operation", title, is_oval=True)


def _number(row: Row, x: float, y: float, size: float = 12, **more: str | float) -> str:
    return text(row.text, x, y, size, TEXT, class_=row.role, **more)


def _full(card: Card, _upright: bool) -> _Made:
    """Return a table: the name of a vertex, and its numbers."""
    colours: Colours = card.colours
    name_size = 15.0 if colours is OPERATION else 13.0
    name, label = text_width(card.name, name_size, bold=True), text_width(card.label, 11)
    gap = 5.0 if card.label else 0.0
    words = max((text_width(row.word, 10) for row in card.rows), default=0.0)
    numbers = max((text_width(row.text, 12) + 6 for row in card.rows), default=0.0)
    numbers = max(numbers, _NUMBER_WIDTH) if card.rows else 0.0
    table = words + numbers + 12 if card.rows else 0.0
    least_width, least_height = (
        max(table, name + gap + label + 12, 30.0),
        20.0 * bool(card.name) + 19.0 * len(card.rows) + 4,
    )

    def parts(width: float, height: float) -> list[str]:
        border = STRONG if card.is_result else colours.border
        stroke = 2.0 if card.is_result else 1.0
        dashes = {"stroke_dasharray": "4,2"} if colours is CONSTANT else {}
        look: dict[str, str | float] = {"rx": 9.0, "fill": colours.fill, "stroke": border, "stroke_width": stroke}
        made = [rectangle(-width / 2, -height / 2, width, height, **look, **dashes)]
        y = -least_height / 2 + 2
        if card.name:
            left = -(name + gap + label) / 2
            look = {"class_": "name", "font_weight": "bold", "text_anchor": "start"}
            made.append(text(card.name, left, y + 11, name_size, colours.name, **look))
            if card.label:
                look = {"class_": "label", "text_anchor": "start"}
                made.append(text(card.label, left + name + gap, y + 11, 11, MUTED, **look))
            y += 20
        for row in card.rows:
            x = -table / 2 + 4 + words
            made.append(text(row.word, x, y + 9.5, 10, MUTED, text_anchor="end"))
            if row.fill:
                made.append(rectangle(x + 4, y + 1, numbers, 17, rx=5.0, fill=row.fill, class_="strength"))
            made.append(_number(row, x + 4 + numbers / 2, y + 9.5))
            y += 19
        return made

    return least_width, least_height, parts


def _micrograd(card: Card, upright: bool) -> _Made:
    """Return a record: fields side by side, or one above the other if the flow is upright."""
    fields = [
        *([(card.name, "name")] if card.name else []),
        *((f"{row.word} {row.text}", row.role) for row in card.rows),
    ]
    widths = [text_width(content, 12) + 16 for content, _ in fields]
    least = (max(widths), 23.0 * len(fields)) if upright else (sum(widths), 32.0)

    def parts(width: float, height: float) -> list[str]:
        made = [rectangle(-width / 2, -height / 2, width, height, fill=PAPER, stroke=OPERATION.border)]
        begin = -height / 2 if upright else -width / 2
        scale = (height / least[1]) if upright else width / least[0]
        for i, ((content, role), wide) in enumerate(zip(fields, widths, strict=True)):
            size = (23.0 if upright else wide) * scale
            if i:
                line = f"M{number(-width / 2)},{number(begin)}H{number(width / 2)}"
                if not upright:
                    line = f"M{number(begin)},{number(-height / 2)}V{number(height / 2)}"
                made.append(f'<path stroke="{OPERATION.border}" d="{line}"/>')
            x, y = (0.0, begin + size / 2) if upright else (begin + size / 2, 0.0)
            made.append(text(content, x, y, 12, TEXT, class_=role))
            begin += size
        return made

    return (*least, parts)


def _minigrad(card: Card, _upright: bool) -> _Made:
    """Return a table with a row for each number, and one for the operation."""
    rows = [
        *([(card.label, "label")] if card.label else []),
        *((f"{row.word} = {row.text}", row.role) for row in card.rows),
    ]
    widest = max([text_width(content, 12) for content, _ in rows] + [text_width(card.name, 12, mono=True)])
    count = len(rows) + 1

    def parts(width: float, height: float) -> list[str]:
        step = height / count
        made = []
        for i, (content, role) in enumerate([*rows, (card.name, "name")]):
            is_name = i == count - 1
            fill = card.colours.fill if is_name else PAPER
            top = -height / 2 + i * step
            made.append(rectangle(-width / 2, top, width, step, fill=fill, stroke=OPERATION.border))
            look: dict[str, str | float] = {"font_family": "Courier,monospace"} if is_name else {}
            colour = card.colours.name if is_name else TEXT
            made.append(text(content, 0, top + step / 2, 12, colour, class_=role, **look))
        return made

    return widest + 12, 23.0 * count, parts


_MAKERS: Final[dict[str, Callable[[Card, bool], _Made]]] = {
    "full": _full, "micrograd": _micrograd, "minigrad": _minigrad,
}  # fmt: skip
