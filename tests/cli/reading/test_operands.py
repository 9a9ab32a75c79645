"""`gradcli.cli.reading.operands`: from the words of a command line to an expression and the values of its variables."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcli.cli.reading.operands import quoted

Run = Callable[..., Any]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2", 2.0),
        ("-4", -4.0),
        ("pi/2", math.pi / 2),
        ("-1e-3", -1e-3),
        ("2^10", 1024.0),
        ("-e", -math.e),
        ("sqrt(2)", math.sqrt(2.0)),
        ("1/3", 1 / 3),
        ("inf", math.inf),
        ("√2", math.sqrt(2.0)),
    ],
)
def test_a_value_is_an_expression_without_variables(inside: Run, text: str, value: float) -> None:
    for words in (["--x", text], [f"--x={text}"], ["--at", f"x={text}"]):
        assert float(inside("eval", "x", *words).out) == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_arrives_with_all_its_bits(value: float) -> None:
    from gradcli.evaluate.expression import parse
    from gradcli.evaluate.point import evaluate

    assert math.copysign(1.0, evaluate(parse(repr(value)), {}).value) == math.copysign(1.0, value)
    assert evaluate(parse(repr(value)), {}).value == value


def test_a_variable_that_is_given_wins_over_a_constant(inside: Run) -> None:
    assert inside("eval", "2*pi", "--pi", "3").out == "6.0\n"
    assert inside("eval", "2*pi", "pi=pi").out == f"{2 * math.pi}\n"
    assert json.loads(inside("grad", "e*x", "e=2", "x=5", "--json").out)["gradient"] == {"e": 5.0, "x": 2.0}
    assert inside("diff", "e*x", "--wrt", "e").out == "x\n"


def test_a_variable_may_have_the_name_of_a_function_or_an_option(inside: Run) -> None:
    assert inside("eval", "gamma*v", "--gamma", "2", "--v", "3").out == "6.0\n"
    assert inside("grad", "order^2", "order=3", "--order", "1").out.splitlines()[-1] == "d/dorder\t6.0"
    assert inside("grad", "json + order", "--at", "order=3,json=1").code == 0


def test_a_value_that_does_not_exist_comes_with_its_own_note(inside: Run) -> None:
    found = inside("eval", "x + 1", "x=log(-1)")
    assert found.out == "nan\n"
    assert found.err.startswith("warning: `log(-1)` has no value")
    assert "in the value of `x`:" in found.err


def test_all_missing_variables_are_listed_at_once(inside: Run) -> None:
    found = inside("grad", "a*b + c*d", "--b", "2", "--json")
    error = json.loads(found.out)["error"]
    assert error["message"] == "no value for `a`, `c` and `d`"
    assert error["span"] == [0, 1]
    assert error["hint"] == 'gradcli grad "a*b + c*d" --b 2 --json --a 1 --c 1 --d 1'


def test_the_span_of_a_missing_variable_is_that_of_the_name_and_not_of_its_letters(inside: Run) -> None:
    error = json.loads(inside("eval", "max(3, x1*x)", "x1=2", "--json").out)["error"]
    assert (error["message"], error["span"]) == ("no value for `x`", [10, 11])


def test_an_empty_file_and_an_empty_input_are_empty_expressions(inside: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("\n", encoding="utf-8")
    for operand in ("-", f"@{tmp_path / 'empty.txt'}"):
        found = inside("eval", operand, "--json")
        assert json.loads(found.out)["error"]["message"] == "the expression is empty"


def test_an_expression_typed_on_a_terminal_is_asked_for(inside: Run) -> None:
    found = inside("eval", "-", stdin="1+2\n", terminal=True, environment={"NO_COLOR": "1"})
    assert (found.out, found.err) == ("1 + 2 = 3.0\n", "type the expression, then Ctrl-D on a line of its own\n")


def test_words_are_quoted_as_a_shell_reads_them() -> None:
    import shlex

    for word in ("x1", "x1*x2", "a b", "it's", 'say "x"', "$HOME", "a!b", "", "-x", "a\\b", "`x`"):
        assert shlex.split(quoted(word)) == [word]
    assert quoted("x1*x2 + 1") == '"x1*x2 + 1"'


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("A^T", "to transpose, write `transpose(A)`"),
        ("sum((2*A)^T)", "to transpose, write `transpose(2*A)`"),
        ("sin(2*PI)", "the constant is `pi`"),
        ("1 - Infinity", "the constant is `inf`"),
        ("NaN + 1", "the constant is `nan`"),
    ],
)
def test_a_name_that_is_no_variable_in_mathematics_is_explained(inside: Run, text: str, hint: str) -> None:
    found = inside("eval", text, "A=1") if "A" in text else inside("eval", text)
    assert hint in found.err


@pytest.mark.parametrize("text", ["x*T", "exp(-1/T) + 2^T", "T^T", "E*m", "t^2"])
def test_an_ordinary_variable_is_only_asked_for(inside: Run, text: str) -> None:
    hint = inside("eval", text).err.splitlines()[-1]
    assert hint.startswith("  gradcli eval")
    assert "write" not in hint
