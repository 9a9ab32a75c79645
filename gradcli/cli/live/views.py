"""The frames of the live display of a run or of a race: name, progress, measures, and a picture.

Below the loss are stills, which are pictures from the first moments of the run: a small net learns too fast to be
watched.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradcli.cli.live import panels
from gradcli.cli.live.display import duration
from gradcli.cli.live.lines import loss_name, net_text
from gradcli.cli.live.panels import Course, Neurons, Plane, colour_of, names_of_classes
from gradcli.cli.live.progress import rate
from gradcli.draw.canvas import Line, Painter, beside, padded, width_of
from gradcli.draw.palette import DONE
from gradcli.source import visible
from gradcli.train.trainer import Epoch

if TYPE_CHECKING:
    from gradcli.train.race import Race
    from gradcli.train.run import Run

__all__ = ["RaceView", "RunView", "heading"]

LARGEST_ROWS = 60
SMALLEST_ROWS = 3
NARROWEST_PAIR = 60
# A plane may be this narrow next to a curve, and a curve next to a plane.
NARROWEST_CURVE = 22
WIDEST = 240
STILL_ROWS = 6
SMALLEST_MARKED = 8
# An epoch that takes at least this many seconds has a progress of its own.
LONG_EPOCH = 1.0
ROWS_WITH_STILLS = 15
# Parameters are kept at this many moments, of which the stills show as many as there is room for.
MOMENTS = 24
MOST_KEPT = 100_000


def heading(run: Run, optimizer: str = "") -> Line:
    """Make the first line: the name of the data in bold, then the net, the optimiser and the seed."""
    rest = f"  {net_text(run)}, {optimizer}seed {run.settings.seed}"
    return [(visible(run.rows.name), "bold"), (visible(rest), "")]


def framed(view: RunView | RaceView, lines: list[Line], width: int, height: int, least: int) -> list[Line]:
    """Add the picture of a view below its first lines, if the screen has at least ``least`` rows left for it.

    The picture leaves room for the lines that will follow it, unless the screen is too small for both.
    """
    room = height - len(lines) - 1
    rows = min(LARGEST_ROWS, room - view.below(width + 1))
    if rows < least:
        rows = room
    return lines if rows < least or width < 30 else lines + view.picture(min(width, WIDEST), rows)


def bar(epoch: int, epochs: int, done: int, total: int, tail: str, width: int) -> Line:
    """Draw a bar between the number of the epoch and a text."""
    head = f"epoch {epoch:>{len(str(epochs))}}/{epochs}"
    end = f" {100 * done // total:3d} %  {tail}"
    room = max(4, min(width, 100) - len(head) - max(20, len(end)) - 1)
    whole, rest = divmod(room * done, total)
    half = 2 * rest >= total
    line: Line = [(head + " ", ""), ("━" * whole, DONE)]
    if whole < room:
        line += [("╸" if half else "━", DONE if half else "dim"), ("━" * (room - whole - 1), "dim")]
    return [*line, (end, "")]


def time_text(spent: float, gained: float, share: float) -> str:
    """Say how long a run took or, while it lasts, how long it will still take.

    Args:
        spent: the time so far.
        gained: the share of the whole run that was done in this time.
        share: the share of the run that is done; for a resumed run this is more than ``gained``.
    """
    if share >= 1:
        return f"in {duration(spent)}"
    return f"{duration(spent / gained * (1 - share))} left" if gained else ""


def fitting(parts: list[Line], width: int) -> Line:
    """Put the first parts side by side, as many as fit into the width."""
    result: Line = []
    for part in parts:
        if result and width_of(result) + 3 + width_of(part) > width:
            break
        result += [("   ", ""), *part] if result else part
    return result


def measured(run: Run, value: float) -> str:
    """Return the measure of a run as text: an accuracy in percent, or an error."""
    return f"{value:.4g}" if run.model.labels is None else f"{100 * value:.1f} %"


class RunView:
    """The frames of one run.

    Args:
        run: the run to show.
        painter: the painter, which tells how many colours there are.
        kind: one of `gradcli.cli.live.previews.VIEWS`.
        below: a function from the width of the screen to the number of lines that will follow the last frame; the frame
            and these lines fit on a screen.
        clock: a function that returns the time in seconds.
    """

    def __init__(
        self,
        run: Run,
        painter: Painter,
        kind: str = "boundary",
        below: Callable[[int], int] = lambda _: 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.run, self.painter, self.kind, self.below, self.clock = run, painter, kind, below, clock
        self.epoch: Epoch | None = None
        self.began = clock()
        self.first = len(run.state.history)
        self.is_planar = len(run.model.columns) == 2
        self.plane_of = functools.cache(functools.partial(Plane, run, painter))
        self.neurons_of = functools.cache(functools.partial(Neurons, run, painter))
        left = max(1, run.updates - self.first)
        places = [self.first + round(left ** (number / MOMENTS)) for number in range(MOMENTS)]
        self.moments = list(dict.fromkeys([self.first, *places]))
        self.kept = {self.first: run.state.parameters}
        self.drawn: dict[int, list[Line]] = {}
        keeps = self.is_planar and run.model.count <= MOST_KEPT and kind == "boundary"
        #: The numbers of updates after which the parameters are kept.
        self.stops = frozenset(self.moments if keeps else ())

    def note(self, event: Any) -> None:
        """Take note of a `Step` or an `Epoch`."""
        if isinstance(event, Epoch):
            self.epoch = event
        elif event.update + 1 in self.stops:
            self.kept[event.update + 1] = event.state.parameters

    def frame(self, width: int, height: int) -> list[Line]:
        """Draw one frame of the whole screen."""
        lines = [
            heading(self.run, self.run.settings.optimizer + ", "),
            self.progress(width),
            fitting(self.numbers(), width),
        ]
        return framed(self, lines, width, height, SMALLEST_ROWS)

    def progress(self, width: int) -> Line:
        """Say how much of the run is done and how long it will take."""
        run, done, total = self.run, len(self.run.state.history), self.run.updates
        share = 1 if run.is_over else done / total
        tail = time_text(self.clock() - self.began, (done - self.first) / total, share)
        now = min(run.settings.epochs, done // run.updates_per_epoch + 1)
        return bar(now, run.settings.epochs, done, total, tail, width)

    def numbers(self) -> list[Line]:
        """Give the measures of the last epoch, or of the last update before the first epoch is done."""
        run, history, epoch = self.run, self.run.state.history, self.epoch
        if not history:
            return []
        loss, value = (epoch.loss, epoch.measure) if epoch is not None else history[-1][:2]
        name = "rmse " if run.model.labels is None else "accuracy "
        parts: list[Line] = [
            [(f"{loss_name(run)} ", "dim"), (f"{loss:<8.4g} ", "bold"), (name, "dim"), (measured(run, value), "bold")]
        ]
        if epoch is not None and epoch.validation is not None:
            shown = f"{epoch.validation.loss:<8.4g} {measured(run, epoch.validation.measure)}"
            parts.append([("validation loss ", "dim"), (shown, "bold")])
        spent = self.clock() - self.began
        if len(history) > self.first and spent > 0:
            parts += self.pace((len(history) - self.first) / spent)
        parts.append([("rate ", "dim"), (f"{history[-1].learning_rate:.2g}", "")])
        return parts

    def pace(self, speed: float) -> list[Line]:
        """Give the updates per second; if an epoch takes long, the rows per second and the share that is done of it."""
        run, size = self.run, self.run.updates_per_epoch
        if size < LONG_EPOCH * speed:
            return [[(f"{speed:.0f}", ""), (" updates/s", "dim")]]
        rows, unit = rate(speed * len(run.training) / size).rsplit(" ", 1)
        parts: list[Line] = [[(rows, ""), (f" {unit}", "dim")]]
        if not run.is_over and run.settings.epochs > 1:
            share = 100 * (len(run.state.history) % size) // size
            parts.insert(0, [("this epoch ", "dim"), (f"{share} %", "")])
        return parts

    def picture(self, width: int, rows: int) -> list[Line]:
        """Draw the panels below the numbers, in at most ``rows + 1`` lines."""
        if self.kind == "neurons":
            return self.map(width, rows)
        if self.is_planar and self.kind == "boundary":
            return self.boundary(width, rows)
        if self.kind == "loss" or width < NARROWEST_PAIR:
            return self.losses(width, rows)
        half = width // 2 - 1
        if self.run.model.labels is not None:
            right = panels.confusions(self.run, self.painter, half, rows)
            if right is None:
                return self.losses(width, rows)
        elif len(self.run.model.columns) == 1:
            right = [[("rows of the data, and the net", "dim")], *panels.fit(self.run, self.painter, half, rows)]
        else:
            right = [[("prediction against target", "dim")], *panels.agreement(self.run, self.painter, half, rows)]
        room = width - max(map(width_of, right)) - 2
        return beside(self.losses(room, rows), right, room)

    def boundary(self, width: int, rows: int) -> list[Line]:
        """Draw the loss and the stills on the left, the plane of two inputs on the right."""
        if width - 2 * rows - 2 < NARROWEST_CURVE:
            rows = min(rows, width // 2)
            return [names_of_classes(self.run, self.painter, width), *self.plane(2 * rows, rows)]
        # Two pixels to a character make square pixels; a picture is at most as wide as half the screen.
        columns = min(2 * rows + rows // 2, max(2 * rows, width // 2 - 2), width - 2 - NARROWEST_CURVE)
        room = width - columns - 2
        stills = self.stills(room) if rows >= ROWS_WITH_STILLS and self.stops else []
        left = [*self.losses(room, rows - len(stills)), *stills]
        return beside(left, [names_of_classes(self.run, self.painter, columns), *self.plane(columns, rows)], room)

    def map(self, width: int, rows: int) -> list[Line]:
        """Draw the neurons on the left; on the right the output of the net, and the loss below it."""
        across = min(44, max(20, width // 3))
        upper = min(across // 2, rows if rows < SMALLEST_ROWS + 6 else rows - 6)
        right = [names_of_classes(self.run, self.painter, across), *self.plane(across, upper)]
        if rows - upper >= 3:
            right += self.losses(across, rows - upper - 1)
        room = width - across - 2
        return beside(self.neurons_of(room, rows).lines(self.run.state.parameters), right, room)

    def losses(self, width: int, rows: int) -> list[Line]:
        """Draw the loss curves under a line that names them."""
        run = self.run
        seen = [entry[1] for entry in run.state.validation]
        # The loss of single batches jumps up and down, so the curve has a point for each epoch, if there are two.
        course, unit = list(map(run.epoch_loss, range(run.epochs_done))), "epoch"
        if len(course) < 2:
            course, unit = run.state.history.losses, "update"
        looks = [panels.look_of(number, self.painter) for number in range(2)]
        curves = [Course(values, key, dash=dash) for values, (key, dash) in zip((course, seen), looks, strict=True)]
        long = "training" + " + penalty" * bool(run.model.l1 or run.model.l2), "validation"
        for pair in (long, ("training", "validation"), ("train", "valid.")):
            names = heading_of_losses("loss", curves)
            for number, name in enumerate(pair[: 1 + bool(run.validation)]):
                names += [*([("  ", "")] if number else []), *panels.named(name, number, self.painter)]
            if width_of(names) <= width:
                break
        return [padded(names, width), *panels.losses(curves, width, rows, (unit, 1, len(course)))]

    def plane(self, columns: int, rows: int) -> list[Line]:
        """Draw the present output of the net over the plane of two inputs."""
        return self.plane_of(columns, 2 * rows).lines(self.run.state.parameters)

    def stills(self, width: int) -> list[Line]:
        """Draw pictures of the plane from earlier moments, side by side, each under the number of its update."""
        columns = 2 * STILL_ROWS
        count = max(1, (width + 1) // (columns + 1))
        last = len(self.moments) - 1
        result: list[Line] = [[] for _ in range(STILL_ROWS + 1)]
        for number in dict.fromkeys(self.moments[round(last * place / count)] for place in range(count)):
            if number in self.kept and number not in self.drawn:
                self.drawn[number] = self.plane_of(columns, columns, is_marked=False).lines(self.kept[number])
            block = self.drawn.get(number, [[]] * STILL_ROWS)
            label: Line = [(f"update {number}", "dim")]
            for line, more in zip(result, [label, *block], strict=True):
                line += [*padded(more, columns), (" ", "")]
        return result


def heading_of_losses(name: str, curves: list[Course]) -> Line:
    """Return the name of the numbers next to curves, with their scale."""
    scale = ", log" if panels.is_logarithmic(curves) else ""
    return [(f"{name + scale:>{panels.SCALE_COLUMNS}} ", "dim")]


class RaceView:
    """The frames of a race: the board of leaders, all curves, and for two inputs the plane of each net.

    Args:
        race: the race to show.
        painter: the painter, which tells how many colours there are.
        kind: one of `gradcli.cli.live.previews.VIEWS`.
        below: a function from the width of the screen to the number of lines that will follow the last frame.
    """

    def __init__(self, race: Race, painter: Painter, kind: str, below: Callable[[int], int]) -> None:
        self.race, self.painter, self.kind, self.below = race, painter, kind, below
        self.began = time.monotonic()
        self.colours = {one.name: colour_of(number) for number, one in enumerate(race.entrants)}
        self.plane_of = {one.name: functools.cache(functools.partial(Plane, one.run, painter)) for one in race.entrants}

    def note(self, event: Any) -> None:
        """Ignore an event: the race itself knows its state."""

    def frame(self, width: int, height: int) -> list[Line]:
        """Draw one frame of the whole screen."""
        race, run = self.race, self.race.entrants[0].run
        epochs, share, spent = race.epochs, race.share, time.monotonic() - self.began
        tail = time_text(spent, share, share)
        now = min(epochs, int(share * epochs) + 1)
        lines = [heading(run), bar(now, epochs, int(1000 * share), 1000, tail, width), *self.board(width)]
        return framed(self, lines, width, height, SMALLEST_ROWS - 2)

    def sign(self, name: str) -> Line:
        """Return the sign of an entrant: a square in its colour or, without colours, a piece of its curve."""
        if self.painter.depth:
            return [("■  ", self.colours[name])]
        return panels.named("", list(self.colours).index(name), self.painter)[:1]

    def board(self, width: int) -> list[Line]:
        """Draw a line for each entrant, the leader first."""
        run = self.race.entrants[0].run
        name = max(9, *(len(one.name) for one in self.race.entrants))
        measure = "rmse" if run.model.labels is None else "accuracy"
        head = f"   {'optimiser':<{name}}  {'rate':>7}  {'loss':>9}  "
        head += f"{'validation':>10}  {measure:>8}" if run.validation else f"{measure:>8}"
        result: list[Line] = [[(f"{head}  updates/s"[:width], "dim")]]
        for one in self.race.standings():
            settings = one.run.settings
            rate = "" if settings.takes_all else f"{settings.learning_rate:.3g}"
            line: Line = [
                *self.sign(one.name),
                (f"{one.name:<{name}}  ", "bold"),
                (f"{rate:>7}  ", ""),
            ]
            if one.failure is not None:
                line.append(("diverged", "dim"))
            elif one.epoch is not None:
                seen = one.epoch.validation
                value = measured(run, seen.measure if seen else one.epoch.measure)
                text = f"{one.epoch.loss:>9.4g}  " + (f"{seen.loss:>10.4g}  " if seen else "")
                line.append((f"{text}{value:>8}  {one.speed:>9.0f}", ""))
            result.append(line)
        return result

    def picture(self, width: int, rows: int) -> list[Line]:
        """Draw the loss curves, and to the right of them the planes of two inputs, if there is room."""
        race, run = self.race, self.race.entrants[0].run
        planes = self.map(width // 2, rows) if self.kind != "loss" and len(run.model.columns) == 2 else []
        room = width - max(map(width_of, planes)) - 2 if planes else width
        name = "validation loss" if len(run.validation) else "loss in training"
        most = max(1, *(one.epochs_done for one in race.entrants))
        # The leader's curve is on top.
        courses = [
            Course(one.course, *self.look(one.name, one.epochs_done / most)) for one in reversed(race.standings())
        ]
        scale = ", log" if panels.is_logarithmic(courses) else ""
        lines: list[Line] = [padded([(f"{'':>{panels.SCALE_COLUMNS + 1}}{name}{scale}", "dim")], room)]
        lines += panels.losses(courses, room, rows, ("epoch", 1, most))
        return beside(lines, planes, room) if planes else lines

    def look(self, name: str, share: float) -> tuple[int, float, str]:
        """Return the colour, the share of the width and the dashes of the curve of an entrant."""
        colour, dash = panels.look_of(list(self.colours).index(name), self.painter)
        return colour, share, dash

    def map(self, width: int, rows: int) -> list[Line]:
        """Draw the plane of each entrant under its name, in a grid; return nothing if there is no room."""
        entrants = self.race.entrants
        best: tuple[int, int] = (0, 1)
        for across in range(1, len(entrants) + 1):
            down = -(-len(entrants) // across)
            best = max(best, (min((rows + 1) // down - 1, ((width + 2) // across - 2) // 2), across))
        size, across = best
        if size < 3 or width < NARROWEST_PAIR // 2:
            return []
        result: list[Line] = []
        for first in range(0, len(entrants), across):
            row: list[Line] = []
            for place, one in enumerate(entrants[first : first + across]):
                # On a small picture the rows would hide the answers of the net.
                plane = self.plane_of[one.name](2 * size, 2 * size, size >= SMALLEST_MARKED)
                label: Line = [("■ ", self.colours[one.name])] if self.painter.depth else []
                label = padded([*label, (one.name, "dim")], 2 * size)
                block = [label, *plane.lines(one.run.state.parameters)]
                row = beside(row, block, place * (2 * size + 2) - 2) if place else block
            result += row
        return result
