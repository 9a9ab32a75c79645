"""Figures of a run."""

from __future__ import annotations

import builtins
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradcli.draw.figures import certainty, check_plot, figure, grid, race_figure
from gradcli.errors import UnavailableError, UsageError
from gradcli.train.data.datasets import make
from gradcli.train.race import Race, entries_of
from gradcli.train.run import Run, load_data, start

pytest.importorskip("matplotlib")

STARTS = {"svg": b"<?xml", "png": b"\x89PNG\r\n\x1a\n", "pdf": b"%PDF"}


def drawn(run: Run, form: str) -> bytes:
    return figure(run, form)


def table_run(text: str) -> Run:
    run = start(load_data("-", target="y", stream=io.StringIO(text)), hidden=(3,), epochs=2)
    for _ in run.events():
        pass
    return run


def rows(columns: int, value: Callable[[int], object]) -> str:
    names = ",".join(f"${{c{index}" for index in range(columns))
    lines = [
        ",".join([*(str((7 * row + 3 * index) % 11) for index in range(columns)), str(value(row))]) for row in range(30)
    ]
    return "\n".join([f"{names},y", *lines])


@pytest.mark.parametrize("form", STARTS)
def test_a_figure_is_of_its_form_and_the_same_each_time(form: str, finished: Run) -> None:
    first = drawn(finished, form)
    assert first.startswith(STARTS[form])
    assert first == drawn(finished, form)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(rows(2, lambda row: "abc"[row % 3]), id="two inputs and three classes"),
        pytest.param(rows(2, lambda row: row + 0.5), id="two inputs and a number"),
        pytest.param(rows(1, lambda row: row + 0.5), id="one input and a number"),
        pytest.param(rows(4, lambda row: "ab"[row % 2]), id="four inputs and two classes"),
    ],
)
def test_every_kind_of_net_has_a_figure(text: str) -> None:
    assert drawn(table_run(text), "png").startswith(STARTS["png"])


def test_a_run_without_updates_has_a_figure(small: Callable[..., Run]) -> None:
    assert drawn(small(split=0.0), "svg").startswith(STARTS["svg"])


def test_the_form_is_that_of_the_suffix() -> None:
    assert [check_plot(f"a.{suffix}") for suffix in ("svg", "PNG", "pdf")] == ["svg", "png", "pdf"]


@pytest.mark.parametrize("path", ["a", "a.gif", ".svg"])
def test_another_suffix_is_refused(path: str) -> None:
    with pytest.raises(UsageError):
        check_plot(path)


def test_without_matplotlib_there_is_a_sentence_with_the_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *arguments: Any, **named: Any) -> Any:
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *arguments, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UnavailableError) as caught:
        check_plot("a.svg")
    assert caught.value.hint == 'pip install "gradcli[plot]"'


def test_a_grid_covers_points_that_lie_on_one_spot() -> None:
    x, y, _ = grid(np.array([[2.0, 3.0]]), 4, 4)
    assert x[0] < 2 < x[-1]
    assert y[0] > 3 > y[-1]


def test_certainty_is_between_nothing_and_all(small: Callable[..., Run]) -> None:
    for loss in ("bce", "hinge", "cross_entropy"):
        run = small(loss=loss)
        scores = np.array([[0.0], [5.0], [-1e300], [np.inf], [np.nan]]) * np.ones(run.model.sizes[-1])
        scores[:, 0] *= -1 if run.model.sizes[-1] == 2 else 1
        classes, sure = certainty(run.model, scores)
        assert ((sure >= 0) & (sure <= 1)).all()
        assert sure[0] == 0
        assert set(classes.tolist()) <= {0, 1}


@pytest.mark.parametrize("form", STARTS)
def test_the_figure_of_a_race_is_of_its_form_and_the_same_each_time(form: str) -> None:
    race = Race(entries_of("sgd,adam,adam:0.1"), make("moons", samples=40), {"hidden": (4,), "epochs": 3})
    for _ in race.events():
        pass
    first = race_figure(race, form)
    assert first.startswith(STARTS[form])
    assert first == race_figure(race, form)


def test_a_race_of_nets_without_a_plane_has_a_figure_before_its_first_step() -> None:
    race = Race(entries_of("sgd,adam"), make("sine", samples=40), {"hidden": (3,), "epochs": 2})
    assert race_figure(race, "png").startswith(STARTS["png"])


def panels(run: Run, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The axes of the figure of a run."""
    from matplotlib.figure import Figure

    drawings: list[Figure] = []
    kept = Figure.savefig

    def keep(self: Figure, *arguments: Any, **named: Any) -> None:
        drawings.append(self)
        kept(self, *arguments, **named)

    monkeypatch.setattr(Figure, "savefig", keep)
    drawn(run, "png")
    return list(drawings[0].axes)


def test_the_confusion_matrix_stands_on_the_right(finished: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    axes = panels(finished, monkeypatch)[-1]
    matrix = finished.measures(finished.validation).confusion
    assert matrix is not None
    assert axes.get_title() == "confusion, validation"
    numbers = {tuple(map(int, text.get_position())): int(text.get_text()) for text in axes.texts}
    assert numbers == {(k, i): count for i, row in enumerate(matrix) for k, count in enumerate(row) if count}


def test_of_a_number_the_prediction_stands_against_the_target(monkeypatch: pytest.MonkeyPatch) -> None:
    axes = panels(table_run(rows(3, lambda row: row + 0.5)), monkeypatch)
    assert [one.get_title() for one in axes] == ["loss before each update", "prediction against target"]


def test_the_boundary_comes_first_and_then_the_loss(finished: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    titles = [one.get_title() for one in panels(finished, monkeypatch)]
    assert titles[:2] == ["decision boundary (diamonds: validation)", "loss before each update"]


def test_numbers_that_no_axis_can_hold_are_refused_with_a_sentence() -> None:
    run = table_run(rows(2, lambda row: row + 0.5))
    run.training.inputs[0, 0] = 1e301
    with pytest.raises(UnavailableError, match=r"a figure can't show numbers as large as 1e\+301"):
        drawn(run, "png")
