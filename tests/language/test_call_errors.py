"""Errors of calls in words: each names its kind, its place and a way out."""

from __future__ import annotations

import pytest

from tests.support.loops import for_each
from tests.support.refusal import check_refusal, refusal

REFUSED: list[tuple[str, str, tuple[int, int], str | None]] = [
    ("x(y+1)", "not_a_function", (0, 1), "write `x*(y+1)` for a product, or define the function: `x(t) = ...;`"),
    ("x (y)", "not_a_function", (0, 1), "write `x*(y)` for a product, or define the function: `x(t) = ...;`"),
    ("x^2(y+1)", "not_a_function", (0, 1), "write `x^2*(y+1)` for a product, or `x^(2*(y+1))`"),
    ("x²(y)", "not_a_function", (0, 1), "write `x²*(y)` for a product, or define the function: `x(t) = ...;`"),
    (
        "k1 + k1(2)",
        "not_a_function",
        (5, 7),
        "write `k1*(2)` for a product, or define the function: `k1(t) = ...;`",
    ),
    ("r = 1; r(2)", "not_a_function", (7, 8), "write `r*(2)` for a product, or define the function: `r(t) = ...;`"),
    ("2pi(x)", "not_a_function", (1, 3), "write `pi*(x)` for a product, or define the function: `pi(t) = ...;`"),
    ("sni(x)", "unknown_function", (0, 3), "did you mean `sin`?"),
    ("dif(x^2, x)", "unknown_function", (0, 3), "did you mean `diff`?"),
    ("area(t) = t; aera(x)", "unknown_function", (13, 17), "did you mean `area`?"),
    ("wobble(x)", "unknown_function", (0, 6), "`gradcli functions` lists them all"),
    ("f()", "unknown_function", (0, 1), "`gradcli functions` lists them all"),
    ("f'(x)", "unknown_function", (0, 1), "define the function: `f(t) = ...;`"),
    ("f(t) = f(t - 1); f(2)", "unknown_function", (7, 8), "a function can't call itself"),
    ("f(t) = g(t); g(t) = t; f(2)", "not_a_function", (7, 8), None),
    ("sin()", "arity", (0, 5), None),
    ("sin(x, y)", "arity", (0, 9), None),
    ("atan2(1)", "arity", (0, 8), None),
    ("if(1, 2)", "arity", (0, 8), None),
    ("f(t) = t; f(1, 2)", "arity", (10, 17), None),
    ("f(s, t) = s; f'(1, 2)", "arity", (13, 21), "write `diff(f(x, y), x)`"),
    ("diff(x)", "arity", (0, 7), None),
    ("diff(x, x, 1, 1)", "arity", (0, 16), None),
    ("polygamma(x, 1)", "static", (0, 15), "write `polygamma(1, x)`: the constants come first"),
    ("gammainc(x, 2)", "static", (0, 14), "write `gammainc(2, x)`: the constants come first"),
    ("betainc(x, 2, 3)", "static", (0, 16), "write `betainc(2, 3, x)`: the constants come first"),
    (
        "lambertw(x, -1)",
        "arity",
        (0, 15),
        "write `lambertw(x)` (the branch 0) or `lambertwm1(x)` (the branch -1)",
    ),
    ("psi(1, x)", "arity", (0, 9), "write `polygamma(1, x)`"),
    ("expint(x)", "arity", (0, 9), "write `expint(1, x)`"),
    ("j0(x)", "unknown_function", (0, 2), "write `besselj(0, x)`"),
    ("exp1(2*x)", "unknown_function", (0, 4), "write `expint(1, 2*x)`"),
    ("gammaincinv(2, x)", "unknown_function", (0, 11), "gradcli has neither this function nor a formula for it"),
    ("sum()", "arity", (0, 5), None),
    ("dot(a)", "arity", (0, 6), None),
    ("sum(x, 0, 1, 2)", "arity", (0, 15), None),
    ("sum(x, y)", "static", (0, 9), "to take several values together, make an array of them: `sum([x, y])`"),
    (
        "sum(x, axis=y)",
        "static",
        (0, 14),
        "this argument can't depend on a variable, because it is not differentiated",
    ),
    ("summ(x)", "unknown_function", (0, 4), "did you mean `sum`?"),
    ("f(t) = summ(t); 1", "unknown_function", (7, 11), "did you mean `sum`?"),
]


@for_each(("text", "kind", "span", "hint"), REFUSED)
def test_a_wrong_call_names_its_kind_its_place_and_a_way_out(
    text: str, kind: str, span: tuple[int, int], hint: str | None
) -> None:
    check_refusal(text, kind, span, hint)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("f(t) = sni(t); x", "unknown_function"),
        ("f(t) = f(t - 1); x", "unknown_function"),
        ("f(t) = t(3); x", "not_a_function"),
    ],
)
def test_the_body_of_a_function_is_checked_even_if_it_is_never_called(text: str, kind: str) -> None:
    assert refusal(text).kind == kind


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("max()", "`max(x, y, ...)` takes 2 or more arguments, not 0"),
        ("sin()", "`sin(x)` takes 1 argument, not 0"),
        ("f(s, t) = s; f(1)", "`f(s, t)` takes 2 arguments, not 1"),
        ("diff(x)", "`diff(EXPR, x, n)` takes 2 or 3 arguments, not 1"),
        ("dot(a)", "`dot(a, b)` takes 2 arguments, not 1"),
        ("sum(x, 0, 1, 2, keepdims=1)", "`sum(x, axis, keepdims)` takes 1 to 3 arguments, not 4"),
        ("cat()", "`cat(x, ..., axis)` takes 1 or more arguments, not 0"),
    ],
)
def test_a_wrong_number_of_arguments_is_told_with_the_right_one(text: str, expected: str) -> None:
    assert refusal(text).message == expected


def test_the_hint_for_several_values_takes_the_arguments_as_they_are_written() -> None:
    error = refusal("2*norm((3 + 1), -4)")
    assert error.message == "`norm((3 + 1), -4)` can be read in two ways"
    assert error.hint == "write `norm([(3 + 1), -4])` or `norm((3 + 1), ord=-4)`"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("y + lg(x)", "write `log10(x)` (to the base 10) or `log2(x)` (to the base 2)"),
        ("2*inv(x)", "write `(1/x)`"),
        ("inv(x)", "write `1/x`"),
        # the word in question is tried, and the rest of the text may be wrong
        ("sni(x) + wobble(x)", "did you mean `sin`?"),
        ("πr(r + h)", "write `π*r*(r + h)` for a product, or define the function: `πr(t) = ...;`"),
        ("b(x, y)", "define the function: `b(t1, t2) = ...;`"),
        ("nan(x)", "write `nan` alone"),
    ],
)
def test_a_function_that_does_not_exist_has_a_hint_that_does(text: str, hint: str) -> None:
    assert refusal(text).hint == hint
