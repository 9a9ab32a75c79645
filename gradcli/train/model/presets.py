"""Presets: names for whole sets of choices.

One entry of `PRESETS` is one preset: the options of the command line that it stands for.  An option that the user gives
wins over the preset.
"""

from __future__ import annotations

from typing import Any

__all__ = ["PRESETS"]

PRESETS: dict[str, dict[str, Any]] = {
    # micrograd's demo notebook: 100 moons, every row in each of 100 steps of plain gradient descent.
    "micrograd": {
        "dataset": "moons",
        "samples": 100,
        "noise": 0.1,
        "seed": 1337,
        "split_off": 0.0,
        "hidden": (16, 16),
        "activation": "relu",
        "init": "uniform",
        "standardise": False,
        "loss": "hinge",
        "l1": 0.0,
        "l2": 1e-4,
        "optimizer": "sgd",
        "learning_rate": 1.0,
        "schedule": "linear",
        "epochs": 100,
        "batch": 0,
    },
}
