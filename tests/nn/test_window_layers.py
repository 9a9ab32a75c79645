"""Layers of windows, beside PyTorch's."""

from __future__ import annotations

from typing import Any

import pytest

from gradcli import nn
from gradcli.errors import UsageError
from tests.support.torch_modules import assert_same_module

CASES: dict[str, tuple[Any, Any]] = {
    "conv1d": (lambda n: n.Conv1d(2, 4, 3, stride=2, padding=1, groups=2), lambda t: [t(3, 2, 7)]),
    "conv1d of one size": (lambda n: n.Conv1d(2, 3, 2, padding="same", bias=False), lambda t: [t(2, 7)]),
    "conv2d": (lambda n: n.Conv2d(2, 3, 3, 1, "same", 2), lambda t: [t(1, 2, 6, 5)]),
    "max_pool1d": (lambda n: n.MaxPool1d(2, stride=1, padding=1, dilation=2), lambda t: [t(3, 2, 7)]),
    "max_pool2d": (lambda n: n.MaxPool2d(2, ceil_mode=True), lambda t: [t(3, 2, 5, 7)]),
    "avg_pool1d": (lambda n: n.AvgPool1d(3, padding=1), lambda t: [t(3, 2, 7)]),
    "avg_pool2d": (lambda n: n.AvgPool2d((2, 3), count_include_pad=False, padding=1), lambda t: [t(2, 2, 6, 7)]),
    "adaptive": (lambda n: n.AdaptiveAvgPool1d(3), lambda t: [t(2, 2, 7)]),
    "adaptive in two directions": (lambda n: n.AdaptiveAvgPool2d((2, 3)), lambda t: [t(2, 2, 5, 7)]),
    "prelu": (lambda n: n.PReLU(2), lambda t: [t(3, 2, 4)]),
}


@pytest.mark.parametrize("name", CASES)
def test_a_layer_is_pytorchs(name: str) -> None:
    assert_same_module(*CASES[name], in_use=False)


def test_what_does_not_fit_is_refused_and_layers_tell_their_sizes() -> None:
    with pytest.raises(UsageError, match="3 and 4 channels can't be divided into 2 groups"):
        nn.Conv1d(3, 4, 2, groups=2)
    assert repr(nn.Conv1d(2, 4, 3, padding=1)) == "Conv1d(2, 4, kernel_size=(3,), stride=(1,), padding=(1,))"
    assert repr(nn.AvgPool1d(2)) == "AvgPool1d(kernel_size=(2,), stride=(2,), padding=(0,))"
    assert repr(nn.AdaptiveAvgPool2d(1)) == "AdaptiveAvgPool2d(output_size=1)"
