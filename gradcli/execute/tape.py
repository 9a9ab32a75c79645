"""The tape: a graph laid out as the Wengert list of the textbook.

Slots are numbered: first the variables, then the constants, then one slot for each operation, operands before their
operations.  Instruction i applies a primitive to earlier slots.  A tape that holds functions of arrays is run by
`gradcli.evaluate.array_point`.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Final

from gradcli.graph import Node, paused_collector, toposort
from gradcli.primitives import Primitive
from gradcli.primitives import functions as f
from gradcli.records import NamedTuple

__all__ = ["SHAKE", "Instruction", "Tape", "is_exact_zero", "is_small", "shaken"]

#: How much a shaken number differs from the number, relatively.  It is far above rounding, so that rounding is not seen
#: in the difference, and small enough that the difference is nearly linear.
SHAKE: Final = 2.0**-30
#: Whole numbers below it are exact, and so are sums, products and powers of them.
_WHOLE: Final = 2.0**53
_JUMPS: Final = ("jump", "branch cut")
#: They lose no digits of small numbers.
_SUMS: Final = (f.add, f.sub)


class Instruction(NamedTuple):
    """One operation: the primitive, and the slots of its operands."""

    primitive: Primitive
    operands: tuple[int, ...]


#: Make an instruction in a third of the time that calling the class takes.
_instruction = partial(tuple.__new__, Instruction)


class Tape:
    """A straight-line program.

    Attributes:
        nodes: the node of each slot.
        variables: the nodes of the first slots.
        constants: the numbers of the slots after the variables.
        first: the slot of the first operation.
        instructions: one for each slot from ``first`` on.
        outputs: the slots of the roots.

    >>> from gradcli.graph import Graph
    >>> x = Graph().variable("x")
    >>> tape = Tape([x * x + 3.0])
    >>> tape.run([2.0])[tape.outputs[0]]
    7.0
    """

    __slots__ = ("constants", "first", "instructions", "nodes", "outputs", "variables")

    @paused_collector()
    def __init__(self, roots: Iterable[Node], variables: Sequence[Node] | None = None) -> None:
        """Lay out the graph of the roots.

        Args:
            roots: the nodes to compute.
            variables: the order of the inputs; by default the variables that occur, by first appearance.
        """
        roots = list(roots)
        order = toposort(roots)
        found = [node for node in order if node.is_variable] if variables is None else list(variables)
        constants = [node for node in order if node.constant is not None]
        operations = [node for node in order if node.primitive is not None]
        self.first = len(found) + len(constants)
        self.nodes = [*found, *constants, *operations]
        slot_of = [0] * (1 + max([node.index for node in self.nodes], default=0))  # index of a node -> its slot
        for slot, node in enumerate(self.nodes):
            slot_of[node.index] = slot
        self.variables = found
        self.constants = [node.constant for node in constants if node.constant is not None]
        self.instructions = [
            _instruction((node.primitive, tuple([slot_of[operand.index] for operand in node.operands])))
            for node in operations
        ]
        self.outputs = [slot_of[root.index] for root in roots]

    def run(self, inputs: Sequence[Any]) -> list[Any]:
        """Return the value of every slot, computed on Python floats.

        Args:
            inputs: one float for each variable.
        """
        values = [*inputs, *self.constants]
        append = values.append
        for primitive, operands in self.instructions:
            if len(operands) == 2:
                append(primitive.value(values[operands[0]], values[operands[1]]))
            elif len(operands) == 1:
                append(primitive.value(values[operands[0]]))
            else:
                append(primitive.value(*[values[i] for i in operands]))
        return values

    @property
    def has_jumps(self) -> bool:
        """Whether an operation has a jump, which rounding may cross."""
        return any(
            primitive.is_locally_constant or any(edge.kind in _JUMPS for edge in primitive.edges)
            for primitive, _ in self.instructions
        )

    def shaken(self, inputs: Sequence[float], sign: float = 1.0) -> list[float]:
        """Return the value of every slot if each rounded number errs by up to `SHAKE`, up or down.

        A result that changes by much more than this may have lost digits, and so may one that is nan: a number in its
        computation is too small for a double to keep its digits.  Comparisons, choices, floor and the like are exact,
        and so are operators on whole numbers.

        Args:
            inputs: the values of the variables.
            sign: 1.0 or -1.0, which reverses each error.  If errors may cross a jump, they do so with one of the signs;
                a comparison of two numbers that may be equal is true with 1.0, and false with -1.0.
        """
        values = [shaken(x, i, sign) for i, x in enumerate([*inputs, *self.constants])]
        for primitive, slots in self.instructions:
            operands = [values[i] for i in slots]
            value = primitive.value(*operands)
            if primitive.is_truth and not primitive.condition and _may_be_equal(*operands):
                value = float(sign > 0.0)
            is_exact = primitive.is_locally_constant or primitive.ulps == 0.0
            if is_small(value) and not (is_exact or primitive in _SUMS or is_exact_zero(value, operands)):
                value = math.nan
            is_exact = is_exact or (primitive.infix is not None and all(map(float.is_integer, operands)))
            values.append(shaken(value, len(values), sign, is_exact=is_exact))
        return values

    def replay(self, inputs: Sequence[Any]) -> list[Any]:
        """Return the value of every slot, computed by calling the primitives on floats and on operands that record."""
        values = [*inputs, *self.constants]
        for primitive, operands in self.instructions:
            values.append(primitive(*[values[i] for i in operands]))
        return values


def shaken(number: float, place: int, sign: float = 1.0, *, is_exact: bool = True) -> float:
    """Return a number with an error of up to `SHAKE`, which depends on its place; a whole number that is exact stays.

    >>> shaken(3.0, 1), 0.0 < abs(shaken(3.5, 1) - 3.5) <= 3.5 * SHAKE
    (3.0, True)
    """
    if is_exact and -_WHOLE < number < _WHOLE and number == int(number):
        return number
    return number + number * (SHAKE * sign * math.cos(place * place))


def is_small(number: float) -> bool:
    """Whether a number is too small for a double to keep its digits; it may be rounded to 0."""
    return abs(number) < sys.float_info.min


def is_exact_zero(value: float, operands: Sequence[float]) -> bool:
    """Whether the result of an operation on exact operands is exactly 0, as those of 0*x, sin(0), log(1) and lgamma(2).

    >>> is_exact_zero(0.0, [1.0]), is_exact_zero(math.exp(-800), [-800.0])
    (True, False)
    """
    return not value and (not all(operands) or all(one in (-2.0, -1.0, 1.0, 2.0) for one in operands))


def _may_be_equal(x: float, y: float) -> bool:
    """Whether two shaken numbers may be equal without their errors; numbers that are equal with them are exact."""
    return x != y and abs(x - y) <= 2.0 * SHAKE * max(abs(x), abs(y))
