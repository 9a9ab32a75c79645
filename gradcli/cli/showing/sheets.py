r"""Sheets of exercises, and their keys, as documents of LaTeX, Markdown or HTML.

A sheet is a title, a sentence, and numbered items.  An item consists of lines; a line has a text, an equation, or both.
Each notation says how these look; all of them escape the text.
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
from gradcli.records import NamedTuple

if TYPE_CHECKING:
    from gradcli.evaluate.exercises import Exercise

__all__ = ["SHEETS", "write_sheet"]

#: The left side of an equation: the name of the function, or of its derivative.
_FUNCTION, _DERIVATIVE = "y", "y'"


class Line(NamedTuple):
    """A line of an item.

    Attributes:
        text: words before the equation; empty for none.
        left: the left side of the equation: a formula, ``"y"`` or ``"y'"``.
        right: the right side; None for no equation.
        depth: how far the line is indented.
    """

    text: str = ""
    left: Node | str = ""
    right: Node | None = None
    depth: int = 0


class Sheet(NamedTuple):
    """The content of a document.

    Attributes:
        title: its title.
        lead: the sentences below the title.
        items: the lines of each numbered item; the first one is the exercise.
        is_key: whether it is a key; a sheet has room for a name and for work.
        command: the command that makes the sheet again; it is printed on a key only, because it gives the key, too.
    """

    title: str
    lead: str
    items: Sequence[Sequence[Line]]
    is_key: bool = False
    command: str = ""


class _Notation(ABC):
    """How a sheet is written."""

    @abstractmethod
    def document(self, sheet: Sheet) -> str:
        """Return the whole document."""

    @abstractmethod
    def text(self, text: str) -> str:
        """Return words, escaped."""

    def formula(self, root: Node | str) -> str:
        """Return a side of an equation, by default as LaTeX."""
        from gradcli.printing.latex import to_latex

        return root if isinstance(root, str) else to_latex(root)

    def equation(self, line: Line) -> str:
        """Return the equation of a line, without the signs around it."""
        assert line.right is not None
        return f"{self.formula(line.left)} = {self.formula(line.right)}"


class _Latex(_Notation):
    r"""A document for pdflatex, which needs no package beyond those of every installation."""

    def document(self, sheet: Sheet) -> str:
        lines = [
            r"\documentclass[11pt]{article}",
            r"\usepackage[margin=25mm]{geometry}",
            r"\usepackage{amsmath}",
            r"\setlength{\parindent}{0pt}",
            r"\pagestyle{empty}",
            r"\begin{document}",
            rf"\section*{{{self.text(sheet.title)}}}",
            *([] if sheet.is_key else [r"Name: \hrulefill\quad Date: \underline{\hspace{35mm}}", r"\bigskip", ""]),
            self.text(sheet.lead),
            r"\begin{enumerate}",
        ]
        for item in sheet.items:
            lines.append(r"\item " + r" \\ ".join(map(self.line, item)))
            lines += [] if sheet.is_key else [r"\vspace{28mm}"]
        lines.append(r"\end{enumerate}")
        lines += [rf"\texttt{{{self.text(sheet.command)}}}"] if sheet.is_key else []
        return "\n".join([*lines, r"\end{document}", ""])

    def line(self, line: Line) -> str:
        indent = rf"\hspace*{{{2 * line.depth}em}}" if line.depth else ""
        text = self.text(line.text) + ": " if line.text and line.right is not None else self.text(line.text)
        equation = rf"$\displaystyle {self.equation(line)}$" if line.right is not None else ""
        return f"{indent}{text}{equation}"

    def text(self, text: str) -> str:
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
        parts = [f"# {self.text(sheet.title)}", *([] if sheet.is_key else ["Name:", "Date:"]), self.text(sheet.lead)]
        for number, item in enumerate(sheet.items, 1):
            lines = [f"    {'  ' * line.depth}- {self.line(line)}" for line in item[1:]]
            parts.append("\n".join([f"{number}. {self.line(item[0])}", *lines]))
        parts += [f"`{sheet.command}`"] if sheet.is_key else []
        return "\n\n".join(parts) + "\n"

    def line(self, line: Line) -> str:
        if line.right is None:
            return self.text(line.text)
        return f"{self.text(line.text)}: ${self.equation(line)}$" if line.text else f"${self.equation(line)}$"

    def text(self, text: str) -> str:
        return re.sub(r"([\\`*_{}\[\]<>#$|])", r"\\\1", text)


class _Html(_Notation):
    """A page without scripts and without anything from elsewhere; its formulas are MathML."""

    def document(self, sheet: Sheet) -> str:
        items = "\n".join(f"<li>{''.join(map(self.line, item))}</li>" for item in sheet.items)
        fields = "" if sheet.is_key else '<p class="fields"><span>Name:</span><span>Date:</span></p>\n'
        command = f"<footer><code>{self.text(sheet.command)}</code></footer>\n" if sheet.is_key else ""
        return (
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{self.text(sheet.title)}</title>\n<style>\n{_STYLE}</style>\n</head>\n"
            f'<body class="{"key" if sheet.is_key else "sheet"}">\n<h1>{self.text(sheet.title)}</h1>\n{fields}'
            f"<p>{self.text(sheet.lead)}</p>\n<ol>\n{items}\n</ol>\n{command}</body>\n</html>\n"
        )

    def line(self, line: Line) -> str:
        text = f"<span>{self.text(line.text)}</span> " if line.text else ""
        equation = f'<math displaystyle="true">{self.equation(line)}</math>' if line.right is not None else ""
        indent = f' style="margin-left: {2 * line.depth}em"' if line.depth else ""
        return f"<div{indent}>{text}{equation}</div>"

    def equation(self, line: Line) -> str:
        assert line.right is not None
        return f"<mrow>{self.formula(line.left)}</mrow><mo>=</mo><mrow>{self.formula(line.right)}</mrow>"

    def text(self, text: str) -> str:
        return escape(text)

    def formula(self, root: Node | str) -> str:
        from gradcli.printing.mathml import to_mathml

        if isinstance(root, str):
            return "<mi>y</mi>" if root == _FUNCTION else '<mi>y</mi><mo lspace="0" rspace="0">′</mo>'
        return to_mathml(root)


_STYLE: Final = """\
:root { color-scheme: light dark; }
body { max-width: 44rem; margin: 2rem auto; padding: 0 1rem; font: 1.05rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; }
.fields { display: flex; gap: 2rem; }
.fields span { flex: 1; border-bottom: 1px solid; }
.fields span:first-child { flex: 2; }
math { font-size: 1.15em; }
li { padding-left: .5rem; break-inside: avoid; }
.sheet li { margin-bottom: 7rem; }
.key li { margin-bottom: 1.2rem; }
.key li div { padding: .15rem 0; overflow-x: auto; }
.key span { opacity: .75; }
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
    questions = [[Line("", _FUNCTION, one.question.root)] for one in exercises]
    lead = f"Differentiate with respect to {exercises[0].variable}."
    if any(_has_logarithm(one.question.root) for one in exercises):
        lead += " Here log is the natural logarithm."
    keys = [[*question, *_solution(one)] for question, one in zip(questions, exercises, strict=True)]
    target = Path(path)
    files = {
        path: Sheet(title, lead, questions),
        str(target.with_name(f"{target.stem}-key{target.suffix}")): Sheet(f"{title}: key", lead, keys, True, command),
    }
    texts = {name: notation.document(sheet) for name, sheet in files.items()}
    for name, text in texts.items():
        write_atomically(name, text.encode())
    return list(texts)


def _has_logarithm(root: Node) -> bool:
    return any(node.primitive is not None and node.primitive.name == "log" for node in toposort([root]))


def _solution(exercise: Exercise) -> list[Line]:
    """Return the lines of the key: the derivative."""
    return [Line("", _DERIVATIVE, exercise.derivative.root)]
