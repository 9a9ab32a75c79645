"""`gradcli.cli.live.questions`: the quiz as a student has it on a terminal."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., Any]
QUIZ = ("quiz", "--level", "4", "--count", "3", "--seed", "1")  # cos(sqrt(x)), sin(exp(x)), (exp(x) - 7)^2
RIGHT = ("-sin(sqrt(x))/(2*sqrt(x))", "exp(x)*cos(exp(x))", "2*exp(x)*(exp(x) - 7)")


def asked(inside: Run, *lines: str) -> Any:
    text = "".join(f"{line}\n" for line in lines)
    return inside(*QUIZ, stdin=text, terminal=True, environment={"NO_COLOR": "1"})


def test_right_answers_in_any_form(inside: Run) -> None:
    found = asked(inside, *RIGHT)
    assert (found.code, found.err) == (0, "")
    assert found.out.count("Right.") == 3
    assert "> Right. gradcli writes cos(exp(x))*exp(x)\n" in found.out
    assert "You solved 3 of 3 problems at the first try and without a hint." in found.out
    assert found.out.endswith("The same problems again: gradcli quiz --level 4 --count 3 --seed 1\n")


def test_a_wrong_answer_has_its_mistake_and_another_try(inside: Run) -> None:
    found = asked(inside, "-sin(sqrt(x))", "1/x", *RIGHT)
    assert "> Wrong: the inner derivative is missing (chain rule), at `cos(sqrt(x))`\n> Wrong: at x = 1.0 " in found.out
    assert "You solved 3 of 3 problems, 2 of them at the first try and without a hint." in found.out


def test_an_answer_that_can_not_be_read_shows_the_place(inside: Run) -> None:
    found = asked(inside, "-sin(sqrt(x)", "2*y", RIGHT[0])
    assert "error: the expression ends, but a `(` is still open" in found.out
    assert "error: the answer has a variable `y` that the expression lacks\n  the expression has `x`" in found.out
    assert found.out.count("You solved 1 of 1 problem.") == 1


def test_hints_are_the_rule_then_the_steps_then_the_answer(inside: Run) -> None:
    found = asked(inside, "?", "", "hint", "?")
    assert found.out.splitlines()[:10] == [
        "3 problems. Type the derivative, or ? for a hint, skip or quit.",
        "",
        "1 of 3",
        "d/dx cos(sqrt(x))",
        "> Hint: chain rule, derivative of cos",
        "> Step 1: d/dx[cos(sqrt(x))] = -sin(sqrt(x))*d/dx[sqrt(x)]  (chain rule, derivative of cos)",
        "> Step 1.1: d/dx[sqrt(x)] = 1/(2*sqrt(x))  (derivative of sqrt)",
        "> The derivative is -sin(sqrt(x))/(2*sqrt(x))",
        "",
        "2 of 3",
    ]
    assert "You solved 0 of 1 problem." in found.out


def test_an_answer_after_a_hint_is_right_but_not_unaided(inside: Run) -> None:
    found = asked(inside, "?", *RIGHT)
    assert "You solved 3 of 3 problems, 2 of them at the first try and without a hint." in found.out


def test_the_score_is_told_by_rule(inside: Run) -> None:
    found = asked(inside, RIGHT[0], "skip", RIGHT[2])
    rows = [line.split("  ") for line in found.out.partition(" rule")[2].splitlines()[2:] if line.strip()]
    assert [[cell.strip() for cell in row if cell.strip()] for row in rows[:-1]] == [
        ["chain rule", "2 of 3"],
        ["derivative of cos", "1 of 1"],
        ["derivative of sqrt", "1 of 1"],
        ["derivative of sin", "0 of 1"],
        ["exponential rule", "1 of 2"],
        ["power rule", "1 of 1"],
        ["sum rule", "1 of 1"],
    ]


def test_a_problem_can_be_skipped_and_the_quiz_left(inside: Run) -> None:
    found = asked(inside, "skip", "quit")
    assert "> The derivative is -sin(sqrt(x))/(2*sqrt(x))\n\n2 of 3\n" in found.out
    assert "You solved 0 of 1 problem.\n" in found.out
    assert "3 of 3" not in found.out


def test_the_end_of_the_input_ends_the_quiz(inside: Run) -> None:
    found = asked(inside)
    assert (found.code, found.err) == (0, "")
    assert "solved" not in found.out


def test_an_interruption_shows_the_score(inside: Run, monkeypatch: Any) -> None:
    from gradcli.cli.context import Terminal

    lines = iter(RIGHT[:1])

    def ask(self: Terminal, prompt: str) -> str:
        for line in lines:
            return line
        raise KeyboardInterrupt

    monkeypatch.setattr(Terminal, "ask", ask)
    found = asked(inside)
    assert (found.code, found.err) == (130, "interrupted\n")
    assert "You solved 1 of 1 problem at the first try" in found.out


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo terminals")
def test_on_a_real_terminal(environment: Callable[..., dict[str, str]]) -> None:
    controller, terminal = os.openpty()
    streams = {"stdin": terminal, "stdout": terminal, "stderr": terminal}
    typed = iter([b"sin(x)\n", b"skip\n", b"quit\n"])
    shown, unanswered = b"", b""
    with subprocess.Popen(
        [sys.executable, "-m", "gradcli", *QUIZ], **streams, env=environment(COLUMNS="80")
    ) as program:
        os.close(terminal)
        while part := _read(controller):
            shown += part
            unanswered += part
            if b"> " in unanswered:
                unanswered = b""
                os.write(controller, next(typed))
    os.close(controller)
    assert program.returncode == 0
    assert b"d/dx cos(sqrt(x))" in shown
    assert b"You solved 0 of 1 problem." in shown


def _read(controller: int) -> bytes:
    """What the program shows next; nothing at its end, or if it shows nothing for a long time."""
    try:
        return os.read(controller, 65536) if select.select([controller], [], [], 60)[0] else b""
    except OSError:  # Linux says in this way that the other end is closed
        return b""
