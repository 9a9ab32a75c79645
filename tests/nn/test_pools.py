"""Pools, beside PyTorch's; `benchmarks/opinfo.py` compares far more."""

from __future__ import annotations

from typing import Any

import pytest

from gradcli import arange, manual_seed, randn
from gradcli.errors import ShapeError, UsageError
from gradcli.nn import pools
from tests.support.torch_names import assert_same

CASES: dict[str, Any] = {
    "means": lambda t, x: [
        t.nn.functional.avg_pool1d(x, 2, stride=1),
        t.nn.functional.avg_pool2d(x[None], (2, 3), padding=(1, 1), count_include_pad=False),
        t.nn.functional.avg_pool2d(x[None, None], 2, stride=2, ceil_mode=True, divisor_override=3),
        t.nn.functional.avg_pool3d(x.repeat(2, 1).view(1, 1, 2, 2, 3), 2, stride=1),
    ],
    "largest": lambda t, x: [
        t.nn.functional.max_pool1d(x, 2, stride=1),
        *t.nn.functional.max_pool1d(x, 2, ceil_mode=True, return_indices=True),
        *t.nn.functional.max_pool3d(x[None, None], (1, 2, 2), stride=1, return_indices=True),
    ],
    "largest of whole numbers": lambda t, i: [
        *t.nn.functional.max_pool2d(i[None] - 2, 2, 1, padding=1, return_indices=True),
        t.nn.functional.max_pool2d((i[None] - 2).int(), 2, 1, padding=1),
    ],
    "powers": lambda t, x: [
        t.nn.functional.lp_pool1d(x.abs(), 3, 2),
        t.nn.functional.lp_pool1d(x, 1, 2),
        t.nn.functional.lp_pool2d(x[None], 2, (2, 2), stride=1),
    ],
    "parts": lambda t, x: [
        t.nn.functional.adaptive_avg_pool1d(x, 2),
        t.nn.functional.adaptive_avg_pool2d(x[None], (1, 2)),
        t.nn.functional.adaptive_avg_pool3d(x[None, None], (1, 2, 2)),
        *t.nn.functional.adaptive_max_pool1d(x, 2, True),
        *t.nn.functional.adaptive_max_pool2d(x[None], (None, 1), True),
    ],
    "back": lambda t, x: [
        t.nn.functional.max_unpool1d(*t.nn.functional.max_pool1d(x, 2, return_indices=True), 2, output_size=(3,)),
        t.nn.functional.max_unpool2d(*t.nn.functional.max_pool2d(x[None], 2, 1, return_indices=True), 2, 1),
        t.nn.functional.max_unpool1d(t.where(x > 2.5, float("inf"), x)[:, :1], t.ones(2, 1, dtype=t.long), 2),
    ],
    "at random distances": lambda t, x: [
        *t.nn.functional.fractional_max_pool2d(
            x.repeat(3, 2)[None, None], 2, output_size=(3, 4), return_indices=True,
            _random_samples=t.tensor([[[0.3, 0.7]]], dtype=t.float64),
        ),
        t.nn.functional.fractional_max_pool3d(
            x.repeat(6, 2).view(1, 1, 3, 4, 6), (1, 2, 2), output_size=(2, 2, 3),
            _random_samples=t.tensor([[[0.3, 0.7, 0.1]]], dtype=t.float64),
        ),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_call_is_pytorchs(name: str) -> None:
    assert_same(CASES[name])


def test_distances_are_drawn_from_the_generator() -> None:
    x = arange(100.0).reshape(1, 1, 10, 10)
    results = []
    for seed in (1, 1, 2):
        manual_seed(seed)
        results.append(pools.fractional_max_pool2d(x, 2, output_ratio=0.6).tolist())
    assert results[0] == results[1] != results[2]


def test_what_has_no_meaning_is_refused() -> None:
    for call, kind, message in [
        (lambda: pools.avg_pool1d(randn(1, 4), 2, padding=2), UsageError, "more than half of a kernel"),
        (lambda: pools.avg_pool2d(randn(1, 4, 4), 2, divisor_override=0), UsageError, "the divisor can't be 0"),
        (lambda: pools.max_pool2d(randn(2, 2), 2), ShapeError, "have 4 axes"),
        (lambda: pools.adaptive_avg_pool1d(randn(4), 2), ShapeError, "has no channels"),
        (
            lambda: pools.fractional_max_pool2d(randn(1, 4, 4), 2),
            UsageError,
            "either an output_size or an output_ratio",
        ),
        (lambda: pools.fractional_max_pool2d(randn(1, 4, 4), 3, (3, 3)), ShapeError, "has no"),
        (lambda: pools.max_unpool1d(randn(1, 2), arange(2)[None] * 9, 2), UsageError, "outside of a result"),
        (lambda: pools.max_unpool1d(randn(1, 2), arange(3)[None], 2), ShapeError, "don't fit an input"),
    ]:
        with pytest.raises(kind, match=message):
            call()
