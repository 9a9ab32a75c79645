"""`gradcli.draw.film`: the moments of a run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gradcli.draw.film import BORDER, FIELD, Film, losses_of, moments
from gradcli.train.run import Run, load_data, start
from tests.support.films import filmed


@pytest.mark.parametrize("engine", ["tensor", "jit", "value"])
def test_moments_are_recorded_from_the_start_to_the_end(engine: str) -> None:
    if engine == "jit":
        pytest.importorskip("llvmlite")
    film = filmed(samples=40, engine=engine)
    run: Run = film.run
    assert [one.update for one in film.moments] == moments(0, run.updates, 5)


def test_a_plane_of_classes_has_the_predictions_and_a_border() -> None:
    film = filmed(samples=60, epochs=40)
    field = film.moments[-1].field
    assert field is not None
    assert field.shape == (FIELD, FIELD)
    assert (field == BORDER).any()
    # The colour at each row of the data is the one of the class that the net predicts there.
    data = film.run.data
    x = (data.inputs[:, 0] - film.x_ends[0]) / (film.x_ends[1] - film.x_ends[0])
    y = (data.inputs[:, 1] - film.y_ends[0]) / (film.y_ends[1] - film.y_ends[0])
    pixels = field[((1 - y) * FIELD).astype(int), (x * FIELD).astype(int)]
    predicted = film.run.outputs(data.inputs)[:, 0] > 0
    shown = pixels > (len(film.colours) - 1) // 2
    assert (shown == predicted)[pixels != BORDER].mean() > 0.95


def test_a_number_of_two_inputs_has_a_field_and_one_of_one_input_a_curve() -> None:
    plane = filmed("data", expression="x*y", samples=60)
    assert plane.moments[-1].field is not None
    curve = filmed("data", expression="sin(x)", samples=60)
    assert curve.moments[-1].field is None
    values = curve.moments[-1].curve
    assert values is not None
    expected = curve.run.model.numbers(curve.run.outputs(np.array(curve.curve_x)[:, None]))
    np.testing.assert_allclose(values, expected)


def test_any_other_net_shows_its_loss_alone() -> None:
    film = filmed("iris")
    assert all(one.field is None and one.curve is None for one in film.moments)
    losses = losses_of(film.run)
    assert [epoch for epoch, _ in losses.training] == [1, 2, 3, 4, 5, 6]
    assert len(losses.validation) == 6
    assert (losses.low, losses.high) == (
        min(values := [y for _, y in losses.training + losses.validation]),
        max(values),
    )


def test_the_end_shows_the_parameters_that_are_kept() -> None:
    film = filmed(samples=60, epochs=30, patience=1, min_delta=10.0, frames=40)
    assert film.run.state.stopped
    assert film.moments[-1].update == len(film.run.state.history)
    again = Film(film.run)
    np.testing.assert_array_equal(film.moments[-1].field, again.moments[0].field)


def test_rows_with_gaps_are_shown_as_the_net_sees_them(tmp_path: Path) -> None:
    table = tmp_path / "gaps.csv"
    table.write_text("a,b,y\n" + "".join(f"{i % 7 or ''},{i % 5},{'pq'[i % 2]}\n" for i in range(60)))
    run = start(load_data(str(table), target="y", missing="mean"), dataset=str(table), hidden=(3,), epochs=2)
    film = Film(run)
    assert film.x_ends[0] < 1 < 6 < film.x_ends[1]
    assert np.isfinite(film.rows.points).all()
    assert np.isfinite(run.rows.inputs).all()


def test_recording_changes_nothing_of_the_run() -> None:
    film = filmed(samples=40)
    run = start(load_data("moons", seed=1, samples=40), dataset="moons", hidden=(4,), epochs=6, samples=40)
    for _ in run.events():
        pass
    np.testing.assert_array_equal(run.state.parameters, film.run.state.parameters)
