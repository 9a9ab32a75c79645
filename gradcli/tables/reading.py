"""Options that say how a table of text is written, if this can't be detected with certainty.

One entry of `READING_OPTIONS` is one option.  The commands that read tables take these options, and so does
`gradcli.train.load_data`.
"""

from __future__ import annotations

import re
from typing import Any

from gradcli.errors import UsageError
from gradcli.records import NamedTuple

__all__ = ["READING_OPTIONS", "Notation", "Reading", "ReadingOption"]


class ReadingOption(NamedTuple):
    """An option that says how a table is written.

    Attributes:
        option: its spelling on the command line.
        kind: the type of its value; the items of a list are given one at a time.
        about: one line for the help.
        metavar: the name of the value in the help.
    """

    option: str
    kind: type
    about: str
    metavar: str | None = None


READING_OPTIONS = {
    "header": ReadingOption("--header/--no-header", bool, "whether the first row of a text holds names of columns"),
    "delimiter": ReadingOption("--delimiter", str, "the character between cells of a text: ; or tab or space", "CHAR"),
    "decimal": ReadingOption("--decimal", str, "the decimal mark of a text; the other one may mark thousands", ".|,"),
    "encoding": ReadingOption("--encoding", str, "the encoding of a text: utf-8 (default), latin-1, cp1252", "NAME"),
    "na": ReadingOption("--na", list, "another text that means a missing value", "TEXT"),
    "comment": ReadingOption("--comment", str, "the text that begins a comment, which is left out", "TEXT"),
}

# The words for delimiters that are hard to type.
DELIMITERS = {"tab": "\t", "\\t": "\t", "space": " ", "blank": " ", "comma": ",", "semicolon": ";", "pipe": "|"}


class Reading(NamedTuple):
    """The options that say how a table of text is written; None means that an option is detected.

    Attributes:
        header: whether the first row holds the names of the columns.
        delimiter: the character between cells; a blank stands for any number of them.
        decimal: the decimal mark.
        encoding: the name of an encoding.
        na: further texts for a missing value.
        comment: the text that begins a comment.
    """

    header: bool | None = None
    delimiter: str | None = None
    decimal: str | None = None
    encoding: str | None = None
    na: tuple[str, ...] = ()
    comment: str | None = None

    @classmethod
    def of(cls, **given: Any) -> Reading:
        """Return the reading for values of `READING_OPTIONS`; a value that is None or absent is detected.

        Raises:
            UsageError: a value is wrong.

        >>> Reading.of(delimiter="tab", na=None).delimiter
        '\\t'
        """
        given = {name: value for name, value in given.items() if value is not None}
        delimiter, decimal, encoding = (given.get(name) for name in ("delimiter", "decimal", "encoding"))
        if delimiter is not None:
            given["delimiter"] = delimiter = DELIMITERS.get(delimiter.lower(), delimiter)
            if len(delimiter) != 1 or not delimiter.isascii() or delimiter.isalnum() or delimiter in '"\r\n\0':
                raise wrong(
                    "delimiter", delimiter, "one character that isn't a letter or a digit", "for example ; or tab"
                )
        if decimal not in (None, ".", ","):
            raise wrong("decimal", decimal, "a point or a comma")
        if delimiter == decimal == ",":
            message = "`delimiter` and `decimal` are both a comma"
            raise UsageError(message, kind="conflicting_options", argument=("delimiter", "decimal"))
        if encoding is not None and not is_encoding(encoding):
            raise wrong("encoding", encoding, "the name of an encoding", "for example utf-8, latin-1, cp1252 or utf-16")
        if given.get("comment") == "":
            raise wrong("comment", "", "a text, such as #")
        return cls(**{**given, "na": tuple(given.get("na", ()))})

    @property
    def given(self) -> list[str]:
        """The names of the options that are given."""
        return [name for name, value in self._asdict().items() if value not in (None, ())]


def is_encoding(name: str) -> bool:
    """Whether Python knows a text encoding of this name."""
    try:
        "".encode(name)
    except (LookupError, ValueError):
        return False
    return True


def wrong(name: str, value: str, expected: str, hint: str | None = None) -> UsageError:
    """Return the error for the wrong value of an option."""
    return UsageError(f"`{name}` is {expected}, not `{value}`", hint=hint, argument=name)


# The marks between thousands besides the point or the comma.
BLANKS = "'’ \u00a0\u202f"
NUMBER = r"[+-]?(\d{{1,3}}([{marks}]\d{{3}})+|\d+)?([{decimal}]\d*)?([eE][+-]?\d+)?\Z"
LOCAL = {
    ",": re.compile(NUMBER.format(marks=f".{BLANKS}", decimal=","), re.ASCII),
    ".": re.compile(NUMBER.format(marks=f",{BLANKS}", decimal="."), re.ASCII),
}


class Notation(NamedTuple):
    """The notation of numbers and gaps in a text.

    Attributes:
        decimal: the decimal mark, if thousands are marked or the mark is a comma; None for numbers like 1234.5.
        gaps: further texts for a missing value.
    """

    decimal: str | None = None
    gaps: frozenset[str] = frozenset()

    def plain(self, text: str) -> str:
        """Return the text of a cell, with a number written like 1234.5, and a gap as an empty text.

        >>> Notation(",").plain("1.234,5"), Notation(".").plain("1,234.5"), Notation(",").plain("a,b")
        ('1234.5', '1234.5', 'a,b')
        """
        text = text.strip()
        if text in self.gaps:
            return ""
        if self.decimal is None or not LOCAL[self.decimal].match(text) or not any(map(str.isdigit, text)):
            return text
        if self.decimal == ",":
            text = text.replace(".", "").replace(",", ".")
        return re.sub(f"[,{BLANKS}]", "", text)
