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
    "SCHEDULES", "ConstantLR", "CosineAnnealingLR", "CosineAnnealingWarmRestarts", "ExponentialLR", "LRScheduler",
    "LambdaLR", "LinearLR", "MultiStepLR", "OneCycleLR", "PolynomialLR", "ReduceLROnPlateau", "SequentialLR", "StepLR",
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

    """

    def __init__(self, optimizer: Optimizer) -> None:
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


class MultiStepLR(LRScheduler):
    """The rate, which is multiplied by ``gamma`` at each milestone, a number of steps."""

    def __init__(self, optimizer: Optimizer, milestones: Sequence[int], gamma: float = 0.1) -> None:
        self.milestones, self.gamma = sorted(milestones), gamma
        super().__init__(optimizer)

    def rate(self, base: float, update: int) -> float:
        return float(base * self.gamma ** bisect.bisect_right(self.milestones, update))


class ExponentialLR(LRScheduler):
    """The rate, which is multiplied by ``gamma`` after every step."""

    def __init__(self, optimizer: Optimizer, gamma: float) -> None:
        self.gamma = gamma
        super().__init__(optimizer)

    def rate(self, base: float, update: int) -> float:
        return float(base * self.gamma**update)


class PolynomialLR(LRScheduler):
    """The rate times (1 - update/total_iters)^power, and 0 after that."""

    def __init__(self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0) -> None:
        self.total_iters, self.power = total_iters, power
        super().__init__(optimizer)

    def rate(self, base: float, update: int) -> float:
        return float(base * (1.0 - min(update, self.total_iters) / self.total_iters) ** self.power)


class CosineAnnealingWarmRestarts(LRScheduler):
    """The rate that falls to ``eta_min`` along half a cosine again and again (Loshchilov and Hutter, 2017).

    The first fall takes ``T_0`` steps, and each later one ``T_mult`` times as many as the one before.
    """

    def __init__(self, optimizer: Optimizer, T_0: int, T_mult: int = 1, eta_min: float = 0.0) -> None:  # noqa: N803
        if T_0 < 1 or T_mult < 1:
            raise UsageError("T_0 and T_mult are whole numbers of at least 1")
        self.T_0, self.T_mult, self.eta_min = T_0, T_mult, eta_min
        super().__init__(optimizer)

    def rate(self, base: float, update: int) -> float:
        length = self.T_0
        if self.T_mult == 1:
            update %= length
        while update >= length:
            update, length = update - length, length * self.T_mult
        return self.eta_min + (base - self.eta_min) * half_wave(update, length)


class OneCycleLR(LRScheduler):
    """The rate that rises to ``max_lr`` and falls far below its start, in one cycle (Smith and Topin, 2018).

    Args:
        optimizer: the optimiser.
        max_lr: the largest rate, or one for each group.
        total_steps: the steps of the cycle; or ``epochs`` and ``steps_per_epoch``.
        pct_start: the share of the steps in which the rate rises.
        anneal_strategy: ``"cos"`` or ``"linear"``.
        cycle_momentum: whether the momentum (of Adam: the first beta) goes from ``max_momentum`` to ``base_momentum``
            and back, if the optimiser has one.
        div_factor: the largest rate divided by the first one.
        final_div_factor: the first rate divided by the last one.
        three_phase: whether the rate first returns to its start, and then falls.

    Raises:
        UsageError: the number of steps is missing, or the strategy is unknown.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | Sequence[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float = 0.85,
        max_momentum: float = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
    ) -> None:
        if total_steps is None and (epochs is None or steps_per_epoch is None):
            raise UsageError("a cycle needs total_steps, or epochs and steps_per_epoch")
        if anneal_strategy not in ("cos", "linear"):
            raise UsageError(f"a strategy is 'cos' or 'linear', not {anneal_strategy!r}")
        self.total_steps = (epochs or 0) * (steps_per_epoch or 0) if total_steps is None else total_steps
        self.anneal_strategy, self.three_phase, self.pct_start = anneal_strategy, three_phase, pct_start
        groups = optimizer.param_groups
        most = list(max_lr) if isinstance(max_lr, Sequence) else [max_lr] * len(groups)
        self._rates = [(one / div_factor, one, one / div_factor / final_div_factor) for one in most]
        self._momenta = (max_momentum, base_momentum) if cycle_momentum else None
        for group, rates in zip(groups, self._rates, strict=True):
            group["initial_lr"] = group["lr"] = rates[0]
        super().__init__(optimizer)

    def _at(self, update: int, first: float, most: float, last: float) -> float:
        """Return a number that goes from ``first`` to ``most`` and on to ``last``, in three phases over ``first``."""
        peak = self.pct_start * self.total_steps - 1
        ends = [(peak, first, most), (self.total_steps - 1, most, last)]
        if self.three_phase:
            ends = [(peak, first, most), (2 * peak, most, first), (self.total_steps - 1, first, last)]
        start = 0.0
        for end, begin, goal in ends:
            if update <= end or end == self.total_steps - 1:
                share = (update - start) / (end - start)
                return goal + (begin - goal) * (half_wave(share, 1) if self.anneal_strategy == "cos" else 1.0 - share)
            start = end
        raise AssertionError

    def step(self) -> None:
        """Set the learning rates and momenta for the next step of the optimiser.

        Raises:
            ValueError: the cycle is over.
        """
        self.last_epoch += 1
        if self.last_epoch >= self.total_steps:
            raise ValueError(f"the cycle has {self.total_steps} steps, and they are over")
        for group, rates in zip(self.optimizer.param_groups, self._rates, strict=True):
            group["lr"] = self._at(self.last_epoch, *rates)
            if self._momenta is not None:
                momentum = self._at(self.last_epoch, *self._momenta, self._momenta[0])
                if "betas" in group:
                    group["betas"] = (momentum, *group["betas"][1:])
                elif "momentum" in group:
                    group["momentum"] = momentum


class ReduceLROnPlateau(LRScheduler):
    """The rate, which is multiplied by ``factor`` when a number such as a loss hasn't improved for a while.

    Args:
        optimizer: the optimiser.
        mode: ``"min"`` if a smaller number is better, or ``"max"``.
        factor: the factor.
        patience: how many steps without an improvement are waited for.
        threshold: the least improvement that counts.
        threshold_mode: ``"rel"`` for a share of the best number, or ``"abs"``.
        cooldown: how many steps after a change don't count.
        min_lr: the least rate, or one for each group.
        eps: the least change of the rate.

    Raises:
        UsageError: a mode is unknown, or the factor isn't below 1.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | Sequence[float] = 0.0,
        eps: float = 1e-8,
    ) -> None:
        if factor >= 1.0 or mode not in ("min", "max") or threshold_mode not in ("rel", "abs"):
            raise UsageError("a factor is below 1, a mode 'min' or 'max', and a threshold_mode 'rel' or 'abs'")
        self.mode, self.factor, self.patience, self.threshold = mode, factor, patience, threshold
        self.threshold_mode, self.cooldown, self.eps = threshold_mode, cooldown, eps
        self.min_lrs = list(min_lr) if isinstance(min_lr, Sequence) else [min_lr] * len(optimizer.param_groups)
        self.best = math.inf if mode == "min" else -math.inf
        self.num_bad_epochs = self.cooldown_counter = self.last_epoch = 0
        self.optimizer = optimizer
        self.base_lrs = [group["lr"] for group in optimizer.param_groups]

    def _is_better(self, number: float) -> bool:
        sign = 1.0 if self.mode == "min" else -1.0
        if self.threshold_mode == "rel":
            return sign * number < sign * self.best * (1.0 - sign * self.threshold)
        return sign * number < sign * self.best - self.threshold

    def step(self, metrics: Any = None) -> None:
        """Take a number into account, and change the rates if it is time.

        Raises:
            TypeError: the number is missing.
        """
        if metrics is None:
            raise TypeError("step() takes the number that is to improve")
        number = float(metrics)
        self.last_epoch += 1
        if self._is_better(number):
            self.best, self.num_bad_epochs = number, 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            for group, least in zip(self.optimizer.param_groups, self.min_lrs, strict=True):
                rate = max(group["lr"] * self.factor, least)
                if group["lr"] - rate > self.eps:
                    group["lr"] = rate
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0

    def state_dict(self) -> dict[str, Any]:
        """Return the state, which `load_state_dict` restores."""
        names = ("best", "num_bad_epochs", "cooldown_counter", "last_epoch")
        return {name: getattr(self, name) for name in names}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Restore the state that `state_dict` returned."""
        vars(self).update(state_dict)


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
