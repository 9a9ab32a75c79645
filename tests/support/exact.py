"""Values of a text and their distance from exact ones."""

from __future__ import annotations

import math
from typing import Any

from mpmath import mp, mpf

from gradcli import parse

__all__ = ["same", "slopes", "units_off", "value"]


def value(text: str, **at: float) -> float:
    """Return the value of an expression."""
    found: float = parse(text)(**at)
    return found


def slopes(text: str, **at: float) -> tuple[float, ...]:
    """Return the partial derivatives of an expression, in the order of the numbers."""
    found = parse(text).gradient(**at)
    return tuple(found[name] for name in at)


def same(got: float, wanted: float) -> bool:
    """Whether two numbers are the same: also of two zeros; one nan is another."""
    return (got != got and wanted != wanted) or (
        got == wanted and math.copysign(1.0, got) == math.copysign(1.0, wanted)
    )


def units_off(got: float, exact: Any) -> float:
    """Return the error in units in the last place of the nearest double; inf for a wrong infinity or a nan.

    Args:
        got: the number.
        exact: a number of mpmath, or a function without arguments that computes one with 60 digits.
    """
    with mp.workdps(60):
        wanted = mpf(exact() if callable(exact) else exact)
        nearest = float(wanted)
        if got == nearest:
            return 0.0
        if not (math.isfinite(got) and math.isfinite(nearest)):
            return math.inf
        return float(abs(mpf(got) - wanted) / math.ulp(nearest))
