"""Convolutions of series, images and volumes as layers, their transposes, and windows as columns.

A layer is written once, for any number of axes; each class says which number it has.

>>> from gradcli import randn
>>> Conv1d(3, 8, kernel_size=3, padding="same")(randn(2, 3, 10)).shape, Conv2d(3, 8, 3)(randn(2, 3, 5, 5)).shape
((2, 8, 10), (2, 8, 3, 3))
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from gradcli.errors import UsageError
from gradcli.nn import windows
from gradcli.nn.layers import placed, weight_and_bias, whole
from gradcli.nn.modules import Module
from gradcli.nn.resizing import pad
from gradcli.nn.windows import Sizes
from gradcli.primitives.families.products import sizes

__all__ = [
    "Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d", "Fold", "Unfold",
]  # fmt: skip

# ruff: noqa: A002  (PyTorch's `input`)


class Convolution(Module):
    """The base of convolutions and their transposes: the numbers, a weight and a bias.

    Attributes:
        axes: the number of axes that a kernel has.
    """

    axes: ClassVar[int]
    _shown = ("kernel_size", "stride")

    def _prepare(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any,
        padding: Any,
        dilation: Any,
        groups: int,
        padding_mode: str,
        bias: bool,
        transposed: bool,
    ) -> None:
        whole(in_channels=in_channels, out_channels=out_channels)
        if groups < 1 or in_channels % groups or out_channels % groups:
            raise UsageError(f"{in_channels} and {out_channels} channels can't be divided into {groups} groups")
        if isinstance(padding, str) and padding not in ("same", "valid"):
            raise UsageError(f"a padding is 'valid' or 'same' or numbers, not {padding!r}")
        modes = ("zeros",) if transposed else ("zeros", "reflect", "replicate", "circular")
        if padding_mode not in modes:
            raise UsageError(f"the padding_mode is {' or '.join(modes)}, not {padding_mode!r}")
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size = sizes(kernel_size, self.axes, "kernel", 1)
        self.stride = sizes(stride, self.axes, "stride", 1)
        self.dilation = sizes(dilation, self.axes, "dilation", 1)
        self.padding = padding if isinstance(padding, str) else sizes(padding, self.axes, "padding", 0)
        self.padding_mode = padding_mode
        if self.padding == "same" and max(self.stride) > 1:
            raise UsageError("the padding 'same' has no stride")
        first, second = (in_channels, out_channels) if transposed else (out_channels, in_channels)
        self.weight, self.bias = weight_and_bias((first, second // groups, *self.kernel_size), bias, out_channels)

    def extra_repr(self) -> str:
        text = f"{self.in_channels}, {self.out_channels}, {super().extra_repr()}"
        none, ones = (0,) * self.axes, (1,) * self.axes
        defaults = {"padding": none, "output_padding": none, "dilation": ones, "groups": 1}
        for name, default in defaults.items():
            found = getattr(self, name, default)
            text += f", {name}={found!r}" if found != default else ""
        text += "" if self.bias is not None else ", bias=False"
        return text if self.padding_mode == "zeros" else f"{text}, padding_mode={self.padding_mode}"


class _Conv(Convolution):
    @placed
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes | str = 0,
        dilation: Sizes = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
    ) -> None:
        options = (kernel_size, stride, padding, dilation, groups, padding_mode, bias)
        self._prepare(in_channels, out_channels, *options, transposed=False)

    def forward(self, input: Any) -> Any:
        """The output.

        Raises:
            ShapeError: the shape doesn't fit.
        """
        function = (windows.conv1d, windows.conv2d, windows.conv3d)[self.axes - 1]
        x, edges = input, self.padding
        if self.padding_mode != "zeros":
            x, edges = pad(input, self._widths(), self.padding_mode), (0,) * self.axes
        return function(x, self.weight, self.bias, self.stride, edges, self.dilation, self.groups)

    def _widths(self) -> list[int]:
        """The widths of the border, in the order of `pad`."""
        found: list[int] = []
        for axis in reversed(range(self.axes)):
            if isinstance(self.padding, str):
                both = self.dilation[axis] * (self.kernel_size[axis] - 1) if self.padding == "same" else 0
                found += [both // 2, both - both // 2]
            else:
                found += [self.padding[axis]] * 2
        return found


class Conv1d(_Conv):
    """The cross-correlation of series (series, channels, length) with kernels.

    Args:
        in_channels, out_channels: the numbers of channels.
        kernel_size, stride, padding, dilation: numbers; the padding may be ``"valid"`` or ``"same"``.
        groups: the number of groups of channels; each group gets only its own part of the input.
        bias: whether there is a bias.
        padding_mode: what the padding has: ``"zeros"``, ``"reflect"``, ``"replicate"`` or ``"circular"``.

    Attributes:
        weight: shape (out_channels, in_channels / groups, kernel_size).
        bias: shape (out_channels,), or None.

    Raises:
        UsageError: a size isn't a whole number, or the channels can't be divided into the groups.
    """

    axes = 1


class Conv2d(_Conv):
    """The cross-correlation of images (images, channels, height, width) with kernels.

    The arguments are those of `Conv1d`; a size is a number for both directions, or (height, width).

    Raises:
        UsageError: a size isn't a whole number, or the channels can't be divided into the groups.

    >>> from gradcli import zeros
    >>> Conv2d(3, 8, kernel_size=3, padding=1)(zeros(1, 3, 5, 5)).shape
    (1, 8, 5, 5)
    """

    axes = 2


class Conv3d(_Conv):
    """The cross-correlation of volumes (volumes, channels, depth, height, width) with kernels; see `Conv1d`."""

    axes = 3


class _ConvTranspose(Convolution):
    @placed
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes = 0,
        output_padding: Sizes = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Sizes = 1,
        padding_mode: str = "zeros",
    ) -> None:
        options = (kernel_size, stride, padding, dilation, groups, padding_mode, bias)
        self._prepare(in_channels, out_channels, *options, transposed=True)
        self.output_padding = sizes(output_padding, self.axes, "padding of the output", 0)

    def forward(self, input: Any, output_size: Sequence[int] | None = None) -> Any:
        """The output.

        Args:
            input: shape (rows, in_channels, ...) or (in_channels, ...).
            output_size: the lengths of the axes of the output, in place of ``output_padding``.

        Raises:
            ShapeError: the shape doesn't fit.
            UsageError: the output can't have this size.
        """
        functions = (windows.conv_transpose1d, windows.conv_transpose2d, windows.conv_transpose3d)
        more = self.output_padding if output_size is None else self._more(tuple(input.shape), output_size)
        options: Any = (self.stride, self.padding, more, self.groups, self.dilation)
        return functions[self.axes - 1](input, self.weight, self.bias, *options)

    def _more(self, shape: tuple[int, ...], output_size: Sequence[int]) -> tuple[int, ...]:
        """The padding of the output for a size."""
        wanted, lengths = tuple(output_size)[-self.axes :], shape[-self.axes :]
        assert not isinstance(self.padding, str)
        sides = zip(lengths, self.stride, self.padding, self.dilation, self.kernel_size, strict=True)
        least = [(n - 1) * s - 2 * p + d * (k - 1) + 1 for n, s, p, d, k in sides]
        more = tuple([size - one for size, one in zip(wanted, least, strict=True)])
        if any(not 0 <= one < step for one, step in zip(more, self.stride, strict=True)):
            raise UsageError(f"an output of size {wanted} isn't from {tuple(least)} up to the stride more")
        return more


class ConvTranspose1d(_ConvTranspose):
    """The transpose of `Conv1d`: each number of a series adds a kernel to the result.

    Args:
        in_channels, out_channels: the numbers of channels.
        kernel_size, stride, dilation: those of the convolution.
        padding: how much of the result is cut off at each side.
        output_padding: how much less is cut off at the end.
        groups: the number of groups of channels.
        bias: whether there is a bias.
        padding_mode: ``"zeros"``.

    Attributes:
        weight: shape (in_channels, out_channels / groups, kernel_size).
        bias: shape (out_channels,), or None.

    Raises:
        UsageError: a size isn't a whole number, or the channels can't be divided into the groups.
    """

    axes = 1


class ConvTranspose2d(_ConvTranspose):
    """The transpose of `Conv2d`, for images (images, channels, height, width); see `ConvTranspose1d`."""

    axes = 2


class ConvTranspose3d(_ConvTranspose):
    """The transpose of `Conv3d`, for volumes (volumes, channels, depth, height, width); see `ConvTranspose1d`."""

    axes = 3


class Unfold(Module):
    """The windows of images as columns; see `gradcli.nn.functional.unfold`."""

    _shown = ("kernel_size", "dilation", "padding", "stride")

    def __init__(self, kernel_size: Sizes, dilation: Sizes = 1, padding: Sizes = 0, stride: Sizes = 1) -> None:
        self.kernel_size, self.dilation, self.padding, self.stride = kernel_size, dilation, padding, stride

    def forward(self, input: Any) -> Any:
        """The columns."""
        return windows.unfold(input, self.kernel_size, self.dilation, self.padding, self.stride)


class Fold(Module):
    """Images from columns; see `gradcli.nn.functional.fold`."""

    _shown = ("output_size", "kernel_size", "dilation", "padding", "stride")

    def __init__(
        self, output_size: Sizes, kernel_size: Sizes, dilation: Sizes = 1, padding: Sizes = 0, stride: Sizes = 1
    ) -> None:
        self.output_size, self.kernel_size = output_size, kernel_size
        self.dilation, self.padding, self.stride = dilation, padding, stride

    def forward(self, input: Any) -> Any:
        """The images."""
        options = (self.kernel_size, self.dilation, self.padding, self.stride)
        return windows.fold(input, self.output_size, *options)
