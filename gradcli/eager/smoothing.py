"""A recorded tensor, computed again without kinks that cancel in the whole function: |x|*y*|x| becomes x^2*y.

`gradcli.graph.kinks` finds such kinks in a graph, so the recorded operations become a graph.  Operations that change in
this graph are computed again and recorded; for all others, the tensors that exist are used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from gradcli.eager.record import Recorded, enable_grad
from gradcli.graph import Graph, Node
from gradcli.graph.graph import has_kink, toposort

__all__ = ["smooth"]

Array = TypeVar("Array", bound=Recorded)


def smooth(root: Array, order: Sequence[Array]) -> Array:
    """Return a tensor, computed again without kinks that cancel; the tensor itself if there are none.

    Args:
        root: the result of recorded operations.
        order: the results of all operations that the tensor depends on, the last one first.
    """
    if not any(has_kink(tensor._made_by[0]) for tensor in order):  # type: ignore[index]
        return root
    from gradcli.graph.kinks import without_kinks

    graph = Graph()
    # The node of each tensor and array, by identity; a plain number is a constant.
    image: dict[int, Node] = {}
    known: dict[Node, Any] = {}
    made: dict[Node, Any] = {}

    def node_of(tensor: Any, operand: Any) -> Node:
        one = operand if tensor is None else tensor
        if isinstance(one, (int, float)):
            return graph.constant(float(one))
        if id(one) not in image:
            image[id(one)] = graph.fresh_variable("array")
            known[image[id(one)]] = one
        return image[id(one)]

    for tensor in reversed(order):
        primitive, tensors, operands, given = tensor._made_by  # type: ignore[misc]
        if any(one is not None and one._array is not operand for one, operand in zip(tensors, operands, strict=True)):
            return root  # the array of an operand was replaced
        node = image[id(tensor)] = graph.add(primitive, [*map(node_of, tensors, operands)], _as_key(given or {}))
        made.setdefault(node, tensor)
    smoothed = without_kinks(image[id(root)])
    with enable_grad():
        for node in toposort([smoothed]):
            if node.constant is not None:
                known[node] = node.constant
            elif node not in known:
                given = [known[operand] for operand in node.operands]
                known[node] = made[node] if node in made and _is_of(made[node], given) else _applied(node, given)
    result: Array = known[smoothed]
    return result


def _is_of(tensor: Any, operands: Sequence[Any]) -> bool:
    """Whether a tensor is the result of an operation on these tensors; its plain operands are not compared."""
    return all(one is None or one is operand for one, operand in zip(tensor._made_by[1], operands, strict=True))


def _applied(node: Node, operands: Sequence[Any]) -> Any:
    """Apply the operation of a node to tensors, arrays and numbers."""
    primitive: Any = node.primitive
    return primitive(*operands, **{name: one.value if isinstance(one, _Option) else one for name, one in node.options})


class _Option:
    """A key for the value of an option that has no hash, such as an index; equal indices have equal keys."""

    def __init__(self, value: Any) -> None:
        parts = value if isinstance(value, tuple) else (value,)
        self.value = value
        self.name = repr(value) if all(isinstance(part, (slice, int)) for part in parts) else object()

    def __hash__(self) -> int:
        return hash(self.name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Option) and other.name == self.name


def _as_key(options: Mapping[str, Any]) -> Any:
    """Return the options of an operation in the form that nodes of a graph have."""
    result = []
    for name, value in options.items():
        try:
            hash(value)
        except TypeError:
            value = _Option(value)
        result.append((name, value))
    return tuple(result)
