"""`gradcli predict`: apply a saved model."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

from gradcli.cli.command import Command, Session, session_of
from gradcli.cli.showing.output import number
from gradcli.errors import UsageError

if TYPE_CHECKING:
    import typer

    from gradcli.array_types import Array
    from gradcli.train.checkpoint import Checkpoint
    from gradcli.train.model.model import Model
    from gradcli.train.predictions import Prediction, TablePredictor

# With more labels than this, the confusion matrix is printed only under --json.
MOST_LABELS = 20


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
) -> None:
    """Predict with a saved model, for every row of a table or for one point.

    Columns are found by their names and treated as in training: text is a category, and gaps are filled if training
    filled them. If the table also has the target, the predictions are compared with it. Rows of standard input are
    answered as they arrive.
    """
    from gradcli.tables.formats import read_blocks
    from gradcli.tables.table_bytes import bytes_of_lines
    from gradcli.train.checkpoint import load
    from gradcli.train.predictions import TablePredictor, predict

    session = session_of(context)
    checkpoint = load(model)
    if table is None:
        show(session, checkpoint.model, iter([predict(checkpoint, point(session, checkpoint, model))]), None)
        return
    if session.bindings:
        raise UsageError(
            f"`{session.bindings[0].name}` is given, and a table too: it is one or the other",
            kind="conflicting_options",
        )
    source = bytes_of_lines(session.terminal.stdin) if table == "-" else table
    predictor = TablePredictor(checkpoint)
    show(session, checkpoint.model, map(predictor.predict, read_blocks(source)), predictor)


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


def show(session: Session, model: Model, blocks: Iterator[list[Prediction]], predictor: TablePredictor | None) -> None:
    """Print predictions and then their metrics; in a pipe each block of predictions is printed as it arrives."""
    output, labels = session.output, model.labels
    if output.form == "json":
        entries = [
            {"prediction": prediction.value, "probability": prediction.probability, "scores": prediction.scores}
            for block in blocks
            for prediction in block
        ]
        found = {} if predictor is None else predictor.metrics()
        output.json({"predictions": entries} | ({"metrics": found} if found else {}))
        return
    headings = [model.target]
    if model.loss_function.probabilities is not None:
        headings += [f"p({label})" for label in labels or ()]
    if output.form == "plain":
        for number_of_block, block in enumerate(blocks):
            output.table(headings, map(cells_of, block), plain_headings=number_of_block == 0)
            session.terminal.stdout.flush()
    else:
        rows = [cells_of(prediction) for block in blocks for prediction in block]
        output.table(headings, rows, styles=("bold",), plain_headings=True)
    for name, value in ({} if predictor is None else predictor.metrics()).items():
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
    ),
    takes_variables=True,
)
