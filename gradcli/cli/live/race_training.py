"""`gradcli train --race`: the training of several nets, its printed results and its files."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradcli.cli.command import Session
from gradcli.cli.live.lines import RaceLines
from gradcli.cli.reading.run_choices import resume_command
from gradcli.errors import Diverged

if TYPE_CHECKING:
    from gradcli.cli.live.run_files import Files
    from gradcli.cli.live.views import RaceView
    from gradcli.train.race import Entrant, Race

__all__ = ["RaceTraining", "typed_command"]

HEADINGS = ("place", "optimiser", "rate", "loss", "accuracy", "validation_loss", "validation_accuracy", "updates/s")


@dataclass
class RaceTraining:
    """The training of several nets, one for each optimiser, in turn."""

    session: Session
    race: Race
    files: Files
    #: A race is not slowed down: its nets train in turn, and their speeds are compared.
    pace: None = None

    @property
    def command(self) -> str:
        """The command that repeats the race."""
        return typed_command(self.session)

    @property
    def is_over(self) -> bool:
        """Whether the training is complete."""
        return self.race.share >= 1

    @property
    def is_untrained(self) -> bool:
        """Whether no net has been updated yet, so that there is nothing to save."""
        return not any(one.run.state.history for one in self.race.entrants)

    @property
    def winner(self) -> Entrant:
        """The entrant with the lowest loss."""
        return self.race.standings()[0]

    @property
    def models(self) -> dict[str, str]:
        """The file of each entrant's net in the folder of the run, by the entrant's name; empty without a folder."""
        if self.files.result is None:
            return {}
        folder = Path(self.files.result).parent
        return {one.name: str(folder / f"{one.name.replace(':', '-')}.safetensors") for one in self.race.entrants}

    def events(self) -> Iterator[Any]:
        """Train all nets in turn."""
        return self.race.events()

    def lines(self) -> RaceLines:
        """Return the display of lines, for pipes and for screens that can't be redrawn."""
        return RaceLines(self.session, self.race)

    def watched(self) -> AbstractContextManager[RaceLines]:
        """Return the display in a notebook: lines, which `report` follows with the figure of the race."""
        return nullcontext(self.lines())

    def view(self, *how: Any) -> RaceView:
        """Return the view of the live display; ``how`` are the further arguments of `RaceView`."""
        from gradcli.cli.live.views import RaceView

        return RaceView(self.race, *how)

    def widths_below(self, _width: int) -> list[int]:
        """Return the lengths of the lines that name the winner and the saved model."""
        return [60, 60]

    def save(self) -> None:
        """Save the winner's net in its present state, unless every optimiser diverged."""
        from gradcli.train.checkpoint import save

        if self.winner.failure is None:
            save(self.files.model, self.winner.run.checkpoint())

    def document(self) -> dict[str, Any]:
        """Return the result of the race."""
        winner = self.winner
        if winner.failure is not None:
            message = f"every optimiser diverged; {winner.name}: {winner.failure.message}"
            raise Diverged(message, hint=winner.failure.hint, argument=winner.failure.arguments)
        report = winner.run.report()
        return {
            "dataset": winner.run.rows.name,
            "winner": winner.name,
            "model": self.files.model,
            **{name: report[name] for name in ("net", "parameters", "engine", "seed")},
            "race": self.race.report(),
        }

    def write(self, document: dict[str, Any]) -> None:
        """Write the files; the net of the winner comes first."""
        from gradcli.draw.figures import race_figure

        race, models = self.race, self.models
        nets = {self.files.model: self.winner.run.checkpoint()}
        for one, result in zip(race.entrants, document["race"], strict=True):
            if one.name in models:
                result["model"] = models[one.name]
                nets[models[one.name]] = one.run.checkpoint()
        self.files.write(self.winner.run, nets, document, race.history_table(), partial(race_figure, race))

    def report(self, document: Mapping[str, Any]) -> None:
        """Print the winner, or in a pipe the whole ranking."""
        output, winner = self.session.output, self.winner
        if output.shows_pictures and find_spec("matplotlib") is not None:
            from gradcli.draw.figures import race_figure

            output.picture(race_figure(self.race, "svg"), "the race: losses and boundaries")
        if output.form == "table":
            kind = "validation" if len(winner.run.validation) else "training"
            output.line(f"{winner.name} wins with a {kind} loss of {winner.loss:.6g}", "bold")
            output.line(self.files.line())
            others = "  The other nets are saved next to it." if self.models else ""
            output.line(f"The model is the winner's.{others}", "dim")
            return
        output.line()
        rows = sorted(document["race"], key=lambda one: one["place"])
        measure = "accuracy" if winner.run.model.labels is not None else "rmse"
        headings = [heading.replace("accuracy", measure) for heading in HEADINGS]
        output.table(headings, [cells(row, measure) for row in rows], plain_headings=True)
        output.line()
        result = {"winner": winner.name, "seconds": round(document["seconds"], 3), **self.files.named()}
        output.table(("", "result"), [(name, str(value)) for name, value in result.items()])

    def ending(self) -> None:
        """Return no sentence, because a race has no early stopping."""

    def interruption(self) -> str:
        """Say in which epoch the race stopped, and how to continue the run of its winner."""
        race, run = self.race, self.winner.run
        done = f"stopped in epoch {min(race.epochs, int(race.share * race.epochs) + 1)} of {race.epochs}"
        if run.settings.takes_all:
            return f"{done}; a race can't be continued"
        resume = resume_command(run, self.files.model)
        return f"{done}; a race can't be continued, but the run of its winner can: {resume}"


def typed_command(session: Session, *more: str) -> str:
    """Return the command that repeats a race or other runs from the start, with the words that were typed.

    Args:
        session: the running command.
        more: further words.
    """
    words: list[str] = []
    typed = iter(session.arguments)
    for word in typed:
        if word == "--resume":
            next(typed, None)
        elif word not in ("--json", "--plain", "--no-color", "--debug") and not word.startswith("--resume="):
            words.append(word)
    return shlex.join(["gradcli", session.command, *words, *more])


def cells(row: Mapping[str, Any], measure: str) -> list[str]:
    """Return one line of the ranking, with all digits."""
    values = [row["learning_rate"], row["loss"], row[measure], row["validation"].get("loss")]
    values += [row["validation"].get(measure), round(row["updates_per_second"])]
    if "diverged" in row:
        values[1:5] = [math.nan] * 4
    return [str(row["place"]), row["name"], *("" if value is None else str(value) for value in values)]
