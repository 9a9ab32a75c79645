"""`gradcli train`: the training of one net, its printed results and its files."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from gradcli.cli.command import Session
from gradcli.cli.live.lines import RunLines, loss_name
from gradcli.cli.reading.run_choices import command_of, resume_command
from gradcli.cli.showing.output import number
from gradcli.errors import Diverged

if TYPE_CHECKING:
    from gradcli.cli.live.pace import Pace
    from gradcli.cli.live.run_files import Files
    from gradcli.cli.live.views import RunView
    from gradcli.cli.notebook.live_figure import LiveFigure
    from gradcli.draw.film import Film
    from gradcli.pages.run_stills import Stills
    from gradcli.train.checkpoint import Checkpoint
    from gradcli.train.run import Run

__all__ = ["Replaying", "RunTraining"]

PARTS = ("validation", "test")


@dataclass
class RunTraining:
    """The training of one net.

    Args:
        session: the running command.
        run: the run.
        files: the files to write.
        every: the number of epochs between two saved models; None saves the model only at the end.
        film: the recording of the run, for an animation.
        stills: the recording of the run, for its page.
        pace: the pace of the run, if it is slowed down; None for full speed.
        failure: the error with which the run diverged; None if it didn't.
        stops: the numbers of updates after which the view needs the state of the run.
    """

    session: Session
    run: Run
    files: Files
    every: int | None = None
    film: Film | None = None
    stills: Stills | None = None
    pace: Pace | None = None
    failure: Diverged | None = None
    stops: Collection[int] = ()

    @property
    def command(self) -> str:
        """The command that repeats the run."""
        return command_of(self.run, self.files.options)

    @property
    def is_over(self) -> bool:
        """Whether the training is complete."""
        return self.run.is_over

    @property
    def is_untrained(self) -> bool:
        """Whether no update has been done yet, so that there is nothing to save."""
        return not self.run.state.history

    def events(self) -> Iterator[Any]:
        """Train, and save the model from time to time; end if the run diverges."""
        from gradcli.train.trainer import Epoch

        run, size = self.run, (self.every or 0) * self.run.updates_per_epoch
        stops = {*self.stops, *(range(size, run.updates + 1, size) if size else ())}
        stops |= {stop for one in (self.film, self.stills, self.pace) if one is not None for stop in one.stops}
        recordings = [one for one in (self.film, self.stills) if one is not None]
        try:
            for event in run.events(stops):
                for recording in recordings:
                    recording.note(event)
                yield event
                if self.every is not None and isinstance(event, Epoch) and (event.epoch + 1) % self.every == 0:
                    self.save()
        except Diverged as error:
            self.failure = error

    def lines(self) -> RunLines:
        """Return the display of lines, for pipes and for screens that can't be redrawn."""
        return RunLines(self.session, self.run)

    def watched(self) -> LiveFigure:
        """Return the display in a notebook."""
        from gradcli.cli.notebook.live_figure import LiveFigure
        from gradcli.draw.film import Film

        page = self.session.terminal.page
        assert page is not None
        film = Film(self.run)
        self.stops = film.stops
        return LiveFigure(film, page)

    def view(self, *how: Any) -> RunView:
        """Return the view of the live display; ``how`` are the further arguments of `RunView`."""
        from gradcli.cli.live.views import RunView

        view = RunView(self.run, *how)
        self.stops = view.stops
        return view

    def widths_below(self, width: int) -> list[int]:
        """Return the lengths of the lines with measures. Training and validation share a line if they fit."""
        part = 43 if self.run.model.labels is None else 31
        parts = [part, *([part + len("; validation ")] * (bool(self.run.validation) + bool(self.run.test)))]
        return [sum(parts)] if sum(parts) <= width else parts

    def save(self) -> None:
        """Save the model in its present state, unless the run diverged."""
        from gradcli.train.checkpoint import save

        if self.failure is None:
            save(self.files.model, self.run.checkpoint())

    def document(self) -> dict[str, Any]:
        """Return the result of the run."""
        if self.failure is not None and not self.run.has_finite_loss:
            # Not even the first parameters gave a finite loss, so the model file is left as it is.
            raise self.failure
        from gradcli.train.findings import findings

        found = self.run.all_measures()
        document = {"dataset": self.run.rows.name, "model": self.files.model, **self.run.report(found)}
        return {**document, "notes": findings(self.run, found) if self.run.is_over else []}

    def write(self, document: dict[str, Any]) -> None:
        """Write the files; if the run diverged, the model is the last one with a finite loss."""
        from gradcli.draw.figures import figure

        run = self.run
        nets = {self.files.model: run.checkpoint()}
        self.files.write(
            run,
            nets,
            document,
            run.history_table(),
            partial(figure, run),
            self.animated,
            partial(self.explained, document),
        )
        if self.failure is not None:
            hint = f"the last good model is kept in `{self.files.model}`; {self.failure.hint}"
            raise Diverged(self.failure.message, hint=hint, argument=self.failure.arguments)

    def animated(self, form: str) -> bytes:
        """Return the animation of the run in a format."""
        from gradcli.draw.animation import animation

        assert self.film is not None
        self.film.finish()
        return animation(self.film, form)

    def explained(self, document: Mapping[str, Any]) -> bytes:
        """Return the page of the run, given its result."""
        from gradcli.pages.run_page import run_page

        assert self.stills is not None
        self.stills.finish()
        ending = self.ending() if self.is_over else self.interruption()
        return run_page(self.stills, document, [ending] if ending is not None else [])

    def report(self, document: Mapping[str, Any]) -> None:
        """Print the result."""
        output = self.session.output
        if output.form == "table":
            # The display showed the mean loss of the epoch, so this is the one to end with, and not that of a batch.
            epoch = self.run.epochs_done - 1
            shown_loss = self.run.epoch_loss(epoch) if epoch >= 0 else document["loss"]
            parts = [
                brief({**document, "loss": shown_loss}, loss_name(self.run)),
                *(f"{name} {brief(document[name])}" for name in PARTS if document[name]),
            ]
            together = "; ".join(parts)
            for line in [together] if len(together) <= self.session.terminal.width else parts:
                output.line(line, "bold")
            if self.files.named():
                output.line(self.files.line())
            return
        rows = {name: document[name] for name in ("dataset", "parameters", "engine", "epochs")} | measures(document)
        rows |= {f"{part} {name}": value for part in PARTS for name, value in measures(document[part]).items()}
        rows |= {"seed": document["seed"], "seconds": round(document["seconds"], 3)} | self.files.named()
        output.line()
        output.table(("", "result"), [(name, shown(value)) for name, value in rows.items()])

    def interruption(self) -> str:
        """Say after which update the run stopped, and how to continue it."""
        run = self.run
        done = f"stopped after update {len(run.state.history)} of {run.updates}"
        if run.settings.takes_all:
            return f"{done}; a run with the optimiser `{run.settings.optimizer}` can't be continued"
        return f"{done}; continue with: {resume_command(run, self.files.model)}"

    def ending(self) -> str | None:
        """With early stopping, say which epoch the parameters come from, and why the run stopped."""
        run, best = self.run, self.run.state.best
        if best is None:
            return None
        kept = f"the parameters are those of epoch {best.epoch + 1}, whose validation loss {best.loss:.6g} is the best"
        if run.epochs_done < run.settings.epochs:
            return f"stopped after epoch {run.epochs_done}, {run.settings.patience} epochs after the best: {kept}"
        return kept


@dataclass
class Replaying(RunTraining):
    """The run of a saved model, gone through again; no model is saved.

    Args:
        saved: the content of the model file.
        path: its name.
    """

    saved: Checkpoint | None = None
    path: str = ""

    @property
    def command(self) -> str:
        """The command that shows the run once more."""
        words = [word for option, path in self.files.options.items() for word in (option, path)]
        return shlex.join(["gradcli", "train", "--replay", self.path, *words])

    @property
    def last(self) -> int:
        """The number of updates that the saved run has done."""
        assert self.saved is not None
        return len(self.saved.state.history)

    @property
    def is_over(self) -> bool:
        """Whether everything has been shown."""
        return self.run.is_over or len(self.run.state.history) >= self.last

    @property
    def is_untrained(self) -> bool:
        """Always false, because there is a saved model."""
        return False

    def events(self) -> Iterator[Any]:
        """Train again up to the last update of the saved run."""
        self.stops = {*self.stops, self.last}
        for event in super().events():
            yield event
            if self.is_over:
                return

    def save(self) -> None:
        """Save nothing: the model is there already."""

    def document(self) -> dict[str, Any]:
        """Return the result of the run."""
        return {"dataset": self.run.rows.name, "model": self.path, **self.run.report(), "notes": []}

    def write(self, document: dict[str, Any]) -> None:
        """Write what is asked for, but no model."""
        from gradcli.draw.figures import figure

        run = self.run
        self.files.write(
            run,
            {},
            document,
            run.history_table(),
            partial(figure, run),
            self.animated,
            partial(self.explained, document),
        )

    def interruption(self) -> str:
        """Say after which update the replay stopped."""
        return f"stopped after update {len(self.run.state.history)} of {self.last}"

    def ending(self) -> str | None:
        """Say if the saved model is another one."""
        assert self.saved is not None
        if (self.run.state.parameters == self.saved.state.parameters).all():
            return None
        return (
            f"note: the run in `{self.path}` ended with other parameters: it was continued with other choices, or ran "
            "on another machine"
        )


def measures(document: Mapping[str, Any]) -> dict[str, float]:
    """Return those measures of a document that have a value."""
    names = ("loss", "accuracy", "f1", "auc", "rmse", "mae", "r2")
    return {name: document[name] for name in names if document.get(name) is not None}


def brief(document: Mapping[str, Any], loss: str = "loss") -> str:
    """Return the measures in a document as a short text; ``loss`` is the name of its loss.

    >>> brief({"loss": 0.125, "accuracy": 0.5})
    'loss 0.125, accuracy 50.0 %'
    """
    return ", ".join(
        f"accuracy {100 * value:.1f} %" if name == "accuracy" else f"{loss if name == 'loss' else name} {value:.4g}"
        for name, value in measures(document).items()
        if name in ("loss", "accuracy", "rmse", "r2")
    )


def shown(value: object) -> str:
    """Return a value of the result as text."""
    return number(value) if isinstance(value, float) else str(value)
