"""Layers of windows that move over series and images, with PyTorch's names.

>>> from gradcli import randn
>>> Conv1d(3, 8, kernel_size=3, padding="same")(randn(2, 3, 10)).shape, AvgPool2d(2)(randn(1, 3, 4, 4)).shape
((2, 8, 10), (1, 3, 2, 2))
"""

from __future__ import annotations

from typing import Any

from gradcli.errors import UsageError
from gradcli.nn import windows
from gradcli.nn.layers import weight_and_bias
from gradcli.nn.modules import Module
from gradcli.nn.windows import Pair

__all__ = ["AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AvgPool1d", "AvgPool2d", "Conv1d", "MaxPool1d"]


class Conv1d(Module):
    """The cross-correlation of series (series, channels, length) with kernels.

    Args:
        in_channels, out_channels: the numbers of channels.
        kernel_size, stride, padding, dilation: numbers; the padding may be ``"valid"`` or ``"same"``.
        groups: the number of groups of channels; each group gets only its own part of the input.
        bias: whether there is a bias.

    Attributes:
        weight: shape (out_channels, in_channels / groups, kernel_size).
        bias: shape (out_channels,), or None.

    Raises:
        UsageError: the channels can't be divided into the groups.
    """

    _shown = ("kernel_size", "stride")

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
    ) -> None:
        if groups < 1 or in_channels % groups or out_channels % groups:
            raise UsageError(f"{in_channels} and {out_channels} channels can't be divided into {groups} groups")
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size, self.stride, self.dilation = _single(kernel_size), _single(stride), _single(dilation)
        self.padding = padding if isinstance(padding, str) else _single(padding)
        self.weight, self.bias = weight_and_bias((out_channels, in_channels // groups, *self.kernel_size), bias)

    def forward(self, x: Any) -> Any:
        """The output series.

        Raises:
            ShapeError: the shape doesn't fit.
        """
        options = (self.stride, self.padding, self.dilation, self.groups)
        return windows.conv1d(x, self.weight, self.bias, *options)

    def extra_repr(self) -> str:
        text = f"{self.in_channels}, {self.out_channels}, {super().extra_repr()}"
        for name, default in (("padding", (0,)), ("dilation", (1,)), ("groups", 1)):
            text += f", {name}={getattr(self, name)!r}" if getattr(self, name) != default else ""
        return text if self.bias is not None else text + ", bias=False"


def _single(number: Any) -> tuple[int]:
    return tuple(number) if isinstance(number, (tuple, list)) else (number,)


class MaxPool1d(Module):
    """The largest number of each window of series (series, channels, length).

    Args:
        kernel_size, stride, padding, dilation: numbers; the stride is the kernel's size by default.
        return_indices: whether to return the places of the largest numbers, too.
        ceil_mode: whether there are windows that begin inside and end outside the series.
    """

    _shown = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.dilation = padding, dilation
        self.return_indices, self.ceil_mode = return_indices, ceil_mode

    def forward(self, x: Any) -> Any:
        """The shorter series."""
        options = (self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices)
        return windows.max_pool1d(x, self.kernel_size, *options)


class AvgPool1d(Module):
    """The mean of each window of series (series, channels, length).

    Args:
        kernel_size, stride, padding: numbers; the stride is the kernel's size by default.
        ceil_mode: whether there are windows that begin inside and end outside the series.
        count_include_pad: whether the zeros of the padding count.
    """

    _shown = ("kernel_size", "stride", "padding")

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        self.kernel_size, self.stride = _single(kernel_size), _single(kernel_size if stride is None else stride)
        self.padding, self.ceil_mode, self.count_include_pad = _single(padding), ceil_mode, count_include_pad

    def forward(self, x: Any) -> Any:
        """The shorter series."""
        options = (self.stride, self.padding, self.ceil_mode, self.count_include_pad)
        return windows.avg_pool1d(x, self.kernel_size, *options)


class AvgPool2d(Module):
    """The mean of each window of images (images, channels, height, width).

    Args:
        kernel_size, stride, padding: a number for both directions, or (height, width); the stride is the kernel's size
            by default.
        ceil_mode: whether there are windows that begin inside and end outside the images.
        count_include_pad: whether the zeros of the padding count.
        divisor_override: the number to divide the sums by, in place of the number of elements.
    """

    _shown = ("kernel_size", "stride", "padding")

    def __init__(
        self,
        kernel_size: Pair,
        stride: Pair | None = None,
        padding: Pair = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.ceil_mode = padding, ceil_mode
        self.count_include_pad, self.divisor_override = count_include_pad, divisor_override

    def forward(self, x: Any) -> Any:
        """The smaller images."""
        options = (self.stride, self.padding, self.ceil_mode, self.count_include_pad, self.divisor_override)
        return windows.avg_pool2d(x, self.kernel_size, *options)


class AdaptiveAvgPool1d(Module):
    """The means of ``output_size`` parts of series of nearly the same length."""

    _shown = ("output_size",)

    def __init__(self, output_size: Any) -> None:
        self.output_size = output_size

    def forward(self, x: Any) -> Any:
        """The means."""
        return windows.adaptive_avg_pool1d(x, self.output_size)


class AdaptiveAvgPool2d(AdaptiveAvgPool1d):
    """The means of parts of images of nearly the same size; ``output_size`` is a number, or (height, width)."""

    def forward(self, x: Any) -> Any:
        """The means."""
        return windows.adaptive_avg_pool2d(x, self.output_size)
