"""Every error that gradcli raises on purpose, and the exit code with which each one ends the program.

An error is data: a kind (a stable word for scripts), one sentence, at most one place in one source text, at most one
hint.  Only `gradcli.cli.showing.error_text` decides how an error is printed; this module prints nothing.  An error is
recognised by its class and its kind, never by its words.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar

from gradcli.source import suggestion

if TYPE_CHECKING:
    from gradcli.source import Source, Span

__all__ = [
    "AxisError",
    "CallError",
    "CheckFailed",
    "Diverged",
    "ExitCode",
    "ExpressionError",
    "GradcliError",
    "LimitError",
    "NoSuchModeError",
    "NotFiniteError",
    "ShapeError",
    "UnavailableError",
    "UsageError",
    "choice",
    "missing_extra",
    "reason_of",
    "unreadable",
]


class ExitCode(IntEnum):
    """The exit codes of the command line, each with its meaning in words. Scripts rely on the numbers."""

    meaning: str

    DONE = 0, "done"
    INTERNAL = 1, "internal error"
    USAGE = 2, "wrong usage: an option, a missing or an unknown variable"
    EXPRESSION = 3, "the expression is wrong: syntax, unknown function, number of arguments"
    NOT_FINITE = 4, "no finite result, under --strict"
    UNAVAILABLE = 5, "a file or an optional package is missing or unreadable"
    CHECK_FAILED = 6, "a check failed"
    DIVERGED = 7, "training diverged"
    INTERRUPTED = 130, "interrupted"

    def __new__(cls, code: int, meaning: str) -> ExitCode:
        member = int.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member


class GradcliError(Exception):
    """The base of all errors that gradcli raises on purpose.

    Args:
        message: one sentence without a final full stop, in lower case; the user's own names are in backticks.
        kind: a stable identifier in snake case, such as ``"unknown_function"``.
        span: the half-open range of characters of ``source`` that is to blame.
        source: the text to which ``span`` refers.
        hint: one sentence that says what to do.
        argument: the name of the function's argument that the error is about, or several names.  Where message and hint
            have such a name in backticks, alone or with a value (```dropout```, ```split=0```), the command line
            writes its option: ```--dropout```, ```--split 0```.  The name of a source in backticks is
            replaced in the same way.

    Attributes:
        parts: the errors that this error combines; empty for an error about one thing.
        place: what the error is about if a command works on several things, such as the name of a table.

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
        argument: str | tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.kind = kind or self.default_kind
        self.span = span
        self.source = source
        self.hint = hint
        self.arguments = (argument,) if isinstance(argument, str) else argument
        self.parts: tuple[GradcliError, ...] = ()
        self.place = ""

    def naming(self, argument: str) -> GradcliError:
        """Note that the message or the hint names a further argument, and return the error."""
        self.arguments += (argument,)
        return self


class UsageError(GradcliError, ValueError, RuntimeError):
    """A command or a function was called wrongly: an option, an argument or the value of a variable doesn't fit.

    It is a ``ValueError``, as NumPy raises it, and a ``RuntimeError``, as PyTorch does.
    """

    exit_code = ExitCode.USAGE
    default_kind = "bad_value"


class LimitError(UsageError):
    """A number is above a bound of `gradcli.limits`; `gradcli.limits.refusal` composes the message."""

    default_kind = "limit"


class AxisError(UsageError, IndexError):
    """An array has no such axis."""


class NoSuchModeError(UsageError, NotImplementedError):
    """There is no such way to do it; a ``NotImplementedError``, as PyTorch raises it."""


class CallError(GradcliError, TypeError):
    """A function was called with too few or too many operands, or with operands of a wrong type."""

    exit_code = ExitCode.USAGE
    default_kind = "bad_call"


class ExpressionError(GradcliError, ValueError):
    """An expression has no meaning: wrong syntax, an unknown function, a wrong number of arguments."""

    exit_code = ExitCode.EXPRESSION
    default_kind = "syntax"


class ShapeError(ExpressionError, RuntimeError):
    """The shapes of arrays don't fit each other or the operation that they are given to.

    It is a ``ValueError``, as NumPy raises it, and a ``RuntimeError``, as PyTorch does.
    """

    default_kind = "shape"


class NotFiniteError(GradcliError):
    """A result is nan or infinite, and the caller asked for finite results only."""

    exit_code = ExitCode.NOT_FINITE
    default_kind = "not_finite"


class UnavailableError(GradcliError):
    """A file, an optional package or another program is missing or can't be read."""

    exit_code = ExitCode.UNAVAILABLE
    default_kind = "unavailable"


class CheckFailed(GradcliError):
    """Two independent ways to compute a derivative disagree, or an answer is not the derivative."""

    exit_code = ExitCode.CHECK_FAILED
    default_kind = "check_failed"


class Diverged(GradcliError):
    """Training produced a loss that is no longer finite."""

    exit_code = ExitCode.DIVERGED
    default_kind = "diverged"


def choice(word: str, choices: Collection[str], what: str) -> str:
    """Return the word if it is one of the choices.

    Args:
        word: a user's word.
        choices: the words that are allowed.
        what: the name of the thing that the word chooses, for the message.

    Raises:
        UsageError: the word is not among the choices.

    >>> choice("adam", ["sgd", "adam"], "optimiser")
    'adam'
    """
    if word in choices:
        return word
    hint = suggestion(word, choices, f"choose one of {', '.join(choices)}")
    raise UsageError(f"unknown {what} `{word}`", hint=hint)


def unreadable(path: object, error: Exception) -> UnavailableError:
    """Return the error for a file that can't be read.

    >>> unreadable("a.csv", FileNotFoundError(2, "No such file or directory")).message
    "can't read `a.csv`: no such file or directory"
    """
    kind = "missing_file" if isinstance(error, FileNotFoundError) else "unreadable_file"
    return UnavailableError(f"can't read `{path}`: {reason_of(error)}", kind=kind)


def reason_of(error: Exception) -> str:
    """Return the reason that the system gives for an error, in a form that can end a sentence."""
    return (getattr(error, "strerror", None) or str(error)).lower()


def missing_extra(package: str, extra: str, purpose: str) -> UnavailableError:
    """Return the error for an optional package that is not installed; its hint is the command that installs it.

    >>> print(missing_extra("matplotlib", "plot", "drawing a figure").hint)
    pip install "gradcli[plot]"
    """
    return UnavailableError(
        f"{purpose} needs the package `{package}`, which is not installed",
        kind="missing_extra",
        hint=f'pip install "gradcli[{extra}]"',
    )
