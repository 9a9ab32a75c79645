"""Layers without parameters that apply one function: activations with PyTorch's names, `Softmax`, `Flatten` ...

A call of `activation` adds one class to `ACTIVATIONS`.  ``Activation(name)`` makes a layer of every other function of
one operand.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Final

from gradcli.errors import ShapeError
from gradcli.nn import functional
from gradcli.nn.modules import Module, function_named
from gradcli.primitives import REGISTRY
from gradcli.primitives import functions as f

__all__ = [
    "ACTIVATIONS", "GLU", "Activation", "CosineSimilarity", "Flatten", "Identity", "LocalResponseNorm", "LogSoftmax",
    "PairwiseDistance", "RReLU", "Softmax", "Softmax2d", "Softmin", "Threshold",
]  # fmt: skip

# ruff: noqa: A002  (PyTorch's `input`)


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
    parameters = list(inspect.signature(formula).parameters.values())[1:] if formula else []
    signature = inspect.Signature([one for one in parameters if one.kind is not one.KEYWORD_ONLY])

    def initialise(self: Activation, *values: Any, **given: Any) -> None:
        bound = signature.bind(*values, **given)
        bound.apply_defaults()
        vars(self).update(bound.arguments)
        if formula is not None:  # so that a wrong option is an error here and not at the first call
            formula(0.0, **{key: one for key, one in bound.arguments.items() if key != "inplace"})

    def forward(self: Activation, input: Any) -> Any:
        assert formula is not None
        return formula(input, *[getattr(self, key) for key in signature.parameters])

    def extra_repr(self: Activation) -> str:
        shown = [f"{key}={getattr(self, key)!r}" for key in signature.parameters if key != "inplace"]
        return ", ".join(shown + ["inplace=True"] * getattr(self, "inplace", False))

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
            "extra_repr": extra_repr,
        },
    )


activation("ReLU", "relu", functional.relu)
activation("LeakyReLU", "leaky_relu", functional.leaky_relu)
activation("ELU", "elu", functional.elu)
activation("SELU", "selu", functional.selu)
activation("GELU", "gelu", functional.gelu)
activation("SiLU", "silu", functional.silu)
activation("Mish", "mish", functional.mish)
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


class Softmin(Softmax):
    """Softmax of the negative numbers along an axis."""

    function = staticmethod(functional.softmin)


class Softmax2d(Module):
    """Softmax over the channels of images (images, channels, height, width), or of one image.

    Raises:
        ShapeError: the input has another number of axes.
    """

    def forward(self, input: Any) -> Any:
        """The function, applied to the channels of each pixel."""
        if len(input.shape) not in (3, 4):
            raise ShapeError(f"Softmax2d takes images with 3 or 4 axes, not of shape {tuple(input.shape)}")
        return functional.softmax(input, -3)


class GLU(Module):
    """One half along an axis times the sigmoid of the other half (Dauphin et al., 2017)."""

    _shown = ("dim",)

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, input: Any) -> Any:
        """The product of the halves."""
        return functional.glu(input, self.dim)


class RReLU(Module):
    """The number, multiplied by a slope if it is negative; in training each slope is random (Xu et al., 2015).

    Args:
        lower, upper: the bounds of the slopes; in use the slope is their mean.
        inplace: whether the input is changed.
    """

    _shown = ("lower", "upper")

    def __init__(self, lower: float = 1.0 / 8, upper: float = 1.0 / 3, inplace: bool = False) -> None:
        self.lower, self.upper, self.inplace = lower, upper, inplace

    def forward(self, input: Any) -> Any:
        """The function, applied to each element."""
        return functional.rrelu(input, self.lower, self.upper, self.training, inplace=self.inplace)


class Threshold(Module):
    """The number, or ``value`` if it isn't above the threshold.

    Args:
        threshold, value: these numbers.
        inplace: whether the input is changed.
    """

    _shown = ("threshold", "value")

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        self.threshold, self.value, self.inplace = threshold, value, inplace

    def forward(self, input: Any) -> Any:
        """The function, applied to each element."""
        return functional.threshold(input, self.threshold, self.value, inplace=self.inplace)


class LocalResponseNorm(Module):
    """The numbers divided by a power of the mean square of their neighbours among the channels.

    Args:
        size: the number of neighbours.
        alpha, beta, k: the divisor is (k + alpha mean square)^beta.
    """

    _shown = ("alpha", "beta", "k")

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def forward(self, input: Any) -> Any:
        """The normalised numbers, in the shape of the input."""
        return functional.local_response_norm(input, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        return f"{self.size}, {super().extra_repr()}"


class CosineSimilarity(Module):
    """The cosine of the angle between vectors along an axis; a norm below ``eps`` counts as ``eps``."""

    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        self.dim, self.eps = dim, eps

    def forward(self, x1: Any, x2: Any) -> Any:
        """The cosines."""
        return functional.cosine_similarity(x1, x2, self.dim, self.eps)


class PairwiseDistance(Module):
    """The p-norm of the differences along the last axis, each with ``eps`` added."""

    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> None:
        self.norm, self.eps, self.keepdim = p, eps, keepdim

    def forward(self, x1: Any, x2: Any) -> Any:
        """The distances."""
        return functional.pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)


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
