"""Rows to learn from: what every source of data (a built-in set, a table) hands to the trainer.

`Data` is a table of numbers with one target per row.  A target is either a class, given as an index into `labels`,
or a number.  `split` sets rows aside for validation; it draws from a generator of its own, so that the seed of a run
fixes it.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gradcli.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Data", "split"]


@dataclass(frozen=True)
class Data:
    """Rows of inputs with their targets.

    Args:
        name: where the rows came from (``"moons"``, ``"iris.csv"``).
        columns: the names of the inputs.
        inputs: shape (rows, columns), in the units of the source.
        target: the name of the target.
        targets: shape (rows,); for classes the index into ``labels``, as a float.
        labels: the classes as the source spells them, in order; None if the target is a number.
    """

    name: str
    columns: tuple[str, ...]
    inputs: Floats
    target: str
    targets: Floats
    labels: tuple[str, ...] | None

    def __len__(self) -> int:
        return len(self.targets)

    def take(self, rows: Any) -> Data:
        """The rows with the given indices, in that order."""
        return replace(self, inputs=self.inputs[rows], targets=self.targets[rows])

    def fingerprint(self) -> str:
        """A digest of every number and label, which tells whether two runs saw the same rows."""
        digest = hashlib.sha256()
        digest.update(repr((self.columns, self.target, self.labels, self.inputs.shape)).encode())
        digest.update(self.inputs.astype("<f8").tobytes())
        digest.update(self.targets.astype("<f8").tobytes())
        return digest.hexdigest()


def split(data: Data, fraction: float, seed: int) -> tuple[Data, Data]:
    """Rows to train on and rows to validate with; both keep the order of the source.

    Classes keep their shares: ``fraction`` of each class is set aside, rounded.

    Args:
        fraction: the share of the rows that validates, 0 <= fraction < 1.
        seed: fixes which rows these are.

    Raises:
        UsageError: the fraction is out of range or leaves a side empty.

    >>> from gradcli.train.datasets import make
    >>> train, validation = split(make("moons", samples=50), 0.2, seed=0)
    >>> len(train), len(validation)
    (40, 10)
    """
    if not 0 <= fraction < 1:
        raise UsageError(
            f"the split is a share of the rows, at least 0 and less than 1, not {fraction:g}", kind="bad_value"
        )
    if fraction == 0:
        return data, data.take([])
    groups: dict[float, list[int]] = {}
    for row, target in enumerate(data.targets.tolist()):
        groups.setdefault(target if data.labels is not None else 0.0, []).append(row)
    generator = random.Random(f"split {seed}")  # noqa: S311  (no secret depends on it)
    aside: set[int] = set()
    for key in sorted(groups):
        rows = groups[key]
        aside.update(generator.sample(rows, round(fraction * len(rows))))
    training = [row for row in range(len(data)) if row not in aside]
    if not training or not aside:
        raise UsageError(
            f"{len(data)} rows are too few for a split of {fraction:g}",
            kind="bad_value",
            hint="use --split 0 to train on every row",
        )
    return data.take(training), data.take(sorted(aside))
