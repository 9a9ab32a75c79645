"""Losses: how far predictions are from targets, with PyTorch's names, formulas and reductions.

A loss is a function (`mse_loss`) that computes one number for each prediction, and reduces these numbers to one by its
option ``reduction``.  From the function, `loss` makes a module (`MSELoss`), which remembers the options and is an entry
of `LOSSES`.  The formulas are composed of functions of the registry, so their derivatives of every order are known;
they take tensors or arrays, and don't change them.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Final, TypeVar

from gradcli.eager.record import Recorded
from gradcli.errors import CallError, ShapeError, UsageError
from gradcli.nn import loss_formulas as formulas
from gradcli.nn.modules import Module
from gradcli.primitives import functions as f
from gradcli.records import NamedTuple

__all__ = [
    "LOSSES", "Loss", "binary_cross_entropy", "binary_cross_entropy_with_logits", "cross_entropy",
    "hinge_embedding_loss", "hinge_loss", "huber_loss", "kl_div", "l1_loss", "mse_loss", "multi_margin_loss",
    "nll_loss", "poisson_nll_loss", "smooth_l1_loss", "soft_margin_loss",
]  # fmt: skip

# ruff: noqa: A002  (PyTorch's `input`)

REDUCTIONS = ("none", "mean", "sum")
# As in PyTorch: the least logarithm of a probability, and the slope of the logarithm at 0.
LEAST_LOGARITHM = -100.0
SLOPE_AT_0 = 1e12
SLOPE_AT_0_IN_16_BITS = 1e4  # their largest number is 65504

Function = TypeVar("Function", bound=Callable[..., Any])


#: The first options of most losses in PyTorch's order.
LEGACY = ("size_average", "reduce", "reduction")


class Loss(Module):
    """The base of all modules of losses; a module is called with predictions and targets.

    Args:
        values: the values of options in PyTorch's order.
        options: the options of the loss by name, among them ``reduction``: ``"mean"``, ``"sum"`` or ``"none"``; also
            PyTorch's old names for these, ``size_average`` and ``reduce``.

    Attributes:
        reduction: the reduction; each option is an attribute.

    Raises:
        UsageError: the reduction is unknown.
        TypeError: an option is unknown.

    >>> from gradcli import nn
    >>> nn.HuberLoss(delta=0.5)
    HuberLoss(reduction='mean', delta=0.5)
    """

    function: ClassVar[Callable[..., Any]]
    #: The number of tensors that the loss compares.
    operands: ClassVar[int] = 2
    #: The names of the options in PyTorch's order.
    order: ClassVar[Sequence[str]] = LEGACY
    #: The reductions that this loss has.
    reductions: ClassVar[Sequence[str]] = REDUCTIONS

    def __init__(self, *values: Any, **options: Any) -> None:
        if len(values) > len(self.order) or not {*self.order[: len(values)]}.isdisjoint(options):
            raise CallError(f"{type(self).__name__} takes {', '.join(self.order)}, each once")
        options = {**dict(zip(self.order, values, strict=False)), **options}
        old = {name: options.pop(name) for name in LEGACY[:2] if name in options and name in self.order}
        if any(one is not None for one in old.values()):
            options["reduction"] = old_reduction(**old)
        defaults = self._defaults()
        for name in options:
            if name not in defaults:
                raise CallError(f"{type(self).__name__} has no option {name!r}")
            if isinstance(options[name], complex):
                raise CallError(f"{name} is a real number, not {options[name]}")
        vars(self).update(defaults | options)
        for name in ("weight", "pos_weight"):
            if isinstance(options.get(name), Recorded):
                self.register_buffer(name, options[name])
        check(self.reduction, self.reductions)  # type: ignore[attr-defined]

    @classmethod
    def _defaults(cls) -> dict[str, Any]:
        parameters = list(inspect.signature(cls.function).parameters.values())[cls.operands :]
        return {one.name: one.default for one in parameters}

    def forward(self, *operands: Any, **named: Any) -> Any:
        """The loss of predictions against targets."""
        return type(self).function(*operands, **named, **{name: getattr(self, name) for name in self._defaults()})

    def extra_repr(self) -> str:
        # An option that is set to nothing isn't shown, nor is one of the further options that has its default.
        shown = {"reduction": vars(self)["reduction"]}
        for name, default in self._defaults().items():
            value = getattr(self, name)
            if value is not None and (hasattr(value, "shape") or value != default):
                shown[name] = value
        return ", ".join(f"{name}={value!r}" for name, value in shown.items())


def old_reduction(size_average: Any = None, reduce: Any = None) -> str:
    """Return the reduction that PyTorch's old options mean.

    Raises:
        UsageError: a text is given for one of them.
    """
    if isinstance(size_average, str):
        raise UsageError(f"size_average is true or false; write reduction={size_average!r}")
    if reduce is not None and not reduce:
        return "none"
    return "mean" if size_average is None or size_average else "sum"


#: The name of a loss -> its module.
LOSSES: Final[dict[str, type[Loss]]] = {}


def check(reduction: str, reductions: Sequence[str] = REDUCTIONS) -> None:
    """Raise an error if a reduction is unknown."""
    if reduction not in reductions:
        raise UsageError(f"unknown reduction {reduction!r}; choose one of {', '.join(reductions)}")


def reduced(losses: Any, reduction: str) -> Any:
    """Return the mean or the sum of losses, or the losses themselves."""
    check(reduction)
    return losses if reduction == "none" else getattr(f, reduction)(losses)


def loss(
    name: str,
    title: str,
    reductions: Sequence[str] = REDUCTIONS,
    order: Sequence[str] = LEGACY,
    table: dict[str, type[Loss]] = LOSSES,
    operands: int = 2,
) -> Callable[[Function], Function]:
    """Make the module of a loss from its function, and add it to a table.

    Args:
        name: the key in the table.
        title: the name of the module.
        reductions: the reductions that the loss has.
        order: the options in PyTorch's order.
        table: the table.
        operands: the number of tensors that the loss compares.
    """

    def enter(function: Function) -> Function:
        about = f"{str(function.__doc__).splitlines()[0]}\n\nThe module of `{function.__module__}.{function.__name__}`."
        table[name] = type(
            title,
            (Loss,),
            {
                "function": staticmethod(function), "reductions": reductions, "order": order, "operands": operands,
                "__doc__": about, "__module__": "gradcli.nn",
            },
        )  # fmt: skip
        return function

    return enter


def alike(input: Any, target: Any) -> None:
    """Raise an error if targets and predictions differ in shape: broadcasting is rarely what the caller wants."""
    shapes = [tuple(getattr(one, "shape", ())) for one in (input, target)]
    if shapes[0] != shapes[1] and shapes[1] != ():
        raise ShapeError(f"predictions of shape {shapes[0]} don't fit targets of shape {shapes[1]}")


@loss("mse", "MSELoss")
def mse_loss(input: Any, target: Any, *, reduction: str = "mean") -> Any:
    """The squared distance.

    >>> import numpy as np
    >>> mse_loss(np.array([1.0, 4.0]), np.array([1.0, 2.0])).item()
    2.0
    """
    alike(input, target)
    return reduced(formulas.squared(input, target), reduction)


@loss("l1", "L1Loss")
def l1_loss(input: Any, target: Any, *, reduction: str = "mean") -> Any:
    """The absolute distance.

    >>> import numpy as np
    >>> l1_loss(np.array([1.0, 4.0]), np.array([1.0, 2.0]), reduction="sum").item()
    2.0
    """
    alike(input, target)
    return reduced(formulas.absolute(input, target), reduction)


@loss("huber", "HuberLoss", order=("reduction", "delta"))
def huber_loss(input: Any, target: Any, *, reduction: str = "mean", delta: float = 1.0, weight: Any = None) -> Any:
    """Half the squared distance, but a straight line where the distance is above delta (Huber, 1964).

    >>> import numpy as np
    >>> huber_loss(np.array([1.5, 4.0]), np.array([1.0, 1.0]), reduction="none").tolist()
    [0.125, 2.5]
    """
    if not isinstance(delta, (int, float)):
        raise CallError(f"delta is a number, not {type(delta).__name__}")
    if not delta > 0:
        raise UsageError(f"delta is a number above 0, not {delta}")
    alike(input, target)
    return reduced(weighted(formulas.huber(input, target, delta), weight), reduction)


@loss("smooth_l1", "SmoothL1Loss", order=(*LEGACY, "beta"))
def smooth_l1_loss(input: Any, target: Any, *, reduction: str = "mean", beta: float = 1.0) -> Any:
    """Half the squared distance divided by beta, but a straight line of slope 1 where the distance is above beta.

    >>> import numpy as np
    >>> smooth_l1_loss(np.array([1.5, 4.0]), np.array([1.0, 1.0]), reduction="none", beta=0.5).tolist()
    [0.25, 2.75]
    """
    if beta < 0.0:
        raise UsageError(f"beta is a number of at least 0, not {beta}")
    alike(input, target)
    distances = formulas.huber(input, target, beta) * (1.0 / beta) if beta else formulas.absolute(input, target)
    return reduced(distances, reduction)


@loss("kl_div", "KLDivLoss", (*REDUCTIONS, "batchmean"), (*LEGACY, "log_target"))
def kl_div(input: Any, target: Any, *, reduction: str = "mean", log_target: bool = False) -> Any:
    """t (log t - s) for the logarithm s of a probability and the probability t that it should be.

    Args:
        input: logarithms of probabilities.
        target: probabilities; with ``log_target``, their logarithms.
        reduction: ``"batchmean"``, too, for the sum divided by the number of rows, which is the divergence.

    >>> import numpy as np
    >>> kl_div(np.log([[0.5, 0.5]]), np.array([[0.0, 1.0]]), reduction="batchmean").round(6).item()
    0.693147
    """
    alike(input, target)
    losses = f.exp(target) * (target - input) if log_target else f.xlogy(target, target) - target * input
    if reduction == "batchmean":
        return f.sum(losses) / (input.shape[0] if input.shape else 1)
    return reduced(losses, reduction)


@loss("soft_margin", "SoftMarginLoss")
def soft_margin_loss(input: Any, target: Any, *, reduction: str = "mean") -> Any:
    """log(1 + exp(-t s)) for a score s and a target t of -1 or 1.

    >>> import numpy as np
    >>> soft_margin_loss(np.array([0.0, 800.0]), np.array([1.0, -1.0]), reduction="none").tolist()
    [0.6931471805599453, 800.0]
    """
    alike(input, target)
    return reduced(formulas.logistic(input, target), reduction)


@loss("poisson_nll", "PoissonNLLLoss",
      order=("log_input", "full", "size_average", "eps", "reduce", "reduction"))  # fmt: skip
def poisson_nll_loss(
    input: Any, target: Any, *, log_input: bool = True, full: bool = False, eps: float = 1e-8, reduction: str = "mean"
) -> Any:
    """exp(s) - t s, the negative log likelihood of a count t, but for a constant, if the expected count is exp(s).

    Args:
        input: logarithms of expected counts; without ``log_input``, the expected counts.
        target: counts.
        full: whether to add Stirling's approximation of log(t!) for counts above 1.
        eps: a number that is added to an expected count so that its logarithm is finite.

    >>> import numpy as np
    >>> poisson_nll_loss(np.array([0.0, 1.0]), np.array([1.0, 0.0]), reduction="sum").round(6).item()
    3.718282
    """
    losses = f.exp(input) - target * input if log_input else input - target * f.log(input + eps)
    if full:
        count = f.where(f.greater(target, 1.0), target, 1.0)
        stirling = count * f.log(count) - count + 0.5 * f.log(2.0 * math.pi * count)
        losses = losses + f.where(f.greater(target, 1.0), stirling, 0.0)
    return reduced(losses, reduction)


@loss("hinge_embedding", "HingeEmbeddingLoss", order=("margin", *LEGACY))
def hinge_embedding_loss(input: Any, target: Any, *, margin: float = 1.0, reduction: str = "mean") -> Any:
    """The distance of a pair that is alike (a target of 1), and max(0, margin - distance) of one that isn't (-1).

    >>> import numpy as np
    >>> hinge_embedding_loss(np.array([0.25, 0.25]), np.array([1.0, -1.0]), reduction="none").tolist()
    [0.25, 0.75]
    """
    alike(input, target)
    far = f.where(f.equal(target, 1.0), 0.0, f.relu(margin - input))
    return reduced(f.where(f.equal(target, -1.0), 0.0, input) + far, reduction)


@loss("bce", "BCELoss", order=("weight", *LEGACY))
def binary_cross_entropy(input: Any, target: Any, weight: Any = None, *, reduction: str = "mean") -> Any:
    """-(t log p + (1 - t) log(1 - p)) for a probability p and a target t from 0 to 1.

    A logarithm below -100 counts as -100.  A ``weight`` multiplies the losses.

    At p = 0 and p = 1, where the formula has a pole, the slope of the logarithm is PyTorch's 1e12.

    >>> import numpy as np
    >>> binary_cross_entropy(np.array([0.9]), np.array([1.0])).round(15).item()
    0.105360515657826
    """
    import numpy as np

    alike(input, target)
    values = np.asarray(input.detach() if hasattr(input, "detach") else input)
    if ((values < 0) | (values > 1)).any():
        raise UsageError("a probability lies between 0 and 1; for scores, use binary_cross_entropy_with_logits")
    slope = SLOPE_AT_0 if values.dtype.itemsize > 2 else SLOPE_AT_0_IN_16_BITS

    def surprisal(probability: Any) -> Any:
        # The inner `where` keeps the pole of the logarithm out of the derivative.
        above, below = probability > math.exp(LEAST_LOGARITHM), probability < 1.0
        of_one = f.where(above, f.log(f.where(above, probability, 1.0)), LEAST_LOGARITHM + slope * probability)
        of_other = LEAST_LOGARITHM + slope * (1.0 - probability)
        of_other = f.where(below, f.log1p(-f.where(below, probability, 0.0)), of_other)
        return (target - 1.0) * of_other - target * of_one

    score = _score_behind(input)
    if score is None:
        return reduced(weighted(surprisal(input), weight), reduction)
    # A sigmoid has lost digits of its complement where it is close to 1.  The value is that of the probabilities; the
    # derivative passes through them, too, with a complement from the score.
    complement = 1.0 - input
    complement = complement + (f.sigmoid(-score.detach()) - complement.detach())
    least = float(np.finfo(values.dtype).tiny)
    logarithms = [
        f.where(one > least, f.log(f.where(one > least, one, 1.0)), slope * one) for one in (input, complement)
    ]
    known = (target - 1.0) * logarithms[1] - target * logarithms[0]
    # Both depend on the target, so the value passes no derivative on.
    value = surprisal(input.detach()).detach()
    return reduced(weighted(value + (known - known.detach()), weight), reduction)


def weighted(losses: Any, weight: Any) -> Any:
    """Return losses, multiplied by weights if there are any."""
    return losses if weight is None else losses * weight


def _score_behind(probability: Any) -> Any:
    """The operand of the sigmoid, if a tensor is the recorded result of a sigmoid; else None."""
    made_by = getattr(probability, "grad_fn", None)
    return made_by.operands[0] if made_by is not None and made_by.primitive is f.sigmoid else None


@loss("bce_with_logits", "BCEWithLogitsLoss", order=("weight", *LEGACY, "pos_weight"))
def binary_cross_entropy_with_logits(
    input: Any, target: Any, weight: Any = None, *, reduction: str = "mean", pos_weight: Any = None
) -> Any:
    """The binary cross entropy of the probability sigmoid(s), from the score s, without overflow or loss of digits.

    Args:
        input: scores.
        target: numbers from 0 to 1, in the shape of the scores.
        weight: factors of the losses.
        pos_weight: factors of the terms that the targets multiply.

    >>> import numpy as np
    >>> binary_cross_entropy_with_logits(np.array([0.0, 800.0]), np.array([1.0, 0.0]), reduction="none").tolist()
    [0.6931471805599453, 800.0]
    """
    alike(input, target)
    losses = weighted(target * f.softplus(-input), pos_weight) + (1.0 - target) * f.softplus(input)
    return reduced(weighted(losses, weight), reduction)


@loss("cross_entropy", "CrossEntropyLoss",
      order=("weight", "size_average", "ignore_index", "reduce", "reduction", "label_smoothing"))  # fmt: skip
def cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    """-log(softmax(scores)) at the class of each row, or its mean over the classes with given probabilities.

    Args:
        input: scores, shape (rows, classes), (rows, classes, ...) or (classes,).
        target: the class of each row as a number, in the shape of the scores without the axis of the classes; or the
            probabilities of the classes, in the shape of the scores.
        weight: a factor for each class; a mean is divided by the sum of the factors.
        ignore_index: the class of rows that don't count.
        label_smoothing: the share of the target that is spread over all classes.

    >>> import numpy as np
    >>> scores = np.array([[2.0, 0.0], [0.0, 0.0]])
    >>> cross_entropy(scores, np.array([0, 1]), reduction="none").round(6).tolist()
    [0.126928, 0.693147]
    >>> cross_entropy(scores, np.array([[1.0, 0.0], [0.5, 0.5]]), reduction="none").round(6).tolist()
    [0.126928, 0.693147]
    """
    axis = class_axis(input)
    count = input.shape[axis]
    if not 0.0 <= label_smoothing <= 1.0:
        raise UsageError(f"label_smoothing is a share from 0 to 1, not {label_smoothing}")
    _same_type(input, weight)
    if tuple(getattr(target, "shape", ())) == tuple(input.shape):
        if isinstance(target, Recorded) and "float" not in str(target.dtype):
            raise UsageError(f"probabilities of classes are floats, not {target.dtype}")
        if ignore_index >= 0:
            raise UsageError("ignore_index has no meaning for targets that are probabilities")
        target = target * (1.0 - label_smoothing) + label_smoothing / count if label_smoothing else target
        logarithms = weighted(f.log_softmax(input, axis=axis), _along(weight, input, axis))
        losses = -f.sum(target * logarithms, axis=axis)
        if reduction == "mean":
            return f.sum(losses) / max(1, math.prod(losses.shape))
        return reduced(losses, reduction)
    rows = counted_rows(target, weight, ignore_index, count)
    losses = _of_rows(formulas.surprisal(scored(input, rows.classes)), rows)
    if label_smoothing:
        logarithms = weighted(f.log_softmax(input, axis=axis), _along(weight, input, axis))
        spread = -f.sum(logarithms, axis=axis)
        spread = spread if rows.is_counted is None else spread * _typed(rows.is_counted, spread)
        losses = losses * (1.0 - label_smoothing) + spread * (label_smoothing / count)
    return _reduced_rows(losses, rows, reduction)


@loss("nll", "NLLLoss", order=("weight", "size_average", "ignore_index", "reduce", "reduction"))
def nll_loss(input: Any, target: Any, weight: Any = None, *, ignore_index: int = -100, reduction: str = "mean") -> Any:
    """The negative logarithm of the probability of each row's class, given the logarithms of all probabilities.

    The other arguments are those of `cross_entropy`.

    >>> import numpy as np
    >>> nll_loss(np.log([[0.5, 0.5], [0.25, 0.75]]), np.array([0, 1])).round(6).item()
    0.490415
    """
    _same_type(input, weight)
    rows = counted_rows(target, weight, ignore_index, input.shape[class_axis(input)])
    return _reduced_rows(_of_rows(-scored(input, rows.classes).own, rows), rows, reduction)


def _same_type(input: Any, weight: Any) -> None:
    """Raise an error if the weights of classes have another type than the scores."""
    if isinstance(weight, Recorded) and isinstance(input, Recorded) and weight.dtype != input.dtype:
        raise UsageError(f"the scores have the type {input.dtype}, but the weights of the classes {weight.dtype}")


class CountedRows(NamedTuple):
    """The classes of rows, and how much each row counts.

    Attributes:
        classes: the class of each row; 0 for a row that doesn't count.
        factors: the factor of each row; None if all are 1.
        is_counted: 1 for the rows that count, else 0; None if all count.
    """

    classes: Any
    factors: Any
    is_counted: Any


def counted_rows(target: Any, weight: Any, ignore_index: int, count: int) -> CountedRows:
    """Return the classes of rows without those that don't count, and their factors.

    Raises:
        ShapeError: there isn't one weight for each class.
        UsageError: the classes have a derivative: they are no whole numbers.
    """
    import numpy as np

    if getattr(target, "requires_grad", False):
        raise UsageError(f"the classes of rows are whole numbers, not floats of shape {tuple(target.shape)}")
    classes = np.asarray(target)
    if weight is not None and tuple(weight.shape) != (count,):
        raise ShapeError(f"there are {count} classes, but the weights have the shape {tuple(weight.shape)}")
    ignored = classes == ignore_index
    is_counted = None
    if ignored.any():
        classes, is_counted = np.where(ignored, 0, classes), 1.0 - ignored
    if weight is None:
        return CountedRows(classes, is_counted, is_counted)
    if classes.size and not ((classes >= 0) & (classes < count)).all():
        return CountedRows(classes, is_counted, is_counted)  # refused later, with a sentence
    numbers = np.asarray(weight.detach() if hasattr(weight, "detach") else weight)[classes.astype(np.intp)]
    return CountedRows(classes, numbers if is_counted is None else numbers * is_counted, is_counted)


def _of_rows(losses: Any, rows: CountedRows) -> Any:
    """Return losses multiplied by their factors; a row that doesn't count gives 0, even if its loss is infinite."""
    if rows.is_counted is not None:
        losses = f.where(rows.is_counted, losses, 0.0)
    return losses if rows.factors is None else losses * _typed(rows.factors, losses)


def _typed(factors: Any, losses: Any) -> Any:
    """Return an array of factors in the type of the losses."""
    return factors.astype(str(losses.dtype).rpartition(".")[2])


def _reduced_rows(losses: Any, rows: CountedRows, reduction: str) -> Any:
    """Return losses reduced; their mean is divided by the sum of the factors."""
    if rows.factors is None or reduction != "mean":
        return reduced(losses, reduction)
    return f.sum(losses) * (1.0 / total if (total := float(rows.factors.sum())) else math.nan)


def _along(weight: Any, input: Any, axis: int) -> Any:
    """Return weights of classes in a shape that broadcasts to that of the scores."""
    return None if weight is None else f.reshape(weight, (-1, *(1,) * (len(input.shape) - 1 - axis)))


@loss("hinge", "HingeLoss")
def hinge_loss(input: Any, target: Any, *, reduction: str = "mean") -> Any:
    """max(0, 1 - t s) for a score s and a target t of -1 or 1.

    >>> import numpy as np
    >>> hinge_loss(np.array([0.25, -2.0]), np.array([1.0, -1.0]), reduction="none").tolist()
    [0.75, 0.0]
    """
    alike(input, target)
    return reduced(formulas.hinge(input, target), reduction)


@loss("multi_margin", "MultiMarginLoss", order=("p", "margin", "weight", *LEGACY))
def multi_margin_loss(
    input: Any, target: Any, *, p: int = 1, margin: float = 1.0, weight: Any = None, reduction: str = "mean"
) -> Any:
    """The sum of max(0, margin + s - own)^p over the scores s of the other classes, divided by the number of classes.

    Args:
        input: scores, shape (rows, classes) or (classes,).
        target: the class of each row as a number, shape (rows,) or ().
        p: 1 or 2.
        margin: by how much the score of the own class should be above the others.
        weight: a factor for each class.

    >>> import numpy as np
    >>> multi_margin_loss(np.array([[0.5, 0.0, 2.0]]), np.array([0])).round(6).item()
    1.0
    """
    if p not in (1, 2):
        raise UsageError(f"multi_margin_loss takes a power of 1 or 2, not {p}")
    scores = f.reshape(input, (1,)) if not input.shape else input
    axis = class_axis(scores)
    classes = f.reshape(target, ()) if len(scores.shape) == 1 and hasattr(target, "shape") else target
    rows = counted_rows(classes, weight, -100, scores.shape[axis])
    losses = formulas.margins(scored(scores, rows.classes, keepdims=True), margin, p)
    losses = f.squeeze(losses, axis)
    return reduced(losses if rows.factors is None else losses * _typed(rows.factors, losses), reduction)


def class_axis(input: Any) -> int:
    """Return the axis of the classes: the second one, or the only axis of a single row.

    Raises:
        ShapeError: the scores are only one number.
    """
    if not input.shape:
        raise ShapeError("the scores of classes are an array, not one number")
    return min(1, len(input.shape) - 1)


def scored(input: Any, target: Any, *, keepdims: bool = False) -> formulas.BatchScores:
    """Return the scores together with the class of each row.

    Raises:
        ShapeError: the classes have the wrong shape.
        UsageError: a class isn't a whole number, or doesn't exist.
    """
    import numpy as np

    axis = class_axis(input)
    classes = np.asarray(target)
    shape: Sequence[int] = tuple(input.shape)
    wanted = (*shape[:axis], *shape[axis + 1 :])
    if classes.shape != wanted:
        raise ShapeError(
            f"classes of shape {classes.shape} don't fit scores of shape {shape}; give classes of shape {wanted}, or "
            f"probabilities of shape {shape}"
        )
    whole = classes.astype(np.intp)
    wrong = (whole != classes) | (whole < 0) | (whole >= shape[axis])
    if wrong.any():
        raise UsageError(
            f"class {classes[wrong].flat[0]} does not exist: there are {shape[axis]} classes, counted from 0"
        )
    return formulas.BatchScores(input, whole, axis, keepdims)
