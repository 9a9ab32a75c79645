"""What is known of a function: whether its derivative needs conditions, and whether it is even or odd."""

from __future__ import annotations

import pytest

from gradcli.graph.graph import toposort, values_at
from gradcli.graph.symbols import formula_in_powers, is_smooth, parity, prime_powers
from gradcli.primitives import REGISTRY
from tests.support.loops import for_each


def test_a_function_is_smooth_if_no_edge_has_a_derivative_of_its_own() -> None:
    assert [is_smooth(REGISTRY[name]) for name in ("sin", "log", "pow", "abs", "xlogy", "max", "floor")] == [
        *(True, True, True),
        *(False, False, False, False),
    ]


@for_each("primitive", REGISTRY.public(), ids=lambda one: one.name)
def test_a_function_is_even_or_odd_only_if_it_is_so_at_further_points(primitive: object) -> None:
    sign = parity(primitive)  # type: ignore[arg-type]
    for point in (0.2, 1.7, 3.3, 11.0):
        if sign:
            value = primitive.value(-point)  # type: ignore[attr-defined]
            assert value == pytest.approx(sign * primitive.value(point), nan_ok=True)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("number", "powers"), [(1, []), (360, [(2, 3), (3, 2), (5, 1)]), (97, [(97, 1)])])
def test_a_number_is_a_product_of_powers_of_primes(number: int, powers: list[tuple[int, int]]) -> None:
    assert prime_powers(number) == powers


@pytest.mark.parametrize("name", [name for name, one in REGISTRY.items() if one.in_powers is not None])
def test_a_formula_in_powers_equals_its_function(name: str) -> None:
    found = formula_in_powers(REGISTRY[name])
    assert found is not None
    inputs, root = found
    for point in ((3.0, 4.0), (-0.5, 2.0), (0.0, -7.0)):
        values = values_at(toposort([root]), dict(zip(inputs, point, strict=True)))
        assert values[root] == pytest.approx(REGISTRY[name](*point), rel=1e-15)
    assert not is_smooth(REGISTRY[name])
