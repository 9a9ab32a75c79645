"""All benchmarks, one after the other: a table for each subject, with ratios to every peer that is installed.

Each script runs in a process of its own, as it does alone.  Goals are those of the project; a peer that is not
installed is left out, and the lines above the tables say so.

    python benchmarks/all.py                                  # everything: about half an hour
    python benchmarks/all.py batch training --check           # some; exit code 1 if a goal does not hold
    python benchmarks/all.py --write docs/performance.md      # put the tables into a document, between its markers
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from harness import Bound, Table

HERE = Path(__file__).parent

#: Script -> what it measures.
SCRIPTS = {
    "batch": "value and gradient at many rows",
    "few_rows": "what a call costs, at one point and at few rows",
    "hessian": "the Hessian of a function of a thousand variables",
    "special": "values of special functions",
    "training": "a training step, and whole trainings",
    "nets": "training loops of nets from a thousand to a million parameters",
    "long_tables": "an epoch of a table of 10,000,000 rows",
    "map": "a function over the rows of a file",
    "compiling": "time to compile, and the agreement of the executors",
    "languages": "an exported function next to one written by hand",
    "startup": "whole commands from the shell",
    "growth": "time against the size of an expression",
    "deep": "100,000 nested operations",
    "tensor": "training steps on arrays",
    "value": "the eager engine of numbers",
    "accuracy": "accuracy on rows never seen",
    "digits": "the digits of every function, in every way of computing",
    "opinfo": "agreement with PyTorch, on its databases of samples",
}


def run(name: str, words: list[str]) -> tuple[list[str], list[Table], int]:
    """Run a script, which prints; its environment, its tables and its exit code."""
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder, "tables.json")
        command = [sys.executable, str(HERE / f"{name}.py"), *words, "--json", str(found)]
        code = subprocess.run(command).returncode
        if not found.exists():
            return [], [], code or 1
        read = json.loads(found.read_text())
    tables = [
        Table(title, head, rows, [Bound(*bound) for bound in bounds], remarks)
        for title, head, rows, bounds, remarks in read["tables"]
    ]
    return read["environment"], tables, code


def write(path: Path, name: str, environment: list[str], tables: list[Table]) -> None:
    """Replace what stands in a document between ``<!-- name -->`` and ``<!-- /name -->``.

    Raises:
        SystemExit: the document has no such markers.
    """
    text = path.read_text(encoding="utf-8")
    parts = ["  \n".join(environment), *(table.markdown() for table in tables)]
    block = "\n\n".join([f"<!-- {name} -->", *parts, f"<!-- /{name} -->"])
    text, count = re.subn(rf"<!-- {name} -->.*?<!-- /{name} -->", lambda _: block, text, flags=re.DOTALL)
    if not count:
        raise SystemExit(f"{path} has no markers <!-- {name} --> and <!-- /{name} -->")
    path.write_text(text, encoding="utf-8")


def main() -> int:
    listed = "\n".join(f"    {name:10} {about}" for name, about in SCRIPTS.items())
    parser = argparse.ArgumentParser(
        description=f"{__doc__}\n{listed}", formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="scripts to run (default: all)")
    parser.add_argument("--quick", action="store_true", help="smallest sizes, one round, no claims: does it run?")
    parser.add_argument("--check", action="store_true", help="exit code 1 if a goal does not hold")
    parser.add_argument("--write", type=Path, metavar="FILE", help="the document to put the tables into")
    parser.add_argument("--without", action="append", default=[], metavar="PACKAGE", help="leave a peer out")
    words = parser.parse_args()
    unknown = set(words.names) - set(SCRIPTS)
    if unknown:
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(SCRIPTS)}")
    options = ["--quick"] * words.quick + ["--check"] * words.check
    options += [f"--without={package}" for package in words.without]
    worst = 0
    for name in words.names or SCRIPTS:
        print(f"\n=== {name}: {SCRIPTS[name]}\n", flush=True)
        environment, tables, code = run(name, options)
        worst = max(worst, code)
        if words.write and tables:
            write(words.write, name, environment, tables)
    return worst


if __name__ == "__main__":
    sys.exit(main())
