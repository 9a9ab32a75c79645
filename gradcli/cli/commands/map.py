"""`gradcli map`: value and partial derivatives for every row of a table, or over a grid."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from os.path import isfile
from typing import TYPE_CHECKING, Annotated, Any

from gradcli.cli.command import Command, Session, session_of
from gradcli.cli.reading.arguments import Binding
from gradcli.cli.reading.operands import names_in, quoted, read_expression, refuse_unknown
from gradcli.cli.reading.parameters import declaring
from gradcli.cli.reading.table_options import declared_reading, show_infinite, show_notes
from gradcli.cli.showing.output import notes_of, number
from gradcli.errors import UsageError, choice

if TYPE_CHECKING:
    import typer

    from gradcli.evaluate.compiled import Compiled
    from gradcli.evaluate.expression import Expression
    from gradcli.source import Note
    from gradcli.tables.grid import Axis
    from gradcli.tables.mapping import Counts, RowFunction
    from gradcli.tables.reader import Reader
    from gradcli.tables.reading import Reading

    #: For each variable the name of a column, or a number.
    Inputs = Mapping[str, str | float]

_FORMATS = "csv|tsv|jsonl|parquet|arrow|arrows"
#: The summary names at most this many new columns.
_MOST_NAMES = 5
#: A column for a derivative below this order is known, although it isn't computed.
_MOST_ORDERS = 20


@declaring(declared_reading)
def run(
    context: typer.Context,
    expression: Annotated[str, typer.Argument(metavar="EXPR", help="the expression, - for standard input, or @FILE")],
    table: Annotated[
        str | None,
        typer.Argument(metavar="TABLE", help="a table: CSV, TSV, JSON lines, Parquet, Arrow, or - for standard input"),
    ] = None,
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="FILE", help="the table to write; - is standard output")
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
        int | None, typer.Option("--threads", metavar="N", min=1, help="the number of threads (default: all)")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="say whether machine code or NumPy runs, and why")] = False,
    **reading: Any,
) -> None:
    """Compute value and partials for every row of a table, or over a grid.

    The columns value and d_NAME are added to the table. Each variable takes its values from the column of the same
    name. --x1 price takes them from the column price instead. --rate 0.05 gives a number, unless a column is called
    0.05.

    A longer table needs no more memory. FILE gets its name only when it is complete, so FILE may be TABLE itself. A row
    with a result that is not finite is written, counted and reported. A missing value in the table counts as nan.
    """
    from gradcli.cli.pipes import bytes_to, tidied
    from gradcli.cli.reading.ranges import axes_of
    from gradcli.cli.reading.table_variables import inputs_of
    from gradcli.files import open_atomically
    from gradcli.tables.column_types import typed_blocks
    from gradcli.tables.formats import FORMATS, format_of_table, open_writer
    from gradcli.tables.mapping import Counts, mapped
    from gradcli.tables.prefetch import ahead
    from gradcli.tables.reading import Reading
    from gradcli.tables.table_bytes import split_compression

    session = session_of(context)
    began = time.monotonic()
    form = target_format or ("csv" if output == "-" else format_of_table(output, "--to"))
    choice(form, [name for name, one in FORMATS.items() if one.writer is not None], "format of tables")
    axes, session = axes_of(session, grid or [])
    _refuse_conflicts(session, expression, table, output, form, has_axes=bool(axes))
    _refuse_results({"--value-only": value_only, "--hessian": hessian, "--order": order, "--wrt": wrt is not None})
    expressions = _expressions(session, expression, where, axes)
    with ExitStack() as stack:
        stack.enter_context(tidied())
        reader = stack.enter_context(_reader(session, table, source_format, axes, Reading.of(**reading)))
        show_notes(session, reader.name, reader.notes)
        inputs = inputs_of(session, _variables(expressions), reader.names, "table" if table else "grid")
        _note_constants(session, expressions, inputs, reader)
        derivatives = "hessian" if hessian else "value" if value_only else "value+gradient"
        functions = _compiled(expressions, inputs, wrt, derivatives, threads, order or 1)
        row_function = _row_function(functions, inputs, reader, select or [], prefix, strict=strict)
        carrying = row_function.carrying(reader.names) if form == "jsonl" else None
        if carrying is not None and reader.carry():
            row_function = carrying
        is_typed = not FORMATS[form].is_text
        blocks = reader.blocks(row_function.needed(reader.names), patient=is_typed)
        if is_typed:
            blocks = typed_blocks(blocks, row_function.numbers, is_json=form == "jsonl")
        if verbose:
            _explain(session, functions[0], inputs)
        counts = Counts()
        display = stack.enter_context(_display(session, reader, output))
        # Waiting for the disk is not worth its time: a table that a power cut destroys can be computed again.
        is_stream = output == "-"
        target = bytes_to(session.terminal) if is_stream else open_atomically(output, durable=False)
        sink = stack.enter_context(target)
        results = ahead(mapped(ahead(blocks), row_function, counts), stop=reader.stop)
        stack.callback(results.close)
        with open_writer(sink, form, split_compression(output)[1]) as writer:
            for block in results:
                writer.write(block)
                if display is not None:
                    display.update(counts.rows)
                if is_stream:
                    sink.flush()
        if display is not None:
            display.update(None)
    document = {
        "expression": str(expressions[0]),
        "table": table,
        "output": output,
        "inputs": inputs,
        "computed": [name for name in row_function.order if name in row_function.results.values()],
        "rows": counts.rows,
        "written": counts.written,
        "not_finite": counts.not_finite,
        "executor": functions[0].executor,
        "seconds": time.monotonic() - began,
        **notes_of([note for expression in expressions for note in _notes(expression, ())]),
    }
    carried = {name: count for name, count in writer.infinite.items() if name not in document["computed"]}
    show_infinite(session, carried)
    if session.output.form == "json":
        session.output.json(document)
    else:
        _summarise(session, document, counts, has_condition=where is not None)


def _refuse_results(given: Mapping[str, Any]) -> None:
    """Refuse options for results that exclude each other; only ``--wrt`` goes with ``--hessian`` and ``--order``."""
    chosen = [option for option, value in given.items() if value]
    if len(chosen) > 1 and (chosen[0] == "--value-only" or chosen[1] != "--wrt"):
        message = f"`{chosen[0]}` and `{chosen[1]}` can't be given together"
        raise UsageError(message, kind="conflicting_options")


def _refuse_conflicts(
    session: Session, expression: str, table: str | None, output: str, form: str, *, has_axes: bool
) -> None:
    """Refuse operands and options that exclude each other."""
    if table is None and not has_axes:
        raise UsageError(
            "neither a table nor a grid is given",
            kind="missing_operand",
            hint=f"for example: {COMMAND.examples[0][0]}",
        )
    if table is not None and has_axes:
        raise UsageError(
            "a table and a grid are given, but only one of the two is possible", kind="conflicting_options"
        )
    if table is not None and isfile(expression) and not isfile(table):  # noqa: PTH113 (no text is a wrong path)
        raise UsageError(
            f"`{expression}` is a file, but the first word should be the expression",
            kind="swapped_operands",
            hint=f"gradcli map {quoted(table)} {quoted(expression)}",
        )
    if expression == table == "-":
        raise UsageError("the expression and the table can't both come from standard input", kind="conflicting_options")
    if output != "-":
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
    from gradcli.evaluate.expression import parse

    bindings = (*[Binding(axis.name, "") for axis in axes], *session.bindings)
    names = {binding.name for binding in bindings}
    expressions = [read_expression(session, operand, variables=names)]
    if where is not None:
        expressions.append(parse(where, variables=names, name="--where", notation=session.notation))
    for expression, purpose in zip(expressions, ("map", "--where"), strict=False):
        expression.refuse_arrays(purpose)
    refuse_unknown(session._replace(bindings=bindings), _variables(expressions), "the expression")
    return expressions


def _variables(expressions: Sequence[Expression]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for expression in expressions for name in expression.variables))


def _reader(
    session: Session, table: str | None, form: str | None, axes: Sequence[Axis], reading: Reading
) -> AbstractContextManager[Reader]:
    """Open the source of the rows: a grid, a file or standard input."""
    from gradcli.tables.formats import open_reader
    from gradcli.tables.grid import Grid
    from gradcli.tables.table_bytes import bytes_of_lines

    if table is None:
        if reading.given:
            message = f"`{reading.given[0]}` is an option for tables, and a grid is given"
            raise UsageError(message, kind="conflicting_options", argument=reading.given[0])
        return nullcontext(Grid(axes))
    source = bytes_of_lines(session.terminal.stdin) if table == "-" else table
    return open_reader(source, form, reading=reading)


def _note_constants(session: Session, expressions: Sequence[Expression], inputs: Inputs, reader: Reader) -> None:
    """Print the notes on how the expressions were read, and a note for each constant that is also a column."""
    from gradcli.evaluate.expression import parse
    from gradcli.language.parsed import CONSTANTS

    hidden = {name for name in reader.names if name in CONSTANTS and name not in inputs}
    for expression in expressions:
        session.output.notes(_notes(expression, hidden), expression.source, after_result=False)
    for expression in expressions if hidden else ():
        text, _, notation, definitions = expression.source
        known = {*expression.variables, *hidden}
        found = parse(text, variables=known, notation=notation, definitions=definitions).variables
        for name in sorted(hidden.intersection(found)):
            session.output.message(
                f"note: `{name}` is the constant here; to use the column of this name, add --{name} {name}"
            )


def _notes(expression: Expression, hidden: Collection[str]) -> list[Note]:
    """Return the notes on how an expression was read, without the notes that say nothing new.

    A note on a variable says nothing new: the name is a column or has a value, so the user meant a variable. A constant
    that is also a column has a note of its own.
    """
    text = expression.source.text
    return [
        note
        for note in expression.notes
        if note.kind != "name" and (note.span is None or text[slice(*note.span)] not in hidden)
    ]


def _compiled(
    expressions: Sequence[Expression],
    inputs: Inputs,
    wrt: str | None,
    derivatives: str,
    threads: int | None,
    order: int,
) -> list[Compiled]:
    """Return the compiled functions: the expression with its partials with respect to columns, and the condition."""
    from gradcli.evaluate.compiled import compile as compiled

    expression = expressions[0]
    chosen = names_in(wrt, "--wrt", expression.variables)
    if chosen is None:
        chosen = tuple(name for name in expression.variables if isinstance(inputs[name], str))
    return [
        compiled(expression, chosen, derivatives, threads=threads, order=order),
        *[compiled(condition, derivatives="value", threads=threads) for condition in expressions[1:]],
    ]


def _row_function(
    functions: Sequence[Compiled], inputs: Inputs, reader: Reader, select: Sequence[str], prefix: str, *, strict: bool
) -> RowFunction:
    """Return the function that is applied to each row, with the computed columns in their order."""
    from gradcli.cli.reading.table_variables import names_of_columns
    from gradcli.tables.mapping import RowFunction, refuse_collisions

    results = {name: prefix + name for name in functions[0].names}
    order: Sequence[str] = reader.names
    if select:
        order = names_of_columns(select, reader.names, results, _absent(functions[0], prefix))
    kept = [name for name in order if name in reader.names]
    refuse_collisions(results.values(), kept)
    if not any(name in results.values() for name in order):
        order = [*order, *results.values()]
    condition = functions[1] if len(functions) > 1 else None
    return RowFunction(functions[0], inputs, kept, results, order, condition, strict)


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


def _explain(session: Session, function: Compiled, inputs: Inputs) -> None:
    """Say which executor runs and why, and whether each variable is a column or a number."""
    reason = f" ({function.note})" if function.note else ""
    session.output.message(f"executor: {function.executor}{reason}")
    for name, given in inputs.items():
        session.output.message(f"{name} = {f'the column `{given}`' if isinstance(given, str) else number(given)}")


def _display(session: Session, reader: Reader, output: str) -> AbstractContextManager[Any]:
    """Return the display of progress, which shows nothing if standard error isn't a terminal."""
    terminal = session.terminal
    if not terminal.can_redraw or session.output.form == "json" or (output == "-" and terminal.stdout_is_terminal):
        return nullcontext()
    from gradcli.cli.live.display import Live
    from gradcli.cli.live.progress import ProgressView
    from gradcli.draw.canvas import Painter

    painter = Painter.of(terminal.environment, colour=terminal.message_colour)
    return Live(ProgressView(reader.rows, reader.fraction), terminal, painter)


def _summarise(session: Session, document: Mapping[str, Any], counts: Counts, *, has_condition: bool) -> None:
    """Print a summary of one or two lines on standard error."""
    from gradcli.cli.live.display import duration

    rows = f"{counts.written:,} of {counts.rows:,} rows" if has_condition else f"{counts.rows:,} rows"
    if document["output"] != "-":
        names = document["computed"]
        shown = ", ".join(names[:_MOST_NAMES]) + (f" and {len(names) - _MOST_NAMES} more" * (len(names) > _MOST_NAMES))
        session.output.message(f"wrote {document['output']}: {rows} with {shown} in {duration(document['seconds'])}")
    elif has_condition:
        session.output.message(f"kept {rows}")
    if counts.not_finite:
        many = f"{counts.not_finite:,} rows are" if counts.not_finite > 1 else "1 row is"
        session.output.message(f"warning: {many} not finite; the first is {counts.first}")


COMMAND = Command(
    run,
    examples=(
        ('gradcli map "x1*x2 + sin(x1)" points.csv -o out.csv', "value and partials of every row"),
        ('gradcli map "K*exp(-r*t)" bonds.parquet --K price --r 0.05 -o out.parquet', "columns and constants"),
        ('gradcli map "exp(-x^2 - y^2)" --grid x=-3:3:1000 y=0:1:500 -o hill.arrow', "a grid instead of a table"),
        ('gradcli map "x1*sin(x1*x2)" points.csv --order 5', "the derivatives of order 1 to 5"),
        ('zcat big.csv.gz | gradcli map "log(p)" - --where "p > 0" --select id,value', "streams"),
    ),
    takes_expression=True,
    takes_variables=True,
)
