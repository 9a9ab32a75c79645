"""A net as JavaScript, with its parameters in an array, so that a page can compute with those of any moment.

The functions are written by the lowering that exported programs use.  The operands of each are arrays:

* ``forward(x, p, a)`` computes what the net sees and the outputs of its units, layer by layer, of the columns ``x``;
* ``backward(x, p, c, g)`` computes the derivatives with respect to the columns of ``c[0]*scores[0] + c[1]*...``;
* ``outcome(s, y)`` computes the predictions, as the program of ``gradcli export`` does, of the scores;
* ``pull(s, c, d)`` computes the derivatives with respect to the scores of ``c[0]*predictions[0] + c[1]*...``;
* ``loss(s, t, d)`` computes the loss for the target ``t``, and its derivatives with respect to the scores.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from gradcli import limits
from gradcli.export.program_text import Net
from gradcli.export.scalar_program import check_layers, outcomes, traced_layers
from gradcli.graph import Graph, Node, toposort
from gradcli.graph.differentiate import vjp
from gradcli.nn.loss_formulas import TracedScores
from gradcli.printing.code import indented
from gradcli.printing.javascript_code import JAVASCRIPT
from gradcli.records import NamedTuple

if TYPE_CHECKING:
    from gradcli.train.model.model import Model

__all__ = ["NetScript", "net_script"]

#: The names of the arrays; steps of the functions have none of them.
_ARRAYS: Final = ("x", "p", "a", "c", "g", "s", "y", "t", "d")


class NetScript(NamedTuple):
    """A net as a script.

    Attributes:
        code: an expression of JavaScript: an object with the functions.
        units: the number of units of each layer that has weights, after the number of inputs that the net sees.
        weights: the place of the first parameter of each layer that has weights; unit by unit, weights and then bias.
        predictions: the number of predictions.
    """

    code: str
    units: tuple[int, ...]
    weights: tuple[int, ...]
    predictions: int


def net_script(model: Model) -> NetScript:
    """Return a net as a script.

    Raises:
        UsageError: JavaScript lacks a function, or the net has a layer that can't be computed number by number.
        LimitError: the net has too many parameters.

    >>> from gradcli.train.data.datasets import make
    >>> from gradcli.train.model.design import describe
    >>> net_script(describe(make("moons"), hidden=(3,)))[1:]
    ((2, 3, 1), (0, 9), 2)
    """
    check_layers(model, JAVASCRIPT.name)
    if model.count > limits.PAGE_PARAMETERS:
        most = limits.PAGE_PARAMETERS
        raise limits.refusal(
            "PAGE_PARAMETERS", f"a page computes nets of at most {most:,} parameters, and this one has {model.count:,}"
        )
    graph, writer = Graph(), _Writer()
    columns, parameters = _entries(graph, "x", len(model.columns)), _entries(graph, "p", model.count)
    layers = traced_layers(Net(model, {}), columns, parameters)
    # The output of a layer with weights is the one before the next such layer: it has gone through the activation.
    starts = [place for place, placed in enumerate(model.plan) if placed.weights]
    ends = [0, *starts[1:], len(model.plan)]
    units = [layers[end].elements for end in ends]
    writer.add("forward(x, p, a)", "a", [one for layer in units for one in layer])
    scores = units[-1]
    total = _weighted(graph, scores)
    # Training differentiates in the same way.
    writer.add("backward(x, p, c, g)", "g", vjp(total, 1.0, columns, fast=True, strong=False))
    graph = Graph()
    variables = _entries(graph, "s", len(scores))
    _, _, predictions = outcomes(model, variables, JAVASCRIPT.name)
    predictions = [graph.lift(one) for one in predictions]
    writer.add("outcome(s, y)", "y", predictions)
    writer.add("pull(s, c, d)", "d", vjp(_weighted(graph, predictions), 1.0, variables))
    target: Any = graph.variable("t")
    if model.labels is None:
        target = (target - model.target_mean) / model.target_scale
    loss = graph.lift(model.loss_function.row(variables, target, model.classes, TracedScores))
    writer.add("loss(s, t, d)", "d", vjp(loss, 1.0, variables), loss)
    places = tuple(placed.start for placed in model.weighted)
    return NetScript(writer.code(), tuple(map(len, units)), places, len(predictions))


def _entries(graph: Graph, name: str, count: int) -> list[Node]:
    """Return variables for the entries of an array."""
    return [graph.variable(f"{name}[{place}]") for place in range(count)]


def _weighted(graph: Graph, values: Sequence[Any]) -> Node:
    """Return ``c[0]*values[0] + c[1]*...``."""
    cotangents = _entries(graph, "c", len(values))
    first, *others = [one * value for one, value in zip(cotangents, values, strict=True)]
    return graph.lift(sum(others, first))


class _Writer:
    """The functions of a net, and the definitions that they need."""

    def __init__(self) -> None:
        self.lowering = JAVASCRIPT.lowering()
        self.lowering.reserved |= {*_ARRAYS}
        self._lowered: list[Node] = []
        self._texts: list[str] = []

    def add(self, head: str, array: str, roots: Iterable[Node], result: Node | None = None) -> None:
        """Add a function that stores values in an array, and may return one."""
        roots = [*roots, *([] if result is None else [result])]
        names = {node: str(node.name) for node in toposort(roots) if node.is_variable}
        lowered = self.lowering.lowered(roots, names)
        self._lowered += lowered
        lines, texts = JAVASCRIPT.statements(lowered, {*JAVASCRIPT.taken, *_ARRAYS})
        returned = [] if result is None else [f"return {texts.pop()};"]
        stored = [f"{array}[{place}] = {text};" for place, text in enumerate(texts)]
        body = indented([*lines, *stored, *returned])
        self._texts.append(f"{head} {{\n{body}\n}},\n")

    def code(self) -> str:
        """Return an object with the functions, behind the definitions that they need."""
        helpers = [*self.lowering.helpers.values()]
        needed = JAVASCRIPT.needed([*self._lowered, *[one.root for one in helpers]])
        definitions = "\n".join([*needed, *JAVASCRIPT.helper_texts(helpers)])
        return f"(() => {{\n{definitions}{definitions and chr(10)}return {{\n{''.join(self._texts)}}};\n}})()"
