"""The computation of `map`: an expression is applied to the rows of each block, and its results are new columns."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from gradcli.errors import NotFiniteError, UsageError
from gradcli.source import shortened
from gradcli.tables.cells import Numbers
from gradcli.tables.table import Table

if TYPE_CHECKING:
    from gradcli.array_types import Floats
    from gradcli.evaluate.compiled import Compiled

__all__ = ["Counts", "RowFunction", "mapped"]


class Counts:
    """The numbers of rows so far.

    Attributes:
        rows: the number of rows that were read.
        written: the number of rows that were kept.
        not_finite: the number of kept rows with a result that is not finite.
        first: a sentence about the first of these, with the number of its row, counted from 1.
    """

    def __init__(self) -> None:
        self.rows = 0
        self.written = 0
        self.not_finite = 0
        self.first: str | None = None


class RowFunction(NamedTuple):
    """The computation for each row, and the columns that are written.

    Attributes:
        function: the compiled expression.
        inputs: for each variable of ``function`` and ``where`` the name of a column, or a number.
        kept: the columns of the table that are written again.
        results: a name in ``function.names`` -> the name of the computed column.
        order: the names of all written columns, in their order.
        where: a condition; only rows where it is true, that is neither 0 nor nan, are written.
        strict: whether a result that is not finite is an error.
    """

    function: Compiled
    inputs: Mapping[str, str | float]
    kept: Sequence[str]
    results: Mapping[str, str]
    order: Sequence[str]
    where: Compiled | None = None
    strict: bool = False

    @property
    def numbers(self) -> set[str]:
        """The columns that something is computed with."""
        return {column for column in self.inputs.values() if isinstance(column, str)}

    def needed(self, columns: Sequence[str]) -> list[str]:
        """Return the columns that have to be read."""
        return [name for name in columns if name in self.numbers or name in self.kept]


def refuse_collisions(computed: Iterable[str], kept: Sequence[str]) -> None:
    """Raise an error if two columns would have one name.

    Args:
        computed: the names of computed columns.
        kept: the columns of the table that are written next to them.

    Raises:
        UsageError: a name occurs twice.

    >>> refuse_collisions(["value", "d_x"], ["x", "value"])
    Traceback (most recent call last):
    gradcli.errors.UsageError: there would be two columns `value`
    """
    seen = set(kept)
    for name in computed:
        if name in seen:
            raise UsageError(
                f"there would be two columns `{shortened(name)}`",
                kind="column_collision",
                hint="--prefix f_ puts f_ before the names of computed columns; --select leaves columns out",
            )
        seen.add(name)


def mapped(blocks: Iterable[Table], row_function: RowFunction, counts: Counts) -> Iterator[Table]:
    """Yield the blocks of a table with their computed columns.

    Args:
        blocks: the blocks of the table.
        row_function: the computation.
        counts: the counts, which are updated.

    Raises:
        NotFiniteError: a result is not finite, and ``row_function`` is strict.
        UnavailableError: a cell is not a number.
        UsageError: a column that the expression needs holds no numbers.
    """
    import numpy as np

    with ExitStack() as stack:
        if isinstance(blocks, Generator):
            stack.callback(blocks.close)  # otherwise an error that is raised here could keep it open
        for block in blocks:
            count = len(block)
            numbers = {column: block.doubles(column) for column in row_function.numbers}
            kept = None
            if row_function.where is not None:
                truth = computed(row_function.where, row_function.inputs, numbers, count)[0]
                kept = (truth != 0) & ~np.isnan(truth)
                if kept.all():
                    kept = None
                else:
                    block = block.taken(kept)
                    numbers = {column: values[kept] for column, values in numbers.items()}
            results = computed(row_function.function, row_function.inputs, numbers, len(block))
            names = row_function.function.names
            count_not_finite(results, names, row_function, counts, kept)
            counts.rows += count
            counts.written += len(block)
            columns = {row_function.results[one]: Numbers(result) for one, result in zip(names, results, strict=True)}
            cells = tuple(columns[one] if one in columns else block.column(one) for one in row_function.order)
            yield replace(block, columns=tuple(row_function.order), cells=cells, ends=None)


def computed(
    function: Compiled, inputs: Mapping[str, str | float], numbers: Mapping[str, Floats], count: int
) -> list[Floats]:
    """Return the results of a function for all rows of a block: one array for each result."""
    import numpy as np

    used = {name: given for name, given in inputs.items() if name in function.inputs}
    values = {name: numbers[given] if isinstance(given, str) else given for name, given in used.items()}
    if not any(isinstance(given, str) for given in used.values()):
        return [np.full(count, float(result)) for result in function.run(values)]
    # Another thread may be importing pyarrow at this moment, so the function may not exist yet.
    allocate = getattr(sys.modules.get("pyarrow"), "allocate_buffer", None)
    if allocate is None:
        return function.run(values)
    # Arrow's pool reuses the memory of earlier blocks; NumPy would ask the system for new memory each time.
    return function.run(values, [np.frombuffer(allocate(8 * count), np.float64) for _ in function.names])


def count_not_finite(
    results: Sequence[Floats], names: Sequence[str], row_function: RowFunction, counts: Counts, kept: Any
) -> None:
    """Count the rows in which a result is not finite."""
    import numpy as np

    # A sum is quick to compute, and it isn't finite if one of the numbers isn't.
    suspects = [(name, result) for name, result in zip(names, results, strict=True) if not np.isfinite(result.sum())]
    if not suspects:
        return
    bad = np.zeros(len(results[0]), dtype=bool)
    for _, result in suspects:
        bad |= ~np.isfinite(result)
    if not bad.any():
        return
    counts.not_finite += int(bad.sum())
    if counts.first is None:
        place = int(bad.argmax())
        row = counts.rows + (place if kept is None else int(np.flatnonzero(kept)[place])) + 1
        name, value = next((name, result[place]) for name, result in suspects if not np.isfinite(result[place]))
        counts.first = f"row {row:,}: {row_function.results[name]} is {float(value)!r}"
        if row_function.strict:
            raise NotFiniteError(counts.first, hint="without --strict such rows are written and counted")
