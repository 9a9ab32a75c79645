"""`gradcli.markup`: texts and tables as HTML that a notebook or a page shows as they are."""

from __future__ import annotations

import html
import re

import pytest

from gradcli.markup import Html, escaped, table

HOSTILE = ["<script>alert(1)</script>", "a & b", '"><img src=x onerror=y>', "tab\tbell\x07", "$x$ and $y$"]


def printable(text: str) -> str:
    return "".join([sign if sign.isprintable() or sign == "\t" else " " for sign in text])


@pytest.mark.parametrize("text", HOSTILE)
def test_escaped_text_has_no_markup(text: str) -> None:
    assert not re.search(r'[<>"\']', escaped(text))
    assert html.unescape(escaped(text)) == printable(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_heading_or_caption_becomes_markup_or_latex(text: str) -> None:
    made = table([text], [[text]], text)
    assert "<script" not in made
    assert "<img" not in made
    assert not re.search(r"\$[^<]", made)
    shown = html.unescape(re.sub(r"<[^>]*>", "", made))
    assert shown == 3 * printable(text)


def test_what_is_html_stays_and_lines_stay_lines() -> None:
    made = table(["a", ""], [[Html("<b>x</b>", "x"), "[[1],\n [2]]"]])
    assert '<td style="text-align:left;white-space:pre-wrap"><b>x</b></td>' in made
    assert 'white-space:pre;font-family:monospace">[[1],\n [2]]</td>' in made
    assert table(["", ""], [["1", "2"]]).count("<thead>") == 0
    assert Html("<b>x</b>", "x").plain == "x"
