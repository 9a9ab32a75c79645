"""Layers without parameters that apply one function: activations with PyTorch's names, `Softmax`, `Flatten` ...

A call of `activation` adds one class to `ACTIVATIONS`.  ``Activation(name)`` makes a layer of every other function of
one operand.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Final

from gradcli.nn import functional
from gradcli.nn.modules import Module, function_named
from gradcli.primitives import REGISTRY
from gradcli.primitives import functions as f

__all__ = ["ACTIVATIONS", "Activation", "Flatten", "Identity", "LogSoftmax", "Softmax"]


class Activation(Module):
    """A function of one operand, by its name in the registry.

    Raises:
        UsageError: the registry has no function of one operand with this name.

    >>> Activation("sin")(1.0), Activation("sin")
    (0.8414709848078965, Activation('sin'))
    """

    name: str

    def __init__(self, name: str) -> None:
        self.name = name
        function_named(name)  # so that an unknown name is an error here and not at the first call

    def forward(self, x: Any) -> Any:
        """The function, applied to each element."""
        # By its name: so a copy of the net, too, calls the function of the registry.
        return function_named(self.name)(x)

    def extra_repr(self) -> str:
        return repr(self.name)


#: PyTorch's name of an activation -> its class.
ACTIVATIONS: Final[dict[str, type[Activation]]] = {}


def activation(title: str, name: str, formula: Callable[..., Any] | None = None) -> None:
    """Make the class of an activation, and add it to `ACTIVATIONS`.

    Args:
        title: the name in PyTorch.
        name: the name in the registry; empty if the registry has no such function.
        formula: a function of the operand, and of options with defaults; by default the function of the registry.
    """
    function = REGISTRY[name] if name else None
    about = (formula.__doc__ or "").partition("\n")[0] if function is None else function.about
    signature = inspect.Signature(list(inspect.signature(formula).parameters.values())[1:] if formula else [])

    def initialise(self: Activation, *values: Any, **given: Any) -> None:
        bound = signature.bind(*values, **given)
        bound.apply_defaults()
        vars(self).update(bound.arguments)
        if formula is not None:
            formula(0.0, *bound.arguments.values())  # so that a wrong option is an error here and not at the first call

    def forward(self: Activation, x: Any) -> Any:
        assert formula is not None
        return formula(x, *[getattr(self, key) for key in self._shown])

    ACTIVATIONS[title] = type(
        title,
        (Activation,),
        {
            "__doc__": about,
            "__module__": "gradcli.nn",
            "__signature__": signature,
            "__init__": initialise,
            "name": name,
            # Unlike a function, a primitive doesn't become a method: it is called without the module.
            "forward": function if formula is None else forward,
            "_shown": list(signature.parameters),
            "extra_repr": Module.extra_repr,
        },
    )


activation("ReLU", "relu")
activation("LeakyReLU", "leaky_relu", functional.leaky_relu)
activation("ELU", "elu", functional.elu)
activation("SELU", "selu")
activation("GELU", "gelu", functional.gelu)
activation("SiLU", "silu")
activation("Mish", "mish")
activation("Softplus", "softplus", functional.softplus)
activation("Softsign", "softsign")
activation("Tanh", "tanh")
activation("Sigmoid", "sigmoid")
activation("Hardtanh", "hard_tanh", functional.hardtanh)

for _title, _function in {  # of which the registry has none
    "ReLU6": functional.relu6, "CELU": functional.celu, "Hardswish": functional.hardswish,
    "Hardsigmoid": functional.hardsigmoid, "Hardshrink": functional.hardshrink, "Softshrink": functional.softshrink,
    "Tanhshrink": functional.tanhshrink, "LogSigmoid": functional.logsigmoid,
}.items():  # fmt: skip
    activation(_title, "", _function)


class Softmax(Module):
    """``exp(x)`` divided by its sum along an axis."""

    function = staticmethod(functional.softmax)
    _shown = ("dim",)

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, x: Any) -> Any:
        """The function, applied along the axis."""
        return self.function(x, self.dim)


class LogSoftmax(Softmax):
    """The logarithm of softmax along an axis, without overflow."""

    function = staticmethod(functional.log_softmax)


class Flatten(Module):
    """The axes from ``start_dim`` to ``end_dim`` joined into one; by default all but the first."""

    _shown = ("start_dim", "end_dim")

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x: Any) -> Any:
        """The same numbers with fewer axes."""
        return f.flatten(x, self.start_dim, self.end_dim)


class Identity(Module):
    """The input itself; arguments are ignored, so that it can replace any layer."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        pass

    def forward(self, x: Any) -> Any:
        """The input itself."""
        return x
