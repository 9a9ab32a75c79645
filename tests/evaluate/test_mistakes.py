"""`gradcli.evaluate.mistakes`: the table of usual mistakes."""

from __future__ import annotations

import math

import pytest

from gradcli import parse
from gradcli.evaluate.answers import check_answer
from gradcli.evaluate.mistakes import MISTAKES
from tests.support.answer_cases import WRONG


def test_names_are_different_and_clauses_have_no_full_stop() -> None:
    assert len({one.name for one in MISTAKES}) == len(MISTAKES)
    assert [one.name for one in MISTAKES if one.about.endswith(".") or one.about[0].isupper()] == []


def test_the_cases_name_mistakes_of_the_table() -> None:
    assert set(WRONG) <= {one.name for one in MISTAKES}


@pytest.mark.parametrize(
    ("expression", "answer", "place"),
    [
        ("x^2 + sin(3*x)", "2x + cos(3x)", "sin(3*x)"),
        ("x^3 + x^5", "3x^2 + 5x^5", "x^5"),
        ("sin(x)*exp(x) + x^2", "cos(x)*exp(x) + 2x", "sin(x)*exp(x)"),
        ("sin(2x) + cos(2x)", "cos(2x) - sin(2x)", None),  # at both
    ],
)
def test_the_place_of_a_mistake_is_shown_if_it_was_made_at_one(expression: str, answer: str, place: str | None) -> None:
    found = check_answer(parse(expression), answer, "x")
    assert found.mistake is not None
    assert found.place == place


@pytest.mark.parametrize(
    ("expression", "answer", "reason"),
    [
        ("x^2 + sin(x)", "3x + 3/2*cos(x)", "the result has a wrong constant factor: 3/2"),
        ("x^2 + sin(x)", "(2x + cos(x))*pi/2", "the result has a wrong constant factor: pi/2"),
        ("x^2 + sin(x)", "2x + cos(x) - 2.5", "a constant is added: -5/2"),
        ("a*x^2 + b*x", "x^2", "this is the derivative with respect to `a`"),
    ],
)
def test_the_number_or_the_variable_is_named(expression: str, answer: str, reason: str) -> None:
    assert check_answer(parse(expression), answer, "x").reason == reason


def test_a_mistake_that_does_not_give_the_answer_everywhere_is_not_named() -> None:
    assert check_answer(parse("sin(x)"), "where(x < 20, pi/180*cos(x), 0)", "x").mistake is None
    assert check_answer(parse("x^2"), "where(x == 3, 7, 2x)", "x").mistake is None
    assert math.isnan(check_answer(parse("x^2"), "2*sqrt(x)^2", "x").difference.found)  # type: ignore[union-attr]
