"""Borders, other sizes of images, and channels as pixels; `gradcli.nn.functional` has these functions, too.

>>> from gradcli import tensor
>>> interpolate(tensor([[[0.0, 1.0]]]), 4, mode="linear").tolist()
[[[0.0, 0.25, 0.75, 1.0]]]
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

from gradcli.errors import NoSuchModeError, ShapeError, UsageError
from gradcli.nn import pools
from gradcli.nn.windows import several
from gradcli.primitives import functions as f
from gradcli.primitives.backends import backend_of

__all__ = [
    "channel_shuffle", "interpolate", "pad", "pixel_shuffle", "pixel_unshuffle", "upsample", "upsample_bilinear",
    "upsample_nearest",
]  # fmt: skip

# ruff: noqa: A001, A002  (PyTorch's `input`)


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
        most = {"reflect": length - 1, "circular": length}.get(mode)
        if most is not None and max(before, after) > most:
            raise ShapeError(f"a border of {max(before, after)} is too wide for an axis of length {length}")
        if before + after + length < 0:
            raise ShapeError(f"an axis of length {length} can't be cut by {before} and {after}")
        places = np.arange(-before, length + after)
        if mode == "replicate":
            places = places.clip(0, length - 1)
        elif mode == "circular":
            # A negative width cuts first, so that what is cut off doesn't come back at the other end.
            kept = np.arange(max(0, -before), length - max(0, -after))
            places = kept[np.arange(-max(0, before), len(kept) + max(0, after)) % len(kept)] if len(kept) else kept
        else:
            places = np.abs(places)
            places = np.where(places >= length, 2 * (length - 1) - places, places)
        input = f.index(input, (*(slice(None),) * axis, places))
    return input


#: Mode -> the numbers of axes that it has.
_MODES: Final = {
    "nearest": (1, 2, 3), "nearest-exact": (1, 2, 3), "area": (1, 2, 3), "linear": (1,), "bilinear": (2,),
    "bicubic": (2,), "trilinear": (3,),
}  # fmt: skip


#: The modes that choose elements, which may be whole numbers.
_OF_WHOLE_NUMBERS: Final = ("nearest", "nearest-exact")


def interpolate(
    input: Any,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Any:
    """Series, images or volumes in another size.

    Args:
        input: shape (rows, channels, length), (rows, channels, height, width) or (rows, channels, depth, height,
            width).
        size: the size of the result: a number for all directions, or one for each; or
        scale_factor: the factor of the size, or one for each direction.
        mode: ``"nearest"``, ``"nearest-exact"``, ``"linear"`` for series, ``"bilinear"`` or ``"bicubic"`` (Keys, 1981)
            for images, ``"trilinear"`` for volumes, or ``"area"`` for means.
        align_corners: whether the centres, and not the outer edges, of the first and last elements stay in place.
        recompute_scale_factor: whether the distances follow from the sizes, and not from ``scale_factor``.
        antialias: whether ``"bilinear"`` and ``"bicubic"`` take means where the result is smaller.

    Raises:
        UsageError: the arguments don't fit together.
        ShapeError: the input has another number of axes.
    """
    axes = len(input.shape) - 2
    if mode not in (*_OF_WHOLE_NUMBERS, "area") and "float" not in str(getattr(input, "dtype", "float")):
        raise NoSuchModeError(f"{mode} computes means of floats; use float() of whole numbers, and round")
    if mode not in _MODES:
        raise NoSuchModeError(f"the mode is one of {', '.join(_MODES)}, not {mode!r}")
    if axes not in _MODES[mode]:
        raise NoSuchModeError(f"{mode} doesn't take an input of shape {tuple(input.shape)}")
    if align_corners is not None and mode in ("nearest", "nearest-exact", "area"):
        raise UsageError(f"align_corners has no meaning for {mode}")
    if (size is None) == (scale_factor is None):
        raise UsageError("interpolate takes either a size or a scale_factor")
    if antialias and mode not in ("bilinear", "bicubic"):
        raise UsageError("antialias is for bilinear and bicubic")
    if recompute_scale_factor and size is not None:
        raise UsageError("recompute_scale_factor needs a scale_factor")
    lengths = tuple(input.shape[2:])
    factors: Sequence[float | None] = (None,) * axes
    if size is None:
        given = several(scale_factor, axes)
        if len(given) != axes:
            raise UsageError(f"{len(given)} scale factors don't fit {axes} axes")
        sizes = [math.floor(length * factor) for length, factor in zip(lengths, given, strict=True)]
        if not recompute_scale_factor:
            factors = given
    else:
        sizes = list(several(size, axes))
        if len(sizes) != axes:
            raise UsageError(f"{len(sizes)} sizes don't fit {axes} axes")
    if min(sizes) < 1 or not all(lengths):
        raise ShapeError(f"an input of shape {tuple(input.shape)} can't get the size {tuple(sizes)}")
    if mode == "area":
        return (pools.adaptive_avg_pool1d, pools.adaptive_avg_pool2d, pools.adaptive_avg_pool3d)[axes - 1](input, sizes)
    for axis, (length, count, factor) in enumerate(zip(lengths, sizes, factors, strict=True), 2):
        if mode.startswith("nearest"):
            places = _nearest(length, count, factor, 0.5 if mode == "nearest-exact" else 0.0)
            input = f.index(input, (*(slice(None),) * axis, places))
        else:
            input = _along(input, axis, _matrix(length, count, factor, mode, bool(align_corners), antialias))
    return input


def _nearest(length: int, count: int, factor: float | None, shift: float) -> Any:
    """The place of each of ``count`` numbers in an axis."""
    import numpy as np

    step = np.float32(1.0 / factor if factor else length / count)
    return np.minimum(np.floor((np.arange(count, dtype=np.float32) + np.float32(shift)) * step), length - 1).astype(int)


def _cubic(x: Any, a: float) -> Any:
    """The piecewise cubic weight at a distance (Keys, 1981)."""
    import numpy as np

    x = np.abs(x)
    near = ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0
    far = (((x - 5.0) * x + 8.0) * x - 4.0) * a
    return np.where(x <= 1.0, near, np.where(x < 2.0, far, 0.0))


def _matrix(length: int, count: int, factor: float | None, mode: str, align_corners: bool, antialias: bool) -> Any:
    """The weights of the elements of an axis in each number of the result, shape (count, length)."""
    import numpy as np

    if align_corners:
        step = (length - 1) / (count - 1) if count > 1 else 0.0
    else:
        step = 1.0 / factor if factor else length / count
    rows = np.arange(count)
    matrix = np.zeros((count, length))
    if antialias:
        wide, a = max(step, 1.0), -0.5
        reach = (2.0 if mode == "bicubic" else 1.0) * wide
        centres = step * (rows + 0.5)
        first = np.maximum((centres - reach + 0.5).astype(int), 0)
        last = np.minimum((centres + reach + 0.5).astype(int), length)
        distances = (np.arange(length) - centres[:, None] + 0.5) / wide
        weights = _cubic(distances, a) if mode == "bicubic" else np.maximum(1.0 - np.abs(distances), 0.0)
        inside = (np.arange(length) >= first[:, None]) & (np.arange(length) < last[:, None])
        weights = np.where(inside, weights, 0.0)
        return weights / weights.sum(1, keepdims=True)
    centres = step * rows if align_corners else step * (rows + 0.5) - 0.5
    if mode == "bicubic":
        whole = np.floor(centres).astype(int)
        for tap in range(-1, 3):
            weights = _cubic(centres - whole - tap, -0.75)
            np.add.at(matrix, (rows, np.clip(whole + tap, 0, length - 1)), weights)
        return matrix
    centres = np.maximum(centres, 0.0)
    whole = np.minimum(centres.astype(int), length - 1)
    share = np.clip(centres - whole, 0.0, 1.0)
    np.add.at(matrix, (rows, whole), 1.0 - share)
    np.add.at(matrix, (rows, np.minimum(whole + 1, length - 1)), share)
    return matrix


def _along(input: Any, axis: int, matrix: Any) -> Any:
    """The product with a matrix along an axis."""
    backend = backend_of(getattr(input, "array", input))
    weights = backend.asarray(matrix.T.astype(str(input.dtype).rpartition(".")[2]))
    last = len(input.shape) - 1
    order = [*range(axis), *range(axis + 1, last + 1), axis]
    back = [*range(axis), last, *range(axis, last)]
    found = f.matmul(input if axis == last else f.transpose(input, order), weights)
    return found if axis == last else f.transpose(found, back)


def upsample(
    input: Any, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool | None = None
) -> Any:
    """Another name of `interpolate`."""
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input: Any, size: Any = None, scale_factor: Any = None) -> Any:
    """`interpolate` with the nearest elements."""
    return interpolate(input, size, scale_factor)


def upsample_bilinear(input: Any, size: Any = None, scale_factor: Any = None) -> Any:
    """`interpolate` of images with straight lines, the corners in place."""
    return interpolate(input, size, scale_factor, "bilinear", True)


def _split_channels(input: Any, least: int, what: str, fits: Callable[..., bool]) -> tuple[int, ...]:
    shape = tuple(input.shape)
    if len(shape) < least or not fits(shape):
        raise ShapeError(f"an input of shape {shape} can't be {what}")
    return shape


def pixel_shuffle(input: Any, upscale_factor: int) -> Any:
    """Channels as pixels: (..., channels r^2, height, width) to (..., channels, height r, width r) (Shi et al., 2016).

    Args:
        upscale_factor: r.

    Raises:
        ShapeError: the channels aren't a multiple of r^2.
    """
    r = upscale_factor
    what = f"shuffled by a factor of {r}"
    *rows, channels, height, width = _split_channels(input, 3, what, lambda shape: r > 0 and not shape[-3] % (r * r))
    split = f.reshape(input, (*rows, channels // (r * r), r, r, height, width))
    n = len(rows)
    order = (*range(n), n, n + 3, n + 1, n + 4, n + 2)
    return f.reshape(f.transpose(split, order), (*rows, channels // (r * r), height * r, width * r))


def pixel_unshuffle(input: Any, downscale_factor: int) -> Any:
    """Pixels as channels: (..., channels, height r, width r) to (..., channels r^2, height, width).

    Args:
        downscale_factor: r.

    Raises:
        ShapeError: height or width aren't multiples of r.
    """
    r = downscale_factor
    what = f"unshuffled by a factor of {r}"
    *rows, channels, height, width = _split_channels(
        input, 3, what, lambda shape: r > 0 and not shape[-1] % r and not shape[-2] % r
    )
    split = f.reshape(input, (*rows, channels, height // r, r, width // r, r))
    n = len(rows)
    order = (*range(n), n, n + 2, n + 4, n + 1, n + 3)
    return f.reshape(f.transpose(split, order), (*rows, channels * r * r, height // r, width // r))


def channel_shuffle(input: Any, groups: int) -> Any:
    """The channels of all groups in turn: the first of each group, then the second of each, and so on.

    Args:
        input: shape (rows, channels, ...).
        groups: the number of groups.

    Raises:
        ShapeError: the channels can't be divided into the groups.
    """
    what = f"divided into {groups} groups of channels"
    shape = _split_channels(input, 3, what, lambda shape: groups > 0 and not shape[1] % groups)
    split = f.reshape(input, (shape[0], groups, shape[1] // groups, *shape[2:]))
    return f.reshape(f.transpose(split, (0, 2, 1, *range(3, len(shape) + 1))), shape)
