"""Series of special functions against balls, and what has lost its digits."""

from __future__ import annotations

import math
from unittest.mock import patch

import pytest

from gradcli import parse
from gradcli.execute.jets import Irregular, Jets
from gradcli.execute.outer_series import equations_of
from gradcli.execute.taylor_mode import derivatives_at
from gradcli.graph import Graph
from gradcli.graph.float_numbers import FloatNumbers
from gradcli.primitives import REGISTRY, Primitive
from tests.support.checking import draws
from tests.support.loops import for_each
from tests.support.oracle import Undefined

ORDER = 20
WITH_SYSTEM = [primitive for primitive in REGISTRY.public() if primitive.system is not None]
BY_CHAIN = [REGISTRY[name] for name in ("digamma", "lgamma", "polygamma", "sinc", "beta", "lbeta")]


def by_name(primitive: Primitive) -> str:
    return primitive.name


def shares(primitive: Primitive, *, has_balls: bool) -> list[float]:
    """The errors of derivatives up to order 20 as parts of 1e-10 * (|f^(n)| + |x f^(n+1)|)."""
    flint = pytest.importorskip("flint")
    from tests.support.ball_oracle import ball_derivatives

    found = []
    for point in draws(primitive, 1):
        graph = Graph()
        x = graph.variable("x")
        root = graph.add(primitive, [*map(graph.constant, point[:-1]), x])
        with patch("gradcli.execute.taylor_mode.find_spec", return_value=has_balls or None):
            derivatives = derivatives_at(root, x, {x: point[-1]}, ORDER)
        try:
            exact = ball_derivatives(primitive.name, point, primitive.arity - 1, ORDER + 1)
        except Undefined:
            continue
        assert exact is not None
        for order, got in enumerate(derivatives):
            if got is not None:
                allowed = 1e-10 * (abs(exact[order]) + abs(point[-1] * exact[order + 1])) + flint.arb(5e-324)
                found.append(float((abs(got - exact[order]) / allowed).mid()))
    return found


@for_each("rare", [*WITH_SYSTEM, *BY_CHAIN], ids=by_name)
def test_derivatives_of_order_20_keep_their_promise_with_balls_and_without(rare: Primitive) -> None:
    for has_balls in (True, False):
        found = shares(rare, has_balls=has_balls)
        assert len(found) >= ORDER
        assert max(found) <= 1.0


def jet(text: str, point: float, order: int) -> list[float]:
    root = parse(text).root
    x = root.graph.variable("x")
    return Jets([root], [x]).run(FloatNumbers(root.graph), [[point, 1.0]], order)[0]


def test_what_another_solution_outgrows_becomes_nan() -> None:
    """Around 5, the powers of x in exp(x^2) grow faster than those of erfcx."""
    found = jet("erfcx(x)", 5.0, 20)
    assert found[2] == pytest.approx(REGISTRY["erfcx_derivative"].value(2.0, 5.0) / 2.0, rel=1e-11)
    assert math.isnan(found[-1])


@pytest.mark.parametrize(
    ("text", "point", "formula"),
    [
        ("airyai(x^2 + 1)", 0.5, lambda m, x: m.airyai(x * x + 1)),
        ("gamma(3*x)", 0.7, lambda m, x: m.gamma(3 * x)),
        ("lambertw(exp(sin(x)))", 0.3, lambda m, x: m.lambertw(m.exp(m.sin(x)))),
        ("sinc(x^2)", 0.6, lambda m, x: m.sincpi(x * x)),
    ],
)
def test_an_operand_may_be_any_jet(text: str, point: float, formula: object) -> None:
    import mpmath

    with mpmath.workdps(40):
        wanted = [float(one) for one in mpmath.taylor(lambda x: formula(mpmath, x), mpmath.mpf(point), 12)]  # type: ignore[operator]
    assert jet(text, point, 12) == pytest.approx(wanted, rel=1e-11)


def test_two_operands_that_move_have_no_series() -> None:
    with pytest.raises(Irregular):
        jet("beta(x, x)", 2.0, 3)


@for_each("rare", WITH_SYSTEM, ids=by_name)
def test_a_system_has_the_slope_of_the_rule(rare: Primitive) -> None:
    equations = equations_of(rare)
    assert equations is not None
    point = draws(rare, 1)[0]
    graph = Graph()
    x = graph.variable("x")
    root = graph.add(rare, [*map(graph.constant, point[:-1]), x])
    [found] = Jets([root], [x]).run(FloatNumbers(graph), [[point[-1], 1.0]], 1)
    partial = rare.partials(*point, rare.value(*point))[-1]
    assert found[1] == pytest.approx(float(partial), rel=1e-9)


def test_where_a_divisor_of_the_system_is_0_the_series_is_found_in_another_way() -> None:
    """K has the coefficients pi/2 ((1/2)_n/n!)^2 (DLMF 19.5.1)."""
    with pytest.raises(Irregular):
        jet("ellipk(x)", 0.0, 3)
    root = parse("ellipk(x)").root
    x = root.graph.variable("x")
    assert derivatives_at(root, x, {x: 0.0}, 3) == pytest.approx(
        [math.pi * one for one in (1 / 2, 1 / 8, 9 / 64, 75 / 256)]
    )
