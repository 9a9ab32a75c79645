"""`gradcli.draw.cards`: what vertices say."""

from __future__ import annotations

import pytest

from gradcli.draw.cards import STYLES, cards_of, fixed, short, title_text
from gradcli.draw.palette import CONSTANT, OPERATION, PAPER, VARIABLE
from gradcli.draw.picture import picture_of
from gradcli.errors import UsageError
from gradcli.evaluate.expression import parse


@pytest.mark.parametrize(
    ("value", "text", "decimals"),
    [
        (2.0, "2", "2.0000"),
        (-0.0, "0", "-0.0000"),
        (1e300, "1e+300", "1.0000e+300"),
        (float("nan"), "nan", "nan"),
        (float("-inf"), "-inf", "-inf"),
        (645577.2594752187, "6.4558e+05", "645577.2595"),
        (1e-12, "1e-12", "1.0000e-12"),
    ],
)
def test_a_number_has_a_short_form_and_one_with_four_decimals(value: float, text: str, decimals: str) -> None:
    assert (short(value), fixed(value)) == (text, decimals)


def test_the_result_has_a_mark_and_each_kind_its_colours() -> None:
    cards = cards_of(picture_of(parse("2*x"), {"x": 1}), "full")
    assert [card.is_result for card in cards] == [False, False, True]
    assert [card.colours for card in cards] == [CONSTANT, VARIABLE, OPERATION]


def test_an_operator_is_printed_as_in_print_and_otherwise_as_typed() -> None:
    picture = picture_of(parse("a*b"), {"a": 1, "b": 0})
    assert [cards_of(picture, style)[-1].name for style in STYLES] == ["×", "", "*"]


def test_a_gradient_has_a_fill_that_shows_its_size() -> None:
    cards = cards_of(picture_of(parse("100*a + b + 0*c"), {"a": 1, "b": 1, "c": 1}), "full")
    fills = {card.name: card.rows[-1].fill for card in cards if card.name in "abc"}
    assert len(set(fills.values())) == 3
    assert fills["c"] == PAPER


def test_a_title_that_is_its_value_is_written_once() -> None:
    assert title_text(picture_of(parse("2"), {})) == "2"
    assert title_text(picture_of(parse("a+a"), {"a": 3})) == "a + a = 6"
    assert title_text(picture_of(parse("a+a"))) == "a + a"


def test_an_unknown_style_is_refused() -> None:
    with pytest.raises(UsageError, match="unknown style `ful`"):
        cards_of(picture_of(parse("x")), "ful")
