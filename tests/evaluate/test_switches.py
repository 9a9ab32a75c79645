"""The places where a function may have an edge come from its operations."""

import math

import numpy as np
import pytest

from gradcli.evaluate.expression import parse
from gradcli.evaluate.switches import apart, switch_places
from gradcli.evaluate.univariate import univariate

GRID = np.linspace(-3.01, 3.02, 1000)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sin(x)", []),
        ("abs(x - 0.1)", [0.1]),
        ("1/(x^2 - 2)", [-math.sqrt(2), math.sqrt(2)]),
        ("1/(x^2 - 2x + 1)", [1.0]),  # the denominator only touches 0
        ("floor(2x)/9", [number / 2 for number in range(-6, 7)]),
        ("x % 2", [-2.0, 0.0, 2.0]),
        ("tan(x)", [-math.pi / 2, math.pi / 2]),
        ("tan(x)^2", [-math.pi / 2, math.pi / 2]),
        ("max(x, x^2)", [0.0, 1.0]),
        ("where(x < 0.3, 1, 2)", [0.3]),
        ("where(x > 0.3 and x < 0.4, 1, 2)", [0.3, 0.4]),
        ("where(x - 1, 3, 4)", [1.0]),  # a number as a condition
        ("floor(cos(x))", [-math.pi / 2, 0.0, math.pi / 2]),
        ("lgamma(x)", [-3.0, -2.0, -1.0, 0.0]),
    ],
)
def test_places(text: str, expected: list[float]) -> None:
    places, crowds = switch_places(univariate(parse(text), "x", {}), GRID)
    assert crowds == []
    found = [place.x for place in places]
    assert all(any(math.isclose(x, one, rel_tol=1e-12, abs_tol=1e-15) for one in found) for x in expected)
    # The base of a power is a switch at 0, too, and a condition on integers at all of them.
    assert len(found) - len(expected) <= (3 if "gamma" in text else 1)


def test_too_many_places_become_a_crowd() -> None:
    places, crowds = switch_places(univariate(parse("tan(1/x)"), "x", {}), GRID)
    assert any(crowd.low < 0.0 < crowd.high for crowd in crowds)
    assert any(math.isclose(place.x, 2 / math.pi, rel_tol=1e-12) for place in places)


def test_places_are_apart_if_points_of_the_grid_lie_between() -> None:
    grid = np.linspace(0.0, 10.0, 101)
    assert apart(np.arange(10.0), grid).all()
    assert not apart(np.arange(10.0) / 10.0, grid).any()
    assert apart(np.array([1.0, 1.001]), grid).all()
