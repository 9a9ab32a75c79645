"""PyTorch's names for what gradcli has: ``import gradcli.torch as torch``.

A name means here what it means in PyTorch, with the same arguments, defaults and results, or an error says that it
can't be had.  These are the differences: floats have 64 bits unless a type is given; there is one device, the
processor; numbers are real; random numbers are other ones than PyTorch's.  At points without a derivative, and where
equal numbers tie, the convention is that of gradcli (docs/edge_points.md).

>>> import gradcli.torch as torch
>>> x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
>>> torch.max(x.tanh(), dim=1).values.sum().backward()
>>> x.grad.shape
(2, 2)
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from contextlib import ContextDecorator
from types import SimpleNamespace
from typing import Any, Final

from gradcli.eager import creation
from gradcli.eager.creation import (
    arange,
    bernoulli,
    eye,
    full,
    full_like,
    linspace,
    logspace,
    manual_seed,
    multinomial,
    normal,
    ones,
    ones_like,
    rand,
    rand_like,
    randint,
    randint_like,
    randn,
    randn_like,
    randperm,
    sparse_coo_tensor,
    tensor,
    tril_indices,
    triu_indices,
    zeros,
    zeros_like,
)  # fmt: skip
from gradcli.eager.pytorch_names import FUNCTIONS, METHODS, only_tensors
from gradcli.eager.record import MODE, enable_grad, is_grad_enabled, no_grad
from gradcli.eager.storage import overlaps, shares_memory
from gradcli.eager.tensor import Tensor
from gradcli.eager.tensor import np as _NUMPY  # noqa: N812
from gradcli.eager.tensor_data import Device, check_device
from gradcli.errors import UsageError
from gradcli.nn import functional
from gradcli.primitives import functions
from gradcli.primitives.backends import backend_named, current_backend
from gradcli.torch import amp, autograd, distributed, func, nn, optim, utils
from gradcli.torch.saving import load, save
from gradcli.torch.tree_transforms import vmap

__all__ = [
    "FloatTensor",
    "Generator",
    "LongTensor",
    "Size",
    "Tensor",
    "amp",
    "arange",
    "as_tensor",
    "asarray",
    "autograd",
    "backends",
    "bernoulli",
    "bfloat16",
    "compile",
    "cuda",
    "device",
    "distributed",
    "dtype",
    "empty",
    "empty_like",
    "enable_grad",
    "eye",
    "finfo",
    "from_numpy",
    "full",
    "full_like",
    "func",
    "get_default_dtype",
    "iinfo",
    "inf",
    "inference_mode",
    "is_grad_enabled",
    "is_tensor",
    "linalg",
    "linspace",
    "load",
    "logspace",
    "manual_seed",
    "multinomial",
    "nan",
    "nn",
    "no_grad",
    "normal",
    "ones",
    "ones_like",
    "optim",
    "pi",
    "rand",
    "rand_like",
    "randint",
    "randint_like",
    "randn",
    "randn_like",
    "randperm",
    "save",
    "scalar_tensor",
    "seed",
    "set_default_dtype",
    "set_grad_enabled",
    "sparse_coo_tensor",
    "special",
    "tensor",
    "tril_indices",
    "triu_indices",
    "utils",
    "vmap",
    "zeros",
    "zeros_like",
]  # fmt: skip

inf, nan, pi, e = math.inf, math.nan, math.pi, math.e

# Types: those of NumPy, which are equal to the `dtype` of a tensor

_TYPES: Final = {
    name: backend_named("numpy").dtype(found)
    for name, found in {
        "float16": "float16", "half": "float16", "float32": "float32", "float": "float32", "float64": "float64",
        "double": "float64", "bool": "bool", "uint8": "uint8", "int8": "int8", "int16": "int16", "short": "int16",
        "int32": "int32", "int": "int32", "int64": "int64", "long": "int64",
    }.items()
}  # fmt: skip

#: The name of a type of 16 bits with the range of 32: an error says that there is none when a tensor is to have it.
bfloat16: Final = "bfloat16"

# Functions of the registry that have PyTorch's meaning under PyTorch's names

_OF_THE_REGISTRY: Final = """
    acos acosh asin asinh atan atan2 atanh ceil cos cosh digamma erf erfc exp exp2 expm1 floor hypot lgamma log log10
    log1p log2 logaddexp relu selu sigmoid sin sinc sinh sqrt square tan tanh xlogy
""".split()  # noqa: SIM905
_ALSO: Final = {
    "arccos": "acos", "arccosh": "acosh", "arcsin": "asin", "arcsinh": "asinh", "arctan": "atan", "arctan2": "atan2",
    "arctanh": "atanh", "special.digamma": "digamma", "special.erf": "erf", "special.erfc": "erfc",
    "special.exp2": "exp2", "special.expit": "sigmoid", "special.expm1": "expm1", "special.gammaln": "lgamma",
    "special.log1p": "log1p", "special.logit": "logit", "special.logsumexp": "logsumexp",
    "special.log_softmax": "log_softmax", "special.psi": "digamma", "special.round": "round", "special.sinc": "sinc",
    "special.softmax": "softmax", "special.xlogy": "xlogy",
}  # fmt: skip


#: The functions that write elements of `out` before they have read all operands.
_OUT_APART: Final = frozenset({"bernoulli", "cat", "gather", "masked_select", "take"})


def _with_out(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that takes ``out``, too: a tensor, or several, to put the result into."""

    @functools.wraps(function)
    def called(*arguments: Any, **options: Any) -> Any:
        if options.get("out") is None:
            options.pop("out", None)
            return function(*arguments, **options)
        places = options.pop("out")
        if function.__name__ in _OUT_APART:
            given = [one for part in arguments for one in (part if isinstance(part, (list, tuple)) else [part])]
            if overlaps(places._array) or [
                x for x in given if isinstance(x, Tensor) and shares_memory(x._array, places._array)
            ]:
                raise UsageError(f"`out` of {function.__name__} shares its memory with an operand, or with itself")
        result = function(*arguments, **options)
        several = isinstance(result, tuple)
        for place, part in zip(places if several else [places], result if several else [result], strict=True):
            if part._order or place._order:
                raise UsageError("a result with a derivative isn't put into `out`")
            if place.shape != part.shape or place.dtype != part.dtype:
                raise UsageError(
                    f"`out` has shape {place.shape} and type {place.dtype}, but the result {part.shape}, {part.dtype}"
                )
            place.copy_(part)
        return places

    return called


def _method_of(name: str) -> Callable[..., Any]:
    def function(input: Tensor, *arguments: Any) -> Any:  # noqa: A002
        if name != "xlogy" or not isinstance(arguments[0], Tensor):  # one of its operands may be a number
            only_tensors(input, *arguments[: name != "xlogy"], name=name)
        return getattr(Tensor, name)(input, *arguments)

    function.__name__ = name
    function.__doc__ = getattr(Tensor, name).__doc__
    return function


def polygamma(n: int, input: Tensor) -> Any:  # noqa: A002
    """The n-th derivative of digamma."""
    return functions.polygamma(n, input)


_FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    name: _with_out(function) for name, function in (FUNCTIONS | {n: _method_of(n) for n in _OF_THE_REGISTRY}).items()
}
_FUNCTIONS.update({name: _FUNCTIONS[other] for name, other in _ALSO.items()})
linalg, special = [
    SimpleNamespace(**{name.partition(".")[2]: one for name, one in _FUNCTIONS.items() if name.startswith(f"{room}.")})
    for room in ("linalg", "special")
]
special.polygamma = polygamma
globals().update({name: one for name, one in _FUNCTIONS.items() if "." not in name}, **_TYPES)
softplus = functional.softplus
bernoulli, multinomial = _with_out(bernoulli), _with_out(multinomial)

# Making tensors


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """Return a tensor as it is, a tensor that shares the memory of an array of NumPy, or a new tensor of numbers.

    In another type, the numbers are copied.
    """
    if isinstance(data, Tensor):
        return METHODS["to"](data, dtype=dtype, device=device)  # type: ignore[no-any-return]
    if hasattr(data, "__array_interface__"):
        return METHODS["to"](from_numpy(data), dtype=dtype, device=device)  # type: ignore[no-any-return]
    return tensor(data, dtype=dtype, device=device)


def asarray(
    obj: Any, *, dtype: Any = None, device: Any = None, copy: bool | None = None, requires_grad: bool = False
) -> Tensor:
    """Return a tensor of numbers, of an array or of another tensor.

    Args:
        obj: the numbers.
        dtype: the type, by default that of the numbers.
        device: the processor.
        copy: whether the tensor has a memory of its own; by default only if it must, False if it mustn't.
        requires_grad: whether the tensor is a leaf that gets a gradient.

    Raises:
        ValueError: a copy is needed and not allowed.
    """
    result = as_tensor(obj, dtype, device)
    if copy is False and not (isinstance(obj, Tensor) or hasattr(obj, "__array_interface__")):
        raise UsageError("numbers in lists are copied; leave out copy=False")
    if copy is False and result.dtype != obj.dtype:
        raise UsageError("numbers are copied into another type; leave out copy=False")
    result = METHODS["clone"](result) if copy else result
    return result.detach().requires_grad_() if requires_grad else result


def from_numpy(array: Any) -> Tensor:
    """Return a tensor that shares the memory of an array of NumPy.

    What changes one of them in place changes both.  A change of the array is not seen by the check of changes
    before a backward pass.
    """
    if current_backend().name != "numpy" or array.dtype.kind not in "fiub":
        return tensor(array)
    view = _NUMPY.asarray(array).view()
    view.setflags(False)
    return Tensor.of_array(view)


def scalar_tensor(number: Any, **options: Any) -> Tensor:
    """Return a tensor without axes, of a float."""
    return full((), number.item() if isinstance(number, Tensor) else 1.0 * number, **options)


def empty(*size: Any, **options: Any) -> Tensor:
    """Return a tensor of any numbers: zeros."""
    return zeros(*size, **options)


def empty_like(input: Tensor, **options: Any) -> Tensor:  # noqa: A002
    """Return a tensor of any numbers: zeros, with the shape and type of another tensor."""
    return zeros_like(input, **options)


def FloatTensor(data: Any) -> Tensor:  # noqa: N802
    """Return a tensor of 32-bit floats."""
    return tensor(data, dtype="float32")


def LongTensor(data: Any) -> Tensor:  # noqa: N802
    """Return a tensor of 64-bit whole numbers."""
    return tensor(data, dtype="int64")


def is_tensor(thing: Any) -> bool:
    """Whether something is a tensor."""
    return isinstance(thing, Tensor)


def get_default_dtype() -> Any:
    """Return the type of new tensors of floats."""
    return zeros(0).dtype


class Generator:
    """A generator of random numbers, for the option ``generator`` of functions that draw.

    Attributes:
        source: NumPy's generator.
    """

    def __init__(self, device: Any = "cpu") -> None:
        check_device(device)
        self.source, self._first = creation.generator(0), 0

    def manual_seed(self, seed: int) -> Generator:
        """Restart the generator, and return it."""
        self.source, self._first = creation.generator(seed), seed
        return self

    def seed(self) -> int:
        """Restart the generator from a seed that can't be foreseen, and return the seed."""
        import secrets

        return self.manual_seed(secrets.randbits(63)).initial_seed()

    def initial_seed(self) -> int:
        """Return the seed that the generator started from."""
        return self._first


device = Device


def _without_effect(*_: Any, **__: Any) -> None:
    """Do nothing: what this is about isn't here."""


#: PyTorch's package for graphics processors, of which there are none here.
cuda: Final = SimpleNamespace(
    is_available=lambda: False,
    device_count=lambda: 0,
    is_bf16_supported=lambda: False,
    manual_seed=_without_effect,
    manual_seed_all=_without_effect,
    synchronize=_without_effect,
    empty_cache=_without_effect,
    amp=SimpleNamespace(
        GradScaler=functools.partial(amp.GradScaler, "cuda"), autocast=functools.partial(amp.autocast, "cuda")
    ),
)
#: The other kinds of devices that a program may ask for.
backends: Final = SimpleNamespace(
    mps=SimpleNamespace(is_available=lambda: False, is_built=lambda: False),
    cuda=SimpleNamespace(matmul=SimpleNamespace(allow_tf32=False)),
    cudnn=SimpleNamespace(allow_tf32=False, deterministic=True, benchmark=False),
)
Size: Final[Any] = tuple
dtype, finfo, iinfo = _NUMPY.dtype, _NUMPY.finfo, _NUMPY.iinfo


def compile(model: Any = None, **_: Any) -> Any:  # noqa: A001  (PyTorch's name)
    """Return a module or a function as it is, or the decorator that does: its results are those of a compiled one.

    `gradcli.compile` makes machine code of an expression.
    """
    return (lambda function: function) if model is None else model


def set_default_dtype(d: Any) -> None:
    """Check that the type of new tensors of floats shall be that of 64 bits, which it is.

    Raises:
        UsageError: it shall be another.
    """
    if backend_named("numpy").dtype(d) != get_default_dtype():
        raise UsageError(f"new tensors have {get_default_dtype()}; give dtype={d}, or call float() of a module")


def seed() -> int:
    """Restart the generator of random numbers from a seed that can't be foreseen, and return the seed."""
    import secrets

    chosen = secrets.randbits(63)
    manual_seed(chosen)
    return chosen


class set_grad_enabled(ContextDecorator):  # noqa: N801  (PyTorch's name)
    """Record operations or not, from now on or within a block."""

    def __init__(self, mode: bool) -> None:
        self.before = MODE.recording
        MODE.recording = mode

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exception: object) -> None:
        MODE.recording = self.before


class inference_mode(no_grad):  # noqa: N801  (PyTorch's name)
    """Record no operations within a block or a function; ``inference_mode(False)`` changes nothing."""

    def __init__(self, mode: bool = True) -> None:
        self.mode = mode

    def __enter__(self) -> None:
        super().__enter__()
        if not self.mode:
            MODE.recording = MODE.outside[-1]
