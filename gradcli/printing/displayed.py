r"""Formulas as they are displayed in notebooks: MathML, which every browser shows, and LaTeX for papers."""

from __future__ import annotations

from gradcli.graph import Node, array_node
from gradcli.markup import Html
from gradcli.printing.latex import LatexPrinter, to_latex
from gradcli.printing.mathml import MathmlPrinter, to_mathml
from gradcli.records import NamedTuple

__all__ = ["Displayed", "derivative_of", "displayed"]


class Displayed(NamedTuple):
    """A formula in both notations.

    Attributes:
        mathml: the content of a ``math`` element; None for arrays, for which MathML has text alone.
        latex: the formula in LaTeX, without dollar signs.
    """

    mathml: str | None
    latex: str

    @property
    def html(self) -> Html | None:
        """The formula as HTML, and as LaTeX without markup; None for arrays."""
        if self.mathml is None:
            return None
        return Html(f'<math displaystyle="true"><mrow>{self.mathml}</mrow></math>', self.latex)

    @property
    def math(self) -> str:
        """The formula in LaTeX with dollar signs, as notebooks take it."""
        return rf"$\displaystyle {self.latex}$"

    def equals(self, other: Displayed) -> Displayed:
        """Return the equation of this formula and another."""
        return _composed("{}<mo>=</mo>{}", "{} = {}", self, other)

    def plus_remainder(self, power: Displayed) -> Displayed:
        """Return the formula with a remainder of the order of ``power`` added to it."""
        mathml = "{}<mo>+</mo><mi>O</mi><mrow><mo>(</mo>{}<mo>)</mo></mrow>"
        return _composed(mathml, r"{} + O\left({}\right)", self, power)


def _composed(mathml: str, latex: str, *parts: Displayed) -> Displayed:
    """Return formulas put into a template of each notation."""
    contents = [part.mathml for part in parts if part.mathml is not None]
    whole = mathml.format(*contents) if len(contents) == len(parts) else None
    return Displayed(whole, latex.format(*[part.latex for part in parts]))


def displayed(root: Node) -> Displayed:
    """Return a formula in both notations.

    >>> from gradcli.evaluate.expression import parse
    >>> displayed(parse("x^2").root).latex, displayed(parse("A @ x").root).mathml
    ('x^{2}', None)
    """
    return Displayed(None if array_node(root) is not None else to_mathml(root), to_latex(root))


def derivative_of(formula: Displayed, variable: str, order: int = 1) -> Displayed:
    r"""Return the derivative that remains to be taken of a formula.

    >>> from gradcli.evaluate.expression import parse
    >>> derivative_of(displayed(parse("x^2").root), "x", 2).latex
    '\\frac{d^{2}}{d x^{2}}\\left[x^{2}\\right]'
    """
    raised = "" if order == 1 else f"^{{{order}}}"

    def power(base: str) -> str:
        return base if order == 1 else f"<msup>{base}<mn>{order}</mn></msup>"

    below = power(MathmlPrinter().name_text(variable))
    fraction = f"<mfrac><mrow>{power('<mi>d</mi>')}</mrow><mrow><mi>d</mi>{below}</mrow></mfrac>"
    latex = rf"\frac{{d{raised}}}{{d {LatexPrinter().name_text(variable)}{raised}}}\left[{formula.latex}\right]"
    if formula.mathml is None:
        return Displayed(None, latex)
    return Displayed(f"{fraction}<mrow><mo>[</mo>{formula.mathml}<mo>]</mo></mrow>", latex)
