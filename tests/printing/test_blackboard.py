"""Lines of a derivation: numbers, the text for people, and LaTeX."""

from __future__ import annotations

import pytest

from gradcli import parse
from gradcli.graph.derivation import DIFF, derivation
from gradcli.printing.blackboard import Line, board_text, names_in, numbered, to_align, with_derivatives
from gradcli.printing.text import text_length
from tests.support.derivations import derived
from tests.support.latex_compilers import derivations_in_latex, katex_complaints


def lines(text: str, order: int = 1) -> list[Line]:
    return numbered(derived(text, order))


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("sin(x)", ["1"]),
        ("x^2*sin(x)", ["1", "1.1", "1.2", "2", "3"]),
        ("sin(cos(x^2))", ["1", "1.1", "1.1.1", "1.2", "2"]),
        ("sin(cos(x^2))*exp(x^3)", ["1", "1.1", "1.1.1", "1.1.1.1", "1.1.2", "1.2", "1.3", "1.3.1", "1.4", "2", "3"]),
    ],
)
def test_lines_are_numbered_by_depth(text: str, numbers: list[str]) -> None:
    assert [line.number for line in lines(text)] == numbers


def test_a_line_goes_on_if_its_left_side_was_the_right_side_before() -> None:
    assert [line.goes_on for line in lines("x^2*sin(x)")] == [False, False, False, True, True]
    assert [line.goes_on for line in lines("exp(2*x)", 2)] == [False, True, False, True]


def test_a_derivative_that_remains_has_brackets() -> None:
    root = parse("theta^2 + 1").root
    diff = root.graph.add(DIFF, (root, root.graph.variable("theta")))
    product = root.graph.lift(root.graph.variable("y")) * root.graph.fresh_variable("z")
    assert board_text(diff) == "d/dtheta[theta^2 + 1]"
    assert with_derivatives(diff) == r"\frac{d}{d\theta}\left[\theta^{2} + 1\right]"
    assert board_text(product) == "y*z"


def test_a_derivation_is_an_align_with_number_equation_and_rule() -> None:
    assert to_align(lines("sin(x)^2")).splitlines() == [
        r"\begin{align*}",
        r"&\text{1} & \frac{d}{dx}\left[\sin(x)^{2}\right] &= 2 \sin(x) \, \frac{d}{dx}\left[\sin(x)\right] "
        r"&& \text{chain rule, power rule} \\",
        r"&\text{1.1} & \frac{d}{dx}\left[\sin(x)\right] &= \cos(x) && \text{derivative of sin} \\",
        r"&\text{2} & &= 2 \sin(x) \cos(x) && \text{insert the derivative} \\",
        r"&\text{3} & &= \sin(2 \, x) && \text{use double angles}",
        r"\end{align*}",
    ]


def test_a_long_sum_is_broken_before_its_signs() -> None:
    found = to_align(lines("x^2*sin(x)*exp(x)*log(x)*cosh(x)")).split(r" \\" + "\n")
    broken = [line for line in found if line.startswith("& & &")]
    assert len(broken) >= 2
    assert all(line.startswith((r"& & &\quad + ", r"& & &\quad - ")) for line in broken)


def test_identities_among_the_rules_have_exponents() -> None:
    assert r"\text{use sin$^2$ + cos$^2$ = 1}" in to_align(lines("sin(x)/(1 + cos(x))"))


def test_katex_reads_derivations_without_a_complaint() -> None:
    assert katex_complaints(list(derivations_in_latex(3))) == []


def test_names_are_those_of_formulas_that_occur_and_of_nothing_else() -> None:
    parsed = parse("u = x^2; k = 3; x = u + 1; v = 5*u; w = sin(u) + x; w")
    x = parsed.graph.variable("x")
    found = numbered(derivation(parsed.root, x, [parsed.derivative("x").root], text_length))
    names = names_in(found, parsed.definitions)
    assert sorted(names.values()) == ["u"]
    assert [board_text(node, names) for node in names] == ["x^2"]
    assert board_text(found[0].step.before, names) == "d/dx[sin(u) + (u + 1)]"
