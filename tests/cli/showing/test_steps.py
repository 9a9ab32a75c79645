"""`grad --steps`: the tables of the textbook, in words that can be followed with a pencil."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from gradcli.primitives import REGISTRY
from tests.support.loops import for_each

Run = Callable[..., Any]
GRAD = ("grad", "x1*x2+sin(x1)", "--x1", "2", "--x2", "3", "--steps")


def test_the_worked_example_in_a_pipe(inside: Run) -> None:
    assert inside(*GRAD).out.splitlines()[4:] == [
        "forward\toperation\tvalue",
        "w1\tx1\t2.0",
        "w2\tx2\t3.0",
        "w3\tw1 * w2\t6.0",
        "w4\tsin(w1)\t0.9092974268256817",
        "w5\tw3 + w4\t6.909297426825682",
        "reverse\tadjoint\tflow",
        "w5\t1.0\tis the result itself; passes 1.0 * 1 = 1.0 to w3; passes 1.0 * 1 = 1.0 to w4",
        "w4\t1.0\tpasses 1.0 * cos(w1) = -0.4161468365471424 to w1",
        "w3\t1.0\tpasses 1.0 * w2 = 3.0 to w1; passes 1.0 * w1 = 2.0 to w2",
        "w2\t2.0\tis d/dx2: receives 2.0 from w3",
        "w1\t2.5838531634528574\tis d/dx1: receives -0.4161468365471424 from w4 and 3.0 from w3",
    ]


def test_the_worked_example_on_a_terminal_fits_80_columns(inside: Run) -> None:
    found = inside(*GRAD, terminal=True, environment={"NO_COLOR": "1"})
    assert max(map(len, found.out.splitlines())) <= 80
    assert "passes 1.0 * cos(w1) = -0.4161468365471424 to w1" in found.out
    assert "The adjoint of a step" in found.out or "the adjoint of a step" in found.out


def test_the_worked_example_for_a_program(inside: Run) -> None:
    steps = json.loads(inside(*GRAD, "--json").out)["steps"]
    assert steps[2] == {
        "name": "w3",
        "operation": "w1 * w2",
        "value": 6.0,
        "adjoint": 1.0,
        "partials": {"w1": 3.0, "w2": 2.0},
    }
    assert [step["adjoint"] for step in steps] == [2.5838531634528574, 2.0, 1.0, 1.0, 1.0]


def test_an_operand_that_occurs_twice_receives_twice(inside: Run) -> None:
    lines = inside("grad", "a*a", "a=3", "--steps").out.splitlines()
    assert "w2\t1.0\tis the result itself; passes 1.0 * w1 = 3.0 to w1; passes 1.0 * w1 = 3.0 to w1" in lines
    assert "w1\t6.0\tis d/da: receives 3.0 from w2 and 3.0 from w2" in lines


def test_a_variable_that_is_the_result(inside: Run) -> None:
    assert inside("grad", "x", "x=3", "--steps").out.endswith("w1\t1.0\tis the result itself; is d/dx\n")


def test_what_does_not_lead_to_a_chosen_variable_passes_nothing(inside: Run) -> None:
    lines = inside("grad", "x + sin(y)", "x=1", "y=2", "--wrt", "x", "--steps").out.splitlines()
    assert "w3\t0.0\tpasses nothing on: it depends on no chosen variable" in lines


def test_a_branch_that_is_not_taken_passes_nothing(inside: Run) -> None:
    lines = inside("grad", "if(x > 0, sqrt(x), y)", "x=4", "y=1", "--steps").out.splitlines()
    assert any(line.startswith("w2\t0.0\tis d/dy") for line in lines)


@for_each("primitive", REGISTRY.public(), ids=lambda primitive: primitive.name)
@for_each("terminal", [False, True])
def test_every_primitive_has_steps(inside: Run, primitive: Any, terminal: bool) -> None:
    static = len(primitive.static)
    operands = ["2"] * static + list(primitive.operands[static:])
    values = [f"{name}=0.{5 + place}" for place, name in enumerate(primitive.operands[static:])]
    found = inside("grad", f"{primitive.name}({', '.join(operands)})^2 + 1", *values, "--steps", terminal=terminal)
    assert (found.code, "error" in found.err) == (0, False)


@pytest.mark.parametrize(
    "expression",
    [
        "diff(tanh(x)*abs(x), x)",
        "f(t) = t^2; f'(x) + f(f(x))",
        "r = x*x; r*r/r",
        "2",
        "pi",
        "(x > 1) * x",
        "max(x, x, 0)",
    ],
)
def test_whatever_was_typed_has_steps(inside: Run, expression: str) -> None:
    values = ["x=0.5"] if "x" in expression.replace("max", "") else []
    for terminal in (False, True):
        assert inside("grad", expression, *values, "--steps", terminal=terminal).code == 0
