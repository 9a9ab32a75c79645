"""The engine of arrays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from gradcli.train.engines.tensor_engine import TensorEngine
from tests.support.nets import (
    made,
    prepared,
)


def test_a_convolutional_net_is_pytorch_s() -> None:
    torch = pytest.importorskip("torch")
    data, model = made("two convolutions")
    model = replace(model, layers=tuple(layer for layer in model.layers if layer.kind != "dropout"), l2=0.0)
    parameters, inputs, targets, _ = prepared(model, data)
    modules: list[Any] = []
    weights = iter(model.matrices(parameters).values())
    for placed in model.plan:
        if placed.spec.kind == "linear":
            modules.append(torch.nn.Linear(placed.inputs[0], placed.outputs[0], dtype=torch.float64))
        elif placed.spec.kind == "conv2d":
            modules.append(torch.nn.Conv2d(placed.inputs[0], placed.outputs[0], 3, padding=1, dtype=torch.float64))
        else:
            kinds = {"activation": torch.nn.GELU(), "max_pool2d": torch.nn.MaxPool2d(2), "flatten": torch.nn.Flatten()}
            modules.append(kinds[placed.spec.kind])
            continue
        with torch.no_grad():
            for parameter in modules[-1].parameters():
                parameter.copy_(torch.tensor(next(weights)))
    net = torch.nn.Sequential(*modules)
    scores = net(torch.tensor(inputs.reshape(len(data), *data.image)))  # type: ignore[misc]
    loss = torch.nn.functional.cross_entropy(scores, torch.tensor(targets.astype(int)))
    loss.backward()
    found = TensorEngine(model).loss_and_gradient(parameters, inputs, targets)
    assert found.loss == pytest.approx(loss.item(), rel=1e-13)
    gradients = model.matrices(found.gradient)
    for array, parameter in zip(gradients.values(), net.parameters(), strict=True):
        assert np.allclose(array, parameter.grad.numpy(), rtol=1e-10, atol=1e-13)
