"""A race: the same net trained by several optimisers in turn.

Everything but the optimiser and its learning rate is the same, the initial parameters and the order of the rows too.
Whoever has done the smallest share of its updates has the next turn.  One that diverges is out, and the others go on.
"""

from __future__ import annotations

import csv
import io
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from gradcli.errors import Diverged, UsageError, choice
from gradcli.optim.optimizers import OPTIMIZERS
from gradcli.train.run import Run, start
from gradcli.train.trainer import Epoch, Step

if TYPE_CHECKING:
    from gradcli.train.data.rows import Data

__all__ = ["Entrant", "Entry", "Race", "entries_of"]


class Entry(NamedTuple):
    """One optimiser as it was entered: its name in the race, its key in `OPTIMIZERS`, and its rate if one was given."""

    name: str
    optimizer: str
    learning_rate: float | None


def entries_of(text: str) -> list[Entry]:
    """The optimisers of a race.

    Raises:
        UsageError: fewer than two, one that is unknown or there twice, or a rate that is no number.

    >>> [tuple(entry) for entry in entries_of("sgd, adam:0.01")]
    [('sgd', 'sgd', None), ('adam:0.01', 'adam', 0.01)]
    """
    result: list[Entry] = []
    for word in filter(str.strip, text.split(",")):
        optimizer, colon, rate = (part.strip() for part in word.partition(":"))
        choice(optimizer, OPTIMIZERS, "optimiser")
        value = None
        if colon:
            if OPTIMIZERS[optimizer].descend is not None:
                raise UsageError(f"the optimiser `{optimizer}` finds its own steps: it has no rate", kind="bad_value")
            try:
                value = float(rate)
            except ValueError:
                value = math.nan
            if not (value > 0 and math.isfinite(value)):
                raise UsageError(
                    f"a learning rate is positive and finite, not `{rate}`",
                    kind="bad_value",
                    hint=f"for example `race=sgd,{optimizer}:0.01`",
                    argument="race",
                )
        entry = Entry(f"{optimizer}:{value:g}" if value is not None else optimizer, optimizer, value)
        if entry.name in [other.name for other in result]:
            raise UsageError(f"`{entry.name}` is in the race twice", kind="bad_value")
        result.append(entry)
    if len(result) < 2:
        raise UsageError(
            "a race needs two optimisers or more",
            kind="bad_value",
            hint="for example `race=sgd,momentum,adam`",
            argument="race",
        )
    return result


@dataclass
class Entrant:
    """One of those who race.

    Args:
        name: unique in the race.
        run: its run.
        seconds: spent on its turns.
        epoch: the last one that it has done.
        failure: why it is out.
    """

    name: str
    run: Run
    seconds: float = 0.0
    epoch: Epoch | None = None
    failure: Diverged | None = None

    @property
    def share(self) -> float:
        """How much of its run is done."""
        return len(self.run.state.history) / self.run.updates

    @property
    def speed(self) -> float:
        """Updates per second of its own."""
        return len(self.run.state.history) / self.seconds if self.seconds else 0.0

    @property
    def epochs_done(self) -> int:
        """The epochs that have a loss."""
        return len(self.run.state.validation) if len(self.run.validation) else self.run.epochs_done

    def loss_of(self, epoch: int) -> float:
        """The loss that decides the race, after an epoch: of the validation, or in training if no rows validate."""
        if len(self.run.validation):
            return self.run.state.validation[epoch][1]
        size = self.run.updates_per_epoch
        part = self.run.state.history[epoch * size : (epoch + 1) * size]
        return math.fsum(record.loss for record in part) / len(part)

    @property
    def course(self) -> list[float]:
        """This loss after each epoch."""
        return [self.loss_of(epoch) for epoch in range(self.epochs_done)]

    @property
    def loss(self) -> float:
        """The last of them, or the best if that is what is kept; infinite if there is none yet, or if it is out."""
        if self.failure is not None or not self.epochs_done:
            return math.inf
        best = self.run.state.best
        found = self.loss_of(self.epochs_done - 1) if best is None else best.loss
        return found if math.isfinite(found) else math.inf


class Race:
    """Several runs that differ only in their optimisers.

    Args:
        entries: who races.
        data: every row.
        choices: what else `start` is told.

    Raises:
        UsageError: choices that don't fit together.

    >>> from gradcli.train.data.datasets import make
    >>> race = Race(entries_of("sgd,adam"), make("moons", samples=40), {"hidden": (4,), "epochs": 2, "batch": 16})
    >>> [entrant.name for entrant, event in race.events() if isinstance(event, Epoch)]
    ['sgd', 'adam', 'sgd', 'adam']
    """

    def __init__(self, entries: Sequence[Entry], data: Data, choices: Mapping[str, Any]) -> None:
        def begun(entry: Entry, epochs: int | None) -> Run:
            own = {"optimizer": entry.optimizer, "learning_rate": entry.learning_rate}
            return start(data, **{**choices, **own, **({} if epochs is None else {"epochs": epochs})})

        runs = [begun(entry, None) for entry in entries]
        # By default the number of epochs depends on the optimiser; in a race it is the same for all.
        epochs = min(run.settings.epochs for run in runs)
        self.entrants = [
            Entrant(entry.name, run if run.settings.epochs == epochs else begun(entry, epochs))
            for entry, run in zip(entries, runs, strict=True)
        ]

    @property
    def epochs(self) -> int:
        """The epochs of each run."""
        return self.entrants[0].run.settings.epochs

    @property
    def share(self) -> float:
        """How much of the race is done."""
        return min([1.0, *(one.share for one in self.entrants if one.failure is None and not one.run.state.stopped)])

    def events(self) -> Iterator[tuple[Entrant, Step | Epoch | None]]:
        """Let them all train, in turn; each event comes with whose it is, and None is the end of one that diverged."""
        turns = [(entrant, entrant.run.events()) for entrant in self.entrants]
        while turns:
            place = min(range(len(turns)), key=lambda number: turns[number][0].share)
            entrant, events = turns[place]
            began = time.perf_counter()
            try:
                event = next(events, None)
            except Diverged as error:
                entrant.failure, event = error, None
            entrant.seconds += time.perf_counter() - began
            if event is None:
                del turns[place]
                if entrant.failure is None:
                    continue
            elif isinstance(event, Epoch):
                entrant.epoch = event
            yield entrant, event

    def standings(self) -> list[Entrant]:
        """The entrants, the one with the smallest loss first; those that are out come last."""
        return sorted(self.entrants, key=lambda one: (one.failure is not None, one.loss))

    def report(self) -> list[dict[str, Any]]:
        """The result of each, in the order in which they were entered."""
        places = {one.name: place for place, one in enumerate(self.standings(), 1)}
        shared = ("dataset", "net", "parameters", "engine", "seed")
        result = []
        for one in self.entrants:
            document: dict[str, Any] = {
                "name": one.name,
                "place": places[one.name],
                "optimizer": one.run.settings.optimizer,
                "learning_rate": one.run.settings.learning_rate,
                "updates_per_second": one.speed,
            }
            if one.failure is not None:
                document["diverged"] = one.failure.message
            document |= {name: value for name, value in one.run.report().items() if name not in shared}
            result.append(document)
        return result

    def history_table(self) -> str:
        """The loss that decides the race as CSV: one row per epoch, one column per entrant."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["epoch", *(one.name for one in self.entrants)])
        courses = [one.course for one in self.entrants]
        for epoch in range(max(map(len, courses))):
            cells = [repr(course[epoch]) if epoch < len(course) else "" for course in courses]
            writer.writerow([epoch + 1, *cells])
        return text.getvalue()
