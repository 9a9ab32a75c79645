"""A run as a film: what is shown at some of its moments, as data.

A net with two inputs shows its output over their plane, one that predicts a number from one input its curve, every
other net its loss.  The film is recorded while the net trains; only pictures are kept, and not the parameters.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from gradcli.draw.figures import certainty, grid
from gradcli.draw.palette import SERIES
from gradcli.records import NamedTuple
from gradcli.source import shortened
from gradcli.train.trainer import Step

if TYPE_CHECKING:
    from gradcli.array_types import Bytes, Floats
    from gradcli.train.run import Run
    from gradcli.train.trainer import State

__all__ = [
    "BORDER", "FIELD", "Film", "Losses", "Moment", "Recording", "Rows", "losses_of", "moments", "words_at",
]  # fmt: skip

#: The frames of a film.
FRAMES: Final = 72
#: The side of the picture of a plane in pixels.  The net is asked at one point for each square of _PIXELS pixels, and
#: its outputs are interpolated in between.
FIELD: Final = 320
_PIXELS: Final = 4
#: The points of a curve over one input.
_CURVE: Final = 160
#: At most this many rows are drawn.
_ROWS: Final = 500
#: The steps of certainty that have colours of their own, for each class; and the steps of a number.
_STEPS: Final = 8
_NUMBERS: Final = 24
#: The pixel of a border between two classes.
BORDER: Final = 0
#: Room for the losses of many epochs in a curve of so many points.
_LOSSES: Final = 240
_INK: Final = (60, 66, 72)
_PAPER: Final = (255, 255, 255)


def moments(first: int, last: int, count: int) -> list[int]:
    """Return numbers of updates, from the first to the last, that are close together at the start, where a net learns
    fastest.

    >>> moments(0, 100, 5)
    [0, 6, 25, 56, 100]
    """
    return list(dict.fromkeys(first + round((last - first) * (i / max(1, count - 1)) ** 2) for i in range(count)))


class Moment(NamedTuple):
    """One picture of a film: the net after some updates.

    Attributes:
        update: the number of updates done.
        field: for two inputs, the places of the pixels in `Film.colours`, shape (FIELD, FIELD).
        curve: for one input, the predictions at `Film.curve_x`.
    """

    update: int
    field: Bytes | None = None
    curve: Floats | None = None


class Rows(NamedTuple):
    """Rows of the data as points: (x, y) in the units of the columns, and the colour of each."""

    points: Sequence[tuple[float, float]]
    colours: Sequence[tuple[int, int, int]]


def words_at(run: Run, update: int) -> list[str]:
    """Return what is said of a run after some updates: the epoch, and the measures at it."""
    done = min(run.settings.epochs, update // run.updates_per_epoch)
    lines = [f"epoch {done} of {run.settings.epochs}, update {update}"]
    seen = [entry for entry in run.state.validation if entry[0] <= update]
    if seen:
        value, rows = seen[-1][2], "validation "
    elif 0 < update <= len(run.state.history):
        value, rows = run.state.history[update - 1].measure, ""
    else:
        return lines
    shown = f"rmse {value:.4g}" if run.model.labels is None else f"accuracy {100 * value:.1f} %"
    return [*lines, rows + shown]


#: Points (epoch, loss).
Course = list[tuple[float, float]]


class Losses(NamedTuple):
    """The losses of a run for a plot.

    Attributes:
        training: points (epoch, loss); before the second epoch is done, one for each update.
        validation: the points of the validation rows; empty without such rows.
        low, high: the ends of the axis upwards.
        is_logarithmic: whether that axis is logarithmic.
        epochs: the end of the axis of the epochs.
    """

    training: Course
    validation: Course
    low: float
    high: float
    is_logarithmic: bool
    epochs: float


def losses_of(run: Run) -> Losses:
    """Return the losses of a run; those that are not finite are left out, and many epochs are averaged in parts."""
    size = run.updates_per_epoch
    training = [(epoch + 1.0, run.epoch_loss(epoch)) for epoch in range(run.epochs_done)]
    if len(training) < 2:
        training = [(i / size, loss) for i, loss in enumerate(run.state.history.losses)]
    validation = [(entry[0] / size, entry[1]) for entry in run.state.validation]
    courses = [_thinned([point for point in points if math.isfinite(point[1])]) for points in (training, validation)]
    values = [value for points in courses for _, value in points]
    is_logarithmic = bool(values) and min(values) > 0 and max(values) > 3 * min(values)
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if high <= low:
        low, high = low - 0.5, high + 0.5
    epochs = float(max(1, run.epochs_done if run.is_over else run.settings.epochs))
    return Losses(courses[0], courses[1], low, high, is_logarithmic, epochs)


def _thinned(points: Course) -> Course:
    """Return at most `_LOSSES` points, each the mean of a part."""
    size = -(-len(points) // _LOSSES)
    parts = [points[i : i + size] for i in range(0, len(points), max(1, size))]
    return [(part[-1][0], math.fsum(value for _, value in part) / len(part)) for part in parts]


class Recording:
    """The recording of a run while it trains, at some of its moments.

    A subclass appends to `moments`, whose elements have an attribute ``update``, in `record`.

    Args:
        run: the run, in the state in which the recording begins.
        last: the update with which it ends; by default the last one of the run.
        count: how many moments are recorded, at most.
    """

    def __init__(self, run: Run, last: int | None, count: int) -> None:
        self.run = run
        self.stops = frozenset(moments(len(run.state.history), last or run.updates, count))
        self.moments: list[Any] = []

    def note(self, event: Any) -> None:
        """Record the state after an event if it is one of the `stops`; this is called very often."""
        if isinstance(event, Step) and event.update + 1 in self.stops:
            self.record(event.state)

    def finish(self) -> None:
        """Record the end of the run, whose parameters may be those of an earlier epoch."""
        if self.moments[-1].update == len(self.run.state.history):
            self.moments.pop()
        self.record(self.run.state)

    def record(self, state: State) -> None:
        """Record a state."""
        raise NotImplementedError


class Film(Recording):
    """The recording of a run as pictures.

    Args:
        run: the run, in the state in which the film begins.
        last: the update with which the film ends; by default the last one of the run.
        frames: how many moments are recorded, at most.
    """

    def __init__(self, run: Run, last: int | None = None, frames: int = FRAMES) -> None:
        import numpy as np

        super().__init__(run, last, frames)
        inputs, labels = len(run.model.columns), run.model.labels
        self.is_planar, self.is_curve = inputs == 2, inputs == 1 and labels is None
        data = run.rows.take(np.random.default_rng(0).permutation(len(run.rows))[:_ROWS])
        targets = run.rows.targets
        self.low, self.high = float(targets.min()), float(targets.max())
        self.colours = [_INK]
        if labels is None:
            self.colours += [_mixed(*_diverging(i / (_NUMBERS - 1)), 0.55) for i in range(_NUMBERS)]
        else:
            shares = [0.12 + 0.5 * i / (_STEPS - 1) for i in range(_STEPS)]
            self.colours += [_mixed(one, 1.0, share) for one in SERIES[: len(labels)] for share in shares]
        self.rows = Rows([], [])
        self.x_ends = self.y_ends = (0.0, 1.0)
        if self.is_planar:
            x, y, self.cells = grid(run.rows.inputs, FIELD // _PIXELS, FIELD // _PIXELS)
            half = (x[1] - x[0]) / 2, (y[0] - y[1]) / 2
            self.x_ends = float(x[0] - half[0]), float(x[-1] + half[0])
            self.y_ends = float(y[-1] - half[1]), float(y[0] + half[1])
            if labels is None:
                shades = (data.targets - self.low) / max(self.high - self.low, 1e-300)
                colours = [_mixed(*_diverging(float(share)), 1.0) for share in shades]
            else:
                colours = [SERIES[int(index) % len(SERIES)] for index in data.targets]
            self.rows = Rows([(float(a), float(b)) for a, b in data.inputs], colours)
        elif self.is_curve:
            values = run.rows.inputs[:, 0]
            self.x_ends = _wider(float(values.min()), float(values.max()), 0.03)
            self.y_ends = _wider(self.low, self.high, 0.12)
            self.cells = np.linspace(*self.x_ends, _CURVE)[:, None]
            points = zip(data.inputs[:, 0].tolist(), data.targets.tolist(), strict=True)
            self.rows = Rows(list(points), [SERIES[0]] * len(data))
        self.record(run.state)

    @property
    def curve_x(self) -> list[float]:
        """The places of the points of a curve."""
        return [float(x) for x in self.cells[:, 0]]

    @property
    def names(self) -> tuple[str, str]:
        """The names of the axes of the picture."""
        columns = [shortened(one) for one in self.run.model.columns]
        return (columns[0], columns[1] if self.is_planar else shortened(self.run.model.target))

    def record(self, state: State) -> None:
        """Record what is seen now."""
        import numpy as np

        from gradcli.train.engines.base import outputs_of

        update = len(state.history)
        if not (self.is_planar or self.is_curve):
            self.moments.append(Moment(update))
            return
        run = self.run
        with np.errstate(all="ignore"):
            scores = outputs_of(run.engine, run.model, state.parameters, self.cells)
            if self.is_curve:
                self.moments.append(Moment(update, curve=run.model.numbers(scores)))
            else:
                self.moments.append(Moment(update, self._field(scores)))

    def _field(self, scores: Floats) -> Bytes:
        """Return the pixels of the plane for the outputs at its cells."""
        import numpy as np

        side = FIELD // _PIXELS
        fine = _finer(np.nan_to_num(scores).reshape(side, side, -1)).reshape(FIELD * FIELD, -1)
        if self.run.model.labels is None:
            shares = (self.run.model.numbers(fine) - self.low) / max(self.high - self.low, 1e-300)
            steps = np.rint(np.clip(np.nan_to_num(shares), 0, 1) * (_NUMBERS - 1)).astype(np.uint8) + 1
            return steps.reshape(FIELD, FIELD)
        classes, sure = certainty(self.run.model, fine)
        levels = np.rint(sure * (_STEPS - 1)).astype(np.uint8)
        pixels = (classes % len(SERIES)).astype(np.uint8) * _STEPS + levels + 1
        pixels, classes = pixels.reshape(FIELD, FIELD), classes.reshape(FIELD, FIELD)
        borders = np.zeros((FIELD, FIELD), bool)
        borders[1:] |= classes[1:] != classes[:-1]
        borders[:, 1:] |= classes[:, 1:] != classes[:, :-1]
        pixels[borders] = BORDER
        return pixels


def _finer(values: Floats) -> Floats:
    """Interpolate between the cells of a grid, shape (rows, columns, outputs)."""
    import numpy as np

    for axis in (0, 1):
        count = values.shape[axis]
        place = np.clip((np.arange(count * _PIXELS) + 0.5) / _PIXELS - 0.5, 0, count - 1)
        left = np.minimum(place.astype(int), count - 2)
        share = (place - left).reshape([-1, 1, 1] if axis == 0 else [1, -1, 1])
        values = np.take(values, left, axis) * (1 - share) + np.take(values, left + 1, axis) * share
    return values


def _wider(low: float, high: float, share: float) -> tuple[float, float]:
    more = share * (high - low) if high > low else 0.5
    return low - more, high + more


def _diverging(share: float) -> tuple[tuple[int, int, int], float]:
    """Return the colour of a number and how strong it is: blue for 0, white for 1/2, orange for 1."""
    return SERIES[int(share > 0.5)], abs(2 * share - 1)


def _mixed(colour: tuple[int, int, int], strength: float, share: float) -> tuple[int, int, int]:
    """Return a mixture of a colour and white."""
    weight = strength * share
    red, green, blue = (round(weight * one + (1 - weight) * white) for one, white in zip(colour, _PAPER, strict=True))
    return red, green, blue
