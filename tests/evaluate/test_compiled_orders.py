"""Compiled derivatives up to an order."""

from __future__ import annotations

import math
import pickle
import warnings

import numpy as np
import pytest

import gradcli
from gradcli import limits
from gradcli.errors import GradcliError, LimitError
from gradcli.evaluate.point import derivatives
from tests.support.fuzz_formulas import case

EXECUTORS = ["numpy", "llvm"]


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("text", ["abs(x)*sin(x*y) + relu(x)", "sqrt(x^2 + y)*y", "log(x + y)^3"])
def test_at_every_point_and_kink_derivatives_are_those_of_grad(text: str, executor: str) -> None:
    if executor == "llvm":
        pytest.importorskip("llvmlite")
    expression = gradcli.parse(text, variables=("x", "y"))
    x = np.linspace(-2.0, 2.0, 9)
    value, found = gradcli.compile(expression, order=6, executor=executor)(x, 2.0)
    for place, one in enumerate(x):
        at = {"x": float(one), "y": 2.0}
        assert value[place] == pytest.approx(expression(**at), rel=1e-15)
        for name, expected in derivatives(expression, at, 6).items():
            assert [row[place] for row in found[name]] == pytest.approx(expected, rel=1e-11, abs=1e-11, nan_ok=True)


def test_random_formulas_with_kinks_have_the_derivatives_of_grad() -> None:
    compared = 0
    for number in range(100):
        text, at = case(number)
        expression = gradcli.parse(text)
        at = {name: at[name] for name in expression.variables}
        if not at or "^(" in text:  # 0^(x - x) has no derivative by the rule of powers, and jets know that x - x is 0
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _, found = gradcli.compile(expression, order=4, executor="numpy")(**at)
        for name, expected in derivatives(expression, at, 4).items():
            scale = max([abs(one) for one in expected if math.isfinite(one)], default=0.0)
            assert found[name] == pytest.approx(expected, rel=1e-9, abs=1e-9 * scale, nan_ok=True), (text, at)
            compared += 1
    assert compared > 80


def test_results_have_the_form_of_the_arguments() -> None:
    function = gradcli.compile("x^3*y", wrt="x", order=3)
    assert function.names == ("value", "d_x", "d2_x", "d3_x")
    value, found = function([[1, 2], [3, 4]], [[1], [2]])
    assert value.shape == (2, 2)
    assert found["x"][2].tolist() == [[6.0, 6.0], [12.0, 12.0]]
    assert function(2.0, 3.0) == (24.0, {"x": [36.0, 36.0, 18.0]})
    out = [np.empty(2) for _ in range(4)]
    assert function([1.0, 2.0], 1.0, out=out)[1]["x"][1] is out[2]
    again = pickle.loads(pickle.dumps(function))
    assert again.names == function.names
    assert gradcli.compile("e*x^2", order=2)(x=1.0, e=3.0) == (3.0, {"x": [6.0, 6.0]})


def test_where_the_graph_of_a_derivative_at_a_kink_is_large_it_is_nan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradcli.evaluate.compiled_orders._MOST_NODES", 300)
    _, found = gradcli.compile("abs(x)^9*tan(sin(x))", order=6)(np.array([0.0, 0.5]))
    numbers = [one[0] for one in found["x"]]
    assert numbers[:2] == [0.0] * 2
    assert math.isnan(numbers[5])
    assert np.isfinite([one[1] for one in found["x"]]).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"order": 0}, "natural number"),
        ({"order": 2, "derivatives": "hessian"}, "`order` gives the value and derivatives by each variable"),
        ({"order": 2, "dtype": "float32"}, "float64"),
        ({"order": limits.MAPPED_ORDER + 1}, "at many points, the order of a derivative is at most 200"),
    ],
)
def test_what_does_not_go_together_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(GradcliError, match=message):
        gradcli.compile("x", **options)  # type: ignore[arg-type]


def test_a_derivative_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "DERIVATIVE_NODES", 500)
    with pytest.raises(LimitError, match="too large"):
        gradcli.compile("gamma(gamma(x)*sin(gamma(x)))", order=20)
