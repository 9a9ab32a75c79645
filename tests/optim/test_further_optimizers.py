"""Optimisers that `gradcli train` doesn't have: their steps are those of PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradcli.torch
from gradcli.eager.tensor import Tensor
from gradcli.errors import UsageError
from gradcli.optim.classes import CLASSES

CASES: list[tuple[str, dict[str, Any]]] = [
    ("RAdam", {}),
    ("RAdam", {"weight_decay": 0.1, "decoupled_weight_decay": True, "maximize": True}),
    ("Rprop", {}),
    ("Rprop", {"etas": (0.5, 1.5), "step_sizes": (2e-6, 0.05)}),
    ("ASGD", {"t0": 2, "lr": 0.05, "lambd": 0.1}),
    ("Adafactor", {}),
    ("Adafactor", {"d": 1.5, "beta2_decay": -1.0, "weight_decay": 0.1, "eps": (1e-20, 1e-2)}),
    ("Muon", {}),
    ("Muon", {"nesterov": False, "adjust_lr_fn": "match_rms_adamw", "ns_steps": 3}),
]


@pytest.mark.parametrize(("title", "options"), CASES, ids=str)
def test_steps_are_those_of_pytorch(title: str, options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    starts = [np.linspace(-1.0, 1.5, 6).reshape(3, 2), np.linspace(0.5, 2.0, 4)]
    starts = starts[:1] if title == "Muon" else starts
    mine = [Tensor(start, requires_grad=True) for start in starts]
    peers = [torch.tensor(start, requires_grad=True) for start in starts]
    ours, theirs = CLASSES[title](mine, **options), getattr(torch.optim, title)(peers, **options)
    for _ in range(10):
        for optimizer, points in ((ours, mine), (theirs, peers)):
            optimizer.zero_grad()
            sum(((point**2 - 1.0) ** 2).sum() + point.sin().sum() for point in points).backward()
            optimizer.step()
        for point, peer in zip(mine, peers, strict=True):
            # PyTorch keeps the falling step of ASGD in its default type of floats.
            error = 1e-6 if title == "ASGD" else 1e-10
            assert np.allclose(point.detach().numpy(), peer.detach().numpy(), rtol=error, atol=1e-12)
    state, expected = ours.state_dict()["state"], theirs.state_dict()["state"]
    assert {number: {*memory} for number, memory in state.items()} == {
        number: {*memory} for number, memory in expected.items()
    }


def test_sparse_adam_changes_only_the_rows_of_the_gradient() -> None:
    torch = pytest.importorskip("torch")
    start = np.arange(6.0).reshape(3, 2)
    mine, peer = Tensor(start, requires_grad=True), torch.tensor(start, requires_grad=True)
    ours, theirs = CLASSES["SparseAdam"]([mine], lr=0.1), torch.optim.SparseAdam([peer], lr=0.1)
    for library, point, optimizer in ((gradcli.torch, mine, ours), (torch, peer, theirs)):
        for rows in ([1, 1], [2, 1]):
            point.grad = library.sparse_coo_tensor(
                library.tensor([rows]), library.tensor(np.array([[1.0, -2.0], [0.5, 3.0]])), (3, 2)
            )
            optimizer.step()
    assert np.allclose(mine.detach().numpy(), peer.detach().numpy(), rtol=1e-12)
    assert mine.tolist()[0] == [0.0, 1.0]
    mine.grad = Tensor(np.ones((3, 2)))
    with pytest.raises(UsageError, match="SparseAdam takes sparse gradients"):
        ours.step()
