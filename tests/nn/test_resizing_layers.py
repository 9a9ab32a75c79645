"""Borders and other sizes as layers, beside PyTorch's."""

from __future__ import annotations

from typing import Any

import pytest

from gradcli import nn, randn
from gradcli.errors import ShapeError, UsageError
from tests.support.torch_modules import assert_same_module

CASES: dict[str, tuple[Any, Any]] = {
    "zeros": (lambda n: n.ZeroPad2d((1, 2, 0, 1)), lambda t: [t(1, 2, 3, 4)]),
    "a number": (lambda n: n.ConstantPad1d(2, 0.5), lambda t: [t(2, 3)]),
    "reflected": (lambda n: n.ReflectionPad3d(1), lambda t: [t(1, 2, 2, 3, 3)]),
    "repeated": (lambda n: n.ReplicationPad2d((1, 3, 2, 0)), lambda t: [t(2, 3, 2)]),
    "circular": (lambda n: n.CircularPad1d((2, 1)), lambda t: [t(1, 2, 3)]),
    "upsample": (lambda n: n.Upsample(scale_factor=2, mode="bilinear"), lambda t: [t(1, 2, 3, 2)]),
    "upsampling": (lambda n: n.UpsamplingBilinear2d((4, 5)), lambda t: [t(1, 2, 3, 2)]),
    "nearest": (lambda n: n.UpsamplingNearest2d(scale_factor=3), lambda t: [t(1, 2, 3, 2)]),
    "shuffle": (lambda n: n.PixelShuffle(2), lambda t: [t(1, 8, 3, 2)]),
    "unshuffle": (lambda n: n.PixelUnshuffle(2), lambda t: [t(1, 2, 4, 2)]),
    "channels": (lambda n: n.ChannelShuffle(2), lambda t: [t(1, 4, 2, 2)]),
    "unflatten": (lambda n: n.Unflatten(1, (2, 3)), lambda t: [t(2, 6, 4)]),
}


@pytest.mark.parametrize("name", CASES)
def test_a_layer_is_pytorchs(name: str) -> None:
    assert_same_module(*CASES[name], in_use=False)


def test_layers_tell_their_sizes_and_refuse_what_does_not_fit() -> None:
    assert repr(nn.ZeroPad1d(1)) == "ZeroPad1d((1, 1))"
    assert repr(nn.ConstantPad1d(1, 2.0)) == "ConstantPad1d(padding=(1, 1), value=2.0)"
    assert repr(nn.Upsample(size=3)) == "Upsample(size=3, mode='nearest')"
    with pytest.raises(ShapeError, match="takes inputs with 3 or 4 axes"):
        nn.ReflectionPad2d(1)(randn(2, 2))
    with pytest.raises(UsageError, match="whole numbers"):
        nn.Unflatten(1, ("a", "b"))
