"""The float kernels follow IEEE 754 and never raise, whatever they are given."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from mpmath import mp

from gradcli.execute.float_rules import float_rule
from gradcli.execute.tape import Tape
from gradcli.graph.differentiate import derivative
from gradcli.primitives import REGISTRY, Primitive
from gradcli.primitives import functions as f
from gradcli.primitives.kernels import float_kernels as kernels
from gradcli.primitives.kernels.float_kernels import FLOATS
from tests.support.checking import applied
from tests.support.loops import for_each

INF, NAN = math.inf, math.nan
DENORMAL = 5e-324
LARGEST = 1.7976931348623157e308
POSITIVE = (0.0, DENORMAL, 2.2250738585072014e-308, 0.5, 1.0, 2.0, 2.5, 3.0, 171.0, 710.0, 1e16, 1e300, LARGEST, INF)
SPECIALS = (*POSITIVE, *(-x for x in POSITIVE), NAN)
FEW = (0.0, -0.0, DENORMAL, 1.0, -1.5, 2.0, -1e300, LARGEST, INF, -INF, NAN)


def grid(primitive: Primitive) -> Iterator[tuple[float, ...]]:
    return itertools.product(SPECIALS if primitive.arity <= 2 else FEW, repeat=primitive.arity)


@for_each("primitive", REGISTRY.values(), ids=lambda primitive: primitive.name)
def test_no_kernel_raises_and_every_one_returns_a_float(primitive: Primitive) -> None:
    for point in grid(primitive):
        assert type(primitive.value(*point)) is float, point


@for_each("primitive", REGISTRY.values(), ids=lambda primitive: primitive.name)
def test_no_rule_raises(primitive: Primitive) -> None:
    rule = float_rule(primitive, primitive.arity)
    for point in grid(primitive):
        value = primitive.value(*point)
        rule.partials(point, value)
        rule.edge_at(point, value)


@for_each("primitive", REGISTRY.public(), ids=lambda primitive: primitive.name)
def test_no_second_derivative_raises(primitive: Primitive) -> None:
    root, variables = applied(primitive)
    tape = Tape([derivative(root, variable, 2) for variable in variables[len(primitive.static) :]], variables)
    for point in itertools.product(FEW, repeat=primitive.arity):
        tape.run(point)


#: Primitives that have a value where an operand is nan: they do not look at it, or it is what they ask about.
NAN_HAS_AN_ANSWER = {
    *("less", "less_equal", "greater", "greater_equal", "equal", "not_equal"),
    *("logical_and", "logical_or", "logical_not", "where", "guard", "pow", "power_derivative", "hypot", "direction"),
    *("direction_slope", "saturated", "length"),
}


@for_each("primitive", REGISTRY.values(), ids=lambda primitive: primitive.name)
def test_nan_in_gives_nan_out(primitive: Primitive) -> None:
    if primitive.name in NAN_HAS_AN_ANSWER or primitive.static:
        return
    for position in range(primitive.arity):
        for other in (0.0, 1.0, INF):
            point = [other] * primitive.arity
            point[position] = NAN
            assert math.isnan(primitive.value(*point)), point


def identical(got: float, wanted: float) -> bool:
    """Equal, with the sign of zero."""
    return (got == wanted and math.copysign(1.0, got) == math.copysign(1.0, wanted)) or (
        got != got and wanted != wanted
    )


# IEEE 754-2019, 5.4.1, 6.1, 7.3 and 9.2.1.
TABLE = [
    ("div", (1.0, 0.0), INF),
    ("div", (1.0, -0.0), -INF),
    ("div", (-1.0, 0.0), -INF),
    ("div", (-1.0, -0.0), INF),
    ("div", (INF, 0.0), INF),
    ("div", (0.0, 0.0), NAN),
    ("div", (0.0, -0.0), NAN),
    ("div", (NAN, 0.0), NAN),
    ("div", (INF, INF), NAN),
    ("div", (1.0, -INF), -0.0),
    ("div", (1e300, 1e-300), INF),
    ("mul", (0.0, INF), NAN),
    ("mul", (1e300, -1e300), -INF),
    ("add", (INF, -INF), NAN),
    ("sub", (INF, INF), NAN),
    ("pow", (0.0, 0.0), 1.0),
    ("pow", (NAN, 0.0), 1.0),
    ("pow", (1.0, NAN), 1.0),
    ("pow", (0.0, -1.0), INF),
    ("pow", (-0.0, -1.0), -INF),
    ("pow", (-0.0, -2.0), INF),
    ("pow", (-0.0, -0.5), INF),
    ("pow", (-0.0, 3.0), -0.0),
    ("pow", (-0.0, 2.0), 0.0),
    ("pow", (-8.0, 1.0 / 3.0), NAN),
    ("pow", (-2.0, 3.0), -8.0),
    ("pow", (-1.0, INF), 1.0),
    ("pow", (0.5, INF), 0.0),
    ("pow", (2.0, INF), INF),
    ("pow", (-2.0, 1025.0), -INF),
    ("pow", (-2.0, 1026.0), INF),
    ("pow", (10.0, 400.0), INF),
    ("pow", (-INF, 3.0), -INF),
    ("pow", (-INF, -3.0), -0.0),
    ("mod", (7.0, 3.0), 1.0),
    ("mod", (-7.0, 3.0), 2.0),
    ("mod", (7.0, -3.0), -2.0),
    ("mod", (5.0, 0.0), NAN),
    ("mod", (INF, 3.0), NAN),
    ("mod", (5.0, INF), 5.0),
    ("round", (0.5,), 0.0),
    ("round", (-0.5,), -0.0),
    ("round", (1.5,), 2.0),
    ("round", (2.5,), 2.0),
    ("round", (-2.5,), -2.0),
    ("round", (0.49999999999999994,), 0.0),
    ("round", (1e300,), 1e300),
    ("round", (-INF,), -INF),
    ("floor", (-0.0,), -0.0),
    ("floor", (-0.5,), -1.0),
    ("floor", (4503599627370497.5,), 4503599627370498.0),
    ("floor", (2251799813685247.5,), 2251799813685247.0),
    ("ceil", (-0.5,), -0.0),
    ("ceil", (0.5,), 1.0),
    ("max", (NAN, 1.0), NAN),
    ("max", (1.0, NAN), NAN),
    ("min", (NAN, 1.0), NAN),
    ("min", (-INF, 1.0), -INF),
    ("sign", (-0.0,), -0.0),
    ("sign", (NAN,), NAN),
    ("step", (0.0,), 0.5),
    ("abs", (-0.0,), 0.0),
    ("sqrt", (-0.0,), -0.0),
    ("sqrt", (-1.0,), NAN),
    ("cbrt", (-0.0,), -0.0),
    ("cbrt", (-27.0,), -3.0),
    ("cbrt", (-INF,), -INF),
    ("hypot", (INF, NAN), INF),
    ("hypot", (1e200, 1e200), 1.4142135623730951e200),
    ("hypot", (DENORMAL, 0.0), DENORMAL),
    ("exp", (710.0,), INF),
    ("exp", (-INF,), 0.0),
    ("exp2", (1024.0,), INF),
    ("expm1", (-INF,), -1.0),
    ("expm1", (-0.0,), -0.0),
    ("log", (0.0,), -INF),
    ("log", (-0.0,), -INF),
    ("log", (-1.0,), NAN),
    ("log", (INF,), INF),
    ("log1p", (-1.0,), -INF),
    ("log1p", (-0.0,), -0.0),
    ("log2", (DENORMAL,), -1074.0),
    ("sin", (INF,), NAN),
    ("sin", (-0.0,), -0.0),
    ("tan", (-INF,), NAN),
    ("asin", (2.0,), NAN),
    ("atan", (INF,), math.pi / 2),
    ("atan2", (0.0, -0.0), math.pi),
    ("atan2", (-0.0, -1.0), -math.pi),
    ("sinh", (-1000.0,), -INF),
    ("cosh", (-1000.0,), INF),
    ("tanh", (1000.0,), 1.0),
    ("sech", (INF,), 0.0),
    ("csch", (-0.0,), -INF),
    ("csch", (-INF,), -0.0),
    ("coth", (0.0,), INF),
    ("asinh", (-0.0,), -0.0),
    ("acosh", (0.5,), NAN),
    ("atanh", (-1.0,), -INF),
    ("atanh", (2.0,), NAN),
    ("gamma", (0.0,), INF),
    ("gamma", (-0.0,), -INF),
    ("gamma", (-1.0,), NAN),
    ("gamma", (172.0,), INF),
    ("gamma", (-INF,), NAN),
    ("lgamma", (-3.0,), INF),
    ("lgamma", (INF,), INF),
    ("factorial", (170.0,), 7.257415615307999e306),
    ("factorial", (171.0,), INF),
    ("erfc", (INF,), 0.0),
    ("sigmoid", (-1000.0,), 0.0),
    ("sigmoid", (1000.0,), 1.0),
    ("softplus", (1000.0,), 1000.0),
    ("softplus", (-1000.0,), 0.0),
    ("silu", (-INF,), -0.0),
    ("silu", (NAN,), NAN),
    ("gelu", (-INF,), -0.0),
    ("gelu", (NAN,), NAN),
    ("gelu_tanh", (-INF,), -0.0),
    ("mish", (-INF,), -0.0),
    ("mish", (INF,), INF),
    ("softsign", (-INF,), -1.0),
    ("sinc", (0.0,), 1.0),
    ("sinc", (3.0,), 0.0),
    ("logaddexp", (INF, INF), INF),
    ("logaddexp", (-INF, -INF), -INF),
    ("logaddexp", (-INF, 1.0), 1.0),
    ("logaddexp", (INF, -INF), INF),
    ("xlogy", (0.0, 0.0), 0.0),
    ("xlogy", (0.0, -1.0), NAN),
    ("xlogy", (0.0, NAN), NAN),
    ("where", (NAN, 1.0, 2.0), NAN),
    ("where", (-0.0, 1.0, 2.0), 2.0),
    ("clip", (NAN, 0.0, 1.0), NAN),
    ("clip", (5.0, 3.0, 1.0), 1.0),
    ("less", (NAN, 1.0), 0.0),
    ("not_equal", (NAN, NAN), 1.0),
    ("equal", (0.0, -0.0), 1.0),
    ("logical_not", (NAN,), 0.0),
    ("polygamma", (1.5, 1.0), NAN),
    ("polygamma", (-1.0, 1.0), NAN),
    ("polygamma", (INF, 1.0), NAN),
]


@for_each(("name", "point", "wanted"), TABLE, ids=[f"{name}{point}" for name, point, _ in TABLE])
def test_special_values_are_those_of_the_standard(name: str, point: tuple[float, ...], wanted: float) -> None:
    got = REGISTRY[name].value(*point)
    assert identical(got, wanted), f"{got!r} is not {wanted!r}"


@pytest.mark.parametrize("x", [-1074.0, -0.5, 0.1, 10.0, 1023.5, 2000.0])
def test_the_power_of_two_for_older_pythons_is_right_to_the_last_digit(x: float) -> None:
    got = kernels.power_of_two(x)
    assert got == f.exp2(x) or abs(got - f.exp2(x)) <= math.ulp(got)


def test_the_cube_root_of_a_cube_is_exact() -> None:
    for n in range(1, 500):
        for root in (1.0, -1.0, 2.0**300, 2.0**-300):
            assert f.cbrt(float(n**3) * root**3) == n * root


def test_the_sine_of_pi_x_is_exact_at_integers_and_halves() -> None:
    for n in range(-9, 10):
        sine, cosine = kernels.sine_and_cosine_of_pi(float(n))
        assert (sine, abs(cosine)) == (0.0, 1.0)
        sine, cosine = kernels.sine_and_cosine_of_pi(n + 0.5)
        assert (abs(sine), cosine) == (1.0, 0.0)
    assert kernels.sine_and_cosine_of_pi(1e300)[0] == 0.0


def test_what_a_difference_loses_is_exact() -> None:
    assert kernels.difference_error(1.0, 1e-20) == -1e-20
    assert kernels.difference_error(1e-20, 1.0) == 1e-20
    assert kernels.difference_error(3.0, 2.0) == 0.0
    assert kernels.difference_error(INF, 1.0) == 0.0


# Values beyond the double range on the way, but not at the end.
@pytest.mark.parametrize(
    ("m", "n", "x", "y", "wanted"),
    [
        (2.0, 0.0, 1e-200, 1e-200, -1e200),
        (1.0, 0.0, 0.0, 1.0, 1.0),
        (1.0, 0.0, 0.0, 2.0, 0.0),
        (3.0, 0.0, 0.0, 2.0, 0.0),
        (1.0, 0.0, -2.0, 3.0, 12.0),
        (0.0, 1.0, -2.0, 3.0, NAN),
        (0.0, 1.0, 0.0, 2.0, 0.0),
        (0.0, 1.0, 0.0, -1.0, -INF),
        (0.0, 2.0, 0.0, -1.0, INF),
        (0.0, 1.0, INF, -1.0, 0.0),
        (0.0, 1.0, INF, 1.0, INF),
        (1.0, 0.0, INF, 1.0, 1.0),
        (1.0, 1.0, 1.0, 5.0, 1.0),
    ],
)
def test_the_derivatives_of_a_power_at_its_limits(m: float, n: float, x: float, y: float, wanted: float) -> None:
    got = kernels.power_derivative(m, n, x, y)
    assert got == wanted or (got != got and wanted != wanted), got


@pytest.mark.parametrize(
    ("n", "x"), [(1.0, 1e5), (7.0, -3.7), (20.0, 3.3), (50.0, 0.7), (50.0, 200.0), (100.0, 30.0), (100.0, -0.4)]
)
def test_polygamma_of_high_order_agrees_with_mpmath(n: float, x: float) -> None:
    with mp.workdps(60):
        exact = float(mp.psi(int(n), mp.mpf(x)))
    assert math.isclose(f.polygamma(n, x), exact, rel_tol=2e-14)


# NumPy's names for floats

NAMES = ("abs", "floor", "ceil", "rint", "sqrt", "exp", "exp2", "log", "log1p", "arctan", "sinh")
PAIRS = ("divide", "power", "copysign", "maximum", "minimum", "hypot", "arctan2", "add")


@pytest.mark.parametrize("name", [*NAMES, *PAIRS])
def test_a_name_is_the_function_that_numpy_has_by_it(name: str) -> None:
    for x in (0.3, 2.5, 1.0, 0.0, math.inf):
        operands = (x, 0.7) if name in PAIRS else (x,)
        got, wanted = getattr(FLOATS, name)(*operands), getattr(np, name)(*operands)
        assert type(got) is float
        assert got == pytest.approx(float(wanted), rel=1e-15)


@pytest.mark.parametrize("x", [True, False])
@pytest.mark.parametrize("y", [True, False])
def test_truth_values_are_pythons(x: bool, y: bool) -> None:
    assert (FLOATS.logical_and(x, y), FLOATS.logical_or(x, y), FLOATS.logical_not(x)) == (x and y, x or y, not x)
    assert FLOATS.where(x, 1.0, 2.0) == (1.0 if x else 2.0)


def test_a_name_that_numpy_has_and_floats_lack_is_an_error_that_names_it() -> None:
    with pytest.raises(AttributeError, match="'i0'"):
        FLOATS.i0(1.0)


@pytest.mark.parametrize(
    ("call", "exact"),
    [
        (lambda: (kernels.direction, f.direction, (1e-310, 3e-310)), lambda x, y: x / mp.hypot(x, y)),
        (lambda: (kernels.direction, f.direction, (5e-324, -5e-324)), lambda x, y: x / mp.hypot(x, y)),
        (
            lambda: (kernels.direction_slope, f.direction_slope, (7.7e-315, 7.9e-319)),
            lambda x, y: y * y / mp.hypot(x, y) ** 3,
        ),
        (
            lambda: (kernels.power_derivative, f.power_derivative, (2.0, 0.0, 3e-312, 6e-318)),
            lambda m, n, x, y: y * (y - 1) * x ** (y - 2),
        ),
    ],
)
def test_denormal_operands_cost_no_digits(call: Any, exact: Callable[..., Any]) -> None:
    on_floats, function, operands = call()
    with mp.workdps(50):
        wanted = float(exact(*map(mp.mpf, operands)))
    assert on_floats(*operands) == pytest.approx(wanted, rel=1e-15)
    static = operands[: len(function.static)]
    on_arrays = function(*static, *[np.array([one]) for one in operands[len(static) :]])
    assert on_arrays[0] == pytest.approx(wanted, rel=1e-15)
