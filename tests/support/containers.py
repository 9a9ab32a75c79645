"""Comparison of results that are arrays and tensors in containers."""

from __future__ import annotations

from typing import Any

import numpy as np


def same(found: Any, expected: Any) -> None:
    """Check that two results are equal in all containers."""
    if isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for key, one in expected.items():
            same(found[key], one)
    elif isinstance(expected, (tuple, list)):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            same(one, other)
    else:
        found, expected = [np.asarray(one.detach() if hasattr(one, "detach") else one) for one in (found, expected)]
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-13)
