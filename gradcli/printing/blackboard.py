"""The lines of a derivation, numbered, as they are written on a blackboard: for the terminal, and as LaTeX."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from gradcli.graph import Node, toposort
from gradcli.graph.derivation import DIFF, Step, copied
from gradcli.graph.signed import signed_terms
from gradcli.printing.latex import LatexPrinter, to_latex
from gradcli.printing.printer import ATOM, LOOSEST, Piece
from gradcli.printing.text import TextPrinter
from gradcli.records import NamedTuple

__all__ = ["Line", "board_text", "names_in", "numbered", "to_align", "with_derivatives"]

#: A sum with a longer text is broken into several lines of LaTeX.
_LONGEST: Final = 60


class Line(NamedTuple):
    """A numbered line of a derivation.

    Attributes:
        number: its number, such as ``"2.1"`` for the first of the lines that find the derivatives in line 2.
        step: the equation.
        goes_on: whether its left side is the right side of the last line before it that has the same depth.
    """

    number: str
    step: Step
    goes_on: bool


def numbered(steps: Iterable[Step]) -> list[Line]:
    """Return the lines of a derivation with their numbers.

    >>> from gradcli import parse
    >>> from gradcli.graph.derivation import derivation
    >>> from gradcli.printing.text import text_length
    >>> root = parse("sin(x^2)").root
    >>> steps = derivation(root, root.graph.variable("x"), [parse("2*x*cos(x^2)").root], text_length)
    >>> [(line.number, line.step.rule, line.goes_on) for line in numbered(steps)]
    [('1', 'chain rule, derivative of sin', False), ('1.1', 'power rule', False), ('2', 'insert the derivative', True)]
    """
    lines: list[Line] = []
    counts: list[int] = []
    last: list[Node] = []
    for step in steps:
        del counts[step.depth + 1 :], last[step.depth + 1 :]
        if len(counts) == step.depth:
            counts.append(0)
            last.append(step.before)
            goes_on = False
        else:
            goes_on = last[step.depth] is step.before
        counts[step.depth] += 1
        last[step.depth] = step.after
        lines.append(Line(".".join(map(str, counts)), step, goes_on))
    return lines


class _Board(TextPrinter):
    """The notation of expressions, with ``d/dx[...]`` for a derivative that remains to be taken."""

    def pieces(self, node: Node) -> tuple[int, Sequence[Piece]]:
        if node.primitive is DIFF:
            formula, variable = node.operands
            return ATOM, [f"d/d{variable.name}[", (formula, LOOSEST), "]"]
        return super().pieces(node)


def board_text(root: Node, names: Mapping[Node, str] | None = None) -> str:
    """Return a formula of a derivation as text for people.

    Args:
        root: the formula.
        names: the names of the nodes that are written as a name.

    >>> from gradcli import parse
    >>> root = parse("x^2").root
    >>> board_text(root.graph.add(DIFF, (root, root.graph.variable("x"))))
    'd/dx[x^2]'
    """
    return _Board().write(root, names=names) if names else _Board().write_all(root)


class _LatexBoard(LatexPrinter):
    """The notation of LaTeX, with a fraction before brackets for a derivative that remains to be taken."""

    def pieces(self, node: Node) -> tuple[int, Sequence[Piece]]:
        if node.primitive is DIFF:
            formula, variable = node.operands
            fraction = rf"\frac{{d}}{{d{self.name_text(variable.name or '')}}}"
            return ATOM, [rf"{fraction}\left[", (formula, LOOSEST), r"\right]"]
        return super().pieces(node)


def with_derivatives(root: Node, names: Mapping[Node, str] | None = None) -> str:
    r"""Return a formula of a derivation as LaTeX.

    Args:
        root: the formula.
        names: the names of the nodes that are written as a name.

    >>> from gradcli import parse
    >>> root = parse("x^2").root
    >>> with_derivatives(root.graph.add(DIFF, (root, root.graph.variable("x"))))
    '\\frac{d}{dx}\\left[x^{2}\\right]'
    """
    return to_latex(root, _LatexBoard(), names)


def names_in(lines: Sequence[Line], definitions: Mapping[str, Node]) -> dict[Node, str]:
    """Return the definitions that a derivation has: the nodes of its graph, and their names.

    A name is left out if a variable has it, too.

    Args:
        lines: the lines of the derivation.
        definitions: the names that the user defined, and their nodes.
    """
    root = lines[0].step.before.operands[0]
    order = set(toposort([root]))
    taken = {node.name for node in order if node.primitive is None}
    found: dict[Node, str] = {}
    for name, value in definitions.items():
        node = copied(value, root.graph)
        if node.primitive is not None and node in order and node is not root and name not in taken:
            found.setdefault(node, name)
    return found


def to_align(lines: Sequence[Line], names: Mapping[Node, str] | None = None) -> str:
    r"""Return the lines of a derivation as an ``align*`` of LaTeX: number, equation and rule.

    Args:
        lines: the lines.
        names: the names of the nodes that are written as a name, except in the last formula; their definitions come
            first.

    >>> from gradcli import parse
    >>> from gradcli.graph.derivation import derivation
    >>> from gradcli.printing.text import text_length
    >>> root = parse("x^2").root
    >>> print(to_align(numbered(derivation(root, root.graph.variable("x"), [parse("2*x").root], text_length))))
    \begin{align*}
    &\text{1} & \frac{d}{dx}\left[x^{2}\right] &= 2 \, x && \text{power rule}
    \end{align*}
    """
    names = names or {}
    printer = _LatexBoard()
    rows = [
        rf"& & {printer.name_text(name)} &= {with_derivatives(node, names)} && \text{{definition}}"
        for node, name in names.items()
    ]
    for place, (number, step, goes_on) in enumerate(lines, 1):
        left = "" if goes_on else f"{with_derivatives(step.before, names)} "
        first, *others = _broken(step.after, names if place < len(lines) else {})
        rows.append(rf"&\text{{{number}}} & {left}&= {first} && {_words(step.rule)}")
        rows += [rf"& & &\quad {part}" for part in others]
    return "\\begin{align*}\n" + " \\\\\n".join(rows) + "\n\\end{align*}"


def _words(rule: str) -> str:
    r"""Return the names of rules as LaTeX.

    >>> print(_words("use sin^2 + cos^2 = 1"), _words("derivative of leaky_relu"))
    \text{use sin$^2$ + cos$^2$ = 1} \text{derivative of leaky\_relu}
    """
    escaped = re.sub(r"\^(.)", r"$^\1$", rule.replace("_", r"\_"))
    return rf"\text{{{escaped}}}"


def _broken(root: Node, names: Mapping[Node, str]) -> list[str]:
    """Return the LaTeX of a formula in parts: a long sum is broken before some of its signs."""
    terms = signed_terms(root)
    parts: list[list[tuple[int, Node]]] = [[]]
    size = 0
    for sign, term in terms:
        length = len(board_text(term, names))
        if parts[-1] and size + length > _LONGEST:
            parts.append([])
            size = 0
        parts[-1].append((sign, term))
        size += length
    if len(parts) == 1:
        return [with_derivatives(root, names)]
    texts = []
    for part in parts:
        pieces = []
        for sign, term in part:
            text = with_derivatives(term, names)
            if text.startswith("-"):
                text = rf"\left({text}\right)"
            pieces.append(f"{'-' if sign < 0 else '+'} {text}")
        texts.append(" ".join(pieces))
    texts[0] = texts[0].removeprefix("+ ")
    return texts
