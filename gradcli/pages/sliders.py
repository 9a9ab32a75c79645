"""The sliders of a page: for each variable a range around the point, with round ends, inside the known domain."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

from gradcli.records import NamedTuple

__all__ = ["Slider", "slider"]

#: A range reaches from the point by so many tenths of a round number on each side.
_TENTHS: Final = 10
#: The steps of a slider over a tenth.
_STEPS: Final = 20
#: The range around 0 reaches this far.
_AROUND_ZERO: Final = 5.0


class Slider(NamedTuple):
    """The slider of a variable.

    Attributes:
        name: the variable.
        value: its value at the beginning.
        low, high: the ends of the range.
        step: the distance between neighbouring places of the slider.
    """

    name: str
    value: float
    low: float
    high: float
    step: float


def slider(name: str, value: float, is_defined: Callable[[float], bool] | None = None) -> Slider:
    """Return the slider of a variable.

    Args:
        name: the variable.
        value: its value.
        is_defined: whether the function has a value at another value of the variable; None if this isn't known.

    >>> slider("x", 2.0)[2:]
    (-3.0, 7.0, 0.025)
    >>> slider("x", 2.0, lambda x: x >= 0)[2:]
    (0.0, 7.0, 0.025)
    """
    given, value = value, value if math.isfinite(value) else 0.0
    reach = _round_above(1.5 * abs(value)) if abs(value) > 1e-300 else _AROUND_ZERO
    reach = min(reach, 1e300)
    unit = reach / _TENTHS
    first, last = math.floor(value / unit + 1e-9) - _TENTHS, math.ceil(value / unit - 1e-9) + _TENTHS
    low, high = first, last
    if is_defined is not None and is_defined(value):
        middle = value / unit
        low = _end(range(math.ceil(middle) - 1, first - 1, -1), unit, is_defined, first)
        high = _end(range(math.floor(middle) + 1, last + 1), unit, is_defined, last)
    return Slider(name, given, _times(low, unit), _times(high, unit), _times(1, unit / _STEPS))


def _end(places: Sequence[int], unit: float, is_defined: Callable[[float], bool], otherwise: int) -> int:
    """Return the last place where the function has a value, or the next place if it also has values between the two."""
    for place in places:
        if not is_defined(place * unit):
            before = place - 1 if places[0] < places[-1] else place + 1
            beyond = before * unit + (place - before) * unit * 1e-6
            return place if is_defined(beyond) else before
    return otherwise


def _round_above(value: float) -> float:
    """Return the smallest of 1, 2 and 5 times a power of ten that isn't below a positive number."""
    power = 10.0 ** math.floor(math.log10(value))
    return next((factor * power for factor in (1.0, 2.0, 5.0) if factor * power >= value), 10.0 * power)


def _times(count: int, unit: float) -> float:
    """Return a multiple of a round number without rounding errors in its last digits."""
    return float(f"{count * unit:.12g}")
