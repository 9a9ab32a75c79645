"""The drawing of a graph inside a page: the SVG of a picture, with a class for each of its parts and no colours.

The group of vertex 3 has the id ``v3``; in it are a ``text.step`` with its name in the steps, a ``rect.card``, a
``text.name``, a ``text.value``, a ``rect.cell`` behind the gradient and a ``text.gradient``, as far as the vertex has
them.  The group of arrow 5 has the id ``e5``, with a path and a ``text.partial``.  The script of the page finds the
parts by these names, and its style gives them their colours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from gradcli.draw.graph_svg import graph_to_svg
from gradcli.draw.picture import Picture

__all__ = ["drawing"]

_SVG: Final = "{http://www.w3.org/2000/svg}"
#: The pixels of a point of the layout.
_SCALE: Final = 1.3
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")
#: The attributes that are left; the others are looks, which the style of the page has.
_KEPT: Final = {"id", "class", "transform", "x", "y", "width", "height", "rx", "d"}
#: The head of all arrows, which begins where their lines end.
_HEAD: Final = (
    '<defs><marker id="head" viewBox="0 0 8 6" refY="3" markerWidth="8" markerHeight="6" orient="auto" '
    'markerUnits="userSpaceOnUse"><path d="M0 0 8 3 0 6z"/></marker></defs>'
)


def drawing(picture: Picture, names: Sequence[str], label: str, rankdir: str = "LR") -> str:
    """Return a picture as SVG for a page.

    Args:
        picture: the picture, with values.
        names: the name of each vertex in the steps; empty for a constant.
        label: a sentence about the drawing, for screen readers.
        rankdir: the side of the result: ``LR`` right, ``RL`` left, ``TB`` bottom, ``BT`` top.
    """
    # Our own SVG, in which every text of a user is escaped.
    root = ElementTree.fromstring(graph_to_svg(picture._replace(title=""), rankdir=rankdir))  # noqa: S314
    width, height = _numbers(root.get("viewBox", ""))[2:]
    body = root.find(f"{_SVG}g/{_SVG}g")
    assert body is not None
    left, top = _numbers(body.get("transform", ""))
    for group in body:
        kind, place = group.get("class", ""), group.get("id", "")
        if kind.startswith("arrow"):
            _reduce(group, {"path": "line", "text": "partial"})
        else:
            _reduce(group, {"rect": "card", "text": "word"})
            if place[1:].isdigit():
                _add_step(group, names[int(place[1:])])
            if place == f"v{len(picture.vertices) - 1}":
                group.set("class", f"{kind} result")
    look = {
        "class": "graph", "role": "group", "aria-label": label, "width": f"{width * _SCALE:.0f}",
        "height": f"{height * _SCALE:.0f}", "viewBox": f"{-left:g} {-top:g} {width:g} {height:g}",
    }  # fmt: skip
    drawn = Element("svg", look)
    drawn.append(ElementTree.fromstring(_HEAD))  # noqa: S314
    drawn.extend(body)
    return ElementTree.tostring(drawn, encoding="unicode")


def _numbers(text: str) -> list[float]:
    return [float(found) for found in _NUMBER.findall(text)]


def _reduce(group: Element, classes: dict[str, str]) -> None:
    """Delete titles, heads of arrows and attributes of style; give each element a class, by its kind if it has none."""
    group.text = None
    for child in [*group]:
        child.tag = child.tag.removeprefix(_SVG)
        child.tail = None
        if child.tag in ("title", "polygon"):
            group.remove(child)
            continue
        name = child.get("class") or classes.get(child.tag, "")
        anchor = child.get("text-anchor", "") if name == "partial" else ""
        kept = {key: _rounded(value) for key, value in child.attrib.items() if key in _KEPT - {"class"}}
        child.attrib.clear()
        child.attrib.update({"class": "cell" if name == "strength" else name, **kept})
        if anchor:
            child.set("class", f"partial {anchor}")
    group.tag, group.tail = "g", "\n"
    group.attrib.update({key: _rounded(value) for key, value in group.attrib.items() if key == "transform"})


def _rounded(text: str) -> str:
    """Return a text whose numbers have at most one decimal."""
    return re.sub(r"-?\d+\.\d+", lambda found: f"{float(found[0]):.1f}".removesuffix(".0"), text)


def _add_step(group: Element, name: str) -> None:
    """Write the name of a step above the left corner of its card."""
    card = next(iter(group))
    if name:
        height = _rounded(f"{float(card.get('y', '0')) - 3:.2f}")
        text = Element("text", {"class": "step", "x": card.get("x", "0"), "y": height})
        text.text = name
        group.insert(0, text)
