"""`gradcli.cli.notebook.live_figure`: one display that is replaced at a bounded rate and ends with the last state."""

from __future__ import annotations

from typing import Any

import pytest

from gradcli.cli.notebook.live_figure import LiveFigure
from gradcli.cli.notebook.notebook_page import NotebookPage
from gradcli.draw.film import Film
from gradcli.train.data.datasets import make
from gradcli.train.data.loading import load_data
from gradcli.train.run import start


class Cell:
    """Takes note of what a notebook is told to show, and how often it is replaced."""

    def __init__(self) -> None:
        self.displays = 0
        self.texts: list[str] = []

    def display(self, bundle: dict[str, str], **options: Any) -> Cell:
        assert options == {"raw": True, "display_id": True}
        self.displays += 1
        self.update(bundle, raw=True)
        return self

    def update(self, bundle: dict[str, str], *, raw: bool) -> None:
        assert raw
        assert bundle["image/svg+xml"].startswith("<svg")
        self.texts.append(bundle["text/plain"])


def watched(seconds_of_event: float, **choices: Any) -> tuple[Cell, Any]:
    """Train with a clock that goes on by some seconds in each event, and by a millisecond whenever it is read."""
    now = 0.0

    def clock() -> float:
        nonlocal now
        now += 0.001
        return now

    run = start(make("moons", samples=40), hidden=(4,), **{"epochs": 30, "batch": 20, **choices})
    film, cell = Film(run), Cell()
    with LiveFigure(film, NotebookPage(cell.display), clock) as figure:
        for event in run.events(film.stops):
            now += seconds_of_event
            figure.update(event)
    return cell, run


def test_one_display_is_replaced_and_ends_with_the_last_state() -> None:
    cell, run = watched(1.0)
    assert cell.displays == 1
    assert len(cell.texts) > 10
    assert cell.texts[0] == "moons, epoch 0 of 30, update 0"
    measure = f"validation accuracy {100 * run.measures(run.validation).accuracy:.1f} %"
    assert cell.texts[-1] == f"moons, epoch 30 of 30, update {run.updates}, {measure}"


def test_a_fast_run_is_drawn_at_its_start_and_at_its_end() -> None:
    cell, _ = watched(0.0)
    assert len(cell.texts) == 2
    assert cell.texts[-1].startswith("moons, epoch 30 of 30")


def test_drawing_takes_a_small_share_of_the_time() -> None:
    now = 0.0

    def clock() -> float:
        nonlocal now
        now += 0.5
        return now

    run = start(make("moons", samples=40), hidden=(4,), epochs=200, batch=20)
    film, cell = Film(run), Cell()
    with LiveFigure(film, NotebookPage(cell.display), clock) as figure:
        for event in run.events(film.stops):
            figure.update(event)
    assert figure.cost <= 0.15 * now + 2.0
    assert 3 < len(cell.texts) < len(film.stops)


@pytest.mark.parametrize(("name", "choices"), [("sine", {}), ("iris", {"epochs": 3})])
def test_other_nets_have_a_figure_too(name: str, choices: dict[str, Any]) -> None:
    run = start(load_data(name), **{"hidden": (4,), "epochs": 2, **choices})
    cell = Cell()
    film = Film(run)
    with LiveFigure(film, NotebookPage(cell.display)) as figure:
        for event in run.events(film.stops):
            figure.update(event)
    assert cell.texts[-1].startswith(f"{name}, epoch {run.settings.epochs} of")


def test_an_error_inside_leaves_the_last_picture() -> None:
    run = start(make("moons", samples=40), hidden=(4,), epochs=2)
    cell = Cell()
    with pytest.raises(KeyboardInterrupt), LiveFigure(Film(run), NotebookPage(cell.display)):
        raise KeyboardInterrupt
    assert len(cell.texts) == 1
