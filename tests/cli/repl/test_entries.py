"""`gradcli.cli.repl.entries`: what is a value, and what is a definition."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        ("x = 2*pi", "x = 2*pi"),
        ("a = 1/3\nx = a*3", "a = 1/3\nx = a*3"),
        ("f(t) = t^2\nx = f(3)", "x = 9.0\nf(t) = t^2"),
        ("x = 2\nx = x^2", "x = 4.0"),
        ("y = 2*x\ny = 3", "y = 3"),
        ("y = 3\ny = 2*x", "y = 2*x"),
        ("y = x\ny(t) = t", "y(t) = t"),
        ("A = [[1, 2],\n [3, 4]]\nB = A @ A", "A = [[1, 2], [3, 4]]\nB = A @ A"),
        ("f(t) = a*t", "f(t) = a*t"),
    ],
)
def test_a_right_side_without_open_names_is_a_value_and_any_other_a_definition(
    inside: Run, lines: str, kept: str
) -> None:
    found = inside("repl", stdin=f"{lines}\n:names\n")
    assert (found.code, found.out, found.err) == (0, f"{kept}\n", "")


def test_a_value_may_be_a_file(inside: Run, own_folder: Path) -> None:
    (own_folder / "x.csv").write_text("1,2\n3,4\n")
    assert inside("repl", stdin="A = @x.csv\nsum(A)\n:grad sum(A*A)").out.splitlines()[:2] == [
        "10.0",
        "expression\tsum(A*A)",
    ]


def test_what_differs_from_ans_is_kept_as_it_was_when_ans_changes(inside: Run) -> None:
    assert inside("repl", stdin="2\ny = x*ans + sum(k*ans, k, 1, 2)\n9\nx = 1\ny").out == "2.0\n9.0\n8.0\n"
    assert "is an array" in inside("repl", stdin="[1, 2]\ny = x*ans").err


def test_a_name_of_a_definition_at_its_kink_points_at_the_name(inside: Run) -> None:
    found = inside("repl", stdin="y = abs(x)\nx = 0\n:grad 1 + y")
    assert "  1 + y\n      ^\n" in found.err
