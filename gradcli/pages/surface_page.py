"""The page of a function of two variables: contours, and a point with its gradient that can be dragged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from gradcli.draw.surface_plot import SurfacePlot, shade
from gradcli.evaluate.expression import Expression
from gradcli.graph import differentiate, substitute
from gradcli.markup import escaped
from gradcli.pages.contours import contours
from gradcli.pages.plot_frame import Frame, figure, path
from gradcli.pages.programs import as_function, values_program
from gradcli.pages.skeleton import Page, document, section
from gradcli.pages.sliders import Slider

if TYPE_CHECKING:
    from gradcli.evaluate.surface import Surface

__all__ = ["surface_page"]

#: The steps of the sliders.
_STEPS: Final = 500
#: Every second line of the grid is enough for contours.
_EVERY: Final = 2
#: The shapes of critical points, around the origin.
_SHAPES: Final = {
    "minimum": "M-6-5H6L0 6z",
    "maximum": "M-6 5H6L0-6z",
    "saddle point": "M-5-5L5 5M-5 5L5-5",
    "degenerate": "M-5 0A5 5 0 1 0 5 0A5 5 0 1 0-5 0z",
}


def surface_page(
    expression: Expression, plot: SurfacePlot, surface: Surface, at: Mapping[str, float], texts: Sequence[str]
) -> bytes:
    """Return the page of a function of two variables.

    Args:
        expression: the function.
        plot: its picture.
        surface: its values on a fine grid.
        at: the values of the other variables.
        texts: the critical points in words, and further sentences.

    Raises:
        UsageError: JavaScript lacks a function.
    """
    frame = Frame(plot.low, plot.high, plot.bottom, plot.top)
    graph = expression.graph
    given = {graph.variable(name): graph.constant(value) for name, value in at.items() if name not in plot.names}
    root = substitute(expression.root, given, exactly=True) if given else expression.root
    variables = [graph.variable(name) for name in plot.names]
    roots = [root, *differentiate.gradient(root, variables)]
    program = values_program(f"{expression} and its gradient.", variables, roots)
    ends = ((plot.low, plot.high), (plot.bottom, plot.top))
    points = [
        Slider(name, float(f"{low + 0.6 * (high - low):.6g}"), low, high, (high - low) / _STEPS)
        for name, (low, high) in zip(plot.names, ends, strict=True)
    ]
    bands = [_colour(place / max(1, len(plot.levels))) for place in range(len(plot.levels) + 1)]
    data = {
        "variables": [one._asdict() for one in points],
        "frame": frame._asdict(),
        "levels": plot.levels,
        "bands": bands,
    }
    lines = []
    for level in plot.levels:
        grid = slice(None, None, _EVERY)
        found = contours(surface.x[grid], surface.y[grid], surface.values[grid, grid], level)
        parts = "".join(path(frame, x, y) for x, y in found)
        lines += [f'<path class="contour" d="{parts}"/>\n'] if parts else []
    marks = [
        f'<svg class="critical" x="{frame.across(one.x)}" y="{frame.down(one.y)}"><path d="{_SHAPES[one.kind]}"/></svg>'
        for one in plot.points
    ]
    legend = "".join(
        f'<li><svg class="band" viewBox="0 0 1 1" aria-hidden="true"><path fill="{bands[place + 1]}" d="M0 0H1V1H0z"/>'
        f"</svg>{level:g}</li>"
        for place, level in enumerate(plot.levels)
    )
    picture = (
        f'<ul class="legend" aria-label="from these heights on">{legend}</ul>\n'
        f"{figure(frame, plot.names, f'contours of {expression}', lines, marks)}"
    )
    values = '<p class="result">value <output id="value"></output></p>\n<div class="sliders" id="sliders"></div>'
    items = [
        f'<li><button type="button" class="place" data-x="{one.x!r}" data-y="{one.y!r}">{escaped(text)}</button></li>'
        for one, text in zip(plot.points, texts, strict=False)
    ]
    items += [f"<li>{escaped(text)}</li>" for text in texts[len(plot.points) :]]
    listed = f'<ul class="features scroller">{"".join(items)}</ul>' if items else "<p>There are none here.</p>"
    main = (
        '<div class="columns">\n'
        f"{section('values', 'At the point', values)}"
        f"{section('picture', 'The plot', picture, hidden_heading=True)}"
        f"{section('features', 'Critical points', listed)}</div>\n"
    )
    code = f"const compute = {as_function(program)};"
    return document(Page(str(expression), main, ("sliders", "plot", "surface"), data, code))


def _colour(share: float) -> str:
    red, green, blue = shade(share)
    return f"#{red:02x}{green:02x}{blue:02x}"
