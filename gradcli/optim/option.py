"""The declaration of a value that users may choose: its form, its range, and the check of both.

`Option` declares a hyper-parameter of an optimiser.  The choices of `gradcli.train` are declared with the same forms.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, Generic, TypeVar

from gradcli.errors import UsageError
from gradcli.records import NamedTuple

__all__ = [
    "ABOVE_0", "AT_LEAST_0", "COUNT", "FLAG", "NUMBER", "NUMBERS", "SHARE", "SWITCH", "TEXT", "WHOLE", "Form", "Option",
    "Range", "plain", "several",
]  # fmt: skip

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Range(NamedTuple):
    """The allowed values, in words and as a condition."""

    about: str
    holds: Callable[[Any], bool]


AT_LEAST_0 = Range("a number of at least 0", lambda value: 0 <= value < math.inf)
ABOVE_0 = Range("a number above 0", lambda value: 0 < value < math.inf)
SHARE = Range("a number of at least 0 and less than 1", lambda value: 0 <= value < 1)
COUNT = Range("a whole number above 0", lambda value: value > 0)


@dataclass(frozen=True)
class Form(Generic[T_co]):
    """The form of a value: a number, a list of sizes, and so on.

    Args:
        about: the form in words, for an error: "a whole number".
        word: the type of one word of the command line.
        take: a function that turns a value from Python or JSON into this form, or raises a TypeError, a ValueError or
            an OverflowError.
        read: a function that turns the words of the command line into the value.  It is called with the name of the
            choice, its words and the words of the other choices.  None if the words are the value.
    """

    about: str
    word: Any
    take: Callable[[Any], T_co]
    read: Callable[[str, Any, Mapping[str, Any]], T_co] | None = None

    def checked(self, name: str, value: Any, range: Range | None, **error: Any) -> T_co:  # noqa: A002
        """Return a value in this form and range.

        Args:
            name: the name of the value in the error.
            value: the value to check.
            range: the values that are allowed; None allows all of this form.
            error: further arguments of the error.

        Raises:
            UsageError: the value has another form or is out of range.
        """
        with contextlib.suppress(TypeError, ValueError, OverflowError):
            value = self.take(value)
            if range is None or range.holds(value):
                return value  # type: ignore[no-any-return]
        given = f"{value:g}" if isinstance(value, float) else f"{value!s:.40}"
        about = self.about if range is None else range.about
        raise UsageError(f"{name} is {about}, not {given}", **error)


def plain(kind: Callable[[Any], T], *types: type) -> Callable[[Any], T]:
    """Return a function that converts values of some types to one type; a bool doesn't count as a number."""

    def take(value: Any) -> T:
        if not isinstance(value, types) or (isinstance(value, bool) and kind is not bool):
            raise TypeError
        return kind(value)

    return take


def several(one: Callable[[Any], T]) -> Callable[[Any], tuple[T, ...]]:
    """Return a function that takes a list or a tuple of values of one form."""

    def take(value: Any) -> tuple[T, ...]:
        if not isinstance(value, (list, tuple)):
            raise TypeError
        return tuple(map(one, value))

    return take


WHOLE = Form("a whole number", int, plain(int, Integral))
NUMBER = Form("a number", float, plain(float, Real))
TEXT = Form("a text", str, plain(str, str))
#: On the command line the option of a flag switches it off; by default it is on.
FLAG = Form("true or false", bool, plain(bool, bool), lambda _name, words, _others: not words)
#: A flag with two spellings, of which neither may be given.
SWITCH = Form("true or false", bool, plain(bool, bool))
NUMBERS = Form("a list of numbers", str, several(NUMBER.take))
FORMS: dict[type, Form[Any]] = {bool: FLAG, int: WHOLE, float: NUMBER, tuple: NUMBERS}


@dataclass(frozen=True)
class Option:
    """The declaration of one hyper-parameter.

    Args:
        name: its name in PyTorch.
        default: its default in PyTorch; the type of the default is the type of all values.
        about: a phrase for the help.
        range: the values that are allowed; None allows all of this type.
        form: the form of the values, if the type of the default isn't theirs.
    """

    name: str
    default: Any
    about: str
    range: Range | None = AT_LEAST_0
    form: Form[Any] | None = None

    def checked(self, value: Any) -> Any:
        """Return a value of this option in its own type; a list or a tuple may hold several numbers.

        Raises:
            UsageError: the value has another type or is out of range.

        >>> Option("power", (1.0, 2.0), "the powers", None).checked([0.5, 0])
        (0.5, 0.0)
        """
        return (self.form or FORMS[type(self.default)]).checked(f"the option `{self.name}`", value, self.range)

    def parsed(self, text: str) -> Any:
        """Read the value from a text of the command line, such as ``"0.9"``, ``"true"`` or ``"0.9,0.999"``.

        Raises:
            UsageError: the text isn't such a value, or the value is out of range.

        >>> Option("power", (1.0, 2.0), "the powers", None).parsed("0.5, 0")
        (0.5, 0.0)
        """
        value: Any = {"true": True, "false": False}.get(text.strip().lower(), text)
        with contextlib.suppress(ValueError):
            numbers = tuple(map(number, text.split(",")))
            value = numbers[0] if len(numbers) == 1 else numbers
        return self.checked(value)


def number(text: str) -> float:
    """Return the number in a text, as an integer if it is written as one; raise a ValueError for other texts."""
    try:
        return int(text)
    except ValueError:
        return float(text)
