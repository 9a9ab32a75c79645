"""The design of a net for some data: choices are checked against the data, and the scale of numbers is computed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli import limits
from gradcli.errors import UsageError
from gradcli.train.choices import HIDDEN, NetChoices, checked
from gradcli.train.model.features import check_features, featured, finite_features
from gradcli.train.model.kinds import LayerSpec
from gradcli.train.model.model import Model
from gradcli.train.model.neuron_functions import check_activation
from gradcli.train.model.objectives import OBJECTIVES, Objective, objective_named

if TYPE_CHECKING:
    from gradcli.array_types import Array, Floats
    from gradcli.train.data.rows import Data

__all__ = ["describe"]

# How many rows are looked at at a time.
ROWS = 65_536


def describe(data: Data, **given: Any) -> Model:
    """Return the net for some data.

    Args:
        data: the rows to train on.
        given: choices by name, as `NetChoices` declares them.  By default the loss is `bce` for two classes,
            `cross_entropy` for more and `mse` for a number, and there is no penalty.

    Raises:
        CallError: there is no such choice.
        UsageError: a value is out of range, choices don't fit together, or the loss doesn't fit the target.
        ExpressionError: an expression has no meaning.
    """
    net = NetChoices(**{"hidden": HIDDEN, "l2": 0.0} | checked(given, NetChoices))
    columns, labels, features = data.columns, data.labels, net.features
    loss = net.loss or ("mse" if labels is None else "bce" if len(labels) == 2 else "cross_entropy")
    outputs = checked_loss(loss, labels).outputs(None if labels is None else len(labels))
    if net.dropout and not (net.hidden or net.conv):
        raise UsageError("`dropout` is for nets with hidden layers", kind="conflicting_options", argument="dropout")
    layers = layers_of(net.hidden, net.conv, net.dropout, outputs)
    sizes = [*net.hidden, *net.conv, outputs]
    if len(layers) > limits.LAYERS or not all(1 <= size <= limits.UNITS for size in sizes):
        raise UsageError(f"a net has at most {limits.LAYERS // 3} hidden layers of 1 to {limits.UNITS} units")
    image = checked_image(data, net.conv, features)
    check_features(columns, features)
    for start in range(0, len(data) if features else 0, ROWS):
        finite_features(columns, features, data.inputs[start : start + ROWS])
    mean, scale = np.zeros(len(features or columns)), np.ones(len(features or columns))
    target_mean, target_scale = 0.0, 1.0
    if net.standardise:
        if features:
            mean, scale = standard(data.inputs, partial(featured, columns, features))
        else:
            mean, scale = standard(data.inputs) if data.image is None else standard_picture(data.inputs, data)
        if labels is None:
            means, scales = standard(data.targets[:, None])
            target_mean, target_scale = float(means[0]), float(scales[0])
    model = Model(
        columns=columns,
        encoding=data.encoding,
        features=features,
        image=image,
        layers=layers,
        activation=check_activation(net.activation),
        loss=loss,
        target=data.target,
        labels=labels,
        input_mean=tuple(mean.tolist()),
        input_scale=tuple(scale.tolist()),
        target_mean=target_mean,
        target_scale=target_scale,
        l1=net.l1,
        l2=net.l2,
    )
    if model.count > limits.PARAMETERS:
        raise UsageError(f"a net of {model.count} parameters is too large (at most {limits.PARAMETERS})")
    return model


def layers_of(hidden: Sequence[int], conv: Sequence[int], dropout: float, outputs: int) -> tuple[LayerSpec, ...]:
    """The layers of a net: convolutions, each followed by a pool, then fully connected layers.

    Args:
        hidden: the sizes of the hidden layers.
        conv: the channels of the convolutions; empty for a net without pictures.
        dropout: the share of the outputs of the convolutions and of each hidden layer that is dropped in training.

    >>> [layer.kind for layer in layers_of((16,), (), 0.0, 1)]
    ['linear', 'activation', 'linear']
    """
    dropped = [LayerSpec("dropout", dropout)] if dropout else []
    layers: list[LayerSpec] = []
    for channels in conv:
        layers += [LayerSpec("conv2d", channels), LayerSpec("activation"), LayerSpec("max_pool2d", 2)]
    if conv:
        layers += [LayerSpec("flatten"), *dropped]
    for units in hidden:
        layers += [LayerSpec("linear", units), LayerSpec("activation"), *dropped]
    return (*layers, LayerSpec("linear", outputs))


def checked_image(data: Data, conv: Sequence[int], features: Sequence[str]) -> tuple[int, int, int] | None:
    """Return (channels, height, width) of the pictures that convolutions work on; None without convolutions.

    Raises:
        UsageError: the data aren't pictures, or the pictures are too small for this many pools.
    """
    if not conv:
        return None
    if features:
        raise UsageError(
            "`features` and `conv` can't be combined: a feature isn't a pixel",
            kind="conflicting_options",
            argument=("features", "conv"),
        )
    if data.image is None:
        raise UsageError(
            f"`conv` is for pictures, and `{data.name}` has none",
            kind="conflicting_options",
            hint="for example `conv=8,16` with the data set `digits`",
            argument="conv",
        )
    channels, height, width = data.image
    most = min(height, width).bit_length() - 1
    if len(conv) > most:
        raise UsageError(
            f"{len(conv)} convolutions are too many for pictures of {height} x {width}, because each halves the "
            f"picture",
            hint=f"at most {most} of them",
        )
    return channels, height, width


def checked_loss(name: str, labels: tuple[str, ...] | None) -> Objective:
    """Return the objective of this name; refuse an objective that is unknown or doesn't fit the target."""
    loss = objective_named(name)
    if not loss.fits(labels):
        fitting = [key for key, other in OBJECTIVES.items() if other.fits(labels)]
        raise UsageError(
            f"the loss `{name}` doesn't fit a target that is a {'number' if labels is None else 'class'}",
            hint=f"use one of {', '.join(fitting)}",
        )
    return loss


def standard(values: Array, seen: Callable[[Array], Floats] | None = None) -> tuple[Floats, Floats]:
    """The mean and standard deviation of each column; a column that never changes is only shifted.

    Args:
        values: shape (rows, columns).
        seen: a function of some rows that returns the columns to describe; by default the rows themselves.  It is
            called for a part of the rows at a time, so that a long table needs no memory for a copy.
    """
    # Divide before adding, so that columns near the largest float don't overflow.
    parts = [slice(start, start + ROWS) for start in range(0, len(values), ROWS)]
    if (values if seen is None else seen(values[:1])).shape[1] == 1:
        parts = [slice(None)]  # the numbers of a single column are added pair by pair, and not one after the other

    def columns(part: slice) -> Array:
        return values[part] if seen is None else seen(values[part])

    def total(function: Callable[[Floats], Floats]) -> Floats:
        """Add up a function of the rows, one row after the other."""
        sums: Floats | None = None
        for part in parts:
            rows = function(columns(part) / largest)
            sums = np.add.reduce(rows if sums is None else np.concatenate([sums[None], rows]), axis=0)
        assert sums is not None
        return sums

    highest, lowest = (
        function([function(columns(part), axis=0) for part in parts], axis=0) for function in (np.max, np.min)
    )
    size = np.maximum(np.abs(highest), np.abs(lowest))
    largest = np.maximum(size, np.finfo(np.float64).tiny)
    mean = total(lambda rows: rows) / len(values)
    scale = np.sqrt(total(lambda rows: np.square(rows - mean)) / len(values))
    constant = scale <= 1e-14 * (size / largest)
    return mean * largest, np.where(constant, 1.0, scale * largest)


def standard_picture(values: Floats, data: Data) -> tuple[Floats, Floats]:
    """The mean and standard deviation of each channel over all its pixels, so that a dark corner stays dark."""
    assert data.image is not None
    channels, pixels = data.image[0], math.prod(data.image[1:])
    by_channel = values.reshape(len(values), channels, pixels)
    if values.dtype != np.uint8:
        mean, scale = standard(by_channel.transpose(0, 2, 1).reshape(-1, channels))
        return np.repeat(mean, pixels), np.repeat(scale, pixels)
    # Count bytes, some pictures at a time: as numbers they would take eight times the memory.
    counts = np.zeros((channels, 256))
    for start in range(0, len(values), 1024):
        for channel in range(channels):
            counts[channel] += np.bincount(by_channel[start : start + 1024, channel].ravel(), minlength=256)
    shares, levels = counts / (len(values) * pixels), np.arange(256.0)
    mean = shares @ levels
    scale = np.sqrt((shares * np.square(levels - mean[:, None])).sum(axis=1))
    return np.repeat(mean, pixels), np.repeat(np.where(scale > 0, scale, 1.0), pixels)
