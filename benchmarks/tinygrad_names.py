"""tinygrad's names for what `gradcli.torch` has, so that tinygrad's own tests run on it.

Here is only what tinygrad spells in another way than PyTorch: names, orders of arguments, whole numbers of 32 bits, and
that every tensor of floats has a derivative.  A method that isn't here is the method of PyTorch with the same name.
Floats have 64 bits, as they have in gradcli, except in tests that are written for 32.
"""

from __future__ import annotations

import contextlib
import functools
import math
import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np

import gradcli.torch as torch
from gradcli.torch.nn import functional

__all__ = ["Tensor", "install", "use_floats"]

# Types


class DType(str):
    """The name of a type, with its limits."""

    __slots__ = ()

    @property
    def max(self) -> int:
        """The largest number of a type of whole numbers."""
        return int(np.iinfo(self).max)

    @property
    def min(self) -> int:
        """The smallest number of a type of whole numbers."""
        return int(np.iinfo(self).min)


dtypes = types.SimpleNamespace(
    **{
        name: DType(name)
        for name in [
            "bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "float16", "float32",
            "float64",
        ]
    },
    int=DType("int32"), half=DType("float16"), float=DType("float32"), double=DType("float64"),
    default_int=DType("int32"), default_float=DType("float64"),
)  # fmt: skip


def type_named(name: Any) -> Any:
    """The type with a name, or None; as in tinygrad, an `AttributeError` if there is none."""
    return name if name is None or isinstance(name, np.dtype) else np.dtype(getattr(dtypes, name))


def default_type(array: Any) -> Any:
    """The type that a tensor of Python's numbers gets: whole numbers have 32 bits, or 64 if they are large."""
    if array.dtype.kind == "f":
        return np.dtype(dtypes.default_float)
    limits = np.iinfo(np.int32)
    is_small = array.dtype.kind == "i" and limits.min <= array.min(initial=0) and array.max(initial=0) <= limits.max
    return np.dtype(np.int32) if is_small else array.dtype


# From tensors of the one kind to those of the other


def inner(thing: Any) -> Any:
    """What `gradcli.torch` gets for an argument."""
    if isinstance(thing, Tensor):
        return thing.tensor
    if isinstance(thing, DType):
        return np.dtype(thing)
    if isinstance(thing, (list, tuple)):
        return type(thing)([inner(one) for one in thing])
    return thing


def outer(result: Any) -> Any:
    """What a test gets for a result."""
    if isinstance(result, torch.Tensor):
        made = object.__new__(Tensor)
        made.tensor = result
        return made
    return tuple(map(outer, result)) if isinstance(result, (list, tuple)) else result


def passing(function: Callable[..., Any], *, indices: bool = False) -> Callable[..., Any]:
    """A function of tinygrad's tensors that calls a function of gradcli's.

    Args:
        function: the function of gradcli.
        indices: whether it gives indices, which have 32 bits in tinygrad.
    """

    @functools.wraps(function)
    def call(*arguments: Any, **options: Any) -> Any:
        result = function(*inner(arguments), **{name: inner(one) for name, one in options.items()})
        return outer(with_32_bits(result) if indices else result)

    return call


def with_32_bits(result: Any) -> Any:
    """The result of a function that gives indices, in which these have 32 bits."""
    if isinstance(result, tuple):
        return tuple(map(with_32_bits, result))
    return result.int() if result.dtype == np.int64 else result


def pytorchs(name: str) -> Callable[..., Any]:
    """The method or function of PyTorch with a name."""
    for home in (torch.Tensor, torch, functional):
        if hasattr(home, name):
            return getattr(home, name)  # type: ignore[no-any-return]
    raise AttributeError(f"gradcli.torch has no {name}")


# The class


class Names(type):
    """What a class of tensors does with a name that it doesn't have: the function is PyTorch's."""

    def __getattr__(cls, name: str) -> Any:
        return passing(pytorchs(name))


class Tensor(metaclass=Names):
    """An array with tinygrad's methods.

    Attributes:
        tensor: the tensor of gradcli.
    """

    tensor: Any
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, data: Any = (), dtype: Any = None, **_: Any) -> None:
        content, chosen = inner(data), type_named(dtype)
        if chosen is None and not hasattr(content, "dtype"):
            content = np.array(content)
            chosen = default_type(content)
        self.tensor = torch.tensor(content, dtype=chosen)
        if self.tensor.is_floating_point():
            self.tensor.requires_grad_()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name in ("shape", "T", "grad", "device"):
            return outer(getattr(self.tensor, name)) if name != "shape" else tuple(self.tensor.shape)
        return functools.partial(getattr(Tensor, name), self)

    @property
    def dtype(self) -> DType:
        """The type of the elements."""
        return DType(self.tensor.dtype)

    def numpy(self) -> Any:
        """The array."""
        return self.tensor.detach().numpy()

    def gradient(self, *targets: Tensor) -> tuple[Tensor, ...]:
        """The derivatives with respect to other tensors."""
        return outer(torch.autograd.grad(self.tensor, inner(targets)))  # type: ignore[no-any-return]

    def __getitem__(self, index: Any) -> Any:
        return outer(self.tensor[inner(index)])

    def __bool__(self) -> bool:
        return bool(self.tensor)


#: tinygrad's name -> PyTorch's, where only the name differs.
RENAMED = {
    "binary_crossentropy": "binary_cross_entropy",
    "binary_crossentropy_logits": "binary_cross_entropy_with_logits",
    "lshift": "bitwise_left_shift",
    "mod": "remainder",
    "rshift": "bitwise_right_shift",
    "swish": "silu",
    "dot": "matmul",
}
OPERATORS = [
    *(f"__{side}{name}__" for side in ("", "r")
      for name in ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor", "lshift",
                   "rshift"]),
    *(f"__{name}__" for name in ["lt", "le", "gt", "ge", "eq", "ne", "neg", "invert", "abs"]),
]  # fmt: skip
INDICES = ["argmax", "argmin", "argsort", "sort", "topk", "nonzero", "cummax", "cummin", "one_hot"]
#: Activations, which are functions of PyTorch and not methods.
ACTIVATIONS = ["elu", "gelu", "hardtanh", "softplus"]
#: Functions that make tensors of a shape.
MADE = ["zeros", "ones", "rand", "randn", "empty"]


def spelled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Enter a function of gradcli's tensors under its name."""
    setattr(Tensor, function.__name__.rstrip("_"), passing(function))
    return function


def made(tensor: Any, dtype: Any = None) -> Tensor:
    """A new tensor of tinygrad's."""
    return Tensor(tensor.numpy(), dtype or default_type(tensor.numpy()).name)


def making(name: str) -> Callable[..., Tensor]:
    """A function that makes a tensor of floats."""

    def make(*shape: Any, dtype: Any = None, **options: Any) -> Tensor:
        return made(getattr(torch, name)(*shape, **options), dtype)

    return make


for name, other in RENAMED.items():
    setattr(Tensor, name, passing(pytorchs(other)))
for name in OPERATORS:
    setattr(Tensor, name, passing(getattr(torch.Tensor, name)))
for name in INDICES:
    setattr(Tensor, name, passing(pytorchs(name), indices=True))
for name in ACTIVATIONS:
    setattr(Tensor, name, passing(getattr(functional, name)))
for name in MADE:
    setattr(Tensor, name, staticmethod(making(name)))


# Functions whose arguments differ


@spelled
def realize(tensor: Any, *_: Any) -> Any:
    """The tensor itself: nothing is computed late here."""
    return tensor


@spelled
def contiguous(tensor: Any) -> Any:
    """The tensor itself."""
    return tensor


@spelled
def cast(tensor: Any, dtype: Any) -> Any:
    """The numbers in another type."""
    return tensor.to(type_named(dtype))


@spelled
def bitcast(tensor: Any, dtype: Any) -> Any:
    """The bits, read as another type."""
    return tensor.view(type_named(dtype))


@spelled
def sum_(tensor: Any, axis: Any = None, keepdim: bool = False, dtype: Any = None) -> Any:
    """A sum, whose type may be given by name."""
    return torch.sum(tensor, axis, keepdim, dtype=type_named(dtype))


@spelled
def prod(tensor: Any, axis: Any = None, keepdim: bool = False, dtype: Any = None) -> Any:
    """A product, whose type may be given by name."""
    chosen = type_named(dtype)
    return torch.prod(tensor, dtype=chosen) if axis is None else torch.prod(tensor, axis, keepdim, dtype=chosen)


@spelled
def where(condition: Any, x: Any, y: Any) -> Any:
    """A choice by the tensor whose method this is; numbers have 32 bits."""
    x, y = [one if isinstance(one, torch.Tensor) else inner(Tensor(one)) for one in (x, y)]
    return torch.where(condition, x, y)


def extreme(name: str) -> Callable[..., Any]:
    """The largest or smallest elements, without their indices."""

    def found(tensor: Any, axis: Any = None, keepdim: bool = False) -> Any:
        return getattr(tensor, name)() if axis is None else getattr(tensor, name)(axis, keepdim).values

    found.__name__ = name
    return found


spelled(extreme("max"))
spelled(extreme("min"))


@spelled
def maximum(tensor: Any, other: Any) -> Any:
    """The larger elements; the other operand may be a number."""
    return torch.maximum(tensor, other if isinstance(other, torch.Tensor) else torch.full_like(tensor, other))


@spelled
def isclose(tensor: Any, other: Any, **options: Any) -> Any:
    """Whether elements are close; the other operand may be a number."""
    return torch.isclose(
        tensor, other if isinstance(other, torch.Tensor) else torch.full_like(tensor, other), **options
    )


@spelled
def isinf(tensor: Any, detect_positive: bool = True, detect_negative: bool = True) -> Any:
    """Whether elements are infinite, on one side or both."""
    return torch.isposinf(tensor) * detect_positive + torch.isneginf(tensor) * detect_negative


@spelled
def reshape(tensor: Any, *shape: Any) -> Any:
    """Another shape, in which None keeps a length."""
    lengths = shape[0] if len(shape) == 1 and isinstance(shape[0], (list, tuple)) else shape
    return tensor.reshape([tensor.shape[i] if one is None else one for i, one in enumerate(lengths)])


@spelled
def repeat(tensor: Any, repeats: Any) -> Any:
    """Copies next to each other, at least one along each axis."""
    return tensor.repeat(*repeats)


@spelled
def cat(tensor: Any, *others: Any, dim: int = 0) -> Any:
    """Tensors one after the other."""
    return torch.cat([tensor, *others], dim)


@spelled
def stack(tensor: Any, *others: Any, dim: int = 0) -> Any:
    """Tensors along a new axis, one by one or in a list."""
    if isinstance(tensor, (list, tuple)) and others:
        raise ValueError("tensors are given one by one or in a list")
    return torch.stack(tensor if isinstance(tensor, (list, tuple)) else [tensor, *others], dim)


@spelled
def meshgrid(*tensors: Any, indexing: str = "ij") -> Any:
    """Grids of coordinates."""
    return torch.meshgrid(*tensors, indexing=indexing)


@spelled
def scatter(tensor: Any, dim: int, index: Any, src: Any, **options: Any) -> Any:
    """Elements written to places; the source may be a number, and has no reduction otherwise."""
    if isinstance(src, torch.Tensor) and "reduce" in options:
        raise TypeError("a tensor is scattered without a reduction")
    return tensor.scatter(dim, index.long(), src, **options)


@spelled
def pad(tensor: Any, padding: Any, mode: str = "constant", value: float = 0.0) -> Any:
    """Elements around a tensor: a flat list as in PyTorch, or a pair for each axis, first axis first."""
    if padding and not all(isinstance(one, int) for one in padding):
        if len(padding) != tensor.dim():
            raise ValueError(f"{len(padding)} pairs for {tensor.dim()} axes")
        padding = [one for pair in reversed(padding) for one in (pair or (0, 0))]
    return functional.pad(tensor, tuple(padding), mode=mode, value=value if mode == "constant" else None)


# Windows: one name for every number of axes; a padding may have two numbers for each axis


def split_padding(tensor: Any, padding: Any, axes: int, value: float = 0.0) -> tuple[Any, Any]:
    """The tensor and what PyTorch takes for the padding: a tensor is padded first if both ends of an axis differ."""
    if isinstance(padding, int) and padding >= 0:
        return tensor, padding
    ends = [padding] * 2 * axes if isinstance(padding, int) else list(padding)
    if len(ends) == axes and (axes > 1 or len(ends) == 1):
        return tensor, tuple(ends)
    if len(ends) != 2 * axes:
        raise ValueError(f"{len(ends)} numbers of padding for {axes} axes")
    return functional.pad(tensor, tuple(ends), value=value), 0


def of_rank(name: str, axes: int) -> Callable[..., Any]:
    """The function for so many axes."""
    return getattr(functional, f"{name}{axes}d")  # type: ignore[no-any-return]


@spelled
def conv2d(x: Any, weight: Any, bias: Any = None, padding: Any = 0, **options: Any) -> Any:
    """A convolution along all axes after the second."""
    axes = x.dim() - 2
    x, padding = split_padding(x, padding, axes)
    return of_rank("conv", axes)(x, weight, bias, padding=padding, **options)


@spelled
def conv_transpose2d(x: Any, weight: Any, bias: Any = None, padding: Any = 0, **options: Any) -> Any:
    """A transposed convolution along all axes after the second."""
    if isinstance(padding, tuple) and len(padding) != x.dim() - 2:
        raise ValueError(f"{len(padding)} numbers of padding for {x.dim() - 2} axes")
    return of_rank("conv_transpose", x.dim() - 2)(x, weight, bias, padding=padding, **options)


def axes_of(kernel_size: Any) -> int:
    """The number of axes of a window."""
    return len(kernel_size) if isinstance(kernel_size, (list, tuple)) else 2


def max_pool2d(x: Any, kernel_size: Any = (2, 2), padding: Any = 0, **options: Any) -> Any:
    """The largest elements of windows."""
    low = -math.inf if x.is_floating_point() else np.iinfo(x.dtype).min
    x, padding = split_padding(x, padding, axes_of(kernel_size), low)
    return of_rank("max_pool", axes_of(kernel_size))(x, kernel_size, padding=padding, **options)


Tensor.max_pool2d = passing(max_pool2d, indices=True)


@spelled
def max_unpool2d(x: Any, indices: Any, kernel_size: Any = (2, 2), **options: Any) -> Any:
    """What `max_pool2d` took, at its place."""
    return functional.max_unpool2d(x, indices.long(), kernel_size, **options)


@spelled
def avg_pool2d(x: Any, kernel_size: Any = (2, 2), padding: Any = 0, **options: Any) -> Any:
    """The means of windows."""
    x, padding = split_padding(x, padding, axes_of(kernel_size))
    return of_rank("avg_pool", axes_of(kernel_size))(x, kernel_size, padding=padding, **options)


@spelled
def interpolate(x: Any, size: Any, mode: str = "linear", align_corners: bool = False) -> Any:
    """Other lengths of the last axes; PyTorch's name says how many axes are linear."""
    if mode == "linear":
        mode = {1: "linear", 2: "bilinear", 3: "trilinear"}[len(size)]
        return functional.interpolate(x, size, mode=mode, align_corners=align_corners)
    return functional.interpolate(x, size, mode=mode)


# Functions of nets


@spelled
def softmax(x: Any, axis: int = -1) -> Any:
    """Probabilities along the last axis."""
    return torch.softmax(x, axis)


@spelled
def softmin(x: Any, axis: int = -1) -> Any:
    """Probabilities of the opposite numbers along the last axis."""
    return functional.softmin(x, axis)


@spelled
def log_softmax(x: Any, axis: int = -1) -> Any:
    """The logarithms of probabilities along the last axis."""
    return torch.log_softmax(x, axis)


@spelled
def logcumsumexp(x: Any, axis: int = 0) -> Any:
    """The logarithms of the running sums of exponentials."""
    return torch.logcumsumexp(x, axis)


@spelled
def quick_gelu(x: Any) -> Any:
    """tinygrad's own activation."""
    return x * torch.sigmoid(1.702 * x)


@spelled
def nll_loss(x: Any, target: Any, *arguments: Any, **options: Any) -> Any:
    """A loss of classes."""
    return functional.nll_loss(x, target.long(), *arguments, **options)


@spelled
def cross_entropy(x: Any, target: Any, **options: Any) -> Any:
    """A loss of classes or probabilities."""
    return functional.cross_entropy(x, target if target.is_floating_point() else target.long(), **options)


@spelled
def sparse_categorical_crossentropy(x: Any, target: Any, ignore_index: int = -1, **options: Any) -> Any:
    """A loss of classes, whose scores are along the last axis."""
    return functional.cross_entropy(x.movedim(-1, 1), target.long(), ignore_index=ignore_index, **options)


# Functions that make tensors


@spelled
def full_like(tensor: Any, number: Any) -> Any:
    """A tensor of one number."""
    return torch.full_like(tensor, number)


def full(shape: Any, number: Any, dtype: Any = None) -> Tensor:
    """A tensor of one number."""
    return made(torch.full(shape, number), dtype)


def arange(*bounds: Any, dtype: Any = None) -> Tensor:
    """Numbers at equal distances."""
    return made(torch.arange(*bounds), dtype)


def linspace(start: Any, end: Any, steps: int, dtype: Any = "float64") -> Tensor:
    """A number of numbers at equal distances."""
    return made(torch.linspace(start, end, steps, dtype=type_named(dtype)), dtype)


def randint(*shape: Any, low: int = 0, high: int = 10, **_: Any) -> Tensor:
    """Random whole numbers."""
    return made(torch.randint(low, high, shape))


def eye(n: int, m: int | None = None) -> Tensor:
    """A matrix with ones on its diagonal."""
    return made(torch.eye(n, n if m is None else m))


for function in (full, arange, linspace, randint, eye):
    setattr(Tensor, function.__name__, staticmethod(function))


def use_floats(name: str) -> None:
    """Let new tensors of floats have a type, those of PyTorch, too."""
    import torch as peer

    peer.set_default_dtype(getattr(peer, name))
    dtypes.default_float = DType(name)


def install() -> None:
    """Put modules with tinygrad's names, as far as its tests import them, among those that Python has loaded."""
    processor = types.SimpleNamespace(supported_dtypes=lambda: [dtypes.half, dtypes.double])
    device = types.SimpleNamespace(renderer=processor)

    class Devices(dict):  # type: ignore[type-arg]
        DEFAULT = "CPU"

        def __missing__(self, name: str) -> Any:
            return device

    def module(name: str, **content: Any) -> None:
        sys.modules[name] = types.ModuleType(name)
        vars(sys.modules[name]).update(content)

    names = types.SimpleNamespace(interface="", renderer="", device="CPU")
    module("tinygrad", Tensor=Tensor, Device=Devices(), dtypes=dtypes)
    module("tinygrad.tensor", _to_np_dtype=type_named)
    module("tinygrad.helpers", getenv=lambda _, default=0: default, DEBUG=0, DEV=names, IMAGE=0,
           Context=lambda **_: contextlib.nullcontext())  # fmt: skip
    module("tinygrad.renderer")
    module("tinygrad.renderer.nir", NIRRenderer=type("NIRRenderer", (), {}))
