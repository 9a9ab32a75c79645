"""`gradcli.printing.describe`: rules of the registry as formulas, and conditions in words."""

from __future__ import annotations

import re

import pytest

from gradcli import parse
from gradcli.graph.simplify import Simplified, simplify
from gradcli.primitives import REGISTRY
from gradcli.printing.describe import describe_conditions, describe_partials
from tests.support.loops import for_each


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("add", [("x", "1"), ("y", "1")]),
        ("mul", [("x", "y"), ("y", "x")]),
        ("pow", [("x", "where(y == 0, 0, y*x^(y - 1))"), ("y", "xlogy(x^y, x)")]),
        ("max", [("x", "step(x - y)"), ("y", "step(y - x)")]),
        ("hypot", [("x", "where(x == 0, 0, x/hypot(x, y))"), ("y", "where(y == 0, 0, y/hypot(x, y))")]),
        ("sin", [("x", "cos(x)")]),
        ("erf", [("x", "2*exp(-x^2)/sqrt(pi)")]),
        ("log2", [("x", "1/(x*log(2))")]),
        ("sinc", [("x", "where(x == 0, 0, (cos(pi*x) - sinc(x))/x)")]),
        ("floor", [("x", "0")]),
        ("where", [("x", "where(c != 0, 1, 0)"), ("y", "where(c == 0, 1, 0)")]),
    ],
)
def test_a_rule_prints_as_its_partial_derivatives(name: str, expected: list[tuple[str, str]]) -> None:
    assert describe_partials(REGISTRY[name]) == expected


@for_each("primitive", REGISTRY.public(), ids=lambda primitive: primitive.name)
def test_every_rule_prints_as_an_expression(primitive: object) -> None:
    described = describe_partials(primitive)
    assert described
    for operand, formula in described:
        assert operand in primitive.operands
        for name in primitive.static:
            formula = re.sub(rf"\b{name}( [+-] 1)?\b", "2", formula)
        parse(formula)


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("x + y", []),
        ("x*y/y", ["y != 0"]),
        ("x/x*sin(y)/sin(y)", ["x != 0", "sin(y) != 0"]),
        ("(x + y)/(x + y)", ["x + y != 0"]),
        ("0*x", ["everything that is multiplied by 0 is finite"]),
        ("0*x + y/y", ["y != 0", "everything that is multiplied by 0 is finite"]),
    ],
)
def test_the_conditions_of_a_simplification_are_clauses(text: str, clauses: list[str]) -> None:
    found: Simplified = simplify(parse(text).root)
    assert sorted(describe_conditions(found)) == sorted(clauses)
