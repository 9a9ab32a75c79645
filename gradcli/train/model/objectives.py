"""Losses: how far the outputs of a net are from a target.

One entry of `LOSSES` is one loss, and one formula: written with the primitives of the registry, it runs on floats, on
`Value`s (a row at a time), on arrays and on `Tensor`s (a batch at a time), and its gradient is the registry's: no loss
has a backward of its own.  A user's expression of the prediction ``p`` and the target ``y`` is a loss as well.

With two classes a net has one output for all losses but `cross_entropy`, and a positive output means the second class;
otherwise there is one output for each class, and the largest wins.  The target of an output is +1 for its own class and
-1 for the others; a number is its own target.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gradcli.errors import UsageError
from gradcli.primitives import functions as f
from gradcli.source import did_you_mean
from gradcli.train.model.formulas import formula, is_word

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["LOSSES", "Batch", "Loss", "Marked", "Row", "chosen", "loss_named"]


# With it a score that is infinite has an infinite exponential, and no difference of infinities.
LARGEST_SHIFT = 1e300


class Row:
    """The outputs of a net for one row, numbers or `Value`s, of which the ``index``-th is that of the row's class."""

    def __init__(self, scores: Sequence[Any], index: int) -> None:
        self.scores = scores
        self.index = index
        self.own = scores[index]
        self.count = len(scores)

    def total(self, term: Callable[[Any, Any], Any]) -> Any:
        """The sum over the outputs of ``term(score, target)``, added from the left."""
        terms = [term(score, 1.0 if other == self.index else -1.0) for other, score in enumerate(self.scores)]
        return functools.reduce(lambda total, one: total + one, terms)

    def logsumexp(self) -> Any:
        """The logarithm of the sum of exponentials, taken pairwise so that it can't overflow."""
        return functools.reduce(f.logaddexp, self.scores)


class Marked:
    """The outputs of a net for one row whose class is not known yet: nodes of a graph, and the class a node too."""

    def __init__(self, scores: Sequence[Any], index: Any) -> None:
        self.scores = scores
        self.count = len(scores)
        self.marks = [f.equal(index, float(number)) for number in range(len(scores))]
        terms = [f.where(mark, score, 0.0) for mark, score in zip(self.marks, scores, strict=True)]
        self.own = functools.reduce(lambda total, one: total + one, terms)

    def total(self, term: Callable[[Any, Any], Any]) -> Any:
        """The sum over the outputs of ``term(score, target)``."""
        terms = [term(score, 2.0 * mark + -1.0) for score, mark in zip(self.scores, self.marks, strict=True)]
        return functools.reduce(lambda total, one: total + one, terms)

    def logsumexp(self) -> Any:
        """The logarithm of the sum of exponentials, shifted by a whole number, through which no derivative passes."""
        shift = f.min(f.floor(functools.reduce(f.max, self.scores)), LARGEST_SHIFT)
        powers = [f.exp(score - shift) for score in self.scores]
        return f.log(functools.reduce(lambda total, one: total + one, powers)) + shift


class Batch:
    """The outputs of a net for many rows, an array or a `Tensor` of shape (rows, outputs), with each row's class.

    All results have shape (rows, 1).
    """

    def __init__(self, scores: Any, index: NDArray[np.intp]) -> None:
        import numpy as np

        self.scores = scores
        self.index = index[:, None]
        self.count = int(scores.shape[1])
        self.rows = np.arange(len(index))[:, None]

    @property
    def own(self) -> Any:
        """The output of each row's class."""
        return self.scores[self.rows, self.index]

    def total(self, term: Callable[[Any, Any], Any]) -> Any:
        """The sum over the outputs of ``term(score, target)``."""
        import numpy as np

        targets = np.full(self.scores.shape, -1.0)
        targets[self.rows, self.index] = 1.0
        return f.sum(term(self.scores, targets), axis=1, keepdims=True)

    def logsumexp(self) -> Any:
        """The logarithm of the sum of exponentials."""
        return f.logsumexp(self.scores, axis=1, keepdims=True)


@dataclass(frozen=True)
class Loss:
    """One loss.

    Args:
        about: a sentence for the help.
        single: ``single(score, target)``, the loss of one output; None if the outputs only have a meaning together.
        several: the loss of several outputs, a `Row`, a `Marked` or a `Batch`; by default the mean of their single
            losses.
        classes: whether it has a meaning for classes.
        numbers: whether it has one for a number.
        link: the key of `LINKS` that makes probabilities of the classes of the outputs; None if the outputs are only
            scores.
        paired: whether two classes need two outputs.
    """

    about: str
    single: Callable[[Any, Any], Any] | None = None
    several: Callable[[Any], Any] | None = None
    classes: bool = True
    numbers: bool = False
    link: str | None = None
    paired: bool = False

    def outputs(self, labels: int | None) -> int:
        """How many outputs a net needs for so many classes (None: for a number).

        >>> LOSSES["bce"].outputs(2), LOSSES["cross_entropy"].outputs(2), LOSSES["mse"].outputs(None)
        (1, 2, 1)
        """
        if labels is None or (labels == 2 and not self.paired):
            return 1
        return labels

    @property
    def probabilities(self) -> Callable[[Floats], Floats] | None:
        """The function that gives the probabilities of the classes, (rows, classes), for outputs, (rows, outputs)."""
        return None if self.link is None else LINKS[self.link]

    def fits(self, labels: Sequence[str] | None) -> bool:
        """Whether it has a meaning for these classes (None: for a number)."""
        return self.numbers if labels is None else self.classes

    def together(self, outputs: Row | Marked | Batch) -> Any:
        """The loss of several outputs."""
        if self.several is not None:
            return self.several(outputs)
        assert self.single is not None
        return outputs.total(self.single) * (1.0 / outputs.count)

    def row(self, scores: Sequence[Any], target: float, labels: int | None) -> Any:
        """The loss of one row, a float or whatever the scores are.

        >>> LOSSES["hinge"].row([0.25], 1.0, labels=2)
        0.75
        """
        if len(scores) > 1:
            return self.together(Row(scores, int(target)))
        assert self.single is not None
        return self.single(scores[0], target if labels is None else 2.0 * target - 1.0)

    def rows(self, scores: Any, targets: Floats, labels: int | None) -> Any:
        """The losses of many rows, shape (rows, 1): an array or a `Tensor`, as the scores are, (rows, outputs).

        >>> import numpy as np
        >>> LOSSES["hinge"].rows(np.array([[0.25], [-2.0]]), np.array([1.0, 0.0]), labels=2)
        array([[0.75],
               [0.  ]])
        """
        import numpy as np

        if scores.shape[1] > 1:
            return self.together(Batch(scores, targets.astype(np.intp)))
        assert self.single is not None
        return self.single(scores, (targets if labels is None else 2.0 * targets - 1.0)[:, None])


def chosen(scores: Floats) -> NDArray[np.intp]:
    """The index of the class that each row of outputs, (rows, outputs), speaks for; a tie goes to the first.

    >>> import numpy as np
    >>> chosen(np.array([[0.2], [-0.2]])), chosen(np.array([[1.0, 3.0, 2.0]]))
    (array([1, 0]), array([1]))
    """
    import numpy as np

    return (scores[:, 0] > 0).astype(np.intp) if scores.shape[1] == 1 else np.argmax(scores, axis=1)


def margins(outputs: Row | Marked | Batch) -> Any:
    """max(0, 1 + s - own) over the other classes, as a mean over all: PyTorch's MultiMarginLoss.

    The own class adds 1 to the sum, exactly, and is taken off again.
    """
    return (outputs.total(lambda score, _: f.relu(1.0 + (score - outputs.own))) + -1.0) * (1.0 / outputs.count)


def softmax(scores: Floats) -> Floats:
    """exp(s) / sum(exp(s)), shifted by the largest score."""
    import numpy as np

    with np.errstate(all="ignore"):
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        result: Floats = powers / powers.sum(axis=1, keepdims=True)
    return result


def logistic(scores: Floats) -> Floats:
    """The sigmoid of one score; of several, their sigmoids divided by the sum."""
    import numpy as np

    with np.errstate(all="ignore"):
        if scores.shape[1] == 1:
            return np.concatenate([f.sigmoid(-scores), f.sigmoid(scores)], axis=1)
        parts = f.sigmoid(scores)
        total = parts.sum(axis=1, keepdims=True)
        return np.where(total > 0, parts / np.where(total > 0, total, 1.0), softmax(scores))


def huber(score: Any, target: Any) -> Any:
    """Half the square of a distance up to 1, the distance less a half beyond: PyTorch's HuberLoss with delta 1."""
    distance = f.abs(score - target)
    near = f.min(distance, 1.0)
    return near * (distance + -0.5 * near)


#: What makes probabilities of the outputs of a net.
LINKS: dict[str, Callable[[Floats], Floats]] = {"softmax": softmax, "logistic": logistic}

LOSSES: dict[str, Loss] = {
    "hinge": Loss(
        "the margin by which a class is missed",
        single=lambda score, target: f.relu(1.0 + -target * score),
        several=margins,
    ),
    "mse": Loss("the squared distance", single=lambda score, target: f.square(score - target), numbers=True),
    "mae": Loss(
        "the absolute distance of a number",
        single=lambda score, target: f.abs(score - target),
        classes=False,
        numbers=True,
    ),
    "huber": Loss("the squared distance, but absolute from 1 on", single=huber, classes=False, numbers=True),
    # -log(sigmoid(y s)) in the form log(1 + exp(-y s)), which no score overflows.
    "bce": Loss(
        "cross entropy of yes and no",
        single=lambda score, target: f.softplus(-target * score),
        link="logistic",
    ),
    # -log(softmax(s)[own]).
    "cross_entropy": Loss(
        "cross entropy of several classes",
        several=lambda outputs: outputs.logsumexp() - outputs.own,
        link="softmax",
        paired=True,
    ),
}


def loss_named(text: str) -> Loss:
    """The loss of that name, or the one that an expression of ``p`` and ``y`` is.

    Raises:
        UsageError: an unknown name, or an expression that is no loss.
        ExpressionError: an expression without meaning.

    >>> loss_named("(p-y)^2").row([3.0], 1.0, labels=None)
    4.0
    """
    if text in LOSSES:
        return LOSSES[text]
    if is_word(text):
        near = did_you_mean(text, LOSSES)
        raise UsageError(
            f"unknown loss `{text}`",
            kind="bad_value",
            hint=f"did you mean `{near}`?" if near else f"the losses are {', '.join(LOSSES)}, or an expression of p, y",
        )
    given = formula(text, ("p", "y"), "loss")
    if "p" not in given.used:
        raise UsageError(
            f"the loss `{text}` doesn't depend on the prediction `p`", kind="bad_value", hint="for example (p-y)^2"
        )
    return Loss(f"the user's formula {text}", single=given, numbers=True)
