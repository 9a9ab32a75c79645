"""`gradcli map` for one table or grid: from the open table to the written one, here or as a job on another machine."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack, closing
from typing import IO, TYPE_CHECKING, Any

from gradcli.cli.command import Session
from gradcli.cli.reading.operands import names_in
from gradcli.cli.reading.table_options import show_notes
from gradcli.cli.showing.output import number
from gradcli.errors import UnavailableError
from gradcli.records import NamedTuple

if TYPE_CHECKING:
    from gradcli.cli.reading.arguments import Binding
    from gradcli.evaluate.compiled import Compiled
    from gradcli.evaluate.expression import Expression
    from gradcli.source import Note, Source
    from gradcli.tables.mapping import RowFunction
    from gradcli.tables.reader import Reader
    from gradcli.tables.reading import Reading

__all__ = [
    "Mapped", "Request", "TableJob", "TableMapping", "explain", "map_file", "notes_on_reading", "summarise",
    "variables_of",
]  # fmt: skip

#: For each variable the name of a column, or a number.
Inputs = Mapping[str, str | float]

#: The summary names at most this many new columns.
_MOST_NAMES = 5
#: A column for a derivative below this order is known, although it isn't computed.
_MOST_ORDERS = 20


class Request(NamedTuple):
    """The options of the command line that say what is computed for each table, as plain data.

    Attributes:
        wrt, select, prefix, strict, threads: the values of these options.
        derivatives: which derivatives are computed, as in `gradcli.compile`.
        order: the highest order of derivatives.
        source_format: the format of a table, if its name doesn't decide it.
        reading: how a table of text is written.
    """

    wrt: str | None
    derivatives: str
    order: int
    select: Sequence[str]
    prefix: str
    source_format: str | None
    strict: bool
    threads: int | None
    reading: Reading


class Mapped(NamedTuple):
    """The result for one table, as plain data.

    Attributes:
        inputs: for each variable the name of a column, or a number.
        computed: the names of the computed columns.
        rows, written, not_finite: the numbers of rows, as in `gradcli.tables.mapping.Counts`.
        first: a sentence about the first row that is not finite; None if there is none.
        executor: what computed, ``"llvm"`` or ``"numpy"``.
        reason: why it is not ``"llvm"``, if it could have been.
        infinite: for each column that the table had, how many infinite numbers became null.
        seconds: the time.
        messages: what there was to say about the table.
    """

    inputs: Inputs
    computed: list[str]
    rows: int
    written: int
    not_finite: int
    first: str | None
    executor: str
    reason: str | None
    infinite: dict[str, int]
    seconds: float
    messages: Sequence[str] = ()

    @property
    def numbers(self) -> dict[str, Any]:
        """The entries of the object of ``--json`` that each table has."""
        names = ("inputs", "computed", "rows", "written", "not_finite", "executor", "seconds")
        return {name: getattr(self, name) for name in names}


class TableJob(NamedTuple):
    """The knowledge that all jobs share, besides the names of their files.

    Attributes:
        request: what is computed.
        sources: the text of the expression and, with ``--where``, that of the condition.
        variables: names that are variables even where the language has a constant of that name.
        command, arguments, bindings, options, notation: the parts of a `Session` that are plain data.
        folder: the folder that relative paths begin in.
        flag: the path of a file that exists as long as the job is wanted: a cluster can't end a job that has begun.
        mark: a part of the names of unfinished files.
    """

    request: Request
    sources: Sequence[Source]
    variables: Collection[str]
    command: str
    arguments: tuple[str, ...]
    bindings: tuple[Binding, ...]
    options: tuple[str, ...]
    notation: str | None
    folder: str
    flag: str
    mark: str


def map_file(job: TableJob, table: str, output: str, form: str) -> Mapped:
    """Compute a table from another one, as a job.

    Args:
        job: what is computed.
        table: the path of the table.
        output: the path of the table to write.
        form: its format.
    """
    from gradcli.cli.context import Terminal
    from gradcli.cli.pipes import tidied
    from gradcli.cli.showing.output import Output
    from gradcli.evaluate.expression import parse
    from gradcli.files import open_atomically
    from gradcli.jobs import tell
    from gradcli.tables.formats import open_reader
    from gradcli.tables.table_bytes import split_compression

    told = io.StringIO()
    terminal = Terminal(io.StringIO(), io.StringIO(), told, environment={})
    terminal.decide_form(("--plain",))
    session = Session(terminal, Output(terminal), job.command, job.arguments, job.bindings, job.options, job.notation)
    expressions = [parse(text, variables=job.variables, name=name, notation=notation, definitions=definitions)
                   for text, name, notation, definitions in job.sources]  # fmt: skip
    source, target, flag = (os.path.join(job.folder, path) for path in (table, output, job.flag))  # noqa: PTH118
    with ExitStack() as stack:
        stack.enter_context(tidied())
        request = job.request
        reader = stack.enter_context(open_reader(source, request.source_format, name=table, reading=request.reading))
        mapping = TableMapping(session, request, expressions, reader, form)
        sink = stack.enter_context(open_atomically(target, durable=False, mark=job.mark))

        def done(rows: int) -> None:
            if not os.path.exists(flag):  # noqa: PTH110
                raise UnavailableError("the tables are not wanted any longer", kind="stopped")
            tell(rows / reader.rows if reader.rows else reader.fraction() or 0.0)

        found = mapping.write(sink, split_compression(output)[1], done)
        done(found.rows)
    return found._replace(messages=told.getvalue().splitlines())


class TableMapping:
    """The mapping of an open table, ready to be written.

    Args:
        session: the running command, which prints the notes on how the table is read.
        request: what is computed.
        expressions: the expression and, with ``--where``, the condition.
        reader: the table, or a grid.
        form: the format to write.

    Attributes:
        inputs: for each variable the name of a column, or a number.
        function: the compiled expression.

    Raises:
        UsageError: a variable or a column is missing, or something else doesn't fit the table.
    """

    def __init__(
        self, session: Session, request: Request, expressions: Sequence[Expression], reader: Reader, form: str
    ) -> None:
        from gradcli.cli.reading.table_variables import inputs_of
        from gradcli.tables.column_types import typed_blocks
        from gradcli.tables.formats import FORMATS
        from gradcli.tables.grid import Grid

        self.began = time.monotonic()
        self.reader, self.form = reader, form
        show_notes(session, reader.name, reader.notes)
        kind = "grid" if isinstance(reader, Grid) else "table"
        self.inputs = inputs_of(session, variables_of(expressions), reader.names, kind)
        _note_constants(session, expressions, self.inputs, reader)
        functions = _compiled(expressions, self.inputs, request)
        self.function = functions[0]
        self.row_function = _row_function(functions, self.inputs, reader, request)
        carrying = self.row_function.carrying(reader.names) if form == "jsonl" else None
        if carrying is not None and reader.carry():
            self.row_function = carrying
        is_typed = not FORMATS[form].is_text
        self.blocks = reader.blocks(self.row_function.needed(reader.names), patient=is_typed)
        if is_typed:
            self.blocks = typed_blocks(self.blocks, self.row_function.numbers, is_json=form == "jsonl")

    def explain(self, session: Session) -> None:
        """Say which executor runs and why, and whether each variable is a column or a number."""
        explain(session, self.function.executor, self.function.note, self.inputs)

    def write(
        self, sink: IO[bytes], compression: str | None, done: Callable[[int], None] = lambda rows: None
    ) -> Mapped:
        """Compute the rows, and write them.

        Args:
            sink: the open file to write to.
            compression: the last suffix of its name, if that is one of a compression.
            done: a function that is called with the number of rows read after each block.

        Raises:
            NotFiniteError: a result is not finite, and ``--strict`` is given.
            UnavailableError: a cell is not a number, or the table is damaged.
        """
        from gradcli.tables.formats import open_writer
        from gradcli.tables.mapping import Counts, mapped
        from gradcli.tables.prefetch import ahead

        counts, row_function = Counts(), self.row_function
        results = ahead(mapped(ahead(self.blocks), row_function, counts), stop=self.reader.stop)
        with closing(results), open_writer(sink, self.form, compression) as writer:
            for block in results:
                writer.write(block)
                done(counts.rows)
        computed = [name for name in row_function.order if name in row_function.results.values()]
        return Mapped(
            self.inputs,
            computed,
            counts.rows,
            counts.written,
            counts.not_finite,
            counts.first,
            self.function.executor,
            self.function.note,
            {name: count for name, count in writer.infinite.items() if name not in computed},
            time.monotonic() - self.began,
        )


def variables_of(expressions: Sequence[Expression]) -> tuple[str, ...]:
    """Return the variables of all expressions, each once."""
    return tuple(dict.fromkeys(name for expression in expressions for name in expression.variables))


def notes_on_reading(expression: Expression, hidden: Collection[str] = ()) -> list[Note]:
    """Return the notes on how an expression was read, without the notes that say nothing new.

    A note on a variable says nothing new: the name is a column or has a value, so the user meant a variable. A constant
    that is also a column (``hidden``) has a note of its own.
    """
    text = expression.source.text
    return [
        note
        for note in expression.notes
        if note.kind != "name" and (note.span is None or text[slice(*note.span)] not in hidden)
    ]


def _note_constants(session: Session, expressions: Sequence[Expression], inputs: Inputs, reader: Reader) -> None:
    """Print the notes on how the expressions were read, and a note for each constant that is also a column."""
    from gradcli.evaluate.expression import parse
    from gradcli.language.parsed import CONSTANTS

    hidden = {name for name in reader.names if name in CONSTANTS and name not in inputs}
    for expression in expressions:
        session.output.notes(notes_on_reading(expression, hidden), expression.source, after_result=False)
    for expression in expressions if hidden else ():
        text, _, notation, definitions = expression.source
        known = {*expression.variables, *hidden}
        found = parse(text, variables=known, notation=notation, definitions=definitions).variables
        for name in sorted(hidden.intersection(found)):
            session.output.message(
                f"note: `{name}` is the constant here; to use the column of this name, add --{name} {name}"
            )


def _compiled(expressions: Sequence[Expression], inputs: Inputs, request: Request) -> list[Compiled]:
    """Return the compiled functions: the expression with its partials with respect to columns, and the condition."""
    from gradcli.evaluate.compiled import compile as compiled

    expression, threads = expressions[0], request.threads
    chosen = names_in(request.wrt, "--wrt", expression.variables)
    if chosen is None:
        chosen = tuple(name for name in expression.variables if isinstance(inputs[name], str))
    return [
        compiled(expression, chosen, request.derivatives, threads=threads, order=request.order),
        *[compiled(condition, derivatives="value", threads=threads) for condition in expressions[1:]],
    ]


def _row_function(functions: Sequence[Compiled], inputs: Inputs, reader: Reader, request: Request) -> RowFunction:
    """Return the function that is applied to each row, with the computed columns in their order."""
    from gradcli.cli.reading.table_variables import names_of_columns
    from gradcli.tables.mapping import RowFunction, refuse_collisions

    results = {name: request.prefix + name for name in functions[0].names}
    order: Sequence[str] = reader.names
    if request.select:
        order = names_of_columns(request.select, reader.names, results, _absent(functions[0], request.prefix))
    kept = [name for name in order if name in reader.names]
    refuse_collisions(results.values(), kept)
    if not any(name in results.values() for name in order):
        order = [*order, *results.values()]
    condition = functions[1] if len(functions) > 1 else None
    return RowFunction(functions[0], inputs, kept, results, order, condition, request.strict)


def _absent(function: Compiled, prefix: str) -> dict[str, str]:
    """Return the names of the partials that are not computed, each with a hint that says how to compute it."""
    if function.derivatives == "value":
        return {f"{prefix}d_{name}": "--value-only leaves the partials out" for name in function.inputs}
    absent = {
        f"{prefix}d_{name}": f"--wrt {','.join([*function.wrt, name])} computes it"
        for name in function.inputs
        if name not in function.wrt
    }
    orders = [
        order for order in range(2, _MOST_ORDERS) if f"d{order}_{''.join(function.wrt[:1])}" not in function.names
    ]
    return absent | {
        f"{prefix}d{order}_{name}": f"--order {order} computes it" for order in orders for name in function.wrt
    }


def explain(session: Session, executor: str, reason: str | None, inputs: Inputs) -> None:
    """Say which executor runs and why, and whether each variable is a column or a number."""
    session.output.message(f"executor: {executor}" + (f" ({reason})" if reason else ""))
    for name, given in inputs.items():
        session.output.message(f"{name} = {f'the column `{given}`' if isinstance(given, str) else number(given)}")


def summarise(
    session: Session,
    target: str | None,
    counts: Mapping[str, int],
    names: Sequence[str],
    seconds: float,
    first: str | None,
    *,
    has_condition: bool,
) -> None:
    """Print a summary of one or two lines on standard error.

    Args:
        session: the running command.
        target: what was written; None for standard output.
        counts: the numbers of ``rows``, ``written`` rows and rows that are ``not_finite``.
        names: the computed columns.
        seconds: the time.
        first: a sentence about the first row that is not finite.
        has_condition: whether ``--where`` chose the rows.
    """
    from gradcli.cli.live.display import duration

    rows = f"{counts['rows']:,} rows"
    rows = f"{counts['written']:,} of {rows}" if has_condition else rows
    if target is not None:
        shown = ", ".join(names[:_MOST_NAMES]) + (f" and {len(names) - _MOST_NAMES} more" * (len(names) > _MOST_NAMES))
        session.output.message(f"wrote {target}: {rows} with {shown} in {duration(seconds)}")
    elif has_condition:
        session.output.message(f"kept {rows}")
    if counts["not_finite"]:
        many = f"{counts['not_finite']:,} rows are" if counts["not_finite"] > 1 else "1 row is"
        session.output.message(f"warning: {many} not finite; the first is {first}")
