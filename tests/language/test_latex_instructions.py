r"""Formulas in LaTeX mean what they mean on paper; what has two readings is refused, and hints can be typed."""

from __future__ import annotations

import re

import pytest

from gradcli import limits, parse
from gradcli.errors import ExpressionError
from gradcli.source import Span
from tests.support.latex_formulas import structure
from tests.support.loops import for_each
from tests.support.textbook_formulas import FORMULAS

READ = [(formula, meaning) for _, formula, meaning in FORMULAS if meaning is not None]
REFUSED = [formula for _, formula, meaning in FORMULAS if meaning is None]


def test_the_table_has_two_hundred_formulas_that_are_read() -> None:
    assert len(READ) >= 200
    assert len({formula for _, formula, _ in FORMULAS}) == len(FORMULAS)


@for_each(("formula", "meaning"), READ)
def test_a_formula_of_a_textbook_has_its_meaning(formula: str, meaning: str) -> None:
    found = parse(formula, notation="latex")
    assert structure(found.root) == structure(parse(meaning, variables=found.variables).root), str(found)


@pytest.mark.parametrize("formula", REFUSED)
def test_a_form_without_a_value_is_refused_with_its_place(formula: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(formula, notation="latex")
    assert caught.value.span is not None
    assert 0 <= caught.value.span.start <= caught.value.span.end <= len(formula)


CASES = [
    # products
    ("x y", "x*y"),
    (r"2\,x", "2*x"),
    (r"a b / c", "a*b/c"),
    (r"-a b", "-a*b"),
    (r"a \cdot b \, c", "a*b*c"),
    (r"x^2 (1 - x)^3", "x^2*(1 - x)^3"),
    (r"p^k (1 - p)", "p^k*(1 - p)"),
    (r"k\left(x + 1\right)^2", "k*(x + 1)^2"),
    (r"a/k(x + 1)^2 + 1", None),
    # TeX's arguments
    (r"\frac12", "1/2"),
    (r"\frac1x", "1/x"),
    (r"\frac ab", "a/b"),
    (r"x^\frac12", "x^(1/2)"),
    (r"\sqrt 2", "sqrt(2)"),
    ("x^2_1", "x1^2"),
    ("{x}^{2}", "x^2"),
    # functions
    (r"\sin x + 1", "sin(x) + 1"),
    (r"\sin x y \cos z", "sin(x*y)*cos(z)"),
    (r"\sin\frac{x}{2}", "sin(x/2)"),
    (r"\sin{2x}", "sin(2*x)"),
    (r"\sin^2(x)", "sin(x)^2"),
    (r"\sin(x)^2", "sin(x)^2"),
    (r"\ln\ln x", "log(log(x))"),
    (r"\ln\Gamma(x)", "log(gamma(x))"),
    (r"\log\left|x\right|", "log(abs(x))"),
    (r"\exp\left[-x\right]", "exp(-x)"),
    (r"\arcsin x", "asin(x)"),
    (r"\lg x", "log10(x)"),
    (r"\log_b x", "log_b(x)"),
    (r"\operatorname{sinc}(x)", "sinc(x)"),
    (r"\psi^{(2)}(x)", "polygamma(2, x)"),
    (r"\zeta^{(1)}(x)", "zeta_derivative(1, x)"),
    (r"J_{0}(x) + K_{-1.5}\left(x^2\right)", "besselj(0, x) + besselk(-1.5, x^2)"),
    (r"\operatorname{Ai}(x)\operatorname{Si}(x)", "airyai(x)*sinint(x)"),
    (r"\Gamma'(x)", "gamma'(x)"),
    # numbers
    (r"3 \times 10^{8}", "3e8"),
    (r"10^{-5}", "1e-5"),
    (r"10^{3}", "10^3"),
    (r"x \cdot 10^3", "x*10^3"),
    # brackets
    (r"\lvert x \rvert", "abs(x)"),
    (r"\left\lfloor x\right\rfloor", "floor(x)"),
    (r"\|x\|", "norm(x)"),
    (r"\|x\|_\infty", "norm(x, inf)"),
    ("|x||y|", "abs(x)*abs(y)"),
    (r"\{x + 1\}^2", "(x + 1)^2"),
    ("[x, y]", "[x, y]"),
    # relations
    (r"0 < x \le y < 1", "0 < x and x <= y and y < 1"),
    (r"(x < y) < z", "(x < y) < z"),
    (r"x = y", "y"),
    (r"x \ne y \land z", "x != y and z"),
    # sums and derivatives
    (r"\sum_{k=1}^{3} k x", "1*x + 2*x + 3*x"),
    (r"\sum_{k=1}^{3} k + 1", "1 + 2 + 3 + 1"),
    (r"2 \sum_{k=0}^{1} x_{k+1}", "2*(x1 + x2)"),
    (r"\sum_{k=3}^{1} k", "0"),
    (r"\prod_{k=3}^{1} k", "1"),
    (r"\frac{d}{dx} x^2 + x", "diff(x^2, x) + x"),
    (r"\frac{d x^3}{dx}", "diff(x^3, x)"),
    (r"\frac{\partial^3}{\partial x^2 \partial y} x^3 y^2", "diff(diff(x^3*y^2, y), x, 2)"),
    (r"y = x^2; \frac{dy}{dx}", "y = x^2; diff(y, x)"),
    # cases and matrices
    (r"\begin{cases} x, & x > 1 \\ 2, & x = 1 \\ 3, & \text{else} \end{cases}", "where(x > 1, x, where(x == 1, 2, 3))"),
    (r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}", "[1, 2]"),
    (r"\begin{pmatrix} 1 & 2 \end{pmatrix}", "[[1, 2]]"),
    (r"\mathbf{a}\cdot\mathbf{b}", "dot(a, b)"),
    (r"\mathbf{A}\mathbf{x} \odot \mathbf{y}", "A @ x * y"),
    # signs around
    (r"$x^2$", "x^2"),
    (r"\[ x^2, \]", "x^2"),
    (r"\begin{equation} y = x^2. \end{equation}", "x^2"),
]


@for_each(("formula", "meaning"), [case for case in CASES if case[1] is not None])
def test_a_form_has_its_meaning(formula: str, meaning: str) -> None:
    found = parse(formula, notation="latex")
    assert structure(found.root) == structure(parse(meaning, variables=found.variables).root), str(found)


def test_a_quotient_never_takes_a_neighbour_in_silence() -> None:
    for formula in ("a/b c", "a/k(x + 1)^2 + 1", r"1/2 x", r"x/2\pi", r"1/\sin x (y)"):
        with pytest.raises(ExpressionError, match="two ways"):
            parse(formula, notation="latex")


NOTES = [
    (r"\sin^{-1} x", "inverse", (0, 11), r"for one over the value, write `\frac{1}{\sin x}`"),
    (r"\sigma(x)", "function", (0, 9), r"for a product, write `\sigma \cdot (x)`"),
    (r"\sin x (y + 1)", "argument", (7, 14), "put the argument in parentheses"),
    (r"A^T x", "transpose", (0, 3), r"the transpose is `A^{\top}`"),
    (r"m e^4", "constant", (2, 5), "a variable needs an index: `e_{1}`"),
    (r"E^0 x", "name", (0, 3), "for a name, write an index: `E_{0}`"),
    (r"\Delta x / 2", "name", (0, 8), r"for a product, write `\Delta \cdot x`"),
]


@pytest.mark.parametrize(("formula", "kind", "span", "hint"), NOTES)
def test_a_reading_that_some_people_do_not_mean_has_a_note(
    formula: str, kind: str, span: tuple[int, int], hint: str
) -> None:
    (note,) = parse(formula, notation="latex").notes
    assert (note.kind, note.span, note.hint) == (kind, Span(*span), hint)


@pytest.mark.parametrize(
    "formula", [r"\frac{1}{2} m v^2", r"2\pi r", r"\sin 2\omega t", r"k(x + 1)", r"\Gamma(x)", r"\gamma_{max} x"]
)
def test_a_plain_formula_has_no_note(formula: str) -> None:
    assert parse(formula, notation="latex").notes == ()


_BACKSLASH = r"a function has a backslash, as in `\sin x`, or is in `\operatorname{...}`"
ERRORS = [
    ("x^23", (2, 4), "TeX takes only the first character of `23`", "put braces around it: `{23}`"),
    ("x_12", (0, 4), "TeX takes only the first character of the index in `x_12`", "write `x_{12}`"),
    ("x^a_b", (2, 5), "TeX takes only the first character of `a_b`", "put braces around it: `{a_b}`"),
    ("a/b c", (0, 5), "`a/b c` can be read in two ways", r"write `\frac{a}{b} c` or `\frac{a}{b c}`"),
    (
        "x(t)",
        (0, 4),
        "`x` is not a function, so `x(t)` can be read in two ways",
        r"write `x \cdot (t)` for a product, or define the function: `x(t) = ...;`",
    ),
    ("f(x, y)", (0, 7), "`f` is not a function", "define the function: `f(t) = ...;`"),
    ("x^{(2)}", (0, 7), "`x^{(2)}` can be read in two ways",
     "write `x^{2}` for a power, or an index, `_{2}`, for a name"),
    ("sin(x)", (0, 3), "`sin` is a product of letters in LaTeX", _BACKSLASH),
    ("relu(x)", (0, 4), "`relu` is a product of letters in LaTeX", _BACKSLASH),
    (r"\operatorname{tannh}(x)", (0, 20), r"unknown function `\operatorname{tannh}`",
     r"did you mean `\operatorname{tanh}`?"),
    (r"\log(2, x)", (0, 10), r"`\log` takes one argument", r"the base is an index: `\log_{2} x`"),
    (r"\cosh^{-1} x + \max^{-1} x", (15, 26), r"`\max^{-1} x` can be read in two ways", r"write `\frac{1}{\max x}`"),
    (r"\epsilon + \varepsilon", (11, 22), r"`\epsilon` and `\varepsilon` would be the same name, `epsilon`",
     "give one of them an index"),
    (r"\sum_{k=1}^{n} k", (11, 14), "the bound `n` of this sum is not a number",
     r"write `n = 10; \sum_{k=1}^{n} k` to give it a value"),
    (r"\frac{dy}{dx}", (7, 8), "`y` has no formula to differentiate", r"define it first: `y = x^2; \frac{dy}{dx}`"),
    (r"\frac{d^2}{dx} x", (0, 14), r"the orders in `\frac{d^2}{dx}` differ", r"for example `\frac{d^2}{dx^2} x^3`"),
    (
        r"\frac{d}{dx} (x)(y)",
        (0, 19),
        r"`\frac{d}{dx} (x)(y)` can be read in two ways",
        r"write `\frac{d}{dx} \left[(x)(y)\right]` or `\left[\frac{d}{dx} (x)\right] (y)`",
    ),
    ("c^2 = a", (0, 3), "`c^2` can't be defined", "write `a`"),
    ("f(t) = t; f^{-1}(x)", (10, 16), "`f^{-1}` in front of a parenthesis can be read in two ways",
     r"for one over the value, write `\frac{1}{f(x)}`; an inverse function needs a definition"),
    (r"\begin{pmatrix} 1 & 2 \\ 3 \end{pmatrix}", (25, 26), "this row has 1 cell, and the first row has 2",
     "all rows have the same length"),
    (r"\begin{cases} 1 & \text{otherwise} \\ 2 & x > 0 \end{cases}", (14, 15),
     "a case without a condition hides the cases after it", "put this case last"),
    (r"\mathbf{A}^{-1}", (0, 15), r"`\mathbf{A}^{-1}` would be the inverse of a matrix, which gradcli does not compute",
     r"for the reciprocals of its elements, write `\frac{1}{\mathbf{A}}`"),
    (r"\|x\|_q", (5, 7), r"the norm `\|x\|_q` isn't known", r"the index of a norm is a number or `\infty`"),
    ("3!!", (0, 3), "`3!!` can be read in two ways", "write `(3!)!` for the factorial of the factorial"),
    (r"\operatorname{sum}(x, y)", (0, 24), None, None),
]  # fmt: skip


@for_each(("formula", "span", "message", "hint"), ERRORS)
def test_what_has_no_meaning_is_told_in_these_words(
    formula: str, span: tuple[int, int], message: str | None, hint: str | None
) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(formula, notation="latex")
    error = caught.value
    assert error.span == Span(*span)
    if message is not None:
        assert (error.message, error.hint) == (message, hint)
    if error.hint is not None and error.hint.startswith("write "):
        for offer in re.findall(r"write `([^`]+)`| or `([^`]+)`", error.hint):
            if "..." not in "".join(offer):
                parse("f(t) = t; " + "".join(offer), notation="latex")


def test_a_value_decides_between_a_variable_and_a_function_or_constant() -> None:
    assert str(parse(r"\sigma(x + 1)", notation="latex")) == "sigmoid(x + 1)"
    assert str(parse(r"\sigma(x + 1)", notation="latex", variables=["sigma"])) == "sigma*(x + 1)"
    assert str(parse("e^x", notation="latex")) == "exp(x)"
    assert str(parse("e^x", notation="latex", variables=["e"])) == "e^x"
    assert parse("x_1 + y_1", notation="latex", variables=["x_1"]).variables == ("x_1", "y1")


def test_a_sum_that_is_written_out_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "UNROLLED", 20)
    assert parse(r"\sum_{k=1}^{9} k", notation="latex")() == 45.0
    for formula in (r"\sum_{k=1}^{10^{3}} k", r"\sum_{i=1}^{9}\sum_{j=1}^{9} i j", r"\prod_{k=1}^{100000000000} k"):
        with pytest.raises(ExpressionError) as caught:
            parse(formula, notation="latex")
        assert caught.value.span is not None
    chain = "x < " + " + ".join("y" * 20) + " < z"
    with pytest.raises(ExpressionError, match="operations when it is written out"):
        parse(chain, notation="latex")


@pytest.mark.parametrize(
    "formula",
    [
        "{" * 3_000 + "x" + "}" * 3_000,
        r"\left(" * 3_000 + "x" + r"\right)" * 3_000,
        "e^{" * 3_000 + "x" + "}" * 3_000,
        r"\sin^2 " * 3_000 + "x",
        r"\sqrt[5]{" * 2_000 + "x" + "}" * 2_000,
        " + ".join(["x y"] * 20_000),
        r"\frac{1}{" * 2_000 + "x" + "}" * 2_000,
        r"\begin{cases} x & " * 1_000 + "y" + r" \end{cases}" * 1_000,
    ],
)
def test_nothing_recurses_with_depth(formula: str) -> None:
    assert "x" in parse(formula, notation="latex").variables
