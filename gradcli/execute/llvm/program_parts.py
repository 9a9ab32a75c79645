"""A large program as several functions, each of which runs a part of it on one vector of rows at a time.

Compiling a function takes more than linear time, so each has a few hundred operations.  A value that one part computes
and another part needs is kept in memory, for a few vectors of rows.  So each function runs several times in succession
and stays in the instruction cache.  A term is added to a sum over rows as soon as it is known.
"""

from __future__ import annotations

from typing import Any, Final

from gradcli.execute.llvm.emitter import Block, LLVMModule, Vector
from gradcli.execute.llvm.vector_names import apply
from gradcli.execute.program import Program

__all__ = ["FITS", "PART_SIZE", "ProgramParts"]

#: The most operations in a function.
PART_SIZE: Final = 400
#: How many vectors of rows a function runs on before the next function does: a few if all functions fit into the
#: instruction cache together, which they do up to ``FITS`` operations; more if they don't.
TILE: Final = 2
LARGE_TILE: Final = 8
FITS: Final = 3_000


class ProgramParts:
    """The functions of a program whose outputs are sums, defined in a module.

    The operations for the first two sums come first, in functions that change no other sum.

    Attributes:
        name: the beginning of the name of each function; its number follows, from 0.
        count: the number of functions.
        forward: the number of functions that compute the first two sums.
        kept: the number of vectors that functions store for later functions.
        columns: the number of columns of the program.
        tile: how many vectors of rows a function runs on before the next function starts.
    """

    def __init__(self, module: LLVMModule, name: str, program: Program) -> None:
        self.name = name
        self.columns = program.columns
        self._module = module
        self._program = program
        tape = program.tape
        size = len(tape.instructions)
        self.tile = TILE if size <= FITS else LARGE_TILE
        self._first = tape.first
        middle = max(0, max(tape.outputs[:2]) - self._first + 1)
        bounds = _pieces(0, middle)
        self.forward = len(bounds)
        bounds += _pieces(middle, size) if len(tape.outputs) > 2 else []
        self.count = len(bounds)
        self._bounds = bounds
        parts = [part for part, (start, stop) in enumerate(bounds) for _ in range(start, stop)]
        #: Slot -> the sums that it is added to by the part that computes it.
        self._sums: dict[int, list[int]] = {}
        #: Part -> other sums, each with the slot that the part adds to it.
        self._others: list[list[tuple[int, int]]] = [[] for _ in bounds]
        self._places: dict[int, int] = {}
        for number, slot in enumerate(tape.outputs):
            own = parts[slot - self._first] if slot >= self._first else 0
            part = own if number < 2 else max(own, self.forward)
            if slot >= self._first and part == own:
                self._sums.setdefault(slot, []).append(number)
            else:
                self._others[part].append((number, slot))
                if slot >= self._first:
                    self._places.setdefault(slot, len(self._places))
        for part, (_, operands) in zip(parts, tape.instructions, strict=True):
            for operand in operands:
                if operand >= self._first and parts[operand - self._first] != part:
                    self._places.setdefault(operand, len(self._places))
        self.kept = len(self._places)
        for number in range(self.count):
            self._write(number)

    def _write(self, number: int) -> None:
        block, lanes = self._module.block(), self._module.lanes
        values: dict[int, Any] = {}
        start, stop = self._bounds[number]
        for total, slot in self._others[number]:
            self._add(block, total, self._value(block, slot, values))
        for slot, (primitive, operands) in enumerate(self._program.tape.instructions[start:stop], self._first + start):
            values[slot] = apply(primitive, [self._value(block, i, values) for i in operands])
            for total in self._sums.get(slot, ()):
                self._add(block, total, values[slot])
            if slot in self._places:
                block.store(values[slot], "%vectors", str(self._places[slot] * lanes))
        signature = "ptr noalias %row, ptr noalias %parameters, ptr noalias %sums, ptr noalias %vectors"
        lines = [*block.lines, "ret void"]
        self._module.define(f"void @{self.name}.{number}({signature}) noinline", lines, linkage="internal")

    def _value(self, block: Block, slot: int, values: dict[int, Any]) -> Any:
        """Return the value of a slot: computed in this part, a constant, or loaded."""
        if slot in values:
            return values[slot]
        tape, columns, lanes = self._program.tape, self.columns, self._module.lanes
        if slot < columns:
            values[slot] = block.load("%row", str(slot * lanes))
        elif slot < len(tape.variables):
            values[slot] = block.load_scalar("%parameters", str(slot - columns))
        elif slot < self._first:
            values[slot] = tape.constants[slot - len(tape.variables)]
        else:
            values[slot] = block.load("%vectors", str(self._places[slot] * lanes))
        return values[slot]

    def _add(self, block: Block, number: int, value: Any) -> None:
        """Add a value to the sum with this number."""
        if not isinstance(value, Vector) and value == 0.0:
            return
        kind, align = self._module.vector, self._module.host.bits // 8
        address = block.emit(f"getelementptr {kind}, ptr %sums, i64 {number}")
        block.lines += [
            f"%before{number} = load {kind}, ptr {address}, align {align}",
            f"%after{number} = fadd contract {kind} %before{number}, {block.operand(value, 'float64')}",
            f"store {kind} %after{number}, ptr {address}, align {align}",
        ]


def _pieces(start: int, stop: int) -> list[tuple[int, int]]:
    """Return the bounds of the parts of a range, at least one.

    Parts of equal length leave the fewest values to store.
    """
    count = max(1, -(-(stop - start) // PART_SIZE))
    size = -(-(stop - start) // count)
    return [(start + i * size, min(start + (i + 1) * size, stop)) for i in range(count)]
