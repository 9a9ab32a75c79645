"""Every error that gradcli raises on purpose, and the exit code that each one ends the program with.

An error is data: a kind (a stable word for scripts), one sentence, at most one place in one source text, at most one
hint.  How it looks is decided in one place, `gradcli.cli.showing.error_text`; this module prints nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar

from gradcli.source import did_you_mean

if TYPE_CHECKING:
    from gradcli.source import Source, Span

__all__ = [
    "CheckFailed",
    "Diverged",
    "ExitCode",
    "ExpressionError",
    "GradcliError",
    "NotFiniteError",
    "UnavailableError",
    "UsageError",
    "choice",
    "missing_extra",
    "unreadable",
]


class ExitCode(IntEnum):
    """The exit codes of the command line; their meaning is part of the contract with scripts."""

    DONE = 0
    INTERNAL = 1
    USAGE = 2
    EXPRESSION = 3
    NOT_FINITE = 4
    UNAVAILABLE = 5
    CHECK_FAILED = 6
    DIVERGED = 7
    INTERRUPTED = 130


class GradcliError(Exception):
    """The base of all errors with a cause outside the program.

    Args:
        message: one sentence without a final full stop, in lower case; names of the user's own stand in backticks.
        kind: a stable identifier in snake case, such as ``"unknown_function"``.
        span: the half-open range of characters of ``source`` that is to blame.
        source: the text that ``span`` counts in.
        hint: one sentence that says what to do.

    >>> error = UsageError("unknown option `--ordr`", kind="unknown_option", hint="did you mean `--order`?")
    >>> error.exit_code.name, str(error)
    ('USAGE', 'unknown option `--ordr`')
    """

    exit_code: ClassVar[ExitCode] = ExitCode.INTERNAL
    default_kind: ClassVar[str] = "error"

    def __init__(
        self,
        message: str,
        *,
        kind: str | None = None,
        span: Span | None = None,
        source: Source | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.kind = kind or self.default_kind
        self.span = span
        self.source = source
        self.hint = hint


class UsageError(GradcliError):
    """The command or the function was called wrongly: an option, an argument or the value of a variable."""

    exit_code = ExitCode.USAGE
    default_kind = "usage"


class ExpressionError(GradcliError):
    """The text of an expression has no meaning: syntax, an unknown function, a wrong number of arguments."""

    exit_code = ExitCode.EXPRESSION
    default_kind = "syntax"


class NotFiniteError(GradcliError):
    """A result is nan or infinite and the caller asked for finite ones only."""

    exit_code = ExitCode.NOT_FINITE
    default_kind = "not_finite"


class UnavailableError(GradcliError):
    """A file, an optional package or a program outside is missing or can't be read."""

    exit_code = ExitCode.UNAVAILABLE
    default_kind = "unavailable"


class CheckFailed(GradcliError):
    """Two independent ways to compute one derivative disagree."""

    exit_code = ExitCode.CHECK_FAILED
    default_kind = "check_failed"


class Diverged(GradcliError):
    """Training produced a loss that is no longer finite."""

    exit_code = ExitCode.DIVERGED
    default_kind = "diverged"


def choice(word: str, choices: Collection[str], what: str) -> str:
    """The word, if it is one of the choices.

    Args:
        what: the word is meant to name, for the message.

    Raises:
        UsageError: it is none of them.

    >>> choice("adam", ["sgd", "adam"], "optimiser")
    'adam'
    """
    if word in choices:
        return word
    near = did_you_mean(word, choices)
    raise UsageError(
        f"unknown {what} `{word}`",
        kind="bad_value",
        hint=f"did you mean `{near}`?" if near else f"choose one of {', '.join(choices)}",
    )


def unreadable(path: object, error: Exception) -> UnavailableError:
    """The error for a file that the system does not give.

    >>> unreadable("a.csv", FileNotFoundError(2, "No such file or directory")).message
    "can't read `a.csv`: no such file or directory"
    """
    reason = (getattr(error, "strerror", None) or str(error)).lower()
    kind = "missing_file" if isinstance(error, FileNotFoundError) else "unreadable_file"
    return UnavailableError(f"can't read `{path}`: {reason}", kind=kind)


def missing_extra(package: str, extra: str, purpose: str) -> UnavailableError:
    """The error for an optional package that is not installed; the hint is the command that installs it.

    >>> print(missing_extra("matplotlib", "plot", "drawing a figure").hint)
    pip install "gradcli[plot]"
    """
    return UnavailableError(
        f"{purpose} needs the package `{package}`, which is not installed",
        kind="missing_extra",
        hint=f'pip install "gradcli[{extra}]"',
    )
