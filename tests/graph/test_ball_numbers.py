"""Balls against mpmath, for every function of the registry."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest

flint = pytest.importorskip("flint")

from gradcli import parse  # noqa: E402 - the package comes first
from gradcli.evaluate.proven import Proven  # noqa: E402
from gradcli.graph.ball_numbers import BallNumbers, ball_of  # noqa: E402
from gradcli.graph.coefficients import NoValue, Undecided, evaluated  # noqa: E402
from gradcli.primitives import REGISTRY, Primitive  # noqa: E402
from tests.support.loops import for_each  # noqa: E402
from tests.support.oracle import Undefined, derivatives_by_mpmath  # noqa: E402

DIGITS = 25
SHARES = (0.37, 0.71, 0.05)
FUNCTIONS = [one for one in REGISTRY.public() if not one.is_truth and one.samples and one.name != "where"]


def points(primitive: Primitive) -> list[list[float]]:
    """Numbers that are floats and short decimals alike, for each operand."""
    found = []
    for sample in primitive.samples:
        for shift in range(len(SHARES)):
            numbers = []
            for place, (low, high) in enumerate(sample):
                low, high = max(low, -50.0), min(high, 50.0)
                share = SHARES[(shift + place) % len(SHARES)]
                numbers.append(round((low + share * (high - low)) * 64) / 64)
            for place, _ in enumerate(primitive.static):
                numbers[place] = sample[place][0]
            found.append(numbers)
    return found


@for_each("primitive", FUNCTIONS, ids=lambda one: one.name)
def test_digits_of_a_function_and_its_derivatives_are_those_of_mpmath(primitive: Primitive) -> None:
    compared = 0
    for numbers in points(primitive):
        names = [f"v{place}" for place in range(len(numbers))]
        for operand in range(len(primitive.static), len(numbers)):
            arguments = [names[operand] if place == operand else repr(one) for place, one in enumerate(numbers)]
            try:
                expected = derivatives_by_mpmath(primitive.name, numbers, operand)
            except (Undefined, ArithmeticError):
                continue
            expression = parse(f"{primitive.name}({', '.join(arguments)})")
            proven = Proven(expression, {names[operand]: parse(repr(numbers[operand]))}, DIGITS)
            found = [proven.value(), *proven.derivatives(2)[names[operand]]]
            for order, text in enumerate(found):
                with mpmath.workdps(40):
                    error = abs(mpmath.mpf(text) - expected[order])
                    assert error <= abs(expected[order]) * mpmath.mpf(10) ** (1 - DIGITS), (arguments, order, text)
            compared += 1
    assert compared


@pytest.mark.parametrize(
    ("text", "at"),
    [("step(x)", 0), ("sign(x)", 0), ("abs(x)", 0), ("max(x, 0)", 0), ("floor(x)", 3), ("round(x)", Fraction(5, 2))],
)
def test_an_exact_point_decides(text: str, at: Fraction) -> None:
    expression = parse(text)
    found = evaluated(BallNumbers(), expression.root, {expression.graph.variable("x"): ball_of(Fraction(at))})
    assert found == flint.arb(expression(x=float(at)))


def _near(number: int) -> object:
    return flint.arb(number, 2.0**-40)


@pytest.mark.parametrize(
    "text", ["step(x - 1)", "sign(x - 1)", "floor(x)", "ceil(x)", "round(x - 0.5)", "mod(x, 1)", "x > 1", "x == 1"]
)
def test_a_ball_that_does_not_decide_is_no_guess(text: str) -> None:
    expression = parse(text)
    with pytest.raises(Undecided):
        evaluated(BallNumbers(), expression.root, {expression.graph.variable("x"): _near(1)})


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("log(x - 3)", NoValue),
        ("sqrt(x - 3)", NoValue),
        ("log(x - 1)", Undecided),
        ("1/(x - 1)", Undecided),
        ("(x - 3)^0.5", NoValue),
        ("(x - 1)^0.5", Undecided),
        ("gamma(x - 1)", Undecided),
    ],
)
def test_the_end_of_a_domain_is_certain_or_not_decided(text: str, error: type[Exception]) -> None:
    expression = parse(text)
    with pytest.raises(error):
        evaluated(BallNumbers(), expression.root, {expression.graph.variable("x"): _near(1)})
