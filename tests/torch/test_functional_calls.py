"""A module is called with other parameters, and is unchanged afterwards."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradcli.torch as torch
from gradcli.errors import UsageError
from gradcli.torch.func import functional_call, grad, stack_module_state, vmap
from tests.support.containers import same


class Tied(torch.nn.Module):
    """Two layers with one weight."""

    def __init__(self) -> None:
        self.first, self.second = torch.nn.Linear(2, 2, bias=False), torch.nn.Linear(2, 2, bias=False)
        self.second.weight = self.first.weight
        self.register_buffer("scale", torch.tensor(2.0))
        self.hidden = [torch.nn.Parameter([1.0])]

    def forward(self, x: Any, power: int = 1) -> Any:
        return self.second(self.first(x)) * self.scale**power * self.hidden[0]


def test_a_net_is_called_with_other_parameters() -> None:
    net, x = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1)), torch.ones(4, 2)
    state = {name: one.detach() * 2 for name, one in net.named_parameters()}
    before = net(x)
    found = functional_call(net, state, x)
    same(net(x), before)
    twin = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1))
    twin.load_state_dict(state)
    same(found, twin(x))
    slopes = grad(lambda p: functional_call(net, p, (x,)).sum())(state)
    twin(x).sum().backward()
    same(slopes, {name: one.grad for name, one in twin.named_parameters()})


def test_tied_parameters_buffers_and_options() -> None:
    net, x = Tied(), torch.ones(1, 2)
    eye = torch.eye(2)
    same(functional_call(net, {"first.weight": eye, "scale": torch.tensor(3.0)}, x, {"power": 2}), 9 * np.ones((1, 2)))
    alone = functional_call(net, {"first.weight": eye}, x, tie_weights=False)
    same(alone, net.second(x).detach() * 2)


def test_models_are_stacked_to_an_ensemble() -> None:
    nets, x = [torch.nn.Linear(2, 1) for _ in range(3)], torch.ones(4, 2)
    parameters, buffers = stack_module_state(nets)
    assert buffers == {}
    assert parameters["weight"].requires_grad
    found = vmap(lambda p: functional_call(nets[0], p, x))(parameters)
    same(found, torch.stack([net(x) for net in nets]))


def test_errors_name_what_is_wrong() -> None:
    net, x = Tied(), torch.ones(1, 2)
    for call, message in (
        (lambda: functional_call(net, {"third": x}, x), "unknown: third"),
        (lambda: functional_call(net, {"scale": x}, x, strict=True), "missing: "),
        (lambda: functional_call(net, {"hidden.0": x}, x), "is in a list"),
        (lambda: stack_module_state([]), "no modules"),
        (lambda: stack_module_state([net, torch.nn.Linear(2, 1)]), "different parameters"),
    ):
        with pytest.raises(UsageError, match=message):
            call()
