"""Products of arrays: every case of the table against PyTorch and JAX, ties of pooling, and refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli.eager.tensor import Tensor
from gradcli.primitives import functions as f
from tests.support.array_cases import PRODUCTS, Case
from tests.support.array_checking import assert_equals_jax, assert_equals_torch
from tests.support.loops import for_each


def by_name(case: Case) -> str:
    return case.name


@for_each("case", PRODUCTS, ids=by_name)
def test_values_and_derivatives_of_both_orders_and_modes_equal_pytorchs(case: Case) -> None:
    assert_equals_torch(pytest.importorskip("torch"), case)


@pytest.mark.parametrize("case", [case for case in PRODUCTS if case.jax], ids=by_name)
def test_values_and_derivatives_of_both_modes_equal_jaxs(case: Case) -> None:
    assert_equals_jax(pytest.importorskip("jax"), case)


def test_pixels_that_share_the_largest_value_of_a_window_share_its_derivative() -> None:
    x = Tensor(np.array([[[[1.0, 1.0, 0.0], [1.0, 0.0, 2.0]]]]), requires_grad=True)
    f.max_pool2d(x, 2, 1).sum().backward()
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.numpy()[0, 0], [[1 / 3, 1 / 3, 0], [1 / 3, 0, 1]], rtol=1e-15)


def test_a_border_of_pooling_never_wins_and_gets_nothing() -> None:
    x = Tensor(np.full((1, 1, 2, 2), -5.0), requires_grad=True)
    y = f.max_pool2d(x, 2, 1, 1)
    assert y.detach().numpy().max() == y.detach().numpy().min() == -5.0
    y.sum().backward()
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.numpy()[0, 0], np.full((2, 2), 9 / 4))


@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        (lambda o: o(2, 3) @ o(4, 5), r"^shapes \(2, 3\) and \(4, 5\) don't fit a product of matrices$"),
        (lambda o: o(2, 2, 3) @ o(3, 3, 4), r"^shapes \(2, 2, 3\) and \(3, 3, 4\) don't fit a product of matrices$"),
        (lambda o: o(3) @ o(4), r"^shapes \(3,\) and \(4,\) don't fit a product of matrices$"),
        (lambda o: o() @ o(3), r"^a product of matrices takes arrays, not shapes \(\) and \(3,\)$"),
        (lambda o: o(3) @ 2.0, r"^a product of matrices takes arrays, not shapes \(3,\) and \(\)$"),
        (lambda o: f.linear(o(2, 3), o(4, 5), o(4)), r"inputs of shape \(2, 3\) don't fit a weight of shape \(4, 5\)"),
        (lambda o: f.linear(o(2, 3), o(4, 3), o(3)), r"a bias of shape \(3,\) doesn't fit 4 outputs"),
        (lambda o: f.linear(o(2, 3), o(4, 5)), r"inputs of shape \(2, 3\) don't fit a weight of shape \(4, 5\)"),
        (
            lambda o: f.conv2d(o(1, 3, 5, 5), o(2, 4, 3, 3)),
            r"images of shape \(1, 3, 5, 5\) and a weight of shape \(2, 4, 3, 3\)",
        ),
        (lambda o: f.conv2d(o(3, 5, 5), o(2, 3, 3, 3)), r"not shapes \(3, 5, 5\) and \(2, 3, 3, 3\)"),
        (lambda o: f.conv2d(o(1, 1, 2, 2), o(1, 1, 3, 3)), r"\(3, 3\).*\(1, 1, 2, 2\)|\(1, 1, 2, 2\).*\(3, 3\)"),
        (
            lambda o: f.conv2d(o(1, 1, 2, 2), o(1, 1, 1, 1), stride=0),
            "a stride is one or two whole numbers of at least 1, not 0",
        ),
        (
            lambda o: f.conv2d(o(1, 1, 2, 2), o(1, 1, 1, 1), padding=-1),
            "a padding is one or two whole numbers of at least 0, not -1",
        ),
        (lambda o: f.conv2d(o(1, 2, 2, 2), o(3, 1, 1, 1), groups=2), "in 2 groups"),
        (lambda o: f.conv2d(o(1, 1, 2, 2), o(2, 1, 1, 1), o(3)), r"a bias of shape \(3,\) doesn't fit 2 outputs"),
        (lambda o: f.max_pool2d(o(1, 1, 2, 2), 3), r"\(3, 3\).*\(1, 1, 2, 2\)|\(1, 1, 2, 2\).*\(3, 3\)"),
    ],
)
def test_shapes_that_do_not_fit_are_named_with_the_operation(function: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        function(gradcli.ones)


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_the_type_is_kept_in_value_and_gradient(dtype: str) -> None:
    x = Tensor(np.ones((1, 2, 4, 4)), requires_grad=True, dtype=dtype)
    w = Tensor(np.ones((3, 2, 2, 2)), requires_grad=True, dtype=dtype)
    b = Tensor(np.zeros(3), requires_grad=True, dtype=dtype)
    y = f.max_pool2d(f.conv2d(x, w, b), 2).flatten(1)
    z = f.linear(y, y, Tensor(np.zeros(1), dtype=dtype))
    assert z.dtype == dtype
    z.sum().backward()
    for leaf in (x, w, b):
        assert leaf.grad is not None
        assert leaf.grad.dtype == dtype


@pytest.mark.parametrize("operation", ["matmul", "linear"])
def test_operands_of_two_types_give_each_a_gradient_of_its_own(operation: str) -> None:
    x = Tensor(np.ones((2, 3)), requires_grad=True, dtype="float32")
    w = Tensor(np.ones((3, 3)), requires_grad=True, dtype="float64")
    y = getattr(f, operation)(x, w)
    assert y.dtype == "float64"
    y.sum().backward()
    assert x.grad is not None
    assert w.grad is not None
    assert [x.grad.dtype, w.grad.dtype] == ["float32", "float64"]
