"""Changes of arrays in place, and the check that a backward pass doesn't meet an array that has changed since.

Tensors share memory as in PyTorch: a view, ``detach()`` and ``data`` show the same numbers as their tensor.  Every
change of a memory is noted with its time on the clock that numbers the operations.  An operation that is older than a
change of an array that its rule reads can't be differentiated any more.  Nothing is stored with the operations, and a
sweep over operations that are all younger than the last change has nothing to check.
"""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Sequence
from typing import Any, Final

from gradcli.eager.record import CLOCK
from gradcli.execute.array_rules import contributions
from gradcli.primitives import ArrayPrimitive
from gradcli.primitives.backends import backend_of

__all__ = ["CHANGES", "changed_since", "check_unchanged", "memory_of", "overlaps", "shares_memory", "write"]


class Changes:
    """The times of changes.

    Attributes:
        last: the time of the last change; 0 before the first.
        times: a dictionary from the ``id`` of a memory to the time of its last change.  A memory that is freed takes
            its time away.
    """

    __slots__ = ("_alive", "last", "times")

    def __init__(self) -> None:
        self.last = 0
        self.times: dict[int, int] = {}
        self._alive: dict[int, weakref.ref[Any]] = {}

    def note(self, memory: Any) -> None:
        """Note that a memory changes now; the memory is an array that isn't a view."""
        key = id(memory)
        if key not in self.times:
            # An array that can't be referred to weakly leaves its time here; whatever gets its `id` is younger.
            with contextlib.suppress(TypeError):
                self._alive[key] = weakref.ref(memory, lambda _: self._forget(key))
        self.last = self.times[key] = next(CLOCK)

    def _forget(self, key: int) -> None:
        self.times.pop(key, None)
        self._alive.pop(key, None)


CHANGES: Final = Changes()


def memory_of(array: Any) -> Any:
    """The array that owns the memory of a view."""
    kind = array.__class__
    while (base := getattr(array, "base", None)).__class__ is kind:
        array = base
    return array


def shares_memory(array: Any, other: Any) -> bool:
    """Whether two arrays are views of one memory."""
    return memory_of(array) is memory_of(other)


def changed_since(array: Any, time: int) -> bool:
    """Whether the memory of an array has changed after a time."""
    return CHANGES.times.get(id(memory_of(array)), 0) > time


def write(array: Any, numbers: Any, key: Any = ...) -> Any:
    """Change the elements of an array, or those at an index, in place, and return the array that holds them.

    Args:
        array: an array of a tensor.
        numbers: the new numbers, in the shape of the array or of the part.
        key: an index.

    Returns:
        The array itself; a new one in place of a single number of NumPy, which has no memory.

    Raises:
        RuntimeError: several elements lie at one place, as in the result of ``expand``.
    """
    backend = backend_of(array)
    if not isinstance(array, backend.array):
        array = backend.xp.array(array)
    if overlaps(array):
        raise RuntimeError("several elements of an expanded tensor lie at one place; clone() it before it is changed")
    CHANGES.note(memory_of(array))
    backend.assign(array, key, numbers)
    return array


def overlaps(array: Any) -> bool:
    """Whether several elements of an array lie at one place."""
    if getattr(array, "base", None) is None:
        return False
    return any(not stride and length > 1 for stride, length in zip(array.strides, array.shape, strict=True))


def check_unchanged(order: Sequence[Any]) -> None:
    """Check that no array has changed that the rules of recorded operations read.

    Args:
        order: the results of the operations, the last one first.

    Raises:
        RuntimeError: an array has changed.
    """
    if not order or order[-1]._order > CHANGES.last:
        return
    for node in order:
        time = node._order
        primitive, tensors, arrays, _ = node._made_by
        for place, array in enumerate(arrays):
            is_used = hasattr(array, "shape") and changed_since(array, time)
            if is_used and (_reads(primitive, tensors, place) or shares_memory(array, node._array)):
                raise _changed(f"an operand of <{primitive.name}>")
        if changed_since(node._array, time) and _reads(primitive, tensors, len(arrays)):
            raise _changed(f"the result of <{primitive.name}>")


def _changed(what: str) -> RuntimeError:
    return RuntimeError(
        f"the derivative needs {what}, but it was changed in place after it was computed; compute it again, or change "
        f"a clone()"
    )


def _reads(primitive: Any, tensors: Sequence[Any], place: int) -> bool:
    """Whether a rule toward an operand that gets a gradient reads the operand at a place; the output is the last."""
    wanted = [i for i, tensor in enumerate(tensors) if tensor is not None and tensor._order]
    if isinstance(primitive, ArrayPrimitive):
        if primitive.is_multilinear:
            return place < len(tensors) and any(i != place for i in wanted)
        return True
    rules = contributions(primitive, len(tensors))
    return any(rules[i] is not None and rules[i].reads(place) for i in wanted)  # type: ignore[union-attr]
