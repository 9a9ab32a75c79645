"""The weight of each row in the loss: from a column of the table, from its class, or from both."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gradcli.errors import UsageError
from gradcli.source import suggestion
from gradcli.tables.cells import value_key

if TYPE_CHECKING:
    from gradcli.array_types import Floats
    from gradcli.train.data.rows import Data

__all__ = ["class_weights", "row_weights"]

BALANCED = "balanced"


def class_weights(text: str, labels: Sequence[str], counts: Sequence[int]) -> list[float]:
    """Return the weight of each class.

    Args:
        text: ``"balanced"``, which gives all classes the same sum of weights, or ``"LABEL=W,..."``; a class that isn't
            named has the weight 1.
        labels: the classes.
        counts: the number of rows of each class.

    Raises:
        UsageError: the text has another form, or names an unknown class.

    >>> class_weights("balanced", ("no", "yes"), [90, 10])
    [0.5555555555555556, 5.0]
    >>> class_weights("yes=3", ("no", "yes"), [90, 10])
    [1.0, 3.0]
    """
    if text == BALANCED:
        return [sum(counts) / (len(labels) * count) if count else 1.0 for count in counts]
    weights = dict.fromkeys(map(value_key, labels), 1.0)
    for part in text.split(","):
        label, equals, word = (piece.strip() for piece in part.rpartition("="))
        key = value_key(label)
        if equals and key not in weights:
            hint = suggestion(label, labels, f"the classes are {', '.join(labels)}")
            raise UsageError(
                f"`class_weight` names `{label}`, which is not a class", hint=hint, argument="class_weight"
            )
        try:
            weights[key] = float(word)
        except ValueError:
            weights[key] = math.nan
        if not equals or not 0 <= weights[key] < math.inf:
            raise UsageError(
                f"`class_weight` is `balanced` or a list of LABEL=WEIGHT, and `{part}` is neither",
                hint=f"for example `class_weight={labels[-1]}=2`",
                argument="class_weight",
            )
    return list(weights.values())


def row_weights(data: Data, by_class: str | None) -> Floats | None:
    """Return the weight of each row of some data; the mean of the weights is 1.

    None means that all rows have the same weight.

    Args:
        data: the rows, which may have weights of their own.
        by_class: the weights of the classes, as `class_weights` reads them, or None.

    Raises:
        UsageError: the target is a number, or no row has a weight above 0.
    """
    import numpy as np

    weights = data.weights
    if by_class is not None:
        if data.labels is None:
            raise UsageError(
                "`class_weight` is for classes, and the target is a number",
                kind="conflicting_options",
                argument="class_weight",
            )
        index = data.targets.astype(np.intp)
        counts = np.bincount(index, minlength=len(data.labels)).tolist()
        factors = np.array(class_weights(by_class, data.labels, counts))[index]
        weights = factors if weights is None else factors * weights
    if weights is None:
        return None
    mean = float(weights.mean())
    if not 0 < mean < math.inf:
        raise UsageError("no row to train on has a weight above 0", argument=("class_weight", "sample_weight"))
    return weights / mean
