"""Layers that normalise, beside PyTorch's."""

from __future__ import annotations

from typing import Any

import pytest

from gradcli import nn, randn
from gradcli.errors import ShapeError, UsageError
from tests.support.torch_modules import assert_same_module

CASES: dict[str, tuple[Any, Any]] = {
    "batches of rows": (lambda n: n.BatchNorm1d(3), lambda t: [t(5, 3)]),
    "batches of series": (lambda n: n.BatchNorm1d(3, momentum=None, eps=1e-3), lambda t: [t(4, 3, 5)]),
    "batches without averages": (lambda n: n.BatchNorm1d(3, track_running_stats=False), lambda t: [t(5, 3)]),
    "batches of images": (lambda n: n.BatchNorm2d(2, affine=False), lambda t: [t(3, 2, 4, 5)]),
    "series": (lambda n: n.InstanceNorm1d(2, affine=True, track_running_stats=True), lambda t: [t(3, 2, 5)]),
    "one series": (lambda n: n.InstanceNorm1d(2), lambda t: [t(2, 5)]),
    "images": (lambda n: n.InstanceNorm2d(2), lambda t: [t(3, 2, 4, 5)]),
    "groups": (lambda n: n.GroupNorm(2, 4), lambda t: [t(3, 4, 5)]),
    "root mean squares": (lambda n: n.RMSNorm((2, 3), eps=1e-3), lambda t: [t(4, 2, 3)]),
}


@pytest.mark.parametrize("name", CASES)
def test_a_layer_is_pytorchs(name: str) -> None:
    assert_same_module(*CASES[name])


def test_what_does_not_fit_is_refused_and_layers_tell_their_sizes() -> None:
    for layer, shape in [(nn.BatchNorm1d(3), (2, 4)), (nn.BatchNorm2d(3), (2, 3, 4)), (nn.InstanceNorm1d(3), (2, 4))]:
        with pytest.raises(ShapeError, match="3 channels"):
            layer(randn(*shape))
    with pytest.raises(UsageError, match="3 channels can't be divided into 2 groups"):
        nn.GroupNorm(2, 3)
    assert repr(nn.BatchNorm2d(3)) == "BatchNorm2d(3, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)"
    assert repr(nn.GroupNorm(2, 4)) == "GroupNorm(2, 4, eps=1e-05, affine=True)"
    assert repr(nn.RMSNorm(4)) == "RMSNorm((4,), eps=None, elementwise_affine=True)"
