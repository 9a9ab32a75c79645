"""The loop of training: many updates of parameters by the gradient of a sum over rows, in one call.

A `Recipe` says what is computed: for a row, for a parameter and for a norm.  `Descent` makes a function of it: for each
update it goes over a batch, a vector of rows at a time, and adds the partial derivatives to one vector of sums for each
parameter; then it adds the sums up across their lanes, eight parameters at once, and moves the parameters.  It stops
before an update whose loss or gradient is not finite.  Products and sums are rounded together where the processor can.

A row's program is cut into functions of a few hundred operations, because compiling one takes more than linear time;
what one computes and another needs is kept in memory, for a few vectors of rows, so that each function stays in the
instruction cache for as many.  A partial derivative is added to its sum as soon as it is known.
"""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gradcli.execute.llvm.emitter import Block, Module, NoCompiledForm, Vector
from gradcli.execute.llvm.host import Host, host
from gradcli.execute.llvm.machine_code import Code
from gradcli.execute.llvm.vector_names import apply
from gradcli.execute.program import Program
from gradcli.execute.tape import Tape

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Descent", "Recipe", "has_compiled_form"]

#: Operations in a function.
PART_SIZE: Final = 400
#: Vectors of rows for which a function runs before the next one does: a few where all functions fit into the
#: instruction cache together, which they do with so many operations, more where they don't.
TILE: Final = 2
LARGE_TILE: Final = 8
FITS: Final = 3_000

_POINTER, _INTEGER, _NUMBER = ctypes.c_void_p, ctypes.c_int64, ctypes.c_double


class Recipe(NamedTuple):
    """What a `Descent` computes.

    Attributes:
        row: for a row of a batch.  The last column is the row's share of the mean, above 0, or 0 for a row that only
            fills a vector; the uniforms are the parameters; the sums are the loss, a measure, and the derivatives of
            the mean loss toward the parameters.  The loss is divided by the number of rows, the measure is not.
        seen: for a row set aside; the sums are the loss and the measure.  None if the operations of ``row`` that lead
            to these two, which come before all others, serve for that too.
        penalty: from a parameter to a term of the loss and its derivative.
        shortening: from the norm of the gradient to a factor on it.
        update: from a parameter, its gradient, the learning rate, the number of the update and the memory of the
            parameter to the parameter and its memory.
    """

    row: Program
    seen: Program | None
    penalty: Tape | None
    shortening: Tape | None
    update: Tape | None

    @property
    def parameters(self) -> int:
        """The number of parameters."""
        return self.row.uniforms


def has_compiled_form(*tapes: Tape) -> bool:
    """Whether every operation of tapes has a compiled form."""
    block = Module(Host("", "", "", 256, False), "float64").block()
    try:
        for tape in tapes:
            run_tape(tape, [block.splat(f"%x{i}") for i in range(len(tape.variables))])
    except NoCompiledForm:
        return False
    return True


class Descent:
    """A recipe made to run.

    Rows are packed: `pack` puts a vector of one column after that of another, and fills up the last vector with copies
    of a row that count nothing.

    Raises:
        NoCompiledForm: a primitive has none.
    """

    def __init__(self, recipe: Recipe, machine: Host | None = None) -> None:
        import numpy as np

        self.recipe = recipe
        module = Module(machine or host(), "float64", contract=True)
        #: Numbers in a vector.
        self.lanes = module.lanes
        #: Parameters, filled up to whole vectors.
        self.padded = -(-recipe.parameters // self.lanes) * self.lanes
        writer = _Writer(module, recipe, self.padded)
        writer.write_passes()
        code = Code(module)
        self._gradient = code.function("gradient", _NUMBER, _POINTER, _INTEGER, *[_POINTER] * 5)
        self._see = code.function("see", None, _POINTER, _INTEGER, *[_POINTER] * 4)
        if recipe.update is not None:
            # The loop is code of its own, so that another method finds the passes in the cache.
            module = Module(module.host, "float64", contract=True)
            _Writer(module, recipe, self.padded).write_train(recipe.update)
            self._train = Code(module).function("train", _INTEGER, *[_INTEGER] * 3, *[_POINTER] * 16, *[_INTEGER] * 3)
        # Vectors are read and written whole: they begin where the processor wants them to.
        self._sums = _aligned(np.zeros(0), (recipe.row.sums + self.lanes) * self.lanes)
        self._kept = _aligned(np.zeros(0), max(1, writer.kept) * self.lanes)
        self._slope = _aligned(np.zeros(0), self.padded)
        self._result = np.zeros(2)

    def pack(self, rows: Floats, counts: NDArray[np.int64]) -> Floats:
        """Rows as the loop reads them.

        Args:
            rows: shape (batches, rows, columns), without the share.
            counts: the rows of each batch that count, shape (batches,).

        Returns:
            Shape (batches, vectors, columns + 1, lanes).
        """
        import numpy as np

        batches, count, columns = rows.shape
        vectors = -(-count // self.lanes)
        full = np.empty((batches, vectors * self.lanes, columns + 1))
        full[:, :count, :-1] = rows
        full[:, count:, :-1] = rows[:, :1]
        full[:, :, -1] = np.where(np.arange(vectors * self.lanes) < counts[:, None], 1.0 / counts[:, None], 0.0)
        return np.ascontiguousarray(full.reshape(batches, vectors, self.lanes, columns + 1).swapaxes(2, 3))

    def fill(self, parameters: Floats) -> Floats:
        """A copy of a vector of parameters, or of their memory, that fills up whole vectors."""
        return _aligned(parameters, self.padded)

    def gradient(self, parameters: Floats, rows: Floats) -> tuple[float, float, Floats]:
        """Loss with penalties, sum of the measure, and gradient.

        Args:
            parameters: what `fill` gave.
            rows: one batch of what `pack` gave.
        """
        self._gradient(
            rows.ctypes.data,
            len(rows),
            parameters.ctypes.data,
            self._sums.ctypes.data,
            self._kept.ctypes.data,
            self._slope.ctypes.data,
            self._result.ctypes.data,
        )
        loss, measure = self._result.tolist()
        return loss, measure, self._slope[: self.recipe.parameters].copy()

    def see(self, parameters: Floats, rows: Floats) -> tuple[float, float]:
        """Loss without penalties and sum of the measure; arguments as for `gradient`."""
        self._see(
            rows.ctypes.data,
            len(rows),
            parameters.ctypes.data,
            self._sums.ctypes.data,
            self._kept.ctypes.data,
            self._result.ctypes.data,
        )
        loss, measure = self._result.tolist()
        return loss, measure

    def train(
        self,
        parameters: Floats,
        memory: Floats,
        batches: Floats,
        sizes: NDArray[np.int64],
        rates: Floats,
        first: int,
        seen: Floats | None,
        in_epoch: int,
    ) -> tuple[int, Floats, Floats]:
        """Run updates, until one is not finite.

        Args:
            parameters, memory: what `fill` gave, (padded,) and (names, padded); they are changed.
            batches: shape (1 or updates, vectors, columns, lanes); a single one serves all updates.
            sizes: the vectors of each batch that are used.
            rates: the learning rate of each update.
            first: the number of the first update in the run, from 0.
            seen: rows to look at after each epoch, as one batch.
            in_epoch: the updates of an epoch.

        Returns:
            How many updates are done; the loss before each and the sum of its measure; and the same of the rows to look
            at after each epoch: arrays of shape (2, updates) and (2, epochs).
        """
        import numpy as np

        updates = len(rates)
        past = np.empty((2, updates))
        after = np.empty((2, updates // in_epoch + 2))
        stride = batches[0].size if len(batches) > 1 else 0
        pointers = [
            batches, sizes, parameters, memory, rates, past[0], past[1], self._sums, self._kept, self._slope,
            self._result, batches if seen is None else seen, after[0], after[1],
        ]  # fmt: skip
        passes = [ctypes.cast(function, _POINTER) for function in (self._gradient, self._see)]
        done: int = self._train(
            updates,
            stride,
            first,
            *passes,
            *[array.ctypes.data for array in pointers],
            0 if seen is None else len(seen),
            in_epoch,
            in_epoch - first % in_epoch,
        )
        return done, past, after


def _aligned(numbers: Floats, size: int) -> Floats:
    """A copy with zeros behind it whose address is a multiple of 64."""
    import numpy as np

    room = np.zeros(size + 8)
    start = -room.ctypes.data % 64 // 8
    room[start : start + len(numbers)] = numbers
    return room[start : start + size]


class _Writer:
    """The text of a `Descent`.

    Attributes:
        kept: the vectors that go from one function to another.
    """

    def __init__(self, module: Module, recipe: Recipe, padded: int) -> None:
        self.kept = 0
        self._module = module
        self._recipe = recipe
        self._padded = padded
        self._align = module.host.bits // 8

    def write_passes(self) -> None:
        """Fill the module with what goes over rows."""
        row, seen = self._recipe.row, self._recipe.seen
        parts = self._cut("row", row)
        self._write_sweep("gradient", parts, parts.count)
        forward = parts if seen is None else self._cut("seen", seen)
        self._write_sweep("see", forward, forward.forward)
        self._write_gradient()
        self._write_see()

    def _cut(self, name: str, program: Program) -> _Parts:
        parts = _Parts(self._module, name, program)
        self.kept = max(self.kept, parts.kept * parts.tile)
        return parts

    def _write_sweep(self, name: str, parts: _Parts, count: int) -> None:
        """A function that runs the first functions of a program on all vectors of rows and adds to the sums."""
        tile, row = parts.tile, parts.columns * self._module.lanes
        lines = [
            "entry:",
            "br label %tile",
            "tile:",
            "%done = phi i64 [ 0, %entry ], [ %next, %tile.end ]",
            "%left = sub i64 %vectors, %done",
            f"%few = icmp ult i64 %left, {tile}",
            f"%count = select i1 %few, i64 %left, i64 {tile}",
            "%next = add i64 %done, %count",
            "br label %part0",
        ]
        for number in range(count):
            after = f"part{number + 1}" if number + 1 < count else "tile.end"
            before = f"part{number - 1}" if number else "tile"
            lines += [
                f"part{number}:",
                f"%vector{number} = phi i64 [ %done, %{before} ], [ %following{number}, %part{number} ]",
                f"%slot{number} = phi i64 [ 0, %{before} ], [ %slot.next{number}, %part{number} ]",
                f"%row{number} = mul i64 %vector{number}, {row}",
                f"%here{number} = getelementptr double, ptr %rows, i64 %row{number}",
                f"%place{number} = getelementptr double, ptr %kept, i64 %slot{number}",
                f"call void @{parts.name}.{number}(ptr %here{number}, ptr %parameters, ptr %sums, ptr %place{number})",
                f"%following{number} = add i64 %vector{number}, 1",
                f"%slot.next{number} = add i64 %slot{number}, {parts.kept * self._module.lanes}",
                f"%more{number} = icmp ult i64 %following{number}, %next",
                f"br i1 %more{number}, label %part{number}, label %{after}",
            ]
        lines += [
            "tile.end:",
            "%again = icmp ult i64 %next, %vectors",
            "br i1 %again, label %tile, label %end",
            "end:",
            "ret void",
        ]
        self._module.define(f"void @{name}.sweep({_SWEEP})", lines, linkage="internal")

    def _take_sum(self, number: int, lines: list[str]) -> str:
        """A sum over the lanes, which then holds 0 again."""
        kind, lanes = self._module.vector, self._module.lanes
        address, vector, total = f"%sum{number}", f"%lanes{number}", f"%total{number}"
        reduce = f"llvm.vector.reduce.fadd.v{lanes}f64"
        self._module.declare(reduce, f"declare double @{reduce}(double, {kind})")
        lines += [
            f"{address} = getelementptr {kind}, ptr %sums, i64 {number}",
            f"{vector} = load {kind}, ptr {address}, align {self._align}",
            f"store {kind} zeroinitializer, ptr {address}, align {self._align}",
            f"{total} = call reassoc double @{reduce}(double 0.0, {kind} {vector})",
        ]
        return total

    def _share(self, program: Program) -> list[str]:
        """Load the share of the first row in the mean."""
        return [
            f"%place = getelementptr double, ptr %rows, i64 {(program.columns - 1) * self._module.lanes}",
            "%share = load double, ptr %place",
        ]

    def _write_see(self) -> None:
        lines = [f"call void @see.sweep({_SWEEP})", *self._share(self._recipe.seen or self._recipe.row)]
        loss, measure = self._take_sum(0, lines), self._take_sum(1, lines)
        lines += [
            f"%mean = fmul double {loss}, %share",
            "store double %mean, ptr %result",
            "%second = getelementptr double, ptr %result, i64 1",
            f"store double {measure}, ptr %second",
            "ret void",
        ]
        self._module.define(f"void @see({_SWEEP}, ptr noalias %result)", lines)

    def _write_gradient(self) -> None:
        """A function that adds up across the lanes, adds the penalty, and returns the square of the norm."""
        module, penalty = self._module, self._recipe.penalty
        block, kind, lanes = module.block(), module.vector, module.lanes
        lines = block.lines
        lines += ["entry:", f"call void @gradient.sweep({_SWEEP})", *self._share(self._recipe.row)]
        loss, measure = self._take_sum(0, lines), self._take_sum(1, lines)
        lines += [
            f"%mean = fmul double {loss}, %share",
            f"%first = getelementptr {kind}, ptr %sums, i64 2",
            "br label %group",
            "group:",
            "%base = phi i64 [ 0, %entry ], [ %next, %group ]",
            f"%square = phi {kind} [ zeroinitializer, %entry ], [ %square.next, %group ]",
            f"%extra = phi {kind} [ zeroinitializer, %entry ], [ %extra.next, %group ]",
            f"%group.first = getelementptr {kind}, ptr %first, i64 %base",
        ]
        vectors = []
        for lane in range(lanes):
            address, name = f"%address{lane}", f"%lane{lane}"
            lines += [
                f"{address} = getelementptr {kind}, ptr %group.first, i64 {lane}",
                f"{name} = load {kind}, ptr {address}, align {self._align}",
                f"store {kind} zeroinitializer, ptr {address}, align {self._align}",
            ]
            vectors.append(Vector(block, name, "float64"))
        slope = _add_across(block, vectors)
        square, extra = Vector(block, "%square", "float64"), Vector(block, "%extra", "float64")
        if penalty is not None:
            term, change = run_tape(penalty, [block.load("%parameters", "%base")])
            slope, extra = slope + change, extra + term
        block.store(slope, "%slope", "%base")
        # A new name for what the next round begins with.
        lines.append(f"%square.next = fadd {kind} {(square + slope * slope).name}, splat (double -0.0)")
        lines.append(f"%extra.next = fadd {kind} {extra.name}, splat (double -0.0)")
        reduce = f"llvm.vector.reduce.fadd.v{lanes}f64"
        lines += [
            f"%next = add i64 %base, {lanes}",
            f"%more = icmp ult i64 %next, {self._padded}",
            "br i1 %more, label %group, label %end",
            "end:",
            f"%penalty = call reassoc double @{reduce}(double 0.0, {kind} %extra.next)",
            "%all = fadd double %mean, %penalty",
            "store double %all, ptr %result",
            "%second = getelementptr double, ptr %result, i64 1",
            f"store double {measure}, ptr %second",
            f"%norm = call reassoc double @{reduce}(double 0.0, {kind} %square.next)",
            "ret double %norm",
        ]
        module.define(f"double @gradient({_SWEEP}, ptr noalias %slope, ptr noalias %result)", lines)

    def write_train(self, update: Tape) -> None:
        """Fill the module with the loop, which is given the passes."""
        module = self._module
        block, lanes = module.block(), module.lanes
        lines = block.lines
        lines += [
            "entry:",
            "%second = getelementptr double, ptr %result, i64 1",
            "br label %update",
            "update:",
            "%done = phi i64 [ 0, %entry ], [ %done.next, %turn ]",
            "%left = phi i64 [ %remaining, %entry ], [ %left.next, %turn ]",
            "%epoch = phi i64 [ 0, %entry ], [ %epoch.next, %turn ]",
            "%start = mul i64 %done, %stride",
            "%batch = getelementptr double, ptr %batches, i64 %start",
            "%size = getelementptr i64, ptr %sizes, i64 %done",
            "%vectors = load i64, ptr %size",
            "%norm = call double %gradient(ptr %batch, i64 %vectors, ptr %parameters, ptr %sums, ptr %kept, ptr %slope,"
            " ptr %result)",
            "%loss = load double, ptr %result",
            "%measure = load double, ptr %second",
            "%loss.zero = fmul double %loss, 0.0",
            "%norm.zero = fmul double %norm, 0.0",
            "%zero = fadd double %loss.zero, %norm.zero",
            "%finite = fcmp oeq double %zero, 0.0",
            "br i1 %finite, label %step, label %stop",
            "stop:",
            "ret i64 %done",
            "step:",
            "%loss.place = getelementptr double, ptr %losses, i64 %done",
            "store double %loss, ptr %loss.place",
            "%measure.place = getelementptr double, ptr %measures, i64 %done",
            "store double %measure, ptr %measure.place",
            "%rate.place = getelementptr double, ptr %rates, i64 %done",
            "%rate = load double, ptr %rate.place",
            "%index = add i64 %done, %before",
            "%number = add i64 %index, 1",
            "%count = uitofp i64 %number to double",
        ]
        shared = [block.splat("%rate"), block.splat("%count")]
        factor: Any = None
        if self._recipe.shortening is not None:
            norm = block.intrinsic("sqrt", block.splat("%norm"))
            (factor,) = run_tape(self._recipe.shortening, [norm])
        # What is the same for all parameters is computed before the loop over them.
        known: dict[int, Any] = {2: shared[0], 3: shared[1]}
        first = len(update.variables)
        known |= enumerate(update.constants, first)
        first += len(update.constants)
        own = []
        for slot, instruction in enumerate(update.instructions, first):
            if all(i in known for i in instruction.operands):
                known[slot] = apply(instruction.primitive, [known[i] for i in instruction.operands])
            else:
                own.append((slot, instruction))
        lines += ["br label %group", "group:", "%base = phi i64 [ 0, %step ], [ %next, %group ]"]
        slope = block.load("%slope", "%base")
        values = known | {0: block.load("%parameters", "%base"), 1: slope if factor is None else slope * factor}
        places = ["%base"]
        for number in range(len(update.variables) - 4):
            places.append(block.emit(f"add i64 %base, {number * self._padded}"))
            values[4 + number] = block.load("%memory", places[-1])
        for slot, (primitive, operands) in own:
            values[slot] = apply(primitive, [values[i] for i in operands])
        block.store(values[update.outputs[0]], "%parameters", "%base")
        for place, output in zip(places[1:], update.outputs[1:], strict=True):
            block.store(values[output], "%memory", place)
        lines += [
            f"%next = add i64 %base, {lanes}",
            f"%more = icmp ult i64 %next, {self._padded}",
            "br i1 %more, label %group, label %count.down",
            "count.down:",
            "%left.less = sub i64 %left, 1",
            "%ends = icmp eq i64 %left.less, 0",
            "br i1 %ends, label %epoch.end, label %turn",
            "epoch.end:",
            "%epoch.more = add i64 %epoch, 1",
            "%watched = icmp ne i64 %unseen, 0",
            "br i1 %watched, label %look, label %turn",
            "look:",
            "call void %see(ptr %aside, i64 %unseen, ptr %parameters, ptr %sums, ptr %kept, ptr %result)",
            "%seen.loss = load double, ptr %result",
            "%seen.measure = load double, ptr %second",
            "%seen.place = getelementptr double, ptr %seen.losses, i64 %epoch",
            "store double %seen.loss, ptr %seen.place",
            "%seen.second = getelementptr double, ptr %seen.measures, i64 %epoch",
            "store double %seen.measure, ptr %seen.second",
            "br label %turn",
            "turn:",
            "%left.next = phi i64 [ %left.less, %count.down ], [ %in.epoch, %epoch.end ], [ %in.epoch, %look ]",
            "%epoch.next = phi i64 [ %epoch, %count.down ], [ %epoch.more, %epoch.end ], [ %epoch.more, %look ]",
            "%done.next = add i64 %done, 1",
            "%again = icmp ult i64 %done.next, %updates",
            "br i1 %again, label %update, label %end",
            "end:",
            "ret i64 %done.next",
        ]
        names = (
            "batches", "sizes", "parameters", "memory", "rates", "losses", "measures", "sums", "kept", "slope",
            "result", "aside", "seen.losses", "seen.measures",
        )  # fmt: skip
        pointers = ", ".join(f"ptr noalias %{name}" for name in names)
        module.define(
            "i64 @train(i64 %updates, i64 %stride, i64 %before, ptr %gradient, ptr %see, "
            f"{pointers}, i64 %unseen, i64 %in.epoch, i64 %remaining)",
            lines,
        )


_SWEEP: Final = "ptr %rows, i64 %vectors, ptr %parameters, ptr %sums, ptr %kept"


def run_tape(tape: Tape, inputs: list[Vector]) -> list[Any]:
    """The outputs of a tape on vectors."""
    values: list[Any] = [*inputs, *tape.constants]
    for primitive, operands in tape.instructions:
        values.append(apply(primitive, [values[i] for i in operands]))
    return [values[i] for i in tape.outputs]


def _add_across(block: Block, vectors: list[Vector]) -> Vector:
    """The sum of each of as many vectors as they have lanes, in the lane of its number."""
    kind, lanes = block.module.vector, len(vectors)
    width = 1
    while len(vectors) > 1:
        sums = []
        for one, other in zip(vectors[::2], vectors[1::2], strict=True):
            halves = []
            for half in range(2):
                indices = []
                for lane in range(lanes):
                    chunk, within = divmod(lane, width)
                    from_other = chunk % 2
                    indices.append((chunk - from_other + half) * width + within + from_other * lanes)
                chosen = ", ".join(f"i32 {i}" for i in indices)
                text = f"shufflevector {kind} {one.name}, {kind} {other.name}, <{lanes} x i32> <{chosen}>"
                halves.append(Vector(block, block.emit(text), "float64"))
            sums.append(halves[0] + halves[1])
        vectors, width = sums, 2 * width
    return vectors[0]


class _Parts:
    """A program on one vector of rows at a time, cut into functions.

    What leads to the first two sums comes first, in functions that touch no other sum.

    Attributes:
        name: the functions are named with it and a number from 0.
        count, forward: of the functions, and of those that lead to the first two sums.
        kept: the vectors that go from one to another.
        columns: of the program.
        tile: the vectors of rows for which a function runs before the next one does.
    """

    def __init__(self, module: Module, name: str, program: Program) -> None:
        self.name = name
        self.columns = program.columns
        self._module = module
        self._program = program
        tape = program.tape
        size = len(tape.instructions)
        self.tile = TILE if size <= FITS else LARGE_TILE
        self._first = len(tape.variables) + len(tape.constants)
        middle = max(0, max(tape.outputs[:2]) - self._first + 1)
        bounds = _pieces(0, middle)
        self.forward = len(bounds)
        bounds += _pieces(middle, size) if len(tape.outputs) > 2 else []
        self.count = len(bounds)
        self._bounds = bounds
        parts = [part for part, (start, stop) in enumerate(bounds) for _ in range(start, stop)]
        #: Slot -> the sums that are made of it where it is computed; part -> the others that it adds to, with slots.
        self._sums: dict[int, list[int]] = {}
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
        """The value of a slot: computed here, a number, or loaded."""
        if slot in values:
            return values[slot]
        tape, program = self._program.tape, self._program
        if slot < program.columns:
            values[slot] = block.load("%row", str(slot * self._module.lanes))
        elif slot < len(tape.variables):
            values[slot] = block.load_scalar("%parameters", str(slot - program.columns))
        elif slot < self._first:
            values[slot] = tape.constants[slot - len(tape.variables)]
        else:
            values[slot] = block.load("%vectors", str(self._places[slot] * self._module.lanes))
        return values[slot]

    def _add(self, block: Block, number: int, value: Any) -> None:
        """Add a value to a sum."""
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
    """A range in parts of equal length, at least one: a short one would only need more vectors to be kept."""
    count = max(1, -(-(stop - start) // PART_SIZE))
    size = -(-(stop - start) // count)
    return [(start + i * size, min(start + (i + 1) * size, stop)) for i in range(count)]
