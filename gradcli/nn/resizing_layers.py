"""Borders and other sizes of series, images and volumes as layers, and channels as pixels.

>>> from gradcli import ones
>>> ReflectionPad1d(1)(ones(1, 1, 3)).shape, Upsample(scale_factor=2)(ones(1, 1, 2, 2)).shape
((1, 1, 5), (1, 1, 4, 4))
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from gradcli.errors import ShapeError, UsageError
from gradcli.nn import resizing
from gradcli.nn.modules import Module
from gradcli.primitives import functions as f

__all__ = [
    "ChannelShuffle", "CircularPad1d", "CircularPad2d", "CircularPad3d", "ConstantPad1d", "ConstantPad2d",
    "ConstantPad3d", "PixelShuffle", "PixelUnshuffle", "ReflectionPad1d", "ReflectionPad2d", "ReflectionPad3d",
    "ReplicationPad1d", "ReplicationPad2d", "ReplicationPad3d", "Unflatten", "Upsample", "UpsamplingBilinear2d",
    "UpsamplingNearest2d", "ZeroPad1d", "ZeroPad2d", "ZeroPad3d",
]  # fmt: skip

# ruff: noqa: A002  (PyTorch's `input`)


class Border(Module):
    """The base of borders: their mode, and the number of axes that have one.

    Args:
        padding: one width for all sides; or the widths before and after the last axis, then before and after the axis
            in front of it, and so on.
    """

    axes: ClassVar[int]
    mode: ClassVar[str] = "constant"
    value: float | None = None
    _shown = ("padding",)

    def __init__(self, padding: int | Sequence[int]) -> None:
        self.padding = (padding,) * (2 * self.axes) if isinstance(padding, int) else tuple(padding)

    def forward(self, input: Any) -> Any:
        """The input with a border.

        Raises:
            ShapeError: the input has another number of axes, or the border doesn't fit.
        """
        if self.mode != "constant" and len(input.shape) not in (self.axes + 1, self.axes + 2):
            raise ShapeError(
                f"{type(self).__name__} takes inputs with {self.axes + 1} or {self.axes + 2} axes, not of shape "
                f"{tuple(input.shape)}"
            )
        return resizing.pad(input, self.padding, self.mode, self.value)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class _Constant(Border):
    def __init__(self, padding: int | Sequence[int], value: float) -> None:
        super().__init__(padding)
        self.value = value

    def extra_repr(self) -> str:
        return f"padding={self.padding}, value={self.value}"


class _Zeros(Border):
    value = 0.0


class _Reflection(Border):
    mode = "reflect"


class _Replication(Border):
    mode = "replicate"


class _Circular(Border):
    mode = "circular"


class ConstantPad1d(_Constant):
    """A border of one number around series."""

    axes = 1


class ConstantPad2d(_Constant):
    """A border of one number around images."""

    axes = 2


class ConstantPad3d(_Constant):
    """A border of one number around volumes."""

    axes = 3


class ZeroPad1d(_Zeros):
    """A border of zeros around series."""

    axes = 1


class ZeroPad2d(_Zeros):
    """A border of zeros around images."""

    axes = 2


class ZeroPad3d(_Zeros):
    """A border of zeros around volumes."""

    axes = 3


class ReflectionPad1d(_Reflection):
    """A border in which series are reflected."""

    axes = 1


class ReflectionPad2d(_Reflection):
    """A border in which images are reflected."""

    axes = 2


class ReflectionPad3d(_Reflection):
    """A border in which volumes are reflected."""

    axes = 3


class ReplicationPad1d(_Replication):
    """A border in which the edges of series are repeated."""

    axes = 1


class ReplicationPad2d(_Replication):
    """A border in which the edges of images are repeated."""

    axes = 2


class ReplicationPad3d(_Replication):
    """A border in which the edges of volumes are repeated."""

    axes = 3


class CircularPad1d(_Circular):
    """A border in which series go on from the other end."""

    axes = 1


class CircularPad2d(_Circular):
    """A border in which images go on from the other end."""

    axes = 2


class CircularPad3d(_Circular):
    """A border in which volumes go on from the other end."""

    axes = 3


class Upsample(Module):
    """Series, images or volumes in another size; see `gradcli.nn.functional.interpolate`.

    Args:
        size: the size of the result; or
        scale_factor: the factor of the size.
        mode: ``"nearest"``, ``"linear"``, ``"bilinear"``, ``"bicubic"`` or ``"trilinear"``.
        align_corners: whether the centres of the first and last elements stay in place.
        recompute_scale_factor: whether the distances follow from the sizes.
    """

    def __init__(
        self,
        size: Any = None,
        scale_factor: Any = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:
        self.size, self.scale_factor, self.mode = size, scale_factor, mode
        self.align_corners, self.recompute_scale_factor = align_corners, recompute_scale_factor

    def forward(self, input: Any) -> Any:
        """The result in its new size."""
        options = (self.mode, self.align_corners, self.recompute_scale_factor)
        return resizing.interpolate(input, self.size, self.scale_factor, *options)

    def extra_repr(self) -> str:
        which = "size" if self.scale_factor is None else "scale_factor"
        return f"{which}={getattr(self, which)}, mode={self.mode!r}"


class UpsamplingNearest2d(Upsample):
    """Images in another size, with the nearest pixels."""

    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        super().__init__(size, scale_factor)


class UpsamplingBilinear2d(Upsample):
    """Images in another size, with straight lines between pixels, the corners in place."""

    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        super().__init__(size, scale_factor, "bilinear", True)


class PixelShuffle(Module):
    """Channels as pixels: (..., channels r^2, height, width) to (..., channels, height r, width r)."""

    _shown = ("upscale_factor",)

    def __init__(self, upscale_factor: int) -> None:
        self.upscale_factor = upscale_factor

    def forward(self, input: Any) -> Any:
        """The larger images."""
        return resizing.pixel_shuffle(input, self.upscale_factor)


class PixelUnshuffle(Module):
    """Pixels as channels: (..., channels, height r, width r) to (..., channels r^2, height, width)."""

    _shown = ("downscale_factor",)

    def __init__(self, downscale_factor: int) -> None:
        self.downscale_factor = downscale_factor

    def forward(self, input: Any) -> Any:
        """The smaller images."""
        return resizing.pixel_unshuffle(input, self.downscale_factor)


class ChannelShuffle(Module):
    """The channels of all groups in turn; see `gradcli.nn.functional.channel_shuffle`."""

    _shown = ("groups",)

    def __init__(self, groups: int) -> None:
        self.groups = groups

    def forward(self, input: Any) -> Any:
        """The same channels in another order."""
        return resizing.channel_shuffle(input, self.groups)


class Unflatten(Module):
    """One axis split into several.

    Args:
        dim: the axis.
        unflattened_size: the lengths of the new axes; one of them may be -1.

    Raises:
        UsageError: the lengths aren't whole numbers.
    """

    _shown = ("dim", "unflattened_size")

    def __init__(self, dim: int, unflattened_size: Sequence[int]) -> None:
        if not all(isinstance(one, int) for one in unflattened_size):
            raise UsageError(f"the lengths of axes are whole numbers, not {unflattened_size!r}")
        self.dim, self.unflattened_size = dim, tuple(unflattened_size)

    def forward(self, input: Any) -> Any:
        """The same numbers with more axes."""
        axis = self.dim % len(input.shape)
        return f.reshape(input, (*input.shape[:axis], *self.unflattened_size, *input.shape[axis + 1 :]))
