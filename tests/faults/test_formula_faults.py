"""A printed derivative, read again, has the value of `grad` wherever `grad` has one: at ties, kinks and edges too."""

from __future__ import annotations

import json
import math

import pytest

from gradcli import parse
from gradcli.evaluate import point
from gradcli.graph.formula import derivative_formula
from gradcli.primitives import REGISTRY, Primitive
from gradcli.printing.describe import describe_partials
from gradcli.printing.text import text_length, to_text
from tests.support.command_line import run_inside
from tests.support.edge_points import ROWS, Row
from tests.support.fuzz_formulas import at_point, case, differences, is_same
from tests.support.loops import for_each

PI, INF = math.pi, math.inf

#: expression, variable, its derivative as printed, and values at points: by the conventions of docs/edge_points.md at
#: ties, kinks and edges, and by the closed form elsewhere.
CASES: list[tuple[str, str, str, dict[tuple[float, ...], float]]] = [
    # Ties: k equal operands of an extreme share its derivative.
    ("max(x, x)", "x", "1", {(0,): 1, (3,): 1, (-2,): 1}),
    ("min(2*x, 2*x)", "x", "2", {(0,): 2, (3,): 2}),
    ("max(x, abs(x))", "x", "step(x - abs(x)) + sign(x)*step(abs(x) - x)", {(3,): 1, (0,): 0.5, (-2,): -1}),
    (
        "max(x, x, x^2)",
        "x",
        "where(x >= x^2, 2/((x^2 == x) + 2), 0) + where(x^2 >= x, 2*x/(2*(x == x^2) + 1), 0)",
        {(1,): 4 / 3, (0.5,): 1, (2,): 4, (0,): 2 / 3},
    ),
    ("max(x, 0)", "x", "step(x)", {(0,): 0.5, (1,): 1, (-1,): 0}),
    ("min(0, x)", "x", "step(-x)", {(0,): 0.5, (1,): 0, (-1,): 1}),
    ("max(x, -x)", "x", "step(x) - step(-x)", {(0,): 0, (1,): 1, (-1,): -1}),
    ("max(x, y)", "y", "step(y - x)", {(1, 1): 0.5, (1, 2): 1, (2, 1): 0}),
    (
        "max(x, y, 0)",
        "x",
        "where(x == max(x, y, 0), 1/((x == y) + (x == 0) + 1), 0)",
        {(0, 0): 1 / 3, (0, -1): 0.5, (1, 1): 0.5, (2, 1): 1, (-1, 1): 0},
    ),
    ("max(x^2, 1)", "x", "2*x*step(x^2 - 1)", {(1,): 1, (-1,): -1, (0,): 0, (3,): 6}),
    ("max(x, x^2)", "x", "step(x - x^2) + 2*x*step(x^2 - x)", {(0,): 0.5, (1,): 1.5, (0.5,): 1, (2,): 4}),
    ("max(x, y)^2", "x", "2*max(x, y)*step(x - y)", {(1, 1): 1, (2, 1): 4, (1, 2): 0}),
    ("abs(max(x, y))", "x", "sign(max(x, y))*step(x - y)", {(-1, -1): -0.5, (0, 0): 0, (2, 1): 1}),
    ("max(2, x)*min(3, x)", "x", "min(3, x)*step(x - 2) + max(2, x)*step(3 - x)", {(2,): 3, (3,): 4.5, (1,): 2}),
    ("clip(x, 0, 1)", "x", "step(x)*step(1 - x)", {(0,): 0.5, (1,): 0.5, (0.5,): 1, (2,): 0, (-1,): 0}),
    ("clip(x, x, x)", "x", "1", {(0,): 1, (2,): 1}),
    ("clip(x, 1, 0)", "x", None, {(0.5,): 0, (0,): 0, (1,): 0, (2,): 0}),
    ("clip(x, y, 1)", "y", None, {(0, 0): 0.5, (0, 0.5): 1, (1, 1): 1 / 3, (0.5, 0): 0, (0, 1): 0.5, (3, 2): 0}),
    # A branch that is not taken contributes 0, even with an infinite slope.
    (
        "max(sqrt(x), 1)",
        "x",
        "where(sqrt(x) >= 1, step(sqrt(x) - 1)/(2*sqrt(x)), 0)",
        {(0,): 0, (1,): 0.25, (4,): 0.25},
    ),
    ("min(x, 1/x)", "x", None, {(0,): 1, (1,): 0, (2,): -0.25, (0.5,): 1}),
    ("where(x > 0, sqrt(x), 0)", "x", "where(x > 0, 1/(2*sqrt(x)), 0)", {(0,): 0, (-1,): 0, (4,): 0.25}),
    ("max(relu(x), 0)", "x", None, {(0,): 0, (1,): 1, (-1,): 0}),
    ("relu(x)", "x", "where(x > 0, 1, 0)", {(0,): 0, (1,): 1, (-1,): 0}),
    ("abs(x)", "x", "sign(x)", {(0,): 0, (-2,): -1}),
    ("hard_tanh(x)", "x", "where(abs(x) < 1, 1, 0)", {(1,): 0, (-1,): 0, (0.5,): 1}),
    # Edges of powers: a product of 0 and a pole, or of 0 and an infinite logarithm.
    ("0^x", "x", "xlogy(0^x, 0)", {(1,): 0, (0.5,): 0, (-1,): -INF}),
    ("x^y", "x", "where(y == 0, 0, y*x^(y - 1))", {(0, 0): 0, (0, 2): 0, (0, 1): 1, (0, 0.5): INF, (-2, 3): 12}),
    ("x^y", "y", "xlogy(x^y, x)", {(0, 2): 0, (0, 0.5): 0, (2, 0): math.log(2), (2, 3): 8 * math.log(2)}),
    ("a*(1 + x)^y", "x", "where(y == 0, 0, a*y*(x + 1)^(y - 1))", {(2, -1, 0): 0, (2, 1, 3): 24}),
    ("x^abs(y)", "x", "where(y == 0, 0, abs(y)*x^(abs(y) - 1))", {(0, 0): 0, (0, -2): 0, (3, -2): 6}),
    ("x^2", "x", "2*x", {(0,): 0, (-3,): -6}),
    ("2^x", "x", None, {(0,): math.log(2)}),
    ("x^x", "x", "(log(x) + 1)*x^x", {(1,): 1, (2,): 4 + 4 * math.log(2)}),
    ("xlogy(x, y)", "y", "where(x == 0, 0, x/y)", {(0, 0): 0, (0, 2): 0, (1, 2): 0.5}),
    ("xlogy(x, x)", "x", "log(x) + 1", {(0,): -INF, (1,): 1}),
    # Edges of quotients: the length, and sinc.
    ("hypot(x, 0)", "x", "sign(x)", {(0,): 0, (2,): 1, (-2,): -1}),
    ("hypot(x, 3)", "x", "x/hypot(x, 3)", {(0,): 0, (4,): 0.8}),
    ("hypot(x, y)", "x", "where(x == 0, 0, x/hypot(x, y))", {(0, 0): 0, (0, 2): 0, (3, 4): 0.6}),
    ("hypot(x, y)", "y", "where(y == 0, 0, y/hypot(x, y))", {(0, 0): 0, (2, 0): 0, (3, 4): 0.8}),
    ("-2*hypot(x, y)", "x", "where(x == 0, 0, -2*x/hypot(x, y))", {(0, 0): 0, (3, 4): -1.2}),
    ("hypot(x^2, y)", "x", "where(x == 0, 0, 2*x^3/hypot(x^2, y))", {(0, 0): 0, (0, 1): 0, (2, 3): 3.2}),
    ("1/hypot(x, y)", "x", "-x/hypot(x, y)^3", {(0, 2): 0, (3, 4): -3 / 125}),
    ("hypot(x, y)^2", "x", "2*x", {(0, 0): 0, (0, 2): 0, (3, 4): 6}),
    ("sinc(x)", "x", None, {(0,): 0, (1,): -1, (0.5,): -4 / PI}),
    ("sinc(x)^2", "x", None, {(0,): 0, (0.5,): -16 / PI**2}),
    ("sinc(x - y)", "y", None, {(0, 0): 0, (2, 2): 0, (2, 1): 1}),
    ("sqrt(x^2)", "x", "x/sqrt(x^2)", {(2,): 1, (-2,): -1}),
    ("atan2(y, x)", "y", "x/(x^2 + y^2)", {(-1, 0): -1, (2, 0): 0.5}),
]


def printed(text: str, name: str, order: int = 1) -> str:
    parsed = parse(text)
    return to_text(derivative_formula(parsed.root, parsed.graph.variable(name), order, text_length).root)


@for_each(("text", "name", "formula", "values"), CASES)
def test_a_printed_derivative_has_the_value_of_grad(
    text: str, name: str, formula: str | None, values: dict[tuple[float, ...], float]
) -> None:
    found = printed(text, name)
    if formula is not None:
        assert found == formula
    variables = parse(text).variables
    for coordinates, expected in values.items():
        at = dict(zip(sorted(variables), map(float, coordinates), strict=True))
        gradient = parse(text).gradient(**at)[name]
        assert (gradient, at_point(found, at)) == (pytest.approx(expected, abs=1e-15),) * 2
        assert at_point(str(parse(text).derivative(name)), at) == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize(
    ("text", "formula", "values"),
    [
        ("sinc(x)", None, {0.0: -(PI**2) / 3, 0.5: 16 / PI - PI * 2, 1.0: 2.0}),
        ("hypot(x, 1)", "1/hypot(x, 1)^3", {0.0: 1.0}),
        ("x^3", "6*x", {0.0: 0.0}),
        ("(1 + 1)^x", None, {0.0: math.log(2) ** 2, 1.0: 2 * math.log(2) ** 2}),
        ("max(x^2, 1)", "2*step(x^2 - 1)", {1.0: 1.0, 0.0: 0.0, 2.0: 2.0}),
    ],
)
def test_a_printed_second_derivative_has_its_value(text: str, formula: str | None, values: dict[float, float]) -> None:
    found = printed(text, "x", 2)
    assert formula is None or found == formula
    assert {x: at_point(found, {"x": x}) for x in values} == pytest.approx(values)


def test_the_second_derivative_of_a_power_is_0_where_its_first_one_is_constant() -> None:
    assert printed("x^y", "x", 2) == "where(y == 0 or y == 1, 0, y*(y - 1)*x^(y - 2))"
    for y, expected in ((0.0, 0.0), (1.0, 0.0), (2.0, 2.0), (3.0, 0.0)):
        assert at_point(printed("x^y", "x", 2), {"x": 0.0, "y": y}) == expected


def is_plain(row: Row) -> bool:
    """Whether the point of a row is finite and has no -0.0."""
    return all(math.isfinite(number) and str(number) != "-0.0" for number in row.point.values())


@for_each("row", [row for row in ROWS if is_plain(row)], ids=str)
def test_a_printed_derivative_has_the_value_of_its_row_in_the_table_of_edge_points(row: Row) -> None:
    for name, expected in zip(parse(row.text).variables, row.gradient, strict=False):
        formula = printed(row.text, name)
        assert is_same(at_point(formula, row.point), expected), formula


EDGES = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5)
#: At its pole, the formula of this derivative multiplies infinity by 0.
WITHOUT_VALUE = {("ellipk", 1.0)}


@for_each("primitive", REGISTRY.public(), ids=lambda primitive: primitive.name)
def test_the_derivatives_in_the_reference_agree_with_grad(primitive: Primitive) -> None:
    if primitive.static:
        return
    for shift in range(len(EDGES)):
        coordinates = [EDGES[(shift + 3 * i * shift) % len(EDGES)] for i in range(primitive.arity)]
        for numbers in (coordinates, [EDGES[shift]] * primitive.arity):
            if (primitive.name, *numbers) in WITHOUT_VALUE:
                continue
            at = dict(zip(primitive.operands, numbers, strict=True))
            parsed = parse(primitive.signature.replace(", ...", "") if primitive.infix is None else infix(primitive))
            gradient = parsed.gradient(**at)
            for name, formula in describe_partials(primitive):
                assert is_same(at_point(formula, at), gradient[name]), (formula, at, gradient)


def infix(primitive: Primitive) -> str:
    """Return the function as an expression of its operands, written with its operator."""
    graph = parse("0").graph
    return to_text(graph.add(primitive, [graph.variable(name) for name in primitive.operands]))


def test_every_form_of_output_has_the_formula_with_its_conditions() -> None:
    assert run_inside("diff", "hypot(x, y)", "--wrt", "x").out == "where(x == 0, 0, x/hypot(x, y))\n"
    assert json.loads(run_inside("diff", "max(x, 0)", "--json").out)["derivative"] == "step(x)"
    latex = run_inside("diff", "hypot(x, y)", "--wrt", "x", "--latex").out
    assert latex.startswith(r"\begin{cases} 0 & x \mathrel{=} 0 \\[10pt] \dfrac{x}")
    assert r"\text{otherwise}" in latex
    assert dict(json.loads(run_inside("functions", "max", "--json").out)["derivative"])["x"] == "step(x - y)"
    for text, value in (("diff(max(x, abs(x)), x)", 1.0), ("diff(hypot(x, y), x)", 1.0), ("sinc'(x - 3)", 0.0)):
        assert at_point(text, {"x": 3.0, "y": 0.0}) == value


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("(x^y)^(0^y)", {"x": -0.65, "y": 2.3}),
        ("(sqrt(y)*clip(y, -1, x))^(leaky_relu(y)/0^y)", {"x": -2.0, "y": -2.0}),
        ("log(x)^floor(y)", {"x": -2.0, "y": 0.5}),
    ],
)
def test_a_base_without_a_value_has_no_derivative_at_the_exponent_0(text: str, at: dict[str, float]) -> None:
    assert math.isnan(point.gradient(parse(text), at).gradient["x"])
    assert list(differences(text, at)) == []


@pytest.mark.parametrize("start", range(0, 150, 75))
def test_all_ways_to_differentiate_agree_at_ties_and_edges(start: int) -> None:
    """A part of what `python -m tests.support.fuzz_formulas 10000` compares."""
    assert [line for number in range(start, start + 75) for line in differences(*case(number))] == []
