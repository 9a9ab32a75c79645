"""The formulas of losses give the same on the numbers of a row, with a class that is a variable, and on arrays."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradcli.nn.loss_formulas import BatchScores, RowScores, TracedScores, margins, squared, surprisal

SCORES = np.random.RandomState(0).normal(size=(7, 4)) * 3
CLASSES = np.arange(7) % 4


def squares(scores: Any) -> Any:
    return scores.total(squared)


@pytest.mark.parametrize("formula", [margins, surprisal, squares])
def test_a_formula_of_several_classes_gives_the_same_on_rows_with_any_class_and_on_batches(
    formula: Callable[[Any], Any],
) -> None:
    batch = formula(BatchScores(SCORES, CLASSES))
    assert batch.shape == (7, 1)
    for row, index, expected in zip(SCORES.tolist(), CLASSES.tolist(), batch[:, 0], strict=True):
        assert formula(RowScores(row, index)) == pytest.approx(expected, rel=1e-13)
        assert formula(TracedScores(row, float(index))) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("formula", [surprisal, squares])
def test_the_axis_of_the_classes_may_be_any_and_may_be_lost(formula: Callable[[Any], Any]) -> None:
    expected = formula(BatchScores(SCORES, CLASSES))[:, 0]
    turned = np.stack([SCORES, SCORES[::-1]]).transpose(0, 2, 1)
    found = formula(BatchScores(turned, np.stack([CLASSES, CLASSES[::-1]]), axis=1, keepdims=False))
    assert np.allclose(found, [expected, expected[::-1]], rtol=1e-13)
    assert formula(BatchScores(SCORES[0], CLASSES[0], axis=0)).shape == (1,)


@pytest.mark.parametrize("index", [0, 1])
def test_an_infinite_score_has_the_same_surprisal_where_the_class_is_a_variable(index: int) -> None:
    scores = [math.inf, 1.0]
    expected = float(surprisal(RowScores(scores, index)))
    assert surprisal(TracedScores(scores, float(index))) == pytest.approx(expected, nan_ok=True)
