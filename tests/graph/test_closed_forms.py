"""Functions of constants in closed form, in printed derivatives."""

import math

import pytest

from gradcli import parse
from gradcli.graph.closed_forms import with_closed_forms
from gradcli.graph.formula import derivative_formula
from gradcli.printing.text import text_length, to_text


@pytest.mark.parametrize(
    ("typed", "closed"),
    [
        ("x^3/3!", "x^3/6"),
        ("x*gamma(5)", "x*24"),
        ("x*gamma(0.5)", "x*sqrt(pi)"),
        ("x*cos(pi)", "x*-1"),
        ("x*sin(pi/3)", "x*(sqrt(3)/2)"),
        ("x*tan(pi/4)", "x*1"),
        ("x*atan(1)", "x*(pi/4)"),
        ("x*log2(8)", "x*3"),
        ("x*cbrt(-8)", "x*-2"),
        ("x*cbrt(2)", "x*2^(1/3)"),
        ("x*hypot(3, 4)", "x*5"),
        ("x*max(2, 3)", "x*3"),
        ("x*floor(7/2)", "x*3"),
        ("x*lgamma(3)", "x*log(2)"),
        ("x*sin(cos(pi/2))", "x*0"),
        # These stay: no closed form is known, or it is longer, or there is no value.
        ("x*erf(1)", "x*erf(1)"),
        ("x*log2(10)", "x*log2(10)"),
        ("x*100!", "x*100!"),
        ("x*tan(pi/2)", "x*tan(pi/2)"),
        ("x*acosh(0)", "x*acosh(0)"),
        ("x*sin(1.5)", "x*sin(1.5)"),
    ],
)
def test_constant_parts(typed: str, closed: str) -> None:
    expression = parse(typed)
    found = with_closed_forms(expression.root, text_length)
    assert to_text(found) == closed
    value, expected = parse(to_text(found))(x=1.5), expression(x=1.5)
    assert math.isclose(value, expected, rel_tol=1e-15, abs_tol=1e-15) or (value != value and expected != expected)


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("x^3/3!", "x^2/2"),
        ("binomial(5, 2)*x^2", "20*x"),
        ("x^3*tan(pi/3)", "3*sqrt(3)*x^2"),
        ("abs(x)*3!", "6*sign(x)"),
        # A float sin(pi) is not 0, so `grad` has a value here.
        ("x/sin(pi)", "csc(pi)"),
    ],
)
def test_derivatives(typed: str, printed: str) -> None:
    root = parse(typed).root
    assert to_text(derivative_formula(root, root.graph.variable("x"), 1, text_length).root) == printed
