"""Data sets that a user gives as an expression."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from gradcli.errors import ExpressionError, GradcliError, UsageError
from gradcli.evaluate.expression import parse
from gradcli.train.data.expression_data import expression_data
from gradcli.train.data.loading import load_data


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("y > sin(3*x)", lambda x, y: y > math.sin(3 * x)),
        ("x^2 + y^2 < 0.5 or x*y > 0", lambda x, y: x * x + y * y < 0.5 or x * y > 0),
        ("not (x < y and y < 0.5)", lambda x, y: not (x < y < 0.5)),
        ("r = sqrt(x^2 + y^2); r < 0.5", lambda x, y: math.hypot(x, y) < 0.5),
        ("f(t) = t^2 - 0.2; f(x) >= y", lambda x, y: x * x - 0.2 >= y),
        ("floor(2x) % 2 == floor(2y) % 2", lambda x, y: math.floor(2 * x) % 2 == math.floor(2 * y) % 2),
    ],
)
def test_a_condition_tells_two_classes_apart(text: str, formula: Any) -> None:
    data = expression_data(text)
    assert (data.columns, data.target, data.labels, data.inputs.shape) == (("x", "y"), "class", ("0", "1"), (500, 2))
    assert data.targets.tolist() == [float(formula(x, y)) for x, y in data.inputs.tolist()]
    assert np.abs(data.inputs).max() <= 1


@pytest.mark.parametrize(
    "text", ["sin(3x)*y", "x^2", "where(x > 0, y, -1)", "(x > y)*z", "tanh(a + b + c + d + e_1)", "|x|"]
)
def test_any_other_expression_is_a_number(text: str) -> None:
    data, expression = expression_data(text), parse(text)
    assert (data.labels, data.target) == (None, "value")
    for row in (0, 250, 499):
        at = dict(zip(data.columns, data.inputs[row].tolist(), strict=True))
        assert data.targets[row] == pytest.approx(expression(**at), rel=1e-15, abs=1e-300)


def test_the_columns_stand_in_natural_order() -> None:
    assert expression_data("x10 > x2 + x1").columns == ("x1", "x2", "x10")
    assert expression_data("y > x").columns == ("x", "y")


def test_ten_columns_and_a_constant() -> None:
    data = expression_data(" + ".join(f"x{number}" for number in range(1, 11)) + " > pi", ranges=["0:1"])
    assert data.inputs.shape == (500, 10)
    assert np.array_equal(data.targets, data.inputs.sum(axis=1) > math.pi)


@pytest.mark.parametrize(
    ("ranges", "low", "high"),
    [
        ([], (-1, -1), (1, 1)),
        (["2:3"], (2, 2), (3, 3)),
        (["x=-3:3"], (-3, -1), (3, 1)),
        (["x=-pi:2pi", "0:10"], (-math.pi, 0), (2 * math.pi, 10)),
        (["y = -1/2 : 1e2", " x=0:1"], (0, -0.5), (1, 100)),
    ],
)
def test_the_points_fill_the_range(ranges: list[str], low: tuple[float, ...], high: tuple[float, ...]) -> None:
    inputs = expression_data("x + y", samples=2000, ranges=ranges).inputs
    width = np.array(high) - low
    assert (inputs.min(axis=0) >= low).all()
    assert (inputs.max(axis=0) <= high).all()
    assert (inputs.min(axis=0) < low + 0.02 * width).all()
    assert (inputs.max(axis=0) > high - 0.02 * width).all()


def test_noise_moves_the_points_of_a_class_and_is_added_to_a_number() -> None:
    calm, wild = (expression_data("x > y", samples=4000, noise=noise) for noise in (0.0, 0.2))
    assert np.array_equal(calm.targets, wild.targets)
    assert np.std(wild.inputs - calm.inputs) == pytest.approx(0.2, rel=0.05)
    calm, wild = (expression_data("x + y", samples=4000, noise=noise) for noise in (0.0, 0.2))
    assert np.array_equal(calm.inputs, wild.inputs)
    assert np.std(wild.targets - calm.targets) == pytest.approx(0.2, rel=0.05)


def test_points_are_fixed_by_their_seed() -> None:
    first, again, other = (expression_data("x > y", seed=seed).fingerprint() for seed in (1, 1, 2))
    assert first == again != other


def test_the_task_settles_what_the_value_is() -> None:
    assert expression_data("floor(2x)", task="classes").labels == ("-2", "-1", "0", "1")
    assert expression_data("x > y", task="numbers").labels is None


def test_the_data_is_called_by_its_expression() -> None:
    assert expression_data("x >  \n y").name == "x > y"
    assert expression_data("x" + " + x" * 50).name == "x" + " + x" * 14 + "..."


def test_the_target_has_a_name_of_its_own() -> None:
    assert expression_data("class > value").target == "class_"


def test_a_value_that_does_not_depend_on_the_kernel_of_numpy() -> None:
    data = expression_data("gamma(x + 2)*y", samples=50)
    assert data.targets.tolist() == pytest.approx([math.gamma(x + 2) * y for x, y in data.inputs.tolist()], rel=1e-13)


@pytest.mark.parametrize(
    ("text", "choices", "kind", "message"),
    [
        ("y > sni(x)", {}, ExpressionError, "unknown function `sni`"),
        ("y >", {}, ExpressionError, "the expression ends after `>`, where a value is missing"),
        (
            "1 > 2",
            {},
            UsageError,
            "`1 > 2` has no variables; each one is a column of the data, which has 1 to 100 columns",
        ),
        ("x" + "+x" * 1000, {}, UsageError, "the expression of the data is longer than 2000 characters"),
        ("x > 2", {}, UsageError, "`x > 2` is 0 in every row, so there is nothing to learn"),
        ("x > 0", {"task": "kinds"}, UsageError, "unknown task `kinds`"),
        ("x*y", {"task": "classes"}, UsageError, "`x*y` has 500 different values, but at most 20 classes are possible"),
        ("x > 0", {"samples": 1}, UsageError, "a data set has 2 to 10000000 samples, not 1"),
        ("x > 0", {"noise": -1}, UsageError, "the noise is a standard deviation, at least 0 and finite, not -1"),
        ("x > 0", {"ranges": ["z=0:1"]}, UsageError, "`ranges=z=0:1`: the data has no column `z`"),
        ("x > 0", {"ranges": ["x=1:0"]}, UsageError, "`ranges=x=1:0` isn't a range from a lower to a higher number"),
        ("x > 0", {"ranges": ["x=1"]}, UsageError, "`ranges=x=1` isn't a range from a lower to a higher number"),
        ("x > 0", {"ranges": ["nan:1"]}, UsageError, "`ranges=nan:1` isn't a range from a lower to a higher number"),
        ("x > 0", {"ranges": ["0:inf"]}, UsageError, "`ranges=0:inf` isn't a range from a lower to a higher number"),
        (
            "x > 0", {"ranges": ["x=a:1"]}, UsageError,
            "`ranges=x=a:1`: `a` has no value, but the ends of a range are numbers",
        ),
    ],
)  # fmt: skip
def test_what_makes_no_data_is_refused(
    text: str, choices: dict[str, Any], kind: type[GradcliError], message: str
) -> None:
    with pytest.raises(kind) as caught:
        load_data("data", expression=text, **choices)
    assert caught.value.message == message


def test_a_value_that_is_not_finite_is_named_by_its_point() -> None:
    with pytest.raises(UsageError) as caught:
        expression_data("log(x)*y")
    assert caught.value.message.startswith("`log(x)*y` has no finite value in 2")
    assert " of 500 rows, for example at x = -0." in caught.value.message
    assert caught.value.hint == "draw only where it has a finite value: `ranges=x=LOW:HIGH`"
