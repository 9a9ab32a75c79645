"""Losses of pairs, triplets and several labels, with PyTorch's names; the other losses are in `gradcli.nn.losses`.

>>> from gradcli import tensor
>>> margin_ranking_loss(tensor([2.0]), tensor([1.5]), tensor([1.0]), margin=1.0).item()
0.5
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from gradcli.errors import ShapeError, UsageError
from gradcli.nn import loss_formulas as formulas
from gradcli.nn.losses import LEGACY, Loss, alike, loss, reduced, weighted
from gradcli.nn.normalizing import pairwise_distance
from gradcli.nn.pointwise import logsigmoid
from gradcli.primitives import functions as f

__all__ = [
    "PAIR_LOSSES", "cosine_embedding_loss", "gaussian_nll_loss", "margin_ranking_loss", "multilabel_margin_loss",
    "multilabel_soft_margin_loss", "triplet_margin_loss", "triplet_margin_with_distance_loss",
]  # fmt: skip

# ruff: noqa: A002  (PyTorch's `input`)

#: The name of a loss of other operands than predictions and targets, or of several labels -> its module.
PAIR_LOSSES: Final[dict[str, type[Loss]]] = {}


@loss("margin_ranking", "MarginRankingLoss", order=("margin", *LEGACY), table=PAIR_LOSSES, operands=3)
def margin_ranking_loss(input1: Any, input2: Any, target: Any, margin: float = 0.0, *, reduction: str = "mean") -> Any:
    """max(0, margin - t (first - second)): a target t of 1 wants the first score above the second, -1 below it.

    Raises:
        ShapeError: the operands have different numbers of axes.
    """
    if not len(input1.shape) == len(input2.shape) == len(target.shape):
        raise ShapeError(
            f"scores of shapes {tuple(input1.shape)} and {tuple(input2.shape)} and targets of shape "
            f"{tuple(target.shape)} have different numbers of axes"
        )
    return reduced(formulas.ranking(input1, input2, target, margin), reduction)


@loss("cosine_embedding", "CosineEmbeddingLoss", order=("margin", *LEGACY), table=PAIR_LOSSES, operands=3)
def cosine_embedding_loss(
    input1: Any, input2: Any, target: Any, margin: float = 0.0, *, reduction: str = "mean"
) -> Any:
    """1 - cosine for vectors that are alike (a target of 1), and max(0, cosine - margin) for others (-1).

    Args:
        input1, input2: shape (rows, features) or (features,).
        target: 1 or -1 for each row.
        margin: the cosine from which on a pair that isn't alike counts.

    Raises:
        ShapeError: there isn't one target for each row.
    """
    rows = tuple(target.shape)
    if len(rows) > 1 or len(input1.shape) != len(rows) + 1 or len(input2.shape) != len(rows) + 1:
        raise ShapeError(
            f"vectors of shapes {tuple(input1.shape)} and {tuple(input2.shape)} don't fit targets of shape {rows}"
        )
    # As in PyTorch, a small number keeps the cosine of zeros finite.
    small = 1e-12
    lengths = (f.sum(f.square(input1), axis=-1) + small) * (f.sum(f.square(input2), axis=-1) + small)
    cosine = f.sum(input1 * input2, axis=-1) / f.sqrt(lengths)
    return reduced(formulas.angle(cosine, target, margin), reduction)


@loss("triplet_margin", "TripletMarginLoss", order=("margin", "p", "eps", "swap", *LEGACY), table=PAIR_LOSSES,
      operands=3)  # fmt: skip
def triplet_margin_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    *,
    reduction: str = "mean",
) -> Any:
    """max(0, margin + d(anchor, positive) - d(anchor, negative)) for p-norms d of differences.

    Args:
        anchor, positive, negative: shape (rows, features) or (features,).
        margin: by how much the negative should be farther away than the positive; above 0.
        p, eps: those of `pairwise_distance`.
        swap: whether the distance of positive and negative counts, too, if it is smaller (Balntas et al., 2016).

    Raises:
        UsageError: the margin isn't above 0.
        ShapeError: the operands have different numbers of axes.
    """
    distance = lambda x, y: pairwise_distance(x, y, p, eps)  # noqa: E731
    return triplet_margin_with_distance_loss(
        anchor, positive, negative, distance_function=distance, margin=margin, swap=swap, reduction=reduction
    )


@loss("triplet_margin_with_distance", "TripletMarginWithDistanceLoss", order=(), table=PAIR_LOSSES, operands=3)
def triplet_margin_with_distance_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    *,
    distance_function: Callable[[Any, Any], Any] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Any:
    """max(0, margin + d(anchor, positive) - d(anchor, negative)) for a distance d, by default the Euclidean one.

    The other arguments are those of `triplet_margin_loss`.

    Raises:
        UsageError: the margin isn't above 0.
        ShapeError: the operands have different numbers of axes.
    """
    if margin <= 0.0:
        raise UsageError(f"the margin is a number above 0, not {margin}")
    if not len(anchor.shape) == len(positive.shape) == len(negative.shape):
        raise ShapeError("anchor, positive and negative have the same number of axes")
    distance = distance_function or pairwise_distance
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = f.min(far, distance(positive, negative))
    return reduced(formulas.triplet(near, far, margin), reduction)


@loss("gaussian_nll", "GaussianNLLLoss", order=(), table=PAIR_LOSSES, operands=3)
def gaussian_nll_loss(
    input: Any, target: Any, var: Any, full: bool = False, eps: float = 1e-6, reduction: str = "mean"
) -> Any:
    """(log v + (s - t)^2 / v)/2, the negative log likelihood of t in a normal distribution of mean s and variance v.

    Args:
        input, target: means and targets.
        var: variances, in the shape of the input, or with a last axis of length 1, or without it; or one number.
        full: whether to add the constant log(2 pi)/2.
        eps: the least variance; below it the derivative is that at ``eps``.

    Raises:
        UsageError: a variance is negative.
        ShapeError: the variances don't fit.
    """
    if isinstance(var, (int, float)):
        var = input.detach() * 0.0 + float(var)
    shape, own = tuple(input.shape), tuple(var.shape)
    if bool((var.detach() < 0.0).any()):
        raise UsageError("a variance is at least 0")
    if own != shape:
        if own == shape[:-1]:
            var = f.unsqueeze(var, -1)
        elif len(own) != len(shape) or sum(n for m, n in zip(shape, own, strict=True) if m != n) != 1:
            raise ShapeError(f"variances of shape {own} don't fit an input of shape {shape}")
    # Too small a variance is moved up to eps; the derivative passes, as in PyTorch.
    known = var.detach()
    variance = var + (f.clip(known, eps, math.inf) - known)
    losses = formulas.gaussian(input, target, variance)
    return reduced(losses + 0.5 * math.log(2.0 * math.pi) if full else losses, reduction)


@loss("multilabel_soft_margin", "MultiLabelSoftMarginLoss", order=("weight", *LEGACY), table=PAIR_LOSSES)
def multilabel_soft_margin_loss(input: Any, target: Any, weight: Any = None, *, reduction: str = "mean") -> Any:
    """The mean over the classes of the binary cross entropy of sigmoid(s), for scores s and targets 0 or 1.

    Args:
        input: scores, shape (rows, classes) or (classes,).
        target: 0 or 1 for each score.
        weight: a factor for each class.
    """
    alike(input, target)
    losses = -(target * logsigmoid(input) + (1 - target) * logsigmoid(-input))
    return reduced(f.mean(weighted(losses, weight), axis=-1), reduction)


@loss("multilabel_margin", "MultiLabelMarginLoss", table=PAIR_LOSSES)
def multilabel_margin_loss(input: Any, target: Any, *, reduction: str = "mean") -> Any:
    """The sum of max(0, 1 - (own - other)) over a row's own classes and all others, divided by the number of classes.

    Args:
        input: scores, shape (rows, classes) or (classes,).
        target: the classes of each row as whole numbers in the shape of the scores; the first -1 ends them.

    Raises:
        ShapeError: the shapes differ.
        UsageError: there is no such class.
    """
    import numpy as np

    shape = tuple(input.shape)
    if tuple(target.shape) != shape or len(shape) > 2 or (shape and not shape[-1]):
        raise ShapeError(f"targets of shape {tuple(target.shape)} don't fit scores of shape {shape}")
    classes = shape[-1] if shape else 1
    scores = f.reshape(input, (-1, classes))
    labels = np.asarray(target.detach() if hasattr(target, "detach") else target).reshape(-1, classes)
    counted = np.cumprod(labels >= 0, axis=1).astype(bool)  # up to the first -1
    if (labels.size and (labels[counted] >= classes).any()) or (labels < -1).any():
        raise UsageError(f"there are {classes} classes, counted from 0, and -1 for the end")
    places = np.where(counted, labels, 0)
    is_own = (places[..., None] == np.arange(classes)) & counted[..., None]
    others = ~is_own.any(1)
    own = f.index(scores, (np.arange(len(labels))[:, None], places))
    distances = f.relu(1.0 - (f.unsqueeze(own, 2) - f.unsqueeze(scores, 1)))
    losses = f.sum(f.where(counted[..., None] & others[:, None, :], distances, 0.0), axis=(1, 2)) * (1.0 / classes)
    return reduced(losses if len(shape) == 2 else f.reshape(losses, ()), reduction)
