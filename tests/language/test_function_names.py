"""The names that functions have in calls: their parts, and what each part does."""

from __future__ import annotations

import math
from functools import partial

import pytest

from gradcli.evaluate.expression import parse
from gradcli.language.function_names import FunctionName, base_in_name, known_name
from tests.support.refusal import refusal
from tests.support.steps import steps


@pytest.mark.parametrize(
    ("text", "word", "primes", "power"),
    [
        ("sin", "sin", 0, None),
        ("f_1", "f_1", 0, None),
        ("f'", "f", 1, None),
        ("f″′", "f", 3, None),
        ("sin^2", "sin", 0, 2.0),
        ("sin^-1", "sin", 0, -1.0),
        ("sin^(-1)", "sin", 0, -1.0),
        ("sin⁻¹²", "sin", 0, -12.0),
        ("sin'^2", "sin", 1, 2.0),
        ("log_2²", "log_2", 0, 2.0),
    ],
)
def test_a_name_has_a_word_primes_and_a_power(text: str, word: str, primes: int, power: float | None) -> None:
    assert FunctionName.of(text) == (text, word, primes, power)


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("sin", "sin"),
        ("SIN", "sin"),
        ("Sin", "sin"),
        ("sIN", None),
        ("Sum", "sum"),
        ("diff", "diff"),
        ("Log_2", "log_2"),
        ("log₁₀", "log₁₀"),
        ("S", None),
        ("sinus", None),
    ],
)
def test_a_function_is_known_in_capitals_too(word: str, name: str | None) -> None:
    assert known_name(word) == name


@pytest.mark.parametrize(
    ("name", "base"), [("log2", "2"), ("log₂", "2"), ("log_12", "12"), ("log_b", "b"), ("logₙ", "n"), ("log", None)]
)
def test_a_logarithm_may_have_its_base_in_its_name(name: str, base: str | None) -> None:
    assert base_in_name(name) == base


@pytest.mark.parametrize(
    ("text", "at", "value"),
    [
        ("sin^-1(x)", {"x": 0.5}, math.asin(0.5)),
        ("cosh⁻¹(x)", {"x": 2.0}, math.acosh(2.0)),
        ("Tan^(-1)(x)", {"x": 2.0}, math.atan(2.0)),
        ("log_2(x)", {"x": 8.0}, 3.0),
        ("log_b(x)", {"b": 3.0, "x": 9.0}, 2.0),
        ("log(x, 10)", {"x": 1000.0}, 3.0),
        ("log_2^2(x)", {"x": 8.0}, 9.0),
        ("sin'(x)", {"x": 0.0}, 1.0),
        ("f(t) = log_t(9); f(3)", {}, 2.0),
    ],
)
def test_a_call_has_the_value_that_its_name_means(text: str, at: dict[str, float], value: float) -> None:
    assert parse(text)(**at) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "kind", "message", "hint"),
    [
        (
            "sin^-1 (x)",
            "inverse",
            "`sin^-1 (x)` is read as the inverse function, `asin`",
            "for one over the value, write `1/sin(x)`",
        ),
        (
            "log(2 + 3, b)",
            "base",
            "`log(2 + 3, b)` is read as the logarithm of 2 + 3 to the base b",
            "for the base 2 + 3, write `log(b, 2 + 3)`",
        ),
    ],
)
def test_a_note_says_how_a_call_is_read(text: str, kind: str, message: str, hint: str) -> None:
    [note] = parse(text).notes
    assert (note.kind, note.message, note.hint) == (kind, message, hint)


def test_what_a_body_says_is_noted_once() -> None:
    [note] = parse("f(t) = log(t, b); f(2) + f(3)").notes
    assert note.message == "`log(t, b)` is read as the logarithm of t to the base b"


def test_no_note_says_how_a_usual_logarithm_is_read() -> None:
    assert parse("log(x, 2) + log(x, b) + log_2(x)").notes == ()


def test_without_an_inverse_function_the_power_of_minus_one_has_two_readings() -> None:
    error = refusal("erf^-1(x)")
    assert (error.kind, error.hint) == ("ambiguous", "write `1/erf(x)`, or the name of the inverse function")


@pytest.mark.parametrize(("definition", "before", "after"), [("", "log(", ", b)"), ("f(t) = log(t, b); ", "f(", ")")])
def test_logarithms_in_logarithms_are_read_in_linear_time(definition: str, before: str, after: str) -> None:
    few, many = (partial(parse, definition + before * n + "x" + after * n) for n in (50, 500))
    assert steps(many) < 11 * steps(few)
