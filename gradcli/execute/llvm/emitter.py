"""The emitter: straight-line LLVM code on vectors of rows, written as text.

A `Block` collects instructions.  A `Vector` is a value in it, with one number for each of a few rows, and has Python's
operators; a `Mask` has a truth value for each row.  Equal instructions become one value, so that LLVM need not search
for them.  An `LLVMModule` holds the functions around the blocks.

>>> from gradcli.execute.llvm.host import host
>>> module = LLVMModule(host(), "float64")
>>> block = module.block()
>>> x = block.load("%column", "%row")
>>> block.store(x * x + x * x, "%result", "%row")
>>> sum("fmul" in line for line in block.lines), sum("fadd" in line for line in block.lines)
(1, 1)
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable, Sequence
from typing import Any, Final

from gradcli.execute.llvm.host import FUNCTIONS, Host, address_of, c_name

__all__ = [
    "Block", "LLVMModule", "Mask", "NoCompiledForm", "Vector", "block_of", "dtype_of", "home_of", "literal", "mask_of",
]  # fmt: skip

_TYPES: Final = {"float64": "double", "float32": "float"}
#: A comment in LLVM's text that marks the stores of results.
_RESULT: Final = " ; result"
#: From this many lines on, a function may have more values than there are registers.  LLVM keeps the others in memory,
#: each within one line of the caches only if it may align the stack; otherwise moving one takes twice as long.
_SPILLED: Final = 60
_ALIGNED: Final = '"stackrealign"'
_SIZES: Final = {"float64": 8, "float32": 4}


class NoCompiledForm(Exception):
    """The error for an operation without a compiled form; the message is a clause that names it."""


class LLVMModule:
    """The text of one LLVM module: functions, and declarations of the functions that they call.

    Args:
        host: the machine that the code is for.
        dtype: the type of the numbers, ``"float64"`` or ``"float32"``.
        contract: allow a product and the addition after it to be rounded only once (a fused multiply-add).  Formulas
            that recover rounding errors are then wrong, so this is for training, not for tables.
    """

    def __init__(self, host: Host, dtype: str, *, contract: bool = False) -> None:
        self.host = host
        self.dtype = dtype
        self.contract = contract
        #: The number of rows in a vector, and LLVM's types of a number and of a vector.
        self.lanes = host.lanes(dtype)
        self.number = _TYPES[dtype]
        self.vector = f"<{self.lanes} x {self.number}>"
        #: The names of the functions of C libraries that the code calls.
        self.symbols: set[str] = set()
        #: The names of variables of the code that are addresses of this process -> the addresses.
        self.addresses: dict[str, int] = {}
        #: Whether a call of a function that the compiler writes itself is replaced by the code of the function.
        self.inlines = False
        #: Whether a function has a branch that is seldom taken.
        self.has_branches = False
        #: The number of lines of code so far.
        self.size = 0
        self._declarations: dict[str, str] = {}
        self._definitions: list[str] = []

    def block(self, prefix: str = "") -> Block:
        """Return a new block; `define` makes a function of its lines.

        Args:
            prefix: the beginning of the names of its values, for a function that is made of several blocks.
        """
        return Block(self, prefix)

    def has(self, name: str) -> bool:
        """Whether a function of this name has been declared."""
        return name in self._declarations

    def declare(self, name: str, declaration: str) -> None:
        """Add the declaration or the definition of a called function, unless the module has it already."""
        self._declarations.setdefault(name, declaration)

    def declare_address(self, name: str, address: int) -> None:
        """Add a variable that is set when the code is loaded; code in the cache folder doesn't have the address."""
        self.declare(name, f'@"{name}" = global ptr null')
        self.addresses[name] = address

    def define(self, signature: str, lines: Sequence[str], *, linkage: str = "") -> None:
        """Add a function.

        Args:
            signature: the type of its result, its name and its parameters: ``void @run(i64 %rows)``.
            lines: its body; if it has several labels, the first line is ``entry:``.
            linkage: ``"internal"`` for a function that only the module itself calls.
        """
        self.size += len(lines)
        group = 0 if len(lines) < _SPILLED else 1
        self._definitions.append("\n".join([f"define {linkage} {signature} #{group} {{", *lines, "}"]))

    def text(self, *, is_streamed: bool = False) -> str:
        """Return the text of the module, for LLVM to parse.

        Args:
            is_streamed: whether results are written directly to memory, not into the caches; their addresses must be
                multiples of the size of a register.
        """
        attributes = [
            "nounwind",
            '"frame-pointer"="none"',
            f'"prefer-vector-width"="{self.host.bits}"',
            f'"min-legal-vector-width"="{self.host.bits}"',
            f'"target-cpu"="{self.host.cpu}"',
        ]
        if self.host.features:
            attributes.append(f'"target-features"="{self.host.features}"')
        parts = [f'target triple = "{self.host.triple}"', *self._declarations.values(), *self._definitions]
        groups = [f"attributes #0 = {{ {' '.join(attributes)} }}"]
        groups.append(f"attributes #1 = {{ {' '.join([*attributes, _ALIGNED])} }}")
        text = "\n".join([*parts, *groups, ""])
        if self.has_branches:
            text += '!1 = !{!"branch_weights", i32 1000, i32 1}\n'
        if is_streamed:
            register = f"align {self.host.bits // 8}, !nontemporal !0"
            text = text.replace(f"align {_SIZES[self.dtype]}{_RESULT}", register) + "!0 = !{i32 1}\n"
        return text

    def function(self, name: str, dtype: str) -> str:
        """Return the text of a call of a C library function, up to its operands.

        The operands are vectors that fill a register.

        Raises:
            NotImplementedError: the C library of this system lacks the function.
        """
        lanes = self.host.lanes(dtype)
        kind, number = f"<{lanes} x {_TYPES[dtype]}>", _TYPES[dtype]
        found = self.host.vector_symbol(name, dtype)
        operands = ", ".join([kind] * FUNCTIONS[name])
        if found is not None:
            symbol, convention = found
            self.symbols.add(symbol)
            self.declare(symbol, f"declare {convention}{kind} @{symbol}({operands}) #0")
            return f"{convention}{kind} @{symbol}"
        scalar, symbol = c_name(name, dtype), f"each_{c_name(name, dtype)}"
        if not address_of(scalar):
            raise NotImplementedError(name)
        if not self.has(symbol):
            self.symbols.add(scalar)
            numbers = ", ".join([number] * FUNCTIONS[name])
            self.declare(scalar, f"declare {number} @{scalar}({numbers}) #0")
            lines, result = [], "poison"
            for lane in range(lanes):
                given = []
                for i in range(FUNCTIONS[name]):
                    lines.append(f"%x{i}.{lane} = extractelement {kind} %{i}, i32 {lane}")
                    given.append(f"{number} %x{i}.{lane}")
                lines.append(f"%y{lane} = call {number} @{scalar}({', '.join(given)})")
                lines.append(f"%r{lane} = insertelement {kind} {result}, {number} %y{lane}, i32 {lane}")
                result = f"%r{lane}"
            body = "\n".join([*lines, f"ret {kind} {result}"])
            parameters = ", ".join(f"{kind} %{i}" for i in range(FUNCTIONS[name]))
            self.declare(symbol, f"define internal {kind} @{symbol}({parameters}) noinline #0 {{\nentry:\n{body}\n}}")
        return f"{kind} @{symbol}"

    def intrinsic(self, name: str, operands: int, dtype: str) -> str:
        """Return the text of a call of a function that LLVM has built in for vectors, up to its operands."""
        kind, full = f"<{self.lanes} x {_TYPES[dtype]}>", f"llvm.{name}.v{self.lanes}f{8 * _SIZES[dtype]}"
        self.declare(full, f"declare {kind} @{full}({', '.join([kind] * operands)})")
        return f"{kind} @{full}"

    def total(self, vector: str) -> str:
        """Return the text of the instruction that adds up the numbers of a vector, in any order."""
        name = f"llvm.vector.reduce.fadd.v{self.lanes}f{8 * _SIZES[self.dtype]}"
        self.declare(name, f"declare {self.number} @{name}({self.number}, {self.vector})")
        return f"call reassoc {self.number} @{name}({self.number} 0.0, {self.vector} {vector})"

    def include(self, other: LLVMModule) -> None:
        """Add the declarations that blocks of another module need."""
        for name, declaration in other._declarations.items():
            self.declare(name, declaration)
        self.symbols |= other.symbols
        self.addresses |= other.addresses
        self.has_branches = self.has_branches or other.has_branches


class Block:
    """Instructions that run one after the other, and their values.

    Attributes:
        module: the module that the block is written for.
        lines: the text so far.
        calls: the number of calls of mathematical functions.
    """

    def __init__(self, module: LLVMModule, prefix: str = "") -> None:
        self.module = module
        self.lines: list[str] = []
        self.calls = 0
        #: The name of the part of the function, without branches, that the next instruction belongs to.
        self.label = "entry"
        self._prefix = prefix
        self._values: dict[str, str] = {}
        self._branches = 0
        self._written: dict[tuple[str, ...], tuple[Vector, ...]] = {}

    def emit(self, text: str) -> str:
        """Return the name of the value of an instruction without side effects; equal instructions have one value."""
        name = self._values.get(text)
        if name is None:
            name = self._values[text] = f"%{self._prefix}v{len(self._values)}"
            self.lines.append(f"{name} = {text}")
        return name

    def seldom(
        self, where: Mask, usual: Sequence[Vector], write: Callable[..., Sequence[Vector]], *operands: Any
    ) -> list[Vector]:
        """Return results that are others in few rows; the code of these runs only if there are such rows.

        Args:
            where: the rows with other results.
            usual: the results in the other rows.
            write: a function from the operands to the other results, in a block of its own.
            operands: vectors of this block, and numbers.
        """
        lanes = self.module.lanes
        if where.name in ("true", "false"):
            return list(write(*operands) if where.name == "true" else usual)
        none = self.emit(f"icmp eq i{lanes} {self.emit(f'bitcast {where.kind} {where.name} to i{lanes}')}, 0")
        self._branches += 1
        before, mark = self.label, f"{self._prefix}{self._branches}"
        inside = Block(self.module, f"s{mark}.")
        moved = [Vector(inside, x.name, x.dtype) if isinstance(x, Vector) else x for x in operands]
        there = Mask(inside, where.name, where.dtype)
        inlines, self.module.inlines = self.module.inlines, False
        others = [there.choose(other, one, one.dtype) for other, one in zip(write(*moved), usual, strict=True)]
        self.module.inlines, self.module.has_branches = inlines, True
        self.lines += [
            f"br i1 {none}, label %after.{mark}, label %seldom.{mark}, !prof !1",
            f"seldom.{mark}:",
            *inside.lines,
            f"br label %after.{mark}",
            f"after.{mark}:",
        ]
        self.label = f"after.{mark}"
        kind = self.module.vector
        found = []
        for x, y in zip(usual, others, strict=True):
            text = f"phi {kind} [ {x.name}, %{before} ], [ {y.name}, %seldom.{mark} ]"
            found.append(Vector(self, self.emit(text), x.dtype))
        return found

    def written(self, name: str, write: Callable[..., tuple[Vector, ...]], operands: Sequence[Any]) -> Sequence[Vector]:
        """Return the results of a function whose code is written at its first call with these operands.

        Args:
            name: the name of the function.
            write: the function.
            operands: vectors, and numbers.
        """
        vectors = [Vector(self, self.operand(x, self.module.dtype), self.module.dtype) for x in operands]
        key = name, *(vector.name for vector in vectors)
        if key not in self._written:
            self._written[key] = write(*vectors)
        return self._written[key]

    def splat(self, number: str) -> Vector:
        """Return a vector whose elements are all equal to a value, which is a number of the module's type."""
        kind, scalar = self.module.vector, self.module.number
        first = self.emit(f"insertelement {kind} poison, {scalar} {number}, i64 0")
        text = f"shufflevector {kind} {first}, {kind} poison, <{self.module.lanes} x i32> zeroinitializer"
        return Vector(self, self.emit(text), self.module.dtype)

    def constant(self, number: float) -> Vector:
        """Return a vector whose elements are all a known number."""
        return Vector(self, self.operand(number, self.module.dtype), self.module.dtype)

    def load(self, pointer: str, index: str) -> Vector:
        """Load the numbers of consecutive rows; no earlier instruction of this block may write to this memory."""
        address = self.emit(f"getelementptr {self.module.number}, ptr {pointer}, i64 {index}")
        size = _SIZES[self.module.dtype]
        return Vector(self, self.emit(f"load {self.module.vector}, ptr {address}, align {size}"), self.module.dtype)

    def load_scalar(self, pointer: str, index: str) -> Vector:
        """Load one number, the same for all rows."""
        address = self.emit(f"getelementptr {self.module.number}, ptr {pointer}, i64 {index}")
        return self.splat(self.emit(f"load {self.module.number}, ptr {address}"))

    def store(self, value: Vector | float, pointer: str, index: str, *, is_result: bool = False) -> None:
        """Write the numbers of consecutive rows into memory.

        Args:
            is_result: whether these are results, which may bypass the caches (see `LLVMModule.text`).
        """
        address = self.emit(f"getelementptr {self.module.number}, ptr {pointer}, i64 {index}")
        text, kind = self.operand(value, self.module.dtype), self.module.vector
        mark = _RESULT if is_result else ""
        self.lines.append(f"store {kind} {text}, ptr {address}, align {_SIZES[self.module.dtype]}{mark}")

    def kind(self, dtype: str) -> str:
        """Return LLVM's type for a vector of these numbers."""
        return f"<{self.module.lanes} x {_TYPES[dtype]}>"

    def operand(self, value: Any, dtype: str) -> str:
        """Return the text of an operand of an instruction: the name of a vector, or a number as LLVM writes it."""
        if isinstance(value, Vector):
            return value.name
        return f"splat ({_TYPES[dtype]} {literal(float(value), dtype)})"

    def call(self, function: str, *operands: Any) -> Vector:
        """Apply a function of the C library to each element."""
        return self.call_registers(self.module.function(function, dtype_of(operands)), *operands)

    def call_registers(self, called: str, *operands: Any, part: int | None = None) -> Vector:
        """Apply a function whose operands are vectors that fill a register.

        Args:
            called: the text of the call, up to its operands.
            operands: vectors and numbers.
            part: the position of the result to return, if the function has two.
        """
        dtype = dtype_of(operands)
        lanes, whole = self.module.host.lanes(dtype), self.module.lanes
        kind = f"<{lanes} x {_TYPES[dtype]}>"
        texts = [self.operand(operand, dtype) for operand in operands]
        self.calls += 1

        def result(pieces: Sequence[str]) -> str:
            found = self.emit(_call(called, kind, pieces))
            return found if part is None else self.emit(f"extractvalue {{{kind}, {kind}}} {found}, {part}")

        if lanes == whole:
            return Vector(self, result(texts), dtype)
        # In code for 32-bit numbers, a vector of doubles fills two registers.
        wide, results = self.kind(dtype), []
        for start in range(0, whole, lanes):
            chosen = ", ".join(f"i32 {i}" for i in range(start, start + lanes))
            pieces = [f"shufflevector {wide} {text}, {wide} poison, <{lanes} x i32> <{chosen}>" for text in texts]
            results.append(result([self.emit(piece) for piece in pieces]))
        indices = ", ".join(f"i32 {i}" for i in range(whole))
        text = f"shufflevector {kind} {results[0]}, {kind} {results[1]}, <{whole} x i32> <{indices}>"
        return Vector(self, self.emit(text), dtype)

    def intrinsic(self, name: str, *operands: Any) -> Vector:
        """Apply a function that LLVM has built in to each element."""
        dtype = dtype_of(operands)
        called = self.module.intrinsic(name, len(operands), dtype)
        return Vector(
            self, self.emit(_call(called, self.kind(dtype), [self.operand(x, dtype) for x in operands])), dtype
        )


def _call(function: str, kind: str, operands: Sequence[str]) -> str:
    return f"call {function}({', '.join([f'{kind} {text}' for text in operands])})"


def literal(value: float, dtype: str) -> str:
    """Return a number as LLVM writes it, by the bits of a double; for 32-bit numbers it is rounded first."""
    if dtype == "float32":
        value = ctypes.c_float(value).value
    return f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016X}"


def dtype_of(operands: Sequence[Any]) -> str:
    """Return the type of operands, at least one of which is a vector."""
    return next(operand.dtype for operand in operands if isinstance(operand, Vector))


def block_of(operands: Sequence[Any]) -> Block | None:
    """Return the block that operands belong to; None if all are numbers."""
    return next((operand.block for operand in operands if isinstance(operand, (Vector, Mask))), None)


def home_of(*operands: Any) -> Block:
    """Return the block that operands belong to; at least one is a vector."""
    found = block_of(operands)
    assert found is not None
    return found


class Vector:
    """A number for each row, in a register.

    Attributes:
        block, name: the block that computes it, and its name there.
        dtype: ``"float64"`` or ``"float32"``.
        truth: the mask from which the vector was made, if it is 1 where a mask is true and 0 elsewhere; otherwise None.
    """

    __slots__ = ("block", "dtype", "name", "truth")
    #: The kernels of the registry recognise an array by its shape.
    shape: Final = ()

    def __init__(self, block: Block, name: str, dtype: str, truth: Mask | None = None) -> None:
        self.block = block
        self.name = name
        self.dtype = dtype
        self.truth = truth

    @property
    def itemsize(self) -> int:
        """The bytes of a number."""
        return _SIZES[self.dtype]

    def astype(self, dtype: str) -> Vector:
        """Return the numbers converted to another type."""
        if dtype == self.dtype:
            return self
        word = "fpext" if dtype == "float64" else "fptrunc"
        text = f"{word} {self.block.kind(self.dtype)} {self.name} to {self.block.kind(dtype)}"
        return Vector(self.block, self.block.emit(text), dtype, self.truth)

    def _binary(self, word: str, x: Any, y: Any) -> Vector:
        block, flags = self.block, "contract " if self.block.module.contract else ""
        first, second = block.operand(x, self.dtype), block.operand(y, self.dtype)
        if word in ("fadd", "fmul") and second < first:
            first, second = second, first
        return Vector(block, block.emit(f"{word} {flags}{block.kind(self.dtype)} {first}, {second}"), self.dtype)

    def _compare(self, word: str, other: Any) -> Mask:
        block = self.block
        name = block.emit(f"fcmp {word} {block.kind(self.dtype)} {self.name}, {block.operand(other, self.dtype)}")
        return Mask(block, name, self.dtype)

    def __add__(self, other: Any) -> Vector:
        return self._binary("fadd", self, other)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Vector:
        return self._binary("fsub", self, other)

    def __rsub__(self, other: Any) -> Vector:
        return self._binary("fsub", other, self)

    def __mul__(self, other: Any) -> Vector:
        if isinstance(other, (int, float)):
            if other == 1.0:
                return self
            if other == -1.0:
                return -self
        return self._binary("fmul", self, other)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Vector:
        return self._binary("fdiv", self, other)

    def __rtruediv__(self, other: Any) -> Vector:
        return self._binary("fdiv", other, self)

    def __neg__(self) -> Vector:
        return Vector(self.block, self.block.emit(f"fneg {self.block.kind(self.dtype)} {self.name}"), self.dtype)

    def __lt__(self, other: Any) -> Mask:
        return self._compare("olt", other)

    def __le__(self, other: Any) -> Mask:
        return self._compare("ole", other)

    def __gt__(self, other: Any) -> Mask:
        return self._compare("ogt", other)

    def __ge__(self, other: Any) -> Mask:
        return self._compare("oge", other)

    def __eq__(self, other: object) -> Mask:  # type: ignore[override]
        if self.truth is not None and not isinstance(other, Vector) and other == 0.0:
            return ~self.truth
        return self._compare("oeq", other)

    def __ne__(self, other: object) -> Mask:  # type: ignore[override]
        if self.truth is not None:
            if other is self:
                return Mask(self.block, "false", self.dtype)
            if not isinstance(other, Vector) and other == 0.0:
                return self.truth
        return self._compare("une", other)

    __hash__ = object.__hash__


class Mask:
    """A truth value for each row.

    Attributes:
        block: the block that computes it.
        name: its name there; ``true`` or ``false`` if it is known to be the same for all rows.
        dtype: the type of the numbers that were compared.
    """

    __slots__ = ("block", "dtype", "name")
    shape: Final = ()

    def __init__(self, block: Block, name: str, dtype: str) -> None:
        self.block = block
        self.name = name
        self.dtype = dtype

    @property
    def kind(self) -> str:
        """LLVM's type of a mask."""
        return f"<{self.block.module.lanes} x i1>"

    def astype(self, dtype: str) -> Vector:
        """Return 1 where this is true, else 0."""
        return self.choose(1.0, 0.0, dtype)

    def choose(self, x: Any, y: Any, dtype: str) -> Vector:
        """Return x where this is true, else y."""
        block = self.block
        first, second, kind = block.operand(x, dtype), block.operand(y, dtype), block.kind(dtype)
        if self.name == "true" or first == second:
            return Vector(block, first, dtype)
        if self.name == "false":
            return Vector(block, second, dtype)
        name = block.emit(f"select {self.kind} {self.name}, {kind} {first}, {kind} {second}")
        is_truth = not isinstance(x, Vector) and not isinstance(y, Vector) and x == 1.0 and y == 0.0
        return Vector(block, name, dtype, self if is_truth else None)

    def _join(self, word: str, other: Any) -> Mask:
        stronger, weaker = ("false", "true") if word == "and" else ("true", "false")
        joined = mask_of(other, self)
        if self.name == stronger or joined.name == weaker or self.name == joined.name:
            return self
        if joined.name == stronger or self.name == weaker:
            return joined
        first, second = sorted((self.name, joined.name))
        return Mask(self.block, self.block.emit(f"{word} {self.kind} {first}, {second}"), self.dtype)

    def __and__(self, other: Any) -> Mask:
        return self._join("and", other)

    __rand__ = __and__

    def __or__(self, other: Any) -> Mask:
        return self._join("or", other)

    __ror__ = __or__

    def __xor__(self, other: Mask) -> Mask:
        if self.name in ("true", "false"):
            return ~other if self.name == "true" else other
        first, second = sorted((self.name, other.name))
        return Mask(self.block, self.block.emit(f"xor {self.kind} {first}, {second}"), self.dtype)

    def __invert__(self) -> Mask:
        if self.name in ("true", "false"):
            return Mask(self.block, "false" if self.name == "true" else "true", self.dtype)
        return Mask(self.block, self.block.emit(f"xor {self.kind} {self.name}, splat (i1 true)"), self.dtype)


def mask_of(condition: Any, like: Any) -> Mask:
    """Return a condition as a mask: a number is true if it isn't 0.

    Args:
        condition: a mask, a vector, or a number.
        like: a vector or mask; the mask of a number gets the block and the type of ``like``.
    """
    if isinstance(condition, Mask):
        return condition
    if isinstance(condition, Vector):
        return condition != 0.0
    return Mask(like.block, "true" if condition else "false", like.dtype)
