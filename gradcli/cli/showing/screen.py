"""Text on a screen: how many columns it takes, and how characters that would steer the terminal are shown."""

from __future__ import annotations

__all__ = ["columns", "painted", "visible"]

_TAB = "    "
_STYLES = {"bold": "1", "dim": "2", "red": "1;31", "yellow": "1;33", "green": "32", "cyan": "1;36", "blue": "1;34"}


def visible(text: str) -> str:
    r"""A text of the user's that can be printed: tabs become blanks, control characters their pictures.

    Without this, an expression in a file could move the cursor or change the window's title.

    >>> visible("a\tb\x1b[2J")
    'a    b␛[2J'
    """
    if text.isprintable():
        return text
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    code = ord(character)
    if character == "\t":
        return _TAB
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if 0x80 <= code < 0xA0 or 0x2028 <= code <= 0x202E or 0x2066 <= code <= 0x2069:
        return "\ufffd"
    return character


def columns(text: str) -> int:
    """How many columns of a terminal a visible text takes.

    >>> columns("x1"), columns("变量"), columns("e\u0301")
    (2, 4, 1)
    """
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    return sum(
        0 if category(character) in ("Mn", "Me", "Cf") else 2 if east_asian_width(character) in "WF" else 1
        for character in text
    )


def painted(text: str, style: str, *, colour: bool) -> str:
    """The text in a style of the terminal, or as it is where there are no colours."""
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if colour else text
