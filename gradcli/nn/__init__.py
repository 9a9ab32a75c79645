"""Nets with PyTorch's names: modules, layers and losses on `Tensor`; and micrograd's small nets on `Value`.

`nn.functional` has the formulas as functions.  The layers with parameters need NumPy, and are loaded when one is first
asked for.

>>> from gradcli import nn
>>> nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1))
Sequential(
  (0): Linear(in_features=2, out_features=16, bias=True)
  (1): ReLU()
  (2): Linear(in_features=16, out_features=1, bias=True)
)
"""

from typing import TYPE_CHECKING, Any

from gradcli.nn import functional
from gradcli.nn.activation_modules import ACTIVATIONS, Activation, Flatten, Identity, LogSoftmax, Softmax
from gradcli.nn.containers import ModuleDict, ModuleList, Sequential
from gradcli.nn.initializers import INITIALIZERS
from gradcli.nn.losses import LOSSES, Loss
from gradcli.nn.micrograd import MLP, Layer, Neuron
from gradcli.nn.modules import Module

if TYPE_CHECKING:
    from gradcli.nn.layers import CausalSelfAttention as CausalSelfAttention
    from gradcli.nn.layers import Conv2d as Conv2d
    from gradcli.nn.layers import Dropout as Dropout
    from gradcli.nn.layers import Embedding as Embedding
    from gradcli.nn.layers import LayerNorm as LayerNorm
    from gradcli.nn.layers import Linear as Linear
    from gradcli.nn.layers import MaxPool2d as MaxPool2d
    from gradcli.nn.layers import Parameter as Parameter

LAYERS = ("CausalSelfAttention", "Conv2d", "Dropout", "Embedding", "LayerNorm", "Linear", "MaxPool2d", "Parameter")

__all__ = [
    "ACTIVATIONS", "INITIALIZERS", "LOSSES", "MLP", "Activation", "Flatten", "Identity", "Layer", "LogSoftmax", "Loss",
    "Module", "ModuleDict", "ModuleList", "Neuron", "Sequential", "Softmax", "functional",
]  # fmt: skip
__all__ += LAYERS
# ReLU, Tanh ..., MSELoss, CrossEntropyLoss ...: one for each entry.
__all__ += [one.__name__ for table in (ACTIVATIONS, LOSSES) for one in table.values()]
globals().update({one.__name__: one for table in (ACTIVATIONS, LOSSES) for one in table.values()})


def __getattr__(name: str) -> Any:
    """Load a layer when it is first asked for."""
    if name not in LAYERS:
        raise AttributeError(f"module 'gradcli.nn' has no attribute {name!r}")
    from gradcli.nn import layers

    globals()[name] = found = getattr(layers, name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
