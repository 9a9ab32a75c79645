"""The convention at edge points, as a table: the gradient at kinks, ends, poles, jumps, and where digits get lost.

Each row holds in reverse mode, in forward mode and by evaluating the graph of the derivative.
"""

from __future__ import annotations

import math
import random

import pytest

from gradcli import parse
from gradcli.evaluate.expression import Expression
from gradcli.evaluate.point import gradient, jvp
from gradcli.execute.tape import Tape
from gradcli.graph import differentiate
from gradcli.source import Note
from tests.support.edge_points import ROWS, TABLE, Row, xy
from tests.support.loops import for_each
from tests.support.oracle import derivatives


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


@for_each("row", ROWS, ids=str)
def test_reverse_mode_follows_the_convention(row: Row) -> None:
    result = gradient(parse(row.text), row.point)
    assert_gradient(list(result.gradient.values()), row)
    if row.value is not None:
        assert same(result.value, row.value)


@for_each("row", ROWS, ids=str)
def test_forward_mode_follows_the_convention(row: Row) -> None:
    expression = parse(row.text)
    assert_gradient([jvp(expression, row.point, {name: 1.0}) for name in variables_of(expression)], row)


@for_each("row", ROWS, ids=str)
def test_the_graph_of_the_derivative_follows_the_convention(row: Row) -> None:
    assert_gradient(by_transform(parse(row.text), row.point), row)


@for_each("row", TABLE, ids=str)
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
