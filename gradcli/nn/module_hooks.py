"""Functions of a user's own that a module calls before and after its ``forward``, and in the backward pass."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from gradcli.eager.hooks import HookHandle
from gradcli.primitives import functions as f

__all__ = ["Hooks"]

#: A hook, whether it takes the keyword arguments, too, and whether it is called even after an error.
Entry = tuple[Callable[..., Any], bool, bool]


class Hooks:
    """The hooks of a module, each kind in the order of their entry.

    Attributes:
        before, after: the hooks of ``forward``.
        backward_before, backward: the hooks of the backward pass.
    """

    def __init__(self) -> None:
        self.before: dict[int, Entry] = {}
        self.after: dict[int, Entry] = {}
        self.backward_before: dict[int, Any] = {}
        self.backward: dict[int, Any] = {}

    def add(self, hooks: dict[int, Any], hook: Any, *, first: bool = False) -> HookHandle:
        """Enter a hook, and return its handle."""
        return HookHandle(hooks, hook, first=first)

    def call(self, module: Any, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """Return the output of ``forward``, between the calls of hooks."""
        for hook, takes_options, _ in list(self.before.values()):
            changed = hook(module, inputs, options) if takes_options else hook(module, inputs)
            if changed is not None and takes_options:
                inputs, options = changed
            elif changed is not None:
                inputs = changed if isinstance(changed, tuple) else (changed,)
        output, done = None, False
        try:
            watch = _Watch(module, self) if self.backward or self.backward_before else None
            output = module.forward(*(inputs if watch is None else watch.inputs(inputs)), **options)
            output = self._after(module, inputs, options, output)
            if watch is not None:
                output = watch.outputs(output)
            done = True
        finally:
            if not done:
                self._after(module, inputs, options, output, failed=True)
        return output

    def _after(
        self, module: Any, inputs: tuple[Any, ...], options: dict[str, Any], output: Any, *, failed: bool = False
    ) -> Any:
        for hook, takes_options, always in list(self.after.values()):
            if failed and not always:
                continue
            changed = hook(module, inputs, options, output) if takes_options else hook(module, inputs, output)
            output = output if changed is None else changed
        return output


class _Watch:
    """One call of a module with backward hooks.

    Several inputs, or outputs, are joined into one vector and taken apart again, so that one hook of a tensor sees the
    gradients of all of them.
    """

    def __init__(self, module: Any, hooks: Hooks) -> None:
        self.module, self.hooks = module, hooks
        self.of_outputs: tuple[Any, ...] = ()
        self.count, self.places = 0, [0]

    def inputs(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return inputs whose gradients are handed to the hooks."""
        self.count = len(inputs)
        self.places = [place for place, one in enumerate(inputs) if getattr(one, "requires_grad", False)]
        return _seen(inputs, self.places, self._ends)

    def outputs(self, output: Any) -> Any:
        """Return an output whose gradient is handed to the hooks; a tuple of outputs likewise."""
        several = output if isinstance(output, tuple) else (output,)
        places = [place for place, one in enumerate(several) if getattr(one, "requires_grad", False)]
        if not places:
            if not any(hasattr(one, "requires_grad") for one in several):
                kind = type(self.module).__name__
                warnings.warn(f"the output of {kind} isn't a tensor, so its backward hooks aren't called", stacklevel=4)
            return output

        def begins(gradients: list[Any]) -> list[Any]:
            found = _filled(len(several), places, gradients)
            for hook in list(self.hooks.backward_before.values()):
                changed = hook(self.module, found)
                found = found if changed is None else changed if isinstance(changed, tuple) else (changed,)
            self.of_outputs = found
            if not self.places:  # no input has a gradient
                self._called(tuple([None] * self.count))
            return [found[place] for place in places]

        seen = _seen(several, places, begins)
        return seen if isinstance(output, tuple) else seen[0]

    def _ends(self, gradients: list[Any]) -> list[Any]:
        found = self._called(_filled(self.count, self.places, gradients))
        return [found[place] for place in self.places]

    def _called(self, found: tuple[Any, ...]) -> tuple[Any, ...]:
        for hook in list(self.hooks.backward.values()):
            changed = hook(self.module, found, self.of_outputs)
            found = found if changed is None else changed if isinstance(changed, tuple) else (changed,)
        return found


def _filled(count: int, places: Sequence[int], gradients: Sequence[Any]) -> tuple[Any, ...]:
    """Return gradients at their places, and None at the others."""
    known = dict(zip(places, gradients, strict=True))
    return tuple([known.get(place) for place in range(count)])


def _seen(operands: tuple[Any, ...], places: Sequence[int], see: Callable[[list[Any]], list[Any]]) -> tuple[Any, ...]:
    """Return operands that are equal to the given ones, and call a function with the gradients of some of them.

    Args:
        operands: tensors and anything else.
        places: the places of the tensors.
        see: a function that takes the gradients of these tensors, and returns those to go on with.
    """
    given = [operands[place] for place in places]
    if not given:
        return operands
    if len(given) == 1:
        whole = f.copy(given[0])
        parts = [whole]
        whole.register_hook(lambda gradient: see([gradient])[0])
    else:
        whole = f.cat([f.reshape(one, (-1,)) for one in given])
        ends = [0]
        for one in given:
            ends.append(ends[-1] + math.prod(one.shape))

        def apart(vector: Any) -> list[Any]:
            return [
                f.reshape(vector[begin:end], one.shape)
                for one, begin, end in zip(given, ends, ends[1:], strict=False)
            ]  # fmt: skip

        parts = apart(whole)
        whole.register_hook(lambda gradient: f.cat([f.reshape(one, (-1,)) for one in see(apart(gradient))]))
    known = dict(zip(places, parts, strict=True))
    return tuple([known.get(place, one) for place, one in enumerate(operands)])
