"""Sheets of exercises, and their keys, as documents of LaTeX, Markdown or HTML.

A sheet is a title, a sentence, and numbered items, each of which consists of equations.  Each notation writes these in
its own way, and escapes special characters in words.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gradcli.files import format_of, write_atomically
from gradcli.graph import Node, toposort
from gradcli.printing.blackboard import numbered, with_derivatives
from gradcli.printing.mathml import to_mathml
from gradcli.records import NamedTuple

if TYPE_CHECKING:
    from gradcli.evaluate.exercises import Exercise

__all__ = ["SHEETS", "write_sheet"]


class Equation(NamedTuple):
    """An equation of an item.

    Attributes:
        left: the left side: a formula, ``"y"`` or ``"y'"``; None if the equation goes on from the one before.
        right: the right side.
        rule: the names of the rules behind it.
        is_step: whether it is a step to the answer, and not the exercise or the answer.
        depth: how far a step is indented.
    """

    left: Node | str | None
    right: Node
    rule: str = ""
    is_step: bool = False
    depth: int = 0


class Sheet(NamedTuple):
    """The content of a document.

    Attributes:
        title: its title.
        lead: the sentences below the title.
        items: the equations of each numbered item; the first one is the exercise.
        is_key: whether it is a key; a sheet has room for a name and for work.
        command: the command that makes the sheet again; it is printed on a key only, because it gives the key, too.
    """

    title: str
    lead: str
    items: Sequence[Sequence[Equation]]
    is_key: bool = False
    command: str = ""


class _Notation(ABC):
    """The notation of a document."""

    @abstractmethod
    def document(self, sheet: Sheet) -> str:
        """Return the whole document."""

    @abstractmethod
    def words(self, text: str) -> str:
        """Return words with their special characters escaped."""

    def equation(self, equation: Equation) -> str:
        """Return an equation as LaTeX."""
        left = equation.left if isinstance(equation.left, str | None) else with_derivatives(equation.left)
        return f"{left or ''} = {with_derivatives(equation.right)}".lstrip()


class _Latex(_Notation):
    """A document for pdflatex, which needs only packages that every installation has."""

    def document(self, sheet: Sheet) -> str:
        lines = [
            r"\documentclass[11pt]{article}",
            r"\usepackage[margin=25mm]{geometry}",
            r"\usepackage{amsmath}",
            r"\setlength{\parindent}{0pt}",
            r"\setlength{\jot}{6pt}",
            r"\pagestyle{empty}",
            r"\begin{document}",
            rf"\section*{{{self.words(sheet.title)}}}",
            *([] if sheet.is_key else [r"Name: \hrulefill\quad Date: \underline{\hspace{35mm}}", r"\bigskip", ""]),
            self.words(sheet.lead),
            r"\begin{enumerate}",
        ]
        for item in sheet.items:
            lines.append("\\item " + " \\\\[\\jot]\n".join(map(self.line, item)))
            lines += [] if sheet.is_key else [r"\vspace{28mm}"]
        lines.append(r"\end{enumerate}")
        lines += [rf"\texttt{{{self.words(sheet.command)}}}"] if sheet.is_key else []
        return "\n".join([*lines, r"\end{document}", ""])

    def line(self, equation: Equation) -> str:
        """Return an equation with its rules; a step is indented and smaller."""
        text = rf"$\displaystyle {self.equation(equation)}$"
        if equation.rule:
            text += rf"\quad \textit{{{self.words(equation.rule)}}}"
        indent = 1.5 * (1 + equation.depth)
        return rf"{{\small\hspace*{{{indent}em}}{text}}}" if equation.is_step else text

    def words(self, text: str) -> str:
        return re.sub(r"[\\{}$&#^_%~]", lambda found: _TEX[found[0]], text)


_TEX: Final = {
    **{sign: f"\\{sign}" for sign in "{}$&#_%"},
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
}


class _Markdown(_Notation):
    """Markdown with formulas between dollar signs, as GitHub, Jupyter and Pandoc read it."""

    def document(self, sheet: Sheet) -> str:
        parts = [f"# {self.words(sheet.title)}", *([] if sheet.is_key else ["Name:", "Date:"]), self.words(sheet.lead)]
        for number, item in enumerate(sheet.items, 1):
            first, *others = [f"${self.equation(one)}$" for one in item]
            lines = [f"{number}. {first}"]
            for equation, text in zip(item[1:], others, strict=True):
                rule = f" ({self.words(equation.rule)})" if equation.rule else ""
                lines.append(f"{' ' * 4 * (1 + equation.is_step + equation.depth)}- {text}{rule}")
            parts.append("\n".join(lines))
        parts += [f"`{sheet.command}`"] if sheet.is_key else []
        return "\n\n".join(parts) + "\n"

    def words(self, text: str) -> str:
        return re.sub(r"([\\`*_{}\[\]<>#$|])", r"\\\1", text)


class _Html(_Notation):
    """A page without scripts and without anything from elsewhere; its formulas are MathML."""

    def document(self, sheet: Sheet) -> str:
        items = "\n".join(f"<li>{''.join(map(self.line, item))}</li>" for item in sheet.items)
        fields = "" if sheet.is_key else '<p class="fields"><span>Name:</span><span>Date:</span></p>\n'
        command = f"<footer><code>{self.words(sheet.command)}</code></footer>\n" if sheet.is_key else ""
        return (
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{self.words(sheet.title)}</title>\n<style>\n{_STYLE}</style>\n</head>\n"
            f'<body class="{"key" if sheet.is_key else "sheet"}">\n<h1>{self.words(sheet.title)}</h1>\n{fields}'
            f"<p>{self.words(sheet.lead)}</p>\n<ol>\n{items}\n</ol>\n{command}</body>\n</html>\n"
        )

    def line(self, equation: Equation) -> str:
        """Return an equation with its rules; a step is indented and smaller."""
        indent = 1.5 * (1 + equation.depth)
        start = f'<div class="step" style="padding-left: {indent}em">' if equation.is_step else "<div>"
        rule = f" <i>{self.words(equation.rule)}</i>" if equation.rule else ""
        return f'{start}<math displaystyle="true">{self.equation(equation)}</math>{rule}</div>'

    def equation(self, equation: Equation) -> str:
        left = _NAMES.get(equation.left, "") if isinstance(equation.left, str | None) else to_mathml(equation.left)
        return f"<mrow>{left}</mrow><mo>=</mo><mrow>{to_mathml(equation.right)}</mrow>"

    def words(self, text: str) -> str:
        return escape(text)


_NAMES: Final[dict[str | None, str]] = {"y": "<mi>y</mi>", "y'": '<mi>y</mi><mo lspace="0" rspace="0">′</mo>'}
_STYLE: Final = """\
:root { color-scheme: light dark; }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; font: 1.05rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; }
.fields { display: flex; gap: 2rem; }
.fields span { flex: 1; border-bottom: 1px solid; }
.fields span:first-child { flex: 2; }
math { font-size: 1.15em; }
li { padding-left: .5rem; break-inside: avoid; }
.sheet li { margin-bottom: 7rem; }
.key li { margin-bottom: 1.4rem; }
.key div { padding: .15rem 0; }
.step { font-size: .85em; opacity: .85; }
i { margin-left: 1.5em; opacity: .8; }
footer { margin-top: 2rem; font-size: .85rem; opacity: .75; }
@media print { body { max-width: none; margin: 0; } }
"""

#: The suffix of a file -> the notation of its document.
SHEETS: Final[dict[str, _Notation]] = {"tex": _Latex(), "md": _Markdown(), "html": _Html()}


def write_sheet(path: str, title: str, exercises: Sequence[Exercise], command: str) -> list[str]:
    """Write a sheet of exercises and, as a file of its own, its key; return the names of both files.

    Args:
        path: the file of the sheet; its suffix chooses the notation, and ``-key`` before it gives the file of the key.
        title: the title of the sheet.
        exercises: the exercises.
        command: the command that makes the same sheet again.

    Raises:
        UsageError: there is no notation for the suffix.
        UnavailableError: a file can't be written.
    """
    notation = SHEETS[format_of(path, tuple(SHEETS), "sheet")]
    lead = f"Differentiate with respect to {exercises[0].variable}."
    if any(_has_logarithm(one.question.root) for one in exercises):
        lead += " Here log is the natural logarithm."
    questions = [Equation("y", one.question.root) for one in exercises]
    keys = [[question, *_solution(one)] for question, one in zip(questions, exercises, strict=True)]
    target = Path(path)
    files = {
        path: Sheet(title, lead, [[one] for one in questions]),
        str(target.with_name(f"{target.stem}-key{target.suffix}")): Sheet(f"{title}: key", lead, keys, True, command),
    }
    texts = {name: notation.document(sheet) for name, sheet in files.items()}
    for name, text in texts.items():
        write_atomically(name, text.encode())
    return list(texts)


def _has_logarithm(root: Node) -> bool:
    return any(node.primitive is not None and node.primitive.name == "log" for node in toposort([root]))


def _solution(exercise: Exercise) -> list[Equation]:
    """Return the answer, and the steps to it if there are several."""
    if len(exercise.steps) == 1:
        return [Equation("y'", exercise.formula, exercise.steps[0].rule)]
    steps = [
        Equation(None if line.goes_on else line.step.before, line.step.after, line.step.rule, True, line.step.depth)
        for line in numbered(exercise.steps)
    ]
    return [Equation("y'", exercise.formula), *steps]
