"""The table of array libraries: how one is chosen, and which one an operation on several operands takes."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from gradcli.eager.tensor import Tensor
from gradcli.errors import UnavailableError, UsageError
from gradcli.primitives.backends import BACKENDS, backend_named, common_backend, current_backend, use_backend


def test_tensors_stay_where_they_were_made(mlx: Any) -> None:
    on_mlx = Tensor([1.0, 2.0], requires_grad=True)
    use_backend("numpy")
    on_numpy = Tensor([1.0, 2.0], requires_grad=True)
    (on_mlx * 2.0).sum().backward()
    (on_numpy * 2.0).sum().backward()
    assert on_mlx.grad is not None
    assert on_numpy.grad is not None
    assert isinstance(on_mlx.grad.array, mlx.array)
    assert isinstance(on_numpy.grad.array, np.ndarray)


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
