"""A function of two variables over a rectangle: its values, its gradient, and the points where the gradient is 0."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from gradcli import limits
from gradcli.evaluate.compiled import Compiled
from gradcli.evaluate.compiled import compile as compiled
from gradcli.evaluate.expression import Expression
from gradcli.evaluate.roots import is_short, simplest
from gradcli.primitives.backends import backend_named
from gradcli.records import NamedTuple

if TYPE_CHECKING:
    from gradcli.array_types import Floats

__all__ = ["CriticalPoint", "Surface", "critical_points", "surface_of"]

np: Final = backend_named("numpy").xp
#: The points of the grid along each variable from which critical points are looked for.
_GRID: Final = 161
#: Newton's method doubles the digits in each step; at a degenerate point it gains less than one bit.
_STEPS: Final = 60
#: A critical point is not further from the cell of the grid that led to it than this many cells.
_CELLS: Final = 3.0
#: Points that differ by less, compared with the rectangle, are one point.
_NEAR: Final = 1e-7
#: A second derivative that is smaller by this factor than the other one, or than the gradient suggests, is 0.
_FLAT: Final = 1e-6
#: A gradient that is smaller than on the rest of the rectangle by this factor is 0.
_LEVEL: Final = 1e-9
#: The place of a degenerate point is known to this share of the rectangle.
_BLUR: Final = 1e-5
#: Newton's method starts from this many cells at most.
_MOST_STARTS: Final = 4_000
#: More degenerate points than this lie on a curve.
_MANY: Final = 16


class CriticalPoint(NamedTuple):
    """A point where the gradient is 0.

    Attributes:
        kind: ``"minimum"``, ``"maximum"``, ``"saddle point"``, or ``"degenerate"`` if second derivatives can't decide.
        x, y: the place.
        value: the value there.
        eigenvalues: the two eigenvalues of the Hessian, the smaller one first.
    """

    kind: str
    x: float
    y: float
    value: float
    eigenvalues: tuple[float, float]


class Surface(NamedTuple):
    """A function on a grid.

    Attributes:
        x, y: the coordinates of the columns and of the rows, both in ascending order.
        values: the values, one row for each y.
        slopes: the derivatives with respect to the two variables, in the shape of the values.
    """

    x: Floats
    y: Floats
    values: Floats
    slopes: tuple[Floats, Floats]


def surface_of(
    expression: Expression, names: tuple[str, str], x: Floats, y: Floats, at: Mapping[str, float]
) -> Surface:
    """Return the values and the gradient of an expression on a grid.

    Args:
        expression: the expression.
        names: the names of the two variables.
        x, y: the coordinates of the columns and of the rows.
        at: the values of the other variables.

    >>> from gradcli.evaluate.expression import parse
    >>> surface = surface_of(parse("x*y"), ("x", "y"), np.array([1.0, 2.0]), np.array([3.0]), {})
    >>> surface.values.tolist(), surface.slopes[0].tolist()
    ([[3.0, 6.0]], [[3.0, 3.0]])
    """
    function = compiled(expression, names, "value+gradient", executor="numpy")
    across, up = np.meshgrid(x, y)
    value, gradient = function(**_inputs(function, names, (across, up), at))
    slopes = tuple(np.broadcast_to(gradient[name], across.shape) for name in names)
    return Surface(x, y, np.broadcast_to(value, across.shape), (slopes[0], slopes[1]))


def _inputs(
    function: Compiled, names: tuple[str, str], places: Sequence[Any] | Floats, at: Mapping[str, float]
) -> dict[str, Any]:
    given = {**at, **dict(zip(names, places, strict=True))}
    return {name: given[name] for name in function.inputs}


def critical_points(
    expression: Expression,
    names: tuple[str, str],
    ranges: tuple[tuple[float, float], tuple[float, float]],
    at: Mapping[str, float],
) -> tuple[list[CriticalPoint], bool]:
    """Find the points of a rectangle where the gradient is 0.

    Newton's method starts from every cell of a grid in which both derivatives change their signs or vanish.

    Args:
        expression: the expression; both variables occur in it.
        names: the names of the two variables.
        ranges: the two ends of each variable.
        at: the values of the other variables.

    Returns:
        The points, and whether these are all.  They are not all if the gradient is 0 on a whole curve.

    >>> from gradcli.evaluate.expression import parse
    >>> critical_points(parse("x^2 - y^2"), ("x", "y"), ((-1.0, 1.0), (-1.0, 1.0)), {})
    ([CriticalPoint(kind='saddle point', x=0.0, y=0.0, value=0.0, eigenvalues=(-2.0, 2.0))], True)
    """
    function = compiled(expression, names, "hessian", executor="numpy")
    margins = [(high - low) / (8 * _GRID) for low, high in ranges]
    axes = [
        np.linspace(low - margin, high + margin, _GRID) for (low, high), margin in zip(ranges, margins, strict=True)
    ]
    cell = np.array([one[1] - one[0] for one in axes])
    slopes = surface_of(expression, names, axes[0], axes[1], at).slopes
    is_flat = _vanishes(slopes[0]) & _vanishes(slopes[1])
    starts = np.argwhere(_changes(slopes[0]) & _changes(slopes[1]) & (is_flat == 0))
    is_complete = not is_flat.any() and len(starts) <= _MOST_STARTS
    starts = starts[:_MOST_STARTS]
    start = np.stack([axes[0][starts[:, 1]], axes[1][starts[:, 0]]]) + cell[:, None] / 2
    place = start
    for _ in range(_STEPS):
        step, _ = _newton(function, names, place, at)
        step *= np.minimum(1.0, 1.0 / np.maximum(np.abs(step / cell[:, None]).max(axis=0), 1e-300))
        place = place - np.nan_to_num(step)
    step, slope = _newton(function, names, place, at)
    size = np.array([high - low for low, high in ranges])[:, None]
    with np.errstate(all="ignore"):
        is_found = (np.abs(step) <= _NEAR * size).all(axis=0) & np.isfinite(slope).all(axis=0)
        is_found &= (np.abs(place - start) <= _CELLS * cell[:, None]).all(axis=0)
        finite = [np.abs(one[np.isfinite(one)]) for one in slopes]
        steepness = [float(np.median(one)) if one.size else 0.0 for one in finite]
        is_found &= np.hypot(*slope) <= _LEVEL * max(steepness)
    found: list[CriticalPoint] = []
    extent = size[:, 0].tolist()
    curvature = max(steepness) / max(extent)
    places = place[:, is_found]
    _, first = np.unique(np.round(places / (_BLUR * size)), axis=1, return_index=True)
    if len(first) > 4 * limits.CURVE_FEATURES:
        return [], False
    for x, y in sorted(places[:, first].T.tolist()):
        one = _classified(function, names, (x, y), at, curvature)
        blur = _BLUR if one.kind == "degenerate" else 1e-14
        rounded = [_round(x, blur * extent[0]), _round(y, blur * extent[1])]
        if _steepness(function, names, rounded, at) <= _steepness(function, names, (x, y), at):
            one = _classified(function, names, rounded, at, curvature)
        is_inside = all(low <= place <= high for place, (low, high) in zip((one.x, one.y), ranges, strict=True))
        is_known = any(
            abs(one.x - other.x) <= 2 * _BLUR * extent[0] and abs(one.y - other.y) <= 2 * _BLUR * extent[1]
            for other in found
        )
        if is_inside and not is_known:
            found.append(one)
    flat = [one for one in found if one.kind == "degenerate"]
    if len(flat) > _MANY:
        return [one for one in found if one not in flat], False
    return found[: limits.CURVE_FEATURES], is_complete and len(found) <= limits.CURVE_FEATURES


def _steepness(function: Compiled, names: tuple[str, str], point: Sequence[float], at: Mapping[str, float]) -> float:
    """Return the length of the gradient at a point."""
    _, gradient, _ = function(**_inputs(function, names, point, at))
    return math.hypot(*[float(gradient[name]) for name in names])


def _changes(slope: Floats) -> Any:
    """Return for each cell of a grid whether a derivative has both signs, or is 0, at its corners."""
    sign = np.sign(slope)
    corners = np.stack([sign[:-1, :-1], sign[:-1, 1:], sign[1:, :-1], sign[1:, 1:]])
    with np.errstate(all="ignore"):
        return (corners.min(axis=0) <= 0.0) & (corners.max(axis=0) >= 0.0)


def _vanishes(slope: Floats) -> Any:
    """Return for each cell of a grid whether a derivative is 0 at all corners."""
    is_zero = slope == 0.0
    return is_zero[:-1, :-1] & is_zero[:-1, 1:] & is_zero[1:, :-1] & is_zero[1:, 1:]


def _newton(function: Compiled, names: tuple[str, str], place: Floats, at: Mapping[str, float]) -> tuple[Any, Any]:
    """Return Newton's steps at many points, and the gradients; no step goes in a direction without curvature."""
    _, gradient, hessian = function(**_inputs(function, names, place, at))
    first, second = names
    slope = np.stack([np.broadcast_to(gradient[name], place[0].shape) for name in names])
    rows = [[hessian[first][first], hessian[first][second]], [hessian[second][first], hessian[second][second]]]
    matrix = np.array([[np.broadcast_to(one, place[0].shape) for one in row] for row in rows])
    is_finite = np.isfinite(matrix).all(axis=(0, 1)) & np.isfinite(slope).all(axis=0)
    step = np.full(place.shape, np.nan)
    with np.errstate(all="ignore"):
        inverse = np.linalg.pinv(np.moveaxis(matrix[:, :, is_finite], -1, 0), rcond=1e-12, hermitian=True)
        step[:, is_finite] = np.einsum("nij,jn->in", inverse, slope[:, is_finite])
    return step, slope


def _round(x: float, doubt: float) -> float:
    """Return the shortest number that differs from ``x`` by at most ``doubt``; ``x`` itself if that one isn't short."""
    doubt = max(doubt, 4.0 * math.ulp(x))
    short = simplest(x - doubt, x + doubt)
    return short if is_short(short) else x


def _classified(
    function: Compiled, names: tuple[str, str], point: Sequence[float], at: Mapping[str, float], curvature: float
) -> CriticalPoint:
    """Return a critical point; ``curvature`` is a typical absolute value of the second derivatives."""
    value, _, hessian = function(**_inputs(function, names, point, at))
    matrix = np.array([[float(hessian[one][other]) for other in names] for one in names])
    low, high = map(float, np.linalg.eigvalsh(matrix))
    if min(abs(low), abs(high)) <= _FLAT * max(abs(low), abs(high), curvature):
        kind = "degenerate"
    elif low < 0.0 < high:
        kind = "saddle point"
    else:
        kind = "minimum" if low > 0.0 else "maximum"
    return CriticalPoint(kind, point[0], point[1], float(value) + 0.0, (low, high))
