"""Whether second derivatives on arrays are the same on all sides of a point, so that a kink makes no difference.

On floats, `sides.py` computes each side at the point itself.  On arrays there are too many sides, so the derivatives
are computed at a few points close by.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from gradcli.graph import Node
from gradcli.primitives.backends import backend_named

__all__ = ["sides_differ", "slant"]

np: Final = backend_named("numpy").xp
#: The distances from the point at which a side is computed, as multiples of the size of the point.
_FAR: Final = 2.0**-18
_NEAR: Final = 2.0**-30
#: The share of a result that rounding may change next to a point.
_TOLERANCE: Final = 1e-5


def slant(shape: tuple[int, ...], turn: int = 0) -> Any:
    """Return an array of different numbers with absolute values between 0.5 and 1, as a direction to move in.

    Args:
        shape: the shape of the array.
        turn: the signs of the numbers: all are positive for 0; they change after each number for 1, and after every
            second number for 2.
    """
    places = np.arange(int(np.prod(shape))).reshape(shape)
    signs = np.ones(shape) if turn == 0 else (-1.0) ** (places // turn)
    return (0.5 + 0.618033988749895 * places % 0.5) * signs


def sides_differ(function: Callable[[Mapping[str, Any]], Any], at: Mapping[str, Any], moving: Sequence[Node]) -> bool:
    """Whether the results at a point differ from their limit when the point is approached from some side.

    A difference that shrinks together with the distance from the point doesn't count.

    Args:
        function: the results at a point.
        at: a number or an array for each variable.
        moving: the variables that move.
    """
    here, names = function(at), [str(node.name) for node in moving]
    for turn in (0, 1, 2):
        for sign in (1.0, -1.0):
            near, far = [
                function({**at, **{name: _moved(at[name], sign * distance, turn) for name in names}})
                for distance in (_NEAR, _FAR)
            ]
            change, earlier = np.abs(near - here), np.abs(far - here)
            is_beyond = change > _TOLERANCE * np.maximum(np.abs(near), np.abs(here))
            has_no_value = np.isnan(here) & ~np.isnan(near)
            if bool((has_no_value | (is_beyond & ~(change < 0.25 * earlier))).any()):
                return True
    return False


def _moved(value: Any, distance: float, turn: int) -> Any:
    array = np.asarray(value.detach() if hasattr(value, "detach") else value, dtype=np.float64)
    return array + distance * np.maximum(1.0, np.abs(array)) * slant(array.shape, turn)
