"""Schedules."""

from __future__ import annotations

import itertools

import pytest

from gradcli.optim.schedules import SCHEDULES


@pytest.mark.parametrize(
    ("name", "factors"),
    [
        ("constant", {0: 1.0, 50: 1.0, 99: 1.0}),
        ("linear", {0: 1.0, 50: 0.55, 99: 0.109}),
        ("cosine", {0: 1.0, 50: 0.5, 99: 0.0002467198171342}),
        ("step", {0: 1.0, 33: 1.0, 34: 0.1, 66: 0.1, 67: 0.01, 99: 0.01}),
    ],
)
def test_a_schedule_has_the_factors_of_its_formula(name: str, factors: dict[int, float]) -> None:
    for update, factor in factors.items():
        assert SCHEDULES[name](update, 100) == pytest.approx(factor, rel=1e-12)


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_starts_at_one_and_never_rises(name: str) -> None:
    factors = [SCHEDULES[name](update, 37) for update in range(37)]
    assert factors[0] == 1
    assert all(later <= earlier for earlier, later in itertools.pairwise(factors))
    assert factors[-1] > 0


def test_the_linear_schedule_is_micrograd_s_to_the_last_bit() -> None:
    assert all(SCHEDULES["linear"](k, 100) == 1.0 - 0.9 * k / 100 for k in range(100))
