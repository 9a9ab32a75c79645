"""Numbers of new tensors: whole numbers and truth values keep their kind, as in PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli.eager.tensor_data import copied, plain


@pytest.mark.parametrize(
    ("data", "dtype"),
    [
        (1, "int64"), ([1, 2], "int64"), ([[True], [False]], "bool"), ([1, 2.5], "float64"), ([], "float64"),
        (np.array([1], "int32"), "int32"), (np.array([1.0], "float32"), "float32"), ([True, 2], "int64"),
        (gradcli.tensor([1, 2]), "int64"),
    ],
)  # fmt: skip
def test_the_type_of_a_new_tensor(data: Any, dtype: str) -> None:
    assert str(gradcli.tensor(data).dtype) == dtype


def test_an_array_is_copied_and_protected() -> None:
    array = np.array([1.0, 2.0])
    found = copied(array, None)
    array[0] = 9.0
    assert found.tolist() == [1.0, 2.0]
    assert not found.flags.writeable
    assert plain(3, found) == 3.0


def test_a_number_is_formatted_and_is_an_index_where_it_is_whole() -> None:
    i, x = gradcli.tensor(2), gradcli.tensor(2.5)
    assert f"{x:.2f} {x} {i}" == "2.50 2.5 2"
    assert ["a", "b", "c"][i] == "c"
    assert list(range(i)) == [0, 1]
    assert 2.5 in gradcli.tensor([1.0, 2.5])
    with pytest.raises(TypeError, match="only a single whole number is an index"):
        ["a"][x]
