"""A name from another language is understood, or the hint shows what to write; a hint can be read where it is put."""

from __future__ import annotations

import math
import re

import pytest

from gradcli import parse
from gradcli.errors import ExpressionError
from gradcli.language.aliases import aliases
from gradcli.primitives import REGISTRY
from gradcli.source import did_you_mean
from tests.support.loops import for_each

#: A call as other languages and textbooks write it -> its value at x = 0.3, by Python's math.
UNDERSTOOD = {
    "tg(x)": math.tan(0.3),
    "ctg(x)": 1.0 / math.tan(0.3),
    "cotan(x)": 1.0 / math.tan(0.3),
    "cosec(x)": 1.0 / math.sin(0.3),
    "arctg(x)": math.atan(0.3),
    "sh(x)": math.sinh(0.3),
    "ch(x)": math.cosh(0.3),
    "th(x)": math.tanh(0.3),
    "arcsinh(x)": math.asinh(0.3),
    "arsinh(x)": math.asinh(0.3),
    "sgn(x)": 1.0,
    "signum(-x)": -1.0,
    "fabs(-x)": 0.3,
    "power(x, 2)": 0.3**2,
    "maximum(x, 1)": 1.0,
    "fmin(x, 1)": 0.3,
    "ceiling(x)": 1.0,
    "rint(x)": 0.0,
    "expit(x)": 1.0 / (1.0 + math.exp(-0.3)),
    "heaviside(x)": 1.0,
    "fact(3)": 6.0,
    "tgamma(x)": math.gamma(0.3),
    "lb(x)": math.log2(0.3),
    "modulo(-x, 2)": 1.7,
    "ifelse(x > 0, 1, 2)": 1.0,
    "exp10(x + 1)": 10.0**1.3,
    "root(4*x)": math.sqrt(1.2),
    "root(x, 3)": 0.3 ** (1.0 / 3.0),
    "acot(x)": math.atan(1.0 / 0.3),
    "asec(1 + x)": math.acos(1.0 / 1.3),
    "trunc(-x - 1)": -1.0,
    "frac(2 + x)": 0.3,
    "normcdf(x)": 0.6179114221889526,
    "deg2rad(180)": math.pi,
}

#: A call -> the formula that its hint shows, and its value at x = 0.3, y = 2 and A = [[1, 2], [3, 4]].
SHOWN = {
    "lg(x)": ("log10(x)", math.log10(0.3)),
    "sqr(x)": ("x^2", 0.09),
    "sind(x)": ("sin(x*pi/180)", math.sin(math.radians(0.3))),
    "cosd(60)": ("cos(60*pi/180)", 0.5),
    "atand(x)": ("atan(x)*180/pi", math.degrees(math.atan(0.3))),
    "avg(x, y)": ("mean([x, y])", 1.15),
    "average(A)": ("mean(A)", 2.5),
    "rem(-x, y)": ("sign(-x)*mod(abs(-x), abs(y))", math.fmod(-0.3, 2.0)),
    "fmod(7, y)": ("sign(7)*mod(abs(7), abs(y))", 1.0),
    "remainder(7, y)": ("7 - y*round(7/y)", math.remainder(7.0, 2.0)),
    "inv(x)": ("1/x", 1.0 / 0.3),
    "det(A)": ("A[0,0]*A[1,1] - A[0,1]*A[1,0]", -2.0),
    "logit(x)": ("log(x) - log1p(-x)", math.log(0.3 / 0.7)),
    "sinpi(x)": ("sin(pi*x)", math.sin(math.pi * 0.3)),
    "nCr(5, y)": ("binomial(5, y)", 10.0),
    "pnorm(x)": ("normcdf(x)", 0.6179114221889526),
    "rsqrt(y)": ("1/sqrt(y)", 2.0**-0.5),
    "isnan(x)": ("x != x", 0.0),
    "copysign(x, -1)": ("abs(x)*sign(-1)", -0.3),
    "relu6(9)": ("clip(9, 0, 6)", 6.0),
}
AT = {"x": 0.3, "y": 2.0, "A": [[1.0, 2.0], [3.0, 4.0]]}


def hint_of(text: str) -> str | None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    return caught.value.hint


def value_of(text: str) -> float:
    expression = parse(text)
    return float(expression(**{name: AT[name] for name in expression.variables}))


@for_each("text", UNDERSTOOD)
def test_a_second_spelling_is_understood(text: str) -> None:
    assert value_of(text) == pytest.approx(UNDERSTOOD[text], rel=1e-14)


@pytest.mark.parametrize("text", SHOWN)
def test_a_function_without_a_name_here_has_a_formula(text: str) -> None:
    formula, value = SHOWN[text]
    hint = hint_of(text)
    assert hint is not None
    assert hint.startswith(f"write `{formula}`")
    assert value_of(formula) == pytest.approx(value, rel=1e-13)


@for_each("alias", aliases(), ids=lambda alias: f"{alias.name}-{len(alias.parameters)}")
def test_every_formula_of_the_table_can_be_read_with_any_operands(alias: object) -> None:
    parameters = alias.parameters  # type: ignore[attr-defined]
    for operands in (["x", "y", "z"], ["x + 1", "-y", "z/2"], ["f(x)", "2", "[1, 2]"]):
        count = 3 if parameters == ("...",) else len(parameters)
        # An order and the parameter of an incomplete gamma function are numbers.
        given = ["3" if name in ("n", "a") else one for name, one in zip(parameters, operands, strict=False)]
        for formula, _ in alias.instead(given if len(given) == count else operands[:count]):  # type: ignore[attr-defined]
            parse(f"f(t) = t^2; 2^({formula})")


def test_a_function_is_no_alias(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "logit" in {alias.name for alias in aliases()}
    monkeypatch.setitem(REGISTRY.spelled, "logit", REGISTRY["log"])
    assert "logit" not in {alias.name for alias in aliases.__wrapped__()}


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("2^inv(x)", "write `(1/x)`"),
        ("exp(sqr(x))", "write `(x^2)` (the square) or `sqrt(x)` (the root)"),
        ("logit(x, y)", "`logit(x)` is `log(x) - log1p(-x)`"),
        ("atan2(sni(x))", "did you mean `sin`?"),
        ("sni(x) + cso(x)", "did you mean `sin`?"),
        ("f(t) = cube(t); f(x)", "write `(t^3)`"),
        ("sni(x, y)", "`gradcli functions` lists them all"),
        ("xyz(x)", "`gradcli functions` lists them all"),
        ("tahn(x)", "did you mean `tanh`?"),
        ("lgma(x)", "`gradcli functions` lists them all"),
        ("sigmiod(x)", "did you mean `sigmoid`?"),
        ("nan(x)", "write `nan` alone"),
    ],
)
def test_a_hint_fits_its_place(text: str, hint: str) -> None:
    assert hint_of(text) == hint


@pytest.mark.parametrize("word", ["lgx", "xpe", "sqn", "det", "inv", "avg", "rem"])
def test_a_short_name_is_corrected_by_one_edit_only(word: str) -> None:
    from gradcli.source import edit_distance

    meant = did_you_mean(word, [*REGISTRY.words(), *REGISTRY.offered])
    assert meant is None or edit_distance(word, meant) == 1


def test_the_work_of_hints_does_not_grow_with_the_number_of_unknown_names() -> None:
    text = " + ".join(f"sni{number}(x)" for number in range(3000))
    assert hint_of(text) == "did you mean `sin`?" or re.match("`gradcli functions`", hint_of(text) or "")
