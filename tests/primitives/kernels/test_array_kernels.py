"""The array kernels give what the float kernels give, for every primitive, library, type and shape."""

from __future__ import annotations

import math
import operator
import subprocess
import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from gradcli.primitives import REGISTRY, Primitive
from gradcli.primitives.backends import backend_named
from gradcli.primitives.declared import Pointwise
from gradcli.primitives.kernels.array_kernels import KERNELS, is_numpys, kernel_of
from tests.support.array_cases import POINTWISE, TRUTHS
from tests.support.checking import heads
from tests.support.kernel_checking import TYPES, backend, mismatches
from tests.support.loops import for_each

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def by_name(primitive: Primitive) -> str:
    return primitive.name


@for_each(("library", "kind"), TYPES)
@for_each("primitive", REGISTRY.values(), ids=by_name)
def test_every_primitive_has_on_arrays_the_values_it_has_on_floats(
    primitive: Primitive, library: str, kind: str
) -> None:
    used = backend(library)
    for static in heads(primitive):
        assert not mismatches(used.kernel(primitive), primitive, static, used, kind)[:8]


@pytest.mark.parametrize("kind", ["float16", "float32", "float64"])
def test_a_formula_of_several_operands_is_computed_in_double_precision(kind: str) -> None:
    """A number beside an array has no say in the type, and what overflows only in small floats has its value."""
    formula = SimpleNamespace(array=lambda xp, x, y: xp.exp(-y) * xp.sin(x), arity=2, name="damped", is_truth=False)
    kernel = kernel_of(cast(Pointwise, formula))
    assert kernel is not None
    x = np.array([0.0, 0.5], kind)
    result = kernel(np, x, -171.0)
    assert result.dtype == kind
    assert result[0] == 0.0
    assert kernel(np, np.array([0.5], kind), 1.0)[0] == pytest.approx(math.exp(-1.0) * math.sin(0.5), rel=1e-3)


WRONG: list[tuple[str, Callable[..., Any]]] = [
    ("tanh", lambda x: np.tanh(x) * (1.0 + 1e-14)),
    ("sigmoid", lambda x: 1.0 / (1.0 + np.exp(-x))),  # 0 below -709.8
    ("silu", lambda x: x / (1.0 + np.exp(-x))),  # nan at -inf
    ("sign", np.sign),  # 0 at -0
    ("round", lambda x: np.floor(x + 0.5)),  # halves up
    ("logaddexp", lambda x, y: np.log(np.exp(x) + np.exp(y))),
    ("hypot", lambda x, y: np.sqrt(x * x + y * y)),
    ("sinc", np.sinc),  # 4e-17 at integers
    ("where", lambda c, x, y: np.where(c != 0.0, x, y)),  # a value for nan
    ("softsign", lambda x: x / (1.0 + np.abs(x))),  # nan at infinity
]


@pytest.mark.parametrize(("name", "kernel"), WRONG, ids=[name for name, _ in WRONG])
def test_a_wrong_kernel_is_found(name: str, kernel: Callable[..., Any]) -> None:
    assert mismatches(kernel, REGISTRY[name], (), backend_named("numpy"), "float64")


def test_a_kernel_of_the_wrong_type_is_found() -> None:
    with pytest.raises(AssertionError):
        mismatches(lambda x: np.exp(x).astype(np.float64), REGISTRY["exp"], (), backend_named("numpy"), "float32")


def has_kernel(primitive: Pointwise) -> bool:
    """Whether a primitive has more than the float kernel for each element."""
    return callable(primitive.array) or primitive.array in KERNELS or is_numpys(primitive)


def test_every_primitive_that_peers_or_derivatives_use_has_a_kernel_on_arrays() -> None:
    used = {*POINTWISE, *TRUTHS, "where", *[name for name, primitive in REGISTRY.items() if primitive.internal]}
    assert not [name for name in used if not has_kernel(REGISTRY[name])]


def test_every_name_of_a_kernel_is_ours_or_numpys() -> None:
    assert not [name for name, primitive in REGISTRY.items() if not has_kernel(primitive)]
    assert not KERNELS.keys() - {primitive.array for primitive in REGISTRY.values()}


HOT = {"add": "add", "sub": "subtract", "mul": "multiply", "div": "divide", "neg": "negative", "abs": "abs"}
HOT |= {name: name for name in ("square", "sqrt", "exp", "log", "log1p", "expm1", "tanh", "sin", "cos")}


@pytest.mark.parametrize("name", HOT)
def test_hot_primitives_are_the_ufunc_itself_or_the_operator_that_calls_it(name: str) -> None:
    operators = {"add": operator.add, "sub": operator.sub, "mul": operator.mul, "neg": operator.neg}
    assert backend_named("numpy").kernel(REGISTRY[name]) is (operators.get(name) or getattr(np, HOT[name]))


def layouts(kind: str) -> Iterator[tuple[np.ndarray, ...]]:
    """Operands of many layouts that broadcast: a first, a second and a third."""
    generator = np.random.default_rng(0)
    box = generator.uniform(0.2, 0.9, (6, 8)).astype(kind)
    yield box[0], box[1], box[2]
    yield box[:3, :1], box[:1, :4], box[0, :4]
    yield box[0, :4], box[:3, :4], box[:3, :1]
    yield box.T, box[:, 0], box.T
    yield box[::2, ::-3], box[:3, 1:4], box[0, :3]
    yield box[:0], box[0], box[:1]
    yield box[:0, :0], box[:0, :0], box[:0, :0]
    yield np.array(0.5, kind), np.array(0.25, kind), np.array(0.75, kind)
    yield np.array(0.5, kind), box, box[0]
    yield box.reshape(2, 3, 8)[:, 1], box[:1], np.array(0.75, kind)


@for_each(("library", "kind"), TYPES)
@for_each("primitive", REGISTRY.values(), ids=by_name)
def test_every_kernel_broadcasts_and_leaves_its_operands_alone(primitive: Primitive, library: str, kind: str) -> None:
    used = backend(library)
    static = heads(primitive)[0]
    for layout in layouts(kind):
        free = layout[: primitive.arity - len(static)]
        before = [array.copy() for array in free]
        for array in free:
            array.flags.writeable = False
        result = used.kernel(primitive)(*static, *[used.from_numpy(array) for array in free])
        assert result.dtype == used.dtype(kind)
        assert tuple(result.shape) == np.broadcast_shapes(*[array.shape for array in free])
        for array, old in zip(free, before, strict=True):
            array.flags.writeable = True
            assert np.array_equal(array, old)
        flat = [array.ravel() for array in np.broadcast_arrays(*before)]
        plain = used.to_numpy(used.kernel(primitive)(*static, *[used.from_numpy(array) for array in flat]))
        spread = 16.0 * float(np.finfo(kind).eps)
        assert np.allclose(used.to_numpy(result).ravel(), plain.ravel(), rtol=spread, atol=spread, equal_nan=True)


@for_each("primitive", REGISTRY.values(), ids=by_name)
def test_numbers_alone_give_what_the_float_kernel_gives(primitive: Primitive) -> None:
    point = [*heads(primitive)[0], *[0.75] * primitive.arity][: primitive.arity]
    got = backend_named("numpy").kernel(primitive)(*point)
    assert np.allclose(got, primitive.value(*point), rtol=1e-12, equal_nan=True)


def test_no_warning_about_a_pole_or_an_overflow_reaches_the_user() -> None:
    program = """
import numpy as np
from gradcli.primitives import REGISTRY
x = np.array([-np.inf, -1e300, -2.0, 0.0, 0.5, 1e300, np.inf, np.nan])
half = np.array([-np.inf, -6e4, -2.0, 0.0, 0.5, 6e4, np.inf, np.nan], "float16")
for primitive in REGISTRY.values():
    static = len(primitive.static)
    primitive(*[1.0] * static, *[x, x[:, None], x[:, None, None]][:primitive.arity - static])
    primitive(*[1.0] * static, *[half] * (primitive.arity - static))
"""
    finished = subprocess.run([sys.executable, "-W", "always", "-c", program], capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
    assert not finished.stderr
