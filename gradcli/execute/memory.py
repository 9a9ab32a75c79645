"""Memory for large results, aligned to the processor's registers. When arrays are deleted, their memory is used again.

Getting much memory from the system takes longer than most kernels run, because the system clears every page at the
first write.  So the memory of deleted arrays is kept, up to a limit.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from typing import Any, Final

from gradcli.primitives.backends import backend_named

__all__ = ["address_of", "aligned_empty", "aligned_rows", "fresh_arrays", "near_pairs"]

np: Final = backend_named("numpy").xp
#: The most bytes in a register, and in a line of the caches.
_LINE: Final = 64
#: Memory of at least this many bytes is kept, and at most this many bytes in all.
_LARGE: Final = 1 << 20
_MOST_KEPT: Final = 1 << 28

#: Up to this many arrays, comparing all pairs is quicker than sorting.
_FEW: Final = 12

_kept: list[Any] = []
_lock = threading.RLock()


class _Owner:
    """The owner of the memory of some arrays, which keeps the memory for later when the last array is deleted."""

    def __init__(self, memory: Any) -> None:
        self._memory = memory
        self.__array_interface__ = memory.__array_interface__

    def __del__(self, lock: Any = _lock, kept: list[Any] = _kept, most: int = _MOST_KEPT) -> None:
        with lock:
            kept.append(self._memory)
            while sum([memory.nbytes for memory in kept]) > most:
                del kept[0]


def _take(size: int) -> Any:
    """Return memory of at least this size and less than twice this size."""
    with _lock:
        for i, memory in enumerate(_kept):
            if size <= memory.nbytes < 2 * size:
                return _kept.pop(i)
    return np.empty(size, np.uint8)


def fresh_arrays(count: int, shape: tuple[int, ...], dtype: Any) -> list[Any]:
    """Return new arrays of one shape and type, not yet filled; large ones are aligned to registers.

    >>> first, second = fresh_arrays(2, (1000001,), "float64")
    >>> first.shape, second.shape, second.ctypes.data % 64
    ((1000001,), (1000001,), 0)
    """
    kind = np.dtype(dtype)
    numbers = math.prod(shape)
    step = -(-max(numbers * kind.itemsize, 1) // _LINE) * _LINE
    size = count * step + _LINE
    if size < _LARGE:  # aligning them would take longer than a kernel
        return [np.empty(shape, kind) for _ in range(count)]
    memory = np.asarray(_Owner(_take(size)))
    start = -address_of(memory) % _LINE
    parts = memory[start : start + count * step].view(kind).reshape(count, -1)
    return [part[:numbers].reshape(shape) for part in parts]


def aligned_rows(count: int, numbers: int, dtype: Any, value: float) -> Any:
    """Return an array whose rows begin at cache lines; a row may have more than ``numbers`` elements.

    Args:
        count: the number of rows.
        numbers: the least number of elements of a row.
        dtype: the type of the numbers.
        value: the value of all elements.
    """
    size = np.dtype(dtype).itemsize
    step = -(-numbers * size // _LINE) * _LINE // size
    memory = np.full(count * step + _LINE // size, value, dtype)
    first = -address_of(memory) % _LINE // size
    return memory[first : first + count * step].reshape(count, step)


def aligned_empty(shape: tuple[int, ...], dtype: Any) -> Any:
    """Return an array that begins at a cache line, not yet filled.

    >>> aligned_empty((3, 5), "float64").ctypes.data % 64
    0
    """
    size, numbers = np.dtype(dtype).itemsize, math.prod(shape)
    if numbers * size >= _LARGE:
        return fresh_arrays(1, shape, dtype)[0]
    memory = np.empty(numbers + _LINE // size, dtype)
    first = -address_of(memory) % _LINE // size
    return memory[first : first + numbers].reshape(shape)


def address_of(array: Any) -> int:
    """Return the address of the first element."""
    # ``array.ctypes.data`` takes ten times as long.
    address: int = array.__array_interface__["data"][0]
    return address


def near_pairs(arrays: Sequence[Any]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of arrays whose ranges of memory overlap. A pair is two positions, the lower position first.

    >>> import numpy as np
    >>> numbers = np.zeros(10)
    >>> list(near_pairs([numbers[:4], numbers[4:], np.zeros(3), numbers[3:5]]))
    [(0, 3), (1, 3)]
    """
    if len(arrays) <= _FEW:
        for second in range(1, len(arrays)):
            yield from [(i, second) for i in range(second) if np.may_share_memory(arrays[i], arrays[second])]
        return
    spans = sorted([(*_span(array), place) for place, array in enumerate(arrays) if array.size])
    open_spans: list[tuple[int, int]] = []
    for start, stop, place in spans:
        open_spans = [one for one in open_spans if one[0] > start]
        yield from [(min(other, place), max(other, place)) for _, other in open_spans]
        open_spans.append((stop, place))


def _span(array: Any) -> tuple[int, int]:
    """The address of the first byte, and the address after the last one."""
    start = address_of(array)
    if array.flags.c_contiguous:
        return start, start + array.nbytes
    reaches = [(length - 1) * stride for length, stride in zip(array.shape, array.strides, strict=True)]
    below, above = sum([reach for reach in reaches if reach < 0]), sum([reach for reach in reaches if reach > 0])
    return start + below, start + above + array.itemsize
