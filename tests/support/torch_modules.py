"""A module under PyTorch's name, made with PyTorch and with gradcli from the same parameters, and compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gradcli.torch

__all__ = ["assert_same_module"]


def _flat(result: Any) -> list[Any]:
    parts = result if isinstance(result, (list, tuple)) else [result]
    return [leaf for part in parts for leaf in (_flat(part) if isinstance(part, (list, tuple)) else [part])]


def assert_same_module(make: Callable[[Any], Any], inputs: Callable[[Any], Any], *, in_use: bool = True) -> None:
    """Check that two modules have the same parameters by name, outputs, gradients and buffers, in training and in use.

    Args:
        make: a function of ``torch.nn`` that makes the module.
        inputs: a function of a maker of random tensors that returns the operands; the maker takes a shape.
        in_use: whether to compare them after `Module.eval`, too.
    """
    torch = pytest.importorskip("torch")
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        theirs, ours = make(torch.nn), make(gradcli.torch.nn)
        state = {name: part.numpy().copy() for name, part in theirs.state_dict().items()}
        assert {name: part.shape for name, part in ours.state_dict().items()} == {n: a.shape for n, a in state.items()}
        ours.load_state_dict(state)
        for training in (True, True, False)[: 3 if in_use else 2]:
            sides = []
            for library, module in ((torch, theirs), (gradcli.torch, ours)):
                draw = np.random.RandomState(1)
                made: list[Any] = []

                def tensor(*shape: int, library: Any = library, draw: Any = draw, made: list[Any] = made) -> Any:
                    made.append(library.tensor(draw.normal(size=shape)).requires_grad_())
                    return made[-1]

                module.train(training)
                module.zero_grad()
                parts = [part for part in _flat(module(*inputs(tensor))) if part is not None]
                sum([(part * part.detach()).sum() for part in parts if part.requires_grad]).backward()
                slopes = [*[p.grad for p in module.parameters()], *[one.grad for one in made]]
                sides.append([*parts, *slopes, *module.state_dict().values()])
            for one, other in zip(*sides, strict=True):
                assert (one is None) == (other is None)
                if one is not None:
                    right, mine = one.detach().numpy(), other.detach().numpy()
                    assert (mine.shape, mine.dtype) == (right.shape, right.dtype)
                    np.testing.assert_allclose(mine, right, rtol=1e-11, atol=1e-12)
    finally:
        torch.set_default_dtype(before)
