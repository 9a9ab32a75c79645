"""`gradcli.cli.completing.option_values`: the words that are offered are those that a command accepts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gradcli.cli.catalogue import COMMANDS, load
from gradcli.cli.completing.option_values import _TABLES, words_for
from gradcli.cli.reading.parameters import parameters_of

Run = Callable[..., Any]
OFFERED = [
    (name, one.shown, word)
    for group in COMMANDS.values()
    for name in group
    for one in parameters_of(load(name).run)
    for word in words_for(name, one)
    if name in ("draw", "export", "map", "predict")
]


@pytest.mark.parametrize(("name", "option", "word"), OFFERED)
def test_an_offered_word_is_not_refused(name: str, option: str, word: str, inside: Run, own_folder: Any) -> None:
    operands = {"draw": ["x", "x=1"], "export": ["x"], "map": ["x", "no.csv"], "predict": ["no.safetensors", "no.csv"]}
    found = inside(name, *operands[name], option, word)
    assert "unknown" not in found.err, found.err


def test_every_table_belongs_to_a_parameter() -> None:
    shown = {
        (name, one.shown) for group in COMMANDS.values() for name in group for one in parameters_of(load(name).run)
    }
    assert {key for key in _TABLES if key[0]} <= shown


def test_the_words_of_a_choice_of_training_are_its_table() -> None:
    from gradcli.optim.optimizers import OPTIMIZERS

    parameters = {one.name: one for one in parameters_of(load("train").run)}
    assert [*words_for("train", parameters["optimizer"])] == [*OPTIMIZERS]
    assert words_for("train", parameters["classes"]) == {}
