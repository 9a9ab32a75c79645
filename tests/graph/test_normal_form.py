"""The normal form: what is equal by the rules of powers, exponentials and logarithms is one form, and no more."""

from __future__ import annotations

import math

import pytest

from gradcli import parse
from gradcli.graph.layout import Layout
from gradcli.graph.normal_form import Ring
from gradcli.graph.symbols import Unfit
from gradcli.printing.text import to_text
from tests.support.loops import for_each


def normal(text: str) -> str:
    root = parse(text).root
    ring = Ring(root.graph.variable("x"))
    return to_text(Layout(ring, root.graph).node(ring.read(root)))


@for_each(
    ("text", "expected"),
    [
        ("x + x*2 - 3*x", "0"),
        ("a - (b - a)", "2*a - b"),
        ("2*(x - 2)", "2*(x - 2)"),
        ("x + 2*(x - 2)", "3*x - 4"),
        ("x*x^2/y", "x^3/y"),
        ("(x^3)^(1/2)", "x^(3/2)"),
        ("sqrt(x^2)", "sqrt(x^2)"),
        ("sqrt(x*y)^2", "x*y"),
        ("sqrt(8)*x", "2*sqrt(2)*x"),
        ("sqrt(2)/2", "1/sqrt(2)"),
        ("exp(x)*exp(-2*x)", "exp(-x)"),
        ("exp(x + y)/exp(y)", "exp(x)"),
        ("2^x*4^x", "2^(3*x)"),
        ("x*x^x", "x^(x + 1)"),
        ("e^2*e^x", "exp(x + 2)"),
        ("exp(2*log(x))", "x^2"),
        ("log(exp(3*x))", "3*x"),
        ("log(8)", "3*log(2)"),
        ("log(1/8) + log(8)", "0"),
        ("sin(-x) + sin(x)", "0"),
        ("cos(1 - x) - cos(x - 1)", "0"),
        ("1/3*x", "x/3"),
        ("0.1*x + 0.2*x", "0.3*x"),
        ("(1 - x)/(x - 1)", "-1"),
    ],
)
def test_equal_formulas_have_one_form(text: str, expected: str) -> None:
    assert normal(text) == expected


@pytest.mark.parametrize("text", ["max(x, 1)", "abs(x)", "1/0", "(-2)^x", "inf*x", "floor(x)", "where(x > 0, x, 1)"])
def test_what_needs_a_condition_has_no_form(text: str) -> None:
    with pytest.raises(Unfit):
        normal(text)


def test_values_come_with_estimates_of_their_rounding_errors() -> None:
    root = parse("(exp(x) - 1)/x").root
    x = root.graph.variable("x")
    ring = Ring(x)
    form = ring.read(root)
    value, error = ring.value(form, ring.values({x: 1e-9}))
    assert abs(value - 1.0) <= error < 1e-5
    value, error = ring.value(form, ring.values({x: 1.0}))
    assert abs(value - (math.e - 1.0)) <= error < 1e-14


def test_a_form_above_the_bounds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradcli.limits.FORM_WORK", 10)
    with pytest.raises(Unfit):
        normal("x/(2*x + 2)^2*x/(3*x + 3)^2*x/(4*x + 4)^2*exp(x + y + z)*exp(y + 2)*sqrt(4*x + 4)")


def test_a_ring_turns_to_another_variable() -> None:
    root = parse("x^2*y^3*exp(x*y)").root
    x, y = root.graph.variable("x"), root.graph.variable("y")
    ring, other = Ring(x), Ring(y)
    first = ring.derivative(ring.read(root))
    ring.turn_to(y)
    at = {x: 0.7, y: 1.3}
    values = ring.values(at)
    expected = other.value(other.derivative(other.read(root)), other.values(at))[0]
    assert ring.value(ring.derivative(ring.read(root)), ring.values(at))[0] == pytest.approx(expected, rel=1e-14)
    ring.turn_to(x)
    assert ring.value(ring.derivative(ring.read(root)), values)[0] == pytest.approx(ring.value(first, values)[0])


def test_a_function_is_read_by_its_declared_formula_in_powers() -> None:
    assert normal("hypot(x, 3)") == "sqrt(x^2 + 9)"
