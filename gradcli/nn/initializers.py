"""How weights begin: an initialiser draws one weight, given how many inputs and outputs its layer has."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final, Protocol

__all__ = ["INITIALIZERS", "Generator", "Initializer", "initializer_named"]


class Generator(Protocol):
    """The source of random numbers: the module ``random``, or a ``random.Random``."""

    def uniform(self, a: float, b: float) -> float:
        """A number between a and b."""

    def gauss(self, mu: float, sigma: float) -> float:
        """A normally distributed number."""


Initializer = Callable[[Generator, int, int], float]


def _xavier_bound(inputs: int, outputs: int) -> float:
    return math.sqrt(6.0 / (inputs + outputs))


INITIALIZERS: Final[Mapping[str, Initializer]] = {
    # micrograd's: uniform between -1 and 1, whatever the size of the layer.
    "uniform": lambda generator, inputs, outputs: generator.uniform(-1.0, 1.0),
    "normal": lambda generator, inputs, outputs: generator.gauss(0.0, 1.0),
    # Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks" (2010).
    "xavier": lambda generator, inputs, outputs: generator.uniform(-1.0, 1.0) * _xavier_bound(inputs, outputs),
    # He et al., "Delving Deep into Rectifiers" (2015).
    "he": lambda generator, inputs, outputs: generator.gauss(0.0, 1.0) * math.sqrt(2.0 / inputs),
    # LeCun et al., "Efficient BackProp" (1998).
    "lecun": lambda generator, inputs, outputs: generator.gauss(0.0, 1.0) / math.sqrt(inputs),
    "zeros": lambda generator, inputs, outputs: 0.0,
}


def initializer_named(name: str) -> Initializer:
    """The initialiser of this name.

    Raises:
        ValueError: there is none; the message lists them.

    >>> import random
    >>> -1 <= initializer_named("uniform")(random, 2, 1) <= 1
    True
    """
    try:
        return INITIALIZERS[name]
    except KeyError:
        raise ValueError(f"unknown initialiser {name!r}; there are {', '.join(INITIALIZERS)}") from None
