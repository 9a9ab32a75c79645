"""Elements at indices under PyTorch's names."""

from __future__ import annotations

from typing import Any

import pytest

import gradcli.torch
from tests.support.torch_names import assert_same, error_of

CASES: dict[str, Any] = {
    "items": lambda t, x: [x[0], x[:, 1], x[..., -1], x[None, :, 1:], x[[0, 1], [2, 0]], x[[1]]],
    "masks": lambda t, x, b: [x[b], x[x > 0], x[b.any(1)], x.masked_select(b)],
    "indices between slices": lambda t, x: x[:, None][[0, 1], :, [1, 2]],
    "tensors of indices": lambda t, x, i: [x[i[:, 0]], x[i[0] % 2, i[0]], t.nn.functional.embedding(i, x.T)],
    "numbers and indices apart": lambda t, x, i: [
        x.T[None][None, 0, :, i[0] % 2],
        x[None, ..., 0, None, t.tensor([1, 0])],
        x[:, None, None][1, :, 0, i % 2],
        x[t.tensor(1), None, t.tensor([2, 0])],
        x[None][[True], ..., t.tensor([[1], [2]])],
    ],
    "elements put where numbers and indices are apart": lambda t, x, i: changed_apart(t, x, i),
    "gather": lambda t, x, i: [x.gather(1, i), t.gather(x, 0, i[:1] % 2)],
    "scatter": lambda t, x, y, i: [x.scatter(0, i[:1] % 2, y[:1]), x.scatter_add(1, i, y), x.scatter(1, i, 5.0)],
    "index_select": lambda t, x: [x.index_select(1, t.tensor([2, 0])), t.take(x, t.tensor([0, 5]))],
    "nonzero": lambda t, b: [b.nonzero(), *b.nonzero(as_tuple=True), t.argwhere(b)],
    "index_add": lambda t, x, y: x.index_add(0, t.tensor([1, 1]), y),
    "take_along_dim": lambda t, x: t.take_along_dim(x, x.argsort(1), dim=1),
    "histogram": lambda t, x: [
        *t.histogram(x.detach(), 3),
        *t.histogram(x.detach(), 2, range=(0.0, 4.0), density=True),
    ],
    "unique": lambda t, i: [*i.unique(return_counts=True), i.flatten().bincount()],
    "searchsorted": lambda t, v: [t.searchsorted(t.tensor([0.0, 1.0]), v.detach()), t.bucketize(v.detach(), t.ones(1))],
}


def changed_apart(t: Any, x: Any, i: Any) -> Any:
    y = x.detach().clone()[None]
    y[0, :, i[0]] = t.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    z = x[None].clone()
    z[0, :, i[1, :2]] = x[:, 1:] * 2.0
    return [y, z]


@pytest.mark.parametrize("name", CASES)
def test_a_call_is_pytorchs(name: str) -> None:
    assert_same(CASES[name])


@pytest.mark.parametrize(("error", "call"), [
    (ValueError, lambda t, x: x[::0]),
    (IndexError, lambda t, x: x[x]),
    (IndexError, lambda t, x: x[x.detach()]),
    (IndexError, lambda t, x: x[[True]]),
])  # fmt: skip
def test_an_index_that_is_none_is_refused_as_in_pytorch(error: Any, call: Any) -> None:
    for library in (pytest.importorskip("torch"), gradcli.torch):
        assert isinstance(error_of(library, call), error)
