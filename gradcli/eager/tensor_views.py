"""Views of a tensor, and what becomes of them when a recorded operation changes their common memory in place.

A view of a recorded tensor is itself recorded.  A view of a constant remembers of what it is a part: if the memory
becomes the result of a recorded operation, through the whole or through any part, then the whole and all its views
depend on the operands of this operation, as in PyTorch.  The parts find out when they are used the next time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from gradcli.eager.hooks import Marked
from gradcli.eager.record import CLOCK, Record, Recorded
from gradcli.eager.storage import shares_memory
from gradcli.primitives import ArrayPrimitive
from gradcli.primitives import functions as f
from gradcli.primitives.backends import backend_of

__all__ = ["RECORDED", "Links", "changed_part", "indexed_view", "links_of", "recall", "refresh", "remember"]

#: Parts, each with the operation that makes it of the one before it; the first one is made of the whole.
Links: TypeAlias = "list[tuple[Any, Record]]"

#: The memories of constants that a recorded operation has changed.  While there are none, no operation looks for views
#: among its operands.
RECORDED: Final = Marked()


def remember(part: Any, whole: Any, primitive: ArrayPrimitive, options: Any) -> None:
    """Remember that a constant is the result of an operation on another constant, if it is a view."""
    if shares_memory(part._array, whole._array):
        part._view_of = (primitive, (whole,), (whole._array,), options)


def indexed_view(whole: Any, key: tuple[Any, ...], view: Callable[[Any], Any]) -> Any:
    """Return the elements of a tensor at an index of whole numbers; they share its memory, if it is NumPy's.

    Args:
        whole: the tensor.
        key: the index.
        view: a function of NumPy's array that gives the same elements as a view.
    """
    part = f.index(whole, key)
    backend = backend_of(whole._array)
    if backend.name == "numpy":
        part._array = backend.freeze(view(whole._array))
        if not whole._order:
            remember(part, whole, f.index, {"key": key})
    return part


def links_of(tensor: Any) -> tuple[Any, Links]:
    """Return the whole of which a tensor is a view, and the parts on the way from there to the tensor."""
    links: Links = []
    while True:
        made_by = tensor._made_by if tensor._order else getattr(tensor, "_view_of", None)
        if made_by is None or not isinstance(made_by[0], ArrayPrimitive):
            break
        operand = made_by[1][0]
        if len(made_by[1]) > 1 or operand is None or not shares_memory(operand._array, tensor._array):
            break
        links.append((tensor, made_by))
        tensor = operand
    return tensor, links[::-1]


def recall(links: Links) -> None:
    """Record each part again as a part of what the whole is now."""
    for part, (primitive, operands, _, options) in links:
        part._order, part._made_by = next(CLOCK), (primitive, operands, (operands[0]._array,), options)


def refresh(*operands: Any) -> None:
    """Record those constants among the operands that are views of what has become a recorded tensor."""
    for operand in operands:
        if isinstance(operand, Recorded) and not operand._order and hasattr(operand, "_view_of"):
            whole, links = links_of(operand)
            if whole._order > 0:
                # The parts in front of the last one that is recorded already need nothing.
                recall([link for link in links if not link[0]._order])


def changed_part(before: Any, links: Links, result_of: Callable[[Any], Any]) -> tuple[Any, Any]:
    """Return a part of a whole as it becomes by a change, and the flat places of its elements in the whole.

    Args:
        before: the whole as it was.
        links: the way from the whole to the part.
        result_of: a function of the part as it was that returns the new part.
    """
    import numpy as np

    part, places = before, np.arange(before._array.size).reshape(before.shape)
    backend = backend_of(places)
    for _, (primitive, _, _, options) in links:
        part = part.apply_one(primitive, options)
        places = primitive.value(backend, places, **(options or {}))
    return result_of(part), places
