"""Command lines of small trainings, tables to train on, and the result of one as data."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

__all__ = ["IRIS", "NUMBERS", "SMALL", "TINY", "trained"]

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
