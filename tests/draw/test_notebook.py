"""`draw_dot`, `draw_graph` and what a notebook shows."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import graphviz
import pytest

from gradcli import Value, draw_dot, draw_graph
from gradcli.draw import render
from gradcli.errors import UsageError


@pytest.fixture
def value(monkeypatch: pytest.MonkeyPatch) -> Value:
    """A small graph, where there is no program ``dot``."""
    monkeypatch.setenv("PATH", "")
    a = Value(2.0)
    a.label = "a"
    c = a * a + 1
    c.backward()
    return c


def test_draw_dot_is_a_digraph_in_micrograds_look(value: Value) -> None:
    dot = draw_dot(value, rankdir="TB")
    assert isinstance(dot, graphviz.Digraph)
    assert dot.graph_attr["rankdir"] == "TB"
    assert "{ a | data 2.0000 | grad 4.0000 }" in dot.source
    assert dot.source.count("v0 -> v1op") == 2


def test_draw_graph_is_a_digraph_in_minigrads_look(value: Value) -> None:
    dot = draw_graph(value)
    assert isinstance(dot, graphviz.Digraph)
    assert "value = 5.0000" in dot.source


def test_a_notebook_shows_both_without_a_graphviz_on_the_system(value: Value) -> None:
    for shown in (draw_dot(value)._repr_mimebundle_()["image/svg+xml"], value._repr_svg_()):
        assert isinstance(shown, str)
        ElementTree.fromstring(shown)
        assert "5" in shown


def test_a_digraph_can_be_changed_before_it_is_drawn(value: Value) -> None:
    pytest.importorskip("pygraphviz")
    dot = draw_dot(value)
    dot.node("more", "added by hand")
    assert "added by hand" in dot.pipe(encoding="utf-8")


@pytest.mark.parametrize(("form", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_render_writes_the_text_and_the_picture(value: Value, tmp_path: Path, form: str, start: bytes) -> None:
    if form != "svg":
        pytest.importorskip("pygraphviz")
    written = draw_dot(value, format=form).render("graph", directory=tmp_path)
    assert Path(written) == tmp_path / f"graph.{form}"
    assert Path(written).read_bytes().startswith(start)
    assert (tmp_path / "graph").read_text(encoding="utf-8").startswith("digraph")


def test_render_can_clean_up(value: Value, tmp_path: Path) -> None:
    draw_graph(value).render(tmp_path / "graph.gv", cleanup=True)
    assert [path.name for path in tmp_path.iterdir()] == ["graph.gv.svg"]


def test_the_same_graph_gives_the_same_text(value: Value) -> None:
    assert draw_dot(value).source == draw_dot(value).source
    assert "0x" not in draw_dot(value).source


def test_an_unknown_direction_is_refused(value: Value) -> None:
    with pytest.raises(UsageError, match="unknown direction"):
        draw_dot(value, rankdir="up")


def test_without_any_graphviz_a_notebook_shows_the_same_drawings(value: Value, monkeypatch: pytest.MonkeyPatch) -> None:
    def shown() -> list[str]:
        return [value._repr_svg_() or "", *(one.pipe(encoding="utf-8") for one in (draw_dot(value), draw_graph(value)))]

    before = shown()
    monkeypatch.setattr(render, "find_spec", lambda name: None)
    assert shown() == before


def test_render_writes_svg_without_any_graphviz(value: Value, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(render, "find_spec", lambda name: None)
    assert Path(draw_dot(value).render("graph", directory=tmp_path)).read_bytes().startswith(b"<?xml")


def test_the_whole_graph_is_in_the_text(value: Value) -> None:
    total = Value(0.0)
    for _ in range(5000):
        total = total + 1
    assert draw_dot(total).source.count("shape=") >= 10_001
