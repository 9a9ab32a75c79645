"""Runs whose frames the tests of the live displays look at, and the text of a frame."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.draw.canvas import Line
from gradcli.train.data.datasets import make
from gradcli.train.run import Run, load_data, start

__all__ = ["linear", "run_of", "text_of"]


def text_of(lines: list[Line]) -> list[str]:
    """Return lines of coloured pieces as plain text."""
    return ["".join(text for text, _ in line).rstrip() for line in lines]


def run_of(name: str, **choices: Any) -> Run:
    """Return a run of two epochs on a few rows, not yet begun."""
    given: dict[str, Any] = {"epochs": 2, "hidden": (4, 3)} | choices
    data = load_data(name, seed=1337) if name == "iris" else make(name, samples=40)
    return start(data, **given)


def linear(**choices: Any) -> Run:
    """A net of three tanh units that look to the right, up, and to the lower left; the last two decide."""
    given = {"hidden": (3,), "standardise": False, "activation": "tanh", "split": 0.0} | choices
    run = run_of("xor", **given)
    run.state.parameters = np.array([1, 0, 0, 0, 1, 0, -1, -1, 0, 1, 1, -5, 0.0])
    return run
