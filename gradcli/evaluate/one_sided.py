"""The limit of a function from one side of a point, computed from values at smaller and smaller distances.

Each distance is half of the one before.  The values are extrapolated by the epsilon algorithm (P. Wynn, 1956), which is
exact for sums of powers of the distance, with integer exponents or others.  A value with a large rounding error has
little influence.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from gradcli.evaluate.univariate import Univariate
from gradcli.primitives.backends import backend_named
from gradcli.records import NamedTuple

if TYPE_CHECKING:
    from gradcli.array_types import Floats

__all__ = ["OneSided", "one_sided"]

np: Final = backend_named("numpy").xp
_HALVINGS: Final = 46
#: The nearest distance, in units of the spacing of floats at the point.
_NEAREST: Final = 64.0
#: Values go to infinity if their steps don't shrink by more than this from one halving to the next; those of a
#: logarithm stay equal.
_STEADY: Final = 0.985
#: An extrapolated limit is known if its error is below this share of the values.
_KNOWN: Final = 1e-6
#: A limit is at most this many of the last steps away from the last value.
_FAR: Final = 32.0
#: If values go up and down, the last few of them show how far.
_WITNESSES: Final = 8
#: The last columns of the table of the epsilon algorithm amplify rounding errors.
_COLUMNS: Final = 8


class OneSided(NamedTuple):
    """The behaviour of a function on one side of a point.

    Attributes:
        kind: ``"limit"``, ``"infinite"``, ``"none"`` (it has values but no limit) or ``"undefined"`` (no values).
        value: the limit, or the signed infinity; nan for the last two kinds.
        error: an estimate of the error of the limit.
        trend: 1 if the function rises towards the point, -1 if it falls, 0 if neither is certain.
    """

    kind: str
    value: float
    error: float = 0.0
    trend: int = 0


def one_sided(function: Univariate, x: float, reach: float, blur: float = 0.0) -> OneSided:
    """Return the behaviour of a function when its variable approaches a point from one side.

    Args:
        function: the function.
        x: the point.
        reach: the first distance from the point, negative for the left side.  The function should have no other special
            point within this distance.
        blur: the distance from the point within which rounding errors hide the behaviour of the function.

    >>> from gradcli.evaluate.expression import parse
    >>> from gradcli.evaluate.univariate import univariate
    >>> print(f"{one_sided(univariate(parse('sin(x)/x'), 'x', {}), 0.0, 0.5).value:.12f}")
    1.000000000000
    """
    distances = reach * 0.5 ** np.arange(_HALVINGS)
    distances = distances[np.abs(distances) >= max(_NEAREST * math.ulp(x), 4.0 * blur)]
    if len(distances) < 8:
        return OneSided("undefined", math.nan)
    places = x + distances
    values = function.values(places)
    if np.isnan(values[-4:]).all() or not np.isfinite(values).any():
        return OneSided("undefined", math.nan)
    noise = function.noise(places)
    with np.errstate(all="ignore"):
        # A step of the computation that overflows or loses all digits ends the sequence.
        lost = ~((noise <= 1e-3 * np.abs(values)) | (noise <= 1e-13)) & np.isfinite(values)
    usable = int(lost.argmax()) if lost.any() else len(values)
    values, noise = values[:usable], noise[:usable]
    if len(values) < 4:
        return OneSided("undefined", math.nan)
    last = float(values[-1])
    if math.isinf(last):
        return OneSided("infinite", last)
    if np.isnan(values).any():
        start = int(np.flatnonzero(np.isnan(values))[-1]) + 1
        values, noise = values[start:], noise[start:]
        if len(values) < 4:
            return OneSided("undefined", math.nan)
    trend = _trend(values)
    if _is_infinite(values):
        return OneSided("infinite", math.copysign(math.inf, last), trend=trend)
    value, error = _extrapolated(values.tolist(), noise.tolist())
    if trend == 0:
        error = max(error, float(np.ptp(values[-_WITNESSES:]) - 4.0 * noise[-_WITNESSES:].max()))
    size = max(abs(value), float(np.abs(values[len(values) // 2 :]).max()), 1e-300)
    if error <= _KNOWN * size or error <= 1e-12:
        return OneSided("limit", value, error, trend)
    steps = np.sign(np.diff(values[len(values) // 3 :]))
    if (steps[1:] * steps[:-1] < 0).sum() >= 4:
        return OneSided("none", math.nan)
    return OneSided("limit", last, abs(last - float(values[-2])) * len(values), trend)


def _trend(values: Floats) -> int:
    steps = np.sign(np.diff(values[len(values) // 4 : max(6, 3 * len(values) // 4)]))
    steps = steps[steps != 0.0]
    return 0 if not len(steps) or (steps != steps[0]).any() else int(steps[0])


def _is_infinite(values: Floats) -> bool:
    """Whether values grow without a bound, at least as a logarithm does."""
    sizes = np.abs(values[-16:])
    steps = np.diff(sizes)
    if (steps <= 0.0).any() or len({*np.sign(values[-16:]).tolist()}) > 1:
        return False
    return bool((steps[1:] >= _STEADY * steps[:-1]).all())


def _extrapolated(values: list[float], noise: list[float]) -> tuple[float, float]:
    """Return the limit of a sequence, and an estimate of the error."""
    last, step = values[-1], abs(values[-1] - values[-2])
    best, error = last, 2.0 * step + noise[-1]
    # The algorithm gives divergent sequences a limit, too, far away from their values.
    nearby = _FAR * step + 4.0 * noise[-1] + 1e-9 * abs(last)
    before = [0.0] * (len(values) + 1)
    column = list(values)
    for number in range(1, 2 * _COLUMNS + 1):
        following = []
        for i in range(len(column) - 1):
            change = column[i + 1] - column[i]
            if change == 0.0 or change != change:
                if number % 2:  # two neighbours agree to the last digit
                    doubt = noise[min(i + number, len(noise) - 1)]
                    if doubt < error and abs(column[i] - last) <= nearby:
                        best, error = column[i], doubt
                following.append(math.inf)
                continue
            following.append(before[i + 1] + 1.0 / change)
        if not number % 2:
            for i in range(1, len(following)):
                if math.isfinite(following[i]) and math.isfinite(following[i - 1]):
                    doubt = abs(following[i] - following[i - 1]) + noise[min(i + number, len(noise) - 1)]
                    if doubt < error and abs(following[i] - last) <= nearby:
                        best, error = following[i], doubt
        before, column = column, following
        if len(column) < 2:
            break
    return best, error
