"""Layers: one entry of `KINDS` is a whole kind of layer.

A layer of a model is a `LayerSpec`: the name of its kind and at most one number.  `place` puts layers one after the
other behind an input of some shape, and finds the shape of each.  The engines, the exporters and the table of layers
contain no list of kinds: they use the entry of a kind, and refuse a kind that they can't compute.

To add a kind, enter it into `KINDS`.  A kind that is applied to each number by itself needs only its formula::

    "double": LayerKind("double", apply=lambda layer, x: 2.0 * x, pointwise=True)

Other kinds also give the shape of one row of their outputs, and if they have weights, the shape of the weights::

    "linear": LayerKind(
        "linear",
        apply=lambda layer, x, weight, bias: f.linear(x, weight, bias),
        outputs=lambda shape, units: (units,),
        weights=lambda shape, units: (units, shape[0]),
        number=Number("units", whole),
        by_numbers=True,
    )

``apply`` is written with functions of the registry.  It runs on arrays and on `Tensor`s, (rows, ...), and, if
``pointwise`` or ``by_numbers`` is true, on `Scalars` as well: nodes of a graph, `Value`s and floats.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from gradcli import limits
from gradcli.nn.initializers import fans
from gradcli.primitives import functions as f
from gradcli.records import NamedTuple
from gradcli.train.untrusted import check_fields, refuse

__all__ = ["KINDS", "LayerKind", "LayerSpec", "Number", "Placed", "Shape", "needing_arrays", "place", "whole"]

Shape = tuple[int, ...]

# A convolution looks at 3 x 3 pixels and keeps the size of the picture.
KERNEL, PADDING = 3, 1


class LayerSpec(NamedTuple):
    """A layer of a model: a key of `KINDS`, and the number that this kind needs (0 if it needs none)."""

    kind: str
    size: float = 0

    def to_json(self) -> dict[str, Any]:
        """Return the layer as data for JSON.

        >>> LayerSpec("linear", 16).to_json()
        {'kind': 'linear', 'units': 16}
        """
        number = KINDS[self.kind].number
        return {"kind": self.kind} | ({} if number is None else {number.name: self.size})

    @classmethod
    def from_json(cls, data: Any) -> LayerSpec:
        """Read a layer from JSON of unknown origin.

        Raises:
            ValueError: something is wrong; the message says what.
        """
        kind: Any = data.get("kind") if isinstance(data, dict) else None
        refuse(not isinstance(kind, str) or kind not in KINDS, "a layer is of unknown kind")
        number = KINDS[kind].number
        check_fields(data, ["kind"] if number is None else ["kind", number.name], "a layer has")
        return cls(kind) if number is None else cls(kind, number.checked(data[number.name]))


class Number(NamedTuple):
    """The number that a kind of layer needs, such as its units.

    Attributes:
        name: its name in a file.
        checked: a function that returns a value of unknown origin if it is valid, or raises ValueError.
    """

    name: str
    checked: Callable[[Any], float]


def whole(size: Any) -> float:
    """Return a whole number of at least 1, or raise ValueError."""
    refuse(type(size) is not int or not 1 <= size <= limits.UNITS, "the sizes of the layers are out of range")
    return size  # type: ignore[no-any-return]


def share(size: Any) -> float:
    """Return a share of at least 0 and less than 1, or raise ValueError."""
    refuse(type(size) not in (int, float) or not 0 <= size < 1, "a share isn't a number from 0 to 1")
    return float(size)


@dataclass(frozen=True)
class LayerKind:
    """The declaration of a kind of layer: how it computes, and what it needs.

    Args:
        title: its name in the table of layers; a template in which ``{size}`` is the layer's own number, such as
            its units, and ``{activation}`` the activation of the net.
        apply: ``apply(layer, x)``, or ``apply(layer, x, weight, bias)`` for a kind with weights: returns the outputs
            for some rows.  ``layer`` is the `Placed` layer.
        outputs: ``outputs(shape, size)``: the shape of one row of the outputs, or a ValueError if the shape of the
            inputs doesn't fit; by default the shape doesn't change.
        weights: ``weights(shape, size)``: the shape of the weights, (units, ...); None for a kind without weights.  A
            kind with weights has a bias for each unit as well.
        number: the name and the check of its number; None if the kind has no number.
        pointwise: whether ``apply`` treats each number by itself; then the layer is exported as a formula.
        by_numbers: whether ``apply`` runs on `Scalars` although it isn't pointwise.
        is_random: whether ``apply`` takes one more operand in training: a factor for each output, 0 or 1/(1 - size).
        scale: ``scale(weights)``: how many inputs one output has, and how many outputs one input has; initialisers
            compute the scale of the weights from these.
        scratch: ``scratch(shape)``: how many more numbers the computation of one row keeps in memory.
        prefix: a text before the number of its units in the outline of a net.
        plural: the word for several such layers in messages; by default "`NAME` layers".
    """

    title: str
    apply: Callable[..., Any]
    outputs: Callable[[Shape, int], Shape] = lambda shape, _: shape
    weights: Callable[[Shape, int], Shape] | None = None
    number: Number | None = None
    pointwise: bool = False
    by_numbers: bool = False
    is_random: bool = False
    scale: Callable[[Shape], tuple[int, int]] = fans
    scratch: Callable[[Shape], int] = lambda _: 0
    prefix: str = ""
    plural: str | None = None


class Placed(NamedTuple):
    """A layer in its place in a net.

    Called with some rows, and with its weights if it has weights, it returns the outputs.

    Attributes:
        spec: its kind and number.
        name: the name of its arrays in a file, ``layers.0`` for the first layer with weights; empty without weights.
        inputs: the shape of one row of its inputs.
        outputs: the shape of one row of its outputs.
        weights: the shape of its weights, (units, ...); None without weights.
        start, stop: the part of the flat vector that holds its parameters: unit by unit, weights and then bias.
        activation: the activation of the net.
    """

    spec: LayerSpec
    name: str
    inputs: Shape
    outputs: Shape
    weights: Shape | None
    start: int
    stop: int
    activation: Any

    @property
    def kind(self) -> LayerKind:
        """The entry of `KINDS`."""
        return KINDS[self.spec.kind]

    @property
    def size(self) -> int:
        """The number of the layer if it is a whole number."""
        return int(self.spec.size)

    def __call__(self, x: Any, *operands: Any) -> Any:
        """The outputs for some rows.

        Args:
            x: the inputs: an array, a `Tensor` or `Scalars`.
            operands: weights and biases if the layer has them, then the factors of a random layer in training.
        """
        return self.kind.apply(self, x, *operands)


def units_of(shape: Shape, units: int) -> Shape:
    """Return the shape of the outputs of a linear layer, or raise ValueError."""
    refuse(len(shape) != 1, "a linear layer needs a flat input")
    return (units,)


def picture(shape: Shape, what: str) -> Shape:
    """Return the shape of a picture, which has three numbers, or raise ValueError."""
    refuse(len(shape) != 3, f"{what} needs a picture")
    return shape


def pooled(shape: Shape, window: int) -> Shape:
    """Return the shape of a picture after a pool with windows that don't overlap; an incomplete window is left out."""
    channels, height, width = picture(shape, "a pool")
    refuse(height < window or width < window, "a pool is larger than its picture")
    return channels, height // window, width // window


KINDS: dict[str, LayerKind] = {
    "linear": LayerKind(
        "linear",
        apply=lambda layer, x, weight, bias: f.linear(x, weight, bias),
        outputs=units_of,
        weights=lambda shape, units: (units, shape[0]),
        number=Number("units", whole),
        by_numbers=True,
    ),
    "conv2d": LayerKind(
        "convolution 3x3",
        apply=lambda layer, x, weight, bias: f.conv2d(x, weight, bias, padding=PADDING),
        outputs=lambda shape, channels: (channels, *picture(shape, "a convolution")[1:]),
        weights=lambda shape, channels: (channels, shape[0], KERNEL, KERNEL),
        number=Number("channels", whole),
        # It unfolds its picture into one number for each weight that looks at a pixel.
        scratch=lambda shape: math.prod(shape) * KERNEL**2,
        prefix="conv",
        plural="convolutions",
    ),
    "max_pool2d": LayerKind(
        "max pool {size}x{size}",
        apply=lambda layer, x: f.max_pool2d(x, layer.size),
        outputs=pooled,
        number=Number("window", whole),
    ),
    "flatten": LayerKind(
        "flatten",
        apply=lambda layer, x: f.flatten(x, 1),
        outputs=lambda shape, _: (math.prod(shape),),
        by_numbers=True,
    ),
    "activation": LayerKind("{activation}", apply=lambda layer, x: layer.activation(x), pointwise=True),
    "dropout": LayerKind(
        "dropout {size:g}",
        apply=lambda layer, x, factors=None: x if factors is None else x * factors,
        number=Number("share", share),
        pointwise=True,
        is_random=True,
    ),
}


def place(inputs: Shape, layers: Iterable[LayerSpec], activation: Any = None) -> list[Placed]:
    """Put layers one after the other behind an input of some shape, and find the shape of each.

    Args:
        activation: the activation of the net.

    Raises:
        ValueError: a layer can't take the outputs of the one before it.

    >>> layers = [LayerSpec("conv2d", 4), LayerSpec("max_pool2d", 2), LayerSpec("flatten")]
    >>> [placed.outputs for placed in place((1, 8, 8), layers)]
    [(4, 8, 8), (4, 4, 4), (64,)]
    """
    result: list[Placed] = []
    shape, start, number = inputs, 0, 0
    for spec in layers:
        kind, size = KINDS[spec.kind], int(spec.size)
        outputs = kind.outputs(shape, size)
        weights = None if kind.weights is None else kind.weights(shape, size)
        stop = start if weights is None else start + weights[0] * (math.prod(weights[1:]) + 1)
        name = "" if weights is None else f"layers.{number}"
        result.append(Placed(spec, name, shape, outputs, weights, start, stop, activation))
        number += weights is not None
        shape, start = outputs, stop
    return result


def needing_arrays(layers: Sequence[Placed]) -> str | None:
    """Name the first kind of layer that can't be computed number by number; None if all layers can be.

    >>> needing_arrays(place((1, 8, 8), [LayerSpec("conv2d", 4)]))
    'convolutions'
    """
    for placed in layers:
        if not (placed.kind.pointwise or placed.kind.by_numbers):
            return placed.kind.plural or f"`{placed.spec.kind}` layers"
    return None
