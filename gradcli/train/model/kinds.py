"""Layers as data: what each kind makes of the shape before it, and what weights it has.

One entry of `KINDS` is one kind of layer.  A layer is its kind and at most one number; all else follows from the shape
of what comes in, (units,) or (channels, height, width), when `place` lines layers up.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

__all__ = ["KERNEL", "KINDS", "PADDING", "Kind", "Layer", "Placed", "Shape", "place"]

Shape = tuple[int, ...]

MOST_UNITS = 100_000
MOST_LAYERS = 3_000
# A convolution looks at 3 x 3 pixels and keeps the size of the picture.
KERNEL, PADDING = 3, 1


class Layer(NamedTuple):
    """A layer: a key of `KINDS`, and the number that this kind asks for (0 if it asks for none)."""

    kind: str
    size: float = 0

    def to_json(self) -> dict[str, Any]:
        """The layer as what JSON can hold.

        >>> Layer("linear", 16).to_json()
        {'kind': 'linear', 'units': 16}
        """
        name = KINDS[self.kind].size
        return {"kind": self.kind} | ({} if name is None else {name: self.size})

    @classmethod
    def from_json(cls, data: Any) -> Layer:
        """The layer from JSON of unknown origin.

        Raises:
            ValueError: with a clause that says what is wrong.
        """
        kind = data.get("kind") if isinstance(data, dict) else None
        if not isinstance(kind, str) or kind not in KINDS:
            raise ValueError("a layer is of unknown kind")
        name = KINDS[kind].size
        if set(data) != {"kind", name} - {None}:
            raise ValueError("a layer has missing or unknown fields")
        return cls(kind) if name is None else cls(kind, checked(data[name], share=name == "share"))


def checked(size: Any, share: bool) -> float:
    """The number of a layer: whole and at least 1, or a share of at least 0 and less than 1."""
    if share:
        if not isinstance(size, (int, float)) or isinstance(size, bool) or not 0 <= size < 1:
            raise ValueError("a share isn't a number from 0 to 1")
        return float(size)
    if type(size) is not int or not 1 <= size <= MOST_UNITS:
        raise ValueError("the sizes of the layers are out of range")
    return size


class Placed(NamedTuple):
    """A layer in its place.

    Attributes:
        layer: itself.
        name: of its arrays in a file, ``layers.0`` for the first with weights; empty without weights.
        inputs: the shape of one row of what comes in.
        outputs: of one row of what goes out.
        weights: the shape of its weights, (units, ...); None without weights.
        start, stop: where its parameters stand in the flat vector: unit by unit, weights and then bias.
    """

    layer: Layer
    name: str
    inputs: Shape
    outputs: Shape
    weights: Shape | None
    start: int
    stop: int

    @property
    def parameters(self) -> int:
        """The number of its parameters."""
        return self.stop - self.start


@dataclass(frozen=True)
class Kind:
    """One kind of layer.

    Args:
        about: a few words for the summary.
        outputs: ``outputs(shape, size)``, or ValueError if such a shape can't come in.
        size: what its number is called; None if it has none.
        weights: ``weights(shape, size)``; None for a kind without weights.
    """

    about: str
    outputs: Callable[[Shape, int], Shape]
    size: str | None = None
    weights: Callable[[Shape, int], Shape] | None = None


def flat(shape: Shape, what: str) -> int:
    """The units of a flat shape."""
    if len(shape) != 1:
        raise ValueError(f"{what} needs a flat input")
    return shape[0]


def picture(shape: Shape, what: str) -> Shape:
    """A shape of three extents."""
    if len(shape) != 3:
        raise ValueError(f"{what} needs a picture")
    return shape


def pooled(shape: Shape, window: int) -> Shape:
    """The shape after windows that don't overlap; what is left over at the edge is dropped."""
    channels, height, width = picture(shape, "a pool")
    if height < window or width < window:
        raise ValueError("a pool is larger than its picture")
    return channels, height // window, width // window


KINDS: dict[str, Kind] = {
    "linear": Kind(
        "linear",
        lambda shape, units: (units + 0 * flat(shape, "a linear layer"),),
        "units",
        lambda shape, units: (units, shape[0]),
    ),
    "conv2d": Kind(
        "convolution 3x3",
        lambda shape, channels: (channels, *picture(shape, "a convolution")[1:]),
        "channels",
        lambda shape, channels: (channels, shape[0], KERNEL, KERNEL),
    ),
    "max_pool2d": Kind("max pool", pooled, "window"),
    "flatten": Kind("flatten", lambda shape, _: (math.prod(shape),)),
    "activation": Kind("activation", lambda shape, _: shape),
    "dropout": Kind("dropout", lambda shape, _: shape, "share"),
}


def place(inputs: Shape, layers: Sequence[Layer]) -> list[Placed]:
    """Line layers up behind an input of some shape.

    Raises:
        ValueError: a layer can't take what the one before it gives.

    >>> [placed.outputs for placed in place((1, 8, 8), [Layer("conv2d", 4), Layer("max_pool2d", 2), Layer("flatten")])]
    [(4, 8, 8), (4, 4, 4), (64,)]
    """
    result: list[Placed] = []
    shape, start, number = inputs, 0, 0
    for layer in layers:
        kind, size = KINDS[layer.kind], int(layer.size)
        outputs = kind.outputs(shape, size)
        weights = None if kind.weights is None else kind.weights(shape, size)
        stop = start if weights is None else start + weights[0] * (math.prod(weights[1:]) + 1)
        name = "" if weights is None else f"layers.{number}"
        result.append(Placed(layer, name, shape, outputs, weights, start, stop))
        number += weights is not None
        shape, start = outputs, stop
    return result
