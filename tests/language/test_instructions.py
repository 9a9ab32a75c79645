"""The parser's output: instructions in the order of the text, operands before their operation."""

from __future__ import annotations

from typing import Any

import pytest

from gradcli import parse
from gradcli.language.grammar import load_table
from gradcli.language.instructions import InstructionWriter, Script
from gradcli.language.parser import Parser

PARSER = Parser(load_table())


def program(text: str) -> Script:
    found: Script = PARSER.parse(text, InstructionWriter(text))
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x", ["x"]),
        ("1 + 2*x", [1.0, 2.0, "x", "*", "+"]),
        ("2x", [2.0, "x", "*"]),
        ("2(x + 1)^2", [2.0, "x", 1.0, "+", 2.0, "^", "*"]),
        ("2(3(x))", [2.0, 3.0, "x", "*", "*"]),
        ("sin(2x) + 3y", [2.0, "x", "*", "sin", 3.0, "y", "*", "+"]),
        ("max(2x, 3y)", [2.0, "x", "*", 3.0, "y", "*", "max"]),
        ("-x^2", ["x", 2.0, "^", "-"]),
        ("+x", ["x"]),
        ("x!²", ["x", "!", 2.0, "^"]),
        ("|x| + √y", ["x", "|", "y", "√", "+"]),
        ("x ÷ y − z", ["x", "y", "/", "z", "-"]),
        ("f()", ["f"]),
    ],
)
def test_a_text_becomes_these_instructions(text: str, expected: list[Any]) -> None:
    assert [one.payload for one in program(text).result] == expected


def test_spans_cover_the_text_that_an_instruction_stands_for() -> None:
    text = "2x + sin(y - 3)²"
    quoted = {one.payload: text[one.start : one.end] for one in program(text).result}
    assert quoted == {
        2.0: "²",  # the second of two instructions with this payload
        "x": "x",
        "*": "2x",
        "y": "y",
        3.0: "3",
        "-": "y - 3",
        "sin": "sin(y - 3)",
        "^": "sin(y - 3)²",
        "+": text,
    }


def test_definitions_have_parameters_and_bodies() -> None:
    found = program("r = x + 1; f(s, t) = 2s; c() = 1; f(r, r)")
    assert [(one.name, one.parameters) for one in found.definitions] == [("r", None), ("f", ("s", "t")), ("c", ())]
    assert [[step.payload for step in one.body] for one in found.definitions] == [
        ["x", 1.0, "+"],
        [2.0, "s", "*"],
        [1.0],
    ]
    assert [step.payload for step in found.result] == ["r", "r", "f"]


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("1e-400*x", ["`1e-400` is read as 0.0: the smallest double is 4.94e-324"]),
        ("x < 2.5E400", ["`2.5E400` is read as inf: the largest double is 1.798e+308"]),
        ("0e-400 + 0.000*x", []),
        ("4e-324 + 1.7e308*x", []),
    ],
)
def test_a_number_that_no_double_holds_has_a_note(text: str, messages: list[str]) -> None:
    assert [note.message for note in parse(text).notes] == messages
