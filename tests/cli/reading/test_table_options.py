"""The options on how a table is written belong to every command that reads tables, and notes name them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gradcli.cli.catalogue import load
from gradcli.cli.reading.parameters import parameters_of
from gradcli.tables.reading import READING_OPTIONS

Run = Callable[..., Any]


@pytest.mark.parametrize("command", ["map", "train", "predict"])
def test_every_command_that_reads_tables_has_the_options(command: str) -> None:
    found = {one.name: one for one in parameters_of(load(command).run)}
    for name, option in READING_OPTIONS.items():
        assert "/".join([*found[name].spellings, *found[name].negations]) == option.option
        assert found[name].help == option.about
        assert found[name].default is None


def test_a_note_names_the_options_and_not_the_arguments(inside: Run) -> None:
    found = inside("map", "x1", "-", stdin="1,2\n3,4\n")
    assert found.code == 0
    assert "`--header` takes it as names" in found.err


def test_a_grid_is_not_read(inside: Run) -> None:
    found = inside("map", "x", "--grid", "x=0:1:2", "--no-header")
    assert (found.code, "`--header` is an option for tables, and a grid is given" in found.err) == (2, True)
