"""A derivative with respect to an array is right in every shape in which its conditions hold."""

from __future__ import annotations

import contextlib
import itertools
import random
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from gradcli import parse
from gradcli.errors import GradcliError
from gradcli.graph.array_formula import NoFormula, ShapeCondition, array_formula
from gradcli.printing.describe import describe_shapes
from gradcli.printing.text import text_length, to_text
from tests.support.loops import for_each

#: An expression -> the derivatives that need no condition, by variable.
CASES = {
    "sum(x^2)": {"x": "2*x"},
    "sum(x)": {"x": "x^0"},
    "mean(exp(x))": {"x": "exp(x)/sum(x^0)"},
    "dot(a, x)": {"a": "x", "x": "a"},
    "dot(a, sin(x))": {"a": "sin(x)", "x": "a*cos(x)"},
    "norm(x)": {"x": "where(norm(x) == 0, 0, x/norm(x))"},
    "norm(x)^2": {"x": "2*x"},
    "norm(x)^3": {"x": "3*x*norm(x)"},
    "sum(2^x)": {"x": "2^x*log(2)"},
    "sum(erf(x))": {"x": "2*exp(-x^2)/sqrt(pi)"},
    "sum(abs(x))": {"x": "sign(x)"},
    "sum(relu(x))": {"x": "where(x > 0, 1, 0)"},
    "sum(floor(x))": {"x": "0*x^0"},
    "sum(x*log(x))": {"x": "log(x) + 1"},
    "log(sum(exp(x)))": {"x": "exp(x)/sum(exp(x))"},
    "sum(x)*sum(x^2)": {"x": "2*x*sum(x) + sum(x^2)"},
    "sum((x - mean(x))^2)": {},
    "sum(x)/norm(x)": {},
    "a*sum(x^2)": {"a": "sum(x^2)", "x": "2*a*x"},
    "sum(a*x)": {},
    "sum(a*x^2)": {},
    "sum(x + a*y)": {},
    "exp(-norm(x - y)^2)": {},
    "sum(max(x, y))": {},
    "sum(x^y)": {},
    "sum((A@x - b)^2)": {},
    "norm(A@x - b)^2": {},
    "mean((x@W - b)^2)": {},
    "sum(A@B)": {},
    "sum(exp(A@B))": {},
    "sum(C*(A@B))": {},
    "sum((y@A)/max(x, 2))": {},
    "sum(sin(A@A))": {},
    "sum(((2 - B)@(2 - B))^2)": {},
    "sum(log(B)@(y/y))": {},
    "x@A@x": {},
    "x@(A@x)": {},
    "0.5*dot(x, A@x) - dot(b, x)": {},
    "x@y + y@z": {},
    "sum(transpose(A)*B)": {},
    "sum(transpose(A)@A)": {},
    "sum(log(1 + exp(-y*(X@w))))": {},
    "sum(3)*x": {"x": "sum(3)"},
    "x*sum(x)": {},
}
SHAPES: Sequence[tuple[int, ...]] = ((), (2,), (3,), (2, 2), (3, 2))


def holds(condition: ShapeCondition, at: dict[str, Any]) -> bool:
    def shape(node: Any) -> tuple[int, ...]:
        found = parse(to_text(node))
        return np.shape(found(**{name: at[name] for name in found.variables}))

    try:
        own = shape(condition.node)
        if condition.other is None:
            return len(own) == ("number", "vector", "matrix").index(condition.kind)
        return own == shape(condition.other) or (condition.kind == "fits" and own == ())
    except GradcliError:
        return False


def comparisons(text: str, shapes: Sequence[tuple[int, ...]]) -> dict[str, int]:
    """Compare the formulas of an expression with its gradient in all shapes; return how often for each variable."""
    parsed = parse(text)
    formulas = {}
    for name in parsed.variables:
        with contextlib.suppress(NoFormula):
            formulas[name] = array_formula(parsed.root, parsed.graph.variable(name), text_length)
    compared = dict.fromkeys(formulas, 0)
    for number, chosen in enumerate(itertools.product(shapes, repeat=len(parsed.variables))):
        generator = np.random.default_rng(zlib.crc32(text.encode()) + number)
        at = {
            name: generator.uniform(0.3, 2.0, shape) if shape else float(generator.uniform(0.3, 2.0))
            for name, shape in zip(parsed.variables, chosen, strict=True)
        }
        try:
            gradient = parsed.gradient(**at)
        except GradcliError:
            continue
        for name, formula in formulas.items():
            if np.all(np.isfinite(gradient[name])) and all(holds(condition, at) for condition in formula.conditions):
                found = parse(to_text(formula.root))
                value = found(**{one: at[one] for one in found.variables})
                assert np.shape(value) == np.shape(at[name]), (text, name, chosen)
                assert np.allclose(value, gradient[name], rtol=1e-10, atol=1e-12), (text, name, chosen)
                compared[name] += 1
    return compared


@for_each("text", CASES)
def test_a_formula_has_the_value_and_the_shape_of_the_gradient(text: str) -> None:
    root = parse(text).root
    for name, expected in CASES[text].items():
        formula = array_formula(root, root.graph.variable(name), text_length)
        assert to_text(formula.root) == expected
        assert formula.conditions == ()
    assert min(comparisons(text, SHAPES).values()) > 0


ONE = (
    "sin({})",
    "exp({})",
    "abs({})",
    "sqrt({})",
    "({})^2",
    "1/({})",
    "-({})",
    "transpose({})",
    "mean({})",
    "norm({})",
)
TWO = (
    "({}) + ({})",
    "({}) - ({})",
    "({})*({})",
    "({})/({})",
    "max({}, {})",
    "({}) @ ({})",
    "({}) @ ({})",
    "dot({}, {})",
)


def random_expression(chance: random.Random, depth: int) -> str:
    if depth == 0:
        return chance.choice(("x", "y", "A", "B", "2", "0.5"))
    template = chance.choice(chance.choice((ONE, TWO)))
    return template.format(*[random_expression(chance, depth - 1) for _ in range(template.count("{}"))])


@pytest.mark.parametrize("seed", range(4))
def test_formulas_of_random_expressions_are_right_in_every_shape(seed: int) -> None:
    chance, compared = random.Random(seed), 0
    for _ in range(40):
        text = f"sum({random_expression(chance, chance.choice((1, 2, 3)))})"
        if len(parse(text).variables) <= 3:
            compared += sum(comparisons(text, ((), (2,), (2, 2))).values())
    assert compared > 50


@pytest.mark.parametrize(
    ("text", "variable", "expected"),
    [
        ("sum((A@x - b)^2)", "x", ["A is a matrix", "b is a number or has the shape of A @ x"]),
        ("sum((A@x - b)^2)", "b", ["A @ x is a number or has the shape of b"]),
        ("sum((A@x - b)^2)", "A", ["x is a vector", "A is a matrix", "b is a number or has the shape of A @ x"]),
        ("sum(a*x)", "x", ["a has the shape of x"]),
        ("sum(A@B)", "B", ["A is a matrix"]),
        ("x@A@x", "A", ["x @ A @ x is a number"]),
        ("x*sum(x)", "x", ["x is a number"]),
        ("dot(a, x)", "x", []),
    ],
)
def test_conditions_are_told_in_words(text: str, variable: str, expected: list[str]) -> None:
    root = parse(text).root
    assert describe_shapes(array_formula(root, root.graph.variable(variable), text_length).conditions) == expected


def test_two_conditions_of_a_pair_are_told_as_one() -> None:
    root = parse("sum(x*y^2)").root
    variables = [root.graph.variable(name) for name in "xy"]
    both = [one for target in variables for one in array_formula(root, target, text_length).conditions]
    assert describe_shapes(both) == ["y has the shape of x"]
    root = parse("exp(-norm(x - y)^2)").root
    both = [one for name in "xy" for one in array_formula(root, root.graph.variable(name), text_length).conditions]
    assert describe_shapes(both) == ["x and y have one shape, unless one is a number"]


@pytest.mark.parametrize(
    ("text", "operation"),
    [
        ("sum(x[1:])", "index"),
        ("sum(x, 0)@y", "sum"),
        ("softmax(x)@y", "softmax"),
        ("prod(x)", "prod"),
        ("max(x)", "max"),
        ("norm(x, 1)", "norm"),
        ("sum([x, 2])", "stack"),
    ],
)
def test_what_depends_on_shapes_in_another_way_is_refused_with_its_place(text: str, operation: str) -> None:
    parsed = parse(text)
    with pytest.raises(NoFormula) as caught:
        array_formula(parsed.root, parsed.graph.variable("x"), text_length)
    node = caught.value.node
    assert node.primitive is not None
    assert node.primitive.name == operation
    assert node in parsed.spans
