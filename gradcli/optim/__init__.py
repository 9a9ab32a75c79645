"""Optimisers and schedules: how gradients become the next parameters."""

from gradcli.optim.optimizers import OPTIMIZERS, Optimizer, Option
from gradcli.optim.schedules import SCHEDULES

__all__ = ["OPTIMIZERS", "SCHEDULES", "Optimizer", "Option"]
