"""Products of arrays: products of matrices, convolutions, and other functions of the windows of an image.

Images have the shape (images, channels, height, width), as in PyTorch.  A convolution is a matrix product with the
*patches* of the image, one row for each window.  In memory the channels of a patch come last, so that long runs of
numbers are copied at once.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Iterator
from typing import Any

from gradcli.errors import ShapeError, UsageError
from gradcli.primitives.backends import backend_of
from gradcli.primitives.declared import Infix
from gradcli.primitives.operators import Operand
from gradcli.primitives.registry import compose, compose_for_expressions, define_array
from gradcli.primitives.registry import functions as f


def _turned(x: Any) -> Any:
    """The array with its last two axes exchanged."""
    order = list(range(len(x.shape)))
    order[-2:] = order[:-3:-1]
    return f.transpose(x, order)


def _matrices(a: Any, b: Any) -> dict[str, Any]:
    first, second = tuple(a.shape), tuple(b.shape)
    if not first or not second:
        raise ShapeError(f"a product of matrices takes arrays, not shapes {first} and {second}")
    inner = second[0] if len(second) == 1 else second[-2]
    batches = zip(first[-3::-1], second[-3::-1], strict=False)
    if first[-1] != inner or any(m != n and 1 not in (m, n) for m, n in batches):
        raise ShapeError(f"shapes {first} and {second} don't fit a product of matrices")
    return {}


def _toward_first(g: Any, y: Any, a: Any, b: Any) -> Any:
    if len(b.shape) == 1:
        return f.sum_to(f.unsqueeze(g, -1) * b, a.shape) if len(a.shape) > 1 else g * b
    if len(a.shape) == 1:
        return f.sum_to(f.matmul(b, f.unsqueeze(g, -1)), (*a.shape, 1)).reshape(a.shape)
    return f.sum_to(f.matmul(g, _turned(b)), a.shape)


def _toward_second(g: Any, y: Any, a: Any, b: Any) -> Any:
    if len(a.shape) == 1:
        return f.sum_to(f.unsqueeze(a, -1) * f.unsqueeze(g, -2), b.shape) if len(b.shape) > 1 else g * a
    if len(b.shape) == 1:
        return f.sum_to(f.matmul(_turned(a), f.unsqueeze(g, -1)), (*b.shape, 1)).reshape(b.shape)
    return f.sum_to(f.matmul(_turned(a), g), b.shape)


define_array(
    "matmul(a, b)",
    about="The product of matrices; vectors and stacks of matrices as in NumPy.",
    value=lambda backend, a, b: a @ b,
    vjp=(_toward_first, _toward_second),
    prepare=_matrices,
    infix=Infix("@", 6, "left"),
    example="[[1, 2], [3, 4]] @ [1, 1]  # [3.0, 7.0]",
)


@compose_for_expressions("dot([1, 2], [3, 4])  # 11.0")
def dot(a: Any, b: Any) -> Any:
    """The inner product of two vectors; for arrays with more axes, the product of matrices.

    >>> import numpy
    >>> float(dot(numpy.array([1.0, 2.0]), numpy.array([3.0, 4.0])))
    11.0
    """
    return f.matmul(a, b)


def _layer(x: Any, weight: Any, *bias: Any) -> dict[str, Any]:
    inputs, shape = x.shape, weight.shape
    if len(shape) != 2 or not inputs or inputs[-1] != shape[1]:
        raise ShapeError(
            f"inputs of shape {tuple(inputs)} don't fit a weight of shape {tuple(shape)} (outputs, inputs)"
        )
    if bias and bias[0].shape != shape[:1]:
        raise ShapeError(f"a bias of shape {tuple(bias[0].shape)} doesn't fit {shape[0]} outputs")
    return {}


def _product(x: Any, matrix: Any) -> Any:
    """``x @ matrix`` for any kind of operand; NumPy's `dot` is the same for a matrix, and starts faster."""
    return x.dot(matrix) if type(x).__name__ == "ndarray" else x @ matrix


def _affine(backend: Any, x: Any, weight: Any, bias: Any) -> Any:
    product = _product(x, weight.T)
    if product.dtype != bias.dtype:
        return product + bias
    product += bias
    return product


def _rows(x: Any) -> Any:
    """The array as one matrix, whose columns are the last axis."""
    return x if len(x.shape) == 2 else f.reshape(x, (-1, x.shape[-1]))


def _sum_of_rows(g: Any) -> Any:
    """The sum over the first axis; a plain array is summed by its own library, which is faster."""
    return f.sum(g, axis=0) if isinstance(g, Operand) else backend_of(g).sum(g, 0, False)


_AFFINE = define_array(
    "affine(x, weight, bias)",
    about="x @ weight.T + bias, the weight of shape (outputs, inputs).",
    value=_affine,
    vjp=(
        lambda g, y, x, weight, bias: _product(g, weight),
        lambda g, y, x, weight, bias: _product(_rows(g).T, _rows(x)),
        lambda g, y, x, weight, bias: _sum_of_rows(_rows(g)),
    ),
    jvp=lambda tangents, y, x, weight, bias: _moved(tangents, x, weight, bias),
    prepare=_layer,
)


def _moved(tangents: Any, x: Any, weight: Any, bias: Any) -> Any:
    dx, dweight, dbias = tangents
    terms = [None if dx is None else dx @ weight.T, None if dweight is None else x @ dweight.T, dbias]
    return functools.reduce(operator.add, [term for term in terms if term is not None])


@compose
def linear(x: Any, weight: Any, bias: Any = None) -> Any:
    """PyTorch's linear: ``x @ weight.T + bias``.

    Args:
        x: shape (..., inputs).
        weight: shape (outputs, inputs).
        bias: shape (outputs,), or None.

    Raises:
        ValueError: the shapes don't fit.
    """
    if bias is None:
        _layer(x, weight)
        return f.matmul(x, f.transpose(weight))
    return _AFFINE(x, weight, bias)


def pair(numbers: Any, what: str, least: int) -> tuple[int, int]:
    """A pair of numbers, one for each direction; a single number is used for both.

    >>> pair(3, "kernel", 1), pair((1, 2), "stride", 1)
    ((3, 3), (1, 2))
    """
    both = (numbers, numbers) if isinstance(numbers, int) else tuple(numbers)
    if len(both) != 2 or any(not isinstance(n, int) or n < least for n in both):
        raise UsageError(f"a {what} is one or two whole numbers of at least {least}, not {numbers}")
    return both


def _windows(x: Any, kernel: Any, stride: Any, padding: Any, dilation: Any) -> dict[str, Any]:
    kernel, stride, padding = pair(kernel, "kernel", 1), pair(stride, "stride", 1), pair(padding, "padding", 0)
    dilation = pair(dilation, "dilation", 1)
    if len(x.shape) != 4:
        raise ShapeError(f"images have the shape (images, channels, height, width), not {tuple(x.shape)}")
    if any(n + 2 * p <= d * (k - 1) for n, p, k, d in zip(x.shape[2:], padding, kernel, dilation, strict=True)):
        raise ShapeError(f"a kernel of shape {kernel} is larger than images of shape {tuple(x.shape)}")
    return {"kernel": kernel, "stride": stride, "padding": padding, "dilation": dilation}


def _places(shape: Any, kernel: Any, stride: Any, padding: Any, dilation: Any) -> tuple[int, int]:
    """The number of rows and of columns of windows in an image."""
    sides = zip(shape[2:], kernel, stride, padding, dilation, strict=True)
    down, across = [(n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, s, p, d in sides]
    return down, across


def _pixels(
    rows: int, columns: int, kernel: Any, stride: Any, dilation: Any
) -> Iterator[tuple[int, int, slice, slice]]:
    """Yield each place in a window, and the rows and columns of the image where the windows have this place."""
    for i in range(kernel[0]):
        top = i * dilation[0]
        for j in range(kernel[1]):
            left = j * dilation[1]
            down = slice(top, top + stride[0] * rows, stride[0])
            yield i, j, down, slice(left, left + stride[1] * columns, stride[1])


def _patches(backend: Any, x: Any, kernel: Any, stride: Any, padding: Any, dilation: Any) -> Any:
    xp = backend.xp
    rows, columns = _places(x.shape, kernel, stride, padding, dilation)
    image = xp.transpose(x, (0, 2, 3, 1))
    if padding != (0, 0):
        image = xp.pad(image, ((0, 0), (padding[0],) * 2, (padding[1],) * 2, (0, 0)))
    parts = xp.zeros((x.shape[0], rows, columns, *kernel, x.shape[1]), dtype=x.dtype)
    for i, j, down, across in _pixels(rows, columns, kernel, stride, dilation):
        parts[:, :, :, i, j] = image[:, down, across]
    return parts


def _assembled(backend: Any, x: Any, shape: Any, kernel: Any, stride: Any, padding: Any, dilation: Any) -> Any:
    xp = backend.xp
    rows, columns = _places(shape, kernel, stride, padding, dilation)
    height, width = [n + 2 * p for n, p in zip(shape[2:], padding, strict=True)]
    image = xp.zeros((shape[0], height, width, shape[1]), dtype=x.dtype)
    for i, j, down, across in _pixels(rows, columns, kernel, stride, dilation):
        image[:, down, across] += x[:, :, :, i, j]
    inside = image[:, padding[0] : height - padding[0], padding[1] : width - padding[1]]
    return xp.transpose(inside, (0, 3, 1, 2))


define_array(
    "patches(x)",
    about="The windows of images: (images, rows, columns, kernel rows, kernel columns, channels).",
    value=_patches,
    vjp=(
        lambda g, y, x, kernel, stride, padding, dilation: f.assemble(
            g, shape=tuple(x.shape), kernel=kernel, stride=stride, padding=padding, dilation=dilation
        ),
    ),
    reach="elements",
    prepare=_windows,
    options={"kernel": 1, "stride": 1, "padding": 0, "dilation": 1},
)

define_array(
    "assemble(x)",
    about="Images made from windows by adding up overlapping elements: the transpose of patches.",
    value=_assembled,
    vjp=(
        lambda g, y, x, shape, kernel, stride, padding, dilation: f.patches(
            g, kernel=kernel, stride=stride, padding=padding, dilation=dilation
        ),
    ),
    reach="elements",
    internal=True,
    options={"shape": (), "kernel": 1, "stride": 1, "padding": 0, "dilation": (1, 1)},
)


def _convolution(x: Any, weight: Any, stride: Any, padding: Any, groups: int, dilation: Any) -> dict[str, Any]:
    if len(weight.shape) != 4 or len(x.shape) != 4:
        raise ShapeError(
            f"a convolution takes images (images, channels, height, width) and a weight (outputs, channels/groups, "
            f"rows, columns), not shapes {tuple(x.shape)} and {tuple(weight.shape)}"
        )
    if groups < 1 or x.shape[1] != weight.shape[1] * groups or weight.shape[0] % groups:
        raise ShapeError(
            f"images of shape {tuple(x.shape)} and a weight of shape {tuple(weight.shape)} don't fit in "
            f"{groups} group{'s' * (groups != 1)}"
        )
    options = _windows(x, tuple(weight.shape[2:]), stride, padding, dilation)
    del options["kernel"]
    return {**options, "groups": int(groups)}


def _weight_matrix(weight: Any, groups: int) -> Any:
    """The weight in the shape (groups, rows * columns * channels, outputs)."""
    outputs, channels, rows, columns = weight.shape
    split = weight.reshape(groups, outputs // groups, channels, rows, columns)
    return f.transpose(split, (0, 3, 4, 2, 1)).reshape(groups, rows * columns * channels, outputs // groups)


def _patch_matrix(x: Any, kernel: Any, stride: Any, padding: Any, groups: int, dilation: Any) -> Any:
    """The windows in the shape (groups, images * places, rows * columns * channels)."""
    patches = f.patches(x, kernel=kernel, stride=stride, padding=padding, dilation=dilation)
    channels = x.shape[1] // groups
    places = math.prod(patches.shape[:3])
    if groups == 1:
        return patches.reshape(1, places, math.prod(kernel) * channels)
    split = patches.reshape(places, math.prod(kernel), groups, channels)
    return f.transpose(split, (2, 0, 1, 3)).reshape(groups, places, math.prod(kernel) * channels)


def _output_matrix(g: Any, groups: int) -> Any:
    """The outputs in the shape (groups, images * places, outputs)."""
    images, outputs, rows, columns = g.shape
    flat = f.transpose(g, (0, 2, 3, 1)).reshape(images * rows * columns, groups, outputs // groups)
    return f.transpose(flat, (1, 0, 2))


def _convolved(backend: Any, x: Any, weight: Any, stride: Any, padding: Any, groups: int, dilation: Any) -> Any:
    kernel = tuple(weight.shape[2:])
    rows, columns = _places(x.shape, kernel, stride, padding, dilation)
    product = _patch_matrix(x, kernel, stride, padding, groups, dilation) @ _weight_matrix(weight, groups)
    flat = product[0] if groups == 1 else f.transpose(product, (1, 0, 2))
    return f.transpose(flat.reshape(x.shape[0], rows, columns, weight.shape[0]), (0, 3, 1, 2))


def _toward_images(g: Any, y: Any, x: Any, weight: Any, stride: Any, padding: Any, groups: int, dilation: Any) -> Any:
    kernel = tuple(weight.shape[2:])
    images, _, rows, columns = y.shape
    product = _output_matrix(g, groups) @ _turned(_weight_matrix(weight, groups))
    split = product.reshape(groups, images * rows * columns, math.prod(kernel), weight.shape[1])
    patches = f.transpose(split, (1, 2, 0, 3)).reshape(images, rows, columns, *kernel, x.shape[1])
    options = {"kernel": kernel, "stride": stride, "padding": padding, "dilation": dilation}
    return f.assemble(patches, shape=tuple(x.shape), **options)


def _toward_weight(g: Any, y: Any, x: Any, weight: Any, stride: Any, padding: Any, groups: int, dilation: Any) -> Any:
    outputs, channels, *kernel = weight.shape
    windows = _turned(_patch_matrix(x, tuple(kernel), stride, padding, groups, dilation))
    product = windows @ _output_matrix(g, groups)
    split = product.reshape(groups, *kernel, channels, outputs // groups)
    return f.transpose(split, (0, 4, 3, 1, 2)).reshape(outputs, channels, *kernel)


define_array(
    "convolution(x, weight)",
    about="The cross-correlation of images with kernels, PyTorch's conv2d without a bias.",
    value=_convolved,
    vjp=(_toward_images, _toward_weight),
    prepare=_convolution,
    options={"stride": 1, "padding": 0, "groups": 1, "dilation": 1},
)


@compose
def conv2d(
    x: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, groups: int = 1, dilation: Any = 1
) -> Any:
    """PyTorch's conv2d.

    Args:
        x: shape (images, channels, height, width).
        weight: shape (outputs, channels / groups, kernel height, kernel width).
        bias: shape (outputs,), or None.
        stride, padding: a number for both directions, or one for each.
        groups: the number of groups of channels; each group gets only its own part of the input.
        dilation: the distance between the elements of a kernel.

    Raises:
        ValueError: the shapes don't fit.
    """
    product = f.convolution(x, weight, stride=stride, padding=padding, groups=groups, dilation=dilation)
    if bias is None:
        return product
    if tuple(bias.shape) != (weight.shape[0],):
        raise ShapeError(f"a bias of shape {tuple(bias.shape)} doesn't fit {weight.shape[0]} outputs")
    return product + f.reshape(bias, (-1, 1, 1))


@compose
def max_pool2d(x: Any, kernel: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1) -> Any:
    """The largest element of each window, PyTorch's max_pool2d; equal largest elements share the derivative.

    Args:
        x: shape (images, channels, height, width).
        kernel, stride, padding: a number for both directions, or one for each; by default the stride equals the kernel.

    Raises:
        ValueError: the shapes don't fit.
    """
    kernel = pair(kernel, "kernel", 1)
    down, across = pair(padding, "padding", 0)
    if down or across:
        x = f.pad(x, ((0, 0), (0, 0), (down, down), (across, across)), -math.inf)
    windows = f.patches(x, kernel=kernel, stride=kernel if stride is None else stride, dilation=dilation)
    return f.transpose(f.max(windows, axis=(3, 4)), (0, 3, 1, 2))


@compose
def embedding(indices: Any, weight: Any) -> Any:
    """The rows of a weight (entries, features) with the numbers in an array; the result has shape (..., features)."""
    return f.index(weight, indices)
