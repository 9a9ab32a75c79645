"""The weights of classes and rows; `tests/faults/test_weight_faults.py` has what they do to a training."""

from __future__ import annotations

import numpy as np

from gradcli.train.data.datasets import make
from gradcli.train.data.weights import class_weights, row_weights


def test_the_weights_of_rows_have_the_mean_1() -> None:
    weights = row_weights(make("moons", samples=40), "1=3")
    assert weights is not None
    assert weights.mean() == 1
    assert np.unique(weights).tolist() == [0.5, 1.5]


def test_without_a_choice_rows_have_no_weights() -> None:
    assert row_weights(make("moons", samples=40), None) is None


def test_a_label_may_have_an_equals_sign() -> None:
    assert class_weights("a=b=2", ("a", "a=b"), [1, 1]) == [1.0, 2.0]
