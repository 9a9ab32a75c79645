"""Pages of small runs, and a table whose names are hostile."""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from tests.support.command_line import run_inside

__all__ = ["HOSTILE_COLUMNS", "HOSTILE_LABELS", "HOSTILE_TARGET", "REPORTS", "hostile_table", "reported"]

HOSTILE_COLUMNS: Final = ("<script>window.hurt=1</script>", "a \"b\" 'c' & <b>", "שלום", "kind")
HOSTILE_LABELS: Final = ("<img src=x onerror=window.hurt=1>", '"yes"', "مرحبا")
HOSTILE_TARGET: Final = "</title><script>window.hurt=1</script>"
_KINDS: Final = ("<i>one</i>", "two & three", '"four"')

#: A name -> the words of a run; ``TABLE`` stands for the hostile table.
REPORTS: Final[dict[str, Sequence[str]]] = {
    "plane": ("moons", "--samples", "60", "--hidden", "6,4", "--epochs", "20"),
    "curve": ("--data", "sin(3*x)", "--samples", "60", "--hidden", "5", "--activation", "tanh", "--epochs", "20"),
    "table": ("TABLE", "--target", HOSTILE_TARGET, "--hidden", "4", "--epochs", "8"),
    "many": ("digits", "--hidden", "6", "--epochs", "1", "--batch", "200"),
}


def hostile_table(path: Path) -> None:
    """Write a table of 40 rows."""
    generator = random.Random(1)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*HOSTILE_COLUMNS, HOSTILE_TARGET])
        for row in range(40):
            numbers = [round(generator.gauss(row % 3, 1.0), 3) for _ in range(3)]
            writer.writerow([*numbers, _KINDS[row % 7 % 3], HOSTILE_LABELS[row % 3]])


def reported(folder: Path, words: Sequence[str], name: str = "run") -> tuple[Path, Path, Any]:
    """Train; return the page, the model file and the outcome of the command."""
    table = folder / "table.csv"
    if "TABLE" in words and not table.exists():
        hostile_table(table)
    page, model = folder / f"{name}.html", folder / f"{name}.safetensors"
    given = [str(table) if word == "TABLE" else word for word in words]
    outcome = run_inside("train", *given, "--report", str(page), "-o", str(model), "--view", "none", "--seed", "1")
    assert outcome.code == 0, outcome.err
    return page, model, outcome
