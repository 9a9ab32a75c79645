"""Strong zeros on arrays: a branch that is not taken contributes exactly 0, though an infinite slope lies behind it."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from gradcli import Tensor, tensor
from gradcli.eager.pullback import pullback
from gradcli.primitives import functions as f

CASES = {
    "where": (lambda x: f.where(f.greater(x, 0.0), f.sqrt(x), 0.0).sum(), [0.0, 4.0, -1.0], [0.0, 0.25, 0.0]),
    "clip": (lambda x: f.clip(f.log(x), -100.0, math.inf).sum(), [0.0, 1.0], [0.0, 1.0]),
    "relu": (lambda x: f.relu(f.log(x)).sum(), [0.0, 2.0], [0.0, 0.5]),
    "max of an array": (lambda x: f.sqrt(x).max(), [0.0, 4.0], [0.0, 0.25]),
    "max of two": (lambda x: f.max(f.sqrt(x), 1.0).sum(), [0.0, 4.0], [0.0, 0.25]),
    "an index": (lambda x: f.sqrt(x)[1:].sum(), [0.0, 4.0], [0.0, 0.25]),
    "a chain through shapes": (
        lambda x: f.where(f.greater(x, 0.0), (f.sqrt(x) * 2 + 1).reshape(2, 2).T.T.reshape(4), 0.0).sum(),
        [0.0, 4.0, 1.0, 0.25],
        [0.0, 0.5, 1.0, 2.0],
    ),
    "a broadcast operand": (
        lambda x: f.where(f.greater(tensor([[1.0, 1.0], [0.0, 1.0]]), 0.0), f.sqrt(x), 0.0).sum(),
        [4.0, 4.0],
        [0.25, 0.5],
    ),
    "two branches of which one is taken": (
        lambda x: f.where(f.equal(x, 0.0), 3.0 * x, f.sin(x) / x).sum(),
        [0.0],
        [3.0],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_not_selected_contributes_exactly_zero_through(case: str) -> None:
    function, at, expected = CASES[case]
    x = tensor(at, requires_grad=True)
    function(x).backward()
    assert x.grad is not None
    assert x.grad.tolist() == expected


@pytest.mark.parametrize("case", CASES)
def test_the_same_holds_where_the_gradient_is_recorded(case: str) -> None:
    function, at, expected = CASES[case]
    x = tensor(at, requires_grad=True)
    (slope,) = pullback(function(x), 1.0, [x], create_graph=True)
    assert slope is not None
    assert slope.tolist() == expected


def test_the_second_derivative_is_zero_there_too() -> None:
    x = tensor([0.0, 4.0], requires_grad=True)
    y = f.where(f.greater(x, 0.0), f.sqrt(x), 0.0).sum()
    (slope,) = pullback(y, 1.0, [x], create_graph=True)
    assert slope is not None
    (second,) = pullback(slope.sum(), 1.0, [x])
    assert second is not None
    assert second.tolist() == [0.0, -0.03125]


@pytest.mark.parametrize(
    ("function", "at", "first"),
    [
        (lambda x: (f.sqrt(x) * f.cbrt(x)).sum(), [0.0, 1.0], math.nan),  # 0 times infinity on a branch that is taken
        (lambda x: f.where(f.greater_equal(x, 0.0), f.sqrt(x), 0.0).sum(), [0.0, 1.0], math.inf),
        (lambda x: f.log(x).sum(), [-1.0, 1.0], math.nan),
    ],
)
def test_a_cotangent_that_is_zero_by_itself_is_no_branch(
    function: Callable[[Tensor], Tensor], at: list[float], first: float
) -> None:
    x = tensor(at, requires_grad=True)
    function(x).backward()
    assert x.grad is not None
    assert x.grad.tolist()[0] == pytest.approx(first, nan_ok=True)
