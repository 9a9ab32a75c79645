"""A function of one variable on arrays: values, derivatives, bounds on rounding errors, points that show it."""

import math

import numpy as np
import pytest

from gradcli import limits
from gradcli.evaluate.expression import parse
from gradcli.evaluate.univariate import Univariate, refined, univariate, view_of


def function(text: str) -> Univariate:
    return univariate(parse(text, variables={"x"}), "x", {})


def test_values_and_derivatives_are_those_of_the_expression() -> None:
    cube = univariate(parse("a*x^3"), "x", {"a": 2.0})
    assert cube.values(np.array([1.0, 2.0])).tolist() == [2.0, 16.0]
    assert [cube.derivative(order).at(2.0) for order in range(5)] == [16.0, 24.0, 24.0, 12.0, 0.0]
    assert cube.derivative(1).derivative(1).at(2.0) == 24.0
    assert cube.derivative(2).as_function.derivative(1).at(2.0) == 12.0
    assert not cube.is_constant


def test_a_point_is_undefined_if_a_step_on_the_way_is_infinite() -> None:
    assert function("atan(1/x)").at(0.0) == math.pi / 2
    assert not function("atan(1/x)").is_defined_at(0.0)
    assert function("atan(1/x)").is_defined_at(1.0)


@pytest.mark.parametrize("text", ["x^3 - 3x^2 + 3x - 1", "1 - cos(x - 1)", "(x^2 - 1)/(x - 1) - 2", "exp(x - 1) - x"])
def test_the_bound_on_rounding_errors_holds(text: str) -> None:
    mpmath = pytest.importorskip("mpmath")
    x = 1.0 + np.linspace(-1e-4, 1e-4, 101)[1::2]
    one = function(text)
    exact = {
        "x^3 - 3x^2 + 3x - 1": lambda t: (t - 1) ** 3,
        "1 - cos(x - 1)": lambda t: 1 - mpmath.cos(t - 1),
        "(x^2 - 1)/(x - 1) - 2": lambda t: t - 1,
        "exp(x - 1) - x": lambda t: mpmath.exp(t - 1) - t,
    }[text]
    with mpmath.workdps(50):
        errors = [abs(float(exact(mpmath.mpf(t)) - mpmath.mpf(y))) for t, y in zip(x, one.values(x), strict=True)]
    assert (np.array(errors) <= one.noise(x)).all()
    assert (one.noise(x) < 1e-9).all()


def test_a_grid_becomes_fine_where_the_function_bends() -> None:
    x, is_clear = refined(function("1/((x - 1)^2 + 1e-6)"), np.linspace(-3.0, 3.0, 65))
    assert is_clear
    assert np.diff(x).min() < 1e-3
    assert np.diff(x[x < 0.0]).min() == pytest.approx(6 / 64)
    assert refined(function("2*x + 1"), np.linspace(-3.0, 3.0, 65))[0].size == 65


def test_a_function_that_is_never_resolved_takes_a_bounded_number_of_points(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CURVE_POINTS", 2_000)
    x, is_clear = refined(function("sin(1/x)"), np.linspace(-1.0, 1.0, 101))
    assert not is_clear
    assert 2_000 < x.size < 8_000


def test_the_view_leaves_poles_out_and_nothing_else() -> None:
    x = np.linspace(-3.0, 3.0, 1000)
    low, high = view_of(1 / x)
    assert -10.0 < low < -2.0
    assert 2.0 < high < 10.0
    assert view_of(np.exp(x)) == (math.exp(-3.0), math.exp(3.0))
    assert view_of(np.array([math.nan])) == (0.0, 0.0)
