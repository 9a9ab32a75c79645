"""A race: the same net trained by several optimisers in turn.

Only the optimiser and its learning rate differ: even the initial parameters and the order of the rows are the same.
The entrant that has done the smallest share of its updates has the next turn.  An entrant that diverges stops, and the
others continue."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gradcli.errors import Diverged, UsageError, choice
from gradcli.optim.optimizers import OPTIMIZERS
from gradcli.records import NamedTuple
from gradcli.train.choices import RunChoices
from gradcli.train.run import Run, csv_text, start
from gradcli.train.trainer import Epoch, Step

if TYPE_CHECKING:
    from gradcli.train.data.rows import Data

__all__ = ["Entrant", "Entry", "Race", "entries_of"]


class Entry(NamedTuple):
    """An optimiser of a race: its name in the race, its key in `OPTIMIZERS`, and its learning rate if one was given."""

    name: str
    optimizer: str
    learning_rate: float | None


def entries_of(text: str) -> list[Entry]:
    """Read the optimisers of a race.

    Raises:
        UsageError: fewer than two optimisers are given, an optimiser is unknown or given twice, or a rate isn't a
        number.

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
                raise UsageError(f"the optimiser `{optimizer}` finds its own steps, so it has no learning rate")
            try:
                value = RunChoices.learning_rate.checked(float(rate))
            except ValueError:
                raise UsageError(
                    f"a learning rate is positive and finite, not `{rate}`",
                    hint=f"for example `race=sgd,{optimizer}:0.01`",
                    argument="race",
                ) from None
        entry = Entry(f"{optimizer}:{value:g}" if value is not None else optimizer, optimizer, value)
        if entry.name in [other.name for other in result]:
            raise UsageError(f"`{entry.name}` is in the race twice")
        result.append(entry)
    if len(result) < 2:
        raise UsageError(
            "a race needs two optimisers or more",
            hint="for example `race=sgd,momentum,adam`",
            argument="race",
        )
    return result


@dataclass
class Entrant:
    """An entrant of a race: an optimiser, and the run that it trains.

    Args:
        name: the name of the entrant, unique in the race.
        run: the run of the entrant.
        seconds: the time spent on its turns.
        epoch: the event of the last finished epoch.
        failure: the error with which it diverged; None if it didn't.
    """

    name: str
    run: Run
    seconds: float = 0.0
    epoch: Epoch | None = None
    failure: Diverged | None = None

    @property
    def share(self) -> float:
        """The share of the entrant's run that is done."""
        return len(self.run.state.history) / self.run.updates

    @property
    def speed(self) -> float:
        """The updates per second, counting only the time of its own turns."""
        return len(self.run.state.history) / self.seconds if self.seconds else 0.0

    @property
    def epochs_done(self) -> int:
        """The number of epochs that have a loss."""
        return len(self.run.state.validation) if len(self.run.validation) else self.run.epochs_done

    def loss_of(self, epoch: int) -> float:
        """Return the loss of an epoch that decides the race: on validation rows or, without these, on training rows."""
        if len(self.run.validation):
            return self.run.state.validation[epoch][1]
        return self.run.epoch_loss(epoch)

    @property
    def course(self) -> list[float]:
        """The loss that decides the race, after each epoch."""
        return [self.loss_of(epoch) for epoch in range(self.epochs_done)]

    @property
    def loss(self) -> float:
        """The loss that decides the entrant's rank: the last, or the best if the run keeps the best parameters."""
        if self.failure is not None or not self.epochs_done:
            return math.inf
        best = self.run.state.best
        found = self.loss_of(self.epochs_done - 1) if best is None else best.loss
        return found if math.isfinite(found) else math.inf


class Race:
    """Several runs that differ only in their optimisers.

    Args:
        entries: the optimisers.
        data: every row.
        choices: the other choices for `start`.

    Raises:
        UsageError: the choices don't fit together.

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

    def __repr__(self) -> str:
        return f"<race of {', '.join([one.name for one in self.entrants])}, {100 * self.share:.0f} % done>"

    def _repr_html_(self) -> str:
        from gradcli.markup import table

        rows = [[str(place), one.name, f"{one.loss:.6g}"] for place, one in enumerate(self.standings(), 1)]
        return table(["place", "optimiser", "loss"], rows, repr(self)[1:-1])

    @property
    def epochs(self) -> int:
        """The number of epochs of each run."""
        return self.entrants[0].run.settings.epochs

    @property
    def share(self) -> float:
        """The share of the race that is done."""
        return min([1.0, *(one.share for one in self.entrants if one.failure is None and not one.run.state.stopped)])

    def events(self) -> Iterator[tuple[Entrant, Step | Epoch | None]]:
        """Let the entrants train in turn, and yield each with its event, or with None when it has diverged."""
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
        """Return the entrants by their losses, the smallest first; entrants that diverged come last."""
        return sorted(self.entrants, key=lambda one: (one.failure is not None, one.loss))

    def report(self) -> list[dict[str, Any]]:
        """Return the result of each entrant, in the order of the list."""
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
        """Return the loss that decides the race as CSV: a row for each epoch, a column for each entrant."""
        rows = [["epoch", *(one.name for one in self.entrants)]]
        courses = [one.course for one in self.entrants]
        for epoch in range(max(map(len, courses))):
            rows.append([str(epoch + 1), *(repr(one[epoch]) if epoch < len(one) else "" for one in courses)])
        return csv_text(rows)
