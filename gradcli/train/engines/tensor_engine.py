"""The engine of arrays: a few operations of `Tensor`s for each layer and batch."""

from __future__ import annotations

import functools
import math
import operator
from typing import TYPE_CHECKING, Any, ClassVar

from gradcli.primitives import functions as f
from gradcli.train.engines.base import NUMBERS, Engine, Masks, Pass

if TYPE_CHECKING:
    from gradcli.array_types import Floats
    from gradcli.eager.tensor import Tensor
    from gradcli.train.model.model import Model

__all__ = ["TensorEngine"]


class TensorEngine(Engine):
    """The engine of arrays: one operation of `Tensor`s for each layer and batch, and `Tensor.backward()`."""

    name: ClassVar[str] = "tensor"
    note: ClassVar[str] = "by arrays"

    def __init__(self, model: Model) -> None:
        super().__init__(model)
        numbers = sum(placed.kind.scratch(placed.inputs) + math.prod(placed.outputs) for placed in model.plan)
        self.piece = max(1, NUMBERS // numbers)

    def tensors(self, parameters: Floats) -> list[tuple[Tensor, Tensor]]:
        """Return the weights and biases, as `Tensor`s, of each layer that has parameters."""
        from gradcli.eager.tensor import Tensor

        return [
            (Tensor(weights, requires_grad=True), Tensor(biases, requires_grad=True))
            for weights, biases in self.model.pairs(parameters)
        ]

    @functools.cached_property
    def leaves(self) -> list[tuple[Tensor, Tensor]]:
        """The result of `tensors` that all passes use; its numbers are set before each pass."""
        return self.tensors(self.everything.detach().numpy())

    @functools.cached_property
    def everything(self) -> Tensor:
        """All parameters as one `Tensor`, for the penalties."""
        import numpy as np

        from gradcli.eager.tensor import Tensor

        return Tensor(np.zeros(self.model.count), requires_grad=True)

    def shaped(self, inputs: Floats) -> Floats:
        """Return rows of inputs in the shape that the first layer takes."""
        return inputs if self.model.image is None else inputs.reshape((len(inputs), *self.model.image))

    def loss_and_gradient(
        self,
        parameters: Floats,
        inputs: Floats,
        targets: Floats,
        masks: Masks = (),
        weights: Floats | None = None,
    ) -> Pass:
        """Do one pass over a batch.

        A batch that would need too much memory is cut into pieces, whose gradients are added up.
        """
        import numpy as np

        rows = len(inputs)
        pairs, Tensor = self.leaves, type(self.everything)
        for leaves, arrays in zip(pairs, self.model.pairs(parameters), strict=True):
            for leaf, array in zip(leaves, arrays, strict=True):
                leaf.data, leaf.grad = array, None
        loss, scores = 0.0, []
        with np.errstate(all="ignore"):
            for start in range(0, rows, self.piece):
                part = slice(start, start + self.piece)
                *_, outputs = self.model.through(
                    Tensor(self.shaped(inputs[part])), pairs, [mask[part] for mask in masks]
                )
                losses = self.loss.rows(outputs, targets[part], self.model.classes)
                total = f.sum(losses if weights is None else losses * weights[part, None]) * (1.0 / rows)
                total.backward(fast=True)
                loss += total.item()
                scores.append(outputs.detach().numpy())
            gradient = np.empty(len(parameters))
            for leaves, views in zip(pairs, self.model.pairs(gradient), strict=True):
                for leaf, view in zip(leaves, views, strict=True):
                    view[...] = gradient_of(leaf)
            if self.model.l1 or self.model.l2:
                penalty, change = self.penalty(parameters)
                loss += penalty
                gradient += change
        return Pass(loss, gradient, scores[0] if len(scores) == 1 else np.concatenate(scores))

    def graph_of(self, parameters: Floats, inputs: Floats, targets: Floats) -> Tensor:
        """Return the recorded loss of all given rows."""
        import numpy as np

        from gradcli.eager.tensor import Tensor

        pairs = self.tensors(parameters)
        for placed, (weights, biases) in zip(self.model.weighted, pairs, strict=True):
            weights.label, biases.label = f"{placed.name}.weight", f"{placed.name}.bias"
        rows = Tensor(self.shaped(inputs))
        rows.label = "inputs"
        with np.errstate(all="ignore"):
            *_, outputs = self.model.through(rows, pairs)
            outputs.label = "outputs"
            result: Tensor = f.sum(self.loss.rows(outputs, targets, self.model.classes)) * (1.0 / len(inputs))
            result.label = "loss"
            stack, seen = [result], {result}
            while stack:
                operation = stack.pop().retain_grad().grad_fn
                operands = set() if operation is None else {one for one in operation.operands if one is not None}
                operands = {one for one in operands if one.requires_grad}
                stack += operands - seen
                seen |= operands
            result.backward()
        return result

    def penalty(self, parameters: Floats) -> tuple[float, Floats]:
        """The L1 and L2 terms of the loss, and their gradient."""
        everything = self.everything
        everything.data, everything.grad = parameters, None
        total = functools.reduce(operator.add, self.model.penalties(lambda function: f.sum(function(everything))))
        total.backward(fast=True)
        return total.item(), gradient_of(everything)

    def activations(self, parameters: Floats, inputs: Floats) -> list[Floats]:
        """Return the outputs of each layer, computed on arrays without recording."""
        import numpy as np

        arrays = self.model.pairs(parameters)
        with np.errstate(all="ignore"):
            pieces = [
                list(self.model.through(self.shaped(inputs[start : start + self.piece]), arrays))
                for start in range(0, max(1, len(inputs)), self.piece)
            ]
        return pieces[0] if len(pieces) == 1 else [np.concatenate(parts) for parts in zip(*pieces, strict=True)]

    def predict(self, parameters: Floats, inputs: Floats, masks: Masks = ()) -> Floats:
        """The outputs of the net: as in training if there are masks, else as in use."""
        import numpy as np

        arrays = self.model.pairs(parameters)
        result = np.empty((len(inputs), self.model.outputs))
        with np.errstate(all="ignore"):
            for start in range(0, len(inputs), self.piece):
                part = slice(start, start + self.piece)
                *_, result[part] = self.model.through(self.shaped(inputs[part]), arrays, [mask[part] for mask in masks])
        return result


def gradient_of(tensor: Tensor) -> Any:
    """The gradient of a tensor as an array; 0 if no derivative reached the tensor."""
    return 0.0 if tensor.grad is None else tensor.grad.numpy()
