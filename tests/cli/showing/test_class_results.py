"""`gradcli.cli.showing.class_results`: what a teacher sees of the answers of a class."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from gradcli.cli.command import Session
from gradcli.cli.context import Terminal
from gradcli.cli.reading.answer_rows import AnswerRow, rows_about
from gradcli.cli.showing.class_results import show_results
from gradcli.cli.showing.output import Output
from gradcli.errors import CheckFailed
from tests.support.paths import ROOT

Run = Callable[..., Any]
CLASS = str(ROOT / "examples" / "class.csv")


@pytest.fixture(scope="module")
def rows() -> list[AnswerRow]:
    """The answers of the class in examples/class.csv."""
    terminal = Terminal(io.StringIO(), io.StringIO(), io.StringIO(), environment={})
    return [*rows_about(Session(terminal, Output(terminal), "check", (), (), ()), None, CLASS, None, 1)]


def shown(rows: list[AnswerRow], *words: str, is_summary: bool = False, on_terminal: bool = False) -> str:
    """What is printed of the results, of which not all are right."""
    out = io.StringIO()
    terminal = Terminal(
        io.StringIO(), out, io.StringIO(), environment={"NO_COLOR": "1"}, stdout_is_terminal=on_terminal
    )
    terminal.decide_form(words)
    with pytest.raises(CheckFailed, match="18 of 30 answers are right"):
        show_results(Output(terminal), rows, is_summary=is_summary)
    return out.getvalue()


def test_the_summary_of_a_class_has_scores_and_counts_mistakes(rows: list[AnswerRow]) -> None:
    document = json.loads(shown(rows, "--json", is_summary=True))
    assert list(document) == ["right", "of", "summary"]
    assert (document["right"], document["of"]) == (18, 30)
    summary = document["summary"]
    assert {one["name"]: one["right"] for one in summary["names"]} == {
        "Ada": 6,
        "Ben": 2,
        "Chidi": 5,
        "Dana": 3,
        "Emre": 2,
    }
    assert summary["problems"][3] == {"problem": "4", "expression": "x^3/sin(x)", "right": 2, "of": 5}
    mistakes = {one["mistake"]: one for one in summary["mistakes"]}
    assert next(iter(mistakes)) == "chain"
    assert mistakes["chain"]["names"] == {"Ben": 2, "Emre": 2}
    assert mistakes["natural logarithm"]["names"] == {"Dana": 1}
    assert [(one["reason"], one["names"]) for one in summary["mistakes"] if one["mistake"] is None] == [
        ("the answer can't be read", {"Chidi": 1}),
        ("there is no answer", {"Dana": 1}),
    ]
    assert sum(one["answers"] for one in summary["mistakes"]) == 12


def test_the_answers_and_their_summary_are_one_object(rows: list[AnswerRow]) -> None:
    document = json.loads(shown(rows, "--json"))
    assert list(document) == ["right", "of", "answers", "summary"]
    assert [one["name"] for one in document["answers"]][::6] == ["Ada", "Ben", "Chidi", "Dana", "Emre"]
    assert document["answers"][17]["verdict"] == "unreadable"
    assert document["answers"][6]["problem"] == "1"


def test_on_a_terminal_the_summary_follows_the_answers_and_no_line_is_too_long(rows: list[AnswerRow]) -> None:
    text = shown(rows, on_terminal=True)
    assert max(map(len, text.splitlines())) <= 80
    cells = [line.split() for line in text.splitlines()]
    assert ["Ada", "4", "(3*x^2*sin(x)", "-", "x^3*cos(x))/sin(x)^2", "right"] in cells
    assert ["Ben", "2", "of", "6"] in cells
    assert ["5", "6*tan(x^4)", "3", "of", "5"] in cells
    assert "4         Ben (2), Emre (2)   the inner derivative is missing (chain rule)" in text


def test_in_a_pipe_there_are_the_answers_or_the_summary_with_numbers_in_columns(rows: list[AnswerRow]) -> None:
    assert len(shown(rows).splitlines()) == 31
    lines = shown(rows, is_summary=True).splitlines()
    assert lines[:2] == ["name\tright\tof", "Ada\t6\t6"]
    assert "6\tlog(atan(x))\t1\t5" in lines


def test_one_answer_of_each_needs_no_score_and_problems_without_numbers_are_told_apart(inside: Run) -> None:
    table = "expression,answer,wrt,order\na*x^2,2a*x,x,1\na*x^2,x^2,a,1\nx^3,6x,x,2\n"
    lines = inside("check", "--answers", "-", "--summary", stdin=table).out.splitlines()
    assert lines == ["expression\tright\tof", "d/dx a*x^2\t1\t1", "d/da a*x^2\t1\t1", "d2/dx^2 x^3\t1\t1"]


def test_numbers_in_which_the_reasons_of_a_mistake_differ_are_left_out(inside: Run) -> None:
    table = "answer\n2x + 7\n2x + 5\n"
    summary = json.loads(inside("check", "x^2", "--answers", "-", "--json", stdin=table).out)["summary"]
    assert [(one["reason"], one["answers"]) for one in summary["mistakes"]] == [("a constant is added: ...", 2)]


def test_a_summary_without_a_table_is_an_error(inside: Run) -> None:
    found = inside("check", "x^2", "--summary")
    assert (found.code, "needs a table of answers" in found.err) == (2, True)


def test_answers_to_another_quiz_are_not_called_unreadable(inside: Run) -> None:
    code, out, _ = inside("quiz", "--seed", "7", "--answers", "examples/class.csv", "--summary")
    assert code == 6
    assert "names a problem that the quiz doesn't have" in out
    assert "the answer can't be read" not in out
