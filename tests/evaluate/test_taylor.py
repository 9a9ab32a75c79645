"""`Expression.taylor`: against SymPy and mpmath, its text, and the points where there is no polynomial."""

from __future__ import annotations

import math
import re
from fractions import Fraction

import mpmath
import pytest

from gradcli import limits, parse
from gradcli.errors import ExpressionError, LimitError, NotFiniteError, UsageError
from tests.support.loops import for_each

#: Functions with a series at 0, at 1/2 and at pi/6.
FUNCTIONS = """
sin(x); cos(x); tan(x); exp(x); log(1+x); sqrt(1+x); 1/(1+x); 1/(1+x^2); atan(x); asin(x/3); sinh(x); cosh(x); tanh(x);
asinh(x); atanh(x/3); erf(x); exp(-x^2); exp(sin(x)); log(cos(x/3)); sin(x)^2; x*exp(x); exp(x)*sin(x); exp(x)*cos(2*x);
cos(x^2); sin(x)/x; (exp(x)-1)/x; (1-cos(x))/x^2; x/(exp(x)-1); x/sin(x); x/tan(x); 1/sin(x)-1/x; log(1+x)/x;
tan(sin(x)); sin(tan(x/3)); sqrt(1+x+x^2); (1+x)^(1/3); (1+2*x)^(-3/2); 1/sqrt(4+x); exp(1/(1+x)); log(2+sin(x));
1/(2+cos(x)); x^3-2*x+1; (x^2+1)/(x+3); exp(exp(x)); 2^x; (1+x)^x; sinh(x)/x; tanh(x)/x; atan(x)/x; asin(x/2)/x;
sec(x/3); cosh(x)^2-sinh(x)^2; sin(x+1); exp(2*x+1); sqrt(2)*sin(x)+pi*x; x^2*log(3+x); (sin(x)-x)/x^3; (tan(x)-x)/x^3;
(exp(x)-1-x)/x^2; 1/(x^2+x+1); log((1+x/4)/(1-x/4)); exp(-1/(2+x))
"""
CASES = [text.strip() for text in FUNCTIONS.split(";")]


@for_each("text", CASES)
def test_coefficients_are_those_of_sympy(text: str) -> None:
    sympy = pytest.importorskip("sympy")
    x = sympy.symbols("x")
    order = 4
    series = sympy.series(sympy.sympify(text.replace("^", "**")), x, 0, order + 1).removeO()
    polynomial = sympy.Poly(series, x)
    for place, found in enumerate(parse(text).taylor("x", 0, order).coefficients):
        assert found.is_exact
        ours = sympy.sympify(found.text.replace("^", "**"), locals={"e": sympy.E})
        expected = polynomial.coeff_monomial(x**place)
        # SymPy knows the numbers exactly, so two that agree to 60 digits are equal.
        assert ours == expected or abs(sympy.N(ours - expected, 60)) < 1e-50, (place, ours, expected)


@pytest.mark.parametrize(
    "text",
    ["tan(x)", "log(1+x)", "erf(x)", "exp(x)*cos(2*x)", "x/sin(x)", "atan(x)/x", "(1+2*x)^(-3/2)", "exp(exp(x))"],
)
@pytest.mark.parametrize("point", ["1/2", "pi/6"])
def test_values_of_coefficients_are_those_of_mpmath(text: str, point: str) -> None:
    order = 20
    names = {name: getattr(mpmath.mp, name) for name in dir(mpmath.mp) if not name.startswith("_")}
    with mpmath.workdps(60):
        at = {"1/2": mpmath.mpf(1) / 2, "pi/6": mpmath.pi / 6}[point]
        function = eval(f"lambda x: {_on_mpmath(text)}", {**names})
        expected = mpmath.taylor(function, at, order)
        found = parse(text).taylor("x", point, order).coefficients
        for place, (one, right) in enumerate(zip(found, expected, strict=True)):
            nearby = max(map(abs, expected[max(place - 1, 0) : place + 2]))
            # Next to a gap, such as that of sin(x)/x, each order loses digits, and some values are not known.
            assert one.value is not None or (place > 3 and re.search("/x|x/", text))
            if one.value is not None:
                assert abs(one.value - right) <= max(1e-9 * abs(right), 1e-13 * nearby), (place, one, right)


def _on_mpmath(text: str) -> str:
    """Return a text with mpmath's names, in which every integer is a number of mpmath."""
    return re.sub(r"(?<![\w.])(\d+)", r"mpf(\1)", text.replace("^", "**"))


@for_each(
    ("text", "at", "order", "polynomial"),
    [
        ("sin(x)", 0, 5, "x - x^3/6 + x^5/120"),
        ("exp(x)", 1, 2, "e + e*(x - 1) + e*(x - 1)^2/2"),
        ("sin(x)", 1, 3, "sin(1) + cos(1)*(x - 1) - sin(1)*(x - 1)^2/2 - cos(1)*(x - 1)^3/6"),
        ("sin(x)", "pi/2", 4, "1 - (x - pi/2)^2/2 + (x - pi/2)^4/24"),
        ("tan(x)", "pi/4", 2, "1 + 2*(x - pi/4) + 2*(x - pi/4)^2"),
        ("-log(x)", 1, 2, "-(x - 1) + (x - 1)^2/2"),
        ("x^2 + 3*x", -1, 4, "-2 + (x + 1) + (x + 1)^2"),
        ("sqrt(x)", 2, 1, "sqrt(2) + (x - 2)/(2*sqrt(2))"),
        ("sin(x)/x", 0, 4, "1 - x^2/6 + x^4/120"),
        ("(x - pi/2)*tan(x)", "pi/2", 2, "-1 + (x - pi/2)^2/3"),
        ("tan(x)^2*cos(x)^2", "pi/2", 2, "1 - (x - pi/2)^2"),
        ("erf(x)", 0, 3, "2*x/sqrt(pi) - 2*x^3/(3*sqrt(pi))"),
        ("gamma(x)", 1, 1, "1 + digamma(1)*(x - 1)"),
        ("lambertw(x)", 0, 4, "x - x^2 + 3*x^3/2 - 8*x^4/3"),
        ("exp(-lambertw(-x))", 0, 3, "1 + x + 3*x^2/2 + 8*x^3/3"),
        ("lambertw(sin(x))", 0, 3, "x - x^2 + 4*x^3/3"),
        ("lambertw(x)", "e", 1, "1 + exp(-1)*(x - e)/2"),
        ("erfcx(x)", 0, 2, "1 - 2*x/sqrt(pi) + x^2"),
        ("lognormcdf(x)", 0, 1, "-log(2) + sqrt(2/pi)*x"),
        ("erfcinv(x)", 1, 1, "-sqrt(pi)*(x - 1)/2"),
        ("gammaincc(2, x)", 0, 3, "1 - x^2/2 + x^3/3"),
        ("betainc(2, 3, x)", 0, 4, "6*x^2 - 8*x^3 + 3*x^4"),
        ("beta(x, 2)", 1, 0, "1/2"),
        ("zeta(x)", -3, 0, "1/120"),
        ("polygamma(1, x)", 1, 0, "pi^2/6"),
        ("expint(3, 0) + x", 0, 1, "1/2 + x"),
        ("cos(x + 0.1)", 0, 1, "cos(0.1) - sin(0.1)*x"),
        ("x", "-1e-5", 1, "-1e-05 + (x + 1e-05)"),
        ("x", "-pi", 1, "-pi + (x + pi)"),
        ("exp(0.5*x)", "0.5", 1, "e^0.25 + 0.5*e^0.25*(x - 0.5)"),
        ("sin(a*x)", 0, 3, "a*x - a^3*x^3/6"),
        ("(1 + x)^n", 0, 3, "1 + n*x + n*(n - 1)*x^2/2 + n*(n - 1)*(n - 2)*x^3/6"),
        ("1/(a + x)", 0, 2, "1/a - x/a^2 + x^2/a^3"),
        ("abs(x)^2 + abs(x^2)", 0, 3, "2*x^2"),
        ("relu(x)", -1, 3, "0"),
        ("x - x", 0, 3, "0"),
        ("3", 0, 3, "3"),
        ("1/(1 + x)", Fraction(1, 3), 1, "3/4 - 9*(x - 1/3)/16"),
        ("x*y", 0, 1, "y*x"),
        ("f(t) = t^2; f(x) + f'(x)", 0, 2, "2*x + x^2"),
        ("diff(gamma(x), x) + diff(sinc(x), x) + diff(x^2.5, x)*0", 1, 0, "digamma(1) - 1"),
        ("diff(hypot(x, 3), x)", 4, 1, "4/5 + 9*(x - 4)/125"),
        ("where(x < 5, x, nan)", 0, 2, "x"),
        ("pi*diff(sinc(x), x)", 0, 1, "-pi^3*x/3"),
    ],
)
def test_text(text: str, at: object, order: int, polynomial: str) -> None:
    source = text if "x" in text else f"{text} + 0*x"
    found = parse(source).taylor("x", at, order)
    assert str(found) == polynomial
    assert all(coefficient.is_exact for coefficient in found.coefficients)


@for_each("text", CASES[:16])
@for_each("at", ["0.25", "1/3"])
def test_the_printed_polynomial_is_near_the_function_near_the_point(text: str, at: str) -> None:
    order = 4
    polynomial = parse(str(parse(text).taylor("x", at, order)))
    point = parse(at)()
    errors = []
    for distance in (0.02, 0.01):
        x = point + distance
        value = polynomial(x) if polynomial.variables else polynomial()
        errors.append(abs(value - parse(text)(x)))
    # O(h^(order + 1)): half the distance leaves 1/32 of the error, unless rounding does.
    assert errors[1] <= errors[0] / 24 + 1e-14


@pytest.mark.parametrize("text", ["sin(x)", "tan(x)", "exp(sin(x))/(1 + x^2)", "erf(x)", "log(1 + x)*tanh(x)"])
def test_order_100_is_exact(text: str) -> None:
    found = parse(text).taylor("x", 0, 100)
    assert not found.notes
    value = parse(str(found))(0.25)
    assert math.isclose(value, parse(text)(0.25), rel_tol=1e-14)


def test_coefficients_that_are_too_long_are_floats_and_a_note_says_so() -> None:
    found = parse("exp(sin(x))").taylor("x", 1, 60)
    assert [note.kind for note in found.notes] == ["floats"]
    assert not any(one.is_exact for one in found.coefficients)
    assert math.isclose(found(1.25), parse("exp(sin(x))")(1.25), rel_tol=1e-14)


def test_numbers_beyond_the_range_of_floats_become_floats() -> None:
    found = parse("exp(x)").taylor("x", 0, 200)
    assert [one.is_exact for one in found.coefficients[168:173]] == [True, True, True, False, False]
    assert [note.kind for note in found.notes] == ["floats"]
    assert math.isclose(parse(str(found))(1.0), math.e)


@pytest.mark.parametrize(
    ("text", "at", "polynomial"),
    [
        ("sign(x^2)*x", "1e308", "1e308 + (x - 1e308)"),
        ("atan2(expm1(cosh(1/2)), hypot(1e300^2, 3))*0 + x", 0, "x"),
        ("asin(x)", "1e-310", "1e-310 + (x - 1e-310)"),
        ("logaddexp(x, 3) - logaddexp(x, 3)", "1e-310", "0"),
    ],
)
def test_huge_and_tiny_numbers(text: str, at: object, polynomial: str) -> None:
    found = parse(text).taylor("x", at, 1)
    assert parse(polynomial)(x=2.0) == parse(str(found))(x=2.0) if "x" in polynomial else str(found) == polynomial


def test_values_keep_their_digits_where_the_formula_loses_them() -> None:
    found = parse("tanh(x)").taylor("x", 3, 12).coefficients[12]
    with mpmath.workdps(60):
        expected = mpmath.taylor(mpmath.tanh, 3, 12)[12]
    assert found.is_exact
    assert math.isclose(found.value or 0.0, float(expected), rel_tol=1e-12)


def test_floats_that_lost_their_digits_are_not_shown() -> None:
    with pytest.raises(LimitError, match="floats lose their digits from order") as found:
        parse("(exp(sin(x)) - 1)/x").taylor("x", "1/100", 60)
    assert found.value.exit_code == 2


def test_the_polynomial_is_an_expression_with_its_remainder() -> None:
    found = parse("exp(a*x)").taylor("x", at="1/2", order=2, values={"a": 2})
    assert (found.variable, found.at, found.place, found.order) == ("x", 0.5, "x = 1/2", 2)
    assert found.variables == ("x",)
    assert found.remainder == "O((x - 1/2)^3)"
    assert found.gradient(0.5) == {"x": pytest.approx(2 * math.e)}


def test_a_constant_of_the_language_may_be_the_variable() -> None:
    assert str(parse("e^2").taylor("e", 1, 2)) == "1 + 2*(e - 1) + (e - 1)^2"


def test_a_condition_on_symbols_is_a_note() -> None:
    found = parse("abs(a + x)").taylor("x")
    assert str(found) == "abs(a) + sign(a)*x"
    assert [note.message for note in found.notes] == ["this holds unless a == 0"]


@pytest.mark.parametrize(
    ("text", "at", "message", "blamed"),
    [
        ("2 + 1/x", 0, "`1/x` has a pole there", "1/x"),
        ("x + abs(x)", 0, "`abs(x)` has a kink there", "abs(x)"),
        ("sqrt(x) + 1", 0, "the domain of `sqrt(x)` ends there", "sqrt(x)"),
        ("x*log(x)", 0, "the domain of `log(x)` ends there", "log(x)"),
        ("1 + log(x - 2)", 1, "`log(x - 2)` has no value there", "log(x - 2)"),
        ("x*floor(x)", 2, "`floor(x)` jumps there", "floor(x)"),
        ("tan(x)", "pi/2", "`tan(x)` has a pole there", "tan(x)"),
        ("erf(abs(x))", 0, "`abs(x)` has a kink there", "abs(x)"),
        ("elu(x)", 0, "`elu(x)` jumps there", "elu(x)"),
        ("inf*x", 0, "`inf*x` has no value there", "inf*x"),
    ],
)
def test_a_point_without_a_polynomial(text: str, at: object, message: str, blamed: str) -> None:
    with pytest.raises(NotFiniteError) as found:
        parse(text).taylor("x", at)
    error = found.value
    assert message in error.message
    assert error.span is not None
    assert text[slice(*error.span)] == blamed


def test_other_refusals() -> None:
    with pytest.raises(NotFiniteError, match="is not a number"):
        parse("x").taylor("x", "1/0")
    with pytest.raises(NotFiniteError, match="it is not known whether"):
        parse("x/(atan(1/2) + atan(1/3) - pi/4 + x)").taylor("x")
    with pytest.raises(UsageError, match="depends on `a`"):
        parse("max(a, x)").taylor("x")
    with pytest.raises(UsageError, match="has to be a number, not `y`"):
        parse("x").taylor("x", "y")
    with pytest.raises(UsageError, match="has to be a number"):
        parse("x").taylor("x", [1])
    with pytest.raises(UsageError, match="no variable `y`"):
        parse("x").taylor("y")
    with pytest.raises(UsageError, match="whole number"):
        parse("x").taylor("x", 0, -1)
    with pytest.raises(LimitError, match="at most 500"):
        parse("x").taylor("x", 0, limits.TAYLOR_ORDER + 1)
    with pytest.raises(ExpressionError, match="works on arrays"):
        parse("sum([x, 1])").taylor("x")
    with pytest.raises(LimitError, match="too long"):
        parse("exp(sin(a*x + b))").taylor("x", 0, 60)
    with pytest.raises(LimitError, match="too long"):
        parse("x").taylor("x", "10^310")
    with pytest.raises(LimitError, match="too long"):
        parse("a*x^3").taylor("x", "10^110", 1)
