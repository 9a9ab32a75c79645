"""What the benchmarks share: timing in pairs, goals, tables, versions, and the options of every script.

A script has a function `tables(options)` that yields a `Table` for each of its subjects, and ends in
`main(__doc__, tables)`.  `measure` makes the table of a `Subject`: contestants that do the same work; `Apart` gives
one a process of its own.  Results are compared (`agree`) before anything is timed.  In each round every contestant is
timed once, in an order that changes from round to round, so that a drift of the machine's speed meets all of them; a
time is the median of the rounds, a ratio the median of the ratios within a round.  A goal says which part of a peer's
time is allowed; `--check` makes the exit code 1 if one does not hold.  NumPy is not imported here, so that
`use_threads` comes in time.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import random
import re
import statistics
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib import metadata
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

#: Import name -> the name of the distribution, where they differ.
DISTRIBUTIONS = {"sklearn": "scikit-learn", "flint": "python-flint"}


class Goal(NamedTuple):
    """The time of ``ours`` is to be at most ``most`` of the time of ``peer``; both are names of contestants."""

    ours: str
    peer: str
    most: float


class Bound(NamedTuple):
    """A number that was found, and the most that it may be."""

    what: str
    found: float
    most: float

    @property
    def holds(self) -> bool:
        return self.found <= self.most

    def __str__(self) -> str:
        verdict = "holds" if self.holds else "DOES NOT HOLD"
        return f"{self.what}: {self.found:.3g}, at most {self.most:g}: {verdict}"


class Table(NamedTuple):
    """Texts in rows under a heading, the bounds that it shows, and remarks."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    bounds: Sequence[Bound] = ()
    remarks: Sequence[str] = ()

    def text(self) -> str:
        """For the terminal: the first column to the left, numbers to the right."""
        lines = [list(self.head), *map(list, self.rows)]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.head))]
        shown = [
            "  ".join(
                cell.ljust(width) if not i else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(line, widths, strict=True))
            )
            for line in lines
        ]
        return "\n".join(
            [self.title, *(f"  {line.rstrip()}" for line in shown), *(f"  {line}" for line in self._below())]
        )

    def markdown(self) -> str:
        """For a document: the same as a table of Markdown."""
        lines = [f"| {' | '.join(map(_escaped, line))} |" for line in (self.head, *self.rows)]
        lines.insert(1, f"|---|{'---:|' * (len(self.head) - 1)}")
        below = [
            "\n  ".join(textwrap.wrap(f"* {_escaped(line)}", 118, break_long_words=False, break_on_hyphens=False))
            for line in self._below()
        ]
        return "\n".join([f"**{_escaped(self.title)}**", "", *lines, *(["", *below] if below else [])])

    def _below(self) -> list[str]:
        return [*map(str, self.bounds), *self.remarks]


def _escaped(text: str) -> str:
    """A text in which Markdown sees no emphasis and no end of a cell; code stays."""
    parts = text.split("`")
    return "`".join(part if i % 2 else re.sub(r"([*|])", r"\\\1", part) for i, part in enumerate(parts))


class Subject(NamedTuple):
    """Contestants that do the same work; ``ours`` are those whose time is divided by everyone's.

    A call must have finished its work when it returns.
    """

    title: str
    contestants: Mapping[str, Callable[[], object]]
    ours: Sequence[str] = ("gradcli",)
    goals: Sequence[Goal] = ()
    remarks: Sequence[str] = ()


class Options(NamedTuple):
    """What a script was asked for: ``quick`` is the smallest size that runs all of its code and shows nothing."""

    rounds: int
    quick: bool


def use_threads(count: int) -> None:
    """Give this process and its children so many processors, and tell the libraries; before NumPy is imported."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS"):
        os.environ[name] = str(count)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:count])


def variables() -> dict[str, str]:
    """The environment of a program that is timed: it finds what we find, and its bytecode, as an installed one does."""
    found = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    if "PYTHONPATH" in found:
        folders = found["PYTHONPATH"].split(os.pathsep)
        found["PYTHONPATH"] = os.pathsep.join(str(Path(folder).absolute()) for folder in folders)
    return found


def run_program(words: Sequence[str], folder: str | None = None, **further: str) -> str:
    """Run Python with the given arguments, in a folder, with further variables; what it prints.

    Raises:
        SystemExit: it failed; with the last of what it said.
    """
    command = [sys.executable, *words]
    done = subprocess.run(command, cwd=folder, env=variables() | further, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)[:200]}\nended with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout


#: Packages to be left out; see ``--without``.
_left_out: set[str] = set()


def installed(package: str) -> bool:
    """Whether a peer is there and wanted."""
    return package not in _left_out and importlib.util.find_spec(package) is not None


def environment(packages: Sequence[str] = ()) -> list[str]:
    """Lines on processor, system, Python, versions of packages, and those of the packages that are not installed."""
    processor = platform.processor() or platform.machine()
    flags = ""
    with_flags = Path("/proc/cpuinfo")
    if with_flags.exists():
        facts = dict(line.split(":", 1) for line in with_flags.read_text().splitlines() if ":" in line)
        facts = {key.strip(): value.strip() for key, value in facts.items()}
        processor = facts.get("model name", processor)
        vector = [name for name in ("avx512f", "avx2", "sse2") if name in facts.get("flags", "").split()]
        flags = f", {vector[0]}" if vector else ""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    versions = [f"Python {platform.python_version()}"]
    versions += [f"{name} {_version(name)}" for name in packages if installed(name)]
    lines = [
        f"{processor}{flags}, {count} processor{'s' * (count != 1)} used; {platform.system()} on {platform.machine()}",
        *textwrap.wrap(", ".join(versions), 118),  # two blanks at its end break a line of Markdown
    ]
    absent = [name for name in packages if not installed(name)]
    return lines + [f"left out, or not installed: {', '.join(absent)}"] * bool(absent)


def _version(package: str) -> str:
    try:
        return metadata.version(DISTRIBUTIONS.get(package, package))
    except metadata.PackageNotFoundError:
        return str(getattr(importlib.import_module(package), "__version__", "?"))


def agree(found: Mapping[str, Any], expected: str, tolerance: float = 1e-12) -> None:
    """Stop unless all results are those of ``expected``, relative to the largest entry of each of its arrays.

    A result is an array, a number, a sequence of them, or a function that returns one of these.
    """
    import numpy as np

    right = [np.array(part) for part in _parts(found[expected])]
    for name, result in found.items():
        parts = [np.asarray(part) for part in _parts(result)]
        if len(parts) != len(right):
            raise SystemExit(f"{name} has {len(parts)} results, {expected} has {len(right)}")
        for number, (one, other) in enumerate(zip(parts, right, strict=True)):
            scale = float(np.max(np.abs(other), initial=0.0))
            error = float(np.max(np.abs(one - other), initial=0.0)) if one.shape == other.shape else float("inf")
            if not error <= tolerance * scale:
                raise SystemExit(
                    f"result {number} of {name} is not that of {expected}: shapes {one.shape} and {other.shape}, "
                    f"difference {error:.3g} at a largest entry of {scale:.3g}"
                )


def _parts(result: Any) -> Sequence[Any]:
    if callable(result) and not hasattr(result, "shape"):
        result = result()
    return result if isinstance(result, list | tuple) else [result]


class Apart:
    """A contestant in a process of its own, where neither threads nor memory of others are in its way.

    Args:
        make: a function at the top of a module; what it returns is called there.
        here: stay in this process after all, to be quick.
    """

    def __init__(self, make: Callable[..., Callable[[], object]], *, here: bool = False) -> None:
        self._make = make
        self._pool = None if here else ProcessPoolExecutor(1, get_context("spawn"))
        self._worker = _Worker()

    def prepare(self, *arguments: object) -> Apart:
        """Make the call that the contestant is measured by from now on."""
        self._do(_Worker.prepare, self._make, arguments)
        return self

    def __call__(self) -> list[Any]:
        return self._do(_Worker.result)

    def seconds(self, least: float) -> float:
        """What `seconds_of` finds there."""
        return self._do(_Worker.seconds, least)

    def _do(self, method: Callable[..., Any], *arguments: Any) -> Any:
        if self._pool is None:
            return method(self._worker, *arguments)
        return self._pool.submit(_work, method, *arguments).result()


class _Worker:
    """The other side of `Apart`."""

    def prepare(self, make: Callable[..., Callable[[], object]], arguments: Sequence[object]) -> None:
        self.call = None  # what it held has gone before there is something new
        self.call = make(*arguments)

    def result(self) -> list[Any]:
        import numpy as np

        return [np.asarray(part) for part in _parts(self.call)]

    def seconds(self, least: float) -> float:
        return seconds_of(self.call, least)


_worker = _Worker()


def _work(method: Callable[..., Any], *arguments: Any) -> Any:
    return method(_worker, *arguments)


def paired(functions: Mapping[str, Callable[[], object]], rounds: int, seconds: float = 0.05) -> dict[str, list[float]]:
    """The seconds of one call of each function in every round; each is called for the given time, at least once.

    A call before each timing is not timed: it lets caches fill, and threads of the one before come to rest.  Whole
    processes are timed with no seconds: one call in each round.
    """
    generator = random.Random(0)
    times: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(rounds):
        for name in generator.sample(list(functions), len(functions)):
            function = functions[name]
            apart = isinstance(function, Apart)
            times[name].append(function.seconds(seconds) if apart else seconds_of(function, seconds))
    return times


def seconds_of(function: Callable[[], object], seconds: float) -> float:
    """The seconds of one call, from as many as fit into the given time, after one that is not timed.

    Of no seconds, it is the first call that is timed, and no other is made.
    """
    if seconds:
        function()
    began = time.perf_counter()
    function()
    once = time.perf_counter() - began
    if once >= seconds / 2:
        return once
    count = int(seconds / once)
    began = time.perf_counter()
    for _ in range(count):
        function()
    return (time.perf_counter() - began) / count


def ratio(times: Mapping[str, Sequence[float]], ours: str, peer: str) -> float:
    """The median of the ratios of the rounds in which both were timed, which are the first."""
    return statistics.median(one / other for one, other in zip(times[ours], times[peer], strict=False))


def duration(seconds: float) -> str:
    """A time in the unit that suits it."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}" if seconds < 1000 * size else f"{seconds / size:.0f} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def measure(subject: Subject, options: Options, seconds: float = 0.05) -> Table:
    """Time the contestants of a subject and divide the time of each of ours by everyone's."""
    times = paired(subject.contestants, 1 if options.quick else options.rounds, 0.0 if options.quick else seconds)
    return comparison(subject, times, claims=not options.quick)


def comparison(subject: Subject, times: Mapping[str, Sequence[float]], *, claims: bool = True) -> Table:
    """The table of a subject whose contestants have been timed: seconds of each in every round."""
    ours = [name for name in subject.ours if name in times]
    rows = [
        [name, duration(statistics.median(found)), *(f"{ratio(times, own, name):.3g}" for own in ours)]
        for name, found in times.items()
    ]
    bounds = [
        Bound(f"time of {goal.ours} / {goal.peer}", ratio(times, goal.ours, goal.peer), goal.most)
        for goal in subject.goals
        if claims and goal.ours in times and goal.peer in times
    ]
    return Table(subject.title, ["", "median", *(f"{own} / this" for own in ours)], rows, bounds, subject.remarks)


def main(
    about: str | None, tables: Callable[[Options], Iterator[Table]], packages: Sequence[str] = (), rounds: int = 9
) -> int:
    """Run a script: print the environment and each table when it is there; 1 if --check finds a goal that fails."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rounds", nargs="?", type=int, default=rounds, help=f"rounds of each timing (default {rounds})")
    parser.add_argument("--quick", action="store_true", help="smallest size, one round, no claims: does it run?")
    parser.add_argument("--check", action="store_true", help="exit code 1 if a goal does not hold")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write environment and tables to a file, too")
    parser.add_argument("--without", action="append", default=[], metavar="PACKAGE", help="leave a peer out")
    words = parser.parse_args()
    _left_out.update(words.without)
    used = environment(packages)
    print("\n".join(used), flush=True)
    shown = []
    for table in tables(Options(words.rounds, words.quick)):
        print(f"\n{table.text()}", flush=True)
        shown.append(table)
    if words.json:
        words.json.write_text(json.dumps({"environment": used, "tables": shown}))
    failed = [bound for table in shown for bound in table.bounds if not bound.holds]
    if failed:
        print(f"\n{len(failed)} of the goals {'does' if len(failed) == 1 else 'do'} not hold", file=sys.stderr)
    return 1 if words.check and failed else 0
