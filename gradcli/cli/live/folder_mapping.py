"""`gradcli map` for many tables: their names, the jobs that compute them, the progress, and the summary."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING

from gradcli.cli.command import Session
from gradcli.cli.live.table_mapping import (
    Mapped,
    Request,
    TableJob,
    explain,
    map_file,
    notes_on_reading,
    summarise,
)
from gradcli.cli.reading.operands import quoted
from gradcli.cli.reading.table_options import show_infinite
from gradcli.cli.reading.values import scalar_of
from gradcli.cli.showing.output import notes_of, number
from gradcli.errors import UnavailableError, UsageError
from gradcli.files import make_folder
from gradcli.jobs import Crew, Job
from gradcli.records import NamedTuple
from gradcli.source import counted

if TYPE_CHECKING:
    from gradcli.evaluate.expression import Expression

__all__ = ["Planned", "is_folder", "map_tables", "planned", "tables_of"]

_WILDCARDS = frozenset("*?[")


class Planned(NamedTuple):
    """A table, and what becomes of it.

    Attributes:
        table: the path of the table, as it was given or found.
        output: the path of the table to write.
        form: the format to write.
    """

    table: str
    output: str
    form: str


def is_folder(tables: Sequence[str], output: str) -> bool:
    """Whether the tables are written into a folder, each under its own name.

    So it is if there are several, or if the output is a folder, because a pattern may match one table only.
    """
    if output == "-":
        return len(tables) > 1 or any(map(_is_pattern, tables))
    return len(tables) > 1 or any(map(_is_pattern, tables)) or output.endswith(("/", os.sep)) or Path(output).is_dir()


def _is_pattern(word: str) -> bool:
    return not _WILDCARDS.isdisjoint(word) and "\0" not in word and not Path(word).exists()


def tables_of(words: Sequence[str]) -> list[str]:
    """Return the paths of the tables that words name: paths, and patterns such as ``data/*.csv``, sorted.

    Args:
        words: the operands.

    Raises:
        UsageError: a table is named twice, a word is a folder, or standard input is among several tables.
        UnavailableError: a file is missing, or a pattern matches none.
    """
    found: list[str] = []
    for word in words:
        if word == "-":
            message = "standard input can't be one of several tables"
            raise UsageError(message, kind="conflicting_options", hint="save it to a file first")
        if _is_pattern(word):
            paths = sorted(glob(word, recursive=True))  # noqa: PTH207  (a pattern may begin with a slash)
            if not paths:
                raise UnavailableError(f"no file matches `{word}`", kind="missing_file")
            found += paths
        else:
            found.append(word)
    for path in found:
        if Path(path).is_dir():
            pattern = quoted(os.path.join(path, "*"))  # noqa: PTH118
            message = f"`{path}` is a folder, not a table"
            raise UsageError(message, kind="folder_as_table", hint=f"a pattern takes the tables in it: {pattern}")
        if not Path(path).exists():
            hint: str | None = 'an expression is one word in quotes: "x1 * x2"' if len(words) > 1 else None
            raise UnavailableError(f"can't read `{path}`: no such file or directory", kind="missing_file", hint=hint)
    places = [Path(path).resolve() for path in found]
    for path, place in zip(found, places, strict=True):
        if places.count(place) > 1:
            raise UsageError(f"the table `{path}` is given twice", hint="once is enough")
    return found


def planned(words: Sequence[str], output: str, target_format: str | None) -> list[Planned]:
    """Return what is written for each table: a file of the same name, in a folder that is made if it is missing.

    Args:
        words: the tables, as `tables_of` takes them.
        output: the folder.
        target_format: the format to write, which changes the end of the name; by default that of the table.

    Raises:
        UsageError: no folder is named, two tables would get the same file, a table would be overwritten, or a format
            can't be written.
        UnavailableError: a table is missing, or the folder can't be made.
    """
    from gradcli.tables.formats import format_of_file

    tables, folder, hint = tables_of(words), Path(output), "name a folder: -o FOLDER/"
    if output == "-":
        raise UsageError("several tables go into a folder, and none is named", kind="missing_folder", hint=hint)
    is_new = not folder.exists() and not output.endswith(("/", os.sep))
    if folder.is_file() or (is_new and format_of_file(output) is not None):
        raise UsageError(f"several tables go into a folder, and `{output}` is one file", kind="not_a_folder", hint=hint)
    found = [
        Planned(table, str(folder / name), form) for table in tables for name, form in [_named(table, target_format)]
    ]
    places = {Path(table).resolve(): table for table in tables}
    taken: dict[str, str] = {}
    for table, target, _ in found:
        if target in taken:
            message = f"`{taken[target]}` and `{table}` would both become `{target}`"
            raise UsageError(message, kind="conflicting_options", hint="write each of them into a folder of its own")
        taken[target] = table
        if Path(target).resolve() in places:
            message = f"`{target}` would replace one of the tables that are read"
            raise UsageError(message, kind="conflicting_options", hint="name another folder: -o FOLDER/")
    make_folder(output)
    return found


def _named(table: str, target_format: str | None) -> tuple[str, str]:
    """Return the name of the table that is written for a table, and its format."""
    from gradcli.tables.formats import FORMATS, format_of_file, format_of_table
    from gradcli.tables.table_bytes import split_compression

    name = Path(table).name
    form: str = target_format or format_of_table(name, "--to")
    given = format_of_file(name)
    if given == form:
        return name, form
    bare = split_compression(name)[0]
    ends = [end for end in (FORMATS[given].suffixes if given is not None else ()) if bare.lower().endswith(end)]
    return bare[: len(bare) - len(ends[0]) if ends else None] + FORMATS[form].suffixes[0], form


def map_tables(
    session: Session,
    request: Request,
    expressions: Sequence[Expression],
    plan: Sequence[Planned],
    crew: Crew,
    *,
    folder: str,
    verbose: bool,
) -> None:
    """Compute all tables, show the progress, and say what was written.

    Args:
        session: the running command.
        request: what is computed for each table.
        expressions: the expression and, with ``--where``, the condition.
        plan: the tables.
        crew: what computes them.
        folder: the folder of the written tables, as the user named it.
        verbose: whether to say what computed the first table.
    """
    from gradcli.cli.live.progress import run_shown
    from gradcli.cli.pipes import tidied
    from gradcli.files import remove_unfinished, write_atomically

    began = time.monotonic()
    mark = os.urandom(6).hex()
    place = Path(plan[0].output).parent
    flag = place / f".gradcli.{mark}"
    bindings = [
        one
        if not one.text.startswith("@")
        else one._replace(text=number(scalar_of(session, one.text, f"`{one.name}`")))
        for one in session.bindings
    ]
    job = TableJob(
        request,
        [expression.source for expression in expressions],
        [*{name for one in expressions for name in one.variables}],
        session.command,
        session.arguments,
        tuple(bindings),
        session.options,
        session.notation,
        os.getcwd(),  # noqa: PTH109
        str(flag),
        mark,
    )
    jobs = [Job(one.table, (job, *one)) for one in plan]
    older = {one.output: _version(one.output) for one in plan}
    told: set[str] = set()
    try:
        with tidied():
            write_atomically(flag, b"")
            results = run_shown(session, map_file, jobs, crew, "table", rows=lambda found: found.rows)
    except BaseException:
        # A table may be complete although its worker was ended before it could say so.
        written = sum(_version(one.output) != older[one.output] for one in plan)
        if written:
            session.output.message(f"wrote {written} of {counted(len(plan), 'table')} to {folder}")
        raise
    finally:
        flag.unlink(missing_ok=True)
        remove_unfinished(place, mark)
    for message in [line for found in results for line in found.messages]:
        if message not in told:  # what is said about the expression is the same for every table
            session.output.message(message)
            told.add(message)
    if verbose:
        explain(session, results[0].executor, results[0].reason, results[0].inputs)
    _report(session, expressions, plan, results, folder, time.monotonic() - began)


def _version(path: str) -> tuple[int, int] | None:
    """Return what changes when a file is replaced; None if there is no file."""
    try:
        found = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _report(
    session: Session,
    expressions: Sequence[Expression],
    plan: Sequence[Planned],
    results: Sequence[Mapped],
    folder: str,
    seconds: float,
) -> None:
    """Print the result, or say on standard error what was written."""
    infinite: dict[str, int] = {}
    for found in results:
        for name, count in found.infinite.items():
            infinite[name] = infinite.get(name, 0) + count
    show_infinite(session, infinite)
    totals = {name: sum(getattr(one, name) for one in results) for name in ("rows", "written", "not_finite")}
    executors = {found.executor for found in results}
    if len(executors) > 1:
        session.output.message(
            "note: machine code computed some tables and NumPy the others, so their last digits may differ; "
            'pip install "gradcli[jit]" on every machine'
        )
    if session.output.form == "json":
        session.output.json(
            {
                "expression": str(expressions[0]),
                "output": folder,
                "tables": [
                    {"table": one.table, "output": one.output, **found.numbers}
                    for one, found in zip(plan, results, strict=True)
                ],
                **totals,
                "seconds": seconds,
                **notes_of([note for expression in expressions for note in notes_on_reading(expression)]),
            }
        )
        return
    firsts = [f"{one.table}, {found.first}" for one, found in zip(plan, results, strict=True) if found.first]
    target, first = f"{counted(len(plan), 'table')} to {folder}", next(iter(firsts), None)
    summarise(session, target, totals, results[0].computed, seconds, first, has_condition=len(expressions) > 1)
