"""Further activations as functions, beside PyTorch's."""

from __future__ import annotations

from typing import Any

import pytest

from gradcli import randn
from gradcli.errors import ShapeError, UsageError
from gradcli.nn import pointwise
from tests.support.torch_names import assert_same

CASES: dict[str, Any] = {
    "straight lines": lambda t, x: [t.nn.functional.relu6(5 * x), t.nn.functional.hardswish(0.9 * x)],
    "exponentials": lambda t, x: [t.nn.functional.celu(x, 0.5), t.nn.functional.logsigmoid(30 * x)],
    "shrinkages": lambda t, x: [
        t.nn.functional.hardshrink(x, 1.0),
        t.nn.functional.softshrink(x, 0.75),
        t.nn.functional.tanhshrink(x),
        t.nn.functional.threshold(x, 0.75, -3.0),
    ],
    "halves": lambda t, x: [t.nn.functional.glu(x, dim=0), t.nn.functional.softmin(x, dim=1)],
    "weights": lambda t, x, v: [t.nn.functional.prelu(x, v), t.nn.functional.prelu(x, v[:1])],
}


@pytest.mark.parametrize("name", CASES)
def test_a_call_is_pytorchs(name: str) -> None:
    assert_same(CASES[name])


def test_what_has_no_meaning_is_refused() -> None:
    with pytest.raises(UsageError, match="which can't be 0"):
        pointwise.celu(randn(2), 0.0)
    with pytest.raises(UsageError, match="lambd is at least 0"):
        pointwise.softshrink(randn(2), -1.0)
    with pytest.raises(ShapeError, match="can't be halved"):
        pointwise.glu(randn(3))
    with pytest.raises(ShapeError, match="3 weights don't fit"):
        pointwise.prelu(randn(2, 4), randn(3))
