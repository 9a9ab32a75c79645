"""New shapes and orders under PyTorch's names."""

from __future__ import annotations

from typing import Any

import pytest

import gradcli.torch
from tests.support.torch_names import assert_same, error_of

CASES: dict[str, Any] = {
    "transpose": lambda t, x: [x.transpose(0, 1), x.t(), x.T, x.mT, x.permute(1, 0), t.permute(x, (1, 0))],
    "the memory as another type": lambda t, x, i: [x.view(t.int64), x.view(dtype=t.int8), i.view(t.double)],
    "flatten": lambda t, x: [x.flatten(), x[None].flatten(start_dim=1), x.ravel(), x.view(-1), x.view(3, 2)],
    "squeeze": lambda t, x: [x[None].squeeze(), x.squeeze(0), x[:, None].squeeze((1,)), x.unsqueeze(-1)],
    "sizes": lambda t, x: [x.size(), x.size(1), x.numel(), x.dim(), x.shape],
    "expand": lambda t, v: [v.expand(2, 3), v.expand(2, -1), t.broadcast_to(v, (2, 3))],
    "repeat": lambda t, v: [v.repeat(2), v.repeat(2, 1), t.tile(v, (2,)), v.repeat_interleave(2)],
    "flip and roll": lambda t, x: [x.flip(0), t.flip(x, (0, 1)), x.roll(1, 1), t.roll(x, 2), t.rot90(x)],
    "triangles": lambda t, x: [x.tril(), t.triu(x, 1), t.tril(x, diagonal=-1)],
    "diagonals": lambda t, x, v: [x.diagonal(), t.diag(v), t.diag(x, 1), x.diag_embed(), x[:, :2].trace()],
    "movedim": lambda t, x: t.movedim(x[None], 0, -1),
    "windows": lambda t, v: v.unfold(0, 2, 1),
}


@pytest.mark.parametrize("name", CASES)
def test_a_call_is_pytorchs(name: str) -> None:
    assert_same(CASES[name])


@pytest.mark.parametrize("call", [lambda t, i: i.int().view(t.long), lambda t, v: v[0].view(t.int8)])
def test_memory_that_holds_no_numbers_of_a_type_is_refused_as_in_pytorch(call: Any) -> None:
    for library in (pytest.importorskip("torch"), gradcli.torch):
        assert isinstance(error_of(library, call), RuntimeError)


def test_memory_read_as_another_type_is_shared() -> None:
    x = gradcli.tensor([1.0, 2.0])
    x.view("int64")[0] = 0
    assert x.tolist() == [0.0, 2.0]
