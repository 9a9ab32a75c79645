"""Initial weights: random numbers, whose scale depends on the numbers of inputs and outputs of the layer.

One entry of `INITIALIZERS` is one method, with the same meaning as in PyTorch.  A method draws one weight, for nets of
`Value`, or a whole array.  With ``random.Random``, an array has the same numbers as weights that are drawn one by one,
row after row.  NumPy's generators draw the whole array at once, so its numbers are different.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from gradcli.errors import ShapeError, UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["INITIALIZERS", "Generator", "Initializer", "fans", "initializer_named"]


class Generator(Protocol):
    """The source of random numbers: the module ``random``, or a ``random.Random``."""

    def uniform(self, a: float, b: float) -> float:
        """A number between a and b."""

    def gauss(self, mu: float, sigma: float) -> float:
        """A normally distributed number."""


def fans(shape: Sequence[int]) -> tuple[int, int]:
    """Return how many inputs one output has, and how many outputs one input has, for weights of this shape.

    As in PyTorch, the first axis counts outputs, the second inputs, and the other axes are the sides of a kernel.

    Raises:
        ShapeError: the shape has fewer than two axes.

    >>> fans((16, 2)), fans((8, 3, 5, 5))
    ((2, 16), (75, 200))
    """
    if len(shape) < 2:
        raise ShapeError(f"weights of shape {tuple(shape)} have no inputs and outputs")
    kernel = math.prod(shape[2:])
    return shape[1] * kernel, shape[0] * kernel


@dataclass(frozen=True)
class Initializer:
    """A way to draw weights: a random number (uniform from -1 to 1, or normal) or 1, multiplied by a scale.

    Args:
        about: a phrase for the help.
        kind: the distribution of the numbers before they are scaled.
        scale: the scale as a function ``scale(inputs, outputs)``, or one scale for all layers.
    """

    about: str
    kind: Literal["uniform", "normal", "constant"]
    scale: float | Callable[[int, int], float]

    def __call__(self, generator: Generator, inputs: int, outputs: int) -> float:
        """Draw one weight of a layer.

        >>> import random
        >>> INITIALIZERS["xavier_uniform"](random.Random(0), 2, 1)
        0.9741721072087511
        """
        scale = self.scale if isinstance(self.scale, float) else self.scale(inputs, outputs)
        return self._drawn(generator) * scale

    def array(self, generator: Generator | np.random.Generator, shape: Sequence[int]) -> NDArray[np.float64]:
        """Draw all weights of a layer.

        Raises:
            ShapeError: the scale depends on inputs and outputs, but the shape has fewer than two axes.

        >>> import random
        >>> INITIALIZERS["uniform"].array(random.Random(0), (2, 2)).round(3).tolist()
        [[0.689, 0.516], [-0.159, -0.482]]
        """
        import numpy as np

        scale = self.scale if isinstance(self.scale, float) else self.scale(*fans(shape))
        count = math.prod(shape)
        numbers: Any
        if self.kind == "constant":
            numbers = np.ones(count)
        elif not isinstance(generator, np.random.Generator):
            numbers = np.array([self._drawn(generator) for _ in range(count)])
        elif self.kind == "uniform":
            numbers = generator.uniform(-1.0, 1.0, count)
        else:
            numbers = generator.standard_normal(count)
        return numbers.reshape(shape) * scale  # type: ignore[no-any-return]

    def _drawn(self, generator: Generator) -> float:
        """Draw one number, without the scale."""
        if self.kind == "uniform":
            return generator.uniform(-1.0, 1.0)
        return generator.gauss(0.0, 1.0) if self.kind == "normal" else 1.0


def by_root(inputs: int, _outputs: int) -> float:
    """The scale 1/sqrt(inputs)."""
    return 1.0 / math.sqrt(inputs)


def by_inputs(number: float) -> Callable[[int, int], float]:
    """Return the scale sqrt(number / inputs) as a function of inputs and outputs."""
    return lambda inputs, _: math.sqrt(number / inputs)


def by_both(number: float) -> Callable[[int, int], float]:
    """Return the scale sqrt(number / (inputs + outputs)) as a function of inputs and outputs."""
    return lambda inputs, outputs: math.sqrt(number / (inputs + outputs))


# Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks" (2010).
XAVIER_UNIFORM = Initializer("uniform, for tanh and sigmoid", "uniform", by_both(6.0))
# He et al., "Delving Deep into Rectifiers" (2015).
KAIMING_NORMAL = Initializer("normal, for relu and similar functions", "normal", by_inputs(2.0))

INITIALIZERS: Final[Mapping[str, Initializer]] = {
    # The numbers of micrograd: uniform between -1 and 1, whatever the size of the layer.
    "uniform": Initializer("uniform between -1 and 1", "uniform", 1.0),
    "normal": Initializer("normal with deviation 1", "normal", 1.0),
    "xavier": XAVIER_UNIFORM,
    "xavier_uniform": XAVIER_UNIFORM,
    "xavier_normal": Initializer("normal, for tanh and sigmoid", "normal", by_both(2.0)),
    "he": KAIMING_NORMAL,
    "kaiming_normal": KAIMING_NORMAL,
    "kaiming_uniform": Initializer("uniform, for relu and similar functions", "uniform", by_inputs(6.0)),
    # The default of PyTorch's layers.
    "pytorch": Initializer(
        "uniform between -1/sqrt(inputs) and 1/sqrt(inputs), as in PyTorch's layers", "uniform", by_root
    ),
    # LeCun et al., "Efficient BackProp" (1998).
    "lecun": Initializer("normal with deviation 1/sqrt(inputs), for selu", "normal", by_root),
    "zeros": Initializer("all 0", "constant", 0.0),
    "ones": Initializer("all 1", "constant", 1.0),
}


def initializer_named(name: str) -> Initializer:
    """Return the initialiser of this name.

    Raises:
        UsageError: the name is unknown; the message lists all names.

    >>> import random
    >>> -1 <= initializer_named("uniform")(random, 2, 1) <= 1
    True
    """
    if name not in INITIALIZERS:
        raise UsageError(f"unknown initialiser {name!r}; choose one of {', '.join(INITIALIZERS)}")
    return INITIALIZERS[name]
