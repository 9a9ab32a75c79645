r"""Formulas as they are displayed in notebooks: MathML, which every browser shows, and LaTeX for papers."""

from __future__ import annotations

from gradcli.graph import Node
from gradcli.markup import Html
from gradcli.printing.latex import to_latex
from gradcli.printing.mathml import MathmlPrinter, to_mathml
from gradcli.records import NamedTuple

__all__ = ["Displayed", "derivative_of", "displayed"]


class Displayed(NamedTuple):
    """A formula in both notations.

    Attributes:
        mathml: the content of a ``math`` element.
        latex: the formula in LaTeX, without dollar signs.
    """

    mathml: str
    latex: str

    @property
    def html(self) -> Html:
        """The formula as HTML, and as LaTeX without markup."""
        return Html(f'<math displaystyle="true"><mrow>{self.mathml}</mrow></math>', self.latex)

    @property
    def math(self) -> str:
        """The formula in LaTeX with dollar signs, as notebooks take it."""
        return rf"$\displaystyle {self.latex}$"

    def equals(self, other: Displayed) -> Displayed:
        """Return the equation of this formula and another."""
        return Displayed(f"{self.mathml}<mo>=</mo>{other.mathml}", f"{self.latex} = {other.latex}")

    def plus_remainder(self, power: Displayed) -> Displayed:
        """Return the formula with a remainder of the order of ``power`` added to it."""
        return Displayed(
            f"{self.mathml}<mo>+</mo><mi>O</mi><mrow><mo>(</mo>{power.mathml}<mo>)</mo></mrow>",
            rf"{self.latex} + O\left({power.latex}\right)",
        )


def displayed(root: Node) -> Displayed:
    """Return a formula in both notations.

    >>> from gradcli.evaluate.expression import parse
    >>> displayed(parse("x^2").root).latex
    'x^{2}'
    """
    return Displayed(to_mathml(root), to_latex(root))


def derivative_of(formula: Displayed, variable: str, order: int = 1) -> Displayed:
    r"""Return the derivative that remains to be taken of a formula.

    >>> from gradcli.evaluate.expression import parse
    >>> derivative_of(displayed(parse("x^2").root), "x", 2).latex
    '\\frac{d^{2}}{d x^{2}}\\left[x^{2}\\right]'
    """
    from gradcli.graph import Graph

    name = Graph().variable(variable)
    raised = "" if order == 1 else f"^{{{order}}}"

    def power(base: str) -> str:
        return base if order == 1 else f"<msup>{base}<mn>{order}</mn></msup>"

    below = power(MathmlPrinter().name_text(variable))
    fraction = f"<mfrac><mrow>{power('<mi>d</mi>')}</mrow><mrow><mi>d</mi>{below}</mrow></mfrac>"
    return Displayed(
        f"{fraction}<mrow><mo>[</mo>{formula.mathml}<mo>]</mo></mrow>",
        rf"\frac{{d{raised}}}{{d {to_latex(name)}{raised}}}\left[{formula.latex}\right]",
    )
