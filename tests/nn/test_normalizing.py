"""Normalisations and distances as functions, beside PyTorch's; `benchmarks/opinfo.py` compares far more."""

from __future__ import annotations

from typing import Any

import pytest

from gradcli import ones, randn
from gradcli.errors import ShapeError
from gradcli.nn import normalizing
from tests.support.torch_names import assert_same


def with_running_averages(t: Any, x: Any, v: Any) -> Any:
    mean, variance, first, second = [one(3, dtype=t.float64) for one in (t.zeros, t.ones) * 2]
    seen = t.nn.functional.batch_norm(x, mean, variance, v, v, training=True, momentum=0.3)
    more = t.nn.functional.instance_norm(x.T[None], first, second, momentum=0.5)
    used = t.nn.functional.batch_norm(x, mean.clone(), variance.clone(), v)
    return [seen, more, used, mean, variance, first, second]


CASES: dict[str, Any] = {
    "running averages": with_running_averages,
    "groups": lambda t, x, v: t.nn.functional.group_norm(x[None].expand(2, 2, 3), 2, v[:2], v[1:]),
    "root mean squares": lambda t, x, v: [t.nn.functional.rms_norm(x, (3,), v), t.nn.functional.rms_norm(x, (2, 3))],
    "neighbours": lambda t, x: t.nn.functional.local_response_norm(x[None], 2, alpha=0.5),
    "lengths": lambda t, x, v: [t.nn.functional.normalize(x), t.nn.functional.normalize(v, p=1.0, dim=0)],
    "distances": lambda t, x, y: [
        t.nn.functional.cosine_similarity(x, y),
        t.nn.functional.cosine_similarity(x, y[:1], dim=0),
        t.nn.functional.pairwise_distance(x, y, keepdim=True),
    ],
}


@pytest.mark.parametrize("name", CASES)
def test_a_call_is_pytorchs(name: str) -> None:
    assert_same(CASES[name])


def test_what_has_no_meaning_is_refused() -> None:
    with pytest.raises(ShapeError, match="and so no deviation"):
        normalizing.batch_norm(randn(1, 3), None, None, training=True)
    with pytest.raises(ShapeError, match="and so no deviation"):
        normalizing.instance_norm(randn(2, 3, 1))
    with pytest.raises(ShapeError, match="into 2 groups"):
        normalizing.group_norm(randn(2, 3), 2)
    with pytest.raises(ShapeError, match="don't end in the axes"):
        normalizing.rms_norm(ones(2, 3), 2)
