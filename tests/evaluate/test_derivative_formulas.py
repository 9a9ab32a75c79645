"""The formulas of a gradient, a Hessian and a Jacobian have the values that `grad` computes."""

from __future__ import annotations

import itertools
import math

import pytest

from gradcli import parse
from gradcli.errors import ExpressionError, GradcliError, LimitError, UsageError
from gradcli.evaluate import point
from gradcli.evaluate.derivative_formulas import formulas_of
from gradcli.graph import Node
from gradcli.printing.text import to_text
from tests.support.steps import steps

#: Expressions with kinks, choices, ties, poles and ends among their derivatives.
EXPRESSIONS = (
    "x^2*sin(y)",
    "exp(-x*y)*sin(x + y)",
    "log(x^2 + y^2)",
    "x/y",
    "atan2(y, x)",
    "2^(x*y)",
    "erf(x*y)",
    "abs(x)^3*y",
    "hypot(x, y)",
    "hypot(x, y)^2",
    "max(x, y)^2",
    "where(x > y, x*y, y^2)",
    "relu(x*y)",
    "0.1*x*y^3",
)
POINTS = [{"x": x, "y": y} for x, y in itertools.product((-2.0, -1.0, 0.0, 0.5, 1.0, 2.0), repeat=2)]


def value(node: Node, at: dict[str, float]) -> float:
    """Return the value of a formula as it is printed and read again."""
    found = parse(to_text(node))
    return float(found(**{name: at[name] for name in found.variables}))


def agree(one: float, other: float) -> bool:
    return one == other or abs(one - other) <= 1e-12 * max(1.0, abs(other))


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_a_gradient_and_a_hessian_have_the_values_of_grad(text: str) -> None:
    parsed = parse(text)
    found = formulas_of(parsed, ["x", "y"], hessian=True)
    assert found.hessian is not None
    compared = 0
    for at in POINTS:
        gradient = parsed.gradient(**at)
        expected = point.hessian(parsed, at)
        for name, node in found.rows[0].items():
            if math.isfinite(gradient[name]):
                assert agree(value(node, at), gradient[name]), (name, at)
                compared += 1
        for one, row in found.hessian.items():
            for other, node in row.items():
                if math.isfinite(expected[one][other]):
                    assert agree(value(node, at), expected[one][other]), (one, other, at)
                    compared += 1
    assert compared > 100


def test_entries_on_both_sides_of_the_diagonal_are_one_formula() -> None:
    hessian = formulas_of(parse("x*y^2*exp(x*z)"), ["x", "y", "z"], hessian=True).hessian
    assert hessian is not None
    assert all(hessian[one][other] is hessian[other][one] for one, other in itertools.product("xyz", repeat=2))


def test_a_hessian_costs_less_than_its_entries_one_by_one() -> None:
    text = "sin(x*y)*exp(-x^2*z)/(1 + y^2)"

    def alone() -> None:
        for one, other in itertools.combinations_with_replacement("xyz", 2):
            first = formulas_of(parse(text), [one]).rows[0][one]
            formulas_of(parse(to_text(first)), [other])

    assert steps(lambda: formulas_of(parse(text), ["x", "y", "z"], hessian=True)) < 0.9 * steps(alone)


def test_a_vector_has_a_row_for_each_component() -> None:
    found = formulas_of(parse("[r*cos(t), r*sin(t)]"), ["r", "t"], 2)
    assert found.is_vector
    texts = [[to_text(node) for node in row.values()] for row in found.rows]
    assert texts == [["0", "-r*cos(t)"], ["0", "-r*sin(t)"]]
    assert to_text(found.arrays[0]) == "[[0, -r*cos(t)], [0, -r*sin(t)]]"


def test_conditions_of_all_derivatives_are_named_once() -> None:
    assert formulas_of(parse("x*y/y + z"), ["x", "y", "z"]).conditions == ("y != 0",)


@pytest.mark.parametrize(
    ("text", "hessian", "kind", "message"),
    [
        ("[x, y]", True, UsageError, "has 2 values, but only a single value has a Hessian"),
        ("[[x, y], [y, x]]", False, ExpressionError, r"no formula that is right for every shape, because of `\[...\]`"),
        ("softmax(x)@y", False, ExpressionError, "no formula that is right for every shape, because of `softmax`"),
        ("sum(x^2)", True, ExpressionError, "a Hessian as an expression takes numbers"),
        ("+".join(f"x{place}" for place in range(40)), True, LimitError, "40 × 40 entries"),
    ],
)
def test_what_has_no_such_formulas_is_refused(text: str, hessian: bool, kind: type[GradcliError], message: str) -> None:
    parsed = parse(text)
    with pytest.raises(kind, match=message):
        formulas_of(parsed, parsed.variables, hessian=hessian)


def test_a_number_from_arrays_has_a_gradient_with_conditions() -> None:
    found = formulas_of(parse("sum((A@x - b)^2)"), ["x", "b"])
    assert {name: to_text(node) for name, node in found.rows[0].items()} == {
        "x": "2*(transpose(A) @ (A @ x - b))",
        "b": "2*(b - A @ x)",
    }
    assert found.conditions == ("A is a matrix", "A @ x and b have one shape, unless one is a number")
    with pytest.raises(ExpressionError, match="a derivative of higher order"):
        formulas_of(parse("sum(x^2)"), ["x"], 2)


def test_an_error_of_arrays_has_the_place_of_the_operation() -> None:
    with pytest.raises(ExpressionError) as caught:
        formulas_of(parse("sum(x^2) + sum(x[1:])"), ["x"])
    assert caught.value.span == (15, 20)


def test_two_opposite_orders_are_an_equality() -> None:
    hessian = formulas_of(parse("max(x, y)^2"), ["x", "y"], hessian=True).hessian
    assert hessian is not None
    assert to_text(hessian["x"]["y"]) == "where(x == y, 1/2, 0)"
