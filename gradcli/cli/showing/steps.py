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


def show_steps(output: Output, expression: Expression, steps: Sequence[Step]) -> None:
    """Print both tables.

    Args:
        output: the object that prints the tables.
        expression: the expression that was differentiated.
        steps: the steps of its gradient, in forward order.
    """
    from gradcli.evaluate.step_words import WORDS

    formulas = _formulas(expression, steps)
    arrived: dict[str, list[str]] = {step.name: [] for step in steps}
    reverse = []
    for place, step in enumerate(reversed(steps)):
        sentences = [WORDS["result"]] if place == 0 else []
        for one, formula in zip(step.contributions, formulas[step.name], strict=True):
            contribution = number(one.value)
            sentences.append(
                WORDS["passes"].format(
                    adjoint=number(step.adjoint), partial=formula, contribution=contribution, operand=one.to
                )
            )
            arrived[one.to].append(WORDS["received"].format(contribution=contribution, step=step.name))
        if step.is_variable:
            parts = WORDS["and"].join(arrived[step.name])
            receives = WORDS["receives"].format(contributions=parts) if parts else ""
            sentences.append(WORDS["variable"].format(variable=step.operation) + receives)
        reverse.append((step, sentences or [WORDS["nothing"]]))
    forward = [[step.name, step.operation, number(step.value)] for step in steps]
    is_plain = output.form == "plain" or len(steps) > MOST_ROWS
    between = "; " if is_plain else "\n"
    backward = [[step.name, number(step.adjoint), between.join(sentences)] for step, sentences in reverse]
    if is_plain:
        output.table(["forward", "operation", "value"], forward, plain_headings=True)
        output.table(["reverse", "adjoint", "flow"], backward, plain_headings=True)
        return
    output.line()
    output.paragraph(WORDS["forward"])
    output.line()
    output.table(["step", "operation", "value"], forward, styles=["cyan", "", "bold"])
    output.line()
    output.paragraph(WORDS["reverse"])
    output.line()
    output.table(["step", "adjoint", "where it flows"], backward, styles=["cyan", "bold"], wrap=True)


def _formulas(expression: Expression, steps: Sequence[Step]) -> dict[str, list[str]]:
    """Return the local derivatives of each step, as formulas if these are short, else as numbers."""
    if len(steps) > MOST_ROWS:
        return {step.name: [number(one.partial) for one in step.contributions] for step in steps}
    from gradcli.evaluate.step_words import LONGEST_FORMULA, local_formulas
    from gradcli.graph import toposort

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
        # A formula names the operands and the operation itself by their steps, and its conditions are decided.
        texts = local_formulas(names[step.name], labels, values) if step.contributions else {}
        for contribution in step.contributions:
            text = texts[contribution.to].pop(0)
            # Where the step has no value, its derivative is nan and not the value of the formula.
            is_shown = len(text) <= LONGEST_FORMULA and contribution.partial == contribution.partial
            formulas[step.name].append(text if is_shown else number(contribution.partial))
    return formulas
