"""Comparisons and logic: functions with the values 0 and 1, and the choice between two operands."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import partial
from typing import Any

from gradcli.primitives.declared import Infix, constant, locally_constant
from gradcli.primitives.registry import define as define_function
from gradcli.primitives.registry import functions as f

define = partial(define_function, group="comparison")


def _is_truth_value(operand: Any) -> bool:
    """Whether an operand can only be 0 or 1."""
    return getattr(getattr(operand, "primitive", None), "is_truth", False)


def _comparison(
    name: str,
    symbol: str,
    about: str,
    value: Callable[[float, float], bool],
    latex: str,
    rewrite: Callable[[Any, Any], Any] | None = None,
) -> None:
    define(
        f"{name}(x, y)",
        about=f"1 where {about}, else 0.",
        value=lambda x, y: float(value(x, y)),
        partials=locally_constant,
        is_truth=True,
        infix=Infix(symbol, 4, "none"),
        latex=f"{{x}} {latex} {{y}}",
        rewrite=rewrite,
        oracle=lambda mp, x, y: value(mp.mpf(x), mp.mpf(y)),
        example=f"2 {symbol} 3  # {float(value(2.0, 3.0))}",
    )


def _equal_rewrite(x: Any, y: Any) -> Any:
    return f.logical_not(x) if _is_truth_value(x) and constant(y) == 0.0 else None


def _not_equal_rewrite(x: Any, y: Any) -> Any:
    return x if _is_truth_value(x) and constant(y) == 0.0 else None


_comparison("less", "<", "x is less than y", operator.lt, "<")
_comparison("less_equal", "<=", "x is at most y", operator.le, r"\le")
_comparison("greater", ">", "x is greater than y", operator.gt, ">")
_comparison("greater_equal", ">=", "x is at least y", operator.ge, r"\ge")
_comparison("equal", "==", "x equals y", operator.eq, r"\mathrel{{=}}", _equal_rewrite)
_comparison("not_equal", "!=", "x differs from y", operator.ne, r"\ne", _not_equal_rewrite)


def _and_rewrite(x: Any, y: Any) -> Any:
    if constant(x) == 0.0 or constant(y) == 0.0:
        return 0.0
    # "1 and y" is y only if y is a truth value, as conditions are.
    for one, other in ((x, y), (y, x)):
        if constant(one) is not None and _is_truth_value(other):
            return other
    return x if x is y and _is_truth_value(x) else None


define(
    "logical_and(x, y)",
    about="1 where both operands are not 0, else 0.",
    value=lambda x, y: float(x != 0.0 and y != 0.0),
    partials=locally_constant,
    condition="x y",
    is_truth=True,
    infix=Infix("and", 2, "left"),
    latex=r"{x} \land {y}",
    rewrite=_and_rewrite,
    oracle=lambda mp, x, y: mp.mpf(x) != 0 and mp.mpf(y) != 0,
    example="1 < 2 and 2 < 3  # 1.0",
)


def _or_rewrite(x: Any, y: Any) -> Any:
    for one, other in ((x, y), (y, x)):
        if constant(one) == 0.0 and _is_truth_value(other):
            return other
        if constant(one) is not None and constant(one) != 0.0:
            return 1.0
    return None


define(
    "logical_or(x, y)",
    about="1 where one of the operands is not 0, else 0.",
    value=lambda x, y: float(x != 0.0 or y != 0.0),
    partials=locally_constant,
    condition="x y",
    is_truth=True,
    infix=Infix("or", 1, "left"),
    latex=r"{x} \lor {y}",
    rewrite=_or_rewrite,
    oracle=lambda mp, x, y: mp.mpf(x) != 0 or mp.mpf(y) != 0,
    example="1 < 2 or 3 < 2  # 1.0",
)

define(
    "logical_not(x)",
    about="1 where x is 0, else 0.",
    value=lambda x: float(x == 0.0),
    partials=locally_constant,
    condition="x",
    is_truth=True,
    infix=Infix("not", 3, "prefix"),
    latex=r"\lnot {x}",
    oracle=lambda mp, x: mp.mpf(x) == 0,
    example="not 1 < 2  # 0.0",
)


def _where(condition: float, x: float, y: float) -> float:
    if condition != condition:
        return condition
    return x if condition != 0.0 else y


def _where_rewrite(condition: Any, x: Any, y: Any) -> Any:
    known = constant(condition)
    if known is not None and known == known:
        return x if known != 0.0 else y
    return x if x is y else None


define(
    "where(c, x, y)",
    about="x where the condition c is not 0, else y; the branch that is not taken contributes exactly 0.",
    value=_where,
    partials=lambda c, x, y, z: (0.0, 1.0, 1.0),
    active=lambda c, x, y, z: (False, f.not_equal(c, 0.0), f.equal(c, 0.0)),
    condition="c",
    chosen="x y",
    spellings=("if", "ifelse", "iif"),
    latex=r"\begin{{cases}} {x} & {c} \\ {y} & \text{{otherwise}} \end{{cases}}",
    rewrite=_where_rewrite,
    oracle=lambda mp, c, x, y: x if mp.mpf(c) != 0 else y,
    ulps=0.0,
    samples=(((0.0, 0.0), (-10.0, 10.0), (-10.0, 10.0)), ((1.0, 1.0), (-10.0, 10.0), (-10.0, 10.0))),
    example="where(1 < 2, 10, 20)  # 10.0",
)


def _guard_rewrite(formula: Any, condition: Any, instead: Any) -> Any:
    known = constant(condition)
    if known is not None:
        return formula if known == 0.0 else instead
    return formula if formula is instead else None


def _guard_for_readers(formula: Any, condition: Any, instead: Any) -> Any:
    """The guard as a choice by its condition.

    If the number to take is nan, no derivative exists there, so the formula alone is enough.
    """
    number = constant(instead)
    return formula if number is not None and number != number else f.where(condition, instead, formula)


# Differentiation wraps this around a formula that has another number at an edge point.  Unlike `where`, it is
# differentiated as the formula alone: the number at an isolated point says nothing about the next derivative there.
define(
    "guard(formula, condition, instead)",
    about="A formula of a derivative, with the number that replaces it at an edge point.",
    value=lambda formula, condition, instead: formula if condition == 0.0 else instead,
    partials=lambda formula, condition, instead, z: (1.0, 0.0, 0.0),
    active=lambda formula, condition, instead, z: (True, False, False),
    condition="condition",
    chosen="instead formula",
    ulps=0.0,
    samples=(),
    rewrite=_guard_rewrite,
    expands=_guard_for_readers,
    transparent=True,
    internal=True,
)
