"""Joined and split tensors under PyTorch's names."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.torch_names import assert_same

CASES: dict[str, Any] = {
    "cat": lambda t, x, y: [t.cat([x, y]), t.cat((x, y), dim=1), t.stack([x, y], dim=-1)],
    "cat of several types": lambda t, x, i: t.cat([x, i]),
    "stacks": lambda t, x, v: [t.vstack([x, v]), t.hstack([x, x]), t.column_stack([x, x])],
    "split": lambda t, v: [*v.split(2), *v.split([1, 2]), *t.split(v, 2)],
    "chunk": lambda t, x: [*x.chunk(2, 1), *t.chunk(x, 2), *t.tensor_split(x, 2, dim=1)],
    "unbind": lambda t, x: [*x.unbind(1), *t.unbind(x)],
    "narrow": lambda t, x: [x.narrow(1, 1, 2), x.select(0, 1)],
    "meshgrid": lambda t, v: [*t.meshgrid(v, v, indexing="xy"), t.cartesian_prod(v, v)],
}


@pytest.mark.parametrize("name", CASES)
def test_a_call_is_pytorchs(name: str) -> None:
    assert_same(CASES[name])
