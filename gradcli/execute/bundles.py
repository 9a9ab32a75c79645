"""Bundles: operations of the same form, done in one loop.

The derivatives of a sum of a thousand terms of one form are a few formulas, each at a thousand places.  A tape says
each of them a thousand times.  Here, its operations are gathered into expressions, each with one result; expressions of
the same form become a bundle: one list of instructions, and for each expression the places of its operands in memory.
So the code is as long as the formulas, however many variables there are.  Each result comes from the same operations on
the same numbers as on the tape, so it has the same bits.

The memory has the variables first, then constants in which expressions of a bundle differ, then the results of the
bundles, one after the other.

>>> from gradcli.graph import Graph
>>> graph = Graph()
>>> x = [graph.variable(f"x{i}") for i in range(100)]
>>> bundles = Bundles(Tape([one * other * 3.0 + one for one, other in zip(x, x[1:])], x))
>>> bundles.operations, [bundle.expressions for bundle in bundles.parts]
(3, [99])
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from gradcli.execute.tape import Instruction, Tape
from gradcli.primitives import Primitive
from gradcli.primitives import functions as f
from gradcli.primitives.backends import backend_named
from gradcli.records import NamedTuple

__all__ = ["ALIGNED", "Bundle", "Bundles", "VectorProgram"]

np: Final = backend_named("numpy").xp
#: The results of a bundle begin at a multiple of this many numbers, which fill a vector of every processor.
ALIGNED: Final = 16
#: The most operations of an expression; a longer one is cut.
_LONGEST: Final = 64
#: Constants are numbers in memory if they are operands of these, so that forms that differ in them are one form.
_OPERATORS: Final = frozenset((f.add, f.sub, f.mul, f.div))
#: An operation on variables and constants that is one of these is done in each expression that needs it.
_CHEAP: Final = frozenset((f.add, f.sub, f.mul, f.neg))

#: An operation of a form: its operands are numbers of leaves, -1 - k for the result of operation k, or the bytes of a
#: constant.
_Operation = tuple[Primitive, tuple[int | bytes, ...]]


class Bundle(NamedTuple):
    """Expressions of one form.

    Attributes:
        constants: the constants of the form.
        instructions: its operations.  An operand is the number of a slot: first come the leaves, then the constants,
            then the results of the operations, of which the last one is the result of the form.
        leaves: the places of the leaves in memory, with the shape (leaves, expressions).
        start: the place of the first result; those of the other expressions follow.
    """

    constants: tuple[float, ...]
    instructions: tuple[Instruction, ...]
    leaves: Any
    start: int

    @property
    def expressions(self) -> int:
        """The number of expressions."""
        return int(self.leaves.shape[1])


class Bundles:
    """The operations of a tape as bundles.

    Args:
        tape: a tape without functions of arrays.

    Attributes:
        variables: the number of variables.
        constants: the constants that are in memory, which follow the variables.
        parts: the bundles, in an order in which they can run.
        outputs: the places of the tape's outputs, as an array.
        size: how many numbers the memory holds; behind each result there is room for a vector.
        operations: the number of operations in all forms.
    """

    def __init__(self, tape: Tape) -> None:
        self.variables = len(tape.variables)
        self.constants: list[float] = []
        self.parts: list[Bundle] = []
        groups = _groups(tape)
        places = np.full(len(tape.nodes), -1, np.int64)
        places[: self.variables] = np.arange(self.variables)
        drafts = [_Draft(tape, operations, leaves, slots) for operations, leaves, slots in groups]
        for slot in [slot for draft in drafts for slot in draft.numbers] + tape.outputs:
            if self.variables <= slot < tape.first and places[slot] < 0:
                places[slot] = self.variables + len(self.constants)
                self.constants.append(tape.constants[slot - self.variables])
        self.size = _with_room(self.variables + len(self.constants))
        for draft in drafts:
            self.parts.append(draft.placed(places, self.size))
            self.size += _with_room(len(draft.slots))
        self.outputs = places[np.array(tape.outputs, np.int64)]
        self.operations = sum(len(part.instructions) for part in self.parts)


class VectorProgram(NamedTuple):
    """A program that takes vectors to a vector.

    Attributes:
        bundles: its operations.  Their variables are the elements of all vectors, one after the other; their outputs
            are the results, and after these the terms that are checked.
        lengths: the length of each vector.
        results: the number of results.
        largest: the condition is that no term is larger than this; without terms, no element of the first vector.
        dtype: the type of all numbers.
    """

    bundles: Bundles
    lengths: tuple[int, ...]
    results: int
    largest: float
    dtype: str = "float64"


def _with_room(count: int) -> int:
    """Return a multiple of `ALIGNED` that has room for this many numbers and a vector behind them."""
    return (-(-count // ALIGNED) + 1) * ALIGNED


def _groups(tape: Tape) -> list[tuple[Sequence[_Operation], list[tuple[int, ...]], list[int]]]:
    """Return the operations of each form, the slots of the leaves of each of its expressions, and their result slots.

    A form comes after those whose results it needs.
    """
    is_result = _results(tape)
    levels = [0] * len(tape.nodes)
    found: defaultdict[Any, tuple[list[tuple[int, ...]], list[int]]] = defaultdict(lambda: ([], []))
    for slot in range(tape.first, len(tape.nodes)):
        if is_result[slot]:
            operations, leaves = _form(tape, slot, is_result)
            level = levels[slot] = 1 + max([levels[leaf] for leaf in leaves], default=0)
            every, slots = found[level, operations]
            every.append(leaves)
            slots.append(slot)
    ordered = sorted(found.items(), key=lambda one: one[0][0])
    return [(operations, every, slots) for (_, operations), (every, slots) in ordered]


def _results(tape: Tape) -> bytearray:
    """Return for each slot whether it is the result of an expression: an output, or needed in several places."""
    uses, sizes = [0] * len(tape.nodes), [0] * len(tape.nodes)
    for _, operands in tape.instructions:
        for slot in operands:
            uses[slot] += 1
    for slot, (primitive, operands) in enumerate(tape.instructions, tape.first):
        if primitive in _CHEAP and max(operands) < tape.first:
            uses[slot] = 1  # to compute it again is cheaper than to store and load it
    for slot in tape.outputs:
        uses[slot] = 2
    for slot, (_, operands) in enumerate(tape.instructions, tape.first):
        inside = [i for i in operands if uses[i] == 1]
        sizes[slot] = 1 + sum([sizes[i] for i in inside])
        if sizes[slot] > _LONGEST:
            sizes[slot] = 1
            for i in inside:
                uses[i] = 2
    return bytearray([count != 1 for count in uses])


def _form(tape: Tape, root: int, is_result: bytearray) -> tuple[tuple[_Operation, ...], tuple[int, ...]]:
    """Return the form of the expression with a result, and the slots of its leaves by their first appearance."""
    variables, first = len(tape.variables), tape.first
    inside = [root]
    for slot in inside:
        inside += [i for i in tape.instructions[slot - first].operands if i >= first and not is_result[i]]
    inside = list(dict.fromkeys(reversed(inside)))
    leaves: dict[int, int] = {}
    known: dict[int, int] = {}
    operations: list[_Operation] = []
    for slot in inside:
        primitive, operands = tape.instructions[slot - first]
        given: list[int | bytes] = []
        for i in operands:
            if i in known:
                given.append(known[i])
            elif variables <= i < first and primitive not in _OPERATORS:
                given.append(struct.pack("<d", tape.constants[i - variables]))
            else:
                given.append(leaves.setdefault(i, len(leaves)))
        operations.append((primitive, tuple(given)))
        known[slot] = -len(operations)
    return tuple(operations), tuple(leaves)


class _Draft:
    """A bundle whose places aren't known yet.

    Args:
        tape: the tape.
        operations: the operations of the form.
        leaves: the slots of the leaves of each expression.
        slots: the slot of the result of each expression.

    Attributes:
        slots: those slots.
        numbers: the slots of leaves that differ from expression to expression, or are no constants.
    """

    def __init__(
        self, tape: Tape, operations: Sequence[_Operation], leaves: Sequence[tuple[int, ...]], slots: Sequence[int]
    ) -> None:
        self.slots = slots
        self._operations = operations
        self._leaves = np.array(leaves, np.int64).reshape(len(slots), -1).T
        variables = len(tape.variables)
        #: The number of a leaf that is the same constant everywhere -> the constant.
        self._fixed: dict[int, float] = {
            number: tape.constants[leaf[0] - variables]
            for number, leaf in enumerate(self._leaves)
            if variables <= leaf[0] < tape.first and (leaf == leaf[0]).all()
        }
        self._varying = [number for number in range(len(self._leaves)) if number not in self._fixed]
        self.numbers: list[int] = self._leaves[self._varying].reshape(-1).tolist()

    def placed(self, places: Any, start: int) -> Bundle:
        """Return the bundle, and enter the places of its results.

        Args:
            places: the place of each slot.
            start: the place of the first result.
        """
        leaves = places[self._leaves[self._varying]]
        if len(leaves):  # expressions whose operands are neighbours become neighbours
            order = np.lexsort(leaves[::-1])
            leaves = leaves[:, order]
        else:
            order = np.arange(len(self.slots))
            leaves = leaves.reshape(0, len(self.slots))
        places[np.array(self.slots)[order]] = start + np.arange(len(self.slots))
        literals = [struct.pack("<d", number) for number in self._fixed.values()]
        literals += [one for _, operands in self._operations for one in operands if isinstance(one, bytes)]
        first = len(self._varying)
        slot_of: dict[int | bytes, int] = dict(zip(self._varying, range(first), strict=False))
        slot_of |= {bits: first + number for number, bits in enumerate(dict.fromkeys(literals))}
        slot_of |= {number: slot_of[struct.pack("<d", value)] for number, value in self._fixed.items()}
        constants = [struct.unpack("<d", bits)[0] for bits in dict.fromkeys(literals)]
        first += len(constants)
        instructions = []
        for number, (primitive, operands) in enumerate(self._operations):
            instructions.append(Instruction(primitive, tuple([slot_of[one] for one in operands])))
            slot_of[-1 - number] = first + number
        return Bundle(tuple(constants), tuple(instructions), leaves.astype(np.int32), start)
