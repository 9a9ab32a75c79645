"""Finite differences, and tests of whether two derivatives agree."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from gradcli import limits
from gradcli.records import NamedTuple

__all__ = [
    "LARGEST_STEP",
    "TOLERANCE",
    "Entry",
    "agreed_digits",
    "close",
    "entries_of",
    "extrapolated_difference",
    "finite_difference",
]

_Function = Callable[[Any], float]
TOLERANCE: Final = {"forward": 1e-12, "complex_step": 1e-9, "finite_difference": 1e-6}
#: The tolerance of the forward sweep on arrays, where sums run in another order than in the reverse sweep.
_FORWARD_ON_ARRAYS: Final = 1e-10
LARGEST_STEP: Final = 2e-3
_SHRINK: Final = 1.4
_SMALLEST_STEP: Final = 1e-318  # smaller steps have few digits themselves
_SMALLEST: Final = 2.0**-1074  # the distance of two subnormal numbers
_ROWS: Final = 10


def agreed_digits(expected: float, found: float, scale: float | None = None) -> float:
    """The number of decimal digits in which two numbers agree, relative to ``scale``, by default the larger one.

    >>> agreed_digits(1.0, 1.001, 1.0)
    3.0
    """
    scale = max(abs(expected), abs(found)) if scale is None else scale
    if expected == found or (expected != expected and found != found):
        return 17.0
    if not (math.isfinite(expected) and math.isfinite(found)) or scale == 0.0:
        return 0.0
    share = abs(expected - found) / scale
    return 17.0 if share == 0.0 else round(min(17.0, max(0.0, -math.log10(share))), 1)


def close(expected: float, found: float, tolerance: float) -> bool:
    """Whether two numbers differ by no more than a tolerance; infinities and nans must be the same."""
    if not (math.isfinite(expected) and math.isfinite(found)):
        return expected == found or (expected != expected and found != found)
    return abs(expected - found) <= tolerance


def finite_difference(function: Callable[[float], float], x: float) -> tuple[float | None, float]:
    """The derivative and an estimate of its error; None if two runs with different steps agree in no digit."""
    step = LARGEST_STEP * abs(x)
    if step < _SMALLEST_STEP:  # also at 0
        step = LARGEST_STEP
    derivative, error = extrapolated_difference(function, x, step)
    other, other_error = extrapolated_difference(function, x, step / 16.0)
    error = max(error, abs(derivative - other))
    if not math.isfinite(error + other_error) or error > 0.1 * max(abs(derivative), abs(other)):
        return (derivative, error) if derivative == other == 0.0 else (None, math.inf)
    return derivative, error


def extrapolated_difference(function: Callable[[float], float], x: float, step: float) -> tuple[float, float]:
    """Extrapolate central differences to a step of 0; return the best result and an estimate of its error.

    The method is that of C. Ridders, "Accurate computation of F'(x) and F'(x) F''(x)", Advances in Engineering
    Software 4 (1982).
    """
    previous: list[float] = []
    best, error = math.nan, math.inf
    for _ in range(_ROWS):
        above, below = x + step, x - step
        if above == below:  # the step is below the distance of two doubles
            break
        high, low = function(above), function(below)
        row = [(high - low) / (above - below)]
        rounding = (2.0**-52 * max(abs(high), abs(low)) + _SMALLEST) / step
        factor = _SHRINK * _SHRINK
        for coarse in previous:
            row.append((row[-1] * factor - coarse) / (factor - 1.0))
            factor *= _SHRINK * _SHRINK
            estimate = max(abs(row[-1] - row[-2]), abs(row[-1] - coarse)) + rounding
            if estimate <= error:
                error, best = estimate, row[-1]
        previous = row
        step /= _SHRINK
    return best, error


class Entry(NamedTuple):
    """One entry of a gradient, computed by the three methods that work on arrays."""

    place: tuple[int, ...]
    reverse: float
    forward: float
    difference: float | None
    uncertainty: float

    def disagreements(self, scale: float, tolerance: float, spread: float = 0.0) -> list[str]:
        """The methods that differ from the reverse sweep by more than their own error and ``spread`` can explain."""
        forward = _FORWARD_ON_ARRAYS * scale + spread
        found = [] if close(self.reverse, self.forward, forward) else ["forward"]
        allowed = tolerance * scale + spread + 100.0 * self.uncertainty
        is_finite = math.isfinite(self.reverse) or math.isfinite(self.forward)
        if is_finite and self.difference is not None and not close(self.reverse, self.difference, allowed):
            found.append("finite_difference")
        return found


def along_entry(array: Any, place: tuple[int, ...], value: Callable[[Any], float]) -> Callable[[float], float]:
    """Return the function of one entry of an array, with the others held fixed."""

    def function(x: float) -> float:
        moved = array.copy()
        moved[place] = x
        return value(moved)

    return function


def entries_of(
    array: Any, reverse: Any, forward: _Function, value: _Function, most: int = limits.CHECKED_ENTRIES
) -> list[Entry]:
    """The entries of the gradient with respect to one array.

    Args:
        array: the point.
        reverse: the gradient by the reverse sweep.
        forward: the derivative along a direction.
        value: the function of the array.
        most: the largest number of entries to check.
    """
    import numpy as np

    places = list(np.ndindex(array.shape))
    found = []
    for place in places[:: max(1, -(-len(places) // most))]:
        direction = np.zeros(array.shape)
        direction[place] = 1.0

        difference, uncertainty = finite_difference(along_entry(array, place, value), float(array[place]))
        found.append(Entry(place, float(reverse[place]), forward(direction), difference, uncertainty))
    return found
