"""Results lie at the beginning of registers, and large memory is used again."""

from __future__ import annotations

import gc
import itertools

import numpy as np
import pytest

from gradcli.execute import memory
from gradcli.execute.memory import fresh_arrays, near_pairs

LARGE = 1 << 18


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    gc.collect()
    memory._kept.clear()


@pytest.mark.parametrize("shape", [(0,), (1,), (1000,), (1001,), (3, 5), (LARGE + 1,), ()])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_arrays_are_aligned_contiguous_and_apart(shape: tuple[int, ...], dtype: str) -> None:
    arrays = fresh_arrays(3, shape, dtype)
    for i, array in enumerate(arrays):
        assert (array.shape, array.dtype) == (shape, np.dtype(dtype))
        assert array.ctypes.data % 64 == 0 or array.nbytes < LARGE
        assert array.flags.c_contiguous
        assert array.flags.writeable
        array[...] = i
    assert [np.unique(array).tolist() for array in arrays] == [[i] if arrays[0].size else [] for i in range(3)]


def test_memory_that_nobody_holds_is_used_again() -> None:
    first = fresh_arrays(2, (LARGE,), "float64")
    address = first[0].ctypes.data
    del first
    assert fresh_arrays(2, (LARGE,), "float64")[0].ctypes.data == address


@pytest.mark.parametrize("hold", [lambda array: array, lambda array: array[5:], lambda array: memoryview(array)])
def test_memory_that_somebody_holds_is_not(hold: object) -> None:
    first = fresh_arrays(2, (LARGE,), "float64")
    address, held = first[0].ctypes.data, hold(first[1])  # type: ignore[operator]
    del first
    assert fresh_arrays(2, (LARGE,), "float64")[0].ctypes.data != address
    del held


def test_only_so_much_is_kept() -> None:
    count = 2 * memory._MOST_KEPT // (8 * LARGE) + 1
    held = [fresh_arrays(1, (LARGE,), "float64") for _ in range(count)]
    del held
    assert 0 < sum(one.nbytes for one in memory._kept) <= memory._MOST_KEPT


def test_much_memory_is_not_given_to_few_numbers() -> None:
    first = fresh_arrays(8, (LARGE,), "float64")
    address = first[0].ctypes.data
    del first
    assert fresh_arrays(1, (LARGE,), "float64")[0].ctypes.data != address


@pytest.mark.parametrize("few", [0, 12])
def test_arrays_that_may_share_memory_are_found(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_FEW", few)
    table = np.zeros((20, 6))
    arrays = [table[:, 0], table[:, 3], table[2:4], table[4], table[10:, ::2], table[::-1, 5], table[:0], np.zeros(5)]
    arrays += [table[7, 2:4], table[7, 4:], np.zeros((3, 4)).T]
    expected = [
        (i, j)
        for (i, one), (j, other) in itertools.combinations(enumerate(arrays), 2)
        if np.may_share_memory(one, other)
    ]
    assert sorted(near_pairs(arrays)) == expected
