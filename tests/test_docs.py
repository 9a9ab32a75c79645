"""The pages and pictures of the documentation say what the program does."""

from __future__ import annotations

import doctest
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
import reference
import refresh
import screen

from gradcli.draw.canvas import Line
from tests.support.loops import for_each
from tests.support.paths import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "gradcli").rglob("*.md")])


def name_of(page: Path) -> str:
    """The name of a page in the names of tests."""
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("name", refresh.DRAWINGS)
def test_a_drawing_is_what_the_program_draws(name: str) -> None:
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == refresh.drawing(name), "run python docs/refresh.py"


def test_the_reference_is_what_the_program_says() -> None:
    stale = [name for name, text in reference.pages().items() if (ROOT / "docs" / name).read_text("utf-8") != text]
    assert stale == [], "run python docs/refresh.py"


def test_every_picture_of_the_documentation_is_made_by_the_script() -> None:
    assert {path.name for path in (ROOT / "docs").rglob("*.svg")} == {*refresh.DRAWINGS, *screen.PICTURES}


@pytest.mark.parametrize("name", screen.PICTURES)
def test_a_picture_of_the_display_says_what_the_program_says(name: str) -> None:
    shown = screen.drawn(screen.frame(name))
    kept = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert refresh.words_of(shown) == refresh.words_of(kept), "run python docs/refresh.py"


@pytest.mark.parametrize("name", screen.PICTURES)
def test_a_picture_is_sound_and_needs_no_other_file(name: str) -> None:
    root = ElementTree.parse(ROOT / "docs" / name).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert not [one for one in root.iter() if any("href" in attribute for attribute in one.attrib)]


def test_half_blocks_braille_and_words_are_drawn_in_their_places() -> None:
    lines: list[Line] = [[("a<", "bold"), ("▀▀", (0xFF0000, 0x00FF00)), ("⠁", 0x0000FF)]]
    text = screen.drawn(lines)
    assert '<text x="14" y="26" fill="#d8dade" font-weight="bold"' in text
    assert "a&lt;" in text
    assert 'fill="#ff0000" d="M30 14h16v8h-16z"' in text
    assert 'fill="#00ff00" d="M30 22h16v8h-16z"' in text
    assert 'fill="#0000ff" d="M47 15h2v2h-2z"' in text


def test_plain_text_stays_itself_in_markdown_and_code_stays_code() -> None:
    assert reference.plain("x1*x2 < `a*b` in FILE_a|b") == r"x1\*x2 &lt; `a*b` in FILE\_a\|b"
    assert reference.code("csv|tsv") == r"`csv\|tsv`"


def test_a_key_of_a_schema_is_a_row_and_so_are_the_keys_inside() -> None:
    schema = {
        "$defs": {"number": {"anyOf": [{"type": "number"}, {"enum": ["NaN"]}]}},
        "required": ["a"],
        "properties": {
            "a": {
                "description": "A.",
                "type": "array",
                "items": {"properties": {"b": {"description": "B.", "$ref": "#/$defs/number"}}, "type": "object"},
            },
            "c": {"description": "C.", "enum": ["x", None]},
        },
    }
    assert list(reference.rows_of(schema, schema, "")) == [
        ("`a`", "list of object", "A."),
        ("`a[].b`?", "number", "B."),
        ("`c`?", '`"x"` or `null`', "C."),
    ]


def test_the_page_on_json_names_every_schema() -> None:
    page = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
    assert {path.name for path in reference.SCHEMAS.iterdir()} == set(re.findall(r"\(schemas/([\w.]+)\)", page))
    errors = json.loads((reference.SCHEMAS / "error.json").read_text(encoding="utf-8"))
    assert all(f"`error.{key}`" in page for key in errors["properties"]["error"]["properties"])


@for_each("page", PAGES, ids=name_of)
def test_no_line_of_a_page_is_longer_than_120_characters(page: Path) -> None:
    """Rows of tables, and blocks of what programs print, may be longer."""
    text = re.sub(
        r"^```.*?^```$", lambda block: "\n" * block[0].count("\n"), page.read_text("utf-8"), flags=re.M | re.S
    )
    lines = enumerate(text.split("\n"), 1)
    assert [number for number, line in lines if len(line) > 120 and not line.startswith("|")] == []


@pytest.mark.parametrize("page", [page for page in PAGES if ">>> " in page.read_text("utf-8")], ids=name_of)
def test_every_example_of_the_library_gives_what_it_shows(page: Path) -> None:
    options = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    assert doctest.testfile(str(page), module_relative=False, optionflags=options).failed == 0
