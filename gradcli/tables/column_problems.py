"""The errors about several columns of a table as one error, so that one run shows the first bad cell of each column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from gradcli.errors import GradcliError
from gradcli.source import counted

__all__ = ["ColumnProblems", "told_together"]

#: The most problems in one message.
MOST = 5
# The table at the beginning of a message about a cell.
SUBJECT = re.compile(r"(`[^`]*`|standard input), (?=line|row|column)")


class ColumnProblems:
    """Errors about columns, which are collected before one of them is raised.

    >>> problems = ColumnProblems()
    >>> for name in ("a", "b"):
    ...     with problems.noted():
    ...         raise GradcliError(f"`t.csv`, column `{name}`: the value is missing")
    >>> problems.tell()
    Traceback (most recent call last):
    gradcli.errors.GradcliError: `t.csv`, column `a`: the value is missing; column `b`: the value is missing
    """

    def __init__(self) -> None:
        self.errors: list[GradcliError] = []

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Run a block of code; if it raises an error, collect the error and continue after the block."""
        try:
            yield
        except GradcliError as error:
            self.errors += error.parts or [error]

    def tell(self) -> None:
        """Raise the collected errors as one error; do nothing if there are none."""
        if self.errors:
            raise told_together(self.errors)


def told_together(errors: Sequence[GradcliError]) -> GradcliError:
    """Return several errors as one error, which has the class and the kind of the first one.

    The name of the table, and a hint that several errors share, are written once.  Of more than five errors, the first
    five are written and the others are counted.
    """
    first, *others = errors
    if not others:
        return first
    shown, parts, subjects = errors[:MOST], list[str](), set[str]()
    for error in shown:
        subject = SUBJECT.match(error.message)
        parts.append(error.message[subject.end() :] if subject and subject[0] in subjects else error.message)
        subjects |= {subject[0]} if subject else set()
    if len(errors) > MOST:
        parts.append(f"and {counted(len(errors) - MOST, 'more column')}")
    hints = dict.fromkeys(error.hint for error in shown if error.hint)
    arguments = tuple(dict.fromkeys(name for error in shown for name in error.arguments))
    found = type(first)("; ".join(parts), kind=first.kind, hint="\n".join(hints) or None, argument=arguments)
    found.parts = tuple(errors)
    return found
