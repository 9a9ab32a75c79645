"""The places where a function of one variable may have an edge: where an operation in it changes its formula.

A *switch* is a node whose sign or value changes at such a place.  It comes from an edge point that the registry
declares, from a comparison, or from a step function such as floor.  No float is a pole of a function such as tan, so
its poles are found by a change of its sign at large values.  Each change is located between two neighbouring floats.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from gradcli import limits
from gradcli.evaluate.roots import UNDEFINED, changes, is_short, roots, signs, simplest, step_keys
from gradcli.evaluate.univariate import Univariate
from gradcli.graph import Graph, Node, toposort
from gradcli.graph.rule import traced_rule
from gradcli.primitives import Primitive
from gradcli.primitives import functions as f
from gradcli.primitives.backends import backend_named
from gradcli.records import NamedTuple

if TYPE_CHECKING:
    from gradcli.array_types import Floats

__all__ = ["Crowd", "Place", "apart", "switch_places"]

np: Final = backend_named("numpy").xp
#: A switch that only grazes 0 changes its sign in a neighbourhood of this size by rounding errors.
_GRAZE: Final = 1e-5
#: Changes of switches that are so few floats apart are one point.
_ULPS: Final = 8.0
#: Smaller numbers are 0 in a place.
_NOTHING: Final = 1e-18
#: A function has fewer sign changes on its grid than this.
_MANY: Final = 1 << 20
#: Fewer points than this are never too many to be told apart.
_CROWD: Final = 8


def switch_places(function: Univariate, grid: Floats) -> tuple[list[Place], list[Crowd]]:
    """Return the places where switches change, and the parts of the line that have too many of these places."""
    most = 2 * limits.CURVE_FEATURES
    found: list[_Change] = []
    rests: list[list[_Change]] = []
    for changed, is_complete in _changed(function, grid, most):
        alone = is_complete
        if is_complete is None:
            alone = apart(np.array([one.low for one in changed]), grid) & (np.arange(len(changed)) < most)
        is_alone = np.full(len(changed), alone).tolist()
        found += itertools.compress(changed, is_alone)
        rest = [one for one, is_kept in zip(changed, is_alone, strict=True) if not is_kept]
        if rest:
            rests.append(rest if is_complete is None else [rest[0], rest[len(rest) // 2], _END])
    known = np.array(sorted(one.best for one in found))
    return [*_merged(found)], [crowd for rest in rests for crowd in _crowd(rest, known, float(grid[-1]))]


class Crowd(NamedTuple):
    """A part of the line where the places of change can't be told apart, and one of these places as an example."""

    low: float
    high: float
    example: Place


class Place(NamedTuple):
    """A place where switches change; ``blur`` is the distance within which rounding errors hide the function."""

    x: float
    blur: float


class _Change(NamedTuple):
    """A change of a switch: the ends of an interval, often neighbouring floats, and the best place between them."""

    low: float
    high: float
    best: float


#: In place of the last changes of a step function that has too many.
_END: Final = _Change(math.inf, math.inf, math.inf)


def _crowd(changed: Sequence[_Change], known: Floats, end: float) -> Iterator[Crowd]:
    """Yield the changes as one crowd, without those in ``known``; yield nothing if none are left."""
    rest = list(changed)
    if len(known):
        best = np.array([one.best for one in changed])
        place = np.clip(np.searchsorted(known, best), 1, len(known)) - 1
        nearest = np.minimum(np.abs(known[place] - best), np.abs(known[np.minimum(place + 1, len(known) - 1)] - best))
        rest = [*itertools.compress(changed, (nearest > 1e-12 * np.abs(best)).tolist())]
    if rest:
        yield Crowd(rest[0].low, min(rest[-1].high, end), Place(rest[(len(rest) - 1) // 2].best, 0.0))


def _changed(function: Univariate, grid: Floats, most: int) -> Iterator[tuple[list[_Change], bool | None]]:
    """Yield the changes of each switch, and whether these are all; None if this depends on the grid."""
    variable = function.variable
    for node, is_step in _switches(function):
        switch = Univariate(node, variable)
        if switch.is_constant:
            continue
        inner = Univariate(node.operands[0], variable) if is_step else switch
        (extremes, *_), fine = roots(inner.derivative(1), grid, 0)
        low, high, is_complete = changes(
            step_keys(switch) if is_step else signs(switch), fine, most if is_step else _MANY
        )
        grazed = _grazed(node, inner, extremes, is_step=is_step)
        yield (
            [*_ungrazed(low, high, _better(switch, low, high), grazed, grid[-1] - grid[0])],
            (
                # The steps of an operand that goes up and down only a few times can't be missed.
                is_complete if is_step and len(extremes) < _CROWD else None
            ),
        )
    key = step_keys(function)
    low, high, is_complete = changes(lambda x: (key(x) == UNDEFINED).astype(float), grid, _MANY)
    yield [*map(_Change, low.tolist(), high.tolist(), low.tolist())], None
    for node in toposort([function.root]):
        if isinstance(node.primitive, Primitive) and len(node.operands) == 1 and not node.primitive.is_locally_constant:
            yield _unbounded(Univariate(node, variable), grid), None


def _better(switch: Univariate, low: Floats, high: Floats) -> Floats:
    """Return, of two neighbouring floats, the one at which a switch is closer to 0."""
    is_low = np.abs(switch.values(low)) < np.abs(switch.values(high))
    better: Floats = np.where(is_low, low, high)
    return better


def _grazed(node: Node, inner: Univariate, extremes: Sequence[float], *, is_step: bool) -> list[float]:
    """Return the extrema at which a switch touches the value where it would change, as x^2 touches 0."""
    if not extremes:
        return []
    x = np.array(extremes)
    bend = np.nan_to_num(np.abs(inner.derivative(2).values(x)), nan=0.0)
    slack = 8.0 * inner.noise(x) + bend * (4.0 * np.spacing(np.abs(x))) ** 2
    values = inner.values(x)
    if not is_step:
        touching: list[float] = x[np.abs(values) <= slack].tolist()
        return touching
    step = node.primitive
    assert isinstance(step, Primitive)
    return [
        place
        for place, value, error in zip(extremes, values.tolist(), slack.tolist(), strict=True)
        if step.value(value - error) != step.value(value + error)
    ]


def _ungrazed(low: Floats, high: Floats, best: Floats, grazed: Sequence[float], width: float) -> Iterator[_Change]:
    """Yield the changes of a switch; all changes close to a place that the switch only touches become one change."""
    alone = np.full(len(low), True)
    for x in grazed:
        near = np.abs(low - x) <= _GRAZE * max(abs(x), width / 16)
        ends = [*low[near].tolist(), *high[near].tolist(), x]
        alone &= ~near
        yield _Change(min(ends), max(ends), x)
    yield from map(_Change, low[alone].tolist(), high[alone].tolist(), best[alone].tolist())


def _unbounded(operation: Univariate, grid: Floats) -> list[_Change]:
    """Return the places where an operation, such as tan, changes its sign through infinity."""
    low, high, _ = changes(signs(operation), grid, _MANY)
    if not len(low):
        return []
    place = np.clip(np.searchsorted(grid, low), 1, len(grid) - 1)
    first, last, before, after = [np.abs(operation.values(x)) for x in (low, high, grid[place - 1], grid[place])]
    # Next to a zero the values are smaller than further away, next to a pole they are larger.
    grows = (np.minimum(first, last) > np.maximum(before, after)) & (high > low)
    best = np.where(first > last, low, high)[grows]
    return [*map(_Change, low[grows].tolist(), high[grows].tolist(), best.tolist())]


def apart(x: Floats, grid: Floats) -> Any:
    """Whether each place is so far from its neighbours that the grid can't have missed another one between them."""
    is_apart = np.full(len(x), True)
    if len(x) >= _CROWD:
        step = np.interp((x[1:] + x[:-1]) / 2, (grid[1:] + grid[:-1]) / 2, np.diff(grid))
        close = np.flatnonzero((np.diff(x) < 6.0 * step) & (np.diff(x) > 1e-15 * np.abs(x[1:])))
        if len(close):
            is_apart[close[0] : close[-1] + 2] = False
    return is_apart


def _merged(found: Iterable[_Change]) -> Iterator[Place]:
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
            yield Place(short if is_short(short) else widest.best, 0.0)
        else:
            yield Place(widest.best, blur)


def _switches(function: Univariate) -> Iterator[tuple[Node, bool]]:
    """Yield the switches of a function, each with a truth value: false if its sign matters, true if its value does."""
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
            for inner in _inlined(
                edge.condition, dict(zip(rule.inputs, (*node.operands, node), strict=True)), node.graph
            ):
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
    """Return the nodes of a rule's condition after the operands of an operation are inserted."""
    result = []
    for node in toposort([root]):
        if node in image:
            continue
        if node.constant is not None:
            image[node] = graph.constant(node.constant)
        elif isinstance(node.primitive, Primitive):
            image[node] = graph.apply(node.primitive, [image[operand] for operand in node.operands])
            result.append(image[node])
    return result
