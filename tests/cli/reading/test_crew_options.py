"""`--workers` and `--dask`: what they stand for, and where they are refused."""

from __future__ import annotations

import pytest

from gradcli.cli.reading.crew_options import chosen_crew, declared_crew, refuse_crew
from gradcli.cli.reading.parameters import _STAND_IN
from gradcli.errors import UsageError
from gradcli.jobs import HERE, Crew


def test_without_options_this_process_does_the_work() -> None:
    assert chosen_crew(None, None) == chosen_crew(1, None) == HERE
    assert chosen_crew(3, None) == Crew(3)
    assert chosen_crew(None, "tcp://h:1") == Crew(1, "tcp://h:1")


def test_both_together_are_refused() -> None:
    with pytest.raises(UsageError, match="`--workers` and `--dask` can't be given together"):
        chosen_crew(1, "tcp://h:1")


@pytest.mark.parametrize(("workers", "dask", "option"), [(2, None, "--workers"), (None, "h", "--dask")])
def test_the_option_that_was_given_is_named(workers: int | None, dask: str | None, option: str) -> None:
    with pytest.raises(UsageError) as caught:
        refuse_crew(workers, dask, "has nothing to share", "do this")
    assert (caught.value.message, caught.value.hint) == (f"`{option}` has nothing to share", "do this")


def test_nothing_is_refused_if_nothing_was_given() -> None:
    refuse_crew(None, None, "has nothing to share", "do this")


def test_the_options_are_declared_for_every_command_alike() -> None:
    assert [*declared_crew(_STAND_IN)] == ["workers", "dask"]
