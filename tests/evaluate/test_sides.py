"""The sides of a point; `tests/faults/test_kink_faults.py` has the table of notes."""

from __future__ import annotations

import math

import pytest

from gradcli import parse
from gradcli.evaluate.point import target_nodes
from gradcli.evaluate.sides import Sides, differ
from gradcli.execute.tape import Tape


def sides_of(text: str, **at: float) -> Sides:
    expression = parse(text)
    tape = Tape([expression.root], target_nodes(expression))
    return Sides(tape, [at[name] for name in expression.variables], [True] * len(at))


@pytest.mark.parametrize(
    ("text", "at", "outputs"),
    [
        ("x > 0", {"x": 0.0}, {0.0, 1.0}),
        ("x^4 > 0", {"x": 0.0}, {1.0}),
        ("cos(x) < 1", {"x": 0.0}, {1.0}),
        ("sign(x)", {"x": 0.0}, {-1.0, 1.0}),
        ("floor(x)", {"x": 3.0}, {2.0, 3.0}),
        ("x < y", {"x": 1e300, "y": 1e300}, {0.0, 1.0}),
        ("x > x", {"x": 1.0}, {0.0}),
    ],
)
def test_a_switch_has_its_values_next_to_the_point(text: str, at: dict[str, float], outputs: set[float]) -> None:
    (found,) = sides_of(text, **at).switches.values()
    assert set(found) == outputs


def test_a_point_that_is_no_switch_has_no_sides() -> None:
    assert sides_of("where(x > 0, x, -x)", x=1.0).switches == {}
    assert sides_of("where(x > 0, x, -x)", x=1.0).count == 0


def test_a_side_without_a_value_does_not_count() -> None:
    sides = sides_of("sqrt(x)*(x >= 0)", x=0.0)
    assert sides.count == 1


def test_on_a_side_the_formula_of_that_side_goes_on() -> None:
    sides = sides_of("where(x > 0, x + 1, x - 1)", x=0.0)
    output = sides.tape.outputs[0]
    assert sorted(sides.on_side(side)[output] for side in range(sides.count)) == [-1.0, 1.0]


def test_results_differ_beyond_rounding() -> None:
    assert differ(1.0, 2.0)
    assert differ(0.0, math.inf)
    assert not differ(1.0, 1.0 + 1e-12)
    assert not differ(1.0, math.nan)
