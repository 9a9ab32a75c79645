"""The table of PyTorch's names: functions of tensors, each written once as a function and a method.

The files ``tensor_....py`` enter their functions here.  `Tensor` gets the methods, `gradcli.torch` the functions.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final, TypeVar

from gradcli.errors import CallError
from gradcli.primitives import Operand
from gradcli.primitives.backends import backend_of
from gradcli.records import NamedTuple

__all__ = ["FUNCTIONS", "METHODS", "Histogram", "MinMax", "ValuesAndIndices", "one_or_several", "pytorch", "tensor_of"]

Function = TypeVar("Function", bound=Callable[..., Any])

#: PyTorch's name -> the function, whose first argument is a tensor.
FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {}
#: The same for methods of a tensor.
METHODS: Final[dict[str, Callable[..., Any]]] = {}


class ValuesAndIndices(NamedTuple):
    """The elements that a function chooses along an axis, and their indices.

    Attributes:
        values: the elements.
        indices: their places along the axis, whole numbers.
    """

    values: Any
    indices: Any


class MinMax(NamedTuple):
    """The smallest and the largest element."""

    min: Any
    max: Any


class Histogram(NamedTuple):
    """How many elements lie between each two edges."""

    hist: Any
    bin_edges: Any


def pytorch(*names: str, method: bool = True, function: bool = True) -> Callable[[Function], Function]:
    """Return a decorator that enters a function under PyTorch's names, by default its own name.

    Args:
        names: the names.
        method: whether tensors have the method.
        function: whether the namespace of PyTorch has the function.
    """

    def enter(entered: Function) -> Function:
        taking = _taking_numpys_names(entered)
        for name in names or (entered.__name__,):
            if method and "." not in name:
                METHODS[name] = taking
            if function and not name.startswith("__"):
                FUNCTIONS[name] = taking
        return entered

    return enter


_NUMPYS_NAMES: Final = {"axis": "dim", "keepdims": "keepdim"}


def _taking_numpys_names(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that also takes ``axis`` for ``dim`` and ``keepdims`` for ``keepdim``, as PyTorch does."""
    code = function.__code__
    if "dim" not in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]:
        return function

    @functools.wraps(function)
    def taking(*arguments: Any, **options: Any) -> Any:
        if not options:
            return function(*arguments)
        return function(*arguments, **{_NUMPYS_NAMES.get(name, name): content for name, content in options.items()})

    return taking


def tensor_of(operand: Any, *, like: Any) -> Any:
    """Return a tensor with an array that isn't copied, of the class of another tensor; a tensor stays as it is."""
    if isinstance(operand, Operand):
        return operand
    array = like._array
    backend = backend_of(array)
    if not hasattr(operand, "dtype"):
        operand = backend.xp.array(operand)
    return like.of_array(backend.freeze(operand))


def one_or_several(numbers: tuple[Any, ...]) -> Any:
    """Return the lengths or axes that a call was given, as several arguments or as one list or tuple."""
    return numbers[0] if len(numbers) == 1 and isinstance(numbers[0], (list, tuple)) else numbers


def only_tensors(*operands: Any, name: str) -> None:
    """Check that operands are tensors.

    Raises:
        CallError: an operand is something else.
    """
    for operand in operands:
        if not isinstance(operand, Operand):
            raise CallError(f"{name} takes tensors, not {type(operand).__name__}")
