"""`gradcli train` with several runs as jobs: `--seeds`, `--folds`, and `--race` with `--workers` or `--dask`."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradcli.cli.command import Session
from gradcli.cli.live.lines import net_text
from gradcli.cli.live.progress import run_shown
from gradcli.cli.live.race_training import typed_command
from gradcli.cli.live.run_files import default_name
from gradcli.cli.live.training import about_stream, finish, noted_signals, say
from gradcli.errors import Diverged, UnavailableError
from gradcli.jobs import Crew, Job
from gradcli.records import NamedTuple
from gradcli.source import counted
from gradcli.train.choices import RunChoices
from gradcli.train.several_runs import Trained, adopt, keep, mean_and_spread, rows_of, taken, train_alone

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.cli.live.race_training import RaceTraining
    from gradcli.cli.live.run_files import Files
    from gradcli.train.run import Run

__all__ = ["train_folds", "train_race", "train_seeds"]

#: The measures in the table of runs: for classes, and for a number.
_MEASURES = {True: ("loss", "accuracy"), False: ("loss", "rmse", "r2")}
#: What a result has once for all runs.
_SHARED = ("dataset", "net", "parameters", "engine", "seed")


class Ending(NamedTuple):
    """The early end of several runs.

    Attributes:
        error: what ended them: a signal, or a standard stream that can't be written.
        sentence: how many runs have ended, and how to continue.
        folder: the folder in which these are kept; None if there is none.
    """

    error: BaseException
    sentence: str
    folder: str | None = None


def train_seeds(
    session: Session, run: Run, given: Mapping[str, Any], count: int, crew: Crew, files: Files, resume: str | None
) -> None:
    """Train a net with several seeds, save the best one, and print each result, the mean and the spread.

    Args:
        session: the running command.
        run: the run of the first seed, which has not begun.
        given: the choices of the run.
        count: the number of seeds.
        crew: what trains.
        files: the files to write; they are about the best run.
        resume: the folder with runs that have ended before; None to train all of them.

    Raises:
        Diverged: every run diverged.
        UsageError: the last seed is too large, or the folder has other runs.
        KeyboardInterrupt, SystemExit, OSError: as for `gradcli.cli.live.training.hold`.
    """
    from gradcli.draw.figures import figure
    from gradcli.train.run import start

    began, first, word = time.perf_counter(), run.settings.seed, run.settings.dataset
    seeds = range(first, first + count)
    RunChoices.seed.checked(seeds[-1])
    jobs = [Job(f"seed {seed}", (_where(word, given, crew), {**_fixed(run, given), "seed": seed})) for seed in seeds]
    there = taken(resume, jobs) if resume is not None else {}
    beside = f"{files.model.removesuffix('.safetensors')}.seeds"
    folder = resume or (beside if files.result is None else str(Path(files.result).parent))
    table = _Table(session, run, "seed", seeds, {"validation": "validation", "test": "test"})
    early = table.train(jobs, crew, there, folder)
    with _finishing(early):
        result = table.document(early)
        place = table.best
        shared = run.report() if place is None else table.results[place].report
        document = {
            "dataset": run.rows.name,
            "model": None if place is None else files.model,
            **{name: shared[name] for name in ("net", "parameters", "engine", "seed")},
            **result,
            "seconds": time.perf_counter() - began,
            "command": typed_command(session),
        }
        if place is None:
            table.report(document, {}, [], early)
            return
        best = start(rows_of(word, {**given, "seed": seeds[place]}), dataset=word, **{**given, "seed": seeds[place]})
        table.results[place].give(best)
        files.write(best, {files.model: best.checkpoint()}, document, best.history_table(), partial(figure, best))
        kind = "validation" if len(best.validation) else "training"
        saved = f"the model is the net of seed {seeds[place]}, which has the smallest {kind} loss"
        table.report(document, {"best": str(seeds[place]), **files.named()}, [files.line(), saved], early)


def train_folds(
    session: Session, run: Run, given: Mapping[str, Any], folds: int, crew: Crew, resume: str | None
) -> None:
    """Train a net for each part of a cross-validation, which is held out, and print each result, mean and spread.

    Args:
        session: the running command.
        run: the run that holds out the first part; it has not begun.
        given: the choices of the run.
        folds: the number of parts.
        crew: what trains.
        resume: the folder with runs that have ended before; None to train all of them.

    Raises:
        Diverged: every run diverged.
        UsageError: the folder has other runs.
        KeyboardInterrupt, SystemExit, OSError: as for `gradcli.cli.live.training.hold`.
    """
    began, word = time.perf_counter(), run.settings.dataset
    fixed, where = _fixed(run, given), _where(word, given, crew)
    jobs = [Job(f"fold {number + 1}", (where, fixed, (number, folds))) for number in range(folds)]
    there = taken(resume, jobs) if resume is not None else {}
    table = _Table(session, run, "fold", range(1, folds + 1), {"validation": "validation", "test": "held_out"})
    early = table.train(jobs, crew, there, resume or f"{default_name(word).removesuffix('.safetensors')}.folds")
    with _finishing(early):
        result = table.document(early)
        shared = table.results[min(table.results)].report if table.results else run.report()
        document = {
            "dataset": run.rows.name,
            **{name: shared[name] for name in ("net", "parameters", "engine", "seed")},
            **result,
            "seconds": time.perf_counter() - began,
            "command": typed_command(session),
        }
        table.report(document, {}, ["no model is saved, because each net has seen only some of the rows"], early)


def train_race(training: RaceTraining, given: Mapping[str, Any], crew: Crew) -> None:
    """Train the entrants of a race elsewhere, each alone, and print and save what the race gives here.

    Raises:
        Diverged: every loss became infinite or nan.
        KeyboardInterrupt, SystemExit: the race was ended early; what had ended is saved.
    """
    began, race, session = time.perf_counter(), training.race, training.session
    jobs = []
    for one in race.entrants:
        own = {"optimizer": one.run.settings.optimizer, "learning_rate": one.run.settings.learning_rate}
        where = _where(one.run.settings.dataset, given, crew)
        jobs.append(Job(one.name, (where, {**_fixed(one.run, given), **own})))
    lines = training.lines()
    found: dict[int, Trained] = {}
    try:
        run_shown(session, train_alone, jobs, crew, "run", found.__setitem__)
    except (KeyboardInterrupt, SystemExit):
        if any(one.failure is None for one in found.values()):
            race.entrants = [one for number, one in enumerate(race.entrants) if number in found]
            adopt(race, [found[number] for number in sorted(found)])
            sentence = f"stopped after {len(found)} of {len(jobs)} runs; a race can't be continued"
        elif found:
            sentence = f"stopped after {len(found)} of {len(jobs)} runs, which all diverged: no model is saved"
        else:
            sentence = f"stopped before the first of {len(jobs)} runs ended: no model is saved"
        finish(training, time.perf_counter() - began, sentence)
        raise
    with _finishing(None):
        adopt(race, [found[number] for number in range(len(jobs))])
        for entrant in race.entrants:
            lines.update((entrant, None))
        finish(training, time.perf_counter() - began)


def _finishing(early: Ending | None) -> AbstractContextManager[Any]:
    """Let a first Ctrl-C lose nothing while all runs have ended, but the last of them isn't saved and printed yet."""
    return noted_signals() if early is None else nullcontext()


def _fixed(run: Run, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the choices of a run, with those that would depend on the rows or on the machine."""
    own = {name: value for name, value in given.items() if name != "dataset"}
    return {**own, "epochs": run.settings.epochs, "engine": run.engine.name}


def _where(dataset: str, given: Mapping[str, Any], crew: Crew) -> str:
    """Return the word for the rows; a path is absolute if a cluster reads it."""
    from gradcli.train.data.datasets import BUNDLED, DATASETS

    is_path = "expression" not in given and dataset not in DATASETS and dataset not in BUNDLED
    return str(Path(dataset).absolute()) if is_path and crew.dask is not None else dataset


class _Table:
    """The table of several runs: a row for each run, then their mean and spread.

    In a pipe, a row is printed as soon as it and all rows before it are known.

    Args:
        session: the running command.
        run: the first run, which has not begun.
        heading: what the runs differ in: ``"seed"`` or ``"fold"``.
        names: the seed or the fold of each run.
        parts: the parts of the rows with measures of their own, each with its name in the result.
    """

    def __init__(
        self, session: Session, run: Run, heading: str, names: Sequence[int], parts: Mapping[str, str]
    ) -> None:
        self.session, self.heading, self.names = session, heading, names
        self.named = parts
        self.parts = {part: name for part, name in parts.items() if len(getattr(run, part))}
        self.measures = _MEASURES[run.model.labels is not None]
        self.results: dict[int, Trained] = {}
        self.known: dict[int, dict[str, Any]] = {}
        self.printed = 0
        what = f"{len(names)} folds" if heading == "fold" else f"seeds {names[0]} to {names[-1]}"
        rows = len(run.training) + len(run.validation) + len(run.test)
        session.output.message(
            f"{run.rows.name}: {rows} rows; net {net_text(run)}; {what}; {run.settings.optimizer}, "
            f"{counted(run.settings.epochs, 'epoch')}" + (f"; seed {run.settings.seed}" if heading == "fold" else "")
        )
        self.headings = [heading, *self.measures]
        self.headings += [f"{name}_{measure}" for name in self.parts.values() for measure in self.measures]
        if session.output.form == "plain":
            self.print(self.headings)

    def train(self, jobs: Sequence[Job], crew: Crew, there: Mapping[int, Trained], folder: str) -> Ending | None:
        """Run jobs, and return how they ended early; None if all of them have ended.

        Args:
            jobs: the jobs, one for each row of the table.
            crew: what runs them.
            there: the results that are there already, by the number of the job.
            folder: the folder in which the runs that have ended are kept if the others can't end.
        """
        rest = [number for number in range(len(jobs)) if number not in there]
        try:
            for number, found in there.items():
                self.note(number, found)
            run_shown(
                self.session,
                train_alone,
                [jobs[number] for number in rest],
                crew,
                "run",
                lambda place, found: self.note(rest[place], found),
            )
        except (KeyboardInterrupt, SystemExit) as error:
            return None if len(self.results) == len(jobs) else self.ending(error, jobs, folder)
        except OSError as error:
            return self.ending(about_stream(error), jobs, folder)
        except Exception as error:
            if self.results:
                self.session.output.message(self.ending(error, jobs, folder).sentence)
            raise
        return None

    def ending(self, error: BaseException, jobs: Sequence[Job], folder: str) -> Ending:
        """Keep the runs that have ended in a folder, and return the early end."""
        done, count = len(self.results), counted(len(jobs), "run")
        if not done:
            return Ending(error, f"stopped before the first of {count} ended: nothing is saved")
        sentence = f"stopped after {done} of {count}"
        if all(found.failure is not None for found in self.results.values()):
            return Ending(error, f"{sentence}, which all diverged: nothing is saved")
        sentence += "; mean and spread are of these"
        try:
            keep(folder, jobs, self.results)
        except UnavailableError as problem:
            return Ending(error, f"{sentence}; they can't be continued: {problem.message}")
        return Ending(error, f"{sentence}; continue with: {typed_command(self.session, '--resume', folder)}", folder)

    @property
    def best(self) -> int | None:
        """The number of the run with the smallest loss; None if no run has ended without diverging."""
        good = [number for number in sorted(self.results) if self.results[number].failure is None]
        return min(good, key=lambda number: self.results[number].loss, default=None)

    def note(self, number: int, found: Trained) -> None:
        """Take note of the result of a run."""
        self.results[number], self.known[number] = found, self.record(number, found)
        while self.printed in self.known:
            self.show(self.printed)
            self.printed += 1

    def show(self, number: int) -> None:
        """Print the row of a run, if it is for a pipe."""
        if self.session.output.form == "plain":
            self.print(self.cells(str(self.names[number]), self.known[number], str))

    def record(self, number: int, found: Trained) -> dict[str, Any]:
        """Return the entry of a run in the object of ``--json``."""
        record: dict[str, Any] = {self.heading: self.names[number]}
        if found.failure is not None:
            record["diverged"] = found.failure.message
        for name, value in found.report.items():
            if name not in _SHARED:
                record[self.named.get(name, name)] = value
        return {**record, "history": found.state.history.losses}

    def document(self, early: Ending | None) -> dict[str, Any]:
        """Return what is known about all runs together.

        Args:
            early: the early end; None if all runs have ended.

        Raises:
            Diverged: every run diverged.
        """
        records = [self.known[number] for number in sorted(self.known)]
        good = [record for record in records if "diverged" not in record]
        if not good and early is None:
            failure = self.results[0].failure
            assert failure is not None
            message = f"every run diverged; {self.heading} {self.names[0]}: {failure.message}"
            raise Diverged(message, hint=failure.hint, argument=failure.arguments)
        lost = len(records) - len(good)
        if lost and good:
            which = "1 run" if lost == 1 else f"{lost} runs"
            self.session.output.message(
                f"warning: {which} of {len(records)} diverged; mean and spread are of the others"
            )
        means, spreads = mean_and_spread(good)
        document: dict[str, Any] = {f"{self.heading}s": records, "mean": means, "spread": spreads}
        if early is not None:
            document |= {"interrupted": True, "runs": len(self.names), "kept": early.folder}
        return document

    def report(
        self, document: Mapping[str, Any], result: Mapping[str, str], sentences: Sequence[str], early: Ending | None
    ) -> None:
        """Print the result.

        Args:
            document: the object of ``--json``.
            result: further lines of the result in a pipe.
            sentences: what to say about the model on a terminal.
            early: the early end, whose error is raised at the end; None if all runs have ended.
        """
        if early is not None and isinstance(early.error, OSError):
            say(self.session, early.sentence)
            raise early.error
        output = self.session.output
        if output.form == "json":
            output.json(document)
        elif self.known:
            self.print_result(document, result, sentences)
        if early is not None:
            output.message(early.sentence)
            raise early.error
        if output.form != "json":
            output.message(f"repeat with: {document['command']}")

    def print_result(self, document: Mapping[str, Any], result: Mapping[str, str], sentences: Sequence[str]) -> None:
        """Print the table, or in a pipe the rest of it; the arguments are those of `report`."""
        output = self.session.output
        ends = [("mean", document["mean"]), ("spread", document["spread"])] if document["mean"] else []
        if output.form == "plain":
            for number in sorted(self.known):
                if number > self.printed:
                    self.show(number)
            for name, values in ends:
                self.print(self.cells(name, values, str))
            output.line()
            output.table(("", "result"), [*{**result, "seconds": str(round(document["seconds"], 3))}.items()])
            return
        records = [(str(self.names[number]), self.known[number]) for number in sorted(self.known)]
        rows = [self.cells(name, values, lambda value: f"{value:.4g}") for name, values in [*records, *ends]]
        output.table(self.headings, rows)
        output.line()
        for part, name in self.parts.items() or {"": "training"}.items() if ends else ():
            means, spreads = (
                document[one].get(name, document[one]) if part else document[one] for one in ("mean", "spread")
            )
            output.line(f"{name.replace('_', '-')} {with_spread(means, spreads, self.measures)}", "bold")
        for sentence in sentences:
            output.line(sentence, "dim")

    def cells(self, name: str, record: Mapping[str, Any], shown: Callable[[Any], str]) -> list[str]:
        """Return a row of the table; a run that diverged has no measures."""
        if "diverged" in record:
            return [name, *["nan"] * (len(self.headings) - 1)]
        of_parts = [record.get(part) or {} for part in self.parts.values()]
        values = [some.get(measure) for some in (record, *of_parts) for measure in self.measures]
        return [name, *("" if value is None else shown(value) for value in values)]

    def print(self, cells: Sequence[str]) -> None:
        """Print a row without delay, so that its reader can follow."""
        self.session.terminal.stdout.write("\t".join(cells) + "\n")
        self.session.terminal.stdout.flush()


def with_spread(means: Mapping[str, float], spreads: Mapping[str, float | None], measures: Sequence[str]) -> str:
    """Return means with their spreads as a short text.

    >>> with_spread({"loss": 0.25, "accuracy": 0.9}, {"loss": 0.0125, "accuracy": 0.02}, ["loss", "accuracy"])
    'loss 0.25 ± 0.013, accuracy 90.0 ± 2.0 %'
    """
    texts = []
    for name in measures:
        if name not in means:
            continue
        mean, spread = means[name], spreads[name]
        if name == "accuracy":
            texts.append(f"accuracy {100 * mean:.1f}" + ("" if spread is None else f" ± {100 * spread:.1f}") + " %")
        else:
            texts.append(f"{name} {mean:.4g}" + ("" if spread is None else f" ± {spread:.2g}"))
    return ", ".join(texts)
