"""Metrics, each against scikit-learn's function of the same name."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from gradcli.train.data import rows
from gradcli.train.data.datasets import make
from gradcli.train.data.rows import Data
from gradcli.train.metrics import accuracy, confusion, evaluate, f1, mae, r2, rmse, roc_auc
from gradcli.train.model.design import describe
from gradcli.train.model.objectives import OBJECTIVES

CLASSES = {
    "two classes": (2, 40, 0),
    "five classes": (5, 60, 1),
    "a class that is never predicted": (9, 12, 2),
    "few rows": (3, 4, 3),
    "one row": (3, 1, 4),
}


@pytest.fixture
def peer() -> Any:
    """The metrics of scikit-learn."""
    return pytest.importorskip("sklearn.metrics")


@pytest.mark.parametrize("name", CLASSES)
def test_metrics_of_classes_are_scikit_learn_s(name: str, peer: Any) -> None:
    classes, rows, seed = CLASSES[name]
    generator = np.random.RandomState(seed)
    targets = generator.randint(classes, size=rows)
    predictions = np.where(generator.uniform(size=rows) < 0.6, targets, generator.randint(classes, size=rows))
    matrix = confusion(targets, predictions, classes)
    assert np.array_equal(matrix, peer.confusion_matrix(targets, predictions, labels=range(classes)))
    assert accuracy(targets, predictions) == pytest.approx(peer.accuracy_score(targets, predictions), rel=1e-15)
    assert f1(matrix) == pytest.approx(peer.f1_score(targets, predictions, average="macro"), rel=1e-14)


@pytest.mark.parametrize("digits", [0, 1, 16])
def test_the_area_is_scikit_learn_s_with_and_without_ties(digits: int, peer: Any) -> None:
    generator = np.random.RandomState(digits)
    targets = generator.randint(2, size=200)
    scores = np.round(targets + 2 * generator.normal(size=200), digits)
    assert roc_auc(targets == 1, scores) == pytest.approx(peer.roc_auc_score(targets, scores), rel=1e-13)


def test_the_area_of_several_classes_is_the_mean_of_each_against_the_rest(peer: Any) -> None:
    generator = np.random.RandomState(5)
    targets, scores = np.arange(90) % 4, generator.normal(size=(90, 4))
    data = Data("t", ("x",), generator.normal(size=(90, 1)), "y", targets.astype(float), tuple("abcd"))
    probabilities = OBJECTIVES["cross_entropy"].probabilities(scores)  # type: ignore[misc]
    found = evaluate(describe(data, loss="cross_entropy"), scores, data.targets)
    assert found.auc == pytest.approx(peer.roc_auc_score(targets, probabilities, multi_class="ovr"), rel=1e-13)


@pytest.mark.parametrize("loss", ["hinge", "bce", "cross_entropy"])
def test_the_area_of_two_classes_is_that_of_the_second(loss: str, peer: Any) -> None:
    generator = np.random.RandomState(6)
    targets = (np.arange(50) % 2).astype(float)
    data = Data("t", ("x",), generator.normal(size=(50, 1)), "y", targets, ("a", "b"))
    model = describe(data, loss=loss)
    scores = generator.normal(size=(50, model.outputs))
    single = scores[:, 0] if model.outputs == 1 else scores[:, 1] - scores[:, 0]
    assert evaluate(model, scores, targets).auc == pytest.approx(peer.roc_auc_score(targets, single), rel=1e-13)


@pytest.mark.parametrize("loss", ["hinge", "cross_entropy"])
def test_many_rows_are_measured_part_by_part_to_the_same_bits(loss: str, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.RandomState(8)
    targets, scores = np.arange(90.0) % 4, np.round(generator.normal(size=(90, 4)), 1)
    model = describe(Data("t", ("x",), np.zeros((90, 1)), "y", targets, tuple("abcd")), loss=loss)
    found, kept = evaluate(model, scores, targets), scores.copy()
    monkeypatch.setattr(rows, "BLOCK", 7)
    assert evaluate(model, scores, targets) == found
    assert np.array_equal(scores, kept)
    assert evaluate(model, scores, targets, in_place=True) == found


def test_without_one_of_the_classes_there_is_no_area() -> None:
    assert math.isnan(roc_auc(np.array([True, True]), np.array([0.1, 0.2])))
    data = Data("t", ("x",), np.zeros((3, 1)), "y", np.zeros(3), ("a", "b"))
    assert evaluate(describe(data), np.ones((3, 1)), data.targets).auc is None


def test_metrics_of_numbers_are_scikit_learn_s(peer: Any) -> None:
    generator = np.random.RandomState(7)
    targets = 100 * generator.normal(size=60)
    predictions = targets + generator.normal(size=60)
    assert rmse(targets, predictions) == pytest.approx(peer.root_mean_squared_error(targets, predictions), rel=1e-14)
    assert mae(targets, predictions) == pytest.approx(peer.mean_absolute_error(targets, predictions), rel=1e-14)
    assert r2(targets, predictions) == pytest.approx(peer.r2_score(targets, predictions), rel=1e-14)


def test_a_constant_target_has_no_r2() -> None:
    assert math.isnan(r2(np.ones(3), np.zeros(3)))


def test_over_no_rows_there_are_no_metrics() -> None:
    data = Data("t", ("x",), np.zeros((2, 1)), "y", np.array([0.0, 1.0]), ("a", "b"))
    assert evaluate(describe(data), np.zeros((0, 1)), np.zeros(0)).named() == {}


def test_measures_of_classes_are_the_share_of_right_answers() -> None:
    model = describe(make("moons"))
    found = evaluate(model, np.array([[1.0], [-1.0], [2.0], [0.5]]), np.array([1.0, 0.0, 0.0, 1.0]))
    assert found.accuracy == 0.75
    assert found.confusion == [[1, 1], [0, 2]]
    assert found.rmse is None


def test_measures_of_numbers_are_in_the_units_of_the_target() -> None:
    data = Data("t", ("x",), np.zeros((4, 1)), "y", np.array([0.0, 10.0, 20.0, 30.0]), None)
    model = describe(data)
    targets = model.scaled_targets(data.targets)
    found = evaluate(model, targets[:, None] + 1 / model.target_scale, targets)
    assert found.rmse == pytest.approx(1)
    assert found.r2 == pytest.approx(1 - 4 / 500)
    assert found.mae == pytest.approx(1)
    assert found.accuracy is None


def test_scores_that_are_not_finite_have_no_finite_loss() -> None:
    model = describe(make("moons"), loss="mse")
    assert evaluate(model, np.array([[math.inf], [-math.inf]]), np.array([0.0, 1.0])).loss == math.inf
    assert evaluate(model, np.array([[math.nan], [0.0]]), np.array([0.0, 1.0])).loss is None
