"""`gradcli train`: train a small net and save it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from gradcli.cli.command import Command, Session, session_of
from gradcli.cli.reading.crew_options import declared_crew
from gradcli.cli.reading.parameters import declaring
from gradcli.cli.reading.run_choices import declared_choices
from gradcli.cli.reading.table_options import show_notes
from gradcli.errors import UsageError, choice
from gradcli.jobs import HERE

if TYPE_CHECKING:
    import typer

    from gradcli.cli.live.pace import Pace
    from gradcli.jobs import Crew
    from gradcli.train.checkpoint import Checkpoint
    from gradcli.train.data.rows import Data
    from gradcli.train.run import Run

#: How long a replay on a terminal takes.
REPLAY_SECONDS = 5.0


def declared(typer: Any) -> dict[str, tuple[Any, Any]]:
    """Return the options that are declared elsewhere: the choices of a run, and what shares the work."""
    return {**declared_choices(typer), **declared_crew(typer)}


@declaring(declared)
def run(
    context: typer.Context,
    *,
    resume: Annotated[
        str | None,
        typer.Option(
            "--resume",
            metavar="MODEL",
            help="continue the run of a saved model; with --seeds or --folds, take the runs that ended from a folder",
        ),
    ] = None,
    replay: Annotated[
        str | None,
        typer.Option("--replay", metavar="MODEL", help="show the run of a saved model again; no model is saved"),
    ] = None,
    output: Annotated[
        str | None, typer.Option("-o", "--output", metavar="FILE", help="the model file (default DATASET.safetensors)")
    ] = None,
    plot: Annotated[
        str | None,
        typer.Option("--plot", metavar="FILE", help="draw boundary, loss and confusion as .svg, .png or .pdf"),
    ] = None,
    history: Annotated[
        str | None, typer.Option("--history", metavar="FILE", help="write the loss of every update as CSV")
    ] = None,
    folder: Annotated[
        str | None,
        typer.Option("--run", metavar="DIR", help="write model, history, choices, result and figure into a folder"),
    ] = None,
    every: Annotated[
        int | None, typer.Option("--checkpoint-every", metavar="N", min=1, help="also save after every N epochs")
    ] = None,
    race: Annotated[
        str | None,
        typer.Option(
            "--race",
            metavar="NAME,NAME,...",
            help="train the same net by several optimisers in turn, such as sgd,momentum,adam:0.01; the best net is "
            "saved",
        ),
    ] = None,
    seeds: Annotated[
        int | None,
        typer.Option(
            "--seeds",
            metavar="N",
            min=2,
            help="train with N seeds, from --seed on, and print the mean and the spread; the best net is saved",
        ),
    ] = None,
    folds: Annotated[
        int | None,
        typer.Option(
            "--folds",
            metavar="K",
            min=2,
            help="cross-validation: hold out each of K parts of the rows in turn, and print the mean and the spread; "
            "no model is saved",
        ),
    ] = None,
    animate: Annotated[
        str | None,
        typer.Option("--animate", metavar="FILE", help="record how the net learns as .svg, .gif or .webp"),
    ] = None,
    report: Annotated[
        str | None,
        typer.Option("--report", metavar="FILE", help="explain the run and its net in a page that computes, .html"),
    ] = None,
    pace: Annotated[
        str | None,
        typer.Option("--pace", metavar="TIME", help="let the run last at least this long, such as 5s, to watch it"),
    ] = None,
    view: Annotated[
        str | None,
        typer.Option("--view", help="boundary (default; without two inputs: the errors), neurons, loss or none"),
    ] = None,
    step: Annotated[
        str | None,
        typer.Option(
            "--draw-step", metavar="FILE", help="draw the graph that the first step records: .svg, .png, .pdf or .dot"
        ),
    ] = None,
    summary: Annotated[bool, typer.Option("--summary", help="print the table of layers before training")] = False,
    **words: Any,
) -> None:
    """Train a small net, show it while it learns, and save it.

    Without options the net has two hidden layers of 16 relu units. It is trained by Adam for a few seconds, and a fifth
    of the rows is kept for validation. Columns are standardised. If the target is text, or has at most 20 different
    whole numbers, it is a class; otherwise it is a number. After Ctrl-C, SIGTERM, SIGHUP or a closed pipe, gradcli
    finishes the step, saves the net and prints the command that continues the run; of several runs, it keeps those that
    have ended. The last line is the command that repeats the run.
    """
    from gradcli.cli.live.previews import checked_view
    from gradcli.cli.live.race_training import RaceTraining
    from gradcli.cli.live.run_files import Files
    from gradcli.cli.live.run_training import Replaying, RunTraining
    from gradcli.cli.live.several_trainings import train_folds, train_race, train_seeds
    from gradcli.cli.live.training import hold
    from gradcli.cli.pipes import tidied
    from gradcli.cli.reading.crew_options import chosen_crew, refuse_crew
    from gradcli.train.choices import given_by
    from gradcli.train.run import start

    session = session_of(context)
    with tidied():
        dataset, preset = words.pop("dataset"), words.pop("preset")
        workers, dask = words.pop("workers"), words.pop("dask")
        crew, given = chosen_crew(workers, dask), given_by(words)
        contest = saved = None
        if seeds is not None or folds is not None:
            others: dict[str, Any] = {"replay": replay, "race": race, "view": view, "pace": pace}
            others |= {"every": every, "animate": animate, "report": report}
            wanted = {"output": output, "plot": plot, "history": history, "folder": folder}
            refuse_with_several(given, seeds, folds, others, wanted)
            dataset, given = source_of(dataset, given, preset)
            run = first_run(session, dataset, given, folds)
            files = Files.of(run, output, plot, history, folder)
            if seeds is not None:
                files.check(dataset)
            preview(session, run, summary=summary, step=step)
            if seeds is not None:
                train_seeds(session, run, given, seeds, crew, files, resume)
            elif folds is not None:
                train_folds(session, run, given, folds, crew, resume)
            return
        if race is None:
            why, hint = "shares out several runs, and there is one", "--seeds, --folds or --race make more"
            refuse_crew(workers, dask, why, hint)
        if replay is not None:
            changes = {**given, "preset": preset, "race": race, "resume": resume, "output": output, "folder": folder}
            run, saved = replayed(session, dataset, {**changes, "every": every}, replay)
        elif race is not None:
            from gradcli.train.race import Race, entries_of

            others = {"preset": preset, "resume": resume, "every": every, "animate": animate}
            others |= {"report": report, "pace": pace}
            refuse_with_race(given, others)
            refuse_elsewhere(crew, dataset, view)
            entries = entries_of(race)
            data, given = prepared(session, dataset, given)
            contest = Race(entries, data, given)
            run = contest.entrants[0].run
        elif resume is None:
            data, given = prepared(session, dataset, given, preset)
            # A long table is held once.
            run = start(data, **given, in_place=True)
        else:
            run = continued(session, dataset, {**given, **({"preset": preset} if preset else {})}, resume)
        picture = checked_view(run, view, is_race=contest is not None)
        model = "" if replay is not None else output or resume
        files = Files.of(run, model, plot, history, folder, animate, report)
        files.check(run.settings.dataset)
        before = partial(preview, session, run, summary=summary, step=step)
        if contest is not None and crew != HERE:
            before()
            train_race(RaceTraining(session, contest, files), given, crew)
            return
        if contest is not None:
            hold(RaceTraining(session, contest, files), picture, before)
            return
        last = None if saved is None else len(saved.state.history)
        training = RunTraining(session, run, files, every)
        if saved is not None and replay is not None:
            training = Replaying(session, run, files, saved=saved, path=replay)
        if animate is not None:
            from gradcli.draw.film import Film

            training.film = Film(run, last)
        if report is not None:
            from gradcli.pages.run_stills import Stills

            training.stills = Stills(run, last)
        training.pace = pace_of(session, run, pace, last)
        hold(training, picture, before)


def preview(session: Session, run: Run, *, summary: bool, step: str | None) -> None:
    """Show what is wanted before the training: the table of layers, and the graph of the first step."""
    from gradcli.cli.live.previews import draw_step, show_summary

    if summary:
        show_summary(session, run)
    if step is not None:
        draw_step(session, run, step)


def pace_of(session: Session, run: Run, text: str | None, last: int | None) -> Pace | None:
    """Return the pace that was asked for; by default a replay on a terminal takes some seconds."""
    if text is None and (last is None or not session.terminal.can_redraw):
        return None
    from gradcli.cli.live.pace import Pace, seconds_of

    return Pace(run, REPLAY_SECONDS if text is None else seconds_of(text), last)


def refuse_with_race(given: dict[str, Any], options: Mapping[str, object]) -> None:
    """Refuse options that don't fit a race. A race chooses some settings itself, and it can't continue a saved run."""
    from gradcli.train.choices import choices, clash

    clashes = [name for name, one in choices().items() if name in given and not one.in_race]
    clashes += [name for name, value in options.items() if value is not None]
    if clashes:
        hint = "give a learning rate after the name of an optimiser: `race=sgd:0.1,adam:0.01`"
        why = "trains new nets with several optimisers"
        raise clash(clashes[0], "`race`", why, hint if clashes[0] == "learning_rate" else None, ("race",))


def refuse_with_several(
    given: dict[str, Any],
    seeds: int | None,
    folds: int | None,
    others: Mapping[str, object],
    files: Mapping[str, object],
) -> None:
    """Refuse what doesn't fit the runs of several seeds or folds.

    Args:
        given: the choices of the runs.
        seeds, folds: the values of these options.
        others: options for one run alone.
        files: options for files about a net that is saved.
    """
    from gradcli.train.choices import clash

    option, why = "seeds", "trains several new nets"
    options = {**others, "folds": folds}
    if seeds is None:
        option, why = "folds", f"{why}, tests each on the part that it hasn't seen, and saves none"
        options = {**others, **files, "test": given.get("test")}
    clashes = [name for name, value in options.items() if value is not None]
    if clashes:
        raise clash(clashes[0], f"`{option}`", why, None, (option,))


def refuse_elsewhere(crew: Crew, dataset: str | None, view: str | None) -> None:
    """Refuse what a race can't have if its nets train in other processes."""
    option = "dask" if crew.dask is not None else "workers"
    if crew != HERE and view is not None:
        message = f"`{option}` trains in other processes, which show no picture for `view`"
        raise UsageError(message, kind="conflicting_options", argument=(option, "view"))
    if crew != HERE and dataset == "-":
        raise no_stream()


def no_stream() -> UsageError:
    """Return the error for rows from standard input where each run reads the rows itself."""
    message = "each run reads the rows itself, so they can't come from standard input"
    return UsageError(message, kind="conflicting_options", hint="save them to a file first")


def first_run(session: Session, dataset: str, given: dict[str, Any], folds: int | None) -> Run:
    """Return the first of several runs, which shows before the training whether all choices fit."""
    from gradcli.train.data.rows import Fold
    from gradcli.train.run import start
    from gradcli.train.several_runs import rows_of

    if dataset == "-":
        raise no_stream()
    data = rows_of(dataset, given)
    show_notes(session, data.name, data.notes)
    return start(data, dataset=dataset, fold=Fold(0, folds) if folds is not None else None, **given)


def source_of(dataset: str | None, given: dict[str, Any], preset: str | None = None) -> tuple[str, dict[str, Any]]:
    """Return the word for the rows, and the choices with those of the preset."""
    from gradcli.train.model.presets import PRESETS

    if preset is not None:
        wanted = PRESETS[choice(preset, PRESETS, "preset")]
        dataset = dataset or wanted.dataset
        if dataset != wanted.dataset:
            raise UsageError(
                f"the preset `{preset}` is for the data set `{wanted.dataset}`", kind="conflicting_options"
            )
        given = {**wanted.choices, **given}
    if "expression" in given:
        if dataset is not None:
            raise UsageError(
                f"`expression` and `{dataset}` are given, but only one of the two is possible",
                kind="conflicting_options",
                argument="expression",
            )
        dataset = "data"
    if not dataset:
        raise UsageError("no DATASET is given", kind="missing_operand", hint="for example: gradcli train moons")
    return dataset, given


def prepared(
    session: Session, dataset: str | None, given: dict[str, Any], preset: str | None = None
) -> tuple[Data, dict[str, Any]]:
    """Load the rows, and return them with the choices of the run."""
    from gradcli.train.choices import SEED, DataChoices, choices
    from gradcli.train.run import load_data

    dataset, given = source_of(dataset, given, preset)
    source = {name: value for name, value in given.items() if name in choices(DataChoices)}
    data = load_data(dataset, seed=given.get("seed", SEED), stream=session.terminal.stdin, **source)
    show_notes(session, data.name, data.notes)
    return data, {"dataset": dataset, **given}


def replayed(session: Session, dataset: str | None, given: dict[str, Any], model: str) -> tuple[Run, Checkpoint]:
    """Return the run of a model file before its first update, and the content of the file."""
    from gradcli.train.checkpoint import load
    from gradcli.train.choices import clash
    from gradcli.train.run import load_data, replay

    changes = [name for name, value in given.items() if value is not None]
    if changes:
        raise clash(changes[0], "`replay`", "shows a run as it was", "leave it out", ("replay",))
    saved = load(model)
    settings = saved.settings
    data = load_data(dataset or settings.dataset, seed=settings.seed, stream=session.terminal.stdin, **settings.source)
    return replay(saved, data, in_place=True), saved


def continued(session: Session, dataset: str | None, given: dict[str, Any], model: str) -> Run:
    """Continue the run of a model file."""
    from gradcli.train.checkpoint import load
    from gradcli.train.choices import refuse_changes
    from gradcli.train.run import load_data, resume

    refuse_changes(given)
    if Path(model).is_dir() and any(Path(model).glob("*[0-9].safetensors")):
        hint = "give it to the command that was stopped, which has `seeds` or `folds`"
        raise UsageError(f"`{model}` is a folder of several runs", hint=hint, argument=("seeds", "folds"))
    checkpoint = load(model)
    settings = checkpoint.settings
    data = load_data(dataset or settings.dataset, seed=settings.seed, stream=session.terminal.stdin, **settings.source)
    return resume(checkpoint, data, in_place=True, **given)


COMMAND = Command(
    run,
    examples=(
        ("gradcli train moons", "watch a small net learn; saves moons.safetensors"),
        ('gradcli train --data "y > sin(3*x)" --noise 0.05', "two classes with a border of your own"),
        ("gradcli train iris.csv --target species --plot iris.svg", "your own table"),
        ("gradcli train spiral --hidden 24,24 --activation tanh --lr 0.03 --epochs 200", "a net and a run of your own"),
        ('gradcli train circles --feature "x1^2" --feature "x2^2" --hidden none', "inputs of your own"),
        ("gradcli train digits --conv 8,16", "a small convolutional net"),
        ("gradcli train spiral --view neurons", "see what each neuron does"),
        ("gradcli train spiral --race sgd,momentum,adam", "compare optimisers in one picture"),
        ("gradcli train wine --folds 5", "how good such nets are: cross-validation"),
        ("gradcli train spiral --seeds 10 --workers 2", "how much luck there is: ten seeds, in two processes"),
        ("gradcli train spiral --animate spiral.gif", "how it learns, as a film; .svg and .webp work, too"),
        ("gradcli train moons --report run.html", "a page of the run: its loss, its net and its data, to be explored"),
        ("gradcli train --replay moons.safetensors --pace 10s", "watch the run of a saved net again"),
        ("gradcli train moons --preset micrograd", "micrograd's demo, digit by digit"),
        ("gradcli train --resume moons.safetensors --epochs 200", "more epochs for a finished run"),
    ),
)
