"""Names in LaTeX and in the expression language."""

from __future__ import annotations

import pytest

from gradcli.language.latex_names import LatexName, argument_of, index_name, joined
from tests.support.loops import for_each

NAMES = [
    ("x", "x"),
    ("x_1", "x1"),
    ("x_{12}", "x12"),
    ("x{}_{1}", "x_1"),
    ("x_{max}", "x_max"),
    (r"x_\text{max}", "x_max"),
    (r"x_{\mathrm{max}}", "x_max"),
    (r"V_{\max}", "V_max"),
    (r"x_{i,j}", "x_i_j"),
    (r"m_{t-1}", "m_t_minus_1"),
    (r"t_{1/2}", "t1_over_2"),
    (r"x_{1\_2}", "x1_2"),
    (r"\theta", "theta"),
    (r"\theta_0", "theta_0"),
    (r"\theta{}_{0}", "theta0"),
    (r"\varepsilon", "epsilon"),
    (r"\sigma_{\alpha}", "sigma_alpha"),
    (r"\hbar", "hbar"),
    (r"\infty", "inf"),
    (r"\hat{y}", "y_hat"),
    (r"\hat y_i", "y_hat_i"),
    (r"\widehat{\beta}_0", "beta_hat_0"),
    (r"\bar{\mathbf{x}}", "x_bar"),
    (r"\mathbf{W}_1", "W1"),
    (r"\boldsymbol{\theta}", "theta"),
    (r"\vec v", "v"),
    (r"\mathcal{L}", "L"),
    (r"\mathrm{rate}", "rate"),
    (r"\mathrm{learning rate}", "learning_rate"),
    (r"\mathrm{\_a}", "_a"),
    (r"\mathrm{NaN}", "nan"),
    (r"\Delta x", "Delta_x"),
    (r"\Delta x_1", "Delta_x_1"),
    ("θ", "θ"),
]


@for_each(("text", "name"), NAMES)
def test_a_name_has_its_name_in_the_language(text: str, name: str) -> None:
    assert LatexName.of(text).text == name


@pytest.mark.parametrize("text", ["x_{a=b}", r"\mathrm{a-b}", r"\mathrm{1a}"])
def test_what_can_be_no_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="can't be"):
        LatexName.of(text)


def test_letters_in_bold_are_arrays() -> None:
    assert LatexName.of(r"\mathbf{x}").is_bold
    assert LatexName.of(r"\vec{x}_1").is_bold
    assert not LatexName.of(r"\mathcal{x}").is_bold


def test_an_index_follows_the_variable_of_a_sum() -> None:
    assert LatexName.of("x_k").index_at("k", 3) == "3"
    assert LatexName.of("x_{k-1}").index_at("k", 3) == "2"
    assert LatexName.of("a_{ij}").index_at("i", 3) == "3j"
    assert LatexName.of("x_{max}").index_at("a", 3) is None
    assert LatexName.of("x_2").index_at("k", 3) is None


def test_a_value_decides_between_two_spellings() -> None:
    assert joined("x", "1", False, ["x_1"]) == "x_1"
    assert joined("x", "1", False, ["x1", "x_1"]) == "x1"
    assert joined("theta", "0", False, ["theta0"]) == "theta0"


def test_parts_of_commands() -> None:
    assert argument_of(r"\mathbf{ x }") == "x"
    assert index_name(r"{\text{train}, 1}") == "train_1"
