"""The rules of the registry on arrays: what one operation adds to the cotangent of an operand, traced once.

The trace is the whole contribution, ``where(active, cotangent * partial, 0)`` with the primitive's edges in place, as a
graph that the identities of the registry have made short: for a sum it is the cotangent itself, for a product one
multiplication.  It runs on arrays, and on operands that record, for the derivatives of derivatives.  Since the
operation is pointwise, the same function carries a tangent forward.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from gradcli.execute.tape import Tape
from gradcli.graph import Graph, Node
from gradcli.primitives import ArrayPrimitive, Primitive
from gradcli.primitives import functions as f
from gradcli.primitives.backends import Backend

__all__ = ["Contribution", "contributions", "kernels_of", "reached_by"]

#: Primitives that test their first or second operand: position of the condition.
_CONDITION_AT = {"where": 0, "guard": 1}


class Contribution:
    """``(flow, operands, output) -> flow``: a cotangent or a tangent passed through one operand of an operation."""

    __slots__ = ("_programs", "condition", "is_identity", "tape")

    def __init__(self, root: Node, inputs: Sequence[Node], condition: Node | None = None) -> None:
        self.tape = Tape([root], inputs)
        #: Where the operand is selected, as a function of the same arguments; None if it is everywhere.
        self.condition = None if condition is None else Contribution(condition, inputs)
        #: Whether everything passes as it is, as in a sum.
        self.is_identity = root is inputs[0]
        self._programs: dict[str, Callable[[Any, tuple[Any, ...], Any], Any]] = {}

    def on(self, backend: Backend) -> Callable[[Any, tuple[Any, ...], Any], Any]:
        """The function of arrays of one library."""
        program = self._programs.get(backend.name)
        if program is None:
            program = self._programs[backend.name] = _compiled(self.tape, backend)
        return program

    def recorded(self, flow: Any, operands: Sequence[Any], output: Any) -> Any:
        """The same on operands that record."""
        return self.tape.replay([flow, *operands, output])[self.tape.outputs[0]]


def _compiled(tape: Tape, backend: Backend) -> Callable[[Any, tuple[Any, ...], Any], Any]:
    constants = tuple(tape.constants)
    result, count = tape.outputs[0], len(tape.variables) - 2
    program = kernels_of(tape, backend)
    if not program:
        return lambda flow, operands, output: (flow, *operands, output, *constants)[result]
    if len(program) == 1:
        # Most rules are one kernel of the flow and an operand, the output or a constant.
        kernel, places = program[0]
        if places == (0,):
            return lambda flow, operands, output: kernel(flow)
        if len(places) == 2 and places[0] == 0 and 0 < places[1] <= count:
            position = places[1] - 1
            return lambda flow, operands, output: kernel(flow, operands[position])
        if len(places) == 2 and places[0] == 0 and places[1] > count + 1:
            constant = constants[places[1] - count - 2]
            return lambda flow, operands, output: kernel(flow, constant)

    def run(flow: Any, operands: tuple[Any, ...], output: Any) -> Any:
        slots = [flow, *operands, output, *constants]
        for kernel, places in program:
            if len(places) == 2:
                slots.append(kernel(slots[places[0]], slots[places[1]]))
            else:
                slots.append(kernel(*[slots[place] for place in places]))
        return slots[result]

    return run


def kernels_of(tape: Tape, backend: Backend) -> list[tuple[Callable[..., Any], tuple[int, ...]]]:
    """A kernel and the slots of its operands for each instruction.

    A comparison that is nothing but a condition stays a truth value, and what it decides is NumPy's ``where``.
    """
    start = len(tape.nodes) - len(tape.instructions)
    truths = {slot for slot, one in enumerate(tape.instructions, start) if backend.truth(one.primitive) is not None}
    for slot, (primitive, places) in reversed(list(enumerate(tape.instructions, start))):
        for position, place in enumerate(places):
            is_condition = _CONDITION_AT.get(primitive.name) == position
            if not is_condition and not (slot in truths and primitive.name.startswith("logical")):
                truths.discard(place)
    truths.discard(tape.outputs[0])
    for slot, (primitive, places) in enumerate(tape.instructions, start):  # logic on numbers gives numbers
        if slot in truths and primitive.name.startswith("logical") and not truths.issuperset(places):
            truths.discard(slot)
    program: list[tuple[Callable[..., Any], tuple[int, ...]]] = []
    for slot, (primitive, places) in enumerate(tape.instructions, start):
        condition = _CONDITION_AT.get(primitive.name)
        if slot in truths:
            truth = backend.truth(primitive)
            assert truth is not None
            program.append((truth, places))
        elif condition is not None and places[condition] in truths:
            chosen = (1, 2, 0) if primitive.name == "guard" else (0, 1, 2)  # (condition, instead, formula)
            program.append((backend.xp.where, tuple([places[i] for i in chosen])))
        else:
            program.append((backend.kernel(primitive), places))
    return program


@cache
def contributions(primitive: Primitive, count: int, fast: bool = False) -> tuple[Contribution | None, ...]:
    """What a primitive of ``count`` operands sends to each of them; None to one that is never differentiated.

    Args:
        primitive: a pointwise primitive.
        count: the number of operands.
        fast: take the forms of rules that are right to 1e-15 absolute and save a transcendental function.

    >>> from gradcli.primitives import REGISTRY
    >>> from gradcli.primitives.backends import backend_named
    >>> first, second = contributions(REGISTRY["mul"], 2)
    >>> float(first.on(backend_named("numpy"))(10.0, (3.0, 4.0), 12.0)), second.recorded(10.0, (3.0, 4.0), 12.0)
    (40.0, 30.0)
    """
    if primitive.is_locally_constant:
        return (None,) * count
    graph = Graph()
    flow = graph.fresh_variable("flow")
    operands = [graph.fresh_variable(f"operand {i}") for i in range(count)]
    output = graph.fresh_variable("output")
    inputs = [flow, *operands, output]
    rule = primitive.fast_partials if fast and primitive.fast_partials is not None else primitive.partials
    partials = list(rule(*operands, output))
    active: list[Node | None] = [None] * count
    if primitive.active is not None:
        active = [graph.lift(condition) for condition in primitive.active(*operands, output)]
    # Whoever selects by comparing its operands with each other has no value, and so no derivative, where one has none.
    compares = count > 1 and all(condition is not None and condition.constant is None for condition in active)
    result: list[Contribution | None] = [None] * count
    for i in range(len(primitive.static), count):
        partial = graph.lift(partials[i])
        for edge in reversed(primitive.edges):
            if edge.partials is not None:
                instead = edge.partials(*operands, output)[i]
                partial = f.guard(partial, graph.lift(edge.when(*operands)), instead)
        if primitive.domain != "all reals":
            # Where there is no value there is no derivative, whatever the formula gives.
            partial = f.guard(partial, f.not_equal(output, output), output)
        contribution = flow * partial
        condition = active[i]
        if condition is not None:
            if condition.constant == 0.0:
                continue
            condition = None if condition.constant is not None else condition
            contribution = contribution if condition is None else f.where(condition, contribution, 0.0)
            if condition is not None and compares:
                unknown = f.not_equal(output, output)
                contribution = f.guard(contribution, unknown, output)
                condition = f.logical_or(condition, unknown)
        result[i] = Contribution(graph.lift(contribution), inputs, condition)
    return tuple(result)


def reached_by(
    primitive: ArrayPrimitive,
    position: int,
    here: Any,
    output: Any,
    operands: Sequence[Any],
    options: Mapping[str, Any],
    backend: Backend,
) -> Any:
    """Which elements of an operand a derivative reaches that is at the output where ``here`` is 1 and not 0.

    Args:
        primitive: a primitive on arrays.
        position: of the operand.
        here: an array of 0s and 1s in the shape of the output.
        output, operands, options: of the operation.
        backend: what the arrays belong to.
    """
    from gradcli.primitives.families.reductions import kept

    rule, shape = primitive.rules(len(operands))[position], operands[position].shape
    if "keepdims" in primitive.options:  # a reduction
        spread = here if options["keepdims"] else f.reshape(here, kept(shape, options["axis"]))
        spread = f.expand(spread, shape)
        if not primitive.selects:
            return spread
        return f.logical_and(spread, f.not_equal(f.expand(rule(here, output, *operands, **options), shape), 0.0))
    if not primitive.selects and "axis" in primitive.options:  # each element along the axis depends on all of it
        return f.expand(f.max(here, axis=options["axis"], keepdims=True), shape)
    if not primitive.selects:  # a product: its rule at 1 counts the ways
        output, operands = backend.xp.ones_like(output), [backend.xp.ones_like(operand) for operand in operands]
    return f.not_equal(f.expand(rule(here, output, *operands, **options), shape), 0.0)
