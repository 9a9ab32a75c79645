"""Functions of a user's own that a reverse sweep over tensors calls: hooks, with PyTorch's meaning.

A tensor keeps its hooks itself, so that both are freed together; `HOOKED` only says which tensors have any.  A sweep
that meets none of them pays for one look at this set.
"""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable, Iterator, Sequence, Set
from typing import Any, Final

from gradcli.eager.record import MODE, Recorded
from gradcli.errors import CallError, ShapeError

__all__ = [
    "ACCUMULATED",
    "HOOKED",
    "HookHandle",
    "Marked",
    "add_hook",
    "after_accumulation",
    "on_the_way",
    "with_hooks",
]


class Marked:
    """A set of tensors that doesn't keep them alive; they are known by their ``id``, since ``==`` compares elements.

    Attributes:
        known: the ids; looking whether there are any is faster here than in the set itself.
    """

    __slots__ = ("known",)

    def __init__(self) -> None:
        self.known: dict[int, weakref.ref[Any]] = {}

    def add(self, tensor: Any) -> None:
        """Enter a tensor."""
        key, known = id(tensor), self.known
        known[key] = weakref.ref(tensor, lambda _: known.pop(key, None))

    def discard(self, tensor: Any) -> None:
        """Remove a tensor, if it is there."""
        self.known.pop(id(tensor), None)

    def __contains__(self, tensor: object) -> bool:
        return id(tensor) in self.known

    def __len__(self) -> int:
        return len(self.known)

    def __iter__(self) -> Iterator[Any]:
        return iter([tensor for tensor in (one() for one in list(self.known.values())) if tensor is not None])


#: The tensors with hooks on their cotangents, and the leaves with hooks that are called after `backward`.
HOOKED: Final = Marked()
ACCUMULATED: Final = Marked()

_NUMBERS: Final = itertools.count(1)


class HookHandle:
    """The entry of a hook, which can be removed; as the context of a block, it is removed at the end of the block."""

    def __init__(self, hooks: dict[int, Any], hook: Any, *, first: bool = False) -> None:
        self._hooks, self._number = hooks, next(_NUMBERS)
        hooks[self._number] = hook
        if first:
            for number in [one for one in hooks if one != self._number]:
                hooks[number] = hooks.pop(number)

    def remove(self) -> None:
        """Remove the hook; a second call does nothing."""
        self._hooks.pop(self._number, None)

    def __enter__(self) -> HookHandle:
        return self

    def __exit__(self, *exception: object) -> None:
        self.remove()


def add_hook(tensor: Any, hook: Callable[[Any], Any], among: Marked) -> HookHandle:
    """Enter a hook of a tensor.

    Args:
        tensor: the tensor.
        hook: the function.
        among: `HOOKED` or `ACCUMULATED`.
    """
    name = "_hooks" if among is HOOKED else "_late_hooks"
    if tensor not in among:
        setattr(tensor, name, {})
        among.add(tensor)
    return HookHandle(getattr(tensor, name), hook)


def with_hooks(root: Any, order: Sequence[Any], targets: Set[Any] | None) -> Set[Any]:
    """Return the tensors whose hooks a sweep must call.

    Args:
        root: the tensor that the sweep begins with.
        order: the results of all operations, the last one first.
        targets: the tensors whose cotangents are wanted; None for all leaves.  A hook of a tensor on which no target
            depends isn't called.
    """
    if not HOOKED.known:
        return frozenset()
    found: set[Any] = {root}
    needed = set(targets or ())
    for node in reversed(order):
        operands = [one for one in node._made_by[1] if one is not None and one._order]
        found.update(one for one in operands if one._order < 0 and (targets is None or one in needed))
        if targets is None or node in needed or not needed.isdisjoint(operands):
            needed.add(node)
            found.add(node)
    return {tensor for tensor in found if tensor in HOOKED}


def on_the_way(tensor: Any, cotangent: Any) -> Any:
    """Return the cotangent of a tensor after its hooks, each of which may replace it.

    Args:
        tensor: the tensor.
        cotangent: an array, or a tensor if the sweep is recorded.

    Raises:
        CallError: a hook returns something other than a tensor.
        ShapeError: a hook returns a tensor of another shape.
    """
    is_recorded = isinstance(cotangent, Recorded)
    given = cotangent if is_recorded else tensor.of_array(cotangent)
    before, MODE.recording = MODE.recording, is_recorded
    try:
        for hook in list(tensor._hooks.values()):
            found = hook(given)
            if found is None:
                continue
            if not isinstance(found, Recorded):
                raise CallError(f"a hook returns a tensor or None, not {type(found).__name__}")
            if found.shape != tensor.shape:
                raise ShapeError(f"a hook returned a gradient of shape {found.shape} for a tensor of {tensor.shape}")
            given = found
    finally:
        MODE.recording = before
    return given if is_recorded else given._array


def after_accumulation(leaf: Any) -> None:
    """Call the hooks of a leaf whose ``grad`` has been set."""
    for hook in list(leaf._late_hooks.values()):
        hook(leaf)
