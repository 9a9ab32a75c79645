"""Zeros and changes are found to neighbouring floats."""

import math

import numpy as np
import pytest

from gradcli.evaluate.expression import parse
from gradcli.evaluate.roots import changes, roots, significant, simplest
from gradcli.evaluate.univariate import Univariate, univariate


def function(text: str) -> Univariate:
    return univariate(parse(text), "x", {})


GRID = np.linspace(-3.0, 3.1, 200)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x^2 - 2", [-math.sqrt(2), math.sqrt(2)]),
        ("x^3", [0.0]),
        ("10x - 3", [0.3]),
        ("sin(3x)", [number * math.pi / 3 for number in range(-2, 3)]),
        ("(x - 1)^5", [1.0]),
        ("x^3 - 3x^2 + 3x - 1", [1.0]),  # next to 1, its values are rounding errors of both signs
        ("x^2 - 2x + 1", [1.0]),  # it only touches 0
        ("(x^2 - 2)^2", [-math.sqrt(2), math.sqrt(2)]),
        ("(x - 0.5)*(x - 0.5000001)", [0.5, 0.5000001]),  # both between two points of the grid
        ("x^2 + 1e-9", []),
        ("sin(x)^2 + cos(x)^2 - 1", []),
    ],
)
def test_zeros_are_exact(text: str, expected: list[float]) -> None:
    (zeros, *_), _ = roots(function(text), GRID, 2)
    assert zeros == pytest.approx(expected, rel=4e-16, abs=1e-300)


def test_zeros_of_derivatives_are_found_too_and_join_the_grid() -> None:
    (zeros, critical, bends), grid = roots(function("x^3 - 3x"), GRID, 2)
    assert critical == [-1.0, 1.0]
    assert bends == [0.0]
    assert {*zeros, *critical, *bends} <= {*grid.tolist()}


def test_several_changes_between_two_points_of_the_grid_are_all_found() -> None:
    low, high, is_complete = changes(np.floor, np.array([0.5, 9.5]), 20)
    assert is_complete
    assert high.tolist() == [float(number) for number in range(1, 10)]
    assert (np.nextafter(low, 10.0) == high).all()
    assert not changes(np.floor, np.array([0.5, 99.5]), 20)[2]


def test_a_sign_that_rounding_errors_hide_is_0() -> None:
    assert significant(function("1 - cos(x)"), np.array([1e-9, 0.1])).tolist() == [0.0, 1.0]
    assert significant(function("log(x)"), np.array([-1.0])).tolist() == [2.0]


def test_the_simplest_number_has_the_fewest_digits() -> None:
    assert simplest(0.12345, 0.12361) in (0.1235, 0.1236)
    assert simplest(-1.0, 2.0) == 0.0
    assert simplest(math.pi, math.pi) == math.pi
