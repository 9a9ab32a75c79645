"""Functions that are read as formulas have the values of their names, and the derivatives of their formulas."""

from __future__ import annotations

from typing import Any

import mpmath
import pytest

from gradcli import parse
from gradcli.errors import ExpressionError
from gradcli.language.aliases import aliases
from gradcli.language.composed import Composed, all_composed, composed
from gradcli.primitives import REGISTRY
from tests.support.command_line import run_inside

#: Name -> the function by mpmath's names, and points inside its domain.
ORACLES: dict[str, tuple[Any, list[tuple[float, ...]]]] = {
    "acot(x)": (lambda x: mpmath.acot(x), [(0.3,), (-4.0,)]),
    "asec(x)": (lambda x: mpmath.asec(x), [(1.25,), (-7.0,)]),
    "acsc(x)": (lambda x: mpmath.acsc(x), [(1.25,), (-7.0,)]),
    "acoth(x)": (lambda x: mpmath.acoth(x), [(1.25,), (-7.0,)]),
    "asech(x)": (lambda x: mpmath.asech(x), [(0.3,), (0.9,)]),
    "acsch(x)": (lambda x: mpmath.acsch(x), [(0.3,), (-4.0,)]),
    "exp10(x)": (lambda x: mpmath.power(10, x), [(0.3,), (-4.5,)]),
    "root(x, n)": (lambda x, n: mpmath.sign(x) * mpmath.root(abs(x), int(n)), [(-8.5, 3.0), (5.0, 4.0)]),
    "root(x)": (lambda x: mpmath.sqrt(x), [(0.3,), (7.0,)]),
    "trunc(x)": (lambda x: mpmath.sign(x) * mpmath.floor(abs(x)), [(2.7,), (-2.7,)]),
    "frac(x)": (lambda x: x - mpmath.floor(x), [(2.75,), (-2.75,)]),
    "degrees(x)": (lambda x: mpmath.degrees(x), [(0.3,), (-4.0,)]),
    "radians(x)": (lambda x: mpmath.radians(x), [(30.0,), (-400.0,)]),
    "normpdf(x)": (lambda x: mpmath.npdf(x), [(0.3,), (-4.0,)]),
    "normpdf(x, mu, sigma)": (lambda x, mu, sigma: mpmath.npdf(x, mu, sigma), [(0.3, 1.0, 2.0)]),
    "normcdf(x)": (lambda x: mpmath.ncdf(x), [(0.3,), (-9.0,)]),
    "normcdf(x, mu, sigma)": (lambda x, mu, sigma: mpmath.ncdf(x, mu, sigma), [(0.3, 1.0, 2.0)]),
    "binomial(n, k)": (lambda n, k: mpmath.binomial(n, k), [(7.0, 3.0), (7.5, 2.25), (300.0, 2.5)]),
}


@pytest.mark.parametrize("function", all_composed(), ids=lambda one: one.signature)
def test_value_and_derivatives_are_those_of_the_function(function: Composed) -> None:
    oracle, points = ORACLES[function.signature]
    for point in points:
        at = dict(zip(function.operands, point, strict=True))
        found = parse(function.signature, variables=function.operands)
        with mpmath.workdps(40):
            exact = [mpmath.mpf(one) for one in point]
            assert found(**at) == pytest.approx(float(oracle(*exact)), rel=1e-12)
            for place, name in enumerate(function.operands):
                if function.signature == "root(x, n)" and name == "n":
                    continue  # the order of a root is a whole number
                order = [int(one == place) for one in range(len(point))]
                slope = float(mpmath.diff(oracle, tuple(exact), tuple(order)))
                assert found.gradient(**at)[name] == pytest.approx(slope, rel=1e-11, abs=1e-300)


@pytest.mark.parametrize("function", all_composed(), ids=lambda one: one.signature)
def test_the_example_is_right(function: Composed) -> None:
    text, _, value = str(function.example).partition("  # ")
    assert repr(parse(text)()) == value


@pytest.mark.parametrize("function", all_composed(), ids=lambda one: one.signature)
def test_each_spelling_is_read_and_described(function: Composed) -> None:
    graph = parse(function.signature, variables=function.operands)
    for word in function.spellings:
        text = function.signature.replace(function.name, word, 1)
        assert str(parse(text, variables=function.operands)) == str(graph)
        assert run_inside("functions", word) == run_inside("functions", function.name)


def test_no_name_has_two_meanings() -> None:
    words = [word for one in all_composed() for word in (one.name, *one.spellings)]
    assert not {*words} & {*REGISTRY.words(), *REGISTRY.offered, *(alias.name for alias in aliases())}
    assert {composed(word) is not None for word in words} == {True}


def test_another_meaning_is_noted() -> None:
    [note] = parse("1 + acot(2*x)").notes
    assert note.message == "`acot(2*x)` is read as `atan(1/(2*x))`"
    assert note.hint == "for the other meaning, write `pi/2 - atan(2*x)`"
    assert not parse("acsc(x)").notes


def test_no_name_of_the_user_changes_the_formula() -> None:
    assert parse("radians(pi)", variables=["pi"])(pi=180.0) == parse("radians(180)")()
    assert parse("asin(t) = t^2; acsc(x)")(x=2.0) == parse("asin(1/2)")()
    assert parse("acsc(t) = t^2; acsc(x)")(x=3.0) == 9.0


def test_primes_powers_and_definitions_work() -> None:
    assert parse("exp10''(x)")(x=1.0) == parse("diff(10^x, x, 2)")(x=1.0)
    assert parse("acsc^2(x)")(x=2.0) == parse("asin(1/x)^2")(x=2.0)
    assert parse("f(t) = acsc(t); f(x)")(x=2.0) == parse("acsc(x)")(x=2.0)
    assert parse("ACSC(x)")(x=2.0) == parse("acsc(x)")(x=2.0)


def test_a_choice_between_numbers_is_made_when_the_text_is_read() -> None:
    assert str(parse("root(x, 3)")) == "sign(x)*abs(x)^(1/3)"
    assert str(parse("root(x, 4)")) == "x^(1/4)"
    assert str(parse("root(x, n)")).startswith("where(n % 2 == 1, ")
    assert str(parse("binomial(6, k)")) == "6!/(k!*(6 - k)!)"


@pytest.mark.parametrize(
    ("text", "message"),
    [("normcdf(x, y)", "`normcdf(x)` takes 1 argument, not 2"), ("acsc(x, axis=0)", "`acsc` has no option `axis`")],
)
def test_a_wrong_call_is_refused(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert caught.value.message == message
