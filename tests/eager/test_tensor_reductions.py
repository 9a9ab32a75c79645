"""Reductions, order and running functions under PyTorch's names."""

from __future__ import annotations

from typing import Any

import pytest

import gradcli.torch
from tests.support.torch_names import assert_same, error_of

CASES: dict[str, Any] = {
    "sum": lambda t, x: [x.sum(), x.sum(1), x.sum(dim=0, keepdim=True), t.sum(x, (0, 1)), x.sum(axis=0)],
    "sums of whole numbers": lambda t, i, b: [i.sum(), b.sum(0), i.sum(dtype=t.float64)],
    "mean": lambda t, x: [x.mean(), x.mean(0), x.mean((0, 1), keepdim=True)],
    "var": lambda t, x: [x.var(), x.var(1), x.var(unbiased=False), t.var(x, 0, correction=0), x.var(False)],
    "std": lambda t, x: [x.std(), x.std(1, keepdim=True), x.std(1, unbiased=False)],
    "max": lambda t, x: [x.max(), *x.max(1), *t.max(x, dim=0, keepdim=True), x.max(dim=1).values],
    "max of two": lambda t, x, y: [t.max(x, y), x.max(y), t.min(x, y)],
    "max of whole numbers": lambda t, i: [i.max(), *i.max(1)],
    "amax": lambda t, x: [x.amax(1), x.amin((0, 1)), t.amax(x, 0, keepdim=True)],
    "argmax": lambda t, x: [x.argmax(), x.argmax(1), x.argmin(0, keepdim=True)],
    "all and any": lambda t, b: [b.all(), b.any(1), b.all(dim=0, keepdim=True), (b.sum(1) > 1).any()],
    "sort": lambda t, x: [*x.sort(), *t.sort(x, dim=0, descending=True), x.argsort(1)],
    "topk": lambda t, x: [*x.topk(2), *t.topk(x, 1, dim=0, largest=False)],
    "median": lambda t, x: [x.median(), *x.median(1), *x.kthvalue(2, 1)],
    "quantile": lambda t, x: [t.quantile(x, 0.3), x.quantile(t.tensor([0.1, 0.9]), dim=1)],
    "quantile of a share that moves": lambda t, x, v: t.quantile(x, v[2:] * 0.7, dim=1),
    "norm": lambda t, x: [x.norm(), x.norm(1, dim=1), t.norm(x, p=float("inf")), t.linalg.vector_norm(x, 3)],
    "running": lambda t, x: [x.cumsum(1), x.cumprod(0), *x.cummax(1), t.logcumsumexp(x, 1)],
    "running sum of whole numbers": lambda t, i: i.cumsum(0),
    "product with a zero": lambda t, x: ((x - 0.5).prod(), (x - 0.5).cumprod(1)),
    "softmax": lambda t, x: [x.softmax(1), t.log_softmax(x, dim=0), t.logsumexp(x, (0, 1))],
    "diff": lambda t, x: [t.diff(x), x.diff(dim=0)],
}


@pytest.mark.parametrize("name", CASES)
def test_a_call_is_pytorchs(name: str) -> None:
    assert_same(CASES[name])


@pytest.mark.parametrize("name", ["cumsum", "cumprod", "cummax", "cummin", "logcumsumexp"])
def test_a_number_has_only_the_axes_0_and_minus_1(name: str) -> None:
    for library in (pytest.importorskip("torch"), gradcli.torch):
        assert isinstance(error_of(library, lambda t, v: getattr(v[0], name)(1)), IndexError)
        assert error_of(library, lambda t, v: getattr(v[0], name)(-1)) is None
