"""`gradcli.cli.showing.verdicts`: verdicts in words."""

from __future__ import annotations

import pytest

from gradcli import parse
from gradcli.cli.showing.verdicts import explanation_of, sentence_of, words_of
from gradcli.evaluate.answers import check_answer


@pytest.mark.parametrize(
    ("expression", "answer", "words", "explanation"),
    [
        ("x^2", "2x", "right", ""),
        ("sin(x)^2", "2*sin(x)*cos(x)", "right, in another form", ""),
        ("x^2", "2x + 7", "wrong", "a constant is added: 7"),
        ("sin(x^2)", "cos(x^2)", "wrong", "the inner derivative is missing (chain rule), at `sin(x^2)`"),
        ("x^2", "x^5", "wrong", "at x = 1.0 the derivative is 2.0, and the answer is 1.0"),
        (
            "log(-1 - x^2) + x^2",
            "x",
            "undecided",
            "there are too few points at which the values of both formulas are known",
        ),
    ],
)
def test_the_words_and_the_reason(expression: str, answer: str, words: str, explanation: str) -> None:
    found = check_answer(parse(expression), answer, "x")
    assert (words_of(found), explanation_of(found)) == (words, explanation)


def test_a_sentence_does_not_repeat_the_point_that_is_shown_above_it() -> None:
    assert sentence_of(check_answer(parse("x^2"), "x^5", "x")) == "the answer is not the derivative"
