"""The convention at edge points, as a table: the gradient at kinks, ends, poles, jumps, and where digits get lost.

Each row holds in reverse mode, in forward mode and by evaluating the graph of the derivative.
"""

from __future__ import annotations

import math
import random
from typing import NamedTuple

import pytest

from gradcli import parse
from gradcli.evaluate.expression import Expression
from gradcli.evaluate.notes import Note
from gradcli.evaluate.point import gradient, jvp
from gradcli.execute.tape import Tape
from gradcli.graph import differentiate
from tests.support.oracle import derivatives

INF, NAN = math.inf, math.nan
LN2 = 0.6931471805599453


class Row(NamedTuple):
    """An expression at a point, its gradient in the order of the variables, and the kinds of its notes."""

    text: str
    point: dict[str, float]
    gradient: tuple[float, ...]
    notes: tuple[str, ...] = ()
    value: float | None = None

    def __str__(self) -> str:
        return f"{self.text} at {', '.join(f'{name}={value!r}' for name, value in self.point.items())}"


def xy(x: float, y: float) -> dict[str, float]:
    return {"x": x, "y": y}


KINKS_AND_TIES = [
    Row("abs(x)", {"x": 0.0}, (0.0,), ("kink",)),
    Row("relu(x)", {"x": 0.0}, (0.0,), ("kink",)),
    Row("max(x, 0)", {"x": 0.0}, (0.5,), ("kink",)),
    Row("max(x, y)", xy(1.0, 1.0), (0.5, 0.5), ("kink",)),
    Row("min(x, y)", xy(1.0, 1.0), (0.5, 0.5), ("kink",)),
    Row("max(x, y, z)", {"x": 1.0, "y": 1.0, "z": 0.0}, (0.5, 0.5, 0.0), ("kink",)),
    Row("max(x, y, z)", {"x": 2.0, "y": 2.0, "z": 2.0}, (1 / 3, 1 / 3, 1 / 3), ("kink",)),
    Row("max(x, y)", xy(0.0, -0.0), (0.5, 0.5), ("kink",)),
    Row("max(x, y)", xy(NAN, 1.0), (NAN, NAN), ("undefined",), NAN),
    Row("max(x, y)", xy(1.0, NAN), (NAN, NAN), ("undefined",), NAN),
    Row("min(x, y)", xy(NAN, 1.0), (NAN, NAN), ("undefined",), NAN),
    Row("sign(x)", {"x": 0.0}, (0.0,), ("jump",), 0.0),
    Row("step(x)", {"x": 0.0}, (0.0,), ("jump",), 0.5),
    Row("floor(x)", {"x": 2.0}, (0.0,), ("jump",), 2.0),
    Row("floor(x)", {"x": 2.5}, (0.0,), (), 2.0),
    Row("ceil(x)", {"x": 2.0}, (0.0,), ("jump",), 2.0),
    Row("round(x)", {"x": 2.5}, (0.0,), ("jump",), 2.0),
    Row("round(x)", {"x": 3.5}, (0.0,), ("jump",), 4.0),
    Row("mod(x, y)", xy(6.0, 3.0), (1.0, -2.0), ("jump",), 0.0),
    Row("mod(x, y)", xy(-7.0, 3.0), (1.0, 3.0), (), 2.0),
    Row("mod(x, y)", xy(7.0, -3.0), (1.0, 3.0), (), -2.0),
    Row("mod(x, y)", xy(5.0, 0.0), (NAN, NAN), ("domain",), NAN),
    Row("hypot(x, y)", xy(0.0, 0.0), (0.0, 0.0), ("kink",)),
    Row("sqrt(x*x)", {"x": 0.0}, (NAN,), ("end",)),
    Row("sqrt(x^2)", {"x": 0.0}, (NAN,), ("end",)),
    Row("leaky_relu(x)", {"x": 0.0}, (0.01,), ("kink",)),
    Row("selu(x)", {"x": 0.0}, (1.0507009873554805,), ("kink",)),
    Row("elu(x)", {"x": 0.0}, (1.0,)),
    Row("hard_tanh(x)", {"x": 1.0}, (0.0,), ("kink",)),
    Row("hard_tanh(x)", {"x": -1.0}, (0.0,), ("kink",)),
    Row("softsign(x)", {"x": 0.0}, (1.0,)),
    Row("clip(x, -1, 1)", {"x": 1.0}, (0.5,), ("kink",)),
    Row("clip(x, -1, 1)", {"x": -1.0}, (0.5,), ("kink",)),
    Row("clip(x, y, 9)", xy(1.0, 1.0), (0.5, 0.5), ("kink",)),
    Row("clip(x, y, z)", {"x": 1.0, "y": 1.0, "z": 1.0}, (1 / 3, 1 / 3, 1 / 3), ("kink",)),
    Row("clip(x, y, z)", {"x": 0.0, "y": 2.0, "z": 2.0}, (0.0, 0.5, 0.5), ("kink",)),
    Row("clip(x, y, z)", {"x": 1.0, "y": 2.0, "z": 1.0}, (0.0, 0.0, 1.0), (), 1.0),
]

ENDS_AND_SLOPES = [
    Row("sqrt(x)", {"x": 0.0}, (INF,), ("end",)),
    Row("sqrt(x)", {"x": -0.0}, (INF,), ("end",)),
    Row("sqrt(x)", {"x": -1.0}, (NAN,), ("domain",), NAN),
    Row("cbrt(x)", {"x": 0.0}, (INF,), ("slope",)),
    Row("cbrt(x)", {"x": -0.0}, (INF,), ("slope",)),
    Row("log(x)", {"x": 0.0}, (INF,), ("end",), -INF),
    Row("log(x)", {"x": -0.0}, (INF,), ("end",), -INF),
    Row("log(x)", {"x": -1.0}, (NAN,), ("domain",), NAN),
    Row("log2(x)", {"x": -0.0}, (INF,), ("end",), -INF),
    Row("log2(x)", {"x": -1.0}, (NAN,), ("domain",), NAN),
    Row("log10(x)", {"x": -0.0}, (INF,), ("end",), -INF),
    Row("log10(x)", {"x": -1.0}, (NAN,), ("domain",), NAN),
    Row("log1p(x)", {"x": -1.0}, (INF,), ("end",), -INF),
    Row("log1p(x)", {"x": -2.0}, (NAN,), ("domain",), NAN),
    Row("1/x", {"x": 0.0}, (-INF,), ("pole",), INF),
    Row("1/x", {"x": -0.0}, (-INF,), ("pole",), -INF),
    Row("asin(x)", {"x": 1.0}, (INF,), ("end",)),
    Row("asin(x)", {"x": -1.0}, (INF,), ("end",)),
    Row("asin(x)", {"x": 2.0}, (NAN,), ("domain",), NAN),
    Row("acos(x)", {"x": 1.0}, (-INF,), ("end",)),
    Row("acos(x)", {"x": -1.0}, (-INF,), ("end",)),
    Row("acos(x)", {"x": -2.0}, (NAN,), ("domain",), NAN),
    Row("acosh(x)", {"x": 1.0}, (INF,), ("end",)),
    Row("acosh(x)", {"x": 0.5}, (NAN,), ("domain",), NAN),
    Row("atanh(x)", {"x": 1.0}, (INF,), ("pole",), INF),
    Row("atanh(x)", {"x": -1.0}, (INF,), ("pole",), -INF),
    Row("atanh(x)", {"x": 2.0}, (NAN,), ("domain",), NAN),
    Row("atan2(x, y)", xy(0.0, 0.0), (NAN, NAN), ("jump",)),
    Row("atan2(x, y)", xy(0.0, -1.0), (-1.0, 0.0), ("branch cut",)),
    Row("exp(x)", {"x": 1000.0}, (INF,), ("overflow",), INF),
    Row("tan(x)", {"x": math.pi / 2}, (2.6670937881135714e32,)),
    Row("csc(x)", {"x": 0.0}, (-INF,), ("pole",), INF),
    Row("cot(x)", {"x": 0.0}, (-INF,), ("pole",), INF),
    Row("csch(x)", {"x": 0.0}, (-INF,), ("pole",), INF),
    Row("coth(x)", {"x": 0.0}, (-INF,), ("pole",), INF),
    Row("gamma(x)", {"x": 0.0}, (-INF,), ("pole",), INF),
    Row("gamma(x)", {"x": -1.0}, (NAN,), ("domain",), NAN),
    Row("lgamma(x)", {"x": 0.0}, (-INF,), ("pole",), INF),
    Row("digamma(x)", {"x": 0.0}, (INF,), ("pole",), -INF),
    Row("digamma(x)", {"x": -2.0}, (NAN,), ("domain",), NAN),
    Row("x!", {"x": -2.0}, (NAN,), ("domain",), NAN),
]

POWERS = [
    Row("x^y", xy(0.0, 0.0), (0.0, NAN), ("jump",), 1.0),
    Row("x^y", xy(0.0, 2.0), (0.0, 0.0), (), 0.0),
    Row("x^y", xy(0.0, 1.0), (1.0, 0.0), (), 0.0),
    Row("x^y", xy(0.0, 0.5), (INF, 0.0), ("end",), 0.0),
    Row("x^y", xy(0.0, -1.0), (-INF, -INF), ("pole",), INF),
    Row("x^y", xy(-2.0, 3.0), (12.0, NAN), ("end",), -8.0),
    Row("x^y", xy(-2.0, 0.5), (NAN, NAN), ("domain",), NAN),
    Row("x^y", xy(2.0, 0.0), (0.0, LN2), (), 1.0),
    Row("x^2", {"x": -3.0}, (-6.0,)),
    Row("x^3", {"x": -3.0}, (27.0,)),
    Row("x^(-1)", {"x": 0.0}, (-INF,), ("pole",), INF),
    Row("x^0.5", {"x": 0.0}, (INF,), ("end",)),
    Row("x^0", {"x": 0.0}, (0.0,)),
    Row("x^1", {"x": 0.0}, (1.0,)),
    Row("0^x", {"x": 0.0}, (NAN,), ("jump",), 1.0),
    Row("0^x", {"x": 2.0}, (0.0,), (), 0.0),
    Row("(-2)^x", {"x": 3.0}, (NAN,), ("end",), -8.0),
]

SINGULARITIES_AND_BRANCHES = [
    Row("x*log(x)", {"x": 0.0}, (NAN,), ("end", "domain"), NAN),
    Row("xlogy(x, x)", {"x": 0.0}, (-INF,), ("end",), 0.0),
    Row("xlogy(x, y)", xy(0.0, 0.0), (-INF, 0.0), ("end",), 0.0),
    Row("xlogy(x, y)", xy(0.0, 5.0), (math.log(5.0), 0.0), (), 0.0),
    Row("x/x", {"x": 0.0}, (NAN,), ("domain",), NAN),
    Row("sin(x)/x", {"x": 0.0}, (NAN,), ("domain",), NAN),
    Row("sinc(x)", {"x": 0.0}, (0.0,), (), 1.0),
    Row("where(x>0, sqrt(x), 0)", {"x": 0.0}, (0.0,), (), 0.0),
    Row("where(x>0, sqrt(x), 0)", {"x": -1.0}, (0.0,), (), 0.0),
    Row("where(x>0, log(x), 0)", {"x": 0.0}, (0.0,), (), 0.0),
    Row("where(x!=0, sin(x)/x, 1)", {"x": 0.0}, (0.0,), (), 1.0),
    Row("where(x!=0, sin(where(x!=0, x, 1))/where(x!=0, x, 1), 1)", {"x": 0.0}, (0.0,), (), 1.0),
    Row("log(exp(x))", {"x": 1000.0}, (NAN,), ("overflow",), INF),
    # A strong zero covers all that the branch is made of, and a selection is a branch too.
    Row("where(x>0, exp(sqrt(x))/x, x)", {"x": 0.0}, (1.0,), (), 0.0),
    Row("max(sqrt(x), 1)", {"x": 0.0}, (0.0,), (), 1.0),
    Row("clip(1/x, 0, 9)", {"x": 0.0}, (0.0,), (), 9.0),
    Row("relu(-sqrt(x) - 1)", {"x": 0.0}, (0.0,), (), 0.0),
    # But an infinite slope times a value of 0 is no strong zero.
    Row("sqrt(x)*cbrt(x)", {"x": 0.0}, (NAN,), ("slope", "end"), 0.0),
]

# A function that has a value at infinity has the limit of its slope there.
INFINITIES = [
    Row("silu(x)", {"x": INF}, (1.0,)),
    Row("silu(x)", {"x": -INF}, (0.0,)),
    Row("mish(x)", {"x": INF}, (1.0,)),
    Row("mish(x)", {"x": -INF}, (0.0,)),
    Row("gelu(x)", {"x": INF}, (1.0,)),
    Row("gelu(x)", {"x": -INF}, (0.0,)),
    Row("gelu_tanh(x)", {"x": INF}, (1.0,)),
    Row("gelu_tanh(x)", {"x": -INF}, (0.0,)),
    Row("softplus(x)", {"x": INF}, (1.0,)),
    Row("sigmoid(x)", {"x": INF}, (0.0,)),
    Row("tanh(x)", {"x": -INF}, (0.0,)),
    Row("erf(x)", {"x": INF}, (0.0,)),
    Row("atan(x)", {"x": INF}, (0.0,)),
    Row("asinh(x)", {"x": -INF}, (0.0,)),
    Row("hypot(x, y)", xy(INF, 1.0), (1.0, 0.0)),
    Row("log(x)", {"x": INF}, (0.0,)),
    Row("sqrt(x)", {"x": INF}, (0.0,)),
    Row("relu(x)", {"x": INF}, (1.0,)),
    Row("exp(x)", {"x": -INF}, (0.0,)),
    Row("sinc(x)", {"x": INF}, (0.0,), (), 0.0),
]

TABLE = [*KINKS_AND_TIES, *ENDS_AND_SLOPES, *POWERS, *SINGULARITIES_AND_BRANCHES]
ROWS = [*TABLE, *INFINITIES]


def same(got: float, wanted: float) -> bool:
    return got == wanted or (got != got and wanted != wanted)


def variables_of(expression: Expression) -> list[str]:
    return list(expression.variables)


def by_transform(expression: Expression, point: dict[str, float]) -> list[float]:
    nodes = {node.name: node for node in Tape([expression.root]).variables}
    variables = [nodes[name] for name in expression.variables]
    tape = Tape(differentiate.gradient(expression.root, variables), variables)
    values = tape.run([point[name] for name in expression.variables])
    return [values[slot] for slot in tape.outputs]


def assert_gradient(found: list[float], row: Row) -> None:
    assert len(found) == len(row.gradient)
    for got, wanted in zip(found, row.gradient, strict=True):
        assert same(got, wanted), f"{found} is not {row.gradient}"


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_reverse_mode_follows_the_convention(row: Row) -> None:
    result = gradient(parse(row.text), row.point)
    assert_gradient(list(result.gradient.values()), row)
    if row.value is not None:
        assert same(result.value, row.value)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_forward_mode_follows_the_convention(row: Row) -> None:
    expression = parse(row.text)
    assert_gradient([jvp(expression, row.point, {name: 1.0}) for name in variables_of(expression)], row)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_the_graph_of_the_derivative_follows_the_convention(row: Row) -> None:
    assert_gradient(by_transform(parse(row.text), row.point), row)


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_a_note_names_the_kind_and_the_place(row: Row) -> None:
    notes: list[Note] = gradient(parse(row.text), row.point).notes
    assert {note.kind for note in notes} == set(row.notes), [note.message for note in notes]
    for note in notes:
        assert note.message
        if note.kind != "undefined":  # a nan that was handed in has no place in the text
            assert note.span is not None
            assert row.text[note.span.start : note.span.end].strip()


def test_every_nan_and_infinity_of_the_table_has_a_note() -> None:
    for row in TABLE:
        if not all(map(math.isfinite, row.gradient)):
            assert row.notes, row


@pytest.mark.parametrize(
    ("text", "wanted"), [("sqrt(x*x)", "abs(x)"), ("x*log(x)", "xlogy(x, x)"), ("sin(x)/x", "sinc(x/pi)")]
)
def test_a_note_says_what_to_write_instead(text: str, wanted: str) -> None:
    hints = [note.hint for note in gradient(parse(text), {"x": 0.0}).notes if note.hint]
    assert len(hints) == 1
    assert f"`{wanted}`" in hints[0]


def test_the_overflow_in_the_middle_of_an_expression_is_the_one_that_is_named() -> None:
    (note,) = gradient(parse("log(exp(x))"), {"x": 1000.0}).notes
    assert note.span is not None
    assert (note.span.start, note.span.end) == (4, 10)


# Single points at which libraries lose all digits: expression, point, exact gradient.
LOST_DIGITS: list[tuple[str, dict[str, float], tuple[float, ...]]] = [
    ("tanh(x)", {"x": 20.0}, (1.6993417021166355e-17,)),
    ("sigmoid(x)", {"x": 40.0}, (4.248354255291589e-18,)),
    ("expm1(x)", {"x": -40.0}, (4.248354255291589e-18,)),
    ("sinc(x)", {"x": 1e-8}, (-3.2898681336964525e-08,)),
    ("sinc(x)", {"x": 1e-160}, (-3.2898681336964528e-160,)),
    ("hypot(x, y)", xy(1e200, 1e200), (0.7071067811865476, 0.7071067811865476)),
    ("hypot(x, y)", xy(1e-200, 1e-200), (0.7071067811865476, 0.7071067811865476)),
    ("logaddexp(x, y)", xy(1e16, 1e16), (0.5, 0.5)),
    ("atan2(y, x)", xy(1e-160, 1e-160), (-5e159, 5e159)),
    ("x/y", xy(1e-200, 1e-170), (1e170, -1e140)),
    ("acosh(x)", {"x": 1.0 + 2.0**-30}, (23170.475000525992,)),
    ("atanh(x)", {"x": 1.0 - 2.0**-40}, (549755813888.25,)),
    ("asin(x)", {"x": 1.0 - 2.0**-40}, (741455.2001896339,)),
]


@pytest.mark.parametrize(("text", "point", "exact"), LOST_DIGITS, ids=[row[0] + str(row[1]) for row in LOST_DIGITS])
def test_no_digits_are_lost_where_libraries_lose_them(
    text: str, point: dict[str, float], exact: tuple[float, ...]
) -> None:
    expression = parse(text)
    wanted = dict(zip(("x", "y"), exact, strict=False))
    reverse = gradient(expression, point).gradient
    transformed = dict(zip(expression.variables, by_transform(expression, point), strict=True))
    for name in expression.variables:
        forward = jvp(expression, point, {name: 1.0})
        for got in (reverse[name], forward, transformed[name]):
            assert math.isclose(got, wanted[name], rel_tol=4e-16), name


# Ranges in which the usual formulas lose from four digits to all of them.
RANGES = [
    ("tanh", -15.0, 15.0),
    ("sigmoid", -30.0, 30.0),
    ("expm1", -20.0, 20.0),
    ("acosh", 1.0 + 1e-9, 1.0 + 1e-3),
    ("atanh", 1.0 - 1e-3, 1.0 - 1e-12),
    ("asin", 1.0 - 1e-3, 1.0 - 1e-12),
]


@pytest.mark.parametrize(("name", "low", "high"), RANGES)
def test_first_derivatives_are_right_to_the_last_digits_over_a_range(name: str, low: float, high: float) -> None:
    expression = parse(f"{name}(x)")
    generator = random.Random(name)
    for _ in range(60):
        x = generator.uniform(low, high)
        exact = float(derivatives(name, (x,), 0)[1])
        assert math.isclose(gradient(expression, {"x": x}).gradient["x"], exact, rel_tol=1e-15)
