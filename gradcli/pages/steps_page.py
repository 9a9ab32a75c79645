"""The page of a derivation: its lines, nested and collapsible, and the values of both sides at a point."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from gradcli.evaluate.expression import Expression
from gradcli.execute.tape import Tape
from gradcli.graph import Graph, Node, differentiate, toposort
from gradcli.graph.derivation import DIFF
from gradcli.markup import escaped
from gradcli.pages.programs import as_function, values_program
from gradcli.pages.skeleton import Page, document, section
from gradcli.pages.sliders import Slider, slider
from gradcli.primitives import Primitive
from gradcli.printing.blackboard import Line, names_in
from gradcli.printing.mathml import to_mathml
from gradcli.records import NamedTuple

__all__ = ["Derived", "steps_page"]

#: Where the sliders begin: the first of these numbers at which the function has a finite value.
_STARTS: Final = (1.0, 2.0, 0.5, -0.5, 1.5, -2.0, 0.1, 10.0)
#: The values of lines are computed if the formulas of all lines have at most so many operations.
_COMPUTED: Final = 20_000


class Derived(NamedTuple):
    """The derivation of one derivative.

    Attributes:
        title: the name of the derivative, such as ``d/dx``.
        lines: its lines.
        every: the lines if every rule has one; empty if there are no more of them than ``lines``, or too many.
    """

    title: str
    lines: Sequence[Line]
    every: Sequence[Line] = ()


def steps_page(expression: Expression, found: Sequence[Derived], *, every: bool = False) -> bytes:
    """Return the page of the derivations of an expression.

    Args:
        expression: the expression that was differentiated.
        found: a derivation for each derivative.
        every: whether the page opens with a line for every rule.
    """
    parts, sides, count = [], list[list[Node]](), 0
    for number, one in enumerate(found):
        kinds = {"usual": one.lines, "every": one.every}
        trees = []
        for kind, lines in kinds.items():
            if lines:
                names = names_in(lines, expression.definitions)
                is_hidden = bool(one.every) and (kind == "every") != every
                trees.append(_tree(lines, names, kind if one.every else "", count, is_hidden=is_hidden))
                sides.append([side for line in lines for side in (line.step.before, line.step.after)])
                count += len(sides[-1])
        parts.append(section(f"derivative-{number}", one.title, "\n".join(trees)))
    sliders, code = _computed(expression, sides)
    has_every = any(one.every for one in found)
    checked = " checked" if every else ""
    box = f'<input type="checkbox" id="every" autocomplete="off"{checked}>'
    switch = f"<label>{box} a line for every rule</label>" if has_every else ""
    tools = (
        '<div class="tools" role="group" aria-label="shown lines">\n'
        '<button type="button" id="open">Open all</button>\n<button type="button" id="close">Close all</button>\n'
        f"{switch}\n</div>\n"
    )
    values = ""
    if sliders:
        about = "<p>At the end of each line are the values of its left and right side at this point.</p>"
        values = section("values", "At a point", f'<div class="sliders" id="sliders"></div>\n{about}')
    data = {"variables": [one._asdict() for one in sliders]}
    main = f'{tools}<div class="columns">\n{values}<div id="derivations">\n{"".join(parts)}</div>\n</div>\n'
    return document(Page(str(expression), main, ("sliders", "steps"), data, code))


def _tree(lines: Sequence[Line], names: Mapping[Node, str], kind: str, first: int, *, is_hidden: bool) -> str:
    """Return lines as HTML: each line contains the lines of the derivatives that it needs, and can be closed over them.

    Args:
        lines: the lines.
        names: the nodes for which a name is written instead of a formula.
        kind: ``"usual"`` or ``"every"`` if the page has both, else an empty text.
        first: the number of the left side of the first line, counted over all sides of the page.
        is_hidden: whether these lines are hidden when the page opens.
    """
    parts = [f'<div class="tree {kind}"{" hidden" if is_hidden else ""}>']
    for node, name in names.items():
        parts.append(f'<p class="line"><math><mi>{escaped(name)}</mi><mo>=</mo>{to_mathml(node)}</math></p>')
    depth = 0
    for place, line in enumerate(lines):
        step = line.step
        while depth < step.depth:
            parts.append(f"<details open><summary>{_needed(lines, place)}</summary>")
            depth += 1
        while depth > step.depth:
            parts.append("</details>")
            depth -= 1
        is_last = place == len(lines) - 1
        shown = {} if is_last else names
        left = "" if line.goes_on else f"<mrow>{to_mathml(step.before, names=shown)}</mrow>"
        formula = f'{left}<mo class="equals">=</mo><mrow>{to_mathml(step.after, names=shown)}</mrow>'
        parts.append(
            f'<div class="line{" last" if is_last else ""}"><span class="number">{line.number}</span>'
            f'<span class="scroller"><math displaystyle="true">{formula}</math></span>'
            f'<span class="rule">{escaped(step.rule)}</span>'
            f'<output data-side="{first + 2 * place}"></output></div>'
        )
    return "\n".join([*parts, *["</details>"] * depth, "</div>"])


def _needed(lines: Sequence[Line], place: int) -> str:
    """Return the label of nested lines, such as ``2 lines for the remaining derivatives``."""
    depth = lines[place].step.depth
    count = next((i for i, one in enumerate(lines[place:]) if one.step.depth < depth), len(lines) - place)
    return f"{count} {'line' if count == 1 else 'lines'} for the remaining derivatives"


def _computed(expression: Expression, sides: Sequence[Sequence[Node]]) -> tuple[list[Slider], str]:
    """Return the sliders, and the program that computes the sides of all lines; nothing if the program is too long.

    Args:
        expression: the expression that was differentiated.
        sides: the sides of the lines of each derivation, which has a graph of its own.
    """
    graph = Graph()
    roots = [root for one in sides for root in _without_diff(one, graph)]
    variables = [graph.variable(name) for name in expression.variables]
    if not variables or len(toposort(roots)) > _COMPUTED:
        return [], "const compute = null;"
    tape = Tape(roots, variables)
    inputs = [_STARTS[0]] * len(variables)
    for start in _STARTS:
        tried = [start * (1 + 0.25 * i) for i in range(len(variables))]
        values = tape.run(tried)
        if all(math.isfinite(values[slot]) for slot in tape.outputs):
            inputs = tried
            break
    output = tape.outputs[-1]

    def has_value(place: int, value: float) -> bool:
        found = tape.run([*inputs[:place], value, *inputs[place + 1 :]])[output]
        return bool(found == found)

    sliders = [
        slider(name, inputs[place], lambda value, place=place: has_value(place, value))  # type: ignore[misc]
        for place, name in enumerate(expression.variables)
    ]
    program = values_program(f"{expression}: both sides of the lines.", variables, roots)
    return sliders, f"const compute = {as_function(program)};"


def _without_diff(roots: Iterable[Node], graph: Graph) -> list[Node]:
    """Return formulas in another graph; each derivative that remains to be taken is replaced by its formula."""
    roots = list(roots)
    image: dict[Node, Node] = {}
    for node in toposort(roots):
        operands = [image[one] for one in node.operands]
        if node.primitive is DIFF:
            image[node] = differentiate.derivative(operands[0], operands[1])
        elif node.primitive is not None:
            assert isinstance(node.primitive, Primitive)
            image[node] = graph.add(node.primitive, operands)
        elif node.constant is not None:
            image[node] = graph.constant(node.constant)
        else:
            image[node] = graph.variable(str(node.name))
    return [image[root] for root in roots]
