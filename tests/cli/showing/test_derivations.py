"""``gradcli diff --steps``: on a terminal, in a pipe, as JSON and as LaTeX."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., Any]
NO_COLOUR = {"NO_COLOR": "1"}

LINES = [
    ("1", "product rule", "diff(x^2*sin(x), x)", "diff(x^2, x)*sin(x) + x^2*diff(sin(x), x)"),
    ("1.1", "power rule", "diff(x^2, x)", "2*x"),
    ("1.2", "derivative of sin", "diff(sin(x), x)", "cos(x)"),
    ("2", "insert the derivatives", "diff(x^2, x)*sin(x) + x^2*diff(sin(x), x)", "2*x*sin(x) + x^2*cos(x)"),
    ("3", "take out the common factor", "2*x*sin(x) + x^2*cos(x)", "x*(x*cos(x) + 2*sin(x))"),
]


def test_a_pipe_has_a_row_for_each_line(inside: Run) -> None:
    assert inside("diff", "x^2*sin(x)", "--steps").out == "".join("\t".join(line) + "\n" for line in LINES)


def test_json_has_a_record_for_each_line(inside: Run) -> None:
    document = json.loads(inside("diff", "x^2*sin(x)", "--steps", "--json").out)
    assert list(document) == ["expression", "wrt", "order", "derivative", "steps"]
    assert document["steps"] == [
        {"rule": rule, "from": left, "to": right, "depth": number.count(".")} for number, rule, left, right in LINES
    ]
    assert document["steps"][-1]["to"] == document["derivative"]


def test_a_terminal_shows_a_blackboard(inside: Run) -> None:
    found = inside("diff", "x^2*sin(x)", "--steps", terminal=True, environment=NO_COLOUR).out
    assert [line.rstrip() for line in found.splitlines()] == [
        " 1     d/dx[x^2*sin(x)]                          product rule",
        "         = d/dx[x^2]*sin(x) + x^2*d/dx[sin(x)]",
        " 1.1     d/dx[x^2] = 2*x                         power rule",
        " 1.2     d/dx[sin(x)] = cos(x)                   derivative of sin",
        " 2     = 2*x*sin(x) + x^2*cos(x)                 insert the derivatives",
        " 3     = x*(x*cos(x) + 2*sin(x))                 take out the common factor",
    ]


def test_a_line_that_is_too_wide_is_broken_outside_of_parentheses(inside: Run) -> None:
    text = "(x^2 + 1)*exp(sin(x))*cos(x)"
    found = inside("diff", text, "--steps", terminal=True, environment=NO_COLOUR).out
    lines = [line.rstrip() for line in found.splitlines()]
    assert lines[1].strip() == "= d/dx[x^2 + 1]*exp(sin(x))*cos(x)"
    assert lines[2].strip() == "+ (x^2 + 1)*d/dx[exp(sin(x))]*cos(x)"
    assert max(map(len, lines)) <= 80


def test_every_rule_has_a_line_if_asked(inside: Run) -> None:
    found = inside("diff", "3*x^2 + 5", "--every").out
    rules = [line.split("\t")[1] for line in found.splitlines()]
    assert rules == [
        "sum rule", "constant factor", "power rule", "insert the derivative", "multiply and order", "constant rule",
        "insert the derivatives", "multiply and order",
    ]  # fmt: skip
    assert inside("diff", "3*x^2 + 5", "--steps").out == "1\tsum rule, power rule\tdiff(3*x^2 + 5, x)\t6*x\n"


def test_several_derivatives_have_a_derivation_each(inside: Run) -> None:
    assert inside("diff", "x*y^2", "--steps").out == (
        "d/dx\t1\tderivative of a linear function\tdiff(x*y^2, x)\ty^2\n"
        "d/dy\t1\tconstant factor, power rule\tdiff(x*y^2, y)\t2*x*y\n"
    )
    document = json.loads(inside("diff", "[x*y, y]", "--steps", "--json").out)
    assert [{name: steps[-1]["to"] for name, steps in row.items()} for row in document["steps"]] == [
        {"x": "y", "y": "x"},
        {"x": "0", "y": "1"},
    ]
    assert document["derivative"] == [{"x": "y", "y": "x"}, {"x": "0", "y": "1"}]
    shown = inside("diff", "x*y^2", "--steps", terminal=True, environment=NO_COLOUR).out
    assert [line for line in shown.splitlines() if line.startswith("d/d")] == ["d/dx", "d/dy"]


def test_higher_orders_are_derived_one_after_the_other(inside: Run) -> None:
    found = [line.split("\t") for line in inside("diff", "exp(-x^2)", "--order", "2", "--steps").out.splitlines()]
    assert [row[2] for row in found if row[2].startswith("diff(")] == [
        "diff(exp(-x^2), x)", "diff(-x^2, x)", "diff(-2*x*exp(-x^2), x)",
    ]  # fmt: skip
    assert found[-1][3] == "2*(2*x^2 - 1)*exp(-x^2)"


def test_latex_is_an_align(inside: Run) -> None:
    found = inside("diff", "x^3", "--steps", "--latex").out
    assert found.splitlines() == [
        r"\begin{align*}",
        r"&\text{1} & \frac{d}{dx}\left[x^{3}\right] &= 3 \, x^{2} && \text{power rule}",
        r"\end{align*}",
    ]
    several = inside("diff", "x*y", "--steps", "--latex").out.splitlines()
    assert [line for line in several if line.startswith("%")] == ["% d/dx", "% d/dy"]
    document = json.loads(inside("diff", "x^3", "--steps", "--latex", "--json").out)
    assert document["steps"][0]["from"] == r"\frac{d}{dx}\left[x^{3}\right]"


def test_a_hessian_is_not_derived(inside: Run) -> None:
    found = inside("diff", "x*y", "--hessian", "--steps")
    assert found.code == 2
    assert "--steps --order 2 shows how d2/dx^2 is found" in found.err


def test_a_formula_that_is_too_long_is_refused(inside: Run) -> None:
    found = inside("diff", "sin(" * 2000 + "x" + ")" * 2000, "--steps")
    assert found.code == 2
    assert "GRADCLI_DERIVED_OPERATIONS" in found.err


@pytest.mark.parametrize("words", [("diff", "x^2"), ("diff", "x^2", "--latex"), ("diff", "x*y", "--json")])
def test_without_steps_nothing_of_them_is_loaded(words: tuple[str, ...]) -> None:
    code = (
        "import sys; from gradcli.cli import main\n"
        f"sys.argv = ['gradcli', *{words!r}]\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print([name for name in sys.modules if name.endswith(('derivation', 'moves', 'blackboard', 'derivations'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_derivation_takes_numbers(inside: Run) -> None:
    found = inside("diff", "sum(x^2)", "--steps")
    assert (found.code, found.out) == (3, "")
    assert "a derivation in steps takes numbers, but `sum` works on arrays" in found.err


def test_a_name_that_was_defined_stays_a_name_for_people(inside: Run) -> None:
    text = "r = sqrt(x^2 + y^2); r*sin(r)"
    found = inside("diff", text, "--wrt", "x", "--steps", terminal=True, environment=NO_COLOUR).out
    equations = [line[7:46].strip() for line in found.splitlines()]
    assert equations[:6] == [
        "r = sqrt(x^2 + y^2)",
        "d/dx[r*sin(r)]",
        "= d/dx[r]*sin(r) + r*d/dx[sin(r)]",
        "d/dx[r] = d/dx[x^2 + y^2]/(2*r)",
        "",
        "d/dx[x^2 + y^2] = 2*x",
    ]
    latex = inside("diff", text, "--wrt", "x", "--steps", "--latex").out.splitlines()
    assert latex[1] == r"& & r &= \sqrt{x^{2} + y^{2}} && \text{definition} \\"
    assert latex[-2].endswith(r"{\sqrt{x^{2} + y^{2}}} && \text{insert the derivatives}")
    assert equations[-1] == "= x*cos(r) + x*sin(r)/r"


def test_a_line_in_a_pipe_can_be_read_by_itself_and_the_last_one_ends_with_the_derivative(inside: Run) -> None:
    words = ("diff", "r = sqrt(x^2 + y^2); r*sin(r)", "--wrt", "x")
    rows = [line.split("\t") for line in inside(*words, "--steps").out.splitlines()]
    assert rows[1][2] == "diff(sqrt(x^2 + y^2), x)"
    assert rows[-1][3] == inside(*words).out.strip() == "r = sqrt(x^2 + y^2); x*cos(r) + x*sin(r)/r"
    document = json.loads(inside(*words, "--steps", "--json").out)
    assert document["steps"][-1]["to"] == document["derivative"] == rows[-1][3]
