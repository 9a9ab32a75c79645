"""NumPy as a library of arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcli.primitives.backends import backend_named


@pytest.mark.parametrize("key", [0, slice(1, 2), (np.array([0, 0]),), (np.array([0, 0]), slice(None))])
def test_scatter_adds_what_falls_on_one_place(key: Any) -> None:
    values = np.ones((3, 2))[key]
    wanted = np.zeros((3, 2))
    np.add.at(wanted, key, values)
    np.testing.assert_array_equal(backend_named("numpy").scatter_add((3, 2), key, values), wanted)
