"""Checks of data of unknown origin, such as the description in a model file. Wrong data raise a ValueError."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

__all__ = ["check_fields", "refuse"]


def refuse(wrong: Any, clause: str) -> None:
    """Raise a ValueError with this clause if the data are wrong."""
    if wrong:
        raise ValueError(clause)


def check_fields(data: Any, fields: Collection[str], what: str) -> None:
    """Refuse data that aren't an object with exactly these fields.

    ``what`` is the beginning of the message, such as "the model has".

    >>> check_fields({"kind": "linear"}, ("kind", "units"), "a layer has")
    Traceback (most recent call last):
    ValueError: a layer has missing or unknown fields
    """
    refuse(not isinstance(data, dict) or data.keys() != set(fields), f"{what} missing or unknown fields")
