"""Functions of windows, beside PyTorch's; `benchmarks/opinfo.py` compares far more."""

from __future__ import annotations

from typing import Any

import pytest

from gradcli import randn
from gradcli.errors import ShapeError, UsageError
from gradcli.nn import windows
from tests.support.torch_names import assert_same

CASES: dict[str, Any] = {
    "conv1d": lambda t, x, y, v: [
        t.nn.functional.conv1d(x[None], y[:, :, None].expand(2, 3, 2).transpose(0, 1)[:, :, :2], v, padding=1),
        t.nn.functional.conv1d(x, y[None], padding="same"),
        t.nn.functional.conv1d(x[None], y[:, None], stride=2, padding=2, dilation=2, groups=2),
    ],
    "means": lambda t, x: [
        t.nn.functional.avg_pool1d(x, 2, stride=1),
        t.nn.functional.avg_pool2d(x[None], (2, 3), padding=(1, 1), count_include_pad=False),
        t.nn.functional.avg_pool2d(x[None, None], 2, stride=2, ceil_mode=True, divisor_override=3),
    ],
    "largest": lambda t, x: [
        t.nn.functional.max_pool1d(x, 2, stride=1),
        *t.nn.functional.max_pool1d(x, 2, ceil_mode=True, return_indices=True),
    ],
    "parts": lambda t, x: [
        t.nn.functional.adaptive_avg_pool1d(x, 2),
        t.nn.functional.adaptive_avg_pool2d(x[None], (1, 2)),
        t.nn.functional.adaptive_max_pool1d(x, 2),
        t.nn.functional.adaptive_max_pool2d(x[None], (None, 1)),
    ],
    "borders": lambda t, x: [
        t.nn.functional.pad(x, (1, 2)),
        t.nn.functional.pad(x, (-1, 1, 0, 2), value=7.0),
        t.nn.functional.pad(x, (2, 1), mode="reflect"),
        t.nn.functional.pad(x, (2, 3), mode="replicate"),
        t.nn.functional.pad(x, (3, 1), mode="circular"),
        t.nn.functional.pad(x, (1, -2), mode="circular"),
    ],
    "columns": lambda t, x: t.nn.functional.unfold(x[None, None], (2, 2), padding=1, stride=2),
}


@pytest.mark.parametrize("name", CASES)
def test_a_call_is_pytorchs(name: str) -> None:
    assert_same(CASES[name])


def test_what_has_no_meaning_is_refused() -> None:
    for call, kind, message in [
        (lambda: windows.conv1d(randn(2, 2, 2, 2), randn(1, 2, 2)), ShapeError, "have three axes"),
        (lambda: windows.avg_pool1d(randn(1, 4), 2, padding=2), UsageError, "more than half of a kernel"),
        (lambda: windows.avg_pool2d(randn(1, 4, 4), 2, divisor_override=0), UsageError, "the divisor can't be 0"),
        (lambda: windows.adaptive_max_pool1d(randn(1, 4), 2, True), UsageError, "max_pool2d has them"),
        (lambda: windows.adaptive_avg_pool1d(randn(4), 2), ShapeError, "has no channels"),
        (lambda: windows.pad(randn(2), (1, 1), "mirror"), UsageError, "not 'mirror'"),
        (lambda: windows.pad(randn(2), (1,)), ShapeError, "there are two for each axis"),
        (lambda: windows.pad(randn(2), (2, 2), "reflect"), ShapeError, "too wide for an axis of length 2"),
    ]:
        with pytest.raises(kind, match=message):
            call()
