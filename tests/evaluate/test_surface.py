"""Functions of two variables: values, gradients, and the points where the gradient is 0."""

import math

import numpy as np
import pytest

from gradcli.evaluate.expression import parse
from gradcli.evaluate.surface import critical_points, surface_of

XY = ("x", "y")
SQUARE = ((-3.0, 3.0), (-3.0, 3.0))
ROOT = math.sqrt(0.5)

#: expression -> kind and place of each critical point between -3 and 3
CASES: dict[str, list[tuple[str, float, float]]] = {
    "x^2 + y^2": [("minimum", 0, 0)],
    "5 - x^2 - 3(y - 1)^2": [("maximum", 0, 1)],
    "x^2 - y^2": [("saddle point", 0, 0)],
    "x*y": [("saddle point", 0, 0)],
    "x^3 - 3x + y^2": [("saddle point", -1, 0), ("minimum", 1, 0)],
    "x*exp(-x^2 - y^2)": [("minimum", -ROOT, 0), ("maximum", ROOT, 0)],
    "sin(x)*cos(y)": [
        ("minimum", -math.pi / 2, 0),
        ("saddle point", 0, -math.pi / 2),
        ("saddle point", 0, math.pi / 2),
        ("maximum", math.pi / 2, 0),
    ],
    "(1 - x)^2 + 100*(y - x^2)^2": [("minimum", 1, 1)],
    # Himmelblau (1972)
    "(x^2 + y - 11)^2 + (x + y^2 - 7)^2": [
        ("maximum", -0.2708445906673476, -0.9230385564799816),
        ("saddle point", -0.12796134673068005, -1.9537149802445766),
        ("saddle point", 0.0866775045553964, 2.884254701174776),
        ("minimum", 3, 2),
    ],
    "x^4 + y^4": [("degenerate", 0, 0)],
    "x^3 - 3*x*y^2": [("degenerate", 0, 0)],
    "x + y": [],
    "abs(x) + abs(y)": [],
    "1/(x^2 + y^2)": [],
    "log(x*y)": [],
}


@pytest.mark.parametrize("text", CASES)
def test_critical_points_are_all_found_and_none_is_invented(text: str) -> None:
    found, is_complete = critical_points(parse(text), XY, SQUARE, {})
    assert is_complete
    assert [one.kind for one in found] == [kind for kind, _, _ in CASES[text]]
    places = [place for _, *point in CASES[text] for place in point]
    assert [place for one in found for place in (one.x, one.y)] == pytest.approx(places, rel=1e-12, abs=1e-12)


def test_a_point_has_its_value_and_the_eigenvalues_of_the_hessian() -> None:
    ((point,), _) = critical_points(parse("x^2 + 3*y^2 + 7"), XY, SQUARE, {})
    assert (point.value, point.eigenvalues) == (7.0, (2.0, 6.0))


def test_a_curve_of_critical_points_is_not_listed() -> None:
    assert critical_points(parse("(x + y)^2"), XY, SQUARE, {}) == ([], False)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("text", ["sqrt(-1 - x^2 - y^2)", "exp(exp(9 + x^2))*y", "1e-310*(x^2 + y^2)", "y^x + 0/x"])
def test_numbers_at_the_ends_of_doubles_give_no_warning(text: str) -> None:
    critical_points(parse(text), XY, SQUARE, {})


def test_a_plain_is_told_and_points_beside_it_are_found() -> None:
    found, is_complete = critical_points(parse("where(x < 1, 3, (x - 2)^2 + y^2)"), XY, SQUARE, {})
    assert not is_complete
    assert [(one.kind, one.x, one.y) for one in found] == [("minimum", 2.0, 0.0)]


def test_other_variables_have_values_and_points_outside_don_t_count() -> None:
    ((point,), _) = critical_points(parse("(x - a)^2 + y^2"), XY, SQUARE, {"a": 2.5})
    assert point.x == 2.5
    assert critical_points(parse("(x - a)^2 + y^2"), XY, SQUARE, {"a": 3.5}) == ([], True)


def test_values_and_slopes_on_a_grid() -> None:
    surface = surface_of(parse("a*x^2*y"), XY, np.array([1.0, 2.0]), np.array([3.0, 4.0, 5.0]), {"a": 2.0})
    assert surface.values.tolist() == [[6.0, 24.0], [8.0, 32.0], [10.0, 40.0]]
    assert surface.slopes[0].tolist() == [[12.0, 24.0], [16.0, 32.0], [20.0, 40.0]]
    assert surface.slopes[1].tolist() == [[2.0, 8.0]] * 3
