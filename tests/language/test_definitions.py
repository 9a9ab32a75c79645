"""`gradcli.language.definitions`: a text is read as if the definitions that it uses were written before it."""

from __future__ import annotations

import pytest

from gradcli.errors import ExpressionError, UsageError
from gradcli.evaluate.expression import parse
from gradcli.language.definitions import definition_of, names_of, refuse_circles
from gradcli.language.instructions import Definition
from gradcli.source import Span


def definitions(*texts: str) -> tuple[Definition, ...]:
    return tuple(one for one in map(definition_of, texts) if one is not None)


KNOWN = definitions("y = a*x^2", "f(t) = abs(t)*y", "s = sum(k*y, k, 1, 2)", "b = 2", "phi2 = phi*x", "p(x) = frac(x)")


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("y", "a*x^2"),
        ("f(3) + k", "y = a*x^2; f(t) = abs(t)*y; f(3) + k"),
        ("f'(x)", "y = a*x^2; f(t) = abs(t)*y; f'(x)"),
        ("y = 3; 2*y", "2*3"),
        ("g(y) = y^2; g(4)", "4^2"),
        ("g(t) = t + y; g(1)", "1 + a*x^2"),
        ("sum(y^2, y, 1, 2)", "1^2 + 2^2"),
        ("s", "1*(a*x^2) + 2*(a*x^2)"),
        ("log_b(x)", "b = 2; log_b(x)"),
        ("diff(y, x)", "diff(a*x^2, x)"),
        ("x + 1", "x + 1"),
    ],
)
def test_a_definition_from_outside_means_what_it_means_inside_the_text(text: str, same: str) -> None:
    assert str(parse(text, definitions=KNOWN)) == str(parse(same))


@pytest.mark.parametrize("text", ["2*x", "x == 2", "a = 1; b = 2", "a = 1; a", "2 = x", "f(", "", "f(2) = 3"])
def test_another_text_is_no_definition(text: str) -> None:
    assert definition_of(text) is None


def test_its_places_are_those_of_the_use() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse("1 + f(2, 3)", definitions=KNOWN)
    assert caught.value.span == Span(4, 11)
    # An error inside the body is told at the call.
    inner = definitions("n = m", "h(t) = t*sum(k, k, 1, n)")
    with pytest.raises(ExpressionError) as caught:
        parse("2 + h(1)", definitions=inner)
    assert caught.value.span in (Span(4, 8), Span(4, 5))


def test_a_definition_gives_no_note_a_second_time_and_the_text_keeps_its_own() -> None:
    assert parse("1 + phi2 + p(2)", definitions=KNOWN).notes == ()
    (note,) = parse("phi2 + frac(x)", definitions=KNOWN).notes
    assert note.span == Span(7, 14)


def test_no_hint_about_the_text_forgets_the_definitions() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse("f(x", definitions=KNOWN)
    assert caught.value.hint == "close it with `)`"


@pytest.mark.parametrize(
    ("known", "new", "message"),
    [
        ((), "p = p + 1", "`p` would be defined by itself"),
        ((), "f(t) = f(t - 1)", "`f` would be defined by itself"),
        (("a = b", "b = c + 1"), "c = a^2", "`c` would be defined by itself, through `a` and `b`"),
    ],
)
def test_a_circle_is_refused(known: tuple[str, ...], new: str, message: str) -> None:
    definition = definition_of(new)
    assert definition is not None
    with pytest.raises(UsageError) as caught:
        refuse_circles(definitions(*known), definition)
    assert caught.value.message == message


def test_a_parameter_and_an_index_are_no_names_that_are_used() -> None:
    definition = definition_of("f(t) = t*g(t) + sum(k*a, k, 1, n)")
    assert definition is not None
    assert names_of(definition) == ["g", "n", "a"]


def test_a_chain_of_many_definitions_recurses_nowhere() -> None:
    chain = definitions("y0 = x", *[f"y{k} = y{k - 1} + 1" for k in range(1, 2000)])
    assert parse("y1999", definitions=chain)(x=1.0) == 2000.0
