"""The engine of numbers: a graph of `Value`s."""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from gradcli.train.engines.base import Pass

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gradcli.eager import Value
    from gradcli.nn import Layer
    from gradcli.train.model.model import Model

    Floats = NDArray[np.float64]

__all__ = ["ValueEngine"]

# The graph for this many products of rows and parameters holds some ten million bytes; longer batches go in pieces.
VALUES = 50_000


class ValueEngine:
    """The scalar engine: every addition and multiplication of the net is a `Value` of a graph that is built anew for
    each batch, and `Value.backward()` gives the gradient from the registry's rules."""

    name: ClassVar[str] = "value"
    limits: ClassVar[str] = "runs fully connected nets only, and this one has convolutions"

    def __init__(self, model: Model) -> None:
        self.model = model
        self.loss = model.loss_function

    @functools.cached_property
    def layers(self) -> list[Layer | None]:
        """For each layer of the model its neurons, made when the first gradient is asked for: predictions don't need
        them."""
        from gradcli.nn import Layer

        # The parameters are set before each pass; drawing them here would disturb the caller's random numbers.
        return [
            None
            if placed.weights is None
            else Layer(placed.weights[1], placed.weights[0], nonlin=False, initialization="zeros")
            for placed in self.model.plan
        ]

    @functools.cached_property
    def parameters(self) -> list[Value]:
        """The parameters of the net, in the order of the flat vector."""
        return [parameter for layer in self.layers if layer is not None for parameter in layer.parameters()]

    @classmethod
    def supports(cls, model: Model) -> bool:
        """Every model of fully connected layers."""
        return all(layer.kind in ("linear", "activation", "dropout") for layer in model.layers)

    def loss_and_gradient(
        self, parameters: Floats, inputs: Floats, targets: Floats, masks: Sequence[Floats] = ()
    ) -> Pass:
        """One pass over a batch; a long batch goes in pieces, whose gradients add up."""
        import numpy as np

        for parameter, number in zip(self.parameters, parameters.tolist(), strict=True):
            parameter.data = number
        rows = len(inputs)
        piece = max(1, VALUES // self.model.count)
        loss, gradient, scores = 0.0, np.zeros(len(parameters)), np.empty((rows, self.model.outputs))
        for start in range(0, rows, piece):
            stop = min(start + piece, rows)
            dropped = [mask[start:stop].tolist() for mask in masks]
            outputs = [
                self.outputs(row, [mask[number] for mask in dropped])
                for number, row in enumerate(inputs[start:stop].tolist())
            ]
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

    def graph_of(self, parameters: Floats, inputs: Floats, targets: Floats) -> Value:
        """The recorded loss of the first row alone: more of them would hide the neurons."""
        from gradcli.eager import Value

        for parameter, number in zip(self.parameters, parameters.tolist(), strict=True):
            parameter.data, parameter.grad = number, 0.0
        for placed, layer in zip(self.model.plan, self.layers, strict=True):
            for unit, neuron in enumerate(layer.neurons if layer is not None else ()):
                *weights, bias = neuron.parameters()
                bias.label = f"{placed.name}.bias[{unit}]"
                for place, weight in enumerate(weights):
                    weight.label = f"{placed.name}.weight[{unit},{place}]"
        row = [Value(number) for number in inputs[0].tolist()]
        for value, name in zip(row, self.model.features or self.model.columns, strict=True):
            value.label = name
        result: Value = self.loss.row(self.outputs(row, ()), targets.tolist()[0], self.model.classes)
        result.label = "loss"
        result.backward()
        return result

    def outputs(self, row: Sequence[Any], masks: Sequence[Sequence[float]]) -> list[Any]:
        """The outputs of the net for one row."""
        signals: list[Any] = list(row)
        dropped = iter(masks)
        for placed, layer in zip(self.model.plan, self.layers, strict=True):
            if layer is not None:
                signals = [neuron(signals) for neuron in layer.neurons]
            elif placed.layer.kind == "activation":
                signals = [self.model.activation_function(signal) for signal in signals]
            elif masks:
                signals = [signal * factor for signal, factor in zip(signals, next(dropped), strict=True)]
        return signals

    def penalties(self) -> list[Any]:
        """The L1 and L2 terms of the loss that are switched on."""
        terms = []
        if self.model.l1:
            terms.append(self.model.l1 * functools.reduce(operator.add, [abs(p) for p in self.parameters]))
        if self.model.l2:
            terms.append(self.model.l2 * functools.reduce(operator.add, [p * p for p in self.parameters]))
        return terms

    def activations(self, parameters: Floats, inputs: Floats) -> list[Floats]:
        """What each layer gives, without recording a graph: the same sums in the same order, whole columns at a time.

        Each output is bit for bit what the `Value`s give.  Sums and products run in NumPy; the activation runs its
        float kernel, so that any function of the registry will do.
        """
        import numpy as np

        function = self.model.activation_function.value
        columns = list(np.ascontiguousarray(inputs.T))
        matrices = self.model.matrices(parameters)
        result = []
        with np.errstate(all="ignore"):
            for placed in self.model.plan:
                if placed.weights is not None:
                    weights, biases = matrices[f"{placed.name}.weight"], matrices[f"{placed.name}.bias"]
                    sums = []
                    for row, bias in zip(weights, biases, strict=True):
                        total = np.full(len(inputs), bias)
                        for weight, column in zip(row, columns, strict=True):
                            total += weight * column
                        sums.append(total)
                    columns = sums
                elif placed.layer.kind == "activation":
                    columns = [
                        np.fromiter(map(function, column.tolist()), np.float64, len(column)) for column in columns
                    ]
                result.append(np.stack(columns, axis=1))
        return result

    def predict(self, parameters: Floats, inputs: Floats) -> Floats:
        """The outputs of the net."""
        return self.activations(parameters, inputs)[-1]

    def runner_for(self, optimizer: str, options: dict[str, Any], clip: float | None) -> None:
        """One update at a time."""
