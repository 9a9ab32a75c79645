"""Products under PyTorch's names."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.torch_names import assert_same

CASES: dict[str, Any] = {
    "matmul": lambda t, x, y, v: [x @ y.T, t.matmul(x, v), x.mm(y.t()), x.mv(v), t.dot(v, v), t.outer(v, v)],
    "sums with products": lambda t, x, y, v: [t.addmm(t.ones(2, 2), x, y.T, beta=2.0), t.addmv(t.ones(2), x, v)],
    "batches": lambda t, x, y: [t.bmm(x[None], y.T[None]), t.baddbmm(t.ones(1), x[None], y.T[None])],
    "einsum": lambda t, x, y, v: [
        t.einsum("ij,kj->ik", x, y),
        t.einsum("ij,j", x, v),
        t.einsum("i,j->ij", v, v),
        t.einsum("ij->j", x),
        t.einsum("...j,j->...", x, v),
        t.einsum("ij,ij,j->", x, y, v),
    ],
    "tensordot": lambda t, x, y: [t.tensordot(x, y, dims=2), t.tensordot(x, y, dims=([1], [1])), t.inner(x, y)],
    "tensordot with an axis of length 1": lambda t, x, v: t.tensordot(x, v[None, :1], dims=([1], [1])),
    "kron": lambda t, x, v: t.kron(x, v),
    "cross": lambda t, x, y: t.cross(x, y, dim=1),
    "matrix_power": lambda t, x, y: t.matrix_power(x @ y.T, 3),
    "cov": lambda t, x: [t.cov(x), t.corrcoef(x)],
}


@pytest.mark.parametrize("name", CASES)
def test_a_call_is_pytorchs(name: str) -> None:
    assert_same(CASES[name])
