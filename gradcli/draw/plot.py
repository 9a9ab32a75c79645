"""The picture of functions of one variable as data: pieces of curves, marks, asymptotes, and the ends of the axes.

`gradcli.draw.plot_text` draws the picture in characters, `gradcli.draw.plot_figure` with matplotlib.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from gradcli.evaluate.univariate import view_of
from gradcli.records import NamedTuple

if TYPE_CHECKING:
    from gradcli.array_types import Floats
    from gradcli.evaluate.curve_features import Feature, Features
    from gradcli.evaluate.univariate import Univariate

__all__ = ["Curve", "Mark", "Plot", "curve_of", "plot_of"]

#: The margin above and below the curves, as a share of their height.
_MARGIN: Final = 0.05
#: The points at which the heights of a curve with poles are looked at.
_SAMPLES: Final = 400


class Mark(NamedTuple):
    """A point with a meaning.

    Attributes:
        x, y: the place.
        is_open: whether the point is not on the curve: a hole, or the open end of a jump.
    """

    x: float
    y: float
    is_open: bool = False


class Curve(NamedTuple):
    """A function as it is drawn.

    Attributes:
        label: the text of the legend.
        pieces: the parts without a break, each as its x and its y; nothing is drawn between two parts.
        marks: the special points.
        asymptotes: the places of poles.
        is_thin: whether the curve is drawn thin, because it is a tangent of another curve.
    """

    label: str
    pieces: list[tuple[Floats, Floats]]
    marks: list[Mark]
    asymptotes: list[float]
    is_thin: bool = False


class Plot(NamedTuple):
    """A picture of curves.

    Attributes:
        variable: the name of the horizontal axis.
        low, high: the ends of the horizontal axis.
        bottom, top: the ends of the vertical axis.
        curves: the curves, in the order of their colours.
    """

    variable: str
    low: float
    high: float
    bottom: float
    top: float
    curves: list[Curve]


def curve_of(label: str, function: Univariate, features: Features) -> Curve:
    """Return the curve of a function.

    Args:
        label: the text of the legend.
        function: the function.
        features: its special points on the interval that is shown.

    >>> from gradcli.evaluate.expression import parse
    >>> from gradcli.evaluate.curve_features import features_of
    >>> from gradcli.evaluate.univariate import univariate
    >>> function = univariate(parse("1/x"), "x", {})
    >>> curve = curve_of("1/x", function, features_of(function, -1.0, 1.0))
    >>> len(curve.pieces), curve.asymptotes
    (2, [0.0])
    """
    import numpy as np

    x = features.grid
    y = function.values(x)
    pieces = []
    bounds = [-math.inf, *features.breaks, math.inf]
    for left, right in pairwise(bounds):
        inner = (x > left) & (x < right) & np.isfinite(y)
        places = np.flatnonzero(inner)
        for part in np.split(places, np.flatnonzero(np.diff(places) > 1) + 1):
            if len(part) > 1:
                pieces.append((x[part], y[part]))
    marks = [mark for one in features.found for mark in _marks(one, float(x[0]), float(x[-1]))]
    poles = [one.x for one in features.found if one.kind == "pole"]
    return Curve(label, pieces, [*dict.fromkeys(marks)], poles)


def _marks(feature: Feature, low: float, high: float) -> list[Mark]:
    """Return the marks of a feature; at an end of the shown interval, the limit from outside gets no mark."""
    kind, x, value = feature.kind, feature.x, feature.value
    if feature.to is not None:
        return []
    if kind not in ("jump", "hole", "pole", "end"):
        return [] if value is None else [Mark(x, value)]
    sides = [feature.left if x > low else None, feature.right if x < high else None]
    limits = {one for one in sides if one is not None and math.isfinite(one)}
    found = [Mark(x, one, is_open=True) for one in sorted(limits) if one != value]
    return found if value is None else [*found, Mark(x, value)]


def plot_of(variable: str, low: float, high: float, curves: Sequence[Curve]) -> Plot:
    """Return the picture of curves over one interval; parts of a curve near a pole may be outside of the picture."""

    views = [_view(curve, low, high) for curve in curves if not curve.is_thin and curve.pieces]
    bottom, top = (min(one for one, _ in views), max(one for _, one in views)) if views else (-1.0, 1.0)
    marked = [mark.y for curve in curves for mark in curve.marks]
    if any(curve.asymptotes for curve in curves):
        width = max(top - bottom, 1e-300)
        marked = [y for y in marked if bottom - width < y < top + width]
    bottom, top = min([bottom, *marked]), max([top, *marked])
    if top - bottom <= 1e-12 * max(abs(top), abs(bottom)):
        pad = abs(top) / 2 or 1.0
        bottom, top = bottom - pad, top + pad
    margin = _MARGIN * (top - bottom)
    return Plot(variable, low, high, bottom - margin, top + margin, list(curves))


def _view(curve: Curve, low: float, high: float) -> tuple[float, float]:
    """Return the lowest and the highest value of a curve to show: all its values, unless the curve has poles."""
    import numpy as np

    if not curve.asymptotes:
        return min(float(y.min()) for _, y in curve.pieces), max(float(y.max()) for _, y in curve.pieces)
    # At equal distances, a part with many points has no more weight than others.
    heights = []
    for x, y in curve.pieces:
        count = max(2, round(_SAMPLES * (x[-1] - x[0]) / (high - low)))
        heights.append(np.interp(np.linspace(x[0], x[-1], count), x, y))
    return view_of(np.concatenate(heights))
