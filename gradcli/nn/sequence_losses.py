"""Losses that end a net: of sequences without alignment (CTC), and of a linear layer with many classes.

>>> from gradcli import tensor
>>> logarithms = tensor([[[0.5, 0.5]], [[0.5, 0.5]]]).log()
>>> ctc_loss(logarithms, tensor([[1]]), [2], [1]).exp().item()  # 3 of the 4 paths say "1"
1.333333...
"""

from __future__ import annotations

import math
from typing import Any

from gradcli.errors import CallError, ShapeError, UsageError
from gradcli.nn.losses import check, cross_entropy, loss, reduced
from gradcli.nn.pair_losses import PAIR_LOSSES
from gradcli.primitives import functions as f

__all__ = ["LinearCrossEntropyOptions", "ctc_loss", "linear_cross_entropy"]

# ruff: noqa: A002  (PyTorch's `input`)


def _numbers(given: Any) -> Any:
    import numpy as np

    return np.asarray(given.detach() if hasattr(given, "detach") else given)


def _lengths(given: Any, rows: int, what: str) -> Any:
    """Return the lengths of sequences as an array with one number for each row."""
    import numpy as np

    lengths = _numbers(given)
    if lengths.dtype.kind not in "iu":
        raise UsageError(f"the lengths of {what} are whole numbers")
    if lengths.size != rows:
        raise UsageError(f"there are {rows} sequences, but {lengths.size} lengths of {what}")
    return lengths.reshape(rows).astype(np.intp)


@loss("ctc", "CTCLoss", order=("blank", "reduction", "zero_infinity"), table=PAIR_LOSSES, operands=4)
def ctc_loss(
    log_probs: Any,
    targets: Any,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> Any:
    """-log of the probability that a sequence of classes, without repetitions and blanks, is the target.

    Graves et al., "Connectionist Temporal Classification" (2006), by the forward recursion in logarithms.

    Args:
        log_probs: the logarithms of the probabilities of all classes at all times, from ``log_softmax``, shape (times,
            rows, classes) or (times, classes).
        targets: the classes, shape (rows, longest target), or those of all rows one after the other.
        input_lengths, target_lengths: a number for each row.
        blank: the class that stands for nothing.
        reduction: a mean is that of the losses divided by the lengths of the targets.
        zero_infinity: whether the loss of an impossible target is 0, and not infinite.

    The derivative is PyTorch's: it takes for granted that the probabilities of each time have the sum 1.

    Raises:
        ShapeError: the shapes don't fit.
        UsageError: a length or a class doesn't fit.
    """
    import numpy as np

    check(reduction)
    if len(log_probs.shape) == 2:
        options = (targets if len(targets.shape) > 1 else targets.reshape(1, -1), _numbers(input_lengths).reshape(-1),
                   _numbers(target_lengths).reshape(-1))  # fmt: skip
        found = ctc_loss(f.unsqueeze(log_probs, 1), *options, blank, reduction, zero_infinity)
        return f.reshape(found, ())
    if len(log_probs.shape) != 3:
        raise ShapeError(f"logarithms have the shape (times, rows, classes), not {tuple(log_probs.shape)}")
    times, rows, classes = log_probs.shape
    if not rows or not times:
        raise ShapeError(f"logarithms of shape {tuple(log_probs.shape)} have no rows, or no times")
    if not 0 <= blank < classes:
        raise UsageError(f"the blank is a class from 0 to {classes - 1}, not {blank}")
    lengths = _lengths(input_lengths, rows, "inputs")
    counts = _lengths(target_lengths, rows, "targets")
    if lengths.max() > times or lengths.min() < 0 or counts.min() < 0:
        raise UsageError(f"lengths of inputs are at most {times}, and no length is negative")
    labels = _padded(_numbers(targets), counts, blank)
    if ((labels < 0) | (labels >= classes)).any():
        raise UsageError(f"targets are classes from 0 to {classes - 1}")
    # Blanks around all labels: the states of a path.
    states = np.full((rows, 2 * labels.shape[1] + 1), blank)
    states[:, 1::2] = labels
    may_skip = np.zeros(states.shape, dtype=bool)  # from the state before the last one, which is another label
    may_skip[:, 3::2] = labels[:, 1:] != labels[:, :-1]
    emitted = f.index(log_probs, (slice(None), np.arange(rows)[:, None], states))
    count = states.shape[1]
    path = f.where(np.arange(count) < np.minimum(2, 2 * counts[:, None] + 1), f.index(emitted, 0), -math.inf)
    for time in range(1, int(lengths.max())):
        before = f.pad(path, ((0, 0), (2, 0)), -math.inf)
        ways = [path, f.index(before, (slice(None), slice(1, count + 1)))]
        ways.append(f.where(may_skip, f.index(before, (slice(None), slice(0, count))), -math.inf))
        step = f.logsumexp(f.stack(ways, axis=0), axis=0) + f.index(emitted, time)
        path = step if (lengths > time).all() else f.where((lengths > time)[:, None], step, path)
    everyone = np.arange(rows)
    ends = [f.index(path, (everyone, 2 * counts)), f.index(path, (everyone, np.maximum(2 * counts - 1, 0)))]
    ends[1] = f.where(counts > 0, ends[1], -math.inf)
    losses = -f.logsumexp(f.stack(ends, axis=0), axis=0)
    kind = str(log_probs.dtype).rpartition(".")[2]
    if not (lengths > 0).all():
        losses = f.where(lengths > 0, losses, np.where(counts > 0, math.inf, 0.0).astype(kind))
    if hasattr(log_probs, "detach"):
        sums = f.sum(f.where((np.arange(times)[:, None] < lengths)[..., None], f.exp(log_probs), 0.0), axis=(0, 2))
        losses = losses + (sums - sums.detach())
    if zero_infinity:
        losses = f.where(f.equal(_numbers(losses), math.inf), 0.0, losses)
    if reduction == "mean":
        return f.mean(losses * (1.0 / np.maximum(counts, 1)).astype(kind))
    return reduced(losses, reduction)


def _padded(targets: Any, counts: Any, blank: int) -> Any:
    """Return the classes of all rows as a matrix, with the blank after the end of each."""
    import numpy as np

    if targets.dtype.kind not in "iu":
        raise UsageError(f"targets are whole numbers, not {targets.dtype}")
    longest = int(counts.max())
    if targets.ndim == 1:
        if targets.size != counts.sum():
            raise ShapeError(f"the lengths of the targets have the sum {counts.sum()}, but there are {targets.size}")
        found = np.full((len(counts), longest), blank)
        for row, part in zip(found, np.split(targets, np.cumsum(counts)[:-1]), strict=True):
            row[: len(part)] = part
        return found
    if targets.ndim != 2 or len(targets) != len(counts) or targets.shape[1] < longest:
        raise ShapeError(
            f"targets of shape {targets.shape} aren't those of {len(counts)} rows of a length up to {longest}"
        )
    return np.where(np.arange(longest) < counts[:, None], targets[:, :longest], blank)


class LinearCrossEntropyOptions:
    """PyTorch's options for the parts of a batch that `linear_cross_entropy` computes at once; here it is always whole.

    The options are checked, and have no effect on the result.

    Raises:
        UsageError: an option has no meaning.
    """

    def __init__(
        self,
        allow_retain_graph: bool = False,
        batch_chunk_size: int | None = None,
        chunking_method: str | None = "auto",
        acc_policy: str = "auto",
        acc_dtype: Any = None,
    ) -> None:
        if acc_policy not in ("auto", "accurate", "balanced", "compact"):
            raise UsageError(f"acc_policy is auto, accurate, balanced or compact, not {acc_policy!r}")
        name, _, factor = (chunking_method or "auto").partition(":")
        if name not in ("auto", "aspect_ratio") or (factor and not (factor.isdigit() and int(factor))):
            raise UsageError(f"chunking_method is auto or aspect_ratio:N, not {chunking_method!r}")
        if batch_chunk_size is not None and (not isinstance(batch_chunk_size, int) or batch_chunk_size < 1):
            raise UsageError(f"batch_chunk_size is a whole number above 0, not {batch_chunk_size!r}")
        self.allow_retain_graph, self.batch_chunk_size = allow_retain_graph, batch_chunk_size
        self.chunking_method, self.acc_policy, self.acc_dtype = chunking_method, acc_policy, acc_dtype


def linear_cross_entropy(
    input: Any,
    linear_weight: Any,
    target: Any,
    *,
    linear_bias: Any = None,
    weight: Any = None,
    reduction: str = "mean",
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
    options: LinearCrossEntropyOptions | None = None,
) -> Any:
    """The cross entropy of a linear layer's outputs, ``cross_entropy(input @ linear_weight.T + linear_bias, target)``.

    Args:
        input: shape (rows, features) or (features,).
        linear_weight: shape (classes, features), or (classes, ..., features) for several targets in each row.
        target: the class of each row, or the probabilities of the classes.
        linear_bias: shape (classes,) or (classes, ...).
        weight, reduction, ignore_index, label_smoothing: those of `cross_entropy`.
        options: PyTorch's options for its way of computing.

    Raises:
        ShapeError: the shapes don't fit.
        UsageError: ``ignore_index`` is given with probabilities.
    """
    if not isinstance(options, (LinearCrossEntropyOptions, type(None))):
        raise CallError("options are LinearCrossEntropyOptions")
    given, wanted = tuple(input.shape), tuple(linear_weight.shape)
    if len(given) not in (1, 2) or len(wanted) < 2 or given[-1] != wanted[-1]:
        raise ShapeError(f"an input of shape {given} doesn't fit a linear weight of shape {wanted}")
    classes, *further, features = wanted
    if linear_bias is not None and tuple(linear_bias.shape) != wanted[:-1]:
        raise ShapeError(f"a linear bias has the shape {wanted[:-1]}, not {tuple(linear_bias.shape)}")
    if further and len(given) == 1:
        raise ShapeError(f"a linear weight of shape {wanted} needs inputs of shape (rows, features)")
    shape = (*given[:-1], classes, *further)
    if tuple(target.shape) == shape and ignore_index is not None:
        raise UsageError("ignore_index has no meaning for targets that are probabilities")
    bias = None if linear_bias is None else f.reshape(linear_bias, (-1,))
    scores = f.linear(input, f.reshape(linear_weight, (-1, features)), bias)
    return cross_entropy(
        f.reshape(scores, shape), target, weight, reduction=reduction, label_smoothing=label_smoothing,
        ignore_index=-100 if ignore_index is None else ignore_index,
    )  # fmt: skip
