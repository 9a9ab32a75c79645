"""The machine code of bundles: a loop over vectors of expressions for each form, as a function of NumPy.

The operands of neighbouring expressions are neighbours in memory in most bundles, so that a vector of them is loaded at
once; otherwise they are loaded one by one, by a table of places.  Results that lie in memory as one or more streams are
written by vectors, too: an entry of a band matrix and its neighbours in the same row come from different bundles, and
are woven into rows.
"""

from __future__ import annotations

from typing import Any, Final

from gradcli.execute.bundles import Bundle, VectorProgram
from gradcli.execute.llvm.emitter import Block, LLVMModule, Vector, literal
from gradcli.execute.llvm.host import Host, host
from gradcli.execute.llvm.machine_code import MachineCode
from gradcli.execute.llvm.ufuncs import cleared_flags, declare_python, define_copying, made_function, made_ufunc
from gradcli.execute.llvm.vector_names import apply
from gradcli.execute.memory import address_of
from gradcli.primitives.backends import backend_named
from gradcli.records import NamedTuple

__all__ = ["BundleCode"]

np: Final = backend_named("numpy").xp
#: The most streams that are woven; of more, numbers are copied one by one.
_MOST_STREAMS: Final = 8
#: The fewest rows of a pattern that get a loop of their own, which fill a vector, and the most patterns.
_FEWEST_ROWS: Final = 16
_MOST_PATTERNS: Final = 32
#: The most bytes of memory on the stack.
_MOST_ON_STACK: Final = 1 << 16
#: The functions of the C library and of Python's stable interface that code with more memory calls.
_SYSTEM: Final = {"malloc": "ptr @malloc(i64)", "free": "void @free(ptr)"}
_PYTHON: Final = {
    "PyObject_GetBuffer": "i32 @PyObject_GetBuffer(ptr, ptr, i32)",
    "PyBuffer_Release": "void @PyBuffer_Release(ptr)",
    "PyErr_BadArgument": "i32 @PyErr_BadArgument()",
    "PyBool_FromLong": "ptr @PyBool_FromLong(i64)",
    "PyGILState_Ensure": "i32 @PyGILState_Ensure()",
    "PyGILState_Release": "void @PyGILState_Release(i32)",
    "PyErr_NoMemory": "ptr @PyErr_NoMemory()",
}


#: The bytes of Python's structure ``Py_buffer``; the flags of a contiguous array with a format, and of a writable one.
_VIEW: Final = 80
_SIMPLE_VIEW, _WRITABLE = 0x4 | 0x8, 0x1


class _Pattern(NamedTuple):
    """Results that are woven from several streams of memory.

    Attributes:
        start: the place of the first result.
        streams: the place in memory of the first number of each stream.
        moves: for each stream whether its numbers follow each other in memory; else it is one number again and again.
        rows: how many numbers are taken from each stream.
    """

    start: int
    streams: tuple[int, ...]
    moves: tuple[bool, ...]
    rows: int

    @property
    def stop(self) -> int:
        """The place after the last result."""
        return self.start + len(self.streams) * self.rows


def _patterns(places: Any) -> list[_Pattern]:
    """Return the patterns of results that lie at certain places in memory, in ascending order."""
    count, found, start = len(places), [], 0
    steps = {streams: places[streams:] - places[:-streams] for streams in range(1, min(_MOST_STREAMS, count - 1) + 1)}
    #: For each number of streams, the positions where a stream can't go on, and those where it changes its step.
    breaks = {
        streams: (
            np.flatnonzero((step != 0) & (step != 1)),
            streams + np.flatnonzero(step[streams:] != step[:-streams]),
        )
        for streams, step in steps.items()
    }
    while start < count:
        best = _Pattern(start, (), (), 0)
        for streams, (ends, changes) in breaks.items():
            stop = count - streams
            for every, first in ((ends, start), (changes, start + streams)):
                place = np.searchsorted(every, first)
                stop = min(stop, int(every[place])) if place < len(every) else stop
            rows = (stop - start) // streams + 1
            if rows >= _FEWEST_ROWS and rows * streams > best.stop - start:
                moves = tuple((steps[streams][start : start + streams] == 1).tolist())
                best = _Pattern(start, tuple(places[start : start + streams].tolist()), moves, rows)
        if best.rows:
            found.append(best)
        start = max(best.stop, start + 1)
    return sorted(sorted(found, key=lambda one: one.start - one.stop)[:_MOST_PATTERNS])


class BundleCode:
    """The machine code of a program of vectors.

    Args:
        program: the program.
        machine: the machine to compile for; by default this machine.

    Raises:
        NoCompiledForm: an operation has no compiled form.

    Attributes:
        ufunc: the generalised ufunc that takes the vectors to the results.  All of them are nan where the condition of
            the program doesn't hold.
        call: a function that does the same for contiguous arrays of one axis in the right type, the last of which gets
            the results, in less time; it returns whether the condition holds.  Its errors are TypeError, ValueError and
            BufferError.
    """

    def __init__(self, program: VectorProgram, machine: Host | None = None) -> None:
        module = self._module = LLVMModule(machine or host(), program.dtype)
        self._program = program
        self._size = np.dtype(program.dtype).itemsize
        self._filled = 0
        #: Whether an operand, or the results, are partly in the vectors and partly in memory.
        self._is_mixed = bool((program.bundles.outputs < program.bundles.variables).any())
        self._tables: list[Any] = []
        bundles = program.bundles
        define_copying(module)
        for number, part in enumerate(bundles.parts):
            self._define_bundle(number, part)
        checked = bundles.outputs[program.results :]
        self._define_check(checked if len(checked) else np.arange(program.lengths[0]))
        self._define_delivery(bundles.outputs[: program.results])
        self._define_ends()
        self._define_one()
        self._define_loop()
        self._define_call()
        table = np.concatenate([*self._tables, np.zeros(1, np.int32)]).astype(np.int32)
        constants = np.array([*bundles.constants, 0.0], program.dtype)
        module.declare_address("table", address_of(table))
        module.declare_address("constants", address_of(constants))
        signature = f"{','.join(f'({length})' for length in program.lengths)}->({program.results})"
        code = MachineCode(module)
        made = made_ufunc(code, "loop", program.dtype, len(program.lengths), 1, signature)
        self.ufunc, self._kept = made[0], (made[1], table, constants)
        self.call = made_function(code, "call", self._kept)

    def _entered(self, places: Any) -> int:
        """Enter places in memory in the table, and return their position there."""
        start = self._filled
        self._tables.append(places)
        self._filled += len(places)
        return start

    def _define_bundle(self, number: int, part: Bundle) -> None:
        """Define the loop over the expressions of a bundle."""
        block, lanes = self._module.block(), self._module.lanes
        slots: list[Any] = [*[self._leaf(block, places) for places in part.leaves], *part.constants]
        for primitive, operands in part.instructions:
            slots.append(apply(primitive, [slots[i] for i in operands]))
        block.store(slots[-1], "%memory", block.emit(f"add i64 %at, {part.start}"))
        lines = [*_clamped(max(part.expressions, lanes), lanes), *block.lines]
        lines = ["entry:", *_looped(lines, part.expressions, lanes), "ret void"]
        self._module.define(f"void @bundle{number}({self._parameters})", lines, linkage="internal")

    @property
    def _parameters(self) -> str:
        """The parameters of functions that read memory and vectors."""
        return ", ".join(["ptr %memory", *[f"ptr %vector{i}" for i in range(len(self._program.lengths))]])

    def _home(self, places: Any) -> tuple[str, int]:
        """Return the pointer to the vector that all places are in, or to the memory, and the place that it is for."""
        start = 0
        for i, length in enumerate(self._program.lengths):
            if start <= places.min() and places.max() < start + length:
                return f"%vector{i}", start
            start += length
        self._is_mixed = self._is_mixed or bool(places.min() < start)
        return "%memory", 0

    def _leaf(self, block: Block, places: Any) -> Vector:
        """Load a leaf of the expressions from number ``%at`` on."""
        lanes, number, kind = self._module.lanes, self._module.number, self._module.vector
        home, start = self._home(places)
        places = places - start
        if (places == places[0]).all():
            return block.load_scalar(home, str(places[0]))
        stride, count = int(places[1] - places[0]), len(places)
        if count >= lanes and 1 <= stride <= _MOST_STREAMS and (np.diff(places) == stride).all():
            # Leaves with the same stride share the vectors that their numbers are taken from.
            first, offset = divmod(int(places[0]), stride)
            at = block.emit(f"mul i64 %at, {stride}") if stride > 1 else "%at"
            rows = [
                block.load(home, block.emit(f"add i64 {at}, {first * stride + row * lanes}")).name
                for row in range(stride)
            ]
            value = rows[0]
            for row in range(1, stride):
                chosen = []
                for lane in range(lanes):
                    origin, place = divmod(lane * stride + offset, lanes)
                    chosen.append(lanes + place if origin == row else place if not origin and row == 1 else lane)
                mask = ", ".join(f"i32 {one}" for one in chosen)
                value = block.emit(f"shufflevector {kind} {value}, {kind} {rows[row]}, <{lanes} x i32> <{mask}>")
            return Vector(block, value, self._module.dtype)
        padding = np.full(-count % lanes, places[-1], places.dtype)
        table, value = self._entered(np.concatenate([places, padding])), "poison"
        first_cell = block.emit(f"add i64 %at, {table}")
        for lane in range(lanes):
            cell = block.emit(f"add i64 {first_cell}, {lane}")
            cell = block.emit(f"getelementptr i32, ptr {block.emit('load ptr, ptr @table')}, i64 {cell}")
            entry = block.emit(f"sext i32 {block.emit(f'load i32, ptr {cell}')} to i64")
            address = block.emit(f"getelementptr {number}, ptr {home}, i64 {entry}")
            one = block.emit(f"load {number}, ptr {address}")
            value = block.emit(f"insertelement {kind} {value}, {number} {one}, i32 {lane}")
        return Vector(block, value, self._module.dtype)

    def _define_check(self, places: Any) -> None:
        """Define the function that says whether no number at certain places is larger than allowed."""
        module, count = self._module, len(places)
        home, start = self._home(places)
        places = places - start
        lanes = module.lanes if count >= module.lanes and (np.diff(places) == 1).all() else 1
        kind = module.vector if lanes > 1 else module.number
        truth = f"<{lanes} x i1>" if lanes > 1 else "i1"
        size = f"llvm.fabs.v{lanes}f{8 * self._size}" if lanes > 1 else f"llvm.fabs.f{8 * self._size}"
        module.declare(size, f"declare {kind} @{size}({kind})")
        most = literal(self._program.largest, module.dtype)
        lines = [f"%all = phi {truth} [ {'splat (i1 true)' if lanes > 1 else 'true'}, %entry ], [ %both, %loop ]"]
        if lanes > 1:
            lines += [*_clamped(count, lanes), f"%place = add i64 %at, {places[0]}"]
        else:
            lines += _place_of(f"add i64 %i, {self._entered(places)}")
        lines += [
            f"%address = getelementptr {module.number}, ptr {home}, i64 %place",
            f"%number = load {kind}, ptr %address, align {self._size}",
            f"%size = call {kind} @{size}({kind} %number)",
            f"%fits = fcmp ole {kind} %size, {f'splat ({module.number} {most})' if lanes > 1 else most}",
            f"%both = and {truth} %all, %fits",
        ]
        lines = ["entry:", *_looped(lines, count, lanes)]
        if lanes > 1:
            lines += [f"%bits = bitcast {truth} %both to i{lanes}", f"%result = icmp eq i{lanes} %bits, -1"]
        lines.append(f"ret i1 {'%result' if lanes > 1 else '%both'}")
        module.define(f"i1 @holds({self._parameters})", lines, linkage="internal")

    def _define_delivery(self, places: Any) -> None:
        """Define the function that writes the results from certain places."""
        module, number, table = self._module, self._module.number, self._entered(places)
        lines = [
            *_place_of("add i64 %i, %from"),
            f"%source = getelementptr {number}, ptr %memory, i64 %place",
            f"%one = load {number}, ptr %source",
            "%offset = mul i64 %i, %step",
            "%target = getelementptr i8, ptr %to, i64 %offset",
            f"store {number} %one, ptr %target, align {self._size}",
        ]
        signature = "ptr %memory, i64 %from, ptr %to, i64 %step, i64 %count"
        lines = ["entry:", *_looped(lines, "%count", 1), "ret void"]
        module.define(f"void @copy({signature})", lines, linkage="internal")
        lines = [
            "entry:",
            f"%flat = icmp eq i64 %step, {self._size}",
            "br i1 %flat, label %woven, label %apart",
            "apart:",
            f"call void @copy(ptr %memory, i64 {table}, ptr %out, i64 %step, i64 {len(places)})",
            "ret void",
            "woven:",
        ]
        before, last = 0, _Pattern(len(places), (), (), 0)
        for i, pattern in enumerate([*_patterns(places), last]):
            if pattern.start > before:
                lines += [
                    f"%rest{i} = getelementptr {number}, ptr %out, i64 {before}",
                    f"call void @copy(ptr %memory, i64 {table + before}, ptr %rest{i}, i64 {self._size}, "
                    f"i64 {pattern.start - before})",
                ]
            if pattern.rows:
                self._define_weaving(i, pattern)
                lines.append(f"call void @weave{i}(ptr %memory, ptr %out)")
            before = pattern.stop
        module.define("void @deliver(ptr %memory, ptr %out, i64 %step)", [*lines, "ret void"], linkage="internal")
        nan = literal(float("nan"), module.dtype)
        lines = [
            "%offset = mul i64 %i, %step",
            "%target = getelementptr i8, ptr %out, i64 %offset",
            f"store {number} {nan}, ptr %target, align {self._size}",
        ]
        lines = ["entry:", *_looped(lines, len(places), 1), "ret void"]
        module.define("void @refuse(ptr %out, i64 %step)", lines, linkage="internal")

    def _define_weaving(self, name: int, pattern: _Pattern) -> None:
        """Define the function that writes the results of a pattern."""
        module, lanes, count = self._module, self._module.lanes, len(pattern.streams)
        number, vector, lines = module.number, module.vector, _clamped(pattern.rows, lanes)
        for i, (start, moves) in enumerate(zip(pattern.streams, pattern.moves, strict=True)):
            lines += [
                f"%place{i} = add i64 {'%at' if moves else 0}, {start}",
                f"%stream{i} = getelementptr {number}, ptr %memory, i64 %place{i}",
            ]
            if moves:
                lines.append(f"%numbers{i} = load {vector}, ptr %stream{i}, align {self._size}")
                continue
            lines += [
                f"%number{i} = load {number}, ptr %stream{i}",
                f"%one{i} = insertelement {vector} poison, {number} %number{i}, i64 0",
                f"%numbers{i} = shufflevector {vector} %one{i}, {vector} poison, <{lanes} x i32> zeroinitializer",
            ]
        lines.append(f"%first = mul i64 %at, {count}")
        for row in range(count):
            # Lane k is number (row lanes + k) // count of stream (row lanes + k) % count.
            origins = [divmod(row * lanes + lane, count) for lane in range(lanes)]
            value = "%numbers0"
            for i in range(1, count):
                chosen = [
                    lanes + place if stream == i else (place if i == 1 else lane) if stream < i else -1
                    for lane, (place, stream) in enumerate(origins)
                ]
                mask = ", ".join("i32 poison" if one < 0 else f"i32 {one}" for one in chosen)
                lines.append(
                    f"%woven{row}.{i} = shufflevector {vector} {value}, {vector} %numbers{i}, <{lanes} x i32> <{mask}>"
                )
                value = f"%woven{row}.{i}"
            lines += [
                f"%result{row} = add i64 %first, {pattern.start + row * lanes}",
                f"%address{row} = getelementptr {number}, ptr %out, i64 %result{row}",
                f"store {vector} {value}, ptr %address{row}, align {self._size}",
            ]
        before = ["entry:"]
        if count % 2:
            # After the first rows, the loop goes on with rows whose results begin at a multiple of a register's size.
            before += [
                "%address = ptrtoint ptr %out to i64",
                f"%numbers = udiv i64 %address, {self._size}",
                f"%from = add i64 %numbers, {pattern.start}",
                f"%skew = mul i64 %from, {-pow(count, -1, lanes) % lanes}",
                f"%rows = and i64 %skew, {lanes - 1}",
                "%is_aligned = icmp eq i64 %rows, 0",
                f"%gap = select i1 %is_aligned, i64 {lanes}, i64 %rows",
            ]
            lines += ["%is_first = icmp eq i64 %i, 0", f"%step = select i1 %is_first, i64 %gap, i64 {lanes}"]
        lines = [*before, *_looped(lines, pattern.rows, "%step" if count % 2 else lanes), "ret void"]
        module.define(f"void @weave{name}(ptr %memory, ptr %out)", lines, linkage="internal")

    def _define_one(self) -> None:
        """Define the function that takes vectors at one point to the results, and says whether the condition holds."""
        module, bundles, lengths = self._module, self._program.bundles, self._program.lengths
        lines, start, given = ["entry:"], 0, "ptr %memory"
        if bundles.constants:
            lines += [
                f"%after = getelementptr {module.number}, ptr %memory, i64 {bundles.variables}",
                "%constants = load ptr, ptr @constants",
                f"call void @gather(ptr %after, ptr %constants, i64 {self._size}, i64 {len(bundles.constants)}, i64 0)",
            ]
        for i, length in enumerate(lengths):
            lines += [
                f"%part{i} = getelementptr {module.number}, ptr %memory, i64 {start}",
                f"%vector{i} = call ptr @read(ptr %part{i}, ptr %given{i}, i64 %step{i}, i64 {length})",
            ]
            start += length
            given += f", ptr %vector{i}"
        lines += [f"call void @bundle{number}({given})" for number in range(len(bundles.parts))]
        lines += [
            f"%good = call i1 @holds({given})",
            f"call void @finish(i1 %good, ptr %memory, ptr %given{len(lengths)}, i64 %step{len(lengths)})",
            "ret i1 %good",
        ]
        parameters = "".join(f", ptr %given{i}, i64 %step{i}" for i in range(len(lengths) + 1))
        module.define(f"i1 @one(ptr %memory{parameters})", lines, linkage="internal")

    def _define_loop(self) -> None:
        """Define the loop of the ufunc."""
        count = len(self._program.lengths) + 1
        lines = ["entry:", "%points = load i64, ptr %dimensions"]
        for i in range(count):
            lines += [
                f"%o{i} = getelementptr ptr, ptr %operands, i64 {i}",
                f"%operand{i} = load ptr, ptr %o{i}",
                f"%p{i} = getelementptr i64, ptr %steps, i64 {i}",
                f"%next{i} = load i64, ptr %p{i}",
                f"%s{i} = getelementptr i64, ptr %steps, i64 {count + i}",
                f"%step{i} = load i64, ptr %s{i}",
            ]
        lines += self._allocated("ret void")
        body, given = [], "ptr %memory"
        for i in range(count):
            body += [f"%skipped{i} = mul i64 %i, %next{i}"]
            body += [f"%given{i} = getelementptr i8, ptr %operand{i}, i64 %skipped{i}"]
            given += f", ptr %given{i}, i64 %step{i}"
        body.append(f"%good = call i1 @one({given})")
        lines += ["%some = icmp ne i64 %points, 0", "br i1 %some, label %vectors, label %end", "vectors:"]
        lines += [*_looped(body, "%points", 1, before="vectors"), "br label %end", "end:", *self._freed()]
        lines += [*cleared_flags(self._module), "ret void"]
        self._module.define("void @loop(ptr %operands, ptr %dimensions, ptr %steps, ptr %data)", lines)

    def _define_call(self) -> None:
        """Define the function of Python that takes contiguous arrays: the vectors, and one for the results.

        It uses Python's buffer protocol, and returns whether the condition holds.
        """
        module, lengths = self._module, (*self._program.lengths, self._program.results)
        declare_python(module, _PYTHON)
        code = ord("d" if module.dtype == "float64" else "f")
        lines = [
            "entry:",
            f"%views = alloca [{len(lengths)} x [{_VIEW} x i8]], align 16",
            *[f"%view{i} = getelementptr [{_VIEW} x i8], ptr %views, i64 {i}" for i in range(len(lengths))],
            *self._allocated("ret ptr null"),
            f"%fits = icmp eq i64 %given, {len(lengths)}",
            "br i1 %fits, label %get0, label %bad0",
        ]
        given = "ptr %memory"
        for i, length in enumerate(lengths):
            flags = _SIMPLE_VIEW | (_WRITABLE if i == len(lengths) - 1 else 0)
            lines += [
                f"get{i}:",
                f"%o{i} = getelementptr ptr, ptr %objects, i64 {i}",
                f"%object{i} = load ptr, ptr %o{i}",
                f"%failed{i} = call i32 @PyObject_GetBuffer(ptr %object{i}, ptr %view{i}, i32 {flags})",
                f"%is_got{i} = icmp eq i32 %failed{i}, 0",
                f"br i1 %is_got{i}, label %look{i}, label %away{i}",
                f"look{i}:",
            ]
            for name, kind, place in (("bytes", "i64", 16), ("axes", "i32", 36), ("format", "ptr", 40)):
                lines += [
                    f"%{name}.at{i} = getelementptr i8, ptr %view{i}, i64 {place}",
                    f"%{name}{i} = load {kind}, ptr %{name}.at{i}",
                ]
            lines += [
                f"%letters{i} = load i16, ptr %format{i}, align 1",
                f"%is_long{i} = icmp eq i64 %bytes{i}, {length * self._size}",
                f"%is_flat{i} = icmp eq i32 %axes{i}, 1",
                f"%is_number{i} = icmp eq i16 %letters{i}, {code}",  # a letter, and the end of the text
                f"%shaped{i} = and i1 %is_long{i}, %is_flat{i}",
                f"%right{i} = and i1 %shaped{i}, %is_number{i}",
                f"br i1 %right{i}, label %{f'get{i + 1}' if i + 1 < len(lengths) else 'compute'}, label %bad{i + 1}",
            ]
            given += f", ptr %given{i}, i64 {self._size}"
        lines.append("compute:")
        lines += [f"%given{i} = load ptr, ptr %view{i}" for i in range(len(lengths))]
        lines += [
            f"%good = call i1 @one({given})",
            *[f"call void @PyBuffer_Release(ptr %view{i})" for i in range(len(lengths))],
            *self._freed(),
            "%number = zext i1 %good to i64",
            "%truth = call ptr @PyBool_FromLong(i64 %number)",
            "ret ptr %truth",
        ]
        for i in range(len(lengths) + 1):
            lines += [f"bad{i}:", "call i32 @PyErr_BadArgument()", f"br label %away{i}", f"away{i}:"]
            lines += [f"call void @PyBuffer_Release(ptr %view{k})" for k in range(i)]
            lines += [*self._freed(), "ret ptr null"]
        module.define("ptr @call(ptr %self, ptr %objects, i64 %given)", lines)

    def _define_ends(self) -> None:
        """Define the functions that read a vector, and that write the results if the condition holds."""
        module = self._module
        module.symbols.add("memcpy")
        module.declare("memcpy", "declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)")
        whole = [f"%bytes = mul i64 %count, {self._size}"]
        whole += ["call void @llvm.memcpy.p0.p0.i64(ptr %to, ptr %from, i64 %bytes, i1 false)", "ret ptr %to"]
        lines = [
            "entry:",
            f"%flat = icmp eq i64 %step, {self._size}",
            "br i1 %flat, label %whole, label %apart",
            "whole:",
            *(whole if self._is_mixed else ["ret ptr %from"]),
            "apart:",
            "call void @gather(ptr %to, ptr %from, i64 %step, i64 %count, i64 0)",
            "ret ptr %to",
        ]
        module.define("ptr @read(ptr %to, ptr %from, i64 %step, i64 %count)", lines, linkage="internal")
        lines = [
            "entry:",
            "br i1 %good, label %right, label %doubtful",
            "right:",
            "call void @deliver(ptr %memory, ptr %out, i64 %step)",
            "ret void",
            "doubtful:",
            "call void @refuse(ptr %out, i64 %step)",
            "ret void",
        ]
        module.define("void @finish(i1 %good, ptr %memory, ptr %out, i64 %step)", lines, linkage="internal")

    def _allocated(self, failed: str) -> list[str]:
        """Return the lines that provide memory, on the stack if it is small.

        Args:
            failed: the instruction that ends the function after Python's MemoryError is raised.
        """
        module, size = self._module, self._program.bundles.size * self._size
        if size <= _MOST_ON_STACK:
            return [f"%memory = alloca [{size} x i8], align 64"]
        module.symbols |= {"malloc", "free"}
        for symbol, declaration in _SYSTEM.items():
            module.declare(symbol, f"declare {declaration}")
        declare_python(module, _PYTHON)
        return [
            f"%raw = call ptr @malloc(i64 {size + 64})",
            "%is_refused = icmp eq ptr %raw, null",
            "br i1 %is_refused, label %refused, label %granted",
            "refused:",
            "%lock = call i32 @PyGILState_Ensure()",
            "%nothing = call ptr @PyErr_NoMemory()",
            "call void @PyGILState_Release(i32 %lock)",
            failed,
            "granted:",
            "%bits = ptrtoint ptr %raw to i64",
            "%over = add i64 %bits, 63",
            "%aligned = and i64 %over, -64",
            "%memory = inttoptr i64 %aligned to ptr",
        ]

    def _freed(self) -> list[str]:
        """Return the lines that give the memory back."""
        is_on_stack = self._program.bundles.size * self._size <= _MOST_ON_STACK
        return [] if is_on_stack else ["call void @free(ptr %raw)"]


def _looped(lines: list[str], count: int | str, step: int | str, before: str = "entry") -> list[str]:
    """Return the lines of a loop in which ``%i`` goes from 0 to below a count, which is at least 1.

    Args:
        lines: the lines inside.
        count: the count.
        step: the difference of two values of ``%i``.
        before: the label from which the loop is entered.
    """
    return [
        "br label %loop",
        "loop:",
        f"%i = phi i64 [ 0, %{before} ], [ %next, %loop ]",
        *lines,
        f"%next = add i64 %i, {step}",
        f"%more = icmp ult i64 %next, {count}",
        "br i1 %more, label %loop, label %done",
        "done:",
    ]


def _clamped(count: int, lanes: int) -> list[str]:
    """Return the lines that compute ``%at``: ``%i``, or less if a vector from there on would reach behind a count."""
    return [
        f"%is_last = icmp ugt i64 %i, {count - lanes}",
        f"%at = select i1 %is_last, i64 {count - lanes}, i64 %i",
    ]


def _place_of(cell: str) -> list[str]:
    """Return the lines that look a place up in the table, given the instruction that computes the position there."""
    return [
        f"%number_of_cell = {cell}",
        "%table = load ptr, ptr @table",
        "%cell = getelementptr i32, ptr %table, i64 %number_of_cell",
        "%short = load i32, ptr %cell",
        "%place = sext i32 %short to i64",
    ]
