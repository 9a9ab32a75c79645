"""Array kernels against float kernels: the points at which one differs, on every library and type."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradcli.primitives import REGISTRY, Primitive
from gradcli.primitives.backends import Backend, backend_named
from gradcli.primitives.kernels.piecewise import Tabulated
from tests.support.checking import points

__all__ = ["TYPES", "backend", "compiled_names", "has_code", "mismatches"]

TYPES = [("numpy", "float64"), ("numpy", "float32"), ("numpy", "float16"), ("mlx", "float64"), ("mlx", "float32")]

#: Units in the last place, where 4 are too few: a polynomial, and sums that cancel.
UNITS = {
    "sigmoid_derivative": 8,
    "reciprocal_real": 64,
    "reciprocal_imaginary": 64,
    "sinc_derivative": 64,
    "erfc_excess": 64,
}
_OF_TABLES = {"airyai", "erfinv", "lambertwm1", "ellipe_derivative"}
#: Of two zeros, an array library may choose either.
EITHER_ZERO = {"max", "min", "clip"}


def backend(library: str) -> Backend:
    """Return a library of arrays, if it is installed."""
    if library == "mlx":
        core = pytest.importorskip("mlx.core")
        core.set_default_device(core.cpu)
    return backend_named(library)


def has_code(primitive: Primitive) -> bool:
    """Whether the kernel of a primitive on arrays can be written as code; a table is of one operand."""
    if isinstance(primitive.value, Tabulated) and primitive.arity - len(primitive.static) > 1:
        return False
    return getattr(primitive.array, "writes_code", True)


def compiled_names() -> list[str]:
    """The functions whose machine code is tested on every machine: of those with a table, which share code, a few."""
    return [
        name
        for name, one in REGISTRY.items()
        if has_code(one) and (not isinstance(one.value, Tabulated) or name in _OF_TABLES)
    ]


def moved(value: Callable[..., float], point: tuple[float, ...], amount: float) -> float:
    """How far the value moves if the operands do by a few units of a narrow type."""
    found, here = 0.0, value(*point)
    for i, x in enumerate(point):
        for factor in (1.0 - amount, 1.0 + amount):
            there = value(*point[:i], x * factor, *point[i + 1 :])
            found = max(found, abs(there - here)) if math.isfinite(there) else found
    return found


@functools.lru_cache(maxsize=16)
def _table(primitive: Primitive, static: tuple[float, ...], kind: str) -> list[tuple[tuple[float, ...], float]]:
    """Points whose numbers are of a type, with the value of the float kernel at each; several libraries share it."""
    number = np.dtype(kind).type
    chosen = [(*static, *(float(number(x)) for x in point[len(static) :])) for point in points(primitive, static)]
    if isinstance(primitive.value, Tabulated) and len(chosen[0]) - len(static) > 1:
        # Element by element, the array kernel calls the float kernel, in decimal arithmetic, so a few points tell all.
        chosen = chosen[::37]
    return [(point, float(number(primitive.value(*point)))) for point in chosen]


def mismatches(
    kernel: Callable[..., Any], primitive: Primitive, static: tuple[float, ...], library: Backend, kind: str
) -> list[tuple[tuple[float, ...], float, float]]:
    """The points at which a kernel differs from the float kernel, with both values."""
    number = np.dtype(kind).type
    exact = library.name == "numpy" and kind == "float64"
    keeps_zeros = library.name == "numpy" and kind != "float16" and primitive.name not in EITHER_ZERO
    table = _table(primitive, static, kind)
    if library.name == "mlx":
        table = [one for one in table if not any(x == 0.0 and math.copysign(1.0, x) < 0.0 for x in one[0])]
    columns = [
        library.from_numpy(np.array(column, kind)) for column in zip(*[point for point, _ in table], strict=True)
    ]
    result = kernel(*static, *columns[len(static) :])
    assert result.dtype == library.dtype(kind)
    found = []
    for (point, wanted), got in zip(table, library.to_numpy(result).tolist(), strict=True):
        if got != got or wanted != wanted:
            agree = got != got and wanted != wanted
        elif got == wanted:
            agree = not keeps_zeros or math.copysign(1.0, got) == math.copysign(1.0, wanted)
        elif math.isinf(got) or math.isinf(wanted):
            agree = not exact and min(abs(got), abs(wanted)) > 0.01 * np.finfo(kind).max
        else:
            bound = UNITS.get(primitive.name, 4) * float(np.spacing(number(abs(wanted))))
            if not exact:
                bound += moved(primitive.value, point, 4.0 * float(np.finfo(kind).eps))
                bound += float(np.finfo(kind).tiny) * (library.name == "mlx")
            agree = abs(got - wanted) <= bound
        if not agree:
            found.append((point, got, wanted))
    return found
