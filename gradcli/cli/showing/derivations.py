"""``diff --steps``: derivatives line by line, as on a blackboard."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from textwrap import wrap
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gradcli.cli.showing.derivatives import derivative_name
from gradcli.cli.showing.output import Cell, Output
from gradcli.graph.derivation import Step, copied, derivation
from gradcli.graph.formula import derivative_formula
from gradcli.printing.blackboard import Line, board_text, names_in, numbered, to_align, with_derivatives
from gradcli.printing.text import text_length, to_text

if TYPE_CHECKING:
    from gradcli.evaluate.derivative_formulas import DerivativeFormulas
    from gradcli.evaluate.expression import Expression
    from gradcli.graph import Node
    from gradcli.markup import Html

__all__ = ["derivations", "documents_of", "show_derivations", "steps_entry"]

#: The fewest columns for the names of rules, and for equations.
_RULES = 26
_NARROWEST = 30

#: For each component of an expression: variable -> the lines of its derivative.
Derivations = Sequence[Mapping[str, Sequence[Line]]]


def derivations(expression: Expression, found: DerivativeFormulas, order: int, *, every: bool) -> Derivations:
    """Return the derivations of all derivatives.

    Args:
        expression: the expression that was differentiated.
        found: its derivatives.
        order: their order.
        every: whether each rule has a line of its own.

    Raises:
        LimitError: a derivation is too long.
        ExpressionError: there is an operation on arrays.
    """
    components = expression.components
    if components is None:
        expression.refuse_arrays("a derivation in steps")
    roots = [expression.root] if components is None else components
    rows = []
    for root, row in zip(roots, found.rows, strict=True):
        lines = {}
        for name, last in row.items():
            target = expression.graph.variable(name)
            lower = [derivative_formula(root, target, number, text_length).root for number in range(1, order)]
            lines[name] = numbered(derivation(root, target, [*lower, last], text_length, every=every))
        rows.append(lines)
    return rows


def steps_entry(found: Derivations, definitions: Mapping[str, Node], *, latex: bool) -> Any:
    """Return the entry ``steps`` of a document.

    It is a list of lines; for several variables a dictionary of lists, and for a vector a list with an entry for each
    component.

    Args:
        found: the derivations.
        definitions: the definitions whose names the text of the derivative may contain.
        latex: whether formulas are LaTeX.
    """
    rows = [
        {name: documents_of([line.step for line in lines], definitions, latex=latex) for name, lines in row.items()}
        for row in found
    ]
    entries = [row if len(row) > 1 else next(iter(row.values())) for row in rows]
    return entries if len(entries) > 1 else entries[0]


def documents_of(
    steps: Sequence[Step], definitions: Mapping[str, Node] = MappingProxyType({}), *, latex: bool = False
) -> list[dict[str, Any]]:
    """Return the lines of one derivation as documents, with formulas as text or as LaTeX.

    Args:
        steps: the lines.
        definitions: the definitions whose names the text of the last formula may contain.
        latex: whether formulas are LaTeX.
    """
    write = with_derivatives if latex else to_text
    found = [{"rule": one.rule, "from": write(one.before), "to": write(one.after), "depth": one.depth} for one in steps]
    if definitions and not latex:
        last = steps[-1].after
        found[-1]["to"] = to_text(last, {name: copied(node, last.graph) for name, node in definitions.items()})
    return found


def show_derivations(
    output: Output, definitions: Mapping[str, Node], found: Derivations, order: int, *, latex: bool
) -> None:
    """Print derivations: each under its name if there are several.

    On a terminal and in LaTeX, defined names stay names; in a pipe each line can be read by itself.

    Args:
        output: the object that prints the derivations.
        definitions: the names that the user defined.
        found: the derivations.
        order: the order of the derivatives.
        latex: whether to print LaTeX.
    """
    are_several = len(found) > 1 or len(found[0]) > 1
    is_first = True
    for place, row in enumerate(found, 1):
        for name, lines in row.items():
            title = derivative_name(name, order, f"f{place}" if len(found) > 1 else "")
            names = names_in(lines, definitions)
            if latex:
                for text in [*([f"% {title}"] if are_several else []), *to_align(lines, names).split("\n")]:
                    output.line(text)
                continue
            if output.form != "table":
                ahead = [title] if are_several else []
                texts = documents_of([line.step for line in lines], {} if are_several else definitions)
                rows = [
                    [*ahead, line.number, text["rule"], text["from"], text["to"]]
                    for line, text in zip(lines, texts, strict=True)
                ]
                output.table([], rows)
                continue
            if not is_first:
                output.line()
            is_first = False
            if are_several:
                output.line(title, style="cyan")
            _show_table(output, lines, names)


def _show_table(output: Output, lines: Sequence[Line], names: Mapping[Node, str]) -> None:
    """Print a derivation in three columns: number, equation and rule."""
    rules = max(_RULES, output.terminal.width // 3)
    width = max(_NARROWEST, output.terminal.width - rules - max(len(line.number) for line in lines) - 6)
    rows: list[list[Cell]] = [
        ["", "\n".join(_broken(f"{name} = {board_text(node, names)}", width)), "definition"]
        for node, name in names.items()
    ]
    for place, line in enumerate(lines):
        is_last = place == len(lines) - 1
        if place and not line.step.depth and not line.goes_on:
            rows.append(["", "", ""])
        if output.shows_pictures:
            rows.append([line.number, _displayed_equation(line, names), line.step.rule])
            continue
        rule = "\n".join(wrap(line.step.rule, rules))
        equation = "\n".join(_equation(line, names, width))
        rows.append([line.number, [(equation, "bold" if is_last else "")], rule])
    output.table(["", "", ""], rows, styles=["cyan", "", "dim"])


def _displayed_equation(line: Line, names: Mapping[Node, str]) -> Html:
    """Return an equation as a notebook shows it."""
    from gradcli.markup import Html
    from gradcli.printing.mathml import to_mathml

    before = "" if line.goes_on else to_mathml(line.step.before, names=names)
    formula = f"{before}<mo>=</mo>{to_mathml(line.step.after, names=names)}"
    indent = f'<span style="padding-left:{2 * line.step.depth}em"></span>'
    [text] = _equation(line, names, sys.maxsize)
    return Html(f'{indent}<math displaystyle="true"><mrow>{formula}</mrow></math>', text)


def _equation(line: Line, names: Mapping[Node, str], width: int) -> list[str]:
    """Return an equation in lines of at most ``width`` columns; only a part that can't be broken is longer."""
    indent = "  " * line.step.depth
    before = "" if line.goes_on else board_text(line.step.before, names)
    after = f"= {board_text(line.step.after, names)}"
    text = f"{before} {after}".strip()
    if len(indent) + len(text) <= width:
        return [indent + text]

    left = _broken(before, width - len(indent)) if before else []
    right = _broken(after, width - len(indent) - (2 if left else 0))
    return [indent + line for line in [*left, *["  " + line if left else line for line in right]]]


def _broken(text: str, width: int) -> list[str]:
    """Return a text in lines, broken before operators: best outside of parentheses, and rather before + than before *.

    >>> _broken("= diff(x + 1, x)*exp(x) + (x + 1)*exp(x)", 30)
    ['= diff(x + 1, x)*exp(x)', '    + (x + 1)*exp(x)']
    """
    lines: list[str] = []
    indent = ""
    while len(indent + text) > width:
        depth, places = 0, []
        for place, character in enumerate(text[: width - len(indent) + 1]):
            depth += (character in "([") - (character in ")]")
            # A sign stays with the term behind it, and d/dx is one name.
            if character == " " and place > 1 and text[place - 1] not in "=+-<>":
                places.append((-2 * depth, place))
            elif character in "*/" and place > 2 and text[place - 1 : place + 2] != "d/d":
                places.append((-2 * depth - 1, place))
        if not places:
            break
        place = max(places)[1]
        lines.append(indent + text[:place])
        text, indent = text[place:].lstrip(), "    "
    return [*lines, indent + text]
