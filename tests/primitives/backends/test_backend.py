"""The table of array libraries: how one is chosen, and that MLX gives what NumPy gives in every case.

MLX computes in 64 bits on the processor alone; what it has with 32 bits only is NumPy's, so that both agree to the
last digits.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli.eager.tensor import Tensor
from gradcli.errors import UnavailableError, UsageError
from gradcli.primitives import functions as f
from gradcli.primitives.backends import BACKENDS, backend_named, common_backend, current_backend, use_backend
from tests.support.array_cases import POINTWISE, PRODUCTS, REDUCTIONS, SHAPES, WHERE, Case, pointwise_cases
from tests.support.array_checking import LAYOUTS, assert_same, by_forward_mode, by_reverse_mode, point_of

#: Relative to the largest entry; a matrix product and a sum may add in another order.
TOLERANCE = 1e-12


@pytest.fixture
def mlx() -> Iterator[Any]:
    core = pytest.importorskip("mlx.core")
    before = core.default_device()
    core.set_default_device(core.Device(core.cpu))
    try:
        use_backend("mlx")
        yield core
    finally:
        use_backend("numpy")
        core.set_default_device(before)


def cases() -> list[Any]:
    named = [pytest.param([case], id=case.name) for case in (*REDUCTIONS, *SHAPES, *PRODUCTS, *WHERE)]
    return [*named, *[pytest.param(pointwise_cases(name), id=f"{name} of numbers") for name in POINTWISE]]


@pytest.mark.parametrize("several", cases())
def test_mlx_gives_values_and_derivatives_of_both_orders_and_modes_as_numpy(several: list[Case], mlx: Any) -> None:
    for case in several:
        for words in ("as they are", "backwards"):
            layout = LAYOUTS[words]
            use_backend("numpy")
            point = point_of(case, layout)
            wanted = by_reverse_mode(case, layout, point)
            use_backend("mlx")
            assert isinstance(layout.ours(Tensor(point.arrays[0])).data, mlx.array)
            assert_same(by_reverse_mode(case, layout, point), wanted, f"{case.name}, {words}", TOLERANCE)
            assert_same(by_forward_mode(case, layout, point), wanted, f"{case.name}, {words}, forward", TOLERANCE)


def test_tensors_on_mlx_are_used_as_those_on_numpy(mlx: Any) -> None:
    x = gradcli.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    assert isinstance(x.data, mlx.array)
    assert x.shape == (2, 2)
    assert (x.size, x.ndim, len(x)) == (4, 2, 2)
    (x.tanh() @ x + 2.0 * x[1:, [0, 0]] - np.ones(2)).sum().backward()
    assert x.grad is not None
    assert isinstance(x.grad.data, mlx.array)
    assert isinstance(x.grad.numpy(), np.ndarray)
    assert repr(gradcli.tensor([1.0])) == "tensor([1.])"
    assert gradcli.tensor(2.5).item() == 2.5
    assert np.asarray(x).tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_constructors_make_arrays_of_the_chosen_library(mlx: Any) -> None:
    made = (gradcli.zeros(2), gradcli.ones(2), gradcli.full((2,), 3.0), gradcli.arange(2), gradcli.linspace(0, 1, 2),
            gradcli.eye(2), gradcli.randn(2, seed=1), gradcli.rand(2, seed=1))  # fmt: skip
    for x in made:
        assert isinstance(x.data, mlx.array)
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
    assert isinstance(x.data, mlx.array)


def test_tensors_stay_where_they_were_made(mlx: Any) -> None:
    on_mlx = Tensor([1.0, 2.0], requires_grad=True)
    use_backend("numpy")
    on_numpy = Tensor([1.0, 2.0], requires_grad=True)
    (on_mlx * 2.0).sum().backward()
    (on_numpy * 2.0).sum().backward()
    assert on_mlx.grad is not None
    assert on_numpy.grad is not None
    assert isinstance(on_mlx.grad.data, mlx.array)
    assert isinstance(on_numpy.grad.data, np.ndarray)


def test_a_backend_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(UsageError, match="unknown backend `cupy`") as caught:
        use_backend("cupy")
    assert "numpy, mlx" in str(caught.value.hint)
    assert current_backend().name == "numpy"


def test_without_its_package_a_backend_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mlx", None)
    monkeypatch.setitem(sys.modules, "mlx.core", None)
    with pytest.raises(UnavailableError, match="mlx"):
        BACKENDS["mlx"]()


def test_the_backend_of_plain_numbers_is_the_chosen_one() -> None:
    assert common_backend([1.0, np.ones(2)]) is backend_named("numpy")
    assert common_backend([1.0]) is current_backend()
    assert set(BACKENDS) == {"numpy", "mlx"}


@pytest.mark.parametrize("key", [0, slice(1, 2), (np.array([0, 0]),), (np.array([0, 0]), slice(None))])
def test_scatter_adds_what_falls_on_one_place(key: Any) -> None:
    values = np.ones((3, 2))[key]
    wanted = np.zeros((3, 2))
    np.add.at(wanted, key, values)
    np.testing.assert_array_equal(backend_named("numpy").scatter_add((3, 2), key, values), wanted)
