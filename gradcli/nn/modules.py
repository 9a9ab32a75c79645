"""`Module`, the base class of layers and nets.

The attributes of a module are plain attributes.  When a method such as `Module.parameters` is called, it searches the
attributes, and lists, tuples and dicts in them, for parameters and modules.  Each is found only once.  The name of a
parameter is the path to it, such as ``layers.1.bias``, as in PyTorch.  A parameter is a leaf that receives gradients: a
`Value`, a `Parameter` (even a frozen one), or a tensor that requires a gradient.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from gradcli.eager.hooks import HookHandle
from gradcli.eager.value import Value
from gradcli.errors import UsageError
from gradcli.nn.module_hooks import Hooks
from gradcli.nn.summary import Summary, SummaryRow
from gradcli.primitives import REGISTRY, Operand, Primitive
from gradcli.records import NamedTuple

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["IncompatibleKeys", "Module", "function_named"]


def function_named(name: str) -> Primitive:
    """Return the function of one operand with this name.

    Raises:
        UsageError: the registry has no such function.
    """
    primitive = REGISTRY.find(name)
    if primitive is None or primitive.arity != 1:
        raise UsageError(f"{name!r} is not a function of one operand")
    return primitive


class IncompatibleKeys(NamedTuple):
    """The names that `Module.load_state_dict` expected but was not given, and the names that were given but unknown."""

    missing_keys: list[str]
    unexpected_keys: list[str]


Named: TypeAlias = "list[tuple[str, Any]]"


def is_parameter(part: Any) -> bool:
    """Whether a part of a module is one of its parameters."""
    if isinstance(part, Value):
        return part.primitive is None
    is_leaf = getattr(part, "is_leaf", False) and getattr(part, "requires_grad", False)
    return isinstance(part, Operand) and (hasattr(part, "is_parameter") or is_leaf)


def flattened(parts: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Yield parts with their names. Lists, tuples and dicts are replaced by their members, whose names are paths."""
    for name, part in parts:
        if isinstance(part, (list, tuple, dict)):
            members = part.items() if isinstance(part, dict) else enumerate(part)
            yield from flattened((f"{name}.{key}", member) for key, member in members)
        else:
            yield name, part


class Module:
    """A layer, or a net of modules.

    A subclass assigns parameters and modules to attributes and defines ``forward``; calling the module calls
    ``forward``.

    Attributes:
        training: whether the module behaves as in training (`Dropout` drops) or as in use.

    >>> class Pair(Module):
    ...     def __init__(self):
    ...         self.first, self.others = Value(2.0), [Value(3.0), Value(4.0)]
    ...
    ...     def forward(self, x):
    ...         return self.first * x + sum(self.others)
    >>> pair = Pair()
    >>> pair(10.0), [name for name, _ in pair.named_parameters()]
    (Value(data=27.0, grad=0.0), ['first', 'others.0', 'others.1'])
    """

    training: bool = True
    #: The names of the attributes that the repr shows.
    _shown: ClassVar[Sequence[str]] = ()
    _buffers: Mapping[str, bool] = MappingProxyType({})
    _hooks: Hooks | None = None

    def forward(self, *inputs: Any, **options: Any) -> Any:
        """The output; a subclass defines it.

        Raises:
            NotImplementedError: the subclass doesn't define ``forward``.
        """
        raise NotImplementedError(f"{type(self).__name__} doesn't define forward")

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        """The output of ``forward``, between the calls of hooks."""
        return self.forward(*inputs, **options) if self._hooks is None else self._hooks.call(self, inputs, options)

    def register_forward_hook(
        self,
        hook: Callable[..., Any],
        *,
        prepend: bool = False,
        with_kwargs: bool = False,
        always_call: bool = False,
    ) -> HookHandle:
        """Call a function after each ``forward``, as ``hook(module, inputs, output)``.

        A result that isn't None takes the place of the output.

        Args:
            hook: the function.
            prepend: whether it is called before the hooks that are there already.
            with_kwargs: whether it is called as ``hook(module, inputs, options, output)``.
            always_call: whether it is called even if ``forward`` raises an error, then with None as the output.

        Returns:
            A handle, whose ``remove()`` ends this.

        >>> from gradcli.nn import Identity
        >>> seen = []
        >>> layer = Identity()
        >>> handle = layer.register_forward_hook(lambda module, inputs, output: seen.append(output))
        >>> _ = layer(1.0)
        >>> handle.remove()
        >>> _ = layer(2.0)
        >>> seen
        [1.0]
        """
        return self._hooked().add(self._hooked().after, (hook, with_kwargs, always_call), first=prepend)

    def register_forward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> HookHandle:
        """Call a function before each ``forward``, as ``hook(module, inputs)``.

        A result that isn't None takes the place of the inputs.

        Args:
            hook: the function.
            prepend: whether it is called before the hooks that are there already.
            with_kwargs: whether it is called as ``hook(module, inputs, options)``, and returns both or None.

        Returns:
            A handle, whose ``remove()`` ends this.
        """
        return self._hooked().add(self._hooked().before, (hook, with_kwargs, False), first=prepend)

    def register_full_backward_hook(self, hook: Callable[..., Any], prepend: bool = False) -> HookHandle:
        """Call a function in each backward pass, as ``hook(module, of_inputs, of_outputs)``, with tuples of gradients.

        An input without a gradient has None.  A result that isn't None takes the place of the gradients of the inputs.

        Args:
            hook: the function.
            prepend: whether it is called before the hooks that are there already.

        Returns:
            A handle, whose ``remove()`` ends this.

        >>> from gradcli import Tensor
        >>> from gradcli.nn import Tanh
        >>> layer = Tanh()
        >>> handle = layer.register_full_backward_hook(lambda module, inputs, outputs: print(inputs, outputs))
        >>> layer(Tensor([0.0], requires_grad=True)).sum().backward()
        (tensor([1.]),) (tensor([1.]),)
        """
        return self._hooked().add(self._hooked().backward, hook, first=prepend)

    def register_full_backward_pre_hook(self, hook: Callable[..., Any], prepend: bool = False) -> HookHandle:
        """Call a function in each backward pass before it reaches this module, as ``hook(module, of_outputs)``.

        A result that isn't None takes the place of the gradients of the outputs.

        Args:
            hook: the function.
            prepend: whether it is called before the hooks that are there already.

        Returns:
            A handle, whose ``remove()`` ends this.
        """
        return self._hooked().add(self._hooked().backward_before, hook, first=prepend)

    def _hooked(self) -> Hooks:
        if self._hooks is None:
            self._hooks = Hooks()
        return self._hooks

    # Methods that find the parts

    def members(self) -> Iterable[tuple[str, Any]]:
        """The attributes of the module with their names; in a container, the modules with their places as names."""
        return vars(self).items()

    def _parts(self) -> tuple[Named, Named]:
        """The parameters and the modules that are direct members of this module."""
        parts = list(flattened(self.members()))
        parameters = [(key, part) for key, part in parts if is_parameter(part) and key not in self._buffers]
        return parameters, [(key, part) for key, part in parts if isinstance(part, Module)]

    def _own_buffers(self) -> Named:
        return [(key, getattr(self, key)) for key in self._buffers if getattr(self, key) is not None]

    def _walk(self, prefix: str = "", seen: set[int] | None = None) -> Iterator[tuple[str, Module, Named]]:
        """Yield (prefix of names, module, its parameters) for this module and then for all modules in it.

        If ``seen`` is given, at first as an empty set, each module is yielded only once.
        """
        if seen is not None:
            if id(self) in seen:
                return
            seen.add(id(self))
        parameters, modules = self._parts()
        yield prefix, self, parameters
        for key, module in modules:
            yield from module._walk(f"{prefix}{key}.", seen)

    def _state(self) -> dict[str, Any]:
        """Return parameters and persistent buffers by name; a part that is in two places has two names."""
        state: dict[str, Any] = {}
        for prefix, module, parameters in self._walk():
            kept = [(key, buffer) for key, buffer in module._own_buffers() if module._buffers[key]]
            state.update((prefix + key, part) for key, part in (*parameters, *kept))
        return state

    def parameters(self) -> list[Any]:
        """The parameters in a fixed order: first the direct members of a module, then the parameters of its parts."""
        return list({id(part): part for _, _, own in self._walk(seen=set()) for _, part in own}.values())

    def named_parameters(self) -> list[tuple[str, Any]]:
        """The parameters with their names."""
        return _once((prefix + key, part) for prefix, _, own in self._walk(seen=set()) for key, part in own)

    def modules(self) -> list[Module]:
        """This module and all modules in it."""
        return [module for _, module, _ in self._walk(seen=set())]

    def named_modules(self) -> list[tuple[str, Module]]:
        """This module, whose name is empty, and all modules in it, with their names."""
        return [(prefix[:-1], module) for prefix, module, _ in self._walk(seen=set())]

    def children(self) -> list[Module]:
        """The modules that are direct members of this module."""
        return [module for _, module in self.named_children()]

    def named_children(self) -> list[tuple[str, Module]]:
        """The modules that are direct members of this module, with their names."""
        return self._parts()[1]

    def register_buffer(self, name: str, tensor: Any, persistent: bool = True) -> None:
        """Keep a tensor that isn't a parameter, such as a running average, as an attribute with this name.

        Args:
            name: the name of the attribute.
            tensor: the tensor, or None if it is set later.
            persistent: whether the buffer is part of `state_dict`.
        """
        self._buffers = {**self._buffers, name: persistent}
        setattr(self, name, tensor)

    def add_module(self, name: str, module: Module | None) -> None:
        """Keep a module as the attribute of this name."""
        setattr(self, name, module)

    register_module = add_module

    def register_parameter(self, name: str, param: Any) -> None:
        """Keep a parameter as the attribute of this name; None if there is none."""
        setattr(self, name, param)

    def get_submodule(self, target: str) -> Module:
        """Return the module with this name; an empty name is that of the module itself.

        Raises:
            AttributeError: there is no module of this name.
        """
        return _named(self.named_modules(), target, "module")  # type: ignore[no-any-return]

    def get_parameter(self, target: str) -> Any:
        """Return the parameter with this name.

        Raises:
            AttributeError: there is no parameter of this name.
        """
        return _named(self.named_parameters(), target, "parameter")

    def buffers(self) -> list[Any]:
        """The buffers that are not None."""
        return [buffer for _, buffer in self.named_buffers()]

    def named_buffers(self) -> list[tuple[str, Any]]:
        """The buffers that are not None, with their names."""
        found = [(prefix, module._own_buffers()) for prefix, module, _ in self._walk(seen=set())]
        return _once((prefix + key, part) for prefix, own in found for key, part in own)

    # Methods that change all parts

    def apply(self, function: Callable[[Module], Any]) -> Self:
        """Call a function with every module, the parts first, and return this module."""
        for module in self.children():
            module.apply(function)
        function(self)
        return self

    def train(self, mode: bool = True) -> Self:
        """Switch to the behaviour in training, and return the module."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Switch to the behaviour in use, and return the module."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Let all parameters receive gradients, or none, and return the module."""
        for parameter in self.parameters():
            parameter.requires_grad = requires_grad
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Reset the gradient of every parameter.

        Args:
            set_to_none: whether the gradient of a tensor becomes None, and not zeros; that of a value becomes 0.
        """
        for parameter in self.parameters():
            if isinstance(parameter, Value):
                parameter.grad = 0.0
            elif set_to_none:
                parameter.grad = None
            elif parameter.grad is not None:
                parameter.grad = parameter.grad.detach() * 0.0

    def to(self, *wanted: Any, dtype: Any = None, device: Any = None) -> Self:
        """Convert parameters and buffers of floats to another type, in place.

        Reset the gradients, and return the module.

        Args:
            wanted: a type, a device, or both; the only device is the processor.

        Raises:
            TypeError: a parameter is a `Value`.
            UsageError: there is no such device.
        """
        from gradcli.eager.tensor_data import check_device, is_device

        for one in wanted:
            if is_device(one):
                device = one
            elif not isinstance(one, bool):
                dtype = one
        check_device(device)
        if dtype is None:
            return self
        for _, tensor in [*self.named_parameters(), *self.named_buffers()]:
            if isinstance(tensor, Value):
                raise TypeError("a Value is a 64-bit float and has no other type")
            if "float" in str(tensor.dtype):
                # An assignment to `data` would keep the type.
                tensor.data = tensor.detach().to(dtype)
                tensor.grad = None
        return self

    def cpu(self) -> Self:
        """Return the module, which is on the processor already."""
        return self

    def half(self) -> Self:
        """Make parameters and buffers 16-bit floats."""
        return self.to("float16")

    def float(self) -> Self:
        """Make parameters and buffers 32-bit floats."""
        return self.to("float32")

    def double(self) -> Self:
        """Make parameters and buffers 64-bit floats."""
        return self.to("float64")

    # State

    def state_dict(self) -> dict[str, Any]:
        """Return copies of the parameters and persistent buffers by name, as numbers or tensors.

        >>> from gradcli.nn import Linear, Sequential, Tanh
        >>> {name: tensor.shape for name, tensor in Sequential(Linear(2, 3), Tanh(), Linear(3, 1)).state_dict().items()}
        {'0.weight': (3, 2), '0.bias': (3,), '2.weight': (1, 3), '2.bias': (1,)}
        """
        return {
            name: part.data if isinstance(part, Value) else part.detach().clone()
            for name, part in self._state().items()
        }

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True) -> IncompatibleKeys:
        """Copy the numbers of a `state_dict` into this module; the types of the parameters don't change.

        Args:
            state_dict: a dict from names to tensors, arrays, or tensors of PyTorch.
            strict: whether all names must agree; if not, the numbers with a known name are loaded.

        Returns:
            The names that don't agree.

        Raises:
            UsageError: names or shapes don't agree; nothing is changed.
        """
        own = self._state()
        names = IncompatibleKeys([n for n in own if n not in state_dict], [n for n in state_dict if n not in own])
        given = {name: state_dict[name] for name in own if name in state_dict}
        wrong = []
        for what, keys in (("missing", names.missing_keys), ("unexpected", names.unexpected_keys)):
            if keys and strict:
                wrong.append(f"{what}: {', '.join(f'`{key}`' for key in keys)}")
        for name, numbers in given.items():
            if _shape(own[name]) != _shape(numbers):
                wrong.append(f"`{name}` has shape {_shape(own[name])}, but the given array has shape {_shape(numbers)}")
        if wrong:
            raise UsageError(f"the state doesn't fit {type(self).__name__}: {'; '.join(wrong)}")
        for name, numbers in given.items():
            plain = numbers.detach() if hasattr(numbers, "detach") else numbers
            own[name].data = float(plain) if isinstance(own[name], Value) else _numpy(plain)
        return names

    # Texts

    def summary(self, input_shape: int | Sequence[int] | None = None) -> Summary:
        """Return the modules with their output shapes and numbers of parameters; ``str`` makes a table of them.

        Args:
            input_shape: the shape of the whole input, with the axis of the rows or images.  Zeros of this shape are
                sent through the net, as in `eval`.  Without it, no output shapes are known.
        """
        shapes = {} if input_shape is None else _output_shapes(self, input_shape)
        counted: set[int] = set()
        rows = []
        for prefix, part, parameters in self._walk(seen=set()):
            own = {id(parameter): parameter for _, parameter in parameters if id(parameter) not in counted}
            counted.update(own)
            if own or not part.children():
                rows.append(SummaryRow(prefix[:-1], type(part).__name__, shapes.get(id(part)), _size(own.values())))
        everything = self.parameters()
        trained = [parameter for parameter in everything if getattr(parameter, "requires_grad", True)]
        return Summary(tuple(rows), _size(everything), _size(trained), shapes.get(id(self)))

    def extra_repr(self) -> str:
        """The text in the parentheses of the repr: by default the attributes named in ``_shown``."""
        return ", ".join([f"{name}={getattr(self, name)!r}" for name in self._shown])

    def _repr_html_(self) -> str | None:
        # A module without parameters is told by its text.
        found = self.summary()
        return found._repr_html_() if found.total else None

    def __repr__(self) -> str:
        lines = [line for line in self.extra_repr().split("\n") if line]
        parts = [f"({key}): {part!r}".replace("\n", "\n  ") for key, part in self.named_children()]
        if not parts and len(lines) <= 1:
            return f"{type(self).__name__}({''.join(lines)})"
        return "\n  ".join([f"{type(self).__name__}(", *lines, *parts]) + "\n)"


def _named(parts: Named, name: str, what: str) -> Any:
    found = dict(parts)
    if name not in found:
        raise AttributeError(f"there is no {what} {name!r}")
    return found[name]


def _once(parts: Iterable[tuple[str, Any]]) -> Named:
    """Return each part once, with its first name."""
    first: dict[int, tuple[str, Any]] = {}
    for name, part in parts:
        first.setdefault(id(part), (name, part))
    return list(first.values())


def _shape(numbers: Any) -> tuple[int, ...]:
    """Return the shape of a tensor, an array, a number of Python or nested lists."""
    if isinstance(numbers, (Value, float, int)):
        return ()
    return tuple(numbers.shape) if hasattr(numbers, "shape") else tuple(_numpy(numbers).shape)


def _size(parameters: Iterable[Any]) -> int:
    """Return the total number of elements of the parameters."""
    return sum(math.prod(getattr(parameter, "shape", ())) for parameter in parameters)


def _numpy(numbers: Any) -> Any:
    import numpy as np

    return np.asarray(numbers)


def _output_shapes(net: Module, input_shape: int | Sequence[int]) -> dict[int, tuple[int, ...] | None]:
    """Send zeros through the net, and return a dictionary from the ``id`` of each module to the shape of its output."""
    shapes: dict[int, tuple[int, ...] | None] = {}

    def recording(module: Module, forward: Callable[..., Any]) -> Callable[..., Any]:
        def recorded(*inputs: Any, **options: Any) -> Any:
            output = forward(*inputs, **options)
            if isinstance(output, list) and all(isinstance(one, Value) for one in output):
                shapes[id(module)] = (len(output),)
            else:
                shapes[id(module)] = () if isinstance(output, Value) else getattr(output, "shape", None)
            return output

        return recorded

    before = [(module, module.training) for module in net.modules()]
    for module, _ in before:
        vars(module)["forward"] = recording(module, module.forward)
    net.eval()
    try:
        if any(isinstance(parameter, Value) for parameter in net.parameters()):
            net([0.0] * (input_shape if isinstance(input_shape, int) else math.prod(input_shape)))
        else:
            from gradcli.eager.creation import zeros
            from gradcli.eager.record import no_grad

            with no_grad():
                net(zeros(input_shape))
    finally:
        for module, mode in before:
            del vars(module)["forward"]
            module.training = mode
    return shapes
