"""Presets."""

from __future__ import annotations

import inspect

import pytest

from gradcli.train.model.presets import PRESETS
from gradcli.train.run import load_data, start


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_made_of_choices_that_a_run_has(name: str) -> None:
    known = {*inspect.signature(start).parameters, *inspect.signature(load_data).parameters}
    assert set(PRESETS[name]) <= known


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_leaves_no_choice_that_changes_its_losses(name: str) -> None:
    left = set(inspect.signature(start).parameters) - set(PRESETS[name])
    # Each of these is off unless it is given.
    assert left == {
        "data", "source", "engine", "test", "conv", "dropout", "features", "options", "warmup", "clip", "patience",
        "min_delta",
    }  # fmt: skip
