"""`gradcli.cli.reading.invocation`: flags of every command stand anywhere, and a suggested command line works."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcli.cli.catalogue import COMMON_FLAGS
from gradcli.errors import ExitCode

Run = Callable[..., Any]


def test_common_flags_may_stand_anywhere(inside: Run) -> None:
    expected = inside("eval", "2", "--json").out
    for words in (["--json", "eval", "2"], ["eval", "--json", "2"], ["eval", "2", "--json", "--no-color"]):
        assert inside(*words).out == expected
    assert set(COMMON_FLAGS) == {"--json", "--plain", "--no-color", "--debug"}
    assert inside("eval", "2", "--json", "--plain").code == ExitCode.USAGE


def test_a_command_line_that_is_suggested_works(inside: Run) -> None:
    import shlex

    found = inside("grad", "a*order + b", "b=2", "--strict")
    assert found.code == ExitCode.USAGE
    suggestion = found.err.splitlines()[-1].strip()
    assert suggestion == 'gradcli grad "a*order + b" b=2 --strict --a 1 order=1'
    assert inside(*shlex.split(suggestion)[1:]).code == 0
