"""Special functions of one number as polynomials on short intervals, with the same bits as the decimal kernels.

A decimal kernel takes 25 to 3000 microseconds for a value.  Where a function is called often, `Pieces` interpolates it:
an interval between two powers of two is halved until the polynomial of degree 19 through Chebyshev's points is precise
to `_PRECISE` of the function.  Its coefficients are computed in decimal arithmetic, from more digits than a float has.
The lowest `_LEADS` of them are sums of two floats, and so are the sums of their terms (Dekker, "A floating-point
technique for extending the available precision", 1971).  So the error bound of a value is less than 2^-13 units in the
last place.  If all numbers within the bound are rounded to the same float, this is the value; else the decimal kernel
decides (Ziv, "Fast evaluation of elementary mathematical functions with correctly rounded last bit", 1991).

So a value does not depend on earlier calls, and a float and an element of an array have the same bits.  Where no
polynomial is precise enough, as next to a singularity, the decimal kernel computes every value.
"""

from __future__ import annotations

import math
import threading
from array import array
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final

from gradcli.primitives.kernels.decimals import Decimal, digits

__all__ = ["Pieces", "Tabulated"]

#: The number of points of a polynomial, and of the coefficients that are sums of two floats.
_POINTS: Final = 20
_LEADS: Final = 7
#: The number of digits with which coefficients are computed; the kernels have at least 23 digits.
_DIGITS: Final = 50
_KERNEL_ERROR: Final = 2.0**-72
#: The largest error bound of a piece, relative to its largest value: 1 of 8000 values is then left to the kernel.
_PRECISE: Final = 2.0**-67
#: Values between which no product of a piece overflows or loses digits.
_LEAST: Final = 2.0**-800
_MOST: Final = 2.0**800
#: An interval between powers of two has 2^10 cells; a piece has at most an eighth of them, and at least one.
_CELL_BITS: Final = 10
_CELLS: Final = 1 << _CELL_BITS
_WIDEST: Final = 3
#: The number of calls in an interval after which its piece is made: about what making it costs.
_CALLS: Final = _POINTS
#: The most pieces of a function; beyond them, the kernel computes.
_MOST_PIECES: Final = 20_000
#: A cell without a piece, and one in which no polynomial is precise.
_UNKNOWN: Final = -1
_REFUSED: Final = -2
#: The most combinations of other operands for which pieces of a function are kept.
_MOST_CONSTANTS: Final = 64
#: The splitting factor of Dekker's product.
_SPLITTER: Final = 2.0**27 + 1.0
#: The elements that are computed together, so that intermediate arrays stay in the cache.
_BLOCK: Final = 4096
#: Added to an exponent, so that it is a place in a list.
_BIAS: Final = 1100

#: The centre, the reciprocal of half the width, the error bound, and the coefficients from the constant one on: the
#: leading ones as sums of two floats, first their large parts.
_Piece = tuple[float, ...]


@cache
def _nodes() -> tuple[float, ...]:
    """Chebyshev's points, rounded to multiples of 2^-30, so that points of an interval are exact floats."""
    return tuple([round(math.cos(math.pi * (2 * j + 1) / (2 * _POINTS)) * 2.0**30) / 2.0**30 for j in range(_POINTS)])


@cache
def _weights() -> tuple[tuple[Decimal, ...], ...]:
    """The matrix from the values at the points to the coefficients of the polynomial through them, lowest first."""
    with digits(_DIGITS + 20):
        nodes = [*map(Decimal, _nodes())]
        columns = []
        for j, node in enumerate(nodes):
            polynomial = [Decimal(1)]
            for i, other in enumerate(nodes):
                if i != j:
                    raised, kept = [Decimal(0), *polynomial], [*polynomial, Decimal(0)]
                    polynomial = [(x - other * y) / (node - other) for x, y in zip(raised, kept, strict=True)]
            columns.append(polynomial)
        return tuple(zip(*columns, strict=True))


class Pieces:
    """A function of one number by its decimal kernel, and where it is called often by polynomials.

    Args:
        exact: the function; a decimal is right to 2^-72 of it, and a float is the value itself.

    >>> from gradcli.primitives.kernels.bessel_decimals import airy
    >>> pieces = Pieces(lambda x: airy.exact(0, x))
    >>> pieces(1.0)
    0.13529241631288141
    """

    def __init__(self, exact: Callable[[float], Decimal | float]) -> None:
        self._exact = exact
        self._pieces: list[_Piece] = []
        #: The first cell of an interval between powers of two, by its exponent and sign, and the piece of each cell.
        self._regions: dict[int, int] = {}
        self._cells = array("h", [_UNKNOWN]) * _CELLS
        #: The level at which pieces begin in an interval between powers of two, and the calls without a piece.
        self._levels: dict[int, int] = {}
        self._calls: dict[int, int] = {}
        self._lock = threading.Lock()
        self._matrix: Any = None
        self._offsets: Any = None

    def __call__(self, x: float) -> float:
        """The value at a number, rounded correctly."""
        mantissa, exponent = math.frexp(x)
        size = abs(mantissa)
        if not 0.5 <= size < 1.0:
            return float(self._exact(x))
        region = exponent if mantissa > 0.0 else exponent - 4 * _BIAS
        cell = int(size * (2 * _CELLS)) - _CELLS
        first = self._regions.get(region)
        row = _UNKNOWN if first is None else self._cells[first + cell]
        if row == _UNKNOWN:
            place = region * _CELLS + (cell >> (_CELL_BITS - _WIDEST))
            self._calls[place] = self._calls.get(place, 0) + 1
            if self._calls[place] < _CALLS:
                return float(self._exact(x))
            with self._lock:
                self._make(region, cell)
            row = self._cells[self._regions[region] + cell]
        if row >= 0:
            piece = self._pieces[row]
            total, low = _evaluated(piece, (x - piece[0]) * piece[1])
            found: float = total + (low + piece[2])
            if found == total + (low - piece[2]):
                return found
        return float(self._exact(x))

    def of_array(self, np: Any, x: Any) -> Any:
        """The values at the elements of an array of doubles."""
        flat = np.ravel(x)
        result = np.empty(flat.shape)
        mantissas, exponents = np.frexp(flat)
        is_plain = np.isfinite(flat) & (flat != 0.0)
        if is_plain.all():
            self._fill(np, flat, mantissas, exponents, result)
        else:
            found = np.empty(int(is_plain.sum()))
            self._fill(np, flat[is_plain], mantissas[is_plain], exponents[is_plain], found)
            result[is_plain] = found
            result[~is_plain] = [float(self._exact(one)) for one in flat[~is_plain].tolist()]
        return result.reshape(np.shape(x))

    def _fill(self, np: Any, x: Any, mantissas: Any, exponents: Any, result: Any) -> None:
        if not x.size:
            return
        regions = np.where(mantissas > 0.0, exponents, exponents - 4 * _BIAS) + 5 * _BIAS
        cells = (np.abs(mantissas) * (2 * _CELLS)).astype(np.int64) - _CELLS
        present = np.flatnonzero(np.bincount(regions))
        with self._lock:
            for region in present.tolist():
                self._region(region - 5 * _BIAS)
            places = self._places(np)[regions] + cells
            rows = np.frombuffer(self._cells, np.int16)[places]
            if (rows == _UNKNOWN).any():
                self._make_all(np.bincount(places[rows == _UNKNOWN], minlength=len(self._cells)))
                rows = np.frombuffer(self._cells, np.int16)[places]
            matrix = self._columns(np)
        for start in range(0, x.size, _BLOCK):
            block = slice(start, start + _BLOCK)
            result[block] = self._of_block(np, x[block], rows[block], matrix)

    def _of_block(self, np: Any, x: Any, rows: Any, matrix: Any) -> Any:
        is_known = rows >= 0
        if is_known.any():
            columns = [column[rows] for column in matrix[:3]]
            total, low = _evaluated(_Taken(matrix, rows), (x - columns[0]) * columns[1])
            found = total + (low + columns[2])
            is_known &= found == total + (low - columns[2])
        else:
            found = np.empty(x.shape)
        if not is_known.all():
            beyond = ~is_known
            found[beyond] = [float(self._exact(one)) for one in x[beyond].tolist()]
        return found

    def _region(self, region: int) -> int:
        """The first cell of an interval between powers of two."""
        first = self._regions.get(region)
        if first is None:
            first = len(self._regions) * _CELLS
            if first + _CELLS > len(self._cells):
                self._cells = self._cells + array("h", [_UNKNOWN]) * len(self._cells)
            self._regions[region] = first
            self._offsets = None
        return first

    def _begin(self, region: int) -> int:
        """The level at which pieces begin; where three single cells have none, as in fast oscillation, no cell has."""
        level = self._levels.get(region)
        if level is None:
            level = self._levels[region] = _WIDEST
            quarter = _CELLS // 4
            if not any(self._interpolated(*_interval(region, _CELL_BITS, k * quarter)) for k in (1, 2, 3)):
                first = self._regions[region]
                self._cells[first : first + _CELLS] = array("h", [_REFUSED]) * _CELLS
        return level

    def _places(self, np: Any) -> Any:
        if self._offsets is None:
            self._offsets = np.zeros(8 * _BIAS, np.int64)
            for region, first in self._regions.items():
                self._offsets[region + 5 * _BIAS] = first
        return self._offsets

    def _columns(self, np: Any) -> Any:
        """The numbers of all pieces, one row for each place in a piece."""
        if self._pieces and (self._matrix is None or self._matrix.shape[1] < len(self._pieces)):
            self._matrix = np.ascontiguousarray(np.array(self._pieces).T)
        return self._matrix

    def _make_all(self, counts: Any) -> None:
        """Make the pieces of intervals with enough calls; the calls of this time are given for each cell."""
        for region, first in [*self._regions.items()]:
            of_region = counts[first : first + _CELLS]
            if not of_region.any():
                continue
            for wide, count in enumerate(of_region.reshape(1 << _WIDEST, -1).sum(axis=1).tolist()):
                place = region * _CELLS + wide
                before = self._calls.get(place, 0)
                self._calls[place] = before + count
                if not count or before + count < _CALLS:
                    continue
                level = self._begin(region)
                parts = 1 << (level - _WIDEST)
                starts = [(level, wide * parts + part) for part in range(parts)]
                while starts:
                    level, index = starts.pop()
                    width = _CELLS >> level
                    of_part = int(of_region[index * width : (index + 1) * width].sum())
                    if of_part and of_part + before >= _CALLS and not self._made(region, level, index):
                        starts += [(level + 1, 2 * index), (level + 1, 2 * index + 1)]

    def _make(self, region: int, cell: int) -> None:
        """Make the piece that a cell belongs to."""
        self._region(region)
        for level in range(self._begin(region), _CELL_BITS + 1):
            if self._made(region, level, cell >> (_CELL_BITS - level)):
                break

    def _made(self, region: int, level: int, index: int) -> bool:
        """Make a piece; False if shorter intervals should be tried.

        Args:
            region: the exponent of the interval between powers of two, and its sign.
            level: the piece is its 2^level-th part.
            index: the number of the part.
        """
        width, first = _CELLS >> level, self._regions[region] + index * (_CELLS >> level)
        if any(self._cells[place] != _UNKNOWN for place in range(first, first + width)):
            # A part of it is known already: all of it at a higher level.
            return level == _CELL_BITS
        piece = self._interpolated(*_interval(region, level, index)) if len(self._pieces) < _MOST_PIECES else None
        if piece is None and level < _CELL_BITS:
            self._levels[region] = max(self._levels[region], min(level + 1, 7))
            return False
        row = _REFUSED
        if piece is not None:
            row = len(self._pieces)
            self._pieces.append(piece)
        self._cells[first : first + width] = array("h", [row]) * width
        return True

    def _interpolated(self, centre: float, half: float) -> _Piece | None:
        """The polynomial on an interval; None if its error bound is too large."""
        if not _LEAST < half < _MOST:
            return None
        values = []
        for node in _nodes():
            value = self._exact(centre + half * node)
            if not isinstance(value, Decimal) or not value.is_finite():
                return None
            values.append(value)
        with digits(_DIGITS):
            size = float(max(map(abs, values)))
            if not _LEAST < size < _MOST:
                return None
            coefficients = [sum(map(Decimal.__mul__, row, values), Decimal(0)) for row in _weights()]
            # The last two coefficients in Chebyshev's polynomials, which the following ones are smaller than.
            left = float(abs(coefficients[-1])) / 2.0 ** (_POINTS - 2) + float(abs(coefficients[-2])) / 2.0 ** (
                _POINTS - 3
            )
            rounded = 2.0**-51 * math.fsum([float(abs(one)) for one in coefficients[_LEADS:]])
            error = 4.0 * left + rounded + _KERNEL_ERROR * size
            if not error < _PRECISE * size:
                return None
            high = [float(one) for one in coefficients]
            low = [float(one - Decimal(rough)) for one, rough in zip(coefficients, high[:_LEADS], strict=False)]
        return (centre, 1.0 / half, error, *high[:_LEADS], *low, *high[_LEADS:])


def _interval(region: int, level: int, index: int) -> tuple[float, float]:
    """The centre of a part of an interval between powers of two, and half its width."""
    is_positive = region > -2 * _BIAS
    exponent = region if is_positive else region + 4 * _BIAS
    half = math.ldexp(0.5, exponent - level - 1)
    centre = math.ldexp(0.5, exponent) + (2 * index + 1) * half
    return centre if is_positive else -centre, half


class _Taken:
    """The numbers of pieces, one piece for each element, taken when they are needed."""

    def __init__(self, matrix: Any, rows: Any) -> None:
        self.matrix = matrix
        self.rows = rows

    def __getitem__(self, place: int) -> Any:
        return self.matrix[place].take(self.rows, mode="clip")


def _evaluated(piece: Any, t: Any) -> tuple[Any, Any]:
    """The polynomial of a piece as the sum of two floats, for floats and arrays."""
    first = 3 + 2 * _LEADS
    total = piece[first + _POINTS - _LEADS - 1]
    for place in range(first + _POINTS - _LEADS - 2, first - 1, -1):
        total = total * t + piece[place]
    scaled = _SPLITTER * t
    upper = scaled - (scaled - t)
    lower = t - upper
    low: Any = 0.0
    for place in range(2 + _LEADS, 2, -1):
        # total * t + low * t + the coefficient, with the errors of the product (Dekker) and of the sum (Knuth)
        product = total * t
        scaled = _SPLITTER * total
        high = scaled - (scaled - total)
        rest = total - high
        lost = ((high * upper - product) + (high * lower + rest * upper)) + rest * lower
        coefficient = piece[place]
        total = coefficient + product
        second = total - coefficient
        low = low * t + (lost + ((coefficient - (total - second)) + (product - second)) + piece[place + _LEADS])
    return total, low


class Tabulated:
    """A function by its decimal kernel, and by `Pieces` in one operand where it is called often with the others.

    Args:
        exact: the function; a decimal is right to 2^-72 of it, and a float is the value itself.

    >>> from gradcli.primitives.kernels.zeta_decimals import elliptic_k
    >>> Tabulated(elliptic_k.exact)(0.0, 0.5)
    1.8540746773013719
    """

    def __init__(self, exact: Callable[..., Decimal | float]) -> None:
        self.exact = exact
        self._known: dict[tuple[int, tuple[float, ...]], Pieces] = {}

    def __call__(self, *operands: float) -> float:
        """The value at numbers, of which the last one varies most."""
        return self._pieces(len(operands) - 1, operands)(operands[-1])

    def of_array(self, np: Any, *operands: Any) -> Any:
        """The values for arrays and numbers; two arrays are computed element by element."""
        varying = [place for place, operand in enumerate(operands) if hasattr(operand, "dtype")]
        if len(varying) == 1:
            return self._pieces(varying[0], operands).of_array(np, operands[varying[0]])
        arrays = np.broadcast_arrays(*operands)
        found = [float(self.exact(*one)) for one in zip(*[one.ravel().tolist() for one in arrays], strict=True)]
        return np.array(found, np.float64).reshape(arrays[0].shape)

    def _pieces(self, place: int, operands: Sequence[Any]) -> Pieces:
        """The function of one operand, the others being constants."""
        before, after = operands[:place], operands[place + 1 :]
        key = place, (*before, *after)
        found = self._known.get(key)
        if found is None:
            if len(self._known) == _MOST_CONSTANTS:
                self._known = {}
            exact = self.exact
            found = self._known[key] = Pieces(lambda x: exact(*before, x, *after))
        return found
