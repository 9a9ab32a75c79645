"""Small neural nets on `Value`: every weight a number, every neuron a sum of products; and losses on tensors."""

from typing import TYPE_CHECKING

from gradcli.nn.initializers import INITIALIZERS
from gradcli.nn.losses import LOSSES, Loss
from gradcli.nn.modules import MLP, Layer, Module, Neuron

__all__ = ["INITIALIZERS", "LOSSES", "MLP", "Layer", "Loss", "Module", "Neuron"]
# MSELoss, CrossEntropyLoss ...: one for each entry.
__all__ += [loss.__name__ for loss in LOSSES.values()]
globals().update({loss.__name__: loss for loss in LOSSES.values()})

if TYPE_CHECKING:

    def __getattr__(name: str) -> type[Loss]: ...
