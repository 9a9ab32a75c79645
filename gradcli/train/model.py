"""What a net is: everything that turns a row of a table into a prediction, except the parameters.

`Model` is plain data that survives JSON.  The parameters stand beside it as one flat vector in the order of
`MLP.parameters()`: layer by layer, neuron by neuron, a neuron's weights and then its bias.  `matrices` cuts that vector
into one array for each layer's weights (outputs, inputs) and biases (outputs,), which is how a file stores it.
"""

from __future__ import annotations

import itertools
import json
import math
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from gradcli.errors import UsageError
from gradcli.primitives import REGISTRY
from gradcli.source import did_you_mean
from gradcli.train.losses import LOSSES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gradcli.train.data import Data

    Floats = NDArray[np.float64]

__all__ = ["Model", "activations", "check_activation", "describe"]

MOST_UNITS = 100_000
MOST_LAYERS = 1_000
MOST_PARAMETERS = 10_000_000


def activations() -> list[str]:
    """The names of the functions that can stand behind a neuron: those of one operand."""
    return [primitive.name for primitive in REGISTRY.public() if primitive.arity == 1]


def check_activation(name: str) -> str:
    """The name of the function of one operand that a user calls by this word.

    Raises:
        UsageError: there is none.

    >>> check_activation("tanh")
    'tanh'
    """
    primitive = REGISTRY.find(name)
    if primitive is not None and primitive.arity == 1:
        return primitive.name
    if primitive is not None:
        raise UsageError(
            f"`{primitive.signature}` can't be an activation, which is a function of one number", kind="bad_value"
        )
    near = did_you_mean(name, activations())
    raise UsageError(
        f"unknown activation `{name}`",
        kind="unknown_function",
        hint=f"did you mean `{near}`?" if near else "every function of one number will do: see `gradcli functions`",
    )


@dataclass(frozen=True)
class Model:
    """A net of fully connected layers and the meaning of its inputs and outputs.

    Args:
        sizes: inputs, hidden layers, outputs.
        activation: a function of the registry, behind every layer but the last, which is linear.
        loss: a key of `LOSSES`.
        columns: names of the inputs.
        target: name of what is predicted.
        labels: the classes in order; None for a number.
        input_mean: subtracted from the inputs before the net sees them.
        input_scale: divides them then.
        target_mean: added to the output of a net that predicts a number, after
        target_scale: has multiplied it.
        l1: weight of the sum of the parameters' absolute values in the loss.
        l2: weight of the sum of their squares.
    """

    sizes: tuple[int, ...]
    activation: str
    loss: str
    columns: tuple[str, ...]
    target: str
    labels: tuple[str, ...] | None
    input_mean: tuple[float, ...]
    input_scale: tuple[float, ...]
    target_mean: float = 0.0
    target_scale: float = 1.0
    l1: float = 0.0
    l2: float = 0.0

    @property
    def count(self) -> int:
        """The number of parameters.

        >>> from gradcli.train.datasets import make
        >>> describe(make("moons"), hidden=(16, 16)).count
        337
        """
        return sum((inputs + 1) * outputs for inputs, outputs in itertools.pairwise(self.sizes))

    @property
    def outline(self) -> str:
        """The sizes in a few words.

        >>> from gradcli.train.datasets import make
        >>> describe(make("moons"), hidden=(16, 16)).outline, describe(make("moons"), hidden=(1,) * 30).outline
        ('2-16-16-1', '2-1-1-...-1 of 31 layers')
        """
        if len(self.sizes) <= 8:
            return "-".join(map(str, self.sizes))
        return f"{'-'.join(map(str, self.sizes[:3]))}-...-{self.sizes[-1]} of {len(self.sizes) - 1} layers"

    @property
    def classes(self) -> int | None:
        """The number of classes, or None for a net that predicts a number."""
        return None if self.labels is None else len(self.labels)

    def scaled(self, inputs: Floats) -> Floats:
        """Inputs in the units of the table, shape (rows, columns), as the net wants them."""
        import numpy as np

        result: Floats = (inputs - np.array(self.input_mean)) / np.array(self.input_scale)
        return result

    def scaled_targets(self, targets: Floats) -> Floats:
        """Targets as the loss wants them: classes stay, numbers are standardised."""
        return targets if self.labels is not None else (targets - self.target_mean) / self.target_scale

    def matrices(self, parameters: Floats) -> dict[str, Floats]:
        """The flat vector cut into ``layers.0.weight`` (outputs, inputs), ``layers.0.bias`` (outputs,) and so on."""
        result: dict[str, Floats] = {}
        start = 0
        for layer, (inputs, outputs) in enumerate(itertools.pairwise(self.sizes)):
            stop = start + (inputs + 1) * outputs
            block = parameters[start:stop].reshape(outputs, inputs + 1)
            result[f"layers.{layer}.weight"] = block[:, :inputs]
            result[f"layers.{layer}.bias"] = block[:, inputs]
            start = stop
        return result

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shapes of the arrays that `matrices` gives."""
        result: dict[str, tuple[int, ...]] = {}
        for layer, (inputs, outputs) in enumerate(itertools.pairwise(self.sizes)):
            result[f"layers.{layer}.weight"] = (outputs, inputs)
            result[f"layers.{layer}.bias"] = (outputs,)
        return result

    def flat(self, matrices: dict[str, Floats]) -> Floats:
        """The flat vector again: the inverse of `matrices`."""
        import numpy as np

        blocks = [
            np.concatenate([matrices[f"layers.{layer}.weight"], matrices[f"layers.{layer}.bias"][:, None]], axis=1)
            for layer in range(len(self.sizes) - 1)
        ]
        return np.concatenate([block.ravel() for block in blocks]).astype(np.float64)

    def to_json(self) -> dict[str, Any]:
        """The description as what JSON can hold."""
        data: dict[str, Any] = json.loads(json.dumps(asdict(self), allow_nan=False))
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
        sizes = sequence(data["sizes"], int, "sizes")
        if not 2 <= len(sizes) <= MOST_LAYERS or not all(1 <= size <= MOST_UNITS for size in sizes):
            raise ValueError("the sizes of the layers are out of range")
        columns, target, labels = sequence(data["columns"], str, "columns"), data["target"], data["labels"]
        if len(columns) != sizes[0] or len(set(columns)) != len(columns) or not isinstance(target, str):
            raise ValueError("the columns don't fit the net")
        if labels is not None:
            labels = sequence(labels, str, "labels")
            if len(set(labels)) != len(labels) or len(labels) < 2:
                raise ValueError("the labels aren't different")
        loss = LOSSES.get(data["loss"]) if isinstance(data["loss"], str) else None
        if loss is None or (loss.numbers if labels is None else loss.classes) is None:
            raise ValueError("the loss is unknown")
        if sizes[-1] != loss.outputs(None if labels is None else len(labels)):
            raise ValueError("the outputs don't fit the labels")
        activation = data["activation"]
        if not isinstance(activation, str) or activation not in activations():
            raise ValueError("the activation is unknown")
        means = sequence(data["input_mean"], float, "input_mean")
        scales = sequence(data["input_scale"], float, "input_scale")
        if not len(means) == len(scales) == sizes[0]:
            raise ValueError("the standardisation doesn't fit the columns")
        mean, scale, l1, l2 = sequence(
            [data[name] for name in ("target_mean", "target_scale", "l1", "l2")], float, "target_mean"
        )
        if not all(value > 0 for value in (*scales, scale)) or l1 < 0 or l2 < 0:
            raise ValueError("a scale isn't positive")
        model = cls(
            tuple(sizes),
            activation,
            data["loss"],
            tuple(columns),
            target,
            labels if labels is None else tuple(labels),
            tuple(means),
            tuple(scales),
            mean,
            scale,
            l1,
            l2,
        )
        if model.count > MOST_PARAMETERS:
            raise ValueError("the net is too large")
        return model


def sequence(values: Any, kind: type[Any], name: str) -> list[Any]:
    """A JSON list whose members are all of one kind (a float may be written as a whole number, but must be finite)."""
    if not isinstance(values, list):
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


def describe(
    data: Data,
    hidden: tuple[int, ...] = (16, 16),
    activation: str = "relu",
    loss: str | None = None,
    standardise: bool = True,
    l1: float = 0.0,
    l2: float = 0.0,
) -> Model:
    """The model for some data.

    Args:
        hidden: sizes of the hidden layers; empty for a linear model.
        activation: the function behind the hidden layers.
        loss: a key of `LOSSES`; by default `bce` for two classes, `cross_entropy` for more, `mse` for numbers.
        standardise: whether inputs, and a target that is a number, are shifted to mean 0 and scaled to standard
            deviation 1.
        l1, l2: weights of the penalties.

    Raises:
        UsageError: a value out of range, or a loss that doesn't fit the target.
    """
    import numpy as np

    columns, labels = data.columns, data.labels
    chosen = loss or ("mse" if labels is None else "bce" if len(labels) == 2 else "cross_entropy")
    check_loss(chosen, labels)
    for name, weight in (("--l1", l1), ("--l2", l2)):
        if not (weight >= 0 and math.isfinite(weight)):
            raise UsageError(f"{name} is a weight, at least 0 and finite, not {weight:g}", kind="bad_value")
    sizes = (len(columns), *hidden, LOSSES[chosen].outputs(None if labels is None else len(labels)))
    if len(sizes) > MOST_LAYERS or not all(1 <= size <= MOST_UNITS for size in sizes):
        raise UsageError(
            f"a net has layers of 1 to {MOST_UNITS} units, at most {MOST_LAYERS} of them", kind="bad_value"
        )
    mean, scale = standard(data.inputs) if standardise else (np.zeros(len(columns)), np.ones(len(columns)))
    target_mean, target_scale = 0.0, 1.0
    if standardise and labels is None:
        means, scales = standard(data.targets[:, None])
        target_mean, target_scale = float(means[0]), float(scales[0])
    model = Model(
        sizes,
        check_activation(activation),
        chosen,
        columns,
        data.target,
        labels,
        tuple(mean.tolist()),
        tuple(scale.tolist()),
        target_mean,
        target_scale,
        l1,
        l2,
    )
    if model.count > MOST_PARAMETERS:
        raise UsageError(
            f"a net of {model.count} parameters is too large (at most {MOST_PARAMETERS})", kind="bad_value"
        )
    return model


def check_loss(name: str, labels: tuple[str, ...] | None) -> None:
    """Refuse a loss that is unknown or has no meaning for the target."""
    loss = LOSSES.get(name)
    if loss is None:
        near = did_you_mean(name, LOSSES)
        raise UsageError(
            f"unknown loss `{name}`",
            kind="bad_value",
            hint=f"did you mean `{near}`?" if near else f"the losses are {', '.join(LOSSES)}",
        )
    if (loss.numbers if labels is None else loss.classes) is None:
        fitting = [
            key for key, other in LOSSES.items() if (other.numbers if labels is None else other.classes) is not None
        ]
        raise UsageError(
            f"the loss `{name}` doesn't fit a target that is a {'number' if labels is None else 'class'}",
            kind="bad_value",
            hint=f"use one of {', '.join(fitting)}",
        )


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
