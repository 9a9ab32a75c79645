"""The scaling of losses, beside PyTorch's."""

from __future__ import annotations

from typing import Any

import pytest

import gradcli.torch
from gradcli.errors import UsageError


def trained(t: Any, scaler: Any) -> list[Any]:
    """The numbers of a few steps, of which some aren't finite."""
    weight = t.tensor([2.0, -1.0], dtype=t.float64, requires_grad=True)
    optimizer = t.optim.SGD([weight], lr=0.1)
    found = []
    for factor in (1.0, 1.0, float("inf"), 1.0, 1.0, 1.0, 1e300, 1.0):
        optimizer.zero_grad()
        loss = (weight**2).sum() * factor
        scaler.scale(loss).backward()
        if factor != 1.0:
            scaler.unscale_(optimizer)
        scaler.step(optimizer)
        scaler.update()
        found += [scaler.get_scale(), *weight.tolist()]
    return found


def test_the_steps_and_the_scale_are_pytorchs() -> None:
    torch = pytest.importorskip("torch")
    options = {"init_scale": 2.0**100, "growth_interval": 2}
    theirs = torch.amp.GradScaler("cpu", **options)
    ours = gradcli.torch.amp.GradScaler("cpu", **options)
    assert trained(gradcli.torch, ours) == pytest.approx(trained(torch, theirs), rel=1e-15)
    assert ours.state_dict() == theirs.state_dict()
    again = gradcli.torch.amp.GradScaler("cpu")
    again.load_state_dict(ours.state_dict())
    assert again.state_dict() == ours.state_dict()


def test_without_a_graphics_processor_it_does_nothing_and_says_so() -> None:
    with pytest.warns(UserWarning, match="GradScaler has no effect"):
        scaler = gradcli.torch.cuda.amp.GradScaler()
    assert not scaler.is_enabled()
    assert trained(gradcli.torch, scaler)[:3] == [1.0, 1.6, -0.8]
    assert scaler.state_dict() == {}
    with pytest.warns(UserWarning, match="autocast has no effect"), gradcli.torch.amp.autocast("cuda"):
        assert (gradcli.torch.ones(2) * 2).tolist() == [2.0, 2.0]


def test_what_comes_in_the_wrong_order_is_refused() -> None:
    weight = gradcli.torch.tensor([1.0], requires_grad=True)
    optimizer = gradcli.torch.optim.SGD([weight], lr=0.1)
    scaler = gradcli.torch.amp.GradScaler("cpu")
    with pytest.raises(RuntimeError, match="comes after step"):
        scaler.update()
    scaler.scale(weight.sum()).backward()
    scaler.unscale_(optimizer)
    with pytest.raises(RuntimeError, match="already divided"):
        scaler.unscale_(optimizer)
    with pytest.raises(RuntimeError, match="is empty"):
        scaler.load_state_dict({})


def test_products_of_fewer_bits_are_refused() -> None:
    with pytest.raises(UsageError, match="not bfloat16"):
        gradcli.torch.amp.autocast("cpu", dtype=gradcli.torch.bfloat16)
    with gradcli.torch.amp.autocast("cpu", enabled=False):
        pass
    with pytest.raises(TypeError, match="no type of numbers 'bfloat16'"):
        gradcli.torch.zeros(2, dtype=gradcli.torch.bfloat16)
