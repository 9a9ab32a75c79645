"""Metrics: how well predictions fit, by the formulas of scikit-learn's functions of the same names."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from gradcli.train.data.rows import blocks_of
from gradcli.train.model.objectives import chosen

if TYPE_CHECKING:
    from gradcli.array_types import Booleans, Floats, Indices
    from gradcli.train.model.model import Model

__all__ = ["Metrics", "accuracy", "confusion", "evaluate", "f1", "mae", "mean_loss", "measure", "r2", "rmse", "roc_auc"]


@dataclass(frozen=True)
class Metrics:
    """The quality of the predictions for some rows; a measure is None if it has no meaning or no value.

    Attributes:
        loss: the mean loss of the rows, without penalties.
        accuracy: the share of rows whose class is right.
        f1: the harmonic mean of precision and recall, averaged over the classes that occur.
        auc: the area under the receiver operating characteristic; for more than two classes, the mean over the classes,
            each against the rest.
        confusion: ``confusion[i][j]`` is the number of rows of class i that were predicted as class j.
        rmse: the root mean square error, in units of the target.
        mae: the mean absolute error, in units of the target.
        r2: 1 - squared error / squared deviation from the mean.
    """

    loss: float | None
    accuracy: float | None = None
    f1: float | None = None
    auc: float | None = None
    confusion: list[list[int]] | None = None
    rmse: float | None = None
    mae: float | None = None
    r2: float | None = None

    def named(self) -> dict[str, Any]:
        """The measures that have a value, by name."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    def _repr_html_(self) -> str:
        from gradcli.markup import table

        return table([], [[name, str(value)] for name, value in self.named().items()])


def accuracy(targets: Indices, predictions: Indices) -> float:
    """The share of predictions that are right: scikit-learn's accuracy_score."""
    return float((targets == predictions).mean())


def confusion(targets: Indices, predictions: Indices, classes: int) -> Indices:
    """How often a class (row) was predicted as a class (column): scikit-learn's confusion_matrix.

    >>> import numpy as np
    >>> confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2)
    array([[1, 1],
           [0, 1]])
    """
    import numpy as np

    return np.bincount(targets * classes + predictions, minlength=classes * classes).reshape(classes, classes)


def f1(matrix: Indices) -> float:
    """The mean of 2 tp / (2 tp + fp + fn) over the classes that occur: f1_score(average="macro")."""
    size = matrix.sum(axis=0) + matrix.sum(axis=1)
    occurs = size > 0
    return float((2 * matrix.diagonal()[occurs] / size[occurs]).mean())


def roc_auc(positive: Booleans, scores: Floats) -> float:
    """The chance that a positive row has a higher score than a negative one, ties counting half: roc_auc_score.

    It is nan if all rows are positive, or all are negative.

    >>> import numpy as np
    >>> roc_auc(np.array([False, True, True]), np.array([0.1, 0.1, 0.9]))
    0.75
    """
    import numpy as np

    first = int(positive.sum())
    second = len(positive) - first
    if not first or not second or not np.isfinite(scores).all():
        return math.nan
    # In order, because then the search stays in the caches.
    above, below = np.sort(scores[positive]), np.sort(scores[~positive])
    twice = 0
    for part in blocks_of(above):
        twice += int(below.searchsorted(above[part]).sum()) + int(below.searchsorted(above[part], "right").sum())
    return twice / 2 / (first * second)


def rmse(targets: Floats, predictions: Floats) -> float:
    """The root of the mean squared error: scikit-learn's root_mean_squared_error."""
    import numpy as np

    with np.errstate(all="ignore"):
        return float(np.sqrt(np.square(predictions - targets).mean()))


def mae(targets: Floats, predictions: Floats) -> float:
    """The mean absolute error: scikit-learn's mean_absolute_error."""
    import numpy as np

    with np.errstate(all="ignore"):
        return float(np.abs(predictions - targets).mean())


def r2(targets: Floats, predictions: Floats) -> float:
    """1 - squared error / squared deviation from the mean: r2_score; nan for a constant target."""
    import numpy as np

    with np.errstate(all="ignore"):
        spread = float(np.square(targets - targets.mean()).sum())
        return 1 - float(np.square(predictions - targets).sum()) / spread if spread else math.nan


def mean_loss(model: Model, scores: Floats, targets: Floats) -> float:
    """Return the mean loss of outputs, without penalties."""
    import numpy as np

    losses = np.empty(len(scores))
    with np.errstate(all="ignore"):
        for part in blocks_of(scores):
            losses[part] = model.loss_function.rows(scores[part], targets[part], model.classes)[:, 0]
        return float(np.mean(losses))


def measure(model: Model, scores: Floats, targets: Floats) -> float:
    """Return the accuracy for classes, or the root mean square error in units of the target for a number."""
    import numpy as np

    if model.labels is not None:
        return accuracy(targets.astype(np.intp), chosen(scores))
    return rmse(targets, scores[:, 0]) * model.target_scale


def evaluate(model: Model, scores: Floats, targets: Floats, *, in_place: bool = False) -> Metrics:
    """Return all metrics for outputs of a net.

    Args:
        scores: the outputs, shape (rows, outputs).
        targets: the targets in the form for the loss, shape (rows,).
        in_place: whether the memory of the scores is used; afterwards they are of no use.
    """
    import numpy as np

    if not len(scores):
        return Metrics(None)
    loss = valued(mean_loss(model, scores, targets))
    if model.labels is None:
        scale, predictions = model.target_scale, scores[:, 0]
        return Metrics(
            loss,
            rmse=valued(rmse(targets, predictions) * scale),
            mae=valued(mae(targets, predictions) * scale),
            r2=valued(r2(targets, predictions)),
        )
    classes, probabilities = len(model.labels), model.loss_function.probabilities
    matrix = confusion(targets.astype(np.intp), chosen(scores), classes)
    ranked = scores
    if probabilities is not None and scores.shape[1] > 1:
        ranked = scores if in_place else np.empty_like(scores)
        for part in blocks_of(scores):
            ranked[part] = probabilities(scores[part])
    if classes == 2:
        area = roc_auc(targets == 1, ranked[:, -1])
    else:
        area = float(np.mean([roc_auc(targets == one, ranked[:, one]) for one in range(classes)]))
    right = float(matrix.diagonal().sum() / len(targets))
    return Metrics(loss, right, f1(matrix), valued(area), matrix.tolist())


def valued(number: float) -> float | None:
    """Return a number, or None for nan."""
    return None if math.isnan(number) else number
