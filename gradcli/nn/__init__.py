"""Nets with PyTorch's names: modules, layers and losses on `Tensor`; and micrograd's small nets on `Value`.

`nn.functional` has the formulas as functions.  A name is loaded when it is first used: layers with parameters need
NumPy, and micrograd's nets do not.  A class becomes a name of this package by the ``__all__`` of its file, and an
activation or a loss by its entry in a table.

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
    from gradcli.nn import init as init
    from gradcli.nn.activation_modules import *
    from gradcli.nn.attention import *
    from gradcli.nn.containers import *
    from gradcli.nn.initializers import INITIALIZERS as INITIALIZERS
    from gradcli.nn.layers import *
    from gradcli.nn.lazy_layers import LAZY as LAZY
    from gradcli.nn.linear_loss import *
    from gradcli.nn.losses import LOSSES as LOSSES
    from gradcli.nn.losses import Loss as Loss
    from gradcli.nn.micrograd import *
    from gradcli.nn.modules import Module as Module
    from gradcli.nn.norm_layers import *
    from gradcli.nn.pair_losses import PAIR_LOSSES as PAIR_LOSSES
    from gradcli.nn.pool_layers import *
    from gradcli.nn.recurrent import *
    from gradcli.nn.resizing_layers import *
    from gradcli.nn.sequence_losses import LinearCrossEntropyOptions as LinearCrossEntropyOptions
    from gradcli.nn.transformer import *
    from gradcli.nn.window_layers import *

#: The files whose classes are names of `gradcli.nn`.  A class is looked for in one after the other, so the file that is
#: loaded in no time comes first, and the one that loads NumPy last.
_FILES = (
    "containers", "micrograd", "activation_modules", "losses", "pair_losses", "sequence_losses", "layers", "attention",
    "norm_layers", "recurrent", "window_layers", "pool_layers", "resizing_layers", "lazy_layers", "transformer",
    "linear_loss",
)  # fmt: skip
#: Each other name, and its file; `functional` and `init` are files themselves.
_HOMES = {"INITIALIZERS": "initializers", "Module": "modules", "functional": "functional", "init": "init"}


def __getattr__(name: str) -> Any:
    """Load a name when it is first used."""
    found: Any = None
    if name == "__all__":
        found = sorted({*_HOMES, *(one for file in _FILES for one in _names_of(file))})
    elif name in _HOMES:
        module = _file(_HOMES[name])
        found = module if _HOMES[name] == name else getattr(module, name)
    elif name[:1].isupper():  # a class; if a file were looked for among them, files would be imported in a circle
        found = next((names[name] for names in map(_names_of, _FILES) if name in names), None)
    if found is None:
        raise AttributeError(f"module 'gradcli.nn' has no attribute {name!r}")
    globals()[name] = found
    return found


def _names_of(file: str) -> dict[str, Any]:
    """Return the tables and classes of a file by their names, and the classes in its tables: ReLU ..., MSELoss ..."""
    module = _file(file)
    found = {name: getattr(module, name) for name in module.__all__ if name[:1].isupper()}
    return found | {one.__name__: one for table in found.values() if isinstance(table, dict) for one in table.values()}


def _file(name: str) -> Any:
    return import_module(f"gradcli.nn.{name}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__getattr__("__all__")})
