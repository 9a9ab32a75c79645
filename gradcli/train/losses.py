"""Losses: how far the outputs of a net are from a target.

One entry of `LOSSES` is one loss: the formula for one row, how many outputs the net needs, and how outputs become
probabilities.  A formula is written with the primitives of the registry, so it runs on floats (validation, prediction)
and on `Value`s (training), and its gradient is the registry's: no loss has a backward of its own.

With two classes a net has one output for `hinge`, `mse` and `bce`, and a positive output means the second class; the
formulas then use the target -1 or +1.  Otherwise there is one output for each class, and the largest wins.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gradcli.primitives import functions as f

__all__ = ["LOSSES", "Loss", "chosen"]


def sign(target: float) -> float:
    """-1 for the first of two classes, +1 for the second."""
    return 2.0 * target - 1.0


def mean(terms: Sequence[Any]) -> Any:
    """The mean of a few terms, added from the left."""
    return functools.reduce(lambda total, term: total + term, terms) * (1.0 / len(terms))


@dataclass(frozen=True)
class Loss:
    """One loss.

    Args:
        about: a sentence for the help.
        classes: the formula of one row for classes, ``classes(scores, index)``; None if the loss has no such meaning.
        numbers: the formula of one row for a number, ``numbers(score, target)``; None likewise.
        probabilities: ``probabilities(scores)`` gives one probability per class; None if the outputs are only scores.
        paired: whether two classes need two outputs.
    """

    about: str
    classes: Callable[[Sequence[Any], int], Any] | None = None
    numbers: Callable[[Any, float], Any] | None = None
    probabilities: Callable[[Sequence[float]], list[float]] | None = None
    paired: bool = False

    def outputs(self, labels: int | None) -> int:
        """How many outputs a net needs for so many classes (None: for a number).

        >>> LOSSES["bce"].outputs(2), LOSSES["cross_entropy"].outputs(2), LOSSES["mse"].outputs(None)
        (1, 2, 1)
        """
        if labels is None or (labels == 2 and not self.paired):
            return 1
        return labels

    def row(self, scores: Sequence[Any], target: float, labels: int | None) -> Any:
        """The loss of one row, a float or whatever the scores are.

        >>> LOSSES["hinge"].row([0.25], 1.0, labels=2)
        0.75
        """
        if labels is None:
            assert self.numbers is not None
            return self.numbers(scores[0], target)
        assert self.classes is not None
        return self.classes(scores, int(target))


def chosen(scores: Sequence[float]) -> int:
    """The index of the class that a row's outputs speak for; a tie goes to the first.

    >>> chosen([0.2]), chosen([-0.2]), chosen([1.0, 3.0, 2.0])
    (1, 0, 1)
    """
    if len(scores) == 1:
        return int(scores[0] > 0)
    return max(range(len(scores)), key=scores.__getitem__)


def hinge(scores: Sequence[Any], index: int) -> Any:
    """max(0, 1 - y s); for more classes the mean over the classes, as PyTorch's MultiMarginLoss."""
    if len(scores) == 1:
        return f.relu(1.0 + -sign(index) * scores[0])
    margins = [f.relu(1.0 + (score - scores[index])) for other, score in enumerate(scores) if other != index]
    return functools.reduce(lambda total, term: total + term, margins) * (1.0 / len(scores))


def squared_distance(scores: Sequence[Any], index: int) -> Any:
    """The squared distance of the outputs from -1 and +1, as a mean over the outputs."""
    if len(scores) == 1:
        return f.square(scores[0] - sign(index))
    return mean([f.square(score - (1.0 if other == index else -1.0)) for other, score in enumerate(scores)])


def binary_cross_entropy(scores: Sequence[Any], index: int) -> Any:
    """-log(sigmoid(y s)) in the form log(1 + exp(-y s)), which no score overflows; for more classes each against the
    rest, as a mean."""
    if len(scores) == 1:
        return f.softplus(-sign(index) * scores[0])
    return mean([f.softplus(-score if other == index else score) for other, score in enumerate(scores)])


def cross_entropy(scores: Sequence[Any], index: int) -> Any:
    """-log(softmax(s)[index]), the logarithm of the sum of exponentials taken pairwise so that it can't overflow."""
    return functools.reduce(f.logaddexp, scores) - scores[index]


def softmax(scores: Sequence[float]) -> list[float]:
    """exp(s) / sum(exp(s)), shifted by the largest score."""
    largest = max(scores)
    powers = [f.exp(score - largest) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]


def logistic(scores: Sequence[float]) -> list[float]:
    """The sigmoid of one score; of several, their sigmoids divided by the sum."""
    if len(scores) == 1:
        return [f.sigmoid(-scores[0]), f.sigmoid(scores[0])]
    parts = [f.sigmoid(score) for score in scores]
    total = sum(parts)
    return [part / total for part in parts] if total else softmax(scores)


LOSSES: dict[str, Loss] = {
    "hinge": Loss("the margin by which a class is missed", classes=hinge),
    "mse": Loss(
        "the squared distance",
        classes=squared_distance,
        numbers=lambda score, target: f.square(score - target),
    ),
    "mae": Loss("the absolute distance of a number", numbers=lambda score, target: f.abs(score - target)),
    "bce": Loss("cross entropy of yes and no", classes=binary_cross_entropy, probabilities=logistic),
    "cross_entropy": Loss(
        "cross entropy of several classes", classes=cross_entropy, probabilities=softmax, paired=True
    ),
}
