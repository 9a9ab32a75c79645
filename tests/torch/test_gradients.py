"""``torch.autograd``: derivatives of recorded tensors."""

from __future__ import annotations

import pytest

import gradcli.torch as torch


def test_backward_of_several_tensors_adds_up() -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    torch.autograd.backward([(x * x).sum(), x * 3], [None, torch.ones(2)])
    assert x.grad is not None
    assert x.grad.tolist() == [5.0, 7.0]
    with pytest.raises(RuntimeError, match="2 cotangents for 1"):
        torch.autograd.backward([x * 2], [None, None])


def test_grad_of_several_outputs_adds_up_and_changes_no_gradient() -> None:
    x, y = torch.tensor(2.0, requires_grad=True), torch.tensor(3.0, requires_grad=True)
    assert [one.item() for one in torch.autograd.grad([x * y, x * x], [x, y])] == [7.0, 2.0]
    assert x.grad is None
    with pytest.raises(RuntimeError, match="no effect"):
        torch.autograd.grad(x * 2, [x, y])
    assert torch.autograd.grad(x * 2, [x, y], allow_unused=True)[1] is None
    assert torch.autograd.grad(x * 2, [x, y], materialize_grads=True)[1].item() == 0.0
