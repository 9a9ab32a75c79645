"""The nets of micrograd on `Value`: `Neuron`, `Layer` and `MLP`, with the same names, random numbers and reprs."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from gradcli.eager.value import Value, weighted_sum
from gradcli.errors import UsageError
from gradcli.nn.initializers import Generator, initializer_named
from gradcli.nn.modules import Module, function_named

__all__ = ["MLP", "Layer", "Neuron"]


class Neuron(Module):
    """``activation(b + w[0]*x[0] + w[1]*x[1] + ...)``.

    Args:
        nin: the number of inputs.
        nonlin: whether there is an activation.
        activation: the name of a function of one operand.
        initialization: the method that draws the weights, a name in ``INITIALIZERS``; the bias is 0 at first.
        generator: the source of random numbers, by default the module ``random``.
        nout: the number of neurons in the layer; the scale of some initialisers depends on it.

    Raises:
        UsageError: a name is unknown.

    >>> random.seed(1337)
    >>> Neuron(2)([1, -2])
    Value(data=0.102443419482938, grad=0.0)
    """

    def __init__(
        self,
        nin: int,
        nonlin: bool = True,
        *,
        activation: str = "relu",
        initialization: str = "uniform",
        generator: Generator = random,
        nout: int = 1,
    ) -> None:
        draw = initializer_named(initialization)
        self.w = [Value(draw(generator, nin, nout)) for _ in range(nin)]
        self.b = Value(0.0)
        self.nonlin = nonlin
        self.activation = activation
        function_named(activation)  # so that an unknown name is an error here and not at the first call

    def forward(self, x: Sequence[Any]) -> Value:
        """The output for one row of inputs, numbers or values.

        Raises:
            UsageError: the number of inputs isn't the number of weights.
        """
        if len(x) != len(self.w):
            raise UsageError(f"a neuron with {len(self.w)} inputs was given {len(x)} numbers")
        total = weighted_sum(self.w, x, self.b)
        # By its name: so a copy of the net, too, calls the function of the registry.
        return function_named(self.activation)(total) if self.nonlin else total

    def __repr__(self) -> str:
        name = "linear" if not self.nonlin else self.activation
        return f"{'ReLU' if name == 'relu' else name.capitalize()}Neuron({len(self.w)})"


class Layer(Module):
    """``nout`` neurons with the same inputs; the keywords are the same as for `Neuron`."""

    def __init__(self, nin: int, nout: int, **kwargs: Any) -> None:
        self.neurons = [Neuron(nin, nout=nout, **kwargs) for _ in range(nout)]

    def forward(self, x: Sequence[Any]) -> Any:
        """The outputs: a list, or one value if the layer has one neuron."""
        out = [neuron(x) for neuron in self.neurons]
        return out[0] if len(out) == 1 else out

    def __repr__(self) -> str:
        return f"Layer of [{', '.join(map(str, self.neurons))}]"


class MLP(Module):
    """A multi-layer perceptron: layers of ``nouts`` neurons, the last one without activation.

    The keywords are the same as for `Neuron`.

    >>> random.seed(1337)
    >>> net = MLP(2, [16, 16, 1])
    >>> len(net.parameters()), net([1.0, -2.0])
    (337, Value(data=..., grad=0.0))
    """

    def __init__(self, nin: int, nouts: Sequence[int], **kwargs: Any) -> None:
        sizes, last = [nin, *nouts], len(nouts) - 1
        self.layers = [Layer(sizes[i], size, nonlin=i != last, **kwargs) for i, size in enumerate(nouts)]

    def forward(self, x: Sequence[Any]) -> Any:
        """The outputs of the last layer: a list, or one value."""
        out: Any = x
        for layer in self.layers:
            out = layer(out if isinstance(out, (list, tuple)) or out is x else [out])
        return out

    def __repr__(self) -> str:
        return f"MLP of [{', '.join(map(str, self.layers))}]"
