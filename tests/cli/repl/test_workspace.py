"""`gradcli.cli.repl.workspace`: names and what they are worth."""

from __future__ import annotations

import pytest

from gradcli.cli.repl.workspace import ANSWER, Workspace
from gradcli.cli.showing.output import value_text
from gradcli.errors import UsageError


def test_an_array_is_kept_as_a_text_that_gives_the_same_array() -> None:
    import numpy as np

    from gradcli.evaluate.expression import parse

    workspace = Workspace()
    array = np.array([[0.1, float("nan")], [1e-300, float("-inf")]])
    workspace.keep(array, value_text(array))
    again = parse(workspace.values[ANSWER])()
    np.testing.assert_array_equal(again, [[0.1, float("nan")], [1e-300, float("-inf")]])


def test_what_is_not_there_can_not_be_forgotten() -> None:
    workspace = Workspace()
    workspace.keep(2.0, "2.0")
    with pytest.raises(UsageError, match="no value"):
        workspace.forget(["x"])
    workspace.forget([ANSWER])
    assert workspace.values == {}
