"""The functions on complex numbers: the value of the float kernel, and by an imaginary step its derivative."""

from __future__ import annotations

import math

import pytest

from gradcli.primitives import REGISTRY, Primitive
from gradcli.primitives.kernels.complex_kernels import complex_kernel
from tests.support.checking import draws, exact_derivatives, is_smooth_target
from tests.support.loops import for_each

#: An imaginary part far below the rounding of the real one.
STEP = 1e-30
KNOWN = [primitive for primitive in REGISTRY.public() if complex_kernel(primitive) is not None]


def computed(primitive: Primitive, *operands: complex) -> complex:
    kernel = complex_kernel(primitive)
    assert kernel is not None
    return complex(kernel(*operands))


def by_name(primitive: Primitive) -> str:
    return primitive.name


@for_each("primitive", KNOWN, ids=by_name)
def test_on_a_real_number_it_is_the_float_kernel(primitive: Primitive) -> None:
    for point in draws(primitive, 16):
        found = computed(primitive, *map(complex, point))
        assert found.imag == 0.0
        assert math.isclose(found.real, primitive.value(*point), rel_tol=1e-13, abs_tol=1e-15), point


@for_each("primitive", KNOWN, ids=by_name)
def test_an_imaginary_step_gives_the_derivative_of_mpmath(primitive: Primitive) -> None:
    for point in draws(primitive, 16):
        for i in range(primitive.arity):
            exact = exact_derivatives(primitive.name, point, i)
            if exact is None or not is_smooth_target(primitive, i):
                continue
            operands = [complex(x, STEP if k == i else 0.0) for k, x in enumerate(point)]
            found = computed(primitive, *operands).imag / STEP
            assert math.isclose(found, float(exact[1]), rel_tol=1e-11, abs_tol=1e-13), (point, i)


@pytest.mark.parametrize(
    ("name", "point", "wanted"),
    [
        ("abs", (-2 + 1j,), 2 - 1j),
        ("relu", (-1 + 5j,), 0j),
        ("max", (1 + 5j, 2 - 1j), 2 - 1j),
        ("where", (1 + 0j, 3j, 4j), 3j),
        ("where", (0j, 3j, 4j), 4j),
        ("clip", (5 + 1j, 0j, 1 + 2j), 1 + 2j),
        ("less", (1 + 9j, 2j + 2), 1 + 0j),
        ("floor", (2.5 + 1j,), 2 + 0j),
        ("pow", (0j, 2 + 0j), 0j),
        ("pow", (-2 + 0j, 3 + 0j), -8 + 0j),
        ("cbrt", (-8 + 0j,), -2 + 0j),
    ],
)
def test_what_selects_decides_by_the_real_part(name: str, point: tuple[complex, ...], wanted: complex) -> None:
    found = computed(REGISTRY[name], *point)
    assert math.isclose(found.real, wanted.real, rel_tol=1e-15)
    assert math.isclose(found.imag, wanted.imag, rel_tol=1e-15, abs_tol=1e-15)


@pytest.mark.parametrize(("name", "point"), [("pow", (-2.0, 0.5)), ("pow", (0.0, -1.5)), ("pow", (-2.0, 200.5))])
def test_where_there_is_no_real_value_there_is_none(name: str, point: tuple[float, ...]) -> None:
    assert math.isnan(computed(REGISTRY[name], *map(complex, point)).real)


def test_only_functions_without_a_continuation_by_elementary_ones_lack_a_kernel() -> None:
    """A function that is declared with a formula on arrays may do without one, too."""
    own = {primitive.name for primitive in REGISTRY.public() if not callable(primitive.array)}
    lacking = own - {primitive.name for primitive in KNOWN}
    assert lacking == {"erf", "erfc", "gamma", "lgamma", "digamma", "polygamma", "factorial", "gelu"}
