"""`gradcli.draw.svg`: elements and the page."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from gradcli.draw.palette import LINE
from gradcli.draw.svg import arrow_line, arrowhead, dark_sheet, escaped, number, on_paper, page, text, text_width
from tests.support.labels import HOSTILE


@pytest.mark.parametrize("label", HOSTILE)
def test_every_text_is_shown_as_it_is(label: str) -> None:
    root = ElementTree.fromstring(page([label], [text(label, 0, 0, 10, LINE)], (0, 0), (10, 10)))
    texts = ["".join(one.itertext()) for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert len(set(texts)) == 1
    assert texts[0] == "".join(c if c.isprintable() else " " if c.isspace() else "\ufffd" for c in label)


def test_widths_are_those_of_helvetica() -> None:
    # The advance widths in Adobe's metrics of Helvetica: A 667, W 944, i 222, digits 556.
    assert text_width("AWi0", 1000) == 667 + 944 + 222 + 556
    assert text_width("变", 10) == 10
    assert text_width("θ", 10) < text_width("变", 10)
    assert text_width("a", 10, bold=True) > text_width("a", 10)


def test_a_page_is_as_wide_as_its_title() -> None:
    title = "f(x) = " + "sin(x)" * 20
    svg = page([title], [], (0, 0), (10, 10))
    assert float(ElementTree.fromstring(svg).attrib["viewBox"].split()[2]) > text_width(title, 12)


def test_only_colours_that_are_drawn_have_a_rule() -> None:
    assert dark_sheet('<path stroke="none"/>') == ""
    assert dark_sheet(f'<path stroke="{LINE}"/>').count("{") == 2


def test_a_head_is_at_the_end_of_its_line() -> None:
    line, head = arrow_line((0, 0), (0, 10), 4)
    assert 'y2="6"' in line
    assert head == arrowhead(0, 10, (0, 1), 4)
    assert head.count(",") == 3
    assert len(arrow_line((0, 0), (0, 10), 0)) == 1


@pytest.mark.parametrize(("value", "written"), [(1.0, "1"), (100.0, "100"), (-0.0, "0"), (1e-9, "0"), (-2.504, "-2.5")])
def test_coordinates_are_short(value: float, written: str) -> None:
    assert number(value) == written


def test_no_attribute_can_be_ended() -> None:
    assert '"' not in escaped('" onload="')


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ('width="465.42pt" height="199pt"', 'width="465.42pt" height="199pt"'),
        ('width="900pt" height="300pt"', 'width="600pt" height="200pt"'),
        ('width="6000pt" height="300pt"', 'width="3000pt" height="150pt"'),
        ('width="720" height="404"', 'width="720" height="404"'),
    ],
)
def test_a_drawing_for_a_notebook_fits_on_a_page_if_it_stays_readable(size: str, expected: str) -> None:
    sheet = "<style>@media (prefers-color-scheme: dark) {}</style>"
    made = on_paper(f'<?xml version="1.0"?>\n<svg {size}>{sheet}<rect width="900pt" height="1pt"/></svg>')
    assert made == f'<svg style="background:#ffffff" {expected}><rect width="900pt" height="1pt"/></svg>'


def test_a_drawing_for_a_notebook_keeps_its_name_for_screen_readers() -> None:
    assert on_paper('<svg aria-label="x"></svg>', "y") == '<svg style="background:#ffffff" aria-label="x"></svg>'
    assert 'role="img" aria-label="&quot;"' in on_paper("<svg></svg>", '"')
