"""The history of a run: a few numbers of each update.

A long run on a large table does millions of updates, so a `History` keeps plain numbers, and makes an `UpdateRecord`
when one is read.
"""

from __future__ import annotations

import itertools
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import overload

from gradcli.records import NamedTuple

__all__ = ["History", "UpdateRecord"]


class UpdateRecord(NamedTuple):
    """The record of one update: the loss and the measure of its batch before the update, and its learning rate.

    The measure is the accuracy for classes and the root mean square error, in units of the target, for a number.
    """

    loss: float
    measure: float
    learning_rate: float


WIDTH = 3


class History(Sequence[UpdateRecord]):
    """The records of updates, in order.

    >>> history = History([UpdateRecord(0.7, 0.5, 0.1)])
    >>> history.extend([UpdateRecord(0.6, 0.75, 0.1)])
    >>> history.losses, history[-1].measure, len(history[1:])
    ([0.7, 0.6], 0.75, 1)
    """

    def __init__(self, records: Iterable[Sequence[float]] = ()) -> None:
        self.numbers = array("d")
        self.extend(records)

    def extend(self, records: Iterable[Sequence[float]]) -> None:
        """Add records at the end."""
        self.numbers.extend(itertools.chain.from_iterable(records))

    def pop(self) -> None:
        """Drop the last record."""
        del self.numbers[-WIDTH:]

    def __len__(self) -> int:
        return len(self.numbers) // WIDTH

    @overload
    def __getitem__(self, place: int) -> UpdateRecord: ...

    @overload
    def __getitem__(self, place: slice) -> History: ...

    def __getitem__(self, place: int | slice) -> UpdateRecord | History:
        if isinstance(place, slice):
            found, (start, stop, step) = History(), place.indices(len(self))
            if step == 1:
                found.numbers = self.numbers[WIDTH * start : WIDTH * max(start, stop)]
            else:
                found.extend(self[one] for one in range(start, stop, step))
            return found
        start = WIDTH * range(len(self))[place]
        return UpdateRecord(*self.numbers[start : start + WIDTH])

    def __iter__(self) -> Iterator[UpdateRecord]:
        return map(UpdateRecord, *[self.numbers[start::WIDTH] for start in range(WIDTH)])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, History) and self.numbers == other.numbers

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        return f"<history of {len(self)} updates>"

    @property
    def losses(self) -> list[float]:
        """The loss before each update."""
        return self.numbers[::WIDTH].tolist()

    @property
    def measures(self) -> list[float]:
        """The measure before each update."""
        return self.numbers[1::WIDTH].tolist()
