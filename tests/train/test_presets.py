"""Presets."""

from __future__ import annotations

import inspect

import pytest

from gradcli.train.presets import PRESETS
from gradcli.train.run import start


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_made_of_choices_that_a_run_has(name: str) -> None:
    assert set(PRESETS[name]) <= set(inspect.signature(start).parameters)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_leaves_no_choice_that_changes_its_losses(name: str) -> None:
    left = set(inspect.signature(start).parameters) - set(PRESETS[name])
    assert left == {"data", "target", "task", "engine"}
