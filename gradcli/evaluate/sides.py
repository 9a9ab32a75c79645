"""Notes on points where a function changes from one formula to another: which values or derivatives change there.

A *switch* is a piecewise constant operation, such as a comparison or the sign, at a point where its value changes.  The
point is looked at from several sides.  On one side, next to the point, every switch has a fixed value.  With these
fixed values, the function and its derivatives are computed at the point itself, as if the formula of this side also
applied there. If all sides agree, the function has no kink or jump at the point, whatever its formula looks like.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from gradcli.evaluate.notes import Applied, excerpt, relevant_slots, span_of
from gradcli.execute.float_rules import float_rule
from gradcli.execute.tape import Tape
from gradcli.graph import Node
from gradcli.primitives import Primitive
from gradcli.printing.text import number_text
from gradcli.source import Note, Span, joined

__all__ = ["Sides", "convention_notes", "differ", "switch_notes"]

#: The distances at which the point is looked at, in units of its size: the first one that leaves a switch decides.
_DISTANCES: Final = (2.0**-30, 2.0**-18, 2.0**-9)
#: The most variables that are moved one by one.
_MOST_VARIABLES: Final = 8
_TOLERANCE: Final = 1e-9


class Sides:
    """The values of a tape at a point, and the values of its switches on each side of the point.

    Attributes:
        tape: the tape.
        values: the value of each slot at the point.
        switches: a dictionary from the slot of each switch at this point to its value on each side.
    """

    __slots__ = ("_inputs", "switches", "tape", "values")

    def __init__(self, tape: Tape, inputs: Sequence[float], moving: Sequence[bool]) -> None:
        """Compute the sides of a point. A side on which the first output of the tape has no value is left out.

        Args:
            tape: a tape.
            inputs: the values of its variables.
            moving: for each variable, whether it changes next to the point.
        """
        self.tape, self._inputs = tape, list(inputs)
        self.values = tape.run(inputs)
        edges = [slot for slot in range(tape.first, len(self.values)) if self._is_switch(slot, self.values)]
        self.switches: dict[int, list[float]] = {slot: [] for slot in edges}
        for direction in _directions(moving):
            runs = [self._run_beside(direction, distance) for distance in _DISTANCES]
            if runs[0][tape.outputs[0]] != runs[0][tape.outputs[0]]:
                continue
            for slot in edges:
                left = next((run for run in runs if not self._is_switch(slot, run)), self.values)
                self.switches[slot].append(left[slot])

    def _run_beside(self, direction: Sequence[float], distance: float) -> list[float]:
        moved = [x + d * distance * max(1.0, abs(x)) for x, d in zip(self._inputs, direction, strict=True)]
        return self.tape.run(moved)

    def _is_switch(self, slot: int, values: Sequence[float]) -> bool:
        """Whether an operation is piecewise constant, and its value changes at these operands."""
        primitive, slots = self.tape.instructions[slot - self.tape.first]
        if not primitive.is_locally_constant or primitive.transparent:
            return False
        operands = [values[i] for i in slots]
        if primitive.edges:
            return float_rule(primitive, len(slots)).edge_at(operands, values[slot]) is not None
        return primitive.is_truth and not primitive.condition and operands[0] == operands[1]

    @property
    def count(self) -> int:
        """The number of sides."""
        return max(map(len, self.switches.values()), default=0)

    def on_side(self, side: int) -> list[float]:
        """The value of each slot at the point if all switches are as on one side."""
        return self.forced({slot: outputs[side] for slot, outputs in self.switches.items()})

    def forced(self, given: Mapping[int, float]) -> list[float]:
        """The value of each slot at the point if some slots have other values."""
        values = [*self._inputs, *self.tape.constants]
        for slot, (primitive, slots) in enumerate(self.tape.instructions, self.tape.first):
            values.append(given[slot] if slot in given else primitive.value(*[values[i] for i in slots]))
        return values


def _directions(moving: Sequence[bool]) -> Iterator[list[float]]:
    """Yield directions: along each variable, and diagonal ones."""
    places = [place for place, moves in enumerate(moving) if moves]
    for place in places[:_MOST_VARIABLES]:
        yield [float(other == place) for other in range(len(moving))]
        yield [-float(other == place) for other in range(len(moving))]
    if len(places) > 1:
        for turn in (1.0, 2.0):
            slant = [(0.5 + 0.37 * place % 0.5) * (-1.0) ** (place // turn) for place in range(len(moving))]
            for sign in (1.0, -1.0):
                yield [sign * d if moves else 0.0 for d, moves in zip(slant, moving, strict=True)]


def differ(first: float, second: float) -> bool:
    """Whether two results differ by more than rounding errors; false if one of them is unknown."""
    if first != first or second != second or first == second:
        return False
    return not abs(first - second) <= _TOLERANCE * min(max(abs(first), abs(second)), 1e300)


def switch_notes(
    sides: Sides, names: Sequence[str], spans: Mapping[Node, Sequence[Span]], slots: Sequence[int]
) -> Iterator[tuple[int, Note]]:
    """Yield a note, with the slot of the switch, for each switch whose two sides have different values or slopes.

    Args:
        sides: the tape of the function and its first derivatives.
        names: the names of the variables of these derivatives.
        spans: the places of nodes in the source.
        slots: the switches to look at.
    """
    tape = sides.tape
    relevant = relevant_slots(tape, sides.values)
    for slot in slots:
        outputs = sorted(set(sides.switches.get(slot, ())))
        if len(outputs) < 2 or not relevant[slot]:
            continue
        low, high = [
            [values[i] for i in tape.outputs] for values in map(sides.forced, ({slot: outputs[0]}, {slot: outputs[-1]}))
        ]
        operands = tape.instructions[slot - tape.first].operands
        applied = Applied(tape.nodes[slot], [sides.values[i] for i in operands], sides.values[slot], spans)
        if differ(low[0], high[0]):
            change = f"the value jumps between {number_text(low[0])} and {number_text(high[0])}"
            yield slot, applied.switch_note("jump", f"{change}, so there is no derivative")
            continue
        changes = [
            f"d/d{name} from {number_text(before)} to {number_text(after)}"
            for name, before, after in zip(names, low[1:], high[1:], strict=True)
            if differ(before, after)
        ]
        if changes:
            change = f"the slope changes, {joined(changes[:3])}; the derivative is that of the branch taken here"
            yield slot, applied.switch_note("kink", change)


def convention_notes(
    sides: Sides, names: Sequence[str], spans: Mapping[Node, Sequence[Span]], kinks: Sequence[Node]
) -> Iterator[Note]:
    """Yield a note for each operation at a kink where a derivative of higher order is a convention and not a limit.

    Args:
        sides: the tape of the function and its derivatives of higher order.
        names: the names of these derivatives.
        spans: the places of nodes in the source.
        kinks: the operations of the function that have a kink at the point.
    """
    tape = sides.tape
    found: dict[Node, list[str]] = {}
    on_sides = [sides.on_side(side) for side in range(sides.count)]
    hidden = _conventions(tape, kinks)
    switches = {
        slot: outputs for slot, outputs in sides.switches.items() if set(outputs).difference([sides.values[slot]])
    }
    for name, output in zip(names, tape.outputs[1:], strict=True):
        value = sides.values[output]
        beside = sorted({values[output] for values in on_sides if differ(values[output], value)})
        for slot, outputs in [*switches.items(), *hidden.items()]:
            changed = [sides.forced({slot: other})[output] for other in (outputs[0], outputs[-1])]
            if not (beside if slot in switches else any(differ(one, value) or one != one for one in changed)):
                continue
            if slot in switches and not any(differ(one, value) for one in changed):
                continue
            reason = f"{name} = {number_text(value)} is a convention"
            if value != value:  # the limit may exist
                reason = f"the chain rule gives no value for {name}"
            if beside:
                reason += f", and next to the point it is {joined([number_text(one) for one in beside[:2]])}"
            found.setdefault(_source(tape.nodes[slot]), []).append(reason)
            break
    for node, reasons in found.items():
        more = f", and the same holds for {len(reasons) - 1} more derivatives" if len(reasons) > 1 else ""
        changes = "switches" if getattr(node.primitive, "is_truth", False) else "has a kink"
        yield Note("kink", f"`{excerpt(node)}` {changes} here: {reasons[0]}{more}", span_of(node, spans))


def _source(node: Node) -> Node:
    """Return the operation of the user's formula from which a node of a derivative was made."""
    while (origin := node.graph.origin(node)) is not None:
        node = origin
    return node


def _conventions(tape: Tape, kinks: Sequence[Node]) -> dict[int, list[float]]:
    """Return other possible values of slots, for functions such as x/hypot(x, y) that are 0 at a kink by convention."""
    places = {frozenset(node.operands) for node in kinks if len(node.operands) > 1}
    return {
        slot: [-0.8, 0.6]
        for slot, node in enumerate(tape.nodes[tape.first :], tape.first)
        if isinstance(node.primitive, Primitive) and node.primitive.internal and frozenset(node.operands) in places
    }
