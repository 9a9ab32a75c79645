"""A recorded computation of numbers, converted to a graph that can be differentiated and evaluated again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from gradcli.eager.undefined import warn_undefined
from gradcli.execute.tape import Tape
from gradcli.graph import Graph, Node, differentiate
from gradcli.graph.graph import has_kink
from gradcli.records import NamedTuple

__all__ = ["Recording", "recording_of", "smooth_gradients"]


class Recording(NamedTuple):
    """The operations that computed a result from some arguments, as a graph.

    Attributes:
        root: the node of the result.
        variables: the nodes of the arguments.
        captured: a dictionary from nodes to values, for the other values from which the result was computed, such as
            arguments of an outer function.
    """

    root: Node
    variables: list[Node]
    captured: dict[Node, Any]

    def evaluate(self, roots: Sequence[Node], arguments: Sequence[Any], *, records: bool) -> list[Any]:
        """Return the values of some roots of the graph at the arguments.

        Args:
            roots: nodes of the graph.
            arguments: the values of the variables.
            records: whether recorded values are returned instead of floats.
        """
        tape = Tape(roots, [*self.variables, *self.captured])
        if records:
            slots = tape.replay([*arguments, *self.captured.values()])
        else:
            slots = tape.run([*map(float, arguments), *[value.data for value in self.captured.values()]])
        return [slots[slot] for slot in tape.outputs]

    def warn_if_undefined(self, arguments: Sequence[Any]) -> None:
        """Warn that a derivative at the arguments is nan; don't warn if the function has no value there."""
        tape = Tape([self.root], [*self.variables, *self.captured])
        slots = tape.run([*map(float, arguments), *[value.data for value in self.captured.values()]])
        if slots[tape.outputs[0]] == slots[tape.outputs[0]]:
            operations = zip(tape.instructions, slots[tape.first :], strict=True)
            steps = [(one.primitive, [slots[i] for i in one.operands], output) for one, output in operations]
            warn_undefined(slots[tape.outputs[0]], reversed(steps))


def recording_of(order: Sequence[Any], leaves: Sequence[Any], shifted: Collection[Any] = ()) -> Recording:
    """Return the recording of the last value of ``order``.

    Args:
        order: the values from which the last value was computed, operands before their operations; then the last value
            itself.
        leaves: the values that become the variables of the graph.
        shifted: results of operations.  In the graph, a new variable is added to each of them, so that the derivative
            with respect to the result is the derivative with respect to this variable.  The new variables come after
            the leaves, in the order of the results.

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
        if value in shifted:
            variables.append(graph.fresh_variable("shift"))
            image[value] = image[value] + variables[-1]
    return Recording(image[order[-1]], variables, captured)


def smooth_gradients(order: Sequence[Any]) -> dict[Any, float]:
    """Return the derivatives that are nan after a value's sweep, computed again without kinks that cancel.

    The sweep of a `Value` goes through one operation after the other.  For sqrt(x)^2 at 0 it multiplies 0 by infinity,
    which is nan.  Here the graph of the whole function is differentiated without such kinks (`gradcli.graph.kinks`).

    Args:
        order: the values from which the value was computed, operands first, and then the value itself; the sweep is
            done.

    Returns:
        A dictionary from each value whose derivative is nan after the sweep to its derivative, which may still be nan.

    Raises:
        TypeError: an operation was computed without the registry, so it has no rule.
    """
    unknown = [value for value in order if value.grad != value.grad]
    if not any(has_kink(value.primitive) for value in order if not isinstance(value.primitive, str)):
        return dict.fromkeys(unknown, float("nan"))
    leaves = [value for value in unknown if value.primitive is None]
    inner = [value for value in unknown if value.primitive is not None]
    found: dict[Any, float] = {}
    for values, recording in ((leaves, recording_of(order, leaves)), (inner, recording_of(order, [], set(inner)))):
        partials = differentiate.gradient(recording.root, recording.variables)
        at = [value.data for value in leaves] if values is leaves else [0.0] * len(inner)
        found.update(zip(values, recording.evaluate(partials, at, records=False), strict=True))
    return found
