"""What a net is: everything that turns a row of a table into a prediction, except the parameters.

`Model` is plain data that survives JSON: layers, functions by name or as formulas, and the meaning of inputs and
outputs.  The parameters stand beside it as one flat vector: layer by layer, unit by unit, a unit's weights and then its
bias.  `matrices` cuts that vector into one array for each layer's weights (units, ...) and biases (units,), which is
how a file stores it.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError, UsageError
from gradcli.primitives import REGISTRY
from gradcli.source import did_you_mean
from gradcli.train.encoding import Encoding, Input
from gradcli.train.formulas import Formula, formula, is_word
from gradcli.train.layers import KINDS, MOST_LAYERS, MOST_UNITS, Layer, Placed, place
from gradcli.train.losses import LOSSES, Loss, loss_named

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gradcli.train.data import Data
    from gradcli.train.tables import Table

    Floats = NDArray[np.float64]

__all__ = ["Model", "activation_named", "activations", "check_activation", "describe", "layers_of"]

MOST_COLUMNS = 100_000
# So many features, with so many characters in all, are read in a few hundredths of a second.
MOST_FEATURES = 100
LONGEST_FEATURES = 5_000
MOST_PARAMETERS = 10_000_000


def activations() -> list[str]:
    """The names of the functions that can stand behind a neuron: those of one operand."""
    return [primitive.name for primitive in REGISTRY.public() if primitive.arity == 1]


def check_activation(text: str) -> str:
    """The name of the function that a user calls by this word, or the text of an expression of ``x``.

    Raises:
        UsageError: there is no such function, or the expression is none of one number.
        ExpressionError: the expression has no meaning.

    >>> check_activation("tanh"), check_activation("x*tanh(x)")
    ('tanh', 'x*tanh(x)')
    """
    primitive = REGISTRY.find(text)
    if primitive is not None and primitive.name in activations():
        return primitive.name
    if primitive is not None:
        raise UsageError(
            f"`{primitive.signature}` can't be an activation, which is a function of one number", kind="bad_value"
        )
    if is_word(text):
        near = did_you_mean(text, activations())
        raise UsageError(
            f"unknown activation `{text}`",
            kind="unknown_function",
            hint=f"did you mean `{near}`?" if near else "a function of one number (`gradcli functions`), or x*tanh(x)",
        )
    formula(text, ("x",), "activation")
    return text


def activation_named(text: str) -> Any:
    """The function of a name or expression that `check_activation` gave: a primitive or a `Formula`.

    Called, it takes whatever records; its ``value`` is the kernel on floats.
    """
    return REGISTRY[text] if text in REGISTRY else formula(text, ("x",), "activation")


@dataclass(frozen=True)
class Model:
    """A net and the meaning of its inputs and outputs.

    Args:
        columns: names of the numeric inputs that it is given.
        encoding: how the columns of a table become these; None if they are the inputs.
        features: expressions of the columns that the net sees in their place; empty if it sees the columns.
        image: (channels, height, width) of a picture whose pixels the inputs are, if the layers need to know.
        layers: between inputs and outputs.
        activation: the function of the activation layers, a name of the registry or an expression of ``x``.
        loss: a key of `LOSSES` or an expression of ``p`` and ``y``.
        target: name of what is predicted.
        labels: the classes in order; None for a number.
        input_mean: subtracted from the inputs before the net sees them.
        input_scale: divides them then.
        target_mean: added to the output of a net that predicts a number, after
        target_scale: has multiplied it.
        l1: weight of the sum of the parameters' absolute values in the loss.
        l2: weight of the sum of their squares.
    """

    columns: tuple[str, ...]
    encoding: Encoding | None
    features: tuple[str, ...]
    image: tuple[int, int, int] | None
    layers: tuple[Layer, ...]
    activation: str
    loss: str
    target: str
    labels: tuple[str, ...] | None
    input_mean: tuple[float, ...]
    input_scale: tuple[float, ...]
    target_mean: float = 0.0
    target_scale: float = 1.0
    l1: float = 0.0
    l2: float = 0.0

    @functools.cached_property
    def plan(self) -> list[Placed]:
        """The layers in their places.

        Raises:
            ValueError: they don't fit together.
        """
        return place(self.image or (len(self.features or self.columns),), self.layers)

    @property
    def count(self) -> int:
        """The number of parameters.

        >>> from gradcli.train.datasets import make
        >>> describe(make("moons"), hidden=(16, 16)).count
        337
        """
        return self.plan[-1].stop

    @property
    def products(self) -> int:
        """The multiplications that one row needs: each weight once, those of a convolution once for each pixel."""
        return sum(math.prod(placed.weights) * math.prod(placed.outputs[1:]) for placed in self.plan if placed.weights)

    @property
    def outputs(self) -> int:
        """The number of outputs."""
        return self.plan[-1].outputs[0]

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of inputs, and of units or channels of each layer that has weights."""
        return (len(self.features or self.columns), *(placed.weights[0] for placed in self.plan if placed.weights))

    @property
    def outline(self) -> str:
        """The sizes in a few words.

        >>> from gradcli.train.datasets import make
        >>> describe(make("moons"), hidden=(16, 16)).outline, describe(make("moons"), hidden=(1,) * 30).outline
        ('2-16-16-1', '2-1-1-...-1 of 31 layers')
        """
        parts = ["x".join(map(str, self.image))] if self.image else [str(self.sizes[0])]
        for placed in self.plan:
            if placed.weights:
                parts.append(f"{'conv' if placed.layer.kind == 'conv2d' else ''}{placed.weights[0]}")
        if len(parts) <= 8:
            return "-".join(parts)
        return f"{'-'.join(parts[:3])}-...-{parts[-1]} of {len(parts) - 1} layers"

    @property
    def classes(self) -> int | None:
        """The number of classes, or None for a net that predicts a number."""
        return None if self.labels is None else len(self.labels)

    @functools.cached_property
    def loss_function(self) -> Loss:
        """The loss."""
        return loss_named(self.loss)

    @functools.cached_property
    def activation_function(self) -> Any:
        """The activation: called it takes whatever records, and its ``value`` is the kernel on floats."""
        return activation_named(self.activation)

    def inputs_of(self, table: Table) -> NDArray[Any]:
        """The inputs that the rows of a table give, shape (rows, columns).

        Raises:
            UsageError: the table lacks a column.
            UnavailableError: a cell that can't be read.
        """
        return self.table_encoding.encode(table)

    @property
    def table_encoding(self) -> Encoding:
        """How the columns of a table become the inputs."""
        return self.encoding or Encoding(tuple(map(Input, self.columns)))

    def seen(self, inputs: Floats) -> Floats:
        """What the net sees of inputs in the units of the table, (rows, columns): the features, or all of it."""
        return featured(self.columns, self.features, inputs) if self.features else inputs

    def check_features(self, inputs: Floats) -> None:
        """Refuse inputs in the units of the table for which a feature has no value.

        Raises:
            UsageError: there is such a row.
        """
        if self.features:
            finite_features(self.columns, self.features, inputs)

    def scaled(self, inputs: Floats) -> Floats:
        """Inputs in the units of the table, shape (rows, columns), as the net wants them."""
        import numpy as np

        mean, scale = self.standardisation
        with np.errstate(all="ignore"):
            result: Floats = (self.seen(inputs) - mean) / scale
        return result

    @functools.cached_property
    def standardisation(self) -> tuple[Floats, Floats]:
        """Mean and scale of the inputs as arrays."""
        import numpy as np

        return np.array(self.input_mean), np.array(self.input_scale)

    def scaled_targets(self, targets: Floats) -> Floats:
        """Targets as the loss wants them: classes stay, numbers are standardised."""
        return targets if self.labels is not None else (targets - self.target_mean) / self.target_scale

    def matrices(self, parameters: Floats) -> dict[str, Floats]:
        """The flat vector cut into ``layers.0.weight`` (units, ...), ``layers.0.bias`` (units,) and so on: views."""
        result: dict[str, Floats] = {}
        for placed in self.plan:
            if placed.weights is not None:
                block = parameters[placed.start : placed.stop].reshape(placed.weights[0], -1)
                result[f"{placed.name}.weight"] = block[:, :-1].reshape(placed.weights)
                result[f"{placed.name}.bias"] = block[:, -1]
        return result

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shapes of the arrays that `matrices` gives."""
        result: dict[str, tuple[int, ...]] = {}
        for placed in self.plan:
            if placed.weights is not None:
                result[f"{placed.name}.weight"] = placed.weights
                result[f"{placed.name}.bias"] = placed.weights[:1]
        return result

    def flat(self, matrices: dict[str, Floats]) -> Floats:
        """The flat vector again: the inverse of `matrices`."""
        import numpy as np

        result = np.empty(self.count)
        for placed in self.plan:
            if placed.weights is not None:
                block = result[placed.start : placed.stop].reshape(placed.weights[0], -1)
                block[:, :-1] = matrices[f"{placed.name}.weight"].reshape(placed.weights[0], -1)
                block[:, -1] = matrices[f"{placed.name}.bias"]
        return result

    def summary(self) -> list[tuple[str, str, int]]:
        """The table of layers: name, shape of the outputs, number of parameters.

        >>> from gradcli.train.datasets import make
        >>> describe(make("moons"), hidden=(3,)).summary()
        [('linear', '3', 9), ('relu', '3', 0), ('linear', '1', 4)]
        """
        rows = []
        for placed in self.plan:
            kind, size = placed.layer.kind, placed.layer.size
            name = KINDS[kind].about
            if kind == "activation":
                name = self.activation
            elif kind == "max_pool2d":
                name = f"{name} {size}x{size}"
            elif kind == "dropout":
                name = f"{name} {size:g}"
            rows.append((name, " x ".join(map(str, placed.outputs)), placed.parameters))
        return rows

    def to_json(self) -> dict[str, Any]:
        """The description as what JSON can hold."""
        data: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            data[field.name] = list(value) if isinstance(value, tuple) else value
        data["layers"] = [layer.to_json() for layer in self.layers]
        data["encoding"] = None if self.encoding is None else self.encoding.to_json()
        return data

    @classmethod
    def from_json(cls, data: Any) -> Model:
        """The description from JSON of unknown origin.

        Raises:
            ValueError: with a clause that says what is wrong.
        """
        if not isinstance(data, dict):
            raise ValueError("the model isn't an object")
        names = [field.name for field in fields(cls)]
        if sorted(data) != sorted(names):
            raise ValueError("the model has missing or unknown fields")
        columns, features = (sequence(data[name], str, name, MOST_COLUMNS) for name in ("columns", "features"))
        target, labels, image = data["target"], data["labels"], data["image"]
        if not columns or len(set(columns)) != len(columns) or not isinstance(target, str):
            raise ValueError("the columns don't fit the net")
        encoding = None if data["encoding"] is None else Encoding.from_json(data["encoding"])
        if encoding is not None and encoding.names != tuple(columns):
            raise ValueError("the encoding doesn't fit the columns")
        check_features(columns, features)
        if image is not None:
            image = sequence(image, int, "image", 3)
            if len(image) != 3 or not all(1 <= extent <= MOST_UNITS for extent in image):
                raise ValueError("the picture has no sound shape")
            if features or math.prod(image) != len(columns):
                raise ValueError("the picture doesn't fit the columns")
        if labels is not None:
            labels = sequence(labels, str, "labels", MOST_UNITS)
            if len(set(labels)) != len(labels) or len(labels) < 2:
                raise ValueError("the labels aren't different")
        if not isinstance(data["layers"], list) or not 1 <= len(data["layers"]) <= MOST_LAYERS:
            raise ValueError("the layers aren't a list of sound length")
        layers = [Layer.from_json(layer) for layer in data["layers"]]
        means, scales = (sequence(data[name], float, name, MOST_COLUMNS) for name in ("input_mean", "input_scale"))
        if not len(means) == len(scales) == len(features or columns):
            raise ValueError("the standardisation doesn't fit the columns")
        numbers = [data[name] for name in ("target_mean", "target_scale", "l1", "l2")]
        mean, scale, l1, l2 = sequence(numbers, float, "target_mean", 4)
        if not all(value > 0 for value in (*scales, scale)) or l1 < 0 or l2 < 0:
            raise ValueError("a scale isn't positive")
        model = cls(
            tuple(columns),
            encoding,
            tuple(features),
            image if image is None else tuple(image),
            tuple(layers),
            known(data["activation"], check_activation, "activation"),
            data["loss"],
            target,
            labels if labels is None else tuple(labels),
            tuple(means),
            tuple(scales),
            mean,
            scale,
            l1,
            l2,
        )
        loss = known(data["loss"], loss_named, "loss")
        if not loss.fits(labels):
            raise ValueError("the loss is unknown")
        if model.plan[-1].outputs != (loss.outputs(model.classes),):
            raise ValueError("the outputs don't fit the labels")
        if model.count > MOST_PARAMETERS:
            raise ValueError("the net is too large")
        return model


def known(text: Any, function: Callable[[str], Any], what: str) -> Any:
    """What a function makes of a text of unknown origin."""
    try:
        if isinstance(text, str):
            return function(text)
    except GradcliError:
        pass
    raise ValueError(f"the {what} is unknown")


def sequence(values: Any, kind: type[Any], name: str, most: int) -> list[Any]:
    """A JSON list whose members are all of one kind (a float may be written as a whole number, but must be finite)."""
    if not isinstance(values, list) or len(values) > most:
        raise ValueError(f"the field {name} isn't a list")
    result = []
    for value in values:
        if kind is float and isinstance(value, (int, float)) and not isinstance(value, bool):
            if not (abs(value) <= 1.7976931348623157e308):
                raise ValueError(f"the field {name} isn't finite")
            result.append(float(value))
        elif isinstance(value, kind) and not isinstance(value, bool):
            result.append(value)
        else:
            raise ValueError(f"the field {name} has a member of the wrong kind")
    return result


def names_of(columns: Sequence[str]) -> tuple[str, ...]:
    """What a feature may call the columns: their names, and x1, x2, ... by their places where no column has that name.

    >>> names_of(("petal length", "x1"))
    ('petal length', 'x1', 'x2')
    """
    numbered = [f"x{place}" for place in range(1, len(columns) + 1)]
    return (*columns, *(name for name in numbered if name not in columns))


def feature_named(text: str, columns: Sequence[str]) -> int | Formula:
    """A feature: the place of the column that has this name, or an expression of columns.

    Raises:
        GradcliError: it is neither.
    """
    if text in columns:
        return list(columns).index(text)
    return formula(text, names_of(columns), "feature")


def check_features(columns: Sequence[str], features: Sequence[str]) -> None:
    """Refuse features of unknown origin that aren't different expressions of the columns.

    Raises:
        ValueError: with a clause that says what is wrong.
    """
    if len(features) > MOST_FEATURES or sum(map(len, features)) > LONGEST_FEATURES:
        raise ValueError("there are too many features")
    if len(set(features)) != len(features) or (features and len(columns) > 1_000):
        raise ValueError("the features don't fit the columns")
    for text in features:
        known(text, lambda text: feature_named(text, columns), "feature")


def featured(columns: tuple[str, ...], features: Sequence[str], inputs: Floats) -> Floats:
    """The features of rows of columns, shape (rows, features).

    >>> import numpy as np
    >>> featured(("a", "b"), ("a*b", "x1^2"), np.array([[2.0, 3.0]]))
    array([[6., 4.]])
    """
    import numpy as np

    names = names_of(columns)
    place = {name: columns.index(name) if name in columns else int(name[1:]) - 1 for name in names}
    # Pictures are bytes, whose products would not fit into a byte.
    operands = [inputs[:, place[name]].astype(np.float64) for name in names]
    result = np.empty((len(inputs), len(features)))
    with np.errstate(all="ignore"):
        for number, text in enumerate(features):
            found = feature_named(text, columns)
            result[:, number] = inputs[:, found] if isinstance(found, int) else found(*operands)
    return result


def layers_of(hidden: Sequence[int], conv: Sequence[int], dropout: float, outputs: int) -> tuple[Layer, ...]:
    """The layers of a net: convolutions with a pool behind each, then fully connected ones.

    Args:
        hidden: sizes of the hidden layers.
        conv: channels of the convolutions; empty for a net without pictures.
        dropout: the share of the outputs of the convolutions and of each hidden layer that is dropped in training.

    >>> [layer.kind for layer in layers_of((16,), (), 0.0, 1)]
    ['linear', 'activation', 'linear']
    """
    dropped = [Layer("dropout", dropout)] if dropout else []
    layers: list[Layer] = []
    for channels in conv:
        layers += [Layer("conv2d", channels), Layer("activation"), Layer("max_pool2d", 2)]
    if conv:
        layers += [Layer("flatten"), *dropped]
    for units in hidden:
        layers += [Layer("linear", units), Layer("activation"), *dropped]
    return (*layers, Layer("linear", outputs))


def describe(
    data: Data,
    hidden: tuple[int, ...] = (16, 16),
    activation: str = "relu",
    loss: str | None = None,
    standardise: bool = True,
    l1: float = 0.0,
    l2: float = 0.0,
    *,
    conv: tuple[int, ...] = (),
    dropout: float = 0.0,
    features: tuple[str, ...] = (),
) -> Model:
    """The model for some data.

    Args:
        hidden: sizes of the hidden layers; empty for a linear model.
        activation: the function behind the hidden layers: a name, or an expression of ``x``.
        loss: a key of `LOSSES` or an expression of ``p`` and ``y``; by default `bce` for two classes, `cross_entropy`
            for more, `mse` for numbers.
        standardise: whether inputs, and a target that is a number, are shifted to mean 0 and scaled to standard
            deviation 1; the pixels of a picture are, together, channel by channel.
        l1, l2: weights of the penalties.
        conv: channels of convolutions before the hidden layers, for data that are pictures.
        dropout: the share of the outputs of hidden layers that is dropped in training.
        features: expressions of the columns, which the net sees in place of the columns.

    Raises:
        UsageError: a value out of range, choices that don't fit together, or a loss that doesn't fit the target.
        ExpressionError: an expression without meaning.
    """
    import numpy as np

    columns, labels = data.columns, data.labels
    chosen = loss or ("mse" if labels is None else "bce" if len(labels) == 2 else "cross_entropy")
    outputs = checked_loss(chosen, labels).outputs(None if labels is None else len(labels))
    for name, weight in (("--l1", l1), ("--l2", l2)):
        if not (weight >= 0 and math.isfinite(weight)):
            raise UsageError(f"{name} is a weight, at least 0 and finite, not {weight:g}", kind="bad_value")
    if not 0 <= dropout < 1:
        raise UsageError(f"--dropout is a share, at least 0 and less than 1, not {dropout:g}", kind="bad_value")
    if dropout and not (hidden or conv):
        raise UsageError("--dropout is for nets with hidden layers", kind="conflicting_options")
    layers = layers_of(hidden, conv, dropout, outputs)
    sizes = [*hidden, *conv, outputs]
    if len(layers) > MOST_LAYERS or not all(1 <= size <= MOST_UNITS for size in sizes):
        raise UsageError(
            f"a net has layers of 1 to {MOST_UNITS} units, at most {MOST_LAYERS // 3} of them", kind="bad_value"
        )
    image = checked_image(data, conv, features)
    if len(features) > MOST_FEATURES or sum(map(len, features)) > LONGEST_FEATURES:
        raise UsageError(
            f"there are at most {MOST_FEATURES} features, of {LONGEST_FEATURES} characters together", kind="bad_value"
        )
    if features and len(columns) > 1_000:
        raise UsageError(f"--feature is for tables of at most 1000 columns, not {len(columns)}", kind="bad_value")
    for number, text in enumerate(features):
        feature_named(text, columns)
        if text in features[:number]:
            raise UsageError(f"the feature `{text}` is given twice", kind="bad_value")
    seen = finite_features(columns, features, data.inputs) if features else data.inputs
    width = seen.shape[1]
    mean, scale = np.zeros(width), np.ones(width)
    if standardise:
        mean, scale = standard(seen) if data.image is None or features else standard_picture(seen, data)
    target_mean, target_scale = 0.0, 1.0
    if standardise and labels is None:
        means, scales = standard(data.targets[:, None])
        target_mean, target_scale = float(means[0]), float(scales[0])
    model = Model(
        columns=columns,
        encoding=data.encoding,
        features=features,
        image=image,
        layers=layers,
        activation=check_activation(activation),
        loss=chosen,
        target=data.target,
        labels=labels,
        input_mean=tuple(mean.tolist()),
        input_scale=tuple(scale.tolist()),
        target_mean=target_mean,
        target_scale=target_scale,
        l1=l1,
        l2=l2,
    )
    if model.count > MOST_PARAMETERS:
        raise UsageError(
            f"a net of {model.count} parameters is too large (at most {MOST_PARAMETERS})", kind="bad_value"
        )
    return model


def checked_image(data: Data, conv: Sequence[int], features: Sequence[str]) -> tuple[int, int, int] | None:
    """The picture that convolutions work on; None without convolutions.

    Raises:
        UsageError: the data are no pictures, or too small for so many pools.
    """
    if not conv:
        return None
    if features:
        raise UsageError("--feature and --conv can't be combined: a feature is no pixel", kind="conflicting_options")
    if data.image is None:
        raise UsageError(
            f"--conv is for pictures, and `{data.name}` has none",
            kind="conflicting_options",
            hint="for example: gradcli train digits --conv 8,16",
        )
    channels, height, width = data.image
    most = min(height, width).bit_length() - 1
    if len(conv) > most:
        raise UsageError(
            f"{len(conv)} convolutions are too many for pictures of {height} x {width}: each halves them",
            kind="bad_value",
            hint=f"at most {most} of them",
        )
    return channels, height, width


def finite_features(columns: tuple[str, ...], features: Sequence[str], inputs: Floats) -> Floats:
    """The features of rows of columns.

    Raises:
        UsageError: one has no value in a row.
    """
    import numpy as np

    seen = featured(columns, features, inputs)
    bad = np.argwhere(~np.isfinite(seen))
    if len(bad):
        row, column = bad[0].tolist()
        point = list(zip(columns, inputs[row].tolist(), strict=True))
        values = ", ".join(f"{name} = {value:g}" for name, value in point[:6]) + ", ..." * (len(point) > 6)
        raise UsageError(f"the feature `{features[column]}` has no finite value where {values}", kind="bad_value")
    return seen


def checked_loss(name: str, labels: tuple[str, ...] | None) -> Loss:
    """The loss of a name, unless it is unknown or has no meaning for the target."""
    loss = loss_named(name)
    if not loss.fits(labels):
        fitting = [key for key, other in LOSSES.items() if other.fits(labels)]
        raise UsageError(
            f"the loss `{name}` doesn't fit a target that is a {'number' if labels is None else 'class'}",
            kind="bad_value",
            hint=f"use one of {', '.join(fitting)}",
        )
    return loss


def standard(values: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation of each column; a column that never changes is only shifted."""
    import numpy as np

    if len(values) == 0:
        return np.zeros(values.shape[1]), np.ones(values.shape[1])
    # Divide before adding, so that columns near the largest float don't overflow.
    largest = np.maximum(np.abs(values).max(axis=0), np.finfo(np.float64).tiny)
    unit = values / largest
    mean, scale = unit.mean(axis=0), unit.std(axis=0)
    constant = scale <= 1e-14 * np.abs(unit).max(axis=0)
    return mean * largest, np.where(constant, 1.0, scale * largest)


def standard_picture(values: Floats, data: Data) -> tuple[Floats, Floats]:
    """Mean and standard deviation of each channel, given to all its pixels: a dark corner stays dark."""
    import numpy as np

    assert data.image is not None
    channels, pixels = data.image[0], math.prod(data.image[1:])
    by_channel = values.reshape(len(values), channels, pixels)
    if values.dtype != np.uint8:
        mean, scale = standard(by_channel.transpose(0, 2, 1).reshape(-1, channels))
        return np.repeat(mean, pixels), np.repeat(scale, pixels)
    # Bytes are counted, some pictures at a time: as numbers they would take eight times the memory.
    counts = np.zeros((channels, 256))
    for start in range(0, len(values), 1024):
        for channel in range(channels):
            counts[channel] += np.bincount(by_channel[start : start + 1024, channel].ravel(), minlength=256)
    shares, levels = counts / max(1, len(values) * pixels), np.arange(256.0)
    mean = shares @ levels
    scale = np.sqrt((shares * np.square(levels - mean[:, None])).sum(axis=1))
    return np.repeat(mean, pixels), np.repeat(np.where(scale > 0, scale, 1.0), pixels)
