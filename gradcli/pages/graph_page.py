"""The page of a graph: sliders for the variables, the drawing that follows them, and both sweeps step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from gradcli import limits
from gradcli.draw.picture import Picture
from gradcli.errors import GradcliError, UsageError
from gradcli.evaluate.expression import Expression
from gradcli.evaluate.point import Sweep
from gradcli.evaluate.step_words import LONGEST_FORMULA, WORDS, local_formulas
from gradcli.graph import Node, toposort
from gradcli.graph.formula import derivative_formula
from gradcli.markup import escaped
from gradcli.pages.drawing import drawing
from gradcli.pages.programs import as_function, gradient_program
from gradcli.pages.skeleton import Page, document, section
from gradcli.pages.sliders import Slider, slider
from gradcli.pages.tape_script import tape_script
from gradcli.printing.mathml import MathmlPrinter, to_mathml
from gradcli.printing.printer import Piece
from gradcli.printing.text import operation_text, text_length

__all__ = ["graph_page"]

#: Vertices with more operations below them show no formulas of their derivatives, nor do any beyond so many characters.
_DERIVED_OPERATIONS: Final = 40
_DERIVED_CHARACTERS: Final = 30_000
#: A longer derivative is not shown.
_LONGEST_DERIVATIVE: Final = 200
#: The names of its styles and scripts, in the order in which they run.
_ASSETS: Final = ("sliders", "sweeps", "graph", "player", "vertex", "values")
#: The buttons of the player, and their keys.
_BUTTONS: Final = {"Start": "Home", "Back": "ArrowLeft", "Play": "Space", "Step": "ArrowRight", "End": "End"}
#: The domain is looked for if all the values that this takes are so few.
_TRIED_OPERATIONS: Final = 200_000


def graph_page(
    expression: Expression, at: Mapping[str, float], picture: Picture, *, rankdir: str = "LR", plays: bool = False
) -> bytes:
    """Return the page of an expression at a point.

    Args:
        expression: an expression of numbers.
        at: a number for each variable.
        picture: the part of its graph that is drawn, with values.
        rankdir: the side of the result in the drawing.
        plays: whether the page opens at the first step, with the table of steps.

    Raises:
        UsageError: the expression has arrays, or JavaScript lacks one of its functions.
        LimitError: the expression has more operations than a page computes.
        UnavailableError: the drawing needs a program that is missing.
    """
    if expression.is_on_arrays(at):
        raise UsageError("a page computes with numbers, and this expression has arrays", kind="array")
    sweep = Sweep(expression, at)
    tape = sweep.tape
    if len(tape.instructions) > limits.PAGE_OPERATIONS:
        most = limits.PAGE_OPERATIONS
        raise limits.refusal(
            "PAGE_OPERATIONS",
            f"a page computes expressions of at most {most:,} operations, and this one has {len(tape.instructions):,}",
        )
    slots = {node: slot for slot, node in enumerate(tape.nodes)}
    shown = [*range(len(tape.variables)), *range(tape.first, len(tape.nodes))]
    labels = {tape.nodes[slot]: f"w{place}" for place, slot in enumerate(shown, 1)}
    script = tape_script(tape, sweep.dependent)
    program = gradient_program(expression) if expression.variables else ""
    sliders = [_slider(str(node.name), place, sweep) for place, node in enumerate(tape.variables)]
    data = {
        "tape": script.data,
        "variables": [one._asdict() for one in sliders],
        "steps": [_step(tape.nodes[slot], slot, labels) for slot in shown],
        "vertices": [-1 if node.constant is not None else slots[node] for node in picture.nodes],
        "arrows": _arrows(picture),
        "words": WORDS,
        "plays": plays,
    }
    code = f"const operations = {script.code};\nconst compute = {as_function(program) if program else 'null'};"
    title = picture.title or str(expression)
    names = [labels.get(node, "") for node in picture.nodes]
    main = _main(expression, picture, names, program, rankdir, plays)
    return document(Page(title, main, _ASSETS, data, code))


def _slider(name: str, place: int, sweep: Sweep) -> Slider:
    """Return the slider of a variable; if the search is short, its range ends where the function has no value."""
    inputs = sweep.values[: len(sweep.tape.variables)]
    output = sweep.tape.outputs[0]

    def is_defined(value: float) -> bool:
        found = sweep.tape.run([*inputs[:place], value, *inputs[place + 1 :]])[output]
        return bool(found == found)

    is_little = 20 * len(inputs) * len(sweep.tape.instructions) <= _TRIED_OPERATIONS
    return slider(name, inputs[place], is_defined if is_little else None)


def _step(node: Node, slot: int, labels: Mapping[Node, str]) -> dict[str, Any]:
    """Return a step as data: its slot, its name, the operation in terms of earlier steps, and its rule."""
    if node.primitive is None:
        return {"slot": slot, "name": labels[node], "operation": str(node.name), "formulas": [], "about": ""}
    found = local_formulas(node, labels)
    formulas = [found[labels[one]].pop(0) if one in labels else "" for one in node.operands]
    return {
        "slot": slot,
        "name": labels[node],
        "operation": operation_text(node, dict(labels)),
        # The conditions of a formula are not decided, because the point moves; a long formula is shown as its number.
        "formulas": [one if len(one) <= LONGEST_FORMULA else "" for one in formulas],
        "about": getattr(node.primitive, "about", ""),
    }


def _arrows(picture: Picture) -> list[list[int]]:
    """Return a triple for each arrow: the operand, the operation, and the place of the operand in the operation."""
    found = []
    place = dict.fromkeys(range(len(picture.vertices)), 0)
    for arrow in picture.arrows:
        operands = picture.nodes[arrow.operation].operands
        position = place[arrow.operation]
        while operands[position] is not picture.nodes[arrow.operand]:
            position += 1  # an operand that is not drawn
        place[arrow.operation] = position + 1
        found.append([arrow.operand, arrow.operation, position])
    return found


class _Placed(MathmlPrinter):
    """A printer of MathML that encloses the formula of each vertex in an element with the number of the vertex.

    Args:
        places: the number of the vertex of each node.
    """

    def __init__(self, places: Mapping[Node, int]) -> None:
        self.places = places

    def pieces(self, node: Node) -> tuple[int, Sequence[Piece]]:
        level, pieces = super().pieces(node)
        if node not in self.places:
            return level, pieces
        return level, [f'<mrow data-v="{self.places[node]}">', *pieces, "</mrow>"]


def _math(content: str) -> str:
    return f'<math display="block">{content}</math>'


def _about(picture: Picture, variables: Sequence[Node]) -> str:
    """Return the derivatives of each operation as HTML, one part for each operation; long formulas are left out."""
    size: dict[Node, int] = {}
    inside: dict[Node, frozenset[Node]] = {}
    parts: list[str] = []
    for node in toposort([picture.nodes[-1]]):
        size[node] = min(1 + sum([size[one] for one in node.operands]), 1 << 30)
        below = [inside[one] for one in node.operands]
        inside[node] = frozenset({node}) if node in variables else frozenset().union(*below)
    places = {node: place for place, node in enumerate(picture.nodes)}
    for node, place in places.items():
        if node.primitive is None or size[node] > _DERIVED_OPERATIONS or sum(map(len, parts)) > _DERIVED_CHARACTERS:
            continue
        rows = []
        for variable in [one for one in variables if one in inside[node]]:
            try:
                found = derivative_formula(node, variable, 1, text_length)
            except GradcliError:
                continue
            if text_length(found.root) <= _LONGEST_DERIVATIVE:
                name = MathmlPrinter().name_text(str(variable.name))
                left = f"<mfrac><mi>∂</mi><mrow><mi>∂</mi>{name}</mrow></mfrac>"
                opening, closing = "<mrow><mo>[</mo>", "<mo>]</mo></mrow>"
                rows.append(_math(f"{left}{opening}{to_mathml(node)}{closing}<mo>=</mo>{to_mathml(found.root)}"))
        if rows:
            parts.append(f'<div class="derivatives" id="derivatives-{place}" hidden>{"".join(rows)}</div>')
    return "\n".join(parts)


def _main(
    expression: Expression,
    picture: Picture,
    names: Sequence[str],
    program: str,
    rankdir: str,
    plays: bool,
) -> str:
    places = {node: place for place, node in enumerate(picture.nodes) if node.constant is None}
    formula = _math(to_mathml(expression.root, _Placed(places)))
    values = '<p class="result">value <output id="value"></output></p>\n<div class="sliders" id="sliders"></div>'
    buttons = "\n".join(
        [
            f'<button type="button" id="{name.lower()}" aria-keyshortcuts="{key}">{name}</button>'
            for name, key in _BUTTONS.items()
        ]
    )
    svg = drawing(picture, names, f"graph of {picture.title or expression}", rankdir)
    graph = (
        f'<div class="player" role="group" aria-label="the steps">\n{buttons}\n<span id="position"></span>\n</div>\n'
        '<p id="sentence" aria-live="polite"></p>\n'
        f'<div class="scroller" role="region" aria-label="the drawing">{svg}</div>'
    )
    node = (
        f'<div class="scroller formula" role="region" aria-label="the formula">{formula}</div>\n'
        '<p id="node-hint">Choose a vertex of the graph to see its rule and its place in the formula.</p>\n'
        '<div id="node" hidden>\n<h3 id="node-name"></h3>\n<p id="node-about"></p>\n<dl id="node-numbers"></dl>\n'
        f'<div id="node-local"></div>\n<div class="scroller" id="node-derivatives">\n'
        f"{_about(picture, [expression.graph.variable(name) for name in expression.variables])}\n</div>\n</div>"
    )
    opened = " open" if plays else ""
    steps = (
        f'<details id="table"{opened}><summary>All steps in a table</summary>\n'
        '<p id="forward-words"></p>\n<div class="scroller"><table id="forward"></table></div>\n'
        '<p id="reverse-words"></p>\n<div class="scroller"><table id="reverse"></table></div>\n</details>'
    )
    code = ""
    if program:
        code = (
            "<details><summary>The program that computes the gradient</summary>\n"
            f"<pre><code>{escaped(program)}</code></pre>\n</details>"
        )
    return "".join(
        [
            '<div class="columns">\n',
            section("values", "Values and derivatives", values),
            section("picture", "The graph", graph),
            section("vertex", "One vertex", node),
            section("steps", "The steps", steps + code),
            "</div>\n",
        ]
    )
