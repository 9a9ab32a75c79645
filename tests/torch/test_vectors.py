"""The parameters of a net as one vector."""

from __future__ import annotations

import pytest

import gradcli.torch as torch
from gradcli.errors import ShapeError
from gradcli.torch.vectors import parameters_to_vector, vector_to_parameters


def test_parameters_go_into_a_vector_and_come_back() -> None:
    net = torch.nn.Linear(2, 3)
    vector = parameters_to_vector(net.parameters())
    vector.sum().backward()
    assert net.weight.grad.tolist() == [[1.0, 1.0]] * 3
    vector_to_parameters(torch.arange(9).double(), net.parameters())
    assert net.weight.tolist() == [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]
    assert net.bias.tolist() == [6.0, 7.0, 8.0]
    assert net.bias.requires_grad
    with pytest.raises(ShapeError, match="doesn't hold the 9 elements"):
        vector_to_parameters(torch.ones(8), net.parameters())
