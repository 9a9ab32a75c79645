"""A linear layer and the cross entropy of its outputs in one module."""

from __future__ import annotations

import pytest

from gradcli import nn, randn, tensor
from gradcli.errors import ShapeError, UsageError


def test_the_loss_is_that_of_both_modules_one_after_the_other() -> None:
    weight = tensor([1.0, 0.5, 2.0])
    loss = nn.LinearCrossEntropyLoss(4, 3, bias=True, weight=weight, label_smoothing=0.1)
    x, target = randn(5, 4), tensor([0, 1, 2, 1, 0])
    parts = nn.CrossEntropyLoss(weight=weight, label_smoothing=0.1)(loss.linear(x), target)
    assert loss(x, target).item() == pytest.approx(parts.item(), rel=1e-14)
    assert [*loss.state_dict()] == ["weight", "linear.weight", "linear.bias"]


def test_a_row_may_have_several_targets() -> None:
    loss = nn.LinearCrossEntropyLoss(4, 3, out_features=(2,), reduction="none")
    assert loss(randn(5, 4), tensor([[0, 1]] * 5)).shape == (5, 2)


def test_what_has_no_meaning_is_refused() -> None:
    with pytest.raises(ShapeError, match="a weight has the shape"):
        nn.LinearCrossEntropyLoss(4, 3, weight=tensor([1.0]))
    with pytest.raises(UsageError, match="a share from 0 to 1"):
        nn.LinearCrossEntropyLoss(4, 3, label_smoothing=2.0)
