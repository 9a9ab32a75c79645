"""The array kernels give what the float kernels give, for every primitive, library, type and shape."""

from __future__ import annotations

import copy
import itertools
import math
import operator
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from gradcli.primitives import REGISTRY, Primitive
from gradcli.primitives.backends import Backend, backend_named
from gradcli.primitives.kernels import special_kernels
from tests.support.checking import EDGES, heads, points

INF, NAN = math.inf, math.nan
TYPES = [("numpy", "float64"), ("numpy", "float32"), ("numpy", "float16"), ("mlx", "float64"), ("mlx", "float32")]

#: Units in the last place, where 4 are too few: a polynomial, and sums that cancel.
UNITS = {"sigmoid_derivative": 8, "reciprocal_real": 64, "reciprocal_imaginary": 64, "sinc_derivative": 64}
#: Of two zeros, an array library may choose either.
EITHER_ZERO = {"max", "min", "clip"}

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def by_name(primitive: Primitive) -> str:
    return primitive.name


def backend(library: str) -> Backend:
    if library == "mlx":
        core = pytest.importorskip("mlx.core")
        core.set_default_device(core.cpu)
    return backend_named(library)


def moved(value: Callable[..., float], point: tuple[float, ...], amount: float) -> float:
    """How far the value moves if the operands do by a few units of a narrow type."""
    found, here = 0.0, value(*point)
    for i, x in enumerate(point):
        for factor in (1.0 - amount, 1.0 + amount):
            there = value(*point[:i], x * factor, *point[i + 1 :])
            found = max(found, abs(there - here)) if math.isfinite(there) else found
    return found


def mismatches(
    kernel: Callable[..., Any], primitive: Primitive, static: tuple[float, ...], library: Backend, kind: str
) -> list[tuple[tuple[float, ...], float, float]]:
    """The points at which a kernel differs from the float kernel, with both values."""
    number = np.dtype(kind).type
    exact = library.name == "numpy" and kind == "float64"
    keeps_zeros = library.name == "numpy" and kind != "float16" and primitive.name not in EITHER_ZERO
    chosen = [(*static, *(float(number(x)) for x in point[len(static) :])) for point in points(primitive, static)]
    if library.name == "mlx":
        chosen = [point for point in chosen if not any(x == 0.0 and math.copysign(1.0, x) < 0.0 for x in point)]
    columns = [library.from_numpy(np.array(column, kind)) for column in zip(*chosen, strict=True)]
    result = kernel(*static, *columns[len(static) :])
    assert result.dtype == library.dtype(kind)
    found = []
    for point, got in zip(chosen, library.to_numpy(result).tolist(), strict=True):
        wanted = float(number(primitive.value(*point)))
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


@pytest.mark.parametrize(("library", "kind"), TYPES)
@pytest.mark.parametrize("primitive", REGISTRY.values(), ids=by_name)
def test_every_primitive_has_on_arrays_the_values_it_has_on_floats(
    primitive: Primitive, library: str, kind: str
) -> None:
    used = backend(library)
    for static in heads(primitive):
        assert not mismatches(used.kernel(primitive), primitive, static, used, kind)[:8]


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


def test_every_primitive_has_a_kernel_on_arrays() -> None:
    assert not [name for name, primitive in REGISTRY.items() if primitive.array is None]


@pytest.mark.parametrize(("library", "kind"), TYPES)
def test_a_primitive_without_one_is_mapped_element_by_element(library: str, kind: str) -> None:
    plain = copy.copy(REGISTRY["hypot"])
    plain.array = None
    assert not mismatches(backend(library).kernel(plain), plain, (), backend(library), kind)


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


@pytest.mark.parametrize(("library", "kind"), TYPES)
@pytest.mark.parametrize("primitive", REGISTRY.values(), ids=by_name)
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


@pytest.mark.parametrize(("library", "kind"), TYPES)
@pytest.mark.parametrize("primitive", REGISTRY.values(), ids=by_name)
def test_a_number_of_python_beside_an_array_has_no_say_in_the_type(
    primitive: Primitive, library: str, kind: str
) -> None:
    used = backend(library)
    static = heads(primitive)[0]
    free = primitive.arity - len(static)
    array = used.from_numpy(np.array([0.25, 0.5, 0.75], kind))
    for pattern in itertools.product((array, 0.5), repeat=free):
        if any(operand is array for operand in pattern):
            result = used.kernel(primitive)(*static, *pattern)
            assert result.dtype == used.dtype(kind)
            columns = [[0.25, 0.5, 0.75] if operand is array else [0.5] * 3 for operand in pattern]
            wanted = [primitive.value(*static, *point) for point in zip(*columns, strict=True)]
            relative = 1e-2 if kind == "float16" else 1e-6
            assert np.allclose(used.to_numpy(result), wanted, rtol=relative, atol=0.0, equal_nan=True)


@pytest.mark.parametrize("primitive", [p for p in REGISTRY.values() if p.arity - len(p.static) > 1], ids=by_name)
def test_operands_of_two_types_give_the_wider_one(primitive: Primitive) -> None:
    static = heads(primitive)[0]
    narrow, wide = np.array([0.25, 0.5], "float32"), np.array([0.25, 0.5])
    free = primitive.arity - len(static)
    for position in range(free):
        operands = [wide if i == position else narrow for i in range(free)]
        # What a condition is of has no bearing on what it chooses from.
        is_condition = position == {"where": 0, "guard": 1}.get(primitive.name)
        result = backend_named("numpy").kernel(primitive)(*static, *operands)
        assert result.dtype == ("float32" if is_condition else "float64")


@pytest.mark.parametrize("exponent", [-1.0, -1e-5, 0.0, 0.1, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.5, -2.0, -0.5, 2])
@pytest.mark.parametrize("name", ["pow", "slope"])
@pytest.mark.parametrize("numbers", [EDGES, np.linspace(-3.0, 3.0, 100).tolist(), np.linspace(0.1, 9.0, 100).tolist()])
def test_a_constant_exponent_takes_a_shorter_way_to_the_same_values(
    name: str, numbers: Sequence[float], exponent: float
) -> None:
    x = np.array(numbers)
    primitive = REGISTRY["pow" if name == "pow" else "power_derivative"]
    orders = () if name == "pow" else (1.0, 0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        got = backend_named("numpy").kernel(primitive)(*orders, x, exponent)
    for at, value in zip(x.tolist(), got.tolist(), strict=True):
        wanted = primitive.value(*orders, at, float(exponent))
        if math.isfinite(wanted) and wanted != 0.0:
            assert abs(value - wanted) <= 4.0 * math.ulp(wanted), at
        else:
            assert np.array_equal(value, wanted, equal_nan=True), at
            assert wanted != wanted or math.copysign(1.0, value) == math.copysign(1.0, wanted), at


@pytest.mark.parametrize("shape", [(2, 1), (1,), ()])
def test_a_square_root_as_a_power_is_a_power(shape: tuple[int, ...]) -> None:
    got = backend_named("numpy").kernel(REGISTRY["pow"])(np.array([-INF, -0.0, -4.0, 4.0]), np.full(shape, 0.5))
    assert np.array_equal(got.reshape(-1, 4)[0], [INF, 0.0, NAN, 2.0], equal_nan=True)
    assert not np.signbit(got.reshape(-1, 4)[0][:2]).any()


@pytest.mark.parametrize("name", ["erf", "erfc", "gelu"])
def test_special_functions_need_no_scipy(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(special_kernels, "_scipy", lambda name: None)
    for static in heads(REGISTRY[name]):
        assert not mismatches(
            backend_named("numpy").kernel(REGISTRY[name]), REGISTRY[name], static, backend_named("numpy"), "float64"
        )


@pytest.mark.parametrize("order", [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 20.0, 0.5, -1.0, 101.0, 102.0])
@pytest.mark.parametrize(
    "name",
    ["polygamma", "gamma_derivative", "sinc_derivative", "sigmoid_derivative", "reciprocal_real", "power_derivative"],
)
def test_every_order_of_a_family_of_derivatives(name: str, order: float) -> None:
    primitive = REGISTRY[name]
    x = np.array([-INF, -1e300, -2.5, -2.0, -0.0, 1e-300, 0.3, 1.0, 1.46, 2.0, 7.5, 170.5, 1e8, INF, NAN])
    operands = {1: (order, x), 2: (order, x, 0.7)}[primitive.arity - 1] if name != "power_derivative" else None
    operands = operands or (order, 1.0, x, 2.5)
    columns = np.broadcast_arrays(*operands)
    wanted = [primitive.value(*point) for point in zip(*[column.tolist() for column in columns], strict=True)]
    got = backend_named("numpy").kernel(primitive)(*operands)
    assert np.allclose(got, wanted, rtol=1e-12, atol=0.0, equal_nan=True)


@pytest.mark.parametrize("primitive", REGISTRY.values(), ids=by_name)
def test_numbers_alone_give_what_the_float_kernel_gives(primitive: Primitive) -> None:
    point = [*heads(primitive)[0], *[0.75] * primitive.arity][: primitive.arity]
    got = backend_named("numpy").kernel(primitive)(*point)
    assert np.allclose(got, primitive.value(*point), rtol=1e-12, equal_nan=True)


INTEGERS = [name for name, primitive in REGISTRY.items() if not primitive.static]


@pytest.mark.parametrize("name", INTEGERS)
def test_integers_give_what_floats_give(name: str) -> None:
    primitive = REGISTRY[name]
    whole = [np.array([1, 2, 3])] * primitive.arity
    wanted = [primitive.value(*[float(x)] * primitive.arity) for x in (1, 2, 3)]
    got = backend_named("numpy").kernel(primitive)(*whole)
    assert np.allclose(got, wanted, rtol=1e-12, equal_nan=True)


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


def test_mlx_has_the_functions_of_numbers_that_it_lacks_and_no_others() -> None:
    used = backend("mlx")
    array = used.from_numpy(np.array([3.0, 8.0], "float32"))
    assert used.to_numpy(used.xp.hypot(array, 4.0))[0] == 5.0
    assert used.to_numpy(used.xp.cbrt(array))[1] == 2.0
    assert not hasattr(used.xp, "nanmedian")
    assert not hasattr(used.xp, "no_such_function")


def test_extremes_of_many_operands() -> None:
    columns = [np.array([1.0, 5.0, NAN]), np.array([4.0, 2.0, 1.0]), np.array([3.0, 3.0, 3.0])]
    assert np.array_equal(REGISTRY["max"](*columns), [4.0, 5.0, NAN], equal_nan=True)
    assert np.array_equal(REGISTRY["min"](*columns), [1.0, 2.0, NAN], equal_nan=True)
