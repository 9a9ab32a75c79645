"""Simplification reads better, keeps the value, and says under which condition."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcli import parse
from gradcli.execute.tape import Tape
from gradcli.graph import Graph, Node, toposort
from gradcli.graph.simplify import simplify
from gradcli.primitives import REGISTRY
from gradcli.printing.describe import describe_conditions
from gradcli.printing.text import to_text
from tests.support.loops import for_each

CASES: list[tuple[str, str, tuple[str, ...]]] = [
    ("3*(2*x) + x*y/y - 0", "7*x", ("y != 0",)),
    ("x + x", "2*x", ()),
    ("x - x", "0", ()),
    ("x*x", "x^2", ()),
    ("x*x^2", "x^3", ()),
    ("x/x", "1", ("x != 0",)),
    ("x^2/x", "x", ("x != 0",)),
    ("x/x^2", "1/x", ()),
    ("2*x + 3*x", "5*x", ()),
    ("x*y + y*x", "2*x*y", ()),
    ("x*1 + 0", "x", ()),
    ("--x", "x", ()),
    ("x*(-y)", "-x*y", ()),
    ("a - (b - a)", "2*a - b", ()),
    ("1 + x + 2", "x + 3", ()),
    ("-x + 2", "2 - x", ()),
    ("sin(x + x)", "sin(2*x)", ()),
    ("2*sin(x)*3*sin(x)", "6*sin(x)^2", ()),
    ("pi*2*pi", "2*pi^2", ()),
    ("sqrt(x*x)", "sqrt(x^2)", ()),
    ("exp(log(x))", "exp(log(x))", ()),
    ("(x^2)^3", "x^6", ()),
    ("(x^0.5)^2", "x", ()),
    ("square(x)*x", "x^3", ()),
    ("(x + 1)*(x + 1)", "(x + 1)^2", ()),
    ("x/2/2", "x/4", ()),
]


@for_each(("text", "expected", "conditions"), CASES)
def test_a_formula_has_its_simplified_form(text: str, expected: str, conditions: tuple[str, ...]) -> None:
    simplified = simplify(parse(text).root)
    assert (to_text(simplified.root), tuple(describe_conditions(simplified))) == (expected, conditions)


@for_each(("text", "short", "names"), CASES)
def test_simplifying_twice_changes_nothing(text: str, short: str, names: tuple[str, ...]) -> None:
    once = simplify(parse(text).root).root
    assert to_text(simplify(once).root) == to_text(once)


NAMES = ["add", "sub", "mul", "div", "neg", "square", "sin", "exp", "sqrt", "abs"]


@st.composite
def formulas(draw: st.DrawFn) -> tuple[Node, list[Node]]:
    graph = Graph()
    variables = [graph.variable("x"), graph.variable("y")]
    nodes = [*variables, *(graph.constant(one) for one in (2.0, -1.0, 0.5, 0.0))]
    for _ in range(draw(st.integers(1, 10))):
        primitive = REGISTRY[draw(st.sampled_from([*NAMES, "pow"]))]
        operands = [draw(st.sampled_from(nodes)) for _ in range(primitive.arity)]
        if primitive.name == "pow":
            operands[1] = graph.constant(float(draw(st.sampled_from([-2, -1, 2, 3]))))
        nodes.append(graph.add(primitive, operands))
    return nodes[-1], variables


@settings(max_examples=300, deadline=None)
@given(formulas(), st.sampled_from([(1.5, 0.75), (-1.25, 2.5), (3.0, -0.5)]))
def test_simplification_keeps_the_value(formula: tuple[Node, list[Node]], point: tuple[float, float]) -> None:
    root, variables = formula
    simplified = simplify(root).root
    tape = Tape([root, simplified], variables)
    values = tape.run(list(point))
    before, after = (values[slot] for slot in tape.outputs)
    # Rounding grows with what cancels, and where it overflows or has no value, the formula may gain one.
    largest = max(abs(one) for one in values)
    if not all(map(math.isfinite, values)) or largest > 1e12 or min(abs(one) for one in values if one) < 1e-9:
        return
    assert after == pytest.approx(before, rel=1e-6, abs=1e-6 * largest)


def test_a_very_large_formula_is_left_as_it_is() -> None:
    root = parse("+".join(f"sin({i}x)" for i in range(2000))).root
    assert simplify(root).root is root


def test_the_nodes_of_the_original_are_untouched() -> None:
    expression = parse("x*1 + 0")
    before = str(expression)
    simplify(expression.root)
    assert str(expression) == before
    assert len(toposort([expression.root])) == 5


def test_a_power_of_a_product_keeps_its_value_where_both_factors_are_negative() -> None:
    root = parse("abs(x)*(x*y)^1.5").root
    found = to_text(simplify(root).root)
    assert parse(found)(x=-2.0, y=-3.0) == parse("abs(x)*(x*y)^1.5")(x=-2.0, y=-3.0)
