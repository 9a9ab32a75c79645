"""The panels of the live displays: the plane, the neurons, the errors, each at a fixed size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gradcli.cli.live.panels import (
    LAYER_GAP,
    Course,
    Plane,
    arranged,
    colour_of,
    confusions,
    fit,
    losses,
    names_of_classes,
)  # fmt: skip
from gradcli.draw.canvas import CLEAR, Painter
from gradcli.train.data.datasets import make
from gradcli.train.run import load_data, start
from tests.support.frames import linear, run_of, text_of


def test_a_place_has_the_colour_of_the_class_that_the_net_says_and_a_row_stands_out() -> None:
    run = linear()
    plane = Plane(run, Painter(1 << 24), 40, 40)
    pixels = plane.pixels(run.state.parameters)
    bare = Plane(run, Painter(1 << 24), 40, 40, is_marked=False).pixels(run.state.parameters)
    assert (pixels != CLEAR).all()
    # Lower left is the first class, blue; upper right the second, orange.
    assert bare[-1, 0] & 0xFF > bare[-1, 0] >> 16
    assert bare[0, -1] & 0xFF < bare[0, -1] >> 16
    assert 30 <= (pixels != bare).sum() <= 40
    brightness = [(pixels >> shift & 0xFF).astype(int) for shift in (0, 8, 16)]
    assert max(part[pixels != bare].max() for part in brightness) > 200


def test_a_table_with_gaps_has_a_plane(tmp_path: Path) -> None:
    table = tmp_path / "gaps.csv"
    table.write_text("a,b,y\n" + "".join(f"{i % 7 or ''},{i % 5},{'pq'[i % 2]}\n" for i in range(60)))
    run = start(load_data(str(table), target="y", missing="mean"), dataset=str(table), hidden=(3,), epochs=2)
    assert np.isfinite(Plane(run, Painter(1 << 24), 20, 20).inputs).all()


def test_on_a_light_page_what_is_undecided_is_light() -> None:
    run = linear()
    dark, light = (
        Plane(run, Painter(1 << 24, is_light=is_light), 20, 20).pixels(0 * run.state.parameters)
        for is_light in (False, True)
    )
    assert np.median(dark & 0xFF) < 50
    assert np.median(light & 0xFF) > 200


def test_a_few_of_many_rows_are_marked_and_of_every_class() -> None:
    run = start(make("moons", samples=2000), epochs=1)
    plane = Plane(run, Painter(1 << 24), 20, 20)
    assert len(plane.place[0]) == 80
    assert len(set(plane.marks.tolist())) == 2


@pytest.mark.parametrize(
    "sizes", [[2, 16, 16], [2, 3], [2, 300, 200], [5, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8], [2, 100_000]]
)
@pytest.mark.parametrize(("width", "height"), [(30, 12), (57, 32), (120, 60)])
def test_neurons_are_arranged_inside_their_room(sizes: list[int], width: int, height: int) -> None:
    tile, layers = arranged(sizes, width, height)
    assert 1 <= len(layers) <= len(sizes)
    assert sum(layer.width for layer in layers) + LAYER_GAP * (len(layers) - 1) <= width
    for layer in layers:
        columns = -(-layer.shown // layer.per_column)
        assert columns * (tile + 1) - 1 <= layer.width
        assert min(layer.shown, layer.per_column) * (tile + 1) - 1 <= height
        assert 1 <= layer.shown <= layer.size


def test_the_confusion_matrix_counts_what_the_net_says() -> None:
    run = run_of("iris", split=0.0)
    run.state.parameters = 0 * run.state.parameters
    lines = text_of(confusions(run, Painter(0), 60, 10) or [])
    assert lines[0] == "training: class → prediction"
    assert lines[1].split() == ["setosa", "versicolor", "virginica"]
    assert [line.split() for line in lines[2:]] == [
        [name, "50", ".", "."] for name in ("setosa", "versicolor", "virginica")
    ]
    assert confusions(run, Painter(0), 60, 3) is None
    assert confusions(run, Painter(0), 12, 10) is None


def test_the_scale_of_losses_is_logarithmic_above_zero() -> None:
    shown = losses([Course([10.0**power], power) for power in range(3)], 20, 3)
    assert [{key for _, key in line[1:]} & {0, 1, 2} for line in shown] == [{2}, {1}, {0}]
    assert [text[:8].strip() for text in text_of(shown)] == ["100", "", "1"]


def test_the_curve_of_a_net_of_one_input_lies_over_the_rows() -> None:
    run = run_of("sine")
    keys = {key for line in fit(run, Painter(16), 40, 10) for _, key in line}
    assert {colour_of(0), colour_of(1)} <= keys


def test_without_colours_the_rows_are_letters_and_the_curve_is_dots() -> None:
    shown = "".join(text_of(fit(run_of("sine"), Painter(0), 40, 10)))
    assert shown.count("o") > 5
    assert sum(0x2800 < ord(one) < 0x2900 for one in shown) > 20


@pytest.mark.parametrize("columns", [4, 8, 12, 30])
def test_the_axis_of_a_curve_is_as_wide_as_the_curve(columns: int) -> None:
    [axis] = text_of(losses([Course([2.0, 1.0], 0)], columns + 10, 5, ("epoch", 1, 150))[-1:])
    assert len(axis) == columns + 10
    assert axis.lstrip().startswith("└1")
    if columns >= 12:
        assert axis.endswith("150")
        assert " epoch " in axis


def test_classes_are_named_with_their_marks() -> None:
    run = run_of("iris")
    assert text_of([names_of_classes(run, Painter(0), 60)]) == [". setosa  o versicolor  # virginica"]
    assert text_of([names_of_classes(run, Painter(16), 60)]) == ["■ setosa  ■ versicolor  ■ virginica"]
    assert text_of([names_of_classes(run, Painter(16), 20)]) == ["■ setosa  ..."]
