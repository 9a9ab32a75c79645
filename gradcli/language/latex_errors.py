r"""Syntax errors of LaTeX in words: each names the part of the text that is not understood."""

from __future__ import annotations

import re
from typing import Final

from gradcli.errors import ExpressionError
from gradcli.language.grammar import END, UNKNOWN
from gradcli.language.parser import Unexpected
from gradcli.source import Source, Span, did_you_mean

__all__ = ["latex_error"]

#: Commands that have a meaning on paper, but none here -> the sentence, and the hint.
_REFUSED: Final = {
    **dict.fromkeys(["int", "iint", "oint"], ("an integral isn't supported", None)),
    **dict.fromkeys(
        ["sum", "prod"],
        ("a sum or a product needs an index and bounds", r"for example `\sum_{k=1}^{5} k^2`"),
    ),
    "lim": ("a limit isn't supported", None),
    **dict.fromkeys(["pm", "mp"], ("`\\pm` means two expressions", "choose one of the two signs")),
    **dict.fromkeys(["dots", "ldots", "cdots"], ("an ellipsis isn't supported", r"for example `\sum_{k=1}^{5} k^2`")),
    **dict.fromkeys(
        ["nabla", "partial"], ("this derivative isn't supported", r"for example `\frac{\partial}{\partial x} x^2`")
    ),
    **dict.fromkeys(["mid", "sim", "in", "to", "rightarrow", "mapsto"], ("a formula can't have this relation", None)),
    **dict.fromkeys(["approx", "propto", "equiv"], ("a formula can't have this relation", "an equation has `=`")),
    "det": ("a determinant isn't supported", None),
    "circ": ("degrees aren't supported", r"multiply by `\frac{\pi}{180}`"),
    "prime": ("a prime belongs between a function and its parenthesis", "for example `f(t) = t^2; f'(3)`"),
}  # fmt: skip
#: The commands that are read, for suggestions.
_KNOWN: Final = (  # noqa: SIM905
    "frac dfrac tfrac binom sqrt sin cos tan cot sec csc sinh cosh tanh coth arcsin arccos arctan exp ln log lg"
    " max min left right cdot times div le ge ne lfloor rfloor lceil rceil lvert rvert lVert rVert begin end"
    " operatorname mathrm mathbf text hat bar vec alpha beta gamma delta epsilon zeta eta theta iota kappa"
    " lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi"
    " Omega infty sum prod partial"
).split()
_ENDS: Final = frozenset({
    "NUMBER", "SCIENTIFIC", "NAME", "RPAR", "RBRACE", "RSQB", "RCURLY", "FACTORIAL", "SHORT_FRACTION", "TRANSPOSED",
    "BAR", "RBAR", "NORM", "RNORM", "RFLOOR", "RCEIL", "END_CASES", "END_MATRIX", "INDEX",
})  # fmt: skip
#: The terminal that closes -> the signs that open and close.
_CLOSING: Final = {
    "RBRACE": ("{", "}"), "RPAR": ("(", ")"), "RSQB": ("[", "]"), "RCURLY": (r"\{", r"\}"), "BAR": ("|", "|"),
    "RBAR": (r"\left|", r"\right|"), "NORM": (r"\|", r"\|"), "RNORM": (r"\lVert", r"\rVert"),
    "RFLOOR": (r"\lfloor", r"\rfloor"), "RCEIL": (r"\lceil", r"\rceil"),
    "END_CASES": (r"\begin{cases}", r"\end{cases}"), "END_MATRIX": (r"\begin{pmatrix}", r"\end{pmatrix}"),
}  # fmt: skip
_WORD: Final = re.compile(r"\\(?:begin|end)\s*\{[^{}]*\}|\\[A-Za-z]+\*?|\\[\s\S]|[\s\S]")


def latex_error(error: Unexpected, source: Source) -> ExpressionError:
    """Return the error to report to a user for an error of the parser in a text in LaTeX.

    Args:
        error: the error of the parser.
        source: the text.
    """
    token, previous, expected, text = error.token, error.previous, error.accepted, source.text
    before, word = previous.text if previous is not None else "", token.text
    ends_operand = previous is not None and previous.kind in _ENDS
    span, kind = Span(token.start, token.end), "syntax"
    message: str
    hint: str | None = None
    if token.kind == UNKNOWN:
        return _unknown(token.start, source)
    if token.kind == END:
        end = len(text.rstrip()) or len(text)
        span = Span(end, end)
        opened = next((name for name in _CLOSING if name in expected), None) if ends_operand else None
        if previous is None:
            message, hint = "the expression is empty", r"for example `\frac{1}{2} m v^2`"
        elif opened is not None:
            signs = _CLOSING[opened]
            message, hint = f"the expression ends, but a `{signs[0]}` is still open", f"close it with `{signs[1]}`"
        elif not ends_operand:
            message = f"the expression ends after `{before.strip()}`, where a value is missing"
        else:
            message = f"the expression ends after `{before.strip()}`, where more is needed"
    elif token.kind in ("NUMBER", "SCIENTIFIC") and ends_operand:
        kind = "missing_operator"
        message = f"an operator is missing between `{before}` and `{word}`"
        hint = r"write a number as the first factor, or behind `\cdot`"
        if previous is not None and previous.kind == "NUMBER":
            hint = f"write `{before}{word}` for one number"
        elif previous is not None and previous.end == token.start and "_" in before[-2:]:
            span, kind = Span(previous.start, token.end), "ambiguous"
            message = f"TeX takes only the first character of the index in `{before}{word}`"
            hint = f"write `{before[:-1]}{{{before[-1]}{word}}}`"
    elif token.kind == "DEFINES" and ends_operand:
        message, hint = "there is a second `=`", "an equation has one `=`, and its right side is read"
    elif token.kind == "POWER" and ends_operand:
        message = "the base of this power is itself a power, or the argument of a function in braces"
        hint = r"put parentheses around the base: `\left(x^2\right)^3`, `\sin\left(x\right)^2`"
    elif token.kind == "INDEX":
        message, hint = f"the index `{word}` belongs to no name", "write an index behind a letter: `x_{1}`"
    elif token.kind in ("BAR", "NORM") and ends_operand:
        message = f"nobody can tell whether this `{word}` opens or closes"
        hint = r"write `\left|x\right|`" if token.kind == "BAR" else r"write `\lVert x \rVert`"
    elif token.kind in _CLOSING:
        closed = word.removeprefix("\\right").strip()
        message = f"this `{closed}` closes nothing" if ends_operand else f"a value is missing before `{closed}`"
    elif token.kind == "COMMA":
        message = "a `,` is allowed only between arguments"
        if previous is not None and previous.kind == "NUMBER":
            hint = "write decimals with a point: `1.5`"
    elif token.kind == "AMPERSAND":
        message = "a `&` is allowed only in matrices and cases"
    elif previous is None:
        message = f"an expression can't begin with `{word.strip()}`"
    elif not ends_operand:
        message = f"a value is missing between `{before.strip()}` and `{word.strip()}`"
        if previous.kind == "POWER" and token.kind == "SIGN":
            message, hint = f"TeX takes only the `{word}` as the exponent", "put braces around it: `x^{-1}`"
    else:
        message = f"`{word.strip()}` isn't allowed here"
    return ExpressionError(message, kind=kind, span=span, source=source, hint=hint)


def _unknown(position: int, source: Source) -> ExpressionError:
    """Return the error for a command or a character without a meaning in formulas."""
    match = _WORD.match(source.text, position)
    assert match is not None
    word = match.group()
    name = word.removeprefix("\\")
    message, hint = f"the character `{word}` means nothing here", None
    kind = "character"
    if word.startswith("\\"):
        kind = "command"
        message, hint = _REFUSED.get(name, (f"`{word}` isn't {'allowed here' if name in _KNOWN else 'known'}", None))
        guess = did_you_mean(name, _KNOWN) if name not in (*_REFUSED, *_KNOWN) and name.isalpha() else None
        hint = f"did you mean `\\{guess}`?" if guess is not None else hint
    elif word == "'":
        hint = "a prime belongs between a function and its parenthesis: `f(t) = t^2; f'(3)`"
    elif word == "_":
        message, hint = "an index is missing behind `_`", "write an index behind a letter: `x_{1}`"
    elif word == ".":
        hint = "a number needs a digit next to its point"
    return ExpressionError(message, kind=kind, span=Span(match.start(), match.end()), source=source, hint=hint)
