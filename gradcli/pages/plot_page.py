"""The page of curves: a point that can be dragged, with its values, its derivatives and its tangents."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from gradcli.draw.plot import Plot
from gradcli.markup import escaped
from gradcli.pages.plot_frame import Frame, figure, path
from gradcli.pages.programs import as_function, values_program
from gradcli.pages.skeleton import Page, document, section
from gradcli.pages.sliders import Slider
from gradcli.records import NamedTuple

if TYPE_CHECKING:
    from gradcli.evaluate.curve_features import Features
    from gradcli.evaluate.univariate import Univariate

__all__ = ["Plotted", "plot_page"]

#: The steps of the slider.
_STEPS: Final = 500
#: Where the point may be at the beginning, as parts of the width.
_SHARES: Final = (0.6, 0.65, 0.55, 0.7, 0.4, 0.75, 0.3, 0.8, 0.2, 0.9, 0.1)


class Plotted(NamedTuple):
    """An expression in a plot.

    Attributes:
        label: the text of the expression.
        function: the expression as a function of the variable.
        features: the special points of the curve.
        texts: a pair for each special point: the words about it, and its place; the place is None for a sentence about
            all of them.
        curves: the positions of the curves of the function and its derivatives in the plot, by the order of the
            derivative.
    """

    label: str
    function: Univariate
    features: Features
    texts: Sequence[tuple[str, float | None]]
    curves: Sequence[int]


def plot_page(plot: Plot, plotted: Sequence[Plotted], names: Sequence[str], start: float | None = None) -> bytes:
    """Return the page of a plot.

    Args:
        plot: the picture.
        plotted: the expressions in the plot.
        names: the names of the derivatives that are shown, from order 1 on; at least one.
        start: the place of the point when the page opens; by default near the middle.

    Raises:
        UsageError: JavaScript lacks a function.
    """
    frame = Frame(plot.low, plot.high, plot.bottom, plot.top)
    programs = []
    for one in plotted:
        roots = [one.function.derivative(order).node for order in range(len(names) + 1)]
        programs.append(
            as_function(values_program(f"{one.label} and its derivatives.", [one.function.variable], roots))
        )
    start = _start(plot, plotted) if start is None else start
    point = Slider(plot.variable, start, plot.low, plot.high, (plot.high - plot.low) / _STEPS)
    data = {
        "variables": [point._asdict()],
        "frame": frame._asdict(),
        "curves": [
            {
                "places": list(one.curves),
                "without_tangent": [found.x for found in one.features.found if found.kind in ("kink", "jump")],
            }
            for one in plotted
        ],
    }
    code = f"const programs = [{', '.join(programs)}];"
    title = ", ".join(one.label for one in plotted)
    curves, marks = _curves(plot, frame), _marks(plot, frame)
    picture = _legend(plot) + figure(frame, (plot.variable, ""), f"curves of {title}", curves, marks)
    main = (
        '<div class="columns">\n'
        f"{section('values', 'At the point', _values(plotted, names))}"
        f"{section('picture', 'The plot', picture, hidden_heading=True)}"
        f"{section('features', 'Special points', _features(plotted, plot.variable))}</div>\n"
    )
    return document(Page(title, main, ("sliders", "plot", "curves"), data, code))


def _start(plot: Plot, plotted: Sequence[Plotted]) -> float:
    """Return a round place near the middle, where all curves have a tangent if such a place is found."""
    places = [float(f"{plot.low + share * (plot.high - plot.low):.6g}") for share in _SHARES]
    special = {found.x for one in plotted for found in one.features.found}

    def is_plain(x: float) -> bool:
        return x not in special and all(math.isfinite(one.function.at(x)) for one in plotted)

    return next(filter(is_plain, places), places[0])


def _legend(plot: Plot) -> str:
    items = [
        f'<li><span class="swatch series-{place}"></span>{escaped(curve.label)}</li>'
        for place, curve in enumerate(plot.curves)
    ]
    return f'<ul class="legend">{"".join(items)}</ul>\n' if len(items) > 1 else ""


def _curves(plot: Plot, frame: Frame) -> list[str]:
    found = []
    for place, curve in enumerate(plot.curves):
        data = "".join(path(frame, x, y) for x, y in curve.pieces)
        kind = "curve thin" if curve.is_thin else "curve"
        found.append(f'<path class="{kind} series-{place}" d="{data}"/>\n')
    return found


def _marks(plot: Plot, frame: Frame) -> list[str]:
    found = []
    for place, curve in enumerate(plot.curves):
        for pole in curve.asymptotes:
            x = frame.across(pole)
            found.append(f'<line class="asymptote series-{place}" x1="{x}" x2="{x}" y1="0" y2="100%"/>')
        for mark in curve.marks:
            if plot.bottom <= mark.y <= plot.top and math.isfinite(mark.y):
                kind = "mark open" if mark.is_open else "mark"
                where = f'cx="{frame.across(mark.x)}" cy="{frame.down(mark.y)}"'
                found.append(f'<circle class="{kind} series-{place}" {where} r="4"/>')
    return found


def _values(plotted: Sequence[Plotted], names: Sequence[str]) -> str:
    """Return the slider, and a list of the value and the derivatives of each expression."""
    parts = ['<div class="sliders" id="sliders"></div>']
    for number, one in enumerate(plotted):
        rows = [
            f'<dt>{escaped(name)}</dt><dd><output id="value-{number}-{order}"></output></dd>'
            for order, name in enumerate(["value", *names])
        ]
        heading = f'<h3><span class="swatch series-{one.curves[0]}"></span>{escaped(one.label)}</h3>\n'
        parts.append(f'{heading if len(plotted) > 1 else ""}<dl class="numbers">{"".join(rows)}</dl>')
    return "\n".join(parts)


def _features(plotted: Sequence[Plotted], variable: str) -> str:
    """Return the special points in words; each is a button that moves the point there."""
    parts = []
    for one in plotted:
        items = [
            f"<li>{escaped(text)}</li>"
            if x is None
            else f'<li><button type="button" class="place" data-x="{x!r}">{escaped(text)}</button></li>'
            for text, x in one.texts
        ]
        heading = f"<h3>{escaped(one.label)}</h3>\n" if len(plotted) > 1 else ""
        nothing = f"<p>There are none for {escaped(variable)} in this range.</p>"
        parts.append(heading + (f'<ul class="features scroller">{"".join(items)}</ul>' if items else nothing))
    return "\n".join(parts)
