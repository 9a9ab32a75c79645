"""Functions that move elements: the table of cases against PyTorch and JAX, indices against NumPy, and refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as numpy_strategies

import gradcli
from gradcli.eager.tensor import Tensor
from gradcli.primitives import functions as f
from tests.support.array_cases import SHAPES, Case
from tests.support.array_checking import assert_equals_jax, assert_equals_torch
from tests.support.loops import for_each


def by_name(case: Case) -> str:
    return case.name


@for_each("case", SHAPES, ids=by_name)
def test_values_and_derivatives_of_both_orders_and_modes_equal_pytorchs(case: Case) -> None:
    assert_equals_torch(pytest.importorskip("torch"), case)


@pytest.mark.parametrize("case", [case for case in SHAPES if case.jax], ids=by_name)
def test_values_and_derivatives_of_both_modes_equal_jaxs(case: Case) -> None:
    assert_equals_jax(pytest.importorskip("jax"), case)


# Indices


@given(numpy_strategies.basic_indices((3, 4, 5), allow_newaxis=True))
def test_every_basic_index_picks_what_numpy_picks_and_sends_its_derivative_there(key: Any) -> None:
    array = np.arange(60.0).reshape(3, 4, 5)
    x = Tensor(array, requires_grad=True)
    part = x[key]
    np.testing.assert_array_equal(part.detach().numpy(), array[key])
    part.backward(np.ones(part.shape))
    wanted = np.zeros((3, 4, 5))
    wanted[key] = 1.0
    assert x.grad is not None
    np.testing.assert_array_equal(x.grad.detach().numpy(), wanted)


@given(numpy_strategies.integer_array_indices((3, 4)))
def test_every_index_of_arrays_accumulates_in_repeated_places(key: Any) -> None:
    array = np.arange(12.0).reshape(3, 4)
    x = Tensor(array, requires_grad=True)
    part = x[key]
    np.testing.assert_array_equal(part.detach().numpy(), array[key])
    part.backward(np.ones(part.shape))
    wanted = np.zeros((3, 4))
    np.add.at(wanted, key, 1.0)
    assert x.grad is not None
    np.testing.assert_array_equal(x.grad.detach().numpy(), wanted)


@pytest.mark.parametrize(
    "key",
    [
        Tensor([2, 0, 2], dtype="int64"),
        Tensor([2.0, 0.0, 2.0]),
        np.array([2, 0, 2], np.int32),
        np.array([2, 0, 2], np.uint8),
        [2, 0, 2],
        range(2, -1, -2),
    ],
    ids=["an integer tensor", "whole floats", "int32", "uint8", "a list", "a range"],
)
def test_whole_numbers_of_any_kind_are_an_index(key: Any) -> None:
    x = Tensor(np.arange(6.0).reshape(3, 2), requires_grad=True)
    wanted = [2, 0] if isinstance(key, range) else [2, 0, 2]
    assert x[key].tolist() == x.detach().numpy()[wanted].tolist()


@pytest.mark.parametrize(
    "scalar", [np.int64(1), np.array(1), Tensor(1, dtype="int64"), Tensor(1.0), True, np.bool_(True)]
)
def test_a_scalar_index_means_what_it_means_to_numpy(scalar: Any) -> None:
    array = np.arange(6.0).reshape(3, 2)
    plain = scalar.detach().numpy().astype(int) if isinstance(scalar, Tensor) else scalar
    assert Tensor(array)[scalar].tolist() == array[plain].tolist()


def test_truth_values_of_a_comparison_are_an_index_when_they_are_an_array() -> None:
    x = Tensor([1.0, -2.0, 3.0], requires_grad=True)
    x[x.data > 0].sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [1.0, 0.0, 1.0]


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        (5, r"^an array of shape \(3, 2\): index 5 is out of bounds"),
        ((0, 0, 0), r"^an array of shape \(3, 2\): too many indices"),
        ([0, 7], r"^an array of shape \(3, 2\): index 7 is out of bounds"),
        (1.5, "^an index is a whole number, a slice or an array of these$"),
        ([0.5], "^an index is a whole number, a slice or an array of these$"),
        ("a", "^an index is a whole number, a slice or an array of these$"),
        (np.zeros((2, 2), bool), r"^truth values of shape \(2, 2\) don't fit an array of shape \(3, 2\)$"),
        (np.array([[0.0, 1.0], [1.0, 1.0], [0.0, 0.0]]), "^these zeros and ones may be truth values"),
        ((slice(None), np.array([0.0, 1.0])), "^these zeros and ones may be truth values"),
        ((Ellipsis, np.zeros(3, bool)), r"^truth values of shape \(3,\) don't fit an array of shape \(3, 2\)$"),
    ],
)
def test_an_index_that_does_not_fit_is_refused(key: Any, sentence: str) -> None:
    with pytest.raises(IndexError, match=sentence):
        gradcli.ones(3, 2)[key]


def test_the_result_of_a_comparison_is_no_index_by_mistake() -> None:
    x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    with pytest.raises(IndexError, match=r"write x\[mask.detach\(\).numpy\(\) > 0\]"):
        x[f.greater(x, 2.0)]
    assert x[x > 2].tolist() == [3.0, 4.0]
    assert x[(x > 2).detach().numpy() > 0].tolist() == [3.0, 4.0]
    assert x[Tensor([0, 1], dtype="int64")].tolist() == x[Tensor([0.0, 1.0, 1.0])].tolist()[:2]


# Refusals name the shapes


@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        (lambda x: x.reshape(4, 2), r"an array of shape \(2, 3\) can't be reshaped to \(4, 2\)"),
        (lambda x: x.reshape(-1, -1), r"can't be reshaped to \(-1, -1\)"),
        (lambda x: x.reshape(-2, -3), r"can't be reshaped to \(-2, -3\)"),
        (lambda x: x.reshape(2.5), "the shape .* contains a number that is not whole"),
        (lambda x: x.expand(2, 4), r"an array of shape \(2, 3\) can't be expanded to \(2, 4\)"),
        (lambda x: x.expand(3), r"an array of shape \(2, 3\) can't be expanded to \(3,\)"),
        (lambda x: x.permute(0, 0), r"\(0, 0\) isn't an order of the axes of an array of shape \(2, 3\)"),
        (lambda x: x.permute(0, 2), r"\(0, 2\) isn't an order of the axes of an array of shape \(2, 3\)"),
        (lambda x: x.transpose(0, 2), r"axis 2 does not exist in an array of 2 dimensions"),
        (lambda x: x.pad(((1, 1),)), r"aren't widths before and after each axis of an array of shape \(2, 3\)"),
        (lambda x: x.pad(-1), "aren't widths"),
        (lambda x: f.cat([x, x.T]), r"shapes \(2, 3\) and \(3, 2\) can't be joined along axis 0"),
        (lambda x: f.cat([x, x], 2), "axis 2 does not exist in an array of 2 dimensions"),
        (lambda x: f.cat([]), "^cat"),
        (lambda x: f.cat([x.sum(), x.sum()]), "^numbers are stacked, not joined$"),
        (lambda x: f.stack([x, x.T]), r"shapes \(2, 3\) and \(3, 2\) can't be stacked along axis 0"),
        (lambda x: f.split(x, 4, 1), "an axis of length 3 can't be split into 4 equal parts"),
        (lambda x: x.split([1, 1], 1), r"parts of lengths \[1, 1\] don't fill an axis of length 3"),
        (lambda x: x.split(1, 2), "axis 2 does not exist in an array of 2 dimensions"),
        (lambda x: f.squeeze(x, 0), r"an array of shape \(2, 3\) can't be squeezed along axis 0"),
        (lambda x: x.squeeze(5), "axis 5 does not exist in an array of 2 dimensions"),
        (lambda x: x.unsqueeze(4), "axis 4 does not exist in an array of 3 dimensions"),
        (lambda x: x.flatten(3), "axis 3 does not exist in an array of 2 dimensions"),
    ],
)
def test_a_shape_that_does_not_fit_is_refused_in_a_sentence(function: Any, sentence: str) -> None:
    with pytest.raises((ValueError, TypeError), match=sentence):
        function(gradcli.ones(2, 3, requires_grad=True))


# Types


def test_a_gradient_flows_back_through_half_in_the_original_type() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True, dtype="float32")
    half = x.half()
    assert half.dtype == "float16"
    (half * half).sum().backward()
    assert x.grad is not None
    assert x.grad.dtype == "float32"
    assert x.grad.tolist() == [2.0, 4.0]


def test_float_and_double_and_to_change_the_type() -> None:
    x = Tensor([1.0], dtype="float16")
    assert [x.float().dtype, x.double().dtype, x.to(np.float32).dtype] == ["float32", "float64", "float32"]
    assert x.to("float16") is x


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_the_type_is_kept_where_arrays_are_put_together_and_taken_apart(dtype: str) -> None:
    x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True, dtype=dtype)
    for y in (x[0], x.pad(1), f.cat([x, x]), f.stack([x, x]), x.masked_fill(x.data > 2, 0.0), x.T, x.flatten()):
        assert y.dtype == dtype
        x.grad = None
        y.sum().backward()
        assert x.grad is not None
        assert x.grad.dtype == dtype
