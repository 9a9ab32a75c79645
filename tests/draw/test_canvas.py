"""Lines of coloured pieces, and how a terminal is told to show them."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcli.draw.canvas import (
    BRAILLE,
    CLEAR,
    DASHES,
    Key,
    Line,
    Painter,
    beside,
    curve,
    half_blocks,
    nearest,
    overlay,
    padded,
    width_of,
)

TRUE = {"COLORTERM": "truecolor"}
CODE = re.compile(r"\x1b\[[0-9;]*m")

pieces = st.lists(st.tuples(st.text("ab ▀━变", max_size=8), st.sampled_from(["", "dim", 0xFF0000, (1, 2)])), max_size=6)


@pytest.mark.parametrize(
    ("environment", "depth"),
    [
        (TRUE | {"TERM": "xterm-256color"}, 1 << 24),
        ({"COLORTERM": "24bit"}, 1 << 24),
        ({"TERM": "xterm-direct"}, 1 << 24),
        ({"TERM": "screen-256color"}, 256),
        ({"TERM": "xterm"}, 16),
        ({}, 16),
    ],
)
def test_the_environment_says_how_many_colours_there_are(environment: dict[str, str], depth: int) -> None:
    assert Painter.of(environment, colour=True).depth == depth
    assert Painter.of(environment, colour=False).depth == 0


def test_the_environment_says_whether_the_page_is_light() -> None:
    assert Painter.of({"COLORFGBG": "0;15"}, colour=True).is_light
    assert not Painter.of({"COLORFGBG": "15;0"}, colour=True).is_light
    assert not Painter.of({}, colour=True).is_light


@pytest.mark.parametrize(
    ("depth", "key", "code"),
    [
        (1 << 24, 0x010203, "38;2;1;2;3"),
        (1 << 24, (0x010203, 0x040506), "38;2;1;2;3;48;2;4;5;6"),
        (256, 0xFF0000, "38;5;196"),
        (256, (0xFF0000, 0x00FF00), "38;5;196;48;5;46"),
        (16, 0xFF0000, "91"),
        (16, (0xCD0000, 0xFF0000), "31;101"),
        (16, "dim", "2"),
        (16, "bold", "1"),
    ],
)
def test_a_colour_is_written_as_the_terminal_understands_it(depth: int, key: Key, code: str) -> None:
    assert Painter(depth).text([("x", key)], 9) == f"\x1b[{code}mx\x1b[0m"


@given(pieces)
def test_without_colours_nothing_but_the_text_is_written(line: Line) -> None:
    assert "\x1b" not in Painter(0).text(line, 80)


@given(pieces, st.integers(0, 30))
def test_no_line_is_wider_than_it_may_be(line: Line, width: int) -> None:
    shown = CODE.sub("", Painter(1 << 24).text(line, width))
    assert width_of([(shown, "")]) <= width
    assert width_of(padded(line, width)) == width
    assert "".join(text for text, _ in line).startswith(shown)


def test_every_colour_of_256_is_its_own_nearest() -> None:
    steps = (0, 95, 135, 175, 215, 255)
    for number in range(216):
        red, green, blue = steps[number // 36], steps[number // 6 % 6], steps[number % 6]
        found = nearest(red << 16 | green << 8 | blue, 256)
        # A grey of the ramp may be as good.
        assert found == 16 + number or red == green == blue
    assert [nearest((8 + 10 * k) * 0x010101, 256) for k in range(24)] == list(range(232, 256))


def test_two_rows_of_pixels_are_one_line_and_what_is_clear_shows_the_page() -> None:
    pixels = np.array([[1, 1, CLEAR, CLEAR], [2, 2, 3, CLEAR], [4, CLEAR, 5, 5]])
    assert half_blocks(pixels) == [[("▀▀", (1, 2)), ("▄", 3), (" ", "")], [("▀", 4), (" ", ""), ("▀▀", 5)]]


def test_a_curve_goes_from_edge_to_edge_and_has_no_gaps() -> None:
    rows = curve([1.0, 100.0, 3.0], 10, 4, 1.0, 100.0)
    dots = np.array([[ord(cell) - BRAILLE for cell in row] for row in rows])
    assert (dots != 0).any(axis=0).all()
    assert (dots != 0).any(axis=1).all()
    # The first value is at the bottom, the largest in the middle at the top.
    assert dots[3, 0] != 0
    assert dots[0, 4] != 0 or dots[0, 5] != 0


def test_a_single_value_and_equal_values_have_a_curve() -> None:
    assert curve([1.0], 2, 1, 1.0, 1.0)[0] != "\u2800\u2800"
    assert curve([0.0, 0.0], 2, 1, 0.0, 0.0)[0] != "\u2800\u2800"


def test_what_lies_on_top_gives_a_shared_character_its_colour() -> None:
    assert overlay([(["⠁"], 1), (["⠂"], 2)], 1, 1) == [[("⠃", 2)]]
    assert overlay([(["⠁"], 1), (["⠀"], 2)], 1, 1) == [[("⠁", 1)]]


def test_blocks_of_two_heights_stand_side_by_side() -> None:
    left: list[Line] = [[("a", "")]]
    right: list[Line] = [[("b", "")], [("c", "")]]
    assert ["".join(text for text, _ in line) for line in beside(left, right, 2)] == ["a   b", "    c"]


@pytest.mark.parametrize("dash", DASHES)
def test_every_kind_of_dashes_differs_and_shows_steep_curves(dash: str) -> None:
    flat, steep = ([curve(values, 10, 4, 0.0, 1.0, dash=one) for one in DASHES] for values in ([0.5, 0.5], [1.0, 0.0]))
    assert len(set(map(tuple, flat))) == len(DASHES)
    falling = steep[DASHES.index(dash)]
    assert all(any(character != chr(BRAILLE) for character in row) for row in falling)
