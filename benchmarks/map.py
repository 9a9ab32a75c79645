"""`gradcli map` over a file of 10,000,000 rows, against reading and writing the same columns with pyarrow alone; and
over many files in one process and in two.

The file has four columns of float64; what is written has nine: these, the value and four partials.  pyarrow reads the
four and writes nine, some of the four twice; groups of rows, compression and encodings are the same.  "whole table" is
pyarrow's shortest program, "batch by batch" its fastest that we know: pages through a buffer of one megabyte, no
dictionaries.  All are whole processes; the memory is the most that a process has held (peak resident set).  The output
is compared with NumPy's numbers, worked by hand, before anything is timed.

The many files have two columns, and the expression has so many operations that nearly all of the time is spent on
computing.  Each process has one thread, except where "two threads" is said.  The files that are written must be the
same, byte for byte.

    python benchmarks/map.py [rounds]
"""

from __future__ import annotations

from harness import Bound, Options, Table, duration, main, ratio, use_threads, variables

use_threads(2)

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

ROWS = 10_000_000
#: As `gradcli map` writes them, and the size of the batches that both read.
GROUP = 131_072
EXPRESSIONS = {
    "x1*x2 + sin(x3)*x4": "5 operations",
    "r = sqrt(x1*x1 + x2*x2 + 1); a = exp(-0.5*r)*cos(2*x3 + x4); b = log(1 + x3*x3)*tanh(x1*x2 - x4); "
    "c = tanh(a + b)*exp(-x2*x2)/(1 + exp(-x1)); s = a*b + c*c - cos(r*x3)/sqrt(1 + x4*x4); "
    "s*s + log(2 + a*a) - exp(-abs(s))*x1 + tanh(x3 - b)*cos(c)*x4": "50 operations",
}
BOUND, MEMORY = 1.3, 500
#: Many files, the rows of each, and the steps of a recurrence whose last value is computed for each row.
FILES, FILE_ROWS, STEPS = 8, 1_000_000, 200
#: One worker takes at least this many times as long as two.
SHARED = 1.7

WHOLE = """
import sys
import pyarrow.parquet as parquet
table = parquet.read_table(sys.argv[1])
for name, column in zip(("value", "d_x1", "d_x2", "d_x3", "d_x4"), (table["x1"], *table.columns)):
    table = table.append_column(name, column)
parquet.write_table(table, sys.argv[2], compression="snappy", use_dictionary=False, row_group_size=131072)
"""
BATCHES = """
import sys
import pyarrow
import pyarrow.parquet as parquet
file = parquet.ParquetFile(sys.argv[1], pre_buffer=False, buffer_size=1 << 20)
names = ["value", "d_x1", "d_x2", "d_x3", "d_x4"]
schema = pyarrow.schema([*file.schema_arrow, *[pyarrow.field(name, pyarrow.float64()) for name in names]])
with parquet.ParquetWriter(sys.argv[2], schema, compression="snappy", use_dictionary=False) as writer:
    for batch in file.iter_batches(batch_size=131072):
        columns = [*batch.columns, batch.columns[0], *batch.columns]
        writer.write_batch(pyarrow.RecordBatch.from_arrays(columns, schema=schema))
"""
# The memory of a process counts from that of the one which began it, so that one has to be small.
MEASURE = """
import resource, subprocess, sys, time
began = time.perf_counter()
done = subprocess.run(sys.argv[1:], stderr=subprocess.DEVNULL)
print(time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(done.returncode)
"""


def programs(expression: str, source: Path, folder: Path) -> dict[str, list[str]]:
    """Name -> the words of a process that writes a file of its own."""
    targets = {name: str(folder / f"{name}.parquet") for name in ("map", "batches", "whole")}
    return {
        "gradcli map": ["-m", "gradcli", "map", expression, str(source), "-o", targets["map"]],
        "pyarrow, batch by batch": ["-c", BATCHES, str(source), targets["batches"]],
        "pyarrow, whole table": ["-c", WHOLE, str(source), targets["whole"]],
    }


def write_table(path: Path, rows: int, names: Sequence[str] = ("x1", "x2", "x3", "x4"), seed: int = 0) -> None:
    """A table of random numbers."""
    import pyarrow
    from pyarrow import parquet

    generator = np.random.default_rng(seed)
    schema = pyarrow.schema([(name, pyarrow.float64()) for name in names])
    with parquet.ParquetWriter(path, schema, compression="snappy", use_dictionary=False) as writer:
        for first in range(0, rows, GROUP):
            count = min(GROUP, rows - first)
            columns = [pyarrow.array(column) for column in generator.standard_normal((len(names), count))]
            writer.write_batch(pyarrow.RecordBatch.from_arrays(columns, schema=schema))


def verify(words: list[str], path: Path) -> None:
    """Stop unless the table that is written for the first expression holds what NumPy finds."""
    from pyarrow import parquet

    run(words)
    for batch in parquet.ParquetFile(path).iter_batches():
        x1, x2, x3, x4, *found = (column.to_numpy() for column in batch.columns)
        expected = [x1 * x2 + np.sin(x3) * x4, x2, x1, np.cos(x3) * x4, np.sin(x3)]
        for one, other in zip(found, expected, strict=True):
            if np.max(np.abs(one - other), initial=0.0) > 1e-13:
                raise SystemExit("gradcli map and NumPy disagree")


def run(words: list[str]) -> tuple[float, float]:
    """Seconds and peak memory in megabytes of one process."""
    command = [sys.executable, "-S", "-c", MEASURE, sys.executable, *words]
    done = subprocess.run(command, env=variables(), capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{words[:3]} failed")
    seconds, peak = map(float, done.stdout.split())
    return seconds, peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def tables(options: Options) -> Iterator[Table]:
    """A table for each expression, and one for many files."""
    yield from one_file(options)
    yield many_files(options)


def recurrence(steps: int) -> str:
    """The last value of a recurrence as an expression."""
    given = [f"a{i} = sin(a{i - 1}) + exp(-a{i - 1}*a{i - 1}) + tanh(x2*a{i - 1})*{i}e-3" for i in range(1, steps)]
    return "; ".join(["a0 = x1", *given, f"a{steps - 1}"])


def many_files(options: Options) -> Table:
    """Many files, in one process and in two."""
    files, rows, steps = (2, 1_000, 10) if options.quick else (FILES, FILE_ROWS, STEPS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "files").mkdir()
        for number in range(files):
            write_table(folder / "files" / f"{number}.parquet", rows, ("x1", "x2"), number)
        common = ["-m", "gradcli", "map", recurrence(steps), str(folder / "files" / "*.parquet"), "--value-only"]
        kinds = {
            "one worker": ["--threads", "1"],
            "two workers": ["--workers", "2", "--threads", "1"],
            "one worker, two threads": ["--threads", "2"],
        }
        runs = {kind: [*common, *more, "-o", f"{folder / kind}/"] for kind, more in kinds.items()}
        times: dict[str, list[float]] = {}
        for words in runs.values():
            run(words)  # compiles, too: the code is kept
        written = [[path.read_bytes() for path in sorted((folder / kind).iterdir())] for kind in kinds]
        if len(written[0]) != files or any(other != written[0] for other in written):
            raise SystemExit("the files that are written differ")
        del written
        for number in range(1 if options.quick else options.rounds):
            for kind in list(runs) if number % 2 else list(reversed(runs)):
                times.setdefault(kind, []).append(run(runs[kind])[0])
        most = Bound("time of two workers / one worker", ratio(times, "two workers", "one worker"), 1 / SHARED)
        return Table(
            f"{files} files of {rows:,} rows, {steps} steps of a recurrence with sin, exp and tanh: the last value",
            ["", "median", "one worker / this"],
            [
                [kind, duration(statistics.median(times[kind])), f"{1 / ratio(times, kind, 'one worker'):.3g}"]
                for kind in runs
            ],
            () if options.quick else (most,),
        )


def one_file(options: Options) -> Iterator[Table]:
    """One large file, with each expression."""
    rows = 10_000 if options.quick else ROWS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "points.parquet"
        write_table(source, rows)
        verify(programs(next(iter(EXPRESSIONS)), source, folder)["gradcli map"], folder / "map.parquet")
        for expression, size in list(EXPRESSIONS.items())[: 1 if options.quick else None]:
            times: dict[str, list[float]] = {}
            memory: dict[str, list[float]] = {}
            runs = programs(expression, source, folder)
            for number in range(1 if options.quick else options.rounds):
                for program in list(runs) if number % 2 else list(reversed(runs)):
                    for old in folder.glob("[!p]*.parquet"):
                        old.unlink()  # or the time that it takes to overwrite another's is counted
                    seconds, peak = run(runs[program])
                    times.setdefault(program, []).append(seconds)
                    memory.setdefault(program, []).append(peak)
            ours = "gradcli map"
            bounds = [
                Bound(
                    f"time of {ours} / pyarrow, batch by batch", ratio(times, ours, "pyarrow, batch by batch"), BOUND
                ),
                Bound("memory of gradcli map in MB", max(memory[ours]), MEMORY),
            ]
            yield Table(
                f"{rows:,} rows, an expression of {size}: value and 4 partials, Parquet to Parquet",
                ["", "median", f"{ours} / this", "peak memory"],
                [
                    [
                        name,
                        duration(statistics.median(times[name])),
                        f"{ratio(times, ours, name):.3g}",
                        f"{max(memory[name]):.0f} MB",
                    ]
                    for name in runs
                ],
                () if options.quick else bounds,
            )


if __name__ == "__main__":
    raise SystemExit(main(__doc__, tables, ("pyarrow", "numpy", "llvmlite"), rounds=7))
