"""`gradcli predict`: apply a saved model."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from gradcli.cli.command import Command, Session, session_of
from gradcli.cli.reading.parameters import declaring
from gradcli.cli.reading.table_options import declared_reading, show_infinite, show_notes
from gradcli.cli.showing.output import number
from gradcli.errors import UsageError, choice

if TYPE_CHECKING:
    import typer

    from gradcli.array_types import Array
    from gradcli.tables.table import Table
    from gradcli.train.checkpoint import Checkpoint
    from gradcli.train.model.model import Model
    from gradcli.train.predictions import Prediction, TablePredictor

# With more labels than this, the confusion matrix is printed only under --json.
MOST_LABELS = 20
# The rows that are answered together: few, so that a slow stream gets its predictions soon.
FEW_ROWS = 2_000


@declaring(declared_reading)
def run(
    context: typer.Context,
    model: Annotated[str, typer.Argument(metavar="MODEL", help="a file that gradcli train wrote")],
    table: Annotated[
        str | None,
        typer.Argument(
            metavar="TABLE",
            help="a table with the model's columns: CSV, TSV, JSON lines, Parquet, Arrow, NPZ, images of MNIST, or - "
            "for standard input",
        ),
    ] = None,
    *,
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", metavar="FILE", help="a table of the predictions to write: CSV, Parquet ..."),
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option("--keep", metavar="COLUMN,...", help="columns of TABLE to repeat next to the predictions"),
    ] = None,
    unknown: Annotated[
        str,
        typer.Option(
            "--unknown",
            metavar="refuse|ignore",
            help="how to treat a category that did not occur in training: error, or as none of the known categories",
        ),
    ] = "refuse",
    **reading: Any,
) -> None:
    """Predict with a saved model, for every row of a table or for one point.

    Columns are found by their names and treated as in training: text is a category, and gaps are filled if training
    filled them. If the table also has the target, the predictions are compared with it. Rows of standard input are
    answered as they arrive.
    """
    from gradcli.tables.formats import read_blocks
    from gradcli.tables.reader import ROWS
    from gradcli.tables.reading import Reading
    from gradcli.tables.table_bytes import bytes_of_lines
    from gradcli.train.checkpoint import load
    from gradcli.train.predictions import TablePredictor, predict

    session = session_of(context)
    choice(unknown, ("refuse", "ignore"), "way to treat unknown categories")
    text = Reading.of(**reading)
    checkpoint = load(model)
    if table is None:
        refuse_without_table({"output": output, "keep": keep, **dict.fromkeys(text.given, True)})
        answer = predict(checkpoint, point(session, checkpoint, model))
        show(session, checkpoint.model, iter([(answer, None)]), None)
        return
    if session.bindings:
        raise UsageError(
            f"`{session.bindings[0].name}` and a table are given, but only one of the two is possible",
            kind="conflicting_options",
        )
    source = bytes_of_lines(session.terminal.stdin) if table == "-" else table
    predictor = TablePredictor(checkpoint, ignore_unknown=unknown == "ignore")
    notes: list[str] = []
    blocks = answers(session, read_blocks(source, None, ROWS if output else FEW_ROWS, text, notes), predictor, notes)
    if output is not None:
        write(session, predictor, blocks, keep or [], output)
    else:
        show(session, checkpoint.model, blocks, predictor, keep or [])


def refuse_without_table(options: Mapping[str, object]) -> None:
    """Refuse options that need a table."""
    for name, value in options.items():
        if value:
            raise UsageError(f"`{name}` needs a table, and no table is given", argument=name)


def answers(
    session: Session, blocks: Iterator[Table], predictor: TablePredictor, notes: Sequence[str]
) -> Iterator[tuple[list[Prediction], Table]]:
    """Print the notes of the table's reader; then yield each block of the table with its predictions."""
    for number_of_block, block in enumerate(blocks):
        if number_of_block == 0:
            show_notes(session, block.name, notes)
        yield predictor.predict(block.settled()), block


def kept_columns(table: Table, keep: Sequence[str]) -> list[int]:
    """Return the places of the columns that ``--keep`` names."""
    from gradcli.train.data.selection import positions

    return positions(table, keep)


def headings(model: Model, kept: Sequence[str]) -> list[str]:
    """Return the headings of the columns of predictions."""
    target = model.target if model.target not in kept else f"predicted {model.target}"
    return [target, *(f"p({label})" for label in model.labels or () if has_probabilities(model))]


def has_probabilities(model: Model) -> bool:
    """Whether the predictions of a model have the probability of each class."""
    return model.loss_function.probabilities is not None


def write(
    session: Session,
    predictor: TablePredictor,
    answered: Iterator[tuple[list[Prediction], Table]],
    keep: Sequence[str],
    output: str,
) -> None:
    """Write the columns to keep and the predictions as a table."""
    import numpy as np

    from gradcli.files import open_atomically
    from gradcli.tables.cells import Cells, JsonCells, Numbers
    from gradcli.tables.column_types import typed_blocks
    from gradcli.tables.formats import FORMATS, format_of_table, open_writer
    from gradcli.tables.table_bytes import split_compression

    model, count = predictor.checkpoint.model, 0
    form = format_of_table(output, "--output")

    from dataclasses import replace

    def tables() -> Iterator[Table]:
        nonlocal count
        for predictions, block in answered:
            count += len(predictions)
            places = kept_columns(block, keep)
            names = [block.columns[place] for place in places]
            values = [prediction.value for prediction in predictions]
            cells: list[Cells] = [block.cells[place] for place in places]
            cells.append(Numbers(np.array(values)) if model.labels is None else JsonCells(values))
            names += headings(model, names)
            for label in model.labels or () if has_probabilities(model) else ():
                cells.append(Numbers(np.array([(prediction.probability or {})[label] for prediction in predictions])))
            yield replace(block, columns=tuple(names), cells=tuple(cells))

    blocks: Iterator[Table] = tables()
    if not FORMATS[form].is_text:
        blocks = typed_blocks(blocks, (), is_json=form == "jsonl")
    with open_atomically(output) as sink, open_writer(sink, form, split_compression(output)[1]) as writer:
        for block in blocks:
            writer.write(block)
    show_infinite(session, writer.infinite)
    if session.output.form == "json":
        found = predictor.metrics()
        session.output.json({"output": output, "rows": count} | ({"metrics": found} if found else {}))
    else:
        session.output.message(f"wrote {output}: {count:,} predictions")
        show_metrics(session, predictor)


def point(session: Session, checkpoint: Checkpoint, model: str) -> Array:
    """Return the row of inputs that the values on the command line give."""
    import shlex

    from gradcli.cli.reading.operands import refuse_unknown
    from gradcli.cli.reading.values import scalar_of
    from gradcli.evaluate.point import missing_variables

    encoding = checkpoint.model.table_encoding
    refuse_unknown(session, encoding.columns, f"the model `{model}`")
    texts = {binding.name: binding.text for binding in session.bindings}
    missing = [column for column in encoding.columns if column not in texts]
    if missing:
        hint = "name a table with these columns"
        if not any({*column} & {*"-=/\\"} for column in encoding.columns):
            example = {one.name: one.categories[0] if one.categories else "0.0" for one in encoding.inputs} | texts
            values = " ".join(shlex.quote(f"{column}={example[column]}") for column in encoding.columns)
            hint = f"gradcli predict {shlex.quote(model)} {values}, or {hint}"
        raise missing_variables(missing, hint)
    words = {one.name: texts[one.name].strip() for one in encoding.inputs if one.categories is not None}
    numbers = {}
    for name in [name for name in encoding.columns if name not in words]:
        value = scalar_of(session, texts[name], f"the value of `{name}`", "for several points, name a table")
        if not math.isfinite(value):
            raise UsageError(f"the value of `{name}` is {value:g}, which is not a finite number")
        numbers[name] = value
    return encoding.encode_point({**words, **numbers})


def show(
    session: Session,
    model: Model,
    answered: Iterator[tuple[list[Prediction], Table | None]],
    predictor: TablePredictor | None,
    keep: Sequence[str] = (),
) -> None:
    """Print predictions and then their metrics; in a pipe each block of predictions is printed as it arrives."""
    output, kept = session.output, list[str]()

    def blocks() -> Iterator[list[tuple[list[str], Prediction]]]:
        from gradcli.tables.text_writers import spelt

        for predictions, table in answered:
            places = [] if table is None else kept_columns(table, keep)
            kept[:] = [] if table is None else [table.columns[place] for place in places]
            texts = [] if table is None else [spelt(table.cells[place], table.columns[place]) for place in places]
            rows = map(list, zip(*texts, strict=True)) if texts else ([] for _ in predictions)
            yield list(zip(rows, predictions, strict=True))

    if output.form == "json":
        entries = [
            ({"keep": dict(zip(kept, cells, strict=True))} if kept else {})
            | {"prediction": prediction.value, "probability": prediction.probability, "scores": prediction.scores}
            for block in blocks()
            for cells, prediction in block
        ]
        found = {} if predictor is None else predictor.metrics()
        output.json({"predictions": entries} | ({"metrics": found} if found else {}))
        return
    if output.form == "plain":
        for number_of_block, block in enumerate(blocks()):
            rows = [[*cells, *cells_of(prediction)] for cells, prediction in block]
            output.table([*kept, *headings(model, kept)], rows, plain_headings=number_of_block == 0)
            session.terminal.stdout.flush()
    else:
        rows = [[*cells, *cells_of(prediction)] for block in blocks() for cells, prediction in block]
        output.table([*kept, *headings(model, kept)], rows, styles=("bold",), plain_headings=True)
    if predictor is not None:
        show_metrics(session, predictor)


def show_metrics(session: Session, predictor: TablePredictor) -> None:
    """Print how well the predictions fit the targets, for the rows that have a target."""
    output, labels = session.output, predictor.checkpoint.model.labels
    for name, value in predictor.metrics().items():
        if isinstance(value, float):
            output.message(f"{name} {number(value)}")
        elif labels is not None and len(labels) <= MOST_LABELS:
            for line in matrix_lines(labels, value):
                output.message(line)


def matrix_lines(labels: Sequence[str], matrix: Sequence[Sequence[int]]) -> list[str]:
    """Write a confusion matrix as aligned lines: how often each class (row) was predicted as each class (column).

    >>> print(*matrix_lines(["a", "bc"], [[10, 0], [1, 2]]), sep="\\n")
    confusion   a  bc
            a  10   0
           bc   1   2
    """
    rows = [("confusion", *labels), *((label, *map(str, row)) for label, row in zip(labels, matrix, strict=True))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]


def cells_of(prediction: Prediction) -> list[str]:
    """Return a prediction as the cells of a row."""
    value = prediction.value if isinstance(prediction.value, str) else number(prediction.value)
    return [value, *map(number, (prediction.probability or {}).values())]


COMMAND = Command(
    run,
    examples=(
        ("gradcli predict moons.safetensors --x1 0.5 --x2 0.25", "one point"),
        ("gradcli predict iris.safetensors new.csv", "every row of a table"),
        ("gradcli predict iris.safetensors new.csv -o out.csv --keep id", "a table of predictions, with a column kept"),
    ),
    takes_variables=True,
)
