"""Optimisers that hold parameters, with the names and arguments of PyTorch: one class for each method of `OPTIMIZERS`.

A parameter is anything with ``.data`` and ``.grad``: a `Tensor`, or a `Value`, whose data is a number.  A parameter
without a gradient is not updated.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Final

from gradcli.errors import UsageError
from gradcli.optim.optimizers import ONE_NUMBER, OPTIMIZERS, Method
from gradcli.primitives.backends import backend_of

__all__ = ["CLASSES", "Optimizer"]

#: PyTorch's options that choose among implementations with the same result.
_WITHOUT_EFFECT: Final = frozenset({"capturable", "differentiable", "foreach", "fused"})


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
        options = {name: value for name, value in options.items() if name not in _WITHOUT_EFFECT}
        if len(values) > len(names) or not {*names[: len(values)]}.isdisjoint(options):
            raise TypeError(f"{type(self).__name__} takes {', '.join(['parameters', *names])}, each once")
        self.defaults = self.method.configured(**dict(zip(names, values, strict=False)), **options)
        self.param_groups: list[dict[str, Any]] = []
        # The key is the parameter's id: the groups keep it alive, and a tensor's == compares its numbers.
        self._memory: dict[int, tuple[int, dict[str, Any]]] = {}
        if hasattr(parameters, "grad"):
            raise UsageError("an optimiser takes a list of parameters, not a single one")
        given = list(parameters)
        if not given:
            raise UsageError("an optimiser needs at least one parameter")
        for group in given if isinstance(given[0], dict) else [{"params": given}]:
            self.add_param_group(group)

    def add_param_group(self, group: Mapping[str, Any]) -> None:
        """Add a group: the parameters under ``"params"``, and the options that differ from the defaults.

        Raises:
            UsageError: as for the class.
        """
        options = {name: value for name, value in group.items() if name != "params"}
        parameters = list(group["params"])
        known = {id(parameter) for one in self.param_groups for parameter in one["params"]}
        for parameter in parameters:
            if not hasattr(parameter, "grad"):
                raise UsageError(f"a parameter is a tensor or a value, not {type(parameter).__name__}")
            if id(parameter) in known:
                raise UsageError("a parameter can be in an optimiser only once")
            known.add(id(parameter))
        self.param_groups.append({"params": parameters, **self.method.configured(**{**self.defaults, **options})})

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
                    gradient = gradient._array
                    if data.itemsize == 2:
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

    def state_dict(self) -> dict[str, Any]:
        """Return options and memory as dicts, as in PyTorch; parameters are numbered consecutively over all groups."""
        numbers = {id(parameter): number for number, parameter in enumerate(self._parameters())}
        return {
            "state": {numbers[key]: {"step": step, **memory} for key, (step, memory) in self._memory.items()},
            "param_groups": [
                {**group, "params": [numbers[id(parameter)] for parameter in group["params"]]}
                for group in self.param_groups
            ],
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Restore the state that `state_dict` returned.

        Raises:
            UsageError: the state belongs to other parameters or to another method; then the optimiser is unchanged.
        """
        groups, states, memories = state_dict["param_groups"], state_dict["state"], {}
        if [len(group["params"]) for group in groups] != [len(group["params"]) for group in self.param_groups]:
            raise UsageError("the state belongs to an optimiser of other parameters")
        places = [(group, number) for group in groups for number in group["params"]]
        for parameter, (group, number) in zip(self._parameters(), places, strict=True):
            if number not in states:
                continue
            memory = {name: array for name, array in states[number].items() if name != "step"}
            if memory.keys() != {*self.method.memory(group)}:
                raise UsageError("the state belongs to another optimiser")
            shape = getattr(parameter, "shape", ())
            if any(getattr(memory[name], "shape", ()) != shape for name in memory.keys() - ONE_NUMBER):
                raise UsageError("the state belongs to parameters of other shapes")
            memories[id(parameter)] = states[number]["step"], memory
        for mine, group in zip(self.param_groups, groups, strict=True):
            mine.update({name: value for name, value in group.items() if name != "params"})
        self._memory = memories

    def _parameters(self) -> list[Any]:
        """Return the parameters of all groups."""
        return [parameter for group in self.param_groups for parameter in group["params"]]

    def __repr__(self) -> str:
        options = ", ".join(f"{name}={value!r}" for name, value in self.defaults.items())
        return f"{type(self).__name__}({len(self._parameters())} parameters, {options})"

    def _repr_html_(self) -> str:
        from gradcli.markup import table

        rows = [[name, repr(value)] for name, value in self.defaults.items()]
        return table([], rows, f"{type(self).__name__} of {len(self._parameters())} parameters")


class WholeBatch(Optimizer):
    """The base class of methods with a ``descend``, such as L-BFGS: one step is a whole minimisation."""

    def add_param_group(self, group: Mapping[str, Any]) -> None:
        if self.param_groups:
            raise UsageError("this optimiser takes one group of parameters")
        super().add_param_group(group)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Minimise the loss until a bound among the options is reached; the closure is called many times.

        Args:
            closure: a function that resets the gradients, computes the loss, calls its ``backward()`` and returns it.

        Returns:
            The first result of the closure.
        """
        if closure is None:
            raise UsageError("this optimiser needs a closure that computes the loss again")
        assert self.method.descend is not None
        (group,), parameters, losses = self.param_groups, self._parameters(), []

        def evaluate(point: Any) -> tuple[float, Any]:
            assign(parameters, point)
            losses.append(closure())
            gradients = [
                0.0 * array_of(parameter) if parameter.grad is None else array_of(parameter.grad)
                for parameter in parameters
            ]
            return float(array_of(losses[-1])), flat(gradients)

        start = point = flat([array_of(parameter) for parameter in parameters])
        try:
            for point in self.method.descend(evaluate, start, group):  # noqa: B007  (the last one is kept)
                pass
        finally:
            assign(parameters, point)
        return losses[0]


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
    ]
    lines = "\n".join(f"    {option.name}: {option.about}." for option in method.options)
    text = f"{method.about[0].upper()}{method.about[1:]}.\n\nArgs:\n    parameters: as for `Optimizer`.\n{lines}\n"
    names = {
        "method": method,
        "__doc__": text,
        "__module__": "gradcli.optim",
        "__signature__": inspect.Signature(arguments),
    }
    return type(method.title, (Optimizer if method.step else WholeBatch,), names)


#: Name -> class, for every method that has a name of its own.
CLASSES = {method.title: class_of(method) for method in OPTIMIZERS.values() if method.title}
