"""Types of results: those of PyTorch, for arrays, single numbers and numbers of Python."""

from __future__ import annotations

import itertools
import operator
from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli.eager.promotion import common_dtype, rank_of

TYPES = ("bool", "uint8", "int32", "int64", "float16", "float32", "float64")


def test_categories() -> None:
    assert [rank_of(np.dtype(name)) for name in TYPES] == [0, 1, 1, 1, 2, 2, 2]
    assert rank_of("mlx.core.bool_") == 0


@pytest.mark.parametrize("operation", [operator.add, operator.mul, operator.truediv, operator.lt, operator.eq])
def test_operators_have_pytorchs_types(operation: Any) -> None:
    torch = pytest.importorskip("torch")
    torch.set_default_dtype(torch.float64)
    try:
        for first, second in itertools.product(TYPES, TYPES):
            for shapes in (((2,), (2,)), ((2,), ()), ((), (2,)), ((), ())):
                arrays = [np.ones(shape, name) for shape, name in zip(shapes, (first, second), strict=True)]
                theirs = operation(*[torch.tensor(array) for array in arrays])
                ours = operation(*[gradcli.tensor(array) for array in arrays])
                assert str(ours.dtype) == str(theirs.dtype).removeprefix("torch."), (first, second, shapes)
        for name, number in itertools.product(TYPES, (True, 2, 2.5)):
            theirs, ours = torch.tensor(np.ones(2, name)), gradcli.tensor(np.ones(2, name))
            for left, right in ((operation(theirs, number), operation(ours, number)),
                                (operation(number, theirs), operation(number, ours))):  # fmt: skip
                assert str(right.dtype) == str(left.dtype).removeprefix("torch."), (name, number)
                assert right.tolist() == left.tolist()
    finally:
        torch.set_default_dtype(torch.float32)


def test_a_number_of_python_changes_the_category_only() -> None:
    assert str(common_dtype([np.ones(2, "int8"), 3])) == "int8"
    assert str(common_dtype([np.ones(2, "int8"), 3.0])) == "float64"
    assert str(common_dtype([np.ones(2, "float16"), np.float64(3.0)])) == "float16"
    assert str(common_dtype([True, 2])) == "int64"
