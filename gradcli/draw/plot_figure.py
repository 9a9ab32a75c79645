"""A plot as SVG, PNG or PDF, drawn with matplotlib.

An SVG has colours for a light page and for a dark one; PNG and PDF have a white background.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gradcli.draw.figures import colour, drawn, plain
from gradcli.draw.palette import DARK, LINE, MUTED, PAPER, TEXT

if TYPE_CHECKING:
    from gradcli.draw.plot import Plot

__all__ = ["plot_figure"]

_SIZE: Final = (6.4, 4.4)


def plot_figure(plot: Plot, form: str) -> bytes:
    """Draw a plot, and return the bytes of a file.

    Args:
        plot: the plot.
        form: ``"svg"``, ``"png"`` or ``"pdf"``.
    """

    def draw(drawing: Any) -> None:
        axes = drawing.subplots()
        for index, curve in enumerate(plot.curves):
            shade, width = colour(index), 0.9 if curve.is_thin else 1.5
            for number, (x, y) in enumerate(curve.pieces):
                label = None if number else plain(curve.label)
                axes.plot(x, y, color=shade, linewidth=width, label=label, solid_capstyle="butt", zorder=2)
            for pole in curve.asymptotes:
                axes.axvline(pole, color=shade, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
            for mark in curve.marks:
                if plot.bottom <= mark.y <= plot.top:
                    face = PAPER if mark.is_open else shade
                    style = {"marker": "o", "markersize": 4.5, "markeredgecolor": shade, "markeredgewidth": 1.2}
                    axes.plot([mark.x], [mark.y], markerfacecolor=face, zorder=3, linestyle="", clip_on=False, **style)
        axes.axhline(0.0, color=LINE, linewidth=0.7, zorder=0)
        axes.axvline(0.0, color=LINE, linewidth=0.7, zorder=0)
        axes.set(xlim=(plot.low, plot.high), ylim=(plot.bottom, plot.top))
        axes.set_xlabel(plain(plot.variable), color=TEXT)
        axes.tick_params(colors=MUTED)
        axes.spines[:].set_color(LINE)
        axes.grid(alpha=0.18, color=LINE)
        if any(curve.label for curve in plot.curves):
            axes.legend(labelcolor=TEXT, facecolor=PAPER, edgecolor=LINE)

    figure = drawn(draw, _SIZE, form)
    return _for_both_pages(figure) if form == "svg" else figure


def _for_both_pages(svg: bytes) -> bytes:
    """Add colours for a dark page to an SVG with colours for a light page."""
    rules = [
        f'[style*="{part}: {light}"] {{ {part}: {dark} !important }}'
        for light, dark in [(code, DARK[code]) for code in (TEXT, MUTED, LINE, PAPER)] + [("#ffffff", DARK[PAPER])]
        for part in ("fill", "stroke")
    ]
    style = f"<style>@media (prefers-color-scheme: dark) {{ {' '.join(rules)} }}</style>".encode()
    head, tag, body = svg.partition(b"<svg")
    opening, end, rest = body.partition(b">")
    return head + tag + opening + end + b"\n" + style + rest
