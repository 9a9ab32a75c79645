"""Presets: names for whole sets of choices.  A choice that the user makes replaces the choice of the preset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradcli.records import NamedTuple

__all__ = ["PRESETS", "Preset"]


class Preset(NamedTuple):
    """A set of choices under one name.

    Args:
        about: a few words for the help.
        dataset: the data set that it is for.
        choices: the choices that it makes, by name.
    """

    about: str
    dataset: str
    choices: Mapping[str, Any]


PRESETS: dict[str, Preset] = {
    # micrograd's demo notebook: 100 moons, every row in each of 100 steps of plain gradient descent.
    "micrograd": Preset("the moons demo of micrograd", "moons", {
        "samples": 100, "noise": 0.1, "seed": 1337, "split": 0.0, "hidden": (16, 16), "activation": "relu",
        "init": "uniform", "standardise": False, "loss": "hinge", "l1": 0.0, "l2": 1e-4, "optimizer": "sgd",
        "learning_rate": 1.0, "schedule": "linear", "epochs": 100, "batch": 0,
    }),
}  # fmt: skip
