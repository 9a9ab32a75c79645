"""Hooks of modules are called when, and with what, PyTorch's are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gradcli.torch
from gradcli import nn
from gradcli.torch import ones


def plain(thing: Any) -> Any:
    """Return tensors in nested tuples as lists."""
    if isinstance(thing, (tuple, list)):
        return [plain(one) for one in thing]
    return np.asarray(thing.detach()).tolist() if hasattr(thing, "detach") else thing


def told(package: Any, program: Callable[[Any, Any, Any, list[Any]], Any]) -> list[Any]:
    """Run a program on a net, and return what its hooks saw, and the gradient of the input."""

    class Pair(package.nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.inner = package.nn.Tanh()

        def forward(self, x: Any, y: Any, scale: float = 1.0) -> Any:
            return self.inner(x * y) * scale, y * 3

    x = package.tensor([1.0, -2.0], dtype=package.float64, requires_grad=True)
    seen: list[Any] = []
    program(package, Pair(), x, seen)
    return [plain(seen), None if x.grad is None else x.grad.tolist()]


def see(seen: list[Any]) -> Callable[..., None]:
    """Return a hook that only looks."""
    return lambda module, *rest: seen.append(rest)


def one_input(torch: Any, net: Any, x: Any, seen: list[Any]) -> None:
    net.inner.register_full_backward_hook(see(seen))
    (net.inner(x * 2) ** 2).sum().backward()


def replaced_gradient(torch: Any, net: Any, x: Any, seen: list[Any]) -> None:
    net.inner.register_full_backward_hook(lambda module, inputs, outputs: (inputs[0] * 10,))
    net.inner.register_full_backward_pre_hook(lambda module, outputs: (outputs[0] + 1,))
    net.inner.register_full_backward_hook(see(seen))
    net.inner(x).sum().backward()


def several(torch: Any, net: Any, x: Any, seen: list[Any]) -> None:
    net.register_full_backward_hook(see(seen))
    net.register_full_backward_pre_hook(see(seen))
    first, second = net(x, x * 2, scale=2.0)
    (first * second).sum().backward()


def constant_inputs(torch: Any, net: Any, x: Any, seen: list[Any]) -> None:
    layer = torch.nn.Linear(2, 1).double()
    with torch.no_grad():
        layer.weight.fill_(0.5)
        layer.bias.zero_()
    layer.register_full_backward_hook(see(seen))
    (layer(x.detach()) * 3).sum().backward()


def forward_hooks(torch: Any, net: Any, x: Any, seen: list[Any]) -> None:
    net.register_forward_pre_hook(lambda module, inputs: (inputs[0] * 2, inputs[1]))
    net.register_forward_pre_hook(see(seen), prepend=True)
    net.register_forward_pre_hook(
        lambda module, inputs, options: (inputs, {"scale": options["scale"] + 1}), with_kwargs=True
    )
    net.register_forward_hook(see(seen), with_kwargs=True)
    net.register_forward_hook(lambda module, inputs, output: output[0] * 5)
    net(x, x + 1, scale=1.0).sum().backward()


def after_an_error(torch: Any, net: Any, x: Any, seen: list[Any]) -> None:
    net.register_forward_hook(see(seen))
    net.register_forward_hook(lambda module, inputs, output: seen.append(output), always_call=True)
    with pytest.raises(TypeError):
        net(x)


@pytest.mark.parametrize(
    "program", [one_input, replaced_gradient, several, constant_inputs, forward_hooks, after_an_error],
    ids=lambda program: program.__name__,
)  # fmt: skip
def test_hooks_are_pytorchs(program: Callable[..., Any]) -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = told(gradcli.torch, program), told(torch, program)
    assert shape(ours) == shape(theirs)
    np.testing.assert_allclose(numbers(ours), numbers(theirs), rtol=1e-9, atol=1e-12)


def numbers(thing: Any) -> list[float]:
    """Return the numbers in nested lists and dicts."""
    parts = list(thing.values()) if isinstance(thing, dict) else thing
    return [one for part in parts for one in numbers(part)] if isinstance(parts, list) else [thing or 0.0]


def shape(thing: Any) -> Any:
    """Return nested lists and dicts without their numbers."""
    return [shape(one) for one in thing] if isinstance(thing, list) else type(thing).__name__


def test_a_handle_ends_a_hook() -> None:
    seen: list[Any] = []
    layer = nn.Tanh()
    handles = [layer.register_forward_hook(see(seen)), layer.register_full_backward_hook(see(seen))]
    layer(ones(1, requires_grad=True)).backward()
    assert len(seen) == 2
    for handle in handles:
        handle.remove()
    layer(ones(1, requires_grad=True)).backward()
    assert len(seen) == 2


def test_backward_hooks_of_a_module_without_tensors_are_told() -> None:
    net = nn.MLP(1, [1])
    net.register_full_backward_hook(lambda *_: None)
    with pytest.warns(UserWarning, match="MLP isn't a tensor"):
        net([1.0])
