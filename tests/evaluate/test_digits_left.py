"""The note on lost digits: where, how many, and what helps."""

from __future__ import annotations

import math
from typing import Any

import pytest

from gradcli import parse
from gradcli.evaluate import digits_left, rewrites
from gradcli.evaluate.digits_left import Derived, digits_note
from gradcli.evaluate.point import Gradient, evaluate, gradient, hessian
from gradcli.source import Note

has_flint = digits_left.has_balls()
needs_flint = pytest.mark.skipif(not has_flint, reason="python-flint is missing")


def note_on(text: str, is_value: bool = False, **texts: str) -> Note | None:
    expression = parse(text)
    point = {name: parse(value) for name, value in texts.items()}
    at: dict[str, Any] = {name: one() for name, one in point.items()}
    if is_value:
        found = evaluate(expression, at)
        return digits_note(expression, at, point, Derived(), {"value": found.value}) if found.may_lose_digits else None
    result = gradient(expression, at)
    numbers = {"value": result.value, **{f"d/d{name}": partial for name, partial in result.gradient.items()}}
    return digits_note(expression, at, point, Derived([*at]), numbers) if result.may_lose_digits else None


@needs_flint
@pytest.mark.parametrize(
    ("text", "at", "message", "place", "hint"),
    [
        (
            "log(1 - sigmoid(x))",
            {"x": "36.7"},
            "nearly equal numbers cancel here: the value has only 1 right digit (it is -36.700000000000000115)",
            "1 - sigmoid(x)",
            "write `-softplus(x)`, which keeps its digits here",
        ),
        (
            "(exp(x) - 1)/x",
            {"x": "1e-10"},
            "nearly equal numbers cancel here: the value has only 7 right digits (it is 1.0000000000500000000)",
            "exp(x) - 1",
            "write `expm1(x)/x`, which keeps its digits here",
        ),
        (
            "sqrt(x + 1) - sqrt(x)",
            {"x": "1e12"},
            "nearly equal numbers cancel here: the value has only 5 right digits (it is 4.9999999999987500000e-7) and "
            "d/dx has only 4 right digits (it is -2.4999999999981250000e-19)",
            "sqrt(x + 1) - sqrt(x)",
            "write `1/(sqrt(x + 1) + sqrt(x))`, which keeps its digits here",
        ),
        # Only a derivative has lost its digits; the place is the first operation that has both terms.
        (
            "(x + y)^2 - x^2 - y^2",
            {"x": "1e6", "y": "1e-6"},
            "nearly equal numbers cancel here: d/dx has only 5 right digits (it is 2.0000000000000000000e-6)",
            "(x + y)^2 - x^2",
            "write `2*x*y`, which keeps its digits here",
        ),
        (
            "0.1 + 0.2 - x",
            {"x": "0.3"},
            "nearly equal numbers cancel here: the value has no right digit (it is 0)",
            "0.1 + 0.2 - x",
            None,
        ),
        (
            "if(0.1 + 0.2 == 0.3, x, 2)",
            {"x": "3"},
            "rounding errors decide `0.1 + 0.2 == 0.3`: the value has no right digit (it is 3.0000000000000000000) and "
            "d/dx has no right digit (it is 1.0000000000000000000)",
            "0.1 + 0.2 == 0.3",
            None,
        ),
        (
            "sin(pi)*x",
            {"x": "1"},
            "`sin(pi)` magnifies rounding errors: the value has no right digit (it is 0) and d/dx has no right digit "
            "(it is 0)",
            "sin(pi)",
            None,
        ),
        # The derivative is -1 + sigmoid(2 x) - sigmoid(-2 x), and sigmoid(2 x) is rounded to 1.
        (
            "log(cosh(x)) - x",
            {"x": "27"},
            "nearly equal numbers cancel here: d/dx has no right digit (it is -7.0652571444016140595e-24)",
            "log(cosh(x)) - x",
            "write `logaddexp(x, -x) - log(2) - x`, which keeps its digits here",
        ),
        # exp(-27.2^2) is a denormal number.
        (
            "erf(x)*y",
            {"x": "27.2", "y": "1e300"},
            "a step of the derivative of `erf(x)` is too small for a double to keep its digits: d/dx has only 2 right "
            "digits (it is 5.5465836613822768210e-22)",
            "erf(x)",
            None,
        ),
        # Of two numbers a formula keeps one.
        (
            "(1 + 1/n)^n",
            {"n": "1e14"},
            "`(1 + 1/n)^n` magnifies rounding errors: the value has only 3 right digits (it is 2.7182818284590316440) "
            "and d/dn has no right digit (it is 1.3591409142294977001e-28)",
            "(1 + 1/n)^n",
            "write `exp(n*log1p(1/n))`, which keeps the digits of the value here",
        ),
    ],
)
def test_a_note_has_the_numbers_the_place_and_what_helps(
    text: str, at: dict[str, str], message: str, place: str, hint: str | None
) -> None:
    note = note_on(text, **at)
    assert note is not None
    assert note.span is not None
    assert (note.kind, note.message, text[note.span.start : note.span.end]) == ("digits", message, place)
    assert note.hint == hint


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("x1*x2 + sin(x1)", {"x1": "2", "x2": "3"}),
        ("sin(x)", {"x": "1e22"}),  # the point is exact
        ("log(x)", {"x": "1.0000000000001"}),
        ("cos(x)", {"x": "pi/2"}),
        ("x^2 - 4", {"x": "2"}),
        ("x*exp(-x)", {"x": "1"}),
        ("(x - 1)*(x + 1)", {"x": "1.0000001"}),
        ("max(x, x)", {"x": "0.3"}),
        ("abs(x)", {"x": "0"}),
        ("exp(x)", {"x": "700"}),
        ("exp(-x^2)", {"x": "100"}),
        ("x*y", {"x": "1e-200", "y": "1e-200"}),
    ],
)
@pytest.mark.parametrize("balls", [False, pytest.param(True, marks=needs_flint)])
def test_numbers_that_keep_their_digits_have_no_note(
    text: str, at: dict[str, str], balls: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digits_left, "has_balls", lambda: balls)
    assert note_on(text, **at) is None


def test_without_balls_the_bound_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digits_left, "has_balls", lambda: False)
    note = note_on("sqrt(x + 1) - sqrt(x)", x="1e12")
    assert note is not None
    assert (
        note.message
        == "nearly equal numbers cancel here: the value has only 3 sure digits and d/dx has only 3 sure digits"
    )
    assert note.hint == "write `1/(sqrt(x + 1) + sqrt(x))`, which keeps its digits here"
    assert note.details == {"digits": {"value": 3, "d/dx": 3}, "instead": "1/(sqrt(x + 1) + sqrt(x))"}
    # A 0 that is only rounded to 0 has not kept its digits.
    note = note_on("sqrt(x^2 + 1) - x", is_value=True, x="1e9")
    assert note is not None
    assert note.hint == "write `1/(sqrt(x^2 + 1) + x)`, which keeps its digits here"


@needs_flint
def test_higher_derivatives_are_looked_at() -> None:
    expression = parse("(exp(x) - 1)/x")
    at, point = {"x": 1e-5}, {"x": parse("1e-5")}
    numbers = {"value": expression(1e-5), "d2/dx^2": hessian(expression, at)["x"]["x"]}
    note = digits_note(expression, at, point, Derived(["x"], hessian=True), numbers, otherwise="try more")
    assert note is not None
    assert (
        note.message
        == "nearly equal numbers cancel here: d2/dx^2 has only 4 right digits (it is 0.33333583334333336111)"
    )
    assert note.hint == "try more"
    for derived, name in ((Derived(["x"], order=2), "d2/dx^2"), (Derived(["x"], direction={"x": 2.0}), "jvp")):
        assert name in derived.roots(expression.root, {"x": expression.graph.variable("x")})


@needs_flint
def test_a_number_beyond_the_doubles_is_no_lost_digit() -> None:
    assert note_on("exp(-exp(x)) - y", x="20", y="0") is None
    assert digits_left.right_digits(0.0, "1e-99999") == digits_left.right_digits(0.0, 1e-300) == 17
    assert digits_left.right_digits(1e300, "1e+400") == digits_left.right_digits(0.0, "1e-7") == 0
    assert digits_left.right_digits(1.0, math.inf) == 17  # nothing is known


@pytest.mark.parametrize("balls", [False, pytest.param(True, marks=needs_flint)])
@pytest.mark.parametrize(
    ("text", "x", "instead"),
    [
        ("1 - sigmoid(x)", "40", "sigmoid(-x)"),
        ("log(1 + x)", "1e-20", "log1p(x)"),
        ("sqrt(x^2 + 1) - x", "1e10", "1/(sqrt(x^2 + 1) + x)"),
        ("sin(x)^2 + cos(x)^2 - 1", "0.3", None),
        ("exp(-x)", "800", None),
    ],
)
def test_a_zero_has_a_note_if_a_small_number_is_right(
    text: str, x: str, instead: str | None, balls: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digits_left, "has_balls", lambda: balls)
    note = note_on(text, x=x)
    assert (note.hint if note else None) == (instead and f"write `{instead}`, which keeps its digits here")


@needs_flint
def test_a_number_that_may_be_zero_has_no_promise_of_digits() -> None:
    expression, at = parse("sin(sqrt(x))^2 + cos(sqrt(x))^2 - 1"), {"x": 3.0}
    numbers = {"value": -1.1102230246251565e-16}
    note = digits_note(expression, at, {"x": parse("3")}, Derived(), numbers, otherwise="--digits 15")
    assert note is not None
    assert "the value has no right digit (it is 0 or below " in note.message
    assert (note.hint, note.details) == (None, {"digits": {"value": 0}})


@needs_flint
def test_the_measure_sees_wrong_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.support.lost_digits import measure

    monkeypatch.setattr("tests.support.lost_digits.digits_note", lambda *args: None)
    assert len(measure(4, 4, seed=11).missed) == 4
    note = Note("digits", "", details={"digits": {"value": 0}})
    monkeypatch.setattr("tests.support.lost_digits.digits_note", lambda *args: note)
    monkeypatch.setattr(Gradient, "may_lose_digits", True)
    assert len(measure(2, 6, seed=11).false) == 6


@needs_flint
def test_a_wrong_formula_is_not_offered_and_the_measure_would_count_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.support.lost_digits import Case, is_right

    wrong = rewrites._Identity(parse("exp(u) - 1").root, parse("expm1(u) + u^3").root)
    monkeypatch.setattr(rewrites, "_identities", lambda: (wrong,))
    text, at = "(exp(x) - 1)*y", {"x": "1e-6", "y": "3"}
    assert "(expm1(x) + x^3)*y" in [*rewrites.equal_formulas(parse(text).root)]
    note = note_on(text, x="1e-10", y="3")
    assert note is not None
    assert note.hint == "write `expm1(x)*y`, which keeps its digits here"  # from the identities of derivatives
    assert is_right(Case(text, at, {}, {}, note))
    monkeypatch.setattr(digits_left, "restored_digits", lambda one, *rest: ["value"] if "^" in one.source.text else [])
    note = note_on(text, x="1e-10", y="3")
    assert note is not None
    assert note.hint == "write `(expm1(x) + x^3)*y`, which keeps its digits here"
    assert not is_right(Case(text, at, {}, {}, note))


@needs_flint
@pytest.mark.parametrize("balls", [True, False])
def test_drawn_losses_have_a_note_and_nothing_else_has(balls: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.support.lost_digits import measure

    monkeypatch.setattr(digits_left, "has_balls", lambda: balls)
    found = measure(6, 40, seed=11)
    assert not found.missed
    assert not found.wrong
    assert len(found.false) <= (0 if balls else 4)
