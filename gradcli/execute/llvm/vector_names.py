"""NumPy's functions for vectors of rows; with these, the array kernels of the registry write compiled code.

An array kernel gets a namespace of NumPy's functions as an argument.  With `NAMES` in place of NumPy, it emits the
instructions of its computation (`apply`).

>>> from gradcli.execute.llvm.emitter import LLVMModule
>>> from gradcli.execute.llvm.host import host
>>> from gradcli.primitives import REGISTRY
>>> block = LLVMModule(host(), "float64").block()
>>> _ = apply(REGISTRY["square"], [block.load("%column", "%row")])
>>> sum("fmul" in line for line in block.lines)
1
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from gradcli.execute.llvm.elementary import OWN
from gradcli.execute.llvm.emitter import Mask, NoCompiledForm, Vector, block_of, dtype_of, home_of, mask_of
from gradcli.execute.tape import Tape
from gradcli.primitives import Primitive
from gradcli.primitives.kernels.array_kernels import kernel_of
from gradcli.primitives.kernels.array_support import Namespace
from gradcli.primitives.kernels.float_kernels import FLOATS

if TYPE_CHECKING:
    from gradcli.primitives.kernels.piecewise import Tabulated

__all__ = ["NAMES", "apply", "run_tape"]


class VectorNames(Namespace):
    """Functions with NumPy's names that take vectors and numbers; if all operands are numbers, the result is a number.

    A missing function raises NotImplementedError: a kernel that needs it has no compiled form.
    """

    writes_code = True
    float32: Final = "float32"
    float64: Final = "float64"
    floating: Final = "floating"
    nan: Final = math.nan
    #: NumPy's name of a function -> the C library's.
    _CALLED: Final = {
        **{name: name for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "erf", "erfc")},
        **{name: name for name in ("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "hypot")},
        **{f"arc{name}": f"a{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
        "arctan2": "atan2",
        "power": "pow",
    }
    #: NumPy's name of a function -> LLVM's.
    _INTRINSIC: Final = {
        **{name: name for name in ("sqrt", "floor", "ceil", "rint", "copysign")},
        "abs": "fabs",
    }

    # NumPy's names of Python's operators, which vectors and numbers have.
    add: Final = staticmethod(operator.add)
    subtract: Final = staticmethod(operator.sub)
    multiply: Final = staticmethod(operator.mul)
    divide: Final = staticmethod(operator.truediv)
    negative: Final = staticmethod(operator.neg)
    less: Final = staticmethod(operator.lt)
    less_equal: Final = staticmethod(operator.le)
    greater: Final = staticmethod(operator.gt)
    greater_equal: Final = staticmethod(operator.ge)
    equal: Final = staticmethod(operator.eq)
    not_equal: Final = staticmethod(operator.ne)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)
        if name not in self._CALLED and name not in self._INTRINSIC:
            raise NotImplementedError(name)
        called, intrinsic, on_floats = self._CALLED.get(name), self._INTRINSIC.get(name), getattr(FLOATS, name)

        def function(*operands: Any) -> Any:
            block = block_of(operands)
            if block is None:
                return on_floats(*operands)
            if not called:
                return block.intrinsic(str(intrinsic), *operands)
            own = _own(called, operands)
            return block.call(called, *operands) if own is None else own(*operands)

        setattr(self, name, function)
        return function

    def by_pieces(self, table: Tabulated, *operands: Any) -> Vector:
        """Return the values of a function of one vector, and of numbers, by its table of polynomials."""
        from gradcli.execute.llvm.pieces import by_pieces  # few expressions need it

        return by_pieces(table, operands)

    @staticmethod
    def result_type(*kinds: str) -> str:
        """Return the widest of some types."""
        return "float64" if "float64" in kinds else "float32"

    @staticmethod
    def issubdtype(_kind: str, _of: str) -> bool:
        """Return True: all types are types of floats."""
        return True

    @staticmethod
    def square(x: Any) -> Any:
        """Return the square of x."""
        return x * x

    @staticmethod
    def logical_and(x: Any, y: Any) -> Mask | bool:
        """Whether both x and y are true."""
        like = x if isinstance(x, (Vector, Mask)) else y
        return mask_of(x, like) & mask_of(y, like) if block_of((x, y)) else FLOATS.logical_and(x, y)

    @staticmethod
    def logical_or(x: Any, y: Any) -> Mask | bool:
        """Whether x or y is true."""
        like = x if isinstance(x, (Vector, Mask)) else y
        return mask_of(x, like) | mask_of(y, like) if block_of((x, y)) else FLOATS.logical_or(x, y)

    @staticmethod
    def logical_not(x: Any) -> Mask | bool:
        """Whether x is false."""
        return ~mask_of(x, x) if block_of((x,)) else FLOATS.logical_not(x)

    @staticmethod
    def where(condition: Any, x: Any, y: Any) -> Any:
        """Return x where the condition holds, else y."""
        vectors = [operand for operand in (x, y, condition) if isinstance(operand, (Vector, Mask))]
        if not vectors:
            return FLOATS.where(condition, x, y)
        return mask_of(condition, vectors[0]).choose(x, y, vectors[0].dtype)

    def seldom(
        self, condition: Any, usual: tuple[Any, ...], compute: Callable[..., tuple[Any, ...]], *operands: Any
    ) -> tuple[Any, ...]:
        """Return the usual results, or where a condition holds, which is seldom, those of ``compute``."""
        module = condition.block.module if isinstance(condition, Mask) else None
        if module is None or not module.inlines or module.dtype != "float64":
            return super().seldom(condition, usual, compute, *operands)
        block = condition.block
        vectors = [one if isinstance(one, Vector) else block.constant(one) for one in usual]
        return tuple(block.seldom(condition, vectors, partial(compute, self), *operands))

    @staticmethod
    def maximum(x: Any, y: Any) -> Any:
        """Return the larger number; y if both are equal, nan if one is nan."""
        return _extreme("gt", x, y) if block_of((x, y)) else FLOATS.maximum(x, y)

    @staticmethod
    def minimum(x: Any, y: Any) -> Any:
        """Return the smaller number; y if both are equal, nan if one is nan."""
        return _extreme("lt", x, y) if block_of((x, y)) else FLOATS.minimum(x, y)

    @staticmethod
    def cbrt(x: Vector) -> Vector:
        """Return the cube root; a step of Newton's method makes the roots of cubes exact."""
        root, size = x.block.call("cbrt", x), x.block.intrinsic("fabs", x)
        least, most = (1e-290, 1e290) if x.dtype == "float64" else (1e-30, 1e30)
        better = root - (root * root * root - x) / (3.0 * root * root)
        return ((size > least) & (size < most)).choose(better, root, x.dtype)

    @staticmethod
    def remainder(x: Any, y: Any) -> Vector:
        """Return the remainder of a floored division, as Python does."""
        rest = home_of(x, y).call("fmod", x, y)
        moved = (mask_of(y < 0.0, rest) ^ (rest < 0.0)).choose(rest + y, rest, rest.dtype)
        return (rest == 0.0).choose(NAMES.copysign(0.0, y), moved, rest.dtype)


def _extreme(order: str, x: Any, y: Any) -> Vector:
    """Return the larger operand for the order ``gt``, the smaller one for ``lt``; nan is treated as in NumPy."""
    dtype, block = dtype_of((x, y)), home_of(x, y)
    first, second = block.operand(x, dtype), block.operand(y, dtype)

    def holds(word: str) -> Mask:
        return Mask(block, block.emit(f"fcmp {word} {block.kind(dtype)} {first}, {second}"), dtype)

    if not isinstance(x, Vector) and x == x:
        return holds(f"o{order}").choose(x, y, dtype)
    if not isinstance(y, Vector) and y == y:
        return holds(f"u{order}").choose(x, y, dtype)
    unknown = Mask(block, block.emit(f"fcmp uno {block.kind(dtype)} {first}, {first}"), dtype)
    return (holds(f"o{order}") | unknown).choose(x, y, dtype)


NAMES: Final = VectorNames()


def _own(name: str, operands: Sequence[Any]) -> Callable[..., Vector] | None:
    """Return the function that the compiler has of its own for doubles; None if there is none."""
    return OWN.get(name) if dtype_of(operands) == "float64" else None


def apply(primitive: Primitive, operands: Sequence[Vector | float]) -> Vector | float:
    """Return the value of a primitive on vectors and numbers; if all operands are numbers, the value is a number.

    Raises:
        NoCompiledForm: the primitive has no compiled form.
    """
    if not any(isinstance(operand, Vector) for operand in operands):
        return primitive.value(*operands)
    own = _own(primitive.name, operands)
    if own is not None:
        return own(*operands)
    kernel = kernel_of(primitive)
    try:
        if kernel is None:
            return getattr(NAMES, str(primitive.array))(*operands)  # type: ignore[no-any-return]
        return kernel(NAMES, *operands)  # type: ignore[no-any-return]
    except NotImplementedError:
        raise NoCompiledForm(f"{primitive.name} has no compiled form") from None


def run_tape(tape: Tape, inputs: Sequence[Vector]) -> list[Any]:
    """Return the outputs of a tape whose variables are vectors.

    Raises:
        NoCompiledForm: an operation has no compiled form.
    """
    values: list[Any] = [*inputs, *tape.constants]
    for primitive, operands in tape.instructions:
        values.append(apply(primitive, [values[i] for i in operands]))
    return [values[i] for i in tape.outputs]
