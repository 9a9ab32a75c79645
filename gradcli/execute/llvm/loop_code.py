"""The code of a program: a loop over rows that fill vectors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from gradcli.execute.llvm.avx512 import has_avx512
from gradcli.execute.llvm.elementary import OWN, quotient
from gradcli.execute.llvm.emitter import Block, LLVMModule, Vector
from gradcli.execute.llvm.vector_names import apply
from gradcli.primitives import functions as f
from gradcli.primitives.backends import backend_named

if TYPE_CHECKING:
    from gradcli.execute.program import Program
    from gradcli.primitives import Primitive

__all__ = ["WIDTH", "WOVEN", "LoopCode"]

np: Final = backend_named("numpy").xp
#: The most operations in a function, since compiling one takes more than linear time.
PART_SIZE: Final = 800
#: The vectors that one turn of a woven loop computes, and the most operations of a program with such a loop.
WIDTH: Final = 2
WOVEN: Final = 250
#: The number of simple operations that take as long as a call of a mathematical function.
CALL_WORK: Final = 15
#: The cycles after which the result of an operation is there: of a simple one, a division or root, another function.
_SIMPLE, _DIVIDED, _FUNCTION = 4, 16, 60
_SIGNATURE: Final = "i64 %rows, ptr %columns, ptr %uniforms, ptr %results, ptr %scratch"


def _time(primitive: Primitive) -> int:
    """Return the cycles after which the result of an operation is there, roughly."""
    if primitive.name in OWN:
        return _FUNCTION
    return _DIVIDED if primitive in (f.div, f.sqrt, f.direction) else _SIMPLE


class LoopCode:
    """The code of the function ``run``, which applies a program to rows that fill vectors.

    A program of many operations is cut into several functions, each of which handles one vector of rows.  A value that
    one function computes and another needs is kept in scratch memory; after its last use the place is free again.

    Args:
        program: the program.
        module: the module that gets the code.
        is_woven: compute `WIDTH` vectors in one turn, of which the number of rows is a multiple then, and write the
            code of functions of mathematics in place of their calls.  The program has at most `WOVEN` operations.

    Attributes:
        scratch: the number of vectors in scratch memory.
        work: the cost of a row, in simple operations.
    """

    def __init__(self, program: Program, module: LLVMModule, *, is_woven: bool = False) -> None:
        self._is_woven = is_woven
        self.scratch = 0
        self.work = 0
        #: The operations on numbers that all rows share, as (function, operands, slot).
        self._uniform: list[tuple[Any, tuple[int, ...], int]] = []
        #: Slots of numbers that all rows share -> their places in the array of uniforms from which the code loads them.
        self._place_of_shared: dict[int, int] = {}
        self._program = program
        self._module = module
        tape = program.tape

        self._first = tape.first
        #: Slot -> its number, if that is known already.
        self._numbers: dict[int, float] = dict(enumerate(tape.constants, len(tape.variables)))
        varying = program.varying
        rows = []
        for slot, (primitive, operands) in enumerate(tape.instructions, self._first):
            if varying[slot]:
                rows.append(slot)
            elif all(i in self._numbers for i in operands):
                self._numbers[slot] = primitive.value(*[self._numbers[i] for i in operands])
            else:
                self._uniform.append((primitive.value, operands, slot))
        self._varies = varying
        self._parts = [rows[i : i + PART_SIZE] for i in range(0, len(rows), PART_SIZE)] or [[]]
        #: Slot -> the last part that needs it; the last part of all needs the outputs.
        self._last_use: dict[int, int] = {}
        for part, slots in enumerate(self._parts):
            for slot in slots:
                self._last_use.update(dict.fromkeys(tape.instructions[slot - self._first].operands, part))
        self._last_use.update(dict.fromkeys(tape.outputs, len(self._parts) - 1))
        self._places: dict[int, int] = {}
        if len(self._parts) == 1:
            self._define_whole()
        else:
            self._define_run([], self._define_parts())

    def prepare(self, uniforms: Any) -> Any:
        """Return the numbers that all rows share, in the code's order: uniforms, and results of operations on them."""
        if not self._place_of_shared:
            return np.empty(0)
        slots = dict(enumerate([*uniforms.tolist(), *self._program.tape.constants], self._program.columns))
        for value, operands, slot in self._uniform:
            slots[slot] = value(*[slots[i] for i in operands])
        return np.array([slots[slot] for slot in self._place_of_shared], self._program.dtype)

    def _define_parts(self) -> list[str]:
        """Define a function for each part, and return the calls of these functions."""
        free: list[int] = []
        calls = []
        for number, slots in enumerate(self._parts):
            block = self._module.block()
            inside: dict[int, Vector | float] = {}
            for slot in slots:
                primitive, operands = self._program.tape.instructions[slot - self._first]
                given = [self._operand(block, i, inside) for i in operands]
                inside[slot] = apply(primitive, given)
            if number == len(self._parts) - 1:
                outputs = [self._operand(block, slot, inside) for slot in self._program.tape.outputs]
                for i, value in enumerate(outputs):
                    table = block.emit(f"getelementptr ptr, ptr %results, i64 {i}")
                    block.store(value, block.emit(f"load ptr, ptr {table}"), "%row", is_result=True)
            else:
                self._keep(block, inside, number, free)
            self.work += len(block.lines) + CALL_WORK * block.calls
            parameters = f"i64 %row, {_SIGNATURE}"
            self._module.define(f"void @part{number}({parameters})", [*block.lines, "ret void"], linkage="internal")
            calls.append(f"call void @part{number}({parameters})")
        return calls

    def _operand(self, block: Block, slot: int, inside: dict[int, Vector | float]) -> Vector | float:
        """Return the value of a slot in a block: computed there, a known number, or loaded."""
        if slot in self._numbers:
            return self._numbers[slot]
        if slot in inside:
            return inside[slot]
        if slot < self._program.columns:
            table = block.emit(f"getelementptr ptr, ptr %columns, i64 {slot}")
            value = block.load(block.emit(f"load ptr, ptr {table}"), "%row")
        elif self._varies[slot]:
            value = block.load("%scratch", str(self._places[slot] * self._module.lanes))
        else:
            place = self._place_of_shared.setdefault(slot, len(self._place_of_shared))
            value = block.load_scalar("%uniforms", str(place))
        inside[slot] = value
        return value

    def _keep(self, block: Block, inside: dict[int, Vector | float], part: int, free: list[int]) -> None:
        """Store values in free places of scratch memory, if later parts need them."""
        for slot, value in inside.items():
            if slot < self._first or not self._varies[slot] or slot in self._places or self._last_use[slot] <= part:
                continue
            if not isinstance(value, Vector):
                self._numbers[slot] = value
                continue
            if not free:
                free.append(self.scratch)
                self.scratch += 1
            self._places[slot] = free.pop()
            block.store(value, "%scratch", str(self._places[slot] * self._module.lanes))
        free += [place for slot, place in self._places.items() if self._last_use[slot] == part]

    def _define_whole(self) -> None:
        """Define the loop of a program that isn't cut.

        In a woven loop, two vectors are computed in one turn, operation by operation: while one waits for a result, the
        processor works on the other.  It looks ahead, but not as far as the next turn, where functions of mathematics
        are long chains of instructions that need each other.
        """
        tape, module = self._program.tape, self._module
        module.inlines, width = self._is_woven, WIDTH if self._is_woven else 1
        entry, block = module.block("e"), module.block()
        block.label = "loop"
        rows = ["%row", *[f"%row{i}" for i in range(1, width)]]
        values: list[dict[int, Vector | float]] = [{} for _ in rows]

        def pointer(table: str, place: int) -> str:
            return entry.emit(f"load ptr, ptr {entry.emit(f'getelementptr ptr, ptr %{table}, i64 {place}')}")

        def operand(slot: int, turn: int) -> Vector | float:
            if slot in self._numbers:
                return self._numbers[slot]
            inside = values[turn]
            if slot not in inside:
                if slot < self._program.columns:
                    inside[slot] = block.load(pointer("columns", slot), rows[turn])
                else:
                    place = self._place_of_shared.setdefault(slot, len(self._place_of_shared))
                    shared = entry.load_scalar("%uniforms", str(place))
                    inside[slot] = Vector(block, shared.name, shared.dtype)
            return inside[slot]

        order = self._by_time(self._parts[0]) if self._is_woven else self._parts[0]
        shared = self._shared_divisors() if self._is_woven else set()
        for slot in order:
            primitive, operands = tape.instructions[slot - self._first]
            for turn, inside in enumerate(values):
                given = [operand(i, turn) for i in operands]
                is_shared = primitive is f.div and operands[1] in shared
                inside[slot] = quotient(*given) if is_shared else apply(primitive, given)  # type: ignore[arg-type]
        for i, slot in enumerate(tape.outputs):
            for turn, row in enumerate(rows):
                block.store(operand(slot, turn), pointer("results", i), row, is_result=True)
        self.work = (len(block.lines) + CALL_WORK * block.calls) // width
        places = [f"{row} = add i64 %row, {i * module.lanes}" for i, row in enumerate(rows[1:], 1)]
        self._define_run(entry.lines, [*places, *block.lines], block.label, width)

    def _by_time(self, slots: Sequence[int]) -> list[int]:
        """Return slots in the middle between the earliest and the latest order in which their values can be computed.

        Operations that don't need each other then are near each other, and the processor works on several at once.
        """
        tape = self._program.tape
        times = {slot: _time(tape.instructions[slot - self._first].primitive) for slot in slots}
        begin: dict[int, int] = {}
        for slot in slots:
            operands = tape.instructions[slot - self._first].operands
            begin[slot] = max((begin[i] + times[i] for i in operands if i in begin), default=0)
        whole = max((begin[slot] + times[slot] for slot in slots), default=0)
        end: dict[int, int] = {}
        for slot in reversed(slots):
            for i in tape.instructions[slot - self._first].operands:
                end[i] = min(end.get(i, whole), end.get(slot, whole) - times[slot])
        return sorted(slots, key=lambda slot: begin[slot] + end.get(slot, whole) - times[slot])

    def _shared_divisors(self) -> set[int]:
        """Return the slots of divisors of several quotients; one division of 1 serves them all, with AVX-512."""
        if not has_avx512(self._module) or self._module.dtype != "float64":
            return set()
        divisors = [operands[1] for primitive, operands in self._program.tape.instructions if primitive is f.div]
        return {slot for slot, count in Counter(divisors).items() if count > 1 and self._varies[slot]}

    def _define_run(self, before: list[str], lines: list[str], last: str = "loop", width: int = 1) -> None:
        """Define the function ``run``: a loop over rows.

        Args:
            before: the lines before the loop.
            lines: the lines inside.
            last: the label that the last of these belong to.
            width: the vectors that they compute.
        """
        lines = [
            "entry:",
            *before,
            "br label %loop",
            "loop:",
            f"%row = phi i64 [ 0, %entry ], [ %next, %{last} ]",
            *lines,
            f"%next = add i64 %row, {self._module.lanes * width}",
            "%more = icmp ult i64 %next, %rows",
            "br i1 %more, label %loop, label %done",
            "done:",
            "ret void",
        ]
        self._module.define(f"void @run({_SIGNATURE})", lines)
