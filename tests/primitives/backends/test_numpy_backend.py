"""NumPy as a library of arrays: its types by name, its sums, and arrays that nobody may change."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from gradcli.errors import GradcliError
from gradcli.primitives.backends import backend_named
from tests.support.loops import for_each

NUMPY = backend_named("numpy")


@pytest.mark.parametrize("key", [0, slice(1, 2), (np.array([0, 0]),), (np.array([0, 0]), slice(None))])
def test_scatter_adds_what_falls_on_one_place(key: Any) -> None:
    values = np.ones((3, 2))[key]
    wanted = np.zeros((3, 2))
    np.add.at(wanted, key, values)
    np.testing.assert_array_equal(NUMPY.scatter_add((3, 2), key, values), wanted)


@pytest.mark.parametrize("name", ["float32", "torch.float32", np.float32, np.dtype("float32")])
def test_a_type_may_be_named_as_any_library_names_it(name: Any) -> None:
    assert NUMPY.dtype(name) == np.dtype("float32")


@pytest.mark.parametrize("name", ["float33", "cuda", ""])
def test_what_is_no_type_of_numbers_is_refused(name: str) -> None:
    with pytest.raises((GradcliError, TypeError), match="there is no type of numbers"):
        NUMPY.dtype(name)


def test_a_type_that_numpy_only_stores_is_refused() -> None:
    pytest.importorskip("ml_dtypes")  # it enters bfloat16 into NumPy
    with pytest.raises(TypeError, match="there is no type of numbers"):
        NUMPY.dtype("bfloat16")


@for_each("dtype", ["float16", "float32", "float64", "int64"])
@for_each("shape", [(), (5,), (3, 4), (0, 2), (2000,), (2, 3, 4)])
def test_a_sum_is_numpy_s_to_rounding_and_keeps_the_type(shape: tuple[int, ...], dtype: str) -> None:
    array = np.random.default_rng(0).uniform(1, 9, shape).astype(dtype)
    for axis in (None, *range(len(shape))):
        for keepdims in (False, True):
            found, wanted = NUMPY.sum(array, axis, keepdims), array.sum(axis=axis, keepdims=keepdims, dtype=dtype)
            assert np.shape(found) == wanted.shape
            assert found.dtype == dtype
            assert np.allclose(found, wanted, rtol=1e-3 if dtype == "float16" else 1e-6)


def test_a_sum_of_many_numbers_is_as_accurate_as_numpy_s() -> None:
    array = np.full(100_000, 0.1)
    assert abs(NUMPY.sum(array, None, False) - math.fsum(array)) <= 2e-11


@pytest.mark.parametrize(
    ("arrays", "wanted"),
    [
        ([[1.0, 2.0], [3.0]], False),
        ([[1.0, math.nan], [3.0]], True),
        ([[1.0], [3.0, math.nan]], True),
        ([[math.inf, -math.inf], [1.0]], False),
        ([[1e200, -1e200]], False),
        ([], False),
    ],
)
def test_a_nan_is_found_and_an_infinity_is_none(arrays: list[list[float]], wanted: bool) -> None:
    with np.errstate(all="ignore"):
        assert NUMPY.has_nan([np.array(one) for one in arrays]) is wanted


def test_an_array_that_is_frozen_can_not_be_written_to() -> None:
    array = NUMPY.freeze(np.ones(2))
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 2.0
