"""What other languages write becomes a hint that is itself an expression with the meaning that was meant."""

from __future__ import annotations

import math

import pytest

from gradcli import parse
from gradcli.errors import ExpressionError, UsageError
from gradcli.language.dialects import ABSENT, CONSTANTS_ELSEWHERE, rewritten
from tests.support.loops import for_each

POINT = {"x": 3.0, "y": 0.0}

#: A text that is refused -> the value at x = 3, y = 0 of what its hint says to write.
REFUSED = {
    "x > 0 ? 1 : 2": 1.0,
    "1 if x > 5 else 2": 2.0,
    "if x > 0 then x else -x": 3.0,
    "x && y": 0.0,
    "x & y": 0.0,
    "!y": 1.0,
    "~y": 1.0,
    "and(x, y)": 0.0,
    "or(x, y)": 1.0,
    "x xor y": 1.0,
    "x <> 3": 0.0,
    "x =< 3": 1.0,
    "x => 3": 1.0,
    "7//2": 3.0,
    "(x + 4)//2": 3.0,
    "7 div 2": 3.0,
    "7 mod 2": 1.0,
    "50%": 0.5,
    "x + 50%": 3.5,
    "d/dx x^2": 6.0,
    "d/dx(x^2)": 6.0,
    "d/dx (sin(x))": math.cos(3.0),
    "d^2/dx^2 (x^3)": 18.0,
    "d²/dx² x^3": 18.0,
    "sin 30°": 0.5,
    "sin(30°)": 0.5,
    "1.000,5": 1000.5,
    "1,5": 1.5,
    "max(2,3) + 1,5": 1.5,
    "math.sin x": math.sin(3.0),
}


@for_each("text", REFUSED)
def test_the_hint_is_what_was_meant(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    hint = str(caught.value.hint)
    assert hint.startswith("write "), hint
    meant = parse(hint.split("`")[1])
    assert meant(**{name: POINT[name] for name in meant.variables}) == pytest.approx(REFUSED[text], rel=1e-15)
    assert " or `" not in hint


@pytest.mark.parametrize("text", ["x != 3", "3!", "n!", "x*y", "|x||y|", "max(x, y) % 2", "2*50%3", "dx/dy", "a.b", ""])
def test_what_this_language_has_stays(text: str) -> None:
    assert rewritten(text) == text


def test_long_texts_are_not_searched() -> None:
    text = "x <> 1 and " * 100 + "x"
    assert rewritten(text) is text


@pytest.mark.parametrize(
    "text", ["integral(x, 0, 1)", "∫x dx", "lim x->0 x", "limit(x, 0)", "solve(x, x)", "x ± 1", "∂x"]
)
def test_what_does_not_exist_is_said_to_be_absent(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert caught.value.hint in ABSENT.values()


@pytest.mark.parametrize("name", CONSTANTS_ELSEWHERE)
def test_a_constant_of_another_language_is_a_variable_with_a_note(name: str) -> None:
    expression = parse(f"2*{name}")
    assert [note.hint for note in expression.notes] == [f"the constant is `{CONSTANTS_ELSEWHERE[name]}`"] or (
        name.lower() in ("nan",) and expression.notes
    )
    with pytest.raises(UsageError):
        expression()


@pytest.mark.parametrize("text", ["30 deg", "x xor y", "7 mod 2", "lim x"])
def test_a_word_between_operands_is_no_product_of_letters(text: str) -> None:
    try:
        notes = [str(note.hint) for note in parse(text).notes]
    except ExpressionError as error:
        notes = [str(error.hint)]
    assert not [note for note in notes if "d*e*g" in note or "x*o*r" in note or "m*o*d" in note or "l*i*m" in note]


def test_a_number_with_two_points_is_no_product() -> None:
    with pytest.raises(ExpressionError, match=r"`0\.5\.2` is not a number") as caught:
        parse("x^0.5.2")
    assert caught.value.hint == "a number has one decimal point"


def test_an_unknown_function_with_a_prime_is_to_be_defined() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse("f'(x)")
    assert caught.value.hint == "define the function: `f(t) = ...;`"
