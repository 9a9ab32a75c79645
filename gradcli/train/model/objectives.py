"""Objectives: the losses that training minimises.

One entry of `OBJECTIVES` is one objective: a formula of `gradcli.nn.loss_formulas`, the kinds of targets that it fits,
and the function that turns the outputs of a net into probabilities.  The same formula runs on floats, on `Value`s (a
row at a time), on nodes, on arrays and on `Tensor`s (a batch at a time).  A user's expression of the prediction ``p``
and the target ``y`` is an objective as well.

With two classes a net has a single output, and a positive output means the second class.  With more classes, and with
`cross_entropy`, it has one output for each class, and the largest wins.  The target of an output is +1 for its own
class and -1 for the others; a number is its own target.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gradcli.errors import UsageError
from gradcli.nn import loss_formulas as losses
from gradcli.nn.loss_formulas import BatchScores, RowScores, TracedScores
from gradcli.primitives import functions as f
from gradcli.source import suggestion
from gradcli.train.model.formulas import formula, is_word

if TYPE_CHECKING:
    from gradcli.array_types import Floats, Indices

__all__ = ["LINKS", "OBJECTIVES", "Objective", "chosen", "objective_named"]


@dataclass(frozen=True)
class Objective:
    """A loss that training minimises.

    Args:
        single: ``single(score, target)``, the loss of one output; None if the loss needs all outputs together.
        several: the loss of several outputs (`RowScores`, `TracedScores` or `BatchScores`); by default the mean of the
            losses of single outputs.
        classes: whether it can be used for classes.
        numbers: whether it can be used for a target that is a number.
        link: the key of the function in `LINKS` that turns outputs into probabilities; None if the outputs are scores
            without probabilities.
        paired: whether two classes need two outputs.
    """

    single: Callable[[Any, Any], Any] | None = None
    several: Callable[[Any], Any] | None = None
    classes: bool = True
    numbers: bool = False
    link: str | None = None
    paired: bool = False

    def outputs(self, labels: int | None) -> int:
        """Return how many outputs a net needs for this many classes; None means a target that is a number.

        >>> OBJECTIVES["bce"].outputs(2), OBJECTIVES["cross_entropy"].outputs(2), OBJECTIVES["mse"].outputs(None)
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
        """Return whether it can be used for these classes; None means a target that is a number."""
        return self.numbers if labels is None else self.classes

    def together(self, outputs: RowScores | TracedScores | BatchScores) -> Any:
        """The loss of several outputs."""
        if self.several is not None:
            return self.several(outputs)
        assert self.single is not None
        return outputs.total(self.single) * (1.0 / outputs.count)

    def row(
        self, scores: Sequence[Any], target: Any, labels: int | None, form: type[RowScores | TracedScores] = RowScores
    ) -> Any:
        """Return the loss of one row; like the scores, it is a float, a `Value` or a node.

        Args:
            form: the class that holds several scores; `TracedScores` if the target is a node.

        >>> OBJECTIVES["hinge"].row([0.25], 1.0, labels=2)
        0.75
        """
        if len(scores) > 1:
            return self.together(form(scores, target))
        assert self.single is not None
        return self.single(scores[0], target if labels is None else 2.0 * target + -1.0)

    def rows(self, scores: Any, targets: Floats, labels: int | None) -> Any:
        """Return the losses of many rows, shape (rows, 1), from scores of shape (rows, outputs).

        The result is an array or a `Tensor`, like the scores.

        >>> import numpy as np
        >>> OBJECTIVES["hinge"].rows(np.array([[0.25], [-2.0]]), np.array([1.0, 0.0]), labels=2)
        array([[0.75],
               [0.  ]])
        """
        import numpy as np

        if scores.shape[1] > 1:
            return self.together(BatchScores(scores, targets.astype(np.intp)))
        assert self.single is not None
        return self.single(scores, (targets if labels is None else 2.0 * targets - 1.0)[:, None])


def chosen(scores: Floats) -> Indices:
    """The index of the class with the largest score in each row of outputs, (rows, outputs); a tie goes to the first.

    >>> import numpy as np
    >>> chosen(np.array([[0.2], [-0.2]])), chosen(np.array([[1.0, 3.0, 2.0]]))
    (array([1, 0]), array([1]))
    """
    import numpy as np

    return (scores[:, 0] > 0).astype(np.intp) if scores.shape[1] == 1 else np.argmax(scores, axis=1)


def softmax(scores: Floats) -> Floats:
    """Return the exponentials of the scores, each divided by the sum of its row."""
    import numpy as np

    with np.errstate(all="ignore"):
        result: Floats = f.softmax(scores, axis=1)
    return result


def sigmoids(scores: Floats) -> Floats:
    """Return the sigmoid of a single score and its complement.

    For several scores, return their sigmoids, divided by the sum of these.
    """
    import numpy as np

    with np.errstate(all="ignore"):
        if scores.shape[1] == 1:
            return np.concatenate([f.sigmoid(-scores), f.sigmoid(scores)], axis=1)
        parts = f.sigmoid(scores)
        total = parts.sum(axis=1, keepdims=True)
        return np.where(total > 0, parts / np.where(total > 0, total, 1.0), softmax(scores))


#: The functions that turn the outputs of a net into probabilities.
LINKS: dict[str, Callable[[Floats], Floats]] = {"softmax": softmax, "logistic": sigmoids}

OBJECTIVES: dict[str, Objective] = {
    "hinge": Objective(single=losses.hinge, several=losses.margins),
    "mse": Objective(single=losses.squared, numbers=True),
    "mae": Objective(single=losses.absolute, classes=False, numbers=True),
    "huber": Objective(single=losses.huber, classes=False, numbers=True),
    "bce": Objective(single=losses.logistic, link="logistic"),
    "cross_entropy": Objective(several=losses.surprisal, link="softmax", paired=True),
}


def objective_named(text: str) -> Objective:
    """Return the objective of this name, or of an expression of ``p`` and ``y``.

    Raises:
        UsageError: the name is unknown, or the expression isn't a loss.
        ExpressionError: the expression has no meaning.

    >>> objective_named("(p-y)^2").row([3.0], 1.0, labels=None)
    4.0
    """
    if text in OBJECTIVES:
        return OBJECTIVES[text]
    if is_word(text):
        names = ", ".join(OBJECTIVES)
        raise UsageError(
            f"unknown loss `{text}`",
            hint=suggestion(text, OBJECTIVES, f"the losses are {names}, or an expression of p, y"),
        )
    given = formula(text, ("p", "y"), "loss")
    if "p" not in given.used:
        raise UsageError(f"the loss `{text}` doesn't depend on the prediction `p`", hint="for example (p-y)^2")
    return Objective(single=given, numbers=True)
