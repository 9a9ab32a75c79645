"""The formulas of losses, written once for `gradcli.nn.losses` and for the objectives of training.

A formula of one prediction takes a score and its target.  A formula of several classes takes their scores as
`RowScores`, `TracedScores` or `BatchScores`: it runs on the numbers of one row, on nodes of a graph and on arrays.  All
are written with functions of the registry, so their derivatives of every order are the registry's.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from gradcli.primitives import functions as f

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "BatchScores", "RowScores", "TracedScores", "absolute", "hinge", "huber", "logistic", "margins", "squared",
    "surprisal",
]  # fmt: skip

# With it a score that is infinite has an infinite exponential, and no difference of infinities.
LARGEST_SHIFT = 1e300


def squared(score: Any, target: Any) -> Any:
    """The squared distance."""
    return f.square(score - target)


def absolute(score: Any, target: Any) -> Any:
    """The absolute distance."""
    return f.abs(score - target)


def huber(score: Any, target: Any, delta: float = 1.0) -> Any:
    """Half the square of a distance up to delta, and from there on in a straight line (Huber, 1964)."""
    distance = f.abs(score - target)
    near = f.min(distance, delta)
    return near * (distance + -0.5 * near)


def hinge(score: Any, target: Any) -> Any:
    """The margin by which a score misses a target of -1 or 1: max(0, 1 - t s)."""
    return f.relu(1.0 + -target * score)


def logistic(score: Any, target: Any) -> Any:
    """-log(sigmoid(t s)) for a target t of -1 or 1, in the form log(1 + exp(-t s)), which no score overflows."""
    return f.softplus(-target * score)


def margins(scores: Any, margin: float = 1.0) -> Any:
    """The sum of max(0, margin + s - own) over the other classes, divided by the number of classes."""
    total = scores.total(lambda score, _: f.relu(margin + (score - scores.own)))
    # The own class has added the margin itself, exactly.
    return (total + -max(margin, 0.0)) * (1.0 / scores.count)


def surprisal(scores: Any) -> Any:
    """-log(softmax(s)) at the class of each row: the cross entropy."""
    return scores.surprisal()


class RowScores:
    """The scores of one row, numbers or `Value`s, of which the one at ``index`` is its class's own."""

    def __init__(self, scores: Sequence[Any], index: float) -> None:
        self.scores = scores
        self.index = int(index)
        self.own = scores[self.index]
        self.count = len(scores)

    def total(self, term: Callable[[Any, Any], Any]) -> Any:
        """The sum over the scores of ``term(score, target)``, added from the left; the target is 1 or -1."""
        terms = [term(score, 1.0 if other == self.index else -1.0) for other, score in enumerate(self.scores)]
        return functools.reduce(operator.add, terms)

    def surprisal(self) -> Any:
        """The logarithm of the sum of exponentials, taken pairwise so that it can't overflow, less the own score."""
        return functools.reduce(f.logaddexp, self.scores) - self.own


class TracedScores:
    """The scores of one row as nodes of a graph; its class is a node as well."""

    def __init__(self, scores: Sequence[Any], index: Any) -> None:
        self.scores = scores
        self.count = len(scores)
        self.marks = [f.equal(index, float(number)) for number in range(len(scores))]
        terms = [f.where(mark, score, 0.0) for mark, score in zip(self.marks, scores, strict=True)]
        self.own = functools.reduce(operator.add, terms)

    def total(self, term: Callable[[Any, Any], Any]) -> Any:
        """The sum over the scores of ``term(score, target)``; the target is 1 or -1."""
        terms = [term(score, 2.0 * mark + -1.0) for score, mark in zip(self.scores, self.marks, strict=True)]
        return functools.reduce(operator.add, terms)

    def surprisal(self) -> Any:
        """The same as of `RowScores`, with exponentials shifted by a whole number, which has no derivative."""
        shift = f.min(f.floor(functools.reduce(f.max, self.scores)), LARGEST_SHIFT)
        powers = [f.exp(score - shift) for score in self.scores]
        return f.log(functools.reduce(operator.add, powers)) + shift - self.own


class BatchScores:
    """The scores of many rows: an array or a `Tensor` whose classes lie along an axis.

    Args:
        index: the class of each row, in the shape of the scores without that axis.
        keepdims: whether the results keep the axis, with length 1, or lose it.
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
        """The sum over the scores of ``term(score, target)``; the target is 1 or -1."""
        import numpy as np

        targets = np.full(self.scores.shape, -1.0)
        targets[self.places] = 1.0
        return f.sum(term(self.scores, targets), axis=self.axis, keepdims=self.keepdims)

    def surprisal(self) -> Any:
        """The logarithm of the sum of exponentials less the own score."""
        return -f.index(f.log_softmax(self.scores, axis=self.axis), key=self.places)
