"""A training loop as a PyTorch user writes it: net, loss, clipping, optimiser and schedules together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcli import nn, optim
from gradcli.eager.tensor import Tensor

DRAW = np.random.RandomState(2)
INPUTS, CLASSES = DRAW.normal(size=(40, 3)), DRAW.randint(4, size=40)


def train(library: Any, layers: Any, optimizers: Any, clip: Any, tensor: Any, start: Any, title: str) -> list[Any]:
    """The losses of 50 updates and the parameters after them, in the words that both libraries understand."""
    net = layers.Sequential(layers.Linear(3, 8), layers.Tanh(), layers.Linear(8, 4))
    net.load_state_dict({name: tensor(array) for name, array in start.items()})
    parameters = list(net.parameters())
    groups = [{"params": parameters[:2]}, {"params": parameters[2:], "weight_decay": 1e-3}]
    optimizer = getattr(optimizers, title)(groups, lr=0.05)
    schedules = library.SequentialLR(
        optimizer,
        [library.LinearLR(optimizer, 0.1, 1.0, 10), library.CosineAnnealingLR(optimizer, T_max=40)],
        milestones=[10],
    )
    compute, losses = layers.CrossEntropyLoss(), []
    for _ in range(50):
        optimizer.zero_grad()
        loss = compute(net(tensor(INPUTS)), tensor(CLASSES))
        loss.backward()
        norm = clip(parameters, 0.3)
        optimizer.step()
        schedules.step()
        losses += [loss.item(), float(norm)]
    return [losses, *(p.detach().numpy() for p in parameters)]


@pytest.mark.parametrize("title", ["SGD", "RMSprop", "Adam", "AdamW"])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_fifty_updates_are_those_of_the_same_loop_in_pytorch(title: str) -> None:
    torch = pytest.importorskip("torch")
    shapes = {"0.weight": (8, 3), "0.bias": (8,), "2.weight": (4, 8), "2.bias": (4,)}
    start = {name: np.random.RandomState(len(name) + shape[0]).normal(size=shape) for name, shape in shapes.items()}

    def ours(array: Any) -> Any:
        return array if array.dtype.kind == "i" else Tensor(array)

    found = train(optim, nn, optim, optim.clip_grad_norm_, ours, start, title)
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        clip = torch.nn.utils.clip_grad_norm_
        expected = train(torch.optim.lr_scheduler, torch.nn, torch.optim, clip, torch.tensor, start, title)
    finally:
        torch.set_default_dtype(before)
    for mine, peer in zip(found, expected, strict=True):
        assert np.abs(np.asarray(mine) - np.asarray(peer)).max() <= 1e-10
