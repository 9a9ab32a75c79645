"""Functions of windows that move over series and images, with PyTorch's names; `gradcli.nn.functional` has them, too.

>>> from gradcli import tensor
>>> avg_pool1d(tensor([[1.0, 3.0, 5.0, 7.0]]), 2).tolist()
[[2.0, 6.0]]
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from gradcli.errors import NoSuchModeError, ShapeError, UsageError
from gradcli.primitives import functions as f
from gradcli.primitives.backends import backend_of

__all__ = [
    "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_max_pool1d", "adaptive_max_pool2d", "avg_pool1d",
    "avg_pool2d", "conv1d", "conv2d", "max_pool1d", "max_pool2d", "pad", "unfold",
]  # fmt: skip

# ruff: noqa: A001, A002  (PyTorch's `input`)

#: One number for both directions of an image, or (height, width).
Pair: TypeAlias = "int | tuple[int, int]"


def two(numbers: Any) -> Any:
    """Return a pair; a number, also as the only one of a list, is for both directions."""
    if isinstance(numbers, (tuple, list)):
        return tuple(numbers) * 2 if len(numbers) == 1 else tuple(numbers)
    return numbers, numbers


def _one(numbers: Any) -> Any:
    return numbers[0] if isinstance(numbers, (tuple, list)) else numbers


def beyond(length: int, kernel: int, step: int, edge: int, gap: int) -> int:
    """Return how far the last window reaches beyond the padding if windows may end outside."""
    extent = gap * (kernel - 1) + 1
    count = -(-(length + 2 * edge - extent) // step) + 1
    if (count - 1) * step >= length + edge:  # a window begins inside the images, or inside the padding before them
        count -= 1
    return max(0, (count - 1) * step + extent - length - 2 * edge)


def conv2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Pair = 1,
    padding: Pair | str = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> Any:
    """The cross-correlation of images with kernels.

    Args:
        input: shape (images, channels, height, width), or (channels, height, width) for one image.
        weight: shape (out_channels, channels / groups, kernel height, kernel width).
        bias: shape (out_channels,), or None.
        stride, padding, dilation: a number for both directions, or (height, width); the padding may be ``"valid"``,
            which is none, or ``"same"``, with which the result has the size of the images.
        groups: the number of groups of channels; each group gets only its own part of the input.

    Raises:
        ShapeError: the shapes don't fit.
        UsageError: the padding ``"same"`` is asked for with a stride.
    """
    if len(weight.shape) != 4:
        raise ShapeError(f"a weight has the shape (outputs, channels, height, width), not {tuple(weight.shape)}")
    if len(input.shape) == 3:
        return f.squeeze(conv2d(f.unsqueeze(input, 0), weight, bias, stride, padding, dilation, groups), 0)
    steps, gaps, images = two(stride), two(dilation), input
    if padding == "same":
        if steps != (1, 1):
            raise UsageError("the padding 'same' has no stride")
        both = [gap * (length - 1) for gap, length in zip(gaps, weight.shape[2:], strict=True)]
        if len(input.shape) == 4:
            images = f.pad(input, ((0, 0), (0, 0), *[(one // 2, one - one // 2) for one in both]))
    elif isinstance(padding, str) and padding != "valid":
        raise UsageError(f"a padding is 'valid' or 'same' or numbers, not {padding!r}")
    edges = (0, 0) if isinstance(padding, str) else two(padding)
    return f.conv2d(images, weight, bias, steps, edges, groups, gaps)


def max_pool2d(
    input: Any,
    kernel_size: Pair,
    stride: Pair | None = None,
    padding: Pair = 0,
    dilation: Pair = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest number of each window of images (images, channels, height, width), or of one without the first axis.

    Equal largest numbers share the derivative.

    Args:
        kernel_size, stride, padding, dilation: a number for both directions, or (height, width); the stride is the
            kernel's size by default.
        ceil_mode: whether there are windows that begin inside and end outside the images.
        return_indices: whether to return the places of the largest numbers, too.

    Raises:
        ShapeError: the shapes don't fit.
        UsageError: the padding is more than half of the kernel.
    """
    if len(input.shape) == 3:
        found = max_pool2d(f.unsqueeze(input, 0), kernel_size, stride, padding, dilation, ceil_mode, return_indices)
        return tuple([f.squeeze(one, 0) for one in found]) if return_indices else f.squeeze(found, 0)
    kernel, edges, gaps = two(kernel_size), two(padding), two(dilation)
    steps = kernel if stride is None or (not isinstance(stride, int) and not stride) else two(stride)
    if any(2 * edge > length for edge, length in zip(edges, kernel, strict=True)):
        raise UsageError(f"a padding of {edges} is more than half of a kernel of {kernel}")
    if len(input.shape) != 4 or not min(input.shape[1:]):
        raise ShapeError(f"images have the shape (images, channels, height, width), not {tuple(input.shape)}")
    if min(kernel) < 1 or min(steps) < 1 or min(gaps) < 1:
        raise UsageError("kernels, strides and dilations are at least 1")
    after = [edge + beyond(*one) for edge, *one in zip(edges, input.shape[2:], kernel, steps, edges, gaps, strict=True)]
    if not ceil_mode:
        after = list(edges)
    x = input
    if any(edges) or any(after):
        x = f.pad(x, ((0, 0), (0, 0), *zip(edges, after, strict=True)), -math.inf)
    if not return_indices:
        return f.max_pool2d(x, kernel, steps, 0, gaps)
    import numpy as np

    # The place of each number travels along with it.
    places = np.pad(np.arange(math.prod(input.shape[2:])).reshape(input.shape[2:]), [*zip(edges, after, strict=True)])
    numbers = np.asarray(x.detach() if hasattr(x, "detach") else x)
    windows = f.patches(numbers, kernel=kernel, stride=steps, dilation=gaps)
    best = windows.reshape(*windows.shape[:3], -1, windows.shape[-1]).argmax(3)
    wide = np.broadcast_to(places.astype(float), (1, 1, *places.shape))
    choices = f.patches(wide, kernel=kernel, stride=steps, dilation=gaps).reshape(1, *windows.shape[1:3], -1)
    chosen = np.take_along_axis(np.broadcast_to(choices[..., None], (len(best), *choices.shape[1:], best.shape[-1])),
                                best[:, :, :, None], 3)[:, :, :, 0]  # fmt: skip
    indices = chosen.transpose(0, 3, 1, 2).astype(np.int64)
    from gradcli.eager.creation import tensor

    return f.max_pool2d(x, kernel, steps, 0, gaps), tensor(indices)


def conv1d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    """The cross-correlation of series with kernels.

    Args:
        input: shape (series, channels, length), or (channels, length) for one series.
        weight: shape (out_channels, channels / groups, kernel length).
        bias: shape (out_channels,), or None.
        stride, padding, dilation: numbers; the padding may be ``"valid"`` or ``"same"``.
        groups: the number of groups of channels.

    Raises:
        ShapeError: the shapes don't fit.
        UsageError: the padding ``"same"`` is asked for with a stride.
    """
    if len(input.shape) not in (2, 3) or len(weight.shape) != 3:
        raise ShapeError(
            f"series and weights have three axes, not those of {tuple(input.shape)} and {tuple(weight.shape)}"
        )
    edges = padding if isinstance(padding, str) else (0, _one(padding))
    images, kernel = f.unsqueeze(input, -2), f.unsqueeze(weight, 2)
    return f.squeeze(conv2d(images, kernel, bias, (1, _one(stride)), edges, (1, _one(dilation)), groups), -2)


def max_pool1d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest number of each window of series (series, channels, length); equal ones share the derivative.

    The arguments are those of `max_pool2d`.
    """
    kernel = _one(kernel_size)
    found = max_pool2d(
        f.unsqueeze(input, -2), (1, kernel), (1, kernel if stride is None else _one(stride)), (0, _one(padding)),
        (1, _one(dilation)), ceil_mode, return_indices,
    )  # fmt: skip
    return tuple([f.squeeze(one, -2) for one in found]) if return_indices else f.squeeze(found, -2)


def avg_pool2d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Any:
    """The mean of each window of images (images, channels, height, width), or of one without the first axis.

    Args:
        kernel_size, stride, padding: a number for both directions, or (height, width); the stride is the kernel's size
            by default.
        ceil_mode: whether there are windows that begin inside and end outside the images.
        count_include_pad: whether the zeros of the padding count.
        divisor_override: the number to divide the sums by, in place of the number of elements.

    Raises:
        ShapeError: the shapes don't fit.
        UsageError: the padding is more than half of the kernel, or the divisor is 0.
    """
    import numpy as np

    if len(input.shape) == 3:
        options = (kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)
        return f.squeeze(avg_pool2d(f.unsqueeze(input, 0), *options), 0)
    kernel, edges = two(kernel_size), two(padding)
    steps = kernel if stride is None or (not isinstance(stride, int) and not stride) else two(stride)
    if any(2 * edge > length for edge, length in zip(edges, kernel, strict=True)):
        raise UsageError(f"a padding of {edges} is more than half of a kernel of {kernel}")
    if divisor_override == 0:
        raise UsageError("the divisor can't be 0")
    if len(input.shape) != 4:
        raise ShapeError(f"images have the shape (images, channels, height, width), not {tuple(input.shape)}")
    sizes = zip(input.shape[2:], kernel, steps, edges, strict=True)
    over = [beyond(*one, 1) if ceil_mode else 0 for one in sizes]
    widths = [(edge, edge + more) for edge, more in zip(edges, over, strict=True)]
    padded = f.pad(input, ((0, 0), (0, 0), *widths)) if any(map(any, widths)) else input
    sums = f.sum(f.patches(padded, kernel=kernel, stride=steps), axis=(3, 4))
    if divisor_override is None:
        # An element of the padding may count, but none beyond it does.
        inside = np.pad(np.ones(input.shape[2:]), [(edge, edge) for edge in edges], constant_values=count_include_pad)
        inside = np.pad(inside, [(0, more) for more in over])[None, None]
        counts = f.patches(inside, kernel=kernel, stride=steps).sum((3, 4)).astype(str(input.dtype))
        backend = backend_of(getattr(input, "array", input))
        sums = sums * backend.asarray(1.0 / counts)
    else:
        sums = sums * (1.0 / divisor_override)
    return f.transpose(sums, (0, 3, 1, 2))


def avg_pool1d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Any:
    """The mean of each window of series (series, channels, length); the arguments are those of `avg_pool2d`."""
    kernel = _one(kernel_size)
    steps = kernel if stride is None or (not isinstance(stride, int) and not stride) else _one(stride)
    options = (1, kernel), (1, steps), (0, _one(padding)), ceil_mode, count_include_pad
    return f.squeeze(avg_pool2d(f.unsqueeze(input, -2), *options), -2)


def _parts(length: int, count: int) -> list[tuple[int, int]]:
    """Return where each of ``count`` parts of an axis begins and ends; parts may overlap by one element."""
    return [(i * length // count, -(-(i + 1) * length // count)) for i in range(count)]


def _adaptive(input: Any, output_size: Any, axes: Sequence[int], reduce: Callable[..., Any]) -> Any:
    """Reduce the parts of axes, one axis after the other."""
    sizes = output_size if isinstance(output_size, (tuple, list)) else (output_size,) * len(axes)
    if len(input.shape) not in (len(axes) + 1, len(axes) + 2):
        raise ShapeError(f"an input of shape {tuple(input.shape)} has no channels with {len(axes)} axes")
    if min([1 if one is None else one for one in sizes], default=1) < 0 or not all(input.shape[-len(axes) :]):
        raise ShapeError(f"an input of shape {tuple(input.shape)} can't be made {tuple(sizes)} parts")
    if len(sizes) != len(axes):
        raise ShapeError(f"a result of size {tuple(sizes)} doesn't have {len(axes)} axes")
    for axis, size in zip(axes, sizes, strict=True):
        if size is None or size == input.shape[axis]:
            continue
        if not size:
            input = f.index(input, ((slice(None),) * (len(input.shape) + axis) + (slice(0, 0),)))
            continue
        before = (slice(None),) * (len(input.shape) + axis)
        parts = [f.index(input, (*before, slice(*ends))) for ends in _parts(input.shape[axis], size)]
        input = f.cat([reduce(part, axis=axis, keepdims=True) for part in parts], axis=axis)
    return input


def adaptive_avg_pool1d(input: Any, output_size: Any) -> Any:
    """The means of ``output_size`` parts of series (..., length) of nearly the same length."""
    return _adaptive(input, output_size, (-1,), f.mean)


def adaptive_avg_pool2d(input: Any, output_size: Any) -> Any:
    """The means of parts of images (..., height, width) of nearly the same size.

    Args:
        output_size: a number of parts for both directions, or (height, width); None for the size of the images.
    """
    return _adaptive(input, output_size, (-2, -1), f.mean)


def adaptive_max_pool1d(input: Any, output_size: Any, return_indices: bool = False) -> Any:
    """The largest numbers of ``output_size`` parts of series (..., length).

    Raises:
        UsageError: the indices are asked for, which aren't here.
    """
    _without_indices(return_indices)
    return _adaptive(input, output_size, (-1,), f.max)


def _without_indices(return_indices: bool) -> None:
    if return_indices:
        raise UsageError("the indices of the largest numbers of parts aren't here; max_pool2d has them")


def adaptive_max_pool2d(input: Any, output_size: Any, return_indices: bool = False) -> Any:
    """The largest numbers of parts of images (..., height, width); see `adaptive_avg_pool2d`.

    Raises:
        UsageError: the indices are asked for, which aren't here.
    """
    _without_indices(return_indices)
    return _adaptive(input, output_size, (-2, -1), f.max)


def pad(input: Any, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Any:
    """The input with a border.

    Args:
        pad: the widths before and after the last axis, then before and after the axis in front of it, and so on; a
            negative width cuts off.
        mode: ``"constant"``, ``"reflect"``, ``"replicate"`` or ``"circular"``.
        value: the number in a constant border, by default 0.

    Raises:
        NoSuchModeError: the mode is unknown.
        UsageError: a border that isn't constant has a value.
        ShapeError: there are more widths than axes, or a border doesn't fit.
    """
    import numpy as np

    widths = [int(one) for one in pad]
    axes = len(input.shape)
    if len(widths) % 2 or len(widths) > 2 * axes:
        raise ShapeError(f"{len(widths)} widths don't fit an input with {axes} axes: there are two for each axis")
    if mode not in ("constant", "reflect", "replicate", "circular"):
        raise NoSuchModeError(f"a border is constant, reflect, replicate or circular, not {mode!r}")
    if mode == "constant":
        cut, wide = [slice(None)] * axes, [(0, 0)] * axes
        for i, (before, after) in enumerate(zip(widths[::2], widths[1::2], strict=True)):
            axis, length = axes - 1 - i, input.shape[axes - 1 - i]
            if before + after + length < 0:
                raise ShapeError(f"an axis of length {length} can't be cut by {before} and {after}")
            cut[axis] = slice(max(0, -before), length - max(0, -after))
            wide[axis] = max(0, before), max(0, after)
        if min(widths, default=0) < 0:
            input = f.index(input, tuple(cut))
        return f.pad(input, tuple(wide), 0.0 if value is None else float(value))
    if value is not None:
        raise UsageError("only a constant border has a value")
    for i in range(len(widths) // 2):
        axis, (before, after) = axes - 1 - i, widths[2 * i : 2 * i + 2]
        length = input.shape[axis]
        if mode == "circular" and min(before, after) < 0:  # what is left after the cut goes around
            input = f.index(input, (*(slice(None),) * axis, slice(max(0, -before), length - max(0, -after))))
            before, after, length = max(0, before), max(0, after), input.shape[axis]
        most = {"reflect": length - 1, "circular": length}.get(mode)
        if most is not None and max(before, after) > most:
            raise ShapeError(f"a border of {max(before, after)} is too wide for an axis of length {length}")
        places = np.arange(-before, length + after)
        if mode == "replicate":
            places = places.clip(0, length - 1)
        elif mode == "circular":
            places = places % length
        else:
            places = np.abs(places)
            places = np.where(places >= length, 2 * (length - 1) - places, places)
        input = f.index(input, (*(slice(None),) * axis, places))
    return input


def unfold(input: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Any:
    """The windows of images (images, channels, height, width) as columns, shape (images, elements, windows)."""
    if len(input.shape) == 3:
        return f.squeeze(unfold(f.unsqueeze(input, 0), kernel_size, dilation, padding, stride), 0)
    found = f.patches(input, kernel=two(kernel_size), stride=two(stride), padding=two(padding), dilation=two(dilation))
    images, rows, columns, *kernel, channels = found.shape
    shape = images, channels * kernel[0] * kernel[1], rows * columns
    return f.reshape(f.transpose(found, (0, 5, 3, 4, 1, 2)), shape)
