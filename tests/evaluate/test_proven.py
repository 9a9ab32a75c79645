"""Proved digits of values and derivatives."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pytest

pytest.importorskip("flint")

from gradcli import parse
from gradcli.errors import GradcliError, LimitError, NotFiniteError, UsageError
from gradcli.evaluate.point import gradient
from gradcli.evaluate.proven import Proven, decimal
from tests.support.calculus_course import COURSE
from tests.support.fuzz_formulas import case
from tests.support.loops import for_each


def proven(text: str, digits: int, **at: str) -> Proven:
    return Proven(parse(text), {name: parse(value) for name, value in at.items()}, digits)


@pytest.mark.parametrize(
    ("text", "at", "value", "slope"),
    [
        # The first two by SymPy, the third by its series.
        ("(exp(x) - 1)/x", "1e-10", "1.0000000000500000000", "0.50000000003333333333"),
        ("log(1 - sigmoid(x))", "36.7", "-36.700000000000000115", "-0.99999999999999988482"),
        ("(1 - cos(x))/x^2", "1e-30", "0.50000000000000000000", "-8.3333333333333333333e-32"),
        ("x - x + abs(x)", "0", "0", "0"),
        ("sin(pi*x)", "1", "0", "-3.1415926535897932385"),
        ("0.1 + 0.2 - x", "0.3", "0", "-1.0000000000000000000"),
        ("x/8", "1", "0.12500000000000000000", "0.12500000000000000000"),
        ("x/x", "-0.7932336594913654", "1.0000000000000000000", "0"),
        ("max(x, x, x)/(3*x)", "-0.4024901107589827", "0.33333333333333333333", "0"),
        ("max(relu(x), abs(x))", "2.270104553529036", "2.2701045535290360000", "1.0000000000000000000"),
        ("max(x, 2)*relu(x)", "2.5", "6.2500000000000000000", "5.0000000000000000000"),
        ("max(x, 1)", "1", "1.0000000000000000000", "0.50000000000000000000"),
        ("log(exp(x))", "0.3", "0.30000000000000000000", "1.0000000000000000000"),
    ],
)
def test_twenty_digits(text: str, at: str, value: str, slope: str) -> None:
    found = proven(text, 20, x=at)
    assert found.value() == value
    assert found.gradient() == {"x": slope}


@pytest.mark.parametrize("place", range(0, 120, 12))
def test_formulas_of_feynmans_lectures_have_fifty_digits(place: int) -> None:
    pytest.importorskip("sympy")
    from tests.support.proven_formulas import differences, feynman

    assert differences(feynman()[place], 50)[0] == []


def test_identities_round_no_number() -> None:
    # By mpmath; exp(x/3) is a power of exp(x) for derivatives in floats.
    second = proven("1/(exp(x/3) - 1)", 40, x="3.34").hessian()
    assert second == {"x": {"x": "0.1600961596687781435315549429107942037263"}}


@pytest.mark.parametrize("text", ["log10(x*y)", "atanh(tanh(x))*y", "log(sigmoid(y)/(1 - sigmoid(y)))*x"])
def test_a_second_derivative_that_is_zero_is_certain(text: str) -> None:
    found = proven(text, 30, x="1.7", y="0.3").hessian()
    assert found["x"]["x" if text.startswith("atanh") or text.endswith("*x") else "y"] == "0"


@for_each("text", COURSE)
def test_derivatives_of_the_course_are_those_of_sympy(text: str) -> None:
    sympy = pytest.importorskip("sympy")
    from tests.support.sympy_peer import read

    x = sympy.Symbol("x")
    at = Fraction(3, 8)
    derivative = sympy.diff(read(text), x)
    expected = derivative.subs(
        {one: sympy.Rational(3, 8) if one.name == "x" else sympy.Rational(5, 4) for one in derivative.free_symbols}
    )
    expected = sympy.N(expected, 60)
    expression = parse(text)
    value = sympy.N(read(text).subs({x: sympy.Rational(3, 8)}), 20)
    if not expected.is_real or value.is_real is False or "x" not in expression.variables:
        return
    given = {name: "3/8" if name == "x" else "5/4" for name in expression.variables}
    found = proven(text, 50, **given).gradient(["x"])["x"]
    assert abs(sympy.Float(found, 60) - expected) <= abs(expected) * sympy.Float(10, 60) ** -49, (found, at)


def test_more_digits_only_add_digits() -> None:
    digits = proven("gamma(x)*erf(x)", 1000, x="0.1").gradient()["x"]
    for count in (10, 50, 300):
        fewer = proven("gamma(x)*erf(x)", count, x="0.1").gradient()["x"]
        assert abs(Decimal(fewer) - Decimal(digits)) <= abs(Decimal(digits)) * Decimal(10) ** (1 - count) / 2


def test_all_derivatives() -> None:
    found = proven("x^3*y^2", 5, x="2", y="3")
    assert found.hessian() == {"x": {"x": "108.00", "y": "72.000"}, "y": {"x": "72.000", "y": "16.000"}}
    assert found.derivatives(4, ["x"]) == {"x": ["108.00", "108.00", "54.000", "0"]}
    assert found.jvp({"x": 1.0, "y": 0.5}) == "132.00"


def test_a_decimal_is_the_number_that_was_typed() -> None:
    assert proven("x", 25, x="0.1").value() == "0.1000000000000000000000000"
    assert proven("3.14159265358979323846264338", 27).value() == "3.14159265358979323846264338"
    assert proven("phi", 30).value() == "1.61803398874989484820458683437"
    assert proven("123456789012345678901234567891*x*2", 30, x="1").gradient() == {"x": "246913578024691357802469135782"}
    assert proven("1.0000000000000000001*x*2", 20, x="1").gradient() == {"x": "2.0000000000000000002"}
    assert proven("x^45", 30, x="1").derivatives(13)["x"][-1] == "454611182252363136000.000000000"
    assert proven("x + 0.1", 25, x="0.10000000000000000001").value() == "0.2000000000000000000100000"
    with pytest.raises(LimitError, match="is a float of another decimal"):
        proven("0.1 + 0.10000000000000000001", 20)


def test_what_has_no_digits_is_refused() -> None:
    with pytest.raises(NotFiniteError, match="no finite value at this point"):
        proven("sqrt(x)", 5, x="-1").value()
    with pytest.raises(NotFiniteError, match="no finite value"):
        proven("1/x", 5, x="0").value()
    with pytest.raises(LimitError, match="a number that is 0 or below"):
        proven("sin(sqrt(2))^2 + cos(sqrt(2))^2 - 1 + 0*x", 5, x="1").value()
    for text in ("2^(10^10)", "floor(2^(10^10))", "exp(exp(30))"):
        with pytest.raises(LimitError, match="above 1e100000"):
            proven(text, 5).value()
    with pytest.raises(LimitError, match="below 1e-100000"):
        proven("exp(-1e10)", 5).value()
    with pytest.raises(LimitError, match="not proved"):
        proven("mod(x + 0.51, -1e-10/x)", 20, x="1e300").value()
    with pytest.raises(UsageError, match="has arrays"):
        proven("sum([1, 2])", 5)


@pytest.mark.parametrize(
    ("number", "digits", "text"),
    [
        (Fraction(1, 3), 4, "0.3333"),
        (Fraction(2, 3), 4, "0.6667"),
        (Fraction(-2000, 3), 4, "-666.7"),
        (Fraction(99999, 10), 4, "1.000e+4"),
        (Fraction(12345), 5, "12345"),
        (Fraction(1, 30000), 3, "3.33e-5"),
        (Fraction(1, 3000), 3, "0.000333"),
        (Fraction(7), 1, "7"),
        (Fraction(10**30), 3, "1.00e+30"),
        (Fraction(0), 3, "0"),
    ],
)
def test_a_number_is_rounded_to_its_digits(number: Fraction, digits: int, text: str) -> None:
    assert decimal(number, number, digits) == text
    assert abs(Fraction(text) - number) <= abs(number) * Fraction(1, 2) * Fraction(10) ** (1 - digits)


def test_ends_that_round_differently_prove_nothing() -> None:
    assert decimal(Fraction(14), Fraction(16), 1) is None
    assert decimal(Fraction(-1, 10**9), Fraction(1, 10**9), 3) is None


def test_random_formulas_with_kinks_have_the_digits_of_floats() -> None:
    compared = 0
    for number in range(300):
        text, at = case(number)
        expression = parse(text)
        at = {name: at[name] for name in expression.variables}
        floats = gradient(expression, at)
        try:
            found = Proven(expression, {name: parse(repr(value)) for name, value in at.items()}, 12)
            numbers = [found.value(), *found.gradient().values()]
        except GradcliError:
            continue  # no value, or a number beyond the floats on the way
        for exact, approximate in zip(numbers, [floats.value, *floats.gradient.values()], strict=True):
            if math.isfinite(approximate):
                assert float(exact) == pytest.approx(approximate, rel=1e-7, abs=1e-12), (text, at)
                compared += 1
    assert compared > 450
