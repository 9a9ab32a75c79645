"""`gradcli.eager.sweeps`: no cycle, no recursion, nothing twice, and no array that was replaced."""

from __future__ import annotations

import gc
import math
from typing import Any

import numpy as np
import pytest

from gradcli.eager.pullback import pushforward
from gradcli.eager.tensor import Tensor
from tests.support.steps import steps


def gradient_of(leaf: Tensor) -> Any:
    assert leaf.grad is not None
    return leaf.grad.tolist()


def test_replacing_data_after_recording_does_not_change_the_derivative() -> None:
    x, w = Tensor([2.0], requires_grad=True), Tensor([5.0], requires_grad=True)
    loss = (x * w).exp().sum()
    w.data = np.array([100.0])
    x.data = np.array([-1.0])
    loss.backward()
    np.testing.assert_allclose(gradient_of(x), [5.0 * math.exp(10.0)])
    np.testing.assert_allclose(gradient_of(w), [2.0 * math.exp(10.0)])


def test_replaced_data_is_refused_where_a_derivative_of_the_derivative_needs_it() -> None:
    x = Tensor([2.0], requires_grad=True)
    y = (x * x).sum()
    x.data = np.array([3.0])
    with pytest.raises(
        RuntimeError,
        match=r"^the derivative of a derivative needs the array of an operand of <mul>, but this array",
    ):
        y.backward(create_graph=True)
    with pytest.raises(RuntimeError, match="operand of <mul>, but this array was replaced"):
        pushforward(y, {x: Tensor([1.0])})
    y.backward()
    assert gradient_of(x) == [4.0]


def test_a_cycle_built_by_hand_is_refused() -> None:
    x = Tensor(1.0, requires_grad=True)
    y = x * 2.0
    z = y + 1.0
    record = y._made_by
    assert record is not None
    y._made_by = (record[0], (z, None), *record[2:])
    for run in (z.backward, lambda: z.backward(create_graph=True), lambda: pushforward(z, {x: Tensor(1.0)})):
        with pytest.raises(RuntimeError, match=r"^the graph has a cycle: an operand of <mul> was changed"):
            run()  # type: ignore[operator]
    y._made_by = record


def test_an_operation_that_is_its_own_operand_is_refused() -> None:
    x = Tensor(1.0, requires_grad=True)
    y = x * 2.0
    record = y._made_by
    assert record is not None
    y._made_by = (record[0], (y, None), *record[2:])
    with pytest.raises(RuntimeError, match="cycle"):
        y.backward()
    y._made_by = record


def test_a_chain_of_100_000_operations_is_differentiated_twice_and_freed_without_recursion() -> None:
    x = Tensor(1.0, requires_grad=True)
    y = x
    for _ in range(100_000):
        y = y + x
    y.backward()
    assert gradient_of(x) == 100_001.0
    assert pushforward(y, {x: Tensor(1.0)}).item() == 100_001.0
    x.grad = None
    y.backward(create_graph=True)
    del y
    gc.collect()


def test_a_graph_with_much_sharing_is_swept_once() -> None:
    x = Tensor(1.0, requires_grad=True)
    y = x
    for _ in range(60):
        y = y + y
    steps(y.backward, most=100 * 60)
    assert gradient_of(x) == 2.0**60
