"""Arrays on the command line: what `eval`, `grad` and `diff` do with them, and how they look."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from typing import Any

import pytest

from gradcli.primitives import REGISTRY
from tests.support.paths import ROOT

Run = Callable[..., Any]

LEAST_SQUARES = ("sum((A@x-b)^2)", "--A", "[[1,2],[3,4]]", "--x", "[1,2]", "--b", "[0,1]")


def test_a_gradient_has_the_shape_of_its_variable(inside: Run) -> None:
    found = json.loads(inside("grad", *LEAST_SQUARES, "--json").out)
    assert found == {
        "expression": "sum((A @ x - b)^2)",
        "at": {"A": [[1.0, 2.0], [3.0, 4.0]], "x": [1.0, 2.0], "b": [0.0, 1.0]},
        "value": 125.0,
        "gradient": {"A": [[10.0, 20.0], [20.0, 40.0]], "x": [70.0, 100.0], "b": [-10.0, -20.0]},
        "notes": [],
    }


def test_in_a_pipe_an_array_is_one_cell(inside: Run) -> None:
    assert inside("grad", *LEAST_SQUARES, "--wrt", "A,b").out.splitlines() == [
        "expression\tsum((A @ x - b)^2)",
        "value\t125.0",
        "d/dA\t[[10.0, 20.0], [20.0, 40.0]]",
        "d/db\t[-10.0, -20.0]",
    ]


def test_on_a_terminal_the_rows_of_a_matrix_stand_below_each_other(inside: Run) -> None:
    found = inside("grad", *LEAST_SQUARES, terminal=True, environment={"NO_COLOR": "1"})
    lines = [line.rstrip() for line in found.out.splitlines()]
    assert lines[0] == "sum((A @ x - b)^2) = 125.0"
    assert lines[4] == " A          [[1.0, 2.0],   [[10.0, 20.0],"
    assert lines[5] == "             [3.0, 4.0]]    [20.0, 40.0]]"
    assert lines[6] == " x          [1.0, 2.0]     [ 70.0, 100.0]"


def test_on_a_terminal_a_large_array_is_shortened_and_in_a_pipe_never(inside: Run) -> None:
    words = ("eval", "expand(x, [300, 2])", "x=[1,2]")
    assert "..." in inside(*words, terminal=True).out
    assert json.loads(inside(*words).out) == [[1.0, 2.0]] * 300
    assert json.loads(inside(*words, "--json", terminal=True).out)["value"] == [[1.0, 2.0]] * 300


def test_a_value_that_is_an_array(inside: Run) -> None:
    words = ("eval", "A @ x", "A=[[1,2],[3,4]]", "x=[1,1]")
    assert inside(*words).out == "[3.0, 7.0]\n"
    assert json.loads(inside(*words, "--json").out) == {"expression": "A @ x", "value": [3.0, 7.0]}
    assert inside(*words, terminal=True, environment={"NO_COLOR": "1"}).out == "A @ x = [3.0, 7.0]\n"
    tall = inside("eval", "A", "A=[[1,2],[3,4]]", terminal=True, environment={"NO_COLOR": "1"})
    assert tall.out == "A =\n[[1.0, 2.0],\n [3.0, 4.0]]\n"


def test_the_derivative_along_a_direction_has_the_shape_of_the_value_of_the_variable(inside: Run) -> None:
    found = json.loads(inside("grad", *LEAST_SQUARES, "--jvp", "x=[1,0],b=[0,1]", "--json").out)
    assert found["jvp"] == 70.0 - 20.0


def test_a_result_that_is_an_array_has_a_derivative_along_a_direction(inside: Run) -> None:
    words = ("grad", "A @ x", "A=[[1,2],[3,4]]", "x=[1,1]", "--jvp", "x=[1,0]")
    found = json.loads(inside(*words, "--json").out)
    assert (found["value"], found["gradient"], found["jvp"]) == ([3.0, 7.0], {}, [1.0, 3.0])
    assert inside(*words).out.splitlines()[1:] == ["value\t[3.0, 7.0]", "jvp\t[1.0, 3.0]"]
    assert "along the direction: [1.0, 3.0]" in inside(*words, terminal=True).out


def test_the_hessian_of_arrays_is_one_of_blocks(inside: Run) -> None:
    found = json.loads(inside("grad", "sum(x^2)*y", "x=[1,2]", "y=3", "--hessian", "--json").out)
    assert found["hessian"] == {
        "x": {"x": [[6.0, 0.0], [0.0, 6.0]], "y": [2.0, 4.0]},
        "y": {"x": [2.0, 4.0], "y": 0.0},
    }
    shown = inside("grad", "sum(x^2)*y", "x=[1,2]", "y=3", "--hessian", terminal=True).out
    assert "[0.0, 6.0]]" in shown
    rows = inside("grad", "sum(x^2)*y", "x=[1,2]", "y=3", "--hessian").out.splitlines()
    assert rows[-3:] == ["d2/dxdy\t[2.0, 4.0]", "d2/dydx\t[2.0, 4.0]", "d2/dy^2\t0.0"]


def test_a_hessian_beyond_a_million_entries_is_refused(inside: Run) -> None:
    found = inside("grad", "sum(x)", "x=expand([1], [1001])", "--hessian")
    assert found.code == 2
    assert found.err.startswith("error: the second derivatives of 1001 numbers are a matrix of 1002001 entries")


def test_no_value_no_derivative(inside: Run) -> None:
    found = json.loads(inside("grad", "sum(log(x)*y)", "x=[1,-2]", "y=3", "--json").out)
    assert (found["value"], found["gradient"]) == ("NaN", {"x": ["NaN", "NaN"], "y": "NaN"})
    [note] = found["notes"]
    assert note["kind"] == "domain"
    assert note["span"] == [4, 10]
    assert note["message"].startswith("`log(x)` has no value at x = -2")
    assert note["message"].endswith("(element [1])")


@pytest.mark.parametrize(
    ("text", "x", "kind", "place"),
    [
        ("sum(relu(x))", "[1,0,-1,0]", "kink", "(element [1] and 1 more)"),
        ("max(x)", "[1,3,3]", "kink", "the choice of least norm"),
        ("sum(min(x, axis=0))", "[[1,3],[1,4]]", "kink", "the choice of least norm"),
        ("norm(x)", "[0,0]", "kink", "its subgradient of least norm"),
        ("std(x)", "[2,2]", "kink", "its subgradient of least norm"),
        ("sum(floor(x)*x)", "[0.5,2]", "jump", "(element [1])"),
        ("sum(floor(x))", "[0.5,2]", "jump", "(element [1])"),
        ("sum(if(x > 0, relu(x), sign(x)))", "[1,0]", "jump", "(element [1])"),
        ("sum(sqrt(x))", "[[1,4],[0,1]]", "end", "(element [1, 0])"),
        ("sum(exp(x))", "[0,1000]", "overflow", "(element [1])"),
        ("prod(x)", "[1e200,1e200]", "overflow", "finite"),
        ("sum(x)", "[inf,1]", "infinite", "is infinite"),
    ],
)
def test_a_note_says_which_element_it_is_about(inside: Run, text: str, x: str, kind: str, place: str) -> None:
    [note] = json.loads(inside("grad", text, f"x={x}", "--json").out)["notes"]
    assert note["kind"] == kind
    assert note["message"].endswith(place)


def test_a_kink_that_no_derivative_comes_to_has_no_note(inside: Run) -> None:
    assert json.loads(inside("grad", "0*max(x) + sum(x)", "x=[1,1]", "--json").out)["notes"] == []
    assert json.loads(inside("grad", "max(x)", "x=[1,2]", "--json").out)["notes"] == []


def test_strict_refuses_an_array_with_a_number_that_is_not_finite(inside: Run) -> None:
    assert inside("eval", "sqrt(x)", "x=[1,4]", "--strict").code == 0
    found = inside("eval", "sqrt(x)", "x=[1,-4]", "--strict")
    assert (found.code, found.err.splitlines()[-2]) == (4, "error: the value[1] is nan")
    found = inside("grad", "sum(sqrt(x))", "x=[1,0]", "--strict")
    assert (found.code, found.err.splitlines()[-2]) == (4, "error: d/dx[1] is inf")


def test_pointwise_functions_apply_to_each_element(inside: Run) -> None:
    assert inside("eval", "x^2 + y", "x=[[1],[2]]", "y=[10,20]").out == "[[11.0, 21.0], [14.0, 24.0]]\n"
    assert inside("eval", "diff(x^3, x)", "x=[1,2]").out == "[3.0, 12.0]\n"


def test_the_command_to_paste_for_missing_values_has_arrays(inside: Run) -> None:
    found = inside("grad", "sum(A @ x)", "--A", "[1, 2]", "--json")
    hint = json.loads(found.out)["error"]["hint"]
    assert hint == 'gradcli grad "sum(A @ x)" --A "[1, 2]" --json --x "[1, 2]"'
    assert inside(*shlex.split(hint)[1:]).code == 0


def test_arrays_in_the_definitions(inside: Run) -> None:
    text = "A = [[2, 0], [0, 3]]; q(v) = v @ A @ v; q([x, y]) + q([1, 1])"
    found = json.loads(inside("grad", text, "x=1", "y=2", "--json").out)
    assert (found["value"], found["gradient"]) == (19.0, {"x": 4.0, "y": 12.0})


def test_numbers_alone_need_no_array_library(process: Run) -> None:
    script = "import sys; from gradcli.cli import main; sys.argv = {words!r}; main(); print('numpy' in sys.modules)"
    import subprocess
    import sys

    for words, expected in (
        (["gradcli", "grad", "max(x, y)*x", "x=1", "y=2"], "False"),
        (["gradcli", "grad", "max([x, y])*x", "x=1", "y=2"], "True"),
    ):
        done = subprocess.run(
            [sys.executable, "-c", script.format(words=words)], capture_output=True, text=True, check=True
        )
        assert done.stdout.splitlines()[-1] == expected


WIDE = ("sum(tanh(A@x))/3 + s", "A=[[0.1,0.2],[0.3,1/3]]", "x=[1/7,2]", "s=3")


@pytest.mark.parametrize("command", [("grad",), ("grad", "--hessian"), ("check",), ("draw",), ("eval",)])
def test_numbers_with_all_their_digits_fit_on_a_screen_of_80_columns(inside: Run, command: tuple[str, ...]) -> None:
    found = inside(*command, *WIDE, terminal=True, environment={"NO_COLOR": "1"})
    assert found.code == 0
    assert max(len(line.rstrip()) for line in found.out.splitlines()) <= 80


def test_a_large_array_is_not_repeated_beside_its_gradient(inside: Run) -> None:
    found = inside("grad", "sum(x^2)", "x=expand([1], [20])", terminal=True, environment={"NO_COLOR": "1"})
    assert " x          shape 20   [2.0, 2.0," in found.out


def test_a_check_of_arrays(inside: Run) -> None:
    document = json.loads(inside("check", *WIDE, "--json").out)
    assert document["agree"] is True
    assert document["methods"]["complex_step"] == {"A": None, "x": None, "s": None}
    assert document["methods"]["forward"]["A"][1] == pytest.approx(document["gradient"]["A"][1])
    shown = inside("check", *WIDE, terminal=True, environment={"NO_COLOR": "1"}).out
    assert " A          shape 2 × 2   17        -              12.5" in shown
    assert "All methods that apply here agree." in shown


def test_a_check_of_arrays_that_fails_names_the_variable(inside: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    matmul = REGISTRY.arrays["matmul"]
    first, second = matmul.vjp
    monkeypatch.setattr(matmul, "vjp", (lambda *given: first(*given) * 1.001, second))
    found = inside("check", "sum(A @ x)", "A=[[1,2]]", "x=[3,4]")
    assert found.code == 6
    assert "error: d/dA is [[3.00" in found.err


PAGE = ROOT / "docs" / "arrays.md"
COMMANDS = re.findall(r"^gradcli (.*?)(?: +# (.*))?$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize(("line", "expected"), COMMANDS)
def test_the_page_about_arrays_is_true(inside: Run, line: str, expected: str) -> None:
    found = inside(*shlex.split(line))
    if expected:
        assert found.out.strip() == expected
    assert found.code == (3 if line == COMMANDS[-1][0] else 0)
