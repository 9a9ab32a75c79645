"""Features: inputs of a net in place of the columns. Each is a column or an expression of columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gradcli import limits
from gradcli.errors import UsageError
from gradcli.train.model.formulas import Formula, formula

if TYPE_CHECKING:
    from gradcli.array_types import Floats

__all__ = ["check_features", "feature_named", "featured", "finite_features", "places_of"]


def places_of(columns: Sequence[str]) -> dict[str, int]:
    """Return the place of each column under its name in formulas, and as x1, x2, ... where no column has this name.

    >>> places_of(("petal length", "x1"))
    {'petal length': 0, 'x1': 1, 'x2': 1}
    """
    named = {name: place for place, name in enumerate(columns)}
    return named | {f"x{place}": place - 1 for place in range(1, len(columns) + 1) if f"x{place}" not in named}


def feature_named(text: str, columns: Sequence[str]) -> int | Formula:
    """A feature: the place of the column that has this name, or an expression of columns.

    Raises:
        GradcliError: the text is neither a column nor an expression.
    """
    if text in columns:
        return list(columns).index(text)
    return formula(text, tuple(places_of(columns)), "feature")


def check_features(columns: Sequence[str], features: Sequence[str]) -> None:
    """Raise an error if a feature isn't an expression of the columns or occurs twice, or if there are too many.

    Raises:
        UsageError: a feature occurs twice or has an unknown variable, or there are too many.
        ExpressionError: a feature has no meaning.
    """
    if len(features) > limits.FEATURES or sum(map(len, features)) > limits.FEATURES_LENGTH:
        raise UsageError(
            f"a net has at most {limits.FEATURES} features, with at most {limits.FEATURES_LENGTH} characters in total"
        )
    if features and len(columns) > limits.FEATURE_COLUMNS:
        raise UsageError(
            f"`features` is for tables of at most {limits.FEATURE_COLUMNS} columns, not {len(columns)}",
            argument="features",
        )
    for number, text in enumerate(features):
        feature_named(text, columns)
        if text in features[:number]:
            raise UsageError(f"the feature `{text}` is given twice")


def featured(columns: tuple[str, ...], features: Sequence[str], inputs: Floats) -> Floats:
    """The features of rows of columns, shape (rows, features).

    >>> import numpy as np
    >>> featured(("a", "b"), ("a*b", "x1^2"), np.array([[2.0, 3.0]]))
    array([[6., 4.]])
    """
    import numpy as np

    # Pictures are bytes, whose products would not fit into a byte.
    operands = [inputs[:, place].astype(np.float64) for place in places_of(columns).values()]
    result = np.empty((len(inputs), len(features)))
    with np.errstate(all="ignore"):
        for number, text in enumerate(features):
            found = feature_named(text, columns)
            result[:, number] = inputs[:, found] if isinstance(found, int) else found(*operands)
    return result


def finite_features(columns: tuple[str, ...], features: Sequence[str], inputs: Floats) -> Floats:
    """The features of rows of columns.

    Raises:
        UsageError: a feature has no finite value in a row.
    """
    import numpy as np

    seen = featured(columns, features, inputs)
    bad = np.argwhere(~np.isfinite(seen))
    if len(bad):
        row, column = bad[0].tolist()
        point = list(zip(columns, inputs[row].tolist(), strict=True))
        values = ", ".join(f"{name} = {value:g}" for name, value in point[:6]) + ", ..." * (len(point) > 6)
        raise UsageError(f"the feature `{features[column]}` has no finite value where {values}")
    return seen
