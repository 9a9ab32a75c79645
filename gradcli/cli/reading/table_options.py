"""The options that say how a table of text is written, and the notes of the table's reader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from gradcli.cli.command import Session
from gradcli.source import counted, shortened

__all__ = ["declared_reading", "show_infinite", "show_notes"]


def declared_reading(typer: Any) -> dict[str, tuple[Any, Any]]:
    """Return the options as parameters of a command: the annotation and the default of each name.

    Args:
        typer: the module, or its stand-in in `gradcli.cli.reading.parameters`.
    """
    from gradcli.tables.reading import READING_OPTIONS

    found: dict[str, tuple[Any, Any]] = {}
    for name, one in READING_OPTIONS.items():
        kind = list[str] if one.kind is list else one.kind
        found[name] = (Annotated[kind | None, typer.Option(one.option, metavar=one.metavar, help=one.about)], None)
    return found


def show_notes(session: Session, name: str, notes: Iterable[str]) -> None:
    """Print how a table is read, where another reading is possible.

    Args:
        session: the running command.
        name: the name of the table.
        notes: sentences in which an option is written as an argument of Python.
    """
    from gradcli.cli.catalogue import load
    from gradcli.cli.reading.parameters import parameters_of
    from gradcli.cli.showing.error_text import options_of, with_options

    for note in notes:
        options = options_of(parameters_of(load(session.command).run))
        session.output.message(f"{name}: {with_options(note, options, options)}")


def show_infinite(session: Session, counts: Mapping[str, int]) -> None:
    """Say which columns lost infinite numbers, because the format that was written has none.

    Args:
        session: the running command.
        counts: a dictionary from columns to the number of infinite numbers that each one lost.
    """
    for name, count in counts.items():
        if count:
            session.output.message(
                f"warning: `{shortened(name)}`: {counted(count, 'infinite number')} became null; CSV, Parquet and "
                "Arrow keep them"
            )
