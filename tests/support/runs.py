"""Small training runs that the tests of several rooms share; `tests/conftest.py` makes fixtures of them."""

from __future__ import annotations

from typing import Any

from gradcli.train.data.datasets import make
from gradcli.train.run import Run, start


def small_run(**choices: Any) -> Run:
    """A run of a few moments: 12 updates of a net of 17 parameters."""
    given: dict[str, Any] = {"hidden": (4,), "epochs": 3, "batch": 8, "split": 0.2} | choices
    return start(make("moons", samples=40), samples=40, **given)
