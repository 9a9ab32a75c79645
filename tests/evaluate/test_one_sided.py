"""Limits from one side, against limits that are known."""

import math

import pytest

from gradcli.evaluate.expression import parse
from gradcli.evaluate.one_sided import one_sided
from gradcli.evaluate.univariate import univariate

inf, nan = math.inf, math.nan

#: expression, point -> kind and limit from the left, and from the right; the error that the digits of doubles allow
CASES = [
    ("sin(x)/x", 0.0, ("limit", 1.0), ("limit", 1.0), 1e-14),
    ("(1 - cos(x))/x^2", 0.0, ("limit", 0.5), ("limit", 0.5), 1e-9),
    ("(exp(x) - 1)/x", 0.0, ("limit", 1.0), ("limit", 1.0), 1e-10),
    ("(tan(x) - x)/x^3", 0.0, ("limit", 1 / 3), ("limit", 1 / 3), 1e-8),
    ("(x^2 - 1)/(x - 1)", 1.0, ("limit", 2.0), ("limit", 2.0), 1e-13),
    ("abs(x)/x", 0.0, ("limit", -1.0), ("limit", 1.0), 1e-14),
    ("floor(x)", 1.0, ("limit", 0.0), ("limit", 1.0), 0.0),
    ("atan(1/x)", 0.0, ("limit", -math.pi / 2), ("limit", math.pi / 2), 1e-14),
    ("sqrt(x)", 0.0, ("undefined", nan), ("limit", 0.0), 1e-12),
    ("sqrt(x)*sin(x)/x", 0.0, ("undefined", nan), ("limit", 0.0), 1e-12),
    ("x*log(x)", 0.0, ("undefined", nan), ("limit", 0.0), 1e-12),
    ("x^x", 0.0, ("undefined", nan), ("limit", 1.0), 1e-12),
    ("1/x", 0.0, ("infinite", -inf), ("infinite", inf), 0.0),
    ("1/x^2", 0.0, ("infinite", inf), ("infinite", inf), 0.0),
    ("log(abs(x))", 0.0, ("infinite", -inf), ("infinite", -inf), 0.0),
    ("log(abs(x - 1))", 1.0, ("infinite", -inf), ("infinite", -inf), 0.0),
    ("tan(x)", math.pi / 2, ("infinite", inf), ("infinite", -inf), 0.0),
    ("exp(1/x)", 0.0, ("limit", 0.0), ("infinite", inf), 0.0),
    ("1/((x - 1)^2 + 1e-8)", 1.0, ("limit", 1e8), ("limit", 1e8), 1e-2),
    ("sin(1/x)", 0.0, ("none", nan), ("none", nan), 0.0),
    ("sign(sin(1/x))", 0.0, ("none", nan), ("none", nan), 0.0),
    ("x*sin(1/x)", 0.0, ("limit", 0.0), ("limit", 0.0), 1e-11),
    ("1/floor(x)", 0.0, ("limit", -1.0), ("undefined", nan), 0.0),
]


@pytest.mark.parametrize(("text", "x", "left", "right", "error"), CASES)
def test_limits(text: str, x: float, left: tuple[str, float], right: tuple[str, float], error: float) -> None:
    function = univariate(parse(text), "x", {})
    for reach, (kind, limit) in ((-0.2317, left), (0.2317, right)):
        found = one_sided(function, x, reach)
        assert found.kind == kind
        assert found.value == pytest.approx(limit, rel=0.0, abs=error, nan_ok=True)


def test_the_trend_says_whether_the_function_rises_towards_the_point() -> None:
    function = univariate(parse("abs(x)"), "x", {})
    assert [one_sided(function, 0.0, reach).trend for reach in (-0.3, 0.3)] == [-1, -1]
    assert one_sided(univariate(parse("-x^2"), "x", {}), 0.0, 0.3).trend == 1
