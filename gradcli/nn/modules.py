"""Module, Neuron, Layer and MLP, with micrograd's names and arguments."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from gradcli.engine.value import Value, weighted_sum
from gradcli.nn.initializers import Generator, initializer_named
from gradcli.primitives import REGISTRY

__all__ = ["MLP", "Layer", "Module", "Neuron"]

Activation = Callable[[Any], Any]


def activation_named(name: str) -> Activation:
    """The function of one operand with this name.

    Raises:
        ValueError: there is none.
    """
    primitive = REGISTRY.find(name)
    if primitive is None or primitive.arity != 1:
        raise ValueError(f"{name!r} is not a function of one operand")
    return primitive


class Module:
    """Something with parameters."""

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0."""
        for parameter in self.parameters():
            parameter.grad = 0.0

    def parameters(self) -> list[Value]:
        """The parameters, always in the same order."""
        return []


class Neuron(Module):
    """``activation(b + w[0]*x[0] + w[1]*x[1] + ...)``.

    Args:
        nin: the number of inputs.
        nonlin: whether there is an activation.
        activation: the name of a function of one operand.
        initialization: how the weights begin, a name in ``INITIALIZERS``; the bias begins at 0.
        generator: where random numbers come from, by default the module ``random``.
        nout: how many neurons the layer has, for initialisers that ask.

    Raises:
        ValueError: a name is unknown.

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
        activation_named(activation)  # refuses an unknown name here and not at the first call

    def __call__(self, x: Sequence[Any]) -> Value:
        """The output for one row of inputs, numbers or values.

        Raises:
            ValueError: there are more or fewer inputs than weights.
        """
        if len(x) != len(self.w):
            raise ValueError(f"a neuron of {len(self.w)} inputs was given {len(x)}")
        total = weighted_sum(self.w, x, self.b)
        # By name, so that a net that is copied or pickled calls the registry's own function.
        return activation_named(self.activation)(total) if self.nonlin else total

    def parameters(self) -> list[Value]:
        return [*self.w, self.b]

    def __repr__(self) -> str:
        if not self.nonlin:
            kind = "Linear"
        else:
            kind = "ReLU" if self.activation == "relu" else self.activation.capitalize()
        return f"{kind}Neuron({len(self.w)})"


class Layer(Module):
    """``nout`` neurons with the same inputs; the keywords are those of `Neuron`."""

    def __init__(self, nin: int, nout: int, **kwargs: Any) -> None:
        self.neurons = [Neuron(nin, nout=nout, **kwargs) for _ in range(nout)]

    def __call__(self, x: Sequence[Any]) -> Any:
        """The outputs: a list, or one value if the layer has one neuron."""
        out = [neuron(x) for neuron in self.neurons]
        return out[0] if len(out) == 1 else out

    def parameters(self) -> list[Value]:
        return [parameter for neuron in self.neurons for parameter in neuron.parameters()]

    def __repr__(self) -> str:
        return f"Layer of [{', '.join(map(str, self.neurons))}]"


class MLP(Module):
    """A multi-layer perceptron: layers of ``nouts`` neurons, the last one without activation.

    The keywords are those of `Neuron`.

    >>> random.seed(1337)
    >>> net = MLP(2, [16, 16, 1])
    >>> len(net.parameters()), net([1.0, -2.0])
    (337, Value(data=..., grad=0.0))
    """

    def __init__(self, nin: int, nouts: Sequence[int], **kwargs: Any) -> None:
        sizes = [nin, *nouts]
        last = len(nouts) - 1
        self.layers = [Layer(sizes[i], sizes[i + 1], nonlin=i != last, **kwargs) for i in range(len(nouts))]

    def __call__(self, x: Sequence[Any]) -> Any:
        """The outputs of the last layer: a list, or one value."""
        out: Any = x
        for layer in self.layers:
            out = layer(out if isinstance(out, (list, tuple)) or out is x else [out])
        return out

    def parameters(self) -> list[Value]:
        return [parameter for layer in self.layers for parameter in layer.parameters()]

    def __repr__(self) -> str:
        return f"MLP of [{', '.join(map(str, self.layers))}]"
