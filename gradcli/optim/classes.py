"""Optimisers that hold parameters, with the names and arguments of PyTorch: one class for each method of `OPTIMIZERS`.

A parameter is anything with ``.data`` and ``.grad``: a `Tensor`, or a `Value`, whose data is a number.  A parameter
without a gradient is not updated.
"""

from __future__ import annotations

import inspect
import math
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from gradcli.errors import CallError, UsageError
from gradcli.optim.further_optimizers import FURTHER_OPTIMIZERS
from gradcli.optim.optimizers import ONE_NUMBER, OPTIMIZERS, Method, Options
from gradcli.primitives.backends import backend_of
from gradcli.primitives.operators import Operand

__all__ = ["CLASSES", "Optimizer"]


class Optimizer:
    """The base class: parameters in groups, each with options of its own, and a memory for each parameter.

    Args:
        parameters: the parameters; or dicts with parameters under ``"params"``, and with options that apply only to
            these.
        values: the values of options in PyTorch's order.
        options: the values of options by name.

    Attributes:
        param_groups: dicts of ``"params"`` and all options; a schedule changes their ``"lr"``.

    Raises:
        UsageError: no parameter is given, a parameter is given twice, or an option doesn't exist or is out of range.

    >>> from gradcli import Value
    >>> from gradcli.optim import SGD
    >>> x = Value(3.0)
    >>> optimizer = SGD([x], lr=0.1)
    >>> for _ in range(50):
    ...     optimizer.zero_grad()
    ...     (x * x).backward()
    ...     optimizer.step()
    >>> round(x.data, 6)
    4.3e-05
    """

    method: ClassVar[Method]

    def __init__(self, parameters: Iterable[Any], *values: Any, **options: Any) -> None:
        names = [option.name for option in self.method.options]
        if len(values) > len(names) or not {*names[: len(values)]}.isdisjoint(options):
            raise CallError(f"{type(self).__name__} takes {', '.join(['parameters', *names])}, each once")
        if hasattr(parameters, "grad"):
            raise CallError("an optimiser takes a list of parameters, not a single one")
        self.defaults = self._configured({**dict(zip(names, values, strict=False)), **options})
        self.param_groups: list[dict[str, Any]] = []
        # The key is the parameter's id: the groups keep it alive, and a tensor's == compares its numbers.
        self._memory: dict[int, tuple[int, dict[str, Any]]] = {}
        given = list(parameters)
        if not given:
            raise UsageError("an optimiser needs at least one parameter")
        for group in given if isinstance(given[0], dict) else [{"params": given}]:
            self.add_param_group(group)

    def _configured(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of all options, those without effect included.

        Raises:
            UsageError: an option is unknown or out of range, or two don't fit together.
        """
        flags = {name: given.get(name, default) for name, default in self.method.flags.items()}
        if flags.get("differentiable"):
            raise UsageError("an optimiser's step has no derivative here: differentiable=True can't be had")
        if flags.get("foreach") and flags.get("fused"):
            raise UsageError("foreach and fused can't both be true")
        if flags.get("foreach") and not flags.get("capturable") and isinstance(given.get("lr"), Operand):
            raise UsageError("a tensor as lr isn't for foreach=True without capturable=True")
        plain = {name: _number(name, one) for name, one in given.items() if name not in flags}
        return {**self.method.configured(**plain), **flags}

    def add_param_group(self, group: Mapping[str, Any]) -> None:
        """Add a group: the parameters under ``"params"``, and the options that differ from the defaults.

        The parameters may be pairs of a name and a parameter; the names are under ``"param_names"`` then.

        Raises:
            CallError: a parameter isn't a tensor or a value.
            UsageError: as for the class.
        """
        options = {name: value for name, value in group.items() if name not in ("params", "param_names")}
        parameters = [group["params"]] if hasattr(group["params"], "grad") else list(group["params"])
        named = [isinstance(one, tuple) for one in parameters]
        if any(named) != all(named) or (self.param_groups and any(named) != ("param_names" in self.param_groups[0])):
            raise UsageError("either all parameters of an optimiser have names, or none")
        names = {"param_names": [name for name, _ in parameters]} if any(named) else {}
        parameters = [one[1] for one in parameters] if names else parameters
        known = {id(parameter) for one in self.param_groups for parameter in one["params"]}
        for parameter in parameters:
            if not hasattr(parameter, "grad"):
                raise CallError(f"a parameter is a tensor or a value, not {type(parameter).__name__}")
            if isinstance(parameter, Operand) and getattr(parameter, "is_leaf", True) is False:
                raise UsageError("a parameter is a leaf, and not the result of an operation")
            if id(parameter) in known:
                raise UsageError("a parameter can be in only one group of an optimiser")
        if len({*map(id, parameters)}) < len(parameters):
            warnings.warn("a group has a parameter twice, which is changed twice in a step", UserWarning, stacklevel=3)
        self._check_parameters(parameters)
        self.param_groups.append({"params": parameters, **names, **self._configured({**self.defaults, **options})})

    def _check_parameters(self, parameters: Sequence[Any]) -> None:
        """Raise an error if the method can't change these parameters."""
        if self.method.title == "Muon" and any(len(getattr(one, "shape", ())) != 2 for one in parameters):
            raise UsageError("Muon takes matrices; give other parameters to another optimiser")

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Reset the gradients.

        Args:
            set_to_none: whether the gradient of a tensor becomes None, and not zeros; that of a value becomes 0.
        """
        for group in self.param_groups:
            for parameter in group["params"]:
                if not hasattr(parameter, "rebind"):
                    parameter.grad = 0.0
                elif set_to_none:
                    parameter.grad = None
                elif parameter.grad is not None:
                    parameter.grad = parameter.grad.detach() * 0.0

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient.

        Args:
            closure: a function that computes the loss and the gradients again; None if the gradients are computed.

        Returns:
            The result of the closure; None without a closure.
        """
        loss = None if closure is None else closure()
        update, memories = self.method.step, self._memory
        assert update is not None
        for group in self.param_groups:
            fresh = 0, self.method.start(group)
            for parameter in group["params"]:
                gradient = parameter.grad
                if gradient is None:
                    continue
                data: Any = getattr(parameter, "_array", None)
                is_tensor = data is not None
                if not is_tensor:
                    data = parameter.data
                else:
                    gradient = getattr(gradient, "_array", gradient)  # a sparse one has none
                    if data.itemsize == 2 and not getattr(gradient, "is_sparse", False):
                        # In 16 bits both eps and the square of a usual gradient would be 0.
                        backend = backend_of(data)
                        wide = backend.dtype("float32")
                        data, gradient = backend.astype(data, wide), backend.astype(gradient, wide)
                number, memory = memories.get(id(parameter), fresh)
                after, memory = update(data, gradient, memory, group, number + 1)
                if memory:
                    memories[id(parameter)] = number + 1, memory
                if is_tensor:
                    parameter.rebind(after)
                else:
                    parameter.data = after
        return loss

    @property
    def state(self) -> dict[Any, dict[str, Any]]:
        """The memory of each parameter that was changed, under PyTorch's names."""
        groups = [(parameter, group) for group in self.param_groups for parameter in group["params"]]
        return {
            parameter: self._shown(*self._memory[id(parameter)], group, parameter)
            for parameter, group in groups
            if id(parameter) in self._memory
        }

    def _shown(self, step: int, memory: Mapping[str, Any], group: Options, parameter: Any) -> dict[str, Any]:
        """Return the memory of one parameter as PyTorch has it."""
        found: dict[str, Any] = {"step": step} if self.method.counts else {}
        for name, kept in memory.items():
            title, there, _ = self.method.shown.get(name, (name, _same, _same))
            array = there(kept, group)
            found[title] = parameter.of_array(array) if hasattr(parameter, "of_array") and _has_shape(array) else array
        return found

    def state_dict(self) -> dict[str, Any]:
        """Return options and memory as dicts, as in PyTorch; parameters are numbered consecutively over all groups."""
        numbers: dict[int, int] = {}
        for number, parameter in enumerate(self._parameters()):
            numbers.setdefault(id(parameter), number)
        return {
            "state": {numbers[id(parameter)]: memory for parameter, memory in self.state.items()},
            "param_groups": [
                {**group, "params": [numbers[id(parameter)] for parameter in group["params"]]}
                for group in self.param_groups
            ],
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Restore the state that `state_dict` returned, or that of PyTorch's optimiser.

        Raises:
            UsageError: the state belongs to other parameters or to another method; then the optimiser is unchanged.
        """
        groups, states, memories = state_dict["param_groups"], state_dict["state"], {}
        if [len(group["params"]) for group in groups] != [len(group["params"]) for group in self.param_groups]:
            raise UsageError("the state belongs to an optimiser of other parameters")
        places = [(group, number) for group in groups for number in group["params"]]
        for parameter, (group, number) in zip(self._parameters(), places, strict=True):
            if number in states:
                memories[id(parameter)] = self._read(states[number], group, parameter)
        for mine, group in zip(self.param_groups, groups, strict=True):
            mine.update({name: value for name, value in group.items() if name != "params"})
        self._memory = memories

    def _read(self, state: Mapping[str, Any], group: Options, parameter: Any) -> tuple[int, dict[str, Any]]:
        """Return the number of updates and the memory in a state of one parameter."""
        titles = {title: (name, back) for name, (title, _, back) in self.method.shown.items()}
        memory = {}
        for title, content in state.items():
            if title == "step":
                continue
            name, back = titles.get(title, (title, _same))
            memory[name] = back(_as_array(content, parameter), group)
        wanted = self.method.memory(group)
        if wanted and memory.keys() != {*wanted}:
            raise UsageError("the state belongs to another optimiser")
        shape = getattr(parameter, "shape", ())
        if wanted and any(getattr(memory[name], "shape", ()) not in (shape, ()) for name in memory):
            raise UsageError("the state belongs to parameters of other shapes")
        if wanted and any(getattr(memory[name], "shape", ()) != shape for name in memory.keys() - ONE_NUMBER):
            raise UsageError("the state belongs to parameters of other shapes")
        return int(state.get("step", 1)), memory

    def _parameters(self) -> list[Any]:
        """Return the parameters of all groups."""
        return [parameter for group in self.param_groups for parameter in group["params"]]

    def __repr__(self) -> str:
        shown = {option.name: self.defaults[option.name] for option in self.method.options}
        options = ", ".join(f"{name}={value!r}" for name, value in shown.items())
        return f"{type(self).__name__}({len(self._parameters())} parameters, {options})"

    def _repr_html_(self) -> str:
        from gradcli.markup import table

        rows = [[name, repr(value)] for name, value in self.defaults.items()]
        return table([], rows, f"{type(self).__name__} of {len(self._parameters())} parameters")


def _same(array: Any, _: Options) -> Any:
    return array


def _has_shape(array: Any) -> bool:
    return hasattr(array, "dtype")


def _number(name: str, given: Any) -> Any:
    """Return an option, in which a tensor of one element is a number."""
    if isinstance(given, Operand) and not isinstance(given, (int, float)):
        if math.prod(getattr(given, "shape", ())) != 1:
            raise UsageError(f"a tensor as {name} has one element")
        return float(given.item()) if hasattr(given, "item") else given
    if isinstance(given, (tuple, list)):
        if len({isinstance(one, Operand) for one in given}) > 1:
            raise UsageError(f"{name} are either all numbers or all tensors")
        return tuple([_number(name, one) for one in given])
    return given


def _as_array(content: Any, parameter: Any) -> Any:
    """Return a number, a tensor, or a tensor of PyTorch's as the kind of array that a parameter has."""
    if hasattr(content, "array"):  # a tensor
        return content.array
    if hasattr(content, "detach"):
        found = content.detach().numpy()
        if not hasattr(parameter, "array") or not found.shape:
            return found.item()
        return backend_of(parameter.array).from_numpy(found, parameter.array.dtype)
    return content


def array_of(owner: Any) -> Any:
    """Return the array of a tensor, the number of a value, or a number itself."""
    return owner.array if hasattr(owner, "array") else getattr(owner, "data", owner)


def flat(arrays: Sequence[Any]) -> Any:
    """Return the numbers of all arrays, joined in one NumPy array of 64-bit floats."""
    import numpy as np

    return np.concatenate([np.zeros(0), *(np.ravel(backend_of(array).to_numpy(array)) for array in arrays)])


def assign(parameters: list[Any], point: Any) -> None:
    """Set parameters to the numbers of a flat vector, in the shapes and types of the parameters."""
    start = 0
    for parameter in parameters:
        old = array_of(parameter)
        if isinstance(old, (float, int)):
            parameter.data, start = float(point[start]), start + 1
            continue
        size = math.prod(old.shape)
        numbers = point[start : start + size].reshape(old.shape)
        parameter.data, start = backend_of(old).from_numpy(numbers, old.dtype), start + size


def class_of(method: Method) -> type[Optimizer]:
    """Make the class of a method, with a signature and a docstring for `help`."""
    either = inspect.Parameter.POSITIONAL_OR_KEYWORD
    arguments = [
        inspect.Parameter("parameters", either),
        *(inspect.Parameter(option.name, either, default=option.default) for option in method.options),
        *(inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=one) for name, one in method.flags.items()),
    ]
    lines = "\n".join(f"    {option.name}: {option.about}." for option in method.options)
    text = f"{method.about[0].upper()}{method.about[1:]}.\n\nArgs:\n    parameters: as for `Optimizer`.\n{lines}\n"
    names = {
        "method": method,
        "__doc__": text,
        "__module__": "gradcli.optim",
        "__signature__": inspect.Signature(arguments),
    }
    return type(method.title, (Optimizer,), names)


#: Name -> class, for every method that has a name of its own.
CLASSES = {
    method.title: class_of(method) for method in (*OPTIMIZERS.values(), *FURTHER_OPTIMIZERS.values()) if method.title
}
