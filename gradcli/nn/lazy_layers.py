"""Layers that learn the size of their input from the first input; from then on they are the usual layers.

>>> from gradcli import nn, randn
>>> layer = nn.LazyLinear(2)
>>> layer(randn(3, 5)).shape, layer
((3, 2), Linear(in_features=5, out_features=2, bias=True))
"""

from __future__ import annotations

import inspect
from typing import Any, ClassVar, Final

from gradcli.nn import layers, norm_layers, window_layers
from gradcli.nn.modules import Module

__all__ = ["LAZY"]

# ruff: noqa: A002  (PyTorch's `input`)


class _Lazy(Module):
    """The base: what the usual layer will be made with."""

    becomes: ClassVar[type[Module]]
    #: The axis of the features or channels in an input with the given number of axes.
    axis: ClassVar[int]

    def __init__(self, *values: Any, **options: Any) -> None:
        inspect.signature(self.becomes).bind(1, *values, **options)
        self._made_with: tuple[Any, Any, dict[str, Any]] = (values, options, {})

    def to(self, *wanted: Any, **named: Any) -> Any:
        """Remember the type that the parameters get."""
        self._made_with[2]["to"] = wanted, named
        return self

    def forward(self, input: Any) -> Any:
        """The output of the usual layer, which this layer becomes."""
        values, options, later = self._made_with
        size = input.shape[self.axis]
        del self._made_with
        self.__class__ = self.becomes  # type: ignore[assignment]
        self.__init__(size, *values, **options)  # type: ignore[misc]
        if later:
            words, named = later["to"]
            self.to(*words, **named)
        return self.forward(input)

    def extra_repr(self) -> str:
        values, options, _ = self._made_with
        return ", ".join([*map(repr, values), *(f"{name}={value!r}" for name, value in options.items())])


#: Name -> class, of every lazy layer.
LAZY: Final[dict[str, type[Module]]] = {}

for _home, _name, _axis in [
    (layers, "Linear", -1),
    *[(window_layers, f"Conv{n}d", -n - 1) for n in (1, 2, 3)],
    *[(window_layers, f"ConvTranspose{n}d", -n - 1) for n in (1, 2, 3)],
    *[(norm_layers, f"BatchNorm{n}d", 1) for n in (1, 2, 3)],
    *[(norm_layers, f"InstanceNorm{n}d", -n - 1) for n in (1, 2, 3)],
]:
    _kind = getattr(_home, _name)
    LAZY[f"Lazy{_name}"] = type(
        f"Lazy{_name}",
        (_Lazy,),
        {
            "__doc__": f"`{_name}` without its first argument, which follows from the first input.",
            "__module__": "gradcli.nn",
            "becomes": _kind,
            "axis": _axis,
        },
    )
