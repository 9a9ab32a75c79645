"""Modules that hold modules by number or by name, as PyTorch's do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping, MutableSequence
from itertools import zip_longest
from typing import Any

from gradcli.nn.modules import Module

__all__ = ["ModuleDict", "ModuleList", "Sequential"]


def checked(module: Any) -> Any:
    """Return an object that must be a module.

    Raises:
        TypeError: the object isn't a module.
    """
    if not isinstance(module, Module):
        raise TypeError(
            f"a part of a container is a module, not {module!r}; Activation(name) makes one from a function"
        )
    return module


class Container(Module):
    """The base of the modules that hold modules: in a list, whose names are numbers, or in a dict."""

    _held: Any

    def members(self) -> Iterable[tuple[str, Any]]:
        places = self._held.items() if isinstance(self._held, dict) else enumerate(self._held)
        yield from ((str(place), module) for place, module in places)
        yield from ((key, part) for key, part in vars(self).items() if part is not self._held)

    def __getitem__(self, place: Any) -> Any:
        return self._held[place]

    def __setitem__(self, place: Any, module: Any) -> None:
        self._held[place] = checked(module)

    def __delitem__(self, place: Any) -> None:
        del self._held[place]

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._held)


class ModuleList(Container, MutableSequence[Any]):
    """A list of modules, whose names are their numbers.

    Raises:
        TypeError: a part isn't a module.

    >>> from gradcli.nn import MLP
    >>> nets = ModuleList([MLP(2, [3, 1]) for _ in range(2)])
    >>> nets.append(MLP(1, [1]))
    >>> len(nets), len(nets.parameters()), nets.named_children()[2]
    (3, 28, ('2', MLP of [Layer of [LinearNeuron(1)]]))
    """

    def __init__(self, modules: Iterable[Any] = ()) -> None:
        self._held = [checked(module) for module in modules]

    def __getitem__(self, index: Any) -> Any:
        found = self._held[index]
        return ModuleList(found) if isinstance(index, slice) else found

    def insert(self, index: int, module: Any) -> None:
        """Insert a module before the module with this number."""
        self._held.insert(index, checked(module))


class Sequential(ModuleList):
    """Modules applied one after the other.

    Args:
        modules: the modules in their order; or one dict of modules, whose keys are the names.

    Raises:
        TypeError: a part isn't a module.

    >>> from gradcli import Tensor
    >>> from gradcli.nn import Flatten, ReLU
    >>> net = Sequential(Flatten(), ReLU())
    >>> net
    Sequential(
      (0): Flatten(start_dim=1, end_dim=-1)
      (1): ReLU()
    )
    >>> net(Tensor([[[-1.0, 2.0]]])), len(net[:1])
    (tensor([[0., 2.]]), 1)
    """

    def __init__(self, *modules: Any) -> None:
        names: Iterable[str | None] = [None] * len(modules)
        if len(modules) == 1 and isinstance(modules[0], Mapping) and not isinstance(modules[0], Module):
            names, modules = zip(*modules[0].items(), strict=True) if modules[0] else ((), ())
        super().__init__(modules)
        self._names = list(names)

    def members(self) -> Iterable[tuple[str, Any]]:
        for (key, part), name in zip_longest(super().members(), self._names):
            yield name or key, part

    def __getitem__(self, index: Any) -> Any:
        if not isinstance(index, slice):
            return self._held[index]
        part = Sequential(*self._held[index])
        part._names = self._names[index]
        return part

    def __delitem__(self, index: Any) -> None:
        super().__delitem__(index)
        del self._names[index]

    def insert(self, index: int, module: Any) -> None:
        super().insert(index, module)
        self._names.insert(index, None)

    def forward(self, x: Any) -> Any:
        """The output of the last module, or the input if there are no modules."""
        for module in self._held:
            x = module(x)
        return x


class ModuleDict(Container, MutableMapping[str, Any]):
    """A dict of modules, whose names are their keys.

    Raises:
        TypeError: a part isn't a module.

    >>> from gradcli.nn import MLP
    >>> nets = ModuleDict({"small": MLP(2, [1]), "large": MLP(2, [16, 1])})
    >>> [name for name, _ in nets.named_parameters()][:2], sorted(nets), nets.small is nets["small"]
    (['small.layers.0.neurons.0.w.0', 'small.layers.0.neurons.0.w.1'], ['large', 'small'], True)
    """

    def __init__(self, modules: Mapping[str, Any] | Iterable[tuple[str, Any]] = ()) -> None:
        self._held = {name: checked(module) for name, module in dict(modules).items()}

    def __getattr__(self, name: str) -> Any:
        held = vars(self).get("_held", {})
        if name in held:
            return held[name]
        raise AttributeError(f"there is no module {name!r} in this dict, and no such attribute")

    # Like all modules, two dicts are equal only if they are the same object.
    __eq__ = object.__eq__
    __hash__ = object.__hash__
