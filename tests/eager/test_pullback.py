"""Derivatives of recorded tensors with respect to any tensors."""

from __future__ import annotations

from typing import Any

from gradcli.eager.pullback import pullback, pushforward
from gradcli.eager.tensor import Tensor
from gradcli.primitives import functions as f


def gradient_of(leaf: Tensor) -> Any:
    assert leaf.grad is not None
    return leaf.grad.tolist()


def test_pullback_touches_no_grad_and_reaches_results_too() -> None:
    x = Tensor(3.0, requires_grad=True)
    y = x * x
    unrelated = Tensor(1.0, requires_grad=True)
    toward_y, toward_x, none = pullback(y * 2.0, 1.0, [y, x, unrelated])
    assert toward_y is not None
    assert toward_x is not None
    assert [toward_y.item(), toward_x.item(), none, x.grad] == [2.0, 12.0, None, None]


def test_pushforward_along_nothing_is_zero() -> None:
    x, y = Tensor([1.0, 2.0], requires_grad=True), Tensor(1.0, requires_grad=True)
    assert pushforward(x * 2.0, {y: Tensor(1.0)}).tolist() == [0.0, 0.0]
    assert pushforward(f.cat([x, y.reshape(1)]), {y: Tensor(5.0)}).tolist() == [0.0, 0.0, 5.0]
    assert pushforward(x, {x: Tensor([3.0, 4.0])}).tolist() == [3.0, 4.0]
