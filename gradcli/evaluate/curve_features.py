"""The special points of a function of one variable: zeros, extrema, kinks, jumps, poles, holes, ends of its domain.

No point is missed because it lies between two samples.  The operations of a function tell where it may have an edge
(`gradcli.evaluate.switches`).  The kind of the edge follows from the limits of the value and of the derivative on both
sides (`gradcli.evaluate.one_sided`).  Between two edges the function is smooth.  There, its zeros, extrema and
inflection points are zeros of the function and of its derivatives, and `gradcli.evaluate.roots` finds the zeros of the
highest derivative first.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from gradcli import limits
from gradcli.evaluate.one_sided import OneSided, one_sided
from gradcli.evaluate.roots import is_short, roots, significant, simplest
from gradcli.evaluate.switches import Crowd, Place, apart, switch_places
from gradcli.evaluate.univariate import Univariate, refined
from gradcli.primitives.backends import backend_named
from gradcli.records import NamedTuple

if TYPE_CHECKING:
    from gradcli.array_types import Floats

__all__ = ["BREAKS", "KINDS", "Feature", "Features", "features_of"]

np: Final = backend_named("numpy").xp
#: The kinds of features, in the order in which those of one point are listed.
KINDS: Final = (
    "pole", "jump", "hole", "end", "oscillation", "kink", "vertical tangent",
    "zero", "minimum", "maximum", "inflection",
)  # fmt: skip
#: The kinds at which the curve is broken.
BREAKS: Final = ("pole", "jump", "hole", "end", "oscillation")
_SMOOTH: Final = ("zero", "minimum", "maximum", "inflection")
#: The points of the grid from which the search begins.
_GRID: Final = 1025
#: The search goes beyond the ends by this share of the interval.
_MARGIN: Final = 1.0 / 4096
#: Two limits that differ by less, compared with their size, are equal.
_TOLERANCE: Final = 1e-7
#: How far from a point, as a share of the distance to the next one, its limits are looked for.  It isn't a simple
#: fraction, so that the distances don't fit into the periods of a function.
_REACH: Final = 0.2317
#: The points of the grid on the way to a special point; each is twice as close as the one before.
_APPROACH: Final = 24


class Feature(NamedTuple):
    """A special point of a function.

    Attributes:
        kind: one of `KINDS`.
        x: the place.
        value: the value at the place, None if there is none.  At a hole, it differs from the limit.
        left, right: the limits from the left and from the right.  At a kink or a vertical tangent, these are limits of
            the slope, at all other points limits of the value.  A limit is infinite if the function grows without
            bound, and None if there is no limit or the function is not defined on this side.  Zeros, extrema and
            inflection points have None, too.
        slope: the slope at a zero or an inflection point, else None.
        to: the right end of an interval on which the function is 0; else None.
    """

    kind: str
    x: float
    value: float | None = None
    left: float | None = None
    right: float | None = None
    slope: float | None = None
    to: float | None = None


class Features(NamedTuple):
    """The special points of a function between two ends.

    Attributes:
        found: the points from left to right.
        incomplete: the kinds whose points are not all in ``found``: they are too many, or too close to each other.
        grid: points in ascending order at which to draw the function.
        breaks: the places where the curve is broken: at poles, jumps, holes and ends.
    """

    found: list[Feature]
    incomplete: list[str]
    grid: Floats
    breaks: list[float]


def features_of(function: Univariate, low: float, high: float, *, only_edges: bool = False) -> Features:
    """Find the special points of a function.

    Args:
        function: the function.
        low, high: the ends of the interval, both finite, in ascending order.  Extrema at the ends don't count.
        only_edges: whether zeros, extrema and inflection points are left out, which need further derivatives.

    >>> from gradcli.evaluate.expression import parse
    >>> from gradcli.evaluate.univariate import univariate
    >>> for one in features_of(univariate(parse("abs(x) - 1"), "x", {}), -2.0, 2.0).found:
    ...     print(one.kind, one.x, one.value)
    zero -1.0 0.0
    kink 0.0 -1.0
    minimum 0.0 -1.0
    zero 1.0 0.0
    """
    # What happens at the ends themselves is seen from both sides.
    margin = _MARGIN * (high - low)
    start, stop = low - margin, high + margin
    grid = np.concatenate([[start], np.linspace(low, high, _GRID), [stop]])
    grid, is_clear = refined(function, grid)
    places, crowds = switch_places(function, grid)
    points = [*_examined(function, places, start, stop)]
    edges = [point for point in points if point.feature is not None]
    found = [point.feature for point in edges if point.feature is not None]
    bounds = [start, *[point.x for point in edges], stop]
    rooms = [np.unique(np.concatenate([grid, *_approaches(bounds)]))]
    for left, right in () if only_edges else pairwise(bounds):
        smooth, room = _smooth_features(function, rooms[0][(rooms[0] > left) & (rooms[0] < right)], left, right)
        found += smooth
        rooms.append(room)
    for point in () if only_edges else edges:
        found += _extremes_at(function, point, found)
    examples = [point for crowd in crowds for point in _examined(function, [crowd.example], start, stop)]
    incomplete = {example.feature.kind for example in examples if example.feature is not None}
    if not is_clear or any(point.is_restless for point in points):
        crowds += _crowds_of(found, rooms[0])
    for crowd in crowds:
        inside = {one for one in found if crowd.low <= one.x <= crowd.high and one.kind in _SMOOTH}
        restless = [one for one in found if crowd.low <= one.x <= crowd.high and one.kind == "oscillation"]
        # A crowd may have one point to which it gathers; of several, each sees only the others.
        inside |= {*restless} if len(restless) > 1 else set()
        incomplete |= {one.kind for one in inside}
        found = [one for one in found if one not in inside]
    found = [one._replace(x=max(one.x, low)) for one in found if low <= (one.x if one.to is None else one.to)]
    found = [one if one.to is None else one._replace(to=min(one.to, high)) for one in found if one.x <= high]
    # At a zero, what is computed is a rounding error; elsewhere the addition takes the minus from -0.0.
    zeros = {one.x for one in found if one.kind == "zero" and one.to is None}
    found = [
        one if one.value is None else one._replace(value=0.0 if one.x in zeros else one.value + 0.0) for one in found
    ]
    found.sort(key=lambda one: (one.x, KINDS.index(one.kind)))
    for kind in KINDS:
        of_kind = [one for one in found if one.kind == kind]
        if len(of_kind) > limits.CURVE_FEATURES:
            incomplete.add(kind)
            kept = {*of_kind[: limits.CURVE_FEATURES]}
            found = [one for one in found if one.kind != kind or one in kept]
    whole = np.unique(np.concatenate([*rooms, [low, high]]))
    breaks = [one.x for one in found if one.kind in BREAKS]
    return Features(
        found, [kind for kind in KINDS if kind in incomplete], whole[(whole >= low) & (whole <= high)], breaks
    )


# What the function does at a switch


class _Point(NamedTuple):
    """A place where a switch changes: the behaviour of the function on both sides, and the feature there, if any."""

    x: float
    value: float
    sides: tuple[OneSided, OneSided]
    slopes: tuple[OneSided, OneSided]
    feature: Feature | None

    @property
    def is_restless(self) -> bool:
        """Whether the function oscillates without end close to the place."""
        return "none" in [one.kind for one in (*self.sides, *self.slopes)]


#: The slope at a point where the function itself is broken, so that its slope doesn't matter.
_UNKNOWN: Final = OneSided("undefined", math.nan)


def _examined(function: Univariate, places: Sequence[Place], low: float, high: float) -> Iterator[_Point]:
    """Yield, for each place between two ends, the behaviour of the function there."""
    inside = [place for place in places if low < place.x < high]
    reach = (high - low) / 8
    bounds = [-math.inf, *[place.x for place in inside], math.inf]
    for before, place, after in zip(bounds, inside, bounds[2:], strict=False):
        reaches = _REACH * max(before - place.x, -reach), _REACH * min(after - place.x, reach)
        yield _point(function, *place, reaches)


def _point(function: Univariate, x: float, blur: float, reaches: Sequence[float]) -> _Point:
    value = function.at(x)
    if not function.is_defined_at(x):
        value = value if math.isinf(value) else math.nan
    left, right = [_sharpened(value, one_sided(function, x, reach, blur)) for reach in reaches]
    before = after = _UNKNOWN
    if left.kind == right.kind == "limit" and _equal(left.value, right.value, left.error + right.error):
        before, after = [one_sided(function.derivative(1), x, reach, blur) for reach in reaches]
    return _Point(x, value, (left, right), (before, after), _feature(x, value, (left, right), (before, after)))


def _sharpened(value: float, side: OneSided) -> OneSided:
    """Return a limit without digits that are only noise.

    It becomes the value at the point if both are equal within the error of the limit, or else the shortest number
    within this error.
    """
    if side.kind != "limit":
        return side
    if math.isfinite(value) and _equal(side.value, value, side.error):
        return side._replace(value=value)
    doubt = max(16.0 * side.error, 4.0 * math.ulp(side.value))
    short = simplest(side.value - doubt, side.value + doubt)
    return side._replace(value=short if is_short(short) or doubt > 1e-13 * abs(side.value) else side.value)


def _equal(first: float, second: float, error: float = 0.0) -> bool:
    """Whether two limits are equal up to their errors."""
    if first == second:
        return True
    return abs(first - second) <= max(16.0 * error, _TOLERANCE * max(abs(first), abs(second)), 1e-13)


def _limit(side: OneSided) -> float | None:
    return None if side.value != side.value else side.value


def _feature(x: float, value: float, sides: tuple[OneSided, OneSided], slopes: Sequence[OneSided]) -> Feature | None:
    left, right = sides
    shown = value if math.isfinite(value) else None
    ends = (_limit(left), _limit(right))
    kinds = {left.kind, right.kind}
    if kinds == {"undefined"}:
        return None
    if "infinite" in kinds:
        # The float next to a pole has a huge value, which is not that of the function.
        return Feature("pole", x, shown if abs(value) < 1e6 else None, *ends)
    if "none" in kinds:
        return Feature("oscillation", x, shown, *ends)
    if "undefined" in kinds:
        return Feature("end", x, shown, *ends)
    if not _equal(left.value, right.value, left.error + right.error):
        return Feature("jump", x, shown, *ends)
    if shown is None or not _equal(left.value, shown, left.error):
        both = left.value if left.error <= right.error else right.value
        return Feature("hole", x, shown, both, both)
    before, after = slopes
    if "none" in (before.kind, after.kind):
        return Feature("oscillation", x, shown, *ends)
    if "undefined" in (before.kind, after.kind) or (
        before.kind == after.kind == "limit" and _equal(before.value, after.value, before.error + after.error)
    ):
        return None
    if before.kind == after.kind == "infinite" and before.value == after.value:
        return Feature("vertical tangent", x, shown, before.value, after.value)
    return Feature("kink", x, shown, *[_tidy(one) for one in slopes])


def _tidy(slope: OneSided) -> float:
    """Return a slope without digits that are only noise: the shortest number within its error."""
    if slope.kind != "limit":
        return slope.value
    doubt = max(16.0 * slope.error, 8.0 * math.ulp(slope.value), 1e-14)
    return simplest(slope.value - doubt, slope.value + doubt)


def _extremes_at(function: Univariate, point: _Point, found: Sequence[Feature]) -> Iterator[Feature]:
    """Yield the zero and the extremum at a switch, except a zero inside one of the intervals of zeros in ``found``."""
    feature = point.feature
    assert feature is not None
    if feature.value is None:
        return
    steepness = max([abs(one.value) for one in point.slopes if one.kind == "limit"], default=0.0)
    slack = 4.0 * float(function.noise(np.array([point.x]))[0]) + 2.0 * steepness * math.ulp(point.x)
    if abs(feature.value) <= slack and not any(one.to is not None and one.x <= point.x <= one.to for one in found):
        yield Feature("zero", point.x, feature.value)
    if feature.kind in BREAKS:
        return
    rises = [side.trend or slope for side, slope in zip(point.sides, _directions(point), strict=True)]
    if rises[0] == rises[1] != 0:
        yield Feature("maximum" if rises[0] > 0 else "minimum", point.x, feature.value)


def _directions(point: _Point) -> tuple[int, int]:
    """For each side of a point: 1 if, by its slope, the function rises towards the point, -1 if it falls, else 0."""
    before, after = [0 if one.value != one.value else int(np.sign(one.value)) for one in point.slopes]
    return before, -after


# Between the switches


def _approaches(bounds: Sequence[float]) -> Iterator[Floats]:
    """Yield points of the grid that come closer and closer to each bound, from both sides."""
    for left, right in pairwise(bounds):
        steps = (right - left) / 2 * 0.5 ** np.arange(_APPROACH)
        yield left + steps
        yield right - steps


def _smooth_features(function: Univariate, grid: Floats, start: float, stop: float) -> tuple[list[Feature], Floats]:
    """Return the zeros, extrema and inflection points of a piece without edges, and the grid with these points."""
    values = function.values(grid)
    is_there = np.isfinite(values)
    if is_there.sum() < 3:
        return [], grid
    grid, values = grid[is_there], values[is_there]
    if not values.any():
        return [Feature("zero", start, 0.0, to=stop)], grid
    (zeros, critical, bending), fine = roots(function, grid, 2)
    slope = function.derivative(1)
    found = [Feature("zero", x, value, slope=steepness) for x, value, steepness in _with_values(zeros, function, slope)]
    for (x, value), sign in zip(_with_values(critical, function), _signs_after(slope, fine, critical), strict=True):
        found.append(Feature("minimum" if sign > 0.0 else "maximum", x, value))
    for x, value, steepness in _with_values(bending, function, slope):
        found.append(Feature("inflection", x, value, slope=steepness))
    return found, fine


def _with_values(places: Sequence[float], *functions: Univariate) -> list[tuple[float, ...]]:
    """Return each place with the values of functions there."""
    return [*zip(places, *[one.values(np.array(places)).tolist() for one in functions], strict=True)]


def _signs_after(function: Univariate, grid: Floats, places: Sequence[float]) -> list[float]:
    """Return the sign of a function after each of its zeros, at the next point where rounding errors don't hide it."""
    keys = significant(function, grid)
    solid = np.flatnonzero(keys)
    following = np.searchsorted(grid[solid], places, side="right")
    return [float(keys[solid[one]]) for one in following]


def _crowds_of(found: Sequence[Feature], grid: Floats) -> Iterator[Crowd]:
    """Yield the parts of the line where features are as close together as points of the grid: some may be missed."""
    for kind in _SMOOTH:
        x = np.array(sorted(one.x for one in found if one.kind == kind))
        crowd = x[apart(x, grid) == 0]
        if len(crowd):
            yield Crowd(float(crowd[0]), float(crowd[-1]), Place(float(crowd[0]), 0.0))
