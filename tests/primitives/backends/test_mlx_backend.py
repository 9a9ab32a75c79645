"""MLX gives what NumPy gives, in every case and type.

MLX computes in 64 bits on the processor alone; what it has with 32 bits only is NumPy's, so that both agree to the
last digits.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli.eager.tensor import Tensor
from gradcli.primitives import functions as f
from gradcli.primitives.backends import use_backend
from tests.support.array_cases import POINTWISE, PRODUCTS, REDUCTIONS, SHAPES, WHERE, Case, pointwise_cases
from tests.support.array_checking import LAYOUTS, assert_same, by_forward_mode, by_reverse_mode, point_of
from tests.support.kernel_checking import backend
from tests.support.loops import for_each

#: Relative to the largest entry; a matrix product and a sum may add in another order.
TOLERANCE = 1e-12


def cases() -> list[Any]:
    named = [pytest.param([case], id=case.name) for case in (*REDUCTIONS, *SHAPES, *PRODUCTS, *WHERE)]
    return [*named, *[pytest.param(pointwise_cases(name), id=f"{name} of numbers") for name in POINTWISE]]


@for_each("several", cases())
def test_mlx_gives_values_and_derivatives_of_both_orders_and_modes_as_numpy(several: list[Case], mlx: Any) -> None:
    for case in several:
        for words in ("as they are", "backwards"):
            layout = LAYOUTS[words]
            use_backend("numpy")
            point = point_of(case, layout)
            wanted = by_reverse_mode(case, layout, point)
            use_backend("mlx")
            assert isinstance(layout.ours(Tensor(point.arrays[0])).array, mlx.array)
            assert_same(by_reverse_mode(case, layout, point), wanted, f"{case.name}, {words}", TOLERANCE)
            assert_same(by_forward_mode(case, layout, point), wanted, f"{case.name}, {words}, forward", TOLERANCE)


def test_tensors_on_mlx_are_used_as_those_on_numpy(mlx: Any) -> None:
    x = gradcli.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    assert isinstance(x.array, mlx.array)
    assert x.shape == (2, 2)
    assert (x.numel(), x.ndim, len(x)) == (4, 2, 2)
    (x.tanh() @ x + 2.0 * x[1:, [0, 0]] - np.ones(2)).sum().backward()
    assert x.grad is not None
    assert isinstance(x.grad.array, mlx.array)
    assert isinstance(x.grad.detach().numpy(), np.ndarray)
    assert repr(gradcli.tensor([1.0])) == "tensor([1.])"
    assert gradcli.tensor(2.5).item() == 2.5
    assert np.asarray(x.detach()).tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_constructors_make_arrays_of_the_chosen_library(mlx: Any) -> None:
    made = (gradcli.zeros(2), gradcli.ones(2), gradcli.full((2,), 3.0), gradcli.arange(2.0), gradcli.linspace(0, 1, 2),
            gradcli.eye(2), gradcli.randn(2, seed=1), gradcli.rand(2, seed=1))  # fmt: skip
    for x in made:
        assert isinstance(x.array, mlx.array)
        assert x.dtype == mlx.float64
    use_backend("numpy")
    assert gradcli.randn(2, seed=1).tolist() == made[6].tolist()


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_types_of_mlx_are_chosen_by_their_names(mlx: Any, dtype: str) -> None:
    x = Tensor([1.0, 2.0], requires_grad=True, dtype=dtype)
    y = (x * x).sum() * 2.0
    assert y.dtype == getattr(mlx, dtype)
    y.backward()
    assert x.grad is not None
    assert x.grad.dtype == getattr(mlx, dtype)
    assert x.half().float().double().dtype == mlx.float64


def test_strong_zeros_hold_on_mlx(mlx: Any) -> None:
    x = Tensor([0.0, -1.0, 4.0], requires_grad=True)
    f.where(f.greater(x, 0.0), f.sqrt(x), 0.0).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [0.0, 0.0, 0.25]


def test_the_array_of_the_caller_is_copied_to_mlx(mlx: Any) -> None:
    array = np.array([1.0, 2.0])
    x = Tensor(array)
    array[0] = 9.0
    assert x.tolist() == [1.0, 2.0]
    x.data = np.array([5.0, 6.0])
    assert isinstance(x.array, mlx.array)


def test_mlx_has_the_functions_of_numbers_that_it_lacks_and_no_others() -> None:
    used = backend("mlx")
    array = used.from_numpy(np.array([3.0, 8.0], "float32"))
    assert used.to_numpy(used.xp.hypot(array, 4.0))[0] == 5.0
    assert used.to_numpy(used.xp.cbrt(array))[1] == 2.0
    assert not hasattr(used.xp, "nanmedian")
    assert not hasattr(used.xp, "no_such_function")
