"""`gradcli.eager.smoothing`: the operations of a smooth function; `tests/faults/test_kink_faults.py` has the table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradcli import Tensor
from gradcli.eager.smoothing import smooth
from gradcli.eager.sweeps import operations
from gradcli.primitives import functions as f


def names(tensor: Tensor) -> list[str]:
    return [node.grad_fn.name for node in operations(tensor) if node.grad_fn is not None]


@pytest.mark.parametrize(
    ("function", "wanted"),
    [
        (lambda x: abs(x) * 2.0 * abs(x), ["mul", "pow", "abs"]),
        (lambda x: f.cos(abs(x)), ["cos"]),
        (lambda x: f.norm(x, axis=0) * f.norm(x, axis=0), ["pow", "euclidean_norm"]),
        (lambda x: abs(x[[0, 0]]) * f.exp(abs(x[[0, 0]])), ["mul", "exp", "abs", "index", "abs", "index"]),
    ],
)
def test_what_changes_is_recorded_anew(function: Callable[[Tensor], Any], wanted: list[str]) -> None:
    x = Tensor([0.0, 3.0], requires_grad=True)
    result = function(x)
    smoothed = smooth(result, operations(result))
    assert sorted(names(smoothed)) == sorted(wanted)
    np.testing.assert_allclose(smoothed.tolist(), result.tolist())


def test_what_has_no_kink_or_keeps_it_is_returned_itself() -> None:
    x = Tensor([0.0, 3.0], requires_grad=True)
    for result in (f.sin(x) * 2.0, abs(x) + 1.0, f.norm(x) * 2.0):
        assert smooth(result, operations(result)) is result


def test_an_array_that_was_replaced_is_not_computed_with() -> None:
    x = Tensor([0.0, 3.0], requires_grad=True)
    result = abs(x) * abs(x)
    x.data = np.array([5.0, 6.0])
    assert smooth(result, operations(result)) is result
