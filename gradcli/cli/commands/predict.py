"""`gradcli predict`: apply a saved model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gradcli.cli.command import Command, Session, session
from gradcli.cli.output import number
from gradcli.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gradcli.train.checkpoint import Checkpoint
    from gradcli.train.tables import Table

    Floats = NDArray[np.float64]


def run(
    context: typer.Context,
    model: Annotated[str, typer.Argument(metavar="MODEL", help="a file that gradcli train wrote")],
    table: Annotated[
        str | None,
        typer.Argument(metavar="TABLE", help="a CSV or TSV file with the model's columns, or - for standard input"),
    ] = None,
) -> None:
    """The predictions of a saved model, for every row of a table or for one point.

    Columns are found by their names. If the table also has the target, the predictions are measured against it.
    """
    from gradcli.train.checkpoint import load
    from gradcli.train.predictions import metrics, predict
    from gradcli.train.formats import read_table

    here = session(context)
    checkpoint = load(model)
    if table is None:
        predictions = predict(checkpoint, point(here, checkpoint, model))
        found: dict[str, float] = {}
    else:
        if here.bindings:
            raise UsageError(
                f"`{here.bindings[0].name}` is given, and a table too: it is one or the other",
                kind="conflicting_options",
            )
        rows = read_table(here.terminal.stdin, "standard input") if table == "-" else read_table(table)
        predictions = predict(checkpoint, inputs_of(checkpoint, rows))
        found = metrics(checkpoint, rows)
    show(here, checkpoint, predictions, found)


def point(here: Session, checkpoint: Checkpoint, model: str) -> Floats:
    """The one row that the values on the command line make."""
    import shlex

    import numpy as np

    from gradcli.cli.expressions import refuse_unknown, values_of

    columns = checkpoint.model.columns
    refuse_unknown(here, columns, f"the model `{model}`")
    values = values_of(here)
    missing = [column for column in columns if column not in values]
    if missing:
        names = ", ".join(f"`{column}`" for column in missing)
        hint = "name a table with these columns"
        if all(column.isidentifier() for column in columns):
            values_in_words = " ".join(f"{column}={number(values.get(column, 0.0))}" for column in columns)
            hint = f"gradcli predict {shlex.quote(model)} {values_in_words}, or {hint}"
        raise UsageError(
            f"no value is given for {names}",
            kind="missing_variables",
            hint=hint,
        )
    return np.array([[values[column] for column in columns]])


def inputs_of(checkpoint: Checkpoint, table: Table) -> Floats:
    """The columns of a table that the model wants."""
    missing = [column for column in checkpoint.model.columns if column not in table.columns]
    if missing:
        names = ", ".join(f"`{column}`" for column in missing)
        raise UsageError(
            f"`{table.name}` lacks the {'column' if len(missing) == 1 else 'columns'} {names} of the model",
            kind="unknown_column",
            hint=f"its columns are {', '.join(f'`{column}`' for column in table.columns[:12])}",
        )
    return table.numbers([table.columns.index(column) for column in checkpoint.model.columns])


def show(here: Session, checkpoint: Checkpoint, predictions: list[Any], found: dict[str, float]) -> None:
    """Print predictions, and what they measure."""
    output, labels = here.output, checkpoint.model.labels
    if output.form == "json":
        document: dict[str, Any] = {
            "predictions": [
                {"prediction": prediction.value, "probability": prediction.probability, "scores": prediction.scores}
                for prediction in predictions
            ]
        }
        if found:
            document["metrics"] = found
        output.json(document)
        return
    certain = bool(predictions) and predictions[0].probability is not None
    headings = [checkpoint.model.target, *(f"p({label})" for label in labels or () if certain)]
    rows = [
        [
            number(prediction.value) if labels is None else prediction.value,
            *(number(value) for value in (prediction.probability or {}).values()),
        ]
        for prediction in predictions
    ]
    output.table(headings, rows, styles=("bold",), plain_headings=True)
    for name, value in found.items():
        output.message(f"{name} {number(value)}")


COMMAND = Command(
    run,
    examples=(
        ("gradcli predict moons.safetensors --x1 0.5 --x2 0.25", "one point"),
        ("gradcli predict iris.safetensors new.csv", "every row of a table"),
    ),
    takes_variables=True,
)
