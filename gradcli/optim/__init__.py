"""How gradients become the next parameters: optimisers, schedules of the learning rate, and clipping.

`OPTIMIZERS` and `SCHEDULES` are tables of pure formulas.  The classes `SGD`, `RMSprop`, `Adam`, `AdamW` and `LBFGS`,
made of the table, and the schedules ``...LR`` are PyTorch's in names, arguments and results.

>>> from gradcli import Value
>>> from gradcli.optim import Adam
>>> Adam([Value(1.0)], lr=0.01).param_groups[0]["betas"]
(0.9, 0.999)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from gradcli.optim.classes import Optimizer
    from gradcli.optim.clipping import clip_grad_norm_, clipped

__all__ = [
    "OPTIMIZERS", "SCHEDULES", "ConstantLR", "CosineAnnealingLR", "LRScheduler", "LambdaLR", "LinearLR", "Method",
    "Optimizer", "Option", "SequentialLR", "StepLR", "clip_grad_norm_", "clipped", "warmed_up",
]  # fmt: skip
__all__ += [method.title for method in OPTIMIZERS.values() if method.title]


def __getattr__(name: str) -> Any:
    """Load the classes and clipping when one of them is first used: the tables alone serve the command line's help."""
    if name not in __all__:
        raise AttributeError(f"module 'gradcli.optim' has no attribute {name!r}")
    from gradcli.optim.classes import CLASSES, Optimizer
    from gradcli.optim.clipping import clip_grad_norm_, clipped

    globals().update(CLASSES, Optimizer=Optimizer, clip_grad_norm_=clip_grad_norm_, clipped=clipped)
    return globals()[name]
