"""A branch that is not taken, an element that is not picked: nothing flows through it, whatever its slope would be."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from gradcli.eager.pullback import pushforward
from gradcli.eager.tensor import Tensor
from gradcli.primitives import functions as f
from tests.support.loops import for_each

inf, nan = math.inf, math.nan


def positive(x: Any, formula: Any, otherwise: Any = 0.0) -> Any:
    return f.where(f.greater(x, 0.0), formula, otherwise)


CASES = [
    pytest.param(lambda x: positive(x, f.sqrt(x)), [0, 4], [0, 0.25], [0, -1 / 32], id="an infinite slope"),
    pytest.param(lambda x: positive(x, f.sqrt(x)), [-1, 4], [0, 0.25], [0, -1 / 32], id="no value"),
    pytest.param(lambda x: positive(x, f.log(x)), [0, 2], [0, 0.5], [0, -0.25], id="a pole"),
    pytest.param(lambda x: positive(x, f.log(x)), [-1], [0], [0], id="no value alone"),
    pytest.param(lambda x: positive(-x, f.exp(x), x), [1000, 0], [1, 1], [0, 0], id="an overflow"),
    pytest.param(lambda x: positive(x, x**1.5), [0, 4], [0, 3], [0, 0.375], id="a slope whose slope is infinite"),
    pytest.param(lambda x: f.where(f.not_equal(x, 0.0), f.sin(x) / x, 1.0), [0], [0], [0], id="sin(x)/x at 0"),
    pytest.param(
        lambda x: positive(x, f.sqrt(f.log(x) + 1.0)), [0, 1], [0, 0.5], [0, -0.75], id="behind two functions"
    ),
    pytest.param(lambda x: f.relu(f.log(x)), [0, math.e], [0, math.exp(-1)], [0, -math.exp(-2)], id="behind relu"),
    pytest.param(lambda x: f.max(f.log(x), 0.5), [0, math.e], [0, math.exp(-1)], [0, -math.exp(-2)], id="behind max"),
    pytest.param(lambda x: f.clip(f.log(x), -1.0, 2.0), [0, 1], [0, 1], [0, -1], id="behind clip"),
    pytest.param(lambda x: f.log(x).masked_fill(x.data <= 0, 5.0), [-1, 2], [0, 0.5], [0, -0.25], id="filled"),
    pytest.param(lambda x: f.log(x)[1:], [0, 2], [0, 0.5], [0, -0.25], id="not in a slice"),
    pytest.param(lambda x: f.log(x)[[1, 1]], [-1, 2], [0, 1], [0, -0.5], id="not among indices"),
    pytest.param(lambda x: f.log(x)[x.data > 0], [-1, 2], [0, 0.5], [0, -0.25], id="behind a mask"),
    pytest.param(lambda x: f.log(x).max(), [0, 2], [0, 0.5], [0, -0.25], id="not the largest"),
    pytest.param(lambda x: f.log(x).split([1, 1])[1], [0, 2], [0, 0.5], [0, -0.25], id="in another part"),
    pytest.param(
        lambda x: positive(x, f.log(x).reshape(2, 1).T.reshape(2)), [0, 2], [0, 0.5], [0, -0.25], id="behind new shapes"
    ),
    pytest.param(
        lambda x: f.where([[1.0, 0.0], [1.0, 0.0]], f.log(x), 0.0), [2, 0], [1, 0], [-0.5, 0], id="behind broadcasting"
    ),
    pytest.param(lambda x: f.cat([f.log(x), x])[1:], [0, 2], [1, 1.5], [0, -0.25], id="in one of two parts"),
    pytest.param(lambda x: positive(x, f.log(x)).cumsum(0), [0, 2], [0, 0.5], [0, -0.25], id="before a running sum"),
    pytest.param(lambda x: positive(x, f.log(x)) @ np.ones((2, 2)), [0, 2], [0, 1], [0, -0.5], id="before a product"),
    pytest.param(lambda x: f.where([0.0, 1.0], x * [nan, 3.0], 0.0), [1, 2], [0, 3], [0, 0], id="missing data"),
    pytest.param(lambda x: f.where(0.0, x * inf, x), [1, 2], [1, 1], [0, 0], id="an infinite factor"),
]


@for_each(("function", "at", "first", "second"), CASES)
def test_nothing_flows_through_what_is_not_taken(function: Any, at: Any, first: Any, second: Any) -> None:
    x = Tensor(at, requires_grad=True)
    y = function(x)
    y.backward(np.ones(y.shape))
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.numpy(), first, rtol=1e-14, atol=1e-15)


@for_each(("function", "at", "first", "second"), CASES)
def test_nothing_flows_through_its_derivative_either(function: Any, at: Any, first: Any, second: Any) -> None:
    x = Tensor(at, requires_grad=True)
    y = function(x)
    y.backward(np.ones(y.shape), create_graph=True)
    slope, x.grad = x.grad, None
    assert slope is not None
    np.testing.assert_allclose(slope.detach().numpy(), first, rtol=1e-14, atol=1e-15)
    if slope.requires_grad:
        slope.sum().backward()
    found = [0.0] * len(at) if x.grad is None else x.grad.numpy()  # type: ignore[unreachable]
    np.testing.assert_allclose(found, second, rtol=1e-14, atol=1e-15)


@for_each(("function", "at", "first", "second"), CASES)
def test_nothing_goes_forward_through_what_is_not_taken(function: Any, at: Any, first: Any, second: Any) -> None:
    for i in range(len(at)):
        x = Tensor(at, requires_grad=True)
        moved = pushforward(function(x), {x: Tensor(np.eye(len(at))[i])})
        np.testing.assert_allclose(moved.detach().numpy().sum(), first[i], rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize(
    ("function", "at", "gradient"),
    [
        pytest.param(lambda x: 0.0 * f.sqrt(x), [0.0], [nan], id="a factor of zero is no branch"),
        pytest.param(lambda x: positive(x, f.log(x)) + f.log(x), [-1.0, 2.0], [nan, 1.0], id="another way to it"),
        pytest.param(
            lambda x: f.where([1.0, 0.0], f.log(x), 0.0), [-1.0, -1.0], [nan, 0.0], id="taken without a value"
        ),
    ],
)
def test_what_is_taken_flows(function: Any, at: Any, gradient: Any) -> None:
    x = Tensor(at, requires_grad=True)
    y = function(x)
    y.backward(np.ones(y.shape))
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.numpy(), gradient)


@for_each("create_graph", [False, True])
@for_each(
    "name",
    [
        "sum",
        "mean",
        "var",
        "std",
        "prod",
        "max",
        "norm",
        "logsumexp",
        "cumsum",
        "softmax",
        "log_softmax",
        "@",
        "linear",
    ],
)
def test_a_row_that_is_not_taken_sends_nothing_whatever_was_made_of_it(name: str, create_graph: bool) -> None:
    x = Tensor([[0.0, -1.0, 2.0], [1.0, 2.0, 3.0]], requires_grad=True)
    y = f.log(x)
    if name == "@":
        y = y @ np.ones((3, 2))
    elif name == "linear":
        y = f.linear(y, np.ones((2, 3)), np.ones(2))
    else:
        y = getattr(f, name)(y, axis=1)
    condition = np.array([0.0, 1.0]).reshape(2, *[1] * (y.ndim - 1))
    f.where(condition, y, 0.0).sum().backward(create_graph=create_graph)
    assert x.grad is not None
    assert x.grad.tolist()[0] == [0.0, 0.0, 0.0]
    assert np.isfinite(x.grad.detach().numpy()).all()


def test_a_masked_softmax_gives_masked_scores_no_derivative() -> None:
    scores = Tensor([[0.5, 1.0, 2.0], [1.0, 1.0, 1.0]], requires_grad=True)
    mask = np.array([[False, False, True], [True, True, True]])
    shares = scores.masked_fill(mask, -inf).softmax(axis=-1)
    assert shares.detach().numpy()[0, 2] == 0.0
    shares[0, 0].backward()
    assert scores.grad is not None
    assert scores.grad.numpy()[0, 2] == 0.0
    np.testing.assert_array_equal(scores.grad.numpy()[1], [0.0, 0.0, 0.0])
    assert np.isfinite(scores.grad.numpy()).all()
