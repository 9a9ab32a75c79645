"""`Model`: everything that turns a row of a table into a prediction, except the parameters.

`Model` is plain data that can be written as JSON: layers, functions by name or as formulas, and the meaning of inputs
and outputs.  The parameters are not part of it.  They are one flat vector: layer by layer, unit by unit, a unit's
weights and then its bias.  `matrices` cuts that vector into one array for each layer's weights (units, ...) and biases
(units,), which is how a file stores it.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from gradcli import limits
from gradcli.errors import GradcliError
from gradcli.optim.option import ABOVE_0, AT_LEAST_0, NUMBER, NUMBERS, TEXT, Form, Range
from gradcli.primitives import functions as f
from gradcli.tables.cells import value_key
from gradcli.train.choice import SIZES, TEXTS
from gradcli.train.data.encoding import Encoding, Input
from gradcli.train.model.features import check_features, featured
from gradcli.train.model.kinds import LayerSpec, Placed, place
from gradcli.train.model.neuron_functions import activation_named, check_activation
from gradcli.train.model.objectives import Objective, objective_named
from gradcli.train.untrusted import check_fields, refuse

if TYPE_CHECKING:
    from gradcli.array_types import Array, Floats

__all__ = ["Model"]


@dataclass(frozen=True)
class Model:
    """A net and the meaning of its inputs and outputs.

    Args:
        columns: the names of the numeric inputs.
        encoding: the encoding of the columns of a table as inputs; None if the columns are the inputs.
        features: expressions of the columns that the net sees in their place; empty if it sees the columns.
        image: (channels, height, width) if the inputs are the pixels of a picture and the layers need its shape.
        layers: the layers from the inputs to the outputs.
        activation: the function of the activation layers, a name of the registry or an expression of ``x``.
        loss: a key of `OBJECTIVES` or an expression of ``p`` and ``y``.
        target: the name of the column that is predicted.
        labels: the classes in order; None if the target is a number.
        input_mean: the numbers that are subtracted from the inputs before the net sees them.
        input_scale: the divisors of the inputs after the subtraction.
        target_mean: the number that is added to the scaled output of a net that predicts a number.
        target_scale: the factor by which this output is scaled.
        l1: the weight of the sum of the parameters' absolute values in the loss.
        l2: the weight of the sum of the parameters' squares in the loss.
    """

    columns: tuple[str, ...]
    encoding: Encoding | None
    features: tuple[str, ...]
    image: tuple[int, int, int] | None
    layers: tuple[LayerSpec, ...]
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
        """The layers with the shapes of their inputs, outputs and weights.

        Raises:
            ValueError: the layers don't fit together.
        """
        return place(self.image or (len(self.features or self.columns),), self.layers, self.activation_function)

    @functools.cached_property
    def _found(self) -> dict[Callable[[Model], Any], Any]:
        return {}

    def once(self, function: Callable[[Model], Any]) -> Any:
        """Return the result of a function of the model; the function runs only at the first call."""
        if function not in self._found:
            self._found[function] = function(self)
        return self._found[function]

    @property
    def count(self) -> int:
        """The number of parameters.

        >>> from gradcli.train.data.datasets import make
        >>> from gradcli.train.model.design import describe
        >>> describe(make("moons"), hidden=(16, 16)).count
        337
        """
        return self.plan[-1].stop

    def __repr__(self) -> str:
        return f"<net {self.outline} ({self.functions}), {self.count} parameters>"

    def _repr_html_(self) -> str:
        from gradcli.markup import table

        rows = [[name, shape, str(count)] for name, shape, count in self.summary()]
        inputs = " x ".join(map(str, self.image or self.sizes[:1]))
        whole = [["input", inputs, "0"], *rows, ["total", "", str(self.count)]]
        return table(["layer", "output", "parameters"], whole, f"net for {self.target}, loss {self.loss}")

    @property
    def products(self) -> int:
        """The multiplications for one row: one for each weight, and in a convolution one for each weight and pixel."""
        return sum(math.prod(placed.weights) * math.prod(placed.outputs[1:]) for placed in self.plan if placed.weights)

    @property
    def outputs(self) -> int:
        """The number of outputs."""
        return self.plan[-1].outputs[0]

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of inputs, and then the number of units or channels of each layer that has weights."""
        return (len(self.features or self.columns), *(placed.weights[0] for placed in self.plan if placed.weights))

    @property
    def outline(self) -> str:
        """The sizes of the layers as a short text.

        >>> from gradcli.train.data.datasets import make
        >>> from gradcli.train.model.design import describe
        >>> describe(make("moons"), hidden=(16, 16)).outline, describe(make("moons"), hidden=(1,) * 30).outline
        ('2-16-16-1', '2-1-1-...-1 of 31 layers')
        """
        parts = ["x".join(map(str, self.image))] if self.image else [str(self.sizes[0])]
        for placed in self.plan:
            if placed.weights:
                parts.append(f"{placed.kind.prefix}{placed.weights[0]}")
        if len(parts) <= 8:
            return "-".join(parts)
        return f"{'-'.join(parts[:3])}-...-{parts[-1]} of {len(parts) - 1} layers"

    @property
    def functions(self) -> str:
        """The activation, if a layer applies it, and the loss.

        >>> from gradcli.train.data.datasets import make
        >>> from gradcli.train.model.design import describe
        >>> describe(make("moons")).functions, describe(make("moons"), hidden=()).functions
        ('relu, bce', 'bce')
        """
        is_applied = any("{activation}" in placed.kind.title for placed in self.plan)
        return f"{self.activation}, {self.loss}" if is_applied else self.loss

    @property
    def classes(self) -> int | None:
        """The number of classes, or None for a net that predicts a number."""
        return None if self.labels is None else len(self.labels)

    @functools.cached_property
    def loss_function(self) -> Objective:
        """The objective that training minimises."""
        return objective_named(self.loss)

    @functools.cached_property
    def activation_function(self) -> Any:
        """The activation as a function of numbers, arrays and recorded operands.

        Its ``value`` is the kernel on floats.
        """
        return activation_named(self.activation)

    @property
    def table_encoding(self) -> Encoding:
        """The encoding that turns the columns of a table into the inputs."""
        return self.encoding or Encoding(tuple(map(Input, self.columns)))

    def scaled(self, inputs: Array, out: Array | None = None) -> Floats:
        """Return the standardised inputs of the net for inputs (rows, columns) in the units of the table.

        Args:
            inputs: the rows.
            out: an array for the result, shape (rows, inputs of the net); by default a new one.
        """
        import numpy as np

        mean, scale = self.standardisation
        with np.errstate(all="ignore"):
            seen = featured(self.columns, self.features, inputs) if self.features else inputs
            moved = seen - mean
            result: Floats = np.divide(moved, scale, out=moved if out is None else out)
        return result

    @functools.cached_property
    def standardisation(self) -> tuple[Floats, Floats]:
        """The mean and the scale of the inputs, as arrays."""
        import numpy as np

        return np.array(self.input_mean), np.array(self.input_scale)

    def scaled_targets(self, targets: Floats) -> Floats:
        """Return targets for the loss: classes are unchanged, numbers are standardised."""
        return targets if self.labels is not None else (targets - self.target_mean) / self.target_scale

    def numbers(self, scores: Floats) -> Floats:
        """Return the numbers for outputs (rows, 1) in the units of the table: the inverse of `scaled_targets`."""
        return scores[:, 0] * self.target_scale + self.target_mean

    @functools.cached_property
    def weighted(self) -> list[Placed]:
        """The layers that have weights."""
        return [placed for placed in self.plan if placed.weights is not None]

    @functools.cached_property
    def random(self) -> list[Placed]:
        """The layers that take random factors in training."""
        return [placed for placed in self.plan if placed.kind.is_random]

    def pairs(self, parameters: Array) -> list[tuple[Array, Array]]:
        """The weights (units, ...) and biases (units,) of each layer with parameters, as views of the flat vector."""
        result = []
        for placed in self.weighted:
            assert placed.weights is not None
            block = parameters[placed.start : placed.stop].reshape(placed.weights[0], -1)
            weights = block[:, :-1]
            result.append((weights if len(placed.weights) == 2 else weights.reshape(placed.weights), block[:, -1]))
        return result

    def matrices(self, parameters: Array) -> dict[str, Array]:
        """Return views of the flat vector: ``layers.0.weight`` (units, ...), ``layers.0.bias`` (units,) and so on."""
        result: dict[str, Array] = {}
        for placed, (weights, biases) in zip(self.weighted, self.pairs(parameters), strict=True):
            result |= {f"{placed.name}.weight": weights, f"{placed.name}.bias": biases}
        return result

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shapes of the arrays that `matrices` gives."""
        import numpy as np

        return {name: view.shape for name, view in self.matrices(np.broadcast_to(0.0, self.count)).items()}

    def flat(self, matrices: dict[str, Floats]) -> Floats:
        """Return the flat vector for the arrays of all layers: the inverse of `matrices`."""
        import numpy as np

        result = np.empty(self.count)
        for name, view in self.matrices(result).items():
            view[...] = matrices[name]
        return result

    def through(self, x: Any, weights: Iterable[tuple[Any, Any]], factors: Iterable[Any] = ()) -> Iterator[Any]:
        """Yield the outputs of each layer, one after the other.

        Args:
            x: some rows of inputs in the shape that the first layer takes: an array, a `Tensor` or `Scalars`.
            weights: weights and biases of each layer that has parameters, of the same kind as the inputs.
            factors: the factors of each random layer in training; empty in use.
        """
        weighted, random = iter(weights), iter(factors)
        for placed in self.plan:
            operands = next(weighted) if placed.weights is not None else ()
            if placed.kind.is_random and (drawn := next(random, None)) is not None:
                operands = (*operands, drawn)
            x = placed(x, *operands)
            yield x

    def penalties(self, total: Callable[[Callable[[Any], Any]], Any]) -> list[Any]:
        """Return the L1 and the L2 term of the loss; a term whose weight is 0 is left out.

        Args:
            total: ``total(function)`` returns the sum of a function over all parameters.
        """
        return [weight * total(function) for weight, function in ((self.l1, f.abs), (self.l2, f.square)) if weight]

    def summary(self) -> list[tuple[str, str, int]]:
        """The table of layers: name, shape of the outputs, number of parameters.

        >>> from gradcli.train.data.datasets import make
        >>> from gradcli.train.model.design import describe
        >>> describe(make("moons"), hidden=(3,)).summary()
        [('linear', '3', 9), ('relu', '3', 0), ('linear', '1', 4)]
        """
        return [
            (
                placed.kind.title.format(size=placed.spec.size, activation=self.activation),
                " x ".join(map(str, placed.outputs)),
                placed.stop - placed.start,
            )
            for placed in self.plan
        ]

    def to_json(self) -> dict[str, Any]:
        """Return the model as data for JSON."""
        data: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            data[field.name] = list(value) if isinstance(value, tuple) else value
        data["layers"] = [layer.to_json() for layer in self.layers]
        data["encoding"] = None if self.encoding is None else self.encoding.to_json()
        return data

    @classmethod
    def from_json(cls, data: Any) -> Model:
        """Read a model from JSON of unknown origin.

        Raises:
            ValueError: something is wrong; the message says what.
        """
        refuse(not isinstance(data, dict), "the model isn't an object")
        check_fields(data, [field.name for field in fields(cls)], "the model has")
        are_short = all(len(value) <= limits.MODEL_COLUMNS for value in data.values() if isinstance(value, list))
        refuse(not are_short, "the model has a list that is too long")
        given = data | {name: form.checked(f"the field `{name}`", data[name], bounds) for name, form, bounds in CHECKED}
        columns, features, labels, image = (given[name] for name in ("columns", "features", "labels", "image"))
        refuse(not columns or len(set(columns)) != len(columns), "the columns don't fit the net")
        if data["encoding"] is not None:
            given["encoding"] = Encoding.from_json(data["encoding"])
            refuse(given["encoding"].names != columns, "the encoding doesn't fit the columns")
        try:
            check_features(columns, features)
        except GradcliError:
            raise ValueError("the features don't fit the columns") from None
        if image is not None:
            given["image"] = image = SIZES.checked("the field `image`", image, IMAGE)
            refuse(features or math.prod(image) != len(columns), "the picture doesn't fit the columns")
        if labels is not None:
            given["labels"] = labels = TEXTS.checked("the field `labels`", labels, None)
            count = len(set(map(value_key, labels)))
            refuse(not 2 <= count == len(labels) <= limits.UNITS, "the labels aren't all different")
        layers = data["layers"]
        is_sound = isinstance(layers, list) and 1 <= len(layers) <= limits.LAYERS
        refuse(not is_sound, "the layers aren't a list of sound length")
        given["layers"] = tuple(map(LayerSpec.from_json, layers))
        means, scales = given["input_mean"], given["input_scale"]
        refuse(not len(means) == len(scales) == len(features or columns), "the standardisation doesn't fit the columns")
        given["activation"] = known(data["activation"], check_activation, "activation")
        model = cls(**given)
        loss = known(data["loss"], objective_named, "loss")
        refuse(not loss.fits(labels), "the loss is unknown")
        refuse(model.plan[-1].outputs != (loss.outputs(model.classes),), "the outputs don't fit the labels")
        refuse(model.count > limits.PARAMETERS, "the net is too large")
        return model


ALL_FINITE = Range("a list of finite numbers", lambda values: all(map(math.isfinite, values)))
ALL_POSITIVE = Range("a list of numbers above 0", lambda values: all(0 < value < math.inf for value in values))
IMAGE = Range(
    "three numbers of at least 1",
    lambda extents: len(extents) == 3 and all(1 <= extent <= limits.UNITS for extent in extents),
)
#: The fields of a file that are texts and numbers, with their forms and ranges.
CHECKED: list[tuple[str, Form[Any], Range | None]] = [
    ("columns", TEXTS, None),
    ("features", TEXTS, None),
    ("target", TEXT, None),
    ("input_mean", NUMBERS, ALL_FINITE),
    ("input_scale", NUMBERS, ALL_POSITIVE),
    ("target_mean", NUMBER, Range("a finite number", math.isfinite)),
    ("target_scale", NUMBER, ABOVE_0),
    ("l1", NUMBER, AT_LEAST_0),
    ("l2", NUMBER, AT_LEAST_0),
]


def known(text: Any, function: Callable[[str], Any], what: str) -> Any:
    """Call a function with a text of unknown origin; raise ValueError if it refuses the text."""
    try:
        if isinstance(text, str):
            return function(text)
    except GradcliError:
        pass
    raise ValueError(f"the {what} is unknown")
