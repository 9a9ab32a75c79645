"""`gradcli diff`: the derivative as a formula."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

Run = Callable[..., Any]
NO_COLOUR = {"NO_COLOR": "1"}


def test_the_bare_formula_in_a_pipe(inside: Run) -> None:
    assert inside("diff", "x1*x2 + sin(x1)", "--wrt", "x1") == (0, "x2 + cos(x1)\n", "")


def test_a_program_can_read_it_back(inside: Run) -> None:
    formula = inside("diff", "tanh(x)*x^3", "--order", "2").out
    expected = json.loads(inside("grad", "tanh(x)*x^3", "x=0.7", "--order", "2", "--json").out)
    value = float(inside("eval", "-", "x=0.7", stdin=formula).out)
    assert math.isclose(value, expected["derivatives"]["x"][1], rel_tol=1e-14)


def test_json_says_what_was_differentiated_toward_what_and_how_often(inside: Run) -> None:
    assert json.loads(inside("diff", "x^3", "--order", "2", "--json").out) == {
        "expression": "x^3",
        "wrt": "x",
        "order": 2,
        "derivative": "6*x",
    }


def test_the_derivative_may_be_latex(inside: Run) -> None:
    assert inside("diff", "sin(theta)", "--latex").out == "\\cos\\left(\\theta\\right)\n"


def test_a_constant_has_a_derivative_toward_any_name(inside: Run) -> None:
    assert inside("diff", "3", "--wrt", "x").out == "0\n"


def test_a_condition_of_the_formula_is_a_note(inside: Run) -> None:
    found = inside("diff", "x*y/y", "--wrt", "x")
    assert (found.out, found.err) == ("1\n", "note: this holds where y != 0\n")


def test_what_was_asked_stands_above_on_a_terminal(inside: Run) -> None:
    found = inside("diff", "x^3", "--order", "2", terminal=True, environment=NO_COLOUR)
    assert found.out == "d2/dx^2 x^3\n6*x\n"
