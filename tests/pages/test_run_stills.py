"""`gradcli.pages.run_stills`: the parameters at some moments of a run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcli.draw.film import moments
from gradcli.pages.run_stills import Stills
from gradcli.train.run import load_data, start


def recorded(dataset: str = "moons", **given: Any) -> Stills:
    source = {"samples": 40} if dataset == "moons" else {}
    run = start(
        load_data(dataset, seed=1, **source), dataset=dataset, **{"hidden": (3,), "epochs": 6, **given, **source}
    )
    stills = Stills(run)
    for event in run.events(stills.stops):
        stills.note(event)
    stills.finish()
    return stills


@pytest.mark.parametrize("engine", ["tensor", "jit", "value"])
def test_each_still_has_the_parameters_after_its_updates(engine: str) -> None:
    if engine == "jit":
        pytest.importorskip("llvmlite")
    stills = recorded(engine=engine)
    assert [one.update for one in stills.moments] == moments(0, stills.run.updates, 30)
    again = recorded(engine=engine, epochs=6)
    middle = len(stills.moments) // 2
    for one, other in zip(stills.moments, again.moments, strict=True):
        np.testing.assert_array_equal(one.parameters, other.parameters)
    assert (stills.moments[middle].parameters != stills.moments[0].parameters).any()
    np.testing.assert_array_equal(stills.moments[-1].parameters, stills.run.state.parameters)


def test_a_larger_net_has_fewer_stills(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradcli.pages.run_stills._PARAMETERS", 70)
    stills = recorded()
    assert stills.run.model.count == 13
    assert len(stills.moments) == 5


def test_a_net_that_a_page_cannot_compute_leaves_only_moments() -> None:
    stills = recorded("digits", conv=(2,), epochs=1, batch=900, hidden=())
    assert stills.script is None
    assert "conv2d" in stills.reason
    assert all(one.parameters is None for one in stills.moments)
