"""The root of a graph is rewritten before it is differentiated; what is rewritten is the same function."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest

from gradcli import parse
from gradcli.graph import Graph, identities
from gradcli.graph.differentiate import gradient, keeping_digits
from gradcli.graph.identities import PATTERNS
from gradcli.graph.shortest import value_at
from gradcli.primitives import functions as f
from gradcli.primitives.registry import define
from gradcli.printing.text import to_text
from tests.support.declarations import forget
from tests.support.loops import for_each

#: An expression, and the form that its derivatives are computed from.
FORMS = [
    ("log(1 - sigmoid(x))", "-softplus(x)"),
    ("log(1 - tanh(x)^2)", "2*(0.6931471805599453 - logaddexp(x, -x))"),
    ("y - tanh(x)*y", "y*(1 - tanh(x))"),
    ("3 - 3/(1 + exp(x))", "3*(1 - sigmoid(-x))"),
    ("-1 + exp(x)", "expm1(x)"),
    ("1 + x - cos(x)", "1 - cos(x) + x"),
    ("sigmoid(x) - sigmoid(x)^2", "sigmoid(x)*(1 - sigmoid(x))"),
    ("2*sigmoid(x) - 1", "tanh(0.5*x)"),
    ("log(e^x + 1)", "softplus(x)"),
    ("log(exp(x) + exp(y) + exp(z)) - y", "softplus(logaddexp(x, z) - y)"),
    ("exp(x)/(exp(x) + exp(y))", "sigmoid(x - y)"),
    ("(exp(x) - exp(-x))/(exp(-x) + exp(x))", "tanh(x)"),
    ("10*x/(.5 + x)", "10*(x/(x + 0.5))"),
    ("sqrt(1 + x^2)", "hypot(1, x)"),
    ("atanh(tanh(x))", "x"),
    ("1 - sin(x)^2", "square(cos(x))"),
    ("1 - sin(x)*sin(x)", "square(cos(x))"),
    ("softplus(x) - x", "softplus(-x)"),
    ("logaddexp(x, y) - x", "softplus(y - x)"),
    ("2^x - 1", "expm1(0.6931471805599453*x)"),
    ("where(1 - sigmoid(x) > 0, 1 - sigmoid(x), 0)", "where(1 - sigmoid(x) > 0, 1 - sigmoid(x), 0)"),
    ("sum(log(1 - sigmoid([x, y])))", "sum(-softplus([x, y]))"),
]


@pytest.mark.parametrize(("text", "form"), FORMS, ids=[text for text, _ in FORMS])
def test_an_expression_that_cancels_is_differentiated_in_another_form(text: str, form: str) -> None:
    assert to_text(keeping_digits(parse(text).root)) == form


@pytest.mark.parametrize(
    "text", ["x*y + sin(x)", "x/y", "log(x)", "1 - x", "1 + sigmoid(x)", "x^2 - y^2", "1/(1 + x^2)"]
)
def test_an_expression_that_does_not_cancel_stays(text: str) -> None:
    root = parse(text).root
    assert keeping_digits(root) is root


@for_each("number", range(len(PATTERNS)))
def test_both_sides_of_a_pattern_are_one_function(number: int) -> None:
    chance = random.Random(number)
    left, right = PATTERNS[number]
    for _ in range(100):
        x = chance.uniform(-3.0, 3.0)
        if not math.isnan(left(x)):
            assert math.isclose(left(x), right(x), rel_tol=1e-9, abs_tol=1e-12), x


@for_each("number", range(len(PATTERNS)))
def test_a_graph_with_a_pattern_is_searched(number: int) -> None:
    left, _ = PATTERNS[number]
    typed = left(Graph().variable("x"))
    assert keeping_digits(typed) is not typed


@pytest.mark.parametrize(
    ("fields", "text", "form"),
    [
        ({}, "y - y*echo(x)", "y - y*echo(x)"),
        ({"complements": {-1.0: lambda x: 2.0 * x}}, "y - y*echo(x)", "2*y*x"),
        ({"logarithm": lambda x: 3.0 * x}, "echo(x)^y", "exp(y*(3*x))"),
        ({"begins_identities": True}, "y + echo(echo(x))", "y + x"),
    ],
)
def test_a_function_joins_by_its_declaration(
    fields: dict[str, Any], text: str, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    define("echo(x)", about="A test.", group="test", value=lambda x: x, partials=lambda x, y: (1.0,), **fields)
    kept = (identities.patterns, identities.denominators)
    try:
        monkeypatch.setattr(identities, "PATTERNS", [(lambda x: f.echo(f.echo(x)), lambda x: x)])
        for table in kept:
            table.cache_clear()
        assert to_text(keeping_digits(parse(text).root)) == form
    finally:
        forget("echo")
        for table in kept:
            table.cache_clear()


def test_a_sum_in_which_a_term_could_cancel_twice_stays_the_same_function() -> None:
    generator = random.Random(5)
    factors = ["y", "tanh(x)", "sigmoid(x)", "cos(x)^2", "x/(x + y)", "y/(x + y)", "exp(x)", "exp(-x)", "erf(x)", "2"]
    for _ in range(300):
        chosen = generator.sample(factors, 3)
        terms = ["*".join(generator.choices(chosen, k=generator.randrange(1, 4))) for _ in range(5)]
        text = terms[0] + "".join([f" {generator.choice('+-')} {term}" for term in terms[1:]])
        expression = parse(text, variables=("x", "y"))
        at = {expression.graph.variable(name): generator.uniform(0.2, 1.5) for name in "xy"}
        found = value_at(keeping_digits(expression.root), at)
        assert found == pytest.approx(value_at(expression.root, at), rel=1e-10, abs=1e-10), text


@pytest.mark.parametrize(
    ("text", "at", "name", "exact"),
    [
        ("softplus(x) - x", {"x": 40.0}, "x", -1.0 / (1.0 + math.exp(40.0))),
        ("(1 - sin(x)^2)*y", {"x": math.pi / 2 + 1e-7, "y": 1.0}, "y", math.cos(math.pi / 2 + 1e-7) ** 2),
    ],
)
def test_a_derivative_keeps_the_digits_that_the_typed_form_loses(
    text: str, at: dict[str, float], name: str, exact: float
) -> None:
    assert parse(text).gradient(**at)[name] == pytest.approx(exact, rel=1e-15)


def test_toward_an_operation_the_typed_form_is_differentiated() -> None:
    expression = parse("log(1 - sigmoid(x))")
    complement = expression.root.operands[0]
    (partial,) = gradient(expression.root, [complement], guarded=True)
    assert to_text(partial) == "1/(1 - sigmoid(x))"
