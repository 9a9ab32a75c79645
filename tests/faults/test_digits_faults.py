"""Digits lost by a rounded complement (A5), and quotients of quotients that overflow (A6).

The right values are difference quotients of mpmath's numbers with 1,000 digits (`tests.support.digits`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli import nn, parse
from gradcli.evaluate import array_point
from gradcli.evaluate.point import derivatives, gradient, hessian, jvp
from gradcli.train.model.objectives import objective_named
from tests.support.digits import FAMILIES, Exact, Truth, measure, without_identities
from tests.support.loops import for_each

#: An expression, and a point at which its derivative was wrong or nan.
LOST: list[tuple[str, dict[str, float]]] = [
    ("log(1-sigmoid(x))", {"x": 36.7}),
    ("log(1-sigmoid(x))", {"x": 30.0}),
    ("log(1-sigmoid(x))", {"x": 60.0}),
    ("log(1-tanh(x)^2)", {"x": 17.0}),
    ("log(sigmoid(x)/(1-sigmoid(x)))", {"x": 33.0}),
    ("log1p(expm1(x))", {"x": -35.0}),
    ("atanh(tanh(x))", {"x": 17.0}),
    ("log(exp(a)+exp(b))", {"a": 400.0, "b": 1.0}),
    ("log(erfc(x))", {"x": 25.0}),
    ("log2(erfc(x))", {"x": 25.0}),
    ("log(sech(x)*exp(-x))", {"x": 200.0}),
    ("-(y*log(sigmoid(x)) + (1-y)*log(1-sigmoid(x)))", {"x": 35.0, "y": 0.25}),
    ("log(1 - erf(x))", {"x": 6.0}),
    ("1/(1 - tanh(x))", {"x": 15.0}),
    ("V - V*sigmoid(x)", {"x": 36.0, "V": 3.0}),
    ("sqrt(2 - 2*sigmoid(x))", {"x": 33.0}),
    ("log(1 - exp(-x))", {"x": 1e-9}),
    ("log(1 - 1/(1 + exp(-x)))", {"x": 34.0}),
    ("log(.5 + .5*tanh(x))", {"x": -18.0}),
    ("log10(1 - tanh(x))", {"x": 18.0}),
    ("log(cosh(x))", {"x": 800.0}),
    ("1/(1 + exp(-x))", {"x": -750.0}),
    ("(exp(2*x) - 1)/(exp(2*x) + 1)", {"x": 18.0}),
    ("exp(x)/(exp(x) + exp(y) + 1)", {"x": 38.0, "y": 1.0}),
    ("log(exp(x) + exp(y) + 1) - x", {"x": 38.0, "y": 1.0}),
    ("V*S/(K + S)", {"V": 10.0, "S": 1e8, "K": 0.5}),
    ("log(1 - cos(x))", {"x": 1e-9}),
    ("xlogy(1 - sigmoid(x), 1 - sigmoid(x))", {"x": 36.0}),
    ("where(x > 0, log(1 - sigmoid(x)), x)", {"x": 36.0}),
    ("sigmoid(x)*(1-sigmoid(x))", {"x": 20.0}),
    ("sqrt(x^2 + y^2)", {"x": 1e9, "y": 1.0}),
]


@for_each(("text", "point"), LOST, ids=[f"{text} {list(point.values())}" for text, point in LOST])
def test_derivatives_keep_their_digits_in_every_channel(text: str, point: dict[str, float]) -> None:
    expression, exact = (
        parse(text),
        Exact(parse(text.replace("where(x > 0, log(1 - sigmoid(x)), x)", "log(1 - sigmoid(x))"))),
    )
    swept, matrix = gradient(expression, point).gradient, hessian(expression, point)
    _, first, second = gradcli.compile(text, derivatives="hessian")(**point)
    for name in expression.variables:
        one, two, *conditions = exact.derivatives(point, name)
        slope, curvature = Truth(one, conditions[0]), Truth(two, conditions[1])
        found = [swept[name], float(first[name]), derivatives(expression, point, 1, [name])[name][0]]
        found += [jvp(expression, point, {name: 1.0}), expression.derivative(name)(**point)]
        assert [value for value in found if slope.is_missed_by(value)] == []
        found = [matrix[name][name], float(second[name][name]), derivatives(expression, point, 2, [name])[name][1]]
        assert [value for value in found if curvature.is_missed_by(value)] == []


@pytest.mark.parametrize(
    ("function", "x", "slope"),
    [
        (lambda x: (1 - x.sigmoid()).log(), 36.7, -1.0),
        (lambda x: (1 - x.tanh() ** 2).log(), 17.0, -2.0),
        (lambda x: x.tanh().atanh(), 17.0, 1.0),
        (lambda x: 1 / (1 + (-x).exp()), -750.0, 0.0),
    ],
)
def test_python_functions_keep_their_digits(function: Callable[..., gradcli.Value], x: float, slope: float) -> None:
    assert gradcli.grad(function)(x) == pytest.approx(slope, rel=1e-12, abs=1e-300)
    assert gradcli.derivative(function)(x) == pytest.approx(slope, rel=1e-12, abs=1e-300)


def test_values_and_steps_are_those_of_what_was_typed() -> None:
    found = gradient(parse("log(1 - sigmoid(x))"), {"x": 36.7})
    assert found.value == math.log(1.0 - gradcli.functions.sigmoid(36.7))
    assert [step.operation for step in found.steps] == ["x", "sigmoid(w1)", "1 - w2", "log(w3)"]
    (note,) = found.step_notes
    assert note.message.startswith("d/dx is -0.9999999999999998; step by step, the formula loses digits")
    assert gradient(parse("log(1 - sigmoid(x))"), {"x": 1.0}).step_notes == []


#: Family -> the most that may be off, in percent, of first and of second derivatives.  The last bound is 8 percent
#: of all points; a few points of one expression weigh more.
BOUNDS = {"A": (3.0, 8.0), "B": (3.5, 8.0), "H": (10.0, 12.0)}


@pytest.mark.parametrize("family", BOUNDS)
def test_few_derivatives_are_off(family: str) -> None:
    texts = FAMILIES[family]
    for share, most in zip(measure(texts, count=2), BOUNDS[family], strict=True):
        assert share.percent <= most


def test_without_identities_many_are_off() -> None:
    with without_identities():
        first, second = measure(FAMILIES["A"], count=2)
    assert first.percent > 12.0
    assert second.percent > 20.0


@pytest.mark.parametrize(
    ("text", "point", "slopes"),
    [
        ("sum(log(1 - sigmoid(x)))", {"x": [36.7, 40.0, -40.0]}, [-1.0, -1.0, -math.exp(-40.0)]),
        ("mean(-log(1 - tanh(x)))", {"x": [18.0, 20.0]}, [1.0, 1.0]),
        ("sum(1/(1 + exp(-x)))", {"x": [-750.0, 800.0]}, [0.0, 0.0]),
        ("sum(x*y/(x*cosh(y)))", {"x": [1.0, 2.0, 3.0], "y": 30.0}, [0.0, 0.0, 0.0]),
    ],
)
def test_derivatives_toward_arrays_keep_their_digits(text: str, point: dict[str, Any], slopes: list[float]) -> None:
    expression = parse(text)
    assert expression.gradient(**point)["x"].tolist() == pytest.approx(slopes, rel=1e-12, abs=1e-300)
    along = [array_point.jvp(expression, point, {"x": row}) for row in np.eye(len(slopes))]
    assert along == pytest.approx(slopes, rel=1e-12, abs=1e-300)
    assert np.isfinite(array_point.hessian(expression, point)["x"]["x"]).all()


@pytest.mark.parametrize("score", [-600.0, -40.0, -5.0, 0.5, 5.0, 20.0, 30.0, 36.0, 40.0, 600.0])
def test_the_binary_cross_entropy_of_a_sigmoid_keeps_its_digits(score: float) -> None:
    for target in (0.0, 0.25, 1.0):
        x = gradcli.tensor([score], dtype="float64", requires_grad=True)
        probability = x.sigmoid()
        loss = nn.BCELoss()(probability, gradcli.tensor([target], dtype="float64"))
        plain = nn.BCELoss()(probability.detach(), gradcli.tensor([target], dtype="float64"))
        assert loss.item() == plain.item()
        loss.backward()
        # sigmoid(x) - t, without cancellation.
        slope = (1.0 - target) * gradcli.functions.sigmoid(score) - target * gradcli.functions.sigmoid(-score)
        assert x.grad.item() == pytest.approx(slope, rel=1e-12)


def test_a_loss_that_a_user_writes_keeps_its_digits() -> None:
    given = objective_named("-log(1 - sigmoid(p)) + 0*y").single
    p = gradcli.tensor(36.7, dtype="float64", requires_grad=True)
    given(p, 0.0).backward()
    assert p.grad.item() == pytest.approx(1.0, rel=1e-15)
