"""Categories and labels are compared as values, not as they are spelt: in training, prediction and programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]

# The spellings of two values in training -> other spellings of the same values.
SPELLINGS = {
    ("1", "2"): ("1.0", "2."),
    ("1.0", "2.5"): ("1", "2.50"),
    ("true", "false"): ("True", "FALSE"),
    ("1e3", "-0"): ("1000", "0"),
}


@pytest.mark.parametrize("trained", SPELLINGS)
def test_other_spellings_of_a_value_are_this_value(
    trained: tuple[str, str], inside: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    others = SPELLINGS[trained]
    Path("t.csv").write_text("c,y\n" + "".join(f"{one},{one}\n" for one in (*trained, *others) * 4))
    words = ("--target", "y", "--task", "classes", "--one-hot", "c", "--epochs", "2", "--plain")
    assert inside("train", "t.csv", *words).code == 0
    found = inside("predict", "t.safetensors", "t.csv", "--json")
    assert found.code == 0, found.err
    document = json.loads(found.out)
    assert len(document["predictions"][0]["probability"]) == 2
    scores = [row["scores"] for row in document["predictions"][:4]]
    assert scores[:2] == scores[2:]
    inside("export", "t.safetensors", "--to", "python", "-o", "t.py")
    program: dict[str, Any] = {}
    exec(Path("t.py").read_text(), program)
    for row, word in zip(document["predictions"], (*trained, *others), strict=False):
        assert program["predict"]({"c": word}) == row["prediction"]
