"""The warning that a derivative is nan although the function has a value; it names the operation that causes this.

The warning is a ``RuntimeWarning``, like NumPy's warnings, and points to the line that asked for the derivative.
"""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Iterable, Sequence
from typing import Any, Final

from gradcli.execute.float_rules import float_rule
from gradcli.primitives import Primitive

__all__ = ["warn_undefined"]

#: Lines of this room never asked for a derivative; other rooms of the package have notes of their own about it.
_ROOM: Final = __name__.rpartition(".")[0]
_PACKAGE: Final = __name__.partition(".")[0]


def warn_undefined(value: Any, operations: Iterable[tuple[Any, Sequence[Any], Any]]) -> None:
    """Warn that a derivative is nan.

    Args:
        value: the value of the function.
        operations: for each operation, the last one first, its primitive, its operands and its output.  The
            warning names the first operation with an infinite slope or without a slope, or else the first one with a
            kink.
    """
    reasons: dict[bool, str] = {}
    for primitive, operands, output in operations:
        if isinstance(primitive, Primitive) and output == output:
            partials, edge = float_rule(primitive, len(operands)).at(operands, output)
            is_steep = any(one is not None and not math.isfinite(one) for one in partials)
            if edge is not None or is_steep:
                call = f"{primitive.name}({', '.join(map(repr, operands))})"
                reasons.setdefault(is_steep, f"{call}: {edge.about if edge else 'it has no finite slope'}")
    reason = reasons.get(True) or reasons.get(False)
    depth, asks = 1, _ROOM
    while asks.startswith(_ROOM):
        depth += 1
        asks = sys._getframe(depth - 1).f_globals.get("__name__", "")
    if asks.startswith(f"{_PACKAGE}."):
        return
    message = f"a derivative is nan, though the function has the value {value}" + (f"; see {reason}" if reason else "")
    warnings.warn(message, RuntimeWarning, stacklevel=depth)
