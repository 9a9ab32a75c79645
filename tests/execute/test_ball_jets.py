"""Derivatives of high order as floats that balls prove."""

from __future__ import annotations

import mpmath
import pytest

pytest.importorskip("flint")

import flint

from gradcli import parse
from gradcli.execute.ball_jets import derivatives_in_balls


def test_derivatives_of_order_60_are_those_of_mpmath() -> None:
    root = parse("sin(x)/x*y").root
    x, y = [root.graph.variable(name) for name in "xy"]
    found = derivatives_in_balls(root, x, {x: 0.5, y: 3.0}, 60)
    with mpmath.workdps(40):
        expected = mpmath.taylor(lambda t: 3 * mpmath.sin(t) / t, mpmath.mpf(0.5), 60)
        assert found == pytest.approx([float(one * mpmath.factorial(k)) for k, one in enumerate(expected)], rel=1e-15)


def test_the_precision_of_others_stays() -> None:
    before = flint.ctx.prec
    root = parse("exp(x)").root
    x = root.graph.variable("x")
    assert derivatives_in_balls(root, x, {x: 0.0}, 2) == [1.0, 1.0, 1.0]
    assert flint.ctx.prec == before


@pytest.mark.parametrize("text", ["abs(x)", "1/x", "gamma(x)", "log(x)"])
def test_where_jets_know_nothing_there_are_none(text: str) -> None:
    root = parse(text).root
    x = root.graph.variable("x")
    assert derivatives_in_balls(root, x, {x: 0.0}, 5) == []


def test_what_balls_do_not_prove_is_none() -> None:
    root = parse("sin(x)^2 + cos(x)^2").root
    x = root.graph.variable("x")
    assert derivatives_in_balls(root, x, {x: 0.5}, 3) == [1.0, None, None, None]
