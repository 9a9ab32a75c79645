"""Integrals and Lambert's W: printed derivatives, edges, and orders."""

from __future__ import annotations

import math

import pytest

from gradcli import parse
from gradcli.primitives import REGISTRY
from gradcli.printing.describe import describe_partials
from tests.support.exact import same, slopes

INF = math.inf


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("lambertw", "exp(-lambertw(x))/(lambertw(x) + 1)"),
        ("expint", "-expint(n - 1, x)"),
        ("expi", "exp(x)/x"),
        ("sinint", "sinc(x/pi)"),
        ("cosint", "cos(x)/x"),
        ("fresnels", "sin(pi*x^2/2)"),
        ("fresnelc", "cos(pi*x^2/2)"),
    ],
)
def test_a_printed_derivative_is_the_one_of_the_textbook(name: str, printed: str) -> None:
    assert dict(describe_partials(REGISTRY[name]))["x"] == printed


@pytest.mark.parametrize(
    ("text", "x", "wanted"),
    [
        ("lambertw(x)", -0.36787944117144233, INF), ("lambertw(x)", 0.0, 1.0), ("lambertwm1(x)", 0.0, -INF),
        ("lambertwm1(x)", -0.36787944117144233, -INF), ("expint(1, x)", 0.0, -INF), ("expint(3, x)", 0.0, -1.0),
        ("expi(x)", 0.0, INF), ("cosint(x)", 0.0, INF), ("sinint(x)", 0.0, 1.0), ("fresnelc(x)", 0.0, 1.0),
        ("sinint(x)", INF, 0.0), ("expi(x)", -INF, 0.0),
    ],
)  # fmt: skip
def test_at_an_edge_the_slope_is_its_limit(text: str, x: float, wanted: float) -> None:
    assert same(slopes(text, x=x)[0], wanted)


def test_the_branches_of_lambert_s_w_invert_the_same_function() -> None:
    for name, w in (("lambertw", -0.5), ("lambertw", 2.5), ("lambertwm1", -1.5), ("lambertwm1", -30.0)):
        assert parse(f"{name}(w*exp(w))")(w=w) == pytest.approx(w, rel=1e-15)
