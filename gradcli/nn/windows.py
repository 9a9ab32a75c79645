"""Convolutions of series, images and volumes, with PyTorch's names; `gradcli.nn.functional` has them, too.

A formula is written once, for any number of axes.

>>> from gradcli import tensor
>>> conv1d(tensor([[1.0, 2.0, 3.0]]), tensor([[[1.0, -1.0]]])).tolist()
[[-1.0, -1.0]]
"""

from __future__ import annotations

import math
from typing import Any, TypeAlias

from gradcli.eager.record import Recorded
from gradcli.errors import ShapeError, UsageError
from gradcli.primitives import functions as f

__all__ = [
    "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "fold", "unfold",
]  # fmt: skip

# ruff: noqa: A001, A002  (PyTorch's `input`)

#: One number for all directions, or one for each.
Sizes: TypeAlias = "int | tuple[int, ...]"
#: The number of axes that a window moves along -> what it moves over.
SHAPES = {
    1: "series (series, channels, length)",
    2: "images (images, channels, height, width)",
    3: "volumes (volumes, channels, depth, height, width)",
}


def several(numbers: Any, axes: int) -> Any:
    """Return one number for each axis; a number, also as the only one of a list, is for all axes."""
    found = tuple(numbers) if hasattr(numbers, "__iter__") else (numbers,)
    return found * axes if len(found) == 1 else found


def channels_first(input: Any, axes: int) -> None:
    """Check that an input has rows, channels, and this many axes.

    Raises:
        ShapeError: it has another number of axes.
    """
    if len(input.shape) != axes + 2:
        raise ShapeError(f"{SHAPES[axes]} have {axes + 2} axes, but the shape is {tuple(input.shape)}")


def _checked(input: Any, weight: Any, bias: Any, axes: int, outputs: str) -> None:
    if len(weight.shape) != axes + 2 or len(input.shape) not in (axes + 1, axes + 2):
        raise ShapeError(
            f"a convolution of {SHAPES[axes]} takes a weight ({outputs}, kernel), not the shapes {tuple(input.shape)} "
            f"and {tuple(weight.shape)}"
        )
    types = [one.dtype for one in (input, weight, bias) if isinstance(one, Recorded)]
    if any(one != types[0] for one in types):
        raise UsageError(f"input, weight and bias have the types {', '.join(map(str, types))}; they should be the same")


def _convolved(
    axes: int, input: Any, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> Any:
    _checked(input, weight, bias, axes, "outputs, channels / groups")
    if len(input.shape) == axes + 1:
        images = f.unsqueeze(input, 0)
        return f.squeeze(_convolved(axes, images, weight, bias, stride, padding, dilation, groups), 0)
    steps, gaps, edges = several(stride, axes), several(dilation, axes), (0,) * axes
    if padding == "same":
        if any(one != 1 for one in steps):
            raise UsageError("the padding 'same' has no stride")
        both = [gap * (length - 1) for gap, length in zip(gaps, weight.shape[2:], strict=True)]
        input = f.pad(input, ((0, 0), (0, 0), *[(one // 2, one - one // 2) for one in both]))
    elif not isinstance(padding, str):
        edges = several(padding, axes)
    elif padding != "valid":
        raise UsageError(f"a padding is 'valid' or 'same' or numbers, not {padding!r}")
    return f.conv2d(input, weight, bias, steps, edges, groups, gaps)


def conv1d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Any:
    """The cross-correlation of series with kernels.

    Args:
        input: shape (series, channels, length), or (channels, length) for one series.
        weight: shape (out_channels, channels / groups, kernel length).
        bias: shape (out_channels,), or None.
        stride, padding, dilation: numbers; the padding may be ``"valid"``, which is none, or ``"same"``, with which the
            result has the length of the series.
        groups: the number of groups of channels; each group gets only its own part of the input.

    Raises:
        ShapeError: the shapes don't fit.
        UsageError: the padding ``"same"`` is asked for with a stride.
    """
    return _convolved(1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Any:
    """The cross-correlation of images (images, channels, height, width) with kernels; see `conv1d`.

    Args:
        input: shape (images, channels, height, width), or (channels, height, width) for one image.
        weight: shape (out_channels, channels / groups, kernel height, kernel width).
        bias: shape (out_channels,), or None.
        stride, padding, dilation: a number for both directions, or (height, width); the padding may be ``"valid"`` or
            ``"same"``.
        groups: the number of groups of channels.

    Raises:
        ShapeError: the shapes don't fit.
        UsageError: the padding ``"same"`` is asked for with a stride.
    """
    return _convolved(2, input, weight, bias, stride, padding, dilation, groups)


def conv3d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Any:
    """The cross-correlation of volumes (volumes, channels, depth, height, width) with kernels; see `conv1d`.

    Raises:
        ShapeError: the shapes don't fit.
        UsageError: the padding ``"same"`` is asked for with a stride.
    """
    return _convolved(3, input, weight, bias, stride, padding, dilation, groups)


def _transposed(
    axes: int,
    input: Any,
    weight: Any,
    bias: Any,
    stride: Any,
    padding: Any,
    output_padding: Any,
    groups: int,
    dilation: Any,
) -> Any:
    _checked(input, weight, bias, axes, "channels, outputs / groups")
    options = [several(one, axes) for one in (stride, padding, output_padding)]
    images = f.unsqueeze(input, 0) if len(input.shape) == axes + 1 else input
    found = f.conv_transpose(images, weight, bias, *options, groups, several(dilation, axes))
    return found if images is input else f.squeeze(found, 0)


def conv_transpose1d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
) -> Any:
    """The transpose of `conv1d`: each number of a series adds a kernel to the result.

    Args:
        input: shape (series, channels, length), or (channels, length) for one series.
        weight: shape (channels, out_channels / groups, kernel length).
        bias: shape (out_channels,), or None.
        stride, dilation: those of the convolution.
        padding: how much of the result is cut off at each side.
        output_padding: how much less is cut off at the end; below the stride or the dilation.
        groups: the number of groups of channels.

    Raises:
        ShapeError: the shapes don't fit.
    """
    return _transposed(1, input, weight, bias, stride, padding, output_padding, groups, dilation)


def conv_transpose2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
) -> Any:
    """The transpose of `conv2d`: each pixel of an image adds a kernel to the result; see `conv_transpose1d`.

    Raises:
        ShapeError: the shapes don't fit.
    """
    return _transposed(2, input, weight, bias, stride, padding, output_padding, groups, dilation)


def conv_transpose3d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
) -> Any:
    """The transpose of `conv3d`: each number of a volume adds a kernel to the result; see `conv_transpose1d`.

    Raises:
        ShapeError: the shapes don't fit.
    """
    return _transposed(3, input, weight, bias, stride, padding, output_padding, groups, dilation)


def unfold(input: Any, kernel_size: Sizes, dilation: Sizes = 1, padding: Sizes = 0, stride: Sizes = 1) -> Any:
    """The windows of images (images, channels, height, width) as columns, shape (images, elements, windows)."""
    if len(input.shape) == 3:
        return f.squeeze(unfold(f.unsqueeze(input, 0), kernel_size, dilation, padding, stride), 0)
    channels_first(input, 2)
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    found = f.patches(input, kernel=several(kernel_size, 2), **{key: several(one, 2) for key, one in options.items()})
    images, rows, columns, *kernel, channels = found.shape
    shape = images, channels * kernel[0] * kernel[1], rows * columns
    return f.reshape(f.transpose(found, (0, 5, 3, 4, 1, 2)), shape)


def fold(
    input: Any,
    output_size: Sizes,
    kernel_size: Sizes,
    dilation: Sizes = 1,
    padding: Sizes = 0,
    stride: Sizes = 1,
) -> Any:
    """Images of a size from columns, as `unfold` makes them; overlapping elements are added.

    Args:
        input: shape (images, elements, windows), or (elements, windows) for one image.
        output_size: a number for both directions, or (height, width).
        kernel_size, dilation, padding, stride: those of `unfold`.

    Raises:
        ShapeError: the columns aren't those of windows of such images.

    >>> from gradcli import ones
    >>> fold(unfold(ones(1, 1, 3, 3), 2), 3, 2).tolist()
    [[[[1.0, 2.0, 1.0], [2.0, 4.0, 2.0], [1.0, 2.0, 1.0]]]]
    """
    if len(input.shape) == 2:
        return f.squeeze(fold(f.unsqueeze(input, 0), output_size, kernel_size, dilation, padding, stride), 0)
    given = (output_size, kernel_size, dilation, padding, stride)
    size, kernel, gaps, edges, steps = [several(one, 2) for one in given]
    if len(input.shape) != 3 or min(*size, *kernel, *gaps, *steps) < 1 or min(edges) < 0:
        raise ShapeError(
            f"columns of shape {tuple(input.shape)} with sizes {size}, kernels {kernel}, strides {steps} and dilations "
            f"{gaps} don't make images"
        )
    sides = zip(size, kernel, gaps, edges, steps, strict=True)
    places = [(n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, d, p, s in sides]
    elements, count = input.shape[1:]
    if min(places) < 1 or elements % math.prod(kernel) or count != math.prod(places):
        raise ShapeError(
            f"columns of shape {tuple(input.shape)} aren't those of kernels of size {kernel} at {tuple(places)} places"
        )
    channels = elements // math.prod(kernel)
    windows = f.transpose(f.reshape(input, (input.shape[0], channels, *kernel, *places)), (0, 4, 5, 2, 3, 1))
    shape = input.shape[0], channels, *size
    return f.assemble(windows, shape=shape, kernel=kernel, stride=steps, padding=edges, dilation=gaps)
