"""Memory of large results: aligned to the processor's registers, and used again when the arrays are no longer held.

To get large memory from the system for the first time takes longer than most kernels run: every page is cleared when
it is first written to.  So what arrays that have been let go of leave behind is kept, up to a limit.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from typing import Any, Final

__all__ = ["fresh_arrays", "near_pairs"]

#: Bytes that a register, and a line of the caches, holds at most.
_LINE: Final = 64
#: Bytes from which memory is kept, and how many are kept together.
_LARGE: Final = 1 << 20
_MOST_KEPT: Final = 1 << 28

#: Arrays that are sooner compared with each other than sorted.
_FEW: Final = 12

_kept: list[Any] = []
_lock = threading.RLock()


class _Owner:
    """Memory that arrays are views of; it goes back when the last of them is gone."""

    def __init__(self, memory: Any) -> None:
        self._memory = memory
        self.__array_interface__ = memory.__array_interface__

    def __del__(self, lock: Any = _lock, kept: list[Any] = _kept, most: int = _MOST_KEPT) -> None:
        with lock:
            kept.append(self._memory)
            while sum([memory.nbytes for memory in kept]) > most:
                del kept[0]


def _take(size: int) -> Any:
    """Memory of at least this size, of which less than half is too much."""
    import numpy as np

    with _lock:
        for i, memory in enumerate(_kept):
            if size <= memory.nbytes < 2 * size:
                return _kept.pop(i)
    return np.empty(size, np.uint8)


def fresh_arrays(count: int, shape: tuple[int, ...], dtype: Any) -> list[Any]:
    """New arrays of one shape and type, whose numbers mean nothing yet; large ones begin where a register does.

    >>> first, second = fresh_arrays(2, (1000001,), "float64")
    >>> first.shape, second.shape, second.ctypes.data % 64
    ((1000001,), (1000001,), 0)
    """
    import numpy as np

    kind = np.dtype(dtype)
    numbers = math.prod(shape)
    step = -(-max(numbers * kind.itemsize, 1) // _LINE) * _LINE
    size = count * step + _LINE
    if size < _LARGE:  # a kernel takes less time than it takes to align them
        return [np.empty(shape, kind) for _ in range(count)]
    memory = np.asarray(_Owner(_take(size)))
    start = -memory.ctypes.data % _LINE
    parts = memory[start : start + count * step].view(kind).reshape(count, -1)
    return [part[:numbers].reshape(shape) for part in parts]


def near_pairs(arrays: Sequence[Any]) -> Iterator[tuple[int, int]]:
    """The pairs of arrays, by their places, that lie in overlapping ranges of memory; a lower place comes first.

    >>> import numpy as np
    >>> numbers = np.zeros(10)
    >>> list(near_pairs([numbers[:4], numbers[4:], np.zeros(3), numbers[3:5]]))
    [(0, 3), (1, 3)]
    """
    if len(arrays) <= _FEW:
        import numpy as np

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
    """The addresses of the first byte and behind the last one."""
    start: int = array.__array_interface__["data"][0]
    if array.flags.c_contiguous:
        return start, start + array.nbytes
    reaches = [(length - 1) * stride for length, stride in zip(array.shape, array.strides, strict=True)]
    below, above = sum([reach for reach in reaches if reach < 0]), sum([reach for reach in reaches if reach > 0])
    return start + below, start + above + array.itemsize
