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
import mmap
from _thread import RLock
from collections.abc import Callable, Sequence
from functools import cache, cached_property
from typing import Any, Final

from gradcli.primitives.kernels.decimals import Decimal, digits

__all__ = ["CELLS_AT", "FIELDS", "NEAR", "PIECES_AT", "ROW", "Pieces", "Tabulated", "evaluated"]

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
#: The most pieces of a function, and the most intervals between powers of two; beyond them, the kernel computes.
_MOST_PIECES: Final = 8192
_MOST_REGIONS: Final = 128
#: The distance from an end below which it is the operand, relative to the end.
NEAR: Final = 0.25
#: The content of a cell without a piece, and of one in which no polynomial is precise; a larger one, less 2, is the
#: number of the cell's piece.
_UNKNOWN: Final = 0
_REFUSED: Final = 1
#: The first bytes of the three parts of the memory of a table, and its size (see `Pieces.memory`).
FIELDS: Final = 1 << 12
_MOST_ENDS: Final = 2
ROW: Final = 32
CELLS_AT: Final = 4 * FIELDS * (1 + _MOST_ENDS)
PIECES_AT: Final = CELLS_AT + 4 * _CELLS * (1 + _MOST_REGIONS)
_BYTES: Final = PIECES_AT + 8 * ROW * _MOST_PIECES
#: The most combinations of other operands for which pieces of a function are kept.
_MOST_CONSTANTS: Final = 64
#: The splitting factor of Dekker's product.
_SPLITTER: Final = 2.0**27 + 1.0
#: The elements that are computed together, so that intermediate arrays stay in the cache.
_BLOCK: Final = 4096
#: The difference between the exponent of `math.frexp` and the bits for it in a float; the bit for the sign.
_BIAS: Final = 1022
_SIGN: Final = 1 << 11

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
        ends: numbers at which it is singular, at most two.  Near an end, the distance from it is the operand of the
            polynomials: it is exact, and next to the end there are short intervals, as there are next to 0.

    >>> from gradcli.primitives.kernels.bessel_decimals import airy
    >>> pieces = Pieces(lambda x: airy.exact(0, x))
    >>> pieces(1.0)
    0.13529241631288141
    """

    def __init__(self, exact: Callable[[float], Decimal | float], ends: Sequence[float] = ()) -> None:
        self._exact = exact
        self.ends = ends
        self._pieces: list[_Piece] = []
        #: The level at which pieces begin in an interval between powers of two, and the calls without a piece.
        self._levels: dict[int, int] = {}
        self._calls: dict[int, int] = {}
        self._lock = RLock()
        self._matrix: Any = None

    @cached_property
    def memory(self) -> mmap.mmap:
        """The table as memory that machine code reads, too; it stays where it is.

        A float's sign and exponent are the number of a *field*, a 32-bit integer: the number of the first cell of all
        floats with this sign and exponent.  Distances from the first end have the next `FIELDS` fields, and so on.  The
        cells are 32-bit integers from the byte `CELLS_AT` on; the first ten bits of the mantissa are added to the
        number of the first one.  The pieces are `ROW` floats each, from the byte `PIECES_AT` on.
        """
        return mmap.mmap(-1, _BYTES)

    @cached_property
    def _fields(self) -> Any:
        return memoryview(self.memory)[:CELLS_AT].cast("i")

    @cached_property
    def _cells(self) -> Any:
        return memoryview(self.memory)[CELLS_AT:PIECES_AT].cast("i")

    @cached_property
    def _numbers(self) -> Any:
        return memoryview(self.memory)[PIECES_AT:].cast("d")

    def __call__(self, x: float, enough: int = _CALLS) -> float:
        """The value at a number, rounded correctly; from ``enough`` calls in an interval on, by a polynomial."""
        operand, first = x, 0
        for number, end in enumerate(self.ends, 1):
            if abs(x - end) < NEAR * abs(end):
                operand, first = x - end, FIELDS * number
        mantissa, exponent = math.frexp(operand)
        size, field = abs(mantissa), exponent + _BIAS
        if not (0.5 <= size < 1.0 and field > 0):  # subnormal numbers have no pieces, either
            return float(self._exact(x))
        field += first if mantissa > 0.0 else first + _SIGN
        cell = int(size * (2 * _CELLS)) - _CELLS
        row = self._cells[self._fields[field] + cell] if self._pieces else _UNKNOWN
        if row == _UNKNOWN:
            place = field << _WIDEST | cell >> (_CELL_BITS - _WIDEST)
            self._calls[place] = self._calls.get(place, 0) + 1
            if self._calls[place] < enough:
                return float(self._exact(x))
            with self._lock:
                row = self._make(field, cell)
        if row > _REFUSED:
            piece = self._pieces[row - 2]
            total, low = evaluated(piece, (operand - piece[0]) * piece[1])
            found: float = total + (low + piece[2])
            if found == total + (low - piece[2]):
                return found
        return float(self._exact(x))

    def of_array(self, np: Any, x: Any) -> Any:
        """The values at the elements of an array of doubles."""
        flat = np.ascontiguousarray(x).ravel()
        result = np.empty(flat.shape)
        fields = np.frombuffer(self.memory, np.int32, CELLS_AT // 4)
        cells = np.frombuffer(self.memory, np.int32, (PIECES_AT - CELLS_AT) // 4, CELLS_AT)
        operands, first = flat, 0
        for number, end in enumerate(self.ends, 1):
            with np.errstate(all="ignore"):
                distances = flat - end
                is_near = np.abs(distances) < NEAR * abs(end)
            if is_near.any():
                operands, first = np.where(is_near, distances, operands), np.where(is_near, FIELDS * number, first)
        bits = operands.view(np.int64)
        of_field, of_cell = ((bits >> 52) & (FIELDS - 1)) + first, (bits >> (52 - _CELL_BITS)) & (_CELLS - 1)
        rows = cells[fields[of_field] + of_cell]
        is_unknown = rows == _UNKNOWN
        if is_unknown.any():
            with self._lock:
                self._count(np, of_field[is_unknown], of_cell[is_unknown])
            rows = cells[fields[of_field] + of_cell]
        matrix = self._columns(np)
        for start in range(0, flat.size, _BLOCK):
            block = slice(start, start + _BLOCK)
            result[block] = self._of_block(np, flat[block], operands[block], rows[block] - 2, matrix)
        return result.reshape(np.shape(x))

    def _of_block(self, np: Any, x: Any, operands: Any, rows: Any, matrix: Any) -> Any:
        is_known = rows >= 0
        if is_known.any():
            with np.errstate(all="ignore"):
                piece = _Taken(matrix, rows)
                total, low = evaluated(piece, (operands - piece[0]) * piece[1])
                error = piece[2]
                found = total + (low + error)
                is_known &= found == total + (low - error)
        else:
            found = np.empty(x.shape)
        if not is_known.all():
            beyond = ~is_known
            found[beyond] = [float(self._exact(one)) for one in x[beyond].tolist()]
        return found

    def _columns(self, np: Any) -> Any:
        """The numbers of all pieces, one row for each place in a piece."""
        if self._pieces and (self._matrix is None or self._matrix.shape[1] < len(self._pieces)):
            self._matrix = np.ascontiguousarray(np.array(self._pieces).T)
        return self._matrix

    def _count(self, np: Any, of_field: Any, of_cell: Any) -> None:
        """Count calls without a piece, and make the pieces of intervals with enough of them."""
        for field in np.flatnonzero(np.bincount(of_field)).tolist():
            if field & (_SIGN - 1) in (0, _SIGN - 1):  # 0, subnormal numbers, infinities and nan
                continue
            counts = np.bincount(of_cell[of_field == field], minlength=_CELLS)
            for wide, count in enumerate(counts.reshape(1 << _WIDEST, -1).sum(axis=1).tolist()):
                place = field << _WIDEST | wide
                before = self._calls.get(place, 0)
                self._calls[place] = before + count
                if not count or before + count < _CALLS:
                    continue
                level = self._begin(field)
                parts = 1 << (level - _WIDEST)
                starts = [(level, wide * parts + part) for part in range(parts)]
                while starts:
                    level, index = starts.pop()
                    width = _CELLS >> level
                    of_part = int(counts[index * width : (index + 1) * width].sum())
                    if of_part and of_part + before >= _CALLS and not self._made(field, level, index):
                        starts += [(level + 1, 2 * index), (level + 1, 2 * index + 1)]

    def _make(self, field: int, cell: int) -> int:
        """Make the piece that a cell belongs to, and return the content of the cell."""
        for level in range(self._begin(field), _CELL_BITS + 1):
            if self._made(field, level, cell >> (_CELL_BITS - level)):
                break
        first = self._fields[field]
        return self._cells[first + cell] if first else _REFUSED

    def _begin(self, field: int) -> int:
        """The level at which pieces begin; where three single cells have none, as in fast oscillation, no cell has."""
        level = self._levels.get(field)
        if level is None:
            level = self._levels[field] = _WIDEST
            if len(self._levels) <= _MOST_REGIONS:
                self._fields[field] = first = len(self._levels) * _CELLS
                quarter = _CELLS // 4
                is_fine = field >= FIELDS or any(self._interpolated(field, _CELL_BITS, k * quarter) for k in (1, 2, 3))
                if not is_fine:
                    for place in range(first, first + _CELLS):
                        self._cells[place] = _REFUSED
        return level

    def _made(self, field: int, level: int, index: int) -> bool:
        """Make a piece; False if shorter intervals should be tried.

        Args:
            field: the number of the exponent and the sign.
            level: the piece is the 2^level-th part of the floats with this exponent and sign.
            index: the number of the part.
        """
        width, first = _CELLS >> level, self._fields[field] + index * (_CELLS >> level)
        if not self._fields[field]:
            return True
        if any(self._cells[place] != _UNKNOWN for place in range(first, first + width)):
            # A part of it is known already: all of it at a higher level.
            return level == _CELL_BITS
        piece = self._interpolated(field, level, index) if len(self._pieces) < _MOST_PIECES else None
        if piece is None and level < _CELL_BITS:
            self._levels[field] = max(self._levels[field], min(level + 1, 7))
            return False
        row = _REFUSED
        if piece:
            start = ROW * len(self._pieces)
            for place, number in enumerate(piece):
                self._numbers[start + place] = number
            self._pieces.append(piece)
            row = len(self._pieces) + 1
        # Other threads read the cells while this one writes them: the piece is complete.
        for place in range(first, first + width):
            self._cells[place] = row
        return True

    def _interpolated(self, field: int, level: int, index: int) -> _Piece | None:
        """The polynomial on an interval; None if its error bound is too large, and empty if the values are."""
        centre, half = _interval(field, level, index)
        if not _LEAST < half < _MOST:
            return None
        end = self.ends[field // FIELDS - 1] if field >= FIELDS else 0.0
        values = []
        for node in _nodes():
            operand = centre + half * node
            x = operand + end
            if x - end != operand:  # next to the end, floats are too far apart
                return None
            value = self._exact(x)
            if not isinstance(value, Decimal) or not value.is_finite():
                return None
            values.append(value)
        with digits(_DIGITS):
            size = float(max(map(abs, values)))
            if not _LEAST < size < _MOST:
                return ()
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


def _interval(field: int, level: int, index: int) -> tuple[float, float]:
    """The centre of a part of the floats with an exponent and a sign, and half its width."""
    exponent = (field & (_SIGN - 1)) - _BIAS
    half = math.ldexp(0.5, exponent - level - 1)
    centre = math.ldexp(0.5, exponent) + (2 * index + 1) * half
    return -centre if field & _SIGN else centre, half


class _Taken:
    """The numbers of pieces, one piece for each element, taken when they are needed."""

    def __init__(self, matrix: Any, rows: Any) -> None:
        self.matrix = matrix
        self.rows = rows

    def __getitem__(self, place: int) -> Any:
        return self.matrix[place].take(self.rows, mode="clip")


def evaluated(piece: Any, t: Any) -> tuple[Any, Any]:
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
        name: a name that no other function has, for machine code.
        ends: numbers at which it is singular as a function of its last operand; see `Pieces`.

    >>> from gradcli.primitives.kernels.zeta_decimals import elliptic_k
    >>> Tabulated(elliptic_k.exact)(0.0, 0.5)
    1.8540746773013719
    """

    def __init__(self, exact: Callable[..., Decimal | float], name: str = "", ends: Sequence[float] = ()) -> None:
        self.exact = exact
        self.name = name
        self.ends = ends
        self._known: dict[tuple[int, tuple[float, ...]], Pieces] = {}

    def __call__(self, *operands: float) -> float:
        """The value at numbers, of which the last one varies most."""
        return self.pieces(len(operands) - 1, operands)(operands[-1])

    def of_array(self, np: Any, *operands: Any) -> Any:
        """The values for arrays and numbers; two arrays are computed element by element."""
        varying = [place for place, operand in enumerate(operands) if hasattr(operand, "dtype")]
        if len(varying) == 1:
            return self.pieces(varying[0], operands).of_array(np, operands[varying[0]])
        arrays = np.broadcast_arrays(*operands)
        found = [float(self.exact(*one)) for one in zip(*[one.ravel().tolist() for one in arrays], strict=True)]
        return np.array(found, np.float64).reshape(arrays[0].shape)

    def pieces(self, place: int, operands: Sequence[Any]) -> Pieces:
        """The function of the operand at a place, the others being constants."""
        before, after = operands[:place], operands[place + 1 :]
        key = place, (*before, *after)
        found = self._known.get(key)
        if found is None:
            if len(self._known) == _MOST_CONSTANTS:
                self._known = {}
            exact = self.exact
            found = self._known[key] = Pieces(lambda x: exact(*before, x, *after), () if after else self.ends)
        return found
