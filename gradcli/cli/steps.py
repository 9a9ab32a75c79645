"""``grad --steps``: the forward and the reverse sweep as the two tables of the textbook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gradcli.cli.output import MOST_ROWS, Output, number

if TYPE_CHECKING:
    from gradcli.execute import Step
    from gradcli.graph import Node
    from gradcli.language import Expression

__all__ = ["show_steps"]

_LONGEST_FORMULA = 40
_FORWARD = "Forward: each step is computed from the steps above it."
_REVERSE = (
    "Reverse: the adjoint of a step is the derivative of the result with respect to it. It is 1 at the result. "
    "Each step passes its adjoint, times its local derivative, back to its operands; what arrives is added up."
)


def show_steps(output: Output, expression: Expression, steps: Sequence[Step]) -> None:
    """Print both tables.

    Args:
        output: the way out.
        expression: what was differentiated.
        steps: the steps of its gradient, in forward order.
    """
    formulas = _formulas(expression, steps)
    arrived: dict[str, list[str]] = {step.name: [] for step in steps}
    reverse = []
    for place, step in enumerate(reversed(steps)):
        sentences = ["is the result itself"] if place == 0 else []
        for flow, formula in zip(step.flows, formulas[step.name], strict=True):
            sentences.append(f"passes {number(step.adjoint)} * {formula} = {number(flow.contribution)} to {flow.to}")
            arrived[flow.to].append(f"{number(flow.contribution)} from {step.name}")
        if step.is_variable:
            sentences.append(_arrival(step, arrived[step.name]))
        reverse.append((step, sentences or ["nothing: no chosen variable is behind it"]))
    forward = [[step.name, step.operation, number(step.value)] for step in steps]
    if output.form == "plain" or len(steps) > MOST_ROWS:
        output.table(["forward", "operation", "value"], forward, plain_headings=True)
        rows = [[step.name, number(step.adjoint), "; ".join(sentences)] for step, sentences in reverse]
        output.table(["reverse", "adjoint", "flow"], rows, plain_headings=True)
        return
    output.line()
    output.paragraph(_FORWARD)
    output.line()
    output.table(["step", "operation", "value"], forward, styles=["cyan", "", "bold"])
    output.line()
    output.paragraph(_REVERSE)
    output.line()
    output.table(
        ["step", "adjoint", "where it flows"],
        [[step.name, number(step.adjoint), "\n".join(sentences)] for step, sentences in reverse],
        styles=["cyan", "bold"],
        wrap=True,
    )


def _arrival(step: Step, arrived: Sequence[str]) -> str:
    """What a variable says: its derivative, and whose contributions it is the sum of."""
    if not arrived:
        return f"is d/d{step.operation}"
    return f"is d/d{step.operation}: receives {' and '.join(arrived)}"


def _formulas(expression: Expression, steps: Sequence[Step]) -> dict[str, list[str]]:
    """For each step, the local derivative of each of its flows: as a formula if that is short, else as a number."""
    from gradcli.differentiate.transform import local_partials
    from gradcli.export import operation_text
    from gradcli.graph import toposort

    order = toposort([expression.root])
    nodes = [node for node in order if node.primitive is not None]
    by_name = {str(node.name): node for node in order if node.is_variable}
    labels: dict[Node, str] = {by_name[step.operation]: step.name for step in steps if step.is_variable}
    labels.update(zip(nodes, [step.name for step in steps if not step.is_variable], strict=True))
    names = {name: node for node, name in labels.items()}
    formulas: dict[str, list[str]] = {}
    for step in steps:
        formulas[step.name] = []
        if not step.flows:
            continue
        partials, _ = local_partials(names[step.name], guarded=False)
        texts: dict[str, list[str]] = {}
        for operand, partial in zip(names[step.name].operands, partials, strict=True):
            known = labels.get(partial) if partial is not names[step.name] else step.name
            texts.setdefault(labels.get(operand, ""), []).append(known or operation_text(partial, labels))
        for flow in step.flows:
            text = texts[flow.to].pop(0)
            formulas[step.name].append(text if len(text) <= _LONGEST_FORMULA else number(flow.partial))
    return formulas
