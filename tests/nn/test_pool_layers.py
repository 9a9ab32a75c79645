"""Pools as layers, beside PyTorch's."""

from __future__ import annotations

from typing import Any

import pytest

from gradcli import nn, randn
from gradcli.errors import ShapeError, UsageError
from tests.support.torch_modules import assert_same_module

CASES: dict[str, tuple[Any, Any]] = {
    "max_pool1d": (lambda n: n.MaxPool1d(2, stride=1, padding=1, dilation=2), lambda t: [t(3, 2, 7)]),
    "max_pool2d": (lambda n: n.MaxPool2d(2, ceil_mode=True), lambda t: [t(3, 2, 5, 7)]),
    "max_pool3d": (lambda n: n.MaxPool3d((1, 2, 2), return_indices=True), lambda t: [t(1, 2, 2, 4, 5)]),
    "avg_pool1d": (lambda n: n.AvgPool1d(3, padding=1), lambda t: [t(3, 2, 7)]),
    "avg_pool2d": (lambda n: n.AvgPool2d((2, 3), count_include_pad=False, padding=1), lambda t: [t(2, 2, 6, 7)]),
    "avg_pool3d": (lambda n: n.AvgPool3d(2, 1), lambda t: [t(2, 2, 3, 3)]),
    "powers": (lambda n: n.LPPool2d(2, (2, 3)), lambda t: [t(2, 2, 4, 6)]),
    "adaptive": (lambda n: n.AdaptiveAvgPool1d(3), lambda t: [t(2, 2, 7)]),
    "adaptive in two directions": (lambda n: n.AdaptiveAvgPool2d((2, 3)), lambda t: [t(2, 2, 5, 7)]),
    "adaptive, the largest": (lambda n: n.AdaptiveMaxPool3d((1, 2, None), True), lambda t: [t(1, 2, 3, 4, 3)]),
}


@pytest.mark.parametrize("name", CASES)
def test_a_layer_is_pytorchs(name: str) -> None:
    assert_same_module(*CASES[name], in_use=False)


def test_pools_tell_their_sizes_and_go_back() -> None:
    assert repr(nn.AvgPool1d(2)) == "AvgPool1d(kernel_size=(2,), stride=(2,), padding=(0,))"
    assert repr(nn.AdaptiveAvgPool2d(1)) == "AdaptiveAvgPool2d(output_size=1)"
    x = randn(1, 1, 6)
    found, places = nn.MaxPool1d(2, return_indices=True)(x)
    back = nn.MaxUnpool1d(2)(found, places)
    assert back.shape == (1, 1, 6)
    assert back.max().item() == x.max().item()
    assert nn.FractionalMaxPool2d(2, output_ratio=0.5)(randn(1, 2, 8, 8)).shape == (1, 2, 4, 4)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(UsageError, match="a kernel is one whole number"):
        nn.MaxPool1d(0)
    with pytest.raises(UsageError, match="either an output_size"):
        nn.FractionalMaxPool2d(2)
    with pytest.raises(ShapeError, match="have 4 axes"):
        nn.AvgPool2d(2)(randn(2, 2))
