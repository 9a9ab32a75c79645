"""Functions that a test declares."""

from __future__ import annotations

from gradcli.primitives import REGISTRY, Operand
from gradcli.primitives import functions as f

__all__ = ["forget"]


def forget(name: str) -> None:
    """Take a function out of the registry again."""
    REGISTRY.pop(name, None)
    for table in (REGISTRY.spelled, REGISTRY.arrays, REGISTRY.offered, vars(f)):
        table.pop(name, None)
    if name in vars(Operand):
        delattr(Operand, name)
