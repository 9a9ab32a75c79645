"""The constants in rules that have a closed form, so that a printed derivative shows 2/sqrt(pi) and not its digits."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from gradcli.primitives.kernels import float_kernels as kernels
from gradcli.primitives.registry import functions as f

__all__ = ["EXACT_CONSTANTS"]


def _pi(graph: Any) -> Any:
    return graph.constant(math.pi, "pi")


#: Number -> its formula on the nodes of a graph that folds no constants.
EXACT_CONSTANTS: Final[Mapping[float, Callable[[Any], Any]]] = {
    math.pi: _pi,
    1.0 / math.pi: lambda graph: 1.0 / _pi(graph),
    2.0 / math.pi: lambda graph: 2.0 / _pi(graph),
    math.exp(-1.0): lambda graph: f.exp(graph.constant(-1.0)),
    kernels.LN2: lambda graph: f.log(graph.constant(2.0)),
    1.0 / kernels.LN2: lambda graph: 1.0 / f.log(graph.constant(2.0)),
    0.4342944819032518: lambda graph: 1.0 / f.log(graph.constant(10.0)),
    1.1283791670955126: lambda graph: 2.0 / f.sqrt(_pi(graph)),
    kernels.SQRT_HALF: lambda graph: 1.0 / f.sqrt(graph.constant(2.0)),
    kernels.SQRT_TWO_OVER_PI: lambda graph: f.sqrt(2.0 / _pi(graph)),
    1.0 / math.sqrt(2.0 * math.pi): lambda graph: 1.0 / f.sqrt(2.0 * _pi(graph)),
}
