"""Relatives of the error function: ends of domains, tails, and the form of their derivatives."""

from __future__ import annotations

import math

import pytest

from gradcli import parse
from gradcli.primitives import REGISTRY
from gradcli.printing.describe import describe_partials
from tests.support.exact import same, slopes, value

INF, NAN = math.inf, math.nan


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("erfcx(inf)", 0.0), ("erfcx(-27)", INF), ("erfcx(0)", 1.0), ("erfi(-0)", -0.0), ("erfi(-30)", -INF),
        ("dawsn(inf)", 0.0), ("dawsn(-inf)", -0.0), ("erfinv(1)", INF), ("erfinv(-1)", -INF), ("erfinv(1.5)", NAN),
        ("erfcinv(0)", INF), ("erfcinv(2)", -INF), ("erfcinv(-1)", NAN), ("lognormcdf(-inf)", -INF),
        ("lognormcdf(40)", -0.0), ("lognormcdf(0)", -math.log(2.0)),
    ],
)  # fmt: skip
def test_at_this_point_the_value_is_exact(text: str, wanted: float) -> None:
    assert same(value(text), wanted)


@pytest.mark.parametrize(
    ("text", "x", "wanted"),
    [
        ("erfinv(x)", 1.0, INF), ("erfinv(x)", 2.0, NAN), ("erfcinv(x)", 0.0, -INF), ("erfcinv(x)", 2.0, -INF),
        ("lognormcdf(x)", -INF, INF), ("erfcx(x)", INF, -0.0), ("dawsn(x)", INF, 0.0),
    ],
)  # fmt: skip
def test_at_an_end_the_slope_is_its_limit(text: str, x: float, wanted: float) -> None:
    assert same(slopes(text, x=x)[0], wanted)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("erfcx(x)", "2*x*erfcx(x) - 2/sqrt(pi)"),
        ("dawsn(x)", "1 - 2*x*dawsn(x)"),
        ("erfinv(x)", "sqrt(pi)*exp(erfinv(x)^2)/2"),
        ("erfi(x)", "2*exp(x^2)/sqrt(pi)"),
    ],
)
def test_a_printed_derivative_is_the_one_of_the_textbook(text: str, printed: str) -> None:
    assert describe_partials(REGISTRY[text.partition("(")[0]]) == [("x", printed)]


def test_a_product_that_overflows_gets_a_way_out() -> None:
    assert parse("exp(x^2)*erfc(x)").gradient(x=1.0)["x"] == pytest.approx(slopes("erfcx(x)", x=1.0)[0], rel=1e-14)
