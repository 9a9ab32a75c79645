"""A race of optimisers at the terminal: the live picture or the lines, Ctrl-C, the files, and the result."""

from __future__ import annotations

import math
import shlex
import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from gradcli.cli.command import Session
from gradcli.cli.live.run_files import Files, in_json
from gradcli.cli.live.run_session import REPEAT, Silence, can_draw, interrupts, resume_command, write_row
from gradcli.cli.showing.output import number
from gradcli.errors import Diverged

if TYPE_CHECKING:
    from gradcli.train.race import Entrant, Race
    from gradcli.train.trainer import Epoch, Step

__all__ = ["hold"]

HEADINGS = ("place", "optimiser", "rate", "loss", "accuracy", "validation_loss", "validation_accuracy", "updates/s")


def hold(session: Session, race: Race, files: Files, view: str) -> None:
    """Hold the race, show it, save the nets; and save also when it ends early.

    Raises:
        Diverged: none of the nets is left.
        KeyboardInterrupt: it ended early, and all is saved.
    """
    form = session.output.form
    stopped = False
    began = time.perf_counter()
    with interrupts() as interrupt:
        with display(session, race, files, view, live=form != "plain" and can_draw(session.terminal)) as shown:
            for event in race.events():
                shown.update(event)
                if interrupt.wanted and race.share < 1:
                    stopped = True
                    break
        seconds = time.perf_counter() - began
        winner = race.standings()[0]
        if winner.failure is not None:
            raise Diverged(
                f"every optimiser diverged; {winner.name}: {winner.failure.message}",
                hint=winner.failure.hint,
                argument=winner.failure.arguments,
            )
        document: dict[str, Any] = {"dataset": winner.run.data.name, "winner": winner.name, "model": files.model}
        shared = winner.run.report()
        document |= {name: shared[name] for name in ("net", "parameters", "engine", "seed")}
        document |= {"race": race.report(), "seconds": seconds, "command": command_of(session)}
        if stopped:
            document["interrupted"] = True
        write(race, winner, files, document)
    report(session, race, winner, files, document)
    if stopped:
        done = f"stopped in epoch {min(race.epochs, int(race.share * race.epochs) + 1)} of {race.epochs}"
        more = "" if winner.run.settings.takes_all else f": {resume_command(winner.run, files.model)}"
        session.output.message(f"{done}; a race can't go on{more and f', but its winner can{more}'}")
        raise KeyboardInterrupt
    if form != "json":
        session.output.message(REPEAT + document["command"])


def command_of(session: Session) -> str:
    """The command that repeats the race, ready to be pasted."""
    words = [word for word in session.arguments if word not in ("--json", "--plain", "--no-color", "--debug")]
    return shlex.join(["gradcli", session.command, *words])


def models_of(race: Race, files: Files) -> dict[str, str]:
    """The files of all nets in the folder of the run, if there is one, by the names in the race."""
    if files.result is None:
        return {}
    from pathlib import Path

    folder = Path(files.result).parent
    return {one.name: str(folder / f"{one.name.replace(':', '-')}.safetensors") for one in race.entrants}


def write(race: Race, winner: Entrant, files: Files, document: dict[str, Any]) -> None:
    """Write the files; the winner's net comes first."""
    from gradcli.files import write_atomically
    from gradcli.train.checkpoint import save

    save(files.model, winner.run.checkpoint())
    models = models_of(race, files)
    for one, result in zip(race.entrants, document["race"], strict=True):
        if one.name in models:
            save(models[one.name], one.run.checkpoint())
            result["model"] = models[one.name]
    if files.history is not None:
        write_atomically(files.history, race.history_table().encode())
    if files.result is not None:
        write_atomically(files.result, in_json(document))
    if files.choices is not None:
        write_atomically(files.choices, in_json({"command": document["command"], **winner.run.configuration()}))
    if files.plot is not None:
        from gradcli.draw.figures import check_plot, race_figure

        write_atomically(files.plot, race_figure(race, check_plot(files.plot)))


def display(session: Session, race: Race, files: Files, view: str, *, live: bool) -> Any:
    """What shows the race: a live picture, lines, or nothing."""
    if view == "none":
        return nullcontext(Silence())
    if not live:
        return nullcontext(RaceLines(session, race))
    from gradcli.cli.live.display import Live
    from gradcli.cli.live.views import RaceView
    from gradcli.draw.canvas import Painter

    painter = Painter.of(session.terminal.environment, colour=session.terminal.message_colour)
    lines = [60, len(files.line()), 60, len(REPEAT + command_of(session))]
    shown = RaceView(race, painter, view, lambda width: sum(-(-columns // width) for columns in lines))
    return Live(shown, session.terminal, painter)


class RaceLines:
    """The plain display: one line for each epoch, with the loss that decides the race in a column per optimiser."""

    def __init__(self, session: Session, race: Race) -> None:
        self.session, self.race = session, race
        self.done = 0
        run = race.entrants[0].run
        racing = ", ".join(
            one.name if one.run.settings.takes_all else f"{one.name} from {one.run.settings.learning_rate:g}"
            if one.run.settings.optimizer == one.name else one.name
            for one in race.entrants
        )  # fmt: skip
        what = "validation loss" if len(run.validation) else "training loss"
        session.output.message(
            f"{run.data.name}: {len(run.training)} rows to train on; net {run.model.outline} ({run.model.activation}, "
            f"{run.model.loss}), {run.model.count} parameters; race of {racing}; {race.epochs} epochs; "
            f"seed {run.settings.seed}; shown is the {what}"
        )
        if session.output.form != "json":
            write_row(self.session, ["epoch", *(one.name for one in race.entrants)])

    def update(self, event: tuple[Entrant, Step | Epoch | None]) -> None:
        """Print the line of an epoch that all have done who are still in the race."""
        if self.session.output.form == "json" or (event[1] is not None and not hasattr(event[1], "epochs")):
            return
        going = [one for one in self.race.entrants if one.failure is None and not one.run.state.stopped]
        done = [one.epochs_done for one in going or self.race.entrants]
        while self.done < (min(done) if going else max(done)):
            cells = [str(self.done + 1)]
            for one in self.race.entrants:
                cells.append(number(one.loss_of(self.done)) if self.done < one.epochs_done else "")
            self.done += 1
            write_row(self.session, cells)


def report(session: Session, race: Race, winner: Entrant, files: Files, document: dict[str, Any]) -> None:
    """Print the result: under the last frame of the display who won, in a pipe the board of leaders."""
    if session.output.form == "json":
        session.output.json(document)
        return
    if session.output.form == "table":
        kind = "validation" if len(winner.run.validation) else "training"
        session.output.line(f"{winner.name} wins with a {kind} loss of {winner.loss:.6g}", "bold")
        session.output.line(files.line())
        others = " The nets of all stand beside it." if models_of(race, files) else ""
        session.output.line(f"The model is the winner's.{others}", "dim")
        return
    session.output.line()
    rows = sorted(document["race"], key=lambda one: one["place"])
    measure = "accuracy" if winner.run.model.labels is not None else "rmse"
    headings = [heading.replace("accuracy", measure) for heading in HEADINGS]
    session.output.table(headings, [cells(row, measure) for row in rows], plain_headings=True)
    session.output.line()
    result = {"winner": winner.name, "seconds": round(document["seconds"], 3), **files.named()}
    session.output.table(("", "result"), [(name, str(value)) for name, value in result.items()])


def cells(row: dict[str, Any], measure: str) -> list[str]:
    """One line of the board of leaders, with all digits."""
    values = [row["learning_rate"], row["loss"], row[measure], row["validation"].get("loss")]
    values += [row["validation"].get(measure), round(row["updates_per_second"])]
    if "diverged" in row:
        values[1:5] = [math.nan] * 4
    return [str(row["place"]), row["name"], *("" if value is None else str(value) for value in values)]
