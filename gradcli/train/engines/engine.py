"""Engines: what computes a loss, its gradient and predictions.

An engine is made from a `Model` and then maps one flat vector of parameters and a batch of rows to numbers.  It knows
no optimiser, no epoch and no display, and whatever uses it knows no engine.  What is random (dropout) is drawn by the
caller and handed in.  `ENGINES` lists them; an entry must give the same losses as the others.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol

from gradcli.errors import UsageError, choice
from gradcli.execute.kernel import require_compiler, why_not_compiled
from gradcli.optim.optimizers import OPTIMIZERS
from gradcli.primitives import functions as f
from gradcli.train.engines.jit import JitEngine, is_worthwhile
from gradcli.train.model.kinds import KERNEL, PADDING, Placed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gradcli.eager import Tensor, Value
    from gradcli.nn import Layer
    from gradcli.train.engines.jit import Runner
    from gradcli.train.model.model import Model
    from gradcli.train.settings import Settings

    Floats = NDArray[np.float64]

__all__ = [
    "AUTO",
    "ENGINES",
    "Engine",
    "Pass",
    "TensorEngine",
    "ValueEngine",
    "chosen_engine",
    "engine_for",
    "outputs_of",
]

# A graph of so many products of rows and parameters holds some ten million bytes; longer batches go in pieces.
VALUES = 50_000
# Arrays of so many numbers go through a layer at once: they fill 32 million bytes.
NUMBERS = 4_000_000


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
    """What the trainer needs of an engine.

    Inputs are (rows, columns) as the net sees them, targets (rows,) as the loss sees them.
    """

    name: ClassVar[str]
    #: What it runs, as the end of a sentence.
    limits: ClassVar[str]

    def __init__(self, model: Model) -> None: ...

    @classmethod
    def supports(cls, model: Model) -> bool:
        """Whether the engine can run this model."""

    def loss_and_gradient(
        self, parameters: Floats, inputs: Floats, targets: Floats, masks: Sequence[Floats] = ()
    ) -> Pass:
        """One pass over a batch; ``masks`` has one factor for each row and unit of each dropout layer, in order."""

    def graph_of(self, parameters: Floats, inputs: Floats, targets: Floats) -> Any:
        """The loss without penalties as the engine records it, after the pass back: every operand keeps its gradient,
        and inputs and parameters have labels."""

    def activations(self, parameters: Floats, inputs: Floats) -> list[Floats]:
        """What each layer of the model gives, shape (rows, ...)."""

    def predict(self, parameters: Floats, inputs: Floats) -> Floats:
        """The outputs of the net, shape (rows, outputs)."""

    def runner_for(self, settings: Settings) -> Runner | None:
        """What does many updates of a run in one call; None if the engine takes one at a time."""


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

    def runner_for(self, settings: Settings) -> None:
        """One update at a time."""


class TensorEngine:
    """The engine of arrays: one operation of `Tensor`s for each layer and batch, and `Tensor.backward()`."""

    name: ClassVar[str] = "tensor"
    limits: ClassVar[str] = "runs every net"

    def __init__(self, model: Model) -> None:
        self.model = model
        self.loss = model.loss_function
        # A convolution unfolds its picture into one number for each weight that looks at a pixel.
        unfolded = [math.prod(placed.inputs) * KERNEL**2 for placed in model.plan if placed.layer.kind == "conv2d"]
        self.piece = max(1, NUMBERS // (sum(unfolded) + sum(math.prod(placed.outputs) for placed in model.plan)))

    @classmethod
    def supports(cls, model: Model) -> bool:  # noqa: ARG003
        """Every model."""
        return True

    def through(self, weights: Sequence[tuple[Any, Any]], inputs: Any, masks: Sequence[Floats] = ()) -> Iterator[Any]:
        """What each layer gives, on arrays or on `Tensor`s, as the weights are."""
        signals = inputs
        arrays, dropped = iter(weights), iter(masks)
        for placed in self.model.plan:
            kind = placed.layer.kind
            if kind == "linear":
                signals = f.linear(signals, *next(arrays))
            elif kind == "activation":
                signals = self.model.activation_function(signals)
            elif kind == "conv2d":
                signals = f.conv2d(signals, *next(arrays), padding=PADDING)
            elif kind == "max_pool2d":
                signals = f.max_pool2d(signals, placed.layer.size)
            elif kind == "flatten":
                signals = signals.reshape((signals.shape[0], -1))
            elif masks:
                signals = signals * next(dropped)
            yield signals

    @functools.cached_property
    def placed(self) -> list[Placed]:
        """The layers that have weights."""
        return [placed for placed in self.model.plan if placed.weights is not None]

    @functools.cached_property
    def leaves(self) -> list[tuple[Tensor, Tensor]]:
        """The weights and biases of each layer that has some as `Tensor`s; their numbers are set before each pass."""
        from gradcli.eager import Tensor

        return [
            (Tensor(weights, requires_grad=True), Tensor(biases, requires_grad=True))
            for weights, biases in self.arrays(self.everything.numpy())
        ]

    @functools.cached_property
    def everything(self) -> Tensor:
        """All parameters as one `Tensor`, for the penalties."""
        import numpy as np

        from gradcli.eager import Tensor

        return Tensor(np.zeros(self.model.count), requires_grad=True)

    def blocks(self, vector: Floats) -> list[Floats]:
        """Views of a flat vector, one for each layer with weights: (units, weights of a unit and its bias)."""
        return [
            vector[placed.start : placed.stop].reshape(placed.weights[0], -1)
            for placed in self.placed
            if placed.weights is not None
        ]

    def arrays(self, parameters: Floats) -> list[tuple[Floats, Floats]]:
        """Weights and biases of each layer that has some, as views of the flat vector."""
        return [
            (block[:, :-1].reshape(placed.weights) if len(placed.weights) > 2 else block[:, :-1], block[:, -1])
            for placed, block in zip(self.placed, self.blocks(parameters), strict=True)
            if placed.weights is not None
        ]

    def shaped(self, inputs: Floats) -> Floats:
        """Rows of inputs as the first layer wants them."""
        return inputs if self.model.image is None else inputs.reshape((len(inputs), *self.model.image))

    def loss_and_gradient(
        self, parameters: Floats, inputs: Floats, targets: Floats, masks: Sequence[Floats] = ()
    ) -> Pass:
        """One pass over a batch; a batch that would fill the memory goes in pieces, whose gradients add up."""
        import numpy as np

        rows = len(inputs)
        pairs, Tensor = self.leaves, type(self.everything)
        for leaves, arrays in zip(pairs, self.arrays(parameters), strict=True):
            for leaf, array in zip(leaves, arrays, strict=True):
                leaf.data, leaf.grad = array, None
        loss, scores = 0.0, []
        with np.errstate(all="ignore"):
            for start in range(0, rows, self.piece):
                part = slice(start, start + self.piece)
                *_, outputs = self.through(pairs, Tensor(self.shaped(inputs[part])), [mask[part] for mask in masks])
                total = f.sum(self.loss.rows(outputs, targets[part], self.model.classes)) * (1.0 / rows)
                total.backward(fast=True)
                loss += total.item()
                scores.append(outputs.numpy())
            gradient = np.empty(len(parameters))
            for placed, block, (weights, biases) in zip(self.placed, self.blocks(gradient), pairs, strict=True):
                slope = gradient_of(weights)
                block[:, :-1] = slope if placed.layer.kind == "linear" else slope.reshape(len(block), -1)
                block[:, -1] = gradient_of(biases)
            if self.model.l1 or self.model.l2:
                penalty, change = self.penalty(parameters)
                loss += penalty
                gradient += change
        return Pass(loss, gradient, scores[0] if len(scores) == 1 else np.concatenate(scores))

    def graph_of(self, parameters: Floats, inputs: Floats, targets: Floats) -> Tensor:
        """The recorded loss of all these rows."""
        import numpy as np

        from gradcli.eager import Tensor

        pairs = []
        for placed, (weights, biases) in zip(self.placed, self.arrays(parameters), strict=True):
            pair = Tensor(weights, requires_grad=True), Tensor(biases, requires_grad=True)
            pair[0].label, pair[1].label = f"{placed.name}.weight", f"{placed.name}.bias"
            pairs.append(pair)
        rows = Tensor(self.shaped(inputs))
        rows.label = "inputs"
        with np.errstate(all="ignore"):
            *_, outputs = self.through(pairs, rows)
            outputs.label = "outputs"
            result: Tensor = f.sum(self.loss.rows(outputs, targets, self.model.classes)) * (1.0 / len(inputs))
            result.label = "loss"
            stack, seen = [result], {result}
            while stack:
                operation = stack.pop().retain_grad().grad_fn
                operands = {one for one in operation.operands if one is not None} if operation is not None else set()
                stack += operands - seen
                seen |= operands
            result.backward()
        return result

    def penalty(self, parameters: Floats) -> tuple[float, Floats]:
        """The L1 and L2 terms of the loss, and their gradient."""
        everything, terms = self.everything, []
        everything.data, everything.grad = parameters, None
        if self.model.l1:
            terms.append(self.model.l1 * f.sum(f.abs(everything)))
        if self.model.l2:
            terms.append(self.model.l2 * f.sum(f.square(everything)))
        total = functools.reduce(operator.add, terms)
        total.backward(fast=True)
        return total.item(), gradient_of(everything)

    def activations(self, parameters: Floats, inputs: Floats) -> list[Floats]:
        """What each layer gives, on arrays: nothing is recorded."""
        import numpy as np

        arrays = self.arrays(parameters)
        with np.errstate(all="ignore"):
            pieces = [
                list(self.through(arrays, self.shaped(inputs[start : start + self.piece])))
                for start in range(0, max(1, len(inputs)), self.piece)
            ]
        return pieces[0] if len(pieces) == 1 else [np.concatenate(parts) for parts in zip(*pieces, strict=True)]

    def predict(self, parameters: Floats, inputs: Floats, masks: Sequence[Floats] = ()) -> Floats:
        """The outputs of the net, piece by piece; with the masks of `loss_and_gradient` those of that pass."""
        import numpy as np

        arrays = self.arrays(parameters)
        result = np.empty((len(inputs), self.model.outputs))
        with np.errstate(all="ignore"):
            for start in range(0, len(inputs), self.piece):
                part = slice(start, start + self.piece)
                *_, result[part] = self.through(arrays, self.shaped(inputs[part]), [mask[part] for mask in masks])
        return result

    def runner_for(self, settings: Settings) -> None:
        """One update at a time."""


def gradient_of(tensor: Tensor) -> Any:
    """The gradient that was left in a tensor, as an array; 0 if no derivative reached it."""
    return 0.0 if tensor.grad is None else tensor.grad.numpy()


def outputs_of(engine: Engine, model: Model, parameters: Floats, inputs: NDArray[Any]) -> Floats:
    """The outputs of a net, shape (rows, outputs), for inputs in the units of the table: some rows at a time, so that
    the bytes of many pictures never become numbers all at once."""
    import numpy as np

    most = max(1, NUMBERS // max(1, inputs.shape[1]))
    pieces = [
        engine.predict(parameters, model.scaled(inputs[start : start + most]))
        for start in range(0, max(1, len(inputs)), most)
    ]
    return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)


ENGINES: dict[str, type[Engine]] = {engine.name: engine for engine in (TensorEngine, ValueEngine, JitEngine)}
#: The name that leaves the choice to `chosen_engine`.
AUTO = "auto"


def engine_for(model: Model, name: str, *, trains: bool = True) -> Engine:
    """The engine of that name, made for a model.

    Args:
        trains: whether it is to train; predictions need no further package.

    Raises:
        UsageError: an unknown engine, or one that can't run the model.
        UnavailableError: it needs a package that is not installed.
    """
    engine = ENGINES[choice(name, ENGINES, "engine")]
    if not engine.supports(model):
        raise UsageError(f"the engine `{name}` {engine.limits}", kind="bad_value", hint="use --engine tensor")
    if trains and engine is JitEngine:
        require_compiler(f"the engine `{name}`")
    return engine(model)


def chosen_engine(model: Model, settings: Settings, rows: int) -> str:
    """The name of the engine that ``auto`` stands for: the compiled one where it pays for so many rows, where it can
    run the model and where its package is there."""
    if OPTIMIZERS[settings.optimizer].step is None or not is_worthwhile(model, settings, rows):
        return TensorEngine.name
    return JitEngine.name if JitEngine.supports(model) and why_not_compiled() is None else TensorEngine.name
