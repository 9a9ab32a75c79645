"""Initialisers: PyTorch's distributions, and streams that stay as they are."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from gradcli.nn import INITIALIZERS, Layer
from gradcli.nn.initializers import fans
from tests.support.loops import for_each

SHAPES = [(40, 50), (12, 6, 5, 5)]

#: Name -> what PyTorch does to a tensor.
PEERS: dict[str, Any] = {
    "uniform": lambda init, x: init.uniform_(x, -1, 1),
    "normal": lambda init, x: init.normal_(x),
    "xavier": lambda init, x: init.xavier_uniform_(x),
    "xavier_uniform": lambda init, x: init.xavier_uniform_(x),
    "xavier_normal": lambda init, x: init.xavier_normal_(x),
    "he": lambda init, x: init.kaiming_normal_(x),
    "kaiming_normal": lambda init, x: init.kaiming_normal_(x),
    "kaiming_uniform": lambda init, x: init.kaiming_uniform_(x),
    "pytorch": lambda init, x: init.kaiming_uniform_(x, a=5**0.5),
    "lecun": lambda init, x: init.kaiming_normal_(x, nonlinearity="linear"),
    "zeros": lambda init, x: init.zeros_(x),
    "ones": lambda init, x: init.ones_(x),
}


@for_each("name", INITIALIZERS)
@for_each("shape", SHAPES, ids=str)
@for_each("make", [random.Random, np.random.default_rng])
def test_weights_are_distributed_as_pytorch_s(name: str, shape: tuple[int, ...], make: Any) -> None:
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    peer = np.concatenate(
        [PEERS[name](torch.nn.init, torch.empty(shape)).double().detach().numpy().ravel() for _ in range(20)]
    )
    ours = np.concatenate([INITIALIZERS[name].array(make(seed), shape).ravel() for seed in range(20)])
    assert ours.std() == pytest.approx(peer.std(), rel=0.05)
    assert ours.mean() == pytest.approx(peer.mean(), abs=0.1 * peer.std() + 1e-12)
    # The largest of so many tells a uniform distribution from a normal one.
    assert np.abs(ours).max() == pytest.approx(np.abs(peer).max(), rel=0.2)


@for_each("name", INITIALIZERS)
@for_each("shape", SHAPES, ids=str)
def test_an_array_is_so_many_single_draws(name: str, shape: tuple[int, ...]) -> None:
    found = INITIALIZERS[name].array(random.Random(7), shape)
    generator = random.Random(7)
    inputs, outputs = fans(shape)
    assert found.shape == shape
    assert found.ravel().tolist() == [INITIALIZERS[name](generator, inputs, outputs) for _ in range(found.size)]


@pytest.mark.parametrize("name", INITIALIZERS)
def test_a_layer_of_values_has_the_numbers_of_the_array(name: str) -> None:
    layer = Layer(3, 4, initialization=name, generator=random.Random(5))
    array = INITIALIZERS[name].array(random.Random(5), (4, 3))
    assert [[weight.data for weight in neuron.w] for neuron in layer.neurons] == array.tolist()
    assert {neuron.b.data for neuron in layer.neurons} == {0.0}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("uniform", [[0.689, 0.516, -0.159], [-0.482, 0.023, -0.19]]),
        ("xavier", [[0.755, 0.565, -0.174], [-0.528, 0.025, -0.208]]),
        ("he", [[0.769, -1.14, -0.555], [0.303, -0.83, -0.059]]),
    ],
)
def test_the_stream_of_a_seed_stays_as_it_is(name: str, expected: list[list[float]]) -> None:
    assert INITIALIZERS[name].array(random.Random(0), (2, 3)).round(3).tolist() == expected


@pytest.mark.parametrize("name", INITIALIZERS)
def test_a_shape_without_inputs_and_outputs_needs_a_scale_that_asks_for_none(name: str) -> None:
    if name in {"uniform", "normal", "zeros", "ones"}:
        assert INITIALIZERS[name].array(random.Random(0), (5,)).shape == (5,)
    else:
        with pytest.raises(ValueError, match=r"weights of shape \(5,\) have no inputs and outputs"):
            INITIALIZERS[name].array(random.Random(0), (5,))
