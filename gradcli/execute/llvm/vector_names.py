"""NumPy's names for vectors of rows: the namespace with which an array kernel of the registry writes its compiled form.

A kernel that uses its namespace alone is called with `NAMES`, and emits what it would compute (`apply`).

>>> from gradcli.execute.llvm.emitter import Module
>>> from gradcli.execute.llvm.host import host
>>> from gradcli.primitives import REGISTRY
>>> block = Module(host(), "float64").block()
>>> _ = apply(REGISTRY["square"], [block.load("%column", "%row")])
>>> sum("fmul" in line for line in block.lines)
1
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

from gradcli.execute.llvm.elementary import OWN
from gradcli.execute.llvm.emitter import Mask, NoCompiledForm, Vector, block_of, dtype_of, home_of, mask_of
from gradcli.primitives import Primitive
from gradcli.primitives.kernels.float_kernels import FLOATS

__all__ = ["NAMES", "apply"]


class Names:
    """The functions of numbers under NumPy's names, on vectors; of Python's numbers alone they give a number.

    A function that there is not raises NotImplementedError: a kernel which needs it has no compiled form.
    """

    __name__ = "llvm"
    float32: Final = "float32"
    float64: Final = "float64"
    floating: Final = "floating"
    nan: Final = math.nan
    #: NumPy's name -> the C library's.
    _CALLED: Final = {
        **{name: name for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "erf", "erfc")},
        **{name: name for name in ("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "hypot")},
        **{f"arc{name}": f"a{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
        "arctan2": "atan2",
        "power": "pow",
    }
    #: NumPy's name -> LLVM's.
    _INTRINSIC: Final = {
        **{name: name for name in ("sqrt", "floor", "ceil", "rint", "copysign")},
        "abs": "fabs",
    }

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
            own = OWN.get(called) if dtype_of(operands) == "float64" else None
            return block.call(called, *operands) if own is None else own(*operands)

        setattr(self, name, function)
        return function

    @staticmethod
    def result_type(*kinds: str) -> str:
        """The wider of types."""
        return "float64" if "float64" in kinds else "float32"

    @staticmethod
    def issubdtype(_kind: str, _of: str) -> bool:
        """Every type here is one of floats."""
        return True

    @staticmethod
    def add(x: Any, y: Any) -> Any:
        """The sum."""
        return x + y

    @staticmethod
    def subtract(x: Any, y: Any) -> Any:
        """The difference."""
        return x - y

    @staticmethod
    def multiply(x: Any, y: Any) -> Any:
        """The product."""
        return x * y

    @staticmethod
    def divide(x: Any, y: Any) -> Any:
        """The quotient."""
        return x / y

    @staticmethod
    def negative(x: Any) -> Any:
        """The negative."""
        return -x

    @staticmethod
    def square(x: Any) -> Any:
        """The square."""
        return x * x

    @staticmethod
    def less(x: Any, y: Any) -> Any:
        """Whether x is less than y."""
        return x < y

    @staticmethod
    def less_equal(x: Any, y: Any) -> Any:
        """Whether x is at most y."""
        return x <= y

    @staticmethod
    def greater(x: Any, y: Any) -> Any:
        """Whether x is greater than y."""
        return x > y

    @staticmethod
    def greater_equal(x: Any, y: Any) -> Any:
        """Whether x is at least y."""
        return x >= y

    @staticmethod
    def equal(x: Any, y: Any) -> Any:
        """Whether x equals y."""
        return x == y

    @staticmethod
    def not_equal(x: Any, y: Any) -> Any:
        """Whether x differs from y."""
        return x != y

    @staticmethod
    def logical_and(x: Any, y: Any) -> Mask | bool:
        """Whether both are true."""
        beside = x if isinstance(x, (Vector, Mask)) else y
        return mask_of(x, beside) & mask_of(y, beside) if block_of((x, y)) else FLOATS.logical_and(x, y)

    @staticmethod
    def logical_or(x: Any, y: Any) -> Mask | bool:
        """Whether one of the two is true."""
        beside = x if isinstance(x, (Vector, Mask)) else y
        return mask_of(x, beside) | mask_of(y, beside) if block_of((x, y)) else FLOATS.logical_or(x, y)

    @staticmethod
    def logical_not(x: Any) -> Mask | bool:
        """Whether x is false."""
        return ~mask_of(x, x) if block_of((x,)) else FLOATS.logical_not(x)

    @staticmethod
    def where(condition: Any, x: Any, y: Any) -> Any:
        """x where the condition holds, else y."""
        vectors = [operand for operand in (x, y, condition) if isinstance(operand, (Vector, Mask))]
        if not vectors:
            return FLOATS.where(condition, x, y)
        return mask_of(condition, vectors[0]).choose(x, y, vectors[0].dtype)

    @staticmethod
    def maximum(x: Any, y: Any) -> Any:
        """The larger; y if they are equal, and nan if one is."""
        return _extreme("gt", x, y) if block_of((x, y)) else FLOATS.maximum(x, y)

    @staticmethod
    def minimum(x: Any, y: Any) -> Any:
        """The smaller; y if they are equal, and nan if one is."""
        return _extreme("lt", x, y) if block_of((x, y)) else FLOATS.minimum(x, y)

    @staticmethod
    def cbrt(x: Vector) -> Vector:
        """The cube root, after a step of Newton's method, which makes the roots of cubes exact."""
        root, size = x.block.call("cbrt", x), x.block.intrinsic("fabs", x)
        least, most = (1e-290, 1e290) if x.dtype == "float64" else (1e-30, 1e30)
        better = root - (root * root * root - x) / (3.0 * root * root)
        return ((size > least) & (size < most)).choose(better, root, x.dtype)

    @staticmethod
    def remainder(x: Any, y: Any) -> Vector:
        """The floored remainder, as Python has it."""
        rest = home_of(x, y).call("fmod", x, y)
        moved = (mask_of(y < 0.0, rest) ^ (rest < 0.0)).choose(rest + y, rest, rest.dtype)
        return (rest == 0.0).choose(NAMES.copysign(0.0, y), moved, rest.dtype)


def _extreme(order: str, x: Any, y: Any) -> Vector:
    """As NumPy's loops do it: x if it is no number or comes first, else y."""
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


NAMES: Final = Names()


def apply(primitive: Primitive, operands: Sequence[Vector | float]) -> Vector | float:
    """The value of a primitive on vectors and numbers; a number if all operands are.

    Raises:
        NoCompiledForm: the primitive has none.
    """
    if not any(isinstance(operand, Vector) for operand in operands):
        return primitive.value(*operands)
    kernel = primitive.array
    try:
        if isinstance(kernel, str):
            return getattr(NAMES, kernel)(*operands)  # type: ignore[no-any-return]
        if kernel is not None:
            return kernel(NAMES, *operands)  # type: ignore[no-any-return]
    except NotImplementedError:
        pass
    raise NoCompiledForm(f"{primitive.name} has no compiled form")
