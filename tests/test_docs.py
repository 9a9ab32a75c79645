"""The pages and pictures of the documentation say what the program does."""

from __future__ import annotations

import doctest
import importlib.util
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from gradcli.draw.canvas import Line
from tests.support.paths import ROOT


def load_script() -> object:
    spec = importlib.util.spec_from_file_location("screen", ROOT / "docs" / "screen.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SCREEN = load_script()


@pytest.mark.parametrize("name", SCREEN.PICTURES)  # type: ignore[attr-defined]
def test_a_picture_of_the_display_says_what_the_program_says(name: str) -> None:
    # Its colours may differ by the last digit of a score from machine to machine; its words may not.
    shown, kept = (
        re.findall(r"<text [^>]*>([^<]*)</text>", text)
        for text in (
            SCREEN.drawn(SCREEN.frame(name)),  # type: ignore[attr-defined]
            (ROOT / "docs" / name).read_text(encoding="utf-8"),
        )
    )
    assert shown == kept


@pytest.mark.parametrize("name", SCREEN.PICTURES)  # type: ignore[attr-defined]
def test_a_picture_is_sound_and_needs_no_other_file(name: str) -> None:
    root = ElementTree.parse(ROOT / "docs" / name).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert not [one for one in root.iter() if any("href" in attribute for attribute in one.attrib)]


def test_half_blocks_braille_and_words_are_drawn_in_their_places() -> None:
    lines: list[Line] = [[("a<", "bold"), ("▀▀", (0xFF0000, 0x00FF00)), ("⠁", 0x0000FF)]]
    text = SCREEN.drawn(lines)  # type: ignore[attr-defined]
    assert '<text x="14" y="26" fill="#d8dade" font-weight="bold"' in text
    assert "a&lt;" in text
    assert 'fill="#ff0000" d="M30 14h16v8h-16z"' in text
    assert 'fill="#00ff00" d="M30 22h16v8h-16z"' in text
    assert 'fill="#0000ff" d="M47 15h2v2h-2z"' in text


PAGES = [path for part in (".", "docs", "gradcli/train/data/bundled") for path in sorted((ROOT / part).glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_no_line_of_a_page_is_longer_than_120_characters(page: Path) -> None:
    """Rows of tables, and blocks of what programs print, may be longer."""
    text = re.sub(
        r"^```.*?^```$", lambda block: "\n" * block[0].count("\n"), page.read_text("utf-8"), flags=re.M | re.S
    )
    lines = enumerate(text.split("\n"), 1)
    assert [number for number, line in lines if len(line) > 120 and not line.startswith("|")] == []


@pytest.mark.parametrize("name", ["answers", "compile", "derivatives", "language"])
def test_every_example_of_the_library_gives_what_it_shows(name: str) -> None:
    page = ROOT / "docs" / f"{name}.md"
    assert doctest.testfile(str(page), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE).failed == 0
