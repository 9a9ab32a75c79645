"""`gradcli.cli.repl.statements`: what a line means; a command in a session is the command of that name."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from gradcli.cli.catalogue import COMMANDS, load
from gradcli.cli.reading.invocation import options_of
from gradcli.cli.repl.line_completion import completions_of
from gradcli.cli.repl.prompt import coloured
from gradcli.cli.repl.statements import words_of
from gradcli.cli.repl.workspace import Workspace
from gradcli.errors import ExitCode
from tests.support.loops import for_each

Run = Callable[..., Any]


def told(inside: Run, *lines: str, words: tuple[str, ...] = ()) -> Any:
    """The outcome of a session of some lines in a pipe."""
    return inside("repl", *words, stdin="\n".join(lines))


@for_each(
    ("lines", "out"),
    [
        (("2 + 3",), "5.0\n"),
        (("x = 2", "x^2"), "4.0\n"),
        (("x = 2; y = 3; x*y",), "6.0\n"),
        (("f(t) = t^2", "f(3) + f(1)"), "10.0\n"),
        (("y = a*x", "a = 2", "x = 5", "y", "a = 3", "y"), "10.0\n15.0\n"),
        (("x = 1", "x = x + 1", "x"), "2.0\n"),
        (("3", "ans + 1", "ans*ans"), "3.0\n4.0\n16.0\n"),
        (("3", "y = ans*2", "10", "y"), "3.0\n10.0\n6.0\n"),
        (("2", "f(t) = ans*t", "7", "f(3)"), "2.0\n7.0\n6.0\n"),
        (("A = [1,", " 2]", "sum(A)"), "3.0\n"),
        (("f(x) = (x +", "1)", "f(1)"), "2.0\n"),
        (("[1, 2]*2", "ans + 1"), "[2.0, 4.0]\n[3.0, 5.0]\n"),
        (("# a remark", "", "1"), "1.0\n"),
        ((r"\frac{1}{2}",), "0.5\n"),
        ((r"r = \frac{x}{2}", "x = 3", "r"), "1.5\n"),
        (("e = 3", "e^2"), "9.0\n"),
        (("y = e*x", "x = 2", "y", "e = 3", "y"), "5.43656365691809\n6.0\n"),
        (("quit = 2", "quit", "1"), "2.0\n1.0\n"),
        (("1", "quit", "2"), "1.0\n"),
        (("1", ":quit", "2"), "1.0\n"),
        (("x = 2", ":grad x^2 * x"), "expression\tx^2*x\nvalue\t8.0\nd/dx\t12.0\n"),
        (("x = 2", ":grad x^2 x=3"), "expression\tx^2\nvalue\t9.0\nd/dx\t6.0\n"),
        (("x = 2", "a = 3", ':grad --wrt x "a*x"'), "expression\ta*x\nvalue\t6.0\nd/dx\t3.0\n"),
        (("f(t) = t^3", ":diff f(x) + 1"), "3*x^2\n"),
        (("f(t) = t^3", ":diff f(x) --order 2"), "6*x\n"),
        ((":steps x^2",), "1\tpower rule\tdiff(x^2, x)\t2*x\n"),
        (("x = 2", ":plot x^2 --points 2"), "x\tvalue\n-5.0\t25.0\n5.0\t25.0\n"),
        (("a = 2", ":plot a*x x=0:1 --points 2"), "x\tvalue\n0.0\t0.0\n1.0\t2.0\n"),
        ((":eval 2 + 3", "ans"), "5.0\n5.0\n"),
        (("x = 2*pi", "y = x*a", "f(t) = t + 1", ":names"), "x = 2*pi\ny = x*a\nf(t) = t + 1\n"),
        (("x = 2", "y = 3", ":forget x", ":names"), "y = 3\n"),
    ],
)
def test_a_line_prints_its_value_and_keeps_its_names(inside: Run, lines: tuple[str, ...], out: str) -> None:
    found = told(inside, *lines)
    assert (found.code, found.out) == (ExitCode.DONE, out)


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("sni(1)", 3, "error in line 2: unknown function `sni`\n  sni(1)\n  ^^^\n  did you mean `sin`?\n"),
        ("y", 2, "error in line 2: no value for `y`\n  y\n  ^\n  write y = 1 first\n"),
        ("p = p + 1", 2, "error in line 2: `p` would be defined by itself\n"),
        ("g(t) = sni(t)", 3, "error in line 2: unknown function `sni`\n  g(t) = sni(t)\n         ^^^\n"),
        ("y = 2 +", 3, "error in line 2: the expression ends after `+`"),
        ("ans = 3", 2, "error in line 2: `ans` is the last result"),
        ("y = x*ans", 2, "error in line 2: `ans` has no value yet\n"),
        (":grda x", 2, "error in line 2: unknown command `:grda`\n  did you mean `grad`?\n"),
        (":repl", 2, "error in line 2: unknown command `:repl`\n"),
        (":forget y", 2, "error in line 2: `y` has no value and no definition\n"),
        (":grad x*y --hesian", 2, "error in line 2: `--hesian` has no value\n  did you mean `--hessian`?\n"),
        (":eval -", 3, "error in line 2: the expression is empty"),
        ("-", 3, "error in line 2: the expression ends after `-`"),
        (":diff", 2, "error in line 2: no expression is given"),
        ("A = @missing.npy", 5, "error in line 2: can't read `missing.npy`"),
    ],
)
def test_an_error_names_its_line_and_the_session_goes_on(inside: Run, line: str, code: int, message: str) -> None:
    found = told(inside, "x = 1", line, "5", "1/0*0 +")
    assert found.out == "5.0\n"
    assert found.err.startswith(message)
    assert found.code == code  # of the first error


def test_json_is_one_object_a_line(inside: Run) -> None:
    lines = ("x = 2", "x^2", "sni(x)", ":grad x^3", ":diff y^2 --plain")
    *documents, plain = told(inside, *lines, words=("--json",)).out.splitlines()
    value, error, gradient = map(json.loads, documents)
    assert value == {"expression": "x^2", "value": 4.0}
    assert (error["error"]["kind"], error["place"]) == ("unknown_function", "line 3")
    assert gradient["gradient"] == {"x": 12.0}
    assert plain == "2*y"


def test_a_terminal_shows_how_a_line_was_read(inside: Run) -> None:
    found = inside(
        "repl", terminal=True, environment={"NO_COLOR": "1"}, stdin="x=2\ny = a*x\nf(t)=t^2\nf(x)\na=1\ny=a\n"
    )
    shown = [line.removeprefix("> ") for line in found.out.splitlines()]
    assert shown == ["x = 2.0", "y = a*x", "f(t) = t^2", "x^2 = 4.0", "a = 1.0", "y = a = 1.0", ""]
    assert found.code == ExitCode.DONE


def test_an_error_on_a_terminal_ends_nothing_and_its_session_ends_with_0(inside: Run) -> None:
    found = inside("repl", terminal=True, environment={"NO_COLOR": "1"}, stdin="sni(2)\nf(1,\n2\n2 + 3\n")
    assert "error: unknown function `sni`" in found.err
    assert found.code == ExitCode.DONE


def test_help_lists_every_command_and_shows_one(inside: Run) -> None:
    listed = told(inside, ":help").out
    names = {name for group in COMMANDS.values() for name in group} - {"repl"}
    assert all(f"\n  :{name} " in listed for name in names)
    assert "Usage\n  gradcli diff EXPR" in told(inside, ":help diff").out
    assert "name\ttanh\n" in told(inside, ":help tanh").out
    assert told(inside, "help").out == listed


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x1 * sin(x2, 3) --wrt x1 x2=[1, 2] --steps", ["x1 * sin(x2, 3)", "--wrt", "x1", "x2=[1, 2]", "--steps"]),
        ("--x1 2 x1 + 1", ["--x1", "2", "x1 + 1"]),
        ("-x^2", ["-x^2"]),
        ("r = x^2; r*2 x=1", ["r = x^2; r*2", "x=1"]),
        ("'x + 1' --order 2", ["x + 1", "--order", "2"]),
        ("f'(x) + f''(x)", ["f'(x) + f''(x)"]),
        ("x == 2", ["x == 2"]),
        ("x -o graph.svg", ["x", "-o", "graph.svg"]),
        ("", []),
    ],
)
def test_an_expression_needs_no_quotes(text: str, words: list[str]) -> None:
    assert words_of(text, options_of(load("draw"))._replace(valued={"-o": "o", "--wrt": "w", "--order": "n"})) == words


@pytest.mark.parametrize("line", ["__import__('os').system('echo hi')", "!ls", "$(ls)", "`ls`", ":!ls", "@/etc/passwd"])
def test_nothing_of_a_line_runs_as_a_program(inside: Run, line: str) -> None:
    found = told(inside, line)
    assert found.code in (ExitCode.USAGE, ExitCode.EXPRESSION)
    assert found.out == ""


PIECES = [
    *("x", "y", "f", "g", "ans", "sin", "abs", "sum", "k", "π", "x²", "_", "2", "3.5", "1e3", "and", "not", "if("),
    *"()[]+-*/^=,;'|!%<>#$`&", '"', "\\", "==", "diff(", "log_x(", "f'(", "f(t)=", "y=", "x=2", "\\frac{x}{2}", "\\pi",
    *(":grad", ":diff", ":eval", ":steps", ":plot", ":names", ":forget", ":taylor", ":draw", "--wrt", "--order"),
]  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_no_line_is_an_internal_error_and_every_line_is_completed_and_coloured(seed: int, inside: Run) -> None:
    generator = random.Random(seed)
    lines = [
        generator.choice(["", " "]).join(generator.choice(PIECES) for _ in range(generator.randint(1, 9)))
        for _ in range(100)
    ]
    found = told(inside, *lines)
    assert found.code in (ExitCode.USAGE, ExitCode.EXPRESSION)
    assert "internal error" not in found.err
    workspace = Workspace()
    for line in lines:
        for one in completions_of(line, workspace):
            assert isinstance(one.meaning(), str)
        assert "".join(part for _, part in coloured(line, workspace)) == line
