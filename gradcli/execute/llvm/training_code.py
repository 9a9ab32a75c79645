"""The LLVM code of the training loop: passes over the rows of a batch, and updates of the parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from gradcli.execute.llvm.emitter import Block, LLVMModule, Vector
from gradcli.execute.llvm.program_parts import ProgramParts
from gradcli.execute.llvm.vector_names import apply, run_tape
from gradcli.execute.program import Program
from gradcli.execute.tape import Tape
from gradcli.records import NamedTuple

__all__ = ["Recipe", "TrainingCode"]

_ROWS: Final = "ptr %rows, i64 %vectors, ptr %parameters, ptr %sums, ptr %kept"
#: The arrays of the loop, in the order of its parameters.
_ARRAYS: Final = (
    "batches", "sizes", "parameters", "memory", "rates", "losses", "measures", "sums", "kept", "slope", "result",
    "held.out", "after.losses", "after.measures",
)  # fmt: skip


class Recipe(NamedTuple):
    """The computations of a compiled loop of training.

    Attributes:
        row: the program of a row of a batch.  Its last column is the share of the row in the mean, which is 0 for a row
            that only fills up a vector.  Its uniforms are the parameters.  Its outputs, which are summed over rows, are
            the loss, a measure, and the derivatives of the mean loss with respect to the parameters.  The loop divides
            the loss by the number of rows, but not the measure.
        evaluation: the program of a held-out row, whose outputs are the loss and the measure; None if the first
            operations of ``row`` compute these.
        penalty: the tape that computes a term of the loss and its derivative, given a parameter.
        clipping: the tape that computes a factor for the gradient, given its norm.
        update: the tape that computes a parameter and its memory, given the old parameter, its gradient, the learning
            rate, the number of the update and the old memory.
    """

    row: Program
    evaluation: Program | None
    penalty: Tape | None
    clipping: Tape | None
    update: Tape | None


class TrainingCode:
    """The writer of the functions of a recipe.

    Args:
        module: the module in which the functions are defined.
        recipe: the computations of the functions.
        padded: the number of parameters, rounded up to whole vectors.

    Attributes:
        kept: the number of vectors that functions store for later functions.
    """

    def __init__(self, module: LLVMModule, recipe: Recipe, padded: int) -> None:
        self.kept = 0
        self._module = module
        self._recipe = recipe
        self._padded = padded
        self._reduce = f"llvm.vector.reduce.fadd.v{module.lanes}f64"

    def write_passes(self) -> None:
        """Define the functions ``gradient`` and ``evaluate``, which run over the rows of a batch."""
        self._module.declare(self._reduce, f"declare double @{self._reduce}(double, {self._module.vector})")
        row, evaluation = self._recipe.row, self._recipe.evaluation
        parts = self._cut("row", row)
        self._write_sweep("gradient", parts, parts.count)
        forward = parts if evaluation is None else self._cut("held.out", evaluation)
        self._write_sweep("evaluate", forward, forward.forward)
        self._write_gradient()
        lines = [*self._begin_pass("evaluate", evaluation or row), "store double %mean, ptr %result", "ret void"]
        self._module.define(f"void @evaluate({_ROWS}, ptr noalias %result)", lines)

    def _cut(self, name: str, program: Program) -> ProgramParts:
        parts = ProgramParts(self._module, name, program)
        self.kept = max(self.kept, parts.kept * parts.tile)
        return parts

    def _write_sweep(self, name: str, parts: ProgramParts, count: int) -> None:
        """Define a function that runs the first ``count`` parts of a program on all vectors of rows."""
        tile, lanes = parts.tile, self._module.lanes
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
        for i in range(count):
            after = f"part{i + 1}" if i + 1 < count else "tile.end"
            before = f"part{i - 1}" if i else "tile"
            lines += [
                f"part{i}:",
                f"%vector{i} = phi i64 [ %done, %{before} ], [ %following{i}, %part{i} ]",
                f"%slot{i} = phi i64 [ 0, %{before} ], [ %slot.next{i}, %part{i} ]",
                f"%start{i} = mul i64 %vector{i}, {parts.columns * lanes}",
                _address(f"%row{i}", "%rows", f"%start{i}"),
                _address(f"%place{i}", "%kept", f"%slot{i}"),
                f"call void @{parts.name}.{i}(ptr %row{i}, ptr %parameters, ptr %sums, ptr %place{i})",
                f"%following{i} = add i64 %vector{i}, 1",
                f"%slot.next{i} = add i64 %slot{i}, {parts.kept * lanes}",
                *_repeat(f"%more{i}", f"%following{i}", "%next", f"part{i}", after),
            ]
        lines += ["tile.end:", *_repeat("%again", "%next", "%vectors", "tile", "end"), "end:", "ret void"]
        self._module.define(f"void @{name}.sweep({_ROWS})", lines, linkage="internal")

    def _take(self, name: str, sums: str, number: int) -> list[str]:
        """Return the instructions that load one of the sums, a vector, and set it to 0."""
        kind, align = self._module.vector, self._module.host.bits // 8
        return [
            _address(f"{name}.place", sums, number, kind),
            f"{name} = load {kind}, ptr {name}.place, align {align}",
            f"store {kind} zeroinitializer, ptr {name}.place, align {align}",
        ]

    def _added_up(self, name: str, vector: str) -> str:
        """Return the instruction that adds up the numbers of a vector."""
        return f"{name} = call reassoc double @{self._reduce}(double 0.0, {self._module.vector} {vector})"

    def _begin_pass(self, name: str, program: Program) -> list[str]:
        """Return the instructions for one pass over the rows.

        After these instructions, ``%mean`` is the loss of the rows divided by their number, and the measure is stored.
        """
        return [
            f"call void @{name}.sweep({_ROWS})",
            # All rows of a batch that count have the same share.
            *_load("%share", "%rows", (program.columns - 1) * self._module.lanes),
            *self._take("%losses", "%sums", 0),
            self._added_up("%loss", "%losses"),
            *self._take("%measures", "%sums", 1),
            self._added_up("%measure", "%measures"),
            "%mean = fmul double %loss, %share",
            *_store("%measure", "%result", 1),
        ]

    def _write_gradient(self) -> None:
        """Define the function ``gradient``, which adds up the sums and the penalties, and returns the squared norm."""
        module, penalty = self._module, self._recipe.penalty
        block, kind, lanes = module.block(), module.vector, module.lanes
        lines = block.lines
        lines += [
            "entry:",
            *self._begin_pass("gradient", self._recipe.row),
            _address("%first", "%sums", 2, kind),
            "br label %group",
            "group:",
            "%base = phi i64 [ 0, %entry ], [ %next, %group ]",
            f"%square = phi {kind} [ zeroinitializer, %entry ], [ %square.next, %group ]",
            f"%extra = phi {kind} [ zeroinitializer, %entry ], [ %extra.next, %group ]",
            _address("%group.first", "%first", "%base", kind),
        ]
        for lane in range(lanes):
            lines += self._take(f"%lane{lane}", "%group.first", lane)
        slope = _add_across(block, [Vector(block, f"%lane{lane}", "float64") for lane in range(lanes)])
        square, extra = Vector(block, "%square", "float64"), Vector(block, "%extra", "float64")
        if penalty is not None:
            term, change = run_tape(penalty, [block.load("%parameters", "%base")])
            slope, extra = slope + change, extra + term
        block.store(slope, "%slope", "%base")
        lines += [
            # Adding -0.0 changes nothing: it only gives a value the name that is expected above.
            f"%square.next = fadd {kind} {(square + slope * slope).name}, splat (double -0.0)",
            f"%extra.next = fadd {kind} {extra.name}, splat (double -0.0)",
            f"%next = add i64 %base, {lanes}",
            *_repeat("%more", "%next", self._padded, "group", "end"),
            "end:",
            self._added_up("%penalty", "%extra.next"),
            "%all = fadd double %mean, %penalty",
            "store double %all, ptr %result",
            self._added_up("%norm", "%square.next"),
            "ret double %norm",
        ]
        module.define(f"double @gradient({_ROWS}, ptr noalias %slope, ptr noalias %result)", lines)

    def write_train(self, update: Tape) -> None:
        """Define ``train``, the loop of updates; the addresses of the two passes are among its arguments."""
        block = self._module.block()
        lines = block.lines
        lines += [
            "entry:",
            "br label %update",
            "update:",
            "%done = phi i64 [ 0, %entry ], [ %done.next, %turn ]",
            "%left = phi i64 [ %remaining, %entry ], [ %left.next, %turn ]",
            "%epoch = phi i64 [ 0, %entry ], [ %epoch.next, %turn ]",
            "%start = mul i64 %done, %stride",
            _address("%batch", "%batches", "%start"),
            *_load("%vectors", "%sizes", "%done", "i64"),
            "%norm = call double %gradient(ptr %batch, i64 %vectors, ptr %parameters, ptr %sums, ptr %kept, ptr %slope,"
            " ptr %result)",
            *_load("%loss", "%result", 0),
            *_load("%measure", "%result", 1),
            # 0 times a number is 0, unless the number is infinite or nan.
            "%loss.zero = fmul double %loss, 0.0",
            "%norm.zero = fmul double %norm, 0.0",
            "%zero = fadd double %loss.zero, %norm.zero",
            "%finite = fcmp oeq double %zero, 0.0",
            "br i1 %finite, label %step, label %stop",
            "stop:",
            "ret i64 %done",
            "step:",
            *_store("%loss", "%losses", "%done"),
            *_store("%measure", "%measures", "%done"),
            *_load("%rate", "%rates", "%done"),
            "%index = add i64 %done, %before",
            "%number = add i64 %index, 1",
            "%count = uitofp i64 %number to double",
        ]
        self._write_update(block, update)
        lines += [
            "%left.less = sub i64 %left, 1",
            "%ends = icmp eq i64 %left.less, 0",
            "br i1 %ends, label %epoch.end, label %turn",
            "epoch.end:",
            "%epoch.more = add i64 %epoch, 1",
            "%evaluates = icmp ne i64 %held.out.rows, 0",
            "br i1 %evaluates, label %evaluation, label %turn",
            "evaluation:",
            "call void %evaluate(ptr %held.out, i64 %held.out.rows, ptr %parameters, ptr %sums, ptr %kept,"
            " ptr %result)",
            *_load("%after.loss", "%result", 0),
            *_load("%after.measure", "%result", 1),
            *_store("%after.loss", "%after.losses", "%epoch"),
            *_store("%after.measure", "%after.measures", "%epoch"),
            "br label %turn",
            "turn:",
            "%left.next = phi i64 [ %left.less, %moved ], [ %in.epoch, %epoch.end ], [ %in.epoch, %evaluation ]",
            "%epoch.next = phi i64 [ %epoch, %moved ], [ %epoch.more, %epoch.end ], [ %epoch.more, %evaluation ]",
            "%done.next = add i64 %done, 1",
            *_repeat("%again", "%done.next", "%updates", "update", "end"),
            "end:",
            "ret i64 %done.next",
        ]
        arrays = ", ".join(f"ptr noalias %{name}" for name in _ARRAYS)
        self._module.define(
            "i64 @train(i64 %updates, i64 %stride, i64 %before, ptr %gradient, ptr %evaluate, "
            f"{arrays}, i64 %held.out.rows, i64 %in.epoch, i64 %remaining)",
            lines,
        )

    def _write_update(self, block: Block, update: Tape) -> None:
        """Update all parameters, in a loop from the label ``step`` to the label ``moved``."""
        lines = block.lines
        values: dict[int, Any] = {2: block.splat("%rate"), 3: block.splat("%count")}
        factor: Any = None
        if self._recipe.clipping is not None:
            (factor,) = run_tape(self._recipe.clipping, [block.intrinsic("sqrt", block.splat("%norm"))])
        # Values that are the same for all parameters are computed before the loop over the parameters.
        first = len(update.variables)
        values |= enumerate(update.constants, first)
        varying = []
        for slot, (primitive, operands) in enumerate(update.instructions, first + len(update.constants)):
            if all(i in values for i in operands):
                values[slot] = apply(primitive, [values[i] for i in operands])
            else:
                varying.append((slot, primitive, operands))
        lines += ["br label %group", "group:", "%base = phi i64 [ 0, %step ], [ %next, %group ]"]
        slope = block.load("%slope", "%base")
        values[0], values[1] = block.load("%parameters", "%base"), slope if factor is None else slope * factor
        places = ["%base"]
        for slot in range(4, first):
            places.append(block.emit(f"add i64 %base, {(slot - 4) * self._padded}"))
            values[slot] = block.load("%memory", places[-1])
        for slot, primitive, operands in varying:
            values[slot] = apply(primitive, [values[i] for i in operands])
        for array, place, output in zip(["%parameters"] + ["%memory"] * first, places, update.outputs, strict=False):
            block.store(values[output], array, place)
        lines.append(f"%next = add i64 %base, {self._module.lanes}")
        lines += [*_repeat("%more", "%next", self._padded, "group", "moved"), "moved:"]


def _address(name: str, array: str, index: int | str, kind: str = "double") -> str:
    """Return the instruction that computes the address of an element of an array."""
    return f"{name} = getelementptr {kind}, ptr {array}, i64 {index}"


def _load(name: str, array: str, index: int | str, kind: str = "double") -> list[str]:
    """Return the instructions that load an element of an array."""
    return [_address(f"{name}.place", array, index, kind), f"{name} = load {kind}, ptr {name}.place"]


def _store(value: str, array: str, index: int | str) -> list[str]:
    """Return the instructions that put a number into an array."""
    return [_address(f"{value}.target", array, index), f"store double {value}, ptr {value}.target"]


def _repeat(condition: str, index: str, limit: int | str, start: str, end: str) -> list[str]:
    """Return the instructions that repeat a loop while an index is below a limit, and then leave it."""
    return [f"{condition} = icmp ult i64 {index}, {limit}", f"br i1 {condition}, label %{start}, label %{end}"]


def _add_across(block: Block, vectors: Sequence[Vector]) -> Vector:
    """Return a vector whose lane i is the sum of the numbers of vector i.

    The number of vectors is the number of lanes.
    """
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
