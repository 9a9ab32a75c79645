"""How much work an action is, counted in lines of Python instead of seconds: the same on every machine, busy or not."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

__all__ = ["steps"]


def steps(action: Callable[[], Any], most: float = float("inf")) -> int:
    """Return how many lines of Python an action runs.

    Raises:
        AssertionError: there are more than ``most``; the action ends there, however long it would have gone on.
    """
    count = 0

    def trace(frame: Any, event: str, argument: Any) -> Any:
        nonlocal count
        if event == "line":
            count += 1
            if count > most:
                raise AssertionError(f"more than {most} steps")
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        action()
    finally:
        sys.settrace(before)
    return count
