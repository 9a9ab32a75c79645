"""Special functions in machine code: by the table of polynomials that floats and arrays use, too.

The code reads a table of `gradcli.primitives.kernels.piecewise` where it lies in memory.  For a number without a
polynomial, and for one whose rounding is in doubt, it calls back Python, which also adds polynomials to the table.  So
the values have the same bits as those of the float kernel, and code becomes faster while it runs for the first time.

The code has variables for the addresses of the table and of the function to call back, which are set when it is loaded.
"""

from __future__ import annotations

import ctypes
import threading
from _thread import interrupt_main
from collections.abc import Callable, Sequence
from typing import Any, Final

from gradcli.execute.llvm.emitter import LLVMModule, Mask, Vector, block_of
from gradcli.primitives.kernels.piecewise import CELLS_AT, FIELDS, NEAR, PIECES_AT, ROW, Pieces, Tabulated, evaluated

__all__ = ["by_pieces"]

#: The seconds after which Ctrl-C is repeated.
_SOON: Final = 0.01
#: The number of calls in an interval from which on it has a polynomial: code usually runs on many rows.
_ENOUGH: Final = 4
#: The name of a table -> the table, the memory and the function that machine code uses; they live as long as the
#: process.
_used: Final[dict[str, tuple[Any, ...]]] = {}


def by_pieces(table: Tabulated, operands: Sequence[Any]) -> Vector:
    """Return the values of a function of one vector, and of numbers, by its table.

    Raises:
        NotImplementedError: several operands are vectors.
    """
    varying = [place for place, operand in enumerate(operands) if isinstance(operand, Vector)]
    block = block_of(operands)
    if len(varying) != 1 or block is None:
        raise NotImplementedError(table.name)
    [place] = varying
    others = [float(operand).hex() for operand in (*operands[:place], *operands[place + 1 :])]
    name = ".".join(["special", table.name, str(place), *others])
    table_address, call_address = _addresses(name, table.pieces(place, operands))
    module = block.module
    inside = LLVMModule(module.host, "float64")
    if not module.has(name):
        body = "\n".join(_body(name, Vector(inside.block(), "%0", "float64"), table.pieces(place, operands).ends))
        module.include(inside)
        module.declare_address(f"{name}.table", table_address)
        module.declare_address(f"{name}.call", call_address)
        head = f'define internal {inside.vector} @"{name}"({inside.vector} %0) noinline #0'
        module.declare(name, f"{head} {{\n{body}\n}}")
    return block.call_registers(f'{inside.vector} @"{name}"', operands[place])


def _addresses(name: str, pieces: Pieces) -> tuple[int, int]:
    """Return the addresses of a table and of the function that computes what the table lacks."""
    if name not in _used:
        called = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(_uninterrupted(pieces))
        _used[name] = pieces, called, ctypes.c_char.from_buffer(pieces.memory)
    _, called, first = _used[name]
    return ctypes.addressof(first), ctypes.cast(called, ctypes.c_void_p).value or 0


def _uninterrupted(pieces: Pieces) -> Callable[[float], float]:
    """Return a function that completes before Ctrl-C has its effect, since machine code can't pass on an error."""

    def complete(x: float) -> float:
        while True:
            try:
                return pieces(x, _ENOUGH)
            except KeyboardInterrupt:
                threading.Timer(_SOON, interrupt_main).start()

    return complete


class _Piece:
    """The numbers of the pieces that the elements of a vector are in."""

    def __init__(self, x: Vector, first: str) -> None:
        self._x = x
        self._first = first

    def __getitem__(self, place: int) -> Vector:
        block, lanes = self._x.block, self._x.block.module.lanes
        address = block.emit(f"getelementptr double, <{lanes} x ptr> {self._first}, i64 {place}")
        return Vector(block, _gathered(self._x, "double", "f64", address, 8), "float64")


def _gathered(x: Vector, kind: str, letter: str, addresses: str, align: int) -> str:
    """Return the numbers at the addresses in a vector."""
    block, lanes = x.block, x.block.module.lanes
    name = f"llvm.masked.gather.v{lanes}{letter}.v{lanes}p0"
    whole, mask = f"<{lanes} x {kind}>", f"<{lanes} x i1>"
    block.module.declare(name, f"declare {whole} @{name}(<{lanes} x ptr>, i32, {mask}, {whole})")
    given = f"<{lanes} x ptr> {addresses}, i32 {align}, {mask} splat (i1 true), {whole} poison"
    return block.emit(f"call {whole} @{name}({given})")


def _body(name: str, x: Vector, ends: Sequence[float]) -> list[str]:
    """Return the lines of the function of a vector; see `Pieces.memory` for the table."""
    block, lanes, kind = x.block, x.block.module.lanes, x.block.module.vector
    integers, mask = f"<{lanes} x i64>", f"<{lanes} x i1>"
    table = block.emit(f'load ptr, ptr @"{name}.table"')
    operand, first_field = x, "zeroinitializer"
    for number, end in enumerate(ends, 1):
        distance = x - end
        is_near = block.intrinsic("fabs", distance) < NEAR * abs(end)
        operand = is_near.choose(distance, operand, "float64")
        condition, fields = f"{is_near.kind} {is_near.name}", f"{integers} splat (i64 {FIELDS * number})"
        first_field = block.emit(f"select {condition}, {fields}, {integers} {first_field}")
    bits = block.emit(f"bitcast {kind} {operand.name} to {integers}")
    field = block.emit(f"add {integers} {first_field}, {block.emit(f'lshr {integers} {bits}, splat (i64 52)')}")
    address = block.emit(f"getelementptr i32, ptr {table}, {integers} {field}")
    first = block.emit(f"zext <{lanes} x i32> {_gathered(x, 'i32', 'i32', address, 4)} to {integers}")
    cell = block.emit(f"and {integers} {block.emit(f'lshr {integers} {bits}, splat (i64 42)')}, splat (i64 1023)")
    place = block.emit(f"add {integers} {first}, {cell}")
    cells = block.emit(f"getelementptr i8, ptr {table}, i64 {CELLS_AT}")
    address = block.emit(f"getelementptr i32, ptr {cells}, {integers} {place}")
    row = block.emit(f"zext <{lanes} x i32> {_gathered(x, 'i32', 'i32', address, 4)} to {integers}")
    known = block.emit(f"icmp ugt {integers} {row}, splat (i64 1)")
    shifted = block.emit(f"sub {integers} {row}, splat (i64 2)")
    held = block.emit(f"select {mask} {known}, {integers} {shifted}, {integers} zeroinitializer")
    skipped = block.emit(f"mul {integers} {held}, splat (i64 {8 * ROW})")
    pieces = block.emit(f"getelementptr i8, ptr {table}, i64 {PIECES_AT}")
    piece = _Piece(x, block.emit(f"getelementptr i8, ptr {pieces}, {integers} {skipped}"))
    total, low = evaluated(piece, (operand - piece[0]) * piece[1])
    found = total + (low + piece[2])
    is_sure = Mask(block, known, "float64") & (found == total + (low - piece[2]))
    flags = block.emit(f"bitcast {mask} {is_sure.name} to i{lanes}")
    lines = ["entry:", *block.lines, f"%all = icmp eq i{lanes} {flags}, -1", "br i1 %all, label %done, label %from0"]
    result = found.name
    for lane in range(lanes):
        after = f"%from{lane + 1}" if lane + 1 < lanes else "%done"
        lines += [
            f"from{lane}:",
            f"%before{lane} = phi {kind} [ {result}, %{'entry' if lane == 0 else f'from{lane - 1}'} ]"
            + (f", [ %with{lane - 1}, %call{lane - 1} ]" if lane else ""),
            f"%sure{lane} = extractelement {mask} {is_sure.name}, i32 {lane}",
            f"br i1 %sure{lane}, label {after}, label %call{lane}",
            f"call{lane}:",
            f"%x{lane} = extractelement {kind} {x.name}, i32 {lane}",
            f'%function{lane} = load ptr, ptr @"{name}.call"',
            f"%y{lane} = call double %function{lane}(double %x{lane})",
            f"%with{lane} = insertelement {kind} %before{lane}, double %y{lane}, i32 {lane}",
            f"br label {after}",
        ]
        result = f"%before{lane}"
    last = lanes - 1
    last_results = f"[ {found.name}, %entry ], [ %before{last}, %from{last} ], [ %with{last}, %call{last} ]"
    return [*lines, "done:", f"%result = phi {kind} {last_results}", f"ret {kind} %result"]
