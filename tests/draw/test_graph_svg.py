"""`gradcli.draw.graph_svg`: pictures as SVG."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from itertools import combinations
from xml.etree import ElementTree

import pytest

from gradcli import Value, tensor
from gradcli.draw.cards import RANKDIRS, STYLES
from gradcli.draw.graph_svg import graph_to_svg
from gradcli.draw.picture import Picture, picture_of
from gradcli.errors import UsageError
from gradcli.evaluate.expression import parse
from tests.support.labels import HOSTILE
from tests.support.loops import for_each
from tests.support.paths import ROOT

SVG = "{http://www.w3.org/2000/svg}"


def worked(text: str = "x1*x2 + max(sin(x1), x2, 2)", **at: float) -> Picture:
    return picture_of(parse(text), at or {"x1": 2, "x2": 3})


def root_of(picture: Picture, style: str = "full", rankdir: str = "LR") -> ElementTree.Element:
    return ElementTree.fromstring(graph_to_svg(picture, style=style, rankdir=rankdir))


def groups(root: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [one for one in root.iter(f"{SVG}g") if name in one.get("class", "").split()]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("rankdir", RANKDIRS)
def test_each_vertex_and_each_arrow_of_the_picture_has_its_name(style: str, rankdir: str) -> None:
    picture = worked()
    root = root_of(picture, style, rankdir)
    names = Counter(one.get("id") for one in root.iter() if one.get("id"))
    assert max(names.values()) == 1
    for i, vertex in enumerate(picture.vertices):
        [found] = [one for one in root.iter(f"{SVG}g") if one.get("id") == f"v{i}"]
        assert found.get("class") == f"vertex {vertex.kind}"
        assert found[0].tag == f"{SVG}title"
    assert {f"e{k}" for k in range(len(picture.arrows))} <= set(names)


def test_numbers_have_elements_of_their_own() -> None:
    picture = worked("x1*x2", x1=2, x2=3)
    root = root_of(picture)
    for vertex, group in zip(picture.vertices, groups(root, "vertex"), strict=True):
        texts = {one.get("class"): one.text for one in group.iter(f"{SVG}text")}
        assert texts["value"] == f"{vertex.value:g}"
        assert texts["gradient"] == f"{vertex.gradient:g}"
    assert [one.text for one in root.iter(f"{SVG}text") if one.get("class") == "partial"] == ["3", "2"]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("rankdir", RANKDIRS)
def test_the_result_is_on_the_side_that_was_asked_for(style: str, rankdir: str) -> None:
    picture = worked()
    places = {}
    for group in groups(root_of(picture, style, rankdir), "vertex"):
        places[group.get("id")] = tuple(map(float, re.findall(r"-?[\d.]+", group.attrib["transform"])))
    last = places.pop(f"v{len(picture.vertices) - 1}")
    axis, sign = {"LR": (0, 1), "RL": (0, -1), "TB": (1, 1), "BT": (1, -1)}[rankdir]
    assert all(sign * (last[axis] - place[axis]) > 0 for place in places.values())


@for_each("style", STYLES)
@for_each("label", HOSTILE)
def test_no_label_breaks_out(style: str, label: str) -> None:
    a, b = Value(2.0), Value(3.0)
    a.label = label
    c = a * b
    c.label = label
    root = root_of(picture_of(c), style)
    assert len(groups(root, "vertex")) == (4 if style == "micrograd" else 3)
    assert not [one for one in root.iter() if one.tag.rpartition("}")[2] not in
                {"svg", "g", "title", "text", "rect", "path", "polygon", "ellipse", "style"}]  # fmt: skip


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_no_two_labels_of_arrows_touch(rankdir: str) -> None:
    text = "max(sin(a)*b, a*b, b*tanh(a)/3, a, b) + a*b*sin(a)"
    root = root_of(worked(text, a=1.2345, b=2.3456), "full", rankdir)
    boxes = []
    for one in root.iter(f"{SVG}text"):
        if one.get("class") == "partial":
            x, y, wide = float(one.attrib["x"]), float(one.attrib["y"]), 5.6 * len(one.text or "")
            left = x - wide if one.get("text-anchor") == "end" else x
            boxes.append((left, y - 9, left + wide, y))
    assert len(boxes) >= 8
    touching = [
        (p, q) for p, q in combinations(boxes, 2) if p[0] < q[2] and q[0] < p[2] and p[1] < q[3] and q[1] < p[3]
    ]
    assert not touching


def test_an_array_shows_its_shape_and_the_norm_of_its_gradient() -> None:
    x = tensor([[1.0, 2.0]], requires_grad=True)
    loss = (x * x).sum()
    loss.backward()
    texts = [one.text for one in root_of(picture_of(loss)).iter(f"{SVG}text")]
    assert "1 × 2" in texts
    assert "|gradient|" in texts


@pytest.mark.parametrize("style", STYLES)
def test_what_is_left_out_is_marked(style: str) -> None:
    picture = picture_of(parse("sin(x)*y"), {"x": 1, "y": 2}, depth=1)
    [more] = groups(root_of(picture, style), "more")
    assert more[0].text == "1 operand not drawn"


def test_no_derivative_passes_a_dashed_arrow() -> None:
    dashed = [one.get("id") for one in groups(root_of(worked("2*x", x=1)), "passive")]
    assert dashed == ["e0"]


def test_without_a_point_there_are_names_only() -> None:
    texts = [one.text for one in root_of(picture_of(parse("x1*x2"))).iter(f"{SVG}text")]
    assert texts == ["x1*x2", "x1", "x2", "×"]


def test_equal_pictures_have_equal_bytes_with_any_hash_seed() -> None:
    program = (
        "from gradcli.draw.graph_svg import graph_to_svg\nfrom gradcli.draw.picture import picture_of\n"
        "from gradcli.evaluate.expression import parse\n"
        "print(graph_to_svg(picture_of(parse('a*b+sin(a)/b-exp(a*b)*max(a,b)'), {'a': 1, 'b': 2})))"
    )
    made = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}, cwd=ROOT,
            capture_output=True, check=True,
        ).stdout
        for seed in "12"
    }  # fmt: skip
    assert len(made) == 1


@pytest.mark.parametrize(
    ("given", "message"),
    [({"style": "ful"}, "unknown style `ful`"), ({"rankdir": "XX"}, "unknown direction `XX`")],
)
def test_unknown_choices_are_refused(given: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        graph_to_svg(picture_of(parse("x")), **given)
