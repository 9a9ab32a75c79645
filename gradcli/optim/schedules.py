"""Schedules: the factor on the learning rate as a function of how much of the run is done.

One entry of `SCHEDULES` is one schedule, a function of the number of the update (from 0) and of the number of updates
in the run.

>>> [round(SCHEDULES["linear"](update, 100), 2) for update in (0, 50, 99)]
[1.0, 0.55, 0.11]
"""

from __future__ import annotations

import math
from collections.abc import Callable

__all__ = ["SCHEDULES"]


def constant(_update: int, _updates: int) -> float:
    """1 throughout."""
    return 1.0


def linear(update: int, updates: int) -> float:
    """Down to a tenth in a straight line, as in micrograd's demo."""
    return 1.0 - 0.9 * update / updates


def cosine(update: int, updates: int) -> float:
    """Half a period of the cosine, down to 0 (Loshchilov and Hutter, 2017, without restarts)."""
    return 0.5 * (1.0 + math.cos(math.pi * update / updates))


def step(update: int, updates: int) -> float:
    """A tenth of the rate before in each third of the run."""
    return float(0.1 ** (3 * update // updates))


SCHEDULES: dict[str, Callable[[int, int], float]] = {
    "constant": constant,
    "linear": linear,
    "cosine": cosine,
    "step": step,
}
