"""A training run at the terminal: Ctrl-C, what is shown meanwhile, and the result."""

from __future__ import annotations

import shlex
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from types import FrameType
from typing import TYPE_CHECKING, Any

from gradcli.cli.command import Session
from gradcli.cli.reading.run_choices import command_of
from gradcli.cli.showing.output import number
from gradcli.errors import Diverged, UsageError, choice

if TYPE_CHECKING:
    from gradcli.cli.context import Terminal
    from gradcli.cli.live.run_files import Files
    from gradcli.train.run import Run

__all__ = ["VIEWS", "checked_view", "draw_step", "execute", "show_summary"]

PARTS = ("validation", "test")
# What a live picture may show.
VIEWS = ("boundary", "neurons", "loss", "none")
REPEAT = "repeat with: "
# A step is drawn with so many rows.
ROWS_DRAWN = 20


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
    """Ctrl-C is noted within the block.

    Nothing changes where no signal arrives (outside the main thread) and where a shell has told the program to ignore
    Ctrl-C (a job in the background).
    """
    interrupt = Interrupt()
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN or threading.current_thread() is not threading.main_thread():
        yield interrupt
        return
    signal.signal(signal.SIGINT, interrupt.note)
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, before)


def execute(session: Session, run: Run, files: Files, every: int | None = None, view: str = "boundary") -> None:
    """Train, show, save; and save also when the run ends early, and after every so many epochs."""
    from gradcli.train.checkpoint import save

    terminal, form = session.terminal, session.output.form
    stopped = False
    diverged: Diverged | None = None
    began = time.perf_counter()
    with interrupts() as interrupt:
        with display(session, run, files, view, live=form != "plain" and can_draw(terminal)) as shown:
            try:
                stops = {*shown.stops, *(epochs_of(run, every) if every is not None else ())}
                for event in run.events(stops):
                    shown.update(event)
                    if every is not None and hasattr(event, "epochs") and (event.epoch + 1) % every == 0:
                        save(files.model, run.checkpoint())
                    stopped = interrupt.wanted and not run.is_over
                    if stopped:
                        break
            except Diverged as error:
                diverged = error
        seconds = time.perf_counter() - began
        if diverged is not None and not run.has_finite_loss:
            # Not even the first parameters were good: whatever stands under the model's name stays.
            raise diverged
        document = {"dataset": run.data.name, "model": files.model, **run.report(), "seconds": seconds}
        document["command"] = command_of(run)
        if stopped:
            document["interrupted"] = True
        files.write(run, document)
    if diverged is not None:
        raise Diverged(
            diverged.message,
            hint=f"the last good model is kept in `{files.model}`; {diverged.hint}",
            argument=diverged.arguments,
        )
    report(session, files, document)
    if stopped:
        done = f"stopped after update {len(run.state.history)} of {run.updates}"
        if run.settings.takes_all:
            session.output.message(f"{done}; a run with the optimiser `{run.settings.optimizer}` can't go on")
        else:
            session.output.message(f"{done}; go on with: {resume_command(run, files.model)}")
        raise KeyboardInterrupt
    if run.state.best is not None:
        session.output.message(ending(run))
    if session.output.form != "json":
        session.output.message(REPEAT + document["command"])


def epochs_of(run: Run, every: int) -> range:
    """The numbers of updates after which so many more epochs are done."""
    size = every * run.updates_per_epoch
    return range(size, run.updates + 1, size)


def ending(run: Run) -> str:
    """How the waiting for a better epoch ended, in a sentence."""
    best, patience = run.state.best, run.settings.patience
    assert best is not None
    kept = f"the parameters are those of epoch {best.epoch + 1}, whose validation loss {best.loss:.6g} is the best"
    if run.epochs_done < run.settings.epochs:
        return f"stopped after epoch {run.epochs_done}, {patience} epochs after the best: {kept}"
    return kept


def show_summary(session: Session, run: Run) -> None:
    """Print the table of layers: on standard output, but under JSON, which is alone there."""
    rows = [(name, shape, str(count)) for name, shape, count in run.model.summary()]
    inputs = " x ".join(map(str, run.model.image or run.model.sizes[:1]))
    table = [("input", inputs, "0"), *rows, ("total", "", str(run.model.count))]
    if session.output.form == "table":
        # The numbers stand under the end of their heading.
        table = [(name, shape, f"{count:>{len('parameters')}}") for name, shape, count in table]
    if session.output.form == "json":
        for row in table:
            session.output.message("\t".join(row))
        return
    session.output.table(("layer", "output", "parameters"), table, plain_headings=True)
    session.output.line()


def draw_step(session: Session, run: Run, path: str) -> None:
    """Write the picture of the graph that the next step records, of a few rows and without penalties.

    Raises:
        UsageError: a suffix that is no format.
        UnavailableError: there is no Graphviz, or the file can't be written.
    """
    from gradcli.draw.dot import to_dot
    from gradcli.draw.picture import picture_of
    from gradcli.draw.render import PICTURE_FORMATS, picture_bytes
    from gradcli.files import format_of, write_atomically

    form = format_of(path, PICTURE_FORMATS, "drawing")
    model, few = run.model, run.training.take(slice(ROWS_DRAWN))
    loss = run.engine.graph_of(run.state.parameters, model.scaled(few.inputs), model.scaled_targets(few.targets))
    picture = picture_of(loss)
    title = f"{run.data.name}: the {'first' if not run.state.history else 'next'} step, {model.loss}"
    write_atomically(path, picture_bytes(to_dot(picture._replace(title=title)).source, form))
    shown, whole = len(picture.vertices), picture.total
    session.output.message(f"wrote {path}" + (f": {shown} of {whole} vertices" if shown < whole else ""))


def course(run: Run) -> str:
    """The optimiser and how long it goes on, in a few words."""
    from gradcli.source import counted

    settings = run.settings
    if settings.takes_all:
        return f"{settings.optimizer}, at most {counted(settings.epochs, 'iteration')}"
    return (
        f"{settings.optimizer} from {settings.learning_rate:g}, {settings.schedule}; "
        f"{counted(settings.epochs, 'epoch')} of {counted(run.updates_per_epoch, 'update')}"
    )


def can_draw(terminal: Terminal) -> bool:
    """Whether a picture can be drawn on standard error: a terminal that moves its cursor and shows Unicode."""
    encoding = (getattr(terminal.stderr, "encoding", None) or "utf-8").lower()
    return terminal.stderr_is_terminal and terminal.environment.get("TERM") != "dumb" and encoding.startswith("utf")


def resume_command(run: Run, model: str) -> str:
    """The command that goes on with a stopped run, ready to be pasted."""
    command = f"--resume {shlex.quote(model)}"
    if run.settings.dataset == "-":
        return f"gradcli train - {command} < the same table"
    return f"gradcli train {command}"


def display(session: Session, run: Run, files: Files, view: str, *, live: bool) -> Any:
    """What shows the run: a live picture, lines, or nothing."""
    if view == "none":
        return nullcontext(Silence())
    if not live:
        return nullcontext(Lines(session, run))
    from gradcli.cli.live.display import Live
    from gradcli.cli.live.views import RunView
    from gradcli.draw.canvas import Painter

    painter = Painter.of(session.terminal.environment, colour=session.terminal.message_colour)
    command = command_of(run)

    def below(width: int) -> int:
        # The measures of each part, side by side if they fit, the files, and the command.
        part = 43 if run.model.labels is None else 31
        parts = [part, *([part + len("; validation ")] * (bool(run.validation) + bool(run.test)))]
        first = [sum(parts)] if sum(parts) <= width else parts
        return sum(-(-columns // width) for columns in (*first, len(files.line()), len(REPEAT + command)))

    return Live(RunView(run, painter, view, below), session.terminal, painter)


def checked_view(run: Run, kind: str | None) -> str:
    """The picture to show: what was asked for, or by default the boundary.

    Raises:
        UsageError: it is unknown, or this net has no such picture.
    """
    if kind is None:
        return "boundary"
    choice(kind, VIEWS, "view")
    inputs = len(run.model.columns)
    if kind == "neurons" and inputs != 2:
        count = f"{inputs} inputs" if inputs > 1 else "1 input"
        raise UsageError(
            f"--view neurons shows the plane of two inputs, and `{run.data.name}` has {count}",
            kind="conflicting_options",
            hint="--view boundary shows what the net gets wrong, --view loss the loss alone",
        )
    return kind


class Silence:
    """The display that shows nothing."""

    stops = ()

    def update(self, event: Any) -> None:
        """Take no notice."""


class Lines:
    """The plain display: one line for each epoch, on standard output unless that is to be JSON."""

    stops = ()

    def __init__(self, session: Session, run: Run) -> None:
        self.session = session
        self.run = run
        rows = f"{len(run.training)} rows to train on"
        for part, purpose in ((run.validation, "validate"), (run.test, "test")):
            if len(part):
                rows += f", {len(part)} to {purpose} with"
        session.output.message(
            f"{run.data.name}: {rows}; net {run.model.outline} ({run.model.activation}, "
            f"{run.model.loss}), {run.model.count} parameters; {course(run)}; seed {run.settings.seed}"
        )
        if session.output.form != "json":
            name = "accuracy" if run.model.labels is not None else "rmse"
            headings = ["epoch", "update", "loss", name]
            write_row(self.session, headings + (["validation_loss", f"validation_{name}"] * bool(run.validation)))

    def update(self, event: Any) -> None:
        """Print the line of an epoch that is done; ``update`` is the number of its first update."""
        if not hasattr(event, "epochs") or self.session.output.form == "json":
            return
        cells = [str(event.epoch + 1), str(event.epoch * self.run.updates_per_epoch)]
        cells += [number(event.loss), number(event.measure)]
        if event.validation is not None:
            cells += [number(event.validation.loss), number(event.validation.measure)]
        write_row(self.session, cells)


def write_row(session: Session, cells: list[str]) -> None:
    """Print one row at once, so that a reader at the other end of a pipe can follow."""
    session.terminal.stdout.write("\t".join(cells) + "\n")
    session.terminal.stdout.flush()


def report(session: Session, files: Files, document: dict[str, Any]) -> None:
    """Print the result: under the last frame of the display two lines, in a pipe one line for each entry."""
    if session.output.form == "json":
        session.output.json(document)
        return
    written = files.named()
    if session.output.form == "table":
        parts = [brief(document), *(f"{name} {brief(document[name])}" for name in PARTS if document[name])]
        together = "; ".join(parts)
        for line in [together] if len(together) <= session.terminal.width else parts:
            session.output.line(line, "bold")
        session.output.line(files.line())
        return
    rows = {name: document[name] for name in ("dataset", "parameters", "engine", "epochs")} | measures(document)
    rows |= {f"{part} {name}": value for part in PARTS for name, value in measures(document[part]).items()}
    rows |= {"seed": document["seed"], "seconds": round(document["seconds"], 3)} | written
    session.output.line()
    session.output.table(("", "result"), [(name, shown(value)) for name, value in rows.items()])


def measures(document: dict[str, Any]) -> dict[str, float]:
    """The measures in a document that have a value."""
    names = ("loss", "accuracy", "f1", "auc", "rmse", "mae", "r2")
    return {name: document[name] for name in names if document.get(name) is not None}


def brief(document: dict[str, Any]) -> str:
    """The measures in a document as a few words.

    >>> brief({"loss": 0.125, "accuracy": 0.5})
    'loss 0.125, accuracy 50.0 %'
    """
    return ", ".join(
        f"accuracy {100 * value:.1f} %" if name == "accuracy" else f"{name} {value:.6g}"
        for name, value in measures(document).items()
        if name in ("loss", "accuracy", "rmse", "r2")
    )


def shown(value: object) -> str:
    """A value of the result as text."""
    return number(value) if isinstance(value, float) else str(value)
