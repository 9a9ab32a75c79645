"""Losses: how far predictions are from targets, with PyTorch's names, formulas and reductions.

One entry of `LOSSES` is one loss: a function that gives the losses of single predictions.  From it come a function
that reduces them to one number (`mse_loss`) and a module that remembers the options (`MSELoss`).  Formulas are written
with the primitives of the registry, so their derivatives of every order are the registry's; they take tensors or arrays
and change none.
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
# As in PyTorch, the logarithm of a probability is at least this, and its slope at 0 is this.
LEAST_LOGARITHM = -100.0
SLOPE_AT_0 = 1e12
SLOPE_AT_0_IN_16_BITS = 1e4  # which hold no number above 65504

P = ParamSpec("P")


class Loss(Module):
    """The base of the modules of losses, which are called with predictions and targets.

    Args:
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.
        options: the options of the loss.

    Raises:
        ValueError: there isn't such a reduction.
        TypeError: there isn't such an option.

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


#: Name -> module of the loss.
LOSSES: Final[dict[str, type[Loss]]] = {}


def check(reduction: str) -> None:
    """Refuse an unknown reduction."""
    if reduction not in REDUCTIONS:
        raise ValueError(f"unknown reduction {reduction!r}; there are {', '.join(REDUCTIONS)}")


def loss(name: str, title: str) -> Callable[[Callable[P, Any]], Callable[..., Any]]:
    """Enter a loss into `LOSSES`, and give its function a ``reduction``.

    Args:
        name: the key.
        title: the name of its module.
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
    """Refuse targets of another shape than the predictions: broadcasting would rarely mean what the caller wants."""
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
    """Half the square of a distance up to delta, and from there on in a straight line (Huber, 1964).

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
    """-(t log p + (1 - t) log(1 - p)) of a probability p and a target t from 0 to 1; logarithms are at least -100.

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
    # The inner choices keep the poles out of the derivatives.
    above, below = input > math.exp(LEAST_LOGARITHM), input < 1.0
    of_one = f.where(above, f.log(f.where(above, input, 1.0)), LEAST_LOGARITHM + slope * input)
    of_other = f.where(below, f.log1p(-f.where(below, input, 0.0)), LEAST_LOGARITHM + slope * (1.0 - input))
    return (target - 1.0) * of_other - target * of_one


@loss("bce_with_logits", "BCEWithLogitsLoss")
def binary_cross_entropy_with_logits(input: Any, target: Any) -> Any:  # noqa: A002
    """The binary cross entropy of sigmoid(s), from the score s, without overflow and without loss of digits.

    >>> import numpy as np
    >>> binary_cross_entropy_with_logits(np.array([0.0, 800.0]), np.array([1.0, 0.0]), reduction="none").tolist()
    [0.6931471805599453, 800.0]
    """
    alike(input, target)
    return target * f.softplus(-input) + (1.0 - target) * f.softplus(input)


@loss("cross_entropy", "CrossEntropyLoss")
def cross_entropy(input: Any, target: Any) -> Any:  # noqa: A002
    """-log(softmax(s)) at the class of each row, or its mean weighted with the probabilities of the classes.

    Args:
        input: scores, shape (rows, classes), (rows, classes, ...) or (classes,).
        target: the numbers of the classes, in the shape without the classes; or probabilities, in the whole shape.

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
    """The negative logarithm of the probability of each row's class, from the logarithms of all probabilities.

    >>> import numpy as np
    >>> nll_loss(np.log([[0.5, 0.5], [0.25, 0.75]]), np.array([0, 1])).round(6).item()
    0.490415
    """
    return -scored(input, target).own


@loss("hinge", "HingeLoss")
def hinge_loss(input: Any, target: Any) -> Any:  # noqa: A002
    """max(0, 1 - t s) of a score s and a target t of -1 or 1.

    >>> import numpy as np
    >>> hinge_loss(np.array([0.25, -2.0]), np.array([1.0, -1.0]), reduction="none").tolist()
    [0.75, 0.0]
    """
    alike(input, target)
    return formulas.hinge(input, target)


@loss("multi_margin", "MultiMarginLoss")
def multi_margin_loss(input: Any, target: Any, *, margin: float = 1.0) -> Any:  # noqa: A002
    """The sum of max(0, margin + s - own) over the other classes, divided by the number of classes.

    Args:
        input: scores, shape (rows, classes) or (classes,).
        target: the numbers of the classes, shape (rows,) or ().

    >>> import numpy as np
    >>> multi_margin_loss(np.array([[0.5, 0.0, 2.0]]), np.array([0])).round(6).item()
    1.0
    """
    return f.squeeze(formulas.margins(scored(input, target, keepdims=True), margin), class_axis(input))


def class_axis(input: Any) -> int:  # noqa: A002
    """The axis along which the classes lie: the second, or the only axis of a single row.

    Raises:
        ValueError: the scores are one number.
    """
    if not input.shape:
        raise ValueError("the scores of classes are an array, not one number")
    return min(1, len(input.shape) - 1)


def scored(input: Any, target: Any, *, keepdims: bool = False) -> formulas.BatchScores:  # noqa: A002
    """The scores with the class of each row.

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
        raise ValueError(f"there is no class {classes[wrong].flat[0]} among {shape[axis]}")
    return formulas.BatchScores(input, whole, axis, keepdims)
