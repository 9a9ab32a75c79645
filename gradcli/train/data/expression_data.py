"""Data sets that a user gives as an expression: ``y > sin(3*x)`` has two classes, ``sin(3*x)*y`` is a number.

The variables of the expression are the columns, in natural order.  Their values are drawn evenly from -1 to 1, or from
the range that the user gives.  A condition has two classes: this is a comparison, or several comparisons joined by
*and*, *or* and *not*.  Any other expression is a target that is a number.

Noise is the standard deviation of normal noise.  As in the built-in sets, there are two cases.  With classes, the noise
moves the points after their classes have been computed, so that the classes overlap along the border.  If the target is
a number, the noise is added to the target."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli import limits
from gradcli.errors import UsageError
from gradcli.source import listed, shortened, suggestion
from gradcli.train.data.datasets import check_drawing
from gradcli.train.data.rows import Data

if TYPE_CHECKING:
    from gradcli.array_types import Floats
    from gradcli.evaluate.expression import Expression

__all__ = ["expression_data"]

SAMPLES = 500


def expression_data(
    text: str,
    samples: int | None = None,
    noise: float | None = None,
    seed: int = 1337,
    ranges: Sequence[str] = (),
    task: str | None = None,
) -> Data:
    """Return rows whose target is the value of an expression.

    Args:
        text: the expression.
        samples: how many rows.
        noise: the standard deviation of the noise; by default 0.
        seed: the seed of the points and of the noise.
        ranges: ``"x=-3:3"`` for one variable, ``"-3:3"`` for all variables without a range of their own; the ends are
            numbers or expressions such as ``2pi``.
        task: ``"classes"`` makes every different value of the expression a class; ``"numbers"`` makes the target a
            number even if the expression is a condition, which is 0 or 1; by default only a condition has classes.

    Raises:
        ExpressionError: the text has no meaning.
        UsageError: the expression has no variable, is not finite somewhere in the range, or has the same value
        everywhere.

    >>> data = expression_data("y > sin(3*x)", samples=100)
    >>> data.columns, data.labels, data.inputs.shape
    (('x', 'y'), ('0', '1'), (100, 2))
    """
    samples, noise = SAMPLES if samples is None else samples, 0.0 if noise is None else noise
    check_drawing(samples, noise, seed)
    expression = parsed(text)
    columns = tuple(sorted(expression.variables, key=natural))
    low, high = bounds_of(columns, ranges)
    generator = np.random.RandomState(seed)
    points = generator.uniform(low, high, size=(samples, len(columns)))
    values = evaluated(expression, columns, points)
    refuse_infinite(text, columns, points, values)
    labels = None
    if task == "classes" or (task is None and is_condition(expression)):
        found, places = np.unique(values, return_inverse=True)
        values = places.reshape(-1).astype(np.float64)
        labels = tuple(f"{value:g}" for value in found.tolist())
        check_classes(text, labels)
        points = points + generator.normal(scale=noise, size=points.shape)
    else:
        values = values + generator.normal(scale=noise, size=samples)
    target = "class" if labels is not None else "value"
    while target in columns:
        target += "_"
    return Data(shortened(" ".join(text.split()), limits.VARIABLE_LENGTH), columns, points, target, values, labels)


def parsed(text: str) -> Expression:
    """Parse the expression, which has at least one variable."""
    from gradcli.evaluate.expression import parse

    if len(text) > limits.DATA_EXPRESSION_LENGTH:
        raise UsageError(f"the expression of the data is longer than {limits.DATA_EXPRESSION_LENGTH} characters")
    expression = parse(text, name="`expression`")
    if not 1 <= len(expression.variables) <= limits.DATA_VARIABLES:
        raise UsageError(
            f"`{text}` has {len(expression.variables) or 'no'} variables; each one is a column of the data, "
            f"which has 1 to {limits.DATA_VARIABLES} columns",
            hint='for example `expression="y > sin(3*x)"`',
            argument="expression",
        )
    return expression


def natural(name: str) -> list[Any]:
    """Return a sort key for names with numbers in them: ``x2`` comes before ``x10``.

    >>> sorted(["x10", "x2", "a"], key=natural)
    ['a', 'x2', 'x10']
    """
    return [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in re.split(r"([0-9]+)", name)]


def is_condition(expression: Expression) -> bool:
    """Whether the value is always 0 or 1.

    >>> from gradcli.evaluate.expression import parse
    >>> is_condition(parse("x > 0 and y > 0")), is_condition(parse("(x > 0)*y"))
    (True, False)
    """
    primitive = expression.root.primitive
    return getattr(primitive, "is_truth", False)


def bounds_of(columns: Sequence[str], ranges: Sequence[str]) -> tuple[list[float], list[float]]:
    """Return the lowest values of the columns, and the highest values."""
    found: dict[str, tuple[float, float]] = {}
    for text in ranges:
        name, mark, rest = text.rpartition("=")
        name = name.strip()
        if mark and name not in columns:
            raise UsageError(
                f"`ranges={text}`: the data has no column `{name}`",
                kind="unknown_column",
                hint=suggestion(name, columns, f"its columns are {listed(columns)}"),
                argument="ranges",
            )
        low, mark, high = rest.partition(":")
        ends = [end_of(low, text), end_of(high, text)] if mark else []
        if not ends or not ends[0] < ends[1] or not math.isfinite(ends[1] - ends[0]):
            raise UsageError(
                f"`ranges={text}` isn't a range from a lower to a higher number",
                hint=f"for example `ranges={columns[0]}=-3:3`, or `ranges=-3:3` for every column",
                argument="ranges",
            )
        found[name] = (ends[0], ends[1])
    default = found.get("", (-1.0, 1.0))
    pairs = [found.get(column, default) for column in columns]
    return [low for low, _ in pairs], [high for _, high in pairs]


def end_of(text: str, whole: str) -> float:
    """Return the value of one end of a range, which is an expression without variables."""
    from gradcli.evaluate.expression import parse

    expression = parse(text.strip(), name=f"`ranges={whole}`")
    if expression.variables:
        raise UsageError(
            f"`ranges={whole}`: `{expression.variables[0]}` has no value, but the ends of a range are numbers",
            argument="ranges",
        )
    value = expression()
    return float(value) if isinstance(value, (int, float)) else math.nan


def evaluated(expression: Expression, columns: Sequence[str], points: Floats) -> Floats:
    """Return the values of the expression at all points, shape (rows,)."""
    from gradcli.execute.tape import Tape

    if expression.has_arrays:
        raise UsageError(
            f"`{expression.source.text}` combines several numbers of an array, but it is applied to each row by itself"
        )
    tape = Tape([expression.root], [expression.graph.variable(name) for name in columns])
    with np.errstate(all="ignore"):
        values = tape.replay([np.ascontiguousarray(column) for column in points.T])[tape.outputs[0]]
    return np.array(np.broadcast_to(values, len(points)), dtype=np.float64)


def refuse_infinite(text: str, columns: Sequence[str], points: Floats, values: Floats) -> None:
    """Refuse values that are nan or infinite; the error names the first such point."""
    wrong = ~np.isfinite(values)
    if wrong.any():
        first = points[int(wrong.argmax())].tolist()
        place = ", ".join(f"{name} = {value:.4g}" for name, value in zip(columns, first, strict=True))
        raise UsageError(
            f"`{text}` has no finite value in {int(wrong.sum())} of {len(values)} rows, for example at {place}",
            hint=f"draw only where it has a finite value: `ranges={columns[0]}=LOW:HIGH`",
            argument="ranges",
        )


def check_classes(text: str, labels: Sequence[str]) -> None:
    """Refuse a target with a single class or with too many classes."""
    if len(labels) < 2:
        raise UsageError(
            f"`{text}` is {labels[0]} in every row, so there is nothing to learn",
            kind="bad_target",
            hint="with other `ranges`, both classes may occur",
            argument="ranges",
        )
    if len(labels) > limits.GUESSED_CLASSES or len(set(labels)) != len(labels):
        raise UsageError(
            f"`{text}` has {len(labels)} different values, but at most {limits.GUESSED_CLASSES} classes are possible",
            kind="bad_target",
        )
