"""`gradcli.cli.notebook.notebook_page`: results in several formats, without markup of a user."""

from __future__ import annotations

from typing import Any

from gradcli import parse
from gradcli.cli.notebook.notebook_page import NotebookPage
from gradcli.markup import Html
from gradcli.printing.displayed import displayed


def page() -> tuple[NotebookPage, list[dict[str, str]]]:
    shown: list[dict[str, str]] = []

    def display(bundle: dict[str, str], **_: Any) -> None:
        shown.append(bundle)

    return NotebookPage(display), shown


def test_a_table_is_html_and_text_with_its_emphasis_and_without_markup_of_its_texts() -> None:
    made, shown = page()
    rows = [["<i>", [("a", "dim"), ("b<", "")], "1\n2", Html("<math/>", "x")]]
    made.table(["name", "", "", ""], rows, ["bold"])
    [bundle] = shown
    assert '<span style="font-weight:bold">&lt;i&gt;</span>' in bundle["text/html"]
    assert '<span style="opacity:0.65">a</span>b&lt;' in bundle["text/html"]
    assert "<math/>" in bundle["text/html"]
    assert bundle["text/plain"] == "name\t\t\t\n<i>\tab<\t1\n2\tx"


def test_a_formula_has_mathml_latex_and_text() -> None:
    made, shown = page()
    made.formula(displayed(parse("x^2").root), "x^2")
    assert shown[0]["text/latex"] == r"$\displaystyle x^{2}$"
    assert shown[0]["text/html"].startswith("<math")
    assert shown[0]["text/plain"] == "x^2"


def test_a_picture_is_for_a_light_page() -> None:
    made, shown = page()
    made.picture(
        b'<?xml version="1.0"?>\n<svg><style>@media (prefers-color-scheme: dark) {}</style></svg>', "a <circle>"
    )
    assert shown == [
        {
            "image/svg+xml": '<svg style="background:#ffffff" role="img" aria-label="a &lt;circle&gt;"></svg>',
            "text/plain": "a <circle>",
        }
    ]
