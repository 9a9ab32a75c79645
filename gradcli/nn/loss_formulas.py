"""The formulas of losses, written once for `gradcli.nn.losses` and for the objectives of training.

A formula for one prediction takes a score and its target.  A formula for several classes takes their scores as
`RowScores`, `TracedScores` or `BatchScores`.  So it runs on the numbers of one row, on nodes of a graph, and on arrays.
All formulas are composed of functions of the registry, so their derivatives of every order are known.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from gradcli.primitives import functions as f

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "BatchScores", "RowScores", "TracedScores", "absolute", "angle", "gaussian", "hinge", "huber", "logistic",
    "margins", "ranking", "squared", "surprisal", "triplet",
]  # fmt: skip

# A bound for the shift.  With it, the exponential of an infinite score is infinite: inf - inf would be nan.
LARGEST_SHIFT = 1e300


def squared(score: Any, target: Any) -> Any:
    """The squared distance."""
    return f.square(score - target)


def absolute(score: Any, target: Any) -> Any:
    """The absolute distance."""
    return f.abs(score - target)


def huber(score: Any, target: Any, delta: float = 1.0) -> Any:
    """Half the squared distance, but a straight line where the distance is above delta (Huber, 1964)."""
    distance = f.abs(score - target)
    near = f.min(distance, delta)
    return near * (distance + -0.5 * near)


def hinge(score: Any, target: Any) -> Any:
    """max(0, 1 - t s) for a score s and a target t of -1 or 1."""
    return f.relu(1.0 + -target * score)


def logistic(score: Any, target: Any) -> Any:
    """-log(sigmoid(t s)) for a target t of -1 or 1, written as log(1 + exp(-t s)), which doesn't overflow."""
    return f.softplus(-target * score)


def margins(scores: Any, margin: float = 1.0, power: int = 1) -> Any:
    """The sum of max(0, margin + s - own)^power over the scores s of the other classes, divided by their number."""

    def term(score: Any, _: Any) -> Any:
        distance = f.relu(margin + (score - scores.own))
        return distance if power == 1 else f.square(distance)

    # The term of the row's own class is exactly the power of the margin.
    return (scores.total(term) + -(max(margin, 0.0) ** power)) * (1.0 / scores.count)


def ranking(first: Any, second: Any, target: Any, margin: float) -> Any:
    """max(0, margin - t (first - second)): a target t of 1 wants the first score above the second, -1 below it."""
    return f.relu(margin + -target * (first - second))


def angle(cosine: Any, target: Any, margin: float) -> Any:
    """1 - cosine for a pair that is alike (a target of 1), and max(0, cosine - margin) for one that isn't (-1)."""
    alike = f.where(f.equal(target, 1.0), 1.0 - cosine, 0.0)
    return alike + f.where(f.equal(target, -1.0), f.relu(cosine - margin), 0.0)


def triplet(near: Any, far: Any, margin: float) -> Any:
    """max(0, margin + near - far) for the distances of an anchor from what is alike and from what isn't."""
    return f.clip(margin + near - far, 0.0, math.inf)


def gaussian(score: Any, target: Any, variance: Any) -> Any:
    """The negative log likelihood of a target with a normal distribution, without the constant log(2 pi)/2."""
    return 0.5 * (f.log(variance) + f.square(score - target) / variance)


def surprisal(scores: Any) -> Any:
    """The cross entropy: -log(softmax(scores)) at the class of each row."""
    return scores.surprisal()


class RowScores:
    """The scores of one row, as numbers or `Value`s; ``index`` is the class of the row."""

    def __init__(self, scores: Sequence[Any], index: float) -> None:
        self.scores = scores
        self.index = int(index)
        self.own = scores[self.index]
        self.count = len(scores)

    def total(self, term: Callable[[Any, Any], Any]) -> Any:
        """The sum of ``term(score, target)`` over the scores, added from the left; the target is 1 or -1."""
        terms = [term(score, 1.0 if other == self.index else -1.0) for other, score in enumerate(self.scores)]
        return functools.reduce(operator.add, terms)

    def surprisal(self) -> Any:
        """The logarithm of the sum of exp(score), minus the score of the row's class.

        It is computed pair by pair, so it can't overflow.
        """
        return functools.reduce(f.logaddexp, self.scores) - self.own


class TracedScores:
    """The scores of one row as nodes of a graph; the class of the row is a node as well."""

    def __init__(self, scores: Sequence[Any], index: Any) -> None:
        self.scores = scores
        self.count = len(scores)
        self.marks = [f.equal(index, float(number)) for number in range(len(scores))]
        terms = [f.where(mark, score, 0.0) for mark, score in zip(self.marks, scores, strict=True)]
        self.own = functools.reduce(operator.add, terms)

    def total(self, term: Callable[[Any, Any], Any]) -> Any:
        """The sum of ``term(score, target)`` over the scores; the target is 1 or -1."""
        terms = [term(score, 2.0 * mark + -1.0) for score, mark in zip(self.scores, self.marks, strict=True)]
        return functools.reduce(operator.add, terms)

    def surprisal(self) -> Any:
        """The logarithm of the sum of exp(score), minus the score of the row's class.

        The scores are shifted by a whole number, so that no exponential overflows; the derivative of the shift
        is 0.
        """
        shift = f.min(f.floor(functools.reduce(f.max, self.scores)), LARGEST_SHIFT)
        powers = [f.exp(score - shift) for score in self.scores]
        return f.log(functools.reduce(operator.add, powers)) + shift - self.own


class BatchScores:
    """The scores of many rows: an array or a `Tensor`, with the classes along one axis.

    Args:
        index: the class of each row; its shape is the shape of the scores without the axis of the classes.
        axis: the axis of the classes.
        keepdims: whether the results keep this axis, with length 1.
    """

    def __init__(self, scores: Any, index: NDArray[np.intp], axis: int = 1, keepdims: bool = True) -> None:
        import numpy as np

        self.scores, self.axis, self.keepdims = scores, axis, keepdims
        self.count = int(scores.shape[axis])
        places: list[NDArray[np.intp]] = [*np.indices(index.shape, sparse=True)]
        places.insert(axis, index)
        self.places = tuple([np.expand_dims(place, axis) for place in places] if keepdims else places)

    @property
    def own(self) -> Any:
        """The score of each row's class."""
        return f.index(self.scores, key=self.places)

    def total(self, term: Callable[[Any, Any], Any]) -> Any:
        """The sum of ``term(score, target)`` over the scores; the target is 1 or -1."""
        import numpy as np

        targets = np.full(self.scores.shape, -1.0)
        targets[self.places] = 1.0
        return f.sum(term(self.scores, targets), axis=self.axis, keepdims=self.keepdims)

    def surprisal(self) -> Any:
        """The logarithm of the sum of exp(score), minus the score of each row's class."""
        return -f.index(f.log_softmax(self.scores, axis=self.axis), key=self.places)
