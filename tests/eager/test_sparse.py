"""Sparse arrays: conversions, and elements with one place."""

from __future__ import annotations

import pytest

from gradcli import tensor
from gradcli.eager.creation import sparse_coo_tensor
from gradcli.eager.sparse import to_sparse
from gradcli.errors import ShapeError, UsageError


def test_elements_with_one_place_are_added() -> None:
    sparse = sparse_coo_tensor([[1, 0, 1]], tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
    assert sparse.shape == (2, 2)
    once = sparse.coalesce()
    assert (once.indices().tolist(), once.values().tolist()) == ([[0, 1]], [[3.0, 4.0], [6.0, 8.0]])
    assert once.to_dense().tolist() == sparse.to_dense().tolist() == [[3.0, 4.0], [6.0, 8.0]]
    assert repr(sparse) == "SparseTensor of shape (2, 2) with 3 elements"


def test_a_tensor_goes_there_and_back() -> None:
    dense = tensor([[[0.0, 1.0], [0.0, 0.0]], [[0.0, 0.0], [2.0, 3.0]]])
    for axes in (None, 1, 2):
        assert to_sparse(dense, axes).to_dense().tolist() == dense.tolist()
    assert dense.to_sparse(2).indices().tolist() == [[0, 1], [0, 1]]


def test_what_does_not_fit_is_refused() -> None:
    for call, kind, message in [
        (lambda: sparse_coo_tensor([[0, 1]], [1.0]), ShapeError, "places have the shape"),
        (lambda: sparse_coo_tensor([[2]], [1.0], (2,)), UsageError, "outside of an array"),
        (lambda: sparse_coo_tensor([[0]], [[1.0]], (2,)), ShapeError, "don't fit an array"),
        (lambda: tensor([1.0], requires_grad=True).to_sparse(), UsageError, "no derivative"),
        (lambda: tensor([1.0]).to_sparse(2), UsageError, "has no 2 axes"),
    ]:
        with pytest.raises(kind, match=message):
            call()
