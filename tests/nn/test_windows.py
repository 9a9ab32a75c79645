"""Convolutions, beside PyTorch's; `benchmarks/opinfo.py` compares far more."""

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
    "conv3d": lambda t, x, y: t.nn.functional.conv3d(
        x.repeat(4, 1).view(1, 2, 2, 2, 3), y.view(1, 2, 1, 1, 3), padding=1
    ),
    "transposed": lambda t, x, y, v: [
        t.nn.functional.conv_transpose1d(x[None], y[:, :, None].expand(2, 3, 2), v, stride=2, output_padding=1),
        t.nn.functional.conv_transpose1d(x, y[:, None], padding=1, groups=2),
        t.nn.functional.conv_transpose2d(x[None, None], y[None, None], stride=(2, 3), dilation=2, padding=(1, 0)),
        t.nn.functional.conv_transpose3d(x[None, None, None], y[None, None, None], stride=2, output_padding=(1, 0, 1)),
    ],
    "columns": lambda t, x: t.nn.functional.unfold(x[None, None], (2, 2), padding=1, stride=2),
    "images": lambda t, x: t.nn.functional.fold(x.T.repeat(4, 3)[:4, :6][None], (3, 4), 2),
}


@pytest.mark.parametrize("name", CASES)
def test_a_call_is_pytorchs(name: str) -> None:
    assert_same(CASES[name])


def test_what_has_no_meaning_is_refused() -> None:
    for call, kind, message in [
        (lambda: windows.conv1d(randn(2, 2, 2, 2), randn(1, 2, 2)), ShapeError, "a convolution of series"),
        (lambda: windows.conv2d(randn(1, 4, 4), randn(1, 1, 2, 2), stride=2, padding="same"), UsageError, "no stride"),
        (lambda: windows.conv1d(randn(1, 4), randn(1, 1, 2, dtype="float32")), UsageError, "they should be the same"),
        (lambda: windows.conv_transpose1d(randn(1, 4), randn(1, 1, 2), output_padding=1), ShapeError, "isn't below"),
        (lambda: windows.conv_transpose1d(randn(1, 2), randn(1, 1, 2), padding=2), ShapeError, "cuts off all"),
        (lambda: windows.fold(randn(1, 3, 4), 3, 2), ShapeError, "aren't those of kernels"),
    ]:
        with pytest.raises(kind, match=message):
            call()
