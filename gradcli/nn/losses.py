"""Losses: how far predictions are from targets, with PyTorch's names, formulas and reductions.

A loss is a function that returns one loss for each prediction.  From it, `loss` makes a function that reduces the
losses to one number (`mse_loss`), and a module that remembers the options (`MSELoss`), an entry of `LOSSES`.  The
formulas are composed of functions of the registry, so their derivatives of every order are known; they take tensors or
arrays, and don't change them.
"""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Final, ParamSpec

from gradcli.nn import loss_formulas as formulas
from gradcli.nn.modules import Module
from gradcli.primitives import functions as f

__all__ = [
    "LOSSES", "Loss", "binary_cross_entropy", "binary_cross_entropy_with_logits", "cross_entropy", "hinge_loss",
    "huber_loss", "l1_loss", "mse_loss", "multi_margin_loss", "nll_loss",
]  # fmt: skip

REDUCTIONS = ("none", "mean", "sum")
# As in PyTorch: the least logarithm of a probability, and the slope of the logarithm at 0.
LEAST_LOGARITHM = -100.0
SLOPE_AT_0 = 1e12
SLOPE_AT_0_IN_16_BITS = 1e4  # their largest number is 65504

P = ParamSpec("P")


class Loss(Module):
    """The base of all modules of losses; a module is called with predictions and targets.

    Args:
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.
        options: the options of the loss.

    Raises:
        ValueError: the reduction is unknown.
        TypeError: an option is unknown.

    >>> from gradcli import nn
    >>> nn.HuberLoss(delta=0.5)
    HuberLoss(reduction='mean', delta=0.5)
    """

    function: ClassVar[Callable[..., Any]]

    def __init__(self, reduction: str = "mean", **options: Any) -> None:
        bound = inspect.signature(type(self).function).bind(None, None, reduction=reduction, **options)
        bound.apply_defaults()
        self.options = {name: value for name, value in bound.arguments.items() if name not in {"input", "target"}}
        check(reduction)

    def forward(self, input: Any, target: Any) -> Any:  # noqa: A002  (PyTorch's name)
        """The loss of predictions against targets."""
        return type(self).function(input, target, **self.options)

    def extra_repr(self) -> str:
        return ", ".join(f"{name}={value!r}" for name, value in self.options.items())


#: The name of a loss -> its module.
LOSSES: Final[dict[str, type[Loss]]] = {}


def check(reduction: str) -> None:
    """Raise an error if a reduction is unknown."""
    if reduction not in REDUCTIONS:
        raise ValueError(f"unknown reduction {reduction!r}; there are {', '.join(REDUCTIONS)}")


def loss(name: str, title: str) -> Callable[[Callable[P, Any]], Callable[..., Any]]:
    """Add the module of a loss to `LOSSES`, and give its function the option ``reduction``.

    Args:
        name: the key in `LOSSES`.
        title: the name of the module.
    """

    def enter(formula: Callable[P, Any]) -> Callable[..., Any]:
        @functools.wraps(formula)
        def function(*operands: Any, reduction: str = "mean", **options: Any) -> Any:
            check(reduction)
            losses = formula(*operands, **options)
            return losses if reduction == "none" else getattr(f, reduction)(losses)

        signature = inspect.signature(formula)
        first, second, *options = signature.parameters.values()
        choice = inspect.Parameter("reduction", inspect.Parameter.KEYWORD_ONLY, default="mean")
        function.__signature__ = signature.replace(  # type: ignore[attr-defined]
            parameters=[first, second, choice, *options], return_annotation=Any
        )
        about = f"{str(formula.__doc__).splitlines()[0]}\n\nThe module of `gradcli.nn.losses.{formula.__name__}`."
        names = {"function": staticmethod(function), "__doc__": about, "__module__": "gradcli.nn"}
        LOSSES[name] = type(title, (Loss,), names)
        return function

    return enter


def numbers(operand: Any) -> Any:
    """The numbers of a tensor, or of anything else, as an array of NumPy."""
    import numpy as np

    return np.asarray(operand.numpy() if hasattr(operand, "numpy") else operand)


def alike(input: Any, target: Any) -> None:  # noqa: A002
    """Raise an error if targets and predictions differ in shape: broadcasting is rarely what the caller wants."""
    shapes = [tuple(getattr(one, "shape", ())) for one in (input, target)]
    if shapes[0] != shapes[1] and shapes[1] != ():
        raise ValueError(f"predictions of shape {shapes[0]} don't fit targets of shape {shapes[1]}")


@loss("mse", "MSELoss")
def mse_loss(input: Any, target: Any) -> Any:  # noqa: A002
    """The squared distance.

    >>> import numpy as np
    >>> mse_loss(np.array([1.0, 4.0]), np.array([1.0, 2.0])).item()
    2.0
    """
    alike(input, target)
    return formulas.squared(input, target)


@loss("l1", "L1Loss")
def l1_loss(input: Any, target: Any) -> Any:  # noqa: A002
    """The absolute distance.

    >>> import numpy as np
    >>> l1_loss(np.array([1.0, 4.0]), np.array([1.0, 2.0]), reduction="sum").item()
    2.0
    """
    alike(input, target)
    return formulas.absolute(input, target)


@loss("huber", "HuberLoss")
def huber_loss(input: Any, target: Any, *, delta: float = 1.0) -> Any:  # noqa: A002
    """Half the square of the distance; beyond the distance delta a straight line (Huber, 1964).

    >>> import numpy as np
    >>> huber_loss(np.array([1.5, 4.0]), np.array([1.0, 1.0]), reduction="none").tolist()
    [0.125, 2.5]
    """
    if not delta > 0:
        raise ValueError(f"delta is a number above 0, not {delta}")
    alike(input, target)
    return formulas.huber(input, target, delta)


@loss("bce", "BCELoss")
def binary_cross_entropy(input: Any, target: Any) -> Any:  # noqa: A002
    """-(t log p + (1 - t) log(1 - p)) for a probability p and a target t from 0 to 1; a logarithm is at least -100.

    At p = 0 and p = 1, where the formula has a pole, the slope of the logarithm is PyTorch's 1e12.

    >>> import numpy as np
    >>> binary_cross_entropy(np.array([0.9]), np.array([1.0])).round(15).item()
    0.105360515657826
    """
    alike(input, target)
    values = numbers(input)
    if ((values < 0) | (values > 1)).any():
        raise ValueError("a probability lies between 0 and 1; scores go to binary_cross_entropy_with_logits")
    slope = SLOPE_AT_0 if values.dtype.itemsize > 2 else SLOPE_AT_0_IN_16_BITS
    # The inner `where` keeps the pole of the logarithm out of the derivative.
    above, below = input > math.exp(LEAST_LOGARITHM), input < 1.0
    of_one = f.where(above, f.log(f.where(above, input, 1.0)), LEAST_LOGARITHM + slope * input)
    of_other = f.where(below, f.log1p(-f.where(below, input, 0.0)), LEAST_LOGARITHM + slope * (1.0 - input))
    return (target - 1.0) * of_other - target * of_one


@loss("bce_with_logits", "BCEWithLogitsLoss")
def binary_cross_entropy_with_logits(input: Any, target: Any) -> Any:  # noqa: A002
    """The binary cross entropy of the probability sigmoid(s), from the score s, without overflow or loss of digits.

    >>> import numpy as np
    >>> binary_cross_entropy_with_logits(np.array([0.0, 800.0]), np.array([1.0, 0.0]), reduction="none").tolist()
    [0.6931471805599453, 800.0]
    """
    alike(input, target)
    return target * f.softplus(-input) + (1.0 - target) * f.softplus(input)


@loss("cross_entropy", "CrossEntropyLoss")
def cross_entropy(input: Any, target: Any) -> Any:  # noqa: A002
    """-log(softmax(scores)) at the class of each row, or its mean over classes, weighted with their probabilities.

    Args:
        input: scores, shape (rows, classes), (rows, classes, ...) or (classes,).
        target: the class of each row as a number, in the shape of the scores without the axis of the classes; or the
            probabilities of the classes, in the shape of the scores.

    >>> import numpy as np
    >>> scores = np.array([[2.0, 0.0], [0.0, 0.0]])
    >>> cross_entropy(scores, np.array([0, 1]), reduction="none").round(6).tolist()
    [0.126928, 0.693147]
    >>> cross_entropy(scores, np.array([[1.0, 0.0], [0.5, 0.5]]), reduction="none").round(6).tolist()
    [0.126928, 0.693147]
    """
    axis = class_axis(input)
    if tuple(getattr(target, "shape", ())) == tuple(input.shape):
        return -f.sum(target * f.log_softmax(input, axis=axis), axis=axis)
    return formulas.surprisal(scored(input, target))


@loss("nll", "NLLLoss")
def nll_loss(input: Any, target: Any) -> Any:  # noqa: A002
    """The negative logarithm of the probability of each row's class, given the logarithms of all probabilities.

    >>> import numpy as np
    >>> nll_loss(np.log([[0.5, 0.5], [0.25, 0.75]]), np.array([0, 1])).round(6).item()
    0.490415
    """
    return -scored(input, target).own


@loss("hinge", "HingeLoss")
def hinge_loss(input: Any, target: Any) -> Any:  # noqa: A002
    """max(0, 1 - t s) for a score s and a target t of -1 or 1.

    >>> import numpy as np
    >>> hinge_loss(np.array([0.25, -2.0]), np.array([1.0, -1.0]), reduction="none").tolist()
    [0.75, 0.0]
    """
    alike(input, target)
    return formulas.hinge(input, target)


@loss("multi_margin", "MultiMarginLoss")
def multi_margin_loss(input: Any, target: Any, *, margin: float = 1.0) -> Any:  # noqa: A002
    """The sum of max(0, margin + s - own) over the scores s of the other classes, divided by the number of classes.

    Args:
        input: scores, shape (rows, classes) or (classes,).
        target: the class of each row as a number, shape (rows,) or ().

    >>> import numpy as np
    >>> multi_margin_loss(np.array([[0.5, 0.0, 2.0]]), np.array([0])).round(6).item()
    1.0
    """
    return f.squeeze(formulas.margins(scored(input, target, keepdims=True), margin), class_axis(input))


def class_axis(input: Any) -> int:  # noqa: A002
    """Return the axis of the classes: the second one, or the only axis of a single row.

    Raises:
        ValueError: the scores are only one number.
    """
    if not input.shape:
        raise ValueError("the scores of classes are an array, not one number")
    return min(1, len(input.shape) - 1)


def scored(input: Any, target: Any, *, keepdims: bool = False) -> formulas.BatchScores:  # noqa: A002
    """Return the scores together with the class of each row.

    Raises:
        ValueError: the classes have the wrong shape, aren't whole numbers, or don't exist.
    """
    import numpy as np

    axis = class_axis(input)
    classes = numbers(target)
    shape: Sequence[int] = tuple(input.shape)
    wanted = (*shape[:axis], *shape[axis + 1 :])
    if classes.shape != wanted:
        raise ValueError(
            f"classes of shape {classes.shape} don't fit scores of shape {shape}; "
            f"they have shape {wanted}, and probabilities have shape {shape}"
        )
    whole = classes.astype(np.intp)
    wrong = (whole != classes) | (whole < 0) | (whole >= shape[axis])
    if wrong.any():
        raise ValueError(
            f"class {classes[wrong].flat[0]} does not exist: there are {shape[axis]} classes, counted from 0"
        )
    return formulas.BatchScores(input, whole, axis, keepdims)
