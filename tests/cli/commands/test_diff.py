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
    assert inside("diff", "sin(theta)", "--latex").out == "\\cos(\\theta)\n"


def test_a_constant_has_a_derivative_toward_any_name(inside: Run) -> None:
    assert inside("diff", "3", "--wrt", "x").out == "0\n"


def test_a_condition_of_the_formula_is_a_note(inside: Run) -> None:
    found = inside("diff", "x*y/y", "--wrt", "x")
    assert (found.out, found.err) == ("1\n", "note: this holds where y != 0\n")


def test_what_was_asked_stands_above_on_a_terminal(inside: Run) -> None:
    found = inside("diff", "x^3", "--order", "2", terminal=True, environment=NO_COLOUR)
    assert found.out == "d2/dx^2 x^3\n6*x\n"


def test_several_variables_give_the_gradient(inside: Run) -> None:
    assert inside("diff", "x*y + sin(x)").out == "d/dx\ty + cos(x)\nd/dy\tx\n"
    assert inside("diff", "x*y + z^3", "--wrt", "z,x").out == "d/dz\t3*z^2\nd/dx\ty\n"
    assert json.loads(inside("diff", "x*y", "--json").out) == {
        "expression": "x*y",
        "wrt": ["x", "y"],
        "order": 1,
        "derivative": {"x": "y", "y": "x"},
    }


def test_the_sums_of_a_gradient_are_in_one_order(inside: Run) -> None:
    assert inside("diff", "sqrt(x^2 + y^2)").out == "d/dx\tx/sqrt(x^2 + y^2)\nd/dy\ty/sqrt(x^2 + y^2)\n"


def test_an_order_is_of_each_variable_alone_as_in_grad(inside: Run) -> None:
    assert inside("diff", "x^3*y^2", "--order", "2").out == "d2/dx^2\t6*x*y^2\nd2/dy^2\t2*x^3\n"


def test_a_hessian_has_every_second_derivative(inside: Run) -> None:
    document = json.loads(inside("diff", "x^2*y", "--hessian", "--json").out)
    assert document["derivative"] == {"x": "2*x*y", "y": "x^2"}
    assert document["hessian"] == {"x": {"x": "2*y", "y": "2*x"}, "y": {"x": "2*x", "y": "0"}}
    lines = inside("diff", "x^2*y", "--hessian").out.splitlines()
    assert lines[2:] == ["d2/dx^2\t2*y", "d2/dxdy\t2*x", "d2/dydx\t2*x", "d2/dy^2\t0"]
    assert inside("diff", "x^3", "--hessian").out == "d/dx\t3*x^2\nd2/dx^2\t6*x\n"


def test_a_vector_gives_its_jacobian(inside: Run) -> None:
    text = "[r*cos(t), r*sin(t)]"
    assert inside("diff", text).out == "df1/dr\tcos(t)\ndf1/dt\t-r*sin(t)\ndf2/dr\tsin(t)\ndf2/dt\tr*cos(t)\n"
    assert json.loads(inside("diff", text, "--json").out)["derivative"] == [
        {"r": "cos(t)", "t": "-r*sin(t)"},
        {"r": "sin(t)", "t": "r*cos(t)"},
    ]
    found = inside("diff", text, terminal=True, environment=NO_COLOUR).out
    assert [line.split() for line in found.splitlines()[4:]] == [
        ["f1", "cos(t)", "-r*sin(t)"],
        ["f2", "sin(t)", "r*cos(t)"],
    ]


def test_the_derivative_of_a_curve_is_a_vector_that_can_be_read_back(inside: Run) -> None:
    formula = inside("diff", "[cos(t), sin(t)]").out
    assert formula == "[-sin(t), cos(t)]\n"
    assert inside("eval", "-", "t=0", stdin=formula).out == "[-0.0, 1.0]\n"
    assert json.loads(inside("diff", "[t^2, 3]", "--json").out)["derivative"] == ["2*t", "0"]


def test_gradients_hessians_and_jacobians_are_matrices_of_latex_that_can_be_read_back(inside: Run) -> None:
    found = inside("diff", "x^2*y", "--hessian", "--latex").out.splitlines()
    assert found == [
        r"\begin{bmatrix} 2 \, x \, y \\ x^{2} \end{bmatrix}",
        r"\begin{bmatrix} 2 \, y & 2 \, x \\ 2 \, x & 0 \end{bmatrix}",
    ]
    assert inside("eval", "-", "x=3", "y=5", stdin=found[1]).out == "[[10.0, 6.0], [6.0, 0.0]]\n"
    matrix = inside("diff", "[r*cos(t), r*sin(t)]", "--latex").out
    assert inside("eval", "-", "r=2", "t=0", stdin=matrix).out == "[[1.0, -0.0], [0.0, 2.0]]\n"


def test_an_order_and_a_hessian_exclude_each_other(inside: Run) -> None:
    found = inside("diff", "x*y", "--order", "2", "--hessian")
    assert (found.code, found.out) == (2, "")
    assert "`--order` and `--hessian` exclude each other" in found.err


def test_the_derivative_with_respect_to_an_array_says_for_which_shapes_it_holds(inside: Run) -> None:
    found = inside("diff", "sum((A@x - b)^2)", "--wrt", "x")
    assert found.out == "2*(transpose(A) @ (A @ x - b))\n"
    assert found.err == "note: this holds where A is a matrix and b is a number or has the shape of A @ x\n"
    point = ("A=[[1, 2], [3, 4]]", "x=[1, 1]", "b=[0, 1]")
    gradient = json.loads(inside("grad", "sum((A@x - b)^2)", *point, "--wrt", "x", "--json").out)["gradient"]["x"]
    assert json.loads(inside("eval", "-", *point, stdin=found.out).out) == gradient
    assert inside("diff", "norm(x)^2") == (0, "2*x\n", "")


def test_a_definition_is_kept_in_one_derivative(inside: Run) -> None:
    text = "r = sqrt(x^2 + y^2); r*sin(r)"
    formula = inside("diff", text, "--wrt", "x").out
    assert formula == "r = sqrt(x^2 + y^2); x*cos(r) + x*sin(r)/r\n"
    value = float(inside("eval", "-", "x=3", "y=4", stdin=formula).out)
    expected = json.loads(inside("grad", text, "x=3", "y=4", "--json").out)["gradient"]["x"]
    assert math.isclose(value, expected, rel_tol=1e-14)
    assert json.loads(inside("diff", text, "--wrt", "x", "--json").out)["derivative"] == formula.strip()
    assert "r =" not in inside("diff", text).out


def test_several_derivatives_are_not_one_expression(inside: Run) -> None:
    found = inside("eval", "-", "x=1", "y=2", stdin=inside("diff", "x*y").out)
    assert (found.code, found.out) == (2, "")
    assert "print only one derivative: gradcli diff ... --wrt x" in found.err
    assert inside("eval", "-", "d=6", "dx=2", stdin="d/dx\n").out == "3.0\n"


def test_a_point_gives_the_derivative_to_the_last_digit(inside: Run) -> None:
    found = inside("diff", "exp(-x^2)", "x=0.1", "--digits", "20")
    assert found.out == "d/dx\t-2*x*exp(-x^2)\t-0.19800996674983361071\n"
    assert inside("diff", "[r^2, r*t]", "r=0.1", "t=1", "--digits", "3").out.splitlines() == [
        "df1/dr\t2*r\t0.200",
        "df1/dt\t0\t0",
        "df2/dr\tt\t1.00",
        "df2/dt\tr\t0.100",
    ]
    document = json.loads(inside("diff", "x^2*y", "x=2", "y=0.1", "--digits", "3", "--hessian", "--json").out)
    assert document["value"] == {"x": "0.400", "y": "4.00"}
    assert document["hessian_value"]["x"] == {"x": "0.200", "y": "4.00"}


def test_a_point_and_digits_belong_together(inside: Run) -> None:
    assert "takes no values of variables, but `x` has one" in inside("diff", "x^2", "x=1").err
    assert "no value for `x`" in inside("diff", "x^2", "--digits", "5").err
    assert "`--digits` and `--steps` exclude each other" in inside("diff", "x", "x=1", "--digits", "5", "--steps").err
    assert "did you mean `--order`" in inside("diff", "x^2", "--ordr", "2").err
