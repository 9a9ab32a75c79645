"""Figures of a trained net: decision boundary (for two inputs) and loss curve, as SVG, PNG or PDF.

A figure is drawn with matplotlib's objects, not with its global state, and written without dates, random identifiers
or versions: equal runs give equal bytes.
"""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

from gradcli.errors import missing_extra
from gradcli.files import format_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gradcli.train.checkpoint import Checkpoint
    from gradcli.train.data import Data
    from gradcli.train.engines import Engine
    from gradcli.train.model import Model
    from gradcli.train.trainer import State

    Floats = NDArray[np.float64]

__all__ = ["FORMATS", "PALETTE", "certainty", "check_plot", "figure", "grid"]

FORMATS = ("svg", "png", "pdf")
# Blue and orange first: the pair that every kind of colour vision tells apart (Okabe and Ito, 2008).
PALETTE: tuple[tuple[int, int, int], ...] = (
    (0, 114, 178),
    (230, 159, 0),
    (0, 158, 115),
    (204, 121, 167),
    (86, 180, 233),
    (213, 94, 0),
    (240, 228, 66),
    (120, 120, 120),
)
SIDE = 160


def check_plot(path: str) -> str:
    """The format that the name of a figure's file asks for, once it is sure that it can be drawn.

    Raises:
        UsageError: another suffix.
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


def grid(inputs: Floats, columns: int, rows: int, margin: float = 0.08) -> tuple[Floats, Floats]:
    """The centres of the cells of a grid over all points: x of its columns, and y of its rows from the top.

    Args:
        inputs: points, shape (points, 2).
        columns, rows: number of cells.
        margin: is left around the points, as a share of their extent.

    >>> import numpy as np
    >>> x, y = grid(np.array([[0.0, 0.0], [1.0, 2.0]]), 2, 2, margin=0)
    >>> x.tolist(), y.tolist()
    ([0.25, 0.75], [1.5, 0.5])
    """
    import numpy as np

    low, high = inputs.min(axis=0), inputs.max(axis=0)
    extent = np.where(high > low, high - low, 1.0)
    low, high = low - margin * extent, high + margin * extent
    x = low[0] + (high[0] - low[0]) * (np.arange(columns) + 0.5) / columns
    y = high[1] - (high[1] - low[1]) * (np.arange(rows) + 0.5) / rows
    return x, y


def certainty(model: Model, scores: Floats) -> tuple[NDArray[np.intp], Floats]:
    """For each row of outputs the class it speaks for and how much, from 0 (undecided) to 1.

    Outputs without probabilities (hinge, mse) count as certain from a margin of 1 on.
    """
    import numpy as np

    with np.errstate(all="ignore"):
        if scores.shape[1] == 1:
            score = scores[:, 0]
            sure = np.abs(np.tanh(score / 2)) if model.loss_function.probabilities else np.minimum(1, np.abs(score))
            return (score > 0).astype(np.intp), np.nan_to_num(sure)
        ordered = np.sort(scores, axis=1)
        lead = ordered[:, -1] - ordered[:, -2]
        sure = np.tanh(lead / 2) if model.loss_function.probabilities else np.minimum(1, lead)
        return np.argmax(scores, axis=1), np.nan_to_num(sure)


def figure(
    checkpoint: Checkpoint, engine: Engine, data: Data, validation: Data, form: str, updates_per_epoch: int
) -> bytes:
    """The figure of a run as the bytes of a file.

    Two inputs give the decision boundary (or, for a number, the surface) with the points; other nets that predict a
    number show prediction against target.  The loss curve is always there.

    Args:
        data: the rows that were trained on; ``validation`` those set aside, possibly none.
        form: one of `FORMATS`.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    model, state = checkpoint.model, checkpoint.state
    planar = len(model.columns) == 2
    panels = 2 if planar or model.labels is None else 1
    settings: dict[Any, Any] = {
        "svg.hashsalt": "gradcli",
        "svg.fonttype": "path",
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "path.simplify": True,
        "font.family": "DejaVu Sans",
    }
    with mpl.rc_context(settings):
        drawing = Figure(figsize=(4.8 * panels, 4.0), layout="constrained")
        FigureCanvasAgg(drawing)
        axes = drawing.subplots(1, panels, squeeze=False)[0]
        if planar:
            draw_boundary(axes[0], model, engine, state.parameters, data, validation)
        elif panels == 2:
            draw_agreement(axes[0], model, engine, state.parameters, data, validation)
        draw_losses(axes[-1], model, state, updates_per_epoch)
        buffer = io.BytesIO()
        metadata: dict[str, None] = {"png": {"Software": None}, "svg": {"Date": None, "Creator": None}}.get(
            form, {"CreationDate": None, "ModDate": None, "Creator": None, "Producer": None}
        )
        drawing.savefig(buffer, format=form, dpi=144, metadata=metadata, facecolor="white")
        return buffer.getvalue()


def colour(index: int) -> tuple[float, float, float]:
    """The colour of a class, components from 0 to 1."""
    red, green, blue = PALETTE[index % len(PALETTE)]
    return red / 255, green / 255, blue / 255


def draw_boundary(axes: Any, model: Model, engine: Engine, parameters: Floats, data: Data, validation: Data) -> None:
    """The plane in the colours of what the net says there, with the points on it."""
    import numpy as np

    everything = np.concatenate([data.inputs, validation.inputs])
    x, y = grid(everything, SIDE, SIDE)
    plane = np.stack([np.tile(x, SIDE), np.repeat(y, SIDE)], axis=1)
    scores = engine.predict(parameters, model.scaled(plane))
    half_x, half_y = (x[1] - x[0]) / 2, (y[0] - y[1]) / 2
    extent = (x[0] - half_x, x[-1] + half_x, y[-1] - half_y, y[0] + half_y)
    if model.labels is None:
        values = (scores[:, 0] * model.target_scale + model.target_mean).reshape(SIDE, SIDE)
        shown = axes.imshow(values, extent=extent, aspect="auto", cmap="viridis", interpolation="bilinear")
        axes.figure.colorbar(shown, ax=axes, label=model.target)
        limits = shown.get_clim()
        for rows, shape in ((data, "o"), (validation, "D")):
            axes.scatter(
                *rows.inputs.T,
                c=rows.targets,
                cmap="viridis",
                vmin=limits[0],
                vmax=limits[1],
                s=18,
                marker=shape,
                edgecolors="white",
                linewidths=0.6,
            )
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
            for rows, shape in ((data, "o"), (validation, "D")):
                points = rows.inputs[rows.targets == index]
                axes.scatter(
                    *points.T,
                    color=colour(index),
                    s=18,
                    marker=shape,
                    edgecolors="white",
                    linewidths=0.6,
                    label=plain(label) if shape == "o" else None,
                )
        axes.legend(title=plain(model.target), loc="best", framealpha=0.85)
    axes.set(xlim=extent[:2], ylim=extent[2:])
    axes.set_xlabel(plain(model.columns[0]))
    axes.set_ylabel(plain(model.columns[1]))
    axes.set_title(f"{plain(data.name)}: decision boundary" if model.labels else f"{plain(data.name)}: prediction")


def leads(scores: Floats) -> list[Floats]:
    """For each border to draw, by how much a class is ahead of all others: positive on its side, 0 on the border."""
    import numpy as np

    if scores.shape[1] == 1:
        return [scores[:, 0]]
    with np.errstate(all="ignore"):
        return [scores[:, index] - np.delete(scores, index, axis=1).max(axis=1) for index in range(scores.shape[1])]


def draw_agreement(axes: Any, model: Model, engine: Engine, parameters: Floats, data: Data, validation: Data) -> None:
    """Prediction against target; a perfect net puts every point on the diagonal."""
    for index, (rows, name) in enumerate(((data, "training"), (validation, "validation"))):
        if len(rows):
            scores = engine.predict(parameters, model.scaled(rows.inputs))[:, 0]
            values = scores * model.target_scale + model.target_mean
            axes.scatter(rows.targets, values, s=14, color=colour(index), alpha=0.7, label=name, linewidths=0)
    axes.axline((model.target_mean, model.target_mean), slope=1, color="grey", linewidth=0.8)
    axes.set_xlabel(f"{plain(model.target)} in the table")
    axes.set_ylabel(f"{plain(model.target)} predicted")
    axes.set_title(plain(data.name))
    axes.legend()


def draw_losses(axes: Any, model: Model, state: State, updates_per_epoch: int) -> None:
    """The loss against the epoch, on a logarithmic scale where every loss is positive."""
    losses, validation = [past.loss for past in state.history], state.validation
    name = "training + penalty" if model.l1 or model.l2 else "training"
    epochs = [update / updates_per_epoch for update in range(len(losses))]
    noisy = updates_per_epoch > 1
    label = f"{name}, each batch" if noisy else name
    axes.plot(epochs, losses, color=colour(0), linewidth=0.6 if noisy else 1.4, alpha=0.55 if noisy else 1, label=label)
    if noisy:
        means = [
            math.fsum(losses[start : start + updates_per_epoch]) / len(losses[start : start + updates_per_epoch])
            for start in range(0, len(losses), updates_per_epoch)
        ]
        axes.plot([index + 0.5 for index in range(len(means))], means, color=colour(0), label=f"{name}, each epoch")
    if validation:
        axes.plot(
            [entry[0] / updates_per_epoch for entry in validation],
            [entry[1] for entry in validation],
            color=colour(1),
            label="validation",
        )
    if all(value > 0 for value in losses) and all(entry[1] > 0 for entry in validation):
        axes.set_yscale("log")
    axes.set_xlabel("epoch")
    axes.set_ylabel("loss")
    axes.set_title("loss before each update")
    axes.grid(alpha=0.25)
    if noisy or validation:
        axes.legend()


def plain(text: str) -> str:
    """A name of the user's as matplotlib shows it without reading mathematics into it."""
    short = text if len(text) <= 40 else text[:37] + "..."
    return short.replace("$", r"\$")
