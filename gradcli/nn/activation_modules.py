"""Layers without parameters that are one function of the registry: activations under PyTorch's names, and shapes.

One `activation(...)` enters one class into `ACTIVATIONS`.  `Activation` is any other function of one operand.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Final

from gradcli.nn import functional
from gradcli.nn.modules import Module, activation_named, described
from gradcli.primitives import REGISTRY
from gradcli.primitives import functions as f

__all__ = ["ACTIVATIONS", "Activation", "Flatten", "Identity", "LogSoftmax", "Softmax"]


class Activation(Module):
    """A function of one operand, by its name in the registry.

    Raises:
        ValueError: there isn't such a function.

    >>> Activation("sin")(1.0), Activation("sin")
    (0.8414709848078965, Activation('sin'))
    """

    name: str

    def __init__(self, name: str) -> None:
        self.name = name
        activation_named(name)  # refuses an unknown name here and not at the first call

    def forward(self, x: Any) -> Any:
        """The function of each element."""
        # By name, so that a net that is copied calls the registry's own function.
        return activation_named(self.name)(x)

    def extra_repr(self) -> str:
        return repr(self.name)


#: Name -> module of the activation.
ACTIVATIONS: Final[dict[str, type[Activation]]] = {}


def activation(title: str, name: str, formula: Callable[..., Any] | None = None, **options: Any) -> None:
    """Enter an activation into `ACTIVATIONS`.

    Args:
        title: PyTorch's name.
        name: in the registry.
        formula: ``(x, *options)``; by default the function of the registry.
        options: its options with their defaults.
    """
    function, either = REGISTRY[name], inspect.Parameter.POSITIONAL_OR_KEYWORD
    signature = inspect.Signature([inspect.Parameter(key, either, default=value) for key, value in options.items()])

    def initialise(self: Activation, *values: Any, **given: Any) -> None:
        bound = signature.bind(*values, **given)
        bound.apply_defaults()
        vars(self).update(bound.arguments)
        if formula is not None:
            formula(0.0, *bound.arguments.values())  # refuses a wrong option here and not at the first call

    def forward(self: Activation, x: Any) -> Any:
        assert formula is not None
        return formula(x, *[getattr(self, key) for key in options])

    ACTIVATIONS[title] = type(
        title,
        (Activation,),
        {
            "__doc__": function.about,
            "__module__": "gradcli.nn",
            "__signature__": signature,
            "__init__": initialise,
            "name": name,
            # A primitive isn't a method: calling `forward` calls it without the module.
            "forward": function if formula is None else forward,
            "extra_repr": lambda self: described(self, *options),
        },
    )


activation("ReLU", "relu")
activation("LeakyReLU", "leaky_relu", functional.leaky_relu, negative_slope=0.01)
activation("ELU", "elu", functional.elu, alpha=1.0)
activation("SELU", "selu")
activation("GELU", "gelu", functional.gelu, approximate="none")
activation("SiLU", "silu")
activation("Mish", "mish")
activation("Softplus", "softplus", functional.softplus, beta=1.0)
activation("Softsign", "softsign")
activation("Tanh", "tanh")
activation("Sigmoid", "sigmoid")
activation("Hardtanh", "hard_tanh", functional.hardtanh, min_val=-1.0, max_val=1.0)


class Softmax(Module):
    """``exp(x)`` divided by its sum along an axis."""

    function = staticmethod(functional.softmax)

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, x: Any) -> Any:
        """The function along the axis."""
        return self.function(x, self.dim)

    def extra_repr(self) -> str:
        return described(self, "dim")


class LogSoftmax(Softmax):
    """The logarithm of softmax along an axis, without overflow."""

    function = staticmethod(functional.log_softmax)


class Flatten(Module):
    """The axes from ``start_dim`` to ``end_dim`` joined into one; by default all but the first."""

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x: Any) -> Any:
        """The same numbers in fewer axes."""
        return f.flatten(x, self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        return described(self, "start_dim", "end_dim")


class Identity(Module):
    """The input itself; arguments are ignored, so that it can replace any layer."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        pass

    def forward(self, x: Any) -> Any:
        """The input itself."""
        return x
