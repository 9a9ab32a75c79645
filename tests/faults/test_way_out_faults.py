"""A note shows another way to write an operation only where that way has a value, and is the same function."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import pytest

from gradcli import parse
from gradcli.evaluate.point import evaluate, gradient
from tests.support.loops import for_each

Run = Callable[..., Any]

#: expression, point, what to write, the value that it has there (closed forms and limits).
WAYS_OUT: list[tuple[str, dict[str, float], str, float]] = [
    ("x^(1/3)", {"x": -8.0}, "cbrt(x)", -2.0),
    ("x^(2/3)", {"x": -8.0}, "cbrt(x)^2", 4.0),
    ("x^(1/5)", {"x": -32.0}, "sign(x)*abs(x)^(1/5)", -2.0),
    ("(x*y)^(1/3)", {"x": -2.0, "y": 4.0}, "cbrt(x*y)", -2.0),
    ("sqrt(x^2 + y^2)", {"x": 0.0, "y": 0.0}, "hypot(x, y)", 0.0),
    ("sqrt(x^2 + y^2)", {"x": 1e200, "y": 0.0}, "hypot(x, y)", 1e200),
    ("sqrt(x*x + y*y)", {"x": 3e200, "y": 4e200}, "hypot(x, y)", 5e200),
    ("(x^2 + y^2)^0.5", {"x": 0.0, "y": 0.0}, "hypot(x, y)", 0.0),
    ("sqrt((a + b)^2 + c^2)", {"a": 0.0, "b": 0.0, "c": 0.0}, "hypot(a + b, c)", 0.0),
    ("sqrt(x^2 + y^2 + z^2)", {"x": 1e200, "y": 0.0, "z": 0.0}, "hypot(hypot(x, y), z)", 1e200),
    ("sqrt(1 + x^2)", {"x": 1e200}, "hypot(1, x)", 1e200),
    ("sqrt(x*x)", {"x": 0.0}, "abs(x)", 0.0),
    ("log(1 + exp(x))", {"x": 800.0}, "softplus(x)", 800.0),
    ("ln(e^x + 1)", {"x": 800.0}, "softplus(x)", 800.0),
    ("log(exp(a) + exp(b))", {"a": 800.0, "b": 1.0}, "logaddexp(a, b)", 800.0),
    ("log(cosh(x))", {"x": 800.0}, "logaddexp(x, -x) - log(2)", 800.0 - math.log(2.0)),
    ("log(sigmoid(x))", {"x": -800.0}, "-softplus(-x)", -800.0),
    ("1/(1 + exp(-x))", {"x": -800.0}, "sigmoid(x)", 0.0),
    ("exp(x)/(exp(x) + exp(y))", {"x": 800.0, "y": 800.0}, "sigmoid(x - y)", 0.5),
    ("(exp(x) - exp(-x))/(exp(x) + exp(-x))", {"x": 800.0}, "tanh(x)", 1.0),
    ("exp(x)/exp(y)", {"x": 800.0, "y": 800.0}, "exp(x - y)", 1.0),
    ("log(factorial(n))", {"n": 200.0}, "lgamma(n + 1)", 863.2319871924054),
    ("gamma(x)/gamma(y)", {"x": 200.0, "y": 199.0}, "exp(lgamma(x) - lgamma(y))", 199.0),
    ("x*log(x)", {"x": 0.0}, "xlogy(x, x)", 0.0),
    ("-p*log2(p)", {"p": 0.0}, "xlogy(-p, p)/log(2)", 0.0),
    ("p*log(p/q)", {"p": 0.0, "q": 0.5}, "xlogy(p, p/q)", 0.0),
    ("y*ln(p) + (1 - y)*ln(1 - p)", {"y": 0.0, "p": 0.0}, "xlogy(y, p)", 0.0),
    ("x/abs(x)", {"x": 0.0}, "sign(x)", 0.0),
    ("sin(x)/x", {"x": 0.0}, "sinc(x/pi)", 1.0),
    ("sin(2x)/(2x)", {"x": 0.0}, "sinc((2*x)/pi)", 1.0),
    ("A*sin(k*x)/x", {"A": 3.0, "k": 2.0, "x": 0.0}, "A*k*sinc(k*x/pi)", 6.0),
    ("(1 - cos(t))/t^2", {"t": 0.0}, "sinc(t/(2*pi))^2/2", 0.5),
    ("sinh(x)/x", {"x": 0.0}, "where(abs(x) < 1e-3, 1 + x^2/6 + x^4/120, sinh(x)/x)", 1.0),
    ("tanh(x)/x", {"x": 0.0}, "where(abs(x) < 1e-3, 1 - x^2/3 + 2*x^4/15, tanh(x)/x)", 1.0),
    ("(exp(x) - 1)/x", {"x": 0.0}, "where(abs(x) < 1e-4, 1 + x/2 + x^2/6 + x^3/24, expm1(x)/x)", 1.0),
    ("x/(exp(x) - 1)", {"x": 0.0}, "where(abs(x) < 1e-4, 1 - x/2 + x^2/12, x/expm1(x))", 1.0),
    ("log(1 + x)/x", {"x": 0.0}, "where(abs(x) < 1e-4, 1 - x/2 + x^2/3 - x^3/4, log1p(x)/x)", 1.0),
]


@for_each(("text", "at", "instead", "value"), WAYS_OUT)
def test_a_way_out_is_offered_and_has_the_value_there(
    text: str, at: dict[str, float], instead: str, value: float
) -> None:
    expression = parse(text)
    for notes in (gradient(expression, at).notes, evaluate(expression, at).notes):
        hints = [note.hint for note in notes if note.hint is not None]
        if notes:  # where only a derivative is missing, a value has no note
            assert [hint.partition("`")[2].partition("`")[0] for hint in hints] == [instead]
    better = parse(instead)
    given = {name: at[name] for name in better.variables}
    assert better(**given) == pytest.approx(value, rel=1e-12)
    assert not any(map(math.isnan, better.gradient(**given).values()))


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("1/x", {"x": 0.0}),
        ("log(x)", {"x": -1.0}),
        ("sqrt(x - 1)", {"x": 0.0}),
        ("exp(x) - 1", {"x": 800.0}),
        ("x^2.5", {"x": -1.0}),
        ("x^x", {"x": 0.0}),
        ("x*log(x)", {"x": -1.0}),
        ("log(x*y)", {"x": -1e200, "y": -1e200}),
        ("sqrt(x^2 + y^2)", {"x": math.inf, "y": 0.0}),
        ("x/sqrt(x^2 + y^2)", {"x": 0.0, "y": 0.0}),
        ("gamma(x)/gamma(y)", {"x": -1.0, "y": 1.0}),
    ],
)
def test_no_way_out_is_offered_that_does_not_help(text: str, at: dict[str, float]) -> None:
    for note in gradient(parse(text), at).notes:
        for offered in re.findall("`([^`]*)`", note.hint or ""):
            better = parse(offered)
            assert math.isfinite(better(**{name: at[name] for name in better.variables})), offered


def test_elements_of_an_array_have_ways_out_too(inside: Run) -> None:
    found = inside("grad", "sum(x*log(x))", "x=[0, 1]")
    assert "write `xlogy(x, x)`, which has a value and a derivative here" in found.err
