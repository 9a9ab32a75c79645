"""`gradcli train` on a table of 10,000,000 rows of 10 columns in Parquet: one epoch, against PyTorch with a DataLoader.

The net is 10-16-1 with relu, trained by Adam on batches of 256 rows to predict a number, in float64. All are whole
processes that read the file and end with the parameters. The peers hold the columns as one array in memory, in their
documented ways: a DataLoader over a TensorDataset; the same with a sampler of whole batches, so that a batch is one
indexing; and batches of a random permutation without a DataLoader. gradcli also measures the net on all rows at the
end, and writes its model. A last line is gradcli's default, a fifth of the rows set aside for validation.

Before anything is timed, the losses of all contestants are compared on few rows, in the same order and from the same
first parameters, to 1e-9. The memory is the most that a process has held (peak resident set).

    python benchmarks/long_tables.py [rounds]
"""

from __future__ import annotations

from harness import Bound, Options, Table, duration, main, ratio, use_threads, variables

use_threads(2)

import csv
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from harness import agree, installed
from map import MEASURE

from gradcli.train.data.loading import load_data
from gradcli.train.run import start
from gradcli.train.trainer import order_of

ROWS, COLUMNS, BATCH = 10_000_000, 10, 256
GROUP = 131_072
RATE = 0.005
#: The most of the time of PyTorch with a DataLoader, and the most memory in megabytes.
BOUND, MEMORY = 1.2, 2000

TORCH = """
import math, sys
import numpy as np
import pyarrow.parquet as parquet
import torch
path, way, start, losses = sys.argv[1:]
known = dict(np.load(start))
torch.set_num_threads(2)
file = parquet.ParquetFile(path)
table = np.empty((file.metadata.num_rows, len(file.schema_arrow.names)))
done = 0
for batch in file.iter_batches():
    for place, column in enumerate(batch.columns):
        table[done : done + batch.num_rows, place] = column.to_numpy()
    done += batch.num_rows
table -= known["mean"]
table /= known["scale"]
inputs, targets = torch.from_numpy(table)[:, :-1], torch.from_numpy(table)[:, -1]
net = torch.nn.Sequential(torch.nn.Linear(inputs.shape[1], 16), torch.nn.ReLU(), torch.nn.Linear(16, 1)).double()
with torch.no_grad():
    for number, parameter in enumerate(net.parameters()):
        parameter.copy_(torch.from_numpy(known[f"p{number}"]))
optimizer = torch.optim.Adam(net.parameters(), lr=RATE)
updates = -(-len(inputs) // SIZE)
schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: 0.5 * (1 + math.cos(math.pi * k / updates)))
data = torch.utils.data.TensorDataset(inputs, targets)
order = known["order"].tolist() if "order" in known else None
if way == "loader":
    batches = torch.utils.data.DataLoader(data, batch_size=SIZE, shuffle=order is None, sampler=order)
elif way == "whole":
    rows = torch.utils.data.RandomSampler(data) if order is None else order
    sampler = torch.utils.data.BatchSampler(rows, SIZE, drop_last=False)
    batches = torch.utils.data.DataLoader(data, sampler=sampler, batch_size=None)
else:
    rows = torch.randperm(len(inputs)) if order is None else torch.tensor(order)
    batches = ((inputs[some], targets[some]) for some in rows.split(SIZE))
found = []
for x, y in batches:
    optimizer.zero_grad()
    loss = torch.nn.functional.mse_loss(net(x)[:, 0], y)
    loss.backward()
    optimizer.step()
    schedule.step()
    found.append(loss.detach())
np.save(losses, torch.stack(found).numpy())
""".replace("SIZE", str(BATCH)).replace("RATE", str(RATE))

#: Name -> how the peer comes to its batches.
WAYS = {
    "PyTorch, DataLoader": "loader",
    "PyTorch, DataLoader of whole batches": "whole",
    "PyTorch, batches of a permutation": "permutation",
}
OURS, ASIDE = "gradcli train", "gradcli train, a fifth set aside"
CHOICES = {"hidden": (16,), "epochs": 1, "batch": BATCH, "learning_rate": RATE, "l2": 0.0, "split": 0.0}


def write_table(path: Path, rows: int) -> None:
    """Write the table that all read, a group of rows at a time."""
    import pyarrow
    from pyarrow import parquet

    generator = np.random.default_rng(0)
    weights = generator.standard_normal(COLUMNS)
    names = [*(f"x{number}" for number in range(1, COLUMNS + 1)), "y"]
    schema = pyarrow.schema([(name, pyarrow.float64()) for name in names])
    with parquet.ParquetWriter(path, schema, compression="snappy", use_dictionary=False) as writer:
        for first in range(0, rows, GROUP):
            inputs = generator.standard_normal((COLUMNS, min(GROUP, rows - first)))
            targets = np.tanh(weights @ inputs) + 0.1 * generator.standard_normal(inputs.shape[1])
            columns = [pyarrow.array(column) for column in (*inputs, targets)]
            writer.write_batch(pyarrow.RecordBatch.from_arrays(columns, schema=schema))


def write_start(path: Path, target: Path, *, ordered: bool) -> None:
    """Write what the peers begin with: the scale of the columns, the first parameters and, on demand, the order."""
    run = start(load_data(str(path), target="y"), **CHOICES)
    model, arrays = run.model, list(run.model.matrices(run.state.parameters).values())
    known = {f"p{number}": array for number, array in enumerate(arrays)}
    known["mean"], known["scale"] = [*model.input_mean, model.target_mean], [*model.input_scale, model.target_scale]
    if ordered:
        known["order"] = order_of(len(run.training), run.settings.seed, 0, BATCH)
    np.savez(target, **known)


def programs(source: Path, folder: Path) -> dict[str, list[str]]:
    """Name -> the words of a process."""
    ours = ["-m", "gradcli", "train", str(source), "--target", "y", "--hidden", "16", "--epochs", "1"]
    ours += [
        "--batch",
        str(BATCH),
        "--lr",
        str(RATE),
        "--l2",
        "0",
        "--view",
        "none",
        "-o",
        str(folder / "m.safetensors"),
    ]
    found = {OURS: [*ours, "--split", "0"], ASIDE: ours}
    if installed("torch"):
        rest = [str(folder / "start.npz"), str(folder / "losses.npy")]
        found |= {name: ["-c", TORCH, str(source), way, *rest] for name, way in WAYS.items()}
    return found


def run(words: list[str]) -> tuple[float, float]:
    """Seconds and peak memory in megabytes of one process."""
    command = [sys.executable, "-S", "-c", MEASURE, sys.executable, *words]
    done = subprocess.run(command, env=variables(), capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{words[:3]} failed: {done.stderr[-500:]}")
    seconds, peak = map(float, done.stdout.split()[-2:])
    return seconds, peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def verify(folder: Path) -> None:
    """Stop unless all contestants find the same losses on few rows."""
    source, history = folder / "few.parquet", folder / "history.csv"
    write_table(source, 20_000)
    write_start(source, folder / "start.npz", ordered=True)
    losses = {}
    for name, words in programs(source, folder).items():
        if name == ASIDE:
            continue
        run([*words, "--history", str(history), "--json"] if name == OURS else words)
        losses[name] = np.load(folder / "losses.npy") if name != OURS else history_of(history)
    agree(losses, OURS, 1e-9)


def history_of(path: Path) -> np.ndarray:
    """The loss before each update, from the table that gradcli writes."""
    with path.open(newline="") as file:
        return np.array([float(row["loss"]) for row in csv.DictReader(file)])


def tables(options: Options) -> Iterator[Table]:
    """The one table."""
    rows = 20_000 if options.quick else ROWS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        verify(folder)
        source = folder / "rows.parquet"
        write_table(source, rows)
        scale = {"mean": np.zeros(COLUMNS + 1), "scale": np.ones(COLUMNS + 1)}
        known = {key: value for key, value in np.load(folder / "start.npz").items() if key.startswith("p")}
        np.savez(folder / "start.npz", **known, **scale)
        runs, times, memory = programs(source, folder), dict[str, list[float]](), dict[str, list[float]]()
        for number in range(1 if options.quick else options.rounds):
            for program in list(runs) if number % 2 else list(reversed(runs)):
                seconds, peak = run([*runs[program], "--json"] if program in (OURS, ASIDE) else runs[program])
                times.setdefault(program, []).append(seconds)
                memory.setdefault(program, []).append(peak)
        peer = next(iter(WAYS))
        bounds = [Bound(f"time of {OURS} / {peer}", ratio(times, OURS, peer), BOUND)] if peer in times else []
        bounds.append(Bound("memory of gradcli train in MB", max(memory[OURS] + memory[ASIDE]), MEMORY))
        lines = [
            [
                program,
                duration(statistics.median(times[program])),
                f"{ratio(times, OURS, program):.3g}",
                f"{max(memory[program]):.0f} MB",
            ]
            for program in runs
        ]
        title = f"An epoch of {rows:,} rows of {COLUMNS} columns from Parquet, batches of {BATCH}, a net 10-16-1, Adam"
        yield Table(title, ["", "median", f"{OURS} / this", "peak memory"], lines, () if options.quick else bounds)


if __name__ == "__main__":
    raise SystemExit(main(__doc__, tables, ("pyarrow", "numpy", "llvmlite", "torch"), rounds=3))
