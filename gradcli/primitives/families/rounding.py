"""Rounding: functions that are constant between jumps."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

from gradcli.primitives.declared import Edge, Rewrite, locally_constant
from gradcli.primitives.kernels import float_kernels as kernels
from gradcli.primitives.registry import define as define_function
from gradcli.primitives.registry import functions as f

define = partial(define_function, group="rounding")


def _is_integer(x: Any) -> Any:
    return f.logical_and(f.equal(x, f.floor(x)), f.less(f.abs(x), math.inf))


define(
    "floor(x)",
    about="The largest integer that is not above x.",
    value=kernels.floor,
    partials=locally_constant,
    edges=(Edge("integer x", "jump", _is_integer, "floor jumps at every integer"),),
    latex=r"\lfloor {x} \rfloor",
    samples=(((-100.0, 100.0),),),
    spellings=("⌊",),
    example="floor(-2.5)  # -3.0",
)

define(
    "ceil(x)",
    about="The smallest integer that is not below x.",
    value=kernels.ceil,
    partials=locally_constant,
    edges=(Edge("integer x", "jump", _is_integer, "ceil jumps at every integer"),),
    spellings=("ceiling", "⌈"),
    latex=r"\lceil {x} \rceil",
    samples=(((-100.0, 100.0),),),
    example="ceil(-2.5)  # -2.0",
)

define(
    "round(x)",
    about="The nearest integer; halves go to the even one.",
    value=kernels.nearest,
    array="rint",
    partials=locally_constant,
    edges=(
        Edge(
            "x halfway between integers",
            "jump",
            lambda x: f.equal(x - f.floor(x), 0.5),
            "round jumps halfway between integers",
        ),
    ),
    spellings=("rint",),
    oracle=lambda mp, x: mp.nint(x),
    samples=(((-100.0, 100.0),),),
    example="round(2.5)  # 2.0",
)

define(
    "sign(x)",
    about="-1, 0 or 1: the sign of x.",
    value=kernels.sign,
    partials=locally_constant,
    edges=(Edge("x = 0", "jump", lambda x: f.equal(x, 0.0), "sign jumps at 0"),),
    spellings=("sgn", "signum"),
    instead_of=(
        Rewrite(lambda x: x / f.abs(x), "sign(x)"),
        Rewrite(lambda x: f.abs(x) / x, "sign(x)"),
    ),
    example="sign(-2.5)  # -1.0",
)

define(
    "step(x)",
    about="The unit step: 0 below 0, 1/2 at 0, 1 above.",
    value=lambda x: 0.5 * kernels.sign(x) + 0.5,
    partials=locally_constant,
    edges=(Edge("x = 0", "jump", lambda x: f.equal(x, 0.0), "the unit step jumps at 0"),),
    spellings=("heaviside", "unitstep"),
    oracle=lambda mp, x: (mp.sign(x) + 1) / 2,
    example="step(0)  # 0.5",
)
