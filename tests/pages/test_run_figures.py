"""`gradcli.pages.run_figures`: the rows that a page has, and its figures."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from gradcli.pages.run_figures import agreement, confusion_table, loss_figure, plane, shown_rows
from gradcli.train.run import Run, load_data, start


def begun(dataset: str, **given: object) -> Run:
    source = {name: given[name] for name in ("samples", "expression") if name in given}
    return start(load_data(dataset, seed=1, **source), dataset=dataset, **{"hidden": (3,), "epochs": 4, **given})


@pytest.mark.parametrize(("dataset", "count"), [("moons", 100), ("digits", 311)])
def test_a_page_has_so_many_rows_of_each_part(dataset: str, count: int) -> None:
    run = begun(dataset, test=0.1)
    rows = shown_rows(run)
    assert len(rows) == len(rows.inputs) == len(rows.targets)
    assert abs(len(rows) - count) <= 2
    for place, part in enumerate((run.training, run.validation, run.test)):
        share = rows.parts.count(place) / len(rows)
        assert share == pytest.approx(len(part) / len(run.data), abs=0.02)
        own = rows.inputs[[one == place for one in rows.parts]]
        np.testing.assert_array_equal(own[[0, -1]], part.inputs[[0, -1]])
    assert rows.parts[rows.start] == 1


def test_numbers_too_large_for_a_plot_are_left_out() -> None:
    run = begun("data", expression="x*y", samples=40)
    run.training.inputs[0, 0], run.training.inputs[1, 0] = 1.7e308, -1.7e308
    assert plane(run) is None
    rows = shown_rows(run)
    assert "too large for a plot" in agreement(run, replace(rows, targets=rows.targets * 1.7e308))


def test_large_tables_leave_out_rows() -> None:
    assert len(shown_rows(begun("moons", samples=3000))) == 500


def test_the_plane_holds_all_rows_and_is_there_for_pictures_alone() -> None:
    frame = plane(begun("moons"))
    assert frame is not None
    inputs = load_data("moons", seed=1).inputs
    assert frame.low < inputs[:, 0].min() < inputs[:, 0].max() < frame.high
    assert frame.bottom < inputs[:, 1].min() < inputs[:, 1].max() < frame.top
    curve = plane(begun("data", expression="sin(x)", samples=40))
    assert curve is not None
    assert curve.top > 0.7 > -0.7 > curve.bottom
    assert plane(begun("iris")) is None


def test_the_loss_names_its_scale_and_its_curves_differ_by_dashes() -> None:
    run = begun("moons", epochs=60, hidden=(8, 8))
    for _ in run.events():
        pass
    found = loss_figure(run)
    assert "loss, logarithmic" in found.html
    assert found.frame.high == 60
    looks = re.findall(r'class="curve (series-\d[ a-z]*)" d="M\d', found.html)
    assert sorted(looks) == ["series-0"] * 2 + ["series-5 dashed"] * 2  # in the legend, and in the plot
    short = loss_figure(begun("moons", epochs=1))
    assert "logarithmic" not in short.html


def test_right_and_wrong_predictions_are_marked() -> None:
    table = confusion_table(["<b>", "y"], [[3, 1], [0, 5]], "t")
    assert '<th scope="row">&lt;b&gt;</th><td class="right">3</td><td class="wrong">1</td>' in table
    assert '<td class="">0</td><td class="right">5</td>' in table
    assert "too large" in confusion_table(["x"] * 31, [], "t")


def test_predictions_stand_against_targets_as_circles_and_diamonds() -> None:
    run = begun("data", expression="x*y", samples=50)
    rows = shown_rows(run)
    drawn = agreement(run, rows)
    assert drawn.count('<circle class="row series-0"') == len(run.training)
    assert drawn.count('<svg class="row series-5"') == len(run.validation)
