"""Comparisons and choices: 1 or 0 as IEEE 754 has it, nothing for a derivative, and a branch that is nobody's."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable

import pytest

from tests.support.exact import same, slopes, value

SIGNS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
NUMBERS = [-math.inf, -1.5, -0.0, 0.0, 5e-324, 2.0, math.inf, math.nan]


@pytest.mark.parametrize("sign", SIGNS)
def test_a_comparison_is_1_or_0_for_any_two_numbers(sign: str) -> None:
    for x in NUMBERS:
        for y in NUMBERS:
            assert same(value(f"x {sign} y", x=x, y=y), float(SIGNS[sign](x, y))), (x, y)


@pytest.mark.parametrize(
    ("text", "truths"),
    [
        ("x and y", {(0, 0): 0, (0, 2): 0, (2, 0): 0, (2, -3): 1}),
        ("x or y", {(0, 0): 0, (0, 2): 1, (2, 0): 1, (2, -3): 1}),
        ("not x", {(0, 0): 1, (2, 0): 0, (-3, 0): 0}),
    ],
)
def test_what_is_not_0_is_true(text: str, truths: dict[tuple[int, int], int]) -> None:
    for (x, y), wanted in truths.items():
        assert value(f"{text} + 0*y", x=float(x), y=float(y)) == wanted


@pytest.mark.parametrize(
    ("condition", "wanted"), [(1.0, 2.0), (-3.0, 2.0), (5e-324, 2.0), (0.0, 7.0), (-0.0, 7.0), (math.nan, math.nan)]
)
def test_a_choice_takes_the_first_branch_for_what_is_true_and_is_unknown_for_nan(
    condition: float, wanted: float
) -> None:
    assert same(value("where(c, 2, 7)", c=condition), wanted)


@pytest.mark.parametrize(
    ("text", "at", "wanted"),
    [
        ("where(c, x, y)", {"c": 1.0, "x": 5.0, "y": 6.0}, (0.0, 1.0, 0.0)),
        ("where(c, x, y)", {"c": 0.0, "x": 5.0, "y": 6.0}, (0.0, 0.0, 1.0)),
        ("where(x > 0, sqrt(x), 0)", {"x": 0.0}, (0.0,)),
        ("where(x > 0, log(x), x^2)", {"x": -3.0}, (-6.0,)),
        ("x*(x < 2)", {"x": 1.0}, (1.0,)),
        ("x*(x < 2)", {"x": 3.0}, (0.0,)),
        ("(x == x) + (x and 1) + (not x)", {"x": 4.0}, (0.0,)),
    ],
)
def test_a_comparison_has_no_derivative_and_a_choice_that_of_its_branch(
    text: str, at: dict[str, float], wanted: tuple[float, ...]
) -> None:
    assert slopes(text, **at) == wanted
