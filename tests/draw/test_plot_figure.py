"""A plot as a file of matplotlib."""

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from gradcli.draw.palette import DARK, TEXT
from gradcli.draw.plot import Curve, Mark, Plot
from gradcli.draw.plot_figure import plot_figure

pytest.importorskip("matplotlib")

X = np.array([-1.0, 0.0, 1.0])
PLOT = Plot("$x", -1.0, 1.0, -1.0, 1.0, [Curve("a$b", [(X, X)], [Mark(0.0, 0.0), Mark(0.5, 0.1, is_open=True)], [0.2])])


@pytest.mark.parametrize(("form", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_equal_plots_give_equal_bytes(form: str, start: bytes) -> None:
    first = plot_figure(PLOT, form)
    assert first.startswith(start)
    assert first == plot_figure(PLOT, form)


def test_an_svg_has_the_colours_of_a_dark_page_too() -> None:
    svg = plot_figure(PLOT, "svg").decode()
    ElementTree.fromstring(svg)
    assert svg.count("prefers-color-scheme: dark") == 1
    assert f'[style*="fill: {TEXT}"] {{ fill: {DARK[TEXT]} !important }}' in svg
    assert f"fill: {TEXT}" in svg.split("</style>", 1)[1]


def test_pieces_are_lines_of_their_own() -> None:
    broken = PLOT._replace(curves=[Curve("f", [(X - 1, X), (X + 1, X)], [], [])])
    one, two = (plot_figure(plot, "svg").count(b"clip-path=") for plot in (PLOT, broken))
    assert two > 0
    assert one > 0
