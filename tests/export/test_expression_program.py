"""Exported expressions compute what the tape computes, in every language that this machine can run."""

from __future__ import annotations

import itertools
import math
import random
from pathlib import Path
from typing import Any

import pytest

from gradcli.errors import UsageError
from gradcli.evaluate.expression import parse
from gradcli.export.expression_program import export_expression
from gradcli.primitives import REGISTRY
from gradcli.printing.jax_code import JAX
from gradcli.printing.numpy_code import NUMPY
from gradcli.printing.python_code import PYTHON
from gradcli.printing.pytorch_code import PYTORCH
from tests.support.expression_programs import RUNNERS, Case, difference, on_the_tape

#: How far a number may be off, of its size or of 1.
TOLERANCE = 1e-13

NESTED: list[Case] = [
    ("x1*x2 + sin(x1)", (2.0, 3.0)),
    ("exp(-x^2/2)/sqrt(2*pi)", (0.7,)),
    ("log(1 + exp(x*y)) - x/(1 + y^2)", (0.3, -1.2)),
    ("sqrt(x^2 + y^2 + z^2)*atan2(y, x)", (1.0, 2.0, -0.5)),
    ("x^y + y^x", (1.5, 2.5)),
    ("x^1.7 - 3*x^-2 + x^0.5", (2.3,)),
    ("x^(2/3)*y^(1/3)", (2.3, 0.4)),
    ("where(x > y, x^2*y, sin(y))", (1.0, 2.0)),
    ("where(x > y and not y < 0, x*y, -x)", (2.0, 1.0)),
    ("(x > 1)*x^3 + (x <= 1)*x", (1.5,)),
    ("max(x, y, z)*min(x, y, z)", (1.0, -2.0, 3.0)),
    ("clip(x*y, -1, 1) + abs(x - y)", (0.5, 0.7)),
    ("tanh(w*x + b)^2 + softplus(w*x - b)", (0.3, -1.1, 2.0)),
    ("gamma(x)*digamma(y) + lgamma(x*y)", (2.5, 1.5)),
    ("polygamma(2, x)*erf(x/y)", (1.3, 2.0)),
    ("erfc(x)*exp(x^2)", (3.0,)),
    ("sigmoid(x)*(1 - sigmoid(x))*gelu(y)", (0.4, -0.9)),
    ("hypot(x, y)/(1 + cosh(x))", (0.6, -0.8)),
    ("logaddexp(x, y)*sin(z)", (0.1, 0.2, -0.7)),
    ("x*log(x) + (1 - x)*log(1 - x)", (0.3,)),
    ("sinc(x)*mod(x, 3)", (4.3,)),
    ("exp2(x)*log2(y) + cbrt(x*y)*log10(y)", (0.5, 3.0)),
    ("asin(x)*acos(y) + acosh(1 + x^2) + atanh(y)", (0.4, -0.3)),
    ("floor(x)*x + ceil(y)*y + round(x*y)", (1.3, 2.6)),
    ("sin(cos(sin(cos(x*y)))) + tan(x)/sec(y)", (0.7, 0.2)),
    # edge points
    ("abs(x)*y", (0.0, 2.0)),
    ("max(x, 0)", (0.0,)),
    ("sqrt(x)", (0.0,)),
    ("log(x)", (-1.0,)),
    ("1/x", (0.0,)),
    ("hypot(x, y)", (0.0, 0.0)),
    ("x^y", (0.0, 2.0)),
    ("relu(x) + sign(x) + step(x)", (0.0,)),
    ("where(x > 0, sqrt(x), 0)", (0.0,)),
    ("xlogy(x, y)", (0.0, 0.0)),
    ("exp(x)", (1000.0,)),
    # constants that are nan or -0, and powers of 1
    ("max(x, y, acos(2))", (1.0, 2.0)),
    ("min(acos(2), x)", (1.0,)),
    ("acosh(-1)^(pi*x)", (2.0,)),
    ("(-1*0)^x", (2.0,)),
    ("x^acos(y)", (1.0, 2.0)),
    ("x^y", (-1.0, 1e308)),
    ("acos(2)*y + x^0", (1.0, 2.0)),
    ("(x > 1 and 0.5)*y + (x > acos(2) or 2)", (1.5, 2.0)),
]


def _cases() -> list[Case]:
    """Each public function that is declared at once, at a point of its samples and inside others; then the table."""
    generator = random.Random(12)
    cases = []
    for primitive in REGISTRY.declared():
        if primitive.internal:
            continue
        names = primitive.operands[len(primitive.static) :]
        box = primitive.samples[0][len(primitive.static) :]
        point = tuple(
            round(generator.uniform(low + (high - low) * 0.2, high - (high - low) * 0.2), 3) for low, high in box
        )
        orders = ["2"] * len(primitive.static)
        cases.append((f"{primitive.name}({', '.join([*orders, *names])})", point))
    return [*cases, *NESTED]


CASES = _cases()


def test_there_are_a_hundred_expressions() -> None:
    assert len(CASES) >= 100


@pytest.mark.parametrize("language", RUNNERS)
def test_every_language_agrees_with_the_tape(language: str, tmp_path: Path) -> None:
    found = RUNNERS[language](CASES, tmp_path)
    wrong = [
        (text, point, one, expected)
        for (text, point), one in zip(CASES, found, strict=True)
        if difference(one, expected := on_the_tape((text, point))) > TOLERANCE
    ]
    assert not wrong


def test_latex_is_an_environment_with_the_formulas_of_diff() -> None:
    assert (
        export_expression("x^2*y", "latex", "hessian")
        == r"""% x^2*y: the value, the gradient and the Hessian, exported by gradcli.
\begin{align*}
  f(x, y) &= x^{2} \, y \\
  \frac{\partial f}{\partial x} &= 2 \, x \, y \\
  \frac{\partial f}{\partial y} &= x^{2} \\
  \frac{\partial^{2} f}{\partial x^{2}} &= 2 \, y \\
  \frac{\partial^{2} f}{\partial x \, \partial y} &= 2 \, x \\
  \frac{\partial^{2} f}{\partial y^{2}} &= 0
\end{align*}
"""
    )


def test_the_conditions_of_a_short_formula_are_in_the_comment() -> None:
    assert "% They hold where " in export_expression("x*y/y", "latex")
    assert "They hold where " in export_expression("x*y/y", "mathematica")


def test_an_expression_without_variables_has_a_function_without_arguments() -> None:
    space: dict[str, Any] = {}
    exec(export_expression("2*pi", "python", "value"), space)
    assert space["evaluate"]() == 6.283185307179586
    assert "double value = evaluate(NULL);" in export_expression("2*pi", "c", "value")


@pytest.mark.parametrize(
    ("text", "to", "derivatives", "message"),
    [
        ("x", "fortran", "value", "unknown language `fortran`"),
        ("x", "c", "third", "unknown choice of derivatives `third`"),
        ("2*pi", "c", "hessian", "has no variable to differentiate with respect to"),
        ("[x, x^2]", "c", "hessian", "has 2 values, but only a single value has a Hessian"),
        ("polygamma(9, x)", "c", "value", "the function `polygamma` can't be exported to C"),
        ("dawsn(x)", "python", "value", "the function `dawsn` can't be exported to Python"),
    ],
)
def test_what_cannot_be_exported_is_one_sentence(text: str, to: str, derivatives: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        export_expression(text, to, derivatives)


def test_a_parsed_expression_is_exported_as_its_text_is() -> None:
    assert export_expression(parse("x*y"), "c") == export_expression("x*y", "c")


SPECIAL = (math.inf, -math.inf, math.nan, 0.0, -0.0, 1.0, -1.0, -2.0, 1e300, 800.0, -30.0, 171.5)


@pytest.mark.parametrize("language", ["python", "numpy", "jax", "pytorch"])
def test_a_function_that_a_library_has_is_taken_from_it_only_if_it_has_all_values(language: str) -> None:
    pytest.importorskip({"python": "math", "pytorch": "torch"}.get(language, language))
    known = {"python": PYTHON, "numpy": NUMPY, "jax": JAX, "pytorch": PYTORCH}[language].known
    wrong = []
    for primitive in REGISTRY.public():
        if primitive.static or primitive.name not in known:
            continue
        space: dict[str, Any] = {}
        exec(export_expression(f"{primitive.name}({', '.join(primitive.operands)})", language, "value"), space)
        for point in itertools.product(SPECIAL[:: primitive.arity], repeat=primitive.arity):
            found, expected = float(space["evaluate"](*point)), primitive.value(*point)
            near = abs(found - expected) <= TOLERANCE * max(1.0, abs(expected))
            if not (found == expected or near or (found != found and expected != expected)):
                wrong.append((primitive.name, point, found, expected))
    assert wrong == []
