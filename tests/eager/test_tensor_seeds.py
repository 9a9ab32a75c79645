"""What the systems before this one promised for tensors: minigrad's whole list, and every bug that smolgrad has.

minigrad (MANU-CHAUHAN) only listed its operations.  smolgrad (smolorg) has them, with bugs; each is a test here.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli.eager.tensor import Tensor
from gradcli.primitives import functions as f


def gradients(function: Any, *arrays: Any) -> list[Any]:
    """The gradients of the sum of a function."""
    leaves = [Tensor(array, requires_grad=True) for array in arrays]
    function(*leaves).sum().backward()
    found = [leaf.grad for leaf in leaves]
    return [None if one is None else one.tolist() for one in found]


# minigrad's list

X = np.array([[0.5, -1.0, 2.0], [3.0, 0.25, -0.5]])
POSITIVE = np.abs(X) + 0.5
ROW, COLUMN = np.array([1.0, 2.0, 3.0]), np.array([[2.0], [0.5]])


@pytest.mark.parametrize(
    ("function", "operands", "theirs"),
    [
        pytest.param(lambda x: x.relu(), (X,), lambda t, x: t.relu(x), id="Relu"),
        pytest.param(lambda x: x.log(), (POSITIVE,), lambda t, x: t.log(x), id="Log"),
        pytest.param(lambda x: x.exp(), (X,), lambda t, x: t.exp(x), id="Exp"),
        pytest.param(lambda x: x.sum(axis=1), (X,), lambda t, x: x.sum(1), id="Sum with axis"),
        pytest.param(lambda x: x.max(axis=0).values, (X,), lambda t, x: x.amax(0), id="Max with axis"),
        pytest.param(lambda x, y: x + y, (X, ROW), lambda t, x, y: x + y, id="Add with broadcasting"),
        pytest.param(lambda x, y: x - y, (COLUMN, X), lambda t, x, y: x - y, id="Sub with broadcasting"),
        pytest.param(lambda x, y: x * y, (X, COLUMN), lambda t, x, y: x * y, id="Mul with broadcasting"),
        pytest.param(lambda x, y: x**y, (POSITIVE, ROW), lambda t, x, y: x**y, id="Pow with broadcasting"),
        pytest.param(lambda x: x.reshape(3, 2), (X,), lambda t, x: x.reshape(3, 2), id="Reshape"),
        pytest.param(lambda x: x.transpose(0, 1), (X,), lambda t, x: x.transpose(0, 1), id="Transpose"),
        pytest.param(lambda x: x[:, 1:], (X,), lambda t, x: x[:, 1:], id="Slice"),
        pytest.param(lambda x, y: x @ y, (X, X.T), lambda t, x, y: x @ y, id="Matmul"),
        pytest.param(
            lambda x, w: x.conv2d(w),
            (np.arange(32.0).reshape(1, 2, 4, 4), np.arange(24.0).reshape(3, 2, 2, 2)),
            lambda t, x, w: t.nn.functional.conv2d(x, w),
            id="Conv2D",
        ),
    ],
)
def test_every_operation_that_minigrad_listed_equals_pytorchs(function: Any, operands: Any, theirs: Any) -> None:
    torch = pytest.importorskip("torch")
    leaves = [Tensor(operand, requires_grad=True) for operand in operands]
    others = [torch.tensor(operand, requires_grad=True) for operand in operands]
    ours, value = function(*leaves), theirs(torch, *others)
    np.testing.assert_allclose(ours.detach().numpy(), value.detach().numpy(), rtol=1e-14)
    (ours * ours).sum().backward()
    (value * value).sum().backward()
    for leaf, other in zip(leaves, others, strict=True):
        assert leaf.grad is not None
        np.testing.assert_allclose(leaf.grad.numpy(), other.grad.numpy(), rtol=1e-13, atol=1e-13)


# smolgrad's numbers


def test_a_row_times_a_matrix_has_the_gradient_of_a_row() -> None:
    a = np.arange(1.0, 6.0)
    assert gradients(lambda x, y: x * y, a, np.tile(a, (5, 1))) == [
        [5.0, 10.0, 15.0, 20.0, 25.0],
        np.tile(a, (5, 1)).tolist(),
    ]


def test_a_product_of_two_parts_has_their_gradients_crossed() -> None:
    assert gradients(lambda x: f.mul(*x.split(2)), [1.0, 2.0, 3.0, 4.0]) == [[3.0, 4.0, 1.0, 2.0]]


def test_variances_and_the_standard_deviation() -> None:
    x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    variance = x.var(axis=1)
    assert variance.tolist() == [0.5, 0.5]
    variance.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [[-1.0, 1.0], [-1.0, 1.0]]
    assert x.std(correction=0).item() == pytest.approx(1.118033988749895, rel=1e-15)


def test_gelu_is_exact() -> None:
    assert Tensor(1.0).gelu().item() == 0.8413447460685429


def test_binary_cross_entropy_of_a_probability() -> None:
    p = Tensor(0.9)
    assert (-p.log()).item() == pytest.approx(0.1053605156578263, rel=1e-15)


# smolgrad's bugs


def test_a_column_and_a_row_broadcast_against_each_other() -> None:
    column, row = [[1.0], [2.0], [3.0]], [[1.0, 2.0, 3.0, 4.0]]
    assert gradients(lambda x, y: x + y, column, row) == [[[4.0]] * 3, [[3.0] * 4]]
    assert gradients(lambda x, y: x * y, column, row) == [[[10.0]] * 3, [[6.0] * 4]]


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_softmax_of_a_matrix_has_a_gradient(axis: int) -> None:
    (found,) = gradients(lambda x: x.softmax(axis=axis) * X, X)
    share = np.exp(X) / np.exp(X).sum(axis=axis, keepdims=True)
    np.testing.assert_allclose(found, share * (X - (share * X).sum(axis=axis, keepdims=True)), atol=1e-15)


def test_a_matrix_that_is_used_twice_adds_its_gradients() -> None:
    a = np.array([[1.0, 2.0], [3.0, 4.0]])
    (found,) = gradients(lambda x: x @ x + x, a)
    ones = np.ones((2, 2))
    np.testing.assert_array_equal(found, ones @ a.T + a.T @ ones + 1.0)


def test_a_product_of_stacks_of_matrices_sums_over_what_is_shared() -> None:
    stack, one = np.ones((3, 2, 2)), np.ones((2, 2))
    assert gradients(lambda x, y: x @ y, stack, one)[1] == [[6.0, 6.0], [6.0, 6.0]]


def test_tanh_has_a_gradient() -> None:
    (found,) = gradients(lambda x: x.tanh(), [0.0, 1.0])
    np.testing.assert_allclose(found, [1.0, 1.0 / np.cosh(1.0) ** 2], rtol=1e-15)


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        (0, [[1.0, 1.0], [0.0, 0.0]]),
        ((slice(None), 1), [[0.0, 1.0], [0.0, 1.0]]),
        ([0, 0], [[2.0, 2.0], [0.0, 0.0]]),
        (([0, 1], [1, 0]), [[0.0, 1.0], [1.0, 0.0]]),
    ],
)
def test_what_is_picked_has_a_gradient(key: Any, wanted: Any) -> None:
    assert gradients(lambda x: x[key], [[1.0, 2.0], [3.0, 4.0]]) == [wanted]


def test_the_mean_over_several_axes_divides_by_all_of_them() -> None:
    x = np.arange(24.0).reshape(2, 3, 4)
    assert Tensor(x).mean(axis=(1, 2)).tolist() == x.mean(axis=(1, 2)).tolist()
    (found,) = gradients(lambda x: x.mean(axis=(0, 2)), x)
    np.testing.assert_allclose(found, np.full((2, 3, 4), 1 / 8), rtol=1e-15)


def test_joined_arrays_have_gradients() -> None:
    assert gradients(lambda x, y: f.cat([x, y]) * [1.0, 2.0, 3.0], [1.0], [1.0, 1.0]) == [[1.0], [2.0, 3.0]]


def test_clip_changes_nothing_in_place() -> None:
    x = Tensor([-2.0, 0.5, 2.0], requires_grad=True)
    y = x.clip(-1.0, 1.0)
    assert x.tolist() == [-2.0, 0.5, 2.0]
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [0.0, 1.0, 0.0]


def test_a_transposed_array_sends_its_gradient_back_transposed() -> None:
    assert gradients(lambda x: x.T * np.arange(6.0).reshape(3, 2), X) == [[[0.0, 2.0, 4.0], [1.0, 3.0, 5.0]]]


def test_masked_fill_sends_nothing_to_what_it_filled() -> None:
    assert gradients(lambda x: x.masked_fill(gradcli.tensor([True, False]), 7.0), [1.0, 2.0]) == [[0.0, 1.0]]


def test_no_operation_changes_an_operand() -> None:
    x, y = gradcli.randn(3, 3, seed=1, requires_grad=True), gradcli.randn(3, 3, seed=2, requires_grad=True)
    before = x.tolist(), y.tolist()
    z = (x @ y + x * y - x / (y * y + 1.0)).tanh().softmax(axis=0).masked_fill(x.data > 0, 0.0)
    z.sum().backward()
    assert (x.tolist(), y.tolist()) == before
