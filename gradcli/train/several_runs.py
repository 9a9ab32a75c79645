"""Several runs of one net: with other seeds, on the folds of a cross-validation, or with other optimisers.

Each run is a job of `gradcli.jobs`: from plain choices to a state and its measures.  It loads its rows itself, so that
it can run in any process.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from gradcli.errors import Diverged, UnavailableError
from gradcli.records import NamedTuple
from gradcli.train.choices import SEED, DataChoices, choices
from gradcli.train.data.loading import load_data
from gradcli.train.data.rows import Fold
from gradcli.train.race import Entrant, Race

if TYPE_CHECKING:
    from gradcli.train.data.rows import Data
    from gradcli.train.run import Run
    from gradcli.train.trainer import State

__all__ = ["MEASURES", "Trained", "adopt", "mean_and_spread", "rows_of", "train_alone"]

#: The measures that have a mean and a spread, as in `gradcli.train.metrics.Metrics`.
MEASURES = ("loss", "accuracy", "f1", "auc", "rmse", "mae", "r2")
#: The parts of the rows with measures of their own.
PARTS = ("validation", "test")


class Trained(NamedTuple):
    """The result of a run, as plain data.

    Attributes:
        state: its last state.
        report: its result, as `Run.report` gives it, without the history, which is in the state.
        loss: the loss by which runs are compared; infinite if the run diverged.
        fingerprint: the digest of its rows.
        seconds: the time of the training.
        failure: the error with which it diverged; None if it didn't.
    """

    state: State
    report: dict[str, Any]
    loss: float
    fingerprint: str
    seconds: float
    failure: Diverged | None

    def give(self, run: Run) -> None:
        """Put the state into a run with the same choices, which has not begun.

        Raises:
            UnavailableError: the other process had other rows.
        """
        if run.fingerprint != self.fingerprint:
            message = f"a worker read other rows for `{run.rows.name}` than this process"
            raise UnavailableError(message, kind="changed_data", hint="every machine needs the same file at this path")
        run.state = self.state


def train_alone(dataset: str, given: Mapping[str, Any], fold: tuple[int, int] | None = None) -> Trained:
    """Train a net, as a job.

    Args:
        dataset: a built-in set or the path of a table.
        given: the choices by name, as `gradcli.train.choices` declares them.
        fold: the number of the part that a cross-validation holds out, from 0, and the number of parts.

    Raises:
        UsageError: the choices don't fit together.
        UnavailableError: the table can't be read.

    >>> found = train_alone("moons", {"samples": 40, "hidden": (4,), "epochs": 2}, (0, 5))
    >>> found.report["epochs"], found.report["test"]["rows"], len(found.state.history)
    (2, 8, 4)
    """
    from gradcli.train.run import start

    run = start(rows_of(dataset, given), dataset=dataset, fold=Fold(*fold) if fold is not None else None, **given)
    entrant, began = Entrant("", run), time.perf_counter()
    try:
        for _ in run.events():
            pass
    except Diverged as error:
        entrant.failure = error
    seconds = time.perf_counter() - began
    report = {name: value for name, value in run.report().items() if name != "history"}
    return Trained(run.state, report, entrant.loss, run.fingerprint, seconds, entrant.failure)


def adopt(race: Race, results: Sequence[Trained]) -> None:
    """Let the entrants of a race take over runs from other processes, where each of them has trained alone.

    Args:
        race: the race, which has not begun.
        results: the results, in the order of the entrants.

    Raises:
        UnavailableError: a run had other rows.
    """
    for one, found in zip(race.entrants, results, strict=True):
        found.give(one.run)
        one.seconds, one.failure = found.seconds, found.failure


def rows_of(dataset: str, given: Mapping[str, Any]) -> Data:
    """Load the rows of a run; the last rows are kept, because the next run in this process often has the same.

    Args:
        dataset, given: as in `train_alone`.
    """
    source = {name: value for name, value in given.items() if name in choices(DataChoices)}
    frozen = tuple((name, tuple(value) if isinstance(value, list) else value) for name, value in source.items())
    return _rows_of(dataset, given.get("seed", SEED), frozen)


@lru_cache(maxsize=1)
def _rows_of(dataset: str, seed: int, source: tuple[tuple[str, Any], ...]) -> Data:
    return load_data(dataset, seed=seed, **dict(source))


def mean_and_spread(reports: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the mean and the sample standard deviation of each measure, also of those in parts such as ``"test"``.

    Args:
        reports: the results of runs; a measure that one of them lacks is left out.

    Returns:
        The means, and the deviations, which divide by the number of runs less 1; None for a deviation of one run.

    >>> mean_and_spread([{"loss": 1.0, "test": {"loss": 2.0}}, {"loss": 3.0, "test": {"loss": 2.0}}])
    ({'loss': 2.0, 'test': {'loss': 2.0}}, {'loss': 1.4142135623730951, 'test': {'loss': 0.0}})
    """
    means: dict[str, Any] = {}
    spreads: dict[str, Any] = {}
    for name in MEASURES:
        values = [report.get(name) for report in reports]
        numbers = [value for value in values if value is not None]
        if numbers and len(numbers) == len(values):
            means[name], spreads[name] = _mean_and_deviation(numbers)
    for part in (*PARTS, "held_out"):
        if any(report.get(part) for report in reports):
            means[part], spreads[part] = mean_and_spread([report.get(part, {}) for report in reports])
    return means, spreads


def _mean_and_deviation(numbers: Sequence[float]) -> tuple[float, float | None]:
    count = len(numbers)
    if not all(map(math.isfinite, numbers)):
        return sum(numbers) / count, None if count == 1 else math.nan
    mean = math.fsum(numbers) / count
    if count == 1:
        return mean, None
    return mean, math.sqrt(math.fsum((number - mean) ** 2 for number in numbers) / (count - 1))
