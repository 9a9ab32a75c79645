"""Equal formulas that may keep more digits."""

from __future__ import annotations

import random

import pytest

from gradcli import parse
from gradcli.evaluate.rewrites import IDENTITIES, better_formula, equal_formulas
from gradcli.language.parsed import ParsedExpression
from tests.support.loops import for_each


@for_each(("left", "right"), IDENTITIES)
def test_every_identity_holds(left: str, right: str) -> None:
    chance = random.Random(left)
    one, other = parse(left, variables=("u", "v", "w")), parse(right, variables=("u", "v", "w"))
    assert {*other.variables} == {*one.variables}
    for _ in range(5):
        at = {name: chance.uniform(0.1, 0.9) for name in one.variables}
        assert other(**at) == pytest.approx(one(**at), rel=1e-9, abs=1e-9), at


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(x + y)^2 - x^2 - y^2", "2*x*y"),
        ("(a^2 + b^2)/2 - ((a + b)/2)^2", "(a - b)^2/4"),
        ("1/x - 1/(x + 1)", "1/(x*(x + 1))"),
        ("sqrt(x + 1) - sqrt(x)", "1/(sqrt(x + 1) + sqrt(x))"),
        ("-b + sqrt(b^2 - 4*a*c)", "-4*a*c/(b + sqrt(b^2 - 4*a*c))"),
        ("log(cosh(x))", "logaddexp(x, -x) - log(2)"),
        ("log(x + y) - log(y)", "log1p(x/y)"),
        ("2*(1 - cos(x))", "2*(2*sin(x/2)^2)"),
        ("log(1 - tanh(x))", "log(2*sigmoid(-2*x))"),
    ],
)
def test_an_equal_formula_is_found(text: str, expected: str) -> None:
    assert expected in [*equal_formulas(parse(text).root)]


@pytest.mark.parametrize("text", ["0.1 + 0.2 == 0.3", "if(0.1*3 <= 0.3, x, 2*x)", "floor((0.1 + 0.7)*10)*(1 - cos(x))"])
def test_floats_decide_no_comparison_and_no_floor(text: str) -> None:
    for other in equal_formulas(parse(text).root):
        assert any(word in other for word in ("==", "<=", "floor")), other


def test_floats_compute_no_part_of_a_formula() -> None:
    found = [*equal_formulas(parse("1 - sigmoid(40) + x").root), *equal_formulas(parse("1 - sigmoid(40)").root)]
    assert not [text for text in found if "e-18" in text]


def test_two_identities_may_be_needed() -> None:
    found = [*equal_formulas(parse("(exp(x) - 1) + (1 - cos(y))").root)]
    assert "expm1(x) + 2*sin(y/2)^2" in found
    assert found.index("expm1(x) + 2*sin(y/2)^2") > found.index("expm1(x) + (1 - cos(y))")


def test_the_first_formula_that_gains_all_is_taken() -> None:
    tried = []

    def gains(one: ParsedExpression) -> list[str]:
        tried.append(one.source.text)
        return ["value"] if "expm1" in one.source.text else []

    assert better_formula(parse("(exp(x) - 1)/x").root, ["value"], gains) == ("expm1(x)/x", ["value"])
    assert better_formula(parse("(exp(x) - 1)/x").root, ["value"], lambda one: []) == (None, ())
    # Unless another one is much shorter.
    root = parse("(-b + sqrt(b^2 - 4*a*c))/(2*a)").root
    found, _ = better_formula(root, ["value"], lambda one: ["value"] if "c/(" in one.source.text else [])
    assert found == "-2*c/(b + sqrt(b^2 - 4*a*c))"
    assert tried == ["expm1(x)/x"]
