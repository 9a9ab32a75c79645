"""The names for the types of arrays."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest

from gradcli import array_types


@pytest.mark.parametrize(
    ("name", "number"), [("Array", Any), ("Booleans", np.bool_), ("Floats", np.float64), ("Indices", np.intp)]
)
def test_each_name_is_an_array_of_one_type_of_number(name: str, number: Any) -> None:
    _, dtype = get_args(getattr(array_types, name))
    assert get_args(dtype) == (number,)
    assert name in array_types.__all__
