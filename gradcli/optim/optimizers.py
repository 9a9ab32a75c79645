"""Optimisers: how a gradient becomes the next parameters.

One entry of `OPTIMIZERS` is one method, with PyTorch's formulas and PyTorch's defaults for everything but the learning
rate.  A method is a pure function of flat vectors; what it remembers between updates lives in named vectors, which
start at zero and are stored with the model, so that a run can go on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Memory = dict[str, Floats]

__all__ = ["OPTIMIZERS", "Optimizer"]

MOMENTUM = 0.9
SQUARE_DECAY = 0.99
ADAM_FIRST, ADAM_SECOND = 0.9, 0.999
EPSILON = 1e-8


@dataclass(frozen=True)
class Optimizer:
    """One method.

    Args:
        about: a sentence for the help.
        learning_rate: the default.
        memory: names of the vectors that it keeps between updates.
        step: ``step(parameters, gradient, memory, learning_rate, number)`` gives the next parameters and memory;
            ``number`` counts updates from 1.
    """

    about: str
    learning_rate: float
    memory: tuple[str, ...]
    step: Callable[[Floats, Floats, Memory, float, int], tuple[Floats, Memory]]

    def start(self, count: int) -> Memory:
        """The memory before the first update of ``count`` parameters."""
        import numpy as np

        return {name: np.zeros(count) for name in self.memory}


def sgd(
    parameters: Floats, gradient: Floats, memory: Memory, learning_rate: float, _number: int
) -> tuple[Floats, Memory]:
    """Plain gradient descent: p - lr g."""
    return parameters - learning_rate * gradient, memory


def momentum(
    parameters: Floats, gradient: Floats, memory: Memory, learning_rate: float, _number: int
) -> tuple[Floats, Memory]:
    """Heavy ball without damping: v = 0.9 v + g, p - lr v."""
    velocity = MOMENTUM * memory["velocity"] + gradient
    return parameters - learning_rate * velocity, {"velocity": velocity}


def rmsprop(
    parameters: Floats, gradient: Floats, memory: Memory, learning_rate: float, _number: int
) -> tuple[Floats, Memory]:
    """The gradient over its running root mean square: s = 0.99 s + 0.01 g^2, p - lr g / (sqrt(s) + 1e-8)."""
    import numpy as np

    square = SQUARE_DECAY * memory["square"] + (1 - SQUARE_DECAY) * gradient * gradient
    return parameters - learning_rate * gradient / (np.sqrt(square) + EPSILON), {"square": square}


def adam(
    parameters: Floats, gradient: Floats, memory: Memory, learning_rate: float, number: int
) -> tuple[Floats, Memory]:
    """Adam (Kingma and Ba, 2015, algorithm 1) with bias correction, decays 0.9 and 0.999."""
    import numpy as np

    first = ADAM_FIRST * memory["first"] + (1 - ADAM_FIRST) * gradient
    second = ADAM_SECOND * memory["second"] + (1 - ADAM_SECOND) * gradient * gradient
    mean = first / (1 - ADAM_FIRST**number)
    spread = np.sqrt(second / (1 - ADAM_SECOND**number)) + EPSILON
    return parameters - learning_rate * mean / spread, {"first": first, "second": second}


OPTIMIZERS: dict[str, Optimizer] = {
    "sgd": Optimizer("plain gradient descent", 0.1, (), sgd),
    "momentum": Optimizer("gradient descent with momentum 0.9", 0.02, ("velocity",), momentum),
    "rmsprop": Optimizer("gradients divided by their running root mean square", 0.005, ("square",), rmsprop),
    "adam": Optimizer(
        "momentum and running root mean square, both corrected for the start", 0.02, ("first", "second"), adam
    ),
}
