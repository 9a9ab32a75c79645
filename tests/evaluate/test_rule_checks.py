"""`gradcli.evaluate.rule_checks`: single derivatives that difference quotients refute, and the effect of rounding."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from gradcli import parse
from gradcli.evaluate.rule_checks import contradiction, rounding_of, wrong_rule
from gradcli.execute.tape import Tape


@pytest.mark.parametrize(
    ("function", "x", "derivative"),
    [
        (math.sin, 2.0, math.cos(2.0)),
        (math.exp, 700.0, math.exp(700.0)),
        (math.floor, 1e6 + 0.5, 0.0),
        (abs, 1e-300, 1.0),
        # Of a kink or a jump, difference quotients may agree on what isn't a derivative.
        (abs, 0.0, 1.0),
        (lambda x: max(x, 1.0), 1.0 + 1e-15, 1.0),
        (lambda x: math.copysign(1.0, x), 0.0, 0.0),
        # There is nothing to see.
        (lambda x: math.nan, 1.0, 1.0),
        (lambda x: 1.0, 1e20, 1e-30),
        (math.tanh, 30.0, 3.5e-26),
    ],
)
def test_what_can_be_right_is_not_refuted(function: Callable[[float], float], x: float, derivative: float) -> None:
    assert contradiction(derivative, function, x) is None


@pytest.mark.parametrize(
    ("function", "x", "wrong", "right"),
    [
        (math.sin, 2.0, -math.cos(2.0), math.cos(2.0)),
        (math.sin, 2.0, 1.0001 * math.cos(2.0), math.cos(2.0)),
        (math.gamma, 98.0, 0.0, math.gamma(98.0) * 4.579857078),
        (lambda x: 3.0 * x, 1e12, 4.0, 3.0),
        (lambda x: x * x, 1e-150, 0.0, 2e-150),
        (math.log, 5.0, math.nan, 0.2),
        (math.log, 5.0, math.inf, 0.2),
    ],
)
def test_a_wrong_derivative_is_refuted_by_the_right_one(
    function: Callable[[float], float], x: float, wrong: float, right: float
) -> None:
    assert contradiction(wrong, function, x) == pytest.approx(right, rel=1e-6)


def tape_of(text: str) -> Tape:
    return Tape([parse(text).root])


def test_no_rule_of_the_registry_is_refuted_in_an_ordinary_formula() -> None:
    assert wrong_rule(tape_of("exp(-x^2)*erf(y)/hypot(x, y) + max(x, y)"), [0.3, 1.7], most=100) is None


@pytest.mark.parametrize(
    ("text", "point", "relative"),
    [
        ("x*y + sin(x)", [2.0, 3.0], (0.0, 1e-14)),
        ("(x + y)^2 - x^2 - y^2", [1e6, 1e-6], (1e-6, 1e-2)),
        ("(1 - cos(x))/x^2", [1e-9], (0.1, math.inf)),
        ("max(x, 1)", [1.0 + 1e-15], (0.0, 0.0)),
        ("(x + 1)*(x - 3)", [7.0], (0.0, 0.0)),
    ],
)
def test_the_spread_of_a_derivative_is_the_effect_of_rounding(
    text: str, point: list[float], relative: tuple[float, float]
) -> None:
    expression = parse(text)
    spread = rounding_of(tape_of(text), point).spread[0]
    size = abs(expression.gradient(**dict(zip(expression.variables, point, strict=True)))[expression.variables[0]])
    assert relative[0] * size <= spread <= relative[1] * max(size, 1e-30)


@pytest.mark.parametrize(
    ("text", "point", "leaves"),
    [("x*1e-200*1e-200", [1.0], True), ("x*1e200*1e200", [1e-300], True), ("x*1e200", [1.0], False)],
)
def test_a_product_that_leaves_the_range_of_doubles_is_noticed(text: str, point: list[float], leaves: bool) -> None:
    assert rounding_of(tape_of(text), point).leaves_range is leaves
