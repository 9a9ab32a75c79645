"""The rules of the registry on arrays, as functions that compute the contribution of an operation to a cotangent.

A contribution is ``where(active, cotangent * partial, 0)``, with the declared partials at edges.  A contribution is
first a graph, which identities simplify: for a sum it becomes the cotangent itself, for a product one multiplication.
The graph runs on arrays and, for derivatives of derivatives, on recorded operands.  Because the operation is pointwise,
a forward sweep uses the same function for tangents.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from gradcli.execute.tape import Tape
from gradcli.graph import Node
from gradcli.graph.rule import traced_rule
from gradcli.primitives import ArrayPrimitive, Edge, Primitive
from gradcli.primitives import functions as f
from gradcli.primitives.backends import Backend, backend_of
from gradcli.primitives.families.reductions import kept

__all__ = ["Contribution", "contributions", "edge_conditions", "kernels_of", "reached_by"]


class Contribution:
    """A function ``(cotangent, operands, output)`` that returns the contribution to the cotangent of one operand.

    In a forward sweep, it takes a tangent in place of the cotangent.
    """

    __slots__ = ("_programs", "condition", "is_identity", "tape")

    def __init__(self, root: Node, inputs: Sequence[Node], condition: Node | None = None) -> None:
        self.tape = Tape([root], inputs)
        #: Whether the operand is selected at each element, as a function of the same arguments; None means always.
        self.condition = None if condition is None else Contribution(condition, inputs)
        #: Whether a cotangent passes unchanged, as in a sum.
        self.is_identity = root is inputs[0]
        self._programs: dict[str, Callable[[Any, tuple[Any, ...], Any], Any]] = {}

    def reads(self, place: int) -> bool:
        """Whether the contribution depends on the operand at a place; the output comes after the operands."""
        return any(place + 1 in one.operands for one in self.tape.instructions)

    def on(self, backend: Backend) -> Callable[[Any, tuple[Any, ...], Any], Any]:
        """The contribution as a function of arrays of one library."""
        program = self._programs.get(backend.name)
        if program is None:
            program = self._programs[backend.name] = _compiled(self.tape, backend)
        return program

    def recorded(self, cotangent: Any, operands: Sequence[Any], output: Any) -> Any:
        """The contribution as a function of recorded operands."""
        return self.tape.replay([cotangent, *operands, output])[self.tape.outputs[0]]


def _compiled(tape: Tape, backend: Backend) -> Callable[[Any, tuple[Any, ...], Any], Any]:
    constants = tuple(tape.constants)
    result, count = tape.outputs[0], len(tape.variables) - 2
    program = kernels_of(tape, backend)
    if not program:
        return lambda cotangent, operands, output: (cotangent, *operands, output, *constants)[result]
    if len(program) == 1:
        # Most rules are one kernel, applied to the cotangent and an operand, the output or a constant.
        kernel, places = program[0]
        if places == (0,):
            return lambda cotangent, operands, output: kernel(cotangent)
        if len(places) == 2 and places[0] == 0 and 0 < places[1] <= count:
            position = places[1] - 1
            return lambda cotangent, operands, output: kernel(cotangent, operands[position])
        if len(places) == 2 and places[0] == 0 and places[1] > count + 1:
            constant = constants[places[1] - count - 2]
            return lambda cotangent, operands, output: kernel(cotangent, constant)

    def run(cotangent: Any, operands: tuple[Any, ...], output: Any) -> Any:
        slots = [cotangent, *operands, output, *constants]
        for kernel, places in program:
            if len(places) == 2:
                slots.append(kernel(slots[places[0]], slots[places[1]]))
            else:
                slots.append(kernel(*[slots[place] for place in places]))
        return slots[result]

    return run


def kernels_of(tape: Tape, backend: Backend) -> list[tuple[Callable[..., Any], tuple[int, ...]]]:
    """For each instruction of a tape, the kernel that computes it and the slots of its operands.

    A comparison that is used only as a condition remains an array of truth values for NumPy's ``where``.
    """
    start = tape.first
    truths = {slot for slot, one in enumerate(tape.instructions, start) if backend.truth(one.primitive) is not None}
    for slot, (primitive, places) in reversed(list(enumerate(tape.instructions, start))):
        keeps = primitive.condition if primitive.chosen or slot in truths else ()
        truths.difference_update([place for position, place in enumerate(places) if position not in keeps])
    truths.discard(tape.outputs[0])
    for slot, (primitive, places) in enumerate(tape.instructions, start):  # logic on numbers gives numbers
        if slot in truths and primitive.condition and not truths.issuperset(places):
            truths.discard(slot)
    program: list[tuple[Callable[..., Any], tuple[int, ...]]] = []
    for slot, (primitive, places) in enumerate(tape.instructions, start):
        truth = backend.truth(primitive) if slot in truths else None
        if truth is not None:
            program.append((truth, places))
        elif primitive.chosen and places[primitive.condition[0]] in truths:
            program.append((backend.xp.where, tuple([places[i] for i in (*primitive.condition, *primitive.chosen)])))
        else:
            program.append((backend.kernel(primitive), places))
    return program


@cache
def contributions(primitive: Primitive, count: int, fast: bool = False) -> tuple[Contribution | None, ...]:
    """The contributions of a primitive to its ``count`` operands; None for an operand that is never differentiated.

    Args:
        primitive: a pointwise primitive.
        count: the number of operands.
        fast: whether to use rules that call fewer transcendental functions; their absolute error may be 1e-15.

    >>> from gradcli.primitives import REGISTRY
    >>> from gradcli.primitives.backends import backend_named
    >>> first, second = contributions(REGISTRY["mul"], 2)
    >>> float(first.on(backend_named("numpy"))(10.0, (3.0, 4.0), 12.0)), second.recorded(10.0, (3.0, 4.0), 12.0)
    (40.0, 30.0)
    """
    if primitive.is_locally_constant:
        return (None,) * count
    rule = traced_rule(primitive, count, fast)
    graph, (*_, output) = rule.graph, rule.inputs
    cotangent = graph.fresh_variable("cotangent")
    inputs = [cotangent, *rule.inputs]
    unknown = f.not_equal(output, output)
    # A primitive that selects by comparing its operands is nan where one of them is, and so is its derivative.
    compares = count > 1 and all(one is not None and one.constant is None for one in rule.selected)
    result: list[Contribution | None] = [None] * count
    for i in range(len(primitive.static), count):
        partial, condition = rule.guarded[i], rule.selected[i]
        if condition is not None and condition.constant is not None:  # the operand is never selected
            continue
        if not primitive.is_total:
            # Where there is no value there is no derivative, whatever the formula gives.
            partial = f.guard(partial, unknown, output)
        contribution = cotangent * partial
        if condition is not None:
            contribution = f.where(condition, contribution, 0.0)
            if compares:
                contribution, condition = f.guard(contribution, unknown, output), f.logical_or(condition, unknown)
        result[i] = Contribution(graph.lift(contribution), inputs, condition)
    return tuple(result)


@cache
def edge_conditions(primitive: Primitive, count: int) -> list[tuple[Edge, Contribution]]:
    """Each edge of a primitive with its condition.

    The condition is a function of the same arguments as a contribution.
    """
    rule = traced_rule(primitive, count)
    inputs = [rule.graph.fresh_variable("cotangent"), *rule.inputs]
    return [(one.edge, Contribution(one.condition, inputs)) for one in rule.edges]


def reached_by(
    primitive: ArrayPrimitive,
    position: int,
    reached: Any,
    output: Any,
    operands: Sequence[Any],
    options: Mapping[str, Any],
) -> Any:
    """The elements of an operand that a derivative reaches: 1 for these elements, 0 for others; None for all elements.

    Args:
        primitive: a function of arrays.
        position: the position of the operand.
        reached: the elements of the output that the derivative reaches, in the same form.
        output, operands, options: the output, the operands and the options of the operation.
    """
    reach, shape, xp = primitive.reach, operands[position].shape, backend_of(output).xp
    selects = reach in ("elements", "chosen")
    if reach == "all":
        return None
    if reached is None:
        if not selects:
            return None
        reached = xp.ones(output.shape)
    elif reached.shape != output.shape:
        reached = f.expand(reached, output.shape)
    spread = None
    if reach in ("reduced", "chosen"):
        spread = reached if options["keepdims"] else f.reshape(reached, kept(shape, options["axis"]))
    elif reach == "axis":
        spread = f.max(reached, axis=options["axis"], keepdims=True)
    if spread is not None and not selects:
        return f.expand(spread, shape)
    if not selects:  # a sum of products: with 1 for all numbers, its rule counts the ways to each element
        output, operands = xp.ones_like(output), [xp.ones_like(operand) for operand in operands]
    rule = primitive.rules(len(operands))[position]
    passed = f.not_equal(f.expand(rule(reached, output, *operands, **options), shape), 0.0)
    return passed if spread is None else f.logical_and(f.expand(spread, shape), passed)
