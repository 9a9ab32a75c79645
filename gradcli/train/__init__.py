"""Training small nets: data, models, losses, engines, the loop, files, figures and exporters.

Each of `DATASETS`, `OBJECTIVES`, `KINDS`, `ENGINES` and `PRESETS` is a table to which an entry can be added; optimisers
and schedules come from `gradcli.optim`.  NumPy is imported only when it is needed, and nothing here depends on a
terminal.

>>> from gradcli.train import load_data, predict, start
>>> run = start(load_data("gauss"), hidden=(), epochs=3, learning_rate=0.1)
>>> for event in run.events():
...     pass
>>> run.report()["accuracy"]
1.0
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradcli.train.checkpoint import Checkpoint, load, save
    from gradcli.train.data.loading import load_data
    from gradcli.train.predictions import Prediction, predict
    from gradcli.train.run import Run, resume, start
    from gradcli.train.trainer import Epoch, State, Step, train

__all__ = [
    "Checkpoint", "Epoch", "Prediction", "Run", "State", "Step", "load", "load_data", "predict", "resume", "save",
    "start", "train",
]  # fmt: skip
_HOMES = {
    "checkpoint": ("Checkpoint", "load", "save"),
    "data.loading": ("load_data",),
    "predictions": ("Prediction", "predict"),
    "run": ("Run", "resume", "start"),
    "trainer": ("Epoch", "State", "Step", "train"),
}


if not TYPE_CHECKING:  # a type checker finds every name above, and no others

    def __getattr__(name: str) -> Any:
        """Load a name when it is first used: the help of the command line needs only the tables."""
        for home, names in _HOMES.items():
            if name in names:
                return getattr(import_module(f"gradcli.train.{home}"), name)
        raise AttributeError(f"module 'gradcli.train' has no attribute {name!r}")
