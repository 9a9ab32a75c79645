"""`gradcli.draw.render`: the files themselves."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from gradcli import Value
from gradcli.draw import render
from gradcli.draw.dot import to_dot
from gradcli.draw.palette import DARK
from gradcli.draw.picture import Picture, picture_of
from gradcli.draw.render import PICTURE_FORMATS, dot_bytes, graph_bytes, net_bytes
from gradcli.errors import UnavailableError, UsageError
from gradcli.evaluate.expression import parse
from gradcli.files import format_of
from tests.support.paths import ROOT

pytest.importorskip("pygraphviz")
SVG = "{http://www.w3.org/2000/svg}"


def worked() -> Picture:
    return picture_of(parse("x1*x2+sin(x1)"), {"x1": 2, "x2": 3})


def source(style: str = "full") -> str:
    return to_dot(worked(), style=style).source


def by_graphviz(style: str = "full") -> str:
    return dot_bytes(source(style), "svg").decode()


def shown(svg: str) -> dict[str, list[str]]:
    """What a reader sees: the texts and the titles, without places and sizes."""
    root = ElementTree.fromstring(svg)
    return {
        "texts": sorted("".join(element.itertext()).strip() for element in root.iter(f"{SVG}text")),
        "titles": sorted("".join(element.itertext()) for element in root.iter(f"{SVG}title")),
        "colours": sorted({element.get("fill", "") for element in root.iter()} & set(DARK)),
    }


@pytest.mark.parametrize(
    ("form", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("dot", b"digraph")]
)
def test_each_format_is_written_and_twice_the_same(form: str, start: bytes) -> None:
    for make in (lambda: graph_bytes(worked(), form), lambda: net_bytes([2, 3, 1], form)):
        first = make()
        assert first.startswith(start)
        assert make() == first


def test_a_pdf_has_no_date() -> None:
    assert b"CreationDate (D:19700101000000Z" in graph_bytes(worked(), "pdf")


@pytest.mark.parametrize("style", ["full", "micrograd", "minigrad"])
def test_an_svg_is_transparent_and_knows_dark_mode(style: str) -> None:
    for svg in (by_graphviz(style), graph_bytes(worked(), "svg", style=style).decode()):
        ElementTree.fromstring(svg)
        assert "prefers-color-scheme: dark" in svg
        assert not re.search(r'<polygon fill="(white|#ffffff)"', svg)
        used = set(re.findall(r'(?:fill|stroke)="(#[0-9a-f]{6})"', svg))
        assert used <= set(DARK)


@pytest.mark.parametrize("style", ["full", "micrograd", "minigrad"])
def test_both_ways_to_an_svg_say_the_same(style: str) -> None:
    own, other = shown(graph_bytes(worked(), "svg", style=style).decode()), shown(by_graphviz(style))
    assert own["texts"] == other["texts"]
    assert own["colours"] == other["colours"]
    assert set(own["titles"]) == set(other["titles"]) - {"gradcli"}


def test_titles_are_words_and_not_numbers_of_vertices() -> None:
    titles = shown(by_graphviz())["titles"]
    assert "x1*x2 = 6.0, gradient 1.0" in titles
    assert "∂(sin(x1))/∂x1 = cos(x1) = -0.4161468365471424" in titles
    assert not [title for title in titles if re.fullmatch(r"v\d.*", title)]


@pytest.mark.parametrize("style", ["full", "micrograd", "minigrad"])
@pytest.mark.parametrize(
    "label", ['a "b" <c> & d', "&lt;&amp;", "back\\slash\\n", "{x|y}", "θ 变量", "[b]x[/b]", "<<b>x</b>>"]
)
def test_a_label_is_shown_as_it_is(label: str, style: str) -> None:
    a = Value(2.0)
    a.label = label
    svg = dot_bytes(to_dot(picture_of(a * 3), style=style).source, "svg").decode()
    found = shown(svg)
    assert label in [text.replace("\xa0", " ") for text in found["texts"]]
    assert any(title.startswith(label) for title in found["titles"])


def test_the_picture_of_the_readme_is_what_is_drawn_now() -> None:
    kept = (ROOT / "docs" / "graph.svg").read_text(encoding="utf-8")
    assert kept == graph_bytes(worked(), "svg").decode()


def test_a_png_has_a_page() -> None:
    image = pytest.importorskip("PIL.Image").open(io.BytesIO(graph_bytes(worked(), "png"))).convert("RGBA")
    assert image.getpixel((0, 0)) == (255, 255, 255, 255)
    assert image.width > 600


@pytest.mark.parametrize("path", ["graph", "graph.jpg", ".svg", "graph.svg.", ""])
def test_an_unknown_suffix_is_refused(path: str) -> None:
    with pytest.raises(UsageError, match="can't tell the format"):
        format_of(path, PICTURE_FORMATS, "drawing")


class TestWithoutPygraphviz:
    @pytest.fixture(autouse=True)
    def _without(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(render, "find_spec", lambda name: None)

    def test_and_without_dot_one_sentence_names_the_fix(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", "")
        with pytest.raises(UnavailableError, match="PNG needs Graphviz, which is not installed") as caught:
            graph_bytes(worked(), "png")
        assert caught.value.hint == 'pip install "gradcli[graphviz]"; or write .svg, which needs nothing'

    def test_svg_and_dot_need_neither(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", "")
        assert graph_bytes(worked(), "dot").startswith(b"digraph")
        assert graph_bytes(worked(), "svg").startswith(b"<?xml")

    @pytest.mark.skipif(sys.platform == "win32", reason="a program is a script here")
    def test_the_program_dot_is_used(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        program = tmp_path / "dot"
        program.write_text(f"#!{sys.executable}\nprint('<svg width=\"1pt\"><g/></svg>')\n", encoding="utf-8")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        assert '<svg width="1pt" role="img">' in by_graphviz()

    @pytest.mark.skipif(sys.platform == "win32", reason="a program is a script here")
    def test_a_program_dot_that_fails_is_an_error(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        program = tmp_path / "dot"
        program.write_text(f"#!{sys.executable}\nraise SystemExit(3)\n", encoding="utf-8")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(UnavailableError, match="Graphviz can't draw this"):
            by_graphviz()


def test_a_pygraphviz_that_does_not_work_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "pygraphviz.py").write_text("raise ImportError('no library')", encoding="utf-8")
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    with pytest.raises(UnavailableError, match="no library"):
        by_graphviz()


def test_nothing_of_graphviz_is_imported_before_it_is_needed() -> None:
    program = "import sys, gradcli.draw.render, gradcli.draw.tree; print([m for m in sys.modules if 'graphviz' in m])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
