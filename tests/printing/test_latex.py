"""Formulas as LaTeX: one case for each notation, and parentheses wherever a reader would go wrong without."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from gradcli import parse
from gradcli.graph import readable
from gradcli.graph.differentiate import derivative
from gradcli.graph.simplify import simplify_derivative
from gradcli.primitives import REGISTRY
from gradcli.printing.latex import to_latex
from gradcli.printing.text import to_text
from tests.support.latex_compilers import course_in_latex, katex_complaints, random_latex
from tests.support.latex_formulas import random_formula, structure
from tests.support.loops import for_each

CASES = [
    ("x1*x2 + sin(x1)/2", r"x_{1} \, x_{2} + \frac{\sin(x_{1})}{2}"),
    ("(x + 1)^2", r"(x + 1)^{2}"),
    ("sin(x)^2", r"\sin(x)^{2}"),
    ("-x^2", "-x^{2}"),
    ("(-x)^2", r"(-x)^{2}"),
    ("2^x^y", "2^{x^{y}}"),
    ("(2^x)^y", r"(2^{x})^{y}"),
    ("x^-1", "x^{-1}"),
    ("x^(y/2)", r"x^{y/2}"),
    ("exp(-x^2/(2*s))", r"e^{-x^{2}/(2 \, s)}"),
    ("x^(y/(1/2))", r"x^{y/\frac{1}{2}}"),
    ("x^((a + b)/-c)", r"x^{(a + b)/(-c)}"),
    ("not x > 0", r"\lnot (x > 0)"),
    ("rate_max*v_in", r"\mathrm{rate}_{\mathrm{max}} \, v_{\mathrm{in}}"),
    ("3*max(x, y)*asin(x)", r"3 \max(x, y) \arcsin(x)"),
    ("(x/y)^2", r"\left(\frac{x}{y}\right)^{2}"),
    ("a - (b - c)", r"a - (b - c)"),
    ("a - b - c", "a - b - c"),
    ("a/(b*c)", r"\frac{a}{b \, c}"),
    ("a*(b + c)", r"a \, (b + c)"),
    ("a*(-b)", r"a \, (-b)"),
    ("-a/b", r"\frac{-a}{b}"),
    # a factor that begins with a digit needs a dot in front
    ("2*3", r"2 \cdot 3"),
    ("2*x", r"2 \, x"),
    ("x*2", r"x \cdot 2"),
    ("x*2^y", r"x \cdot 2^{y}"),
    ("x*(2*y)", r"x \, (2 \, y)"),
    ("2*pi", r"2 \, \pi"),
    ("1e-5", "10^{-5}"),
    ("-1e-5", "-10^{-5}"),
    ("2.5e300*x", r"2.5 \cdot 10^{300} \, x"),
    ("(1e-5)^x", r"(10^{-5})^{x}"),
    # names
    ("theta_0*alpha", r"\theta_{0} \, \alpha"),
    ("gamma*v", r"\gamma \, v"),
    ("x1_2", r"x_{1\_2}"),
    ("x_1_2", r"x{}_{1\_2}"),  # an empty group tells it from x1_2
    ("x_1 + theta0", r"x{}_{1} + \theta{}_{0}"),
    ("x_", r"\mathrm{x\_}"),
    ("longname + 1", r"\mathrm{longname} + 1"),
    ("w12", "w_{12}"),
    ("pi*r^2 + phi", r"\pi \, r^{2} + \varphi"),
    ("inf + nan", r"\infty + \mathrm{NaN}"),
    # arrays
    ("A @ x - b", r"\mathbf{A} \, \mathbf{x} - b"),
    ("A @ (x + y)", r"\mathbf{A} \mathbin{@} (x + y)"),
    ("transpose(A) @ A", r"\mathbf{A}^{\top} \, \mathbf{A}"),
    ("[x, y]*[1, 2]", r"\begin{bmatrix} x \\ y \end{bmatrix} \odot \begin{bmatrix} 1 \\ 2 \end{bmatrix}"),
    ("[[1, 2], [3, 4]]", r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}"),
    ("[x, y]", r"\begin{bmatrix} x \\ y \end{bmatrix}"),
    ("[[[1]]]", " ".join([r"\begin{bmatrix}"] * 3 + ["1"] + [r"\end{bmatrix}"] * 3)),
    (
        "[[x], [y]]",
        r"\begin{bmatrix} \begin{bmatrix} x \end{bmatrix} \\[10pt] \begin{bmatrix} y \end{bmatrix} \end{bmatrix}",
    ),
    ("x[0]^2", r"{x}_{[0]}^{2}"),
    ("A[1:, 0]", r"{A}_{[1:, 0]}"),
    ("sum(A, axis=0)", r"\operatorname{sum}(A, 0)"),
    # functions with a notation of their own; the braces tell that a formula is one function
    ("|x|^2", r"\left|x\right|^{2}"),
    ("sqrt(x + 1)^2", r"\left(\sqrt{x + 1}\right)^{2}"),
    ("cbrt(x)", r"\sqrt[3]{x}"),
    ("exp(x + 1)", "e^{x + 1}"),
    ("exp(x)^2", r"(e^{x})^{2}"),
    ("2^exp(x)", "2^{e^{x}}"),
    ("exp2(x)^2", r"({2^{x}})^{2}"),
    ("exp(x)!", r"(e^{x})!"),
    ("expm1(x)", "{e^{x} - 1}"),
    ("expm1(x)*y", r"({e^{x} - 1}) \, y"),
    ("hypot(x, y)", r"{\sqrt{x^2 + y^2}}"),
    ("hypot(x + 1, -y)", r"{\sqrt{(x + 1)^2 + (-y)^2}}"),
    ("hypot(x^2, y)", r"{\sqrt{(x^{2})^2 + y^2}}"),
    ("xlogy(x + 1, y)", r"{(x + 1) \log(y)}"),
    ("xlogy(x, y)^2", r"({x \log(y)})^{2}"),
    ("logaddexp(x, y)^2", r"{\log(e^{x} + e^{y})}^{2}"),
    ("square(x + 1)", r"{(x + 1)^{2}}"),
    ("square(x)^2", r"({x^{2}})^{2}"),
    ("x*exp2(y)", r"x \cdot {2^{y}}"),
    ("log1p(x + 1)", r"{\log(1 + (x + 1))}"),
    ("square(e)", r"\operatorname{square}(e)"),
    ("e^x", "{e}^{x}"),
    ("10^-5", "{10}^{-5}"),
    ("(x!)!", r"(x!)!"),
    ("sigmoid(sigma)", r"\operatorname{sigmoid}(\sigma)"),
    ("(a == b)*c", r"(a \mathrel{=} b) \, c"),
    ("x! + (x + 1)!", r"x! + (x + 1)!"),
    ("floor(x)^2", r"\lfloor x \rfloor^{2}"),
    ("max(x, y)", r"\max(x, y)"),
    ("max(x, y, z)", r"\operatorname{max}(x, y, z)"),
    ("leaky_relu(x)", r"\operatorname{leaky\_relu}(x)"),
    ("polygamma(2, x)", r"\psi^{(2)}(x)"),
    ("besselj(-1, x)", r"J_{-1}(x)"),
    ("zeta(x)*zeta_derivative(1, x)", r"\zeta(x) \, \zeta^{(1)}(x)"),
    ("sinint(x)", r"\operatorname{Si}(x)"),
    ("where(x > 0, x, -x)", r"\begin{cases} x & x > 0 \\ -x & \text{otherwise} \end{cases}"),
    ("x <= y and z", r"x \le y \land z"),
    ("(a < b) + 1", r"(a < b) + 1"),
    ("x % y", r"x \bmod y"),
    ("(a % b)*c", r"(a \bmod b) \, c"),
    ("a % b + c", r"(a \bmod b) + c"),
]


@for_each(("text", "expected"), CASES)
def test_a_formula_has_its_notation_in_latex(text: str, expected: str) -> None:
    assert to_latex(parse(text).root) == expected


@for_each("primitive", REGISTRY.public(), ids=lambda primitive: primitive.name)
def test_every_primitive_prints_with_balanced_braces_and_without_a_double_superscript(primitive: object) -> None:
    names = [*primitive.operands, "more"] if primitive.variadic else list(primitive.operands)
    operands = ["2"] * len(primitive.static) + [f"{name} + 1" for name in names[len(primitive.static) :]]
    text = to_latex(parse(f"{primitive.name}({', '.join(operands)})^3").root)
    assert text.count("{") == text.count("}")
    assert len(re.findall(r"\\left\b", text)) == len(re.findall(r"\\right\b", text))
    assert not re.search(r"\^(\{[^{}]*\}|\w)\^", text)


def test_a_function_that_e_would_hide_is_written_by_its_name() -> None:
    assert to_latex(parse("e*exp(x)", variables=["e"]).root) == r"e \exp(x)"


def read_again(text: str, variables: Sequence[str] = ()) -> tuple[object, object]:
    """The structure of a formula, and that of what is read of its LaTeX."""
    expression = parse(text, variables=variables)
    again = parse(to_latex(expression.root), notation="latex", variables=expression.variables)
    return structure(readable(expression.root)), structure(again.root)


@for_each("text", [text for text, _ in CASES])
def test_what_is_printed_is_read_as_the_same_graph(text: str) -> None:
    written, read = read_again(text)
    assert read == written


def test_a_thousand_random_graphs_are_read_as_they_were_printed() -> None:
    for number in range(1, 1_001):
        text = random_formula(number)
        written, read = read_again(text, ["e"] if number % 5 == 0 else [])
        assert read == written, text


@for_each("order", [1, 2])
@for_each("primitive", REGISTRY.public(), ids=lambda primitive: primitive.name)
def test_the_printed_derivative_of_a_function_is_read_as_the_same_graph(primitive: Any, order: int) -> None:
    operands = ["2"] * len(primitive.static) + [
        f"x{number}" for number in range(primitive.arity - len(primitive.static))
    ]
    function = parse(f"{primitive.name}({', '.join(operands)})")
    variable = function.graph.variable("x0")
    simple = simplify_derivative(derivative(function.root, variable, order)).root
    again = parse(to_latex(simple), notation="latex")
    assert structure(again.root) == structure(parse(to_text(simple)).root)


def test_shared_parts_of_a_large_formula_become_definitions() -> None:
    text = "; ".join(["a0 = x", *(f"a{i} = a{i - 1} + a{i - 1}" for i in range(1, 60)), "a59"])
    latex = to_latex(parse(text).root)
    assert latex.startswith(r"t_{1} = x + x;\quad t_{2} = t_{1} + t_{1};\quad ")
    assert len(latex) < 5000


def test_katex_reads_derivatives_and_random_graphs_without_a_complaint() -> None:
    broken = [r"\frac{x}", r"x^{2}^{3}", r"\text{é}"]
    assert len(katex_complaints(broken)) >= 2
    assert katex_complaints([*course_in_latex(3), *random_latex(200)]) == []
