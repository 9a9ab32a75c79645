"""The loss of sequences without alignment, and that of a linear layer, beside PyTorch's."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

from gradcli import nn, randn, tensor
from gradcli.errors import ShapeError, UsageError
from gradcli.nn import sequence_losses as losses
from tests.support.torch_names import assert_same

CASES: dict[str, Any] = {
    "rows": lambda t, x, y: t.nn.functional.ctc_loss(
        t.stack([x, y, x + y, x * y]).log_softmax(2), t.tensor([[1, 2], [2, 2]]), (4, 3), (2, 1)
    ),
    "one after the other": lambda t, x, y: t.nn.CTCLoss(blank=2, reduction="none", zero_infinity=True)(
        t.stack([x, y, x + y]).log_softmax(2), t.tensor([1, 1, 1, 0, 1]), t.tensor([3, 3]), t.tensor([3, 2])
    ),
    "no rows": lambda t, x: t.nn.functional.ctc_loss(
        x.repeat(2, 1).log_softmax(1), t.tensor([1, 1]), t.tensor([4]), t.tensor([2]), reduction="sum"
    ),
    "linear": lambda t, x, y, v: [
        t.nn.functional.linear_cross_entropy(x, y, t.tensor([0, 1]), label_smoothing=0.1)
        if hasattr(t.nn.functional, "linear_cross_entropy")
        else t.nn.functional.cross_entropy(x @ y.T, t.tensor([0, 1]), label_smoothing=0.1)
    ],
}


@pytest.mark.parametrize("name", CASES)
def test_a_call_is_pytorchs(name: str) -> None:
    assert_same(CASES[name])


def test_the_loss_is_the_sum_over_all_paths() -> None:
    logarithms = randn(4, 1, 3).log_softmax(2)
    probabilities = np.exp(logarithms.numpy()[:, 0])
    total = 0.0
    for path in itertools.product(range(3), repeat=4):
        said = [label for label, _ in itertools.groupby(path) if label]
        if said == [1, 1]:
            total += math.prod(probabilities[time, label] for time, label in enumerate(path))
    found = losses.ctc_loss(logarithms, tensor([[1, 1]]), [4], [2], reduction="sum")
    assert found.item() == pytest.approx(-math.log(total), rel=1e-12)


def test_what_has_no_meaning_is_refused() -> None:
    x, rows = randn(4, 2, 3).log_softmax(2), tensor([[1, 2], [2, 2]])
    for call, kind, message in [
        (lambda: losses.ctc_loss(x, rows, [5, 4], [2, 1]), UsageError, "at most 4"),
        (lambda: losses.ctc_loss(x, rows, [4], [2, 1]), UsageError, "2 sequences, but 1"),
        (lambda: losses.ctc_loss(x, rows, [4, 4], [2, 1], blank=3), UsageError, "a class from 0 to 2"),
        (lambda: losses.ctc_loss(x, rows * 2, [4, 4], [2, 1]), UsageError, "targets are classes from 0 to 2"),
        (lambda: losses.ctc_loss(x, tensor([1, 2]), [4, 4], [2, 1]), ShapeError, "have the sum 3"),
        (lambda: losses.linear_cross_entropy(randn(2, 3), randn(4, 2), rows[0]), ShapeError, "doesn't fit a linear"),
        (lambda: nn.LinearCrossEntropyOptions(batch_chunk_size=0), UsageError, "above 0"),
        (lambda: nn.LinearCrossEntropyOptions(chunking_method="halves"), UsageError, "not 'halves'"),
    ]:
        with pytest.raises(kind, match=message):
            call()
