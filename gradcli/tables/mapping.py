"""The computation of `map`: an expression is applied to the rows of each block, and the results become new columns."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from gradcli.errors import NotFiniteError, UsageError
from gradcli.records import NamedTuple
from gradcli.source import shortened
from gradcli.tables.cells import Numbers
from gradcli.tables.column_problems import ColumnProblems
from gradcli.tables.table import Table

if TYPE_CHECKING:
    from gradcli.array_types import Booleans, Floats
    from gradcli.evaluate.compiled import Compiled

__all__ = ["Counts", "RowFunction", "mapped"]


class Counts:
    """The numbers of rows so far.

    Attributes:
        rows: the number of rows that were read.
        written: the number of rows that were kept.
        not_finite: the number of kept rows with a result that is not finite.
        first: a sentence about the first such row, with its number, counted from 1.
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
        results: a dictionary from the names in ``function.names`` to the names of the computed columns.
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

    def carrying(self, columns: Sequence[str]) -> RowFunction | None:
        """Return the same computation for a table that carries the text of each row, to which the results are added.

        Return None if the written columns aren't all columns of the table in their order, followed by the results.
        """
        results = tuple(self.results.values())
        return self._replace(kept=(), order=results) if (*self.order,) == (*columns, *results) else None

    @property
    def numbers(self) -> set[str]:
        """The columns that are used in a computation."""
        return {column for column in self.inputs.values() if isinstance(column, str)}

    def needed(self, columns: Sequence[str]) -> list[str]:
        """Return the columns that have to be read."""
        return [name for name in columns if name in self.numbers or name in self.kept]

    def computed(self, function: Compiled, numbers: Mapping[str, Floats], count: int) -> list[Floats]:
        """Return the results of ``function`` or ``where`` for all rows of a block: one array for each result."""
        import numpy as np

        used = {name: given for name, given in self.inputs.items() if name in function.inputs}
        values = {name: numbers[given] if isinstance(given, str) else given for name, given in used.items()}
        if not any(isinstance(given, str) for given in used.values()):
            return [np.full(count, float(result)) for result in function.run(values)]
        # Another thread may be importing pyarrow at this moment, so the function may not exist yet.
        allocate = getattr(sys.modules.get("pyarrow"), "allocate_buffer", None)
        if allocate is None:
            return function.run(values)
        # Arrow's pool reuses the memory of earlier blocks; NumPy would ask the system for new memory each time.
        return function.run(values, [np.frombuffer(allocate(8 * count), np.float64) for _ in function.names])

    def count_not_finite(self, results: Sequence[Floats], counts: Counts, kept: Booleans | None) -> None:
        """Count the rows in which a result is not finite.

        Args:
            results: the results of ``function`` for the rows of a block that are kept.
            counts: the counts before this block, which are updated.
            kept: for each row of the block whether it is kept; None if all are.

        Raises:
            NotFiniteError: there is such a row, and ``strict`` is set.
        """
        import numpy as np

        named = zip(self.function.names, results, strict=True)
        # A sum is quick to compute, and it isn't finite if one of the numbers isn't.
        suspects = {name: result for name, result in named if not np.isfinite(result.sum())}
        bad = ~np.isfinite(list(suspects.values()))
        rows = np.flatnonzero(bad.any(axis=0))
        counts.not_finite += len(rows)
        if len(rows) and counts.first is None:
            place = rows[0]
            name = list(suspects)[bad[:, place].argmax()]
            row = counts.rows + (place if kept is None else np.flatnonzero(kept)[place]) + 1
            counts.first = f"row {row:,}: {self.results[name]} is {float(suspects[name][place])!r}"
            if self.strict:
                raise NotFiniteError(counts.first, hint="without --strict such rows are written and counted")


def refuse_collisions(computed: Iterable[str], kept: Sequence[str]) -> None:
    """Raise an error if a computed column would have the name of a column of the table.

    Args:
        computed: the names of the computed columns, all different.
        kept: the columns of the table that are written next to them.

    Raises:
        UsageError: a computed column and a kept column have the same name.

    >>> refuse_collisions(["value", "d_x"], ["x", "value"])
    Traceback (most recent call last):
    gradcli.errors.UsageError: there would be two columns `value`
    """
    for name in computed:
        if name in kept:
            raise UsageError(
                f"there would be two columns `{shortened(name)}`",
                kind="column_collision",
                hint="--prefix f_ puts f_ before the names of computed columns; --select leaves columns out",
            )


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
            numbers, problems = {}, ColumnProblems()
            for column in block.columns:
                if column in row_function.numbers:
                    with problems.noted():
                        numbers[column] = block.doubles(column)
            problems.tell()
            kept = None
            if row_function.where is not None:
                truth = row_function.computed(row_function.where, numbers, count)[0]
                kept = (truth != 0) & ~np.isnan(truth)
                if kept.all():
                    kept = None
                else:
                    block = block.taken(kept)
                    numbers = {column: values[kept] for column, values in numbers.items()}
            results = row_function.computed(row_function.function, numbers, len(block))
            row_function.count_not_finite(results, counts, kept)
            counts.rows += count
            counts.written += len(block)
            names = map(row_function.results.get, row_function.function.names)
            columns = {name: Numbers(result) for name, result in zip(names, results, strict=True)}
            cells = tuple(columns[one] if one in columns else block.column(one) for one in row_function.order)
            yield replace(block, columns=tuple(row_function.order), cells=cells, ends=None)
