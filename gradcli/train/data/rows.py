"""Rows to learn from, which every source of data (a built-in set, a table, an expression) gives to the trainer.

`Data` is a table of numbers with one target per row.  A target is either a class, given as an index into `labels`,
or a number.  `split` sets rows aside for validation and for the test.  It uses random generators of its own, so that
these rows depend only on the seed of the run.
"""

from __future__ import annotations

import math
import random
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gradcli.errors import UsageError
from gradcli.records import NamedTuple
from gradcli.source import counted

if TYPE_CHECKING:
    from gradcli.array_types import Array, Booleans, Bytes, Floats, Indices
    from gradcli.train.data.encoding import Encoding

__all__ = ["Data", "Fold", "Parts", "blocks_of", "fold_of_rows", "split"]

# The purpose of the random bits of a cross-validation; those of the training have other numbers.
FOLDS = 3
# How many rows of a long table are moved, or looked at, at a time.
BLOCK = 65_536
#: What a notebook shows of the rows.
_ROWS_SHOWN, _COLUMNS_SHOWN = 5, 8


@dataclass(frozen=True)
class Data:
    """Rows of inputs with their targets.

    Args:
        name: the name of the source, such as ``"moons"`` or ``"iris.csv"``.
        columns: the names of the inputs.
        inputs: shape (rows, columns), in the units of the source: float64, or uint8 for the bytes of images.  A missing
            value that is to be replaced is nan until `split` has chosen the rows to learn from.
        target: the name of the target.
        targets: shape (rows,); for classes the index into ``labels``, as a float.
        labels: the classes as the source spells them, in order; None if the target is a number.
        image: (channels, height, width) if a row is the pixels of an image, in C order; else None.
        encoding: the encoding of the columns of a table as inputs; None for a source that isn't a table.
        notes: sentences about how the source was read.
        test: rows that the source itself sets aside for the test, or None.
        weights: the weight of each row in the loss, at least 0; None if all rows have the same weight.
    """

    name: str
    columns: tuple[str, ...]
    inputs: Array
    target: str
    targets: Floats
    labels: tuple[str, ...] | None
    image: tuple[int, int, int] | None = None
    encoding: Encoding | None = None
    notes: tuple[str, ...] = ()
    test: Data | None = None
    weights: Floats | None = None

    def __len__(self) -> int:
        return len(self.targets)

    def __repr__(self) -> str:
        kind = "a number" if self.labels is None else f"one of {len(self.labels)} classes"
        inputs = counted(len(self.columns), "input")
        return f"<{self.name}: {counted(len(self), 'row')} of {inputs}, {self.target} is {kind}>"

    def _repr_html_(self) -> str:
        from gradcli.markup import table

        shown = min(len(self.columns), _COLUMNS_SHOWN)
        more = ["..."] if shown < len(self.columns) else []
        rows = []
        for inputs, target in zip(self.inputs[:_ROWS_SHOWN], self.targets, strict=False):
            label = f"{target:.6g}" if self.labels is None else self.labels[int(target)]
            rows.append([*[f"{value:.6g}" for value in inputs[:shown].tolist()], *more, label])
        if len(self) > _ROWS_SHOWN:
            rows.append(["..."] * (shown + len(more) + 1))
        return table([*self.columns[:shown], *more, self.target], rows, repr(self)[1:-1])

    def take(self, rows: Any) -> Data:
        """Return the rows with these indices, in this order; rows that the source sets aside are dropped.

        A slice takes no memory.
        """
        weights = None if self.weights is None else self.weights[rows]
        return replace(self, inputs=self.inputs[rows], targets=self.targets[rows], test=None, weights=weights)

    def fingerprint(self) -> str:
        """Return a digest of every number and label, which tells whether two runs saw the same rows."""
        import hashlib

        digest = hashlib.sha256()
        digest.update(repr((self.columns, self.target, self.labels, self.inputs.shape)).encode())
        for start in range(0, len(self), 1024):
            digest.update(self.inputs[start : start + 1024].astype("<f8").tobytes())
        digest.update(self.targets.astype("<f8").tobytes())
        if self.weights is not None:
            digest.update(self.weights.astype("<f8").tobytes())
        if self.test is not None:
            digest.update(self.test.fingerprint().encode())
        return digest.hexdigest()


class Fold(NamedTuple):
    """One of the parts that a cross-validation holds out in turn.

    Attributes:
        number: the number of the part, from 0.
        folds: the number of parts.
    """

    number: int
    folds: int


class Parts(NamedTuple):
    """The rows of a source by their purpose.

    Attributes:
        training, validation, test: the parts, each in the order of the source; the last two may be empty.
        every: all rows of the source, one part below the other.  The parts are in its memory.  If missing values are
            replaced, this holds only where `split` may use the memory of the source; otherwise they are nan here, and
            the parts have memory of their own.
        purposes: for each row of the source the number of its part, shape (rows,).
    """

    training: Data
    validation: Data
    test: Data
    every: Data
    purposes: Bytes

    @property
    def source(self) -> Data:
        """All rows in the order in which they were read, which takes as much memory again."""
        import numpy as np

        places = np.empty(len(self.purposes), np.intp)
        places[np.argsort(self.purposes, kind="stable")] = np.arange(len(places))
        return replace(self.every.take(places), test=self.every.test)


def split(
    data: Data, validation: float, test: float | None, seed: int, fold: Fold | None = None, *, in_place: bool = False
) -> Parts:
    """The rows to train on, to validate with and to test with.

    Classes keep their shares: the same share of each class is set aside, rounded.  If missing values are to be
    replaced, the new values are computed from the rows to train on, and stored in the encoding of the parts.

    Args:
        validation: the share of the rows to validate with, at least 0.
        test: the share that is kept for the test; None takes the rows that the source itself sets aside, if it does.
        seed: the seed of the choice of the rows that are set aside.
        fold: the rows that are held out, as the test, in place of a share.
        in_place: whether rows are moved, and missing values replaced, in the memory of the data, so that a long table
            is held once; afterwards ``data`` is of no use.

    Raises:
        UsageError: the shares are out of range or leave a part empty.

    >>> from gradcli.train.data.datasets import make
    >>> training, validation, test, *_ = split(make("moons", samples=60), 0.2, 0.1, seed=0)
    >>> len(training), len(validation), len(test)
    (42, 12, 6)
    """
    import numpy as np

    check_shares(validation, test or 0.0)
    if test and data.test is not None:
        raise UsageError(
            f"`{data.name}` already has rows for the test, so `test` can't set other rows aside",
            kind="conflicting_options",
        )
    held = np.zeros(0, np.intp)
    if fold is not None:
        held = np.flatnonzero(fold_of_rows(data, fold.folds, seed) == fold.number)
    aside = drawn(data, validation, f"split {seed}", held)
    tested = held if fold is not None else drawn(data, test or 0.0, f"test {seed}", aside)
    purposes = np.zeros(len(data), np.uint8)
    purposes[aside], purposes[tested] = 1, 2
    count = len(data) - len(aside) - len(tested)
    for share, rows in ((validation, aside), (test or 0.0, tested)):
        if not count or (share and not len(rows)):
            raise UsageError(
                f"{len(data)} rows are too few for a split of {share:g}",
                hint="use `split=0` to train on every row",
                argument="split",
            )
    every = data.take(slice(None)) if count == len(data) else arranged(data, purposes, in_place=in_place)
    end = count + len(aside)
    training, unseen, kept = map(every.take, (slice(count), slice(count, end), slice(end, None)))
    own = data.test if test is None and fold is None else None
    parts = Parts(training, unseen, kept if own is None else own, replace(every, test=own), purposes)
    return filled(parts, in_place=in_place)


def arranged(data: Data, purposes: Bytes, *, in_place: bool) -> Data:
    """Return the rows with one part below the other, each in the order of the source.

    Args:
        data: the rows.
        purposes: the number of the part of each row, shape (rows,).
        in_place: whether the rows are moved in their own memory.
    """
    arrays = [data.inputs, data.targets, *([] if data.weights is None else [data.weights])]
    moved = [one if in_place and one.flags.writeable else one.copy() for one in arrays]
    for one in moved:
        aside = [one[purposes == part] for part in (1, 2)]
        stop = 0
        # Rows only move towards the beginning, so a block is never written over rows that have not been read.
        for block in blocks_of(one):
            kept = one[block][purposes[block] == 0]
            one[stop : stop + len(kept)] = kept
            stop += len(kept)
        for part in aside:
            one[stop : stop + len(part)] = part
            stop += len(part)
    return replace(data, inputs=moved[0], targets=moved[1], test=None, weights=moved[2] if len(moved) > 2 else None)


def blocks_of(rows: Array) -> Iterator[slice]:
    """Yield the blocks of many rows that are worked on one after the other, because of the memory that it takes.

    >>> import numpy as np
    >>> list(blocks_of(np.zeros((100_000, 1))))
    [slice(0, 65536, None), slice(65536, 131072, None)]
    """
    for start in range(0, len(rows), BLOCK):
        yield slice(start, start + BLOCK)


def check_shares(validation: float, test: float) -> None:
    """Refuse shares of the rows that leave nothing to train on."""
    if not (validation >= 0 and test >= 0 and validation + test < 1):
        raise UsageError(
            f"`split` + `test` is a share of the rows, at least 0 and less than 1, not {validation + test:g}",
            argument=("split", "test"),
        )


def drawn(data: Data, share: float, seed: str, taken: Indices) -> Indices:
    """Draw a share of the rows of each class, rounded, from rows that are not taken yet.

    Return their indices in order.
    """
    import numpy as np

    chosen = np.zeros(len(data), dtype=bool)
    if share:
        generator = random.Random(seed)  # noqa: S311  (no secret depends on it)
        free = np.ones(len(data), dtype=bool)
        free[taken] = False
        for one in range(len(data.labels or ("every row",))):
            among = free if data.labels is None else data.targets == one
            size = len(data) if data.labels is None else int(among.sum())
            left = np.flatnonzero(among & free)
            count = min(len(left), round(share * size))
            chosen[left[sampled(generator, len(left), count)]] = True
    return np.flatnonzero(chosen)


def sampled(generator: random.Random, rows: int, count: int) -> Booleans:
    """Return a mask of the rows that ``generator.sample(range(rows), count)`` chooses.

    The generator gives the same numbers, so the choice is the same, but its list of objects of Python would take more
    memory than a long table.

    >>> sorted(random.Random(1).sample(range(10), 3)), sampled(random.Random(1), 10, 3).nonzero()[0].tolist()
    ([1, 2, 4], [1, 2, 4])
    """
    import numpy as np

    draw = generator.getrandbits
    if not count:
        return np.zeros(rows, dtype=bool)
    if rows > 21 + (4 ** math.ceil(math.log(count * 3, 4)) if count > 5 else 0):
        seen, bits = bytearray(rows), rows.bit_length()
        for _ in range(count):
            place = draw(bits)
            while place >= rows or seen[place]:
                place = draw(bits)
            seen[place] = 1
        return np.frombuffer(seen, dtype=bool)
    # The rows that are left are at the beginning of the pool: the last of them takes the place of the one drawn.
    pool = array("I" if rows < 2**32 else "Q")
    pool.frombytes(np.arange(rows, dtype=f"u{pool.itemsize}").view(np.uint8).data)
    for left in range(rows, rows - count, -1):
        bits = left.bit_length()
        place = draw(bits)
        while place >= left:
            place = draw(bits)
        pool[place] = pool[left - 1]
    mask = np.ones(rows, dtype=bool)
    mask[np.frombuffer(pool, dtype=f"u{pool.itemsize}")[: rows - count]] = False
    return mask


def fold_of_rows(data: Data, folds: int, seed: int) -> Indices:
    """Deal the rows to the parts of a cross-validation, and return the number of the part of each row.

    The parts differ by at most one row, and so do the rows of each class in them (stratified k-fold).

    Args:
        data: every row.
        folds: the number of parts.
        seed: the seed of the order in which the rows of a class are dealt.

    Raises:
        UsageError: there are fewer rows than parts.

    >>> from gradcli.train.data.datasets import make
    >>> fold_of_rows(make("moons", samples=8), 4, seed=0).tolist()
    [3, 1, 2, 3, 0, 0, 1, 2]
    """
    import numpy as np

    if folds > len(data):
        raise UsageError(f"{len(data)} rows are too few for {folds} folds", argument="folds")
    # Philox gives the same bits in every version of NumPy.
    bits = np.random.Philox(key=[seed, FOLDS]).random_raw(len(data))
    classes = data.targets if data.labels is not None else np.zeros(len(data))
    places = np.empty(len(data), np.intp)
    places[np.lexsort((bits, classes))] = np.arange(len(data)) % folds
    return places


def filled(parts: Parts, *, in_place: bool) -> Parts:
    """Return the parts with their missing values replaced."""
    encoding = parts.training.encoding
    if encoding is None or encoding.missing is None:
        return parts
    fitted = encoding.fit(parts.training.inputs)
    in_place = in_place and parts.every.inputs.flags.writeable

    def whole(part: Data) -> Data:
        return replace(part, inputs=fitted.fill(part.inputs, in_place=in_place), encoding=fitted)

    training, validation, test = map(whole, parts[:3])
    every = replace(parts.every, encoding=fitted) if in_place else parts.every
    return parts._replace(training=training, validation=validation, test=test, every=every)
