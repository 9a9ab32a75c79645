"""`gradcli.cli.reading.answer_rows`: tables of answers, read by `gradcli check --answers`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Run = Callable[..., Any]

CLASS = """name,expression,answer
Ada,x^2*sin(x),2x*cos(x)
Ben,x^2*sin(x),"x*(2*sin(x) + x*cos(x))"
Cy,log(|x|),1/x
Di,x^3,3x^
Eve,x^2+3,0
"""


def test_each_row_has_a_verdict_and_the_code_is_6_if_one_is_not_right(inside: Run, tmp_path: Path) -> None:
    path = tmp_path / "class.csv"
    path.write_text(CLASS)
    found = inside("check", "--answers", str(path))
    rows = [line.split("\t") for line in found.out.splitlines()]
    assert found.code == 6
    assert rows[0] == ["name", "problem", "expression", "answer", "verdict", "why"]
    assert [(row[0], row[4]) for row in rows[1:]] == [
        ("Ada", "wrong"),
        ("Ben", "right, in another form"),
        ("Cy", "right, in another form"),
        ("Di", "unreadable"),
        ("Eve", "wrong"),
    ]
    assert "u'*v + u*v'" in rows[1][5]
    assert rows[4][5] == "the expression ends after `^`, where a value is missing"
    assert "2 of 5 answers are right" in found.err


def test_one_expression_for_all_rows_and_a_variable_and_an_order_of_each(inside: Run, tmp_path: Path) -> None:
    path = tmp_path / "class.jsonl"
    path.write_text(
        '{"answer": "2*a*x", "wrt": "x"}\n{"answer": "x^2", "wrt": "a"}\n{"answer": "2*a", "wrt": "x", "order": 2}\n'
    )
    found = inside("check", "a*x^2", "--answers", str(path), "--json")
    document = json.loads(found.out)
    assert (found.code, document["right"], document["of"]) == (0, 3, 3)
    assert [(row["name"], row["wrt"], row["order"]) for row in document["answers"]] == [
        ("1", "x", 1),
        ("2", "a", 1),
        ("3", "x", 2),
    ]


def test_rows_that_can_not_be_judged_say_why(inside: Run, tmp_path: Path) -> None:
    path = tmp_path / "class.csv"
    path.write_text("expression,answer,order\na*x,a,\nx^2,2x,0\nx^2,2*y,1\n,2,1\n")
    document = json.loads(inside("check", "--answers", str(path), "--json").out)
    assert [row["verdict"] for row in document["answers"]] == ["unreadable"] * 4
    assert [row["error"] for row in document["answers"]] == [
        "the expression has 2 variables: `a` and `x`",
        "the order of a derivative is a natural number, not 0",
        "the answer has a variable `y` that the expression lacks",
        "the row has no expression",
    ]


def test_a_missing_column_is_an_error(inside: Run, tmp_path: Path) -> None:
    path = tmp_path / "class.csv"
    path.write_text("name,answer\nAda,2x\n")
    assert "has no column `expression`" in inside("check", "--answers", str(path)).err
    assert inside("check", "x^2", "--answers", str(path)).code == 0
    assert inside("check", "x^2", "--answers", str(path), "--answer", "2x").code == 2


def test_a_table_from_standard_input(inside: Run) -> None:
    found = inside("check", "x^2", "--answers", "-", stdin="answer\n2x\nx + x\n")
    assert (found.code, found.out.count("right")) == (0, 2)
    assert "line 2: 2 cells" in inside("check", "x^2", "--answers", "-", stdin="answer\nlog(x, 3)\n").err


def test_an_answer_that_was_left_out_is_missing(inside: Run) -> None:
    document = json.loads(inside("check", "x^2", "--answers", "-", "--json", stdin="name,answer\nAda,\n").out)
    assert (document["answers"][0]["verdict"], document["answers"][0]["error"]) == ("missing", None)


QUIZ = ("quiz", "--level", "4", "--count", "3", "--seed", "1")  # cos(sqrt(x)), sin(exp(x)), (exp(x) - 7)^2


def test_answers_to_a_quiz_are_in_the_order_of_its_problems_or_have_their_numbers(inside: Run) -> None:
    lines = "answer\n-sin(sqrt(x))/(2*sqrt(x))\ncos(exp(x))\n2*(exp(x)-7)\n1\n"
    document = json.loads(inside(*QUIZ, "--answers", "-", "--json", stdin=lines).out)
    found = [(row["problem"], row.get("expression"), row["verdict"], row.get("mistake")) for row in document["answers"]]
    assert found == [
        ("1", "cos(sqrt(x))", "equal", None),
        ("2", "sin(exp(x))", "wrong", "chain"),
        ("3", "(exp(x) - 7)^2", "wrong", "chain"),
        ("4", None, "unreadable", None),
    ]
    assert document["answers"][3]["error"] == "the quiz has no problem 4"
    table = "name,problem,answer\nAda,2,cos(exp(x))*exp(x)\nAda,0,1\nBen,two,1\n"
    document = json.loads(inside(*QUIZ, "--answers", "-", "--json", stdin=table).out)
    assert [row["verdict"] for row in document["answers"]] == ["equal", "unreadable", "unreadable"]


def test_an_answer_to_another_quiz_is_not_judged(inside: Run) -> None:
    table = "problem,expression,answer\n1,cos(sqrt(x)),1\n1,sin(x),cos(x)\n"
    document = json.loads(inside(*QUIZ, "--answers", "-", "--json", stdin=table).out)
    assert [row["verdict"] for row in document["answers"]] == ["wrong", "unreadable"]
    assert document["answers"][1]["error"] == "problem 1 of the quiz is `cos(sqrt(x))`, not `sin(x)`"
