"""Values and derivatives at the ends: zeros, nan, the smallest and the largest doubles, and directions of 0."""

from __future__ import annotations

import itertools
import math
import sys
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf

import gradcli
from gradcli import Tensor, Value, parse
from gradcli.evaluate import array_point, point
from gradcli.primitives import functions as f
from gradcli.tables.grid import Axis
from tests.support.loops import for_each

EXECUTORS = ("llvm", "numpy")


@pytest.mark.parametrize("order", [0.5, 1, 1.5, 2, 3, 4, 7.5, math.inf])
def test_a_norm_at_zero_has_the_derivative_0_and_a_note(order: float) -> None:
    found = array_point.gradient(parse(f"norm(x, {order})"), {"x": [0.0, 0.0, 0.0]})
    assert found.gradient["x"].tolist() == [0.0, 0.0, 0.0]
    assert "kink" in [note.kind for note in found.notes]
    rows = array_point.gradient(parse(f"sum(norm(A, {order}, axis=1))"), {"A": [[0.0, 0.0], [3.0, 0.0]]})
    assert rows.gradient["A"].tolist() == [[0.0, 0.0], [1.0, 0.0]]


@pytest.mark.parametrize("order", [1.5, 3, 4])
def test_a_norm_neither_overflows_nor_underflows(order: float) -> None:
    for scale in (1e-300, 1.0, 1e300):
        x = np.array([scale, -2.0 * scale])
        length = (1.0 + 2.0**order) ** (1.0 / order)
        np.testing.assert_allclose(f.norm(x, order) / scale, length, rtol=1e-14)
        slope = gradcli.grad(lambda x: f.norm(x, order))(x)
        np.testing.assert_allclose(slope, [length ** (1.0 - order), -((2.0 / length) ** (order - 1.0))], rtol=1e-13)


#: expression, point, direction, derivative along it by hand.
DIRECTIONS: list[tuple[str, dict[str, float], dict[str, float], float]] = [
    ("x^y", {"x": -2.0, "y": 3.0}, {"x": 1.0, "y": 0.0}, 12.0),
    ("x^y", {"x": -2.0, "y": 3.0}, {"x": 1.0, "y": -0.0}, 12.0),
    ("x^y", {"x": 0.0, "y": 2.0}, {"x": 0.0, "y": 1.0}, 0.0),
    ("x^y", {"x": 0.0, "y": 0.5}, {"x": 0.0, "y": 1.0}, 0.0),
    ("sqrt(x) + y", {"x": 0.0, "y": 3.0}, {"x": 0.0, "y": 1.0}, 1.0),
    ("sqrt(x)*y", {"x": 0.0, "y": 3.0}, {"x": 0.0, "y": 1.0}, 0.0),
    ("asin(x) + y^2", {"x": 1.0, "y": 3.0}, {"x": 0.0, "y": 1.0}, 6.0),
    ("acosh(x)*y", {"x": 1.0, "y": 3.0}, {"x": 0.0, "y": 2.0}, 0.0),
    ("cbrt(x) + sin(y)", {"x": 0.0, "y": 0.0}, {"x": 0.0, "y": 1.0}, 1.0),
    ("sqrt(x + y) + z", {"x": 0.0, "y": 0.0, "z": 1.0}, {"x": 0.0, "y": 0.0, "z": 1.0}, 1.0),
    ("atan2(x, y)*0 + z", {"x": 0.0, "y": 0.0, "z": 1.0}, {"x": 0.0, "y": 0.0, "z": 5.0}, 5.0),
    ("xlogy(x, y) + z", {"x": 0.0, "y": 0.0, "z": 1.0}, {"x": 0.0, "y": 0.0, "z": 2.0}, 2.0),
    ("log1p(exp(x)) + y", {"x": 1.0, "y": 1.0}, {"x": 0.0, "y": 0.0}, 0.0),
]


@pytest.mark.parametrize(("text", "at", "direction", "right"), DIRECTIONS)
def test_a_direction_of_0_contributes_exactly_0(
    text: str, at: dict[str, float], direction: dict[str, float], right: float
) -> None:
    expression = parse(text)
    assert point.jvp(expression, at, direction) == pytest.approx(right, abs=0.0)
    arrays = array_point.jvp(expression, {name: [x, x] for name, x in at.items()}, direction)
    assert arrays.tolist() == pytest.approx([right, right], abs=0.0)
    names = list(expression.variables)
    for executor in EXECUTORS:
        kernel = gradcli.compile(text, derivatives="jvp", executor=executor)
        columns = {name: np.array([at[name]] * 3) for name in names}
        columns |= {f"d_{name}": np.array([direction[name]] * 3) for name in names}
        np.testing.assert_array_equal(kernel(**columns)[1], [right] * 3)


def test_a_direction_that_is_0_in_some_elements() -> None:
    moved = array_point.jvp(parse("x^y"), {"x": [-2.0, 2.0], "y": [3.0, 3.0]}, {"x": [1.0, 1.0], "y": [0.0, 1.0]})
    np.testing.assert_allclose(moved, [12.0, 12.0 + 8.0 * math.log(2.0)], rtol=1e-15)
    moved = array_point.jvp(parse("sum(sqrt(x)*y)"), {"x": [0.0, 4.0], "y": [1.0, 1.0]}, {"x": [0.0, 1.0]})
    assert float(moved) == 0.25
    _, moved = gradcli.jvp(lambda x, y: x**y, (-2.0, 3.0), (1.0, 0.0))
    assert moved == 12.0


#: Expressions that are nan where x is, except the last, which are 1 everywhere.
NAN = ["(3*x)^1", "x^1", "x^2", "0*x", "x*0 + 1", "x - x", "max(x, 1)", "floor(x)", "abs(x)^2", "sqrt(x)^2", "relu(x)"]
ALWAYS_1 = ["x^0", "(3*x)^0"]


@pytest.mark.parametrize("text", [*NAN, *ALWAYS_1])
def test_nan_has_no_derivative(text: str) -> None:
    right = 0.0 if text in ALWAYS_1 else math.nan
    expression = parse(text)
    found = [expression.gradient(x=math.nan)["x"], expression.derivative("x")(x=math.nan)]
    for executor in EXECUTORS:
        found.append(gradcli.compile(text, executor=executor)(x=np.array([math.nan, 1.0]))[1]["x"][0])
    found.append(array_point.gradient(parse(f"sum({text})"), {"x": [math.nan]}).gradient["x"][0])
    np.testing.assert_array_equal(found, [right] * len(found))


@pytest.mark.parametrize("name", ["max", "min"])
@pytest.mark.parametrize("zeros", list(itertools.product([0.0, -0.0], repeat=2)))
def test_of_zeros_with_two_signs_all_executors_take_the_same(name: str, zeros: tuple[float, float]) -> None:
    text = f"1/{name}(x, y)"
    x, y = zeros
    found = [parse(text)(x=x, y=y)]
    for executor, count in itertools.product(EXECUTORS, (1, 3, 16, 33)):
        kernel = gradcli.compile(text, derivatives="value", executor=executor)
        found += kernel(x=np.full(count, x), y=np.full(count, y)).tolist()
    found += (1.0 / getattr(f, name)(Tensor([x]), Tensor([y]))).tolist()
    found.append(f.div(1.0, getattr(f, name)(Value(x), Value(y)).data))
    assert len(set(found)) == 1


def test_a_grid_reaches_the_ends_of_the_range_of_doubles() -> None:
    values = Axis("x", -1e308, 1e308, 5).values(np.arange(5))
    assert values.tolist() == [-1e308, -5e307, 0.0, 5e307, 1e308]
    largest = float(np.finfo(float).max)
    values = Axis("x", largest, -largest, 4).values(np.arange(4))
    assert values[0] == largest
    assert values[-1] == -largest
    assert np.isfinite(values).all()


#: expression, x, value, derivative, words of a note.
TINY: list[tuple[str, float, float, float, str]] = [
    ("gamma(x)", 1e-310, math.inf, -math.inf, "overflows"),
    ("gamma(x)", -1e-310, -math.inf, -math.inf, "overflows"),
    ("gamma(x)", 5e-324, math.inf, -math.inf, "overflows"),
    ("1/x", 1e-310, math.inf, -math.inf, "overflows"),
    ("x^-1", -1e-310, -math.inf, -math.inf, "overflows"),
    ("x^-2", -1e-310, math.inf, math.inf, "overflows"),
    ("digamma(x)", 1e-310, -math.inf, math.inf, "overflows"),
    ("digamma(x)", -1e-310, math.inf, math.inf, "overflows"),
    ("lgamma(x)", 1e-310, 713.8013788281542, -math.inf, "overflows"),
    ("polygamma(1, x)", -1e-310, math.inf, math.inf, "overflows"),
    ("polygamma(2, x)", 1e-310, -math.inf, math.inf, "overflows"),
    ("cot(x)", 1e-310, math.inf, -math.inf, "overflows"),
    ("csch(x)", -1e-310, -math.inf, -math.inf, "overflows"),
    ("log(x)", 1e-310, -713.8013788281542, math.inf, "overflows"),
]


@pytest.mark.parametrize(("text", "x", "value", "slope", "words"), TINY)
def test_next_to_a_pole_the_note_names_what_overflows(
    text: str, x: float, value: float, slope: float, words: str
) -> None:
    found = point.gradient(parse(text), {"x": x})
    assert (found.value, found.gradient["x"]) == (pytest.approx(value, rel=1e-15), slope)
    assert [words in note.message for note in found.notes] == [True]
    for executor in EXECUTORS:
        kernel = gradcli.compile(text, executor=executor)
        assert kernel(x=np.array([x, 1.5]))[0][0] == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize("text", ["log(y)^0", "0^(log(y)^0)", "sqrt(y)^0 + y^0"])
def test_a_power_with_the_exponent_0_is_constant_also_where_its_base_has_no_value(text: str) -> None:
    found = point.gradient(parse(text), {"y": -2.0})
    assert found.value in (0.0, 1.0, 2.0)
    assert found.gradient["y"] == 0.0
    assert "has no value" in found.notes[0].message
    assert point.jvp(parse(text), {"y": -2.0}, {"y": 1.0}) == 0.0


def polygamma_by_its_series(n: int, x: float) -> float:
    """Return -(-1)^n n! times the sum of 1/(x + k)^(n+1), whose terms are negligible where x + k is large."""
    with mp.workdps(900):
        total = mp.fsum((x + mpf(k)) ** -(n + 1) for k in range(int(1000 - 11 * x)))
        exact = -((-1) ** n) * mp.factorial(n) * total
        return float(exact) if abs(exact) < sys.float_info.max else math.copysign(math.inf, exact)


@for_each("n", [150, 151, 152, 170, 180, 200])
@for_each(
    "x",
    [-0.5, -1.5, -2.5, -20.5, math.nextafter(-0.5, 0.0), math.nextafter(-0.5, -1.0), -1.5 + 1e-9, -2.48, -0.3, -1.1],
)
def test_polygamma_of_the_highest_orders_between_poles(n: int, x: float) -> None:
    right = polygamma_by_its_series(n, x)
    assert f.polygamma(float(n), x) == pytest.approx(right, rel=1e-13)
    (found,) = gradcli.compile(f"polygamma({n}, x)", derivatives="value")(x=[x])
    assert found == pytest.approx(right, rel=1e-13)
    slope = gradcli.parse(f"polygamma({n - 1}, x)").gradient(x=x)["x"]
    assert slope == pytest.approx(right, rel=1e-13)
    notes = point.gradient(parse(f"polygamma({n - 1}, x)"), {"x": x}).notes
    assert all("overflow" in note.message for note in notes)


@pytest.mark.parametrize(("n", "x"), [(100, 1.0), (100, 3.5), (100, -1.3), (150, 3.0), (120, 200.0), (99, 0.5)])
def test_polygamma_of_high_orders(n: int, x: float) -> None:
    mp = pytest.importorskip("mpmath")
    found = point.derivatives(parse(f"polygamma({n}, x)"), {"x": x}, 3)["x"]
    with mp.workdps(40):
        right = [(-1) ** (n + k + 1) * mp.factorial(n + k) * _zeta(mp, n + k + 1, x) for k in (1, 2, 3)]
        for one, other in zip(found, right, strict=True):
            assert abs(mp.mpf(one) - other) <= 1e-11 * abs(other)


def _zeta(mp: Any, order: int, x: float) -> Any:
    return mp.fsum(1 / (mp.mpf(x) + k) ** order for k in range(400))


@pytest.mark.parametrize("name", ["erf", "erfc"])
@pytest.mark.parametrize("x", [26.5, 26.9, 27.0, 27.1, -26.95, 5.0, 0.5])
def test_derivatives_of_the_error_functions_far_out(name: str, x: float) -> None:
    mp = pytest.importorskip("mpmath")
    sign = 1 if name == "erf" else -1
    found = point.derivatives(parse(f"{name}(x)"), {"x": x}, 6)["x"]
    with mp.workdps(60):
        at = mp.mpf(x)
        factor = sign * 2 / mp.sqrt(mp.pi) * mp.exp(-at * at)
        for order, one in enumerate(found, 1):
            right = factor * (-1) ** (order - 1) * mp.hermite(order - 1, at)
            # Of x^2 in the exponential 2^-53 are lost, and doubles next to 0 are 5e-324 apart.
            assert abs(mp.mpf(one) - right) <= abs(right) * 4e-16 * (20 + x * x) + 3 * 5e-324, order
