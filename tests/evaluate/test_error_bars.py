"""The running error bound: no result is further from the exact one than its bar says."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import pytest

from gradcli import parse
from gradcli.errors import GradcliError
from gradcli.evaluate.error_bars import ErrorBars, leaf_errors, sure_digits
from gradcli.execute.tape import Tape
from gradcli.graph import differentiate


def bars_of(text: str, derivatives: bool = False, **at: float) -> tuple[ErrorBars, list[int]]:
    expression = parse(text)
    variables = [expression.graph.variable(name) for name in at]
    roots = [expression.root, *(differentiate.vjp(expression.root, 1.0, variables) if derivatives else ())]
    tape = Tape(roots, variables)
    return ErrorBars(tape, [*at.values()], leaf_errors(tape, expression)), tape.outputs


def bar(text: str, **at: float) -> float:
    found, outputs = bars_of(text, **at)
    return found.bars[outputs[0]]


@pytest.mark.parametrize(
    ("text", "x"),
    [
        ("x - 1", 1.0 + 2.0**-40),
        ("3*x + 2^x", 5.0),
        ("x/4", 0.3),
        ("sqrt(x)", 2.25),
        ("exp(x)*cos(x)", 0.0),
        ("x", 0.1),
        ("0*exp(x/3)", 1.0),
        ("log(x)", 1.0),
        ("lgamma(x)", 2.0),
    ],
)
def test_what_is_exact_has_no_error(text: str, x: float) -> None:
    assert bar(text, x=x) == 0.0


@pytest.mark.parametrize(
    ("text", "x"),
    [
        ("0.1*x", 1.0),  # the decimal
        ("pi*x", 1.0),
        ("sin(x)", 2.0**-30),  # equal to its operand, but rounded
        ("1 - tanh(x)", 20.0),  # tanh is 1, but rounded
        ("(1 - tanh(x))*1e20", 20.0),
        ("where(x < 0.3, 1, 2)", 0.3),
        ("1e-200*x", 1e-200),
        ("exp(-x)/7", 740.0),
        ("(1 - tanh(x))*log(tanh(x))", 30.0),
    ],
)
def test_what_is_rounded_has_an_error(text: str, x: float) -> None:
    assert bar(text, x=x) > 0.0


def test_an_error_on_a_jump_is_as_large_as_the_jump() -> None:
    assert bar("floor(3*x)", x=1 / 3) >= 1.0
    assert bar("floor(3*x)", x=0.4) == 0.0


def test_a_choice_moves_with_what_it_chooses() -> None:
    found, outputs = bars_of("max(sin(x), 0.3*x)", derivatives=True, x=1.3)
    assert max(found.bars[slot] for slot in outputs) < 1e-15


def test_the_culprit_is_the_operation_that_magnifies_most() -> None:
    found, outputs = bars_of("log(1 - sigmoid(x))*exp(y/3)", x=30.0, y=1.0)
    assert found.tape.nodes[found.culprit(outputs[0])].primitive is parse("1 - x").root.primitive


def test_bars_hold_the_errors_of_drawn_values_and_derivatives() -> None:
    pytest.importorskip("flint")
    from tests.support.lost_digits import draws, exact_numbers

    tried = 0
    for text, texts in itertools.islice(draws(3), 130):
        expression = parse(text)
        at = {name: float(parse(texts[name])()) for name in expression.variables}
        found, outputs = bars_of(text, derivatives=True, **at)
        numbers = [found.values[slot] for slot in outputs]
        if not at or not all(map(math.isfinite, numbers)):
            continue
        try:
            exact = exact_numbers(expression, at)
        except (GradcliError, OverflowError):
            continue
        tried += 1
        for slot, number, true in zip(outputs, numbers, exact, strict=True):
            if found.bars[slot] < math.inf and abs(float(true)) > 1e-300:
                error = abs(Fraction(number) - Fraction(true)) - abs(Fraction(true)) / 10**24  # which has 25 digits
                assert error <= Fraction(found.bars[slot]) * Fraction(11, 10), (text, at, number, true)
    assert tried > 70


def test_sure_digits() -> None:
    assert [sure_digits(1.0, 10.0**-n) for n in (0, 3, 20)] == [0, 3, 17]
    assert sure_digits(0.0, 1e-7) == sure_digits(1.0, math.inf) == 0
