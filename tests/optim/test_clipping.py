"""Clipping against PyTorch's."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli import Value
from gradcli.eager.tensor import Tensor
from gradcli.optim import clip_grad_norm_, clipped
from tests.support.loops import for_each

GRADIENTS = [np.array([[3.0, -4.0], [0.5, 1e-9]]), np.array(12.0), np.array([-1e-3, 7.0, 0.0])]


@for_each("limit", [0.0, 1e-3, 1.0, 14.7, 100.0])
@for_each("scale", [1.0, 0.0, 1e-7, 1e9, float("inf"), float("nan")])
def test_gradients_and_norm_are_those_of_pytorch(limit: float, scale: float) -> None:
    torch = pytest.importorskip("torch")
    with np.errstate(invalid="ignore"):
        arrays = [gradient * scale for gradient in GRADIENTS]
    ours = [Tensor(array, requires_grad=True) for array in arrays]
    theirs = [torch.nn.Parameter(torch.tensor(array)) for array in arrays]
    for one, other, array in zip(ours, theirs, arrays, strict=True):
        one.grad, other.grad = Tensor(array), torch.tensor(array)
    norm, expected = clip_grad_norm_(ours, limit), float(torch.nn.utils.clip_grad_norm_(theirs, limit))
    assert norm == pytest.approx(expected, rel=1e-14, nan_ok=True)
    for one, other in zip(ours, theirs, strict=True):
        assert one.grad is not None
        assert np.allclose(one.grad.numpy(), other.grad.numpy(), rtol=1e-13, atol=0, equal_nan=True)


def test_a_flat_gradient_is_clipped_without_being_changed() -> None:
    gradient = np.array([3.0, 4.0])
    (shorter,), norm = clipped([gradient], 1.0)
    assert norm == 5.0
    assert gradient.tolist() == [3.0, 4.0]
    assert np.linalg.norm(shorter) == pytest.approx(1.0, abs=1e-6)


def test_one_parameter_needs_no_list_and_those_without_a_gradient_count_nothing() -> None:
    x, y = Tensor([3.0, 4.0], True), Tensor([1.0], True)
    assert clip_grad_norm_([y], 1.0) == 0.0
    x.grad = Tensor([3.0, 4.0])
    assert clip_grad_norm_([x, y], 2.5) == 5.0
    assert y.grad is None
    assert x.grad.tolist() == pytest.approx([1.5, 2.0], rel=1e-6)
    assert clip_grad_norm_(x, 100.0) == pytest.approx(2.5, rel=1e-6)


def test_a_norm_that_16_bits_could_not_hold_is_right() -> None:
    x = Tensor([300.0, 400.0], True, dtype="float16")
    x.grad = Tensor([300.0, 400.0], dtype="float16")
    assert clip_grad_norm_([x], 1.0) == 500.0
    assert x.grad.tolist() == pytest.approx([0.6, 0.8], rel=1e-3)


def test_values_are_clipped_as_one_vector() -> None:
    x, y = Value(3.0), Value(4.0)
    (x * 3 + y * 4).backward()
    assert clip_grad_norm_([x, y], 1.0) == 5.0
    assert [x.grad, y.grad] == pytest.approx([0.6, 0.8], rel=1e-6)
