"""Special functions by polynomials: the bits of the decimal kernels, whatever was computed before."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal

import numpy as np
import pytest

from gradcli.primitives import REGISTRY
from gradcli.primitives.kernels import bessel_decimals, integral_decimals, zeta_decimals
from gradcli.primitives.kernels.decimals import Rounded, digits
from gradcli.primitives.kernels.piecewise import Pieces, Tabulated
from tests.support.exact import same

LARGEST = 1.7976931348623157e308
SPECIAL = [0.0, -0.0, math.inf, -math.inf, math.nan, 5e-324, -5e-324, 1e-310, LARGEST, -LARGEST]


def airy(x: float) -> Decimal | float:
    return bessel_decimals.airy.exact(0, x)


def counting(exact: Callable[[float], Decimal | float]) -> tuple[Pieces, list[float]]:
    """A function by pieces, and the arguments at which its kernel was called."""
    calls: list[float] = []

    def kernel(x: float) -> Decimal | float:
        calls.append(x)
        return exact(x)

    return Pieces(kernel), calls


@pytest.mark.parametrize(
    ("exact", "low", "high"),
    [
        (airy, -8.0, 4.0),
        (integral_decimals.sine_integral.exact, 1e-3, 40.0),
        (integral_decimals.lambert_upper.exact, -0.3678, 0.5),
        (lambda x: zeta_decimals.elliptic_k.exact(0.0, x), -3.0, 1.0),
    ],
)
def test_elements_of_an_array_have_the_bits_of_the_kernel(
    exact: Callable[[float], Decimal | float], low: float, high: float
) -> None:
    pieces, calls = counting(exact)
    x = np.random.default_rng(0).uniform(low, high, 6000)
    found = pieces.of_array(np, x)
    assert len(pieces._pieces) > 20
    chosen = range(0, 6000, 20)
    assert [found[i] for i in chosen] == [float(exact(float(x[i]))) for i in chosen]
    calls.clear()
    assert np.array_equal(pieces.of_array(np, x), found)
    assert len(calls) < 1500
    # single numbers use the same polynomials
    calls.clear()
    assert [pieces(float(x[i])) for i in chosen] == [found[i] for i in chosen]
    assert len(calls) < 100


def test_pieces_of_calls_with_single_numbers_have_the_same_bits() -> None:
    pieces, calls = counting(airy)
    points = [1.0 + k / 4096.0 for k in range(500)]
    found = [pieces(x) for x in points]
    assert found == [float(airy(x)) for x in points]
    assert len(calls) < 200
    assert 0 < len(pieces._pieces) < 10


def test_a_few_numbers_are_computed_by_the_kernel() -> None:
    pieces, calls = counting(airy)
    pieces.of_array(np, np.linspace(1.0, 3.0, 10))
    assert (len(calls), len(pieces._pieces)) == (10, 0)
    assert pieces.of_array(np, np.zeros((0, 3))).shape == (0, 3)


@pytest.mark.parametrize("name", ["airyai", "sinint", "lambertw", "ellipk", "zeta", "erfinv", "cosint", "expi"])
def test_special_numbers_in_an_array_have_the_values_of_single_ones(name: str) -> None:
    table = REGISTRY[name].value
    assert isinstance(table, Tabulated)
    x = np.array([*SPECIAL, *np.linspace(0.5, 0.75, 40), 2.0, 1e300, -1e300]).reshape(-1, 1)
    found = table.of_array(np, x)
    assert found.shape == x.shape
    with np.errstate(all="raise"):
        assert all(map(same, found.ravel().tolist(), [float(table.exact(one)) for one in x.ravel().tolist()]))


def test_where_a_function_oscillates_too_fast_the_kernel_computes_and_few_calls_are_wasted() -> None:
    pieces, calls = counting(lambda x: bessel_decimals.bessel_j.exact(0.0, 0.0, x))
    x = np.random.default_rng(1).uniform(2e5, 2.5e5, 300)
    found = pieces.of_array(np, x)
    assert not pieces._pieces
    assert len(calls) < 400
    assert np.array_equal(pieces.of_array(np, x), found)
    assert found[7] == float(bessel_decimals.bessel_j.exact(0.0, 0.0, float(x[7])))


def test_intervals_of_tiny_values_are_left_to_the_kernel_at_once() -> None:
    pieces, calls = counting(lambda x: Decimal(x) * Decimal("1e-290"))
    x = np.linspace(1.0, 1.99, 400)
    assert pieces.of_array(np, x).tolist() == [float(Decimal(one) * Decimal("1e-290")) for one in x.tolist()]
    assert not pieces._pieces
    assert len(calls) < 400 + 20 * (3 + 8) + 1


def test_a_value_next_to_the_middle_of_two_floats_is_left_to_the_kernel() -> None:
    def halves(x: float) -> Decimal:
        with digits(60):
            return Decimal(x) + Decimal(2) ** -53 * (1 + Decimal(2) ** -60)

    pieces, calls = counting(halves)
    x = 1.0 + np.arange(4000) * 2.0**-12
    assert np.array_equal(pieces.of_array(np, x), x + 2.0**-52)
    calls.clear()
    pieces.of_array(np, x)
    assert len(calls) == 4000


def test_a_constant_operand_has_pieces_of_its_own_and_two_arrays_have_none() -> None:
    table = Tabulated(Rounded(lambda n, x: bessel_decimals.bessel_j.exact(0.0, n, x)).exact)
    x = np.random.default_rng(2).uniform(1.0, 2.0, 400)
    for order in (0.0, 2.5):
        assert table.of_array(np, order, x)[5] == table(order, float(x[5]))
        assert table.of_array(np, np.full(400, order), x)[5] == table(order, float(x[5]))
    by_order = table.of_array(np, x, 1.5)
    assert by_order[9] == bessel_decimals.bessel_j(0.0, float(x[9]), 1.5)
    assert len(table._known) == 3


@pytest.mark.parametrize(
    ("name", "static", "end", "side"),
    [
        ("erfinv", (), 1.0, -1.0),
        ("erfinv", (), -1.0, 1.0),
        ("erfcinv", (), 2.0, -1.0),
        ("lambertw", (), integral_decimals.BRANCH_POINT, 1.0),
        ("lambertwm1", (), integral_decimals.BRANCH_POINT, 1.0),
        ("ellipk", (), 1.0, -1.0),
        ("ellipe_derivative", (1.0,), 1.0, -1.0),
        ("betainc", (2.5, 0.5), 1.0, -1.0),
        ("zeta", (), 1.0, 1.0),
        ("zeta", (), 1.0, -1.0),
    ],
)
def test_near_a_singularity_the_distance_from_it_is_the_operand(
    name: str, static: tuple[float, ...], end: float, side: float
) -> None:
    table = REGISTRY[name].value
    assert isinstance(table, Tabulated)
    distances = 10.0 ** np.random.default_rng(3).uniform(-5.0, -4.5, 300)
    x = end + side * distances
    found = table.of_array(np, *static, x)
    for _ in range(4):
        table.of_array(np, *static, x)
    assert [*found[:20]] == [float(table.exact(*static, one)) for one in x[:20].tolist()]
    pieces = table.pieces(len(static), (*static, 0.0))
    calls: list[float] = []
    kernel = pieces._exact
    pieces._exact = lambda one: (calls.append(one), kernel(one))[1]
    try:
        assert np.array_equal(table.of_array(np, *static, x), found)
        assert [table(*static, one) for one in x[:50].tolist()] == [*found[:50]]
        assert len(calls) < 30  # of 350 values
    finally:
        pieces._exact = kernel
