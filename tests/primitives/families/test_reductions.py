"""Reductions of arrays: every case of the table against PyTorch and JAX, and the points where others go wrong."""

from __future__ import annotations

import math

import numpy as np
import pytest

import gradcli
from gradcli.eager.tensor import Tensor
from gradcli.primitives import functions as f
from gradcli.primitives.families.reductions import canonical_axis
from tests.support.array_cases import REDUCTIONS, Case
from tests.support.array_checking import assert_equals_jax, assert_equals_torch
from tests.support.loops import for_each

inf, nan = math.inf, math.nan


def by_name(case: Case) -> str:
    return case.name


@pytest.mark.filterwarnings("ignore:var|std:UserWarning")
@for_each("case", REDUCTIONS, ids=by_name)
def test_values_and_derivatives_of_both_orders_and_modes_equal_pytorchs(case: Case) -> None:
    assert_equals_torch(pytest.importorskip("torch"), case)


@pytest.mark.parametrize("case", [case for case in REDUCTIONS if case.jax], ids=by_name)
def test_values_and_derivatives_of_both_modes_equal_jaxs(case: Case) -> None:
    assert_equals_jax(pytest.importorskip("jax"), case)


def derivatives(function: object, at: object) -> tuple[object, object]:
    """The value of a function of one array and the gradient of the sum of it, as lists."""
    x = Tensor(at, requires_grad=True)
    y = function(x)  # type: ignore[operator]
    y.backward(np.ones(y.shape))
    assert x.grad is not None
    return y.tolist(), x.grad.tolist()


# Kinks, ends and infinities


@for_each(
    ("function", "at", "value", "gradient"),
    [
        pytest.param(
            lambda x: x.max(), [1, 3, 3, 0, 3], 3, [0, 1 / 3, 1 / 3, 0, 1 / 3], id="three largest share evenly"
        ),
        pytest.param(
            lambda x: f.min(x, axis=1), [[2, 2], [5, 1]], [2, 1], [[0.5, 0.5], [0, 1]], id="two smallest share"
        ),
        pytest.param(lambda x: x.max(), [-inf, -inf], -inf, [0.5, 0.5], id="minus infinities share"),
        pytest.param(lambda x: x.max(), [1, inf], inf, [0, 1], id="infinity is the largest"),
        pytest.param(lambda x: x.max(), [1, nan, 3], nan, [nan] * 3, id="nan is no extreme, and none has a derivative"),
        pytest.param(
            lambda x: f.max(x, axis=0), [[1, nan], [2, 3]], [2, nan], [[0, nan], [1, nan]], id="nan stays in its column"
        ),
        pytest.param(lambda x: x.norm(), [0, 0], 0, [0, 0], id="the norm at 0 has the subgradient of least norm"),
        pytest.param(
            lambda x: x.norm(axis=0), [[0, 3], [0, 4]], [0, 5], [[0, 0.6], [0, 0.8]], id="the norm of one column at 0"
        ),
        pytest.param(lambda x: f.norm(x, ord=1), [0, -2], 2, [0, -1], id="the 1-norm at 0"),
        pytest.param(lambda x: f.norm(x, ord=inf), [2, -2], 2, [0.5, -0.5], id="the largest absolute values share"),
        pytest.param(lambda x: x.norm(), [3e200, 4e200], 5e200, [0.6, 0.8], id="the norm of huge numbers"),
        pytest.param(lambda x: x.norm(), [3e-200, 4e-200], 5e-200, [0.6, 0.8], id="the norm of tiny numbers"),
        pytest.param(lambda x: x.norm(), [1, inf], inf, [0, nan], id="the norm of an infinity"),
        pytest.param(lambda x: x.norm(), [1, nan], nan, [nan, nan], id="the norm of nan"),
        pytest.param(lambda x: x.std(), [2, 2, 2], 0, [0, 0, 0], id="std of equal numbers"),
        pytest.param(lambda x: x.std(), [5], nan, [nan], id="std of one number has no value"),
        pytest.param(lambda x: x.var(), 5.0, nan, nan, id="var of one number has no value"),
        pytest.param(lambda x: x.var(correction=0), [5], 0, [0], id="var of a population of one"),
        pytest.param(lambda x: x.std(correction=0), [3e200, -3e200], 3e200, [0.5, -0.5], id="std of huge numbers"),
        pytest.param(lambda x: x.std(correction=0), [3e-200, -3e-200], 3e-200, [0.5, -0.5], id="std of tiny numbers"),
        pytest.param(lambda x: x.prod(), [2, 0, 5], 0, [0, 10, 0], id="prod with one zero"),
        pytest.param(lambda x: x.prod(), [2, 0, 0], 0, [0, 0, 0], id="prod with two zeros"),
        pytest.param(
            lambda x: x.prod(axis=0), [[2, 0], [3, 4]], [6, 0], [[3, 4], [2, 0]], id="prod with a zero in one column"
        ),
        pytest.param(
            lambda x: x.prod(), [1e-200, 1e-200, 1e300], 0, [1e100, 1e100, 0], id="prod on the way below the range"
        ),
        pytest.param(lambda x: x.prod(), [inf, 2], inf, [2, inf], id="prod with an infinity"),
        pytest.param(lambda x: f.logsumexp(x), [-inf, 0], 0, [0, 1], id="logsumexp without one summand"),
        pytest.param(lambda x: f.logsumexp(x), [-inf, -inf], -inf, [0, 0], id="logsumexp of zeros"),
        pytest.param(lambda x: f.logsumexp(x), [1e300, -1e300], 1e300, [1, 0], id="logsumexp of huge numbers"),
        pytest.param(lambda x: f.logsumexp(x), [1000, 1000], 1000 + math.log(2), [0.5, 0.5], id="logsumexp beyond exp"),
        pytest.param(lambda x: f.logsumexp(x), [inf, 0], inf, [1, 0], id="logsumexp of an infinity"),
        pytest.param(lambda x: f.logsumexp(x), [inf, inf, 0], inf, [0.5, 0.5, 0], id="logsumexp of two infinities"),
        pytest.param(lambda x: f.softmax(x)[1], [-inf, 0, 0], 0.5, [0, 0.25, -0.25], id="softmax of a masked element"),
        pytest.param(lambda x: f.softmax(x), [1000, -1000], [1, 0], [0, 0], id="softmax of huge numbers"),
        pytest.param(lambda x: f.softmax(x), [nan, 1], [nan, nan], [nan, nan], id="softmax of nan"),
        pytest.param(
            lambda x: f.log_softmax(x)[0], [1000, 1000], -math.log(2), [0.5, -0.5], id="log_softmax beyond exp"
        ),
        pytest.param(lambda x: f.log_softmax(x)[0], [0, -1000], 0, [0, 0], id="log_softmax of a sure thing"),
        pytest.param(
            lambda x: f.log_softmax(x)[1], [0, -1000], -1000, [-1, 1], id="log_softmax of an impossible thing"
        ),
        pytest.param(lambda x: f.log_softmax(x)[1], [-inf, 0], 0, [0, 0], id="log_softmax beside a masked element"),
        pytest.param(lambda x: x.sum(), [1, nan], nan, [1, 1], id="nan in a sum"),
        pytest.param(lambda x: f.cumsum(x), [1, inf, 2], [1, inf, inf], [3, 2, 1], id="infinity in a running sum"),
    ],
)
def test_points_where_a_formula_needs_care(function: object, at: object, value: object, gradient: object) -> None:
    got, slope = derivatives(function, at)
    np.testing.assert_allclose(got, value, rtol=1e-14, atol=0)  # type: ignore[arg-type]
    np.testing.assert_allclose(slope, gradient, rtol=1e-14, atol=1e-300)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("at", "hessian"),
    [
        ([2.0, 0.0, 5.0], [[0, 5, 0], [5, 0, 2], [0, 2, 0]]),
        ([2.0, 0.0, 0.0], [[0, 0, 0], [0, 0, 2], [0, 2, 0]]),
        ([0.0, 0.0, 0.0], [[0, 0, 0], [0, 0, 0], [0, 0, 0]]),
    ],
)
def test_the_second_derivatives_of_a_product_with_zeros_are_right(at: list[float], hessian: list[list[float]]) -> None:
    for row, wanted in enumerate(hessian):
        x = Tensor(at, requires_grad=True)
        x.prod().backward(create_graph=True)
        assert x.grad is not None
        slope, x.grad = x.grad[row], None
        slope.backward()
        assert x.grad is not None
        assert x.grad.tolist() == wanted


# No elements


@pytest.mark.parametrize(
    ("name", "value"),
    [("sum", 0.0), ("prod", 1.0), ("mean", nan), ("var", nan), ("std", nan), ("norm", 0.0), ("logsumexp", -inf)],
)
def test_a_reduction_of_nothing_has_the_value_of_its_empty_formula(name: str, value: float) -> None:
    np.testing.assert_equal(getattr(f, name)(gradcli.zeros(0)).item(), value)


@pytest.mark.parametrize("name", ["max", "min", "argmax", "argmin"])
def test_a_choice_from_nothing_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"^an array of shape \(2, 0\) has no elements$"):
        getattr(gradcli.zeros(2, 0), name)(axis=1)
    assert getattr(f, name)(gradcli.zeros(0, 2), axis=1).shape == (0,)


# Axes


def test_an_axis_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^axis 2 does not exist in an array of 2 dimensions$"):
        gradcli.ones(2, 3).sum(axis=2)
    with pytest.raises(ValueError, match=r"^axis -3 does not exist in an array of 2 dimensions$"):
        gradcli.ones(2, 3).softmax(axis=-3)
    with pytest.raises(ValueError, match=r"^axis=\(0, -2\) names an axis twice$"):
        gradcli.ones(2, 3).mean(axis=(0, -2))
    with pytest.raises(ValueError, match=r"^a running sum goes along one axis, not None$"):
        f.cumsum(gradcli.ones(2, 3), axis=None)


def test_a_number_has_a_first_and_last_axis() -> None:
    assert canonical_axis(0, 0) is None
    assert canonical_axis(-1, 0) is None
    assert gradcli.tensor(3.0).softmax(axis=-1).item() == 1.0
    assert gradcli.tensor(3.0).sum(axis=0).item() == 3.0


def test_no_axes_at_all_reduce_nothing() -> None:
    assert f.sum(gradcli.ones(2, 3), axis=()).shape == (2, 3)


@pytest.mark.parametrize("order", [0, -1, nan])
def test_a_norm_has_an_order_above_0(order: float) -> None:
    with pytest.raises(ValueError, match="a norm has an order above 0"):
        f.norm(gradcli.ones(3), ord=order)


# Types


@for_each("dtype", ["float16", "float32", "float64"])
@for_each("name", ["sum", "mean", "var", "std", "max", "prod", "norm", "logsumexp", "softmax", "log_softmax", "cumsum"])
def test_the_type_is_kept_in_value_and_gradient(name: str, dtype: str) -> None:
    x = Tensor([[1.0, 2.0], [3.0, 4.5]], requires_grad=True, dtype=dtype)
    y = getattr(f, name)(x, axis=-1)
    assert y.dtype == dtype
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.dtype == dtype
    x.grad = None
    getattr(f, name)(x, axis=-1).sum().backward(create_graph=True)
    assert x.grad is not None
    assert x.grad.dtype == dtype


def test_the_norm_of_small_floats_stays_in_their_range() -> None:
    assert Tensor([300.0, 400.0], dtype="float16").norm().item() == 500.0
    assert Tensor([3e30, 4e30], dtype="float32").norm().item() == pytest.approx(5e30, rel=1e-6)
    assert Tensor([3e-22, 4e-22], dtype="float32").norm().item() == pytest.approx(5e-22, rel=1e-6)
    assert Tensor([3e-4, 4e-4], dtype="float16").norm().item() == pytest.approx(5e-4, rel=1e-3)


def test_the_mean_of_half_precision_does_not_overflow_on_the_way() -> None:
    x = Tensor(np.full(1000, 100.0), requires_grad=True, dtype="float16")
    assert x.mean().item() == 100.0
    assert Tensor(np.full(1000, 100.0), dtype="float16").var().item() == 0.0


def test_the_product_of_many_elements_with_a_zero_is_differentiated_in_linear_memory() -> None:
    x = Tensor(np.where(np.arange(100_001) == 77, 0.0, 1.0), requires_grad=True)
    x.prod().backward()
    assert x.grad is not None
    assert x.grad.data.sum() == x.grad.data[77] == 1.0


def test_arrays_of_numpy_are_reduced_without_a_tensor() -> None:
    x = np.arange(6.0).reshape(2, 3)
    np.testing.assert_allclose(f.logsumexp(x, axis=1), np.log(np.exp(x).sum(axis=1)), rtol=1e-15)
    np.testing.assert_allclose(f.var(x, 0), x.var(axis=0, ddof=1))
