"""Derivatives whose factors are too small for a double are right, in both modes."""

from __future__ import annotations

import math

import pytest

from gradcli import parse
from gradcli.evaluate.point import Sweep, derivatives, gradient, hessian, jvp

#: A formula, a point, and its derivative by the textbook, computed with logarithms.
CASES = [
    ("1/(exp(x) - 1)", {"x": 400.0}, {"x": -math.exp(-400.0)}),
    ("1/(1 + exp(x))^2", {"x": 300.0}, {"x": -2.0 * math.exp(-600.0)}),
    ("x/y*z", {"x": 1e-200, "y": 1e200, "z": 1e250}, {"x": 1e50, "y": -1e-350 * 1e200, "z": 0.0}),
    ("sqrt(1/x)", {"x": 1e200}, {"x": -0.5e-300}),
]


@pytest.mark.parametrize(("text", "at", "wanted"), CASES, ids=[case[0] for case in CASES])
def test_a_factor_that_is_too_small_for_a_double_is_not_lost(
    text: str, at: dict[str, float], wanted: dict[str, float]
) -> None:
    expression = parse(text)
    found = gradient(expression, at).gradient
    for name, slope in wanted.items():
        assert found[name] == pytest.approx(slope, rel=1e-12, abs=1e-320)
        assert jvp(expression, at, {name: 1.0}) == pytest.approx(slope, rel=1e-12, abs=1e-320)


@pytest.mark.parametrize(
    ("text", "at"),
    [("x*y", {"x": 0.0, "y": 0.0}), ("relu(x)*exp(y)", {"x": -1.0, "y": 700.0}), ("abs(x)*1e-320", {"x": 0.0})],
)
def test_a_derivative_that_is_0_by_its_rule_is_the_sweeps_own(text: str, at: dict[str, float]) -> None:
    sweep = Sweep(parse(text), at)
    assert sweep.accurate_adjoints() is sweep.adjoints


def test_derivatives_by_a_graph_are_right_too() -> None:
    expression, at = parse("x/(exp(x) - 1)"), {"x": 400.0}
    wanted = 398.0 * math.exp(-400.0)  # the rest is smaller by exp(-400)
    assert derivatives(expression, at, 2)["x"] == pytest.approx([-399.0 * math.exp(-400.0), wanted], rel=1e-12)
    assert hessian(expression, at)["x"]["x"] == pytest.approx(wanted, rel=1e-12)
