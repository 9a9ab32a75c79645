"""Pages that commands write with ``-o page.html``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.errors import UsageError
from gradcli.files import format_of, write_atomically

if TYPE_CHECKING:
    from gradcli.cli.command import Session

__all__ = ["check_page", "write_page"]


def check_page(path: str, *, has_steps: bool) -> None:
    """Refuse a file for steps that is not a page, or a page for a command without ``--steps``.

    >>> check_page("steps.html", has_steps=True)
    """
    format_of(path, ("html",), "page")
    if not has_steps:
        raise UsageError(
            "`-o` writes steps as a page, and this command has no `--steps`",
            kind="conflicting_options",
            hint=f"add --steps -o {path}",
        )


def write_page(session: Session, path: str, page: bytes) -> None:
    """Write a page, and say so."""
    write_atomically(path, page)
    session.output.message(f"wrote {path}")
