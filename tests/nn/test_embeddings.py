"""Rows of a table by their numbers, beside PyTorch's."""

from __future__ import annotations

from typing import Any

import pytest

from gradcli import nn, randn, tensor
from gradcli.errors import ShapeError, UsageError
from gradcli.nn import embeddings
from tests.support.torch_names import assert_same

CASES: dict[str, Any] = {
    "rows": lambda t, x, i: [
        t.nn.functional.embedding(i % 2, x, padding_idx=0),
        t.nn.functional.embedding(i % 2, x, scale_grad_by_freq=True),
    ],
    "short rows": lambda t, x: t.nn.functional.embedding(t.tensor([1, 1]), x.detach().clone(), max_norm=1.0),
    "bags": lambda t, x, i: [
        t.nn.functional.embedding_bag(i % 2, x, mode="sum", per_sample_weights=x.detach()),
        t.nn.functional.embedding_bag(i.flatten() % 2, x, t.tensor([0, 2, 2]), mode="mean"),
        t.nn.functional.embedding_bag(i.flatten() % 2, x, t.tensor([0, 4, 6]), mode="max", include_last_offset=True),
        t.nn.functional.embedding_bag(i % 2, x, padding_idx=1),
    ],
}


@pytest.mark.parametrize("name", CASES)
def test_a_call_is_pytorchs(name: str) -> None:
    assert_same(CASES[name])


def test_tables_tell_their_options() -> None:
    layer = nn.Embedding(4, 3, padding_idx=1)
    assert layer.weight.tolist()[1] == [0.0] * 3
    assert repr(layer) == "Embedding(4, 3, padding_idx=1)"
    frozen = nn.Embedding.from_pretrained(randn(4, 3))
    assert not frozen.weight.requires_grad
    assert nn.EmbeddingBag(4, 3)(tensor([[0, 1]])).shape == (1, 3)


def test_what_has_no_meaning_is_refused() -> None:
    weight, rows = randn(3, 2), tensor([0, 1])
    for call, kind, message in [
        (lambda: embeddings.embedding(tensor([3]), weight), IndexError, "indices from 0 to 2"),
        (lambda: embeddings.embedding(tensor([0.5]), weight), RuntimeError, "an index is a whole number"),
        (lambda: embeddings.embedding(rows, randn(3)), ShapeError, "a weight has the shape"),
        (lambda: embeddings.embedding_bag(rows, weight), UsageError, "needs offsets"),
        (lambda: embeddings.embedding_bag(rows, weight, tensor([1])), UsageError, "offsets begin with 0"),
        (lambda: embeddings.embedding_bag(rows[None], weight, mode="min"), UsageError, "sum, mean or max"),
        (lambda: nn.Embedding(3, 2, padding_idx=5), UsageError, "no row 5"),
    ]:
        with pytest.raises(kind, match=message):
            call()
