"""`gradcli.draw.palette`: whatever is written can be read, on a light page and on a dark one.

The contrast of two colours is that of WCAG 2: from 1 to 21, and text can be read from 4.5 on, a shape from 3 on.
"""

from __future__ import annotations

import itertools
import math
import re
import tokenize
from pathlib import Path

import pytest

from gradcli.draw import palette
from gradcli.draw.palette import DARK, LINE, MUTED, PAPER, STRONG, TEXT, Colours, gradient_colour
from tests.support.loops import for_each
from tests.support.paths import PACKAGE

KINDS = {name: one for name, one in vars(palette).items() if isinstance(one, Colours)}
SIZES = [0.0, 0.01, 0.1, 0.3, 0.5, 0.8, 1.0]
GRADIENTS = [sign * size for size in SIZES for sign in (1.0, -1.0)] + [math.nan, math.inf]


def luminance(colour: str) -> float:
    """The relative luminance of a colour, as WCAG 2 defines it."""
    shares = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def on_both_pages(first: str, second: str) -> list[float]:
    """The contrast of two colours of a drawing on a light page and on a dark one."""
    return [contrast(first, second), contrast(DARK[first], DARK[second])]


def test_black_on_white_has_the_largest_contrast_there_is() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)


@pytest.mark.parametrize("page", ["#ffffff", "#000000"])
def test_what_stands_on_the_page_can_be_read_on_white_and_on_black_if_the_page_is_not_known(page: str) -> None:
    assert contrast(LINE, page) >= 4.3


@pytest.mark.parametrize("name", KINDS)
def test_the_name_of_a_vertex_can_be_read_on_its_fill_and_its_border_be_seen_on_the_page(name: str) -> None:
    kind = KINDS[name]
    assert min(on_both_pages(kind.name, kind.fill)) >= 4.5
    for border, page in ((kind.border, "#ffffff"), (DARK[kind.border], "#0d1117")):
        assert contrast(border, page) >= 3.0


@pytest.mark.parametrize("colour", [TEXT, STRONG, MUTED])
def test_text_can_be_read_on_the_paper_of_a_vertex(colour: str) -> None:
    assert min(on_both_pages(colour, PAPER)) >= 4.5


@pytest.mark.parametrize("gradient", GRADIENTS)
def test_a_number_can_be_read_on_the_colour_of_its_gradient(gradient: float) -> None:
    assert min(on_both_pages(TEXT, gradient_colour(gradient, 1.0))) >= 4.5


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_larger_a_gradient_the_further_its_colour_is_from_the_page(sign: float) -> None:
    shown = list(dict.fromkeys(gradient_colour(sign * size, 1.0) for size in [0.0, *(k / 100 for k in range(1, 101))]))
    assert len(shown) == 6
    for colours, page in ((shown, PAPER), ([DARK[one] for one in shown], DARK[PAPER])):
        distances = [contrast(one, page) for one in colours]
        assert all(before < after for before, after in itertools.pairwise(distances))


def test_gradients_of_two_signs_and_those_that_are_not_finite_never_share_a_colour() -> None:
    plus, minus = ({gradient_colour(sign * size, 1.0) for size in SIZES[1:]} for sign in (1.0, -1.0))
    assert not plus & minus
    assert {gradient_colour(one, 1.0) for one in (math.nan, math.inf, -math.inf)}.isdisjoint(plus | minus | {PAPER})


def test_a_gradient_alone_has_the_strongest_colour_also_where_the_largest_is_too_small_to_divide_by() -> None:
    strongest = gradient_colour(1.0, 1.0)
    assert gradient_colour(5e-324, 5e-324) == gradient_colour(1.0, 0.0) == strongest
    assert gradient_colour(math.inf, math.inf) != strongest


def test_every_colour_is_six_digits_and_has_a_counterpart_of_its_own_kind_of_page() -> None:
    for light, dark in DARK.items():
        assert re.fullmatch("#[0-9a-f]{6}", light)
        assert re.fullmatch("#[0-9a-f]{6}", dark)
    assert luminance(PAPER) > 0.9 > 0.02 > luminance(DARK[PAPER])
    assert luminance(TEXT) < luminance(DARK[TEXT])


DRAWING = [*PACKAGE.glob("draw/*.py"), *PACKAGE.glob("cli/live/*.py")]


@for_each("path", [path for path in DRAWING if path.name != "palette.py"], ids=lambda path: path.name)
def test_only_the_palette_has_colours(path: Path) -> None:
    """Black, white and greys may be elsewhere, and docstrings and comments may have examples."""
    with path.open("rb") as file:
        tokens = [one.string for one in tokenize.tokenize(file.readline) if one.type != tokenize.COMMENT]
    code = " ".join(one for one in tokens if not one.startswith('"""'))
    found = re.findall(r"(?:#|0x)([0-9a-fA-F]{2})([0-9a-fA-F]{2})([0-9a-fA-F]{2})\b", code)
    assert [colour for colour in found if len({*colour}) > 1] == []
