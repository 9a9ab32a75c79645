"""The figures of the page of a run: the losses, the rows as points, and the mistakes of the net."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gradcli.draw.film import losses_of
from gradcli.draw.palette import SERIES
from gradcli.draw.ticks import logarithmic_ticks
from gradcli.markup import escaped
from gradcli.pages.plot_frame import Frame, figure, path
from gradcli.records import NamedTuple
from gradcli.source import shortened

if TYPE_CHECKING:
    from gradcli.array_types import Array, Floats
    from gradcli.train.run import Run

__all__ = ["LossFigure", "ShownRows", "agreement", "confusion_table", "loss_figure", "plane", "shown_rows"]

#: A page has at most this many rows, and this many of their numbers.
_ROWS: Final = 500
_NUMBERS: Final = 20_000
#: The margin around the points, as a share of their extent.
_MARGIN: Final = 0.08
#: A larger confusion matrix is not shown.
_CLASSES: Final = 30
#: The parts of the rows, and the shape of their points around the origin; the first is a circle.
_PARTS: Final = ("training", "validation", "test")
_SHAPES: Final = ("", "M-5.5 0L0-5.5L5.5 0L0 5.5z", "M-5 4.5H5L0-5z")


class LossFigure(NamedTuple):
    """The plot of the losses as HTML, and its frame."""

    html: str
    frame: Frame


def loss_figure(run: Run) -> LossFigure:
    """Return the plot of the losses of a run, with a line that marks a moment."""
    losses = losses_of(run)
    low, high = losses.low, losses.high
    up: list[tuple[float, str]] | None = None
    if losses.is_logarithmic:
        up = [(math.log10(value), text) for value, text in logarithmic_ticks(low, high)]
        low, high = math.log10(low), math.log10(high)
    margin = 0.04 * (high - low)
    frame = Frame(0.0, losses.epochs, low - margin, high + margin)
    curves, legend = [], []
    name = "training with penalty" if run.model.l1 or run.model.l2 else "training"
    # The second colour and the dashes tell the curves apart in print, too.
    for words, course, look in (
        (name, losses.training, "series-0"),
        ("validation", losses.validation, "series-5 dashed"),
    ):
        if course:
            y = [math.log10(value) if losses.is_logarithmic else value for _, value in course]
            curves.append(f'<path class="curve {look}" d="{path(frame, [x for x, _ in course], y)}"/>\n')
            legend.append(f"<li>{_line(look)}{words}</li>")
    axis = "loss, logarithmic" if losses.is_logarithmic else "loss"
    cursor = '<line id="cursor" class="cursor" y1="0" y2="100%" x1="100%" x2="100%"/>'
    html = figure(frame, ("epoch", axis), f"{axis}, by epoch", curves, [cursor], "loss-plot", up)
    return LossFigure(f'<ul class="legend">{"".join(legend)}</ul>\n{html}', frame)


def _line(look: str) -> str:
    return f'<svg class="line-key" viewBox="0 0 28 8" aria-hidden="true"><path class="curve {look}" d="M0 4H28"/></svg>'


@dataclass(frozen=True)
class ShownRows:
    """The rows in a page.

    Attributes:
        inputs: their inputs, shape (rows, columns).
        targets: their targets.
        parts: the part of each: 0 for training, 1 for validation, 2 for test.
    """

    inputs: Array
    targets: Floats
    parts: Sequence[int]

    def __len__(self) -> int:
        return len(self.parts)

    @property
    def start(self) -> int:
        """The row that the page shows first: one that the net hasn't learnt from, if there is one."""
        return self.parts.index(1) if 1 in self.parts else 0

    def data(self) -> dict[str, Any]:
        """Return the rows for the scripts of the page."""
        return {"inputs": self.inputs.tolist(), "targets": self.targets.tolist(), "parts": [*self.parts]}

    def figure(self, run: Run, frame: Frame) -> str:
        """Return the rows as points in a frame, with their legend, as HTML."""
        model = run.model
        is_curve = len(model.columns) == 1
        vertical = self.targets if is_curve else self.inputs[:, 1]
        low, high = float(run.rows.targets.min()), float(run.rows.targets.max())
        marks = []
        for x, y, target, part in zip(
            self.inputs[:, 0].tolist(), vertical.tolist(), self.targets.tolist(), self.parts, strict=True
        ):
            if model.labels is not None:
                look = f'class="row series-{int(target) % len(SERIES)}"'
            elif is_curve:
                look = f'class="row series-{5 if part else 0}"'
            else:
                look = f'class="row shaded shade-{_shade((target - low) / ((high - low) or 1.0))}"'
            marks.append(_mark(frame, x, y, part, look))
        names = model.columns[0], shortened(model.target if is_curve else model.columns[1])
        curves = ['<path id="curve" class="curve net" d=""/>'] if is_curve else []
        about = f"predictions for {' and '.join(model.columns)}, and the rows"
        return f"{self._legend(run)}{figure(frame, (shortened(names[0]), names[1]), about, curves, marks)}"

    def _legend(self, run: Run) -> str:
        labels = run.model.labels or ()
        items = [
            f'<li><span class="swatch series-{place % len(SERIES)}"></span>{escaped(label)}</li>'
            for place, label in enumerate(labels)
        ]
        if run.model.labels is None and len(run.model.columns) == 2:
            low, high = float(run.rows.targets.min()), float(run.rows.targets.max())
            name = escaped(shortened(run.model.target))
            items = [
                f'<li><span class="swatch series-{place}"></span>{name} {value:.4g}</li>'
                for place, value in enumerate((low, high))
            ]
        return f'<ul class="legend">{"".join([*items, *parts_legend(self.parts)])}</ul>\n'


def parts_legend(parts: Sequence[int]) -> Iterator[str]:
    """Yield the items of a legend of the shapes of points."""
    for part in sorted({*parts}):
        shape = f'<path d="{_SHAPES[part]}"/>' if part else '<circle r="4.5"/>'
        yield f'<li><svg class="shape-key" viewBox="-7 -7 14 14" aria-hidden="true">{shape}</svg>{_PARTS[part]}</li>'


def _mark(frame: Frame, x: float, y: float, part: int, look: str) -> str:
    """Return a row as a point, whose shape shows the part of the rows."""
    if part:
        return f'<svg {look} x="{frame.across(x)}" y="{frame.down(y)}"><path d="{_SHAPES[part]}"/></svg>'
    return f'<circle {look} cx="{frame.across(x)}" cy="{frame.down(y)}" r="4"/>'


def _shade(share: float) -> int:
    """Return the class of the colour of a number between the least and the largest, which are blue and orange."""
    return round(8 * min(1.0, max(0.0, share))) if math.isfinite(share) else 4


def shown_rows(run: Run) -> ShownRows:
    """Return the rows that a page has: all, or so many that are evenly spread over each part."""
    import numpy as np

    parts = [run.training, run.validation, run.test]
    count = sum(map(len, parts))
    most = min(_ROWS, max(1, _NUMBERS // max(1, len(run.model.columns))), count)
    inputs, targets, places = [], [], []
    for place, part in enumerate(parts):
        if not len(part):
            continue
        share = len(part) if most == count else max(1, most * len(part) // count)
        chosen = np.unique(np.linspace(0, len(part) - 1, share).round().astype(np.intp))
        inputs.append(part.inputs[chosen])
        targets.append(part.targets[chosen])
        places += [place] * len(chosen)
    return ShownRows(np.concatenate(inputs), np.concatenate(targets), places)


def plane(run: Run) -> Frame | None:
    """Return the part of the plane that the page shows; None for a net without a picture of its function, and for a
    plane so wide that its width is not a number."""
    import numpy as np

    model = run.model
    columns, is_number = len(model.columns), model.labels is None
    if columns > 2 or (columns == 1 and not is_number):
        return None
    rows = [part for part in (run.training, run.validation, run.test) if len(part)]
    inputs = np.concatenate([part.inputs for part in rows])
    if columns == 1:
        inputs = np.column_stack([inputs, np.concatenate([part.targets for part in rows])])
    low, high = inputs.min(axis=0), inputs.max(axis=0)
    with np.errstate(over="ignore"):
        margin = _MARGIN * np.where(high > low, high - low, 1.0)
        if not np.isfinite(high - low + 2 * margin).all():
            return None
    (left, bottom), (right, top) = (low - margin).tolist(), (high + margin).tolist()
    return Frame(left, right, bottom, top)


def confusion_table(labels: Sequence[str], matrix: Sequence[Sequence[int]], target: str) -> str:
    """Return how often each class (row) was predicted as each class (column), as HTML."""
    if len(labels) > _CLASSES:
        return f"<p>A table of {len(labels)} classes would be too large for this page.</p>"
    heads = "".join(f'<th scope="col">{escaped(shortened(label))}</th>' for label in labels)
    rows = []
    for place, (label, counts) in enumerate(zip(labels, matrix, strict=True)):
        looks = ["right" if place == column else "wrong" for column in range(len(counts))]
        cells = "".join(
            f'<td class="{look if count else ""}">{count}</td>' for look, count in zip(looks, counts, strict=True)
        )
        rows.append(f'<tr><th scope="row">{escaped(shortened(label))}</th>{cells}</tr>')
    about = f"{shortened(target)} (rows) and the prediction (columns), at the end of the run"
    head = f"<tr><td></td>{heads}</tr>"
    table = f'<table class="confusion">\n{head}\n{chr(10).join(rows)}\n</table>'
    return f'<p>{escaped(about)}</p>\n<div class="scroller">{table}</div>'


def agreement(run: Run, rows: ShownRows) -> str:
    """Return the predictions against the targets as points; those of a perfect net are on the diagonal."""
    import numpy as np

    with np.errstate(all="ignore"):
        predicted = run.model.numbers(run.outputs(rows.inputs))
    finite = np.isfinite(predicted)
    both = np.concatenate([predicted[finite], rows.targets])
    low, high = float(both.min()), float(both.max())
    margin = 0.05 * (high - low) or 1.0
    if not math.isfinite(high - low + 2 * margin):
        return "<p>The numbers are too large for a plot.</p>"
    frame = Frame(low - margin, high + margin, low - margin, high + margin)
    marks = [
        _mark(frame, target, value, part, f'class="row series-{5 if part else 0}"')
        for target, value, part in zip(rows.targets.tolist(), predicted.tolist(), rows.parts, strict=True)
        if math.isfinite(value)
    ]
    diagonal = '<path class="curve thin net" d="M0 1000L1000 0"/>'
    name = shortened(run.model.target)
    drawn = figure(frame, (name, "prediction"), "predictions against targets", [diagonal], marks, "agreement")
    return f'<ul class="legend">{"".join(parts_legend(rows.parts))}</ul>\n{drawn}'
