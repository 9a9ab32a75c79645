"""Notes for a user about a point, such as a kink, a pole, an overflow, or a value that does not exist.

A note comes from the edges and the domain that the registry declares; no function of mathematics is named here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from gradcli.execute.float_rules import float_rule
from gradcli.execute.tape import Tape
from gradcli.graph import Graph, Node
from gradcli.primitives import REGISTRY, Edge, Primitive
from gradcli.printing.text import number_text, to_text
from gradcli.source import Span

__all__ = ["Note", "derivative_notes", "excerpt", "not_finite_notes", "span_of", "value_note", "value_notes"]

_EXCERPT = 60


class Note(NamedTuple):
    """A remark about a result.

    Attributes:
        kind: ``"kink"``, ``"jump"``, ``"pole"``, ``"end"``, ``"slope"``, ``"branch cut"``, ``"domain"``,
            ``"overflow"``, ``"undefined"`` or ``"infinite"``.
        message: one sentence.
        span: the place in the source, if the text has one.
        hint: a better way to write the operation, if there is one.
    """

    kind: str
    message: str
    span: Span | None = None
    hint: str | None = None


def excerpt(node: Node) -> str:
    """The formula of a node, shortened."""
    if _is_large(node):
        return f"{node.primitive.name}(...)" if node.primitive is not None else "..."
    text = to_text(node)
    return text if len(text) <= _EXCERPT else f"{text[: _EXCERPT - 3]}..."


def _is_large(node: Node) -> bool:
    """Whether a formula has too many nodes for an excerpt; the count stops there."""
    seen = {node}
    stack = [node]
    while stack and len(seen) <= 4 * _EXCERPT:
        for operand in stack.pop().operands:
            if operand not in seen:
                seen.add(operand)
                stack.append(operand)
    return len(seen) > 4 * _EXCERPT


def span_of(node: Node, spans: Mapping[Node, Sequence[Span]]) -> Span | None:
    """The first place of a node; for a node of a derivative, the place of the node that was differentiated."""
    origin: Node | None = node
    while origin is not None:
        places = spans.get(origin)
        if places:
            return places[0]
        origin = node.graph.origin(origin)
    return None


def _at(node: Node, operands: Sequence[float]) -> str:
    """The operands with their values: ``x1 - 2 = -1``."""
    pairs = zip(node.operands, operands, strict=True)
    return ", ".join(f"{excerpt(one)} = {number_text(x)}" for one, x in pairs if one.constant is None) or "this point"


def _form(primitive: Primitive) -> str:
    """The primitive with the names of its operands, as a reader writes it: ``log(x)``, ``x / y``."""
    if primitive.infix is None or primitive.arity != 2:
        return primitive.signature
    return f" {primitive.infix.symbol} ".join(primitive.operands)


def relevant_slots(tape: Tape, values: Sequence[float]) -> list[bool]:
    """Whether the outputs depend on each slot at this point; a branch that is not taken does not count."""
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


def value_notes(tape: Tape, values: Sequence[float], spans: Mapping[Node, Sequence[Span]]) -> Iterator[Note]:
    """A note for each operation that gives infinity for finite operands, or nan for operands that are not nan."""
    suspects = [slot for slot in range(tape.first, len(values)) if not math.isfinite(values[slot])]
    if not suspects:
        return
    relevant = relevant_slots(tape, values)
    for slot in suspects:
        primitive, slots = tape.instructions[slot - tape.first]
        if not relevant[slot] or primitive.transparent:
            continue
        note = value_note(tape.nodes[slot], primitive, [values[i] for i in slots], values[slot], spans)
        if note is not None:
            yield note


def value_note(
    node: Node, primitive: Primitive, operands: Sequence[float], value: float, spans: Mapping[Node, Sequence[Span]]
) -> Note | None:
    """The note on an operation whose value is not finite; None if its operands are to blame."""
    if value != value:
        return None if any(x != x for x in operands) else _no_value(node, primitive, operands, spans)
    return _infinite(node, primitive, operands, value, spans) if all(map(math.isfinite, operands)) else None


def not_finite_notes(numbers: Mapping[str, float]) -> list[Note]:
    """A note for each derivative that is not finite, for use where no other note explains it.

    Args:
        numbers: the name of each derivative, such as ``"d2/dx^2"`` -> its value.

    >>> [note.message for note in not_finite_notes({"d/dx": 0.0, "d2/dx^2": math.inf})]
    ['d2/dx^2 is inf: this derivative is infinite at the point']
    """
    reasons = {True: ("undefined", "does not exist"), False: ("infinite", "is infinite")}
    notes = []
    for name, value in numbers.items():
        if not math.isfinite(value):
            kind, reason = reasons[value != value]
            notes.append(Note(kind, f"{name} is {number_text(value)}: this derivative {reason} at the point"))
    return notes


def _no_value(
    node: Node, primitive: Primitive, operands: Sequence[float], spans: Mapping[Node, Sequence[Span]]
) -> Note:
    where = f"`{excerpt(node)}` has no value at {_at(node, operands)}"
    if not primitive.is_total and all(map(math.isfinite, operands)):
        where += f": the domain of `{_form(primitive)}` is {primitive.domain}"
    return Note("domain", where, span_of(node, spans), improvement(node))


def _infinite(
    node: Node, primitive: Primitive, operands: Sequence[float], value: float, spans: Mapping[Node, Sequence[Span]]
) -> Note:
    edge = float_rule(primitive, len(operands)).edge_at(operands, value)
    if edge is not None:
        return Note(edge.kind, f"`{excerpt(node)}` is {number_text(value)} here: {edge.about}", span_of(node, spans))
    message = f"`{excerpt(node)}` overflows at {_at(node, operands)}: the value is beyond the largest double"
    return Note("overflow", message, span_of(node, spans))


def derivative_notes(
    node: Node,
    operands: Sequence[float],
    output: float,
    partials: Sequence[float | None],
    edge: Edge | None,
    wanted: Sequence[bool],
    spans: Mapping[Node, Sequence[Span]],
) -> Iterator[Note]:
    """The notes on one operation in a reverse sweep.

    Args:
        node: the operation.
        operands: their values.
        output: the value of the operation.
        partials: the partial toward each operand; None where it is not selected.
        edge: the edge of the operation that the operands lie on.
        wanted: whether a derivative passes through each operand.
        spans: the places of nodes in the source.
    """
    primitive = node.primitive
    assert isinstance(primitive, Primitive)
    if output != output:
        return
    if edge is not None:
        concerned = [not edge.toward or name in edge.toward for name in primitive.operands]
        concerned += [True] * (len(operands) - len(concerned))
        if any(one and other for one, other in zip(concerned, wanted, strict=True)):
            yield Note(edge.kind, f"`{excerpt(node)}` at {_at(node, operands)}: {edge.about}", span_of(node, spans))
            return
    if math.isinf(output):
        return
    for partial, want, operand in zip(partials, wanted, node.operands, strict=True):
        if partial is None or not want or math.isfinite(partial):
            continue
        toward = f"the partial of `{excerpt(node)}` toward `{excerpt(operand)}`"
        yield Note("overflow", f"{toward} overflows at {_at(node, operands)}", span_of(node, spans))


def improvement(node: Node) -> str | None:
    """A hint to write the node, or one of its operands, with a better primitive; None if there is none."""
    for candidate in (node, *node.operands):
        for primitive in REGISTRY.public():
            for rewrite in primitive.instead_of:
                found = _match(rewrite.pattern, candidate)
                if found is not None:
                    texts = {name: excerpt(part) for name, part in found.items()}
                    return f"write `{rewrite.instead.format(**texts)}`, which has a value and a derivative here"
    return None


def _match(pattern: object, node: Node) -> dict[str, Node] | None:
    """The part of ``node`` for each argument of a pattern; None if the node doesn't have the pattern's form."""
    code = pattern.__code__  # type: ignore[attr-defined]
    names = code.co_varnames[: code.co_argcount]
    graph = Graph()
    variables = {graph.variable(name): name for name in names}
    shape = graph.lift(pattern(*variables))  # type: ignore[operator]
    found: dict[str, Node] = {}
    stack = [(shape, node)]
    while stack:
        part, other = stack.pop()
        if part in variables:
            if found.setdefault(variables[part], other) is not other:
                return None
        elif part.primitive is not other.primitive or part.constant != other.constant:
            return None
        else:
            stack.extend(zip(part.operands, other.operands, strict=False))
    return found
