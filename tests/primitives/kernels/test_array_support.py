"""What array kernels share: types, numbers of Python, double precision and the help of float kernels."""

from __future__ import annotations

import copy
import itertools

import numpy as np
import pytest

from gradcli.primitives import REGISTRY, Primitive
from gradcli.primitives.backends import backend_named
from tests.support.checking import heads
from tests.support.kernel_checking import TYPES, backend, mismatches
from tests.support.loops import for_each

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def by_name(primitive: Primitive) -> str:
    return primitive.name


@pytest.mark.parametrize(("library", "kind"), TYPES)
def test_a_primitive_without_one_is_mapped_element_by_element(library: str, kind: str) -> None:
    plain = copy.copy(REGISTRY["hypot"])
    plain.array = "a_name_that_numpy_lacks"
    assert not mismatches(backend(library).kernel(plain), plain, (), backend(library), kind)


@for_each(("library", "kind"), TYPES)
@for_each("primitive", REGISTRY.values(), ids=by_name)
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


@for_each("primitive", [p for p in REGISTRY.values() if p.arity - len(p.static) > 1], ids=by_name)
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


INTEGERS = [name for name, primitive in REGISTRY.items() if not primitive.static]


@for_each("name", INTEGERS)
def test_integers_give_what_floats_give(name: str) -> None:
    primitive = REGISTRY[name]
    whole = [np.array([1, 2, 3])] * primitive.arity
    wanted = [primitive.value(*[float(x)] * primitive.arity) for x in (1, 2, 3)]
    got = backend_named("numpy").kernel(primitive)(*whole)
    assert np.allclose(got, wanted, rtol=1e-12, equal_nan=True)
