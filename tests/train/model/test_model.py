"""The description of a net."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from gradcli.train.data.datasets import make
from gradcli.train.data.rows import Data
from gradcli.train.model.design import describe
from gradcli.train.model.model import Model
from tests.support.loops import for_each


def numbers(inputs: list[list[float]], targets: list[float]) -> Data:
    columns = tuple(f"c{index}" for index in range(len(inputs[0])))
    return Data("t", columns, np.array(inputs, dtype=float), "y", np.array(targets, dtype=float), None)


def test_micrograd_s_net_has_337_parameters() -> None:
    model = describe(make("moons"), hidden=(16, 16))
    assert (model.sizes, model.count) == ((2, 16, 16, 1), 337)


def test_a_flat_vector_is_cut_neuron_by_neuron_and_put_together_again() -> None:
    model = describe(make("moons"), hidden=(3,))
    vector = np.arange(float(model.count))
    parts = model.matrices(vector)
    assert parts["layers.0.weight"].tolist() == [[0, 1], [3, 4], [6, 7]]
    assert parts["layers.0.bias"].tolist() == [2, 5, 8]
    assert parts["layers.1.weight"].tolist() == [[9, 10, 11]]
    assert parts["layers.1.bias"].tolist() == [12]
    assert {name: array.shape for name, array in parts.items()} == model.shapes()
    assert np.array_equal(model.flat(parts), vector)


def test_a_description_survives_json() -> None:
    for data in (make("moons"), numbers([[1.5, 2], [3, 4]], [0.1, 0.2])):
        model = describe(data, l2=0.1)
        assert Model.from_json(json.loads(json.dumps(model.to_json()))) == model


@for_each(
    ("field", "value"),
    [
        ("layers", []),
        ("layers", {"kind": "linear", "units": 1}),
        ("layers", [{"kind": "linear", "units": 0}]),
        ("layers", [{"kind": "linear", "units": 10**12}, {"kind": "linear", "units": 1}]),
        ("layers", [{"kind": "linear", "units": 99_999}] * 2 + [{"kind": "linear", "units": 1}]),
        ("layers", [{"kind": "linear", "units": 2}]),
        ("layers", [{"kind": "linear", "units": 2.5}]),
        ("layers", [{"kind": "linear", "units": True}]),
        ("layers", [{"kind": "linear"}]),
        ("layers", [{"kind": "conv2d", "channels": 1}]),
        ("features", ["x1", "x1"]),
        ("features", ["x3"]),
        ("image", [1, 2]),
        ("image", [1, 1, 3]),
        ("activation", "os.system"),
        ("activation", ["relu"]),
        ("activation", "hypot"),
        ("loss", "mae"),
        ("loss", 3),
        ("columns", ["x1"]),
        ("columns", ["x1", "x1"]),
        ("target", None),
        ("labels", ["a"]),
        ("labels", ["a", "a"]),
        ("labels", ["a", 1]),
        ("labels", None),
        ("input_mean", [0.0]),
        ("input_mean", [0.0, float("nan")]),
        ("input_mean", [0.0, 10**400]),
        ("input_scale", [1.0, 0.0]),
        ("input_scale", [1.0, -1.0]),
        ("target_scale", 0),
        ("l2", -1.0),
        ("l2", "1"),
        ("l2", None),
        ("surprise", 1),
    ],
)
def test_a_description_of_unknown_origin_is_checked_field_by_field(field: str, value: Any) -> None:
    description = describe(make("moons")).to_json() | {field: value}
    with pytest.raises(ValueError, match=r"\w"):
        Model.from_json(description)
