"""Comparison of results that are arrays and tensors in containers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradcli.eager.trees import mapped


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


def both(call: Callable[[Any, Any], Any], arguments: Any) -> tuple[Any, Any]:
    """Return what PyTorch and gradcli compute.

    Args:
        call: a function of a namespace and of arguments.
        arguments: arrays in containers.
    """
    torch = pytest.importorskip("torch")
    import gradcli.torch as ours

    theirs = call(torch, mapped(torch.as_tensor, arguments))
    return call(ours, mapped(ours.as_tensor, arguments)), theirs
