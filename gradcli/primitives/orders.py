"""Derivatives of every order as one function, for functions whose formulas lose digits or grow with the order."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from gradcli.primitives.declared import Rule, constant
from gradcli.primitives.kernels import special_kernels
from gradcli.primitives.kernels.decimals import Rounded
from gradcli.primitives.registry import Primitive, define
from gradcli.primitives.registry import functions as f

__all__ = ["define_orders"]


def define_orders(
    signature: str,
    *,
    about: str,
    value: Rounded,
    constants: Sequence[float] = (),
    ends: Sequence[float] = (),
    readers: Callable[..., Any],
    samples: Sequence[tuple[tuple[float, float], ...]],
    rewrite: Rule | None = None,
) -> Primitive:
    """Declare the derivatives of a function as an internal function of the order, parameters and the operand.

    Its own derivative is the next order, so that a chain of derivatives stays short.

    Args:
        signature: the name and the operands, ``"erfcx_derivative(n, x)"``: the order first, the operand last.
        about: one sentence on its meaning.
        value: the kernel in decimal arithmetic.
        constants: the first operands of the kernel, before the order.
        ends: numbers at which the function is singular.
        readers: the formula that is printed, a function of the order as an integer and of the other operands.
        samples: boxes of operands for tests.
        rewrite: as in `define`.

    >>> from gradcli.primitives import REGISTRY
    >>> REGISTRY["erfcx_derivative"].static, REGISTRY["erfcx_derivative"].value(1.0, 0.0)
    (('n',), -1.1283791670955126)
    """
    name, _, words = signature.partition("(")
    operands = words.rstrip(")").split(", ")

    def partials(n: Any, *rest: Any) -> tuple[Any, ...]:
        return (*[math.nan] * (len(operands) - 1), getattr(f, name)(n + 1.0, *rest[:-1]))

    return define(
        signature,
        about=about,
        group="special",
        **special_kernels.by_digits(value, *constants, ends=ends),
        partials=partials,
        static=tuple(operands[:-1]),
        rewrite=rewrite,
        expands=lambda n, *rest: readers(int(constant(n) or 0), *rest),
        samples=samples,
        keeps_digits=True,
        internal=True,
    )
