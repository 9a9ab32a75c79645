"""``torch.amp``: the scaling of losses whose gradients have few bits, and the choice of types, which is refused.

>>> import gradcli.torch as torch
>>> weight = torch.tensor([2.0], requires_grad=True)
>>> optimizer, scaler = torch.optim.SGD([weight], lr=0.1), GradScaler("cpu", init_scale=1024.0)
>>> scaler.scale((weight**2).sum()).backward()
>>> weight.grad.tolist()
[4096.0]
>>> scaler.step(optimizer)
>>> scaler.update()
>>> weight.tolist()
[1.6]
"""

from __future__ import annotations

import warnings
from contextlib import ContextDecorator
from typing import Any

from gradcli.eager.record import no_grad
from gradcli.errors import UsageError

__all__ = ["GradScaler", "autocast"]


def _is_cuda(device: Any) -> bool:
    """Whether a device is a graphics processor, of which there are none; then what is asked for has no effect."""
    return str(device).startswith("cuda")


class autocast(ContextDecorator):  # noqa: N801  (PyTorch's name)
    """A block whose products have a type of fewer bits: of these there are none, so nothing changes.

    Args:
        device_type: for ``"cuda"``, of which there is none, nothing changes and a warning says so, as in PyTorch.
        dtype: the type that is asked for.
        enabled: whether it is asked for.
        cache_enabled: has no effect.

    Raises:
        UsageError: products of fewer bits are asked for.
    """

    def __init__(
        self,
        device_type: str,
        dtype: Any = None,
        enabled: bool = True,
        cache_enabled: bool | None = None,  # noqa: ARG002
    ) -> None:
        if not enabled:
            return
        if not _is_cuda(device_type):
            raise UsageError(
                f"products have the type of their operands, not {dtype or 'bfloat16'}; "
                "give enabled=False, or call half() of a module"
            )
        warnings.warn("there is no graphics processor, so autocast has no effect", stacklevel=2)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exception: object) -> None:
        pass


class GradScaler:
    """Multiplies losses by a number, so that gradients of few bits don't vanish, and divides the gradients by it.

    A step whose gradients aren't finite is left out, and the number is made smaller; after many steps without such a
    gradient it is made larger.

    Args:
        device: for ``"cuda"``, of which there is none, the scaler does nothing and a warning says so, as in PyTorch.
        init_scale: the number at first.
        growth_factor: by what it is multiplied after ``growth_interval`` finite steps.
        backoff_factor: by what it is multiplied after a step that isn't finite.
        growth_interval: the number of finite steps before it grows.
        enabled: whether the scaler does anything.
    """

    def __init__(
        self,
        device: str = "cuda",
        init_scale: float = 65536.0,
        growth_factor: float = 2.0,
        backoff_factor: float = 0.5,
        growth_interval: int = 2000,
        enabled: bool = True,
    ) -> None:
        if enabled and _is_cuda(device):
            warnings.warn("there is no graphics processor, so GradScaler has no effect", stacklevel=2)
            enabled = False
        self._enabled = enabled
        self._scale = float(init_scale)
        self._growth_factor, self._backoff_factor = growth_factor, backoff_factor
        self._growth_interval, self._growth_tracker = growth_interval, 0
        # The optimisers whose gradients have been divided since the last update -> whether all were finite.
        self._finite: dict[int, bool] = {}

    def is_enabled(self) -> bool:
        """Return whether the scaler does anything."""
        return self._enabled

    def get_scale(self) -> float:
        """Return the number that losses are multiplied by."""
        return self._scale if self._enabled else 1.0

    def scale(self, outputs: Any) -> Any:
        """Return a tensor, or several in a list or tuple, multiplied by the number."""
        if isinstance(outputs, (list, tuple)):
            return type(outputs)([self.scale(one) for one in outputs])
        return outputs * self._scale if self._enabled else outputs

    def unscale_(self, optimizer: Any) -> None:
        """Divide the gradients of an optimiser's parameters by the number, for example before they are clipped.

        Raises:
            RuntimeError: it was already done since the last update.
        """
        if not self._enabled:
            return
        if id(optimizer) in self._finite:
            raise RuntimeError("the gradients of this optimiser are already divided; call update() after each step")
        gradients = [
            parameter.grad
            for group in optimizer.param_groups
            for parameter in group["params"]
            if parameter.grad is not None
        ]
        with no_grad():
            for gradient in gradients:
                gradient.mul_(1.0 / self._scale)
        self._finite[id(optimizer)] = all(bool(one.isfinite().all()) for one in gradients)

    def step(self, optimizer: Any, *arguments: Any, **options: Any) -> Any:
        """Take a step of an optimiser if all gradients are finite; they are divided before if they aren't yet."""
        if self._enabled:
            if id(optimizer) not in self._finite:
                self.unscale_(optimizer)
            if not self._finite[id(optimizer)]:
                return None
        return optimizer.step(*arguments, **options)

    def update(self, new_scale: float | None = None) -> None:
        """Choose the number for the next step.

        Args:
            new_scale: the number; by default it shrinks after gradients that aren't finite, and grows now and then.

        Raises:
            RuntimeError: no gradients were divided since the last update.
        """
        if not self._enabled:
            return
        if new_scale is not None:
            self._scale = float(new_scale)
        elif not self._finite:
            raise RuntimeError("update() comes after step() or unscale_()")
        elif not all(self._finite.values()):
            self._scale, self._growth_tracker = self._scale * self._backoff_factor, 0
        else:
            self._growth_tracker += 1
            if self._growth_tracker == self._growth_interval:
                self._scale, self._growth_tracker = self._scale * self._growth_factor, 0
        self._finite.clear()

    def state_dict(self) -> dict[str, Any]:
        """Return the numbers of the scaler, under PyTorch's names; nothing if it isn't enabled."""
        return {} if not self._enabled else {
            "scale": self._scale, "growth_factor": self._growth_factor, "backoff_factor": self._backoff_factor,
            "growth_interval": self._growth_interval, "_growth_tracker": self._growth_tracker,
        }  # fmt: skip

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Set the numbers to those that `state_dict` returned.

        Raises:
            RuntimeError: there are none.
        """
        if not self._enabled:
            return
        if not state_dict:
            raise RuntimeError("the state of a scaler that wasn't enabled is empty")
        self._scale, self._growth_tracker = state_dict["scale"], state_dict["_growth_tracker"]
        self._growth_factor, self._backoff_factor = state_dict["growth_factor"], state_dict["backoff_factor"]
        self._growth_interval = state_dict["growth_interval"]
