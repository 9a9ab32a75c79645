"""Formulas as text: what is printed parses to the same graph, with as few parentheses as that needs."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcli import parse
from gradcli.graph import Graph
from gradcli.primitives import functions as f
from gradcli.printing.text import number_text, operation_text, to_text
from tests.support.loops import for_each

CASES = [
    ("x1*x2+sin(x1)", "x1*x2 + sin(x1)"),
    ("((x))", "x"),
    ("(a+b)+c", "a + b + c"),
    ("a+(b+c)", "a + (b + c)"),
    ("a-(b-c)", "a - (b - c)"),
    ("a/(b*c)", "a/(b*c)"),
    ("(a/b)*c", "a/b*c"),
    ("a*(b/c)", "a*(b/c)"),
    ("(2^3)^2", "(2^3)^2"),
    ("2^(3^2)", "2^3^2"),
    ("2^(-1)", "2^-1"),
    ("(-2)^2", "(-2)^2"),
    ("-(2^2)", "-2^2"),
    ("(-x)^2", "(-x)^2"),
    ("-(x^2)", "-x^2"),
    ("-(x*y)", "-(x*y)"),
    ("(-x)*y", "-x*y"),
    ("x*(-y)", "x*-y"),
    ("-(-x)", "--x"),
    ("x-(-y)", "x - -y"),
    ("(x!)!", "(x!)!"),
    ("(-3)!", "(-3)!"),
    ("(x^2)!", "(x^2)!"),
    ("x^(y!)", "x^y!"),
    ("A@x-b", "A @ x - b"),
    ("a*(b@c)", "a*(b @ c)"),
    ("(a@b)^2", "(a @ b)^2"),
    ("[1,[2]]", "[1, [2]]"),
    ("(x+y)[0]", "(x + y)[0]"),
    ("x[0]^2", "x[0]^2"),
    ("(x^2)[0]", "(x^2)[0]"),
    ("(2)[0]", "(2)[0]"),
    ("(-x)[0]", "(-x)[0]"),
    ("-x[0]", "-x[0]"),
    ("2x[0]", "2*x[0]"),
    ("A[ 0,1 : , ::-1 ]", "A[0, 1:, ::-1]"),
    ("sum(A,axis=0)", "sum(A, 0)"),
    ("sum(A,keepdims=1)", "sum(A, keepdims=1)"),
    ("max(A,axis=0)", "max(A, axis=0)"),
    ("max(A,0)", "max(A, 0)"),
    ("cat(a,b,axis=1)", "cat(a, b, axis=1)"),
    ("stack(a,b)", "[a, b]"),
    ("norm(x,inf)", "norm(x, inf)"),
    ("reshape(A,[2,-1])", "reshape(A, [2, -1])"),
    ("(x+1)%2", "(x + 1) % 2"),
    ("a and (b or c)", "a and (b or c)"),
    ("(a and b) or c", "a and b or c"),
    ("not (a and b)", "not (a and b)"),
    ("(not a) == b", "(not a) == b"),
    ("not a == b", "not a == b"),
    ("(a < b) < c", "(a < b) < c"),
    ("if(a, b, c)", "where(a, b, c)"),
    ("|x|", "abs(x)"),
    ("√x", "sqrt(x)"),
    ("arcsin(x)", "asin(x)"),
    ("2x", "2*x"),
    ("π²", "pi^2"),
    ("f(t) = t^2; f(x)", "x^2"),
    ("1e300", "1e+300"),
    ("0.1", "0.1"),
    ("1e-7", "1e-07"),
]


@for_each(("text", "expected"), CASES)
def test_a_formula_has_one_canonical_form(text: str, expected: str) -> None:
    assert str(parse(text)) == expected
    assert str(parse(expected)) == expected


@pytest.mark.parametrize(
    ("value", "text"),
    [(2.0, "2"), (-0.5, "-0.5"), (-0.0, "-0"), (0.1, "0.1"), (1e300, "1e+300"), (math.inf, "inf"), (math.nan, "nan")],
)
def test_a_number_is_written_as_short_as_it_can_be(value: float, text: str) -> None:
    assert number_text(value) == text


@given(st.floats(allow_nan=False))
def test_a_number_reads_back_as_the_same_bits(value: float) -> None:
    assert math.copysign(1.0, float(number_text(value))) == math.copysign(1.0, value)
    assert parse(number_text(value))() == value


def test_internal_primitives_are_not_shown() -> None:
    slope = parse("hypot(x, y)^z").derivative("x")
    text = str(slope)
    assert not any(name in text for name in ("guard", "direction", "power_derivative"))
    at = {"x": 1.5, "y": 2.0, "z": 2.5}
    assert parse(text)(**at) == pytest.approx(slope(**at), rel=1e-13)


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (lambda x, y: x * y, "w1 * w2"),
        (lambda x, y: x / y, "w1 / w2"),
        (lambda x, y: x**y, "w1^w2"),
        (lambda x, y: x - y, "w1 - w2"),
        (lambda x, y: x * 2.0, "w1 * 2"),
        (lambda x, y: x * -2.0, "w1 * -2"),
        (lambda x, y: -x, "-w1"),
        (lambda x, y: f.sin(x), "sin(w1)"),
        (lambda x, y: f.max(x, y, 3.0), "max(w1, w2, 3)"),
        (lambda x, y: f.factorial(x), "w1!"),
    ],
)
def test_one_operation_is_written_with_the_names_of_its_operands(build: object, expected: str) -> None:
    graph = Graph()
    x, y = graph.variable("x"), graph.variable("y")
    assert operation_text(build(x, y), {x: "w1", y: "w2"}) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("r = sqrt(x^2 + y^2); exp(-r)/r", "r = sqrt(x^2 + y^2); exp(-r)/r"),
        ("a = x^2*y; b = a + 1; exp(b)*sin(b)/b*cos(a)", "a = x^2*y; b = a + 1; exp(b)*sin(b)/b*cos(a)"),
        # A name that occurs once, that makes the text longer, or that is a variable, too, is not defined.
        ("r = sqrt(x^2 + y^2); exp(-r)/2", "exp(-sqrt(x^2 + y^2))/2"),
        ("c = cos(x); c^3 + exp(c)", "cos(x)^3 + exp(cos(x))"),
        ("x = x^2 + y^2 + 1; exp(x)*sin(x)*cos(x)", "exp(x^2 + y^2 + 1)*sin(x^2 + y^2 + 1)*cos(x^2 + y^2 + 1)"),
        ("r = sqrt(x^2 + y^2); r", "sqrt(x^2 + y^2)"),
    ],
)
def test_definitions_are_kept_where_the_text_is_shorter_with_them(text: str, expected: str) -> None:
    parsed = parse(text)
    found = to_text(parsed.root, parsed.definitions)
    assert found == expected
    at = {name: value for name, value in (("x", 0.7), ("y", 1.3)) if name in parsed.variables}
    assert parse(found)(**at) == parsed(**at)
