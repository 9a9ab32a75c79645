"""``grad --steps``: the forward and the reverse sweep as the two tables of the textbook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gradcli.cli.showing.output import MOST_ROWS, Output, number

if TYPE_CHECKING:
    from gradcli.evaluate.expression import Expression
    from gradcli.evaluate.point import Step
    from gradcli.graph import Node

__all__ = ["show_steps"]

_LONGEST_FORMULA = 40
_FORWARD = "Forward: each step is computed from the steps above it."
_REVERSE = (
    "Reverse: the adjoint of a step is the derivative of the result with respect to it. It is 1 at the result. "
    "Each step multiplies its adjoint by its local derivatives and passes the products to its operands. An operand "
    "adds up all that it receives."
)


def show_steps(output: Output, expression: Expression, steps: Sequence[Step]) -> None:
    """Print both tables.

    Args:
        output: the object that prints the tables.
        expression: the expression that was differentiated.
        steps: the steps of its gradient, in forward order.
    """
    formulas = _formulas(expression, steps)
    arrived: dict[str, list[str]] = {step.name: [] for step in steps}
    reverse = []
    for place, step in enumerate(reversed(steps)):
        sentences = ["is the result itself"] if place == 0 else []
        for one, formula in zip(step.contributions, formulas[step.name], strict=True):
            sentences.append(f"passes {number(step.adjoint)} * {formula} = {number(one.value)} to {one.to}")
            arrived[one.to].append(f"{number(one.value)} from {step.name}")
        if step.is_variable:
            receives = f": receives {' and '.join(arrived[step.name])}" if arrived[step.name] else ""
            sentences.append(f"is d/d{step.operation}{receives}")
        reverse.append((step, sentences or ["passes nothing on: it depends on no chosen variable"]))
    forward = [[step.name, step.operation, number(step.value)] for step in steps]
    is_plain = output.form == "plain" or len(steps) > MOST_ROWS
    between = "; " if is_plain else "\n"
    backward = [[step.name, number(step.adjoint), between.join(sentences)] for step, sentences in reverse]
    if is_plain:
        output.table(["forward", "operation", "value"], forward, plain_headings=True)
        output.table(["reverse", "adjoint", "flow"], backward, plain_headings=True)
        return
    output.line()
    output.paragraph(_FORWARD)
    output.line()
    output.table(["step", "operation", "value"], forward, styles=["cyan", "", "bold"])
    output.line()
    output.paragraph(_REVERSE)
    output.line()
    output.table(["step", "adjoint", "where it flows"], backward, styles=["cyan", "bold"], wrap=True)


def _formulas(expression: Expression, steps: Sequence[Step]) -> dict[str, list[str]]:
    """Return the local derivatives of each step, as formulas if these are short, else as numbers."""
    if len(steps) > MOST_ROWS:
        return {step.name: [number(one.partial) for one in step.contributions] for step in steps}
    from gradcli.graph import readable, substitute, toposort
    from gradcli.graph.conditions import decided
    from gradcli.graph.rule import local_partials

    graph = expression.graph
    order = toposort([expression.root])
    nodes = [node for node in order if node.primitive is not None]
    by_name = {str(node.name): node for node in order if node.is_variable}
    # A variable may be without effect: then it isn't in the graph of the result.
    variables = [step for step in steps if step.is_variable and step.operation in by_name]
    labels: dict[Node, str] = {by_name[step.operation]: step.name for step in variables}
    labels.update(zip(nodes, [step.name for step in steps if not step.is_variable], strict=True))
    names = {name: node for node, name in labels.items()}
    values = {graph.variable(step.name): step.value for step in steps}
    formulas: dict[str, list[str]] = {}
    for step in steps:
        formulas[step.name] = []
        if not step.contributions:
            continue
        node = names[step.name]
        partials, _ = local_partials(node, guarded=True)
        # A formula names the operands and the operation itself by their steps, and its conditions are decided.
        stand_ins = {one: graph.variable(labels[one]) for one in (node, *node.operands) if one in labels}
        texts: dict[str, list[str]] = {}
        for operand, partial in zip(node.operands, partials, strict=True):
            formula = decided(readable(substitute(partial, stand_ins)), values)
            texts.setdefault(labels.get(operand, ""), []).append(_factor(formula))
        for contribution in step.contributions:
            text = texts[contribution.to].pop(0)
            # Where the step has no value, its derivative is nan and not the value of the formula.
            is_shown = len(text) <= _LONGEST_FORMULA and contribution.partial == contribution.partial
            formulas[step.name].append(text if is_shown else number(contribution.partial))
    return formulas


def _factor(formula: Node) -> str:
    """A formula as text, in parentheses if a `*` before it would change its meaning."""
    from gradcli.graph.simplify import simplify
    from gradcli.primitives import REGISTRY
    from gradcli.printing.text import to_text

    simple = simplify(formula).root
    product = REGISTRY.binary["*"].infix
    infix = None if simple.primitive is None else simple.primitive.infix
    text = to_text(simple)
    is_looser = infix is not None and product is not None and infix.level < product.level
    return f"({text})" if is_looser or text.startswith("-") else text
