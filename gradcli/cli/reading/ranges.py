"""Ranges of variables: ``x=-3:3`` goes from -3 to 3, and ``x=-3:3:1000``, an axis of a grid, does so in 1000 points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from gradcli.cli.command import Session
from gradcli.cli.reading.arguments import Binding, at_top_level, bindings_of, refuse_two_values
from gradcli.cli.reading.values import scalar_of
from gradcli.errors import UsageError
from gradcli.records import NamedTuple

if TYPE_CHECKING:
    from gradcli.tables.grid import Axis

__all__ = ["Range", "axes_of", "ranges_of"]


#: A range holds at least this many doubles, and is at least this wide.
_FEWEST: Final = 1 << 20
_NARROWEST: Final = 1e-290


class Range(NamedTuple):
    """A variable, and the two numbers between which it goes, the smaller one first."""

    name: str
    low: float
    high: float


def ranges_of(session: Session) -> tuple[list[Range], Session]:
    """Return the ranges among the values of variables, and the session with the other values.

    Raises:
        UsageError: a text is not START:STOP, or its ends are not two different finite numbers.
    """
    found = [binding for binding in session.bindings if len(at_top_level(binding.text, ":")) > 1]
    rest = tuple(binding for binding in session.bindings if binding not in found)
    return [_range(session, binding) for binding in found], session._replace(bindings=rest)


def _range(session: Session, binding: Binding) -> Range:
    name, text = binding
    form = f"write {name}=START:STOP, for example {name}=-3:3"
    parts = at_top_level(text, ":")
    if len(parts) == 3:
        hint = f"write {name}={parts[0]}:{parts[1]}; --points {parts[2].strip()} sets the number of points"
        raise UsageError(f"`{name}={text}` has a number of points, which a range doesn't take", hint=hint)
    if len(parts) != 2 or not all(part.strip() for part in parts):
        raise UsageError(f"`{name}={text}` is not a range", hint=form)
    low, high = [
        scalar_of(session, part, f"the {what} of `{name}`") for what, part in zip(("start", "stop"), parts, strict=True)
    ]
    if not math.isfinite(high - low):
        raise UsageError(f"the ends of the range of `{name}` have to be finite numbers", hint=form)
    if low == high:
        raise UsageError(f"the range `{name}={text}` is a single point", hint=form)
    if abs(high - low) < max(_FEWEST * math.ulp(max(abs(low), abs(high))), _NARROWEST):
        raise UsageError(f"the range `{name}={text}` is too narrow: doubles have too few digits", hint=form)
    return Range(name, min(low, high), max(low, high))


def axes_of(session: Session, options: Sequence[str]) -> tuple[list[Axis], Session]:
    """Return the axes of a grid, from ``--grid x=-3:3:1000`` and from values of variables of the same form.

    Returns:
        The axes in the order of the command line, and the session with the bindings that are not axes.

    Raises:
        UsageError: a text is not START:STOP:POINTS, or a variable has two axes.
    """
    given = [binding for option in options for binding in bindings_of(option, "--grid")]
    given += [binding for binding in session.bindings if is_axis(binding)]
    rest = tuple(binding for binding in session.bindings if not is_axis(binding))
    refuse_two_values([*given, *rest])
    return [axis_of(session, binding) for binding in given], session._replace(bindings=rest)


def is_axis(binding: Binding) -> bool:
    """Whether a value has the form START:STOP:POINTS."""
    return len(at_top_level(binding.text, ":")) == 3


def axis_of(session: Session, binding: Binding) -> Axis:
    """Return the axis that a value of the form START:STOP:POINTS describes."""
    from gradcli.tables.grid import Axis

    parts = at_top_level(binding.text, ":")
    form = f"for example --grid {binding.name}=-3:3:1000, from -3 to 3 in 1000 points"
    if len(parts) != 3 or not all(part.strip() for part in parts):
        raise UsageError(f"`--grid {binding.name}={binding.text}` is not NAME=START:STOP:POINTS", hint=form)
    whats = ("start", "stop", "number of points")
    start, stop, points = [
        scalar_of(session, part, f"the {what} of `{binding.name}`") for what, part in zip(whats, parts, strict=True)
    ]
    if not (math.isfinite(start) and math.isfinite(stop)):
        raise UsageError(f"an end of the axis `{binding.name}` is not finite", hint=form)
    if not (points >= 1 and points == int(points)):
        raise UsageError(
            f"the number of points of `{binding.name}` must be a whole number of at least 1, not {points:g}", hint=form
        )
    return Axis(binding.name, start, stop, int(points))
