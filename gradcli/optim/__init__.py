"""Optimisers, schedules of the learning rate, and clipping of gradients.

`OPTIMIZERS`, `FURTHER_OPTIMIZERS` and `SCHEDULES` are tables of pure formulas.  The classes `SGD`, `RMSprop`, `Adam`,
`AdamW`, `NAdam`, `Adamax`, `Adagrad`, `Adadelta`, `RAdam`, `Rprop`, `ASGD`, `Adafactor`, `Muon` and `SparseAdam` are
made from the tables.  These classes, `LBFGS` and the schedules ``...LR`` have the names, arguments and results of
PyTorch.

>>> from gradcli import Value
>>> from gradcli.optim import Adam
>>> Adam([Value(1.0)], lr=0.01).param_groups[0]["betas"]
(0.9, 0.999)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.optim.further_optimizers import FURTHER_OPTIMIZERS
from gradcli.optim.optimizers import OPTIMIZERS, Method
from gradcli.optim.option import Option
from gradcli.optim.schedules import (
    SCHEDULES,
    ConstantLR,
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    LRScheduler,
    MultiStepLR,
    OneCycleLR,
    PolynomialLR,
    ReduceLROnPlateau,
    SequentialLR,
    StepLR,
    warmed_up,
)  # fmt: skip

if TYPE_CHECKING:
    from gradcli.optim.classes import Optimizer
    from gradcli.optim.clipping import clip_grad_norm_, clipped

__all__ = [
    "FURTHER_OPTIMIZERS", "LBFGS", "OPTIMIZERS", "SCHEDULES",
    "ConstantLR", "CosineAnnealingLR", "CosineAnnealingWarmRestarts", "ExponentialLR",
    "LRScheduler", "LambdaLR", "LinearLR", "Method", "MultiStepLR", "OneCycleLR", "Optimizer", "Option",
    "PolynomialLR", "ReduceLROnPlateau", "SequentialLR", "StepLR", "clip_grad_norm_", "clipped", "warmed_up",
]  # fmt: skip
__all__ += [one.title for one in (*OPTIMIZERS.values(), *FURTHER_OPTIMIZERS.values()) if one.title]


def __getattr__(name: str) -> Any:
    """Load a class, or a function for clipping, when it is first used.

    The help of the command line needs only the tables.
    """
    if name not in __all__:
        raise AttributeError(f"module 'gradcli.optim' has no attribute {name!r}")
    from gradcli.optim.classes import CLASSES, Optimizer
    from gradcli.optim.clipping import clip_grad_norm_, clipped
    from gradcli.optim.quasi_newton import LBFGS

    globals().update(CLASSES, LBFGS=LBFGS, Optimizer=Optimizer, clip_grad_norm_=clip_grad_norm_, clipped=clipped)
    return globals()[name]
