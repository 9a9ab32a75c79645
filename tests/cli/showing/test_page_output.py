"""`gradcli.cli.showing.page_output`: pages that commands write."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command_line import run_inside

POINT = ("x1*x2 + sin(x1)", "--x1", "2", "--x2", "3")


@pytest.mark.parametrize(
    ("words", "out"),
    [
        (("draw", *POINT), ""),
        (("grad", *POINT, "--steps"), "value\t6.909297426825682"),
        (("diff", "x^2*sin(x)", "--steps"), "x*(x*cos(x) + 2*sin(x))"),
        (("diff", "[x*y, x/y]", "--every"), "df2/dy\t-x/y^2"),
        (("plot", "x^2 - 1", "x=-2:2"), ""),
        (("plot", "x^2 - y^2", "x=-2:2", "y=-2:2"), ""),
    ],
)
def test_a_page_is_written_whole_and_said_to_be(tmp_path: Path, words: tuple[str, ...], out: str) -> None:
    path = tmp_path / "page.html"
    outcome = run_inside(*words, "-o", str(path))
    assert (outcome.code, outcome.err.partition("\n")[0]) == (0, f"wrote {path}")
    assert out in outcome.out
    assert "Reverse" not in outcome.out
    assert "product rule" not in outcome.out
    page = path.read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert page.endswith("</html>\n")
    assert [one.name for one in tmp_path.iterdir()] == ["page.html"]
    # Equal input gives equal bytes.
    run_inside(*words, "-o", str(path))
    assert path.read_text(encoding="utf-8") == page


def test_json_names_the_file(tmp_path: Path) -> None:
    path = str(tmp_path / "page.html")
    for words in (("draw", *POINT), ("grad", *POINT, "--steps"), ("diff", "x^2", "--steps")):
        assert json.loads(run_inside(*words, "-o", path, "--json").out)["file"] == path


@pytest.mark.parametrize(
    ("words", "sentence", "hint"),
    [
        (("draw", "x*y", "-o", "p.html"), "no value for `x` and `y`", 'gradcli draw "x*y" -o p.html --x 1 --y 1'),
        (("draw", "x*y", "--x", "1", "-o", "p.html"), "no value for `y`", "--y 1"),
        (("draw", "x", "--x", "1", "--style", "minigrad", "-o", "p.html"), "a page has the style full", "leave out"),
        (("draw", "--net", "2,1", "-o", "p.html"), "can't tell the format", ".svg, .png, .pdf or .dot"),
        (("draw", "sum(x)", "--x", "[1,2]", "-o", "p.html"), "a page computes with numbers", ""),
        (("grad", *POINT, "-o", "p.html"), "so this command needs `--steps`", "add --steps -o p.html"),
        (("diff", "x^2", "-o", "p.html"), "so this command needs `--steps`", "add --steps -o p.html"),
        (("plot", "x^2", "x=-1:1", "-o", "p.gif"), "can't tell the format of the figure", ".png, .pdf or .html"),
        (("grad", *POINT, "--steps", "--wrt", "x1", "-o", "p.html"), "a page has all of them", "leave out `--wrt`"),
        (("grad", *POINT, "--steps", "-o", "p.svg"), "can't tell the format of the page `p.svg`", ".html"),
    ],
)
def test_what_no_page_shows_is_one_sentence(words: tuple[str, ...], sentence: str, hint: str) -> None:
    outcome = run_inside(*words)
    assert outcome.code == 2
    assert sentence in outcome.err
    assert hint in outcome.err
    assert not Path("p.html").exists()


def test_a_page_in_a_missing_folder_is_one_sentence(tmp_path: Path) -> None:
    outcome = run_inside("draw", *POINT, "-o", str(tmp_path / "missing" / "page.html"))
    assert outcome.code == 5
    assert "can't write" in outcome.err
