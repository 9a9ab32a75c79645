"""Nets as functions of numbers in C, JavaScript, Julia and Rust: every multiplication of the net is written out.

A net is read as an expression with several values, its outputs, so that the printers of expressions write it.  A
function that the language lacks is written with others, and shared steps are computed once.  The inputs are numbers,
the columns of the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from gradcli import limits
from gradcli.export.expression_program import Request, program_of
from gradcli.export.program_text import Net
from gradcli.graph import Graph, Node
from gradcli.primitives import functions as f
from gradcli.printing.code import CodePrinter
from gradcli.printing.lowering import not_exported
from gradcli.train.engines.scalars import Scalars, weights_of
from gradcli.train.model.features import feature_named, places_of

if TYPE_CHECKING:
    from gradcli.train.model.model import Model

__all__ = ["check_layers", "outcomes", "scalar_program", "traced_layers"]


def scalar_program(net: Net, language: CodePrinter) -> str:
    """Return the program of a function that predicts.

    It returns the predicted number, the probability of each class, or the scores if the loss defines no probabilities.

    Raises:
        UsageError: the language lacks a function, or the net has a layer that can't be computed number by number.
        LimitError: the net has too many parameters.
    """
    model = net.model
    check_layers(model, language.name)
    if model.count > limits.LITERALS:
        message = (
            f"a program of {language.name} holds at most {limits.LITERALS} parameters, and the net has {model.count}"
        )
        raise limits.refusal("LITERALS", message)
    graph = Graph()
    variables = [graph.variable(column) for column in model.columns]
    *_, outputs = traced_layers(net, variables, model.flat(net.arrays).tolist())
    name, about, values = outcomes(model, outputs.elements, language.name)
    title = f"The net {model.outline} ({model.functions}): {about}, exported by gradcli."
    request = Request(
        title, name, variables, [graph.lift(one) for one in values], "value", more=_about(net, len(values))
    )
    return program_of(request, language)


def check_layers(model: Model, language: str) -> None:
    """Raise a UsageError if a layer can't be computed number by number."""
    for placed in model.plan:
        if not (placed.kind.pointwise or placed.kind.by_numbers):
            raise not_exported(f"the layer `{placed.spec.kind}`", language)


def _about(net: Net, count: int) -> tuple[str, ...]:
    """Return the paragraphs of the comment on the inputs and the outputs."""
    model = net.model
    inputs = "The arguments are the columns of the table, in its units and in this order"
    columns = ", ".join(map(repr, model.columns))
    encoding = model.encoding
    is_plain = encoding is None or all(one.categories is None for one in encoding.inputs)
    paragraphs = [
        f"{inputs}: {columns}." if is_plain else f"{inputs}, with 1 for a category and 0 for the others: {columns}."
    ]
    if model.labels is not None and count > 1:
        labels = ", ".join(map(repr, model.labels))
        paragraphs.append(f"The values belong to the labels {labels}; the label with the largest one is predicted.")
    elif model.labels is not None:
        paragraphs.append(f"A positive score predicts {model.labels[1]!r}, any other {model.labels[0]!r}.")
    return tuple(paragraphs)


def traced_layers(net: Net, variables: Sequence[Node], parameters: Sequence[Any]) -> list[Scalars]:
    """Return what the layers of a net compute as nodes: the numbers that the first layer sees, and the outputs of each.

    Args:
        net: the net; its arrays are not used.
        variables: the columns of the table, as nodes.
        parameters: floats or nodes, in the order of the flat vector.
    """
    model = net.model
    inputs: list[Any] = list(variables)
    if model.features:
        found = [feature_named(text, model.columns) for text in model.features]
        operands = [variables[place] for place in places_of(model.columns).values()]
        inputs = [variables[one] if isinstance(one, int) else one(*operands) for one in found]
    if net.standardised:
        inputs = [
            (one - mean) / scale for one, mean, scale in zip(inputs, model.input_mean, model.input_scale, strict=True)
        ]
    seen = Scalars(inputs, (1, *model.plan[0].inputs))
    return [seen, *model.through(seen, weights_of(model, parameters))]


def outcomes(model: Model, scores: Sequence[Any], language: str) -> tuple[str, str, list[Any]]:
    """Return what a net predicts, as nodes: a name for it, words about it, and its values.

    Args:
        model: the net.
        scores: its outputs as nodes.
        language: the name of the language that they are written in, for the error.

    Raises:
        UsageError: there is no formula for the probabilities of the loss.
    """
    link = model.loss_function.link
    if model.labels is None:
        return "predict", f"the prediction of {model.target!r}", [scores[0] * model.target_scale + model.target_mean]
    if link is None:
        return "scores", "the scores", [*scores]
    if link not in _LINKS:
        raise not_exported(f"probabilities by `{link}`", language)
    return "probabilities", "the probability of each label", _LINKS[link](scores)


def _softmax(scores: Sequence[Any]) -> list[Any]:
    largest = f.max(*scores)
    powers = [f.exp(one - largest) for one in scores]
    total = _total(powers)
    return [one / total for one in powers]


def _sigmoids(scores: Sequence[Any]) -> list[Any]:
    if len(scores) == 1:
        return [f.sigmoid(-scores[0]), f.sigmoid(scores[0])]
    parts = [f.sigmoid(one) for one in scores]
    total = _total(parts)
    # Where all sigmoids are 0, the softmax shows which score is the largest.
    return [f.where(total > 0.0, one / total, other) for one, other in zip(parts, _softmax(scores), strict=True)]


def _total(parts: Sequence[Any]) -> Any:
    total = parts[0]
    for one in parts[1:]:
        total = total + one
    return total


#: A link -> the function that makes probabilities of scores, as `gradcli.train.model.objectives.LINKS` does on arrays.
_LINKS: Final = {"softmax": _softmax, "logistic": _sigmoids}
