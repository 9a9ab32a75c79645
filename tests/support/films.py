"""Films of small runs."""

from __future__ import annotations

from typing import Any

from gradcli.draw.film import Film
from gradcli.train.run import load_data, start

__all__ = ["filmed"]


def filmed(dataset: str = "moons", frames: int = 5, **given: Any) -> Film:
    """Train a small net, and return the film of its run."""
    source = {name: given[name] for name in ("samples", "expression", "classes") if name in given}
    run = start(load_data(dataset, seed=1, **source), dataset=dataset, **{"hidden": (4,), "epochs": 6, **given})
    film = Film(run, frames=frames)
    for event in run.events(film.stops):
        film.note(event)
    film.finish()
    return film
