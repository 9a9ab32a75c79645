"""The LLVM code of the training loop: passes over the rows of a batch, and updates of the parameters."""

from __future__ import annotations

from typing import Final

from gradcli.execute.llvm.emitter import LLVMModule, Vector
from gradcli.execute.llvm.host import address_of
from gradcli.execute.llvm.net_code import SUMS, NetCode
from gradcli.execute.llvm.update_code import UpdateCode
from gradcli.execute.llvm.vector_names import run_tape
from gradcli.execute.staged import StagedNet
from gradcli.execute.tape import Tape
from gradcli.records import NamedTuple

__all__ = ["APART", "Recipe", "TrainingCode", "can_yield"]

#: The bytes between the counters of two threads: a power of two.
APART: Final = 128
#: How often a thread looks for the other one before it lets others run.
_PATIENCE: Final = 2000

_ROWS: Final = "ptr %rows, i64 %vectors, ptr %table, ptr %parameters, ptr %sums, ptr %kept"
#: The shares of the work that a thread does, and what `meet` needs; a thread that is alone does both.
_SHARES: Final = "i64 %share.first, i64 %share.end, ptr %threads"
_ALONE: Final = "i64 0, i64 2, ptr null"
#: The arrays of the loop, in the order of its parameters.
_ARRAYS: Final = (
    "batches", "sizes", "table", "parameters", "memory", "rates", "losses", "measures", "sums", "kept", "slope",
    "result", "held.out", "held.table", "after.losses", "after.measures",
)  # fmt: skip


class Recipe(NamedTuple):
    """The computations of a compiled loop of training.

    Attributes:
        net: the net, its loss and the derivatives of the loss.
        penalty: the tape that computes a term of the loss and its derivative, given a parameter.
        clipping: the tape that computes a factor for the gradient, given its norm.
        update: the tape that computes a parameter and its memory, given the old parameter, its gradient, the learning
            rate, the number of the update and the old memory.
    """

    net: StagedNet
    penalty: Tape | None
    clipping: Tape | None
    update: Tape | None


class TrainingCode:
    """The writer of the functions of a recipe.

    Args:
        module: the module in which the functions are defined.
        recipe: the computations of the functions.

    Attributes:
        passes: the writer of the passes over rows.
    """

    def __init__(self, module: LLVMModule, recipe: Recipe) -> None:
        self.passes = NetCode(module, recipe.net)
        self._module = module
        self._recipe = recipe
        self._padded = self.passes.layout.parameters
        self._number = module.number

    def write_passes(self) -> None:
        """Define the functions ``gradient`` and ``evaluate``, which run over the rows of a batch."""
        write_meet(self._module)
        self.passes.write()
        self._write_gradient()
        self._write_evaluate()

    def _write_evaluate(self) -> None:
        """Define the function ``evaluate``: the loss without penalties, and the measure.

        If ``%adds`` isn't 0, both are those of these rows and of the rows of the calls before, up to one where it is 0.
        """
        lines = [f"call void @evaluate.sweep({_ROWS}, ptr null, {_SHARES}, i64 %adds)"]
        lines += self._take_sums("%rows", "%sums")
        lines += [*self._store_wide("%mean", 0), *self._store_wide("%right", 1), "ret void"]
        self._module.define(f"void @evaluate(i64 %adds, {_ROWS}, ptr noalias %result, {_SHARES})", lines)

    def _added_up(self, name: str, vector: str) -> str:
        """Return the instruction that adds up the numbers of a vector."""
        return f"{name} = {self._module.total(vector)}"

    def _sum(self, name: str, sums: str, number: int) -> list[str]:
        """Return the instructions that add one of the sums of both shares."""
        kind, align = self._module.vector, self._module.host.bits // 8
        lines = []
        for share in range(2):
            part = f"{name}.{share}"
            lines.append(_address(f"{part}.place", sums, SUMS * share + number, kind))
            lines.append(f"{part} = load {kind}, ptr {part}.place, align {align}")
        return [*lines, f"{name} = fadd {kind} {name}.0, {name}.1"]

    def _take_sums(self, rows: str, sums: str) -> list[str]:
        """Return the instructions after a pass over rows: ``%mean`` is their loss, and ``%right`` their measure."""
        return [
            # All rows of a batch that count have the same share.
            *_load("%share", rows, self.passes.layout.share, self._number),
            *self._sum("%sum.losses", sums, 0),
            self._added_up("%total", "%sum.losses"),
            *self._sum("%sum.measures", sums, 1),
            self._added_up("%right", "%sum.measures"),
            f"%mean = fmul {self._number} %total, %share",
        ]

    def _take_gradient_sums(self, square: str, extra: str) -> list[str]:
        """Return the instructions for the loss with penalties, ``%all``, and the squared norm, ``%norm``, as doubles.

        Args:
            square, extra: the vectors of squares of the gradient, and of penalties.
        """
        return [
            self._added_up("%penalty", extra),
            f"%all = fadd {self._number} %mean, %penalty",
            self._added_up("%squares", square),
            *self._widened("%all"),
            *self._widened("%squares"),
            *self._widened("%right"),
        ]

    def _widened(self, name: str) -> list[str]:
        """Return the instruction that converts a number to a double, under its name with ``.wide``."""
        word = "fpext float" if self._number == "float" else "bitcast double"
        return [f"{name}.wide = {word} {name} to double"]

    def _narrowed(self, name: str) -> list[str]:
        """Return the instruction that converts a double to a number of the net, under its name with ``.narrow``."""
        word = "fptrunc" if self._number == "float" else "bitcast"
        return [f"{name}.narrow = {word} double {name} to {self._number}"]

    def _store_wide(self, name: str, place: int) -> list[str]:
        """Return the instructions that put a number into the array of results, which are doubles."""
        return [*self._widened(name), *_store(f"{name}.wide", "%result", place)]

    def _write_gradient(self) -> None:
        """Define the function ``gradient``, which adds up the sums and the penalties, and returns the squared norm."""
        module, penalty = self._module, self._recipe.penalty
        block, kind, lanes = module.block(), module.vector, module.lanes
        lines = block.lines
        lines += [
            "entry:",
            f"call void @gradient.sweep({_ROWS}, ptr %slope, {_ALONE})",
            *self._take_sums("%rows", "%sums"),
            "br label %group",
            "group:",
            "%base = phi i64 [ 0, %entry ], [ %next, %group ]",
            f"%square = phi {kind} [ zeroinitializer, %entry ], [ %square.next, %group ]",
            f"%extra = phi {kind} [ zeroinitializer, %entry ], [ %extra.next, %group ]",
        ]
        slope = block.load("%slope", "%base")
        square, extra = (Vector(block, name, module.dtype) for name in ("%square", "%extra"))
        if penalty is not None:
            term, change = run_tape(penalty, [block.load("%parameters", "%base")])
            slope, extra = slope + change, extra + term
            block.store(slope, "%slope", "%base")
        lines += [
            # Adding -0.0 changes nothing: it only gives a value the name that is expected above.
            f"%square.next = fadd {kind} {(square + slope * slope).name}, splat ({module.number} -0.0)",
            f"%extra.next = fadd {kind} {extra.name}, splat ({module.number} -0.0)",
            f"%next = add i64 %base, {lanes}",
            *_repeat("%more", "%next", self._padded, "group", "end"),
            "end:",
            *self._take_gradient_sums("%square.next", "%extra.next"),
            *_store("%all.wide", "%result", 0),
            *_store("%right.wide", "%result", 1),
            "ret double %squares.wide",
        ]
        module.define(f"double @gradient({_ROWS}, ptr noalias %slope, ptr noalias %result)", lines)

    def write_train(self, update: Tape) -> None:
        """Define ``train``, the loop of updates, and the functions that it calls.

        Without clipping, weights are updated while the gradient of others is computed.  Then the state after an update
        whose loss or gradient is not finite is of no use.
        """
        module, recipe = self._module, self._recipe
        is_clipped = recipe.clipping is not None
        write_meet(module)
        self.passes.write(updates=not is_clipped)
        self._write_evaluate()
        penalty = None if is_clipped else recipe.penalty
        writer = UpdateCode(module, update, penalty, self._padded, is_clipped=is_clipped)
        writer.write()
        if is_clipped:
            self._write_gradient()
        block = module.block()
        lines = block.lines
        lines += [
            "entry:",
            f"%shared = alloca {module.vector}, i64 {max(1, writer.shared)}, align {module.host.bits // 8}",
            "br label %update",
            "update:",
            "%done = phi i64 [ 0, %entry ], [ %done.next, %turn ]",
            "%left = phi i64 [ %remaining, %entry ], [ %left.next, %turn ]",
            "%epoch = phi i64 [ 0, %entry ], [ %epoch.next, %turn ]",
            "%start = mul i64 %done, %stride",
            _address("%batch", "%batches", "%start", self._number),
            *_load("%vectors", "%sizes", "%done", "i64"),
            *_load("%rate", "%rates", "%done"),
            *self._narrowed("%rate"),
            "%index = add i64 %done, %before",
            "%number = add i64 %index, 1",
            f"%count = uitofp i64 %number to {self._number}",
        ]
        shared = block.splat("%rate.narrow"), block.splat("%count")
        rows = _ROWS.replace("%rows", "%batch")
        if is_clipped:
            lines += [
                f"%squares.wide = call double @gradient({rows}, ptr %slope, ptr %result)",
                *_load("%all.wide", "%result", 0),
                *_load("%right.wide", "%result", 1),
            ]
        else:
            writer.share(block, *shared, None, "%shared")
            lines += [
                # A thread may begin the next update while the other one still reads the sums of this one.
                "%turn.bit = and i64 %done, 1",
                f"%turn.place = mul i64 %turn.bit, {2 * SUMS}",
                _address("%own.sums", "%sums", "%turn.place", module.vector),
                f"call void @gradient.sweep({rows.replace('%sums', '%own.sums')}, ptr %slope, {_SHARES}, ptr %memory,"
                " ptr %shared)",
                *self._take_sums("%batch", "%own.sums"),
                *self._sum("%sum.squares", "%own.sums", 2),
                *self._sum("%sum.penalties", "%own.sums", 3),
                *self._take_gradient_sums("%sum.squares", "%sum.penalties"),
            ]
        lines += [
            # 0 times a number is 0, unless the number is infinite or nan.
            "%loss.zero = fmul double %all.wide, 0.0",
            "%norm.zero = fmul double %squares.wide, 0.0",
            "%zero = fadd double %loss.zero, %norm.zero",
            "%finite = fcmp oeq double %zero, 0.0",
            "br i1 %finite, label %step, label %stop",
            "stop:",
            "ret i64 %done",
            "step:",
            *_store("%all.wide", "%losses", "%done"),
            *_store("%right.wide", "%measures", "%done"),
        ]
        if recipe.clipping is not None:
            lines += self._narrowed("%squares.wide")
            norm = block.intrinsic("sqrt", block.splat("%squares.wide.narrow"))
            (factor,) = run_tape(recipe.clipping, [norm])
            writer.share(block, *shared, factor, "%shared")
            arrays = ", ".join(f"ptr %{name}" for name in ("slope", "parameters", "memory", "shared", "sums"))
            lines.append(f"call void @update({arrays}, i64 {self._padded})")
        lines += [
            "%left.less = sub i64 %left, 1",
            "%ends = icmp eq i64 %left.less, 0",
            "br i1 %ends, label %epoch.end, label %turn",
            "epoch.end:",
            "%epoch.more = add i64 %epoch, 1",
            "%evaluates = icmp ne i64 %held.out.rows, 0",
            "br i1 %evaluates, label %evaluation, label %turn",
            "evaluation:",
            _address("%held.sums", "%sums", 4 * SUMS, module.vector),
            "call void @evaluate(i64 0, ptr %held.out, i64 %held.out.rows, ptr %held.table, ptr %parameters,"
            f" ptr %held.sums, ptr %kept, ptr %result, {_SHARES})",
            *_load("%after.loss", "%result", 0),
            *_load("%after.measure", "%result", 1),
            *_store("%after.loss", "%after.losses", "%epoch"),
            *_store("%after.measure", "%after.measures", "%epoch"),
            "br label %turn",
            "turn:",
            "%left.next = phi i64 [ %left.less, %step ], [ %in.epoch, %epoch.end ], [ %in.epoch, %evaluation ]",
            "%epoch.next = phi i64 [ %epoch, %step ], [ %epoch.more, %epoch.end ], [ %epoch.more, %evaluation ]",
            "%done.next = add i64 %done, 1",
            *_repeat("%again", "%done.next", "%updates", "update", "end"),
            "end:",
            "ret i64 %done.next",
        ]
        arrays = ", ".join(f"ptr noalias %{name}" for name in _ARRAYS)
        module.define(
            f"i64 @train(i64 %updates, i64 %stride, i64 %before, {arrays}, i64 %held.out.rows, i64 %in.epoch,"
            f" i64 %remaining, {_SHARES})",
            lines,
        )


def can_yield() -> bool:
    """Whether a thread that waits can let others run, so that two threads may share the work."""
    return address_of("sched_yield") is not None


def write_meet(module: LLVMModule) -> None:
    """Define the function ``meet``, which waits for the other thread to call it, too.

    Its argument is the address of the thread's counter; the other thread's differs in one bit, and is in another line
    of the caches.  A null pointer means that there is no other thread.
    """
    pause, rest = [], []
    if can_yield():
        module.symbols.add("sched_yield")
        module.declare("sched_yield", "declare i32 @sched_yield()")
        rest = ["call i32 @sched_yield()"]
    if module.host.triple.startswith("x86"):
        module.declare("llvm.x86.sse2.pause", "declare void @llvm.x86.sse2.pause()")
        pause = ["call void @llvm.x86.sse2.pause()"]
    lines = [
        "entry:",
        "%alone = icmp eq ptr %own, null",
        "br i1 %alone, label %done, label %arrive",
        "arrive:",
        "%place = ptrtoint ptr %own to i64",
        f"%other.place = xor i64 %place, {APART}",
        "%other = inttoptr i64 %other.place to ptr",
        "%before = load i64, ptr %own",
        "%turn = add i64 %before, 1",
        "store atomic i64 %turn, ptr %own release, align 8",
        "br label %wait",
        "wait:",
        "%waited = phi i64 [ 0, %arrive ], [ %longer, %again ], [ %longer, %yield ]",
        "%seen = load atomic i64, ptr %other acquire, align 8",
        "%both = icmp uge i64 %seen, %turn",
        "br i1 %both, label %done, label %again",
        "again:",
        *pause,
        "%longer = add i64 %waited, 1",
        f"%short = icmp ult i64 %longer, {_PATIENCE}",
        "br i1 %short, label %wait, label %yield",
        "yield:",
        # The other thread may have no processor.
        *rest,
        "br label %wait",
        "done:",
        "ret void",
    ]
    module.define("void @meet(ptr %own) noinline", lines, linkage="internal")


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
