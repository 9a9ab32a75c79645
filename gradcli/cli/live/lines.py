"""The plain displays of training: one line for each epoch on standard output, and no lines under ``--json``.

On a terminal that can't be redrawn, such as a dumb one or the output of ``!gradcli`` in a notebook, a person reads the
lines: only some epochs have one, most of them at the start, where a net learns fastest.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from gradcli.cli.command import Session
from gradcli.cli.showing.output import number
from gradcli.draw.film import moments
from gradcli.source import counted
from gradcli.train.trainer import Epoch, Step

if TYPE_CHECKING:
    from gradcli.train.race import Entrant, Race
    from gradcli.train.run import Run

__all__ = ["RaceLines", "RunLines", "loss_name", "net_text"]

#: The most epochs with a line if a person reads the lines.
_READ = 12
#: The least width of a column that a person reads.
_NARROWEST = 9


class RunLines:
    """The lines of a run: the loss and the measure (accuracy or error) of each epoch."""

    def __init__(self, session: Session, run: Run) -> None:
        self.session, self.run = session, run
        rows = f"{len(run.training)} rows to train on"
        for part, purpose in ((run.validation, "validate"), (run.test, "test")):
            if len(part):
                rows += f", {len(part)} to {purpose} with"
        session.output.message(f"{run.rows.name}: {rows}; net {net_text(run)}; {course(run)}; seed {run.settings.seed}")
        name = "accuracy" if run.model.labels is not None else "rmse"
        headings = ["epoch", "update", "loss", name]
        self.told = told_epochs(session, run.epochs_done, run.settings.epochs)
        self.headings = headings + (["validation_loss", f"validation_{name}"] * bool(run.validation))
        write_row(session, self.headings, self.headings)

    def update(self, event: Any) -> None:
        """Print the line of a finished epoch; ``update`` is the number of its first update."""
        if not isinstance(event, Epoch):
            return
        is_last = self.run.is_over and event.epoch + 1 == self.run.epochs_done
        if not (is_last or event.epoch + 1 in self.told):
            return
        cells = [str(event.epoch + 1), str(event.epoch * self.run.updates_per_epoch)]
        cells += [_number(self.session, event.loss), _number(self.session, event.measure)]
        if event.validation is not None:
            found = event.validation
            cells += [_number(self.session, found.loss), _number(self.session, found.measure)]
        write_row(self.session, cells, self.headings)


class RaceLines:
    """The lines of a race: for each epoch the loss that decides the race, in a column for each optimiser."""

    def __init__(self, session: Session, race: Race) -> None:
        self.session, self.race, self.done = session, race, 0
        run = race.entrants[0].run
        racing = ", ".join(
            f"{one.name} from {one.run.settings.learning_rate:g}"
            if one.run.settings.optimizer == one.name and not one.run.settings.takes_all
            else one.name
            for one in self.race.entrants
        )
        what = "validation loss" if len(run.validation) else "training loss"
        session.output.message(
            f"{run.rows.name}: {len(run.training)} rows to train on; net {net_text(run)}; race of {racing}; "
            f"{self.race.epochs} epochs; seed {run.settings.seed}; the lines show the {what}"
        )
        self.told = told_epochs(session, 0, race.epochs)
        self.headings = ["epoch", *(one.name for one in self.race.entrants)]
        write_row(session, self.headings, self.headings)

    def update(self, event: tuple[Entrant, Step | Epoch | None]) -> None:
        """Print a line for each epoch that every run has finished; runs that have ended don't count."""
        if isinstance(event[1], Step):
            return
        going = [one for one in self.race.entrants if one.failure is None and not one.run.state.stopped]
        done = [one.epochs_done for one in going or self.race.entrants]
        while self.done < (min(done) if going else max(done)):
            losses = [one.loss_of(self.done) if self.done < one.epochs_done else None for one in self.race.entrants]
            self.done += 1
            if self.done in self.told:
                cells = ["" if loss is None else _number(self.session, loss) for loss in losses]
                write_row(self.session, [str(self.done), *cells], self.headings)


def net_text(run: Run) -> str:
    """Return the layers of a net, its functions and the number of its parameters in a few words."""
    return f"{run.model.outline} ({run.model.functions}), {run.model.count} parameters"


def loss_name(run: Run) -> str:
    """Return the name of the loss that is minimised. Only this loss contains the penalties."""
    return "loss with penalty" if run.model.l1 or run.model.l2 else "loss"


def course(run: Run) -> str:
    """Return the optimiser and the length of the run in a few words."""
    settings = run.settings
    if settings.takes_all:
        return f"{settings.optimizer}, at most {counted(settings.epochs, 'iteration')}"
    return (
        f"{settings.optimizer} from {settings.learning_rate:g}, {settings.schedule}; "
        f"{counted(settings.epochs, 'epoch')} of {counted(run.updates_per_epoch, 'update')}"
    )


def told_epochs(session: Session, first: int, last: int) -> Collection[int]:
    """Return the numbers of the epochs that have a line: all of them in a pipe, and some of them for a person."""
    return moments(first + 1, last, _READ) if session.output.form == "table" else range(first + 1, last + 1)


def _number(session: Session, value: float) -> str:
    """Return a number with all its digits for a program, and with some of them for a person."""
    return f"{value:.4g}" if session.output.form == "table" else number(value)


def write_row(session: Session, cells: Sequence[str], headings: Sequence[str]) -> None:
    """Print a row without delay, so that its reader can follow; under JSON print nothing.

    A program gets tabs between the cells; a person gets columns as wide as their headings.
    """
    if session.output.form == "json":
        return
    if session.output.form == "table":
        widths = [max(_NARROWEST if place else 0, len(heading)) for place, heading in enumerate(headings)]
        line = "  ".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
    else:
        line = "\t".join(cells)
    session.terminal.stdout.write(line + "\n")
    session.terminal.stdout.flush()
