"""The engine of numbers."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.errors import UsageError
from gradcli.train.data.datasets import make
from gradcli.train.engines.engine_choice import engine_for
from gradcli.train.engines.value_engine import ValueEngine
from gradcli.train.model.design import describe
from gradcli.train.run import initial_parameters
from tests.support.nets import (
    made,
)


def test_the_scalar_engine_refuses_convolutions_in_a_sentence() -> None:
    _, model = made("a convolution")
    with pytest.raises(UsageError) as caught:
        engine_for(model, "value")
    assert caught.value.message == ("the engine `value` runs fully connected nets only, and this one has convolutions")


def test_a_prediction_makes_no_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    model = describe(make("moons", 30), hidden=(4,))
    engine = ValueEngine(model)
    engine.predict(initial_parameters(model, "he", 0), np.zeros((2, 2)))
    assert "parameters" not in engine.__dict__
