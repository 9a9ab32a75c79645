"""`gradcli train`: train a small net and save it."""

from __future__ import annotations

import math
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gradcli.cli.command import Command, Session, session
from gradcli.cli.output import number
from gradcli.errors import Diverged, UnavailableError, UsageError

if TYPE_CHECKING:
    from gradcli.train.run import Run

# The words that only a fresh run takes, by the name of the parameter.
CHOICES = {
    "target": "--target",
    "task": "--task",
    "hidden": "--hidden",
    "activation": "--activation",
    "init": "--init",
    "loss": "--loss",
    "l1": "--l1",
    "l2": "--l2",
    "standardise": "--no-standardise",
    "optimizer": "--optimizer",
    "learning_rate": "--lr",
    "schedule": "--schedule",
    "batch": "--batch",
    "noise": "--noise",
    "samples": "--samples",
    "split_off": "--split",
    "seed": "--seed",
    "engine": "--engine",
}


def run(
    context: typer.Context,
    dataset: Annotated[
        str | None,
        typer.Argument(
            metavar="DATASET",
            help="moons, circles, xor, gauss, spiral, wave, a CSV or TSV file, or - for standard input",
        ),
    ] = None,
    target: Annotated[str | None, typer.Option("--target", help="the column of a table to predict")] = None,
    task: Annotated[
        str | None, typer.Option("--task", help="classes or numbers: what the target is, if its values mislead")
    ] = None,
    hidden: Annotated[
        str | None,
        typer.Option("--hidden", metavar="N,N,...", help="sizes of the hidden layers; none for a linear net"),
    ] = None,
    activation: Annotated[
        str | None, typer.Option("--activation", help="any function of one number, such as relu, tanh or gelu")
    ] = None,
    init: Annotated[str | None, typer.Option("--init", help="how the first parameters are drawn")] = None,
    loss: Annotated[str | None, typer.Option("--loss", help="hinge, mse, mae, bce or cross_entropy")] = None,
    l1: Annotated[float | None, typer.Option("--l1", help="weight of the sum of absolute parameters")] = None,
    l2: Annotated[
        float | None, typer.Option("--l2", help="weight of the sum of squared parameters (0.003 for tables)")
    ] = None,
    raw: Annotated[
        bool, typer.Option("--no-standardise", help="leave columns as they are instead of mean 0 and deviation 1")
    ] = False,
    optimizer: Annotated[str | None, typer.Option("--optimizer", help="sgd, momentum, rmsprop or adam")] = None,
    lr: Annotated[float | None, typer.Option("--lr", help="learning rate at the start")] = None,
    schedule: Annotated[str | None, typer.Option("--schedule", help="constant, linear, cosine or step")] = None,
    epochs: Annotated[int | None, typer.Option("--epochs", help="how often the run visits every row")] = None,
    batch: Annotated[int | None, typer.Option("--batch", help="rows of one update; 0 takes all")] = None,
    noise: Annotated[float | None, typer.Option("--noise", help="standard deviation of a built-in set's noise")] = None,
    samples: Annotated[int | None, typer.Option("--samples", help="points of a built-in set")] = None,
    split: Annotated[float | None, typer.Option("--split", help="share of the rows set aside for validation")] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="fixes everything that is drawn at random")] = None,
    engine: Annotated[str | None, typer.Option("--engine", help="what computes: value")] = None,
    preset: Annotated[str | None, typer.Option("--preset", help="micrograd: the moons demo of micrograd")] = None,
    resume: Annotated[
        str | None, typer.Option("--resume", metavar="MODEL", help="go on with a saved model where its run stopped")
    ] = None,
    output: Annotated[
        str | None, typer.Option("-o", "--output", metavar="FILE", help="the model (default DATASET.safetensors)")
    ] = None,
    plot: Annotated[
        str | None, typer.Option("--plot", metavar="FILE", help="boundary and loss curve as .svg, .png or .pdf")
    ] = None,
    history: Annotated[
        str | None, typer.Option("--history", metavar="FILE", help="loss of every update as CSV")
    ] = None,
    folder: Annotated[
        str | None, typer.Option("--run", metavar="DIR", help="write model, history, result and figure into a folder")
    ] = None,
) -> None:
    """Train a small net, live, and save it as a model file.

    Without options: two hidden layers of 16 relu units, Adam, a fifth of the rows for validation, and as many epochs as
    take about ten seconds. Columns are standardised. A target of text, or of at most 20 different whole numbers, is a
    class. Ctrl-C finishes the step, saves, and says how to go on.
    """
    here = session(context)
    given: dict[str, Any] = {
        "target": target, "task": task, "hidden": None if hidden is None else sizes(hidden),
        "activation": activation, "init": init, "loss": loss, "l1": l1, "l2": l2,
        "standardise": False if raw else None, "optimizer": optimizer, "learning_rate": lr, "schedule": schedule,
        "epochs": epochs, "batch": batch, "noise": noise, "samples": samples, "split_off": split, "seed": seed,
        "engine": engine,
    }  # fmt: skip
    given = {name: value for name, value in given.items() if value is not None}
    run = fresh(here, dataset, given, preset) if resume is None else continued(here, dataset, given, preset, resume)
    files = Files.of(run, output or resume, plot, history, folder)
    files.check()
    execute(here, run, files)


def fresh(here: Session, dataset: str | None, given: dict[str, Any], preset: str | None) -> Run:
    """A run from its beginning."""
    from gradcli.train.presets import PRESETS
    from gradcli.train.run import SEED, load_data, start
    from gradcli.train.settings import choice

    if preset is not None:
        wanted = PRESETS[choice(preset, PRESETS, "preset")]
        dataset = dataset or wanted["dataset"]
        if dataset != wanted["dataset"]:
            raise UsageError(
                f"the preset `{preset}` is for the data set `{wanted['dataset']}`", kind="conflicting_options"
            )
        given = {name: value for name, value in wanted.items() if name != "dataset"} | given
    if dataset is None:
        raise UsageError("no DATASET is given", kind="missing_operand", hint="for example: gradcli train moons")
    source = {name: given[name] for name in ("target", "task", "samples", "noise") if name in given}
    data = load_data(dataset, seed=given.get("seed", SEED), stream=here.terminal.stdin, **source)
    return start(data, dataset=dataset, **given)


def continued(here: Session, dataset: str | None, given: dict[str, Any], preset: str | None, resume: str) -> Run:
    """A run that goes on from a model file."""
    from gradcli.train import run as runs
    from gradcli.train.checkpoint import load

    epochs = given.pop("epochs", None)
    clash = next((CHOICES[name] for name in given), "--preset" if preset else None)
    if clash is not None:
        raise UsageError(
            f"{clash} can't be combined with --resume, which goes on with the choices of the model",
            kind="conflicting_options",
            hint="only --epochs may change, beside the files to write",
        )
    checkpoint = load(resume)
    settings = checkpoint.settings
    data = runs.load_data(
        dataset or settings.dataset, settings.target, settings.task, settings.samples, settings.noise, settings.seed,
        here.terminal.stdin,
    )  # fmt: skip
    return runs.resume(checkpoint, data, epochs)


def sizes(text: str) -> tuple[int, ...]:
    """The sizes of the hidden layers from ``"16,16"``; ``"none"`` is no hidden layer.

    >>> sizes("16,16"), sizes("none")
    ((16, 16), ())
    """
    if text.strip().lower() in {"none", "0"}:
        return ()
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() and len(part) <= 9 and int(part) > 0 for part in parts):
        raise UsageError(
            f"`--hidden {text}` is not a list of layer sizes",
            kind="bad_value",
            hint="for example --hidden 16,16, or --hidden none for a linear net",
        )
    return tuple(map(int, parts))


class Files:
    """The files that a run writes, by their paths; None for one that nobody asked for."""

    def __init__(self, model: str, plot: str | None, history: str | None, result: str | None) -> None:
        self.model = model
        self.plot = plot
        self.history = history
        self.result = result

    @classmethod
    def of(cls, run: Run, model: str | None, plot: str | None, history: str | None, folder: str | None) -> Files:
        """The files from the options; a run folder names all that no option names."""
        if folder is None:
            return cls(model or default_name(run.settings.dataset), plot, history, None)
        place = Path(folder)
        try:
            place.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise UnavailableError(f"can't make the folder `{folder}`: {reason}", kind="unwritable_file") from None
        return cls(
            model or str(place / "model.safetensors"),
            plot or (str(place / "figure.svg") if can_plot() else None),
            history or str(place / "history.csv"),
            str(place / "result.json"),
        )

    def check(self) -> None:
        """Find out before the training, not after it, what can't be written."""
        from gradcli.train.plot import check_plot

        if self.plot is not None:
            check_plot(self.plot)
        for path in (self.model, self.plot, self.history, self.result):
            if path is None:
                continue
            folder = Path(path).resolve().parent
            if not folder.is_dir():
                raise UnavailableError(f"can't write `{path}`: there is no folder `{folder}`", kind="unwritable_file")
            if Path(path).is_dir():
                raise UnavailableError(f"can't write `{path}`: it is a folder", kind="unwritable_file")

    def write(self, run: Run, document: dict[str, Any]) -> None:
        """Write them all; the model comes first."""
        import json

        from gradcli.cli.output import strict
        from gradcli.train.checkpoint import save, write_atomically

        save(self.model, run.checkpoint())
        if self.history is not None:
            write_atomically(self.history, run.history_table().encode())
        if self.result is not None:
            write_atomically(self.result, (json.dumps(strict(document), indent=2, allow_nan=False) + "\n").encode())
        if self.plot is not None:
            from gradcli.train.plot import check_plot, figure

            form = check_plot(self.plot)
            drawing = figure(run.checkpoint(), run.engine, run.training, run.validation, form, run.updates_per_epoch)
            write_atomically(self.plot, drawing)


def can_plot() -> bool:
    """Whether matplotlib is installed."""
    from importlib.util import find_spec

    return find_spec("matplotlib") is not None


def default_name(dataset: str) -> str:
    """The model file of a data set, in the current folder.

    >>> default_name("moons"), default_name("data/iris.csv"), default_name("-")
    ('moons.safetensors', 'iris.safetensors', 'model.safetensors')
    """
    stem = Path(dataset).stem if dataset != "-" else "model"
    return f"{stem or 'model'}.safetensors"


class Interrupt:
    """Notes the first Ctrl-C instead of raising, so that a step can be finished; the second raises at once."""

    def __init__(self) -> None:
        self.wanted = False

    def note(self, _signal: int, _frame: FrameType | None) -> None:
        """The signal's handler."""
        if self.wanted:
            raise KeyboardInterrupt
        self.wanted = True


@contextmanager
def interrupts() -> Iterator[Interrupt]:
    """Ctrl-C is noted within the block; outside the main thread, where no signal arrives, nothing changes."""
    interrupt = Interrupt()
    try:
        before: Callable[[int, FrameType | None], Any] | int | None = signal.signal(signal.SIGINT, interrupt.note)
    except ValueError:
        yield interrupt
        return
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, before)


def execute(here: Session, run: Run, files: Files) -> None:
    """Train, show, save; and save also when the run ends early."""
    terminal, form = here.terminal, here.output.form
    live = terminal.stderr_is_terminal and form != "plain" and terminal.environment.get("TERM") != "dumb"
    stopped = False
    diverged: Diverged | None = None
    began = time.perf_counter()
    with interrupts() as interrupt:
        with display(here, run) if live else nullcontext(Lines(here, run)) as shown:
            try:
                for event in run.events():
                    shown.update(event)
                    stopped = interrupt.wanted and len(run.state.history) < run.updates
                    if stopped:
                        break
            except Diverged as error:
                diverged = error
        seconds = time.perf_counter() - began
        if diverged is not None and not math.isfinite(run.measures(run.training).loss):
            # Not even the first parameters were good: whatever stands under the model's name stays.
            raise diverged
        document = {"dataset": run.data.name, "model": files.model, **run.report(), "seconds": seconds}
        if stopped:
            document["interrupted"] = True
        files.write(run, document)
    if diverged is not None:
        raise Diverged(
            diverged.message,
            hint=f"the last good model is kept in `{files.model}`; {diverged.hint}",
        )
    report(here, files, document)
    if stopped:
        here.output.message(
            f"stopped after update {len(run.state.history)} of {run.updates}; "
            f"go on with: {resume_command(run, files.model)}"
        )
        raise KeyboardInterrupt


def resume_command(run: Run, model: str) -> str:
    """The command that goes on with a stopped run, ready to be pasted."""
    import shlex

    dataset = "- " if run.settings.dataset == "-" else ""
    table = f" < {shlex.quote('TABLE')}" if dataset else ""
    return f"gradcli train {dataset}--resume {shlex.quote(model)}{table}"


def display(here: Session, run: Run) -> Any:
    """The live display; Rich is imported only here."""
    from gradcli.cli.live import Live

    return Live(run, here.terminal)


class Lines:
    """The plain display: one line for each epoch, on standard output unless that is to be JSON."""

    def __init__(self, here: Session, run: Run) -> None:
        self.here = here
        self.run = run
        from gradcli.train.tables import counted

        settings = run.settings
        rows = f"{len(run.training)} rows to train on"
        if len(run.validation):
            rows += f", {len(run.validation)} to validate with"
        here.output.message(
            f"{run.data.name}: {rows}; net {'-'.join(map(str, run.model.sizes))} ({run.model.activation}, "
            f"{run.model.loss}), {run.model.count} parameters; {settings.optimizer} from "
            f"{settings.learning_rate:g}, {settings.schedule}; {settings.epochs} epochs of "
            f"{counted(run.updates_per_epoch, 'update')}; seed {settings.seed}"
        )
        if here.output.form != "json":
            name = "accuracy" if run.model.labels is not None else "rmse"
            headings = ["epoch", "update", "loss", name]
            self.write(headings + (["validation_loss", f"validation_{name}"] * bool(run.validation)))

    def update(self, event: Any) -> None:
        """Print the line of an epoch that is done; ``update`` is the number of its first update."""
        if not hasattr(event, "epochs") or self.here.output.form == "json":
            return
        cells = [str(event.epoch + 1), str(event.epoch * self.run.updates_per_epoch)]
        cells += [number(event.loss), number(event.measure)]
        if event.validation is not None:
            cells += [number(event.validation.loss), number(event.validation.measure)]
        self.write(cells)

    def write(self, cells: list[str]) -> None:
        """Print one row at once, so that a reader at the other end of a pipe can follow."""
        self.here.terminal.stdout.write("\t".join(cells) + "\n")
        self.here.terminal.stdout.flush()


def report(here: Session, files: Files, document: dict[str, Any]) -> None:
    """Print the result: under the last frame of the display two lines, in a pipe one line for each entry."""
    if here.output.form == "json":
        here.output.json(document)
        return
    seen = document["validation"]
    paths = {"model": files.model, "history": files.history, "figure": files.plot, "result": files.result}
    written = {name: path for name, path in paths.items() if path is not None}
    if here.output.form == "table":
        here.output.line("; ".join([brief(document), *([f"validation {brief(seen)}"] if seen else [])]), "bold")
        here.output.line(", ".join(f"{name} {path}" for name, path in written.items()))
        return
    rows = {name: document[name] for name in ("dataset", "parameters", "engine", "epochs")} | measures(document)
    rows |= {f"validation {name}": value for name, value in measures(seen).items()}
    rows |= {"seed": document["seed"], "seconds": round(document["seconds"], 3)} | written
    here.output.line()
    here.output.table(("", "result"), [(name, shown(value)) for name, value in rows.items()])


def measures(document: dict[str, Any]) -> dict[str, float]:
    """The measures in a document that have a value."""
    return {name: document[name] for name in ("loss", "accuracy", "rmse", "r2") if document.get(name) is not None}


def brief(document: dict[str, Any]) -> str:
    """The measures in a document as a few words.

    >>> brief({"loss": 0.125, "accuracy": 0.5})
    'loss 0.125, accuracy 50.0 %'
    """
    return ", ".join(
        f"accuracy {100 * value:.1f} %" if name == "accuracy" else f"{name} {value:.6g}"
        for name, value in measures(document).items()
    )


def shown(value: object) -> str:
    """A value of the result as text."""
    return number(value) if isinstance(value, float) else str(value)


COMMAND = Command(
    run,
    examples=(
        ("gradcli train moons", "watch a small net learn; saves moons.safetensors"),
        ("gradcli train iris.csv --target species --plot iris.svg", "your own table"),
        ("gradcli train spiral --hidden 24,24 --activation tanh --lr 0.03 --epochs 200", "other choices"),
        ("gradcli train moons --preset micrograd", "micrograd's demo, digit by digit"),
        ("gradcli train --resume moons.safetensors --epochs 200", "go on where a run stopped"),
    ),
)
