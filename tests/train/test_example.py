"""The example of training in Python."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.support.paths import ROOT


def test_the_example_trains_on_its_table_and_knows_a_flower() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "train_a_table.py")],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    lines = done.stdout.splitlines()
    assert len(lines) == 5
    assert lines[-1] == "a flower with petals of 4.7 by 1.2 cm: versicolor"
