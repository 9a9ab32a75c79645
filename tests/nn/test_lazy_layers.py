"""Layers that learn the size of their input from the first input."""

from __future__ import annotations

from typing import Any

import pytest

from gradcli import nn, randn

CASES: dict[str, tuple[Any, tuple[int, ...], str]] = {
    "LazyLinear": ((3,), (2, 5), "Linear(in_features=5, out_features=3, bias=True)"),
    "LazyConv2d": ((3, 2), (1, 4, 5, 5), "Conv2d(4, 3, kernel_size=(2, 2), stride=(1, 1))"),
    "LazyConvTranspose1d": ((3, 2), (4, 5), "ConvTranspose1d(4, 3, kernel_size=(2,), stride=(1,))"),
    "LazyBatchNorm1d": ((), (6, 4), "BatchNorm1d(4, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_layer_becomes_the_usual_one(name: str) -> None:
    arguments, shape, text = CASES[name]
    layer = getattr(nn, name)(*arguments).to("float32").eval()
    assert layer.parameters() == []
    x = randn(*shape, dtype="float32")
    found = layer(x)
    assert repr(layer) == text
    assert {str(one.dtype) for one in layer.parameters()} == {"float32"}
    assert not layer.training
    assert layer(x).tolist() == found.tolist()


def test_a_layer_tells_what_it_will_be_and_refuses_wrong_arguments() -> None:
    assert repr(nn.LazyConv1d(3, kernel_size=2)) == "LazyConv1d(3, kernel_size=2)"
    with pytest.raises(TypeError):
        nn.LazyLinear(3, width=2)
