"""`gradcli map`: value and partial derivatives for every row of a table or of several tables, or over a grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from os.path import isfile
from typing import TYPE_CHECKING, Annotated, Any

from gradcli.cli.command import Command, Session, session_of
from gradcli.cli.reading.arguments import Binding
from gradcli.cli.reading.crew_options import declared_crew
from gradcli.cli.reading.operands import quoted, read_expression, refuse_unknown
from gradcli.cli.reading.parameters import declaring
from gradcli.cli.reading.table_options import declared_reading, show_infinite
from gradcli.cli.showing.output import notes_of
from gradcli.errors import UsageError, choice

if TYPE_CHECKING:
    import typer

    from gradcli.cli.live.table_mapping import Request
    from gradcli.evaluate.expression import Expression
    from gradcli.tables.grid import Axis
    from gradcli.tables.reader import Reader

_FORMATS = "csv|tsv|jsonl|parquet|arrow|arrows"


def declared(typer: Any) -> dict[str, tuple[Any, Any]]:
    """Return the options that are declared elsewhere: what shares the work, and how a table is written."""
    return {**declared_crew(typer), **declared_reading(typer)}


@declaring(declared)
def run(
    context: typer.Context,
    expression: Annotated[str, typer.Argument(metavar="EXPR", help="the expression, - for standard input, or @FILE")],
    tables: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TABLE",
            help="a table: CSV, TSV, JSON lines, Parquet, Arrow, or - for standard input; or several, by name or by a "
            "pattern such as 'data/*.csv'",
        ),
    ] = None,
    output: Annotated[
        str,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="the table to write; - is standard output; for several tables, a folder",
        ),
    ] = "-",
    grid: Annotated[
        list[str] | None,
        typer.Option("--grid", metavar="NAME=START:STOP:POINTS", help="every point of a grid, instead of a table"),
    ] = None,
    wrt: Annotated[
        str | None,
        typer.Option("--wrt", metavar="NAME,...", help="the variables of the partials (default: all that are columns)"),
    ] = None,
    value_only: Annotated[bool, typer.Option("--value-only", help="no partials")] = False,
    hessian: Annotated[bool, typer.Option("--hessian", help="all second partials too, as d_x_y")] = False,
    order: Annotated[
        int | None,
        typer.Option("--order", metavar="N", min=1, help="the derivatives up to order N by each variable, as d2_x"),
    ] = None,
    where: Annotated[
        str | None, typer.Option("--where", metavar="EXPR", help="only the rows for which this is true")
    ] = None,
    select: Annotated[
        list[str] | None,
        typer.Option(
            "--select",
            metavar="COLUMN,...",
            help="the columns to write, in this order; computed columns come last, unless some of them are named here",
        ),
    ] = None,
    prefix: Annotated[
        str, typer.Option("--prefix", metavar="TEXT", help="a text to put before the names of computed columns")
    ] = "",
    source_format: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar=f"{_FORMATS}|npy|npz",
            help="the format of TABLE (default: by its name; - is csv), or latex, which is the notation of EXPR",
        ),
    ] = None,
    target_format: Annotated[
        str | None, typer.Option("--to", metavar=_FORMATS, help="the format of FILE (default: by its name; - is csv)")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="stop with exit code 4 at a result that is not finite")
    ] = False,
    threads: Annotated[
        int | None,
        typer.Option(
            "--threads", metavar="N", min=1, help="the number of threads for a table (default: its share of all)"
        ),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="say whether machine code or NumPy runs, and why")] = False,
    **options: Any,
) -> None:
    """Compute value and partials for every row of a table, or over a grid.

    The columns value and d_NAME are added to the table. Each variable takes its values from the column of the same
    name. --x1 price takes them from the column price instead. --rate 0.05 gives a number, unless a column is called
    0.05.

    A longer table needs no more memory. FILE gets its name only when it is complete, so FILE may be TABLE itself. A row
    with a result that is not finite is written, counted and reported. A missing value in the table counts as nan.

    Several tables go into a folder, each under its own name. --workers shares them among processes, --dask among the
    workers of a cluster, which must find the files at the same paths. Either way, the same files are written.
    """
    from gradcli.cli.live.folder_mapping import is_folder, map_tables, planned
    from gradcli.cli.live.table_mapping import Request
    from gradcli.cli.reading.crew_options import chosen_crew, refuse_crew
    from gradcli.cli.reading.ranges import axes_of
    from gradcli.tables.formats import FORMATS, format_of_table
    from gradcli.tables.reading import Reading

    session, tables = session_of(context), tables or []
    workers, dask = options.pop("workers"), options.pop("dask")
    crew, is_many = chosen_crew(workers, dask), bool(tables) and is_folder(tables, output)
    form = target_format or ("csv" if output == "-" or is_many else format_of_table(output, "--to"))
    choice(form, [name for name, one in FORMATS.items() if one.writer is not None], "format of tables")
    axes, session = axes_of(session, grid or [])
    if not is_many:
        why = "shares out several tables, " + ("not a grid" if axes else "and one is given")
        refuse_crew(workers, dask, why, "--threads shares out its rows")
    _refuse_conflicts(session, expression, tables, output, form, has_axes=bool(axes), is_many=is_many)
    _refuse_results({"--value-only": value_only, "--hessian": hessian, "--order": order, "--wrt": wrt is not None})
    expressions = _expressions(session, expression, where, axes)
    derivatives = "hessian" if hessian else "value" if value_only else "value+gradient"
    reading = Reading.of(**options)
    request = Request(wrt, derivatives, order or 1, select or [], prefix, source_format, strict, threads, reading)
    if is_many:
        plan = planned(tables, output, target_format)
        crew = crew._replace(workers=min(crew.workers, len(plan)))
        request = request._replace(threads=crew.threads(threads))
        map_tables(session, request, expressions, plan, crew, folder=output, verbose=verbose)
    else:
        table = tables[0] if tables else None
        _map_one(session, request, expressions, table, axes, output, form, verbose=verbose)


def _map_one(
    session: Session,
    request: Request,
    expressions: Sequence[Expression],
    table: str | None,
    axes: Sequence[Axis],
    output: str,
    form: str,
    *,
    verbose: bool,
) -> None:
    """Compute one table, or a grid, and say what was written."""
    from gradcli.cli.live.table_mapping import TableMapping, notes_on_reading, summarise
    from gradcli.cli.pipes import bytes_to, tidied
    from gradcli.files import open_atomically
    from gradcli.tables.table_bytes import split_compression

    is_stream = output == "-"
    with ExitStack() as stack:
        stack.enter_context(tidied())
        reader = stack.enter_context(_reader(session, table, request, axes))
        mapping = TableMapping(session, request, expressions, reader, form)
        if verbose:
            mapping.explain(session)
        display = stack.enter_context(_display(session, reader, output))
        # Waiting for the disk is not worth its time: a table that a power cut destroys can be computed again.
        target = bytes_to(session.terminal) if is_stream else open_atomically(output, durable=False)
        sink = stack.enter_context(target)

        def done(rows: int) -> None:
            if display is not None:
                display.update(rows)
            if is_stream:
                sink.flush()

        found = mapping.write(sink, split_compression(output)[1], done)
        if display is not None:
            display.update(None)
    show_infinite(session, found.infinite)
    if session.output.form == "json":
        notes = [note for expression in expressions for note in notes_on_reading(expression)]
        about = {"expression": str(expressions[0]), "table": table, "output": output}
        session.output.json({**about, **found.numbers, **notes_of(notes)})
        return
    written = None if is_stream else output
    summarise(
        session,
        written,
        found._asdict(),
        found.computed,
        found.seconds,
        found.first,
        has_condition=len(expressions) > 1,
    )


def _refuse_results(given: Mapping[str, Any]) -> None:
    """Refuse options for results that exclude each other; only ``--wrt`` goes with ``--hessian`` and ``--order``."""
    chosen = [option for option, value in given.items() if value]
    if len(chosen) > 1 and (chosen[0] == "--value-only" or chosen[1] != "--wrt"):
        message = f"`{chosen[0]}` and `{chosen[1]}` can't be given together"
        raise UsageError(message, kind="conflicting_options")


def _refuse_conflicts(
    session: Session,
    expression: str,
    tables: Sequence[str],
    output: str,
    form: str,
    *,
    has_axes: bool,
    is_many: bool,
) -> None:
    """Refuse operands and options that exclude each other."""
    from gradcli.tables.formats import format_of_file

    if not tables and not has_axes:
        raise UsageError(
            "neither a table nor a grid is given",
            kind="missing_operand",
            hint=f"for example: {COMMAND.examples[0][0]}",
        )
    if tables and has_axes:
        raise UsageError(
            "a table and a grid are given, but only one of the two is possible", kind="conflicting_options"
        )
    # An expression may be the name of a file, too, as `x` is; but not that of a table.
    if tables and isfile(expression) and (not isfile(tables[0]) or format_of_file(expression) is not None):  # noqa: PTH113
        expressions = [binding.text.strip() for binding in session.bindings] or ["EXPR"]
        words = [expressions[0], expression] if isfile(tables[0]) else [tables[0], expression]  # noqa: PTH113
        raise UsageError(
            f"`{expression}` is a file, but the first word should be the expression",
            kind="swapped_operands",
            hint=f"gradcli map {' '.join(map(quoted, words))}",
        )
    if expression == "-" and "-" in tables:
        raise UsageError("the expression and the table can't both come from standard input", kind="conflicting_options")
    if output != "-" or is_many:
        return
    if session.output.form == "json":
        raise UsageError(
            "standard output can't hold both the table and the object of `--json`",
            kind="conflicting_options",
            hint="name a file: -o FILE",
        )
    if session.terminal.stdout_is_terminal and form not in ("csv", "tsv", "jsonl"):
        raise UsageError(f"`{form}` can't be shown on a terminal", hint="name a file: -o FILE")


def _expressions(session: Session, operand: str, where: str | None, axes: Sequence[Axis]) -> list[Expression]:
    """Return the expression and, with ``--where``, the condition.

    Every variable with a value must occur in one of them.
    """
    from gradcli.cli.live.table_mapping import variables_of
    from gradcli.evaluate.expression import parse

    bindings = (*[Binding(axis.name, "") for axis in axes], *session.bindings)
    names = {binding.name for binding in bindings}
    expressions = [read_expression(session, operand, variables=names)]
    if where is not None:
        expressions.append(parse(where, variables=names, name="--where", notation=session.notation))
    for expression, purpose in zip(expressions, ("map", "--where"), strict=False):
        expression.refuse_arrays(purpose)
    refuse_unknown(session._replace(bindings=bindings), variables_of(expressions), "the expression")
    return expressions


def _reader(
    session: Session, table: str | None, request: Request, axes: Sequence[Axis]
) -> AbstractContextManager[Reader]:
    """Open the source of the rows: a grid, a file or standard input."""
    from gradcli.tables.formats import open_reader
    from gradcli.tables.grid import Grid
    from gradcli.tables.table_bytes import bytes_of_lines

    reading = request.reading
    if table is None:
        if reading.given:
            message = f"`{reading.given[0]}` is an option for tables, and a grid is given"
            raise UsageError(message, kind="conflicting_options", argument=reading.given[0])
        return nullcontext(Grid(axes))
    source = bytes_of_lines(session.terminal.stdin) if table == "-" else table
    return open_reader(source, request.source_format, reading=reading)


def _display(session: Session, reader: Reader, output: str) -> AbstractContextManager[Any]:
    """Return the display of progress, which shows nothing if the table itself goes to the terminal."""
    from gradcli.cli.live.progress import ProgressView, progress_display

    if output == "-" and session.terminal.stdout_is_terminal:
        return nullcontext()
    return progress_display(session, ProgressView(reader.rows, reader.fraction))


COMMAND = Command(
    run,
    examples=(
        ('gradcli map "x1*x2 + sin(x1)" points.csv -o out.csv', "value and partials of every row"),
        ('gradcli map "K*exp(-r*t)" bonds.parquet --K price --r 0.05 -o out.parquet', "columns and constants"),
        ('gradcli map "exp(-x^2 - y^2)" --grid x=-3:3:1000 y=0:1:500 -o hill.arrow', "a grid instead of a table"),
        ('gradcli map "x1*sin(x1*x2)" points.csv --order 5', "the derivatives of order 1 to 5"),
        ("gradcli map \"x1^2\" 'data/*.csv' -o squares/ --workers 2", "many tables, in two processes"),
        ('zcat big.csv.gz | gradcli map "log(p)" - --where "p > 0" --select id,value', "streams"),
    ),
    takes_expression=True,
    takes_variables=True,
)
