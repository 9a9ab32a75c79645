"""The styles of text on a terminal."""

from __future__ import annotations

__all__ = ["painted"]

_STYLES = {"bold": "1", "dim": "2", "red": "1;31", "yellow": "1;33", "green": "32", "cyan": "1;36", "blue": "1;34"}


def painted(text: str, style: str, *, colour: bool) -> str:
    """The text in a style of the terminal, or as it is where there are no colours."""
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if colour else text
