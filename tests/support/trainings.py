"""Command lines of small trainings, tables to train on, the result of one as data, and the early end of several."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

__all__ = ["IRIS", "NUMBERS", "SMALL", "TINY", "interrupt_after", "trained"]

TINY = ("--samples", "40", "--hidden", "4", "--batch", "16")
SMALL = (*TINY, "--epochs", "2")
IRIS = "length,width,species\n" + "".join(
    f"{1 + 3 * kind + (row % 5) / 5},{2 - kind + (row % 3) / 3},{'abc'[kind]}\n"
    for row in range(12)
    for kind in range(3)
)
NUMBERS = "x,y\n" + "".join(f"{number},{2 * number + 0.5}\n" for number in range(30))


def trained(inside: Callable[..., Any], *words: str, **more: Any) -> dict[str, Any]:
    """Run ``gradcli train`` with these words and return the document that it prints."""
    done = inside("train", *words, "--json", **more)
    assert done.code == 0, done.err
    document: dict[str, Any] = json.loads(done.out)
    return document


def interrupt_after(
    ended: int, monkeypatch: pytest.MonkeyPatch, error: Callable[[], BaseException] = KeyboardInterrupt
) -> None:
    """Let Ctrl-C, or another error, come when this many of several runs have ended, as `run_jobs` hears it."""
    from gradcli.jobs import run_jobs

    def run(function: Any, jobs: Any, crew: Any, done: Callable[[int, Any], None], *more: Any) -> list[Any]:
        heard = 0

        def noted(number: int, result: Any) -> None:
            nonlocal heard
            done(number, result)
            heard += 1
            if heard == ended:
                raise error()

        if not ended:
            raise error()
        return run_jobs(function, jobs, crew, noted, *more)

    monkeypatch.setattr("gradcli.cli.live.progress.run_jobs", run)
