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
    # isort: off
    from gradcli.nn import functional as functional
    from gradcli.nn.activation_modules import (
        ACTIVATIONS as ACTIVATIONS, Activation as Activation, Flatten as Flatten, Identity as Identity,
        LogSoftmax as LogSoftmax, Softmax as Softmax,
    )  # fmt: skip
    from gradcli.nn.containers import ModuleDict as ModuleDict, ModuleList as ModuleList, Sequential as Sequential
    from gradcli.nn.initializers import INITIALIZERS as INITIALIZERS
    from gradcli.nn.layers import (
        CausalSelfAttention as CausalSelfAttention, Conv2d as Conv2d, Dropout as Dropout, Embedding as Embedding,
        LayerNorm as LayerNorm, Linear as Linear, MaxPool2d as MaxPool2d, Parameter as Parameter,
    )  # fmt: skip
    from gradcli.nn.losses import LOSSES as LOSSES, Loss as Loss
    from gradcli.nn.micrograd import MLP as MLP, Layer as Layer, Neuron as Neuron
    from gradcli.nn.modules import Module as Module

#: File -> the names that it holds; `functional` is a file itself.
_NAMES = {
    "activation_modules": "ACTIVATIONS Activation Flatten Identity LogSoftmax Softmax",
    "containers": "ModuleDict ModuleList Sequential",
    "functional": "functional",
    "initializers": "INITIALIZERS",
    "layers": "CausalSelfAttention Conv2d Dropout Embedding LayerNorm Linear MaxPool2d Parameter",
    "losses": "LOSSES Loss",
    "micrograd": "MLP Layer Neuron",
    "modules": "Module",
}
_HOMES = {name: home for home, names in _NAMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    """Load a name when it is first asked for."""
    found: Any = None
    home = _HOMES.get(name)
    if name == "__all__":
        found = sorted({*_HOMES, *_of_tables()})
    elif home is not None:
        module = import_module(f"gradcli.nn.{home}")
        found = module if home == name else getattr(module, name)
    elif name[:1].isupper():  # a class; if a file were looked up in the tables, they would be imported in a circle
        found = _of_tables().get(name)
    if found is None:
        raise AttributeError(f"module 'gradcli.nn' has no attribute {name!r}")
    globals()[name] = found
    return found


def _of_tables() -> dict[str, Any]:
    """Return the classes in `ACTIVATIONS` and `LOSSES` by their names: ReLU, Tanh ..., MSELoss, CrossEntropyLoss ..."""
    from gradcli.nn.activation_modules import ACTIVATIONS
    from gradcli.nn.losses import LOSSES

    return {one.__name__: one for table in (ACTIVATIONS, LOSSES) for one in table.values()}


def __dir__() -> list[str]:
    return sorted({*globals(), *__getattr__("__all__")})
