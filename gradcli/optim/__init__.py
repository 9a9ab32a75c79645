"""How gradients become the next parameters: optimisers, schedules of the learning rate, and clipping.

`OPTIMIZERS` and `SCHEDULES` are tables of pure formulas.  The classes `SGD`, `RMSprop`, `Adam`, `AdamW` and `LBFGS`,
made of the table, and the schedules ``...LR`` are PyTorch's in names, arguments and results.

>>> from gradcli import Value
>>> from gradcli.optim import Adam
>>> Adam([Value(1.0)], lr=0.01).param_groups[0]["betas"]
(0.9, 0.999)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.optim.classes import CLASSES, Optimizer
from gradcli.optim.clipping import clip_grad_norm_, clipped
from gradcli.optim.optimizers import OPTIMIZERS, Method
from gradcli.optim.option import Option
from gradcli.optim.schedules import (
    SCHEDULES,
    ConstantLR,
    CosineAnnealingLR,
    LambdaLR,
    LinearLR,
    LRScheduler,
    SequentialLR,
    StepLR,
    warmed_up,
)  # fmt: skip

__all__ = [
    "OPTIMIZERS", "SCHEDULES", "ConstantLR", "CosineAnnealingLR", "LRScheduler", "LambdaLR", "LinearLR", "Method",
    "Optimizer", "Option", "SequentialLR", "StepLR", "clip_grad_norm_", "clipped", "warmed_up",
]  # fmt: skip
__all__ += CLASSES
globals().update(CLASSES)

if TYPE_CHECKING:

    def __getattr__(name: str) -> type[Optimizer]: ...
