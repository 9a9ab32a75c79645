"""Special points in words."""

import math

import pytest

from gradcli.cli.showing.feature_words import feature_text, many_text
from gradcli.evaluate.curve_features import KINDS, Feature

TEXTS = {
    "zero at x = 1.5": Feature("zero", 1.5, 0.0, slope=2.0),
    "zero for all x between -3.0 and 0.0": Feature("zero", -3.0, 0.0, to=0.0),
    "minimum at x = 1.0, value -2.0": Feature("minimum", 1.0, -2.0),
    "maximum at x = 1.0, value 2.0": Feature("maximum", 1.0, 2.0),
    "inflection at x = 0.0, value 0.5, slope 0.25": Feature("inflection", 0.0, 0.5, slope=0.25),
    "kink at x = 0.0: slope from -1.0 to 1.0": Feature("kink", 0.0, 0.0, -1.0, 1.0),
    "vertical tangent at x = 0.0: slope inf": Feature("vertical tangent", 0.0, 0.0, math.inf, math.inf),
    "hole at x = 0.0: limit 1.0, no value there": Feature("hole", 0.0, None, 1.0, 1.0),
    "hole at x = 0.0: limit 0.0, value 5.0 there": Feature("hole", 0.0, 5.0, 0.0, 0.0),
    "jump at x = 1.0: from 0.0 to 1.0, value 1.0 there": Feature("jump", 1.0, 1.0, 0.0, 1.0),
    "pole at x = 0.0: -inf on the left and inf on the right": Feature("pole", 0.0, None, -math.inf, math.inf),
    "pole at x = 0.0: -inf on the right": Feature("pole", 0.0, None, None, -math.inf),
    "end of the domain at x = 0.0: limit 1.0, attained": Feature("end", 0.0, 1.0, None, 1.0),
    "end of the domain at x = 0.0: limit 0.0, no value there": Feature("end", 0.0, None, None, 0.0),
    "oscillation at x = 0.0: the function has no limit there": Feature("oscillation", 0.0),
}


@pytest.mark.parametrize("text", TEXTS)
def test_a_point_in_words(text: str) -> None:
    assert feature_text(TEXTS[text], "x") == text


def test_every_kind_has_words() -> None:
    assert {one.kind for one in TEXTS.values()} == {*KINDS}


def test_kinds_that_are_too_many_are_named_in_the_plural() -> None:
    assert many_text(["pole"]) == "there are more poles than could be told apart; they are not listed"
    assert many_text(["zero", "minimum", "maximum"]).startswith("there are more zeros, minima and maxima than")
