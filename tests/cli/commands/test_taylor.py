"""`gradcli taylor`: the polynomial in a pipe, on a terminal, as JSON and as LaTeX, and what is refused."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import pytest

from gradcli.cli.commands.taylor import COMMAND

Run = Callable[..., Any]
NO_COLOUR = {"NO_COLOR": "1"}


def test_the_bare_polynomial_in_a_pipe(inside: Run) -> None:
    assert inside("taylor", "sin(x)", "x=0") == (0, "x - x^3/6 + x^5/120\n", "")


def test_a_program_can_read_it_back(inside: Run) -> None:
    polynomial = inside("taylor", "exp(sin(x))", "x=1", "--order", "8").out
    value = float(inside("eval", "-", "x=1.1", stdin=polynomial).out)
    assert math.isclose(value, math.exp(math.sin(1.1)), rel_tol=1e-9)


def test_what_was_asked_and_what_is_left_out_on_a_terminal(inside: Run) -> None:
    found = inside("taylor", "tan(x)", "x=pi/4", "--order", "2", terminal=True, environment=NO_COLOUR)
    assert found.out == (
        "Taylor polynomial of tan(x) at x = pi/4\n1 + 2*(x - pi/4) + 2*(x - pi/4)^2 + O((x - pi/4)^3)\n"
    )


def test_json(inside: Run) -> None:
    assert json.loads(inside("taylor", "exp(x)", "x=1", "--order", "2", "--json").out) == {
        "expression": "exp(x)",
        "variable": "x",
        "at": 1.0,
        "order": 2,
        "polynomial": "e + e*(x - 1) + e*(x - 1)^2/2",
        "coefficients": ["e", "e", "e/2"],
        "values": [math.e, math.e, math.e / 2],
        "remainder": "O((x - 1)^3)",
    }


def test_json_of_symbols_has_no_values_and_the_conditions(inside: Run) -> None:
    found = json.loads(inside("taylor", "abs(a + x)", "x=0", "--order", "1", "--json").out)
    assert (found["coefficients"], found["values"]) == (["abs(a)", "sign(a)"], [None, None])
    assert [note["message"] for note in found["notes"]] == ["this holds unless a == 0"]


def test_latex_in_a_pipe_and_on_a_terminal(inside: Run) -> None:
    words = ("taylor", "log(x)", "x=1", "--order", "2", "--latex")
    bare = "x - 1 - \\frac{(x - 1)^{2}}{2}"
    assert inside(*words).out == bare + "\n"
    assert inside("eval", "-", "x=1.5", stdin=bare).out == "0.375\n"
    found = inside(*words, terminal=True, environment=NO_COLOUR)
    assert found.out == bare + " + O\\left((x - 1)^{3}\\right)\n"


def test_other_variables_stay_symbols_or_have_values(inside: Run) -> None:
    assert inside("taylor", "sin(a*x)", "x=0", "--order", "3").out == "a*x - a^3*x^3/6\n"
    assert inside("taylor", "sin(a*x)", "--x", "0", "a=2", "--wrt", "x", "--order", "3").out == "2*x - 4*x^3/3\n"
    assert inside("taylor", "sin(a*x)", "a=1/3", "--at", "x=0", "--wrt=x", "--order=1").out == "x/3\n"


def test_a_name_of_a_constant_that_has_a_value_is_a_variable(inside: Run) -> None:
    assert inside("taylor", "e^2", "e=1", "--order", "2").out == "1 + 2*(e - 1) + (e - 1)^2\n"


@pytest.mark.parametrize(
    ("words", "code", "message", "hint"),
    [
        (["sin(x)"], 2, "no value for `x`", 'gradcli taylor "sin(x)" --x 1'),
        (["a*x"], 2, "the expression has 2 variables: `a` and `x`", "such as a=0; others stay symbols"),
        (
            ["a*x", "a=1", "x=0"],
            2,
            "`a` and `x` have values, and a Taylor polynomial has one",
            "name the variable with",
        ),
        (["a*x", "x=0", "--wrt", "a,x"], 2, "`--wrt` takes one variable here", "name the variable with --wrt a"),
        (["a*x", "x=0", "--wrt", "a"], 2, "no value for `a`", "--wrt a --a 1"),
        (["a*x", "x=0", "--wrt", "y"], 2, "`--wrt`: the expression has no variable `y`", "it has `a` and `x`"),
        (["3"], 2, "the expression has no variable", None),
        (["x", "y=0"], 2, "the expression has no variable `y`", "it has `x`"),
        (["sin(x)", "x=[1,2]"], 2, "the value of `x` has to be a number", None),
        (["sum(x)", "x=0"], 3, "a Taylor polynomial takes numbers, but `sum` works on arrays", "eval, grad and check"),
        (["sin(x)", "x=0", "--order", "501"], 2, "the order of a Taylor polynomial is at most 500", "GRADCLI_TAYLOR"),
        (["sin(x)", "x=0", "--order", "-1"], 2, "--order", None),
        (["2 + 1/x", "x=0"], 4, "no Taylor polynomial at x = 0: `1/x` has a pole there", "Laurent"),
        (["abs(x)", "x=0"], 4, "no Taylor polynomial at x = 0: `abs(x)` has a kink there", None),
        (["sqrt(x)", "x=0"], 4, "no Taylor polynomial at x = 0: the domain of `sqrt(x)` ends there", None),
        (["log(x)", "x=-1"], 4, "no Taylor polynomial at x = -1: `log(x)` has no value there", None),
        (["max(a, x)", "x=0"], 2, "the Taylor polynomial at x = 0 depends on `a`", "give it a value, for example a=1"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, list) else "",
)
def test_refusals(inside: Run, words: list[str], code: int, message: str, hint: str | None) -> None:
    found = inside("taylor", *words)
    assert (found.code, found.out) == (code, "")
    assert message in found.err
    assert hint is None or hint in found.err
    document = json.loads(inside("taylor", *words, "--json").out)
    assert message.split("`")[0] in document["error"]["message"]


def test_floats_are_announced(inside: Run) -> None:
    found = inside("taylor", "exp(sin(x))", "x=1", "--order", "60")
    assert found.err == "note: the coefficients are floats, because the exact ones are too long or not known\n"
    assert found.out.startswith("2.319776824715853 + 1.253380767493447*(x - 1)")


def test_results_of_the_examples(inside: Run) -> None:
    told = dict(COMMAND.examples)
    assert inside("taylor", "sin(x)", "x=0").out.strip() == told['gradcli taylor "sin(x)" x=0']
    polynomial = inside("taylor", "cos(x)", "x=0").out
    [(_, value)] = [one for one in COMMAND.examples if "| gradcli" in one[0]]
    assert inside("eval", "-", "x=0.1", stdin=polynomial).out.strip() == value


def test_decimals_to_the_last_digit(inside: Run) -> None:
    text = "1.1049868303316891104 + 1.0994664987573938064*(x - 0.1) + 0.49182956761274632538*(x - 0.1)^2"
    words = ("taylor", "exp(sin(x))", "x=0.1", "--order", "2", "--digits", "20")
    assert inside(*words).out == f"{text}\n"
    document = json.loads(inside(*words, "--json").out)
    assert (document["polynomial"], document["digits"], document["remainder"]) == (text, 20, "O((x - 0.1)^3)")
    assert document["coefficients"][0] == "1.1049868303316891104"
    assert inside("taylor", "cos(x)", "x=pi/2", "--digits", "5").out == (
        "-1.0000*(x - pi/2) + 0.16667*(x - pi/2)^3 - 0.0083333*(x - pi/2)^5\n"
    )
    assert "has a pole there" in inside("taylor", "1/x", "x=0", "--digits", "5").err
    assert "no value for `a`" in inside("taylor", "a*x", "x=0", "--digits", "5").err
    assert "exclude each other" in inside("taylor", "x", "x=0", "--digits", "5", "--latex").err
