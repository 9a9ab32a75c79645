"""Notes for a user about a point, such as a kink, a pole, an overflow, or a value that does not exist.

Notes are made from the edges and domains that the registry declares; no function of mathematics is named here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

from gradcli.execute.float_rules import float_rule
from gradcli.execute.tape import Tape
from gradcli.graph import Node
from gradcli.primitives import Edge, Primitive
from gradcli.printing.text import number_text, to_text
from gradcli.records import NamedTuple
from gradcli.source import Note, Span

__all__ = ["Applied", "excerpt", "not_finite_notes", "span_of", "value_notes"]

_EXCERPT = 60


def excerpt(node: Node) -> str:
    """The formula of a node, shortened."""
    if _is_large(node):
        return f"{node.primitive.name}(...)" if node.primitive is not None else "..."
    text = to_text(node)
    return text if len(text) <= _EXCERPT else f"{text[: _EXCERPT - 3]}..."


def _is_large(node: Node) -> bool:
    """Whether a formula has too many nodes for an excerpt; nodes beyond this number are not counted."""
    seen = {node}
    stack = [node]
    while stack and len(seen) <= 4 * _EXCERPT:
        for operand in stack.pop().operands:
            if operand not in seen:
                seen.add(operand)
                stack.append(operand)
    return len(seen) > 4 * _EXCERPT


def span_of(node: Node, spans: Mapping[Node, Sequence[Span]]) -> Span | None:
    """The first place of a node in the text.

    For a node of a derivative: the place of the node that was differentiated.
    """
    origin: Node | None = node
    while origin is not None:
        places = spans.get(origin)
        if places:
            return places[0]
        origin = node.graph.origin(origin)
    return None


def _form(primitive: Primitive) -> str:
    """The primitive with the names of its operands, as in a formula: ``log(x)``, ``x / y``."""
    if primitive.infix is None or primitive.arity != 2:
        return primitive.signature
    return f" {primitive.infix.symbol} ".join(primitive.operands)


def relevant_slots(tape: Tape, values: Sequence[float]) -> list[bool]:
    """For each slot, whether the outputs depend on it at this point; a branch that is not taken does not count."""
    relevant = [False] * len(values)
    for output in tape.outputs:
        relevant[output] = True
    for slot, (primitive, operands) in reversed(list(enumerate(tape.instructions, tape.first))):
        if not relevant[slot]:
            continue
        chosen = float_rule(primitive, len(operands)).selected([values[i] for i in operands], values[slot])
        for i, counts in zip(operands, chosen, strict=True):
            relevant[i] = relevant[i] or counts
    return relevant


class Applied(NamedTuple):
    """An operation applied to numbers.

    Attributes:
        node: the operation.
        operands: the values of its operands.
        output: the value of the operation.
        spans: the places of nodes in the text.
        value_of: the values of other nodes at the same point, if they are known.
    """

    node: Node
    operands: Sequence[float]
    output: float
    spans: Mapping[Node, Sequence[Span]]
    value_of: Callable[[Node], float | None] | None = None

    @property
    def formula(self) -> str:
        """The formula of the operation, shortened, as messages quote it."""
        return f"`{excerpt(self.node)}`"

    def _note(self, kind: str, message: str, hint: str | None = None) -> Note:
        return Note(kind, message, span_of(self.node, self.spans), hint)

    def _at(self) -> str:
        """Return the operands with their values: ``x1 - 2 = -1``."""
        pairs = zip(self.node.operands, self.operands, strict=True)
        named = [f"{excerpt(one)} = {number_text(x)}" for one, x in pairs if one.constant is None]
        return ", ".join(named) or "this point"

    def _way_out(self) -> str | None:
        if self.value_of is None:
            return None
        from gradcli.evaluate.ways_out import way_out

        return way_out(self.node, self.value_of)

    def value_note(self) -> Note | None:
        """Return the note on a value that is not finite; None if an operand is already not finite."""
        primitive = self.node.primitive
        assert isinstance(primitive, Primitive)
        are_finite = all(map(math.isfinite, self.operands))
        if self.output != self.output:
            if any(x != x for x in self.operands):
                return None
            message = f"{self.formula} has no value at {self._at()}"
            if not primitive.is_total and are_finite:
                message += f": the domain of `{_form(primitive)}` is {primitive.domain}"
            return self._note("domain", message, self._way_out())
        if not are_finite:
            return None
        edge = float_rule(primitive, len(self.operands)).edge_at(self.operands, self.output)
        if edge is not None and not edge.toward:
            return self._note(edge.kind, f"{self.formula} is {number_text(self.output)} here: {edge.about}")
        message = f"{self.formula} overflows at {self._at()}: the value is beyond the largest double"
        return self._note("overflow", message)

    def switch_note(self, kind: str, change: str) -> Note:
        """Return the note on a piecewise constant function, such as a comparison, where its value changes."""
        return self._note(kind, f"{self.formula} switches at {self._at()}: {change}")

    def derivative_notes(
        self, partials: Sequence[float | None], edge: Edge | None, wanted: Sequence[bool]
    ) -> Iterator[Note]:
        """Yield the notes on the operation in a reverse sweep.

        Args:
            partials: the partial with respect to each operand; None where it is not selected.
            edge: the edge of the operation at which the operands lie.
            wanted: whether a derivative passes through each operand.
        """
        primitive = self.node.primitive
        assert isinstance(primitive, Primitive)
        if self.output != self.output:
            return
        if edge is not None:
            concerned = [not edge.toward or name in edge.toward for name in primitive.operands]
            concerned += [True] * (len(self.operands) - len(concerned))
            if any(one and other for one, other in zip(concerned, wanted, strict=True)):
                yield self._note(edge.kind, f"{self.formula} at {self._at()}: {edge.about}")
                return
        if math.isinf(self.output):
            return
        for partial, want, operand in zip(partials, wanted, self.node.operands, strict=True):
            if partial is not None and want and not math.isfinite(partial):
                which = f"the partial derivative of {self.formula} with respect to `{excerpt(operand)}`"
                yield self._note("overflow", f"{which} overflows at {self._at()}")


def value_notes(tape: Tape, values: Sequence[float], spans: Mapping[Node, Sequence[Span]]) -> Iterator[Note]:
    """Yield a note for each operation that gives infinity for finite operands, or nan although no operand is nan."""
    suspects = [slot for slot in range(tape.first, len(values)) if not math.isfinite(values[slot])]
    if not suspects:
        return
    relevant = relevant_slots(tape, values)
    for slot in suspects:
        primitive, slots = tape.instructions[slot - tape.first]
        if not relevant[slot] or primitive.transparent:
            continue
        note = Applied(tape.nodes[slot], [values[i] for i in slots], values[slot], spans).value_note()
        if note is not None:
            yield note


def not_finite_notes(numbers: Mapping[str, float]) -> list[Note]:
    """A note for each derivative that is not finite; used where no other note explains the derivative.

    Args:
        numbers: a dictionary from the name of each derivative, such as ``"d2/dx^2"``, to its value.

    >>> [note.message for note in not_finite_notes({"d/dx": 0.0, "d2/dx^2": math.inf})]
    ['d2/dx^2 is inf: this derivative is infinite at the point']
    """
    # The limit of a derivative may exist where the products of the chain rule have no value.
    reasons = {
        True: ("undefined", "the chain rule gives no value for this derivative at the point"),
        False: ("infinite", "this derivative is infinite at the point"),
    }
    notes = []
    for name, value in numbers.items():
        if not math.isfinite(value):
            kind, reason = reasons[value != value]
            notes.append(Note(kind, f"{name} is {number_text(value)}: {reason}"))
    return notes
