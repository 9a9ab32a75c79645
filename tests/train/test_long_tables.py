"""A long table is held once: the memory of a whole run next to that of the same run on few rows, and of its parts."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from gradcli.train.data.rows import Data
from gradcli.train.run import start
from tests.support.nets import INSTALLED
from tests.support.paths import ROOT

pytest.importorskip("resource")

ROWS, COLUMNS = 500_000, 10
# The memory of a process counts from that of the one which began it, so that one has to be small.
MEASURE = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(done.returncode)
"""


def write(path: Path, rows: int) -> None:
    """Write a table of random numbers, whose last column is the target."""
    values = np.random.default_rng(0).normal(size=(rows, COLUMNS + 1))
    if path.suffix == ".npy":
        np.save(path, values)
        return
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    table = arrow.table({f"x{place}": column for place, column in enumerate(values.T, 1)})
    parquet.write_table(table, path, use_dictionary=False)


def peak(path: Path) -> float:
    """Return the most bytes that `gradcli train` holds for an epoch of a table."""
    words = ["train", str(path), "--target", f"x{COLUMNS + 1}", "--hidden", "4", "--epochs", "1", "--batch", "4096"]
    words += ["--engine", "tensor", "--view", "none", "-o", str(path.with_suffix(".safetensors"))]
    command = [sys.executable, "-S", "-c", MEASURE, sys.executable, "-m", "gradcli", *words]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    return float(done.stdout) * (1 if sys.platform == "darwin" else 1024)


# Reading Parquet takes some blocks of columns more. With a second copy, both would take over 3 times the numbers.
@pytest.mark.parametrize(("suffix", "most"), [(".npy", 1.9), (".parquet", 2.6)])
def test_a_long_table_is_held_once(suffix: str, most: float, tmp_path: Path) -> None:
    few, many = tmp_path / f"few{suffix}", tmp_path / f"many{suffix}"
    write(few, 1000)
    write(many, ROWS)
    assert peak(many) - peak(few) < most * 8 * ROWS * (COLUMNS + 1)


@pytest.mark.parametrize("engine", [name for name in INSTALLED if name != "value"])
@pytest.mark.parametrize("labels", [None, tuple("abcdefgh")])
def test_rows_set_aside_and_all_rows_are_measured_in_little_memory(engine: str, labels: tuple[str, ...] | None) -> None:
    inputs, targets = np.random.default_rng(0).normal(size=(ROWS, COLUMNS)), np.arange(float(ROWS)) % 8
    data = Data("t", tuple(map(str, range(COLUMNS))), inputs, "y", targets, labels)
    run = start(data, engine=engine, split=0.5, hidden=(2,), epochs=1, batch=8192, in_place=True)
    tracemalloc.start()
    list(run.events())
    trained = tracemalloc.get_traced_memory()[1]
    tracemalloc.reset_peak()
    run.report()
    measured = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # The outputs for half of the rows are needed together, and a few numbers for each row; not the rows again.
    most = 8 * ROWS // 2 * (run.model.outputs + 1.5 * COLUMNS)
    assert trained < most
    assert measured < most
