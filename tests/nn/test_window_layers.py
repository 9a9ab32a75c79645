"""Convolutions as layers, beside PyTorch's."""

from __future__ import annotations

from typing import Any

import pytest

from gradcli import nn, randn
from gradcli.errors import ShapeError, UsageError
from tests.support.torch_modules import assert_same_module

CASES: dict[str, tuple[Any, Any]] = {
    "conv1d": (lambda n: n.Conv1d(2, 4, 3, stride=2, padding=1, groups=2), lambda t: [t(3, 2, 7)]),
    "conv1d of one size": (lambda n: n.Conv1d(2, 3, 2, padding="same", bias=False), lambda t: [t(2, 7)]),
    "conv2d": (lambda n: n.Conv2d(2, 3, 3, 1, "same", 2), lambda t: [t(1, 2, 6, 5)]),
    "conv2d with a border": (
        lambda n: n.Conv2d(2, 3, 3, padding=(1, 2), padding_mode="reflect"),
        lambda t: [t(2, 2, 6, 5)],
    ),
    "conv3d": (
        lambda n: n.Conv3d(2, 2, (1, 2, 2), padding="same", padding_mode="circular"),
        lambda t: [t(1, 2, 2, 4, 3)],
    ),
    "transposed": (
        lambda n: n.ConvTranspose2d(2, 4, 3, stride=2, padding=1, output_padding=1, groups=2),
        lambda t: [t(1, 2, 3, 4)],
    ),
    "transposed, 3 axes": (lambda n: n.ConvTranspose3d(1, 2, 2, dilation=2, bias=False), lambda t: [t(1, 2, 3, 2)]),
    "unfold": (lambda n: n.Unfold(2, padding=1), lambda t: [t(1, 2, 3, 4)]),
    "fold": (lambda n: n.Fold((3, 4), 2), lambda t: [t(1, 8, 6)]),
}


@pytest.mark.parametrize("name", CASES)
def test_a_layer_is_pytorchs(name: str) -> None:
    assert_same_module(*CASES[name], in_use=False)


def test_what_does_not_fit_is_refused_and_layers_tell_their_sizes() -> None:
    with pytest.raises(UsageError, match="3 and 4 channels can't be divided into 2 groups"):
        nn.Conv1d(3, 4, 2, groups=2)
    with pytest.raises(UsageError, match="padding_mode is zeros"):
        nn.ConvTranspose1d(3, 4, 2, padding_mode="reflect")
    with pytest.raises(ShapeError, match="a convolution of volumes"):
        nn.Conv3d(1, 1, 2)(randn(2, 2))
    assert repr(nn.Conv1d(2, 4, 3, padding=1)) == "Conv1d(2, 4, kernel_size=(3,), stride=(1,), padding=(1,))"
    assert repr(nn.Conv2d(1, 1, 2, padding_mode="circular", bias=False)) == (
        "Conv2d(1, 1, kernel_size=(2, 2), stride=(1, 1), bias=False, padding_mode=circular)"
    )


def test_an_output_size_chooses_among_the_sizes_of_a_transposed_convolution() -> None:
    layer = nn.ConvTranspose1d(1, 1, 3, stride=2)
    assert [layer(randn(1, 1, 4), output_size=[size]).shape[-1] for size in (9, 10)] == [9, 10]
    with pytest.raises(UsageError, match="an output of size"):
        layer(randn(1, 1, 4), output_size=[12])


def test_a_layer_is_made_in_another_type() -> None:
    layer = nn.Conv2d(1, 2, 3, dtype="float32")
    assert {str(one.dtype) for one in layer.parameters()} == {"float32"}
