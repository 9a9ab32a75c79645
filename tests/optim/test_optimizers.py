"""Optimisers against PyTorch and against their formulas."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.optim.optimizers import OPTIMIZERS

PEERS = {
    "sgd": ("SGD", {}),
    "momentum": ("SGD", {"momentum": 0.9}),
    "rmsprop": ("RMSprop", {}),
    "adam": ("Adam", {}),
}


def path(name: str, gradients: np.ndarray, rate: float) -> np.ndarray:
    optimizer = OPTIMIZERS[name]
    parameters, memory = np.linspace(-1, 1, gradients.shape[1]), optimizer.start(gradients.shape[1])
    result = []
    for number, gradient in enumerate(gradients, 1):
        parameters, memory = optimizer.step(parameters, gradient, memory, rate, number)
        result.append(parameters)
    return np.array(result)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_path_is_that_of_pytorch(name: str) -> None:
    torch = pytest.importorskip("torch")
    gradients = np.random.RandomState(0).normal(size=(60, 5)) * [1, 1e-6, 1e3, 0, -2]
    kind, options = PEERS[name]
    parameter = torch.nn.Parameter(torch.linspace(-1, 1, 5, dtype=torch.float64))
    peer = getattr(torch.optim, kind)([parameter], lr=0.01, **options)
    for gradient, mine in zip(gradients, path(name, gradients, 0.01), strict=True):
        parameter.grad = torch.tensor(gradient)
        peer.step()
        assert np.allclose(mine, parameter.detach().numpy(), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_gradient_of_zero_moves_nothing(name: str) -> None:
    assert np.array_equal(path(name, np.zeros((3, 4)), 0.1)[-1], np.linspace(-1, 1, 4))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_step_changes_no_vector_in_place(name: str) -> None:
    optimizer = OPTIMIZERS[name]
    parameters, gradient, memory = np.ones(3), np.full(3, 0.5), optimizer.start(3)
    optimizer.step(parameters, gradient, memory, 0.1, 1)
    assert parameters.tolist() == [1, 1, 1]
    assert gradient.tolist() == [0.5, 0.5, 0.5]
    assert all(vector.tolist() == [0, 0, 0] for vector in memory.values())


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_bowl_is_descended(name: str) -> None:
    optimizer = OPTIMIZERS[name]
    parameters, memory = np.array([3.0, -2.0]), optimizer.start(2)
    for number in range(1, 1500):
        parameters, memory = optimizer.step(parameters, 2 * parameters, memory, optimizer.learning_rate, number)
    assert np.abs(parameters).max() < 0.02
