"""The zeta function and elliptic integrals: printed derivatives and edges."""

from __future__ import annotations

import math

import pytest

from gradcli.primitives import REGISTRY
from gradcli.printing.describe import describe_partials
from tests.support.exact import same, slopes, value

INF, NAN = math.inf, math.nan


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("zeta", "zeta_derivative(1, x)"),
        ("ellipk", "where(m == 0, pi/8, (ellipe(m) - ellipk(m)*(1 - m))/(2*m*(1 - m)))"),
        ("ellipe", "where(m == 0, -pi/8, (ellipe(m) - ellipk(m))/(2*m))"),
    ],
)
def test_a_printed_derivative_is_the_one_of_the_textbook(name: str, printed: str) -> None:
    assert describe_partials(REGISTRY[name])[0][1] == printed


@pytest.mark.parametrize(
    ("text", "x", "wanted"),
    [
        ("zeta(x)", 1.0, -INF), ("zeta(x)", INF, -0.0), ("ellipk(x)", 1.0, INF), ("ellipe(x)", 1.0, -INF),
        ("ellipk(x)", 0.0, 0.125 * math.pi), ("ellipk(x)", -INF, 0.0), ("ellipe(x)", 2.0, NAN),
    ],
)  # fmt: skip
def test_at_an_edge_the_slope_is_its_limit(text: str, x: float, wanted: float) -> None:
    assert same(slopes(text, x=x)[0], wanted)


def test_zeros_and_poles_are_exact() -> None:
    assert [value("zeta(x)", x=x) for x in (-2.0, -4.0, 1.0, INF, -1e300)] == [0.0, 0.0, INF, 1.0, 0.0]
