"""Functions that are printed as a formula in braces, and read back as one function."""

from __future__ import annotations

import pytest

from gradcli import parse
from gradcli.primitives import REGISTRY

WRITTEN_OUT = [
    ("{e^{x} - 1}", "expm1(x)"),
    (r"{\log\left(1 + x\right)}", "log1p(x)"),
    (r"{\log\left(1 + e^{2x}\right)}", "softplus(2*x)"),
    (r"{\sqrt{x^2 + \left(y + 1\right)^2}}", "hypot(x, y + 1)"),
    (r"{e^{{e^{x} - 1}} - 1}", "expm1(expm1(x))"),
    ("e^{x} - 1", "exp(x) - 1"),
    ("{e^{x} - 2}", "exp(x) - 2"),
    ("{e^{x} - y - 1}", "exp(x) - y - 1"),
    (r"{\log\left(1 + x + y\right)}", "log(1 + x + y)"),
    (r"\sqrt{x^2 + y^2}", "sqrt(x^2 + y^2)"),
]


@pytest.mark.parametrize(("text", "meaning"), WRITTEN_OUT)
def test_a_formula_in_braces_is_one_function(text: str, meaning: str) -> None:
    assert str(parse(text, notation="latex")) == meaning


def test_every_function_that_is_a_formula_is_found_again() -> None:
    names = [primitive.name for primitive in REGISTRY.public() if primitive.latex_formula is not None]
    assert {"expm1", "log1p", "hypot", "square", "exp2", "softplus", "logaddexp", "xlogy", "lgamma"} == {*names}


def test_a_sum_between_norm_bars_is_no_function_that_is_written_out() -> None:
    assert parse(r"\|\sum_{j=1}^{3} j\|", notation="latex")() == 6.0
