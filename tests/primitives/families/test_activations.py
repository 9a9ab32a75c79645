"""Activations: the formulas of their papers to the last digits, also in tails, and what is known of them exactly."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from mpmath import mp, mpf

from gradcli import parse
from tests.support.exact import same, slopes, units_off, value

INF, NAN = math.inf, math.nan
POINTS = [-700.0, -40.0, -8.5, -1.0, -1e-3, -1e-10, 1e-10, 0.3, 2.0, 15.0, 37.0, 700.0]


def sigmoid(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


#: Name -> the formula of its paper.
FORMULAS: dict[str, Callable[[Any], Any]] = {
    "relu": lambda x: max(x, mpf(0)),
    "leaky_relu": lambda x: x if x > 0 else x / 100,
    "elu": lambda x: x if x > 0 else mp.expm1(x),
    "sigmoid": sigmoid,
    "softplus": lambda x: mp.log1p(mp.exp(x)),
    "softsign": lambda x: x / (1 + abs(x)),
    "silu": lambda x: x * sigmoid(x),
    "gelu": lambda x: x * mp.erfc(-x / mp.sqrt(2)) / 2,
    "gelu_tanh": lambda x: x * sigmoid(2 * mp.sqrt(2 / mp.pi) * (x + mpf("0.044715") * x**3)),
    "mish": lambda x: x * mp.tanh(mp.log1p(mp.exp(x))),
    "hard_tanh": lambda x: max(mpf(-1), min(mpf(1), x)),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_the_value_is_that_of_the_paper_s_formula(name: str) -> None:
    formula = FORMULAS[name]
    for x in POINTS:
        # Rounding the operand alone moves what falls as fast as exp(-x^2) by x^2 units.
        allowed = 4.0 + (2.0 * x * x if name in ("gelu", "gelu_tanh") and x < 0 else abs(x) if x < 0 else 0.0)
        assert units_off(value(f"{name}(x)", x=x), lambda a=x: formula(mpf(a))) <= allowed, x


def test_selu_keeps_mean_0_and_variance_1_of_normal_numbers() -> None:
    selu = parse("selu(x)")
    alpha_scale = -mpf(value("selu(x)", x=-1000.0))
    scale = mpf(selu(x=1.0))
    with mp.workdps(30):
        # The moments of a normal number above and below 0, in closed form.
        tail = [mp.exp(mpf(k * k) / 2) * mp.ncdf(-k) for k in range(3)]
        mean = scale * mp.npdf(0) + alpha_scale * (tail[1] - tail[0])
        square = scale**2 / 2 + alpha_scale**2 * (tail[2] - 2 * tail[1] + tail[0])
    assert abs(float(mean)) < 1e-15
    assert float(square) == pytest.approx(1.0, abs=1e-15)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("relu(-3)", 0.0), ("relu(nan)", NAN), ("relu(inf)", INF), ("leaky_relu(-200)", -2.0), ("elu(-inf)", -1.0),
        ("sigmoid(0)", 0.5), ("sigmoid(-inf)", 0.0), ("sigmoid(inf)", 1.0), ("softplus(-1000)", 0.0),
        ("softplus(1000)", 1000.0), ("softplus(0)", math.log(2.0)), ("softsign(-1)", -0.5), ("softsign(inf)", 1.0),
        ("softsign(-inf)", -1.0), ("silu(0)", 0.0), ("gelu(0)", 0.0), ("gelu(inf)", INF), ("mish(0)", 0.0),
        ("mish(1000)", 1000.0), ("hard_tanh(-5)", -1.0), ("hard_tanh(0.25)", 0.25), ("hard_tanh(nan)", NAN),
    ],
)  # fmt: skip
def test_at_this_point_the_value_is_exact(text: str, wanted: float) -> None:
    assert same(value(text), wanted)


@pytest.mark.parametrize(
    ("name", "x", "wanted"),
    [
        ("relu", -1.0, 0.0), ("relu", 0.0, 0.0), ("relu", 2.0, 1.0), ("leaky_relu", -1.0, 0.01), ("elu", 0.0, 1.0),
        ("sigmoid", 0.0, 0.25), ("softplus", 0.0, 0.5), ("softplus", 1000.0, 1.0), ("softsign", -1.0, 0.25),
        ("silu", 0.0, 0.5), ("gelu", 0.0, 0.5), ("gelu_tanh", 0.0, 0.5), ("mish", 0.0, 0.6), ("hard_tanh", 0.5, 1.0),
        ("hard_tanh", -2.0, 0.0),
    ],
)  # fmt: skip
def test_at_this_point_the_slope_is_known(name: str, x: float, wanted: float) -> None:
    assert slopes(f"{name}(x)", x=x)[0] == pytest.approx(wanted, rel=4e-16, abs=0.0)


@pytest.mark.parametrize("x", [-300.0, -40.0, 40.0, 300.0])
def test_the_slope_of_the_sigmoid_keeps_its_digits_in_both_tails(x: float) -> None:
    assert units_off(slopes("sigmoid(x)", x=x)[0], lambda: sigmoid(mpf(x)) * sigmoid(-mpf(x))) <= 4.0 + abs(x)
