"""The engine of numbers: a graph of `Value`s."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from gradcli.train.engines.base import Engine, Masks, Pass
from gradcli.train.engines.scalars import Columns, Scalars, weights_of
from gradcli.train.model.kinds import needing_arrays

if TYPE_CHECKING:
    from gradcli.array_types import Floats
    from gradcli.eager.value import Value
    from gradcli.train.model.model import Model

__all__ = ["ValueEngine"]

# The graph for this many products of rows and parameters holds some ten million bytes; longer batches go in pieces.
VALUES = 50_000


class Values(Scalars):
    """An array of `Value`s and floats."""

    __slots__ = ()

    @property
    def weighted_sum(self) -> Callable[[Sequence[Any], Sequence[Any], Any], Any]:
        from gradcli.eager.value import weighted_sum

        return weighted_sum  # records the same nodes in one loop


class ValueEngine(Engine):
    """The engine of numbers: every addition and multiplication of the net is a `Value`.

    A new graph is built for each batch, and `Value.backward()` gives the gradient by the registry's rules.
    """

    name: ClassVar[str] = "value"
    note: ClassVar[str] = "number by number"

    def __init__(self, model: Model) -> None:
        super().__init__(model)
        self.shape = (1, *model.plan[0].inputs)

    @functools.cached_property
    def parameters(self) -> list[Value]:
        """The parameters of the net, in the order of the flat vector; made for the first gradient."""
        from gradcli.eager.value import Value

        return [Value(0.0) for _ in range(self.model.count)]

    @functools.cached_property
    def weights(self) -> list[tuple[Scalars, Scalars]]:
        """The weights and biases of each layer that has parameters."""
        return weights_of(self.model, self.parameters)

    @classmethod
    def obstacle(cls, model: Model) -> str | None:
        found = needing_arrays(model.plan)
        return found and f"runs fully connected nets only, and this one has {found}"

    def loss_and_gradient(
        self,
        parameters: Floats,
        inputs: Floats,
        targets: Floats,
        masks: Masks = (),
        weights: Floats | None = None,
    ) -> Pass:
        """Do one pass over a batch. A long batch is cut into pieces, whose gradients are added up."""
        import numpy as np

        for parameter, number in zip(self.parameters, parameters.tolist(), strict=True):
            parameter.data = number
        rows = len(inputs)
        piece = max(1, VALUES // self.model.count)
        loss, gradient, scores = 0.0, np.zeros(len(parameters)), np.empty((rows, self.model.outputs))
        for start in range(0, rows, piece):
            stop = min(start + piece, rows)
            factors = [mask[start:stop].reshape(stop - start, -1).tolist() for mask in masks]
            outputs = [
                self.outputs(row, [mask[number] for mask in factors])
                for number, row in enumerate(inputs[start:stop].tolist())
            ]
            losses = [
                self.loss.row(row, target, self.model.classes)
                for row, target in zip(outputs, targets[start:stop].tolist(), strict=True)
            ]
            if weights is not None:
                losses = [loss * weight for loss, weight in zip(losses, weights[start:stop].tolist(), strict=True)]
            total = functools.reduce(operator.add, losses) * (1.0 / rows)
            if start == 0:
                total = functools.reduce(operator.add, self.model.penalties(self.total), total)
            for parameter in self.parameters:
                parameter.grad = 0.0
            total.backward()
            loss += total.data
            gradient += np.fromiter((parameter.grad for parameter in self.parameters), np.float64, len(parameters))
            scores[start:stop] = [[output.data for output in row] for row in outputs]
        return Pass(loss, gradient, scores)

    def graph_of(self, parameters: Floats, inputs: Floats, targets: Floats) -> Value:
        """Return the recorded loss of the first row only; a graph of several rows would be too large to read."""
        import numpy as np

        from gradcli.eager.value import Value

        for parameter, number in zip(self.parameters, parameters.tolist(), strict=True):
            parameter.data, parameter.grad = number, 0.0
        for name, places in self.model.matrices(np.arange(self.model.count)).items():
            for place, number in np.ndenumerate(places):
                self.parameters[int(number)].label = f"{name}[{','.join(map(str, place))}]"
        row = [Value(number) for number in inputs[0].tolist()]
        for value, name in zip(row, self.model.features or self.model.columns, strict=True):
            value.label = name
        result: Value = self.loss.row(self.outputs(row, ()), targets.tolist()[0], self.model.classes)
        result.label = "loss"
        result.backward()
        return result

    def outputs(self, row: Sequence[Any], factors: Sequence[Sequence[float]]) -> list[Any]:
        """The outputs of the net for one row."""
        *_, outputs = self.model.through(Values(row, self.shape), self.weights, map(Scalars, factors))
        result: list[Any] = outputs.elements
        return result

    def total(self, function: Callable[[Any], Any]) -> Any:
        """The sum of a function of each parameter."""
        return functools.reduce(operator.add, map(function, self.parameters))

    def activations(self, parameters: Floats, inputs: Floats) -> list[Floats]:
        """Return the outputs of each layer without recording a graph.

        The sums are the same as with `Value`s, to the last bit, but whole columns are computed at a time.
        """
        import numpy as np

        weights = weights_of(self.model, parameters.tolist())
        columns = Columns(list(np.ascontiguousarray(inputs.T)), self.shape)
        with np.errstate(all="ignore"):
            return [
                np.stack(given.elements, axis=1).reshape(len(inputs), *given.shape[1:])
                for given in self.model.through(columns, weights)
            ]
