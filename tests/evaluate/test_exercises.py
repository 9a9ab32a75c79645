"""`gradcli.evaluate.exercises`: exercises as in a textbook, the same for the same seed everywhere."""

from __future__ import annotations

import re
from itertools import islice

import pytest

from gradcli.errors import LimitError, UsageError
from gradcli.evaluate.answers import check_answer
from gradcli.evaluate.exercises import _GRAMMAR, LEVELS, exercises, quiz
from gradcli.printing.text import to_text


def texts(level: int, seed: int, count: int) -> list[str]:
    return [str(one.question) for one in islice(exercises(level, seed), count)]


def test_a_seed_gives_these_exercises_on_every_system_and_version_of_python() -> None:
    assert texts(1, 0, 3) == ["6*x^6 + 3*x^2 - 8", "x^6 + 6*x^2 - 5*x + 9", "x^(1/3) - 7*x^2"]
    assert texts(3, 7, 3) == ["x^4*2^x", "sin(x)/x", "x*cos(x)"]
    assert texts(5, 123456789, 3) == ["(x + 3)^cos(x)", "2*acos(x)^3", "x*log(x)^2"]


def test_another_seed_gives_other_exercises_and_a_longer_quiz_begins_in_the_same_way() -> None:
    assert texts(4, 1, 10) != texts(4, 2, 10)
    assert texts(4, 1, 10) == texts(4, 1, 30)[:10]


#: The words of a textbook on differentiation.
WORDS = {*["x", "exp", "log", "log10", "sqrt", "sin", "cos", "tan", "sec", "csc", "cot", "asin", "acos", "atan"]}


@pytest.mark.parametrize("level", LEVELS)
def test_a_hundred_exercises_are_different_and_have_answers_as_in_a_textbook(level: int) -> None:
    found = {str(one.question): one for one in islice(exercises(level, 11), 120)}
    assert len(found) == 120
    assert max(map(len, found)) <= 40
    for question, one in found.items():
        answer = one.derivative
        assert "x" in re.findall(r"[a-z]\w*", answer), question
        assert len(answer) <= 64, question
        assert {*re.findall(r"[a-z]\w*", f"{answer} {question}")} <= WORDS, question
        assert not re.search(r"\d\.\d", answer), question


@pytest.mark.parametrize("level", LEVELS)
def test_every_exercise_has_values_at_enough_points_for_a_verdict(level: int) -> None:
    for one in islice(exercises(level, 8), 6):
        assert check_answer(one.question, one.derivative, one.variable).is_right, one


def test_no_form_is_repeated_before_all_others_of_its_level() -> None:
    forms = [re.sub(r"\b\d+\b", "n", one) for one in texts(4, 3, 20)]
    assert len(set(forms)) >= 17


def test_a_quiz_of_all_levels_begins_with_the_easy_ones() -> None:
    assert [one.level for one in quiz(1, 12)] == [1, 1, 1, 2, 2, 3, 3, 3, 4, 4, 5, 5]
    assert [str(one.question) for one in quiz(9, 5, 4)] == texts(4, 9, 5)
    assert [one.level for one in quiz(1, 2)] == [1, 3]


def test_a_level_or_a_seed_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(UsageError, match="`level` is from 1 to 5, not 6"):
        next(exercises(6, 1))
    with pytest.raises(UsageError, match="`seed` is at least 0, not -1"):
        quiz(-1, 3)
    with pytest.raises(UsageError, match="`count` is at least 1, not 0"):
        quiz(1, 0)
    with pytest.raises(LimitError, match="a quiz has at most 1,000 problems, not 1,001"):
        quiz(1, 1001)


def test_more_exercises_than_there_are_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(_GRAMMAR, "1", ("x^{low}",))  # type: ignore[arg-type]
    assert sorted(texts(1, 0, 10)) == ["x^2", "x^3"]
    with pytest.raises(UsageError, match="`count` is at most 2 for this level, not 3"):
        quiz(1, 3, 1)


def test_the_rules_of_an_exercise_are_those_of_calculus_in_its_derivation() -> None:
    [one] = [one for one in islice(exercises(3, 7), 3) if str(one.question) == "sin(x)/x"]
    assert one.rules == ["quotient rule", "derivative of sin"]
    assert next(step.rule for step in one.steps if not step.differentiates) == "insert the derivatives"
    assert to_text(one.steps[-1].after) == one.derivative


@pytest.mark.parametrize("level", LEVELS)
def test_every_derivation_ends_with_the_answer(level: int) -> None:
    for one in islice(exercises(level, 21), 12):
        assert to_text(one.steps[-1].after) == one.derivative, one
        assert one.rules, one
