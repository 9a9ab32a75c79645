"""Points of the line where something changes: the sign of a function, or the value of a step function.

All points are found together, by halving on arrays, down to neighbouring floats.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from gradcli.evaluate.univariate import Univariate
from gradcli.primitives.backends import backend_named

if TYPE_CHECKING:
    from gradcli.array_types import Floats

__all__ = ["UNDEFINED", "changes", "is_short", "roots", "significant", "signs", "simplest", "step_keys"]

np: Final = backend_named("numpy").xp
#: The key of a step function where it has no value.
UNDEFINED: Final = -1.5e300
#: Halvings of an interval: this many make it narrower than the floats in it, or than the next constant says.
_MOST_HALVINGS: Final = 120
#: A place next to 0 is known well enough if its error is this share of the whole grid.
_RESOLUTION: Final = 2.0**-80
#: A run of values that are 0 up to rounding errors may be this much wider than its place in the grid.
_ULPS: Final = 16.0
#: A decimal of so many digits in the place of a point is taken for the point itself.
_SHORT: Final = 12


def signs(function: Univariate) -> Callable[[Floats], Floats]:
    """Return a function that gives the sign of a value as -1, 0 or 1, and 2 where there is no value."""
    return lambda x: np.nan_to_num(np.sign(function.values(x)), nan=2.0)


def step_keys(function: Univariate) -> Callable[[Floats], Floats]:
    """Return a function that gives the value of a step function, or `UNDEFINED` where there is no value."""
    return lambda x: np.nan_to_num(function.values(x), nan=UNDEFINED)


def changes(key: Callable[[Floats], Floats], x: Floats, most: int) -> tuple[Floats, Floats, bool]:
    """Find the places between the ends of a grid where a function changes its value, each as two neighbouring floats.

    Args:
        key: the function, which is piecewise constant.
        x: the grid.
        most: the largest number of changes to look for.

    Returns:
        The last float before each change, the first one after it, and whether there are at most ``most`` changes.

    >>> low, high, _ = changes(np.floor, np.array([-0.5, 2.5]), 10)
    >>> high.round(15).tolist()
    [0.0, 1.0, 2.0]
    """
    tiny = _RESOLUTION * float(x[-1] - x[0])
    keys = key(x)
    at = np.flatnonzero(keys[1:] != keys[:-1])
    low, high, before, after = x[at], x[at + 1], keys[at], keys[at + 1]
    done: list[tuple[Floats, Floats]] = []
    is_complete = True
    for _ in range(_MOST_HALVINGS):
        middle = low + (high - low) / 2
        is_open = (middle > low) & (middle < high) & (high - low > tiny)
        done.append((low[~is_open], high[~is_open]))
        low, middle, high, before, after = [one[is_open] for one in (low, middle, high, before, after)]
        if not len(low):
            break
        between = key(middle)
        first, second = before != between, between != after
        low, high = np.concatenate([low[first], middle[second]]), np.concatenate([middle[first], high[second]])
        before = np.concatenate([before[first], between[second]])
        after = np.concatenate([between[first], after[second]])
        if len(low) > most:
            is_complete = False
            keep = np.argsort(low)[:most]
            low, high, before, after = low[keep], high[keep], before[keep], after[keep]
    done.append((low, high))
    low, high = (np.concatenate(ends) for ends in zip(*done, strict=True))
    order = np.argsort(low)
    return low[order], high[order], is_complete


def simplest(low: float, high: float) -> float:
    """Return the number with the fewest digits between two numbers.

    >>> simplest(0.29999999999999993, 0.3000000000000001), simplest(-1e-20, 1e-20)
    (0.3, 0.0)
    """
    if low <= 0.0 <= high:
        return 0.0
    middle = low + (high - low) / 2
    for digits in range(1, 17):
        found = float(f"{middle:.{digits}g}")
        if low <= found <= high:
            return found
    return middle


def is_short(x: float) -> bool:
    """Whether a number has few digits."""
    return float(f"{x:.{_SHORT}g}") == x


def significant(function: Univariate, x: Floats) -> Floats:
    """Return the signs of a function: 0 where its value may be only a rounding error, 2 where there is no value."""
    values = function.values(x)
    with np.errstate(all="ignore"):
        is_noise = np.abs(values) <= function.noise(x)
    found: Floats = np.nan_to_num(np.where(is_noise, 0.0, np.sign(values)), nan=2.0)
    return found


def roots(function: Univariate, x: Floats, levels: int) -> tuple[list[list[float]], Floats]:
    """Find the zeros of a function without edges, and the zeros of its derivatives at which these change their signs.

    Between two zeros of the derivative a function is monotone, so its own zeros there can't be missed.

    Args:
        function: the function.
        x: a grid.
        levels: the highest order of the derivatives.

    Returns:
        For each order, from 0 to ``levels``, the zeros in ascending order; and the grid with all these points added.
        For order 0, these are also the zeros at which the function only touches 0.
    """
    found: list[list[float]] = []
    for order in range(levels, -1, -1):
        one = function.derivative(order)
        zeros = [] if one.is_constant else _sign_changes(one, x, sorted({*itertools.chain(*found)}))
        if order == 0 and levels:
            zeros = sorted({*zeros, *_touching(function, found[-1], zeros)})
        found.append(zeros)
        x = np.unique(np.concatenate([x, zeros]))
    return found[::-1], x


def _touching(function: Univariate, critical: list[float], zeros: list[float]) -> list[float]:
    """Return the places where the derivative is 0 and the function is 0, too, up to rounding errors."""
    if not critical:
        return []
    x = np.array(critical)
    bend = np.nan_to_num(np.abs(function.derivative(2).values(x)), nan=0.0)
    slack = 4.0 * function.noise(x) + bend * (4.0 * np.spacing(np.abs(x))) ** 2
    close = x[np.abs(function.values(x)) <= slack]
    if not zeros:
        return [*close.tolist()]
    known = np.array(zeros)
    place = np.clip(np.searchsorted(known, close), 1, len(known)) - 1
    nearest = np.minimum(np.abs(known[place] - close), np.abs(known[np.minimum(place + 1, len(known) - 1)] - close))
    return [*close[nearest > 1e-9 * np.abs(close)].tolist()]


def _sign_changes(function: Univariate, x: Floats, known: list[float]) -> list[float]:
    """Return the places where a function changes its sign between significant values of both signs.

    Args:
        function: the function.
        x: the grid.
        known: zeros of its derivatives, in ascending order.  Where rounding errors hide the place of a zero, one of
            these is taken for it.
    """
    keys = significant(function, x)
    solid = np.flatnonzero(keys)
    kind = keys[solid]
    at = np.flatnonzero(kind[1:] * kind[:-1] == -1.0)
    if not len(at):
        return []
    left, right, sign = x[solid[at]], x[solid[at + 1]], kind[at]
    left, right = _narrowed(function, left, right, sign)
    before = _last(function, left, right, sign)
    after = _last(function, right, left, -sign)
    low, high = np.minimum(before, after), np.maximum(before, after)
    short = np.array([simplest(*ends) for ends in zip(low.tolist(), high.tolist(), strict=True)])
    choices = np.stack([low, high, short])
    best = np.abs(np.stack([function.values(one) for one in choices])).argmin(axis=0)
    places = np.where([is_short(one) for one in short.tolist()], short, choices[best, np.arange(len(short))])
    for i in np.flatnonzero(high - low > _ULPS * np.spacing(np.maximum(np.abs(low), np.abs(high)))).tolist():
        first, last = bisect_left(known, low[i]), bisect_right(known, high[i])
        if first < last and not is_short(float(short[i])):
            places[i] = known[(first + last) // 2]
    # A sign may also change by a jump.
    values = np.abs(function.values(places))
    outside = [np.abs(function.values(x[solid[one]])) for one in (at, at + 1)]
    is_zero = values < np.minimum(*outside)
    if not is_zero.all():
        slopes = np.abs(function.derivative(1).values(places))
        is_zero |= values <= _ULPS * np.spacing(np.abs(places)) * slopes
    return [*np.unique(places[is_zero]).tolist()]


def _narrowed(function: Univariate, left: Floats, right: Floats, sign: Floats) -> tuple[Floats, Floats]:
    """Return a narrower interval around each zero, at whose ends the function has the same signs as before.

    The zeros are found by inverse quadratic interpolation, or halving where it doesn't help (T. R. Chandrupatla, 1997).
    """
    tiny = _RESOLUTION * (right - left)
    a, b = left.copy(), right.copy()
    at_a, at_b = function.values(a), function.values(b)
    share = np.full(len(a), 0.5)
    best = a
    with np.errstate(all="ignore"):
        for _ in range(_MOST_HALVINGS):
            x = a + share * (b - a)
            at_x = function.values(x)
            stays = np.sign(at_x) == np.sign(at_a)
            c, at_c = np.where(stays, a, b), np.where(stays, at_a, at_b)
            b, at_b = np.where(stays, b, a), np.where(stays, at_b, at_a)
            a, at_a = x, at_x
            best = np.where(np.abs(at_a) < np.abs(at_b), a, b)
            least = (np.spacing(np.abs(best)) + tiny) / np.abs(b - a)
            is_done = (least > 0.5) | (at_x == 0.0) | ~np.isfinite(at_x)
            if is_done.all():
                break
            xi, phi = (a - b) / (c - b), (at_a - at_b) / (at_c - at_b)
            share = at_a / (at_b - at_a) * at_c / (at_b - at_c)
            share += (c - a) / (b - a) * at_a / (at_c - at_a) * at_b / (at_c - at_b)
            share = np.where((phi**2 < xi) & ((1.0 - phi) ** 2 < 1.0 - xi) & np.isfinite(share), share, 0.5)
            share = np.clip(share, np.minimum(least, 0.5), np.maximum(1.0 - least, 0.5))
    width = 8.0 * np.spacing(np.abs(best)) + tiny
    low, high = left, right
    for _ in range(_MOST_HALVINGS):
        low, high = np.maximum(best - width, left), np.minimum(best + width, right)
        is_wrong = (significant(function, low) != sign) | (significant(function, high) != -sign)
        is_wrong &= (low > left) | (high < right)
        if not is_wrong.any():
            break
        width = np.where(is_wrong, 8.0 * width, width)
    return low, high


def _last(function: Univariate, start: Floats, stop: Floats, sign: Floats) -> Floats:
    """Return the place between ``start`` and ``stop`` where a function no longer has its sign at ``start``."""
    tiny = _RESOLUTION * np.abs(stop - start)
    for _ in range(_MOST_HALVINGS):
        middle = start + (stop - start) / 2
        is_open = (middle != start) & (middle != stop) & (np.abs(stop - start) > tiny)
        if not is_open.any():
            break
        stays = np.sign(function.values(middle)) == sign
        start = np.where(is_open & stays, middle, start)
        stop = np.where(is_open & ~stays, middle, stop)
    return stop
