"""Predictions of a saved model, in the words and units of the table that it was trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.records import NamedTuple
from gradcli.train.engines.base import outputs_of
from gradcli.train.engines.engine_choice import engine_for
from gradcli.train.metrics import evaluate
from gradcli.train.model.features import finite_features
from gradcli.train.model.objectives import chosen

if TYPE_CHECKING:
    from gradcli.array_types import Array, Floats
    from gradcli.tables.table import Table
    from gradcli.train.checkpoint import Checkpoint
    from gradcli.train.model.model import Model

__all__ = ["Prediction", "TablePredictor", "predict"]


class Prediction(NamedTuple):
    """The prediction of a net for one row.

    Attributes:
        value: the class as the table spells it, or the number in the units of the target.
        probability: the probability of each class by its name; None for a number, or if the loss defines no
            probabilities.
        scores: the outputs of the net.
    """

    value: str | float
    probability: dict[str, float] | None
    scores: list[float]

    def _repr_html_(self) -> str:
        from gradcli.markup import table

        rows = [["prediction", str(self.value)]]
        rows += [[f"p({name})", repr(value)] for name, value in (self.probability or {}).items()]
        return table([], rows)


def predict(checkpoint: Checkpoint, inputs: Floats) -> list[Prediction]:
    """The predictions for rows of inputs, shape (rows, columns), in the units of the table.

    >>> import numpy as np
    >>> from gradcli.train.data.datasets import make
    >>> from gradcli.train.run import start
    >>> run = start(make("gauss"), hidden=(), epochs=5, learning_rate=0.1)
    >>> for event in run.events():
    ...     pass
    >>> [prediction.value for prediction in predict(run.checkpoint(), np.array([[-1.0, -1.0], [1.0, 1.0]]))]
    ['0', '1']
    """
    return predictions_of(checkpoint.model, scores_of(checkpoint, inputs))


def scores_of(checkpoint: Checkpoint, inputs: Array) -> Floats:
    """Return the outputs of the net, shape (rows, outputs), for rows of inputs in the units of the table.

    Raises:
        UsageError: a feature of the model has no finite value in a row.
    """
    model = checkpoint.model
    if model.features:
        finite_features(model.columns, model.features, inputs)
    engine = engine_for(model, checkpoint.settings.engine, trains=False)
    return outputs_of(engine, model, checkpoint.state.parameters, inputs)


def predictions_of(model: Model, scores: Floats) -> list[Prediction]:
    """Return the predictions for outputs of the net."""
    rows: list[list[float]] = scores.tolist()
    if model.labels is None:
        numbers = model.numbers(scores).tolist()
        return [Prediction(number, None, row) for number, row in zip(numbers, rows, strict=True)]
    labels = [model.labels[index] for index in chosen(scores).tolist()]
    function = model.loss_function.probabilities
    likely: list[dict[str, float] | None] = [None] * len(rows)
    if function is not None:
        likely = [dict(zip(model.labels, one, strict=True)) for one in function(scores).tolist()]
    return [Prediction(*one) for one in zip(labels, likely, rows, strict=True)]


class TablePredictor:
    """Predictions for a table, block by block, and their measures for the rows that have the target.

    Only the outputs of the net and the targets are kept.

    Args:
        checkpoint: the model.
        ignore_unknown: whether a category that the model doesn't have is treated as none of its categories.
    """

    def __init__(self, checkpoint: Checkpoint, *, ignore_unknown: bool = False) -> None:
        self.checkpoint = checkpoint
        self.ignore_unknown = ignore_unknown
        self.scores: list[Floats] = []
        self.targets: list[Floats] = []

    def predict(self, table: Table) -> list[Prediction]:
        """The predictions for the rows of a settled table.

        Raises:
            UsageError: a column of the model is missing.
            UnavailableError: a cell can't be read, or is a category or class that the model doesn't have.
        """
        from gradcli.tables.column_problems import ColumnProblems
        from gradcli.train.data.selection import targets_of

        model, problems = self.checkpoint.model, ColumnProblems()
        with problems.noted():
            inputs = model.table_encoding.encode(table, self.ignore_unknown)
        if model.target in table.columns:
            with problems.noted():
                targets = targets_of(table, table.columns.index(model.target), model.labels, self.ignore_unknown)
        problems.tell()
        scores = scores_of(self.checkpoint, inputs)
        if model.target in table.columns:
            known = targets == targets
            self.targets.append(targets[known])
            self.scores.append(scores[known])
        return predictions_of(model, scores)

    def metrics(self) -> dict[str, Any]:
        """Return the measures of the predictions so far, for rows with a known target; empty without such rows."""
        import numpy as np

        if not sum(map(len, self.targets)):
            return {}
        model = self.checkpoint.model
        targets = model.scaled_targets(np.concatenate(self.targets))
        return evaluate(model, np.concatenate(self.scores), targets, in_place=True).named()
