"""Several runs of one net: with other seeds, on the folds of a cross-validation, or with other optimisers.

Each run is a job of `gradcli.jobs`: from plain choices to a state and its measures.  It loads its rows itself, so that
it can run in any process.  If the whole is ended early, the runs that have ended can be kept in a folder, each as a
model file, and taken from there later.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradcli.errors import Diverged, UnavailableError, UsageError
from gradcli.files import make_folder
from gradcli.jobs import Job, tell
from gradcli.records import NamedTuple
from gradcli.source import joined
from gradcli.train.choices import SEED, DataChoices, choices
from gradcli.train.data.datasets import DATASETS
from gradcli.train.data.loading import load_data
from gradcli.train.data.rows import Fold
from gradcli.train.race import Entrant, Race

if TYPE_CHECKING:
    from gradcli.train.checkpoint import Checkpoint
    from gradcli.train.data.rows import Data
    from gradcli.train.run import Run
    from gradcli.train.trainer import State

__all__ = ["MEASURES", "Trained", "adopt", "keep", "mean_and_spread", "rows_of", "taken", "train_alone"]

#: The measures that have a mean and a spread, as in `gradcli.train.metrics.Metrics`.
MEASURES = ("loss", "accuracy", "f1", "auc", "rmse", "mae", "r2")
#: The parts of the rows with measures of their own.
PARTS = ("validation", "test")


class Trained(NamedTuple):
    """The result of a run, as plain data.

    Attributes:
        checkpoint: the content of its model file, with its last state.
        report: its result, as `Run.report` gives it, without the history, which is in the state.
        loss: the loss by which runs are compared; infinite if the run diverged.
        seconds: the time of the training.
        failure: the error with which it diverged; None if it didn't.
    """

    checkpoint: Checkpoint
    report: dict[str, Any]
    loss: float
    seconds: float
    failure: Diverged | None

    @property
    def state(self) -> State:
        """The last state of the run."""
        return self.checkpoint.state

    def give(self, run: Run) -> None:
        """Put the state into a run with the same choices, which has not begun.

        Raises:
            UnavailableError: the other process had other rows.
        """
        if run.fingerprint != self.checkpoint.fingerprint:
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
    run = _begun(dataset, given, fold)
    entrant, began, updates = Entrant("", run), time.perf_counter(), run.updates
    try:
        for _ in run.events():
            tell(len(run.state.history) / updates)
    except Diverged as error:
        entrant.failure = error
    return _result(entrant, time.perf_counter() - began)


def _begun(dataset: str, given: Mapping[str, Any], fold: tuple[int, int] | None = None) -> Run:
    """Return a run before its first update; the arguments are those of `train_alone`."""
    from gradcli.train.run import start

    return start(rows_of(dataset, given), dataset=dataset, fold=Fold(*fold) if fold is not None else None, **given)


def _result(entrant: Entrant, seconds: float) -> Trained:
    """Return the result of a run that has ended."""
    run = entrant.run
    report = {name: value for name, value in run.report().items() if name != "history"}
    # What the model has computed for itself can't travel, and needn't.
    checkpoint = replace(run.checkpoint(), model=replace(run.model))
    return Trained(checkpoint, report, entrant.loss, seconds, entrant.failure)


def _place(folder: str, job: Job) -> Path:
    """Return the path at which the run of a job is kept in a folder."""
    return Path(folder) / f"{job.name.replace(' ', '-')}.safetensors"


def keep(folder: str, jobs: Sequence[Job], results: Mapping[int, Trained]) -> int:
    """Save the runs that have ended without diverging, each as a model file, and return their number.

    A file of another run that has the name of a run that isn't saved is removed.  So the folder has the runs of these
    jobs alone, and can be given to `taken`.

    Args:
        folder: the folder, which is made if it is missing.
        jobs: calls of `train_alone`.
        results: the results of some of them, by the number of the job.

    Raises:
        UnavailableError: a file can't be written.
    """
    from gradcli.train.checkpoint import save

    saved = {number: one.checkpoint for number, one in results.items() if one.failure is None}
    if saved:
        make_folder(folder)
    for number, job in enumerate(jobs):
        if number in saved:
            save(_place(folder, job), saved[number])
        else:
            _place(folder, job).unlink(missing_ok=True)
    return len(saved)


def taken(folder: str, jobs: Sequence[Job]) -> dict[int, Trained]:
    """Return the results of the runs that `keep` has saved in a folder, by the number of the job.

    Args:
        folder: the folder.
        jobs: calls of `train_alone`.

    Raises:
        UnavailableError: there is no such folder, or a file in it is damaged.
        UsageError: the folder has none of these runs, or one that isn't complete or has other choices or rows.

    >>> import tempfile
    >>> jobs = [Job(f"seed {seed}", ("moons", {"seed": seed, "hidden": (4,), "epochs": 2})) for seed in (1, 2)]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     keep(folder, jobs, {1: train_alone(*jobs[1].arguments)})
    ...     [(number, found.report["seed"]) for number, found in taken(folder, jobs).items()]
    1
    [(1, 2)]
    """
    if not Path(folder).is_dir():
        how = "is a file" if Path(folder).exists() else "doesn't exist"
        message = f"`{folder}` {how}, but with several runs `resume` takes the folder of those that have ended"
        hint = "leave out `resume` to train all runs"
        raise UnavailableError(message, kind="no_folder", hint=hint, argument="resume")
    places = {number: _place(folder, job) for number, job in enumerate(jobs)}
    found = {number: _taken(place, jobs[number]) for number, place in places.items() if place.exists()}
    if not found:
        message = f"`{folder}` has none of these runs: for example, there is no {places[0].name} in it"
        raise UsageError(message, kind="no_runs", argument="resume")
    return found


def _taken(place: Path, job: Job) -> Trained:
    """Return the result of a job whose run is in a file."""
    from gradcli.train.checkpoint import load

    saved, run = load(place), _begun(*job.arguments)
    there, wanted = saved.settings.values, run.settings.values
    names = [name for name, value in wanted.items() if there.get(name) != value]
    other = f"other choices: {joined(f'`{name}`' for name in names)}" if names else ""
    if not other and saved.model != run.model:
        other = "another net, or other rows to train on"
    if saved.fingerprint != run.fingerprint:
        other = "other rows"
    if other:
        message, hint = f"the run in `{place}` has {other}", "leave out `resume` to train all runs"
        raise UsageError(message, kind="other_choices", hint=hint, argument=(*names, "resume"))
    run.state = saved.state
    if not run.is_over:
        message, hint = f"the run in `{place}` isn't complete", f"continue it first, with `resume={place}` alone"
        raise UsageError(message, kind="incomplete_run", hint=hint, argument="resume")
    return _result(Entrant("", run), 0.0)


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
    is_drawn = dataset in DATASETS or "expression" in given
    return _rows_of(dataset, given.get("seed", SEED) if is_drawn else SEED, frozen)


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
