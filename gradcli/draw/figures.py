"""Figures of trained nets as SVG, PNG or PDF: the decision boundary, the loss, and the mistakes of the net.

A figure is drawn with objects of matplotlib, not with its global state, and written without dates, random identifiers
or versions, so that equal runs give equal bytes.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradcli.draw.palette import SERIES
from gradcli.errors import UnavailableError, missing_extra
from gradcli.files import format_of
from gradcli.source import shortened
from gradcli.train.metrics import confusion
from gradcli.train.model.objectives import chosen

if TYPE_CHECKING:
    from gradcli.array_types import Floats, Indices
    from gradcli.train.data.rows import Data
    from gradcli.train.model.model import Model
    from gradcli.train.race import Race
    from gradcli.train.run import Run

__all__ = ["FORMATS", "certainty", "check_plot", "figure", "grid", "race_figure"]

FORMATS = ("svg", "png", "pdf")
SIDE = 160
LARGEST = 1e300


def check_plot(path: str) -> str:
    """Return the format of a figure by the name of its file; refuse a figure that can't be drawn.

    Raises:
        UsageError: the suffix of the name is not a format of figures.
        UnavailableError: matplotlib is not installed.

    >>> check_plot("boundary.svg")
    'svg'
    """
    form = format_of(path, FORMATS, "figure")
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise missing_extra("matplotlib", "plot", "drawing a figure") from None
    return form


def grid(inputs: Floats, columns: int, rows: int, margin: float = 0.08) -> tuple[Floats, Floats, Floats]:
    """Return the centres of the cells of a grid over all points.

    Returns three arrays: the x of the columns, the y of the rows from the top, and the centres row by row, shape
    (cells, 2).

    Args:
        inputs: the points, shape (points, 2).
        columns, rows: the numbers of cells.
        margin: the margin around the points, as a share of their extent.

    >>> import numpy as np
    >>> x, y, centres = grid(np.array([[0.0, 0.0], [1.0, 2.0]]), 2, 2, margin=0)
    >>> x.tolist(), y.tolist(), centres[0].tolist()
    ([0.25, 0.75], [1.5, 0.5], [0.25, 1.5])
    """
    import numpy as np

    low, high = inputs.min(axis=0), inputs.max(axis=0)
    extent = np.where(high > low, high - low, 1.0)
    low, high = low - margin * extent, high + margin * extent
    x = low[0] + (high[0] - low[0]) * (np.arange(columns) + 0.5) / columns
    y = high[1] - (high[1] - low[1]) * (np.arange(rows) + 0.5) / rows
    return x, y, np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


def certainty(model: Model, scores: Floats) -> tuple[Indices, Floats]:
    """Return the predicted class for each row of outputs, and how certain it is, from 0 (undecided) to 1.

    If the loss defines no probabilities (hinge, mse), a prediction with a margin of 1 or more counts as certain.
    """
    import numpy as np

    with np.errstate(all="ignore"):
        if scores.shape[1] == 1:
            lead = np.abs(scores[:, 0])
        else:
            second, first = np.sort(scores, axis=1)[:, -2:].T
            lead = first - second
        sure = np.tanh(lead / 2) if model.loss_function.probabilities else np.minimum(1, lead)
        return chosen(scores), np.nan_to_num(sure)


def figure(run: Run, form: str) -> bytes:
    """Draw the figure of a run, and return the bytes of a file.

    On the left, a net with two inputs is shown by its predictions and the points; a net that predicts a number from one
    input is shown by its curve.  In the middle is the loss.  On the right is the confusion matrix of a classifier; if
    the targets are numbers, the predictions are drawn against the targets.

    Args:
        run: the run, in its current state.
        form: one of `FORMATS`.

    Raises:
        UnavailableError: a number is too large for an axis.
    """
    check_numbers(run.training)
    check_numbers(run.validation)
    inputs, is_number = len(run.model.columns), run.model.labels is None
    has_map = inputs == 2 or (inputs == 1 and is_number)

    def draw(drawing: Any) -> None:
        drawing.suptitle(plain(run.rows.name), weight="bold")
        axes = drawing.subplots(1, 2 + has_map, squeeze=False)[0]
        if has_map:
            (draw_boundary if inputs == 2 else draw_fit)(axes[0], run)
        draw_losses(axes[-2], run)
        (draw_agreement if is_number else draw_confusion)(axes[-1], run)

    return drawn(draw, (4.6 * (2 + has_map), 4.0), form)


def race_figure(race: Race, form: str) -> bytes:
    """Draw the figure of a race: the losses that decide it and, for two inputs, the decision boundary of each net.

    Raises:
        UnavailableError: a number is too large for an axis.
    """
    first = race.entrants[0].run
    check_numbers(first.data)
    planar = len(first.model.columns) == 2

    def draw(drawing: Any) -> None:
        left, right = drawing.subfigures(1, 2) if planar else (drawing, None)
        axes = left.subplots()
        for number, one in enumerate(race.entrants):
            course = one.course
            name = one.name + (" (diverged)" if one.failure is not None else "")
            axes.plot(range(1, len(course) + 1), course, color=colour(number), label=name)
        if all(value > 0 for one in race.entrants for value in one.course):
            axes.set_yscale("log")
        name = "validation loss" if len(first.validation) else "loss in training"
        axes.set(xlabel="epoch", ylabel=name, title=f"{plain(first.data.name)}: {name}")
        axes.grid(alpha=0.25)
        axes.legend()
        if right is None:
            return
        across = math.ceil(math.sqrt(len(race.entrants)))
        places = right.subplots(-(-len(race.entrants) // across), across, squeeze=False).ravel()
        for axes, one in zip(places, race.entrants, strict=False):
            draw_boundary(axes, one.run, bare=True)
            axes.set_title(one.name)
        for axes in places[len(race.entrants) :]:
            axes.axis("off")

    return drawn(draw, (9.2, 4.0) if planar else (5.2, 4.0), form)


def check_numbers(data: Data) -> None:
    """Raise an error if the data has a number that is too large for an axis of matplotlib."""
    import numpy as np

    largest = max([np.abs(array).max() for array in (data.inputs, data.targets) if array.size], default=0.0)
    if largest > LARGEST:
        raise UnavailableError(
            f"a figure can't show numbers as large as {largest:.3g}",
            kind="renderer_failed",
            hint="divide the columns by a power of ten",
        )


def drawn(draw: Callable[[Any], None], size: tuple[float, float], form: str) -> bytes:
    """Call ``draw`` with an empty figure, and return the figure as the bytes of a file; the size is in inches."""
    import warnings

    import matplotlib as mpl
    import numpy as np
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    settings: dict[Any, Any] = {
        "svg.hashsalt": "gradcli",
        "svg.fonttype": "path",
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": 10,
        "path.simplify": True,
        "font.family": "DejaVu Sans",
        "legend.framealpha": 0.85,
    }
    with mpl.rc_context(settings), np.errstate(all="ignore"), warnings.catch_warnings():
        # The margins that matplotlib computes for very large numbers are not finite.
        warnings.simplefilter("ignore")
        drawing = Figure(figsize=size, layout="constrained")
        FigureCanvasAgg(drawing)
        draw(drawing)
        buffer = io.BytesIO()
        metadata: dict[str, None] = {"png": {"Software": None}, "svg": {"Date": None, "Creator": None}}.get(
            form, {"CreationDate": None, "ModDate": None, "Creator": None, "Producer": None}
        )
        # With a white background, a figure can be read in a dark viewer, too.
        drawing.savefig(buffer, format=form, dpi=144, metadata=metadata, facecolor="white")
        return buffer.getvalue()


def ramp(*colours: Any) -> Any:
    """Return a map from the numbers between 0 and 1 to colours between the given colours."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("gradcli", list(colours))


def colour(index: int) -> tuple[float, float, float]:
    """Return the colour of a class, with components from 0 to 1."""
    red, green, blue = SERIES[index % len(SERIES)]
    return red / 255, green / 255, blue / 255


def draw_boundary(axes: Any, run: Run, *, bare: bool = False) -> None:
    """Draw the points over a plane coloured by the net's predictions; if ``bare``, there are no axes and no legend."""
    import numpy as np

    model, data, validation = run.model, run.training, run.validation
    everything = np.concatenate([data.inputs, validation.inputs])
    x, y, centres = grid(everything, SIDE, SIDE)
    scores = run.outputs(centres)
    half_x, half_y = (x[1] - x[0]) / 2, (y[0] - y[1]) / 2
    extent = (x[0] - half_x, x[-1] + half_x, y[-1] - half_y, y[0] + half_y)
    # The more points there are, the smaller they are drawn.
    size = (9 if bare else 18) * min(1.0, max(0.15, 300 / max(1, len(everything))))
    style: dict[str, Any] = {"s": size, "edgecolors": "white", "linewidths": 0.6 if size > 8 else 0.3}
    kinds = ((data, "o"), (validation, "D"))
    if model.labels is None:
        values = model.numbers(scores).reshape(SIDE, SIDE)
        targets = np.concatenate([data.targets, validation.targets])
        diverging = ramp(colour(0), (0.96, 0.96, 0.96), colour(1))
        scale: dict[str, Any] = {"cmap": diverging, "vmin": targets.min(), "vmax": targets.max()}
        shown = axes.imshow(values, extent=extent, aspect="auto", interpolation="bilinear", **scale)
        if not bare:
            axes.figure.colorbar(shown, ax=axes, label=plain(model.target))
        # Without a dark edge, a point would be invisible where prediction and target agree.
        for rows, shape in kinds:
            axes.scatter(*rows.inputs.T, c=rows.targets, marker=shape, **scale, **{**style, "edgecolors": "#444444"})
    else:
        classes, sure = certainty(model, scores)
        colours = np.array([colour(index) for index in range(len(model.labels))])
        weight = (0.12 + 0.38 * sure)[:, None]
        picture = 1 - weight + weight * colours[classes]
        axes.imshow(picture.reshape(SIDE, SIDE, 3), extent=extent, aspect="auto", interpolation="bilinear")
        for lead in leads(scores):
            if np.isfinite(lead).all() and lead.min() < 0 < lead.max():
                axes.contour(x, y, lead.reshape(SIDE, SIDE), levels=[0], colors="black", linewidths=0.8)
        for index, label in enumerate(model.labels):
            for rows, shape in kinds:
                points = rows.inputs[rows.targets == index]
                name = plain(label) if shape == "o" else None
                axes.scatter(*points.T, color=[colour(index)], marker=shape, label=name, **style)
        if not bare:
            axes.legend(title=plain(model.target), loc="best")
    axes.set(xlim=extent[:2], ylim=extent[2:])
    if bare:
        axes.set(xticks=[], yticks=[])
        return
    title = "decision boundary" if model.labels else "prediction"
    title += " (diamonds: validation)" if len(validation) else ""
    axes.set(xlabel=plain(model.columns[0]), ylabel=plain(model.columns[1]), title=title)


def draw_rows(axes: Any, run: Run, places: Callable[[Data], tuple[Floats, Floats]], **style: Any) -> None:
    """Draw a point for each row; rows for training have one colour, rows for validation another.

    Args:
        places: a function that takes rows and returns the x and the y of their points.
    """
    for index, (name, rows) in enumerate((("training", run.training), ("validation", run.validation))):
        if len(rows):
            axes.scatter(*places(rows), color=[colour(index)], label=name, linewidths=0, **style)


def draw_fit(axes: Any, run: Run) -> None:
    """Draw the curve of a net with one input over the points."""
    import numpy as np

    model = run.model
    everything = np.concatenate([run.training.inputs, run.validation.inputs])[:, 0]
    draw_rows(axes, run, lambda rows: (rows.inputs[:, 0], rows.targets), s=12)
    x = np.linspace(everything.min(), everything.max(), 4 * SIDE)
    values = model.numbers(run.outputs(x[:, None]))
    axes.plot(x, values, color="black", linewidth=1.4, label="net")
    axes.set(xlabel=plain(model.columns[0]), ylabel=plain(model.target), title="prediction")
    axes.legend()


def draw_confusion(axes: Any, run: Run) -> None:
    """Draw how often each class (row) was predicted as each class (column), on the validation rows if there are any."""
    import numpy as np

    model = run.model
    assert model.labels is not None
    name, rows = ("validation", run.validation) if len(run.validation) else ("training", run.training)
    count = len(model.labels)
    matrix = confusion(rows.targets.astype(np.intp), chosen(run.outputs(rows.inputs)), count)
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    # Right predictions are blue, wrong ones orange.  The square root makes a single error among many rows visible.
    cells = np.sqrt(shares) * np.where(np.eye(count), -1, 1)
    axes.imshow(cells, cmap=ramp(colour(0), "white", colour(1)), vmin=-1, vmax=1, interpolation="nearest")
    for (row, column), number in np.ndenumerate(matrix):
        if number:
            text = "white" if row == column and shares[row, column] > 0.3 else "black"
            axes.text(column, row, str(number), ha="center", va="center", color=text, fontsize=9 if count < 12 else 6)
    names = [plain(label)[:12] for label in model.labels]
    turn = 45 if max(map(len, names)) > 4 and count > 3 else 0
    axes.set_xticks(range(count), names, rotation=turn, ha="right" if turn else "center")
    axes.set_yticks(range(count), names)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(True)
    axes.spines[:].set_color("#cccccc")
    axes.set(xlabel="prediction", ylabel=plain(model.target), title=f"confusion, {name}")


def leads(scores: Floats) -> list[Floats]:
    """Return the lead of each class: the score of the class minus the largest other score.

    On the boundary of a class, the lead of this class is 0.  If a net has a single score, the score is the lead.
    """
    import numpy as np

    if scores.shape[1] == 1:
        return [scores[:, 0]]
    with np.errstate(all="ignore"):
        return [scores[:, index] - np.delete(scores, index, axis=1).max(axis=1) for index in range(scores.shape[1])]


def draw_agreement(axes: Any, run: Run) -> None:
    """Draw predictions against targets; the points of a perfect net are on the diagonal."""
    model = run.model
    draw_rows(axes, run, lambda rows: (rows.targets, model.numbers(run.outputs(rows.inputs))), s=14, alpha=0.7)
    axes.axline((model.target_mean, model.target_mean), slope=1, color="grey", linewidth=0.8)
    target = plain(model.target)
    axes.set(xlabel=f"{target} in the table", ylabel=f"{target} predicted", title="prediction against target")
    axes.legend()


def draw_losses(axes: Any, run: Run) -> None:
    """Draw the loss against the epoch, on a logarithmic scale if every loss is positive."""
    model, updates_per_epoch = run.model, run.updates_per_epoch
    losses, validation = run.state.history.losses, run.state.validation
    name = "training + penalty" if model.l1 or model.l2 else "training"
    epochs = [update / updates_per_epoch for update in range(len(losses))]
    noisy = updates_per_epoch > 1
    label = f"{name}, each batch" if noisy else name
    axes.plot(epochs, losses, color=colour(0), linewidth=0.6 if noisy else 1.4, alpha=0.55 if noisy else 1, label=label)
    if noisy:
        means = [run.epoch_loss(epoch) for epoch in range(-(-len(losses) // updates_per_epoch))]
        axes.plot([index + 0.5 for index in range(len(means))], means, color=colour(0), label=f"{name}, each epoch")
    if validation:
        measured = [entry[0] / updates_per_epoch for entry in validation]
        axes.plot(measured, [entry[1] for entry in validation], color=colour(1), label="validation")
    if all(value > 0 for value in losses) and all(entry[1] > 0 for entry in validation):
        axes.set_yscale("log")
    axes.set(xlabel="epoch", ylabel="loss", title="loss before each update")
    axes.grid(alpha=0.25)
    if noisy or validation:
        axes.legend()


def plain(text: str) -> str:
    """Return a user's name with escapes, so that matplotlib shows it literally.

    Without an escape, a dollar sign would begin a formula.
    """
    return shortened(text).replace("$", r"\$")
