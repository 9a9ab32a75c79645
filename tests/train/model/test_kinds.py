"""Layers as data."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from gradcli.train.model.kinds import KINDS, LayerSpec, place

SAMPLES: dict[str, tuple[LayerSpec, tuple[int, ...], tuple[int, ...], int]] = {
    "linear": (LayerSpec("linear", 3), (5,), (3,), 18),
    "conv2d": (LayerSpec("conv2d", 4), (2, 7, 6), (4, 7, 6), 76),
    "max_pool2d": (LayerSpec("max_pool2d", 2), (2, 7, 6), (2, 3, 3), 0),
    "flatten": (LayerSpec("flatten"), (2, 7, 6), (84,), 0),
    "activation": (LayerSpec("activation"), (2, 7, 6), (2, 7, 6), 0),
    "dropout": (LayerSpec("dropout", 0.25), (5,), (5,), 0),
}


def test_every_kind_has_a_sample() -> None:
    assert set(SAMPLES) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_shapes_and_numbers_of_parameters_are_pytorch_s(kind: str) -> None:
    torch = pytest.importorskip("torch")
    layer, inputs, outputs, parameters = SAMPLES[kind]
    size = int(layer.size)
    modules: dict[str, Any] = {
        "linear": lambda: torch.nn.Linear(inputs[0], size),
        "conv2d": lambda: torch.nn.Conv2d(inputs[0], size, 3, padding=1),
        "max_pool2d": lambda: torch.nn.MaxPool2d(size),
        "flatten": torch.nn.Flatten,
        "activation": torch.nn.ReLU,
        "dropout": lambda: torch.nn.Dropout(layer.size),
    }
    module = modules[kind]()
    (placed,) = place(inputs, [layer])
    assert placed.outputs == outputs == tuple(module(torch.zeros(1, *inputs)).shape[1:])
    assert placed.stop - placed.start == parameters == sum(one.numel() for one in module.parameters())
    if placed.weights is not None:
        assert placed.weights == tuple(module.weight.shape)
        assert placed.stop - placed.start == math.prod(placed.weights) + placed.weights[0]


@pytest.mark.parametrize("kind", KINDS)
def test_a_layer_survives_json(kind: str) -> None:
    layer = SAMPLES[kind][0]
    assert LayerSpec.from_json(json.loads(json.dumps(layer.to_json()))) == layer


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"kind": "evil"},
        {"kind": ["linear"]},
        {"kind": "linear"},
        {"kind": "linear", "units": 0},
        {"kind": "linear", "units": 1.5},
        {"kind": "linear", "units": True},
        {"kind": "linear", "units": 10**9},
        {"kind": "linear", "units": 4, "bias": False},
        {"kind": "flatten", "units": 4},
        {"kind": "dropout", "share": 1.0},
        {"kind": "dropout", "share": -0.1},
        {"kind": "dropout", "share": float("nan")},
        {"kind": "dropout", "share": "0.5"},
    ],
    ids=str,
)
def test_a_layer_of_unknown_origin_is_checked(data: Any) -> None:
    with pytest.raises(ValueError, match=r"^(a|the) "):
        LayerSpec.from_json(data)


@pytest.mark.parametrize(
    ("inputs", "layer", "message"),
    [
        ((1, 8, 8), LayerSpec("linear", 3), "a linear layer needs a flat input"),
        ((64,), LayerSpec("conv2d", 3), "a convolution needs a picture"),
        ((64,), LayerSpec("max_pool2d", 2), "a pool needs a picture"),
        ((1, 8, 1), LayerSpec("max_pool2d", 2), "a pool is larger than its picture"),
    ],
)
def test_a_layer_that_does_not_fit_is_refused(inputs: tuple[int, ...], layer: LayerSpec, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        place(inputs, [layer])
