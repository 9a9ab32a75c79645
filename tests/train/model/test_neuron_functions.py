"""Activations by name."""

from __future__ import annotations

import pytest

from gradcli.train.model.neuron_functions import activations, check_activation


@pytest.mark.parametrize("name", ["tanh", "relu", "sin", "gelu", "softplus"])
def test_a_function_of_one_number_is_an_activation(name: str) -> None:
    assert name in activations()
    assert check_activation(name) == name
