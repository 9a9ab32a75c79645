"""Schedules: the factor of the learning rate as a function of the number of the update.

One entry of `SCHEDULES` is one schedule of a run, a function of the number of the update (from 0) and of the number of
updates in the run.  The classes have PyTorch's names and meanings, and use the same formulas.

>>> [round(SCHEDULES["linear"](update, 100), 2) for update in (0, 50, 99)]
[1.0, 0.55, 0.11]
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gradcli.errors import UsageError

if TYPE_CHECKING:
    from gradcli.optim.classes import Optimizer

__all__ = [
    "SCHEDULES", "ConstantLR", "CosineAnnealingLR", "LRScheduler", "LambdaLR", "LinearLR", "SequentialLR", "StepLR",
    "warmed_up",
]  # fmt: skip

Schedule = Callable[[int, int], float]


def line(update: float, updates: float, first: float, last: float) -> float:
    """Return the factor on a straight line from ``first`` to ``last``.

    It reaches ``last`` after ``updates`` updates and stays there.
    """
    return first + (last - first) * min(update, updates) / updates


def half_wave(update: float, updates: float) -> float:
    """Return the factor on half a period of a cosine, from 1 down to 0 at ``updates`` without restarts.

    Loshchilov and Hutter, 2017.
    """
    return 0.5 * (1.0 + math.cos(math.pi * update / updates))


def stairs(update: float, length: float, factor: float) -> float:
    """Return a factor that is multiplied by ``factor`` after every ``length`` updates."""
    return float(factor ** (update // length))


#: Name -> schedule of a run; it starts at 1.
SCHEDULES: dict[str, Schedule] = {
    "constant": lambda update, updates: 1.0,
    # Down to a tenth, as in micrograd's demo.
    "linear": lambda update, updates: line(update, updates, 1.0, 0.1),
    "cosine": half_wave,
    # A tenth of the rate before in each third of the run.
    "step": lambda update, updates: stairs(3 * update, updates, 0.1),
}


def warmed_up(schedule: Schedule, warmup: int) -> Schedule:
    """Return a schedule with a warm-up before it: a straight rise over ``warmup`` updates.

    >>> rising = warmed_up(SCHEDULES["linear"], 3)
    >>> [round(rising(update, 13), 2) for update in range(6)]
    [0.25, 0.5, 0.75, 1.0, 0.91, 0.82]
    """

    def factor(update: int, updates: int) -> float:
        if update < warmup:
            return (update + 1) / (warmup + 1)
        return schedule(update - warmup, updates - warmup)

    return factor if warmup else schedule


class LRScheduler:
    """The base class of schedules.

    A schedule sets the learning rates of an optimiser's groups, starting from their first rates.

    An optimiser has one schedule; `SequentialLR` joins several into one.  ``step`` is called after each of the
    optimiser's steps (or epochs).

    Args:
        optimizer: the optimiser, whose learning rate is set at once for the first step.

    Attributes:
        base_lrs: the rates of the groups at the start.
        last_epoch: how many steps were taken.

    Raises:
        UsageError: the optimiser has no learning rate.
    """

    def __init__(self, optimizer: Optimizer) -> None:
        if "lr" not in optimizer.defaults:
            raise UsageError("this optimiser finds its own steps and has no learning rate")
        self.optimizer = optimizer
        self.base_lrs: list[float] = [group.setdefault("initial_lr", group["lr"]) for group in optimizer.param_groups]
        self.last_epoch = -1
        self.step()

    def rate(self, base: float, update: int) -> float:
        """Return the learning rate at an update of a group that began with ``base``."""
        raise NotImplementedError

    def step(self) -> None:
        """Set the learning rates for the next step of the optimiser."""
        self.last_epoch += 1
        for group, base in zip(self.optimizer.param_groups, self.base_lrs, strict=True):
            group["lr"] = self.rate(base, self.last_epoch)

    def get_last_lr(self) -> list[float]:
        """Return the learning rates of the groups."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def __repr__(self) -> str:
        rates = ", ".join(map(repr, self.get_last_lr()))
        return f"{type(self).__name__}(step {self.last_epoch}, learning rate {rates})"

    def state_dict(self) -> dict[str, Any]:
        """Return the state, which `load_state_dict` restores."""
        return {"base_lrs": list(self.base_lrs), "last_epoch": self.last_epoch}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Restore the state that `state_dict` returned.

        The schedule and the optimiser must have been made in the same way.
        """
        self.base_lrs, self.last_epoch = list(state_dict["base_lrs"]), state_dict["last_epoch"] - 1
        self.step()


class LambdaLR(LRScheduler):
    """The rate times a function of the number of steps taken.

    >>> from gradcli import Value
    >>> from gradcli.optim import SGD
    >>> optimizer = SGD([Value(1.0)], lr=0.5)
    >>> warm = LambdaLR(optimizer, lambda update: min(1.0, (update + 1) / 4))
    >>> for _ in range(2):
    ...     warm.step()
    >>> warm.get_last_lr()
    [0.375]
    """

    def __init__(self, optimizer: Optimizer, lr_lambda: Callable[[int], float]) -> None:
        self.lr_lambda = lr_lambda
        super().__init__(optimizer)

    def rate(self, base: float, update: int) -> float:
        return base * self.lr_lambda(update)


class ConstantLR(LRScheduler):
    """The first rate times ``factor`` for ``total_iters`` steps, and the first rate after that."""

    def __init__(self, optimizer: Optimizer, factor: float = 1 / 3, total_iters: int = 5) -> None:
        self.factor, self.total_iters = factor, total_iters
        super().__init__(optimizer)

    def rate(self, base: float, update: int) -> float:
        return base * self.factor if update < self.total_iters else base


class LinearLR(LRScheduler):
    """The rate times a factor that goes from ``start_factor`` to ``end_factor`` in ``total_iters`` steps."""

    def __init__(
        self, optimizer: Optimizer, start_factor: float = 1 / 3, end_factor: float = 1.0, total_iters: int = 5
    ) -> None:
        self.start_factor, self.end_factor, self.total_iters = start_factor, end_factor, total_iters
        super().__init__(optimizer)

    def rate(self, base: float, update: int) -> float:
        return base * line(update, self.total_iters, self.start_factor, self.end_factor)


class CosineAnnealingLR(LRScheduler):
    """The rate that falls to ``eta_min`` along half a cosine in ``T_max`` steps, and rises again."""

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0) -> None:  # noqa: N803  (PyTorch's name)
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer)

    def rate(self, base: float, update: int) -> float:
        return self.eta_min + (base - self.eta_min) * half_wave(update, self.T_max)


class StepLR(LRScheduler):
    """The rate, which is multiplied by ``gamma`` after every ``step_size`` steps."""

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer)

    def rate(self, base: float, update: int) -> float:
        return base * stairs(update, self.step_size, self.gamma)


class SequentialLR(LRScheduler):
    """Several schedules one after the other, such as a warm-up and then a cosine.

    Each one after the first starts at its milestone.
    """

    def __init__(self, optimizer: Optimizer, schedulers: Sequence[LRScheduler], milestones: Sequence[int]) -> None:
        if len(schedulers) != len(milestones) + 1 or list(milestones) != sorted(milestones):
            raise UsageError("give one milestone between each two schedules, each later than the one before")
        self.schedulers, self.milestones = list(schedulers), list(milestones)
        super().__init__(optimizer)

    def rate(self, base: float, update: int) -> float:
        which = bisect.bisect_right(self.milestones, update)
        return self.schedulers[which].rate(base, update - [0, *self.milestones][which])
