"""Engines: what computes a loss, its gradient and predictions.

An engine is made from a `Model` and then maps one flat vector of parameters and a batch of rows to numbers.  It knows
no optimiser, no epoch and no display, and whatever uses it knows no engine.  `ENGINES` lists them; an entry must give
the same losses as the others.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol

from gradcli.primitives import REGISTRY
from gradcli.train.losses import LOSSES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gradcli.engine import Value
    from gradcli.nn import MLP
    from gradcli.train.model import Model

    Floats = NDArray[np.float64]

__all__ = ["ENGINES", "Engine", "Pass", "ValueEngine", "engine_for", "forward"]

# A graph of so many products of rows and parameters holds some ten million bytes; longer batches go in pieces.
PIECE = 50_000


class Pass(NamedTuple):
    """The result of one pass forward and back.

    Attributes:
        loss: mean over the rows, plus the penalties.
        gradient: of the loss toward every parameter, in the order of the flat vector.
        scores: the outputs of the net, shape (rows, outputs).
    """

    loss: float
    gradient: Floats
    scores: Floats


class Engine(Protocol):
    """What the trainer needs of an engine."""

    name: ClassVar[str]

    def __init__(self, model: Model) -> None: ...

    @classmethod
    def supports(cls, model: Model) -> bool:
        """Whether the engine can run this model."""

    def loss_and_gradient(self, parameters: Floats, inputs: Floats, targets: Floats) -> Pass:
        """One pass over a batch: inputs (rows, columns) as the net sees them, targets (rows,) as the loss sees them."""

    def predict(self, parameters: Floats, inputs: Floats) -> Floats:
        """The outputs of the net, shape (rows, outputs), for inputs as the net sees them."""


def forward(model: Model, parameters: Floats, inputs: Floats) -> Floats:
    """The outputs of a net without recording a graph: the same sums in the same order, whole columns at a time.

    Each output is bit for bit what `MLP` gives on `Value`s.  Sums and products run in NumPy; the activation runs the
    float kernel of its primitive, so that any function of the registry will do.
    """
    import numpy as np

    activation = REGISTRY[model.activation].value
    columns = list(np.ascontiguousarray(inputs.T))
    matrices = model.matrices(parameters)
    layers = len(model.sizes) - 1
    with np.errstate(all="ignore"):
        for layer in range(layers):
            weights, biases = matrices[f"layers.{layer}.weight"], matrices[f"layers.{layer}.bias"]
            sums = []
            for row, bias in zip(weights, biases, strict=True):
                total = np.full(len(inputs), bias)
                for weight, column in zip(row, columns, strict=True):
                    total += weight * column
                sums.append(total)
            if layer < layers - 1:
                sums = [np.fromiter(map(activation, total.tolist()), np.float64, len(total)) for total in sums]
            columns = sums
    return np.stack(columns, axis=1)


class ValueEngine:
    """The scalar engine: every addition and multiplication of the net is a `Value` of a graph that is built anew for
    each batch, and `Value.backward()` gives the gradient from the registry's rules."""

    name: ClassVar[str] = "value"

    def __init__(self, model: Model) -> None:
        self.model = model
        self.loss = LOSSES[model.loss]

    @functools.cached_property
    def net(self) -> MLP:
        """The net of `Value`s, made when the first gradient is asked for: predictions don't need it."""
        from gradcli.nn import MLP

        # The parameters are set before each pass; drawing them here would disturb the caller's random numbers.
        model = self.model
        return MLP(model.sizes[0], list(model.sizes[1:]), activation=model.activation, initialization="zeros")

    @functools.cached_property
    def parameters(self) -> list[Value]:
        """The parameters of the net, in the order of the flat vector."""
        return self.net.parameters()

    @classmethod
    def supports(cls, model: Model) -> bool:
        """Every model of fully connected layers."""
        return len(model.sizes) >= 2

    def loss_and_gradient(self, parameters: Floats, inputs: Floats, targets: Floats) -> Pass:
        """One pass over a batch; a long batch goes in pieces, whose gradients add up."""
        import numpy as np

        for parameter, number in zip(self.parameters, parameters.tolist(), strict=True):
            parameter.data = number
        rows = len(inputs)
        piece = max(1, PIECE // self.model.count)
        loss, gradient, scores = 0.0, np.zeros(len(parameters)), np.empty((rows, self.model.sizes[-1]))
        for start in range(0, rows, piece):
            stop = min(start + piece, rows)
            outputs = [self.outputs(row) for row in inputs[start:stop].tolist()]
            losses = [
                self.loss.row(row, target, self.model.classes)
                for row, target in zip(outputs, targets[start:stop].tolist(), strict=True)
            ]
            total = functools.reduce(operator.add, losses) * (1.0 / rows)
            if start == 0:
                total = functools.reduce(operator.add, self.penalties(), total)
            for parameter in self.parameters:
                parameter.grad = 0.0
            total.backward()
            loss += total.data
            gradient += np.fromiter((parameter.grad for parameter in self.parameters), np.float64, len(parameters))
            scores[start:stop] = [[output.data for output in row] for row in outputs]
        return Pass(loss, gradient, scores)

    def outputs(self, row: Sequence[float]) -> list[Any]:
        """The outputs of the net for one row, as a list also when there is one."""
        result = self.net(row)
        return list(result) if isinstance(result, (list, tuple)) else [result]

    def penalties(self) -> list[Any]:
        """The L1 and L2 terms of the loss that are switched on."""
        terms = []
        if self.model.l1:
            terms.append(self.model.l1 * functools.reduce(operator.add, [abs(p) for p in self.parameters]))
        if self.model.l2:
            terms.append(self.model.l2 * functools.reduce(operator.add, [p * p for p in self.parameters]))
        return terms

    def predict(self, parameters: Floats, inputs: Floats) -> Floats:
        """The outputs of the net, by `forward`."""
        return forward(self.model, parameters, inputs)


ENGINES: dict[str, type[Engine]] = {engine.name: engine for engine in (ValueEngine,)}


def engine_for(model: Model, name: str) -> Engine:
    """The engine of that name, made for a model.

    Raises:
        UsageError: an unknown engine, or one that can't run the model.
    """
    from gradcli.errors import UsageError
    from gradcli.train.settings import choice

    engine = ENGINES[choice(name, ENGINES, "engine")]
    if not engine.supports(model):
        raise UsageError(f"the engine `{name}` can't run this model", kind="bad_value")
    return engine(model)
