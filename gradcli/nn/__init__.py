"""Nets with PyTorch's names: modules, layers and losses on `Tensor`; and micrograd's small nets on `Value`.

`nn.functional` has the formulas as functions.  A name is loaded when it is first used: layers with parameters need
NumPy, and micrograd's nets do not.

>>> from gradcli import nn
>>> nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1))
Sequential(
  (0): Linear(in_features=2, out_features=16, bias=True)
  (1): ReLU()
  (2): Linear(in_features=16, out_features=1, bias=True)
)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradcli.nn import functional as functional
    from gradcli.nn.activation_modules import ACTIVATIONS as ACTIVATIONS
    from gradcli.nn.activation_modules import Activation as Activation
    from gradcli.nn.activation_modules import Flatten as Flatten
    from gradcli.nn.activation_modules import Identity as Identity
    from gradcli.nn.activation_modules import LogSoftmax as LogSoftmax
    from gradcli.nn.activation_modules import Softmax as Softmax
    from gradcli.nn.containers import ModuleDict as ModuleDict
    from gradcli.nn.containers import ModuleList as ModuleList
    from gradcli.nn.containers import Sequential as Sequential
    from gradcli.nn.initializers import INITIALIZERS as INITIALIZERS
    from gradcli.nn.layers import CausalSelfAttention as CausalSelfAttention
    from gradcli.nn.layers import Conv2d as Conv2d
    from gradcli.nn.layers import Dropout as Dropout
    from gradcli.nn.layers import Embedding as Embedding
    from gradcli.nn.layers import LayerNorm as LayerNorm
    from gradcli.nn.layers import Linear as Linear
    from gradcli.nn.layers import MaxPool2d as MaxPool2d
    from gradcli.nn.layers import Parameter as Parameter
    from gradcli.nn.losses import LOSSES as LOSSES
    from gradcli.nn.losses import Loss as Loss
    from gradcli.nn.micrograd import MLP as MLP
    from gradcli.nn.micrograd import Layer as Layer
    from gradcli.nn.micrograd import Neuron as Neuron
    from gradcli.nn.modules import Module as Module

#: File -> the names that come from it.
_HOMES = {
    "activation_modules": ("ACTIVATIONS", "Activation", "Flatten", "Identity", "LogSoftmax", "Softmax"),
    "containers": ("ModuleDict", "ModuleList", "Sequential"),
    "functional": ("functional",),
    "initializers": ("INITIALIZERS",),
    "layers": (
        "CausalSelfAttention", "Conv2d", "Dropout", "Embedding", "LayerNorm", "Linear", "MaxPool2d", "Parameter",
    ),
    "losses": ("LOSSES", "Loss"),
    "micrograd": ("MLP", "Layer", "Neuron"),
    "modules": ("Module",),
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Load a name when it is first asked for."""
    found: Any = None
    home = next((home for home, names in _HOMES.items() if name in names), None)
    if name == "__all__":
        found = sorted({*(key for names in _HOMES.values() for key in names), *_of_tables()})
    elif home is not None:
        module = import_module(f"gradcli.nn.{home}")
        found = module if home == name else getattr(module, name)
    elif name[:1].isupper():  # a class; asking the tables for a file would load them in a circle
        found = _of_tables().get(name)
    if found is None:
        raise AttributeError(f"module 'gradcli.nn' has no attribute {name!r}")
    globals()[name] = found
    return found


def _of_tables() -> dict[str, Any]:
    """ReLU, Tanh ..., MSELoss, CrossEntropyLoss ...: one class for each entry of `ACTIVATIONS` and `LOSSES`."""
    from gradcli.nn.activation_modules import ACTIVATIONS
    from gradcli.nn.losses import LOSSES

    return {one.__name__: one for table in (ACTIVATIONS, LOSSES) for one in table.values()}


def __dir__() -> list[str]:
    return sorted({*globals(), *__getattr__("__all__")})
