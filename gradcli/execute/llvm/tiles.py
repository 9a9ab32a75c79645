"""Loops over matrices in registers: the inner loops of nets that are too large for straight-line code.

A *tile* is a block of a result: a few rows, each of a few vectors, which stay in registers while all their products are
added up.  So a number that is loaded takes part in several products, and the processor multiplies in every cycle.
Addresses are known up to the counters of the loops when the code is compiled.  (Goto and van de Geijn, "Anatomy of
high-performance matrix multiplication", 2008, has the idea; here the matrices are small, and nothing is packed.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from gradcli.execute.llvm.emitter import Block, LLVMModule, literal
from gradcli.records import NamedTuple

__all__ = [
    "Body",
    "Loop",
    "Strides",
    "TileSize",
    "add_dots",
    "add_lines",
    "add_products",
    "parts",
    "tile_size",
    "transposed",
]

#: How many steps of the innermost loop are written out.
_UNROLLED: Final = 4


class TileSize(NamedTuple):
    """The most rows and vectors of a tile: with their operands they fill the registers of the processor."""

    rows: int
    vectors: int


def tile_size(module: LLVMModule) -> TileSize:
    """Return the size of tiles for a processor: 32 registers hold 6 x 4 sums, 16 registers hold 4 x 3.

    >>> from gradcli.execute.llvm.host import Host
    >>> tile_size(LLVMModule(Host("x86_64-pc-linux-gnu", "haswell", "", 256, True), "float64"))
    TileSize(rows=4, vectors=3)
    """
    is_x86 = module.host.triple.startswith(("x86", "i386", "i686"))
    return TileSize(4, 3) if is_x86 and module.host.bits < 512 else TileSize(6, 4)


class Loop(NamedTuple):
    """A loop that is being written: its counter, and the values that it carries from one turn to the next."""

    counter: str
    carried: list[str]
    following: list[str]


class Body:
    """The lines of a function with loops.

    Args:
        module: the module that the function belongs to.
    """

    def __init__(self, module: LLVMModule) -> None:
        self.module = module
        self.lines: list[str] = ["entry:"]
        self._label = "entry"
        self._names = 0

    def name(self, word: str) -> str:
        """Return a new name, without its sign."""
        self._names += 1
        return f"{word}{self._names}"

    def emit(self, text: str) -> str:
        """Add an instruction, and return the name of its value."""
        name = f"%{self.name('x')}"
        self.lines.append(f"{name} = {text}")
        return name

    def address(self, base: str, index: int | str) -> str:
        """Return the address of an element of an array."""
        return base if index == 0 else self.emit(f"getelementptr {self.module.number}, ptr {base}, i64 {index}")

    def product(self, x: int | str, y: int | str) -> int | str:
        """Return the product of two integers, each a number or a name."""
        if isinstance(x, int) and isinstance(y, int):
            return x * y
        if x == 0 or y == 0:
            return 0
        return self.emit(f"mul i64 {x}, {y}")

    def sum(self, x: int | str, y: int | str) -> int | str:
        """Return the sum of two integers, each a number or a name."""
        if isinstance(x, int) and isinstance(y, int):
            return x + y
        if x == 0:
            return y
        return x if y == 0 else self.emit(f"add i64 {x}, {y}")

    def least(self, x: int | str, y: int | str) -> str:
        """Return the smaller one of two integers."""
        return self.emit(f"select i1 {self.emit(f'icmp ult i64 {x}, {y}')}, i64 {x}, i64 {y}")

    def greatest(self, x: int | str, y: int | str) -> str:
        """Return the larger one of two integers."""
        return self.emit(f"select i1 {self.emit(f'icmp ugt i64 {x}, {y}')}, i64 {x}, i64 {y}")

    def integer(self, table: str, index: int | str, bits: int = 64) -> str:
        """Return an element of an array of integers without sign, which have this many bits."""
        place = self.emit(f"getelementptr i{bits}, ptr {table}, i64 {index}")
        found = self.emit(f"load i{bits}, ptr {place}, align {bits // 8}")
        return found if bits == 64 else self.emit(f"zext i{bits} {found} to i64")

    def table_rows(self, starts: str) -> list[str]:
        """Return the addresses of the rows of the array ``%table`` that a vector of integers says.

        The integers are as wide as the numbers, because they are packed with them.
        """
        lanes = self.module.lanes
        bits = self.module.host.bits // lanes
        return [self.address("%table", self.integer(starts, lane, bits)) for lane in range(lanes)]

    def label(self, name: str) -> None:
        """Begin the part of the function with this label."""
        self.lines.append(f"{name}:")
        self._label = name

    @contextmanager
    def loop(
        self, start: int | str, stop: int | str, step: int = 1, carried: Sequence[tuple[str, str]] = ()
    ) -> Iterator[Loop]:
        """Write a loop whose counter goes from ``start`` up to ``stop``, without it.

        Args:
            carried: the types and the first values of what one turn leaves to the next.  Before the end of the body the
                caller puts the next values into ``following``; after the loop ``carried`` has the last values.
        """
        word = self.name("loop")
        before, counter = self._label, f"%{word}.i"
        loop = Loop(counter, [f"%{word}.c{i}" for i in range(len(carried))], [])
        self.lines.append(f"br label %{word}")
        self.label(word)
        head = len(self.lines)
        inside = f"{word}.body"
        self.lines += [
            f"%{word}.more = icmp ult i64 {counter}, {stop}",
            f"br i1 %{word}.more, label %{inside}, label %{word}.end",
        ]
        self.label(inside)
        yield loop
        latch = self._label
        self.lines += [f"%{word}.next = add i64 {counter}, {step}", f"br label %{word}"]
        phis = [f"{counter} = phi i64 [ {start}, %{before} ], [ %{word}.next, %{latch} ]"]
        for (kind, first), name, following in zip(carried, loop.carried, loop.following, strict=True):
            phis.append(f"{name} = phi {kind} [ {first}, %{before} ], [ {following}, %{latch} ]")
        self.lines[head:head] = phis
        self.label(f"{word}.end")

    @contextmanager
    def block(self) -> Iterator[Block]:
        """Write straight-line code on vectors."""
        block = self.module.block(f"{self.name('b')}.")
        yield block
        self.lines += block.lines

    def table(self, name: str, numbers: Sequence[int]) -> str:
        """Add a constant table of integers to the module, unless it has one of this name; return its address."""
        content = ", ".join(f"i64 {number}" for number in numbers)
        self.module.declare(name, f"@{name} = internal constant [{len(numbers)} x i64] [{content}]")
        return f"@{name}"

    def zeros(self, count: int) -> list[str]:
        """Return vectors of zeros."""
        return ["zeroinitializer"] * count

    def text(self, value: str | float) -> str:
        """Return the text of a vector whose elements all are a number, or of a vector by its name."""
        return value if isinstance(value, str) else f"splat ({self.module.number} {literal(value, self.module.dtype)})"

    def load(self, address: str) -> str:
        """Load a vector; its address is a multiple of the size of a register."""
        return self.emit(f"load {self.module.vector}, ptr {address}, align {self.module.host.bits // 8}")

    def store(self, vector: str, address: str) -> None:
        """Store a vector; its address is a multiple of the size of a register."""
        self.lines.append(f"store {self.module.vector} {vector}, ptr {address}, align {self.module.host.bits // 8}")

    def fetch(self, address: str) -> None:
        """Tell the processor that a line of memory is needed soon."""
        self.module.declare("llvm.prefetch.p0", "declare void @llvm.prefetch.p0(ptr, i32, i32, i32)")
        # To be read; as near to the processor as possible; numbers, not code.
        self.lines.append(f"call void @llvm.prefetch.p0(ptr {address}, i32 0, i32 3, i32 1)")

    def splat(self, address: str) -> str:
        """Load a number into all elements of a vector."""
        kind, number = self.module.vector, self.module.number
        one = self.emit(f"load {number}, ptr {address}")
        first = self.emit(f"insertelement {kind} poison, {number} {one}, i64 0")
        return self.emit(f"shufflevector {kind} {first}, {kind} poison, <{self.module.lanes} x i32> zeroinitializer")

    def fused(self, x: str, y: str, z: str) -> str:
        """Return x y + z, rounded once where the processor can do so."""
        module = self.module
        called = module.intrinsic("fmuladd", 3, module.dtype)
        return self.emit(f"call {called}({', '.join(f'{module.vector} {one}' for one in (x, y, z))})")

    @contextmanager
    def when(self, condition: str) -> Iterator[None]:
        """Write code that runs if a truth value holds."""
        word = self.name("when")
        self.lines.append(f"br i1 {condition}, label %{word}, label %{word}.end")
        self.label(word)
        yield
        self.lines.append(f"br label %{word}.end")
        self.label(f"{word}.end")

    def replaced(self, condition: str, vectors: Sequence[str], write: Callable[[], list[str]]) -> list[str]:
        """Return some vectors, or those that ``write`` writes code for, if a truth value holds."""
        kind, before = self.module.vector, self._label
        with self.when(condition):
            found = write()
            after = self._label
        pairs = zip(found, vectors, strict=True)
        return [self.emit(f"phi {kind} [ {one}, %{after} ], [ {other}, %{before} ]") for one, other in pairs]

    def add_up(self, vector: str, place: str, condition: str) -> None:
        """Store the sum of the numbers of a vector, added to what is there if a truth value holds."""
        number = self.module.number
        total = self.emit(self.module.total(vector))
        before = self.emit(f"load {number}, ptr {place}")
        kept = self.emit(f"select i1 {condition}, {number} {before}, {number} 0.0")
        self.lines.append(f"store {number} {self.emit(f'fadd {number} {total}, {kept}')}, ptr {place}")


class Strides(NamedTuple):
    """Distances in memory, in numbers, of the factors of a product of matrices.

    Attributes:
        row: from one row of the first factor to the next.
        column: from one column of the first factor to the next.
        vector: from one vector of a row of the second factor to the next.
        line: from one row of the second factor to the next.
    """

    row: int
    column: int
    vector: int
    line: int


def parts(count: int, most: int) -> list[tuple[int, int, int]]:
    """Return how a count is cut into tiles: (start, stop, size) of each stretch of tiles of one size.

    A small count is cut evenly if it can be.

    >>> parts(32, 6), parts(128, 6), parts(10, 6)
    ([(0, 32, 4)], [(0, 126, 6), (126, 128, 2)], [(0, 10, 5)])
    """
    even = [size for size in range(most, most // 2, -1) if count % size == 0]
    size = even[0] if even and count < 8 * most else min(most, count)
    whole = count - count % size
    return [(0, whole, size)] + ([(whole, count, count - whole)] if whole < count else [])


def add_products(
    body: Body, sums: Sequence[str], rows: int, a: str, b: str, strides: Strides, depth: int, *, ahead: int = 0
) -> list[str]:
    """Add to each sum of a tile the products of a row of one matrix and a vector of columns of another.

    Args:
        sums: the sums, row by row.
        rows: the number of rows of the tile.
        a, b: the addresses of the first element of each factor.
        depth: how many products each sum has.
        ahead: how many numbers behind each column of the first factor is what the next tile needs, if this is to be
            fetched into the caches; 0 if not.
    """
    found, kind = list(sums), body.module.vector

    def steps(a: str, b: str, count: int) -> None:
        for k in range(count):
            line = body.address(b, k * strides.line)
            found[:] = _add_line(body, found, rows, body.address(a, k * strides.column), line, strides)

    whole = depth // _UNROLLED * _UNROLLED
    if whole <= _UNROLLED:
        steps(a, b, depth)
        return found
    carried = [("ptr", a), ("ptr", b), *((kind, one) for one in found)]
    with body.loop(0, whole, _UNROLLED, carried) as loop:
        a, b, *found = loop.carried
        for k in range(_UNROLLED if ahead else 0):
            body.fetch(body.address(a, ahead + k * strides.column))
        steps(a, b, _UNROLLED)
        following = [body.address(a, _UNROLLED * strides.column), body.address(b, _UNROLLED * strides.line)]
        loop.following.extend([*following, *found])
    a, b, *found = loop.carried
    steps(a, b, depth - whole)
    return found


def add_lines(body: Body, sums: Sequence[str], rows: int, a: str, lines: Sequence[str], strides: Strides) -> list[str]:
    """Add the same as `add_products` to the sums, where the rows of the second factor are at any addresses."""
    found = list(sums)
    for k, line in enumerate(lines):
        found = _add_line(body, found, rows, body.address(a, k * strides.column), line, strides)
    return found


def _add_line(body: Body, sums: Sequence[str], rows: int, a: str, line: str, strides: Strides) -> list[str]:
    """Add one product to each sum."""
    vectors, found = len(sums) // rows, list(sums)
    columns = [body.load(body.address(line, n * strides.vector)) for n in range(vectors)]
    for m in range(rows):
        number = body.splat(body.address(a, m * strides.row))
        for n, column in enumerate(columns, m * vectors):
            found[n] = body.fused(number, column, found[n])
    return found


def add_dots(body: Body, sums: Sequence[str], first: Sequence[str], second: Sequence[str]) -> list[str]:
    """Add to each sum of a tile the product of a vector of one list and a vector of another, element by element.

    Args:
        sums: a vector for each pair of vectors, in the order of the first list.
        first, second: the addresses of the vectors.
    """
    others, found = [body.load(one) for one in second], list(sums)
    for m, address in enumerate(first):
        one = body.load(address)
        for n, other in enumerate(others, m * len(others)):
            found[n] = body.fused(one, other, found[n])
    return found


def transposed(body: Body, vectors: Iterable[str]) -> list[str]:
    """Return the columns of a square of numbers whose rows are given."""
    module, found = body.module, list(vectors)
    lanes, kind = len(found), module.vector
    half = 1
    while half < lanes:
        for i in range(lanes):
            if i & half:
                continue
            one, other = found[i], found[i | half]
            lower = [lane if not lane & half else lanes + (lane ^ half) for lane in range(lanes)]
            upper = [lane | half if not lane & half else lanes + lane for lane in range(lanes)]
            for place, indices in ((i, lower), (i | half, upper)):
                chosen = ", ".join(f"i32 {index}" for index in indices)
                found[place] = body.emit(f"shufflevector {kind} {one}, {kind} {other}, <{lanes} x i32> <{chosen}>")
        half *= 2
    return found
