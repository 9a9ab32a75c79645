"""An expression applied to the rows of a table: batches in, the same batches with computed columns out."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from gradcli.errors import NotFiniteError, UsageError
from gradcli.tables.cells import Place, array_of, mask_of, numbers_of, refuse_type
from gradcli.tables.protocols import Rows, load_pyarrow, shortened

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Counts", "Function", "RowFunction", "mapped"]


class Function(Protocol):
    """A compiled function, such as `gradcli.compile` gives."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its results."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of its variables."""

    def run(self, columns: Mapping[str, Any], out: Sequence[Any] | None = None) -> list[Any]:
        """Its results."""


class Counts:
    """What a run has met.

    Attributes:
        rows: read so far.
        written: kept so far.
        not_finite: rows of those with a result that is not finite.
        first: the first of these rows, from 1, as a sentence.
    """

    def __init__(self) -> None:
        self.rows = 0
        self.written = 0
        self.not_finite = 0
        self.first: str | None = None


class RowFunction(NamedTuple):
    """What is computed for each row.

    Attributes:
        function: compiled.
        inputs: for each variable of ``function`` and ``where`` the name of a column, or a number.
        kept: the columns of the table that are written.
        results: the names of computed columns: a name in ``function.names`` -> the name in the table.
        order: the columns that are written, in this order.
        where: rows are kept where this is true: neither 0 nor nan.
        strict: whether a result that is not finite is an error.
    """

    function: Function
    inputs: Mapping[str, str | float]
    kept: Sequence[str]
    results: Mapping[str, str]
    order: Sequence[str]
    where: Function | None = None
    strict: bool = False

    @property
    def numbers(self) -> set[str]:
        """The columns that something is computed with."""
        return {column for column in self.inputs.values() if isinstance(column, str)}

    def needed(self, columns: Sequence[str]) -> list[str]:
        """The columns to read of those that there are."""
        return [name for name in columns if name in self.numbers or name in self.kept]

    def schema(self, rows: Rows) -> Any:
        """The schema of what is written.

        Raises:
            UsageError: a column that is computed with holds no numbers.
        """
        arrow = load_pyarrow()
        read = rows.schema
        for name in read.names:
            if name in self.numbers and not rows.is_spelt:
                refuse_type(read.field(name).type, name)
        computed = {name: arrow.field(name, arrow.float64()) for name in self.results.values()}
        return arrow.schema([computed[name] if name in computed else read.field(name) for name in self.order])


def refuse_collisions(computed: Iterable[str], kept: Sequence[str]) -> None:
    """Raise if two columns would have one name.

    Args:
        computed: the names of computed columns.
        kept: the columns of the table that they stand beside.

    Raises:
        UsageError: a name stands twice.

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


def mapped(batches: Iterable[Any], row_function: RowFunction, schema: Any, counts: Counts, name: str) -> Iterator[Any]:
    """The batches with their computed columns.

    Args:
        batches: of the table.
        row_function: what to compute.
        schema: as `RowFunction.schema` gives it.
        counts: is kept up to date.
        name: what messages call the table.

    Raises:
        NotFiniteError: a result is not finite, if that is an error.
        UnavailableError: a cell is no number.
    """
    arrow = load_pyarrow()
    import numpy as np

    with ExitStack() as stack:
        if isinstance(batches, Generator):
            stack.callback(batches.close)  # also when what is raised here keeps it alive
        for batch in batches:
            first, count = counts.rows, batch.num_rows
            numbers = {
                column: numbers_of(batch.column(column), Place(name, column, first)) for column in row_function.numbers
            }
            kept = None
            if row_function.where is not None:
                truth = computed(row_function.where, row_function.inputs, numbers, count)[0]
                kept = (truth != 0) & ~np.isnan(truth)
                if kept.all():
                    kept = None
                else:
                    batch = batch.filter(mask_of(kept))
                    numbers = {column: values[kept] for column, values in numbers.items()}
            results = computed(row_function.function, row_function.inputs, numbers, batch.num_rows)
            names = row_function.function.names
            count_not_finite(results, names, row_function, counts, kept)
            counts.rows += count
            counts.written += batch.num_rows
            if batch.num_rows:
                columns = {
                    row_function.results[one]: array_of(result) for one, result in zip(names, results, strict=True)
                }
                arrays = [columns[one] if one in columns else batch.column(one) for one in row_function.order]
                yield arrow.RecordBatch.from_arrays(arrays, schema=schema)


def computed(
    function: Function, inputs: Mapping[str, str | float], numbers: Mapping[str, Floats], count: int
) -> list[Floats]:
    """The results for each row of a batch."""
    import numpy as np

    values = {
        name: numbers[given] if isinstance(given, str) else given
        for name, given in inputs.items()
        if name in function.inputs
    }
    if not any(isinstance(given, str) for name, given in inputs.items() if name in function.inputs):
        return [np.full(count, float(result)) for result in function.run(values)]
    # From Arrow's pool, which hands memory out again that a batch before has had; the system's would be new each time.
    allocate = load_pyarrow().allocate_buffer
    return function.run(values, [np.frombuffer(allocate(8 * count), np.float64) for _ in function.names])


def count_not_finite(
    results: Sequence[Floats], names: Sequence[str], row_function: RowFunction, counts: Counts, kept: Any
) -> None:
    """Count the rows in which a result is not finite."""
    import numpy as np

    # A sum is quick, and not finite if a number is not.
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
