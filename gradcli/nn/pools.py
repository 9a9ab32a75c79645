"""Pools: one number from each window of series, images and volumes; `gradcli.nn.functional` has them, too.

A formula is written once, for any number of axes.  Equal largest numbers share the derivative.

>>> from gradcli import tensor
>>> avg_pool1d(tensor([[1.0, 3.0, 5.0, 7.0]]), 2).tolist()
[[2.0, 6.0]]
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any, Final

from gradcli.errors import ShapeError, UsageError
from gradcli.nn.windows import SHAPES, Sizes, several
from gradcli.primitives import functions as f
from gradcli.primitives.backends import backend_of

__all__ = [
    "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "adaptive_max_pool1d", "adaptive_max_pool2d",
    "adaptive_max_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d", "fractional_max_pool2d", "fractional_max_pool3d",
    "lp_pool1d", "lp_pool2d", "lp_pool3d", "max_pool1d", "max_pool2d", "max_pool3d", "max_unpool1d", "max_unpool2d",
    "max_unpool3d",
]  # fmt: skip

# ruff: noqa: A001, A002  (PyTorch's `input`)


def _beyond(length: int, kernel: int, step: int, edge: int, gap: int) -> int:
    """Return how far the last window reaches beyond the padding if windows may end outside."""
    extent = gap * (kernel - 1) + 1
    count = -(-(length + 2 * edge - extent) // step) + 1
    if (count - 1) * step >= length + edge:  # a window begins inside the images, or inside the padding before them
        count -= 1
    return max(0, (count - 1) * step + extent - length - 2 * edge)


def _windows(
    input: Any, axes: int, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool
) -> tuple[Any, Any, Any, list[tuple[int, int]]]:
    """Check a pool's arguments; return kernel, steps and gaps, and the widths of the border on each axis."""
    kernel, edges, gaps = several(kernel_size, axes), several(padding, axes), several(dilation, axes)
    steps = kernel if stride is None or (not isinstance(stride, int) and not stride) else several(stride, axes)
    if not len(kernel) == len(edges) == len(gaps) == len(steps) == axes:
        raise ShapeError(f"windows over {SHAPES[axes]} have one size, stride and padding for all axes, or one for each")
    if len(input.shape) != axes + 2 or not min(input.shape[1:]):
        raise ShapeError(f"{SHAPES[axes]} have {axes + 2} axes, but the shape is {tuple(input.shape)}")
    if min(edges) < 0 or any(2 * edge > length for edge, length in zip(edges, kernel, strict=True)):
        raise UsageError(f"a padding of {edges} is negative, or more than half of a kernel of {kernel}")
    if min(kernel) < 1 or min(steps) < 1 or min(gaps) < 1:
        raise UsageError("kernels, strides and dilations are at least 1")
    sizes = zip(input.shape[2:], kernel, steps, edges, gaps, strict=True)
    widths = [(one[3], one[3] + (_beyond(*one) if ceil_mode else 0)) for one in sizes]
    return kernel, steps, gaps, widths


def _max_pool(
    axes: int,
    input: Any,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil_mode: bool,
    return_indices: bool,
) -> Any:
    if len(input.shape) == axes + 1:
        options = (kernel_size, stride, padding, dilation, ceil_mode, return_indices)
        found = _max_pool(axes, f.unsqueeze(input, 0), *options)
        return tuple([f.squeeze(one, 0) for one in found]) if return_indices else f.squeeze(found, 0)
    kernel, steps, gaps, widths = _windows(input, axes, kernel_size, stride, padding, dilation, ceil_mode)
    x = (
        f.pad(input, ((0, 0), (0, 0), *widths), _least(getattr(input, "dtype", "float")))
        if any(map(any, widths))
        else input
    )
    largest = f.max_pool2d(x, kernel, steps, 0, gaps)
    if not return_indices:
        return largest
    import numpy as np

    from gradcli.eager.creation import tensor

    # The place of each number travels along with it.
    layout = {"kernel": kernel, "stride": steps, "dilation": gaps}
    places = np.pad(np.arange(math.prod(input.shape[2:]), dtype=float).reshape(input.shape[2:]), widths)
    windows = f.patches(_numbers(x), **layout)
    rows = windows.reshape(*windows.shape[: axes + 1], -1, windows.shape[-1])
    choices = f.patches(places[None, None], **layout).reshape(1, *windows.shape[1 : axes + 1], -1, 1)
    best = rows.argmax(axes + 1)[..., None, :]
    chosen = np.take_along_axis(np.broadcast_to(choices, rows.shape), best, axes + 1)[..., 0, :]
    return largest, tensor(np.moveaxis(chosen, -1, 1).astype(np.int64))


def _least(dtype: Any) -> float:
    """The least number of a type, which is never the largest of a window."""
    import numpy as np

    name = str(dtype).rpartition(".")[2]
    return -math.inf if "float" in name else int(np.iinfo(name).min)


def _numbers(x: Any) -> Any:
    import numpy as np

    return np.asarray(x.detach() if hasattr(x, "detach") else x)


def max_pool1d(
    input: Any,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest number of each window of series (series, channels, length), or of one without the first axis.

    Args:
        kernel_size, stride, padding, dilation: numbers; the stride is the kernel's size by default.
        ceil_mode: whether there are windows that begin inside and end outside the series.
        return_indices: whether to return the places of the largest numbers, too.

    Raises:
        ShapeError: the shapes don't fit.
        UsageError: the padding is more than half of the kernel.
    """
    return _max_pool(1, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool2d(
    input: Any,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest number of each window of images (images, channels, height, width); see `max_pool1d`."""
    return _max_pool(2, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool3d(
    input: Any,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest number of each window of volumes (volumes, channels, depth, height, width); see `max_pool1d`."""
    return _max_pool(3, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def _avg_pool(
    axes: int,
    input: Any,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None,
) -> Any:
    import numpy as np

    if len(input.shape) == axes + 1:
        options = (kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)
        return f.squeeze(_avg_pool(axes, f.unsqueeze(input, 0), *options), 0)
    if divisor_override == 0:
        raise UsageError("the divisor can't be 0")
    kernel, steps, _, widths = _windows(input, axes, kernel_size, stride, padding, 1, ceil_mode)
    inner = tuple(range(axes + 1, 2 * axes + 1))
    padded = f.pad(input, ((0, 0), (0, 0), *widths)) if any(map(any, widths)) else input
    sums = f.sum(f.patches(padded, kernel=kernel, stride=steps), axis=inner)
    if divisor_override is None:
        # An element of the padding may count, but none beyond it does.
        edges = [(edge, edge) for edge, _ in widths]
        inside = np.pad(np.ones(input.shape[2:]), edges, constant_values=count_include_pad)
        inside = np.pad(inside, [(0, after - edge) for edge, after in widths])[None, None]
        counts = f.patches(inside, kernel=kernel, stride=steps).sum(inner).astype(str(input.dtype))
        sums = sums * backend_of(getattr(input, "array", input)).asarray(1.0 / counts)
    else:
        sums = sums * (1.0 / divisor_override)
    return f.transpose(sums, (0, axes + 1, *range(1, axes + 1)))


def avg_pool1d(
    input: Any,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Any:
    """The mean of each window of series (series, channels, length), or of one without the first axis.

    Args:
        kernel_size, stride, padding: numbers; the stride is the kernel's size by default.
        ceil_mode: whether there are windows that begin inside and end outside the series.
        count_include_pad: whether the zeros of the padding count.

    Raises:
        ShapeError: the shapes don't fit.
        UsageError: the padding is more than half of the kernel.
    """
    return _avg_pool(1, input, kernel_size, stride, padding, ceil_mode, count_include_pad, None)


def avg_pool2d(
    input: Any,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Any:
    """The mean of each window of images (images, channels, height, width); see `avg_pool1d`.

    Args:
        divisor_override: the number to divide the sums by, in place of the number of elements.
    """
    return _avg_pool(2, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


def avg_pool3d(
    input: Any,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Any:
    """The mean of each window of volumes (volumes, channels, depth, height, width); see `avg_pool2d`."""
    return _avg_pool(3, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


def _lp_pool(axes: int, input: Any, norm_type: float, kernel_size: Any, stride: Any, ceil_mode: bool) -> Any:
    means = _avg_pool(axes, f.pow(input, float(norm_type)), kernel_size, stride, 0, ceil_mode, True, None)
    sums = means * float(math.prod(several(kernel_size, axes)))
    if norm_type == 1.0:
        return sums
    # At 0, where a norm has a kink, the derivative is 0.
    is_zero = f.equal(sums, 0.0)
    return f.where(is_zero, 0.0, f.pow(f.where(is_zero, 1.0, sums), 1.0 / norm_type))


def lp_pool1d(
    input: Any, norm_type: float, kernel_size: Sizes, stride: Sizes | None = None, ceil_mode: bool = False
) -> Any:
    """The root of the sum of powers of each window of series: (sum of x^p)^(1/p).

    Args:
        norm_type: the power p.
        kernel_size, stride, ceil_mode: those of `avg_pool1d`.
    """
    return _lp_pool(1, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool2d(
    input: Any, norm_type: float, kernel_size: Sizes, stride: Sizes | None = None, ceil_mode: bool = False
) -> Any:
    """The root of the sum of powers of each window of images; see `lp_pool1d`."""
    return _lp_pool(2, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool3d(
    input: Any, norm_type: float, kernel_size: Sizes, stride: Sizes | None = None, ceil_mode: bool = False
) -> Any:
    """The root of the sum of powers of each window of volumes; see `lp_pool1d`."""
    return _lp_pool(3, input, norm_type, kernel_size, stride, ceil_mode)


def _parts(length: int, count: int) -> list[tuple[int, int]]:
    """Return where each of ``count`` parts of an axis begins and ends; parts may overlap by one element."""
    return [(i * length // count, -(-(i + 1) * length // count)) for i in range(count)]


def _adaptive_sizes(input: Any, output_size: Any, axes: int) -> list[int]:
    if len(input.shape) not in (axes + 1, axes + 2):
        raise ShapeError(f"an input of shape {tuple(input.shape)} has no channels with {axes} axes")
    lengths = tuple(input.shape[-axes:])
    sizes = several(output_size, axes)
    if len(sizes) != axes:
        raise ShapeError(f"a result of size {tuple(sizes)} doesn't have {axes} axes")
    found = [length if one is None else one for one, length in zip(sizes, lengths, strict=True)]
    if min(found) < 0 or not all(input.shape[-axes - 1 :]):
        raise ShapeError(f"an input of shape {tuple(input.shape)} can't be made {tuple(sizes)} parts")
    return found


def _adaptive(axes: int, input: Any, output_size: Any, reduce: Callable[..., Any]) -> Any:
    """Reduce the parts of axes, one axis after the other."""
    for axis, size in zip(range(-axes, 0), _adaptive_sizes(input, output_size, axes), strict=True):
        before = (slice(None),) * (len(input.shape) + axis)
        if not size:
            input = f.index(input, (*before, slice(0, 0)))
        elif size != input.shape[axis]:
            parts = [f.index(input, (*before, slice(*ends))) for ends in _parts(input.shape[axis], size)]
            input = f.cat([reduce(part, axis=axis, keepdims=True) for part in parts], axis=axis)
    return input


def adaptive_avg_pool1d(input: Any, output_size: Any) -> Any:
    """The means of ``output_size`` parts of series (..., length) of nearly the same length."""
    return _adaptive(1, input, output_size, f.mean)


def adaptive_avg_pool2d(input: Any, output_size: Any) -> Any:
    """The means of parts of images (..., height, width) of nearly the same size.

    Args:
        output_size: a number of parts for both directions, or (height, width); None for the size of the images.
    """
    return _adaptive(2, input, output_size, f.mean)


def adaptive_avg_pool3d(input: Any, output_size: Any) -> Any:
    """The means of parts of volumes (..., depth, height, width) of nearly the same size; see `adaptive_avg_pool2d`."""
    return _adaptive(3, input, output_size, f.mean)


def _adaptive_max(axes: int, input: Any, output_size: Any, return_indices: bool) -> Any:
    largest = _adaptive(axes, input, output_size, f.max)
    if not return_indices:
        return largest
    sizes = _adaptive_sizes(input, output_size, axes)
    parts = [_parts(length, size) for length, size in zip(input.shape[-axes:], sizes, strict=True)]
    blocks = [[range(*ends) for ends in cell] for cell in itertools.product(*parts)]
    return largest, _places_of_largest(input, axes, sizes, blocks)


def _places_of_largest(input: Any, axes: int, sizes: Sequence[int], blocks: Sequence[Sequence[range]]) -> Any:
    """The places of the largest numbers of blocks in the flattened axes, for all rows and channels."""
    import numpy as np

    from gradcli.eager.creation import tensor

    space = tuple(input.shape[-axes:])
    rows = _numbers(input).reshape(*input.shape[:-axes], -1)
    everywhere = np.arange(math.prod(space)).reshape(space)
    found = []
    for block in blocks:
        places = everywhere[np.ix_(*block)].ravel()
        found.append(places[rows[..., places].argmax(-1)])
    shape = (*input.shape[:-axes], *sizes)
    return tensor(np.stack(found, -1).reshape(shape) if found else np.zeros(shape, dtype=np.int64))


def adaptive_max_pool1d(input: Any, output_size: Any, return_indices: bool = False) -> Any:
    """The largest numbers of ``output_size`` parts of series (..., length), and their places if they are wanted."""
    return _adaptive_max(1, input, output_size, return_indices)


def adaptive_max_pool2d(input: Any, output_size: Any, return_indices: bool = False) -> Any:
    """The largest numbers of parts of images (..., height, width); see `adaptive_avg_pool2d`."""
    return _adaptive_max(2, input, output_size, return_indices)


def adaptive_max_pool3d(input: Any, output_size: Any, return_indices: bool = False) -> Any:
    """The largest numbers of parts of volumes (..., depth, height, width); see `adaptive_avg_pool2d`."""
    return _adaptive_max(3, input, output_size, return_indices)


def _starts(sample: Any, length: int, count: int, kernel: int) -> list[int]:
    """Return where the windows of one axis begin, at random distances (Graham, 2014); the sample is from 0 to 1."""
    if count == 1:
        return [length - kernel]
    kind = type(sample)
    ratio = kind(length - kernel) / kind(count - 1)
    first = int(sample * ratio)
    return [*(int((kind(i) + sample) * ratio) - first for i in range(count - 1)), length - kernel]


#: Number of axes -> the axis of each random number of a plane.
_DRAWN: Final = {2: (1, 0), 3: (0, 1, 2)}


def _fractional(
    axes: int,
    input: Any,
    kernel_size: Any,
    output_size: Any,
    output_ratio: Any,
    return_indices: bool,
    random_samples: Any,
) -> Any:
    import numpy as np

    from gradcli.eager import creation

    if len(input.shape) == axes + 1:
        options = (kernel_size, output_size, output_ratio, return_indices, random_samples)
        found = _fractional(axes, f.unsqueeze(input, 0), *options)
        return tuple([f.squeeze(one, 0) for one in found]) if return_indices else f.squeeze(found, 0)
    if len(input.shape) != axes + 2 or not all(input.shape[1:]):
        raise ShapeError(f"{SHAPES[axes]} have {axes + 2} axes, but the shape is {tuple(input.shape)}")
    lengths, kernel = tuple(input.shape[2:]), several(kernel_size, axes)
    if (output_size is None) == (output_ratio is None):
        raise UsageError("a fractional pool has either an output_size or an output_ratio")
    if output_size is None:
        ratios = several(output_ratio, axes)
        if not all(0.0 < one < 1.0 for one in ratios):
            raise UsageError(f"an output_ratio lies between 0 and 1, not {output_ratio}")
        output_size = [int(length * one) for length, one in zip(lengths, ratios, strict=True)]
    sizes = several(output_size, axes)
    if (
        len(sizes) != axes
        or len(kernel) != axes
        or min(*sizes, *kernel) < 1
        or any(size + width - 1 > length for size, width, length in zip(sizes, kernel, lengths, strict=True))
    ):
        raise ShapeError(f"an input of shape {tuple(input.shape)} has no {tuple(sizes)} windows of size {kernel}")
    planes = math.prod(input.shape[:2])
    if random_samples is None:
        samples = creation.generator().random((*input.shape[:2], axes)).astype(str(input.dtype))
    else:
        samples = _numbers(random_samples)
        if samples.ndim != 3 or samples.shape[1:] != (input.shape[1], axes) or len(samples) < input.shape[0]:
            raise ShapeError(f"random samples have the shape {(*input.shape[:2], axes)}, not {samples.shape}")
        samples = samples[: input.shape[0]]
        if str(samples.dtype) != str(input.dtype):
            raise UsageError(f"random samples have the type of the input, {input.dtype}, not {samples.dtype}")
    places = []
    everywhere = np.arange(math.prod(lengths)).reshape(lengths)
    for drawn in samples.reshape(planes, axes):
        starts = [
            _starts(drawn[_DRAWN[axes].index(axis)], lengths[axis], sizes[axis], kernel[axis]) for axis in range(axes)
        ]
        parts = [np.asarray(one)[:, None] + np.arange(width) for one, width in zip(starts, kernel, strict=True)]
        grid = everywhere[np.ix_(*[one.ravel() for one in parts])]
        split = grid.reshape([n for pair in zip(sizes, kernel, strict=True) for n in pair])
        places.append(split.transpose(*range(0, 2 * axes, 2), *range(1, 2 * axes, 2)).reshape(math.prod(sizes), -1))
    chosen = np.stack(places) if places else np.zeros((0, math.prod(sizes), math.prod(kernel)), dtype=np.intp)
    rows = f.index(f.reshape(input, (planes, math.prod(lengths))), (np.arange(planes)[:, None, None], chosen))
    shape = (*input.shape[:2], *sizes)
    largest = f.reshape(f.max(rows, axis=-1), shape)
    if not return_indices:
        return largest
    best = _numbers(rows).argmax(-1)[..., None]
    return largest, creation.tensor(np.take_along_axis(chosen, best, -1).reshape(shape))


def fractional_max_pool2d(
    input: Any,
    kernel_size: Sizes,
    output_size: Any = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: Any = None,
) -> Any:
    """The largest numbers of windows of images at random distances (Graham, "Fractional Max-Pooling", 2014).

    Args:
        input: shape (images, channels, height, width), or (channels, height, width).
        kernel_size: a number for both directions, or (height, width).
        output_size: the size of the result; or
        output_ratio: the part of the size of the images, between 0 and 1.
        return_indices: whether to return the places of the largest numbers, too.

    Raises:
        ShapeError: the shapes don't fit.
        UsageError: both size and ratio are given, or none.
    """
    return _fractional(2, input, kernel_size, output_size, output_ratio, return_indices, _random_samples)


def fractional_max_pool3d(
    input: Any,
    kernel_size: Sizes,
    output_size: Any = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: Any = None,
) -> Any:
    """The largest numbers of windows of volumes at random distances; see `fractional_max_pool2d`."""
    return _fractional(3, input, kernel_size, output_size, output_ratio, return_indices, _random_samples)


def _unpool(axes: int, input: Any, indices: Any, kernel_size: Any, stride: Any, padding: Any, output_size: Any) -> Any:
    from gradcli.eager.creation import zeros
    from gradcli.eager.pytorch_names import METHODS

    if len(input.shape) == axes + 1:
        options = (kernel_size, stride, padding, output_size)
        return f.squeeze(_unpool(axes, f.unsqueeze(input, 0), indices.unsqueeze(0), *options), 0)
    if len(input.shape) != axes + 2 or tuple(indices.shape) != tuple(input.shape):
        raise ShapeError(f"indices of shape {tuple(indices.shape)} don't fit an input of shape {tuple(input.shape)}")
    kernel, edges = several(kernel_size, axes), several(padding, axes)
    steps = kernel if stride is None else several(stride, axes)
    sides = list(zip(input.shape[2:], kernel, steps, edges, strict=True))
    usual = [(n - 1) * step + width - 2 * edge for n, width, step, edge in sides]
    size = usual if output_size is None else list(output_size)[-axes:]
    if len(size) != axes or any(abs(one - own) >= step for one, own, step in zip(size, usual, steps, strict=True)):
        raise UsageError(f"an output_size of {tuple(size)} isn't near {tuple(usual)}, which fits the kernels")
    rows, channels = input.shape[:2]
    places = f.reshape(indices, (rows, channels, -1))
    count = math.prod(size)
    if places.numel() and not 0 <= int(places.min()) <= int(places.max()) < count:
        raise UsageError(f"an index is outside of a result of size {tuple(size)}")
    numbers, nothing = f.reshape(input, (rows, channels, -1)), zeros(rows, channels, count, dtype=input.dtype)
    found = METHODS["scatter"](nothing, 2, places, numbers.detach())
    if numbers.requires_grad:
        # The values are those found, the derivative is that of sums; an infinity isn't subtracted from itself.
        sums = METHODS["scatter_add"](nothing, 2, places, f.where(_numbers(numbers.isfinite()), numbers, 0.0))
        found = found + (sums - sums.detach())
    return f.reshape(found, (rows, channels, *size))


def max_unpool1d(
    input: Any,
    indices: Any,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    output_size: Any = None,
) -> Any:
    """Series of zeros in which the numbers of an input are at the places that `max_pool1d` returned.

    Where several numbers have one place, the last one is there, and each gets the derivative, as in PyTorch.

    Args:
        input: shape (series, channels, length), or (channels, length).
        indices: the places, in the shape of the input.
        kernel_size, stride, padding: those of the pool.
        output_size: the length of the result, by default the least that the pool had.

    Raises:
        ShapeError: the shapes don't fit.
        UsageError: the output size, or an index, doesn't fit.
    """
    return _unpool(1, input, indices, kernel_size, stride, padding, output_size)


def max_unpool2d(
    input: Any,
    indices: Any,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    output_size: Any = None,
) -> Any:
    """Images of zeros in which the numbers of an input are at the places of `max_pool2d`; see `max_unpool1d`."""
    return _unpool(2, input, indices, kernel_size, stride, padding, output_size)


def max_unpool3d(
    input: Any,
    indices: Any,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    output_size: Any = None,
) -> Any:
    """Volumes of zeros in which the numbers of an input are at the places of `max_pool3d`; see `max_unpool1d`."""
    return _unpool(3, input, indices, kernel_size, stride, padding, output_size)
