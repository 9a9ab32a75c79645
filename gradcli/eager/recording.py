"""A recorded computation of numbers, converted to a graph that can be differentiated and evaluated again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradcli.execute.tape import Tape
from gradcli.graph import Graph, Node
from gradcli.records import NamedTuple

__all__ = ["Recording", "recording_of"]


class Recording(NamedTuple):
    """The operations that computed a result from some arguments, as a graph.

    Attributes:
        root: the node of the result.
        variables: the nodes of the arguments.
        captured: node -> value, for the other values that the result was computed from, such as arguments of an outer
            function.
    """

    root: Node
    variables: list[Node]
    captured: dict[Node, Any]

    def evaluate(self, roots: Sequence[Node], arguments: Sequence[Any], *, records: bool) -> list[Any]:
        """Return the values of some roots of the graph at the arguments.

        Args:
            roots: nodes of the graph.
            arguments: the values of the variables.
            records: return recorded values instead of floats.
        """
        tape = Tape(roots, [*self.variables, *self.captured])
        if records:
            slots = tape.replay([*arguments, *self.captured.values()])
        else:
            slots = tape.run([*map(float, arguments), *[value.data for value in self.captured.values()]])
        return [slots[slot] for slot in tape.outputs]


def recording_of(order: Sequence[Any], leaves: Sequence[Any]) -> Recording:
    """Return the recording of the last value of ``order``.

    Args:
        order: the values from which the last value was computed, operands before their operations; then the last value
            itself.
        leaves: the values that become the variables of the graph.

    Raises:
        TypeError: an operation was computed without the registry, so it has no rule.
    """
    graph = Graph()
    image: dict[Any, Node] = {leaf: graph.fresh_variable(f"x{i}") for i, leaf in enumerate(leaves, 1)}
    variables = list(image.values())
    captured: dict[Node, Any] = {}
    for value in order:
        if value in image:
            continue
        if not value._prev:
            image[value] = graph.fresh_variable("captured")
            captured[image[value]] = value
            continue
        if value.primitive is None or isinstance(value.primitive, str):
            raise TypeError(f"the operation {value.primitive!r} has no rule, so it can't be differentiated as a graph")
        # Plain numbers are not in the order, so they have no image.
        operands = [image[one] if one in image else graph.constant(one.data) for one in value._prev]
        image[value] = graph.add(value.primitive, operands)
    return Recording(image[order[-1]], variables, captured)
