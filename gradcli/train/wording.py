"""Names, cells and counts in the sentences that a user reads."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["counted", "listed", "shortened"]


def counted(number: int, noun: str) -> str:
    """A number with its noun, in the plural where it must be."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listed(names: Sequence[str], most: int = 12) -> str:
    """Names in backticks, the first few of them."""
    text = ", ".join(f"`{shortened(name)}`" for name in names[:most])
    return text if len(names) <= most else f"{text} and {len(names) - most} more"


def shortened(text: str, most: int = 40) -> str:
    """A cell that is short enough for a sentence."""
    return text if len(text) <= most else text[: most - 3] + "..."
