"""`gradcli grad`: the gradient, higher orders, the Hessian and directions, in each form."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Run = Callable[..., Any]
NO_COLOUR = {"NO_COLOR": "1"}


def test_the_gradient_goes_toward_the_variables_that_are_asked_for(inside: Run) -> None:
    found = json.loads(inside("grad", "x*y*z", "x=2", "y=3", "z=5", "--wrt", "z,x", "--json").out)
    assert found["gradient"] == {"z": 6.0, "x": 15.0}
    assert found["at"] == {"x": 2.0, "y": 3.0, "z": 5.0}


def test_derivatives_of_higher_order_follow_the_first(inside: Run) -> None:
    words = ("grad", "exp(-x^2)", "x=0", "--order", "4")
    assert json.loads(inside(*words, "--json").out)["derivatives"] == {"x": [0.0, -2.0, 0.0, 12.0]}
    lines = inside(*words).out.splitlines()
    assert lines[3:] == ["d2/dx^2\t-2.0", "d3/dx^3\t0.0", "d4/dx^4\t12.0"]
    assert " d4/dx^4   12.0 " in inside(*words, terminal=True, environment=NO_COLOUR).out


def test_the_hessian_has_a_row_for_each_variable(inside: Run) -> None:
    words = ("grad", "x^2*y", "x=2", "y=3", "--hessian")
    expected = {"x": {"x": 6.0, "y": 4.0}, "y": {"x": 4.0, "y": 0.0}}
    assert json.loads(inside(*words, "--json").out)["hessian"] == expected
    lines = inside(*words).out.splitlines()
    assert lines[4:] == ["d2/dx^2\t6.0", "d2/dxdy\t4.0", "d2/dydx\t4.0", "d2/dy^2\t0.0"]
    assert " Hessian   x     y   \n" in inside(*words, terminal=True, environment=NO_COLOUR).out


def test_a_hessian_that_is_too_wide_is_a_list(inside: Run) -> None:
    words = ("grad", "sin(x)*exp(-y^2)/sqrt(1+z)", "x=1", "y=2", "z=3", "--hessian")
    shown = inside(*words, terminal=True, environment=NO_COLOUR).out
    assert max(map(len, shown.splitlines())) <= 80
    assert " d2/dxdz   " in shown
    assert "d2/dzdx" not in shown


def test_the_derivative_along_a_direction_is_the_jvp(inside: Run) -> None:
    words = ("grad", "x1*x2", "x1=2", "x2=3", "--jvp")
    assert json.loads(inside(*words, "x1=1,x2=0", "--json").out)["jvp"] == 3.0
    assert inside(*words, "x2=2*5").out.splitlines()[-1] == "jvp\t20.0"
    assert "along the direction: 20.0" in inside(*words, "x2=10", terminal=True).out


def test_all_of_them_together_keep_their_keys(inside: Run) -> None:
    words = ("grad", "x*y", "x=1", "y=2", "--hessian", "--order", "2", "--jvp", "x=1", "--steps", "--json")
    document = json.loads(inside(*words).out)
    keys = ["expression", "at", "value", "gradient", "notes", "hessian", "derivatives", "jvp", "steps"]
    assert list(document) == keys


def test_notes_are_data_in_json_and_words_elsewhere(inside: Run) -> None:
    found = inside("grad", "abs(x)", "x=0", "--json")
    [note] = json.loads(found.out)["notes"]
    assert (list(note), note["kind"], note["span"]) == (["kind", "message", "span"], "kink", [0, 6])
    assert found.err == ""
    found = inside("grad", "2*abs(x)", "x=0")
    assert found.out.splitlines()[-1] == "d/dx\t0.0"
    assert found.err.splitlines()[1:] == ["  2*abs(x)", "    ^^^^^^"]


def test_strict_covers_everything_that_is_computed(inside: Run) -> None:
    words = ("grad", "x^1.5", "x=0", "--strict")
    assert inside(*words).code == 0
    assert inside(*words, "--order", "2").code == 4
    assert inside(*words, "--hessian").code == 4
    assert inside("grad", "sqrt(x)*y", "x=0", "y=1", "--wrt", "y", "--strict").code == 0


def test_an_expression_without_variables_has_an_empty_gradient(inside: Run) -> None:
    assert json.loads(inside("grad", "2+3", "--json").out)["gradient"] == {}
    assert inside("grad", "2+3", terminal=True, environment=NO_COLOUR).out == "2 + 3 = 5.0\n"


def test_a_higher_derivative_that_is_not_finite_has_a_note(inside: Run) -> None:
    done = inside("grad", "x^1.5", "x=0", "--order", "2", "--json")
    assert [note["kind"] for note in json.loads(done.out)["notes"]] == ["infinite"]


def test_one_mixed_derivative(inside: Run) -> None:
    words = ("grad", "x^y", "x=2", "y=0.5", "--partial", "x=2,y=1")
    assert inside(*words).out.splitlines()[-1] == "d3/dx^2dy\t-0.0612661339667842"
    assert inside(*words, "--digits", "25").out.splitlines()[-1] == "d3/dx^2dy\t-0.06126613396678419948211886"
    assert "\nd3/dx^2dy: -0.0612661339667842\n" in inside(*words, terminal=True, environment={"NO_COLOR": "1"}).out
    document = json.loads(inside(*words, "--json").out)
    assert document["partial"] == {"orders": {"x": 2, "y": 1}, "value": -0.0612661339667842}


def test_orders_that_make_no_sense(inside: Run) -> None:
    def message(*words: str) -> str:
        return str(inside("grad", *words).err)

    assert "has no variable `z`" in message("x^2", "x=1", "--partial", "z=1")
    assert "is a whole number, not `1.5`" in message("x^2", "x=1", "--partial", "x=1.5")
    assert "names `x` twice" in message("x^2", "x=1", "--partial", "x=1,x=2")
    assert "at least one order" in message("x^2", "x=1", "--partial", "x=0")
    assert "`--partial` takes numbers" in message("sum(x)", "x=[1,2]", "--partial", "x=1")
