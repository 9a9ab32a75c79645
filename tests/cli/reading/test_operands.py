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
from tests.support.command_line import run_inside

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


LATEX = [
    (("eval", r"\frac{1}{2} m v^2", "m=2", "v=3"), "9.0\n"),
    (("eval", "--from", "latex", "m v", "m=2", "v=3"), "6.0\n"),
    (("eval", "--from=latex", "y = x z", "x=2", "z=3"), "6.0\n"),
    (("diff", "x y", "--wrt", "x", "--from", "latex"), "y\n"),
    (("eval", "--from", "expression", "m*v", "m=2", "v=3"), "6.0\n"),
    (("eval", "x", r"x=\sqrt{4}"), "2.0\n"),
    (("map", "x_1 x_2", "--from", "latex", "--grid", "x1=1:2:2", "--x2", "3"),
     "x1,value,d_x1\n1.0,3.0,3.0\n2.0,6.0,3.0\n"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "out"), LATEX)
def test_an_expression_may_be_latex(words: tuple[str, ...], out: str) -> None:
    assert run_inside(*words)[:2] == (0, out)


@pytest.mark.parametrize("command", ["eval", "grad", "check", "draw"])
def test_every_command_reads_latex(command: str) -> None:
    outcome = run_inside(command, "--from", "latex", "x y", "x=2", "y=3", "--json")
    assert outcome.code == 0, outcome.err


def test_a_note_says_that_a_text_is_read_as_latex_unless_it_is_told() -> None:
    assert "note: the text is read as LaTeX\n" in run_inside("eval", r"\sin x", "x=0").err
    assert run_inside("eval", "--from", "latex", r"\sin x", "x=0").err == ""


def test_a_constant_of_latex_may_have_a_value() -> None:
    assert run_inside("eval", r"e^{x} + \pi", "x=1", "e=2", "pi=3").out == "5.0\n"


def test_latex_comes_from_a_pipe_and_a_file(tmp_path: Path) -> None:
    (tmp_path / "f.tex").write_text(r"$$\frac{x}{2}.$$", encoding="utf-8")
    assert run_inside("eval", f"@{tmp_path}/f.tex", "x=3").out == "1.5\n"
    assert run_inside("eval", "-", "x=3", stdin=r"\frac{x}{2}").out == "1.5\n"


def test_an_error_shows_its_place_in_the_latex() -> None:
    outcome = run_inside("eval", r"\sin x + \foo y", "x=1")
    assert (outcome.code, outcome.err) == (3, "error: `\\foo` isn't known\n  \\sin x + \\foo y\n           ^^^^\n")


def test_a_notation_that_is_unknown_is_refused() -> None:
    outcome = run_inside("eval", "--from", "latx", "x", "x=1")
    assert outcome.code == 2
    assert "did you mean `latex`?" in outcome.err


def test_latex_of_diff_can_be_piped_back() -> None:
    latex = run_inside("diff", "x1^2*exp(x_1)", "--wrt", "x1", "--latex").out
    assert run_inside("eval", "--from", "latex", "-", "x1=3", "x_1=0", stdin=latex).out == "6.0\n"
