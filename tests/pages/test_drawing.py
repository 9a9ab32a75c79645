"""`gradcli.pages.drawing`: the SVG of a picture for a page."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from gradcli.draw.cards import short
from gradcli.draw.picture import Picture, picture_of
from gradcli.evaluate.expression import parse
from gradcli.pages.drawing import drawing


def parts(picture: Picture) -> dict[str, dict[str, str]]:
    """Return the texts by their classes for the group of each vertex and arrow."""
    names = [f"w{place}" for place in range(len(picture.vertices))]
    root = ElementTree.fromstring(drawing(picture, names, 'a "label"'))
    return {
        group.get("id", ""): {
            one.get("class", ""): one.text or "" for one in group if one.tag in ("text", "rect", "path")
        }
        for group in root.iter("g")
    }


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("x1*x2 + sin(x1)", {"x1": 2.0, "x2": 3.0}),
        ("a + a", {"a": 1.5}),
        ("value*gradient + 2*pi", {"value": 0.25, "gradient": -3.0}),
        ("u = x^2; u*exp(-u)", {"x": 1e-7}),
        ("where(x < 1, x, 3)", {"x": 0.5}),
        ("x", {"x": 1.0}),
    ],
)
def test_each_vertex_and_arrow_has_its_texts_under_their_names(text: str, at: dict[str, float]) -> None:
    picture = picture_of(parse(text), at)
    found = parts(picture)
    for place, vertex in enumerate(picture.vertices):
        texts = found[f"v{place}"]
        if vertex.gradient is not None:
            assert vertex.value is not None
            assert (texts["value"], texts["gradient"]) == (short(vertex.value), short(vertex.gradient))
            assert {"card", "cell", "step"} <= texts.keys()
        if vertex.kind != "operation":
            assert texts["name"] == vertex.name
    for place, arrow in enumerate(picture.arrows):
        expected = None if arrow.partial is None else short(arrow.partial)
        assert next((one for name, one in found[f"e{place}"].items() if name.startswith("partial")), None) == expected


def test_a_drawing_has_no_styles_links_or_titles_and_is_small() -> None:
    text = "+".join(f"tanh(w{i}*x + b{i})" for i in range(20))
    expression = parse(text)
    picture = picture_of(expression, dict.fromkeys(expression.variables, 0.5))
    svg = drawing(picture, [""] * len(picture.vertices), text)
    assert not re.search(r"style|href|<title|font", svg)
    assert len(svg) < 1000 * len(picture.vertices)
