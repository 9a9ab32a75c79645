"""The numbers of a new tensor, and of operands that are no tensors, as read-only arrays."""

from __future__ import annotations

from typing import Any, Final

from gradcli.eager.record import ARGUMENTS, MODE, Recorded, derivative_lost, number_as_array
from gradcli.eager.sweeps import ancestors
from gradcli.errors import CallError, UsageError
from gradcli.primitives import Operand
from gradcli.primitives.backends import Backend, backend_of, current_backend

__all__ = ["Device", "check_device", "copied", "is_device", "keep_derivative", "plain"]


class Device(str):
    """The processor, the only device.

    Attributes:
        type: ``"cpu"``.
        index: None, or the number after a colon.

    Raises:
        UsageError: the device is another.
    """

    __slots__ = ()

    def __new__(cls, name: Any = "cpu", index: int | None = None) -> Device:
        check_device(name)
        return super().__new__(cls, str(name) if index is None else f"{name}:{index}")

    @property
    def type(self) -> str:
        """The kind of device."""
        return str(self).partition(":")[0]

    @property
    def index(self) -> int | None:  # type: ignore[override]
        """The number of the device among those of its kind."""
        number = str(self).partition(":")[2]
        return int(number) if number else None


_DEVICES: Final = frozenset({"cpu", "cuda", "mps", "xpu", "meta", "xla"})


def is_device(thing: Any) -> bool:
    """Whether something is a device, and not a type."""
    return isinstance(thing, str) and thing.partition(":")[0] in _DEVICES


def check_device(device: Any) -> None:
    """Check that a device is the processor, the only one.

    Raises:
        UsageError: it is another.
    """
    if device is not None and str(device).partition(":")[0] != "cpu":
        raise UsageError(f"a tensor is on the device cpu, not on {device}")


def keep_derivative(tensor: Recorded, call: str, instead: str) -> None:
    """Check that a tensor doesn't depend on an argument of a function that is being differentiated.

    Outside such a function, ``item()``, ``tolist()`` and ``float()`` return the numbers of any tensor, as in
    PyTorch, even if it requires a gradient.

    Raises:
        CallError: it depends on such an argument.
    """
    if depends_on_argument(tensor):
        raise derivative_lost(call, instead)


def depends_on_argument(tensor: Recorded) -> bool:
    """Whether a tensor depends on an argument of a function that is being differentiated."""
    return bool(tensor._order and ARGUMENTS and MODE.recording and not ARGUMENTS.isdisjoint(ancestors(tensor)))


def copied(data: Any, dtype: Any, place: Backend | None = None) -> Any:
    """Return a read-only array with the given numbers, of the backend ``place`` or else of the backend in use."""
    import numpy as np

    place = place or current_backend()
    if isinstance(data, Recorded):
        keep_derivative(data, "a new tensor of a tensor", "use clone(), or detach() for a constant")
        data = data._array
    elif isinstance(data, Operand):
        raise number_as_array()
    if (
        data.__class__ is np.ndarray
        and place.name == "numpy"
        and (data.dtype is dtype or (dtype is None and data.dtype.kind == "f"))
    ):
        array = data.copy()
        array.setflags(False)
        return array
    backend = backend_of(data)
    if isinstance(data, backend.array) and backend.name != "numpy":
        return data if dtype is None else backend.astype(data, backend.dtype(dtype))
    if isinstance(data, (list, tuple)):
        data = [_constant(one) if isinstance(one, Operand) else one for one in data]
    try:
        array = np.array(data)
        if array.dtype.kind not in "fiub":
            raise ValueError
    except ValueError:
        raise UsageError("a tensor is made of numbers, in lists of equal lengths") from None
    wanted = place.dtype(dtype) if dtype is not None else None
    if wanted is None and (array.dtype.kind != "f" or isinstance(data, (list, tuple, float, int))):
        wanted = place.default_dtype
    return place.freeze(place.from_numpy(array, wanted))


def _constant(element: Any) -> Any:
    """Return the numbers of a tensor that a user has put into a list of data for a new tensor."""
    if not isinstance(element, Recorded):
        raise number_as_array()
    keep_derivative(element, "a new tensor of tensors", "use gradcli.functions.stack, or detach() for a constant")
    return backend_of(element._array).to_numpy(element._array)


def plain(operand: Any, like: Any) -> Any:
    """Return an operand that isn't a tensor as a float, or as a read-only array of the same backend as ``like``."""
    if operand.__class__ is float:
        return operand
    if isinstance(operand, Operand):
        raise number_as_array()
    if isinstance(operand, str):
        raise CallError("a tensor can't be combined with text")
    if getattr(operand, "shape", None) == () or isinstance(operand, (int, float)):
        return float(operand)
    return copied(operand, None, backend_of(like))
