"""Warnings about a finished net, as sentences: the reasons not to trust it.

A net is compared with the simplest predictions: always the same answer, and a straight line.  Both are judged on the
rows set aside for validation or, if there are none, on the training rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradcli.array_types import Floats
    from gradcli.train.data.rows import Data
    from gradcli.train.metrics import Metrics
    from gradcli.train.run import Measures, Run

__all__ = ["findings"]

# A straight line is fitted to at most this many rows, and not to more columns than this.
LINE_ROWS, LINE_COLUMNS = 20_000, 200
# Differences of scores (accuracy, R^2) up to this one are not worth a sentence.
MARGIN = 0.02
# Validation is far behind the training from this difference on; a difference of accuracies is also more than this many
# standard errors of the accuracy on the validation rows.
FAR_ACCURACY, FAR_R2, ERRORS = 0.1, 0.2, 3.0


def findings(run: Run, found: Measures | None = None) -> list[str]:
    """Return sentences about the problems of the net of a run in its present state; empty if no problem is found.

    Args:
        run: the run.
        found: the result of `all_measures` of the run in this state, if it is already known.
    """
    found = found or run.all_measures()
    judged, measured, where = run.training, found.training, "training rows"
    if len(run.validation):
        judged, measured, where = run.validation, found.validation, "validation rows"
    scored = score(run, measured)
    result = never_predicted(run, measured, where)
    # Weights give right answers of frequent classes away for those of others.
    is_fair = run.settings.class_weight is None
    name = "R^2" if run.model.labels is None else "accuracy"
    constant = 0.0 if run.model.labels is None else share_of_most(judged)
    if scored < constant and is_fair:
        same = "always predicting the mean" if run.model.labels is None else "always predicting the most frequent class"
        result.append(f"on the {where} the net ({name} {scored:.2f}) is worse than {same} ({constant:.2f})")
    line = line_score(run, judged)
    if line is not None and is_fair and line > max(scored, constant) + MARGIN:
        result.append(f"on the {where} a straight line ({name} {line:.2f}) is better than the net ({scored:.2f})")
    if len(run.validation):
        learnt = score(run, found.training)
        error = 0.0 if run.model.labels is None else (scored * (1 - scored) / len(judged)) ** 0.5
        if learnt - scored > max(FAR_R2 if run.model.labels is None else FAR_ACCURACY, ERRORS * error):
            result.append(
                f"validation ({name} {scored:.2f}) is far behind the training ({learnt:.2f}): the net has learnt rows "
                f"by heart; a larger --l2 or --patience 10 may help"
            )
    return result


def score(run: Run, found: Metrics) -> float:
    """Return the accuracy among some metrics of a net, or R^2 if its target is a number."""
    value = found.r2 if run.model.labels is None else found.accuracy
    return 0.0 if value is None else value


def share_of_most(data: Data) -> float:
    """Return the share of the most frequent class."""
    import numpy as np

    return float(np.bincount(data.targets.astype(np.intp)).max()) / len(data)


def never_predicted(run: Run, found: Metrics, where: str) -> list[str]:
    """Return a sentence about classes that occur in some rows but are never predicted, if such classes exist."""
    import numpy as np

    labels, matrix = run.model.labels, found.confusion
    if labels is None or matrix is None:
        return []
    rows, predicted = np.sum(matrix, axis=1), np.sum(matrix, axis=0)
    missed = [f"`{labels[one]}` ({rows[one]} rows)" for one in np.flatnonzero((rows > 0) & (predicted == 0))]
    if not missed:
        return []
    return [
        f"on the {where} the net never predicts {', '.join(missed[:5])}{' ...' if len(missed) > 5 else ''}: "
        "--class-weight balanced gives rare classes more weight"
    ]


def line_score(run: Run, data: Data) -> float | None:
    """Return the score of a straight line on some rows, fitted to the training rows by least squares.

    With classes, a line is fitted for each class, and the largest value wins.  The result is None if such a fit would
    take long, or if it has so many coefficients that its score would mean nothing.
    """
    import numpy as np

    training, labels = run.training, run.model.labels
    most = min(LINE_COLUMNS, len(training) // 10)
    if training.inputs.shape[1] + 1 > most or training.inputs.dtype == np.uint8:
        return None
    step = -(-len(training) // LINE_ROWS)
    inputs, targets = training.inputs[::step], training.targets[::step]
    mean, scale = inputs.mean(axis=0), inputs.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)

    def columns(values: Floats) -> Floats:
        return np.hstack([np.ones((len(values), 1)), (values - mean) / scale])

    aims = targets[:, None] if labels is None else np.equal(targets[:, None], np.arange(len(labels))).astype(float)
    with np.errstate(all="ignore"):
        line = np.linalg.lstsq(columns(inputs), aims, rcond=None)[0]
        parts = [columns(data.inputs[start : start + LINE_ROWS]) @ line for start in range(0, len(data), LINE_ROWS)]
        fitted = np.concatenate(parts)
        if labels is not None:
            return float((fitted.argmax(axis=1) == data.targets).mean())
        spread = np.square(data.targets - data.targets.mean()).sum()
        return float(1 - np.square(fitted[:, 0] - data.targets).sum() / spread) if spread else None
