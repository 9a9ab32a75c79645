"""PyTorch's products of tensors: of vectors and matrices, along chosen axes, and by Einstein's convention."""

from __future__ import annotations

import functools
import math
import string
from collections.abc import Sequence
from typing import Any

from gradcli.eager.promotion import rank_of
from gradcli.eager.pytorch_names import one_or_several, pytorch
from gradcli.eager.record import Recorded
from gradcli.eager.tensor_shapes import swapped
from gradcli.errors import CallError, ShapeError
from gradcli.primitives import functions as f
from gradcli.primitives.families.shapes import canonical_axis, one_axis

__all__: list[str] = []

# ruff: noqa: A002, ARG001  (PyTorch's names, and options that have no effect here)


def _axes_are(name: str, *pairs: tuple[Any, int]) -> None:
    """Check the numbers of axes of operands.

    Raises:
        ShapeError: an operand has another number of axes.
    """
    for operand, count in pairs:
        if not isinstance(operand, Recorded):
            raise CallError(f"{name} takes tensors, not {type(operand).__name__}")
        if operand.ndim != count:
            raise ShapeError(f"{name} takes a tensor with {count} axes, not one of shape {operand.shape}")


def _one_type(*tensors: Any) -> None:
    """Check that tensors have one type; a product of matrices doesn't convert.

    Raises:
        RuntimeError: they have several.
    """
    if len({str(one.dtype) for one in tensors}) > 1:
        raise RuntimeError(
            f"tensors of types {', '.join(str(one.dtype) for one in tensors)} have no product of matrices"
        )


@pytorch()
def matmul(input: Any, other: Any) -> Any:
    """The product of matrices; vectors and stacks of matrices as in NumPy."""
    if not isinstance(input, Recorded) or not isinstance(other, Recorded):
        raise CallError("matmul takes two tensors")
    return f.matmul(input, other)


@pytorch()
def mm(input: Any, mat2: Any) -> Any:
    """The product of two matrices."""
    _axes_are("mm", (input, 2), (mat2, 2))
    return f.matmul(input, mat2)


@pytorch()
def bmm(input: Any, mat2: Any) -> Any:
    """The products of two stacks of matrices of the same length."""
    _axes_are("bmm", (input, 3), (mat2, 3))
    if input.shape[0] != mat2.shape[0]:
        raise ShapeError(f"stacks of {input.shape[0]} and {mat2.shape[0]} matrices have no products")
    return f.matmul(input, mat2)


@pytorch()
def mv(input: Any, vec: Any) -> Any:
    """The product of a matrix and a vector."""
    _axes_are("mv", (input, 2), (vec, 1))
    return f.matmul(input, vec)


@pytorch("dot", "vdot")
def dot(input: Any, tensor: Any) -> Any:
    """The inner product of two vectors of the same length."""
    _axes_are("dot", (input, 1), (tensor, 1))
    _one_type(input, tensor)
    return f.matmul(input, tensor)


@pytorch()
def inner(input: Any, other: Any) -> Any:
    """The inner products of the last axes; of a number, the product."""
    if not input.ndim or not other.ndim:
        return input * other
    return tensordot(input, other, ([-1], [-1]))


@pytorch("outer", "ger")
def outer(input: Any, vec2: Any) -> Any:
    """The products of all pairs of elements of two vectors."""
    _axes_are("outer", (input, 1), (vec2, 1))
    return f.unsqueeze(input, 1) * vec2


def _sum_of(input: Any, product: Any, beta: Any, alpha: Any) -> Any:
    """beta input + alpha product; with beta = 0, the input isn't read."""
    scaled = product if alpha == 1 else product * alpha
    if beta == 0:
        return scaled
    result = (input if beta == 1 else input * beta) + scaled
    if result.shape != product.shape:
        raise ShapeError(f"a tensor of shape {input.shape} can't be expanded to {product.shape}")
    return result


@pytorch()
def addmm(input: Any, mat1: Any, mat2: Any, *, beta: Any = 1, alpha: Any = 1) -> Any:
    """beta input + alpha (mat1 @ mat2)."""
    return _sum_of(input, mm(mat1, mat2), beta, alpha)


@pytorch()
def addmv(input: Any, mat: Any, vec: Any, *, beta: Any = 1, alpha: Any = 1) -> Any:
    """beta input + alpha (mat @ vec)."""
    return _sum_of(input, mv(mat, vec), beta, alpha)


@pytorch()
def addr(input: Any, vec1: Any, vec2: Any, *, beta: Any = 1, alpha: Any = 1) -> Any:
    """beta input + alpha (the outer product)."""
    return _sum_of(input, outer(vec1, vec2), beta, alpha)


@pytorch()
def baddbmm(input: Any, batch1: Any, batch2: Any, *, beta: Any = 1, alpha: Any = 1) -> Any:
    """beta input + alpha (batch1 @ batch2)."""
    return _sum_of(input, bmm(batch1, batch2), beta, alpha)


@pytorch()
def addbmm(input: Any, batch1: Any, batch2: Any, *, beta: Any = 1, alpha: Any = 1) -> Any:
    """beta input + alpha times the sum of the products of two stacks of matrices."""
    return _sum_of(input, f.sum(bmm(batch1, batch2), axis=0), beta, alpha)


@pytorch(method=False)
def tensordot(a: Any, b: Any, dims: Any = 2) -> Any:
    """The sums of products along axes: so many last axes of a and first of b, or a list for each.

    Raises:
        ShapeError: the axes have different lengths.
    """
    if isinstance(dims, int):
        if dims < 0:
            raise ShapeError("tensordot takes a number of axes of at least 0")
        mine, others = list(range(a.ndim - dims, a.ndim)), list(range(dims))
    else:
        mine, others = [[one] if isinstance(one, int) else list(one) for one in dims]
        mine, others = [one_axis(one, a.ndim) for one in mine], [one_axis(one, b.ndim) for one in others]
    pairs = list(zip(mine, others, strict=False))
    for i, j in pairs:  # an axis of length 1 fits every other
        if a.shape[i] == 1 != b.shape[j]:
            b = f.sum(b, axis=j, keepdims=True)
        elif b.shape[j] == 1 != a.shape[i]:
            a = f.sum(a, axis=i, keepdims=True)
    if [a.shape[i] for i in mine] != [b.shape[i] for i in others]:
        raise ShapeError(f"shapes {a.shape} and {b.shape} don't fit along the axes {mine} and {others}")
    rest, left = [[i for i in range(x.ndim) if i not in axes] for x, axes in ((a, mine), (b, others))]
    inner_size = math.prod([a.shape[i] for i in mine])
    first = f.reshape(f.transpose(a, [*rest, *mine]), (-1, inner_size)) if a.ndim else f.reshape(a, (1, 1))
    second = f.reshape(f.transpose(b, [*others, *left]), (inner_size, -1)) if b.ndim else f.reshape(b, (1, 1))
    return f.reshape(f.matmul(first, second), tuple([a.shape[i] for i in rest] + [b.shape[i] for i in left]))


@pytorch(method=False)
def einsum(equation: str, *operands: Any) -> Any:
    """The sums of products that letters for the axes describe, as in ``einsum("ij,jk->ik", a, b)``.

    Raises:
        ShapeError: the letters don't fit the operands.
    """
    tensors = list(one_or_several(operands))
    inputs, arrow, output = equation.replace(" ", "").partition("->")
    terms = inputs.split(",")
    if len(terms) != len(tensors):
        raise ShapeError(f"{equation!r} describes {len(terms)} operands, not {len(tensors)}")
    terms, more = _without_dots(terms, tensors)
    if arrow:
        wanted = output.replace("...", more)
    else:
        letters = "".join(terms)
        wanted = more + "".join(sorted([one for one in {*letters} - {*more} if letters.count(one) == 1]))
    lengths: dict[str, int] = {}
    parts = []
    for term, tensor in zip(terms, tensors, strict=True):
        if len(term) != tensor.ndim:
            raise ShapeError(f"{term!r} describes {len(term)} axes, not those of shape {tensor.shape}")
        letters, x = _diagonals(term, tensor)
        for one, length in zip(letters, x.shape, strict=True):
            if lengths.setdefault(one, length) == 1:
                lengths[one] = length
            elif length not in (1, lengths[one]):
                raise ShapeError(f"the axes {one!r} of {equation!r} have lengths {lengths[one]} and {length}")
        parts.append((letters, x))
    if len({*wanted}) != len(wanted) or not {*wanted} <= {*lengths}:
        raise ShapeError(f"the result {wanted!r} of {equation!r} isn't made of its letters")
    letters, result = parts[0]
    for i, (other, x) in enumerate(parts[1:], 2):
        later = {*wanted}.union(*[one for one, _ in parts[i:]])
        letters, result = _contracted(letters, result, other, x, later)
    gone = tuple([i for i, one in enumerate(letters) if one not in wanted])
    if gone:
        result = f.sum(result, axis=gone)
        letters = "".join([one for one in letters if one in wanted])
    result = f.transpose(result, [letters.index(one) for one in wanted]) if wanted else result
    return f.expand(result, tuple([lengths[one] for one in wanted]))


def _without_dots(terms: Sequence[str], tensors: Sequence[Any]) -> tuple[list[str], str]:
    """Letters in place of the dots, which stand for further axes."""
    unused = [one for one in string.ascii_letters if one not in "".join(terms)]
    extra = max([x.ndim - len(term) + 3 for term, x in zip(terms, tensors, strict=True) if "..." in term], default=0)
    more = "".join(unused[:extra])
    result = []
    for term, x in zip(terms, tensors, strict=True):
        count = x.ndim - len(term) + 3
        result.append(term.replace("...", more[extra - count :] if count else ""))
    return result, more


def _diagonals(term: str, x: Any) -> tuple[str, Any]:
    """An operand without letters that occur twice."""
    from gradcli.eager.pytorch_names import METHODS

    while len({*term}) < len(term):
        twice = next(one for one in term if term.count(one) > 1)
        first, second = term.index(twice), term.rindex(twice)
        if x.shape[first] != x.shape[second]:
            raise ShapeError(f"the axes {twice!r} have lengths {x.shape[first]} and {x.shape[second]}")
        x = METHODS["diagonal"](x, 0, first, second)
        term = "".join([one for i, one in enumerate(term) if i not in (first, second)]) + twice
    return term, x


def _contracted(first: str, x: Any, second: str, y: Any, later: set[str]) -> tuple[str, Any]:
    """The product of two operands, summed over the letters that nobody needs later."""
    # Letters of one operand alone that are not needed are summed first.
    for one in [*first]:
        if one not in second and one not in later:
            x, first = f.sum(x, axis=first.index(one)), first.replace(one, "")
    for one in [*second]:
        if one not in first and one not in later:
            y, second = f.sum(y, axis=second.index(one)), second.replace(one, "")
    shared = [one for one in first if one in second]
    summed = [one for one in shared if one not in later and x.shape[first.index(one)] == y.shape[second.index(one)]]
    kept = [one for one in shared if one not in summed]
    mine = [one for one in first if one not in second]
    others = [one for one in second if one not in first]
    if not summed:
        letters = "".join([*kept, *mine, *others])
        return letters, _spread(first, x, letters) * _spread(second, y, letters)
    a = f.transpose(x, [first.index(one) for one in (*kept, *mine, *summed)])
    b = f.transpose(y, [second.index(one) for one in (*kept, *summed, *others)])
    size = math.prod([x.shape[first.index(one)] for one in summed])
    head, tail = len(kept), len(others)
    rows, columns = a.shape[head : head + len(mine)], b.shape[b.ndim - tail :]
    a = f.reshape(a, (*a.shape[:head], math.prod(rows), size))
    b = f.reshape(b, (*b.shape[:head], size, math.prod(columns)))
    product = f.matmul(a, b)
    return "".join([*kept, *mine, *others]), f.reshape(product, (*product.shape[:-2], *rows, *columns))


def _spread(term: str, x: Any, letters: str) -> Any:
    """An operand with its axes in the order of letters, and length 1 for those that it lacks."""
    order = [term.index(one) for one in letters if one in term]
    x = f.transpose(x, order) if order else x
    lengths = iter(x.shape)
    return f.reshape(x, tuple([next(lengths) if one in term else 1 for one in letters]))


@pytorch()
def kron(input: Any, other: Any) -> Any:
    """The Kronecker product."""
    count = max(input.ndim, other.ndim)
    a, b = [f.reshape(x, (1,) * (count - x.ndim) + x.shape) for x in (input, other)]
    first = f.reshape(a, tuple([length for one in a.shape for length in (one, 1)]))
    second = f.reshape(b, tuple([length for one in b.shape for length in (1, one)]))
    return f.reshape(first * second, tuple([m * n for m, n in zip(a.shape, b.shape, strict=True)]))


@pytorch("linalg.cross", method=False)
def linalg_cross(input: Any, other: Any, *, dim: int = -1) -> Any:
    """The cross product of vectors of three elements along an axis."""
    return cross(input, other, dim)


@pytorch()
def cross(input: Any, other: Any, dim: int | None = None) -> Any:
    """The cross product of vectors of three elements along an axis, by default the first of length 3.

    Raises:
        RuntimeError: no axis has the length 3.
    """
    if input.ndim != other.ndim:
        raise RuntimeError("a cross product takes tensors with the same number of axes")
    if dim is None:
        found = [i for i, n in enumerate(input.shape) if n == 3]
        if not found:
            raise RuntimeError("a cross product takes an axis of length 3")
        dim = found[0]
    axis = one_axis(dim, input.ndim)
    if input.shape[axis] != 3 or other.shape[axis] != 3:
        raise RuntimeError("a cross product takes vectors of three elements")

    def element(x: Any, i: int) -> Any:
        return f.index(x, (*[slice(None)] * axis, i % 3))

    parts = [
        element(input, i + 1) * element(other, i + 2) - element(input, i + 2) * element(other, i + 1) for i in range(3)
    ]
    return f.stack(parts, axis=axis)


@pytorch("linalg.vecdot", method=False)
def vecdot(x: Any, y: Any, *, dim: int = -1) -> Any:
    """The inner products of vectors along an axis."""
    return f.sum(x * y, axis=dim)


@pytorch("linalg.multi_dot", "chain_matmul", method=False)
def multi_dot(tensors: Any, *more: Any) -> Any:
    """The product of several matrices."""
    several = list(tensors) if isinstance(tensors, (list, tuple)) else [tensors, *more]
    if len(several) < 2:
        raise RuntimeError("a chain of products has at least two matrices")
    return functools.reduce(f.matmul, several)


@pytorch("matrix_power", "linalg.matrix_power")
def matrix_power(input: Any, n: int) -> Any:
    """The product of n copies of a square matrix.

    Raises:
        ShapeError: the matrix isn't square, or n is negative.
    """
    if input.ndim < 2 or input.shape[-1] != input.shape[-2]:
        raise ShapeError(f"a power is of a square matrix, not of shape {input.shape}")
    if n < 0:
        raise ShapeError("a negative power of a matrix needs its inverse, which gradcli does not have")
    if n == 0:
        return f.sum_to(input * 0.0, shape=input.shape) + f.eye_like(input, input.shape[-1])
    result = None
    square = input
    while n:
        if n & 1:
            result = square if result is None else f.matmul(result, square)
        n >>= 1
        square = f.matmul(square, square) if n else square
    return result


@pytorch()
def cov(input: Any, *, correction: float = 1, fweights: Any = None, aweights: Any = None) -> Any:
    """The covariances of the rows of a matrix; the columns are observations, which may have weights.

    Raises:
        RuntimeError: this isn't a matrix; there isn't a weight of at least 0 for each observation, or ``fweights``
            aren't whole numbers.
    """
    if input.ndim > 2:
        raise RuntimeError("covariances are of the rows of a matrix")
    for one, what, rank in ((fweights, "fweights", 1), (aweights, "aweights", 2)):
        if one is None:
            continue
        if one.ndim > 1 or one._array.size != (input.shape or (1,))[-1] or rank_of(one.dtype) != rank:
            raise RuntimeError(f"{what} have one {'whole number' if rank == 1 else 'float'} for each observation")
        if bool((one._array < 0).any()):
            raise RuntimeError(f"{what} are at least 0")
    x = f.reshape(input, (1, -1)) if input.ndim < 2 else input
    weights = None
    for one in (fweights, aweights):
        if one is not None:
            weights = one if weights is None else weights * one
    if weights is None:
        count: Any = float(x.shape[1])
        mean = f.mean(x, axis=1, keepdims=True)
        divisor: Any = max(0.0, count - correction)
        centred = x - mean
        product = f.matmul(centred, swapped(centred, 0, 1))
    else:
        weights = weights if rank_of(weights.dtype) == 2 else weights.to(x.dtype)
        count = f.sum(weights)
        mean = f.sum(x * weights, axis=1, keepdims=True) / count
        less = correction if aweights is None else correction * f.sum(weights * aweights) / count
        divisor = f.max(count - less, 0.0)
        centred = x - mean
        product = f.matmul(centred * weights, swapped(centred, 0, 1))
    result = product * (1.0 / divisor if not isinstance(divisor, float) or divisor else math.nan)
    return f.squeeze(result)


@pytorch()
def corrcoef(input: Any) -> Any:
    """The correlations of the rows of a matrix."""
    if input.ndim < 2:
        matrix = cov(input)
        return matrix / matrix
    matrix = cov(input)
    if not matrix.ndim:
        return matrix / matrix
    from gradcli.eager.pytorch_names import METHODS

    deviation = f.sqrt(METHODS["diagonal"](matrix))
    return f.clip(matrix / f.unsqueeze(deviation, 1) / deviation, -1.0, 1.0)


@pytorch(method=False)
def cdist(x1: Any, x2: Any, p: float = 2.0, compute_mode: str | None = None) -> Any:
    """The distances of all pairs of rows of two matrices."""
    from gradcli.eager.pytorch_names import FUNCTIONS

    difference = f.unsqueeze(x1, -2) - f.unsqueeze(x2, -3)
    return FUNCTIONS["linalg.vector_norm"](difference, p, -1)


@pytorch("linalg.diagonal", method=False)
def linalg_diagonal(A: Any, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:  # noqa: N803
    """The diagonals of matrices."""
    from gradcli.eager.pytorch_names import METHODS

    return METHODS["diagonal"](A, offset, dim1, dim2)


@pytorch("linalg.vander", "vander", method=False)
def vander(x: Any, *, N: int | None = None) -> Any:  # noqa: N803
    """The powers 0, 1, ... of the elements, along a new last axis."""
    x = f.reshape(x, (1,)) if not x.ndim else x
    count = x.shape[-1] if N is None else N
    ones = x * 0.0 + 1.0 if rank_of(x.dtype) == 2 else x * 0 + 1
    powers = [ones]
    for _ in range(count - 1):
        powers.append(powers[-1] * x)
    return f.stack(powers[:count], axis=-1)


@pytorch()
def renorm(input: Any, p: float, dim: int, maxnorm: float) -> Any:
    """The parts along an axis, each scaled down until its p-norm is at most ``maxnorm``.

    Raises:
        RuntimeError: there are fewer than two axes.
    """
    if input.ndim < 2:
        raise RuntimeError(f"renorm takes a tensor with two axes at least, not with {input.ndim}")
    from gradcli.eager.pytorch_names import FUNCTIONS

    axis = one_axis(dim, input.ndim)
    others = canonical_axis(tuple([i for i in range(input.ndim) if i != axis]), input.ndim)
    length = FUNCTIONS["linalg.vector_norm"](input, p, others, True)
    return input * f.where(length._array > maxnorm, maxnorm / (length + 1e-7), 1.0)
