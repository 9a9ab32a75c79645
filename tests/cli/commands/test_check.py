"""`gradcli check`: the gradient and how many digits of it each other method confirms."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., Any]
NO_COLOUR = {"NO_COLOR": "1"}


def test_rows_of_digits_in_a_pipe(inside: Run) -> None:
    lines = inside("check", "x1*x2+sin(x1)", "--x1", "2", "--x2", "3").out.splitlines()
    assert lines[:3] == [
        "expression\tx1*x2 + sin(x1)",
        "value\t6.909297426825682",
        "variable\tderivative\tforward\tcomplex_step\tfinite_difference\tballs",
    ]
    assert lines[3].startswith("x1\t2.5838531634528574\t17 digits\t")
    assert lines[-1] == "agree\tyes"


def test_the_keys_of_json(inside: Run) -> None:
    document = json.loads(inside("check", "tanh(x)", "x=2", "--json").out)
    assert list(document) == ["expression", "value", "gradient", "methods", "right_digits", "agree"]
    assert list(document["methods"]) == ["forward", "complex_step", "finite_difference", "balls"]
    assert document["right_digits"] == {"value": 17.0, "gradient": {"x": pytest.approx(16.0, abs=1.0)}}
    assert document["agree"] is True


def test_proved_digits_in_place_of_the_gradient(inside: Run) -> None:
    words = ("check", "(1 - cos(x))/x^2", "x=1e-4", "--digits", "25")
    assert inside(*words).out.splitlines() == [
        "expression\t(1 - cos(x))/x^2",
        "value\t0.4999999995833333334722222",
        "variable\tderivative\treverse\tforward\tcomplex_step\tfinite_difference",
        "x\t-8.333333327777777779265873e-6\t6.9 digits\t6.9 digits\t-\t-",
        "digits of the value\t8.3",
        "agree\tundecided",
    ]
    document = json.loads(inside(*words, "--json").out)
    assert (document["digits"], document["gradient"]) == (25, {"x": "-8.333333327777777779265873e-6"})
    assert list(document["methods"]) == ["reverse", "forward", "complex_step", "finite_difference"]
    assert inside("check", "x^2", "--answer", "2x", "--digits", "5").code == 2
    assert "has arrays" in inside("check", "sum(x)", "x=[1,2]", "--digits", "5").err


def test_a_choice_at_a_kink_is_no_disagreement(inside: Run) -> None:
    found = inside("check", "abs(x)", "x=0", terminal=True, environment=NO_COLOUR)
    assert found.code == 0
    assert "The derivative at this point is set by a convention" in found.out.replace("\n", " ")
    assert max(map(len, found.out.splitlines())) <= 80


def test_a_right_answer_in_another_form(inside: Run) -> None:
    found = inside("check", "sin(x)^2", "--answer", "2*sin(x)*cos(x)")
    assert found.code == 0
    assert (
        found.out.splitlines()
        == [
            "d/dx\tsin(x)^2",
            "derivative\tsin(2*x)",
            "answer\t2*sin(x)*cos(x)",
            "verdict\tright",
        ]
        or "another form" in found.out
    )


def test_a_wrong_answer_has_its_mistake_a_point_and_code_6(inside: Run) -> None:
    found = inside("check", "sin(x^2)", "--answer", "cos(x^2)")
    assert found.code == 6
    assert found.out.splitlines()[3:] == [
        "verdict\twrong",
        "at\tx = 1.0: the derivative is 1.0806046117362795, the answer is 0.5403023058681398",
    ]
    assert "the inner derivative is missing (chain rule), at `sin(x^2)`" in found.err


def test_the_keys_of_json_for_an_answer(inside: Run) -> None:
    found = inside("check", "x^2", "--answer", "2*sqrt(x)^2", "--json")
    document = json.loads(found.out)
    assert list(document) == [
        *("expression", "wrt", "order", "answer", "verdict", "right", "form", "mistake", "reason", "place"),
        *("derivative", "at", "expected", "found"),
    ]
    assert (found.code, document["right"], document["mistake"], document["found"]) == (6, False, "domain", "NaN")


def test_an_answer_needs_its_variable_if_there_are_several_and_values_fix_the_others(inside: Run) -> None:
    assert inside("check", "a*x^2", "--answer", "2a*x").code == 2
    assert inside("check", "a*x^2", "--answer", "2a*x", "--wrt", "x").code == 0
    assert inside("check", "a*x^2", "--answer", "6x", "a=3").code == 0
    assert inside("check", "x^3", "--answer", "6x", "--order", "2").code == 0
    assert inside("check", "x^2", "--answer", "6", "x=3").code == 0
    assert inside("check", "x^2", "--answer", "6.001", "x=3").code == 6


def test_options_of_an_answer_without_an_answer(inside: Run) -> None:
    found = inside("check", "x^2", "x=1", "--wrt", "x")
    assert found.code == 2
    assert "need an answer" in found.err
