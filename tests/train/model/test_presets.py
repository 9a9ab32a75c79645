"""Presets."""

from __future__ import annotations

import pytest

from gradcli.train.choices import DataChoices, checked, choices
from gradcli.train.model.presets import PRESETS


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_made_of_choices_that_a_run_has(name: str) -> None:
    assert checked(PRESETS[name].choices) == PRESETS[name].choices


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_leaves_no_choice_that_changes_its_losses(name: str) -> None:
    left = set(choices()) - set(choices(DataChoices)) - set(PRESETS[name].choices)
    # Each of these is off unless it is given.
    assert left == {
        "class_weight",
        "engine",
        "test",
        "conv",
        "dropout",
        "features",
        "options",
        "warmup",
        "clip",
        "patience",
        "min_delta",
        "precision",
    }
