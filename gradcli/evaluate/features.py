"""The special points of a function of one variable: zeros, extrema, kinks, jumps, poles, holes, ends of its domain.

They are found by mathematics and not by luck of sampling.  The *switches* of the function come from its operations: the
conditions of their edge points, the operands of comparisons, the steps of floor.  A change of a switch is located to
neighbouring floats by halving.  What the function does there follows from the limits of its value and of its derivative
on both sides.  Between these points the function is smooth, and zeros, extrema and inflection points are zeros of the
function and its derivatives, found from the highest derivative down (`gradcli.evaluate.roots`).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from gradcli import limits
from gradcli.evaluate.one_sided import OneSided, one_sided
from gradcli.evaluate.roots import UNDEFINED, changes, is_short, roots, signs, significant, simplest, step_keys
from gradcli.evaluate.univariate import Univariate, refined
from gradcli.graph import Graph, Node, toposort
from gradcli.graph.rule import traced_rule
from gradcli.primitives import Primitive
from gradcli.primitives import functions as f
from gradcli.primitives.backends import backend_named
from gradcli.records import NamedTuple

if TYPE_CHECKING:
    from gradcli.array_types import Floats

__all__ = ["KINDS", "Feature", "Features", "features_of"]

np: Final = backend_named("numpy").xp
#: The kinds of features, in the order in which those of one point are listed.
KINDS: Final = (
    "pole", "jump", "hole", "end", "oscillation", "kink", "vertical tangent", "zero", "minimum", "maximum", "inflection",
)  # fmt: skip
#: The kinds at which the curve is broken.
BREAKS: Final = ("pole", "jump", "hole", "end", "oscillation")
#: The points of the grid from which the search begins.
_GRID: Final = 1025
#: The search goes beyond the ends by this share of the interval.
_MARGIN: Final = 1.0 / 4096
#: A switch that only grazes 0 changes its sign in a neighbourhood of this size by rounding errors.
_GRAZE: Final = 1e-5
#: Two limits that differ by less, compared with their size, are equal.
_TOLERANCE: Final = 1e-7
#: Changes of switches that are so few floats apart are one point.
_ULPS: Final = 8.0
#: Smaller numbers are 0 in a place.
_NOTHING: Final = 1e-18
#: Fewer points than this are never too many to be told apart.
_CROWD: Final = 8
#: The points of the grid on the way to a special point; each is twice as close as the one before.
_APPROACH: Final = 24


class Feature(NamedTuple):
    """A special point of a function.

    Attributes:
        kind: one of `KINDS`.
        x: the place.
        value: the value at the place; None if there is none.  At a hole it is the value that the limit differs from.
        left, right: the limits from the left and from the right, of the slope at a kink or vertical tangent, and of the
            value at all other points; an infinity where it grows without bound; None where there is no limit or where
            the function is not defined.  None for zeros, extrema and inflection points.
        slope: the slope at a zero or an inflection point, else None.
        to: for a zero that is an interval, its other end; else None.
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
        incomplete: the kinds of which there are more than the search keeps, or could tell apart.
        grid: the points that show the function, in ascending order.
        breaks: the places where the curve is broken: at poles, jumps, holes and ends.
    """

    found: list[Feature]
    incomplete: list[str]
    grid: Floats
    breaks: list[float]


def features_of(function: Univariate, low: float, high: float) -> Features:
    """Find the special points of a function.

    Args:
        function: the function.
        low, high: the ends of the interval, both finite, in ascending order.  Extrema at the ends don't count.

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
    places, crowd = _switch_places(function, grid)
    points = [*_examined(function, places, start, stop)]
    edges = [point for point in points if point.feature is not None]
    found = [point.feature for point in edges if point.feature is not None]
    bounds = [start, *[point.x for point in edges], stop]
    rooms = [np.unique(np.concatenate([grid, *_approaches(bounds)]))]
    for left, right in pairwise(bounds):
        smooth, room = _smooth_features(function, rooms[0][(rooms[0] > left) & (rooms[0] < right)], left, right)
        found += smooth
        rooms.append(room)
    for point in edges:
        found += _extremes_at(function, point, found)
    incomplete = {point.feature.kind for point in _examined(function, crowd, low, high) if point.feature is not None}
    if not is_clear or any(point.is_restless for point in points):
        found, dense = _without_crowds(found, rooms[0])
        incomplete |= dense
    found = [one._replace(x=max(one.x, low)) for one in found if low <= (one.x if one.to is None else one.to)]
    found = [one if one.to is None else one._replace(to=min(one.to, high)) for one in found if one.x <= high]
    found.sort(key=lambda one: (one.x, KINDS.index(one.kind)))
    for kind in KINDS:
        of_kind = [one for one in found if one.kind == kind]
        if len(of_kind) > limits.CURVE_FEATURES:
            incomplete.add(kind)
            kept = {*of_kind[: limits.CURVE_FEATURES]}
            found = [one for one in found if one.kind != kind or one in kept]
    whole = np.unique(np.concatenate([*rooms, [low, high]]))
    breaks = [one.x for one in found if one.kind in BREAKS]
    return Features(found, [kind for kind in KINDS if kind in incomplete], whole[(whole >= low) & (whole <= high)], breaks)


# The switches of a function


def _switch_places(function: Univariate, grid: Floats) -> tuple[list[_Place], list[_Place]]:
    """Return the places where an operation comes to an edge point, and some places of those that are too many."""
    most = 2 * limits.CURVE_FEATURES
    found: list[_Change] = []
    crowd: list[_Change] = []
    for changed, is_complete in _changed(function, grid, most):
        is_alone = is_complete if is_complete is not None else _apart(np.array([one.low for one in changed]), grid)
        alone = np.full(len(changed), is_alone)
        found += itertools.compress(changed, alone)
        crowd += [*itertools.compress(changed, ~alone)][:1]
    return [*_merged(found)], [*_merged(crowd)]


class _Place(NamedTuple):
    """A place where switches change; within the distance ``blur`` rounding errors hide what happens."""

    x: float
    blur: float


class _Change(NamedTuple):
    """A place where a switch changes: neighbouring floats, or the ends of a neighbourhood; and the best one of them."""

    low: float
    high: float
    best: float


def _changed(function: Univariate, grid: Floats, most: int) -> Iterator[tuple[list[_Change], bool | None]]:
    """Yield the changes of each switch, and whether these are all; None if the grid has to tell."""
    variable = function.variable
    for node, is_step in _switches(function):
        switch = Univariate(node, variable)
        if switch.is_constant:
            continue
        inner = Univariate(node.operands[0], variable) if is_step else switch
        (extremes, *_), fine = roots(inner.derivative(1), grid, 0)
        low, high, is_complete = changes(step_keys(switch) if is_step else signs(switch), fine, most)
        grazed = _grazed(node, inner, extremes, is_step=is_step)
        yield [*_ungrazed(low, high, _better(switch, low, high), grazed, grid[-1] - grid[0])], (
            # The steps of an operand that goes up and down only a few times can't be missed.
            is_complete if is_step and len(extremes) < _CROWD else None if is_complete else False
        )
    key = step_keys(function)
    low, high, is_complete = changes(lambda x: (key(x) == UNDEFINED).astype(float), grid, most)
    yield [*map(_Change, low.tolist(), high.tolist(), low.tolist())], None if is_complete else False
    for node in toposort([function.root]):
        if isinstance(node.primitive, Primitive) and len(node.operands) == 1 and not node.primitive.is_locally_constant:
            yield _unbounded(Univariate(node, variable), grid, most)


def _better(switch: Univariate, low: Floats, high: Floats) -> Floats:
    """Return the one of two neighbouring floats at which a switch is closer to 0."""
    is_low = np.abs(switch.values(low)) < np.abs(switch.values(high))
    return np.where(is_low, low, high)


def _grazed(node: Node, inner: Univariate, extremes: Sequence[float], *, is_step: bool) -> list[float]:
    """Return the extremes at which a switch only touches the value where it changes, as x^2 touches 0 and cos(x) 1."""
    if not extremes:
        return []
    x = np.array(extremes)
    bend = np.nan_to_num(np.abs(inner.derivative(2).values(x)), nan=0.0)
    slack = 8.0 * inner.noise(x) + bend * (4.0 * np.spacing(np.abs(x))) ** 2
    values = inner.values(x)
    if not is_step:
        return x[np.abs(values) <= slack].tolist()  # type: ignore[no-any-return]
    step = node.primitive
    assert isinstance(step, Primitive)
    return [
        place
        for place, value, error in zip(extremes, values.tolist(), slack.tolist(), strict=True)
        if step.value(value - error) != step.value(value + error)
    ]


def _ungrazed(
    low: Floats, high: Floats, best: Floats, grazed: Sequence[float], width: float
) -> Iterator[_Change]:
    """Yield the changes of a switch; those next to a place where it only grazes become one, at this place."""
    alone = np.full(len(low), True)
    for x in grazed:
        near = np.abs(low - x) <= _GRAZE * max(abs(x), width / 16)
        ends = [*low[near].tolist(), *high[near].tolist(), x]
        alone &= ~near
        yield _Change(min(ends), max(ends), x)
    yield from map(_Change, low[alone].tolist(), high[alone].tolist(), best[alone].tolist())


def _unbounded(operation: Univariate, grid: Floats, most: int) -> tuple[list[_Change], bool | None]:
    """Return the places where an operation, such as tan, changes its sign through infinity."""
    low, high, is_complete = changes(signs(operation), grid, most)
    if not len(low):
        return [], True
    place = np.clip(np.searchsorted(grid, low), 1, len(grid) - 1)
    first, last, before, after = [np.abs(operation.values(x)) for x in (low, high, grid[place - 1], grid[place])]
    # Next to a zero the values are smaller than further away, next to a pole they are larger.
    grows = (np.minimum(first, last) > np.maximum(before, after)) & (high > low)
    best = np.where(first > last, low, high)[grows]
    return [*map(_Change, low[grows].tolist(), high[grows].tolist(), best.tolist())], None if is_complete else False


def _apart(x: Floats, grid: Floats) -> Floats:
    """Whether places are so far from each other that the grid tells them apart: between others there may be more."""
    apart = np.full(len(x), True)
    if len(x) >= _CROWD:
        step = np.interp((x[1:] + x[:-1]) / 2, (grid[1:] + grid[:-1]) / 2, np.diff(grid))
        close = np.flatnonzero((np.diff(x) < 6.0 * step) & (np.diff(x) > 1e-15 * np.abs(x[1:])))
        if len(close):
            apart[close[0] : close[-1] + 2] = False
    return apart


def _merged(found: Iterable[_Change]) -> Iterator[_Place]:
    """Yield one place for each group of changes that are next to each other."""
    groups: list[list[_Change]] = []
    end = -math.inf
    for one in sorted(found):
        if one.low - end > max(_ULPS * math.ulp(end), _NOTHING) or not groups:
            groups.append([])
            end = -math.inf
        groups[-1].append(one)
        end = max(end, one.high)
    for group in groups:
        low, high = group[0].low, max(one.high for one in group)
        short = simplest(low, high)
        widest = max(group, key=lambda one: one.high - one.low)
        blur = widest.high - widest.low
        if blur <= max(_ULPS * math.ulp(low), _NOTHING):
            yield _Place(short if is_short(short) else widest.best, 0.0)
        else:
            yield _Place(widest.best, blur)


def _switches(function: Univariate) -> Iterator[tuple[Node, bool]]:
    """Yield the nodes whose sign, or whose value if the second item is true, changes where the function has edges."""
    found: dict[tuple[Node, bool], None] = {}
    for node in toposort([function.root]):
        primitive = node.primitive
        if not isinstance(primitive, Primitive) or primitive.transparent:
            continue
        _add_switches(node, found)
        if primitive is f.mod:
            found[f.floor(node.operands[0] / node.operands[1]), True] = None
        if primitive.is_locally_constant:
            continue
        rule = traced_rule(primitive, len(node.operands))
        for edge in rule.edges:
            for inner in _inlined(edge.condition, dict(zip(rule.inputs, (*node.operands, node), strict=True)), node.graph):
                _add_switches(inner, found)
        for place in sorted(rule.conditions):
            condition = node.operands[place]
            if not getattr(condition.primitive, "is_truth", False):
                found[condition, False] = None
    yield from found


def _add_switches(node: Node, found: dict[tuple[Node, bool], None]) -> None:
    """Add the switch of a comparison, or of a step function."""
    primitive = node.primitive
    if not isinstance(primitive, Primitive) or not primitive.is_locally_constant:
        return
    if not primitive.is_truth:
        found[node, True] = None
    elif not primitive.condition and len(node.operands) == 2:
        found[node.graph.lift(node.operands[0] - node.operands[1]), False] = None


def _inlined(root: Node, image: dict[Node, Node], graph: Graph) -> list[Node]:
    """Return the nodes of a condition of a rule, written with the operands of an operation."""
    result = []
    for node in toposort([root]):
        if node in image:
            continue
        if node.constant is not None:
            image[node] = graph.constant(node.constant)
        elif node.primitive is not None:
            image[node] = graph.apply(node.primitive, [image[operand] for operand in node.operands])
            result.append(image[node])
    return result


# What the function does at a switch


class _Point(NamedTuple):
    """A place where a switch changes: the function on both sides, and the feature that this makes, if any."""

    x: float
    value: float
    sides: tuple[OneSided, OneSided]
    slopes: tuple[OneSided, OneSided]
    feature: Feature | None

    @property
    def is_restless(self) -> bool:
        """Whether the function goes up and down without end, close to the place."""
        return "none" in [one.kind for one in (*self.sides, *self.slopes)]


def _examined(function: Univariate, places: Sequence[_Place], low: float, high: float) -> Iterator[_Point]:
    """Yield what the function does at each of some places between two ends."""
    inside = [place for place in places if low < place.x < high]
    reach = (high - low) / 8
    bounds = [-math.inf, *[place.x for place in inside], math.inf]
    for before, place, after in zip(bounds, inside, bounds[2:], strict=False):
        reaches = max(before - place.x, -reach) / 4, min(after - place.x, reach) / 4
        yield _point(function, *place, reaches)


def _point(function: Univariate, x: float, blur: float, reaches: Sequence[float]) -> _Point:
    value = function.at(x)
    if not function.is_defined_at(x):
        value = value if math.isinf(value) else math.nan
    left, right = [_sharpened(value, one_sided(function, x, reach, blur)) for reach in reaches]
    before, after = [one_sided(function.derivative(1), x, reach, blur) for reach in reaches]
    return _Point(x, value, (left, right), (before, after), _feature(x, value, (left, right), (before, after)))


def _sharpened(value: float, side: OneSided) -> OneSided:
    """Return a limit with the digits that it has: those of the value at the point, or the shortest number in its error.
    """
    if side.kind != "limit":
        return side
    if math.isfinite(value) and _equal(side.value, value, side.error):
        return side._replace(value=value)
    doubt = max(16.0 * side.error, 4.0 * math.ulp(side.value))
    short = simplest(side.value - doubt, side.value + doubt)
    return side._replace(value=short if is_short(short) or doubt > 1e-13 * abs(side.value) else side.value)


def _equal(first: float, second: float, error: float = 0.0) -> bool:
    """Whether two limits are equal."""
    if first == second:
        return True
    return abs(first - second) <= max(16.0 * error, _TOLERANCE * max(abs(first), abs(second)), 1e-13)


def _limit(side: OneSided) -> float | None:
    return None if side.value != side.value else side.value


def _feature(
    x: float, value: float, sides: tuple[OneSided, OneSided], slopes: Sequence[OneSided]
) -> Feature | None:
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
    """Return a slope with the digits that it has."""
    if slope.kind != "limit":
        return slope.value
    doubt = max(16.0 * slope.error, 8.0 * math.ulp(slope.value), 1e-14)
    return simplest(slope.value - doubt, slope.value + doubt)


def _extremes_at(function: Univariate, point: _Point, found: Sequence[Feature]) -> Iterator[Feature]:
    """Yield the zero and the extremum at a switch; ``found`` has the zeros that are intervals."""
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
    """Whether the function rises (1) or falls (-1) towards a point from both sides, by its slopes; 0 if unknown."""
    before, after = [0 if one.value != one.value else int(np.sign(one.value)) for one in point.slopes]
    return before, -after


# Between the switches


def _approaches(bounds: Sequence[float]) -> Iterator[Floats]:
    """Yield points of the grid that come closer and closer to each bound, from both sides."""
    for left, right in pairwise(bounds):
        steps = (right - left) / 2 * 0.5 ** np.arange(_APPROACH)
        yield left + steps
        yield right - steps


def _smooth_features(
    function: Univariate, grid: Floats, start: float, stop: float
) -> tuple[list[Feature], Floats]:
    """Return the zeros, extrema and inflection points of a piece without edges, and the grid with these points."""
    values = function.values(grid)
    is_there = np.isfinite(values)
    if is_there.sum() < 3:
        return [], grid
    grid, values = grid[is_there], values[is_there]
    if not values.any():
        return [Feature("zero", start, 0.0, to=stop)], grid
    (zeros, critical, bending), fine = roots(function, grid, 2)
    slope, bend = function.derivative(1), function.derivative(2)
    found = [Feature("zero", *one[:2], slope=one[2]) for one in _with_values(zeros, function, slope)]
    for (x, value), sign in zip(_with_values(critical, function), _signs_after(slope, fine, critical), strict=True):
        found.append(Feature("minimum" if sign > 0.0 else "maximum", x, value))
    for x, value, steepness in _with_values(bending, function, slope):
        found.append(Feature("inflection", x, value, slope=steepness))
    return found, fine


def _with_values(places: Sequence[float], *functions: Univariate) -> list[tuple[float, ...]]:
    return [(x, *[one.at(x) for one in functions]) for x in places]


def _signs_after(function: Univariate, grid: Floats, places: Sequence[float]) -> list[float]:
    """Return the sign of a function after each of its zeros, where rounding errors don't hide it."""
    keys = significant(function, grid)
    solid = np.flatnonzero(keys)
    following = np.searchsorted(grid[solid], places, side="right")
    return [float(keys[solid[one]]) for one in following]


def _without_crowds(found: list[Feature], grid: Floats) -> tuple[list[Feature], set[str]]:
    """Leave out points that lie as close together as the points of the grid: between them there may be others."""
    crowded: set[str] = set()
    kept = found
    for kind in KINDS:
        x = np.array(sorted(one.x for one in found if one.kind == kind))
        apart = _apart(x, grid)
        if apart.all():
            continue
        crowded.add(kind)
        low, high = x[~apart].min(), x[~apart].max()
        kept = [one for one in kept if one.kind != kind or not low <= one.x <= high]
    return kept, crowded
