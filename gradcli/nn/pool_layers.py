"""Pools of series, images and volumes as layers.

A layer is written once, for any number of axes; each class says which number it has.

>>> from gradcli import randn
>>> AvgPool2d(2)(randn(1, 3, 4, 4)).shape, AdaptiveMaxPool1d(3)(randn(1, 3, 10)).shape
((1, 3, 2, 2), (1, 3, 3))
"""

from __future__ import annotations

from typing import Any, ClassVar

from gradcli.errors import UsageError
from gradcli.nn import pools
from gradcli.nn.modules import Module
from gradcli.nn.windows import Sizes, several
from gradcli.primitives.families.products import sizes

__all__ = [
    "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d", "AdaptiveMaxPool1d", "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d", "AvgPool1d", "AvgPool2d", "AvgPool3d", "FractionalMaxPool2d", "FractionalMaxPool3d",
    "LPPool1d", "LPPool2d", "LPPool3d", "MaxPool1d", "MaxPool2d", "MaxPool3d", "MaxUnpool1d", "MaxUnpool2d",
    "MaxUnpool3d",
]  # fmt: skip

# ruff: noqa: A002  (PyTorch's `input`)


class Pool(Module):
    """The base: the number of axes of a window."""

    axes: ClassVar[int]

    def _function(self, name: str) -> Any:
        return getattr(pools, f"{name}{self.axes}d")


class _MaxPool(Pool):
    _shown = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        dilation: Sizes = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        stride = kernel_size if stride is None else stride
        for numbers, what, least in ((kernel_size, "kernel", 1), (stride, "stride", 1), (padding, "padding", 0)):
            sizes(numbers, self.axes, what, least)
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding
        self.dilation, self.return_indices, self.ceil_mode = dilation, return_indices, ceil_mode

    def forward(self, input: Any) -> Any:
        """The largest numbers, and their places if they are wanted.

        Raises:
            ShapeError: the shape doesn't fit.
        """
        options = (self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices)
        return self._function("max_pool")(input, self.kernel_size, *options)


class MaxPool1d(_MaxPool):
    """The largest number of each window of series (series, channels, length).

    Args:
        kernel_size, stride, padding, dilation: numbers; the stride is the kernel's size by default.
        return_indices: whether to return the places of the largest numbers, too.
        ceil_mode: whether there are windows that begin inside and end outside the series.

    Raises:
        UsageError: an argument isn't a whole number.
    """

    axes = 1


class MaxPool2d(_MaxPool):
    """The largest number of each window of images (images, channels, height, width); see `MaxPool1d`."""

    axes = 2


class MaxPool3d(_MaxPool):
    """The largest number of each window of volumes (volumes, channels, depth, height, width); see `MaxPool1d`."""

    axes = 3


class _AvgPool(Pool):
    _shown = ("kernel_size", "stride", "padding")

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.ceil_mode = padding, ceil_mode
        self.count_include_pad, self.divisor_override = count_include_pad, divisor_override

    def forward(self, input: Any) -> Any:
        """The means."""
        options = (self.stride, self.padding, self.ceil_mode, self.count_include_pad)
        further = () if self.axes == 1 else (self.divisor_override,)
        return self._function("avg_pool")(input, self.kernel_size, *options, *further)


class AvgPool1d(_AvgPool):
    """The mean of each window of series (series, channels, length).

    Args:
        kernel_size, stride, padding: numbers; the stride is the kernel's size by default.
        ceil_mode: whether there are windows that begin inside and end outside the series.
        count_include_pad: whether the zeros of the padding count.
    """

    axes = 1

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        steps = kernel_size if stride is None else stride
        size, step, edge = [several(one, 1) for one in (kernel_size, steps, padding)]
        super().__init__(size, step, edge, ceil_mode, count_include_pad)


class AvgPool2d(_AvgPool):
    """The mean of each window of images (images, channels, height, width); see `AvgPool1d`.

    Args:
        divisor_override: the number to divide the sums by, in place of the number of elements.
    """

    axes = 2


class AvgPool3d(_AvgPool):
    """The mean of each window of volumes (volumes, channels, depth, height, width); see `AvgPool2d`."""

    axes = 3


class _LPPool(Pool):
    _shown = ("norm_type", "kernel_size", "stride", "ceil_mode")

    def __init__(
        self, norm_type: float, kernel_size: Sizes, stride: Sizes | None = None, ceil_mode: bool = False
    ) -> None:
        self.norm_type, self.kernel_size, self.stride, self.ceil_mode = norm_type, kernel_size, stride, ceil_mode

    def forward(self, input: Any) -> Any:
        """The norms."""
        options = (self.norm_type, self.kernel_size, self.stride, self.ceil_mode)
        return self._function("lp_pool")(input, *options)


class LPPool1d(_LPPool):
    """The root of the sum of powers of each window of series (series, channels, length)."""

    axes = 1


class LPPool2d(_LPPool):
    """The root of the sum of powers of each window of images (images, channels, height, width)."""

    axes = 2


class LPPool3d(_LPPool):
    """The root of the sum of powers of each window of volumes (volumes, channels, depth, height, width)."""

    axes = 3


class _AdaptiveAvgPool(Pool):
    _shown = ("output_size",)

    def __init__(self, output_size: Any) -> None:
        self.output_size = output_size

    def forward(self, input: Any) -> Any:
        """The means."""
        return self._function("adaptive_avg_pool")(input, self.output_size)


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    """The means of ``output_size`` parts of series of nearly the same size."""

    axes = 1


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    """The means of ``output_size`` parts of images of nearly the same size."""

    axes = 2


class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    """The means of ``output_size`` parts of volumes of nearly the same size."""

    axes = 3


class _AdaptiveMaxPool(Pool):
    _shown = ("output_size",)

    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        self.output_size, self.return_indices = output_size, return_indices

    def forward(self, input: Any) -> Any:
        """The largest numbers, and their places if they are wanted."""
        return self._function("adaptive_max_pool")(input, self.output_size, self.return_indices)


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """The largest numbers of ``output_size`` parts of series of nearly the same size."""

    axes = 1


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """The largest numbers of ``output_size`` parts of images of nearly the same size."""

    axes = 2


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    """The largest numbers of ``output_size`` parts of volumes of nearly the same size."""

    axes = 3


class _FractionalMaxPool(Pool):
    _shown = ("kernel_size", "output_size", "output_ratio")

    def __init__(
        self,
        kernel_size: Sizes,
        output_size: Any = None,
        output_ratio: Any = None,
        return_indices: bool = False,
        _random_samples: Any = None,
    ) -> None:
        if (output_size is None) == (output_ratio is None):
            raise UsageError("a fractional pool has either an output_size or an output_ratio")
        self.kernel_size, self.output_size, self.output_ratio = kernel_size, output_size, output_ratio
        self.return_indices = return_indices
        self.register_buffer("_random_samples", _random_samples)

    def forward(self, input: Any) -> Any:
        """The largest numbers, and their places if they are wanted."""
        options = (self.output_size, self.output_ratio, self.return_indices, self._random_samples)  # type: ignore[attr-defined]
        return self._function("fractional_max_pool")(input, self.kernel_size, *options)


class FractionalMaxPool2d(_FractionalMaxPool):
    """The largest numbers of windows of images at random distances; see
    `gradcli.nn.functional.fractional_max_pool2d`.
    """

    axes = 2


class FractionalMaxPool3d(_FractionalMaxPool):
    """The largest numbers of windows of volumes at random distances; see
    `gradcli.nn.functional.fractional_max_pool3d`.
    """

    axes = 3


class _MaxUnpool(Pool):
    _shown = ("kernel_size", "stride", "padding")

    def __init__(self, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0) -> None:
        self.kernel_size, self.stride, self.padding = kernel_size, kernel_size if stride is None else stride, padding

    def forward(self, input: Any, indices: Any, output_size: Any = None) -> Any:
        """The numbers at their places, and zeros elsewhere."""
        options = (self.stride, self.padding, output_size)
        return self._function("max_unpool")(input, indices, self.kernel_size, *options)


class MaxUnpool1d(_MaxUnpool):
    """The numbers of `MaxPool1d` at their places in series of zeros."""

    axes = 1


class MaxUnpool2d(_MaxUnpool):
    """The numbers of `MaxPool2d` at their places in images of zeros."""

    axes = 2


class MaxUnpool3d(_MaxUnpool):
    """The numbers of `MaxPool3d` at their places in volumes of zeros."""

    axes = 3
