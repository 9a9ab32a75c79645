"""The special points of a function in words: ``minimum at x = 1.5, value -2.25``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.cli.showing.output import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.evaluate.curve_features import Feature

__all__ = ["feature_text", "many_text"]


def feature_text(feature: Feature, variable: str) -> str:
    """Return a special point as a clause with all its digits.

    >>> from gradcli.evaluate.curve_features import Feature
    >>> feature_text(Feature("kink", 0.0, 0.0, -1.0, 1.0), "x")
    'kink at x = 0.0: slope from -1.0 to 1.0'
    """
    kind, x, value, left, right, slope, to = feature
    if to is not None:
        return f"zero for all {variable} between {number(x)} and {number(to)}"
    place = f"{'end of the domain' if kind == 'end' else kind} at {variable} = {number(x)}"
    if kind == "zero":
        return place
    if kind in ("minimum", "maximum"):
        return f"{place}, value {_shown(value)}"
    if kind == "inflection":
        return f"{place}, value {_shown(value)}, slope {_shown(slope)}"
    if kind == "kink":
        return f"{place}: slope from {_shown(left)} to {_shown(right)}"
    if kind == "vertical tangent":
        return f"{place}: slope {_shown(left)}"
    there = "no value there" if value is None else f"value {_shown(value)} there"
    if kind == "hole":
        return f"{place}: limit {_shown(left)}, {there}"
    if kind == "jump":
        return f"{place}: from {_shown(left)} to {_shown(right)}, {there}"
    if kind == "pole":
        sides = [f"{_shown(one)} on the {side}" for one, side in ((left, "left"), (right, "right")) if one is not None]
        return f"{place}: {' and '.join(sides)}" + (f", {there}" if value is not None else "")
    if kind == "end":
        limit = left if left is not None else right
        return f"{place}: limit {_shown(limit)}" + (f", {there}" if value != limit else ", attained")
    return f"{place}: the function has no limit there"


def many_text(kinds: Sequence[str]) -> str:
    """Return the sentence which says that points of some kinds are missing in the list.

    >>> many_text(["pole", "zero"])
    'there are more poles and zeros than could be told apart; they are not listed'
    """
    plurals = {"minimum": "minima", "maximum": "maxima"}
    names = [plurals.get(kind, kind + "s") for kind in kinds]
    shown = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"there are more {shown} than could be told apart; they are not listed"


def _shown(value: float | None) -> str:
    return "unknown" if value is None else number(value)
