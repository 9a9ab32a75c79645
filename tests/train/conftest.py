"""Small runs that several tests share."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gradcli.train.datasets import make
from gradcli.train.run import Run, start


def small_run(**choices: Any) -> Run:
    """A run of a few moments: 12 updates of a net of 17 parameters."""
    given: dict[str, Any] = {"hidden": (4,), "epochs": 3, "batch": 8, "split_off": 0.2} | choices
    return start(make("moons", samples=40), samples=40, **given)


@pytest.fixture(scope="module", autouse=True)
def _only_new_objects_are_collected() -> Iterator[None]:
    """The peers of other tests leave a million objects, which would be searched whenever a graph fills the memory."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def small() -> Callable[..., Run]:
    """`small_run`."""
    return small_run


@pytest.fixture
def finished() -> Run:
    """A small run that is done."""
    run = small_run()
    for _ in run.events():
        pass
    return run
