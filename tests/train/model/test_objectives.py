"""Losses: their values, their gradients and their probabilities."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradcli import Tensor, Value
from gradcli.nn.loss_formulas import TracedScores
from gradcli.train.model.objectives import OBJECTIVES, chosen, objective_named

SCORES = [[0.3], [-2.0], [1.0], [40.0], [-800.0]]
SEVERAL = [[0.3, -0.2, 1.5], [2.0, 2.5, -1.0], [700.0, -700.0, 0.0]]


def peer(name: str, scores: list[float], target: float, labels: int | None) -> Any:
    """PyTorch's loss of one row and its gradient."""
    torch = pytest.importorskip("torch")
    F = torch.nn.functional
    row = torch.tensor(scores, dtype=torch.float64, requires_grad=True)
    if labels is None:
        loss = {"mse": F.mse_loss, "mae": F.l1_loss, "huber": F.huber_loss}[name](
            row[0], torch.tensor(target, dtype=torch.float64)
        )
    elif len(scores) == 1:
        sign = 2 * target - 1
        formulas: dict[str, Callable[[], Any]] = {
            "hinge": lambda: torch.relu(1 - sign * row[0]),
            "mse": lambda: (row[0] - sign) ** 2,
            "bce": lambda: F.binary_cross_entropy_with_logits(row[0], torch.tensor(target, dtype=torch.float64)),
        }
        loss = formulas[name]()
    else:
        hot = torch.nn.functional.one_hot(torch.tensor(int(target)), labels).double()
        formulas = {
            "hinge": lambda: F.multi_margin_loss(row[None], torch.tensor([int(target)])),
            "mse": lambda: F.mse_loss(row, 2 * hot - 1),
            "bce": lambda: F.binary_cross_entropy_with_logits(row, hot),
            "cross_entropy": lambda: F.cross_entropy(row[None], torch.tensor([int(target)])),
        }
        loss = formulas[name]()
    loss.backward()
    return loss.item(), row.grad.numpy()


CASES = [
    *((name, scores, target, 2) for name in ("hinge", "mse", "bce") for scores in SCORES for target in (0.0, 1.0)),
    *(("cross_entropy", [1.0, -2.0], target, 2) for target in (0.0, 1.0)),
    *(
        (name, scores, target, 3)
        for name in ("hinge", "mse", "bce", "cross_entropy")
        for scores in SEVERAL
        for target in (0.0, 1.0, 2.0)
    ),
    *((name, [score], 0.7, None) for name in ("mse", "mae", "huber") for score in (0.3, -5.0, 1e100)),
]


@pytest.mark.parametrize(("name", "scores", "target", "labels"), CASES)
class TestAgainstPyTorch:
    def test_the_value_on_floats_is_pytorch_s(
        self, name: str, scores: list[float], target: float, labels: int | None
    ) -> None:
        expected, _ = peer(name, scores, target, labels)
        assert float(OBJECTIVES[name].row(scores, target, labels)) == pytest.approx(expected, rel=1e-13, abs=1e-300)

    def test_value_and_gradient_of_the_registry_are_pytorch_s(
        self, name: str, scores: list[float], target: float, labels: int | None
    ) -> None:
        _, gradient = peer(name, scores, target, labels)
        row = [Value(score) for score in scores]
        loss = OBJECTIVES[name].row(row, target, labels)
        assert loss.data == OBJECTIVES[name].row(scores, target, labels)
        loss.backward()
        at_the_kink = name == "hinge" and any(abs(abs(score) - 1) == 0 for score in scores)
        if not at_the_kink:
            assert np.allclose([score.grad for score in row], gradient, rtol=1e-12, atol=1e-15)

    def test_with_the_class_as_a_variable_value_and_gradient_are_pytorch_s(
        self, name: str, scores: list[float], target: float, labels: int | None
    ) -> None:
        if len(scores) == 1:
            return
        expected, gradient = peer(name, scores, target, labels)
        row, index = [Value(score) for score in scores], Value(target)
        loss = OBJECTIVES[name].together(TracedScores(row, index))
        loss.backward()
        assert loss.data == pytest.approx(expected, rel=1e-13, abs=1e-15)
        assert np.allclose([score.grad for score in row], gradient, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(
    ("name", "labels", "outputs"),
    [
        *((name, 2, 1) for name in ("hinge", "mse", "bce")),
        *((name, 3, 3) for name in ("hinge", "mse", "bce", "cross_entropy")),
        ("cross_entropy", 2, 2),
        *((name, None, 1) for name in ("mse", "mae", "huber")),
        *(("abs(p-y)^1.5", labels, outputs) for labels, outputs in ((2, 1), (3, 3), (None, 1))),
    ],
)
def test_a_batch_has_the_losses_of_its_rows_on_arrays_and_on_tensors(
    name: str, labels: int | None, outputs: int
) -> None:
    generator = np.random.RandomState(0)
    loss, scores = objective_named(name), 3 * generator.normal(size=(20, outputs))
    targets = generator.normal(size=20) if labels is None else np.arange(20.0) % labels
    expected = [loss.row(row, target, labels) for row, target in zip(scores.tolist(), targets.tolist(), strict=True)]
    found = loss.rows(scores, targets, labels)
    assert found.shape == (20, 1)
    assert np.allclose(found[:, 0], expected, rtol=1e-12, atol=1e-15)
    assert np.array_equal(loss.rows(Tensor(scores), targets, labels).detach().numpy(), found)


@pytest.mark.parametrize("labels", [None, 2, 3])
def test_the_square_of_the_difference_is_the_squared_distance_of_numbers_and_of_classes(labels: int | None) -> None:
    scores, target = [0.25] * (labels if labels == 3 else 1), 1.0
    assert objective_named("(p-y)^2").row(scores, target, labels) == OBJECTIVES["mse"].row(scores, target, labels)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_a_loss_says_how_many_outputs_it_needs(name: str) -> None:
    loss = OBJECTIVES[name]
    if loss.classes:
        assert loss.outputs(2) == (2 if name == "cross_entropy" else 1)
        assert loss.outputs(3) == 3
    if loss.numbers:
        assert loss.outputs(None) == 1


@pytest.mark.parametrize(
    ("name", "scores", "probabilities"),
    [
        ("bce", [0.0], [0.5, 0.5]),
        ("bce", [math.log(3)], [0.25, 0.75]),
        ("bce", [800.0], [0.0, 1.0]),
        ("bce", [-800.0, -800.0, -800.0], [1 / 3, 1 / 3, 1 / 3]),
        ("cross_entropy", [0.0, math.log(3)], [0.25, 0.75]),
        ("cross_entropy", [1000.0, -1000.0, 1000.0], [0.5, 0.0, 0.5]),
    ],
)
def test_probabilities_are_those_of_the_formula_and_add_up_to_one(
    name: str, scores: list[float], probabilities: list[float]
) -> None:
    function = OBJECTIVES[name].probabilities
    assert function is not None
    found = function(np.array([scores]))[0]
    assert found == pytest.approx(probabilities, abs=1e-15)
    assert sum(found) == pytest.approx(1, abs=1e-15)


@pytest.mark.parametrize(
    ("scores", "index"), [([0.1], 1), ([-0.1], 0), ([0.0], 0), ([1.0, 2.0, 0.0], 1), ([3.0, 3.0], 0)]
)
def test_the_largest_score_chooses_and_ties_go_to_the_first(scores: list[float], index: int) -> None:
    assert chosen(np.array([scores])).tolist() == [index]
