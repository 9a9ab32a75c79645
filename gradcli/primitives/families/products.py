"""Products of arrays: products of matrices, convolutions, and other functions of the windows of an image.

Images have the shape (images, channels, height, width), as in PyTorch.  A convolution is a matrix product with the
*patches* of the image, one row for each window.  In memory the channels of a patch come last, so that long runs of
numbers are copied at once.
"""

from __future__ import annotations

import functools
import itertools
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


def sizes(numbers: Any, axes: int, what: str, least: int) -> tuple[int, ...]:
    """Whole numbers, one for each axis of a window; a single number is used for all.

    >>> sizes(3, 2, "kernel", 1), sizes((1, 2), 2, "stride", 1)
    ((3, 3), (1, 2))
    """
    found = (numbers,) if isinstance(numbers, int) else tuple(numbers)
    found = found * axes if len(found) == 1 else found
    if len(found) != axes or any(not isinstance(n, int) or n < least for n in found):
        words = {2: "two ", 3: "three "}
        count = "one whole number" if axes == 1 else f"one or {words.get(axes, f'{axes} ')}whole numbers"
        raise UsageError(f"a {what} is {count} of at least {least}, not {numbers}")
    return found


def pair(numbers: Any, what: str, least: int) -> tuple[int, int]:
    """Two whole numbers, one for each direction of an image; a single number is used for both."""
    return sizes(numbers, 2, what, least)  # type: ignore[return-value]


def _windows(x: Any, kernel: Any, stride: Any, padding: Any, dilation: Any) -> dict[str, Any]:
    axes = len(x.shape) - 2
    if axes < 1:
        raise ShapeError(f"windows move over arrays (rows, channels, length ...), not over the shape {tuple(x.shape)}")
    kernel, stride = sizes(kernel, axes, "kernel", 1), sizes(stride, axes, "stride", 1)
    padding, dilation = sizes(padding, axes, "padding", 0), sizes(dilation, axes, "dilation", 1)
    if any(n + 2 * p <= d * (k - 1) for n, p, k, d in zip(x.shape[2:], padding, kernel, dilation, strict=True)):
        raise ShapeError(f"a kernel of shape {kernel} is larger than images of shape {tuple(x.shape)}")
    return {"kernel": kernel, "stride": stride, "padding": padding, "dilation": dilation}


def _places(shape: Any, kernel: Any, stride: Any, padding: Any, dilation: Any) -> tuple[int, ...]:
    """The number of windows along each axis of an image."""
    sides = zip(shape[2:], kernel, stride, padding, dilation, strict=True)
    return tuple([(n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, s, p, d in sides])


def _pixels(
    places: tuple[int, ...], kernel: Any, stride: Any, dilation: Any
) -> Iterator[tuple[tuple[int, ...], tuple[slice, ...]]]:
    """Yield each place in a window, and the part of all images, channels last, where the windows have this place."""
    along = [
        [(i, slice(i * gap, i * gap + step * count, step)) for i in range(length)]
        for count, length, step, gap in zip(places, kernel, stride, dilation, strict=True)
    ]
    for place in itertools.product(*along):
        yield tuple([i for i, _ in place]), (slice(None), *[part for _, part in place])


def _patches(backend: Any, x: Any, kernel: Any, stride: Any, padding: Any, dilation: Any) -> Any:
    xp, axes = backend.xp, len(kernel)
    places = _places(x.shape, kernel, stride, padding, dilation)
    image = xp.transpose(x, (0, *range(2, axes + 2), 1))
    if any(padding):
        image = xp.pad(image, ((0, 0), *[(one, one) for one in padding], (0, 0)))
    parts = xp.zeros((x.shape[0], *places, *kernel, x.shape[1]), dtype=x.dtype)
    everywhere = (slice(None),) * (axes + 1)
    for place, part in _pixels(places, kernel, stride, dilation):
        parts[everywhere + place] = image[part]
    return parts


def _assembled(backend: Any, x: Any, shape: Any, kernel: Any, stride: Any, padding: Any, dilation: Any) -> Any:
    xp, axes = backend.xp, len(kernel)
    places = _places(shape, kernel, stride, padding, dilation)
    lengths = [n + 2 * p for n, p in zip(shape[2:], padding, strict=True)]
    image = xp.zeros((shape[0], *lengths, shape[1]), dtype=x.dtype)
    everywhere = (slice(None),) * (axes + 1)
    for place, part in _pixels(places, kernel, stride, dilation):
        image[part] += x[everywhere + place]
    inside = (slice(None), *[slice(p, n - p) for p, n in zip(padding, lengths, strict=True)])
    return xp.transpose(image[inside], (0, axes + 1, *range(1, axes + 1)))


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
    if len(weight.shape) < 3 or len(x.shape) != len(weight.shape):
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
    """The weight in the shape (groups, elements of a kernel * channels, outputs)."""
    outputs, channels, *kernel = weight.shape
    split = weight.reshape(groups, outputs // groups, channels, *kernel)
    order = (0, *range(3, 3 + len(kernel)), 2, 1)
    return f.transpose(split, order).reshape(groups, math.prod(kernel) * channels, outputs // groups)


def _patch_matrix(x: Any, kernel: Any, stride: Any, padding: Any, groups: int, dilation: Any) -> Any:
    """The windows in the shape (groups, images * places, elements of a kernel * channels)."""
    patches = f.patches(x, kernel=kernel, stride=stride, padding=padding, dilation=dilation)
    channels = x.shape[1] // groups
    places = math.prod(patches.shape[: len(kernel) + 1])
    if groups == 1:
        return patches.reshape(1, places, math.prod(kernel) * channels)
    split = patches.reshape(places, math.prod(kernel), groups, channels)
    return f.transpose(split, (2, 0, 1, 3)).reshape(groups, places, math.prod(kernel) * channels)


def _output_matrix(g: Any, groups: int) -> Any:
    """The outputs in the shape (groups, images * places, outputs)."""
    images, outputs, *places = g.shape
    order = (0, *range(2, 2 + len(places)), 1)
    flat = f.transpose(g, order).reshape(images * math.prod(places), groups, outputs // groups)
    return f.transpose(flat, (1, 0, 2))


def _convolved(backend: Any, x: Any, weight: Any, stride: Any, padding: Any, groups: int, dilation: Any) -> Any:
    kernel = tuple(weight.shape[2:])
    axes, places = len(kernel), _places(x.shape, kernel, stride, padding, dilation)
    product = _patch_matrix(x, kernel, stride, padding, groups, dilation) @ _weight_matrix(weight, groups)
    flat = product[0] if groups == 1 else f.transpose(product, (1, 0, 2))
    return f.transpose(flat.reshape(x.shape[0], *places, weight.shape[0]), (0, axes + 1, *range(1, axes + 1)))


def _transposed(
    g: Any, weight: Any, shape: tuple[int, ...], stride: Any, padding: Any, groups: int, dilation: Any
) -> Any:
    """The transpose of a convolution: images of a shape, to which each element of g adds a kernel."""
    kernel = tuple(weight.shape[2:])
    images, _, *places = g.shape
    product = _output_matrix(g, groups) @ _turned(_weight_matrix(weight, groups))
    split = product.reshape(groups, images * math.prod(places), math.prod(kernel), weight.shape[1])
    patches = f.transpose(split, (1, 2, 0, 3)).reshape(images, *places, *kernel, shape[1])
    options = {"kernel": kernel, "stride": stride, "padding": padding, "dilation": dilation}
    return f.assemble(patches, shape=shape, **options)


def _toward_weight(g: Any, y: Any, x: Any, weight: Any, stride: Any, padding: Any, groups: int, dilation: Any) -> Any:
    outputs, channels, *kernel = weight.shape
    windows = _turned(_patch_matrix(x, tuple(kernel), stride, padding, groups, dilation))
    product = windows @ _output_matrix(g, groups)
    split = product.reshape(groups, *kernel, channels, outputs // groups)
    order = (0, len(kernel) + 2, len(kernel) + 1, *range(1, len(kernel) + 1))
    return f.transpose(split, order).reshape(outputs, channels, *kernel)


define_array(
    "convolution(x, weight)",
    about="The cross-correlation of images with kernels, PyTorch's conv2d without a bias, along any number of axes.",
    value=_convolved,
    vjp=(
        lambda g, y, x, weight, stride, padding, groups, dilation: _transposed(
            g, weight, tuple(x.shape), stride, padding, groups, dilation
        ),
        _toward_weight,
    ),
    prepare=_convolution,
    options={"stride": 1, "padding": 0, "groups": 1, "dilation": 1},
)


@compose
def conv2d(
    x: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, groups: int = 1, dilation: Any = 1
) -> Any:
    """PyTorch's conv2d; the number of axes after the channels may also be another than two.

    Args:
        x: shape (images, channels, height, width).
        weight: shape (outputs, channels / groups, kernel height, kernel width).
        bias: shape (outputs,), or None.
        stride, padding: a number for all directions, or one for each.
        groups: the number of groups of channels; each group gets only its own part of the input.
        dilation: the distance between the elements of a kernel.

    Raises:
        ValueError: the shapes don't fit.
    """
    product = f.convolution(x, weight, stride=stride, padding=padding, groups=groups, dilation=dilation)
    return _with_bias(product, bias, weight.shape[0])


def _with_bias(product: Any, bias: Any, outputs: int) -> Any:
    if bias is None:
        return product
    if tuple(bias.shape) != (outputs,):
        raise ShapeError(f"a bias of shape {tuple(bias.shape)} doesn't fit {outputs} outputs")
    return product + f.reshape(bias, (-1, *(1,) * (len(product.shape) - 2)))


@compose
def conv_transpose(
    x: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Any:
    """PyTorch's conv_transpose2d, the transpose of `conv2d`, along any number of axes.

    Args:
        x: shape (images, channels, height, width).
        weight: shape (channels, outputs / groups, kernel height, kernel width).
        bias: shape (outputs,), or None.
        stride, dilation: those of the convolution.
        padding: how much of the result is cut off at each side.
        output_padding: how much less is cut off at the end, or added.
        groups: the number of groups of channels.

    Raises:
        ValueError: the shapes don't fit.
    """
    axes = len(x.shape) - 2
    if axes < 1 or len(weight.shape) != axes + 2 or groups < 1 or x.shape[1] != weight.shape[0] or x.shape[1] % groups:
        raise ShapeError(
            f"images of shape {tuple(x.shape)} and a weight of shape {tuple(weight.shape)} don't fit in "
            f"{groups} group{'s' * (groups != 1)}"
        )
    kernel, step, gap = tuple(weight.shape[2:]), sizes(stride, axes, "stride", 1), sizes(dilation, axes, "dilation", 1)
    cut, more = sizes(padding, axes, "padding", 0), sizes(output_padding, axes, "padding of the output", 0)
    if any(one >= max(both) for one, *both in zip(more, step, gap, strict=True)):
        raise ShapeError(f"a padding of the output of {more} isn't below the stride {step} or the dilation {gap}")
    sides = list(zip(x.shape[2:], kernel, step, gap, strict=True))
    lengths = [(n - 1) * s + d * (k - 1) + 1 for n, k, s, d in sides]
    ends = [n - c + m for n, c, m in zip(lengths, cut, more, strict=True)]
    if any(end <= c for end, c in zip(ends, cut, strict=True)):
        raise ShapeError(f"a padding of {cut} cuts off all of images of shape {tuple(lengths)}")
    shape = x.shape[0], weight.shape[1] * groups, *lengths
    found = _transposed(x, weight, shape, step, (0,) * axes, groups, gap)
    over = [max(0, end - n) for end, n in zip(ends, lengths, strict=True)]
    if any(over):
        found = f.pad(found, ((0, 0), (0, 0), *[(0, one) for one in over]))
    if any(cut) or any(end < n for end, n in zip(ends, lengths, strict=True)):
        found = f.index(found, (slice(None), slice(None), *map(slice, cut, ends)))
    return _with_bias(found, bias, shape[1])


@compose
def max_pool2d(x: Any, kernel: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1) -> Any:
    """The largest element of each window, PyTorch's max_pool2d; equal largest elements share the derivative.

    Args:
        x: shape (images, channels, height, width); the number of axes after the channels may be another.
        kernel, stride, padding: a number for all directions, or one for each; by default the stride equals the kernel.

    Raises:
        ValueError: the shapes don't fit.
    """
    axes = len(x.shape) - 2
    kernel, edges = sizes(kernel, axes, "kernel", 1), sizes(padding, axes, "padding", 0)
    if any(edges):
        x = f.pad(x, ((0, 0), (0, 0), *[(one, one) for one in edges]), -math.inf)
    windows = f.patches(x, kernel=kernel, stride=kernel if stride is None else stride, dilation=dilation)
    largest = f.max(windows, axis=tuple(range(axes + 1, 2 * axes + 1)))
    return f.transpose(largest, (0, axes + 1, *range(1, axes + 1)))


@compose
def embedding(indices: Any, weight: Any) -> Any:
    """The rows of a weight (entries, features) with the numbers in an array; the result has shape (..., features)."""
    return f.index(weight, indices)
